//! The audio critic: P(like) from sound alone, for whatever has no grid (recordings, reference loops).
//!
//! Study and tool threads. It is trained on renders of the loops that were rated and listens to any
//! audio. [`AudioLearner`] makes a whole learner of it: the third baseline of the study.

mod network;
mod spectrum;

pub use spectrum::{BANDS, FEATURES, MOST_S, Spectrum};

use super::classic::sampler::{Chain, Goal, Judge, Schedule, Space};
use super::classic::{Clips, Pass, RATE_HZ};
use deepdrummer_core::kit::{Audio, Kit};
use deepdrummer_core::pattern::{Hit, Loop};
use deepdrummer_core::propose::{Attribution, Learner, Mode, Prediction, Proposal, Request, Statement};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::Log;
use deepdrummer_core::units::Seed;
use network::Ensemble;
use std::sync::Arc;

/// Random loops that fix the scale of the features.
const REFERENCE_LOOPS: usize = 48;
/// Standardised features are kept within this many standard deviations, so that a strange recording
/// cannot drive the network anywhere.
const MOST_SD: f32 = 4.0;
/// Chains that look for the next loop.
const CHAINS: usize = 4;
/// Their steps when the next loop is looked for, and when good ones are wanted.
const ASK_STEPS: usize = 20;
const GOOD_STEPS: usize = 40;

/// Learns what one person likes to hear.
pub struct AudioCritic {
    clips: Clips,
    spectrum: Spectrum,
    seed: Seed,
    mean: [f32; FEATURES],
    sd: [f32; FEATURES],
    /// Standardised features, label and weight of each rating.
    rows: Vec<f32>,
    labels: Vec<f32>,
    weights: Vec<f32>,
    ensemble: Ensemble,
    seen: usize,
    revision: u64,
}

impl AudioCritic {
    /// An untrained critic. Renders some dozens of random loops to find the scale of its features.
    #[must_use]
    pub fn new(kit: Arc<Kit>, seed: Seed) -> Self {
        let empty =
            Ensemble::new(Vec::new(), Vec::new(), Vec::new(), &mut Rng::stream(seed, "audio critic", 0));
        let mut critic = Self {
            clips: Clips::new(kit),
            spectrum: Spectrum::new(RATE_HZ),
            seed,
            mean: [0.0; FEATURES],
            sd: [1.0; FEATURES],
            rows: Vec::new(),
            labels: Vec::new(),
            weights: Vec::new(),
            ensemble: empty,
            seen: 0,
            revision: 0,
        };
        critic.find_scale();
        critic
    }

    fn find_scale(&mut self) {
        let mut rng = Rng::stream(self.seed, "audio scale", 0);
        let kit = Arc::clone(self.clips.kit());
        let lanes = deepdrummer_core::pattern::Role::default_lanes(4);
        let request = Request {
            mode: Mode::Random,
            lanes,
            any_sample: false,
            steering: deepdrummer_core::propose::Steering::default(),
            locks: None,
            avoid: &[],
        };
        let space = Space::new(&kit, &request);
        let rows: Vec<[f32; FEATURES]> = (0..REFERENCE_LOOPS)
            .map(|_| {
                let density = rng.range(0.1, 0.5);
                let l = space.draw(density, &mut rng);
                self.features(&l)
            })
            .collect();
        let n = rows.len() as f32;
        for k in 0..FEATURES {
            let mean = rows.iter().map(|r| r[k]).sum::<f32>() / n;
            let variance = rows.iter().map(|r| (r[k] - mean).powi(2)).sum::<f32>() / n;
            (self.mean[k], self.sd[k]) = (mean, variance.sqrt().max(1e-3));
        }
    }

    fn features(&mut self, l: &Loop) -> [f32; FEATURES] {
        let audio = self.clips.take(l, Pass::Second);
        self.spectrum.features(&audio)
    }

    fn standardise(&self, raw: &[f32; FEATURES], out: &mut Vec<f32>) {
        let scaled = raw.iter().zip(&self.mean).zip(&self.sd).map(|((x, m), s)| (x - m) / s);
        out.extend(scaled.map(|z| z.clamp(-MOST_SD, MOST_SD)));
    }

    /// Brings the critic up to the log. The networks start afresh and train in [`Self::work`], or at
    /// the latest when something is scored.
    pub fn observe(&mut self, log: &Log) {
        if log.revision() != self.revision || log.entries().len() < self.seen {
            self.rows.clear();
            self.labels.clear();
            self.weights.clear();
            self.seen = 0;
            self.revision = log.revision();
        }
        let new = &log.entries()[self.seen..];
        if new.is_empty() {
            return;
        }
        for judgement in new {
            let said = judgement.verdict.like.or(judgement.verdict.sound);
            let lost = judgement.over.iter().map(|loser| (loser, false));
            for (l, like) in said.iter().map(|like| (&judgement.subject, *like)).chain(lost) {
                let raw = self.features(l);
                let mut row = Vec::with_capacity(FEATURES);
                self.standardise(&raw, &mut row);
                self.rows.extend(row);
                self.labels.push(if like { 1.0 } else { 0.0 });
                self.weights.push(judgement.weight);
            }
        }
        self.seen = log.entries().len();
        let mut rng = Rng::stream(self.seed, "audio critic", self.seen as u64);
        self.ensemble = Ensemble::new(self.rows.clone(), self.labels.clone(), self.weights.clone(), &mut rng);
    }

    /// A little training; false when there is none to do.
    pub fn work(&mut self) -> bool {
        self.ensemble.train_some()
    }

    /// What the person would say of any audio; of stereo the mean of both channels is heard, of long
    /// recordings the first [`MOST_S`] seconds.
    pub fn score_audio(&mut self, audio: &Audio) -> Prediction {
        let most = (MOST_S * audio.rate.hz()) as usize;
        let mut mono: Vec<f32> = audio.left.iter().take(most).copied().collect();
        if let Some(right) = &audio.right {
            mono.iter_mut().zip(right).for_each(|(l, r)| *l = 0.5 * (*l + r));
        }
        let raw = if (audio.rate.hz() - RATE_HZ).abs() < 1.0 {
            self.spectrum.features(&mono)
        } else {
            Spectrum::new(audio.rate.hz()).features(&mono)
        };
        let mut row = Vec::with_capacity(FEATURES);
        self.standardise(&raw, &mut row);
        self.predictions(&row).pop().unwrap_or_default()
    }

    /// What the person would say of loops, by their renders.
    pub fn score(&mut self, loops: &[Loop]) -> Vec<Prediction> {
        let mut rows = Vec::with_capacity(loops.len() * FEATURES);
        for l in loops {
            let raw = self.features(l);
            self.standardise(&raw, &mut rows);
        }
        self.predictions(&rows)
    }

    fn predictions(&mut self, rows: &[f32]) -> Vec<Prediction> {
        // Few ratings say little: the logit shrinks towards the rate seen so far.
        let n = self.labels.len() as f32;
        let rate = (self.labels.iter().sum::<f32>() + 0.5) / (n + 2.0);
        let (base, trust) = ((rate / (1.0 - rate)).ln(), n / (n + 6.0));
        self.ensemble
            .logits(rows)
            .into_iter()
            .map(|(mean, spread)| {
                let sd = spread + 1.5 * (1.0 - trust);
                let z = (base * (1.0 - trust) + mean * trust)
                    / (1.0 + std::f32::consts::PI / 8.0 * sd * sd).sqrt();
                let p = 1.0 / (1.0 + (-z).exp());
                Prediction { p_like: p, sd: (p * (1.0 - p) * sd).min(0.5) }
            })
            .collect()
    }
}

impl Judge for AudioCritic {
    fn judge(&mut self, loops: &[Loop]) -> Vec<f32> {
        self.score(loops).into_iter().map(|p| p.p_like).collect()
    }
}

/// The audio critic with the published sampler, sharpened.
pub struct AudioLearner {
    critic: AudioCritic,
    liked: Vec<Loop>,
    rng: Rng,
}

impl AudioLearner {
    /// A learner that knows nothing yet.
    #[must_use]
    pub fn new(kit: Arc<Kit>, seed: Seed) -> Self {
        let rng = Rng::stream(seed, "audio chains", 0);
        Self { critic: AudioCritic::new(kit, seed), liked: Vec::new(), rng }
    }

    /// The critic, for audio without a grid.
    pub fn critic(&mut self) -> &mut AudioCritic {
        &mut self.critic
    }

    fn walk(&mut self, request: &Request<'_>, chains: usize, goal: Goal, steps: usize) -> Vec<Chain> {
        let kit = Arc::clone(self.critic.clips.kit());
        let space = Space::new(&kit, request);
        let starts = (0..chains)
            .map(|at| match self.rng.pick(&self.liked).copied() {
                // Every second chain starts near something liked.
                Some(liked) if at % 2 == 1 => space.near(&liked, 0.3, &mut self.rng),
                _ => {
                    let density = self.rng.range(0.1, 0.5);
                    space.draw(density, &mut self.rng)
                }
            })
            .collect();
        let schedule = Schedule { goal, steps, most_steps: steps, sharpness: Some(8.0) };
        space.chains(starts, schedule, &mut self.critic, &mut self.rng)
    }

    fn finish(&mut self, loops: Vec<Loop>) -> Vec<Proposal> {
        let predictions = self.critic.score(&loops);
        loops
            .into_iter()
            .zip(predictions)
            .map(|(pattern, prediction)| Proposal { pattern, prediction })
            .collect()
    }

    fn unguided(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        let kit = Arc::clone(self.critic.clips.kit());
        let space = Space::new(&kit, request);
        let loops = (0..n)
            .map(|_| match request.mode {
                Mode::Near { of, distance } => space.near(&of, distance, &mut self.rng),
                _ => space.draw(0.5, &mut self.rng),
            })
            .collect();
        self.finish(loops)
    }
}

impl Learner for AudioLearner {
    fn observe(&mut self, log: &Log) {
        self.critic.observe(log);
        let liked = log.entries().iter().filter(|j| j.verdict.like == Some(true));
        self.liked = liked.map(|j| j.subject).collect();
    }

    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        let goal = match request.mode {
            Mode::Random | Mode::Near { .. } => {
                return self.unguided(request, 1).pop().unwrap_or_else(|| empty(request));
            }
            Mode::Bad => Goal::Bad,
            Mode::Ask | Mode::Good => Goal::Walk,
        };
        let mut chains = self.walk(request, CHAINS, goal, ASK_STEPS);
        // One chain is drawn in proportion to what it promises, so that doubt is resolved by asking.
        let best = match request.mode {
            Mode::Ask => {
                let weights: Vec<f32> = chains.iter().map(|c| c.p * c.p).collect();
                self.rng.weighted(&weights).unwrap_or(0)
            }
            _ => extreme(&chains, goal),
        };
        let kit = Arc::clone(self.critic.clips.kit());
        let pattern = Space::new(&kit, request).unplayed(&mut chains[best]);
        let prediction = self.critic.score(&[pattern]).pop().unwrap_or_default();
        Proposal { pattern, prediction }
    }

    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        let goal = match request.mode {
            Mode::Random | Mode::Near { .. } => return self.unguided(request, n),
            Mode::Bad => Goal::Bad,
            Mode::Ask | Mode::Good => Goal::Walk,
        };
        let mut chains = self.walk(request, n, goal, GOOD_STEPS);
        let kit = Arc::clone(self.critic.clips.kit());
        let space = Space::new(&kit, request);
        let loops = chains.iter_mut().map(|chain| space.unplayed(chain)).collect();
        self.finish(loops)
    }

    fn predict(&mut self, pattern: &Loop) -> Prediction {
        self.critic.score(std::slice::from_ref(pattern)).pop().unwrap_or_default()
    }

    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        let whole = self.predict(pattern).p_like;
        let mut out = Attribution::none(pattern.lanes().len(), whole);
        for (at, lane) in pattern.lanes().iter().enumerate() {
            for (step, _) in lane.hits.iter().enumerate().filter(|(_, hit)| hit.is_on()) {
                let mut without = *pattern;
                without.lanes_mut()[at].hits[step] = Hit::NONE;
                out.hits[at][step].points = whole - self.predict(&without).p_like;
            }
        }
        out
    }

    /// Pooled spectra have no words.
    fn statements(&mut self, _most: usize) -> Vec<Statement> {
        Vec::new()
    }

    fn work(&mut self) -> bool {
        self.critic.work()
    }
}

fn extreme(chains: &[Chain], goal: Goal) -> usize {
    let key = |at: usize| if goal == Goal::Bad { -chains[at].p } else { chains[at].p };
    (0..chains.len()).max_by(|a, b| key(*a).total_cmp(&key(*b))).unwrap_or(0)
}

fn empty(request: &Request<'_>) -> Proposal {
    let lanes: Vec<deepdrummer_core::pattern::Lane> = request
        .lanes
        .iter()
        .map(|&role| deepdrummer_core::pattern::Lane::empty(role, deepdrummer_core::pattern::SampleId::NONE))
        .collect();
    let pattern = Loop::new(request.steering.grid, request.steering.swing.unwrap_or_default(), &lanes);
    Proposal { pattern, prediction: Prediction::default() }
}

#[cfg(test)]
mod tests;
