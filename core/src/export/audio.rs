//! WAV files.

use crate::kit::wav::{Cycle, Depth, Wav};
use crate::render::Rendering;

/// Full scale of 24-bit samples.
const FULL_SCALE: f32 = 8_388_607.0;

/// A stereo WAV file in memory: 24-bit, or 32-bit float where 24 bits would clip (limiter off). Its size is
/// bounded by `MAX_FRAMES`, far below WAV's 4 GB.
pub(super) fn wav_file(sound: &Rendering, cycle: Option<&Cycle>) -> Vec<u8> {
    let clips = sound.peak() > 1.0;
    let depth = if clips { Depth::Float32 } else { Depth::Pcm24 };
    let mut wav = Wav::new(sound.rate.hz_u32(), 2, depth, sound.frames());
    let scale = if clips { 1.0 } else { FULL_SCALE };
    for value in sound.left.iter().zip(&sound.right).flat_map(|(left, right)| [*left, *right]) {
        wav.push(f64::from(value * scale));
    }
    wav.finish(cycle)
}
