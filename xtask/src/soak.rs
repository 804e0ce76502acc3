//! `soak`: the plugin under random commands for a long time.

use anyhow::{Context, Result, bail};

use crate::{command, test, workspace};

/// Runs the soak test for the given number of minutes.
pub fn run(args: &[String]) -> Result<()> {
    let minutes: u32 = match args {
        [flag, minutes] if flag == "--minutes" => {
            minutes.parse().with_context(|| format!("'{minutes}' is not a number of minutes"))?
        }
        _ => bail!("usage: cargo xtask soak --minutes N"),
    };
    let mut soak =
        command::cargo(&["test", "--release", "--package", workspace::TESTS_PACKAGE, "--test", "soak"]);
    soak.args(["--", "--ignored", "--nocapture"]).env("DEEPDRUMMER_SOAK_MINUTES", minutes.to_string());
    test::set_artifact_paths(&mut soak);
    command::run(&mut soak)
}
