//! `deepdrummer study`: learners meet simulated listeners.

use crate::{CriticName, default_out};
use clap::{Args, ValueEnum};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::runtime::kits;
use deepdrummer_lab::baselines::learner;
use deepdrummer_lab::listeners::Setting;
use deepdrummer_lab::study::{self, Comparison, Judgements, Outcome, Settings, Skips, Told};
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The direction that suits each listener best.
const RIGHT: &str = "right";

/// Options of `deepdrummer study`.
#[derive(Args)]
pub(crate) struct Options {
    /// Names or families, separated by commas; "tuning", "held_out", "all", or "trial" for those that settings
    /// were chosen on.
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
    /// What listeners say; several, separated by commas, are compared with the first.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kinds::Likes])]
    judgements: Vec<Kinds>,
    /// "factory", the name of a factory kit, or a folder of one-shots.
    #[arg(long, default_value = "factory")]
    kit: std::ffi::OsString,
    /// Lanes, 1 to 8.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=8))]
    lanes: u8,
    /// How much of a drummer's feel loops are played with, 0 (as written) to 100.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    human: u8,
    /// Loops that a listener loves already and brings along.
    #[arg(long, default_value_t = 0)]
    references: usize,
    /// References are loops without any musical prior instead of grooves.
    #[arg(long)]
    unmusical: bool,
    /// What listeners make: names, or "right" for the one that suits each best; several, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    direction: Vec<String>,
    /// The dial of adventure, 0 to 1.
    #[arg(long, default_value_t = 0.35, value_parser = unit)]
    adventure: f32,
    /// Prints how varied proposals were.
    #[arg(long)]
    variety: bool,
    /// Where results go: study.json, a plot, and the finished jobs, so that a broken-off study goes on.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Kinds of judgements, as named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kinds {
    /// Like and dislike of every loop.
    Likes,
    /// And of the rhythm alone and the sounds alone.
    Parts,
    /// And one lane of a quarter of the loops is changed, and the listener says which is better.
    Edits,
    /// Loops far from pleasing are skipped instead of rated: a weak dislike.
    Skips,
    /// The same loops are skipped, and nothing is noted: implicit judgements are off.
    Silent,
    /// Loops that please very much are starred too.
    Stars,
    /// Parts, edits, skips and stars.
    All,
}

impl Kinds {
    fn key(self) -> &'static str {
        match self {
            Self::Likes => "likes",
            Self::Parts => "parts",
            Self::Edits => "edits",
            Self::Skips => "skips",
            Self::Silent => "silent",
            Self::Stars => "stars",
            Self::All => "all",
        }
    }
}

impl From<Kinds> for Judgements {
    fn from(kinds: Kinds) -> Self {
        let likes = Self::default();
        match kinds {
            Kinds::Likes => likes,
            Kinds::Parts => Self { parts: true, ..likes },
            Kinds::Edits => Self { edits: true, ..likes },
            Kinds::Skips => Self { skips: Skips::Noted, ..likes },
            Kinds::Silent => Self { skips: Skips::Silent, ..likes },
            Kinds::Stars => Self { stars: true, ..likes },
            Kinds::All => Self { parts: true, edits: true, skips: Skips::Noted, stars: true },
        }
    }
}

/// Runs the study and prints its tables.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let out = options.out.clone().unwrap_or_else(|| default_out("study"));
    let (kit, _) =
        kits::load(&kits::choice(&options.kit)?, &kits::Own::default(), &AtomicBool::new(false), &|_, _| {})?;
    let mut found: Vec<(Kinds, Vec<Outcome>)> = Vec::new();
    for &kinds in &options.judgements {
        let plan = plan(options, kinds, &out)?;
        let outcomes = meet(&plan, &kit, kinds)?;
        let name = match options.judgements.len() {
            1 => "study".to_owned(),
            _ => format!("study-{}", kinds.key()),
        };
        println!("{}:", kinds.key());
        report(&plan.settings, &outcomes, &out, &name, options.variety)?;
        found.push((kinds, outcomes));
    }
    if let Some(((base, first), others @ [_, ..])) = found.split_first() {
        let rows: Vec<(String, Vec<Comparison>)> = others
            .iter()
            .map(|(kinds, outcomes)| (kinds.key().to_owned(), study::compare(first, outcomes)))
            .collect();
        println!("\n{}", study::comparison(base.key(), &rows));
        write_json(&out.join("judgements.json"), &rows)?;
    }
    Ok(())
}

fn plan(options: &Options, kinds: Kinds, out: &Path) -> Result<study::Options, String> {
    let mut checkpoints = vec![0, 5, 10, 20, 40, 80];
    checkpoints.retain(|&at| at < options.ratings);
    checkpoints.push(options.ratings);
    let right = options.direction.iter().any(|name| name == RIGHT);
    let named = options.direction.iter().map(String::as_str).filter(|name| *name != RIGHT);
    let directions = crate::headless::directions(named)?;
    Ok(study::Options {
        settings: Settings {
            ratings: options.ratings,
            checkpoints,
            fresh: options.fresh,
            told: Told { direction: right, references: options.references, unmusical: options.unmusical },
            setting: Setting {
                adventure: options.adventure,
                directions,
                ..Setting::lanes(options.lanes.into())
            },
            judgements: kinds.into(),
            human: f32::from(options.human) / 100.0,
            ..Settings::default()
        },
        critics: options.critic.iter().map(|&critic| critic.into()).collect(),
        listeners: options.listener.clone(),
        seeds: options.seeds,
        out: Some(out.to_owned()),
        ..study::Options::default()
    })
}

fn meet(plan: &study::Options, kit: &Arc<Kit>, kinds: Kinds) -> Result<Vec<Outcome>, String> {
    let bar = ProgressBar::new(0);
    let template = "{prefix} {bar:40} {pos}/{len} {elapsed} left {eta} {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(kinds.key());
    // A meeting with the published critic takes minutes: the clock shows that something happens.
    bar.enable_steady_tick(Duration::from_secs(1));
    let outcomes = study::run(plan, kit, &learner, &mut |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        match progress.latest {
            Some(latest) => {
                bar.set_message(format!("{}: {:.2} liked", latest.listener, latest.in_session(0)))
            }
            // What an earlier run finished says nothing about how long this one takes.
            None => bar.reset_eta(),
        }
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    outcomes.map_err(|error| error.to_string())
}

fn report(
    settings: &Settings,
    outcomes: &[Outcome],
    out: &Path,
    name: &str,
    variety: bool,
) -> Result<(), String> {
    let summary = study::summarize(settings, outcomes);
    println!("{}", study::tables(&summary));
    if variety {
        println!("{}", study::variety_table(&summary));
    }
    let (json, plot) = (out.join(format!("{name}.json")), out.join(format!("{name}.svg")));
    write_json(&json, &summary)?;
    study::plot(&summary, &plot).map_err(|error| format!("{}: {error}", plot.display()))?;
    println!("{}\n{}", json.display(), plot.display());
    Ok(())
}

fn unit(text: &str) -> Result<f32, String> {
    let value = text.parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| "0 to 1".to_owned())
}

fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), String> {
    let json = serde_json::to_vec_pretty(value).map_err(|error| error.to_string())?;
    std::fs::write(path, json).map_err(|error| format!("{}: {error}", path.display()))
}
