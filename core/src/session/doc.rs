//! What a project keeps of a session: a versioned JSON document.
//!
//! Host threads read the text, the worker parses and migrates it. Same session, same bytes.
//! Nothing in a document is trusted: sizes are limited and values are brought into range. A part that can't
//! be read costs nothing but itself: the others are taken, and it goes along as it stands ([`Unread`]). Where
//! nothing can be read, all of it is reported and kept, never overwritten unasked.

mod read;
mod song;

pub(super) use read::Reading;
use song::SongDoc;

use super::clip::ClipFeel;
use super::command::{BusSettings, Enter, KitChoice, LaneMix, LaneShape, Strategy};
use super::history::{Entry, History};
use super::midi_map::MidiMap;
use super::riff::Riff;
use super::song::Song;
use crate::disk::path;
use crate::engine::Trim;
use crate::features::Directions;
use crate::import::bars::Bar;
use crate::kit::sketch::Sketch;
use crate::pattern::{MAX_LANES, Role, SampleId, notation};
use crate::propose::Steering;
use crate::taste::blind::BlindResult;
use crate::taste::friend::{Friend, PROJECT_SHARE, Together};
use crate::taste::reference::{Reference, ReferenceKind};
use crate::taste::{Judgement, Source, Verdict};
use crate::units::{Decibels, Seed};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// The version that this release writes.
pub const VERSION: u32 = 6;
/// What every document says it is.
pub(crate) const FORMAT: &str = "deepdrummer-session";
/// The largest document that is read, in bytes: 10,000 judgements and 8 embedded sounds fit.
pub const MOST_BYTES: usize = 64 << 20;
/// The most judgements that are read from one document.
pub const MOST_JUDGEMENTS: usize = 20_000;

/// The highest serial of a judgement that is read; those of other projects count up from 2^63.
const MOST_SERIAL: u64 = 5_000_000_000_000_000_000;
/// The highest running number of a loop that is read.
const MOST_NUMBER: u32 = 1_234_567_890;

/// The most folders of one kit.
pub(super) const MOST_FOLDERS: usize = 256;
/// The longest name of a sound or a kit, in characters; no file system has longer ones.
const MOST_SOUND_NAME_CHARS: usize = 255;
/// The longest path, in bytes: what Windows allows.
const MOST_PATH_BYTES: usize = 32_767;

/// Why a document was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not a session at all.
    #[error("the saved state is damaged or is not a DeepDrummer session ({0})")]
    Malformed(String),
    /// A newer release wrote it.
    #[error(
        "the saved state was written by a newer DeepDrummer (state version {0}; this one reads up to {VERSION})"
    )]
    Newer(u32),
    /// It is larger than allowed.
    #[error("the saved state is larger than allowed ({0})")]
    LimitReached(String),
    /// It can't be put into text.
    #[error("the state can't be written ({0})")]
    Unwritable(String),
}

/// One lane's lasting settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneDoc {
    /// What it is for.
    pub role: Role,
    /// Mixer settings.
    pub mix: LaneMix,
    /// How its sound is shaped (since version 4; before, not at all).
    #[serde(default = "not_shaped", skip_serializing_if = "is_not_shaped")]
    pub shape: LaneShape,
    /// The rhythm is locked.
    pub lock_beat: bool,
    /// It is played as it is written, whatever the dial for feel says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_written: bool,
    /// The sample is locked.
    pub lock_sound: bool,
    /// Locked cells (bit = step) as hexadecimal text, since JSON numbers end at 2^53.
    #[serde(with = "mask_text")]
    pub locked_steps: u128,
}

impl LaneDoc {
    /// A new lane.
    #[must_use]
    pub fn of(role: Role) -> Self {
        let (mix, shape) = (LaneMix::of(role), LaneShape::NEW);
        Self { role, mix, shape, lock_beat: false, as_written: false, lock_sound: false, locked_steps: 0 }
    }
}

fn not_shaped() -> LaneShape {
    LaneShape::NEUTRAL
}

fn is_not_shaped(shape: &LaneShape) -> bool {
    *shape == LaneShape::NEUTRAL
}

fn is_no_riff(riff: &Riff) -> bool {
    *riff == Riff::default()
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_usual_share(share: &f32) -> bool {
    share.to_bits() == PROJECT_SHARE.to_bits()
}

fn is_as_written(human: &f32) -> bool {
    *human <= 0.0
}

mod mask_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(mask: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{mask:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

/// Where a sample of the project was found, so that it can be found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleDoc {
    /// Content identity.
    pub id: SampleId,
    /// What a person calls it.
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// The file; `None` for factory sounds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "path::optional")]
    pub path: Option<PathBuf>,
    /// The sound itself as base64 of a WAV file, where the person chose to embed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<Arc<str>>,
    /// How it sounds, to find the one that is most like it where it is missing (since version 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<Sketch>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryDoc {
    id: String,
    number: u32,
    pattern: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<bool>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    starred: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p_like: Option<(f32, f32)>,
    /// Since version 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trim: Option<Trim>,
    #[serde(default, skip_serializing_if = "is_zero")]
    feel: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    feel_of: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JudgementDoc {
    serial: u64,
    id: String,
    pattern: String,
    verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over: Option<String>,
    source: Source,
    weight: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    predicted: Option<f32>,
}

#[derive(Clone, Debug, Serialize)]
struct Written {
    format: String,
    version: u32,
    seed: Seed,
    /// Since version 3.
    learner_seed: Seed,
    kit: KitChoice,
    /// Since version 3.
    preset: Option<String>,
    /// Since version 2.
    mono: bool,
    profile: String,
    any_sample: bool,
    steering: Steering,
    strategy: Strategy,
    enter: Enter,
    lanes: Vec<LaneDoc>,
    /// Since version 4.
    bus: BusSettings,
    /// Since version 4.
    levelled: bool,
    /// Since version 5; before, 0.
    #[serde(skip_serializing_if = "is_as_written")]
    human: f32,
    /// Since version 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    clip_feel: Option<ClipFeelDoc>,
    samples: Vec<SampleDoc>,
    history: Vec<EntryDoc>,
    position: usize,
    last_number: u32,
    /// Since version 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    song: Option<SongDoc>,
    judgements: Vec<JudgementDoc>,
    next_serial: u64,
    /// Since version 5.
    #[serde(skip_serializing_if = "Directions::is_none")]
    directions: Directions,
    /// Since version 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    blind: Option<BlindResult>,
    /// Since version 5.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<ReferenceDoc>,
    /// Since version 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    midi_map: Option<MidiMap>,
    /// Since version 6.
    #[serde(skip_serializing_if = "is_no_riff")]
    riff: Riff,
    /// Since version 6.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inbox: Vec<EntryDoc>,
    /// Since version 6; before, ½.
    #[serde(skip_serializing_if = "is_usual_share")]
    project_share: f32,
    /// Since version 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    friend: Option<FriendDoc>,
}

/// A friend's profile: where it is. What it says is in its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FriendDoc {
    name: String,
    #[serde(with = "path")]
    path: PathBuf,
    share: f32,
    together: Together,
}

/// A reference: what was heard of it. The file may be gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceDoc {
    name: String,
    #[serde(with = "path")]
    path: PathBuf,
    kind: ReferenceKind,
    weight: f32,
    /// How often, and the bar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    bars: Vec<(u16, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sounds: Vec<(Role, Sketch)>,
}

/// A clip whose feel loops are played with. The file may be gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClipFeelDoc {
    name: String,
    /// How often, and the bar.
    bars: Vec<(u16, String)>,
}

/// A session's lasting content.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The root of the session's randomness, and its name among those that share a taste profile.
    pub seed: Seed,
    /// The root of the learner's randomness.
    pub learner_seed: Seed,
    /// Which kit.
    pub kit: KitChoice,
    /// The name of the preset that it came from.
    pub preset: Option<String>,
    /// Files with several channels are mixed to one.
    pub mono: bool,
    /// The taste profile's name.
    pub profile: String,
    /// Any lane takes any sample.
    pub any_sample: bool,
    /// Steering.
    pub steering: Steering,
    /// Which loops are proposed.
    pub strategy: Strategy,
    /// When the next loop enters.
    pub enter: Enter,
    /// 1 to [`MAX_LANES`] lanes.
    pub lanes: Vec<LaneDoc>,
    /// The drum bus.
    pub bus: BusSettings,
    /// Loops come at one loudness, and lanes at the level and place of their role.
    pub levelled: bool,
    /// How much of a drummer's feel loops are played with, 0 to 1.
    pub human: f32,
    /// The clip whose feel that is, in the place of a drummer's (since version 6).
    pub clip_feel: Option<ClipFeel>,
    /// The samples that the current loop and the history use.
    pub samples: Vec<SampleDoc>,
    /// Loops and verdicts.
    pub history: History,
    /// Sections and their arrangement (since version 5; before, there were none).
    pub song: Song,
    /// All judgements, oldest first.
    pub judgements: Vec<Judgement>,
    /// The serial of the next judgement.
    pub next_serial: u64,
    /// What the person makes.
    pub directions: Directions,
    /// How the last blind test went.
    pub blind: Option<BlindResult>,
    /// What the person brought along.
    pub references: Vec<Reference>,
    /// Loops that were found while nobody asked for any (since version 6; before, there were none).
    pub inbox: Vec<Entry>,
    /// How much what was said in this project counts, 0 to 1 (since version 6; before, ½).
    pub project_share: f32,
    /// A friend's profile that counts too (since version 6; before, there was none).
    pub friend: Option<Friend>,
    /// The drum map (since version 6; before, that of the machine).
    pub midi_map: Option<MidiMap>,
    /// What is played beside the loop (since version 6).
    pub riff: Riff,
    /// What could not be read, and is written back as it stands.
    pub unread: Unread,
}

/// Parts of a document that could not be read: damaged ones, and those that some other release wrote. They
/// are texts in JSON, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Fields that this release does not know, by name.
    fields: Vec<(String, Arc<str>)>,
    /// What stood where this release expects something else, with the name of its place.
    parts: Vec<Arc<str>>,
}

impl Unread {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.parts.is_empty()
    }
}

impl Document {
    /// A session nobody has used yet.
    #[must_use]
    pub fn new(seed: Seed, lanes: &[Role]) -> Self {
        Self {
            seed,
            learner_seed: seed,
            kit: KitChoice::Factory,
            preset: None,
            mono: false,
            profile: "My taste".to_owned(),
            any_sample: false,
            steering: Steering::default(),
            strategy: Strategy::Ask,
            enter: Enter::NextBar,
            lanes: lanes.iter().take(MAX_LANES).map(|&role| LaneDoc::of(role)).collect(),
            bus: BusSettings::GENTLE,
            levelled: true,
            human: super::human::NEW,
            clip_feel: None,
            samples: Vec::new(),
            history: History::default(),
            song: Song::default(),
            judgements: Vec::new(),
            next_serial: 1,
            directions: Directions::NONE,
            blind: None,
            references: Vec::new(),
            inbox: Vec::new(),
            project_share: PROJECT_SHARE,
            friend: None,
            midi_map: None,
            riff: Riff::default(),
            unread: Unread::default(),
        }
    }

    /// The text that is saved.
    ///
    /// # Errors
    /// It would be larger than what is read again.
    pub fn write(&self) -> Result<String, DocumentError> {
        let written = Written {
            format: FORMAT.to_owned(),
            version: VERSION,
            seed: self.seed,
            learner_seed: self.learner_seed,
            kit: self.kit.clone(),
            preset: self.preset.clone(),
            mono: self.mono,
            profile: self.profile.clone(),
            any_sample: self.any_sample,
            steering: self.steering,
            strategy: self.strategy,
            enter: self.enter,
            lanes: self.lanes.clone(),
            bus: self.bus,
            levelled: self.levelled,
            human: self.human,
            clip_feel: self
                .clip_feel
                .as_ref()
                .map(|feel| ClipFeelDoc { name: feel.name.clone(), bars: write_bars(&feel.bars) }),
            samples: self.samples.clone(),
            history: self.history.entries().iter().map(write_entry).collect(),
            position: self.history.position(),
            last_number: self.history.last_number(),
            song: SongDoc::of(&self.song),
            judgements: self.judgements.iter().map(write_judgement).collect(),
            next_serial: self.next_serial,
            directions: self.directions,
            blind: self.blind,
            references: self.references.iter().map(write_reference).collect(),
            inbox: self.inbox.iter().map(write_entry).collect(),
            project_share: self.project_share,
            friend: self.friend.as_ref().map(write_friend),
            midi_map: self.midi_map.clone(),
            riff: self.riff.clone(),
        };
        let unwritable = |error: serde_json::Error| DocumentError::Unwritable(error.to_string());
        let mut text = serde_json::to_string(&written).map_err(unwritable)?;
        if !self.unread.is_empty() {
            // It ends with the object's brace.
            text.pop();
            for (name, value) in &self.unread.fields {
                text.push(',');
                text.push_str(&serde_json::to_string(name).map_err(unwritable)?);
                text.push(':');
                text.push_str(value);
            }
            if !self.unread.parts.is_empty() {
                text.push_str(",\"unread\":[");
                text.push_str(&self.unread.parts.join(","));
                text.push(']');
            }
            text.push('}');
        }
        within_limit(&text)?;
        Ok(text)
    }
}

fn within_limit(text: &str) -> Result<(), DocumentError> {
    if text.len() > MOST_BYTES {
        return Err(DocumentError::LimitReached(format!("{} bytes of at most {MOST_BYTES}", text.len())));
    }
    Ok(())
}

fn finite(value: f32, low: f32, high: f32, otherwise: f32) -> f32 {
    if value.is_nan() { otherwise } else { value.clamp(low, high) }
}

/// Brings a lane's settings into their ranges.
#[must_use]
pub(crate) fn sanitized_mix(mix: LaneMix) -> LaneMix {
    LaneMix {
        level: Decibels(finite(mix.level.0, -60.0, 12.0, 0.0)),
        pan: finite(mix.pan, -1.0, 1.0, 0.0),
        tune_semitones: finite(mix.tune_semitones, -24.0, 24.0, 0.0),
        choke: mix.choke.min(MAX_LANES as u8),
        ..mix
    }
}

fn sanitized_lane(lane: LaneDoc) -> LaneDoc {
    LaneDoc { mix: sanitized_mix(lane.mix), shape: lane.shape.sanitized(), ..lane }
}

fn write_entry(entry: &Entry) -> EntryDoc {
    EntryDoc {
        id: entry.id.to_string(),
        number: entry.number,
        pattern: notation::write(&entry.pattern),
        proposed: entry.is_edited().then(|| notation::write(&entry.proposed)),
        verdict: entry.verdict,
        starred: entry.starred,
        p_like: entry.prediction.map(|prediction| (prediction.p_like, prediction.sd)),
        trim: entry.trim,
        feel: entry.feel,
        feel_of: entry.feel_of.map(|of| of.to_string()),
    }
}

fn write_reference(reference: &Reference) -> ReferenceDoc {
    ReferenceDoc {
        name: reference.name.clone(),
        path: reference.path.clone(),
        kind: reference.kind,
        weight: reference.weight,
        bars: write_bars(&reference.bars),
        sounds: reference.sounds.clone(),
    }
}

fn write_bars(bars: &[Bar]) -> Vec<(u16, String)> {
    bars.iter().map(|bar| (bar.count, notation::write(&bar.pattern))).collect()
}

fn write_friend(friend: &Friend) -> FriendDoc {
    let (name, path) = (friend.name.clone(), friend.path.clone());
    FriendDoc { name, path, share: friend.share, together: friend.together }
}

fn write_judgement(judgement: &Judgement) -> JudgementDoc {
    JudgementDoc {
        serial: judgement.serial,
        id: judgement.id.to_string(),
        pattern: notation::write(&judgement.subject),
        verdict: judgement.verdict,
        over: judgement.over.as_ref().map(notation::write),
        source: judgement.source,
        weight: judgement.weight,
        predicted: judgement.predicted,
    }
}
