//! `bench`: criterion's benchmarks of core and laboratory, in the same profile as everything else.

use anyhow::Result;

use crate::{command, workspace};

/// Runs the benchmarks whose names contain the filter; reports go to `target/criterion`.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let packages = ["--package", workspace::CORE_PACKAGE, "--package", workspace::LAB_PACKAGE];
    let mut bench = command::cargo(&["bench"]);
    bench.args(packages).arg("--benches");
    if !args.is_empty() {
        bench.arg("--").args(args);
    }
    command::run(&mut bench)
}
