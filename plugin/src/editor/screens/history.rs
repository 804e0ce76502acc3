//! The history strip: past loops with verdicts, the current one marked, and the queue at the right.

use crate::editor::actions::{Action, Cx, ExportFor, ExportOf};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_left, cut_right, id, label, line, menu_heading, menu_item, middle,
    named, place,
};
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::session::command::{Command, ExportKind};
use deepdrummer_core::session::view::HistoryView;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Painter, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

const THUMB: egui::Vec2 = vec2(74.0, 48.0);
const GAP: f32 = 8.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::PANEL);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, theme::LINE));
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    let row = middle(rect.shrink2(vec2(16.0, 0.0)), THUMB.y);
    let row = row.translate(vec2(0.0, 2.0));
    let (title, row) = cut_left(row, 52.0, 6.0);
    let shown = shown_loops(cx);
    if cx.state.statement.is_some() {
        all_loops(ui, title, shown.len(), cx);
    } else {
        label(ui, title, Align2::LEFT_TOP, "History", Style::DIM);
        current_menu(ui, cut_left(title, 40.0, 0.0).0, cx);
    }

    let waiting = cx.shown.queue.len().min(if rect.width() > 1300.0 { 4 } else { 2 });
    let queue = waiting.max(1) as f32 * (THUMB.x + GAP) - GAP;
    let (queue, row) = cut_right(row, queue, 6.0);
    let (next, row) = cut_right(row, 48.0, 2.0);
    next_menu(ui, middle(next, 22.0), cx);
    show_queue(ui, queue, waiting, cx);
    strip(ui, row, &shown, cx);
}

/// The loops of the strip: all, or those that a chosen statement was learned from.
fn shown_loops<'a>(cx: &mut Cx<'a>) -> Vec<&'a HistoryView> {
    let view = cx.shown;
    let chosen = cx.state.statement.as_ref();
    let statement = chosen.and_then(|text| view.taste.statements.iter().find(|known| known.text == *text));
    let Some(statement) = statement else {
        // It is no longer among the strongest.
        cx.state.statement = None;
        return view.history.iter().collect();
    };
    let says_so =
        |entry: &&HistoryView| entry.serials.iter().any(|serial| statement.evidence.contains(serial));
    view.history.iter().filter(says_so).collect()
}

/// Instead of the strip's title while a statement is chosen: how many loops say so, and the way back.
fn all_loops(ui: &mut Ui, rect: Rect, count: usize, cx: &mut Cx) {
    let words = if count == 1 { "1 loop".to_owned() } else { format!("{count} loops") };
    label(ui, rect, Align2::LEFT_TOP, &words, Style { colour: theme::ACCENT, ..Style::DIM });
    let rect = Rect::from_min_size(pos2(rect.left(), rect.bottom() - 24.0), vec2(34.0, 20.0));
    let help = "Show all loops again, not only those that the chosen statement was learned from.";
    let button = Button::new(Face::Text("all"), "Show all loops", help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, rect, id("all loops", 0)).clicked() {
        cx.state.statement = None;
        cx.state.history_back = 0;
        // The strip of this frame was chosen before.
        ui.ctx().request_repaint();
    }
}

/// Which loops come next.
fn next_menu(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let now = cx.shown.strategy;
    let (word, meaning) = text::strategy(now);
    let help = format!("Which loops come next: {}.", meaning.to_lowercase());
    let button = Button::new(Face::Menu(word), "Which loops come next", &help).look(Look::Bare);
    let response = button.text(theme::SIZE, Weight::Regular).show(ui, rect, id("strategy", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "NEXT LOOPS");
        for choice in text::STRATEGIES {
            if menu_item(ui, choice == now, text::strategy(choice).1) {
                cx.send(Command::SetStrategy(choice));
            }
        }
    });
}

fn strip(ui: &mut Ui, rect: Rect, history: &[&HistoryView], cx: &mut Cx) {
    let (older, rest) = cut_left(rect, 16.0, 6.0);
    let (newer, room) = cut_right(rest, 16.0, 6.0);
    let fit = ((room.width() + GAP) / (THUMB.x + GAP)).floor().max(1.0) as usize;
    let most_back = history.len().saturating_sub(fit);
    if ui.rect_contains_pointer(rect) {
        let notches = crate::editor::wheel_notches(ui);
        if notches > 0.0 {
            cx.state.history_back += 1;
        } else if notches < 0.0 {
            cx.state.history_back = cx.state.history_back.saturating_sub(1);
        }
    }
    cx.state.history_back = cx.state.history_back.min(most_back);
    let end = history.len() - cx.state.history_back;
    let start = end.saturating_sub(fit);
    for (rect, glyph, name, enabled, by) in [
        (older, Glyph::Left, "Older loops", start > 0, 1i32),
        (newer, Glyph::Right, "Newer loops", cx.state.history_back > 0, -1),
    ] {
        let button =
            Button::new(Face::Sign(glyph), name, "Scroll through the history. The wheel does it too.");
        let button = button.look(Look::Bare).text(9.0, Weight::Regular).enabled(enabled);
        if button.show(ui, rect, id(name, 0)).clicked() {
            let by_page = by * fit.saturating_sub(1).max(1) as i32;
            let back = cx.state.history_back as i32 + by_page;
            cx.state.history_back = (back.max(0) as usize).min(most_back);
        }
    }
    if history.is_empty() {
        let words = "The loops that say so are in other projects that share this taste.";
        label(ui, room, Align2::LEFT_CENTER, words, Style::SMALL);
    }
    for (at, entry) in history[start..end].iter().enumerate() {
        let left = room.left() + at as f32 * (THUMB.x + GAP);
        let thumb = Rect::from_min_size(pos2(left, room.top()), THUMB);
        thumbnail(ui, thumb, entry, cx);
    }
}

fn thumbnail(ui: &mut Ui, rect: Rect, entry: &HistoryView, cx: &mut Cx) {
    let verdict = match entry.verdict {
        Some(true) => ", liked",
        Some(false) => ", disliked",
        None => "",
    };
    let star = if entry.starred { ", starred" } else { "" };
    let current = if entry.is_current { ", current" } else { "" };
    let next = if cx.waits().is_some_and(|waits| waits.id == entry.id) { ", next" } else { "" };
    let name = format!("Loop {:04}{verdict}{star}{current}{next}", entry.number);
    let response = ui
        .interact(rect, id("history", entry.id.0 as usize), Sense::click_and_drag())
        .on_hover_cursor(CursorIcon::PointingHand);
    let painter = ui.painter();
    let edge = match (entry.is_current, response.hovered()) {
        (true, _) => Stroke::new(1.5, theme::ACCENT),
        (_, true) => Stroke::new(1.0, theme::DIM),
        _ => Stroke::new(1.0, theme::EDGE),
    };
    let ground = if response.hovered() { theme::RAISED } else { theme::GROUND };
    painter.rect(rect, CornerRadius::same(5), ground, edge, StrokeKind::Inside);
    miniature(painter, rect.shrink2(vec2(8.0, 7.0)), &entry.pattern, 1.0);
    let waits = cx.waits().is_some_and(|waits| waits.id == entry.id);
    if waits {
        next_badge(ui, rect);
    }
    let painter = ui.painter();
    if let Some(liked) = entry.verdict {
        verdict_badge(painter, rect, liked);
    }
    if entry.starred {
        let centre = pos2(rect.left() + 11.0, rect.top());
        painter.circle_filled(centre, 8.0, theme::GROUND);
        Glyph::Star.paint(painter, centre, 13.0, theme::ACCENT);
    }
    let help = "Click to hear it again, drag it to a track as MIDI, right-click for more.";
    let response =
        named(ui, response, || WidgetInfo::selected(Role::Button, true, entry.is_current, &name), help);
    if response.clicked() && waits {
        cx.look_ahead();
    } else if response.clicked() && !entry.is_current {
        cx.send(Command::Recall(entry.id));
    }
    if response.drag_started() {
        let of = ExportOf { id: Some(entry.id), kind: ExportKind::Midi };
        cx.actions.push(Action::Export(of, ExportFor::Drag));
    }
    Popup::context_menu(&response).show(|ui| entry_menu(ui, entry, cx));
}

/// What was said of a loop, at the corner of its thumbnail.
pub(super) fn verdict_badge(painter: &Painter, thumb: Rect, liked: bool) {
    let (colour, glyph) = if liked { (theme::LIKE, Glyph::Heart) } else { (theme::DISLIKE, Glyph::Cross) };
    let badge = Rect::from_center_size(pos2(thumb.right() - 12.0, thumb.top()), vec2(20.0, 14.0));
    painter.rect_filled(badge, CornerRadius::same(7), colour);
    glyph.paint(painter, badge.center(), 9.0, theme::GROUND);
}

/// The loop that was chosen and has not entered yet.
fn next_badge(ui: &Ui, rect: Rect) {
    let painter = ui.painter();
    let words = line(painter, "next", 9.5, Weight::SemiBold, theme::ON_ACCENT, 40.0);
    let size = words.size() + vec2(8.0, 1.0);
    let badge = Rect::from_center_size(pos2(rect.center().x, rect.bottom() - 1.0), size);
    painter.rect_filled(badge, CornerRadius::same(6), theme::ACCENT);
    place(painter, badge, Align2::CENTER_CENTER, words);
}

/// The menu of the current loop: what a right-click offers, within reach of the keyboard.
fn current_menu(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let rect = Rect::from_min_size(pos2(rect.left(), rect.bottom() - 24.0), vec2(34.0, 20.0));
    let help = "Star, forget or export the current loop.";
    let button = Button::new(Face::Sign(Glyph::Dots), "Current loop", help);
    let response = button.show(ui, rect, id("current loop", 0));
    let view = cx.shown;
    let Some(entry) = view.history.iter().find(|entry| entry.is_current) else { return };
    Popup::menu(&response).show(|ui| entry_menu(ui, entry, cx));
}

fn entry_menu(ui: &mut Ui, entry: &HistoryView, cx: &mut Cx) {
    menu_heading(ui, &format!("LOOP {:04}", entry.number));
    if !entry.is_current && menu_item(ui, false, "Recall") {
        cx.send(Command::Recall(entry.id));
    }
    let words = if entry.starred { "Remove the star" } else { "Star" };
    if menu_item(ui, entry.starred, words) {
        cx.send(Command::Star(entry.id, !entry.starred));
    }
    if entry.verdict.is_some() && menu_item(ui, false, "Forget the rating") {
        cx.send(Command::Forget(entry.id));
    }
    menu_heading(ui, "EXPORT");
    for (words, kind) in [
        ("Save MIDI as…", ExportKind::Midi),
        ("Save audio as…", ExportKind::Audio),
        ("Save stems as…", ExportKind::Stems),
    ] {
        if menu_item(ui, false, words) {
            let of = ExportOf { id: Some(entry.id), kind };
            cx.actions.push(Action::Export(of, ExportFor::SaveAs));
        }
    }
    for (words, kind, what) in [
        ("Write MIDI and copy its path", ExportKind::Midi, ExportFor::CopyPath),
        ("Write audio and copy its path", ExportKind::Audio, ExportFor::CopyPath),
        ("Write audio and show in folder", ExportKind::Audio, ExportFor::ShowInFolder),
    ] {
        if menu_item(ui, false, words) {
            let of = ExportOf { id: Some(entry.id), kind };
            cx.actions.push(Action::Export(of, what));
        }
    }
}

fn show_queue(ui: &mut Ui, rect: Rect, waiting: usize, cx: &mut Cx) {
    if waiting == 0 {
        let painter = ui.painter();
        painter.rect_stroke(rect, CornerRadius::same(5), Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
        label(ui, rect.shrink(6.0), Align2::CENTER_CENTER, "searching", Style::SMALL);
        return;
    }
    let view = cx.shown;
    for (at, pattern) in view.queue.iter().take(waiting).enumerate() {
        let left = rect.left() + at as f32 * (THUMB.x + GAP);
        let thumb = Rect::from_min_size(pos2(left, rect.top()), THUMB);
        let response = ui.interact(thumb, id("queue", at), Sense::click());
        let painter = ui.painter();
        let edge = if response.hovered() { theme::DIM } else { theme::LINE };
        painter.rect(thumb, CornerRadius::same(5), theme::GROUND, Stroke::new(1.0, edge), StrokeKind::Inside);
        miniature(painter, thumb.shrink2(vec2(8.0, 7.0)), pattern, 0.5);
        let name = format!("Waiting loop {}", at + 1);
        let help = "A loop that waits. Click to go to the next one.";
        let response = named(ui, response, || WidgetInfo::labeled(Role::Button, true, &name), help);
        if response.clicked() {
            cx.send(Command::Forward);
        }
    }
}

/// A loop in a few pixels: a row a lane, a mark a hit.
pub(in crate::editor::screens) fn miniature(painter: &Painter, rect: Rect, pattern: &Loop, opacity: f32) {
    let lanes = pattern.lanes();
    let steps = pattern.grid.steps().max(1);
    let row = rect.height() / lanes.len().max(1) as f32;
    let pitch = rect.width() / steps as f32;
    let width = (pitch * 0.7).clamp(0.8, 4.0);
    for (index, lane) in lanes.iter().enumerate() {
        let colour = theme::role(lane.role);
        let top = rect.top() + index as f32 * row;
        for (step, hit) in lane.iter().take_while(|(step, _)| *step < steps) {
            let strength = opacity * (0.45 + 0.55 * f32::from(hit.velocity) / 127.0);
            let x = rect.left() + step as f32 * pitch;
            let mark = Rect::from_min_size(pos2(x, top + row * 0.1), vec2(width, (row * 0.8).max(1.0)));
            let colour: Color32 = theme::mix(theme::GROUND, colour, strength);
            painter.rect_filled(mark, CornerRadius::ZERO, colour);
        }
    }
}
