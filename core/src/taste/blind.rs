//! How a blind test went: what was liked of loops of a taste and of loops of none.
//!
//! Any thread. Plain data and its interval.

use serde::{Deserialize, Serialize};

/// How a test went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlindResult {
    /// Liked and rated loops of the taste as it was.
    pub now: [u16; 2],
    /// Liked and rated loops of none.
    pub none: [u16; 2],
}

impl BlindResult {
    /// How much more of the taste's loops were liked, as a difference of shares, with its 95 % interval
    /// (Newcombe 1998, method 10: from Wilson's intervals). `None` unless both kinds were rated.
    #[must_use]
    pub fn difference(&self) -> Option<[f32; 3]> {
        let [p, q] = [self.now, self.none];
        if p[1] == 0 || q[1] == 0 {
            return None;
        }
        let share = |[likes, n]: [u16; 2]| f64::from(likes) / f64::from(n.max(1));
        let (a, b) = (share(p), share(q));
        let ([a_low, a_high], [b_low, b_high]) = (wilson(p), wilson(q));
        let low = (a - b) - ((a - a_low).powi(2) + (b_high - b).powi(2)).sqrt();
        let high = (a - b) + ((a_high - a).powi(2) + (b - b_low).powi(2)).sqrt();
        Some([a - b, low.max(-1.0), high.min(1.0)].map(|x| x as f32))
    }
}

/// Wilson's 95 % interval of a share.
fn wilson([likes, n]: [u16; 2]) -> [f64; 2] {
    const Z: f64 = 1.959_964;
    let n = f64::from(n.max(1));
    let p = f64::from(likes) / n;
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_newcombes() {
        // Newcombe (1998), table II, case (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339.
        let [difference, low, high] = BlindResult { now: [56, 70], none: [48, 80] }.difference().unwrap();
        assert!((difference - 0.2).abs() < 1e-6);
        assert!((low - 0.0524).abs() < 5e-4 && (high - 0.3339).abs() < 5e-4, "{low} {high}");
        assert_eq!(BlindResult { now: [1, 2], none: [0, 0] }.difference(), None);
    }
}
