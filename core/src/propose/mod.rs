//! The generator: what to play next, under steering and locks, guided by the critic.
//!
//! Worker thread. Deterministic: same seed, same log, same requests give the same loops.

mod ask;
mod befriend;
mod company;
mod constraints;
mod follow;
mod forage;
mod friend;
mod good;
mod judge;
mod kept_draws;
mod kept_reasons;
mod late;
mod lean;
mod learned;
mod moves;
mod onsets;
mod prior;
mod random;
mod rank;
mod reasons;
mod refill;
mod search;
pub mod sections;
mod setting;
mod steering;
mod stock;
mod taste;
#[cfg(test)]
mod tests;
pub mod touch;
mod variety;

use crate::kit::Kit;
use crate::pattern::{Loop, MAX_LANES, Role, SampleId};
use crate::taste::Log;
use crate::taste::friend::Beside;
use crate::units::Seed;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use crate::explain::{Attribution, Claim, Free, Lift, Mark, Quantity, RhythmShare, Side, Statement};
pub(crate) use follow::loss_beside_notes;
pub(crate) use forage::APART;
pub use onsets::Onsets;
pub(crate) use refill::refill;
pub use steering::Steering;

/// The version of what learners do: a change of theirs after which the same judgements lead to other loops
/// or predictions must raise it, here or in the critic. Results of studies are kept by it.
pub const LEARNER: u32 = 3;

/// What of a loop must stay. Exact: a proposal equals [`Locks::base`] in every locked part, but for
/// steps that a grid change cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locks {
    /// The loop that holds the locked parts.
    pub base: Loop,
    /// Locked cells of each lane (bit = step); all bits = lock beat.
    pub steps: [u128; MAX_LANES],
    /// Whether a lane's sample is locked.
    pub sound: [bool; MAX_LANES],
}

/// What kind of loop is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "plain data on the stack, a few times a rating")]
pub enum Mode {
    /// The loop to be judged next: liked as far as known, and worth asking about.
    Ask,
    /// As good as the critic knows (P > 0.95 or the best found).
    Good,
    /// As bad as the critic knows.
    Bad,
    /// From the prior; the critic is not asked.
    Random,
    /// Near a loop: `distance` 0 (a variation) to 1 (a relative).
    Near {
        /// The loop to stay near.
        of: Loop,
        /// How far, 0 to 1.
        distance: f32,
    },
}

/// One request to the generator.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What kind of loop.
    pub mode: Mode,
    /// The roles of the lanes, 1 to [`MAX_LANES`].
    pub lanes: &'a [Role],
    /// True where any lane may take any sample (the original's setting).
    pub any_sample: bool,
    /// Steering.
    pub steering: Steering,
    /// Locks, if anything is locked.
    pub locks: Option<Locks>,
    /// What was played already or waits, in the order in which it is heard: do not repeat it. The last one is
    /// heard just before what is asked for.
    pub avoid: &'a [Loop],
}

/// What the critic thinks of a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Calibrated P(like), 0 to 1.
    pub p_like: f32,
    /// One standard deviation of that probability, 0 to 0.5.
    pub sd: f32,
}

/// A loop to play, and what was thought of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// The loop.
    pub pattern: Loop,
    /// What the critic thinks of it.
    pub prediction: Prediction,
}

/// A sound for a lane of a loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankedSound {
    /// The sound.
    pub sample: SampleId,
    /// P(like) of the loop with it, 0 to 1.
    pub p_like: f32,
}

/// The learner as the session sees it.
pub trait Learner: Send {
    /// Brings the model up to the log: extends it where entries were appended, rebuilds it where the
    /// log's revision changed.
    fn observe(&mut self, log: &Log);
    /// Once the flag is up nothing more is learned, and what is proposed means nothing: whoever closes an
    /// instance does not wait until a long log is learned anew.
    fn heed(&mut self, stop: Arc<AtomicBool>) {
        let _ = stop;
    }
    /// Makes ready what a request for such lanes needs, where that is known before it is asked. It changes
    /// nothing that is proposed.
    fn prepare(&mut self, lanes: &[Role], any_sample: bool) {
        let _ = (lanes, any_sample);
    }
    /// The next loop.
    fn propose(&mut self, request: &Request<'_>) -> Proposal;
    /// `n` different loops of the frozen model, as for [`Mode::Good`] or the request's own mode.
    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal>;
    /// What one small piece (at most about 20 ms) of a wide search for good loops finds; none where the request is
    /// not what was proposed for last. The pieces of one log are numbered from 0, each finds the same whenever it is
    /// asked for, and nothing that is proposed depends on any of them.
    fn forage(&mut self, request: &Request<'_>, piece: u64) -> Vec<Proposal> {
        let _ = (request, piece);
        Vec::new()
    }
    /// What the critic thinks of any loop.
    fn predict(&mut self, pattern: &Loop) -> Prediction;
    /// What the critic thinks of many loops, in their order: quicker than one by one.
    fn predict_all(&mut self, patterns: &[Loop]) -> Vec<Prediction> {
        patterns.iter().map(|pattern| self.predict(pattern)).collect()
    }
    /// Sounds of the kit for a lane of a loop, by P(like) of the loop with each, the likeliest first, at most `most`.
    fn rank_sounds(&mut self, pattern: &Loop, lane: usize, most: usize) -> Vec<RankedSound> {
        let _ = (pattern, lane, most);
        Vec::new()
    }
    /// What each hit and sound adds to P(like) of a loop.
    fn attribute(&mut self, pattern: &Loop) -> Attribution;
    /// What was learned, strongest first, at most `most`. It follows from the judgements alone.
    fn statements(&mut self, most: usize) -> Vec<Statement>;
    /// The one change of a loop that lifts P(like) most, of what may change.
    fn lift(&mut self, pattern: &Loop, free: &Free) -> Option<Lift> {
        let _ = (pattern, free);
        None
    }
    /// How much of the verdicts the rhythm explains; the sounds explain the rest.
    fn rhythm_share(&mut self) -> Option<RhythmShare> {
        None
    }
    /// The serial of the rating that the rest contradicts most, where it is worth asking again.
    fn reask(&mut self) -> Option<u64> {
        None
    }
    /// Whose taste is pooled with the person's own in all that is proposed and predicted; `None` for nobody's. What is
    /// said of the person stays about the person.
    fn befriend(&mut self, friend: Option<Beside>) {
        let _ = friend;
    }
    /// What the person and the friend both like, in words, strongest first, at most `most`.
    fn shared(&mut self, most: usize) -> Vec<String> {
        let _ = most;
        Vec::new()
    }
    /// One unit (at most about 20 ms) of background work; false when there is none. Must not change
    /// what is proposed except at points that the log alone decides.
    fn work(&mut self) -> bool;
}

/// Which learner of the product. It is chosen when a runtime is made and stored nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CriticKind {
    /// Three experts: particles, Gaussian process, network.
    Taste,
    /// No critic: draws from the prior.
    Random,
}

/// Makes a learner. Some kinds take some 100 ms; call it on the worker.
#[must_use]
pub fn learner(kind: CriticKind, kit: Arc<Kit>, seed: Seed) -> Box<dyn Learner> {
    match kind {
        CriticKind::Taste => Box::new(late::Late::new(kit, seed)),
        CriticKind::Random => Box::new(random::Random::new(kit, seed)),
    }
}
