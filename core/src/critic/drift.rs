//! Notices that a taste has moved: dislikes of what was believed in, more than chance explains.

use super::sigmoid;

/// Surprise of each judgement that is not counted, in nats: keeps honest predictions from adding up.
const SLACK: f32 = 0.2;
/// The sum at which a move is believed: about three flat contradictions in a row.
const ALARM: f32 = 3.0;

/// A cumulative sum (Page 1954) of how much more dislikes surprise than the predictions expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    sum: f32,
}

impl Drift {
    /// Learns that `said` was said where P(like) had the given logit; true where taste has moved, after
    /// which the sum begins anew.
    pub fn observe(&mut self, logit: f32, said: bool, weight: f32) -> bool {
        let p = sigmoid(logit).clamp(0.02, 0.98);
        let entropy = -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
        let surprise = -(if said { p } else { 1.0 - p }).ln();
        let excess = surprise - entropy - SLACK;
        // An unexpected like is a find, not a move: only dislikes of what was believed in add up.
        let excess = if said { excess.min(0.0) } else { excess };
        self.sum = (self.sum + weight.min(1.0) * excess).max(0.0);
        let moved = self.sum > ALARM;
        if moved {
            self.sum = 0.0;
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rng::Rng, units::Seed};

    #[test]
    fn honest_predictions_seldom_look_like_a_move_and_contradicted_ones_do() {
        let mut rng = Rng::new(Seed(11));
        let mut drift = Drift::default();
        let mut alarms = 0;
        for _ in 0..4000 {
            let logit = 2.0 * rng.normal();
            let said = rng.chance(sigmoid(logit));
            alarms += u32::from(drift.observe(logit, said, 1.0));
        }
        assert!(alarms <= 40, "{alarms} of 4000");
        let mut drift = Drift::default();
        assert!((0..5).any(|_| drift.observe(1.8, false, 1.0)));
        // Finding something that is liked is no move.
        assert!(!(0..20).any(|_| drift.observe(-1.8, true, 1.0)));
    }
}
