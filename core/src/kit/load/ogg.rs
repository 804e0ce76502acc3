//! Ogg: Vorbis and FLAC in pages.

use super::{MAX_BAD_PACKETS, Raw, check_channels, check_rate, failed, malformed, most_frames, unsupported};
use crate::kit::KitError;
use std::io::Cursor;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// Decodes the first audio track, as far as sounds are read.
pub(super) fn decode(bytes: &[u8]) -> Result<Raw, KitError> {
    if bytes.windows(8).take(512).any(|at| at == b"OpusHead") {
        return Err(unsupported("its sound is written as Opus, which is not read"));
    }
    if bytes.windows(8).take(512).any(|at| at == b"Speex   ") {
        return Err(unsupported("its sound is written as Speex, which is not read"));
    }
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    let mut hint = Hint::new();
    hint.with_extension("ogg");
    let mut format = symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(failed)?;
    let track = format.default_track(TrackType::Audio).ok_or_else(|| malformed("it holds no audio"))?;
    let track_id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or_else(|| malformed("it holds no audio"))?
        .clone();
    if let Some(rate) = parameters.sample_rate {
        check_rate(rate)?;
    }
    if let Some(layout) = &parameters.channels {
        check_channels(layout.count())?;
    }
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
        .map_err(failed)?;
    let mut raw = Raw { rate_hz: 0, channels: Vec::new(), lossy: true };
    let mut planes: Vec<Vec<f32>> = Vec::new();
    let mut bad = 0;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) if packet.track_id == track_id => packet,
            Ok(Some(_)) => continue,
            // A file that was cut short plays as far as it goes.
            Ok(None) | Err(_) => break,
        };
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => buffer,
            Err(SymphoniaError::DecodeError(_)) if bad < MAX_BAD_PACKETS => {
                bad += 1;
                continue;
            }
            Err(error) if raw.channels.is_empty() => return Err(failed(error)),
            Err(_) => break,
        };
        bad = 0;
        let (rate, count) = (buffer.spec().rate(), buffer.spec().channels().count());
        check_rate(rate)?;
        check_channels(count)?;
        if raw.channels.is_empty() {
            raw = Raw { rate_hz: rate, channels: vec![Vec::new(); count], lossy: true };
        } else if raw.rate_hz != rate || raw.channels.len() != count {
            // What follows is another stream.
            break;
        }
        buffer.copy_to_vecs_planar(&mut planes);
        for (channel, plane) in raw.channels.iter_mut().zip(&planes) {
            channel.extend(plane);
        }
        if raw.channels[0].len() > most_frames(rate) {
            break;
        }
    }
    Ok(raw)
}
