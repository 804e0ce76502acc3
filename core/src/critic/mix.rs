//! Weights of the experts, by how well each predicted the judgements before it saw them.

/// What a judgement keeps of its evidence with each later one: a memory of about thirty.
const MEMORY: f32 = 0.97;

/// What speaks for one expert: prequential evidence (Dawid 1984) with forgetting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    prior: f32,
    evidence: f32,
}

impl Standing {
    /// An expert's standing before any judgement, as a log weight.
    #[must_use]
    pub fn new(prior: f32) -> Self {
        Self { prior, evidence: 0.0 }
    }

    /// Learns which probability the expert had given to what was then said.
    pub fn observe(&mut self, p: f32, weight: f32) {
        self.evidence = self.evidence * MEMORY + weight * p.clamp(0.02, 0.98).ln();
    }

    fn log_weight(&self) -> f32 {
        self.evidence + self.prior
    }
}

/// The weights of experts, summing to 1, in their order (Bayesian model averaging).
#[must_use]
pub fn shares<'a>(standings: impl Iterator<Item = &'a Standing>) -> Vec<f32> {
    let log: Vec<f32> = standings.map(Standing::log_weight).collect();
    let most = log.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = log.iter().map(|x| (x - most).exp()).collect();
    let sum: f32 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_predictor_gains_weight_and_can_lose_it_again() {
        let mut experts = [Standing::new(0.0); 2];
        let mut tell = |first: f32, second: f32, times: usize| {
            for _ in 0..times {
                experts[0].observe(first, 1.0);
                experts[1].observe(second, 1.0);
            }
            shares(experts.iter())
        };
        assert!(tell(0.9, 0.5, 20)[0] > 0.99);
        assert!(tell(0.3, 0.7, 40)[1] > 0.9);
    }
}
