//! What the person changes by hand: cells, lanes, mixer, locks.

use super::doc::{LaneDoc, sanitized_mix};
use super::undo::Change;
use super::{Effect, Session};
use crate::engine::LaneMix;
use crate::kit::SampleId;
use crate::pattern::{Course, Hit, Lane, Loop, LoopId, MAX_LANES, MAX_STEPS, Role};
use crate::rng::Rng;
use crate::units::Seed;

/// What a loop's chances are drawn from: its identity, and what they were drawn from before; never 0 and never that.
fn dice(id: LoopId, before: u16) -> u16 {
    let mut rng = Rng::stream(Seed(id.0), "chances", before.into());
    let drawn = 1 + rng.below(usize::from(u16::MAX) - 1) as u16;
    // One of all but 0, `before` left out where it is one of them.
    if before != 0 && drawn >= before { drawn + 1 } else { drawn }
}

impl Session {
    /// Changes the current loop as one undo step and tells the engine.
    pub(super) fn edit(&mut self, label: &str, drag: bool, change: impl FnOnce(&mut Loop)) -> Vec<Effect> {
        let Some(entry) = self.current_entry_mut() else { return Vec::new() };
        let (id, before) = (entry.id, entry.pattern);
        change(&mut entry.pattern);
        if entry.pattern.dice == 0 && entry.pattern.has_chance() {
            // Loops differ in where chance lets their hits sound.
            entry.pattern.dice = dice(id, 0);
        }
        let after = entry.pattern;
        if before == after {
            return Vec::new();
        }
        if drag {
            self.undo.push_edit(label, id, before, after);
        } else {
            let shared = self.share_sounds(id, &after);
            let (before, after) = (Box::new(before), Box::new(after));
            let mut changes = vec![Change::Pattern { id, before, after }];
            changes.extend(shared);
            self.undo.push(label, changes);
        }
        if self.has_locks() {
            self.queue.spoil();
        }
        self.insight.spoil();
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

    pub(super) fn edit_cells(&mut self, cells: &[(u8, u8, Hit)]) -> Vec<Effect> {
        let label =
            if cells.len() == 1 { "Edit a step".to_owned() } else { format!("Edit {} steps", cells.len()) };
        self.edit(&label, false, |pattern| {
            let steps = pattern.grid.steps();
            for &(lane, step, hit) in cells {
                let lane = pattern.lanes_mut().get_mut(usize::from(lane));
                if let Some(cell) = lane.and_then(|lane| lane.hits[..steps].get_mut(usize::from(step))) {
                    *cell = hit.sanitized();
                }
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

    /// How a lane of the current loop runs. A drag is one undo step.
    pub(super) fn set_course(&mut self, lane: usize, course: Course) -> Vec<Effect> {
        self.edit("Set how a lane runs", true, |pattern| {
            if let Some(lane) = pattern.lanes_mut().get_mut(lane) {
                lane.course = course.sanitized();
            }
        })
    }

    /// Other chances for the current loop.
    pub(super) fn throw_chances(&mut self) -> Vec<Effect> {
        let Some(id) = self.current_entry().map(|entry| entry.id) else { return Vec::new() };
        self.edit("Other chances", false, |pattern| {
            if pattern.has_chance() {
                pattern.dice = dice(id, pattern.dice);
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
            self.queue.spoil();
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
        let firsts: Vec<SampleId> =
            roles.iter().map(|&role| self.stock.first_of(role).unwrap_or(SampleId::NONE)).collect();
        let reshaped = |old: &Loop| {
            let mut lanes: Vec<Lane> = old.lanes().to_vec();
            for (at, (&role, &sample)) in roles.iter().zip(&firsts).enumerate() {
                match lanes.get_mut(at) {
                    Some(lane) if lane.role == role => {}
                    Some(lane) => (lane.role, lane.sample) = (role, sample),
                    None => lanes.push(Lane::empty(role, sample)),
                }
            }
            lanes.truncate(roles.len());
            Loop::new(old.grid, old.swing, &lanes).with_dice(old.dice)
        };
        if let Some(entry) = self.current_entry_mut() {
            let old = entry.pattern;
            entry.pattern = reshaped(&old);
            changes.push(Change::Pattern {
                id: entry.id,
                before: Box::new(old),
                after: Box::new(entry.pattern),
            });
        }
        if self.song.chosen > 0 {
            changes.extend(self.reshape_song(reshaped));
        }
        self.undo.push(label, changes);
        self.sound_the_host();
        self.queue.spoil();
        self.insight.spoil();
        vec![Effect::Mix, Effect::Refresh]
    }

    /// A recalled loop may have other lanes than the session has now.
    pub(super) fn fit_lanes_to_current(&mut self, changes: &mut Vec<Change>) {
        let Some(entry) = self.current_entry() else { return };
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
        self.sound_the_host();
        self.queue.spoil();
    }
}
