//! What a file or a folder that a person loves holds: bars to hear rhythms of, and sounds.
//!
//! Threads of the headless tool, the worker. Every byte is untrusted; a folder is read within limits, and what is
//! left out is said.

use super::bars::{Bar, MOST_DISTINCT, midi_bars};
use super::transcribe::transcribe;
use crate::kit::analysis::Analysis;
use crate::kit::load::{self, Channels};
use crate::kit::sketch::Sketch;
use crate::kit::{Audio, roles, scan};
use crate::pattern::Role;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Files of a folder that are read at most: a sound takes some 10 ms.
pub const MOST_FILES: usize = 64;
/// Sounds that are kept.
pub const MOST_SOUNDS: usize = 64;
/// An audio loop is at least so long, in seconds, and has so many onsets.
const LOOP_S: f64 = 0.9;
const LOOP_ONSETS: usize = 4;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Material {
    /// Distinct bars, the most frequent first, at most 16.
    pub bars: Vec<Bar>,
    /// Sounds and what they are used for.
    pub sounds: Vec<(Role, Sketch)>,
    /// Files that are in it.
    pub files: usize,
    /// What was left out or not understood, for a person; at most 8 lines.
    pub unread: Vec<String>,
}

/// Reads a MIDI file, a sound file (a loop or one hit), or a folder of them. Up with `stop`, it ends early.
///
/// # Errors
/// Nothing in it can be used, for a person.
pub fn read(path: &Path, stop: &AtomicBool) -> Result<Material, String> {
    let is_folder = std::fs::metadata(path).map_err(|error| error.to_string())?.is_dir();
    let mut found = Material::default();
    let mut files = vec![path.to_owned()];
    if is_folder {
        let (all, refused) =
            scan::files(&[path.to_owned()], |path| is_midi(path) || load::is_sound_file(path));
        found.unread.extend(refused.iter().map(|one| format!("{}: {}", one.path.display(), one.reason)));
        if all.len() > MOST_FILES {
            found.unread.push(format!("{} of its {} files were read", MOST_FILES, all.len()));
        }
        // Spread over the whole folder, the same ones each time.
        let kept = all.len().min(MOST_FILES);
        files = (0..kept).map(|at| all[at * all.len() / kept].clone()).collect();
    }
    let mut bars: Vec<Bar> = Vec::new();
    for file in &files {
        if stop.load(Ordering::Acquire) {
            break;
        }
        match one(file, &mut bars, &mut found) {
            Ok(()) => found.files += 1,
            Err(reason) if is_folder => found.unread.push(format!("{}: {reason}", name(file))),
            Err(reason) => return Err(reason),
        }
    }
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars.truncate(MOST_DISTINCT);
    found.bars = bars;
    found.sounds.truncate(MOST_SOUNDS);
    found.unread.truncate(8);
    if found.bars.is_empty() && found.sounds.is_empty() {
        let why = found.unread.first().map_or_else(String::new, |reason| format!(" ({reason})"));
        return Err(format!("it holds no MIDI clip, loop or sound that can be read{why}"));
    }
    Ok(found)
}

fn one(file: &Path, bars: &mut Vec<Bar>, found: &mut Material) -> Result<(), String> {
    if is_midi(file) {
        let (read, unread) = midi_bars(&super::midi_bytes(file)?)?;
        found.unread.extend(unread.into_iter().map(|what| format!("{}: {what}", name(file))));
        bars.extend(read);
        return Ok(());
    }
    let audio = load::load_whole(file).map_err(|error| error.to_string())?;
    if is_loop(&audio) {
        let heard = transcribe(&audio)?;
        bars.extend(heard.distinct());
        found.sounds.extend(heard.sounds);
        return Ok(());
    }
    let loaded = load::load(file, Channels::Mono).map_err(|error| error.to_string())?;
    let analysis = Analysis::of(&loaded.audio);
    found.sounds.push((roles::role_of(file, &analysis), Sketch::of(&analysis)));
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// True where the name ends like a MIDI file.
#[must_use]
pub fn is_midi(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["mid", "midi", "smf"].iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// Whether a recording is a loop and not one hit: long enough, and the power rises sharply several times.
#[must_use]
pub fn is_loop(audio: &Audio) -> bool {
    let Audio { rate, left, .. } = audio;
    if (left.len() as f64) < LOOP_S * rate.hz() {
        return false;
    }
    let hop = (0.01 * rate.hz()).max(1.0) as usize;
    let power: Vec<f32> =
        left.chunks(hop).map(|part| part.iter().map(|x| x * x).sum::<f32>() / part.len() as f32).collect();
    let top = power.iter().copied().fold(1e-9f32, f32::max);
    let (mut onsets, mut last) = (0, 0);
    for at in 0..power.len() {
        let before = &power[at.saturating_sub(5)..at];
        let usual = before.iter().sum::<f32>() / before.len().max(1) as f32;
        if power[at] > 0.01 * top && power[at] > 3.0 * usual && (onsets == 0 || at - last >= 8) {
            (onsets, last) = (onsets + 1, at);
        }
    }
    onsets >= LOOP_ONSETS
}
