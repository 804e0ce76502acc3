//! Turns scores into probabilities that mean what they say, and measures how well they do.

use super::sigmoid;

/// A temperature on the logit, fitted to predictions that were made before the judgement
/// (Guo et al. 2017), held near 1 while there are few.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    pairs: Vec<(f32, bool, f32)>,
    inverse_temperature: f32,
}

/// How well probabilities agree with what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// Expected calibration error over ten equal bins, 0 to 1.
    pub ece: f32,
    /// Mean squared error of the probability.
    pub brier: f32,
    /// Mean negative log-likelihood in nats.
    pub log_loss: f32,
}

/// Pairs that count; older ones tell of a model that knew less.
const WINDOW: usize = 120;
/// Log inverse temperatures that are tried.
const STEPS: i32 = 24;

impl Default for Calibration {
    fn default() -> Self {
        Self { pairs: Vec::new(), inverse_temperature: 1.0 }
    }
}

impl Calibration {
    /// Learns from one prediction (a logit) and what was then said; `weight` as of the judgement.
    pub fn observe(&mut self, logit: f32, liked: bool, weight: f32) {
        self.pairs.push((logit, liked, weight));
        let recent = &self.pairs[self.pairs.len().saturating_sub(WINDOW)..];
        let loss = |scale: f32| -> f32 {
            let nll = recent.iter().map(|&(logit, liked, weight)| {
                let p = sigmoid(logit * scale).clamp(1e-4, 1.0 - 1e-4);
                -weight * if liked { p } else { 1.0 - p }.ln()
            });
            // The logarithm of the temperature is believed to be within 0.3 of nought.
            nll.sum::<f32>() + 0.5 * (scale.ln() / 0.3).powi(2)
        };
        let scales = (-STEPS..=STEPS).map(|step| (step as f32 * 0.05).exp());
        let best = scales.min_by(|a, b| loss(*a).total_cmp(&loss(*b)));
        self.inverse_temperature = best.unwrap_or(1.0);
    }

    /// The calibrated probability of a logit.
    #[must_use]
    pub fn probability(&self, logit: f32) -> f32 {
        sigmoid(logit * self.inverse_temperature)
    }
}

impl Report {
    /// Measures pairs of a predicted probability and what was said. Zeros for none.
    #[must_use]
    pub fn of(pairs: &[(f32, bool)]) -> Self {
        if pairs.is_empty() {
            return Self::default();
        }
        let n = pairs.len() as f32;
        let mut bins = [(0f32, 0f32, 0f32); 10];
        let mut report = Self::default();
        for &(p, liked) in pairs {
            let y = f32::from(liked);
            let bin = &mut bins[((p * 10.0) as usize).min(9)];
            *bin = (bin.0 + 1.0, bin.1 + p, bin.2 + y);
            report.brier += (p - y) * (p - y) / n;
            let right = if liked { p } else { 1.0 - p };
            report.log_loss -= right.clamp(1e-4, 1.0).ln() / n;
        }
        report.ece = bins.iter().map(|&(_, p, y)| (p - y).abs() / n).sum();
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rng::Rng, units::Seed};

    #[test]
    fn overconfident_scores_are_cooled() {
        let mut rng = Rng::new(Seed(5));
        let mut calibration = Calibration::default();
        let mut raw = Vec::new();
        let mut cooled = Vec::new();
        for at in 0..400 {
            let truth = 1.5 * rng.normal();
            let liked = rng.chance(sigmoid(truth));
            if at >= 200 {
                raw.push((sigmoid(3.0 * truth), liked));
                cooled.push((calibration.probability(3.0 * truth), liked));
            }
            calibration.observe(3.0 * truth, liked, 1.0);
        }
        assert!(Report::of(&cooled).log_loss + 0.05 < Report::of(&raw).log_loss);
        assert!(Report::of(&cooled).ece < Report::of(&raw).ece);
    }

    #[test]
    fn the_report_of_a_perfect_oracle_is_zero() {
        let report = Report::of(&[(1.0, true), (0.0, false)]);
        assert!(report.ece < 1e-6 && report.brier < 1e-6 && report.log_loss < 1e-3);
    }
}
