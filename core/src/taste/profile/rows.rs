//! A judgement as a row: what makes it one and the same, and how it is written and read.

use crate::pattern::notation;
use crate::taste::{Judgement, LoopId, Source, Verdict};
use rusqlite::{Connection, Row, params};

/// The longest loop in text notation that is read: eight lanes of 96 cells stay below it.
const MOST_TEXT: i64 = 16 << 10;

/// What makes a judgement one and the same in every profile and project.
///
/// Seed and serial alone do not: a copied project (duplicated track, "save as") goes on with the same
/// seed and the same next serial. So the key also holds a digest of what was said of which loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The seed of the session in which it was said.
    pub origin: u64,
    /// Its serial there.
    pub serial: u64,
    /// The first eight bytes of BLAKE3 over loop identity, loop, losing loop, verdict and source.
    pub digest: u64,
}

impl Key {
    /// The key of a judgement of the session with this seed.
    #[must_use]
    pub fn of(origin: u64, judgement: &Judgement) -> Self {
        let part = |part: Option<bool>| match part {
            None => '?',
            Some(true) => '+',
            Some(false) => '-',
        };
        let Verdict { like, rhythm, sound } = judgement.verdict;
        let text = format!(
            "{}\n{}\n{}\n{}{}{}\n{}",
            judgement.id,
            notation::write(&judgement.subject),
            judgement.over.as_ref().map(notation::write).unwrap_or_default(),
            part(like),
            part(rhythm),
            part(sound),
            judgement.source.key(),
        );
        let hash = blake3::hash(text.as_bytes());
        let mut digest = [0; 8];
        digest.copy_from_slice(&hash.as_bytes()[..8]);
        Self { origin, serial: judgement.serial, digest: u64::from_le_bytes(digest) }
    }
}

/// A judgement of the profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stored {
    /// What makes it one and the same.
    pub key: Key,
    /// The judgement, with the serial of its own session.
    pub judgement: Judgement,
    /// When it was said: seconds of Unix time.
    pub said_s: u64,
}

/// A row and how often it was said and taken back.
pub(super) struct Record {
    pub(super) stored: Stored,
    /// 1 when said, one more for every taking back and saying again: odd while it holds. The larger
    /// count wins a merge (Yu and Rostad 2020, "A low-cost set CRDT based on causal lengths").
    pub(super) changes: i64,
}

/// What happens to a row that is there already.
#[derive(Clone, Copy)]
pub(super) enum Meeting {
    /// It stays as it is, also if it was taken back.
    Keep,
    /// It holds again.
    SayAgain,
    /// The one that changed more often wins.
    Merge,
}

pub(super) fn insert(connection: &Connection, record: &Record, meeting: Meeting) -> rusqlite::Result<usize> {
    let on_conflict = match meeting {
        Meeting::Keep => "DO NOTHING",
        Meeting::SayAgain => "(origin, serial, digest) DO UPDATE SET changes = changes + 1 - changes % 2",
        Meeting::Merge => {
            "(origin, serial, digest) DO UPDATE SET
             changes = max(changes, excluded.changes), said_s = min(said_s, excluded.said_s)"
        }
    };
    let mut statement = connection.prepare_cached(&format!(
        "INSERT INTO judgements (origin, serial, digest, loop, subject, loser, liked, rhythm, sound,
             source, weight, predicted, said_s, changes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT {on_conflict}"
    ))?;
    let Stored { key, judgement, said_s } = &record.stored;
    statement.execute(params![
        key.origin.cast_signed(),
        key.serial.cast_signed(),
        key.digest.cast_signed(),
        judgement.id.0.cast_signed(),
        notation::write(&judgement.subject),
        judgement.over.as_ref().map(notation::write),
        judgement.verdict.like,
        judgement.verdict.rhythm,
        judgement.verdict.sound,
        judgement.source.key(),
        judgement.weight,
        judgement.predicted,
        time(*said_s),
        record.changes,
    ])
}

/// Unix time as SQLite holds it.
pub(super) fn time(now_s: u64) -> i64 {
    i64::try_from(now_s).unwrap_or(i64::MAX)
}

/// Marks a judgement as taken back; it stays where it is.
pub(super) fn withdraw(connection: &Connection, key: &Key) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(
        "UPDATE judgements SET changes = changes + 1
         WHERE origin = ?1 AND serial = ?2 AND digest = ?3 AND changes % 2 = 1",
    )?;
    statement.execute([key.origin, key.serial, key.digest].map(u64::cast_signed))
}

/// All columns in the order in which [`read`] takes them; a text that is too long comes as none.
pub(super) const SELECT: &str = "SELECT origin, serial, loop, subject, loser, liked, rhythm, sound,
    source, weight, predicted, said_s, changes, length(subject), length(loser) FROM judgements";

/// Reads a row; `None` where it holds something that no judgement can hold. The digest is computed
/// anew: what a file says of it is not believed.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Option<Record>> {
    let longest = row.get::<_, i64>(13)?.max(row.get::<_, Option<i64>>(14)?.unwrap_or(0));
    if longest > MOST_TEXT {
        return Ok(None);
    }
    let subject = row.get_ref(3)?.as_str().ok().and_then(|line| notation::read(line).ok());
    let over = row.get_ref(4)?.as_str_or_null().ok().flatten().map(notation::read).transpose();
    let source = row.get_ref(8)?.as_str().ok();
    let source = Source::ALL.iter().copied().find(|known| source == Some(known.key()));
    let (Some(subject), Ok(over), Some(source)) = (subject, over, source) else { return Ok(None) };
    let weight = row.get::<_, f64>(9)? as f32;
    let judgement = Judgement {
        serial: row.get::<_, i64>(1)?.cast_unsigned(),
        id: LoopId(row.get::<_, i64>(2)?.cast_unsigned()),
        subject,
        verdict: Verdict { like: row.get(5)?, rhythm: row.get(6)?, sound: row.get(7)? },
        over,
        source,
        weight: if weight.is_finite() { weight.clamp(0.01, 10.0) } else { 1.0 },
        predicted: row
            .get::<_, Option<f64>>(10)?
            .filter(|p| p.is_finite())
            .map(|p| (p as f32).clamp(0.0, 1.0)),
    };
    let key = Key::of(row.get::<_, i64>(0)?.cast_unsigned(), &judgement);
    let said_s = row.get::<_, i64>(11)?.max(0).cast_unsigned();
    let changes = row.get::<_, i64>(12)?.clamp(1, 1_000_000_000);
    Ok(Some(Record { stored: Stored { key, judgement, said_s }, changes }))
}
