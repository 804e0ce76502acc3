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
    plugin.scale_editor(1.25).unwrap();
    size_is(&mut plugin, size.width * 5 / 4, size.height * 5 / 4);
    plugin.close_editor();
    // From now on the scale is known before the window is made.
    plugin.open_editor(u64::from(desk.window)).unwrap();
    size_is(&mut plugin, size.width * 5 / 4, size.height * 5 / 4);
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

#[test]
fn a_scale_that_is_none_is_refused_and_a_large_one_fits_the_screen() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    let usual = plugin.open_editor(u64::from(desk.window)).unwrap();
    for scale in [0.0, -0.0, -1.0, -1e30, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(plugin.scale_editor(scale).is_err(), "{scale}");
        assert_eq!(plugin.editor_size(), Some(usual), "{scale}");
    }
    let (width, height) = desk.screen();
    for scale in [1e30, 100.0, 8.0, f64::MAX] {
        plugin.scale_editor(scale).unwrap();
        until(&format!("a size on the screen at scale {scale}"), || {
            plugin.idle();
            let size = plugin.editor_size()?;
            (size.width > usual.width && size.width <= width && size.height <= height).then_some(())
        });
    }
    for scale in [1e-30, f64::MIN_POSITIVE] {
        plugin.scale_editor(scale).unwrap();
        size_is(&mut plugin, usual.width / 4, usual.height / 4);
    }
    // What the host said last holds for the next window too.
    plugin.close_editor();
    assert!(plugin.open_editor(u64::from(desk.window)).is_ok());
    plugin.scale_editor(1.0).unwrap();
    size_is(&mut plugin, usual.width, usual.height);
    plugin.close_editor();
}

#[test]
fn sizes_that_no_screen_has_are_refused_and_all_others_obeyed() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    desk.open_editor(&mut plugin);
    let usual = plugin.editor_size().unwrap();
    for (width, height) in
        [(0, 0), (0, 500), (500, 0), (20_000, 20_000), (65_535, 65_535), (100_000, 3), (u32::MAX, u32::MAX)]
    {
        assert!(plugin.resize_editor(GuiSize { width, height }).is_err(), "{width} x {height}");
        assert_eq!(plugin.editor_size(), Some(usual), "{width} x {height}");
    }
    let (width, height) = desk.screen();
    for asked in [(0, 0), (1, 1), (200, 5_000), (100_000, 3), (u32::MAX, u32::MAX)] {
        let size = plugin.adjust_editor(GuiSize { width: asked.0, height: asked.1 }).unwrap();
        assert!(
            (1..=width).contains(&size.width) && (1..=height).contains(&size.height),
            "{asked:?}: {size:?}"
        );
    }
    for (width, height) in [(1, 1), (3, 400), (300, 200), (1_080, 660)] {
        plugin.resize_editor(GuiSize { width, height }).unwrap();
        size_is(&mut plugin, width, height);
    }
    plugin.close_editor();
}

#[test]
fn a_parent_that_is_none_is_refused() {
    let Some(desk) = Desk::open() else { return };
    let mut plugin = Library::bundled().open();
    for parent in [0, u64::from(u32::MAX) + 1, 0x7f_ffff] {
        assert!(plugin.open_editor(parent).is_err(), "{parent}");
        assert!(plugin.show_editor().is_err(), "without a parent it is not shown");
        plugin.close_editor();
    }
    assert!(plugin.parent_of_another_system().is_err());
    plugin.close_editor();
    desk.open_editor(&mut plugin);
    plugin.close_editor();
}
