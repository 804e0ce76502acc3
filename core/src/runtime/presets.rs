//! The person's own presets and favourites: small files that all instances of a machine share.
//!
//! ```text
//! <home>/presets/Late night.toml          one file each, its name is the preset's
//! <home>/presets/removed/Late night.toml  laid aside: the last of each name
//! <home>/presets/favourites.json          which presets are favourites, factory's and own
//! <home>/presets/lock
//! ```
//!
//! Worker thread, or a tool; every call may wait for the disk, and up to [`PATIENCE`] for another program.
//! Changes take turns and replace files as a whole. What can't be read is named and left alone.

use crate::disk::{self, BadName, Turn};
use crate::session::PresetChange;
use crate::session::preset::{Library, Listed, MOST_BYTES, Preset, PresetError, PresetId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a change waits for another program.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// The person's own presets that are listed and kept.
pub(crate) const MOST_PRESETS: usize = 1_000;
/// Favourites that are remembered.
pub(crate) const MOST_FAVOURITES: usize = 2_000;
/// Files that can't be read and are named; the rest is left out.
const MOST_PROBLEMS: usize = 20;
/// The largest file of favourites that is read, in bytes.
const MOST_FAVOURITES_BYTES: usize = 1 << 20;
const ENDING: &str = "toml";
const FAVOURITES: &str = "favourites.json";
const FAVOURITES_FORMAT: &str = "deepdrummer-favourites";
const FAVOURITES_VERSION: u32 = 1;

/// Why a change of presets was not made. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The disk or the file system said no.
    #[error("the preset could not be {attempt} ({}): {source}", path.display())]
    Io {
        /// "saved", "renamed" and so on.
        attempt: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another program held the folder for longer than [`PATIENCE`].
    #[error("the preset could not be {attempt}: another program is using the presets")]
    Locked {
        /// "saved", "renamed" and so on.
        attempt: &'static str,
    },
    /// There is one of that name; nothing is overwritten.
    #[error("there is a preset called “{0}” already")]
    Exists(String),
    /// It is not there, or not any more.
    #[error("there is no preset of your own called “{0}”")]
    Missing(String),
    /// No preset can be called so.
    #[error("a preset can't be called “{name}”: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: BadName,
    },
    /// It can't be written as a preset.
    #[error("the preset can't be saved: {0}")]
    Preset(#[from] PresetError),
    /// There are too many.
    #[error("there are {0} already, which is the most")]
    LimitReached(String),
    /// The favourites can't be read; they are left as they are.
    #[error("the favourites can't be read ({0}); the file is left as it is")]
    Favourites(String),
    /// This machine has no folder for them.
    #[error("this machine has no folder for presets")]
    NoHome,
}

/// What a person can do about it.
#[must_use]
pub fn next_step(error: &ShelfError) -> &'static str {
    match error {
        ShelfError::Exists(_) | ShelfError::Name { .. } => "Choose another name.",
        ShelfError::Locked { .. } => "Try again.",
        ShelfError::LimitReached(_) => "Remove some that you do not need.",
        ShelfError::NoHome | ShelfError::Io { .. } => "The project itself is kept by the host.",
        ShelfError::Missing(_) | ShelfError::Preset(_) | ShelfError::Favourites(_) => "",
    }
}

/// The presets of one machine. Holds no file open between calls.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// `None`: this machine has no place for them, only the factory's are there.
    root: Option<PathBuf>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Favourites {
    format: String,
    version: u32,
    factory: BTreeSet<String>,
    own: BTreeSet<String>,
}

impl Favourites {
    fn shelf(&mut self, own: bool) -> &mut BTreeSet<String> {
        if own { &mut self.own } else { &mut self.factory }
    }
}

impl Shelf {
    /// The shelf of a home; see [`crate::runtime::settings::home`].
    #[must_use]
    pub fn of(home: Option<&Path>) -> Self {
        Self { root: home.map(|home| home.join("presets")) }
    }

    /// All presets: the factory's, then the person's own. What can't be read is among the problems.
    #[must_use]
    pub fn read(&self) -> Library {
        let mut library = Library::clone(&Library::factory());
        let Some(root) = &self.root else { return library };
        let mut problems = Vec::new();
        match own_files(root) {
            Ok(mut names) => {
                if names.len() > MOST_PRESETS {
                    problems.push(format!("{} presets; only {MOST_PRESETS} are listed", names.len()));
                    names.truncate(MOST_PRESETS);
                }
                for (name, path) in names {
                    match read_file(&name, &path) {
                        Ok(preset) => library.all.push(Listed { preset, own: true, favourite: false }),
                        // Removed by another instance just now.
                        Err(ShelfError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
                        Err(ShelfError::Preset(reason)) => problems.push(problem(&path, &reason)),
                        Err(ShelfError::Io { source, .. }) => problems.push(problem(&path, &source)),
                        Err(other) => problems.push(problem(&path, &other)),
                    }
                }
            }
            Err(error) => problems.push(problem(root, &error)),
        }
        problems.extend(odd_names(root));
        match favourites(root) {
            Ok(favourites) => {
                for listed in &mut library.all {
                    let shelf = if listed.own { &favourites.own } else { &favourites.factory };
                    listed.favourite = shelf.contains(&listed.preset.name);
                }
            }
            Err(error) => problems.push(format!("{FAVOURITES}: {error}")),
        }
        if problems.len() > MOST_PROBLEMS {
            let more = problems.len() - MOST_PROBLEMS;
            problems.truncate(MOST_PROBLEMS);
            problems.push(format!("and {more} more"));
        }
        library.problems = problems;
        library
    }

    /// Carries a change out.
    ///
    /// # Errors
    /// Why it could not be made; nothing was changed then.
    pub fn change(&self, change: &PresetChange) -> Result<(), ShelfError> {
        match change {
            PresetChange::Read => Ok(()),
            PresetChange::Save { preset, replace } => self.save(preset, *replace),
            PresetChange::Rename { from, to } => self.rename(from, to),
            PresetChange::Remove(name) => self.remove(name),
            PresetChange::Restore(name) => self.restore(name),
            PresetChange::Favourite(id, on) => self.set_favourite(id, *on),
        }
    }

    fn turn(&self, attempt: &'static str) -> Result<(&Path, Turn), ShelfError> {
        let root = self.root.as_deref().ok_or(ShelfError::NoHome)?;
        let turn = disk::take_turn(root, PATIENCE).map_err(|source| ShelfError::Io {
            attempt,
            path: root.to_owned(),
            source,
        })?;
        Ok((root, turn.ok_or(ShelfError::Locked { attempt })?))
    }

    fn save(&self, preset: &Preset, replace: bool) -> Result<(), ShelfError> {
        let stem = stem(&preset.name)?;
        let text = preset.write()?;
        let (root, _turn) = self.turn("saved")?;
        let path = file(root, &stem);
        let io = |source| ShelfError::Io { attempt: "saved", path: path.clone(), source };
        if path.exists() {
            if !replace {
                return Err(ShelfError::Exists(preset.name.clone()));
            }
            lay_aside(root, &stem).map_err(io)?;
        } else if own_files(root).map_err(io)?.len() >= MOST_PRESETS {
            return Err(ShelfError::LimitReached(format!("{MOST_PRESETS} presets")));
        }
        disk::write_whole(&path, text.as_bytes()).map_err(io)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), ShelfError> {
        let (old, new) = (stem(from)?, stem(to)?);
        if old == new {
            return Ok(());
        }
        let (root, _turn) = self.turn("renamed")?;
        let (old, new) = (file(root, &old), file(root, &new));
        // A file system that takes “a” for “A” shows the file itself under its new name.
        let same = || matches!((old.canonicalize(), new.canonicalize()), (Ok(a), Ok(b)) if a == b);
        if new.exists() && !same() {
            return Err(ShelfError::Exists(to.to_owned()));
        }
        match crate::disk::rename(&old, &new) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(ShelfError::Missing(from.to_owned()));
            }
            Err(source) => return Err(ShelfError::Io { attempt: "renamed", path: old, source }),
        }
        // A favourite stays one, or nothing is changed. Favourites that can't be read are left alone.
        if let Ok(mut favourites) = favourites(root)
            && favourites.own.remove(from)
        {
            favourites.own.insert(to.to_owned());
            if let Err(error) = write_favourites(root, &favourites) {
                crate::disk::rename(&new, &old).map_err(|source| ShelfError::Io {
                    attempt: "renamed",
                    path: new,
                    source,
                })?;
                return Err(error);
            }
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), ShelfError> {
        let stem = stem(name)?;
        let (root, _turn) = self.turn("removed")?;
        match lay_aside(root, &stem) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(ShelfError::Missing(name.to_owned())),
            Err(source) => Err(ShelfError::Io { attempt: "removed", path: file(root, &stem), source }),
        }
    }

    fn restore(&self, name: &str) -> Result<(), ShelfError> {
        let stem = stem(name)?;
        let (root, _turn) = self.turn("brought back")?;
        let (aside, path) = (file(&root.join("removed"), &stem), file(root, &stem));
        if path.exists() {
            return Err(ShelfError::Exists(name.to_owned()));
        }
        match crate::disk::rename(&aside, &path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(ShelfError::Missing(name.to_owned())),
            Err(source) => Err(ShelfError::Io { attempt: "brought back", path: aside, source }),
        }
    }

    fn set_favourite(&self, id: &PresetId, on: bool) -> Result<(), ShelfError> {
        let (root, _turn) = self.turn("marked")?;
        let mut favourites = favourites(root)?;
        let changed = if on {
            if favourites.own.len() + favourites.factory.len() >= MOST_FAVOURITES {
                // Those of presets that are gone make room.
                let own = own_files(root).map_err(|source| ShelfError::Io {
                    attempt: "marked",
                    path: root.to_owned(),
                    source,
                })?;
                favourites.own.retain(|name| own.iter().any(|(there, _)| there == name));
            }
            if favourites.own.len() + favourites.factory.len() >= MOST_FAVOURITES {
                return Err(ShelfError::LimitReached(format!("{MOST_FAVOURITES} favourites")));
            }
            favourites.shelf(id.own).insert(id.name.clone())
        } else {
            favourites.shelf(id.own).remove(&id.name)
        };
        if changed { write_favourites(root, &favourites) } else { Ok(()) }
    }
}

pub(super) fn problem(path: &Path, reason: &dyn std::fmt::Display) -> String {
    let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    format!("{name}: {reason}")
}

fn stem(name: &str) -> Result<String, ShelfError> {
    disk::stem_of(name).map_err(|reason| ShelfError::Name {
        name: name.chars().take(disk::MOST_NAME_CHARS).collect(),
        reason,
    })
}

pub(super) fn file(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("{stem}.{ENDING}"))
}

/// Moves a preset out of the way; the one of its name that lay there before goes.
pub(super) fn lay_aside(root: &Path, stem: &str) -> std::io::Result<()> {
    let aside = root.join("removed");
    std::fs::create_dir_all(&aside)?;
    crate::disk::rename(&file(root, stem), &file(&aside, stem))
}

/// Names and files of the person's own presets, by name.
pub(super) fn own_files(root: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|ending| ending == ENDING)
            && path.is_file()
            && let Some(name) = stem.and_then(disk::name_of)
        {
            found.push((name, path));
        }
    }
    found.sort_by_cached_key(|(name, _)| (name.to_lowercase(), name.clone()));
    Ok(found)
}

/// Files that lie among the person's own presets under names that no preset has.
fn odd_names(root: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_preset =
        |path: &PathBuf| path.extension().is_some_and(|ending| ending == ENDING) && path.is_file();
    let named =
        |path: &PathBuf| path.file_stem().and_then(|stem| stem.to_str()).and_then(disk::name_of).is_some();
    let mut odd: Vec<PathBuf> = entries.filter(|path| is_preset(path) && !named(path)).collect();
    odd.sort();
    odd.iter().map(|path| problem(path, &"no preset is called so")).collect()
}

/// A file's text, if it is not larger than allowed.
pub(super) fn read_text(path: &Path, most: usize) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Ok(None);
    }
    String::from_utf8(bytes).map(Some).map_err(|_| ErrorKind::InvalidData.into())
}

fn read_file(name: &str, path: &Path) -> Result<Preset, ShelfError> {
    match read_text(path, MOST_BYTES) {
        Ok(Some(text)) => Ok(Preset::read(name, &text)?),
        Ok(None) => Err(PresetError::LimitReached(format!("it has more than {MOST_BYTES} bytes")).into()),
        Err(source) if source.kind() == ErrorKind::InvalidData => {
            Err(PresetError::Malformed("it is no text".to_owned()).into())
        }
        Err(source) => Err(ShelfError::Io { attempt: "read", path: path.to_owned(), source }),
    }
}

fn favourites(root: &Path) -> Result<Favourites, ShelfError> {
    let cannot = |reason: &dyn std::fmt::Display| Err(ShelfError::Favourites(reason.to_string()));
    let none = || Favourites {
        format: FAVOURITES_FORMAT.to_owned(),
        version: FAVOURITES_VERSION,
        ..Favourites::default()
    };
    let text = match read_text(&root.join(FAVOURITES), MOST_FAVOURITES_BYTES) {
        Ok(Some(text)) => text,
        Ok(None) => return cannot(&format!("more than {MOST_FAVOURITES_BYTES} bytes")),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(none()),
        Err(error) => return cannot(&error),
    };
    match serde_json::from_str::<Favourites>(&text) {
        Ok(read) if read.format != FAVOURITES_FORMAT => cannot(&"it is another file"),
        Ok(read) if read.version > FAVOURITES_VERSION => cannot(&"a newer DeepDrummer wrote it"),
        Ok(read) => Ok(read),
        Err(error) => cannot(&error),
    }
}

fn write_favourites(root: &Path, favourites: &Favourites) -> Result<(), ShelfError> {
    let path = root.join(FAVOURITES);
    let io = |source| ShelfError::Io { attempt: "marked", path: path.clone(), source };
    let text = serde_json::to_vec_pretty(favourites).map_err(|error| io(error.into()))?;
    disk::write_whole(&path, &text).map_err(io)
}

#[cfg(test)]
mod tests;
