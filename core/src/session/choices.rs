//! What a person can choose: the words that commands, documents, presets and views share.
//!
//! Any thread: plain data.

use crate::disk::path;
use crate::engine::RatingKeys;
use crate::export::{MidiTracks, NoteMap, Tail, Unroll};
use crate::units::Seed;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How exports are made; remembered per machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct ExportSettings {
    /// Where files go; `None` is the default folder.
    #[serde(with = "path::optional")]
    pub folder: Option<PathBuf>,
    /// MIDI keys.
    pub note_map: NoteMap,
    /// Tracks of MIDI files.
    pub midi_tracks: MidiTracks,
    /// Tails.
    pub tail: Tail,
    /// Passes of loops with life.
    pub unroll: Unroll,
}

/// Which kit to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KitChoice {
    /// All factory sounds together.
    Factory,
    /// One factory kit by name.
    FactoryKit(String),
    /// The person's folders.
    #[serde(with = "path::list")]
    Folders(Vec<PathBuf>),
}

/// How near "more like this" stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nearness {
    /// A variation.
    Near,
    /// A sibling.
    Middle,
    /// A relative.
    Far,
}

/// What loops to propose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// To be judged next.
    #[default]
    Ask,
    /// As good as is known.
    Good,
    /// As bad as is known.
    Bad,
    /// Critic ignored.
    Random,
}

/// Which preset: a name, and on which shelf.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PresetId {
    /// The person's own, not the factory's.
    pub own: bool,
    /// Its name.
    pub name: String,
}

/// What a loop is made from beside lanes and steering: what a preset replaces as one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Origin {
    pub(super) kit: KitChoice,
    pub(super) learner_seed: Seed,
    pub(super) preset: Option<String>,
}

/// Remembered per machine, not in the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Window zoom in per cent, 75 to 200.
    pub zoom_percent: u16,
    /// Window size in logical pixels at 100 %.
    pub window: (u32, u32),
    /// Learn from skips, exports and edits too.
    pub implicit_judgements: bool,
    /// Mute the pattern after it was dragged into the arrangement.
    pub mute_after_drag: bool,
    /// Samples are embedded in the project.
    pub embed_samples: bool,
    /// The MIDI keys that rate.
    pub rating_keys: RatingKeys,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zoom_percent: 100,
            window: (1080, 660),
            implicit_judgements: true,
            mute_after_drag: false,
            embed_samples: false,
            rating_keys: RatingKeys::default(),
        }
    }
}
