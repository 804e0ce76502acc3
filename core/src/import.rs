//! Drum patterns from standard MIDI files.
//!
//! Threads of the headless tool. Every byte is untrusted.

use crate::engine::Keys;
use crate::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Meter, Role, SampleId, Swing};
use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};
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

const FILM_TIME: &str = "its time is not counted in beats";

/// A note: time in quarter notes, key, velocity.
type Note = (f64, u8, u8);

/// Reads a file; see [`midi`].
///
/// # Errors
/// It can't be read, is larger than [`MOST_BYTES`], or is no drum pattern; for a person.
pub fn midi_file(path: &Path) -> Result<Loop, String> {
    let io = |error: std::io::Error| error.to_string();
    // Asked before it is opened: opening a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    midi(&bytes)
}

/// The first 1, 2 or 4 bars of a MIDI file as a loop without sounds, roles by the General MIDI keys: those
/// on channel 10, or all of them where there is nothing on it. Each hit is on the nearest step with its
/// distance as micro-timing.
///
/// # Errors
/// Why it is no drum pattern, for a person.
pub fn midi(bytes: &[u8]) -> Result<Loop, String> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it is larger than 4 MB".to_owned());
    }
    // Time in frames of film. Looked at here, since midly 0.5 overflows on one of the values that it may have.
    if bytes.get(12).is_some_and(|division| division & 0x80 != 0) {
        return Err(FILM_TIME.to_owned());
    }
    let smf = Smf::parse(bytes).map_err(|error| format!("it is no MIDI file ({error})"))?;
    let Timing::Metrical(ticks) = smf.header.timing else {
        return Err(FILM_TIME.to_owned());
    };
    let beat = f64::from(ticks.as_int().max(1));
    let (mut all, mut drums): (Vec<Note>, Vec<Note>) = (Vec::new(), Vec::new());
    let (mut meter, mut end) = (Meter::FOUR_FOUR, 0.0f64);
    for track in &smf.tracks {
        let mut now = 0u64;
        for event in track {
            now += u64::from(event.delta.as_int());
            let at = now as f64 / beat;
            match event.kind {
                TrackEventKind::Midi { channel, message: MidiMessage::NoteOn { key, vel } } if vel > 0 => {
                    let note = (at, key.as_int(), vel.as_int());
                    all.push(note);
                    if channel.as_int() == PERCUSSION {
                        drums.push(note);
                    }
                }
                TrackEventKind::Meta(MetaMessage::TimeSignature(over, under, ..)) if now == 0 => {
                    let denominator = 1u8.checked_shl(under.into()).unwrap_or(4);
                    meter = Meter { numerator: over, denominator }.sanitized();
                }
                _ => {}
            }
            end = end.max(at);
        }
    }
    let notes = if drums.is_empty() { all } else { drums };
    let last = notes.iter().fold(-1.0f64, |last, note| last.max(note.0));
    if last < 0.0 {
        return Err("it has no notes".to_owned());
    }
    let bars = (end.max(last + 0.01) / meter.bar_beats() - 1e-6).ceil().clamp(1.0, MOST_BARS) as u8;
    let steps = |a_bar_of_four: u8| {
        (f64::from(a_bar_of_four) * meter.bar_beats() / 4.0).round().clamp(1.0, 24.0) as u8
    };
    let grids = GRIDS.map(|steps_a_bar| Grid { bars, steps_per_bar: steps(steps_a_bar), meter }.sanitized());
    let off = |grid: &Grid| {
        let far = |note: &Note| {
            let step = note.0 / grid.step_beats();
            (step - step.round()).abs() * grid.step_beats()
        };
        notes.iter().map(far).sum::<f64>() / notes.len() as f64
    };
    // A finer grid must be clearly better.
    let [first, others @ ..] = &grids;
    let grid =
        others.iter().fold(*first, |best, grid| if off(grid) < 0.6 * off(&best) { *grid } else { best });
    place(&notes, grid)
}

fn place(notes: &[Note], grid: Grid) -> Result<Loop, String> {
    let keys = Keys::general_midi(&Role::ALL[..MAX_LANES]);
    let fx = Role::ALL[MAX_LANES..].first().copied().unwrap_or(Role::Fx);
    let role = |key: u8| keys.lane_of(key).map_or(fx, |lane| Role::ALL[lane]);
    let mut lanes: Vec<Lane> = Vec::new();
    for &(beats, key, velocity) in notes {
        let step = beats / grid.step_beats();
        // What sounds just before the loop's end belongs to its beginning.
        let nearest = step.round() as usize % grid.steps().max(1);
        if step >= grid.steps() as f64 {
            continue;
        }
        let role = role(key);
        let at = lanes.iter().position(|lane| lane.role == role).unwrap_or_else(|| {
            lanes.push(Lane::empty(role, SampleId::NONE));
            lanes.len() - 1
        });
        let Some(lane) = lanes.get_mut(at) else { continue };
        let offset = ((step - step.round()) * 256.0).round().clamp(-127.0, 127.0) as i8;
        if lane.hits[nearest].velocity < velocity {
            lane.hits[nearest] = Hit { velocity, offset }.sanitized();
        }
    }
    lanes.sort_by_key(|lane| lane.role.index());
    lanes.truncate(MAX_LANES);
    if lanes.is_empty() {
        return Err("it has no notes in its first bars".to_owned());
    }
    Ok(Loop::new(grid, Swing::STRAIGHT, &lanes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MixState;
    use crate::export::{MidiTracks, NoteMap, Piece, Tail};
    use crate::units::{Bpm, SampleRate};

    fn written(pattern: &Loop) -> Vec<u8> {
        let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
        let piece = Piece {
            number: 1,
            pattern,
            sounds: &[const { None }; MAX_LANES],
            mix: MixState::of(&roles),
            rate: SampleRate::STUDIO,
            bpm: Bpm::new(120.0),
            note_map: NoteMap::GeneralMidi,
            midi_tracks: MidiTracks::Lanes,
            tail: Tail::Wrap,
        };
        let lanes: Vec<usize> = (0..roles.len()).collect();
        crate::export::midi_file(&piece, &lanes)
    }

    #[test]
    fn time_in_frames_of_film_is_refused_whatever_its_rate() {
        let mut bytes =
            written(&Loop::new(Grid::default(), Swing::STRAIGHT, &[Lane::empty(Role::Kick, SampleId::NONE)]));
        for frames in [0x80, 0xe2, 0xe8, 0xff] {
            (bytes[12], bytes[13]) = (frames, 0);
            assert_eq!(midi(&bytes), Err(FILM_TIME.to_owned()));
        }
    }

    #[test]
    fn what_was_exported_is_read_back_hit_by_hit() {
        for (bars, steps_per_bar) in [(1, 16), (2, 16), (4, 12), (1, 24)] {
            let grid = Grid { bars, steps_per_bar, meter: Meter::FOUR_FOUR };
            let mut kick = Lane::empty(Role::Kick, SampleId::NONE);
            let mut hat = Lane::empty(Role::ClosedHat, SampleId::NONE);
            for step in 0..grid.steps() {
                if step % 4 == 0 {
                    kick.hits[step] = Hit { velocity: 100, offset: if step % 8 == 0 { 0 } else { 9 } };
                }
                hat.hits[step] = Hit::new(40 + step as u8 % 60);
            }
            let pattern = Loop::new(grid, Swing::STRAIGHT, &[kick, hat]);
            assert_eq!(midi(&written(&pattern)).unwrap(), pattern, "{bars} bars of {steps_per_bar}");
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
}
