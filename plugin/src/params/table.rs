//! The table of host parameters: everything that is known of each stands in its row, and nowhere else.
//!
//! From it derive what hosts see (`params.rs`: ids, names, groups, ranges, texts, what a saved state may hold),
//! the remote-control pages, the names by which the editor reads and sets them ([`HostParam`]), what the worker
//! follows ([`Holds::Session`]) and what the audio thread does ([`Holds::Mix`], [`Holds::Press`]).
//!
//! An id never changes its meaning, nor a row its kind: projects and automation hold them. Retired ids: none
//! yet.

use super::choices::{EnterChoice, Length, MeterChoice, nth, position};
use super::text::{self, SWING_AUTO, SWING_AUTO_BELOW, Text};
use deepdrummer_core::engine::{MixState, Said};
use deepdrummer_core::pattern::{MAX_LANES, MAX_STEPS_PER_BAR, Swing};
use deepdrummer_core::session::Controls;
use deepdrummer_core::units::Decibels;
use nice_plug::prelude::{Enum, EnumParam, ParamPtr};

/// One row of the table.
#[derive(Clone, Copy)]
pub struct Row {
    /// For ever. In a row of the lanes, `_1` to `_8` follow.
    pub id: &'static str,
    /// What a person reads. In a row of the lanes, "Lane 1 " to "Lane 8 " come before.
    pub name: &'static str,
    /// What hovering says.
    pub help: &'static str,
    /// Its group in hosts' lists, a path with `/`; in a row of the lanes below "Lane 1" to "Lane 8".
    pub group: &'static str,
    /// Its values.
    pub kind: Kind,
    /// What it changes.
    pub holds: Holds,
    /// Its page of remote controls, and its place there, 0 to 7; in a row of the lanes the place is the lane.
    pub page: Option<(Page, usize)>,
    /// What hosts do with it.
    pub role: HostRole,
}

/// The values of a parameter. Plain values are numbers: switches are 0 or 1, choices positions in their list.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A number.
    Number {
        /// The least value.
        least: f32,
        /// The greatest.
        most: f32,
        /// That of a new instance.
        default: f32,
        /// Hosts' values are multiples of it, where there is one.
        grain: Option<f32>,
        /// What an arrow key changes in the window.
        nudge: f32,
        /// How it is written and read.
        text: Text,
    },
    /// A whole number.
    Count {
        /// The least value.
        least: i32,
        /// The greatest.
        most: i32,
        /// That of a new instance.
        default: i32,
    },
    /// On or off.
    Switch {
        /// That of a new instance.
        default: bool,
    },
    /// One of a list; the first is that of a new instance.
    Choice(Choices),
    /// On while it is pressed.
    Button,
}

/// The list of a choice.
#[derive(Clone, Copy)]
pub struct Choices {
    /// What a person reads.
    pub names: fn() -> &'static [&'static str],
    ids: fn() -> Option<&'static [&'static str]>,
    pub(super) make: fn(String) -> Box<dyn Choice>,
}

/// A parameter of some list of choices.
pub(super) trait Choice: Send + Sync {
    /// Of the framework's type without the list, [`ParamPtr::EnumParam`], and in this value.
    fn pointer(&self) -> ParamPtr;
}

impl<T: Enum + PartialEq + Send + Sync> Choice for EnumParam<T> {
    fn pointer(&self) -> ParamPtr {
        nice_plug::prelude::Param::as_ptr(self)
    }
}

impl Choices {
    /// What saved states hold.
    #[must_use]
    pub fn ids(self) -> &'static [&'static str] {
        (self.ids)().unwrap_or_default()
    }

    /// The list of a type.
    const fn of<T: Enum + PartialEq + Send + Sync + 'static>() -> Self {
        Self {
            names: T::variants,
            ids: T::ids,
            make: |name| Box::new(EnumParam::<T>::new(name, T::from_index(0))),
        }
    }
}

/// What a parameter changes.
#[derive(Clone, Copy)]
pub enum Holds {
    /// Something of the session: the worker follows.
    Session {
        /// The plain value, where the parameter has one for it.
        get: fn(&Controls) -> Option<f32>,
        /// Sets it.
        set: fn(&mut Controls, f32),
    },
    /// Something of the engine, set before every block: of a lane or, in rows of no lane, of lane 0.
    Mix(SetMix),
    /// What pressing it does, at the start of the block in which it is pressed.
    Press(Press),
    /// Nothing: it turns whenever the window changes the project. Hosts know by their parameters alone that
    /// there is something to save, and the framework has no other way to tell them.
    Changes,
}

/// Sets something of the engine: of which lane, and the plain value.
pub type SetMix = fn(&mut MixState, usize, f32);

/// What pressing a parameter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Says something of the loop that is heard.
    Say(Said),
    /// Locks or frees the lane's rhythm.
    LockBeat,
    /// Locks or frees the lane's sound.
    LockSound,
}

/// What hosts do with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRole {
    /// Automate and show it.
    Plain,
    /// Bypass the plugin with it.
    Bypass,
    /// Nothing.
    Hidden,
}

/// The pages of remote controls, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// What is at hand most.
    RateAndSteer,
    /// What is set once in a while.
    LoopAndOutput,
    /// A button for each lane.
    LockBeats,
    /// A button for each lane.
    LockSounds,
}

impl Page {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::RateAndSteer, Self::LoopAndOutput, Self::LockBeats, Self::LockSounds];

    /// What a person reads.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RateAndSteer => "Rate and steer",
            Self::LoopAndOutput => "Loop and output",
            Self::LockBeats => "Lock beats",
            Self::LockSounds => "Lock sounds",
        }
    }

    /// What lies on its eight places.
    #[must_use]
    pub fn places(self) -> [Option<HostParam>; 8] {
        let mut places = [None; 8];
        for param in HostParam::all() {
            if let Some((page, place)) = param.row().page
                && page == self
            {
                places[param.lane().unwrap_or(place)] = Some(param);
            }
        }
        places
    }
}

/// Where the count of changes begins anew.
pub const MOST_CHANGES: i32 = 999;

impl Row {
    const fn new(kind: Kind, holds: Holds) -> Self {
        let (role, page) = (HostRole::Plain, None);
        Self { id: "", name: "", help: "", group: "", kind, holds, page, role }
    }

    const fn button(press: Press) -> Self {
        Self::new(Kind::Button, Holds::Press(press))
    }

    const fn share(default: f32, get: fn(&Controls) -> Option<f32>, set: fn(&mut Controls, f32)) -> Self {
        let kind =
            Kind::Number { least: 0.0, most: 1.0, default, grain: None, nudge: 0.05, text: text::PERCENT };
        Self::new(kind, Holds::Session { get, set })
    }

    const fn on(self, page: Page, place: usize) -> Self {
        Self { page: Some((page, place)), ..self }
    }

    /// How its values are written and read; switches and choices have words instead.
    pub(super) fn text(&self) -> Text {
        if let Kind::Number { text, .. } = self.kind { text } else { text::COUNT }
    }

    const fn with_role(self, role: HostRole) -> Self {
        Self { role, ..self }
    }
}

/// Names the rows, those of the whole plugin and those of each lane, and puts them into the table in order.
macro_rules! table {
    (
        whole { $($whole:ident: $whole_id:literal, $whole_name:literal, $whole_help:literal, $whole_row:expr;)* }
        lanes { $($lane:ident: $lane_id:literal, $lane_name:literal, $lane_help:literal, $lane_row:expr;)* }
    ) => {
        /// The name of a host parameter in the code. Its values are plain, see [`Kind`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum HostParam {
            $(#[doc = $whole_help] $whole,)*
            /// One of a lane, 0 to 7.
            Lane(LaneParam, u8),
        }

        /// The name of a parameter that every lane has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum LaneParam {
            $(#[doc = $lane_help] $lane,)*
        }

        static WHOLE: &[(HostParam, Row)] = &[$((
            HostParam::$whole,
            Row { id: $whole_id, name: $whole_name, help: $whole_help, ..$whole_row },
        ),)*];

        static OF_A_LANE: &[(LaneParam, Row)] = &[$((
            LaneParam::$lane,
            Row { id: $lane_id, name: $lane_name, help: $lane_help, ..$lane_row },
        ),)*];

        impl HostParam {
            /// Its place in the hosts' order: the whole plugin's, then lane by lane.
            #[must_use]
            pub fn index(self) -> usize {
                enum Place { $($whole,)* }
                match self {
                    $(Self::$whole => Place::$whole as usize,)*
                    Self::Lane(param, lane) => {
                        WHOLE.len() + usize::from(lane) * OF_A_LANE.len() + param as usize
                    }
                }
            }
        }
    };
}

table! {
    whole {
        Like: "like", "Like", "Likes the loop that is heard.",
            Row::button(Press::Say(Said::Like)).on(Page::RateAndSteer, 1);
        Dislike: "dislike", "Dislike", "Dislikes the loop that is heard.",
            Row::button(Press::Say(Said::Dislike)).on(Page::RateAndSteer, 0);
        Skip: "skip", "Skip", "The next loop, unrated.",
            Row::button(Press::Say(Said::Skip)).on(Page::RateAndSteer, 2);
        Back: "back", "Back", "The loop before this one.",
            Row::button(Press::Say(Said::Back)).on(Page::RateAndSteer, 3);
        Adventure: "adventure", "Adventure",
            "Sure to surprising: how far new loops leave what is known to please you.",
            Row::share(0.35, |c| Some(c.steering.adventure), |c, share| c.steering.adventure = share)
                .on(Page::RateAndSteer, 4);
        Density: "density", "Density", "Sparse to dense; the middle leaves it to what was learned.",
            Row::share(0.5, |c| Some(c.steering.density), |c, share| c.steering.density = share)
                .on(Page::RateAndSteer, 5);
        Swing: "swing", "Swing",
            "50 % is straight, 66 % a triplet shuffle; all the way left leaves it to what was learned.",
            Row::new(
                Kind::Number {
                    least: SWING_AUTO,
                    most: 75.0,
                    default: SWING_AUTO,
                    grain: Some(0.1),
                    nudge: 1.0,
                    text: text::SWING,
                },
                Holds::Session {
                    get: |c| Some(c.steering.swing.map_or(SWING_AUTO, Swing::percent)),
                    set: |c, percent| {
                        c.steering.swing = (percent >= SWING_AUTO_BELOW).then(|| Swing::from_percent(percent));
                    },
                },
            ).on(Page::RateAndSteer, 6);
        Length: "length", "Length", "Bars in a loop.",
            Row::new(Kind::Choice(Choices::of::<Length>()), Holds::Session {
                get: |c| position(Length::ALL, |length| length.bars() == c.steering.grid.bars),
                set: |c, at| c.steering.grid.bars = nth(Length::ALL, at).bars(),
            }).on(Page::LoopAndOutput, 0);
        Steps: "steps", "Steps a Bar", "Steps a bar: 16 are sixteenths, 12 and 24 triplets.",
            Row::new(Kind::Count { least: 1, most: MAX_STEPS_PER_BAR as i32, default: 16 }, Holds::Session {
                get: |c| Some(c.steering.grid.steps_per_bar.into()),
                set: |c, steps| c.steering.grid.steps_per_bar = steps as u8,
            }).on(Page::LoopAndOutput, 1);
        Meter: "meter", "Meter", "The time signature of new loops.",
            Row::new(Kind::Choice(Choices::of::<MeterChoice>()), Holds::Session {
                get: |c| position(MeterChoice::ALL, |choice| choice.meter() == c.steering.grid.meter),
                set: |c, at| c.steering.grid.meter = nth(MeterChoice::ALL, at).meter(),
            }).on(Page::LoopAndOutput, 2);
        FourOnTheFloor: "four_floor", "Four on the Floor",
            "Four on the floor: a kick on every beat and on nothing else.",
            Row::new(Kind::Switch { default: false }, Holds::Session {
                get: |c| Some(c.steering.four_on_the_floor.into()),
                set: |c, on| c.steering.four_on_the_floor = on > 0.5,
            }).on(Page::RateAndSteer, 7);
        Enter: "enter", "Next Loop Enters", "When the next loop takes over from this one.",
            Row::new(Kind::Choice(Choices::of::<EnterChoice>()), Holds::Session {
                get: |c| position(EnterChoice::ALL, |choice| choice.enter() == c.enter),
                set: |c, at| c.enter = nth(EnterChoice::ALL, at).enter(),
            }).on(Page::LoopAndOutput, 3);
        Audition: "audition", "Audition", "Play the loop while the host stands still, at the host's tempo.",
            Row::new(Kind::Switch { default: false }, Holds::Session {
                get: |c| Some(c.audition.into()),
                set: |c, on| c.audition = on > 0.5,
            }).on(Page::LoopAndOutput, 4);
        Output: "output", "Output", "The level of the main output. Double-click sets 0 dB.",
            Row::new(
                Kind::Number {
                    least: -60.0,
                    most: 12.0,
                    default: 0.0,
                    grain: Some(0.1),
                    nudge: 0.5,
                    text: text::DECIBELS,
                },
                Holds::Mix(|mix, _, decibels| mix.output = Decibels(decibels)),
            ).on(Page::LoopAndOutput, 5);
        Limiter: "limiter", "Safety Limiter", "Keeps the main output below 0 dBFS.",
            Row::new(Kind::Switch { default: true }, Holds::Mix(|mix, _, on| mix.limiter = on > 0.5))
                .on(Page::LoopAndOutput, 6);
        Bypass: "bypass", "Bypass", "Nothing sounds and no note goes out.",
            Row::new(Kind::Switch { default: false }, Holds::Mix(|mix, _, on| mix.bypassed = on > 0.5))
                .with_role(HostRole::Bypass);
        Changes: "changes", "Changes", "How often the window has changed the project.",
            Row::new(Kind::Count { least: 0, most: MOST_CHANGES, default: 0 }, Holds::Changes)
                .with_role(HostRole::Hidden);
    }
    lanes {
        LockBeat: "lock_beat", "Lock Beat", "Locks or frees the lane's rhythm.",
            Row::button(Press::LockBeat).on(Page::LockBeats, 0);
        LockSound: "lock_sound", "Lock Sound", "Locks or frees the lane's sound.",
            Row::button(Press::LockSound).on(Page::LockSounds, 0);
        OwnOutput: "own_output", "Own Output",
            "The lane goes to its own output instead of the main one, where the host has connected that.",
            Row::new(
                Kind::Switch { default: false },
                Holds::Mix(|mix, lane, on| mix.own_output[lane] = on > 0.5),
            );
    }
}

impl HostParam {
    /// All of them, in the hosts' order.
    pub fn all() -> impl Iterator<Item = Self> {
        let lanes = (0..MAX_LANES as u8)
            .flat_map(|lane| OF_A_LANE.iter().map(move |(param, _)| Self::Lane(*param, lane)));
        WHOLE.iter().map(|(param, _)| *param).chain(lanes)
    }

    /// The parameter with an id.
    #[must_use]
    pub fn with_id(id: &str) -> Option<Self> {
        Self::all().find(|param| param.id() == id)
    }

    /// What is known of it.
    #[must_use]
    pub fn row(self) -> &'static Row {
        match self {
            Self::Lane(param, _) => &OF_A_LANE[param as usize].1,
            whole => &WHOLE[whole.index()].1,
        }
    }

    /// Its lane, if it is of one.
    #[must_use]
    pub fn lane(self) -> Option<usize> {
        if let Self::Lane(_, lane) = self { Some(lane.into()) } else { None }
    }

    /// The id that projects and automation hold.
    #[must_use]
    pub fn id(self) -> String {
        let id = self.row().id;
        self.lane().map_or_else(|| id.to_owned(), |lane| format!("{id}_{}", lane + 1))
    }

    /// What a person reads.
    #[must_use]
    pub fn name(self) -> String {
        let name = self.row().name;
        self.lane().map_or_else(|| name.to_owned(), |lane| format!("Lane {} {name}", lane + 1))
    }

    /// Its group in hosts' lists, a path with `/`.
    #[must_use]
    pub fn group(self) -> String {
        match (self.lane(), self.row().group) {
            (None, group) => group.to_owned(),
            (Some(lane), "") => format!("Lane {}", lane + 1),
            (Some(lane), group) => format!("Lane {}/{group}", lane + 1),
        }
    }

    /// The plain value of a new instance.
    #[must_use]
    pub fn default(self) -> f32 {
        match self.row().kind {
            Kind::Number { default, .. } => default,
            Kind::Count { default, .. } => default as f32,
            Kind::Switch { default } => default.into(),
            Kind::Choice(_) | Kind::Button => 0.0,
        }
    }

    /// The least and the greatest plain value.
    #[must_use]
    pub fn range(self) -> [f32; 2] {
        match self.row().kind {
            Kind::Number { least, most, .. } => [least, most],
            Kind::Count { least, most, .. } => [least as f32, most as f32],
            Kind::Switch { .. } | Kind::Button => [0.0, 1.0],
            Kind::Choice(choices) => [0.0, ((choices.names)().len() - 1) as f32],
        }
    }

    /// A plain value brought into the range, and to a whole number where it is one; not-a-number becomes the
    /// default.
    #[must_use]
    pub fn sanitized(self, plain: f32) -> f32 {
        let [least, most] = self.range();
        let plain = if plain.is_nan() { self.default() } else { plain.clamp(least, most) };
        if matches!(self.row().kind, Kind::Number { .. }) { plain } else { plain.round() }
    }

    /// The parameters that a session follows and that do not hold what is wanted, with the values that do.
    pub fn to_hold(wanted: Controls, now: impl Fn(Self) -> f32) -> impl Iterator<Item = (Self, f32)> {
        Self::all().filter_map(move |param| {
            let Holds::Session { get, .. } = param.row().holds else { return None };
            let value = get(&wanted)?;
            // Finer than any control shows.
            ((now(param) - value).abs() > 1e-4).then_some((param, value))
        })
    }

    /// What parameters with these values hold of a session.
    #[must_use]
    pub fn controls(value: impl Fn(Self) -> f32) -> Controls {
        let mut controls = Controls::default();
        for param in Self::all() {
            if let Holds::Session { set, .. } = param.row().holds {
                set(&mut controls, value(param));
            }
        }
        controls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::engine::Enter;
    use deepdrummer_core::pattern::{Grid, Meter};
    use deepdrummer_core::propose::Steering;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_parameter_is_found_where_it_says_and_under_one_id() {
        let all: Vec<HostParam> = HostParam::all().collect();
        for (at, param) in all.iter().enumerate() {
            assert_eq!(param.index(), at, "{param:?}");
            assert!(!param.row().help.is_empty() && !param.row().name.is_empty());
        }
        let ids: BTreeSet<String> = all.iter().map(|param| param.id()).collect();
        assert_eq!(ids.len(), all.len());
        assert!(all.iter().all(|param| HostParam::with_id(&param.id()) == Some(*param)));
        for none in ["", "lock_beat", "lock_beat_0", "lock_beat_9", "lock_beat_01", "lock_beat_+1", "new"] {
            assert_eq!(HostParam::with_id(none), None, "{none}");
        }
    }

    #[test]
    fn no_two_parameters_share_a_place_on_a_page_and_none_lies_beyond_its_end() {
        let placed = HostParam::all().filter(|param| param.row().page.is_some()).count();
        let found: usize = Page::ALL.iter().map(|page| page.places().iter().flatten().count()).sum();
        assert_eq!(found, placed);
    }

    #[test]
    fn a_new_instances_parameters_hold_what_a_new_session_and_a_new_mixer_have() {
        assert_eq!(HostParam::controls(HostParam::default), Controls::default());
        assert_eq!(HostParam::to_hold(Controls::default(), HostParam::default).count(), 0);
        let mut mix = MixState::default();
        for param in HostParam::all() {
            if let Holds::Mix(set) = param.row().holds {
                set(&mut mix, param.lane().unwrap_or(0), param.default());
            }
        }
        assert_eq!(mix, MixState::default());
    }

    #[test]
    fn whatever_a_session_holds_the_parameters_take_on_and_give_back_whole() {
        let mut values: BTreeMap<HostParam, f32> =
            HostParam::all().map(|param| (param, param.default())).collect();
        for (at, meter) in MeterChoice::ALL.into_iter().map(MeterChoice::meter).enumerate() {
            let wanted = Controls {
                steering: Steering {
                    adventure: at as f32 / 11.0,
                    density: 1.0 - at as f32 / 11.0,
                    swing: (at % 2 == 0).then(|| Swing::from_percent(50.0 + at as f32)),
                    grid: Grid { bars: [1, 2, 4][at % 3], steps_per_bar: 1 + 2 * at as u8, meter },
                    four_on_the_floor: at % 2 == 1,
                    ..Steering::default()
                },
                enter: [Enter::NextBar, Enter::LoopEnd, Enter::Beat, Enter::Now][at % 4],
                audition: at % 2 == 0,
            };
            let changes: Vec<_> = HostParam::to_hold(wanted, |param| values[&param]).collect();
            values.extend(changes);
            assert_eq!(HostParam::controls(|param| values[&param]), wanted);
        }
        // A meter that is no choice leaves the parameter as it is.
        let odd = Controls {
            steering: Steering {
                grid: Grid { meter: Meter { numerator: 13, denominator: 16 }, ..Grid::default() },
                ..HostParam::controls(|param| values[&param]).steering
            },
            ..Controls::default()
        };
        assert!(HostParam::to_hold(odd, |param| values[&param]).all(|(param, _)| param != HostParam::Meter));
    }

    #[test]
    fn no_value_leaves_the_range_of_its_parameter() {
        for param in HostParam::all() {
            let [least, most] = param.range();
            assert_eq!(param.sanitized(f32::NAN), param.default(), "{param:?}");
            assert_eq!(param.sanitized(f32::INFINITY), most, "{param:?}");
            assert_eq!(param.sanitized(f32::NEG_INFINITY), least, "{param:?}");
        }
    }
}
