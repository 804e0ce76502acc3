//! What loops sound like before a person has said anything: how loud, how even, how wide, how bright, and
//! whether their sounds belong together.
//!
//! Called by the headless tool and by tests. Every loop comes out of a session and is rendered as exports
//! are; nothing here makes sound of its own. Produced loops from a folder are measured in the same way, and
//! what is wanted of the spectrum is what was measured of them ([`TARGET`]).

mod direction;
mod loops;
mod page;
mod plots;
mod sheet;
mod signal;

pub use direction::{Direction, direction};
pub use loops::{HeardLane, HeardLoop, Player, coherence};
pub use page::page;
pub use plots::plots;
pub use sheet::sheet;
pub use signal::{BAND_EDGES_HZ, Balance, OCTAVES, OCTAVES_HZ, SILENCE_DB, Signal, measure};

use deepdrummer_core::kit::load::{Channels, load};
use deepdrummer_core::kit::{KitError, factory};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::preset::Library;
use deepdrummer_core::units::Seed;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What the average of many loops should be: that of seven produced drum loops (909beat01, break01 to 03,
/// electro_beat01 and 02, jungle01 of Debian's lmms-common, `samples/beats`), the mean of their shares in
/// decibels, as `--against` measures them. The highest octave is the mean of the five that are not cut off
/// below it. Commercial recordings fall towards the high end as steeply below 400 Hz and above 2 kHz (Pestana,
/// Ma, Reiss, Barbosa, Black: *Spectral Characteristics of Popular Commercial Recordings 1950–2010*, AES 135,
/// 2013), but have other instruments than drums in the middle.
pub const TARGET: Balance = Balance {
    bands: [-9.6, -4.7, -10.6, -17.5, -14.1, -13.5],
    octaves: [-18.0, -3.7, -8.1, -14.5, -19.8, -22.6, -20.0, -15.5, -14.4, -18.3],
};
/// How far from [`TARGET`] an octave may be, in decibels.
pub const TOLERANCE_DB: f64 = 3.0;

/// What is heard.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Settings {
    /// New sessions, each with the next seed.
    pub sessions: usize,
    /// Loops of each session, one after another, none of them rated.
    pub each: usize,
    /// Lanes.
    pub lanes: usize,
    /// Quarter notes a minute.
    pub bpm: f64,
    /// Root of all randomness: the first session's seed.
    pub seed: u64,
    /// Ratings after which a preset's direction is looked at; 0 leaves it out.
    pub ratings: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { sessions: 20, each: 6, lanes: 6, bpm: 120.0, seed: 1, ratings: 20 }
    }
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum MixError {
    /// A kit, a preset or a sound could not be had.
    #[error("{0}")]
    Sound(String),
    /// A file can't be read.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// The loudness meter refused.
    #[error("loudness can't be measured: {0}")]
    Meter(#[from] ebur128::Error),
}

/// A loop with a name.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// Of its preset, kit or file.
    pub name: String,
    /// What was measured of its sound.
    pub signal: Signal,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How.
    pub settings: Settings,
    /// Loops of new sessions: each session's in the order of its proposals.
    pub sessions: Vec<Vec<HeardLoop>>,
    /// The first loop of each preset that ships.
    pub presets: Vec<(String, HeardLoop)>,
    /// The first loops of sessions with one factory kit.
    pub kits: Vec<(String, Vec<HeardLoop>)>,
    /// Produced loops, where a folder of them was given.
    pub produced: Vec<Named>,
    /// Whether presets stay in their direction.
    pub directions: Vec<Direction>,
}

impl Report {
    /// All loops of new sessions.
    pub fn proposals(&self) -> impl Iterator<Item = &HeardLoop> {
        self.sessions.iter().flatten()
    }
}

/// Renders and measures. `progress` is told what is done of what there is.
///
/// # Errors
/// See [`MixError`].
pub fn listen(
    settings: Settings,
    against: Option<&Path>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, MixError> {
    let shipped = Library::factory();
    let directions = if settings.ratings > 0 { shipped.all.len() } else { 0 };
    let whole = settings.sessions + shipped.all.len() + factory::kits().len() + directions;
    let mut done = 0;
    let mut tick = || {
        done += 1;
        progress(done, whole);
    };
    let roles = || Role::default_lanes(settings.lanes);
    let mut sessions = Vec::with_capacity(settings.sessions);
    for at in 0..settings.sessions {
        let document = Document::new(Seed(settings.seed + at as u64), roles());
        sessions.push(Player::new(document, settings.bpm)?.proposals(settings.each)?);
        tick();
    }
    let mut presets = Vec::new();
    for listed in &shipped.all {
        let mut player = Player::of_preset(listed, settings.bpm)?;
        let mut first = player.proposals(1)?;
        presets.extend(first.pop().map(|first| (listed.preset.name.clone(), first)));
        tick();
    }
    let mut kits = Vec::new();
    for name in factory::kits() {
        let mut of_kit = Vec::new();
        for seed in 0..4 {
            let kit = KitChoice::FactoryKit((*name).to_owned());
            let document = Document { kit, ..Document::new(Seed(settings.seed + seed), roles()) };
            of_kit.extend(Player::new(document, settings.bpm)?.proposals(2)?);
        }
        kits.push(((*name).to_owned(), of_kit));
        tick();
    }
    let mut found = Vec::with_capacity(directions);
    for listed in shipped.all.iter().take(directions) {
        found.push(direction(listed, settings.ratings, Seed(settings.seed))?);
        tick();
    }
    let produced = against.map_or_else(|| Ok(Vec::new()), produced)?;
    Ok(Report { settings, sessions, presets, kits, produced, directions: found })
}

/// Measures the sound files of a folder as loops.
fn produced(folder: &Path) -> Result<Vec<Named>, MixError> {
    let unreadable = |source| KitError::Io { what: "reading a folder of loops", path: folder.into(), source };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let measured = files.iter().filter(|file| file.is_file()).map(|file| {
        let audio = load(file, Channels::Keep)?.audio;
        let right = audio.right.as_ref().unwrap_or(&audio.left);
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Named { name, signal: measure(&audio.left, right, audio.rate.hz_u32())? })
    });
    measured.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_report_has_every_part_and_is_drawn() {
        let settings = Settings { sessions: 2, each: 2, ratings: 0, ..Settings::default() };
        let report = listen(settings, None, &mut |_, _| {}).unwrap();
        assert_eq!(report.proposals().count(), 4);
        assert_eq!(report.presets.len(), Library::factory().all.len());
        assert!(report.proposals().all(|heard| heard.signal.lufs > -60.0));
        let page = page(&report);
        for part in ["## Loudness", "## Balance", "## Spectrum", "## Sounds that belong together"] {
            assert!(page.contains(part), "{part}");
        }
        let folder = tempfile::tempdir().unwrap();
        plots(&report, folder.path()).unwrap();
        assert!(folder.path().join("spectrum.svg").exists());
    }
}
