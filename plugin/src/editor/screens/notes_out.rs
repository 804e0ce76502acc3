//! Notes for another instrument: without sound of our own, and on which keys. A part of the settings.

use super::setting_rows::{heading, row, switch};
use crate::editor::actions::Cx;
use crate::editor::handle::HostParam;
use crate::editor::state::{Prompt, PromptFor};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Style, cut_left, cut_right, id, label, menu_heading, menu_item,
};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::session::command::{Command, MidiMap, NoteMap, RoleKeys};
use deepdrummer_core::session::view::View;
use egui::{Align2, Popup, ScrollArea, Ui};

/// Draws the rows.
pub(super) fn show(ui: &mut Ui, cx: &mut Cx) {
    heading(ui, "NOTES OUT");
    let on = (cx.param)(HostParam::NotesOnly) > 0.5;
    if switch(ui, on, "Notes only", HostParam::NotesOnly.row().help) {
        cx.set(HostParam::NotesOnly, f32::from(!on));
    }
    choice(ui, cx);
    let map = cx.view.midi_map.clone();
    if let Some(MidiMap { map: NoteMap::Own(keys), name }) = map {
        own_keys(ui, keys, &name, cx);
    }
}

/// What a project's map is called.
fn name_of(view: &View) -> String {
    match &view.midi_map {
        None => format!("As this machine: {}", view.export.note_map.label()),
        Some(MidiMap { map: NoteMap::Own(keys), name }) if !name.is_empty() => {
            let kept = view.own_maps.all.iter().find(|(there, _)| there == name);
            let changed = kept.is_none_or(|(_, kept)| kept != keys);
            format!("{name}{}", if changed { " · changed" } else { "" })
        }
        Some(of) => of.map.label().to_owned(),
    }
}

fn choice(ui: &mut Ui, cx: &mut Cx) {
    let rect = row(ui, "Drum map");
    let shown = name_of(cx.view);
    let help = "The instrument that the project's notes are for: which key each lane sends, live and in MIDI \
                files, and which keys play it. Saved in the project.";
    let button = Button::new(Face::Menu(&shown), "Drum map", help).text(theme::SMALL, Weight::Regular);
    let response = button.show(ui, cut_left(rect, 270.0, 0.0).0, id("drum map", 0));
    if response.clicked() {
        // A file that somebody put there just now is listed.
        cx.send(Command::ReadMidiMaps);
    }
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "DRUM MAP");
        let now = cx.view.midi_map.clone();
        let machine = format!("As this machine: {}", cx.view.export.note_map.label());
        if menu_item(ui, now.is_none(), &machine) {
            cx.send(Command::SetMidiMap(None));
        }
        for map in NoteMap::SHIPPED {
            if menu_item(ui, now == Some(MidiMap::of(map)), map.label()) {
                cx.send(Command::SetMidiMap(Some(MidiMap::of(map))));
            }
        }
        menu_heading(ui, "YOUR OWN");
        ScrollArea::vertical().max_height(160.0).show(ui, |ui| {
            for (name, keys) in &cx.view.own_maps.all {
                let of = MidiMap { map: NoteMap::Own(*keys), name: name.clone() };
                if menu_item(ui, now.as_ref() == Some(&of), name) {
                    cx.send(Command::SetMidiMap(Some(of)));
                }
            }
        });
        if menu_item(ui, false, "New, from the map in use") {
            let from = cx.view.midi_map.as_ref().map_or(cx.view.export.note_map, |of| of.map);
            cx.send(Command::SetMidiMap(Some(MidiMap::of(NoteMap::Own(from.as_own())))));
        }
    });
}

/// A row for each role: the key of its first lane.
fn own_keys(ui: &mut Ui, keys: RoleKeys, name: &str, cx: &mut Cx) {
    let keep = row(ui, "Keep as your own");
    let (save, rest) = cut_left(keep, 72.0, 6.0);
    let help = "Kept as a small file among DeepDrummer's own, in “drum-maps”: other projects have it, and whoever \
                you give the file to.";
    let button = Button::new(Face::Text("Save…"), "Save the drum map", help);
    if button.text(theme::SMALL, Weight::Regular).show(ui, save, id("save map", 0)).clicked() {
        let text = name.to_owned();
        cx.state.prompt = Some(Prompt { what: PromptFor::SaveMidiMap, text, focused: false });
    }
    let kept = cx.view.own_maps.all.iter().any(|(there, _)| there == name);
    let (remove, _) = cut_left(rest, 72.0, 0.0);
    let help = "Lays the file aside, in “drum-maps/removed”. The project keeps its keys.";
    let button = Button::new(Face::Text("Remove"), "Remove the kept drum map", help);
    let button = button.text(theme::SMALL, Weight::Regular).enabled(kept);
    if button.show(ui, remove, id("remove map", 0)).clicked() {
        cx.send(Command::RemoveMidiMap(name.to_owned()));
    }
    for (at, role) in Role::ALL.into_iter().enumerate() {
        let of = keys.of(role);
        let Some(&main) = of.first() else { continue };
        let rect = row(ui, role.label());
        let (key, rest) = cut_left(rect, 84.0, 6.0);
        label(ui, key, Align2::LEFT_CENTER, &text::midi_key_and_number(main), Style::TEXT);
        let (lower, rest) = cut_left(rest, 26.0, 4.0);
        let (higher, rest) = cut_left(rest, 26.0, 10.0);
        for (cell, glyph, word, to, side) in [
            (lower, Glyph::Minus, "Lower", main.checked_sub(1), 0),
            (higher, Glyph::Plus, "Higher", main.checked_add(1).filter(|key| *key <= 127), 1),
        ] {
            let name = format!("{word} key for {}", role.label());
            let help =
                format!("The MIDI key that the first lane of {} sends, and that plays it.", role.label());
            let button = Button::new(Face::Sign(glyph), &name, &help).text(9.0, Weight::Regular);
            if button.enabled(to.is_some()).show(ui, cell, id("map key", at * 2 + side)).clicked()
                && let Some(to) = to
            {
                let map = NoteMap::Own(keys.with_main(role, to));
                cx.send(Command::SetMidiMap(Some(MidiMap { map, name: name_in_use(cx) })));
            }
        }
        if of.len() > 1 {
            let further: Vec<String> = of[1..].iter().map(u8::to_string).collect();
            let words = format!("further lanes: {}", further.join(", "));
            label(ui, cut_right(rest, 4.0, 0.0).1, Align2::LEFT_CENTER, &words, Style::SMALL);
        }
    }
}

fn name_in_use(cx: &Cx) -> String {
    cx.view.midi_map.as_ref().map_or_else(String::new, |of| of.name.clone())
}
