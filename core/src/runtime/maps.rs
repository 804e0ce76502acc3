//! The person's own drum maps: small files that all instances of a machine share, and that people pass on.
//!
//! ```text
//! <home>/drum-maps/My pads.toml          one file each, its name is the map's
//! <home>/drum-maps/removed/My pads.toml  laid aside: the last of each name
//! ```
//!
//! Worker thread, or a tool; every call may wait for the disk, and up to [`PATIENCE`] for another program.
//! Changes take turns and replace files as a whole. What can't be read is named and left alone.

use super::presets::{PATIENCE, file, lay_aside, own_files, problem, read_text};
use crate::disk::{self, BadName};
use crate::export::{MOST_MAP_BYTES, MapError, RoleKeys};
use crate::session::midi_map::{MapChange, OwnMaps};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The maps that are listed and kept.
pub(crate) const MOST_MAPS: usize = 200;
/// Files that can't be read and are named.
const MOST_PROBLEMS: usize = 8;

/// Why a change of maps was not made. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum MapsError {
    /// The disk or the file system said no.
    #[error("the drum map could not be {attempt} ({}): {source}", path.display())]
    Io {
        /// "saved" or "removed".
        attempt: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another program held the folder for longer than [`PATIENCE`].
    #[error("the drum map could not be {attempt}: another program is using the maps")]
    Locked {
        /// "saved" or "removed".
        attempt: &'static str,
    },
    /// It is not there, or not any more.
    #[error("there is no drum map called “{0}”")]
    Missing(String),
    /// No map can be called so.
    #[error("a drum map can't be called “{name}”: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: BadName,
    },
    /// It can't be written.
    #[error("the drum map can't be saved: {0}")]
    Map(#[from] MapError),
    /// There are too many.
    #[error("there are {MOST_MAPS} drum maps already, which is the most")]
    LimitReached,
    /// This machine has no folder for them.
    #[error("this machine has no folder for drum maps")]
    NoHome,
}

/// The maps of one machine. Holds no file open between calls.
#[derive(Clone, Debug, Default)]
pub struct Maps {
    root: Option<PathBuf>,
}

impl Maps {
    /// The maps of a home; see [`crate::runtime::settings::home`].
    #[must_use]
    pub fn of(home: Option<&Path>) -> Self {
        Self { root: home.map(|home| home.join("drum-maps")) }
    }

    /// All maps by name, and what can't be read.
    #[must_use]
    pub fn read(&self) -> OwnMaps {
        let mut maps = OwnMaps::default();
        let Some(root) = &self.root else { return maps };
        let files = match own_files(root) {
            Ok(files) => files,
            Err(error) => {
                maps.problems.push(problem(root, &error));
                return maps;
            }
        };
        for (name, path) in files.into_iter().take(MOST_MAPS) {
            match read_text(&path, MOST_MAP_BYTES) {
                Ok(Some(text)) => match RoleKeys::read(&text) {
                    Ok(keys) => maps.all.push((name, keys)),
                    Err(error) => maps.problems.push(problem(&path, &error)),
                },
                Ok(None) => {
                    maps.problems.push(problem(&path, &format!("it has more than {MOST_MAP_BYTES} bytes")));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => maps.problems.push(problem(&path, &error)),
            }
        }
        maps.problems.truncate(MOST_PROBLEMS);
        maps
    }

    /// Carries a change out.
    ///
    /// # Errors
    /// Why it could not be made; nothing was changed then.
    pub fn change(&self, change: &MapChange) -> Result<(), MapsError> {
        let (name, attempt) = match change {
            MapChange::Read => return Ok(()),
            MapChange::Save { name, .. } => (name, "saved"),
            MapChange::Remove(name) => (name, "removed"),
        };
        let root = self.root.as_deref().ok_or(MapsError::NoHome)?;
        let stem = disk::stem_of(name).map_err(|reason| MapsError::Name {
            name: name.chars().take(disk::MOST_NAME_CHARS).collect(),
            reason,
        })?;
        let path = file(root, &stem);
        let io = |source| MapsError::Io { attempt, path: path.clone(), source };
        let _turn = disk::take_turn(root, PATIENCE).map_err(io)?.ok_or(MapsError::Locked { attempt })?;
        match change {
            MapChange::Save { keys, .. } => {
                let text = keys.write()?;
                if path.exists() {
                    lay_aside(root, &stem).map_err(io)?;
                } else if own_files(root).map_err(io)?.len() >= MOST_MAPS {
                    return Err(MapsError::LimitReached);
                }
                disk::write_whole(&path, text.as_bytes()).map_err(io)
            }
            _ => match lay_aside(root, &stem) {
                Err(error) if error.kind() == ErrorKind::NotFound => Err(MapsError::Missing(name.clone())),
                done => done.map_err(io),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::NoteMap;
    use crate::pattern::Role;

    #[test]
    fn maps_are_kept_replaced_and_laid_aside_and_what_is_no_map_is_named() {
        let home = tempfile::tempdir().unwrap();
        let maps = Maps::of(Some(home.path()));
        assert_eq!(maps.read(), OwnMaps::default());
        let save = |name: &str, keys| maps.change(&MapChange::Save { name: name.to_owned(), keys });
        let first = NoteMap::AddictiveDrums.as_own();
        save("My/pads", first).unwrap();
        let second = first.with_main(Role::Kick, 24);
        save("My/pads", second).unwrap();
        let folder = home.path().join("drum-maps");
        std::fs::write(folder.join("Other.toml"), "format = \"deepdrummer-drum-map\"\nversion = 1\n")
            .unwrap();
        let read = maps.read();
        assert_eq!(read.all, [("My/pads".to_owned(), second)]);
        assert_eq!(read.problems.len(), 1);
        assert!(read.problems[0].starts_with("Other.toml: ") && read.problems[0].contains("no keys"));
        maps.change(&MapChange::Remove("My/pads".to_owned())).unwrap();
        assert!(maps.read().all.is_empty());
        assert!(folder.join("removed/My%2Fpads.toml").exists());
        let gone = maps.change(&MapChange::Remove("My/pads".to_owned()));
        assert!(matches!(gone, Err(MapsError::Missing(_))));
        assert!(matches!(save(" x", first), Err(MapsError::Name { .. })));
        assert!(matches!(Maps::of(None).change(&MapChange::Remove("x".into())), Err(MapsError::NoHome)));
    }
}
