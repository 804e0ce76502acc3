//! AIFF and AIFC.

use super::adpcm::{Blocks, Packing};
use super::chunks::{self, Layout};
use super::coded::Coded;
use super::pcm::{Coding, Samples};
use super::{malformed, unsupported};
use crate::kit::KitError;

/// Any file that begins with FORM.
pub(super) fn open(bytes: &[u8]) -> Result<Coded<'_>, KitError> {
    match bytes.get(8..12) {
        Some(b"AIFF" | b"AIFC") => {}
        kind => {
            let kind = String::from_utf8_lossy(kind.unwrap_or_default()).into_owned();
            return Err(unsupported(format!("it is an IFF file of {}", kind.trim())));
        }
    }
    let layout = Layout { big_endian: true, sound: *b"SSND", sound_head: 8, known: chunks::FORM };
    let chunks = layout.walk(bytes, 12);
    let common = chunks::first(&chunks, b"COMM")
        .filter(|common| common.len() >= 18)
        .ok_or_else(|| malformed("it does not say how its sound is written"))?;
    let sound = chunks::first(&chunks, b"SSND").ok_or_else(|| malformed("it holds no sound"))?;
    // The sound begins behind an offset and a block size, and as much further as the offset says.
    let offset = sound.first_chunk().copied().map_or(0, u32::from_be_bytes) as usize;
    let sound = sound.get(8..).unwrap_or_default();
    let sound = sound.get(offset..).unwrap_or(sound);
    let word = |at: usize| usize::from(u16::from_be_bytes([common[at], common[at + 1]]));
    let (channels, bits) = (word(0), word(6));
    let rate_hz = extended(common).ok_or_else(|| malformed("its rate is no number"))?;
    let kind = match common.get(18..22) {
        Some(kind) if &bytes[8..12] == b"AIFC" => kind,
        _ => b"NONE",
    };
    let samples = |coding, width, big_endian| {
        Ok(Coded::Samples(Samples { rate_hz, channels, coding, width, big_endian, bytes: sound }))
    };
    let width = bits.div_ceil(8);
    let whole = |width: usize, big_endian| match width {
        1..=4 => samples(Coding::Signed, width, big_endian),
        _ => Err(unsupported(format!("its sound has {bits} bits"))),
    };
    match kind {
        b"NONE" | b"none" | b"twos" | b"\0\0\0\0" => whole(width, true),
        b"sowt" => whole(width, false),
        b"raw " => samples(Coding::Unsigned, width.clamp(1, 4), true),
        b"in24" => whole(3, true),
        b"in32" => whole(4, true),
        b"42ni" => whole(3, false),
        b"23ni" => whole(4, false),
        b"fl32" | b"FL32" => samples(Coding::Float, 4, true),
        b"fl64" | b"FL64" => samples(Coding::Float, 8, true),
        b"alaw" | b"ALAW" => samples(Coding::ALaw, 1, true),
        b"ulaw" | b"ULAW" => samples(Coding::MuLaw, 1, true),
        b"ima4" => {
            Ok(Coded::Blocks(Blocks::new(Packing::ImaApple, rate_hz, channels, 34 * channels, 64, sound)?))
        }
        kind => Coded::compressed(sound).ok_or_else(|| {
            let kind = String::from_utf8_lossy(kind).into_owned();
            unsupported(format!("its sound is written as “{}”, which is not read", kind.trim()))
        }),
    }
}

/// The rate, a number of 80 bits: sign, 15 bits of exponent, 64 of mantissa.
fn extended(common: &[u8]) -> Option<u32> {
    let exponent = i32::from(u16::from_be_bytes([*common.get(8)?, *common.get(9)?]) & 0x7fff);
    let mantissa = u64::from_be_bytes(*common.get(10..18)?.first_chunk()?);
    let rate = mantissa as f64 * f64::from(exponent - 16_383 - 63).exp2();
    (rate.is_finite() && rate < f64::from(u32::MAX)).then(|| rate.round() as u32)
}
