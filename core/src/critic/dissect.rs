//! The ensemble taken apart, for whoever asks why: what of its logit follows hits as they come and go, and what
//! follows them smoothly.
//!
//! Worker thread. The panel and the Gaussian process hear hits as there or not there. The network reads how much of
//! each hit there is, and its gradient is exact ([`Expert::along`]). Together they are the blended logit.

use super::along::{Along, Way};
use super::ensemble::{Ensemble, Scratch};
use super::{Expert, logit};
use crate::features::{Candidate, phases::Phases};

/// Groups of the panel's hypotheses that are asked apart, so that what they differ in can be told.
pub(crate) const GROUPS: usize = 16;

/// The blended logit but for its smooth part, and that of each group of the panel in the whole panel's place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rough {
    pub logit: f32,
    pub groups: [f32; GROUPS],
}

/// See the module's documentation.
pub(crate) struct Dissected<'a> {
    ensemble: &'a Ensemble,
    /// Of the logit: the panel's share and those of the members.
    panel: f32,
    members: Vec<f32>,
    smooth: Vec<bool>,
    scratch: Scratch,
}

impl<'a> Dissected<'a> {
    /// Takes it apart for loops like this one.
    pub(crate) fn new(ensemble: &'a Ensemble, like: Candidate) -> Self {
        let (panel, members) = ensemble.total_shares();
        let smooth = ensemble.experts().map(Expert::is_smooth).collect();
        Self { ensemble, panel, members, smooth, scratch: Scratch::new(like) }
    }

    /// What follows hits as they come and go.
    pub(crate) fn rough(&mut self, phases: &Phases, candidate: &Candidate) -> Rough {
        let ensemble = self.ensemble;
        ensemble.hear(phases, candidate, &mut self.scratch);
        let by_group: [f32; GROUPS] = ensemble.particles.by_group(self.scratch.heard());
        let mean = by_group.iter().sum::<f32>() / GROUPS as f32;
        let mut others = 0.0;
        let mut is_dense = false;
        for ((expert, &share), smooth) in ensemble.experts().zip(&self.members).zip(&self.smooth) {
            if share > 0.0 && !smooth {
                if !std::mem::replace(&mut is_dense, true) {
                    self.scratch.make_dense(&ensemble.space, phases, candidate);
                }
                let opinions = expert.opinions(std::slice::from_ref(self.scratch.example()));
                others += share * opinions.first().map_or(0.0, |opinion| logit(opinion.p));
            }
        }
        Rough {
            logit: others + self.panel * logit(mean),
            groups: by_group.map(|p| others + self.panel * logit(p)),
        }
    }

    /// What follows them smoothly; `None` where nobody is heard who does.
    pub(crate) fn along(&self, way: &Way<'_>) -> Option<Along> {
        let mut found: Option<Along> = None;
        for (expert, &share) in self.ensemble.experts().zip(&self.members) {
            if share > 0.0
                && let Some(along) = expert.along(way)
            {
                found.get_or_insert_default().add(&along, share);
            }
        }
        found
    }
}
