//! Every screen and action of the editor, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::engine::LaneMix;
use deepdrummer_core::pattern::{Grid, Hit, Role};
use deepdrummer_core::session::command::{Command, Nearness};
use deepdrummer_core::session::view::{Notice, Severity, WorkerView};
use deepdrummer_core::taste::{LoopId, Verdict};
use deepdrummer_plugin::editor::actions::Dialog;
use deepdrummer_plugin::editor::{Answer, HostParam};
use editor_support::harness::{Editor, nothing_chosen};
use editor_support::{FOUR, directed, meters, session};
use egui::{Key, Modifiers, pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::PathBuf;

fn like(id: u64, like: bool) -> Command {
    Command::Rate { id: LoopId(id), verdict: Verdict::of(like) }
}

#[test]
fn buttons_and_keys_rate_the_current_loop() {
    assert_eq!(Editor::new().click("Like"), [like(42, true)]);
    assert_eq!(Editor::new().click("Dislike"), [like(42, false)]);
    assert_eq!(Editor::new().key(Modifiers::NONE, Key::L), [like(42, true)]);
    assert_eq!(Editor::new().key(Modifiers::NONE, Key::D), [like(42, false)]);
    assert_eq!(Editor::new().key(Modifiers::COMMAND, Key::L), []);
}

#[test]
fn a_rating_is_for_the_loop_that_is_heard() {
    let mut editor = Editor::new();
    let heard = deepdrummer_plugin::editor::Meters { audible: Some(LoopId(41)), ..meters(Some(2.0)) };
    editor.fake.0.lock().unwrap().meters = Some(heard);
    assert_eq!(editor.click("Like"), [like(41, true)]);
}

#[test]
fn space_presses_no_button() {
    let mut editor = Editor::new();
    editor.harness.get_by_label("Like").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::Space), []);
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [like(42, true)]);
}

#[test]
fn parts_are_rated_apart() {
    let mut editor = Editor::new();
    let rhythm = Verdict { like: None, rhythm: Some(true), sound: None };
    assert_eq!(editor.click("Like the rhythm"), [Command::Rate { id: LoopId(42), verdict: rhythm }]);
    let sound = Verdict { like: None, rhythm: None, sound: Some(false) };
    assert_eq!(editor.click("Dislike the sounds"), [Command::Rate { id: LoopId(42), verdict: sound }]);
}

#[test]
fn moving_on_and_back() {
    let mut editor = Editor::new();
    assert_eq!(editor.click("Skip"), [Command::Skip { id: LoopId(42), within_first_bar: false }]);
    assert_eq!(editor.click("Back"), [Command::Back]);
    assert_eq!(editor.key(Modifiers::NONE, Key::ArrowRight), [Command::Forward], "not yet at the newest");
    assert_eq!(editor.key(Modifiers::NONE, Key::ArrowLeft), [Command::Back]);
    let mut first_bar = meters(Some(1.0));
    first_bar.bars_heard = 0;
    let mut editor = Editor::new();
    editor.fake.0.lock().unwrap().meters = Some(first_bar);
    assert_eq!(editor.click("Skip"), [Command::Skip { id: LoopId(42), within_first_bar: true }]);
}

#[test]
fn more_like_this_has_three_distances() {
    let mut editor = Editor::new();
    assert_eq!(editor.click("More like this"), [Command::MoreLikeThis(Nearness::Near)]);
    editor.click("How near");
    assert_eq!(editor.click("Far: a relative"), [Command::MoreLikeThis(Nearness::Far)]);
    assert_eq!(editor.click("More like this"), [Command::MoreLikeThis(Nearness::Far)], "the choice stays");
}

#[test]
fn undo_and_redo_by_button_and_key() {
    let mut editor = Editor::new();
    assert_eq!(editor.click("Undo"), [Command::Undo]);
    assert_eq!(editor.click("Redo"), [Command::Redo]);
    assert_eq!(editor.key(Modifiers::COMMAND, Key::Z), [Command::Undo]);
    assert_eq!(editor.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z), [Command::Redo]);
    assert_eq!(editor.key(Modifiers::COMMAND, Key::Z), [Command::Undo]);
    assert_eq!(editor.key(Modifiers::COMMAND, Key::Y), [Command::Redo]);
}

#[test]
fn a_click_sets_and_clears_a_cell() {
    let mut editor = Editor::new();
    let empty = Command::EditHit { lane: 0, step: 1, hit: Hit::PLAIN };
    assert_eq!(editor.click("Kick step 2"), [empty, Command::EndGesture]);
    let cleared = Command::EditHit { lane: 0, step: 1, hit: Hit::NONE };
    assert_eq!(editor.click("Kick step 2"), [cleared, Command::EndGesture]);
}

#[test]
fn dragging_paints_as_one_gesture() {
    let mut editor = Editor::new();
    editor.fake.change(|view| view.current.pattern.lanes_mut()[3].hits = [Hit::NONE; 96]);
    editor.harness.run();
    let (from, to) = (editor.centre("Perc step 2"), editor.centre("Perc step 5"));
    let mut expected: Vec<Command> =
        (1..5).map(|step| Command::EditHit { lane: 3, step, hit: Hit::PLAIN }).collect();
    expected.push(Command::EndGesture);
    assert_eq!(editor.drag(from, to, Modifiers::NONE), expected);
    // A quick hand passes several cells between two frames.
    editor.fake.change(|view| view.current.pattern.lanes_mut()[3].hits = [Hit::NONE; 96]);
    editor.harness.run();
    expected.pop();
    assert_eq!(editor.take_hold(from, to - from), expected);
}

#[test]
fn dragging_up_and_down_sets_velocity() {
    let mut editor = Editor::new();
    let from = editor.centre("Kick step 1");
    let sent = editor.drag(from, from + vec2(0.0, 30.0), Modifiers::NONE);
    assert_eq!(sent.last(), Some(&Command::EndGesture));
    let Some(Command::EditHit { lane: 0, step: 0, hit }) = sent.iter().rev().nth(1) else {
        panic!("{sent:?}")
    };
    assert_eq!((hit.velocity, hit.offset), (112 - 40, 0));
}

#[test]
fn alt_and_shift_dragging_set_micro_timing() {
    for modifiers in [Modifiers::ALT, Modifiers::SHIFT] {
        let mut editor = Editor::new();
        let from = editor.centre("Kick step 1");
        let sent = editor.drag(from, from + vec2(10.0, 2.0), modifiers);
        let Some(Command::EditHit { lane: 0, step: 0, hit }) = sent.iter().rev().nth(1) else {
            panic!("{sent:?}")
        };
        assert_eq!(hit.velocity, 112);
        assert!((60..100).contains(&hit.offset), "{hit:?}");
    }
}

#[test]
fn the_grid_is_edited_by_keys() {
    let mut editor = Editor::new();
    editor.click("Kick step 2");
    editor.harness.get_by_label("Step grid").focus();
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(editor.harness.state().state().cursor, (0, 2));
    let set = Command::EditHit { lane: 0, step: 2, hit: Hit::PLAIN };
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [set, Command::EndGesture]);
    let louder = Command::EditHit { lane: 0, step: 2, hit: Hit::new(108) };
    assert_eq!(editor.key(Modifiers::SHIFT, Key::ArrowUp), [louder, Command::EndGesture]);
    let later = Command::EditHit { lane: 0, step: 2, hit: Hit { velocity: 108, offset: 8, ..Hit::NONE } };
    assert_eq!(editor.key(Modifiers::ALT, Key::ArrowRight), [later, Command::EndGesture]);
    assert_eq!(editor.key(Modifiers::COMMAND, Key::Enter), [Command::LockSteps(0, 0b100)]);
    let cleared = Command::EditHit { lane: 0, step: 2, hit: Hit::NONE };
    assert_eq!(editor.key(Modifiers::NONE, Key::Delete), [cleared, Command::EndGesture]);
}

#[test]
fn selected_steps_are_locked_and_freed() {
    let mut editor = Editor::new();
    editor.click("Select");
    let (from, to) = (editor.centre("Snare step 3"), editor.centre("Closed hat step 4"));
    assert_eq!(editor.drag(from, to, Modifiers::NONE), []);
    let lock = [Command::LockSteps(1, 0b1100), Command::LockSteps(2, 0b1100)];
    assert_eq!(editor.click("Lock selected steps"), lock);
    let free = [Command::LockSteps(1, 0), Command::LockSteps(2, 0)];
    assert_eq!(editor.click("Free selected steps"), free);
    editor.click("Clear the selection");
    assert!(!editor.exists("Lock selected steps"));
}

#[test]
fn lane_heads_do_what_they_say() {
    let mut editor = Editor::new();
    let mix = LaneMix::of(Role::Snare);
    assert_eq!(editor.click("Mute Snare"), [Command::SetMix { lane: 1, mix: LaneMix { mute: true, ..mix } }]);
    let both = LaneMix { mute: true, solo: true, ..mix };
    assert_eq!(editor.click("Solo Snare"), [Command::SetMix { lane: 1, mix: both }]);
    assert_eq!(editor.click("Lock beat of Snare"), [Command::LockBeat(1, true)]);
    assert_eq!(editor.click("Lock beat of Snare"), [Command::LockBeat(1, false)]);
    assert_eq!(editor.click("Re-roll Perc"), [Command::RerollLane(3)]);
    assert_eq!(editor.click("Next sound for Kick"), [Command::StepSample { lane: 0, delta: 1 }]);
    assert_eq!(editor.click("Previous sound for Kick"), [Command::StepSample { lane: 0, delta: -1 }]);
    assert_eq!(editor.click("Lock sound of Kick"), [Command::LockSound(0, true)]);
    assert_eq!(editor.click("Next sound for Kick"), [], "a locked sound is not stepped");
}

#[test]
fn the_lane_menu_edits_and_loads() {
    fn sound(dialog: &Dialog) -> Answer {
        let wanted = *dialog == Dialog::LaneSample(1);
        if wanted { Answer::Path(PathBuf::from("/sounds/snare.wav")) } else { Answer::Closed }
    }
    let mut editor = Editor::with(session(&FOUR, Grid::default()), (1080.0, 660.0), sound);
    let before = editor.fake.view_now().current.pattern.lanes()[1].hits;
    editor.click("More for Snare");
    let sent = editor.click("Move one step later");
    let [Command::EditLane { lane: 1, hits }] = sent.as_slice() else { panic!("{sent:?}") };
    assert!((0..16).all(|step| hits[(step + 1) % 16] == before[step]));
    editor.click("More for Snare");
    let mut sent = editor.click("Load a file…");
    if sent.is_empty() {
        sent = editor.sent_after_the_dialog();
    }
    let expected = Command::LoadSample(1, PathBuf::from("/sounds/snare.wav"));
    assert_eq!(sent, [expected]);
}

#[test]
fn level_pan_and_tune_open_on_demand() {
    let mut editor = Editor::new();
    editor.click("Level of Kick");
    let slider = editor.harness.get_by_label("Level of Kick in decibels");
    slider.focus();
    editor.harness.run();
    let sent = editor.key(Modifiers::NONE, Key::ArrowLeft);
    let [Command::SetMix { lane: 0, mix }] = sent.as_slice() else { panic!("{sent:?}") };
    assert!((mix.level.0 + 0.5).abs() < 1e-4, "{mix:?}");
    let sent = editor.click("Choke group 2 for Kick");
    assert!(matches!(sent.as_slice(), [Command::SetMix { lane: 0, mix }] if mix.choke == 2), "{sent:?}");
}

#[test]
fn steering_is_a_gesture_of_a_host_parameter() {
    let mut editor = Editor::new();
    let rect = editor.harness.get_by_label("Adventure").rect();
    editor.drag(rect.left_center() + vec2(30.0, 0.0), rect.center(), Modifiers::NONE);
    let gestures = std::mem::take(&mut editor.fake.0.lock().unwrap().gestures);
    assert_eq!(gestures.first().map(|gesture| (gesture.0, gesture.1)), Some((HostParam::Adventure, "begin")));
    assert_eq!(gestures.last().map(|gesture| (gesture.0, gesture.1)), Some((HostParam::Adventure, "end")));
    assert_eq!(gestures.iter().filter(|gesture| gesture.1 != "set").count(), 2);
    let set = gestures.iter().rev().find(|gesture| gesture.1 == "set").unwrap();
    assert!((set.2 - 0.5).abs() < 0.02, "{set:?}");
    editor.click("Length 2 bars");
    editor.click("Four on the floor");
    editor.click("When the next loop enters");
    editor.click("at the next beat");
    let param = |which| editor.fake.0.lock().unwrap().params[&which];
    assert_eq!(
        (param(HostParam::Length), param(HostParam::FourOnTheFloor), param(HostParam::Enter)),
        (1.0, 1.0, 2.0)
    );
}

#[test]
fn the_history_recalls_stars_and_forgets() {
    let mut editor = Editor::new();
    assert_eq!(editor.click("Loop 0036, liked"), [Command::Recall(LoopId(36))]);
    editor.harness.get_by_label("Loop 0035, disliked").click_secondary();
    editor.harness.run();
    assert_eq!(editor.click("Star"), [Command::Star(LoopId(35), true)]);
    editor.harness.get_by_label("Loop 0035, disliked, starred").click_secondary();
    editor.harness.run();
    assert_eq!(editor.click("Forget the rating"), [Command::Forget(LoopId(35))]);
    editor.click("Current loop");
    assert_eq!(editor.click("Star"), [Command::Star(LoopId(36), true)]);
    assert_eq!(editor.click("Waiting loop 1"), [Command::Forward]);
}

#[test]
fn few_ratings_are_told_in_words_and_many_in_figures() {
    let mut editor = Editor::new();
    assert!(editor.exists("Prediction: 82% ± 9 · 34 ratings"));
    editor.fake.change(|view| (view.taste.likes, view.taste.dislikes) = (5, 3));
    editor.harness.run();
    assert!(editor.exists("Prediction: Very likely, 8 ratings · figures after 12 more"));
}

#[test]
fn notices_say_what_to_do_and_are_dismissed() {
    let mut view = session(&FOUR, Grid::default());
    view.notices.push(Notice {
        id: 7,
        severity: Severity::Error,
        text: "The disk is full.".to_owned(),
        next_step: "Free some space.".to_owned(),
    });
    view.muted_after_drag = true;
    view.worker = WorkerView::Restarted { reason: "a bug".to_owned() };
    let mut editor = Editor::of(view);
    assert!(editor.exists("The disk is full. Free some space."));
    assert_eq!(editor.click("Unmute"), [Command::Unmute]);
    assert_eq!(editor.click("Dismiss the notice"), [Command::Dismiss(7)]);
}

#[test]
fn a_full_queue_is_said_and_loses_nothing() {
    let mut editor = Editor::new();
    editor.fake.0.lock().unwrap().full = true;
    editor.harness.get_by_label("Like").click();
    editor.harness.run_steps(4);
    editor.harness.get_by_label("Re-roll Kick").click();
    editor.harness.run_steps(4);
    assert_eq!(editor.fake.sent(), []);
    assert!(editor.exists("The worker is busy. What you did is kept and follows as soon as it answers."));
    editor.fake.0.lock().unwrap().full = false;
    editor.harness.run_steps(3);
    assert_eq!(editor.fake.sent(), [like(42, true), Command::RerollLane(0)], "in order");
}

#[test]
fn nothing_is_drawn_without_a_change() {
    let editor = Editor::new();
    assert!(!editor.harness.state().changed());
    editor.fake.0.lock().unwrap().meters = Some(meters(Some(3.1)));
    assert!(editor.harness.state().changed());
    let mut editor = editor;
    editor.harness.run();
    assert!(!editor.harness.state().changed());
    editor.fake.0.lock().unwrap().meters = Some(meters(Some(3.9)));
    assert!(!editor.harness.state().changed(), "within a step nothing moves");
    editor.fake.change(|view| view.undo = None);
    assert!(editor.harness.state().changed());
}

#[test]
fn every_control_can_be_reached_with_tab() {
    let mut editor = Editor::new();
    let wanted = [
        "Like",
        "Dislike",
        "Kit",
        "Step grid",
        "Adventure",
        "Lock beat of Kick",
        "MIDI of this loop",
        "Skip",
    ];
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..120 {
        editor.harness.key_press(Key::Tab);
        editor.harness.run();
        for label in wanted {
            if editor.harness.get_by_label(label).is_focused() {
                seen.insert(label);
            }
        }
    }
    assert_eq!(seen.len(), wanted.len(), "{seen:?}");
}

#[test]
fn no_two_controls_overlap_in_any_window() {
    let wide = Grid { bars: 4, steps_per_bar: 24, ..Grid::default() };
    for (lanes, grid, size) in [
        (8, wide, (860.0, 560.0)),
        (1, Grid::default(), (860.0, 560.0)),
        (4, Grid::default(), (1080.0, 660.0)),
        (6, Grid { bars: 2, ..Grid::default() }, (1280.0, 720.0)),
        (8, wide, (1600.0, 1000.0)),
    ] {
        let mut view = directed(Role::default_lanes(lanes), grid);
        view.taste.reask = Some(LoopId(35));
        let editor = Editor::with(view, size, nothing_chosen);
        let controls: Vec<(String, egui::Rect)> = editor
            .harness
            .root()
            .children_recursive()
            .filter(|node| {
                use egui::accesskit::Role as R;
                matches!(node.accesskit_node().role(), R::Button | R::Slider | R::Grid | R::Label)
            })
            .map(|node| {
                let inner = node.accesskit_node();
                let name = inner.label().or_else(|| inner.value()).unwrap_or_default();
                (name, node.rect().shrink(1.0))
            })
            .filter(|(_, rect)| rect.width() > 0.0 && rect.height() > 0.0)
            .collect();
        let window = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(size.0, size.1));
        for (at, (name, rect)) in controls.iter().enumerate() {
            assert!(
                window.expand(1.0).contains_rect(*rect),
                "{size:?}: “{name}” leaves the window: {rect:?}"
            );
            for (other, other_rect) in &controls[at + 1..] {
                // The name of a lane lies on its handle, a lane's head under nothing else.
                let handle = name.starts_with("Drag ") || other.starts_with("Drag ");
                let meets = rect.intersect(*other_rect);
                let overlap = meets.width() > 0.0 && meets.height() > 0.0;
                assert!(
                    !overlap || handle,
                    "{lanes} lanes, {size:?}: “{name}” {rect:?} over “{other}” {other_rect:?}"
                );
            }
        }
    }
}

#[test]
fn a_statement_shows_its_loops_and_an_old_rating_is_asked_again() {
    let mut view = session(&FOUR, Grid::default());
    view.taste.reask = Some(LoopId(35));
    let mut editor = Editor::of(view);
    editor.click("Perc: 3 hits a bar at most, 14 of 17 liked");
    let said_so = ["Loop 0035, disliked", "Loop 0038, disliked"];
    assert!(said_so.iter().all(|label| editor.exists(label)));
    assert!(!editor.exists("Loop 0036, liked") && editor.exists("2 loops"));
    // A rating changes the order of statements; the chosen one stays chosen.
    editor.fake.change(|view| view.taste.statements.reverse());
    editor.harness.run();
    assert!(editor.exists("Loop 0035, disliked") && !editor.exists("Loop 0036, liked"));
    editor.click("Show all loops");
    assert!(editor.exists("Loop 0036, liked"));
    editor.click("Kick on every beat, 12 of 13 liked");
    editor.fake.change(|view| view.taste.statements.clear());
    editor.harness.run();
    assert!(editor.exists("Loop 0036, liked"), "a statement that is gone hides nothing");
    assert_eq!(editor.click("Ask again"), [Command::Recall(LoopId(35))]);
}

#[test]
fn a_lift_is_applied_by_a_click_and_undone() {
    let mut editor = Editor::new();
    let before = editor.fake.view_now().current.pattern;
    assert_eq!(editor.click("Lift this loop: Kick: add step 11  +7"), [Command::Lift(LoopId(42))]);
    assert_ne!(editor.fake.view_now().current.pattern, before);
    assert_eq!(editor.fake.view_now().undo.as_deref(), Some("Kick: add step 11"));
    assert_eq!(editor.click("Undo"), [Command::Undo]);
    assert_eq!(editor.fake.view_now().current.pattern, before);
    assert!(editor.exists("Rhythm 64 %, sounds 36 % (± 11)"));
}

#[test]
fn before_any_rating_nothing_is_marked_and_the_heading_says_what_will_be_there() {
    let mut view = session(&FOUR, Grid::default());
    view.taste = Default::default();
    view.current.attribution =
        Some(std::sync::Arc::new(deepdrummer_core::propose::Attribution::none(FOUR.len(), 0.3)));
    view.current.lift = None;
    let editor = Editor::of(view);
    assert!(editor.exists("Rate a few loops: what those you like have in common appears here."));
    assert!(!editor.exists("hits that raise your liking") && !editor.exists("for"));
}

#[test]
fn the_wheel_steps_sounds_and_sets_velocity() {
    let mut editor = Editor::new();
    assert_eq!(editor.wheel("Drag Kick out", -1.0), [Command::StepSample { lane: 0, delta: 1 }]);
    let louder = Command::EditHit { lane: 0, step: 0, hit: Hit::new(118) };
    assert_eq!(editor.wheel("Kick step 1", 1.0), [louder, Command::EndGesture]);
}

#[test]
fn a_long_history_is_paged_and_old_loops_are_recalled() {
    let mut view = session(&FOUR, Grid::default());
    let last = view.history.pop().unwrap();
    for number in 1..=33u32 {
        let mut entry = view.history[0].clone();
        (entry.id, entry.number, entry.starred) = (LoopId(u64::from(number)), number, false);
        view.history.insert(number as usize - 1, entry);
    }
    view.history.push(last);
    let mut editor = Editor::of(view);
    assert!(!editor.exists("Loop 0001, liked") && editor.exists("Loop 0042, current"));
    for _ in 0..6 {
        editor.click("Older loops");
    }
    assert_eq!(editor.click("Loop 0001, liked"), [Command::Recall(LoopId(1))]);
}

#[test]
fn bars_are_shown_one_by_one_or_all() {
    let mut editor = Editor::of(session(&FOUR, Grid { bars: 2, ..Grid::default() }));
    assert!(editor.exists("Kick step 1") && editor.exists("Kick step 32"));
    editor.click("Show bar 2");
    assert!(!editor.exists("Kick step 1") && editor.exists("Kick step 32"));
    editor.click("Show all bars");
    assert!(editor.exists("Kick step 1"));
}

#[test]
fn audition_is_a_switch_beside_the_tempo() {
    let mut editor = Editor::new();
    for on in [true, false] {
        assert_eq!(editor.click("Audition"), [], "it is a host parameter");
        assert_eq!(editor.fake.view_now().audition, on);
    }
}

#[test]
fn every_control_says_what_it_does() {
    let mut view = session(&FOUR, Grid { bars: 2, ..Grid::default() });
    view.taste.reask = Some(LoopId(35));
    view.muted_after_drag = true;
    let mut editor = Editor::of(view);
    editor.click("Settings");
    let mut controls = 0;
    for node in editor.harness.root().children_recursive() {
        use egui::accesskit::Role as R;
        let node = node.accesskit_node();
        if matches!(node.role(), R::Button | R::Slider | R::Grid) {
            controls += 1;
            let name = node.label().unwrap_or_default();
            assert!(!name.is_empty(), "a control has no name: {:?}", node.id());
            assert!(node.description().is_some_and(|help| !help.is_empty()), "“{name}” has no help");
        }
    }
    assert!(controls > 80, "{controls}");
}

#[test]
fn the_corner_resizes_by_as_much_as_it_is_moved() {
    let mut editor = Editor::new();
    let from = editor.centre("Resize the window");
    editor.take_hold(from, vec2(0.0, 0.0));
    assert_eq!(editor.harness.state_mut().take_requests().size, None, "held, it changes nothing");
    let mut size_after = |by: f32| {
        editor.harness.event(egui::Event::PointerMoved(from + vec2(by, by / 2.0)));
        editor.harness.step();
        editor.harness.state_mut().take_requests().size.unwrap()
    };
    let (width, height) = size_after(30.0);
    for by in [60, 200, 32] {
        let (wider, higher) = (width + by - 30, height + by / 2 - 15);
        assert_eq!(size_after(by as f32), (wider, higher), "moved by {by}");
    }
    assert_eq!(size_after(-2000.0), (860, 560), "never below the least size");
}

#[test]
fn a_button_that_is_held_for_long_is_still_clicked() {
    let mut editor = Editor::new();
    let at = editor.centre("Undo");
    editor.take_hold(at, vec2(0.0, 0.0));
    // A step is a quarter of a second.
    editor.harness.run_steps(12);
    editor.harness.event(egui::Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    editor.harness.run();
    assert_eq!(editor.fake.sent(), [Command::Undo]);
}
