//! The page Song: the sections made of a loop, their arrangement over the song's bars, and how both are made.
//!
//! Editor thread.

mod panel;
mod sections;
mod strip;

pub use strip::strip_id;

use super::card::heading;
use super::lanes;
use crate::editor::actions::Cx;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Style, cut_left, cut_right, cut_top, id, label, menu_heading, menu_item, middle,
};
use deepdrummer_core::propose::sections::Maker;
use deepdrummer_core::session::command::{Command, SongCommand};
use deepdrummer_core::song::Fills;
use egui::{Align2, Color32, CornerRadius, Popup, Rect, Stroke, Ui, pos2, vec2};

/// Draws the page in the place of lane heads and grid.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    cx.state.lane_rects.clear();
    let inner = Rect::from_min_max(
        pos2(rect.left() + 16.0, rect.top() + 4.0),
        pos2(rect.right() - 12.0, rect.bottom() - 6.0),
    );
    let (tools, rest) = cut_top(inner, 30.0, 2.0);
    lanes::pages(ui, middle(tools, 22.0), cx);
    let (head, rest) = cut_top(rest, 18.0, 2.0);
    let placed = label(ui, head, Align2::LEFT_CENTER, "SECTIONS", Style::HEADING);
    let words = match &cx.view.song.source {
        Some(name) => {
            format!("new ones are made of {name}; each is a loop that you can rate, edit, lock and swap")
        }
        None => "made of the loop you like; each is a loop that you can rate, edit, lock and swap".to_owned(),
    };
    let room = Rect::from_min_max(pos2(placed.right() + 16.0, head.top()), head.max);
    label(ui, room, Align2::LEFT_CENTER, &words, Style::SMALL);
    let height = (rest.height() * 0.36).clamp(96.0, 150.0);
    let (cards, rest) = cut_top(rest, height, 8.0);
    sections::show(ui, cards, cx);
    let (head, rest) = cut_top(rest, 22.0, 2.0);
    arrangement_head(ui, head, cx);
    strip::show(ui, rest, cx);
}

/// Draws the right panel of this page.
pub(super) fn panel(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    panel::show(ui, rect, cx);
}

/// A section's colour, by how it was made and its place.
fn colour(maker: Maker, at: usize) -> Color32 {
    use deepdrummer_core::pattern::Role;
    const OTHERS: [Role; 6] =
        [Role::ClosedHat, Role::OpenHat, Role::Percussion, Role::Clap, Role::Cymbal, Role::Tom];
    match maker {
        Maker::Fill => theme::ACCENT,
        Maker::Break | Maker::Empty => theme::DIM,
        _ => theme::role(OTHERS[at % OTHERS.len()]),
    }
}

fn arrangement_head(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let song = &cx.view.song;
    let (every, rest) = cut_right(rect, 128.0, 6.0);
    let (again, rest) = cut_right(rest, 62.0, 6.0);
    let (plays, rest) = cut_right(rest, 62.0, 6.0);
    let placed = label(ui, rest, Align2::LEFT_CENTER, "ARRANGEMENT", Style::HEADING);
    let bars = song.strip.len();
    let words = match (bars, song.plays_arrangement()) {
        (0, _) => "paint sections over bars, or make a song".to_owned(),
        (_, true) => format!("{bars} bars, follows the song position"),
        (_, false) if song.arranged => format!("{bars} bars, plays once a section is chosen"),
        _ => format!("{bars} bars, does not play"),
    };
    let room = Rect::from_min_max(pos2(placed.right() + 14.0, rest.top()), rest.max);
    label(ui, room, Align2::LEFT_CENTER, &words, Style::SMALL);
    let (arranged, looped, fills) = (song.arranged, song.looped, song.fills);
    let help = "Bar n of the song plays bar n of the strip while a section is the current loop. Off, the section \
                that is chosen plays.";
    let button = Button::new(Face::Text("Play"), "Play the arrangement", help);
    let button = button.text(theme::SMALL, Weight::Regular).switch(arranged).enabled(bars > 0);
    if button.show(ui, middle(plays, 20.0), id("arranged", 0)).clicked() {
        cx.send(Command::Song(SongCommand::Arrange(!arranged)));
    }
    let help = "The strip comes again after its last bar. Off, nothing sounds there.";
    let button = Button::new(Face::Text("Repeat"), "Repeat the arrangement", help);
    let button = button.text(theme::SMALL, Weight::Regular).switch(looped).enabled(bars > 0);
    if button.show(ui, middle(again, 20.0), id("looped", 0)).clicked() {
        cx.send(Command::Song(SongCommand::SetLooped(!looped)));
    }
    let words = match fills.every {
        0 => "No fills between".to_owned(),
        every => format!("Fill every {every} bars"),
    };
    let help = "A fill in the last bar of so many, also without an arrangement: another one each time, and the same \
                at every play and bounce.";
    let button = Button::new(Face::Menu(&words), "Fill every few bars", help);
    let response = button.text(theme::SMALL, Weight::Regular).show(ui, middle(every, 20.0), id("fills", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "FILL EVERY");
        for every in [0, 2, 4, 8, 16] {
            let words = if every == 0 { "never".to_owned() } else { format!("{every} bars") };
            if menu_item(ui, fills.every == every, &words) {
                cx.send(Command::Song(SongCommand::SetFills(Fills { every, ..fills })));
            }
        }
        menu_heading(ui, "ITS LENGTH");
        for (half, words) in [(true, "the last half bar"), (false, "the last bar")] {
            if menu_item(ui, fills.half == half, words) {
                cx.send(Command::Song(SongCommand::SetFills(Fills { half, ..fills })));
            }
        }
    });
}

/// How much happens in each bar, below the strip.
fn energy(ui: &Ui, rect: Rect, cells: &[u8], bar: impl Fn(usize) -> f32, cx: &Cx) {
    let (head, plot) = cut_top(rect, 16.0, 2.0);
    heading(ui, cut_left(head, 80.0, 0.0).0, "ENERGY");
    if plot.height() < 8.0 || cells.is_empty() {
        return;
    }
    let values: Vec<f32> = strip::energies(cells, cx);
    let most = values.iter().copied().fold(0.05f32, f32::max);
    let mut points = Vec::with_capacity(2 * values.len());
    for (at, value) in values.iter().enumerate() {
        let y = plot.bottom() - 2.0 - value / most * (plot.height() - 6.0);
        points.push(pos2(bar(at), y));
        points.push(pos2(bar(at + 1), y));
    }
    let painter = ui.painter().with_clip_rect(plot);
    painter.rect_filled(plot, CornerRadius::same(4), theme::PANEL);
    painter.add(egui::Shape::line(points, Stroke::new(1.5, theme::ACCENT)));
    crate::editor::widgets::tell(ui, plot.shrink2(vec2(0.0, 1.0)), "How much happens in each bar");
}
