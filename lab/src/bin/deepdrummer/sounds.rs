//! `deepdrummer sounds`: what the factory sounds, or whole loops, sound like.

use clap::Args;
use deepdrummer_lab::{mix, report};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

/// Options of `deepdrummer sounds`.
#[derive(Args)]
pub(crate) struct Options {
    /// Whole loops instead of sounds: proposals of new sessions, the presets' first loops and each kit's.
    #[arg(long)]
    loops: bool,
    /// Where to. [default: docs/sounds, with --loops docs/mix]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With --loops: a folder of produced loops, measured beside.
    #[arg(long, value_name = "DIR", requires = "loops")]
    against: Option<PathBuf>,
    /// With --loops: all figures of all loops, as JSON.
    #[arg(long, value_name = "FILE", requires = "loops")]
    json: Option<PathBuf>,
    /// With --loops: ratings after which a preset's direction is looked at; 0 leaves that out.
    #[arg(long, value_name = "N", default_value_t = 20)]
    ratings: usize,
    /// With --loops: the first session's seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Writes the page.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let usual = if options.loops { "docs/mix" } else { "docs/sounds" };
    let out = options.out.as_deref().unwrap_or(Path::new(usual));
    if !options.loops {
        return report::write(out).map_err(|error| error.to_string());
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} left {eta}") {
        bar.set_style(style);
    }
    let settings = mix::Settings { ratings: options.ratings, seed: options.seed, ..mix::Settings::default() };
    let found = mix::listen(settings, options.against.as_deref(), &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    })
    .map_err(|error| error.to_string())?;
    bar.finish_and_clear();
    let page = mix::page(&found);
    println!("{page}");
    let put = |path: &Path, bytes: &[u8]| {
        std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
    };
    std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    put(&out.join("figures.md"), page.as_bytes())?;
    put(&out.join("sheet.svg"), mix::sheet(&found).as_bytes())?;
    if let Some(path) = &options.json {
        put(path, &serde_json::to_vec_pretty(&found).map_err(|error| error.to_string())?)?;
    }
    mix::plots(&found, out).map_err(|error| format!("{}: {error}", out.display()))
}
