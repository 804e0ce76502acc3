//! The middle of the window: tools, ruler, lane heads and the grid.

use crate::editor::actions::Cx;
use crate::editor::screens::{followed, grid, lane_head, life, making, selection, sound, taste_page};
use crate::editor::state::{Page, Tool};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_bottom, cut_left, cut_right, cut_top, id, label, middle,
};
use deepdrummer_core::pattern::MAX_LANES;
use deepdrummer_core::session::command::Command;
use egui::{Align2, Popup, PopupCloseBehavior, Rect, Ui, pos2, vec2};

/// A lane is at most this high, so that few lanes stay calm.
const LANE_MAX: f32 = 132.0;

/// The width of pages and tools beside each other.
const TOOLS_WIDTH: f32 = 226.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let count = cx.shown.lanes.len().max(1);
    let inner = rect.shrink2(vec2(0.0, 4.0));
    let inner =
        Rect::from_min_max(pos2(inner.left() + 16.0, inner.top()), pos2(inner.right() - 8.0, inner.bottom()));
    let (header, rest) = cut_top(inner, 30.0, 2.0);
    let (footer, body) = cut_bottom(rest, 20.0, 2.0);
    let head_width = (inner.width() * 0.32).clamp(212.0, 252.0);
    let (tools, ruler) = cut_left(header, head_width, 8.0);
    show_tools(ui, middle(tools, 22.0), cx);
    let is_loop = cx.state.page == Page::Loop;
    if cx.state.page == Page::Taste {
        cx.state.lane_rects.clear();
        taste_page::show(ui, Rect::from_min_max(body.min, inner.max), cx);
        return;
    }
    let body = if is_loop && making::is_offered(cx) {
        let (offer, body) = cut_top(body, making::LINE, 3.0);
        making::line(ui, offer, cx);
        body
    } else {
        body
    };
    if is_loop {
        let ruler = bars(ui, ruler, cx);
        grid::ruler(ui, ruler, cx);
    }

    let gap = if body.height() / count as f32 > 50.0 { 4.0 } else { 2.0 };
    let height = ((body.height() + gap) / count as f32 - gap).min(LANE_MAX);
    let mut lanes = Vec::with_capacity(count);
    cx.state.lane_rects.clear();
    for lane in 0..cx.shown.lanes.len() {
        let top = body.top() + lane as f32 * (height + gap);
        let head = Rect::from_min_size(pos2(body.left(), top), vec2(head_width, height));
        lane_head::choose(ui, head, lane, cx);
        lane_head::show(ui, head, lane, cx);
        lanes.push((top, top + height));
        cx.state.lane_rects.push(Rect::from_min_max(head.min, pos2(body.right(), head.bottom())));
    }
    let bottom = lanes.last().map_or(body.top(), |(_, bottom)| *bottom);
    let cells =
        Rect::from_min_max(pos2(body.left() + head_width + 8.0, body.top()), pos2(body.right(), bottom));
    if is_loop {
        grid::show(ui, cells, lanes, cx);
    } else {
        let page = Rect::from_min_max(pos2(cells.left(), header.top()), pos2(cells.right(), inner.bottom()));
        sound::show(ui, page, cx);
    }
    let footer = Rect::from_min_size(pos2(footer.left(), (bottom + 2.0).min(footer.top())), footer.size());
    let (heads, rest) = cut_left(footer, head_width, 8.0);
    lane_count(ui, heads, cx);
    if is_loop {
        legend(ui, rest, cx);
    }
}

/// Below the lanes: how many there are, and one more or one less.
fn lane_count(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let lanes = cx.shown.lanes.len();
    let (less, rest) = cut_left(middle(rect, 18.0), 20.0, 3.0);
    let (more, rest) = cut_left(rest, 20.0, 8.0);
    let last = cx.shown.lanes.last().map_or("", |lane| lane.role.label());
    let help = format!("Takes the last lane ({last}) away. Undo brings it back.");
    let button = Button::new(Face::Sign(Glyph::Minus), "Remove the last lane", &help);
    let button = button.text(9.0, Weight::Regular).enabled(lanes > 1);
    if button.show(ui, less, id("lane count", 0)).clicked() {
        cx.send(Command::SetLaneCount(lanes as u8 - 1));
    }
    let button = Button::new(Face::Sign(Glyph::Plus), "Add a lane", "One more lane, at the end.");
    let button = button.text(9.0, Weight::Regular).enabled(lanes < MAX_LANES);
    if button.show(ui, more, id("lane count", 1)).clicked() {
        cx.send(Command::SetLaneCount(lanes as u8 + 1));
    }
    let words = if lanes == 1 { "1 lane".to_owned() } else { format!("{lanes} lanes") };
    label(ui, rest, Align2::LEFT_CENTER, &words, Style::SMALL);
}

/// Whether pages and tools have less room than they like.
fn is_narrow(rect: Rect) -> bool {
    rect.width() < TOOLS_WIDTH
}

/// The pages of the window. Gives what is left of the row.
pub(super) fn pages(ui: &mut Ui, rect: Rect, cx: &mut Cx) -> Rect {
    // In the least window they stand closer together: their names are never cut.
    let (gap, behind) = if is_narrow(rect) { (2.0, 3.0) } else { (3.0, 6.0) };
    let (first, rest) = cut_left(rect, 36.0, gap);
    let (second, rest) = cut_left(rest, 44.0, gap);
    let (third, rest) = cut_left(rest, 38.0, gap);
    let (fourth, rest) = cut_left(rest, 40.0, behind);
    for (rect, page, name, help) in [
        (first, Page::Loop, "Loop", "The loop's grid. Ctrl/Cmd-1."),
        (second, Page::Sound, "Sound", "How each lane sounds, and the drum bus. Ctrl/Cmd-2."),
        (third, Page::Song, "Song", "Sections made of the loop, and their arrangement. Ctrl/Cmd-3."),
        (fourth, Page::Taste, "Taste", "What you love and make, and what was heard of it. Ctrl/Cmd-4."),
    ] {
        let button = Button::new(Face::Text(name), name, help).text(theme::SMALL, Weight::SemiBold);
        if button.choice(cx.state.page == page).show(ui, rect, id("page", page as usize)).clicked() {
            cx.state.page = page;
        }
    }
    rest
}

/// What the middle of the window shows, and how the grid is drawn in.
fn show_tools(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let width = if is_narrow(rect) { 20.0 } else { 22.0 };
    let rest = pages(ui, rect, cx);
    if cx.state.page != Page::Loop {
        return;
    }
    let (draw, rest) = cut_left(rest, width, 2.0);
    let (select, _) = cut_left(rest, width, 0.0);
    for (rect, tool, glyph, name, help) in [
        (draw, Tool::Draw, Glyph::Pencil, "Draw", "Dragging in the grid draws and shapes hits."),
        (
            select,
            Tool::Select,
            Glyph::Marquee,
            "Select",
            "Dragging in the grid selects steps, to copy, move, shape or lock them: right-click for all. Ctrl- or Cmd-drag selects with either tool.",
        ),
    ] {
        let button = Button::new(Face::Sign(glyph), name, help).text(theme::SMALL, Weight::Regular);
        if button.choice(cx.state.tool == tool).show(ui, rect, id("tool", tool as usize)).clicked() {
            cx.state.tool = tool;
        }
    }
}

/// What can be done with selected steps. Returns what is left of the row.
fn of_selection(ui: &mut Ui, row: Rect, cx: &mut Cx) -> Rect {
    let selected: u32 = cx.state.selection.iter().map(|mask| mask.count_ones()).sum();
    if selected == 0 {
        return row;
    }
    let (lock, rest) = cut_left(row, 40.0, 3.0);
    let (free, rest) = cut_left(rest, 34.0, 3.0);
    let (alive, rest) = cut_left(rest, 30.0, 3.0);
    let (clear, rest) = cut_left(rest, 20.0, 6.0);
    for (rect, face, name, help, on) in [
        (lock, "Lock", "Lock selected steps", "New loops and re-rolls keep these steps.", true),
        (free, "Free", "Free selected steps", "Loops may change these steps again.", false),
    ] {
        let button = Button::new(Face::Text(face), name, help).text(9.5, Weight::Regular);
        if button.show(ui, rect, id(name, 0)).clicked() {
            selection::lock(cx, on);
        }
    }
    let help = "Chance, repeats and condition of the selected hits.";
    let button = Button::new(Face::Text("Life"), "Life of selected steps", help).text(9.5, Weight::Regular);
    let response = button.show(ui, alive, id("life of steps", 0));
    if std::mem::take(&mut cx.state.opens_life) {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
    }
    Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| life::panel(ui, cx));
    let button = Button::new(Face::Sign(Glyph::Cross), "Clear the selection", "Select nothing.");
    if button.text(9.0, Weight::Regular).show(ui, clear, id("clear selection", 0)).clicked() {
        cx.state.selection = Default::default();
    }
    rest
}

/// The loop that waits to enter: it is marked here, and can be looked at and worked on before it does.
fn next_marker(ui: &mut Ui, rect: Rect, number: u32, cx: &mut Cx) {
    let ahead = !cx.shows_another();
    let face = format!("next: {number:04}");
    let enter = text::enter(cx.controls().enter);
    let help = if ahead {
        format!("Loop {number:04} is shown; it enters {enter}. Click to see what sounds.")
    } else {
        format!("Loop {number:04} enters {enter}; what you see is what sounds. Click to see it now.")
    };
    let button = Button::new(Face::Text(&face), "Show the next loop", &help).text(10.5, Weight::SemiBold);
    let button = if ahead { button.switch(true) } else { button.choice(false).look(Look::Chosen) };
    if button.show(ui, rect, id("next loop", 0)).clicked() {
        if ahead {
            cx.state.looks_ahead = None;
        } else {
            cx.look_ahead();
        }
    }
}

/// Which bar the grid shows, where there are several. Returns what is left for the ruler.
fn bars(ui: &mut Ui, rect: Rect, cx: &mut Cx) -> Rect {
    let bars = usize::from(cx.shown.current.pattern.grid.bars);
    let (row, ruler) = cut_top(rect, 15.0, 0.0);
    let row = of_selection(ui, row, cx);
    let row = followed::row(ui, row, cx);
    if bars < 2 {
        cx.state.bar = None;
        return cut_bottom(rect, 16.0, 0.0).0;
    }
    let (mut rest, _) = cut_right(row, 30.0 * (bars + 1) as f32, 0.0);
    for choice in std::iter::once(None).chain((0..bars).map(Some)) {
        let (cell, after) = cut_left(rest, 27.0, 3.0);
        rest = after;
        let (face, name) = match choice {
            None => ("all".to_owned(), "Show all bars".to_owned()),
            Some(bar) => ((bar + 1).to_string(), format!("Show bar {}", bar + 1)),
        };
        let button = Button::new(Face::Text(&face), &name, "What the grid shows.").text(9.5, Weight::Regular);
        let number = choice.map_or(0, |bar| bar + 1);
        if button.choice(cx.state.bar == choice).show(ui, cell, id("bar", number)).clicked() {
            cx.state.bar = choice;
        }
    }
    ruler
}

fn legend(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let edited = if cx.shown.current.edited { " · edited" } else { "" };
    let number = format!("Loop {:04}{edited}", cx.shown.current.number);
    let placed = label(ui, cut_left(rect, 200.0, 0.0).0, Align2::LEFT_CENTER, &number, Style::SMALL);
    let mut x = placed.right() + 18.0;
    if let Some(waits) = cx.waits() {
        let place = Rect::from_min_size(pos2(x - 6.0, rect.top()), vec2(82.0, rect.height()));
        next_marker(ui, middle(place, 18.0), waits.number, cx);
        x += 96.0;
    }
    // What marks mean is said where there are marks.
    if super::grid::outlined(cx).is_empty() {
        return;
    }
    let room = rect.right() - x;
    let (plus, minus) =
        if room > 330.0 { ("hits that raise your liking", "hits that lower it") } else { ("for", "against") };
    if room < 120.0 {
        return;
    }
    for (glyph, colour, words) in [(Glyph::Plus, theme::LIKE, plus), (Glyph::Minus, theme::DISLIKE, minus)] {
        let centre = pos2(x + 5.0, rect.center().y);
        glyph.paint(ui.painter(), centre, 9.0, colour);
        let area = Rect::from_min_max(pos2(x + 14.0, rect.top()), rect.max);
        x = label(ui, area, Align2::LEFT_CENTER, words, Style::SMALL).right() + 14.0;
    }
}
