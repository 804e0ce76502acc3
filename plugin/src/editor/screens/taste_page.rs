//! The page Taste: what one loves already, what one makes, and what was heard of it.

use super::{inbox, making, references, timeline};
use crate::editor::actions::Cx;
use crate::editor::widgets::{Style, cut_bottom, cut_left, cut_top, label, tell};
use deepdrummer_core::features::making::makings;
use egui::{Align2, Rect, Ui};

/// Draws it in the place of lane heads and grid.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (left, right) = cut_left(rect, (rect.width() * 0.36).clamp(216.0, 280.0), 18.0);
    let height = 20.0 + 32.0 * makings().len().div_ceil(4) as f32 + 18.0;
    let (makes, loved) = cut_bottom(left, height, 8.0);
    references::show(ui, loved, cx);
    what_you_make(ui, makes, cx);
    let (rest, is_told) = timeline::show(ui, right, cx);
    let room = rest.height() - if is_told { timeline::PROOF + 12.0 } else { 0.0 };
    let height = inbox::height(rest.width(), room, cx);
    let (found, rest) = cut_top(rest, height.min(rest.height()), 12.0);
    inbox::show(ui, found, cx);
    if is_told {
        timeline::proof(ui, rest, cx);
    }
}

fn what_you_make(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, rest) = cut_top(rect, 16.0, 4.0);
    label(ui, heading, Align2::LEFT_CENTER, "WHAT DO YOU MAKE?", Style::HEADING);
    let rows = makings().len().div_ceil(4) as f32;
    let (buttons, rest) = cut_top(rest, 32.0 * rows - 4.0, 4.0);
    making::buttons(ui, buttons, 4, cx);
    if let Some(tempo) = cx.shown.taste.directions.tempo() {
        let words = format!("usual tempo: {tempo:.0} BPM; your host's stays");
        label(ui, cut_top(rest, 16.0, 0.0).0, Align2::LEFT_CENTER, &words, Style::SMALL);
        tell(ui, rest, &words);
    }
}
