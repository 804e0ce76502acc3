//! Which MIDI key each lane has: maps of drum machines, and the person's own as small files.
//!
//! Any thread: plain data and its text. Where the keys come from stands with each map; `docs/formats.md` says
//! it for people.

use crate::engine::{Keys, drum_keys};
use crate::pattern::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What every file with a map says it is.
const FORMAT: &str = "deepdrummer-drum-map";
/// The version that this release writes.
const VERSION: i64 = 1;
/// The largest file of a map that is read, in bytes.
pub const MOST_MAP_BYTES: usize = 16 << 10;

/// Which MIDI key each lane has: what lanes send, what plays them, and what MIDI files hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteMap {
    /// General MIDI percussion keys by role.
    #[default]
    GeneralMidi,
    /// Lane 1 is C1 (36), lane 2 C#1 and so on, whatever their roles: samplers that lay sounds out
    /// chromatically (Battery, Kontakt).
    ChromaticC1,
    /// The sixteen pads that Ableton's Drum Rack shows at first, C1 (36) to D#2 (51), by role as Live suggests
    /// for a pad (General MIDI).
    DrumRack,
    /// Superior Drummer and EZdrummer: General MIDI, where the kit has a piece for it.
    Toontrack,
    /// Addictive Drums: its own keys.
    AddictiveDrums,
    /// The person's own.
    Own(RoleKeys),
}

impl NoteMap {
    /// Those that ship.
    pub const SHIPPED: [Self; 5] =
        [Self::GeneralMidi, Self::ChromaticC1, Self::DrumRack, Self::Toontrack, Self::AddictiveDrums];

    /// The name that a person reads.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::GeneralMidi => "General MIDI",
            Self::ChromaticC1 => "Battery, Kontakt (chromatic from C1)",
            Self::DrumRack => "Ableton Drum Rack",
            Self::Toontrack => "Superior Drummer, EZdrummer",
            Self::AddictiveDrums => "Addictive Drums",
            Self::Own(_) => "Own map",
        }
    }

    /// The keys of a role, the one that its first lane sends first; `None` where keys go by lane.
    #[must_use]
    pub fn role_keys(&self, role: Role) -> Option<&[u8]> {
        match self {
            Self::GeneralMidi => Some(drum_keys(role)),
            Self::ChromaticC1 => None,
            Self::DrumRack => Some(pads(role)),
            Self::Toontrack => Some(toontrack(role)),
            Self::AddictiveDrums => Some(addictive(role)),
            Self::Own(keys) => Some(keys.of(role)),
        }
    }

    /// The keys of lanes with these roles: the same for files, for notes in and for notes out.
    #[must_use]
    pub fn keys(&self, roles: &[Role]) -> Keys {
        match self {
            Self::ChromaticC1 => Keys::chromatic(36),
            map => Keys::by_role(roles, |role| map.role_keys(role).unwrap_or_else(|| drum_keys(role))),
        }
    }

    /// What hosts write beside their piano roll's keys, from low to high: each key once.
    #[must_use]
    pub fn named(&self, roles: &[Role]) -> Vec<(u8, Role)> {
        let mut named = BTreeMap::new();
        if *self == Self::ChromaticC1 {
            let keys = self.keys(roles).key_of_lane;
            named.extend(keys.into_iter().zip(roles.iter().copied()));
        } else {
            for role in Role::ALL {
                for key in self.role_keys(role).unwrap_or_default() {
                    named.entry(*key).or_insert(role);
                }
            }
        }
        named.into_iter().collect()
    }

    /// As the person's own map, to go on from; of keys that go by lane, General MIDI's.
    #[must_use]
    pub fn as_own(&self) -> RoleKeys {
        let mut own = RoleKeys::default();
        for role in Role::ALL {
            own.set(role, self.role_keys(role).unwrap_or_else(|| drum_keys(role)));
        }
        own
    }
}

/// General MIDI within C1 to D#2, as an empty pad of a Drum Rack names its instrument (Ableton Live reference
/// manual, "Pad View": 128 pads of one note each, shown in groups of sixteen). What lies higher takes a
/// pad of those that General MIDI leaves to kinds of what there is.
fn pads(role: Role) -> &'static [u8] {
    match role {
        Role::Kick => &[36],
        Role::Snare => &[38, 40],
        Role::Clap => &[39],
        Role::ClosedHat => &[42, 44],
        Role::OpenHat => &[46],
        Role::Tom => &[45, 41, 43, 47, 48, 50],
        Role::Percussion => &[37],
        Role::Cymbal => &[49],
        Role::Fx => &[51],
    }
}

/// Toontrack's "GM Extended" (EZdrummer operation manual, "Key Mapping"; Superior Drummer 3's default is the same
/// in these): General MIDI's kick, snare, hats, toms and cymbals. A kit has no claps, percussion and effects:
/// they fall on the snare's side stick, the ride's bell and the splash.
fn toontrack(role: Role) -> &'static [u8] {
    match role {
        Role::Kick => &[36, 35],
        Role::Snare => &[38, 40],
        Role::Clap => &[37],
        Role::ClosedHat => &[42],
        Role::OpenHat => &[46],
        Role::Tom => &[45, 41, 43, 47, 48, 50],
        Role::Percussion => &[53],
        Role::Cymbal => &[51, 49, 57, 52],
        Role::Fx => &[55],
    }
}

/// Addictive Drums' own keys, the same in version 2 (its manual's page of stroke types; public maps of trigger
/// modules and converters agree): kick 36, snare 38, hats 49 (closed) and 54 (open A), toms 71 to 65 from high to
/// low, ride 60, cymbals 77, 79, 81. Claps, percussion and effects fall on the rimshot, the ride's bell and the
/// third cymbal.
fn addictive(role: Role) -> &'static [u8] {
    match role {
        Role::Kick => &[36],
        Role::Snare => &[38],
        Role::Clap => &[37],
        Role::ClosedHat => &[49, 51],
        Role::OpenHat => &[54],
        Role::Tom => &[67, 65, 69, 71],
        Role::Percussion => &[61],
        Role::Cymbal => &[60, 77, 79],
        Role::Fx => &[81],
    }
}

/// The most keys of a role.
const MOST_KEYS: usize = 6;

/// The keys of every role: 1 to 6 each, 0 to 127, none twice in one role. The n-th lane of a role sends
/// its n-th key, and lanes beyond them the first; all of them play it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Vec<i64>>", into = "BTreeMap<&'static str, Vec<u8>>")]
pub struct RoleKeys([[u8; MOST_KEYS]; Role::ALL.len()]);

/// No key.
const NONE: u8 = u8::MAX;

/// General MIDI's.
impl Default for RoleKeys {
    fn default() -> Self {
        let mut keys = Self([[NONE; MOST_KEYS]; Role::ALL.len()]);
        Role::ALL.into_iter().for_each(|role| keys.set(role, drum_keys(role)));
        keys
    }
}

impl RoleKeys {
    /// The keys of a role.
    #[must_use]
    pub fn of(&self, role: Role) -> &[u8] {
        let keys = &self.0[role.index()];
        &keys[..keys.iter().position(|key| *key == NONE).unwrap_or(MOST_KEYS)]
    }

    /// Gives a role keys: the first of them that are keys, at most six. Without any it keeps its own.
    pub fn set(&mut self, role: Role, keys: &[u8]) {
        let mut to = [NONE; MOST_KEYS];
        let mut count = 0;
        for &key in keys.iter().filter(|key| **key <= 127) {
            if count < MOST_KEYS && !to[..count].contains(&key) {
                to[count] = key;
                count += 1;
            }
        }
        if count > 0 {
            self.0[role.index()] = to;
        }
    }

    /// The same with another main key of a role.
    #[must_use]
    pub fn with_main(mut self, role: Role, key: u8) -> Self {
        let mut keys = vec![key.min(127)];
        keys.extend(self.of(role).iter().skip(1));
        self.set(role, &keys);
        self
    }
}

/// Why a map can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// It is no map, or its text is damaged.
    #[error("it is damaged or is no drum map: {0}")]
    Malformed(String),
    /// A newer release wrote it.
    #[error("a newer DeepDrummer wrote it (version {0}; this one reads up to {VERSION})")]
    Newer(i64),
    /// It is larger than allowed.
    #[error("it has {0} bytes of at most {MOST_MAP_BYTES}")]
    TooLarge(usize),
    /// There is no such role.
    #[error("there is no role “{0}”")]
    NoSuchRole(String),
    /// A role has no key, or too many.
    #[error("{role} has {count} keys; a role has 1 to {MOST_KEYS}")]
    Count {
        /// The role's key.
        role: &'static str,
        /// How many.
        count: usize,
    },
    /// That is no MIDI key.
    #[error("{role} has the key {key}; MIDI keys are 0 to 127")]
    Key {
        /// The role's key.
        role: &'static str,
        /// What is there.
        key: i64,
    },
    /// A role has a key twice.
    #[error("{role} has the key {key} twice")]
    Twice {
        /// The role's key.
        role: &'static str,
        /// The key.
        key: u8,
    },
}

impl TryFrom<BTreeMap<String, Vec<i64>>> for RoleKeys {
    type Error = MapError;

    /// A role that is not named has General MIDI's.
    fn try_from(named: BTreeMap<String, Vec<i64>>) -> Result<Self, MapError> {
        let mut map = Self::default();
        for (name, keys) in named {
            let Some(of) = Role::ALL.into_iter().find(|role| role.key() == name) else {
                return Err(MapError::NoSuchRole(name.chars().take(40).collect()));
            };
            let role = of.key();
            if keys.is_empty() || keys.len() > MOST_KEYS {
                return Err(MapError::Count { role, count: keys.len() });
            }
            let mut taken = Vec::with_capacity(keys.len());
            for key in keys {
                let is_key = u8::try_from(key).ok().filter(|key| *key <= 127);
                let key = is_key.ok_or(MapError::Key { role, key })?;
                if taken.contains(&key) {
                    return Err(MapError::Twice { role, key });
                }
                taken.push(key);
            }
            map.set(of, &taken);
        }
        Ok(map)
    }
}

impl From<RoleKeys> for BTreeMap<&'static str, Vec<u8>> {
    fn from(map: RoleKeys) -> Self {
        Role::ALL.into_iter().map(|role| (role.key(), map.of(role).to_vec())).collect()
    }
}

/// A map as its file has it.
#[derive(Serialize)]
struct Written {
    format: &'static str,
    version: i64,
    keys: RoleKeys,
}

impl RoleKeys {
    /// The text of a file.
    ///
    /// # Errors
    /// Never, in fact: such a map always has a text.
    pub fn write(&self) -> Result<String, MapError> {
        let written = Written { format: FORMAT, version: VERSION, keys: *self };
        toml::to_string(&written).map_err(|error| MapError::Malformed(error.to_string()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// See [`MapError`].
    pub fn read(text: &str) -> Result<Self, MapError> {
        if text.len() > MOST_MAP_BYTES {
            return Err(MapError::TooLarge(text.len()));
        }
        let malformed = |reason: &str| MapError::Malformed(reason.to_owned());
        let table: toml::Table = toml::from_str(text).map_err(|error| malformed(error.message()))?;
        if table.get("format").and_then(toml::Value::as_str) != Some(FORMAT) {
            return Err(malformed("it does not say that it is one"));
        }
        match table.get("version").and_then(toml::Value::as_integer) {
            Some(VERSION) => {}
            Some(version) if version > VERSION => return Err(MapError::Newer(version)),
            _ => return Err(malformed("it has no version")),
        }
        let odd = table.keys().find(|name| !["format", "version", "keys"].contains(&name.as_str()));
        if let Some(odd) = odd {
            return Err(MapError::Malformed(format!("nothing in a map is called “{odd}”")));
        }
        let keys = table.get("keys").cloned().ok_or_else(|| malformed("it has no keys"))?;
        let keys: BTreeMap<String, Vec<i64>> =
            keys.try_into().map_err(|error: toml::de::Error| malformed(error.message()))?;
        Self::try_from(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_keys_in_every_map_and_no_two_roles_share_one() {
        for map in NoteMap::SHIPPED.into_iter().filter(|map| *map != NoteMap::ChromaticC1) {
            let mut seen = BTreeMap::new();
            for role in Role::ALL {
                let keys = map.role_keys(role).unwrap();
                assert!(!keys.is_empty() && keys.iter().all(|key| *key <= 127), "{map:?} {role:?}");
                for key in keys {
                    assert_eq!(seen.insert(*key, role), None, "{map:?}: key {key}");
                }
            }
            assert_eq!(seen.get(&36), Some(&Role::Kick), "{map:?}: the kick is where all have it");
            assert_eq!(map.named(&[]).len(), seen.len());
        }
    }

    #[test]
    fn keys_go_by_role_or_by_lane() {
        let roles = [Role::Kick, Role::Snare, Role::ClosedHat, Role::OpenHat, Role::Tom, Role::Tom];
        let of = |map: NoteMap| map.keys(&roles).key_of_lane[..roles.len()].to_vec();
        assert_eq!(of(NoteMap::GeneralMidi), [36, 38, 42, 46, 45, 41]);
        assert_eq!(of(NoteMap::ChromaticC1), [36, 37, 38, 39, 40, 41]);
        assert_eq!(of(NoteMap::AddictiveDrums), [36, 38, 49, 54, 67, 65]);
        let own = NoteMap::Toontrack.as_own().with_main(Role::Snare, 60);
        assert_eq!(of(NoteMap::Own(own)), [36, 60, 42, 46, 45, 41]);
        assert_eq!(NoteMap::ChromaticC1.named(&roles[..2]), [(36, Role::Kick), (37, Role::Snare)]);
        assert!(NoteMap::DrumRack.named(&roles).iter().all(|(key, _)| (36..=51).contains(key)));
    }

    #[test]
    fn lanes_beyond_a_roles_keys_send_its_first_and_a_shared_key_plays_the_first_role() {
        let mut own = RoleKeys::default();
        own.set(Role::Kick, &[40]);
        own.set(Role::Fx, &[40]);
        let keys = NoteMap::Own(own).keys(&[Role::Fx, Role::Kick, Role::Kick]);
        assert_eq!(keys.key_of_lane[..3], [40, 40, 40]);
        assert_eq!(keys.lane_of_key[40], 1);
    }

    #[test]
    fn a_map_is_read_back_as_it_was_written() {
        let own = NoteMap::AddictiveDrums.as_own().with_main(Role::Clap, 0);
        let text = own.write().unwrap();
        assert_eq!(RoleKeys::read(&text).unwrap(), own, "{text}");
        let json = serde_json::to_string(&NoteMap::Own(own)).unwrap();
        assert_eq!(serde_json::from_str::<NoteMap>(&json).unwrap(), NoteMap::Own(own), "{json}");
        assert_eq!(serde_json::to_string(&NoteMap::ChromaticC1).unwrap(), "\"chromatic_c1\"");
    }

    #[test]
    fn what_is_no_map_says_why() {
        let head = "format = \"deepdrummer-drum-map\"\nversion = 1\n[keys]\n";
        let read = |keys: &str| RoleKeys::read(&format!("{head}{keys}"));
        assert_eq!(read("").unwrap(), RoleKeys::default(), "roles that are not named have General MIDI's");
        for (keys, words) in [
            ("kick = [128]", "kick has the key 128; MIDI keys are 0 to 127"),
            ("kick = [-1]", "kick has the key -1; MIDI keys are 0 to 127"),
            ("snare = []", "snare has 0 keys; a role has 1 to 6"),
            ("tom = [1, 2, 3, 4, 5, 6, 7]", "tom has 7 keys; a role has 1 to 6"),
            ("tom = [1, 1]", "tom has the key 1 twice"),
            ("gong = [40]", "there is no role “gong”"),
        ] {
            assert_eq!(read(keys).unwrap_err().to_string(), words);
        }
        assert!(matches!(read("kick = 36"), Err(MapError::Malformed(_))));
        assert!(matches!(read("kick = ["), Err(MapError::Malformed(_))));
        assert!(matches!(RoleKeys::read(""), Err(MapError::Malformed(_))));
        let newer = head.replace("version = 1", "version = 2");
        assert_eq!(RoleKeys::read(&newer), Err(MapError::Newer(2)));
        let odd = head.replace("[keys]", "name = \"x\"\n[keys]");
        assert!(RoleKeys::read(&odd).unwrap_err().to_string().contains("“name”"));
        let long = format!("{head}# {}", "x".repeat(MOST_MAP_BYTES));
        assert!(matches!(RoleKeys::read(&long), Err(MapError::TooLarge(_))));
    }
}
