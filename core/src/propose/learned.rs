//! Grooves from the groove nets: sweeps of the chain over what was drawn from a style, so that a loop is as drummers
//! or programmers have it and yet of the style; bars that follow each other; and changes of a few cells
//! as the nets have them.
//!
//! Worker thread. Deterministic: the same draw and generator give the same groove.

use super::constraints::Constraints;
use crate::features::{Candidate, Part as Lane, Played};
use crate::groove::{CELLS, Family, FeelBar, Frame, Kind, Nets, Part, RhythmBar, Said, Sway, Windows};
use crate::pattern::{Hit, MAX_LANES, Role, Swing};
use crate::rng::Rng;

/// Sweeps of the chain over a style's draw, the share of cells that each hides, and rounds in which these are drawn.
const SWEEPS: usize = 8;
const SHARE: f32 = 0.4;
const ROUNDS: usize = 4;
/// Sweeps where loops keep to a direction: it must stay what it is.
const SWEEPS_IN_A_DIRECTION: usize = 2;
/// Temperatures: what is played is drawn tidier than the net believes it; programmed music is so by itself.
const PLAYED: f32 = 0.9;
const PROGRAMMED: f32 = 0.9;
/// A groove in a direction must be ahead in it by so much, as the judge has it.
const LEAD: f32 = 0.05;
/// How often the last bar of several ends in a fill, and how often one that does not varies.
const FILLS: f32 = 0.45;
/// The share of cells that bars within a phrase vary in, and the last one.
const VARIED: f32 = 0.1;
const TURNED: f32 = 0.25;

/// Families that drummers' grooves are drawn of, and how often.
const FAMILIES: [(Family, f32); 7] = [
    (Family::Rock, 0.3),
    (Family::FunkSoul, 0.3),
    (Family::HipHop, 0.1),
    (Family::Latin, 0.1),
    (Family::AfroCaribbean, 0.08),
    (Family::JazzShuffle, 0.08),
    (Family::FourFloor, 0.04),
];

/// How often a lane of a role has a part in a groove that is played: drummers leave much of a kit alone.
fn takes_part(role: Role) -> f32 {
    match role {
        Role::Kick | Role::Snare => 1.0,
        Role::ClosedHat => 0.85,
        Role::Cymbal => 0.55,
        Role::OpenHat => 0.5,
        Role::Tom => 0.4,
        Role::Percussion => 0.35,
        Role::Clap => 0.2,
        Role::Fx => 0.12,
    }
}

/// Makes a groove of a draw from a style. It keeps what constraints have fixed; where loops keep to a direction and
/// the chain would leave it, the draw stays as it was.
pub(super) fn learn_from_players(
    candidate: &mut Candidate,
    kind: Kind,
    family: Option<Family>,
    constraints: &Constraints,
    rng: &mut Rng,
) {
    let Some(nets) = Nets::builtin() else { return };
    let styles = constraints.steering.styles;
    let family = match (kind, family) {
        (Kind::Played, None) => {
            let drawn = rng.weighted(&FAMILIES.map(|(_, weight)| weight));
            drawn.map(|at| FAMILIES[at].0)
        }
        _ => family,
    };
    let before = *candidate;
    let mut takes = [true; MAX_LANES];
    if kind == Kind::Played && styles.is_open() {
        for (takes, part) in takes.iter_mut().zip(candidate.parts()) {
            *takes = rng.chance(takes_part(part.role));
        }
    }
    let said = Said { family, kind: Some(kind), part: Some(Part::Beat), ..Said::default() };
    let sweeps = if styles.is_open() { SWEEPS } else { SWEEPS_IN_A_DIRECTION };
    let manner = Manner { said, sweeps, takes };
    phrase(nets, candidate, &manner, constraints, rng);
    if constraints.cold {
        keep_company(candidate, &before, &takes, constraints, rng);
    }
    if kind == Kind::Played {
        dress(nets, candidate, &said, constraints, rng);
    }
    // A drummer's own timing is in the feel; what swings by itself keeps its swing.
    if kind == Kind::Played && family != Some(Family::JazzShuffle) && styles.is_open() {
        candidate.swing = Swing::STRAIGHT;
    }
    let silent = |of: &Candidate| {
        let lanes = of.parts().iter().zip(before.parts());
        lanes.filter(|(now, was)| now.mask == 0 && was.mask != 0).count()
    };
    let strays = !styles.is_open()
        && Played::of(candidate, &constraints.phases).lead(styles).is_some_and(|lead| lead < LEAD);
    if strays || (constraints.cold && silent(candidate) > 0) {
        *candidate = before;
    }
}

/// Before anything is known every lane shall be heard: what no drummer of the groove plays keeps company with what
/// one does. A clap doubles the backbeat, an open hat takes a place of the closed one, a cymbal opens the loop, and
/// the others keep the style's figure.
fn keep_company(
    candidate: &mut Candidate,
    style: &Candidate,
    takes: &[bool; MAX_LANES],
    constraints: &Constraints,
    rng: &mut Rng,
) {
    let lanes = candidate.parts().len();
    for lane in (0..lanes).filter(|lane| !takes[*lane]) {
        let free = constraints.free_steps(lane);
        let of = |role: Role| candidate.parts().iter().position(|part| part.role == role);
        let strong = |step: usize| constraints.phases.position(step) % 8 == 4;
        match candidate.parts()[lane].role {
            Role::Clap => {
                let Some(snare) = of(Role::Snare) else { continue };
                let from = candidate.parts()[snare];
                let mut hits: Vec<(usize, Hit)> = from.sounding().filter(|(step, _)| strong(*step)).collect();
                if hits.is_empty() {
                    hits.extend(from.sounding().take(1));
                }
                let part = &mut candidate.parts_mut()[lane];
                for (step, hit) in hits.into_iter().filter(|(step, _)| free >> step & 1 == 1) {
                    part.set(step, hit);
                }
            }
            Role::OpenHat => {
                let Some(closed) = of(Role::ClosedHat) else { continue };
                let may = free & constraints.free_steps(closed);
                let from = candidate.parts()[closed];
                let at: Vec<(usize, Hit)> = from
                    .sounding()
                    .filter(|(step, _)| may >> step & 1 == 1 && constraints.phases.position(*step) % 4 == 2)
                    .collect();
                let at = if at.is_empty() { from.sounding().collect() } else { at };
                if let Some(&(step, hit)) = rng.pick(&at).filter(|_| from.mask.count_ones() > 1) {
                    candidate.parts_mut()[closed].set(step, Hit::NONE);
                    candidate.parts_mut()[lane].set(step, hit);
                }
            }
            Role::Cymbal if free & 1 == 1 => candidate.parts_mut()[lane].set(0, Hit::new(100)),
            _ => {
                let part = &mut candidate.parts_mut()[lane];
                (part.hits, part.mask) = (style.parts()[lane].hits, style.parts()[lane].mask);
            }
        }
    }
}

/// How bars are drawn.
struct Manner {
    said: Said,
    sweeps: usize,
    takes: [bool; MAX_LANES],
}

/// The bars of a loop: the first by the chain, the others after it, with a turn at the end.
fn phrase(nets: &Nets, candidate: &mut Candidate, manner: &Manner, constraints: &Constraints, rng: &mut Rng) {
    let grid = candidate.grid;
    let per_bar = Windows::of(grid).take_while(|frame| frame.bar == 0).count().max(1);
    let bars = usize::from(grid.bars);
    let temperature = if manner.said.kind == Some(Kind::Played) { PLAYED } else { PROGRAMMED };
    let ends_in_fill = bars > 1 && rng.chance(FILLS);
    let mut first = [[0u16; MAX_LANES]; 4];
    for (at, frame) in Windows::of(grid).enumerate() {
        let (bar_number, window) = (at / per_bar, at % per_bar);
        let last = bar_number + 1 == bars && window + 1 == per_bar;
        let said =
            if last && ends_in_fill { Said { part: Some(Part::Fill), ..manner.said } } else { manner.said };
        let Window { mut bar, lanes, count, free } =
            Window::of(nets, candidate, &frame, &said, manner, constraints);
        let Some(opening) = first.get_mut(window) else { continue };
        if bar_number == 0 {
            for _ in 0..manner.sweeps {
                bar.sweep(&free, SHARE, ROUNDS, temperature, rng);
            }
            for (here, cells) in opening.iter_mut().enumerate().take(count) {
                *cells = bar.hits(here);
            }
        } else {
            for here in 0..count {
                bar.show(here, free[here], opening[here]);
            }
            if last && ends_in_fill {
                // The last quarter or half.
                let tail = if frame.triplets { [0x0e00, 0x0fc0] } else { [0xf000, 0xff00] };
                let tail = tail[rng.below(2)];
                let cells = free.map(|free| free & tail);
                bar.redraw(&cells, 2 * CELLS, 1.0, rng);
            } else {
                let share = match (last, bar_number % 2) {
                    (true, _) => TURNED,
                    (_, 1) => VARIED,
                    _ => 0.0,
                };
                bar.sweep(&free, share, 2 * ROUNDS, temperature, rng);
            }
        }
        let mut hits = [0u16; MAX_LANES];
        for here in 0..count {
            hits[lanes[here]] = bar.hits(here);
        }
        for (lane, part) in candidate.parts_mut().iter_mut().enumerate() {
            write(part, &frame, frame.cells(constraints.free_steps(lane)), hits[lane], constraints);
        }
    }
}

/// A window of a candidate as the net has it: the lanes that have a part in it, or where something is fixed.
struct Window<'n> {
    bar: RhythmBar<'n>,
    /// The candidate's lanes, of which `count` are there.
    lanes: [usize; MAX_LANES],
    count: usize,
    /// Cells of these lanes that may change.
    free: [u16; MAX_LANES],
}

impl<'n> Window<'n> {
    fn of(
        nets: &'n Nets,
        candidate: &Candidate,
        frame: &Frame,
        said: &Said,
        manner: &Manner,
        constraints: &Constraints,
    ) -> Self {
        let mut roles = [Role::Kick; MAX_LANES];
        let (mut lanes, mut free) = ([0; MAX_LANES], [0; MAX_LANES]);
        let mut hits = [0; MAX_LANES];
        let mut count = 0;
        for (lane, part) in candidate.parts().iter().enumerate() {
            let may = frame.cells(constraints.free_steps(lane));
            let takes = manner.takes[lane];
            let sounding = frame.cells(part.mask);
            if takes || sounding & !may != 0 {
                (lanes[count], roles[count]) = (lane, part.role);
                free[count] = if takes { may } else { 0 };
                hits[count] = if takes { sounding } else { sounding & !may };
                count += 1;
            }
        }
        let condition = said.condition(frame.triplets);
        let mut bar = RhythmBar::new(&nets.rhythm, &roles[..count], frame.usable, frame.triplets, &condition);
        for (here, &hits) in hits.iter().enumerate().take(count) {
            bar.show(here, frame.usable, hits);
        }
        Self { bar, lanes, count, free }
    }
}

/// Puts the cells of a window that may change into a lane. What stays a hit stays as it is.
fn write(part: &mut Lane, frame: &Frame, may: u16, hits: u16, constraints: &Constraints) {
    let count = part.mask.count_ones();
    let sum: u32 = part.sounding().map(|(_, hit)| u32::from(hit.velocity)).sum();
    let level = if count == 0 { 92.0 } else { sum as f32 / count as f32 };
    for cell in (0..CELLS).filter(|cell| may >> cell & 1 == 1) {
        let Some(step) = frame.step(cell) else { continue };
        let on = hits >> cell & 1 == 1;
        if !on {
            part.set(step, Hit::NONE);
        } else if !part.hits[step].is_on() {
            let strong = constraints.phases.position(step).is_multiple_of(4);
            part.set(step, Hit::new((level * if strong { 1.05 } else { 0.92 }).clamp(20.0, 127.0) as u8));
        }
    }
}

/// Velocities as a drummer has them; when hits sound is left to how the loop is played.
fn dress(nets: &Nets, candidate: &mut Candidate, said: &Said, constraints: &Constraints, rng: &mut Rng) {
    let lanes = candidate.parts().len();
    let mut roles = [Role::Kick; MAX_LANES];
    for (role, part) in roles.iter_mut().zip(candidate.parts()) {
        *role = part.role;
    }
    // A cell lies as far from what is expected in every bar.
    let mut lots = [[Sway::default(); CELLS]; MAX_LANES];
    for lot in lots.iter_mut().flatten() {
        *lot = Sway { velocity: rng.normal(), offset: rng.normal() };
    }
    for frame in Windows::of(candidate.grid) {
        let mut hits = [0u16; MAX_LANES];
        for (hits, part) in hits.iter_mut().zip(candidate.parts()) {
            *hits = frame.cells(part.mask);
        }
        let mut bar = FeelBar::new(&nets.feel, &roles[..lanes], &hits, &said.condition(frame.triplets));
        let cells = (0..CELLS).filter_map(|cell| Some((cell, frame.step(cell)?)));
        for (cell, step) in cells {
            for lane in (0..lanes).filter(|lane| hits[*lane] >> cell & 1 == 1) {
                let part = &mut candidate.parts_mut()[lane];
                if constraints.free_steps(lane) >> step & 1 == 0 {
                    let hit = part.hits[step];
                    bar.show(lane, cell, Sway::of(hit.velocity, hit.offset_steps() as f32));
                    continue;
                }
                let sway = bar.belief(lane, cell).at(lots[lane][cell]);
                bar.show(lane, cell, sway);
                part.set(step, Hit::new(sway.midi_velocity().round().clamp(1.0, 127.0) as u8));
            }
        }
    }
}

/// How loud a further hit of a lane is: as loud as one that it has.
pub(super) fn usual_level(part: &Lane, rng: &mut Rng) -> u8 {
    let count = part.mask.count_ones() as usize;
    if count == 0 {
        return 70 + rng.below(50) as u8;
    }
    let chosen = rng.below(count);
    part.sounding().nth(chosen).map_or(96, |(_, hit)| hit.velocity)
}

/// The share of a bar's cells that an informed change looks at.
const LOOKED_AT: f32 = 1.0 / 6.0;

/// Flips a few cells of one bar as the net would have them: a sixth of the bar's cells is hidden and looked at in one
/// evaluation, and each is drawn in proportion to the root of how much likelier its other state is. Such changes are
/// locally balanced (Zanella 2020, Informed Proposals for Local MCMC in Discrete Spaces): they lead to likelier
/// loops, yet wander. False where the grid has no cells.
pub(super) fn flip_informed(
    candidate: &mut Candidate,
    constraints: &Constraints,
    flips: usize,
    rng: &mut Rng,
) -> bool {
    let Some(nets) = Nets::builtin() else { return false };
    let windows = Windows::of(candidate.grid).count();
    let Some(frame) = Windows::of(candidate.grid).nth(rng.below(windows)) else { return false };
    let family = constraints.steering.styles.family();
    let manner = Manner { said: Said { family, ..Said::default() }, sweeps: 0, takes: [true; MAX_LANES] };
    let Window { mut bar, lanes, count, free } =
        Window::of(nets, candidate, &frame, &manner.said, &manner, constraints);
    let before: [u16; MAX_LANES] = std::array::from_fn(|here| if here < count { bar.hits(here) } else { 0 });
    let mut looked = [0u16; MAX_LANES];
    for (here, looked) in looked.iter_mut().enumerate().take(count) {
        for cell in 0..CELLS {
            *looked |= u16::from(free[here] >> cell & 1 == 1 && rng.chance(LOOKED_AT)) << cell;
        }
        bar.hide(here, *looked);
    }
    let mut odds = [[0.0; CELLS]; MAX_LANES];
    bar.log_odds_of(&looked, &mut odds);
    let mut weights = [0.0f32; MAX_LANES * CELLS];
    for here in 0..count {
        for cell in (0..CELLS).filter(|cell| looked[here] >> cell & 1 == 1) {
            let towards = if before[here] >> cell & 1 == 1 { -odds[here][cell] } else { odds[here][cell] };
            weights[here * CELLS + cell] = (0.5 * towards.clamp(-12.0, 12.0)).exp();
        }
    }
    for _ in 0..flips {
        let Some(at) = rng.weighted(&weights) else { return false };
        weights[at] = 0.0;
        let (here, cell) = (at / CELLS, at % CELLS);
        let Some(step) = frame.step(cell) else { continue };
        let part = &mut candidate.parts_mut()[lanes[here]];
        let hit = match part.hits[step].is_on() {
            true => Hit::NONE,
            false => Hit::new(usual_level(part, rng)),
        };
        part.set(step, hit);
    }
    true
}
