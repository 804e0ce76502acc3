//! FLAC: the walk from frame to frame. A frame ends where its checksum is right and it can be decoded, so
//! whatever lies behind the last one costs nothing of it.

use super::{MAX_BAD_PACKETS, Raw, check_channels, check_rate, failed, malformed, most_frames};
use crate::kit::KitError;
use symphonia::core::audio::{Channels, layouts};
use symphonia::core::codecs::audio::well_known::CODEC_ID_FLAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

/// Bytes of the block that describes the stream.
const INFO: usize = 34;
/// Bytes of a frame at least: head, two checksums, a constant.
const LEAST: usize = 9;
/// Places of a frame whose checksum is right, of which all but one are so by chance: one in 65,536 bytes is.
const MOST_ENDS: usize = 16;
/// How often decoding may fail in a whole file; a frame that can't be decoded at all counts [`MOST_ENDS`]
/// times. More is no damage any more but made to cost time.
const PATIENCE: usize = 512;

/// Decodes what begins with FLAC's mark, as far as sounds are read.
pub(super) fn decode(bytes: &[u8]) -> Result<Raw, KitError> {
    let info = bytes.get(8..8 + INFO).ok_or_else(|| malformed("it ends within its head"))?;
    if bytes[4] & 0x7f != 0 {
        return Err(malformed("it does not begin with what describes it"));
    }
    let stream = Info::of(info);
    check_rate(stream.rate_hz)?;
    check_channels(stream.channels)?;
    let layout = match stream.channels {
        1 => layouts::CHANNEL_LAYOUT_MONO,
        2 => layouts::CHANNEL_LAYOUT_STEREO,
        count => Channels::Discrete(count as u16),
    };
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_FLAC)
        .with_sample_rate(stream.rate_hz)
        .with_channels(layout)
        .with_bits_per_sample(stream.bits as u32)
        .with_max_frames_per_packet(u64::from(u16::MAX))
        .with_extra_data(info.into());
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
        .map_err(failed)?;
    let mut raw = Raw { rate_hz: stream.rate_hz, channels: vec![Vec::new(); stream.channels], lossy: false };
    let (mut at, mut bad, mut patience) = (first_block_behind(bytes, 4), 0, PATIENCE);
    while raw.channels[0].len() <= most_frames(stream.rate_hz) && bad < MAX_BAD_PACKETS && patience > 0 {
        let Some((from, block)) = stream.next_frame(bytes, at) else { break };
        let (end, failed) = stream.frame(&mut *decoder, bytes, from, block, &mut raw);
        patience = patience.saturating_sub(failed);
        match end {
            Some(end) => {
                at = end;
                bad = 0;
            }
            None => {
                at = from + 1;
                bad += 1;
            }
        }
    }
    Ok(raw)
}

/// Where the blocks of metadata end, as far as their sizes can be believed.
fn first_block_behind(bytes: &[u8], mut at: usize) -> usize {
    let least = at + 4 + INFO;
    while let Some([kind, a, b, c]) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied() {
        let next = at + 4 + u32::from_be_bytes([0, a, b, c]) as usize;
        if next > bytes.len() {
            // The frames are looked for in what it claims.
            return (at + 4).max(least).min(bytes.len());
        }
        at = next;
        if kind & 0x80 != 0 {
            break;
        }
    }
    at.max(least)
}

/// What the stream says of itself.
struct Info {
    most_block: usize,
    rate_hz: u32,
    channels: usize,
    bits: usize,
}

impl Info {
    fn of(info: &[u8]) -> Self {
        let packed = u32::from_be_bytes([info[10], info[11], info[12], info[13]]);
        Self {
            most_block: usize::from(u16::from_be_bytes([info[2], info[3]])),
            rate_hz: packed >> 12,
            channels: (packed >> 9 & 7) as usize + 1,
            bits: (packed >> 4 & 31) as usize + 1,
        }
    }

    /// The next frame at or behind `at`, and the sound frames that it holds.
    fn next_frame(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        (at..bytes.len().saturating_sub(LEAST - 1)).find_map(|at| Some((at, self.block(&bytes[at..])?)))
    }

    /// The length of the block in sound frames, where a frame of this stream begins here.
    fn block(&self, bytes: &[u8]) -> Option<usize> {
        let [0xff, second, third, fourth, ..] = *bytes else { return None };
        // Reserved bits are 0.
        if second & 0xfe != 0xf8 || fourth & 1 != 0 || third >> 4 == 0 || third & 15 == 15 {
            return None;
        }
        let channels = match fourth >> 4 {
            count @ 0..=7 => usize::from(count) + 1,
            8..=10 => 2,
            _ => return None,
        };
        let bits = match fourth >> 1 & 7 {
            0 => self.bits,
            1 => 8,
            2 => 12,
            4 => 16,
            5 => 20,
            6 => 24,
            7 => 32,
            _ => return None,
        };
        if channels != self.channels || bits != self.bits {
            return None;
        }
        // The number of the frame or of its first sample, as UTF-8 has it.
        let number = match bytes.get(4)?.leading_ones() {
            0 => 1,
            count @ 2..=7 => count as usize,
            _ => return None,
        };
        let mut at = 4 + number;
        let block = match third >> 4 {
            1 => 192,
            code @ 2..=5 => 576 << (code - 2),
            6 => {
                at += 1;
                usize::from(*bytes.get(at - 1)?) + 1
            }
            7 => {
                at += 2;
                usize::from(u16::from_be_bytes([*bytes.get(at - 2)?, *bytes.get(at - 1)?])) + 1
            }
            code => 256 << (code - 8),
        };
        at += match third & 15 {
            12 => 1,
            13 | 14 => 2,
            _ => 0,
        };
        let (head, sum) = (bytes.get(..at)?, *bytes.get(at)?);
        (crc8(head) == sum).then_some(block)
    }

    /// Decodes the frame at `from` and says where it ends, and how often that failed.
    fn frame(
        &self,
        decoder: &mut dyn AudioDecoder,
        bytes: &[u8],
        from: usize,
        block: usize,
        raw: &mut Raw,
    ) -> (Option<usize>, usize) {
        // Nothing is larger than the samples as they are, with a difference's further bit and a head.
        let bits = block.max(self.most_block) * self.channels * (self.bits + 1);
        let longest = bits / 8 + 64 + 8 * self.channels;
        let (mut sum, mut ends) = (0u16, 0);
        for (at, byte) in bytes[from..].iter().take(longest).enumerate() {
            sum = CRC16[usize::from((sum >> 8) as u8 ^ byte)] ^ sum << 8;
            // The checksum of what ends with its checksum is 0.
            if sum != 0 || at + 1 < LEAST {
                continue;
            }
            ends += 1;
            let end = from + at + 1;
            let duration = Duration::from(block as u64);
            let packet = Packet::new(0, Timestamp::from(0), duration, bytes[from..end].to_vec());
            if let Ok(buffer) = decoder.decode(&packet)
                && buffer.frames() == block
            {
                let mut planes: Vec<Vec<f32>> = Vec::new();
                buffer.copy_to_vecs_planar(&mut planes);
                for (channel, plane) in raw.channels.iter_mut().zip(&planes) {
                    channel.extend(plane);
                }
                return (Some(end), ends - 1);
            }
            if ends == MOST_ENDS {
                break;
            }
        }
        (None, MOST_ENDS)
    }
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| {
        (0..8).fold(sum ^ byte, |sum, _| if sum & 0x80 != 0 { sum << 1 ^ 0x07 } else { sum << 1 })
    })
}

/// The checksum of 16 bits with the polynomial 0x8005, by byte.
const CRC16: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000 != 0 { sum << 1 ^ 0x8005 } else { sum << 1 };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};
