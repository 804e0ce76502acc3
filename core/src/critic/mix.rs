//! Weights of the experts, by how well each predicted the judgements before it saw them.

/// What a judgement keeps of its evidence with each later one: a memory of about thirty.
const MEMORY: f32 = 0.97;

/// Bayesian model averaging on prequential evidence (Dawid 1984) with forgetting.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    evidence: Vec<f32>,
    prior: Vec<f32>,
}

impl Mixture {
    /// Experts with their prior log weights.
    #[must_use]
    pub fn new(prior: &[f32]) -> Self {
        Self { evidence: vec![0.0; prior.len()], prior: prior.to_vec() }
    }

    /// Learns what each expert had predicted of a judgement: `probabilities` of what was then said.
    pub fn observe(&mut self, probabilities: &[f32], weight: f32) {
        for (evidence, p) in self.evidence.iter_mut().zip(probabilities) {
            *evidence = *evidence * MEMORY + weight * p.clamp(0.02, 0.98).ln();
        }
    }

    /// The experts' weights, summing to 1.
    #[must_use]
    pub fn weights(&self) -> Vec<f32> {
        let log: Vec<f32> = self.evidence.iter().zip(&self.prior).map(|(a, b)| a + b).collect();
        let most = log.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f32> = log.iter().map(|x| (x - most).exp()).collect();
        let sum: f32 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_predictor_gains_weight_and_can_lose_it_again() {
        let mut mix = Mixture::new(&[0.0, 0.0]);
        for _ in 0..20 {
            mix.observe(&[0.9, 0.5], 1.0);
        }
        assert!(mix.weights()[0] > 0.99);
        for _ in 0..40 {
            mix.observe(&[0.3, 0.7], 1.0);
        }
        assert!(mix.weights()[1] > 0.9);
    }
}
