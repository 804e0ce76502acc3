//! The sounds that are ranked on the page Sound, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::{Grid, SampleId};
use deepdrummer_core::session::command::Command;
use editor_support::harness::Editor;
use editor_support::{FOUR, session, with_ranking};
use egui::{Key, Modifiers};

#[test]
fn the_session_is_told_which_lane_is_looked_at_and_when_nobody_looks() {
    let mut editor = Editor::of(with_ranking(session(&FOUR, Grid::default())));
    assert_eq!(editor.click("Sound"), [Command::RankSounds(Some(0))]);
    assert_eq!(editor.click("Loop"), [Command::RankSounds(None)]);
    editor.click("Sound");
    editor.harness.state_mut().close();
    assert_eq!(editor.fake.sent(), [Command::RankSounds(None)]);
}

#[test]
fn a_click_hears_a_sound_in_the_loop_and_a_double_click_uses_it() {
    let mut editor = Editor::of(with_ranking(session(&FOUR, Grid::default())));
    editor.click("Sound");
    let sample = SampleId(902);
    assert_eq!(editor.click("kick_punchy_07: 88 %"), [Command::TrySound(Some((0, sample)))]);
    // The one that is heard, or that the lane has, ends the trial.
    assert_eq!(editor.click("Kick 05 Deep House: 90 %, heard"), [Command::TrySound(None)]);
    assert_eq!(editor.click("808 long 03: 92 %, on the lane"), [Command::TrySound(None)]);
    editor.harness.event(egui::Event::ModifiersChanged(Modifiers::SHIFT));
    let sent = editor.click("kick_punchy_07: 88 %");
    assert_eq!(sent, [Command::SetSample(0, sample)]);
    editor.harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
    // More than there is room for are a page away.
    assert!(!editor.exists("Kick 39: 14 %"));
    for _ in 0..4 {
        editor.click("Less likely sounds");
    }
    assert!(editor.exists("Kick 39: 14 %"));
    let _ = editor.key(Modifiers::NONE, Key::Tab);
}

#[test]
fn a_locked_sound_stays() {
    let mut view = with_ranking(session(&FOUR, Grid::default()));
    view.lanes[0].lock_sound = true;
    let mut editor = Editor::of(view);
    editor.click("Sound");
    assert_eq!(editor.click("kick_punchy_07: 88 %"), []);
    assert!(editor.exists("the lane’s sound is locked"));
}
