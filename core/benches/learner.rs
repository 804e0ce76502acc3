//! The learner's speed: an update after a rating, 1,000 candidates scored, the next loop.
//!
//! `cargo bench -p deepdrummer-core --bench learner`
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use deepdrummer_core::kit::load::Channels;
use deepdrummer_core::kit::{Kit, Sample, SampleId, factory};
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::propose::{CriticKind, Free, Learner, Mode, Request, Steering, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Log, Verdict};
use deepdrummer_core::units::Seed;
use std::hint::black_box;
use std::sync::Arc;

fn request(mode: Mode) -> Request<'static> {
    let lanes = Role::default_lanes(4);
    Request { mode, lanes, any_sample: false, steering: Steering::default(), locks: None, avoid: &[] }
}

fn judgement(serial: u64, subject: Loop) -> Judgement {
    let like = subject.lanes()[0].mask() & 0x1111 == 0x1111 || subject.lanes()[2].mask().count_ones() < 4;
    Judgement::rated(serial, subject, Verdict::of(like))
}

/// A learner that has seen `n` ratings of draws from the prior, and their log.
fn taught(kit: &Arc<Kit>, n: usize) -> (Box<dyn Learner>, Log) {
    let mut taught = learner(CriticKind::Taste, kit.clone(), Seed(1));
    let mut log = Log::default();
    for (serial, draw) in taught.sample(&request(Mode::Random), n).into_iter().enumerate() {
        log.push(judgement(serial as u64, draw.pattern));
    }
    taught.observe(&log);
    (taught, log)
}

fn benches(criterion: &mut Criterion) {
    let kit = Arc::new(factory::kit());
    let mut group = criterion.benchmark_group("learner");
    group.sample_size(20);
    for n in [20, 80, 1000] {
        let (mut own, log) = taught(&kit, n);
        let next = own.propose(&request(Mode::Random)).pattern;
        let mut longer = log.clone();
        longer.push(judgement(n as u64, next));
        group.bench_function(format!("update at {n} ratings"), |bencher| {
            // Each run tells the same rating to a learner that holds the log before it; making that
            // learner is not measured.
            bencher.iter_batched(
                || {
                    let mut fresh = learner(CriticKind::Taste, kit.clone(), Seed(1));
                    fresh.observe(&log);
                    fresh
                },
                |mut fresh| {
                    fresh.observe(&longer);
                    fresh
                },
                BatchSize::PerIteration,
            );
        });
    }
    for n in [20, 80] {
        let (mut own, _) = taught(&kit, n);
        let candidates: Vec<Loop> =
            own.sample(&request(Mode::Random), 1000).into_iter().map(|p| p.pattern).collect();
        group.bench_function(format!("1000 candidates predicted at {n} ratings"), |bencher| {
            bencher.iter(|| black_box(own.predict_all(&candidates)));
        });
        group.bench_function(format!("next loop to ask at {n} ratings"), |bencher| {
            bencher.iter(|| black_box(own.propose(&request(Mode::Ask))));
        });
        // A loop as the window explains it: one that is thought to be good.
        let good = own.sample(&request(Mode::Good), 1)[0].pattern;
        group.bench_function(format!("marks of a loop at {n} ratings"), |bencher| {
            bencher.iter(|| black_box(own.attribute(&good)));
        });
        group.bench_function(format!("the best change of a loop at {n} ratings"), |bencher| {
            bencher.iter(|| black_box(own.lift(&good, &Free::default())));
        });
        group.bench_function(format!("40 good loops at {n} ratings"), |bencher| {
            bencher.iter(|| black_box(own.sample(&request(Mode::Good), 40)));
        });
    }
    // A library of a person's own: thousands of kicks beside the factory's sounds.
    let kicks = many_kicks();
    let (mut own, _) = taught(&kicks, 80);
    let good = own.sample(&request(Mode::Good), 1)[0].pattern;
    group.bench_function(format!("{KICKS} kicks ranked for a loop at 80 ratings"), |bencher| {
        bencher.iter(|| black_box(own.rank_sounds(&good, 0, 40)));
    });
    group.finish();
}

/// Kicks of the library.
const KICKS: u64 = 5_000;

fn many_kicks() -> Arc<Kit> {
    let base = factory::kit();
    let mut rng = Rng::new(Seed(1));
    let own: Vec<&Arc<Sample>> = base.samples().iter().filter(|sample| sample.role == Role::Kick).collect();
    let samples = (0..KICKS).map(|index| {
        let mut analysis = (*own[index as usize % own.len()].analysis).clone();
        analysis.descriptors.iter_mut().for_each(|d| *d += 0.1 * rng.normal());
        let path = format!("/some/folder/of/a/library/{index}.wav").into();
        let (id, name) = (SampleId(index + 1), format!("kick {index}"));
        Arc::new(Sample::in_file(id, name, Role::Kick, path, Channels::Keep, Arc::new(analysis)))
    });
    let made: Vec<Arc<Sample>> = samples.collect();
    Arc::new(Kit::new("large", made.into_iter().chain(base.samples().iter().cloned())))
}

criterion_group!(learner_benches, benches);
criterion_main!(learner_benches);
