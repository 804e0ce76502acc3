//! What a scan learned, on disk, so that the next one reads only what is new: a file's path, size and
//! time of change → content hash and analysis. Roles are not in it: they follow from name and analysis.
//!
//! Loader threads. The file is untrusted: a damaged or older one counts as empty, never as an error.

use super::SampleId;
use super::analysis::{Analysis, take};
use super::load::Channels;
use crate::disk::path::{from_text, to_text};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Changes whenever what is measured changes.
const MAGIC: &[u8; 8] = b"DDSCAN02";
/// 100,000 entries with paths of 200 bytes, rounded up.
const MAX_BYTES: u64 = 96 << 20;
/// The longest path that is remembered, in bytes; its text is three times as long at worst.
const MAX_PATH: usize = 4_096;

/// What tells whether a file is still the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp {
    pub path: PathBuf,
    pub bytes: u64,
    /// Nanoseconds since 1970; 0 where the system doesn't say.
    pub changed_ns: u64,
    pub mono: bool,
}

impl Stamp {
    pub(super) fn of(path: &Path, channels: Channels) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let changed = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let changed_ns = u64::try_from(changed.as_nanos()).ok()?;
        Some(Self { path: path.into(), bytes: metadata.len(), changed_ns, mono: channels == Channels::Mono })
    }
}

/// The entries of a cache file.
#[derive(Debug, Default)]
pub(super) struct ScanCache {
    entries: BTreeMap<Stamp, (SampleId, Arc<Analysis>)>,
}

impl ScanCache {
    pub(super) fn get(&self, stamp: &Stamp) -> Option<(SampleId, Arc<Analysis>)> {
        self.entries.get(stamp).cloned()
    }

    pub(super) fn put(&mut self, stamp: Stamp, id: SampleId, analysis: Arc<Analysis>) {
        self.entries.insert(stamp, (id, analysis));
    }

    /// Forgets a file's older states.
    pub(super) fn keep_latest(&mut self) {
        let mut latest: BTreeMap<(PathBuf, bool), u64> = BTreeMap::new();
        for stamp in self.entries.keys() {
            let newest = latest.entry((stamp.path.clone(), stamp.mono)).or_default();
            *newest = stamp.changed_ns.max(*newest);
        }
        self.entries.retain(|s, _| latest.get(&(s.path.clone(), s.mono)) == Some(&s.changed_ns));
    }

    /// Reads a cache file; anything wrong with it gives an empty cache.
    pub(super) fn read(path: &Path) -> Self {
        let Ok(file) = std::fs::File::open(path) else { return Self::default() };
        let mut bytes = Vec::new();
        match file.take(MAX_BYTES + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 <= MAX_BYTES => Self::parse(&bytes).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if blake3::hash(body).as_bytes() != sum {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let mut cache = Self::default();
        while !rest.is_empty() {
            let length = usize::from(u16::from_le_bytes(take(&mut rest)?));
            let (path, after) = rest.split_at_checked(length)?;
            rest = after;
            let stamp = Stamp {
                path: from_text(std::str::from_utf8(path).ok()?),
                bytes: u64::from_le_bytes(take(&mut rest)?),
                changed_ns: u64::from_le_bytes(take(&mut rest)?),
                mono: take::<1>(&mut rest)? == [1],
            };
            let id = SampleId(u64::from_le_bytes(take(&mut rest)?));
            let analysis = Analysis::parse(&mut rest)?;
            cache.put(stamp, id, Arc::new(analysis));
        }
        Some(cache)
    }

    /// Replaces the cache file in one step, so that no reader ever sees half of one.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut bytes = MAGIC.to_vec();
        for (stamp, (id, analysis)) in &self.entries {
            if stamp.path.as_os_str().len() > MAX_PATH {
                continue;
            }
            let path = to_text(&stamp.path);
            if bytes.len() as u64 > MAX_BYTES - 8_192 {
                break;
            }
            bytes.extend((path.len() as u16).to_le_bytes());
            bytes.extend(path.as_bytes());
            bytes.extend(stamp.bytes.to_le_bytes());
            bytes.extend(stamp.changed_ns.to_le_bytes());
            bytes.push(u8::from(stamp.mono));
            bytes.extend(id.0.to_le_bytes());
            analysis.write(&mut bytes);
        }
        let sum = blake3::hash(&bytes);
        bytes.extend(sum.as_bytes());
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&bytes)?;
        crate::disk::persist(file, path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Audio;
    use crate::units::SampleRate;

    fn example() -> ScanCache {
        let mut cache = ScanCache::default();
        for index in 0..3u64 {
            let left = (0..2_000).map(|i| (i as f32 * 0.01 * (index + 1) as f32).sin()).collect();
            let audio = Audio { rate: SampleRate::STUDIO, left, right: None };
            let stamp =
                Stamp { path: format!("/a/{index}.wav").into(), bytes: 9, changed_ns: 7, mono: index == 1 };
            cache.put(stamp, SampleId(index + 1), Arc::new(Analysis::of(&audio)));
        }
        cache
    }

    #[test]
    fn what_was_written_is_read_and_every_damage_counts_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/scan.bin");
        let cache = example();
        cache.write(&path).unwrap();
        assert_eq!(ScanCache::read(&path).entries, cache.entries);
        let bytes = std::fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            assert!(ScanCache::parse(&bytes[..length]).is_none());
        }
        for at in (0..bytes.len()).step_by(17) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(ScanCache::parse(&damaged).is_none());
        }
        assert!(ScanCache::read(&folder.path().join("none")).entries.is_empty());
    }

    #[test]
    fn only_a_files_latest_state_is_kept() {
        let mut cache = example();
        let newer = Stamp { path: "/a/0.wav".into(), bytes: 10, changed_ns: 8, mono: false };
        let (id, analysis) = cache.get(&Stamp { changed_ns: 7, bytes: 9, ..newer.clone() }).unwrap();
        cache.put(newer.clone(), id, analysis);
        cache.keep_latest();
        assert_eq!(cache.entries.len(), 3);
        assert!(cache.get(&newer).is_some());
    }
}
