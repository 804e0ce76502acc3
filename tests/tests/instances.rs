//! Many instances, opened and closed in every state, leave nothing behind.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Instant;

use deepdrummer_core::session::command::KitChoice;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::audio::peak;
use deepdrummer_tests::clap_host::{Input, Library};
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;

/// The tests of this file count threads, so they take turns.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn take_turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Names of this process's threads that the plugin started.
#[cfg(target_os = "linux")]
fn workers() -> Vec<String> {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| name.starts_with("deepdrummer"))
        .collect()
}

#[test]
fn thirty_two_instances_play_at_once() {
    let _turn = take_turn();
    let library = Library::bundled();
    let mut running: Vec<_> = (0..32)
        .map(|_| {
            let mut plugin = library.open();
            let session = plugin.activate(RATE, 256);
            (plugin, session)
        })
        .collect();
    for (plugin, session) in &mut running {
        let (audio, _) = session.play(96_000, 256, Transport::playing(0.0, 120.0), &[]);
        assert!(peak(&audio) > 0.001, "every instance can be heard");
        plugin.idle();
    }
    for (mut plugin, session) in running {
        plugin.deactivate(session);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_scan_starts_no_thread_and_makes_no_file() {
    let _turn = take_turn();
    let home = deepdrummer_tests::artifacts::enter_own_home();
    let library = Library::bundled();
    let files = || walk(home);
    let before = files();
    let mut plugin = library.open();
    assert!(!plugin.parameters().is_empty() && !plugin.output_ports().is_empty());
    let state = plugin.save();
    assert!(plugin.load(&state));
    assert_eq!(workers(), Vec::<String>::new());
    assert_eq!(files(), before);
}

#[cfg(target_os = "linux")]
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path()));
        }
        found.push(entry.path());
    }
    found.sort();
    found
}

#[cfg(target_os = "linux")]
#[test]
fn opened_and_closed_two_hundred_times_no_thread_is_left() {
    let _turn = take_turn();
    let library = Library::bundled();
    for round in 0..200_usize {
        let mut plugin = library.open();
        // Closed unused, activated only, after some audio.
        if round % 3 > 0 {
            let mut session = plugin.activate(RATE, 512);
            if round % 3 > 1 {
                session.play(2_048, 512, Transport::playing(0.0, 120.0), &[]);
            }
            plugin.deactivate(session);
        }
    }
    assert_eq!(workers(), Vec::<String>::new());
}

#[test]
fn a_plugin_that_is_learning_closes_at_once_and_leaves_no_thread() {
    let _turn = take_turn();
    let library = Library::bundled();
    let mut slowest = std::time::Duration::ZERO;
    for round in 0..20 {
        let mut plugin = library.open();
        let mut session = plugin.activate(RATE, 512);
        let mut transport = Transport::playing(0.0, 120.0);
        // Ratings in quick succession; then close at another moment each round.
        for block in 0..(40 + round * 7) {
            let id = if block % 4 < 2 { "like" } else { "dislike" };
            let value = f64::from(u8::from(block % 2 == 0));
            session.process(512, Some(&transport), &[(0, Input::Parameter { id, value })]);
            transport = transport.after(512, RATE);
            std::thread::yield_now();
        }
        plugin.deactivate(session);
        let began = Instant::now();
        drop(plugin);
        slowest = slowest.max(began.elapsed());
    }
    println!("slowest close while learning: {slowest:?}");
    #[cfg(target_os = "linux")]
    assert_eq!(workers(), Vec::<String>::new());
}

#[test]
fn a_plugin_that_is_scanning_closes_at_once_and_leaves_no_thread() {
    let _turn = take_turn();
    let library = Library::bundled();
    let first = state::with_first_loop(&library);
    let sounds = tempfile::tempdir().unwrap();
    artifacts::write_one_shots(sounds.path(), 3_000);
    let mut document = state::document(&first);
    document.kit = KitChoice::Folders(vec![sounds.path().to_owned()]);
    let scanning = state::with_session_text(&first, &document.write().unwrap());
    let mut plugin = library.open();
    let session = plugin.activate(RATE, 512);
    // Comes back while the folder is still being read: a host's main thread waits only so long.
    assert!(plugin.load(&scanning));
    #[cfg(target_os = "linux")]
    let was_scanning = workers().iter().any(|name| name == "deepdrummer-kit");
    plugin.deactivate(session);
    let began = Instant::now();
    drop(plugin);
    println!("closed in {:?}", began.elapsed());
    #[cfg(target_os = "linux")]
    {
        println!("it was scanning: {was_scanning}");
        assert_eq!(workers(), Vec::<String>::new());
    }
}

#[test]
fn sample_rate_and_block_length_may_change_between_activations() {
    let _turn = take_turn();
    let mut plugin = Library::bundled().open();
    for (rate, block) in [(22_050.0, 32), (192_000.0, 4096), (44_100.0, 1), (96_000.0, 8192)] {
        let mut session = plugin.activate(rate, block);
        let (audio, _) = session.play((rate * 2.0) as usize, block, Transport::playing(0.0, 120.0), &[]);
        assert!(peak(&audio) > 0.001, "heard at {rate} Hz");
        session.reset();
        plugin.deactivate(session);
    }
}
