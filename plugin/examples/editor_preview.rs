//! The editor over a made-up session, in a window of its own:
//! `cargo run --release -p deepdrummer-plugin --example editor_preview -- [state] [--export-folder DIR]`
//! with state one of `main`, `play`, `new`, `large`, `least`.
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
    if state == "play" {
        let playing = fake.clone();
        std::thread::spawn(move || {
            let started = Instant::now();
            loop {
                // Sixteenths at 124 quarter notes a minute.
                let step = started.elapsed().as_secs_f32() * 124.0 / 60.0 * 4.0 % 16.0;
                playing.0.lock().unwrap().meters = Some(meters(Some(step)));
                std::thread::sleep(Duration::from_millis(10));
            }
        });
    }
    deepdrummer_plugin::editor::run_standalone(Box::new(fake), "DeepDrummer", None)
}
