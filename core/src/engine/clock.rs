//! Song position: which part of musical time a block covers.
//!
//! Audio thread; plain arithmetic.

use crate::pattern::Meter;
use crate::units::Bpm;

/// What the host says of its transport at a block's first frame. Positions are in quarter notes and
/// may be negative (pre-roll).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transport {
    /// Whether the song runs.
    pub playing: bool,
    /// The tempo, constant over the block.
    pub bpm: Bpm,
    /// The position of the block's first frame.
    pub pos_beats: f64,
    /// Where the bar began that the position is in. It anchors the downbeat, so that meter changes
    /// keep it. Whole bars more or less do no harm.
    pub bar_start_beats: f64,
    /// The meter at the position.
    pub meter: Meter,
    /// Start and end of the host's loop region while looping is on. A block that reaches the end goes
    /// on at the start.
    pub loop_range_beats: Option<(f64, f64)>,
    /// The host renders offline. Nothing that sounds depends on it; facts carry it on.
    pub offline: bool,
}

impl Transport {
    /// A transport at a position in a song whose meter never changes, for hosts that do not say where
    /// bars begin, and for rendering.
    #[must_use]
    pub fn at(pos_beats: f64, bpm: Bpm, meter: Meter) -> Self {
        let bar = meter.bar_beats();
        let bar_start_beats = (pos_beats / bar + 1e-9).floor() * bar;
        Self { playing: true, bpm, pos_beats, bar_start_beats, meter, loop_range_beats: None, offline: false }
    }

    /// A transport that stands, which is also what to assume of a host that says nothing.
    #[must_use]
    pub fn stopped() -> Self {
        Self { playing: false, ..Self::at(0.0, Bpm::DEFAULT, Meter::FOUR_FOUR) }
    }
}
