//! What can go wrong with a taste profile, with what was attempted.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why a profile was not opened, read or changed. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The disk or the file system said no.
    #[error("the taste profile could not be {attempt} ({}): {source}", path.display())]
    Io {
        /// "opened", "written", "exported" and so on.
        attempt: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database said no for another reason than those below.
    #[error("the taste profile could not be {attempt} ({}): {source}", path.display())]
    Storage {
        /// "opened", "written", "exported" and so on.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Somebody else held it for longer than [`super::PATIENCE`].
    #[error("the taste profile could not be {attempt}: another program is using it ({})", path.display())]
    Locked {
        /// "opened", "written", "exported" and so on.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The content is damaged, or is no taste profile.
    #[error("the taste profile could not be {attempt}: the file is damaged or is no taste profile ({reason}; {})", path.display())]
    Damaged {
        /// "opened", "written", "imported" and so on.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A newer release wrote it; it is left as it is.
    #[error(
        "the taste profile could not be {attempt}: a newer DeepDrummer wrote it (version {version}; {})",
        path.display()
    )]
    Newer {
        /// "opened" or "imported".
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// It lies on the disk of another machine, where neither its log nor its locks can be relied on.
    #[error("the taste profile could not be {attempt}: it lies on a disk of another machine, which profiles can't ({})", path.display())]
    Remote {
        /// "opened".
        attempt: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// It is, or would become, larger than allowed.
    #[error("the taste profile could not be {attempt}: {what} ({})", path.display())]
    LimitReached {
        /// "opened", "written", "imported" and so on.
        attempt: &'static str,
        /// The file.
        path: PathBuf,
        /// What is too large, and the limit.
        what: String,
    },
    /// It is not there: renamed or removed by another instance since it was opened.
    #[error("the taste profile could not be {attempt}: it was renamed or removed meanwhile ({})", path.display())]
    Missing {
        /// "read", "written" and so on.
        attempt: &'static str,
        /// Where it was.
        path: PathBuf,
    },
    /// There is a profile of that name; nothing is overwritten.
    #[error("the taste profile could not be {attempt}: there is one called “{name}” already")]
    Exists {
        /// "renamed".
        attempt: &'static str,
        /// The name.
        name: String,
    },
    /// No profile can be called so.
    #[error("a taste profile can't be called “{name}”: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: crate::disk::BadName,
    },
}

/// What is being done to which file: turns foreign errors into [`ProfileError`].
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) what: &'static str,
    pub(super) path: &'a Path,
}

impl Attempt<'_> {
    pub(super) fn io(self, source: std::io::Error) -> ProfileError {
        ProfileError::Io { attempt: self.what, path: self.path.to_owned(), source }
    }

    pub(super) fn locked(self) -> ProfileError {
        ProfileError::Locked { attempt: self.what, path: self.path.to_owned() }
    }

    pub(super) fn missing(self) -> ProfileError {
        ProfileError::Missing { attempt: self.what, path: self.path.to_owned() }
    }

    pub(super) fn newer(self, version: i64) -> ProfileError {
        ProfileError::Newer { attempt: self.what, path: self.path.to_owned(), version }
    }

    pub(super) fn limit(self, what: String) -> ProfileError {
        ProfileError::LimitReached { attempt: self.what, path: self.path.to_owned(), what }
    }

    pub(super) fn damaged(self, reason: impl Into<String>) -> ProfileError {
        ProfileError::Damaged { attempt: self.what, path: self.path.to_owned(), reason: reason.into() }
    }

    pub(super) fn sql(self, error: rusqlite::Error) -> ProfileError {
        use std::io::{Error, ErrorKind};
        let Some(code) = error.sqlite_error_code() else {
            return ProfileError::Storage { attempt: self.what, path: self.path.to_owned(), source: error };
        };
        match code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                self.locked()
            }
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => self.damaged(error.to_string()),
            ErrorCode::DiskFull => self.io(Error::new(ErrorKind::StorageFull, error)),
            ErrorCode::ReadOnly => self.io(Error::new(ErrorKind::ReadOnlyFilesystem, error)),
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::PermissionDenied => {
                self.io(Error::other(error))
            }
            ErrorCode::TooBig => self.limit(error.to_string()),
            _ => ProfileError::Storage { attempt: self.what, path: self.path.to_owned(), source: error },
        }
    }
}
