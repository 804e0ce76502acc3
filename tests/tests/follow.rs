//! Notes that come in while Follow is on: the project remembers them, they play nothing, and keys that rate stay keys
//! that rate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::session::riff::{PlayedNote, Riff};
use deepdrummer_tests::audio::first_difference;
use deepdrummer_tests::clap_host::{Input, Library, Plugin, Session, until};
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;
/// Frames of a quarter note at 120 bpm.
const BEAT: usize = 24_000;
/// The middle of a parameter's range, −1 to 1.
const OFF: f64 = 0.5;

/// A plugin that plays this state, with the dial there.
fn open(state: &[u8], follow: f64) -> (Plugin, Session) {
    let mut plugin = Library::linked().open();
    assert!(plugin.load(state));
    let mut session = plugin.activate(RATE, 512);
    session.process(
        512,
        Some(&Transport::stopped(0.0, 120.0)),
        &[(0, Input::Parameter { id: "follow", value: follow })],
    );
    let wanted = (follow * 2.0 - 1.0) as f32;
    until("the dial in the project", || {
        session.process(512, Some(&Transport::stopped(0.0, 120.0)), &[]);
        plugin.idle();
        let now = state::document(&plugin.save()).steering.follow;
        ((now - wanted).abs() < 1e-3).then_some(())
    });
    (plugin, session)
}

/// Plays two bars from the song's bar 4 with these keys pressed, and stops.
fn play(session: &mut Session, keys: &[(usize, u8)]) -> Vec<Vec<f32>> {
    let mut inputs: Vec<(usize, Input)> = Vec::new();
    for &(frame, key) in keys {
        inputs.push((frame, Input::NoteOn { key, velocity: 100.0 / 127.0 }));
        inputs.push((frame + 6_000, Input::NoteOff { key }));
    }
    inputs.sort_by_key(|(frame, _)| *frame);
    let (audio, transport) = session.play(8 * BEAT, 512, Transport::playing(16.0, 120.0), &inputs);
    let stopped = Transport { playing: false, ..transport };
    session.process(512, Some(&stopped), &[]);
    audio
}

/// A bass that lies on keys that play drums: the kick's, the snare's.
const BASS: [(usize, u8); 4] = [(0, 36), (3 * BEAT / 2, 38), (4 * BEAT, 36), (6 * BEAT + BEAT / 4, 33)];

fn remembered(plugin: &mut Plugin, session: &mut Session, notes: usize) -> Riff {
    until("the notes in the project", || {
        session.process(512, Some(&Transport::stopped(0.0, 120.0)), &[]);
        plugin.idle();
        let riff = state::document(&plugin.save()).riff;
        (riff.notes.len() == notes).then_some(riff)
    })
}

#[test]
fn notes_that_come_in_are_remembered_where_they_were_played_and_sound_nothing() {
    let state = state::with_loop(&Library::linked(), |_| {});
    let (mut plugin, mut session) = open(&state, 1.0);
    let with = play(&mut session, &BASS);
    let riff = remembered(&mut plugin, &mut session, 4);
    let note = |bar, beat, key| PlayedNote { bar, beat, key, velocity: 100 };
    let wanted = [note(4, 0.0, 36), note(4, 1.5, 38), note(5, 0.0, 36), note(5, 2.25, 33)];
    assert_eq!(riff, Riff { notes: wanted.to_vec(), ..Riff::default() });
    plugin.deactivate(session);
    let (mut plugin, mut session) = open(&state, 1.0);
    let without = play(&mut session, &[]);
    assert_eq!(first_difference(&with, &without), None, "a bass plays no drums");
    plugin.deactivate(session);
}

#[test]
fn with_the_dial_at_0_notes_play_lanes_and_nothing_is_remembered() {
    let state = state::with_loop(&Library::linked(), |_| {});
    let (mut plugin, mut session) = open(&state, OFF);
    let with = play(&mut session, &BASS);
    plugin.deactivate(session);
    assert_eq!(state::document(&plugin.save()).riff, Riff::default());
    let (mut plugin, mut session) = open(&state, OFF);
    let without = play(&mut session, &[]);
    assert!(first_difference(&with, &without).is_some());
    plugin.deactivate(session);
}

#[test]
fn keys_that_rate_stay_keys_that_rate() {
    let state = state::with_loop(&Library::linked(), |_| {});
    let (mut plugin, mut session) = open(&state, 1.0);
    let _ = play(&mut session, &[(BEAT, 2), (2 * BEAT, 40)]);
    let riff = remembered(&mut plugin, &mut session, 1);
    assert_eq!(riff.notes[0].key, 40);
    until("the like", || {
        plugin.idle();
        (state::document(&plugin.save()).judgements.len() == 1).then_some(())
    });
    plugin.deactivate(session);
}

#[test]
fn a_bounce_remembers_nothing() {
    let state = state::with_loop(&Library::linked(), |_| {});
    let (mut plugin, session) = open(&state, 1.0);
    plugin.deactivate(session);
    plugin.set_offline(true);
    let mut session = plugin.activate(RATE, 512);
    let _ = play(&mut session, &BASS);
    plugin.deactivate(session);
    plugin.set_offline(false);
    let mut session = plugin.activate(RATE, 512);
    let _ = play(&mut session, &BASS[1..2]);
    let riff = remembered(&mut plugin, &mut session, 1);
    assert_eq!(riff.notes[0].key, 38);
    plugin.deactivate(session);
}
