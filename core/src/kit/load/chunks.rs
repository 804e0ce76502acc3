//! The walk over the chunks of RIFF and FORM files. Sizes are claims; the end of the file is the fact.

/// Chunks that are looked at. Real files have some dozens.
pub(super) const MOST_CHUNKS: usize = 4_096;

/// A chunk: its name and what there is of its contents.
pub(super) type Chunk<'a> = ([u8; 4], &'a [u8]);

/// How the chunks of a kind of file are written.
pub(super) struct Layout {
    /// The bytes of a size: the most significant one first.
    pub big_endian: bool,
    /// The chunk that holds the sound.
    pub sound: [u8; 4],
    /// Bytes of it that come before the sound itself.
    pub sound_head: u64,
    /// Names that the walk may take up again from, where a size led nowhere.
    pub known: &'static [&'static [u8; 4]],
}

/// Names of RIFF chunks.
pub(super) const RIFF: &[&[u8; 4]] = &[
    b"fmt ", b"data", b"fact", b"LIST", b"list", b"cue ", b"smpl", b"inst", b"acid", b"bext", b"iXML",
    b"JUNK", b"junk", b"PAD ", b"FLLR", b"PEAK", b"id3 ", b"ID3 ", b"ds64", b"plst", b"axml", b"chna",
    b"umid", b"cart", b"strc", b"DISP", b"afsp", b"minf", b"elm1", b"regn", b"elmo", b"levl", b"_PMX",
    b"SNDM", b"ResU", b"LGWV",
];

/// Names of AIFF chunks.
pub(super) const FORM: &[&[u8; 4]] = &[
    b"COMM", b"SSND", b"FVER", b"MARK", b"INST", b"NAME", b"AUTH", b"(c) ", b"ANNO", b"COMT", b"MIDI",
    b"APPL", b"AESD", b"CHAN", b"SAXL", b"PEAK", b"ID3 ", b"basc", b"trns", b"cate",
];

impl Layout {
    fn size(&self, at: [u8; 4]) -> u64 {
        u64::from(if self.big_endian { u32::from_be_bytes(at) } else { u32::from_le_bytes(at) })
    }

    fn is_known(&self, bytes: &[u8], at: usize) -> bool {
        let id = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
        id.is_some_and(|id| self.known.contains(&id))
    }

    /// The next place at or behind `from` where a chunk of a known name may begin.
    fn next_known(&self, bytes: &[u8], from: usize) -> Option<usize> {
        (from..bytes.len().saturating_sub(7)).find(|&at| self.is_known(bytes, at))
    }

    /// Where the chunk behind one of this size and end begins: with or without the byte that makes an odd
    /// size even, or wherever a known name comes next.
    fn behind(&self, bytes: &[u8], size: u64, end: usize) -> Option<usize> {
        let odd = size % 2 == 1;
        let padded = if odd { end + 1 } else { end };
        if self.is_known(bytes, padded) {
            return Some(padded);
        }
        if odd && self.is_known(bytes, end) {
            return Some(end);
        }
        if has_name(bytes, padded) && fits(self, bytes, padded) {
            return Some(padded);
        }
        // Some programs pad what is even, or count the pad byte in; such a size is one off.
        self.next_known(bytes, end.saturating_sub(1))
    }

    /// Whether nothing but whole chunks lie from here to the end.
    fn is_chain(&self, bytes: &[u8], mut at: usize) -> bool {
        for _ in 0..MOST_CHUNKS {
            if at + 1 >= bytes.len() {
                return true;
            }
            if !has_name(bytes, at) || !fits(self, bytes, at) {
                return false;
            }
            let size = head(bytes, at).map_or(0, |(_, size)| self.size(size));
            at += 8 + (size + size % 2) as usize;
        }
        false
    }

    /// The chunks from `at` on.
    pub(super) fn walk<'a>(&self, bytes: &'a [u8], mut at: usize) -> Vec<Chunk<'a>> {
        let mut found: Vec<Chunk<'a>> = Vec::new();
        // The size of the sound in a file of 64 bits.
        let mut long: Option<u64> = None;
        while found.len() < MOST_CHUNKS {
            let Some((id, size)) = head(bytes, at) else { break };
            if !has_name(bytes, at) {
                match self.next_known(bytes, at + 1) {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
            let body = at + 8;
            let mut size = self.size(size);
            if id == self.sound {
                if size == u64::from(u32::MAX) {
                    size = long.unwrap_or(size);
                }
                // A size that was never filled in, unless whole chunks follow.
                let behind = body.saturating_add(size as usize);
                if size <= self.sound_head && behind < bytes.len() && !self.is_chain(bytes, behind) {
                    size = u64::MAX;
                }
            }
            let rest = (bytes.len() - body) as u64;
            if size <= rest {
                let end = body + size as usize;
                found.push((id, &bytes[body..end]));
                if &id == b"ds64" {
                    long = bytes
                        .get(body + 8..body + 16)
                        .and_then(|at| at.first_chunk())
                        .copied()
                        .map(u64::from_le_bytes);
                }
                match self.behind(bytes, size, end) {
                    Some(next) => at = next,
                    None => break,
                }
            } else if id == self.sound {
                found.push((id, &bytes[body..]));
                break;
            } else {
                // It claims more than there is: what matters may lie within.
                let next = self.next_known(bytes, body);
                found.push((id, &bytes[body..next.unwrap_or(bytes.len())]));
                match next {
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
        found
    }
}

fn head(bytes: &[u8], at: usize) -> Option<([u8; 4], [u8; 4])> {
    let head = bytes.get(at..)?.first_chunk::<8>()?;
    Some(([head[0], head[1], head[2], head[3]], [head[4], head[5], head[6], head[7]]))
}

fn has_name(bytes: &[u8], at: usize) -> bool {
    head(bytes, at).is_some_and(|(id, _)| id.iter().all(|byte| (0x20..0x7f).contains(byte)))
}

fn fits(layout: &Layout, bytes: &[u8], at: usize) -> bool {
    head(bytes, at).is_some_and(|(_, size)| layout.size(size) <= (bytes.len() - at - 8) as u64)
}

/// The first contents of this name that are not empty.
pub(super) fn first<'a>(chunks: &[Chunk<'a>], name: &[u8; 4]) -> Option<&'a [u8]> {
    chunks.iter().find(|(id, body)| id == name && !body.is_empty()).map(|(_, body)| *body)
}
