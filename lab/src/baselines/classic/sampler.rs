//! The published generator: Metropolis–Hastings over patterns with the critic's probability as target.
//!
//! Study and tool threads. A mutation flips each cell with p = 0.05 and swaps each sample with
//! p = 0.15 and is accepted with min(1, P′/P) (Alain et al. 2020, section 3.2). As in the published
//! code a chain starts from an empty pattern with random samples. Chains run in lock-step so that the
//! critic scores them in batches. The audio learner runs the same chains, sharpened.

use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Hit, Lane, Loop, Role, SampleId, Swing};
use deepdrummer_core::propose::Request;
use deepdrummer_core::rng::Rng;

const FLIP: f32 = 0.05;
const SWAP: f32 = 0.15;
/// Steps of every chain.
pub(crate) const STEPS: usize = 100;
/// Steps after which a chain that looks for a good loop gives up.
pub(crate) const MOST_STEPS: usize = 500;
/// A loop above this is good.
pub(crate) const GOOD: f32 = 0.95;

/// Whoever says how likely loops are to be liked.
pub(crate) trait Judge {
    /// P(like) of each loop, 0 to 1.
    fn judge(&mut self, loops: &[Loop]) -> Vec<f32>;
}

/// What a chain walks towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The critic's probability as distribution, a fixed number of steps.
    Walk,
    /// The same, on until [`GOOD`].
    Good,
    /// Down only: what the critic likes least.
    Bad,
}

/// How chains are run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    /// What they walk towards.
    pub goal: Goal,
    /// Steps of every chain.
    pub steps: usize,
    /// Steps after which a chain that looks for a good loop gives up.
    pub most_steps: usize,
    /// `None` accepts with min(1, P′/P) as published; otherwise the odds are raised to this power.
    pub sharpness: Option<f32>,
}

impl Schedule {
    /// As published.
    #[must_use]
    pub(crate) fn published(goal: Goal) -> Self {
        Self { goal, steps: STEPS, most_steps: MOST_STEPS, sharpness: None }
    }

    fn accepts(&self, from: f32, to: f32, rng: &mut Rng) -> bool {
        if self.goal == Goal::Bad {
            return to <= from;
        }
        let odds = |p: f32| p.clamp(1e-6, 1.0 - 1e-6) / (1.0 - p.clamp(1e-6, 1.0 - 1e-6));
        let ratio = match self.sharpness {
            None => to / from.max(1e-9),
            Some(power) => (odds(to) / odds(from)).powf(power),
        };
        rng.unit() < ratio
    }
}

/// One chain.
pub(crate) struct Chain {
    /// Where it is.
    pub here: Loop,
    /// The critic's P(like) there.
    pub p: f32,
    rng: Rng,
}

/// The space of loops that a request leaves open.
pub(crate) struct Space<'a> {
    kit: &'a Kit,
    request: &'a Request<'a>,
}

impl<'a> Space<'a> {
    /// The space of a request.
    #[must_use]
    pub(crate) fn new(kit: &'a Kit, request: &'a Request<'a>) -> Self {
        Self { kit, request }
    }

    fn sample(&self, role: Role, rng: &mut Rng) -> SampleId {
        let of_role = self.kit.of_role(role);
        let at = match self.request.any_sample || of_role.is_empty() {
            true => rng.below(self.kit.samples().len()),
            false => of_role[rng.below(of_role.len())] as usize,
        };
        self.kit.samples().get(at).map_or(SampleId::NONE, |s| s.id)
    }

    /// Cells on with the given probability, random samples.
    pub(crate) fn draw(&self, density: f32, rng: &mut Rng) -> Loop {
        let grid = self.request.steering.grid.sanitized();
        let lanes: Vec<Lane> = self
            .request
            .lanes
            .iter()
            .map(|&role| {
                let mut lane = Lane::empty(role, self.sample(role, rng));
                for hit in &mut lane.hits[..grid.steps()] {
                    if rng.chance(density) {
                        *hit = Hit::PLAIN;
                    }
                }
                lane
            })
            .collect();
        let swing = self.request.steering.swing.unwrap_or(Swing::STRAIGHT);
        let mut l = Loop::new(grid, swing, &lanes);
        self.keep(&mut l);
        l
    }

    fn mutate(&self, from: &Loop, flip: f32, swap: f32, rng: &mut Rng) -> Loop {
        let mut to = *from;
        let steps = to.grid.steps();
        for lane in to.lanes_mut() {
            for hit in &mut lane.hits[..steps] {
                if rng.chance(flip) {
                    *hit = if hit.is_on() { Hit::NONE } else { Hit::PLAIN };
                }
            }
            if rng.chance(swap) {
                lane.sample = self.sample(lane.role, rng);
            }
        }
        self.keep(&mut to);
        to
    }

    /// Restores what is locked and what is asked for.
    fn keep(&self, l: &mut Loop) {
        let steps = l.grid.steps();
        if self.request.steering.four_on_the_floor {
            let per_beat = l.grid.steps_per_beat();
            if per_beat > 0
                && let Some(kick) = l.lanes_mut().iter_mut().find(|lane| lane.role == Role::Kick)
            {
                for (step, hit) in kick.hits[..steps].iter_mut().enumerate() {
                    *hit = if step % per_beat == 0 { Hit::PLAIN } else { Hit::NONE };
                }
            }
        }
        let Some(locks) = &self.request.locks else { return };
        let base = locks.base.regridded(l.grid);
        for (at, (lane, locked)) in l.lanes_mut().iter_mut().zip(base.lanes()).enumerate() {
            for step in (0..steps).filter(|s| locks.steps[at] >> s & 1 == 1) {
                lane.hits[step] = locked.hits[step];
            }
            if locks.sound[at] {
                lane.sample = locked.sample;
            }
        }
    }

    /// A loop near another: so many rounds of small mutations, not asked of the critic.
    pub(crate) fn near(&self, of: &Loop, distance: f32, rng: &mut Rng) -> Loop {
        let grid = self.request.steering.grid.sanitized();
        let start = if of.grid == grid { *of } else { of.regridded(grid) };
        self.mutate(&start, 0.02 + 0.2 * distance, 0.3 * distance, rng)
    }

    /// Runs chains from the given loops to their ends.
    pub(crate) fn chains(
        &self,
        starts: Vec<Loop>,
        schedule: Schedule,
        critic: &mut dyn Judge,
        rng: &mut Rng,
    ) -> Vec<Chain> {
        let p = critic.judge(&starts);
        let mut chains: Vec<Chain> =
            starts.into_iter().zip(p).map(|(here, p)| Chain { here, p, rng: rng.split() }).collect();
        for step in 0..schedule.most_steps {
            let open: Vec<usize> = (0..chains.len())
                .filter(|&at| step < schedule.steps || (schedule.goal == Goal::Good && chains[at].p <= GOOD))
                .collect();
            if open.is_empty() {
                break;
            }
            let next: Vec<Loop> = open
                .iter()
                .map(|&at| {
                    let chain = &mut chains[at];
                    self.mutate(&chain.here, FLIP, SWAP, &mut chain.rng)
                })
                .collect();
            let p = critic.judge(&next);
            for ((&at, next), p) in open.iter().zip(next).zip(p) {
                let chain = &mut chains[at];
                if schedule.accepts(chain.p, p, &mut chain.rng) {
                    (chain.here, chain.p) = (next, p);
                }
            }
        }
        chains
    }

    /// The chain's loop, moved on a little where it was played already.
    pub(crate) fn unplayed(&self, chain: &mut Chain) -> Loop {
        let mut l = chain.here;
        for _ in 0..20 {
            if !self.request.avoid.contains(&l) {
                break;
            }
            l = self.mutate(&l, FLIP, SWAP, &mut chain.rng);
        }
        l
    }
}
