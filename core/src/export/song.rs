//! The arrangement as files: what sounds in its bars, once from its first to its last.

use super::files;
use super::midi::{is_note_on, on_and_off, tempo, ticks, track, written};
use super::{
    Destination, ExportError, ExportKind, MAX_FRAMES, MidiTracks, Piece, audio, lane_names, write_stems,
};
use crate::engine::SongParts;
use crate::kit::wav::Cycle;
use crate::render::{Rendering, SongTake};
use midly::{Format, MetaMessage, TrackEventKind};
use std::ops::Range;
use std::path::PathBuf;

/// An arrangement that is exported, as it is heard.
#[derive(Clone, Debug)]
pub struct SongPiece<'a> {
    /// The first section with all that a loop's export needs.
    pub piece: Piece<'a>,
    /// The sections and what sounds in which bar; the strip must play.
    pub song: &'a SongParts,
    /// The sections' names.
    pub names: &'a [String],
}

impl SongPiece<'_> {
    /// The bars of the song that the arrangement covers.
    fn bars(&self) -> Result<Range<i64>, ExportError> {
        self.song.order.strip_bars().filter(|bars| !bars.is_empty()).ok_or(ExportError::NoSong)
    }

    fn bar_beats(&self) -> f64 {
        self.piece.pattern.grid.meter.bar_beats()
    }

    fn file_stem(&self, bars: usize, lane: Option<&str>) -> String {
        let bpm = (self.piece.bpm.get() * 100.0).round() / 100.0;
        let lane = lane.map(|name| format!(" {name}")).unwrap_or_default();
        let number = self.piece.number;
        super::sanitized_name(&format!("DeepDrummer {number:04} song {bars} bars {bpm}bpm{lane}"))
    }

    /// The name of each run of bars with the bar on which it begins, counted from 0.
    fn markers(&self, bars: Range<i64>) -> Vec<(u32, &str)> {
        let mut markers: Vec<(u32, &str)> = Vec::new();
        let mut before = None;
        for bar in bars.clone() {
            let order = &self.song.order;
            let number = order.bar(bar, 0).first.map(|piece| order.section_of(piece.part));
            if before == Some(number) {
                continue;
            }
            before = Some(number);
            let name = number.and_then(|number| self.names.get(usize::from(number).wrapping_sub(1)));
            markers.push(((bar - bars.start) as u32, name.map_or("silence", String::as_str)));
        }
        markers
    }
}

/// Writes an arrangement and says which files, in the order of lanes. Each is complete when this returns; after an
/// error the files that were finished before it stay.
///
/// # Errors
/// See [`ExportError`]; [`ExportError::NoSong`] where the strip does not play or has no bar, or the kind is of a loop.
pub fn export_song(
    of: &SongPiece<'_>,
    kind: ExportKind,
    to: Destination<'_>,
) -> Result<Vec<PathBuf>, ExportError> {
    let bars = of.bars()?;
    let count = (bars.end - bars.start) as usize;
    let piece = &of.piece;
    let lanes = piece.pattern.lanes();
    let heard: Vec<usize> = (0..lanes.len()).filter(|&lane| piece.mix.is_audible(lane)).collect();
    if heard.is_empty() {
        return Err(ExportError::NothingHeard);
    }
    let names = lane_names(lanes);
    let write = |lane: Option<&str>, extension: &str, bytes: &[u8]| {
        files::write(&to, &of.file_stem(count, lane), extension, bytes, kind == ExportKind::SongStems)
    };
    let take = SongTake { take: piece.take(), song: of.song, from: bars.start, bars: count as u32 };
    if kind != ExportKind::SongMidi && take.frames() > MAX_FRAMES {
        return Err(ExportError::TooLong { minutes: take.frames() as f64 / piece.rate.hz() / 60.0 });
    }
    let grid = piece.pattern.grid;
    let cycle = Cycle {
        frames: u32::try_from(take.frames()).unwrap_or(u32::MAX),
        quarters: count as f64 * of.bar_beats(),
        meter: (grid.meter.numerator, grid.meter.denominator),
        bpm: piece.bpm.get(),
    };
    let wav = |sound: &Rendering| audio::wav_file(sound, Some(&cycle));
    match kind {
        ExportKind::SongMidi if tempo(piece.bpm).is_none() => Err(ExportError::TooSlow),
        ExportKind::SongMidi => Ok(vec![write(None, "mid", &song_midi(of, bars, &heard))?]),
        ExportKind::SongAudio => Ok(vec![write(None, "wav", &wav(&take.mix()))?]),
        ExportKind::SongStems => {
            write_stems(&take.stems(), &heard, |lane, stem| write(Some(&names[lane]), "wav", &wav(stem)))
        }
        _ => Err(ExportError::NoSong),
    }
}

/// As a loop's MIDI file, with a marker at each bar where another section begins. What sounds before the first bar
/// begins is at the end, where it is heard when the arrangement comes again.
fn song_midi(of: &SongPiece<'_>, bars: Range<i64>, lanes: &[usize]) -> Vec<u8> {
    let piece = &of.piece;
    let bar = of.bar_beats();
    let length = (bars.end - bars.start) as f64 * bar;
    let end = ticks(length);
    let roles: Vec<_> = piece.pattern.lanes().iter().map(|lane| lane.role).collect();
    let keys = piece.note_map.keys(&roles);
    let names = lane_names(piece.pattern.lanes());
    let title = of.file_stem((bars.end - bars.start) as usize, None);
    let meter = piece.pattern.grid.meter;
    let first = [
        MetaMessage::TrackName(title.as_bytes()),
        MetaMessage::Tempo(tempo(piece.bpm).unwrap_or(midly::num::u24::max_value())),
        MetaMessage::TimeSignature(meter.numerator, meter.denominator.trailing_zeros() as u8, 24, 8),
    ];
    let markers = of.markers(bars.clone());
    let markers = markers.iter().map(|(at, name)| {
        (ticks(f64::from(*at) * bar), TrackEventKind::Meta(MetaMessage::Marker(name.as_bytes())))
    });
    let head = first.into_iter().map(|meta| (0, TrackEventKind::Meta(meta))).chain(markers);
    let hits = of.song.hits(bars, meter);
    let gate = ticks(piece.pattern.grid.step_beats()).max(1);
    let notes = |index: usize| {
        let of_lane = hits.iter().filter(|hit| usize::from(hit.lane) == index);
        let mut of_lane: Vec<(u32, u8)> =
            of_lane.map(|hit| (ticks(hit.beats.rem_euclid(length)).min(end - 1), hit.velocity)).collect();
        of_lane.sort_unstable();
        on_and_off(&of_lane, gate, keys.key_of_lane[index], end)
    };
    if piece.midi_tracks == MidiTracks::One && lanes.len() > 1 {
        let mut all: Vec<_> = head.chain(lanes.iter().flat_map(|&lane| notes(lane))).collect();
        // At one time what ends comes before what begins: lanes may share a key.
        all.sort_by_key(|(at, kind)| (*at, is_note_on(kind)));
        return written(Format::SingleTrack, vec![track(all, end)]);
    }
    let mut tracks = vec![track(head, end)];
    for &index in lanes {
        let Some(name) = names.get(index) else { continue };
        let name = (0, TrackEventKind::Meta(MetaMessage::TrackName(name.as_bytes())));
        tracks.push(track(std::iter::once(name).chain(notes(index)), end));
    }
    written(Format::Parallel, tracks)
}
