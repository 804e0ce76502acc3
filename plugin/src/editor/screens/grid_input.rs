//! Pointer and keyboard in the step grid, turned into edits of cells.
//!
//! Edits are echoed at once and sent as they happen; `EndGesture` makes one undo step of each drag.

use super::life::{self, Step};
use super::selection::{self, VELOCITIES, Velocity};
use crate::editor::actions::Cx;
use crate::editor::screens::cells::{Geometry, grid_id, hit};
use crate::editor::state::{Gesture, Tool};
use crate::editor::widgets::{menu_heading, menu_item};
use deepdrummer_core::pattern::Hit;
use deepdrummer_core::session::command::Command;
use egui::{EventFilter, Id, Key, Modifiers, Popup, Response, Ui};

/// Movement in logical pixels after which a press is a drag.
const DRAG_THRESHOLD: f32 = 4.0;
/// Logical pixels of vertical drag for one unit of velocity.
const PIXELS_PER_VELOCITY: f32 = 0.75;

fn edit(cx: &mut Cx, lane: usize, step: usize, to: Hit) {
    if hit(cx, lane, step) == to {
        return;
    }
    cx.state.echo.insert((lane, step), to);
    cx.send(Command::EditHit { lane: lane as u8, step: step as u8, hit: to });
}

fn end(cx: &mut Cx) {
    cx.send(Command::EndGesture);
}

/// Handles clicks, drags and the wheel.
pub(super) fn pointer(ui: &Ui, response: &Response, geometry: &Geometry, cx: &mut Cx) {
    let (pressed, down, pos, origin, modifiers) = ui.input(|input| {
        let pointer = &input.pointer;
        (
            pointer.primary_pressed(),
            pointer.primary_down(),
            pointer.latest_pos(),
            pointer.press_origin(),
            input.modifiers,
        )
    });
    if pressed
        && response.is_pointer_button_down_on()
        && let Some(origin) = origin
    {
        let (lane, step) = geometry.at(origin);
        cx.state.cursor = (lane, step);
        let select = cx.state.tool == Tool::Select || modifiers.command;
        if cx.shows_another() && !select {
            // Edits go to the loop that waits: it is shown first, and nothing is edited unseen.
            cx.look_ahead();
            return;
        }
        if !select {
            cx.state.selection = Default::default();
        }
        cx.state.gesture = Some(if select {
            Gesture::Select { lane, step }
        } else {
            Gesture::Pressed { lane, step, timing: modifiers.alt || modifiers.shift }
        });
    }
    if let (Some(gesture), Some(origin), Some(pos)) = (cx.state.gesture.clone(), origin, pos)
        && down
    {
        follow(gesture, geometry, origin, pos, cx);
    }
    if !down && let Some(gesture) = cx.state.gesture.take() {
        if matches!(gesture, Gesture::Select { .. }) {
            // The keys are for what was selected.
            response.request_focus();
        }
        release(gesture, cx);
    }
    if response.hovered()
        && cx.state.gesture.is_none()
        && let Some(pos) = pos
    {
        let notches = crate::editor::wheel_notches(ui);
        let (lane, step) = geometry.at(pos);
        let now = hit(cx, lane, step);
        if notches != 0.0 && selection::holds(cx, lane, step) {
            selection::velocity(cx, Velocity::By((notches * 6.0) as i16));
        } else if notches != 0.0 && now.is_on() && cx.shows_another() {
            cx.look_ahead();
        } else if notches != 0.0 && now.is_on() {
            let velocity = (f32::from(now.velocity) + notches * 6.0).clamp(1.0, 127.0) as u8;
            edit(cx, lane, step, Hit { velocity, ..now });
            end(cx);
        }
    }
}

fn follow(gesture: Gesture, geometry: &Geometry, origin: egui::Pos2, pos: egui::Pos2, cx: &mut Cx) {
    let moved = pos - origin;
    match gesture {
        Gesture::Pressed { lane, step, timing } => {
            if moved.length() < DRAG_THRESHOLD {
                return;
            }
            let from = hit(cx, lane, step);
            let next = if timing && from.is_on() {
                Gesture::Timing { lane, step, from }
            } else if from.is_on() && moved.y.abs() > moved.x.abs() {
                Gesture::Velocity { lane, step, from }
            } else {
                let painted = if from.is_on() { Hit::NONE } else { Hit::PLAIN };
                edit(cx, lane, step, painted);
                Gesture::Paint { lane, hit: painted, last: step }
            };
            cx.state.gesture = Some(next.clone());
            follow(next, geometry, origin, pos, cx);
        }
        Gesture::Paint { lane, hit: painted, last } => {
            let (_, step) = geometry.at(pos);
            let (from, to) = (last.min(step), last.max(step));
            for step in from..=to {
                edit(cx, lane, step, painted);
            }
            cx.state.gesture = Some(Gesture::Paint { lane, hit: painted, last: step });
        }
        Gesture::Velocity { lane, step, from } => {
            let velocity = f32::from(from.velocity) - moved.y / PIXELS_PER_VELOCITY;
            edit(cx, lane, step, Hit { velocity: velocity.clamp(1.0, 127.0) as u8, ..from });
        }
        Gesture::Timing { lane, step, from } => {
            let offset = f32::from(from.offset) + moved.x / geometry.pitch().max(8.0) * 256.0;
            // A little stickiness at the grid's own place.
            let offset = if offset.abs() < 10.0 { 0.0 } else { offset };
            edit(cx, lane, step, Hit { offset: offset.clamp(-127.0, 127.0) as i8, ..from });
        }
        Gesture::Select { lane, step } => {
            let (to_lane, to_step) = geometry.at(pos);
            cx.state.selection = Default::default();
            if moved.length() < DRAG_THRESHOLD {
                return;
            }
            let steps = step.min(to_step)..=step.max(to_step);
            let mask = steps.fold(0u128, |mask, step| mask | 1 << step);
            for lane in lane.min(to_lane)..=lane.max(to_lane) {
                cx.state.selection[lane] = mask;
            }
        }
    }
}

fn release(gesture: Gesture, cx: &mut Cx) {
    match gesture {
        Gesture::Pressed { lane, step, timing } => {
            let now = hit(cx, lane, step);
            let to = match (now.is_on(), timing) {
                (true, true) => Hit { offset: 0, ..now },
                (true, false) => Hit::NONE,
                (false, _) => Hit::PLAIN,
            };
            edit(cx, lane, step, to);
            end(cx);
        }
        Gesture::Paint { .. } | Gesture::Velocity { .. } | Gesture::Timing { .. } => end(cx),
        Gesture::Select { lane, step } => {
            if cx.state.selection.iter().all(|mask| *mask == 0) {
                cx.state.selection[lane] = 1 << step;
            }
            cx.state.anchor = (lane, step);
        }
    }
}

/// Handles keys while the grid has the keyboard.
pub(super) fn keyboard(ui: &Ui, geometry: &Geometry, cx: &mut Cx) {
    ui.memory_mut(|memory| {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        memory.set_focus_lock_filter(grid_id(), filter);
    });
    let (mut lane, mut step) = cx.state.cursor;
    lane = lane.min(geometry.lanes.len() - 1);
    step = step.clamp(geometry.steps.start, geometry.steps.end - 1);
    let pressed = |modifiers: Modifiers, key: Key| {
        ui.input_mut(|input| {
            let exact = input.modifiers.matches_exact(modifiers);
            exact && input.consume_key(modifiers, key)
        })
    };
    if selected_keys(&pressed, geometry, cx) || life_keys(&pressed, cx) {
        return;
    }
    if pressed(Modifiers::NONE, Key::ArrowLeft) {
        step = step.saturating_sub(1).max(geometry.steps.start);
    }
    if pressed(Modifiers::NONE, Key::ArrowRight) {
        step = (step + 1).min(geometry.steps.end - 1);
    }
    if pressed(Modifiers::NONE, Key::ArrowUp) {
        lane = lane.saturating_sub(1);
    }
    if pressed(Modifiers::NONE, Key::ArrowDown) {
        lane = (lane + 1).min(geometry.lanes.len() - 1);
    }
    cx.state.cursor = (lane, step);
    let now = hit(cx, lane, step);
    let mut to = now;
    if pressed(Modifiers::NONE, Key::Enter) {
        to = if now.is_on() { Hit::NONE } else { Hit::PLAIN };
    }
    if pressed(Modifiers::NONE, Key::Delete) || pressed(Modifiers::NONE, Key::Backspace) {
        to = Hit::NONE;
    }
    if now.is_on() {
        for (key, by) in [(Key::ArrowUp, 8i16), (Key::ArrowDown, -8)] {
            if pressed(Modifiers::SHIFT, key) {
                to.velocity = (i16::from(now.velocity) + by).clamp(1, 127) as u8;
            }
        }
        for (key, by) in [(Key::ArrowRight, 8i16), (Key::ArrowLeft, -8)] {
            if pressed(Modifiers::ALT, key) || pressed(Modifiers::SHIFT, key) {
                to.offset = (i16::from(now.offset) + by).clamp(-127, 127) as i8;
            }
        }
    }
    if to != now && cx.shows_another() {
        cx.look_ahead();
    } else if to != now {
        edit(cx, lane, step, to);
        end(cx);
    }
    if pressed(Modifiers::COMMAND, Key::Enter)
        && let Some(view) = cx.shown.lanes.get(lane)
    {
        cx.send(Command::LockSteps(lane as u8, view.locked_steps ^ (1 << step)));
    }
}

/// Keys for the life of the hit under the cursor, or of all that are selected. True if one of them was used.
fn life_keys(pressed: &impl Fn(Modifiers, Key) -> bool, cx: &mut Cx) -> bool {
    let keys = [
        (Modifiers::ALT, Key::ArrowUp, Step::Chance(10)),
        (Modifiers::ALT, Key::ArrowDown, Step::Chance(-10)),
        (Modifiers::NONE, Key::Num1, Step::Repeats(1)),
        (Modifiers::NONE, Key::Num2, Step::Repeats(2)),
        (Modifiers::NONE, Key::Num3, Step::Repeats(3)),
        (Modifiers::NONE, Key::Num4, Step::Repeats(4)),
        (Modifiers::NONE, Key::Num6, Step::Repeats(6)),
        (Modifiers::NONE, Key::E, Step::Condition { back: false }),
        (Modifiers::SHIFT, Key::E, Step::Condition { back: true }),
    ];
    let step = keys.into_iter().find(|(modifiers, key, _)| pressed(*modifiers, *key)).map(|(.., step)| step);
    if let Some(step) = step {
        life::step(cx, step);
    }
    step.is_some()
}

/// Keys for selected steps. True if one of them was used.
fn selected_keys(pressed: &impl Fn(Modifiers, Key) -> bool, geometry: &Geometry, cx: &mut Cx) -> bool {
    let (lanes, steps) = (geometry.lanes.len(), geometry.steps.clone());
    if pressed(Modifiers::COMMAND, Key::A) {
        let all = steps.fold(0u128, |mask, step| mask | 1 << step);
        cx.state.selection = Default::default();
        cx.state.selection[..lanes].fill(all);
        return true;
    }
    let (lane, step) = cx.state.cursor;
    if pressed(Modifiers::COMMAND, Key::V) {
        selection::paste(cx, lane.min(lanes - 1), step);
        return true;
    }
    let extend = Modifiers::COMMAND | Modifiers::SHIFT;
    for (key, down, right) in
        [(Key::ArrowUp, -1, 0), (Key::ArrowDown, 1, 0), (Key::ArrowLeft, 0, -1), (Key::ArrowRight, 0, 1isize)]
    {
        if pressed(extend, key) {
            extend_selection(down, right, geometry, cx);
            return true;
        }
    }
    let selected = selection::cells(cx);
    if selected.is_empty() {
        return false;
    }
    let mut used = true;
    if pressed(Modifiers::COMMAND, Key::C) {
        selection::copy(cx);
    } else if pressed(Modifiers::COMMAND, Key::X) {
        selection::copy(cx);
        selection::clear(cx);
    } else if pressed(Modifiers::COMMAND, Key::ArrowRight) {
        selection::nudge(cx, true);
    } else if pressed(Modifiers::COMMAND, Key::ArrowLeft) {
        selection::nudge(cx, false);
    } else if pressed(Modifiers::COMMAND, Key::ArrowUp) {
        selection::ramp(cx, true);
    } else if pressed(Modifiers::COMMAND, Key::ArrowDown) {
        selection::ramp(cx, false);
    } else if pressed(Modifiers::COMMAND, Key::J) {
        selection::humanise(cx);
    } else if pressed(Modifiers::COMMAND, Key::R) {
        selection::reverse(cx);
    } else if pressed(Modifiers::SHIFT, Key::ArrowUp) {
        selection::velocity(cx, Velocity::By(8));
    } else if pressed(Modifiers::SHIFT, Key::ArrowDown) {
        selection::velocity(cx, Velocity::By(-8));
    } else if pressed(Modifiers::NONE, Key::Delete) || pressed(Modifiers::NONE, Key::Backspace) {
        selection::clear(cx);
    } else {
        used = false;
    }
    used
}

/// Selects from where the selection began to a cell beside the cursor, which goes there.
fn extend_selection(down: isize, right: isize, geometry: &Geometry, cx: &mut Cx) {
    if selection::cells(cx).is_empty() {
        cx.state.anchor = cx.state.cursor;
    }
    let (lane, step) = cx.state.cursor;
    let lane = lane.saturating_add_signed(down).min(geometry.lanes.len() - 1);
    let step = step.saturating_add_signed(right).clamp(geometry.steps.start, geometry.steps.end - 1);
    cx.state.cursor = (lane, step);
    let (from_lane, from_step) = cx.state.anchor;
    let mask = (step.min(from_step)..=step.max(from_step)).fold(0u128, |mask, step| mask | 1 << step);
    cx.state.selection = Default::default();
    for lane in lane.min(from_lane)..=lane.max(from_lane).min(geometry.lanes.len() - 1) {
        cx.state.selection[lane] = mask;
    }
}

/// The menu of one cell, or of all that are selected.
pub(super) fn menu(response: &Response, geometry: &Geometry, cx: &mut Cx) {
    let key = Id::unique("deepdrummer grid menu cell");
    let ctx = response.ctx.clone();
    if response.secondary_clicked()
        && let Some(pos) = response.interact_pointer_pos()
    {
        ctx.data_mut(|data| data.insert_temp(key, geometry.at(pos)));
    }
    Popup::context_menu(response).show(|ui| {
        let Some((lane, step)) = ctx.data(|data| data.get_temp::<(usize, usize)>(key)) else { return };
        let Some(view) = cx.shown.lanes.get(lane) else { return };
        if cx.shows_another() {
            menu_heading(ui, "ANOTHER LOOP WAITS TO ENTER");
            if menu_item(ui, false, "Show the next loop, to edit it") {
                cx.look_ahead();
            }
            return;
        }
        if selection::holds(cx, lane, step) {
            selection::menu(ui, (lane, step), cx);
            return;
        }
        let now = hit(cx, lane, step);
        menu_heading(ui, &format!("{} STEP {}", view.role.label().to_uppercase(), step + 1));
        for (words, velocity) in VELOCITIES {
            if menu_item(ui, now.velocity == velocity, words) {
                edit(cx, lane, step, Hit { velocity, ..now });
                end(cx);
            }
        }
        selection::paste_item(ui, (lane, step), cx);
        if now.is_on() && menu_item(ui, false, "Clear") {
            edit(cx, lane, step, Hit::NONE);
            end(cx);
        }
        if now.is_on() && menu_item(ui, false, "Chance, repeats, condition…") {
            cx.state.selection = Default::default();
            cx.state.selection[lane] = 1 << step;
            cx.state.opens_life = true;
        }
        if !now.life.is_none() && menu_item(ui, false, "Always, once") {
            edit(cx, lane, step, now.lifeless());
            end(cx);
        }
        if now.offset != 0 && menu_item(ui, false, "Back onto the grid") {
            edit(cx, lane, step, Hit { offset: 0, ..now });
            end(cx);
        }
        menu_heading(ui, "LOCK");
        let locked = view.locked_steps >> step & 1 == 1;
        if menu_item(ui, locked, "Lock this step") {
            cx.send(Command::LockSteps(lane as u8, view.locked_steps ^ (1 << step)));
        }
    });
}
