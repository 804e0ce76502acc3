//! The rules of a profile within one process; `tests/profile_*.rs` holds those between processes.

use super::*;
use crate::pattern::{Grid, Hit, Lane, Loop, MAX_STEPS, Meter, Role, SampleId, Swing};
use crate::taste::{LoopId, Source, Verdict};
use rusqlite::Connection;
use tempfile::TempDir;

const DAY: u64 = 86_400;
const NOW: u64 = 1_800_000_000;

fn a_loop(n: u64) -> Loop {
    let mut lanes = [Lane::empty(Role::Kick, SampleId(n)), Lane::empty(Role::Snare, SampleId(u64::MAX - n))];
    for step in 0..16 {
        if n >> step & 1 == 1 {
            lanes[0].hits[step] = Hit { velocity: 100 - step as u8, offset: step as i8 - 8, ..Hit::NONE };
        }
    }
    Loop::new(Grid::default(), Swing::from_percent(57.3), &lanes)
}

fn judgement(serial: u64) -> Judgement {
    Judgement {
        serial,
        id: LoopId(serial.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        subject: a_loop(serial),
        verdict: Verdict { like: Some(serial.is_multiple_of(2)), rhythm: None, sound: Some(true) },
        over: serial.is_multiple_of(3).then(|| a_loop(serial + 1)),
        source: Source::Rated,
        weight: 1.0,
        predicted: Some(0.625),
    }
}

fn open(home: &TempDir, name: &str) -> Profile {
    let (profile, warning) = Profile::open(home.path(), name, NOW).unwrap();
    assert!(warning.is_none(), "{warning:?}");
    profile
}

fn serials(profile: &Profile) -> Vec<u64> {
    profile.all(MOST_JUDGEMENTS).unwrap().iter().map(|stored| stored.judgement.serial).collect()
}

#[test]
fn what_was_said_comes_back_in_order_after_closing() {
    let home = tempfile::tempdir().unwrap();
    let said: Vec<Judgement> = (1..=7).map(judgement).collect();
    let mut profile = open(&home, "My taste");
    for (at, judgement) in said.iter().enumerate() {
        profile.record(u64::MAX - 5, judgement, NOW + at as u64).unwrap();
    }
    drop(profile);
    let profile = open(&home, "My taste");
    let all = profile.all(100).unwrap();
    assert_eq!(all.iter().map(|stored| stored.judgement).collect::<Vec<_>>(), said);
    assert!(all.iter().all(|stored| stored.key.origin == u64::MAX - 5));
    assert_eq!(all[2].said_s, NOW + 2);
    let newest = profile.all(2).unwrap();
    assert_eq!(newest.iter().map(|s| s.judgement.serial).collect::<Vec<_>>(), [6, 7]);
}

#[test]
fn the_order_depends_on_content_and_not_on_the_order_of_writing() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut forwards, mut backwards) = (open(&one, "a"), open(&other, "a"));
    for serial in 1..=5 {
        forwards.record(1, &judgement(serial), NOW).unwrap();
        backwards.record(1, &judgement(6 - serial), NOW).unwrap();
    }
    assert_eq!(forwards.all(9).unwrap(), backwards.all(9).unwrap());
}

#[test]
fn said_twice_counts_once_and_copies_of_a_project_do_not_hide_each_other() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    profile.record(1, &judgement(1), NOW).unwrap();
    profile.record(1, &judgement(1), NOW + 1).unwrap();
    assert_eq!(profile.all(9).unwrap().len(), 1);
    // A copied project goes on with the same seed and the same next serial, but says something else.
    let elsewhere = Judgement { verdict: Verdict::of(false), ..judgement(1) };
    profile.record(1, &elsewhere, NOW).unwrap();
    profile.record(2, &judgement(1), NOW).unwrap();
    assert_eq!(profile.all(9).unwrap().len(), 3);
}

#[test]
fn what_is_taken_back_stays_taken_back_until_it_is_said_again() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    let key = profile.record(1, &judgement(1), NOW).unwrap();
    profile.withdraw(key, NOW).unwrap();
    profile.withdraw(key, NOW).unwrap();
    assert!(serials(&profile).is_empty());
    profile.adopt(1, &[judgement(1), judgement(2)], NOW).unwrap();
    assert_eq!(serials(&profile), [2], "a project that still holds it does not bring it back");
    profile.record(1, &judgement(1), NOW).unwrap();
    assert_eq!(serials(&profile), [1, 2]);
    let unknown = Key { origin: 9, serial: 9, digest: 9 };
    profile.withdraw(unknown, NOW).unwrap();
}

#[test]
fn a_merge_keeps_every_judgement_once_and_brings_nothing_back() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("exported.sqlite3");
    let mut mine = open(&home, "mine");
    let mut keys = Vec::new();
    for serial in 1..=4 {
        keys.push(mine.record(1, &judgement(serial), NOW).unwrap());
    }
    mine.export_to(&file).unwrap();
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "one file and nothing beside it");
    let mut theirs = open(&elsewhere, "theirs");
    theirs.record(2, &judgement(9), NOW).unwrap();
    assert_eq!(theirs.merge_from(&file, NOW).unwrap(), 4);
    assert_eq!(theirs.merge_from(&file, NOW).unwrap(), 0);
    assert_eq!(theirs.all(99).unwrap().len(), 5);

    // Taken back here, still said there: it stays taken back, whichever way they are merged.
    mine.withdraw(keys[0], NOW).unwrap();
    assert_eq!(mine.merge_from(&theirs.path(), NOW).unwrap(), 1);
    assert_eq!(mine.all(99).unwrap().len(), 4);
    theirs.merge_from(&mine.path(), NOW).unwrap();
    assert_eq!(theirs.all(99).unwrap(), mine.all(99).unwrap());
    // Said again there after it was taken back: it holds, whichever way.
    theirs.record(1, &judgement(1), NOW).unwrap();
    mine.merge_from(&theirs.path(), NOW).unwrap();
    assert_eq!(mine.all(99).unwrap().len(), 5);
}

#[test]
fn an_export_replaces_a_file_at_once_and_never_lands_among_the_profiles() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("mine.sqlite3");
    std::fs::write(&file, "something else").unwrap();
    let mut profile = open(&home, "a");
    profile.record(1, &judgement(1), NOW).unwrap();
    profile.export_to(&file).unwrap();
    assert_eq!(open(&elsewhere, "b").merge_from(&file, NOW).unwrap(), 1);
    assert!(matches!(profile.export_to(&profile.path()), Err(ProfileError::Io { .. })));
    assert_eq!(profile.all(9).unwrap().len(), 1);
    let nowhere = elsewhere.path().join("no such folder/x");
    assert!(matches!(profile.export_to(&nowhere), Err(ProfileError::Io { .. })));
}

#[test]
fn a_damaged_file_is_set_aside_and_the_backup_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    profile.record(1, &judgement(1), NOW).unwrap();
    let mut profile = open(&home, "a");
    profile.record(1, &judgement(2), NOW).unwrap();
    let path = profile.path();
    let damaged = vec![0x55; std::fs::metadata(&path).unwrap().len() as usize];
    std::fs::write(&path, &damaged).unwrap();
    assert!(matches!(profile.all(9), Err(ProfileError::Damaged { .. })));
    let (profile, warning) = Profile::open(home.path(), "a", NOW).unwrap();
    let Some(Warning::SetAside { path: aside, restored, .. }) = warning else { panic!("{warning:?}") };
    assert_eq!(std::fs::read(&aside).unwrap(), damaged);
    assert_eq!((restored, serials(&profile)), (1, vec![1]), "the day's backup held the first one");
    // A second one of the same day does not replace the first.
    std::fs::write(&path, b"").unwrap();
    let (_, warning) = Profile::open(home.path(), "a", NOW).unwrap();
    let Some(Warning::SetAside { path: second, .. }) = warning else { panic!("{warning:?}") };
    assert_ne!(aside, second);
    assert!(aside.exists() && second.exists());
}

#[test]
fn damage_in_one_page_is_found_at_opening() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    for serial in 1..200 {
        profile.change(1, &[judgement(serial)], &[], NOW).unwrap();
    }
    let path = profile.path();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 64].fill(0xff);
    std::fs::write(&path, &bytes).unwrap();
    let (_, warning) = Profile::open(home.path(), "a", NOW).unwrap();
    assert!(matches!(warning, Some(Warning::SetAside { .. })), "{warning:?}");
}

#[test]
fn backups_are_daily_and_the_last_seven_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    let backups = || backup::newest_first(&Folder::of(home.path()).backups("a"));
    assert!(backups().is_empty(), "an empty profile has no backup");
    for day in 0..10 {
        // Also without being opened again.
        profile.record(1, &judgement(day), NOW + day * DAY).unwrap();
        profile.record(1, &judgement(100 + day), NOW + day * DAY + 1).unwrap();
    }
    let dates: Vec<String> =
        backups().iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let wanted: Vec<String> = (3..10).rev().map(|day| backup::date(NOW + day * DAY)).collect();
    assert_eq!(dates, wanted);
    let parts = std::fs::read_dir(Folder::of(home.path()).backups("a")).unwrap().count();
    assert_eq!(parts, BACKUPS, "nothing unfinished is left");
}

#[test]
fn a_clock_that_jumps_loses_no_backup_and_no_judgement() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    let names = || -> Vec<String> {
        let all = backup::newest_first(&Folder::of(home.path()).backups("a"));
        all.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    // Ten days far in the future, then back; the first days after it, and one before everything.
    for day in 0..10 {
        profile.record(1, &judgement(day), NOW + (10_000 + day) * DAY).unwrap();
    }
    for day in 0..4 {
        profile.record(1, &judgement(100 + day), NOW + day * DAY).unwrap();
        assert!(
            names().contains(&backup::date(NOW + day * DAY)),
            "a backup of this day stays: {:?}",
            names()
        );
    }
    profile.record(1, &judgement(200), 0).unwrap();
    assert_eq!(names().len(), BACKUPS);
    let said = serials(&profile).len();
    assert_eq!(said, 15);
    // Whatever its date, the backup that knows most is taken in.
    std::fs::write(profile.path(), [7; 5000]).unwrap();
    let (profile, warning) = Profile::open(home.path(), "a", NOW).unwrap();
    assert!(matches!(warning, Some(Warning::SetAside { restored: 15, .. })), "{warning:?}");
    assert_eq!(serials(&profile).len(), 15);
}

#[test]
fn profiles_are_listed_and_renamed_and_never_overwritten() {
    let home = tempfile::tempdir().unwrap();
    assert!(Profile::list(home.path()).unwrap().is_empty());
    let mut profile = open(&home, "Techno / 138");
    profile.record(1, &judgement(1), NOW).unwrap();
    let mut other = open(&home, "Jazz");
    assert_eq!(Profile::list(home.path()).unwrap(), ["Jazz", "Techno / 138"]);
    assert!(matches!(profile.rename("Jazz"), Err(ProfileError::Exists { .. })));
    assert!(matches!(profile.rename(""), Err(ProfileError::Name { .. })));
    profile.rename("../../Techno").unwrap();
    assert_eq!(profile.name(), "../../Techno");
    assert_eq!(Profile::list(home.path()).unwrap(), ["../../Techno", "Jazz"]);
    assert!(profile.path().starts_with(home.path().join("profiles")));
    assert_eq!(serials(&profile), [1]);
    // Another instance still has it under the old name.
    let mut stale = open(&home, "Jazz");
    other.rename("Bop").unwrap();
    assert!(matches!(stale.record(1, &judgement(1), NOW), Err(ProfileError::Missing { .. })));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "nothing outside of the folder");
}

#[test]
fn a_newer_file_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = open(&home, "a").path();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", VERSION + 1).unwrap();
    let before = std::fs::read(&path).unwrap();
    let opened = Profile::open(home.path(), "a", NOW);
    assert!(matches!(opened, Err(ProfileError::Newer { version, .. }) if version == VERSION + 1));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let mut other = open(&home, "b");
    assert!(matches!(other.merge_from(&path, NOW), Err(ProfileError::Newer { .. })));
}

#[test]
fn strange_files_are_refused_with_a_reason() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut profile = open(&home, "a");
    let file = elsewhere.path().join("x");
    assert!(matches!(profile.merge_from(&file, NOW), Err(ProfileError::Io { .. })));
    assert!(matches!(profile.merge_from(elsewhere.path(), NOW), Err(ProfileError::Damaged { .. })));
    std::fs::write(&file, "no database").unwrap();
    assert!(matches!(profile.merge_from(&file, NOW), Err(ProfileError::Damaged { .. })));
    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE judgements (origin)").unwrap();
    assert!(matches!(profile.merge_from(&file, NOW), Err(ProfileError::Damaged { .. })));
    profile.record(1, &judgement(1), NOW).unwrap();
    profile.export_to(&file).unwrap();
    let trigger = "CREATE TRIGGER t AFTER INSERT ON judgements BEGIN DELETE FROM judgements; END";
    Connection::open(&file).unwrap().execute_batch(trigger).unwrap();
    assert!(matches!(profile.merge_from(&file, NOW), Err(ProfileError::Damaged { .. })));
    // Sparse: the length counts, not what is on the disk.
    std::fs::File::create(&file).unwrap().set_len(MOST_BYTES + 1).unwrap();
    assert!(matches!(profile.merge_from(&file, NOW), Err(ProfileError::LimitReached { .. })));
    std::fs::File::options().write(true).open(profile.path()).unwrap().set_len(MOST_BYTES + 1).unwrap();
    assert!(matches!(Profile::open(home.path(), "a", NOW), Err(ProfileError::LimitReached { .. })));
}

#[test]
fn rows_that_hold_no_judgement_are_passed_over_and_values_brought_into_range() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut profile = open(&home, "a");
    for serial in 1..=5 {
        profile.record(1, &judgement(serial), NOW).unwrap();
    }
    let file = elsewhere.path().join("x");
    profile.export_to(&file).unwrap();
    let connection = Connection::open(&file).unwrap();
    connection
        .execute_batch(
            "UPDATE judgements SET subject = 'no loop' WHERE serial = 1;
             UPDATE judgements SET source = 'guessed' WHERE serial = 2;
             UPDATE judgements SET subject = printf('%.*c', 100000, 'x') WHERE serial = 3;
             UPDATE judgements SET weight = 9e99, predicted = -9e99, said_s = -5, digest = 3 WHERE serial = 4;",
        )
        .unwrap();
    connection.close().unwrap();
    let mut other = open(&home, "b");
    assert_eq!(other.merge_from(&file, NOW).unwrap(), 2);
    let all = other.all(9).unwrap();
    assert_eq!(all.iter().map(|stored| stored.judgement.serial).collect::<Vec<_>>(), [4, 5]);
    let strange = all[0];
    assert_eq!((strange.judgement.weight, strange.judgement.predicted, strange.said_s), (1.0, Some(0.0), 0));
    assert_eq!(strange.key, Key::of(1, &judgement(4)), "the digest in the file is not believed");
}

#[test]
fn a_full_profile_says_so_and_stays_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    profile.record(1, &judgement(1), NOW).unwrap();
    let connection = Connection::open(profile.path()).unwrap();
    connection.execute("UPDATE judgements SET rowid = ?1", [MOST_JUDGEMENTS as i64]).unwrap();
    connection.close().unwrap();
    assert!(matches!(profile.record(1, &judgement(2), NOW), Err(ProfileError::LimitReached { .. })));
    assert_eq!(serials(&profile), [1]);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_with_its_path() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("profiles"), "a file").unwrap();
    let opened = Profile::open(home.path(), "a", NOW);
    assert!(
        matches!(&opened, Err(ProfileError::Io { path, .. }) if path.starts_with(home.path())),
        "{opened:?}"
    );
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("profiles/a.sqlite3")).unwrap();
    assert!(matches!(Profile::open(home.path(), "a", NOW), Err(ProfileError::Io { .. })));
}

#[test]
fn the_longest_loop_fits_into_a_row() {
    let home = tempfile::tempdir().unwrap();
    let mut profile = open(&home, "a");
    let grid = Grid { bars: 4, steps_per_bar: 24, meter: Meter { numerator: 16, denominator: 16 } };
    let mut lane = Lane::empty(Role::ClosedHat, SampleId(u64::MAX));
    lane.hits = [Hit { velocity: 127, offset: -127, ..Hit::NONE }; MAX_STEPS];
    let subject = Loop::new(grid, Swing::from_percent(75.0), &[lane; 8]);
    let longest = Judgement { subject, over: Some(subject), ..judgement(1) };
    profile.record(1, &longest, NOW).unwrap();
    assert_eq!(profile.all(1).unwrap()[0].judgement, longest);
}
