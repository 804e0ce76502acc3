//! The right panel of the page Song: how sections are made, and what is taken away.

use super::super::card::heading;
use crate::editor::actions::{Action, Cx, Dialog};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Look, Slider, Style, cut_top, id, label, menu_heading, menu_item, paragraph, place,
};
use deepdrummer_core::session::command::{Command, Dials, SongCommand, Which};
use egui::{Align2, Popup, Rect, Ui};

type Dial = (&'static str, &'static str, fn(&Dials) -> f32, fn(&mut Dials, f32), [&'static str; 3]);

const DIALS: [Dial; 3] = [
    (
        "Variation",
        "How far variations are from what they are made of.",
        |dials| dials.variation,
        |dials, to| dials.variation = to,
        ["near", "middle", "far"],
    ),
    (
        "Contrast",
        "How far contrasts are from what they are made of.",
        |dials| dials.contrast,
        |dials, to| dials.contrast = to,
        ["near", "middle", "far"],
    ),
    (
        "Fill",
        "How busy fills and builds are.",
        |dials| dials.fill,
        |dials, to| dials.fill = to,
        ["sparse", "middle", "busy"],
    ),
];

pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (head, mut rest) = cut_top(rect, 16.0, 6.0);
    heading(ui, head, "MAKE SECTIONS");
    let default = Dials::default();
    for (at, (name, help, get, set, words)) in DIALS.into_iter().enumerate() {
        let (row, after) = cut_top(rest, 22.0, 2.0);
        rest = after;
        let dials = cx.view.song.dials;
        let value = get(&dials);
        let shown = words[((value * 3.0) as usize).min(2)];
        let slider = Slider {
            name,
            help,
            value,
            range: 0.0..=1.0,
            default: get(&default),
            step: 0.05,
            shown,
            name_width: 74.0,
            value_width: 48.0,
            centred: false,
        };
        if let Some(value) = slider.show(ui, row, id("make sections", at)).value {
            let mut to = dials;
            set(&mut to, value);
            cx.send(Command::Song(SongCommand::SetDials(to)));
        }
    }
    let (_, rest) = cut_top(rest, 4.0, 0.0);
    let (button, rest) = cut_top(rest, 30.0, 6.0);
    let help = "Sections of the current loop, each the best of many by your taste, and an arrangement of them: intro, \
                A, A′, B, break, with a fill every four bars. One step for undo.";
    let make = Button::new(Face::Text("Make a song from this loop"), "Make a song from this loop", help);
    let response =
        make.look(Look::Chosen).text(theme::SIZE, Weight::SemiBold).show(ui, button, id("make a song", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "A SONG OF");
        for bars in [16, 32] {
            if menu_item(ui, false, &format!("{bars} bars")) {
                cx.send(Command::Song(SongCommand::MakeSong { bars }));
            }
        }
        if !cx.view.song.sections.is_empty() {
            menu_heading(ui, "LAY OUT THE SECTIONS THAT THERE ARE");
            for bars in [16, 32] {
                if menu_item(ui, false, &format!("over {bars} bars")) {
                    cx.send(Command::Song(SongCommand::LayOut { bars }));
                }
            }
        }
    });
    let words = match cx.view.song.sections.is_empty() {
        true => "The current loop becomes section A. Drag the tiles below to take the whole song away.",
        false => "What was there before goes; undo brings it back. The tiles below take the whole song away.",
    };
    let galley = paragraph(ui.painter(), words, theme::SMALL, theme::DIM, rest.width());
    let (text, rest) = cut_top(rest, galley.size().y, 12.0);
    crate::editor::widgets::tell(ui, text, words);
    place(ui.painter(), text, Align2::LEFT_TOP, galley);

    let (head, rest) = cut_top(rest, 16.0, 6.0);
    heading(ui, head, "TAKE AWAY");
    let liked = cx.view.taste.likes;
    let (button, rest) = cut_top(rest, 28.0, 4.0);
    let face = format!("Export all {liked} likes…");
    let help = "Writes every loop that you liked as MIDI, audio and stems into one folder, with an index. Ratings go \
                on meanwhile.";
    let button_ = Button::new(Face::Menu(&face), "Export many loops", help);
    let response = button_.show(ui, button, id("export many", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "EXPORT INTO ONE FOLDER");
        for (which, words) in [
            (Which::Liked, "All that were liked"),
            (Which::Starred, "All with a star"),
            (Which::All, "All of this project"),
        ] {
            if menu_item(ui, false, words) {
                cx.actions.push(Action::Open(Dialog::ManyFolder(which)));
            }
        }
    });
    let (line, _) = cut_top(rest, 16.0, 0.0);
    label(ui, line, Align2::LEFT_CENTER, "MIDI, audio and stems of each, one folder", Style::SMALL);
}
