//! Random commands, transport, state loads and ratings for minutes: no error, no growing memory.
//!
//! Run by `cargo xtask soak --minutes N`; `DEEPDRUMMER_SOAK_SEED` replays a run.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::clap_host::{FROZEN_IDS, Input, Library, Plugin, Session};
use deepdrummer_tests::transport::Transport;

/// Instances that live at the same time.
const INSTANCES: usize = 4;
/// The longest block.
const MOST_FRAMES: usize = 1_024;

struct Instance {
    plugin: Plugin,
    session: Session,
    transport: Transport,
    rate: f64,
}

impl Instance {
    fn open(library: &Library, rng: &mut Rng) -> Self {
        let mut plugin = library.open();
        let rate = [44_100.0, 48_000.0, 96_000.0][rng.below(3)];
        let session = plugin.activate(rate, MOST_FRAMES);
        Self { plugin, session, transport: Transport::playing(0.0, 120.0), rate }
    }

    fn close(mut self) {
        self.plugin.deactivate(self.session);
    }
}

/// Resident memory of this process in MiB.
fn memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

#[test]
#[ignore = "takes as many minutes as it is told"]
fn hours_of_use_bring_no_error_and_no_growing_memory() {
    let minutes: f64 = std::env::var("DEEPDRUMMER_SOAK_MINUTES").map_or(1.0, |text| text.parse().unwrap());
    let seed: u64 = std::env::var("DEEPDRUMMER_SOAK_SEED").map_or(1, |text| text.parse().unwrap());
    println!("seed {seed}, {minutes} minutes");
    let mut rng = Rng::new(Seed(seed));
    let library = Library::bundled();
    let mut instances: Vec<Instance> = (0..INSTANCES).map(|_| Instance::open(&library, &mut rng)).collect();
    let mut states = vec![instances[0].plugin.save()];
    let mut samples = String::from("minutes,memory_mib,blocks\n");
    let mut memory = Vec::new();
    let (began, mut next, mut blocks) = (Instant::now(), Duration::ZERO, 0_u64);
    let length = Duration::from_secs_f64(minutes * 60.0);
    while began.elapsed() < length {
        let which = rng.below(INSTANCES);
        turn(&library, &mut instances, which, &mut states, &mut rng);
        blocks += 1;
        if began.elapsed() >= next {
            next += length / 60;
            let now = (began.elapsed().as_secs_f64() / 60.0, memory_mib());
            writeln!(samples, "{:.3},{:.1},{blocks}", now.0, now.1).unwrap();
            println!("{:6.2} min  {:7.1} MiB  {blocks} blocks", now.0, now.1);
            memory.push(now.1);
        }
    }
    for instance in instances {
        instance.close();
    }
    let file = artifacts::output_folder().join("soak.csv");
    std::fs::write(&file, samples).unwrap();
    println!("written to {}", file.display());
    // The first third fills caches, histories and the judgements that a person really made.
    let third = memory.len() / 3;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (early, late) = (mean(&memory[third..2 * third]), mean(&memory[2 * third..]));
    println!("memory: {early:.1} MiB in the second third, {late:.1} MiB in the last");
    assert!(late < early * 1.15 + 20.0, "memory grows (seed {seed})");
}

/// One random thing and one block of audio for one instance.
fn turn(
    library: &Library,
    instances: &mut Vec<Instance>,
    which: usize,
    states: &mut Vec<Vec<u8>>,
    rng: &mut Rng,
) {
    let instance = &mut instances[which];
    let frames = [1, 32, 64, 333, MOST_FRAMES][rng.below(5)];
    let mut inputs = Vec::new();
    match rng.below(400) {
        0 => {
            let closed = instances.swap_remove(which);
            closed.close();
            instances.push(Instance::open(library, rng));
            return;
        }
        1..4 => {
            let state = &states[rng.below(states.len())];
            assert!(instance.plugin.load(state));
        }
        4..6 => {
            let state = instance.plugin.save();
            if states.len() < 8 {
                states.push(state)
            } else {
                let at = rng.below(8);
                states[at] = state
            }
        }
        6..12 => {
            let (beats, bpm) = (rng.unit_f64() * 64.0 - 4.0, 40.0 + rng.unit_f64() * 200.0);
            instance.transport = if rng.below(3) == 0 {
                Transport::stopped(beats, bpm)
            } else {
                Transport::playing(beats, bpm)
            };
        }
        12..14 => instance.session.reset(),
        14..60 => {
            let id = FROZEN_IDS[rng.below(FROZEN_IDS.len())];
            inputs.push((rng.below(frames), Input::Parameter { id, value: rng.unit_f64() }));
        }
        60..100 => {
            let key = rng.below(128) as u8;
            inputs.push((rng.below(frames), Input::NoteOn { key, velocity: rng.unit_f64() }));
        }
        _ => {}
    }
    instance.session.process(frames, Some(&instance.transport), &inputs);
    for channel in instance.session.block(0, frames) {
        assert!(channel.iter().all(|sample| sample.is_finite()), "every sample is a number");
    }
    instance.session.take_notes();
    instance.transport = instance.transport.after(frames, instance.rate);
    instance.plugin.idle();
}
