//! WAV in its shells: RIFF, RIFX (most significant byte first), RF64 and BW64, Wave64.

use super::adpcm::{Blocks, Packing};
use super::chunks::{self, Chunk, Layout};
use super::coded::Coded;
use super::pcm::{Coding, Samples};
use super::{malformed, unsupported};
use crate::kit::KitError;

/// Any file that begins with RIFF, RIFX, RF64 or BW64.
pub(super) fn open(bytes: &[u8]) -> Result<Coded<'_>, KitError> {
    let big_endian = bytes.starts_with(b"RIFX");
    let layout = Layout { big_endian, sound: *b"data", sound_head: 0, known: chunks::RIFF };
    let chunks = layout.walk(bytes, 12);
    match bytes.get(8..12) {
        Some(b"WAVE" | b"RMP3") => {}
        // Cut so early, or a file of video, fonts, instruments.
        Some(kind) if chunks::first(&chunks, b"fmt ").is_none() => {
            return Err(unsupported(format!(
                "it is a RIFF file of {}",
                String::from_utf8_lossy(kind).trim()
            )));
        }
        _ => {}
    }
    wave(&chunks, big_endian)
}

/// The 12 bytes that all names of Wave64 end with, but for the first one.
const GUID: [u8; 12] = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];

/// True for Wave64: `riff` in a name of 16 bytes, sizes of 64 bits.
pub(super) fn is_wave64(bytes: &[u8]) -> bool {
    bytes.starts_with(b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00")
}

/// A Wave64 file.
pub(super) fn open_wave64(bytes: &[u8]) -> Result<Coded<'_>, KitError> {
    let mut found: Vec<Chunk<'_>> = Vec::new();
    let mut at = 40usize;
    while let Some(head) = bytes.get(at..).and_then(|rest| rest.first_chunk::<24>())
        && found.len() < chunks::MOST_CHUNKS
    {
        let [a, b, c, d, ..] = *head;
        let id = [a, b, c, d];
        let size = head.last_chunk().copied().map_or(0, u64::from_le_bytes);
        let body = at + 24;
        // The size counts the head.
        let claimed = size.saturating_sub(24).min((bytes.len() - body) as u64) as usize;
        let length = if &id == b"data" && size <= 24 { bytes.len() - body } else { claimed };
        if head[4..16] == GUID {
            found.push((id, &bytes[body..body + length]));
        }
        at = (body + length).next_multiple_of(8);
    }
    wave(&found, false)
}

/// Numbers of the formats that are read.
mod tag {
    pub(super) const PCM: u16 = 1;
    pub(crate) const ADPCM_MS: u16 = 2;
    pub(crate) const FLOAT: u16 = 3;
    pub(crate) const A_LAW: u16 = 6;
    pub(crate) const MU_LAW: u16 = 7;
    pub(crate) const ADPCM_IMA: u16 = 0x11;
    pub(super) const EXTENSIBLE: u16 = 0xfffe;
}

fn wave<'a>(chunks: &[Chunk<'a>], big_endian: bool) -> Result<Coded<'a>, KitError> {
    let data = chunks::first(chunks, b"data").ok_or_else(|| malformed("it holds no sound"))?;
    let format = chunks::first(chunks, b"fmt ");
    let Some(format) = format.filter(|format| format.len() >= 14) else {
        // A stream that tells everything itself needs no format.
        return Coded::compressed(data).ok_or_else(|| malformed("it does not say how its sound is written"));
    };
    let word = |at: usize| {
        let bytes = format.get(at..).and_then(|rest| rest.first_chunk::<2>()).copied().unwrap_or_default();
        if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    };
    let (low, high) = (u32::from(word(4)), u32::from(word(6)));
    let rate_hz = if big_endian { low << 16 | high } else { high << 16 | low };
    let channels = usize::from(word(2));
    let (block, bits) = (usize::from(word(12)), usize::from(word(14)));
    let mut kind = word(0);
    if kind == tag::EXTENSIBLE && format.len() >= 26 {
        kind = word(24);
    }
    let samples = |coding, width| {
        Ok(Coded::Samples(Samples { rate_hz, channels, coding, width, big_endian, bytes: data }))
    };
    // 24 bits may lie in containers of 32, and some say nothing but the block.
    let whole = bits.div_ceil(8);
    let width = match block.checked_div(channels) {
        Some(width) if block % channels == 0 && (whole == 0 || (whole, width) == (3, 4)) => width,
        _ => whole,
    };
    let blocks = |packing| {
        let per_block = usize::from(word(18));
        Ok(Coded::Blocks(Blocks::new(packing, rate_hz, channels, block, per_block, data)?))
    };
    match kind {
        tag::PCM if (1..=4).contains(&width) || width == 8 => {
            samples(if width == 1 { Coding::Unsigned } else { Coding::Signed }, width)
        }
        tag::FLOAT if matches!(width, 4 | 8) => samples(Coding::Float, width),
        tag::A_LAW => samples(Coding::ALaw, 1),
        tag::MU_LAW => samples(Coding::MuLaw, 1),
        tag::ADPCM_MS => blocks(Packing::Microsoft),
        tag::ADPCM_IMA => blocks(Packing::ImaWave),
        // MPEG, Ogg and FLAC have many numbers; the contents decide.
        _ => Coded::compressed(data).ok_or_else(|| {
            unsupported(match name(kind) {
                Some(name) => format!("its sound is written as {name}, which is not read"),
                None => format!(
                    "its sound is written in a way that is not read (format {kind:#06x}, {bits} bits)"
                ),
            })
        }),
    }
}

fn name(kind: u16) -> Option<&'static str> {
    Some(match kind {
        0x31 => "GSM 6.10",
        0x40 | 0x45 => "G.721 or G.726",
        0x50 | 0x55 => "MPEG, but no frame of it is there",
        0x61 | 0x62 => "Duck ADPCM",
        0x160..=0x163 => "Windows Media Audio",
        0x2000 => "AC-3",
        _ => return None,
    })
}
