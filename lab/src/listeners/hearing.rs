//! What a simulated listener hears of a loop: how strong each of three layers sounds at each step,
//! which sounds are in it, how hard they are hit.
//!
//! Study and test threads. Deliberately not the learner's representation: sounds are measured over
//! the *whole file* by amplitude (the learner sees power in the first 300 ms and descriptors), layers
//! are cut by hard thresholds that differ from listener to listener (the learner's are soft), and
//! neither roles nor names are ever looked at.

use deepdrummer_core::kit::{Audio, Kit};
use deepdrummer_core::pattern::{Grid, Loop, MAX_BARS, MAX_LANES, Meter, SampleId};
use realfft::RealFftPlanner;
use std::collections::HashMap;

/// Steps a bar in which listeners think.
pub const STEPS: usize = 16;
/// Low, mid, bright.
pub const LAYERS: usize = 3;
/// Bands of the coarse spectrum, two an octave from 31 Hz up.
pub const BANDS: usize = 18;
/// Longest stretch of a sound that is measured, in frames.
const MOST_FRAMES: usize = 1 << 18;

/// Whole-file measurements of one sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Traits {
    /// Share of the amplitude spectrum below 250 Hz, 0 to 1.
    pub low_share: f32,
    /// Centre of the amplitude spectrum in octaves above 1 Hz (11 is 2 kHz).
    pub centre_oct: f32,
    /// Geometric over arithmetic mean of the amplitude spectrum, 0 (a tone) to 1 (noise).
    pub flatness: f32,
    /// Seconds until the sound stays 40 dB below its peak.
    pub length_s: f32,
    /// Root mean square over that length in decibels of full scale.
    pub level_db: f32,
    /// Shares of the amplitude spectrum in half-octave bands; sums to 1.
    pub bands: [f32; BANDS],
}

impl Traits {
    /// Measures a sound; silence has a finite result too.
    #[must_use]
    pub fn of(audio: &Audio, planner: &mut RealFftPlanner<f32>) -> Self {
        let frames = audio.left.len().min(MOST_FRAMES);
        let mut mono: Vec<f32> = audio.left[..frames].to_vec();
        if let Some(right) = &audio.right {
            for (to, r) in mono.iter_mut().zip(right) {
                *to = 0.5 * (*to + r);
            }
        }
        let peak = mono.iter().fold(0f32, |a, x| a.max(x.abs()));
        let last = mono.iter().rposition(|x| x.abs() > peak * 0.01).map_or(1, |at| at + 1);
        let energy: f32 = mono[..last.min(mono.len())].iter().map(|x| x * x).sum();
        let hz = audio.rate.hz() as f32;

        mono.resize(frames.max(1024).next_power_of_two(), 0.0);
        let transform = planner.plan_fft_forward(mono.len());
        let mut spectrum = transform.make_output_vec();
        // Lengths come from the plan itself, so the transform cannot refuse them.
        let _ = transform.process(&mut mono, &mut spectrum);
        let bin_hz = hz / mono.len() as f32;

        let (mut sum, mut low, mut weighted, mut log_sum, mut count) = (1e-9f64, 0f64, 0f64, 0f64, 0u32);
        let mut bands = [0f64; BANDS];
        for (bin, value) in spectrum.iter().enumerate().skip(1) {
            let f = bin as f32 * bin_hz;
            if !(25.0..=16_000.0).contains(&f) {
                continue;
            }
            let amplitude = f64::from(value.norm());
            sum += amplitude;
            weighted += amplitude * f64::from(f.log2());
            log_sum += (amplitude + 1e-9).ln();
            count += 1;
            if f < 250.0 {
                low += amplitude;
            }
            let band = ((f / 31.25).log2() * 2.0).clamp(0.0, BANDS as f32 - 1.0);
            bands[band as usize] += amplitude;
        }
        let mean = sum / f64::from(count.max(1));
        Self {
            low_share: (low / sum) as f32,
            centre_oct: (weighted / sum) as f32,
            flatness: ((log_sum / f64::from(count.max(1))).exp() / mean) as f32,
            length_s: last as f32 / hz,
            level_db: 10.0 * (energy / last as f32).max(1e-9).log10(),
            bands: bands.map(|b| (b / sum) as f32),
        }
    }
}

/// A scalar by which listeners compare sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// Where the spectrum's centre lies.
    Brightness,
    /// How long it rings (logarithmic).
    Length,
    /// Noise against tone.
    Noise,
    /// How loud it is recorded.
    Level,
}

/// The measured sounds of a kit.
#[derive(Debug)]
pub struct Ear {
    traits: Vec<Traits>,
    index: HashMap<SampleId, usize>,
}

impl Ear {
    /// Listens to every sound of a kit. Sounds whose audio cannot be had stay silent to listeners.
    #[must_use]
    pub fn new(kit: &Kit) -> Self {
        let mut planner = RealFftPlanner::new();
        let mut ear = Self { traits: Vec::new(), index: HashMap::new() };
        for sample in kit.samples() {
            if let Ok(audio) = sample.audio() {
                ear.index.insert(sample.id, ear.traits.len());
                ear.traits.push(Traits::of(&audio, &mut planner));
            }
        }
        ear
    }

    /// The measurements, in the order that [`Voice::sound`] counts in.
    #[must_use]
    pub fn traits(&self) -> &[Traits] {
        &self.traits
    }

    /// One trait of every sound, as z-scores over the kit.
    #[must_use]
    pub fn z_scores(&self, of: Trait) -> Vec<f32> {
        let raw: Vec<f32> = self
            .traits
            .iter()
            .map(|t| match of {
                Trait::Brightness => t.centre_oct,
                Trait::Length => t.length_s.max(1e-3).ln(),
                Trait::Noise => t.flatness,
                Trait::Level => t.level_db,
            })
            .collect();
        let n = raw.len().max(1) as f32;
        let mean = raw.iter().sum::<f32>() / n;
        let sd = (raw.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt().max(1e-6);
        raw.iter().map(|v| ((v - mean) / sd).clamp(-3.0, 3.0)).collect()
    }

    /// How much every sound resembles one of them, 0 to 1 (1 for itself): Gaussian in the distance of
    /// half-octave spectra (Hellinger) and of log length.
    #[must_use]
    pub fn likeness_to(&self, sound: usize, width: f32) -> Vec<f32> {
        let Some(reference) = self.traits.get(sound) else { return vec![0.0; self.traits.len()] };
        self.traits
            .iter()
            .map(|t| {
                let spectra: f32 =
                    t.bands.iter().zip(&reference.bands).map(|(a, b)| (a.sqrt() - b.sqrt()).powi(2)).sum();
                let length = (t.length_s.max(1e-3) / reference.length_s.max(1e-3)).ln();
                (-(spectra + 0.05 * length * length) / (width * width)).exp()
            })
            .collect()
    }
}

/// Where a listener draws the lines; these differ from one to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// A sound whose share below 250 Hz is above this is low.
    pub low_share: f32,
    /// Among the others, one whose spectral centre is above this many octaves is bright.
    pub bright_oct: f32,
    /// Hits quieter than this part of full level are not noticed as onsets.
    pub audible: f32,
}

impl Thresholds {
    /// The layer of a sound: 0 low, 1 mid, 2 bright.
    #[must_use]
    pub fn layer(&self, traits: &Traits) -> usize {
        if traits.low_share > self.low_share {
            0
        } else if traits.centre_oct > self.bright_oct {
            2
        } else {
            1
        }
    }
}

/// One bar as heard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bar {
    /// The strongest hit of each layer at each step, 0 to 1.
    pub level: [[f32; STEPS]; LAYERS],
    /// Which steps of each layer are noticed as onsets.
    pub on: [u16; LAYERS],
    /// Which steps of each voice are noticed as onsets.
    pub voices: [u16; MAX_LANES],
}

impl Bar {
    /// Steps at which anything is noticed.
    #[must_use]
    pub fn any(&self) -> u16 {
        self.on.iter().fold(0, |all, layer| all | layer)
    }

    /// Onsets over all voices.
    #[must_use]
    pub fn hits(&self) -> u32 {
        self.voices.iter().map(|v| v.count_ones()).sum()
    }
}

/// One sounding lane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Voice {
    /// The sound, as a position in [`Ear::traits`].
    pub sound: usize,
    /// Its layer.
    pub layer: usize,
    /// Sum of its hits' levels.
    pub weight: f32,
}

/// A loop as heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    bars: [Bar; MAX_BARS],
    bar_count: usize,
    voices: [Voice; MAX_LANES],
    voice_count: usize,
    /// How much later every second sixteenth sounds, in steps, 0 to 0.5.
    pub swing_steps: f32,
    /// Mean level of the hits, 0 to 1.
    pub mean_level: f32,
    /// Standard deviation of the hits' levels, 0 to 0.5.
    pub level_sd: f32,
}

impl Heard {
    /// Hears a loop. Grids of other than sixteen steps a bar are heard at the nearest sixteenth.
    #[must_use]
    pub fn new(l: &Loop, ear: &Ear, lines: &Thresholds) -> Self {
        let grid = Grid { bars: l.grid.bars, steps_per_bar: STEPS as u8, meter: Meter::FOUR_FOUR };
        let sixteenths = if usize::from(l.grid.steps_per_bar) == STEPS { *l } else { l.regridded(grid) };
        let mut out = Self {
            bars: [Bar::default(); MAX_BARS],
            bar_count: usize::from(l.grid.bars).clamp(1, MAX_BARS),
            voices: [Voice::default(); MAX_LANES],
            voice_count: 0,
            swing_steps: l.swing.delay_steps() as f32,
            mean_level: 0.0,
            level_sd: 0.0,
        };
        let (mut sum, mut squares, mut count) = (0f32, 0f32, 0f32);
        for lane in sixteenths.lanes() {
            let Some(&sound) = ear.index.get(&lane.sample) else { continue };
            let voice = out.voice_count;
            let layer = lines.layer(&ear.traits[sound]);
            let mut weight = 0.0;
            for (step, hit) in
                lane.hits[..out.bar_count * STEPS].iter().enumerate().filter(|(_, h)| h.is_on())
            {
                let level = f32::from(hit.velocity) / 127.0;
                weight += level;
                sum += level;
                squares += level * level;
                count += 1.0;
                let bar = &mut out.bars[step / STEPS];
                let at = step % STEPS;
                bar.level[layer][at] = bar.level[layer][at].max(level);
                if level >= lines.audible {
                    bar.on[layer] |= 1 << at;
                    bar.voices[voice] |= 1 << at;
                }
            }
            if weight > 0.0 {
                out.voices[voice] = Voice { sound, layer, weight };
                out.voice_count += 1;
            }
        }
        if count > 0.0 {
            out.mean_level = sum / count;
            out.level_sd = (squares / count - out.mean_level * out.mean_level).max(0.0).sqrt();
        }
        out
    }

    /// The bars.
    #[must_use]
    pub fn bars(&self) -> &[Bar] {
        &self.bars[..self.bar_count]
    }

    /// The lanes that sound.
    #[must_use]
    pub fn voices(&self) -> &[Voice] {
        &self.voices[..self.voice_count]
    }

    /// Noticed onsets a bar, over all voices.
    #[must_use]
    pub fn hits_per_bar(&self) -> f32 {
        self.bars().iter().map(|bar| bar.hits() as f32).sum::<f32>() / self.bar_count as f32
    }

    /// Mean of a value over the bars.
    #[must_use]
    pub fn over_bars(&self, of: impl Fn(&Bar) -> f32) -> f32 {
        self.bars().iter().map(of).sum::<f32>() / self.bar_count as f32
    }

    /// Mean of a value of the sounds, each weighted by how much of the loop it makes up; `layer`
    /// restricts it to one layer. 0 where nothing sounds.
    #[must_use]
    pub fn mean_sound(&self, value: &[f32], layer: Option<usize>) -> f32 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for voice in self.voices().iter().filter(|v| layer.is_none_or(|l| l == v.layer)) {
            sum += voice.weight * value.get(voice.sound).copied().unwrap_or(0.0);
            weight += voice.weight;
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::units::SampleRate;

    fn tone(hz: f32, seconds: f32, decay_s: f32) -> Audio {
        let rate = SampleRate::CD;
        let frames = (seconds * 44_100.0) as usize;
        let left = (0..frames)
            .map(|n| {
                let t = n as f32 / 44_100.0;
                0.5 * (std::f32::consts::TAU * hz * t).sin() * (-t / decay_s).exp()
            })
            .collect();
        Audio { rate, left, right: None }
    }

    #[test]
    fn traits_of_a_tone_are_those_of_its_pitch_and_decay() {
        let mut planner = RealFftPlanner::new();
        let low = Traits::of(&tone(60.0, 1.0, 0.1), &mut planner);
        let high = Traits::of(&tone(6000.0, 1.0, 0.02), &mut planner);
        assert!(low.low_share > 0.6, "{low:?}");
        assert!(high.low_share < 0.05, "{high:?}");
        assert!(high.centre_oct > low.centre_oct + 4.0);
        // 40 dB down after ln(100) time constants.
        assert!((low.length_s - 0.1 * 100f32.ln()).abs() < 0.02, "{}", low.length_s);
        assert!((low.bands.iter().sum::<f32>() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn silence_is_measured_without_infinities() {
        let silent = Audio { rate: SampleRate::CD, left: vec![0.0; 100], right: None };
        let t = Traits::of(&silent, &mut RealFftPlanner::new());
        assert!(
            [t.low_share, t.centre_oct, t.flatness, t.length_s, t.level_db].iter().all(|v| v.is_finite())
        );
    }
}
