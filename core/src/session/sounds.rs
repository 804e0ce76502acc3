//! The sounds of a session: the kit, single files on lanes, sounds that came with the project, and what
//! plays where one is missing.
//!
//! Worker thread. Reads no file: [`crate::runtime`] finds, decodes and encodes.

use super::doc::SampleDoc;
use super::stock::doc_of;
use super::undo::Change;
use super::view::{KitView, Severity};
use super::{Effect, Session};
use crate::kit::{Kit, Origin, Sample, SampleId};
use crate::pattern::{Lane, Loop, Role};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Letters of embedded sounds of the current loop: eight of the longest that can be embedded don't fit
/// into a document, eight of five seconds in stereo do.
const CURRENT_LETTERS: usize = 24 << 20;
/// Letters of embedded sounds of further loops, liked and starred ones before others: some eighty of
/// ordinary length. A document is written after every command, so it must stay small.
const FURTHER_LETTERS: usize = 8 << 20;
/// Names in the notice on missing sounds.
const NAMES: usize = 4;

/// Sounds that were looked for because the kit does not have them.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that were found, under the identities that the project knows.
    pub samples: Vec<Arc<Sample>>,
    /// For each that was not: the factory sound that is most like it.
    pub stand_ins: Vec<(SampleId, Arc<Sample>)>,
}

/// What must be found beside a kit.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Every sound that the history uses and the session does not hold.
    pub ids: Vec<(SampleId, Role)>,
    /// What the project says of sounds.
    pub known: Vec<SampleDoc>,
}

impl Session {
    /// A kit was loaded: it replaces the one in use, with a learner for it. Loops of the history keep their
    /// sounds.
    pub fn set_kit(
        &mut self,
        kit: Arc<Kit>,
        learner: Box<dyn crate::propose::Learner>,
        view: KitView,
    ) -> Vec<Effect> {
        let used = self.used();
        self.stock.set_kit(kit, view, &used);
        self.hear_references();
        let mut effects = vec![Effect::Mix, Effect::Refresh];
        effects.extend(self.set_learner(learner));
        effects
    }

    /// What the history uses and the session does not hold.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let ids: Vec<_> = self.used().into_iter().filter(|&(id, _)| self.stock.own(id).is_none()).collect();
        let known = ids.iter().filter_map(|(id, _)| self.stock.known.get(id)).cloned().collect();
        Wanted { ids, known }
    }

    /// Sounds beside the kit were looked for. What is still missing is named.
    pub(crate) fn set_found(&mut self, found: Found) -> Vec<Effect> {
        if found.samples.is_empty() && found.stand_ins.is_empty() {
            return Vec::new();
        }
        for sample in found.samples {
            self.stock.hold(sample);
        }
        self.stock.stand_in(found.stand_ins);
        let missing = self.wanted();
        if !missing.ids.is_empty() {
            let name = |id: SampleId| {
                self.stock.known.get(&id).map_or_else(|| id.to_string(), |known| format!("“{}”", known.name))
            };
            let mut names: Vec<String> = missing.ids.iter().take(NAMES).map(|&(id, _)| name(id)).collect();
            if missing.ids.len() > NAMES {
                names.push(format!("{} more", missing.ids.len() - NAMES));
            }
            self.notify(
                Severity::Warning,
                format!("Sounds of this project are missing: {}.", names.join(", ")),
                "The most similar factory sounds play. Click a lane's sound, or open the kit menu, to locate them.",
            );
        }
        self.touch();
        vec![Effect::Refresh]
    }

    /// Another sample for a lane: `delta` places on among those that sound alike.
    pub(super) fn step_sample(&mut self, lane: usize, delta: i32) -> Vec<Effect> {
        let Some(kit) = self.stock.kit.clone() else { return Vec::new() };
        let Some((_, pattern)) = self.current() else { return Vec::new() };
        let Some(at) = pattern.lanes().get(lane).copied() else { return Vec::new() };
        // A sound that is not of the kit, or of another role, is left for the one that is most like it.
        let index = kit.index_of(at.sample).filter(|&index| kit.samples()[index].role == at.role);
        let next = match (index, self.sounding(&at)) {
            (Some(index), _) => kit.beside(index, delta.into()),
            (None, Some(sounding)) => kit.most_like(&sounding.analysis.descriptors, at.role),
            (None, None) => kit.of_role(at.role).first().copied(),
        };
        let Some(sample) = next.and_then(|next| kit.samples().get(next as usize)) else {
            return Vec::new();
        };
        self.set_sample(lane, sample.id, "Change sound")
    }

    pub(super) fn set_sample(&mut self, lane: usize, sample: SampleId, label: &str) -> Vec<Effect> {
        self.edit(label, false, |pattern| {
            if let Some(lane) = pattern.lanes_mut().get_mut(lane) {
                lane.sample = sample;
            }
        })
    }

    /// A file for a lane was loaded, or could not be.
    pub(crate) fn set_loaded_sample(
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
        self.stock.hold(sample);
        match replaces {
            None => self.set_sample(lane, id, "Load sound"),
            // It is the very file: every loop that uses it is mended.
            Some(missing) if missing == id => vec![Effect::Refresh],
            Some(missing) => self.replace_everywhere(missing, id),
        }
    }

    /// Another file stands in wherever the missing one was used, in all loops; one undo step.
    fn replace_everywhere(&mut self, missing: SampleId, by: SampleId) -> Vec<Effect> {
        let replaced = |pattern: &Loop| {
            let mut pattern = *pattern;
            for lane in pattern.lanes_mut().iter_mut().filter(|lane| lane.sample == missing) {
                lane.sample = by;
            }
            pattern
        };
        let changes: Vec<Change> = self
            .all_entries()
            .chain(self.unheard())
            .map(|entry| (entry.id, entry.pattern, replaced(&entry.pattern)))
            .filter(|(_, before, after)| before != after)
            .map(|(id, before, after)| Change::Pattern {
                id,
                before: Box::new(before),
                after: Box::new(after),
            })
            .collect();
        for change in &changes {
            if let Change::Pattern { id, after, .. } = change
                && let Some(entry) = self.entry_mut(*id)
            {
                entry.pattern = **after;
            }
        }
        if changes.is_empty() {
            return Vec::new();
        }
        self.undo.push("Locate sound", changes);
        self.insight.spoil();
        vec![Effect::Refresh]
    }

    /// The sample that sounds on a lane: its own, or one that is like it where that is missing. `None`
    /// while there is no kit.
    #[must_use]
    pub fn sounding(&self, lane: &Lane) -> Option<Arc<Sample>> {
        self.stock.sounding(lane)
    }

    /// The samples of the history with the role of a lane that uses them, by identity.
    fn used(&self) -> Vec<(SampleId, Role)> {
        let entries = self.all_entries().chain(self.unheard());
        let lanes = entries.flat_map(|entry| entry.pattern.lanes());
        let mut used: Vec<(SampleId, Role)> =
            lanes.filter(|lane| lane.sample != SampleId::NONE).map(|lane| (lane.sample, lane.role)).collect();
        used.sort_unstable_by_key(|&(id, role)| (id, role.index()));
        used.dedup_by_key(|&mut (id, _)| id);
        used
    }

    /// What the project must say of the samples that it uses.
    pub(super) fn used_samples(&self) -> Vec<SampleDoc> {
        let embedded = self.embedded();
        self.used()
            .into_iter()
            .filter_map(|(id, _)| {
                let known = self.stock.known.get(&id);
                let Some(sample) = self.stock.own(id) else { return known.cloned() };
                // Factory sounds are found by their permanent identity alone.
                if matches!(sample.origin, Origin::Factory { .. }) {
                    return None;
                }
                let mut doc = doc_of(&sample, known.cloned());
                // What has no other home stays whatever was chosen.
                if sample.origin != Origin::Embedded && !embedded.contains(&id) {
                    doc.embedded = None;
                }
                Some(doc)
            })
            .collect()
    }

    /// The person's own sounds in the order in which they are embedded: the current loop's, then those of
    /// liked and starred loops, then the rest, newest first. The flag tells the current loop's.
    fn embed_order(&self) -> Vec<(SampleId, bool)> {
        let current = self.current_entry().map(|entry| entry.id);
        let mut entries: Vec<_> = self.song.entries().chain(self.history.entries().iter().rev()).collect();
        entries.extend(self.unheard());
        entries.sort_by_key(|entry| {
            (Some(entry.id) != current, !(entry.starred || entry.verdict == Some(true)))
        });
        let mut seen = BTreeSet::new();
        let lanes = entries.into_iter().flat_map(|entry| {
            let is_current = Some(entry.id) == current;
            entry.pattern.lanes().iter().map(move |lane| (lane.sample, is_current))
        });
        lanes
            .filter(|(id, _)| {
                seen.insert(*id)
                    && self.stock.own(*id).is_some_and(|own| !matches!(own.origin, Origin::Factory { .. }))
            })
            .collect()
    }

    /// The sounds that are written into the project.
    fn embedded(&self) -> BTreeSet<SampleId> {
        if !self.settings.embed_samples {
            return BTreeSet::new();
        }
        let mut room = [FURTHER_LETTERS, CURRENT_LETTERS];
        let fits = |(id, current): (SampleId, bool)| {
            let letters = self.stock.known.get(&id)?.embedded.as_ref()?.len();
            let room = &mut room[usize::from(current)];
            *room = room.checked_sub(letters)?;
            Some(id)
        };
        self.embed_order().into_iter().filter_map(fits).collect()
    }

    /// The next sound that must be encoded so that the project holds it; `None` when all are there that
    /// the person chose to embed and that fit.
    #[must_use]
    pub(crate) fn next_to_embed(&self) -> Option<Arc<Sample>> {
        if !self.settings.embed_samples {
            return None;
        }
        let mut room = [FURTHER_LETTERS, CURRENT_LETTERS];
        for (id, current) in self.embed_order() {
            let room = &mut room[usize::from(current)];
            match self.stock.known.get(&id).and_then(|known| known.embedded.as_ref()) {
                Some(text) => *room = room.saturating_sub(text.len()),
                None if *room > 0 && !self.stock.is_unembeddable(id, current) => {
                    return self.stock.own(id);
                }
                None => {}
            }
        }
        None
    }

    /// A sound was encoded for the project (base64 of a WAV file), or could not be.
    pub(crate) fn set_embedded(&mut self, sample: &Sample, text: Result<Arc<str>, String>) {
        match text {
            Ok(text) => {
                self.stock.remember(sample);
                if let Some(known) = self.stock.known.get_mut(&sample.id) {
                    known.embedded = Some(text);
                }
                // What is not written any more needs no memory either.
                let kept = self.embedded();
                self.stock.drop_letters(&kept);
            }
            Err(reason) => {
                let text = format!("“{}” can't be embedded: {reason}.", sample.name);
                self.notify(Severity::Warning, text, "The project refers to its file.");
            }
        }
        // One attempt is enough, also for what turned out not to fit; in the current loop there is more room.
        if !self.embedded().contains(&sample.id) {
            let order = self.embed_order();
            let current = order.into_iter().any(|place| place == (sample.id, true));
            self.stock.set_unembeddable(sample.id, current);
        }
        self.touch();
    }

    /// What becomes of files with several channels; the kit is loaded anew.
    pub(super) fn set_mono(&mut self, mono: bool) -> Vec<Effect> {
        if self.stock.mono == mono {
            return Vec::new();
        }
        self.stock.mono = mono;
        self.undo.push("Mono sounds", vec![Change::Mono { after: mono }]);
        vec![Effect::LoadKit(self.origin.kit.clone())]
    }

    /// Whether files with several channels are mixed to one.
    #[must_use]
    pub(crate) fn is_mono(&self) -> bool {
        self.stock.mono
    }
}

#[cfg(test)]
mod tests;
