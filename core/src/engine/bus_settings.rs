//! What of the drum bus can be set.
//!
//! Any thread: plain `Copy` data.

use crate::units::Decibels;
use serde::{Deserialize, Serialize};

/// The settings of the drum bus. What the main output is the sum of goes through it, in this order: ducking,
/// glue, saturation, tilt, room, width, trim, limiter. Lanes that go to outputs of their own, and stems, do
/// not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default = "BusSettings::off")]
pub struct BusSettings {
    /// All of it. Off, the output is what it would be without a bus, bit for bit.
    pub on: bool,
    /// How much the compressor holds the sum together, 0 (not at all) to 1: its ratio goes from 1:1 to 4:1.
    pub glue: f32,
    /// Where the compressor begins, −48 to 0 dBFS.
    pub threshold: Decibels,
    /// What lies below does not move the compressor, 20 to 400 Hz.
    pub sidechain_hz: f32,
    /// Saturation, 0 (none) to 1.
    pub drive: f32,
    /// Darker to brighter, −6 to 6 dB: so much more at the top of the spectrum, and less at its bottom.
    pub tilt_db: f32,
    /// The level of the room, 0 (none) to 1. What each lane sends to it stands in the plan.
    pub room: f32,
    /// How far kicks push all else down, 0 to 12 dB.
    pub duck_db: f32,
    /// The width of the sum, 0 (mono) to 2; 1 leaves it as it is. Below 150 Hz nothing is widened.
    pub width: f32,
    /// The level behind all of this, −24 to 12 dB.
    pub trim: Decibels,
    /// Holds peaks below −1 dBFS.
    pub limiter: bool,
}

impl BusSettings {
    /// As if there were no bus: what a document from before there was one has.
    pub const OFF: Self = Self {
        on: false,
        glue: 0.0,
        threshold: Decibels(-18.0),
        sidechain_hz: 100.0,
        drive: 0.0,
        tilt_db: 0.0,
        room: 0.0,
        duck_db: 0.0,
        width: 1.0,
        trim: Decibels(0.0),
        limiter: false,
    };

    /// What a new session has: a decibel or two of glue, a little saturation and room.
    pub const GENTLE: Self =
        Self { on: true, glue: 0.35, drive: 0.18, room: 0.25, duck_db: 1.0, limiter: true, ..Self::OFF };

    /// What a text lacks does nothing: it is from before that was there.
    const fn off() -> Self {
        Self::OFF
    }

    /// Settings to start from, by name: one for each factory kit after those for any.
    pub const PRESETS: &[(&'static str, Self)] = &[
        ("Gentle", Self::GENTLE),
        ("Limiter only", Self { on: true, limiter: true, ..Self::OFF }),
        ("Analog Club", Self { glue: 0.45, drive: 0.35, duck_db: 2.5, tilt_db: 0.5, ..Self::GENTLE }),
        (
            "Deep House",
            Self { glue: 0.4, room: 0.4, duck_db: 3.5, tilt_db: -0.5, width: 1.15, ..Self::GENTLE },
        ),
        ("Trap Sub", Self { glue: 0.25, drive: 0.45, room: 0.15, tilt_db: 1.0, ..Self::GENTLE }),
        ("Dusty Break", Self { glue: 0.6, drive: 0.5, room: 0.35, tilt_db: -1.0, ..Self::GENTLE }),
        ("Industrial", Self { glue: 0.7, drive: 0.65, room: 0.45, tilt_db: 1.0, width: 1.2, ..Self::GENTLE }),
        ("Lo-Fi Tape", Self { glue: 0.5, drive: 0.6, room: 0.3, tilt_db: -2.0, width: 0.8, ..Self::GENTLE }),
    ];

    /// Whether nothing of it changes the sum.
    #[must_use]
    pub(crate) fn is_off(&self) -> bool {
        let Self {
            on,
            glue,
            threshold: _,
            sidechain_hz: _,
            drive,
            tilt_db,
            room,
            duck_db,
            width,
            trim,
            limiter,
        } = *self;
        let neutral = [glue, drive, tilt_db, room, duck_db, width - 1.0, trim.0];
        !on || (!limiter && neutral.iter().all(|value| *value == 0.0))
    }

    /// The same with every value in its range; what is no number is as in [`BusSettings::GENTLE`].
    #[must_use]
    pub fn sanitized(self) -> Self {
        let new = Self::GENTLE;
        let within = |value: f32, low: f32, high: f32, otherwise: f32| {
            if value.is_nan() { otherwise } else { value.clamp(low, high) }
        };
        Self {
            on: self.on,
            glue: within(self.glue, 0.0, 1.0, new.glue),
            threshold: Decibels(within(self.threshold.0, -48.0, 0.0, new.threshold.0)),
            sidechain_hz: within(self.sidechain_hz, 20.0, 400.0, new.sidechain_hz),
            drive: within(self.drive, 0.0, 1.0, new.drive),
            tilt_db: within(self.tilt_db, -6.0, 6.0, new.tilt_db),
            room: within(self.room, 0.0, 1.0, new.room),
            duck_db: within(self.duck_db, 0.0, 12.0, new.duck_db),
            width: within(self.width, 0.0, 2.0, new.width),
            trim: Decibels(within(self.trim.0, -24.0, 12.0, new.trim.0)),
            limiter: self.limiter,
        }
    }
}

impl Default for BusSettings {
    fn default() -> Self {
        Self::GENTLE
    }
}
