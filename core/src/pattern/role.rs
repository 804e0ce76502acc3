//! What a lane or a sound is for, and how sounds and loops are named in saved data.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The part of the drum kit that a lane or a sample plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Bass drum.
    Kick,
    /// Snare drum.
    Snare,
    /// Hand clap, rim shot and snap.
    Clap,
    /// Closed hi-hat.
    ClosedHat,
    /// Open hi-hat.
    OpenHat,
    /// Toms.
    Tom,
    /// Conga, clave, cowbell, shaker, tambourine, wood.
    Percussion,
    /// Ride and crash.
    Cymbal,
    /// Noises, hits, zaps.
    Fx,
}

impl Role {
    /// All roles, in the order in which kits and lanes are shown.
    pub const ALL: [Self; 9] = [
        Self::Kick,
        Self::Snare,
        Self::Clap,
        Self::ClosedHat,
        Self::OpenHat,
        Self::Tom,
        Self::Percussion,
        Self::Cymbal,
        Self::Fx,
    ];

    /// The lanes of a new session: six by default, four for the smaller choice.
    #[must_use]
    pub fn default_lanes(count: usize) -> &'static [Self] {
        const FOUR: [Role; 4] = [Role::Kick, Role::Snare, Role::ClosedHat, Role::Percussion];
        const EIGHT: [Role; 8] = [
            Role::Kick,
            Role::Snare,
            Role::Clap,
            Role::ClosedHat,
            Role::OpenHat,
            Role::Percussion,
            Role::Tom,
            Role::Cymbal,
        ];
        match count {
            4 => &FOUR,
            1..=8 => &EIGHT[..count],
            _ => &EIGHT[..6],
        }
    }

    /// Position in [`Role::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The word of the session protocol and of saved documents.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::Snare => "snare",
            Self::Clap => "clap",
            Self::ClosedHat => "closed_hat",
            Self::OpenHat => "open_hat",
            Self::Tom => "tom",
            Self::Percussion => "percussion",
            Self::Cymbal => "cymbal",
            Self::Fx => "fx",
        }
    }

    /// The name that a person reads.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Kick => "Kick",
            Self::Snare => "Snare",
            Self::Clap => "Clap",
            Self::ClosedHat => "Closed hat",
            Self::OpenHat => "Open hat",
            Self::Tom => "Tom",
            Self::Percussion => "Perc",
            Self::Cymbal => "Cymbal",
            Self::Fx => "FX",
        }
    }

    /// The General MIDI percussion key (General MIDI Level 1, percussion key map).
    #[must_use]
    pub fn midi_note(self) -> u8 {
        match self {
            Self::Kick => 36,
            Self::Snare => 38,
            Self::Clap => 39,
            Self::ClosedHat => 42,
            Self::OpenHat => 46,
            Self::Tom => 45,
            Self::Percussion => 56,
            Self::Cymbal => 51,
            Self::Fx => 55,
        }
    }

    /// Sounds of one choke group cut each other off: the two hats.
    #[must_use]
    pub(crate) fn default_choke(self) -> Option<u8> {
        matches!(self, Self::ClosedHat | Self::OpenHat).then_some(1)
    }
}

/// A sound's identity: the first 64 bits of the BLAKE3 hash of a file's bytes, or of a factory sound's
/// permanent name. Written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SampleId(pub u64);

impl SampleId {
    /// No sound: the lane is silent.
    pub const NONE: Self = Self(0);
}

impl fmt::Display for SampleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for SampleId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

impl Serialize for SampleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SampleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A loop's identity within a session. Unique over the session's life and written as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct LoopId(pub u64);

impl std::fmt::Display for LoopId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for LoopId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}
