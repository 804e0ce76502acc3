//! The audio thread neither allocates nor frees, whatever the rest of the plugin does meanwhile.
//!
//! The plugin is linked into this test, so that its allocations are counted too.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deepdrummer_tests::alloc::{CountingAllocator, count};
use deepdrummer_tests::clap_host::{Input, Library, until};
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const RATE: f64 = 48_000.0;

#[test]
fn the_counter_sees_an_allocation() {
    assert_eq!(count(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(100)))), 2);
}

#[test]
fn process_never_calls_the_allocator() {
    let mut plugin = Library::linked().open();
    let mut session = plugin.activate(RATE, 512);
    let mut transport = Transport::playing(0.0, 174.0);
    let inputs = [
        (0, Input::Parameter { id: "output", value: 0.8 }),
        (3, Input::NoteOn { key: 36, velocity: 1.0 }),
        (5, Input::NoteOn { key: 46, velocity: 0.5 }),
        (9, Input::NoteOff { key: 36 }),
        (40, Input::NoteOn { key: 42, velocity: 0.7 }),
    ];
    for block in 0..4_000_usize {
        let frames = [64, 1, 512, 333][block % 4];
        let here = if block % 7 == 0 && frames > 40 { &inputs[..] } else { &[] };
        if block % 500 == 499 {
            transport = Transport::playing(block as f64 * 0.31, 100.0);
        }
        let shown = (block % 97 != 0).then_some(&transport);
        let calls = count(|| session.process(frames, shown, here));
        assert_eq!(calls, 0, "in block {block} of {frames} frames");
        transport = transport.after(frames, RATE);
        session.take_notes();
    }
    plugin.deactivate(session);
}

#[test]
fn process_never_calls_the_allocator_while_plans_kits_and_states_change() {
    let library = Library::linked();
    let mut plugin = library.open();
    let mut session = plugin.activate(RATE, 512);
    let states = [plugin.save(), state::with_loop(&library, |pattern| pattern.lanes_mut()[0].hits.reverse())];
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let audio = scope.spawn(|| {
            let mut transport = Transport::playing(0.0, 160.0);
            let mut block = 0_usize;
            let mut calls = 0;
            while !stop.load(Ordering::Relaxed) {
                let id = ["like", "dislike", "skip", "back"][block / 400 % 4];
                let value = f64::from(u8::from(block.is_multiple_of(400)));
                calls += count(|| {
                    session.process(128, Some(&transport), &[(1, Input::Parameter { id, value })]);
                });
                transport = transport.after(128, RATE);
                session.take_notes();
                block += 1;
                // A host calls in time with the sound card; without pauses the worker would starve.
                std::thread::park_timeout(Duration::from_micros(300));
            }
            (session, calls, block)
        });
        let mut turns = 0;
        let mut ratings = 0;
        until("ratings and four loaded states", || {
            plugin.idle();
            if turns % 250 == 249 {
                assert!(plugin.load(&states[turns / 250 % 2]));
            }
            turns += 1;
            let judged = state::document(&plugin.save()).judgements.len();
            ratings += usize::from(judged > 0);
            (turns >= 1_000 && ratings >= 60).then_some(())
        });
        stop.store(true, Ordering::Relaxed);
        let (session, calls, blocks) = audio.join().unwrap();
        assert_eq!(calls, 0, "in {blocks} blocks");
        plugin.deactivate(session);
    });
}
