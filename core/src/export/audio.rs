//! WAV files.

use crate::render::Rendering;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::io::Cursor;

/// Full scale of 24-bit samples.
const FULL_SCALE: f32 = 8_388_607.0;

/// A stereo WAV file in memory: 24-bit, or 32-bit float where 24 bits would clip (limiter off).
pub(super) fn wav_file(sound: &Rendering) -> Vec<u8> {
    let clips = sound.peak() > 1.0;
    let spec = WavSpec {
        channels: 2,
        sample_rate: sound.rate.hz_u32(),
        bits_per_sample: if clips { 32 } else { 24 },
        sample_format: if clips { SampleFormat::Float } else { SampleFormat::Int },
    };
    let mut bytes = Cursor::new(Vec::with_capacity(sound.frames() * 8 + 128));
    // Writing to memory does not fail; the size is bounded by `MAX_FRAMES`, far below WAV's 4 GB.
    let written = (|| {
        let mut writer = WavWriter::new(&mut bytes, spec)?;
        for value in sound.left.iter().zip(&sound.right).flat_map(|(left, right)| [*left, *right]) {
            if clips {
                writer.write_sample(value)?;
            } else {
                writer.write_sample((value * FULL_SCALE).round() as i32)?;
            }
        }
        writer.finalize()
    })();
    debug_assert!(written.is_ok());
    bytes.into_inner()
}
