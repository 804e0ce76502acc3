//! “What do you make?”: a dozen directions to choose from, and the one line of them while nothing is liked yet.

use crate::editor::actions::Cx;
use crate::editor::state::Page;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{Button, Face, Glyph, Style, cut_left, cut_right, id, label, middle};
use deepdrummer_core::features::making::{Making, makings};
use deepdrummer_core::session::command::Command;
use egui::{Align2, Rect, Ui};

/// Dislikes in a row without a like, after which the line comes back.
const LOST: usize = 4;
/// How high the line is.
pub(super) const LINE: f32 = 24.0;

/// Whether the line is shown: before anything was said, and when nothing but dislikes was.
pub(super) fn is_offered(cx: &Cx) -> bool {
    let taste = &cx.shown.taste;
    if taste.likes > 0 || cx.state.offer_dismissed || cx.shown.current.number == 0 {
        return false;
    }
    // It stays while one chooses: there may be several.
    taste.dislikes == 0 || taste.dislikes >= LOST
}

/// The line: the question, a button for each direction, and the way to be rid of it.
pub(super) fn line(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let lost = cx.shown.taste.dislikes >= LOST;
    let row = middle(rect, 20.0);
    let (away, row) = cut_right(row, 20.0, 4.0);
    let help = "Not now. The page Taste has it at any time.";
    let button = Button::new(Face::Sign(Glyph::Cross), "Hide what you make", help).text(8.5, Weight::Regular);
    if button.show(ui, away, id("hide making", 0)).clicked() {
        cx.state.offer_dismissed = true;
    }
    let row = if lost {
        let (bring, row) = cut_right(row, 92.0, 6.0);
        let help = "Nothing was liked yet: a loop, MIDI clip or folder that you love says more than many dislikes. \
                    On the page Taste.";
        let button = Button::new(Face::Text("Like these…"), "Bring what you love", help)
            .text(theme::SMALL, Weight::Regular);
        if button.show(ui, bring, id("bring", 0)).clicked() {
            cx.state.page = Page::Taste;
        }
        row
    } else {
        row
    };
    let words = if lost { "Nothing liked yet. You make?" } else { "What do you make?" };
    let width = if row.width() > 640.0 { if lost { 176.0 } else { 116.0 } } else { 0.0 };
    let (question, row) = cut_left(row, width, if width > 0.0 { 6.0 } else { 0.0 });
    if width > 0.0 {
        label(ui, question, Align2::LEFT_CENTER, words, Style::SMALL);
    }
    buttons(ui, row, makings().len(), cx);
}

/// The buttons, so many in a row.
pub(super) fn buttons(ui: &mut Ui, rect: Rect, a_row: usize, cx: &mut Cx) {
    const GAP: f32 = 4.0;
    let all = makings();
    let a_row = a_row.clamp(1, all.len().max(1));
    let rows = all.len().div_ceil(a_row).max(1);
    let width = (rect.width() - GAP * (a_row - 1) as f32) / a_row as f32;
    let height = ((rect.height() - GAP * (rows - 1) as f32) / rows as f32).min(28.0);
    let chosen = cx.shown.taste.directions;
    for (at, making) in all.iter().enumerate() {
        let (column, row) = (at % a_row, at / a_row);
        let min = rect.min + egui::vec2(column as f32 * (width + GAP), row as f32 * (height + GAP));
        let cell = Rect::from_min_size(min, egui::vec2(width, height));
        let help = help(making);
        let size = if width < 50.0 { 9.5 } else { theme::SMALL };
        let button = Button::new(Face::Text(&making.name), &making.name, &help).text(size, Weight::Regular);
        if button.choice(chosen.contains(at)).show(ui, cell, id("making", at)).clicked() {
            cx.send(Command::SetDirections(chosen.toggled(at)));
        }
    }
}

fn help(making: &Making) -> String {
    format!(
        "You make {}: loops begin near it and may go anywhere. Usual tempo {:.0} BPM. Several can be chosen.",
        making.name, making.tempo
    )
}
