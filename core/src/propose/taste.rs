//! The learner: keeps the experts up to the log and answers requests for loops.

use super::constraints::Constraints;
use super::friend::FriendModel;
use super::judge::Judge;
use super::kept_draws::KeptDraws;
use super::kept_reasons::KeptReasons;
use super::moves::{Palette, mutate};
use super::prior::{LoopPrior, Source};
use super::random::BROAD;
use super::setting::Setting;
use super::stock::Grooves;
use super::{
    Attribution, Free, Learner, Lift, Mode, Prediction, Proposal, RankedSound, Request, RhythmShare,
    Statement,
};
use crate::critic::Example;
use crate::critic::ensemble::Ensemble;
use crate::features::{Candidate, NO_SAMPLE, Space, Styles};
use crate::kit::Kit;
use crate::pattern::Loop;
use crate::rng::Rng;
use crate::taste::friend::Beside;
use crate::taste::{Judgement, Log};
use crate::units::Seed;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Good loops among which one is looked for that was not just heard.
const ANOTHER: usize = 4;

/// What a friend said last whose likes are relatives' ancestors too.
const FRIENDS: usize = 64;

/// The taste learner.
pub(super) struct TasteLearner {
    pub(super) seed: Seed,
    pub(super) prior: LoopPrior,
    pub(super) base: Space,
    pub(super) setting: Setting,
    pub(super) model: Ensemble,
    pub(super) log: Log,
    pub(super) kept_draws: KeptDraws,
    pub(super) grooves: Grooves,
    /// Requests since the last judgement: each gets its own stream of random numbers.
    pub(super) requests: u64,
    pub(super) reasons: Option<KeptReasons>,
    /// Whose taste is pooled with the person's own.
    pub(super) friend: Option<FriendModel>,
    /// See [`Learner::heed`].
    stop: Arc<AtomicBool>,
}

impl TasteLearner {
    /// A learner over a kit that knows a log.
    #[must_use]
    pub(super) fn new(kit: Arc<Kit>, seed: Seed, setting: Setting, log: Log, stop: Arc<AtomicBool>) -> Self {
        let prior = LoopPrior::new(Styles::builtin());
        let base = Space::new(kit);
        let mut model = setting.experts(&base, &prior, seed);
        learn(&mut model, log.entries(), &stop);
        Self {
            seed,
            prior,
            base,
            setting,
            model,
            log,
            kept_draws: KeptDraws::default(),
            grooves: Grooves::default(),
            requests: 0,
            reasons: None,
            friend: None,
            stop,
        }
    }

    /// Measures are scaled to the lanes in use; other lanes need another model, made from the log.
    fn set_setting(&mut self, request: &Request<'_>) {
        let setting = Setting { roles: request.lanes.to_vec(), any_sample: request.any_sample };
        if setting == self.setting || setting.roles.is_empty() {
            return;
        }
        self.model = setting.experts(&self.base, &self.prior, self.seed);
        self.setting = setting;
        learn(&mut self.model, self.log.entries(), &self.stop);
        self.remake_friend();
    }

    /// Tells another model something, until the flag is up.
    pub(super) fn learn_into(&self, model: &mut Ensemble, said: &[Judgement]) {
        learn(model, said, &self.stop);
    }

    fn next_rng(&mut self) -> Rng {
        let index = ((self.model.observations.len() as u64) << 20) + self.requests;
        self.requests += 1;
        Rng::stream(self.seed, "request", index)
    }

    /// Liked loops brought onto the request's grid, lanes and kit, newest first.
    pub(super) fn liked(&self, constraints: &Constraints) -> Vec<Candidate> {
        let of_friend =
            self.friend.iter().flat_map(|friend| friend.model.observations.iter().rev().take(FRIENDS));
        let said = self.model.observations.iter().rev().chain(of_friend);
        let liked = said.filter(|o| o.like == Some(true) || o.rhythm == Some(true));
        let mut candidates: Vec<Candidate> = Vec::new();
        for observation in liked.take(if self.friend.is_some() { 64 + FRIENDS } else { 64 }) {
            let mut candidate = observation.subject.candidate;
            if candidate.grid != constraints.grid() {
                let moved = candidate.to_loop().regridded(constraints.grid());
                candidate = Candidate::of(&moved, self.base.kit());
            }
            if let Some(mut fitted) = fit_roles(&candidate, constraints, observation.reference) {
                self.fit_kit(&mut fitted, constraints);
                constraints.enforce(&mut fitted);
                candidates.push(fitted);
            }
        }
        candidates
    }

    /// Puts a sound of the kit where a loop was liked with one that the kit does not have: with another kit, or
    /// in another project. The same one for each, so that what carried a loop together stays together.
    fn fit_kit(&self, candidate: &mut Candidate, constraints: &Constraints) {
        let (kit, sounds) = (self.base.kit(), self.base.sounds());
        for part in candidate.parts_mut().iter_mut().filter(|part| part.sample == NO_SAMPLE) {
            let pool = if constraints.any_sample { sounds.everything() } else { sounds.pool(part.role) };
            let at = part.id.0 % pool.len().max(1) as u64;
            if let Some((&sample, found)) =
                pool.get(at as usize).and_then(|at| Some((at, kit.samples().get(*at as usize)?)))
            {
                (part.id, part.sample) = (found.id, sample);
            }
        }
    }

    pub(super) fn draw(&self, constraints: &Constraints, rng: &mut Rng) -> Candidate {
        self.prior.draw(
            constraints,
            self.model.space.kit(),
            self.model.space.sounds(),
            BROAD,
            Source::Groove,
            rng,
        )
    }

    /// Makes sure that pools have grooves to draw from.
    pub(super) fn stock_up(&mut self, constraints: &Constraints) {
        if constraints.any_sample {
            return;
        }
        let (space, judgements) = (&self.model.space, self.model.observations.len());
        self.grooves.stock_up(&self.prior, constraints, space.sounds(), judgements, self.seed);
    }

    pub(super) fn heard_loops(&self, request: &Request<'_>) -> Vec<Candidate> {
        let kit = self.model.space.kit();
        let rated = self.model.observations.iter().rev().take(200).map(|o| o.subject.candidate);
        rated.chain(request.avoid.iter().map(|pattern| Candidate::of(pattern, kit))).collect()
    }

    /// What changes of a candidate draw on.
    pub(super) fn palette<'a>(&'a self, constraints: &'a Constraints, liked: &'a [Candidate]) -> Palette<'a> {
        let space = &self.model.space;
        Palette {
            prior: &self.prior,
            grooves: self.grooves.kept(),
            kit: space.kit(),
            sounds: space.sounds(),
            constraints,
            liked,
            beliefs: self.model.particles.panel(),
            before: None,
        }
    }

    /// The loop that is heard before the one that is asked for, on the lanes of the request.
    pub(super) fn loop_before(&self, request: &Request<'_>, constraints: &Constraints) -> Option<Candidate> {
        let last = request.avoid.last()?;
        fit_roles(&Candidate::of(last, self.model.space.kit()), constraints, false)
    }

    fn near(
        &mut self,
        of: &Loop,
        distance: f32,
        request: &Request<'_>,
        constraints: &Constraints,
        rng: &mut Rng,
    ) -> Candidate {
        let liked = self.liked(constraints);
        let heard = self.heard_loops(request);
        let model = &self.model;
        let palette = self.palette(constraints, &liked);
        let mut judge = Judge::new(model, constraints).beside(self.friend.as_ref());
        let origin = Candidate::of(&of.regridded(constraints.grid()), model.space.kit());
        let origin = fit_roles(&origin, constraints, false).unwrap_or(origin);
        let changes = 1 + (distance.clamp(0.0, 1.0) * 9.0) as usize;
        let (mut candidates, mut scores) = (Vec::new(), Vec::new());
        for _ in 0..96 {
            let mut candidate = origin;
            for _ in 0..changes {
                mutate(&mut candidate, &palette, rng);
            }
            if constraints.is_playable(&candidate) && candidate != origin {
                scores.push(judge.worth(&candidate));
                candidates.push(candidate);
            }
        }
        best_of(&candidates, &scores, |candidate| is_new(candidate, &heard)).unwrap_or(origin)
    }

    pub(super) fn proposal(&self, candidate: &Candidate) -> Proposal {
        let predicted = self.pooled(&Example::new(&self.model.space, candidate));
        let prediction = predicted.map(prediction).unwrap_or_default();
        Proposal { pattern: candidate.to_loop(), prediction }
    }
}

fn prediction((p_like, sd): (f32, f32)) -> Prediction {
    Prediction { p_like, sd }
}

/// Takes in judgements until the flag is up.
fn learn(model: &mut Ensemble, judgements: &[Judgement], stop: &AtomicBool) {
    for judgement in judgements {
        if stop.load(Ordering::Acquire) {
            return;
        }
        model.observe(judgement);
    }
}

/// Liked loops weighed by what is believed of them now.
pub(super) fn liked_weights(liked: &[Candidate], judge: &mut Judge<'_>) -> Vec<f32> {
    let worth: Vec<f32> = liked.iter().map(|candidate| judge.worth(candidate)).collect();
    let most = worth.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    worth.into_iter().map(|w| (0.7 * (w - most)).exp()).collect()
}

/// The same rhythm and sounds on the request's lanes: lane by lane where roles agree, else by role. A lane that it
/// does not have has no sound: then there is none, unless it may be `partial`.
fn fit_roles(candidate: &Candidate, constraints: &Constraints, partial: bool) -> Option<Candidate> {
    let roles = candidate.parts().iter().map(|part| part.role);
    if roles.eq(constraints.roles.iter().copied()) {
        return Some(*candidate);
    }
    let mut fitted = Candidate::empty(constraints.grid(), &constraints.roles);
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
    let complete = partial || fitted.parts().iter().all(|part| part.sample != NO_SAMPLE);
    (any && complete).then_some(fitted)
}

/// Whether a candidate is no near copy of what was heard.
pub(super) fn is_new(candidate: &Candidate, heard: &[Candidate]) -> bool {
    heard.iter().all(|h| candidate.rhythm_distance(h) + 4 * candidate.sound_distance(h) > 3)
}

/// The best of those that are allowed; the best of all where none is.
pub(super) fn best_of(
    candidates: &[Candidate],
    scores: &[f32],
    allowed: impl Fn(&Candidate) -> bool,
) -> Option<Candidate> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let chosen = order.iter().find(|&&at| allowed(&candidates[at])).or(order.first())?;
    Some(candidates[*chosen])
}

impl Learner for TasteLearner {
    fn observe(&mut self, log: &Log) {
        let known = self.log.entries().len();
        let extends = log.revision() == self.log.revision() && log.entries().len() >= known;
        // A model that was told nothing has nothing to forget.
        if extends || known == 0 {
            learn(&mut self.model, &log.entries()[known..], &self.stop);
        } else {
            self.model.reset();
            learn(&mut self.model, log.entries(), &self.stop);
        }
        if log.entries().len() != known || !extends {
            self.requests = 0;
            self.log = log.clone();
        }
    }

    fn heed(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.set_setting(request);
        let constraints = Constraints::new(request, self.base.kit()).after(self.model.observations.len());
        if request.mode != Mode::Random {
            self.stock_up(&constraints);
        }
        let mut rng = self.next_rng();
        let candidate = match request.mode {
            Mode::Ask => self.propose_ask(request, &constraints, &mut rng),
            Mode::Random => self.draw(&constraints, &mut rng),
            Mode::Near { of, distance } => self.near(&of, distance, request, &constraints, &mut rng),
            Mode::Good | Mode::Bad => {
                let sign = if request.mode == Mode::Bad { -1.0 } else { 1.0 };
                // The best whose rhythm was not just heard.
                let found = self.search(request, &constraints, ANOTHER, sign, &mut rng);
                let variety = self.variety(request, &constraints);
                found
                    .iter()
                    .find(|found| variety.allows(found))
                    .or(found.first())
                    .copied()
                    .unwrap_or_else(|| self.draw(&constraints, &mut rng))
            }
        };
        self.proposal(&candidate)
    }

    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        self.set_setting(request);
        let constraints = Constraints::new(request, self.base.kit()).after(self.model.observations.len());
        let mut rng = self.next_rng();
        let untaught = self.model.observations.is_empty();
        if request.mode != Mode::Random && !untaught {
            self.stock_up(&constraints);
        }
        let candidates: Vec<Candidate> = match request.mode {
            Mode::Random => (0..n).map(|_| self.draw(&constraints, &mut rng)).collect(),
            Mode::Near { of, distance } => {
                (0..n).map(|_| self.near(&of, distance, request, &constraints, &mut rng)).collect()
            }
            _ if untaught => (0..n).map(|_| self.draw(&constraints, &mut rng)).collect(),
            Mode::Bad => self.search(request, &constraints, n, -1.0, &mut rng),
            Mode::Ask | Mode::Good => self.search(request, &constraints, n, 1.0, &mut rng),
        };
        candidates.iter().map(|candidate| self.proposal(candidate)).collect()
    }

    fn forage(&mut self, request: &Request<'_>, piece: u64) -> Vec<Proposal> {
        self.piece(request, piece)
    }

    fn predict(&mut self, pattern: &Loop) -> Prediction {
        self.predict_all(std::slice::from_ref(pattern)).first().copied().unwrap_or_default()
    }

    fn predict_all(&mut self, patterns: &[Loop]) -> Vec<Prediction> {
        self.pooled_loops(patterns).into_iter().map(prediction).collect()
    }

    fn rank_sounds(&mut self, pattern: &Loop, lane: usize, most: usize) -> Vec<RankedSound> {
        self.ranked_sounds(pattern, lane, most)
    }

    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        self.marks(pattern)
    }

    fn befriend(&mut self, friend: Option<Beside>) {
        self.set_friend(friend);
    }

    fn shared(&mut self, most: usize) -> Vec<String> {
        self.shared_words(most)
    }

    fn reask(&mut self) -> Option<u64> {
        self.model.contradicted()
    }

    fn statements(&mut self, most: usize) -> Vec<Statement> {
        self.words(most)
    }

    fn lift(&mut self, pattern: &Loop, free: &Free) -> Option<Lift> {
        self.best_change(pattern, free)
    }

    fn rhythm_share(&mut self) -> Option<RhythmShare> {
        self.rhythm()
    }

    fn work(&mut self) -> bool {
        self.model.work() || self.friend.as_mut().is_some_and(|friend| friend.model.work())
    }
}
