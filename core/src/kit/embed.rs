//! Sounds inside a project: to and from a compact run of bytes.
//!
//! Worker thread. What comes in is untrusted and goes through the loader's limits.

use super::load::{MAX_SECONDS, decode_whole};
use super::wav::{Depth, Wav};
use super::{Audio, KitError};

/// The largest embedded sound: [`MAX_SECONDS`] of stereo at 96 kHz in 24 bits.
pub(crate) const MAX_BYTES: usize = 6 << 20;
const ENCODING: &str = "embedding a sound";

/// A sound as the bytes of a WAV file: 24-bit, or 32-bit float where values go beyond full scale.
///
/// # Errors
/// [`KitError::LimitReached`] where it is longer than [`MAX_BYTES`] allows.
pub fn encode(audio: &Audio) -> Result<Vec<u8>, KitError> {
    let right = audio.right.as_deref();
    let finite = |x: f32| if x.is_finite() { x } else { 0.0 };
    let beyond = audio.left.iter().chain(right.unwrap_or_default()).any(|&x| finite(x).abs() > 1.0);
    let channels: u16 = if right.is_some() { 2 } else { 1 };
    let bits: u16 = if beyond { 32 } else { 24 };
    let size = audio.left.len() * usize::from(channels * bits / 8) + 128;
    if size > MAX_BYTES || audio.left.len() as f64 > (MAX_SECONDS + 1.0) * audio.rate.hz() {
        return Err(KitError::LimitReached { what: ENCODING, limit: "6 MB" });
    }
    let depth = if beyond { Depth::Float32 } else { Depth::Pcm24 };
    // The scale of decoders, so that what is written again is the same.
    let scale = if beyond { 1.0 } else { 8_388_608.0 };
    let mut wav = Wav::new(audio.rate.hz_u32(), channels, depth, audio.left.len());
    for (at, &left) in audio.left.iter().enumerate() {
        let right = right.map(|right| right.get(at).copied().unwrap_or(0.0));
        for x in [Some(left), right].into_iter().flatten().map(finite) {
            wav.push(f64::from(x) * scale);
        }
    }
    Ok(wav.finish(None))
}

/// The sound of such bytes, exactly as it was written. Any format of the loader is taken.
///
/// # Errors
/// Those of [`decode`](super::load::decode); [`KitError::LimitReached`] beyond [`MAX_BYTES`].
pub fn decode_embedded(bytes: Vec<u8>) -> Result<Audio, KitError> {
    if bytes.len() > MAX_BYTES {
        return Err(KitError::LimitReached { what: "reading an embedded sound", limit: "6 MB" });
    }
    decode_whole(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SampleRate;

    #[test]
    fn a_sound_comes_back_to_24_bits() {
        let left: Vec<f32> =
            (0..4_000).map(|i| 0.7 * (i as f32 * 0.05).sin() * (1.0 - i as f32 / 4_000.0)).collect();
        let right = left.iter().map(|x| -0.5 * x).collect();
        let audio = Audio { rate: SampleRate::CD, left, right: Some(right) };
        let back = decode_embedded(encode(&audio).unwrap()).unwrap();
        assert_eq!((back.rate, back.left.len()), (audio.rate, audio.left.len()));
        for (a, b) in audio.left.iter().zip(&back.left) {
            assert!((a - b).abs() < 2e-7);
        }
        assert!(back.right.is_some());
        // What is written again is the same to the bit.
        assert!(decode_embedded(encode(&back).unwrap()).unwrap() == back);
    }

    #[test]
    fn a_sound_beyond_full_scale_keeps_its_level() {
        let mut left: Vec<f32> = (0..300).map(|i| 2.5 * (i as f32 * 0.3).sin()).collect();
        let clean = decode_embedded(
            encode(&Audio { rate: SampleRate::CD, left: left.clone(), right: None }).unwrap(),
        );
        assert_eq!(clean.unwrap().left, left);
        left[7] = f32::NAN;
        let back = decode_embedded(encode(&Audio { rate: SampleRate::CD, left, right: None }).unwrap());
        assert_eq!(back.unwrap().left[7], 0.0);
    }

    #[test]
    fn too_long_a_sound_is_refused() {
        let audio = Audio { rate: SampleRate::STUDIO, left: vec![0.1; 48_000 * 12], right: None };
        assert!(matches!(encode(&audio), Err(KitError::LimitReached { .. })));
        assert!(matches!(decode_embedded(vec![0; MAX_BYTES + 1]), Err(KitError::LimitReached { .. })));
    }
}
