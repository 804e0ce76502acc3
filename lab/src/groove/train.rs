//! Training both nets.

use super::batch::{Feel, Hidden, Marginals, Rhythm};
use super::data::{Bar, DataError, Split, performances};
use super::draws::draws;
use super::nets::Net;
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, activation};
use deepdrummer_core::critic::nn::values;
use deepdrummer_core::critic::nn::weights::{self, WeightsError};
use deepdrummer_core::groove::{CELLS, Part, TOP};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use std::collections::HashMap;
use std::path::Path;

/// How the nets are trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Root of all randomness.
    pub seed: Seed,
    /// Updates of the rhythm net.
    pub rhythm_steps: usize,
    /// Updates of the feel net.
    pub feel_steps: usize,
    /// Bars drawn from the styles.
    pub drawn: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: Seed(1), rhythm_steps: 20_000, feel_steps: 5_000, drawn: 20_000 }
    }
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Updates so far.
    pub step: usize,
    /// Loss on what it is trained on, in nats.
    pub train: f32,
    /// Loss on bars of the validation part.
    pub played: f32,
    /// Loss on other draws from the styles; none of the feel net.
    pub drawn: Option<f32>,
}

/// How far it is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Which net.
    pub net: &'static str,
    /// All updates.
    pub steps: usize,
    /// The newest point.
    pub point: Point,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file to ship.
    pub bytes: Vec<u8>,
    /// Bars that were trained on: played, and of those in triplets, fills.
    pub bars: [usize; 3],
    /// Nats a bar.
    pub rhythm: Vec<Point>,
    /// Nats a hit.
    pub feel: Vec<Point>,
}

/// Why nothing was trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The folder.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The file.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

const BATCH: usize = 192;
const RHYTHM_RATE: f64 = 1e-3;
const RHYTHM_DECAY: f32 = 1e-2;
const FEEL_RATE: f64 = 2e-3;
const FEEL_DECAY: f32 = 0.2;
/// How often a point of the curves is taken.
const EVERY: usize = 500;

/// Trains both nets on the folder's training part and on draws from the styles.
///
/// # Errors
/// The folder can't be read, or the weights are beyond the limits of their file.
pub fn train(
    folder: &Path,
    options: Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, TrainError> {
    let played = performances(folder, Split::Train)?;
    let validation = performances(folder, Split::Validation)?;
    let styles = draws(options.drawn.max(BATCH), options.seed);
    let others = draws(2_000, Seed(options.seed.0.wrapping_add(1)));
    let pool = Pool::new(&played, &styles);
    let (rhythm, rhythm_points) = rhythm(&pool, &validation, &others, options, progress);
    let (feel, feel_points) = feel(&pool, &validation, options, progress);
    let tensors = [rhythm.named("rhythm"), feel.named("feel")].concat();
    let count = |of: fn(&Bar) -> bool| played.iter().filter(|bar| of(bar)).count();
    Ok(Report {
        bytes: weights::write(&tensors)?,
        bars: [played.len(), count(|bar| bar.triplets), count(|bar| bar.part == Part::Fill)],
        rhythm: rhythm_points,
        feel: feel_points,
    })
}

/// What is drawn from in training.
struct Pool<'a> {
    played: &'a [Bar],
    /// Sums of what played bars weigh: the root of the bars of their performance, fills more.
    upto: Vec<f64>,
    styles: &'a [Bar],
    marginals: Marginals,
}

impl<'a> Pool<'a> {
    fn new(played: &'a [Bar], styles: &'a [Bar]) -> Self {
        let mut counts: HashMap<u64, f64> = HashMap::new();
        for bar in played {
            *counts.entry(bar.piece).or_default() += 1.0;
        }
        let mut sum = 0.0;
        let upto = played
            .iter()
            .map(|bar| {
                let of_fill = if bar.part == Part::Fill { 2.5 } else { 1.0 };
                sum += of_fill / counts.get(&bar.piece).copied().unwrap_or(1.0).sqrt();
                sum
            })
            .collect();
        let all: Vec<Bar> = played.iter().chain(styles.iter().take(played.len())).cloned().collect();
        Self { played, upto, styles, marginals: Marginals::of(&all) }
    }

    fn batch(&self, drummers: usize, rng: &mut Rng) -> Vec<&'a Bar> {
        let total = self.upto.last().copied().unwrap_or(0.0);
        (0..BATCH)
            .map(|at| {
                if at < drummers {
                    let lot = rng.unit_f64() * total;
                    &self.played[self.upto.partition_point(|upto| *upto <= lot).min(self.played.len() - 1)]
                } else {
                    &self.styles[rng.below(self.styles.len())]
                }
            })
            .collect()
    }
}

/// The one-cycle schedule (Smith and Topin 2019): up to the rate in a tenth of the steps, then down, both as
/// half a cosine.
fn rate(most: f64, step: usize, steps: usize) -> f64 {
    let swing = |from: f64, to: f64, share: f64| {
        to + (from - to) * 0.5 * (1.0 + (std::f64::consts::PI * share.clamp(0.0, 1.0)).cos())
    };
    let (step, turn) = (step as f64, 0.1 * steps as f64);
    if step < turn {
        swing(most / 25.0, most, step / turn)
    } else {
        swing(most, most / 250_000.0, (step - turn) / (steps as f64 - turn).max(1.0))
    }
}

/// Nats of each example.
fn rhythm_loss(net: &Net, batch: Rhythm) -> Tensor<1> {
    let odds = net.forward(batch.inputs, batch.own, None);
    let nats = activation::softplus(odds.clone(), 1.0) - batch.wanted * odds;
    let [_, examples, _] = batch.weight.dims();
    (nats * batch.weight).sum_dim(2).sum_dim(0).reshape([examples])
}

fn rhythm(
    pool: &Pool<'_>,
    validation: &[Bar],
    others: &[Bar],
    options: Options,
    progress: &mut dyn FnMut(Progress),
) -> (Net, Vec<Point>) {
    let mut rng = Rng::stream(options.seed, "rhythm net", 0);
    let device = Device::flex().autodiff();
    let mut net = Net::rhythm(&mut rng, &device);
    let mut optimizer = AdamWConfig::new().with_weight_decay(RHYTHM_DECAY).with_epsilon(1e-8).init();
    let (mut points, mut sum) = (Vec::new(), 0.0);
    for step in 0..options.rhythm_steps {
        let bars = pool.batch(BATCH / 2, &mut rng);
        let batch = Rhythm::new(&bars, &pool.marginals, &Hidden::AtRandom, true, &mut rng, &device);
        let loss = rhythm_loss(&net, batch).mean();
        sum += values(loss.clone().inner())[0];
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = optimizer.step(rate(RHYTHM_RATE, step, options.rhythm_steps), net, gradients);
        if (step + 1).is_multiple_of(EVERY) || step + 1 == options.rhythm_steps {
            let valid = net.valid();
            let on = |bars: &[Bar]| {
                let mut rng = Rng::stream(Seed(7), "validation", 0);
                let plain = Device::flex();
                let mut nats = 0.0;
                for part in bars.chunks(BATCH) {
                    let part: Vec<&Bar> = part.iter().collect();
                    let hidden = &Hidden::AtRandom;
                    let batch = Rhythm::new(&part, &pool.marginals, hidden, false, &mut rng, &plain);
                    nats += values(rhythm_loss(&valid, batch)).iter().sum::<f32>();
                }
                nats / bars.len().max(1) as f32
            };
            let since = (step % EVERY) + 1;
            let point = Point {
                step: step + 1,
                train: sum / since as f32,
                played: on(validation),
                drawn: Some(on(others)),
            };
            sum = 0.0;
            points.push(point);
            progress(Progress { net: "rhythm", steps: options.rhythm_steps, point });
        }
    }
    (net.valid(), points)
}

/// Nats of each example, a hit. A velocity of 127 stands for all that the pad would have given beyond it: what is
/// said of it is −log P(velocity ≥ 126.5), with the normal distribution as a logistic of a cubic (Page 1977,
/// Approximations to the cumulative normal function; off by 1.4e-4 at most).
fn feel_loss(net: &Net, batch: Feel) -> Tensor<1> {
    let out = net.forward(batch.inputs, batch.own, batch.drops);
    let [roles, examples, wide] = out.dims();
    let mean = out.clone().slice([0..roles, 0..examples, 0..2 * CELLS]);
    let log_sd = out.slice([0..roles, 0..examples, 2 * CELLS..wide]).clamp(-2.5, 1.5);
    let precision = (-log_sd.clone()).exp();
    let miss = (batch.wanted - mean.clone()) * precision.clone();
    let plain = miss.square().mul_scalar(0.5) + log_sd.add_scalar(0.919);
    let above = ((mean.sub_scalar(TOP)) * precision).clamp(-8.0, 8.0);
    let cubic = above.clone().mul_scalar(1.5976) + above.powi_scalar(3).mul_scalar(0.070_565_992);
    let at_top = activation::softplus(-cubic, 1.0);
    (plain * batch.weight + at_top * batch.at_top).sum_dim(2).sum_dim(0).reshape([examples])
}

fn feel(
    pool: &Pool<'_>,
    validation: &[Bar],
    options: Options,
    progress: &mut dyn FnMut(Progress),
) -> (Net, Vec<Point>) {
    let mut rng = Rng::stream(options.seed, "feel net", 0);
    let device = Device::flex().autodiff();
    let mut net = Net::feel(&mut rng, &device);
    let mut optimizer = AdamWConfig::new()
        .with_weight_decay(FEEL_DECAY)
        .with_epsilon(1e-8)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(5.0)))
        .init();
    let (mut points, mut sum): (Vec<Point>, f32) = (Vec::new(), 0.0);
    let mut best: Option<(f32, Net)> = None;
    for step in 0..options.feel_steps {
        let bars = pool.batch(BATCH * 4 / 5, &mut rng);
        let loss = feel_loss(&net, Feel::new(&bars, true, &mut rng, &device)).mean();
        sum += values(loss.clone().inner())[0];
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = optimizer.step(rate(FEEL_RATE, step, options.feel_steps), net, gradients);
        if (step + 1).is_multiple_of(EVERY) || step + 1 == options.feel_steps {
            let valid = net.valid();
            let mut rng = Rng::stream(Seed(7), "validation", 1);
            let plain = Device::flex();
            let (mut nats, mut seen) = (0.0, 0);
            for _ in 0..4 {
                for part in validation.chunks(BATCH) {
                    let part: Vec<&Bar> = part.iter().collect();
                    let batch = Feel::new(&part, false, &mut rng, &plain);
                    nats += values(feel_loss(&valid, batch)).iter().sum::<f32>();
                    seen += part.len();
                }
            }
            let since = (step % EVERY) + 1;
            let played = nats / seen.max(1) as f32;
            let point = Point { step: step + 1, train: sum / since as f32, played, drawn: None };
            sum = 0.0;
            points.push(point);
            if best.as_ref().is_none_or(|(least, _)| played < *least) {
                best = Some((played, valid));
            }
            progress(Progress { net: "feel", steps: options.feel_steps, point });
        }
    }
    let last = net.valid();
    (best.map_or(last, |(_, net)| net), points)
}
