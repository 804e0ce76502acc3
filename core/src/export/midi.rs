//! Standard MIDI files.

use super::{MidiTracks, Piece, lane_names};
use crate::pattern::BarAt;
use crate::units::Bpm;
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

/// Ticks a quarter note: 2¹⁰ × 3 × 5. All micro-timing on grids of 12, 16, 20 and 24 steps in 4/4 is
/// exact, and rounding elsewhere stays below one frame at 48 kHz and 120 bpm.
pub const TICKS_PER_BEAT: u16 = 15_360;

/// MIDI channel 10, percussion.
const CHANNEL: u8 = 9;

/// Microseconds a quarter note, as the file says a tempo; `None` below 3.6 bpm.
pub(super) fn tempo(bpm: Bpm) -> Option<u24> {
    u24::try_from((60_000_000.0 / bpm.get()).round() as u32)
}

/// A format 1 file: a first track with name, tempo and time signature, then a named track for each of
/// the given lanes; or, as the piece has it, a format 0 file with all of it on one track. Every track's
/// End-of-Track is exactly at the end of the loop's last pass. A note lasts a step, or until the lane's next one or
/// that end. What sounds before the pass behind it begins is at the end, where it is heard when the loop goes on.
#[must_use]
pub fn midi_file(piece: &Piece<'_>, lanes: &[usize]) -> Vec<u8> {
    let pattern = piece.pattern;
    let end = ticks(pattern.grid.beats() * f64::from(piece.passes()));
    let roles: Vec<_> = pattern.lanes().iter().map(|lane| lane.role).collect();
    let keys = piece.note_map.keys(&roles);
    let names = lane_names(pattern.lanes());
    let title = piece.file_stem(None);
    // Whoever exports has asked `tempo` before: slower ones are refused there.
    let tempo = tempo(piece.bpm).unwrap_or(u24::max_value());
    let meter = pattern.grid.meter;
    let head = [
        MetaMessage::TrackName(title.as_bytes()),
        MetaMessage::Tempo(tempo),
        MetaMessage::TimeSignature(meter.numerator, meter.denominator.trailing_zeros() as u8, 24, 8),
    ];
    let head = head.into_iter().map(|meta| (0, TrackEventKind::Meta(meta)));
    if piece.midi_tracks == MidiTracks::One && lanes.len() > 1 {
        let of = |&index: &usize| notes(piece, index, keys.key_of_lane[index], end);
        let mut all: Vec<_> = lanes.iter().flat_map(of).collect();
        // At one time what ends comes before what begins: lanes may share a key.
        all.sort_by_key(|(at, kind)| (*at, is_note_on(kind)));
        return written(Format::SingleTrack, vec![track(head.chain(all), end)]);
    }
    let mut tracks = vec![track(head, end)];
    for &index in lanes {
        let Some(name) = names.get(index) else { continue };
        let name = (0, TrackEventKind::Meta(MetaMessage::TrackName(name.as_bytes())));
        let notes = notes(piece, index, keys.key_of_lane[index], end);
        tracks.push(track(std::iter::once(name).chain(notes), end));
    }
    written(Format::Parallel, tracks)
}

pub(super) fn is_note_on(kind: &TrackEventKind<'_>) -> bool {
    matches!(kind, TrackEventKind::Midi { message: MidiMessage::NoteOn { .. }, .. })
}

pub(super) fn written(format: Format, tracks: Vec<Vec<TrackEvent<'_>>>) -> Vec<u8> {
    let smf = Smf { header: Header::new(format, Timing::Metrical(u15::from(TICKS_PER_BEAT))), tracks };
    let mut bytes = Vec::new();
    // Writing to memory does not fail, and no track comes near 4 GB.
    let written = smf.write_std(&mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

pub(super) fn ticks(beats: f64) -> u32 {
    (beats * f64::from(TICKS_PER_BEAT)).round() as u32
}

/// Note-ons and note-offs of a lane in the order of time, pass by pass.
fn notes(piece: &Piece<'_>, lane: usize, key: u8, end: u32) -> Vec<(u32, TrackEventKind<'static>)> {
    let pattern = piece.pattern;
    let grid = pattern.grid;
    let swing = piece.levels.swing.get(lane).copied().flatten().unwrap_or(pattern.swing);
    let bars = i64::from(piece.passes()) * i64::from(grid.bars);
    let length = grid.beats() * f64::from(piece.passes());
    let mut hits: Vec<(u32, u8)> = Vec::new();
    for bar in 0..=bars {
        let start = bar as f64 * grid.meter.bar_beats();
        let strikes = pattern.strikes(lane, swing, BarAt::alone(bar));
        // The bar behind the last one gives what sounds before it begins.
        let within = strikes.map(|strike| (start + strike.beats, strike.velocity));
        let within = within.filter(|(beats, _)| (0.0..length).contains(beats));
        hits.extend(within.map(|(beats, velocity)| (ticks(beats).min(end - 1), velocity)));
    }
    hits.sort_unstable();
    on_and_off(&hits, ticks(grid.step_beats()).max(1), key, end)
}

/// Note-ons and note-offs of sorted hits (ticks, velocity) on a key. A note lasts `gate` ticks, or until the next one
/// or the end.
pub(super) fn on_and_off(
    hits: &[(u32, u8)],
    gate: u32,
    key: u8,
    end: u32,
) -> Vec<(u32, TrackEventKind<'static>)> {
    let message = |velocity: u8| TrackEventKind::Midi {
        channel: u4::from(CHANNEL),
        message: MidiMessage::NoteOn { key: u7::from(key), vel: u7::from(velocity) },
    };
    let off = TrackEventKind::Midi {
        channel: u4::from(CHANNEL),
        message: MidiMessage::NoteOff { key: u7::from(key), vel: u7::from(64) },
    };
    let mut events = Vec::with_capacity(hits.len() * 2);
    for (index, &(at, velocity)) in hits.iter().enumerate() {
        let next = hits.get(index + 1).map_or(end, |&(next, _)| next);
        events.push((at, message(velocity)));
        events.push(((at + gate).min(next), off));
    }
    events
}

/// A track of events with absolute times, ended at `end`.
pub(super) fn track<'a>(
    events: impl IntoIterator<Item = (u32, TrackEventKind<'a>)>,
    end: u32,
) -> Vec<TrackEvent<'a>> {
    let last = (end, TrackEventKind::Meta(MetaMessage::EndOfTrack));
    let mut before = 0;
    events
        .into_iter()
        .chain(std::iter::once(last))
        .map(|(at, kind)| {
            let delta = u28::from(at - before);
            before = at;
            TrackEvent { delta, kind }
        })
        .collect()
}
