//! The realtime engine: clock, sequencer, voices, mixer.
//!
//! Audio thread. `new` and `prepare` allocate; `process` and `reset` never allocate, free, lock, log
//! or wait.

use crate::pattern::Role;
use crate::units::Decibels;
use serde::{Deserialize, Serialize};

/// When the next loop enters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enter {
    /// At the next bar line of the host.
    #[default]
    NextBar,
    /// When the current loop has played to its end.
    LoopEnd,
    /// At the next beat.
    Beat,
    /// At once.
    Now,
}

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
