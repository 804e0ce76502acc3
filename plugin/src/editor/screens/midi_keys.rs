//! The MIDI keys that rate: shown, learned from the next key that is pressed, cleared. A part of the
//! settings.

use super::setting_rows::{heading, row};
use crate::editor::actions::Cx;
use crate::editor::state::Page;
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{Button, Face, Look, Style, cut_left, id, label};
use deepdrummer_core::session::command::{Command, LoopAction};
use deepdrummer_core::session::view::Settings;
use egui::{Align2, Ui};

const ALL: [(LoopAction, &str); 4] = [
    (LoopAction::Like, "Like"),
    (LoopAction::Dislike, "Dislike"),
    (LoopAction::Skip, "Skip"),
    (LoopAction::Back, "Back"),
];

/// Draws the rows.
pub(super) fn show(ui: &mut Ui, cx: &mut Cx) {
    heading(ui, "MIDI KEYS THAT RATE");
    for (at, (said, word)) in ALL.into_iter().enumerate() {
        let rect = row(ui, word);
        let keys = cx.view.settings.rating_keys;
        let key = keys.key(said);
        let waits = cx.view.learns_key == Some(said);
        let (now, rest) = cut_left(rect, 84.0, 6.0);
        let words = key.map_or_else(|| "none".to_owned(), text::midi_key_and_number);
        let style = if key.is_some() { Style::TEXT } else { Style::DIM };
        label(ui, now, Align2::LEFT_CENTER, &words, style);
        let (learn, rest) = cut_left(rest, if waits { 178.0 } else { 72.0 }, 6.0);
        let (face, name, help) = if waits {
            (
                "Press a key… (click to cancel)",
                format!("Waiting for the key for {word}"),
                "The next MIDI key that reaches the plugin is taken. Click to leave everything as it is.",
            )
        } else {
            (
                "Learn",
                format!("Learn the key for {word}"),
                "Then press a key of your controller. A key that said something else says this from then on.",
            )
        };
        let look = if waits { Look::On } else { Look::Plain };
        let button = Button::new(Face::Text(face), &name, help).look(look);
        if button.text(theme::SMALL, Weight::Regular).show(ui, learn, id("learn key", at)).clicked() {
            cx.send(Command::LearnKey((!waits).then_some(said)));
        }
        let (clear, _) = cut_left(rest, 62.0, 0.0);
        let name = format!("Clear the key for {word}");
        let button = Button::new(Face::Text("Clear"), &name, "No key says this any more.");
        let button = button.text(theme::SMALL, Weight::Regular).enabled(key.is_some());
        if button.show(ui, clear, id("clear key", at)).clicked() {
            let rating_keys = keys.with(said, None);
            cx.change_settings(Settings { rating_keys, ..cx.view.settings.clone() });
        }
    }
}

/// The settings are not shown: a key that is still waited for would be swallowed unseen.
pub(super) fn end(cx: &mut Cx) {
    // The page Song shows that it waits for a section's.
    if cx.state.page == Page::Song && matches!(cx.view.learns_key, Some(LoopAction::Section(_))) {
        return;
    }
    if cx.view.learns_key.is_some() && !cx.state.ended_learning {
        cx.send(Command::LearnKey(None));
    }
    cx.state.ended_learning = cx.view.learns_key.is_some();
}
