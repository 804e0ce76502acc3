//! Rows of the settings.

use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{Button, Face, Style, cut_left, id, label, line, middle, place};
use egui::{Align2, Rect, Sense, Ui, vec2};

/// The width of the settings.
pub(super) const WIDTH: f32 = 560.0;
/// The width of what settings are called.
const NAME: f32 = 168.0;

/// What a group of settings is called.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH - 14.0, 20.0), Sense::empty());
    label(ui, rect, Align2::LEFT_CENTER, text, Style::HEADING);
}

/// One setting: writes what it is called, and gives the place of its controls.
pub(super) fn row(ui: &mut Ui, name: &str) -> Rect {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH - 14.0, 26.0), Sense::empty());
    let (left, right) = cut_left(rect, NAME, 8.0);
    // The controls of the row carry its name.
    let galley = line(ui.painter(), name, theme::SIZE, Weight::Regular, theme::TEXT, left.width());
    place(ui.painter(), left, Align2::LEFT_CENTER, galley);
    middle(right, 24.0)
}

/// A row with a switch; true when it was pressed.
pub(super) fn switch(ui: &mut Ui, on: bool, name: &str, help: &str) -> bool {
    let rect = row(ui, name);
    let (cell, _) = cut_left(rect, 50.0, 0.0);
    let face = Face::Text(if on { "on" } else { "off" });
    Button::new(face, name, help).switch(on).show(ui, cell, id(name, 0)).clicked()
}
