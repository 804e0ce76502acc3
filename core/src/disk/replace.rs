//! Files that change their names while others look at them, and disks of other machines.
//!
//! Unix renames over an open file. Windows refuses while anybody, a virus scanner or an indexer too, has the file
//! open without sharing its name (`MoveFileExW`, error 5, 32 or 33); that is over in milliseconds, so it is tried
//! again for a second. Nothing waits elsewhere.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::{NamedTempFile, TempPath};

/// How long somebody else may hold a file that is to be replaced.
const PATIENCE: Duration = Duration::from_secs(1);
/// How soon it is tried again.
const RETRY: Duration = Duration::from_millis(5);

/// Windows' errors for a file that is in use: access denied, sharing violation, lock violation.
const IN_USE: [i32; 3] = [5, 32, 33];

fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error().is_some_and(|code| IN_USE.contains(&code))
}

/// Tries again for as long as what fails may soon go.
fn patiently<T>(
    patience: Duration,
    passes: impl Fn(&io::Error) -> bool,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let until = Instant::now() + patience;
    loop {
        match attempt() {
            Err(error) if passes(&error) && Instant::now() < until => std::thread::sleep(RETRY),
            other => return other,
        }
    }
}

/// Gives a file or folder another name; a file of that name is replaced.
///
/// # Errors
/// As of `std::fs::rename`.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(PATIENCE, is_in_use, || std::fs::rename(from, to))
}

/// Gives a temporary file its name for good; a file of that name is replaced.
///
/// # Errors
/// As of `NamedTempFile::persist`; the temporary file is gone then.
pub(crate) fn persist(temporary: NamedTempFile, path: &Path) -> io::Result<File> {
    let mut waiting = Some(temporary);
    patiently(PATIENCE, is_in_use, || {
        let file = waiting.take().ok_or(io::ErrorKind::NotFound)?;
        file.persist(path).map_err(|error| {
            waiting = Some(error.file);
            error.error
        })
    })
}

/// As [`persist`], of a temporary file that is closed.
///
/// # Errors
/// As of [`persist`].
pub(crate) fn persist_path(temporary: TempPath, path: &Path) -> io::Result<()> {
    let mut waiting = Some(temporary);
    patiently(PATIENCE, is_in_use, || {
        let file = waiting.take().ok_or(io::ErrorKind::NotFound)?;
        file.persist(path).map_err(|error| {
            waiting = Some(error.path);
            error.error
        })
    })
}

/// Whether a path that is there lies on the disk of another machine, as far as the system tells: on Windows a
/// share, by its own name or by the letter of a drive. SQLite can't share its log with other machines ("Write-Ahead
/// Logging", point 3), and its locks fail on many of their disks.
pub(crate) fn is_remote(path: &Path) -> bool {
    // The whole name of what lies on a drive of another machine is that of the share.
    path.canonicalize().is_ok_and(|whole| names_a_share(&whole))
}

fn names_a_share(path: &Path) -> bool {
    use std::path::{Component, Prefix};
    let Some(Component::Prefix(prefix)) = path.components().next() else { return false };
    matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_passes_is_waited_for_and_nothing_else() {
        let tries = Cell::new(0);
        let attempt = |fails: i32| {
            tries.set(0);
            patiently(
                Duration::from_secs(5),
                |error| error.raw_os_error() == Some(32),
                || {
                    tries.set(tries.get() + 1);
                    if tries.get() <= fails { Err(io::Error::from_raw_os_error(32)) } else { Ok(tries.get()) }
                },
            )
        };
        assert_eq!(attempt(0).unwrap(), 1);
        assert_eq!(attempt(3).unwrap(), 4);
        let never = patiently(Duration::ZERO, |_| true, || Err::<(), _>(io::Error::from_raw_os_error(32)));
        assert!(never.is_err(), "it ends");
        let other =
            patiently(Duration::from_secs(60), |_| false, || Err::<(), _>(io::Error::from_raw_os_error(1)));
        assert!(other.is_err(), "at once");
    }

    #[test]
    fn a_file_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
        std::fs::write(&old, "old").unwrap();
        std::fs::write(&new, "new").unwrap();
        rename(&new, &old).unwrap();
        assert_eq!((std::fs::read(&old).unwrap(), new.exists()), (b"new".to_vec(), false));
        let temporary = NamedTempFile::new_in(folder.path()).unwrap();
        std::fs::write(temporary.path(), "newest").unwrap();
        persist(temporary, &old).unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"newest");
        assert!(
            persist(NamedTempFile::new_in(folder.path()).unwrap(), &folder.path().join("no/such")).is_err()
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
        assert!(!is_remote(folder.path()));
    }

    /// As a virus scanner has it: readable by others, its name and its content nobody's but its own.
    #[cfg(windows)]
    #[test]
    fn a_file_that_somebody_has_open_is_replaced_once_it_is_closed() {
        use std::os::windows::fs::OpenOptionsExt as _;
        const FILE_SHARE_READ: u32 = 1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        super::super::write_whole(&path, b"old").unwrap();
        let held = std::fs::OpenOptions::new().read(true).share_mode(FILE_SHARE_READ).open(&path).unwrap();
        let scanner = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop(held);
        });
        super::super::write_whole(&path, b"new").unwrap();
        scanner.join().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        let held = std::fs::OpenOptions::new().read(true).share_mode(FILE_SHARE_READ).open(&path).unwrap();
        assert!(super::super::write_whole(&path, b"newer").is_err(), "who never lets go is told of");
        drop(held);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
    }

    #[cfg(windows)]
    #[test]
    fn shares_are_told_from_drives() {
        for share in [r"\\server\share\home", r"\\?\UNC\server\share\home", r"//server/share/home"] {
            assert!(names_a_share(Path::new(share)), "{share}");
        }
        for drive in [r"C:\home", r"\\?\C:\home", r"\\.\COM1", r"\home", "home"] {
            assert!(!names_a_share(Path::new(drive)), "{drive}");
        }
    }
}
