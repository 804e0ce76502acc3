//! Drum patterns from standard MIDI files, and what else a person brings along.
//!
//! Threads of the headless tool, the worker. Every byte is untrusted.

pub mod bars;
pub mod material;
mod smf;
pub mod transcribe;

use crate::engine::Keys;
use crate::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Meter, Role, SampleId, Swing};
use smf::{NoteOn, Smf};
use std::io::Read as _;
use std::path::Path;

/// The largest MIDI file that is read. A drum pattern has a few kilobytes, a whole song some hundred.
pub const MOST_BYTES: u64 = 4 << 20;

/// Grids that a file may be on, in steps a bar of 4/4; of equally good ones the first.
const GRIDS: [u8; 3] = [16, 12, 24];
/// Bars that are read at most.
const MOST_BARS: f64 = 4.0;
/// MIDI channel 10, percussion.
const PERCUSSION: u8 = 9;

/// An end of a track within this many quarter notes of a bar line is on it.
const ON_THE_BAR: f64 = 1e-6;

/// A drum pattern of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The pattern, without sounds.
    pub pattern: Loop,
    /// What of the file is not in it, or not as it is written; for a person. Empty where all of it is.
    pub unread: Vec<String>,
}

/// Reads a file; see [`midi`].
///
/// # Errors
/// It can't be read, is larger than [`MOST_BYTES`], or is no drum pattern; for a person.
pub fn midi_file(path: &Path) -> Result<Imported, String> {
    midi(&midi_bytes(path)?)
}

/// The bytes of a MIDI file, as far as it may be one by its size.
fn midi_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let io = |error: std::io::Error| error.to_string();
    // Asked before it is opened: opening a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// The first 1, 2 or 4 bars of a MIDI file as a loop without sounds, roles by the General MIDI keys: those
/// on channel 10, or all of them where there is nothing on it. Each hit is on the nearest step with its
/// distance as micro-timing.
///
/// Bars are counted from hits; an end of the tracks that is exactly on a bar line adds bars of rest. A
/// damaged file is read as far as it goes, and what was not read is said.
///
/// # Errors
/// Why it is no drum pattern, for a person.
pub fn midi(bytes: &[u8]) -> Result<Imported, String> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it is larger than 4 MB".to_owned());
    }
    let Smf { notes: all, meters, end, mut unread } = smf::read(bytes)?;
    let drums: Vec<NoteOn> = all.iter().filter(|note| note.channel == PERCUSSION).copied().collect();
    if !drums.is_empty() && drums.len() < all.len() {
        unread.push(format!("left out as not on channel 10: {}", count(all.len() - drums.len(), "note")));
    }
    let mut notes = if drums.is_empty() { all } else { drums };
    let first = notes.iter().fold(f64::INFINITY, |first, note| first.min(note.beats));
    let last = notes.iter().fold(-1.0f64, |last, note| last.max(note.beats));
    if last < 0.0 {
        return Err(with_reasons("it has no notes", &unread));
    }
    let meter = meter(&meters, first, last, &mut unread);
    let bars = bars(meter.bar_beats(), last, end, &mut unread);
    let whole = f64::from(bars) * meter.bar_beats();
    let before = notes.len();
    notes.retain(|note| note.beats < whole);
    if notes.len() < before {
        let left = count(before - notes.len(), "note");
        unread.push(format!("left out as behind its first {}: {left}", count(bars.into(), "bar")));
    }
    if notes.is_empty() {
        return Err(with_reasons("it has no notes in its first bars", &unread));
    }
    let steps = |a_bar_of_four: u8| {
        (f64::from(a_bar_of_four) * meter.bar_beats() / 4.0).round().clamp(1.0, 24.0) as u8
    };
    let grids = GRIDS.map(|steps_a_bar| Grid { bars, steps_per_bar: steps(steps_a_bar), meter }.sanitized());
    let off = |grid: &Grid| {
        let far = |note: &NoteOn| {
            let step = note.beats / grid.step_beats();
            (step - step.round()).abs() * grid.step_beats()
        };
        notes.iter().map(far).sum::<f64>() / notes.len() as f64
    };
    // A finer grid must be clearly better.
    let [first, others @ ..] = &grids;
    let grid =
        others.iter().fold(*first, |best, grid| if off(grid) < 0.6 * off(&best) { *grid } else { best });
    let pattern = place(&notes, grid, &mut unread);
    Ok(Imported { pattern, unread })
}

/// A line of notes of a file, as something is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where each begins in quarter notes, its key and velocity, in the order of time.
    pub notes: Vec<(f64, u8, u8)>,
    /// The meter.
    pub meter: Meter,
    /// What of the file was not read, or not as it is written; for a person.
    pub unread: Vec<String>,
}

/// Reads the notes of a MIDI file that are not on channel 10, or all of them where there are no others.
///
/// # Errors
/// It can't be read, is larger than [`MOST_BYTES`], or has no notes; for a person.
pub fn line_file(path: &Path) -> Result<Line, String> {
    let bytes = midi_bytes(path)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it is larger than 4 MB".to_owned());
    }
    let Smf { notes: all, meters, mut unread, .. } = smf::read(&bytes)?;
    let drums = all.iter().filter(|note| note.channel == PERCUSSION).count();
    let only_drums = drums == all.len();
    if drums > 0 && !only_drums {
        unread.push(format!("left out as on channel 10: {}", count(drums, "note")));
    }
    let of_line = all.iter().filter(|note| (only_drums || note.channel != PERCUSSION) && note.velocity > 0);
    let mut notes: Vec<_> = of_line.map(|note| (note.beats, note.key, note.velocity)).collect();
    notes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (Some(first), Some(last)) = (notes.first(), notes.last()) else {
        return Err(with_reasons("it has no notes", &unread));
    };
    let meter = meter(&meters, first.0, last.0, &mut unread);
    Ok(Line { notes, meter, unread })
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Why there is nothing to read, with what could not be read.
fn with_reasons(why: &str, unread: &[String]) -> String {
    if unread.is_empty() { why.to_owned() } else { format!("{why} ({})", unread.join("; ")) }
}

/// The meter in which the first hit is; one that changes later is said.
fn meter(meters: &[(f64, u8, u8)], first: f64, last: f64, unread: &mut Vec<String>) -> Meter {
    let written = |&(_, over, under): &(f64, u8, u8)| Meter {
        numerator: over,
        denominator: 1u8.checked_shl(under.into()).unwrap_or(0),
    };
    let held = meters.iter().rev().find(|(at, ..)| *at <= first).map(written);
    let meter = held.map_or(Meter::FOUR_FOUR, Meter::sanitized);
    if let Some(held) = held.filter(|held| *held != meter) {
        unread.push(format!("a loop can't be in {}; it was read in {}", fraction(held), fraction(meter)));
    }
    let others = meters.iter().filter(|(at, ..)| *at > first && *at <= last).map(written);
    if others.filter(|other| *other != meter).count() > 0 {
        unread.push(format!("its meter changes; all of it was read in {}", fraction(meter)));
    }
    meter
}

fn fraction(meter: Meter) -> String {
    format!("{}/{}", meter.numerator, meter.denominator)
}

/// 1, 2 or 4 bars.
fn bars(bar: f64, last: f64, end: Option<f64>, unread: &mut Vec<String>) -> u8 {
    let heard = ((last + ON_THE_BAR) / bar).floor() + 1.0;
    // An end that is not on a bar line is where a program stopped, not where the pattern does.
    let told = end.map_or(0.0, |end| end / bar);
    let is_told = (told - told.round()).abs() * bar < ON_THE_BAR && told.round() <= MOST_BARS;
    let bars = if is_told { heard.max(told.round()) } else { heard };
    if bars == 3.0 {
        unread.push("its three bars are followed by one of rest".to_owned());
    }
    match bars {
        ..=1.0 => 1,
        ..=2.0 => 2,
        _ => MOST_BARS as u8,
    }
}

fn place(notes: &[NoteOn], grid: Grid, unread: &mut Vec<String>) -> Loop {
    let keys = Keys::general_midi(&Role::ALL[..MAX_LANES]);
    let fx = Role::ALL[MAX_LANES..].first().copied().unwrap_or(Role::Fx);
    let role = |key: u8| keys.lane_of(key).map_or(fx, |lane| Role::ALL[lane]);
    let mut lanes: Vec<Lane> = Vec::new();
    let mut covered = 0;
    for &NoteOn { beats, key, velocity, .. } in notes {
        let step = beats / grid.step_beats();
        // What sounds just before the loop's end belongs to its beginning.
        let nearest = step.round() as usize % grid.steps().max(1);
        let role = role(key);
        let at = lanes.iter().position(|lane| lane.role == role).unwrap_or_else(|| {
            lanes.push(Lane::empty(role, SampleId::NONE));
            lanes.len() - 1
        });
        let Some(lane) = lanes.get_mut(at) else { continue };
        let offset = ((step - step.round()) * 256.0).round().clamp(-127.0, 127.0) as i8;
        covered += usize::from(lane.hits[nearest].velocity > 0);
        if lane.hits[nearest].velocity < velocity {
            lane.hits[nearest] = Hit { velocity, offset, ..Hit::NONE }.sanitized();
        }
    }
    if covered > 0 {
        let notes = count(covered, "note");
        unread.push(format!("left out as a louder one of the same role is on the same step: {notes}"));
    }
    lanes.sort_by_key(|lane| lane.role.index());
    if let Some(lane) = lanes.get(MAX_LANES) {
        let lost: usize = lanes[MAX_LANES..].iter().map(|lane| lane.mask().count_ones() as usize).sum();
        let (notes, role) = (count(lost, "note"), lane.role.label().to_lowercase());
        unread.push(format!("left out as a loop has {MAX_LANES} lanes and none for {role}: {notes}"));
    }
    lanes.truncate(MAX_LANES);
    Loop::new(grid, Swing::STRAIGHT, &lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Levels, MixState};
    use crate::export::{MidiTracks, NoteMap, Piece, Tail, Unroll};
    use crate::units::{Bpm, SampleRate};

    fn written(pattern: &Loop) -> Vec<u8> {
        let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
        let piece = Piece {
            number: 1,
            pattern,
            sounds: &[const { None }; MAX_LANES],
            levels: Levels::NONE,
            mix: MixState::of(&roles),
            rate: SampleRate::STUDIO,
            bpm: Bpm::new(120.0),
            note_map: NoteMap::GeneralMidi,
            midi_tracks: MidiTracks::Lanes,
            tail: Tail::Wrap,
            unroll: Unroll::Round,
        };
        let lanes: Vec<usize> = (0..roles.len()).collect();
        crate::export::midi_file(&piece, &lanes)
    }

    #[test]
    fn what_was_exported_is_read_back_hit_by_hit() {
        for (bars, steps_per_bar) in [(1, 16), (2, 16), (4, 12), (1, 24)] {
            let grid = Grid { bars, steps_per_bar, meter: Meter::FOUR_FOUR };
            let mut kick = Lane::empty(Role::Kick, SampleId::NONE);
            let mut hat = Lane::empty(Role::ClosedHat, SampleId::NONE);
            for step in 0..grid.steps() {
                if step % 4 == 0 {
                    kick.hits[step] =
                        Hit { velocity: 100, offset: if step % 8 == 0 { 0 } else { 9 }, ..Hit::NONE };
                }
                hat.hits[step] = Hit::new(40 + step as u8 % 60);
            }
            let pattern = Loop::new(grid, Swing::STRAIGHT, &[kick, hat]);
            let read = midi(&written(&pattern)).unwrap();
            assert_eq!(read, Imported { pattern, unread: Vec::new() }, "{bars} bars of {steps_per_bar}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_file_is_refused_unread() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(midi_file(folder.path()), Err("it is not a file".to_owned()));
        let path = folder.path().join("large.mid");
        std::fs::File::create(&path).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert_eq!(midi_file(&path), Err("it is larger than 4 MB".to_owned()));
        assert!(midi_file(&folder.path().join("none.mid")).is_err());
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert!(midi(b"MThd").is_err());
        assert!(midi(b"").is_err());
        let empty = Loop::new(Grid::default(), Swing::STRAIGHT, &[Lane::empty(Role::Kick, SampleId::NONE)]);
        let bytes = written(&empty);
        assert_eq!(midi(&bytes), Err("it has no notes".to_owned()));
        for length in 0..bytes.len() {
            let _ = midi(&bytes[..length]);
        }
    }

    /// A file of one beat's 96 ticks: format, then tracks as they are given.
    fn file(format: u8, division: [u8; 2], tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![b'M', b'T', b'h', b'd', 0, 0, 0, 6, 0, format, 0, tracks.len() as u8];
        bytes.extend(division);
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32).to_be_bytes());
            bytes.extend(*track);
        }
        bytes
    }
    const BEAT: [u8; 2] = [0, 96];
    /// Four kicks on the beats of a bar, the first three with a status of their own.
    const KICKS: &[u8] = b"\x00\x99\x24\x64\x60\x99\x24\x64\x60\x99\x24\x64\x60\x24\x64\x60\xff\x2f\x00";

    fn read(bytes: &[u8]) -> (Vec<usize>, Vec<String>) {
        let Imported { pattern, unread } = midi(bytes).unwrap();
        let steps = pattern.lanes().iter().flat_map(|lane| lane.iter().map(|(step, _)| step)).collect();
        (steps, unread)
    }

    #[test]
    fn running_status_goes_on_over_meta_and_exclusive_events() {
        let track = b"\x00\x99\x24\x64\x00\xff\x01\x02hi\x60\x24\x64\x00\xf0\x03\x01\x02\xf7\x60\x24\x64\x60\x24\x64\x60\xff\x2f\x00";
        assert_eq!(read(&file(0, BEAT, &[track])), (vec![0, 4, 8, 12], vec![]));
    }

    #[test]
    fn what_is_larger_than_midi_allows_is_clamped_and_said() {
        let (before, after) = KICKS.split_at(3);
        let track = [before, &[0xc8], &after[1..]].concat();
        let Imported { pattern, unread } = midi(&file(0, BEAT, &[&track])).unwrap();
        assert_eq!(pattern.lanes()[0].hits[0].velocity, 127);
        assert_eq!(unread, ["one value was larger than MIDI allows and taken for the largest"]);
        assert_eq!(pattern.lanes()[0].iter().count(), 4);
    }

    #[test]
    fn junk_between_tracks_is_passed_over_and_said() {
        let mut bytes = file(1, BEAT, &[b"\x00\xff\x2f\x00"]);
        bytes.extend(b"\x00\x01junk");
        bytes.extend(&file(1, BEAT, &[KICKS])[14..]);
        let (steps, unread) = read(&bytes);
        assert_eq!(steps, [0, 4, 8, 12]);
        assert_eq!(unread, ["6 bytes that belong to nothing had to be passed over"]);
        let mut alien = file(1, BEAT, &[]);
        alien.extend(b"XFIH\x00\x00\x00\x02ab");
        alien.extend(&file(1, BEAT, &[KICKS])[14..]);
        assert_eq!(read(&alien).1, ["one part that is no track had to be passed over"]);
    }

    #[test]
    fn a_wrong_length_of_a_track_loses_nothing() {
        let empty: &[u8] = b"\x00\xff\x2f\x00";
        for length in [0u32, 1, 5, 17, 19, 40, 400, u32::MAX] {
            for tracks in [vec![KICKS], vec![KICKS, empty], vec![empty, KICKS]] {
                let mut bytes = file(1, BEAT, &tracks);
                let at = bytes.windows(KICKS.len()).position(|part| part == KICKS).unwrap() - 4;
                bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
                assert_eq!(read(&bytes), (vec![0, 4, 8, 12], vec![]), "{length} {}", tracks.len());
            }
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_read_as_far_as_it_goes_and_says_so() {
        let whole = file(0, BEAT, &[KICKS]);
        for length in 26..whole.len() - 4 {
            let (steps, unread) = read(&whole[..length]);
            let hits = [26, 30, 34, 37].iter().filter(|end| **end <= length).count();
            assert_eq!(steps.len(), hits, "{length}");
            assert_eq!(unread.len(), 1, "{length} {unread:?}");
        }
        // Without its end a track is whole if its length is right.
        assert_eq!(read(&file(0, BEAT, &[&KICKS[..KICKS.len() - 4]])), (vec![0, 4, 8, 12], vec![]));
    }

    #[test]
    fn bars_are_those_of_hits_and_of_an_end_on_a_bar_line() {
        let of = |last_hit: u16, end: u16| {
            let number = |ticks: u16| [0x80 | (ticks >> 7) as u8, (ticks & 127) as u8];
            let mut track = b"\x00\x99\x24\x64".to_vec();
            track.extend(number(last_hit));
            track.extend(b"\x24\x50");
            track.extend(number(end - last_hit));
            track.extend(b"\xff\x2f\x00");
            let read = midi(&file(0, BEAT, &[&track])).unwrap();
            (read.pattern.grid.bars, read.unread.len())
        };
        // (last hit, end, bars, notes to the person), in ticks of which a bar has 384.
        for (hit, end, bars, said) in [
            (288, 384, 1, 0),
            (288, 385, 1, 0),
            (288, 700, 1, 0),
            (288, 768, 2, 0),
            // It is on the first step, where another hit is.
            (383, 383, 1, 1),
            (384, 385, 2, 0),
            (800, 1_152, 4, 1),
            (800, 900, 4, 1),
            (1_200, 1_536, 4, 0),
            (100, 3_840, 1, 0),
            (1_600, 1_920, 4, 1),
        ] {
            assert_eq!(of(hit, end), (bars, said), "{hit} {end}");
        }
    }

    #[test]
    fn riff_shells_formats_and_film_time_are_read() {
        let smf = file(0, BEAT, &[KICKS]);
        let mut rmid = b"RIFF\0\0\0\0RMIDdata\0\0\0\0".to_vec();
        rmid.extend(&smf);
        assert_eq!(read(&rmid), (vec![0, 4, 8, 12], vec![]));
        // 25 frames of 40 ticks: a thousand a second, 500 a beat of 120 bpm.
        let kicks: &[u8] = b"\x00\x99\x24\x64\x83\x74\x24\x64\x83\x74\x24\x64\x83\x74\x24\x64";
        let (steps, unread) = read(&file(0, [0xe7, 40], &[kicks]));
        assert_eq!((steps, unread.len()), (vec![0, 4, 8, 12], 1));
        let (steps, unread) = read(&file(2, BEAT, &[KICKS, KICKS]));
        assert_eq!(
            (steps, unread),
            (vec![0, 4, 8, 12], vec!["it holds 2 patterns; the first one was read".into()])
        );
        for division in [[0, 0], [0x80, 0], [0xff, 0xff]] {
            let _ = midi(&file(0, division, &[KICKS]));
        }
    }

    #[test]
    fn notes_that_find_no_place_are_counted() {
        let melody: &[u8] = b"\x00\x90\x3c\x64\x00\x99\x24\x64\x00\x24\x40";
        let (steps, unread) = read(&file(0, BEAT, &[melody]));
        assert_eq!(steps, [0]);
        assert_eq!(
            unread,
            [
                "left out as not on channel 10: 1 note",
                "left out as a louder one of the same role is on the same step: 1 note"
            ]
        );
        let all: Vec<u8> =
            [36u8, 38, 39, 42, 46, 45, 56, 49, 3].iter().flat_map(|key| [0, 0x99, *key, 100]).collect();
        let (steps, unread) = read(&file(0, BEAT, &[&all]));
        assert_eq!((steps.len(), unread.len()), (8, 1), "{unread:?}");
    }

    #[test]
    fn stored_odd_files_are_read_and_say_what_they_lack() {
        for (name, bytes, bars, hits, said) in [
            (
                "running status",
                &include_bytes!("import/fixtures/03-running-status-across-meta.mid")[..],
                1,
                12,
                0,
            ),
            ("junk", include_bytes!("import/fixtures/08-junk-between-tracks.mid"), 1, 12, 1),
            ("an end that is late", include_bytes!("import/fixtures/28-end-1-tick-late.mid"), 1, 12, 0),
            ("three bars", include_bytes!("import/fixtures/29-three-bars.mid"), 4, 36, 1),
            // It also has two kicks on one step.
            ("a velocity of 200", include_bytes!("import/fixtures/40-velocity-over-127.mid"), 1, 12, 2),
        ] {
            let Imported { pattern, unread } = midi(bytes).unwrap();
            let found: usize = pattern.lanes().iter().map(|lane| lane.iter().count()).sum();
            assert_eq!((pattern.grid.bars, found, unread.len()), (bars, hits, said), "{name}: {unread:?}");
        }
    }
}
