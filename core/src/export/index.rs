//! The list of many loops that were written into one folder.

use super::files;
use super::{Destination, ExportError};
use crate::disk::path;
use crate::pattern::Grid;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A loop of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Indexed {
    /// Its running number.
    pub number: u32,
    /// The tempo that it was written at.
    pub bpm: f64,
    /// How its time is divided.
    pub grid: Grid,
    /// Liked, disliked or not rated.
    pub verdict: Option<bool>,
    /// Marked with a star.
    pub starred: bool,
    /// What the critic thought of it when it was proposed, 0 to 1.
    pub p_like: Option<f32>,
    /// Its sounds by lane.
    pub sounds: Vec<String>,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Writes the list as comma-separated values (RFC 4180) with a head; gives the file.
///
/// # Errors
/// The folder can't be made or used.
pub fn write_index(loops: &[Indexed], folder: &Path) -> Result<PathBuf, ExportError> {
    let mut text = String::from("loop,bpm,bars,steps a bar,meter,verdict,star,P(like),sounds,files\r\n");
    for of in loops {
        let verdict = of.verdict.map_or("", |like| if like { "like" } else { "dislike" });
        let p_like = of.p_like.map_or_else(String::new, |p_like| format!("{p_like:.2}"));
        let inside = |file: &PathBuf| path::to_text(file.strip_prefix(folder).unwrap_or(file)).into_owned();
        let files: Vec<String> = of.files.iter().map(inside).collect();
        let grid = of.grid;
        let _ = write!(
            text,
            "{:04},{},{},{},{}/{},{verdict},{},{p_like},{},{}\r\n",
            of.number,
            (of.bpm * 100.0).round() / 100.0,
            grid.bars,
            grid.steps_per_bar,
            grid.meter.numerator,
            grid.meter.denominator,
            if of.starred { "star" } else { "" },
            quoted(&of.sounds.join("; ")),
            quoted(&files.join("; ")),
        );
    }
    files::write(&Destination::Folder(folder), "index", "csv", text.as_bytes(), false)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
