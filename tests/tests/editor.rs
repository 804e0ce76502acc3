//! The window opens inside a host's window, draws, and closes again, also while audio runs.
//!
//! Needs an X11 display with OpenGL; `cargo xtask test` brings one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_tests::clap_editor::GuiSize;
use deepdrummer_tests::clap_host::{Input, Library, Plugin, until};
use deepdrummer_tests::desk::Desk;
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;
#[test]
fn the_window_opens_draws_and_closes_again_and_again() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    for _ in 0..10 {
        desk.open_editor(&mut plugin);
        plugin.close_editor();
        until("the window to be gone", || (desk.children() == 0).then_some(()));
    }
}

#[test]
fn opened_and_closed_two_hundred_times_nothing_is_left() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    // The first one loads the graphics driver, whose threads and files stay.
    desk.open_editor(&mut plugin);
    plugin.close_editor();
    let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    let (threads, files) = (count("/proc/self/task"), count("/proc/self/fd"));
    for _ in 0..200 {
        plugin.open_editor(u64::from(desk.window)).unwrap();
        plugin.close_editor();
    }
    until("the last window to be gone", || (desk.children() == 0).then_some(()));
    until("the windows' threads to end", || (count("/proc/self/task") <= threads + 1).then_some(()));
    until("the windows' files to be closed", || (count("/proc/self/fd") <= files + 2).then_some(()));
}

/// A size in pixels that the editor has, or comes to have.
fn size_is(plugin: &mut Plugin, width: u32, height: u32) {
    until(&format!("the editor to be {width} x {height}"), || {
        plugin.idle();
        let size = plugin.editor_size()?;
        (size.width.abs_diff(width) <= 1 && size.height.abs_diff(height) <= 1).then_some(())
    });
}

#[test]
fn the_hosts_scale_is_obeyed_before_and_after_the_window_opens() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    let size = plugin.open_editor(u64::from(desk.window)).unwrap();
    plugin.scale_editor(1.5).unwrap();
    size_is(&mut plugin, size.width * 3 / 2, size.height * 3 / 2);
    plugin.close_editor();
    // From now on the scale is known before the window is made.
    plugin.open_editor(u64::from(desk.window)).unwrap();
    size_is(&mut plugin, size.width * 3 / 2, size.height * 3 / 2);
    plugin.close_editor();
}

#[test]
fn the_size_is_remembered_by_the_machine_and_known_before_audio_runs() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    desk.open_editor(&mut plugin);
    let first = plugin.editor_size().unwrap();
    let larger = GuiSize { width: 1_210, height: 730 };
    for size in [larger, first] {
        plugin.resize_editor(size).unwrap();
        size_is(&mut plugin, size.width, size.height);
        // It is written once it has settled.
        until("another instance to open with that size", || {
            plugin.idle();
            let mut other = Library::bundled().open();
            let opened = other.open_editor(u64::from(desk.window)).unwrap();
            other.close_editor();
            (opened == size).then_some(())
        });
    }
    plugin.close_editor();
}

#[test]
fn ratings_and_sound_go_on_while_the_window_is_open() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    let mut session = plugin.activate(RATE, 512);
    let mut transport = Transport::playing(0.0, 120.0);
    desk.open_editor(&mut plugin);
    // What is rated is what was heard: one block first.
    session.process(512, Some(&transport), &[]);
    session.process(512, Some(&transport), &[(0, Input::Parameter { id: "like", value: 1.0 })]);
    until("the rating", || {
        session.process(512, Some(&transport), &[]);
        transport = transport.after(512, RATE);
        plugin.idle();
        (state::document(&plugin.save()).judgements.len() == 1).then_some(())
    });
    plugin.close_editor();
    plugin.deactivate(session);
}
