//! Fine-tuning the trunk on one person's ratings, in small units of background work.
//!
//! Worker and study threads. A tuned trunk enters only if it would have predicted later ratings from
//! earlier ones at least as well as the pretrained one: it is tuned on the first three fifths of the
//! log and examined on the rest. Both what is tried and when it enters follow from the log alone.

use super::head::{Head, Labelled};
use super::input::Input;
use super::trunk::{Batch, POINT, Pretrained, Trunk};
use crate::critic::nn::{tensor, values};
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, activation};

/// Prior mean of the bias: about a third of the loops that are asked are liked.
pub const BIAS: f64 = -0.7;
/// Steps of each tuning. With the learning rate they bound how far any weight can move: 0.02.
const STEPS: usize = 40;
const LEARNING_RATE: f64 = 5e-4;
/// Steps in one unit of work.
const STEPS_A_UNIT: usize = 4;
/// Ratings that are tuned on at most: the latest.
const MOST_RATINGS: usize = 256;
/// Loops in one pass through the trunk.
const AT_ONCE: usize = 512;

/// One rating.
#[derive(Clone, Debug)]
pub(super) struct Rated {
    pub input: Input,
    pub like: bool,
    pub weight: f32,
}

/// Whitened points of loops.
#[must_use]
pub fn points<'a>(
    trunk: &Trunk,
    base: &Pretrained,
    inputs: impl Iterator<Item = &'a Input>,
    device: &Device,
) -> Vec<[f32; POINT]> {
    let inputs: Vec<&Input> = inputs.collect();
    let mut out = Vec::with_capacity(inputs.len());
    for part in inputs.chunks(AT_ONCE) {
        let batch = Batch::new(part.iter().copied(), device);
        let mean: Tensor<2> = tensor(base.mean.clone(), [1, POINT], device);
        let whiten: Tensor<2> = tensor(base.whiten.clone(), [POINT, POINT], device);
        let rows = values((trunk.forward(&batch) - mean).matmul(whiten));
        out.extend(rows.chunks_exact(POINT).map(|row| {
            let mut point = [0.0; POINT];
            point.copy_from_slice(row);
            point
        }));
    }
    out
}

/// The head of some ratings as a trunk sees them.
pub(super) fn head_of(
    start: Option<&Head>,
    points: &[[f32; POINT]],
    rated: &[Rated],
    weight_sd: f32,
) -> Head {
    let data: Vec<Labelled> = points
        .iter()
        .zip(rated)
        .map(|(point, r)| Labelled { point: *point, like: r.like, weight: r.weight })
        .collect();
    Head::fit_from(start, &data, f64::from(weight_sd), BIAS)
}

#[derive(Module, Debug)]
struct Tuned {
    trunk: Trunk,
    readout: Linear,
}

/// A trunk on its way.
struct Tuner {
    model: Tuned,
    optimizer: ModuleOptimizer,
    batch: Batch,
    labels: Tensor<2>,
    weights: Tensor<2>,
    left: usize,
}

impl Tuner {
    fn new(base: &Pretrained, rated: &[Rated], device: &Device) -> Self {
        let rated = &rated[rated.len().saturating_sub(MOST_RATINGS)..];
        let seen = points(&base.trunk, base, rated.iter().map(|r| &r.input), device);
        let head = head_of(None, &seen, rated, base.weight_sd);
        // The head reads whitened points; unfolded it reads the trunk's own.
        let mode = head.mode();
        let weight: Vec<f32> = (0..POINT)
            .map(|i| (0..POINT).map(|j| base.whiten[i * POINT + j] * mode[j] as f32).sum())
            .collect();
        let bias = mode[POINT] as f32 - weight.iter().zip(&base.mean).map(|(w, m)| w * m).sum::<f32>();
        let device = device.clone().autodiff();
        let readout = Linear {
            weight: Param::from_tensor(tensor(weight, [POINT, 1], &device)),
            bias: Some(Param::from_tensor(tensor(vec![bias], [1], &device))),
        };
        let n = rated.len();
        Self {
            model: Tuned { trunk: base.trunk.clone().train(), readout },
            optimizer: AdamConfig::new().init(),
            batch: Batch::new(rated.iter().map(|r| &r.input), &device),
            labels: tensor(rated.iter().map(|r| f32::from(u8::from(r.like))).collect(), [n, 1], &device),
            weights: tensor(rated.iter().map(|r| r.weight / n as f32).collect(), [n, 1], &device),
            left: STEPS,
        }
    }

    fn step(&mut self) {
        let logit = self.model.readout.forward(self.model.trunk.forward(&self.batch));
        let loss =
            (activation::softplus(logit.clone(), 1.0) - self.labels.clone() * logit) * self.weights.clone();
        let gradients = GradientsParams::from_grads(loss.sum().backward(), &self.model);
        self.model = self.optimizer.step(LEARNING_RATE, self.model.clone(), gradients);
        self.left -= 1;
    }

    fn trunk(&self) -> Trunk {
        self.model.trunk.valid()
    }
}

enum Stage {
    /// Tuned on the first so many ratings, to be examined on the rest.
    Trial(Tuner, usize),
    /// Tuned on all.
    Final(Tuner),
    Done(Option<Trunk>),
}

/// One attempt at a better trunk.
pub(super) struct Attempt {
    stage: Stage,
    rated: Vec<Rated>,
}

impl Attempt {
    /// Begins with the ratings so far.
    pub(super) fn new(base: &Pretrained, rated: &[Rated], device: &Device) -> Self {
        let rated = rated[rated.len().saturating_sub(MOST_RATINGS)..].to_vec();
        let first = rated.len() * 3 / 5;
        let trial = Tuner::new(base, &rated[..first], device);
        Self { stage: Stage::Trial(trial, first), rated }
    }

    /// One unit of work; false when the attempt is over.
    pub(super) fn work(&mut self, base: &Pretrained, device: &Device) -> bool {
        match &mut self.stage {
            Stage::Done(_) => return false,
            Stage::Trial(tuner, first) => {
                for _ in 0..STEPS_A_UNIT.min(tuner.left) {
                    tuner.step();
                }
                if tuner.left == 0 {
                    let first = *first;
                    let tuned = loss_ahead(&tuner.trunk(), base, &self.rated, first, device);
                    let before = loss_ahead(&base.trunk, base, &self.rated, first, device);
                    self.stage = match tuned <= before {
                        true => Stage::Final(Tuner::new(base, &self.rated, device)),
                        false => Stage::Done(None),
                    };
                }
            }
            Stage::Final(tuner) => {
                for _ in 0..STEPS_A_UNIT.min(tuner.left) {
                    tuner.step();
                }
                if tuner.left == 0 {
                    self.stage = Stage::Done(Some(tuner.trunk()));
                }
            }
        }
        true
    }

    /// The result, whatever is left to do done first: a tuned trunk, or none that is better.
    pub(super) fn finish(mut self, base: &Pretrained, device: &Device) -> Option<Trunk> {
        while self.work(base, device) {}
        match self.stage {
            Stage::Done(trunk) => trunk,
            Stage::Trial(..) | Stage::Final(_) => None,
        }
    }
}

/// Mean log-loss of the ratings from `first` on, predicted from those before.
fn loss_ahead(trunk: &Trunk, base: &Pretrained, rated: &[Rated], first: usize, device: &Device) -> f32 {
    let seen = points(trunk, base, rated.iter().map(|r| &r.input), device);
    let head = head_of(None, &seen[..first], &rated[..first], base.weight_sd);
    let losses = seen[first..].iter().zip(&rated[first..]).map(|(point, r)| {
        let p = head.probability(point).clamp(1e-4, 1.0 - 1e-4);
        -(if r.like { p } else { 1.0 - p }).ln() * r.weight
    });
    losses.sum::<f32>() / rated[first..].iter().map(|r| r.weight).sum::<f32>().max(1e-6)
}
