//! What is remembered per machine: window, export folder, recent kits, corrected roles. One small JSON file.
//!
//! Worker thread. Several instances and processes share the file: it is changed in turns, each change reads
//! it anew and touches only what it changes. Written atomically; a damaged file is set aside and replaced, and
//! of one that is understood in part that part holds.

use crate::disk::{self, Turn, json};
use crate::kit::roles::RoleOverrides;
use crate::session::command::ExportSettings;
use crate::session::merge;
use crate::session::view::Settings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest settings file that is read: room for a corrected role of each of 50,000 sounds.
const MOST_BYTES: u64 = 4 << 20;
/// Kit folders that are remembered.
pub(crate) const MOST_RECENT: usize = 8;
/// How long the file may be held by somebody else: one that stopped in the middle of a change. Then it is
/// changed out of turn, which still leaves it whole, but may undo what others change at that moment: so it is
/// long, beside what many that write in turn on a busy disk take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Sizes of the window in per cent.
const ZOOM: (u16, u16) = (75, 200);
/// What is kept of a file that could not be read, or not all of it.
const ASIDE: &str = "settings.damaged.json";
/// Settings that a message names.
const MOST_NAMED: usize = 6;
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
    #[serde(with = "disk::path::list")]
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
    /// Parts of the file were not understood; the others hold.
    #[error("some settings can't be read ({parts}); a copy of the file is kept as {aside}")]
    Partly {
        /// Their names.
        parts: String,
        /// The copy.
        aside: PathBuf,
    },
}

/// The folder in which DeepDrummer keeps its own files: `DEEPDRUMMER_HOME` where it is set, else the
/// platform's folder for application data. `None` where the machine has no home.
///
/// Never a folder that depends on where a program was started: one that is named by a part of a path is
/// looked for in the person's home folder, and an empty name is none.
#[must_use]
pub fn home() -> Option<PathBuf> {
    let user = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let data = directories::ProjectDirs::from("org", "DeepDrummer", "DeepDrummer");
    let data = data.map(|dirs| dirs.data_dir().to_owned());
    home_of(std::env::var_os("DEEPDRUMMER_HOME").map(PathBuf::from), user, data)
}

fn home_of(named: Option<PathBuf>, user: Option<PathBuf>, data: Option<PathBuf>) -> Option<PathBuf> {
    let named = named.filter(|named| !named.as_os_str().is_empty());
    let whole = |path: &PathBuf| path.is_absolute();
    match named {
        Some(named) if named.is_absolute() => Some(named),
        Some(named) => {
            // As a shell would have it, had it not been quoted.
            let within = named.strip_prefix("~").unwrap_or(&named);
            user.map(|user| user.join(within)).filter(whole).or_else(|| data.filter(whole))
        }
        None => data.filter(whole),
    }
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
        Self::read_and_tell(home).map(|(machine, _)| machine)
    }

    /// As [`Machine::read`]; says too what of the file was not understood, of which `settings.damaged.json`
    /// is a copy.
    ///
    /// # Errors
    /// As for [`Machine::read`].
    pub fn read_and_tell(home: &Path) -> Result<(Self, Option<MachineError>), MachineError> {
        let file = match read(home) {
            // Looked at again in turn: somebody may just have mended it.
            Err(MachineError::Malformed(_)) => {
                let _turn = turn(home);
                read(home).map_err(|error| set_aside(home, error))
            }
            other => other,
        }?;
        let Some(ReadFile { machine, odd, .. }) = file else { return Ok((Self::default(), None)) };
        Ok((machine, tell_odd(home, &odd)))
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
            Ok(Some(file)) => file.machine.clone(),
            _ => self.clone(),
        };
        *self = known.clone();
        change(self);
        let json = |machine: &Self| serde_json::to_value(machine).map_err(|error| saved(home, error.into()));
        let (before, after) = (json(&known)?, json(self)?);
        let (mut value, problem) = match file {
            Ok(Some(file)) if before == after && file.value.is_object() => return Ok(()),
            Ok(Some(file)) => {
                // Before anything takes the place of what was not understood. It was told when it was read.
                tell_odd(home, &file.odd);
                (file.value, Ok(()))
            }
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

/// The file as it was found.
struct ReadFile {
    /// As this release understands it.
    machine: Machine,
    /// As it is.
    value: Value,
    /// What this release does not understand.
    odd: Vec<String>,
}

/// The file; `None` where there is none.
fn read(home: &Path) -> Result<Option<ReadFile>, MachineError> {
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
    let text = std::str::from_utf8(&text).map_err(|_| malformed())?;
    let value = json::value(text).filter(Value::is_object).ok_or_else(malformed)?;
    let mut odd = Vec::new();
    // From the text, not from the value: there a field that is named twice would be taken for one.
    let mut machine: Machine = match serde_json::from_str(text) {
        Ok(machine) => machine,
        Err(_) => mended(&value, &mut odd),
    };
    let settings = &mut machine.settings;
    settings.zoom_percent = settings.zoom_percent.clamp(ZOOM.0, ZOOM.1);
    settings.window = (settings.window.0.min(MOST_PIXELS), settings.window.1.min(MOST_PIXELS));
    let keys = &mut settings.rating_keys;
    for key in [&mut keys.like, &mut keys.dislike, &mut keys.skip, &mut keys.back] {
        *key = key.map(|key| key.min(127));
    }
    machine.recent_kits.truncate(MOST_RECENT);
    Ok(Some(ReadFile { machine, value, odd }))
}

/// What can be understood of a file that is not as this release writes it.
fn mended(value: &Value, odd: &mut Vec<String>) -> Machine {
    let part = |name: &str| value.get(name).unwrap_or(&Value::Null);
    let mut roles = RoleOverrides::default();
    if let Some(entries) = part("roles").as_object() {
        for (id, role) in entries {
            match (id.parse(), serde_json::from_value(role.clone())) {
                (Ok(id), Ok(role)) => roles.set(id, role),
                _ => odd.push(format!("roles.{id}")),
            }
        }
    } else if !part("roles").is_null() {
        odd.push("roles".to_owned());
    }
    let mut recent_kits = Vec::new();
    if let Some(kits) = part("recent_kits").as_array() {
        let texts = kits.iter().filter_map(Value::as_str);
        recent_kits = texts.map(disk::path::from_text).collect();
        if recent_kits.len() < kits.len() {
            odd.push("recent_kits".to_owned());
        }
    } else if !part("recent_kits").is_null() {
        odd.push("recent_kits".to_owned());
    }
    Machine {
        settings: by_fields(part("settings"), "settings", odd),
        export: by_fields(part("export"), "export", odd),
        recent_kits,
        roles,
    }
}

/// Settings of which each field is taken if it can be; numbers are brought nearer until they fit.
fn by_fields<T: DeserializeOwned + Default>(value: &Value, place: &str, odd: &mut Vec<String>) -> T {
    let Some(fields) = value.as_object() else {
        if !value.is_null() {
            odd.push(place.to_owned());
        }
        return T::default();
    };
    let mut taken = Map::new();
    let fits = |taken: &Map<String, Value>| T::deserialize(&Value::Object(taken.clone())).is_ok();
    for (name, value) in fields {
        let as_it_is = std::iter::once(value.clone());
        let near = [u32::MAX, u16::MAX.into(), u8::MAX.into()].map(|most| nearer(value, most));
        let found = as_it_is.chain(near).find(|value| {
            taken.insert(name.clone(), value.clone());
            fits(&taken)
        });
        if found.is_none() {
            taken.remove(name);
            if !value.is_null() {
                odd.push(format!("{place}.{name}"));
            }
        }
    }
    T::deserialize(&Value::Object(taken)).unwrap_or_default()
}

/// A value whose numbers are whole and between 0 and `most`.
fn nearer(value: &Value, most: u32) -> Value {
    match value {
        Value::Number(number) => {
            let most = f64::from(most);
            Value::from(number.as_f64().unwrap_or(0.0).clamp(0.0, most).round() as u64)
        }
        Value::Array(values) => values.iter().map(|value| nearer(value, most)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), nearer(value, most))).collect()
        }
        other => other.clone(),
    }
}

/// Keeps a copy of a file that was not understood in parts, and says of which.
fn tell_odd(home: &Path, odd: &[String]) -> Option<MachineError> {
    if odd.is_empty() {
        return None;
    }
    let aside = home.join(ASIDE);
    let mut parts: Vec<&str> = odd.iter().map(String::as_str).take(MOST_NAMED).collect();
    if odd.len() > MOST_NAMED {
        parts.push("and more");
    }
    match std::fs::copy(file(home), &aside) {
        Ok(_) => Some(MachineError::Partly { parts: parts.join(", "), aside }),
        Err(source) => Some(MachineError::Io { what: "read", path: file(home), source }),
    }
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
    let aside = home.join(ASIDE);
    match crate::disk::rename(&path, &aside) {
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
    fn of_settings_that_are_understood_in_part_that_part_holds_and_nothing_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let text = r#"{"settings": {"zoom_percent": 1e39, "window": [-5, 1e999], "embed_samples": true,
            "mute_after_drag": "often", "rating_keys": {"like": 300, "dislike": null}},
            "export": {"folder": "/a", "note_map": "of tomorrow"}, "recent_kits": ["/b", 7],
            "roles": {"0000000000000007": "tom", "0000000000000008": "gong"}}"#;
        std::fs::write(file(home.path()), text).unwrap();
        let (mut machine, told) = Machine::read_and_tell(home.path()).unwrap();
        let Some(MachineError::Partly { parts, aside }) = told else { panic!("{told:?}") };
        for part in ["settings.mute_after_drag", "export.note_map", "recent_kits", "roles.0000000000000008"] {
            assert!(parts.contains(part), "{parts}");
        }
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), text, "all of it is kept");
        assert_eq!((machine.settings.zoom_percent, machine.settings.window), (200, (0, MOST_PIXELS)));
        assert_eq!(machine.settings.rating_keys.like, Some(127));
        assert!(machine.settings.embed_samples && !machine.settings.mute_after_drag);
        assert_eq!(machine.export.folder.as_deref(), Some(Path::new("/a")));
        assert_eq!(machine.recent_kits, [Path::new("/b")]);
        assert_eq!(machine.roles.get(SampleId(7)), Some(Role::Tom));
        machine.update(home.path(), |machine| machine.settings.zoom_percent = 125).unwrap();
        let value: Value = json::value(&std::fs::read_to_string(file(home.path())).unwrap()).unwrap();
        assert_eq!(
            (&value["settings"]["zoom_percent"], &value["settings"]["mute_after_drag"]),
            (&125.into(), &"often".into())
        );
        assert_eq!(value["roles"]["0000000000000008"], "gong", "what is not understood stays");
    }

    #[cfg(unix)]
    #[test]
    fn folders_whose_names_are_no_text_are_remembered() {
        use std::os::unix::ffi::OsStringExt as _;
        let home = tempfile::tempdir().unwrap();
        let odd = PathBuf::from(std::ffi::OsString::from_vec(b"/kits/tr\xe4ume".to_vec()));
        let mut machine = Machine::default();
        machine.update(home.path(), |machine| machine.remember_kit(&odd)).unwrap();
        machine.update(home.path(), |machine| machine.export.folder = Some(odd.clone())).unwrap();
        let all = Machine::read(home.path()).unwrap();
        assert_eq!((all.recent_kits, all.export.folder), (vec![odd.clone()], Some(odd)));
    }

    #[test]
    fn no_home_depends_on_the_folder_that_a_program_was_started_in() {
        let path = |text: &str| Some(std::path::absolute("/").unwrap().join(text));
        let (user, data) = (path("home/ann"), path("home/ann/data"));
        let home = |named: &str| home_of(Some(named.into()), user.clone(), data.clone());
        assert_eq!(home_of(None, user.clone(), data.clone()), data);
        assert_eq!(home(""), data, "set but empty is not set");
        assert_eq!(home("drums"), path("home/ann/drums"));
        assert_eq!(home("~/drums"), path("home/ann/drums"));
        assert_eq!(home("."), Some(user.clone().unwrap().join(".")));
        let whole = path("drums").unwrap();
        assert_eq!(home(whole.to_str().unwrap()), Some(whole));
        for none in [None, Some(PathBuf::from("here"))] {
            assert_eq!(home_of(Some("drums".into()), none.clone(), None), None);
            assert_eq!(home_of(None, user.clone(), none), None);
        }
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
