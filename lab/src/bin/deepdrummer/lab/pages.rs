//! Pages of `docs/lab`: each a table and a picture that a command writes.

use super::bar;
use clap::Args;
use deepdrummer_core::kit::factory;
use deepdrummer_core::units::Seed;
use deepdrummer_lab::listeners::Family;
use deepdrummer_lab::networks::{critic, probes};
use deepdrummer_lab::pretrain;
use deepdrummer_lab::reliability::{self, Reliability, WINDOWS, within};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options of a command that asks listeners.
#[derive(Args)]
pub(super) struct Options {
    /// Names or families, separated by commas; "tuning", "held_out" or "all".
    #[arg(long, default_value = "held_out")]
    listener: String,
    /// Sessions that each listener has.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    #[command(flatten)]
    to: Out,
}

/// Where a page goes.
#[derive(Args)]
pub(super) struct Out {
    /// Where the page and its pictures go.
    #[arg(long, value_name = "DIR", default_value = "docs/lab")]
    out: PathBuf,
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    std::fs::write(path, text).map_err(failed)
}

/// Writes calibration.md and its picture.
pub(super) fn calibration(options: &Options) -> Result<(), String> {
    let kit = Arc::new(factory::kit());
    let bar = bar();
    let pairs = reliability::gather(&options.listener, 1..1 + options.seeds, &kit, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let mut page = format!(
        "# Calibration\n\n<!-- Written by `deepdrummer lab calibration --listener {} --seeds {}`; do not edit. -->\n\n\
         How far predictions are off, on average: the expected calibration error over {} bins (Guo et al. 2017) of\n\
         what was predicted before each rating, against what simulated listeners then answered, wrong answers\n\
         included. Few predictions have a large error by chance alone: of n perfect ones in ten bins about √(2/n).\n\n\
         ![Reliability](calibration.svg)\n\n\
         | | ratings | predictions | with the temperature | without it |\n|---|---|---|---|---|\n",
        options.listener,
        options.seeds,
        reliability::BINS
    );
    for family in std::iter::once(None).chain(Family::ALL.map(Some)) {
        let from_ten = 10..usize::MAX;
        let windows: Vec<_> = match family {
            None => WINDOWS.iter().chain([&from_ten]).collect(),
            Some(_) => vec![&from_ten],
        };
        for window in windows {
            let of = |p: fn(&reliability::Pair) -> f32| {
                Reliability::of(within(&pairs, window, family).map(|pair| (p(pair), pair.like)))
            };
            let (with, without) = (of(|pair| pair.with), of(|pair| pair.without));
            if with.count() == 0 {
                continue;
            }
            let ratings = match window.end {
                usize::MAX => "from 11 on".to_owned(),
                end => format!("{} to {end}", window.start + 1),
            };
            let name = family.map_or("all", Family::key);
            let _ = writeln!(
                page,
                "| {name} | {ratings} | {} | {:.3} | {:.3} |",
                with.count(),
                with.error(),
                without.error()
            );
        }
    }
    write(&options.to.out.join("calibration.md"), &page)?;
    let path = options.to.out.join("calibration.svg");
    reliability::plot(&pairs, &path).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{page}");
    Ok(())
}

fn answers(row: &[f32]) -> String {
    let cell = |value: &f32| if value.is_nan() { " – |".to_owned() } else { format!(" {value:.3} |") };
    row.iter().map(cell).collect()
}

/// Writes probes.md and its picture.
pub(super) fn probes(options: &Out) -> Result<(), String> {
    let kit = Arc::new(factory::kit());
    let head = format!(
        "| {} |\n|{}\n",
        ["layer"].iter().chain(&probes::QUESTIONS).copied().collect::<Vec<_>>().join(" | "),
        "---|".repeat(1 + probes::QUESTIONS.len())
    );
    let mut page = "# What the trunk's layers hold\n\n<!-- Written by `deepdrummer lab probes`; do not edit. -->\n\n\
         Area under the ROC curve of linear probes (Alain and Bengio 2016) on each layer, over loops that they have not\n\
         seen: more hits than the median, swing, more hits before a rest than the median, brighter sounds than the median,\n\
         House against Boom bap, and, from one lane's own layers alone, whether it is a kick. .5 is chance. Probes never\n\
         touch training.\n\n## As it ships\n\n"
        .to_owned();
    page += &head;
    for (layer, row) in probes::of_shipped(&kit, Seed(1))? {
        let _ = writeln!(page, "| {layer} |{}", answers(&row));
    }
    let training = pretrain::Options { seed: Seed(1), tastes: 300, loops: 6_000, epochs: 8 };
    let bar = bar();
    let found = probes::along_training(&kit, training, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    let _ = write!(
        page,
        "\n## Along training\n\nA trunk of its own: {} tastes, {} loops and half as many climbed ones, {} passes.\n\n\
         ![Along training](probes.svg)\n",
        training.tastes, training.loops, training.epochs
    );
    for (pass, rows) in found.iter().filter(|(pass, _)| [0, 1, 3, training.epochs].contains(pass)) {
        let _ = write!(page, "\nAfter {pass} passes:\n\n{head}");
        for (layer, row) in rows {
            let _ = writeln!(page, "| {layer} |{}", answers(row));
        }
    }
    write(&options.out.join("probes.md"), &page)?;
    let path = options.out.join("probes.svg");
    probes::plot(&found, &path).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{page}");
    Ok(())
}

/// Whose ratings the critic's loss is looked at with.
const LOOKED_AT: [&str; 3] = ["genre/house", "metric/backbeat", "timbre/dark"];

/// Writes hessian.md.
pub(super) fn hessian(options: &Out) -> Result<(), String> {
    let kit = Arc::new(factory::kit());
    let mut page = "# How the critic's loss is curved\n\n<!-- Written by `deepdrummer lab hessian`; do not edit. -->\n\n\
         The mean cross entropy of 40 ratings as a function of all 32,000 weights of trunk and readout, on the way that the\n\
         product's fine-tuning takes (Adam, 40 steps there; further here), after Alain, Le Roux and Manzagol 2018. Eigenvalues\n\
         by Lanczos' method with 24 Hessian–vector products. *Along* and *across* say how the loss changes when one goes the given\n\
         share of the weights' length in the direction of the most negative and of the largest eigenvalue, whichever side\n\
         goes down further.\n"
        .to_owned();
    for listener in LOOKED_AT {
        let looks = critic::look(listener, 40, &kit, 1)?;
        let distances = critic::DISTANCES.map(|share| format!("{share}")).join(", ");
        let _ = write!(
            page,
            "\n## {listener}\n\n| steps | loss | five largest | most negative | along by {distances} | across |\n\
             |---|---|---|---|---|---|\n"
        );
        for look in &looks.looks {
            let list = |of: &[f32]| of.iter().map(|v| format!("{v:+.4}")).collect::<Vec<_>>().join(", ");
            let largest = look.largest.iter().map(|v| format!("{v:.2}")).collect::<Vec<_>>().join(", ");
            let _ = writeln!(
                page,
                "| {} | {:.4} | {largest} | {:.4} | {} | {} |",
                look.steps,
                look.loss,
                look.smallest,
                list(&look.along),
                list(&look.across)
            );
        }
        let _ = write!(
            page,
            "\nThe head alone, at its mode: smallest eigenvalue {:.3}, of which the prior's own is {:.3}.\n",
            looks.head, looks.prior
        );
    }
    write(&options.out.join("hessian.md"), &page)?;
    println!("{page}");
    Ok(())
}
