//! Selected steps, and what the grid shows while the next loop waits, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::{Grid, Hit};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::taste::{LoopId, Verdict};
use deepdrummer_plugin::editor::{HostParam, Meters};
use editor_support::harness::Editor;
use editor_support::{FOUR, meters, session};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

/// Selects from one cell to another.
fn select(editor: &mut Editor, from: &str, to: &str) {
    let (from, to) = (editor.centre(from), editor.centre(to));
    assert_eq!(editor.drag(from, to, Modifiers::COMMAND), []);
}

fn cells(sent: &[Command]) -> Vec<(u8, u8, Hit)> {
    let [Command::EditCells(cells)] = sent else { panic!("one undo step: {sent:?}") };
    cells.clone()
}

fn hits(editor: &Editor, lane: usize) -> Vec<u8> {
    let view = editor.fake.view_now();
    view.current.pattern.lanes()[lane].hits[..16].iter().map(|hit| hit.velocity).collect()
}

fn editor() -> Editor {
    let editor = Editor::new();
    editor.fake.change(|view| {
        for lane in view.current.pattern.lanes_mut() {
            lane.hits[..16].fill(Hit::NONE);
        }
        let lanes = view.current.pattern.lanes_mut();
        (lanes[0].hits[0], lanes[0].hits[1]) = (Hit::new(100), Hit { velocity: 60, offset: 20, ..Hit::NONE });
        lanes[1].hits[1] = Hit::new(90);
    });
    editor
}

#[test]
fn selected_steps_grow_louder_are_turned_round_and_humanised() {
    let mut editor = editor();
    editor.fake.change(|view| {
        let hits = &mut view.current.pattern.lanes_mut()[0].hits;
        hits[..5].fill(Hit::NONE);
        (hits[0], hits[2], hits[4]) =
            (Hit::new(50), Hit { velocity: 100, offset: 30, ..Hit::NONE }, Hit::new(80));
    });
    editor.harness.run();
    let _ = editor.fake.sent();
    select(&mut editor, "Kick step 1", "Kick step 6");
    let rising = cells(&editor.key(Modifiers::COMMAND, Key::ArrowUp));
    let at = |step, velocity, offset| (0, step, Hit { velocity, offset, ..Hit::NONE });
    assert_eq!(rising, [at(0, 40, 0), at(2, 70, 30), at(4, 100, 0)]);
    let falling = cells(&editor.key(Modifiers::COMMAND, Key::ArrowDown));
    assert_eq!(falling, [at(0, 100, 0), at(4, 40, 0)], "the middle stays");
    let none = |step| (0, step, Hit::NONE);
    let turned = cells(&editor.key(Modifiers::COMMAND, Key::R));
    assert_eq!(turned, [none(0), at(1, 40, 0), none(2), at(3, 70, -30), none(4), at(5, 100, 0)]);
    let human = cells(&editor.key(Modifiers::COMMAND, Key::J));
    assert!(!human.is_empty() && human.len() <= 3);
    for (_, step, hit) in human {
        let before = turned.iter().find(|(_, of, _)| *of == step).unwrap().2;
        assert!(hit.velocity.abs_diff(before.velocity) <= 9 && hit.offset.abs_diff(before.offset) <= 14);
    }
}

#[test]
fn selected_steps_are_copied_and_pasted_by_keys() {
    let mut editor = editor();
    select(&mut editor, "Kick step 1", "Snare step 2");
    assert_eq!(editor.key(Modifiers::COMMAND, Key::C), []);
    // To where the cursor is; what finds no place is left out, empty cells are copied too.
    select(&mut editor, "Perc step 15", "Perc step 15");
    let pasted = cells(&editor.key(Modifiers::COMMAND, Key::V));
    assert_eq!(pasted, [(3, 14, Hit::new(100)), (3, 15, Hit { velocity: 60, offset: 20, ..Hit::NONE })]);
    select(&mut editor, "Snare step 9", "Snare step 9");
    let pasted = cells(&editor.key(Modifiers::COMMAND, Key::V));
    assert_eq!(
        pasted,
        [(1, 8, Hit::new(100)), (1, 9, Hit { velocity: 60, offset: 20, ..Hit::NONE }), (2, 9, Hit::new(90))]
    );
    // Cut leaves nothing behind.
    select(&mut editor, "Kick step 1", "Kick step 2");
    let cut = cells(&editor.key(Modifiers::COMMAND, Key::X));
    assert_eq!(cut, [(0, 0, Hit::NONE), (0, 1, Hit::NONE)]);
}

#[test]
fn selected_steps_are_moved_around_the_loop_and_shaped_and_cleared() {
    let mut editor = editor();
    select(&mut editor, "Kick step 1", "Snare step 2");
    editor.key(Modifiers::COMMAND, Key::ArrowRight);
    assert_eq!((&hits(&editor, 0)[..4], &hits(&editor, 1)[..4]), (&[0, 100, 60, 0][..], &[0, 0, 90, 0][..]));
    for _ in 0..2 {
        editor.key(Modifiers::COMMAND, Key::ArrowLeft);
    }
    assert_eq!((hits(&editor, 0)[15], hits(&editor, 0)[0], hits(&editor, 1)[0]), (100, 60, 90));
    editor.key(Modifiers::SHIFT, Key::ArrowUp);
    assert_eq!((hits(&editor, 0)[15], hits(&editor, 0)[0], hits(&editor, 1)[0]), (108, 68, 98));
    editor.key(Modifiers::SHIFT, Key::ArrowDown);
    let sent = editor.key(Modifiers::NONE, Key::Delete);
    assert_eq!(cells(&sent).len(), 3, "hits alone: {sent:?}");
    assert!((0..4).all(|lane| hits(&editor, lane).iter().all(|velocity| *velocity == 0)));
    // All that is shown, and a selection that grows from the cursor.
    editor.key(Modifiers::COMMAND, Key::A);
    assert!(editor.harness.state().state().selection[..4].iter().all(|mask| *mask == 0xffff));
    editor.click("Clear the selection");
    select(&mut editor, "Kick step 3", "Kick step 3");
    editor.click("Clear the selection");
    editor.harness.get_by_label("Step grid").focus();
    editor.harness.run();
    editor.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowRight);
    editor.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(editor.harness.state().state().selection[..3], [0b1100, 0b1100, 0]);
}

#[test]
fn the_menu_of_selected_steps_does_the_same() {
    let mut editor = editor();
    select(&mut editor, "Kick step 1", "Snare step 2");
    editor.menu("Kick step 1");
    assert!(editor.exists("4 STEPS SELECTED"));
    let accents = cells(&editor.click("Accent"));
    assert!(accents.iter().all(|(.., hit)| hit.velocity == 127), "{accents:?}");
    assert_eq!(accents.len(), 3, "only hits are shaped");
    for (entry, first) in [("Softer", 119), ("Ghost", 35), ("Louder", 43)] {
        editor.menu("Kick step 1");
        editor.click(entry);
        assert_eq!(hits(&editor, 0)[0], first, "{entry}");
    }
    editor.menu("Kick step 1");
    editor.click("Copy");
    editor.menu("Kick step 1");
    editor.click("One step later");
    assert_eq!(hits(&editor, 0)[..3], [0, 43, 43]);
    editor.menu("Kick step 2");
    assert_eq!(
        editor.click("Lock these steps"),
        [Command::LockSteps(0, 0b110), Command::LockSteps(1, 0b110)]
    );
    editor.menu("Kick step 2");
    editor.click("Clear");
    assert_eq!(hits(&editor, 0)[..3], [0, 0, 0]);
    // A cell that is not selected has its own menu; what was copied can be pasted there.
    editor.menu("Closed hat step 5");
    let pasted = cells(&editor.click("Paste here"));
    assert!(pasted.contains(&(2, 4, Hit { velocity: 43, offset: 0, ..Hit::NONE })), "{pasted:?}");
}

/// A session that plays; the loop that sounds is the one before the newest.
fn rated_while_playing() -> Editor {
    let mut editor = Editor::new();
    let playing = Meters { audible: Some(LoopId(42)), ..meters(Some(3.2)) };
    editor.fake.0.lock().unwrap().meters = Some(playing);
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::L);
    assert_eq!(editor.fake.view_now().current.id, LoopId(43));
    editor.harness.run();
    editor
}

fn is_on(editor: &Editor, label: &str) -> bool {
    use egui::accesskit::Toggled;
    editor.harness.get_by_label(label).accesskit_node().toggled() == Some(Toggled::True)
}

#[test]
fn the_grid_shows_what_sounds_and_marks_what_waits_until_it_enters() {
    let mut editor = rated_while_playing();
    let sounds =
        editor.fake.view_now().history.iter().find(|entry| entry.id == LoopId(42)).unwrap().pattern.clone();
    let next = editor.fake.view_now().current.pattern;
    let differs =
        (0..16).find(|&step| sounds.lanes()[0].hits[step].is_on() != next.lanes()[0].hits[step].is_on());
    let step = differs.expect("two loops that differ in the kick");
    let label = format!("Kick step {}", step + 1);
    let on = |editor: &Editor| editor.harness.get_by_label(&label).accesskit_node().value();
    let heard = on(&editor);
    assert_eq!(heard.as_deref() == Some("no hit"), !sounds.lanes()[0].hits[step].is_on(), "{heard:?}");
    assert!(editor.exists("Loop 0042") && editor.exists("Loop 0043, next"));
    assert!(editor.exists("Loop 0042, liked, current"));
    // A click in the grid edits nothing that is not seen: it shows the loop that waits.
    assert_eq!(editor.click(&label), []);
    assert_ne!(on(&editor), heard);
    assert!(editor.exists("Loop 0043"));
    // Now it can be edited before it enters; the marker leads back.
    assert_eq!(editor.click(&label).len(), 2);
    assert!(is_on(&editor, "Show the next loop"));
    editor.click("Show the next loop");
    assert_eq!(on(&editor), heard);
    // Keys of the grid do the same.
    editor.harness.get_by_label("Step grid").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), []);
    assert!(is_on(&editor, "Show the next loop"));
    editor.click("Show the next loop");
    // What changes a lane goes to the loop that waits, and is seen.
    assert_eq!(editor.click("Next sound for Snare"), [Command::StepSample { lane: 1, delta: 1 }]);
    assert!(is_on(&editor, "Show the next loop"));
    // It enters.
    editor.fake.0.lock().unwrap().meters.as_mut().unwrap().audible = Some(LoopId(43));
    editor.harness.run();
    assert!(!editor.exists("Show the next loop") && editor.exists("Loop 0043, current"));
}

#[test]
fn what_is_rated_or_dragged_is_what_is_shown() {
    let mut editor = rated_while_playing();
    let (id, verdict) = (LoopId(42), Verdict { like: None, rhythm: Some(true), sound: None });
    assert_eq!(editor.click("Like the rhythm"), [Command::Rate { id, verdict }]);
    let from = editor.centre("Audio of this loop");
    let sent = editor.take_hold(from, egui::vec2(30.0, -30.0));
    assert!(matches!(sent.as_slice(), [Command::Export { id: Some(LoopId(42)), .. }]), "{sent:?}");
}

#[test]
fn a_host_that_stands_shows_the_loop_that_was_chosen() {
    let mut editor = Editor::new();
    editor.fake.0.lock().unwrap().meters = Some(Meters { audible: Some(LoopId(42)), ..meters(None) });
    editor.key(Modifiers::NONE, Key::L);
    editor.harness.run();
    assert!(editor.exists("Loop 0043, current") && !editor.exists("Show the next loop"));
}

#[test]
fn a_sound_is_heard_by_a_click_on_its_picture_or_from_the_menu() {
    let mut editor = Editor::new();
    assert_eq!(editor.click("Hear Snare, drag it out as audio"), []);
    editor.click("More for Kick");
    editor.click("Hear it");
    assert_eq!(editor.fake.0.lock().unwrap().heard, [1, 0]);
    assert!(!editor.exists("The host's audio is off. Nothing sounds while the host does not process audio."));
    editor.fake.0.lock().unwrap().meters.as_mut().unwrap().runs = false;
    editor.click("Hear Snare, drag it out as audio");
    assert!(editor.exists("The host's audio is off. Nothing sounds while the host does not process audio."));
}

#[test]
fn lanes_are_added_and_removed_below_them_and_the_output_is_set_in_the_top_bar() {
    let mut editor = Editor::new();
    assert!(editor.exists("4 lanes"));
    assert_eq!(editor.click("Add a lane"), [Command::SetLaneCount(5)]);
    assert_eq!(editor.click("Remove the last lane"), [Command::SetLaneCount(3)]);
    let level = |editor: &Editor| editor.fake.0.lock().unwrap().params[&HostParam::Output];
    editor.harness.get_by_label("Output level").focus();
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(level(&editor), -0.5);
    editor.wheel("Output level", 1.0);
    assert_eq!(level(&editor), 0.0);
    let from = editor.centre("Output level");
    editor.drag(from, from - egui::vec2(24.0, 0.0), Modifiers::NONE);
    assert!((-7.0..=-4.0).contains(&level(&editor)), "{}", level(&editor));
    let gestures = std::mem::take(&mut editor.fake.0.lock().unwrap().gestures);
    let of = |what| gestures.iter().filter(|(_, of, _)| *of == what).count();
    assert_eq!((of("begin"), of("end")), (3, 3), "each change is a gesture: {gestures:?}");
}

#[test]
fn names_are_whole_in_the_least_window() {
    let editor = Editor::with(
        session(&FOUR, Grid::default()),
        (860.0, 560.0),
        editor_support::harness::nothing_chosen,
    );
    for (button, name) in [("Kit", "Analog Club"), ("Taste profile", "My techno"), ("Presets", "Warehouse")] {
        let node = editor.harness.get_by_label(button);
        let help = node.accesskit_node().description().unwrap_or_default();
        assert!(!help.starts_with(name), "{button} had to be cut: {help}");
    }
}
