//! `races`: the hand-overs between threads under ThreadSanitizer.
//!
//! The detector must see the standard library's locks and reference counts too, or it takes what they order
//! for races: so the library is built along, which needs a nightly toolchain with its source.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

/// The tests in which threads meet.
const TESTS: &[&[&str]] =
    &[&["--package", workspace::CORE_PACKAGE, "--lib", "--", "runtime::", "kit::cache::", "kit::scan::"]];

/// Runs them; a report makes its test program fail.
pub(crate) fn run() -> Result<()> {
    let nightly = |program: &str| {
        let mut command = Command::new("rustup");
        command.args(["run", "nightly", program]);
        command
    };
    let sysroot = command::output(nightly("rustc").args(["--print", "sysroot"]));
    if !sysroot.is_some_and(|path| Path::new(path.trim()).join("lib/rustlib/src/rust/library").exists()) {
        bail!("this needs: rustup toolchain install nightly --component rust-src");
    }
    let about = command::output(nightly("rustc").arg("-vV")).context("nightly's rustc does not start")?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    for tests in TESTS {
        let mut test = nightly("cargo");
        // A target, even the usual one, keeps the flags away from build scripts and macros.
        test.args(["test", "--release", "-Zbuild-std", "--target", host, "--target-dir"]);
        test.arg(workspace::target().join("races"));
        test.args(["--config", "profile.release.strip='none'"]);
        test.args(["--config", "profile.release.debug='line-tables-only'"]);
        test.args(*tests);
        for name in ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_BIN_NAME"]
        {
            test.env_remove(name);
        }
        command::run(test.env("RUSTFLAGS", "-Zsanitizer=thread"))?;
    }
    Ok(())
}
