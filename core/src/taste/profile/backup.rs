//! Copies of a profile: one a day beside it, and exports.

use super::error::Attempt;
use super::folder::Folder;
use super::{BACKUPS, ProfileError};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::path::{Path, PathBuf};

/// How names of unfinished copies begin.
const PART: &str = ".deepdrummer-";

/// Copies a profile into a new, closed, single file beside `to`; the caller gives it its name.
pub(super) fn copy(
    from: &Connection,
    to: &Path,
    what: &'static str,
) -> Result<tempfile::TempPath, ProfileError> {
    let attempt = Attempt { what, path: to };
    let (io, sql) = (|error| attempt.io(error), |error| attempt.sql(error));
    let folder = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let part = tempfile::Builder::new().prefix(PART).suffix(".part").tempfile_in(folder);
    let part = part.map_err(io)?.into_temp_path();
    let mut copy = Connection::open(&part).map_err(sql)?;
    match Backup::new(from, &mut copy).and_then(|backup| backup.step(-1)).map_err(sql)? {
        StepResult::Done => {}
        _ => return Err(attempt.locked()),
    }
    // One file that needs no other beside it.
    let single = copy.pragma_update_and_check(None, "journal_mode", "delete", |row| row.get::<_, String>(0));
    single.map_err(sql)?;
    copy.close().map_err(|(_, error)| sql(error))?;
    std::fs::File::options().write(true).open(&part).and_then(|file| file.sync_all()).map_err(io)?;
    Ok(part)
}

/// Makes the day's backup unless it is there, and drops the oldest. A profile without judgements gets
/// none: it must not push out those that hold some.
pub(super) fn daily(
    from: &Connection,
    folder: &Folder,
    stem: &str,
    now_s: u64,
) -> Result<Option<PathBuf>, ProfileError> {
    let backups = folder.backups(stem);
    let to = backups.join(format!("{}.sqlite3", date(now_s)));
    let attempt = Attempt { what: "backed up", path: &to };
    let rows = super::store::count(from, "SELECT count(*) FROM (SELECT 1 FROM judgements LIMIT 1)");
    if to.exists() || rows.map_err(|error| attempt.sql(error))? == 0 {
        return Ok(None);
    }
    std::fs::create_dir_all(&backups).map_err(|error| attempt.io(error))?;
    clear_parts(&backups);
    let part = copy(from, &to, attempt.what)?;
    part.persist_noclobber(&to).map_err(|error| attempt.io(error.error))?;
    // A clock that jumped leaves dates of the future behind. They go first: else they would push out
    // every new backup for ever.
    let (future, mut all): (Vec<PathBuf>, Vec<PathBuf>) =
        newest_first(&backups).into_iter().partition(|path| *path > to);
    all.extend(future);
    for old in all.iter().skip(BACKUPS) {
        std::fs::remove_file(old).map_err(|error| Attempt { what: "backed up", path: old }.io(error))?;
    }
    Ok(Some(to))
}

/// Removes what a backup left that was killed; the caller holds the lock.
fn clear_parts(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PART) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The backups of a folder by date, the newest first.
pub(super) fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "sqlite3"))
        .collect();
    all.sort();
    all.reverse();
    all
}

/// The date in UTC as year-month-day (Hinnant, "chrono-compatible low-level date algorithms").
pub(super) fn date(now_s: u64) -> String {
    // Beyond the year 9999 dates would no longer sort.
    let days = (now_s / 86_400).min(2_932_896) + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (second, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(date(second), day);
        }
    }
}
