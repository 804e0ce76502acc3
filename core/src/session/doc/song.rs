//! The song in a document. A project without sections has none.

use super::super::history::Entry;
use super::super::song::{Dials, MOST_NAME_CHARS, Section, Song};
use super::{EntryDoc, write_entry};
use crate::propose::sections::Maker;
use crate::song::{Fills, MAX_SECTIONS, MAX_VARIANTS, MOST_OFFSET, Strip};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SongDoc {
    sections: Vec<SectionDoc>,
    strip: Vec<u8>,
    arranged: bool,
    looped: bool,
    offset: i32,
    fills: Fills,
    dials: Dials,
    made: u64,
    chosen: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionDoc {
    name: String,
    maker: Maker,
    #[serde(default, skip_serializing_if = "is_zero")]
    of: u8,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    frees_sounds: bool,
    loops: Vec<EntryDoc>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_zero(of: &u8) -> bool {
    *of == 0
}

impl SongDoc {
    pub(super) fn of(song: &Song) -> Option<Self> {
        if *song == (Song { made: song.made, ..Song::default() }) {
            return None;
        }
        let section = |section: &Section| SectionDoc {
            name: section.name.clone(),
            maker: section.maker,
            of: section.of,
            frees_sounds: section.frees_sounds,
            loops: section.loops.iter().map(write_entry).collect(),
        };
        Some(Self {
            sections: song.sections.iter().map(section).collect(),
            strip: song.strip.cells().to_vec(),
            arranged: song.arranged,
            looped: song.looped,
            offset: song.offset,
            fills: song.fills,
            dials: song.dials,
            made: song.made,
            chosen: song.chosen,
        })
    }

    /// The song, and whether all of it was understood. Sections beyond the limit, and loops that can't be read, are
    /// left out; a section without a loop is none, and its bars fall silent.
    pub(super) fn read(self, entry: impl Fn(EntryDoc) -> Option<(Entry, bool)>) -> (Song, bool) {
        let mut whole = self.sections.len() <= MAX_SECTIONS;
        let mut numbers = Vec::new();
        let mut sections: Vec<Section> = Vec::new();
        for doc in self.sections.into_iter().take(MAX_SECTIONS) {
            whole &= doc.loops.len() <= MAX_VARIANTS;
            let mut loops = Vec::new();
            for doc in doc.loops.into_iter().take(MAX_VARIANTS) {
                match entry(doc) {
                    Some((entry, understood)) => {
                        whole &= understood;
                        loops.push(entry);
                    }
                    None => whole = false,
                }
            }
            if loops.is_empty() {
                whole = false;
                numbers.push(0);
                continue;
            }
            let name = doc.name.chars().filter(|c| !c.is_control()).take(MOST_NAME_CHARS).collect();
            let (maker, of, frees_sounds) = (doc.maker, doc.of, doc.frees_sounds);
            sections.push(Section { name, maker, of, frees_sounds, loops });
            numbers.push(sections.len() as u8);
        }
        let number =
            |old: u8| usize::from(old).checked_sub(1).and_then(|at| numbers.get(at)).copied().unwrap_or(0);
        for section in &mut sections {
            section.of = number(section.of);
        }
        let mut strip = Strip::of(&self.strip);
        whole &= strip.cells() == self.strip;
        strip.renumber(number);
        let song = Song {
            sections,
            strip,
            arranged: self.arranged,
            looped: self.looped,
            offset: self.offset.clamp(-MOST_OFFSET, MOST_OFFSET),
            fills: self.fills.sanitized(),
            dials: self.dials.sanitized(),
            made: self.made,
            chosen: number(self.chosen),
        };
        (song, whole)
    }
}
