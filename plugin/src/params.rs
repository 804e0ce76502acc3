//! The host's parameters: identities, ranges, texts. Their values are atomics; any thread reads them.
//!
//! An id never changes its meaning. Retired ids: none yet.

use crate::guard::{self, Entry};
use crate::state::{SessionField, Unread};
use deepdrummer_core::engine::Enter;
use deepdrummer_core::pattern::{Grid, MAX_LANES, MAX_STEPS_PER_BAR, Meter, Swing};
use deepdrummer_core::propose::Steering;
use nice_plug::prelude::*;
use std::sync::Arc;

mod latch;

/// The primitives of `latch`, in one place: `models/` puts others there.
mod sync {
    pub(super) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

/// Bars of the loop.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// One bar.
    #[id = "1"]
    #[name = "1 bar"]
    One,
    /// Two bars.
    #[id = "2"]
    #[name = "2 bars"]
    Two,
    /// Four bars.
    #[id = "4"]
    #[name = "4 bars"]
    Four,
}

/// Time signatures to choose from.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeterChoice {
    /// 4/4.
    #[id = "4/4"]
    #[name = "4/4"]
    FourFour,
    /// 2/4.
    #[id = "2/4"]
    #[name = "2/4"]
    TwoFour,
    /// 3/4.
    #[id = "3/4"]
    #[name = "3/4"]
    ThreeFour,
    /// 5/4.
    #[id = "5/4"]
    #[name = "5/4"]
    FiveFour,
    /// 6/4.
    #[id = "6/4"]
    #[name = "6/4"]
    SixFour,
    /// 7/4.
    #[id = "7/4"]
    #[name = "7/4"]
    SevenFour,
    /// 5/8.
    #[id = "5/8"]
    #[name = "5/8"]
    FiveEight,
    /// 6/8.
    #[id = "6/8"]
    #[name = "6/8"]
    SixEight,
    /// 7/8.
    #[id = "7/8"]
    #[name = "7/8"]
    SevenEight,
    /// 9/8.
    #[id = "9/8"]
    #[name = "9/8"]
    NineEight,
    /// 12/8.
    #[id = "12/8"]
    #[name = "12/8"]
    TwelveEight,
}

impl MeterChoice {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::FourFour,
        Self::TwoFour,
        Self::ThreeFour,
        Self::FiveFour,
        Self::SixFour,
        Self::SevenFour,
        Self::FiveEight,
        Self::SixEight,
        Self::SevenEight,
        Self::NineEight,
        Self::TwelveEight,
    ];

    /// The time signature.
    #[must_use]
    pub fn meter(self) -> Meter {
        let (numerator, denominator) = match self {
            Self::FourFour => (4, 4),
            Self::TwoFour => (2, 4),
            Self::ThreeFour => (3, 4),
            Self::FiveFour => (5, 4),
            Self::SixFour => (6, 4),
            Self::SevenFour => (7, 4),
            Self::FiveEight => (5, 8),
            Self::SixEight => (6, 8),
            Self::SevenEight => (7, 8),
            Self::NineEight => (9, 8),
            Self::TwelveEight => (12, 8),
        };
        Meter { numerator, denominator }
    }

    /// The choice that is a time signature, where there is one.
    #[must_use]
    pub fn of(meter: Meter) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.meter() == meter)
    }
}

/// When the next loop enters.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnterChoice {
    /// Next bar line.
    #[id = "next_bar"]
    #[name = "Next bar"]
    NextBar,
    /// End of the loop.
    #[id = "loop_end"]
    #[name = "Loop end"]
    LoopEnd,
    /// Next beat.
    #[id = "beat"]
    #[name = "Next beat"]
    Beat,
    /// At once.
    #[id = "now"]
    #[name = "Now"]
    Now,
}

/// Where the count of changes begins anew.
pub const MOST_CHANGES: i32 = 999;

/// Below this the swing parameter means "as the loop has it".
pub const SWING_AUTO_BELOW: f32 = 49.95;

/// Whether a momentary parameter was pressed since this was last asked. It is told by the parameter
/// itself, since a press and its release may both lie within one block. A saved state that is loaded
/// presses nothing, even if it was saved while the parameter was on.
#[derive(Clone, Debug, Default)]
pub struct Press(Arc<latch::Latch>);

impl Press {
    /// A momentary parameter and its presses.
    fn of(name: impl Into<String>) -> (BoolParam, Self) {
        let press = Self::default();
        let told = press.clone();
        let note = move |on: bool| {
            if on {
                guard::run(Entry::ParamChanged, || (), || told.0.press());
            }
        };
        (switch(name, false).with_callback(Arc::new(note)), press)
    }

    /// Takes the press, if there was one. While a state is being loaded it waits: it may come from that.
    /// Audio thread.
    #[must_use]
    pub fn take(&self) -> bool {
        self.0.take(&LOADS)
    }

    /// Forgets a press.
    fn release(&self) {
        self.0.release();
    }
}

/// States that are being put into parameters just now, of all instances: the framework does not say of
/// which. Not a thread's own flag: the first touch of one allocates, which audio threads must not.
static LOADS: latch::Loads = latch::Loads(sync::AtomicUsize::new(0));

/// A state is going to be put into some instance's parameters; [`end_load`] follows.
pub(crate) fn begin_load() {
    LOADS.begin();
}

/// The state is in the parameters; what it pressed is forgotten.
pub(crate) fn end_load(pressed: &[Press]) {
    pressed.iter().for_each(Press::release);
    LOADS.end();
}

/// Whether the parameter with this id is one that is pressed.
pub(crate) fn is_momentary(id: &str) -> bool {
    ["like", "dislike", "skip", "back"].contains(&id)
        || id.starts_with("lock_beat")
        || id.starts_with("lock_sound")
}

/// The presses of all momentary parameters but those of the lanes.
#[derive(Debug)]
pub struct Presses {
    /// Of [`DrumParams::like`].
    pub like: Press,
    /// Of [`DrumParams::dislike`].
    pub dislike: Press,
    /// Of [`DrumParams::skip`].
    pub skip: Press,
    /// Of [`DrumParams::back`].
    pub back: Press,
}

/// All parameters and the session, which the host saves beside them.
#[derive(Params)]
pub struct DrumParams {
    /// The session's document; see [`SessionField`].
    #[persist = "session"]
    pub session: SessionField,
    /// What of a state could not be read; it is saved back.
    #[nested]
    pub unread: Unread,

    /// Momentary: likes the loop that is heard.
    #[id = "like"]
    pub like: BoolParam,
    /// Momentary: dislikes the loop that is heard.
    #[id = "dislike"]
    pub dislike: BoolParam,
    /// Momentary: the next loop, unrated.
    #[id = "skip"]
    pub skip: BoolParam,
    /// Momentary: the loop before this one.
    #[id = "back"]
    pub back: BoolParam,
    /// Their presses.
    pub presses: Presses,

    /// 0 sure, 1 surprising.
    #[id = "adventure"]
    pub adventure: FloatParam,
    /// 0 sparse, 1 dense; the middle leaves it to the learner.
    #[id = "density"]
    pub density: FloatParam,
    /// Per cent; below 50 every loop keeps its own.
    #[id = "swing"]
    pub swing: FloatParam,
    /// Bars.
    #[id = "length"]
    pub length: EnumParam<Length>,
    /// Steps a bar.
    #[id = "steps"]
    pub steps: IntParam,
    /// Time signature.
    #[id = "meter"]
    pub meter: EnumParam<MeterChoice>,
    /// A kick on every beat.
    #[id = "four_floor"]
    pub four_on_the_floor: BoolParam,

    /// When the next loop enters.
    #[id = "enter"]
    pub enter: EnumParam<EnterChoice>,
    /// Plays while the transport stands.
    #[id = "audition"]
    pub audition: BoolParam,
    /// Level of all outputs.
    #[id = "output"]
    pub output: FloatParam,
    /// Safety limiter of the main output.
    #[id = "limiter"]
    pub limiter: BoolParam,
    /// The host's bypass.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Turns whenever the window changes the project: hosts know by their parameters alone that there is
    /// something to save, and the framework has no other way to tell them.
    #[id = "changes"]
    pub changes: IntParam,

    /// Locks and routing of each lane.
    #[nested(array, group = "Lane")]
    pub lanes: [LaneParams; MAX_LANES],
}

/// One lane's parameters.
#[derive(Params)]
pub struct LaneParams {
    /// Momentary: locks or frees the lane's rhythm.
    #[id = "lock_beat"]
    pub lock_beat: BoolParam,
    /// Momentary: locks or frees the lane's sample.
    #[id = "lock_sound"]
    pub lock_sound: BoolParam,
    /// Presses of `lock_beat`.
    pub lock_beat_press: Press,
    /// Presses of `lock_sound`.
    pub lock_sound_press: Press,
    /// The lane goes to its own output instead of the main one, where the host has connected that.
    #[id = "own_output"]
    pub own_output: BoolParam,
}

impl LaneParams {
    fn new(lane: usize) -> Self {
        let name = |what: &str| format!("Lane {} {what}", lane + 1);
        let (lock_beat, lock_beat_press) = Press::of(name("Lock Beat"));
        let (lock_sound, lock_sound_press) = Press::of(name("Lock Sound"));
        Self {
            lock_beat,
            lock_sound,
            lock_beat_press,
            lock_sound_press,
            own_output: switch(name("Own Output"), false),
        }
    }
}

impl DrumParams {
    /// All at their defaults.
    #[must_use]
    pub fn new(session: SessionField) -> Self {
        let share = |name: &str, default: f32| {
            FloatParam::new(name, default, range(SHARE))
                .with_unit(" %")
                .with_value_to_string(formatters::v2s_f32_percentage(0))
                .with_string_to_value(from_text(share_value))
        };
        let default = Steering::default();
        let (like, like_press) = Press::of("Like");
        let (dislike, dislike_press) = Press::of("Dislike");
        let (skip, skip_press) = Press::of("Skip");
        let (back, back_press) = Press::of("Back");
        let params = Self {
            unread: Unread::new(session.runtime().clone()),
            session,
            like,
            dislike,
            skip,
            back,
            presses: Presses { like: like_press, dislike: dislike_press, skip: skip_press, back: back_press },
            adventure: share("Adventure", default.adventure),
            density: share("Density", default.density),
            swing: FloatParam::new("Swing", SWING.0, range(SWING))
                .with_step_size(0.1)
                .with_value_to_string(to_text(swing_text))
                .with_string_to_value(from_text(swing_value)),
            length: EnumParam::new("Length", Length::One),
            steps: count("Steps a Bar", 16, STEPS),
            meter: EnumParam::new("Meter", MeterChoice::FourFour),
            four_on_the_floor: switch("Four on the Floor", false),
            enter: EnumParam::new("Next Loop Enters", EnterChoice::NextBar),
            audition: switch("Audition", false),
            output: FloatParam::new("Output", 0.0, range(OUTPUT))
                .with_unit(" dB")
                .with_step_size(0.1)
                .with_value_to_string(to_text(decibel_text))
                .with_string_to_value(from_text(decibel_value)),
            limiter: switch("Safety Limiter", true),
            bypass: switch("Bypass", false).make_bypass(),
            changes: count("Changes", 0, (0, MOST_CHANGES)).hide().non_automatable(),
            lanes: std::array::from_fn(LaneParams::new),
        };
        params.session.forgets_when_loaded(params.all_presses());
        params
    }

    /// Steering as the parameters have it.
    #[must_use]
    pub fn steering(&self) -> Steering {
        let swing = self.swing.value();
        Steering {
            adventure: self.adventure.value(),
            density: self.density.value(),
            swing: (swing >= SWING_AUTO_BELOW).then(|| Swing::from_percent(swing)),
            grid: Grid {
                bars: match self.length.value() {
                    Length::One => 1,
                    Length::Two => 2,
                    Length::Four => 4,
                },
                steps_per_bar: u8::try_from(self.steps.value()).unwrap_or(16),
                meter: self.meter.value().meter(),
            },
            four_on_the_floor: self.four_on_the_floor.value(),
        }
    }

    /// Forgets presses from before anything could be heard.
    pub fn release(&self) {
        self.all_presses().iter().for_each(Press::release);
    }

    fn all_presses(&self) -> Vec<Press> {
        let Presses { like, dislike, skip, back } = &self.presses;
        let lanes = self.lanes.iter().flat_map(|lane| [&lane.lock_beat_press, &lane.lock_sound_press]);
        [like, dislike, skip, back].into_iter().chain(lanes).cloned().collect()
    }

    /// When the next loop enters.
    #[must_use]
    pub fn enter(&self) -> Enter {
        match self.enter.value() {
            EnterChoice::NextBar => Enter::NextBar,
            EnterChoice::LoopEnd => Enter::LoopEnd,
            EnterChoice::Beat => Enter::Beat,
            EnterChoice::Now => Enter::Now,
        }
    }
}

/// Ranges of the parameters that are numbers.
const SHARE: (f32, f32) = (0.0, 1.0);
const SWING: (f32, f32) = (49.0, 75.0);
const OUTPUT: (f32, f32) = (-60.0, 12.0);
const STEPS: (i32, i32) = (1, MAX_STEPS_PER_BAR as i32);

fn range((min, max): (f32, f32)) -> FloatRange {
    FloatRange::Linear { min, max }
}

/// A parameter that is on or off, and takes no other word for either.
fn switch(name: impl Into<String>, default: bool) -> BoolParam {
    BoolParam::new(name, default).with_string_to_value(from_text(switch_value))
}

/// A parameter that is a whole number, and takes none beyond its range.
fn count(name: &str, default: i32, (min, max): (i32, i32)) -> IntParam {
    let read = move |text: &str| text.trim().parse().ok().filter(|value| (min..=max).contains(value));
    IntParam::new(name, default, IntRange::Linear { min, max }).with_string_to_value(from_text(read))
}

/// What a saved value of a parameter must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A number in a range.
    Float(f32, f32),
    /// A whole number in a range.
    Int(i32, i32),
    /// On or off.
    Bool,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// What the saved values of the parameter with this id must be; `None` where there is none.
pub(crate) fn kind(id: &str) -> Option<Kind> {
    let of_lane = |name: &str| {
        let lane = id.strip_prefix(name).and_then(|rest| rest.strip_prefix('_')?.parse::<usize>().ok());
        lane.is_some_and(|lane| (1..=MAX_LANES).contains(&lane) && id == format!("{name}_{lane}"))
    };
    Some(match id {
        "adventure" | "density" => Kind::Float(SHARE.0, SHARE.1),
        "swing" => Kind::Float(SWING.0, SWING.1),
        "output" => Kind::Float(OUTPUT.0, OUTPUT.1),
        "steps" => Kind::Int(STEPS.0, STEPS.1),
        "changes" => Kind::Int(0, MOST_CHANGES),
        "length" => Kind::Choice(Length::ids().unwrap_or_default()),
        "meter" => Kind::Choice(MeterChoice::ids().unwrap_or_default()),
        "enter" => Kind::Choice(EnterChoice::ids().unwrap_or_default()),
        "like" | "dislike" | "skip" | "back" | "four_floor" | "audition" | "limiter" | "bypass" => Kind::Bool,
        _ if ["lock_beat", "lock_sound", "own_output"].into_iter().any(of_lane) => Kind::Bool,
        _ => return None,
    })
}

/// A number as people write it; neither infinite nor none.
fn number(text: &str) -> Option<f32> {
    text.trim().parse().ok().filter(|value: &f32| value.is_finite())
}

fn switch_value(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

fn share_value(text: &str) -> Option<f32> {
    number(text.trim().trim_end_matches('%')).map(|percent| (percent / 100.0).clamp(SHARE.0, SHARE.1))
}

/// How a value is put into words, as the framework takes it.
fn to_text(text: fn(f32) -> String) -> Arc<dyn Fn(f32) -> String + Send + Sync> {
    Arc::new(move |value| guard::run(Entry::ParamToText, String::new, || text(value)))
}

type FromText<T> = dyn Fn(&str) -> Option<T> + Send + Sync;

/// How words are read, as the framework takes it.
fn from_text<T>(value: impl Fn(&str) -> Option<T> + Send + Sync + 'static) -> Arc<FromText<T>> {
    Arc::new(move |text| guard::run(Entry::TextToParam, || None, || value(text)))
}

fn swing_text(value: f32) -> String {
    if value < SWING_AUTO_BELOW { "auto".to_owned() } else { format!("{value:.1} %") }
}

/// Reads what people write: "auto", "54", "54 %", "1/16 swing 54 %" (the last number counts).
fn swing_value(text: &str) -> Option<f32> {
    let text = text.trim().to_ascii_lowercase();
    if text.contains("auto") {
        return Some(SWING.0);
    }
    let last = text.trim_end_matches('%').split_whitespace().next_back()?;
    number(last).filter(|percent| (50.0..=75.0).contains(percent))
}

fn decibel_text(value: f32) -> String {
    if value <= OUTPUT.0 {
        return "-inf".to_owned();
    }
    let text = format!("{value:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

fn decibel_value(text: &str) -> Option<f32> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.trim_end_matches("db").trim();
    if text == "-inf" {
        return Some(OUTPUT.0);
    }
    number(text).map(|level| level.clamp(OUTPUT.0, OUTPUT.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::propose::{CriticKind, learner};
    use deepdrummer_core::runtime::{NoControls, Options, Runtime};
    use deepdrummer_core::units::Seed;

    fn params() -> DrumParams {
        let options = Options {
            critic: CriticKind::Random,
            learner,
            lanes: deepdrummer_core::pattern::Role::default_lanes(4).to_vec(),
            seed: Seed(1),
            home: None,
        };
        let runtime = Runtime::new(options, Arc::new(NoControls));
        DrumParams::new(SessionField::new(runtime.handle().clone()))
    }

    #[test]
    fn what_a_saved_value_must_be_is_known_of_every_parameter() {
        let params = params();
        let map = params.param_map();
        assert!(map.len() > 40);
        for (id, pointer, _) in map {
            let known = kind(&id);
            let fits = match pointer {
                ParamPtr::FloatParam(_) => matches!(known, Some(Kind::Float(..))),
                ParamPtr::IntParam(_) => matches!(known, Some(Kind::Int(..))),
                ParamPtr::BoolParam(_) => matches!(known, Some(Kind::Bool)),
                ParamPtr::EnumParam(_) => matches!(known, Some(Kind::Choice(ids)) if !ids.is_empty()),
            };
            assert!(fits, "{id}: {known:?}");
        }
        for none in ["", "lock_beat", "lock_beat_0", "lock_beat_9", "lock_beat_01", "lock_beat_+1", "new"] {
            assert_eq!(kind(none), None, "{none}");
        }
        for (param, id) in
            [(&params.adventure, "adventure"), (&params.swing, "swing"), (&params.output, "output")]
        {
            let FloatRange::Linear { min, max } = param.range() else { panic!("{id}") };
            assert_eq!(kind(id), Some(Kind::Float(min, max)));
        }
    }

    #[test]
    fn swing_reads_back_what_it_shows() {
        for tenths in 500..=750u16 {
            let value = f32::from(tenths) / 10.0;
            let back = swing_value(&swing_text(value)).unwrap();
            assert!((back - value).abs() < 0.05, "{value} -> {back}");
        }
        assert_eq!(swing_value("auto"), Some(49.0));
        assert_eq!(swing_value("1/16 swing 54 %"), Some(54.0));
        assert_eq!(swing_value("200"), None);
    }

    #[test]
    fn decibels_read_back_what_they_show() {
        for value in [-60.0, -12.5, 0.0, 12.0] {
            assert_eq!(decibel_value(&decibel_text(value)), Some(value));
        }
        assert_eq!(decibel_value("-6 dB"), Some(-6.0));
    }
}
