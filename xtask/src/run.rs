//! `run`: from a clean clone to something that is heard, or at least written to disk.

use std::process::Command;

use anyhow::Result;

use crate::{artifacts, command, system, workspace};

/// Starts the app; where there is nothing to see or hear it with, writes a demo session instead.
/// `args` go to whichever program is started.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let screen = system::has_screen();
    let sound = system::has_sound();
    if screen && sound {
        system::require(system::APP, "to build and start the app")?;
        artifacts::app()?;
        return command::run(Command::new(workspace::program("deepdrummer-app")).args(args));
    }
    let lacking = match (screen, sound) {
        (false, false) => "no screen and no sound card",
        (false, true) => "no screen",
        _ => "no sound card",
    };
    let out = workspace::target().join("demo");
    println!(
        "There is {lacking} here: writing a demo session to {} instead of starting the app.",
        out.display()
    );
    artifacts::tool()?;
    let mut demo = Command::new(workspace::program("deepdrummer"));
    demo.arg("demo").arg("--out").arg(&out).args(args);
    command::run(&mut demo)
}
