//! `deepdrummer train-grooves`: the groove nets, trained on bars that drummers played and on draws from styles.

use clap::Args;
use deepdrummer_core::units::Seed;
use deepdrummer_lab::groove::{self, Options as Training};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// Options of `deepdrummer train-grooves`.
#[derive(Args)]
pub(crate) struct Options {
    /// The Groove MIDI Dataset's folder as it is published: info.csv and the drummers' folders.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the weights go.
    #[arg(long, value_name = "FILE", default_value = "core/data/groove.bin")]
    out: PathBuf,
    /// Where the curves go.
    #[arg(long, value_name = "FILE", default_value = "docs/grooves-training.svg")]
    curves: PathBuf,
    /// Root of all randomness.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Updates of the rhythm net.
    #[arg(long, default_value_t = Training::default().rhythm_steps)]
    rhythm_steps: usize,
    /// Updates of the feel net.
    #[arg(long, default_value_t = Training::default().feel_steps)]
    feel_steps: usize,
}

/// Trains and writes weights and curves.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:40} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    let training = Training {
        seed: Seed(options.seed),
        rhythm_steps: options.rhythm_steps,
        feel_steps: options.feel_steps,
        ..Training::default()
    };
    let begun = std::time::Instant::now();
    let report = groove::train(&options.data, training, &mut |progress| {
        bar.set_prefix(progress.net);
        bar.set_length(progress.steps as u64);
        bar.set_position(progress.point.step as u64);
        bar.set_message(format!("played {:.3}", progress.point.played));
        if bar.is_hidden() {
            println!("{} {:?} {:.0?}", progress.net, progress.point, begun.elapsed());
        }
    })
    .map_err(|error| error.to_string())?;
    bar.finish_and_clear();
    let [all, triplets, fills] = report.bars;
    println!("trained on {all} played bars ({triplets} in triplets, {fills} fills)");
    for (name, points, unit) in [("rhythm", &report.rhythm, "bar"), ("feel", &report.feel, "hit")] {
        let Some(last) = points.last() else { continue };
        let drawn = last.drawn.map(|drawn| format!(", {drawn:.3} on styles")).unwrap_or_default();
        println!("{name}: validation {:.3} nats a {unit} on played bars{drawn}", last.played);
    }
    let written = |path: &PathBuf, error: String| format!("{}: {error}", path.display());
    std::fs::write(&options.out, &report.bytes).map_err(|e| written(&options.out, e.to_string()))?;
    groove::curves(&report, &options.curves).map_err(|e| written(&options.curves, e.to_string()))?;
    println!("{} bytes in {}", report.bytes.len(), options.out.display());
    Ok(())
}
