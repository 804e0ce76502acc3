//! Notices: what happened, and what to do about it. Errors never vanish by themselves.

use crate::editor::actions::{Action, Cx};
use crate::editor::state::Toast;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{Button, Face, Glyph, Look, cut_right, id, paragraph, tell};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::{Notice, Severity};
use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

/// At most this many are shown at once; the newest are.
const MOST: usize = 3;

struct Card<'a> {
    glyph: Glyph,
    colour: egui::Color32,
    text: &'a str,
    next_step: &'a str,
    /// Word, help, what it does.
    buttons: Vec<(&'static str, &'static str, Action)>,
    dismiss: Dismiss,
}

#[derive(Clone, Copy)]
enum Dismiss {
    Notice(u64),
    Toast(u64),
}

/// Draws them over the lower edge of the lanes.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let view = cx.view;
    let toasts = cx.state.toasts.clone();
    let mut cards: Vec<Card> = Vec::new();
    cards.extend(toasts.iter().map(toast));
    cards.extend(view.notices.iter().map(notice));
    let first = cards.len().saturating_sub(MOST);
    let mut bottom = rect.bottom() - 8.0;
    for (at, card) in cards.into_iter().enumerate().skip(first).rev() {
        bottom = draw(ui, rect, bottom, at, card, cx);
    }
}

fn notice(notice: &Notice) -> Card<'_> {
    let (glyph, colour) = match notice.severity {
        Severity::Info => (Glyph::Check, theme::LIKE),
        Severity::Warning => (Glyph::Warning, theme::ACCENT),
        Severity::Error => (Glyph::Warning, theme::DISLIKE),
    };
    Card {
        glyph,
        colour,
        text: &notice.text,
        next_step: &notice.next_step,
        buttons: Vec::new(),
        dismiss: Dismiss::Notice(notice.id),
    }
}

fn toast(toast: &Toast) -> Card<'_> {
    let buttons = match &toast.file {
        Some(file) => vec![
            ("Copy path", "Put its path on the clipboard.", Action::Copy(file.display().to_string())),
            ("Show in folder", "Open its folder in the file manager.", Action::ShowInFolder(file.clone())),
        ],
        None => Vec::new(),
    };
    let (glyph, colour) =
        if toast.warning { (Glyph::Warning, theme::ACCENT) } else { (Glyph::Check, theme::LIKE) };
    Card {
        glyph,
        colour,
        text: &toast.text,
        next_step: &toast.next_step,
        buttons,
        dismiss: Dismiss::Toast(toast.key),
    }
}

fn draw(ui: &mut Ui, area: Rect, bottom: f32, at: usize, card: Card, cx: &mut Cx) -> f32 {
    let width = (area.width() - 32.0).min(560.0);
    let buttons = 96.0 * card.buttons.len() as f32;
    let words_width = width - 36.0 - 34.0 - buttons;
    let text = paragraph(ui.painter(), card.text, theme::SIZE, theme::TEXT, words_width);
    let next = (!card.next_step.is_empty())
        .then(|| paragraph(ui.painter(), card.next_step, theme::SMALL, theme::DIM, words_width));
    let inner = text.size().y + next.as_ref().map_or(0.0, |next| next.size().y + 2.0);
    let height = inner.max(24.0) + 14.0;
    let rect = Rect::from_min_size(pos2(area.left() + 16.0, bottom - height), vec2(width, height));
    // A layer of its own, so that a notice takes the clicks on it.
    let layer = egui::LayerId::new(egui::Order::Middle, id("notice layer", at));
    let mut ui = ui.new_child(UiBuilder::new().layer_id(layer).max_rect(rect));
    let ui = &mut ui;
    {
        let _ = ui.interact(rect, id("notice ground", at), egui::Sense::click());
        let painter = ui.painter();
        let stroke = Stroke::new(1.0, card.colour);
        painter.rect(rect, CornerRadius::same(8), theme::RAISED, stroke, StrokeKind::Inside);
        card.glyph.paint(painter, pos2(rect.left() + 18.0, rect.center().y), 14.0, card.colour);
        let mut pos = pos2(rect.left() + 36.0, rect.center().y - inner / 2.0);
        painter.galley(pos, text.clone(), theme::TEXT);
        pos.y += text.size().y + 2.0;
        if let Some(next) = &next {
            painter.galley(pos, next.clone(), theme::DIM);
        }
        tell(
            ui,
            Rect::from_min_size(rect.min, vec2(words_width, height)),
            &format!("{} {}", card.text, card.next_step),
        );
        let (cell, mut rest) = cut_right(rect.shrink2(vec2(6.0, 0.0)), 24.0, 6.0);
        let button = Button::new(Face::Sign(Glyph::Cross), "Dismiss the notice", "I have read it.");
        let cell = Rect::from_center_size(cell.center(), vec2(24.0, 22.0));
        if button.look(Look::Bare).text(10.0, Weight::Regular).show(ui, cell, id("dismiss", at)).clicked() {
            match card.dismiss {
                Dismiss::Notice(id) => cx.send(Command::Dismiss(id)),
                Dismiss::Toast(key) => cx.state.toasts.retain(|toast| toast.key != key),
            }
        }
        for (words, help, action) in card.buttons.into_iter().rev() {
            let (cell, after) = cut_right(rest, 90.0, 6.0);
            rest = after;
            let cell = Rect::from_center_size(cell.center(), vec2(90.0, 22.0));
            let button = Button::new(Face::Text(words), words, help).text(theme::SMALL, Weight::Regular);
            if button.show(ui, cell, id(words, at)).clicked() {
                cx.actions.push(action);
            }
        }
    }
    rect.top() - 6.0
}
