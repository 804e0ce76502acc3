//! What is remembered per machine: window, export folder, recent kits, corrected roles. One small JSON file.
//!
//! Worker thread. Several instances and processes share the file: it is changed in turns, each change reads
//! it anew and touches only what it changes. Written atomically; a damaged file is set aside and replaced.

use crate::disk::{self, Turn};
use crate::kit::roles::RoleOverrides;
use crate::session::command::ExportSettings;
use crate::session::merge;
use crate::session::view::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest settings file that is read: room for a corrected role of each of 50,000 sounds.
const MOST_BYTES: u64 = 4 << 20;
/// Kit folders that are remembered.
pub const MOST_RECENT: usize = 8;
/// How long the file may be held by somebody else: one that stopped in the middle of a change. Then it is
/// changed out of turn, which still leaves it whole.
const PATIENCE: Duration = Duration::from_millis(500);
/// Sizes of the window in per cent.
const ZOOM: (u16, u16) = (75, 200);
/// The widest and highest window that is asked for, in logical pixels.
const MOST_PIXELS: u32 = 16_384;

/// The file's content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Window and behaviour.
    pub settings: Settings,
    /// Exports.
    pub export: ExportSettings,
    /// Kit folders, newest first.
    pub recent_kits: Vec<PathBuf>,
    /// What the person said of sounds whose role was taken for another one.
    pub roles: RoleOverrides,
}

/// Why settings were not read or written.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// The disk said no.
    #[error("settings could not be {what} at {path}: {source}")]
    Io {
        /// "read" or "saved".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file was damaged; it was set aside.
    #[error("settings were damaged; the old file is kept as {0}")]
    Malformed(PathBuf),
}

/// The folder in which DeepDrummer keeps its own files: `DEEPDRUMMER_HOME` where it is set, else the
/// platform's folder for application data. `None` where the machine has no home.
#[must_use]
pub fn home() -> Option<PathBuf> {
    if let Some(home) = std::env::var_os("DEEPDRUMMER_HOME") {
        return Some(PathBuf::from(home));
    }
    directories::ProjectDirs::from("org", "DeepDrummer", "DeepDrummer").map(|dirs| dirs.data_dir().to_owned())
}

fn file(home: &Path) -> PathBuf {
    home.join("settings.json")
}

impl Machine {
    /// Reads the file; defaults where there is none.
    ///
    /// # Errors
    /// The file can't be read, or is damaged and was renamed to `settings.damaged.json`.
    pub fn read(home: &Path) -> Result<Self, MachineError> {
        match read(home) {
            // Looked at again in turn: somebody may just have mended it.
            Err(MachineError::Malformed(_)) => {
                let _turn = turn(home);
                read(home).map_err(|error| set_aside(home, error))
            }
            other => other,
        }
        .map(|file| file.map_or_else(Self::default, |(machine, _)| machine))
    }

    /// Writes the whole file, whatever is in it: a temporary one beside it, then a rename.
    ///
    /// # Errors
    /// The folder can't be made or written.
    pub fn write(&self, home: &Path) -> Result<(), MachineError> {
        let value = serde_json::to_value(self).map_err(|error| saved(home, error.into()))?;
        write(home, &value)
    }

    /// Changes the file in turn with other instances and processes: what `change` does is done to what is
    /// in the file now, and what it leaves alone stays, also what a newer release wrote. `self` is what the
    /// caller knew before and what is in the file afterwards; where the file can't be read or written it is
    /// what the caller knew, changed.
    ///
    /// # Errors
    /// The file can't be read or written; or it was damaged, was set aside, and is written anew from what
    /// the caller knew.
    pub fn update(&mut self, home: &Path, change: impl Fn(&mut Self)) -> Result<(), MachineError> {
        let turn = turn(home);
        let file = read(home);
        let known = match &file {
            Ok(Some((machine, _))) => machine.clone(),
            _ => self.clone(),
        };
        *self = known.clone();
        change(self);
        let json = |machine: &Self| serde_json::to_value(machine).map_err(|error| saved(home, error.into()));
        let (before, after) = (json(&known)?, json(self)?);
        let (mut value, problem) = match file {
            Ok(Some((_, value))) if before == after && value.is_object() => return Ok(()),
            Ok(Some((_, value))) => (value, Ok(())),
            Ok(None) => (before.clone(), Ok(())),
            Err(error @ MachineError::Malformed(_)) => (before.clone(), Err(set_aside(home, error))),
            Err(error) => return Err(error),
        };
        merge::merge(&before, &after, &mut value);
        write(home, &value)?;
        drop(turn);
        problem
    }

    /// Puts a folder first among the recent ones.
    pub fn remember_kit(&mut self, folder: &Path) {
        self.recent_kits.retain(|known| known != folder);
        self.recent_kits.insert(0, folder.to_owned());
        self.recent_kits.truncate(MOST_RECENT);
    }
}

/// The file as this release understands it, and as it is; `None` where there is none.
fn read(home: &Path) -> Result<Option<(Machine, Value)>, MachineError> {
    let path = file(home);
    let io = |source| MachineError::Io { what: "read", path: path.clone(), source };
    let file = match std::fs::File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(file) => file,
    };
    let mut text = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(io)?;
    let malformed = || MachineError::Malformed(path.clone());
    if text.len() as u64 > MOST_BYTES {
        return Err(malformed());
    }
    let value: Value = serde_json::from_slice(&text).map_err(|_| malformed())?;
    // From the text, not from the value: there a field that is named twice would be taken for one.
    let mut machine: Machine = serde_json::from_slice(&text).map_err(|_| malformed())?;
    let settings = &mut machine.settings;
    settings.zoom_percent = settings.zoom_percent.clamp(ZOOM.0, ZOOM.1);
    settings.window = (settings.window.0.min(MOST_PIXELS), settings.window.1.min(MOST_PIXELS));
    machine.recent_kits.truncate(MOST_RECENT);
    Ok(Some((machine, value)))
}

fn write(home: &Path, value: &Value) -> Result<(), MachineError> {
    let text = serde_json::to_vec_pretty(value).map_err(|error| saved(home, error.into()))?;
    disk::write_whole(&file(home), &text).map_err(|error| saved(home, error))
}

fn saved(home: &Path, source: std::io::Error) -> MachineError {
    MachineError::Io { what: "saved", path: file(home), source }
}

/// Waits for a turn. Without one (a folder that can't be written, a lock that somebody holds for too long)
/// what follows says what is wrong, or goes well all the same.
fn turn(home: &Path) -> Option<Turn> {
    disk::take_turn(home, PATIENCE).ok().flatten()
}

fn set_aside(home: &Path, error: MachineError) -> MachineError {
    let MachineError::Malformed(path) = error else { return error };
    let aside = home.join("settings.damaged.json");
    match std::fs::rename(&path, &aside) {
        Ok(()) => MachineError::Malformed(aside),
        Err(source) => MachineError::Io { what: "read", path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Role, SampleId};

    #[test]
    fn settings_come_back_and_a_damaged_file_is_set_aside() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(Machine::read(home.path()).unwrap(), Machine::default());
        let mut machine = Machine::default();
        machine.settings.zoom_percent = 150;
        machine.remember_kit(Path::new("a"));
        machine.remember_kit(Path::new("b"));
        machine.remember_kit(Path::new("a"));
        machine.write(home.path()).unwrap();
        assert_eq!(Machine::read(home.path()).unwrap(), machine);
        assert_eq!(machine.recent_kits.len(), 2);
        std::fs::write(file(home.path()), b"{\"settings\":").unwrap();
        assert!(matches!(Machine::read(home.path()), Err(MachineError::Malformed(aside)) if aside.exists()));
        assert_eq!(Machine::read(home.path()).unwrap(), Machine::default());
    }

    #[test]
    fn a_change_touches_nothing_else_in_the_file() {
        let home = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (Machine::default(), Machine::default());
        one.update(home.path(), |machine| machine.settings.zoom_percent = 150).unwrap();
        other.update(home.path(), |machine| machine.settings.embed_samples = true).unwrap();
        one.update(home.path(), |machine| machine.roles.set(SampleId(3), Role::Tom)).unwrap();
        other.update(home.path(), |machine| machine.remember_kit(Path::new("a"))).unwrap();
        one.update(home.path(), |machine| machine.remember_kit(Path::new("b"))).unwrap();
        let all = Machine::read(home.path()).unwrap();
        assert_eq!(one, all, "it knows what the other one changed");
        assert_eq!((all.settings.zoom_percent, all.settings.embed_samples), (150, true));
        assert_eq!(all.roles.get(SampleId(3)), Some(Role::Tom));
        assert_eq!(all.recent_kits, [Path::new("b"), Path::new("a")]);
    }

    #[test]
    fn what_a_newer_release_wrote_stays() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(file(home.path()), r#"{"new": [1], "settings": {"newer": true}}"#).unwrap();
        Machine::default().update(home.path(), |machine| machine.settings.zoom_percent = 125).unwrap();
        let value: Value = serde_json::from_slice(&std::fs::read(file(home.path())).unwrap()).unwrap();
        assert_eq!(value["new"], serde_json::json!([1]));
        assert_eq!(value["settings"]["newer"], true);
        assert_eq!(value["settings"]["zoom_percent"], 125);
    }

    #[test]
    fn a_file_that_was_damaged_meanwhile_is_kept_and_written_anew_from_what_is_known() {
        let home = tempfile::tempdir().unwrap();
        let mut machine = Machine::default();
        machine.update(home.path(), |machine| machine.settings.zoom_percent = 150).unwrap();
        std::fs::write(file(home.path()), b"{").unwrap();
        let outcome = machine.update(home.path(), |machine| machine.settings.embed_samples = true);
        assert!(
            matches!(outcome, Err(MachineError::Malformed(aside)) if std::fs::read(&aside).unwrap() == b"{")
        );
        let all = Machine::read(home.path()).unwrap();
        assert_eq!((all.settings.zoom_percent, all.settings.embed_samples), (150, true));
    }

    #[test]
    fn who_holds_the_file_for_too_long_is_not_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let held = turn(home.path());
        assert!(held.is_some());
        let mut machine = Machine::default();
        machine.update(home.path(), |machine| machine.settings.zoom_percent = 150).unwrap();
        assert_eq!(Machine::read(home.path()).unwrap().settings.zoom_percent, 150);
    }

    #[test]
    fn values_beyond_their_range_are_brought_into_it() {
        let home = tempfile::tempdir().unwrap();
        let text = r#"{"settings": {"zoom_percent": 65535, "window": [4294967295, 5]}}"#;
        std::fs::write(file(home.path()), text).unwrap();
        let settings = Machine::read(home.path()).unwrap().settings;
        assert_eq!((settings.zoom_percent, settings.window), (200, (MOST_PIXELS, 5)));
    }
}
