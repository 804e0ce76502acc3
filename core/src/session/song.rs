//! The project's song as data: its sections and their arrangement, and what a person can ask of both.
//!
//! Any thread: plain data. What becomes of it is in `arrange`, what sounds in which bar in [`crate::song`].

use super::history::Entry;
use crate::pattern::LoopId;
use crate::propose::sections::Maker;
use crate::song::{Fills, MAX_VARIANTS, Order, SectionOrder, Strip};
use serde::{Deserialize, Serialize};

/// The longest name of a section, in characters.
pub const MOST_NAME_CHARS: usize = 16;

/// How far and how busy sections are made, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dials {
    /// Variations: near to far.
    pub variation: f32,
    /// Contrasts: near to far.
    pub contrast: f32,
    /// Fills and builds: sparse to busy.
    pub fill: f32,
}

impl Default for Dials {
    fn default() -> Self {
        Self { variation: 0.35, contrast: 0.7, fill: 0.5 }
    }
}

impl Dials {
    /// Brought into range.
    #[must_use]
    pub fn sanitized(self) -> Self {
        let unit = |value: f32, other: f32| if value.is_nan() { other } else { value.clamp(0.0, 1.0) };
        let other = Self::default();
        Self {
            variation: unit(self.variation, other.variation),
            contrast: unit(self.contrast, other.contrast),
            fill: unit(self.fill, other.fill),
        }
    }

    pub(super) fn of(self, maker: Maker) -> f32 {
        match maker {
            Maker::Variation => self.variation,
            Maker::Contrast => self.contrast,
            Maker::Fill | Maker::Build => self.fill,
            Maker::Chosen | Maker::Break | Maker::Empty => 0.5,
        }
    }
}

/// What a person asks of the song. Sections are numbered from 1.
#[derive(Clone, Debug, PartialEq)]
pub enum SongCommand {
    /// One more section, made of the chosen one, or of the first; where there is none yet, the current loop
    /// becomes the first.
    Make(Maker),
    /// The same section made anew.
    Reroll(u8),
    /// One more section that is a copy of this one.
    Copy(u8),
    /// Two sections take each other's place; the arrangement sounds as before.
    Swap(u8, u8),
    /// Takes a section out; its bars fall silent.
    Remove(u8),
    /// Another name.
    Rename(u8, String),
    /// Whether it keeps sounds of its own instead of sharing those of all sections.
    FreeSounds(u8, bool),
    /// The section becomes the current loop and sounds as a new one would: it enters at its boundary.
    Choose(u8),
    /// Sections and an arrangement of so many bars, made of the current loop. What was there before goes.
    MakeSong {
        /// 16 or 32; others are brought to the nearer one.
        bars: u8,
    },
    /// An arrangement of the sections that there are.
    LayOut {
        /// 16 or 32; others are brought to the nearer one.
        bars: u8,
    },
    /// The section of each bar of the arrangement, 0 for silence.
    SetStrip(Vec<u8>),
    /// Whether the arrangement plays while a section is the current loop.
    Arrange(bool),
    /// Whether it comes again after its last bar.
    SetLooped(bool),
    /// The bar of the song on which it begins, from 0.
    SetOffset(i32),
    /// A fill every so many bars.
    SetFills(Fills),
    /// How far and how busy sections are made.
    SetDials(Dials),
}

/// A section.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What a person calls it.
    pub name: String,
    /// How it was made.
    pub maker: Maker,
    /// The number of the section that it was made of; 0 where that is gone or it was not made.
    pub of: u8,
    /// It keeps sounds of its own.
    pub frees_sounds: bool,
    /// Its loop, and for fills the others that it takes turns with; never empty.
    pub loops: Vec<Entry>,
}

/// The project's song.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    /// At most [`crate::song::MAX_SECTIONS`].
    pub sections: Vec<Section>,
    /// The arrangement.
    pub strip: Strip,
    /// It plays while a section is the current loop.
    pub arranged: bool,
    /// It comes again after its last bar.
    pub looped: bool,
    /// The bar of the song on which it begins.
    pub offset: i32,
    /// A fill every so many bars.
    pub fills: Fills,
    /// How far and how busy sections are made.
    pub dials: Dials,
    /// How often a section was made: each gets its own random numbers.
    pub made: u64,
    /// The section that is the current loop, from 1; 0 for none.
    pub chosen: u8,
}

impl Default for Song {
    fn default() -> Self {
        Self {
            sections: Vec::new(),
            strip: Strip::default(),
            arranged: false,
            looped: true,
            offset: 0,
            fills: Fills::default(),
            dials: Dials::default(),
            made: 0,
            chosen: 0,
        }
    }
}

impl Song {
    pub(super) fn section(&self, number: u8) -> Option<&Section> {
        self.sections.get(usize::from(number).checked_sub(1)?)
    }

    /// The loop of the chosen section.
    pub(crate) fn current(&self) -> Option<&Entry> {
        self.section(self.chosen)?.loops.first()
    }

    /// All loops.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.sections.iter().flat_map(|section| &section.loops)
    }

    pub(super) fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.sections.iter_mut().flat_map(|section| &mut section.loops)
    }

    /// The number of the section that a loop is of.
    pub(super) fn number_of(&self, id: LoopId) -> Option<u8> {
        let of = |section: &Section| section.loops.iter().any(|entry| entry.id == id);
        self.sections.iter().position(of).map(|at| at as u8 + 1)
    }

    /// The loops of the parts behind the current loop: each section's, then the further ones of fills.
    pub fn parts(&self) -> Vec<&Entry> {
        let firsts = self.sections.iter().filter_map(|section| section.loops.first());
        let further =
            self.sections.iter().flat_map(|section| section.loops.iter().take(MAX_VARIANTS).skip(1));
        firsts.chain(further).collect()
    }

    /// What sounds in which bar. The arrangement counts where it is `arranged`.
    pub(super) fn order(&self, arranged: bool, seed: u64) -> Order {
        let sections = self.sections.iter().map(|section| SectionOrder {
            fills: section.maker == Maker::Fill,
            variants: section.loops.len().clamp(1, MAX_VARIANTS) as u8,
        });
        let strip = arranged.then_some(&self.strip);
        Order::new(sections.collect(), strip, (self.looped, self.offset), self.fills, seed)
    }
}
