//! The page Song through the accessibility tree: sections, the strip, and what is taken away.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::Grid;
use deepdrummer_core::propose::sections::Maker;
use deepdrummer_core::session::command::{Command, Dials, ExportKind, LoopAction, SongCommand, Which};
use deepdrummer_core::song::Fills;
use deepdrummer_core::taste::{LoopId, Verdict};
use deepdrummer_plugin::editor::{Answer, Meters};
use editor_support::harness::Editor;
use editor_support::{FOUR, meters, session, with_song};
use egui::{Key, Modifiers, Pos2, pos2};
use egui_kittest::kittest::Queryable;

fn editor() -> Editor {
    let mut editor = Editor::of(with_song(session(&FOUR, Grid::default())));
    assert_eq!(editor.key(Modifiers::COMMAND, Key::Num3), []);
    editor
}

fn song(command: SongCommand) -> [Command; 1] {
    [Command::Song(command)]
}

/// The middle of a bar of a strip that shows so many.
fn bar_of(editor: &Editor, bar: usize, shown: usize) -> Pos2 {
    let strip = editor.harness.get_by_label("Arrangement").rect();
    pos2(strip.left() + (bar as f32 + 0.5) * strip.width() / shown as f32, strip.center().y)
}

fn bar(editor: &Editor, bar: usize) -> Pos2 {
    bar_of(editor, bar, 20)
}

fn strip(sent: &[Command]) -> Vec<u8> {
    let [Command::Song(SongCommand::SetStrip(cells))] = sent else { panic!("one undo step: {sent:?}") };
    cells.clone()
}

#[test]
fn sections_are_chosen_made_and_made_anew_with_a_click() {
    let mut editor = editor();
    assert_eq!(editor.click("Section B"), song(SongCommand::Choose(3)));
    assert_eq!(editor.click("Re-roll section Fill"), song(SongCommand::Reroll(4)));
    assert_eq!(editor.click("Make a section"), []);
    let sent = editor.click("Contrast: the same kit and feel, another rhythm");
    assert_eq!(sent, song(SongCommand::Make(Maker::Contrast)));
    assert_eq!(editor.click("Make a song from this loop"), []);
    assert_eq!(editor.click("32 bars"), song(SongCommand::MakeSong { bars: 32 }));
    assert_eq!(editor.click("Fill every few bars"), []);
    let fills = Fills { every: 8, half: true };
    assert_eq!(editor.click("8 bars"), song(SongCommand::SetFills(fills)));
    assert_eq!(editor.click("Play the arrangement"), song(SongCommand::Arrange(false)));
    assert_eq!(editor.click("Repeat the arrangement"), song(SongCommand::SetLooped(false)));
}

#[test]
fn the_menu_of_a_section_has_the_rest() {
    let mut editor = editor();
    for (entry, wanted) in [
        ("I like it", Command::Rate { id: LoopId(902), verdict: Verdict::of(true) }),
        ("Copy", Command::Song(SongCommand::Copy(3))),
        ("Move to the left", Command::Song(SongCommand::Swap(3, 2))),
        ("Sounds of its own", Command::Song(SongCommand::FreeSounds(3, true))),
        ("Remove", Command::Song(SongCommand::Remove(3))),
        ("Learn a MIDI key", Command::LearnKey(Some(LoopAction::Section(3)))),
    ] {
        editor.menu("Section B");
        assert_eq!(editor.click(entry), [wanted], "{entry}");
    }
    assert!(editor.exists("press a key…"), "the key is waited for on this page");
    editor.menu("Section B");
    assert_eq!(editor.click("Rename…"), []);
    assert_eq!(editor.type_in("2"), []);
    let sent = editor.key(Modifiers::NONE, Key::Enter);
    let [Command::Song(SongCommand::Rename(3, name))] = &sent[..] else { panic!("{sent:?}") };
    assert!(name.contains('2'), "{name}");
}

#[test]
fn bars_are_moved_stretched_and_painted_with_the_mouse() {
    let mut editor = editor();
    // The run of the first fill goes to the front.
    let (from, to) = (bar(&editor, 3), bar(&editor, 0));
    let moved = strip(&editor.drag(from, to, Modifiers::NONE));
    assert_eq!(moved[..6], [4, 1, 1, 1, 2, 2]);
    // Its right edge is pulled over two more bars.
    let edge = |editor: &Editor| bar(editor, 0) + (bar(editor, 1) - bar(editor, 0)) * 0.5;
    let (from, to) = (edge(&editor), edge(&editor) + (bar(&editor, 2) - bar(&editor, 0)));
    let stretched = strip(&editor.drag(from, to, Modifiers::NONE));
    assert_eq!(stretched[..7], [4, 4, 4, 1, 1, 1, 2]);
    assert_eq!(stretched.len(), 18, "what comes after makes room");
    // The chosen section over four bars.
    let (from, to) = (bar(&editor, 4), bar(&editor, 7));
    let painted = strip(&editor.drag(from, to, Modifiers::SHIFT));
    assert_eq!(painted[3..9], [1, 1, 1, 1, 1, 2]);
}

#[test]
fn the_strip_is_edited_with_the_keyboard_alone() {
    let mut editor = editor();
    editor.harness.get_by_label("Arrangement").focus();
    editor.harness.run();
    let _ = editor.fake.sent();
    let mut key = |modifiers, key| editor.key(modifiers, key);
    assert_eq!(key(Modifiers::NONE, Key::ArrowRight), []);
    assert_eq!(key(Modifiers::SHIFT, Key::ArrowRight), []);
    assert_eq!(strip(&key(Modifiers::NONE, Key::Num3))[..4], [1, 3, 3, 4]);
    assert_eq!(strip(&key(Modifiers::NONE, Key::R))[..6], [1, 3, 3, 3, 3, 4]);
    assert_eq!(strip(&key(Modifiers::NONE, Key::Delete))[..4], [1, 3, 3, 4]);
    assert_eq!(strip(&key(Modifiers::NONE, Key::Num0))[..5], [1, 3, 3, 0, 2]);
    assert_eq!(strip(&key(Modifiers::ALT, Key::ArrowLeft))[..5], [1, 3, 0, 3, 2]);
    assert_eq!(key(Modifiers::NONE, Key::ArrowLeft), []);
    assert_eq!(strip(&key(Modifiers::COMMAND, Key::ArrowRight))[..6], [1, 3, 3, 0, 3, 2]);
    assert_eq!(key(Modifiers::NONE, Key::Num8), [], "there is no such section");
}

#[test]
fn the_tiles_take_the_song_away_and_the_panel_all_likes() {
    let view = with_song(session(&FOUR, Grid::default()));
    let mut editor = Editor::with(view.clone(), (860.0, 560.0), |_| Answer::Closed);
    let _ = editor.key(Modifiers::COMMAND, Key::Num3);
    let sent = editor.take_hold(editor.centre("Song MIDI"), egui::vec2(20.0, 0.0));
    let [Command::Export { id: None, kind: ExportKind::SongMidi, dragged: true, .. }] = sent[..] else {
        panic!("{sent:?}")
    };
    let mut editor = Editor::with(view, (1080.0, 660.0), |_| Answer::Path("/loops".into()));
    let _ = editor.key(Modifiers::COMMAND, Key::Num3);
    assert_eq!(editor.click("Export many loops"), []);
    editor.harness.get_by_label("All with a star").click();
    editor.harness.step();
    let sent = editor.sent_after_the_dialog();
    let wanted = Command::ExportMany { ticket: 0, which: Which::Starred, to: Some("/loops".into()) };
    assert_eq!(sent, [wanted]);
}

#[test]
fn a_rating_is_for_the_section_that_is_heard() {
    let mut editor = editor();
    let heard = Meters { heard: Some(LoopId(903)), section: 4, ..meters(Some(3.0)) };
    editor.fake.0.lock().unwrap().meters = Some(heard);
    editor.harness.run();
    let sent = editor.key(Modifiers::NONE, Key::L);
    assert_eq!(sent, [Command::Rate { id: LoopId(903), verdict: Verdict::of(true) }]);
}

#[test]
fn how_sections_are_made_is_turned_with_the_keyboard() {
    let mut editor = editor();
    editor.harness.get_by_label("Contrast").focus();
    editor.harness.run();
    let _ = editor.fake.sent();
    let sent = editor.key(Modifiers::NONE, Key::ArrowRight);
    let [Command::Song(SongCommand::SetDials(dials))] = sent[..] else { panic!("{sent:?}") };
    assert!(dials.contrast > Dials::default().contrast);
}
