//! The mixer's settings and what a window reads back.
//!
//! Any thread: plain `Copy` data.

use super::bus_settings::BusSettings;
use crate::dsp::loudness;
use crate::pattern::{LoopId, MAX_LANES, Role};
use crate::song::MAX_SECTIONS;
use crate::units::Decibels;
use serde::{Deserialize, Serialize};

/// One lane's mixer settings. They belong to the lane, not to the loop: they stay when loops change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneMix {
    /// −60 (silence) to +12 dB.
    pub level: Decibels,
    /// −1 (left) to 1 (right), constant power.
    pub pan: f32,
    /// −24 to 24 semitones.
    pub tune_semitones: f32,
    /// Silent.
    pub mute: bool,
    /// Only lanes in solo are heard.
    pub solo: bool,
    /// Lanes of one group cut each other off; 0 for none, 1 to 8.
    pub choke: u8,
}

impl LaneMix {
    /// The settings of a new lane.
    #[must_use]
    pub fn of(role: Role) -> Self {
        Self {
            level: Decibels(0.0),
            pan: 0.0,
            tune_semitones: 0.0,
            mute: false,
            solo: false,
            choke: role.default_choke().unwrap_or(0),
        }
    }
}

/// Everything of the engine that is set and not played: the mixer, routing and keys. The engine reads
/// all of a [`LaneMix`] but `tune_semitones`, which is in the sounds already.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixState {
    /// The lanes' settings.
    pub lanes: [LaneMix; MAX_LANES],
    /// The bus of the main output.
    pub bus: BusSettings,
    /// Level of all outputs, −60 (silence) to +12 dB.
    pub output: Decibels,
    /// The safety limiter of the main output.
    pub limiter: bool,
    /// The pattern plays neither sound nor notes (after it was dragged into the arrangement). Notes
    /// that come in are still played.
    pub muted: bool,
    /// Nothing sounds and no note goes out.
    pub bypassed: bool,
    /// Nothing sounds; the pattern's notes go out, for another instrument.
    pub notes_only: bool,
    /// The section of the song that is held, from 1; 0 plays what the plan plays.
    pub section: u8,
    /// Lanes that go to their own output instead of to the main one, where the host has connected it.
    pub own_output: [bool; MAX_LANES],
    /// Which keys play which lanes, and which keys lanes send.
    pub keys: Keys,
    /// Notes that come in and are no keys that rate are told to the worker instead of being played. The engine
    /// leaves that to its caller.
    pub listens: bool,
    /// Which keys rate. The engine leaves them to its caller.
    pub rating_keys: RatingKeys,
    /// The next key that comes in is told to the worker instead of being played.
    pub learns_key: bool,
}

impl Default for MixState {
    fn default() -> Self {
        Self::of(Role::default_lanes(6))
    }
}

impl MixState {
    /// The settings of lanes with these roles, without a bus.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        Self {
            lanes: std::array::from_fn(|lane| LaneMix::of(roles.get(lane).copied().unwrap_or(Role::Fx))),
            bus: BusSettings::OFF,
            output: Decibels(0.0),
            limiter: true,
            muted: false,
            bypassed: false,
            notes_only: false,
            section: 0,
            own_output: [false; MAX_LANES],
            keys: Keys::general_midi(roles),
            listens: false,
            rating_keys: RatingKeys::default(),
            learns_key: false,
        }
    }

    /// Whether a lane is heard, by its mute and everyone's solo.
    #[must_use]
    pub(crate) fn is_audible(&self, lane: usize) -> bool {
        let any_solo = self.lanes.iter().any(|mix| mix.solo);
        self.lanes.get(lane).is_some_and(|mix| !mix.mute && (mix.solo || !any_solo))
    }
}

/// What a person can say with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoopAction {
    /// I like the loop that I hear.
    Like,
    /// I don't.
    Dislike,
    /// The next one.
    Skip,
    /// The one before.
    Back,
    /// This section of the song, from 1; the same again lets go of it.
    Section(u8),
}

/// The MIDI keys that rate, 0 to 127. They play no lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RatingKeys {
    /// Likes; D-2 unless the person chose another one.
    pub like: Option<u8>,
    /// Dislikes; C-2, the lowest, unless the person chose another one.
    pub dislike: Option<u8>,
    /// Skips.
    pub skip: Option<u8>,
    /// Goes back.
    pub back: Option<u8>,
    /// Hold the sections of a song, in their order; [`RatingKeys::NO_KEY`] for none. They do so where there are
    /// such sections.
    pub sections: [u8; MAX_SECTIONS],
}

impl Default for RatingKeys {
    fn default() -> Self {
        let sections = Self::WHITE_KEYS;
        Self { like: Some(2), dislike: Some(0), skip: None, back: None, sections }
    }
}

impl RatingKeys {
    /// No key.
    pub const NO_KEY: u8 = u8::MAX;
    /// C-1 and the white keys above it.
    const WHITE_KEYS: [u8; MAX_SECTIONS] = [12, 14, 16, 17, 19, 21, 23, 24];

    /// What a key says.
    #[must_use]
    pub fn said(&self, key: u8) -> Option<LoopAction> {
        let all = [
            (self.like, LoopAction::Like),
            (self.dislike, LoopAction::Dislike),
            (self.skip, LoopAction::Skip),
            (self.back, LoopAction::Back),
        ];
        let said = all.into_iter().find(|(of, _)| *of == Some(key)).map(|(_, said)| said);
        let section = || self.sections.iter().position(|of| *of == key && key != Self::NO_KEY);
        said.or_else(|| section().map(|at| LoopAction::Section(at as u8 + 1)))
    }

    /// The key of something.
    #[must_use]
    pub fn key(&self, said: LoopAction) -> Option<u8> {
        match said {
            LoopAction::Like => self.like,
            LoopAction::Dislike => self.dislike,
            LoopAction::Skip => self.skip,
            LoopAction::Back => self.back,
            LoopAction::Section(number) => {
                let key = usize::from(number).checked_sub(1).and_then(|at| self.sections.get(at));
                key.copied().filter(|key| *key != Self::NO_KEY)
            }
        }
    }

    /// The same with another key for something. A key says one thing only.
    #[must_use]
    pub fn with(mut self, said: LoopAction, key: Option<u8>) -> Self {
        for of in [&mut self.like, &mut self.dislike, &mut self.skip, &mut self.back] {
            if key.is_some() && *of == key {
                *of = None;
            }
        }
        for of in &mut self.sections {
            if key == Some(*of) {
                *of = Self::NO_KEY;
            }
        }
        match said {
            LoopAction::Like => self.like = key,
            LoopAction::Dislike => self.dislike = key,
            LoopAction::Skip => self.skip = key,
            LoopAction::Back => self.back = key,
            LoopAction::Section(number) => {
                let of = usize::from(number).checked_sub(1).and_then(|at| self.sections.get_mut(at));
                if let Some(of) = of {
                    *of = key.unwrap_or(Self::NO_KEY);
                }
            }
        }
        self
    }
}

/// Which MIDI keys play which lanes, and which key each lane sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The lane of each key; [`Keys::NO_LANE`] for none.
    pub lane_of_key: [u8; 128],
    /// The key that each lane sends, 0 to 127.
    pub key_of_lane: [u8; MAX_LANES],
}

impl Keys {
    /// The lane of a key that plays nothing.
    pub(crate) const NO_LANE: u8 = u8::MAX;

    /// General MIDI percussion keys (General MIDI Level 1, percussion key map): a key plays the first
    /// lane of its role, each lane sends its role's main key. A further lane of a role takes the
    /// role's next alternative key, so that every lane can be reached while there are keys left.
    #[must_use]
    pub fn general_midi(roles: &[Role]) -> Self {
        Self::by_role(roles, drum_keys)
    }

    /// As [`Keys::general_midi`], with other keys of each role, the one it sends first. Lanes beyond a role's keys
    /// send the first of them; a key of several roles plays the first of those.
    #[must_use]
    pub fn by_role<'a>(roles: &[Role], of: impl Fn(Role) -> &'a [u8]) -> Self {
        let mut keys = Self { lane_of_key: [Self::NO_LANE; 128], key_of_lane: [0; MAX_LANES] };
        for role in Role::ALL.into_iter().rev() {
            let lanes = || roles.iter().take(MAX_LANES).enumerate().filter(|(_, of)| **of == role);
            let Some((first, _)) = lanes().next() else { continue };
            let own = of(role);
            for &key in own {
                keys.play(key, first);
            }
            for (nth, (lane, _)) in lanes().enumerate() {
                let key = own.get(nth).or(own.first()).copied().unwrap_or_else(|| role.midi_note());
                keys.key_of_lane[lane] = key.min(127);
                if nth < own.len() {
                    keys.play(key, lane);
                }
            }
        }
        keys
    }

    fn play(&mut self, key: u8, lane: usize) {
        if let Some(of) = self.lane_of_key.get_mut(usize::from(key)) {
            *of = lane as u8;
        }
    }

    /// Lane 1 on `first`, lane 2 on the key above, and so on.
    #[must_use]
    pub fn chromatic(first: u8) -> Self {
        let mut keys = Self { lane_of_key: [Self::NO_LANE; 128], key_of_lane: [0; MAX_LANES] };
        for lane in 0..MAX_LANES {
            let key = (usize::from(first) + lane).min(127);
            keys.key_of_lane[lane] = key as u8;
            keys.lane_of_key[key] = lane as u8;
        }
        keys
    }

    /// The lane that a key plays.
    #[must_use]
    pub(crate) fn lane_of(&self, key: u8) -> Option<usize> {
        self.lane_of_key.get(usize::from(key)).map(|&lane| usize::from(lane)).filter(|&lane| lane < MAX_LANES)
    }
}

/// A role's General MIDI keys, the one it sends first.
#[must_use]
pub fn drum_keys(role: Role) -> &'static [u8] {
    match role {
        Role::Kick => &[36, 35],
        Role::Snare => &[38, 40, 37],
        Role::Clap => &[39],
        Role::ClosedHat => &[42, 44],
        Role::OpenHat => &[46],
        Role::Tom => &[45, 41, 43, 47, 48, 50],
        Role::Percussion => &[
            56, 54, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 75, 76, 77, 80, 81, 82, 58, 71, 72, 73, 74,
            78, 79,
        ],
        Role::Cymbal => &[51, 49, 53, 57, 59, 52],
        Role::Fx => &[55],
    }
}

/// What a window shows, as of the last block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meters {
    /// The pattern runs, by the transport or by audition.
    pub playing: bool,
    /// The loop that plays, or would.
    pub loop_id: Option<LoopId>,
    /// The serial of its plan.
    pub serial: u64,
    /// The loop that is heard: that of the section which sounds, or the loop itself.
    pub heard: Option<LoopId>,
    /// The section that sounds, from 1; 0 for the loop itself.
    pub section: u8,
    /// The step within the loop that is heard at the block's end, swing and micro-timing aside.
    pub step: u8,
    /// The bar within that loop.
    pub bar: u8,
    /// The loop's bars since it began to run: lanes with a course of their own are counted from there.
    pub since: i64,
    /// A loop waits for its boundary.
    pub pending: Option<LoopId>,
    /// Bar lines passed since the loop entered.
    pub bars_heard: u32,
    /// Peak of each lane in the last block, after level and pan, linear.
    pub lane_peaks: [f32; MAX_LANES],
    /// Peak of the main output in the last block, left and right, linear.
    pub main_peaks: [f32; 2],
    /// The limiter's gain at the end of the block, 1 when it does nothing.
    pub limiter_gain: f32,
    /// The gain of the bus's limiter at the end of the block, 1 when it does nothing.
    pub bus_limiter_gain: f32,
    /// How far the bus's compressor holds the sum down at the end of the block, decibels.
    pub glue_db: f32,
    /// Momentary loudness of the main output (ITU-R BS.1770-5, 400 ms), LUFS, −70 at the least.
    pub momentary_lufs: f32,
    /// Highest true peak of the main output in the last second and a half, linear.
    pub true_peak: f32,
    /// Sounds that ring.
    pub voices: u8,
}

impl Meters {
    /// Nothing was played.
    pub const SILENT: Self = Self {
        playing: false,
        loop_id: None,
        serial: 0,
        heard: None,
        section: 0,
        step: 0,
        bar: 0,
        since: 0,
        pending: None,
        bars_heard: 0,
        lane_peaks: [0.0; MAX_LANES],
        main_peaks: [0.0; 2],
        limiter_gain: 1.0,
        bus_limiter_gain: 1.0,
        glue_db: 0.0,
        momentary_lufs: loudness::SILENCE,
        true_peak: 0.0,
        voices: 0,
    };
}
