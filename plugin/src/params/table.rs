//! The table of host parameters: everything that is known of each stands in its row, and nowhere else.
//!
//! From it derive what hosts see (`params.rs`: ids, names, groups, ranges, texts, what a saved state may hold),
//! the remote-control pages, the names by which the editor reads and sets them ([`HostParam`]), what the worker
//! follows ([`Holds::Session`]) and what the audio thread does ([`Holds::Mix`], [`Holds::Press`]).
//!
//! An id never changes its meaning, nor a row its kind: projects and automation hold them. Retired ids: none
//! yet.

use super::choices::{EnterChoice, Length, MeterChoice, SectionChoice, nth, position};
use super::text::{self, SWING_AUTO, SWING_AUTO_BELOW, Text};
use deepdrummer_core::engine::{LaneShape, LoopAction, MixState};
use deepdrummer_core::pattern::{MAX_LANES, MAX_STEPS_PER_BAR, Swing};
use deepdrummer_core::session::{Controls, SoundControls, human};
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
    /// Something of the sound, of a lane or, in rows of no lane, of all: the worker follows, and the audio
    /// thread sets the bus before every block itself. What a saved state does not say of it, since it is from
    /// before there was this parameter, is as it was then.
    Sound {
        /// The plain value.
        get: fn(&SoundControls, usize) -> f32,
        /// Sets it.
        set: fn(&mut SoundControls, usize, f32),
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
    Say(LoopAction),
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
    /// What all lanes go through.
    DrumBus,
}

impl Page {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::RateAndSteer, Self::LoopAndOutput, Self::LockBeats, Self::LockSounds, Self::DrumBus];

    /// What a person reads.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RateAndSteer => "Rate and steer",
            Self::LoopAndOutput => "Loop and output",
            Self::LockBeats => "Lock beats",
            Self::LockSounds => "Lock sounds",
            Self::DrumBus => "Drum bus",
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
    /// What an arrow key changes; of anything but a number one.
    #[must_use]
    pub fn nudge(&self) -> f32 {
        if let Kind::Number { nudge, .. } = self.kind { nudge } else { 1.0 }
    }

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

    /// A number of the sound, in a group of hosts' lists.
    const fn sound(
        group: &'static str,
        [least, most, default, nudge]: [f32; 4],
        text: Text,
        get: fn(&SoundControls, usize) -> f32,
        set: fn(&mut SoundControls, usize, f32),
    ) -> Self {
        let kind = Kind::Number { least, most, default, grain: None, nudge, text };
        Self { group, ..Self::new(kind, Holds::Sound { get, set }) }
    }

    const fn on(self, page: Page, place: usize) -> Self {
        Self { page: Some((page, place)), ..self }
    }

    /// How its values are written and read; switches and choices have words instead.
    #[must_use]
    pub fn text(&self) -> Text {
        if let Kind::Number { text, .. } = self.kind { text } else { text::COUNT }
    }

    const fn with_role(self, role: HostRole) -> Self {
        Self { role, ..self }
    }
}

/// The row of a number of the lane's shaping: what is read is what is set.
macro_rules! of_shape {
    ($group:literal, $range:expr, $text:expr, $field:ident) => {
        Row::sound($group, $range, $text, |s, l| s.shapes[l].$field, |s, l, to| s.shapes[l].$field = to)
    };
}

/// The row of a number of the drum bus.
macro_rules! of_bus {
    ($range:expr, $text:expr, $field:ident) => {
        Row::sound("Drum Bus", $range, $text, |s, _| s.bus.$field, |s, _, to| s.bus.$field = to)
    };
}

/// The row of a switch of the sound, on at first, beside the drum bus.
macro_rules! sound_switch {
    ($($field:ident).+) => {
        Row { group: "Drum Bus", ..Row::new(Kind::Switch { default: true }, Holds::Sound {
            get: |s, _| s.$($field).+.into(),
            set: |s, _, on| s.$($field).+ = on > 0.5,
        }) }
    };
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
            Row::button(Press::Say(LoopAction::Like)).on(Page::RateAndSteer, 1);
        Dislike: "dislike", "Dislike", "Dislikes the loop that is heard.",
            Row::button(Press::Say(LoopAction::Dislike)).on(Page::RateAndSteer, 0);
        Skip: "skip", "Skip", "The next loop, unrated.",
            Row::button(Press::Say(LoopAction::Skip)).on(Page::RateAndSteer, 2);
        Back: "back", "Back", "The loop before this one.",
            Row::button(Press::Say(LoopAction::Back)).on(Page::RateAndSteer, 3);
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
        Levelled: "levelled", "Level Loops",
            "Brings every loop to one loudness, and each lane to the level and place of its role.",
            sound_switch!(levelled);
        Bus: "bus", "Drum Bus", "What all lanes go through together. Off, they are left as they are.",
            sound_switch!(bus.on).on(Page::DrumBus, 0);
        BusGlue: "bus_glue", "Glue", "How much the compressor holds all lanes together.",
            of_bus!([0.0, 1.0, 0.35, 0.05], text::PERCENT, glue).on(Page::DrumBus, 1);
        BusThreshold: "bus_threshold", "Glue Threshold", "The level at which the compressor begins.",
            Row::sound("Drum Bus", [-48.0, 0.0, -18.0, 1.0], text::PLAIN_DECIBELS,
                |s, _| s.bus.threshold.0, |s, _, to| s.bus.threshold = Decibels(to));
        BusSideChain: "bus_sidechain", "Glue Side-Chain", "What lies below does not move the compressor.",
            of_bus!([20.0, 400.0, 100.0, 10.0], text::HERTZ, sidechain_hz);
        BusDrive: "bus_drive", "Saturation", "How far loud sounds are bent.",
            of_bus!([0.0, 1.0, 0.18, 0.05], text::PERCENT, drive).on(Page::DrumBus, 2);
        BusTilt: "bus_tilt", "Tilt", "Darker to brighter.",
            of_bus!([-6.0, 6.0, 0.0, 0.5], text::PLAIN_DECIBELS, tilt_db).on(Page::DrumBus, 3);
        BusRoom: "bus_room", "Room", "The level of the room that lanes are sent to.",
            of_bus!([0.0, 1.0, 0.25, 0.05], text::PERCENT, room).on(Page::DrumBus, 4);
        BusDucking: "bus_ducking", "Ducking", "How far kicks push all else down.",
            of_bus!([0.0, 12.0, 1.0, 0.5], text::PLAIN_DECIBELS, duck_db).on(Page::DrumBus, 5);
        BusWidth: "bus_width", "Width", "Mono to wide; 100 % leaves it as it is.",
            of_bus!([0.0, 2.0, 1.0, 0.05], text::PERCENT, width).on(Page::DrumBus, 6);
        BusTrim: "bus_trim", "Bus Trim", "The level behind the bus, before its limiter.",
            Row::sound("Drum Bus", [-24.0, 12.0, 0.0, 0.5], text::PLAIN_DECIBELS,
                |s, _| s.bus.trim.0, |s, _, to| s.bus.trim = Decibels(to)).on(Page::DrumBus, 7);
        BusLimiter: "bus_limiter", "Bus Limiter", "Holds the bus's peaks below -1 dBFS.",
            sound_switch!(bus.limiter);
        Section: "section", "Section",
            "Holds a section of the song, whatever the arrangement says; the first choice leaves it to the window.",
            Row::new(Kind::Choice(Choices::of::<SectionChoice>()), Holds::Mix(|mix, _, at| mix.section = at as u8))
                .on(Page::LoopAndOutput, 7);
        Human: "human", "Human",
            "How much of a drummer's feel loops are played with: 0 % as written, 100 % as a drummer would.",
            Row::sound("Steer", [0.0, 1.0, human::NEW, 0.05], text::PERCENT,
                |s, _| s.human, |s, _, to| s.human = to);
        NotesOnly: "notes_only", "Notes Only",
            "No sound of its own: the loop's notes go out as MIDI, for another instrument.",
            Row::new(Kind::Switch { default: false }, Holds::Mix(|mix, _, on| mix.notes_only = on > 0.5));
        Follow: "follow", "Follow",
            "New kicks and the notes that come in: -100 % leaves the notes free, +100 % meets them. At 0 they play lanes.",
            Row {
                group: "Steer",
                ..Row::new(
                    Kind::Number { least: -1.0, most: 1.0, default: 0.0, grain: Some(0.01), nudge: 0.05, text: text::PERCENT },
                    Holds::Session {
                        get: |c| Some(c.steering.follow),
                        set: |c, amount| c.steering.follow = amount,
                    },
                )
            };
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
        Start: "start", "Start", "Where in the sound playing begins.",
            of_shape!("Shape", [0.0, 500.0, 0.0, 1.0], text::MILLISECONDS, start_ms);
        Attack: "attack", "Attack", "How long the sound fades in.",
            of_shape!("Shape", [0.0, 200.0, 0.0, 1.0], text::MILLISECONDS, attack_ms);
        Hold: "hold", "Hold", "How long it stays at its level before it decays.",
            of_shape!("Shape", [0.0, 2_000.0, 0.0, 10.0], text::MILLISECONDS, hold_ms);
        Decay: "decay", "Decay", "How long it takes to die away; all the way right it ends as it does.",
            of_shape!("Shape", [10.0, LaneShape::NO_DECAY_MS, LaneShape::NO_DECAY_MS, 10.0], text::DECAY, decay_ms);
        PitchEnv: "pitch_env", "Pitch Envelope", "How much higher or lower the sound begins.",
            of_shape!("Shape", [-24.0, 24.0, 0.0, 0.5], text::SEMITONES, pitch_env_semitones);
        PitchEnvTime: "pitch_env_time", "Pitch Envelope Time", "How long it takes to come back.",
            of_shape!("Shape", [2.0, 500.0, 40.0, 2.0], text::MILLISECONDS, pitch_env_ms);
        HighPass: "high_pass", "High-Pass", "What lies below is taken away; all the way left nothing is.",
            of_shape!("Shape", [20.0, 5_000.0, 20.0, 10.0], text::HERTZ, high_pass_hz);
        LowPass: "low_pass", "Low-Pass", "What lies above is taken away; all the way right nothing is.",
            of_shape!("Shape", [100.0, 20_000.0, 20_000.0, 100.0], text::HERTZ, low_pass_hz);
        Resonance: "resonance", "Resonance", "Emphasis at the edges of both filters.",
            of_shape!("Shape", [0.0, 1.0, 0.0, 0.05], text::PERCENT, resonance);
        Drive: "drive", "Drive", "Saturation of the sound by itself.",
            of_shape!("Shape", [0.0, 1.0, 0.0, 0.05], text::PERCENT, drive);
        Transient: "transient", "Transient", "Softer to sharper attack.",
            of_shape!("Shape", [-1.0, 1.0, 0.0, 0.05], text::PERCENT, transient);
        Width: "width", "Width", "Narrower to wider than the lane's role has it.",
            of_shape!("Place", [-1.0, 1.0, 0.0, 0.05], text::PERCENT, width);
        RoomSend: "room_send", "Room Send", "Less to more room than the lane's role has it.",
            of_shape!("Place", [-1.0, 1.0, 0.0, 0.05], text::PERCENT, room);
        Delay: "delay", "Delay", "How much later the lane sounds.",
            of_shape!("Life", [0.0, 60.0, 0.0, 1.0], text::MILLISECONDS, delay_ms);
        LaneSwing: "lane_swing", "Swing", "The lane's own swing; all the way left it is the loop's.",
            Row::sound("Life", [SWING_AUTO, 75.0, SWING_AUTO, 1.0], text::LANE_SWING,
                |s, l| s.shapes[l].swing_percent.max(SWING_AUTO),
                |s, l, to| s.shapes[l].swing_percent = if to < SWING_AUTO_BELOW { 0.0 } else { to });
        VelocityTone: "velocity_tone", "Velocity to Tone", "How far soft hits are darker.",
            of_shape!("Life", [0.0, 1.0, 0.5, 0.05], text::PERCENT, velocity_tone);
        Takes: "takes", "Takes", "How many takes of the sound are played in turn.",
            Row { group: "Life", ..Row::new(
                Kind::Count { least: 1, most: LaneShape::MOST_TAKES as i32, default: LaneShape::NEW.takes as i32 },
                Holds::Sound {
                    get: |s, l| s.shapes[l].takes.into(),
                    set: |s, l, to| s.shapes[l].takes = to as u8,
                },
            ) };
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

    /// What a saved state means that is from before there was this parameter; `None` where an instance may keep what
    /// it has.
    #[must_use]
    pub fn before_it_was(self) -> Option<f32> {
        let Holds::Sound { get, .. } = self.row().holds else {
            // A project from before these sounds, and goes along with nothing, also where it takes another's place.
            return matches!(self, Self::NotesOnly | Self::Follow).then(|| self.default());
        };
        Some(get(&SoundControls::NONE, self.lane().unwrap_or(0)))
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
            let value = match param.row().holds {
                Holds::Session { get, .. } => get(&wanted)?,
                Holds::Sound { get, .. } => get(&wanted.sound, param.lane().unwrap_or(0)),
                _ => return None,
            };
            // Finer than any control shows.
            ((now(param) - value).abs() > 1e-4).then_some((param, value))
        })
    }

    /// What parameters with these values hold of a session.
    #[must_use]
    pub fn controls(value: impl Fn(Self) -> f32) -> Controls {
        let mut controls = Controls::default();
        for param in Self::all() {
            match param.row().holds {
                Holds::Session { set, .. } => set(&mut controls, value(param)),
                Holds::Sound { set, .. } => {
                    set(&mut controls.sound, param.lane().unwrap_or(0), value(param));
                }
                _ => {}
            }
        }
        controls
    }
}

#[cfg(test)]
mod tests;
