//! A small room: a network of eight delays.
//!
//! J.-M. Jot and A. Chaigne, "Digital delay networks for designing artificial reverberators", AES preprint
//! 3030 (1991): delays of mutually prime lengths, fed back through an orthogonal matrix (Hadamard's), each
//! with a one-pole that lets high frequencies die sooner. Two Schroeder all-passes before it spread each hit.

use super::keep;
use std::f64::consts::TAU;

/// Delays.
const LINES: usize = 8;
/// Their lengths in milliseconds: what a room of some four by five metres throws back first.
const LENGTHS_MS: [f64; LINES] = [11.3, 13.7, 16.1, 19.3, 22.7, 26.9, 31.1, 36.7];
/// The all-passes before them.
const SPREAD_MS: [f64; 2] = [3.1, 5.3];
const SPREAD: f32 = 0.6;
/// Seconds to −60 dB at low frequencies.
pub(crate) const DECAY_S: f64 = 0.45;
/// Edge of the damping.
const DAMPING_HZ: f64 = 5_500.0;
/// What lies below does not reach the room: the low end stays dry and in the middle.
const LOW_CUT_HZ: f64 = 180.0;

/// Frames that are run at once.
const STRETCH: usize = 64;

/// One delay in the common memory.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    from: usize,
    length: usize,
    at: usize,
}

impl Line {
    #[inline]
    fn turn(&mut self, frames: usize) {
        self.at += frames;
        if self.at >= self.length {
            self.at -= self.length;
        }
    }

    /// The places of the next frames: to the end of the line, and from its start.
    fn places(&self, frames: usize) -> [std::ops::Range<usize>; 2] {
        let first = frames.min(self.length - self.at);
        let begin = self.from + self.at;
        [begin..begin + first, self.from..self.from + frames - first]
    }
}

/// One input, two outputs.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    memory: Box<[f32]>,
    lines: [Line; LINES],
    gains: [f32; LINES],
    damped: [f32; LINES],
    spread: [Line; 2],
    damping: f32,
    low_take: f32,
    low: f32,
}

impl Room {
    /// Silent. Allocates.
    #[must_use]
    pub(crate) fn new(rate_hz: f64) -> Self {
        let mut used = 0;
        let mut line = |ms: f64| {
            let length = ((ms * 1e-3 * rate_hz) as usize | 1).max(3);
            used += length;
            Line { from: used - length, length, at: 0 }
        };
        let lines = LENGTHS_MS.map(&mut line);
        let spread = SPREAD_MS.map(&mut line);
        let gain = |line: Line| 10f64.powf(-3.0 * line.length as f64 / rate_hz / DECAY_S) as f32;
        Self {
            memory: vec![0.0; used].into(),
            lines,
            gains: lines.map(gain),
            damped: [0.0; LINES],
            spread,
            damping: 1.0 - keep(1.0 / (TAU * DAMPING_HZ), rate_hz),
            low_take: 1.0 - keep(1.0 / (TAU * LOW_CUT_HZ), rate_hz),
            low: 0.0,
        }
    }

    /// A stretch of what was sent, and what comes back.
    pub(crate) fn run(&mut self, sent: &[f32], [left, right]: [&mut [f32]; 2]) {
        // No line is shorter than a stretch: what is fed back within it comes out after it.
        let most = self.lines.iter().map(|line| line.length).min().unwrap_or(1).min(STRETCH);
        let stretches = left.chunks_mut(most).zip(right.chunks_mut(most));
        for (sent, (left, right)) in sent.chunks(most).zip(stretches) {
            self.stretch(sent, left, right);
        }
    }

    fn stretch(&mut self, sent: &[f32], left: &mut [f32], right: &mut [f32]) {
        let frames = sent.len();
        let mut input = [0.0; STRETCH];
        for (to, &sent) in input.iter_mut().zip(sent) {
            self.low += self.low_take * (sent - self.low);
            *to = sent - self.low;
        }
        for line in &mut self.spread {
            for value in &mut input[..frames] {
                let place = &mut self.memory[line.from + line.at];
                let out = *place - SPREAD * *value;
                *place = *value + SPREAD * out;
                *value = out;
                line.turn(1);
            }
        }
        // Frame by frame for what depends on the frame before it, all lines at once.
        let mut frame_of = [[0.0; LINES]; STRETCH];
        for (at, line) in self.lines.iter().enumerate() {
            let [first, second] = line.places(frames);
            let values = self.memory[first].iter().chain(&self.memory[second]);
            for (frame, value) in frame_of.iter_mut().zip(values) {
                frame[at] = *value;
            }
        }
        let mut values = [[0.0; STRETCH]; LINES];
        for (n, frame) in frame_of[..frames].iter().enumerate() {
            for (damped, value) in self.damped.iter_mut().zip(frame) {
                *damped += self.damping * (value - *damped);
            }
            for ((of_line, damped), gain) in values.iter_mut().zip(&self.damped).zip(&self.gains) {
                of_line[n] = damped * gain;
            }
        }
        for n in 0..frames {
            left[n] = values[0][n] - values[2][n] + values[4][n] - values[6][n];
            right[n] = values[1][n] - values[3][n] + values[5][n] - values[7][n];
        }
        // Hadamard's matrix in three passes of sums and differences, 1/√8 to keep energy.
        for reach in [1, 2, 4] {
            for from in (0..LINES).step_by(2 * reach) {
                for at in from..from + reach {
                    let (low, high) = values.split_at_mut(at + reach);
                    for (a, b) in low[at].iter_mut().zip(&mut high[0]) {
                        (*a, *b) = (*a + *b, *a - *b);
                    }
                }
            }
        }
        const ROOT: f32 = 0.353_553_4;
        for (line, values) in self.lines.iter_mut().zip(&values) {
            let [first, second] = line.places(frames);
            let count = first.len();
            for (place, n) in [(first, 0), (second, count)] {
                for (n, to) in self.memory[place].iter_mut().enumerate().map(|(at, to)| (n + at, to)) {
                    *to = input[n] + values[n] * ROOT;
                }
            }
            line.turn(frames);
        }
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.memory.fill(0.0);
        (self.damped, self.low) = ([0.0; LINES], 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn click(rate: f64, frames: usize) -> Vec<[f32; 2]> {
        let mut room = Room::new(rate);
        let mut sent = vec![0.0; frames];
        sent[0] = 1.0;
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        room.run(&sent, [&mut left, &mut right]);
        left.into_iter().zip(right).map(|(l, r)| [l, r]).collect()
    }

    #[test]
    fn it_dies_away_within_its_time_at_any_rate() {
        for rate in [44_100.0, 48_000.0, 192_000.0] {
            let out = click(rate, (1.5 * rate) as usize);
            let energy = |from: f64, to: f64| -> f64 {
                let part = &out[(from * rate) as usize..(to * rate) as usize];
                part.iter().flatten().map(|&x| f64::from(x).powi(2)).sum::<f64>() / part.len() as f64
            };
            let fall = 10.0 * (energy(0.05, 0.1) / energy(0.35, 0.4)).log10();
            // 60 dB in 0.45 s are 40 in 0.3 s; high frequencies fall faster.
            assert!((38.0..60.0).contains(&fall), "{rate}: {fall}");
        }
    }

    #[test]
    fn nothing_depends_on_how_time_is_cut() {
        let sent: Vec<f32> =
            (0..9_000).map(|n| if n % 700 < 90 { (n as f32 * 0.3).sin() } else { 0.0 }).collect();
        let run = |size: usize| {
            let mut room = Room::new(8_000.0);
            let mut out = Vec::new();
            for part in sent.chunks(size) {
                let (mut left, mut right) = (vec![0.0; part.len()], vec![0.0; part.len()]);
                room.run(part, [&mut left, &mut right]);
                out.extend(left.into_iter().zip(right));
            }
            out
        };
        assert_eq!(run(9_000), run(1));
        assert_eq!(run(64), run(37));
    }

    #[test]
    fn its_sides_differ_and_its_low_end_is_missing() {
        let out = click(48_000.0, 24_000);
        let sum =
            |f: fn(f64, f64) -> f64| -> f64 { out.iter().map(|&[l, r]| f(f64::from(l), f64::from(r))).sum() };
        let correlation = sum(|l, r| l * r) / (sum(|l, _| l * l) * sum(|_, r| r * r)).sqrt();
        assert!(correlation.abs() < 0.35, "{correlation}");
        let low: Vec<f32> = out.iter().map(|frame| frame[0]).collect();
        let level = |hz| super::super::probe::amplitude(&low, hz, 48_000.0);
        assert!(level(40.0) < 0.5 * level(1_000.0).max(level(1_013.0)).max(level(987.0)));
    }
}
