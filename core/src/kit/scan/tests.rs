use super::*;
use crate::kit::Role;
use crate::kit::embed::encode;
use crate::kit::{Audio, Origin};
use crate::units::SampleRate;
use std::fs;

fn wav(hz: f32, t60_s: f32) -> Vec<u8> {
    let left = (0..12_000)
        .map(|i| {
            let t = i as f32 / 48_000.0;
            0.8 * (-6.9 * t / t60_s).exp() * (std::f32::consts::TAU * hz * t).sin()
        })
        .collect();
    encode(&Audio { rate: SampleRate::STUDIO, left, right: None }).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("Snares/deep")).unwrap();
    fs::write(at("BD 01.wav"), wav(55.0, 0.2)).unwrap();
    fs::write(at("Snares/deep/x7.wav"), wav(200.0, 0.1)).unwrap();
    fs::write(at("Open Hat.WAV"), wav(9_000.0, 0.2)).unwrap();
    fs::write(at("broken.wav"), b"RIFF, but no more").unwrap();
    fs::write(at("empty.flac"), b"").unwrap();
    fs::write(at("notes.txt"), b"not a sound").unwrap();
    fs::write(at("._BD 01.wav"), b"a fork").unwrap();
    folder
}

#[test]
fn a_folder_becomes_a_kit_with_roles_and_a_reason_for_every_file_left_out() {
    let folder = folder();
    let scan = load_dir(folder.path()).unwrap();
    let roles: Vec<(&str, Role)> = scan.kit.samples().iter().map(|s| (s.name.as_str(), s.role)).collect();
    assert_eq!(roles, [("BD 01", Role::Kick), ("Open Hat", Role::OpenHat), ("x7", Role::Snare)]);
    let refused: Vec<_> =
        scan.refused.iter().map(|r| r.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(refused, ["broken.wav", "empty.flac"]);
    assert!(
        scan.refused
            .iter()
            .all(|r| matches!(r.reason, KitError::Malformed { .. } | KitError::Unsupported { .. }))
    );
    for sample in scan.kit.samples() {
        assert!(matches!(&sample.origin, Origin::File { path } if path.exists()));
        assert!(!sample.audio().unwrap().left.is_empty());
    }
}

#[test]
fn the_second_scan_reads_no_unchanged_file_and_finds_the_same() {
    let folder = folder();
    let store = tempfile::tempdir().unwrap();
    let options = ScanOptions { cache_file: Some(store.path().join("scan.bin")), ..ScanOptions::default() };
    let run = || scan(&[folder.path().into()], &options, &AtomicBool::new(false), &|_, _| {}).unwrap();
    let first = run();
    let second = run();
    assert_eq!((first.from_cache, second.from_cache), (0, 3));
    for (a, b) in first.kit.samples().iter().zip(second.kit.samples()) {
        assert_eq!((a.id, a.role, &a.analysis), (b.id, b.role, &b.analysis));
    }
    fs::write(folder.path().join("BD 01.wav"), wav(60.0, 0.25)).unwrap();
    let third = run();
    assert_eq!(third.from_cache, 2);
    // A damaged cache is as none.
    fs::write(options.cache_file.as_ref().unwrap(), b"DDSCAN01 and garbage").unwrap();
    assert_eq!(run().from_cache, 0);
}

#[test]
fn a_persons_correction_wins_over_name_and_sound() {
    let folder = folder();
    let kick = load_dir(folder.path()).unwrap().kit.samples()[0].id;
    let mut options = ScanOptions::default();
    options.overrides.set(kick, Role::Tom);
    let scan = scan(&[folder.path().into()], &options, &AtomicBool::new(false), &|_, _| {}).unwrap();
    assert_eq!(scan.kit.get(kick).unwrap().role, Role::Tom);
}

#[cfg(unix)]
#[test]
fn loops_of_links_and_pipes_end() {
    let folder = folder();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("Snares/again")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("self.wav"), folder.path().join("self.wav")).unwrap();
    let pipe = folder.path().join("pipe.wav");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success());
    let scan = load_dir(folder.path()).unwrap();
    assert_eq!(scan.kit.samples().len(), 3);
    assert!(!made || scan.refused.iter().any(|r| r.path == pipe));
    assert!(scan.refused.iter().any(|r| r.path.ends_with("self.wav")));
}

#[test]
fn a_folder_that_cannot_be_read_says_so() {
    let error = load_dir(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(matches!(&error, KitError::Io { path, .. } if path.ends_with("all")), "{error}");
    // Among others it is listed, and the rest is used.
    let folder = folder();
    let folders = [PathBuf::from("/nowhere/at/all"), folder.path().into()];
    let scan = scan(&folders, &ScanOptions::default(), &AtomicBool::new(false), &|_, _| {}).unwrap();
    assert_eq!(scan.kit.samples().len(), 3);
    assert!(scan.refused.iter().any(|r| r.path == folders[0]));
}

#[test]
fn cancelling_ends_the_scan() {
    let folder = folder();
    let cancel = AtomicBool::new(false);
    let stop = |_, _| cancel.store(true, Ordering::Relaxed);
    let result = scan(&[folder.path().into()], &ScanOptions::default(), &cancel, &stop);
    assert!(matches!(result, Err(KitError::Cancelled { .. })));
}

#[test]
fn a_file_that_vanished_or_changed_says_so_when_it_is_played() {
    let folder = folder();
    let options = ScanOptions { channels: Channels::Mono, ..ScanOptions::default() };
    fs::write(folder.path().join("gone.wav"), wav(333.0, 0.3)).unwrap();
    let kit = scan(&[folder.path().into()], &options, &AtomicBool::new(false), &|_, _| {}).unwrap().kit;
    let sample = kit.samples().iter().find(|s| s.name == "gone").unwrap();
    // As the cache still has it, the file is asked directly.
    fs::write(folder.path().join("gone.wav"), wav(334.0, 0.3)).unwrap();
    assert!(matches!(sample.read(Channels::Mono), Err(KitError::Changed { .. })));
    fs::remove_file(folder.path().join("gone.wav")).unwrap();
    assert!(matches!(sample.read(Channels::Mono), Err(KitError::Missing { .. })));
}
