//! The inbox: good loops that were found while nothing played, as thumbnails that are played, rated and taken away.

use super::history::{miniature, verdict_badge};
use crate::editor::actions::{Action, Cx, ExportFor, ExportOf};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_right, cut_top, id, label, line, menu_heading, menu_item, named,
    place, tell,
};
use deepdrummer_core::session::command::{Command, ExportKind};
use deepdrummer_core::session::view::FoundView;
use deepdrummer_core::taste::{LoopId, Verdict};
use egui::{
    Align2, CornerRadius, CursorIcon, Key, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

const HEADING: f32 = 20.0;
const THUMB: egui::Vec2 = vec2(70.0, 42.0);
const GAP: f32 = 7.0;
/// Rows that are shown at most: the page stays calm.
const MOST_ROWS: usize = 3;
/// How long the pointer rests on a loop until it is played, in seconds.
const REST_S: f64 = 0.35;
/// Loops that have a key.
pub(in crate::editor) const KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

fn columns(width: f32) -> usize {
    ((width + GAP) / (THUMB.x + GAP)).floor().max(1.0) as usize
}

/// How high it is in this room.
pub(super) fn height(width: f32, room: f32, cx: &Cx) -> f32 {
    let loops = cx.shown.inbox.loops.len();
    if loops == 0 {
        return HEADING + 16.0;
    }
    let rows = ((room - HEADING + GAP) / (THUMB.y + GAP)).floor().max(1.0) as usize;
    let rows = rows.min(MOST_ROWS).min(loops.div_ceil(columns(width)));
    HEADING + rows as f32 * (THUMB.y + GAP) - GAP
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, rest) = cut_top(rect, 16.0, HEADING - 16.0);
    if heading.height() < 15.0 {
        return;
    }
    label(ui, heading, Align2::LEFT_CENTER, "INBOX", Style::HEADING);
    let view = cx.shown;
    let loops = &view.inbox.loops;
    if loops.is_empty() {
        let words = "Good loops that are found while nothing plays will wait here.";
        if rest.height() >= 14.0 {
            label(ui, cut_top(rest, 16.0, 0.0).0, Align2::LEFT_CENTER, words, Style::SMALL);
        }
        tell(ui, rect, words);
        return;
    }
    let columns = columns(rest.width());
    let rows = ((rest.height() + GAP + 0.5) / (THUMB.y + GAP)).floor().max(1.0) as usize;
    let fit = columns * rows;
    let last = loops.len().saturating_sub(1) / fit * fit;
    cx.state.inbox_first = (cx.state.inbox_first / fit * fit).min(last);
    let heading = if loops.len() > fit { pages(ui, heading, fit, last, cx) } else { heading };
    let words = if loops.len() == 1 {
        "1 loop that you will like · 1 plays it".to_owned()
    } else {
        format!("{} loops that you will like · 1–9 play them", loops.len())
    };
    label(ui, heading, Align2::RIGHT_CENTER, &words, Style::SMALL);
    let width = (rest.width() + GAP) / columns as f32 - GAP;
    let first = cx.state.inbox_first;
    let shown = &loops[first..(first + fit).min(loops.len())];
    cx.state.inbox_shown = shown.iter().take(KEYS.len()).map(|found| found.id).collect();
    let mut over = None;
    for (at, found) in shown.iter().enumerate() {
        let place = vec2((at % columns) as f32 * (width + GAP), (at / columns) as f32 * (THUMB.y + GAP));
        let thumb = Rect::from_min_size(rest.min + place, vec2(width, THUMB.y));
        if thumbnail(ui, thumb, (first + at, at), found, cx) {
            over = Some(found.id);
        }
    }
    rest_on(ui, over, cx);
}

/// The ways to the loops that find no room. Gives what is left of the row.
fn pages(ui: &mut Ui, row: Rect, fit: usize, last: usize, cx: &mut Cx) -> Rect {
    let (newer, row) = cut_right(row, 18.0, 2.0);
    let (older, row) = cut_right(row, 18.0, 8.0);
    let first = cx.state.inbox_first;
    for (rect, glyph, name, to) in [
        (older, Glyph::Left, "Found loops before these", first.checked_sub(fit)),
        (newer, Glyph::Right, "More found loops", Some(first + fit).filter(|to| *to <= last)),
    ] {
        let button = Button::new(Face::Sign(glyph), name, "Shows the others that were found.");
        let button = button.look(Look::Bare).text(9.0, Weight::Regular).enabled(to.is_some());
        if button.show(ui, rect, id(name, 0)).clicked()
            && let Some(to) = to
        {
            cx.state.inbox_first = to;
        }
    }
    row
}

/// A loop of the inbox plays at the next boundary: it becomes the current one.
pub(in crate::editor) fn play(id: LoopId, cx: &mut Cx) {
    let is_current = cx.view.inbox.loops.iter().any(|found| found.id == id && found.is_current);
    if !is_current {
        cx.send(Command::Recall(id));
    }
}

/// While something plays, the loop on which the pointer rests for a moment is played.
fn rest_on(ui: &Ui, over: Option<LoopId>, cx: &mut Cx) {
    let plays = cx.meters.is_some_and(|meters| meters.playing);
    let Some(over) = over.filter(|_| plays) else {
        cx.state.inbox_rest = None;
        return;
    };
    let now = ui.input(|input| input.time);
    match cx.state.inbox_rest {
        Some((id, since)) if id == over => match since {
            Some(since) if now >= since + REST_S => {
                cx.state.inbox_rest = Some((over, None));
                play(over, cx);
            }
            Some(since) => {
                ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(since + REST_S - now));
            }
            None => {}
        },
        _ => {
            cx.state.inbox_rest = Some((over, Some(now)));
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(REST_S));
        }
    }
}

/// One of them, of all and of those that are shown. Says whether the pointer is on it.
fn thumbnail(
    ui: &mut Ui,
    rect: Rect,
    (of_all, shown): (usize, usize),
    found: &FoundView,
    cx: &mut Cx,
) -> bool {
    let likely = found.prediction.map(|prediction| format!("{:.0} %", prediction.p_like * 100.0));
    let verdict = match found.verdict {
        Some(true) => ", liked",
        Some(false) => ", disliked",
        None => "",
    };
    let current = if found.is_current { ", current" } else { "" };
    let title = format!("Found loop {}", of_all + 1);
    let name = match &likely {
        Some(likely) => format!("{title}: {likely}{verdict}{current}"),
        None => format!("{title}{verdict}{current}"),
    };
    let response = ui
        .interact(rect, id("found", found.id.0 as usize), Sense::click_and_drag())
        .on_hover_cursor(CursorIcon::PointingHand);
    let over = ui.rect_contains_pointer(rect);
    let painter = ui.painter();
    let edge = match (found.is_current, over) {
        (true, _) => Stroke::new(1.5, theme::ACCENT),
        (_, true) => Stroke::new(1.0, theme::DIM),
        _ => Stroke::new(1.0, theme::EDGE),
    };
    let ground = if over { theme::RAISED } else { theme::GROUND };
    painter.rect(rect, CornerRadius::same(5), ground, edge, StrokeKind::Inside);
    let (inner, _) = cut_top(rect.shrink2(vec2(8.0, 6.0)), rect.height() - 15.0, 0.0);
    miniature(painter, inner, &found.pattern, if found.verdict.is_some() { 0.5 } else { 1.0 });
    if let Some(prediction) = found.prediction {
        let foot = Rect::from_min_max(
            pos2(inner.left(), rect.bottom() - 5.0),
            pos2(inner.right(), rect.bottom() - 3.0),
        );
        painter.rect_filled(foot, CornerRadius::same(1), theme::LINE);
        let share =
            Rect::from_min_size(foot.min, vec2(foot.width() * prediction.p_like.clamp(0.0, 1.0), 2.0));
        painter.rect_filled(share, CornerRadius::same(1), theme::LIKE);
    }
    if shown < KEYS.len() && found.verdict.is_none() {
        let key = line(painter, &(shown + 1).to_string(), 9.0, Weight::SemiBold, theme::DIM, 12.0);
        let corner = Rect::from_min_size(rect.min + vec2(1.0, 1.0), vec2(8.0, 12.0));
        painter.rect_filled(corner, CornerRadius::same(3), ground);
        place(painter, corner, Align2::CENTER_CENTER, key);
    }
    if let Some(liked) = found.verdict {
        verdict_badge(painter, rect, liked);
    }
    let key = if shown < KEYS.len() { format!(" Its key is {}.", shown + 1) } else { String::new() };
    let help = format!(
        "Click to play it at the next boundary, or rest on it while something plays.{key} Then L likes and D dislikes. \
         Drag it to a track as MIDI, right-click for more, Delete dismisses it."
    );
    let info = || WidgetInfo::selected(Role::Button, true, found.is_current, &name);
    let response = named(ui, response, info, &help);
    if response.clicked() {
        play(found.id, cx);
    }
    if response.drag_started() {
        export(found.id, ExportKind::Midi, ExportFor::Drag, cx);
    }
    let gone = response.has_focus()
        && ui.input_mut(|input| {
            let none = egui::Modifiers::NONE;
            input.consume_key(none, Key::Delete) | input.consume_key(none, Key::Backspace)
        });
    if gone | dismiss(ui, rect, over, &title, found) {
        cx.send(Command::DismissFound(found.id));
    }
    Popup::context_menu(&response).show(|ui| menu(ui, &title, found, cx));
    over
}

/// The cross in its corner, seen while the pointer is on it.
fn dismiss(ui: &mut Ui, thumb: Rect, over: bool, title: &str, found: &FoundView) -> bool {
    let rect = Rect::from_min_size(pos2(thumb.right() - 17.0, thumb.top() + 2.0), vec2(15.0, 15.0));
    let name = format!("Dismiss {}", title.to_lowercase());
    let help = "Away with it; nothing is learned from that. Undo brings it back.";
    let response = ui.interact(rect, id("dismiss found", found.id.0 as usize), Sense::click());
    if over && found.verdict.is_none() {
        let painter = ui.painter();
        let lit = if response.hovered() { theme::HOVER } else { theme::RAISED };
        painter.rect_filled(rect, CornerRadius::same(4), lit);
        Glyph::Cross.paint(painter, rect.center(), 8.0, theme::TEXT);
    }
    named(ui, response, || WidgetInfo::labeled(Role::Button, true, &name), help).clicked()
}

fn export(id: LoopId, kind: ExportKind, what: ExportFor, cx: &mut Cx) {
    cx.actions.push(Action::Export(ExportOf { id: Some(id), kind }, what));
}

fn menu(ui: &mut Ui, title: &str, found: &FoundView, cx: &mut Cx) {
    menu_heading(ui, &title.to_uppercase());
    if !found.is_current && menu_item(ui, false, "Play") {
        cx.send(Command::Recall(found.id));
    }
    for (words, like) in [("Like this one", true), ("Dislike this one", false)] {
        if menu_item(ui, found.verdict == Some(like), words) {
            cx.send(Command::Rate { id: found.id, verdict: Verdict::of(like) });
        }
    }
    if menu_item(ui, false, "Dismiss") {
        cx.send(Command::DismissFound(found.id));
    }
    menu_heading(ui, "EXPORT");
    for (words, kind, what) in [
        ("Write MIDI and copy its path", ExportKind::Midi, ExportFor::CopyPath),
        ("Write audio and copy its path", ExportKind::Audio, ExportFor::CopyPath),
        ("Write audio and show in folder", ExportKind::Audio, ExportFor::ShowInFolder),
    ] {
        if menu_item(ui, false, words) {
            export(found.id, kind, what, cx);
        }
    }
}
