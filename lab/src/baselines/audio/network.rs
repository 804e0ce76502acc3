//! The audio critic's networks on burn: a few small ones that start differently and so disagree where
//! they know little.
//!
//! Study and tool threads. `[N, FEATURES]` → 24 tanh → 1 logit. Trained from fresh weights on all
//! ratings, so that the log alone decides the result.

use super::spectrum::FEATURES;
use burn::module::Module;
use burn::nn::Linear;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, decay::WeightDecayConfig};
use burn::tensor::{Device, Tensor, activation};
use deepdrummer_core::critic::nn::{linear, tensor, values};
use deepdrummer_core::rng::Rng;

const HIDDEN: usize = 24;
const MEMBERS: usize = 4;
/// Steps of each member's training.
const STEPS: usize = 80;
const LEARNING_RATE: f64 = 1e-2;
const WEIGHT_DECAY: f32 = 1e-2;

/// One member.
#[derive(Module, Debug)]
pub(super) struct Network {
    hidden: Linear,
    output: Linear,
}

impl Network {
    fn new(rng: &mut Rng, device: &Device) -> Self {
        Self { hidden: linear(FEATURES, HIDDEN, rng, device), output: linear(HIDDEN, 1, rng, device) }
    }

    /// Logits `[N, 1]`.
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.output.forward(activation::tanh(self.hidden.forward(x)))
    }
}

struct Member {
    network: Network,
    optimizer: ModuleOptimizer,
    left: usize,
}

/// The ensemble and the ratings it learns from.
pub(super) struct Ensemble {
    device: Device,
    members: Vec<Member>,
    /// Standardised features, one row a rating.
    rows: Vec<f32>,
    /// 1 liked, 0 disliked; and the weight of each.
    labels: Vec<f32>,
    weights: Vec<f32>,
}

impl Ensemble {
    /// Learns from ratings; nothing is trained yet.
    #[must_use]
    pub(super) fn new(rows: Vec<f32>, labels: Vec<f32>, weights: Vec<f32>, rng: &mut Rng) -> Self {
        let device = Device::flex();
        let members = (0..MEMBERS)
            .map(|_| Member {
                network: Network::new(&mut rng.split(), &device.clone().autodiff()),
                optimizer: AdamConfig::new()
                    .with_weight_decay(Some(WeightDecayConfig::new(WEIGHT_DECAY)))
                    .init(),
                left: if labels.is_empty() { 0 } else { STEPS },
            })
            .collect();
        Self { device, members, rows, labels, weights }
    }

    /// Ten training steps of the first member that still needs some; false when none does.
    pub(super) fn train_some(&mut self) -> bool {
        let device = self.device.clone().autodiff();
        let n = self.labels.len();
        let Some(member) = self.members.iter_mut().find(|m| m.left > 0) else { return false };
        for _ in 0..10.min(member.left) {
            let x = tensor(self.rows.clone(), [n, FEATURES], &device);
            let y = tensor(self.labels.clone(), [n, 1], &device);
            let w = tensor(self.weights.clone(), [n, 1], &device);
            let logit = member.network.forward(x);
            // Cross entropy from logits: softplus(z) − y z.
            let loss =
                ((activation::softplus(logit.clone(), 1.0) - y * logit) * w).sum().div_scalar(n as f32);
            let gradients = GradientsParams::from_grads(loss.backward(), &member.network);
            member.network = member.optimizer.step(LEARNING_RATE, member.network.clone(), gradients);
            member.left -= 1;
        }
        true
    }

    /// Mean and standard deviation of the members' logits for standardised rows, trained to the end
    /// first.
    pub(super) fn logits(&mut self, rows: &[f32]) -> Vec<(f32, f32)> {
        while self.train_some() {}
        let n = rows.len() / FEATURES;
        let mut sums = vec![(0.0f32, 0.0f32); n];
        for member in &self.members {
            let x = tensor(rows.to_vec(), [n, FEATURES], &self.device);
            for (sum, z) in sums.iter_mut().zip(values(member.network.valid().forward(x))) {
                *sum = (sum.0 + z, sum.1 + z * z);
            }
        }
        let m = MEMBERS as f32;
        sums.into_iter().map(|(s, q)| (s / m, (q / m - (s / m).powi(2)).max(0.0).sqrt())).collect()
    }
}
