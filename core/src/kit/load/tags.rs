//! Tags that lie around a compressed stream: ID3v2 and APE before it, ID3v1, Lyrics3, APE and ID3v2 behind.

/// Tags of one kind after another that are looked for at each end.
const MOST_TAGS: usize = 16;
/// The header or footer of an APE tag, in bytes.
const APE: usize = 32;
/// The header or footer of an ID3v2 tag, in bytes.
const ID3: usize = 10;

/// What is left behind the tags at the beginning. A tag that claims more than the file holds ends behind
/// its header: the sound is looked for in the rest.
pub(super) fn without_leading(mut bytes: &[u8]) -> &[u8] {
    for _ in 0..MOST_TAGS {
        let Some(length) = id3v2(bytes).or_else(|| ape_at(bytes, 0)) else { break };
        bytes = bytes.get(length..).unwrap_or_else(|| bytes.get(ID3..).unwrap_or_default());
    }
    bytes
}

/// What is left before the tags at the end.
pub(super) fn without_trailing(mut bytes: &[u8]) -> &[u8] {
    for _ in 0..MOST_TAGS {
        let Some(length) = trailing(bytes).filter(|length| *length <= bytes.len()) else { break };
        bytes = &bytes[..bytes.len() - length];
    }
    bytes
}

/// The length of an ID3v2 tag with its header, padding and footer.
fn id3v2(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..ID3)?;
    if &head[..3] != b"ID3" || head[3] == 0xff || head[4] == 0xff {
        return None;
    }
    let footer = if head[5] & 0x10 != 0 { ID3 } else { 0 };
    Some(ID3 + sync_safe([head[6], head[7], head[8], head[9]]) + footer)
}

/// Seven bits a byte. Some programs write eight.
fn sync_safe(size: [u8; 4]) -> usize {
    let bits = if size.iter().any(|byte| byte & 0x80 != 0) { 8 } else { 7 };
    size.iter().fold(0, |sum, byte| sum << bits | usize::from(*byte))
}

/// The length of the APE tag whose header or footer is at `at`, both of them included.
fn ape_at(bytes: &[u8], at: usize) -> Option<usize> {
    let head = bytes.get(at..at.checked_add(APE)?)?;
    if &head[..8] != b"APETAGEX" {
        return None;
    }
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    // The size counts the footer and not the header; a flag says that there is one.
    let (size, flags) = (word(12) as usize, word(20));
    let header = if flags & 1 << 31 != 0 || at == 0 { APE } else { 0 };
    Some(size.max(APE) + header)
}

fn trailing(bytes: &[u8]) -> Option<usize> {
    let end = bytes.len();
    let ends_with = |back: usize, text: &[u8]| {
        end.checked_sub(back).and_then(|at| bytes.get(at..at + text.len())).is_some_and(|found| found == text)
    };
    if ends_with(128, b"TAG") {
        return Some(if ends_with(128 + 227, b"TAG+") { 128 + 227 } else { 128 });
    }
    if ends_with(9, b"LYRICS200") {
        let digits = bytes.get(end.checked_sub(15)?..end - 9)?;
        let size: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
        return Some(size + 15);
    }
    if ends_with(9, b"LYRICSEND") {
        // The first version says no size and is at most 5,100 bytes long.
        let from = end.saturating_sub(9 + 5_100 + 11);
        let begin = bytes[from..].windows(11).rposition(|found| found == b"LYRICSBEGIN")?;
        return Some(end - from - begin);
    }
    if ends_with(ID3, b"3DI") {
        let size = bytes.get(end - 4..)?;
        return Some(2 * ID3 + sync_safe([size[0], size[1], size[2], size[3]]));
    }
    ape_at(bytes, end.checked_sub(APE)?)
}
