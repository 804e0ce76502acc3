//! `deepdrummer sounds`: what the factory sounds, or whole loops, sound like.

use clap::Args;
use deepdrummer_lab::{mix, report};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

/// Options of `deepdrummer sounds`.
#[derive(Args)]
pub struct Options {
    /// Whole loops instead of sounds: proposals of new sessions, the presets' first loops and each kit's.
    #[arg(long)]
    loops: bool,
    /// Where to. [default: docs/sounds, with --loops docs/mix]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With --loops: a folder of produced loops, measured beside.
    #[arg(long, value_name = "DIR", requires = "loops")]
    against: Option<PathBuf>,
    /// With --loops: ratings after which a preset's direction is looked at; 0 leaves that out.
    #[arg(long, value_name = "N", default_value_t = 20)]
    ratings: usize,
    /// With --loops: the first session's seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Writes the page.
pub fn run(options: &Options) -> Result<(), String> {
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
    let json = serde_json::to_vec_pretty(&found).map_err(|error| error.to_string())?;
    std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let sheet = mix::sheet(&found);
    for (name, bytes) in
        [("figures.md", page.as_bytes()), ("sheet.svg", sheet.as_bytes()), ("figures.json", json.as_slice())]
    {
        let path = out.join(name);
        std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    mix::plots(&found, out).map_err(|error| format!("{}: {error}", out.display()))
}
