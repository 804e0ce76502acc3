//! Sections of a song made from a loop: for each kind of them one file that says what may change and what must
//! hold, and here what they share: each is the best of many by what the learner believes is liked.
//!
//! Worker thread. Deterministic: the same learner, request and seed give the same section. Must never know
//! arrangements, threads or files.

mod breaks;
mod builds;
mod contrast;
mod fill;
mod refill;
mod variation;

use super::follow::loss_beside_notes;
use super::{Learner, Locks, Mode, Prediction, Proposal, Request, Steering};
use crate::pattern::{Grid, Hit, Loop, MAX_LANES, Role};
use crate::rng::Rng;
use crate::units::Seed;
use refill::Refill;
use serde::{Deserialize, Serialize};

/// How a section is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// It is a loop that somebody chose, as it is.
    Chosen,
    /// Small moves that keep what carries the loop.
    Variation,
    /// Another rhythm with the same kit and feel.
    Contrast,
    /// One bar, whose last half or all of it is a fill.
    Fill,
    /// Sparse.
    Break,
    /// Denser and louder towards its end.
    Build,
    /// No hits.
    Empty,
}

impl Maker {
    /// Those that make something of a loop, in the order in which a menu lists them.
    pub const MAKING: [Self; 6] =
        [Self::Variation, Self::Contrast, Self::Fill, Self::Break, Self::Build, Self::Empty];
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct SectionRequest<'a> {
    /// How it is made.
    pub maker: Maker,
    /// What it is made of.
    pub of: &'a Loop,
    /// Cells of each lane of that loop that must stay (bit = step). In a fill they are those of its last bar.
    pub locked: [u128; MAX_LANES],
    /// How far, or how busy, 0 to 1; what that means is each maker's.
    pub amount: f32,
    /// Lanes and steering of the session; grid, swing and locks are those of `of`.
    pub request: Request<'a>,
    /// Loops that it must not be.
    pub known: &'a [Loop],
    /// Decides what is drawn.
    pub seed: Seed,
}

/// Loops that are drawn for a section; the best of those that fit is taken.
const DRAWN: usize = 96;
/// Fresh loops that makers take rhythms from.
const STYLES: usize = 16;

/// What makers work on: the loop at the section's own length, and what of it must stay.
struct Ground<'a> {
    of: Loop,
    locked: [u128; MAX_LANES],
    /// What carries the loop: hits without which it would be liked less.
    carries: [u128; MAX_LANES],
    amount: f32,
    refill: &'a Refill,
}

/// One draw of a maker, and whether a loop is what it makes.
type Draw = fn(&mut Ground<'_>, &mut Rng) -> Loop;
type Fits = fn(&Ground<'_>, &Loop) -> bool;

impl Maker {
    fn parts(self) -> Option<(Draw, Fits)> {
        match self {
            Self::Chosen | Self::Empty => None,
            Self::Variation => Some((variation::draw, variation::fits)),
            Self::Contrast => Some((contrast::draw, contrast::fits)),
            Self::Fill => Some((fill::draw, fill::fits)),
            Self::Break => Some((breaks::draw, breaks::fits)),
            Self::Build => Some((builds::draw, builds::fits)),
        }
    }
}

/// The best sections of a kind, `n` at the most, the best first. None equals one of the request's `known`, but where
/// nothing else can be had.
#[must_use]
pub fn make(learner: &mut dyn Learner, request: &SectionRequest<'_>, n: usize) -> Vec<Proposal> {
    let (of, locked) = ground(request);
    let Some((draw, fits)) = request.maker.parts() else {
        let made = if request.maker == Maker::Empty { emptied(&of, &locked) } else { of };
        return vec![Proposal { pattern: made, prediction: learner.predict(&made) }];
    };
    let mut rng = Rng::stream(request.seed, "section", request.maker as u64);
    let anew = anew(learner, &of, &request.request, &mut rng);
    let carries = carries(learner, &of);
    let mut ground = Ground { of, locked, carries, amount: request.amount.clamp(0.0, 1.0), refill: &anew };
    let mut drawn: Vec<Loop> = Vec::with_capacity(DRAWN);
    let mut spare: Vec<Loop> = Vec::new();
    // What fits is rare where much is locked.
    for _ in 0..4 * DRAWN {
        let mut made = draw(&mut ground, &mut rng);
        keep(&mut made, &of, &locked);
        if drawn.contains(&made) || request.known.contains(&made) {
            continue;
        }
        if fits(&ground, &made) {
            drawn.push(made);
        } else if spare.len() < DRAWN && made != of {
            spare.push(made);
        }
        if drawn.len() == DRAWN {
            break;
        }
    }
    if drawn.is_empty() {
        drawn = spare;
    }
    if drawn.is_empty() {
        drawn.push(of);
    }
    let predicted = learner.predict_all(&drawn);
    let mut found: Vec<Proposal> = drawn
        .into_iter()
        .zip(predicted)
        .map(|(pattern, prediction): (Loop, Prediction)| Proposal { pattern, prediction })
        .collect();
    let Steering { onsets, follow, .. } = request.request.steering;
    let from = request.of.grid.steps().saturating_sub(of.grid.steps());
    let worth = |made: &Proposal| {
        let fills = request.maker == Maker::Fill;
        made.prediction.p_like - loss_beside_notes(&onsets, follow, &made.pattern, from, fills)
    };
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    diverse(found, n)
}

/// The best first, then such as differ from those before in some cells.
fn diverse(found: Vec<Proposal>, n: usize) -> Vec<Proposal> {
    const APART: u32 = 3;
    let mut picked: Vec<Proposal> = Vec::with_capacity(n);
    let mut rest = Vec::new();
    for proposal in found {
        let near = |other: &Proposal| cells_apart(&other.pattern, &proposal.pattern) < APART;
        if picked.len() < n && !picked.iter().any(near) {
            picked.push(proposal);
        } else {
            rest.push(proposal);
        }
    }
    let missing = n.saturating_sub(picked.len());
    picked.extend(rest.into_iter().take(missing));
    picked
}

/// The loop at the section's length with the cells that must stay.
fn ground(request: &SectionRequest<'_>) -> (Loop, [u128; MAX_LANES]) {
    let of = *request.of;
    let grid = of.grid;
    if !matches!(request.maker, Maker::Fill | Maker::Empty) || grid.bars == 1 {
        return (of, request.locked.map(|locked| locked & grid.mask()));
    }
    // Its last bar: what comes before the bar line.
    let steps = usize::from(grid.steps_per_bar);
    let skipped = grid.steps() - steps;
    let mut lanes = of.lanes().to_vec();
    for lane in &mut lanes {
        lane.hits.rotate_left(skipped);
    }
    let bar = Grid { bars: 1, ..grid };
    (
        Loop::new(bar, of.swing, &lanes).with_dice(of.dice),
        request.locked.map(|locked| (locked & grid.mask()) >> skipped),
    )
}

fn emptied(of: &Loop, locked: &[u128; MAX_LANES]) -> Loop {
    let mut made = *of;
    made.lanes_mut().iter_mut().for_each(|lane| lane.hits.fill(Hit::NONE));
    keep(&mut made, of, locked);
    made
}

/// Locked cells, sounds and swing as the loop has them.
fn keep(made: &mut Loop, of: &Loop, locked: &[u128; MAX_LANES]) {
    made.swing = of.swing;
    for ((lane, kept), locked) in made.lanes_mut().iter_mut().zip(of.lanes()).zip(locked) {
        (lane.role, lane.sample) = (kept.role, kept.sample);
        for step in 0..of.grid.steps() {
            if locked >> step & 1 == 1 {
                lane.hits[step] = kept.hits[step];
            }
        }
    }
}

/// Hits without which the loop would be liked less by a fiftieth or more; where nothing is known yet, kicks and
/// snares on the beats.
fn carries(learner: &mut dyn Learner, of: &Loop) -> [u128; MAX_LANES] {
    const WORTH: f32 = 0.02;
    let mut carries = [0; MAX_LANES];
    for (mask, marks) in carries.iter_mut().zip(&learner.attribute(of).hits) {
        for (step, mark) in marks.iter().enumerate() {
            *mask |= u128::from(mark.points >= WORTH) << step;
        }
    }
    if carries == [0; MAX_LANES] {
        let beat = of.grid.steps_per_beat().max(1);
        for (mask, lane) in carries.iter_mut().zip(of.lanes()) {
            if matches!(lane.role, Role::Kick | Role::Snare) {
                let on_beats = lane.iter().filter(|(step, _)| step.is_multiple_of(beat));
                *mask = on_beats.fold(0, |mask, (step, _)| mask | 1 << step);
            }
        }
    }
    carries
}

/// What makes cells of a loop anew: the net, and loops of the styles on its lanes with its sounds.
fn anew(learner: &mut dyn Learner, of: &Loop, request: &Request<'_>, rng: &mut Rng) -> Refill {
    let roles: Vec<Role> = of.lanes().iter().map(|lane| lane.role).collect();
    let mut steering = request.steering;
    (steering.grid, steering.swing) = (of.grid, Some(of.swing));
    // The notes are on the grid of the whole loop; sections are held against them when one is chosen.
    steering = steering.alone();
    let locks = Locks { base: *of, steps: [0; MAX_LANES], sound: [true; MAX_LANES] };
    let draws =
        Request { mode: Mode::Random, lanes: &roles, locks: Some(locks), steering, ..request.clone() };
    let drawn = learner.sample(&draws, STYLES);
    let family = request.steering.styles.family();
    Refill::new(drawn.into_iter().map(|drawn| drawn.pattern).collect(), family, rng.split())
}

/// In how many cells two loops differ by a hit.
fn cells_apart(a: &Loop, b: &Loop) -> u32 {
    let lanes = a.lanes().iter().zip(b.lanes());
    lanes.map(|(a, b)| (a.mask() ^ b.mask()).count_ones()).sum()
}

/// Hits from a step on.
fn hits_from(of: &Loop, step: usize) -> u32 {
    of.lanes().iter().map(|lane| (lane.mask() >> step).count_ones()).sum()
}

/// The velocity of a lane's hits in the middle; of a lane without one that of a plain hit.
fn usual_velocity(of: &Loop, lane: usize) -> u8 {
    let mut all: Vec<u8> = of.lanes()[lane].iter().map(|(_, hit)| hit.velocity).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or(96)
}

#[cfg(test)]
mod tests;
