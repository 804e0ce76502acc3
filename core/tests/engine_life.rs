//! Loops with life: what is heard, bounced and dragged are one, wherever play begins and however it jumps.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{Engine, Enter, Levels, MixState, NoteOut, Plan, Transport};
use deepdrummer_core::export::{
    Destination, ExportKind, MidiTracks, NoteMap, Piece, TICKS_PER_BEAT, Tail, Unroll, export,
};
use deepdrummer_core::pattern::{
    BarAt, Condition, Course, Curve, Grid, Hit, Lane, Life, Loop, LoopId, MAX_LANES, Meter, Role, SampleId,
    Swing,
};
use deepdrummer_core::render::Take;
use deepdrummer_core::units::{Bpm, SampleRate};
use engine_fixture::*;
use proptest::prelude::*;

const RATE: SampleRate = SampleRate::STUDIO;

prop_compose! {
    fn any_living_loop()(of in any_loop(), life in any_lives()) -> Loop {
        alive(of, &life)
    }
}

/// The same in one short bar, so that all its passes are heard soon.
fn any_short_loop() -> impl Strategy<Value = Loop> {
    let meter = prop::sample::select(vec![(1u8, 4u8), (2, 4), (3, 8)]);
    (any_living_loop(), meter).prop_map(|(of, (numerator, denominator))| {
        let grid = Grid { bars: 1, meter: Meter { numerator, denominator }, ..of.grid };
        Loop::new(grid, of.swing, of.lanes()).with_dice(of.dice)
    })
}

fn engine(of: Loop) -> Engine {
    let mut engine = Engine::new(RATE);
    engine.set_mix(open_mix());
    engine.offer(plan(1, Enter::Now, of, |_| impulse())).unwrap();
    engine
}

/// Frame, lane, velocity of what began.
fn begun(notes: &[(usize, NoteOut)]) -> Vec<(usize, u8, u8)> {
    let on = notes.iter().filter(|(_, note)| note.on);
    let mut begun: Vec<_> =
        on.map(|(frame, note)| (*frame, note.key - 36, (note.velocity * 127.0).round() as u8)).collect();
    begun.sort_unstable();
    begun
}

/// What must begin in these frames from a position on, in a host of the loop's meter.
fn wanted(of: &Loop, from: f64, frames: usize, bpm: f64) -> Vec<(usize, u8, u8)> {
    let per = per_frame(Bpm::new(bpm), RATE);
    let bar = of.grid.meter.bar_beats();
    let (first, last) =
        ((from / bar).floor() as i64 - 2, ((from + frames as f64 * per) / bar).ceil() as i64 + 2);
    let mut wanted = Vec::new();
    for at in first..=last {
        for lane in 0..of.lanes().len() {
            for strike in of.strikes(lane, of.swing, BarAt::alone(at)) {
                let beats = at as f64 * bar + strike.beats;
                let frame = ((beats - from) / per - 0.000_987_654_321).ceil();
                if frame >= 0.0 && frame < frames as f64 {
                    wanted.push((frame as usize, lane as u8, strike.velocity));
                }
            }
        }
    }
    wanted.sort_unstable();
    wanted
}

fn piece<'a>(
    of: &'a Loop,
    sounds: &'a [Option<std::sync::Arc<deepdrummer_core::engine::PreparedSound>>; MAX_LANES],
    bpm: f64,
    unroll: Unroll,
) -> Piece<'a> {
    Piece {
        number: 7,
        pattern: of,
        sounds,
        levels: Levels::NONE,
        mix: MixState { limiter: false, own_output: [false; MAX_LANES], ..open_mix() },
        rate: RATE,
        bpm: Bpm::new(bpm),
        note_map: NoteMap::ChromaticC1,
        midi_tracks: MidiTracks::Lanes,
        tail: Tail::Keep,
        unroll,
    }
}

/// Ticks, lane and velocity of all notes of a file, and where it ends.
fn dragged(piece: &Piece<'_>) -> (Vec<(u32, u8, u8)>, u32) {
    let folder = tempfile::tempdir().unwrap();
    let files = export(piece, ExportKind::Midi, Destination::Folder(folder.path())).unwrap();
    let bytes = std::fs::read(&files[0]).unwrap();
    let (mut notes, mut end) = (Vec::new(), 0);
    for events in midly::Smf::parse(&bytes).unwrap().tracks {
        let mut at = 0u32;
        for event in events {
            at += event.delta.as_int();
            if let midly::TrackEventKind::Midi { message: midly::MidiMessage::NoteOn { key, vel }, .. } =
                event.kind
            {
                notes.push((at, key.as_int() - 36, vel.as_int()));
            }
        }
        end = at;
    }
    (notes, end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_pass_sounds_as_its_strikes_say_wherever_play_starts(
        of in any_living_loop(),
        from in -9.0f64..120.0,
        bpm in 60.0f64..200.0,
        sizes in prop::collection::vec(1usize..3000, 1..6),
    ) {
        let frames = 120_000;
        // No early hit reaches back over a whole bar: bars are longer than half a step.
        prop_assume!(of.grid.steps_per_bar > 0 && of.grid.meter.bar_beats() >= 0.25);
        let now = Transport::at(from, Bpm::new(bpm), of.grid.meter);
        let (_, notes, _) = run(&mut engine(of), now, &sizes, frames);
        prop_assert_eq!(begun(&notes), wanted(&of, from, frames, bpm));
    }

    #[test]
    fn a_jump_hears_what_play_from_there_would(
        of in any_living_loop(),
        first in 0.0f64..60.0,
        then in 0.0f64..60.0,
        sizes in prop::collection::vec(1usize..2000, 1..4),
    ) {
        let at = |pos| Transport::at(pos, Bpm::new(120.0), of.grid.meter);
        let mut jumped = engine(of);
        let _ = run(&mut jumped, at(first), &sizes, 10_000);
        let (_, jumped, _) = run(&mut jumped, at(then), &sizes, 60_000);
        let (_, fresh, _) = run(&mut engine(of), at(then), &[512], 60_000);
        prop_assert_eq!(begun(&jumped), begun(&fresh));
    }

    #[test]
    fn an_empty_lane_that_runs_in_its_own_way_changes_nothing(
        of in any_loop(),
        meter in any_host_meter(),
        from in -9.0f64..40.0,
        sizes in prop::collection::vec(1usize..3000, 1..6),
    ) {
        let mut lanes = of.lanes().to_vec();
        lanes.push(Lane { course: Course { length: 5, ..Course::PLAIN }, ..Lane::empty(Role::Fx, SampleId(9)) });
        let living = Loop::new(of.grid, of.swing, &lanes);
        prop_assert!(living.is_alive() && !of.is_alive());
        let now = Transport::at(from, Bpm::new(133.0), meter);
        let (heard, notes, _) = run(&mut engine(living), now, &sizes, 60_000);
        let (plain, of_plain, _) = run(&mut engine(of), now, &[777], 60_000);
        prop_assert_eq!(begun(&notes), begun(&of_plain));
        prop_assert!(heard == plain, "not bit by bit");
    }

    #[test]
    fn what_is_dragged_bounced_and_heard_are_one(of in any_short_loop(), bpm in 80.0f64..180.0) {
        let bpm = (bpm * 4.0).round() / 4.0;
        let sounds = sounds(|_| impulse());
        let piece = piece(&of, &sounds, bpm, Unroll::Round);
        let passes = of.passes();
        let take = Take {
            pattern: &of, sounds: &sounds, levels: Levels::NONE, mix: piece.mix, rate: RATE, bpm: piece.bpm,
            bars: Some(passes * u32::from(of.grid.bars)), tail: Tail::Keep,
        };
        let frames = take.frames();
        let mut engine = engine(of);
        engine.set_mix(piece.mix);
        let now = Transport { offline: true, ..Transport::at(0.0, piece.bpm, of.grid.meter) };
        let (heard, notes, _) = run(&mut engine, now, &[333, 64, 1000], frames);
        let bounced = take.mix();
        prop_assert_eq!(&heard.main[0][..], &bounced.left[..frames]);
        // The audio file is as long, and the MIDI file has what was heard.
        let folder = tempfile::tempdir().unwrap();
        let files = export(&piece, ExportKind::Audio, Destination::Folder(folder.path())).unwrap();
        let read = hound::WavReader::open(&files[0]).unwrap().duration() as usize;
        prop_assert!(read >= frames && read < frames + 2000, "{} {}", read, frames);
        let (found, end) = dragged(&piece);
        let per_tick = 60.0 * RATE.hz() / (bpm * f64::from(TICKS_PER_BEAT));
        prop_assert!((f64::from(end) * per_tick - frames as f64).abs() < 2.0);
        let mut found: Vec<_> = found
            .iter()
            .map(|(at, lane, velocity)| ((f64::from(*at) * per_tick).round() as usize, *lane, *velocity))
            .collect();
        let mut live = begun(&notes);
        for all in [&mut found, &mut live] {
            all.retain(|(frame, ..)| frame + 3 < frames);
            all.sort_unstable_by_key(|of| (of.1, of.0, of.2));
        }
        prop_assert_eq!(found.len(), live.len());
        // Of two hits that lie within a frame either may be counted first.
        for (a, b) in found.iter().zip(&live) {
            prop_assert!(a.0.abs_diff(b.0) <= 2 && a.1 == b.1, "{:?} {:?}", a, b);
        }
        let loudness = |of: &[(usize, u8, u8)]| {
            let mut of: Vec<_> = of.iter().map(|(_, lane, velocity)| (*lane, *velocity)).collect();
            of.sort_unstable();
            of
        };
        prop_assert_eq!(loudness(&found), loudness(&live));
    }

    #[test]
    fn a_cycle_of_the_host_hears_the_same_passes_each_time(
        of in any_living_loop(),
        start in 0i64..6,
        bars in 1i64..5,
    ) {
        let bar = of.grid.meter.bar_beats();
        let (start, end) = (start as f64 * bar, (start + bars) as f64 * bar);
        let per = per_frame(Bpm::new(120.0), RATE);
        let turn = ((end - start) / per).round() as usize;
        prop_assume!(((end - start) / per - turn as f64).abs() < 1e-6 && turn > 2_000);
        let mut engine = engine(of);
        let (mut heard, mut notes) = (Heard::default(), Vec::new());
        let (mut at, mut pos) = (0usize, start);
        while at < 3 * turn {
            let now = Transport { loop_range_beats: Some((start, end)), ..Transport::at(pos, Bpm::new(120.0), of.grid.meter) };
            let told = block(&mut engine, &now, &[], 700, &mut heard);
            notes.extend(told.notes.into_iter().map(|note| (at + note.frame as usize, note)));
            at += 700;
            pos += 700.0 * per;
            while pos >= end {
                pos -= end - start;
            }
        }
        let inner = |number: usize| -> Vec<(u8, u8)> {
            let mut of: Vec<_> = begun(&notes)
                .into_iter()
                .filter(|(frame, ..)| (number * turn + 3..(number + 1) * turn - 3).contains(frame))
                .map(|(_, lane, velocity)| (lane, velocity))
                .collect();
            of.sort_unstable();
            of
        };
        // The first time round nothing sounded before the start; after it, what sounds early in the first bar is heard
        // at the end or at the start as it is.
        prop_assert_eq!(inner(1), inner(2));
    }
}

/// One lane of a bar in sixteenths.
fn kick(of: &[(usize, Hit)]) -> Loop {
    let mut lane = Lane::empty(Role::Kick, SampleId(1));
    of.iter().for_each(|&(step, hit)| lane.hits[step] = hit);
    Loop::new(Grid::default(), Swing::STRAIGHT, &[lane])
}

fn with(life: Life) -> Hit {
    Hit { life, ..Hit::PLAIN }
}

#[test]
fn a_loop_is_dragged_until_it_repeats_or_once() {
    let every = Life::NONE.with_condition(Condition::Every { passes: 3, at: 2 });
    let of = kick(&[(0, Hit::PLAIN), (8, with(every))]);
    let sounds = sounds(|_| impulse());
    let beat = u32::from(TICKS_PER_BEAT);
    let (notes, end) = dragged(&piece(&of, &sounds, 120.0, Unroll::Round));
    assert_eq!(end, 12 * beat);
    assert_eq!(notes.iter().map(|note| note.0 / beat).collect::<Vec<_>>(), [0, 4, 8, 10]);
    let (notes, end) = dragged(&piece(&of, &sounds, 120.0, Unroll::Once));
    assert_eq!((end, notes.len()), (4 * beat, 1));
    // One without life is one pass either way.
    let plain = kick(&[(0, Hit::PLAIN)]);
    for unroll in [Unroll::Round, Unroll::Once] {
        assert_eq!(dragged(&piece(&plain, &sounds, 120.0, unroll)), (vec![(0, 0, 100)], 4 * beat));
    }
}

#[test]
fn what_is_early_before_the_first_pass_is_that_of_the_pass_behind_the_last() {
    // The downbeat of every second pass comes early: at the end of the first pass, and not before it.
    let second = Life::NONE.with_condition(Condition::Every { passes: 2, at: 1 });
    let of = kick(&[(0, Hit { offset: -64, ..with(second) })]);
    let sounds = sounds(|_| impulse());
    let (notes, end) = dragged(&piece(&of, &sounds, 120.0, Unroll::Round));
    let beat = u32::from(TICKS_PER_BEAT);
    assert_eq!((notes, end), (vec![(4 * beat - beat / 16, 0, 100)], 8 * beat));
}

#[test]
fn a_mix_of_meters_and_lengths_goes_on_over_the_bars_of_the_host() {
    // Five sixteenths against four quarters: on 0, 5, 10, 15 of the first bar, then on 4, 9, 14 of the second.
    let mut of = kick(&[(0, Hit::PLAIN)]);
    of.lanes_mut()[0].course.length = 5;
    let now = Transport::at(0.0, Bpm::new(120.0), Meter::FOUR_FOUR);
    let (_, notes, _) = run(&mut engine(of), now, &[1000], 2 * 96_000);
    let steps: Vec<usize> = begun(&notes).iter().map(|(frame, ..)| (frame + 5) / 6000).collect();
    assert_eq!(steps, [0, 5, 10, 15, 20, 25, 30]);
    assert_eq!(of.passes(), 5);
}

#[test]
fn repeats_sound_within_their_step_and_cost_no_more_than_they_may() {
    let roll = with(Life::NONE.with_repeats(6, Curve::Rising));
    let of = kick(&(0..16).map(|step| (step, roll)).collect::<Vec<_>>());
    let lanes = [of.lanes()[0]; MAX_LANES];
    let all = Loop::new(of.grid, of.swing, &lanes);
    let mut engine = Engine::new(RATE);
    engine.set_mix(open_mix());
    let full = Plan::new(LoopId(1), 1, Enter::Now, all, sounds(|_| impulse()));
    engine.offer(Box::new(full)).unwrap();
    let (_, notes, _) = run(&mut engine, transport(0.0, 120.0), &[64], 96_000);
    assert_eq!(begun(&notes).len(), 16 * 6 * MAX_LANES);
}
