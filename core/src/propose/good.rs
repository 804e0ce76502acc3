//! Good loops, and bad ones: chains from many starts, picked for worth and variety.
//!
//! Worker thread.

use super::Request;
use super::frame::Frame;
use super::moves::mutate;
use super::search::{Blend, Scored, advance, diverse, pool};
use super::taste::{Taste, liked_weights};
use crate::features::Candidate;
use crate::rng::Rng;

impl Taste {
    /// `n` loops, best first but diverse; `sign` −1 looks for the worst.
    pub(super) fn search(
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
        let palette = self.palette(frame, &liked);
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
}
