//! `deepdrummer score`: a folder ranked by a taste profile, by a real process.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::engine::{Levels, MixState};
use deepdrummer_core::export::{Destination, ExportKind, MidiTracks, NoteMap, Piece, Tail, Unroll, export};
use deepdrummer_core::kit::embed::encode;
use deepdrummer_core::kit::{Kit, Role, factory};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Swing};
use deepdrummer_core::runtime::settings;
use deepdrummer_core::taste::profile::Profile;
use deepdrummer_core::taste::{Judgement, Verdict};
use deepdrummer_core::units::{Bpm, SampleRate};
use deepdrummer_tests::artifacts;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

const LANES: [Role; 3] = [Role::Kick, Role::Snare, Role::ClosedHat];

fn kit() -> &'static Kit {
    static KIT: OnceLock<Kit> = OnceLock::new();
    KIT.get_or_init(factory::kit)
}

/// The kit's kicks from the longest to the shortest.
fn kicks() -> Vec<usize> {
    let mut kicks: Vec<usize> = kit().of_role(Role::Kick).iter().map(|&at| at as usize).collect();
    kicks.sort_by(|&a, &b| {
        kit().samples()[b].analysis.decay_s.total_cmp(&kit().samples()[a].analysis.decay_s)
    });
    kicks
}

/// Kicks on the beat or beside it, with some snare and hats.
fn beat(kick: usize, on_the_beat: bool, turn: usize) -> Loop {
    let sample = |role: Role| {
        let members = kit().of_role(role);
        kit().samples()[members[turn * 7 % members.len()] as usize].id
    };
    let mut lanes = LANES.map(|role| Lane::empty(role, sample(role)));
    lanes[0].sample = kit().samples()[kick].id;
    for step in 0..4 {
        lanes[0].hits[4 * step + if on_the_beat { 0 } else { 3 }] = Hit::new(110);
        lanes[1].hits[(4 + 8 * (step % 2) + turn % 3) % 16] = Hit::new(100);
        lanes[2].hits[(2 * step + turn) % 16] = Hit::new(80);
    }
    Loop::new(Grid::default(), Swing::STRAIGHT, &lanes)
}

/// A profile of somebody who likes long kicks on the beat.
fn profile(name: &str) {
    artifacts::enter_own_home();
    let (mut profile, _) = Profile::open(&settings::home().unwrap(), name, 1_000).unwrap();
    let kicks = kicks();
    for turn in 0..48usize {
        let long = turn % 2 == 0;
        let kick = if long { kicks[turn % 12] } else { kicks[kicks.len() - 1 - turn % 12] };
        let on_the_beat = turn % 4 < 2;
        let verdict = Verdict::of(long && on_the_beat);
        let judgement = Judgement::rated(turn as u64 + 1, beat(kick, on_the_beat, turn), verdict);
        profile.record(1, &judgement, 1_000 + turn as u64).unwrap();
    }
}

fn score(arguments: &[&str]) -> Output {
    artifacts::enter_own_home();
    Command::new(artifacts::tool()).arg("score").args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn write_midi(folder: &Path, pattern: &Loop) {
    let piece = Piece {
        number: 1,
        pattern,
        sounds: &[const { None }; MAX_LANES],
        levels: Levels::NONE,
        mix: MixState::of(&LANES),
        rate: SampleRate::CD,
        bpm: Bpm::new(120.0),
        note_map: NoteMap::GeneralMidi,
        midi_tracks: MidiTracks::Lanes,
        tail: Tail::Wrap,
        unroll: Unroll::Round,
    };
    std::fs::create_dir_all(folder).unwrap();
    export(&piece, ExportKind::Midi, Destination::Folder(folder)).unwrap();
}

#[test]
fn one_shots_loops_and_midi_files_are_ranked_by_the_profile() {
    profile("Long kicks");
    let folder = tempfile::tempdir().unwrap();
    let kicks = kicks();
    for (n, &kick) in kicks.iter().enumerate().filter(|(n, _)| *n < 8 || *n >= kicks.len() - 8) {
        let name = format!("Kick {} {n}.wav", if n < 8 { "long" } else { "short" });
        let bytes = encode(&kit().samples()[kick].audio().unwrap()).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    write_midi(&folder.path().join("midi on the beat"), &beat(kicks[0], true, 0));
    write_midi(&folder.path().join("midi beside it"), &beat(kicks[0], false, 0));
    // An audio loop: four hits in two seconds.
    let sound = kit().samples()[kicks[0]].audio().unwrap();
    let mut audio = (*sound).clone();
    (audio.left, audio.right) = (vec![0.0; 96_000], None);
    for hit in 0..4 {
        audio.left[hit * 24_000..].iter_mut().zip(&sound.left).for_each(|(x, y)| *x += y);
    }
    std::fs::write(folder.path().join("loop.wav"), encode(&audio).unwrap()).unwrap();
    std::fs::write(folder.path().join("broken.wav"), b"RIFF").unwrap();
    std::fs::write(folder.path().join("broken.mid"), b"MThd").unwrap();

    let output = score(&[folder.path().to_str().unwrap(), "--profile", "Long kicks", "--csv"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("broken.wav") && told.contains("broken.mid"), "{told}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("rank,file,kind,p_like,sd"));
    let rows: Vec<(String, String, f32)> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 5, "{line}");
            (cells[1].to_owned(), cells[2].to_owned(), cells[3].parse().unwrap())
        })
        .collect();
    assert_eq!(rows.len(), 16 + 2 + 1);
    assert!(rows.windows(2).all(|pair| pair[0].2 >= pair[1].2), "best first: {rows:?}");
    let mean = |word: &str| {
        let of: Vec<f32> = rows.iter().filter(|row| row.0.contains(word)).map(|row| row.2).collect();
        assert!(!of.is_empty(), "{word}");
        of.iter().sum::<f32>() / of.len() as f32
    };
    assert!(mean("Kick long") > mean("Kick short"), "{rows:?}");
    assert!(mean("midi on the beat") > mean("midi beside it"), "{rows:?}");
    assert_eq!(rows.iter().filter(|row| row.1 == "audio loop").count(), 1);

    let table = score(&[folder.path().to_str().unwrap(), "--profile", "Long kicks"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("P(like)") && table.contains("Kick long 0.wav"), "{table}");
}

#[test]
fn a_profile_or_folder_that_is_not_there_is_named() {
    profile("Somebody");
    let folder = tempfile::tempdir().unwrap();
    let output = score(&[folder.path().to_str().unwrap(), "--profile", "Nobody"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(told.contains("Nobody") && told.contains("Somebody"), "{told}");
    let output = score(&[folder.path().to_str().unwrap(), "--profile", "Somebody"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no sound"));
}
