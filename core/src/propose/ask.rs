//! What to ask next: a loop that may well be liked, and whose verdict says something.
//!
//! Worker thread.

use super::Request;
use super::constraints::Constraints;
use super::judge::Judge;
use super::moves::{Palette, mutate};
use super::search::{Blend, Scored, likeness, pool};
use super::taste::{TasteLearner, best_of, liked_weights};
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
pub(super) const GROOVES: f32 = 0.3;
/// Kept draws that enter a pool.
const KEPT: usize = 40;
/// Candidates that are improved before one is chosen, and how many changes each is offered.
const CLIMBERS: usize = 6;
const CLIMB: usize = 20;

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
        let opens = self.model.observations.len() < OPENING || liked.is_empty();
        if !opens {
            self.kept_draws.prepare(request, constraints, &self.prior, &self.model.space, self.seed);
        }
        let model = &self.model;
        let before = self.loop_before(request, constraints);
        let palette = Palette { before: before.as_ref(), ..self.palette(constraints, &liked) };
        let mut judge = Judge::new(model, constraints);
        let lost = model.observations.len() >= 12 && recent_likes(model) <= 2 && rng.chance(LOST);
        let found = if opens || lost {
            telling(model, &palette, &mut judge, &heard, lost, rng)
        } else {
            self.promising(&palette, &mut judge, &heard, request.steering.adventure, rng)
        };
        found.unwrap_or_else(|| self.draw(constraints, rng))
    }

    /// The highest upper confidence bound of P(like) (Auer, Cesa-Bianchi and Fischer 2002; here mean and
    /// deviation over the panel's hypotheses): near what was liked while little is known, further away
    /// the surer the hypotheses agree. `adventure` weighs the deviation and the unheard.
    fn promising(
        &self,
        palette: &Palette<'_>,
        judge: &mut Judge<'_>,
        heard: &[Candidate],
        adventure: f32,
        rng: &mut Rng,
    ) -> Option<Candidate> {
        let particles = &self.model.particles;
        let curiosity = 0.15 + adventure;
        let weights = liked_weights(palette.liked, judge);
        let mut candidates = Vec::new();
        let blend = Blend {
            prior: 60,
            broad: 0.25,
            grooves: GROOVES,
            planted: 120,
            near: 200,
            variations: 0,
            kept: 0.25,
        };
        pool(palette, blend, &weights, rng, &mut candidates);
        self.kept_draws.best(KEPT, |heard| particles.glance(heard), &mut candidates);
        let mut bound = |candidate: &Candidate| {
            let loss = judge.loss(candidate) + unrest(candidate, palette);
            let vote = particles.judge(judge.hear(candidate));
            vote.mean + curiosity * vote.variance.sqrt() - 0.15 * adventure * known(candidate, heard) - loss
        };
        let mut climbers: Vec<Scored> =
            candidates.iter().map(|c| Scored { candidate: *c, worth: bound(c) }).collect();
        climbers.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        climbers.truncate(CLIMBERS);
        for climber in &mut climbers {
            for _ in 0..CLIMB {
                let mut next = climber.candidate;
                mutate(&mut next, palette, rng);
                if !palette.constraints.is_playable(&next) {
                    continue;
                }
                let worth = bound(&next);
                if worth > climber.worth {
                    *climber = Scored { candidate: next, worth };
                }
            }
        }
        let (candidates, scores): (Vec<Candidate>, Vec<f32>) =
            climbers.into_iter().map(|climber| (climber.candidate, climber.worth)).unzip();
        best_of(&candidates, &scores, heard)
    }
}

/// What tells most: about the mutual information between the answer and the hypothesis, and a little
/// for being liked. While nothing is liked the pool grows broader with each dislike.
fn telling(
    model: &Ensemble,
    palette: &Palette<'_>,
    judge: &mut Judge<'_>,
    heard: &[Candidate],
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
            let loss = judge.loss(candidate);
            let vote = model.particles.judge(judge.hear(candidate));
            2.0 * information(vote) + 0.8 * vote.mean - 0.3 * known(candidate, heard) - loss
        })
        .collect();
    best_of(&candidates, &scores, heard)
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
