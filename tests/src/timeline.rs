//! When a loop's hits must sound: a second, simple statement of the rule that the engine keeps.
//!
//! Bars of the song count from position 0. Bar *k* plays bar *k* mod *bars* of the loop, so the
//! same bar always plays the same steps. A hit sounds on the first frame at or after its position.

use deepdrummer_core::engine::Keys;
use deepdrummer_core::pattern::{Loop, Role};

use crate::clap_host::{Note, Session};
use crate::transport::Transport;

/// A hit on the song's timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// Song position in quarter notes.
    pub beats: f64,
    /// The key that the lane sends.
    pub key: u8,
    /// 0 to 1.
    pub velocity: f64,
}

/// All hits of a loop with positions in `from..to`, in order.
#[must_use]
pub fn onsets(pattern: &Loop, from: f64, to: f64) -> Vec<Onset> {
    let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
    let keys = Keys::general_midi(&roles);
    let grid = pattern.grid;
    let bar_beats = 4.0 * f64::from(grid.meter.numerator) / f64::from(grid.meter.denominator);
    let steps = usize::from(grid.steps_per_bar);
    let step_beats = bar_beats / steps as f64;
    let steps_a_beat = steps / usize::from(grid.meter.numerator);
    let swings = steps_a_beat >= 2 && steps_a_beat.is_multiple_of(2);
    // Per cent of a pair: 50 is straight; a pair is two steps long.
    let swing_steps = f64::from(pattern.swing.percent() - 50.0) / 50.0;
    let mut onsets = Vec::new();
    let (first, last) = ((from / bar_beats).floor() as i64 - 1, (to / bar_beats).ceil() as i64 + 1);
    for bar in first..=last {
        let start = bar.rem_euclid(i64::from(grid.bars)) as usize * steps;
        for (lane, key) in pattern.lanes().iter().zip(keys.key_of_lane) {
            for step in 0..steps {
                let hit = lane.hits[start + step];
                if hit.velocity == 0 {
                    continue;
                }
                let swing = if swings && step % 2 == 1 { swing_steps } else { 0.0 };
                let beats = bar as f64 * bar_beats
                    + (step as f64 + swing + f64::from(hit.offset) / 256.0) * step_beats;
                if (from..to).contains(&beats) {
                    onsets.push(Onset { beats, key, velocity: f64::from(hit.velocity) / 127.0 });
                }
            }
        }
    }
    onsets.sort_by(|a, b| a.beats.total_cmp(&b.beats).then(a.key.cmp(&b.key)));
    onsets
}

/// A note-on that must come: on the first frame at or after `frame`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// The exact position in frames.
    pub frame: f64,
    /// MIDI key.
    pub key: u8,
    /// In 1/127.
    pub velocity: u8,
}

/// Hosts tell positions in fixed point, so what is this near to a frame may round to either side.
const UNSURE_FRAMES: f64 = 1e-3;

impl Wanted {
    /// An onset, when position `from` is at frame 0 and the tempo is steady.
    #[must_use]
    pub fn new(onset: &Onset, from: f64, bpm: f64, sample_rate: f64) -> Self {
        Self {
            frame: (onset.beats - from) * 60.0 / bpm * sample_rate,
            key: onset.key,
            velocity: (onset.velocity * 127.0).round() as u8,
        }
    }

    /// The same note later.
    #[must_use]
    pub fn later(self, frames: u64) -> Self {
        Self { frame: self.frame + frames as f64, ..self }
    }

    /// Whether a found note is this one.
    #[must_use]
    pub fn is(&self, (frame, key, velocity): (u64, u8, u8)) -> bool {
        let low = (self.frame - UNSURE_FRAMES).ceil().max(0.0) as u64;
        let high = (self.frame + UNSURE_FRAMES).ceil().max(0.0) as u64;
        key == self.key && velocity == self.velocity && (low..=high).contains(&frame)
    }
}

/// The note-ons among notes as (frame since `began`, key, velocity in 1/127), by key, then frame.
#[must_use]
pub fn note_ons(notes: &[Note], began: u64) -> Vec<(u64, u8, u8)> {
    let mut ons: Vec<_> = notes
        .iter()
        .filter_map(|note| {
            note.velocity.map(|velocity| (note.frame - began, note.key, (velocity * 127.0).round() as u8))
        })
        .collect();
    ons.sort_unstable_by_key(|(frame, key, _)| (*key, *frame));
    ons
}

/// What [`note_ons`] must give for a loop played from a position at a steady tempo.
#[must_use]
pub fn wanted(pattern: &Loop, from: f64, frames: usize, bpm: f64, sample_rate: f64) -> Vec<Wanted> {
    wanted_of(|from, to| onsets(pattern, from, to), from, frames, bpm, sample_rate)
}

/// The same of whatever has these hits between two positions.
#[must_use]
pub fn wanted_of(
    onsets: impl Fn(f64, f64) -> Vec<Onset>,
    from: f64,
    frames: usize,
    bpm: f64,
    sample_rate: f64,
) -> Vec<Wanted> {
    let to = from + frames as f64 / sample_rate * bpm / 60.0;
    let mut wanted: Vec<_> = onsets(from, to)
        .iter()
        .map(|onset| Wanted::new(onset, from, bpm, sample_rate))
        // A hit between the last frame and the next belongs to the next block.
        .filter(|wanted| (wanted.frame - UNSURE_FRAMES).ceil() < frames as f64)
        .collect();
    sort(&mut wanted);
    wanted
}

/// A host's cycle, played at a steady tempo.
#[derive(Clone, Copy, Debug)]
pub struct Cycle {
    /// Where it begins and ends, in quarter notes.
    pub between: (f64, f64),
    /// Where play begins, within it.
    pub from: f64,
    /// Quarter notes a minute.
    pub bpm: f64,
    /// Frames a second.
    pub sample_rate: f64,
}

impl Cycle {
    /// Plays so many blocks of so many frames as a host does, whose position wraps between two blocks.
    pub fn play(&self, session: &mut Session, blocks: usize, frames: usize) {
        let (start, end) = self.between;
        let mut transport =
            Transport { cycle_beats: Some(self.between), ..Transport::playing(self.from, self.bpm) };
        for _ in 0..blocks {
            session.process(frames, Some(&transport), &[]);
            transport = transport.after(frames, self.sample_rate);
            let beats = transport.beats.expect("a song that plays has a position");
            if beats >= end {
                let wrapped = start + (beats - end) % (end - start);
                transport.beats = Some(wrapped);
                transport.seconds = Some(wrapped * 60.0 / self.bpm);
            }
        }
    }

    /// What [`note_ons`] must give for so many frames of it.
    #[must_use]
    pub fn wanted(&self, onsets: impl Fn(f64, f64) -> Vec<Onset>, frames: usize) -> Vec<Wanted> {
        let (start, end) = self.between;
        let to = self.from + frames as f64 / self.sample_rate * self.bpm / 60.0;
        let mut wanted = Vec::new();
        let mut turn = 0.0;
        while start + turn * (end - start) < to {
            wanted.extend(
                onsets(start, end)
                    .iter()
                    .map(|onset| Onset { beats: onset.beats + turn * (end - start), ..*onset })
                    .filter(|onset| (self.from..to).contains(&onset.beats))
                    .map(|onset| Wanted::new(&onset, self.from, self.bpm, self.sample_rate)),
            );
            turn += 1.0;
        }
        sort(&mut wanted);
        wanted
    }
}

/// Brings wanted notes into the order of [`note_ons`].
pub fn sort(wanted: &mut [Wanted]) {
    wanted.sort_by(|a, b| a.key.cmp(&b.key).then(a.frame.total_cmp(&b.frame)));
}

/// Whether at some of these bar lines one loop's notes give way to another's, exactly; otherwise what is
/// wrong with each line. `bar` is a bar's frames.
///
/// # Errors
/// Line by line, the first difference in words.
pub fn changes_at_a_bar(
    found: &[(u64, u8, u8)],
    before: &[Wanted],
    after: &[Wanted],
    lines: impl Iterator<Item = u64>,
    bar: f64,
) -> Result<(), Vec<String>> {
    let mut wrong = Vec::new();
    for line in lines {
        let change = line as f64 * bar - 0.5;
        // An early downbeat sounds up to half a step before its bar, and is already the new loop's.
        let early = change - bar / 32.0;
        let clear = |frame: f64| !(early..change).contains(&frame);
        let mut all: Vec<_> = before.iter().filter(|note| note.frame < early).copied().collect();
        all.extend(after.iter().filter(|note| note.frame >= change));
        sort(&mut all);
        let found: Vec<_> = found.iter().filter(|note| clear(note.0 as f64)).copied().collect();
        match compare(&found, &all) {
            Ok(()) => return Ok(()),
            Err(words) => wrong.push(format!("bar line {line}: {words}")),
        }
    }
    Err(wrong)
}

/// Whether the notes found are those wanted; otherwise what is wrong.
///
/// # Errors
/// The first difference, in words.
pub fn compare(found: &[(u64, u8, u8)], wanted: &[Wanted]) -> Result<(), String> {
    for (note, wanted) in found.iter().zip(wanted) {
        if !wanted.is(*note) {
            return Err(format!("(frame, key, velocity) is {note:?}, wanted {wanted:?}"));
        }
    }
    if found.len() == wanted.len() {
        Ok(())
    } else {
        Err(format!("{} notes came, {} were wanted", found.len(), wanted.len()))
    }
}
