//! All bars of a drum part: the distinct ones, and how often each is played.
//!
//! Threads of the headless tool, the worker. Every byte is untrusted.

use super::smf::{self, NoteOn, Smf};
use super::{GRIDS, MOST_BYTES, PERCUSSION, meter, midi_bytes, place, with_reasons};
use crate::pattern::{Grid, Loop};
use std::path::Path;

/// Bars that are read of one file at most, and distinct ones that are kept.
const MOST_BARS: usize = 256;
pub(crate) const MOST_DISTINCT: usize = 16;

/// One bar, and how often it is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// A loop of one bar, without sounds.
    pub pattern: Loop,
    /// How often, from 1.
    pub count: u16,
}

/// Reads a file; see [`midi_bars`].
///
/// # Errors
/// It can't be read, is larger than [`MOST_BYTES`], or is no drum part; for a person.
pub fn midi_file_bars(path: &Path) -> Result<(Vec<Bar>, Vec<String>), String> {
    midi_bars(&midi_bytes(path)?)
}

/// The bars of a MIDI file, the most frequent first: the drums on channel 10, or all notes where there is nothing
/// on it. Bars without a hit are left out. Says for a person what of the file is not in them.
///
/// # Errors
/// Why it is no drum part, for a person.
pub fn midi_bars(bytes: &[u8]) -> Result<(Vec<Bar>, Vec<String>), String> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it is larger than 4 MB".to_owned());
    }
    let Smf { notes: all, meters, mut unread, .. } = smf::read(bytes)?;
    let drums: Vec<NoteOn> = all.iter().filter(|note| note.channel == PERCUSSION).copied().collect();
    let notes = if drums.is_empty() { all } else { drums };
    let first = notes.iter().fold(f64::INFINITY, |first, note| first.min(note.beats));
    let last = notes.iter().fold(-1.0f64, |last, note| last.max(note.beats));
    if last < 0.0 {
        return Err(with_reasons("it has no notes", &unread));
    }
    let meter = meter(&meters, first, last, &mut unread);
    let bar_beats = meter.bar_beats();
    let steps = |of_four: u8| (f64::from(of_four) * bar_beats / 4.0).round().clamp(1.0, 24.0) as u8;
    let grids = GRIDS.map(|of_four| Grid { bars: 1, steps_per_bar: steps(of_four), meter }.sanitized());
    let off = |grid: &Grid| {
        let far = |note: &NoteOn| {
            let step = note.beats / grid.step_beats();
            (step - step.round()).abs() * grid.step_beats()
        };
        notes.iter().map(far).sum::<f64>() / notes.len() as f64
    };
    let [plain, others @ ..] = &grids;
    let grid =
        others.iter().fold(*plain, |best, grid| if off(grid) < 0.6 * off(&best) { *grid } else { best });
    let mut bars: Vec<Vec<NoteOn>> = Vec::new();
    let mut beyond = 0;
    for note in &notes {
        // What sounds just before a bar line belongs to the bar behind it.
        let step = (note.beats / grid.step_beats()).round();
        let bar = (step / f64::from(grid.steps_per_bar)).floor() as usize;
        if bar >= MOST_BARS {
            beyond += 1;
            continue;
        }
        if bars.len() <= bar {
            bars.resize_with(bar + 1, Vec::new);
        }
        bars[bar].push(NoteOn { beats: note.beats - bar as f64 * bar_beats, ..*note });
    }
    if beyond > 0 {
        unread.push(format!("left out as behind its first {MOST_BARS} bars: {beyond} notes"));
    }
    let patterns = bars.iter().filter(|bar| !bar.is_empty()).map(|bar| place(bar, grid, &mut unread));
    let patterns: Vec<Loop> = patterns.collect();
    unread.sort_unstable();
    unread.dedup();
    Ok((distinct(patterns), unread))
}

/// Bars that have the same hits are one, as it is played first; the most frequent first, of equals the earliest.
pub(crate) fn distinct(patterns: impl IntoIterator<Item = Loop>) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    let same = |a: &Loop, b: &Loop| {
        a.grid == b.grid
            && a.lanes().len() == b.lanes().len()
            && a.lanes().iter().zip(b.lanes()).all(|(x, y)| x.role == y.role && x.mask() == y.mask())
    };
    for pattern in patterns {
        match bars.iter_mut().find(|bar| same(&bar.pattern, &pattern)) {
            Some(bar) => bar.count = bar.count.saturating_add(1),
            None => bars.push(Bar { pattern, count: 1 }),
        }
    }
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars.truncate(MOST_DISTINCT);
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type 0 file of 96 ticks a beat.
    fn file(hits: &[(u32, u8)]) -> Vec<u8> {
        let mut track = Vec::new();
        let mut now = 0;
        for &(ticks, key) in hits {
            let delta = ticks - now;
            now = ticks;
            track.extend([0x80 | (delta >> 7 & 127) as u8, (delta & 127) as u8, 0x99, key, 100]);
        }
        track.extend([0, 0xff, 0x2f, 0]);
        let mut bytes = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk".to_vec();
        bytes.extend((track.len() as u32).to_be_bytes());
        bytes.extend(track);
        bytes
    }

    #[test]
    fn all_bars_are_read_and_those_that_are_alike_are_one() {
        // Five bars of a kick on the one, the sixth with a snare on the second beat besides, played early.
        let mut hits: Vec<(u32, u8)> = (0..6).map(|bar| (bar * 384, 36)).collect();
        hits.push((5 * 384 + 94, 38));
        let (bars, unread) = midi_bars(&file(&hits)).unwrap();
        assert!(unread.is_empty(), "{unread:?}");
        assert_eq!(bars.iter().map(|bar| bar.count).collect::<Vec<_>>(), [5, 1]);
        assert_eq!(bars[1].pattern.lanes()[1].mask(), 1 << 4);
        assert!(bars[1].pattern.lanes()[1].hits[4].offset < 0, "its feel stays");
        assert_eq!(midi_bars(&file(&[])), Err("it has no notes".to_owned()));
    }

    #[test]
    fn a_hit_just_before_a_bar_line_belongs_to_the_next_bar() {
        let (bars, _) = midi_bars(&file(&[(0, 36), (382, 36)])).unwrap();
        assert_eq!((bars.len(), bars[0].count), (1, 2));
    }

    #[test]
    fn broken_files_are_refused_or_read_in_part_and_never_panic() {
        let whole = file(&[(0, 36), (96, 38), (400, 42)]);
        for end in 0..whole.len() {
            let _ = midi_bars(&whole[..end]);
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let _ = midi_bars(&damaged);
        }
    }
}
