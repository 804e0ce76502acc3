//! Numbers that describe a loop: its sounds, density, metre, texture and dynamics.
//!
//! Every measure is a mean over bars or hits, so that loops of one and of four bars compare. A measure
//! that has nothing to look at (the decay of a layer without hits) is NaN and later counts as average.

use super::phases::{ROWS, ahead, count_rows, fields, in_all_rows, row};
use super::sounds::{PLAIN_TRAITS, role_layer};
use super::{
    ACCENTS, AUDIBLE, BY_CENTROID, BY_ROLE, Candidate, HEARINGS, LANES, MORE_LANES, Phases, SOUND_TRAITS,
    STRONG, SoundTable,
};
use crate::pattern::{MAX_LANES, Role};

/// What a measure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// The sounds.
    Sound,
    /// How much plays.
    Density,
    /// Where in the bar it plays.
    Metre,
    /// How it repeats, syncopates and interlocks.
    Texture,
    /// Velocity, swing and micro-timing.
    Dynamics,
}

impl Group {
    /// All groups in the order of their measures.
    pub const ALL: [Self; 5] = [Self::Sound, Self::Density, Self::Metre, Self::Texture, Self::Dynamics];

    /// The positions of a group's measures.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        match self {
            Self::Sound => 0..SOUND,
            Self::Density => SOUND..SOUND + DENSITY,
            Self::Metre => SOUND + DENSITY..SOUND + DENSITY + METRE,
            Self::Texture => SOUND + DENSITY + METRE..SOUND + DENSITY + METRE + TEXTURE,
            Self::Dynamics => SOUND + DENSITY + METRE + TEXTURE..MEASURES,
        }
    }

    /// The group of a measure.
    #[must_use]
    pub fn of(measure: usize) -> Self {
        Self::ALL.into_iter().find(|group| group.range().contains(&measure)).unwrap_or(Self::Dynamics)
    }

    /// Whether the group is about sounds rather than about rhythm.
    #[must_use]
    pub(crate) fn is_sound(self) -> bool {
        self == Self::Sound
    }
}

/// Measures of sounds: means of traits, then spreads, lane means and extremes, then traits by layer.
pub(super) const SOUND: usize = SOUND_TRAITS + LANE_SOUND + 3 * LAYER_TRAITS.len();
pub(super) const LANE_SOUND: usize = 8;
/// Plain traits that are also measured by layer: brightness, decay, noisiness, loudness.
pub(super) const LAYER_TRAITS: [usize; 4] = [0, 1, 4, 6];
pub(super) const DENSITY: usize = 18;
/// Coverage of each class by each layer, then shares of hits on beats, off-eighths and sixteenths.
pub(super) const METRE: usize = 4 * CLASSES.len() + 12;
pub(super) const TEXTURE: usize = 23;
pub(super) const DYNAMICS: usize = 30;
/// Number of measures.
pub(crate) const MEASURES: usize = SOUND + DENSITY + METRE + TEXTURE + DYNAMICS;

/// Metric classes as phases: the one, beats, off-eighths, sixteenths between, backbeat, three, last
/// quarter, first half, second half, last eighth.
pub(super) const CLASSES: [u16; 10] =
    [0x0001, 0x1111, 0x4444, 0xaaaa, 0x1010, 0x0100, 0xf000, 0x00ff, 0xff00, 0xc000];

struct Out<'a> {
    values: &'a mut [f32; MEASURES],
    at: usize,
}

impl Out<'_> {
    fn put(&mut self, value: f32) {
        self.values[self.at] = value;
        self.at += 1;
    }

    fn put_all(&mut self, values: &[f32]) {
        self.values[self.at..self.at + values.len()].copy_from_slice(values);
        self.at += values.len();
    }
}

/// One lane as the measures see it.
#[derive(Clone, Copy, Default)]
struct LaneBits {
    /// bit = bar · 16 + phase
    all: u64,
    strong: u64,
    accents: u64,
    hits: f32,
    /// Bit = layer, audible hearing.
    layers: u8,
}

/// Measures a loop. `phases` must be those of its grid. Raw values, NaN where undefined.
pub fn measure(
    sounds: &SoundTable,
    phases: &Phases,
    candidate: &Candidate,
    rows: &mut [[u64; 4]; HEARINGS],
    values: &mut [f32; MEASURES],
) {
    let mut lanes = [LaneBits::default(); MAX_LANES];
    let parts = candidate.parts();
    *rows = [[0; 4]; HEARINGS];
    for (at, (lane, part)) in lanes.iter_mut().zip(parts).enumerate() {
        let (mut strong, mut accents) = (0u128, 0u128);
        for (step, hit) in part.sounding() {
            strong |= u128::from(hit.velocity >= 64) << step;
            accents |= u128::from(hit.velocity >= 106) << step;
        }
        *lane = LaneBits {
            all: phases.fold(part.mask),
            strong: phases.fold(strong),
            accents: phases.fold(accents),
            hits: part.mask.count_ones() as f32,
            layers: sounds.layer_bits(part.sample, AUDIBLE, part.role),
        };
        for (hearing, layers, bits) in [
            (AUDIBLE, lane.layers, lane.all),
            (BY_ROLE, sounds.layer_bits(part.sample, BY_ROLE, part.role), lane.all),
            (STRONG, lane.layers, lane.strong),
            (BY_CENTROID, sounds.layer_bits(part.sample, BY_CENTROID, part.role), lane.all),
            (ACCENTS, lane.layers, lane.accents),
        ] {
            // The fourth row is any lane.
            let spread = u64::from(layers & 1)
                | u64::from(layers >> 1 & 1) << 16
                | u64::from(layers >> 2 & 1) << 32
                | 1 << 48;
            for (bar, word) in rows[hearing].iter_mut().enumerate() {
                *word |= ((bits >> (16 * bar)) & 0xffff) * spread;
            }
        }
        let hearing = if at < 4 { LANES } else { MORE_LANES };
        for (bar, word) in rows[hearing].iter_mut().enumerate() {
            *word |= ((lane.all >> (16 * bar)) & 0xffff) << (16 * (at % 4));
        }
    }
    let bars = usize::from(candidate.grid.bars);
    let lanes = &lanes[..parts.len()];
    let mut out = Out { values, at: 0 };
    sound(sounds, candidate, lanes, &mut out);
    debug_assert_eq!(out.at, Group::Sound.range().end);
    density(candidate, lanes, &rows[AUDIBLE][..bars], &mut out);
    debug_assert_eq!(out.at, Group::Density.range().end);
    metre(&rows[AUDIBLE][..bars], &mut out);
    debug_assert_eq!(out.at, Group::Metre.range().end);
    texture(phases, candidate, lanes, &rows[AUDIBLE][..bars], &mut out);
    debug_assert_eq!(out.at, Group::Texture.range().end);
    dynamics(phases, candidate, lanes, &mut out);
    debug_assert_eq!(out.at, MEASURES);
}

fn sound(sounds: &SoundTable, candidate: &Candidate, lanes: &[LaneBits], out: &mut Out<'_>) {
    let mut mean = [0.0f32; SOUND_TRAITS];
    let mut by_layer = [[0.0f32; 5]; 3];
    let mut square = [0.0f32; 2];
    let mut lane_mean = [0.0f32; 4];
    let (mut brightest, mut longest, mut shortest) = (f32::NAN, f32::NAN, f32::NAN);
    let (mut total, mut active) = (0.0f32, 0.0f32);
    for (lane, part) in lanes.iter().zip(candidate.parts()) {
        if lane.hits == 0.0 {
            continue;
        }
        let traits = sounds.traits(part.sample);
        total += lane.hits;
        active += 1.0;
        for (to, value) in mean.iter_mut().zip(traits) {
            *to += lane.hits * value;
        }
        for (at, to) in square.iter_mut().enumerate() {
            *to += lane.hits * traits[at] * traits[at];
        }
        for (to, at) in lane_mean.iter_mut().zip([0, 1, 4, 6]) {
            *to += traits[at];
        }
        brightest = brightest.max(traits[0]);
        longest = longest.max(traits[1]);
        shortest = shortest.min(traits[1]);
        for (layer, sums) in by_layer.iter_mut().enumerate() {
            if lane.layers >> layer & 1 == 1 {
                sums[4] += lane.hits;
                for (to, at) in sums.iter_mut().zip(LAYER_TRAITS) {
                    *to += lane.hits * traits[at];
                }
            }
        }
    }
    let per_hit = if total > 0.0 { 1.0 / total } else { f32::NAN };
    mean.iter_mut().for_each(|value| *value *= per_hit);
    out.put_all(&mean);
    for at in 0..2 {
        out.put((square[at] * per_hit - mean[at] * mean[at]).max(0.0).sqrt());
    }
    let per_lane = if active > 0.0 { 1.0 / active } else { f32::NAN };
    for at in [0, 1, 3] {
        out.put(lane_mean[at] * per_lane);
    }
    out.put_all(&[brightest, longest, shortest]);
    for sums in by_layer {
        let per_hit = if sums[4] > 0.0 { 1.0 / sums[4] } else { f32::NAN };
        for value in &sums[..4] {
            out.put(value * per_hit);
        }
    }
    const { assert!(PLAIN_TRAITS >= 7) };
}

fn count(words: &[u64], mask: u64) -> [f32; 4] {
    fields(words.iter().map(|word| count_rows(word & mask)).sum())
}

fn density(candidate: &Candidate, lanes: &[LaneBits], words: &[u64], out: &mut Out<'_>) {
    let bars = words.len() as f32;
    let [low, mid, bright, any] = count(words, ROWS);
    let hits: f32 = lanes.iter().map(|lane| lane.hits).sum();
    let of = |wanted: &dyn Fn(Role) -> bool| -> f32 {
        let fitting = lanes.iter().zip(candidate.parts()).filter(|(_, part)| wanted(part.role));
        fitting.map(|(lane, _)| lane.hits).sum::<f32>() / bars
    };
    out.put_all(&[hits / bars, any / bars, low / bars, mid / bars, bright / bars]);
    let layered = (low + mid + bright).max(1.0);
    out.put_all(&[low / layered, mid / layered, bright / layered]);
    out.put_all(&[
        of(&|role| role == Role::Kick),
        of(&|role| matches!(role, Role::Snare | Role::Clap)),
        of(&|role| role_layer(role) == 2),
        of(&|role| matches!(role, Role::Tom | Role::Percussion | Role::Fx)),
    ]);
    out.put(lanes.iter().filter(|lane| lane.hits > 0.0).count() as f32);
    // The longest rest: intersect the rests with themselves moved on until none is left.
    let span = 16 * words.len() as u32;
    let mut rests = 0u128;
    for (bar, word) in words.iter().enumerate() {
        rests |= u128::from(!row(*word, 3)) << (16 * bar);
    }
    rests |= rests.checked_shl(span).unwrap_or(0);
    let mut longest = 0;
    while rests != 0 && longest < span {
        rests &= rests >> 1;
        longest += 1;
    }
    out.put(longest as f32);
    out.put(hits / any.max(1.0));
    let (mut most, mut least) = (0.0f32, f32::INFINITY);
    for lane in lanes {
        most = most.max(lane.hits);
        if lane.hits > 0.0 {
            least = least.min(lane.hits);
        }
    }
    out.put(most / bars);
    out.put(if least.is_finite() { least / bars } else { f32::NAN });
    out.put(most / hits.max(1.0));
}

fn metre(words: &[u64], out: &mut Out<'_>) {
    let all = count(words, ROWS);
    let mut shares = [[0.0; 4]; 3];
    for (at, class) in CLASSES.into_iter().enumerate() {
        let counts = count(words, in_all_rows(class));
        let cells = (class.count_ones() as usize * words.len()) as f32;
        out.put_all(&counts.map(|n| n / cells));
        if (1..=3).contains(&at) {
            shares[at - 1] = counts;
        }
    }
    for counts in shares {
        for (n, total) in counts.into_iter().zip(all) {
            out.put(if total > 0.0 { n / total } else { f32::NAN });
        }
    }
}

fn texture(phases: &Phases, candidate: &Candidate, lanes: &[LaneBits], words: &[u64], out: &mut Out<'_>) {
    let all = count(words, ROWS);
    // Syncopation: a hit before a rest on a stronger phase (after Longuet-Higgins and Lee 1984).
    let syncopes: u64 = words
        .iter()
        .map(|&word| {
            let held = word & !ahead(word, 1);
            let long = held & !ahead(word, 2);
            count_rows(held & in_all_rows(0xaaaa)) + count_rows(long & in_all_rows(0x4444))
        })
        .sum();
    for (n, total) in fields(syncopes).into_iter().zip(all) {
        out.put(n / total.max(1.0));
    }
    for lag in [2, 3, 4, 8] {
        let same: u64 = words.iter().map(|&word| count_rows(word & ahead(word, lag))).sum();
        out.put(fields(same)[3] / all[3].max(1.0));
    }
    let bars = words.len() as u32;
    for lag in [4, 8] {
        let mut equal = 0;
        for lane in lanes {
            for bar in 0..bars {
                let bits = (lane.all >> (16 * bar)) as u16;
                equal += (!(bits ^ bits.rotate_right(lag))).count_ones();
            }
        }
        out.put(equal as f32 / (16 * bars * lanes.len() as u32) as f32);
    }
    let [first, second, last] = [0x00ff, 0xff00, 0xf000].map(|mask| {
        let mask = in_all_rows(mask);
        let of_lane = |lane: &LaneBits| (lane.all & mask).count_ones() as f32;
        lanes.iter().map(of_lane).sum::<f32>()
    });
    let hits = (first + second).max(1.0);
    out.put((second - first) / hits);
    out.put(last / hits);
    let contrast: f32 = lanes
        .iter()
        .map(|lane| {
            let first = (lane.all & in_all_rows(0x00ff)).count_ones() as f32;
            let second = (lane.all & in_all_rows(0xff00)).count_ones() as f32;
            (first - second).abs() / (first + second).max(2.0)
        })
        .sum();
    out.put(contrast / lanes.len() as f32);
    // How often two layers meet, of the hits of the rarer one.
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let met: u32 = words.iter().map(|&word| (row(word, a) & row(word, b)).count_ones()).sum();
        let rarer = all[a].min(all[b]);
        out.put(if rarer > 0.0 { met as f32 / rarer } else { f32::NAN });
    }
    // Evenness: the deviation of the gaps between onsets, in phases.
    let mut onsets = 0u64;
    for (bar, word) in words.iter().enumerate() {
        onsets |= u64::from(row(*word, 3)) << (16 * bar);
    }
    let n = onsets.count_ones() as f32;
    let (mut last_at, mut squares, mut runs) = (None, 0.0, 0.0);
    let mut left = onsets;
    while left != 0 {
        let at = left.trailing_zeros();
        left &= left - 1;
        if let Some(before) = last_at {
            let gap = (at - before) as f32;
            squares += gap * gap;
            runs += f32::from(gap == 1.0);
        }
        last_at = Some(at);
    }
    if let Some(last_at) = last_at {
        let wrapped = (16 * bars + onsets.trailing_zeros() - last_at) as f32;
        squares += wrapped * wrapped;
    }
    let mean_gap = 16.0 * bars as f32 / n.max(1.0);
    out.put((squares / n.max(1.0) - mean_gap * mean_gap).max(0.0).sqrt());
    out.put(runs / n.max(1.0));
    // Sixteenths between beats in a row, in any one lane: rolls.
    let rolls: u32 =
        lanes.iter().map(|lane| (lane.all & (lane.all >> 1) & (lane.all >> 2)).count_ones()).sum();
    out.put(rolls as f32 / bars as f32);
    let between: u32 = candidate.parts().iter().map(|part| (part.mask & phases.between).count_ones()).sum();
    out.put(between as f32 / hits);
    let mut differing = 0;
    for bar in 1..words.len() {
        differing += (words[bar] ^ words[0]).count_ones();
    }
    out.put(if bars > 1 { differing as f32 / (bars - 1) as f32 } else { f32::NAN });
    // Lanes that never play together with another one: call and response.
    let mut alone = 0;
    for (at, lane) in lanes.iter().enumerate() {
        let others = lanes.iter().enumerate().filter(|(other, _)| *other != at);
        let together = others.fold(0, |bits, (_, other)| bits | other.all);
        alone += (lane.all & !together).count_ones();
    }
    out.put(alone as f32 / hits);
    let strong_beats = count(words, in_all_rows(0x0101));
    out.put(strong_beats[3] / all[3].max(1.0));
}

#[derive(Clone, Copy, Default)]
struct Moments {
    n: f32,
    sum: f32,
    squares: f32,
    ghosts: f32,
}

impl Moments {
    fn add(&mut self, level: f32) {
        self.n += 1.0;
        self.sum += level;
        self.squares += level * level;
        self.ghosts += f32::from(level < 0.45);
    }

    fn mean(self) -> f32 {
        if self.n > 0.0 { self.sum / self.n } else { f32::NAN }
    }

    fn deviation(self) -> f32 {
        let mean = self.mean();
        if self.n > 1.0 { (self.squares / self.n - mean * mean).max(0.0).sqrt() } else { f32::NAN }
    }
}

fn dynamics(phases: &Phases, candidate: &Candidate, lanes: &[LaneBits], out: &mut Out<'_>) {
    let mut all = Moments::default();
    let mut layers = [Moments::default(); 3];
    // Beats, off-eighths, sixteenths between, the one, the backbeat, first and second half.
    let mut classes = [Moments::default(); 7];
    let (mut loud, mut softest, mut loudest) = (0.0f32, f32::INFINITY, 0.0f32);
    let (mut steps_between, mut moved) = (0.0f32, 0.0f32);
    let (mut offset, mut offset_squares, mut late_backbeat) = (0.0f32, 0.0f32, Moments::default());
    let mut swung = 0.0f32;
    for (lane, part) in lanes.iter().zip(candidate.parts()) {
        let mut before: Option<f32> = None;
        for (step, hit) in part.sounding() {
            let level = f32::from(hit.velocity) * (1.0 / 127.0);
            let phase = phases.position(step) % 16;
            all.add(level);
            for (layer, moments) in layers.iter_mut().enumerate() {
                if lane.layers >> layer & 1 == 1 {
                    moments.add(level);
                }
            }
            let class = match phase % 4 {
                0 => 0,
                2 => 1,
                _ => 2,
            };
            classes[class].add(level);
            if phase == 0 {
                classes[3].add(level);
            }
            if phase == 4 || phase == 12 {
                classes[4].add(level);
                late_backbeat.add(f32::from(hit.offset) / 256.0);
            }
            classes[if phase < 8 { 5 } else { 6 }].add(level);
            loud += f32::from(level > 0.84);
            softest = softest.min(level);
            loudest = loudest.max(level);
            if let Some(before) = before {
                moved += (level - before).abs();
                steps_between += 1.0;
            }
            before = Some(level);
            let shift = f32::from(hit.offset) / 256.0;
            offset += shift;
            offset_squares += shift * shift;
            swung += f32::from(candidate.is_swung(step));
        }
    }
    let n = all.n.max(1.0);
    let mean = all.mean();
    out.put_all(&[mean, all.deviation(), softest.min(1.0), loudest, loudest - softest.min(1.0)]);
    out.put_all(&[all.ghosts / n, loud / n]);
    let [beats, eighths, sixteenths, one, backbeat, first, second] = classes.map(Moments::mean);
    let off = Moments {
        n: classes[1].n + classes[2].n,
        sum: classes[1].sum + classes[2].sum,
        ..Moments::default()
    };
    out.put_all(&[beats - off.mean(), backbeat - mean, one - mean, eighths - sixteenths, second - first]);
    out.put_all(&[beats, eighths, sixteenths]);
    out.put(backbeat - beats);
    for moments in layers {
        out.put(moments.mean());
        out.put(moments.deviation());
        out.put(if moments.n > 0.0 { moments.ghosts / moments.n } else { f32::NAN });
    }
    out.put(if steps_between > 0.0 { moved / steps_between } else { f32::NAN });
    let swing = candidate.swing.delay_steps() as f32;
    out.put(swing);
    out.put(swing * swung / n);
    let mean_offset = offset / n;
    out.put((offset_squares / n - mean_offset * mean_offset).max(0.0).sqrt());
    out.put(if late_backbeat.n > 0.0 { late_backbeat.sum / late_backbeat.n } else { f32::NAN });
}
