//! The only source of randomness: seeded, splittable, and its whole state can be saved.
//!
//! Any thread but the audio thread, [`mixed`] also there. Never reads the clock or the operating system.

use crate::units::Seed;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// SplitMix64's finaliser (Steele et al. 2014): a number that looks drawn, of one that does not.
#[must_use]
pub(crate) fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A small fast generator (PCG-XSL-RR 128/64 MCG; O'Neill 2014) with named sub-streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng(Pcg64Mcg);

impl Rng {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed.0))
    }

    /// An independent stream of the same seed, named so that adding one never shifts another.
    #[must_use]
    pub fn stream(seed: Seed, name: &str, index: u64) -> Self {
        // FNV-1a over the name, then over the index: stable over releases, unlike std's hasher.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.0.rotate_left(17);
        for byte in name.bytes().chain(index.to_le_bytes()).chain(seed.0.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(Pcg64Mcg::seed_from_u64(hash))
    }

    /// A generator that continues independently of this one.
    #[must_use]
    pub fn split(&mut self) -> Self {
        Self(Pcg64Mcg::seed_from_u64(self.0.next_u64()))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f32 {
        self.0.random()
    }

    /// Uniform in `[0, 1)`, double precision.
    pub fn unit_f64(&mut self) -> f64 {
        self.0.random()
    }

    /// Uniform in `[low, high)`; `low` where the range is empty.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..n`; 0 for `n == 0`.
    pub fn below(&mut self, n: usize) -> usize {
        // Lemire's multiply-shift; the bias below 2^-32 is of no account here.
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// Standard normal (Box–Muller, cosine branch only, so that one call always takes two draws).
    pub fn normal(&mut self) -> f32 {
        let u = 1.0 - self.unit_f64();
        let v = self.unit_f64();
        ((-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
    }

    /// An index drawn in proportion to non-negative weights; `None` where they sum to nothing.
    pub fn weighted(&mut self, weights: &[f32]) -> Option<usize> {
        let total: f32 = weights.iter().sum();
        if total.is_nan() || total <= 0.0 {
            return None;
        }
        let mut left = self.unit() * total;
        for (index, &weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return Some(index);
            }
        }
        weights.iter().rposition(|&weight| weight > 0.0)
    }

    /// A random element; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_repeatable_and_differ_by_name_and_index() {
        let draw = |name, index| Rng::stream(Seed(7), name, index).bits();
        assert_eq!(draw("kit", 0), draw("kit", 0));
        assert_ne!(draw("kit", 0), draw("kit", 1));
        assert_ne!(draw("kit", 0), draw("prior", 0));
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut rng = Rng::new(Seed(1));
        let mut counts = [0u32; 5];
        for _ in 0..5000 {
            counts[rng.below(5)] += 1;
        }
        assert!(counts.iter().all(|&c| (850..1150).contains(&c)), "{counts:?}");
    }
}
