//! Asks for a name. The one place where Space belongs to the editor: it types a space.

use crate::editor::actions::Cx;
use crate::editor::state::PromptFor;
use crate::editor::theme;
use crate::editor::widgets::{Button, Face, Look, cut_right, id};
use deepdrummer_core::session::command::Command;
use egui::{Align2, Area, Frame, Id, Key, Order, Rect, Sense, TextEdit, Ui, vec2};

/// A profile's name is at most this long.
const MAX_NAME: usize = 40;

/// Draws it over the window while a name is being asked for.
pub fn show(ui: &mut Ui, window: Rect, cx: &mut Cx) {
    let Some(mut prompt) = cx.state.prompt.take() else { return };
    let (title, hint) = match prompt.what {
        PromptFor::NewProfile => ("New taste profile", "Its name"),
        PromptFor::RenameProfile => ("Rename the taste profile", "Its new name"),
    };
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
            ui.add_space(8.0);
            let (row, _) = ui.allocate_exact_size(vec2(300.0, 28.0), Sense::empty());
            let (ok, rest) = cut_right(row, 90.0, 8.0);
            let (cancel, _) = cut_right(rest, 90.0, 0.0);
            let named = !prompt.text.trim().is_empty();
            let button =
                Button::new(Face::Text("OK"), "OK", "Use this name (Enter).").look(Look::On).enabled(named);
            confirmed |= button.show(ui, ok, id("prompt ok", 0)).clicked();
            let button = Button::new(Face::Text("Cancel"), "Cancel", "Leave everything as it is (Escape).");
            cancelled |= button.show(ui, cancel, id("prompt cancel", 0)).clicked();
        });
    });
    let name = prompt.text.trim().to_owned();
    if confirmed && !name.is_empty() {
        cx.send(match prompt.what {
            PromptFor::NewProfile => Command::ChooseProfile(name),
            PromptFor::RenameProfile => Command::RenameProfile(name),
        });
    } else if !cancelled {
        cx.state.prompt = Some(prompt);
    }
}
