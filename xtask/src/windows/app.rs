//! The app under Wine: it opens its window, draws, and ends when the window is closed.
//!
//! The picture of the screen is kept to be looked at, and as the proof that something was drawn: a window of its own is
//! shown by Wine 8, one inside another window is not.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::wine::Wine;
use crate::command;
use crate::cross::Target;

/// How long the first start may take, sounds and all.
const PATIENCE: Duration = Duration::from_secs(90);
/// Text alone gives dozens of shades.
const COLOURS: usize = 100;
const TITLE: &str = "DeepDrummer";

/// Starts it, waits for a picture, closes it.
pub(super) fn try_out(target: &Target, wine: &Wine) -> Result<()> {
    let mut app = wine.program(&target.built("deepdrummer-app.exe"));
    app.args(["--backend", "dummy"]).stdout(Stdio::null()).stderr(Stdio::null());
    println!("$ {}", command::shown(&app));
    let mut child = app.spawn().context("the app does not start")?;
    let picture = target.folder.join("test-output/app-windows.png");
    let until = Instant::now() + PATIENCE;
    loop {
        std::thread::sleep(Duration::from_secs(2));
        if let Some(status) = child.try_wait().context("the app")? {
            bail!("the app ended by itself ({status})");
        }
        wine.photograph(&picture)?;
        let drawn = colours(&picture)?;
        if drawn >= COLOURS {
            println!("{drawn} colours in {}", picture.display());
            break;
        }
        if Instant::now() > until {
            let _ = child.kill();
            bail!("only {drawn} colours on the screen: nothing was drawn");
        }
    }
    let mut close = Command::new("xdotool");
    close.args(["search", "--onlyvisible", "--name", TITLE, "windowclose"]);
    wine.enter(&mut close);
    command::run(&mut close)?;
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(status) = child.try_wait().context("the app")? {
            println!("closed: {status}");
            return Ok(());
        }
        if Instant::now() > until {
            let _ = child.kill();
            bail!("the app does not end when its window is closed");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// How many colours a picture has.
fn colours(picture: &Path) -> Result<usize> {
    let mut convert = Command::new("convert");
    convert.arg(picture).args(["-depth", "8", "rgb:-"]);
    let output = convert.output().context("ImageMagick does not start")?;
    if !output.status.success() {
        bail!("{} can't be read", picture.display());
    }
    Ok(output.stdout.chunks_exact(3).collect::<HashSet<_>>().len())
}
