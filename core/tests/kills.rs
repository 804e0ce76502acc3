//! An instance in a process of its own is killed at random moments: in the middle of ratings, of saving
//! settings, of exports, of scans. What it had acknowledged is there, and no file is half written.
//!
//! As many kills as `DEEPDRUMMER_KILLS` says, 24 unless it does; `DEEPDRUMMER_KILL_SEED` repeats a run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod children;
mod runtime_fixture;

use children::{Running, Task, tell};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::runtime::settings::Machine;
use deepdrummer_core::session::command::{Command, ExportKind, ExportSettings, KitChoice};
use deepdrummer_core::session::view::Settings;
use deepdrummer_core::taste::profile::Profile;
use deepdrummer_core::units::Seed;
use runtime_fixture::{Song, write_sounds};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Not a test of its own: what children run until they are killed, in the folders `home`, `sounds`,
/// `more sounds` and `exports`.
#[test]
fn child() {
    let Some(Task { folder, number: seed, .. }) = children::task() else { return };
    let mut rng = Rng::stream(Seed(seed), "child", 0);
    tell("begin");
    let mut song = Song::start(seed, Some(&folder.join("home")), &folder.join("sounds"));
    let export = ExportSettings { folder: Some(folder.join("exports")), ..ExportSettings::default() };
    assert!(song.handle().send(Command::SetExport(export)));
    let mut told = BTreeSet::new();
    for ticket in 1.. {
        match rng.below(5) {
            0 | 1 => {
                tell("rating");
                song.rate_and_move_on(rng.below(2) == 0);
            }
            2 => {
                let zoom_percent = 75 + rng.below(126) as u16;
                tell(format_args!("saving {zoom_percent}"));
                let settings = Settings { zoom_percent, ..Settings::default() };
                assert!(song.handle().send(Command::SetSettings(settings)));
                song.play_until("the settings are saved", |song| {
                    song.handle().view().settings.zoom_percent == zoom_percent
                });
                tell(format_args!("saved {zoom_percent}"));
            }
            3 => {
                let kind = [ExportKind::Audio, ExportKind::Midi, ExportKind::Stems][rng.below(3)];
                tell("exporting");
                assert!(song.handle().send(Command::Export {
                    ticket,
                    id: None,
                    kind,
                    to: None,
                    dragged: false
                }));
                song.play_until("the files are written", |song| {
                    song.handle().view().exported.iter().any(|exported| exported.ticket == ticket)
                });
                let view = song.handle().view();
                let exported = view.exported.iter().find(|exported| exported.ticket == ticket).unwrap();
                for file in &exported.files {
                    tell(format_args!("exported {}", file.display()));
                }
            }
            _ => {
                let name = ["sounds", "more sounds"][rng.below(2)];
                tell("scanning");
                let choice = KitChoice::Folders(vec![folder.join(name)]);
                assert!(song.handle().send(Command::ChooseKit(choice)));
                // Not waited for: what comes next comes in the middle of it.
            }
        }
        for judgement in song.document().judgements {
            if told.insert(judgement.serial) {
                tell(format_args!("said {}", judgement.serial));
            }
        }
    }
}

/// What children said that they had done.
#[derive(Default)]
struct Acknowledged {
    /// Judgements of the present child.
    said: BTreeSet<u64>,
    exported: BTreeSet<PathBuf>,
    /// The zoom that was saved last, and those that may have been saved since.
    zooms: Vec<u16>,
    /// What was going on when a child was killed, and how often.
    killed_while: std::collections::BTreeMap<String, usize>,
}

impl Acknowledged {
    fn take(&mut self, line: &str) {
        let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
        match what {
            "said" => drop(self.said.insert(rest.parse().unwrap())),
            "exported" => drop(self.exported.insert(PathBuf::from(rest))),
            "saving" => self.zooms.push(rest.parse().unwrap()),
            "saved" => self.zooms = vec![rest.parse().unwrap()],
            _ => {}
        }
    }
}

#[test]
fn what_was_acknowledged_is_whole_after_an_instance_is_killed() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("DEEPDRUMMER_KILLS").unwrap_or(24);
    let seed = number("DEEPDRUMMER_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("{kills} kills, DEEPDRUMMER_KILL_SEED={seed}");
    let mut rng = Rng::stream(Seed(seed), "kills", 1);
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    write_sounds(&folder.join("sounds"));
    write_sounds(&folder.join("more sounds"));
    let mut all = Acknowledged { zooms: vec![Settings::default().zoom_percent], ..Acknowledged::default() };
    let mut checked = 0;
    let mut next_word = Instant::now() + Duration::from_secs(10);
    for kill in 1..=kills {
        let origin = seed.wrapping_add(kill) % 1_000_000_007;
        let mut running = Running::start("work", folder, origin);
        all.said.clear();
        let mut last = String::new();
        for _ in 0..rng.below(16) {
            last = running.line().expect("the child goes on until it is killed");
            all.take(&last);
        }
        for spin in 0..rng.below(4_000_000) {
            std::hint::black_box(spin);
        }
        // What it had acknowledged before it died is in the pipe.
        for line in running.kill() {
            all.take(&line);
            last = line;
        }
        let doing = last.split(' ').next().unwrap_or("").to_owned();
        *all.killed_while.entry(doing).or_default() += 1;
        let told = format!("seed {seed}, kill {kill}");
        checked += check(folder, origin, &mut all, &told);
        if Instant::now() >= next_word {
            println!("{kill} of {kills} kills survived");
            next_word += Duration::from_secs(10);
        }
    }
    println!("{kills} kills survived, {checked} things checked; the last words were {:?}", all.killed_while);
    let left = std::fs::read_dir(folder.join("exports")).map_or(0, |entries| {
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count()
    });
    println!("{left} unfinished files were left hidden in the export folder");
}

/// Everything that must hold after a kill; says how many things were looked at.
fn check(folder: &Path, origin: u64, all: &mut Acknowledged, told: &str) -> usize {
    let home = folder.join("home");
    let (profile, warning) = Profile::open(&home, "My taste", 0).unwrap();
    assert!(warning.is_none(), "{told}: {warning:?}");
    let held: BTreeSet<u64> = profile
        .all(1_000_000)
        .unwrap()
        .iter()
        .filter(|stored| stored.key.origin == origin)
        .map(|stored| stored.key.serial)
        .collect();
    let lost: Vec<&u64> = all.said.difference(&held).collect();
    assert!(lost.is_empty(), "{told}: judgements {lost:?} are lost");

    let zoom = Machine::read(&home).unwrap_or_else(|error| panic!("{told}: {error}")).settings.zoom_percent;
    assert!(all.zooms.contains(&zoom), "{told}: zoom {zoom}, of {:?}", all.zooms);
    all.zooms = vec![zoom];

    let mut files = 0;
    for entry in std::fs::read_dir(folder.join("exports")).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|ending| ending == "mid") {
            let smf = midly::Smf::parse(&bytes);
            assert!(smf.is_ok_and(|smf| smf.tracks.len() > 1), "{told}: {} is no MIDI file", path.display());
        } else {
            let reader = hound::WavReader::new(&bytes[..]);
            let mut reader = reader.unwrap_or_else(|error| panic!("{told}: {}: {error}", path.display()));
            let length = reader.len();
            // Lanes by themselves may be louder than full scale, and are then written as they are.
            let read = match reader.spec().sample_format {
                hound::SampleFormat::Int => reader.samples::<i32>().filter(Result::is_ok).count(),
                hound::SampleFormat::Float => reader.samples::<f32>().filter(Result::is_ok).count(),
            };
            assert_eq!(length as usize, read, "{told}: {}", path.display());
        }
        files += 1;
        // Kept small: what was checked once is not written again.
        if files > 40 {
            std::fs::remove_file(&path).unwrap();
        }
    }
    let missing: Vec<&PathBuf> = all.exported.iter().filter(|path| !path.exists()).collect();
    if files <= 40 {
        assert!(missing.is_empty(), "{told}: {missing:?} are gone");
    } else {
        all.exported.clear();
    }
    all.said.len() + files + 1
}
