//! The editor over a made-up session, in a window of its own:
//! `cargo run --release -p deepdrummer-plugin --example editor_preview -- [state] [--export-folder DIR]`
//! with state one of `main`, `play`, `new`, `large`, `least`, `measure`. `--zoom PERCENT` as in the settings.
//!
//! `measure` prints the share of a core that the window takes while nothing happens and while a loop
//! plays, and ends (Linux).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/editor_support/mod.rs"]
mod editor_support;

use deepdrummer_core::pattern::{Grid, Role};
use editor_support::{FOUR, Fake, meters, session};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let state = arguments.first().map_or("main", String::as_str);
    let fake = match state {
        "least" => {
            let grid = Grid { bars: 4, steps_per_bar: 24, ..Grid::default() };
            let mut view = session(Role::default_lanes(8), grid);
            view.settings.window = (860, 560);
            Fake::new(view)
        }
        "large" => {
            let mut view = session(Role::default_lanes(6), Grid { bars: 2, ..Grid::default() });
            view.settings.window = (1600, 1000);
            Fake::new(view)
        }
        "new" => {
            let mut view = session(Role::default_lanes(6), Grid::default());
            view.taste = Default::default();
            view.current.prediction = None;
            view.queue.clear();
            Fake::new(view)
        }
        _ => Fake::new(session(&FOUR, Grid::default())),
    };
    if let Some(at) = arguments.iter().position(|argument| argument == "--export-folder") {
        let folder = std::path::PathBuf::from(&arguments[at + 1]);
        std::fs::create_dir_all(&folder)?;
        fake.0.lock().unwrap().export_folder = Some(folder);
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--zoom") {
        let zoom = arguments[at + 1].parse()?;
        fake.change(|view| view.settings.zoom_percent = zoom);
    }
    match state {
        "play" => play(&fake),
        "measure" => {
            let fake = fake.clone();
            std::thread::spawn(move || measure(&fake));
        }
        _ => {}
    }
    deepdrummer_plugin::editor::run_standalone(Box::new(fake), "DeepDrummer", None)
}

/// Moves the playhead and the levels as an engine does.
fn play(fake: &Fake) {
    let playing = fake.clone();
    std::thread::spawn(move || {
        let started = Instant::now();
        loop {
            // Sixteenths at 124 quarter notes a minute; levels that fall after each of them.
            let step = started.elapsed().as_secs_f32() * 124.0 / 60.0 * 4.0 % 16.0;
            let mut now = meters(Some(step));
            for (lane, peak) in now.lane_peaks.iter_mut().enumerate() {
                *peak *= (-4.0 * step.fract() / (lane + 1) as f32).exp();
            }
            playing.0.lock().unwrap().meters = Some(now);
            std::thread::sleep(Duration::from_millis(10));
        }
    });
}

/// Prints what the window takes of a core, idle and playing, and ends the process.
fn measure(fake: &Fake) {
    const SECONDS: u64 = 10;
    let share = || {
        let before = processor_s();
        std::thread::sleep(Duration::from_secs(SECONDS));
        100.0 * (processor_s() - before) / SECONDS as f64
    };
    while !fake.0.lock().unwrap().open {
        std::thread::sleep(Duration::from_millis(50));
    }
    // The first frames make fonts and shaders.
    std::thread::sleep(Duration::from_secs(2));
    println!("idle: {:.1} % of a core", share());
    play(fake);
    println!("playing, looked at 30 times a second: {:.1} % of a core", share());
    std::process::exit(0);
}

/// Processor time of this process so far, in seconds: its threads and the kernel's work for it.
fn processor_s() -> f64 {
    // proc(5): utime and stime are fields 14 and 15, in ticks of which Linux has 100 a second. The name
    // in field 2 may hold spaces and ends with the last parenthesis.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
