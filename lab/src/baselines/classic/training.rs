//! How the published critic is trained: 40 batches after each rating, each half liked and half
//! disliked, with augmented audio.
//!
//! Study and tool threads. Deterministic: batches, augmentation and dropout come from one generator.

use super::clips::{Clips, FRAMES, Pass};
use super::mfcc::{COEFFICIENTS, Mfcc};
use super::network::Network;
use burn::module::Module as _;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, decay::WeightDecayConfig};
use burn::tensor::{Device, Tensor};
use deepdrummer_core::critic::nn::{tensor, values};
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::rng::Rng;
use std::collections::VecDeque;

/// Batches after each rating.
pub const BATCHES: usize = 40;
/// Clips a batch, half of them liked.
pub const BATCH: usize = 16;
const LEARNING_RATE: f64 = 5.739_323_003_111_13e-5;
const WEIGHT_DECAY: f32 = 5.895_966e-6;
/// Most frames of the circular shift.
const MOST_SHIFT: usize = 128;
/// Standard deviations of the augmentation.
const GAIN_SD: f32 = 0.05;
const OFFSET_SD: f32 = 0.05;
const NOISE_SD: f32 = 0.006;
/// Normal values drawn once; a batch's noise starts anywhere in them.
const NOISE_BANK: usize = 1 << 20;
/// Clips scored in one batch.
const SCORED_AT_ONCE: usize = 32;

/// The network, its optimiser, what was liked and disliked, and the batches still to be trained.
pub struct Trainer {
    clips: Clips,
    mfcc: Mfcc,
    network: Network,
    frozen: Option<Network>,
    optimizer: ModuleOptimizer,
    device: Device,
    liked: Vec<Vec<f32>>,
    disliked: Vec<Vec<f32>>,
    /// Ratings whose batches are to be trained: how many batches, and how many clips were liked and
    /// disliked when the rating was given.
    waiting: VecDeque<(usize, usize, usize)>,
    rng: Rng,
    noise: Vec<f32>,
}

impl Trainer {
    /// An untrained critic.
    #[must_use]
    pub fn new(clips: Clips, mut rng: Rng, device: &Device) -> Self {
        let network = Network::new(&mut rng.split(), &device.clone().autodiff());
        let noise = (0..NOISE_BANK).map(|_| NOISE_SD * rng.normal()).collect();
        let optimizer = AdamConfig::new()
            .with_epsilon(1e-8)
            .with_weight_decay(Some(WeightDecayConfig::new(WEIGHT_DECAY)))
            .init();
        Self {
            clips,
            mfcc: Mfcc::new(),
            network,
            frozen: None,
            optimizer,
            device: device.clone(),
            liked: Vec::new(),
            disliked: Vec::new(),
            waiting: VecDeque::new(),
            rng,
            noise,
        }
    }

    /// The clips' source.
    #[must_use]
    pub fn clips(&self) -> &Clips {
        &self.clips
    }

    /// Remembers a rating; its batches wait for [`Trainer::train_one`].
    pub fn rate(&mut self, l: &Loop, like: bool) {
        let mut bars = Vec::with_capacity(FRAMES);
        self.clips.bars(l, Pass::Second, &mut bars);
        for clip in bars.chunks_exact(FRAMES) {
            if like { self.liked.push(clip.to_vec()) } else { self.disliked.push(clip.to_vec()) }
        }
        if !self.liked.is_empty() && !self.disliked.is_empty() {
            self.waiting.push_back((BATCHES, self.liked.len(), self.disliked.len()));
        }
    }

    /// Trains one batch of those that wait; false when none does.
    pub fn train_one(&mut self) -> bool {
        let Some((left, liked, disliked)) = self.waiting.front_mut() else { return false };
        let (liked, disliked) = (*liked, *disliked);
        *left -= 1;
        if *left == 0 {
            self.waiting.pop_front();
        }
        self.batch(liked, disliked);
        true
    }

    /// One step on a batch of at most `clips` clips, whatever waits: for benchmarks.
    pub fn train_now(&mut self, clips: usize) {
        let half = (clips / 2).min(BATCH / 2);
        self.batch(self.liked.len().min(half), self.disliked.len().min(half));
    }

    /// One step on a batch drawn from the first so many clips of each kind. The published code takes
    /// a contiguous stretch of each list; so does this.
    fn batch(&mut self, liked: usize, disliked: usize) {
        let half = (BATCH / 2).min(liked).min(disliked);
        if half == 0 {
            return;
        }
        let a = self.rng.below(liked - half + 1);
        let b = self.rng.below(disliked - half + 1);
        // Gain, offset and shift are drawn once for the batch, noise for every value.
        let shift = 1 + self.rng.below(MOST_SHIFT - 1);
        let gain = 1.0 + GAIN_SD * self.rng.normal();
        let offset = OFFSET_SD * self.rng.normal();
        let mut features = Vec::new();
        let mut clip = vec![0.0; FRAMES];
        for from in self.liked[a..a + half].iter().chain(&self.disliked[b..b + half]) {
            let start = self.rng.below(NOISE_BANK - FRAMES);
            let noise = &self.noise[start..start + FRAMES];
            for ((to, x), n) in clip.iter_mut().zip(from).zip(noise) {
                *to = x * gain + offset + n;
            }
            clip.rotate_right(shift);
            self.mfcc.append(&clip, &mut features);
        }
        let n = 2 * half;
        let device = self.device.clone().autodiff();
        let input = tensor(features, [n, 1, COEFFICIENTS, Mfcc::columns(FRAMES)], &device);
        let targets: Vec<f32> =
            (0..n).flat_map(|at| if at < half { [0.0, 1.0] } else { [1.0, 0.0] }).collect();
        let targets = tensor(targets, [n, 2], &device);
        let log_p = self.network.forward(input, Some(&mut self.rng));
        let loss = (log_p * targets).sum().div_scalar(-(n as f32));
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.optimizer.step(LEARNING_RATE, self.network.clone(), gradients);
        self.frozen = None;
    }

    /// P(like) of each loop, all waiting batches trained first. The first pass of each bar is heard;
    /// of several bars the mean counts.
    pub fn score(&mut self, loops: &[Loop]) -> Vec<f32> {
        while self.train_one() {}
        let mut features = Vec::new();
        let mut clips = Vec::new();
        let mut p = Vec::with_capacity(loops.len());
        for part in loops.chunks(SCORED_AT_ONCE) {
            features.clear();
            let mut bars = 0;
            for l in part {
                clips.clear();
                self.clips.bars(l, Pass::First, &mut clips);
                for clip in clips.chunks_exact(FRAMES) {
                    self.mfcc.append(clip, &mut features);
                    bars += 1;
                }
            }
            let mut scores = self.score_features(&features, bars).into_iter();
            for l in part {
                let n = usize::from(l.grid.bars).max(1);
                p.push(scores.by_ref().take(n).sum::<f32>() / n as f32);
            }
        }
        p
    }

    fn score_features(&mut self, features: &[f32], n: usize) -> Vec<f32> {
        let shape = [n, 1, COEFFICIENTS, Mfcc::columns(FRAMES)];
        let input: Tensor<4> = tensor(features.to_vec(), shape, &self.device);
        let network = self.frozen.get_or_insert_with(|| self.network.valid());
        values(network.forward(input, None).exp()).chunks_exact(2).map(|pair| pair[1]).collect()
    }
}
