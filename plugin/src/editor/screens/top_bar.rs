//! The top bar: preset, kit, profile, undo and redo, what the host says, what the worker does, settings.

use super::{output, presets};
use crate::editor::actions::{Action, Cx, Dialog};
use crate::editor::handle::HostParam;
use crate::editor::state::{Prompt, PromptFor};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_left, cut_right, id, label, line, menu_heading, menu_item, middle,
    named, place,
};
use deepdrummer_core::session::command::{Command, KitChoice};
use deepdrummer_core::session::view::WorkerView;
use egui::{Align2, CornerRadius, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::PANEL);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    let row = middle(rect.shrink2(vec2(16.0, 0.0)), 27.0);

    let narrow = rect.width() < NARROW;
    // The names of what is chosen need the room more than our own.
    let row = logo(ui, row, narrow);

    // From the right: settings, worker, output, audition, tempo; the menus share what is left.
    let (gear, row) = cut_right(row, 32.0, 10.0);
    let settings = Button::new(
        Face::Sign(Glyph::Gear),
        "Settings",
        "Zoom (Ctrl/Cmd with + − 0), exports, learning, output, keys.",
    )
    .choice(cx.state.settings_open)
    .show(ui, gear, id("settings", 0));
    if settings.clicked() {
        cx.state.settings_open = !cx.state.settings_open;
        cx.state.browser.open = false;
        cx.state.browser.search.clear();
    }
    let words = text::worker(&cx.view.worker);
    let shown = if narrow { text::worker_in_short(&cx.view.worker) } else { words.clone() };
    // As wide whatever it says: what lies to the left must not move under the pointer.
    let (pill, row) = cut_right(row, if narrow { 92.0 } else { 136.0 }, 10.0);
    worker(ui, pill, cx, &words, &shown);
    let (level, row) = cut_right(row, if narrow { 58.0 } else { 68.0 }, 10.0);
    output::show(ui, level, cx);
    let (audition, row) = cut_right(row, 32.0, 12.0);
    let sign = if cx.view.audition { Glyph::Stop } else { Glyph::Play };
    let help = HostParam::Audition.row().help;
    let playing = cx.view.audition;
    if Button::new(Face::Sign(sign), "Audition", help)
        .switch(playing)
        .show(ui, audition, id("audition", 0))
        .clicked()
    {
        cx.set(HostParam::Audition, f32::from(!playing));
    }
    let row = muted(ui, row, cx);
    let row = notes_only(ui, row, cx);
    let row = tempo(ui, row, narrow, cx);

    // What is left is shared by three menus; the preset's has arrows beside it.
    let gap = if narrow { 6.0 } else { 10.0 };
    let shared = row.width() - 2.0 * 32.0 - 8.0 - 4.0 * gap - ARROWS;
    let menus = (shared * 0.335).clamp(50.0, 190.0);
    let (preset, row) = cut_left(row, ARROWS + (shared - 2.0 * menus).clamp(60.0, 210.0), gap);
    presets::in_the_bar(ui, preset, cx);
    let (kit, row) = cut_left(row, menus, gap);
    kit_menu(ui, kit, cx);
    let (profile, row) = cut_left(row, menus, gap);
    profile_menu(ui, profile, cx);
    let (undo, row) = cut_left(row, 32.0, 8.0);
    let (redo, _) = cut_left(row, 32.0, 8.0);
    for (rect, glyph, word, keys, name, command) in [
        (undo, Glyph::Undo, "Undo", "Ctrl/Cmd-Z", &cx.view.undo, Command::Undo),
        (redo, Glyph::Redo, "Redo", "Ctrl/Cmd-Shift-Z or Ctrl-Y", &cx.view.redo, Command::Redo),
    ] {
        let help = match name {
            Some(name) => format!("{word}: {name} ({keys})"),
            None => format!("Nothing to {} ({keys})", word.to_lowercase()),
        };
        let button = Button::new(Face::Sign(glyph), word, &help).enabled(name.is_some());
        if button.show(ui, rect, id(word, 0)).clicked() {
            cx.actions.push(Action::Send(command));
        }
    }
}

/// Below this width the bar has no room for everything at once.
const NARROW: f32 = 1000.0;
/// The arrows beside the preset's name.
const ARROWS: f32 = 48.0;

/// The product's name, where there is room. Returns what is left of the row.
fn logo(ui: &Ui, row: Rect, is_crowded: bool) -> Rect {
    if is_crowded {
        return row;
    }
    let (logo, row) = cut_left(row, 106.0, 12.0);
    let deep = line(ui.painter(), "Deep", 15.0, Weight::Bold, theme::TEXT, 100.0);
    let at = place(ui.painter(), logo, Align2::LEFT_CENTER, deep);
    let rest = Rect::from_min_max(pos2(at.right(), logo.top()), logo.max);
    let drummer = line(ui.painter(), "Drummer", 15.0, Weight::Bold, theme::ACCENT, 100.0);
    place(ui.painter(), rest, Align2::LEFT_CENTER, drummer);
    row
}

/// Why nothing is heard, and the way back to sound. Returns what is left of the row.
fn notes_only(ui: &mut Ui, row: Rect, cx: &mut Cx) -> Rect {
    if (cx.param)(HostParam::NotesOnly) < 0.5 {
        return row;
    }
    let (cell, row) = cut_right(row, 76.0, 12.0);
    let help = "DeepDrummer makes no sound: its notes go out for another instrument. Click to hear it again.";
    let button = Button::new(Face::Text("Notes only"), "Notes only is on", help).look(Look::On);
    if button.text(theme::SMALL, Weight::SemiBold).show(ui, cell, id("notes only", 1)).clicked() {
        cx.set(HostParam::NotesOnly, 0.0);
    }
    row
}

/// The way back to sound after a drag silenced the loop. Returns what is left of the row.
fn muted(ui: &mut Ui, row: Rect, cx: &mut Cx) -> Rect {
    if !cx.view.muted_after_drag {
        return row;
    }
    let (cell, row) = cut_right(row, 66.0, 12.0);
    let help = "The loop is silent here because you dragged it into the arrangement. Click to hear it again.";
    let button = Button::new(Face::Text("Unmute"), "Unmute", help).look(Look::On);
    if button.text(theme::SIZE, Weight::SemiBold).show(ui, cell, id("unmute", 0)).clicked() {
        cx.send(Command::Unmute);
    }
    row
}

/// What the host says of the song. Returns what is left of the row.
fn tempo(ui: &Ui, row: Rect, narrow: bool, cx: &Cx) -> Rect {
    let words = match cx.meters {
        None if narrow => "no host yet".to_owned(),
        None => "waiting for the host".to_owned(),
        Some(meters) => {
            let (beats, unit) = (meters.meter.numerator, meters.meter.denominator);
            let tempo = text::tempo(meters.bpm);
            let words = if narrow {
                format!("{tempo} · {beats}/{unit}")
            } else {
                format!("{tempo} BPM · {beats}/{unit}")
            };
            let bar = meters.bar.filter(|_| !narrow);
            bar.map_or(words.clone(), |bar| format!("{words} · bar {bar}"))
        }
    };
    let width = if narrow { 84.0 } else { 140.0 };
    let (place, row) = cut_right(row, width, 12.0);
    label(ui, place, Align2::RIGHT_CENTER, &words, Style::DIM);
    row
}

fn worker(ui: &Ui, rect: Rect, cx: &Cx, words: &str, shown: &str) {
    let (colour, help) = match &cx.view.worker {
        WorkerView::Ready { queued: 0 } => {
            (theme::ACCENT, "No further loop is ready yet. The current one keeps looping.".to_owned())
        }
        WorkerView::Ready { .. } => (theme::LIKE, "Loops wait to be heard.".to_owned()),
        WorkerView::Restarted { reason } => {
            (theme::DISLIKE, format!("The worker failed and was started again: {reason}"))
        }
        WorkerView::Searching => (theme::ACCENT, "The next loop is being looked for.".to_owned()),
        WorkerView::Starting | WorkerView::Loading { .. } => {
            (theme::ACCENT, "The sounds are being prepared.".to_owned())
        }
    };
    let painter = ui.painter();
    painter.rect(
        rect,
        CornerRadius::same(5),
        theme::RAISED,
        Stroke::new(1.0, theme::LINE),
        StrokeKind::Inside,
    );
    painter.circle_filled(pos2(rect.left() + 15.0, rect.center().y), 4.5, colour);
    let room = Rect::from_min_max(pos2(rect.left() + 27.0, rect.top()), rect.max);
    let galley = line(painter, shown, theme::SIZE, Weight::Regular, theme::TEXT, room.width() - 6.0);
    place(painter, room, Align2::LEFT_CENTER, galley);
    let response = ui.interact(rect, id("worker", 0), Sense::hover());
    named(ui, response, || WidgetInfo::labeled(Role::Status, true, words), &help);
}

fn kit_menu(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let kit = &cx.view.kit;
    let trouble = kit.problems.len() + kit.missing.len();
    let help = if trouble == 0 {
        format!("The sounds that loops are made of: {} sounds.", kit.sounds)
    } else {
        format!("{} sounds; {trouble} could not be used, see the menu.", kit.sounds)
    };
    let face = Face::TitledMenu(if rect.width() < 130.0 { "" } else { "Kit" }, &kit.name);
    let response = Button::new(face, "Kit", &help).show(ui, rect, id("kit", 0));
    if trouble > 0 {
        ui.painter().circle_filled(rect.right_top() + vec2(-3.0, 3.0), 4.0, theme::ACCENT);
    }
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "FACTORY");
        for (at, name) in kit.factory.iter().enumerate() {
            if menu_item(ui, *name == kit.name, name) {
                let choice = if at == 0 { KitChoice::Factory } else { KitChoice::FactoryKit(name.clone()) };
                cx.actions.push(Action::Send(Command::ChooseKit(choice)));
            }
        }
        menu_heading(ui, "YOUR FOLDERS");
        for folder in &kit.recent {
            let shown = folder.display().to_string();
            if menu_item(ui, shown == kit.name, &shown) {
                let choice = KitChoice::Folders(vec![folder.clone()]);
                cx.actions.push(Action::Send(Command::ChooseKit(choice)));
            }
        }
        if menu_item(ui, false, "Load a folder of samples…") {
            cx.actions.push(Action::Open(Dialog::KitFolder));
        }
        if menu_item(ui, kit.mono, "Mix stereo files to mono") {
            cx.actions.push(Action::Send(Command::SetMono(!kit.mono)));
        }
        if !kit.missing.is_empty() {
            menu_heading(ui, "MISSING IN THIS PROJECT");
            for (sample, name) in kit.missing.iter().take(8) {
                if menu_item(ui, false, &format!("Locate “{name}”…")) {
                    cx.actions.push(Action::Open(Dialog::Locate(*sample, name.clone())));
                }
            }
        }
        if !kit.problems.is_empty() {
            menu_heading(ui, &format!("COULD NOT BE USED · {}", kit.problems.len()));
            egui::ScrollArea::vertical().max_height(150.0).show(ui, |ui| {
                for problem in &kit.problems {
                    ui.label(egui::RichText::new(problem).size(theme::SMALL).color(theme::DIM));
                }
            });
        }
    });
}

fn profile_menu(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let profile = &cx.view.profile;
    let help = "Whose taste is learned. A profile is kept outside the project and shared by all of them.";
    let face = Face::TitledMenu(if rect.width() < 130.0 { "" } else { "Taste" }, &profile.name);
    let response = Button::new(face, "Taste profile", help).show(ui, rect, id("profile", 0));
    let mut prompt = None;
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "PROFILES");
        for name in &profile.all {
            if menu_item(ui, *name == profile.name, name) {
                cx.actions.push(Action::Send(Command::ChooseProfile(name.clone())));
            }
        }
        ui.separator();
        if menu_item(ui, false, "New profile…") {
            prompt = Some((PromptFor::NewProfile, String::new()));
        }
        if menu_item(ui, false, "Duplicate…") {
            prompt = Some((PromptFor::DuplicateProfile, format!("{} copy", profile.name)));
        }
        if menu_item(ui, false, "Rename…") {
            prompt = Some((PromptFor::RenameProfile, profile.name.clone()));
        }
        if menu_item(ui, false, "Export to a file…") {
            cx.actions.push(Action::Open(Dialog::ExportProfile(profile.name.clone())));
        }
        if menu_item(ui, false, "Import from a file…") {
            cx.actions.push(Action::Open(Dialog::ImportProfile));
        }
    });
    if let Some((what, text)) = prompt {
        cx.state.prompt = Some(Prompt { what, text, focused: false });
    }
}
