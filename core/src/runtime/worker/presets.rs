//! Presets: loading one, and what the person makes of their own; and the person's drum maps.
//!
//! Worker thread.

use super::Worker;
use crate::runtime::presets::next_step;
use crate::session::PresetChange;
use crate::session::midi_map::MapChange;
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

    pub(super) fn change_maps(&mut self, change: &MapChange) {
        match self.maps.change(change) {
            Ok(()) => {
                let effects = self.session.maps_changed(change);
                self.carry_out(effects);
            }
            Err(error) => {
                self.session.notify(Severity::Error, error.to_string(), "The project keeps its map.")
            }
        }
        let maps = self.maps.read();
        for problem in &maps.problems {
            let next_step = "The file is left as it is; the other drum maps are there.";
            self.session.notify(
                Severity::Warning,
                format!("A drum map can't be read. {problem}."),
                next_step,
            );
        }
        self.session.set_own_maps(maps);
    }
}
