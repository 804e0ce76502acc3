//! Untrusted bytes: good ones, damaged at random, and plain noise. `DEEPDRUMMER_PROPERTY_SEED` repeats a
//! run, `DEEPDRUMMER_PROPERTY_CASES` makes it longer. `fuzz/` looks for worse with coverage as its guide.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod untrusted;

use deepdrummer_core::critic::nn::weights::{self, Named};
use deepdrummer_core::engine::{Levels, MixState};
use deepdrummer_core::export::{self, MidiTracks, NoteMap, Piece, Tail, Unroll};
use deepdrummer_core::pattern::{Loop, MAX_LANES, Role, SampleId, notation};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::runtime::settings::Machine;
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::preset::{Library, Preset};
use deepdrummer_core::units::{Bpm, SampleRate, Seed};
use std::path::{Path, PathBuf};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Runs a check over many damaged copies of good bytes, and tells how to repeat a failure.
fn over_damaged(good: &[Vec<u8>], cases: u64, check: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    let seed = number("DEEPDRUMMER_PROPERTY_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let cases = number("DEEPDRUMMER_PROPERTY_CASES").unwrap_or(cases);
    for case in 0..cases {
        let mut rng = Rng::stream(Seed(seed), "damage", case);
        let bytes = damaged(good, &mut rng);
        let whole = std::panic::catch_unwind(|| check(&bytes));
        if let Err(panic) = whole {
            println!("case {case}, DEEPDRUMMER_PROPERTY_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// A good one, cut, spliced, with bytes, digits and numbers changed; now and then noise.
fn damaged(good: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = good[rng.below(good.len())].clone();
    for _ in 0..=rng.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.below(bytes.len());
        match rng.below(9) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << rng.below(8),
            2 => bytes[at] = rng.below(256) as u8,
            3 => {
                let to = (at + rng.below(64)).min(bytes.len());
                bytes.drain(at..to);
            }
            4 => {
                let from = rng.below(bytes.len());
                let piece: Vec<u8> = bytes[from..].iter().copied().take(64).collect();
                bytes.splice(at..at, piece);
            }
            5 => {
                let wild =
                    ["-1", "1e999", "null", "99999999999999999999", "\"\\u0000\"", "[", "{}", "0.0000001"];
                bytes.splice(at..at, wild[rng.below(wild.len())].bytes());
            }
            // A number becomes another one where it stands, so that the text goes on being read.
            6 | 7 => {
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    bytes[at + digit] = b'0' + rng.below(10) as u8;
                }
            }
            _ => bytes = (0..rng.below(600)).map(|_| rng.below(256) as u8).collect(),
        }
    }
    bytes
}

fn stored_project(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_project_is_read_or_kept() {
    let good = [
        "session_v1.json",
        "session_v2.json",
        "session_v3.json",
        "session_v4.json",
        "session_v5.json",
        "session_v6.json",
    ]
    .map(|name| stored_project(name).into_bytes());
    over_damaged(&good, 1_000, untrusted::project);
}

#[test]
fn json_is_taken_apart_whole_and_any_text_is_a_path() {
    let odd: [&[u8]; 3] = [
        br"%bytes:/kits/kick%E4.wav",
        br"%wtf16:C:\kits\kick%D800.wav",
        br#"{"a":[1,{"b":"}"}],"c":-1e999}"#,
    ];
    let good: Vec<Vec<u8>> = odd.iter().map(|bytes| bytes.to_vec()).collect();
    over_damaged(&good, 20_000, untrusted::parts);
}

#[test]
fn a_loop_in_text_is_read_or_refused() {
    let document = Document::read(&stored_project("session_v1.json")).unwrap();
    let good: Vec<Vec<u8>> =
        document.history.entries().iter().map(|entry| notation::write(&entry.pattern).into_bytes()).collect();
    over_damaged(&good, 20_000, untrusted::line);
}

#[test]
fn a_preset_is_read_or_refused() {
    let factory = Library::factory();
    let folders = KitChoice::Folders(vec!["/sounds/drums".into(), "/more sounds".into()]);
    let own = Preset { kit: folders, ..factory.all[0].preset.clone() };
    let shipped = factory.all.iter().step_by(3).map(|listed| &listed.preset);
    let good: Vec<Vec<u8>> =
        shipped.chain([&own]).map(|preset| preset.write().unwrap().into_bytes()).collect();
    over_damaged(&good, 20_000, untrusted::preset);
}

#[test]
fn a_drum_map_is_read_or_refused() {
    let good: Vec<Vec<u8>> =
        NoteMap::SHIPPED.iter().map(|map| map.as_own().write().unwrap().into_bytes()).collect();
    over_damaged(&good, 20_000, untrusted::drum_map);
}

#[test]
fn a_sound_file_is_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kit/load/fixtures");
    let mut good: Vec<Vec<u8>> = ["tone.mp3", "tone.flac", "tone.ogg"]
        .iter()
        .map(|name| std::fs::read(folder.join(name)).unwrap())
        .collect();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut wav, spec).unwrap();
    for n in 0..2_000 {
        writer.write_sample(((f64::from(n) * 0.1).sin() * 4e6) as i32).unwrap();
    }
    writer.finalize().unwrap();
    good.push(wav.into_inner());
    // Shells of every kind around the same tone, and one that is compressed in blocks.
    let chunk = |name: &[u8], size: [u8; 4], body: &[u8]| [name, &size, body].concat();
    let big = |name: &[u8], body: &[u8]| chunk(name, (body.len() as u32).to_be_bytes(), body);
    let little = |name: &[u8], body: &[u8]| chunk(name, (body.len() as u32).to_le_bytes(), body);
    let tone: Vec<u8> =
        (0..800).flat_map(|n| (((f64::from(n) * 0.1).sin() * 2e4) as i16).to_be_bytes()).collect();
    let common = b"\0\x01\0\0\x03\x20\0\x10\x40\x0e\xac\x44\0\0\0\0\0\0";
    let form = [b"AIFF".to_vec(), big(b"COMM", common), big(b"SSND", &[&[0; 8], &tone[..]].concat())];
    good.push(big(b"FORM", &form.concat()));
    let mp3 = good[0].clone();
    let inside = b"\x55\0\x01\0\x44\xac\0\0\0\x40\0\0\x01\0\0\0\0\0";
    let riff = [b"WAVE".to_vec(), little(b"fmt ", inside), little(b"data", &mp3)];
    good.push(little(b"RIFF", &riff.concat()));
    let blocks = b"\x11\0\x01\0\x44\xac\0\0\0\x40\0\0\x24\0\x04\0\x02\0\x41\0";
    let riff = [b"WAVE".to_vec(), little(b"fmt ", blocks), little(b"data", &tone[..1_440])];
    good.push(little(b"RIFF", &riff.concat()));
    over_damaged(&good, 1_500, untrusted::sound);
}

#[test]
fn a_taste_profile_is_taken_in_whole_or_not_at_all() {
    let stored: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/profile_v1.sqlite3");
    let good = std::fs::read(stored).unwrap();
    over_damaged(&[good], 60, |bytes| {
        let folder = tempfile::tempdir().unwrap();
        untrusted::profile(bytes, folder.path());
    });
}

fn exported(pattern: &Loop) -> Vec<u8> {
    let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
    let piece = Piece {
        number: 1,
        pattern,
        sounds: &[const { None }; MAX_LANES],
        levels: Levels::NONE,
        mix: MixState::of(&roles),
        rate: SampleRate::STUDIO,
        bpm: Bpm::DEFAULT,
        note_map: NoteMap::GeneralMidi,
        midi_tracks: MidiTracks::Lanes,
        tail: Tail::Wrap,
        unroll: Unroll::Round,
    };
    export::midi_file(&piece, &(0..roles.len()).collect::<Vec<_>>())
}

#[test]
fn a_midi_file_is_read_or_refused() {
    let document = Document::read(&stored_project("session_v1.json")).unwrap();
    let good: Vec<Vec<u8>> =
        document.history.entries().iter().map(|entry| exported(&entry.pattern)).collect();
    over_damaged(&good, 20_000, untrusted::midi);
}

#[test]
fn what_a_scan_remembers_is_used_or_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    // A good one is what a scan wrote, without its checksum, which the check sets right.
    untrusted::scan_cache(b"", folder.path());
    let mut good = std::fs::read(folder.path().join("sounds.cache")).unwrap();
    good.truncate(good.len() - 32);
    assert!(good.len() > 300, "there is an entry");
    over_damaged(&[good], 500, |bytes| untrusted::scan_cache(bytes, folder.path()));
}

#[test]
fn settings_are_read_or_set_aside() {
    let home = tempfile::tempdir().unwrap();
    let mut machine = Machine::default();
    machine.remember_kit(Path::new("/sounds"));
    machine.roles.set(SampleId(7), Role::Tom);
    machine.write(home.path()).unwrap();
    let good = std::fs::read(home.path().join("settings.json")).unwrap();
    over_damaged(&[good], 300, |bytes| untrusted::settings(bytes, home.path()));
}

#[test]
fn weights_of_a_network_are_read_or_refused() {
    let tensors = [
        Named { name: "first".to_owned(), shape: vec![3, 4], values: (0..12).map(|n| n as f32).collect() },
        Named { name: "second".to_owned(), shape: vec![2], values: vec![0.5, -0.25] },
    ];
    let mut good = weights::write(&tensors).unwrap();
    good.truncate(good.len() - 32);
    over_damaged(&[good], 20_000, untrusted::weights);
}

#[test]
fn whatever_a_host_says_the_sound_is_finite_and_every_note_ends() {
    let noise: Vec<u8> = (0..2_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    over_damaged(&[noise, vec![0; 600], vec![0xff; 600]], 2_000, untrusted::host);
}
