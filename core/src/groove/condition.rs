//! What can be said to the nets of a bar beside its cells; each may be left unsaid.
//!
//! Any thread; plain data.

use crate::pattern::Role;
use serde::{Deserialize, Serialize};

/// Numbers in a condition.
pub const CONDITIONS: usize = 32;

/// The family that a groove belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// House, techno, trance, disco.
    FourFloor,
    /// Drum and bass, breakbeat, garage, electro.
    Breaks,
    /// Hip hop, trap, rhythm and blues.
    HipHop,
    /// Rock, punk, pop, country.
    Rock,
    /// Funk, soul, New Orleans, gospel.
    FunkSoul,
    /// Jazz, blues and shuffles.
    JazzShuffle,
    /// Bossa nova, samba, clave, cumbia.
    Latin,
    /// Reggae, dancehall, afrobeat, highlife.
    AfroCaribbean,
    /// What follows no tradition.
    Experimental,
    /// Marches and rhythms of other traditions.
    WorldMarch,
}

impl Family {
    /// All families, in the order of the nets' inputs.
    pub const ALL: [Self; 10] = [
        Self::FourFloor,
        Self::Breaks,
        Self::HipHop,
        Self::Rock,
        Self::FunkSoul,
        Self::JazzShuffle,
        Self::Latin,
        Self::AfroCaribbean,
        Self::Experimental,
        Self::WorldMarch,
    ];

    /// Whether its loops are usually played by a drummer, rather than programmed.
    #[must_use]
    pub fn is_played(self) -> bool {
        !matches!(self, Self::FourFloor | Self::Breaks | Self::HipHop | Self::Experimental)
    }
}

/// How a bar came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a drummer.
    Played,
    /// As electronic music is programmed.
    Electronic,
}

/// What a bar is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It goes on.
    Beat,
    /// It leads over.
    Fill,
}

/// What is said of a bar. The default says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    /// Its family.
    pub family: Option<Family>,
    /// How it came about.
    pub kind: Option<Kind>,
    /// What it is for.
    pub part: Option<Part>,
    /// Its tempo.
    pub bpm: Option<f32>,
    /// Hits in the bar by role, in the order of [`Role::ALL`].
    pub density: Option<[u8; Role::ALL.len()]>,
}

impl Said {
    /// The condition as the nets take it: ten families (one is 1), family unsaid, played, electronic,
    /// triplets, fill, beat, (bpm − 110) / 40, hits / 16 of nine roles, density unsaid, five zeros.
    #[must_use]
    pub fn condition(&self, triplets: bool) -> [f32; CONDITIONS] {
        let mut out = [0.0; CONDITIONS];
        out[self.family.map_or(10, |family| family as usize)] = 1.0;
        match self.kind {
            Some(Kind::Played) => out[11] = 1.0,
            Some(Kind::Electronic) => out[12] = 1.0,
            None => {}
        }
        out[13] = f32::from(u8::from(triplets));
        match self.part {
            Some(Part::Fill) => out[14] = 1.0,
            Some(Part::Beat) => out[15] = 1.0,
            None => {}
        }
        out[16] = self.bpm.map_or(0.0, |bpm| (bpm.clamp(40.0, 260.0) - 110.0) / 40.0);
        match self.density {
            Some(hits) => {
                for (to, hits) in out[17..26].iter_mut().zip(hits) {
                    *to = f32::from(hits) / 16.0;
                }
            }
            None => out[26] = 1.0,
        }
        out
    }
}
