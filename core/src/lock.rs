//! A lock that processes hold in turns: a file beside what it guards.
//!
//! Any thread but the audio thread. The system frees it when a process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often a lock that somebody holds is tried again.
const RETRY: Duration = Duration::from_millis(2);

/// Held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    /// `None` on a file system that knows no locks.
    _file: Option<File>,
}

impl Lock {
    /// Waits at most `patience` for its turn. The folder must be there.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] where somebody held it all the time; otherwise the file can't be made or
    /// opened.
    pub fn take(path: &Path, patience: Duration) -> Result<Self> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let until = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: Some(file) }),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                    return Err(Error::from(ErrorKind::WouldBlock));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY),
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Self { _file: None });
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}
