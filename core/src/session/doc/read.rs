//! Reads a document part by part. A part as this release writes it is taken as it is. Of any other, what is
//! understood is taken, numbers are brought into their ranges, and the part itself goes along unread.
//!
//! Worker thread. The text is untrusted.

use super::super::command::{KitChoice, LaneMix};
use super::super::history::{Entry, History, MOST_ENTRIES};
use super::{
    Document, DocumentError, EntryDoc, FORMAT, JudgementDoc, LaneDoc, MOST_FOLDERS, MOST_JUDGEMENTS,
    MOST_NUMBER, MOST_PATH_BYTES, MOST_SERIAL, MOST_SOUND_NAME_CHARS, SampleDoc, Unread, VERSION, finite,
    sanitized_lane, within_limit,
};
use crate::disk::{MOST_NAME_CHARS, json, path};
use crate::pattern::{Grid, MAX_LANES, Meter, Role, Swing, notation};
use crate::propose::{Prediction, Steering};
use crate::taste::{Judgement, LoopId, Verdict};
use crate::units::{Decibels, Seed};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;

const LANES: [&str; 2] = ["lane", "lanes"];
const SOUNDS: [&str; 2] = ["sound's file", "sounds' files"];
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
        match field("version").and_then(read::<f64>) {
            Some(version) if version > f64::from(VERSION) => {
                return Err(DocumentError::Newer(version as u32));
            }
            Some(version) if version >= 1.0 => {}
            _ => return Err(malformed("it has no version")),
        }
        let mut reader = Reader { fields, unread: Unread::default(), missed: Vec::new() };
        let document = reader.document(Seed(blake3_of(text)));
        Ok((Self { unread: reader.unread, ..document }, reader.missed))
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
        let lanes = self.lanes(&history);
        let judgements = self.judgements();
        let next = judgements.iter().map(|judgement| judgement.serial + 1).max().unwrap_or(1);
        let next_serial: u64 =
            self.field("next_serial", next, |m, value, other| m.whole(Some(value), u64::MAX, other));
        let next_serial = if next_serial > MOST_SERIAL { next } else { next_serial.max(next) };
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
            samples,
            history,
            judgements,
            next_serial,
            unread: Unread::default(),
        }
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
    };
    Some((entry, whole))
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

/// Makes what can be made of a part that is not as this release writes it.
struct Mender {
    /// Nothing of it was left out.
    understood: bool,
}

impl Mender {
    /// It is not understood.
    fn not<T>(&mut self, otherwise: T) -> T {
        self.understood = false;
        otherwise
    }

    /// Of an object with other fields than these something is left out; of what is no object, all.
    fn only(&mut self, value: &Value, known: &[&str]) {
        let known = |fields: &serde_json::Map<String, Value>| {
            fields.keys().all(|name| known.contains(&name.as_str()))
        };
        self.understood &= value.as_object().is_some_and(known);
    }

    /// The same of an object that may be missing.
    fn only_if_there(&mut self, value: Option<&Value>, known: &[&str]) {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            self.only(value, known);
        }
    }

    /// A whole number up to a bound; what is no number, as computed ones are written, is `otherwise`.
    fn whole(&mut self, value: Option<&Value>, most: u64, otherwise: u64) -> u64 {
        match value {
            Some(Value::Number(number)) => {
                let whole = number.as_u64().or_else(|| number.as_f64().map(|value| value.round() as u64));
                whole.unwrap_or(otherwise).min(most)
            }
            None | Some(Value::Null) => otherwise,
            Some(_) => self.not(otherwise),
        }
    }

    fn byte(&mut self, value: Option<&Value>, otherwise: u8) -> u8 {
        self.whole(value, u8::MAX.into(), otherwise.into()) as u8
    }

    /// Any number; bounds are those of the checks that follow.
    fn real(&mut self, value: Option<&Value>, otherwise: f32) -> f32 {
        match value {
            Some(Value::Number(number)) => number.as_f64().map_or(otherwise, |value| value as f32),
            None | Some(Value::Null) => otherwise,
            Some(_) => self.not(otherwise),
        }
    }

    fn flag(&mut self, value: Option<&Value>, otherwise: bool) -> bool {
        match value {
            Some(Value::Bool(flag)) => *flag,
            None | Some(Value::Null) => otherwise,
            Some(_) => self.not(otherwise),
        }
    }

    /// Anything that is read as a whole or not at all.
    fn plain<T: DeserializeOwned>(&mut self, value: Option<&Value>, otherwise: T) -> T {
        match value {
            None | Some(Value::Null) => otherwise,
            Some(value) => match T::deserialize(value) {
                Ok(value) => value,
                Err(_) => self.not(otherwise),
            },
        }
    }

    fn kit(&mut self, value: &Value) -> Option<KitChoice> {
        self.understood = false;
        let folders = value.get("folders")?.as_array()?;
        let folders: Vec<_> = folders.iter().filter_map(Value::as_str).map(path::from_text).collect();
        (!folders.is_empty()).then_some(KitChoice::Folders(folders))
    }

    fn steering(&mut self, value: &Value, new: Steering) -> Steering {
        self.only_if_there(
            Some(value),
            &["adventure", "density", "swing", "grid", "four_on_the_floor", "styles"],
        );
        let grid = value.get("grid");
        self.only_if_there(grid, &["bars", "steps_per_bar", "meter"]);
        let part = |name: &str| grid.and_then(|grid| grid.get(name));
        let meter = part("meter");
        self.only_if_there(meter, &["numerator", "denominator"]);
        let of_meter = |name: &str| meter.and_then(|meter| meter.get(name));
        Steering {
            adventure: finite(self.real(value.get("adventure"), new.adventure), 0.0, 1.0, new.adventure),
            density: finite(self.real(value.get("density"), new.density), 0.0, 1.0, new.density),
            // In tenths of a per cent; none where there is none.
            swing: match value.get("swing") {
                None | Some(Value::Null) => None,
                swing @ Some(Value::Number(_)) => {
                    Some(Swing::from_percent(self.whole(swing, 750, 500) as f32 / 10.0))
                }
                Some(_) => self.not(None),
            },
            grid: Grid {
                bars: self.byte(part("bars"), new.grid.bars),
                steps_per_bar: self.byte(part("steps_per_bar"), new.grid.steps_per_bar),
                meter: Meter {
                    numerator: self.byte(of_meter("numerator"), new.grid.meter.numerator),
                    denominator: self.byte(of_meter("denominator"), new.grid.meter.denominator),
                },
            },
            four_on_the_floor: self.flag(value.get("four_on_the_floor"), new.four_on_the_floor),
            styles: self.plain(value.get("styles"), new.styles),
        }
    }

    /// A lane stays a lane, since loops have as many.
    fn lane(&mut self, value: &Value) -> LaneDoc {
        self.only(value, &["role", "mix", "lock_beat", "lock_sound", "locked_steps"]);
        let role = value.get("role").and_then(|role| serde::Deserialize::deserialize(role).ok());
        let new = LaneDoc::of(role.unwrap_or_else(|| self.not(Role::Percussion)));
        let mix = value.get("mix");
        self.only_if_there(mix, &["level", "pan", "tune_semitones", "mute", "solo", "choke"]);
        let part = |name: &str| mix.and_then(|mix| mix.get(name));
        let mix = LaneMix {
            level: Decibels(self.real(part("level"), new.mix.level.0)),
            pan: self.real(part("pan"), new.mix.pan),
            tune_semitones: self.real(part("tune_semitones"), new.mix.tune_semitones),
            mute: self.flag(part("mute"), new.mix.mute),
            solo: self.flag(part("solo"), new.mix.solo),
            choke: self.byte(part("choke"), new.mix.choke),
        };
        LaneDoc {
            role: new.role,
            mix,
            lock_beat: self.flag(value.get("lock_beat"), false),
            lock_sound: self.flag(value.get("lock_sound"), false),
            locked_steps: match value.get("locked_steps") {
                None | Some(Value::Null) => 0,
                Some(mask) => {
                    let mask = mask.as_str().and_then(|mask| u128::from_str_radix(mask, 16).ok());
                    mask.unwrap_or_else(|| self.not(0))
                }
            },
        }
    }

    fn sample(&mut self, value: &Value) -> Option<SampleDoc> {
        self.only(value, &["id", "name", "role", "path", "embedded", "sound"]);
        let id: crate::pattern::SampleId = value.get("id")?.as_str()?.parse().ok()?;
        Some(SampleDoc {
            id,
            name: self.plain(value.get("name"), id.to_string()),
            role: self.plain(value.get("role"), Role::Percussion),
            path: self.plain::<Option<String>>(value.get("path"), None).as_deref().map(path::from_text),
            embedded: self.plain(value.get("embedded"), None),
            sound: self.plain(value.get("sound"), None),
        })
    }

    fn entry(&mut self, value: &Value) -> Option<EntryDoc> {
        self.only(value, &["id", "number", "pattern", "proposed", "verdict", "starred", "p_like"]);
        Some(EntryDoc {
            // Without one it gets another.
            id: self.plain(value.get("id"), String::new()),
            number: self.whole(value.get("number"), u32::MAX.into(), u32::MAX.into()) as u32,
            pattern: value.get("pattern")?.as_str()?.to_owned(),
            proposed: self.plain(value.get("proposed"), None),
            verdict: self.plain(value.get("verdict"), None),
            starred: self.flag(value.get("starred"), false),
            p_like: match value.get("p_like") {
                None | Some(Value::Null) => None,
                Some(Value::Array(pair)) if pair.len() == 2 => {
                    Some((self.real(pair.first(), f32::NAN), self.real(pair.last(), f32::NAN)))
                }
                Some(_) => self.not(None),
            },
        })
    }

    fn judgement(&mut self, value: &Value) -> Option<JudgementDoc> {
        self.only(value, &["serial", "id", "pattern", "verdict", "over", "source", "weight", "predicted"]);
        let verdict = value.get("verdict")?;
        self.only(verdict, &["like", "rhythm", "sound"]);
        let verdict = Verdict {
            like: self.plain(verdict.get("like"), None),
            rhythm: self.plain(verdict.get("rhythm"), None),
            sound: self.plain(verdict.get("sound"), None),
        };
        (verdict != Verdict { like: None, rhythm: None, sound: None }).then_some(())?;
        Some(JudgementDoc {
            serial: self.whole(value.get("serial"), u64::MAX, u64::MAX),
            id: value.get("id")?.as_str()?.to_owned(),
            pattern: value.get("pattern")?.as_str()?.to_owned(),
            verdict,
            over: match value.get("over") {
                None | Some(Value::Null) => None,
                Some(over) => Some(over.as_str()?.to_owned()),
            },
            source: serde::Deserialize::deserialize(value.get("source")?).ok()?,
            weight: self.real(value.get("weight"), f32::NAN),
            predicted: match value.get("predicted") {
                None | Some(Value::Null) => None,
                predicted => Some(self.real(predicted, f32::NAN)),
            },
        })
    }
}

#[cfg(test)]
mod tests;
