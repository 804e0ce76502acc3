//! `deepdrummer study`: learners meet simulated listeners.

use crate::{CriticName, default_out};
use clap::Args;
use deepdrummer_core::listeners::Setting;
use deepdrummer_core::listeners::study::{self, Settings};
use deepdrummer_core::propose::learner;
use deepdrummer_core::runtime::kits;
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Options of `deepdrummer study`.
#[derive(Args)]
pub struct Options {
    /// Names or families, separated by commas; "tuning", "held_out" or "all".
    #[arg(long, default_value = "all")]
    listener: String,
    /// Ratings a listener gives.
    #[arg(long, default_value_t = 80)]
    ratings: usize,
    /// Sessions a listener has, each with its own seed.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Critics, side by side; repeat for several.
    #[arg(long, value_enum, default_values_t = [CriticName::Taste])]
    critic: Vec<CriticName>,
    /// Fresh loops that are judged at each checkpoint.
    #[arg(long, default_value_t = 60)]
    fresh: usize,
    /// Also ask for the rhythm alone and the sounds alone.
    #[arg(long)]
    parts: bool,
    /// "factory", the name of a factory kit, or a folder of one-shots.
    #[arg(long, default_value = "factory")]
    kit: String,
    /// Lanes, 1 to 8.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=8))]
    lanes: u8,
    /// Where results go: study.json, a plot, and the finished jobs, so that a broken-off study goes on.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the study and prints its tables.
pub fn run(options: &Options) -> Result<(), String> {
    let out = options.out.clone().unwrap_or_else(|| default_out("study"));
    let (kit, _) =
        kits::load(&kits::choice(&options.kit), &kits::Own::default(), &AtomicBool::new(false), &|_, _| {})?;
    let mut checkpoints = vec![0, 5, 10, 20, 40, 80];
    checkpoints.retain(|&at| at < options.ratings);
    checkpoints.push(options.ratings);
    let settings = Settings {
        ratings: options.ratings,
        checkpoints,
        fresh: options.fresh,
        setting: Setting::lanes(options.lanes.into()),
        parts: options.parts,
        ..Settings::default()
    };
    let plan = study::Options {
        settings: settings.clone(),
        critics: options.critic.iter().map(|&critic| critic.into()).collect(),
        listeners: options.listener.clone(),
        seeds: options.seeds,
        out: Some(out.clone()),
        ..study::Options::default()
    };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} left {eta} {msg}") {
        bar.set_style(style);
    }
    let outcomes = study::run(&plan, &kit, &learner, &mut |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        if let Some(latest) = progress.latest {
            bar.set_message(format!("{}: {:.2} liked", latest.listener, latest.in_session(0)));
        }
        ControlFlow::Continue(())
    })
    .map_err(|error| error.to_string())?;
    bar.finish_and_clear();
    let summary = study::summarize(&settings, &outcomes);
    println!("{}", study::tables(&summary));
    let json = serde_json::to_vec_pretty(&summary).map_err(|error| error.to_string())?;
    let (json_path, plot_path) = (out.join("study.json"), out.join("study.svg"));
    std::fs::write(&json_path, json).map_err(|error| format!("{}: {error}", json_path.display()))?;
    study::plot(&summary, &plot_path).map_err(|error| format!("{}: {error}", plot_path.display()))?;
    println!("{}\n{}", json_path.display(), plot_path.display());
    Ok(())
}
