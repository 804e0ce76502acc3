//! Time of `Engine::process` for blocks of 64 frames at 48 kHz, whose own duration is 1.333 ms.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use deepdrummer_core::engine::{
    BusSettings, Engine, Enter, Levels, MixState, NoteIn, Outputs, Plan, PreparedSound, Transport,
};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Life, Loop, LoopId, Meter, Role, SampleId, Swing};
use deepdrummer_core::units::{Bpm, SampleRate};
use std::hint::black_box;
use std::sync::Arc;

const FRAMES: usize = 64;

/// A stereo one-shot of the given length.
fn sound(number: usize, frames: usize) -> Arc<PreparedSound> {
    let channel = |detune: f32| {
        (0..frames).map(|n| 0.3 * (n as f32 * (0.02 + 0.01 * number as f32) * detune).sin()).collect()
    };
    Arc::new(PreparedSound::new(channel(1.0), Some(channel(1.01))))
}

fn engine(roles: &[Role], every: usize, frames: usize) -> Engine {
    engine_with(roles, every, frames, Levels::NONE)
}

fn engine_with(roles: &[Role], every: usize, frames: usize, levels: Levels) -> Engine {
    engine_alive(roles, every, frames, levels, |_| {})
}

/// The same with a change to each lane.
fn engine_alive(
    roles: &[Role],
    every: usize,
    frames: usize,
    levels: Levels,
    change: impl Fn(&mut Lane),
) -> Engine {
    let lanes: Vec<Lane> = roles
        .iter()
        .map(|&role| {
            let mut lane = Lane::empty(role, SampleId(1));
            (0..16).step_by(every).for_each(|step| lane.hits[step] = Hit::PLAIN);
            change(&mut lane);
            lane
        })
        .collect();
    let pattern = Loop::new(Grid::default(), Swing::from_percent(56.0), &lanes);
    let mut engine = Engine::new(SampleRate::STUDIO);
    engine.set_mix(MixState::of(roles));
    let sounds = std::array::from_fn(|lane| (lane < roles.len()).then(|| sound(lane, frames)));
    let plan = Plan::levelled(LoopId(1), 1, Enter::NextBar, pattern, sounds, levels);
    engine.offer(Box::new(plan)).unwrap();
    engine
}

fn process(engine: &mut Engine, transport: &mut Transport, notes: &[NoteIn]) {
    let (mut left, mut right) = ([0.0f32; FRAMES], [0.0f32; FRAMES]);
    engine.process(transport, notes, &mut Outputs::main(&mut left, &mut right), &mut ());
    black_box((left, right));
    if transport.playing {
        transport.pos_beats += FRAMES as f64 / transport.bpm.frames_per_beat(SampleRate::STUDIO);
    }
}

/// Lets all 64 voices ring, and measures a block.
fn ring(b: &mut Bencher, engine: &mut Engine, mut transport: Transport) {
    // One more strike a block than voices end: all 64 ring at any time.
    let notes = [51, 56, 55, 51].map(|key| NoteIn { frame: 7, key, velocity: 0.6, on: true });
    (0..64).for_each(|_| process(engine, &mut transport, &notes));
    assert!(engine.meters().voices >= 64);
    b.iter(|| process(engine, &mut transport, &notes[..1]));
}

fn benches(c: &mut Criterion) {
    let mut group = c.benchmark_group("process 64 frames");
    let playing = Transport::at(0.0, Bpm::new(124.0), Meter::FOUR_FOUR);
    group.bench_function("idle", |b| {
        let mut engine = engine(Role::default_lanes(6), 2, 24_000);
        let mut transport = Transport::stopped();
        b.iter(|| process(&mut engine, &mut transport, &[]));
    });
    group.bench_function("six lanes play eighth notes", |b| {
        let mut engine = engine(Role::default_lanes(6), 2, 24_000);
        let mut transport = playing;
        b.iter(|| process(&mut engine, &mut transport, &[]));
    });
    group.bench_function("six lanes of 15 steps play eighth notes with chances", |b| {
        let mut engine = engine_alive(Role::default_lanes(6), 2, 24_000, Levels::NONE, |lane| {
            lane.course.length = 15;
            let on = lane.hits.iter_mut().filter(|hit| hit.is_on());
            on.for_each(|hit| hit.life = Life::NONE.with_chance(99));
        });
        let mut transport = playing;
        b.iter(|| process(&mut engine, &mut transport, &[]));
    });
    group.bench_function("64 voices ring", |b| {
        let roles = [Role::Cymbal, Role::Percussion, Role::Fx];
        let mut engine = engine(&roles, 2, 48_000);
        ring(b, &mut engine, playing);
    });
    group.bench_function("64 voices ring on eight lanes through the bus", |b| {
        let roles = [
            Role::Kick,
            Role::Snare,
            Role::Clap,
            Role::Tom,
            Role::Percussion,
            Role::Percussion,
            Role::Cymbal,
            Role::Fx,
        ];
        let mut engine = engine_with(&roles, 2, 48_000, Levels { rooms: [0.5; 8], ..Levels::NONE });
        let bus = BusSettings { duck_db: 3.0, tilt_db: 1.0, width: 1.2, ..BusSettings::GENTLE };
        engine.set_mix(MixState { bus, ..MixState::of(&roles) });
        ring(b, &mut engine, playing);
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
