//! The neural expert: a trunk that was pretrained on thousands of invented tastes, a Bayesian head on
//! one person's ratings, and a trunk fine-tuned in the background where that predicts better.
//!
//! Worker and study threads. Deterministic in the log: attempts at fine-tuning begin after fixed
//! numbers of ratings and their result enters a fixed number of ratings later, whether the work was
//! done in the background by then or has to be done at that moment.

mod expert;
mod head;
mod input;
mod slope;
mod trunk;
mod tune;

pub use head::{Head, Labelled};
pub use input::{Input, SOUND, STEPS, Scale, Sounds};
pub use trunk::{Batch, Layers, POINT, Pretrained, Trunk};
pub use tune::{BIAS, points};

use crate::critic::nn::weights::WeightsError;
use crate::kit::Kit;
use crate::pattern::Loop;
use burn::tensor::Device;
use std::sync::Arc;
use tune::{Attempt, Rated, head_of};

/// Ratings from one attempt at fine-tuning to the next.
const EVERY: usize = 20;
/// Ratings between the beginning of an attempt and the entry of its result.
const DELAY: usize = 5;

/// The weights that are shipped.
static SHIPPED: &[u8] = include_bytes!("../../../data/trunk.bin");

/// Reads the shipped trunk.
///
/// # Errors
/// The file in the program is damaged, which the tests exclude.
pub fn shipped(device: &Device) -> Result<Pretrained, WeightsError> {
    Pretrained::read(SHIPPED, device)
}

/// One person's taste as the network sees it.
pub struct NeuralExpert {
    kit: Arc<Kit>,
    device: Device,
    base: Pretrained,
    sounds: Sounds,
    /// The trunk in use: pretrained, or tuned.
    trunk: Trunk,
    tuned: bool,
    rated: Vec<Rated>,
    points: Vec<[f32; POINT]>,
    head: Head,
    attempt: Option<(Attempt, usize)>,
}

impl NeuralExpert {
    /// An expert without ratings.
    #[must_use]
    pub fn new(kit: Arc<Kit>, base: Pretrained) -> Self {
        let sounds = Sounds::new(&kit, &base.scale);
        let head = Head::fit(&[], f64::from(base.weight_sd), tune::BIAS);
        Self {
            kit,
            device: Device::flex(),
            sounds,
            trunk: base.trunk.clone(),
            tuned: false,
            rated: Vec::new(),
            points: Vec::new(),
            head,
            attempt: None,
            base,
        }
    }

    /// An expert on the weights that are shipped; `None` where they can't be read, which a test excludes.
    #[must_use]
    pub fn shipped(kit: &Arc<Kit>) -> Option<Self> {
        let base = shipped(&Device::flex()).ok()?;
        Some(Self::new(Arc::clone(kit), base))
    }

    /// Forgets all ratings and goes back to the pretrained trunk.
    pub fn forget(&mut self) {
        self.trunk = self.base.trunk.clone();
        self.tuned = false;
        self.rated.clear();
        self.points.clear();
        self.attempt = None;
        self.head = Head::fit(&[], f64::from(self.base.weight_sd), tune::BIAS);
    }

    /// Learns one rating of a whole loop; `weight` is how many ratings it counts as.
    pub fn learn(&mut self, l: &Loop, like: bool, weight: f32) {
        let input = self.sounds.input(l, &self.kit);
        self.points.extend(points(&self.trunk, &self.base, std::iter::once(&input), &self.device));
        self.rated.push(Rated { input, like, weight });
        let n = self.rated.len();
        if let Some((attempt, enters)) = self.attempt.take_if(|(_, enters)| *enters <= n) {
            debug_assert!(enters <= n);
            let tuned = attempt.finish(&self.base, &self.device);
            self.tuned = tuned.is_some();
            self.trunk = tuned.unwrap_or_else(|| self.base.trunk.clone());
            let inputs = self.rated.iter().map(|r| &r.input);
            self.points = points(&self.trunk, &self.base, inputs, &self.device);
        }
        let both = self.rated.iter().any(|r| r.like) && self.rated.iter().any(|r| !r.like);
        if n.is_multiple_of(EVERY) && both {
            self.attempt = Some((Attempt::new(&self.base, &self.rated, &self.device), n + DELAY));
        }
        self.head = head_of(Some(&self.head), &self.points, &self.rated, self.base.weight_sd);
    }

    /// Mean and standard deviation of the logit of P(like), for each loop.
    #[must_use]
    pub fn score(&self, loops: &[Loop]) -> Vec<(f32, f32)> {
        let inputs: Vec<Input> = loops.iter().map(|l| self.sounds.input(l, &self.kit)).collect();
        self.score_inputs(&inputs)
    }

    /// The same for inputs that were prepared.
    #[must_use]
    pub(crate) fn score_inputs(&self, inputs: &[Input]) -> Vec<(f32, f32)> {
        let seen = points(&self.trunk, &self.base, inputs.iter(), &self.device);
        seen.iter().map(|point| self.head.logit(point)).collect()
    }

    /// One unit of fine-tuning (some milliseconds); false when there is none to do.
    pub fn tune(&mut self) -> bool {
        match &mut self.attempt {
            Some((attempt, _)) => attempt.work(&self.base, &self.device),
            None => false,
        }
    }

    /// Whether the trunk in use was fine-tuned.
    #[cfg(test)]
    fn is_tuned(&self) -> bool {
        self.tuned
    }
}

#[cfg(test)]
mod tests;
