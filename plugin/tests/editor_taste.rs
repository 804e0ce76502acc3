//! The page Taste, and the line that asks what one makes, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::features::Directions;
use deepdrummer_core::pattern::Grid;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::{ReferenceView, View};
use deepdrummer_core::taste::blind::BlindResult;
use deepdrummer_core::taste::reference::ReferenceKind;
use deepdrummer_plugin::editor::Answer;
use deepdrummer_plugin::editor::actions::Dialog;
use editor_support::harness::Editor;
use editor_support::{FOUR, session};
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
