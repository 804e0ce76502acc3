//! Sounds: time and memory of the factory kit, time to measure, decode, resample and scan, to find neighbours
//! among 20,000 samples, the memory that those take, and the time from a rating to the next loop with them.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use deepdrummer_core::engine::PreparedSound;
use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::embed::encode;
use deepdrummer_core::kit::load::{Channels, decode};
use deepdrummer_core::kit::scan::{ScanOptions, scan};
use deepdrummer_core::kit::{Kit, Role, Sample, SampleId, factory};
use deepdrummer_core::propose::{CriticKind, Mode, Request, Steering, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Log, Verdict};
use deepdrummer_core::units::{SampleRate, Seed};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

fn silent(_: usize, _: usize) {}

fn factory_kit(c: &mut Criterion) {
    let before = resident_bytes();
    let kit = factory::kit();
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        println!(
            "memory of the factory kit, sounds included: {:.1} MB",
            (after.saturating_sub(before)) as f64 / 1e6
        );
    }
    drop(kit);
    let mut group = c.benchmark_group("factory");
    group.sample_size(10);
    group.bench_function("whole", |b| b.iter(|| black_box(factory::kit())));
    group.bench_function("one kit", |b| b.iter(|| black_box(factory::kit_named(factory::kits()[0]))));
    group.finish();
}

fn one_sound(c: &mut Criterion) {
    let kit = factory::kit_named(factory::kits()[0]).unwrap();
    let snare = kit.samples()[kit.of_role(Role::Snare)[0] as usize].audio().unwrap();
    let bytes = encode(&snare).unwrap();
    c.bench_function("analysis of a snare", |b| b.iter(|| black_box(Analysis::of(&snare))));
    c.bench_function("decoding a snare", |b| {
        b.iter_batched(
            || bytes.clone(),
            |bytes| decode(&bytes, Channels::Keep).unwrap(),
            BatchSize::SmallInput,
        )
    });
    c.bench_function("resampling a snare to 44.1 kHz", |b| {
        b.iter(|| black_box(PreparedSound::prepare(&snare, SampleRate::CD, 0.0)))
    });
}

fn scanning(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let store = tempfile::tempdir().unwrap();
    let kit = factory::kit();
    for sample in kit.samples() {
        let path = folder.path().join(format!("{}.wav", sample.name));
        std::fs::write(path, encode(&sample.audio().unwrap()).unwrap()).unwrap();
    }
    let run = |options: &ScanOptions| {
        scan(&[folder.path().into()], options, &AtomicBool::new(false), &silent).unwrap()
    };
    let mut group = c.benchmark_group("scan");
    group.sample_size(10).throughput(Throughput::Elements(kit.samples().len() as u64));
    group.bench_function("new files", |b| b.iter(|| black_box(run(&ScanOptions::default()))));
    let cached = ScanOptions { cache_file: Some(store.path().join("scan")), ..ScanOptions::default() };
    run(&cached);
    group.bench_function("known files", |b| b.iter(|| black_box(run(&cached))));
    group.finish();
}

/// 20,000 samples that differ a little from the factory's.
fn large() -> Kit {
    let base = factory::kit();
    let mut rng = Rng::new(Seed(1));
    let samples = (0..20_000u64).map(|index| {
        let from = &base.samples()[index as usize % base.samples().len()];
        let mut analysis = (*from.analysis).clone();
        analysis.descriptors.iter_mut().for_each(|d| *d += 0.1 * rng.normal());
        let path = format!("/some/folder/of/a/library/{index}.wav").into();
        let (id, name) = (SampleId(index + 1), format!("sample {index}"));
        Arc::new(Sample::in_file(id, name, from.role, path, Channels::Keep, Arc::new(analysis)))
    });
    Kit::new("large", samples)
}

fn resident_bytes() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split_whitespace().nth(1)?.parse::<usize>().ok().map(|pages| pages * 4_096)
}

fn twenty_thousand(c: &mut Criterion) {
    let warm = factory::kit();
    let before = resident_bytes();
    let kit = large();
    black_box(kit.nearest(0, 1));
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        println!("memory of 20,000 samples: {:.1} MB", (after.saturating_sub(before)) as f64 / 1e6);
    }
    drop(warm);
    let started = Instant::now();
    black_box(kit.beside(0, 1));
    println!("order of the largest role for stepping: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let mut index = 0;
    c.bench_function("24 neighbours among 20,000", |b| {
        b.iter(|| {
            index = (index + 7_919) % 20_000;
            black_box(kit.nearest(index, 24))
        })
    });
}

/// Milliseconds from each of `ratings` ratings to the next loop, as in a session: proposals are judged by
/// the kick's place and the snare's sound.
fn sessions(kit: &Arc<Kit>, ratings: usize) -> Vec<f64> {
    let mut own = learner(CriticKind::Taste, Arc::clone(kit), Seed(1));
    let mut log = Log::default();
    own.observe(&log);
    let request = Request {
        mode: Mode::Ask,
        lanes: Role::default_lanes(4),
        any_sample: false,
        steering: Steering::default(),
        locks: None,
        avoid: &[],
    };
    let mut subject = own.propose(&request).pattern;
    (0..ratings)
        .map(|at| {
            let snare = kit.get(subject.lanes()[1].sample).unwrap();
            let like = subject.lanes()[0].mask() & 0x0101 == 0x0101 && snare.analysis.centroid_hz < 2_500.0;
            let started = Instant::now();
            log.push(Judgement::rated(at as u64, subject, Verdict::of(like)));
            own.observe(&log);
            subject = own.propose(&request).pattern;
            let ms = started.elapsed().as_secs_f64() * 1e3;
            while own.work() {}
            ms
        })
        .collect()
}

/// From a rating to the next loop: the factory kit against 20,000 samples. Printed, not a criterion group:
/// each rating changes the learner, so it can't be repeated.
fn rating_to_next_loop(_: &mut Criterion) {
    const RATINGS: usize = 60;
    let kits = [Arc::new(factory::kit()), Arc::new(large())];
    // In turns, so that what else the machine does hits both alike.
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        for (kit, times) in kits.iter().zip(&mut times) {
            times.extend(sessions(kit, RATINGS));
        }
    }
    let [factory, large] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        (times[times.len() / 2], times[times.len() * 99 / 100])
    });
    println!("from a rating to the next loop, median and 99th percentile over {RATINGS} ratings:");
    println!(
        "  factory kit {:.1} and {:.1} ms, 20,000 samples {:.1} and {:.1} ms",
        factory.0, factory.1, large.0, large.1
    );
    println!("  ratio of the medians {:.2}", large.0 / factory.0);
}

criterion_group!(benches, factory_kit, one_sound, scanning, twenty_thousand, rating_to_next_loop);
criterion_main!(benches);
