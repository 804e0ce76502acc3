//! Newtypes for physical quantities, so that seconds never meet milliseconds.
//!
//! Any thread. Plain `Copy` data without allocation.

use serde::{Deserialize, Serialize};

/// Frames a second, 8 kHz to 384 kHz.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleRate(f64);

impl SampleRate {
    /// 44.1 kHz.
    pub const CD: Self = Self(44_100.0);
    /// 48 kHz: what is assumed until a host says otherwise.
    pub const STUDIO: Self = Self(48_000.0);

    /// A rate in hertz; values outside 8 kHz to 384 kHz, and NaN, are brought to the nearest bound.
    #[must_use]
    pub fn new(hz: f64) -> Self {
        if hz.is_nan() { Self::STUDIO } else { Self(hz.clamp(8_000.0, 384_000.0)) }
    }

    /// The rate in hertz.
    #[must_use]
    pub fn hz(self) -> f64 {
        self.0
    }

    /// The nearest whole number of frames a second, as file headers want it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by `new`")]
    pub fn hz_u32(self) -> u32 {
        self.0.round() as u32
    }
}

/// Tempo in quarter notes a minute, 10 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bpm(f64);

impl Bpm {
    /// The tempo of the original study, and what is assumed until a host says otherwise.
    pub const DEFAULT: Self = Self(120.0);

    /// A tempo; values outside 10 to 1000, and NaN, are brought to the nearest bound.
    #[must_use]
    pub fn new(quarters_per_minute: f64) -> Self {
        if quarters_per_minute.is_nan() {
            Self::DEFAULT
        } else {
            Self(quarters_per_minute.clamp(10.0, 1000.0))
        }
    }

    /// Quarter notes a minute.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// Frames that one quarter note lasts.
    #[must_use]
    pub fn frames_per_beat(self, rate: SampleRate) -> f64 {
        rate.hz() * 60.0 / self.0
    }
}

/// A position or length in quarter notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Beats(pub f64);

/// A level in decibels; anything at or below [`Decibels::SILENCE`] is silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decibels(pub f32);

impl Decibels {
    /// The bottom of every level control.
    pub const SILENCE: Self = Self(-60.0);

    /// The linear amplitude factor.
    #[must_use]
    pub fn gain(self) -> f32 {
        if self.0 <= Self::SILENCE.0 { 0.0 } else { 10f32.powf(self.0 / 20.0) }
    }
}

/// The root of all randomness of a session. Same seed, same judgements, same machine: same proposals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);
