//! A one-line text form of a loop, for saved documents, tests and logs. Never on the audio thread.
//!
//! ```text
//! 1x16@4/4 s54.0 | kick 00c0ffee00c0ffee x...x...x...x... | snare 0000000000000001 ....9-12...x
//! ```
//!
//! Bars × steps a bar @ meter, swing in per cent, then a lane each: role, sample, cells. `.` is no
//! hit, `x` velocity 100 on the grid, `(v)` velocity v, `(v+o)` and `(v-o)` with micro-timing in
//! 1/256 of a step. Reading back gives the same loop, bit for bit.

use super::{Grid, Hit, Lane, Loop, MAX_LANES, MAX_STEPS, Meter, Role, SampleId, Swing};
use std::fmt::Write as _;

/// Why a line is not a loop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a loop in text notation: {0}")]
pub struct NotationError(String);

fn bad(what: impl Into<String>) -> NotationError {
    NotationError(what.into())
}

/// Writes a loop as one line.
#[must_use]
pub fn write(l: &Loop) -> String {
    let grid = l.grid;
    let mut out = format!(
        "{}x{}@{}/{} s{:.1}",
        grid.bars,
        grid.steps_per_bar,
        grid.meter.numerator,
        grid.meter.denominator,
        l.swing.percent()
    );
    for lane in l.lanes() {
        let _ = write!(out, " | {} {} ", lane.role.key(), lane.sample);
        for hit in &lane.hits[..grid.steps()] {
            let _ = match (hit.velocity, hit.offset) {
                (0, _) => write!(out, "."),
                (100, 0) => write!(out, "x"),
                (velocity, 0) => write!(out, "({velocity})"),
                (velocity, offset) => write!(out, "({velocity}{offset:+})"),
            };
        }
    }
    out
}

/// Reads a line back.
///
/// # Errors
/// Says what is wrong: a field missing, a number out of its range, cells that do not fill the grid.
pub fn read(line: &str) -> Result<Loop, NotationError> {
    let mut parts = line.split('|');
    let mut head = parts.next().unwrap_or_default().split_whitespace();
    let grid = read_grid(head.next().ok_or_else(|| bad("no grid"))?)?;
    let swing = head
        .next()
        .and_then(|word| word.strip_prefix('s'))
        .and_then(|word| word.parse::<f32>().ok())
        .filter(|percent| (50.0..=75.0).contains(percent))
        .ok_or_else(|| bad("swing is s50.0 to s75.0"))?;
    let mut lanes = Vec::with_capacity(MAX_LANES);
    for part in parts {
        if lanes.len() == MAX_LANES {
            return Err(bad("more than 8 lanes"));
        }
        lanes.push(read_lane(part, grid)?);
    }
    if lanes.is_empty() {
        return Err(bad("no lanes"));
    }
    Ok(Loop::new(grid, Swing::from_percent(swing), &lanes))
}

fn read_grid(word: &str) -> Result<Grid, NotationError> {
    let number =
        |text: &str| text.parse::<u8>().map_err(|_| bad(format!("`{text}` is not a number in {word}")));
    let (size, meter) = word.split_once('@').ok_or_else(|| bad("no meter"))?;
    let (bars, steps) = size.split_once('x').ok_or_else(|| bad("no steps"))?;
    let (numerator, denominator) = meter.split_once('/').ok_or_else(|| bad("no meter"))?;
    let grid = Grid {
        bars: number(bars)?,
        steps_per_bar: number(steps)?,
        meter: Meter { numerator: number(numerator)?, denominator: number(denominator)? },
    };
    if grid.sanitized() == grid { Ok(grid) } else { Err(bad(format!("{word} is out of range"))) }
}

fn read_lane(part: &str, grid: Grid) -> Result<Lane, NotationError> {
    let mut words = part.split_whitespace();
    let key = words.next().ok_or_else(|| bad("an empty lane"))?;
    let role = Role::ALL
        .into_iter()
        .find(|role| role.key() == key)
        .ok_or_else(|| bad(format!("no role `{key}`")))?;
    let sample: SampleId =
        words.next().and_then(|word| word.parse().ok()).ok_or_else(|| bad("a lane without its sample"))?;
    let mut lane = Lane::empty(role, sample);
    let mut cells = words.next().unwrap_or_default();
    let mut step = 0;
    while let Some(first) = cells.chars().next() {
        let cell = match first {
            '.' => Hit::NONE,
            'x' => Hit::PLAIN,
            '(' => {
                let end = cells.find(')').ok_or_else(|| bad("a cell is not closed"))?;
                let hit = read_hit(&cells[1..end])?;
                cells = &cells[end..];
                hit
            }
            other => return Err(bad(format!("unknown cell `{other}`"))),
        };
        *lane.hits[..grid.steps().min(MAX_STEPS)]
            .get_mut(step)
            .ok_or_else(|| bad("more cells than steps"))? = cell;
        step += 1;
        cells = &cells[1..];
    }
    if step == grid.steps() { Ok(lane) } else { Err(bad(format!("{step} cells for {} steps", grid.steps()))) }
}

fn read_hit(text: &str) -> Result<Hit, NotationError> {
    let split = text.find(['+', '-']).unwrap_or(text.len());
    let velocity = text[..split].parse::<u8>().ok().filter(|v| (1..=127).contains(v));
    let offset =
        if split == text.len() { Some(0) } else { text[split..].parse::<i8>().ok().filter(|&o| o > -128) };
    match (velocity, offset) {
        (Some(velocity), Some(offset)) => Ok(Hit { velocity, offset }),
        _ => Err(bad(format!("`({text})` is not a hit"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn any_loop()(bars in prop::sample::select(vec![1u8, 2, 4]), steps_per_bar in 1u8..=24,
            numerator in 1u8..=16, denominator in prop::sample::select(vec![2u8, 4, 8, 16]), swing in 500u16..=750,
            cells in prop::collection::vec((0usize..9, any::<u64>(),
                prop::collection::vec((0u8..=127, -127i8..=127), MAX_STEPS)), 1..=MAX_LANES)) -> Loop {
            let grid = Grid { bars, steps_per_bar, meter: Meter { numerator, denominator } };
            let lanes: Vec<Lane> = cells.into_iter().map(|(role, sample, hits)| {
                let mut lane = Lane::empty(Role::ALL[role], SampleId(sample));
                for (cell, (velocity, offset)) in lane.hits.iter_mut().zip(hits) {
                    *cell = Hit { velocity, offset }.sanitized();
                }
                lane
            }).collect();
            Loop::new(grid, Swing::from_percent(f32::from(swing) / 10.0), &lanes)
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(l in any_loop()) {
            prop_assert_eq!(read(&write(&l)), Ok(l));
        }

        #[test]
        fn no_line_panics(line in ".{0,200}") {
            let _ = read(&line);
        }

        #[test]
        fn no_damaged_line_panics(l in any_loop(), at in any::<prop::sample::Index>(), with in any::<char>()) {
            let mut chars: Vec<char> = write(&l).chars().collect();
            let at = at.index(chars.len());
            chars[at] = with;
            let _ = read(&chars.into_iter().collect::<String>());
        }
    }
}
