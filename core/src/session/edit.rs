//! What the person changes by hand: cells, lanes, mixer, locks, sounds.

use super::doc::{LaneDoc, SampleDoc, sanitized_mix};
use super::undo::Change;
use super::view::Severity;
use super::{Effect, Session};
use crate::engine::LaneMix;
use crate::kit::{Kit, Origin, Sample, SampleId};
use crate::pattern::{Hit, Lane, Loop, MAX_LANES, MAX_STEPS, Role};
use std::sync::Arc;

impl Session {
    /// Changes the current loop as one undo step and tells the engine.
    pub(super) fn edit(&mut self, label: &str, drag: bool, change: impl FnOnce(&mut Loop)) -> Vec<Effect> {
        let Some(entry) = self.history.current_mut() else { return Vec::new() };
        let (id, before) = (entry.id, entry.pattern);
        change(&mut entry.pattern);
        let after = entry.pattern;
        if before == after {
            return Vec::new();
        }
        if drag {
            self.undo.push_edit(label, id, before, after);
        } else {
            let (before, after) = (Box::new(before), Box::new(after));
            self.undo.push(label, vec![Change::Pattern { id, before, after }]);
        }
        self.queue_is_stale |= self.has_locks();
        self.details.stale = true;
        vec![Effect::Refresh]
    }

    pub(super) fn edit_hit(&mut self, lane: usize, step: usize, hit: Hit) -> Vec<Effect> {
        self.edit("Edit steps", true, |pattern| {
            let steps = pattern.grid.steps();
            if let Some(cell) =
                pattern.lanes_mut().get_mut(lane).and_then(|lane| lane.hits[..steps].get_mut(step))
            {
                *cell = hit.sanitized();
            }
        })
    }

    pub(super) fn edit_lane(&mut self, lane: usize, hits: &[Hit; MAX_STEPS]) -> Vec<Effect> {
        self.edit("Edit lane", false, |pattern| {
            let steps = pattern.grid.steps();
            if let Some(lane) = pattern.lanes_mut().get_mut(lane) {
                for (to, from) in lane.hits[..steps].iter_mut().zip(hits) {
                    *to = from.sanitized();
                }
            }
        })
    }

    pub(super) fn set_mix(&mut self, lane: usize, mix: LaneMix) -> Vec<Effect> {
        let before = self.lanes.clone();
        let Some(doc) = self.lanes.get_mut(lane) else { return Vec::new() };
        let retuned = (doc.mix.tune_semitones - mix.tune_semitones).abs() > f32::EPSILON;
        doc.mix = sanitized_mix(mix);
        if before == self.lanes {
            return Vec::new();
        }
        self.undo.push_lanes(&format!("Mix lane {}", lane + 1), before, self.lanes.clone());
        if retuned { vec![Effect::Mix, Effect::Refresh] } else { vec![Effect::Mix] }
    }

    pub(super) fn lock(
        &mut self,
        lane: usize,
        label: &str,
        change: impl FnOnce(&mut LaneDoc),
    ) -> Vec<Effect> {
        let before = self.lanes.clone();
        if let Some(doc) = self.lanes.get_mut(lane) {
            change(doc);
        }
        if before != self.lanes {
            self.undo.push(label, vec![Change::Lanes { before, after: self.lanes.clone() }]);
            self.queue_is_stale = true;
        }
        Vec::new()
    }

    pub(super) fn set_role(&mut self, lane: usize, role: Role) -> Vec<Effect> {
        let before = self.lanes.clone();
        let Some(doc) = self.lanes.get_mut(lane) else { return Vec::new() };
        doc.role = role;
        doc.mix.choke = role.default_choke().unwrap_or(0);
        self.reshape("Change role", before)
    }

    pub(super) fn set_lane_count(&mut self, count: usize) -> Vec<Effect> {
        let before = self.lanes.clone();
        let count = count.clamp(1, MAX_LANES);
        let roles = Role::default_lanes(MAX_LANES);
        while self.lanes.len() < count {
            self.lanes.push(LaneDoc::of(roles[self.lanes.len() % roles.len()]));
        }
        self.lanes.truncate(count);
        self.reshape("Change lanes", before)
    }

    /// Fits the current loop to lanes that were added, removed or changed their role.
    fn reshape(&mut self, label: &str, before: Vec<LaneDoc>) -> Vec<Effect> {
        if before == self.lanes {
            return Vec::new();
        }
        let mut changes = vec![Change::Lanes { before, after: self.lanes.clone() }];
        let roles: Vec<Role> = self.lanes.iter().map(|lane| lane.role).collect();
        let kit = self.kit.clone();
        if let Some(entry) = self.history.current_mut() {
            let old = entry.pattern;
            let mut lanes: Vec<Lane> = old.lanes().to_vec();
            for (at, &role) in roles.iter().enumerate() {
                let sample = || first_of(kit.as_deref(), role).unwrap_or(SampleId::NONE);
                match lanes.get_mut(at) {
                    Some(lane) if lane.role == role => {}
                    Some(lane) => (lane.role, lane.sample) = (role, sample()),
                    None => lanes.push(Lane::empty(role, sample())),
                }
            }
            lanes.truncate(roles.len());
            entry.pattern = Loop::new(old.grid, old.swing, &lanes);
            changes.push(Change::Pattern {
                id: entry.id,
                before: Box::new(old),
                after: Box::new(entry.pattern),
            });
        }
        self.undo.push(label, changes);
        self.queue_is_stale = true;
        self.details.stale = true;
        vec![Effect::Mix, Effect::Refresh]
    }

    /// A recalled loop may have other lanes than the session has now.
    pub(super) fn fit_lanes_to_current(&mut self, changes: &mut Vec<Change>) {
        let Some(entry) = self.history.current() else { return };
        let roles: Vec<Role> = entry.pattern.lanes().iter().map(|lane| lane.role).collect();
        if roles.len() == self.lanes.len() && roles.iter().zip(&self.lanes).all(|(a, b)| *a == b.role) {
            return;
        }
        let before = self.lanes.clone();
        self.lanes = roles
            .iter()
            .enumerate()
            .map(|(at, &role)| {
                before.get(at).filter(|lane| lane.role == role).copied().unwrap_or(LaneDoc::of(role))
            })
            .collect();
        changes.push(Change::Lanes { before, after: self.lanes.clone() });
        self.queue_is_stale = true;
    }

    pub(super) fn step_sample(&mut self, lane: usize, delta: i32) -> Vec<Effect> {
        let Some(kit) = self.kit.clone() else { return Vec::new() };
        let Some((_, pattern)) = self.current() else { return Vec::new() };
        let Some(at) = pattern.lanes().get(lane).copied() else { return Vec::new() };
        // Neighbours in this order sound alike: dark to bright.
        let mut order: Vec<&Arc<Sample>> =
            kit.of_role(at.role).iter().map(|&index| &kit.samples()[index as usize]).collect();
        order.sort_by(|a, b| {
            a.analysis.centroid_hz.total_cmp(&b.analysis.centroid_hz).then_with(|| a.id.cmp(&b.id))
        });
        if order.is_empty() {
            return Vec::new();
        }
        let now = order.iter().position(|sample| sample.id == at.sample).unwrap_or(0) as i64;
        let next = (now + i64::from(delta)).rem_euclid(order.len() as i64) as usize;
        self.set_sample(lane, order[next].id, "Change sound")
    }

    pub(super) fn set_sample(&mut self, lane: usize, sample: SampleId, label: &str) -> Vec<Effect> {
        self.edit(label, false, |pattern| {
            if let Some(lane) = pattern.lanes_mut().get_mut(lane) {
                lane.sample = sample;
            }
        })
    }

    /// A kit was loaded: it replaces the one in use, with a learner for it.
    pub fn set_kit(
        &mut self,
        kit: Arc<Kit>,
        learner: Box<dyn crate::propose::Learner>,
        view: super::view::KitView,
    ) -> Vec<Effect> {
        self.kit = Some(kit);
        self.learner = Some(learner);
        self.kit_view = view;
        self.learned();
        self.touch();
        vec![Effect::Mix, Effect::Refresh]
    }

    /// A file for a lane was loaded, or could not be.
    pub fn set_loaded_sample(
        &mut self,
        lane: usize,
        replaces: Option<SampleId>,
        loaded: Result<Arc<Sample>, String>,
    ) -> Vec<Effect> {
        self.touch();
        let sample = match loaded {
            Ok(sample) => sample,
            Err(reason) => {
                self.notify(Severity::Warning, reason, "Choose another file.");
                return Vec::new();
            }
        };
        let id = sample.id;
        self.remember(&sample);
        self.extra.insert(id, sample);
        let Some(missing) = replaces else { return self.set_sample(lane, id, "Load sound") };
        // "Locate…": the file stands in wherever the missing one was used, in all loops.
        self.edit("Locate sound", false, |pattern| {
            for lane in pattern.lanes_mut().iter_mut().filter(|lane| lane.sample == missing) {
                lane.sample = id;
            }
        })
    }

    /// A sound that came with the project.
    pub fn add_embedded(&mut self, sample: Arc<Sample>) {
        self.extra.insert(sample.id, sample);
    }

    fn remember(&mut self, sample: &Sample) {
        let path = match &sample.origin {
            Origin::File { path } => Some(path.clone()),
            Origin::Factory { .. } | Origin::Embedded => None,
        };
        let doc =
            SampleDoc { id: sample.id, name: sample.name.clone(), role: sample.role, path, embedded: None };
        self.known.insert(sample.id, doc);
    }

    /// The sample that sounds on a lane: its own, or the nearest of the lane's role where that is
    /// missing. `None` while there is no kit.
    #[must_use]
    pub fn sounding(&self, lane: &Lane) -> Option<Arc<Sample>> {
        if let Some(own) = self.own_sample(lane.sample) {
            return Some(own);
        }
        if lane.sample == SampleId::NONE {
            return None;
        }
        let kit = self.kit.as_ref()?;
        let stand_in = first_of(Some(kit), lane.role)?;
        kit.get(stand_in).cloned()
    }

    pub(super) fn own_sample(&self, id: SampleId) -> Option<Arc<Sample>> {
        let kit = self.kit.as_ref();
        kit.and_then(|kit| kit.get(id)).or_else(|| self.extra.get(&id)).cloned()
    }

    /// What the project must say of the samples that it uses.
    pub(super) fn used_samples(&self) -> Vec<SampleDoc> {
        let mut used: Vec<SampleId> = self
            .history
            .entries()
            .iter()
            .flat_map(|entry| entry.pattern.lanes().iter().map(|lane| lane.sample))
            .filter(|&id| id != SampleId::NONE)
            .collect();
        used.sort_unstable();
        used.dedup();
        used.into_iter()
            .filter_map(|id| {
                let known = self.known.get(&id);
                let Some(sample) = self.own_sample(id) else { return known.cloned() };
                let path = match &sample.origin {
                    // Factory sounds are found by their permanent identity alone.
                    Origin::Factory { .. } => return None,
                    Origin::File { path } => Some(path.clone()),
                    Origin::Embedded => known.and_then(|doc| doc.path.clone()),
                };
                let embedded = known.and_then(|doc| doc.embedded.clone());
                Some(SampleDoc { id, name: sample.name.clone(), role: sample.role, path, embedded })
            })
            .collect()
    }
}

/// The first sample of a role, or of any role where it has none.
fn first_of(kit: Option<&Kit>, role: Role) -> Option<SampleId> {
    let kit = kit?;
    let index = kit.of_role(role).first().map_or(0, |&index| index as usize);
    kit.samples().get(index).map(|sample| sample.id)
}
