//! A project gives back exactly what was saved into it, and nothing that it holds is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::session::doc::Document;
use deepdrummer_tests::artifacts;
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
        text.replace("\"version\":4", "\"version\":99"),
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

/// Rates the loop that plays, and goes on until the next one is there.
fn rate(plugin: &mut Plugin, session: &mut deepdrummer_tests::clap_host::Session, like: bool) {
    let id = if like { "like" } else { "dislike" };
    let mut transport = Transport::playing(0.0, 120.0);
    let before = state::document(&plugin.save());
    // What is rated is what was heard: one block first.
    session.process(512, Some(&transport), &[]);
    transport = transport.after(512, RATE);
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
}

#[cfg(unix)]
#[test]
fn a_project_with_sounds_whose_file_names_are_no_text_is_saved_whole() {
    use std::os::unix::ffi::OsStrExt as _;
    let library = Library::bundled();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join(std::ffi::OsStr::from_bytes(b"tr\xe4ume"));
    artifacts::write_one_shots(&folder, 12);
    // As a disk that was written in Latin-1 has them.
    for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = [entry.file_stem().unwrap().as_bytes(), b"\xe4.wav"].concat();
        std::fs::rename(&entry, folder.join(std::ffi::OsStr::from_bytes(&name))).unwrap();
    }
    let first = state::with_first_loop(&library);
    let mut document = state::document(&first);
    document.kit = KitChoice::Folders(vec![folder.clone()]);
    document.history = Default::default();
    let mut plugin = library.open();
    assert!(plugin.load(&state::with_session_text(&first, &document.write().unwrap())));
    let mut session = plugin.activate(RATE, 512);
    until("the folder's sounds play", || {
        plugin.idle();
        let document = state::document(&plugin.save());
        document.history.current().filter(|_| !document.samples.is_empty()).map(|_| ())
    });
    for like in [true, false, true] {
        rate(&mut plugin, &mut session, like);
    }
    let saved = settled(&mut plugin);
    plugin.deactivate(session);
    let document = state::document(&saved);
    assert_eq!((document.judgements.len(), document.kit), (3, KitChoice::Folders(vec![folder.clone()])));
    assert!(document.history.entries().len() >= 4);
    for sample in &document.samples {
        let name = &sample.name;
        assert!(
            ["kick", "snare", "clap", "hat", "openhat", "perc"].iter().any(|own| name.starts_with(own)),
            "{name}"
        );
        let path = sample.path.as_ref().unwrap();
        assert!(path.is_file() && path.starts_with(&folder), "{path:?}");
    }

    let mut again = library.open();
    assert!(again.load(&saved));
    assert_eq!(again.save(), saved, "the same bytes");
    let session = again.activate(RATE, 512);
    assert_eq!(settled(&mut again), saved, "loop, history and ratings are there");
    again.deactivate(session);
    let audio = render(&library, &saved);
    assert!(deepdrummer_tests::audio::peak(&audio) > 0.01, "its sounds are found");
}

#[test]
fn a_parameter_of_another_kind_refuses_nothing_and_is_saved_back() {
    let library = Library::bundled();
    let good = used_state(&library);
    let text = String::from_utf8(good[8..].to_vec()).unwrap();
    let with = |id: &str, value: &str| {
        let from = text.find(&format!("\"{id}\":{{")).unwrap() + id.len() + 3;
        let to = from + text[from..].find('}').unwrap() + 1;
        let changed = format!("{}{value}{}", &text[..from], &text[to..]);
        [&(changed.len() as u64).to_le_bytes()[..], changed.as_bytes()].concat()
    };
    let odd = [
        ("adventure", "{\"vector\":[1,2]}"),
        ("adventure", "{\"f32\":\"loud\"}"),
        ("density", "[null]"),
        ("limiter", "{\"f32\":0.5}"),
        ("meter", "{\"string\":\"13/8\"}"),
        ("like", "7"),
    ];
    for (id, value) in odd {
        let state = with(id, value);
        let mut plugin = library.open();
        assert!(plugin.load(&state), "{id}: {value}");
        assert!((plugin.value("output") - 0.7).abs() < 1e-3, "the others are taken");
        let saved = plugin.save();
        assert_eq!(
            state::session_text(&saved),
            state::session_text(&good),
            "loop, history and ratings are there"
        );
        let saved = String::from_utf8(saved[8..].to_vec()).unwrap();
        let kept = serde_json::to_string(&format!("{{\"{id}\":{value}}}")).unwrap();
        assert!(saved.contains(&kept), "{id}: {saved}");
    }
    let extra = text.replacen("\"fields\":{", "\"fields\":{\"new\":\"[1, 2]\",", 1);
    let state = [&(extra.len() as u64).to_le_bytes()[..], extra.as_bytes()].concat();
    let mut plugin = library.open();
    assert!(plugin.load(&state));
    assert_eq!(plugin.save(), state, "a field of another release is saved back");
    assert!(plugin.load(&good));
    assert_eq!(plugin.save(), good, "it was that project's alone");
}

#[test]
fn values_out_of_range_are_brought_into_it_and_what_is_saved_loads_again() {
    let library = Library::bundled();
    let good = used_state(&library);
    let ids = ["adventure", "output", "swing", "steps", "changes"];
    for value in ["1e39", "-1e39", "1e999", "-1", "null", "NaN", "4294967296", "99999999999999999999"] {
        let mut text = String::from_utf8(good[8..].to_vec()).unwrap();
        for id in ids {
            let from = text.find(&format!("\"{id}\":{{")).unwrap() + id.len() + 3;
            let colon = from + text[from..].find(':').unwrap() + 1;
            let to = from + text[from..].find('}').unwrap();
            text.replace_range(colon..to, value);
        }
        let state = [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
        let mut plugin = library.open();
        assert!(plugin.load(&state), "{value}");
        for parameter in plugin.parameters() {
            let now = plugin.value_by_number(parameter.id);
            assert!((parameter.min..=parameter.max).contains(&now), "{value}: {} is {now}", parameter.name);
        }
        let saved = plugin.save();
        assert_eq!(state::session_text(&saved), state::session_text(&good));
        let mut again = library.open();
        assert!(again.load(&saved), "{value}");
        assert_eq!(again.save(), saved, "{value}");
    }
}

#[test]
fn a_host_that_automates_with_what_is_no_number_breaks_no_project() {
    let library = Library::bundled();
    let mut plugin = library.open();
    let mut session = plugin.activate(RATE, 512);
    let inputs = ["adventure", "density", "swing", "output", "steps", "meter", "limiter"]
        .map(|id| (0, Input::Parameter { id, value: f64::NAN }));
    session.process(512, Some(&Transport::playing(0.0, 120.0)), &inputs);
    let (audio, _) = session.play(96_000, 512, Transport::playing(0.0, 120.0), &[]);
    assert!(audio.iter().flatten().all(|value| value.is_finite()));
    assert!(deepdrummer_tests::audio::peak(&audio) > 0.01);
    let saved = settled(&mut plugin);
    plugin.deactivate(session);
    let mut again = library.open();
    assert!(again.load(&saved), "what is saved loads again");
    assert!(again.value("adventure").is_finite() && again.value("output").is_finite());
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
    let reread = Document::read(&state::session_text(&one)).unwrap().write().unwrap();
    assert_eq!(reread, state::session_text(&one), "same session, same bytes");
}
