//! A sound as it is written in a file.

use super::adpcm::Blocks;
use super::pcm::Samples;
use super::{mpeg, tags};

/// A file's sound, as it is written.
#[derive(Debug)]
pub(super) enum Coded<'a> {
    /// Samples as they are.
    Samples(Samples<'a>),
    /// Blocks of ADPCM.
    Blocks(Blocks<'a>),
    /// FLAC from its mark on, nothing known behind it.
    Flac(&'a [u8]),
    /// Pages of Ogg.
    Ogg(&'a [u8]),
    /// Frames of MPEG audio.
    Mpeg(mpeg::Stream<'a>),
}

impl<'a> Coded<'a> {
    /// A compressed stream that a container may hold, where it is one.
    pub(super) fn compressed(bytes: &'a [u8]) -> Option<Self> {
        let body = tags::without_leading(bytes);
        let inner = tags::without_trailing(body);
        if inner.starts_with(b"fLaC") {
            return Some(Self::Flac(inner));
        }
        if inner.starts_with(b"OggS") {
            return Some(Self::Ogg(inner));
        }
        mpeg::Stream::find(inner).map(Self::Mpeg)
    }
}
