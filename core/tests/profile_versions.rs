//! Profiles of every released version open with all that they hold. A fixture is never changed; a new
//! version adds one (`cargo test … -- --ignored write_the_fixture` writes that of the present version).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::pattern::notation;
use deepdrummer_core::taste::profile::{Key, Profile, Stored, VERSION};
use deepdrummer_core::taste::{Judgement, LoopId, Source, Verdict};
use std::path::{Path, PathBuf};

const NOW: u64 = 1_800_000_000;

/// Seed, time, and what was said: every source, every part of a verdict, every kind of cell.
fn said() -> Vec<(u64, u64, Judgement)> {
    let straight =
        "1x16@4/4 s50.0 | kick 00c0ffee00c0ffee x...x...x...x... | snare 0000000000000001 ....x.......x...";
    let swung = "2x12@3/4 s66.7 | closed_hat ffffffffffffffff x.(64)...(127+12)....x..(1-127)...x....(33) | tom 0000000000000000 ........................";
    let say = |serial, id, line: &str, like, rhythm, sound, over: Option<&str>, source: Source, predicted| {
        Judgement {
            serial,
            id: LoopId(id),
            subject: notation::read(line).unwrap(),
            verdict: Verdict { like, rhythm, sound },
            over: over.map(|line| notation::read(line).unwrap()),
            source,
            weight: source.default_weight(),
            predicted,
        }
    };
    let (yes, no) = (Some(true), Some(false));
    vec![
        (u64::MAX, NOW - 400, say(1, u64::MAX, straight, yes, None, None, None, Source::Rated, Some(0.25))),
        (u64::MAX, NOW - 300, say(2, 2, swung, no, yes, no, None, Source::Rated, None)),
        (7, NOW - 200, say(1, 3, swung, no, None, None, None, Source::Skipped, Some(0.5))),
        (7, NOW - 100, say(5, 4, straight, yes, None, None, Some(swung), Source::Exported, Some(1.0))),
        (7, NOW, say(6, 4, straight, yes, None, None, None, Source::Starred, None)),
    ]
}

fn expected() -> Vec<Stored> {
    said()
        .into_iter()
        .map(|(origin, said_s, judgement)| Stored { key: Key::of(origin, &judgement), judgement, said_s })
        .collect()
}

fn fixture(version: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/profile_v{version}.sqlite3"))
}

#[test]
fn a_profile_of_every_version_opens_with_all_that_it_holds() {
    for version in 1..=VERSION {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("profiles")).unwrap();
        std::fs::copy(fixture(version), home.path().join("profiles/Old.sqlite3")).unwrap();
        let (mut profile, warning) = Profile::open(home.path(), "Old", NOW).unwrap();
        assert!(warning.is_none(), "{warning:?}");
        assert_eq!(profile.all(100).unwrap(), expected(), "version {version}");
        // What a release took back must mean the same in the next one.
        profile.adopt(7, &[taken_back()], NOW).unwrap();
        assert_eq!(profile.all(100).unwrap().len(), expected().len());
    }
}

#[test]
fn a_profile_of_every_version_can_be_imported_and_is_left_as_it_is() {
    for version in 1..=VERSION {
        let home = tempfile::tempdir().unwrap();
        let (mut profile, _) = Profile::open(home.path(), "New", NOW).unwrap();
        let before = std::fs::read(fixture(version)).unwrap();
        assert_eq!(profile.merge_from(&fixture(version), NOW).unwrap(), expected().len() + 1);
        assert_eq!(profile.all(100).unwrap(), expected(), "version {version}");
        assert_eq!(std::fs::read(fixture(version)).unwrap(), before);
    }
}

fn taken_back() -> Judgement {
    let (_, _, judgement) = said().remove(3);
    Judgement { serial: 9, ..judgement }
}

/// Writes the fixture of the present version, once, when that version is released.
#[test]
#[ignore = "a tool, not a test"]
fn write_the_fixture() {
    assert!(!fixture(VERSION).exists(), "a fixture is never changed");
    let home = tempfile::tempdir().unwrap();
    let (mut profile, _) = Profile::open(home.path(), "Fixture", NOW).unwrap();
    for (origin, said_s, judgement) in said() {
        profile.record(origin, &judgement, said_s).unwrap();
    }
    let key = profile.record(7, &taken_back(), NOW).unwrap();
    profile.withdraw(key, NOW).unwrap();
    profile.export_to(&fixture(VERSION)).unwrap();
}
