//! Sounds: time to build the factory kit, to measure, decode, resample and scan, to find neighbours among
//! 20,000 samples, and the memory that those take.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::embed::encode;
use deepdrummer_core::kit::load::{Channels, decode};
use deepdrummer_core::kit::resample::resample;
use deepdrummer_core::kit::scan::{ScanOptions, scan};
use deepdrummer_core::kit::{Kit, Role, Sample, SampleId, factory};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::{SampleRate, Seed};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

fn silent(_: usize, _: usize) {}

fn factory_kit(c: &mut Criterion) {
    let mut group = c.benchmark_group("factory");
    group.sample_size(10);
    group.bench_function("whole", |b| b.iter(|| black_box(factory::kit(&silent))));
    group
        .bench_function("one kit", |b| b.iter(|| black_box(factory::kit_named(factory::kits()[0], &silent))));
    group.finish();
}

fn one_sound(c: &mut Criterion) {
    let kit = factory::kit_named(factory::kits()[0], &silent).unwrap();
    let snare = kit.samples()[kit.of_role(Role::Snare)[0] as usize].audio().unwrap();
    let bytes = encode(&snare).unwrap();
    c.bench_function("analysis of a snare", |b| b.iter(|| black_box(Analysis::of(&snare))));
    c.bench_function("decoding a snare", |b| {
        b.iter_batched(
            || bytes.clone(),
            |bytes| decode(bytes, None, Channels::Keep).unwrap(),
            BatchSize::SmallInput,
        )
    });
    c.bench_function("resampling a snare to 44.1 kHz", |b| {
        b.iter(|| black_box(resample(&snare, SampleRate::CD, 0.0).unwrap()))
    });
}

fn scanning(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let store = tempfile::tempdir().unwrap();
    let kit = factory::kit(&silent);
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
    let base = factory::kit(&silent);
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
    let warm = factory::kit(&silent);
    let before = resident_bytes();
    let kit = large();
    black_box(kit.nearest(0, 1));
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        println!("memory of 20,000 samples: {:.1} MB", (after.saturating_sub(before)) as f64 / 1e6);
    }
    drop(warm);
    let mut index = 0;
    c.bench_function("24 neighbours among 20,000", |b| {
        b.iter(|| {
            index = (index + 7_919) % 20_000;
            black_box(kit.nearest(index, 24))
        })
    });
}

criterion_group!(benches, factory_kit, one_sound, scanning, twenty_thousand);
criterion_main!(benches);
