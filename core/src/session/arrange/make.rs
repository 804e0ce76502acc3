//! Sections and songs made of a loop: what of the session goes into a request, and how a song is laid out.

use super::super::song::{Section, Song};
use super::super::view::Severity;
use super::super::{Effect, Session};
use crate::pattern::{Loop, MAX_LANES};
use crate::propose::sections::{self, Maker, SectionRequest};
use crate::propose::{Mode, Prediction, Proposal, Request};
use crate::rng::Rng;
use crate::song::{Fills, Strip};
use crate::units::Seed;

/// Fills that a section of fills takes turns with.
const FILLS: usize = 8;

/// What new sections are made of: the chosen section, or the first.
pub(super) fn source(song: &Song) -> Option<&Section> {
    song.section(song.chosen).or(song.sections.first())
}

impl Session {
    /// What the learner makes of a loop in a way, the best first; none without a learner.
    fn sections_of(&mut self, maker: Maker, of: &Loop, known: &[Loop]) -> Vec<Proposal> {
        let locked = if self.lanes.len() == of.lanes().len() {
            let mut locked = [0u128; MAX_LANES];
            for (mask, lane) in locked.iter_mut().zip(&self.lanes) {
                *mask = if lane.lock_beat { u128::MAX } else { lane.locked_steps };
            }
            locked
        } else {
            [0; MAX_LANES]
        };
        self.song.made += 1;
        let seed = Seed(Rng::stream(self.seed, "section", self.song.made).bits());
        let (roles, any_sample, steering) = (self.roles(), self.any_sample, self.steering_on(of.grid));
        let amount = self.song.dials.of(maker);
        let Some(learner) = self.teaching.learner() else { return Vec::new() };
        let request =
            Request { mode: Mode::Good, lanes: &roles, any_sample, steering, locks: None, avoid: &[] };
        let request = SectionRequest { maker, of, locked, amount, request, known, seed };
        sections::make(learner, &request, if maker == Maker::Fill { FILLS } else { 1 })
    }

    fn loops_of_the_song(&self) -> Vec<Loop> {
        self.song.entries().map(|entry| entry.pattern).collect()
    }

    /// Makes the current loop the first section, where there is none.
    fn begin_song(&mut self) -> bool {
        if !self.song.sections.is_empty() {
            return true;
        }
        let Some(entry) = self.history.current() else {
            self.notify(Severity::Warning, "There is no loop to make sections of yet.", "");
            return false;
        };
        let (pattern, proposed, verdict, trim) = (entry.pattern, entry.proposed, entry.verdict, entry.trim);
        let feel = entry.feel_key();
        let prediction = self.insight.prediction_of(&pattern).or(entry.prediction);
        let made = Proposal { pattern, prediction: prediction.unwrap_or(UNKNOWN) };
        let name = self.name_for(Maker::Chosen, "");
        self.add_section(&name, Maker::Chosen, 0, &[made], feel);
        if let Some(entry) = self.song.sections.last_mut().and_then(|section| section.loops.first_mut()) {
            (entry.proposed, entry.verdict, entry.trim) = (proposed, verdict, trim);
        }
        self.song.chosen = 1;
        true
    }

    pub(super) fn make_section(&mut self, maker: Maker) -> Vec<Effect> {
        if self.is_full() {
            return Vec::new();
        }
        let before = Box::new(self.song.clone());
        if maker == Maker::Chosen && !self.song.sections.is_empty() {
            let Some(entry) = self.current_entry() else { return Vec::new() };
            let made = Proposal { pattern: entry.pattern, prediction: entry.prediction.unwrap_or(UNKNOWN) };
            let feel = entry.feel_key();
            let name = self.name_for(maker, "");
            self.add_section(&name, maker, 0, &[made], feel);
            return self.song_changed("Add the loop as a section", before, Vec::new());
        }
        if self.begin_song() && maker != Maker::Chosen {
            self.make_of_source(maker);
        }
        self.keep_count(self.song.made);
        self.song_changed("Make a section", before, Vec::new())
    }

    /// Makes a section of the chosen one, or of the first. False where there is no learner.
    fn make_of_source(&mut self, maker: Maker) -> bool {
        let Some(from) = source(&self.song) else { return false };
        let Some(entry) = from.loops.first() else { return false };
        let (of, name, number) = (entry.pattern, from.name.clone(), self.song.number_of(entry.id));
        let feel = entry.feel_key();
        let known = self.loops_of_the_song();
        let made = self.sections_of(maker, &of, &known);
        if made.is_empty() {
            self.notify(Severity::Warning, "Sounds are still being made.", "Try again in a moment.");
            return false;
        }
        let name = self.name_for(maker, &name);
        self.add_section(&name, maker, number.unwrap_or(0), &made, feel);
        true
    }

    /// The count of what was made goes on even where making was undone, so that the next is another one.
    fn keep_count(&mut self, made: u64) {
        self.song.made = self.song.made.max(made);
    }

    pub(super) fn reroll_section(&mut self, number: u8) -> Vec<Effect> {
        let Some(section) = self.song.section(number) else { return Vec::new() };
        let maker = if section.maker == Maker::Chosen { Maker::Variation } else { section.maker };
        let from = self.song.section(section.of).and_then(|of| of.loops.first());
        let Some(from) = from.or_else(|| section.loops.first()) else { return Vec::new() };
        let (of, feel) = (from.pattern, from.feel_key());
        let known = self.loops_of_the_song();
        let before = Box::new(self.song.clone());
        let made = self.sections_of(maker, &of, &known);
        let loops = self.new_entries(&made, feel);
        if loops.is_empty() {
            return Vec::new();
        }
        if let Some(section) = self.song.sections.get_mut(usize::from(number) - 1) {
            (section.loops, section.maker) = (loops, maker);
        }
        self.song_changed("Re-roll section", before, Vec::new())
    }

    pub(super) fn set_fills(&mut self, fills: Fills) -> Vec<Effect> {
        let before = Box::new(self.song.clone());
        self.song.fills = fills;
        let has_fills = self.song.sections.iter().any(|section| section.maker == Maker::Fill);
        if fills.every > 0 && !has_fills {
            let full = self.is_full();
            if full || !self.begin_song() || !self.make_of_source(Maker::Fill) {
                self.song = *before;
                return Vec::new();
            }
        }
        let label = if fills.every == 0 { "No fills" } else { "Fill every few bars" };
        self.song_changed(label, before, Vec::new())
    }

    pub(super) fn make_song(&mut self, bars: u8) -> Vec<Effect> {
        let bars = if bars >= 24 { 32 } else { 16 };
        let Some(current) = self.current_entry().cloned() else {
            self.notify(Severity::Warning, "There is no loop to make a song of yet.", "");
            return Vec::new();
        };
        let before = Box::new(self.song.clone());
        let kept = (self.song.dials, self.song.made, self.song.offset);
        self.song = Song { dials: kept.0, made: kept.1, offset: kept.2, ..Song::default() };
        let prediction = self.insight.prediction_of(&current.pattern).or(current.prediction);
        let made = Proposal { pattern: current.pattern, prediction: prediction.unwrap_or(UNKNOWN) };
        self.add_section("A", Maker::Chosen, 0, &[made], current.feel_key());
        if let Some(entry) = self.song.sections[0].loops.first_mut() {
            (entry.proposed, entry.verdict, entry.trim) = (current.proposed, current.verdict, current.trim);
        }
        self.song.chosen = 1;
        for maker in [Maker::Variation, Maker::Contrast, Maker::Fill, Maker::Break, Maker::Build] {
            if !self.make_of_source(maker) {
                let made = self.song.made;
                self.song = *before;
                self.keep_count(made);
                return Vec::new();
            }
        }
        self.arrange(bars);
        self.song_changed("Make a song", before, Vec::new())
    }

    pub(super) fn lay_out(&mut self, bars: u8) -> Vec<Effect> {
        if self.song.sections.is_empty() {
            return self.make_song(bars);
        }
        let before = Box::new(self.song.clone());
        self.song.made += 1;
        self.arrange(if bars >= 24 { 32 } else { 16 });
        if self.song.chosen == 0 {
            self.song.chosen = 1;
        }
        self.song_changed("Lay out a song", before, Vec::new())
    }

    /// Lays out the sections that there are.
    fn arrange(&mut self, bars: u8) {
        let made_by = |maker| self.song.sections.iter().position(|section| section.maker == maker);
        let a = made_by(Maker::Chosen).unwrap_or(0);
        let varied = made_by(Maker::Variation).unwrap_or(a);
        let sparse = made_by(Maker::Break);
        let numbers = [
            a,
            varied,
            made_by(Maker::Contrast).unwrap_or(varied),
            made_by(Maker::Fill).unwrap_or(a),
            sparse.unwrap_or(a),
            made_by(Maker::Build).or(sparse).unwrap_or(a),
        ];
        let p_like = |at: usize| {
            let entry = self.song.sections[at].loops.first();
            entry.and_then(|entry| entry.prediction).map_or(0.5, |prediction| prediction.p_like)
        };
        let liked = numbers.map(p_like);
        let mut rng = Rng::stream(self.seed, "song", self.song.made);
        let strip = laid_out(bars, &liked, &mut rng);
        let cells: Vec<u8> = strip.iter().map(|&part| numbers[usize::from(part) - 1] as u8 + 1).collect();
        self.song.strip = Strip::of(&cells);
        self.song.arranged = true;
    }
}

const UNKNOWN: Prediction = Prediction { p_like: 0.5, sd: 0.5 };

/// Parts of four bars, most with a fill in the last: intro, A, A′, B, break. 1 is A, 2 A′, 3 B, 4 the fill, 5 the
/// break, 6 the build.
const INTROS: [[u8; 4]; 3] = [[5, 5, 6, 4], [5, 5, 5, 4], [5, 6, 6, 4]];
const VERSES: [[u8; 4]; 3] = [[1, 1, 1, 4], [1, 2, 1, 4], [1, 1, 2, 4]];
const VARIED: [[u8; 4]; 3] = [[2, 2, 2, 4], [2, 1, 2, 4], [2, 2, 1, 4]];
const OTHERS: [[u8; 4]; 2] = [[3, 3, 3, 4], [3, 3, 3, 3]];
const BREAKS: [[u8; 4]; 3] = [[5, 5, 5, 6], [5, 5, 6, 6], [5, 6, 6, 4]];

/// An arrangement of 16 or 32 bars. Of the ways in which a part can be laid out those with sections that are liked
/// more come more often; the generator decides among them.
fn laid_out(bars: u8, liked: &[f32], rng: &mut Rng) -> Vec<u8> {
    let worth = |part: &[u8; 4]| -> f32 {
        let each = part.iter().map(|&of| liked.get(usize::from(of) - 1).copied().unwrap_or(0.5));
        (4.0 * each.sum::<f32>()).exp()
    };
    let mut pick = |parts: &[[u8; 4]]| {
        let weights: Vec<f32> = parts.iter().map(worth).collect();
        parts[rng.weighted(&weights).unwrap_or(0)]
    };
    let mut strip = Vec::with_capacity(usize::from(bars));
    if bars == 16 {
        strip.extend(pick(&INTROS[..]).into_iter().skip(2));
        strip.extend(pick(&VERSES));
        strip.extend(pick(&VARIED));
        strip.extend([3, 3, 5]);
        strip.extend([1, 1, 4]);
    } else {
        strip.extend(pick(&INTROS));
        strip.extend(pick(&VERSES));
        strip.extend(pick(&VARIED));
        strip.extend(pick(&OTHERS));
        strip.extend(pick(&OTHERS[..1]));
        strip.extend(pick(&BREAKS));
        strip.extend(pick(&VERSES));
        strip.extend(pick(&VARIED[..2]));
    }
    strip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn songs_have_their_bars_and_all_that_a_song_has() {
        for bars in [16, 32] {
            for seed in 0..50 {
                let liked = [0.9, 0.8, 0.7, 0.6, 0.5, 0.5];
                let strip = laid_out(bars, &liked, &mut Rng::new(Seed(seed)));
                assert_eq!(strip.len(), usize::from(bars));
                for section in 1..=5 {
                    assert!(strip.contains(&section), "{section} of {strip:?}");
                }
                assert_eq!(strip, laid_out(bars, &liked, &mut Rng::new(Seed(seed))));
            }
        }
    }
}
