//! Figures of a study: how varied proposals are, how honest predictions are.

use deepdrummer_core::pattern::{Loop, SampleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How varied a set of loops is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diversity {
    /// Mean over all pairs of the number of cells in which one has a hit and the other has none.
    pub hamming: f32,
    /// Cells a loop has, for scale.
    pub cells: usize,
    /// Different samples over all loops and lanes.
    pub samples: usize,
    /// Different loops (rhythm, sounds or dynamics).
    pub distinct: usize,
}

/// Measures how varied loops are. All are expected to have the same lanes and grid.
#[must_use]
pub fn diversity(loops: &[Loop]) -> Diversity {
    let mut samples = BTreeSet::<SampleId>::new();
    let mut pairs = 0u32;
    let mut differing = 0u64;
    for (at, a) in loops.iter().enumerate() {
        samples.extend(a.lanes().iter().map(|lane| lane.sample));
        for b in &loops[at + 1..] {
            pairs += 1;
            differing += a
                .lanes()
                .iter()
                .zip(b.lanes())
                .map(|(x, y)| u64::from((x.mask() ^ y.mask()).count_ones()))
                .sum::<u64>();
        }
    }
    let distinct = (0..loops.len()).filter(|&at| !loops[..at].contains(&loops[at])).count();
    Diversity {
        hamming: if pairs == 0 { 0.0 } else { differing as f32 / pairs as f32 },
        cells: loops.first().map_or(0, |l| l.lanes().len() * l.grid.steps()),
        samples: samples.len(),
        distinct,
    }
}

/// How honest predicted probabilities were, over pairs of prediction and answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Pairs.
    pub n: usize,
    /// Expected calibration error over ten equal bins (Guo et al. 2017, equation 5), 0 to 1.
    pub ece: f32,
    /// Mean squared error of the probability (Brier 1950), 0 to 1; 0.25 for always saying one half.
    pub brier: f32,
    /// Mean negative log-likelihood in nats; 0.693 for always saying one half.
    pub log_loss: f32,
}

impl Calibration {
    /// Measures `(predicted, liked)` pairs.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = (f32, bool)>) -> Self {
        let mut bins = [(0usize, 0f64, 0f64); 10];
        let (mut n, mut brier, mut loss) = (0usize, 0f64, 0f64);
        for (p, liked) in pairs {
            let (p, y) = (f64::from(p).clamp(0.0, 1.0), f64::from(u8::from(liked)));
            let bin = &mut bins[((p * 10.0) as usize).min(9)];
            *bin = (bin.0 + 1, bin.1 + p, bin.2 + y);
            brier += (p - y) * (p - y);
            let q = p.clamp(1e-4, 1.0 - 1e-4);
            loss -= y * q.ln() + (1.0 - y) * (1.0 - q).ln();
            n += 1;
        }
        if n == 0 {
            return Self::default();
        }
        let all = n as f64;
        let ece: f64 = bins.iter().map(|(_, p, y)| (p - y).abs() / all).sum();
        Self { n, ece: ece as f32, brier: (brier / all) as f32, log_loss: (loss / all) as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::tests::{kit_of_three, loop_of};

    #[test]
    fn calibration_of_known_pairs() {
        let c = Calibration::of([(0.8, true), (0.8, true), (0.8, false), (0.2, false)]);
        assert!((c.brier - (0.04 + 0.04 + 0.64 + 0.04) / 4.0).abs() < 1e-6);
        // The bin of .8 says .8 three times and holds 2/3; the bin of .2 says .2 and holds 0.
        assert!((c.ece - ((2.4f32 - 2.0).abs() / 4.0 + 0.2 / 4.0)).abs() < 1e-6, "{}", c.ece);
        assert!((c.log_loss - (3.0 * -(0.8f32).ln() - (0.2f32).ln()) / 4.0).abs() < 1e-5);
    }

    #[test]
    fn diversity_counts_cells_samples_and_distinct_loops() {
        let kit = kit_of_three();
        let a = loop_of(&kit, ["x...............", "", ""]);
        let b = loop_of(&kit, ["x..............x", "x...............", ""]);
        let d = diversity(&[a, b, a]);
        assert!((d.hamming - 4.0 / 3.0).abs() < 1e-6);
        assert_eq!((d.samples, d.distinct, d.cells), (3, 2, 48));
    }
}
