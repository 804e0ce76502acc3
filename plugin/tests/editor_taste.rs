//! The page Taste, and the line that asks what one makes, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::features::Directions;
use deepdrummer_core::pattern::Grid;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::{FriendView, ReferenceView, View};
use deepdrummer_core::taste::blind::BlindResult;
use deepdrummer_core::taste::friend::Together;
use deepdrummer_core::taste::reference::ReferenceKind;
use deepdrummer_core::taste::{LoopId, Verdict};
use deepdrummer_plugin::editor::Answer;
use deepdrummer_plugin::editor::actions::Dialog;
use editor_support::harness::Editor;
use editor_support::{FOUR, meters, session, with_inbox};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

fn unrated() -> View {
    let mut view = session(&FOUR, Grid::default());
    (view.taste.likes, view.taste.dislikes) = (0, 0);
    (view.taste.curve, view.taste.said) = (Vec::new(), Vec::new());
    view
}

fn reference(name: &str) -> ReferenceView {
    ReferenceView {
        name: name.to_owned(),
        path: format!("/loved/{name}").into(),
        kind: ReferenceKind::Rhythm,
        weight: 1.0,
        bars: 8,
        sounds: 3,
    }
}

fn choose(dialog: &Dialog) -> Answer {
    match dialog {
        Dialog::Reference { folder: false } => Answer::Path("/chosen/groove.mid".into()),
        Dialog::Reference { folder: true } => Answer::Path("/chosen/loops".into()),
        _ => Answer::Closed,
    }
}

#[test]
fn the_first_loop_comes_with_one_line_of_directions_that_a_rating_or_a_click_ends() {
    let mut editor = Editor::of(unrated());
    let techno = Directions::of_names(["Techno"]).unwrap();
    assert_eq!(editor.click("Techno"), [Command::SetDirections(techno)]);
    // It stays: there may be several.
    let both = Directions::of_names(["Techno", "Jazz"]).unwrap();
    assert_eq!(editor.click("Jazz"), [Command::SetDirections(both)]);
    assert_eq!(editor.click("Hide what you make"), []);
    assert!(editor.harness.query_by_label("Techno").is_none());
    // Who has rated is not asked.
    let rated = Editor::of(session(&FOUR, Grid::default()));
    assert!(rated.harness.query_by_label("Techno").is_none());
}

#[test]
fn after_dislikes_only_the_line_comes_back_and_leads_to_the_page() {
    let mut lost = unrated();
    lost.taste.dislikes = 4;
    lost.taste.directions = Directions::of_names(["Jazz"]).unwrap();
    let mut editor = Editor::of(lost);
    assert!(editor.harness.query_by_label("House").is_some());
    assert_eq!(editor.click("Bring what you love"), []);
    assert!(editor.harness.query_by_label("Choose a file…").is_some());
}

#[test]
fn several_directions_can_be_chosen_on_the_page_taste() {
    let mut view = session(&FOUR, Grid::default());
    view.taste.directions = Directions::of_names(["Techno"]).unwrap();
    let mut editor = Editor::of(view);
    editor.key(Modifiers::COMMAND, Key::Num4);
    let both = Directions::of_names(["Techno", "Jazz"]).unwrap();
    assert_eq!(editor.click("Jazz"), [Command::SetDirections(both)]);
    let jazz = Directions::of_names(["Jazz"]).unwrap();
    assert_eq!(editor.click("Techno"), [Command::SetDirections(jazz)]);
}

#[test]
fn what_one_loves_is_chosen_dropped_weighed_and_removed() {
    let mut view = session(&FOUR, Grid::default());
    view.taste.references = vec![reference("a.mid"), reference("b.wav")];
    let mut editor = Editor::with(view, (1080.0, 660.0), choose);
    editor.click("Taste");
    let bring = |path: &str| Command::BringReference { path: path.into(), kind: None };
    for (button, path) in [("Choose a file…", "/chosen/groove.mid"), ("Choose a folder…", "/chosen/loops")]
    {
        let mut sent = editor.click(button);
        for _ in 0..40 {
            if !sent.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
            editor.harness.run();
            sent = editor.fake.sent();
        }
        assert_eq!(sent, [bring(path)]);
    }
    let kind = Command::SetReference { at: 1, kind: ReferenceKind::Sound, weight: 1.0 };
    assert_eq!(editor.click("Kind of b.wav: rhythm"), [kind]);
    let weight = Command::SetReference { at: 0, kind: ReferenceKind::Rhythm, weight: 2.0 };
    assert_eq!(editor.click("Weight of a.mid: ×1"), [weight]);
    assert_eq!(editor.click("Remove a.mid"), [Command::RemoveReference(0)]);
    // Anything may be dropped anywhere on this page; a taste profile is still one.
    let at = egui::pos2(500.0, 300.0);
    assert!(editor.harness.state_mut().files_dropped(at, vec!["/x/loop.wav".into(), "/x/clip.mid".into()]));
    assert_eq!(editor.fake.sent(), [bring("/x/loop.wav"), bring("/x/clip.mid")]);
    assert!(editor.harness.state_mut().files_dropped(at, vec!["/x/anna.deepdrummer-taste".into()]));
    assert_eq!(editor.fake.sent(), [Command::ImportProfile("/x/anna.deepdrummer-taste".into())]);
}

#[test]
fn the_page_fits_the_least_window() {
    let mut view = session(&FOUR, Grid::default());
    view.taste.references = (0..9).map(|at| reference(&format!("{at}.mid"))).collect();
    let mut editor = Editor::with(view, (860.0, 560.0), choose);
    editor.click("Taste");
    for name in ["Odd", "Choose a file…", "Remove 8.mid"] {
        let rect = editor.harness.get_by_label(name).rect();
        assert!(rect.height() >= 16.0 && rect.max.y < 560.0 - 96.0, "{name} {rect:?}");
    }
}

#[test]
fn the_handle_goes_back_by_keys_and_what_is_tried_is_kept_or_left() {
    let mut view = session(&FOUR, Grid::default());
    let mut editor = Editor::of(view.clone());
    editor.click("Taste");
    editor.harness.get_by_label("Taste as of rating 10 of 10").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::ArrowLeft), [Command::TryBack(Some(9))]);
    assert_eq!(editor.click("Start afresh"), [Command::StartAfresh]);
    for said in &mut view.taste.said[7..] {
        said.aside = true;
    }
    let mut editor = Editor::of(view);
    editor.click("Taste");
    assert!(editor.harness.query_by_label("Taste as of rating 7 of 10").is_some());
    assert_eq!(editor.click("Keep this"), [Command::KeepBack]);
    assert_eq!(editor.click("Back to now"), [Command::TryBack(None)]);
}

#[test]
fn the_blind_test_begins_ends_and_says_how_it_went_with_its_interval() {
    let mut view = session(&FOUR, Grid::default());
    let mut editor = Editor::of(view.clone());
    editor.click("Taste");
    assert_eq!(editor.click("Blind test: this taste or none?"), [Command::BlindTest(true)]);
    view.taste.blind.last = Some(BlindResult { now: [8, 10], none: [3, 10] });
    let mut editor = Editor::of(view.clone());
    editor.click("Taste");
    let words = "liked: 8 of 10 with this taste, 3 of 10 with none; +7 to +74 points (95 %)";
    assert!(editor.harness.query_by_label(words).is_some());
    view.taste.blind.under_way = Some((7, 20));
    let mut editor = Editor::of(view);
    editor.click("Taste");
    assert!(editor.harness.query_by_label("loop 7 of 20").is_some());
    assert_eq!(editor.click("End the blind test"), [Command::BlindTest(false)]);
}

/// The page Taste with so many loops in the inbox; their identities count up from 7000.
fn inbox(loops: usize) -> Editor {
    let mut editor = Editor::of(with_inbox(session(&FOUR, Grid::default()), loops));
    editor.click("Taste");
    editor
}

#[test]
fn loops_of_the_inbox_are_played_by_click_and_by_digits_and_rated_like_any_other() {
    let mut editor = inbox(12);
    assert_eq!(editor.click("Found loop 3: 90 %"), [Command::Recall(LoopId(7002))]);
    assert_eq!(editor.key(Modifiers::NONE, Key::Num1), [Command::Recall(LoopId(7000))]);
    assert_eq!(editor.harness.state().state().inbox_shown.len(), 9);
    assert_eq!(editor.key(Modifiers::NONE, Key::Num9), [Command::Recall(LoopId(7008))]);
    // The one that plays is not begun again; it is the one that L is about.
    editor.fake.change(|view| {
        view.inbox.loops[0].is_current = true;
        view.current.id = LoopId(7000);
    });
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::Num1), []);
    let like = Command::Rate { id: LoopId(7000), verdict: Verdict::of(true) };
    assert_eq!(editor.key(Modifiers::NONE, Key::L), [like]);
    // On other pages digits are not the inbox's, and reach the host.
    editor.click("Loop");
    assert_eq!(editor.key(Modifiers::NONE, Key::Num2), []);
    let takes =
        |editor: &Editor| editor.harness.state().takes_key(&editor.harness.ctx, Key::Num2, Modifiers::NONE);
    assert!(!takes(&editor));
    editor.click("Taste");
    assert!(takes(&editor));
}

#[test]
fn the_loop_that_the_pointer_rests_on_is_played_only_while_something_plays() {
    for plays in [false, true] {
        let mut editor = inbox(12);
        editor.fake.0.lock().unwrap().meters = Some(meters(plays.then_some(2.0)));
        editor.harness.event(egui::Event::PointerMoved(editor.centre("Found loop 4: 88 %")));
        for _ in 0..40 {
            editor.harness.step();
        }
        let wanted = if plays { vec![Command::Recall(LoopId(7003))] } else { Vec::new() };
        assert_eq!(editor.fake.sent(), wanted, "once, and when it plays: {plays}");
    }
}

#[test]
fn loops_of_the_inbox_are_dismissed_rated_and_taken_away() {
    let mut editor = inbox(12);
    assert_eq!(editor.click("Dismiss found loop 2"), [Command::DismissFound(LoopId(7001))]);
    editor.harness.get_by_label("Found loop 3: 88 %").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::Delete), [Command::DismissFound(LoopId(7003))]);
    editor.menu("Found loop 1: 94 %");
    let dislike = Command::Rate { id: LoopId(7000), verdict: Verdict::of(false) };
    assert_eq!(editor.click("Dislike this one"), [dislike]);
    let from = editor.centre("Found loop 1: 94 %");
    let sent = editor.drag(from, from + egui::vec2(0.0, 60.0), Modifiers::NONE);
    assert!(matches!(sent[..], [Command::Export { id: Some(LoopId(7000)), dragged: true, .. }]), "{sent:?}");
}

#[test]
fn more_loops_than_there_is_room_for_are_a_page_away() {
    let mut editor = Editor::with(with_inbox(session(&FOUR, Grid::default()), 30), (860.0, 560.0), choose);
    editor.click("Taste");
    assert!(editor.exists("Found loop 1: 94 %") && !editor.exists("Found loop 30: 36 %"));
    assert_eq!(editor.click("More found loops"), []);
    assert!(!editor.exists("Found loop 1: 94 %"));
    let first = editor.harness.state().state().inbox_first as u64;
    assert!(first > 0);
    assert_eq!(editor.key(Modifiers::NONE, Key::Num1), [Command::Recall(LoopId(7000 + first))]);
    editor.click("Found loops before these");
    assert!(editor.exists("Found loop 1: 94 %"));
}

#[test]
fn whose_taste_counts_is_said_by_two_dials_and_one_choice() {
    let mut view = session(&FOUR, Grid::default());
    view.profile.all.push("Ben".to_owned());
    let mut editor = Editor::of(view.clone());
    editor.click("Taste");
    editor.harness.get_by_label("This project").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::ArrowRight), [Command::SetProjectShare(0.55)]);
    // A drag is sent once, when the hand is off.
    let from = editor.centre("This project");
    let sent = editor.drag(from, from + egui::vec2(30.0, 0.0), Modifiers::NONE);
    assert!(matches!(sent[..], [Command::SetProjectShare(share)] if share > 0.5), "{sent:?}");
    editor.click("Add a friend’s profile");
    assert_eq!(editor.click("Ben"), [Command::BringProfile("Ben".to_owned())]);
    view.taste.whose.friend = Some(FriendView {
        name: "Anna".to_owned(),
        share: 0.3,
        together: Together::Both,
        ratings: Some(96),
        shared: vec!["Kick on every beat".to_owned()],
    });
    let mut editor = Editor::of(view);
    editor.click("Taste");
    assert!(editor.exists("You both like: Kick on every beat."));
    let either = Command::SetFriend { share: 0.3, together: Together::Either };
    assert_eq!(editor.click("either likes it"), [either]);
    editor.harness.get_by_label("Anna").focus();
    editor.harness.run();
    let more = Command::SetFriend { share: 0.35, together: Together::Both };
    assert_eq!(editor.key(Modifiers::NONE, Key::ArrowRight), [more]);
    assert_eq!(editor.click("Remove Anna"), [Command::RemoveFriend]);
}

#[test]
fn a_profile_is_duplicated_under_a_name_that_is_asked_for() {
    let mut editor = Editor::new();
    editor.click("Taste profile");
    editor.click("Duplicate…");
    assert_eq!(editor.click("OK"), [Command::DuplicateProfile("My techno copy".to_owned())]);
}
