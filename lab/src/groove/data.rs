//! Bars that drummers played, from the Groove MIDI Dataset's folder as it is published.
//!
//! Tool threads. The files are untrusted: what does not read is an error that names its file.

use deepdrummer_core::groove::{CELLS, Family, Kind, Part, Said};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes; those of the dataset have some kilobytes.
const MOST_BYTES: u64 = 16 << 20;
/// The most bars of one performance: a few long ones would outweigh all others.
const MOST_BARS: usize = 48;
/// Of a beat, its first hits sound before it begins: bars are cut an eighth of a beat early.
const EARLY: f64 = 0.125;

/// Why a folder was not read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file can't be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is nothing of that part in the folder.
    #[error("{} has no bars for {what}", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
        /// What for.
        what: &'static str,
    },
}

/// Which part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// To train on.
    Train,
    /// To choose on.
    Validation,
}

impl Split {
    fn key(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
        }
    }
}

/// One lane of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// What it is for.
    pub role: Role,
    /// MIDI velocity of each cell, 0 where nothing sounds.
    pub velocity: [u8; CELLS],
    /// How late each hit is, in steps of the bar's own grid.
    pub offset: [f32; CELLS],
}

impl Strip {
    /// A silent lane.
    #[must_use]
    pub fn silent(role: Role) -> Self {
        Self { role, velocity: [0; CELLS], offset: [0.0; CELLS] }
    }

    /// The cells that sound.
    #[must_use]
    pub fn hits(&self) -> u16 {
        self.velocity.iter().enumerate().fold(0, |mask, (cell, v)| mask | u16::from(*v > 0) << cell)
    }
}

/// One bar of 4/4.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its lanes that sound. Toms may be two (high and low), and cymbals (ride and crash).
    pub lanes: Vec<Strip>,
    /// Its cells are the 12 triplets instead of the 16 sixteenths.
    pub triplets: bool,
    /// Its family.
    pub family: Family,
    /// How it came about.
    pub kind: Kind,
    /// What it is for.
    pub part: Part,
    /// Its tempo.
    pub bpm: f32,
    /// Which performance it is from; draws from styles count from 2³².
    pub piece: u64,
}

impl Bar {
    /// The same with one lane of each role: of hits on one cell the louder stays.
    #[must_use]
    pub fn merged(&self) -> Self {
        let mut lanes: Vec<Strip> = Vec::with_capacity(self.lanes.len());
        for strip in &self.lanes {
            match lanes.iter_mut().find(|lane| lane.role == strip.role) {
                Some(lane) => {
                    for cell in 0..CELLS {
                        if strip.velocity[cell] > lane.velocity[cell] {
                            (lane.velocity[cell], lane.offset[cell]) =
                                (strip.velocity[cell], strip.offset[cell]);
                        }
                    }
                }
                None => lanes.push(*strip),
            }
        }
        Self { lanes, ..self.clone() }
    }

    /// All that can be said of it.
    #[must_use]
    pub fn said(&self) -> Said {
        let mut density = [0u8; Role::ALL.len()];
        for strip in &self.lanes {
            density[strip.role.index()] += strip.hits().count_ones() as u8;
        }
        Said {
            family: Some(self.family),
            kind: Some(self.kind),
            part: Some(self.part),
            bpm: Some(self.bpm),
            density: Some(density),
        }
    }

    /// The number of hits.
    #[must_use]
    pub fn hit_count(&self) -> u32 {
        self.lanes.iter().map(|strip| strip.hits().count_ones()).sum()
    }
}

/// Role and, where a role has two lanes, which one a key of the kit plays.
fn lane_of(key: u8) -> Option<(Role, u8)> {
    Some(match key {
        35 | 36 => (Role::Kick, 0),
        37 | 38 | 40 => (Role::Snare, 0),
        39 => (Role::Clap, 0),
        22 | 42 | 44 => (Role::ClosedHat, 0),
        26 | 46 => (Role::OpenHat, 0),
        48 | 50 | 58 => (Role::Tom, 0),
        41 | 43 | 45 | 47 => (Role::Tom, 1),
        54 | 56 => (Role::Percussion, 0),
        51 | 53 | 59 => (Role::Cymbal, 0),
        49 | 52 | 55 | 57 => (Role::Cymbal, 1),
        _ => return None,
    })
}

/// The family of a style as the dataset names it.
fn family_of(style: &str) -> Option<Family> {
    let first = style.split(['/', '-']).next().unwrap_or(style);
    Some(match first {
        "funk" | "soul" | "neworleans" | "gospel" => Family::FunkSoul,
        "rock" | "punk" | "pop" | "country" => Family::Rock,
        "blues" | "jazz" => Family::JazzShuffle,
        "hiphop" => Family::HipHop,
        "latin" | "afrocuban" => Family::Latin,
        "afrobeat" | "highlife" | "reggae" => Family::AfroCaribbean,
        "dance" => Family::FourFloor,
        "middleeastern" => Family::WorldMarch,
        _ => return None,
    })
}

/// All bars of a part of the folder, in the order of `info.csv`. Those of other meters than 4/4 are left out, and
/// bars in which hardly anything is played: a beat needs six hits, kick and snare among them, a fill four.
///
/// # Errors
/// A file is missing or damaged, or there is no bar.
pub fn performances(folder: &Path, split: Split) -> Result<Vec<Bar>, DataError> {
    let index = folder.join("info.csv");
    let read = |path: &Path| {
        let unreadable = |source| DataError::Unreadable { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MOST_BYTES {
            let reason = format!("it is larger than {} MB", MOST_BYTES >> 20);
            return Err(DataError::Malformed { path: path.to_owned(), reason });
        }
        std::fs::read(path).map_err(unreadable)
    };
    let malformed = |path: &Path, reason: String| DataError::Malformed { path: path.to_owned(), reason };
    let text = String::from_utf8_lossy(&read(&index)?).into_owned();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| {
        let at = names.iter().position(|known| *known == name);
        at.ok_or_else(|| malformed(&index, format!("there is no column “{name}”")))
    };
    let (style, bpm, kind) = (column("style")?, column("bpm")?, column("beat_type")?);
    let (meter, file, part) = (column("time_signature")?, column("midi_filename")?, column("split")?);
    let mut rng = Rng::stream(Seed(0), "bars of long performances", 0);
    let mut bars = Vec::new();
    for (piece, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let cell = |at: usize| {
            cells.get(at).copied().ok_or_else(|| malformed(&index, format!("line {} is short", piece + 2)))
        };
        if cell(part)? != split.key() || cell(meter)? != "4-4" {
            continue;
        }
        let Some(family) = family_of(cell(style)?) else {
            return Err(malformed(&index, format!("the style “{}” is not known", cell(style)?)));
        };
        let bpm: f32 = cell(bpm)?.parse().map_err(|_| malformed(&index, "a tempo is no number".into()))?;
        let part = if cell(kind)? == "fill" { Part::Fill } else { Part::Beat };
        let name = cell(file)?;
        if Path::new(name).components().any(|of| !matches!(of, std::path::Component::Normal(_))) {
            return Err(malformed(&index, format!("“{name}” leaves the folder")));
        }
        let path = folder.join(name);
        let notes = notes(&read(&path)?).map_err(|reason| malformed(&path, reason))?;
        let of = Bar {
            lanes: Vec::new(),
            triplets: false,
            family,
            kind: Kind::Played,
            part,
            bpm,
            piece: piece as u64,
        };
        let mut own = cut(&notes, &of);
        while own.len() > MOST_BARS {
            own.remove(rng.below(own.len()));
        }
        bars.append(&mut own);
    }
    if bars.is_empty() {
        let what = if split == Split::Train { "training" } else { "validation" };
        return Err(DataError::Empty { path: folder.to_owned(), what });
    }
    Ok(bars)
}

/// A note that begins: when in quarter notes, lane, velocity.
type Note = (f64, (Role, u8), u8);

fn notes(bytes: &[u8]) -> Result<Vec<Note>, String> {
    let smf = Smf::parse(bytes).map_err(|error| error.to_string())?;
    let Timing::Metrical(ticks) = smf.header.timing else {
        return Err("its time is not in ticks of a beat".to_owned());
    };
    let mut notes = Vec::new();
    for track in &smf.tracks {
        let mut at = 0u64;
        for event in track {
            at += u64::from(event.delta.as_int());
            match event.kind {
                TrackEventKind::Midi { message: MidiMessage::NoteOn { key, vel }, .. } if vel > 0 => {
                    if let Some(lane) = lane_of(key.as_int()) {
                        notes.push((at as f64 / f64::from(ticks.as_int()), lane, vel.as_int()));
                    }
                }
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => break,
                _ => {}
            }
        }
    }
    notes.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(notes)
}

/// Cuts notes into bars.
fn cut(notes: &[Note], like: &Bar) -> Vec<Bar> {
    let mut bars = Vec::new();
    let bar_of = |note: &Note| ((note.0 + EARLY) / 4.0).floor();
    for of_bar in notes.chunk_by(|a, b| bar_of(a) == bar_of(b)) {
        let Some(first) = of_bar.first() else { continue };
        let begin = 4.0 * bar_of(first);
        let error = |per: f64| -> f64 {
            of_bar.iter().map(|note| ((note.0 - begin) * per).fract_error() / per).map(|e| e * e).sum()
        };
        // A triplet grid must halve the squared error.
        let triplets = error(3.0) < 0.5 * error(4.0);
        let (count, per) = if triplets { (12, 3.0) } else { (16, 4.0) };
        let mut lanes: Vec<(u8, Strip)> = Vec::new();
        for &(at, (role, which), velocity) in of_bar {
            let place = (at - begin) * per;
            let cell = place.round();
            if !(0.0..f64::from(count)).contains(&cell) {
                continue;
            }
            let lane = match lanes.iter().position(|(of, strip)| (*of, strip.role) == (which, role)) {
                Some(lane) => lane,
                None => {
                    lanes.push((which, Strip::silent(role)));
                    lanes.len() - 1
                }
            };
            let (strip, cell) = (&mut lanes[lane].1, cell as usize);
            if velocity > strip.velocity[cell] {
                strip.velocity[cell] = velocity;
                strip.offset[cell] = (place - cell as f64).clamp(-0.5, 0.5) as f32;
            }
        }
        lanes.sort_by_key(|(which, strip)| (strip.role, *which));
        let bar =
            Bar { lanes: lanes.into_iter().map(|(_, strip)| strip).collect(), triplets, ..like.clone() };
        let has = |role: Role| bar.lanes.iter().any(|strip| strip.role == role);
        let enough = match like.part {
            Part::Beat => bar.merged().hit_count() >= 6 && has(Role::Kick) && has(Role::Snare),
            Part::Fill => bar.merged().hit_count() >= 4,
        };
        if enough {
            bars.push(bar);
        }
    }
    bars
}

/// The distance to the nearest whole number.
trait FractError {
    fn fract_error(self) -> f64;
}

impl FractError for f64 {
    fn fract_error(self) -> f64 {
        self - self.round()
    }
}
