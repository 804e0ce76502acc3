//! Files that several instances and programs share: names that are never paths, paths that are never lossy,
//! one writer at a time, and whole files only.
//!
//! Worker thread, or a tool; every call may wait for the disk.

pub mod json;
mod name;
pub mod path;
mod replace;
pub mod weights;

pub(crate) use name::{BadName, MOST_NAME_CHARS, name_of, stem_of};
pub(crate) use replace::{is_remote, persist, persist_path, rename};

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often a lock that somebody holds is tried again.
const RETRY: Duration = Duration::from_millis(2);

/// The turn of one writer in a folder; over when dropped, and ended by the system when a process dies.
#[derive(Debug)]
pub struct Turn {
    /// `None` on a file system without locks.
    _file: Option<File>,
}

/// Makes a folder and waits at most `patience` for the turn in it. `None` when somebody else held it all
/// the time.
///
/// # Errors
/// The folder or the lock's file can't be made.
pub fn take_turn(folder: &Path, patience: Duration) -> io::Result<Option<Turn>> {
    std::fs::create_dir_all(folder)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Turn { _file: Some(file) })),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                return Ok(Some(Turn { _file: None }));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Writes a file as a whole: a temporary one beside it, then a rename. Makes the folder.
///
/// # Errors
/// The folder can't be made or written; the old file is as it was.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    persist(temporary, path)?;
    Ok(())
}
