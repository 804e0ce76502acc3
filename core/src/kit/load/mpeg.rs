//! MPEG audio, layers 1 to 3: the walk from frame to frame, and what the first one says of the encoder.

use super::{MAX_BAD_PACKETS, Raw, failed, most_frames};
use crate::kit::KitError;
use symphonia::core::audio::layouts;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

/// Frames in a row that make a beginning certain; fewer do where the stream has no more.
const CERTAIN: usize = 4;
/// Frames that the decoder is behind the encoder, for layer 3.
const DECODER_DELAY: usize = 529;

/// Kilobits a second by layer, for MPEG 1 and for the halved rates.
const FULL: [[u16; 15]; 3] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
];
const HALF: [[u16; 15]; 2] = [
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// What a frame's first four bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    /// 1, 2 or 3.
    layer: usize,
    /// Not one of the halved rates.
    full: bool,
    rate_hz: u32,
    channels: usize,
    /// Bytes of the frame with its head.
    length: usize,
    /// Sound frames that it holds.
    frames: usize,
}

impl Head {
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let head = u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        let bits = |low: u32, count: u32| (head >> low & ((1 << count) - 1)) as usize;
        if bits(21, 11) != 0x7ff || bits(19, 2) == 1 || bits(17, 2) == 0 {
            return None;
        }
        let (version, layer) = (bits(19, 2), 4 - bits(17, 2));
        let full = version == 3;
        let table = if full { &FULL[layer - 1] } else { &HALF[usize::from(layer != 1)] };
        let kilobits = usize::from(*table.get(bits(12, 4)).filter(|rate| **rate > 0)?);
        // MPEG 2 halves the rate, “2.5” halves it again.
        let halved = [2, 0, 1, 0][version];
        let rate_hz = [44_100u32, 48_000, 32_000].get(bits(10, 2)).copied()? >> halved;
        let padding = bits(9, 1);
        let frames = match (layer, full) {
            (1, _) => 384,
            (3, false) => 576,
            _ => 1_152,
        };
        let length = match layer {
            1 => (12_000 * kilobits / rate_hz as usize + padding) * 4,
            _ => frames / 8 * 1_000 * kilobits / rate_hz as usize + padding,
        };
        let channels = if bits(6, 2) == 3 { 1 } else { 2 };
        // Layer 2 has no such pairs of rate and channels, and the decoder refuses them.
        let odd = layer == 2
            && if channels == 1 { kilobits >= 224 } else { matches!(kilobits, 32 | 48 | 56 | 80) && full };
        (!odd && length > 4).then_some(Self { layer, full, rate_hz, channels, length, frames })
    }

    /// True where both belong to one stream.
    fn goes_with(&self, other: &Self) -> bool {
        (self.layer, self.full, self.rate_hz, self.channels)
            == (other.layer, other.full, other.rate_hz, other.channels)
    }

    /// Bytes of side information behind the head.
    fn side(&self) -> usize {
        match (self.full, self.channels) {
            (true, 2) => 32,
            (true, _) | (false, 2) => 17,
            (false, _) => 9,
        }
    }
}

/// A stream whose beginning was found.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    bytes: &'a [u8],
    head: Head,
}

impl<'a> Stream<'a> {
    /// Looks for the beginning: frames that follow each other exactly. One that stands alone is taken
    /// only if there is no better.
    pub(super) fn find(bytes: &'a [u8]) -> Option<Self> {
        let mut best: Option<(usize, usize, Head)> = None;
        let mut at = 0;
        while let Some(ahead) = next_sync(bytes, at) {
            let (count, head) = match Head::at(bytes, ahead) {
                Some(head) => (follow(bytes, ahead, &head), head),
                None => {
                    at = ahead + 1;
                    continue;
                }
            };
            if best.is_none_or(|(most, ..)| count > most) && count > 0 {
                best = Some((count, ahead, head));
            }
            if count >= CERTAIN {
                break;
            }
            at = ahead + 1;
        }
        // What is large and holds one lone frame holds it by chance.
        let (count, at, head) = best?;
        let by_chance = count < CERTAIN.min(2) && bytes.len() - at > 2 * head.length;
        (!by_chance).then_some(Self { bytes: &bytes[at..], head })
    }

    /// Decodes it, as far as sounds are read.
    pub(super) fn decode(&self) -> Result<Raw, KitError> {
        let Head { layer, rate_hz, channels, .. } = self.head;
        let codec = [CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3][layer - 1];
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(codec).with_sample_rate(rate_hz).with_channels(if channels == 2 {
            layouts::CHANNEL_LAYOUT_STEREO
        } else {
            layouts::CHANNEL_LAYOUT_MONO
        });
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
            .map_err(failed)?;
        let mut raw = Raw { rate_hz, channels: vec![Vec::new(); channels], lossy: true };
        let mut planes: Vec<Vec<f32>> = Vec::new();
        let (mut at, mut count, mut bad) = (0, 0, 0);
        let mut encoder: Option<Encoder> = None;
        while let Some((from, head)) = self.next(at) {
            at = from + head.length;
            // The last frame may be cut: there is nothing to decode in it.
            let Some(frame) = self.bytes.get(from..at) else { break };
            if head.layer == 3
                && let Some(said) = Encoder::of(frame, &head)
            {
                encoder = encoder.or(Some(said));
                continue;
            }
            count += 1;
            let packet =
                Packet::new(0, Timestamp::from(0), Duration::from(head.frames as u64), frame.to_vec());
            match decoder.decode(&packet) {
                Ok(buffer) => {
                    bad = 0;
                    buffer.copy_to_vecs_planar(&mut planes);
                    for (channel, plane) in raw.channels.iter_mut().zip(&planes) {
                        channel.extend(plane);
                    }
                }
                // One that rests on others that are not there stays silent, so that time goes on.
                Err(SymphoniaError::DecodeError(_) | SymphoniaError::IoError(_)) if bad < MAX_BAD_PACKETS => {
                    bad += 1;
                    raw.channels
                        .iter_mut()
                        .for_each(|channel| channel.resize(channel.len() + head.frames, 0.0));
                }
                Err(error) if raw.channels[0].is_empty() => return Err(failed(error)),
                Err(_) => break,
            }
            if raw.channels[0].len() > most_frames(rate_hz) + 4 * DECODER_DELAY + 8_192 {
                break;
            }
        }
        if let Some(encoder) = encoder.filter(|encoder| encoder.delay > 0) {
            let start = encoder.delay + DECODER_DELAY;
            let end = encoder.padding.saturating_sub(DECODER_DELAY);
            // A stream that was cut or added to has its end elsewhere.
            let end = if encoder.count == Some(count) { end } else { 0 };
            for channel in &mut raw.channels {
                channel.truncate(channel.len() - end.min(channel.len()));
                channel.drain(..start.min(channel.len()));
            }
        }
        Ok(raw)
    }

    /// The frame at `at`, or behind the junk that lies there.
    fn next(&self, at: usize) -> Option<(usize, Head)> {
        let fits = |at: usize| Head::at(self.bytes, at).filter(|head| head.goes_with(&self.head));
        if let Some(head) = fits(at) {
            return Some((at, head));
        }
        let mut at = at;
        while let Some(ahead) = next_sync(self.bytes, at) {
            if let Some(head) = fits(ahead).filter(|head| follow(self.bytes, ahead, head) > 1) {
                return Some((ahead, head));
            }
            at = ahead + 1;
        }
        None
    }
}

/// The next place at which eleven bits are set.
fn next_sync(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(2).position(|pair| pair[0] == 0xff && pair[1] & 0xe0 == 0xe0).map(|ahead| from + ahead)
}

/// How many frames of one stream lie end to end from here, at most [`CERTAIN`]; the end of the bytes right
/// behind one makes it certain.
fn follow(bytes: &[u8], mut at: usize, first: &Head) -> usize {
    let mut count = 0;
    while count < CERTAIN {
        match Head::at(bytes, at).filter(|head| head.goes_with(first)) {
            Some(head) if at + head.length <= bytes.len() => {
                at += head.length;
                count += 1;
                if at == bytes.len() {
                    return CERTAIN;
                }
            }
            _ => break,
        }
    }
    count
}

/// What the frame that a Xing, Info or VBRI tag fills says; it holds no sound.
#[derive(Clone, Copy, Debug)]
struct Encoder {
    /// Frames of the stream, without this one.
    count: Option<usize>,
    /// Sound frames that the encoder put before and behind the sound; 0 where that is not said.
    delay: usize,
    padding: usize,
}

impl Encoder {
    fn of(frame: &[u8], head: &Head) -> Option<Self> {
        let unsaid = Self { count: None, delay: 0, padding: 0 };
        if frame.get(36..40) == Some(b"VBRI") {
            return Some(unsaid);
        }
        let is_tag = |at: &usize| matches!(frame.get(*at..*at + 4), Some(b"Xing" | b"Info"));
        // Some encoders count the checksum in, others do not.
        let at = [4 + head.side(), 6 + head.side()].into_iter().find(is_tag)?;
        let word = |at: usize| {
            frame.get(at..).and_then(|rest| rest.first_chunk()).copied().map(u32::from_be_bytes).unwrap_or(0)
        };
        let flags = word(at + 4);
        let mut next = at + 8;
        let mut count = None;
        for (bit, size) in [(1, 4), (2, 4), (4, 100), (8, 4)] {
            if flags & bit != 0 {
                if bit == 1 {
                    count = Some(word(next) as usize);
                }
                next += size;
            }
        }
        let named =
            frame.get(next..).is_some_and(|text| text.starts_with(b"LAME") || text.starts_with(b"Lav"));
        let gap = word(next + 21) >> 8;
        if !named {
            return Some(Self { count, ..unsaid });
        }
        Some(Self { count, delay: (gap >> 12) as usize, padding: (gap & 0xfff) as usize })
    }
}
