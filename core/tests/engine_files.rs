//! Rendered and exported loops are what the engine plays.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{Engine, Enter, Levels, MixState, PreparedSound};
use deepdrummer_core::export::{
    Destination, ExportError, ExportKind, MidiTracks, NoteMap, Piece, TICKS_PER_BEAT, Unroll, export,
    midi_file, sanitized_name,
};
use deepdrummer_core::kit::embed::decode_embedded;
use deepdrummer_core::pattern::{Grid, Loop, MAX_LANES, Meter, Role};
use deepdrummer_core::render::{Rendering, Tail, Take};
use deepdrummer_core::units::{Bpm, Decibels, SampleRate};
use engine_fixture::*;
use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

type Sounds = [Option<Arc<PreparedSound>>; MAX_LANES];

fn open_limiter() -> MixState {
    MixState { limiter: false, ..MixState::default() }
}

fn take<'a>(pattern: &'a Loop, sounds: &'a Sounds, mix: MixState, bpm: f64, tail: Tail) -> Take<'a> {
    Take {
        pattern,
        sounds,
        levels: Levels::NONE,
        mix,
        rate: SampleRate::STUDIO,
        bpm: Bpm::new(bpm),
        bars: None,
        tail,
    }
}

#[test]
fn a_wrapped_render_is_what_a_running_loop_sounds_like() {
    let pattern = busy_loop(8, 1);
    let sounds = sounds(|lane| tone(lane, 30_000 + lane * 20_000));
    let rendered = take(&pattern, &sounds, MixState::default(), 120.0, Tail::Wrap).mix();
    assert_eq!(rendered.frames(), 96_000);
    let mut engine = Engine::new(SampleRate::STUDIO);
    engine.offer(plan(1, Enter::Now, pattern, |lane| sounds[lane].clone().unwrap())).unwrap();
    let (heard, _, _) = run(&mut engine, transport(0.0, 120.0), &[256], 4 * 96_000);
    for (heard, rendered) in heard.main.iter().zip([&rendered.left, &rendered.right]) {
        // Voices may be summed in another order: only rounding differs.
        let differences = heard[3 * 96_000..].iter().zip(rendered).map(|(a, b)| (a - b).abs());
        assert!(differences.fold(0.0, f32::max) < 1e-6);
    }
}

#[test]
fn a_kept_tail_follows_the_bars_and_ends_in_silence() {
    let pattern = kick_on(&[15]);
    let sounds = sounds(|_| tone(0, 50_000));
    let wanted = take(&pattern, &sounds, open_limiter(), 120.0, Tail::Keep);
    let rendered = wanted.mix();
    assert!(rendered.frames() >= 90_000 + sounds[0].as_ref().unwrap().frames());
    assert!(rendered.frames() <= 90_000 + 52_000);
    assert!(rendered.left[..90_000].iter().all(|value| *value == 0.0));
}

#[test]
fn stems_line_up_and_sum_to_the_mix_below_minus_120_dbfs() {
    let pattern = busy_loop(8, 2);
    let sounds = sounds(|lane| tone(lane, 20_000 + lane * 9000));
    let mut mix = open_limiter();
    mix.output = Decibels(-4.0);
    for (lane, of) in mix.lanes.iter_mut().enumerate() {
        of.pan = lane as f32 / 4.0 - 1.0;
        of.level = Decibels(lane as f32 - 5.0);
    }
    mix.lanes[3].mute = true;
    for tail in [Tail::Wrap, Tail::Keep] {
        let wanted = take(&pattern, &sounds, mix, 123.4, tail);
        let (whole, stems) = (wanted.mix(), wanted.stems());
        let sum = |of: fn(&Rendering) -> &[f32]| -> f32 {
            let error = (0..whole.frames()).map(|frame| {
                let stems: f64 = stems.iter().map(|stem| f64::from(of(stem)[frame])).sum();
                (stems - f64::from(of(&whole)[frame])).abs() as f32
            });
            error.fold(0.0, f32::max)
        };
        assert!(stems.iter().all(|stem| stem.frames() == whole.frames()));
        let worst = sum(|of| &of.left).max(sum(|of| &of.right));
        println!("worst difference {:.1} dBFS", 20.0 * worst.log10());
        assert!(worst < 1e-6, "{worst}");
        assert!(stems[3].peak() == 0.0 && stems[1].peak() > 0.01);
        assert!(wanted.lane(3).peak() > 0.01, "one lane by itself is heard though it is muted");
    }
}

/// Sounds that no mathematics library has a part in, so that their bits are the same everywhere;
/// stereo for odd numbers.
fn noise(number: u64) -> Arc<PreparedSound> {
    let channel = |seed: u64| {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed);
        let mut level = 0.5f32;
        (0..4000 + 1500 * number as usize)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                level *= 0.9993;
                level * ((state >> 40) as f32 / 8_388_608.0 - 1.0)
            })
            .collect()
    };
    Arc::new(PreparedSound::new(channel(number + 1), (number % 2 == 1).then(|| channel(number + 101))))
}

#[test]
fn the_golden_render_is_the_same_bit_for_bit() {
    let pattern = busy_loop(8, 2);
    let sounds = sounds(|lane| noise(lane as u64));
    let rendered = take(&pattern, &sounds, MixState::default(), 127.0, Tail::Wrap).mix();
    let rms = |channel: &[f32]| {
        (channel.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / channel.len() as f64).sqrt()
    };
    // Tolerant statistics first: they say what changed where the hash only says that something did.
    assert_eq!(rendered.frames(), 181_417);
    let (left, right) = (rms(&rendered.left), rms(&rendered.right));
    println!("rms {left} {right}, peak {}", rendered.peak());
    assert!((left - GOLDEN_RMS[0]).abs() < 1e-4 && (right - GOLDEN_RMS[1]).abs() < 1e-4, "{left} {right}");
    assert!((rendered.peak() - GOLDEN_PEAK).abs() < 1e-4, "{}", rendered.peak());
    let bytes: Vec<u8> =
        rendered.left.iter().chain(&rendered.right).flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(blake3::hash(&bytes).to_hex().as_str(), GOLDEN_HASH);
}

const GOLDEN_RMS: [f64; 2] = [0.070_240, 0.070_828];
const GOLDEN_PEAK: f32 = 0.988_553;
const GOLDEN_HASH: &str = "5db6cdd4f2af7fa037060da84ef20e7157e47f95d1f2b6898efe7886616886aa";

fn piece<'a>(pattern: &'a Loop, sounds: &'a Sounds, bpm: f64) -> Piece<'a> {
    Piece {
        number: 42,
        pattern,
        sounds,
        levels: Levels::NONE,
        mix: open_limiter(),
        rate: SampleRate::STUDIO,
        bpm: Bpm::new(bpm),
        note_map: NoteMap::ChromaticC1,
        midi_tracks: MidiTracks::Lanes,
        tail: Tail::Wrap,
        unroll: Unroll::Round,
    }
}

/// A track's name, its note-ons (tick, key, velocity), and the tick of its end.
fn read_track(track: &[midly::TrackEvent<'_>]) -> (String, Vec<(u32, u8, u8)>, u32) {
    let (mut at, mut name, mut notes, mut on) = (0, String::new(), Vec::new(), 0u128);
    for event in track {
        at += event.delta.as_int();
        match event.kind {
            TrackEventKind::Meta(MetaMessage::TrackName(text)) => {
                name = String::from_utf8(text.to_vec()).unwrap()
            }
            TrackEventKind::Midi { channel, message } => {
                assert_eq!(channel.as_int(), 9);
                match message {
                    MidiMessage::NoteOn { key, vel } => {
                        assert_eq!(on & (1 << key.as_int()), 0);
                        on |= 1 << key.as_int();
                        notes.push((at, key.as_int(), vel.as_int()));
                    }
                    MidiMessage::NoteOff { key, .. } => on &= !(1 << key.as_int()),
                    _ => panic!("{message:?}"),
                }
            }
            _ => {}
        }
    }
    assert_eq!(on, 0, "a note without its end");
    assert!(matches!(track.last().unwrap().kind, TrackEventKind::Meta(MetaMessage::EndOfTrack)));
    (name, notes, at)
}

#[test]
fn a_midi_file_says_tempo_meter_names_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let grid = Grid { bars: 2, steps_per_bar: 12, meter: Meter { numerator: 6, denominator: 8 } };
    let (pattern, sounds) = (busy_loop(6, 2).regridded(grid), sounds(|_| impulse()));
    let mut of = piece(&pattern, &sounds, 93.5);
    of.note_map = NoteMap::GeneralMidi;
    of.mix.lanes[1].mute = true;
    let files = export(&of, ExportKind::Midi, Destination::Folder(folder.path())).unwrap();
    assert_eq!(files, [folder.path().join("DeepDrummer 0042 93.5bpm.mid")]);
    let bytes = std::fs::read(&files[0]).unwrap();
    let smf = Smf::parse(&bytes).unwrap();
    assert_eq!(smf.header.timing, Timing::Metrical(TICKS_PER_BEAT.into()));
    let head: Vec<_> = smf.tracks[0].iter().map(|event| event.kind).collect();
    assert!(head.contains(&TrackEventKind::Meta(MetaMessage::Tempo(641_711.into()))), "{head:?}");
    assert!(head.contains(&TrackEventKind::Meta(MetaMessage::TimeSignature(6, 3, 24, 8))), "{head:?}");
    let tracks: Vec<_> = smf.tracks[1..].iter().map(|track| read_track(track)).collect();
    let names: Vec<&str> = tracks.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["kick", "clap", "closed hat", "open hat", "tom"], "the muted snare is not heard");
    assert!(tracks.iter().all(|(_, _, end)| *end == 6 * u32::from(TICKS_PER_BEAT)));
    assert_eq!(read_track(&smf.tracks[0]).2, 6 * u32::from(TICKS_PER_BEAT));
    assert!(tracks[0].1.iter().all(|(_, key, _)| *key == Role::Kick.midi_note()));
}

#[test]
fn a_midi_file_of_one_track_holds_the_notes_of_all_lanes() {
    let (pattern, sounds) = (busy_loop(6, 2), sounds(|_| impulse()));
    let mut of = piece(&pattern, &sounds, 124.0);
    let lanes: Vec<usize> = (0..6).collect();
    let apart = midi_file(&of, &lanes);
    of.midi_tracks = MidiTracks::One;
    let together = midi_file(&of, &lanes);
    let (apart, together) = (Smf::parse(&apart).unwrap(), Smf::parse(&together).unwrap());
    assert_eq!((together.header.format, together.tracks.len()), (midly::Format::SingleTrack, 1));
    let mut wanted: Vec<_> = apart.tracks.iter().flat_map(|track| read_track(track).1).collect();
    wanted.sort_unstable();
    let (name, mut notes, end) = read_track(&together.tracks[0]);
    notes.sort_unstable();
    assert_eq!((name.as_str(), notes), ("DeepDrummer 0042 124bpm", wanted));
    assert_eq!(end, 8 * u32::from(TICKS_PER_BEAT));
    let tempo = |track: &[midly::TrackEvent<'_>]| {
        track.iter().any(|event| matches!(event.kind, TrackEventKind::Meta(MetaMessage::Tempo(_))))
    };
    assert!(tempo(&together.tracks[0]));
    assert_eq!(Smf::parse(&midi_file(&of, &[2])).unwrap().tracks.len(), 2, "one lane is a track of its own");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_midi_file_says_what_the_engine_plays(pattern in any_loop(), bpm in 60.0f64..240.0) {
        let rate = SampleRate::STUDIO;
        let sounds = sounds(|_| impulse());
        let mut of = piece(&pattern, &sounds, bpm);
        of.mix = open_mix();
        let folder = tempfile::tempdir().unwrap();
        let files = export(&of, ExportKind::Midi, Destination::Folder(folder.path())).unwrap();
        let bytes = std::fs::read(&files[0]).unwrap();
        let smf = Smf::parse(&bytes).unwrap();
        let mut engine = Engine::new(rate);
        engine.set_mix(open_mix());
        engine.offer(plan(1, Enter::Now, pattern, |_| impulse())).unwrap();
        let wanted = Take { pattern: &pattern, sounds: &sounds, levels: of.levels, mix: of.mix, rate, bpm: of.bpm, bars: None, tail: Tail::Wrap };
        let stems = wanted.stems();
        let frames_per_tick = of.bpm.frames_per_beat(rate) / f64::from(TICKS_PER_BEAT);
        for (lane, stem) in stems.iter().enumerate() {
            let (_, notes, end) = read_track(&smf.tracks[lane + 1]);
            prop_assert_eq!(f64::from(end), (pattern.grid.beats() * f64::from(TICKS_PER_BEAT)).round());
            // Sum of what sounds within a tick and a frame of each note, and of what sounds at all.
            let mut expected = vec![0.0f64; stem.frames()];
            for (tick, key, velocity) in &notes {
                prop_assert_eq!(usize::from(*key), 36 + lane);
                let at = f64::from(*tick) * frames_per_tick;
                // A hit just before the first step may round to the first frame: the loop's end is its start.
                let reach = frames_per_tick + 1.0;
                let mut near = (at - reach).ceil() as i64..=(at + reach) as i64;
                let found = near.any(|frame| {
                    let frame = frame.rem_euclid(stem.frames() as i64) as usize;
                    (f64::from(stem.left[frame]) - (f64::from(*velocity) / 127.0).powi(2)).abs() < 1e-6
                });
                let shared = notes.iter().filter(|(other, ..)| f64::from(other.abs_diff(*tick)) * frames_per_tick < 2.0).count() > 1;
                prop_assert!(found || shared, "lane {} tick {} velocity {}", lane, tick, velocity);
                expected[(at.round() as usize).min(stem.frames() - 1)] += (f64::from(*velocity) / 127.0).powi(2);
            }
            let total: f64 = stem.left.iter().map(|value| f64::from(*value)).sum();
            prop_assert!((total - expected.iter().sum::<f64>()).abs() < 1e-3, "lane {}", lane);
        }
    }

    #[test]
    fn no_name_leaves_its_folder(name in ".{0,300}") {
        let clean = sanitized_name(&name);
        prop_assert!(!clean.is_empty() && clean.chars().count() <= 105);
        let path = Path::new("folder").join(format!("{clean}.wav"));
        prop_assert_eq!(path.parent(), Some(Path::new("folder")));
        prop_assert_eq!(path.components().count(), 2);
        prop_assert!(!clean.contains(['/', '\\', ':', '\0']));
    }
}

#[test]
fn names_that_mean_something_to_a_system_are_changed() {
    for (name, expected) in [
        ("..", "loop"),
        ("", "loop"),
        ("con", "loop con"),
        ("COM1.x", "loop COM1.x"),
        ("a/../b", "a-..-b"),
        (".hidden ", "hidden"),
    ] {
        assert_eq!(sanitized_name(name), expected);
    }
}

#[test]
fn a_wav_file_holds_exactly_the_bars_in_24_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (pattern, sounds) = (busy_loop(6, 2), sounds(|lane| tone(lane, 20_000)));
    let of = piece(&pattern, &sounds, 124.0);
    let files = export(&of, ExportKind::Audio, Destination::Folder(folder.path())).unwrap();
    assert_eq!(files, [folder.path().join("DeepDrummer 0042 124bpm.wav")]);
    let mut reader = hound::WavReader::open(&files[0]).unwrap();
    let spec = reader.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 48_000, 24));
    assert_eq!(reader.duration(), 185_806);
    let expected = take(&pattern, &sounds, open_limiter(), 124.0, Tail::Wrap).mix();
    let read: Vec<i32> = reader.samples::<i32>().map(Result::unwrap).collect();
    for (pair, (left, right)) in read.chunks(2).zip(expected.left.iter().zip(&expected.right)) {
        assert!((pair[0] as f32 / 8_388_607.0 - left).abs() < 1.2e-7);
        assert!((pair[1] as f32 / 8_388_607.0 - right).abs() < 1.2e-7);
    }
}

/// What a chunk of a WAV file holds.
fn chunk<'a>(bytes: &'a [u8], name: &[u8; 4]) -> &'a [u8] {
    let mut at = 12;
    loop {
        let size = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
        if &bytes[at..at + 4] == name {
            return &bytes[at + 8..at + 8 + size];
        }
        at += 8 + size + size % 2;
    }
}

#[test]
fn audio_files_are_plain_wav_and_tell_samplers_their_loop() {
    let folder = tempfile::tempdir().unwrap();
    let (pattern, sounds) = (busy_loop(2, 2), sounds(|lane| tone(lane, 20_000)));
    let mut of = piece(&pattern, &sounds, 124.0);
    let word = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let check = |path: &Path, format: u16| {
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(chunk(&bytes, b"fmt ")[..2], format.to_le_bytes(), "PCM or IEEE float, never EXTENSIBLE");
        let (smpl, acid) = (chunk(&bytes, b"smpl"), chunk(&bytes, b"acid"));
        // Two bars of 4/4 at 124 bpm are 185,806 frames, whatever tail is kept behind them.
        assert_eq!((word(smpl, 12), word(smpl, 28), word(smpl, 44), word(smpl, 48)), (60, 1, 0, 185_805));
        assert_eq!((word(acid, 0) & 1, word(acid, 12), f32::from_bits(word(acid, 20))), (0, 8, 124.0));
        // One of the lanes has no hits; it is as long as the others.
        let read = decode_embedded(bytes).unwrap();
        assert_eq!((read.rate, read.left.len() >= 185_806), (SampleRate::STUDIO, true));
    };
    for (tail, kind) in [
        (Tail::Wrap, ExportKind::Audio),
        (Tail::Keep, ExportKind::Audio),
        (Tail::Wrap, ExportKind::LaneAudio(1)),
    ] {
        of.tail = tail;
        let files = export(&of, kind, Destination::Folder(folder.path())).unwrap();
        files.iter().for_each(|path| check(path, 1));
    }
    let stems = export(&of, ExportKind::Stems, Destination::Folder(folder.path())).unwrap();
    assert_eq!(stems.len(), 2);
    stems.iter().for_each(|path| check(path, 1));
    of.mix.output = Decibels(24.0);
    let files = export(&of, ExportKind::Audio, Destination::Folder(folder.path())).unwrap();
    files.iter().for_each(|path| check(path, 3));
}

#[test]
fn sound_above_full_scale_is_written_as_float_and_not_clipped() {
    let folder = tempfile::tempdir().unwrap();
    let (pattern, sounds) = (busy_loop(8, 1), sounds(|lane| tone(lane, 20_000)));
    let mut of = piece(&pattern, &sounds, 124.0);
    of.mix.output = Decibels(12.0);
    let files = export(&of, ExportKind::Audio, Destination::Folder(folder.path())).unwrap();
    let mut reader = hound::WavReader::open(&files[0]).unwrap();
    assert_eq!(reader.spec().sample_format, hound::SampleFormat::Float);
    let peak = reader.samples::<f32>().map(Result::unwrap).fold(0.0f32, |peak, value| peak.max(value.abs()));
    assert!(peak > 1.5, "{peak}");
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn stems_have_readable_names_and_no_file_is_ever_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("made").join("on demand");
    let (pattern, sounds) = (busy_loop(3, 1), sounds(|lane| tone(lane, 3000)));
    let of = piece(&pattern, &sounds, 124.0);
    let first = export(&of, ExportKind::Stems, Destination::Folder(&inside)).unwrap();
    let base = ["kick", "snare", "clap"].map(|lane| format!("DeepDrummer 0042 124bpm {lane}.wav"));
    assert_eq!(names(&first), base);
    std::fs::write(&first[1], "the person's own").unwrap();
    let second = export(&of, ExportKind::Stems, Destination::Folder(&inside)).unwrap();
    assert_eq!(names(&second), base.map(|name| name.replace(".wav", " (2).wav")));
    assert_eq!(std::fs::read_to_string(&first[1]).unwrap(), "the person's own");
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 6, "no temporary file is left");
    let one = export(&of, ExportKind::LaneMidi(2), Destination::Folder(&inside)).unwrap();
    assert_eq!(names(&one), ["DeepDrummer 0042 124bpm clap.mid"]);
}

#[test]
fn save_as_writes_exactly_the_file_that_was_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.mid");
    std::fs::write(&file, "old").unwrap();
    let (pattern, sounds) = (busy_loop(3, 1), sounds(|_| impulse()));
    let files =
        export(&piece(&pattern, &sounds, 100.0), ExportKind::Midi, Destination::Exactly(&file)).unwrap();
    assert_eq!(files, std::slice::from_ref(&file));
    assert!(Smf::parse(&std::fs::read(&file).unwrap()).is_ok());
}

#[test]
fn errors_say_what_was_attempted_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let (pattern, sounds) = (busy_loop(3, 1), sounds(|_| impulse()));
    let mut of = piece(&pattern, &sounds, 100.0);
    let error = export(&of, ExportKind::Midi, Destination::Folder(&file)).unwrap_err();
    assert!(matches!(error, ExportError::Folder { .. }) && error.to_string().contains("a file"), "{error}");
    let error = export(&of, ExportKind::LaneAudio(3), Destination::Folder(folder.path())).unwrap_err();
    assert!(matches!(error, ExportError::NoLane { lane: 4 }));
    of.mix.lanes.iter_mut().for_each(|lane| lane.mute = true);
    let error = export(&of, ExportKind::Stems, Destination::Folder(folder.path())).unwrap_err();
    assert!(matches!(error, ExportError::NothingHeard));
    let slow = Loop::new(
        Grid { bars: 4, steps_per_bar: 16, meter: Meter { numerator: 16, denominator: 2 } },
        pattern.swing,
        pattern.lanes(),
    );
    let mut of = piece(&slow, &sounds, 10.0);
    of.rate = SampleRate::new(192_000.0);
    let error = export(&of, ExportKind::Audio, Destination::Folder(folder.path())).unwrap_err();
    assert!(matches!(error, ExportError::TooLong { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
