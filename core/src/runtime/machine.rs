//! What is remembered per machine: window, export folder, recent kits, corrected roles. One small JSON file.
//!
//! Worker thread. Written atomically; a damaged file is set aside and replaced by defaults.

use crate::disk;
use crate::kit::roles::RoleOverrides;
use crate::session::command::ExportSettings;
use crate::session::view::Settings;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The largest settings file that is read: room for a corrected role of each of 50,000 sounds.
const MOST_BYTES: u64 = 4 << 20;
/// Kit folders that are remembered.
pub const MOST_RECENT: usize = 8;

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
        let path = file(home);
        let io = |source| MachineError::Io { what: "read", path: path.clone(), source };
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(io(error)),
            Ok(meta) if meta.len() > MOST_BYTES => return Err(set_aside(&path)),
            Ok(_) => {}
        }
        let text = std::fs::read(&path).map_err(io)?;
        serde_json::from_slice(&text).map_err(|_| set_aside(&path))
    }

    /// Writes the file: a temporary one beside it, then a rename.
    ///
    /// # Errors
    /// The folder can't be made or written.
    pub fn write(&self, home: &Path) -> Result<(), MachineError> {
        let path = file(home);
        let io = |source| MachineError::Io { what: "saved", path: path.clone(), source };
        let text = serde_json::to_vec_pretty(self).map_err(|error| io(error.into()))?;
        disk::write_whole(&path, &text).map_err(io)
    }

    /// Puts a folder first among the recent ones.
    pub fn remember_kit(&mut self, folder: &Path) {
        self.recent_kits.retain(|known| known != folder);
        self.recent_kits.insert(0, folder.to_owned());
        self.recent_kits.truncate(MOST_RECENT);
    }
}

fn set_aside(path: &Path) -> MachineError {
    let aside = path.with_file_name("settings.damaged.json");
    match std::fs::rename(path, &aside) {
        Ok(()) => MachineError::Malformed(aside),
        Err(source) => MachineError::Io { what: "read", path: path.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
