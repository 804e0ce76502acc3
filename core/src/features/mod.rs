//! What the critic sees of a loop: its rhythm as bits by audible layer, and measures of its sounds,
//! density, metre, texture and dynamics.
//!
//! Worker thread. Pure functions of a loop and a kit; no audio is rendered, and nothing allocates
//! after [`Space::new`].
//!
//! Rhythm is seen on sixteen phases a bar ([`phases`]), so that figures mean the same on every grid.
//! [`Heard`] holds what the taste particles read; [`Dense`] what the Gaussian process reads beside it.

pub mod candidate;
mod direction;
#[cfg(test)]
pub(crate) mod fixture;
pub mod making;
pub mod measures;
mod names;
pub mod phases;
mod sounds;
pub mod styles;

use crate::kit::Kit;
pub(crate) use candidate::NO_SAMPLE;
pub use candidate::{Candidate, Part};
pub use direction::{Played, StyleSet};
pub use making::Directions;
pub use measures::Group;
pub(crate) use measures::MEASURES;
pub use names::Words;
use phases::Phases;
pub use sounds::SoundTable;
pub(crate) use sounds::{SOUND_TRAITS, role_layer};
use std::sync::Arc;
pub use styles::Styles;

/// Ways to tell layers apart. Which one a listener uses is part of a hypothesis.
pub(crate) const HEARINGS: usize = 7;
/// By the spectrum of the sounds.
pub(crate) const AUDIBLE: usize = 0;
/// By the roles of the sounds.
pub(crate) const BY_ROLE: usize = 1;
/// As [`AUDIBLE`], hits of velocity 64 and more only.
pub(crate) const STRONG: usize = 2;
/// By the spectral centroid alone.
pub(crate) const BY_CENTROID: usize = 3;
/// As [`AUDIBLE`], accents only (velocity 106 and more).
pub(crate) const ACCENTS: usize = 4;
/// No layers at all: the rows are the first four lanes.
pub const LANES: usize = 5;
/// The rows are the lanes from the fifth on.
pub(crate) const MORE_LANES: usize = 6;

/// What is heard of one loop: all that a taste particle looks at.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Bars, 1 to 4.
    pub bars: usize,
    /// `[hearing][bar]`: four rows of 16 phases, low in bits 0–15, then mid, bright and any lane
    /// (for the last two hearings one row a lane).
    pub rows: [[u64; 4]; HEARINGS],
    /// Measures in standard units of draws from the prior, −3.5 to 3.5; 0 where one is undefined.
    pub measures: [f32; MEASURES],
}

impl Default for Heard {
    fn default() -> Self {
        Self { bars: 1, rows: [[0; 4]; HEARINGS], measures: [0.0; MEASURES] }
    }
}

/// Dimensions of [`Dense`].
pub(crate) const DENSE: usize = LAYER_GRID + SOUND_WAVES;
/// Three layers of 16 phases, how loud each is, averaged over bars.
pub(crate) const LAYER_GRID: usize = 48;
/// Random Fourier features of the sounds (Rahimi and Recht 2007), averaged over hits.
pub(crate) const SOUND_WAVES: usize = 64;

/// What the Gaussian process reads beside the measures.
#[derive(Clone, Debug)]
pub struct Dense(pub [f32; DENSE]);

/// A kit and a scale: turns loops into [`Heard`].
#[derive(Clone, Debug)]
pub struct Space {
    kit: Arc<Kit>,
    sounds: Arc<SoundTable>,
    mean: [f32; MEASURES],
    scale: [f32; MEASURES],
}

impl Space {
    /// The tables of a kit; the scale is that of raw measures until [`Space::fit_scale`].
    #[must_use]
    pub fn new(kit: Arc<Kit>) -> Self {
        let sounds = SoundTable::of(&kit);
        Self { kit, sounds, mean: [0.0; MEASURES], scale: [1.0; MEASURES] }
    }

    /// The kit.
    #[must_use]
    pub fn kit(&self) -> &Arc<Kit> {
        &self.kit
    }

    /// The kit's sounds as tables.
    #[must_use]
    pub fn sounds(&self) -> &SoundTable {
        &self.sounds
    }

    /// Takes mean and deviation of every measure from reference loops.
    pub(crate) fn fit_scale(&mut self, reference: &[Candidate]) {
        let mut raw = [0.0; MEASURES];
        let mut rows = [[0; 4]; HEARINGS];
        let mut sums = vec![[0f64; 3]; MEASURES];
        for candidate in reference {
            let phases = Phases::of(candidate.grid);
            measures::measure(&self.sounds, &phases, candidate, &mut rows, &mut raw);
            for (sum, &value) in sums.iter_mut().zip(&raw) {
                if value.is_finite() {
                    let value = f64::from(value);
                    *sum = [sum[0] + 1.0, sum[1] + value, sum[2] + value * value];
                }
            }
        }
        for (at, [n, sum, squares]) in sums.into_iter().enumerate() {
            let n = n.max(1.0);
            let mean = sum / n;
            let deviation = (squares / n - mean * mean).max(0.0).sqrt();
            self.mean[at] = mean as f32;
            // A measure that never varies says nothing: an infinite scale makes it 0.
            self.scale[at] = if deviation > 1e-5 { (1.0 / deviation) as f32 } else { 0.0 };
        }
    }

    /// Hears a loop, one with life as what it is over all its passes. `phases` must be those of the candidate's grid.
    pub fn hear(&self, phases: &Phases, candidate: &Candidate, heard: &mut Heard) {
        let expected = candidate.expected();
        let candidate = expected.as_ref().unwrap_or(candidate);
        heard.bars = usize::from(candidate.grid.bars);
        measures::measure(&self.sounds, phases, candidate, &mut heard.rows, &mut heard.measures);
        for ((value, mean), scale) in heard.measures.iter_mut().zip(&self.mean).zip(&self.scale) {
            let z = (*value - mean) * scale;
            *value = if z.is_finite() { z.clamp(-3.5, 3.5) } else { 0.0 };
        }
    }

    /// Hears one loop, made for single use.
    #[must_use]
    pub fn heard(&self, candidate: &Candidate) -> Heard {
        let mut heard = Heard::default();
        self.hear(&Phases::of(candidate.grid), candidate, &mut heard);
        heard
    }

    /// The features of a loop for the Gaussian process that are not measures.
    pub fn dense(&self, phases: &Phases, candidate: &Candidate, dense: &mut Dense) {
        let expected = candidate.expected();
        let candidate = expected.as_ref().unwrap_or(candidate);
        let (grid, waves) = dense.0.split_at_mut(LAYER_GRID);
        grid.fill(0.0);
        waves.fill(0.0);
        let mut total = 0.0;
        for part in candidate.parts() {
            let layers = self.sounds.layers(part.sample);
            let mut count = 0.0;
            let mut left = part.mask;
            while left != 0 {
                let step = left.trailing_zeros() as usize;
                left &= left - 1;
                count += 1.0;
                let level = 0.3 + 0.7 * f32::from(part.hits[step].velocity) / 127.0;
                let phase = usize::from(phases.position(step)) % 16;
                for (layer, &membership) in layers.iter().enumerate() {
                    grid[layer * 16 + phase] += level * membership;
                }
            }
            total += count;
            for (to, &wave) in waves.iter_mut().zip(self.sounds.waves(part.sample)) {
                *to += count * wave;
            }
        }
        let bars = f32::from(candidate.grid.bars.max(1));
        for row in grid.chunks_exact_mut(16) {
            let mut smooth = [0.0; 16];
            for (at, value) in smooth.iter_mut().enumerate() {
                let near = row[(at + 1) % 16] + row[(at + 15) % 16];
                *value = (0.7 * row[at] + 0.15 * near).min(1.2 * bars) / bars;
            }
            row.copy_from_slice(&smooth);
        }
        if total > 0.0 {
            waves.iter_mut().for_each(|wave| *wave /= total);
        }
    }
}
