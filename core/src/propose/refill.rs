//! Makes some cells of a loop anew, so that they go with those that stay: completions and re-rolls of lanes,
//! variations, fills.
//!
//! Worker thread. Deterministic: the same loop, cells and generator give the same loop. Never asks what is liked:
//! whoever wants the best of several calls it several times and chooses.

use crate::groove::{CELLS, FeelBar, Frame, Nets, Part, RhythmBar, Said, Sway, Windows};
use crate::pattern::{Hit, Loop, MAX_LANES, Role};
use crate::rng::Rng;

/// Below 1 what is drawn is tidier than what the net believes; fills are drawn as it believes them.
const TIDY: f32 = 0.8;
/// Evaluations of the net for the hidden cells of one bar; up to so many cells are drawn one at a time.
const MOST_ROUNDS: usize = 48;
/// The share of what was made anew that a bar varies in which has the same cells hidden as the bar before, and
/// that share where the loop ends.
const VARIED: f32 = 0.12;
const TURNED: f32 = 0.3;

/// The loop with the `hidden` cells (bit = step, by lane) made anew by the groove net, one at a time, in the light
/// of all others; `said` is what they shall be. Every other cell stays exactly as it is. What is hidden between the
/// cells that the net knows becomes silent. A hit that stays a hit keeps its velocity and offset; new ones get
/// theirs from the feel net, in the company of the others, and are on the grid where those all are.
///
/// Bars in which the same cells are hidden repeat each other with small changes, the last one with larger ones.
#[must_use]
pub(crate) fn refill(pattern: &Loop, hidden: &[u128; MAX_LANES], said: &Said, rng: &mut Rng) -> Loop {
    let Some(nets) = Nets::builtin() else { return *pattern };
    let temperature = if said.part == Some(Part::Fill) { 1.0 } else { TIDY };
    let mut made = *pattern;
    for (lane, hidden) in made.lanes_mut().iter_mut().zip(hidden) {
        for (step, hit) in lane.hits.iter_mut().enumerate() {
            if hidden >> step & 1 == 1 {
                *hit = Hit::NONE;
            }
        }
    }
    let frames: Vec<Frame> = Windows::of(pattern.grid).collect();
    let mut before: Option<([u16; MAX_LANES], [u16; MAX_LANES])> = None;
    for (at, frame) in frames.iter().enumerate() {
        let mut cells = [0u16; MAX_LANES];
        for (cells, hidden) in cells.iter_mut().zip(hidden).take(pattern.lanes().len()) {
            *cells = frame.cells(*hidden);
        }
        if cells == [0; MAX_LANES] {
            continue;
        }
        let is_last = at + 1 == frames.len();
        let repeats = before.filter(|(same, _)| *same == cells).map(|(_, drawn)| drawn);
        let drawn = rhythm(nets, &made, frame, &cells, repeats, is_last, said, temperature, rng);
        before = Some((cells, drawn));
        dress(nets, pattern, &mut made, frame, &drawn, said, rng);
    }
    made
}

/// Which of the hidden cells are hit.
#[expect(clippy::too_many_arguments, reason = "one place, all of it needed")]
fn rhythm(
    nets: &Nets,
    made: &Loop,
    frame: &Frame,
    cells: &[u16; MAX_LANES],
    repeats: Option<[u16; MAX_LANES]>,
    is_last: bool,
    said: &Said,
    temperature: f32,
    rng: &mut Rng,
) -> [u16; MAX_LANES] {
    // Lanes that are silent here and stay so are none for the net: to it a lane is one that plays.
    let lanes = made.lanes();
    let mut at = [0usize; MAX_LANES];
    let mut roles = [Role::Kick; MAX_LANES];
    let mut count = 0;
    for (lane, of) in lanes.iter().enumerate() {
        if cells[lane] != 0 || frame.cells(of.mask()) != 0 {
            (at[count], roles[count]) = (lane, of.role);
            count += 1;
        }
    }
    let condition = said.condition(frame.triplets);
    let mut bar = RhythmBar::new(&nets.rhythm, &roles[..count], frame.usable, frame.triplets, &condition);
    let mut free = [0u16; MAX_LANES];
    for here in 0..count {
        let lane = at[here];
        let known = frame.usable & !cells[lane];
        bar.show(here, known, frame.cells(lanes[lane].mask()));
        free[here] = cells[lane];
    }
    let total: u32 = free.iter().map(|cells| cells.count_ones()).sum();
    match repeats {
        Some(drawn) => {
            for here in 0..count {
                bar.show(here, free[here], drawn[at[here]]);
            }
            bar.sweep(&free, if is_last { TURNED } else { VARIED }, MOST_ROUNDS, temperature, rng);
        }
        None => bar.redraw(&free, (total as usize).min(MOST_ROUNDS), temperature, rng),
    }
    let mut drawn = [0; MAX_LANES];
    for here in 0..count {
        drawn[at[here]] = bar.hits(here) & free[here];
    }
    drawn
}

/// Velocities and offsets of what was drawn.
fn dress(
    nets: &Nets,
    pattern: &Loop,
    made: &mut Loop,
    frame: &Frame,
    drawn: &[u16; MAX_LANES],
    said: &Said,
    rng: &mut Rng,
) {
    let lanes = pattern.lanes().len();
    let mut roles = [Role::Kick; MAX_LANES];
    let mut hits = [0u16; MAX_LANES];
    for (lane, of) in made.lanes().iter().enumerate() {
        roles[lane] = of.role;
        hits[lane] = frame.cells(of.mask()) | drawn[lane];
    }
    let on_the_grid = pattern.lanes().iter().all(|lane| lane.iter().all(|(_, hit)| hit.offset == 0));
    let mut bar = FeelBar::new(&nets.feel, &roles[..lanes], &hits, &said.condition(frame.triplets));
    let mut new = [(0u8, 0u8); MAX_LANES * CELLS];
    let mut count = 0;
    for (lane, hits) in hits.iter().enumerate().take(lanes) {
        for cell in (0..CELLS).filter(|cell| hits >> cell & 1 == 1) {
            let Some(step) = frame.step(cell) else { continue };
            let old = pattern.lanes()[lane].hits[step];
            if old.is_on() {
                made.lanes_mut()[lane].hits[step] = old;
                bar.show(lane, cell, Sway::of(old.velocity, old.offset_steps() as f32));
            } else {
                new[count] = (lane as u8, cell as u8);
                count += 1;
            }
        }
    }
    for at in (1..count).rev() {
        new.swap(at, rng.below(at + 1));
    }
    for &(lane, cell) in &new[..count] {
        let (lane, cell) = (usize::from(lane), usize::from(cell));
        let Some(step) = frame.step(cell) else { continue };
        let deviations = Sway { velocity: rng.normal(), offset: rng.normal() };
        let mut sway = bar.belief(lane, cell).at(deviations);
        if on_the_grid {
            sway.offset = 0.0;
        }
        bar.show(lane, cell, sway);
        made.lanes_mut()[lane].hits[step] = Hit {
            velocity: sway.midi_velocity().round().clamp(1.0, 127.0) as u8,
            offset: (256.0 * sway.steps()).round().clamp(-127.0, 127.0) as i8,
            ..Hit::NONE
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groove::Kind;
    use crate::pattern::{Grid, Lane, SampleId, Swing};
    use crate::units::Seed;

    fn rock(grid: Grid) -> Loop {
        let of = |role, every: usize, from: usize| {
            let mut lane = Lane::empty(role, SampleId(1));
            for step in (from..grid.steps()).step_by(every) {
                lane.hits[step] = Hit::new(90);
            }
            lane
        };
        let lanes = [
            of(Role::Kick, 8, 0),
            of(Role::Snare, 8, 4),
            of(Role::ClosedHat, 2, 0),
            of(Role::Tom, 99, 98),
            of(Role::Cymbal, 99, 98),
        ];
        Loop::new(grid, Swing::STRAIGHT, &lanes)
    }

    #[test]
    fn what_is_not_hidden_stays_and_the_same_generator_gives_the_same_loop() {
        let said = Said { kind: Some(Kind::Played), ..Said::default() };
        let mut changed = 0;
        for (bars, steps_per_bar, numerator) in [(1, 16, 4), (2, 12, 4), (4, 16, 4), (2, 24, 4), (1, 20, 5)] {
            let grid =
                Grid { bars, steps_per_bar, meter: crate::pattern::Meter { numerator, denominator: 4 } };
            let before = rock(grid);
            let mut hidden = [0u128; MAX_LANES];
            hidden[1] = grid.mask() & !0b11;
            hidden[3] = 0xff << (grid.steps() - 8);
            let made = refill(&before, &hidden, &said, &mut Rng::new(Seed(4)));
            for (lane, (now, was)) in made.lanes().iter().zip(before.lanes()).enumerate() {
                for step in 0..grid.steps() {
                    assert!(hidden[lane] >> step & 1 == 1 || now.hits[step] == was.hits[step]);
                }
            }
            assert_eq!(made, refill(&before, &hidden, &said, &mut Rng::new(Seed(4))));
            changed += usize::from(made != before);
        }
        assert!(changed >= 3, "{changed}");
    }

    #[test]
    fn a_backbeat_is_completed_and_fills_are_busier_than_beats() {
        let before = rock(Grid::default());
        let mut hidden = [0u128; MAX_LANES];
        hidden[1] = 0xffff;
        let mut backbeats = 0;
        let tail = [0xff00u128, 0xff00, 0xff00, 0xff00, 0xff00, 0, 0, 0];
        let mut toms = [0; 2];
        for seed in 0..40 {
            let mut rng = Rng::new(Seed(seed));
            let made = refill(&before, &hidden, &Said::default(), &mut rng);
            backbeats += usize::from(made.lanes()[1].mask() >> 4 & 1 == 1);
            for (toms, part) in toms.iter_mut().zip([Part::Beat, Part::Fill]) {
                let said = Said { part: Some(part), kind: Some(Kind::Played), ..Said::default() };
                *toms += refill(&before, &tail, &said, &mut rng).lanes()[3].mask().count_ones();
            }
        }
        assert!(backbeats >= 25, "{backbeats}");
        assert!(toms[1] > toms[0], "{toms:?}");
    }
}
