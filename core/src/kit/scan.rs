//! Folders of sound files to a kit.
//!
//! Loader and worker threads; cancellable between any two files.

use super::load::{Channels, is_sound_file, load};
use super::roles::{role_by_name, role_by_sound};
use super::{Kit, KitError, Origin, Sample};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Sound files that one kit may have: beyond that a choice by ear has no meaning, and memory matters.
pub const MAX_FILES: usize = 50_000;
/// Folders within folders that are followed.
const MAX_DEPTH: usize = 16;

/// A file that could not be used.
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
    /// The sounds, in the order of their paths.
    pub kit: Kit,
    /// Files and folders that could not be used, in the order of their paths.
    pub refused: Vec<Refused>,
}

/// Loads every sound file of a folder and its subfolders.
///
/// # Errors
/// [`KitError::Io`] where the folder itself can't be read.
pub fn load_dir(folder: &Path) -> Result<Scan, KitError> {
    scan(&[folder.to_path_buf()], Channels::Keep, &AtomicBool::new(false), &|_, _| {})
}

/// Loads every sound file of some folders and their subfolders. `progress(done, total)` may be called from
/// any thread.
///
/// # Errors
/// [`KitError::Cancelled`], or [`KitError::Io`] where none of the folders can be read.
pub fn scan(
    folders: &[PathBuf],
    channels: Channels,
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Scan, KitError> {
    let mut refused = Vec::new();
    let mut files = Vec::new();
    for folder in folders {
        collect(folder, 0, &mut files, &mut refused);
    }
    files.sort();
    files.dedup();
    let mut samples = Vec::new();
    for (at, path) in files.iter().enumerate() {
        if cancel.load(Ordering::Relaxed) {
            return Err(KitError::Cancelled { what: "scanning sounds" });
        }
        match load(path, channels) {
            Ok(loaded) => {
                let name =
                    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let origin = Origin::File { path: path.clone() };
                let mut sample =
                    Sample::decoded(loaded.id, name, crate::pattern::Role::Fx, origin, loaded.audio);
                sample.role =
                    role_by_name(path, &sample.analysis).unwrap_or_else(|| role_by_sound(&sample.analysis));
                samples.push(Arc::new(sample));
            }
            Err(reason) => refused.push(Refused { path: path.clone(), reason }),
        }
        progress(at + 1, files.len());
    }
    let name =
        folders.first().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
    Ok(Scan { kit: Kit::new(name.unwrap_or_default(), samples), refused })
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, refused: &mut Vec<Refused>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(source) => {
            let reason = KitError::Io { what: "listing a folder", path: folder.into(), source };
            refused.push(Refused { path: folder.into(), reason });
            return;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if depth < MAX_DEPTH && !path.is_symlink() {
                collect(&path, depth + 1, files, refused);
            }
        } else if is_sound_file(&path) && files.len() < MAX_FILES {
            files.push(path);
        }
    }
}
