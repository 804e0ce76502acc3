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
            differing += u64::from(rhythm_apart(a, b));
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

/// How many proposals in a row are looked at together.
const RUN: usize = 20;
/// A rhythm that differs in no more than this share of the cells is nearly the same: 4 of 96.
const SAME: f32 = 4.0 / 96.0;

/// How varied the proposals of a session were, in the order in which they were heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variety {
    /// Proposals of which `same` and `changed` speak.
    pub n: usize,
    /// Cells of a loop, and lanes, for scale.
    pub cells: usize,
    /// See `cells`.
    pub lanes: usize,
    /// Mean over runs of 20 of the mean pair's differing cells.
    pub rhythm_mean: f32,
    /// Mean over runs of 20 of the nearest pair's differing cells.
    pub rhythm_least: f32,
    /// Mean over runs of 20 of the mean pair's lanes with other sounds.
    pub sound_mean: f32,
    /// Mean over runs of 20 of the nearest pair's lanes with other sounds.
    pub sound_least: f32,
    /// Share of proposals whose rhythm is within 4 of 96 cells of one of the 20 before.
    pub same: f32,
    /// Mean number of lanes whose sound is not that of the proposal before.
    pub changed: f32,
}

impl Variety {
    /// Measures the proposals of a session from the `from`-th on.
    #[must_use]
    pub fn of(played: &[Loop], from: usize) -> Self {
        let Some(first) = played.first() else { return Self::default() };
        let (cells, lanes) = (first.lanes().len() * first.grid.steps(), first.lanes().len());
        let mut found = Self { cells, lanes, n: played.len().saturating_sub(from.max(1)), ..Self::default() };
        for at in from.max(1)..played.len() {
            let before = &played[at.saturating_sub(RUN)..at];
            let nearest = before.iter().map(|other| rhythm_apart(&played[at], other)).min();
            found.same += f32::from(u8::from(nearest.is_some_and(|n| n as f32 <= SAME * cells as f32)));
            found.changed += sounds_apart(&played[at], &played[at - 1]) as f32;
        }
        let n = found.n.max(1) as f32;
        (found.same, found.changed) = (found.same / n, found.changed / n);
        let since = &played[from.min(played.len())..];
        let runs: Vec<&[Loop]> =
            if since.is_empty() { Vec::new() } else { since.windows(RUN.min(since.len())).collect() };
        for run in &runs {
            let pairs = || (0..run.len()).flat_map(|b| (0..b).map(move |a| (&run[a], &run[b])));
            let (mut rhythm, mut sound) = ((0, u32::MAX), (0, u32::MAX));
            for (a, b) in pairs() {
                let (cells, lanes) = (rhythm_apart(a, b), sounds_apart(a, b));
                rhythm = (rhythm.0 + cells, rhythm.1.min(cells));
                sound = (sound.0 + lanes, sound.1.min(lanes));
            }
            let pairs = pairs().count().max(1) as f32;
            found.rhythm_mean += rhythm.0 as f32 / pairs;
            found.sound_mean += sound.0 as f32 / pairs;
            found.rhythm_least += rhythm.1 as f32;
            found.sound_least += sound.1 as f32;
        }
        let of = runs.len().max(1) as f32;
        for sum in
            [&mut found.rhythm_mean, &mut found.sound_mean, &mut found.rhythm_least, &mut found.sound_least]
        {
            *sum /= of;
        }
        found
    }
}

/// Cells that sound in one loop and not in the other.
fn rhythm_apart(a: &Loop, b: &Loop) -> u32 {
    a.lanes().iter().zip(b.lanes()).map(|(x, y)| (x.mask() ^ y.mask()).count_ones()).sum()
}

/// Lanes that sound in either loop, with other sounds.
fn sounds_apart(a: &Loop, b: &Loop) -> u32 {
    let lanes = a.lanes().iter().zip(b.lanes());
    lanes.map(|(x, y)| u32::from(x.sample != y.sample && (x.mask() | y.mask()) != 0)).sum()
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

    #[test]
    fn variety_tells_rhythms_that_come_back_from_sounds_that_change() {
        let kit = kit_of_three();
        let a = loop_of(&kit, ["x...............", "", ""]);
        let b = loop_of(&kit, ["x...x...x...x...", "x...............", ""]);
        let mut dressed = a;
        dressed.lanes_mut()[0].sample = b.lanes()[1].sample;
        let v = Variety::of(&[a, b, dressed], 1);
        assert_eq!((v.n, v.cells, v.lanes), (2, 48, 3));
        // The third is the first again, with another sound.
        assert!((v.same - 0.5).abs() < 1e-6 && v.changed > 0.0, "{v:?}");
        let v = Variety::of(&[a, b, dressed], 0);
        assert!((v.rhythm_mean - 8.0 / 3.0).abs() < 1e-6 && v.rhythm_least == 0.0, "{v:?}");
    }
}
