//! A limiter without latency: the gain drops within the very frame that would be too loud and recovers
//! slowly, for both channels together. While nothing is too loud it changes no bit.

/// How long it takes to forget 63 % of a reduction, seconds.
const RELEASE_S: f64 = 0.06;

/// Two channels with one gain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limiter {
    ceiling: f32,
    /// 1 − gain. Kept as such because it decays to an exact 0.
    reduction: f32,
    keep: f32,
}

impl Limiter {
    /// Open. Nothing leaves it above `ceiling`, a factor.
    #[must_use]
    pub(crate) fn new(rate_hz: f64, ceiling: f32) -> Self {
        Self { ceiling, reduction: 0.0, keep: super::keep(RELEASE_S, rate_hz) }
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.reduction = 0.0;
    }

    /// The gain just now, 1 where it does nothing.
    #[must_use]
    pub(crate) fn gain(&self) -> f32 {
        1.0 - self.reduction
    }

    /// One frame.
    #[inline]
    pub(crate) fn run(&mut self, frame: [f32; 2]) -> [f32; 2] {
        let [left, right] = frame;
        let peak = left.abs().max(right.abs());
        self.reduction *= self.keep;
        if self.reduction < 1e-5 {
            self.reduction = 0.0;
        }
        if peak * self.gain() > self.ceiling {
            self.reduction = 1.0 - self.ceiling / peak;
        }
        if self.reduction > 0.0 {
            frame.map(|value| (value * self.gain()).clamp(-self.ceiling, self.ceiling))
        } else {
            frame
        }
    }

    /// A stretch of sound.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (left, right) in left.iter_mut().zip(right) {
            [*left, *right] = self.run([*left, *right]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CEILING: f32 = 0.988_553_1;

    #[test]
    fn it_changes_no_bit_below_its_ceiling() {
        let mut limiter = Limiter::new(48_000.0, CEILING);
        let source: Vec<f32> = (0..2000).map(|n| (n as f32 * 0.37).sin() * 0.98).collect();
        let (mut left, mut right) = (source.clone(), source.clone());
        limiter.process(&mut left, &mut right);
        assert_eq!((left, right), (source.clone(), source));
    }

    #[test]
    fn nothing_leaves_it_above_its_ceiling_and_it_recovers_to_exactly_one() {
        let mut limiter = Limiter::new(48_000.0, CEILING);
        let mut left: Vec<f32> = (0..4800).map(|n| (n as f32 * 0.05).sin() * 9.0).collect();
        let mut right = vec![f32::MAX; 4800];
        limiter.process(&mut left, &mut right);
        assert!(left.iter().chain(&right).all(|value| value.abs() <= CEILING));
        limiter.process(&mut [0.1; 48_000], &mut [0.1; 48_000]);
        assert_eq!(limiter.gain(), 1.0);
    }
}
