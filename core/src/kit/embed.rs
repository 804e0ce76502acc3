//! Sounds inside a project: to and from a compact run of bytes.
//!
//! Worker thread. What comes in is untrusted and goes through the loader's limits.

use super::load::{Channels, MAX_SECONDS, decode};
use super::{Audio, KitError};
use std::io::Cursor;

/// The largest embedded sound: [`MAX_SECONDS`] of stereo at 96 kHz in 24 bits.
pub const MAX_BYTES: usize = 6 << 20;
const ENCODING: &str = "embedding a sound";

/// A sound as the bytes of a 24-bit WAV file. Values beyond full scale are scaled down to it.
///
/// # Errors
/// [`KitError::LimitReached`] where it is longer than [`MAX_BYTES`] allows.
pub fn encode(audio: &Audio) -> Result<Vec<u8>, KitError> {
    let channels = if audio.right.is_some() { 2 } else { 1 };
    let size = audio.left.len() * channels * 3 + 128;
    if size > MAX_BYTES || audio.left.len() as f64 > (MAX_SECONDS + 1.0) * audio.rate.hz() {
        return Err(KitError::LimitReached { what: ENCODING, limit: "6 MB" });
    }
    let failed = |error: hound::Error| KitError::Unsupported { what: ENCODING, reason: error.to_string() };
    let spec = hound::WavSpec {
        channels: channels as u16,
        sample_rate: audio.rate.hz_u32(),
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let right = audio.right.as_deref().unwrap_or_default();
    let peak =
        audio.left.iter().chain(right).fold(1.0f32, |m, x| if x.is_finite() { m.max(x.abs()) } else { m });
    let scale = 8_388_607.0 / f64::from(peak);
    let mut bytes = Cursor::new(Vec::with_capacity(size));
    let mut writer = hound::WavWriter::new(&mut bytes, spec).map_err(failed)?;
    for (at, &left) in audio.left.iter().enumerate() {
        // NaN becomes 0 in this cast.
        writer.write_sample((f64::from(left) * scale).round() as i32).map_err(failed)?;
        if channels == 2 {
            let right = right.get(at).copied().unwrap_or(0.0);
            writer.write_sample((f64::from(right) * scale).round() as i32).map_err(failed)?;
        }
    }
    writer.finalize().map_err(failed)?;
    Ok(bytes.into_inner())
}

/// The sound of such bytes. Any format of the loader is taken.
///
/// # Errors
/// Those of [`decode`]; [`KitError::LimitReached`] beyond [`MAX_BYTES`].
pub fn decode_embedded(bytes: Vec<u8>) -> Result<Audio, KitError> {
    if bytes.len() > MAX_BYTES {
        return Err(KitError::LimitReached { what: "reading an embedded sound", limit: "6 MB" });
    }
    decode(bytes, Some("wav"), Channels::Keep).map(|loaded| loaded.audio)
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
        assert_eq!(back.rate, audio.rate);
        for (a, b) in audio.left.iter().zip(&back.left).take(3_700) {
            assert!((a - b).abs() < 2e-7);
        }
        assert!(back.right.is_some());
    }

    #[test]
    fn too_long_a_sound_is_refused() {
        let audio = Audio { rate: SampleRate::STUDIO, left: vec![0.1; 48_000 * 12], right: None };
        assert!(matches!(encode(&audio), Err(KitError::LimitReached { .. })));
        assert!(matches!(decode_embedded(vec![0; MAX_BYTES + 1]), Err(KitError::LimitReached { .. })));
    }
}
