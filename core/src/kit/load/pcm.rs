//! Samples that lie one after another, each by itself: PCM, floating point, A-law and µ-law.

use super::Raw;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// A whole number around the middle of its range.
    Unsigned,
    /// A whole number around zero.
    Signed,
    /// IEEE 754, ±1.
    Float,
    /// ITU-T G.711 A-law.
    ALaw,
    /// ITU-T G.711 µ-law.
    MuLaw,
}

/// Interleaved samples.
#[derive(Debug)]
pub(super) struct Samples<'a> {
    pub rate_hz: u32,
    pub channels: usize,
    pub coding: Coding,
    /// Bytes of a value, 1 to 8. Fewer bits than that are the most significant ones.
    pub width: usize,
    pub big_endian: bool,
    pub bytes: &'a [u8],
}

impl Samples<'_> {
    /// All whole frames, at most so many; what is left of a frame at the end is dropped.
    pub(super) fn decode(&self, most: usize) -> Raw {
        let mut channels = vec![Vec::new(); self.channels];
        let frame = self.width * self.channels;
        for frame in self.bytes.chunks_exact(frame.max(1)).take(most) {
            for (channel, value) in channels.iter_mut().zip(frame.chunks_exact(self.width)) {
                channel.push(self.value(value));
            }
        }
        Raw { rate_hz: self.rate_hz, channels, lossy: false }
    }

    fn value(&self, bytes: &[u8]) -> f32 {
        // The most significant byte first, from the top of 64 bits.
        let mut top = [0u8; 8];
        for (at, byte) in bytes.iter().enumerate() {
            top[if self.big_endian { at } else { bytes.len() - 1 - at }] = *byte;
        }
        let bits = u64::from_be_bytes(top);
        match self.coding {
            Coding::Unsigned => whole(bits ^ 1 << 63),
            Coding::Signed => whole(bits),
            Coding::Float if self.width == 8 => f64::from_bits(bits) as f32,
            Coding::Float => f32::from_bits((bits >> 32) as u32),
            Coding::ALaw => f32::from(a_law(top[0])) / 32_768.0,
            Coding::MuLaw => f32::from(mu_law(top[0])) / 32_768.0,
        }
    }
}

/// Two's complement in 64 bits; exact up to 24 bits, else rounded.
fn whole(bits: u64) -> f32 {
    ((bits as i64) as f64 / 9_223_372_036_854_775_808.0) as f32
}

fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (segment, step) = (byte >> 4 & 7, i16::from(byte & 15));
    let size = match segment {
        0 => step << 4 | 8,
        _ => (step << 4 | 0x108) << (segment - 1),
    };
    if byte & 0x80 != 0 { size } else { -size }
}

fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let size = ((i16::from(byte & 15) << 3 | 0x84) << (byte >> 4 & 7)) - 0x84;
    if byte & 0x80 != 0 { -size } else { size }
}
