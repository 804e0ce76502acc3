//! WAV files as every sampler takes them: plain PCM or IEEE float, a head of 44 bytes where it is PCM, and
//! behind the sound what it is as a loop.
//!
//! Worker thread.

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Whole numbers of 24 bits.
    Pcm24,
    /// IEEE 754, 32 bits: what goes beyond full scale keeps its level.
    Float32,
}

/// What a sampler or a host may know of a loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cycle {
    /// Frames of the loop; the sound may go on behind them.
    pub frames: u32,
    /// Its length in quarter notes.
    pub quarters: f64,
    /// Beats of a bar over the note that is one beat.
    pub meter: (u8, u8),
    /// Quarter notes a minute.
    pub bpm: f64,
}

/// The key at which it sounds as it is: middle C.
pub(crate) const ROOT_KEY: u8 = 60;

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Wav {
    rate_hz: u32,
    channels: u16,
    depth: Depth,
    data: Vec<u8>,
}

impl Wav {
    /// An empty file with room for so many frames.
    #[must_use]
    pub(crate) fn new(rate_hz: u32, channels: u16, depth: Depth, frames: usize) -> Self {
        let room = frames * usize::from(channels) * depth.bytes();
        Self { rate_hz, channels, depth, data: Vec::with_capacity(room) }
    }

    /// Adds a value, channel after channel: of PCM a whole number within ±2²³, of float the value itself.
    pub(crate) fn push(&mut self, value: f64) {
        match self.depth {
            Depth::Pcm24 => {
                let whole = value.round().clamp(-8_388_608.0, 8_388_607.0) as i32;
                self.data.extend(&whole.to_le_bytes()[..3]);
            }
            Depth::Float32 => self.data.extend((value as f32).to_le_bytes()),
        }
    }

    /// The whole file. The caller keeps it far below 4 GB.
    #[must_use]
    pub(crate) fn finish(self, cycle: Option<&Cycle>) -> Vec<u8> {
        let block = self.channels * self.depth.bytes() as u16;
        let frames = self.data.len() / usize::from(block.max(1));
        let mut format = Vec::with_capacity(18);
        format.extend(self.depth.tag().to_le_bytes());
        format.extend(self.channels.to_le_bytes());
        format.extend(self.rate_hz.to_le_bytes());
        format.extend((self.rate_hz * u32::from(block)).to_le_bytes());
        format.extend(block.to_le_bytes());
        format.extend((8 * self.depth.bytes() as u16).to_le_bytes());
        let mut body = Vec::with_capacity(self.data.len() + 256);
        body.extend(b"WAVE");
        if self.depth == Depth::Float32 {
            // What is no PCM says the size of its extension, none, and its length.
            format.extend([0, 0]);
            chunk(&mut body, b"fmt ", &format);
            chunk(&mut body, b"fact", &(frames as u32).to_le_bytes());
        } else {
            chunk(&mut body, b"fmt ", &format);
        }
        chunk(&mut body, b"data", &self.data);
        if let Some(cycle) = cycle {
            chunk(&mut body, b"smpl", &smpl(cycle, self.rate_hz, frames));
            chunk(&mut body, b"acid", &acid(cycle));
        }
        let mut bytes = Vec::with_capacity(body.len() + 8);
        chunk(&mut bytes, b"RIFF", &body);
        bytes
    }
}

impl Depth {
    fn bytes(self) -> usize {
        match self {
            Self::Pcm24 => 3,
            Self::Float32 => 4,
        }
    }

    /// `WAVE_FORMAT_PCM` and `WAVE_FORMAT_IEEE_FLOAT`.
    fn tag(self) -> u16 {
        match self {
            Self::Pcm24 => 1,
            Self::Float32 => 3,
        }
    }
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    out.extend(name);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// One loop without end over the bars, at its root key: the RIFF specification's sampler chunk.
fn smpl(cycle: &Cycle, rate_hz: u32, frames: usize) -> Vec<u8> {
    let last = (cycle.frames as usize).min(frames).saturating_sub(1) as u32;
    let nanoseconds = (1e9 / f64::from(rate_hz.max(1))).round() as u32;
    // Manufacturer, product, period of a frame, key, its fraction, SMPTE format and offset, loops, own data;
    // then the loop: number, forward, first and last frame, fraction, times (0: for ever).
    let words = [0, 0, nanoseconds, u32::from(ROOT_KEY), 0, 0, 0, 1, 0, 0, 0, 0, last, 0, 0];
    words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect()
}

/// Flags of the acid chunk: the root key is set, and the loop may be stretched. It is no one-shot.
const ACID_FLAGS: u32 = 0x02 | 0x04;

/// Beats, meter and tempo, as ACID began to write them and most hosts read them.
fn acid(cycle: &Cycle) -> Vec<u8> {
    let (over, under) = cycle.meter;
    // Beats are whole: where quarters are not, it counts in the notes of the meter.
    let unit = if cycle.quarters.fract().abs() < 1e-9 { 1.0 } else { f64::from(under) / 4.0 };
    let mut out = Vec::with_capacity(24);
    out.extend(ACID_FLAGS.to_le_bytes());
    out.extend(u16::from(ROOT_KEY).to_le_bytes());
    out.extend(0x8000u16.to_le_bytes());
    out.extend(0f32.to_le_bytes());
    out.extend(((cycle.quarters * unit).round() as u32).to_le_bytes());
    out.extend(u16::from(under).to_le_bytes());
    out.extend(u16::from(over).to_le_bytes());
    out.extend(((cycle.bpm * unit) as f32).to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
        let mut at = 12;
        while let Some(head) = bytes.get(at..at + 8) {
            let size = u32::from_le_bytes(*head.last_chunk().unwrap()) as usize;
            if &head[..4] == name {
                return bytes.get(at + 8..at + 8 + size);
            }
            at += 8 + size + size % 2;
        }
        assert_eq!(at, bytes.len(), "chunks end with the file");
        None
    }

    fn word(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(*bytes[at..].first_chunk().unwrap())
    }

    #[test]
    fn pcm_has_the_plain_head_of_44_bytes_and_float_its_own() {
        let mut wav = Wav::new(44_100, 1, Depth::Pcm24, 3);
        [0.0, -1.4, 9e9].into_iter().for_each(|value| wav.push(value));
        let bytes = wav.finish(None);
        assert_eq!(&bytes[36..44], b"data\x09\0\0\0");
        assert_eq!(&bytes[44..], [0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0], "with a pad byte");
        assert_eq!(word(&bytes, 4) as usize, bytes.len() - 8);
        let format = found(&bytes, b"fmt ").unwrap();
        assert_eq!(format, [1, 0, 1, 0, 0x44, 0xac, 0, 0, 0xcc, 4, 2, 0, 3, 0, 24, 0]);
        let mut wav = Wav::new(48_000, 2, Depth::Float32, 1);
        [1.5, -0.25].into_iter().for_each(|value| wav.push(value));
        let bytes = wav.finish(None);
        assert_eq!(found(&bytes, b"fmt ").unwrap()[..4], [3, 0, 2, 0]);
        assert_eq!(found(&bytes, b"fact").unwrap(), 1u32.to_le_bytes());
        assert_eq!(found(&bytes, b"data").unwrap()[..4], 1.5f32.to_le_bytes());
    }

    #[test]
    fn a_loop_says_its_bars_key_beats_meter_and_tempo() {
        let of = |cycle: &Cycle| {
            let mut wav = Wav::new(48_000, 1, Depth::Pcm24, 100);
            (0..100).for_each(|value| wav.push(f64::from(value)));
            wav.finish(Some(cycle))
        };
        let bytes = of(&Cycle { frames: 90, quarters: 8.0, meter: (4, 4), bpm: 123.5 });
        let smpl = found(&bytes, b"smpl").unwrap();
        assert_eq!((smpl.len(), word(smpl, 8), word(smpl, 12)), (60, 20_833, 60));
        assert_eq!((word(smpl, 28), word(smpl, 44), word(smpl, 48)), (1, 0, 89), "one loop, whole bars");
        let acid = found(&bytes, b"acid").unwrap();
        assert_eq!(acid.len(), 24);
        assert_eq!((word(acid, 0) & 1, acid[4], word(acid, 12)), (0, 60, 8), "no one-shot, key, beats");
        assert_eq!((acid[16], acid[18], f32::from_bits(word(acid, 20))), (4, 4, 123.5));
        // A bar of seven eighths has no whole number of quarters.
        let bytes = of(&Cycle { frames: 100, quarters: 3.5, meter: (7, 8), bpm: 120.0 });
        let acid = found(&bytes, b"acid").unwrap();
        assert_eq!((word(acid, 12), acid[16], acid[18], f32::from_bits(word(acid, 20))), (7, 8, 7, 240.0));
    }
}
