//! What a person does with the song: sections are made, chosen, moved, and arranged.
//!
//! Worker thread. A section is a loop like those of the history: it has an identity, is rated, edited, locked and
//! exported as they are, and is the current loop while it is chosen.

mod make;
mod name;

use super::history::Entry;
use super::song::{Section, Song, SongCommand};
use super::undo::Change;
use super::view::{SectionView, Severity, SongView};
use super::{Effect, Session};
use crate::pattern::{Grid, Loop, LoopId};
use crate::propose::sections::Maker;
use crate::propose::{Prediction, Proposal};
use crate::song::{MAX_SECTIONS, MOST_OFFSET, Order, Strip};
use std::sync::Arc;

impl Session {
    /// The song.
    #[must_use]
    pub fn song(&self) -> &Song {
        &self.song
    }

    /// What plays and is edited: the chosen section, or the loop of the history that is current.
    pub(super) fn current_entry(&self) -> Option<&Entry> {
        self.song.current().or_else(|| self.history.current())
    }

    pub(super) fn current_entry_mut(&mut self) -> Option<&mut Entry> {
        match usize::from(self.song.chosen).checked_sub(1).filter(|at| *at < self.song.sections.len()) {
            Some(at) => self.song.sections[at].loops.first_mut(),
            None => self.history.current_mut(),
        }
    }

    /// A loop of the history, of the song or of the inbox.
    pub(super) fn entry(&self, id: LoopId) -> Option<&Entry> {
        let known = self.history.get(id).or_else(|| self.song.entries().find(|entry| entry.id == id));
        known.or_else(|| self.inbox.get(id))
    }

    pub(super) fn entry_mut(&mut self, id: LoopId) -> Option<&mut Entry> {
        match self.history.get_mut(id) {
            Some(entry) => Some(entry),
            None => {
                let of_song = self.song.entries_mut().find(|entry| entry.id == id);
                of_song.or_else(|| self.inbox.get_mut(id))
            }
        }
    }

    /// All loops of the project: those of the history, then those of the song.
    pub(super) fn all_entries(&self) -> impl Iterator<Item = &Entry> {
        self.history.entries().iter().chain(self.song.entries())
    }

    /// The loop whose levels a loop of the song has: the first of the sections that share their sounds with it.
    #[must_use]
    pub(crate) fn levels_come_from(&self, id: LoopId) -> Option<LoopId> {
        let own = self.song.section(self.song.number_of(id)?)?;
        let shared = self.song.sections.iter().find(|section| !section.frees_sounds);
        let from = if own.frees_sounds { own } else { shared? };
        from.loops.first().map(|entry| entry.id)
    }

    /// Whose liking the arrangement that is taken away shows: the loops, variations and contrasts in it. What is
    /// sparse or busy for its place in the song says nothing of loops.
    pub(super) fn said_by_taking_the_song(&self) -> Vec<LoopId> {
        let of_loops = |maker| matches!(maker, Maker::Chosen | Maker::Variation | Maker::Contrast);
        let sections = self.song.sections.iter().enumerate();
        sections
            .filter(|(at, section)| {
                of_loops(section.maker) && self.song.strip.cells().contains(&(*at as u8 + 1))
            })
            .filter_map(|(_, section)| section.loops.first().map(|entry| entry.id))
            .collect()
    }

    /// A loop from elsewhere becomes the newest of the history, and current.
    pub fn adopt(&mut self, pattern: Loop) -> Vec<Effect> {
        let prediction = self.teaching.learner().map(|learner| learner.predict(&pattern));
        let before = self.current_entry().map(|entry| entry.id);
        let id = self.history.push(self.seed, pattern, prediction);
        self.song.chosen = 0;
        self.insight.spoil();
        self.touch();
        self.undo.push("Adopt loop", vec![Change::Current { before, after: Some(id) }]);
        vec![Effect::Play(self.enter), Effect::Mix]
    }

    /// Makes a loop current; false where it is not there.
    pub(super) fn make_current_loop(&mut self, id: LoopId) -> bool {
        if self.history.go_to(id) {
            self.song.chosen = 0;
            return true;
        }
        let number = self.song.number_of(id);
        self.song.chosen = number.unwrap_or(self.song.chosen);
        number.is_some()
    }

    /// Whether a loop is one of the song's.
    pub(super) fn is_of_the_song(&self, id: LoopId) -> bool {
        self.song.number_of(id).is_some()
    }

    /// A new loop of the song; it counts with those of the history.
    fn new_entry(&mut self, pattern: Loop, prediction: Option<Prediction>) -> Entry {
        Entry::new(self.seed, self.history.take_number(), pattern, prediction)
    }

    fn new_entries(&mut self, made: &[Proposal], feel: (LoopId, u32)) -> Vec<Entry> {
        let entry = |made: &Proposal| {
            let mut entry = self.new_entry(made.pattern, Some(made.prediction));
            entry.feel_as(feel);
            entry
        };
        made.iter().map(entry).collect()
    }

    pub(super) fn change_song(&mut self, command: SongCommand) -> Vec<Effect> {
        match command {
            SongCommand::Make(maker) => return self.make_section(maker),
            SongCommand::Reroll(number) => return self.reroll_section(number),
            SongCommand::MakeSong { bars } => return self.make_song(bars),
            SongCommand::LayOut { bars } => return self.lay_out(bars),
            SongCommand::Choose(number) => return self.choose_section(number),
            SongCommand::SetDials(dials) => {
                self.song.dials = dials.sanitized();
                return Vec::new();
            }
            SongCommand::SetFills(fills) => return self.set_fills(fills.sanitized()),
            _ => {}
        }
        let before = Box::new(self.song.clone());
        let label = match command {
            SongCommand::Copy(number) => {
                self.copy_section(number);
                "Copy section"
            }
            SongCommand::Swap(a, b) => {
                self.swap_sections(a, b);
                "Swap sections"
            }
            SongCommand::Remove(number) => {
                self.remove_section(number);
                "Remove section"
            }
            SongCommand::Rename(number, to) => {
                let name = name::cut(&to);
                let at = usize::from(number).wrapping_sub(1);
                if let Some(section) = self.song.sections.get_mut(at).filter(|_| !name.is_empty()) {
                    section.name = name;
                }
                "Rename section"
            }
            SongCommand::FreeSounds(number, on) => {
                self.free_sounds(number, on);
                if on { "Free the section's sounds" } else { "Share the section's sounds" }
            }
            SongCommand::SetStrip(cells) => {
                self.song.strip = Strip::of(&cells);
                let count = self.song.sections.len() as u8;
                self.song.strip.renumber(|section| if section <= count { section } else { 0 });
                "Arrange"
            }
            SongCommand::Arrange(on) => {
                self.song.arranged = on;
                if on { "Play the arrangement" } else { "Play the section" }
            }
            SongCommand::SetLooped(on) => {
                self.song.looped = on;
                if on { "Repeat the arrangement" } else { "Play the arrangement once" }
            }
            SongCommand::SetOffset(bar) => {
                self.song.offset = bar.clamp(-MOST_OFFSET, MOST_OFFSET);
                "Move the arrangement"
            }
            _ => return Vec::new(),
        };
        self.song_changed(label, before, Vec::new())
    }

    /// Remembers a change of the song as one step; says what the engine must know of it.
    fn song_changed(&mut self, label: &str, before: Box<Song>, mut changes: Vec<Change>) -> Vec<Effect> {
        if *before == self.song {
            return Vec::new();
        }
        let current = |song: &Song| song.current().map(|entry| entry.id);
        let plays_another = current(&before) != current(&self.song);
        changes.push(Change::Song { before, after: Box::new(self.song.clone()) });
        if plays_another {
            self.fit_lanes_to_current(&mut changes);
            self.queue.spoil();
        }
        self.undo.push(label, changes);
        self.insight.spoil();
        if plays_another { vec![Effect::Play(self.enter), Effect::Mix] } else { vec![Effect::Refresh] }
    }

    fn choose_section(&mut self, number: u8) -> Vec<Effect> {
        let id = self.song.section(number).and_then(|section| section.loops.first()).map(|entry| entry.id);
        id.map_or_else(Vec::new, |id| {
            let mut changes = Vec::new();
            let effects = self.go_to(id, &mut changes);
            self.undo.push("Choose section", changes);
            effects
        })
    }

    fn copy_section(&mut self, number: u8) {
        let Some(section) = self.song.section(number).cloned() else { return };
        if self.is_full() {
            return;
        }
        let mut copy = section.clone();
        copy.name = self.free_name(&section.name);
        copy.loops = section
            .loops
            .iter()
            .map(|entry| {
                let mut copy = self.new_entry(entry.pattern, entry.prediction);
                (copy.verdict, copy.proposed, copy.trim) = (entry.verdict, entry.proposed, entry.trim);
                copy.feel_as(entry.feel_key());
                copy
            })
            .collect();
        self.song.sections.push(copy);
    }

    fn swap_sections(&mut self, a: u8, b: u8) {
        if self.song.section(a).is_none() || self.song.section(b).is_none() {
            return;
        }
        self.song.sections.swap(usize::from(a) - 1, usize::from(b) - 1);
        let swapped = move |number: u8| match number {
            number if number == a => b,
            number if number == b => a,
            number => number,
        };
        self.renumber(swapped);
    }

    fn remove_section(&mut self, number: u8) {
        if self.song.section(number).is_none() {
            return;
        }
        self.song.sections.remove(usize::from(number) - 1);
        self.renumber(move |other| match other.cmp(&number) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => other - 1,
        });
    }

    fn renumber(&mut self, number: impl Fn(u8) -> u8) {
        self.song.strip.renumber(&number);
        self.song.chosen = if self.song.chosen == 0 { 0 } else { number(self.song.chosen) };
        for section in self.song.sections.iter_mut().filter(|section| section.of != 0) {
            section.of = number(section.of);
        }
    }

    fn free_sounds(&mut self, number: u8, on: bool) {
        let shared = self.song.sections.iter().find(|section| !section.frees_sounds);
        let shared = shared.and_then(|section| section.loops.first()).map(|entry| entry.pattern);
        let Some(section) = self.song.sections.get_mut(usize::from(number).wrapping_sub(1)) else { return };
        section.frees_sounds = on;
        if let Some(from) = shared.filter(|_| !on) {
            for entry in &mut section.loops {
                with_sounds_of(&mut entry.pattern, &from);
            }
        }
    }

    /// Whether there is no room for another section, which is told.
    fn is_full(&mut self) -> bool {
        let full = self.song.sections.len() >= MAX_SECTIONS;
        if full {
            let text = format!("A project has at most {MAX_SECTIONS} sections.");
            self.notify(Severity::Info, text, "Remove one first.");
        }
        full
    }

    /// The current loop was edited: sections that share their sounds take those of one of them.
    pub(super) fn share_sounds(&mut self, id: LoopId, now: &Loop) -> Vec<Change> {
        let number = self.song.number_of(id).and_then(|number| self.song.section(number));
        if number.is_none_or(|section| section.frees_sounds) {
            return Vec::new();
        }
        let sharing = self.song.sections.iter_mut().filter(|section| !section.frees_sounds);
        let mut changes = Vec::new();
        for entry in sharing.flat_map(|section| &mut section.loops).filter(|entry| entry.id != id) {
            let before = entry.pattern;
            with_sounds_of(&mut entry.pattern, now);
            if entry.pattern != before {
                let (before, after) = (Box::new(before), Box::new(entry.pattern));
                changes.push(Change::Pattern { id: entry.id, before, after });
            }
        }
        changes
    }

    /// Sections take another meter or other steps; each keeps its own number of bars.
    pub(super) fn regrid_song(&mut self, grid: Grid) {
        let current = self.current_entry().map(|entry| entry.id);
        let mut changes = Vec::new();
        for entry in self.song.entries_mut().filter(|entry| Some(entry.id) != current) {
            let before = entry.pattern;
            entry.pattern = before.regridded(Grid { bars: before.grid.bars, ..grid });
            if entry.pattern != before {
                let (before, after) = (Box::new(before), Box::new(entry.pattern));
                changes.push(Change::Pattern { id: entry.id, before, after });
            }
        }
        if !changes.is_empty() {
            self.undo.add_to_last("Change grid", changes);
        }
    }

    /// Brings the loops of the song to other lanes.
    pub(super) fn reshape_song(&mut self, reshaped: impl Fn(&Loop) -> Loop) -> Vec<Change> {
        let current = self.current_entry().map(|entry| entry.id);
        let mut changes = Vec::new();
        for entry in self.song.entries_mut().filter(|entry| Some(entry.id) != current) {
            let before = entry.pattern;
            entry.pattern = reshaped(&before);
            if entry.pattern != before {
                let (before, after) = (Box::new(before), Box::new(entry.pattern));
                changes.push(Change::Pattern { id: entry.id, before, after });
            }
        }
        changes
    }

    /// Asks anew what the learner thinks of the sections.
    pub(super) fn predict_song(&mut self) {
        let loops: Vec<Loop> =
            self.song.sections.iter().filter_map(|section| Some(section.loops.first()?.pattern)).collect();
        let predicted = match self.teaching.learner() {
            Some(learner) if !loops.is_empty() => learner.predict_all(&loops),
            _ => Vec::new(),
        };
        self.insight.sections = loops.into_iter().zip(predicted).collect();
    }

    pub(super) fn song_view(&self) -> SongView {
        let song = &self.song;
        let sections = song.sections.iter().enumerate().filter_map(|(at, section)| {
            let entry = section.loops.first()?;
            let seen = self.insight.sections.iter().find(|(of, _)| *of == entry.pattern);
            Some(SectionView {
                id: entry.id,
                name: section.name.clone(),
                maker: section.maker,
                pattern: Arc::new(entry.pattern),
                variants: section.loops.len(),
                prediction: seen.map(|(_, seen)| *seen).or(entry.prediction),
                verdict: entry.verdict,
                chosen: usize::from(song.chosen) == at + 1,
                frees_sounds: section.frees_sounds,
                energy: energy(&entry.pattern),
            })
        });
        SongView {
            sections: sections.collect(),
            strip: song.strip.cells().to_vec(),
            arranged: song.arranged,
            looped: song.looped,
            offset: song.offset,
            fills: song.fills,
            dials: song.dials,
            source: make::source(song).map(|section| section.name.clone()),
        }
    }

    /// What sounds in which bar as things are: the arrangement, while it plays and a section is the current loop.
    #[must_use]
    pub fn order(&self) -> Order {
        self.song.order(self.song.arranged && self.song.chosen > 0, self.seed().0)
    }

    /// What sounds in which bar of the arrangement, whether or not it plays.
    #[must_use]
    pub fn arrangement(&self) -> Order {
        self.song.order(true, self.seed().0)
    }

    /// Adds a section, played with the feel of what it was made of.
    fn add_section(
        &mut self,
        name: &str,
        maker: Maker,
        of: u8,
        made: &[Proposal],
        feel: (LoopId, u32),
    ) -> u8 {
        let loops = self.new_entries(made, feel);
        let name = self.free_name(name);
        self.song.sections.push(Section { name, maker, of, frees_sounds: false, loops });
        self.song.sections.len() as u8
    }
}

/// A loop takes the sounds of another one, lane by lane where the roles agree.
fn with_sounds_of(pattern: &mut Loop, from: &Loop) {
    for (to, from) in pattern.lanes_mut().iter_mut().zip(from.lanes()) {
        if to.role == from.role {
            to.sample = from.sample;
        }
    }
}

/// How much happens in each bar of a loop: velocities of its hits as parts of full ones, a step of a lane.
fn energy(of: &Loop) -> Vec<f32> {
    let steps = usize::from(of.grid.steps_per_bar.max(1));
    let cells = (steps * of.lanes().len()).max(1) as f32;
    let bar = |bar: usize| {
        let hits = of.lanes().iter().flat_map(|lane| &lane.hits[bar * steps..(bar + 1) * steps]);
        hits.map(|hit| f32::from(hit.velocity) / 127.0).sum::<f32>() / cells
    };
    (0..usize::from(of.grid.bars)).map(bar).collect()
}

#[cfg(test)]
mod tests;
