//! What is played beside the loop and followed: how much of it is remembered, to hold and to clear it, and its notes
//! above the kicks. Shown only while the dial is not at 0.

use super::cells::Geometry;
use crate::editor::actions::Cx;
use crate::editor::handle::HostParam;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{Button, Face, cut_left, id, menu_heading, menu_item, named};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::session::command::{Command, RIFF_BARS};
use egui::{CornerRadius, Popup, Rect, Sense, Ui, WidgetInfo, pos2};

/// How high the notes are that are drawn above the kicks.
const HIGH: f32 = 3.0;

fn is_on(cx: &Cx) -> bool {
    (cx.param)(HostParam::Follow) != 0.0
}

/// The row above the ruler. Returns what is left of it.
pub(super) fn row(ui: &mut Ui, row: Rect, cx: &mut Cx) -> Rect {
    if !is_on(cx) {
        return row;
    }
    let riff = cx.view.riff;
    let (bars, rest) = cut_left(row, 66.0, 3.0);
    let (hold, rest) = cut_left(rest, 36.0, 3.0);
    let (clear, rest) = cut_left(rest, 36.0, 6.0);
    let face = format!("{} bars", riff.bars);
    let help = "How much is remembered of the notes that come in, and followed.";
    let button = Button::new(Face::Menu(&face), "Bars to follow", help).text(9.5, Weight::Regular);
    let response = button.show(ui, bars, id("riff bars", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "FOLLOW THE LAST");
        for choice in RIFF_BARS {
            if menu_item(ui, riff.bars == choice, &format!("{choice} bars")) {
                cx.send(Command::SetRiffBars(choice));
            }
        }
    });
    let help = "Listens no more: what was heard stays, and notes that come in play lanes again.";
    let button = Button::new(Face::Text("Hold"), "Hold the heard notes", help).text(9.5, Weight::Regular);
    if button.switch(riff.hold).show(ui, hold, id("riff hold", 0)).clicked() {
        cx.send(Command::HoldRiff(!riff.hold));
    }
    let help = format!("Forgets the {} notes that were heard. Undo brings them back.", riff.notes);
    let button = Button::new(Face::Text("Clear"), "Clear the heard notes", &help).text(9.5, Weight::Regular);
    if button.enabled(riff.notes > 0).show(ui, clear, id("riff clear", 0)).clicked() {
        cx.send(Command::ClearRiff);
    }
    rest
}

/// The heard notes above the first kick's cells, the harder the brighter.
pub(super) fn ghosts(ui: &Ui, geometry: &Geometry, cx: &Cx) {
    let onsets = cx.shown.riff.onsets;
    let lane = cx.shown.lanes.iter().position(|lane| lane.role == Role::Kick);
    let Some(lane) = lane.filter(|lane| is_on(cx) && !onsets.is_none() && *lane < geometry.lanes.len())
    else {
        return;
    };
    let mut row = Rect::NOTHING;
    for step in geometry.steps.clone().filter(|step| onsets.at(*step) > 0) {
        let cell = geometry.cell(lane, step);
        let note = Rect::from_min_max(
            pos2(cell.left() + 0.5, cell.top() - HIGH - 0.5),
            pos2(cell.right() - 0.5, cell.top() - 0.5),
        );
        let bright = 0.35 + 0.65 * f32::from(onsets.at(step)) / 127.0;
        let colour = theme::mix(theme::GROUND, theme::TEXT, bright);
        ui.painter().rect_filled(note, CornerRadius::same(1), colour);
        row = row.union(note);
    }
    if row.is_positive() {
        let steps: Vec<String> = onsets.steps().iter().map(|step| (step + 1).to_string()).collect();
        let words = format!("Heard notes on steps {}", steps.join(", "));
        let response = ui.interact(row, id("heard notes", 0), Sense::hover());
        named(ui, response, || WidgetInfo::labeled(egui::Role::Label, true, &words), "");
    }
}
