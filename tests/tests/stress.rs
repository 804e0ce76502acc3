//! How long `process` takes at worst, as share of the block's own time, of the bundle that people get.
//!
//! Run by `cargo xtask stress --minutes N`, which draws what this writes. Blocks come at the pace of a
//! sound card, on a thread with realtime priority where the system allows that, with all 64 voices
//! ringing; with the worker at rest, and with the worker learning and loading on the other cores.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deepdrummer_core::engine::Keys;
use deepdrummer_core::pattern::Role;
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::clap_host::{Input, Library, Session};
use deepdrummer_tests::realtime::{Clock, Pace, become_realtime};
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;
/// How long the worker gets between two things that are asked of it, while it is kept busy.
const BETWEEN: Duration = Duration::from_millis(120);

/// Times of single blocks, in nanoseconds.
#[derive(Default)]
struct Times {
    wall: Vec<u32>,
    cpu: Vec<u32>,
}

/// Plays for a while; `presses` lets it rate and skip.
fn play(
    session: &mut Session,
    frames: usize,
    length: Duration,
    presses: bool,
    stop: &AtomicBool,
) -> (Times, bool) {
    let realtime = become_realtime();
    let block = Duration::from_secs_f64(frames as f64 / RATE);
    let blocks = (length.as_secs_f64() / block.as_secs_f64()) as usize;
    let mut times = Times { wall: Vec::with_capacity(blocks), cpu: Vec::with_capacity(blocks) };
    let key = Keys::general_midi(Role::default_lanes(6)).key_of_lane[5];
    let strike = Input::NoteOn { key, velocity: 0.5 };
    let mut transport = Transport { cycle_beats: Some((0.0, 15.9)), ..Transport::playing(0.0, 174.0) };
    let mut pace = Pace::new(block);
    let every = (BETWEEN.as_secs_f64() / block.as_secs_f64()) as usize;
    for number in 0..blocks {
        pace.wait();
        let id = ["like", "skip", "dislike"][number / every % 3];
        let press = f64::from(u8::from(presses && number % every == 0));
        let inputs = [(0, Input::Parameter { id, value: press }), (0, strike), (frames - 1, strike)];
        let (cpu, wall) = (Clock::thread_cpu(), Instant::now());
        session.process(frames, Some(&transport), &inputs);
        let (wall, cpu) = (wall.elapsed(), Clock::thread_cpu() - cpu);
        times.wall.push(wall.as_nanos() as u32);
        times.cpu.push(cpu.as_nanos() as u32);
        session.take_notes();
        transport = transport.after(frames, RATE);
        if let Some(beats) = transport.beats.filter(|beats| *beats >= 15.9) {
            transport.beats = Some(beats - 15.9);
        }
    }
    stop.store(true, Ordering::Release);
    (times, realtime)
}

/// Steps of the distribution: shares of blocks that took longer.
const SHARES: [f64; 19] = [
    1.0, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 2e-5, 1e-5,
    0.0,
];

/// Rows of "frames, worker, clock, share of blocks, per cent of the block's time that these exceed".
fn write(rows: &mut String, frames: usize, worker: &str, clock: &str, times: &mut [u32]) {
    times.sort_unstable();
    let block_ns = frames as f64 / RATE * 1e9;
    for share in SHARES {
        // Less than one block in all that were played: that is the worst one again.
        if share > 0.0 && share * (times.len() as f64) < 1.0 {
            continue;
        }
        let at = ((1.0 - share) * (times.len() - 1) as f64).round() as usize;
        writeln!(rows, "{frames},{worker},{clock},{share},{:.4}", f64::from(times[at]) / block_ns * 100.0)
            .unwrap();
    }
}

#[test]
#[ignore = "takes as many minutes as it is told"]
fn process_at_its_worst() {
    let minutes: f64 = std::env::var("DEEPDRUMMER_STRESS_MINUTES").map_or(0.5, |text| text.parse().unwrap());
    let library = Library::bundled();
    let first = state::with_first_loop(&library);
    let names = deepdrummer_core::runtime::kits::factory_names();
    let states: Vec<Vec<u8>> = names
        .iter()
        .map(|name| {
            let mut document = state::document(&first);
            document.kit = KitChoice::FactoryKit((*name).to_owned());
            state::with_session_text(&first, &document.write().unwrap())
        })
        .collect();
    let cells: Vec<(usize, bool)> =
        [32, 64, 256].into_iter().flat_map(|frames| [(frames, false), (frames, true)]).collect();
    let length = Duration::from_secs_f64(minutes * 60.0 / cells.len() as f64);
    let mut rows = String::from("frames,worker,clock,share_of_blocks,percent_of_block\n");
    for (number, (frames, busy)) in cells.iter().copied().enumerate() {
        let mut plugin = library.open();
        assert!(plugin.load(&first));
        let mut session = plugin.activate(RATE, frames);
        let stop = AtomicBool::new(false);
        let (mut times, realtime) = std::thread::scope(|scope| {
            let stop = &stop;
            let session = &mut session;
            let audio = scope.spawn(move || play(session, frames, length, busy, stop));
            let mut turn = 0;
            while !stop.load(Ordering::Acquire) {
                std::thread::park_timeout(BETWEEN * 16);
                if busy && !stop.load(Ordering::Acquire) {
                    assert!(plugin.load(&states[turn % states.len()]));
                    turn += 1;
                }
                plugin.idle();
            }
            audio.join().unwrap()
        });
        plugin.deactivate(session);
        let worker = if busy { "busy" } else { "at rest" };
        let blocks = times.wall.len();
        write(&mut rows, frames, worker, "wall", &mut times.wall);
        write(&mut rows, frames, worker, "cpu", &mut times.cpu);
        let worst = |times: &[u32]| f64::from(*times.last().unwrap()) / (frames as f64 / RATE * 1e7);
        println!(
            "{}/{}: {frames} frames, worker {worker}: {blocks} blocks, worst {:.2} % of a block ({:.2} % by the thread's own clock){}",
            number + 1,
            cells.len(),
            worst(&times.wall),
            worst(&times.cpu),
            if realtime { "" } else { ", without realtime priority" }
        );
    }
    let file = artifacts::output_folder().join("stress.csv");
    std::fs::write(&file, rows).unwrap();
    println!("written to {}", file.display());
}

/// Silence costs no more than sound: no denormal numbers, no work for what does not ring.
#[test]
fn silent_blocks_take_no_longer_than_sounding_ones() {
    const FRAMES: usize = 256;
    let mut plugin = Library::bundled().open();
    let mut session = plugin.activate(RATE, FRAMES);
    let median = |session: &mut Session, transport: Transport, blocks: usize| {
        let mut transport = transport;
        let mut times: Vec<Duration> = (0..blocks)
            .map(|_| {
                let began = Clock::thread_cpu();
                session.process(FRAMES, Some(&transport), &[]);
                let took = Clock::thread_cpu() - began;
                session.take_notes();
                transport = transport.after(FRAMES, RATE);
                took
            })
            .collect();
        times.sort_unstable();
        times[blocks / 2]
    };
    let playing = median(&mut session, Transport::playing(0.0, 120.0), 2_000);
    // The first blocks after the stop still ring; most of these are the end of a tail and what follows.
    let silent = median(&mut session, Transport::stopped(0.0, 120.0), 8_000);
    println!("median of a block of {FRAMES} frames: playing {playing:?}, silent {silent:?}");
    assert!(silent <= playing.mul_f64(1.25) + Duration::from_micros(1));
    plugin.deactivate(session);
}
