//! Asks for a name. The one place where Space belongs to the editor: it types a space.

use crate::editor::actions::Cx;
use crate::editor::state::{Prompt, PromptFor};
use crate::editor::theme;
use crate::editor::widgets::{Button, Face, Look, cut_right, id};
use deepdrummer_core::session::command::{Command, PresetId};
use egui::{Align2, Area, Frame, Id, Key, Order, Rect, Sense, TextEdit, Ui, vec2};

/// A name is at most this long.
const MAX_NAME: usize = 40;

/// Draws it over the window while a name is being asked for.
pub fn show(ui: &mut Ui, window: Rect, cx: &mut Cx) {
    let Some(mut prompt) = cx.state.prompt.take() else { return };
    let (title, hint) = match &prompt.what {
        PromptFor::NewProfile => ("New taste profile", "Its name"),
        PromptFor::RenameProfile => ("Rename the taste profile", "Its new name"),
        PromptFor::SavePreset => ("Save as preset", "Its name"),
        PromptFor::RenamePreset(_) => ("Rename the preset", "Its new name"),
    };
    let taken = taken(&prompt, cx);
    let (mut confirmed, mut cancelled) = (false, false);
    let area = Area::new(Id::unique("deepdrummer prompt"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, vec2(0.0, -40.0))
        .constrain_to(window);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(16.0).show(ui, |ui| {
            ui.set_width(300.0);
            ui.label(egui::RichText::new(title).font(theme::font(15.0, theme::Weight::SemiBold)));
            ui.add_space(6.0);
            let field = TextEdit::singleline(&mut prompt.text)
                .hint_text(hint)
                .char_limit(MAX_NAME)
                .desired_width(300.0)
                .id(Id::unique("deepdrummer prompt field"));
            let field = ui.add(field).accessible_name(hint);
            if !prompt.focused {
                field.request_focus();
                prompt.focused = true;
            }
            confirmed |= field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            cancelled |= ui.input(|input| input.key_pressed(Key::Escape));
            if let Some((_, words)) = taken {
                ui.label(egui::RichText::new(words).size(theme::SMALL).color(theme::ACCENT));
            }
            ui.add_space(8.0);
            let (row, _) = ui.allocate_exact_size(vec2(300.0, 28.0), Sense::empty());
            let (ok, rest) = cut_right(row, 90.0, 8.0);
            let (cancel, _) = cut_right(rest, 90.0, 0.0);
            let named = !prompt.text.trim().is_empty() && taken.is_none_or(|(may, _)| may);
            let word = if taken.is_some_and(|(may, _)| may) { "Replace" } else { "OK" };
            let button =
                Button::new(Face::Text(word), word, "Use this name (Enter).").look(Look::On).enabled(named);
            confirmed |= button.show(ui, ok, id("prompt ok", 0)).clicked();
            let button = Button::new(Face::Text("Cancel"), "Cancel", "Leave everything as it is (Escape).");
            cancelled |= button.show(ui, cancel, id("prompt cancel", 0)).clicked();
        });
    });
    let name = prompt.text.trim().to_owned();
    // What was typed in this very frame counts too.
    let may = self::taken(&prompt, cx).is_none_or(|(may, _)| may);
    if confirmed && !name.is_empty() && may {
        let replace = cx.view.presets.library.find(&PresetId { own: true, name: name.clone() }).is_some();
        cx.send(match prompt.what {
            PromptFor::NewProfile => Command::ChooseProfile(name),
            PromptFor::RenameProfile => Command::RenameProfile(name),
            PromptFor::SavePreset => Command::SavePreset { name, replace },
            PromptFor::RenamePreset(from) => Command::RenamePreset { from, to: name },
        });
    } else if !cancelled {
        cx.state.prompt = Some(prompt);
    }
}

/// Whether a preset's name that is taken may be used all the same, and what to say.
fn taken(prompt: &Prompt, cx: &Cx) -> Option<(bool, &'static str)> {
    let name = prompt.text.trim();
    let of_name = |own: bool| {
        let mut all = cx.view.presets.library.all.iter().filter(move |listed| listed.own == own);
        all.any(|listed| listed.preset.name.to_lowercase() == name.to_lowercase())
    };
    let exactly = || cx.view.presets.library.find(&PresetId { own: true, name: name.to_owned() }).is_some();
    match &prompt.what {
        PromptFor::NewProfile | PromptFor::RenameProfile => None,
        PromptFor::RenamePreset(from) if from.to_lowercase() == name.to_lowercase() => None,
        _ if of_name(false) => Some((false, "A factory preset has this name.")),
        PromptFor::SavePreset if exactly() => Some((true, "This replaces your preset of that name.")),
        _ if of_name(true) => Some((false, "One of your presets has this name.")),
        _ => None,
    }
}
