//! The experts, built from the log of judgements, and their joint opinion.
//!
//! Worker thread. Nothing here searches; the same judgements always give the same model.

use super::frame::Frame;
use super::judge::Judge;
use super::prior::LoopPrior;
use super::search::Scored;
use super::{Mode, Request, Steering};
use crate::critic::calibrate::Calibration;
use crate::critic::drift::Drift;
use crate::critic::gp::{Gp, Workspace};
use crate::critic::mix::Mixture;
use crate::critic::neural::{NeuralExpert, shipped};
use crate::critic::particles::{Dictionary, Particles};
use crate::critic::{Example, Observation, Opinion, logit};
use crate::features::phases::Phases;
use crate::features::{Candidate, Space};
use crate::kit::Kit;
use crate::pattern::{Grid, Loop, Role};
use crate::rng::Rng;
use crate::taste::Judgement;
use crate::units::Seed;
use std::sync::Arc;

/// Reference loops that set the scale of measures, and of them those that set the scale of terms.
const REFERENCE: usize = 480;
const TERM_REFERENCE: usize = 80;
/// What earlier judgements keep of their weight where taste is found to have moved.
const DOUBT: f32 = 0.3;
/// Prior log weight of the Gaussian process beside the particles.
const GP_PRIOR: f32 = -2.0;
/// Prior log weight of the network, and the ratings from which it is heard.
const NEURAL_PRIOR: f32 = -2.0;
const NEURAL_FROM: usize = 8;
/// An expert of less weight is not asked.
const NEGLIGIBLE: f32 = 0.03;

/// The experts and what they were made from.
pub(super) struct Model {
    pub(super) space: Space,
    pub(super) particles: Particles,
    pub(super) gp: Gp,
    /// `None` where the shipped weights can't be read, which a test excludes.
    pub(super) neural: Option<NeuralExpert>,
    pub(super) mixture: Mixture,
    pub(super) calibration: Calibration,
    pub(super) drift: Drift,
    pub(super) observations: Vec<Observation>,
}

/// The setting that measures are scaled for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) roles: Vec<Role>,
    pub(super) any_sample: bool,
}

fn frame_of(setting: &Setting) -> Frame {
    let request = Request {
        mode: Mode::Random,
        lanes: &setting.roles,
        any_sample: setting.any_sample,
        steering: Steering { grid: Grid::default(), ..Steering::default() },
        locks: None,
        avoid: &[],
    };
    Frame::new(&request, &Kit::new("", []))
}

impl Model {
    pub(super) fn new(base: &Space, prior: &LoopPrior, setting: &Setting, seed: Seed) -> Self {
        let mut rng = Rng::stream(seed, "reference", 0);
        let frame = frame_of(setting);
        let mut space = base.clone();
        let reference: Vec<Candidate> = (0..REFERENCE)
            .map(|at| {
                let broad = if at % 3 == 0 { 1.0 } else { 0.0 };
                prior.draw(&frame, space.kit(), space.sounds(), broad, &mut rng)
            })
            .collect();
        space.fit_scale(&reference);
        let heard = reference[..TERM_REFERENCE].iter().map(|candidate| space.heard(candidate)).collect();
        let dictionary = Arc::new(Dictionary::new(prior.styles(), heard));
        let weights = shipped(&burn::tensor::Device::flex()).ok();
        let neural = weights.map(|weights| NeuralExpert::new(Arc::clone(space.kit()), weights));
        let particles = Particles::new(dictionary, Rng::stream(seed, "particles", 0));
        Self {
            space,
            particles,
            gp: Gp::default(),
            neural,
            mixture: Mixture::new(&[0.0, GP_PRIOR, NEURAL_PRIOR]),
            calibration: Calibration::default(),
            drift: Drift::default(),
            observations: Vec::new(),
        }
    }

    pub(super) fn judge<'a>(&'a self, frame: &'a Frame) -> Judge<'a> {
        Judge::new(&self.space, frame, &self.particles, &self.gp, self.gp_weight())
    }

    /// How much of a score is the Gaussian process's.
    pub(super) fn gp_weight(&self) -> f32 {
        if self.observations.is_empty() {
            return 0.0;
        }
        let weights = self.mixture.weights();
        weights[1] / (weights[0] + weights[1]).max(1e-6)
    }

    /// How much of a mixed score is the network's.
    fn neural_weight(&self) -> f32 {
        let taught = self.neural.is_some() && self.observations.len() >= NEURAL_FROM;
        if taught { self.mixture.weights()[2] } else { 0.0 }
    }

    /// Mixes the network's opinion into the scores of a shortlist: it is asked about many loops at once,
    /// not within the search.
    pub(super) fn reconsider(&self, shortlist: &mut [Scored]) {
        let weight = self.neural_weight();
        let Some(neural) = self.neural.as_ref().filter(|_| weight > NEGLIGIBLE) else { return };
        let loops: Vec<Loop> = shortlist.iter().map(|scored| scored.candidate.to_loop()).collect();
        for (scored, (mean, sd)) in shortlist.iter_mut().zip(neural.score(&loops)) {
            let opinion = (mean - 0.5 * sd).clamp(-6.0, 6.0);
            scored.worth = (1.0 - weight) * scored.worth + weight * opinion;
        }
    }

    pub(super) fn example(&self, pattern: &Loop) -> Example {
        Example::new(&self.space, &Candidate::of(pattern, self.space.kit()))
    }

    /// The mixture's logit of P(like) and the deviation of the probability.
    pub(super) fn opinion(&self, example: &Example) -> (f32, f32) {
        let mut blend = [self.searched(example, self.gp_weight(), &mut Workspace::default())];
        self.ask_network(&[example.candidate.to_loop()], &mut blend);
        blend[0]
    }

    /// The same for many loops: nothing is allocated per loop, and the network is asked once.
    pub(super) fn opinions(&self, patterns: &[Loop]) -> Vec<(f32, f32)> {
        let Some(first) = patterns.first() else { return Vec::new() };
        let (mut example, mut workspace) = (self.example(first), Workspace::default());
        let mut phases = (first.grid, Phases::of(first.grid));
        let weight = self.gp_weight();
        let mut blends: Vec<(f32, f32)> = patterns
            .iter()
            .map(|pattern| {
                if pattern.grid != phases.0 {
                    phases = (pattern.grid, Phases::of(pattern.grid));
                }
                example.candidate = Candidate::of(pattern, self.space.kit());
                self.space.hear(&phases.1, &example.candidate, &mut example.heard);
                if weight > NEGLIGIBLE {
                    self.space.dense(&phases.1, &example.candidate, &mut example.dense);
                }
                self.searched(&example, weight, &mut workspace)
            })
            .collect();
        self.ask_network(patterns, &mut blends);
        blends
    }

    /// The opinion of the two experts that the search asks.
    fn searched(&self, example: &Example, weight: f32, workspace: &mut Workspace) -> (f32, f32) {
        let vote = self.particles.judge(&example.heard);
        let (own, own_sd) = (logit(vote.mean), vote.variance.sqrt());
        if weight <= NEGLIGIBLE {
            return (own, own_sd);
        }
        let gp = self.gp.opinion(example, workspace);
        let p = gp.probability();
        let sd = gp.sd * p * (1.0 - p);
        ((1.0 - weight) * own + weight * logit(p), (1.0 - weight) * own_sd + weight * sd)
    }

    /// Mixes the network's opinion in, where it has a say.
    fn ask_network(&self, patterns: &[Loop], blends: &mut [(f32, f32)]) {
        let weight = self.neural_weight();
        let Some(neural) = self.neural.as_ref().filter(|_| weight > NEGLIGIBLE) else { return };
        for ((blend, sd), (mean, deviation)) in blends.iter_mut().zip(neural.score(patterns)) {
            let p = Opinion { mean, sd: deviation }.probability();
            *blend = (1.0 - weight) * *blend + weight * logit(p);
            *sd = (1.0 - weight) * *sd + weight * deviation * p * (1.0 - p);
        }
    }

    /// The rating that the others contradict most: P of what was said, under the hypotheses weighed
    /// without it (importance weights; Gelfand, Dey and Chang 1992), below 6 %.
    pub(super) fn contradicted(&self) -> Option<u64> {
        let rated = self.observations.len();
        if rated < 15 {
            return None;
        }
        // Recent ones only: taste may have moved on since the older ones.
        let recent = self.observations.iter().rev().take(40);
        let explicit = recent.filter(|o| o.weight >= 1.0 && o.over.is_none());
        let agreement = explicit.filter_map(|o| {
            let like = o.like?;
            // 1 / mean(1 / p) is the probability with this rating left out.
            let panel = self.particles.panel();
            let inverse: f32 = panel
                .iter()
                .map(|h| {
                    let p = h.probability(&o.subject.heard);
                    1.0 / if like { p } else { 1.0 - p }.max(1e-3)
                })
                .sum();
            Some((panel.len() as f32 / inverse, o.serial))
        });
        let (p, serial) = agreement.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (p < 0.06).then_some(serial)
    }

    pub(super) fn observe(&mut self, judgement: &Judgement) {
        use crate::critic::Expert;
        let verdict = judgement.verdict;
        let says_nothing = verdict.like.is_none()
            && verdict.rhythm.is_none()
            && verdict.sound.is_none()
            && judgement.over.is_none();
        if says_nothing || judgement.weight.is_nan() || judgement.weight <= 0.0 {
            return;
        }
        let observation = Observation {
            serial: judgement.serial,
            subject: self.example(&judgement.subject),
            like: verdict.like,
            rhythm: verdict.rhythm,
            sound: verdict.sound,
            over: judgement.over.as_ref().map(|loser| self.example(loser)),
            weight: judgement.weight.min(4.0),
        };
        if let (Some(like), None) = (observation.like, &observation.over) {
            let (blend, _) = self.opinion(&observation.subject);
            let calibrated = logit(self.calibration.probability(blend));
            if self.drift.observe(calibrated, like, observation.weight) {
                self.particles.doubt(DOUBT);
                self.gp.doubt(DOUBT);
            }
            self.calibration.observe(blend, like, observation.weight);
            let said = |p: f32| if like { p } else { 1.0 - p };
            let particles = self.particles.judge(&observation.subject.heard).mean;
            let gp = self.gp.opinion(&observation.subject, &mut Workspace::default()).probability();
            let neural = self.neural.as_ref().and_then(|neural| {
                let opinions = neural.score(&[observation.subject.candidate.to_loop()]);
                opinions.first().map(|&(mean, sd)| Opinion { mean, sd }.probability())
            });
            let chances = [said(particles), said(gp), said(neural.unwrap_or(0.5))];
            self.mixture.observe(&chances, observation.weight);
        }
        self.observations.push(observation);
        self.particles.observe(&self.space, &self.observations);
        self.gp.observe(&self.space, &self.observations);
        if let Some(neural) = &mut self.neural {
            neural.observe(&self.space, &self.observations);
        }
    }
}
