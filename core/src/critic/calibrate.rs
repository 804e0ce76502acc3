//! Turns scores into probabilities that mean what they say.

use super::sigmoid;

/// A temperature on the logit, fitted to predictions that were made before the judgement
/// (Guo et al. 2017), held near 1 while there are few.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    pairs: Vec<(f32, bool, f32)>,
    inverse_temperature: f32,
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
        let log_loss = |pairs: &[(f32, bool)]| {
            let of = |&(p, liked): &(f32, bool)| -(if liked { p } else { 1.0 - p }).clamp(1e-4, 1.0).ln();
            pairs.iter().map(of).sum::<f32>() / pairs.len() as f32
        };
        assert!(log_loss(&cooled) + 0.05 < log_loss(&raw));
        // The mean over bins of how far what was said is from what was claimed (Guo et al. 2017).
        let calibration_error = |pairs: &[(f32, bool)]| {
            let mut bins = [0f32; 10];
            for &(p, liked) in pairs {
                bins[((p * 10.0) as usize).min(9)] += p - f32::from(liked);
            }
            bins.iter().map(|bin| bin.abs()).sum::<f32>() / pairs.len() as f32
        };
        assert!(calibration_error(&cooled) < calibration_error(&raw));
    }
}
