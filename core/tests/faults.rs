//! Faults of the machine around an instance: the sound goes on, the window says what is wrong, and once
//! the fault is gone the profile holds everything that was said meanwhile.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod runtime_fixture;

use deepdrummer_core::session::command::{Command, ExportKind, ExportSettings};
use deepdrummer_core::taste::profile::{Profile, ProfileError};
use runtime_fixture::{PATIENCE, Song, write_sounds};
use std::path::Path;
use std::time::Instant;

/// Longer than any pause of a loop at this tempo: a bar.
const LONG_SILENCE_S: f64 = 2.1;

/// Three ratings; each brings the next loop, whatever the disk says.
fn rate_three(song: &mut Song) {
    for like in [true, false, true] {
        song.rate_and_move_on(like);
    }
    assert_eq!(song.document().judgements.len(), 3, "the project keeps its own judgements");
    assert_eq!(song.handle().lost_events(), 0);
    assert!(song.longest_silence() < LONG_SILENCE_S, "{} s of silence", song.longest_silence());
}

fn wait_for_notice(song: &mut Song, part: &str) {
    song.play_until(part, |song| song.notices().iter().any(|text| text.contains(part)));
}

/// Waits until the profile can be read and holds so many judgements.
fn wait_for_profile(song: &mut Song, home: &Path, count: usize) {
    let until = Instant::now() + PATIENCE;
    loop {
        song.block();
        let held = match Profile::open(home, "My taste", 0) {
            Ok((profile, _)) => profile.all(1_000).map_or(0, |all| all.len()),
            Err(ProfileError::Locked { .. }) => 0,
            Err(error) => panic!("{error}"),
        };
        if held == count {
            return;
        }
        assert!(
            Instant::now() < until,
            "the profile holds {held} judgements of {count}: {:?}",
            song.notices()
        );
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
}

fn sounds() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_sounds(folder.path());
    folder
}

#[test]
fn without_a_home_everything_stays_in_the_project() {
    let sounds = sounds();
    let mut song = Song::start(1, None, sounds.path());
    rate_three(&mut song);
    assert!(song.notices().is_empty(), "{:?}", song.notices());
}

#[test]
fn a_home_that_cannot_be_made_is_told_and_the_sound_goes_on() {
    let sounds = sounds();
    let home = tempfile::NamedTempFile::new().unwrap();
    let mut song = Song::start(2, Some(home.path()), sounds.path());
    rate_three(&mut song);
    wait_for_notice(&mut song, "the taste profile could not be opened");
}

#[test]
fn a_profile_that_another_program_holds_is_told_and_gets_everything_afterwards() {
    let (sounds, home) = (sounds(), tempfile::tempdir().unwrap());
    // Opened once before, so that there is something to hold.
    drop(Profile::open(home.path(), "My taste", 0).unwrap());
    let held = std::fs::File::open(home.path().join("profiles/lock")).unwrap();
    held.lock().unwrap();
    let mut song = Song::start(3, Some(home.path()), sounds.path());
    rate_three(&mut song);
    wait_for_notice(&mut song, "another program is using it");
    held.unlock().unwrap();
    wait_for_profile(&mut song, home.path(), 3);
}

#[test]
fn an_export_into_a_folder_that_cannot_be_written_says_so() {
    let sounds = sounds();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut song = Song::start(4, None, sounds.path());
    let export = ExportSettings { folder: Some(file.path().join("inside")), ..ExportSettings::default() };
    assert!(song.handle().send(Command::SetExport(export)));
    let kind = ExportKind::Audio;
    assert!(song.handle().send(Command::Export { ticket: 9, id: None, kind, to: None, dragged: false }));
    wait_for_notice(&mut song, "can't be used");
    let view = song.handle().view();
    let done = view.exported.iter().find(|exported| exported.ticket == 9).unwrap();
    assert!(done.files.is_empty());
}

/// A small file system of its own for as long as this lives; `None` where mounting is not allowed.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(folder))
        } else {
            println!("skipped: no file system may be mounted here");
            None
        }
    }

    fn remount(&self, options: &str) {
        let mounted = std::process::Command::new("mount").args(["-o", options]).arg(self.0.path()).status();
        assert!(mounted.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_and_the_profile_gets_everything_once_there_is_room() {
    let Some(disk) = Disk::mount("size=2m") else { return };
    let (sounds, home) = (sounds(), disk.0.path());
    let mut song = Song::start(5, Some(home), sounds.path());
    song.rate_and_move_on(true);
    wait_for_profile(&mut song, home, 1);
    let ballast = home.join("ballast");
    // Fills what is left, to the last byte.
    let filled = std::fs::write(&ballast, vec![1; 4 << 20]);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    song.rate_and_move_on(false);
    song.rate_and_move_on(true);
    wait_for_notice(&mut song, "could not be written");
    assert_eq!(song.document().judgements.len(), 3);
    assert!(song.longest_silence() < LONG_SILENCE_S);
    std::fs::remove_file(&ballast).unwrap();
    wait_for_profile(&mut song, home, 3);
}

#[test]
fn a_read_only_home_is_told_and_the_profile_gets_everything_once_it_can_be_written() {
    let Some(disk) = Disk::mount("size=4m") else { return };
    let (sounds, home) = (sounds(), disk.0.path());
    drop(Profile::open(home, "My taste", 0).unwrap());
    disk.remount("remount,ro");
    let mut song = Song::start(6, Some(home), sounds.path());
    rate_three(&mut song);
    wait_for_notice(&mut song, "the taste profile could not be");
    let settings = deepdrummer_core::session::view::Settings { zoom_percent: 150, ..Default::default() };
    assert!(song.handle().send(Command::SetSettings(settings)));
    wait_for_notice(&mut song, "settings could not be saved");
    disk.remount("remount,rw");
    wait_for_profile(&mut song, home, 3);
}
