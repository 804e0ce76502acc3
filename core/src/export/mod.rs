//! Loops as files: MIDI and audio, written whole or not at all, never over another file.
//!
//! Worker thread: it renders and writes to disk. Nothing is ever written outside the folder that the
//! person chose or that [`default_folder`] names.

mod audio;
mod files;
mod index;
mod maps;
mod midi;
mod song;

pub use crate::render::Tail;
pub use files::{default_folder, sanitized_name};
pub use index::{Indexed, write_index};
pub use maps::{MOST_MAP_BYTES, MapError, NoteMap, RoleKeys};
pub use midi::{TICKS_PER_BEAT, midi_file};
pub use song::{SongPiece, export_song};

use crate::engine::{Levels, MixState, PreparedSound};
use crate::kit::wav::Cycle;
use crate::pattern::{Course, Hit, Lane, Loop, MAX_LANES, MAX_STEPS};
use crate::render::{Rendering, Take};
use crate::units::{Bpm, SampleRate};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportKind {
    /// One MIDI file with all lanes; [`MidiTracks`] says how.
    Midi,
    /// One WAV of the mix.
    Audio,
    /// One WAV a lane.
    Stems,
    /// One lane as MIDI.
    LaneMidi(u8),
    /// One lane as WAV.
    LaneAudio(u8),
    /// The arrangement as one MIDI file, with a marker for each section.
    SongMidi,
    /// The arrangement as one WAV.
    SongAudio,
    /// The arrangement as one WAV a lane.
    SongStems,
}

impl ExportKind {
    /// Whether it is of the arrangement and not of a loop.
    #[must_use]
    pub fn is_of_the_song(self) -> bool {
        matches!(self, Self::SongMidi | Self::SongAudio | Self::SongStems)
    }
}

/// How the lanes lie in a MIDI file of the whole loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MidiTracks {
    /// A named track for each lane.
    #[default]
    Lanes,
    /// All lanes on one track: dropped onto a track it stays one clip in every host. Some (Ardour) lay
    /// the tracks of a file that is dropped onto one track end to end.
    One,
}

/// How many passes of a loop with life a file has: such a loop sounds otherwise from pass to pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unroll {
    /// As many as it takes until it comes again as it began, at most 16; four at the least where there are chances.
    #[default]
    Round,
    /// The first.
    Once,
}

/// The loop that is exported, as it is heard.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The loop's running number, which is in the files' names.
    pub number: u32,
    /// The loop.
    pub pattern: &'a Loop,
    /// Its lanes' sounds at `rate`; needed for audio only.
    pub sounds: &'a [Option<Arc<PreparedSound>>; MAX_LANES],
    /// At what levels they are played.
    pub levels: Levels,
    /// The mixer and the bus. Lanes that are not heard are left out, unless one is exported by itself.
    pub mix: MixState,
    /// The host's rate.
    pub rate: SampleRate,
    /// The host's tempo.
    pub bpm: Bpm,
    /// MIDI keys.
    pub note_map: NoteMap,
    /// Tracks of a MIDI file of the whole loop.
    pub midi_tracks: MidiTracks,
    /// Tails of audio.
    pub tail: Tail,
    /// Passes of a loop with life; one without is always exported once.
    pub unroll: Unroll,
}

/// Where files go.
#[derive(Clone, Copy, Debug)]
pub enum Destination<'a> {
    /// Into this folder, made if it is not there, under a readable name that no file has yet.
    Folder(&'a Path),
    /// To exactly this file, replacing what is there ("save as…": the person was asked). Several
    /// files (stems) go into this folder.
    Exactly(&'a Path),
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is neither a music folder nor a documents folder nor a home.
    #[error("no folder for exports was found; please choose one in the settings")]
    NoFolder,
    /// The folder can't be made or used.
    #[error("the export folder {} can't be used: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file can't be written.
    #[error("{} can't be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A thousand files have this name already.
    #[error("too many files are called {name} in {}", folder.display())]
    NoFreeName {
        /// The name.
        name: String,
        /// The folder.
        folder: PathBuf,
    },
    /// The loop has no such lane.
    #[error("the loop has no lane {lane}")]
    NoLane {
        /// The lane, from 1.
        lane: usize,
    },
    /// There is no arrangement.
    #[error("there is no arrangement to export yet")]
    NoSong,
    /// All lanes are muted.
    #[error("nothing to export: every lane is muted")]
    NothingHeard,
    /// A MIDI file's tempo is at most 2²⁴ microseconds a quarter note.
    #[error("a MIDI file can't hold a tempo below 3.6 bpm")]
    TooSlow,
    /// The audio would be longer than [`MAX_FRAMES`].
    #[error("the audio would be {minutes:.0} minutes long")]
    TooLong {
        /// Its length.
        minutes: f64,
    },
}

/// The longest audio that is written, in frames (18 minutes at 48 kHz).
pub(crate) const MAX_FRAMES: usize = 52_000_000;

/// Writes files and says which, in the order of lanes. Every file is complete when this returns; after
/// an error the files that were finished before it stay.
///
/// # Errors
/// See [`ExportError`]; each names the folder or file that it is about.
pub fn export(piece: &Piece<'_>, kind: ExportKind, to: Destination<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let lanes = piece.pattern.lanes();
    let heard: Vec<usize> = (0..lanes.len()).filter(|&lane| piece.mix.is_audible(lane)).collect();
    let one = |lane: u8| {
        let lane = usize::from(lane);
        if lane < lanes.len() { Ok(lane) } else { Err(ExportError::NoLane { lane: lane + 1 }) }
    };
    if heard.is_empty() && !matches!(kind, ExportKind::LaneMidi(_) | ExportKind::LaneAudio(_)) {
        return Err(ExportError::NothingHeard);
    }
    if matches!(kind, ExportKind::Midi | ExportKind::LaneMidi(_)) && midi::tempo(piece.bpm).is_none() {
        return Err(ExportError::TooSlow);
    }
    let names = lane_names(lanes);
    let write = |name: Option<&str>, extension: &str, bytes: &[u8]| {
        files::write(&to, &piece.file_stem(name), extension, bytes, kind == ExportKind::Stems)
    };
    let take = piece.take();
    if !matches!(kind, ExportKind::Midi | ExportKind::LaneMidi(_)) && take.frames() > MAX_FRAMES {
        let minutes = take.frames() as f64 / piece.rate.hz() / 60.0;
        return Err(ExportError::TooLong { minutes });
    }
    let cycle = piece.cycle();
    let wav = |sound: &Rendering| audio::wav_file(sound, Some(&cycle));
    match kind {
        ExportKind::Midi => Ok(vec![write(None, "mid", &midi_file(piece, &heard))?]),
        ExportKind::SongMidi | ExportKind::SongAudio | ExportKind::SongStems => Err(ExportError::NoSong),
        ExportKind::LaneMidi(lane) => {
            let lane = one(lane)?;
            Ok(vec![write(Some(&names[lane]), "mid", &midi_file(piece, &[lane]))?])
        }
        ExportKind::Audio => Ok(vec![write(None, "wav", &wav(&take.mix()))?]),
        ExportKind::LaneAudio(lane) => {
            let lane = one(lane)?;
            Ok(vec![write(Some(&names[lane]), "wav", &wav(&take.lane(lane)))?])
        }
        ExportKind::Stems => {
            write_stems(&take.stems(), &heard, |lane, stem| write(Some(&names[lane]), "wav", &wav(stem)))
        }
    }
}

/// Writes the stems of the lanes that are heard, in their order.
fn write_stems(
    stems: &[Rendering],
    heard: &[usize],
    write: impl Fn(usize, &Rendering) -> Result<PathBuf, ExportError>,
) -> Result<Vec<PathBuf>, ExportError> {
    let there = heard.iter().filter_map(|&lane| Some((lane, stems.get(lane)?)));
    there.map(|(lane, stem)| write(lane, stem)).collect()
}

/// Writes a one-shot of a lane as it sounds there, with the lane's level, pan and tuning, from its first
/// frame to its last that is not silent, to exactly this file.
///
/// # Errors
/// The loop has no such lane; the file can't be written.
pub fn write_one_shot(piece: &Piece<'_>, lane: usize, path: &Path) -> Result<(), ExportError> {
    let mut pattern = *piece.pattern;
    if lane >= pattern.lanes().len() {
        return Err(ExportError::NoLane { lane: lane + 1 });
    }
    for lane in pattern.lanes_mut() {
        (lane.hits, lane.course) = ([Hit::NONE; MAX_STEPS], Course::PLAIN);
    }
    pattern.lanes_mut()[lane].hits[0] = Hit::new(127);
    let take = Take { pattern: &pattern, bars: None, tail: Tail::Keep, ..piece.take() };
    let mut sound = take.lane(lane);
    let sounds = |side: &[f32]| side.iter().rposition(|x| *x != 0.0).map_or(0, |last| last + 1);
    let frames = sounds(&sound.left).max(sounds(&sound.right));
    sound.left.truncate(frames);
    sound.right.truncate(frames);
    files::write(&Destination::Exactly(path), "", "wav", &audio::wav_file(&sound, None), false).map(|_| ())
}

impl<'a> Piece<'a> {
    /// For example "DeepDrummer 0042 124bpm kick".
    #[must_use]
    pub fn file_stem(&self, lane: Option<&str>) -> String {
        let bpm = (self.bpm.get() * 100.0).round() / 100.0;
        let lane = lane.map(|name| format!(" {name}")).unwrap_or_default();
        sanitized_name(&format!("DeepDrummer {:04} {bpm}bpm{lane}", self.number))
    }

    /// What its audio files say of it as a loop: whole bars, without a kept tail.
    fn cycle(&self) -> Cycle {
        let grid = self.pattern.grid;
        Cycle {
            frames: u32::try_from(self.take().frames()).unwrap_or(u32::MAX),
            quarters: grid.beats() * f64::from(self.passes()),
            meter: (grid.meter.numerator, grid.meter.denominator),
            bpm: self.bpm.get(),
        }
    }

    /// How often the loop runs in a file.
    #[must_use]
    pub fn passes(&self) -> u32 {
        match self.unroll {
            Unroll::Round => self.pattern.passes(),
            Unroll::Once => 1,
        }
    }

    fn take(&self) -> Take<'a> {
        Take {
            pattern: self.pattern,
            sounds: self.sounds,
            levels: self.levels,
            mix: self.mix,
            rate: self.rate,
            bpm: self.bpm,
            bars: Some(self.passes() * u32::from(self.pattern.grid.bars)),
            tail: self.tail,
        }
    }
}

/// The lanes' names by role, lower case; a second lane of a role is numbered.
fn lane_names(lanes: &[Lane]) -> Vec<String> {
    let label = |lane: &Lane| lane.role.label().to_lowercase();
    lanes
        .iter()
        .enumerate()
        .map(|(index, lane)| match lanes[..index].iter().filter(|other| other.role == lane.role).count() {
            0 => label(lane),
            before => format!("{} {}", label(lane), before + 1),
        })
        .collect()
}
