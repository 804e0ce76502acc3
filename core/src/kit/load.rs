//! Sound files to [`Audio`]: WAV, AIFF, FLAC, MPEG audio, Ogg Vorbis; any rate, depth and channel count within
//! stated limits. The containers are walked here, because files lie about their sizes: a size is a claim,
//! the end of the file is the fact. The decoders of compressed sound are Symphonia's.
//!
//! Loader and worker threads. Every byte is untrusted: must never panic, hang, or take memory beyond
//! the limits below, whatever a header claims.

mod adpcm;
mod aiff;
mod chunks;
mod coded;
mod container;
mod flac;
mod mpeg;
mod ogg;
mod onset;
mod pcm;
mod riff;
mod tags;

use super::{Audio, KitError, SampleId};
use crate::units::SampleRate;
use coded::Coded;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use symphonia::core::errors::Error as SymphoniaError;

/// The largest file that is read: ten seconds of eight float channels at 384 kHz, rounded up. Anything
/// larger is music, not a one-shot.
pub(crate) const MAX_FILE_BYTES: u64 = 128 << 20;
/// Seconds of a file that are kept; a longer one is cut with a fade. Long enough for any cymbal.
pub const MAX_SECONDS: f64 = 10.0;
/// Seconds of the fade at that cut.
pub(crate) const CUT_FADE_S: f64 = 0.5;
/// Seconds of silence before the onset that are looked through before a file counts as silent.
pub(crate) const MAX_LEAD_S: f64 = 10.0;
/// Channels that are read and mixed; files with more are refused.
pub(crate) const MAX_CHANNELS: usize = 32;
/// Rates in hertz that are read.
pub(crate) const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=384_000;
/// Silence is below this share of the sound's peak (−60 dB) and of full scale.
const SILENCE: f32 = 0.001;
/// Kept before the onset, in seconds, so that a soft attack isn't cut.
const LEAD_S: f64 = 0.001;
/// Values beyond this are taken for garbage and clipped.
const MAX_VALUE: f32 = 8.0;
/// Packets in a row that may fail to decode before the file counts as damaged.
const MAX_BAD_PACKETS: usize = 16;
/// File names' endings that are read, in lower case.
pub(crate) const EXTENSIONS: [&str; 14] =
    ["wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "afc", "flac", "mp3", "mp2", "ogg", "oga"];

/// What becomes of several channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Two channels stay two (identical ones become one); more are mixed to one.
    #[default]
    Keep,
    /// All are mixed to one.
    Mono,
}

/// A decoded file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The first 64 bits of the BLAKE3 hash of the file's bytes.
    pub id: SampleId,
    /// The sound: trimmed, finite, ending at exact zero.
    pub audio: Audio,
    /// True where the file was longer than [`MAX_SECONDS`].
    pub cut: bool,
}

/// The identity of a file's bytes, or of a factory sound's permanent name.
#[must_use]
pub fn content_id(bytes: &[u8]) -> SampleId {
    let hash = blake3::hash(bytes);
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    // 0 stands for “no sound”.
    SampleId(u64::from_be_bytes(first).max(1))
}

/// True where the name ends like a sound file.
#[must_use]
pub fn is_sound_file(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

/// Reads a file's bytes, at most [`MAX_FILE_BYTES`].
///
/// # Errors
/// [`KitError::Io`], or [`KitError::LimitReached`] for a larger file.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, KitError> {
    let io = |source| KitError::Io { what: "reading a sound file", path: path.into(), source };
    // Asked before it is opened: opening a pipe would wait for its other end.
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(KitError::Unsupported {
            what: "reading a sound file",
            reason: "it is not a file".into(),
        });
    }
    let too_large = || KitError::LimitReached { what: "reading a sound file", limit: "128 MB" };
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large());
    }
    let file = File::open(path).map_err(io)?;
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // The size may have changed since it was asked for.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes) }
}

/// Loads a sound file.
///
/// # Errors
/// Those of [`read_file`] and [`decode`].
pub fn load(path: &Path, channels: Channels) -> Result<Loaded, KitError> {
    let bytes = read_file(path)?;
    // A decoder's own bug must cost one file, not the scan or the session.
    std::panic::catch_unwind(|| decode(&bytes, channels))
        .unwrap_or_else(|_| Err(KitError::Malformed { what: DECODING, reason: "the decoder gave up".into() }))
}

/// Loads a sound file as it is, silence included, up to twenty seconds: how long a loop is tells its tempo.
///
/// # Errors
/// Those of [`read_file`] and [`decode`], but for silence.
pub fn load_whole(path: &Path) -> Result<Audio, KitError> {
    let bytes = read_file(path)?;
    // As in [`load`].
    std::panic::catch_unwind(|| decode_whole(&bytes))
        .unwrap_or_else(|_| Err(KitError::Malformed { what: DECODING, reason: "the decoder gave up".into() }))
}

/// Decodes a sound that was trimmed before, exactly as it is.
///
/// # Errors
/// Those of [`decode`], but for silence.
pub(super) fn decode_whole(bytes: &[u8]) -> Result<Audio, KitError> {
    let raw = Raw::read(bytes)?;
    let rate = SampleRate::new(f64::from(raw.rate_hz));
    let mut channels = raw.channels.into_iter();
    let left = channels.next().unwrap_or_default();
    Ok(Audio { rate, left, right: channels.next() })
}

/// Decodes the bytes of a sound file; the contents decide what it is.
///
/// # Errors
/// [`KitError::Malformed`], [`KitError::Unsupported`] (also for sounds that are silent from end to
/// end) or [`KitError::LimitReached`].
pub fn decode(bytes: &[u8], channels: Channels) -> Result<Loaded, KitError> {
    let id = content_id(bytes);
    let mut raw = Raw::read(bytes)?;
    let rate_hz = f64::from(raw.rate_hz);
    raw.mix(channels);
    let (onset, to) = raw.sounding().ok_or_else(|| KitError::Unsupported {
        what: DECODING,
        reason: "it is silent from beginning to end".into(),
    })?;
    let from = onset.saturating_sub((LEAD_S * rate_hz) as usize);
    let most = (MAX_SECONDS * rate_hz) as usize;
    let cut = to - from > most;
    let to = if cut { from + most } else { to };
    let fade = if cut { CUT_FADE_S } else { 0.002 };
    let trim = |channel: &[f32]| {
        let mut kept = channel[from..to].to_vec();
        if raw.lossy {
            // What is kept of the pre-echo comes in softly.
            let lead = onset - from;
            kept.iter_mut().take(lead).enumerate().for_each(|(at, x)| *x *= at as f32 / lead as f32);
        }
        let frames = ((fade * rate_hz) as usize).min(kept.len() / 4 + 1);
        fade_end(&mut kept, frames);
        kept
    };
    let audio = Audio {
        rate: SampleRate::new(rate_hz),
        left: trim(&raw.channels[0]),
        right: raw.channels.get(1).map(|right| trim(right)),
    };
    Ok(Loaded { id, audio, cut })
}

/// Fades the last `frames` to a last value of exactly zero.
fn fade_end(data: &mut [f32], frames: usize) {
    let frames = frames.min(data.len());
    let from = data.len() - frames;
    for (index, x) in data[from..].iter_mut().enumerate() {
        *x *= (frames - 1 - index) as f32 / frames as f32;
    }
}

const DECODING: &str = "decoding a sound file";

/// Decoded channels of equal length, at least one, finite.
struct Raw {
    rate_hz: u32,
    channels: Vec<Vec<f32>>,
    /// The encoder threw something away, and what it added may lie before a hit.
    lossy: bool,
}

impl Raw {
    fn read(bytes: &[u8]) -> Result<Self, KitError> {
        if bytes.is_empty() {
            return Err(malformed("the file is empty"));
        }
        let mut raw = match container::find(bytes)? {
            Coded::Samples(samples) => {
                check_rate(samples.rate_hz)?;
                check_channels(samples.channels)?;
                samples.decode(most_frames(samples.rate_hz))
            }
            Coded::Blocks(blocks) => blocks.decode()?,
            Coded::Flac(bytes) => flac::decode(bytes)?,
            Coded::Ogg(bytes) => ogg::decode(bytes)?,
            Coded::Mpeg(stream) => stream.decode()?,
        };
        let frames = raw.channels.iter().map(Vec::len).min().unwrap_or(0).min(most_frames(raw.rate_hz));
        if frames == 0 {
            return Err(malformed("it holds no decodable sound"));
        }
        for channel in &mut raw.channels {
            channel.truncate(frames);
            channel.iter_mut().for_each(|x| *x = clean(*x));
        }
        Ok(raw)
    }

    /// To one or two channels, as chosen.
    fn mix(&mut self, channels: Channels) {
        let count = self.channels.len();
        let same = count == 2 && self.channels[0] == self.channels[1];
        if same {
            self.channels.truncate(1);
        } else if count > 2 || (count == 2 && channels == Channels::Mono) {
            let scale = 1.0 / count as f32;
            let mixed = (0..self.channels[0].len())
                .map(|at| scale * self.channels.iter().map(|channel| channel[at]).sum::<f32>())
                .collect();
            self.channels = vec![mixed];
        }
    }

    /// First frame that sounds and one past the last, over all channels.
    fn sounding(&self) -> Option<(usize, usize)> {
        let peak = self.channels.iter().flatten().fold(0.0f32, |m, x| m.max(x.abs()));
        let floor = SILENCE * peak.min(1.0);
        if peak < 1e-5 {
            return None;
        }
        let loud = |x: &f32| x.abs() > floor;
        let first = self.channels.iter().filter_map(|channel| channel.iter().position(loud)).min()?;
        let first =
            if self.lossy { onset::behind_pre_echo(&self.channels, self.rate_hz, first) } else { first };
        let last = self.channels.iter().filter_map(|channel| channel.iter().rposition(loud)).max()?;
        Some((first, last + 1))
    }
}

fn clean(x: f32) -> f32 {
    if x.is_finite() { x.clamp(-MAX_VALUE, MAX_VALUE) } else { 0.0 }
}

fn check_rate(rate_hz: u32) -> Result<(), KitError> {
    if RATES_HZ.contains(&rate_hz) {
        Ok(())
    } else {
        Err(KitError::Unsupported {
            what: DECODING,
            reason: format!("its rate is {rate_hz} Hz; 8 to 384 kHz are read"),
        })
    }
}

fn check_channels(count: usize) -> Result<(), KitError> {
    match count {
        0 => Err(KitError::Malformed { what: DECODING, reason: "it has no channels".into() }),
        1..=MAX_CHANNELS => Ok(()),
        _ => Err(KitError::LimitReached { what: DECODING, limit: "32 channels" }),
    }
}

/// Frames that are looked at: the longest silence before a sound and the longest sound.
fn most_frames(rate_hz: u32) -> usize {
    ((MAX_LEAD_S + MAX_SECONDS) * f64::from(rate_hz)) as usize + 1
}

fn malformed(reason: impl Into<String>) -> KitError {
    KitError::Malformed { what: DECODING, reason: reason.into() }
}

fn unsupported(reason: impl Into<String>) -> KitError {
    KitError::Unsupported { what: DECODING, reason: reason.into() }
}

fn failed(error: SymphoniaError) -> KitError {
    match error {
        SymphoniaError::Unsupported(reason) => {
            KitError::Unsupported { what: DECODING, reason: reason.into() }
        }
        SymphoniaError::LimitError(limit) => KitError::LimitReached { what: DECODING, limit },
        // The bytes are in memory: an end of file is a header that claims more than there is.
        other => KitError::Malformed { what: DECODING, reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests;
