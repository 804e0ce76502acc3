//! Looking at rendered audio.

/// Whether every sample is finite.
#[must_use]
pub fn is_finite(channels: &[Vec<f32>]) -> bool {
    channels.iter().flatten().all(|sample| sample.is_finite())
}

/// The largest absolute sample.
#[must_use]
pub fn peak(channels: &[Vec<f32>]) -> f32 {
    channels.iter().flatten().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// The frame at which two renderings first differ in any bit.
#[must_use]
pub fn first_difference(a: &[Vec<f32>], b: &[Vec<f32>]) -> Option<usize> {
    assert_eq!(a.len(), b.len(), "both renderings have the same channels");
    a.iter()
        .zip(b)
        .filter_map(|(a, b)| {
            if a.len() != b.len() {
                return Some(a.len().min(b.len()));
            }
            a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits())
        })
        .min()
}

/// The first frame at which any channel is not exactly zero.
#[must_use]
pub fn first_sound(channels: &[Vec<f32>]) -> Option<usize> {
    channels.iter().filter_map(|channel| channel.iter().position(|sample| *sample != 0.0)).min()
}
