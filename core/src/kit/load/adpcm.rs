//! ADPCM in blocks of equal size: Microsoft's, and the IMA's as WAV and as AIFC have it.

use super::{Raw, check_channels, check_rate, failed, malformed, most_frames, unsupported};
use crate::kit::KitError;
use symphonia::core::audio::{Channels, layouts};
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_ADPCM_IMA_QT, CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

/// The largest block, in bytes: all that a WAV can say.
const MOST_BLOCK: usize = u16::MAX as usize;

/// How a block is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// Microsoft ADPCM.
    Microsoft,
    /// IMA ADPCM with a head of four bytes a channel.
    ImaWave,
    /// IMA ADPCM in 34 bytes a channel.
    ImaApple,
}

/// Blocks, one after another.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    packing: Packing,
    rate_hz: u32,
    channels: usize,
    /// Bytes and frames of a block.
    block: usize,
    frames: usize,
    bytes: &'a [u8],
}

impl<'a> Blocks<'a> {
    /// `claimed` are the frames of a block as the file says; the size of the block is what decides.
    pub(super) fn new(
        packing: Packing,
        rate_hz: u32,
        channels: usize,
        block: usize,
        claimed: usize,
        bytes: &'a [u8],
    ) -> Result<Self, KitError> {
        check_rate(rate_hz)?;
        check_channels(channels)?;
        if channels > 2 {
            return Err(unsupported(format!("its ADPCM has {channels} channels; one and two are read")));
        }
        let head = match packing {
            Packing::Microsoft => 7 * channels,
            Packing::ImaWave => 4 * channels,
            Packing::ImaApple => 2 * channels,
        };
        if block <= head || block > MOST_BLOCK {
            return Err(malformed(format!("its blocks have {block} bytes")));
        }
        let most = match packing {
            Packing::Microsoft => (block - head) * 2 / channels + 2,
            // Four bytes of a channel lie together.
            Packing::ImaWave if channels == 2 => (block - head) / 8 * 8 + 1,
            Packing::ImaWave => (block - head) * 2 + 1,
            Packing::ImaApple => 64,
        };
        let frames = if claimed > 1 && packing != Packing::ImaApple { claimed.min(most) } else { most };
        Ok(Self { packing, rate_hz, channels, block, frames: whole(packing, channels, frames), bytes })
    }

    /// Decodes it, as far as sounds are read; of a block that is cut what there is.
    pub(super) fn decode(&self) -> Result<Raw, KitError> {
        let codec = match self.packing {
            Packing::Microsoft => CODEC_ID_ADPCM_MS,
            Packing::ImaWave => CODEC_ID_ADPCM_IMA_WAV,
            Packing::ImaApple => CODEC_ID_ADPCM_IMA_QT,
        };
        let layout: Channels =
            if self.channels == 2 { layouts::CHANNEL_LAYOUT_STEREO } else { layouts::CHANNEL_LAYOUT_MONO };
        let frames = self.frames as u64;
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(codec)
            .with_sample_rate(self.rate_hz)
            .with_channels(layout)
            .with_max_frames_per_packet(frames)
            .with_frames_per_block(frames);
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
            .map_err(failed)?;
        let mut raw = Raw { rate_hz: self.rate_hz, channels: vec![Vec::new(); self.channels], lossy: false };
        for block in self.bytes.chunks(self.block) {
            // A block that is cut is filled up, and what was filled in is taken away again.
            let kept = match self.packing {
                Packing::ImaApple if block.len() < self.block => break,
                _ => self.frames * block.len() / self.block,
            };
            let mut whole = block.to_vec();
            whole.resize(self.block, 0);
            let packet = Packet::new(0, Timestamp::from(0), Duration::from(frames), whole);
            match decoder.decode(&packet) {
                Ok(buffer) => {
                    let mut planes: Vec<Vec<f32>> = Vec::new();
                    buffer.copy_to_vecs_planar(&mut planes);
                    for (channel, plane) in raw.channels.iter_mut().zip(&planes) {
                        channel.extend(plane.iter().take(kept));
                    }
                }
                // A damaged block stays silent, so that what follows keeps its time.
                Err(_) => {
                    raw.channels.iter_mut().for_each(|channel| channel.resize(channel.len() + kept, 0.0))
                }
            }
            if raw.channels[0].len() > most_frames(self.rate_hz) {
                break;
            }
        }
        Ok(raw)
    }
}

/// What the decoder takes: pairs of frames behind the head.
fn whole(packing: Packing, channels: usize, frames: usize) -> usize {
    match packing {
        Packing::Microsoft if channels == 1 => frames.max(2) / 2 * 2,
        Packing::ImaWave if channels == 2 => (frames.max(1) - 1) / 8 * 8 + 1,
        Packing::ImaWave => (frames.max(1) - 1) / 2 * 2 + 1,
        _ => frames.max(2),
    }
}
