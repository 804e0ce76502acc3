//! The building blocks of the factory sounds: oscillators, envelopes, filters, shapers.
//!
//! Builder threads. Everything works on whole buffers at [`RATE`]; nothing here draws at random but
//! through the generator it is given.

use super::draws::Rng;

/// Frames a second of every factory sound.
pub(super) const RATE: f32 = 48_000.0;

/// Whole frames in a time.
pub(super) fn frames(seconds: f32) -> usize {
    (seconds.max(0.0) * RATE) as usize
}

/// The sine of a phase in turns, to 4 · 10⁻⁶: the odd Taylor polynomial on a quarter turn. It is used
/// instead of `f32::sin` because loops over it vectorise.
#[inline(always)]
pub(crate) fn sin_turns(phase: f32) -> f32 {
    // Adding 1.5 · 2²³ rounds to whole turns without a library call.
    const ROUND: f32 = 12_582_912.0;
    let x = phase - ((phase + ROUND) - ROUND);
    let folded = if x.abs() > 0.25 { 0.5f32.copysign(x) - x } else { x };
    let t = folded * std::f32::consts::TAU;
    let t2 = t * t;
    t * (1.0 + t2 * (-1.0 / 6.0 + t2 * (1.0 / 120.0 + t2 * (-1.0 / 5040.0 + t2 * (1.0 / 362_880.0)))))
}

/// A factor per frame that falls by 60 dB in a time.
pub(super) fn fall(t60_s: f32) -> f32 {
    (-6.907_755_3 / (t60_s.max(1e-4) * RATE)).exp()
}

/// An exponential decay that falls by 60 dB in `t60_s`, after a straight attack.
pub(super) fn decay(length: usize, attack_s: f32, t60_s: f32) -> Vec<f32> {
    let factor = fall(t60_s);
    let attack = frames(attack_s);
    let mut level = 1.0f32;
    (0..length)
        .map(|at| {
            if at < attack {
                at as f32 / attack as f32
            } else {
                let now = level;
                level *= factor;
                now
            }
        })
        .collect()
}

/// A sum of two decays: a fast one, and a slow one at a share of the level.
pub(crate) fn decay2(length: usize, fast_s: f32, slow_s: f32, share: f32) -> Vec<f32> {
    let (f, s) = (fall(fast_s), fall(slow_s));
    let (mut a, mut b) = (1.0 - share, share);
    (0..length)
        .map(|_| {
            let now = a + b;
            a *= f;
            b *= s;
            now
        })
        .collect()
}

/// The phase in turns of a pitch that falls exponentially from `from_hz` to `to_hz` with a time constant,
/// kept within ±1 turn.
pub(super) fn glide(length: usize, from_hz: f32, to_hz: f32, tau_s: f32) -> Vec<f32> {
    let factor = (-1.0 / (tau_s.max(1e-4) * RATE)).exp();
    let mut extra = (from_hz - to_hz) / RATE;
    let step = to_hz / RATE;
    let mut phase = 0.0f32;
    (0..length)
        .map(|_| {
            let now = phase;
            phase += step + extra;
            if phase >= 1.0 {
                phase -= 1.0;
            }
            extra *= factor;
            now
        })
        .collect()
}

/// A falling sine.
pub(crate) fn swept_sine(length: usize, from_hz: f32, to_hz: f32, tau_s: f32) -> Vec<f32> {
    glide(length, from_hz, to_hz, tau_s).into_iter().map(sin_turns).collect()
}

/// A falling triangle wave (its harmonics fall by 12 dB an octave: no audible aliasing below 1 kHz).
pub(crate) fn swept_triangle(length: usize, from_hz: f32, to_hz: f32, tau_s: f32) -> Vec<f32> {
    glide(length, from_hz, to_hz, tau_s)
        .into_iter()
        .map(|p| {
            let q = p + 0.25;
            let q = if q >= 1.0 { q - 1.0 } else { q };
            1.0 - 4.0 * (q - 0.5).abs()
        })
        .map(|x| -x)
        .collect()
}

/// A band-limited square wave (two-point polynomial steps; Välimäki & Huovilainen 2007).
pub(crate) fn add_square(out: &mut [f32], hz: f32, gain: f32, start_phase: f32) {
    let step = hz / RATE;
    let inverse = 1.0 / step;
    let mut phase = start_phase.fract();
    for x in out {
        let mut value = if phase < 0.5 { 1.0 } else { -1.0 };
        value += blep(phase, step, inverse);
        let half = if phase < 0.5 { phase + 0.5 } else { phase - 0.5 };
        value -= blep(half, step, inverse);
        *x += gain * value;
        phase += step;
        if phase >= 1.0 {
            phase -= 1.0;
        }
    }
}

#[inline(always)]
fn blep(phase: f32, step: f32, inverse: f32) -> f32 {
    if phase < step {
        let t = phase * inverse;
        t + t - t * t - 1.0
    } else if phase > 1.0 - step {
        let t = (phase - 1.0) * inverse;
        t * t + t + t + 1.0
    } else {
        0.0
    }
}

/// A decaying mode: frequency in hertz, level, 60 dB decay time in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    pub hz: f32,
    pub level: f32,
    pub t60_s: f32,
}

/// Adds struck modes as two-pole resonators, each starting at a zero crossing.
pub(crate) fn add_modes(out: &mut [f32], modes: &[Mode]) {
    for mode in modes {
        if mode.hz >= 0.46 * RATE {
            continue;
        }
        let r = fall(mode.t60_s);
        let turn = std::f32::consts::TAU * mode.hz / RATE;
        let (a1, a2) = (2.0 * r * turn.cos(), -r * r);
        let (mut y1, mut y2) = (0.0f32, -mode.level * turn.sin() / r.max(1e-6));
        // Stop at −100 dB.
        let last = frames(mode.t60_s * 1.67).min(out.len());
        for x in &mut out[..last] {
            let y = a1 * y1 + a2 * y2;
            *x += y1;
            y2 = y1;
            y1 = y;
        }
    }
}

/// White noise, uniform in ±1.
pub(super) fn noise(length: usize, rng: &mut Rng) -> Vec<f32> {
    let mut out = Vec::with_capacity(length + 1);
    while out.len() < length {
        let bits = rng.bits();
        out.push((bits as u32 as i32) as f32 * (1.0 / 2_147_483_648.0));
        out.push(((bits >> 32) as u32 as i32) as f32 * (1.0 / 2_147_483_648.0));
    }
    out.truncate(length);
    out
}

/// Which output of a state-variable filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pass {
    Low,
    Band,
    High,
}

/// A two-pole state-variable filter over a whole buffer (trapezoidal; Zavalishin, The Art of VA Filter
/// Design, ch. 4). The band output has unit gain at its centre.
pub(super) fn filter(buffer: &mut [f32], pass: Pass, hz: f32, q: f32) {
    let g = (std::f32::consts::PI * (hz / RATE).clamp(0.0002, 0.48)).tan();
    let k = 1.0 / q.max(0.1);
    let a1 = 1.0 / (1.0 + g * (g + k));
    let (a2, a3) = (g * a1, g * g * a1);
    let (mut s1, mut s2) = (0.0f32, 0.0f32);
    for x in buffer {
        let v3 = *x - s2;
        let v1 = a1 * s1 + a2 * v3;
        let v2 = s2 + a2 * s1 + a3 * v3;
        s1 = 2.0 * v1 - s1;
        s2 = 2.0 * v2 - s2;
        *x = match pass {
            Pass::Low => v2,
            Pass::Band => k * v1,
            Pass::High => *x - k * v1 - v2,
        };
    }
}

/// [`filter`] on a copy.
pub(crate) fn filtered(buffer: &[f32], pass: Pass, hz: f32, q: f32) -> Vec<f32> {
    let mut copy = buffer.to_vec();
    filter(&mut copy, pass, hz, q);
    copy
}

/// A low-pass whose corner falls exponentially from one frequency to another.
pub(crate) fn closing_low_pass(buffer: &mut [f32], from_hz: f32, to_hz: f32, tau_s: f32, q: f32) {
    let factor = (-16.0 / (tau_s.max(1e-4) * RATE)).exp();
    let mut ratio = 1.0f32;
    let k = 1.0 / q.max(0.1);
    let (mut s1, mut s2) = (0.0f32, 0.0f32);
    for chunk in buffer.chunks_mut(16) {
        let hz = to_hz + (from_hz - to_hz) * ratio;
        ratio *= factor;
        let g = (std::f32::consts::PI * (hz / RATE).clamp(0.0002, 0.48)).tan();
        let a1 = 1.0 / (1.0 + g * (g + k));
        let (a2, a3) = (g * a1, g * g * a1);
        for x in chunk {
            let v3 = *x - s2;
            let v1 = a1 * s1 + a2 * v3;
            let v2 = s2 + a2 * s1 + a3 * v3;
            s1 = 2.0 * v1 - s1;
            s2 = 2.0 * v2 - s2;
            *x = v2;
        }
    }
}

/// Adds `gain` × `other`, as far as both reach.
pub(super) fn mix(out: &mut [f32], other: &[f32], gain: f32) {
    for (x, y) in out.iter_mut().zip(other) {
        *x += gain * y;
    }
}

/// Adds `other` from a frame on.
pub(crate) fn mix_at(out: &mut [f32], at: usize, other: &[f32], gain: f32) {
    if let Some(rest) = out.get_mut(at..) {
        mix(rest, other, gain);
    }
}

/// Multiplies by an envelope.
pub(super) fn shape(buffer: &mut [f32], envelope: &[f32]) {
    for (x, e) in buffer.iter_mut().zip(envelope) {
        *x *= e;
    }
}

/// Multiplies by [`decay`].
pub(crate) fn fall_away(buffer: &mut [f32], attack_s: f32, t60_s: f32) {
    let envelope = decay(buffer.len(), attack_s, t60_s);
    shape(buffer, &envelope);
}

/// Multiplies by [`decay2`].
pub(crate) fn fall_away2(buffer: &mut [f32], fast_s: f32, slow_s: f32, share: f32) {
    let envelope = decay2(buffer.len(), fast_s, slow_s, share);
    shape(buffer, &envelope);
}

/// Scales to a peak of 1; leaves silence alone.
pub(super) fn normalise(buffer: &mut [f32]) {
    let peak = buffer.iter().fold(0.0f32, |m, x| m.max(x.abs()));
    if peak > 1e-9 {
        let gain = 1.0 / peak;
        buffer.iter_mut().for_each(|x| *x *= gain);
    }
}

/// How often non-linear stages run per frame, so that what they fold back stays inaudible.
const OVERSAMPLING: usize = 4;
/// Taps per phase of the interpolation filter.
const PHASE_TAPS: usize = 24;
const TAPS: usize = OVERSAMPLING * PHASE_TAPS;

/// The windowed-sinc low-pass of the oversampler: a Kaiser window of β = 8 (stop band −80 dB), corner at
/// 0.82 of the frame rate's Nyquist frequency.
fn oversampling_taps() -> &'static [f32; TAPS] {
    static FILTER: std::sync::OnceLock<[f32; TAPS]> = std::sync::OnceLock::new();
    FILTER.get_or_init(|| {
        let bessel = |x: f64| {
            let (mut sum, mut term) = (1.0, 1.0);
            for k in 1..30 {
                term *= (x / 2.0 / f64::from(k)).powi(2);
                sum += term;
            }
            sum
        };
        let corner = 0.82 / OVERSAMPLING as f64;
        let middle = (TAPS - 1) as f64 / 2.0;
        let mut taps: Vec<f64> = (0..TAPS)
            .map(|i| {
                let t = i as f64 - middle;
                let x = std::f64::consts::PI * corner * t;
                let sinc = if t == 0.0 { 1.0 } else { x.sin() / x };
                let edge = 1.0 - (t / (middle + 0.5)).powi(2);
                sinc * bessel(8.0 * edge.max(0.0).sqrt()) / bessel(8.0)
            })
            .collect();
        let sum: f64 = taps.iter().sum();
        taps.iter_mut().for_each(|t| *t /= sum);
        let mut out = [0.0; TAPS];
        for (o, t) in out.iter_mut().zip(taps) {
            *o = t as f32;
        }
        out
    })
}

/// The buffer at four times the rate, delayed by (TAPS − 1) / 2 fast frames, with room for the second filter.
fn raised(buffer: &[f32]) -> Vec<f32> {
    let taps = oversampling_taps();
    let mut phases = [[0.0f32; PHASE_TAPS]; OVERSAMPLING];
    for (phase, row) in phases.iter_mut().enumerate() {
        for (i, tap) in row.iter_mut().enumerate() {
            // Reversed, so that both windows run forwards; the gain makes up for the zeros put in.
            *tap = taps[phase + OVERSAMPLING * (PHASE_TAPS - 1 - i)] * OVERSAMPLING as f32;
        }
    }
    let mut padded = vec![0.0f32; PHASE_TAPS - 1];
    padded.extend_from_slice(buffer);
    padded.extend(std::iter::repeat_n(0.0, 2 * PHASE_TAPS));
    let count = padded.len() - PHASE_TAPS + 1;
    let mut fast = vec![0.0f32; count * OVERSAMPLING + TAPS];
    for (at, out) in fast.chunks_exact_mut(OVERSAMPLING).take(count).enumerate() {
        let window = &padded[at..at + PHASE_TAPS];
        for (slot, row) in out.iter_mut().zip(&phases) {
            let mut sum = [0.0f32; 4];
            for (w, r) in window.chunks_exact(4).zip(row.chunks_exact(4)) {
                for lane in 0..4 {
                    sum[lane] += w[lane] * r[lane];
                }
            }
            *slot = sum[0] + sum[1] + sum[2] + sum[3];
        }
    }
    fast
}

/// Runs a memoryless curve at four times the rate. Delays nothing.
pub(crate) fn oversampled(buffer: &mut [f32], curve: impl Fn(f32) -> f32) {
    let taps = oversampling_taps();
    let mut fast = raised(buffer);
    for x in &mut fast {
        *x = curve(*x);
    }
    // The second filter looks ahead by as much as the first one delays.
    for (at, x) in buffer.iter_mut().enumerate() {
        let from = at * OVERSAMPLING;
        let window = &fast[from..from + TAPS];
        let mut sum = [0.0f32; 8];
        for (w, t) in window.chunks_exact(8).zip(taps.chunks_exact(8)) {
            for lane in 0..8 {
                sum[lane] += w[lane] * t[lane];
            }
        }
        *x = sum.iter().sum();
    }
}

/// The peak between the samples, by four-fold interpolation, at least the highest sample.
#[cfg(test)]
pub(super) fn true_peak(buffer: &[f32]) -> f32 {
    raised(buffer).iter().chain(buffer).fold(0.0, |m, x| m.max(x.abs()))
}

/// A smooth saturation that needs no library call: Padé approximant of tanh, ±1 outside ±3.
#[inline(always)]
pub(super) fn soft(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

/// Saturation with a drive of 0 (clean) to 1 (20 dB into the curve) and some even harmonics. The level
/// stays about the same.
pub(super) fn drive(buffer: &mut [f32], amount: f32, even: f32) {
    if amount <= 0.001 {
        return;
    }
    normalise(buffer);
    let gain = 1.0 + 9.0 * amount * amount;
    let bias = 0.35 * even;
    let rest = soft(bias);
    oversampled(buffer, |x| soft(gain * x + bias) - rest);
    let mut block = DcBlock::new(12.0);
    buffer.iter_mut().for_each(|x| *x = block.run(*x));
    normalise(buffer);
}

/// Folds the wave back at full scale (a sine folder after West-coast synthesisers).
pub(super) fn fold(buffer: &mut [f32], amount: f32) {
    normalise(buffer);
    let gain = 0.25 + 0.9 * amount;
    oversampled(buffer, |x| sin_turns(gain * x));
    normalise(buffer);
}

/// Fewer bits and a slower converter, as in early samplers: holds values at `rate_hz` and rounds them.
pub(crate) fn crush(buffer: &mut [f32], bits: f32, rate_hz: f32) {
    normalise(buffer);
    let levels = (bits - 1.0).exp2();
    let step = (rate_hz / RATE).min(1.0);
    let (mut phase, mut held) = (1.0f32, 0.0f32);
    for x in buffer.iter_mut() {
        if phase >= 1.0 {
            phase -= 1.0;
            held = (*x * levels).round() / levels;
        }
        phase += step;
        *x = held;
    }
}

/// A one-pole high-pass that takes out the mean.
pub(crate) struct DcBlock {
    pole: f32,
    x1: f32,
    y1: f32,
}

impl DcBlock {
    pub(super) fn new(hz: f32) -> Self {
        Self { pole: (-std::f32::consts::TAU * hz / RATE).exp(), x1: 0.0, y1: 0.0 }
    }

    #[inline(always)]
    pub(super) fn run(&mut self, x: f32) -> f32 {
        let y = x - self.x1 + self.pole * self.y1;
        self.x1 = x;
        self.y1 = y;
        y
    }
}

/// A short room: four damped delay lines fed back through a Hadamard matrix (Jot & Chaigne 1991), one
/// output a side. `size` scales the delays (1: a small studio), `t60_s` is the decay time.
pub(super) fn room(dry: &[f32], size: f32, t60_s: f32, damp_hz: f32, length: usize) -> [Vec<f32>; 2] {
    const DELAYS_S: [f32; 4] = [0.007_3, 0.010_9, 0.013_7, 0.017_9];
    let mut lines: [Vec<f32>; 4] = DELAYS_S.map(|d| vec![0.0; frames(d * size).max(8)]);
    let gains: [f32; 4] = std::array::from_fn(|i| fall(t60_s).powi(lines[i].len() as i32));
    let damp = 1.0 - (-std::f32::consts::TAU * damp_hz / RATE).exp();
    let (mut at, mut low) = ([0usize; 4], [0.0f32; 4]);
    let mut out = [Vec::with_capacity(length), Vec::with_capacity(length)];
    for frame in 0..length {
        let x = dry.get(frame).copied().unwrap_or(0.0);
        for i in 0..4 {
            low[i] += damp * (lines[i][at[i]] * gains[i] - low[i]);
        }
        let v = low;
        out[0].push(v[0] + v[2]);
        out[1].push(v[1] + v[3]);
        let (a, b, c, d) = (v[0] + v[1], v[0] - v[1], v[2] + v[3], v[2] - v[3]);
        let mixed = [0.5 * (a + c), 0.5 * (b + d), 0.5 * (a - c), 0.5 * (b - d)];
        for i in 0..4 {
            let input = if i % 2 == 0 { x } else { -x };
            lines[i][at[i]] = mixed[i] + input;
            at[i] += 1;
            if at[i] == lines[i].len() {
                at[i] = 0;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_sine_is_a_sine() {
        for i in -4000..4000 {
            let phase = i as f32 * 0.001_37;
            let exact = (f64::from(phase) * std::f64::consts::TAU).sin() as f32;
            assert!((sin_turns(phase) - exact).abs() < 1e-5, "{phase}");
        }
    }

    #[test]
    fn oversampling_a_straight_line_delays_and_changes_nothing_below_12_khz() {
        let length = 4800;
        for hz in [100.0, 2_000.0, 12_000.0] {
            let sine: Vec<f32> = (0..length).map(|i| sin_turns((i as f32 * hz / RATE).fract())).collect();
            let mut out = sine.clone();
            oversampled(&mut out, |x| x);
            let error =
                out[200..4600].iter().zip(&sine[200..4600]).fold(0.0f32, |m, (a, b)| m.max((a - b).abs()));
            assert!(error < 0.01, "{hz} Hz: {error}");
        }
    }

    /// The amplitude of one frequency (a Hann-windowed Fourier coefficient).
    fn amplitude(buffer: &[f32], hz: f64) -> f64 {
        let n = buffer.len() as f64;
        let (mut re, mut im) = (0.0, 0.0);
        for (i, &x) in buffer.iter().enumerate() {
            let window = 1.0 - (std::f64::consts::TAU * i as f64 / n).cos();
            let turn = std::f64::consts::TAU * hz * i as f64 / f64::from(RATE);
            re += f64::from(x) * window * turn.cos();
            im += f64::from(x) * window * turn.sin();
        }
        2.0 * (re * re + im * im).sqrt() / n
    }

    /// Swept tones through the hardest drive: whatever folds back below 16 kHz lies 60 dB below a tone up to
    /// 4 kHz, 45 dB below one up to 8 kHz.
    #[test]
    fn full_drive_folds_nothing_audible_back() {
        for step in 0..30 {
            let hz = 200.0 * 1.15f64.powi(step);
            if hz > 8_000.0 {
                break;
            }
            let mut tone: Vec<f32> = (0..24_000)
                .map(|i| (std::f64::consts::TAU * (hz * f64::from(i) / f64::from(RATE)).fract()).sin() as f32)
                .collect();
            drive(&mut tone, 1.0, 0.0);
            let middle = &tone[4_000..20_000];
            let base = amplitude(middle, hz);
            for harmonic in 2..60 {
                let true_hz = hz * f64::from(harmonic);
                let folded = (true_hz - (true_hz / f64::from(RATE)).round() * f64::from(RATE)).abs();
                // Only what folds, and not onto a true harmonic.
                let near = (folded / hz - (folded / hz).round()).abs() * hz < 40.0;
                if true_hz < 24_000.0 || folded > 16_000.0 || near || folded < 20.0 {
                    continue;
                }
                let db = 20.0 * (amplitude(middle, folded) / base).log10();
                let most = if hz < 4_000.0 { -60.0 } else { -45.0 };
                assert!(db < most, "{hz:.0} Hz, harmonic {harmonic} at {folded:.0} Hz: {db:.1} dB");
            }
        }
    }
}
