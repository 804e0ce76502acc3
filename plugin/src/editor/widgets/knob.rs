//! A knob: an arc with its value in it and its name below.

use super::turn::Turn;
use super::{SliderResponse, Style, cut_bottom, focus_ring, line, named, place};
use crate::editor::theme::{self, Weight};
use crate::params::HostParam;
use egui::{Align2, Id, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use std::f32::consts::PI;
use std::ops::RangeInclusive;

/// Logical pixels of a drag over the whole range; Shift makes it five times as many.
const DRAG: f32 = 150.0;
/// Where the arc begins and how far it goes.
const FROM: f32 = 0.75 * PI;
const SWEEP: f32 = 1.5 * PI;
/// The height of the name.
const NAME: f32 = 13.0;

/// A knob. Drag up and down, wheel, arrows (Shift: fine), Home and End; double-click sets the default.
pub struct Knob<'a> {
    /// Its name.
    pub name: &'a str,
    /// What assistive tools and tests call it.
    pub accessible: &'a str,
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
    /// Equal ways are equal ratios rather than equal differences: frequencies.
    pub by_ratio: bool,
    /// The arc starts at the default rather than at the left: for values with two sides.
    pub centred: bool,
}

impl<'a> Knob<'a> {
    /// A knob of a host parameter that is a number.
    #[must_use]
    pub fn of(param: HostParam, accessible: &'a str, value: f32, shown: &'a str) -> Self {
        let (row, [least, most]) = (param.row(), param.range());
        Self {
            name: row.name,
            accessible,
            help: row.help,
            value,
            range: least..=most,
            default: param.default(),
            step: row.nudge(),
            shown,
            by_ratio: false,
            centred: least < 0.0 && most > 0.0,
        }
    }

    fn share(&self, value: f32) -> f32 {
        let (low, high) = (*self.range.start(), *self.range.end());
        let value = value.clamp(low, high);
        if self.by_ratio { (value / low).ln() / (high / low).ln() } else { (value - low) / (high - low) }
    }

    fn at(&self, share: f32) -> f32 {
        let (low, high) = (*self.range.start(), *self.range.end());
        let share = share.clamp(0.0, 1.0);
        if self.by_ratio { low * (high / low).powf(share) } else { low + share * (high - low) }
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui, rect: Rect, id: Id) -> SliderResponse {
        let (name, dial) = cut_bottom(rect, NAME, 0.0);
        let response = ui.interact(rect, id, Sense::click_and_drag());
        let mut dragged = None;
        if response.dragged() {
            let fine = if ui.input(|input| input.modifiers.shift) { 0.2 } else { 1.0 };
            let moved = response.drag_delta().x - response.drag_delta().y;
            dragged = (moved != 0.0).then(|| self.at(self.share(self.value) + moved * fine / DRAG));
        }
        let turn = Turn { value: self.value, range: &self.range, default: self.default, vertical: true };
        let done = turn.take(ui, response, dragged, |nudges| {
            if self.by_ratio {
                self.at(self.share(self.value) + nudges * 0.02)
            } else {
                self.value + nudges * self.step
            }
        });
        let SliderResponse { value: new, response, .. } = &done;
        self.paint(ui, dial, response.hovered() || response.dragged(), new.unwrap_or(self.value));
        let galley = line(ui.painter(), self.name, 10.0, Weight::Regular, theme::DIM, name.width());
        place(ui.painter(), name, Align2::CENTER_CENTER, galley);
        if response.has_focus() {
            focus_ring(ui.painter(), rect.shrink2(vec2(1.0, 0.0)));
        }
        let (current, accessible) = (f64::from(self.value), self.accessible);
        let help = format!("{}: {}. {}", self.name, self.shown, self.help);
        let info = || WidgetInfo::slider(ui.is_enabled(), current, accessible);
        SliderResponse { response: named(ui, done.response, info, &help), ..done }
    }

    fn paint(&self, ui: &Ui, dial: Rect, lit: bool, value: f32) {
        let painter = ui.painter();
        let radius = (dial.width().min(dial.height() * 1.08) / 2.0 - 2.5).max(6.0);
        let centre = pos2(dial.center().x, dial.top() + radius + 2.5);
        let arc = |from: f32, to: f32| -> Vec<Pos2> {
            let count = 3 + (24.0 * (to - from).abs()) as usize;
            (0..=count)
                .map(|n| {
                    let angle = FROM + SWEEP * (from + (to - from) * n as f32 / count as f32);
                    centre + radius * vec2(angle.cos(), angle.sin())
                })
                .collect()
        };
        let width = 3.5;
        painter.add(Shape::line(arc(0.0, 1.0), Stroke::new(width, theme::EDGE)));
        let from = if self.centred { self.share(self.default) } else { 0.0 };
        let to = self.share(value);
        let colour = if lit { theme::TEXT } else { theme::ACCENT };
        if (to - from).abs() > 1e-3 {
            painter.add(Shape::line(arc(from, to), Stroke::new(width, colour)));
        }
        let at = FROM + SWEEP * to;
        painter.circle_filled(centre + radius * vec2(at.cos(), at.sin()), 2.6, colour);
        let galley = line(painter, self.shown, 9.5, Style::TEXT.weight, theme::TEXT, dial.width());
        place(painter, Rect::from_center_size(centre, dial.size()), Align2::CENTER_CENTER, galley);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::LaneParam;

    #[test]
    fn places_and_values_answer_each_other() {
        for by_ratio in [false, true] {
            let param = HostParam::Lane(LaneParam::LowPass, 0);
            let knob = Knob { by_ratio, ..Knob::of(param, "", 1_000.0, "") };
            for share in [0.0, 0.25, 0.5, 1.0] {
                assert!((knob.share(knob.at(share)) - share).abs() < 1e-4);
            }
            assert_eq!((knob.at(-1.0), knob.at(2.0)), (100.0, 20_000.0));
        }
    }
}
