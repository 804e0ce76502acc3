//! The sounds that a session has: the kit, and what it holds beside it.
//!
//! Worker thread. Reads no file.

use super::doc::SampleDoc;
use super::view::KitView;
use crate::kit::sketch::Sketch;
use crate::kit::{Kit, Origin, Sample, SampleId};
use crate::pattern::{Lane, Loop, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// See the module's documentation. A sound that is held is neither missing nor stood in for.
#[derive(Default)]
pub(super) struct Stock {
    pub(super) kit: Option<Arc<Kit>>,
    pub(super) view: KitView,
    /// Files with several channels are mixed to one.
    pub(super) mono: bool,
    /// Single files that were put on lanes, and sounds that a project brought along.
    extra: BTreeMap<SampleId, Arc<Sample>>,
    /// What the project says of samples, to name and find those that are missing.
    pub(super) known: BTreeMap<SampleId, SampleDoc>,
    /// What plays in place of missing samples.
    stand_ins: BTreeMap<SampleId, Arc<Sample>>,
    /// Sounds that could not be embedded, or found no room there; the flag says as part of the current loop.
    unembeddable: BTreeSet<(SampleId, bool)>,
}

impl Stock {
    /// What a document says of sounds; no kit yet.
    pub(super) fn new(samples: Vec<SampleDoc>, mono: bool) -> Self {
        let known = samples.into_iter().map(|sample| (sample.id, sample)).collect();
        Self { known, mono, ..Self::default() }
    }

    /// Another kit. What of the one before is `used` is held on.
    pub(super) fn set_kit(&mut self, kit: Arc<Kit>, view: KitView, used: &[(SampleId, Role)]) {
        if let Some(old) = self.kit.replace(kit) {
            for (id, _) in used {
                if let Some(sample) = old.get(*id) {
                    self.remember(sample);
                    self.extra.insert(*id, Arc::clone(sample));
                }
            }
        }
        self.view = view;
    }

    /// Holds a sound beside the kit.
    pub(super) fn hold(&mut self, sample: Arc<Sample>) {
        self.remember(&sample);
        self.stand_ins.remove(&sample.id);
        self.extra.insert(sample.id, sample);
    }

    /// What plays in place of sounds that are missing.
    pub(super) fn stand_in(&mut self, stand_ins: Vec<(SampleId, Arc<Sample>)>) {
        self.stand_ins.extend(stand_ins);
        self.stand_ins.retain(|id, _| !self.extra.contains_key(id));
    }

    /// A sound of the kit, or one that is held beside it.
    pub(super) fn own(&self, id: SampleId) -> Option<Arc<Sample>> {
        let kit = self.kit.as_ref();
        kit.and_then(|kit| kit.get(id)).or_else(|| self.extra.get(&id)).cloned()
    }

    /// The sample that sounds on a lane: its own, or one that is like it where that is missing. `None`
    /// while there is no kit.
    pub(super) fn sounding(&self, lane: &Lane) -> Option<Arc<Sample>> {
        if let Some(own) = self.own(lane.sample) {
            return Some(own);
        }
        if lane.sample == SampleId::NONE {
            return None;
        }
        let kit = self.kit.as_ref()?;
        if let Some(stand_in) = self.stand_ins.get(&lane.sample) {
            return Some(Arc::clone(stand_in));
        }
        kit.get(self.first_of(lane.role)?).cloned()
    }

    /// The kit's first sample of a role, or of any role where it has none.
    pub(super) fn first_of(&self, role: Role) -> Option<SampleId> {
        let kit = self.kit.as_deref()?;
        let index = kit.of_role(role).first().map_or(0, |&index| index as usize);
        kit.samples().get(index).map(|sample| sample.id)
    }

    /// Missing samples of a loop by name; none while there is no kit.
    pub(super) fn missing(&self, pattern: &Loop) -> Vec<(SampleId, String)> {
        if self.kit.is_none() {
            return Vec::new();
        }
        let mut missing: Vec<(SampleId, String)> = pattern
            .lanes()
            .iter()
            .map(|lane| lane.sample)
            .filter(|&id| id != SampleId::NONE && self.own(id).is_none())
            .map(|id| (id, self.known.get(&id).map_or_else(|| id.to_string(), |known| known.name.clone())))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// Keeps what the project must say of a sample.
    pub(super) fn remember(&mut self, sample: &Sample) {
        let before = self.known.remove(&sample.id);
        self.known.insert(sample.id, doc_of(sample, before));
    }

    /// What is encoded and is not `kept` needs no memory, but for what came with the project and has no other
    /// home.
    pub(super) fn drop_letters(&mut self, kept: &BTreeSet<SampleId>) {
        for (id, doc) in &mut self.known {
            let came_along = self.extra.get(id).is_some_and(|own| own.origin == Origin::Embedded);
            if !came_along && !kept.contains(id) {
                doc.embedded = None;
            }
        }
    }

    /// Whether it is of no use to encode a sound, as part of the current loop or of another one.
    pub(super) fn is_unembeddable(&self, id: SampleId, current: bool) -> bool {
        self.unembeddable.contains(&(id, current))
    }

    /// One attempt was made, which is enough.
    pub(super) fn set_unembeddable(&mut self, id: SampleId, current: bool) {
        self.unembeddable.insert((id, current));
    }

    /// What is embedded was chosen anew, so attempts are worth making again.
    pub(super) fn forget_attempts(&mut self) {
        self.unembeddable.clear();
    }
}

/// What a project says of a sample; path and embedding of `before` stay where the sample has none itself.
pub(super) fn doc_of(sample: &Sample, before: Option<SampleDoc>) -> SampleDoc {
    let (path, embedded) = before.map_or((None, None), |before| (before.path, before.embedded));
    let path = match &sample.origin {
        Origin::File { path } => Some(path.clone()),
        Origin::Factory { .. } => None,
        Origin::Embedded => path,
    };
    SampleDoc {
        id: sample.id,
        name: sample.name.clone(),
        role: sample.role,
        path,
        embedded,
        sound: Some(Sketch::of(&sample.analysis)),
    }
}
