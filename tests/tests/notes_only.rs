//! Notes for another instrument: on the keys of the project's drum map, the same live and in MIDI files, and
//! without sound of our own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::engine::{Levels, MixState};
use deepdrummer_core::export::{MidiTracks, NoteMap, Piece, TICKS_PER_BEAT, Tail, Unroll, midi_file};
use deepdrummer_core::pattern::{Loop, MAX_LANES, Role};
use deepdrummer_core::session::Session;
use deepdrummer_core::session::command::MidiMap;
use deepdrummer_core::units::{Bpm, SampleRate};
use deepdrummer_tests::audio::peak;
use deepdrummer_tests::clap_host::{Input, Library};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{Onset, Wanted, compare, note_ons};
use deepdrummer_tests::transport::Transport;
use midly::{MidiMessage, Smf, TrackEventKind};
use serde_json::json;

const RATE: f64 = 48_000.0;
const BPM: f64 = 120.0;

/// The state with this map in its document, and with or without sound.
fn with_map(state: &[u8], map: Option<MidiMap>, notes_only: bool) -> Vec<u8> {
    let mut document = state::document(state);
    document.midi_map = map;
    let mut json = state::json(&state::with_session_text(state, &document.write().unwrap()));
    json["params"]["notes_only"] = json!({ "bool": notes_only });
    state::bytes(&json)
}

/// The note-ons of a loop's MIDI file, as the project would export it.
fn exported(state: &[u8]) -> (Vec<Onset>, Loop) {
    let document = state::document(state);
    let pattern = state::played(&document);
    let session = Session::from_text(&document.write().unwrap(), document.seed, &[]);
    let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
    let piece = Piece {
        number: 1,
        pattern: &pattern,
        sounds: &[const { None }; MAX_LANES],
        levels: Levels::NONE,
        mix: MixState::of(&roles),
        rate: SampleRate::STUDIO,
        bpm: Bpm::new(BPM),
        note_map: session.note_map(),
        midi_tracks: MidiTracks::One,
        tail: Tail::Wrap,
        unroll: Unroll::Round,
    };
    let lanes: Vec<usize> = (0..roles.len()).collect();
    let bytes = midi_file(&piece, &lanes);
    let smf = Smf::parse(&bytes).unwrap();
    let mut onsets = Vec::new();
    for track in &smf.tracks {
        let mut at = 0;
        for event in track {
            at += u32::from(event.delta);
            if let TrackEventKind::Midi { message: MidiMessage::NoteOn { key, vel }, .. } = event.kind {
                let beats = f64::from(at) / f64::from(TICKS_PER_BEAT);
                onsets.push(Onset { beats, key: key.into(), velocity: f64::from(u8::from(vel)) / 127.0 });
            }
        }
    }
    (onsets, pattern)
}

/// Frame, key and velocity.
type NoteOn = (u64, u8, u8);

/// Plays the loop once.
fn play(state: &[u8], beats: f64) -> (Vec<Vec<f32>>, Vec<NoteOn>) {
    let mut plugin = Library::linked().open();
    assert!(plugin.load(state));
    let mut session = plugin.activate(RATE, 256);
    let frames = (beats * 60.0 / BPM * RATE) as usize;
    let (audio, _) = session.play(frames, 256, Transport::playing(0.0, BPM), &[]);
    let notes = note_ons(&session.take_notes(), 0);
    plugin.deactivate(session);
    (audio, notes)
}

fn maps() -> Vec<Option<MidiMap>> {
    let own = NoteMap::AddictiveDrums.as_own().with_main(Role::Kick, 24).with_main(Role::Snare, 100);
    let own = MidiMap { map: NoteMap::Own(own), name: "My pads".to_owned() };
    let shipped = NoteMap::SHIPPED.map(|map| Some(MidiMap::of(map)));
    shipped.into_iter().chain([Some(own), None]).collect()
}

#[test]
fn with_every_map_notes_out_equal_the_exported_midi_and_nothing_sounds() {
    let library = Library::linked();
    let base = state::with_loop(&library, |pattern| {
        // Straight and on the grid, so that ticks and frames are both exact.
        pattern.lanes_mut().iter_mut().flat_map(|lane| &mut lane.hits).for_each(|hit| hit.offset = 0);
        pattern.swing = deepdrummer_core::pattern::Swing::STRAIGHT;
    });
    let mut all = Vec::new();
    for map in maps() {
        let state = with_map(&base, map.clone(), true);
        let (onsets, pattern) = exported(&state);
        let (audio, notes) = play(&state, pattern.grid.beats());
        let mut wanted: Vec<Wanted> = onsets.iter().map(|onset| Wanted::new(onset, 0.0, BPM, RATE)).collect();
        wanted.sort_by(|a, b| a.key.cmp(&b.key).then(a.frame.total_cmp(&b.frame)));
        assert!(wanted.len() > 4, "{map:?}");
        compare(&notes, &wanted).unwrap_or_else(|words| panic!("{map:?}: {words}"));
        assert!(audio.iter().flatten().all(|sample| *sample == 0.0), "{map:?} is silent");
        all.push(notes);
    }
    assert_ne!(all[0], all[1], "maps have keys of their own");
    assert_eq!(all.last(), all.first(), "without a map it is the machine's, General MIDI");
}

#[test]
fn a_state_from_before_there_was_notes_only_sounds_and_sends_the_same_notes() {
    let base = state::with_loop(&Library::linked(), |_| {});
    let mut json = state::json(&base);
    json["params"].as_object_mut().unwrap().remove("notes_only").expect("new states hold it");
    let older = state::bytes(&json);
    let mut plugin = Library::linked().open();
    assert!(plugin.load(&with_map(&base, None, true)) && plugin.value("notes_only") > 0.5);
    assert!(plugin.load(&older));
    assert_eq!(plugin.value("notes_only"), 0.0, "a project from before sounds");
    let (audio, notes) = play(&older, 4.0);
    let (silence, same) = play(&with_map(&base, None, true), 4.0);
    assert!(peak(&audio) > 0.01 && peak(&silence) == 0.0);
    assert_eq!(notes, same);
}

#[test]
fn switched_while_it_rings_it_fades_within_five_milliseconds_and_comes_back_with_the_next_hit() {
    let state = state::with_loop(&Library::linked(), |_| {});
    let mut plugin = Library::linked().open();
    assert!(plugin.load(&state));
    let mut session = plugin.activate(RATE, 240);
    let on = |value| Input::Parameter { id: "notes_only", value };
    let (audio, transport) = session.play(
        96_000,
        240,
        Transport::playing(0.0, BPM),
        &[(24_000, on(1.0)), (72_000, on(0.0)), (30_000, Input::NoteOn { key: 36, velocity: 1.0 })],
    );
    let peak_of = |from: usize, to: usize| {
        audio.iter().flat_map(|side| &side[from..to]).fold(0.0f32, |peak, x| peak.max(x.abs()))
    };
    assert!(peak_of(0, 24_000) > 0.01);
    // The window's and the mixer's way: 5 ms, and a block until the parameter is there.
    assert_eq!(peak_of(24_000 + 480, 72_000), 0.0, "neither the loop nor a key is heard");
    let step = audio[0][23_900..24_500].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.2, "a step of {step}");
    let (after, _) = session.play(96_000, 240, transport, &[]);
    assert!(peak(&after) > 0.01);
    plugin.deactivate(session);
}

#[test]
fn hosts_name_the_keys_of_the_projects_map() {
    let base = state::with_loop(&Library::linked(), |_| {});
    let mut plugin = Library::linked().open();
    let mut other = Library::linked().open();
    let general_midi = plugin.note_names();
    assert!(general_midi.contains(&(42, "Closed hat".to_owned())));
    let map = MidiMap::of(NoteMap::AddictiveDrums);
    assert!(plugin.load(&with_map(&base, Some(map), false)));
    let session = plugin.activate(RATE, 256);
    let names = deepdrummer_tests::clap_host::until("the map's names", || {
        let names = plugin.note_names();
        (names != general_midi).then_some(names)
    });
    assert!(names.contains(&(49, "Closed hat".to_owned())) && names.contains(&(36, "Kick".to_owned())));
    assert!(names.windows(2).all(|pair| pair[0].0 < pair[1].0), "each key once, from low to high");
    assert_eq!(other.note_names(), general_midi, "each instance has its own");
    plugin.deactivate(session);
}
