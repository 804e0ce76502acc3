//! What can be made of parts that are not as this release writes them.

use super::super::{EntryDoc, JudgementDoc, LaneDoc, SampleDoc, finite};
use crate::disk::path;
use crate::engine::Trim;
use crate::pattern::{Grid, Meter, Role, Swing};
use crate::propose::Steering;
use crate::session::command::{BusSettings, KitChoice, LaneMix, LaneShape};
use crate::taste::Verdict;
use crate::units::Decibels;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Makes what can be made of a part that is not as this release writes it.
pub(super) struct Mender {
    /// Nothing of it was left out.
    pub(super) understood: bool,
}

impl Mender {
    /// It is not understood.
    pub(super) fn not<T>(&mut self, otherwise: T) -> T {
        self.understood = false;
        otherwise
    }

    /// Of an object with other fields than these something is left out; of what is no object, all.
    pub(super) fn only(&mut self, value: &Value, known: &[&str]) {
        let known = |fields: &serde_json::Map<String, Value>| {
            fields.keys().all(|name| known.contains(&name.as_str()))
        };
        self.understood &= value.as_object().is_some_and(known);
    }

    /// The same of an object that may be missing.
    pub(super) fn only_if_there(&mut self, value: Option<&Value>, known: &[&str]) {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            self.only(value, known);
        }
    }

    /// A whole number up to a bound; what is no number, as computed ones are written, is `otherwise`.
    pub(super) fn whole(&mut self, value: Option<&Value>, most: u64, otherwise: u64) -> u64 {
        match value {
            Some(Value::Number(number)) => {
                let whole = number.as_u64().or_else(|| number.as_f64().map(|value| value.round() as u64));
                whole.unwrap_or(otherwise).min(most)
            }
            None | Some(Value::Null) => otherwise,
            Some(_) => self.not(otherwise),
        }
    }

    pub(super) fn byte(&mut self, value: Option<&Value>, otherwise: u8) -> u8 {
        self.whole(value, u8::MAX.into(), otherwise.into()) as u8
    }

    /// Any number; bounds are those of the checks that follow.
    pub(super) fn real(&mut self, value: Option<&Value>, otherwise: f32) -> f32 {
        match value {
            Some(Value::Number(number)) => number.as_f64().map_or(otherwise, |value| value as f32),
            None | Some(Value::Null) => otherwise,
            Some(_) => self.not(otherwise),
        }
    }

    pub(super) fn flag(&mut self, value: Option<&Value>, otherwise: bool) -> bool {
        match value {
            Some(Value::Bool(flag)) => *flag,
            None | Some(Value::Null) => otherwise,
            Some(_) => self.not(otherwise),
        }
    }

    /// Anything that is read as a whole or not at all.
    pub(super) fn plain<T: DeserializeOwned>(&mut self, value: Option<&Value>, otherwise: T) -> T {
        match value {
            None | Some(Value::Null) => otherwise,
            Some(value) => match T::deserialize(value) {
                Ok(value) => value,
                Err(_) => self.not(otherwise),
            },
        }
    }

    pub(super) fn kit(&mut self, value: &Value) -> Option<KitChoice> {
        self.understood = false;
        let folders = value.get("folders")?.as_array()?;
        let folders: Vec<_> = folders.iter().filter_map(Value::as_str).map(path::from_text).collect();
        (!folders.is_empty()).then_some(KitChoice::Folders(folders))
    }

    pub(super) fn steering(&mut self, value: &Value, new: Steering) -> Steering {
        self.only_if_there(
            Some(value),
            &["adventure", "density", "swing", "grid", "four_on_the_floor", "styles", "follow"],
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
            directions: new.directions,
            follow: finite(self.real(value.get("follow"), new.follow), -1.0, 1.0, new.follow),
            onsets: new.onsets,
        }
    }

    /// A lane stays a lane, since loops have as many.
    pub(super) fn lane(&mut self, value: &Value) -> LaneDoc {
        self.only(value, &["role", "mix", "shape", "lock_beat", "as_written", "lock_sound", "locked_steps"]);
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
            shape: value.get("shape").map_or(LaneShape::NEUTRAL, |shape| self.shape(shape)),
            lock_beat: self.flag(value.get("lock_beat"), false),
            as_written: self.flag(value.get("as_written"), false),
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

    pub(super) fn sample(&mut self, value: &Value) -> Option<SampleDoc> {
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

    pub(super) fn entry(&mut self, value: &Value) -> Option<EntryDoc> {
        let known = [
            "id", "number", "pattern", "proposed", "verdict", "starred", "p_like", "trim", "feel", "feel_of",
        ];
        self.only(value, &known);
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
            feel: self.whole(value.get("feel"), u32::MAX.into(), 0) as u32,
            feel_of: self.plain(value.get("feel_of"), None),
            trim: value.get("trim").filter(|trim| !trim.is_null()).map(|trim| {
                self.only(trim, &["before_db", "behind_db"]);
                let mut real = |name: &str| self.real(trim.get(name), f32::NAN);
                Trim { before_db: real("before_db"), behind_db: real("behind_db") }
            }),
        })
    }

    pub(super) fn bus(&mut self, value: &Value) -> BusSettings {
        let known = [
            "on",
            "glue",
            "threshold",
            "sidechain_hz",
            "drive",
            "tilt_db",
            "room",
            "duck_db",
            "width",
            "trim",
            "limiter",
        ];
        self.only(value, &known);
        // What is not there does nothing; what can't be understood is as in a new session.
        let [off, new] = [BusSettings::OFF, BusSettings::GENTLE];
        let of = |name: &str| if value.get(name).is_none() { off } else { new };
        let mut real =
            |name: &str, field: fn(&BusSettings) -> f32| self.real(value.get(name), field(&of(name)));
        BusSettings {
            glue: real("glue", |bus| bus.glue),
            threshold: Decibels(real("threshold", |bus| bus.threshold.0)),
            sidechain_hz: real("sidechain_hz", |bus| bus.sidechain_hz),
            drive: real("drive", |bus| bus.drive),
            tilt_db: real("tilt_db", |bus| bus.tilt_db),
            room: real("room", |bus| bus.room),
            duck_db: real("duck_db", |bus| bus.duck_db),
            width: real("width", |bus| bus.width),
            trim: Decibels(real("trim", |bus| bus.trim.0)),
            on: self.flag(value.get("on"), of("on").on),
            limiter: self.flag(value.get("limiter"), of("limiter").limiter),
        }
    }

    fn shape(&mut self, value: &Value) -> LaneShape {
        let known = [
            "start_ms",
            "attack_ms",
            "hold_ms",
            "decay_ms",
            "pitch_env_semitones",
            "pitch_env_ms",
            "high_pass_hz",
            "low_pass_hz",
            "resonance",
            "drive",
            "transient",
            "width",
            "room",
            "delay_ms",
            "swing_percent",
            "velocity_tone",
            "takes",
        ];
        self.only_if_there(Some(value), &known);
        let none = LaneShape::NEUTRAL;
        let mut real = |name: &str, otherwise: f32| self.real(value.get(name), otherwise);
        LaneShape {
            start_ms: real("start_ms", none.start_ms),
            attack_ms: real("attack_ms", none.attack_ms),
            hold_ms: real("hold_ms", none.hold_ms),
            decay_ms: real("decay_ms", none.decay_ms),
            pitch_env_semitones: real("pitch_env_semitones", none.pitch_env_semitones),
            pitch_env_ms: real("pitch_env_ms", none.pitch_env_ms),
            high_pass_hz: real("high_pass_hz", none.high_pass_hz),
            low_pass_hz: real("low_pass_hz", none.low_pass_hz),
            resonance: real("resonance", none.resonance),
            drive: real("drive", none.drive),
            transient: real("transient", none.transient),
            width: real("width", none.width),
            room: real("room", none.room),
            delay_ms: real("delay_ms", none.delay_ms),
            swing_percent: real("swing_percent", none.swing_percent),
            velocity_tone: real("velocity_tone", none.velocity_tone),
            takes: self.byte(value.get("takes"), none.takes),
        }
    }

    pub(super) fn judgement(&mut self, value: &Value) -> Option<JudgementDoc> {
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
