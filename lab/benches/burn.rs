//! What the networks cost: the published critic (score, training batch, MFCC), the audio critic's
//! description, the neural expert (score, fine-tuning), on burn's flex backend; with the feature
//! `bench-ndarray` also the published network on burn's ndarray backend, while both exist.
//!
//! `cargo bench -p deepdrummer-lab --bench burn [--features bench-ndarray]`

use burn::tensor::{Device, Tensor};
use criterion::{Criterion, criterion_group, criterion_main};
use deepdrummer_core::critic::neural::{NeuralExpert, shipped};
use deepdrummer_core::critic::nn::tensor;
use deepdrummer_core::kit::{Kit, factory};
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use deepdrummer_lab::baselines::audio::Spectrum;
use deepdrummer_lab::baselines::classic::{Clips, Mfcc, Network, Pass, RATE_HZ, Trainer};
use deepdrummer_lab::listeners::Setting;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn loops(kit: &Kit, n: usize) -> Vec<Loop> {
    let mut rng = Rng::new(Seed(4));
    (0..n).map(|_| Setting::lanes(4).random_loop(kit, &mut rng)).collect()
}

fn published(c: &mut Criterion, kit: &Arc<Kit>) {
    let mut group = c.benchmark_group("published critic");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    let loops = loops(kit, 32);
    let clips = Clips::new(Arc::clone(kit));
    let clip = clips.take(&loops[0], Pass::First);
    let mut mfcc = Mfcc::new();
    group.bench_function("render one bar", |b| b.iter(|| black_box(clips.take(&loops[0], Pass::First))));
    group.bench_function("mfcc of one bar", |b| {
        b.iter(|| {
            let mut out = Vec::new();
            mfcc.append(black_box(&clip), &mut out);
            out
        });
    });
    let rng = Rng::new(Seed(1));
    let mut trainer = Trainer::new(Clips::new(Arc::clone(kit)), rng, &Device::flex());
    group.bench_function("score 16 loops", |b| b.iter(|| black_box(trainer.score(&loops[..16]))));
    for (at, l) in loops.iter().enumerate() {
        trainer.rate(l, at % 2 == 0);
    }
    // A retrain after one rating is forty of these.
    group.bench_function("one training batch of 16", |b| b.iter(|| trainer.train_now(16)));
    group.finish();
}

fn backends(c: &mut Criterion) {
    let mut group = c.benchmark_group("published network, forward of 16");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    let mut forward = |name: &str, device: Device| {
        let network = Network::new(&mut Rng::new(Seed(1)), &device);
        let mut rng = Rng::new(Seed(2));
        let values: Vec<f32> = (0..16 * 60 * 442).map(|_| rng.normal()).collect();
        let input: Tensor<4> = tensor(values, [16, 1, 60, 442], &device);
        group.bench_function(name, |b| b.iter(|| network.forward(input.clone(), None).into_data()));
    };
    forward("flex", Device::flex());
    #[cfg(feature = "bench-ndarray")]
    {
        #[expect(deprecated, reason = "compared with flex while both exist")]
        forward("ndarray", Device::ndarray());
    }
    group.finish();
}

fn audio(c: &mut Criterion, kit: &Arc<Kit>) {
    let clip = Clips::new(Arc::clone(kit)).take(&loops(kit, 1)[0], Pass::First);
    let mut spectrum = Spectrum::new(RATE_HZ);
    c.bench_function("audio critic/describe one bar", |b| b.iter(|| spectrum.features(black_box(&clip))));
}

fn neural(c: &mut Criterion, kit: &Arc<Kit>) {
    let mut group = c.benchmark_group("neural expert");
    group.sample_size(20);
    let loops = loops(kit, 1000);
    // A damaged file would stop the tests; here it only leaves the benchmark out.
    let Ok(base) = shipped(&Device::flex()) else { return };
    let mut expert = NeuralExpert::new(Arc::clone(kit), base);
    for (at, l) in loops.iter().take(79).enumerate() {
        expert.learn(l, at % 3 == 0, 1.0);
    }
    group.bench_function("score 1000 loops", |b| b.iter(|| black_box(expert.score(&loops))));
    group.bench_function("score 32 loops", |b| b.iter(|| black_box(expert.score(&loops[..32]))));
    group.bench_function("one unit of fine-tuning at 80 ratings", |b| {
        b.iter_custom(|times| {
            let mut total = Duration::ZERO;
            let mut left = times;
            while left > 0 {
                let started = Instant::now();
                if expert.tune() {
                    total += started.elapsed();
                    left -= 1;
                } else {
                    // The attempt is over: the eightieth rating begins a new one.
                    expert.forget();
                    for (at, l) in loops.iter().take(80).enumerate() {
                        expert.learn(l, at % 3 == 0, 1.0);
                    }
                }
            }
            total
        });
    });
    group.finish();
}

fn all(c: &mut Criterion) {
    let kit = Arc::new(factory::kit());
    published(c, &kit);
    backends(c);
    audio(c, &kit);
    neural(c, &kit);
}

criterion_group!(benches, all);
criterion_main!(benches);
