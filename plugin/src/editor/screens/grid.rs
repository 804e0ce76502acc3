//! The step grid: velocity as height, micro-timing as offset, playhead, and the hits that speak for or
//! against the loop.
//!
//! One widget takes pointer and keyboard for all cells: a grid may have 768 of them. For assistive
//! tools and tests each cell still has a node of its own.

use crate::editor::actions::Cx;
use crate::editor::screens::cells::{Geometry, grid_id, hit};
use crate::editor::screens::{followed, grid_input, life};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{Glyph, focus_ring, line, place};
use deepdrummer_core::pattern::{Grid, Hit};
use egui::{Align2, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use std::ops::Range;

/// The steps that the grid shows: all, or one bar.
#[must_use]
pub fn shown_steps(grid: Grid, bar: Option<usize>) -> Range<usize> {
    let per_bar = usize::from(grid.steps_per_bar);
    match bar.filter(|bar| *bar < usize::from(grid.bars)) {
        Some(bar) => bar * per_bar..(bar + 1) * per_bar,
        None => 0..grid.steps(),
    }
}

/// How many hits are outlined at most each way; more would say nothing.
const ATTRIBUTION_MOST: usize = 4;

/// Hits that raise (positive) and lower (negative) P(like) most, of those of which that is certain enough.
#[must_use]
pub fn outlined(cx: &Cx) -> Vec<(usize, usize, f32)> {
    let Some(attribution) = &cx.shown.current.attribution else { return Vec::new() };
    let mut hits: Vec<(usize, usize, f32)> = Vec::new();
    for (lane, marks) in attribution.hits.iter().enumerate().take(cx.shown.lanes.len()) {
        for (step, mark) in marks.iter().enumerate().take(cx.shown.current.pattern.grid.steps()) {
            if mark.is_certain() && hit(cx, lane, step).is_on() {
                hits.push((lane, step, mark.points));
            }
        }
    }
    hits.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
    let (mut plus, mut minus) = (0, 0);
    hits.retain(|(_, _, weight)| {
        let count = if *weight > 0.0 { &mut plus } else { &mut minus };
        *count += 1;
        *count <= ATTRIBUTION_MOST
    });
    hits
}

/// Draws all cells; `lanes` are the tops and bottoms of the lane heads.
pub fn show(ui: &mut Ui, rect: Rect, lanes: Vec<(f32, f32)>, cx: &mut Cx) {
    let grid = cx.shown.current.pattern.grid;
    let geometry = Geometry { rect, steps: shown_steps(grid, cx.state.bar), lanes };
    if geometry.lanes.is_empty() || geometry.steps.is_empty() {
        return;
    }
    let response = ui.interact(rect, grid_id(), Sense::click_and_drag());
    let focused = response.has_focus();
    response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, "Step grid"));
    ui.ctx().accesskit_node_builder(grid_id(), |node| node.set_description(DRAW_HELP));
    cells_for_accessibility(ui, &geometry, cx);
    grid_input::pointer(ui, &response, &geometry, cx);
    if focused {
        grid_input::keyboard(ui, &geometry, cx);
    }
    grid_input::menu(&response, &geometry, cx);

    let outlines = outlined(cx);
    for lane in 0..geometry.lanes.len() {
        draw_lane(ui, &geometry, lane, cx);
    }
    followed::ghosts(ui, &geometry, cx);
    for (lane, step, weight) in outlines {
        if geometry.steps.contains(&step) {
            outline(ui, geometry.cell(lane, step), weight);
        }
    }
    selection(ui, &geometry, cx);
    playhead(ui, &geometry, cx);
    if focused {
        let (lane, step) = cx.state.cursor;
        if lane < geometry.lanes.len() && geometry.steps.contains(&step) {
            focus_ring(ui.painter(), geometry.cell(lane, step).shrink(1.0));
        }
    }
    hover_help(&response, &geometry, cx);
}

fn draw_lane(ui: &Ui, geometry: &Geometry, lane: usize, cx: &Cx) {
    let view = cx.shown;
    let Some(lane_view) = view.lanes.get(lane) else { return };
    let grid = view.current.pattern.grid;
    let silent = lane_view.mix.mute || (!lane_view.mix.solo && view.lanes.iter().any(|other| other.mix.solo));
    let colour = theme::role(lane_view.role);
    let colour = if silent { theme::mix(theme::GROUND, colour, 0.4) } else { colour };
    let painter = ui.painter();
    let pitch = geometry.pitch();
    let radius = CornerRadius::same(if pitch > 14.0 { 4 } else { u8::from(pitch > 7.0) * 2 });
    let per_beat = grid.steps_per_beat();
    for step in geometry.steps.clone() {
        let cell = geometry.cell(lane, step);
        let in_bar = step % usize::from(grid.steps_per_bar.max(1));
        let beat = in_bar.checked_div(per_beat).unwrap_or(in_bar);
        let ground = if beat.is_multiple_of(2) { theme::CELL } else { theme::CELL_OFF_BEAT };
        painter.rect_filled(cell, radius, ground);
        let hit = hit(cx, lane, step);
        if hit.is_on() {
            let height = (cell.height() - 2.0) * (0.12 + 0.88 * f32::from(hit.velocity) / 127.0);
            let shift = hit.offset_steps() as f32 * pitch;
            let bar = Rect::from_min_max(
                pos2(cell.left() + 1.0, cell.bottom() - 1.0 - height),
                pos2(cell.right() - 1.0, cell.bottom() - 1.0),
            );
            if hit.offset == 0 {
                life::bar(painter, bar, radius, colour, hit.life);
            } else {
                // Late hits lean right, early ones left; a thin line keeps the grid's place.
                life::bar(painter, bar.translate(vec2(shift, 0.0)), radius, colour, hit.life);
                let x = if shift > 0.0 { cell.left() + 0.5 } else { cell.right() - 0.5 };
                painter.vline(x, bar.y_range(), Stroke::new(1.0, theme::DIM));
            }
        }
        // A lane that is locked as a whole has one line; a lock in each of its cells would be noise.
        let locked = !lane_view.lock_beat && lane_view.locked_steps >> step & 1 == 1;
        if hit.is_on() && !hit.life.is_none() {
            let share = f32::from(hit.velocity) / 127.0;
            let height = (cell.height() - 2.0) * (0.12 + 0.88 * share) * f32::from(hit.life.chance()) / 100.0;
            life::signs(painter, cell, hit.life, cell.bottom() - 1.0 - height, locked);
        }
        if locked && pitch >= 5.0 {
            let size = (pitch * 0.5).clamp(6.0, 10.0);
            let centre = pos2(cell.center().x, cell.bottom() - size * 0.75);
            let colour = if hit.is_on() { theme::GROUND } else { theme::DIM };
            if pitch >= 12.0 {
                Glyph::Locked.paint(painter, centre, size, colour);
            } else {
                painter.circle_filled(centre, 1.3, colour);
            }
        }
    }
    life::end_of_lane(ui, geometry, lane, colour, cx);
    if lane_view.lock_beat {
        lock_line(ui, geometry, lane);
    }
}

/// A line under the cells of a lane whose rhythm is locked, with a lock at its start.
fn lock_line(ui: &Ui, geometry: &Geometry, lane: usize) {
    let Some((first, last)) = geometry.steps.clone().next().zip(geometry.steps.clone().last()) else {
        return;
    };
    let (first, last) = (geometry.cell(lane, first), geometry.cell(lane, last));
    let y = first.bottom() + 0.5;
    ui.painter().hline(first.left()..=last.right(), y, Stroke::new(1.5, theme::ACCENT));
    let centre = pos2(first.left() - 4.0, first.bottom() - 5.0);
    Glyph::Locked.paint(ui.painter(), centre, 8.5, theme::ACCENT);
}

/// Green with a plus, red with a minus: nothing is told by colour alone.
fn outline(ui: &Ui, cell: Rect, weight: f32) {
    let (colour, glyph) =
        if weight > 0.0 { (theme::LIKE, Glyph::Plus) } else { (theme::DISLIKE, Glyph::Minus) };
    let painter = ui.painter();
    let radius = CornerRadius::same(if cell.width() > 10.0 { 4 } else { 1 });
    painter.rect_stroke(cell, radius, Stroke::new(2.0, colour), StrokeKind::Inside);
    // In narrow cells the sign reaches over their edges rather than vanish.
    let badge = (cell.width() * 0.62).clamp(8.0, 13.0);
    let centre = pos2(cell.center().x, cell.top() + badge / 2.0 + 3.0);
    painter.circle_filled(centre, badge / 2.0, theme::GROUND);
    glyph.paint(painter, centre, badge * 0.72, colour);
}

fn selection(ui: &Ui, geometry: &Geometry, cx: &Cx) {
    for (lane, mask) in cx.state.selection.iter().enumerate().take(geometry.lanes.len()) {
        for step in geometry.steps.clone().filter(|step| mask >> step & 1 == 1) {
            let cell = geometry.cell(lane, step);
            ui.painter().rect(
                cell,
                CornerRadius::same(3),
                theme::ACCENT.gamma_multiply(0.18),
                Stroke::new(1.5, theme::TEXT),
                StrokeKind::Inside,
            );
        }
    }
}

fn playhead(ui: &Ui, geometry: &Geometry, cx: &Cx) {
    let Some(step) = cx.playhead() else { return };
    for lane in 0..geometry.lanes.len() {
        let step = cx.played_cell(lane, step);
        if !geometry.steps.contains(&step) {
            continue;
        }
        let cell = geometry.cell(lane, step);
        let radius = CornerRadius::same(if cell.width() > 10.0 { 5 } else { 1 });
        let stroke = Stroke::new(1.5, theme::ACCENT);
        ui.painter().rect_stroke(cell.expand(1.0), radius, stroke, StrokeKind::Middle);
    }
}

/// Numbers of beats (or bars) and dots of steps above the cells.
pub fn ruler(ui: &Ui, rect: Rect, cx: &Cx) {
    let grid = cx.shown.current.pattern.grid;
    let steps = shown_steps(grid, cx.state.bar);
    let pitch = rect.width() / steps.len().max(1) as f32;
    let per_bar = usize::from(grid.steps_per_bar.max(1));
    let per_beat = grid.steps_per_beat();
    let many = steps.len() > per_bar;
    for step in steps.clone() {
        let left = rect.left() + (step - steps.start) as f32 * pitch;
        let in_bar = step % per_bar;
        let on_beat = per_beat > 0 && in_bar.is_multiple_of(per_beat);
        let beat = in_bar.checked_div(per_beat).unwrap_or(0) + 1;
        let bar = step / per_bar + 1;
        let words = match (in_bar == 0, on_beat) {
            (true, _) if many => Some(bar.to_string()),
            (_, true) if many && pitch * per_beat as f32 >= 26.0 => Some(format!("{bar}.{beat}")),
            (_, true) if !many => Some(beat.to_string()),
            (true, _) => Some("1".to_owned()),
            _ => None,
        };
        match words {
            Some(words) => {
                let strong = in_bar == 0;
                let weight = if strong { Weight::SemiBold } else { Weight::Regular };
                let galley = line(ui.painter(), &words, 10.5, weight, theme::DIM, 40.0);
                let area = Rect::from_min_size(pos2(left, rect.top()), vec2(40.0, rect.height()));
                place(ui.painter(), area, Align2::LEFT_CENTER, galley);
            }
            None if pitch >= 12.0 => {
                let centre = pos2(left + pitch / 2.0, rect.center().y);
                ui.painter().circle_filled(centre, 1.0, theme::EDGE);
            }
            None => {}
        }
        if many && in_bar == 0 && step > steps.start {
            let x = left - (pitch * 0.06).clamp(0.25, 2.0);
            ui.painter().vline(x, rect.top()..=rect.bottom(), Stroke::new(1.0, theme::EDGE));
        }
    }
}

fn cells_for_accessibility(ui: &Ui, geometry: &Geometry, cx: &Cx) {
    if ui.ctx().accesskit_node_builder(grid_id(), |_| ()).is_none() {
        return;
    }
    for lane in 0..geometry.lanes.len() {
        let Some(view) = cx.shown.lanes.get(lane) else { continue };
        for step in geometry.steps.clone() {
            let id = grid_id().with((lane, step));
            let response = ui.interact(geometry.cell(lane, step), id, Sense::empty());
            let hit = hit(cx, lane, step);
            let name = format!("{} step {}", view.role.label(), step + 1);
            response.widget_info(|| WidgetInfo::selected(Role::GridCell, true, hit.is_on(), &name));
            let locked = view.lock_beat || view.locked_steps >> step & 1 == 1;
            let value = format!("{}{}", describe(hit), if locked { ", locked" } else { "" });
            ui.ctx().accesskit_node_builder(id, |node| node.set_value(value));
        }
    }
}

/// A hit in words.
#[must_use]
pub fn describe(hit: Hit) -> String {
    let life = life::words(hit.life);
    match (hit.is_on(), hit.offset) {
        (false, _) => "no hit".to_owned(),
        (true, 0) => format!("velocity {}{life}", hit.velocity),
        (true, offset) => {
            let side = if offset > 0 { "late" } else { "early" };
            let percent = f32::from(offset).abs() / 2.56;
            format!("velocity {}, {percent:.0} % of a step {side}{life}", hit.velocity)
        }
    }
}

const DRAW_HELP: &str = "Click sets or clears, drag paints, drag up or down on a hit for velocity, Alt- or Shift-drag for timing.";

fn hover_help(response: &egui::Response, geometry: &Geometry, cx: &Cx) {
    if cx.state.gesture.is_some() {
        return;
    }
    let Some(pointer) = response.hover_pos() else { return };
    let (lane, step) = geometry.at(pointer);
    let Some(view) = cx.shown.lanes.get(lane) else { return };
    let hit = hit(cx, lane, step);
    let mut words = format!("{} · step {} · {}", view.role.label(), step + 1, describe(hit));
    if view.lock_beat || view.locked_steps >> step & 1 == 1 {
        words += " · locked";
    }
    let course = cx.shown.current.pattern.lanes().get(lane).and_then(|lane| life::course_words(lane.course));
    if let Some(course) = course {
        words += &format!(" · lane {course}");
    }
    if let Some(marks) = cx.shown.current.attribution.as_ref().and_then(|all| all.hits.get(lane))
        && marks[step].is_certain()
        && hit.is_on()
    {
        let mark = marks[step];
        let side = if mark.points > 0.0 { "raises" } else { "lowers" };
        let (points, error) = (mark.points.abs() * 100.0, mark.error * 100.0);
        words += &format!(" · {side} the chance that you like it by {points:.0} points (± {error:.0})");
    }
    let help = match cx.state.tool {
        crate::editor::state::Tool::Draw => DRAW_HELP,
        crate::editor::state::Tool::Select => "Drag to select steps, then lock or free them above.",
    };
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.set_max_width(300.0);
        ui.label(egui::RichText::new(&words).size(theme::SIZE));
        ui.label(egui::RichText::new(help).size(theme::SMALL).color(theme::DIM));
    });
}
