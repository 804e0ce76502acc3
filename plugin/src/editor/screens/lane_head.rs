//! A lane's head: name, sound, mute and solo, locks, re-roll, level, pan and tune, files.

use crate::editor::actions::{Action, Cx, Dialog, ExportFor, ExportOf};
use crate::editor::screens::life;
use crate::editor::state::Page;
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Slider, Style, control, cut_left, cut_right, cut_top, id, label, menu_heading,
    menu_item, middle, text_width, waveform,
};
use deepdrummer_core::engine::LaneMix;
use deepdrummer_core::pattern::{Hit, MAX_STEPS, Role};
use deepdrummer_core::session::command::{Command, ExportKind};
use deepdrummer_core::session::view::LaneView;
use deepdrummer_core::units::Decibels;
use egui::{
    Align2, CornerRadius, CursorIcon, Key, Popup, PopupCloseBehavior, Rect, Sense, Stroke, StrokeKind, Ui,
    pos2, vec2,
};

/// How much of a head fits its height.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    /// Three rows with words.
    Tall,
    /// Two rows.
    Medium,
    /// One row of signs.
    Small,
}

/// The stripe at the left shows how the lane sounds; while that is shown, so does a press anywhere on a head.
pub(super) fn choose(ui: &Ui, rect: Rect, index: usize, cx: &mut Cx) {
    let role = cx.shown.lanes[index].role.label();
    let (name, help) = (format!("Shape {role}"), format!("Click to shape the sound of {role}."));
    let stripe = Rect::from_min_size(rect.min, vec2(8.0, rect.height()));
    let response = control(ui, stripe, id("choose lane", index), Sense::click(), &name, &help)
        .on_hover_cursor(CursorIcon::PointingHand);
    if response.clicked() {
        (cx.state.page, cx.state.sound_lane) = (Page::Sound, index);
    }
    let pressed = ui.rect_contains_pointer(rect) && ui.input(|input| input.pointer.primary_pressed());
    if pressed && cx.state.page == Page::Sound {
        cx.state.sound_lane = index;
    }
}

/// Draws the head of one lane.
pub(super) fn show(ui: &mut Ui, rect: Rect, index: usize, cx: &mut Cx) {
    let view = cx.shown;
    let lane = &view.lanes[index];
    let colour = theme::role(lane.role);
    let silent = lane.mix.mute || (!lane.mix.solo && view.lanes.iter().any(|lane| lane.mix.solo));
    let painter = ui.painter();
    let target = cx.state.drop_lane == Some(index);
    let chosen = cx.state.page == Page::Sound && cx.state.sound_lane == index;
    let edge = match (target, chosen) {
        (true, _) => Stroke::new(2.0, theme::ACCENT),
        (false, true) => Stroke::new(1.0, theme::ACCENT),
        (false, false) => Stroke::new(1.0, theme::LINE),
    };
    painter.rect(rect, CornerRadius::same(5), theme::PANEL, edge, StrokeKind::Inside);
    let stripe = Rect::from_min_size(rect.min, vec2(3.5, rect.height()));
    painter.rect_filled(stripe, CornerRadius { nw: 5, sw: 5, ne: 0, se: 0 }, colour);
    meter(ui, rect, index, cx);

    wheel(ui, rect, index, cx);
    let size = match rect.height() {
        h if h >= 72.0 => Size::Tall,
        h if h >= 46.0 => Size::Medium,
        _ => Size::Small,
    };
    let inner = Rect::from_min_max(rect.min + vec2(8.0, 0.0), rect.max - vec2(9.0, 0.0));
    let wave = if silent { theme::mix(theme::PANEL, colour, 0.35) } else { colour };
    match size {
        Size::Tall => {
            let inner = Rect::from_center_size(inner.center(), vec2(inner.width(), 68.0));
            let (first, rest) = cut_top(inner, 22.0, 2.0);
            let (second, rest) = cut_top(rest, 20.0, 3.0);
            let (third, _) = cut_top(rest, 20.0, 0.0);
            let rest = mute_solo(ui, middle(first, 18.0), index, cx);
            name(ui, rest, index, lane, cx);
            sound(ui, second, index, lane, wave, 0.48, cx);
            buttons(ui, middle(third, 19.0), index, lane, true, cx);
        }
        Size::Medium => {
            let inner = Rect::from_center_size(inner.center(), vec2(inner.width(), 42.0));
            let (first, rest) = cut_top(inner, 20.0, 2.0);
            let (second, _) = cut_top(rest, 20.0, 0.0);
            let rest = mute_solo(ui, middle(first, 18.0), index, cx);
            let rest = locks(ui, middle(rest, 18.0), index, lane, cx);
            name(ui, rest, index, lane, cx);
            let second = roll_and_level(ui, middle(second, 18.0), index, lane, cx);
            sound(ui, second, index, lane, wave, 0.34, cx);
        }
        Size::Small => {
            let row = middle(inner, 18.0);
            let rest = mute_solo(ui, row, index, cx);
            let rest = buttons(ui, rest, index, lane, false, cx);
            name(ui, rest, index, lane, cx);
        }
    }
}

/// A slim level meter at the right edge while the loop plays.
fn meter(ui: &Ui, rect: Rect, index: usize, cx: &Cx) {
    let Some(meters) = cx.meters.filter(|meters| meters.playing) else { return };
    let db = 20.0 * meters.lane_peaks[index].max(1e-4).log10();
    let share = ((db + 48.0) / 48.0).clamp(0.0, 1.0);
    let height = (rect.height() - 8.0) * share;
    let bar = Rect::from_min_max(
        pos2(rect.right() - 5.0, rect.bottom() - 4.0 - height),
        pos2(rect.right() - 2.5, rect.bottom() - 4.0),
    );
    let colour = if db > -0.1 { theme::DISLIKE } else { theme::LIKE };
    ui.painter().rect_filled(bar, CornerRadius::same(1), colour);
}

/// The wheel over a head steps through similar sounds.
fn wheel(ui: &Ui, rect: Rect, index: usize, cx: &mut Cx) {
    if ui.rect_contains_pointer(rect) {
        let notches = crate::editor::wheel_notches(ui);
        if notches != 0.0 {
            let delta = if notches > 0.0 { -1 } else { 1 };
            cx.send(Command::StepSample { lane: index as u8, delta });
        }
    }
}

fn mute_solo(ui: &mut Ui, row: Rect, index: usize, cx: &mut Cx) -> Rect {
    let lane = &cx.shown.lanes[index];
    let (solo, row) = cut_right(row, 19.0, 4.0);
    let (mute, row) = cut_right(row, 19.0, 6.0);
    let role = lane.role.label();
    let mix = lane.mix;
    for (rect, letter, word, on, changed) in [
        (mute, "M", "Mute", mix.mute, LaneMix { mute: !mix.mute, ..mix }),
        (solo, "S", "Solo", mix.solo, LaneMix { solo: !mix.solo, ..mix }),
    ] {
        let name = format!("{word} {role}");
        let help = if word == "Mute" { "Silence this lane." } else { "Hear only lanes in solo." };
        let button =
            Button::new(Face::Text(letter), &name, help).text(theme::SMALL, Weight::SemiBold).switch(on);
        if button.show(ui, rect, id(word, index)).clicked() {
            cx.send(Command::SetMix { lane: index as u8, mix: changed });
        }
    }
    row
}

/// The name is the lane's handle: it can be dragged out, and clicked for the lane's menu.
fn name(ui: &mut Ui, rect: Rect, index: usize, lane: &LaneView, cx: &mut Cx) {
    let (grip, rest) = cut_left(rect, 12.0, 2.0);
    let role = lane.role.label();
    let accessible = format!("Drag {role} out");
    let help = format!("Drag {role} to a track as MIDI, its waveform as audio. Click for the menu.");
    let response =
        control(ui, middle(rect, 20.0), id("lane", index), Sense::click_and_drag(), &accessible, &help)
            .on_hover_cursor(CursorIcon::Grab);
    let lit = response.hovered() || response.dragged() || response.has_focus();
    Glyph::Grip.paint(ui.painter(), grip.center(), 13.0, if lit { theme::TEXT } else { theme::EDGE });
    let fits = text_width(ui.painter(), role, Style::NAME.size, Style::NAME.weight) <= rest.width();
    label(ui, rest, Align2::LEFT_CENTER, if fits { role } else { short(lane.role) }, Style::NAME);
    if response.drag_started() {
        let kind = ExportKind::LaneMidi(index as u8);
        cx.actions.push(Action::Export(ExportOf { id: None, kind }, ExportFor::Drag));
    }
    Popup::menu(&response).show(|ui| lane_menu(ui, index, cx));
    // An id of its own: a context menu is closed by a plain click on its widget, which opens the other.
    Popup::context_menu(&response).id(id("lane context", index)).show(|ui| lane_menu(ui, index, cx));
}

/// A role's name where there is little room.
fn short(role: Role) -> &'static str {
    match role {
        Role::ClosedHat => "C. hat",
        Role::OpenHat => "O. hat",
        other => other.label(),
    }
}

/// A sound's name without the role that the lane's head says already.
fn without_role<'a>(name: &'a str, role: &str) -> &'a str {
    let rest = name.get(role.len()..).filter(|_| name.starts_with(role));
    rest.map(str::trim_start).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Waveform (`wave_share` of the room), name of the sound, and the arrows that step through similar ones.
fn sound(
    ui: &mut Ui,
    rect: Rect,
    index: usize,
    lane: &LaneView,
    colour: egui::Color32,
    wave_share: f32,
    cx: &mut Cx,
) {
    let role = lane.role.label();
    let (next, rest) = cut_right(rect, 16.0, 1.0);
    let (previous, rest) = cut_right(rest, 16.0, 3.0);
    for (rect, glyph, word, delta) in
        [(previous, Glyph::Left, "Previous", -1), (next, Glyph::Right, "Next", 1)]
    {
        let name = format!("{word} sound for {role}");
        let help = format!("{word} similar sound. The wheel does it too.");
        let button = Button::new(Face::Sign(glyph), &name, &help).look(crate::editor::widgets::Look::Bare);
        let button = button.text(9.0, Weight::Regular).enabled(!lane.lock_sound);
        if button.show(ui, middle(rect, 18.0), id(word, index)).clicked() {
            cx.send(Command::StepSample { lane: index as u8, delta });
        }
    }
    let (wave, name) = cut_left(rest, (rest.width() * wave_share).min(120.0), 7.0);
    let accessible = format!("Hear {role}, drag it out as audio");
    let help = format!(
        "Click to hear the sound of {role}. Drag it to a track: this lane as exactly these bars of audio."
    );
    let response = control(ui, wave, id("wave", index), Sense::click_and_drag(), &accessible, &help)
        .on_hover_cursor(CursorIcon::Grab);
    if response.clicked() {
        cx.actions.push(Action::Hear(index as u8));
    }
    if response.drag_started() {
        let kind = ExportKind::LaneAudio(index as u8);
        cx.actions.push(Action::Export(ExportOf { id: None, kind }, ExportFor::Drag));
    }
    let lit = response.hovered() || response.dragged();
    let colour = if lit { theme::mix(colour, theme::TEXT, 0.4) } else { colour };
    waveform(ui.painter(), wave.shrink2(vec2(0.0, 2.0)), &lane.peaks, colour);
    let (shown, help) = match (lane.missing, lane.sample_name.is_empty()) {
        (true, _) => (
            format!("{} missing", lane.sample_name),
            "This sound could not be found; a factory sound plays in its place. Click to locate it."
                .to_owned(),
        ),
        (_, true) => ("no sound".to_owned(), "This lane has no sound. Click to load one.".to_owned()),
        _ => {
            (lane.sample_name.clone(), format!("{}. Click to load a file, arrows to step.", lane.sample_name))
        }
    };
    let accessible = format!("Sound of {role}: {shown}");
    let shown = without_role(&shown, role);
    let response = control(ui, name, id("sound", index), Sense::click(), &accessible, &help);
    let colour = if lane.missing || lane.sample_name.is_empty() { theme::ACCENT } else { theme::DIM };
    let colour = if response.hovered() { theme::TEXT } else { colour };
    let size = 11.5;
    let galley =
        crate::editor::widgets::line(ui.painter(), shown, size, Weight::Regular, colour, name.width());
    crate::editor::widgets::place(ui.painter(), name, Align2::LEFT_CENTER, galley);
    if response.has_focus() {
        for (key, delta) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
            if ui.input_mut(|input| input.consume_key(egui::Modifiers::ALT, key)) {
                cx.send(Command::StepSample { lane: index as u8, delta });
            }
        }
    }
    if response.clicked() {
        let dialog = if lane.missing {
            Dialog::Locate(lane.sample, lane.sample_name.clone())
        } else {
            Dialog::LaneSample(index as u8)
        };
        cx.actions.push(Action::Open(dialog));
    }
}

const BEAT_HELP: &str = "Keep this rhythm: new loops and re-rolls leave it alone.";
const SOUND_HELP: &str = "Keep this sound: new loops and re-rolls leave it alone.";

/// Locks, re-roll, level, more. With words where there is room. Returns what is left of the row.
fn buttons(ui: &mut Ui, row: Rect, index: usize, lane: &LaneView, words: bool, cx: &mut Cx) -> Rect {
    let role = lane.role.label();
    let lane_number = index as u8;
    let (beat_name, sound_name) = (format!("Lock beat of {role}"), format!("Lock sound of {role}"));
    let more_name = format!("More for {role}");
    let beat_face = if words { Face::Text("lock beat") } else { Face::Sign(Glyph::Steps) };
    let sound_face = if words { Face::Text("lock sound") } else { Face::Sign(Glyph::Wave) };
    let mut left = row;
    let mut take = |width: f32| {
        let (taken, rest) = if words { cut_left(left, width, 4.0) } else { cut_right(left, width, 2.0) };
        left = rest;
        taken
    };
    let small = if words { 24.0 } else { 18.0 };
    let (beat, sound, die, level, more) = if words {
        (take(60.0), take(68.0), take(small), take(small), Some(take(small)))
    } else {
        // The name opens the same menu.
        let (level, die) = (take(small), take(small));
        let sound = take(small);
        (take(small), sound, die, level, None)
    };
    let beat_button = Button::new(beat_face, &beat_name, BEAT_HELP).text(theme::SMALL, Weight::Regular);
    if beat_button.switch(lane.lock_beat).show(ui, beat, id("lock beat", index)).clicked() {
        cx.send(Command::LockBeat(lane_number, !lane.lock_beat));
    }
    let sound_button = Button::new(sound_face, &sound_name, SOUND_HELP).text(theme::SMALL, Weight::Regular);
    if sound_button.switch(lane.lock_sound).show(ui, sound, id("lock sound", index)).clicked() {
        cx.send(Command::LockSound(lane_number, !lane.lock_sound));
    }
    die_button(ui, die, index, lane, cx);
    level_button(ui, level, index, lane, cx);
    if let Some(more) = more {
        let more_button = Button::new(Face::Sign(Glyph::Dots), &more_name, "Sound, role, rhythm, export.");
        let response = more_button.show(ui, more, id("more", index));
        Popup::menu(&response).show(|ui| lane_menu(ui, index, cx));
    }
    left
}

/// Both locks, with their words, in the row of the name. Returns what is left of it.
fn locks(ui: &mut Ui, row: Rect, index: usize, lane: &LaneView, cx: &mut Cx) -> Rect {
    let role = lane.role.label();
    let number = index as u8;
    let (sound, row) = cut_right(row, 54.0, 3.0);
    let (beat, row) = cut_right(row, 47.0, 6.0);
    for (rect, word, name, help, on, command) in [
        (
            beat,
            "beat",
            format!("Lock beat of {role}"),
            BEAT_HELP,
            lane.lock_beat,
            Command::LockBeat(number, !lane.lock_beat),
        ),
        (
            sound,
            "sound",
            format!("Lock sound of {role}"),
            SOUND_HELP,
            lane.lock_sound,
            Command::LockSound(number, !lane.lock_sound),
        ),
    ] {
        let button = Button::new(Face::Both(Glyph::Locked, word), &name, help).text(10.0, Weight::Regular);
        if button.switch(on).show(ui, rect, id(&format!("lock {word}"), index)).clicked() {
            cx.send(command);
        }
    }
    row
}

/// Re-roll and level at the end of the sound's row. Returns what is left of it.
fn roll_and_level(ui: &mut Ui, row: Rect, index: usize, lane: &LaneView, cx: &mut Cx) -> Rect {
    let (level, row) = cut_right(row, 19.0, 4.0);
    let (die, row) = cut_right(row, 19.0, 4.0);
    die_button(ui, die, index, lane, cx);
    level_button(ui, level, index, lane, cx);
    row
}

fn die_button(ui: &mut Ui, rect: Rect, index: usize, lane: &LaneView, cx: &mut Cx) {
    let name = format!("Re-roll {}", lane.role.label());
    let help = "The best rhythm and sound for this lane beside the others.";
    let free = !(lane.lock_beat && lane.lock_sound);
    let button = Button::new(Face::Sign(Glyph::Die), &name, help).text(theme::SIZE, Weight::Regular);
    if button.enabled(free).show(ui, rect, id("die", index)).clicked() {
        cx.send(Command::RerollLane(index as u8));
    }
}

fn level_button(ui: &mut Ui, rect: Rect, index: usize, lane: &LaneView, cx: &mut Cx) {
    let name = format!("Level of {}", lane.role.label());
    let button =
        Button::new(Face::Sign(Glyph::Faders), &name, "Level, pan and tune; length, rotation and direction.");
    let runs = cx.shown.current.pattern.lanes().get(index).is_none_or(|lane| lane.course.is_plain());
    let plain = runs && lane.mix.level.0 == 0.0 && lane.mix.pan == 0.0 && lane.mix.tune_semitones == 0.0;
    let response = button.choice(!plain).show(ui, rect, id("level", index));
    Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| mixer(ui, index, cx));
}

fn mixer(ui: &mut Ui, index: usize, cx: &mut Cx) {
    let lane = &cx.shown.lanes[index];
    let role = lane.role.label();
    let mix = lane.mix;
    ui.set_min_width(250.0);
    menu_heading(ui, &role.to_uppercase());
    let level = (format!("Level of {role} in decibels"), text::decibels(mix.level.0));
    let pan = (format!("Pan of {role}"), text::pan(mix.pan));
    let tune = (format!("Tune of {role} in semitones"), text::semitones(mix.tune_semitones));
    let rows = [
        ("Level", &level, mix.level.0, -60.0..=12.0, 0.5, false),
        ("Pan", &pan, mix.pan, -1.0..=1.0, 0.02, true),
        ("Tune", &tune, mix.tune_semitones, -24.0..=24.0, 0.1, true),
    ];
    for (at, (word, (name, shown), value, range, step, centred)) in rows.into_iter().enumerate() {
        let (rect, _) = ui.allocate_exact_size(vec2(250.0, 26.0), Sense::empty());
        let (title, rest) = cut_left(rect.shrink2(vec2(6.0, 0.0)), 44.0, 0.0);
        label(ui, title, Align2::LEFT_CENTER, word, Style::TEXT);
        let slider = Slider {
            name,
            help: "Double-click sets it back. Arrows change it, Shift finely.",
            value,
            range,
            default: 0.0,
            step,
            shown,
            name_width: 0.0,
            value_width: 62.0,
            centred,
        };
        let result = slider.show(ui, rest, id(word, index * 4 + at));
        if let Some(value) = result.value {
            let mut mix = mix;
            match at {
                0 => mix.level = Decibels(value),
                1 => mix.pan = if value.abs() < 0.02 { 0.0 } else { value },
                _ => mix.tune_semitones = (value * 10.0).round() / 10.0,
            }
            cx.send(Command::SetMix { lane: index as u8, mix });
        }
    }
    life::course(ui, index, cx);
    menu_heading(ui, "CHOKE GROUP");
    let (rect, _) = ui.allocate_exact_size(vec2(250.0, 24.0), Sense::empty());
    let mut rest = rect.shrink2(vec2(6.0, 0.0));
    for group in 0..=4u8 {
        let (cell, after) = cut_left(rest, 40.0, 5.0);
        rest = after;
        let face = if group == 0 { "none".to_owned() } else { group.to_string() };
        let name = format!("Choke group {face} for {role}");
        let button = Button::new(Face::Text(&face), &name, "Lanes of one group cut each other off.");
        let button = button.text(theme::SMALL, Weight::Regular).choice(mix.choke == group);
        if button.show(ui, cell, id("choke", index * 16 + usize::from(group))).clicked() {
            cx.send(Command::SetMix { lane: index as u8, mix: LaneMix { choke: group, ..mix } });
        }
    }
}

fn lane_menu(ui: &mut Ui, index: usize, cx: &mut Cx) {
    let view = cx.shown;
    let lane = &view.lanes[index];
    let number = index as u8;
    menu_heading(ui, "SOUND");
    if menu_item(ui, false, "Hear it") {
        cx.actions.push(Action::Hear(number));
    }
    if menu_item(ui, false, "Load a file…") {
        cx.actions.push(Action::Open(Dialog::LaneSample(number)));
    }
    if lane.missing && menu_item(ui, false, "Locate the missing file…") {
        cx.actions.push(Action::Open(Dialog::Locate(lane.sample, lane.sample_name.clone())));
    }
    for (words, delta) in [("Next similar sound", 1), ("Previous similar sound", -1)] {
        if menu_item(ui, false, words) {
            cx.send(Command::StepSample { lane: number, delta });
        }
    }
    if lane.is_own {
        ui.menu_button("This sound is a…", |ui| {
            for role in Role::ALL {
                if menu_item(ui, false, role.label()) {
                    cx.send(Command::CorrectRole(lane.sample, role));
                }
            }
        });
    }
    menu_heading(ui, "RHYTHM");
    let grid = view.current.pattern.grid;
    let hits = view.current.pattern.lanes().get(index).map(|lane| lane.hits);
    if let Some(hits) = hits {
        let steps = grid.steps();
        let rotated = |by: usize| {
            let mut out = [Hit::NONE; MAX_STEPS];
            for step in 0..steps {
                out[(step + by) % steps] = hits[step];
            }
            Box::new(out)
        };
        if menu_item(ui, false, "Move one step later") {
            cx.send(Command::EditLane { lane: number, hits: rotated(1) });
        }
        if menu_item(ui, false, "Move one step earlier") {
            cx.send(Command::EditLane { lane: number, hits: rotated(steps - 1) });
        }
        if menu_item(ui, false, "Clear the lane") {
            cx.send(Command::EditLane { lane: number, hits: Box::new([Hit::NONE; MAX_STEPS]) });
        }
    }
    if menu_item(ui, lane.as_written, "Play as written, without Human") {
        cx.send(Command::SetAsWritten(number, !lane.as_written));
    }
    if lane.locked_steps != 0 && !lane.lock_beat && menu_item(ui, false, "Free all locked steps") {
        cx.send(Command::LockSteps(number, 0));
    }
    ui.menu_button("Role", |ui| {
        for role in Role::ALL {
            if menu_item(ui, role == lane.role, role.label()) {
                cx.send(Command::SetRole { lane: number, role });
            }
        }
    });
    menu_heading(ui, "EXPORT THIS LANE");
    for (words, kind) in
        [("Save MIDI as…", ExportKind::LaneMidi(number)), ("Save audio as…", ExportKind::LaneAudio(number))]
    {
        if menu_item(ui, false, words) {
            cx.actions.push(Action::Export(ExportOf { id: None, kind }, ExportFor::SaveAs));
        }
    }
    for (words, kind, what) in [
        ("Write MIDI and copy its path", ExportKind::LaneMidi(number), ExportFor::CopyPath),
        ("Write audio and copy its path", ExportKind::LaneAudio(number), ExportFor::CopyPath),
        ("Write audio and show in folder", ExportKind::LaneAudio(number), ExportFor::ShowInFolder),
    ] {
        if menu_item(ui, false, words) {
            cx.actions.push(Action::Export(ExportOf { id: None, kind }, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_role;

    #[test]
    fn a_lane_does_not_say_its_role_twice() {
        assert_eq!(without_role("Kick 01 Dusty", "Kick"), "01 Dusty");
        assert_eq!(without_role("Perc 04 Dusty", "Snare"), "Perc 04 Dusty", "another role is news");
        assert_eq!(without_role("Kick", "Kick"), "Kick");
        assert_eq!(without_role("Käse", "Kick"), "Käse");
        assert_eq!(without_role("", "Kick"), "");
    }
}
