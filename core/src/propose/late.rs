//! The taste learner, made when it is first asked for something.
//!
//! Worker thread. A kit that is loaded needs a learner at once, but a project whose loop is known plays
//! before anything is asked of it, and only the first request says which lanes its model is for. When it is
//! made changes nothing: it is made from kit, seed, log and request alone.

use super::setting::Setting;
use super::taste::TasteLearner;
use super::{
    Attribution, Free, Learner, Lift, Prediction, Proposal, RankedSound, Request, RhythmShare, Statement,
};
use crate::kit::Kit;
use crate::pattern::{Loop, Role};
use crate::taste::Log;
use crate::taste::friend::Beside;
use crate::units::Seed;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// See the module's documentation.
pub(super) struct Late {
    kit: Arc<Kit>,
    seed: Seed,
    /// What it will know; empty once it is made.
    log: Log,
    friend: Option<Beside>,
    stop: Arc<AtomicBool>,
    made: Option<Box<TasteLearner>>,
}

impl Late {
    /// A taste learner over a kit. Takes no time.
    #[must_use]
    pub(super) fn new(kit: Arc<Kit>, seed: Seed) -> Self {
        Self { kit, seed, log: Log::default(), friend: None, stop: Arc::default(), made: None }
    }

    fn for_request(&mut self, request: &Request<'_>) -> &mut TasteLearner {
        self.for_lanes(request.lanes, request.any_sample)
    }

    /// The learner for whatever lanes there will be.
    fn for_any(&mut self) -> &mut TasteLearner {
        self.for_lanes(&[], false)
    }

    /// Takes some 20 ms, and as much as the log takes to be learned, the first time.
    fn for_lanes(&mut self, lanes: &[Role], any_sample: bool) -> &mut TasteLearner {
        let (kit, seed, log, stop) = (&self.kit, self.seed, &mut self.log, &self.stop);
        let friend = &mut self.friend;
        self.made.get_or_insert_with(|| {
            let setting = match lanes {
                [] => Setting { roles: Role::default_lanes(4).to_vec(), any_sample: false },
                lanes => Setting { roles: lanes.to_vec(), any_sample },
            };
            let log = std::mem::take(log);
            let mut taste = TasteLearner::new(Arc::clone(kit), seed, setting, log, Arc::clone(stop));
            taste.set_friend(friend.take());
            taste.into()
        })
    }
}

impl Learner for Late {
    fn observe(&mut self, log: &Log) {
        match &mut self.made {
            Some(taste) => taste.observe(log),
            None => self.log = log.clone(),
        }
    }

    fn heed(&mut self, stop: Arc<AtomicBool>) {
        if let Some(taste) = &mut self.made {
            taste.heed(Arc::clone(&stop));
        }
        self.stop = stop;
    }

    fn prepare(&mut self, lanes: &[Role], any_sample: bool) {
        self.for_lanes(lanes, any_sample);
    }

    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.for_request(request).propose(request)
    }

    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        self.for_request(request).sample(request, n)
    }

    fn forage(&mut self, request: &Request<'_>, piece: u64) -> Vec<Proposal> {
        self.made.as_mut().map_or_else(Vec::new, |taste| taste.forage(request, piece))
    }

    fn predict(&mut self, pattern: &Loop) -> Prediction {
        self.for_any().predict(pattern)
    }

    fn predict_all(&mut self, patterns: &[Loop]) -> Vec<Prediction> {
        self.for_any().predict_all(patterns)
    }

    fn rank_sounds(&mut self, pattern: &Loop, lane: usize, most: usize) -> Vec<RankedSound> {
        self.for_any().rank_sounds(pattern, lane, most)
    }

    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        self.for_any().attribute(pattern)
    }

    fn statements(&mut self, most: usize) -> Vec<Statement> {
        self.for_any().statements(most)
    }

    fn lift(&mut self, pattern: &Loop, free: &Free) -> Option<Lift> {
        self.for_any().lift(pattern, free)
    }

    fn rhythm_share(&mut self) -> Option<RhythmShare> {
        self.for_any().rhythm_share()
    }

    fn befriend(&mut self, friend: Option<Beside>) {
        match &mut self.made {
            Some(taste) => taste.befriend(friend),
            None => self.friend = friend,
        }
    }

    fn shared(&mut self, most: usize) -> Vec<String> {
        self.for_any().shared(most)
    }

    fn reask(&mut self) -> Option<u64> {
        self.for_any().reask()
    }

    fn work(&mut self) -> bool {
        self.made.as_mut().is_some_and(|taste| taste.work())
    }
}
