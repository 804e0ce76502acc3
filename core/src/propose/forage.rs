//! A wide search in small pieces, for when nobody waits: good loops that are unlike all that the request avoids.
//!
//! Worker thread. A piece has a stream of random numbers of its own and changes nothing that is proposed: kept grooves
//! are those that any request would keep.

use super::ask::GROOVES;
use super::constraints::Constraints;
use super::good::{LEEWAY, PULL, climb};
use super::judge::Judge;
use super::moves::mutate;
use super::search::{Blend, Scored, closeness, diverse, pool};
use super::setting::Setting;
use super::taste::{TasteLearner, liked_weights};
use super::{Proposal, Request};
use crate::features::Candidate;
use crate::rng::Rng;

/// Chains of one piece and their steps, and the loops that it gives at most.
const CHAINS: usize = 8;
const LOOPS: usize = 3;
/// The least difference from each rhythm that is avoided, as a share of cells.
pub(crate) const APART: f32 = 0.1;
/// What each cell below that costs as a logit: a chain can cross, and does not stay.
const SHORT: f32 = 0.4;
/// Changes that are tried to come beyond it.
const STRIDES: usize = 12;

impl TasteLearner {
    /// See [`super::Learner::forage`].
    pub(super) fn piece(&mut self, request: &Request<'_>, piece: u64) -> Vec<Proposal> {
        // Another model would have to be made from the whole log.
        if (Setting { roles: request.lanes.to_vec(), any_sample: request.any_sample }) != self.setting {
            return Vec::new();
        }
        let judgements = self.model.observations.len();
        let constraints = Constraints::new(request, self.base.kit()).after(judgements);
        let index = ((judgements as u64) << 20) + piece;
        let mut rng = Rng::stream(self.seed, "forage", index);
        let found = if judgements == 0 {
            (0..LOOPS).map(|_| self.draw(&constraints, &mut rng)).collect()
        } else {
            self.stock_up(&constraints);
            self.elsewhere(request, &constraints, &mut rng)
        };
        found.iter().map(|candidate| self.proposal(candidate)).collect()
    }

    /// Good loops away from those that are avoided.
    fn elsewhere(&self, request: &Request<'_>, constraints: &Constraints, rng: &mut Rng) -> Vec<Candidate> {
        let kit = self.model.space.kit();
        let avoided: Vec<Candidate> = request
            .avoid
            .iter()
            .map(|pattern| Candidate::of(pattern, kit))
            .filter(|of| of.grid == constraints.grid() && of.parts().len() == constraints.roles.len())
            .collect();
        let cells = constraints.grid().steps() * constraints.roles.len();
        let floor = (APART * cells as f32).ceil() as u32;
        let short = |candidate: &Candidate| {
            let nearest = avoided.iter().map(|of| candidate.rhythm_distance(of)).min();
            nearest.map_or(0, |nearest| floor.saturating_sub(nearest))
        };
        let liked = self.liked(constraints);
        let palette = self.palette(constraints, &liked);
        let mut judge = Judge::new(&self.model, constraints).beside(self.friend.as_ref());
        let weights = liked_weights(&liked, &mut judge);
        let near = if liked.is_empty() { 0 } else { 2 * CHAINS };
        let blend = Blend {
            prior: 2 * CHAINS,
            broad: 0.2,
            grooves: GROOVES,
            planted: 2 * CHAINS,
            near,
            variations: 0,
            kept: 0.0,
        };
        let mut candidates = Vec::new();
        pool(&palette, blend, &weights, rng, &mut candidates);
        for candidate in &mut candidates {
            for _ in 0..STRIDES {
                if short(candidate) == 0 {
                    break;
                }
                mutate(candidate, &palette, rng);
            }
        }
        candidates.retain(|candidate| constraints.is_playable(candidate));
        let adventure = constraints.steering.adventure;
        let (pull, enough) = (PULL * (1.0 - adventure), 1.0 - LEEWAY * adventure);
        let mut worth = |candidate: &Candidate| {
            let close = closeness(candidate, &liked, &weights).min(enough);
            judge.worth(candidate) + pull * close - SHORT * short(candidate) as f32
        };
        let scored: Vec<Scored> =
            candidates.iter().map(|c| Scored { candidate: *c, worth: worth(c) }).collect();
        let starts = diverse(&scored, CHAINS, 0.5, &[], 0.0);
        let mut chains: Vec<Scored> = starts.into_iter().map(|at| scored[at].clone()).collect();
        climb(&mut chains, &palette, worth, rng);
        if self.friend.is_none() {
            self.model.reconsider(chains.iter_mut().map(|chain| (&chain.candidate, &mut chain.worth)));
        }
        chains.retain(|chain| short(&chain.candidate) == 0);
        let picked = diverse(&chains, LOOPS, 1.0, &[], 0.0);
        picked.into_iter().map(|at| chains[at].candidate).collect()
    }
}
