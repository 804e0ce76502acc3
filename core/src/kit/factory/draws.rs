//! The random numbers of a sound's synthesis, and those of another take of it.
//!
//! A take has the draws of its sound but for small changes: what is drawn from a range moves by a little,
//! noise is other noise, and what is chosen stays chosen. So it is the same drum, struck again.

use crate::units::Seed;

/// How far a draw moves at most in another take, as a share of its range.
const SPREAD: f32 = 0.04;

/// A generator as the models use it.
#[derive(Clone, Debug)]
pub(super) struct Rng {
    main: crate::rng::Rng,
    /// The changes of a take.
    apart: Option<crate::rng::Rng>,
}

impl Rng {
    /// The draws of a sound; see [`crate::rng::Rng::stream`].
    pub(super) fn stream(seed: Seed, name: &str, index: u64) -> Self {
        Self { main: crate::rng::Rng::stream(seed, name, index), apart: None }
    }

    /// The draws of a take of a sound; take 0 is the sound itself.
    pub(super) fn take(seed: Seed, name: &str, take: u8) -> Self {
        let apart = (take > 0).then(|| crate::rng::Rng::stream(seed, name, u64::from(take)));
        Self { apart, ..Self::stream(seed, name, 0) }
    }

    /// Uniform in `[0, 1)`.
    pub(super) fn unit(&mut self) -> f32 {
        let unit = self.main.unit();
        match &mut self.apart {
            Some(apart) => (unit + apart.range(-SPREAD, SPREAD)).clamp(0.0, 0.999_999),
            None => unit,
        }
    }

    /// Uniform in `[low, high)`; `low` where the range is empty.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`: the same in all takes.
    pub(super) fn chance(&mut self, p: f32) -> bool {
        self.main.chance(p)
    }

    /// Uniform in `0..n`: the same in all takes.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.main.below(n)
    }

    /// A random element, the same in all takes; `None` of an empty slice.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        self.main.pick(items)
    }

    /// 64 random bits, other ones in each take: noise.
    pub(super) fn bits(&mut self) -> u64 {
        let bits = self.main.bits();
        self.apart.as_mut().map_or(bits, |apart| apart.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_chooses_as_its_sound_does_and_draws_near_it() {
        let (mut sound, mut take) = (Rng::take(Seed(3), "a", 0), Rng::take(Seed(3), "a", 2));
        let (mut moved, mut noise) = (0, 0);
        for _ in 0..200 {
            assert_eq!(sound.chance(0.5), take.chance(0.5));
            assert_eq!(sound.below(7), take.below(7));
            let (a, b) = (sound.range(10.0, 20.0), take.range(10.0, 20.0));
            assert!((a - b).abs() <= 10.0 * SPREAD + 1e-3 && (10.0..20.0).contains(&b), "{a} {b}");
            moved += usize::from(a != b);
            noise += usize::from(sound.bits() != take.bits());
        }
        assert!(moved > 190 && noise == 200, "{moved} {noise}");
    }
}
