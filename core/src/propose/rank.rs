//! Sounds for a lane of a loop, by how likely the loop is liked with each.
//!
//! Worker thread. Thousands are asked about at a glance, the best of them carefully.

use super::constraints::Constraints;
use super::judge::Judge;
use super::taste::TasteLearner;
use super::{Mode, RankedSound, Request, Steering};
use crate::features::Candidate;
use crate::pattern::{Loop, Role};

/// Sounds that are asked about carefully, of those that a glance likes best.
const SHORTLIST: usize = 96;

impl TasteLearner {
    /// See [`super::Learner::rank_sounds`].
    pub(super) fn ranked_sounds(&mut self, pattern: &Loop, lane: usize, most: usize) -> Vec<RankedSound> {
        let kit = std::sync::Arc::clone(self.base.kit());
        let base = Candidate::of(pattern, &kit);
        let Some(role) = base.parts().get(lane).map(|part| part.role) else { return Vec::new() };
        let among: Vec<u32> = if self.setting.any_sample {
            (0..kit.samples().len() as u32).collect()
        } else {
            kit.of_role(role).to_vec()
        };
        let roles: Vec<Role> = base.parts().iter().map(|part| part.role).collect();
        let request = Request {
            mode: Mode::Good,
            lanes: &roles,
            any_sample: self.setting.any_sample,
            steering: Steering { grid: base.grid, ..Steering::default() },
            locks: None,
            avoid: &[],
        };
        let constraints = Constraints::new(&request, &kit);
        let with = |at: u32| {
            let mut candidate = base;
            if let Some(sample) = kit.samples().get(at as usize) {
                let part = &mut candidate.parts_mut()[lane];
                (part.id, part.sample) = (sample.id, at);
            }
            candidate
        };
        let mut shortlist = among;
        if shortlist.len() > SHORTLIST {
            let mut judge = Judge::new(&self.model, &constraints).beside(self.friend.as_ref());
            let mut glanced: Vec<(f32, u32)> =
                shortlist.iter().map(|&at| (judge.glance(&with(at)), at)).collect();
            let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            glanced.select_nth_unstable_by(SHORTLIST, order);
            glanced.truncate(SHORTLIST);
            shortlist = glanced.into_iter().map(|(_, at)| at).collect();
            shortlist.sort_unstable();
        }
        let loops: Vec<Loop> = shortlist.iter().map(|&at| with(at).to_loop()).collect();
        let predicted = self.pooled_loops(&loops);
        let ranked = shortlist.iter().zip(predicted).filter_map(|(&at, (p_like, _))| {
            Some(RankedSound { sample: kit.samples().get(at as usize)?.id, p_like })
        });
        let mut ranked: Vec<RankedSound> = ranked.collect();
        ranked.sort_by(|a, b| b.p_like.total_cmp(&a.p_like));
        ranked.truncate(most);
        ranked
    }
}
