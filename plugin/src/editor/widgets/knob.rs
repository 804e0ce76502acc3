//! A knob: an arc with its value in it and its name below.

use super::{SliderResponse, Style, cut_bottom, focus_ring, line, named, place};
use crate::editor::theme::{self, Weight};
use crate::params::HostParam;
use crate::params::table::Kind;
use egui::{Align2, EventFilter, Id, Key, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
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
            step: if let Kind::Number { nudge, .. } = row.kind { nudge } else { 1.0 },
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
        let (mut began, mut ended) = (response.drag_started(), response.drag_stopped());
        let mut new = None;
        if response.dragged() {
            let fine = if ui.input(|input| input.modifiers.shift) { 0.2 } else { 1.0 };
            let moved = response.drag_delta().x - response.drag_delta().y;
            new = (moved != 0.0).then(|| self.at(self.share(self.value) + moved * fine / DRAG));
        }
        if response.double_clicked() {
            new = Some(self.default);
        }
        let mut nudge = 0.0;
        if response.has_focus() {
            ui.memory_mut(|memory| {
                let filter =
                    EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
                memory.set_focus_lock_filter(id, filter);
            });
            ui.input_mut(|input| {
                let fine = if input.modifiers.shift { 0.2 } else { 1.0 };
                for (key, by) in [
                    (Key::ArrowRight, fine),
                    (Key::ArrowUp, fine),
                    (Key::ArrowLeft, -fine),
                    (Key::ArrowDown, -fine),
                ] {
                    nudge += input.num_presses(key) as f32 * by;
                }
                if input.key_pressed(Key::Home) {
                    new = Some(*self.range.start());
                }
                if input.key_pressed(Key::End) {
                    new = Some(*self.range.end());
                }
            });
        }
        if response.hovered() {
            nudge += super::super::wheel_notches(ui);
        }
        if nudge != 0.0 {
            new = Some(if self.by_ratio {
                self.at(self.share(self.value) + nudge * 0.02)
            } else {
                self.value + nudge * self.step
            });
        }
        let (low, high) = (*self.range.start(), *self.range.end());
        let new = new.map(|value| value.clamp(low, high)).filter(|value| *value != self.value);
        // A change that is not part of a drag is a whole gesture of its own.
        if new.is_some() && !response.dragged() && !began && !ended {
            (began, ended) = (true, true);
        }
        self.paint(ui, dial, response.hovered() || response.dragged(), new.unwrap_or(self.value));
        let galley = line(ui.painter(), self.name, 10.0, Weight::Regular, theme::DIM, name.width());
        place(ui.painter(), name, Align2::CENTER_CENTER, galley);
        if response.has_focus() {
            focus_ring(ui.painter(), rect.shrink2(vec2(1.0, 0.0)));
        }
        let (current, accessible) = (f64::from(self.value), self.accessible);
        let help = format!("{}: {}. {}", self.name, self.shown, self.help);
        let info = || WidgetInfo::slider(ui.is_enabled(), current, accessible);
        let response = named(ui, response, info, &help);
        SliderResponse { value: new, began, ended, response }
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
