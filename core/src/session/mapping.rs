//! The project's drum map. One that chose none has the map of the machine's settings.
//!
//! Worker thread.

use super::midi_map::{MapChange, MidiMap, OwnMaps};
use super::undo::Change;
use super::{Effect, Session};
use crate::export::NoteMap;
use std::sync::Arc;

impl Session {
    /// The map in use: the project's, else the machine's.
    #[must_use]
    pub fn note_map(&self) -> NoteMap {
        self.midi_map.as_ref().map_or(self.export.note_map, |of| of.map)
    }

    pub(super) fn set_midi_map(&mut self, to: Option<MidiMap>) -> Vec<Effect> {
        let to = to.map(MidiMap::sanitized);
        if self.midi_map == to {
            return Vec::new();
        }
        let before = std::mem::replace(&mut self.midi_map, to.clone());
        self.undo.push("Drum map", vec![Change::MidiMap { before, after: to }]);
        vec![Effect::Mix]
    }

    /// Keeps the map in use as one of the person's own.
    pub(super) fn save_midi_map(&mut self, name: String) -> Vec<Effect> {
        vec![Effect::Maps(MapChange::Save { name, keys: self.note_map().as_own() })]
    }

    /// A change of the machine's maps was made: the project's has the name that it was kept under.
    pub(crate) fn maps_changed(&mut self, change: &MapChange) -> Vec<Effect> {
        match change {
            MapChange::Save { name, keys } => {
                self.set_midi_map(Some(MidiMap { map: NoteMap::Own(*keys), name: name.clone() }))
            }
            MapChange::Read | MapChange::Remove(_) => Vec::new(),
        }
    }

    /// The person's maps of this machine, as they were read last.
    pub(crate) fn own_maps(&self) -> &OwnMaps {
        &self.own_maps
    }

    /// The person's maps of this machine.
    pub(crate) fn set_own_maps(&mut self, maps: OwnMaps) {
        if *self.own_maps != maps {
            self.own_maps = Arc::new(maps);
            self.touch();
        }
    }
}
