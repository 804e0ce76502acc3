//! Presets: loading one, and what the person makes of their own.
//!
//! Worker thread.

use super::Worker;
use crate::runtime::presets::next_step;
use crate::session::PresetChange;
use crate::session::view::Severity;
use std::sync::Arc;

impl Worker<'_> {
    /// Loads the kit of the preset that waits, or only a learner where that kit is in use.
    pub(super) fn load_staged(&mut self) {
        if !self.session.has_staged() {
            return;
        }
        let choice = self.session.kit_wanted().clone();
        let in_use = choice == *self.session.kit_choice() && !self.kit_is_stand_in && !self.builder.is_busy();
        match self.session.kit().filter(|_| in_use).cloned() {
            Some(kit) => {
                let learner = self.learner(&kit);
                let effects = self.session.set_learner(learner);
                self.carry_out(effects);
                self.send_due();
            }
            None => self.load_kit(choice),
        }
    }

    pub(super) fn change_presets(&mut self, change: &PresetChange) {
        match self.shelf.change(change) {
            Ok(()) => self.session.preset_changed(change),
            Err(error) => {
                let next_step = next_step(&error);
                self.session.notify(Severity::Error, error.to_string(), next_step);
            }
        }
        self.session.set_library(Arc::new(self.shelf.read()));
    }
}
