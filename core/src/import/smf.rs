//! Standard MIDI files as they are found: lengths are claims, the end of the file is the fact, and what
//! can't be read is counted and said.
//!
//! Threads of the headless tool. Every byte is untrusted.

/// How far the head is looked for: behind that of a RIFF, or of some other program.
const MOST_JUNK: usize = 4_096;
/// Ticks of a beat where the file says none.
const ASSUMED_TICKS: f64 = 480.0;
/// Beats a minute where a file counts frames of film and says no tempo.
const ASSUMED_BPM: f64 = 120.0;

/// A note that begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NoteOn {
    /// In quarter notes.
    pub beats: f64,
    pub channel: u8,
    pub key: u8,
    pub velocity: u8,
}

/// What a file holds, as far as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Smf {
    /// In the order of the tracks.
    pub notes: Vec<NoteOn>,
    /// Meters (beats over the exponent of two of the note), with the time from which each holds, in quarter
    /// notes.
    pub meters: Vec<(f64, u8, u8)>,
    /// The last end that a track has, in quarter notes.
    pub end: Option<f64>,
    /// What was not read, or not as it is written; for a person.
    pub unread: Vec<String>,
}

/// Time in ticks, before it is known how long a beat is.
#[derive(Default)]
struct Track {
    notes: Vec<(u64, u8, u8, u8)>,
    meters: Vec<(u64, u8, u8)>,
    tempo: Option<u32>,
    end: Option<u64>,
}

/// Bytes that were not what they should be.
#[derive(Default)]
struct Odd {
    clamped: usize,
    skipped: usize,
    foreign: usize,
    lengths: usize,
    cut: usize,
}

/// Reads a file.
///
/// # Errors
/// It is no MIDI file; for a person.
pub(super) fn read(bytes: &[u8]) -> Result<Smf, String> {
    let reach = bytes.len().min(MOST_JUNK);
    let head = bytes[..reach].windows(4).position(|four| four == b"MThd");
    let head = head.ok_or("it is no MIDI file")?;
    let word = |at: usize| {
        let two = bytes.get(head + at..).and_then(|rest| rest.first_chunk::<2>());
        two.copied().map(u16::from_be_bytes)
    };
    let (Some(format), Some(division)) = (word(8), word(12)) else {
        return Err("it ends within its head".to_owned());
    };
    let mut unread = Vec::new();
    // The head of an RMID is that of a RIFF.
    if head > 0 && !bytes.starts_with(b"RIFF") {
        unread.push(format!("{head} bytes before its head were passed over"));
    }
    let mut odd = Odd::default();
    let mut tracks = tracks(bytes, head, &mut odd);
    if format == 2 {
        let first = tracks.iter().position(|track| !track.notes.is_empty()).unwrap_or(0);
        let others = tracks.iter().skip(first + 1).filter(|track| !track.notes.is_empty()).count();
        if others > 0 {
            unread.push(format!("it holds {} patterns; the first one was read", others + 1));
        }
        tracks = tracks.into_iter().skip(first).take(1).collect();
    }
    let tempo = tracks.iter().find_map(|track| track.tempo).filter(|tempo| *tempo > 0);
    let ticks = ticks_a_beat(division, tempo, &mut unread);
    odd.say(&mut unread);
    let mut smf = Smf { unread, ..Smf::default() };
    for track in tracks {
        let beats = |at: u64| at as f64 / ticks;
        smf.notes.extend(track.notes.iter().map(|&(at, channel, key, velocity)| NoteOn {
            beats: beats(at),
            channel,
            key,
            velocity,
        }));
        smf.meters.extend(track.meters.iter().map(|&(at, over, under)| (beats(at), over, under)));
        if let Some(end) = track.end.map(beats) {
            smf.end = Some(smf.end.map_or(end, |last: f64| last.max(end)));
        }
    }
    smf.meters.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(smf)
}

/// From the head's division and the first tempo, in microseconds a quarter note.
fn ticks_a_beat(division: u16, tempo: Option<u32>, unread: &mut Vec<String>) -> f64 {
    let [high, low] = division.to_be_bytes();
    if high & 0x80 == 0 {
        if division == 0 {
            unread.push(format!(
                "it does not say how long a beat is; {ASSUMED_TICKS} ticks were taken for one"
            ));
            return ASSUMED_TICKS;
        }
        return f64::from(division);
    }
    // Frames of film a second, negative; 29 stands for the 29.97 of television.
    let frames = match high.wrapping_neg() {
        29 => 30_000.0 / 1_001.0,
        frames => f64::from(frames),
    };
    let seconds = tempo.map_or(60.0 / ASSUMED_BPM, |micros| f64::from(micros) / 1e6);
    let bpm = 60.0 / seconds;
    unread.push(format!("its time is counted in frames of film, not in beats; it was read at {bpm:.0} bpm"));
    (frames * f64::from(low.max(1)) * seconds).max(1e-3)
}

fn tracks(bytes: &[u8], head: usize, odd: &mut Odd) -> Vec<Track> {
    let length = |at: usize| {
        let four = bytes.get(at + 4..).and_then(|rest| rest.first_chunk::<4>());
        four.map_or(0, |four| u32::from_be_bytes(*four) as usize)
    };
    let is_track = |at: usize| bytes.get(at..at + 4) == Some(b"MTrk");
    let next_track = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.windows(4).position(|four| four == b"MTrk").map(|ahead| from + ahead)
    };
    let mut found = Vec::new();
    // The head may be longer than its six bytes; where its length leads nowhere, the first track counts.
    let claimed = head.saturating_add(8).saturating_add(length(head));
    let mut at = if is_track(claimed) { claimed } else { head + 14 };
    while at + 8 <= bytes.len() {
        if !is_track(at) {
            // A chunk of another kind, or no chunk at all.
            let is_chunk = bytes[at..at + 4].iter().all(|byte| (0x20..0x7f).contains(byte));
            let behind = at.saturating_add(8).saturating_add(length(at));
            if is_chunk && (is_track(behind) || behind == bytes.len()) {
                odd.foreign += 1;
                at = behind;
                continue;
            }
            let Some(next) = next_track(at) else {
                odd.skipped += bytes.len() - at;
                break;
            };
            odd.skipped += next - at;
            at = next;
            continue;
        }
        let body = at + 8;
        let claimed = body.saturating_add(length(at));
        // A length is right where a chunk or the end of the file follows it.
        let is_right = claimed == bytes.len()
            || bytes
                .get(claimed..claimed.saturating_add(4))
                .is_some_and(|id| id.iter().all(u8::is_ascii_graphic));
        let limit = if is_right { claimed } else { next_track(body).unwrap_or(bytes.len()) };
        let cut = odd.cut;
        let mut events = Events { bytes: &bytes[..limit], at: body, odd };
        let track = events.read();
        let ended = track.end.is_some();
        let read = events.at;
        found.push(track);
        at = if is_right && ended && claimed >= read && is_track(claimed) {
            // What lies between the end that the events tell and the one that the length tells.
            odd.skipped += claimed - read;
            claimed
        } else {
            // A length that is wrong is said where nothing else tells that there is no more.
            let is_whole = ended || odd.cut > cut;
            odd.lengths += usize::from(!is_right && read != claimed && !is_whole);
            read.max(body)
        };
    }
    found
}

/// Reads the events of one track.
struct Events<'a> {
    bytes: &'a [u8],
    at: usize,
    odd: &'a mut Odd,
}

impl Events<'_> {
    fn read(&mut self) -> Track {
        let mut track = Track::default();
        let mut now = 0u64;
        // Goes on over everything else, as all programs that write files without it take it.
        let mut running: Option<u8> = None;
        while self.at < self.bytes.len() {
            if self.event(&mut track, &mut now, &mut running).is_none() {
                self.odd.cut += 1;
                self.at = self.bytes.len();
            }
            if track.end.is_some() {
                break;
            }
        }
        track
    }

    /// `None` where the bytes end within it.
    fn event(&mut self, track: &mut Track, now: &mut u64, running: &mut Option<u8>) -> Option<()> {
        *now += u64::from(self.number()?);
        let byte = *self.bytes.get(self.at)?;
        let status = if byte & 0x80 != 0 {
            self.at += 1;
            byte
        } else if let Some(status) = *running {
            status
        } else {
            // Data that belong to nothing.
            self.at += 1;
            self.odd.skipped += 1;
            return Some(());
        };
        match status {
            0xff => {
                let kind = self.byte()?;
                let length = self.number()? as usize;
                // The end needs no length.
                if kind == 0x2f {
                    self.at = self.at.saturating_add(length).min(self.bytes.len());
                    track.end = Some(*now);
                    return Some(());
                }
                let body = self.bytes.get(self.at..self.at.checked_add(length)?)?;
                match (kind, body) {
                    (0x51, &[a, b, c, ..]) if track.tempo.is_none() => {
                        track.tempo = Some(u32::from_be_bytes([0, a, b, c]));
                    }
                    (0x58, &[over, under, ..]) => track.meters.push((*now, over, under)),
                    _ => {}
                }
                self.at += length;
            }
            0xf0 | 0xf7 => {
                let length = self.number()? as usize;
                let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len())?;
                self.at = end;
            }
            // Messages of a cable, which no file should hold, and their data.
            0xf1..=0xfe => {
                let data = match status {
                    0xf2 => 2,
                    0xf1 | 0xf3 => 1,
                    _ => 0,
                };
                self.odd.skipped += 1 + data;
                self.at += data;
            }
            _ => {
                *running = Some(status);
                let first = self.data()?;
                let second = if matches!(status & 0xf0, 0xc0 | 0xd0) { 0 } else { self.data()? };
                if status & 0xf0 == 0x90 && second > 0 {
                    track.notes.push((*now, status & 15, first, second));
                }
            }
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Seven bits; what is larger is the largest.
    fn data(&mut self) -> Option<u8> {
        let byte = self.byte()?;
        self.odd.clamped += usize::from(byte > 127);
        Some(byte.min(127))
    }

    /// Seven bits a byte, at most four bytes.
    fn number(&mut self) -> Option<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let byte = self.byte()?;
            value = value << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        self.odd.clamped += 1;
        Some(value)
    }
}

impl Odd {
    fn say(&self, unread: &mut Vec<String>) {
        let many = |count: usize, one: &str, more: &str| match count {
            1 => format!("one {one}"),
            count => format!("{count} {more}"),
        };
        if self.clamped > 0 {
            let bytes = many(self.clamped, "value was", "values were");
            unread.push(format!("{bytes} larger than MIDI allows and taken for the largest"));
        }
        if self.skipped > 0 {
            let bytes = many(self.skipped, "byte that belongs", "bytes that belong");
            unread.push(format!("{bytes} to nothing had to be passed over"));
        }
        if self.foreign > 0 {
            let parts = many(self.foreign, "part that is", "parts that are");
            unread.push(format!("{parts} no track had to be passed over"));
        }
        if self.lengths > 0 {
            let tracks = many(self.lengths, "track has", "tracks have");
            unread.push(format!("{tracks} another length than the file says"));
        }
        if self.cut > 0 {
            let tracks = many(self.cut, "track breaks off", "tracks break off");
            unread.push(format!("{tracks} within an event; what is there was read"));
        }
    }
}
