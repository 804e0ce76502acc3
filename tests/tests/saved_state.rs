//! A project gives back exactly what was saved into it, and nothing that it holds is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::session::doc::Document;
use deepdrummer_tests::audio::first_difference;
use deepdrummer_tests::clap_host::{Input, Library, Plugin, until};
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;

/// A state with a history, ratings and parameters off their defaults.
fn used_state(library: &Library) -> Vec<u8> {
    let mut plugin = library.open();
    let mut session = plugin.activate(RATE, 512);
    let changes = [("output", 0.7), ("adventure", 0.9), ("four_floor", 1.0), ("swing", 0.5)];
    let inputs = changes.map(|(id, value)| (0, Input::Parameter { id, value }));
    let mut transport = Transport::playing(0.0, 120.0);
    session.process(512, Some(&transport), &inputs);
    until("the first loop in the state", || state::document(&plugin.save()).history.current().map(|_| ()));
    for like in [true, false, true] {
        let id = if like { "like" } else { "dislike" };
        let before = state::document(&plugin.save());
        for value in [1.0, 0.0] {
            session.process(512, Some(&transport), &[(0, Input::Parameter { id, value })]);
            transport = transport.after(512, RATE);
        }
        until("the rating and the next loop", || {
            session.process(512, Some(&transport), &[]);
            transport = transport.after(512, RATE);
            plugin.idle();
            let after = state::document(&plugin.save());
            let moved = state::current(&after).id != state::current(&before).id;
            (after.judgements.len() > before.judgements.len() && moved).then_some(())
        });
        for _ in 0..400 {
            session.process(512, Some(&transport), &[]);
            transport = transport.after(512, RATE);
        }
    }
    let state = settled(&mut plugin);
    plugin.deactivate(session);
    state
}

/// The state once the worker no longer changes it.
fn settled(plugin: &mut Plugin) -> Vec<u8> {
    let mut last = plugin.save();
    let mut same = 0;
    until("a state that stays", || {
        plugin.idle();
        let now = plugin.save();
        same = if now == last { same + 1 } else { 0 };
        last.clone_from(&now);
        (same > 300).then(|| now.clone())
    })
}

fn render(library: &Library, state: &[u8]) -> Vec<Vec<f32>> {
    let mut plugin = library.open();
    assert!(plugin.load(state));
    let mut session = plugin.activate(RATE, 256);
    let (audio, _) = session.play(192_000, 256, Transport::playing(0.0, 120.0), &[]);
    plugin.deactivate(session);
    audio
}

#[test]
fn a_loaded_state_saves_to_identical_bytes_and_sounds_the_same() {
    let library = Library::bundled();
    let state = used_state(&library);
    let saved = state::document(&state);
    assert_eq!(saved.judgements.len(), 3, "the ratings are in the project");
    assert!(saved.history.entries().len() >= 4, "the history is in the project");

    // Before activation, as a host that opens a project does it.
    let mut plugin = library.open();
    assert!(plugin.load(&state));
    assert_eq!(plugin.save(), state, "not yet activated");
    let session = plugin.activate(RATE, 512);
    assert_eq!(settled(&mut plugin), state, "activated");
    plugin.deactivate(session);
    assert_eq!(plugin.save(), state, "deactivated");

    let audio = render(&library, &state);
    assert!(deepdrummer_tests::audio::peak(&audio) > 0.01, "the loop can be heard");
    assert_eq!(first_difference(&audio, &render(&library, &state)), None);
}

#[test]
fn a_state_loaded_while_audio_runs_takes_effect_without_a_new_activation() {
    let library = Library::bundled();
    let state = used_state(&library);
    let mut plugin = library.open();
    let mut session = plugin.activate(RATE, 512);
    let mut transport = Transport::playing(0.0, 120.0);
    session.process(512, Some(&transport), &[]);
    assert!(plugin.load(&state));
    let wanted = state::current(&state::document(&state)).id;
    until("the loaded loop", || {
        session.process(512, Some(&transport), &[]);
        transport = transport.after(512, RATE);
        plugin.idle();
        (state::current(&state::document(&plugin.save())).id == wanted).then_some(())
    });
    assert_eq!(settled(&mut plugin), state);
    plugin.deactivate(session);
}

#[test]
fn parameters_come_back_with_their_values() {
    let library = Library::bundled();
    let state = used_state(&library);
    let mut plugin = library.open();
    let default = plugin.value("adventure");
    assert!(plugin.load(&state));
    assert!((plugin.value("adventure") - 0.9).abs() < 1e-6, "was {default}");
    assert!((plugin.value("four_floor") - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_damaged_session_gives_a_working_default_and_keeps_its_bytes() {
    let library = Library::bundled();
    let good = used_state(&library);
    let text = state::session_text(&good);
    let damaged = [
        text[..text.len() / 2].to_owned(),
        "{}".to_owned(),
        "not a session \u{1f941}".to_owned(),
        text.replace("\"version\":3", "\"version\":99"),
        text.replace("deepdrummer-session", "someone-elses"),
    ];
    for damage in damaged {
        let state = state::with_session_text(&good, &damage);
        let mut plugin = library.open();
        assert!(plugin.load(&state), "the host is not bothered with it");
        let mut session = plugin.activate(RATE, 512);
        let (audio, _) = session.play(96_000, 512, Transport::playing(0.0, 120.0), &[]);
        assert!(deepdrummer_tests::audio::peak(&audio) > 0.01, "a default plays instead");
        assert_eq!(state::session_text(&settled(&mut plugin)), damage, "untouched, the bytes are saved back");
        plugin.deactivate(session);
    }
}

#[test]
fn bytes_that_are_no_state_are_refused_and_change_nothing() {
    let library = Library::bundled();
    let good = used_state(&library);
    let mut plugin = library.open();
    assert!(plugin.load(&good));
    for foreign in [
        &b""[..],
        b"x",
        b"\xff\xff\xff\xff\xff\xff\xff\x7f{}",
        b"\x04\0\0\0\0\0\0\0null",
        &good[..good.len() - 9],
    ] {
        plugin.load(foreign);
        assert_eq!(plugin.save(), good);
    }
}

#[test]
fn a_state_cut_at_any_place_does_no_harm() {
    let library = Library::bundled();
    let good = used_state(&library);
    let mut plugin = library.open();
    let session = plugin.activate(RATE, 512);
    for length in (0..good.len()).step_by(good.len() / 97 + 1) {
        plugin.load(&good[..length]);
    }
    assert!(plugin.load(&good));
    assert_eq!(settled(&mut plugin), good);
    plugin.deactivate(session);
}

#[test]
fn the_loop_that_plays_is_in_the_state_as_soon_as_activation_is_done() {
    let library = Library::bundled();
    for _ in 0..5 {
        let mut plugin = library.open();
        let session = plugin.activate(RATE, 512);
        assert!(state::document(&plugin.save()).history.current().is_some());
        plugin.deactivate(session);
    }
}

#[test]
fn two_new_instances_differ_but_one_state_is_one_session() {
    let library = Library::bundled();
    let (one, other) = (state::with_first_loop(&library), state::with_first_loop(&library));
    assert_ne!(state::document(&one).seed, state::document(&other).seed, "every session has its own seed");
    let reread = Document::read(&state::session_text(&one)).unwrap().write();
    assert_eq!(reread, state::session_text(&one), "same session, same bytes");
}
