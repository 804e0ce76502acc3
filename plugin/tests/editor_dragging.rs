//! What leaves the window and what is dropped onto it, through the accessibility tree. The window
//! system's part is in `editor_xdnd.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::Grid;
use deepdrummer_core::session::command::{Command, ExportKind, KitChoice};
use deepdrummer_core::taste::LoopId;
use deepdrummer_plugin::editor::Answer;
use deepdrummer_plugin::editor::actions::Dialog;
use deepdrummer_plugin::editor::drag::DragEnd;
use editor_support::harness::Editor;
use editor_support::{FOUR, session};
use egui::{Modifiers, pos2, vec2};
use std::path::{Path, PathBuf};

#[test]
fn everything_that_can_be_dragged_asks_for_its_own_files() {
    for (label, id, kind) in [
        ("MIDI of this loop", None, ExportKind::Midi),
        ("Audio of this loop", None, ExportKind::Audio),
        ("Stems of this loop", None, ExportKind::Stems),
        ("Loop 0036, liked", Some(LoopId(36)), ExportKind::Midi),
        ("Drag Closed hat out", None, ExportKind::LaneMidi(2)),
        ("Hear Snare, drag it out as audio", None, ExportKind::LaneAudio(1)),
    ] {
        let mut editor = Editor::new();
        let from = editor.centre(label);
        let sent = editor.take_hold(from, vec2(20.0, -20.0));
        let [Command::Export { id: of, kind: what, to: None, dragged: true, .. }] = sent.as_slice() else {
            panic!("{label}: {sent:?}")
        };
        assert_eq!((*of, *what), (id, kind), "{label}");
    }
}

#[test]
fn a_click_on_a_tile_asks_where_to_save() {
    fn ask(dialog: &Dialog) -> Answer {
        match dialog {
            Dialog::SaveAs(_, name) => Answer::Path(PathBuf::from("/chosen").join(name)),
            _ => Answer::Closed,
        }
    }
    for (label, kind, name) in [
        ("MIDI of this loop", ExportKind::Midi, "DeepDrummer 0042 124bpm.mid"),
        ("Audio of this loop", ExportKind::Audio, "DeepDrummer 0042 124bpm.wav"),
        ("Stems of this loop", ExportKind::Stems, "DeepDrummer 0042 124bpm"),
    ] {
        let mut editor = Editor::with(session(&FOUR, Grid::default()), (1080.0, 660.0), ask);
        let mut sent = editor.click(label);
        if sent.is_empty() {
            sent = editor.sent_after_the_dialog();
        }
        let [Command::Export { id: None, kind: what, to: Some(to), dragged: false, .. }] = sent.as_slice()
        else {
            panic!("{label}: {sent:?}")
        };
        assert_eq!((*what, to.as_path()), (kind, PathBuf::from("/chosen").join(name).as_path()));
    }
}

#[test]
fn there_is_always_a_second_way_out() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("second-way");
    std::fs::create_dir_all(&folder).unwrap();
    for (label, entry, kind) in [
        ("MIDI of this loop", "Write and copy path", ExportKind::Midi),
        ("Loop 0036, liked", "Write audio and copy its path", ExportKind::Audio),
        ("Drag Snare out", "Write audio and copy its path", ExportKind::LaneAudio(1)),
    ] {
        let mut editor = Editor::new();
        editor.fake.0.lock().unwrap().export_folder = Some(folder.clone());
        editor.menu(label);
        let sent = editor.click(entry);
        let [Command::Export { kind: what, to: None, dragged: false, .. }] = sent.as_slice() else {
            panic!("{label}: {sent:?}")
        };
        assert_eq!(*what, kind);
        editor.harness.run_steps(3);
        let said = "“DeepDrummer 0042 124bpm.mid” is written. Its path is on the clipboard.";
        assert!(editor.exists(said), "{label}");
        assert!(editor.exists("Copy path") && editor.exists("Show in folder"));
    }
}

#[test]
fn good_news_goes_by_itself_and_bad_news_stays() {
    let mut editor = Editor::new();
    editor.fake.0.lock().unwrap().export_folder = Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    editor.menu("MIDI of this loop");
    editor.click("Write and copy path");
    editor.harness.run_steps(2);
    editor.harness.state_mut().drag_ended(DragEnd::Failed("no display".to_owned()));
    editor.harness.run_steps(2);
    let bad = "Dragging did not work: no display. The files are written: use “copy path” or “show in folder” in the tile's menu.";
    assert!(editor.exists("Copy path") && editor.exists(bad));
    // A step is a quarter of a second.
    editor.harness.run_steps(60);
    assert!(!editor.exists("Copy path") && editor.exists(bad));
}

#[test]
fn a_failed_export_says_so() {
    let mut editor = Editor::new();
    editor.menu("Audio of this loop");
    let sent = editor.click("Write and copy path");
    let [Command::Export { ticket, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    let failed = deepdrummer_core::session::view::Exported { ticket: *ticket, files: Vec::new() };
    editor.fake.change(|view| view.exported.push(failed));
    editor.harness.run_steps(3);
    assert!(editor.exists("Audio could not be written. Choose another export folder in the settings."));
}

#[test]
fn dragging_a_tile_writes_files_first() {
    let mut editor = Editor::new();
    let from = editor.centre("MIDI of this loop");
    let sent = editor.take_hold(from, vec2(20.0, -20.0));
    let [Command::Export { ticket, id: None, kind: ExportKind::Midi, to: None, dragged: true }] =
        sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    let ticket = *ticket;
    editor.harness.run_steps(3);
    assert_eq!(editor.harness.state_mut().take_requests().drag, None, "no file yet, no drag");
    let files = vec![PathBuf::from("/music/DeepDrummer 0042 124bpm.mid")];
    let exported = deepdrummer_core::session::view::Exported { ticket, files: files.clone() };
    editor.fake.change(|view| view.exported.push(exported));
    editor.harness.run_steps(2);
    assert_eq!(editor.harness.state_mut().take_requests().drag, Some(files));
}

#[test]
fn files_written_after_the_button_was_let_go_start_no_drag() {
    let mut editor = Editor::new();
    let from = editor.centre("Audio of this loop");
    let sent = editor.drag(from, from + vec2(30.0, -30.0), Modifiers::NONE);
    let [Command::Export { ticket, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    let exported =
        deepdrummer_core::session::view::Exported { ticket: *ticket, files: vec!["/music/a.wav".into()] };
    editor.fake.change(|view| view.exported.push(exported));
    editor.harness.run_steps(3);
    assert_eq!(editor.harness.state_mut().take_requests().drag, None);
    assert!(editor.exists("“a.wav” is ready. Drag it again: the files are written now."));
    assert!(editor.exists("Copy path") && editor.exists("Show in folder"));
}

#[test]
fn dropped_files_go_to_the_lane_under_the_pointer() {
    let mut editor = Editor::new();
    let at = editor.centre("Drag Closed hat out");
    let files: [PathBuf; 2] = ["/a.wav".into(), "/b.wav".into()];
    assert!(editor.harness.state_mut().files_over(at, &files));
    assert!(editor.harness.state_mut().files_dropped(at, vec!["/a.wav".into(), "/b.wav".into()]));
    let loads = [Command::LoadSample(2, "/a.wav".into()), Command::LoadSample(3, "/b.wav".into())];
    assert_eq!(editor.fake.sent(), loads);
    assert!(!editor.harness.state_mut().files_over(pos2(900.0, 600.0), &files));
}

#[test]
fn a_folder_or_a_taste_can_be_dropped_anywhere() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a kit to drop");
    std::fs::create_dir_all(&folder).unwrap();
    for at in [pos2(900.0, 600.0), pos2(100.0, 100.0), pos2(540.0, 22.0), pos2(900.0, 200.0)] {
        let mut editor = Editor::new();
        let app = editor.harness.state_mut();
        assert!(app.files_over(at, std::slice::from_ref(&folder)), "{at:?}");
        editor.harness.run();
        assert!(editor.exists("Drop the folder to use its sounds"));
        let app = editor.harness.state_mut();
        assert!(app.files_dropped(at, vec![folder.clone()]));
        assert_eq!(editor.fake.sent(), [Command::ChooseKit(KitChoice::Folders(vec![folder.clone()]))]);
        let app = editor.harness.state_mut();
        assert!(app.files_dropped(at, vec!["/x/late.deepdrummer-taste".into()]));
        assert_eq!(editor.fake.sent(), [Command::ImportProfile("/x/late.deepdrummer-taste".into())]);
        editor.harness.run();
        assert!(!editor.exists("Drop the folder to use its sounds"), "it is dropped");
    }
}

/// A desktop that has no dialogs.
fn no_dialogs(_: &Dialog) -> Answer {
    Answer::Unavailable
}

#[test]
fn without_a_file_dialog_a_loop_is_saved_where_exports_go_and_that_is_said() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no dialogs");
    std::fs::create_dir_all(&folder).unwrap();
    let mut editor = Editor::with(session(&FOUR, Grid::default()), (1080.0, 660.0), no_dialogs);
    editor.fake.0.lock().unwrap().export_folder = Some(folder.clone());
    let mut sent = editor.click("MIDI of this loop");
    if sent.is_empty() {
        sent = editor.sent_after_the_dialog();
    }
    let [Command::Export { id: None, kind: ExportKind::Midi, to: None, dragged: false, .. }] =
        sent.as_slice()
    else {
        panic!("{sent:?}")
    };
    editor.harness.run();
    let said = "This desktop offers no file dialog. It went to the export folder: ";
    let said = format!("“DeepDrummer 0042 124bpm.mid” is saved. {said}{}", folder.display());
    assert!(editor.exists(&said), "it says where");
    // A profile too; what is there already stays.
    let taken = folder.join("My techno.deepdrummer-taste");
    std::fs::write(&taken, "mine").unwrap();
    let export_to = folder.clone();
    editor.fake.change(|view| view.export.folder = Some(export_to));
    editor.click("Taste profile");
    let mut sent = editor.click("Export to a file…");
    if sent.is_empty() {
        sent = editor.sent_after_the_dialog();
    }
    assert_eq!(sent, [Command::ExportProfile(folder.join("My techno (2).deepdrummer-taste"))]);
    // What must be asked for says what to do instead.
    editor.click("Kit");
    editor.click("Load a folder of samples…");
    let says = "This desktop offers no file dialog. Drop the folder on the window instead.";
    for _ in 0..100_000 {
        editor.harness.step();
        if editor.exists(says) {
            return;
        }
        std::thread::yield_now();
    }
    panic!("nothing is said");
}
