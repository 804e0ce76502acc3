//! The study: learners meet simulated listeners under the protocol of the paper (section 4 there:
//! Phase I with learning, Phase II with loops of the first and the last model mixed blindly).
//!
//! Called by the headless tool and by tests; it starts one thread a core for its own jobs and joins
//! them before it returns. Never in the plugin. Like rates are true probabilities of the listeners,
//! wrong answers included, of *fresh* loops of the frozen model: never of loops that were rated.

mod compare;
mod judgements;
mod measures;
mod plot;
mod protocol;
mod store;
mod summary;
mod table;
mod told;

pub use compare::{Comparison, compare};
pub use judgements::{Judgements, Skips};
pub use measures::{Calibration, Diversity, Variety, diversity};
pub use plot::plot;
pub use protocol::{Checkpoint, Outcome, PhaseTwo, Timing};
pub use store::StoreError;
pub use summary::{Group, GroupSummary, Summary, Value, summarize};
pub use table::{comparison, tables, variety_table};
pub use told::Told;

use crate::baselines::Contender;
use crate::listeners::{Listener, Panel, Setting};
use deepdrummer_core::groove::{self, Human};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Loop, MAX_LANES};
use deepdrummer_core::propose::Learner;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How results are produced; a change of meaning must raise it, so that stored results are not mixed.
const PROTOCOL: u32 = 2;

/// What decides a job's result, and therefore names it in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Ratings in Phase I.
    pub ratings: usize,
    /// After how many ratings the model is frozen and examined; 0 examines the cold start.
    pub checkpoints: Vec<usize>,
    /// Fresh loops at each checkpoint, and of each model in Phase II.
    pub fresh: usize,
    /// What loops look like.
    pub setting: Setting,
    /// What listeners say beside like and dislike.
    #[serde(flatten)]
    pub judgements: Judgements,
    /// What listeners say before the first rating.
    #[serde(flatten)]
    pub told: Told,
    /// Seed of the panel (its thresholds, noise, calibration).
    pub panel: Seed,
    /// How much of a drummer's feel loops are played with, 0 to 1: listeners hear and the log holds what sounds.
    #[serde(default, skip_serializing_if = "is_as_written")]
    pub human: f32,
}

fn is_as_written(human: &f32) -> bool {
    *human <= 0.0
}

impl Settings {
    /// A loop as it sounds; `number` says which feel it gets.
    fn played(&self, pattern: &Loop, seed: u64, number: usize) -> Loop {
        let seed = Seed(Rng::stream(Seed(seed), "human", number as u64).bits());
        let (written, kept) = (0, [0; MAX_LANES]);
        groove::play(
            pattern,
            &Human { amount: self.human, written, kept, family: None, seed, template: None },
        )
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ratings: 80,
            checkpoints: vec![0, 5, 10, 20, 40, 80],
            fresh: 60,
            setting: Setting::lanes(4),
            judgements: Judgements::default(),
            told: Told::default(),
            panel: Seed(2020),
            human: 0.0,
        }
    }
}

/// A whole study.
#[derive(Clone, Debug)]
pub struct Options {
    /// What decides results.
    pub settings: Settings,
    /// The learners, side by side.
    pub critics: Vec<Contender>,
    /// Names, families, `tuning`, `held_out`, `all` or `trial`, separated by commas: see [`Panel::select`].
    pub listeners: String,
    /// Seeds to run each pair with, counted from [`Options::first_seed`].
    pub seeds: u64,
    /// The first seed.
    pub first_seed: u64,
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Where finished jobs are kept, so that a study that was broken off goes on; `None` keeps nothing.
    pub out: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            critics: vec![Contender::Taste],
            listeners: "all".to_owned(),
            seeds: 1,
            first_seed: 1,
            threads: 0,
            out: None,
        }
    }
}

/// Why a study could not be done.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// No listener has one of the names.
    #[error("no simulated listener is called “{0}”; try one of: {1}")]
    NoListener(String, String),
    /// The results could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The progress callback asked to stop.
    #[error("the study was cancelled; finished jobs are kept")]
    Cancelled,
}

/// Told after each job.
#[derive(Debug)]
pub struct Progress<'a> {
    /// Jobs done, those found in the store included.
    pub done: usize,
    /// All jobs.
    pub total: usize,
    /// The job that was just done; `None` at the start.
    pub latest: Option<&'a Outcome>,
}

/// Makes the learners that are examined.
pub type Factory<'a> = &'a (dyn Fn(Contender, Arc<Kit>, Seed) -> Box<dyn Learner> + Sync);

struct Job<'a> {
    critic: Contender,
    listener: &'a Listener,
    seed: u64,
}

/// Runs a study: every critic with every listener and every seed, on all cores. The result's order is
/// that of critics, listeners, seeds, whichever job finished first.
///
/// # Errors
/// An unknown listener, a store that cannot be read or written, or a stop asked by `progress`.
pub fn run(
    options: &Options,
    kit: &Arc<Kit>,
    make: Factory<'_>,
    progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Vec<Outcome>, StudyError> {
    let (setting, seed) = (&options.settings.setting, options.settings.panel);
    let mut panel = Panel::new(kit, setting, seed);
    if options.listeners.contains("trial") {
        panel = panel.with_trial(kit, setting, seed);
    }
    let listeners = panel.select(&options.listeners);
    if listeners.is_empty() {
        let names: Vec<&str> = panel.listeners().iter().map(|l| l.name.as_str()).collect();
        return Err(StudyError::NoListener(options.listeners.clone(), names.join(", ")));
    }
    let mut jobs = Vec::new();
    // Seeds outermost: a study that is broken off has met everyone once before anyone twice.
    for seed in options.first_seed..options.first_seed + options.seeds.max(1) {
        for listener in &listeners {
            for &critic in &options.critics {
                jobs.push(Job { critic, listener, seed });
            }
        }
    }

    let mut store = store::Store::open(options, kit)?;
    let mut outcomes: Vec<Option<Outcome>> =
        jobs.iter().map(|job| store.find(job.critic, &job.listener.name, job.seed)).collect();
    let mut done = outcomes.iter().flatten().count();
    let total = jobs.len();
    let mut flow = progress(&Progress { done, total, latest: None });
    let open: Vec<usize> = (0..total).filter(|&at| outcomes[at].is_none()).collect();

    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if options.threads == 0 { cores } else { options.threads }.min(open.len());
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(flow.is_break()));
    let mut failure = None;
    std::thread::scope(|scope| {
        let (send, receive) = std::sync::mpsc::channel();
        for _ in 0..threads {
            let (send, jobs, open, next, stop) = (send.clone(), &jobs, &open, &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let Some(&at) = open.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    let job = &jobs[at];
                    let learner = make(job.critic, Arc::clone(kit), Seed(job.seed));
                    let outcome =
                        protocol::meet(job.listener, job.critic, learner, kit, &options.settings, job.seed);
                    if send.send((at, outcome)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        for (at, outcome) in receive {
            done += 1;
            if let Err(error) = store.keep(&outcome) {
                failure.get_or_insert(error);
                stop.store(true, Ordering::Relaxed);
            }
            if flow.is_continue() {
                flow = progress(&Progress { done, total, latest: Some(&outcome) });
            }
            if flow.is_break() {
                stop.store(true, Ordering::Relaxed);
            }
            outcomes[at] = Some(outcome);
        }
    });
    if let Some(error) = failure {
        return Err(error.into());
    }
    if flow.is_break() {
        return Err(StudyError::Cancelled);
    }
    let mut order: Vec<usize> = (0..total).collect();
    let rank = |c: Contender| options.critics.iter().position(|k| *k == c);
    let seat = |l: &Listener| listeners.iter().position(|o| o.name == l.name);
    order.sort_by_key(|&at| (rank(jobs[at].critic), seat(jobs[at].listener), jobs[at].seed));
    Ok(order.into_iter().filter_map(|at| outcomes[at].take()).collect())
}

#[cfg(test)]
mod tests;
