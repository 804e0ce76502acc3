//! One profile file: how it is opened, checked and brought up to date.
//!
//! A connection lives for one operation under the folder's lock. Hosts load several copies of this
//! library into one process (CLAP and VST3), and the POSIX locks that SQLite takes are dropped for a
//! whole process as soon as any copy closes the file (sqlite.org/howtocorrupt.html, section 2.2): no
//! connection may live while another one opens or closes.

use super::error::Attempt;
use super::{MOST_BYTES, ProfileError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::time::Duration;

/// The version that this release writes: the number of steps below.
pub const VERSION: i64 = STEPS.len() as i64;
/// Marks a file as a taste profile ("DDtp").
const APPLICATION: i64 = 0x4444_7470;

/// What leads from each version to the next; a step is never changed once it was released.
const STEPS: [&str; 1] = ["
    CREATE TABLE migrations (
        version INTEGER PRIMARY KEY,
        applied_s INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE judgements (
        origin INTEGER NOT NULL,     -- the session's seed
        serial INTEGER NOT NULL,     -- the judgement's number in that session
        digest INTEGER NOT NULL,     -- of what was said of which loop
        loop INTEGER NOT NULL,       -- the loop's identity in that session
        subject TEXT NOT NULL,       -- the loop in text notation
        loser TEXT,                  -- for A over B: B
        liked INTEGER CHECK (liked IN (0, 1)),
        rhythm INTEGER CHECK (rhythm IN (0, 1)),
        sound INTEGER CHECK (sound IN (0, 1)),
        source TEXT NOT NULL,
        weight REAL NOT NULL,
        predicted REAL,
        said_s INTEGER NOT NULL,     -- Unix time
        changes INTEGER NOT NULL CHECK (changes BETWEEN 1 AND 1000000000),
        UNIQUE (origin, serial, digest)
    ) STRICT;
    CREATE INDEX by_time ON judgements (said_s);
"];

/// Opens a file and brings it up to date. An empty file becomes a profile only where `create` is set.
pub(super) fn connect(
    attempt: Attempt<'_>,
    create: bool,
    patience: Duration,
    now_s: u64,
) -> Result<Connection, ProfileError> {
    let bytes = match std::fs::metadata(attempt.path) {
        Ok(meta) => meta.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && create => 0,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(attempt.missing()),
        Err(error) => return Err(attempt.io(error)),
    };
    if bytes > MOST_BYTES {
        return Err(attempt.limit(format!("the file has {bytes} bytes of at most {MOST_BYTES}")));
    }
    let sql = |error| attempt.sql(error);
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut connection = Connection::open_with_flags(attempt.path, flags).map_err(sql)?;
    connection.busy_timeout(patience).map_err(sql)?;
    // The file may come from a stranger: nothing in its schema is run.
    for (option, on) in
        [(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true), (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)]
    {
        connection.set_db_config(option, on).map_err(sql)?;
    }
    connection.pragma_update(None, "cell_size_check", true).map_err(sql)?;
    let tables = count(&connection, "SELECT count(*) FROM sqlite_schema").map_err(sql)?;
    let version = count(&connection, "PRAGMA user_version").map_err(sql)?;
    let application = count(&connection, "PRAGMA application_id").map_err(sql)?;
    let is_new = tables == 0 && version == 0;
    if !is_new && application != APPLICATION {
        return Err(attempt.damaged("it belongs to another program"));
    }
    if is_new && !create {
        return Err(attempt.damaged("it is empty"));
    }
    if version > VERSION {
        return Err(attempt.newer(version));
    }
    let wal = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
    wal.map_err(sql)?;
    // A judgement that was acknowledged survives a power cut: in WAL mode only FULL syncs each commit.
    connection.pragma_update(None, "synchronous", "full").map_err(sql)?;
    if version < VERSION {
        migrate(&mut connection, version, now_s).map_err(sql)?;
    }
    Ok(connection)
}

fn migrate(connection: &mut Connection, from: i64, now_s: u64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (step, version) in STEPS.iter().zip(1..).filter(|(_, version)| *version > from) {
        transaction.execute_batch(step)?;
        transaction.execute(
            "INSERT INTO migrations (version, applied_s) VALUES (?1, ?2)",
            (version, super::rows::time(now_s)),
        )?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// Reads every page. Damage and anything that runs by itself are errors.
pub(super) fn check(connection: &Connection, attempt: Attempt<'_>) -> Result<(), ProfileError> {
    let sql = |error| attempt.sql(error);
    let found = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    let found = found.map_err(sql)?;
    if found != "ok" {
        return Err(attempt.damaged(found.chars().take(200).collect::<String>()));
    }
    let foreign = "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')";
    if count(connection, foreign).map_err(sql)? > 0 {
        return Err(attempt.damaged("it holds triggers or views, which no taste profile does"));
    }
    // The version says that these are there.
    let columns = super::rows::SELECT;
    if let Err(error) = connection.prepare(columns) {
        return Err(attempt.damaged(error.to_string()));
    }
    Ok(())
}

pub(super) fn count(connection: &Connection, query: &str) -> rusqlite::Result<i64> {
    connection.query_row(query, [], |row| row.get(0))
}
