//! Folders of sound files to a kit, in the background.
//!
//! Loader and worker threads; cancellable between any two files. Only measurements stay in memory: the
//! audio is decoded again when it is played. Must never follow a loop of links, and never fail for one
//! bad file.

use super::analysis::Analysis;
use super::load::{Channels, is_sound_file, load};
use super::roles::{RoleOverrides, role_of};
use super::scan_cache::{ScanCache, Stamp};
use super::{Kit, KitError, Sample};
use crate::pattern::SampleId;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Sound files that one kit may have: beyond that, a choice by ear has no meaning, and the table of
/// measurements takes more than some tens of megabytes.
pub(crate) const MAX_FILES: usize = 50_000;
/// Entries of folders that are looked at, so that pointing at a whole disk ends.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;
/// Folders within folders that are followed.
pub(crate) const MAX_DEPTH: usize = 24;
/// Files between two writes of the cache, so that a cancelled scan isn't lost.
const SAVE_EVERY: usize = 2_000;
const SCANNING: &str = "scanning sounds";

/// How a scan is done.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// What becomes of several channels.
    pub channels: Channels,
    /// The person's corrections of roles.
    pub overrides: RoleOverrides,
    /// Where measurements are kept between scans; `None` keeps none.
    pub cache_file: Option<PathBuf>,
}

/// A file or folder that could not be used.
#[derive(Debug)]
pub struct Refused {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub reason: KitError,
}

/// What a scan found.
#[derive(Debug)]
pub struct Scan {
    /// The sounds, in the order of their paths; of files with the same contents the first.
    pub kit: Kit,
    /// Files and folders that could not be used, in the order of their paths.
    pub refused: Vec<Refused>,
    /// Files whose measurements came from the cache.
    pub from_cache: usize,
}

/// Loads every sound file of a folder and its subfolders, without a cache file.
///
/// # Errors
/// Those of [`scan`].
pub fn load_dir(folder: &Path) -> Result<Scan, KitError> {
    scan(&[folder.to_path_buf()], &ScanOptions::default(), &AtomicBool::new(false), &|_, _| {})
}

/// Loads every sound file of some folders, their subfolders, or single files. `progress(done, total)` may
/// be called from any thread. Setting `cancel` ends it after the files in work.
///
/// # Errors
/// [`KitError::Cancelled`]; [`KitError::Io`] where the only folder given can't be read. Everything else is
/// listed in [`Scan::refused`].
pub fn scan(
    folders: &[PathBuf],
    options: &ScanOptions,
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Scan, KitError> {
    let mut found = collected(folders, is_sound_file, cancel);
    if let ([folder], true) = (folders, found.files.is_empty())
        && let Some(at) = found.refused.iter().position(|refused| refused.path == *folder)
    {
        return Err(found.refused.swap_remove(at).reason);
    }
    let Collected { files, mut refused, .. } = found;
    let mut known = options.cache_file.as_deref().map(ScanCache::read).unwrap_or_default();
    progress(0, files.len());
    let (mut samples, mut from_cache, mut done) = (Vec::new(), 0, 0);
    for part in files.chunks(SAVE_EVERY) {
        let mut fresh = false;
        for (path, result) in
            part.iter().zip(measure(part, options, &known, cancel, &|at| progress(done + at, files.len())))
        {
            match result {
                Some(Ok(measured)) => {
                    from_cache += usize::from(measured.cached);
                    fresh |= !measured.cached;
                    if let (false, Some(stamp)) = (measured.cached, measured.stamp) {
                        known.put(stamp, measured.id, measured.analysis.clone());
                    }
                    samples.push(sample(path, measured.id, measured.analysis, options));
                }
                Some(Err(reason)) => refused.push(Refused { path: path.clone(), reason }),
                None => {}
            }
        }
        done += part.len();
        if let (Some(file), true) = (&options.cache_file, fresh) {
            known.keep_latest();
            // Without the cache file the next scan is slower, and nothing is lost.
            let _ = known.write(file);
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(KitError::Cancelled { what: SCANNING });
        }
    }
    refused.sort_by(|a, b| a.path.cmp(&b.path));
    let name = folders.first().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy());
    let kit = Kit::new(name.unwrap_or_default(), samples);
    Ok(Scan { kit, refused, from_cache })
}

/// Every file of some folders and their subfolders whose name is `wanted`, in the order of their paths, and
/// what could not be looked at. The limits of a scan hold.
#[must_use]
pub fn files(folders: &[PathBuf], wanted: fn(&Path) -> bool) -> (Vec<PathBuf>, Vec<Refused>) {
    let found = collected(folders, wanted, &AtomicBool::new(false));
    (found.files, found.refused)
}

fn collected(folders: &[PathBuf], wanted: fn(&Path) -> bool, cancel: &AtomicBool) -> Collected {
    let mut found =
        Collected { wanted, files: Vec::new(), refused: Vec::new(), seen: BTreeSet::new(), entries: 0 };
    for folder in folders {
        found.collect(folder, 0, cancel);
    }
    found.files.sort_unstable();
    found.files.dedup();
    found
}

fn sample(path: &Path, id: SampleId, analysis: Arc<Analysis>, options: &ScanOptions) -> Arc<Sample> {
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let role = options.overrides.get(id).unwrap_or_else(|| role_of(path, &analysis));
    Arc::new(Sample::in_file(id, name, role, path.into(), options.channels, analysis))
}

struct Measured {
    id: SampleId,
    analysis: Arc<Analysis>,
    stamp: Option<Stamp>,
    cached: bool,
}

/// Measures files on as many threads as the machine has, at most four; they all end before it returns.
/// `None` for files that were not reached because of `cancel`.
fn measure(
    files: &[PathBuf],
    options: &ScanOptions,
    known: &ScanCache,
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Option<Result<Measured, KitError>>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(files.iter().map(|_| None).collect::<Vec<_>>());
    let work = || {
        while let Some((index, path)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            files.get(index).filter(|_| !cancel.load(Ordering::Relaxed)).map(|path| (index, path))
        } {
            let result = measure_one(path, options.channels, known);
            results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn measure_one(path: &Path, channels: Channels, known: &ScanCache) -> Result<Measured, KitError> {
    let stamp = Stamp::of(path, channels);
    if let Some((id, analysis)) = stamp.as_ref().and_then(|stamp| known.get(stamp)) {
        return Ok(Measured { id, analysis, stamp, cached: true });
    }
    let loaded = load(path, channels)?;
    let analysis = Arc::new(Analysis::of(&loaded.audio));
    Ok(Measured { id: loaded.id, analysis, stamp, cached: false })
}

struct Collected {
    /// Whether a file is of interest, by its name.
    wanted: fn(&Path) -> bool,
    files: Vec<PathBuf>,
    refused: Vec<Refused>,
    /// Folders that were entered, by their real place: a loop of links ends here.
    seen: BTreeSet<PathBuf>,
    entries: usize,
}

impl Collected {
    fn refuse(&mut self, path: &Path, reason: KitError) {
        self.refused.push(Refused { path: path.into(), reason });
    }

    fn collect(&mut self, path: &Path, depth: usize, cancel: &AtomicBool) {
        let io = |what, source| KitError::Io { what, path: path.into(), source };
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(source) => return self.refuse(path, io("finding a folder", source)),
        };
        if real.is_file() {
            if !(self.wanted)(path) {
                let reason = "its name does not end like a sound's".to_owned();
                return self.refuse(path, KitError::Unsupported { what: SCANNING, reason });
            }
            return self.files.push(path.into());
        }
        if !self.seen.insert(real) {
            return;
        }
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(source) => return self.refuse(path, io("listing a folder", source)),
        };
        for entry in entries {
            if cancel.load(Ordering::Relaxed) {
                return;
            }
            self.entries += 1;
            if self.files.len() >= MAX_FILES || self.entries > MAX_ENTRIES {
                let limit = "50,000 sound files, or a million files of any kind";
                if !self
                    .refused
                    .iter()
                    .any(|r| matches!(r.reason, KitError::LimitReached { what: SCANNING, .. }))
                {
                    self.refuse(path, KitError::LimitReached { what: SCANNING, limit });
                }
                return;
            }
            let entry = match entry {
                Ok(entry) => entry.path(),
                Err(source) => {
                    self.refuse(path, io("listing a folder", source));
                    return;
                }
            };
            // Other systems' forks and folders of version control hold no sounds.
            let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if hidden {
                continue;
            }
            if entry.is_dir() {
                if depth < MAX_DEPTH {
                    self.collect(&entry, depth + 1, cancel);
                } else {
                    self.refuse(&entry, KitError::LimitReached { what: SCANNING, limit: "24 folders deep" });
                }
            } else if (self.wanted)(&entry) {
                self.files.push(entry);
            }
        }
    }
}

#[cfg(test)]
mod tests;
