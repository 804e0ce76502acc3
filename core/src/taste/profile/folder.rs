//! Where profiles lie, and the lock that one operation at a time holds.
//!
//! ```text
//! <home>/profiles/My taste.sqlite3
//! <home>/profiles/backups/My taste/2026-11-22.sqlite3
//! <home>/profiles/damaged/My taste 2026-11-22.sqlite3
//! <home>/profiles/lock
//! ```

use super::error::Attempt;
use super::{MOST_NAME_CHARS, MOST_PROFILES, ProfileError};
use crate::disk::{Turn, name_of, stem_of, take_turn};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ENDING: &str = "sqlite3";

/// The folder of all profiles of a machine.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
}

impl Folder {
    pub(super) fn of(home: &Path) -> Self {
        Self { root: home.join("profiles") }
    }

    pub(super) fn profile(&self, stem: &str) -> PathBuf {
        self.root.join(format!("{stem}.{ENDING}"))
    }

    pub(super) fn backups(&self, stem: &str) -> PathBuf {
        self.root.join("backups").join(stem)
    }

    pub(super) fn staging(&self) -> PathBuf {
        self.root.join("import.part")
    }

    /// Waits at most `patience` for its turn. A file system without locks leaves it to SQLite's own.
    pub(super) fn lock(&self, what: &'static str, patience: Duration) -> Result<Turn, ProfileError> {
        let attempt = Attempt { what, path: &self.root };
        let turn = take_turn(&self.root, patience).map_err(|error| attempt.io(error))?;
        turn.ok_or_else(|| attempt.locked())
    }

    /// The names of all profiles, sorted.
    pub(super) fn list(&self) -> Result<Vec<String>, ProfileError> {
        let attempt = Attempt { what: "listed", path: &self.root };
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(attempt.io(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| attempt.io(error))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if path.extension().is_some_and(|ending| ending == ENDING)
                && path.is_file()
                && let Some(name) = stem.and_then(name_of)
            {
                names.push(name);
            }
            if names.len() == MOST_PROFILES {
                break;
            }
        }
        names.sort();
        Ok(names)
    }

    /// Moves a file out of the way, with what SQLite keeps beside it, and says where it is now.
    pub(super) fn set_aside(&self, stem: &str, day: &str) -> Result<PathBuf, ProfileError> {
        let path = self.profile(stem);
        let attempt = Attempt { what: "set aside", path: &path };
        let folder = self.root.join("damaged");
        std::fs::create_dir_all(&folder).map_err(|error| attempt.io(error))?;
        let free = (1..1000).map(|n| {
            let number = if n == 1 { String::new() } else { format!(" {n}") };
            folder.join(format!("{stem} {day}{number}.{ENDING}"))
        });
        let Some(aside) = free.into_iter().find(|path| !path.exists() && !beside(path, "wal").exists())
        else {
            return Err(attempt.limit("999 damaged files of one day are kept already".to_owned()));
        };
        // The main file last: a log that stayed behind would be replayed into the new file.
        for (from, to) in [
            (beside(&path, "wal"), beside(&aside, "wal")),
            (beside(&path, "shm"), beside(&aside, "shm")),
            (path.clone(), aside.clone()),
        ] {
            match crate::disk::rename(&from, &to) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(attempt.io(error)),
            }
        }
        Ok(aside)
    }

    /// Gives a file another name. The caller holds the lock and has closed the file.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), ProfileError> {
        let (old, new) = (self.profile(from), self.profile(to));
        let attempt = Attempt { what: "renamed", path: &old };
        if beside(&old, "wal").exists() {
            // The last to close a file removes its log: a program other than this one has it open.
            return Err(attempt.locked());
        }
        crate::disk::rename(&old, &new).map_err(|error| attempt.io(error))?;
        let (old, new) = (self.backups(from), self.backups(to));
        if old.is_dir() && !new.exists() {
            // Backups that stay under the old name are still there to be found.
            let _ = crate::disk::rename(&old, &new);
        }
        Ok(())
    }

    /// Whether a path lies in this folder.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        match (parent.canonicalize(), self.root.canonicalize()) {
            (Ok(parent), Ok(root)) => parent.starts_with(root),
            _ => false,
        }
    }

    /// The file of a name, and its name as a file.
    pub(super) fn find(&self, name: &str) -> Result<(String, PathBuf), ProfileError> {
        let stem = stem_of(name).map_err(|reason| ProfileError::Name {
            name: name.chars().take(MOST_NAME_CHARS).collect(),
            reason,
        })?;
        let path = self.profile(&stem);
        Ok((stem, path))
    }
}

/// What SQLite keeps beside a file: `wal` or `shm`.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(what);
    PathBuf::from(name)
}
