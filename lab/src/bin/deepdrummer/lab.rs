//! `deepdrummer lab`: what the learner's explanations and networks are worth.

mod pages;

use clap::{Args, Subcommand};
use comfy_table::Table;
use deepdrummer_core::kit::factory;
use deepdrummer_lab::follow;
use deepdrummer_lab::listeners::Family;
use deepdrummer_lab::why;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;

/// Options of `deepdrummer lab`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Statements, marks and lifts held against simulated listeners whose taste is known.
    Why(WhyOptions),
    /// What asking again about contradicted ratings brings to listeners of whom a tenth of the answers is wrong.
    Doubt(WhyOptions),
    /// Reliability of the predictions of whole sessions, by number of ratings and by family.
    Calibration(pages::Options),
    /// What linear probes read from each layer of the trunk, as it ships and along a training of its own.
    Probes(pages::Out),
    /// How many notes of a line kicks meet at several places of the dial, and what is liked.
    Follow(FollowOptions),
    /// How the critic's loss is curved along its fine-tuning: largest and most negative eigenvalues.
    Hessian(pages::Out),
}

/// Options of `deepdrummer lab follow`.
#[derive(Args)]
struct FollowOptions {
    /// Names or families, separated by commas; "tuning", "held_out" or "all".
    #[arg(long, default_value = "tuning")]
    listener: String,
    /// Ratings that each listener gives.
    #[arg(long, default_value_t = 40)]
    ratings: usize,
    /// Places of the dial, -1 to 1, separated by commas.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true, default_values_t = [-1.0, 0.0, 0.5, 1.0])]
    amounts: Vec<f32>,
    /// Where all of it goes, as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Options of `deepdrummer lab why` and `doubt`.
#[derive(Args)]
struct WhyOptions {
    /// Names or families, separated by commas; "tuning", "held_out" or "all".
    #[arg(long, default_value = "held_out")]
    listener: String,
    /// Ratings that each listener gives.
    #[arg(long, default_value_t = 20)]
    ratings: usize,
    /// Sessions that each listener has.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Where all of it goes, as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} left {eta}") {
        bar.set_style(style);
    }
    bar
}

/// Runs what was asked for and prints its figures.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    match &options.what {
        What::Why(options) => why(options),
        What::Doubt(options) => doubt(options),
        What::Calibration(options) => pages::calibration(options),
        What::Follow(options) => follow(options),
        What::Probes(options) => pages::probes(options),
        What::Hessian(options) => pages::hessian(options),
    }
}

fn why(options: &WhyOptions) -> Result<(), String> {
    let kit = Arc::new(factory::kit());
    let seeds = options.first_seed..options.first_seed + options.seeds;
    let asked = why::Options { listeners: options.listener.clone(), ratings: options.ratings, seeds };
    let bar = bar();
    let report = why::examine(&asked, &kit, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    for said in &report.said {
        println!(
            "{} {:34} {:56} {:2} of {:2} liked  {:.3} / {:.3}",
            if said.is_true { "true " } else { "false" },
            said.listener,
            said.text,
            said.liked,
            said.of,
            said.with,
            said.without
        );
    }
    let mut table = Table::new();
    table.set_header(["statements", "true", "all", "share"]);
    for family in std::iter::once(None).chain(Family::ALL.map(Some)) {
        let (right, all) = report.true_share(family);
        if all > 0 {
            let share = format!("{:.2}", right as f32 / all as f32);
            let name = family.map_or("all", Family::key);
            table.add_row([name, &right.to_string(), &all.to_string(), &share]);
        }
    }
    println!("{table}");
    println!("{} sessions of {} ratings, nothing stated in {}", report.met, report.ratings, report.silent);
    for (name, test) in [
        ("integrated gradients", report.marks),
        ("of these, loops that show three certain hits", report.shown),
        ("occlusion", report.occlusion),
    ] {
        println!(
            "deletion test, {name}: {} loops, three best-marked hits −{:.3}, three at random −{:.3}: {:.2} times",
            test.loops,
            test.marked,
            test.random,
            test.marked / test.random
        );
    }
    println!(
        "marks sum to the difference within {:.4}, end at the prediction within {:.4}; {:.1} ms a loop (median)",
        report.incomplete, report.apart, report.marks_ms
    );
    println!("lifts: {:.3} true gain, {:.3} promised", report.lift[0], report.lift[1]);
    for (family, [share, sd]) in &report.rhythm {
        println!("rhythm's share, {family}: {share:.2} ± {sd:.2}");
    }
    write(options.out.as_deref(), &report)
}

fn follow(options: &FollowOptions) -> Result<(), String> {
    if options.amounts.iter().any(|amount| !(-1.0..=1.0).contains(amount)) {
        return Err("the dial goes from -1 to 1".to_owned());
    }
    let kit = Arc::new(factory::kit());
    let bar = bar();
    let asked = (options.listener.as_str(), options.ratings);
    let rows = follow::examine(asked, &options.amounts, &kit, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let mut table = Table::new();
    table.set_header([
        "follow",
        "notes met",
        "kicks on notes",
        "P(like)",
        "good: notes met",
        "good: P(like)",
    ]);
    for row in &rows {
        let figure = |x: f32| format!("{x:.3}");
        table.add_row([
            format!("{:+.2}", row.amount),
            figure(row.met),
            figure(row.on),
            format!("{:.3} ±{:.3}", row.liked, row.error),
            figure(row.good[0]),
            figure(row.good[1]),
        ]);
    }
    println!("{table}");
    println!("{} sessions of {} ratings each", rows.first().map_or(0, |row| row.sessions), options.ratings);
    write(options.out.as_deref(), &rows)
}

fn doubt(options: &WhyOptions) -> Result<(), String> {
    let kit = Arc::new(factory::kit());
    let bar = bar();
    let seeds = options.first_seed..options.first_seed + options.seeds;
    let found = why::doubt(&options.listener, options.ratings, seeds, &kit, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let gains: Vec<f32> = found.iter().map(|of| of.with - of.without).collect();
    let n = gains.len().max(1) as f32;
    let mean = gains.iter().sum::<f32>() / n;
    let error = (gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f32>() / n / n).sqrt();
    let (asked, wrong) = found.iter().fold((0, 0), |(a, w), of| (a + of.asked, w + of.wrong));
    println!(
        "{} sessions of {} presses: asking again gains {mean:+.3} ± {error:.3} of true P(like); \
         asked {asked} times, {wrong} of the first answers were wrong",
        found.len(),
        options.ratings
    );
    write(options.out.as_deref(), &found)
}

fn write(path: Option<&std::path::Path>, what: &impl serde::Serialize) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let text = serde_json::to_vec_pretty(what).map_err(|error| error.to_string())?;
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
