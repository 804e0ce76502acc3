//! The audio thread's functions neither allocate nor free.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{
    BusSettings, Engine, Enter, Fact, Levels, MixState, NoteIn, NoteOut, Outputs, Plan, PreparedSound, Sink,
    SongPart, SongParts, Transport,
};
use deepdrummer_core::pattern::{Condition, Course, Curve, Direction, Life, Loop, LoopId};
use deepdrummer_core::song::{Fills, Order, SectionOrder, Strip};
use deepdrummer_core::units::SampleRate;
use engine_fixture::{busy_loop, per_frame, plan, tone, transport};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static BROKEN: Cell<usize> = const { Cell::new(0) };
}

/// Counts what happens on a thread while it is guarded.
struct Counting;

fn count() {
    // The thread may be ending: then its flags are gone, and it is not guarded.
    let _ = GUARDED.try_with(|guarded| {
        if guarded.get() {
            let _ = BROKEN.try_with(|broken| broken.set(broken.get() + 1));
        }
    });
}

#[expect(unsafe_code, reason = "an allocator can't be written otherwise")]
// SAFETY: everything is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `work` as the audio thread would and says how often it touched the heap.
fn heap_uses<T>(work: impl FnOnce() -> T) -> (T, usize) {
    BROKEN.set(0);
    GUARDED.set(true);
    let result = work();
    GUARDED.set(false);
    (result, BROKEN.get())
}

/// Counts, as the plugin's ring would.
#[derive(Default)]
struct Count(usize);

impl Sink for Count {
    fn note(&mut self, _: NoteOut) {
        self.0 += 1;
    }
    fn fact(&mut self, _: Fact) {
        self.0 += 1;
    }
}

/// The loop with life, but for one of three.
fn living(mut of: Loop, number: u64) -> Loop {
    if number.is_multiple_of(3) {
        return of;
    }
    of.dice = number as u16;
    for (at, lane) in of.lanes_mut().iter_mut().enumerate() {
        lane.course = Course { length: 5 * at as u8, direction: Direction::ALL[at % 3], rotation: at as u8 };
        let on = lane.hits.iter_mut().filter(|hit| hit.is_on());
        on.for_each(|hit| {
            hit.life = Life::new(70, (6, Curve::Rising), Condition::Every { passes: 3, at: 1 })
        });
    }
    of
}

/// The plan with four sections, the last of them fills, in an arrangement or without one.
fn with_song(plan: Plan, number: u64, sounds: &[Arc<PreparedSound>]) -> Plan {
    let part = |at: u64| SongPart {
        id: LoopId(5_000 + at),
        pattern: living(busy_loop(8, [1, 2, 4][at as usize % 3]), number + at),
        sounds: std::array::from_fn(|lane| sounds.get((lane + at as usize) % 8).cloned()),
        levels: Levels::NONE,
    };
    let of = |fills, variants| SectionOrder { fills, variants };
    let sections = vec![of(false, 1), of(false, 1), of(false, 1), of(true, 3)];
    let strip = Strip::of(&[1, 2, 0, 3, 4, 1, 1, 4]);
    let strip = number.is_multiple_of(4).then_some(&strip);
    let fills = Fills { every: [0, 2, 3][number as usize % 3], half: number % 5 < 3 };
    let order = Order::new(sections, strip, (number.is_multiple_of(3), -1), fills, number);
    let switch = [Enter::NextBar, Enter::Now, Enter::Beat, Enter::LoopEnd][number as usize / 9 % 4];
    plan.with_song(SongParts { parts: (0..6).map(part).collect(), order, switch })
}

#[test]
fn the_guard_sees_an_allocation_and_a_free() {
    assert_eq!(heap_uses(|| drop(std::hint::black_box(Box::new(1)))).1, 2);
}

#[test]
fn nothing_is_allocated_or_freed_while_plans_swap_every_block_and_64_voices_ring() {
    let rate = SampleRate::STUDIO;
    let mut engine = Engine::new(rate);
    let long: Vec<_> = (0..8).map(|number| tone(number, 200_000)).collect();
    let mut now = transport(0.0, 174.0);
    let mut buffers = vec![vec![0.0f32; 512]; 18];
    let mut mix = MixState { bus: BusSettings::GENTLE, ..MixState::default() };
    let notes: Vec<NoteIn> = (0..90)
        .map(|n| NoteIn { frame: n * 3, key: [56, 36, 56, 46][n as usize % 4], velocity: 0.7, on: true })
        .collect();
    let mut told = Count::default();
    let mut most_voices = 0;
    for number in 0..2000u64 {
        let frames = [64, 1, 512, 33][number as usize % 4];
        let enter = [Enter::Now, Enter::NextBar, Enter::Beat, Enter::LoopEnd][number as usize / 7 % 4];
        // Every third plan has sounds of its own, every fifth is an edit.
        let sound = |lane: usize| {
            if number % 3 == 0 { tone(lane, 5000) } else { long[(lane + number as usize) % 8].clone() }
        };
        let pattern = living(busy_loop(8, [1, 2, 4][number as usize % 3]), number);
        let arriving = plan(number - u64::from(number % 5 == 1), enter, pattern, sound);
        let song = number.is_multiple_of(2);
        let mut arriving = Some(if song { Box::new(with_song(*arriving, number, &long)) } else { arriving });
        let mut leaving: Vec<Box<Plan>> = Vec::with_capacity(64);
        mix.lanes[number as usize % 8].mute ^= number % 50 == 0;
        mix.lanes[number as usize % 8].pan = (number as f32 * 0.1).sin();
        mix.bus = match number / 40 % 4 {
            0 => BusSettings { on: number % 80 < 60, ..mix.bus },
            1 => {
                BusSettings { drive: (number % 10) as f32 / 10.0, room: (number % 3) as f32 / 2.0, ..mix.bus }
            }
            2 => BusSettings { duck_db: 6.0, width: 1.5, tilt_db: -2.0, on: true, ..mix.bus },
            _ => BusSettings::GENTLE,
        };
        now.playing = number % 300 < 280;
        now.loop_range_beats = (number % 400 > 200).then_some((1.0, 2.3));
        if number % 97 == 0 {
            now.pos_beats = (number % 7) as f64 - 1.2;
        }
        let transport = now;
        let ((), uses) = heap_uses(|| {
            if number % 500 == 499 {
                engine.reset();
            }
            mix.section = (number / 11 % 5) as u8;
            engine.set_mix(mix);
            engine.choose_section((number / 13 % 6) as u8);
            engine.set_audition(number % 600 > 500);
            if let Some(plan) = arriving.take()
                && let Err(back) = engine.offer(plan)
            {
                leaving.push(back);
            }
            let mut channels = buffers.iter_mut().map(|buffer| &mut buffer[..frames]);
            let mut pair = || Some([channels.next()?, channels.next()?]);
            if let Some(main) = pair() {
                let mut out = Outputs { main, lanes: std::array::from_fn(|_| pair()) };
                engine.process(&transport, &notes, &mut out, &mut told);
            }
            while let Some(plan) = engine.take_retired() {
                leaving.push(plan);
            }
        });
        assert_eq!(uses, 0, "block {number}");
        most_voices = most_voices.max(engine.meters().voices);
        if now.playing {
            now.pos_beats += frames as f64 * per_frame(now.bpm, rate);
        }
    }
    assert!(told.0 > 500 && most_voices >= 64, "{} told, {most_voices} voices", told.0);
    let ((), uses) = heap_uses(|| {
        engine.process(&Transport::stopped(), &[], &mut Outputs::main(&mut [], &mut []), &mut told);
    });
    assert_eq!(uses, 0);
}
