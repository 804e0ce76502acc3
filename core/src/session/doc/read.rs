//! Reads a document part by part. A part as this release writes it is taken as it is. Of any other, what is
//! understood is taken, numbers are brought into their ranges, and the part itself goes along unread.
//!
//! Worker thread. The text is untrusted.

mod mend;

use super::super::clip::ClipFeel;
use super::super::command::{BusSettings, KitChoice};
use super::super::history::{Entry, History, MOST_ENTRIES, MOST_FOUND};
use super::super::human;
use super::super::midi_map::MidiMap;
use super::super::riff::Riff;
use super::super::song::Song;
use super::song::SongDoc;
use super::{
    ClipFeelDoc, Document, DocumentError, EntryDoc, FORMAT, FriendDoc, JudgementDoc, LaneDoc, MOST_FOLDERS,
    MOST_JUDGEMENTS, MOST_NUMBER, MOST_PATH_BYTES, MOST_SERIAL, MOST_SOUND_NAME_CHARS, ReferenceDoc,
    SampleDoc, Unread, VERSION, finite, sanitized_lane, within_limit,
};
use crate::disk::{MOST_NAME_CHARS, json, path};
use crate::engine::Trim;
use crate::features::Directions;
use crate::import::bars::{Bar, MOST_DISTINCT};
use crate::import::material::MOST_SOUNDS;
use crate::pattern::{MAX_LANES, Role, notation};
use crate::propose::Prediction;
use crate::taste::blind::BlindResult;
use crate::taste::friend::{self, Friend, PROJECT_SHARE};
use crate::taste::reference::{MOST_REFERENCES, Reference};
use crate::taste::{Judgement, LoopId};
use crate::units::Seed;
use mend::Mender;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;

/// What was read of a text.
pub(in super::super) struct Reading {
    /// What was understood.
    pub document: Document,
    /// What was not, for a person.
    pub missed: Vec<String>,
    /// It is of a version that has levels, a bus and shaping.
    pub has_levels: bool,
}

const LANES: [&str; 2] = ["lane", "lanes"];
const SOUNDS: [&str; 2] = ["sound's file", "sounds' files"];
/// The version from which on there are levels, a bus and shaping; in what is older they are off, so that it
/// sounds as it did.
const LEVELS_SINCE: f64 = 4.0;
/// The most samples that are read from one document.
const MOST_SAMPLES: usize = MOST_ENTRIES * MAX_LANES;

impl Document {
    /// Reads a text of this or an older version.
    ///
    /// # Errors
    /// The text is damaged as a whole, foreign, newer, or larger than allowed.
    pub fn read(text: &str) -> Result<Self, DocumentError> {
        Self::read_and_tell(text).map(|(document, _)| document)
    }

    /// As [`Document::read`]; says too, for a person, what of it was not understood. That is in
    /// [`Document::unread`] from then on and not said again.
    ///
    /// # Errors
    /// As for [`Document::read`].
    pub fn read_and_tell(text: &str) -> Result<(Self, Vec<String>), DocumentError> {
        Self::read_whole(text).map(|reading| (reading.document, reading.missed))
    }

    pub(in super::super) fn read_whole(text: &str) -> Result<Reading, DocumentError> {
        within_limit(text)?;
        let malformed = |reason: &str| DocumentError::Malformed(reason.to_owned());
        let tamed = json::with_numbers_in_range(text);
        let text = match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => text,
            Err(_) if json::is_json(&tamed) => &*tamed,
            Err(error) => return Err(malformed(&error.to_string())),
        };
        let fields = json::fields(text).ok_or_else(|| malformed("it is no object"))?;
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
        if field("format").and_then(read::<String>).as_deref() != Some(FORMAT) {
            return Err(malformed("it does not say that it is one"));
        }
        let version = match field("version").and_then(read::<f64>) {
            Some(version) if version > f64::from(VERSION) => {
                return Err(DocumentError::Newer(version as u32));
            }
            Some(version) if version >= 1.0 => version,
            _ => return Err(malformed("it has no version")),
        };
        let has_levels = version >= LEVELS_SINCE;
        let mut reader = Reader { fields, has_levels, unread: Unread::default(), missed: Vec::new() };
        let document = reader.document(Seed(blake3_of(text)));
        let document = Self { unread: reader.unread, ..document };
        Ok(Reading { document, missed: reader.missed, has_levels })
    }
}

/// A number that stands for a text: the same for the same text.
fn blake3_of(text: &str) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// How many there are of something.
fn count(n: usize, [one, many]: [&str; 2]) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A document in the reading.
struct Reader<'a> {
    /// What has not been taken yet.
    fields: Vec<(String, &'a str)>,
    /// It is of a version that has levels, a bus and shaping.
    has_levels: bool,
    unread: Unread,
    missed: Vec<String>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.fields.iter().position(|(known, _)| known == name)?;
        Some(self.fields.remove(at).1)
    }

    fn keep(&mut self, place: &str, text: &str) {
        self.unread.parts.push(format!("{{\"part\":\"{place}\",\"value\":{text}}}").into());
    }

    /// A field as it is written, or what `mend` makes of it.
    fn field<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        otherwise: T,
        mend: impl FnOnce(&mut Mender, &Value, T) -> T,
    ) -> T {
        let Some(text) = self.take(name) else { return otherwise };
        if let Some(value) = read(text) {
            return value;
        }
        let mut mender = Mender { understood: true };
        let value = match json::value(text) {
            Some(value) => mend(&mut mender, &value, otherwise),
            None => {
                mender.understood = false;
                otherwise
            }
        };
        if !mender.understood {
            self.keep(name, text);
            self.missed.push(format!("the {}", name.replace('_', " ")));
        }
        value
    }

    /// The elements of a list with their places, each as it is written or as it is mended. What is beyond
    /// the `newest`, and what comes as `None`, goes along unread.
    fn list<W: DeserializeOwned, T>(
        &mut self,
        name: &'static str,
        what: [&str; 2],
        newest: Option<usize>,
        mend: impl Fn(&mut Mender, &Value) -> Option<W>,
        check: impl Fn(W) -> Option<(T, bool)>,
    ) -> Vec<(usize, T)> {
        let Some(text) = self.take(name) else { return Vec::new() };
        let Some(elements) = json::elements(text) else {
            if text != "null" {
                self.keep(name, text);
                self.missed.push(format!("all {}", what[1]));
            }
            return Vec::new();
        };
        let mut odd = 0_usize;
        let beyond = newest.map_or(0, |most| elements.len().saturating_sub(most));
        let mut taken = Vec::with_capacity(elements.len() - beyond);
        for (at, element) in elements.into_iter().enumerate() {
            let mut mender = Mender { understood: at >= beyond };
            let written = if mender.understood {
                read(element).or_else(|| mend(&mut mender, &json::value(element)?))
            } else {
                None
            };
            match written.and_then(&check) {
                Some((value, whole)) => {
                    mender.understood &= whole;
                    taken.push((at, value));
                }
                None => mender.understood = false,
            }
            if !mender.understood {
                odd += 1;
                self.keep(name, element);
            }
        }
        if odd > 0 {
            self.missed.push(count(odd, what));
        }
        taken
    }

    fn document(&mut self, otherwise: Seed) -> Document {
        self.fields.retain(|(name, _)| !matches!(name.as_str(), "format" | "version"));
        self.unread_before();
        let seed =
            self.field("seed", otherwise, |m, value, other| Seed(m.whole(Some(value), u64::MAX, other.0)));
        // Since version 3; before, the learner had the session's.
        let learner_seed =
            self.field("learner_seed", seed, |m, value, other| Seed(m.whole(Some(value), u64::MAX, other.0)));
        let new = Document::new(seed, &[Role::Kick]);
        let kit = self.field("kit", new.kit, |m, value, other| m.kit(value).unwrap_or(other));
        let kit = self.limited(kit);
        let preset: Option<String> = self.field("preset", None, |m, _, other| m.not(other));
        let mono = self.field("mono", false, |m, value, other| m.flag(Some(value), other));
        let profile = self.field("profile", new.profile, |m, _, other| m.not(other));
        let any_sample = self.field("any_sample", false, |m, value, other| m.flag(Some(value), other));
        let steering = self.field("steering", new.steering, |m, value, other| m.steering(value, other));
        let strategy = self.field("strategy", new.strategy, |m, _, other| m.not(other));
        let enter = self.field("enter", new.enter, |m, _, other| m.not(other));
        let bus = if self.has_levels { new.bus } else { BusSettings::OFF };
        let bus = self.field("bus", bus, |m, value, _| m.bus(value));
        let levelled = self.field("levelled", self.has_levels, |m, value, other| m.flag(Some(value), other));
        let human = self.field("human", 0.0, |m, value, other| m.real(Some(value), other));
        let clip_feel: Option<ClipFeelDoc> = self.field("clip_feel", None, |m, _, other| m.not(other));
        let clip_feel =
            clip_feel.and_then(|doc| ClipFeel::new(cut(&doc.name, MOST_NAME_CHARS), read_bars(&doc.bars)));
        let samples = self.list(
            "samples",
            SOUNDS,
            None,
            |m, value| m.sample(value),
            |sample| {
                let sample = SampleDoc { name: cut(&sample.name, MOST_SOUND_NAME_CHARS), ..sample };
                let fits = sample.path.as_ref().is_none_or(|path| path.as_os_str().len() <= MOST_PATH_BYTES);
                fits.then_some((sample, true))
            },
        );
        let samples = samples.into_iter().map(|(_, sample)| sample).collect();
        let samples = self.cut_list("samples", samples, MOST_SAMPLES, SOUNDS);
        let history = self.history();
        let song = self.song();
        let lanes = self.lanes(&history);
        let judgements = self.judgements();
        let next = judgements.iter().map(|judgement| judgement.serial + 1).max().unwrap_or(1);
        let next_serial: u64 =
            self.field("next_serial", next, |m, value, other| m.whole(Some(value), u64::MAX, other));
        let next_serial = if next_serial > MOST_SERIAL { next } else { next_serial.max(next) };
        let directions =
            self.field("directions", Directions::NONE, |m, value, other| m.plain(Some(value), other));
        let blind: Option<BlindResult> = self.field("blind", None, |m, _, other| m.not(other));
        let what = ["reference", "references"];
        let references = self.list("references", what, Some(MOST_REFERENCES), |m, _| m.not(None), reference);
        let references = references.into_iter().map(|(_, reference)| reference).collect();
        let inbox = self.inbox();
        let project_share =
            self.field("project_share", PROJECT_SHARE, |m, value, other| m.real(Some(value), other));
        let friend: Option<FriendDoc> = self.field("friend", None, |m, _, other| m.not(other));
        let midi_map: Option<MidiMap> = self.field("midi_map", None, |m, _, other| m.not(other));
        let riff = self.field("riff", Riff::default(), |m, _, other| m.not(other));
        // What is left is of another release.
        let rest = std::mem::take(&mut self.fields);
        if !rest.is_empty() {
            let names: Vec<String> =
                rest.iter().take(4).map(|(name, _)| format!("“{}”", cut(name, 24))).collect();
            // These come back under their own names each time, so they are told each time.
            self.unread.fields = rest.into_iter().map(|(name, value)| (name, value.into())).collect();
            self.missed.push(format!("what is called {}", names.join(" and ")));
        }
        Document {
            seed,
            learner_seed,
            kit,
            preset: preset.map(|name| cut(&name, MOST_NAME_CHARS)),
            mono,
            profile: cut(&profile, 64),
            any_sample,
            steering: steering.sanitized(),
            strategy,
            enter,
            lanes,
            bus: bus.sanitized(),
            levelled,
            human: human::sanitized(human, 0.0),
            clip_feel,
            samples,
            history,
            song,
            judgements,
            next_serial,
            directions,
            blind,
            references,
            inbox,
            project_share: friend::sanitized(project_share, PROJECT_SHARE),
            friend: friend.and_then(read_friend),
            midi_map: midi_map.map(MidiMap::sanitized),
            riff: riff.sanitized(),
            unread: Unread::default(),
        }
    }

    /// Loops that have no running number, but for damage.
    fn inbox(&mut self) -> Vec<Entry> {
        let mend = |m: &mut Mender, value: &Value| m.entry(value);
        let taken =
            self.list("inbox", ["loop of the inbox", "loops of the inbox"], Some(MOST_FOUND), mend, entry);
        let mut seen = BTreeSet::new();
        let entries = taken.into_iter().map(|(_, entry)| Entry { number: 0, ..entry });
        entries.filter(|entry| seen.insert(entry.id)).collect()
    }

    /// Parts that an earlier reading did not understand stay as they are.
    fn unread_before(&mut self) {
        let Some(text) = self.take("unread") else { return };
        match json::elements(text) {
            Some(parts) => self.unread.parts = parts.into_iter().map(Into::into).collect(),
            None => {
                self.keep("unread", text);
                self.missed.push("the unread parts".to_owned());
            }
        }
    }

    fn limited(&mut self, kit: KitChoice) -> KitChoice {
        match kit {
            KitChoice::Factory => kit,
            KitChoice::FactoryKit(name) => KitChoice::FactoryKit(cut(&name, MOST_SOUND_NAME_CHARS)),
            KitChoice::Folders(mut folders) => {
                let fits = |path: &std::path::PathBuf| path.as_os_str().len() <= MOST_PATH_BYTES;
                let mut kept = 0;
                let beyond: Vec<_> = folders
                    .extract_if(.., |folder| {
                        let keep = fits(folder) && kept < MOST_FOLDERS;
                        kept += usize::from(keep);
                        !keep
                    })
                    .collect();
                for folder in &beyond {
                    let text = Value::from(path::to_text(folder).into_owned()).to_string();
                    self.keep("kit", &text);
                }
                if !beyond.is_empty() {
                    self.missed.push(count(beyond.len(), ["folder of the kit", "folders of the kit"]));
                }
                KitChoice::Folders(folders)
            }
        }
    }

    /// What a list holds beyond its limit goes along unread.
    fn cut_list<T: serde::Serialize>(
        &mut self,
        name: &str,
        mut list: Vec<T>,
        most: usize,
        what: [&str; 2],
    ) -> Vec<T> {
        let beyond = list.split_off(list.len().min(most));
        for value in &beyond {
            if let Ok(text) = serde_json::to_string(value) {
                self.keep(name, &text);
            }
        }
        if !beyond.is_empty() {
            self.missed.push(count(beyond.len(), what));
        }
        list
    }

    fn lanes(&mut self, history: &History) -> Vec<LaneDoc> {
        let mend = |m: &mut Mender, value: &Value| Some(m.lane(value));
        let lanes = self.list("lanes", LANES, None, mend, |lane| Some((sanitized_lane(lane), true)));
        let lanes = lanes.into_iter().map(|(_, lane)| lane).collect();
        let lanes = self.cut_list("lanes", lanes, MAX_LANES, LANES);
        match history.current() {
            Some(current) if lanes.is_empty() => {
                current.pattern.lanes().iter().map(|lane| LaneDoc::of(lane.role)).collect()
            }
            None if lanes.is_empty() => {
                Role::default_lanes(4).iter().map(|&role| LaneDoc::of(role)).collect()
            }
            _ => lanes,
        }
    }

    fn history(&mut self) -> History {
        let mut before = 0;
        let mend = |m: &mut Mender, value: &Value| m.entry(value);
        let what = ["loop of the history", "loops of the history"];
        let taken = self.list("history", what, Some(MOST_ENTRIES), mend, entry);
        let (places, mut entries): (Vec<usize>, Vec<Entry>) = taken.into_iter().unzip();
        for entry in &mut entries {
            if entry.number > MOST_NUMBER {
                entry.number = before + 1;
            }
            before = entry.number;
        }
        let last = entries.iter().map(|entry| entry.number).max().unwrap_or(0);
        let position: u64 =
            self.field("position", 0, |m, value, other| m.whole(Some(value), u64::MAX, other));
        let last_number: u64 =
            self.field("last_number", 0, |m, value, other| m.whole(Some(value), u64::MAX, other));
        let last_number = u32::try_from(last_number).ok().filter(|number| *number <= MOST_NUMBER);
        // The loop that was current, or the one before it.
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        let position = places.partition_point(|&place| place <= position).saturating_sub(1);
        History::restored(entries, position, last_number.unwrap_or(last))
    }

    /// Read as a whole but for loops that can't be; one that is written otherwise goes along unread.
    fn song(&mut self) -> Song {
        let Some(text) = self.take("song") else { return Song::default() };
        let (song, whole) = match read::<SongDoc>(text) {
            Some(doc) => doc.read(entry),
            None => (Song::default(), text == "null"),
        };
        if !whole {
            self.keep("song", text);
            self.missed
                .push(if song.sections.is_empty() { "the song" } else { "parts of the song" }.to_owned());
        }
        song
    }

    fn judgements(&mut self) -> Vec<Judgement> {
        let mend = |m: &mut Mender, value: &Value| m.judgement(value);
        let what = ["judgement", "judgements"];
        let taken = self.list("judgements", what, Some(MOST_JUDGEMENTS), mend, judgement);
        let mut judgements: Vec<Judgement> = taken.into_iter().map(|(_, judgement)| judgement).collect();
        // Serials are counted on from here, must never come round, and name one judgement each.
        let sound = |serial: u64| serial <= MOST_SERIAL;
        let of_all = judgements.iter().map(|judgement| judgement.serial);
        let mut next = of_all.filter(|&serial| sound(serial)).max().unwrap_or(0);
        let mut seen = BTreeSet::new();
        for judgement in &mut judgements {
            if !sound(judgement.serial) || !seen.insert(judgement.serial) {
                next += 1;
                judgement.serial = next;
                seen.insert(next);
            }
        }
        judgements
    }
}

fn entry(doc: EntryDoc) -> Option<(Entry, bool)> {
    let pattern = notation::read(&doc.pattern).ok()?;
    let id = doc.id.parse::<LoopId>().ok();
    let proposed = doc.proposed.as_deref().map(notation::read).transpose();
    let whole = id.is_some() && proposed.is_ok();
    let entry = Entry {
        id: id.unwrap_or_else(|| LoopId(blake3_of(&doc.pattern))),
        number: doc.number,
        pattern,
        proposed: proposed.ok().flatten().unwrap_or(pattern),
        verdict: doc.verdict,
        starred: doc.starred,
        prediction: doc.p_like.map(|(p_like, sd)| Prediction {
            p_like: finite(p_like, 0.0, 1.0, 0.5),
            sd: finite(sd, 0.0, 0.5, 0.5),
        }),
        feel: doc.feel,
        feel_of: doc.feel_of.and_then(|of| of.parse().ok()),
        // What is no number is measured again.
        trim: doc.trim.filter(|trim| trim.before_db.is_finite() && trim.behind_db.is_finite()).map(|trim| {
            Trim { before_db: trim.before_db.clamp(-60.0, 60.0), behind_db: trim.behind_db.clamp(-60.0, 0.0) }
        }),
    };
    Some((entry, whole))
}

/// A reference within its limits; what of it can't be read costs the rest nothing.
fn reference(doc: ReferenceDoc) -> Option<(Reference, bool)> {
    if doc.path.as_os_str().len() > MOST_PATH_BYTES {
        return None;
    }
    let bars = read_bars(&doc.bars);
    let whole = bars.len() == doc.bars.len() && doc.sounds.len() <= MOST_SOUNDS;
    let mut sounds = doc.sounds;
    sounds.truncate(MOST_SOUNDS);
    let (least, most) = (*Reference::WEIGHTS.start(), *Reference::WEIGHTS.end());
    let weight = finite(doc.weight, least, most, 1.0);
    let name = cut(&doc.name, MOST_NAME_CHARS);
    Some((Reference { name, path: doc.path, kind: doc.kind, weight, bars, sounds }, whole))
}

/// Bars within their limit, but those that can't be read.
fn read_bars(bars: &[(u16, String)]) -> Vec<Bar> {
    let read = |(count, bar): &(u16, String)| {
        Some(Bar { pattern: notation::read(bar).ok()?, count: (*count).max(1) })
    };
    bars.iter().take(MOST_DISTINCT).filter_map(read).collect()
}

/// A friend within limits; one without a place is none.
fn read_friend(doc: FriendDoc) -> Option<Friend> {
    let fits = doc.path.as_os_str().len() <= MOST_PATH_BYTES && !doc.path.as_os_str().is_empty();
    let (name, share) = (cut(&doc.name, MOST_NAME_CHARS), friend::sanitized(doc.share, 0.0));
    fits.then_some(Friend { name, path: doc.path, share, together: doc.together })
}

/// A judgement is taken only where all that it means is understood.
fn judgement(doc: JudgementDoc) -> Option<(Judgement, bool)> {
    let judgement = Judgement {
        serial: doc.serial,
        id: doc.id.parse().ok()?,
        subject: notation::read(&doc.pattern).ok()?,
        verdict: doc.verdict,
        over: doc.over.as_deref().map(notation::read).transpose().ok()?,
        source: doc.source,
        weight: finite(doc.weight, 0.01, 10.0, 1.0),
        predicted: doc.predicted.map(|p| finite(p, 0.0, 1.0, 0.5)),
    };
    Some((judgement, true))
}

#[cfg(test)]
mod tests;
