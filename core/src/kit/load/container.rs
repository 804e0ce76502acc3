//! What kind of file it is, by its contents alone, and where in it the sound lies.

use super::coded::Coded;
use super::{aiff, malformed, mpeg, riff, tags, unsupported};
use crate::kit::KitError;

/// How far the beginning of a known kind is looked for behind something that is none.
const MOST_JUNK: usize = 4_096;

/// Finds the sound in a file.
pub(super) fn find(bytes: &[u8]) -> Result<Coded<'_>, KitError> {
    let body = tags::without_leading(bytes);
    if let Some(found) = marked(body) {
        return found;
    }
    if let Some(kind) = foreign(body) {
        return Err(unsupported(format!("it is {kind}, which is not read")));
    }
    if let Some(stream) = mpeg::Stream::find(tags::without_trailing(body)) {
        return Ok(Coded::Mpeg(stream));
    }
    // A head of some other program (MacBinary has 128 bytes), or a tag whose size is wrong.
    let reach = body.len().min(MOST_JUNK);
    let found = (1..reach).find(|&at| is_marked(&body[at..])).and_then(|at| marked(&body[at..]));
    found.unwrap_or_else(|| Err(malformed("it is neither WAV, AIFF, FLAC, MP3 nor Ogg")))
}

/// A file that begins with the mark of its kind.
fn marked(bytes: &[u8]) -> Option<Result<Coded<'_>, KitError>> {
    if !is_marked(bytes) {
        return None;
    }
    Some(match bytes {
        [b'R' | b'B', ..] => riff::open(bytes),
        [b'r', ..] => riff::open_wave64(bytes),
        [b'F', ..] => aiff::open(bytes),
        [b'f', ..] => Ok(Coded::Flac(tags::without_trailing(bytes))),
        _ => Ok(Coded::Ogg(bytes)),
    })
}

fn is_marked(bytes: &[u8]) -> bool {
    let mark = bytes.first_chunk::<4>();
    let chunked = bytes.len() >= 12;
    mark.is_some_and(|mark| match mark {
        b"RIFF" | b"RIFX" | b"RF64" | b"BW64" | b"FORM" => chunked,
        b"fLaC" | b"OggS" => true,
        _ => riff::is_wave64(bytes),
    })
}

/// Kinds that people have and that are not read, by name.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "an MP4 or M4A file",
        [b'c', b'a', b'f', b'f', ..] => "a Core Audio file",
        [b'.', b's', b'n', b'd', ..] | [b'd', b'n', b's', b'.', ..] => "a Sun audio file",
        [b'w', b'v', b'p', b'k', ..] => "a WavPack file",
        [b'M', b'A', b'C', b' ', ..] => "a Monkey's Audio file",
        [0x30, 0x26, 0xb2, 0x75, ..] => "a Windows Media file",
        [b'M', b'T', b'h', b'd', ..] => "a MIDI file",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "a Matroska or WebM file",
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => "a picture",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive",
        _ => return None,
    })
}
