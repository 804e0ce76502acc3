//! Drum styles as data: rows of figures by role, read from TOML.
//!
//! The generator draws loops from them and the critic takes them as its dictionary of figures. The file
//! that ships is `data/styles.toml`; its head says how to write one.

use crate::groove::Family;
use crate::pattern::Role;
use serde::Deserialize;
use std::sync::{Arc, OnceLock};

/// What a style file can say of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// `.`
    #[default]
    Rest,
    /// `-`
    Ghost,
    /// `o`
    Maybe,
    /// `x`
    Hit,
    /// `X`
    Accent,
}

impl Cell {
    /// The chance that it sounds.
    #[must_use]
    pub fn chance(self) -> f32 {
        match self {
            Self::Rest => 0.012,
            Self::Ghost => 0.7,
            Self::Maybe => 0.5,
            Self::Hit => 0.96,
            Self::Accent => 0.98,
        }
    }
}

/// A figure of one role: 16 sixteenths or 12 triplets of a bar of 4/4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    steps: u8,
    cells: [Cell; 16],
}

impl Row {
    /// Reads a row.
    fn parse(text: &str) -> Option<Self> {
        let mut row = Self { steps: text.len() as u8, cells: [Cell::Rest; 16] };
        if !matches!(text.len(), 12 | 16) {
            return None;
        }
        for (cell, letter) in row.cells.iter_mut().zip(text.bytes()) {
            *cell = match letter {
                b'.' => Cell::Rest,
                b'-' => Cell::Ghost,
                b'o' => Cell::Maybe,
                b'x' => Cell::Hit,
                b'X' => Cell::Accent,
                _ => return None,
            };
        }
        Some(row)
    }

    /// Whether it is written in triplets.
    #[must_use]
    pub fn is_triplet(&self) -> bool {
        self.steps == 12
    }

    /// What the row says at a position in quarter notes from the start of the bar; rests where the
    /// position is not one of its steps. Bars longer than four quarters start the row again.
    #[must_use]
    pub fn at(&self, beats: f64) -> Cell {
        let position = beats.rem_euclid(4.0) / 4.0 * f64::from(self.steps);
        let nearest = position.round();
        if (position - nearest).abs() > 0.01 {
            return Cell::Rest;
        }
        self.cells[nearest as usize % usize::from(self.steps)]
    }

    /// The figure on 16 phases: those that sound with at least the given chance.
    #[must_use]
    pub fn phases(&self, chance: f32) -> u16 {
        let mut phases = 0;
        for (step, cell) in self.cells.iter().enumerate().take(usize::from(self.steps)) {
            let phase = (step * 32 + usize::from(self.steps)) / (2 * usize::from(self.steps)) % 16;
            phases |= u16::from(cell.chance() >= chance) << phase;
        }
        phases
    }
}

/// One style.
#[derive(Clone, Debug, PartialEq)]
pub struct DrumStyle {
    /// What people call it.
    pub name: String,
    /// What it belongs to.
    pub family: Family,
    /// Swing in per cent, least and most.
    pub swing: [f32; 2],
    rows: [Vec<Row>; Role::ALL.len()],
}

impl DrumStyle {
    /// The rows of a role, never none: what the style has no row for borrows from a kindred role.
    #[must_use]
    pub fn rows(&self, role: Role) -> &[Row] {
        const SILENT: &[Row] = &[Row { steps: 16, cells: [Cell::Rest; 16] }];
        let lenders: &[Role] = match role {
            Role::Clap => &[Role::Clap, Role::Snare],
            Role::OpenHat => &[Role::OpenHat, Role::Percussion],
            Role::Percussion => &[Role::Percussion, Role::OpenHat],
            Role::Tom | Role::Fx => &[Role::Tom, Role::Percussion],
            Role::Cymbal => &[Role::Cymbal, Role::ClosedHat],
            Role::Kick => &[Role::Kick],
            Role::Snare => &[Role::Snare],
            Role::ClosedHat => &[Role::ClosedHat],
        };
        let lent = lenders.iter().map(|lender| &self.rows[lender.index()]).find(|rows| !rows.is_empty());
        lent.map_or(SILENT, Vec::as_slice)
    }

    /// Whether its figures are triplets.
    #[must_use]
    pub fn is_triplet(&self) -> bool {
        self.rows(Role::Kick).iter().all(Row::is_triplet)
    }
}

/// Why a style file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum StyleError {
    /// It is not TOML, or has other fields than a style file.
    #[error("the style file can't be read: {0}")]
    Malformed(#[from] toml::de::Error),
    /// A row has another length or other letters.
    #[error("the style “{style}” has the row “{row}”, which is not 12 or 16 of X x o - .")]
    Row {
        /// The style.
        style: String,
        /// The row.
        row: String,
    },
    /// It has no style, or more than a thousand.
    #[error("a style file needs 1 to 1000 styles, not {0}")]
    Count(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    style: Vec<Written>,
}

fn no_family() -> Family {
    Family::Experimental
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    /// A book of grooves need not say it.
    #[serde(default = "no_family")]
    family: Family,
    swing: [f32; 2],
    #[serde(default)]
    kick: Vec<String>,
    #[serde(default)]
    snare: Vec<String>,
    #[serde(default)]
    clap: Vec<String>,
    #[serde(default)]
    closed_hat: Vec<String>,
    #[serde(default)]
    open_hat: Vec<String>,
    #[serde(default)]
    tom: Vec<String>,
    #[serde(default)]
    percussion: Vec<String>,
    #[serde(default)]
    cymbal: Vec<String>,
    #[serde(default)]
    fx: Vec<String>,
}

/// A set of styles, at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Styles(Vec<DrumStyle>);

impl Styles {
    /// The styles that ship, read once in the process.
    #[must_use]
    pub fn builtin() -> Arc<Self> {
        static BUILTIN: OnceLock<Arc<Styles>> = OnceLock::new();
        let read = || {
            Self::parse(include_str!("../../data/styles.toml")).unwrap_or_else(|_| {
                // A test holds that the file parses; one silent style keeps the promise of at least one.
                Self(vec![DrumStyle {
                    name: String::new(),
                    family: Family::Experimental,
                    swing: [50.0, 50.0],
                    rows: Default::default(),
                }])
            })
        };
        Arc::clone(BUILTIN.get_or_init(|| Arc::new(read())))
    }

    /// Reads a style file.
    ///
    /// # Errors
    /// It is not a style file: see [`StyleError`].
    pub fn parse(text: &str) -> Result<Self, StyleError> {
        let file: File = toml::from_str(text)?;
        if file.style.is_empty() || file.style.len() > 1000 {
            return Err(StyleError::Count(file.style.len()));
        }
        let mut styles = Vec::with_capacity(file.style.len());
        for written in file.style {
            let Written { name, family, swing, .. } = written;
            let Written { kick, snare, clap, closed_hat, open_hat, tom, percussion, cymbal, fx, .. } =
                written;
            // The order of `Role::ALL`.
            let texts = [kick, snare, clap, closed_hat, open_hat, tom, percussion, cymbal, fx];
            let mut rows: [Vec<Row>; Role::ALL.len()] = Default::default();
            for (rows, texts) in rows.iter_mut().zip(texts) {
                for row in texts {
                    let Some(parsed) = Row::parse(&row) else {
                        return Err(StyleError::Row { style: name, row });
                    };
                    rows.push(parsed);
                }
            }
            styles.push(DrumStyle { name, family, swing, rows });
        }
        Ok(Self(styles))
    }

    /// The styles.
    #[must_use]
    pub fn all(&self) -> &[DrumStyle] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_styles_that_ship_parse_and_have_a_kick_and_a_hat_or_a_snare() {
        let styles = Styles::parse(include_str!("../../data/styles.toml")).unwrap();
        assert!(styles.all().len() >= 60);
        for style in styles.all() {
            assert!(style.rows(Role::Kick).iter().any(|row| row.phases(0.9) != 0), "{}", style.name);
            assert!(style.swing[0] <= style.swing[1] && style.swing[0] >= 50.0 && style.swing[1] <= 75.0);
        }
    }

    #[test]
    fn rows_of_other_lengths_or_letters_are_refused() {
        for row in ["x...", "x...x...x...x..?", "x...x...x...x...x"] {
            let text =
                format!("[[style]]\nname = \"a\"\nfamily = \"rock\"\nswing = [50, 50]\nkick = [\"{row}\"]\n");
            assert!(matches!(Styles::parse(&text), Err(StyleError::Row { .. })), "{row}");
        }
        assert!(matches!(Styles::parse("style = []"), Err(StyleError::Count(0))));
    }

    #[test]
    fn triplet_rows_fall_on_beats_and_their_nearest_phases() {
        let row = Row::parse("x..x..x..x..").unwrap();
        assert_eq!(row.phases(0.9), 0x1111);
        assert_eq!(row.at(1.0), Cell::Hit);
        assert_eq!(row.at(4.0), Cell::Hit);
        assert_eq!(row.at(0.5), Cell::Rest);
    }
}
