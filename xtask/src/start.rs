//! `start`: what an instance costs the host that makes it, beyond the least plugin of the same framework, in
//! the hosts from PyPI; and the library's size.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{artifacts, command, measured, python, workspace};

const HOSTS: [&str; 2] = ["dawdreamer", "minihost"];
/// Processes that each figure is the median of.
const RUNS: usize = 5;
/// Instances in each of them; the first one counts by itself.
const INSTANCES: usize = 5;

/// What one instance cost: milliseconds blocked, milliseconds of processor time, megabytes, megabytes that are
/// no file's.
type Cost = [f64; 4];

/// The first instance of a process, and each further one.
#[derive(Clone, Copy)]
struct Costs {
    first: Cost,
    further: Cost,
}

/// Measures it.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let docs = match args {
        [] => false,
        [only] if only == "--docs" => true,
        _ => bail!("usage: cargo xtask start [--docs]"),
    };
    artifacts::bundle()?;
    let python = python::environment()?;
    let minimal = minimal()?;
    let plugin = workspace::vst3_bundle();
    let mut text = format!(
        "Medians of {RUNS} processes with {INSTANCES} instances each, {}. Time: how long the host's calls take \
         that make an instance and play its first block. Memory: what is resident a second and a half later.\n\n\
         | host | instance | | framework alone | new home | known home | beyond the framework |\n\
         |---|---|---|---|---|---|---|\n",
        measured::machine()
    );
    for host in HOSTS {
        let home = workspace::target().join("test-output/start-home");
        let (mut least, mut cold, mut warm) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            least.push(measure(&python, host, &minimal, &home)?);
            if home.exists() {
                std::fs::remove_dir_all(&home).context("could not empty the home")?;
            }
            cold.push(measure(&python, host, &plugin, &home)?);
            warm.push(measure(&python, host, &plugin, &home)?);
        }
        let [least, cold, warm] = [median(&least)?, median(&cold)?, median(&warm)?];
        for (name, of) in [("first", first as fn(&Costs) -> Cost), ("each further", further)] {
            let [least, cold, warm] = [of(&least), of(&cold), of(&warm)];
            for (what, unit, at) in [
                ("blocked", "ms", 0),
                ("processor", "ms", 1),
                ("memory", "MB", 2),
                ("of that no file's", "MB", 3),
            ] {
                writeln!(
                    text,
                    "| {host} | {name} | {what} | {:.1} {unit} | {:.1} {unit} | {:.1} {unit} | {:.1} {unit} |",
                    least[at],
                    cold[at],
                    warm[at],
                    cold[at].max(warm[at]) - least[at],
                )?;
            }
        }
    }
    let library = workspace::clap_bundle();
    let bytes = std::fs::metadata(&library).with_context(|| library.display().to_string())?.len();
    writeln!(text, "\nThe library has {:.1} MB.", bytes as f64 / 1e6)?;
    measured::publish("start", &text, docs)
}

fn first(costs: &Costs) -> Cost {
    costs.first
}

fn further(costs: &Costs) -> Cost {
    costs.further
}

/// Builds the least plugin and lays it out as a bundle.
fn minimal() -> Result<PathBuf> {
    command::run(&mut command::cargo(&[
        "build",
        "--release",
        "--package",
        workspace::PLUGIN_PACKAGE,
        "--example",
        "minimal",
    ]))?;
    let folder = workspace::target().join("test-output/Minimal.vst3");
    let inside = folder.join("Contents").join(format!("{}-linux", std::env::consts::ARCH));
    std::fs::create_dir_all(&inside).with_context(|| format!("could not make {}", inside.display()))?;
    let built = workspace::target().join("release/examples/libminimal.so");
    std::fs::copy(&built, inside.join("Minimal.so"))
        .with_context(|| format!("could not copy {}", built.display()))?;
    Ok(folder)
}

/// What instances cost in a process of their own.
fn measure(python: &Path, host: &str, plugin: &Path, home: &Path) -> Result<Costs> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut process = Command::new(python);
    process.arg("tests/hosts/start.py").arg(host).arg(absolute(plugin)).arg(INSTANCES.to_string());
    process.env("DEEPDRUMMER_HOME", absolute(home));
    let mut rows: Vec<Cost> = Vec::new();
    let succeeded = command::run_watching(&mut process, |line| {
        let numbers: Vec<f64> = line.split(',').filter_map(|number| number.trim().parse().ok()).collect();
        rows.extend(Cost::try_from(numbers));
    })?;
    let [first, further @ ..] = rows.as_slice() else { bail!("{host} told nothing") };
    if !succeeded || rows.len() != INSTANCES {
        bail!("{host} did not make {INSTANCES} instances of {}", plugin.display());
    }
    Ok(Costs { first: *first, further: middle(further) })
}

fn median(all: &[Costs]) -> Result<Costs> {
    if all.is_empty() {
        bail!("nothing was measured");
    }
    let of = |part: fn(&Costs) -> Cost| middle(&all.iter().map(part).collect::<Vec<_>>());
    Ok(Costs { first: of(first), further: of(further) })
}

/// The median of each number, of at least one cost.
fn middle(costs: &[Cost]) -> Cost {
    std::array::from_fn(|at| {
        let mut numbers: Vec<f64> = costs.iter().map(|cost| cost[at]).collect();
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_a_median_of_its_own() {
        let costs = [[1.0, 9.0, 0.0, 5.0], [3.0, 7.0, 0.0, 5.0], [2.0, 8.0, 1.0, 4.0]];
        assert_eq!(middle(&costs), [2.0, 8.0, 0.0, 5.0]);
    }
}
