//! `kills`: real processes killed at random moments, and what they leave behind.

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

/// Runs both tests that kill, as often as `--times` says.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let times: u32 = match args {
        [] => 1_000,
        [flag, times] if flag == "--times" => {
            times.parse().with_context(|| format!("'{times}' is not a number of kills"))?
        }
        _ => bail!("usage: cargo xtask kills [--times N]"),
    };
    for test in ["profile_processes", "kills"] {
        let mut kills = command::cargo(&[
            "test",
            "--release",
            "--package",
            workspace::CORE_PACKAGE,
            "--test",
            test,
            "--",
            "killed",
        ]);
        kills.arg("--nocapture").env("DEEPDRUMMER_KILLS", times.to_string());
        command::run(&mut kills)?;
    }
    Ok(())
}
