//! A horizontal slider with a name at the left and a value at the right.

use super::{Style, cut_left, cut_right, focus_ring, label, named};
use crate::editor::actions::{Action, Cx};
use crate::editor::theme;
use crate::params::HostParam;
use crate::params::table::Kind;
use egui::{
    Align2, CornerRadius, EventFilter, Id, Key, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use std::ops::RangeInclusive;

/// What a person did to a slider.
pub struct SliderResponse {
    /// The new value while it is being changed.
    pub value: Option<f32>,
    /// The person took hold of it.
    pub began: bool,
    /// The person let it go.
    pub ended: bool,
    /// The plain response.
    pub response: Response,
}

/// A slider. Drag, wheel, arrows (Shift: fine), Home and End; double-click sets the default.
pub struct Slider<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its hover help.
    pub help: &'a str,
    /// The value shown.
    pub value: f32,
    /// Least and greatest value.
    pub range: RangeInclusive<f32>,
    /// The value that a double-click sets.
    pub default: f32,
    /// What an arrow key changes.
    pub step: f32,
    /// The value in words.
    pub shown: &'a str,
    /// Width of the name; 0 for none.
    pub name_width: f32,
    /// Width of the value.
    pub value_width: f32,
    /// The bar starts at the default rather than at the left: for values with two sides.
    pub centred: bool,
}

impl SliderResponse {
    /// Hands what was done on to a host parameter, as gestures that the host records.
    pub fn set(&self, param: HostParam, cx: &mut Cx) {
        let began = self.began.then_some(Action::Begin(param));
        let value = self.value.map(|plain| Action::Set(param, plain));
        let ended = self.ended.then_some(Action::End(param));
        cx.actions.extend([began, value, ended].into_iter().flatten());
    }
}

impl<'a> Slider<'a> {
    /// A slider of a host parameter: a number, or a whole one.
    #[must_use]
    pub fn of(param: HostParam, value: f32, shown: &'a str) -> Self {
        let (row, [least, most]) = (param.row(), param.range());
        Self {
            name: row.name,
            help: row.help,
            value,
            range: least..=most,
            default: param.default(),
            step: if let Kind::Number { nudge, .. } = row.kind { nudge } else { 1.0 },
            shown,
            name_width: 80.0,
            value_width: 36.0,
            centred: false,
        }
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui, rect: Rect, id: Id) -> SliderResponse {
        let (name, rest) = cut_left(rect, self.name_width, 0.0);
        let (value, track) = cut_right(rest, self.value_width, 8.0);
        if self.name_width > 0.0 {
            let galley = super::line(
                ui.painter(),
                self.name,
                theme::SIZE,
                theme::Weight::Regular,
                theme::TEXT,
                name.width(),
            );
            super::place(ui.painter(), name, Align2::LEFT_CENTER, galley);
        }
        let response = ui.interact(track.expand2(vec2(6.0, 0.0)), id, Sense::click_and_drag());
        let (low, high) = (*self.range.start(), *self.range.end());
        let mut new = None;
        let (mut began, mut ended) = (response.drag_started(), response.drag_stopped());
        if let Some(pointer) = response.interact_pointer_pos()
            && (response.dragged() || response.clicked() || response.drag_started())
        {
            let share = ((pointer.x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0);
            new = Some(low + share * (high - low));
        }
        if response.double_clicked() {
            new = Some(self.default);
        }
        let mut nudge = 0.0;
        if response.has_focus() {
            ui.memory_mut(|memory| {
                let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
                memory.set_focus_lock_filter(id, filter);
            });
            ui.input_mut(|input| {
                let fine = if input.modifiers.shift { 0.2 } else { 1.0 };
                for (key, by) in [(Key::ArrowRight, fine), (Key::ArrowLeft, -fine)] {
                    let presses = input.num_presses(key) as f32;
                    nudge += presses * by * self.step;
                }
                if input.key_pressed(Key::Home) {
                    new = Some(low);
                }
                if input.key_pressed(Key::End) {
                    new = Some(high);
                }
            });
        }
        if response.hovered() {
            nudge += super::super::wheel_notches(ui) * self.step;
        }
        if nudge != 0.0 {
            new = Some(self.value + nudge);
        }
        let new = new.map(|value| value.clamp(low, high)).filter(|value| *value != self.value);
        // A change that is not part of a drag is a whole gesture of its own.
        if new.is_some() && !response.dragged() && !began && !ended {
            began = true;
            ended = true;
        }
        self.paint(ui, track, &response, new.unwrap_or(self.value));
        let style = if self.name_width > 0.0 { Style::DIM } else { Style::SMALL };
        label(ui, value, Align2::LEFT_CENTER, self.shown, style);
        if response.has_focus() {
            focus_ring(ui.painter(), track.expand2(vec2(4.0, -2.0)));
        }
        let (current, name) = (f64::from(self.value), self.name);
        let response = named(ui, response, || WidgetInfo::slider(ui.is_enabled(), current, name), self.help);
        SliderResponse { value: new, began, ended, response }
    }

    fn paint(&self, ui: &Ui, track: Rect, response: &Response, value: f32) {
        let painter = ui.painter();
        let (low, high) = (*self.range.start(), *self.range.end());
        let at = |value: f32| track.left() + (value - low) / (high - low) * track.width();
        let rail = Rect::from_center_size(track.center(), vec2(track.width(), 4.0));
        painter.rect(
            rail,
            CornerRadius::same(2),
            theme::RAISED,
            Stroke::new(1.0, theme::LINE),
            StrokeKind::Outside,
        );
        let from = if self.centred { at(self.default) } else { track.left() };
        let to = at(value.clamp(low, high));
        let bar = Rect::from_x_y_ranges(from.min(to)..=from.max(to), rail.y_range());
        painter.rect_filled(bar, CornerRadius::same(2), theme::ACCENT);
        let radius = if response.hovered() || response.dragged() { 6.5 } else { 5.5 };
        painter.circle_filled(pos2(to, track.center().y), radius, theme::TEXT);
    }
}
