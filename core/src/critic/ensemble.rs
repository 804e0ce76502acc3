//! The experts together: one opinion out of theirs, each weighed by how well it predicted the judgements before
//! it saw them (Bayesian model averaging on prequential evidence; Dawid 1984), calibrated, and watched for a
//! taste that moves.
//!
//! The panel of taste particles is the base of every opinion: the search draws on its hypotheses and asks it
//! about some hundred thousand loops a proposal. The other experts are [`SEATS`], and are blended in.

use super::calibrate::Calibration;
use super::drift::Drift;
use super::gp::Gp;
use super::mix::{Standing, shares};
use super::neural::NeuralExpert;
use super::particles::{Dictionary, Particles};
use super::{Example, Expert, Observation, Opinion, logit};
use crate::features::{Candidate, Dense, Heard, Space, phases::Phases};
use crate::pattern::Loop;
use crate::rng::Rng;
use crate::taste::{Judgement, Source};
use crate::units::Seed;
use std::sync::Arc;

/// When an expert is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Within the search, about every loop that it comes by.
    InTheSearch,
    /// About the shortlist that a search ends with: it is quick only with many loops at once.
    OfTheShortlist,
}

/// What is known of an expert beforehand.
struct Seat {
    /// Log weight beside the panel's, which is 0.
    prior: f32,
    /// The ratings from which on it is heard.
    from: usize,
    asked: Asked,
    /// Makes it, for the sounds that loops are made of; `None` where it can't be made.
    make: fn(&Space) -> Option<Box<dyn Expert>>,
}

/// The experts beside the panel. Those that the search asks come first.
static SEATS: [Seat; 2] = [
    Seat { prior: -2.0, from: 1, asked: Asked::InTheSearch, make: |_| Some(Box::new(Gp::default())) },
    Seat {
        prior: -2.0,
        from: 8,
        asked: Asked::OfTheShortlist,
        make: |space| Some(Box::new(NeuralExpert::shipped(space.kit())?)),
    },
];

/// What earlier judgements keep of their weight where taste is found to have moved.
const DOUBT: f32 = 0.3;
/// An expert of less weight is not asked.
const NEGLIGIBLE: f32 = 0.03;
/// Loops that are asked about at once.
const AT_ONCE: usize = 512;

/// An expert at its seat.
struct Member {
    seat: &'static Seat,
    expert: Box<dyn Expert>,
    standing: Standing,
    /// How much of an opinion is this expert's once those before it have spoken, 0 to 1.
    share: f32,
}

impl Member {
    fn is_heard(&self) -> bool {
        self.share > NEGLIGIBLE
    }
}

/// The experts and what they were made from.
pub(crate) struct Ensemble {
    pub(crate) space: Space,
    pub(crate) particles: Particles,
    panel_standing: Standing,
    members: Vec<Member>,
    calibration: Calibration,
    drift: Drift,
    pub(crate) observations: Vec<Observation>,
}

/// Memory of one search, so that none is allocated per loop.
pub(crate) struct Scratch {
    example: Example,
}

impl Scratch {
    /// Memory for loops like this one.
    pub(crate) fn new(like: Candidate) -> Self {
        let dense = Dense([0.0; crate::features::DENSE]);
        Self { example: Example { candidate: like, heard: Heard::default(), dense } }
    }

    /// What was heard last.
    pub(super) fn heard(&self) -> &Heard {
        &self.example.heard
    }

    /// Brings what only some experts read up to what was heard last.
    pub(super) fn make_dense(&mut self, space: &Space, phases: &Phases, candidate: &Candidate) {
        space.dense(phases, candidate, &mut self.example.dense);
    }

    /// All of it.
    pub(super) fn example(&self) -> &Example {
        &self.example
    }
}

/// What all experts together think of a loop.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Blend {
    /// The logit of P(like), not calibrated.
    logit: f32,
    /// The standard deviation of that probability.
    sd: f32,
}

impl Ensemble {
    /// Experts that were told nothing, over sounds and measures, with the figures that the particles draw on.
    pub(crate) fn new(space: Space, dictionary: Arc<Dictionary>, seed: Seed) -> Self {
        let member = |seat: &'static Seat| {
            let expert = (seat.make)(&space)?;
            Some(Member { seat, expert, standing: Standing::new(seat.prior), share: 0.0 })
        };
        Self {
            members: SEATS.iter().filter_map(member).collect(),
            space,
            particles: Particles::new(dictionary, Rng::stream(seed, "particles", 0)),
            panel_standing: Standing::new(0.0),
            calibration: Calibration::default(),
            drift: Drift::default(),
            observations: Vec::new(),
        }
    }

    /// Forgets all judgements: as it was made.
    pub(crate) fn reset(&mut self) {
        self.particles.reset();
        self.panel_standing = Standing::new(0.0);
        for member in &mut self.members {
            member.expert.reset();
            member.standing = Standing::new(member.seat.prior);
            member.share = 0.0;
        }
        self.calibration = Calibration::default();
        self.drift = Drift::default();
        self.observations.clear();
    }

    /// Learns one judgement, where it says anything.
    pub(crate) fn observe(&mut self, judgement: &Judgement) {
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
            reference: judgement.source == Source::Reference,
        };
        // What was not proposed puts no prediction to the test.
        if let (Some(like), None, false) = (observation.like, &observation.over, observation.reference) {
            self.weigh(&observation.subject, like, observation.weight);
        }
        self.particles.observe(&observation);
        for member in &mut self.members {
            member.expert.observe(&observation);
        }
        self.observations.push(observation);
        self.share_out();
    }

    /// Holds what was said against what each expert had thought.
    fn weigh(&mut self, subject: &Example, like: bool, weight: f32) {
        let subject = std::slice::from_ref(subject);
        let panel = Opinion::from(self.particles.judge(&subject[0].heard));
        // All of them: also who is not heard yet is weighed.
        let said: Vec<Opinion> = self
            .members
            .iter()
            .map(|member| member.expert.opinions(subject).pop().unwrap_or_default())
            .collect();
        let blend = self.blend(panel, said.iter().copied());
        if self.drift.observe(logit(self.calibration.probability(blend.logit)), like, weight) {
            self.particles.doubt(DOUBT);
            self.members.iter_mut().for_each(|member| member.expert.doubt(DOUBT));
        }
        self.calibration.observe(blend.logit, like, weight);
        let chance = |opinion: Opinion| if like { opinion.p } else { 1.0 - opinion.p };
        self.panel_standing.observe(chance(panel), weight);
        for (member, opinion) in self.members.iter_mut().zip(said) {
            member.standing.observe(chance(opinion), weight);
        }
    }

    /// Turns weights into shares of an opinion into which one expert after the other is blended.
    fn share_out(&mut self) {
        let standings = std::iter::once(&self.panel_standing).chain(self.members.iter().map(|m| &m.standing));
        let weights = shares(standings);
        let rated = self.observations.len();
        let mut searched = weights[0];
        // Of the whole, what those keep for themselves that come later.
        let mut rest = 1.0;
        for (member, &weight) in self.members.iter_mut().zip(&weights[1..]).rev() {
            if member.seat.asked == Asked::OfTheShortlist && rated >= member.seat.from {
                member.share = weight / rest;
                rest -= weight;
            }
        }
        for (member, &weight) in self.members.iter_mut().zip(&weights[1..]) {
            if member.seat.asked == Asked::InTheSearch && rated >= member.seat.from {
                searched += weight;
                member.share = weight / searched.max(1e-6);
            }
        }
    }

    /// The example of a loop.
    fn example(&self, pattern: &Loop) -> Example {
        Example::new(&self.space, &Candidate::of(pattern, self.space.kit()))
    }

    /// One opinion out of the panel's and those of the members, in their order.
    fn blend(&self, panel: Opinion, said: impl Iterator<Item = Opinion>) -> Blend {
        let mut blend = Blend { logit: logit(panel.p), sd: panel.sd };
        for (member, opinion) in self.members.iter().zip(said).filter(|(member, _)| member.is_heard()) {
            let share = member.share;
            blend.logit = (1.0 - share) * blend.logit + share * logit(opinion.p);
            blend.sd = (1.0 - share) * blend.sd + share * opinion.sd;
        }
        blend
    }

    /// The experts beside the panel, in the order in which they are blended in.
    pub(super) fn experts(&self) -> impl Iterator<Item = &dyn Expert> {
        self.members.iter().map(|member| member.expert.as_ref())
    }

    /// Of a blended logit: the panel's share and those of the members; together 1.
    pub(super) fn total_shares(&self) -> (f32, Vec<f32>) {
        let mut rest = 1.0;
        let mut shares = vec![0.0; self.members.len()];
        for (to, member) in shares.iter_mut().zip(&self.members).rev().filter(|(_, of)| of.is_heard()) {
            *to = rest * member.share;
            rest *= 1.0 - member.share;
        }
        (rest, shares)
    }

    /// P(like) of a blended logit.
    pub(crate) fn calibrated(&self, logit: f32) -> f32 {
        self.calibration.probability(logit)
    }

    /// Calibrated P(like) and its standard deviation, for each loop.
    pub(crate) fn predict(&self, examples: &[Example]) -> Vec<(f32, f32)> {
        let mut found = Vec::with_capacity(examples.len());
        for part in examples.chunks(AT_ONCE) {
            let said: Vec<Vec<Opinion>> = self
                .members
                .iter()
                .map(|member| if member.is_heard() { member.expert.opinions(part) } else { Vec::new() })
                .collect();
            for (at, panel) in self.particles.opinions(part).into_iter().enumerate() {
                let own = said.iter().map(|said| said.get(at).copied().unwrap_or_default());
                let Blend { logit, sd } = self.blend(panel, own);
                found.push((self.calibration.probability(logit), sd.min(0.5)));
            }
        }
        found
    }

    /// The same for loops as they are played.
    pub(crate) fn predict_loops(&self, patterns: &[Loop]) -> Vec<(f32, f32)> {
        let parts = patterns.chunks(AT_ONCE).flat_map(|part| {
            let examples: Vec<Example> = part.iter().map(|pattern| self.example(pattern)).collect();
            self.predict(&examples)
        });
        parts.collect()
    }

    /// What is heard of a candidate; valid until the next call with this scratch memory.
    pub(crate) fn hear<'a>(
        &self,
        phases: &Phases,
        candidate: &Candidate,
        scratch: &'a mut Scratch,
    ) -> &'a Heard {
        self.space.hear(phases, candidate, &mut scratch.example.heard);
        &scratch.example.heard
    }

    /// A careful logit of P(like), of those whom the search asks.
    pub(crate) fn worth(&self, phases: &Phases, candidate: &Candidate, scratch: &mut Scratch) -> f32 {
        self.hear(phases, candidate, scratch);
        let searched = || self.members.iter().filter(|member| member.seat.asked == Asked::InTheSearch);
        let panel_share: f32 = searched().map(|member| 1.0 - member.share).product();
        let mut worth = 0.0;
        if panel_share > NEGLIGIBLE {
            worth = Opinion::from(self.particles.judge(&scratch.example.heard)).worth;
        }
        let mut is_dense = false;
        for member in searched() {
            worth *= 1.0 - member.share;
            if member.is_heard() {
                if !std::mem::replace(&mut is_dense, true) {
                    self.space.dense(phases, candidate, &mut scratch.example.dense);
                }
                let opinions = member.expert.opinions(std::slice::from_ref(&scratch.example));
                worth += member.share * opinions.first().map_or(0.0, |opinion| opinion.worth);
            }
        }
        worth
    }

    /// Blends into the worths of a shortlist what those think who are not asked within the search.
    pub(crate) fn reconsider<'a>(&self, shortlist: impl Iterator<Item = (&'a Candidate, &'a mut f32)>) {
        let heard = |member: &&Member| member.seat.asked == Asked::OfTheShortlist && member.is_heard();
        if !self.members.iter().any(|member| heard(&member)) {
            return;
        }
        let (examples, mut worths): (Vec<Example>, Vec<&mut f32>) =
            shortlist.map(|(candidate, worth)| (Example::new(&self.space, candidate), worth)).unzip();
        for member in self.members.iter().filter(heard) {
            for (worth, opinion) in worths.iter_mut().zip(member.expert.opinions(&examples)) {
                **worth = (1.0 - member.share) * **worth + member.share * opinion.worth;
            }
        }
    }

    /// One unit of background work; false when there is none. It changes nothing that is proposed but at
    /// points that the log decides.
    pub(crate) fn work(&mut self) -> bool {
        self.particles.work() || self.members.iter_mut().any(|member| member.expert.work())
    }

    /// The rating that the others contradict most: P of what was said, under the hypotheses weighed
    /// without it (importance weights; Gelfand, Dey and Chang 1992), below 6 %.
    pub(crate) fn contradicted(&self) -> Option<u64> {
        let rated = self.observations.len();
        if rated < 15 {
            return None;
        }
        // Recent ones only: taste may have moved on since the older ones.
        let recent = self.observations.iter().rev().take(40);
        let explicit = recent.filter(|o| o.weight >= 1.0 && o.over.is_none() && !o.reference);
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
}
