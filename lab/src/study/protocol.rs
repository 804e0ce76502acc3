//! One listener meets one learner: Phase I, checkpoints, Phase II.

use super::judgements::Hearing;
use super::measures::{Diversity, Variety, diversity};
use super::{Calibration, Settings};
use crate::baselines::Contender;
use crate::listeners::{Family, Listener, Split};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::{Learner, Mode, Proposal};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::Log;
use deepdrummer_core::units::Seed;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;

/// Units of background work that a learner gets while a loop plays. A unit is at most about 20 ms and
/// a bar at 120 bpm lasts 2 s.
const WORK_UNITS: usize = 100;
/// Loops that are predicted to time the critic.
const TIMED_CANDIDATES: usize = 1000;

/// The frozen model examined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// After how many ratings.
    pub ratings: usize,
    /// Mean true P(like) of its fresh loops.
    pub like_rate: f32,
    /// Mean P(like) that the model itself gave them.
    pub claimed: f32,
    /// How varied they are.
    pub diversity: Diversity,
}

/// Loops of the first and the last model, mixed blindly and rated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseTwo {
    /// Loops of each model.
    pub n: usize,
    /// Share of the first model's that was liked.
    pub first: f32,
    /// Share of the last model's that was liked.
    pub last: f32,
}

/// Wall times in milliseconds on one core, over the second half of Phase I.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Bringing the model up to the log after a rating: median.
    pub observe_ms: f32,
    /// The next loop: median.
    pub propose_ms: f32,
    /// From the rating to the next loop: median.
    pub next_p50_ms: f32,
    /// From the rating to the next loop: 99th percentile.
    pub next_p99_ms: f32,
    /// One thousand predictions after the last rating, a hundred at once.
    pub predict_1000_ms: f32,
    /// Background work a rating: mean.
    pub work_ms: f32,
}

/// What became of one meeting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The learner.
    pub critic: Contender,
    /// The listener's name.
    pub listener: String,
    /// The listener's family.
    pub family: Family,
    /// Whether the listener may be used for tuning.
    pub split: Split,
    /// The seed.
    pub seed: u64,
    /// P(like) of random loops, wrong answers included.
    pub base: f32,
    /// The best possible P(like).
    pub ceiling: f32,
    /// Examinations, in order of ratings.
    pub checkpoints: Vec<Checkpoint>,
    /// The answers of Phase I.
    pub likes: Vec<bool>,
    /// What was predicted before each answer.
    pub predicted: Vec<f32>,
    /// How varied Phase I was from the first like on.
    #[serde(default)]
    pub variety: Variety,
    /// Phase II.
    pub phase_two: PhaseTwo,
    /// Wall times.
    pub timing: Timing,
}

impl Outcome {
    /// How honest the predictions from the n-th rating on were.
    #[must_use]
    pub fn calibration(&self, from: usize) -> Calibration {
        Calibration::of(self.predicted.iter().copied().zip(self.likes.iter().copied()).skip(from))
    }

    /// The like rate of Phase I itself from the n-th rating on.
    #[must_use]
    pub fn in_session(&self, from: usize) -> f32 {
        let rated = &self.likes[from.min(self.likes.len())..];
        rated.iter().filter(|l| **l).count() as f32 / rated.len().max(1) as f32
    }
}

/// Lets a listener rate a learner's proposals.
pub(super) fn meet(
    listener: &Listener,
    critic: Contender,
    mut learner: Box<dyn Learner>,
    kit: &Arc<Kit>,
    settings: &Settings,
    seed: u64,
) -> Outcome {
    let mut answers = Rng::stream(Seed(seed), &listener.name, 1);
    let mut extras = Rng::stream(Seed(seed), &listener.name, 2);
    let mut played: Vec<Loop> = Vec::new();
    let mut log = Log::default();
    let (mut checkpoints, mut likes, mut predicted) = (Vec::new(), Vec::new(), Vec::new());
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let mut clock = Clock::default();

    let setting = &settings.told.setting(&settings.setting, listener, kit, seed);
    settings.told.references(setting, listener, kit, seed).into_iter().for_each(|said| log.push(said));
    learner.observe(&log);
    for rating in 0..=settings.ratings {
        if settings.checkpoints.contains(&rating) || rating == 0 || rating == settings.ratings {
            let fresh = learner.sample(&setting.request(Mode::Good, &played), settings.fresh);
            let sounding = |(at, p): (usize, &Proposal)| settings.played(&p.pattern, seed, at);
            let loops: Vec<Loop> = fresh.iter().enumerate().map(sounding).collect();
            if settings.checkpoints.contains(&rating) {
                checkpoints.push(examine(listener, rating, &fresh, &loops));
            }
            if rating == 0 {
                first = loops;
            } else if rating == settings.ratings {
                last = loops;
            }
        }
        if rating == settings.ratings {
            break;
        }
        let started = Instant::now();
        let proposal = learner.propose(&setting.request(Mode::Ask, &played));
        clock.propose_ms.push(ms(started));
        let started = Instant::now();
        for _ in 0..WORK_UNITS {
            if !learner.work() {
                break;
            }
        }
        clock.work_ms.push(ms(started));

        let kinds = settings.judgements;
        let hearing = Hearing { listener, kit, setting: &settings.setting, kinds, rating };
        let heard =
            Proposal { pattern: settings.played(&proposal.pattern, seed, 1_000 + rating), ..proposal };
        let like = hearing.judge(&heard, &mut log, &mut answers, &mut extras);
        played.push(proposal.pattern);
        likes.push(like);
        predicted.push(proposal.prediction.p_like);
        let started = Instant::now();
        learner.observe(&log);
        clock.observe_ms.push(ms(started));
    }

    let variety = Variety::of(&played, likes.iter().position(|like| *like).map_or(played.len(), |at| at + 1));
    let phase_two = phase_two(listener, &first, &last, settings.ratings, &mut answers);
    let timing = clock.timing(learner.as_mut(), kit, settings, seed);
    Outcome {
        critic,
        listener: listener.name.clone(),
        family: listener.family,
        split: listener.split,
        seed,
        base: listener.noise + (1.0 - 2.0 * listener.noise) * listener.base,
        ceiling: listener.ceiling(),
        checkpoints,
        likes,
        predicted,
        variety,
        phase_two,
        timing,
    }
}

fn examine(listener: &Listener, ratings: usize, fresh: &[Proposal], loops: &[Loop]) -> Checkpoint {
    let n = loops.len().max(1) as f32;
    Checkpoint {
        ratings,
        like_rate: loops.iter().map(|l| listener.p_like(l, ratings)).sum::<f32>() / n,
        claimed: fresh.iter().map(|p| p.prediction.p_like).sum::<f32>() / n,
        diversity: diversity(loops),
    }
}

/// Both models' loops in one shuffled row, so that whoever rates cannot know which is which.
fn phase_two(listener: &Listener, first: &[Loop], last: &[Loop], ratings: usize, rng: &mut Rng) -> PhaseTwo {
    let n = first.len().min(last.len());
    let mut row: Vec<(bool, &Loop)> =
        first.iter().take(n).map(|l| (false, l)).chain(last.iter().take(n).map(|l| (true, l))).collect();
    for at in (1..row.len()).rev() {
        row.swap(at, rng.below(at + 1));
    }
    let mut liked = [0u32; 2];
    for (is_last, l) in row {
        liked[usize::from(is_last)] += u32::from(listener.rate(l, ratings, rng));
    }
    let share = |count: u32| count as f32 / n.max(1) as f32;
    PhaseTwo { n, first: share(liked[0]), last: share(liked[1]) }
}

#[derive(Default)]
struct Clock {
    observe_ms: Vec<f32>,
    propose_ms: Vec<f32>,
    work_ms: Vec<f32>,
}

impl Clock {
    fn timing(self, learner: &mut dyn Learner, kit: &Kit, settings: &Settings, seed: u64) -> Timing {
        let mut rng = Rng::stream(Seed(seed), "timed candidates", 0);
        let loops: Vec<Loop> =
            (0..TIMED_CANDIDATES).map(|_| settings.setting.random_loop(kit, &mut rng)).collect();
        // An expensive critic is timed on a tenth; the figure is scaled.
        let started = Instant::now();
        let mut timed = 0;
        for part in loops.chunks(TIMED_CANDIDATES / 10) {
            learner.predict_all(part);
            timed += part.len();
            if ms(started) > 200.0 {
                break;
            }
        }
        let predict_1000_ms = ms(started) * TIMED_CANDIDATES as f32 / timed as f32;
        let half = self.observe_ms.len() / 2;
        // The loop that answers rating i is proposed next: pair each update with the proposal after it.
        let next: Vec<f32> = self.observe_ms[half..]
            .iter()
            .zip(self.propose_ms.iter().skip(half + 1))
            .map(|(o, p)| o + p)
            .collect();
        Timing {
            observe_ms: quantile(&self.observe_ms[half..], 0.5),
            propose_ms: quantile(&self.propose_ms[half.min(self.propose_ms.len())..], 0.5),
            next_p50_ms: quantile(&next, 0.5),
            next_p99_ms: quantile(&next, 0.99),
            predict_1000_ms,
            work_ms: self.work_ms.iter().sum::<f32>() / self.work_ms.len().max(1) as f32,
        }
    }
}

fn ms(since: Instant) -> f32 {
    since.elapsed().as_secs_f32() * 1e3
}

fn quantile(values: &[f32], q: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = (q * sorted.len().saturating_sub(1) as f32).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}
