//! The audio thread of the bundle that people get calls neither the heap nor the kernel, whatever the
//! rest of the plugin does meanwhile.
//!
//! The C library's heap functions are this program's own, also for the bundle; the kernel's view of the
//! thread comes from [`deepdrummer_tests::syscalls`].
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use deepdrummer_core::engine::Keys;
use deepdrummer_core::pattern::Role;
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_tests::clap_host::{Input, Library, Session, until};
use deepdrummer_tests::screen::HostWindow;
use deepdrummer_tests::state;
use deepdrummer_tests::syscalls::Watch;
use deepdrummer_tests::transport::Transport;

/// The C library's heap, counted for threads that say so.
mod heap {
    #![expect(unsafe_code, reason = "these stand in for the C library's functions")]

    use std::cell::Cell;
    use std::ffi::{c_int, c_void};

    thread_local! {
        static WATCHED: Cell<bool> = const { Cell::new(false) };
        static CALLS: Cell<usize> = const { Cell::new(0) };
    }

    unsafe extern "C" {
        fn __libc_malloc(size: usize) -> *mut c_void;
        fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
        fn __libc_realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
        fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
        fn __libc_free(pointer: *mut c_void);
    }

    fn note() {
        if WATCHED.get() {
            CALLS.set(CALLS.get() + 1);
        }
    }

    /// How often `work` called the heap on this thread.
    pub(crate) fn count(work: impl FnOnce()) -> usize {
        CALLS.set(0);
        WATCHED.set(true);
        work();
        WATCHED.set(false);
        CALLS.get()
    }

    // SAFETY of all of these: they hand on what they are given to the function that they stand in for.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
        note();
        // SAFETY: as above.
        unsafe { __libc_malloc(size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
        note();
        // SAFETY: as above.
        unsafe { __libc_calloc(count, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void {
        note();
        // SAFETY: as above.
        unsafe { __libc_realloc(pointer, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn free(pointer: *mut c_void) {
        note();
        // SAFETY: as above.
        unsafe { __libc_free(pointer) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
        note();
        // SAFETY: as above.
        unsafe { __libc_memalign(alignment, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
        note();
        // SAFETY: as above.
        unsafe { __libc_memalign(alignment, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn posix_memalign(to: *mut *mut c_void, alignment: usize, size: usize) -> c_int {
        note();
        // SAFETY: as above; `to` is valid by the contract of this function.
        unsafe {
            let made = __libc_memalign(alignment, size);
            if made.is_null() {
                return libc::ENOMEM;
            }
            *to = made;
        }
        0
    }
}

/// Tells the audio thread to stop when it goes out of scope.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What was found in all blocks.
#[derive(Debug, Default, PartialEq)]
struct Found {
    heap_calls: usize,
    system_calls: Vec<i32>,
}

/// The key of the percussion lane, whose sounds ring on and add up to all voices.
fn ringing_key() -> u8 {
    Keys::general_midi(Role::default_lanes(6)).key_of_lane[5]
}

/// One block after another like no host would: lengths, jumps, stops, cycles, missing transports, notes,
/// presses; until it is told to stop.
fn play(
    session: &mut Session,
    rate: f64,
    most: usize,
    watch: Option<&Watch>,
    blocks: &AtomicUsize,
    stop: &AtomicBool,
) -> usize {
    let key = ringing_key();
    let lengths = [64, 1, 32, most, 256, 333.min(most)];
    let mut transport = Transport { cycle_beats: Some((4.0, 6.1)), ..Transport::playing(0.0, 174.0) };
    let mut heap_calls = 0;
    let mut block = 0;
    while !stop.load(Ordering::Relaxed) {
        let frames = lengths[block % lengths.len()];
        // What is rated is what was heard: not with the first block. Faster than the worker finds loops on a
        // busy machine, presses would keep it from all else.
        let id = ["like", "skip", "dislike", "back"][block / 1_000 % 4];
        let press = f64::from(u8::from(block % 1_000 == 5));
        let strike = Input::NoteOn { key, velocity: 0.7 };
        let inputs = [
            (0, Input::Parameter { id, value: press }),
            (0, Input::Parameter { id: "output", value: 0.5 + 0.01 * (block % 20) as f64 }),
            (0, strike),
            (0, strike),
            (0, strike),
        ];
        match block % 400 {
            399 => {
                transport = Transport {
                    cycle_beats: transport.cycle_beats,
                    ..Transport::playing(block as f64 * 0.31, 133.0)
                }
            }
            150 => transport.playing = false,
            170 => transport.playing = true,
            _ => {}
        }
        let shown = (block % 97 != 0).then_some(&transport);
        let mut process = || heap::count(|| session.process(frames, shown, &inputs));
        heap_calls += match watch {
            Some(watch) => watch.inside(process),
            None => process(),
        };
        session.take_notes();
        transport = transport.after(frames, rate);
        if let (Some(beats), Some((start, end))) = (transport.beats, transport.cycle_beats)
            && beats >= end
        {
            transport.beats = Some(start + (beats - end) % (end - start));
        }
        block += 1;
        blocks.store(block, Ordering::Relaxed);
        // A host calls in time with the sound card; without pauses the worker would starve.
        std::thread::park_timeout(Duration::from_micros(100));
    }
    heap_calls
}

#[test]
fn the_watch_sees_a_heap_call_and_a_system_call() {
    let seen = heap::count(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(100))));
    assert_eq!(seen, 2);
    let watched = std::thread::spawn(|| {
        let watch = Watch::begin()?;
        watch.inside(|| std::thread::sleep(Duration::from_micros(1)));
        std::io::Result::Ok(watch)
    });
    match watched.join().unwrap() {
        Ok(watch) => assert_eq!(watch.calls(), [libc::SYS_clock_nanosleep as i32]),
        Err(error) => println!("skipped: no seccomp here ({error})"),
    }
}

/// Ratings, other loops, other kits, other projects, the window: all while the audio thread is watched.
#[test]
fn the_bundles_audio_thread_calls_neither_the_heap_nor_the_kernel() {
    let library = Library::bundled();
    let first = state::with_first_loop(&library);
    let names = deepdrummer_core::runtime::kits::factory_names();
    let states: Vec<Vec<u8>> = (0..4)
        .map(|n| {
            let mut document = state::document(&first);
            document.kit = match n {
                0 => KitChoice::Factory,
                n => KitChoice::FactoryKit(names[n % names.len()].to_owned()),
            };
            state::with_session_text(&first, &document.write().unwrap())
        })
        .collect();
    let screen = HostWindow::open();
    for (ports, rate, most) in
        [("Stereo", 48_000.0, 512), ("Stereo and lanes", 96_000.0, 8192), ("Mono", 44_100.0, 1024)]
    {
        let mut plugin = library.open();
        plugin.choose_ports(ports);
        let mut session = plugin.activate(rate, most);
        if let Some(window) = &screen {
            plugin.open_editor(u64::from(window.id)).unwrap();
        }
        let (blocks, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let found = std::thread::scope(|scope| {
            let (blocks, stop) = (&blocks, &stop);
            let audio = scope.spawn(move || {
                // As a host does on its audio thread before it processes.
                session.reset();
                let watch = Watch::begin();
                let heap_calls = play(&mut session, rate, most, watch.as_ref().ok(), blocks, stop);
                (session, heap_calls, watch)
            });
            // A wait that fails ends the blocks too: the scope waits for their thread.
            let _stops = Stops(stop);
            let (mut loads, mut begun) = (0, 0);
            let mut judged = 0;
            until("ratings, loaded states and blocks", || {
                plugin.idle();
                // Each kit gets some blocks before the next one comes, and a verdict is waited for once: what is
                // loaded takes the place of a project in which one was just said.
                if blocks.load(Ordering::Relaxed) >= begun + 500 && (loads == 0 || judged > 0) {
                    begun += 500;
                    assert!(plugin.load(&states[loads % states.len()]));
                    loads += 1;
                }
                judged += usize::from(!state::document(&plugin.save()).judgements.is_empty());
                (loads > 8 && judged > 0).then_some(())
            });
            stop.store(true, Ordering::Relaxed);
            let (session, heap_calls, watch) = audio.join().unwrap();
            plugin.deactivate(session);
            let system_calls = match watch {
                Ok(watch) => watch.calls(),
                Err(error) => {
                    println!("system calls were not watched: no seccomp here ({error})");
                    Vec::new()
                }
            };
            Found { heap_calls, system_calls }
        });
        if screen.is_some() {
            plugin.close_editor();
        }
        println!("{ports}: {} blocks, window {}", blocks.load(Ordering::Relaxed), screen.is_some());
        assert_eq!(found, Found::default(), "{ports}");
    }
}
