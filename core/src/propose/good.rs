//! Good loops, and bad ones: chains from many starts, picked for worth and variety.
//!
//! Worker thread.

use super::Request;
use super::ask::GROOVES;
use super::constraints::Constraints;
use super::judge::Judge;
use super::moves::{Palette, mutate};
use super::search::{Blend, Scored, advance, closeness, diverse, pool};
use super::taste::{TasteLearner, liked_weights};
use crate::features::Candidate;
use crate::rng::Rng;

/// Steps of one chain.
const STEPS: usize = 25;
/// What closeness to a liked loop adds to a logit where nothing new is wanted. The most probable loops
/// under a model are also those that it overrates most; near a liked one it errs less.
pub(super) const PULL: f32 = 4.6;
/// How much of likeness stops counting where everything is to be new.
pub(super) const LEEWAY: f32 = 0.43;

/// Advances chains by the generator's changes, among what may be played.
pub(super) fn climb(
    chains: &mut [Scored],
    palette: &Palette<'_>,
    mut worth: impl FnMut(&Candidate) -> f32,
    rng: &mut Rng,
) {
    for chain in chains {
        advance(
            chain,
            STEPS,
            12.0,
            |c| palette.constraints.is_playable(c).then(|| worth(c)),
            |c, rng| mutate(c, palette, rng),
            rng,
        );
    }
}

impl TasteLearner {
    /// `n` loops, best first but diverse; `sign` −1 looks for the worst.
    pub(super) fn search(
        &mut self,
        request: &Request<'_>,
        constraints: &Constraints,
        n: usize,
        sign: f32,
        rng: &mut Rng,
    ) -> Vec<Candidate> {
        let liked = self.liked(constraints);
        let heard = self.heard_loops(request);
        let model = &self.model;
        let palette = self.palette(constraints, &liked);
        let mut judge = Judge::new(model, constraints).beside(self.friend.as_ref());
        // Many short chains: long ones end where the model is wrong in its own favour.
        let starts = (4 * n).clamp(24, n.max(240));
        let weights = liked_weights(&liked, &mut judge);
        let near = if liked.is_empty() || sign < 0.0 { 0 } else { starts };
        let blend = Blend {
            prior: starts / 2,
            broad: 0.2,
            grooves: GROOVES,
            planted: 2 * starts - near,
            near,
            variations: 2 * near,
            kept: 0.0,
        };
        let mut candidates = Vec::new();
        pool(&palette, blend, &weights, rng, &mut candidates);
        let adventure = request.steering.adventure;
        let (pull, enough) = (PULL * (1.0 - adventure), 1.0 - LEEWAY * adventure);
        let mut worth = |candidate: &Candidate| {
            if sign > 0.0 {
                judge.worth(candidate) + pull * closeness(candidate, &liked, &weights).min(enough)
            } else {
                -judge.worth(candidate) - 2.0 * judge.loss(candidate)
            }
        };
        let mut chains: Vec<Scored> =
            candidates.iter().map(|c| Scored { candidate: *c, worth: worth(c) }).collect();
        let order = diverse(&chains, starts, 0.5, &[], 0.0);
        chains = order.into_iter().map(|at| chains[at].clone()).collect();
        climb(&mut chains, &palette, worth, rng);
        // The shortlist's expert knows the person alone: beside a friend the search's own opinion stands.
        if sign > 0.0 && self.friend.is_none() {
            model.reconsider(chains.iter_mut().map(|chain| (&chain.candidate, &mut chain.worth)));
        }
        let picked = diverse(&chains, n, 0.5 + adventure, &heard, 0.1 + 0.6 * adventure);
        let mut found: Vec<Candidate> = picked.into_iter().map(|at| chains[at].candidate).collect();
        while found.len() < n {
            found.push(self.draw(constraints, rng));
        }
        found
    }
}
