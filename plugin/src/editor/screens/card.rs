//! What the cards of the page Sound share.

use crate::editor::handle::HostParam;
use crate::editor::theme;
use crate::editor::widgets::{Style, label};
use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, vec2};

/// A card; gives what is within.
pub(super) fn card(ui: &Ui, rect: Rect) -> Rect {
    let edge = Stroke::new(1.0, theme::LINE);
    ui.painter().rect(rect, CornerRadius::same(5), theme::PANEL, edge, StrokeKind::Inside);
    rect.shrink2(vec2(8.0, 4.0))
}

pub(super) fn heading(ui: &Ui, rect: Rect, words: &str) {
    label(ui, rect, Align2::LEFT_CENTER, words, Style::HEADING);
}

/// A value as it fits into a knob.
pub(super) fn short(param: HostParam, value: f32) -> String {
    let text = param.row().text();
    match text.unit {
        " Hz" if value >= 1_000.0 => format!("{:.1} kHz", value / 1e3).replace(".0 ", " "),
        _ => format!("{}{}", (text.write)(value), text.unit).replace('-', "−"),
    }
}
