//! Listening to what is played beside the loop, so that what comes next goes along with it where the dial is not at 0
//! (`propose/follow.rs`).
//!
//! Worker thread.

use super::riff::{PlayedNote, Riff};
use super::undo::Change;
use super::{Effect, Session};
use crate::pattern::Grid;
use crate::propose::{Onsets, Steering};

impl Session {
    /// Whether notes that come in are listened to instead of played.
    #[must_use]
    pub(crate) fn listens(&self) -> bool {
        self.steering.follow != 0.0 && !self.riff.hold
    }

    /// What is remembered of what is played beside the loop.
    #[must_use]
    pub fn riff(&self) -> &Riff {
        &self.riff
    }

    /// A note was played beside the loop. What comes next heeds it from [`Session::take_in_riff`] on.
    pub(crate) fn hear(&mut self, note: PlayedNote) {
        if !self.listens() || !note.is_sound() {
            return;
        }
        let note = note.sanitized();
        self.riff.hear(note, self.riff_at.replace(note.place()));
        self.riff_news = true;
    }

    /// The song begins to run, or ends: the next note is the first of a run.
    pub(crate) fn riff_begins(&mut self) {
        self.riff_at = None;
        self.take_in_riff();
    }

    /// What was played since this was last called is in the document and the view from here on, not with each note:
    /// a large document is not written in no time. What waits is drawn anew where it goes along with other notes.
    pub(crate) fn take_in_riff(&mut self) {
        if std::mem::take(&mut self.riff_news) {
            self.touch();
        }
        let onsets = self.onsets_on(self.steering.grid);
        if self.followed != onsets {
            self.followed = onsets;
            if self.steering.follow != 0.0 {
                self.queue.spoil();
            }
        }
    }

    pub(super) fn onsets_on(&self, grid: Grid) -> Onsets {
        self.riff.onsets(grid)
    }

    /// The steering of a request for loops on a grid, with the notes that they go along with.
    pub(super) fn steering_on(&self, grid: Grid) -> Steering {
        let follows = self.steering.follow != 0.0;
        let onsets = if follows { self.onsets_on(grid) } else { Onsets::NONE };
        // Without notes the dial is of no account.
        let follow = if onsets.is_none() { 0.0 } else { self.steering.follow };
        Steering { onsets, follow, ..self.steering }
    }

    pub(super) fn set_riff(&mut self, riff: Riff, label: &str) -> Vec<Effect> {
        let riff = riff.sanitized();
        let before = std::mem::replace(&mut self.riff, riff.clone());
        if before == riff {
            return Vec::new();
        }
        self.riff_at = None;
        self.take_in_riff();
        self.undo.push(label, vec![Change::Riff { before: Box::new(before), after: Box::new(riff) }]);
        vec![Effect::Mix]
    }
}
