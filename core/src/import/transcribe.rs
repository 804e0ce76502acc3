//! A drum loop as audio, written down: tempo, bars, and which layer is struck when.
//!
//! Threads of the headless tool, the worker. Any audio is taken; what is no loop says so.
//!
//! Onsets are rises of the level in three bands (low, noise of the middle, bright) of a short-time spectrum (after
//! the band-wise flux of Scheirer 1998). Three layers are told apart: kick, snare, hats. A snare's noise is bright
//! too, so a hat beside it is believed where the hats' own figure goes on there. Toms, claps and percussion become
//! the layer that they sound in.

use super::bars::{Bar, distinct};
use crate::kit::Audio;
use crate::kit::analysis::Analysis;
use crate::kit::sketch::Sketch;
use crate::pattern::{Grid, Hit, Lane, Loop, Meter, Role, SampleId, Swing};
use realfft::RealFftPlanner;

/// Length of a window and its hop, in seconds.
const WINDOW_S: f64 = 0.023;
const HOPS: usize = 4;
/// The bands in hertz: low, the noise of the middle, bright.
const BANDS: [[f64; 2]; 3] = [[35.0, 130.0], [900.0, 4_500.0], [7_000.0, 15_000.0]];
/// The roles that they are written for.
const ROLES: [Role; 3] = [Role::Kick, Role::Snare, Role::ClosedHat];
/// A rise in decibels that is an onset, and how far below the loudest of its band one may be.
const RISE_DB: [f32; 3] = [4.0, 5.0, 4.0];
const BELOW_DB: [f32; 3] = [18.0, 16.0, 28.0];
/// Two onsets of one band are at least so far apart, in seconds; onsets of several bands within the second belong
/// to one moment.
const APART_S: f32 = 0.055;
const TOGETHER_S: f32 = 0.03;
/// Tempos that are looked for, in quarter notes a minute.
const TEMPOS: [f64; 2] = [66.0, 190.0];
/// Bars that a file may have.
const BARS: [usize; 5] = [1, 2, 4, 8, 16];
/// Onsets on the grid, 0 to 1, from which on the file's length tells the tempo.
const FITS: f64 = 0.5;
/// Onsets that a loop has at least.
const LEAST: usize = 4;
/// A sound that is heard by itself lasts at most so long, in seconds.
const SOUND_S: f32 = 0.4;

/// A loop that was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcription {
    /// Its tempo in quarter notes a minute.
    pub bpm: f64,
    /// Its bars in order.
    pub bars: Vec<Loop>,
    /// How it sounds, by layer, where a layer is heard by itself.
    pub sounds: Vec<(Role, Sketch)>,
}

impl Transcription {
    /// Its distinct bars.
    #[must_use]
    pub fn distinct(&self) -> Vec<Bar> {
        distinct(self.bars.iter().copied())
    }
}

/// One onset of one band.
#[derive(Clone, Copy, Debug)]
struct Onset {
    at_s: f32,
    /// Level in decibels below the loudest of its band, at most 0.
    level_db: f32,
}

/// Writes down a loop, from its first frame to its last: its length is that of whole bars, unless its onsets say
/// something else.
///
/// # Errors
/// Why it is no loop, for a person.
pub fn transcribe(audio: &Audio) -> Result<Transcription, String> {
    let rate = audio.rate.hz();
    let mono: Vec<f32> = match &audio.right {
        Some(right) => audio.left.iter().zip(right).map(|(l, r)| 0.5 * (l + r)).collect(),
        None => audio.left.clone(),
    };
    let length_s = mono.len() as f64 / rate;
    if length_s < 0.8 {
        return Err("it is too short for a loop".to_owned());
    }
    let (levels, hop_s) = levels(&mono, rate);
    let found: Vec<Vec<Onset>> = (0..BANDS.len()).map(|band| onsets(&levels[band], band, hop_s)).collect();
    let struck = layers(&found);
    let count: usize = struck.iter().map(Vec::len).sum();
    if count < LEAST {
        return Err(format!("it has {count} onsets; a loop has {LEAST} at least"));
    }
    let (bpm, from_s) = tempo(&struck, length_s);
    let bars = write(&struck, bpm, from_s, length_s);
    if bars.is_empty() {
        return Err("no bar of it could be made out".to_owned());
    }
    Ok(Transcription { bpm, bars, sounds: sounds(&struck, &mono, audio) })
}

/// Levels of the bands in decibels below each band's loudest, frame by frame, and the hop in seconds.
fn levels(mono: &[f32], rate: f64) -> ([Vec<f32>; 3], f64) {
    let size = ((WINDOW_S * rate) as usize).next_power_of_two().max(64);
    let hop = size / HOPS;
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let window: Vec<f32> =
        (0..size).map(|at| 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / size as f32).cos()).collect();
    let (mut input, mut output, mut scratch) =
        (fft.make_input_vec(), fft.make_output_vec(), fft.make_scratch_vec());
    let bins = BANDS.map(|[low, high]| {
        let bin = |hz: f64| ((hz * size as f64 / rate).round() as usize).min(size / 2);
        bin(low).max(1)..(bin(high) + 1).min(size / 2 + 1)
    });
    let mut powers: [Vec<f32>; 3] = Default::default();
    // Half a window of silence before it, so that the first hit rises too.
    let mut start = -(size as isize) / 2;
    while start < mono.len() as isize {
        for (at, slot) in input.iter_mut().enumerate() {
            let index = start + at as isize;
            let x = usize::try_from(index).ok().and_then(|index| mono.get(index)).copied().unwrap_or(0.0);
            *slot = x * window[at];
        }
        let done = fft.process_with_scratch(&mut input, &mut output, &mut scratch);
        for (power, bins) in powers.iter_mut().zip(&bins) {
            let sum = match done {
                Ok(()) => output[bins.clone()].iter().map(|bin| bin.norm_sqr()).sum::<f32>(),
                Err(_) => 0.0,
            };
            power.push(sum);
        }
        start += hop as isize;
    }
    let levels = powers.map(|power| {
        let top = power.iter().copied().fold(1e-9f32, f32::max);
        power.iter().map(|p| 10.0 * (p / top).max(1e-6).log10()).collect()
    });
    (levels, hop as f64 / rate)
}

/// Rises of one band.
fn onsets(level: &[f32], band: usize, hop_s: f64) -> Vec<Onset> {
    const BACK: usize = 4;
    let rise: Vec<f32> = (0..level.len())
        .map(|at| {
            let before = level[at.saturating_sub(BACK)..at].iter().copied().fold(0.0f32, f32::min);
            let before = if at == 0 { -60.0 } else { before };
            level[at] - before
        })
        .collect();
    let apart = (f64::from(APART_S) / hop_s).ceil() as usize;
    let mut found: Vec<(usize, Onset)> = Vec::new();
    for at in 1..level.len() {
        // The first frame of the rise's steepest stretch; its level is the loudest soon after.
        let steepest = level[at] - level[at - 1];
        let around = at.saturating_sub(BACK)..(at + BACK).min(level.len());
        let is_peak = around.clone().filter(|&other| other > 0).all(|other| {
            let step = level[other] - level[other - 1];
            step < steepest || (step == steepest && other >= at)
        });
        let ahead = (at + BACK + 2).min(level.len());
        let loudest = level[at..ahead].iter().copied().fold(-60.0f32, f32::max);
        let rises = rise[at..(at + 3).min(rise.len())].iter().copied().fold(0.0f32, f32::max);
        if is_peak && rises >= RISE_DB[band] && loudest >= -BELOW_DB[band] {
            if let Some((last, _)) = found.last()
                && at - last < apart
            {
                continue;
            }
            // A window that is half over the hit has risen half of the way.
            let at_s = (at as f64 * hop_s) as f32;
            found.push((at, Onset { at_s, level_db: loudest }));
        }
    }
    found.into_iter().map(|(_, onset)| onset).collect()
}

/// Which layer is struck when: onsets of the bands, without those that another layer explains.
fn layers(found: &[Vec<Onset>]) -> [Vec<Onset>; 3] {
    let [low, mid, high] = found else { return Default::default() };
    let with = |all: &[Onset], at_s: f32| {
        all.iter().filter(|o| (o.at_s - at_s).abs() <= TOGETHER_S).map(|o| o.level_db).reduce(f32::max)
    };
    let kick = low.clone();
    // A kick's click is heard in the middle, further down than a snare.
    let snare: Vec<Onset> = mid
        .iter()
        .filter(|o| with(&kick, o.at_s).is_none() || o.level_db > -7.0)
        // Hats are heard there too: what is much brighter than it is loud in the middle is one of those.
        .filter(|o| with(high, o.at_s).is_none_or(|bright| o.level_db > bright - 9.0))
        .copied()
        .collect();
    let alone: Vec<Onset> = high.iter().filter(|o| with(&snare, o.at_s).is_none()).copied().collect();
    let gap = usual_gap(&alone);
    let goes_on = |at_s: f32| {
        gap.is_none_or(|gap| {
            let near = |at_s: f32| high.iter().any(|o| (o.at_s - at_s).abs() <= TOGETHER_S);
            near(at_s - gap) && near(at_s + gap)
        })
    };
    let hats = high.iter().filter(|o| with(&snare, o.at_s).is_none() || goes_on(o.at_s)).copied().collect();
    [kick, snare, hats]
}

/// The time that most often lies between two onsets in a row.
fn usual_gap(onsets: &[Onset]) -> Option<f32> {
    let mut gaps: Vec<f32> = onsets.windows(2).map(|pair| pair[1].at_s - pair[0].at_s).collect();
    gaps.sort_by(f32::total_cmp);
    let near = |gap: f32| gaps.iter().filter(|other| (*other - gap).abs() <= TOGETHER_S).count();
    gaps.iter().copied().max_by_key(|&gap| near(gap))
}

/// The tempo, and where the first bar begins: that of whole bars in the file where onsets lie on their grid, else
/// that on whose grid most lie.
fn tempo(struck: &[Vec<Onset>; 3], length_s: f64) -> (f64, f64) {
    let all: Vec<Onset> = struck.iter().flatten().copied().collect();
    // How far onsets lie on the sixteenths of a tempo, 0 (anywhere) to 1 (all on it); beats count twice.
    let fit = |bpm: f64, from_s: f64| {
        let step = 15.0 / bpm;
        let tolerance = 0.16 * step;
        let mut sum = (0.0, 0.0);
        for onset in &all {
            let weight = 10f64.powf(f64::from(onset.level_db) / 20.0);
            let place = (f64::from(onset.at_s) - from_s) / step;
            let off = (place - place.round()).abs() * step;
            sum.0 += weight * (-(off / tolerance).powi(2)).exp();
            sum.1 += weight;
        }
        // What onsets anywhere would reach.
        let chance = 0.28;
        (sum.0 / sum.1.max(1e-9) - chance) / (1.0 - chance)
    };
    // Tempos near 120 are likelier (after Parncutt 1994).
    let usual = |bpm: f64| -0.5 * ((bpm / 118.0).log2() / 0.55).powi(2);
    let of_length = BARS.iter().map(|&bars| 240.0 * bars as f64 / length_s);
    let of_length = of_length.filter(|bpm| (TEMPOS[0]..=TEMPOS[1]).contains(bpm));
    let best = of_length
        .map(|bpm| (fit(bpm, 0.0), bpm))
        .max_by(|a, b| (a.0 + 0.25 * usual(a.1)).total_cmp(&(b.0 + 0.25 * usual(b.1))));
    if let Some((fits, bpm)) = best
        && fits >= FITS
    {
        return (bpm, 0.0);
    }
    let from_s = all.iter().map(|o| f64::from(o.at_s)).fold(f64::INFINITY, f64::min);
    let tried = (0..400).map(|at| TEMPOS[0] * (TEMPOS[1] / TEMPOS[0]).powf(f64::from(at) / 399.0));
    let beaten = tried.map(|bpm| (fit(bpm, from_s) + repeats(&all, 240.0 / bpm) + 0.25 * usual(bpm), bpm));
    let best = beaten.max_by(|a, b| a.0.total_cmp(&b.0));
    (best.map_or(120.0, |(_, bpm)| bpm), from_s)
}

/// How much of the onsets comes again after a time in seconds: their autocorrelation, 0 to 1.
fn repeats(onsets: &[Onset], lag_s: f64) -> f64 {
    let last = onsets.iter().map(|o| f64::from(o.at_s)).fold(0.0, f64::max);
    let early: Vec<f64> =
        onsets.iter().map(|o| f64::from(o.at_s)).filter(|at| at + lag_s <= last + 0.03).collect();
    let again =
        early.iter().filter(|at| onsets.iter().any(|o| (f64::from(o.at_s) - *at - lag_s).abs() < 0.025));
    if early.len() < 3 { 0.0 } else { again.count() as f64 / early.len() as f64 }
}

/// Bars of sixteenths, or of triplets where most onsets off the beat lie on those.
fn write(struck: &[Vec<Onset>; 3], bpm: f64, from_s: f64, length_s: f64) -> Vec<Loop> {
    let bar_s = 240.0 / bpm;
    let count = (((length_s - from_s) / bar_s).round() as usize).clamp(1, 64);
    let off = |steps: f64| {
        let each = struck.iter().flatten().map(|o| {
            let place = (f64::from(o.at_s) - from_s) / bar_s * steps;
            (place - place.round()).abs() / steps
        });
        each.sum::<f64>()
    };
    let steps: u8 = if off(12.0) < 0.6 * off(16.0) { 12 } else { 16 };
    let grid = Grid { bars: 1, steps_per_bar: steps, meter: Meter::FOUR_FOUR };
    let empty = ROLES.map(|role| Lane::empty(role, SampleId::NONE));
    let mut bars = vec![empty; count];
    for (layer, onsets) in struck.iter().enumerate() {
        for onset in onsets {
            let place = (f64::from(onset.at_s) - from_s) / bar_s * f64::from(steps);
            let nearest = place.round();
            let at = nearest.max(0.0) as usize;
            let (bar, step) = (at / usize::from(steps) % count, at % usize::from(steps));
            // A loop's velocity is the root of its gain.
            let velocity = (127.0 * 10f32.powf(onset.level_db / 40.0)).clamp(20.0, 127.0) as u8;
            let offset = ((place - nearest) * 256.0).round().clamp(-100.0, 100.0) as i8;
            let hit = &mut bars[bar][layer].hits[step];
            if hit.velocity < velocity {
                *hit = Hit { velocity, offset, ..Hit::NONE };
            }
        }
    }
    let sounding = bars.into_iter().filter(|lanes| lanes.iter().any(|lane| lane.mask() != 0));
    sounding.map(|lanes| Loop::new(grid, Swing::STRAIGHT, &lanes)).collect()
}

/// The sound of each layer where it is struck alone, the one that is heard longest.
fn sounds(struck: &[Vec<Onset>; 3], mono: &[f32], audio: &Audio) -> Vec<(Role, Sketch)> {
    let mut all: Vec<(f32, usize)> = Vec::new();
    for (layer, onsets) in struck.iter().enumerate() {
        all.extend(onsets.iter().map(|o| (o.at_s, layer)));
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let end_s = mono.len() as f32 / audio.rate.hz() as f32;
    let mut found = Vec::new();
    for (layer, role) in ROLES.into_iter().enumerate() {
        let alone =
            all.iter().enumerate().filter(|(_, (_, of))| *of == layer).filter_map(|(at, &(from, _))| {
                let beside =
                    |other: Option<&(f32, usize)>| other.is_some_and(|o| (o.0 - from).abs() <= TOGETHER_S);
                if beside(at.checked_sub(1).and_then(|at| all.get(at))) || beside(all.get(at + 1)) {
                    return None;
                }
                let to = all.get(at + 1).map_or(end_s, |next| next.0);
                Some((from, (to - from).min(SOUND_S)))
            });
        let Some((from, length)) = alone.max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
        let frame = |s: f32| ((f64::from(s) * audio.rate.hz()) as usize).min(mono.len());
        let left = mono[frame((from - 0.004).max(0.0))..frame(from + length - 0.008)].to_vec();
        if left.len() > 64 {
            let sound = Audio { rate: audio.rate, left, right: None };
            found.push((role, Sketch::of(&Analysis::of(&sound))));
        }
    }
    found
}
