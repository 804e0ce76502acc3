//! Finished jobs on disk, one JSON object a line, so that a study can be broken off and go on.

use super::{Options, Outcome, PROTOCOL};
use crate::baselines::Contender;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::propose::LEARNER;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

/// The file's name inside the study's folder.
const FILE: &str = "outcomes.jsonl";
/// A stored line longer than this is not ours.
const MOST_LINE_BYTES: u64 = 1 << 20;

/// Why results could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file failed.
    #[error("keeping the study's results in {path}: {source}")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// A result could not be written as JSON.
    #[error("writing a result as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
struct Line {
    settings: String,
    outcome: Outcome,
}

/// The store of one study; without a folder it forgets everything.
pub(super) struct Store {
    settings: String,
    file: Option<(PathBuf, File)>,
    known: Vec<Outcome>,
}

/// Names everything that decides results: protocol, learner, settings, and the sounds of the kit.
fn fingerprint(options: &Options, kit: &Kit, learner: u32) -> Result<String, StoreError> {
    let mut hash = blake3::Hasher::new();
    hash.update(&PROTOCOL.to_le_bytes());
    hash.update(&learner.to_le_bytes());
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hash.update(&serde_json::to_vec(&options.settings)?);
    for sample in kit.samples() {
        hash.update(&sample.id.0.to_le_bytes());
    }
    Ok(hash.finalize().to_hex()[..16].to_owned())
}

impl Store {
    /// Opens the store and reads what earlier runs with the same settings and learner finished. Lines that are
    /// broken (a run was killed while writing) or belong to others are passed over.
    pub(super) fn open(options: &Options, kit: &Kit) -> Result<Self, StoreError> {
        let settings = fingerprint(options, kit, LEARNER)?;
        let Some(folder) = &options.out else {
            return Ok(Self { settings, file: None, known: Vec::new() });
        };
        let path = folder.join(FILE);
        let io = |source| StoreError::Io { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let known = read(&path, &settings).map_err(io)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(io)?;
        // A line that a killed run left unfinished must not swallow the next one.
        let unfinished = fs::read(&path).map_err(io)?.last().is_some_and(|byte| *byte != b'\n');
        if unfinished {
            file.write_all(b"\n").map_err(io)?;
        }
        Ok(Self { settings, file: Some((path, file)), known })
    }

    /// A finished job of an earlier run.
    pub(super) fn find(&self, critic: Contender, listener: &str, seed: u64) -> Option<Outcome> {
        let same = |o: &&Outcome| o.critic == critic && o.listener == listener && o.seed == seed;
        self.known.iter().find(same).cloned()
    }

    /// Keeps a finished job.
    pub(super) fn keep(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let line = Line { settings: self.settings.clone(), outcome: outcome.clone() };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        file.write_all(&bytes).map_err(|source| StoreError::Io { path: path.clone(), source })
    }
}

fn read(path: &Path, settings: &str) -> io::Result<Vec<Outcome>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut known = Vec::new();
    let mut reader = BufReader::new(file);
    loop {
        let mut bytes = Vec::new();
        if io::Read::take(&mut reader, MOST_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(known);
        }
        if let Ok(line) = serde_json::from_slice::<Line>(&bytes)
            && line.settings == settings
        {
            known.push(line.outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::tests::small_kit;
    use crate::study::Settings;

    #[test]
    fn results_are_known_by_settings_kit_and_learner() {
        let (options, kit) = (Options::default(), small_kit());
        let name = |options: &Options, kit: &Kit, learner| fingerprint(options, kit, learner).unwrap();
        let one = name(&options, &kit, 1);
        assert_eq!(name(&options, &kit, 1), one);
        assert_ne!(name(&options, &kit, 2), one, "another learner");
        assert_ne!(name(&options, &Kit::new("none", []), 1), one, "another kit");
        let settings = Settings { fresh: options.settings.fresh + 1, ..options.settings.clone() };
        let other = Options { settings, ..options };
        assert_ne!(name(&other, &kit, 1), one, "other settings");
    }
}
