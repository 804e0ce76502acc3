//! Drum maps: which keys a project's lanes send, are played with and exported on, and the person's own of a machine.
//!
//! Any thread: plain data.

use crate::disk::MOST_NAME_CHARS;
use crate::export::{NoteMap, RoleKeys};
use serde::{Deserialize, Serialize};

/// A drum map that a project has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MidiMap {
    /// The map, its keys with it: another machine need not have the file.
    pub map: NoteMap,
    /// Under which name the person's own was kept or found; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl MidiMap {
    /// One of those that ship.
    #[must_use]
    pub fn of(map: NoteMap) -> Self {
        Self { map, name: String::new() }
    }

    /// Names are at most as long as those of files, and only own maps have one.
    #[must_use]
    pub fn sanitized(self) -> Self {
        let named = matches!(self.map, NoteMap::Own(_));
        let name = self.name.chars().filter(|c| named && !c.is_control()).take(MOST_NAME_CHARS).collect();
        Self { map: self.map, name }
    }
}

/// The person's own maps of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnMaps {
    /// Names and keys, by name.
    pub all: Vec<(String, RoleKeys)>,
    /// Files that can't be read, and why.
    pub problems: Vec<String>,
}

/// What must become of the person's maps on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapChange {
    /// Read them anew.
    Read,
    /// Keep this one, in the place of one of its name.
    Save {
        /// Its name.
        name: String,
        /// Its keys.
        keys: RoleKeys,
    },
    /// Lay one aside.
    Remove(String),
}
