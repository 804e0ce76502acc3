//! Asks for a name. The one place where Space belongs to the editor: it types a space.

use super::presets;
use crate::editor::actions::Cx;
use crate::editor::state::{Prompt, PromptFor};
use crate::editor::theme;
use crate::editor::widgets::{
    Button, Face, Look, Style, cut_left, cut_right, id, label, menu_heading, menu_item, text_field,
};
use deepdrummer_core::session::command::{Command, PresetId, SongCommand};
use deepdrummer_core::session::preset::{Library, NO_CATEGORY};
use egui::{Align2, Area, Frame, Id, Key, Order, Popup, Rect, Sense, TextEdit, Ui, vec2};

/// A name is at most this long.
const MAX_NAME: usize = 40;
const WIDTH: f32 = 300.0;

/// Draws it over the window while a name is being asked for.
pub(super) fn show(ui: &mut Ui, window: Rect, cx: &mut Cx) {
    let Some(mut prompt) = cx.state.prompt.take() else { return };
    let (title, hint) = match &prompt.what {
        PromptFor::NewProfile => ("New taste profile", "Its name"),
        PromptFor::DuplicateProfile => ("Duplicate the taste profile", "The copy’s name"),
        PromptFor::RenameProfile => ("Rename the taste profile", "Its new name"),
        PromptFor::SavePreset { .. } => ("Save as preset", "Its name"),
        PromptFor::RenamePreset(_) => ("Rename the preset", "Its new name"),
        PromptFor::RenameSection(_) => ("Rename the section", "Its new name"),
        PromptFor::SaveMidiMap => ("Save the drum map", "Its name"),
    };
    let taken = taken(&prompt, cx);
    // Escape closes the list of categories first.
    let lists = Popup::is_any_open(ui.ctx());
    let (mut confirmed, mut cancelled) = (false, false);
    let area = Area::new(Id::unique("deepdrummer prompt"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_CENTER, vec2(0.0, -40.0))
        .constrain_to(window);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(16.0).show(ui, |ui| {
            ui.set_width(WIDTH);
            ui.label(egui::RichText::new(title).font(theme::font(15.0, theme::Weight::SemiBold)));
            ui.add_space(6.0);
            let field = TextEdit::singleline(&mut prompt.text)
                .hint_text(hint)
                .char_limit(MAX_NAME)
                .desired_width(WIDTH)
                .id(Id::unique("deepdrummer prompt field"));
            let field = text_field(ui, field, hint, &mut cx.state.text_field);
            if !prompt.focused {
                field.request_focus();
                prompt.focused = true;
            }
            confirmed |= field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            cancelled |= !lists && ui.input(|input| input.key_pressed(Key::Escape));
            if let PromptFor::SavePreset { category } = &mut prompt.what
                && choose_category(ui, category, &cx.view.presets.library)
            {
                // Enter saves, it does not open the list again.
                prompt.focused = false;
            }
            if let Some((_, words)) = taken {
                ui.label(egui::RichText::new(words).size(theme::SMALL).color(theme::ACCENT));
            }
            ui.add_space(8.0);
            let (row, _) = ui.allocate_exact_size(vec2(WIDTH, 28.0), Sense::empty());
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
        let command = match prompt.what {
            PromptFor::NewProfile => Command::ChooseProfile(name),
            PromptFor::RenameProfile => Command::RenameProfile(name),
            PromptFor::DuplicateProfile => Command::DuplicateProfile(name),
            PromptFor::SavePreset { category } => {
                cx.state.browser.category = Some(category.clone());
                Command::SavePreset { name, category, replace }
            }
            PromptFor::RenamePreset(from) => Command::RenamePreset { from, to: name },
            PromptFor::RenameSection(number) => Command::Song(SongCommand::Rename(number, name)),
            PromptFor::SaveMidiMap => Command::SaveMidiMap(name),
        };
        cx.send(command);
    } else if !cancelled {
        cx.state.prompt = Some(prompt);
    }
}

/// The group that a preset is listed in, chosen among those that there are. True when one was chosen.
fn choose_category(ui: &mut Ui, category: &mut String, library: &Library) -> bool {
    ui.add_space(6.0);
    let (row, _) = ui.allocate_exact_size(vec2(WIDTH, 26.0), Sense::empty());
    let (name, list) = cut_left(row, 64.0, 6.0);
    label(ui, name, Align2::LEFT_CENTER, "Category", Style::TEXT);
    let help = format!("The group of the browser that lists it: {category}.");
    let button = Button::new(Face::Menu(category), "Category of the preset", &help);
    let response = button.show(ui, list, id("preset category", 0));
    let mut chosen = None;
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "CATEGORY");
        let all = presets::categories(library);
        let none = (!all.contains(&NO_CATEGORY)).then_some(NO_CATEGORY);
        for choice in all.into_iter().chain(none) {
            if menu_item(ui, choice == category.as_str(), choice) {
                chosen = Some(choice.to_owned());
            }
        }
    });
    chosen.map(|chosen| *category = chosen).is_some()
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
        PromptFor::NewProfile
        | PromptFor::RenameProfile
        | PromptFor::DuplicateProfile
        | PromptFor::RenameSection(_) => None,
        PromptFor::SaveMidiMap => {
            let there = cx.view.own_maps.all.iter().any(|(there, _)| there == name);
            there.then_some((true, "This replaces your drum map of that name."))
        }
        PromptFor::RenamePreset(from) if from.to_lowercase() == name.to_lowercase() => None,
        _ if of_name(false) => Some((false, "A factory preset has this name.")),
        PromptFor::SavePreset { .. } if exactly() => Some((true, "This replaces your preset of that name.")),
        _ if of_name(true) => Some((false, "One of your presets has this name.")),
        _ => None,
    }
}
