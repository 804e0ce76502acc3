//! How a lane's sound is shaped: plain settings, and the making of the prepared sound from them.
//!
//! Any thread: plain `Copy` data. `making.rs` puts them to work, on a worker.

use serde::{Deserialize, Serialize};

/// The shaping of a lane's sound. It belongs to the lane, not to the loop: it stays when loops change. All
/// of it is in the prepared sound before it is played, but for the send to the room and the swing, which are
/// in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default = "LaneShape::neutral")]
pub struct LaneShape {
    /// Where in the sound playing begins, 0 to 500 ms.
    pub start_ms: f32,
    /// How long it fades in, 0 to 200 ms.
    pub attack_ms: f32,
    /// How long it stays at its level after that, 0 to 2,000 ms. Counts where it decays.
    pub hold_ms: f32,
    /// How long it then takes to fade by 60 dB, 10 to [`LaneShape::NO_DECAY_MS`], where it is not faded.
    pub decay_ms: f32,
    /// How much higher the sound begins, −24 to 24 semitones.
    pub pitch_env_semitones: f32,
    /// How long it takes to 37 % of that, 2 to 500 ms.
    pub pitch_env_ms: f32,
    /// What lies below is taken away, [`LaneShape::NO_HIGH_PASS_HZ`] (nothing) to 5,000 Hz, 12 dB an octave.
    pub high_pass_hz: f32,
    /// What lies above is taken away, 100 to [`LaneShape::NO_LOW_PASS_HZ`] (nothing), 12 dB an octave.
    pub low_pass_hz: f32,
    /// Emphasis at both filters' edges, 0 (a Butterworth's) to 1 (18 dB).
    pub resonance: f32,
    /// Saturation, 0 (none) to 1.
    pub drive: f32,
    /// Softer to sharper attack, −1 to 1.
    pub transient: f32,
    /// Narrower to wider than the place of the lane's role, −1 to 1.
    pub width: f32,
    /// Less to more room than the place of the lane's role, −1 to 1.
    pub room: f32,
    /// How much later the lane sounds, 0 to 60 ms.
    pub delay_ms: f32,
    /// The lane's own swing in per cent, 50 to 75; 0 is the loop's.
    pub swing_percent: f32,
    /// How far soft hits are darker, 0 (not at all) to 1.
    pub velocity_tone: f32,
    /// How many takes of the sound are played in turn, 1 to [`LaneShape::MOST_TAKES`], where there are as
    /// many.
    pub takes: u8,
}

impl LaneShape {
    /// The decay at which the sound ends as it does.
    pub const NO_DECAY_MS: f32 = 5_000.0;
    /// The high-pass that takes nothing away.
    pub(crate) const NO_HIGH_PASS_HZ: f32 = 20.0;
    /// The low-pass that takes nothing away.
    pub(crate) const NO_LOW_PASS_HZ: f32 = 20_000.0;
    /// The most takes of a sound.
    pub const MOST_TAKES: u8 = 4;

    /// The sound as it is, bit for bit: what a lane of a document from before there was any shaping has.
    pub const NEUTRAL: Self = Self {
        start_ms: 0.0,
        attack_ms: 0.0,
        hold_ms: 0.0,
        decay_ms: Self::NO_DECAY_MS,
        pitch_env_semitones: 0.0,
        pitch_env_ms: 40.0,
        high_pass_hz: Self::NO_HIGH_PASS_HZ,
        low_pass_hz: Self::NO_LOW_PASS_HZ,
        resonance: 0.0,
        drive: 0.0,
        transient: 0.0,
        width: 0.0,
        room: 0.0,
        delay_ms: 0.0,
        swing_percent: 0.0,
        velocity_tone: 0.0,
        takes: 1,
    };

    /// What a new lane has: the sound as it is, with life in it. A fourth take would hardly be heard, and each
    /// costs its share of the time before a loop and of memory.
    pub const NEW: Self = Self { velocity_tone: 0.5, takes: 3, ..Self::NEUTRAL };

    fn neutral() -> Self {
        Self::NEUTRAL
    }

    /// The same with every value in its range; what is no number is neutral.
    #[must_use]
    pub fn sanitized(self) -> Self {
        let none = Self::NEUTRAL;
        let within = |value: f32, low: f32, high: f32, otherwise: f32| {
            if value.is_nan() { otherwise } else { value.clamp(low, high) }
        };
        let swing = within(self.swing_percent, 0.0, 75.0, 0.0);
        Self {
            start_ms: within(self.start_ms, 0.0, 500.0, 0.0),
            attack_ms: within(self.attack_ms, 0.0, 200.0, 0.0),
            hold_ms: within(self.hold_ms, 0.0, 2_000.0, 0.0),
            decay_ms: within(self.decay_ms, 10.0, Self::NO_DECAY_MS, none.decay_ms),
            pitch_env_semitones: within(self.pitch_env_semitones, -24.0, 24.0, 0.0),
            pitch_env_ms: within(self.pitch_env_ms, 2.0, 500.0, none.pitch_env_ms),
            high_pass_hz: within(self.high_pass_hz, Self::NO_HIGH_PASS_HZ, 5_000.0, none.high_pass_hz),
            low_pass_hz: within(self.low_pass_hz, 100.0, Self::NO_LOW_PASS_HZ, none.low_pass_hz),
            resonance: within(self.resonance, 0.0, 1.0, 0.0),
            drive: within(self.drive, 0.0, 1.0, 0.0),
            transient: within(self.transient, -1.0, 1.0, 0.0),
            width: within(self.width, -1.0, 1.0, 0.0),
            room: within(self.room, -1.0, 1.0, 0.0),
            delay_ms: within(self.delay_ms, 0.0, 60.0, 0.0),
            // Below the straight one it is the loop's.
            swing_percent: if swing < 49.95 { 0.0 } else { swing.max(50.0) },
            velocity_tone: within(self.velocity_tone, 0.0, 1.0, 0.0),
            takes: self.takes.clamp(1, Self::MOST_TAKES),
        }
    }

    /// The lane's own swing, if it has one.
    #[must_use]
    pub fn swing(&self) -> Option<crate::pattern::Swing> {
        (self.swing_percent >= 50.0).then(|| crate::pattern::Swing::from_percent(self.swing_percent))
    }
}

impl Default for LaneShape {
    fn default() -> Self {
        Self::NEW
    }
}
