//! What is measured once per one-shot and cached: descriptors, layer membership, spectra, thumbnail.
//!
//! Worker, builder and loader threads.

use super::Audio;

/// Number of scalar descriptors.
pub const DESCRIPTORS: usize = 30;
/// Mel bands of the cached per-step spectra.
pub const MEL_BANDS: usize = 16;
/// Steps after the onset that the cached spectra cover, 125 ms each.
pub const MEL_STEPS: usize = 4;
/// Points of the waveform thumbnail.
pub const PEAKS: usize = 64;

/// Measurements of one one-shot.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Raw (not normalised) descriptors in the order of [`DESCRIPTOR_NAMES`].
    pub descriptors: [f32; DESCRIPTORS],
    /// Soft membership in the layers low, mid, bright; sums to 1.
    pub layers: [f32; 3],
    /// Mel power in the four 125 ms steps from the onset.
    pub mel: [[f32; MEL_BANDS]; MEL_STEPS],
    /// Length in seconds until the last value above −60 dBFS.
    pub duration_s: f32,
    /// Time in seconds until 95 % of the energy has passed.
    pub decay_s: f32,
    /// Spectral centroid of the first 300 ms in hertz.
    pub centroid_hz: f32,
    /// Loudness in LUFS-like decibels (K-weighted mean over the decay).
    pub loudness_db: f32,
    /// Peak of each of 64 equal stretches, 0 to 255 of full scale.
    pub peaks: [u8; PEAKS],
}

/// What each descriptor is, in order.
pub const DESCRIPTOR_NAMES: [&str; DESCRIPTORS] = [
    "log duration",
    "log attack",
    "rms",
    "crest",
    "log centroid",
    "log spread",
    "log rolloff",
    "log flatness",
    "zero crossings",
    "band 0",
    "band 1",
    "band 2",
    "band 3",
    "band 4",
    "band 5",
    "decay slope",
    "late energy",
    "cepstrum 1",
    "cepstrum 2",
    "cepstrum 3",
    "cepstrum 4",
    "cepstrum 5",
    "cepstrum 6",
    "cepstrum 7",
    "cepstrum 8",
    "cepstrum 9",
    "cepstrum 10",
    "cepstrum 11",
    "cepstrum 12",
    "centroid glide",
];

impl Analysis {
    /// Measures a sound.
    #[must_use]
    pub fn of(audio: &Audio) -> Self {
        let _ = audio;
        todo!("H1")
    }
}
