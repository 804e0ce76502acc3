//! The taste profile between processes: many writers, kill −9, locks that somebody holds.
//!
//! Children are this very test program, started again; [`child`] is what they run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod children;

use children::{Running, Task, tell};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, Role, SampleId, Swing};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::profile::{Profile, ProfileError};
use deepdrummer_core::taste::{Judgement, Verdict};
use deepdrummer_core::units::Seed;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::Command;
use std::time::Duration;

const NOW: u64 = 1_800_000_000;
/// Long enough for any machine; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(120);
const EVERYTHING: usize = 1_000_000;
/// What the holder's judgement is called.
const NAME: &str = "Shared";

fn judgement(serial: u64) -> Judgement {
    let mut lane = Lane::empty(Role::Kick, SampleId(7));
    for step in 0..16 {
        if serial >> step & 1 == 1 {
            lane.hits[step] = Hit::PLAIN;
        }
    }
    let subject = Loop::new(Grid::default(), Swing::STRAIGHT, &[lane; 6]);
    Judgement::rated(serial, subject, Verdict::of(serial.is_multiple_of(2)))
}

/// Not a test of its own: what children run. Without a role there is nothing to do.
#[test]
fn child() {
    let Some(Task { role, folder: home, number: origin }) = children::task() else { return };
    if role == "be refused" {
        for name in [NAME, "New"] {
            match Profile::open_with(&home, name, NOW, LONG) {
                Err(ProfileError::Io { .. }) => tell("refused"),
                other => tell(format_args!("{other:?}")),
            }
        }
        return;
    }
    let mut profile = Profile::open_with(&home, NAME, NOW, LONG).unwrap().0;
    match role.as_str() {
        "record" => {
            for serial in 1..=40 {
                profile.record(origin, &judgement(serial), NOW).unwrap();
            }
        }
        // Says, takes back every third, says what is done, until it is killed.
        "record for ever" => {
            let first = origin * 100_000;
            for serial in first.. {
                let key = profile.record(origin, &judgement(serial), NOW).unwrap();
                tell(format_args!("said {serial}"));
                if serial.is_multiple_of(3) {
                    profile.withdraw(key, NOW).unwrap();
                    tell(format_args!("gone {serial}"));
                }
            }
        }
        "hold" => {
            let connection = rusqlite::Connection::open(profile.path()).unwrap();
            connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
            tell("held");
            let _ = std::io::stdin().read(&mut [0]);
        }
        "hold the folder" => {
            let lock = std::fs::File::open(home.join("profiles/lock")).unwrap();
            lock.lock().unwrap();
            tell("held");
            let _ = std::io::stdin().read(&mut [0]);
        }
        other => panic!("no role {other}"),
    }
}

#[test]
fn judgements_of_processes_that_write_at_once_are_all_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut children: Vec<Running> =
        (1..=4).map(|origin| Running::start("record", home.path(), origin)).collect();
    let mut own = Profile::open_with(home.path(), NAME, NOW, LONG).unwrap().0;
    for serial in 1..=40 {
        own.record(0, &judgement(serial), NOW).unwrap();
    }
    for running in &mut children {
        assert!(running.child.wait().unwrap().success());
    }
    let all = own.all(EVERYTHING).unwrap();
    let found: BTreeSet<(u64, u64)> =
        all.iter().map(|stored| (stored.key.origin, stored.key.serial)).collect();
    let said: BTreeSet<(u64, u64)> =
        (0..=4).flat_map(|origin| (1..=40).map(move |serial| (origin, serial))).collect();
    assert_eq!(found, said);
    assert_eq!(all.len(), said.len());
}

/// As many kills as `DEEPDRUMMER_KILLS` says, 48 unless it does; `DEEPDRUMMER_KILL_SEED` repeats a run.
#[test]
fn nothing_that_was_acknowledged_is_lost_when_the_process_is_killed() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("DEEPDRUMMER_KILLS").unwrap_or(48);
    let seed = number("DEEPDRUMMER_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("{kills} kills, DEEPDRUMMER_KILL_SEED={seed}");
    let mut rng = Rng::stream(Seed(seed), "kills", 0);
    let home = tempfile::tempdir().unwrap();
    let (mut said, mut gone) = (BTreeSet::new(), BTreeSet::new());
    let mut at_doubt = BTreeSet::new();
    for origin in 1..=kills {
        let mut running = Running::start("record for ever", home.path(), origin);
        // The first kills hit the opening, also of a file that is not there yet.
        let acknowledged = if origin % 4 == 1 { 0 } else { rng.below(12) };
        let mut last = String::new();
        for _ in 0..acknowledged {
            last = running.line().expect("the child goes on until it is killed");
            take(&last, &mut said, &mut gone);
        }
        // Somewhere in the next transaction.
        let spins = rng.below(3_000_000);
        for spin in 0..spins {
            std::hint::black_box(spin);
        }
        // What it had acknowledged before it died is in the pipe.
        for line in running.kill() {
            take(&line, &mut said, &mut gone);
            last = line;
        }
        // The one judgement that was being taken back may have gone either way.
        if let Some(serial) = last.strip_prefix("said ") {
            at_doubt.insert(serial.parse::<u64>().unwrap());
        }
        let (profile, warning) = Profile::open_with(home.path(), NAME, NOW, LONG).unwrap();
        assert!(warning.is_none(), "seed {seed}, kill {origin}: {warning:?}");
        let found: BTreeSet<u64> =
            profile.all(EVERYTHING).unwrap().iter().map(|stored| stored.key.serial).collect();
        let lost: Vec<&u64> = said
            .iter()
            .filter(|s| !gone.contains(s) && !at_doubt.contains(s) && !found.contains(s))
            .collect();
        assert!(lost.is_empty(), "seed {seed}, kill {origin}: lost {lost:?}");
        let back: Vec<&u64> = gone.intersection(&found).collect();
        assert!(back.is_empty(), "seed {seed}, kill {origin}: back again {back:?}");
    }
    println!("{} judgements acknowledged, {} of them taken back", said.len(), gone.len());
    assert!(said.len() as u64 > kills, "the children had time to say something");
}

fn take(line: &str, said: &mut BTreeSet<u64>, gone: &mut BTreeSet<u64>) {
    let (what, serial) = line.split_once(' ').unwrap();
    let serial = serial.parse().unwrap();
    match what {
        "said" => said.insert(serial),
        "gone" => gone.insert(serial),
        _ => panic!("{line}"),
    };
}

/// The holder lets go only after the call has come back: a call that waited for ever would hang here.
#[test]
fn a_profile_that_somebody_holds_is_an_error_after_a_bounded_wait_and_works_again_afterwards() {
    for role in ["hold", "hold the folder"] {
        let home = tempfile::tempdir().unwrap();
        let patience = Duration::from_millis(20);
        let mut profile = Profile::open_with(home.path(), NAME, NOW, patience).unwrap().0;
        profile.record(1, &judgement(1), NOW).unwrap();
        let mut holder = Running::start(role, home.path(), 9);
        assert_eq!(holder.line().as_deref(), Some("held"));
        let locked = |result: Result<(), ProfileError>| {
            assert!(matches!(result, Err(ProfileError::Locked { .. })), "{role}: {result:?}");
        };
        locked(profile.record(1, &judgement(2), NOW).map(|_| ()));
        locked(profile.rename("Other"));
        locked(Profile::open_with(home.path(), NAME, NOW, patience).map(|_| ()));
        assert_eq!(Profile::list(home.path()).unwrap(), [NAME]);
        holder.input.write_all(b"x").unwrap();
        assert!(holder.child.wait().unwrap().success());
        profile.record(1, &judgement(2), NOW).unwrap();
        assert_eq!(profile.all(9).unwrap().len(), 2);
    }
}

/// Patience is long: an error that came only after waiting would make this test hang.
#[cfg(unix)]
#[test]
fn a_read_only_home_is_an_error_at_once_and_the_file_stays_as_it_is() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let home = tempfile::tempdir().unwrap();
    let mut profile = Profile::open_with(home.path(), NAME, NOW, LONG).unwrap().0;
    profile.record(1, &judgement(1), NOW).unwrap();
    let before = std::fs::read(profile.path()).unwrap();
    let program = home.path().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in [
        (home.path().to_owned(), 0o755),
        (program.clone(), 0o755),
        (profile.path(), 0o444),
        (home.path().join("profiles/lock"), 0o444),
        (home.path().join("profiles"), 0o555),
    ] {
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let mut command = Command::new(&program);
    let probe = home.path().join("profiles/probe");
    if std::fs::write(&probe, "").is_ok() {
        // The superuser may write anywhere: the child is somebody else.
        std::fs::remove_file(&probe).unwrap();
        command.uid(65_534);
    }
    let mut running = Running::run(&mut command, "be refused", home.path(), 1);
    assert_eq!(running.line().as_deref(), Some("refused"));
    assert_eq!(running.line().as_deref(), Some("refused"));
    running.child.wait().unwrap();
    set_permissions(home.path().join("profiles"), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(std::fs::read(profile.path()).unwrap(), before);
}
