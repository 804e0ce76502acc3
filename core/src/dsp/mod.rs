//! Blocks of signal processing: filters, dynamics, saturation, space, loudness.
//!
//! Any thread. What processes sound never allocates; what is made before may. Each block advances frame by
//! frame, so that its output does not depend on how time is cut into pieces, and says its source and its
//! response. Nothing here knows patterns, threads or the names of parameters.

pub(crate) mod biquad;
pub(crate) mod compressor;
pub(crate) mod decorrelate;
pub(crate) mod envelope;
pub(crate) mod halfband;
pub(crate) mod limiter;
pub(crate) mod loudness;
pub(crate) mod room;
pub(crate) mod saturation;
pub(crate) mod tilt;

/// A level in decibels as a factor.
#[must_use]
pub(crate) fn gain_of_db(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// A factor as a level in decibels; −240 dB for none.
#[must_use]
pub(crate) fn db_of_gain(gain: f32) -> f32 {
    20.0 * gain.abs().max(1e-12).log10()
}

/// How much of its state a one-pole keeps in a frame to come within 37 % of a step after `seconds`.
#[must_use]
pub(crate) fn keep(seconds: f64, frames_per_second: f64) -> f32 {
    if seconds <= 0.0 { 0.0 } else { (-1.0 / (seconds * frames_per_second)).exp() as f32 }
}

#[cfg(test)]
pub(crate) mod probe {
    //! Signals and measurements for the tests of the blocks.

    use std::f64::consts::TAU;

    /// A sine.
    pub(crate) fn sine(hz: f64, rate_hz: f64, frames: usize, peak: f32) -> Vec<f32> {
        (0..frames).map(|n| peak * (TAU * hz * n as f64 / rate_hz).sin() as f32).collect()
    }

    /// Amplitude of one frequency in a signal, by correlation under a Hann window.
    pub(crate) fn amplitude(signal: &[f32], hz: f64, rate_hz: f64) -> f64 {
        let n = signal.len() as f64;
        let (mut re, mut im, mut sum) = (0.0, 0.0, 0.0);
        for (at, &x) in signal.iter().enumerate() {
            let window = 0.5 - 0.5 * (TAU * at as f64 / n).cos();
            let phase = TAU * hz * at as f64 / rate_hz;
            re += f64::from(x) * window * phase.cos();
            im += f64::from(x) * window * phase.sin();
            sum += window;
        }
        2.0 * (re * re + im * im).sqrt() / sum
    }

    /// The gain in decibels at a frequency of something that is run on a sine.
    pub(crate) fn response_db(hz: f64, rate_hz: f64, run: impl FnOnce(&mut [f32])) -> f64 {
        let mut signal = sine(hz, rate_hz, 48_000, 0.1);
        run(&mut signal);
        20.0 * (amplitude(&signal[24_000..], hz, rate_hz) / 0.1).log10()
    }
}
