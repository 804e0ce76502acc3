//! `deepdrummer transcribe`: how well loops are written down from audio, against what they were made of.

use crate::SessionOptions;
use crate::headless::Headless;
use clap::Args;
use comfy_table::{Table, presets};
use deepdrummer_core::import::transcribe::{Transcription, transcribe};
use deepdrummer_core::kit::load;
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::propose::Mode;
use deepdrummer_core::session::command::ExportKind;
use deepdrummer_core::units::Bpm;
use std::path::Path;

/// Tempos of the loops, in turn.
const TEMPOS: [f64; 6] = [84.0, 98.0, 112.0, 124.0, 140.0, 172.0];
/// An onset is found within this time, in seconds (as in MIREX).
const NEAR_S: f64 = 0.05;
/// A tempo is right within this share.
const RIGHT: f64 = 0.04;
/// Hits from this velocity on are called loud.
const LOUD: u8 = 64;
const LAYERS: [(&str, &[Role]); 3] = [
    ("kick", &[Role::Kick]),
    ("snare, clap", &[Role::Snare, Role::Clap]),
    ("hats, cymbals", &[Role::ClosedHat, Role::OpenHat, Role::Cymbal]),
];

/// Options of `deepdrummer transcribe`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Loops that are rendered and written down.
    #[arg(long, default_value_t = 60)]
    loops: usize,
}

/// Onsets of one layer: those that were played (loud ones too), those that were written down, and matches.
#[derive(Clone, Copy, Default)]
struct Count {
    played: usize,
    loud: usize,
    written: usize,
    matched: usize,
    loud_matched: usize,
}

/// Renders loops as exports are, writes them down, and compares.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("deepdrummer-transcribe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let done = measure(options, &folder);
    // What can't be removed is the system's to clear.
    let _ = std::fs::remove_dir_all(&folder);
    done
}

fn measure(options: &Options, folder: &Path) -> Result<(), String> {
    let mut headless = Headless::new(&options.session)?;
    let mut counts = [Count::default(); 3];
    let (mut right, mut octave, mut refused) = (0, 0, 0);
    let found = headless.sample(options.loops, Mode::Random);
    for (at, (id, proposal)) in found.iter().enumerate() {
        let bpm = TEMPOS[at % TEMPOS.len()];
        headless.set_bpm(Bpm::new(bpm));
        let file = headless.export(*id, ExportKind::Audio, folder)?;
        let audio = load::load_whole(&file).map_err(|error| error.to_string())?;
        match transcribe(&audio) {
            Ok(written) => {
                let ratio = written.bpm / bpm;
                right += usize::from((ratio - 1.0).abs() <= RIGHT);
                let octaves = [0.5, 2.0].iter().any(|of| (ratio / of - 1.0).abs() <= RIGHT);
                octave += usize::from(octaves);
                compare(&proposal.pattern, bpm, &written, &mut counts);
            }
            Err(reason) => {
                refused += 1;
                eprintln!("loop {at}: {reason}");
            }
        }
    }
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(["layer", "played", "written", "precision", "recall", "F1", "recall of loud ones"]);
    for ((name, _), count) in LAYERS.iter().zip(counts) {
        let share = |a: usize, b: usize| a as f64 / b.max(1) as f64;
        let (precision, recall) = (share(count.matched, count.written), share(count.matched, count.played));
        table.add_row([
            (*name).to_owned(),
            count.played.to_string(),
            count.written.to_string(),
            format!("{precision:.2}"),
            format!("{recall:.2}"),
            format!("{:.2}", 2.0 * precision * recall / (precision + recall).max(1e-9)),
            format!("{:.2}", share(count.loud_matched, count.loud)),
        ]);
    }
    println!("{table}");
    let n = found.len();
    println!("tempo right: {right} of {n}; half or double: {octave}; no loop: {refused}");
    Ok(())
}

fn compare(pattern: &Loop, bpm: f64, written: &Transcription, counts: &mut [Count; 3]) {
    for (layer, ((_, roles), count)) in LAYERS.iter().zip(counts).enumerate() {
        let step_s = pattern.grid.step_beats() * 60.0 / bpm;
        let mut played: Vec<(f64, u8)> = Vec::new();
        for lane in pattern.lanes().iter().filter(|lane| roles.contains(&lane.role)) {
            for (step, hit) in lane.iter() {
                let delay = if pattern.is_swung(step) { pattern.swing.delay_steps() } else { 0.0 };
                played.push(((step as f64 + hit.offset_steps() + delay) * step_s, hit.velocity));
            }
        }
        // Lanes that are struck together are one onset.
        played.sort_by(|a, b| a.0.total_cmp(&b.0));
        played.dedup_by(|b, a| {
            let same = b.0 - a.0 < 0.025;
            if same {
                a.1 = a.1.max(b.1);
            }
            same
        });
        let mut free: Vec<f64> = Vec::new();
        for (bar, pattern) in written.bars.iter().enumerate() {
            let step_s = pattern.grid.step_beats() * 60.0 / written.bpm;
            let steps = pattern.grid.steps();
            if let Some(lane) = pattern.lanes().get(layer) {
                free.extend(
                    lane.iter()
                        .map(|(step, hit)| ((bar * steps + step) as f64 + hit.offset_steps()) * step_s),
                );
            }
        }
        count.written += free.len();
        let length_s = pattern.grid.steps() as f64 * step_s;
        for (at_s, velocity) in played {
            count.played += 1;
            let loud = usize::from(velocity >= LOUD);
            count.loud += loud;
            let off = |other: f64| {
                let away = (other - at_s).abs();
                away.min((length_s - away).abs())
            };
            let nearest = (0..free.len()).min_by(|&a, &b| off(free[a]).total_cmp(&off(free[b])));
            if let Some(nearest) = nearest.filter(|&nearest| off(free[nearest]) <= NEAR_S) {
                free.swap_remove(nearest);
                count.matched += 1;
                count.loud_matched += loud;
            }
        }
    }
}
