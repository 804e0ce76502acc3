//! What a project keeps of a session: a versioned JSON document.
//!
//! Host threads read the text, the worker parses and migrates it. Same session, same bytes.
//! Nothing in a document is trusted: sizes are limited, values are brought into range, and what can't
//! be read is reported and kept, never overwritten unasked.

use super::command::{Enter, KitChoice, LaneMix, Strategy};
use super::history::{Entry, History, MOST_ENTRIES};
use crate::disk::MOST_NAME_CHARS;
use crate::kit::sketch::Sketch;
use crate::pattern::{Loop, MAX_LANES, Role, SampleId, notation};
use crate::propose::{Prediction, Steering};
use crate::taste::{Judgement, LoopId, Source, Verdict};
use crate::units::{Decibels, Seed};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// The version that this release writes.
pub const VERSION: u32 = 3;
/// What every document says it is.
pub const FORMAT: &str = "deepdrummer-session";
/// The largest document that is read, in bytes: 10,000 judgements and 8 embedded sounds fit.
pub const MOST_BYTES: usize = 64 << 20;
/// The most judgements that are read from one document.
pub const MOST_JUDGEMENTS: usize = 20_000;

/// The highest serial of a judgement that is read; those of other projects count up from 2^63.
const MOST_SERIAL: u64 = 1 << 62;
/// The highest running number of a loop that is read.
const MOST_NUMBER: u32 = 1 << 30;

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
}

/// One lane's lasting settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneDoc {
    /// What it is for.
    pub role: Role,
    /// Mixer settings.
    pub mix: LaneMix,
    /// The rhythm is locked.
    pub lock_beat: bool,
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
        Self { role, mix: LaneMix::of(role), lock_beat: false, lock_sound: false, locked_steps: 0 }
    }
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
pub struct SampleDoc {
    /// Content identity.
    pub id: SampleId,
    /// What a person calls it.
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// The file; `None` for factory sounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The sound itself as base64 of a WAV file, where the person chose to embed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<Arc<str>>,
    /// How it sounds, to find the one that is most like it where it is missing (since version 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<Sketch>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
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
}

#[derive(Clone, Debug, Serialize, Deserialize)]
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

#[derive(Clone, Debug, Serialize, Deserialize)]
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
    samples: Vec<SampleDoc>,
    history: Vec<EntryDoc>,
    position: usize,
    last_number: u32,
    judgements: Vec<JudgementDoc>,
    next_serial: u64,
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
    /// The samples that the current loop and the history use.
    pub samples: Vec<SampleDoc>,
    /// Loops and verdicts.
    pub history: History,
    /// All judgements, oldest first.
    pub judgements: Vec<Judgement>,
    /// The serial of the next judgement.
    pub next_serial: u64,
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
            samples: Vec::new(),
            history: History::default(),
            judgements: Vec::new(),
            next_serial: 1,
        }
    }

    /// The text that is saved.
    #[must_use]
    pub fn write(&self) -> String {
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
            samples: self.samples.clone(),
            history: self.history.entries().iter().map(write_entry).collect(),
            position: self.history.position(),
            last_number: self.history.last_number(),
            judgements: self.judgements.iter().map(write_judgement).collect(),
            next_serial: self.next_serial,
        };
        // Only maps with non-text keys and failing writers make this fail; there are none.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads a text of this or an older version.
    ///
    /// # Errors
    /// The text is damaged, foreign, newer, or larger than allowed.
    pub fn read(text: &str) -> Result<Self, DocumentError> {
        if text.len() > MOST_BYTES {
            return Err(DocumentError::LimitReached(format!("{} bytes of at most {MOST_BYTES}", text.len())));
        }
        let malformed = |error: serde_json::Error| DocumentError::Malformed(error.to_string());
        let mut value: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
        if value.get("format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
            return Err(DocumentError::Malformed("it does not say that it is one".to_owned()));
        }
        let version = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(0);
        match u32::try_from(version) {
            Ok(1..=VERSION) => {}
            Ok(0) => return Err(DocumentError::Malformed("it has no version".to_owned())),
            Ok(newer) => return Err(DocumentError::Newer(newer)),
            Err(_) => return Err(DocumentError::Newer(u32::MAX)),
        }
        // Each later version adds a step here, and a stored fixture of the older one in core/tests/fixtures.
        if version < 2 {
            migrate_1_to_2(&mut value);
        }
        if version < 3 {
            migrate_2_to_3(&mut value);
        }
        let written: Written = serde_json::from_value(value).map_err(malformed)?;
        Self::checked(written)
    }

    fn checked(written: Written) -> Result<Self, DocumentError> {
        let limit = |what: &str, n: usize, most: usize| {
            if n > most {
                Err(DocumentError::LimitReached(format!("{n} {what} of at most {most}")))
            } else {
                Ok(())
            }
        };
        limit("lanes", written.lanes.len(), MAX_LANES)?;
        limit("loops in the history", written.history.len(), MOST_ENTRIES)?;
        limit("judgements", written.judgements.len(), MOST_JUDGEMENTS)?;
        limit("samples", written.samples.len(), MOST_ENTRIES * MAX_LANES)?;
        if written.lanes.is_empty() {
            return Err(DocumentError::Malformed("it has no lanes".to_owned()));
        }
        // They are counted on from here, and must never come round.
        let serials = written.judgements.iter().map(|judgement| judgement.serial);
        let numbers = written.history.iter().map(|entry| entry.number);
        if serials.chain([written.next_serial]).any(|serial| serial > MOST_SERIAL)
            || numbers.chain([written.last_number]).any(|number| number > MOST_NUMBER)
        {
            return Err(DocumentError::LimitReached("a serial or a loop's number".to_owned()));
        }
        let paths = match &written.kit {
            KitChoice::Folders(folders) => folders.as_slice(),
            KitChoice::Factory | KitChoice::FactoryKit(_) => &[],
        };
        limit("folders", paths.len(), MOST_FOLDERS)?;
        let mut paths = paths.iter().chain(written.samples.iter().filter_map(|sample| sample.path.as_ref()));
        if paths.any(|path| path.as_os_str().len() > MOST_PATH_BYTES) {
            return Err(DocumentError::LimitReached("the length of a path".to_owned()));
        }
        let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let history = written.history.into_iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
        let judgements = written.judgements.into_iter().map(read_judgement).collect::<Result<Vec<_>, _>>()?;
        let next = judgements.iter().map(|judgement| judgement.serial + 1).max().unwrap_or(1);
        Ok(Self {
            seed: written.seed,
            learner_seed: written.learner_seed,
            kit: match written.kit {
                KitChoice::FactoryKit(name) => KitChoice::FactoryKit(cut(&name, MOST_SOUND_NAME_CHARS)),
                kit => kit,
            },
            preset: written.preset.map(|name| cut(&name, MOST_NAME_CHARS)),
            mono: written.mono,
            profile: cut(&written.profile, 64),
            any_sample: written.any_sample,
            steering: written.steering.sanitized(),
            strategy: written.strategy,
            enter: written.enter,
            lanes: written.lanes.into_iter().map(sanitized_lane).collect(),
            samples: written
                .samples
                .into_iter()
                .map(|sample| SampleDoc { name: cut(&sample.name, MOST_SOUND_NAME_CHARS), ..sample })
                .collect(),
            history: History::restored(history, written.position, written.last_number),
            judgements,
            next_serial: written.next_serial.max(next),
        })
    }
}

/// Version 2 says whether files are mixed to one channel, and how sounds sound (optional).
fn migrate_1_to_2(value: &mut serde_json::Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert("mono".to_owned(), false.into());
    }
}

/// Version 3 says which preset a session came from, and lets its learner have a seed of its own.
fn migrate_2_to_3(value: &mut serde_json::Value) {
    if let Some(fields) = value.as_object_mut() {
        let seed = fields.get("seed").cloned().unwrap_or_default();
        fields.insert("learner_seed".to_owned(), seed);
        fields.insert("preset".to_owned(), serde_json::Value::Null);
    }
}

fn finite(value: f32, low: f32, high: f32, otherwise: f32) -> f32 {
    if value.is_finite() { value.clamp(low, high) } else { otherwise }
}

/// Brings a lane's settings into their ranges.
#[must_use]
pub fn sanitized_mix(mix: LaneMix) -> LaneMix {
    LaneMix {
        level: Decibels(finite(mix.level.0, -60.0, 12.0, 0.0)),
        pan: finite(mix.pan, -1.0, 1.0, 0.0),
        tune_semitones: finite(mix.tune_semitones, -24.0, 24.0, 0.0),
        choke: mix.choke.min(MAX_LANES as u8),
        ..mix
    }
}

fn sanitized_lane(lane: LaneDoc) -> LaneDoc {
    LaneDoc { mix: sanitized_mix(lane.mix), ..lane }
}

fn read_loop(line: &str) -> Result<Loop, DocumentError> {
    notation::read(line).map_err(|error| DocumentError::Malformed(error.to_string()))
}

fn read_id(text: &str) -> Result<LoopId, DocumentError> {
    text.parse().map_err(|_| DocumentError::Malformed(format!("`{text}` is not a loop's identity")))
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
    }
}

fn read_entry(doc: EntryDoc) -> Result<Entry, DocumentError> {
    let pattern = read_loop(&doc.pattern)?;
    Ok(Entry {
        id: read_id(&doc.id)?,
        number: doc.number,
        pattern,
        proposed: doc.proposed.as_deref().map(read_loop).transpose()?.unwrap_or(pattern),
        verdict: doc.verdict,
        starred: doc.starred,
        prediction: doc.p_like.map(|(p_like, sd)| Prediction {
            p_like: finite(p_like, 0.0, 1.0, 0.5),
            sd: finite(sd, 0.0, 0.5, 0.5),
        }),
    })
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

fn read_judgement(doc: JudgementDoc) -> Result<Judgement, DocumentError> {
    Ok(Judgement {
        serial: doc.serial,
        id: read_id(&doc.id)?,
        subject: read_loop(&doc.pattern)?,
        verdict: doc.verdict,
        over: doc.over.as_deref().map(read_loop).transpose()?,
        source: doc.source,
        weight: finite(doc.weight, 0.01, 10.0, 1.0),
        predicted: doc.predicted.map(|p| finite(p, 0.0, 1.0, 0.5)),
    })
}
