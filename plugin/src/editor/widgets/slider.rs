//! A horizontal slider with a name at the left and a value at the right.

use super::turn::Turn;
use super::{SliderResponse, Style, cut_left, cut_right, focus_ring, label, named};
use crate::editor::actions::{Action, Cx};
use crate::editor::theme;
use crate::params::HostParam;
use egui::{Align2, CornerRadius, Id, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use std::ops::RangeInclusive;

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
            step: row.nudge(),
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
        let mut dragged = None;
        if let Some(pointer) = response.interact_pointer_pos()
            && (response.dragged() || response.clicked() || response.drag_started())
        {
            let share = ((pointer.x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0);
            dragged = Some(low + share * (high - low));
        }
        let turn = Turn { value: self.value, range: &self.range, default: self.default, vertical: false };
        let done = turn.take(ui, response, dragged, |nudges| self.value + nudges * self.step);
        let SliderResponse { value: new, response, .. } = &done;
        self.paint(ui, track, response, new.unwrap_or(self.value));
        let style = if self.name_width > 0.0 { Style::DIM } else { Style::SMALL };
        label(ui, value, Align2::LEFT_CENTER, self.shown, style);
        if response.has_focus() {
            focus_ring(ui.painter(), track.expand2(vec2(4.0, -2.0)));
        }
        let (current, name) = (f64::from(self.value), self.name);
        let info = || WidgetInfo::slider(ui.is_enabled(), current, name);
        SliderResponse { response: named(ui, done.response, info, self.help), ..done }
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
