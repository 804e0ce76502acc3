//! The strip of the arrangement: bars that are painted, moved, stretched and repeated by mouse and keyboard.
//!
//! While it is dragged the window shows what would become of it; it is sent when it is let go.

use super::{colour, energy};
use crate::editor::actions::Cx;
use crate::editor::state::StripGesture;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Style, cut_top, focus_ring, id, label, line, menu_heading, menu_item, named, place,
};
use deepdrummer_core::session::command::{Command, SongCommand};
use deepdrummer_core::song::{MAX_STRIP_BARS, Strip};
use egui::{
    Align2, CornerRadius, CursorIcon, EventFilter, Id, Key, Modifiers, Popup, Rect, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2,
};

/// What has the keyboard when bars are chosen with it.
pub fn strip_id() -> Id {
    id("strip", 0)
}

/// Bars that are shown: those that there are, and some to paint on.
fn shown_bars(bars: usize) -> usize {
    (bars / 4 * 4 + 4).clamp(16, MAX_STRIP_BARS)
}

/// How much happens in each bar.
pub(super) fn energies(cells: &[u8], cx: &Cx) -> Vec<f32> {
    let strip = Strip::of(cells);
    let mut values = Vec::with_capacity(cells.len());
    for run in strip.runs() {
        let section = usize::from(run.section).checked_sub(1).and_then(|at| cx.view.song.sections.get(at));
        let of = section.map_or(&[][..], |section| &section.energy);
        values.extend((0..run.bars).map(|bar| if of.is_empty() { 0.0 } else { of[bar % of.len()] }));
    }
    values
}

pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    if cx.state.strip.echo.as_ref() == Some(&cx.view.song.strip) {
        cx.state.strip.echo = None;
    }
    let drafted = cx.state.strip.draft.clone().or_else(|| cx.state.strip.echo.clone());
    let cells = drafted.unwrap_or_else(|| cx.view.song.strip.clone());
    let bars = shown_bars(cells.len());
    let (ruler, rest) = cut_top(rect, 13.0, 1.0);
    let (blocks, rest) = cut_top(rest, (rest.height() * 0.42).clamp(30.0, 48.0), 6.0);
    let width = blocks.width() / bars as f32;
    let x = |bar: usize| blocks.left() + bar as f32 * width;
    let every = [1, 2, 4, 8].into_iter().find(|&every| width * every as f32 >= 18.0).unwrap_or(16);
    for bar in (0..bars).step_by(every) {
        let number = bar as i64 + 1 + i64::from(cx.view.song.offset);
        let place =
            Rect::from_min_size(pos2(x(bar), ruler.top()), egui::vec2(width * every as f32, ruler.height()));
        label(ui, place, Align2::LEFT_CENTER, &number.to_string(), Style { size: 9.5, ..Style::SMALL });
    }
    paint(ui, blocks, &cells, width, cx);
    let below = crate::editor::widgets::cut_bottom(rest, 16.0, 2.0);
    interact(ui, blocks, bars, width, &cells, cx);
    playhead(ui, blocks, cells.len(), width, cx);
    energy(ui, below.1, &cells, x, cx);
    let words = "drag to move, an edge to stretch, Shift-drag to paint the chosen section · arrows, 1 to 8, 0, R, Delete";
    label(ui, below.0, Align2::LEFT_CENTER, words, Style { size: 10.0, ..Style::SMALL });
}

fn paint(ui: &Ui, rect: Rect, cells: &[u8], width: f32, cx: &Cx) {
    let painter = ui.painter();
    painter.rect(
        rect,
        CornerRadius::same(4),
        theme::PANEL,
        Stroke::new(1.0, theme::LINE),
        StrokeKind::Inside,
    );
    for run in Strip::of(cells).runs() {
        let Some(at) = usize::from(run.section).checked_sub(1) else { continue };
        let Some(section) = cx.view.song.sections.get(at) else { continue };
        let left = rect.left() + run.from as f32 * width;
        let block = Rect::from_min_max(
            pos2(left + 0.5, rect.top() + 1.0),
            pos2(left + run.bars as f32 * width - 1.0, rect.bottom() - 1.0),
        );
        painter.rect_filled(block, CornerRadius::same(4), colour(section.maker, at));
        for bar in 1..run.bars {
            let x = left + bar as f32 * width;
            let stroke = Stroke::new(1.0, theme::GROUND.gamma_multiply(0.18));
            painter.vline(x, block.y_range(), stroke);
        }
        if block.width() > 16.0 {
            let galley = line(
                painter,
                &section.name,
                theme::SMALL,
                Weight::SemiBold,
                theme::ON_ACCENT,
                block.width() - 4.0,
            );
            place(painter, block, Align2::CENTER_CENTER, galley);
        }
    }
}

fn playhead(ui: &Ui, rect: Rect, bars: usize, width: f32, cx: &Cx) {
    let Some(meters) = cx.meters.filter(|meters| meters.playing) else { return };
    let song = &cx.view.song;
    let Some(bar) = meters.bar.filter(|_| song.plays_arrangement() && bars > 0) else { return };
    let at = bar - 1 - i64::from(song.offset);
    let at = if song.looped { at.rem_euclid(bars as i64) } else { at };
    if !(0..bars as i64).contains(&at) {
        return;
    }
    let steps = f32::from(cx.view.current.pattern.grid.steps_per_bar.max(1));
    let within = (meters.step.max(0.0) % steps) / steps;
    let x = rect.left() + (at as f32 + within) * width;
    ui.painter().vline(x, rect.y_range().expand(3.0), Stroke::new(2.0, theme::TEXT));
}

/// Sends a strip that differs from the one that there is.
fn send(cells: Vec<u8>, cx: &mut Cx) {
    if cells != cx.view.song.strip {
        cx.state.strip.echo = Some(cells.clone());
        cx.send(Command::Song(SongCommand::SetStrip(cells)));
    }
}

fn chosen(cx: &Cx) -> u8 {
    cx.view.song.sections.iter().position(|section| section.chosen).map_or(1, |at| at as u8 + 1)
}

/// The selected bars.
fn selection(cx: &Cx) -> (usize, usize) {
    let (a, b) = (cx.state.strip.anchor, cx.state.strip.cursor);
    (a.min(b), a.max(b) - a.min(b) + 1)
}

fn interact(ui: &mut Ui, rect: Rect, bars: usize, width: f32, cells: &[u8], cx: &mut Cx) {
    let control = strip_id();
    let response = ui.interact(rect, control, Sense::click_and_drag());
    let bar_at = |x: f32| (((x - rect.left()) / width).max(0.0) as usize).min(bars - 1);
    let pointer = response.interact_pointer_pos().or(response.hover_pos());
    let shift = ui.input(|input| input.modifiers.shift);
    let edge = pointer.and_then(|pointer| run_edge(cells, rect, width, pointer.x));
    if let Some(pointer) = pointer {
        let bar = bar_at(pointer.x);
        if response.hovered() && edge.is_some() && !shift {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        if response.drag_started() {
            // From where it was pressed.
            let from = ui.input(|input| input.pointer.press_origin()).map_or(pointer.x, |origin| origin.x);
            begin(bar_at(from), run_edge(cells, rect, width, from), shift, cells, cx);
            response.request_focus();
        }
        if response.dragged() {
            drag(bar, ((pointer.x - rect.left()) / width).max(0.0), cx);
        }
        if response.clicked() {
            response.request_focus();
            if !shift {
                cx.state.strip.anchor = bar;
            }
            cx.state.strip.cursor = bar;
        }
        if response.secondary_clicked()
            && !(selection(cx).0..selection(cx).0 + selection(cx).1).contains(&bar)
        {
            (cx.state.strip.anchor, cx.state.strip.cursor) = (bar, bar);
        }
    }
    if response.drag_stopped() {
        cx.state.strip.gesture = None;
        if let Some(draft) = cx.state.strip.draft.take() {
            send(draft, cx);
        }
    }
    Popup::context_menu(&response).show(|ui| menu(ui, cells, cx));
    if response.has_focus() {
        ui.memory_mut(|memory| {
            let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
            memory.set_focus_lock_filter(control, filter);
        });
        keys(ui, bars, cells, cx);
        let (from, count) = selection(cx);
        let left = rect.left() + from as f32 * width;
        let chosen =
            Rect::from_min_max(pos2(left, rect.top()), pos2(left + count as f32 * width, rect.bottom()));
        ui.painter().rect_stroke(
            chosen,
            CornerRadius::same(4),
            Stroke::new(2.0, theme::TEXT),
            StrokeKind::Inside,
        );
        focus_ring(ui.painter(), rect);
    }
    let help = "The section of each bar. Digits put a section into the selected bars, 0 silence; Delete takes them \
                out, R repeats them, Alt with the arrows moves them, Ctrl/Cmd with the arrows stretches.";
    named(ui, response, || WidgetInfo::labeled(Role::Button, true, "Arrangement"), help);
}

/// The run whose right edge is at a place.
fn run_edge(cells: &[u8], rect: Rect, width: f32, x: f32) -> Option<usize> {
    let near = (width * 0.25).clamp(2.0, 6.0);
    let end = |run: &deepdrummer_core::song::Run| rect.left() + (run.from + run.bars) as f32 * width;
    let runs = Strip::of(cells).runs();
    runs.iter().find(|run| run.section != 0 && (end(run) - x).abs() <= near).map(|run| run.from)
}

fn begin(bar: usize, edge: Option<usize>, paints: bool, cells: &[u8], cx: &mut Cx) {
    let run = Strip::of(cells).run_at(bar);
    let selected = selection(cx);
    let in_selection = selected.1 > 1 && (selected.0..selected.0 + selected.1).contains(&bar);
    cx.state.strip.gesture = Some(match (edge, run) {
        (Some(from), _) if !paints => StripGesture::Stretch { from },
        (_, Some(_)) if !paints && in_selection => {
            StripGesture::Move { from: selected.0, bars: selected.1, held: bar }
        }
        (_, Some(run)) if !paints && run.section != 0 => {
            StripGesture::Move { from: run.from, bars: run.bars, held: bar }
        }
        _ => StripGesture::Paint { from: bar, section: chosen(cx) },
    });
}

fn drag(bar: usize, place: f32, cx: &mut Cx) {
    let Some(gesture) = cx.state.strip.gesture else { return };
    let mut strip = Strip::of(&cx.view.song.strip);
    match gesture {
        StripGesture::Move { from, bars, held } => {
            let to = (from + bar).saturating_sub(held);
            strip.shift(from, bars, to);
            let to = to.min(strip.bars().saturating_sub(bars));
            (cx.state.strip.anchor, cx.state.strip.cursor) = (to, to + bars - 1);
        }
        StripGesture::Stretch { from } => {
            if let Some(run) = strip.run_at(from) {
                strip.stretch(run, (place.round() as usize).saturating_sub(from));
            }
        }
        StripGesture::Paint { from, section } => {
            strip.paint(from.min(bar), from.abs_diff(bar) + 1, section);
            (cx.state.strip.anchor, cx.state.strip.cursor) = (from, bar);
        }
    }
    cx.state.strip.draft = Some(strip.cells().to_vec());
}

fn keys(ui: &Ui, bars: usize, cells: &[u8], cx: &mut Cx) {
    const DIGITS: [Key; 9] =
        [Key::Num0, Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8];
    let pressed = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let (from, count) = selection(cx);
    let mut strip = Strip::of(cells);
    for (section, key) in DIGITS.into_iter().enumerate() {
        if section <= cx.view.song.sections.len() && pressed(Modifiers::NONE, key) {
            strip.paint(from, count, section as u8);
        }
    }
    if pressed(Modifiers::NONE, Key::Delete) | pressed(Modifiers::NONE, Key::Backspace) {
        strip.remove(from, count);
        (cx.state.strip.anchor, cx.state.strip.cursor) = (from, from);
    }
    if pressed(Modifiers::NONE, Key::R) {
        strip.repeat(from, count);
        (cx.state.strip.anchor, cx.state.strip.cursor) = (from + count, from + 2 * count - 1);
    }
    for (key, by) in [(Key::ArrowLeft, -1i64), (Key::ArrowRight, 1)] {
        let moved = |bar: usize| (bar as i64 + by).clamp(0, bars as i64 - 1) as usize;
        if pressed(Modifiers::ALT, key) {
            let to = moved(from).min(strip.bars().saturating_sub(count));
            strip.shift(from, count, to);
            (cx.state.strip.anchor, cx.state.strip.cursor) = (to, to + count - 1);
        } else if pressed(Modifiers::COMMAND, key) {
            if let Some(run) = strip.run_at(from) {
                strip.stretch(run, (run.bars as i64 + by).max(1) as usize);
            }
        } else if pressed(Modifiers::SHIFT, key) {
            cx.state.strip.cursor = moved(cx.state.strip.cursor);
        } else if pressed(Modifiers::NONE, key) {
            let to = moved(cx.state.strip.cursor);
            (cx.state.strip.anchor, cx.state.strip.cursor) = (to, to);
        }
    }
    if strip.cells() != cells {
        send(strip.cells().to_vec(), cx);
    }
}

fn menu(ui: &mut Ui, cells: &[u8], cx: &mut Cx) {
    let (from, count) = selection(cx);
    let mut strip = Strip::of(cells);
    menu_heading(
        ui,
        &if count == 1 {
            format!("BAR {}", from + 1)
        } else {
            format!("BARS {} TO {}", from + 1, from + count)
        },
    );
    for (at, section) in cx.view.song.sections.iter().enumerate() {
        let number = at as u8 + 1;
        if menu_item(ui, cells.get(from) == Some(&number), &section.name) {
            strip.paint(from, count, number);
        }
    }
    if menu_item(ui, cells.get(from) == Some(&0), "Silence") {
        strip.paint(from, count, 0);
    }
    if menu_item(ui, false, "Repeat (R)") {
        strip.repeat(from, count);
    }
    if menu_item(ui, false, "Take out (Delete)") {
        strip.remove(from, count);
    }
    menu_heading(ui, "THE ARRANGEMENT BEGINS");
    for (bar, words) in [(0, "on bar 1 of the song".to_owned())].into_iter().chain(here(cx)) {
        if menu_item(ui, cx.view.song.offset == bar, &words) {
            cx.send(Command::Song(SongCommand::SetOffset(bar)));
        }
    }
    if strip.cells() != cells {
        send(strip.cells().to_vec(), cx);
    }
}

/// The bar where the host is.
fn here(cx: &Cx) -> Option<(i32, String)> {
    let bar = cx.meters?.bar?;
    let bar = i32::try_from(bar - 1).ok().filter(|bar| *bar != 0)?;
    Some((bar, format!("on bar {} of the song, where the host is", bar + 1)))
}
