//! What somebody plays beside the loop: the notes that came in last, and on which steps of a loop they begin.
//!
//! Any thread: plain data and arithmetic. `listening.rs` is what a session does with it.
//!
//! **What is kept.** Notes lie where they were played in the song, like on a tape of some bars: what was played there
//! before is replaced as the song passes over it again, and what is further than the tape is long from the last note
//! is forgotten. So a line that goes on is known by its last bars, a region that repeats by its last pass, and a line
//! that stops stays known.

use crate::import::Line;
use crate::pattern::{Grid, MAX_STEPS};
use crate::propose::Onsets;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Bars that are remembered.
pub const RIFF_BARS: [u8; 3] = [2, 4, 8];
/// The most notes that are remembered; of more the first.
pub const MOST_NOTES: usize = 512;
/// Bars of a song in which notes are taken.
const SONG_BARS: RangeInclusive<i32> = -100_000..=10_000_000;
/// The longest bar, in quarter notes.
const MOST_BEATS: f32 = 128.0;
/// Notes nearer than this are one, in quarter notes: a chord, or a note that is told twice.
const TOGETHER: f64 = 1e-3;

/// A note that was played beside the loop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(i32, f32, u8, u8)", into = "(i32, f32, u8, u8)")]
pub struct PlayedNote {
    /// The song's bar, from 0.
    pub bar: i32,
    /// Where in it, in quarter notes.
    pub beat: f32,
    /// MIDI key, 0 to 127.
    pub key: u8,
    /// 1 to 127.
    pub velocity: u8,
}

impl From<(i32, f32, u8, u8)> for PlayedNote {
    fn from((bar, beat, key, velocity): (i32, f32, u8, u8)) -> Self {
        Self { bar, beat, key, velocity }
    }
}

impl From<PlayedNote> for (i32, f32, u8, u8) {
    fn from(note: PlayedNote) -> Self {
        (note.bar, note.beat, note.key, note.velocity)
    }
}

impl PlayedNote {
    /// Where it lies, in bars.
    pub(super) fn place(&self) -> (i32, f32) {
        (self.bar, self.beat)
    }

    pub(super) fn is_sound(&self) -> bool {
        SONG_BARS.contains(&self.bar) && (0.0..=MOST_BEATS).contains(&self.beat) && self.velocity > 0
    }

    pub(super) fn sanitized(self) -> Self {
        Self { key: self.key.min(127), velocity: self.velocity.min(127), ..self }
    }
}

/// The tape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Riff {
    /// Bars that are remembered, one of [`RIFF_BARS`].
    pub bars: u8,
    /// It stays as it is, and notes that come in are played instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hold: bool,
    /// The notes, in the order of the song; at most [`MOST_NOTES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<PlayedNote>,
}

impl Default for Riff {
    fn default() -> Self {
        Self { bars: 4, hold: false, notes: Vec::new() }
    }
}

impl Riff {
    /// Brought into its limits.
    #[must_use]
    pub fn sanitized(mut self) -> Self {
        self.notes.retain(PlayedNote::is_sound);
        self.notes.truncate(MOST_NOTES);
        if !RIFF_BARS.contains(&self.bars) {
            self.bars = Self::default().bars;
        }
        self.notes.iter_mut().for_each(|note| *note = note.sanitized());
        self.notes.sort_by(|a, b| a.bar.cmp(&b.bar).then(a.beat.total_cmp(&b.beat)).then(a.key.cmp(&b.key)));
        self
    }

    /// What a line has in its first bars, at most eight: as if it had been played beside the loop, and held.
    #[must_use]
    pub fn of_line(line: &Line) -> Self {
        let bar = line.meter.bar_beats();
        let note = |&(beats, key, velocity): &(f64, u8, u8)| {
            // What lies on a bar line is on it, however a file rounds.
            let at = ((beats + TOGETHER) / bar).floor();
            PlayedNote { bar: at as i32, beat: (beats - at * bar).max(0.0) as f32, key, velocity }
        };
        let most = RIFF_BARS[RIFF_BARS.len() - 1];
        let notes: Vec<PlayedNote> =
            line.notes.iter().map(note).filter(|note| note.bar < i32::from(most)).collect();
        let last = notes.iter().map(|note| note.bar).max().unwrap_or(0);
        let bars = RIFF_BARS.into_iter().find(|bars| last < i32::from(*bars)).unwrap_or(most);
        // A line of one bar is two bars of it.
        let mut riff = Self { bars, hold: true, notes };
        if last == 0 {
            let again: Vec<PlayedNote> =
                riff.notes.iter().map(|note| PlayedNote { bar: note.bar + 1, ..*note }).collect();
            riff.notes.extend(again);
        }
        riff.sanitized()
    }

    /// A note was played; the one before it, of this run of the song, lay at `last`.
    pub(super) fn hear(&mut self, note: PlayedNote, last: Option<(i32, f32)>) {
        let here = note.place();
        let length = i32::from(self.bars);
        // What was played there before and was not played this time.
        let passed = last.filter(|last| *last < here && here.0 - last.0 < length);
        let passed = |at: (i32, f32)| passed.is_some_and(|last| at > last && at < here);
        self.notes.retain(|old| {
            let at = old.place();
            let near = (at.0 - here.0).abs() < length || (at.0 + length == here.0 && at.1 > here.1);
            let again = at == here && old.key == note.key;
            near && !again && !passed(at)
        });
        if self.notes.len() < MOST_NOTES {
            let at = self.notes.partition_point(|old| (old.place(), old.key) <= (here, note.key));
            self.notes.insert(at, note);
        }
    }

    /// On which steps of a loop notes begin, and how hard. Each is on the nearest step of the loop's grid; of several
    /// passes of the loop a step counts on which a note began in half of them. Where less is remembered than the loop
    /// is long, it comes again.
    #[must_use]
    pub fn onsets(&self, grid: Grid) -> Onsets {
        let (Some(first), Some(last)) = (self.notes.first(), self.notes.last()) else { return Onsets::NONE };
        let period = i32::from(grid.bars.min(self.bars).max(1));
        let steps = usize::from(grid.steps_per_bar) * period as usize;
        let passes = last.bar.div_euclid(period) - first.bar.div_euclid(period) + 1;
        let mut heard = [(0i32, 0u32); MAX_STEPS];
        let mut before: Option<(usize, f64)> = None;
        for note in &self.notes {
            // What lies behind the bar of the loop is where the loop is silent.
            if f64::from(note.beat) >= grid.meter.bar_beats() {
                continue;
            }
            let in_bar = (f64::from(note.beat) / grid.step_beats()).round() as usize;
            let bar = note.bar.rem_euclid(period) as usize;
            let step = (bar * usize::from(grid.steps_per_bar) + in_bar) % steps.max(1);
            let at = f64::from(note.bar) * f64::from(MOST_BEATS) + f64::from(note.beat);
            let same =
                before.is_some_and(|(of, place)| of == step && at - place < grid.step_beats() + TOGETHER);
            before = Some((step, at));
            let Some((count, sum)) = heard.get_mut(step) else { continue };
            if !same {
                *count += 1;
                *sum += u32::from(note.velocity);
            }
        }
        let mut strengths = [0; MAX_STEPS];
        for (at, strength) in strengths.iter_mut().enumerate().take(grid.steps()) {
            let (count, sum) = heard[at % steps.max(1)];
            if count > 0 && 2 * count >= passes {
                *strength = (sum / count.unsigned_abs()).clamp(1, 127) as u8;
            }
        }
        Onsets::new(strengths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Meter;

    fn note(bar: i32, beat: f32) -> PlayedNote {
        PlayedNote { bar, beat, key: 40, velocity: 100 }
    }

    fn heard(bars: u8, notes: &[(i32, f32)]) -> Riff {
        let mut riff = Riff { bars, ..Riff::default() };
        let mut last = None;
        for &(bar, beat) in notes {
            riff.hear(note(bar, beat), last.replace((bar, beat)));
        }
        riff
    }

    fn steps(riff: &Riff, bars: u8) -> Vec<usize> {
        riff.onsets(Grid { bars, ..Grid::default() }).steps()
    }

    #[test]
    fn notes_are_on_the_nearest_step_and_a_chord_is_one() {
        let riff = heard(4, &[(0, 0.01), (0, 0.76), (0, 1.5), (0, 3.99)]);
        assert_eq!(steps(&riff, 1), [0, 3, 6], "what is just before the bar line is its beginning");
        let mut chord = Riff::default();
        for key in [40, 47, 52] {
            chord.hear(PlayedNote { key, ..note(0, 1.0) }, None);
        }
        assert_eq!(chord.notes.len(), 3);
        assert_eq!(chord.onsets(Grid::default()).at(4), 100);
        let soft = Riff { notes: vec![PlayedNote { velocity: 20, ..note(0, 1.0) }], ..Riff::default() };
        assert_eq!(soft.onsets(Grid::default()).at(4), 20);
    }

    #[test]
    fn of_several_passes_a_step_counts_that_half_of_them_have() {
        let all: Vec<(i32, f32)> = (0..4).flat_map(|bar| [(bar, 0.0), (bar, 1.5)]).collect();
        let mut some = all.clone();
        some.insert(2, (0, 3.0));
        assert_eq!(steps(&heard(4, &some), 1), [0, 6], "once in four bars is no part of it");
        some.push((3, 3.0));
        assert_eq!(steps(&heard(4, &some), 1), [0, 6, 12]);
        assert_eq!(steps(&heard(4, &some), 4), [0, 6, 12, 16, 22, 32, 38, 48, 54, 60]);
    }

    #[test]
    fn the_tape_is_so_many_bars_long_and_what_is_shorter_than_the_loop_comes_again() {
        let riff = heard(2, &[(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0)]);
        assert_eq!(riff.notes.iter().map(|note| note.bar).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(steps(&riff, 4), [8, 28, 40, 60]);
        let gone = heard(4, &[(0, 0.0), (40, 1.0)]);
        assert_eq!(gone.notes.len(), 1, "what was long ago is another line");
    }

    #[test]
    fn a_region_that_repeats_is_known_by_its_last_pass() {
        let first = [(8, 0.0), (8, 2.0), (9, 0.0), (9, 2.0)];
        let again = [(8, 0.0), (8, 1.0), (8, 3.0), (9, 0.5)];
        let riff = heard(4, &[&first[..], &again[..]].concat());
        assert_eq!(steps(&riff, 2), [0, 4, 12, 18, 24], "behind the last note the first pass still holds");
        let other = heard(2, &[&first[..], &[(0, 1.0)]].concat());
        assert_eq!(other.notes.len(), 1, "and elsewhere it does not");
    }

    #[test]
    fn other_meters_and_grids_have_steps_of_their_own() {
        let riff = heard(4, &[(0, 0.0), (0, 1.0), (0, 3.0)]);
        let waltz = Grid { steps_per_bar: 12, meter: Meter { numerator: 3, denominator: 4 }, bars: 1 };
        assert_eq!(riff.onsets(waltz).steps(), [0, 4], "what lies behind the loop's bar is not in it");
        let triplets = Grid { steps_per_bar: 12, ..Grid::default() };
        assert_eq!(riff.onsets(triplets).steps(), [0, 3, 9]);
        assert_eq!(Riff::default().onsets(waltz), Onsets::NONE);
    }

    #[test]
    fn what_is_saved_is_brought_into_its_limits() {
        let riff: Riff = serde_json::from_str(
            r#"{"bars":3,"notes":[[1,0.5,200,200],[0,-1.0,40,100],[2000000000,0.0,1,1],[0,0.5,40,0],[0,0.25,40,9]]}"#,
        )
        .unwrap();
        let riff = riff.sanitized();
        let kept = [
            PlayedNote { velocity: 9, ..note(0, 0.25) },
            PlayedNote { bar: 1, beat: 0.5, key: 127, velocity: 127 },
        ];
        assert_eq!((riff.bars, riff.notes), (4, kept.to_vec()));
        let many = Riff { notes: vec![note(0, 0.0); 600], ..Riff::default() };
        assert_eq!(many.sanitized().notes.len(), MOST_NOTES);
        let text = serde_json::to_string(&heard(4, &[(0, 1.5)])).unwrap();
        assert_eq!(text, r#"{"bars":4,"notes":[[0,1.5,40,100]]}"#);
    }
}
