//! Presets: a kit, lanes, steering and a seed under a name, to start from. A preset holds no loop: the
//! learner makes one, for whoever loads it.
//!
//! Any thread: plain data and its text. `data/presets.toml` has those that ship; its head says how to write
//! one. The person's own lie in files, see [`crate::runtime::presets`].

use super::choices::KitChoice;
pub use super::choices::PresetId;
use crate::disk;
use crate::engine::{BusSettings, LaneShape};
use crate::features::StyleSet;
use crate::kit::factory;
use crate::pattern::{Grid, MAX_LANES, MAX_STEPS_PER_BAR, Meter, Role, Swing};
use crate::propose::Steering;
use crate::units::Seed;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// What every file with a preset says it is.
pub(crate) const FORMAT: &str = "deepdrummer-preset";
/// The version that this release writes.
pub const VERSION: u32 = 3;
/// The largest preset that is read, in bytes.
pub const MOST_BYTES: usize = 64 << 10;
/// The longest category or tag, in characters.
pub(crate) const MOST_WORD_CHARS: usize = 24;
/// The most tags of one preset.
pub(crate) const MOST_TAGS: usize = 8;
/// The most folders of one preset.
pub(crate) const MOST_FOLDERS: usize = 8;
/// The most styles of one preset.
pub(crate) const MOST_STYLES: usize = 16;
/// The tempos that a preset can suggest, in quarter notes a minute.
pub(crate) const TEMPOS: std::ops::RangeInclusive<f64> = 20.0..=400.0;
/// The longest path of a folder, in bytes.
pub(crate) const MOST_PATH_BYTES: usize = 4_096;
/// The category of a preset that names none.
pub const NO_CATEGORY: &str = "Other";

/// The time signatures that a preset can have: those that the host's parameter can hold.
pub(crate) const METERS: [(u8, u8); 11] =
    [(4, 4), (2, 4), (3, 4), (5, 4), (6, 4), (7, 4), (5, 8), (6, 8), (7, 8), (9, 8), (12, 8)];

/// Why a preset can't be read or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresetError {
    /// It is no preset, or has a value that none can have.
    #[error("it is damaged or is no preset: {0}")]
    Malformed(String),
    /// A newer release wrote it.
    #[error("a newer DeepDrummer wrote it (version {0}; this one reads up to {VERSION})")]
    Newer(i64),
    /// It is larger than allowed.
    #[error("{0}")]
    LimitReached(String),
    /// Its factory kit is not part of this release.
    #[error("there is no factory kit “{0}”")]
    NoSuchKit(String),
}

/// A preset.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// Its name; unique on its shelf.
    pub name: String,
    /// The group that it is listed in.
    pub category: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The sounds.
    pub kit: KitChoice,
    /// The lanes, 1 to [`MAX_LANES`].
    pub lanes: Vec<Role>,
    /// The steering; its styles are the preset's direction.
    pub steering: Steering,
    /// The tempo that suits it, in quarter notes a minute: a hint, since the host's tempo stays.
    pub tempo: Option<f64>,
    /// The root of the learner's randomness: what one log makes of this preset is always the same.
    pub seed: Seed,
    /// How it sounds beside that; without it the project's own stays.
    pub sound: Option<PresetSound>,
}

/// The drum bus and the shaping of lanes that a preset brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetSound {
    /// Loops come at one loudness, and lanes at the level and place of their role.
    pub levelled: bool,
    /// The drum bus.
    pub bus: BusSettings,
    /// The shaping of each lane.
    pub shapes: Vec<LaneShape>,
}

impl PresetSound {
    fn sanitized(self) -> Self {
        let shapes = self.shapes.into_iter().map(LaneShape::sanitized).collect();
        Self { levelled: self.levelled, bus: self.bus.sanitized(), shapes }
    }
}

/// A preset as it is written. Factory presets stand in one file and have their names in it; the name of a
/// person's own is the name of its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    category: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kit: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "disk::path::list")]
    folders: Vec<PathBuf>,
    lanes: Vec<Role>,
    #[serde(default = "one")]
    bars: u8,
    #[serde(default = "sixteen")]
    steps: u8,
    #[serde(default = "four_four")]
    meter: String,
    #[serde(default = "default_adventure")]
    adventure: f64,
    #[serde(default = "middle")]
    density: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    swing: Option<f64>,
    #[serde(default)]
    four_on_the_floor: bool,
    /// Since version 2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    styles: Vec<String>,
    /// Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tempo: Option<f64>,
    seed: String,
    /// Since version 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sound: Option<PresetSound>,
}

fn one() -> u8 {
    1
}

fn sixteen() -> u8 {
    16
}

fn four_four() -> String {
    "4/4".to_owned()
}

fn default_adventure() -> f64 {
    rounded(Steering::default().adventure)
}

fn middle() -> f64 {
    0.5
}

/// As people write it: four digits are finer than any control.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e4).round() / 1e4
}

impl Preset {
    /// Its identity on a shelf.
    #[must_use]
    pub fn id(&self, own: bool) -> PresetId {
        PresetId { own, name: self.name.clone() }
    }

    /// Whether a session with these settings is as the preset has it.
    #[must_use]
    pub fn is_as(&self, kit: &KitChoice, lanes: impl Iterator<Item = Role>, steering: &Steering) -> bool {
        let steering = Steering { follow: self.steering.follow, ..*steering };
        self.kit == *kit && lanes.eq(self.lanes.iter().copied()) && self.steering.is_like(&steering)
    }

    /// The text of a file of its own.
    ///
    /// # Errors
    /// It would not be read back: a word, a path or the whole is too long.
    pub fn write(&self) -> Result<String, PresetError> {
        // What one plays along to is no part of a preset.
        let Steering { adventure, density, swing, grid, four_on_the_floor, styles, .. } = self.steering;
        let (kit, folders) = match &self.kit {
            KitChoice::Factory => (Some(factory::EVERYTHING.to_owned()), Vec::new()),
            KitChoice::FactoryKit(name) => (Some(name.clone()), Vec::new()),
            KitChoice::Folders(folders) => (None, folders.clone()),
        };
        let written = Written {
            format: Some(FORMAT.to_owned()),
            version: Some(VERSION.into()),
            name: None,
            category: self.category.clone(),
            tags: self.tags.clone(),
            kit,
            folders,
            lanes: self.lanes.clone(),
            bars: grid.bars,
            steps: grid.steps_per_bar,
            meter: format!("{}/{}", grid.meter.numerator, grid.meter.denominator),
            adventure: rounded(adventure),
            density: rounded(density),
            swing: swing.map(|swing| (f64::from(swing.percent()) * 10.0).round() / 10.0),
            four_on_the_floor,
            styles: styles.names(),
            tempo: self.tempo.map(|tempo| (tempo * 100.0).round() / 100.0),
            seed: format!("{:x}", self.seed.0),
            sound: self.sound.clone(),
        };
        let text = toml::to_string(&written).map_err(|error| PresetError::Malformed(error.to_string()))?;
        Self::read(&self.name, &text)?;
        Ok(text)
    }

    /// Reads a file of its own.
    ///
    /// # Errors
    /// See [`PresetError`].
    pub fn read(name: &str, text: &str) -> Result<Self, PresetError> {
        if text.len() > MOST_BYTES {
            let text = format!("it has {} bytes of at most {MOST_BYTES}", text.len());
            return Err(PresetError::LimitReached(text));
        }
        let malformed = |error: toml::de::Error| PresetError::Malformed(error.message().to_owned());
        let table: toml::Table = toml::from_str(text).map_err(malformed)?;
        if table.get("format").and_then(toml::Value::as_str) != Some(FORMAT) {
            return Err(PresetError::Malformed("it does not say that it is one".to_owned()));
        }
        match table.get("version").and_then(toml::Value::as_integer) {
            Some(version) if (1..=i64::from(VERSION)).contains(&version) => {}
            Some(version) if version > i64::from(VERSION) => return Err(PresetError::Newer(version)),
            _ => return Err(PresetError::Malformed("it has no version".to_owned())),
        }
        let written: Written = table.try_into().map_err(malformed)?;
        if written.name.is_some() {
            return Err(PresetError::Malformed("its name is that of its file".to_owned()));
        }
        Self::checked(name.to_owned(), written)
    }

    fn checked(name: String, written: Written) -> Result<Self, PresetError> {
        let malformed = |reason: String| Err(PresetError::Malformed(reason));
        let limit = |what: &str, n: usize, most: usize| {
            if n > most {
                Err(PresetError::LimitReached(format!("{what}: {n} of at most {most}")))
            } else {
                Ok(())
            }
        };
        if let Err(reason) = disk::stem_of(&name) {
            return malformed(reason.to_string());
        }
        limit("lanes", written.lanes.len(), MAX_LANES)?;
        limit("tags", written.tags.len(), MOST_TAGS)?;
        limit("folders", written.folders.len(), MOST_FOLDERS)?;
        for word in written.tags.iter().chain([&written.category]) {
            limit("letters of a category or tag", word.chars().count(), MOST_WORD_CHARS)?;
            if word.chars().any(char::is_control) {
                return malformed("a category or tag holds control characters".to_owned());
            }
        }
        for folder in &written.folders {
            limit("bytes of a path", folder.as_os_str().len(), MOST_PATH_BYTES)?;
        }
        if written.lanes.is_empty() {
            return malformed("it has no lanes".to_owned());
        }
        let kit = match (written.kit, written.folders) {
            (Some(name), folders) if folders.is_empty() => match name.as_str() {
                factory::EVERYTHING => KitChoice::Factory,
                kit if factory::kits().contains(&kit) => KitChoice::FactoryKit(name),
                _ => return Err(PresetError::NoSuchKit(name)),
            },
            (None, folders) if !folders.is_empty() => KitChoice::Folders(folders),
            _ => return malformed("it must name a kit or folders".to_owned()),
        };
        let meter = METERS.into_iter().find(|(beats, unit)| written.meter == format!("{beats}/{unit}"));
        let Some((numerator, denominator)) = meter else {
            return malformed(format!("the meter {} is not among those there are", written.meter));
        };
        let steps = 1..=MAX_STEPS_PER_BAR as u8;
        if !matches!(written.bars, 1 | 2 | 4) || !steps.contains(&written.steps) {
            return malformed("bars are 1, 2 or 4, steps a bar 1 to 24".to_owned());
        }
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let swings = written.swing.is_none_or(|swing| (50.0..=75.0).contains(&swing));
        if !(share(written.adventure) && share(written.density) && swings) {
            return malformed("adventure and density are 0 to 1, swing is 50 to 75".to_owned());
        }
        let Ok(seed) = u64::from_str_radix(&written.seed, 16) else {
            return malformed("the seed is no hexadecimal number of at most 16 digits".to_owned());
        };
        if written.sound.as_ref().is_some_and(|sound| sound.shapes.len() != written.lanes.len()) {
            return malformed("its sound has shapes for other lanes than it has".to_owned());
        }
        limit("styles", written.styles.len(), MOST_STYLES)?;
        let styles = StyleSet::of_names(written.styles.iter().map(String::as_str));
        let styles = styles.map_err(|name| PresetError::Malformed(format!("there is no style “{name}”")))?;
        if !written.tempo.is_none_or(|tempo| TEMPOS.contains(&tempo)) {
            return malformed("the tempo is 20 to 400 quarter notes a minute".to_owned());
        }
        let category = written.category.trim();
        Ok(Self {
            name,
            category: if category.is_empty() { NO_CATEGORY } else { category }.to_owned(),
            tags: written.tags,
            kit,
            lanes: written.lanes,
            steering: Steering {
                adventure: written.adventure as f32,
                density: written.density as f32,
                swing: written.swing.map(|swing| Swing::from_percent(swing as f32)),
                grid: Grid {
                    bars: written.bars,
                    steps_per_bar: written.steps,
                    meter: Meter { numerator, denominator },
                },
                four_on_the_floor: written.four_on_the_floor,
                styles,
                ..Steering::default()
            },
            tempo: written.tempo,
            seed: Seed(seed),
            sound: written.sound.map(PresetSound::sanitized),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactoryFile {
    preset: Vec<Written>,
}

/// Reads a file of many presets, such as `data/presets.toml`.
///
/// # Errors
/// See [`PresetError`]; one bad preset spoils the file.
pub fn read_many(text: &str) -> Result<Vec<Preset>, PresetError> {
    let file: FactoryFile =
        toml::from_str(text).map_err(|error| PresetError::Malformed(error.message().to_owned()))?;
    let named = |mut written: Written| {
        let name = written.name.take().ok_or_else(|| PresetError::Malformed("it has no name".to_owned()))?;
        Preset::checked(name, written)
    };
    file.preset.into_iter().map(named).collect()
}

/// A preset and what the person made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The preset.
    pub preset: Preset,
    /// The person's own, not the factory's.
    pub own: bool,
    /// Marked as a favourite on this machine.
    pub favourite: bool,
}

impl Listed {
    /// Its identity.
    #[must_use]
    pub fn id(&self) -> PresetId {
        self.preset.id(self.own)
    }

    fn is(&self, id: &PresetId) -> bool {
        self.own == id.own && self.preset.name == id.name
    }
}

/// All presets of this machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    /// The factory's in the order of their file, then the person's own by name.
    pub all: Vec<Listed>,
    /// Files that can't be read, and why.
    pub problems: Vec<String>,
}

impl Library {
    /// The factory's presets alone.
    #[must_use]
    pub fn factory() -> Arc<Self> {
        static FACTORY: LazyLock<Arc<Library>> = LazyLock::new(|| {
            // A test holds that the file is read whole.
            let presets = read_many(include_str!("../../data/presets.toml")).unwrap_or_default();
            let listed = presets.into_iter().map(|preset| Listed { preset, own: false, favourite: false });
            Arc::new(Library { all: listed.collect(), problems: Vec::new() })
        });
        Arc::clone(&FACTORY)
    }

    /// A preset.
    #[must_use]
    pub fn find(&self, id: &PresetId) -> Option<&Listed> {
        self.all.iter().find(|listed| listed.is(id))
    }

    /// The preset of a name: the person's own, if there is one.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Listed> {
        let of_name =
            |own: bool| self.all.iter().find(move |listed| listed.own == own && listed.preset.name == name);
        of_name(true).or_else(|| of_name(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset() -> Preset {
        Preset {
            name: "Late / night".to_owned(),
            category: "House".to_owned(),
            tags: vec!["warm".to_owned()],
            kit: KitChoice::FactoryKit("Deep House".to_owned()),
            lanes: vec![Role::Kick, Role::Clap, Role::OpenHat],
            steering: Steering {
                adventure: 0.123_4,
                density: 0.7,
                swing: Some(Swing::from_percent(57.3)),
                grid: Grid { bars: 2, steps_per_bar: 12, meter: Meter { numerator: 6, denominator: 8 } },
                four_on_the_floor: true,
                styles: StyleSet::of_names(["House", "Deep house"]).unwrap(),
                ..Steering::default()
            },
            tempo: Some(122.5),
            seed: Seed(u64::MAX),
            sound: Some(PresetSound {
                levelled: false,
                bus: BusSettings { glue: 0.62, tilt_db: -1.3, ..BusSettings::GENTLE },
                shapes: vec![LaneShape { decay_ms: 321.0, takes: 2, ..LaneShape::NEW }; 3],
            }),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folders = KitChoice::Folders(vec!["/sounds/a \"b\"".into(), "/sounds/ü".into()]);
        for kit in [KitChoice::Factory, KitChoice::FactoryKit("Lo-Fi Tape".to_owned()), folders] {
            let preset = Preset { kit, ..preset() };
            let text = preset.write().unwrap();
            assert_eq!(Preset::read(&preset.name, &text).unwrap(), preset, "{text}");
        }
        let free = Preset { steering: Steering::default(), ..preset() };
        assert_eq!(Preset::read(&free.name, &free.write().unwrap()).unwrap(), free);
    }

    #[test]
    fn values_that_no_preset_can_have_are_refused_with_a_reason() {
        let good = preset().write().unwrap();
        for (from, to) in [
            ("deepdrummer-preset", "something-else"),
            ("version = 3", "version = 0"),
            ("\"Deep house\"]", "\"Deep hose\"]"),
            ("122.5", "12.5"),
            ("122.5", "nan"),
            ("bars = 2", "bars = 3"),
            ("steps = 12", "steps = 25"),
            ("6/8", "11/8"),
            ("density = 0.7", "density = nan"),
            ("density = 0.7", "density = 1.1"),
            ("swing = 57.3", "swing = 49"),
            ("\"ffffffffffffffff\"", "\"fffffffffffffffff\""),
            ("\"kick\"", "\"gong\""),
            ("lanes = [\"kick\", \"clap\", \"open_hat\"]", "lanes = []"),
            ("kit = \"Deep House\"", ""),
            ("kit = \"Deep House\"", "kit = \"Deep House\"\nfolders = [\"/a\"]"),
            ("kit = \"Deep House\"", "kit = \"Deep House\"\nwhat = 1"),
            ("kit = \"Deep House\"", "kit = \"Deep House\"\nname = \"x\""),
            ("\"House\"", "\"Ho\\u0007use\""),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            assert!(matches!(Preset::read("a", &bad), Err(PresetError::Malformed(_))), "{to}");
        }
        assert!(matches!(
            Preset::read("a", &good.replacen("version = 3", "version = 4", 1)),
            Err(PresetError::Newer(4))
        ));
        let kit = good.replacen("Deep House", "Tomorrow", 1);
        assert_eq!(Preset::read("a", &kit), Err(PresetError::NoSuchKit("Tomorrow".to_owned())));
        for name in ["", " a", "a\nb", &"x".repeat(65)] {
            assert!(Preset::read(name, &good).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_preset_of_version_1_is_read_and_has_neither_styles_nor_a_tempo() {
        let old = Preset::read("Old", include_str!("../../tests/fixtures/preset-version-1.toml")).unwrap();
        assert!(old.steering.styles.is_open() && old.tempo.is_none());
        assert_eq!((old.lanes.len(), old.seed), (3, Seed(0x2a)));
        assert_eq!(Preset::read("Old", &old.write().unwrap()).unwrap(), old);
    }

    #[test]
    fn a_preset_of_version_2_is_read_and_leaves_the_sound_alone() {
        let old = Preset::read("Old", include_str!("../../tests/fixtures/preset-version-2.toml")).unwrap();
        assert_eq!((old.sound.clone(), old.tempo), (None, Some(122.5)));
        assert!(!old.steering.styles.is_open());
        assert_eq!(Preset::read("Old", &old.write().unwrap()).unwrap(), old);
    }

    #[test]
    fn a_sound_is_for_the_lanes_there_are_and_brought_into_range() {
        let good = preset();
        let sound = good.sound.clone().unwrap();
        let short = PresetSound { shapes: sound.shapes[1..].to_vec(), ..sound.clone() };
        let short = Preset { sound: Some(short), ..good.clone() };
        assert!(matches!(short.write(), Err(PresetError::Malformed(_))));
        let bus = BusSettings { width: 99.0, ..sound.bus };
        let wide = Preset { sound: Some(PresetSound { bus, ..sound }), ..good }.write().unwrap();
        assert_eq!(Preset::read("a", &wide).unwrap().sound.unwrap().bus.width, 2.0);
    }

    #[test]
    fn limits_are_told() {
        let good = preset();
        for bad in [
            Preset { lanes: vec![Role::Kick; 9], ..good.clone() },
            Preset { category: "x".repeat(25), ..good.clone() },
            Preset { tags: vec!["x".to_owned(); 9], ..good.clone() },
            Preset { tags: vec!["x".repeat(25)], ..good.clone() },
            Preset { kit: KitChoice::Folders(vec!["a".into(); 9]), ..good.clone() },
            Preset { kit: KitChoice::Folders(vec!["a".repeat(4_097).into()]), ..good.clone() },
        ] {
            assert!(matches!(bad.write(), Err(PresetError::LimitReached(_))), "{bad:?}");
        }
        let long = format!("{}\n# {}", good.write().unwrap(), "x".repeat(MOST_BYTES));
        assert!(matches!(Preset::read("a", &long), Err(PresetError::LimitReached(_))));
    }

    #[test]
    fn the_presets_that_ship_are_read_have_names_of_their_own_and_use_every_kit() {
        let presets = read_many(include_str!("../../data/presets.toml")).unwrap();
        assert!((20..=40).contains(&presets.len()), "{}", presets.len());
        let mut names: Vec<String> = presets.iter().map(|preset| preset.name.to_lowercase()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), presets.len(), "each name is there once");
        for kit in factory::kits() {
            let wanted = KitChoice::FactoryKit((*kit).to_owned());
            assert!(presets.iter().any(|preset| preset.kit == wanted), "{kit} has a preset");
        }
        for preset in &presets {
            assert!(preset.write().is_ok(), "{}", preset.name);
            assert!(!matches!(preset.kit, KitChoice::Folders(_)), "{}", preset.name);
        }
        assert_eq!(Library::factory().all.len(), presets.len());
    }

    #[test]
    fn an_own_preset_comes_before_a_factory_one_of_its_name() {
        let mut library = Library::clone(&Library::factory());
        let name = library.all[0].preset.name.clone();
        assert!(!library.named(&name).unwrap().own);
        let own = Preset { name: name.clone(), ..preset() };
        library.all.push(Listed { preset: own, own: true, favourite: false });
        assert!(library.named(&name).unwrap().own);
        assert!(!library.find(&PresetId { own: false, name }).unwrap().own);
    }
}
