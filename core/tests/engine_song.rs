//! An arrangement sounds as its bars say, whatever the host does; and what is dragged, bounced and heard are one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{
    Engine, Enter, Levels, MixState, NoteOut, Plan, SongPart, SongParts, Transport,
};
use deepdrummer_core::export::{
    Destination, ExportKind, MidiTracks, NoteMap, Piece, SongPiece, TICKS_PER_BEAT, Tail, Unroll, export_song,
};
use deepdrummer_core::pattern::{Grid, Loop, LoopId, MAX_LANES, Meter};
use deepdrummer_core::render::{SongTake, Take};
use deepdrummer_core::song::{Fills, Order, SectionOrder, Strip};
use deepdrummer_core::units::{Bpm, SampleRate};
use engine_fixture::*;
use proptest::prelude::*;

const LANES: usize = 3;
const RATE: SampleRate = SampleRate::STUDIO;

prop_compose! {
    /// A loop of three lanes in 4/4 with early, late and swung hits, half of them with life.
    fn any_section()(of in any_plain_section(), life in prop::option::of(any_lives())) -> Loop {
        life.map_or(of, |life| alive(of, &life))
    }
}

prop_compose! {
    fn any_plain_section()(
        bars in prop::sample::select(vec![1u8, 2, 4]),
        steps_per_bar in prop::sample::select(vec![8u8, 12, 16, 24]),
        swing in 50u8..=75,
        cells in prop::collection::vec(
            prop::collection::vec((prop::bool::weighted(0.3), 1u8..=127, -127i8..=127), 96), LANES),
    ) -> Loop {
        let grid = Grid { bars, steps_per_bar, meter: Meter::FOUR_FOUR };
        loop_of(grid, swing, &cells)
    }
}

#[derive(Clone, Debug)]
struct Song {
    parts: SongParts,
    strip: Strip,
}

fn part(id: u64, pattern: Loop) -> SongPart {
    SongPart { id: LoopId(id), pattern, sounds: sounds(|_| impulse()), levels: Levels::NONE }
}

prop_compose! {
    /// Four sections, the last of them fills with two further ones; a strip of them and of silence.
    fn any_song()(
        loops in prop::collection::vec(any_section(), 6),
        cells in prop::collection::vec(0u8..=4, 1..24),
        looped in any::<bool>(),
        offset in -3i32..4,
        every in prop::sample::select(vec![0u8, 2, 3, 4]),
        half in any::<bool>(),
        seed in any::<u64>(),
    ) -> Song {
        let plain = SectionOrder { fills: false, variants: 1 };
        let sections = vec![plain, plain, plain, SectionOrder { fills: true, variants: 3 }];
        let strip = Strip::of(&cells);
        let order = Order::new(sections, Some(&strip), (looped, offset), Fills { every, half }, seed);
        let parts = loops.into_iter().enumerate().map(|(at, pattern)| part(at as u64 + 2, pattern)).collect();
        Song { parts: SongParts { parts, order, switch: Enter::NextBar }, strip }
    }
}

fn engine(song: &SongParts, offline: bool) -> Engine {
    let mut engine = Engine::new(RATE);
    engine.set_mix(open_mix());
    let current = kick_on(&[]);
    let plan = Plan::new(LoopId(1), 1, Enter::Now, current, sounds(|_| impulse())).with_song(song.clone());
    engine.offer(Box::new(plan)).unwrap();
    let _ = offline;
    engine
}

/// Frame, lane, velocity of what began.
fn begun(notes: &[(usize, NoteOut)]) -> Vec<(usize, u8, u8)> {
    let mut begun: Vec<_> = notes
        .iter()
        .filter(|(_, note)| note.on)
        .map(|(frame, note)| (*frame, note.key - 36, (note.velocity * 127.0).round() as u8))
        .collect();
    begun.sort_unstable();
    begun
}

/// What must begin in these frames from a position on.
fn wanted(song: &SongParts, from: f64, frames: usize, bpm: f64) -> Vec<(usize, u8, u8)> {
    let per = per_frame(Bpm::new(bpm), RATE);
    let first = (from / 4.0).floor() as i64 - 1;
    let last = ((from + frames as f64 * per) / 4.0).ceil() as i64 + 1;
    let start = first as f64 * 4.0;
    let mut wanted: Vec<(usize, u8, u8)> = song
        .hits(first..last, Meter::FOUR_FOUR)
        .iter()
        .filter_map(|hit| {
            let frame = ((start + hit.beats - from) / per - 0.000_987_654_321).ceil();
            (frame >= 0.0 && frame < frames as f64).then_some((frame as usize, hit.lane, hit.velocity))
        })
        .collect();
    wanted.sort_unstable();
    wanted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_bar_sounds_what_the_arrangement_says_wherever_play_starts(
        song in any_song(),
        from in -9.0f64..90.0,
        bpm in 60.0f64..200.0,
        sizes in prop::collection::vec(1usize..3000, 1..6),
    ) {
        let mut engine = engine(&song.parts, false);
        let frames = 190_000;
        let (_, notes, _) = run(&mut engine, transport(from, bpm), &sizes, frames);
        prop_assert_eq!(begun(&notes), wanted(&song.parts, from, frames, bpm));
    }

    #[test]
    fn a_jump_and_a_cycle_across_sections_lose_and_double_nothing(
        song in any_song(),
        start in 0u8..12,
        bars in 1u8..5,
        ahead in 0.05f64..0.95,
    ) {
        // A cycle over whole bars, entered within it by a jump.
        let (start, bpm) = (f64::from(start) * 4.0, 120.0);
        let end = start + f64::from(bars) * 4.0;
        let mut engine = engine(&song.parts, false);
        let _ = run(&mut engine, transport(end + 40.0, bpm), &[512], 9_000);
        let per = per_frame(Bpm::new(bpm), RATE);
        let from = start + ahead * (end - start);
        let (mut heard, mut notes) = (Heard::default(), Vec::new());
        let (mut pos, mut at) = (from, 0usize);
        let frames = (2.5 * (end - start) / per) as usize;
        while at < frames {
            let now = Transport { loop_range_beats: Some((start, end)), ..transport(pos, bpm) };
            let told = block(&mut engine, &now, &[], 700, &mut heard);
            notes.extend(told.notes.into_iter().map(|note| (at + note.frame as usize, note)));
            at += 700;
            pos += 700.0 * per;
            if pos >= end {
                pos = start + (pos - end);
            }
        }
        // Once round the cycle after the first time.
        let turn = ((end - start) / per).round() as usize;
        let first = ((end - from) / per).ceil() as usize;
        let of_turn = |number: usize| -> Vec<(usize, u8, u8)> {
            let range = first + number * turn..first + (number + 1) * turn;
            let mut of: Vec<_> = begun(&notes).into_iter().filter(|(frame, ..)| range.contains(frame)).collect();
            of.iter_mut().for_each(|(frame, ..)| *frame -= range.start);
            of
        };
        // A hit on the very edge of a frame may fall to either side of the wrap.
        let expected = wanted(&song.parts, start, turn, bpm);
        let found = of_turn(0);
        let inner = |of: &[(usize, u8, u8)]| -> Vec<(u8, u8)> {
            let mut of: Vec<_> =
                of.iter().filter(|(frame, ..)| (3..turn - 3).contains(frame)).map(|(_, lane, velocity)| (*lane, *velocity)).collect();
            of.sort_unstable();
            of
        };
        prop_assert_eq!(inner(&found), inner(&expected));
        for (a, b) in found.iter().zip(&expected) {
            prop_assert!(a.0.abs_diff(b.0) <= 1 || a.1 != b.1 || a.2 != b.2);
        }
    }

    #[test]
    fn what_is_dragged_bounced_and_heard_are_one(song in any_song(), bpm in 80.0f64..180.0) {
        let bpm = (bpm * 4.0).round() / 4.0;
        prop_assume!(song.strip.bars() <= 12);
        let bars = song.parts.order.strip_bars().unwrap();
        let first = song.parts.parts[0].pattern;
        let of_lanes = sounds(|_| impulse());
        let mix = MixState { limiter: false, ..open_mix() };
        let piece = Piece {
            number: 7,
            pattern: &first,
            sounds: &of_lanes,
            levels: Levels::NONE,
            mix,
            rate: RATE,
            bpm: Bpm::new(bpm),
            note_map: NoteMap::ChromaticC1,
            midi_tracks: MidiTracks::Lanes,
            tail: Tail::Keep,
            unroll: Unroll::Round,
        };
        // Heard: the engine in blocks of its own, from the arrangement's first bar.
        let from = bars.start as f64 * 4.0;
        let take = Take {
            pattern: &first, sounds: &of_lanes, levels: Levels::NONE, mix, rate: RATE, bpm: Bpm::new(bpm),
            bars: None, tail: Tail::Keep,
        };
        let count = (bars.end - bars.start) as u32;
        let take = SongTake { take, song: &song.parts, from: bars.start, bars: count };
        let mut engine = engine(&song.parts, true);
        engine.set_mix(MixState { own_output: [false; MAX_LANES], ..mix });
        let now = Transport { offline: true, ..transport(from, bpm) };
        let (heard, notes, _) = run(&mut engine, now, &[333, 64, 1000], take.frames());
        // Bounced: rendered for the audio file.
        let bounced = take.mix();
        prop_assert_eq!(&heard.main[0][..], &bounced.left[..take.frames()]);
        // Dragged: the MIDI file.
        let folder = tempfile::tempdir().unwrap();
        let names = ["A", "B", "C", "Fill"].map(String::from);
        let files = export_song(
            &SongPiece { piece, song: &song.parts, names: &names },
            ExportKind::SongMidi,
            Destination::Folder(folder.path()),
        )
        .unwrap();
        let bytes = std::fs::read(&files[0]).unwrap();
        let smf = midly::Smf::parse(&bytes).unwrap();
        let mut dragged = Vec::new();
        for events in smf.tracks {
            let mut at = 0u32;
            for event in events {
                at += event.delta.as_int();
                if let midly::TrackEventKind::Midi { message: midly::MidiMessage::NoteOn { key, vel }, .. } = event.kind {
                    dragged.push((at, key.as_int() - 36, vel.as_int()));
                }
            }
        }
        let per_tick = 60.0 * RATE.hz() / (bpm * f64::from(TICKS_PER_BEAT));
        // What sounds before the first bar lies at the end of the file, and what sounds early in the bar after
        // the last is of no bar of it.
        let end = u32::from(TICKS_PER_BEAT) * 4 * count;
        let early = u32::from(TICKS_PER_BEAT) / 3;
        let mut found: Vec<_> = dragged
            .iter()
            .filter(|(at, ..)| *at < end - early)
            .map(|(at, lane, velocity)| ((f64::from(*at) * per_tick).round() as usize, *lane, *velocity))
            .collect();
        let until = (f64::from(end - early) * per_tick) as usize;
        let mut live: Vec<_> = begun(&notes).into_iter().filter(|(frame, ..)| *frame < until).collect();
        found.sort_unstable_by_key(|of| (of.1, of.0, of.2));
        live.sort_unstable_by_key(|of| (of.1, of.0, of.2));
        let edge = |of: &(usize, u8, u8)| of.0 + 3 >= until;
        found.retain(|of| !edge(of));
        live.retain(|of| !edge(of));
        prop_assert_eq!(found.len(), live.len());
        for (a, b) in found.iter().zip(&live) {
            prop_assert!(a.0.abs_diff(b.0) <= 2 && (a.1, a.2) == (b.1, b.2), "{:?} {:?}", a, b);
        }
    }
}

fn two_sections(switch: Enter) -> SongParts {
    let plain = SectionOrder { fills: false, variants: 1 };
    let order = Order::new(vec![plain; 2], None, (true, 0), Fills::default(), 1);
    // The second begins early: its downbeat belongs to it although it sounds before the bar.
    let mut late = kick_on(&[0, 8]);
    late.lanes_mut()[0].hits[0].offset = -100;
    SongParts { parts: vec![part(2, kick_on(&[0, 4])), part(3, late)], order, switch }
}

#[test]
fn a_section_that_is_asked_for_enters_at_the_next_bar_with_its_early_downbeat() {
    let song = two_sections(Enter::NextBar);
    let mut engine = engine(&song, false);
    let mut mix = open_mix();
    let bar = 96_000;
    let mut frames = Vec::new();
    let mut heard = Heard::default();
    for (at, section) in
        (0..4 * bar).step_by(500).map(|at| (at, u8::from(at > 40_000) + u8::from(at > bar + 30_000)))
    {
        mix.section = section;
        engine.set_mix(mix);
        let told = block(&mut engine, &transport(at as f64 / 24_000.0, 120.0), &[], 500, &mut heard);
        frames.extend(told.notes.iter().filter(|note| note.on).map(|note| at + note.frame as usize));
        let wanted = if at + 500 <= bar {
            0
        } else if at + 500 <= 2 * bar {
            1
        } else {
            2
        };
        assert_eq!(engine.meters().section, wanted, "at {at}");
        assert_eq!(engine.meters().heard, Some(LoopId(u64::from(wanted) + 1)));
    }
    let early = 6_000 * 100 / 256;
    let near = |frame: usize| frame.next_multiple_of(1);
    let expected = [
        bar,
        bar + 24_000,
        2 * bar - early,
        2 * bar + 48_000,
        3 * bar - early,
        3 * bar + 48_000,
        4 * bar - early,
    ];
    assert_eq!(frames.len(), expected.len(), "{frames:?}");
    assert!(frames.iter().zip(expected).all(|(a, b)| near(*a).abs_diff(b) <= 1), "{frames:?}");
}

#[test]
fn a_section_is_held_at_once_after_a_jump_and_by_a_beat_where_that_is_wanted() {
    let song = two_sections(Enter::Beat);
    let mut engine = engine(&song, false);
    let mut heard = Heard::default();
    let play = |engine: &mut Engine, pos: f64, heard: &mut Heard| {
        block(engine, &transport(pos, 120.0), &[], 4_000, heard);
    };
    play(&mut engine, 0.0, &mut heard);
    engine.choose_section(2);
    assert!(engine.has_section(2) && !engine.has_section(3) && !engine.has_section(0));
    play(&mut engine, 4_000.0 / 24_000.0, &mut heard);
    assert_eq!(engine.meters().section, 0);
    // A jump: what sounds follows the position.
    play(&mut engine, 9.3, &mut heard);
    assert_eq!(engine.meters().section, 2);
    engine.choose_section(9);
    play(&mut engine, 30.0, &mut heard);
    assert_eq!(engine.meters().section, 0, "one that is not there is none");
    engine.choose_section(1);
    for at in 0..7 {
        play(&mut engine, 30.0 + f64::from(at + 1) / 6.0, &mut heard);
    }
    assert_eq!(engine.meters().section, 1, "by the next beat");
}
