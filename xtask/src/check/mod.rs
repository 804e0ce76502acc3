//! `check`: everything that can be said about the code without running it, cheapest first.

mod circles;
mod features;
mod layers;
mod rules;

use anyhow::{Result, bail};

use crate::stage::Stages;
use crate::{artifacts, command, notices};

/// Runs all checks, stopping at the first that fails.
pub(crate) fn run() -> Result<()> {
    let mut stages = Stages::new();
    let passed = run_in(&mut stages);
    stages.summary();
    if passed { Ok(()) } else { bail!("the check failed") }
}

/// Runs all checks as stages of a longer command. Returns whether all passed.
pub(crate) fn run_in(stages: &mut Stages) -> bool {
    stages.run("check: formatting", || command::run(&mut command::cargo(&["fmt", "--all", "--", "--check"])))
        && stages.run("check: layers", layers::check)
        && stages.run("check: circles of imports", circles::check)
        && stages.run("check: features of shared crates", features::check)
        && stages.run("check: repository rules", rules::check)
        && stages.run("check: licences", notices::check)
        && stages.run("check: clippy", clippy)
        && stages.run("check: documentation", documentation)
}

/// What of the whole workspace can be built on this system.
fn app_features() -> &'static [&'static str] {
    if artifacts::can_build_app() { &["--features", "deepdrummer-plugin/standalone"] } else { &[] }
}

fn clippy() -> Result<()> {
    let mut clippy = command::cargo(&["clippy", "--release", "--workspace", "--all-targets"]);
    command::run(clippy.args(app_features()).args(["--", "--deny", "warnings"]))
}

fn documentation() -> Result<()> {
    let mut doc =
        command::cargo(&["doc", "--release", "--workspace", "--no-deps", "--document-private-items"]);
    command::run(doc.args(app_features()).env("RUSTDOCFLAGS", "--deny warnings"))
}
