//! Newtypes for physical quantities, so that seconds never meet milliseconds.
//!
//! Any thread. Plain `Copy` data without allocation.

use serde::{Deserialize, Serialize};

/// Frames a second, 1 kHz to 2 MHz.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleRate(f64);

impl SampleRate {
    /// 44.1 kHz.
    pub const CD: Self = Self(44_100.0);
    /// 48 kHz: what is assumed until a host says otherwise.
    pub const STUDIO: Self = Self(48_000.0);

    /// The rates that are played at, in hertz.
    const RANGE_HZ: std::ops::RangeInclusive<f64> = 1_000.0..=2_000_000.0;

    /// A rate in hertz that is known to be in range; values outside 1 kHz to 2 MHz, and NaN, are brought
    /// to the nearest bound. A rate that somebody else says goes through [`SampleRate::checked`]: played
    /// at another one, everything would be out of tune and out of time.
    #[must_use]
    pub fn new(hz: f64) -> Self {
        if hz.is_nan() {
            Self::STUDIO
        } else {
            Self(hz.clamp(*Self::RANGE_HZ.start(), *Self::RANGE_HZ.end()))
        }
    }

    /// A rate in hertz, if it lies within 1 kHz to 2 MHz.
    #[must_use]
    pub fn checked(hz: f64) -> Option<Self> {
        Self::RANGE_HZ.contains(&hz).then_some(Self(hz))
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

/// Tempo in quarter notes a minute, 1 to 10,000: beyond what any host lets a person set.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bpm(f64);

impl Bpm {
    /// The tempo of the original study, and what is assumed until a host says otherwise.
    pub const DEFAULT: Self = Self(120.0);

    /// The tempi that are played at.
    const RANGE: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;

    /// A tempo that is known to be in range; values outside 1 to 10,000, and NaN, are brought to the
    /// nearest bound. A tempo that somebody else says goes through [`Bpm::checked`].
    #[must_use]
    pub fn new(quarters_per_minute: f64) -> Self {
        if quarters_per_minute.is_nan() {
            Self::DEFAULT
        } else {
            Self(quarters_per_minute.clamp(*Self::RANGE.start(), *Self::RANGE.end()))
        }
    }

    /// A tempo, if it lies within 1 to 10,000.
    #[must_use]
    pub fn checked(quarters_per_minute: f64) -> Option<Self> {
        Self::RANGE.contains(&quarters_per_minute).then_some(Self(quarters_per_minute))
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

/// A level in decibels; anything at or below [`Decibels::SILENCE`] is silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decibels(pub f32);

impl Decibels {
    /// The bottom of every level control.
    pub(crate) const SILENCE: Self = Self(-60.0);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_or_a_tempo_out_of_range_is_refused_and_never_taken_for_another() {
        for hz in [1_000.0, 8_000.0, 44_100.0, 384_000.0, 705_600.0, 768_000.0, 2_000_000.0] {
            assert_eq!(SampleRate::checked(hz).map(SampleRate::hz), Some(hz));
        }
        for hz in [0.0, -48_000.0, 999.0, 2_000_001.0, f64::INFINITY, f64::NAN] {
            assert_eq!(SampleRate::checked(hz), None, "{hz} Hz");
        }
        for bpm in [1.0, 9.5, 120.0, 1_500.0, 10_000.0] {
            assert_eq!(Bpm::checked(bpm).map(Bpm::get), Some(bpm));
        }
        for bpm in [0.0, -120.0, 0.5, 10_001.0, f64::INFINITY, f64::NAN] {
            assert_eq!(Bpm::checked(bpm), None, "{bpm} bpm");
        }
    }
}
