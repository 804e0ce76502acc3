//! The learners that a study lets meet listeners: the product's own, and those that it is measured against.
//!
//! Study and tool threads; the plugin cannot reach them.

pub mod audio;
pub mod classic;

use deepdrummer_core::kit::Kit;
use deepdrummer_core::propose::{self, CriticKind, Learner};
use deepdrummer_core::units::Seed;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A learner of a study. Its name in stored results is its [`Contender::key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contender {
    /// The product: particles, Gaussian process and network, mixed.
    Taste,
    /// The published system: MFCC convolutional critic and Metropolis–Hastings.
    Classic,
    /// The audio critic alone.
    Audio,
    /// No critic: draws from the product's prior.
    Random,
}

impl Contender {
    /// The word for it in files, in tables and on the command line.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Taste => "taste",
            Self::Classic => "classic",
            Self::Audio => "audio",
            Self::Random => "random",
        }
    }
}

/// Makes a learner. It may take some 100 ms.
#[must_use]
pub fn learner(contender: Contender, kit: Arc<Kit>, seed: Seed) -> Box<dyn Learner> {
    match contender {
        Contender::Taste => propose::learner(CriticKind::Taste, kit, seed),
        Contender::Random => propose::learner(CriticKind::Random, kit, seed),
        Contender::Classic => Box::new(classic::Classic::new(kit, seed)),
        Contender::Audio => Box::new(audio::AudioLearner::new(kit, seed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_results_know_every_contender_by_its_key() {
        for contender in [Contender::Taste, Contender::Classic, Contender::Audio, Contender::Random] {
            let stored = serde_json::to_string(&contender).unwrap();
            assert_eq!(stored, format!("\"{}\"", contender.key()));
            assert_eq!(serde_json::from_str::<Contender>(&stored).unwrap(), contender);
        }
    }
}
