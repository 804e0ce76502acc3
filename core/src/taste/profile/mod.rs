//! The taste profile: what one person said in all projects, in one SQLite file outside of them.
//!
//! Worker thread, or a tool; never audio or host threads, since every call may wait for the disk, and
//! up to [`PATIENCE`] (twice at worst) for another program. Several instances and processes may use one
//! profile at once: each call is one turn under the folder's lock and one transaction.
//!
//! Nothing that was said is deleted. What is taken back stays as a row that no longer holds, so that a
//! merge does not bring it back. A damaged file is set aside and named. The clock is passed in.

mod backup;
mod error;
mod folder;
mod rows;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use crate::disk::MOST_NAME_CHARS;
pub use error::ProfileError;
pub use rows::{Key, Stored};
pub use store::VERSION;

use super::Judgement;
use crate::disk::Turn;
use error::Attempt;
use folder::{Folder, beside};
use rows::{Meeting, Record};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one call waits for another program, for the folder's lock and again for SQLite's own.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// Judgements that one profile holds: some three hundred hours of rating.
pub const MOST_JUDGEMENTS: usize = 200_000;
/// The largest file that is opened, in bytes.
pub const MOST_BYTES: u64 = 512 << 20;
/// Daily backups that are kept.
pub(crate) const BACKUPS: usize = 7;
/// Names that a list holds.
pub(crate) const MOST_PROFILES: usize = 1_000;

/// What a person should know although the profile works.
#[derive(Debug)]
pub enum Warning {
    /// The file was damaged. It was moved, and a new one was started from the backups.
    SetAside {
        /// Where the damaged file is now.
        path: PathBuf,
        /// What was wrong with it.
        reason: String,
        /// Judgements that the backups brought back.
        restored: usize,
    },
    /// The daily backup could not be made.
    NoBackup(ProfileError),
}

/// One person's profile. Holds no file open between calls.
#[derive(Debug)]
pub struct Profile {
    folder: Folder,
    name: String,
    stem: String,
    patience: Duration,
    /// The date of the last backup.
    backed_up: String,
}

impl Profile {
    /// Opens a profile by name, and starts it where there is none: checks the whole file, brings it to
    /// this release's version and makes the daily backup. `now_s` is Unix time.
    ///
    /// # Errors
    /// The name is no name; the folder or file can't be read or written; another program holds it; a
    /// newer release wrote it; it is larger than allowed. A damaged file is no error but a [`Warning`].
    pub fn open(home: &Path, name: &str, now_s: u64) -> Result<(Self, Option<Warning>), ProfileError> {
        Self::open_with(home, name, now_s, PATIENCE)
    }

    /// As [`Profile::open`]; this call and later ones wait for others at most so long, twice.
    ///
    /// # Errors
    /// As for [`Profile::open`].
    pub fn open_with(
        home: &Path,
        name: &str,
        now_s: u64,
        patience: Duration,
    ) -> Result<(Self, Option<Warning>), ProfileError> {
        let folder = Folder::of(home);
        let (stem, path) = folder.find(name)?;
        let attempt = Attempt { what: "opened", path: &path };
        let mut profile =
            Self { folder, name: name.to_owned(), stem, patience, backed_up: backup::date(now_s) };
        let _lock = profile.folder.lock(attempt.what, patience)?;
        if crate::disk::is_remote(&profile.folder.root) {
            return Err(ProfileError::Remote { attempt: attempt.what, path });
        }
        let _ = std::fs::remove_dir_all(profile.folder.staging());
        let mut warning = None;
        let connection = match profile.checked(attempt, now_s) {
            Err(ProfileError::Damaged { reason, .. }) => {
                let aside = profile.folder.set_aside(&profile.stem, &profile.backed_up)?;
                let mut fresh = store::connect(attempt, true, patience, now_s)?;
                let restored = profile.restore(&mut fresh, now_s);
                warning = Some(Warning::SetAside { path: aside, reason, restored });
                fresh
            }
            other => other?,
        };
        if let Err(error) = profile.back_up(&connection, now_s) {
            warning = warning.or(Some(Warning::NoBackup(error)));
        }
        Ok((profile, warning))
    }

    /// Opens the file and reads all of it.
    fn checked(&self, attempt: Attempt<'_>, now_s: u64) -> Result<Connection, ProfileError> {
        let is_empty = std::fs::metadata(attempt.path).is_ok_and(|meta| meta.len() == 0);
        if is_empty && !backup::newest_first(&self.folder.backups(&self.stem)).is_empty() {
            return Err(attempt.damaged("it is empty, but there are backups of it"));
        }
        let connection = store::connect(attempt, true, self.patience, now_s)?;
        store::check(&connection, attempt)?;
        Ok(connection)
    }

    /// Takes in every backup that can be read: the one with the newest name need not be the one that
    /// knows most, since clocks jump, and each judgement is kept once.
    fn restore(&self, into: &mut Connection, now_s: u64) -> usize {
        let backups = backup::newest_first(&self.folder.backups(&self.stem));
        backups.iter().filter_map(|path| self.merge(into, path, now_s).ok()).sum()
    }

    fn back_up(&mut self, connection: &Connection, now_s: u64) -> Result<(), ProfileError> {
        self.backed_up = backup::date(now_s);
        backup::daily(connection, &self.folder, &self.stem, now_s).map(|_| ())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.profile(&self.stem)
    }

    /// The folder's lock and an open file, for one operation.
    fn turn(&self, what: &'static str, now_s: u64) -> Result<(Turn, Connection), ProfileError> {
        let path = self.path();
        let lock = self.folder.lock(what, self.patience)?;
        let connection = store::connect(Attempt { what, path: &path }, false, self.patience, now_s)?;
        // In this order: what is bound last is dropped first, so the file is closed before the lock.
        Ok((lock, connection))
    }

    /// Writes a judgement of the session with the seed `origin`: when this returns, it is on the disk.
    /// One that is there already is not written twice; one that was taken back holds again.
    ///
    /// # Errors
    /// As for [`Profile::change`].
    pub fn record(&mut self, origin: u64, judgement: &Judgement, now_s: u64) -> Result<Key, ProfileError> {
        self.change(origin, std::slice::from_ref(judgement), &[], now_s)?;
        Ok(Key::of(origin, judgement))
    }

    /// Marks a judgement as taken back. One that is not there is left alone.
    ///
    /// # Errors
    /// As for [`Profile::change`].
    pub fn withdraw(&mut self, key: Key, now_s: u64) -> Result<(), ProfileError> {
        self.change(key.origin, &[], &[key], now_s)
    }

    /// What one command said and took back, in one transaction. Also makes the backup of a new day.
    ///
    /// # Errors
    /// The file can't be written, is held by another program, was renamed or removed, is damaged, or
    /// is full. Nothing was written then.
    pub fn change(
        &mut self,
        origin: u64,
        said: &[Judgement],
        withdrawn: &[Key],
        now_s: u64,
    ) -> Result<(), ProfileError> {
        self.write(origin, said, withdrawn, Meeting::SayAgain, now_s)
    }

    /// Makes sure that the judgements of a loaded project are there. What was taken back, here or in
    /// another copy of the project, stays taken back.
    ///
    /// # Errors
    /// As for [`Profile::change`].
    pub fn adopt(&mut self, origin: u64, judgements: &[Judgement], now_s: u64) -> Result<(), ProfileError> {
        self.write(origin, judgements, &[], Meeting::Keep, now_s)
    }

    fn write(
        &mut self,
        origin: u64,
        said: &[Judgement],
        withdrawn: &[Key],
        meeting: Meeting,
        now_s: u64,
    ) -> Result<(), ProfileError> {
        if said.is_empty() && withdrawn.is_empty() {
            return Ok(());
        }
        let path = self.path();
        let attempt = Attempt { what: "written", path: &path };
        let (_lock, mut connection) = self.turn(attempt.what, now_s)?;
        let write = |connection: &Connection| {
            for key in withdrawn {
                rows::withdraw(connection, key)?;
            }
            for judgement in said {
                let key = Key::of(origin, judgement);
                let stored = rows::Stored { key, judgement: *judgement, said_s: now_s };
                rows::insert(connection, &Record { stored, changes: 1 }, meeting)?;
            }
            Ok(())
        };
        in_transaction(&mut connection, attempt, write)?;
        if self.backed_up != backup::date(now_s) {
            // What failed here is told when the profile is opened again.
            let _ = self.back_up(&connection, now_s);
        }
        Ok(())
    }

    /// The judgements that hold, in the order in which they were said; of more than `most` the newest.
    /// The order depends on nothing but the content. Rows that hold no judgement are passed over.
    ///
    /// # Errors
    /// The file can't be read, is held by another program, was renamed or removed, or is damaged.
    pub fn all(&self, most: usize) -> Result<Vec<Stored>, ProfileError> {
        let path = self.path();
        let attempt = Attempt { what: "read", path: &path };
        let (_lock, connection) = self.turn(attempt.what, 0)?;
        all_of(&connection, most).map_err(|error| attempt.sql(error))
    }

    /// Writes everything, also what was taken back, to one file, at once or not at all. A file that is
    /// there is replaced: the person has chosen it.
    ///
    /// # Errors
    /// The profile can't be read, the file can't be written, or lies among the profiles.
    pub fn export_to(&self, to: &Path) -> Result<(), ProfileError> {
        let attempt = Attempt { what: "exported", path: to };
        if self.folder.holds(to) {
            let inside = "an export can't go into the folder of the profiles themselves";
            return Err(attempt.io(std::io::Error::new(std::io::ErrorKind::InvalidInput, inside)));
        }
        let (_lock, connection) = self.turn(attempt.what, 0)?;
        let part = backup::copy(&connection, to, attempt.what)?;
        drop(connection);
        crate::disk::persist_path(part, to).map_err(|error| attempt.io(error))
    }

    /// Takes in an exported or copied profile; the file stays as it is. Judgements that both have are
    /// kept once; of said and taken back holds what changed last. Says how many are new.
    ///
    /// # Errors
    /// The file can't be read, is damaged or is no profile, was written by a newer release, is larger
    /// than allowed, or both together are. Nothing was taken in then.
    pub fn merge_from(&mut self, from: &Path, now_s: u64) -> Result<usize, ProfileError> {
        let (_lock, mut connection) = self.turn("imported", now_s)?;
        self.merge(&mut connection, from, now_s)
    }

    fn merge(&self, into: &mut Connection, from: &Path, now_s: u64) -> Result<usize, ProfileError> {
        let staging = self.folder.staging();
        let merged = self.merge_staged(into, from, &staging, now_s);
        let _ = std::fs::remove_dir_all(&staging);
        merged
    }

    /// Reads a copy, since opening a profile may write: its version, its log.
    fn merge_staged(
        &self,
        into: &mut Connection,
        from: &Path,
        staging: &Path,
        now_s: u64,
    ) -> Result<usize, ProfileError> {
        let attempt = Attempt { what: "imported", path: from };
        let _ = std::fs::remove_dir_all(staging);
        std::fs::create_dir_all(staging).map_err(|error| attempt.io(error))?;
        let source = staged(attempt, staging, self.patience, now_s)?;
        let count = |connection: &Connection| store::count(connection, "SELECT count(*) FROM judgements");
        let before = count(into).map_err(|error| attempt.sql(error))?;
        in_transaction(into, attempt, |into| {
            let take = |record: Record| rows::insert(into, &record, Meeting::Merge).map(|_| ());
            each(&source, &format!("{} ORDER BY rowid", rows::SELECT), take)
        })?;
        let after = count(into).map_err(|error| attempt.sql(error))?;
        Ok(usize::try_from(after - before).unwrap_or(0))
    }

    /// Where a profile of that name is on a machine, or would be.
    ///
    /// # Errors
    /// The name is no name.
    pub fn path_of(home: &Path, name: &str) -> Result<PathBuf, ProfileError> {
        Folder::of(home).find(name).map(|(_, path)| path)
    }

    /// The judgements that hold in an exported or copied profile, as [`Profile::all`]. The file is read from a copy and
    /// stays as it is.
    ///
    /// # Errors
    /// The file can't be read, is damaged or is no profile, was written by a newer release, or is larger than allowed.
    pub fn read_from(from: &Path, most: usize, now_s: u64) -> Result<Vec<Stored>, ProfileError> {
        let attempt = Attempt { what: "read", path: from };
        let staging = tempfile::tempdir().map_err(|error| attempt.io(error))?;
        let source = staged(attempt, staging.path(), PATIENCE, now_s)?;
        all_of(&source, most).map_err(|error| attempt.sql(error))
    }

    /// Gives the profile another name. Its backups move along.
    ///
    /// # Errors
    /// The name is no name or belongs to another profile, or the file can't be moved or is in use.
    pub fn rename(&mut self, new: &str) -> Result<(), ProfileError> {
        let (stem, path) = self.folder.find(new)?;
        if stem == self.stem {
            return Ok(());
        }
        let (_lock, connection) = self.turn("renamed", 0)?;
        if path.exists() {
            return Err(ProfileError::Exists { attempt: "renamed", name: new.to_owned() });
        }
        let old = self.path();
        let attempt = Attempt { what: "renamed", path: &old };
        connection.close().map_err(|(_, error)| attempt.sql(error))?;
        self.folder.rename(&self.stem, &stem)?;
        (self.name, self.stem) = (new.to_owned(), stem);
        Ok(())
    }

    /// The names of all profiles of a machine, sorted; at most [`MOST_PROFILES`].
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn list(home: &Path) -> Result<Vec<String>, ProfileError> {
        Folder::of(home).list()
    }
}

/// Runs one transaction, and holds the profile to its limit.
fn in_transaction(
    connection: &mut Connection,
    attempt: Attempt<'_>,
    write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), ProfileError> {
    let sql = |error| attempt.sql(error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    write(&transaction).map_err(sql)?;
    // Rows are never deleted, so the last number is their count.
    let rows = store::count(&transaction, "SELECT coalesce(max(rowid), 0) FROM judgements").map_err(sql)?;
    if rows > MOST_JUDGEMENTS as i64 {
        return Err(attempt.limit(format!("it would hold more than {MOST_JUDGEMENTS} judgements")));
    }
    transaction.commit().map_err(sql)
}

/// The judgements that hold, oldest first; of more than `most` the newest.
fn all_of(connection: &Connection, most: usize) -> rusqlite::Result<Vec<Stored>> {
    let order = "WHERE changes % 2 = 1 ORDER BY said_s DESC, origin DESC, serial DESC, digest DESC";
    let mut all = Vec::new();
    let limit = most.min(MOST_JUDGEMENTS);
    each(connection, &format!("{} {order} LIMIT {limit}", rows::SELECT), |record| {
        all.push(record.stored);
        Ok(())
    })?;
    all.reverse();
    Ok(all)
}

/// Opens a copy of a file that was checked, since opening a profile may write: its version, its log.
fn staged(
    attempt: Attempt<'_>,
    staging: &Path,
    patience: Duration,
    now_s: u64,
) -> Result<Connection, ProfileError> {
    let from = attempt.path;
    let io = |error| attempt.io(error);
    let copy = staging.join("import.sqlite3");
    for (from, to) in [(from.to_owned(), copy.clone()), (beside(from, "wal"), beside(&copy, "wal"))] {
        let bytes = match std::fs::metadata(&from) {
            Ok(meta) if meta.is_file() => meta.len(),
            Ok(_) => return Err(attempt.damaged("it is not a file")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && to != copy => continue,
            Err(error) => return Err(io(error)),
        };
        if bytes > MOST_BYTES {
            return Err(attempt.limit(format!("the file has {bytes} bytes of at most {MOST_BYTES}")));
        }
        std::fs::copy(&from, &to).map_err(io)?;
    }
    let named = |error| told_of(error, from);
    let staged = Attempt { what: attempt.what, path: &copy };
    let source = store::connect(staged, false, patience, now_s).map_err(named)?;
    store::check(&source, staged).map_err(named)?;
    let coming = store::count(&source, "SELECT count(*) FROM judgements");
    let coming = coming.map_err(|error| attempt.sql(error))?;
    if coming > MOST_JUDGEMENTS as i64 {
        return Err(attempt.limit(format!("it holds {coming} judgements of at most {MOST_JUDGEMENTS}")));
    }
    Ok(source)
}

/// Hands over the rows of a query that hold a judgement.
fn each(
    connection: &Connection,
    query: &str,
    mut take: impl FnMut(Record) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(query)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if let Some(record) = rows::read(row)? {
            take(record)?;
        }
    }
    Ok(())
}

/// The same error, told of the file that the person named.
fn told_of(mut error: ProfileError, named: &Path) -> ProfileError {
    match &mut error {
        ProfileError::Io { path, .. }
        | ProfileError::Storage { path, .. }
        | ProfileError::Locked { path, .. }
        | ProfileError::Damaged { path, .. }
        | ProfileError::Newer { path, .. }
        | ProfileError::LimitReached { path, .. }
        | ProfileError::Remote { path, .. }
        | ProfileError::Missing { path, .. } => named.clone_into(path),
        ProfileError::Exists { .. } | ProfileError::Name { .. } => {}
    }
    error
}
