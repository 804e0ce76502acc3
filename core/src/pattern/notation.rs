//! A one-line text form of a loop, for saved documents, tests and logs. Never on the audio thread.
//!
//! ```text
//! 1x16@4/4 s54.0 | kick 00c0ffee00c0ffee x...x...x...x... | snare 0000000000000001 ....9-12...x
//! ```
//!
//! Bars × steps a bar @ meter, swing in per cent, then a lane each: role, sample, cells. `.` is no
//! hit, `x` velocity 100 on the grid, `(v)` velocity v, `(v+o)` and `(v-o)` with micro-timing in
//! 1/256 of a step. Reading back gives the same loop, bit for bit.
//!
//! Life is written where there is some, and nowhere else: behind a hit's velocity and offset as [`Life`]'s text
//! (`(100-5?50*3<:2/4)`), behind a lane's cells its course (`len12`, `back` or `tofro`, `rot3`), behind the swing the
//! dice (`d4711`).

use super::{
    Course, Direction, Grid, Hit, Lane, Life, Loop, MAX_LANES, MAX_STEPS, Meter, Role, SampleId, Swing,
};
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
    if l.dice != 0 {
        let _ = write!(out, " d{}", l.dice);
    }
    for lane in l.lanes() {
        let _ = write!(out, " | {} {} ", lane.role.key(), lane.sample);
        for hit in &lane.hits[..grid.steps()] {
            let life = hit.life;
            let _ = match (hit.velocity, hit.offset) {
                (0, _) => write!(out, "."),
                (100, 0) if life.is_none() => write!(out, "x"),
                (velocity, 0) => write!(out, "({velocity}{life})"),
                (velocity, offset) => write!(out, "({velocity}{offset:+}{life})"),
            };
        }
        write_course(&mut out, lane.course);
    }
    out
}

fn write_course(out: &mut String, course: Course) {
    if course.length > 0 {
        let _ = write!(out, " len{}", course.length);
    }
    match course.direction {
        Direction::Forwards => {}
        Direction::Backwards => out.push_str(" back"),
        Direction::ToAndFro => out.push_str(" tofro"),
    }
    if course.rotation > 0 {
        let _ = write!(out, " rot{}", course.rotation);
    }
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
    let dice = match head.next() {
        None => 0,
        Some(word) => word
            .strip_prefix('d')
            .and_then(|word| word.parse::<u16>().ok())
            .ok_or_else(|| bad("dice are d0 to d65535"))?,
    };
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
    Ok(Loop::new(grid, Swing::from_percent(swing), &lanes).with_dice(dice))
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
    lane.course = read_course(words)?;
    if step == grid.steps() { Ok(lane) } else { Err(bad(format!("{step} cells for {} steps", grid.steps()))) }
}

fn read_course<'a>(words: impl Iterator<Item = &'a str>) -> Result<Course, NotationError> {
    let mut course = Course::PLAIN;
    for word in words {
        let number = |prefix: &str| word.strip_prefix(prefix).and_then(|number| number.parse::<u8>().ok());
        match (word, number("len"), number("rot")) {
            ("back", ..) => course.direction = Direction::Backwards,
            ("tofro", ..) => course.direction = Direction::ToAndFro,
            (_, Some(length), _) if length > 0 => course.length = length,
            (.., Some(rotation)) => course.rotation = rotation,
            _ => return Err(bad(format!("`{word}` says nothing of how a lane runs"))),
        }
    }
    if course.sanitized() == course {
        Ok(course)
    } else {
        Err(bad("a lane's length or rotation is out of range"))
    }
}

fn read_hit(text: &str) -> Result<Hit, NotationError> {
    let (text, life) = text.split_at(text.find(['?', '*', ':']).unwrap_or(text.len()));
    let life: Life = life.parse().map_err(|error| bad(format!("{error}")))?;
    let split = text.find(['+', '-']).unwrap_or(text.len());
    let velocity = text[..split].parse::<u8>().ok().filter(|v| (1..=127).contains(v));
    let offset =
        if split == text.len() { Some(0) } else { text[split..].parse::<i8>().ok().filter(|&o| o > -128) };
    match (velocity, offset) {
        (Some(velocity), Some(offset)) => Ok(Hit { velocity, offset, life }),
        _ => Err(bad(format!("`({text})` is not a hit"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Condition, Curve};
    use proptest::prelude::*;

    prop_compose! {
        fn any_loop()(bars in prop::sample::select(vec![1u8, 2, 4]), steps_per_bar in 1u8..=24,
            numerator in 1u8..=16, denominator in prop::sample::select(vec![2u8, 4, 8, 16]), swing in 500u16..=750,
            dice in prop_oneof![Just(0u16), any::<u16>()],
            cells in prop::collection::vec((0usize..9, any::<u64>(), any_course(),
                prop::collection::vec((0u8..=127, -127i8..=127, any_life()), MAX_STEPS)), 1..=MAX_LANES)) -> Loop {
            let grid = Grid { bars, steps_per_bar, meter: Meter { numerator, denominator } };
            let lanes: Vec<Lane> = cells.into_iter().map(|(role, sample, course, hits)| {
                let mut lane = Lane { course, ..Lane::empty(Role::ALL[role], SampleId(sample)) };
                for (cell, (velocity, offset, life)) in lane.hits.iter_mut().zip(hits) {
                    *cell = Hit { velocity, offset, life }.sanitized();
                }
                lane
            }).collect();
            Loop { dice, ..Loop::new(grid, Swing::from_percent(f32::from(swing) / 10.0), &lanes) }
        }
    }

    fn any_course() -> impl Strategy<Value = Course> {
        prop_oneof![
            Just(Course::PLAIN),
            (0u8..=96, prop::sample::select(Direction::ALL.to_vec()), 0u8..96)
                .prop_map(|(length, direction, rotation)| Course { length, direction, rotation }),
        ]
    }

    fn any_life() -> impl Strategy<Value = Life> {
        let condition = prop_oneof![
            Just(Condition::Always),
            Just(Condition::Fill),
            Just(Condition::NotFirst),
            (2u8..=8, 0u8..8).prop_map(|(passes, at)| Condition::Every { passes, at }),
        ];
        let curve = prop::sample::select(Curve::ALL.to_vec());
        prop_oneof![
            3 => Just(Life::NONE),
            1 => (1u8..=100, 1u8..=6, curve, condition)
                .prop_map(|(chance, repeats, curve, condition)| Life::new(chance, (repeats, curve), condition)),
        ]
    }

    #[test]
    fn a_loop_without_life_is_written_as_ever() {
        let line = "1x4@4/4 s54.0 | kick 00c0ffee00c0ffee x.(35-7)(120)";
        assert_eq!(write(&read(line).unwrap()), line);
        let mut alive = read(line).unwrap();
        alive.dice = 7;
        alive.lanes_mut()[0].hits[0].life = Life::NONE.with_chance(50);
        alive.lanes_mut()[0].hits[2].life = Life::NONE.with_repeats(3, Curve::Falling);
        alive.lanes_mut()[0].course = Course { length: 3, direction: Direction::ToAndFro, rotation: 1 };
        let with = "1x4@4/4 s54.0 d7 | kick 00c0ffee00c0ffee (100?50).(35-7*3>)(120) len3 tofro rot1";
        assert_eq!(write(&alive), with);
        for (from, to) in
            [(" len3", " len0"), (" len3", " len97"), ("rot1", "rot96"), ("tofro", "fro"), (" d7", " d65536")]
        {
            assert!(read(&with.replace(from, to)).is_err(), "{to}");
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
