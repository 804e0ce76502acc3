//! Life in the step: by keys, in the panel of selected steps, in a lane's head, in words.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::{Condition, Course, Curve, Direction, Hit, Life};
use deepdrummer_core::session::command::{Command, Unroll};
use editor_support::harness::Editor;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

fn editor() -> Editor {
    let editor = Editor::new();
    editor.fake.change(|view| {
        for lane in view.current.pattern.lanes_mut() {
            lane.hits[..16].fill(Hit::NONE);
        }
        view.lanes.iter_mut().for_each(|lane| (lane.lock_beat, lane.locked_steps) = (false, 0));
        let lanes = view.current.pattern.lanes_mut();
        (lanes[0].hits[0], lanes[0].hits[2], lanes[1].hits[1]) = (Hit::PLAIN, Hit::new(60), Hit::new(90));
    });
    editor
}

fn select(editor: &mut Editor, from: &str, to: &str) {
    let (from, to) = (editor.centre(from), editor.centre(to));
    assert_eq!(editor.drag(from, to, Modifiers::COMMAND), []);
}

/// The lives that one undo step writes.
fn lives(sent: &[Command]) -> Vec<(u8, u8, String)> {
    let [Command::EditCells(cells)] = sent else { panic!("one undo step: {sent:?}") };
    cells.iter().map(|(lane, step, hit)| (*lane, *step, hit.life.to_string())).collect()
}

fn value(editor: &Editor, label: &str) -> String {
    editor.harness.get_by_label(label).accesskit_node().value().unwrap_or_default()
}

#[test]
fn keys_give_the_hit_under_the_cursor_chance_repeats_and_a_condition() {
    let mut editor = editor();
    select(&mut editor, "Kick step 1", "Kick step 1");
    editor.click("Clear the selection");
    editor.harness.get_by_label("Step grid").focus();
    editor.harness.run();
    let is = |life: &str| [(0, 0, life.to_owned())];
    assert_eq!(lives(&editor.key(Modifiers::ALT, Key::ArrowDown)), is("?90"));
    assert_eq!(lives(&editor.key(Modifiers::NONE, Key::Num3)), is("?90*3"));
    assert_eq!(lives(&editor.key(Modifiers::NONE, Key::Num3)), is("?90*3<"));
    assert_eq!(lives(&editor.key(Modifiers::NONE, Key::E)), is("?90*3<:1/2"));
    assert_eq!(value(&editor, "Kick step 1"), "velocity 100, chance 90 %, 3 times rising, pass 1 of every 2");
    assert_eq!(lives(&editor.key(Modifiers::SHIFT, Key::E)), is("?90*3<"));
    assert_eq!(lives(&editor.key(Modifiers::NONE, Key::Num1)), is("?90"));
    assert_eq!(lives(&editor.key(Modifiers::ALT, Key::ArrowUp)), is(""));
    assert_eq!(value(&editor, "Kick step 1"), "velocity 100");
    // A cell without a hit has no life.
    editor.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(editor.key(Modifiers::NONE, Key::E), []);
}

#[test]
fn the_panel_of_selected_steps_sets_all_of_their_hits() {
    let mut editor = editor();
    select(&mut editor, "Kick step 1", "Snare step 3");
    editor.click("Life of selected steps");
    assert!(editor.exists("LIFE OF 3 HITS"));
    let all = |life: &str| [(0, 0), (0, 2), (1, 1)].map(|(lane, step)| (lane, step, life.to_owned()));
    assert_eq!(lives(&editor.click("Repeats 4")), all("*4"));
    assert_eq!(lives(&editor.click("Repeats falling")), all("*4>"));
    assert_eq!(lives(&editor.click("One pass of every 3")), all("*4>:1/3"));
    assert_eq!(lives(&editor.click("Pass 2 of them")), all("*4>:2/3"));
    assert_eq!(lives(&editor.click("Sounds not in fills")), all("*4>:!fill"));
    assert!(!editor.exists("Draw other chances for the loop"));
    // The slider: one gesture.
    editor.harness.get_by_label("Chance").focus();
    editor.harness.run();
    let sent = editor.key(Modifiers::NONE, Key::ArrowLeft);
    let chances =
        sent.iter().filter(|of| matches!(of, Command::EditHit { hit, .. } if hit.life.chance() == 95));
    assert!(chances.count() == 3 && sent.last() == Some(&Command::EndGesture), "{sent:?}");
    assert_eq!(editor.click("Draw other chances for the loop"), [Command::ThrowChances]);
    let one = "velocity 60, chance 95 %, 4 times falling, not in fills";
    assert_eq!(value(&editor, "Kick step 3"), one);
}

#[test]
fn the_menu_of_a_cell_leads_to_the_panel_and_back_to_a_plain_hit() {
    let mut editor = editor();
    editor.menu("Kick step 3");
    assert!(!editor.exists("Always, once"));
    editor.click("Chance, repeats, condition…");
    editor.harness.run();
    assert!(editor.exists("LIFE OF 1 HIT"));
    assert_eq!(lives(&editor.click("Repeats 2")), [(0, 2, "*2".to_owned())]);
    editor.click("Clear the selection");
    editor.menu("Kick step 3");
    let plain = Command::EditHit { lane: 0, step: 2, hit: Hit::new(60) };
    assert_eq!(editor.click("Always, once"), [plain, Command::EndGesture]);
}

#[test]
fn a_lane_gets_a_length_a_rotation_and_a_direction_in_its_head() {
    let mut editor = editor();
    editor.click("Level of Snare");
    let course = |length, rotation, direction| Command::SetCourse {
        lane: 1,
        course: Course { length, direction, rotation },
    };
    let sent = editor.click("Snare runs to and fro");
    assert_eq!(sent, [course(0, 0, Direction::ToAndFro), Command::EndGesture]);
    editor.harness.get_by_label("Length of Snare in steps").focus();
    editor.harness.run();
    let sent = editor.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(sent, [course(1, 0, Direction::ToAndFro), Command::EndGesture]);
    editor.harness.get_by_label("Rotation of Snare in steps").focus();
    editor.harness.run();
    let sent = editor.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(sent, [course(1, 1, Direction::ToAndFro), Command::EndGesture]);
}

#[test]
fn files_of_loops_with_life_have_as_many_passes_as_is_chosen() {
    let mut editor = editor();
    editor.click("Settings");
    let sent = editor.click("Passes: The first");
    assert!(
        matches!(sent.as_slice(), [Command::ChangeExport { to, .. }] if to.unroll == Unroll::Once),
        "{sent:?}"
    );
}

#[test]
fn what_is_pasted_and_humanised_keeps_its_life() {
    let mut editor = editor();
    let life = Life::new(50, (2, Curve::Even), Condition::First);
    editor.fake.change(|view| view.current.pattern.lanes_mut()[0].hits[0].life = life);
    editor.harness.run();
    select(&mut editor, "Kick step 1", "Kick step 1");
    let human = editor.key(Modifiers::COMMAND, Key::J);
    assert_eq!(lives(&human), [(0, 0, life.to_string())]);
    editor.key(Modifiers::COMMAND, Key::C);
    select(&mut editor, "Snare step 9", "Snare step 9");
    assert_eq!(lives(&editor.key(Modifiers::COMMAND, Key::V)), [(1, 8, life.to_string())]);
}
