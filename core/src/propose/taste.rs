//! The learner: builds the experts from the log and searches for loops under them.

use super::frame::Frame;
use super::judge::Judge;
use super::moves::{Palette, mutate};
use super::prior::LoopPrior;
use super::random::BROAD;
use super::reservoir::Reservoir;
use super::search::{Blend, Scored, advance, climb, diverse, likeness, pool};
use super::{Attribution, Learner, Mode, Prediction, Proposal, Request, Statement};
use crate::critic::calibrate::Calibration;
use crate::critic::drift::Drift;
use crate::critic::gp::{Gp, Workspace};
use crate::critic::mix::Mixture;
use crate::critic::neural::{NeuralExpert, shipped};
use crate::critic::particles::{Dictionary, Particles};
use crate::critic::{Example, Observation, Opinion, logit};
use crate::explain;
use crate::features::{Candidate, Space, Styles};
use crate::kit::Kit;
use crate::pattern::{Grid, Loop, Role};
use crate::rng::Rng;
use crate::taste::{Judgement, Log};
use crate::units::Seed;
use std::sync::Arc;

/// Reference loops that set the scale of measures, and of them those that set the scale of terms.
const REFERENCE: usize = 480;
const TERM_REFERENCE: usize = 80;
/// Loops of the opening: chosen for what they tell.
const OPENING: usize = 6;
/// What earlier judgements keep of their weight where taste is found to have moved.
const DOUBT: f32 = 0.3;
/// Draws of the reservoir that enter a pool.
const KEPT: usize = 40;
/// Prior log weight of the Gaussian process beside the particles.
const GP_PRIOR: f32 = -2.0;
/// Prior log weight of the network, and the ratings from which it is heard.
const NEURAL_PRIOR: f32 = -2.0;
const NEURAL_FROM: usize = 8;
/// How often the search leaves what it believes when hardly anything was liked of late.
const LOST: f32 = 0.25;

/// The experts and what they were made from.
struct Model {
    space: Space,
    particles: Particles,
    gp: Gp,
    /// `None` where the shipped weights can't be read, which a test excludes.
    neural: Option<NeuralExpert>,
    mixture: Mixture,
    calibration: Calibration,
    drift: Drift,
    observations: Vec<Observation>,
}

/// The setting that measures are scaled for.
#[derive(Clone, Debug, PartialEq)]
struct Setting {
    roles: Vec<Role>,
    any_sample: bool,
}

/// The taste learner.
pub struct Taste {
    seed: Seed,
    prior: LoopPrior,
    base: Space,
    setting: Setting,
    model: Model,
    log: Log,
    reservoir: Reservoir,
    /// Requests since the last judgement: each gets its own stream of random numbers.
    requests: u64,
}

fn frame_of(setting: &Setting) -> Frame {
    let request = Request {
        mode: Mode::Random,
        lanes: &setting.roles,
        any_sample: setting.any_sample,
        steering: super::Steering { grid: Grid::default(), ..super::Steering::default() },
        locks: None,
        avoid: &[],
    };
    Frame::new(&request, &Kit::new("", []))
}

impl Model {
    fn new(base: &Space, prior: &LoopPrior, setting: &Setting, seed: Seed) -> Self {
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

    fn judge<'a>(&'a self, frame: &'a Frame) -> Judge<'a> {
        Judge::new(&self.space, frame, &self.particles, &self.gp, self.gp_weight())
    }

    /// How much of a score is the Gaussian process's.
    fn gp_weight(&self) -> f32 {
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
    fn reconsider(&self, shortlist: &mut [Scored]) {
        let weight = self.neural_weight();
        let Some(neural) = self.neural.as_ref().filter(|_| weight > 0.03) else { return };
        let loops: Vec<Loop> = shortlist.iter().map(|scored| scored.candidate.to_loop()).collect();
        for (scored, (mean, sd)) in shortlist.iter_mut().zip(neural.score(&loops)) {
            let opinion = (mean - 0.5 * sd).clamp(-6.0, 6.0);
            scored.worth = (1.0 - weight) * scored.worth + weight * opinion;
        }
    }

    fn example(&self, pattern: &Loop) -> Example {
        Example::new(&self.space, &Candidate::of(pattern, self.space.kit()))
    }

    /// The mixture's logit of P(like) and the deviation of the probability.
    fn opinion(&self, example: &Example) -> (f32, f32) {
        let vote = self.particles.judge(&example.heard);
        let gp = self.gp.opinion(example, &mut Workspace::default());
        let weight = self.gp_weight();
        let p = gp.probability();
        let mut blend = (1.0 - weight) * logit(vote.mean) + weight * logit(p);
        let mut sd = (1.0 - weight) * vote.variance.sqrt() + weight * gp.sd * p * (1.0 - p);
        let weight = self.neural_weight();
        if let Some(neural) = self.neural.as_ref().filter(|_| weight > 0.03) {
            for (mean, deviation) in neural.score(&[example.candidate.to_loop()]) {
                let opinion = Opinion { mean, sd: deviation };
                let p = opinion.probability();
                blend = (1.0 - weight) * blend + weight * logit(p);
                sd = (1.0 - weight) * sd + weight * deviation * p * (1.0 - p);
            }
        }
        (blend, sd)
    }

    /// The rating that the others contradict most: P of what was said, under the hypotheses weighed
    /// without it (importance weights; Gelfand, Dey and Chang 1992), below 6 %.
    fn contradicted(&self) -> Option<u64> {
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

    fn observe(&mut self, judgement: &Judgement) {
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

impl Taste {
    /// A learner over a kit. Takes some 100 ms.
    #[must_use]
    pub fn new(kit: Arc<Kit>, seed: Seed) -> Self {
        let prior = LoopPrior::new(Styles::builtin());
        let base = Space::new(kit);
        let setting = Setting { roles: Role::default_lanes(4).to_vec(), any_sample: false };
        let model = Model::new(&base, &prior, &setting, seed);
        Self {
            seed,
            prior,
            base,
            setting,
            model,
            log: Log::default(),
            reservoir: Reservoir::default(),
            requests: 0,
        }
    }

    /// Measures are scaled to the lanes in use; other lanes need another model, made from the log.
    fn set_setting(&mut self, request: &Request<'_>) {
        let setting = Setting { roles: request.lanes.to_vec(), any_sample: request.any_sample };
        if setting == self.setting || setting.roles.is_empty() {
            return;
        }
        self.model = Model::new(&self.base, &self.prior, &setting, self.seed);
        self.setting = setting;
        for judgement in self.log.entries() {
            self.model.observe(judgement);
        }
    }

    fn next_rng(&mut self) -> Rng {
        let index = ((self.model.observations.len() as u64) << 20) + self.requests;
        self.requests += 1;
        Rng::stream(self.seed, "request", index)
    }

    /// Liked loops brought onto the request's grid and lanes, newest first.
    fn liked(&self, frame: &Frame) -> Vec<Candidate> {
        let liked =
            self.model.observations.iter().rev().filter(|o| o.like == Some(true) || o.rhythm == Some(true));
        let mut candidates: Vec<Candidate> = Vec::new();
        for observation in liked.take(64) {
            let mut candidate = observation.subject.candidate;
            if candidate.grid != frame.grid() {
                let moved = candidate.to_loop().regridded(frame.grid());
                candidate = Candidate::of(&moved, self.base.kit());
            }
            if let Some(mut fitted) = fit_roles(&candidate, frame) {
                frame.enforce(&mut fitted);
                candidates.push(fitted);
            }
        }
        candidates
    }

    fn propose_ask(&mut self, request: &Request<'_>, frame: &Frame, rng: &mut Rng) -> Candidate {
        self.reservoir.prepare(request, frame, &self.prior, &self.model.space, self.seed);
        let liked = self.liked(frame);
        let heard = self.heard_loops(request);
        let model = &self.model;
        let palette = Palette {
            prior: &self.prior,
            kit: model.space.kit(),
            sounds: model.space.sounds(),
            frame,
            liked: &liked,
            beliefs: model.particles.panel(),
        };
        let mut judge = model.judge(frame);
        let rated = model.observations.len();
        let dry = model.observations.iter().rev().take_while(|o| o.like != Some(true)).count();
        let mut candidates = Vec::new();
        let adventure = request.steering.adventure;
        let recent = model.observations.iter().rev().take(12);
        let recent_likes = recent.filter(|o| o.like == Some(true)).count();
        let lost = rated >= 12 && recent_likes <= 2 && rng.chance(LOST);
        if rated < OPENING || liked.is_empty() || lost {
            // What tells most: the mutual information between the answer and the hypothesis, and a
            // little for being liked.
            let broad = if rated == 0 { 0.0 } else { (0.15 + 0.05 * dry as f32).min(0.6) };
            let broad = if lost { 0.7 } else { broad };
            let planted = if rated == 0 { 0 } else { 120 };
            let blend = Blend { prior: 240, broad, planted, near: if liked.is_empty() { 0 } else { 60 } };
            let weights = vec![1.0; liked.len()];
            pool(&palette, blend, &weights, rng, &mut candidates);
            let scored = candidates.iter().map(|candidate| {
                let loss = frame.density_loss(candidate);
                let vote = model.particles.judge(judge.hear(candidate));
                let information = 2.0 * vote.variance / (vote.mean * (1.0 - vote.mean)).max(0.01);
                let known = heard.iter().map(|h| likeness(candidate, h)).fold(0.0, f32::max);
                information + 0.8 * vote.mean - 0.3 * known - loss
            });
            let scores: Vec<f32> = scored.collect();
            return best_of(&candidates, &scores, &heard).unwrap_or_else(|| self.draw(frame, rng));
        }
        let weights = liked_weights(&liked, &mut judge);
        let blend = Blend { prior: 20, broad: 0.25, planted: 80, near: 100 };
        pool(&palette, blend, &weights, rng, &mut candidates);
        let beliefs = model.particles.panel();
        let belief = beliefs[rng.below(beliefs.len())];
        let greedy = rng.chance(0.35);
        if greedy {
            self.reservoir.best(KEPT, |heard| model.particles.glance(heard), &mut candidates);
        } else {
            self.reservoir.best(KEPT, |heard| belief.logit(heard), &mut candidates);
        }
        let mut starts: Vec<Scored> = candidates
            .iter()
            .map(|candidate| {
                let worth = if greedy { judge.rough(candidate) } else { judge.under(&belief, candidate) };
                Scored { candidate: *candidate, worth }
            })
            .collect();
        starts.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        if greedy {
            // The Gaussian process is asked about a shortlist only.
            starts.truncate(30);
            for start in &mut starts {
                start.worth = judge.worth(&start.candidate);
            }
            starts.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        }
        starts.truncate(12);
        if greedy {
            for start in &mut starts {
                advance(
                    start,
                    40,
                    8.0,
                    |c| frame.is_playable(c).then(|| judge.worth(c)),
                    |c, rng| mutate(c, &palette, rng),
                    rng,
                );
            }
        } else {
            for start in &mut starts {
                *start = climb(&start.candidate, &belief, 40, &palette, &mut judge, rng);
            }
        }
        candidates.clear();
        let mut scores = Vec::new();
        for start in &starts {
            let known = heard.iter().map(|h| likeness(&start.candidate, h)).fold(0.0, f32::max);
            let base = judge.worth(&start.candidate);
            let own = if greedy { 0.0 } else { start.worth };
            let pull = if greedy { 1.0 } else { 0.35 };
            scores.push(own + pull * base - (0.2 + 1.5 * adventure) * known);
            candidates.push(start.candidate);
        }
        best_of(&candidates, &scores, &heard).unwrap_or_else(|| self.draw(frame, rng))
    }

    fn draw(&self, frame: &Frame, rng: &mut Rng) -> Candidate {
        self.prior.draw(frame, self.model.space.kit(), self.model.space.sounds(), BROAD, rng)
    }

    fn heard_loops(&self, request: &Request<'_>) -> Vec<Candidate> {
        let kit = self.model.space.kit();
        let rated = self.model.observations.iter().rev().take(200).map(|o| o.subject.candidate);
        rated.chain(request.avoid.iter().map(|pattern| Candidate::of(pattern, kit))).collect()
    }

    /// `n` loops, best first but diverse; `sign` −1 looks for the worst.
    fn search(
        &mut self,
        request: &Request<'_>,
        frame: &Frame,
        n: usize,
        sign: f32,
        rng: &mut Rng,
    ) -> Vec<Candidate> {
        let liked = self.liked(frame);
        let heard = self.heard_loops(request);
        let model = &self.model;
        let palette = Palette {
            prior: &self.prior,
            kit: model.space.kit(),
            sounds: model.space.sounds(),
            frame,
            liked: &liked,
            beliefs: model.particles.panel(),
        };
        let mut judge = model.judge(frame);
        let starts = (2 * n).clamp(24, 160);
        let weights = liked_weights(&liked, &mut judge);
        let near = if liked.is_empty() || sign < 0.0 { 0 } else { starts };
        let blend = Blend { prior: starts / 2, broad: 0.2, planted: 2 * starts - near, near };
        let mut candidates = Vec::new();
        pool(&palette, blend, &weights, rng, &mut candidates);
        let mut worth = |candidate: &Candidate| {
            if sign > 0.0 {
                judge.worth(candidate)
            } else {
                -judge.worth(candidate) - 2.0 * frame.density_loss(candidate)
            }
        };
        let mut chains: Vec<Scored> =
            candidates.iter().map(|c| Scored { candidate: *c, worth: worth(c) }).collect();
        let order = diverse(&chains, starts, 0.5, &[], 0.0);
        chains = order.into_iter().map(|at| chains[at].clone()).collect();
        let steps = 60;
        for chain in &mut chains {
            advance(
                chain,
                steps,
                12.0,
                |c| frame.is_playable(c).then(|| worth(c)),
                |c, rng| mutate(c, &palette, rng),
                rng,
            );
        }
        if sign > 0.0 {
            model.reconsider(&mut chains);
        }
        let novelty = 0.1 + 0.6 * request.steering.adventure;
        let picked = diverse(&chains, n, 0.5 + request.steering.adventure, &heard, novelty);
        let mut found: Vec<Candidate> = picked.into_iter().map(|at| chains[at].candidate).collect();
        while found.len() < n {
            found.push(self.draw(frame, rng));
        }
        found
    }

    fn near(
        &mut self,
        of: &Loop,
        distance: f32,
        request: &Request<'_>,
        frame: &Frame,
        rng: &mut Rng,
    ) -> Candidate {
        let liked = self.liked(frame);
        let heard = self.heard_loops(request);
        let model = &self.model;
        let palette = Palette {
            prior: &self.prior,
            kit: model.space.kit(),
            sounds: model.space.sounds(),
            frame,
            liked: &liked,
            beliefs: model.particles.panel(),
        };
        let mut judge = model.judge(frame);
        let origin = Candidate::of(&of.regridded(frame.grid()), model.space.kit());
        let origin = fit_roles(&origin, frame).unwrap_or(origin);
        let changes = 1 + (distance.clamp(0.0, 1.0) * 9.0) as usize;
        let (mut candidates, mut scores) = (Vec::new(), Vec::new());
        for _ in 0..96 {
            let mut candidate = origin;
            for _ in 0..changes {
                mutate(&mut candidate, &palette, rng);
            }
            if frame.is_playable(&candidate) && candidate != origin {
                scores.push(judge.worth(&candidate));
                candidates.push(candidate);
            }
        }
        best_of(&candidates, &scores, &heard).unwrap_or(origin)
    }

    fn proposal(&self, candidate: &Candidate) -> Proposal {
        let example = Example::new(&self.model.space, candidate);
        Proposal { pattern: candidate.to_loop(), prediction: self.prediction(&example) }
    }

    fn prediction(&self, example: &Example) -> Prediction {
        let (logit, sd) = self.model.opinion(example);
        Prediction { p_like: self.model.calibration.probability(logit), sd: sd.min(0.5) }
    }
}

/// Liked loops weighed by what is believed of them now.
fn liked_weights(liked: &[Candidate], judge: &mut Judge<'_>) -> Vec<f32> {
    let worth: Vec<f32> = liked.iter().map(|candidate| judge.worth(candidate)).collect();
    let most = worth.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    worth.into_iter().map(|w| (0.7 * (w - most)).exp()).collect()
}

/// The same rhythm and sounds on the request's lanes: lane by lane where roles agree, else by role.
fn fit_roles(candidate: &Candidate, frame: &Frame) -> Option<Candidate> {
    let roles = candidate.parts().iter().map(|part| part.role);
    if roles.eq(frame.roles.iter().copied()) {
        return Some(*candidate);
    }
    let mut fitted = Candidate::empty(frame.grid(), &frame.roles);
    fitted.swing = candidate.swing;
    let mut used = [false; crate::pattern::MAX_LANES];
    let mut any = false;
    for part in fitted.parts_mut() {
        let found =
            candidate.parts().iter().enumerate().find(|(at, from)| !used[*at] && from.role == part.role);
        if let Some((at, from)) = found {
            used[at] = true;
            any = true;
            *part = *from;
        }
    }
    let complete = fitted.parts().iter().all(|part| part.sample != crate::features::NO_SAMPLE);
    (any && complete).then_some(fitted)
}

/// The best that is no near copy of what was heard; the best of all where every one is.
fn best_of(candidates: &[Candidate], scores: &[f32], heard: &[Candidate]) -> Option<Candidate> {
    let is_new = |candidate: &Candidate| {
        heard.iter().all(|h| candidate.rhythm_distance(h) + 4 * candidate.sound_distance(h) > 3)
    };
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let chosen = order.iter().find(|&&at| is_new(&candidates[at])).or(order.first())?;
    Some(candidates[*chosen])
}

impl Learner for Taste {
    fn observe(&mut self, log: &Log) {
        let known = self.log.entries().len();
        let extends = log.revision() == self.log.revision() && log.entries().len() >= known;
        if extends {
            for judgement in &log.entries()[known..] {
                self.model.observe(judgement);
            }
        } else {
            self.model = Model::new(&self.base, &self.prior, &self.setting, self.seed);
            for judgement in log.entries() {
                self.model.observe(judgement);
            }
        }
        if log.entries().len() != known || !extends {
            self.requests = 0;
            self.log = log.clone();
        }
    }

    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.set_setting(request);
        let frame = Frame::new(request, self.base.kit());
        let mut rng = self.next_rng();
        let candidate = match request.mode {
            Mode::Ask => self.propose_ask(request, &frame, &mut rng),
            Mode::Random => self.draw(&frame, &mut rng),
            Mode::Near { of, distance } => self.near(&of, distance, request, &frame, &mut rng),
            Mode::Good | Mode::Bad => {
                let sign = if request.mode == Mode::Bad { -1.0 } else { 1.0 };
                let found = self.search(request, &frame, 1, sign, &mut rng);
                found.first().copied().unwrap_or_else(|| self.draw(&frame, &mut rng))
            }
        };
        self.proposal(&candidate)
    }

    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        self.set_setting(request);
        let frame = Frame::new(request, self.base.kit());
        let mut rng = self.next_rng();
        let untaught = self.model.observations.is_empty();
        let candidates: Vec<Candidate> = match request.mode {
            Mode::Random => (0..n).map(|_| self.draw(&frame, &mut rng)).collect(),
            Mode::Near { of, distance } => {
                (0..n).map(|_| self.near(&of, distance, request, &frame, &mut rng)).collect()
            }
            _ if untaught => (0..n).map(|_| self.draw(&frame, &mut rng)).collect(),
            Mode::Bad => self.search(request, &frame, n, -1.0, &mut rng),
            Mode::Ask | Mode::Good => self.search(request, &frame, n, 1.0, &mut rng),
        };
        candidates.iter().map(|candidate| self.proposal(candidate)).collect()
    }

    fn predict(&mut self, pattern: &Loop) -> Prediction {
        let example = self.model.example(pattern);
        self.prediction(&example)
    }

    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        explain::attribute(pattern, |changed| self.predict(changed).p_like)
    }

    fn reask(&mut self) -> Option<u64> {
        self.model.contradicted()
    }

    fn statements(&mut self, most: usize) -> Vec<Statement> {
        explain::statements(&self.model.particles, &self.model.observations, &self.model.space, most)
    }

    fn work(&mut self) -> bool {
        self.model.neural.as_mut().is_some_and(NeuralExpert::work)
    }
}
