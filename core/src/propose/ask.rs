//! What to ask next: a loop that may well be liked, and whose verdict says something.
//!
//! Worker thread.

use super::Request;
use super::constraints::Constraints;
use super::judge::Judge;
use super::moves::{Palette, mutate};
use super::search::{Blend, Scored, likeness, pool};
use super::taste::{TasteLearner, best_of, is_new, liked_weights};
use super::variety::{Departure, Variety};
use crate::critic::ensemble::Ensemble;
use crate::critic::particles::PanelVote;
use crate::features::Candidate;
use crate::rng::Rng;

/// Loops of the opening: chosen for what they tell.
const OPENING: usize = 6;
/// How often the search leaves what it believes when hardly anything was liked of late.
const LOST: f32 = 0.25;
/// How often the loops that tell most are sought in another kit: while nothing is said, from the first
/// judgement on, and after two dislikes.
const ANOTHER_UNTOLD: f32 = 0.3;
const ANOTHER_KIT: f32 = 0.5;
const ANOTHER_AFTER_DISLIKES: f32 = 0.8;
/// The most that sounds which are not those of the loop before cost, in probability.
const UNREST: f32 = 0.04;
/// The share of draws that are grooves of the stock: of the first pool, and of the others, which need more
/// different loops than the stock has.
const GROOVES_AT_FIRST: f32 = 0.75;
pub(super) const GROOVES: f32 = 0.2;
/// Kept draws that enter a pool.
const KEPT: usize = 40;
/// Candidates of each departure that are improved before one is chosen, and how many changes each is offered.
const CLIMBERS: [(Departure, usize); 3] =
    [(Departure::Rhythm, 3), (Departure::Sounds, 1), (Departure::New, 2)];
const CLIMB: usize = 20;
/// Rhythms that are tried with one or two other sounds.
const RESOUNDED: usize = 40;

impl TasteLearner {
    /// The loop to be judged next.
    pub(super) fn propose_ask(
        &mut self,
        request: &Request<'_>,
        constraints: &Constraints,
        rng: &mut Rng,
    ) -> Candidate {
        let liked = self.liked(constraints);
        let heard = self.heard_loops(request);
        // Who brings references has answered what the opening asks.
        let opening =
            self.model.observations.len() < OPENING && !self.model.observations.iter().any(|o| o.reference);
        // A friend's likes open too.
        let opens = (opening && self.friend.is_none()) || liked.is_empty();
        if !opens {
            self.kept_draws.prepare(request, constraints, &self.prior, &self.model.space, self.seed);
        }
        let model = &self.model;
        let before = self.loop_before(request, constraints);
        let palette = Palette { before: before.as_ref(), ..self.palette(constraints, &liked) };
        let mut judge = Judge::new(model, constraints).beside(self.friend.as_ref());
        let lost = model.observations.len() >= 12 && recent_likes(model) <= 2 && rng.chance(LOST);
        let variety = self.variety(request, constraints);
        let found = if opens || lost {
            telling(model, &palette, &mut judge, (&heard, &variety), lost, rng)
        } else {
            self.promising(&palette, &mut judge, (&heard, &variety), request.steering.adventure, rng)
        };
        found.unwrap_or_else(|| self.draw(constraints, rng))
    }

    /// The highest upper confidence bound of P(like) (Auer, Cesa-Bianchi and Fischer 2002; here mean and
    /// deviation over the panel's hypotheses) of each departure from what was heard, and of those one: near
    /// what was liked while little is known, further away the surer the hypotheses agree. `adventure` weighs
    /// the deviation and the unheard.
    fn promising(
        &self,
        palette: &Palette<'_>,
        judge: &mut Judge<'_>,
        (heard, variety): (&[Candidate], &Variety),
        adventure: f32,
        rng: &mut Rng,
    ) -> Option<Candidate> {
        let particles = &self.model.particles;
        let curiosity = 0.15 + adventure;
        let weights = liked_weights(palette.liked, judge);
        let mut kept = Vec::new();
        let glance = |heard: &_| {
            let mine = particles.glance(heard);
            self.friend.as_ref().map_or(mine, |friend| friend.glance(mine, heard))
        };
        self.kept_draws.best(KEPT, glance, &mut kept);
        let (mut best, mut doubts) = (Vec::new(), [0.0f32; 3]);
        for (at, (departure, most)) in CLIMBERS.into_iter().enumerate() {
            let mut candidates = self.departing(departure, palette, variety, &weights, &kept, rng);
            candidates.iter_mut().for_each(|candidate| departure.hold(candidate, palette));
            let allowed = |c: &Candidate| departure == Departure::Sounds || variety.allows(c);
            let mut bound = |candidate: &Candidate| {
                let mut loss = judge.loss_in_probability(candidate) + unrest(candidate, palette);
                if departure != Departure::Sounds {
                    loss += variety.loss(candidate);
                }
                let vote = judge.vote(candidate);
                let novelty = 0.15 * adventure * known(candidate, heard);
                (vote.mean + curiosity * vote.variance.sqrt() - novelty - loss, vote.variance)
            };
            let mut climbers: Vec<Scored> = Vec::with_capacity(candidates.len());
            for candidate in candidates {
                let (worth, variance) = bound(&candidate);
                doubts[at] += variance;
                climbers.push(Scored { candidate, worth });
            }
            doubts[at] /= climbers.len().max(1) as f32;
            climbers.sort_by(|a, b| b.worth.total_cmp(&a.worth));
            climbers.truncate(most);
            if departure != Departure::Sounds {
                for climber in &mut climbers {
                    climb(climber, departure, palette, &mut bound, rng);
                }
            }
            climbers.sort_by(|a, b| b.worth.total_cmp(&a.worth));
            let found = climbers.into_iter().find(|c| allowed(&c.candidate) && is_new(&c.candidate, heard));
            best.extend(found.map(|found| (departure, found)));
        }
        let [rhythm, sounds, _] = doubts;
        variety.choose(&best, sounds / (rhythm + sounds).max(1e-6), rng)
    }

    /// Candidates of one departure.
    fn departing(
        &self,
        departure: Departure,
        palette: &Palette<'_>,
        variety: &Variety,
        weights: &[f32],
        kept: &[Candidate],
        rng: &mut Rng,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        match departure {
            Departure::Sounds => {
                let Some(base) = self.rhythm_to_keep(palette, weights) else { return found };
                for _ in 0..RESOUNDED {
                    let mut candidate = base;
                    for _ in 0..1 + rng.below(2) {
                        let lane = rng.below(candidate.parts().len());
                        palette.draw_sound(&mut candidate, lane, rng);
                    }
                    palette.constraints.enforce(&mut candidate);
                    found.push(candidate);
                }
                return found;
            }
            Departure::Rhythm if palette.before.is_none() => return found,
            Departure::Rhythm => {
                let blend = Blend {
                    prior: 25,
                    broad: 0.25,
                    grooves: GROOVES,
                    planted: 60,
                    near: 80,
                    variations: 0,
                    kept: 0.0,
                };
                pool(palette, blend, weights, rng, &mut found);
            }
            Departure::New => {
                let blend = Blend {
                    prior: 35,
                    broad: 0.25,
                    grooves: GROOVES,
                    planted: 60,
                    near: 80,
                    variations: 0,
                    kept: 0.25,
                };
                pool(palette, blend, weights, rng, &mut found);
            }
        }
        found.extend_from_slice(kept);
        for candidate in &mut found {
            variety.stride(candidate, palette, rng);
        }
        found.retain(|candidate| palette.constraints.is_playable(candidate));
        found
    }

    /// The rhythm that other sounds are tried with: that of the loop before where it was liked, else the one
    /// that is believed in most.
    fn rhythm_to_keep(&self, palette: &Palette<'_>, weights: &[f32]) -> Option<Candidate> {
        let last = self.model.observations.last();
        if last.is_some_and(|last| last.like == Some(true) && !last.reference)
            && let Some(before) = palette.before
        {
            return Some(*before);
        }
        let best = (0..weights.len()).max_by(|&a, &b| weights[a].total_cmp(&weights[b]))?;
        palette.liked.get(best).copied()
    }

    /// What the next proposal is to differ from.
    pub(super) fn variety(&self, request: &Request<'_>, constraints: &Constraints) -> Variety {
        let kit = self.model.space.kit();
        let heard = request.avoid.iter().map(|pattern| Candidate::of(pattern, kit));
        Variety::new(heard, constraints, &self.model.observations)
    }
}

impl Departure {
    /// Brings a candidate back to what this departure keeps.
    fn hold(self, candidate: &mut Candidate, palette: &Palette<'_>) {
        if self == Self::Rhythm
            && let Some(before) = palette.before
        {
            for (part, from) in candidate.parts_mut().iter_mut().zip(before.parts()) {
                (part.id, part.sample) = (from.id, from.sample);
            }
            palette.constraints.enforce(candidate);
        }
    }
}

/// Improves a candidate by changes that its departure allows.
fn climb(
    climber: &mut Scored,
    departure: Departure,
    palette: &Palette<'_>,
    bound: &mut impl FnMut(&Candidate) -> (f32, f32),
    rng: &mut Rng,
) {
    for _ in 0..CLIMB {
        let mut next = climber.candidate;
        mutate(&mut next, palette, rng);
        departure.hold(&mut next, palette);
        if !palette.constraints.is_playable(&next) {
            continue;
        }
        let worth = bound(&next).0;
        if worth > climber.worth {
            *climber = Scored { candidate: next, worth };
        }
    }
}

/// What tells most: about the mutual information between the answer and the hypothesis, and a little
/// for being liked. While nothing is liked the pool grows broader with each dislike.
fn telling(
    model: &Ensemble,
    palette: &Palette<'_>,
    judge: &mut Judge<'_>,
    (heard, variety): (&[Candidate], &Variety),
    lost: bool,
    rng: &mut Rng,
) -> Option<Candidate> {
    let first = model.observations.is_empty();
    let dry = model.observations.iter().rev().take_while(|o| o.like != Some(true)).count();
    let broad = match (first, lost) {
        (true, _) => 0.0,
        (_, true) => 0.7,
        _ => (0.15 + 0.05 * dry as f32).min(0.6),
    };
    let near = if palette.liked.is_empty() { 0 } else { 60 };
    let disliked = model.observations.iter().rev().take(2).filter(|o| o.like == Some(false)).count() == 2;
    let adventure = palette.constraints.steering.adventure;
    let another = match (first, disliked) {
        (true, _) => ANOTHER_UNTOLD,
        (_, true) => ANOTHER_AFTER_DISLIKES,
        _ => ANOTHER_KIT,
    };
    let another = another + (1.0 - another) * adventure * adventure;
    let kept = if rng.chance(another) { 0.0 } else { 1.0 };
    let planted = if first { 0 } else { 120 };
    let grooves = if first { GROOVES_AT_FIRST } else { GROOVES };
    let blend = Blend { prior: 240, broad, grooves, planted, near, variations: 0, kept };
    let mut candidates = Vec::new();
    pool(palette, blend, &vec![1.0; palette.liked.len()], rng, &mut candidates);
    let scores: Vec<f32> = candidates
        .iter()
        .map(|candidate| {
            let loss = judge.loss_in_probability(candidate);
            let vote = model.particles.judge(judge.hear(candidate));
            2.0 * information(vote) + 0.8 * vote.mean - 0.3 * known(candidate, heard) - loss
        })
        .collect();
    best_of(&candidates, &scores, |candidate| variety.allows(candidate) && is_new(candidate, heard))
}

/// What sounds cost that are not those of the loop before, in probability: of loops that promise as much, the
/// one that keeps the kit is asked about.
fn unrest(candidate: &Candidate, palette: &Palette<'_>) -> f32 {
    let Some(before) = palette.before else { return 0.0 };
    let share = candidate.sound_distance(before) as f32 / candidate.parts().len().max(1) as f32;
    UNREST * (1.0 - palette.constraints.steering.adventure) * share
}

/// The share of an answer's variance that knowing the hypothesis would explain, 0 to 1: to second order
/// the mutual information in units of the answer's own.
fn information(vote: PanelVote) -> f32 {
    vote.variance / (vote.mean * (1.0 - vote.mean)).max(0.01)
}

/// How alike a candidate is to the likest loop that was heard, 0 to 1.
fn known(candidate: &Candidate, heard: &[Candidate]) -> f32 {
    heard.iter().map(|h| likeness(candidate, h)).fold(0.0, f32::max)
}

/// Likes among the last twelve judgements.
fn recent_likes(model: &Ensemble) -> usize {
    model.observations.iter().rev().take(12).filter(|o| o.like == Some(true)).count()
}
