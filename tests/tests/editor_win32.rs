//! The window on Windows, inside a host's window: it draws, takes mouse and keys, is resized and scaled, closed and
//! opened again and again, and files are dragged out of it and into it. `cargo xtask windows` runs this under Wine.
#![cfg(target_os = "windows")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use deepdrummer_core::session::doc::Document;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::clap_editor::GuiSize;
use deepdrummer_tests::clap_host::{Library, Plugin, Session};
use deepdrummer_tests::state;
use deepdrummer_tests::win32::{Desk, Target, drag};

const RATE: f64 = 48_000.0;
/// Where things are in the window at its first size, in parts of its width and height.
const LIKE: (f64, f64) = (0.59, 0.925);
const DISLIKE: (f64, f64) = (0.103, 0.925);
const MIDI_TILE: (f64, f64) = (793.0 / 1_080.0, 612.0 / 660.0);
const STEMS_TILE: (f64, f64) = (1_013.0 / 1_080.0, 612.0 / 660.0);
/// The name of the first lane.
const FIRST_LANE: (f64, f64) = (0.06, 0.12);
const SPACE: u16 = 0x20;
const L: u16 = 0x4c;

fn open(desk: &Desk, plugin: &mut Plugin) -> GuiSize {
    let size = plugin.open_editor_in(desk.window.0).expect("the editor opens");
    desk.until("the window to draw", plugin, |_| {
        let picture = desk.picture()?;
        (picture.colours() > 30).then_some(())
    });
    size
}

fn document(plugin: &mut Plugin) -> Document {
    state::document(&plugin.save())
}

/// A plugin that plays its first loop.
fn with_loop(desk: &Desk) -> (Plugin, Session) {
    let mut plugin = Library::bundled().open();
    let session = plugin.activate(RATE, 512);
    desk.until("the first loop", &mut plugin, |plugin| document(plugin).history.current().map(drop));
    (plugin, session)
}

fn judged(plugin: &mut Plugin) -> usize {
    let document = document(plugin);
    document.history.entries().iter().filter(|entry| entry.verdict.is_some()).count()
}

#[test]
fn opened_and_closed_fifty_times_nothing_is_left_and_the_library_is_unloaded() {
    let desk = Desk::open();
    let library = Library::bundled();
    let mut plugin = library.open();
    let size = open(&desk, &mut plugin);
    assert_eq!(desk.editor_size(), Some((size.width, size.height)));
    desk.picture().unwrap().keep("window-windows.png");
    plugin.close_editor();
    for _ in 0..50 {
        plugin.open_editor_in(desk.window.0).expect("the editor opens");
        desk.pump(&mut plugin, Duration::from_millis(60));
        plugin.close_editor();
        desk.pump(&mut plugin, Duration::from_millis(20));
        assert!(desk.editor().is_none(), "a window was left");
    }
    drop(plugin);
    drop(library);
    // What a window's thread or hook left behind would run into nothing now.
    let mut again = Library::bundled().open();
    desk.pump(&mut again, Duration::from_millis(500));
    open(&desk, &mut again);
    again.close_editor();
}

#[test]
fn the_mouse_rates_and_another_loop_comes() {
    let desk = Desk::open();
    let (mut plugin, session) = with_loop(&desk);
    open(&desk, &mut plugin);
    desk.to_front(&mut plugin);
    for (rated, button) in [LIKE, DISLIKE, LIKE].into_iter().enumerate() {
        let before = document(&mut plugin).history.current().map(|entry| entry.number);
        desk.click(&mut plugin, button);
        desk.until("a rating and the next loop", &mut plugin, |plugin| {
            let now = document(plugin).history.current().map(|entry| entry.number);
            (judged(plugin) == rated + 1 && now != before).then_some(())
        });
    }
    desk.picture().unwrap().keep("window-windows-rated.png");
    plugin.close_editor();
    plugin.deactivate(session);
}

#[test]
fn a_key_rates_and_what_the_editor_does_not_use_goes_to_the_host() {
    let desk = Desk::open();
    let (mut plugin, session) = with_loop(&desk);
    open(&desk, &mut plugin);
    desk.to_front(&mut plugin);
    // A click gives the window the keyboard.
    desk.click(&mut plugin, (0.4, 0.995));
    desk.key(&mut plugin, L);
    desk.until("a rating", &mut plugin, |plugin| (judged(plugin) == 1).then_some(()));
    assert!(!desk.host_keys().contains(&u32::from(L)), "a key that the editor uses is not the host's");
    desk.key(&mut plugin, SPACE);
    desk.until("the host to get the space bar", &mut plugin, |_| {
        desk.host_keys().contains(&u32::from(SPACE)).then_some(())
    });
    desk.pump(&mut plugin, Duration::from_millis(200));
    let spaces = desk.host_keys().iter().filter(|key| **key == u32::from(SPACE)).count();
    assert_eq!(spaces, 1, "once for each press");
    plugin.close_editor();
    plugin.deactivate(session);
}

#[test]
fn the_host_resizes_it_up_to_twice_its_size() {
    let desk = Desk::open();
    let mut plugin = Library::bundled().open();
    let first = open(&desk, &mut plugin);
    let size_is = |plugin: &mut Plugin, width: u32, height: u32| {
        desk.until(&format!("the editor to be {width} x {height}"), plugin, |plugin| {
            let told = plugin.editor_size()?;
            let (across, down) = desk.editor_size()?;
            let near = |a: u32, b: u32| a.abs_diff(b) <= 1;
            let both = near(told.width, width) && near(told.height, height);
            (both && near(across, width) && near(down, height)).then_some(())
        });
    };
    let smaller = plugin.adjust_editor(GuiSize { width: 1_000, height: 620 }).expect("a size near it");
    plugin.resize_editor(smaller).unwrap();
    size_is(&mut plugin, smaller.width, smaller.height);
    plugin.resize_editor(first).unwrap();
    size_is(&mut plugin, first.width, first.height);
    for (scale, name) in [(1.5, "150"), (2.0, "200"), (1.0, "100")] {
        let scaled = |length: u32| (f64::from(length) * scale) as u32;
        let (width, height) = (scaled(first.width), scaled(first.height));
        plugin.resize_editor(GuiSize { width, height }).unwrap();
        size_is(&mut plugin, width, height);
        desk.until("it to be drawn", &mut plugin, |_| (desk.picture()?.colours() > 30).then_some(()));
        desk.picture().unwrap().keep(&format!("window-windows-{name}.png"));
    }
    plugin.close_editor();
}

#[test]
fn the_hosts_window_may_go_first() {
    for _ in 0..5 {
        let desk = Desk::open();
        let (mut plugin, session) = with_loop(&desk);
        open(&desk, &mut plugin);
        desk.destroy();
        desk.pump(&mut plugin, Duration::from_millis(200));
        plugin.close_editor();
        desk.pump(&mut plugin, Duration::from_millis(50));
        plugin.deactivate(session);
    }
}

#[test]
fn files_are_dragged_out_into_a_window_of_somebody_else() {
    let desk = Desk::open();
    let (mut plugin, session) = with_loop(&desk);
    open(&desk, &mut plugin);
    desk.to_front(&mut plugin);
    let target = Target::open((1_150, 100), (350, 300));
    desk.to_front(&mut plugin);
    for (tile, ending, at_least) in [(MIDI_TILE, "mid", 1), (STEMS_TILE, "wav", 2)] {
        let hand = drag(desk.on_screen(tile), (1_300, 250));
        let files = desk.until("the files to be dropped", &mut plugin, |_| target.dropped());
        hand.join().unwrap();
        assert!(files.len() >= at_least, "{files:?}");
        for file in &files {
            assert_eq!(file.extension().and_then(|end| end.to_str()), Some(ending), "{file:?}");
            let bytes = std::fs::read(file).unwrap();
            let head: &[u8] = if ending == "mid" { b"MThd" } else { b"RIFF" };
            assert!(bytes.starts_with(head), "{file:?}");
        }
        desk.pump(&mut plugin, Duration::from_millis(300));
    }
    drop(target);
    plugin.close_editor();
    plugin.deactivate(session);
}

#[test]
fn a_file_dropped_on_a_lane_is_its_sound() {
    let desk = Desk::open();
    let (mut plugin, session) = with_loop(&desk);
    open(&desk, &mut plugin);
    desk.to_front(&mut plugin);
    let folder = tempfile::tempdir().unwrap();
    artifacts::write_one_shots(folder.path(), 1);
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let before = state::session_text(&plugin.save());
    assert!(!before.contains("kick 000"));
    // A window of somebody else that drags a file for as long as the button is down.
    let from = Target::open((1_150, 100), (350, 300));
    desk.pump(&mut plugin, Duration::from_millis(200));
    let hand = drag((1_300, 250), desk.on_screen(FIRST_LANE));
    let source = std::time::Instant::now() + Duration::from_millis(700);
    while std::time::Instant::now() < source {
        desk.pump(&mut plugin, Duration::from_millis(20));
    }
    let mut source = deepdrummer_plugin::editor::drag::source(Some(from.handle()));
    let mut drag = source.start(&[file]).expect("the drag starts");
    desk.until("the drag to end", &mut plugin, |_| drag.poll());
    hand.join().unwrap();
    desk.until("the sound to be the lane's", &mut plugin, |plugin| {
        state::session_text(&plugin.save()).contains("kick 000").then_some(())
    });
    drop(from);
    plugin.close_editor();
    plugin.deactivate(session);
}
