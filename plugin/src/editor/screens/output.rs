//! The main output: its level, and the peaks of both channels behind it.

use crate::editor::actions::{Action, Cx};
use crate::editor::handle::HostParam;
use crate::editor::text;
use crate::editor::theme;
use crate::editor::widgets::{focus_ring, id, named};
use egui::{
    CornerRadius, CursorIcon, EventFilter, Key, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use std::ops::RangeInclusive;

/// The range of the level in decibels, and of the picture.
const RANGE: RangeInclusive<f32> = -60.0..=12.0;
/// Decibels of one logical pixel of a drag; the control is too short to be set by place.
const DECIBELS_PER_PIXEL: f32 = 0.25;
/// Decibels of a notch of the wheel or an arrow key; Shift makes it a fifth.
const STEP: f32 = 0.5;

/// The place of a level.
fn place(rect: Rect, db: f32) -> f32 {
    let (low, high) = (*RANGE.start(), *RANGE.end());
    rect.left() + (db.clamp(low, high) - low) / (high - low) * rect.width()
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let level = (cx.param)(HostParam::Output);
    let control = id("output level", 0);
    let response =
        ui.interact(rect, control, Sense::click_and_drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
    let mut to = None;
    if response.dragged() {
        let fine = if ui.input(|input| input.modifiers.shift) { 0.2 } else { 1.0 };
        let moved = response.drag_delta().x * DECIBELS_PER_PIXEL * fine;
        to = (moved != 0.0).then_some(level + moved);
    }
    if response.double_clicked() {
        to = Some(0.0);
    }
    let mut steps = 0.0;
    if response.has_focus() {
        ui.memory_mut(|memory| {
            let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
            memory.set_focus_lock_filter(control, filter);
        });
        ui.input_mut(|input| {
            let fine = if input.modifiers.shift { 0.2 } else { 1.0 };
            for (key, by) in [(Key::ArrowRight, fine), (Key::ArrowLeft, -fine)] {
                steps += input.num_presses(key) as f32 * by;
            }
            if input.key_pressed(Key::Home) {
                to = Some(0.0);
            }
        });
    }
    if response.hovered() {
        steps += crate::editor::wheel_notches(ui);
    }
    if steps != 0.0 {
        to = Some(level + steps * STEP);
    }
    let to = to.map(|db| db.clamp(*RANGE.start(), *RANGE.end())).filter(|db| *db != level);
    if response.drag_started() {
        cx.actions.push(Action::Begin(HostParam::Output));
    }
    match to {
        Some(db) if response.dragged() => cx.actions.push(Action::Set(HostParam::Output, db)),
        Some(db) => cx.set(HostParam::Output, db),
        None => {}
    }
    if response.drag_stopped() {
        cx.actions.push(Action::End(HostParam::Output));
    }
    paint(ui, rect, &response, to.unwrap_or(level), cx);
    let peaks = cx.meters.map_or([0.0; 2], |meters| meters.output_peaks);
    let peak = 20.0 * peaks[0].max(peaks[1]).max(1e-6).log10();
    let peak = if peak <= -60.0 { "silent".to_owned() } else { format!("peak {}", text::decibels(peak)) };
    let help = format!(
        "Output {}, {peak}. Drag, wheel or arrows change the level; double-click sets 0 dB.",
        text::decibels(level)
    );
    named(ui, response, || WidgetInfo::slider(ui.is_enabled(), f64::from(level), "Output level"), &help);
}

fn paint(ui: &Ui, rect: Rect, response: &egui::Response, level: f32, cx: &Cx) {
    let painter = ui.painter();
    let lit = response.hovered() || response.dragged();
    let ground = if lit { theme::HOVER } else { theme::RAISED };
    let edge = Stroke::new(1.0, theme::LINE);
    painter.rect(rect, CornerRadius::same(5), ground, edge, StrokeKind::Inside);
    let inner = rect.shrink2(vec2(8.0, 7.0));
    let peaks = cx.meters.map_or([0.0; 2], |meters| meters.output_peaks);
    let middle = inner.center().y;
    for (peak, y) in peaks.into_iter().zip([middle - 3.5, middle + 3.5]) {
        let rail = Rect::from_center_size(pos2(inner.center().x, y), vec2(inner.width(), 4.0));
        painter.rect_filled(rail, CornerRadius::same(2), theme::GROUND);
        let db = 20.0 * peak.max(1e-6).log10();
        if db > *RANGE.start() {
            let colour = if db > -0.1 { theme::DISLIKE } else { theme::LIKE };
            let bar = Rect::from_x_y_ranges(inner.left()..=place(inner, db), rail.y_range());
            painter.rect_filled(bar, CornerRadius::same(2), colour);
        }
    }
    // 0 dB, and the level.
    let zero = place(inner, 0.0);
    painter.vline(zero, inner.top() - 2.0..=inner.top(), Stroke::new(1.0, theme::DIM));
    painter.vline(zero, inner.bottom()..=inner.bottom() + 2.0, Stroke::new(1.0, theme::DIM));
    let x = place(inner, level);
    painter.vline(x, rect.top() + 4.0..=rect.bottom() - 4.0, Stroke::new(2.0, theme::TEXT));
    if response.has_focus() {
        focus_ring(painter, rect);
    }
}
