//! What can be done with selected steps: copy, paste, move, shape, clear, lock. Each is one undo step.

use super::cells::hit;
use crate::editor::actions::Cx;
use crate::editor::state::Clipboard;
use crate::editor::widgets::{menu_heading, menu_item};
use deepdrummer_core::pattern::Hit;
use deepdrummer_core::session::command::Command;
use egui::Ui;

/// A change of velocity.
#[derive(Clone, Copy, Debug)]
pub(super) enum Velocity {
    /// Exactly this.
    To(u8),
    /// Louder or softer by so much.
    By(i16),
}

/// The selected cells, lane by lane.
#[must_use]
pub(super) fn cells(cx: &Cx) -> Vec<(usize, usize)> {
    let steps = cx.shown.current.pattern.grid.steps();
    let lanes = cx.state.selection.iter().enumerate().take(cx.shown.lanes.len());
    let of_lane = |(lane, mask): (usize, &u128)| {
        let mask = *mask;
        (0..steps).filter(move |step| mask >> step & 1 == 1).map(move |step| (lane, step))
    };
    lanes.flat_map(of_lane).collect()
}

/// Whether a cell is selected.
#[must_use]
pub(super) fn holds(cx: &Cx, lane: usize, step: usize) -> bool {
    cx.state.selection.get(lane).is_some_and(|mask| mask >> step & 1 == 1)
}

/// Sends what changes, echoed at once. What is not seen is not edited: the loop that waits is shown instead.
pub(super) fn write(cx: &mut Cx, cells: Vec<(usize, usize, Hit)>) {
    if cx.shows_another() {
        cx.look_ahead();
        return;
    }
    let changed: Vec<_> = cells.into_iter().filter(|&(lane, step, to)| hit(cx, lane, step) != to).collect();
    if changed.is_empty() {
        return;
    }
    cx.state.echo.extend(changed.iter().map(|&(lane, step, to)| ((lane, step), to)));
    let cells = changed.into_iter().map(|(lane, step, to)| (lane as u8, step as u8, to)).collect();
    cx.send(Command::EditCells(cells));
}

/// Remembers the selected cells.
pub(super) fn copy(cx: &mut Cx) {
    let all = cells(cx);
    let (Some(lane), Some(step)) =
        (all.iter().map(|(lane, _)| *lane).min(), all.iter().map(|(_, step)| *step).min())
    else {
        return;
    };
    let cells = all.into_iter().map(|(l, s)| (l - lane, s - step, hit(cx, l, s))).collect();
    cx.state.clipboard = Clipboard { cells };
}

/// Writes what was copied with its first lane and step here, and selects it. What finds no place is left out.
pub(super) fn paste(cx: &mut Cx, lane: usize, step: usize) {
    let (lanes, steps) = (cx.shown.lanes.len(), cx.shown.current.pattern.grid.steps());
    let moved = cx.state.clipboard.cells.iter().map(|&(l, s, hit)| (lane + l, step + s, hit));
    let there: Vec<_> = moved.filter(|&(l, s, _)| l < lanes && s < steps).collect();
    if !there.is_empty() {
        cx.state.selection = Default::default();
        there.iter().for_each(|&(l, s, _)| cx.state.selection[l] |= 1 << s);
    }
    write(cx, there);
}

/// Empties the selected cells.
pub(super) fn clear(cx: &mut Cx) {
    let all = cells(cx).into_iter().map(|(lane, step)| (lane, step, Hit::NONE)).collect();
    write(cx, all);
}

/// Moves the selected hits a step later or earlier, around the loop's end, and the selection with them.
pub(super) fn nudge(cx: &mut Cx, later: bool) {
    let steps = cx.shown.current.pattern.grid.steps();
    if steps == 0 || cx.shows_another() {
        write(cx, Vec::new());
        return;
    }
    let by = if later { 1 } else { steps - 1 };
    let all = cells(cx);
    let mut to: std::collections::BTreeMap<(usize, usize), Hit> =
        all.iter().map(|&cell| (cell, Hit::NONE)).collect();
    to.extend(all.iter().map(|&(lane, step)| ((lane, (step + by) % steps), hit(cx, lane, step))));
    cx.state.selection = Default::default();
    all.iter().for_each(|&(lane, step)| cx.state.selection[lane] |= 1 << ((step + by) % steps));
    write(cx, to.into_iter().map(|((lane, step), hit)| (lane, step, hit)).collect());
}

/// Gives the selected hits a velocity.
pub(super) fn velocity(cx: &mut Cx, change: Velocity) {
    let hits = cells(cx).into_iter().map(|(lane, step)| (lane, step, hit(cx, lane, step)));
    let louder = |now: u8| match change {
        Velocity::To(velocity) => velocity,
        Velocity::By(by) => (i16::from(now) + by).clamp(1, 127) as u8,
    };
    let all = hits
        .filter(|(.., hit)| hit.is_on())
        .map(|(lane, step, hit)| (lane, step, Hit { velocity: louder(hit.velocity), ..hit }))
        .collect();
    write(cx, all);
}

/// From this share of the loudest selected hit a crescendo begins.
const RAMP_FROM: f32 = 0.4;

/// Lets the selected hits grow louder, or softer, from the first step to the last; the loudest of them says how loud.
pub(super) fn ramp(cx: &mut Cx, rises: bool) {
    let hits: Vec<_> = cells(cx)
        .into_iter()
        .map(|(lane, step)| (lane, step, hit(cx, lane, step)))
        .filter(|(.., hit)| hit.is_on())
        .collect();
    let steps = || hits.iter().map(|(_, step, _)| *step);
    let (Some(first), Some(last)) = (steps().min(), steps().max()) else { return };
    let most = hits.iter().map(|(.., hit)| hit.velocity).max().unwrap_or(100);
    let all = hits
        .iter()
        .map(|&(lane, step, hit)| {
            let along = (step - first) as f32 / (last - first).max(1) as f32;
            let along = if rises { along } else { 1.0 - along };
            let share = RAMP_FROM + (1.0 - RAMP_FROM) * along;
            (lane, step, Hit { velocity: (f32::from(most) * share).round().clamp(1.0, 127.0) as u8, ..hit })
        })
        .collect();
    write(cx, all);
}

/// How far a hit is moved to sound as if it were played: velocity, and timing in 1/256 of a step.
const HUMAN_VELOCITY: i16 = 9;
const HUMAN_OFFSET: i16 = 14;

/// Moves the selected hits a little in velocity and time, each time in another way.
pub(super) fn humanise(cx: &mut Cx) {
    let turn = cx.view.revision;
    // SplitMix64 (Steele et al. 2014) of the place and of the snapshot: the same press on the same picture does the
    // same.
    let within = |lane: usize, step: usize, salt: u64, most: i16| {
        let mut z =
            turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((lane as u64) << 32 | (step as u64) << 8 | salt);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % (2 * most as u64 + 1)) as i16 - most
    };
    let all = cells(cx)
        .into_iter()
        .map(|(lane, step)| (lane, step, hit(cx, lane, step)))
        .filter(|(.., hit)| hit.is_on())
        .map(|(lane, step, hit)| {
            let velocity = i16::from(hit.velocity) + within(lane, step, 1, HUMAN_VELOCITY);
            let offset = i16::from(hit.offset) + within(lane, step, 2, HUMAN_OFFSET);
            let velocity = velocity.clamp(1, 127) as u8;
            (lane, step, Hit { velocity, offset: offset.clamp(-127, 127) as i8, ..hit })
        })
        .collect();
    write(cx, all);
}

/// Turns the selected steps of each lane round, with what is early and late in them.
pub(super) fn reverse(cx: &mut Cx) {
    let all = cells(cx);
    let mut turned = Vec::with_capacity(all.len());
    for lane in 0..cx.shown.lanes.len() {
        let steps = || all.iter().filter(|(of, _)| *of == lane).map(|(_, step)| *step);
        let mut back: Vec<usize> = steps().collect();
        back.reverse();
        turned.extend(steps().zip(back).map(|(to, from)| {
            let hit = hit(cx, lane, from);
            (lane, to, Hit { offset: -hit.offset, ..hit })
        }));
    }
    write(cx, turned);
}

/// Locks or frees the selected steps.
pub(super) fn lock(cx: &mut Cx, on: bool) {
    for lane in 0..cx.shown.lanes.len() {
        let (now, chosen) = (cx.shown.lanes[lane].locked_steps, cx.state.selection[lane]);
        let then = if on { now | chosen } else { now & !chosen };
        if then != now {
            cx.send(Command::LockSteps(lane as u8, then));
        }
    }
}

/// The menu over a selected cell.
pub(super) fn menu(ui: &mut Ui, cell: (usize, usize), cx: &mut Cx) {
    let count = cells(cx).len();
    let heading = if count == 1 { "1 STEP SELECTED".to_owned() } else { format!("{count} STEPS SELECTED") };
    menu_heading(ui, &heading);
    if menu_item(ui, false, "Copy") {
        copy(cx);
    }
    if menu_item(ui, false, "Cut") {
        copy(cx);
        clear(cx);
    }
    paste_item(ui, cell, cx);
    if menu_item(ui, false, "One step later") {
        nudge(cx, true);
    }
    if menu_item(ui, false, "One step earlier") {
        nudge(cx, false);
    }
    if menu_item(ui, false, "Clear") {
        clear(cx);
    }
    menu_heading(ui, "VELOCITY");
    for (words, to) in VELOCITIES {
        if menu_item(ui, false, words) {
            velocity(cx, Velocity::To(to));
        }
    }
    for (words, by) in [("Louder", 8), ("Softer", -8)] {
        if menu_item(ui, false, words) {
            velocity(cx, Velocity::By(by));
        }
    }
    if menu_item(ui, false, "Grow louder") {
        ramp(cx, true);
    }
    if menu_item(ui, false, "Grow softer") {
        ramp(cx, false);
    }
    if menu_item(ui, false, "Chance, repeats, condition…") {
        cx.state.opens_life = true;
    }
    menu_heading(ui, "SHAPE");
    if menu_item(ui, false, "Humanise") {
        humanise(cx);
    }
    if menu_item(ui, false, "Reverse") {
        reverse(cx);
    }
    menu_heading(ui, "LOCK");
    for (words, on) in [("Lock these steps", true), ("Free these steps", false)] {
        if menu_item(ui, false, words) {
            lock(cx, on);
        }
    }
}

/// Velocities by name.
pub(super) const VELOCITIES: [(&str, u8); 4] =
    [("Accent", 127), ("Normal", 100), ("Soft", 70), ("Ghost", 35)];

/// The entry that pastes here, where something was copied.
pub(super) fn paste_item(ui: &mut Ui, (lane, step): (usize, usize), cx: &mut Cx) {
    if !cx.state.clipboard.cells.is_empty() && menu_item(ui, false, "Paste here") {
        paste(cx, lane, step);
    }
}
