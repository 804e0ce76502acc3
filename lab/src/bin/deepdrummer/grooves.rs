//! `deepdrummer grooves`: loops before any rating beside published grooves.

use crate::default_out;
use clap::Args;
use deepdrummer_core::features::Styles;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::runtime::kits;
use deepdrummer_core::units::Seed;
use deepdrummer_lab::baselines::learner;
use deepdrummer_lab::cold_start::{self, Settings};
use deepdrummer_lab::groove::{self, examine};
use deepdrummer_lab::listeners::Setting;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Options of `deepdrummer grooves`.
#[derive(Args)]
pub(crate) struct Options {
    /// Published grooves, written as a style file (see core/data/styles.toml); of each the first row of
    /// a role counts.
    #[arg(long, value_name = "FILE", required_unless_present = "data")]
    against: Option<PathBuf>,
    /// The Groove MIDI Dataset's folder as it is published: loops are told apart from bars that drummers played,
    /// by rhythm and by feel; completions and fills are measured.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// With --data, how much of a drummer's feel loops are played with, 0 to 100; several, separated by commas.
    #[arg(long, value_name = "PERCENT", value_delimiter = ',', default_values_t = [100, 75, 50, 25, 0],
        value_parser = clap::value_parser!(u8).range(0..=100))]
    human: Vec<u8>,
    /// Root of all randomness.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Loops to draw.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    loops: u32,
    /// "factory", the name of a factory kit, or a folder of one-shots.
    #[arg(long, default_value = "factory")]
    kit: std::ffi::OsString,
    /// Lanes, 1 to 8.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=8))]
    lanes: u8,
    /// Where grooves.json and grooves.svg go.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Draws, compares, prints the tables and writes the files.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let (kit, _) =
        kits::load(&kits::choice(&options.kit)?, &kits::Own::default(), &AtomicBool::new(false), &|_, _| {})?;
    if let Some(data) = &options.data {
        beside_players(options, data, &kit)?;
    }
    options.against.as_ref().map_or(Ok(()), |against| beside_published(options, against, &kit))
}

fn out(options: &Options) -> Result<PathBuf, String> {
    let out = options.out.clone().unwrap_or_else(|| default_out("grooves"));
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    Ok(out)
}

/// Loops beside bars that drummers played.
fn beside_players(options: &Options, data: &Path, kit: &Arc<Kit>) -> Result<(), String> {
    let settings = examine::Settings {
        loops: options.loops as usize,
        seed: Seed(options.seed),
        setting: Setting::lanes(options.lanes.into()),
        human: options.human.iter().map(|percent| f32::from(*percent) / 100.0).collect(),
    };
    let bar = ProgressBar::new_spinner();
    let found =
        examine::examine(data, &settings, kit, &learner, &mut |what| bar.set_message(what.to_owned()));
    let report = found.map_err(|error| error.to_string())?;
    bar.finish_and_clear();
    println!("{}", examine::table(&report));
    let out = out(options)?;
    let written = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let (json_path, picture) = (out.join("players.json"), out.join("bars.svg"));
    let json = serde_json::to_vec_pretty(&report).map_err(|error| error.to_string())?;
    std::fs::write(&json_path, json).map_err(|error| written(&json_path, &error))?;
    groove::bars(&settings.setting, settings.seed, kit, &learner, &picture)
        .map_err(|error| written(&picture, &error))?;
    println!("{}\n{}", json_path.display(), picture.display());
    Ok(())
}

/// Loops beside published grooves.
fn beside_published(options: &Options, against: &Path, kit: &Arc<Kit>) -> Result<(), String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", against.display());
    let text = std::fs::read_to_string(against).map_err(|error| named(&error))?;
    let styles = Styles::parse(&text).map_err(|error| named(&error))?;
    let settings = Settings {
        loops: options.loops as usize,
        seed: Seed(options.seed),
        setting: Setting::lanes(options.lanes.into()),
    };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} left {eta}") {
        bar.set_style(style);
    }
    let report = cold_start::compare(&styles, &settings, kit, &learner, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    })
    .map_err(|error| named(&error))?;
    bar.finish_and_clear();
    println!("{}", cold_start::table(&report));
    let out = out(options)?;
    let (json_path, plot_path) = (out.join("grooves.json"), out.join("grooves.svg"));
    let json = serde_json::to_vec_pretty(&report).map_err(|error| error.to_string())?;
    std::fs::write(&json_path, json).map_err(|error| format!("{}: {error}", json_path.display()))?;
    cold_start::plot(&report, &plot_path).map_err(|error| format!("{}: {error}", plot_path.display()))?;
    println!("{}\n{}", json_path.display(), plot_path.display());
    Ok(())
}
