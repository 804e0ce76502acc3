//! `bench`: criterion's benchmarks of the core, in the same profile as everything else.

use anyhow::Result;

use crate::{command, workspace};

/// Runs the benchmarks whose names contain the filter; reports go to `target/criterion`.
pub fn run(args: &[String]) -> Result<()> {
    let mut bench = command::cargo(&["bench", "--package", workspace::CORE_PACKAGE, "--benches"]);
    if !args.is_empty() {
        bench.arg("--").args(args);
    }
    command::run(&mut bench)
}
