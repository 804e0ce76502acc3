//! The real window under Xvfb, embedded in a window of "the host": files dragged out of it reach
//! targets of other toolkits, and keys that the editor does not use reach the host.
//!
//! Needs Xvfb, xdotool, and Debian's Python with GTK 3 (python3-gi, gir1.2-gtk-3.0) and Tk (python3-tk,
//! tkdnd). `cargo xtask test` brings them and fails without them; elsewhere a test that lacks something
//! is skipped and says so.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::Grid;
use editor_support::screen::{PYTHON, Program, Screen, skip};
use editor_support::{FOUR, Fake, session};
use nice_plug::editor::ParentWindowHandle;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the tiles are in a window of the default size at the screen's corner.
const MIDI_TILE: (i32, i32) = (793, 612);
const STEMS_TILE: (i32, i32) = (1013, 612);
const TARGET: (i32, i32) = (1200, 200);

/// Whether GTK 3 can be had.
const GTK: &str = "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk";
/// Whether Tk can take drops. Loading tkdnd needs a display; finding it does not.
const TK: &str = "import sys, tkinter; tcl = tkinter.Tcl(); tcl.eval('catch {package require none}'); \
                  sys.exit(not tcl.eval('package versions tkdnd'))";

fn python_can(script: &str) -> bool {
    let run = Command::new(PYTHON).args(["-c", script]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

/// Not a test of its own: the editor in a process whose display is the test's.
#[test]
#[ignore = "run by the other tests in a process of its own"]
fn editor_process() {
    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, EventMask, WindowClass};

    let (host, screen) = x11rb::connect(None).unwrap();
    let parent = host.generate_id().unwrap();
    let root = host.setup().roots[screen].root;
    let attributes = CreateWindowAux::new().event_mask(EventMask::KEY_PRESS | EventMask::SUBSTRUCTURE_NOTIFY);
    host.create_window(0, parent, root, 0, 0, 1080, 660, 0, WindowClass::INPUT_OUTPUT, 0, &attributes)
        .unwrap();
    host.map_window(parent).unwrap();
    host.flush().unwrap();
    std::thread::spawn(move || {
        while let Ok(event) = host.wait_for_event() {
            if let x11rb::protocol::Event::KeyPress(event) = event {
                println!("host got key {}", event.detail);
            }
        }
    });
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let exports = PathBuf::from(std::env::var_os("DEEPDRUMMER_EXPORTS").unwrap());
    fake.0.lock().unwrap().export_folder = Some(exports);
    let watched = fake.clone();
    std::thread::spawn(move || {
        let mut said = false;
        loop {
            if !said && watched.0.lock().unwrap().open {
                said = true;
                // The first frame follows at once.
                std::thread::sleep(Duration::from_millis(700));
                println!("\ndrawn");
            }
            for command in watched.sent() {
                println!("sent {command:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let parent = ParentWindowHandle::XcbWindow(parent.try_into().unwrap());
    deepdrummer_plugin::editor::run_standalone(Box::new(fake), "DeepDrummer", Some(parent)).unwrap();
}

fn uris(target: &Program) -> Vec<String> {
    let mut uris = Vec::new();
    loop {
        let line = target.line();
        println!("the target says: {line}");
        match line {
            line if line == "end" => return uris,
            line => uris.push(line),
        }
    }
}

fn expected(folder: &Path, names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("file://{}/{}", folder.display(), name.replace(' ', "%20"))).collect()
}

fn files_reach(script: &str, requirement: &str) {
    let Some(screen) = Screen::open() else { return };
    if !python_can(requirement) {
        skip("a Python package");
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("drag-{script}"));
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let _editor = screen.editor(&folder);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xdnd").join(script);
    for (tile, names) in [
        (MIDI_TILE, vec!["DeepDrummer 0042 124bpm.mid".to_owned()]),
        (STEMS_TILE, (0..4).map(|lane| format!("DeepDrummer 0042 124bpm {lane}.wav")).collect()),
    ] {
        let mut command = Command::new(PYTHON);
        command.arg(&path).args([TARGET.0.to_string(), TARGET.1.to_string()]);
        let target = Program::start(command.env("DISPLAY", &screen.display));
        target.wait_for("ready");
        screen.drag(tile, (TARGET.0 + 150, TARGET.1 + 150), "mouseup 1");
        assert_eq!(uris(&target), expected(&folder, &names), "{script}");
    }
}

#[test]
fn gtk_gets_exactly_the_files() {
    files_reach("target_gtk.py", GTK);
}

#[test]
fn tk_gets_exactly_the_files() {
    files_reach("target_tk.py", TK);
}

#[test]
fn escape_cancels_a_drag_and_the_next_one_works() {
    let Some(screen) = Screen::open() else { return };
    if !python_can(GTK) {
        skip("python3-gi or gir1.2-gtk-3.0");
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("drag-escape");
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let _editor = screen.editor(&folder);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xdnd/target_gtk.py");
    let mut command = Command::new(PYTHON);
    command.arg(&path).args([TARGET.0.to_string(), TARGET.1.to_string()]);
    let target = Program::start(command.env("DISPLAY", &screen.display));
    target.wait_for("ready");
    let middle = (TARGET.0 + 150, TARGET.1 + 150);
    screen.drag(MIDI_TILE, middle, "keydown Escape sleep 0.1 keyup Escape sleep 0.3 mouseup 1 sleep 0.3");
    assert!(target.lines.try_recv().is_err(), "Escape did not cancel");
    screen.drag(MIDI_TILE, middle, "mouseup 1");
    assert_eq!(uris(&target), expected(&folder, &["DeepDrummer 0042 124bpm.mid".to_owned()]));
}

#[test]
fn unused_keys_reach_the_host_and_used_ones_do_not() {
    let Some(screen) = Screen::open() else { return };
    let editor = screen.editor(Path::new("/nonexistent"));
    // A click on the ground gives the window the keyboard and presses nothing.
    screen.xdotool("mousemove 420 470 sleep 0.2 click 1 sleep 0.3");
    screen.xdotool("key --delay 60 space Escape l a");
    let (mut host, mut sent) = (Vec::new(), Vec::new());
    // A is the last key and goes to the host.
    while host.last() != Some(&38) {
        let line = editor.line();
        if let Some(key) = line.strip_prefix("host got key ") {
            host.push(key.parse::<u8>().unwrap());
        } else if line.starts_with("sent Rate") {
            sent.push(line);
        }
    }
    assert_eq!(host, [65, 9, 38], "Space, Escape and A; L is the editor's");
    while sent.is_empty() {
        let line = editor.line();
        if line.starts_with("sent Rate") {
            sent.push(line);
        }
    }
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("like: Some(true)"), "{}", sent[0]);
}

/// Not a test of its own: another program that drags a sound.
#[test]
#[ignore = "run by the other tests in a process of its own"]
fn source_process() {
    editor_support::screen::drag_file();
}

#[test]
fn a_sound_dropped_on_a_lane_is_loaded_there() {
    let Some(screen) = Screen::open() else { return };
    let editor = screen.editor(Path::new("/nonexistent"));
    let sound = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("a snare.wav");
    std::fs::write(&sound, b"sound").unwrap();
    screen.xdotool("mousemove 1400 800 sleep 0.1 mousedown 1");
    let _source = screen.source(&sound);
    screen.xdotool(
        "sleep 0.3 mousemove 700 400 sleep 0.2 mousemove 300 230 sleep 0.2 mousemove 120 225 sleep 0.5",
    );
    screen.xdotool("mouseup 1");
    let load = loop {
        let line = editor.line();
        if line.starts_with("sent LoadSample") {
            break line;
        }
    };
    assert_eq!(load, format!("sent LoadSample(1, {sound:?})"));
}
