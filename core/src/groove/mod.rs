//! Grooves as drummers play them: two small nets that complete what is not known of a bar.
//!
//! The rhythm net ([`RhythmNet`]) gives the chance of every cell of a bar whose state is not known, from the
//! cells that are; the feel net ([`FeelNet`]) gives velocity and micro-timing of a hit from those of the hits
//! that have theirs already. Both were trained by `deepdrummer train-grooves` on bars that drummers played and
//! on draws from the styles; `docs/grooves.md` says on what, how, and with which results.
//!
//! Any thread but the audio thread. Inference is plain matrix products on memory of a fixed size: nothing
//! allocates once the weights are read. Must never know taste, sounds, kits or files.

mod condition;
mod feel;
mod frame;
mod human;
mod layers;
mod products;
mod rhythm;
mod template;
#[cfg(test)]
mod tests;

pub use condition::{CONDITIONS, Family, Kind, Part, Said};
pub use feel::{FeelBar, FeelNet, Sway, TOP, VELOCITY_AT_TOP};
pub use frame::{CELLS, Frame, Windows};
pub use human::{Human, play};
pub use rhythm::{RhythmBar, RhythmNet};
pub use template::{Placing, Template};

use crate::disk::weights::{self, Named, WeightsError};
use std::sync::OnceLock;

/// Both nets.
#[derive(Clone, Debug)]
pub struct Nets {
    /// Which cells are hit.
    pub rhythm: RhythmNet,
    /// How hard, and how early or late.
    pub feel: FeelNet,
}

impl Nets {
    /// The nets that ship, read once in the process (some 2 ms). `None` where the file within the program is
    /// damaged, which a test rules out.
    #[must_use]
    pub fn builtin() -> Option<&'static Self> {
        static BUILTIN: OnceLock<Option<Nets>> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::read(include_bytes!("../../data/groove.bin")).ok()).as_ref()
    }

    /// Reads weights.
    ///
    /// # Errors
    /// The bytes are no weights, or not those of such nets.
    pub fn read(bytes: &[u8]) -> Result<Self, WeightsError> {
        let tensors = weights::read(bytes)?;
        Ok(Self { rhythm: RhythmNet::of(&tensors)?, feel: FeelNet::of(&tensors)? })
    }

    /// Reads weights from tensors.
    ///
    /// # Errors
    /// One is missing or has another shape.
    pub fn of(tensors: &[Named]) -> Result<Self, WeightsError> {
        Ok(Self { rhythm: RhythmNet::of(tensors)?, feel: FeelNet::of(tensors)? })
    }
}
