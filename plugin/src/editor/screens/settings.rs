//! The settings: window, exports, learning, keys that rate, notes out, output, and the list of keys.

use super::setting_rows::{WIDTH, heading, row, switch};
use super::{midi_keys, notes_out};
use crate::editor::actions::{Action, Cx, Dialog};
use crate::editor::handle::HostParam;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_left, cut_right, id, label, menu_heading, menu_item,
};
use deepdrummer_core::session::command::{ExportSettings, MidiTracks, NoteMap, Tail, Unroll};
use deepdrummer_core::session::view::Settings;
use egui::{Align2, Area, Frame, Id, Order, Popup, Rect, ScrollArea, Sense, Ui, vec2};

/// What bundles, packages and `--version` say too.
const VERSION: &str = concat!("DeepDrummer ", env!("CARGO_PKG_VERSION"));

/// The zooms on offer, in per cent.
pub const ZOOMS: [u16; 6] = [75, 100, 125, 150, 175, 200];

/// The next zoom on offer from the one that is seen, up or down; `None` where there is none.
#[must_use]
pub fn next_zoom(seen_percent: u16, up: bool) -> Option<u16> {
    let mut zooms = ZOOMS.into_iter();
    if up { zooms.find(|zoom| *zoom > seen_percent) } else { zooms.rev().find(|zoom| *zoom < seen_percent) }
}

/// Draws them over the window while they are open.
pub fn show(ui: &mut Ui, window: Rect, cx: &mut Cx) {
    if !cx.state.settings_open {
        midi_keys::end(cx);
        return;
    }
    let height = (window.height() - 90.0).min(600.0);
    let area = Area::new(Id::unique("deepdrummer settings"))
        .order(Order::Foreground)
        .fixed_pos(window.right_top() + vec2(-WIDTH.min(window.width() - 40.0) - 44.0, 48.0))
        .constrain_to(window);
    // A click that chooses from a menu closes it in this very frame.
    let in_a_menu = Popup::is_any_open(ui.ctx());
    let response = area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(16.0).show(ui, |ui| {
            ui.set_width(WIDTH);
            let (head, _) = ui.allocate_exact_size(vec2(WIDTH, 26.0), Sense::empty());
            let title = Style { size: 15.0, weight: Weight::SemiBold, colour: theme::TEXT };
            label(ui, head, Align2::LEFT_CENTER, "Settings", title);
            let (close, rest) = cut_right(head, 26.0, 8.0);
            let quiet = Style { size: 11.0, weight: Weight::Regular, colour: theme::DIM };
            label(ui, rest, Align2::RIGHT_CENTER, VERSION, quiet);
            let button =
                Button::new(Face::Sign(Glyph::Cross), "Close the settings", "Back to the loop (Escape).");
            if button.look(Look::Bare).show(ui, close, id("close settings", 0)).clicked() {
                cx.state.settings_open = false;
            }
            ScrollArea::vertical()
                .max_height(height - 60.0)
                .min_scrolled_height(height - 60.0)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    audio_settings(ui, cx);
                    window_settings(ui, cx);
                    export_settings(ui, cx);
                    learning_settings(ui, cx);
                    midi_keys::show(ui, cx);
                    notes_out::show(ui, cx);
                    output_settings(ui, cx);
                    keys(ui);
                });
        });
    });
    if response.response.clicked_elsewhere()
        && !in_a_menu
        && cx.state.prompt.is_none()
        && !Popup::is_any_open(ui.ctx())
        && ui.input(|input| input.pointer.interact_pos()).is_some_and(|pos| pos.y > window.top() + 44.0)
    {
        cx.state.settings_open = false;
    }
    if cx.state.prompt.is_none() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
        cx.state.settings_open = false;
    }
}

fn choices<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    help: &str,
    now: T,
    all: &[(T, &str, f32)],
) -> Option<T> {
    let mut rest = row(ui, name);
    let mut chosen = None;
    for (at, (value, words, width)) in all.iter().enumerate() {
        let (cell, after) = cut_left(rest, *width, 5.0);
        rest = after;
        let full = format!("{name}: {words}");
        let button = Button::new(Face::Text(words), &full, help).text(theme::SMALL, Weight::Regular);
        if button.choice(now == *value).show(ui, cell, id(name, at)).clicked() {
            chosen = Some(*value);
        }
    }
    chosen
}

/// What the standalone app plays on; a plugin leaves that to its host.
fn audio_settings(ui: &mut Ui, cx: &mut Cx) {
    let Some(audio) = cx.audio.clone() else { return };
    heading(ui, "AUDIO");
    let rect = row(ui, "Device");
    let help = "What the app plays on. With another one it begins anew, and the session goes on.";
    let button = Button::new(Face::Menu(&audio.name), "Audio device", help);
    let response = button.text(theme::SMALL, Weight::Regular).show(ui, rect, id("audio device", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "AUDIO DEVICE");
        ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
            for (device, name) in &audio.choices {
                let here = *device == audio.device;
                if menu_item(ui, here, name) && !here {
                    cx.actions.push(Action::ChooseAudio(device.clone()));
                }
            }
        });
    });
}

fn window_settings(ui: &mut Ui, cx: &mut Cx) {
    heading(ui, "WINDOW");
    let settings = &cx.view.settings;
    let names: Vec<(u16, String)> = ZOOMS.iter().map(|zoom| (*zoom, format!("{zoom} %"))).collect();
    let all: Vec<(u16, &str, f32)> = names.iter().map(|(zoom, name)| (*zoom, name.as_str(), 54.0)).collect();
    let chosen = settings.zoom_percent;
    let help = match cx.state.seen_zoom.filter(|seen| seen.abs_diff(chosen) > 1) {
        Some(seen) => format!(
            "There is room for {seen} % here, so that is what you see. Ctrl/Cmd with + and −; 0 is 100 %."
        ),
        None => "The size of everything, as far as the screen has room. Ctrl/Cmd with + and −; 0 is 100 %."
            .to_owned(),
    };
    if let Some(zoom) = choices(ui, "Zoom", &help, chosen, &all) {
        cx.actions.push(Action::Zoom(zoom));
    }
    let rect = row(ui, "Size");
    let (reset, rest) = cut_left(rect, 120.0, 10.0);
    let button = Button::new(Face::Text("Default size"), "Default size", "The size of a new window.");
    if button.text(theme::SMALL, Weight::Regular).show(ui, reset, id("default size", 0)).clicked() {
        let (width, height) = Settings::default().window;
        cx.actions.push(Action::Resize(width, height));
    }
    let words = format!("{} × {}; drag its edge to change it", settings.window.0, settings.window.1);
    label(ui, rest, Align2::LEFT_CENTER, &words, Style::SMALL);
}

fn export_settings(ui: &mut Ui, cx: &mut Cx) {
    heading(ui, "EXPORT AND DRAG");
    let view = cx.view;
    let export = &view.export;
    let rect = row(ui, "Folder");
    let (reset, rest) = cut_right(rect, 62.0, 6.0);
    let (change, rest) = cut_right(rest, 72.0, 8.0);
    let folder = export.folder.clone().unwrap_or_else(|| cx.default_folder.clone());
    label(ui, rest, Align2::LEFT_CENTER, &folder.display().to_string(), Style::SMALL);
    let help = "Dragged files are kept here: hosts may refer to them rather than copy them.";
    let button = Button::new(Face::Text("Change…"), "Change the export folder", help);
    if button.text(theme::SMALL, Weight::Regular).show(ui, change, id("export folder", 0)).clicked() {
        cx.actions.push(Action::Open(Dialog::ExportFolder));
    }
    let button = Button::new(Face::Text("Reset"), "Reset the export folder", "Back to the default folder.");
    let button = button.text(theme::SMALL, Weight::Regular).enabled(export.folder.is_some());
    if button.show(ui, reset, id("export folder", 1)).clicked() {
        cx.change_export(ExportSettings { folder: None, ..export.clone() });
    }
    let maps =
        [(NoteMap::GeneralMidi, "General MIDI", 100.0), (NoteMap::ChromaticC1, "Chromatic from C1", 130.0)];
    if let Some(note_map) = choices(
        ui,
        "MIDI keys",
        "Which key each lane has, in files and notes out, in projects without a drum map.",
        export.note_map,
        &maps,
    ) {
        cx.change_export(ExportSettings { note_map, ..export.clone() });
    }
    let tracks = [(MidiTracks::Lanes, "One a lane", 100.0), (MidiTracks::One, "All on one track", 130.0)];
    let help = "Tracks in MIDI files. One track stays one clip where you drop it; some hosts lay several end to end.";
    if let Some(midi_tracks) = choices(ui, "MIDI tracks", help, export.midi_tracks, &tracks) {
        cx.change_export(ExportSettings { midi_tracks, ..export.clone() });
    }
    let tails = [(Tail::Wrap, "Wrapped to the start", 140.0), (Tail::Keep, "Kept after the end", 130.0)];
    let help = "What happens to sound that rings beyond the loop's end in audio files.";
    if let Some(tail) = choices(ui, "Tails", help, export.tail, &tails) {
        cx.change_export(ExportSettings { tail, ..export.clone() });
    }
    let passes = [(Unroll::Round, "Until it repeats", 110.0), (Unroll::Once, "The first", 80.0)];
    let help = "Passes in files of a loop that sounds otherwise from pass to pass: 4 with chances, 16 at most. Others have one.";
    if let Some(unroll) = choices(ui, "Passes", help, export.unroll, &passes) {
        cx.change_export(ExportSettings { unroll, ..export.clone() });
    }
    let settings = &view.settings;
    let help = "After a drag the plugin is silent, so that nothing plays twice.";
    if switch(ui, settings.mute_after_drag, "Mute after dragging", help) {
        let settings = Settings { mute_after_drag: !settings.mute_after_drag, ..settings.clone() };
        cx.change_settings(settings);
    }
}

fn learning_settings(ui: &mut Ui, cx: &mut Cx) {
    heading(ui, "LEARNING AND PROJECT");
    let settings = &cx.view.settings;
    let help = "Quick skips, exports, stars and kept edits count as weak verdicts too.";
    if switch(ui, settings.implicit_judgements, "Learn from what I do", help) {
        let implicit_judgements = !settings.implicit_judgements;
        cx.change_settings(Settings { implicit_judgements, ..settings.clone() });
    }
    let help = "The project holds its own sounds and plays on any machine; it grows by their size.";
    if switch(ui, settings.embed_samples, "Embed sounds in project", help) {
        cx.change_settings(Settings { embed_samples: !settings.embed_samples, ..settings.clone() });
    }
}

fn output_settings(ui: &mut Ui, cx: &mut Cx) {
    heading(ui, "OUTPUT");
    let limiter = (cx.param)(HostParam::Limiter) > 0.5;
    if switch(ui, limiter, "Limiter", HostParam::Limiter.row().help) {
        cx.set(HostParam::Limiter, f32::from(!limiter));
    }
}

fn keys(ui: &mut Ui) {
    heading(ui, "KEYS");
    for (keys, words) in [
        ("L   D", "Like, dislike"),
        ("←   →", "The loop before, the next loop"),
        ("Ctrl/Cmd-Z", "Undo; with Shift, or Ctrl-Y: redo"),
        ("Ctrl/Cmd + − 0", "Larger, smaller, 100 %"),
        ("Tab, Enter", "Go to a control, use it"),
        ("presets", "Type to search, ↑↓ move, Enter loads, Escape closes"),
        (
            "in the grid",
            "Arrows move, Enter sets or clears, Shift-↑↓ velocity, Alt-←→ timing, Ctrl-Enter locks",
        ),
        ("on a hit", "Alt-↑↓ chance, 1 2 3 4 6 repeats, once more their curve, E condition"),
        ("Space, Escape", "Always reach the host"),
    ] {
        let (rect, _) = ui.allocate_exact_size(vec2(WIDTH - 14.0, 20.0), Sense::empty());
        let (left, right) = cut_left(rect, 100.0, 8.0);
        label(ui, left, Align2::LEFT_CENTER, keys, Style { colour: theme::ACCENT, ..Style::SMALL });
        label(ui, right, Align2::LEFT_CENTER, words, Style::SMALL);
    }
}

#[cfg(test)]
mod tests {
    use super::next_zoom;

    #[test]
    fn the_keys_step_through_the_zooms_from_the_one_that_is_seen() {
        assert_eq!(next_zoom(100, true), Some(125));
        assert_eq!(next_zoom(100, false), Some(75));
        assert_eq!(next_zoom(186, false), Some(175));
        assert_eq!(next_zoom(186, true), Some(200));
        assert_eq!(next_zoom(200, true), None);
        assert_eq!(next_zoom(75, false), None);
        assert_eq!(next_zoom(40, false), None);
    }
}
