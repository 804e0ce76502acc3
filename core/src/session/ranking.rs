//! The sounds that the person would like on a lane of the current loop, and one of them on trial.
//!
//! Worker thread. The window says which lane it shows. A sound on trial is heard in the loop and is no part of the
//! project: whatever is played, rated or taken away meanwhile is what is heard ([`Session::played`]).

use super::view::{RankedSoundView, RankingView};
use super::{Effect, Session};
use crate::pattern::{Loop, SampleId};
use crate::propose::RankedSound;
use crate::taste::LoopId;

/// Sounds that are listed.
const MOST_RANKED: usize = 40;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Ranking {
    /// The lane that is shown; `None` where nobody looks.
    lane: Option<usize>,
    /// Of which lane and loop, what was found.
    found: Option<(usize, Loop, Vec<RankedSound>)>,
    trial: Option<(LoopId, usize, SampleId)>,
}

impl Session {
    /// The window shows the sounds for this lane, or none any more. What was on trial ends.
    pub(super) fn rank_sounds(&mut self, lane: Option<usize>) -> Vec<Effect> {
        if self.ranking.lane == lane {
            return Vec::new();
        }
        self.ranking.lane = lane;
        self.insight.spoil();
        self.try_sound(None)
    }

    /// A sound is heard on a lane of the current loop, or none any more.
    pub(super) fn try_sound(&mut self, sound: Option<(usize, SampleId)>) -> Vec<Effect> {
        let current = self.current_entry().map(|entry| entry.id);
        let wanted = sound.and_then(|(lane, sample)| Some((current?, lane, sample)));
        let before = std::mem::replace(&mut self.ranking.trial, wanted);
        if before == wanted { Vec::new() } else { vec![Effect::Refresh] }
    }

    /// The loop with the sound that is on trial in it.
    pub(super) fn with_trial(&self, id: LoopId, mut pattern: Loop) -> Loop {
        if let Some((of, lane, sample)) = self.ranking.trial
            && of == id
            && let Some(lane) = pattern.lanes_mut().get_mut(lane)
        {
            lane.sample = sample;
        }
        pattern
    }

    /// Ranks anew where somebody looks and the loop, or what is thought of it, is another one.
    pub(super) fn refresh_ranking(&mut self) {
        self.ranking.found = None;
        let Some((lane, (_, pattern))) = self.ranking.lane.zip(self.current()) else { return };
        if self.is_blind() {
            return;
        }
        let Some(learner) = self.teaching.learner() else { return };
        let found = learner.rank_sounds(&pattern, lane, MOST_RANKED);
        self.ranking.found = Some((lane, pattern, found));
    }

    pub(super) fn ranking_view(&self) -> Option<RankingView> {
        let (lane, of, found) = self.ranking.found.as_ref()?;
        let current = self.current_entry().filter(|entry| entry.pattern == *of)?;
        let tried = self.ranking.trial.filter(|(id, at, _)| *id == current.id && at == lane);
        let used = of.lanes().get(*lane)?.sample;
        let view = |ranked: &RankedSound| {
            let sample = self.stock.own(ranked.sample)?;
            Some(RankedSoundView {
                sample: ranked.sample,
                name: sample.name.clone(),
                peaks: sample.analysis.peaks.into(),
                p_like: ranked.p_like,
                is_used: used == ranked.sample,
                is_tried: tried.is_some_and(|(_, _, sample)| sample == ranked.sample),
            })
        };
        Some(RankingView { lane: *lane, sounds: found.iter().filter_map(view).collect() })
    }
}

#[cfg(test)]
mod tests;
