//! The installer for Windows, made by NSIS, and its trial.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command;
use crate::layout::VERSION;

const SCRIPT: &str = "packaging/windows/installer.nsi";
/// What it leaves on a machine, under drive C.
const INSTALLED: [&str; 4] = [
    "Program Files/Common Files/CLAP/DeepDrummer.clap",
    "Program Files/Common Files/VST3/DeepDrummer.vst3/Contents/x86_64-win/DeepDrummer.vst3",
    "Program Files/Common Files/VST3/DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
    UNINSTALLER,
];
const UNINSTALLER: &str = "Program Files/DeepDrummer/uninstall.exe";
/// An uninstaller goes on in a copy of itself after it has ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes the installer of the bundles and texts in two folders.
pub(super) fn make(bundles: &Path, texts: &Path, out: &Path, time: u64) -> Result<()> {
    let absolute = |path: &Path| crate::cross::absolute(path).display().to_string();
    let mut makensis = Command::new("makensis");
    makensis.args(["-V2", "-NOCD"]).env("SOURCE_DATE_EPOCH", time.to_string());
    for (name, value) in [
        ("VERSION", VERSION.to_owned()),
        ("BUNDLES", absolute(bundles)),
        ("TEXTS", absolute(texts)),
        ("OUT", absolute(out)),
    ] {
        makensis.arg(format!("-D{name}={value}"));
    }
    command::run(makensis.arg(SCRIPT))
}

/// Installs silently on a machine whose drive C is a folder, looks at every file, installs over it, and
/// uninstalls. `run` starts a Windows program and waits for it.
pub(super) fn try_out(
    installer: &Path,
    bundles: &Path,
    drive: &Path,
    mut run: impl FnMut(&Path, &[&str]) -> Result<()>,
) -> Result<()> {
    // Somebody else's plugin, which must stay.
    let other = drive.join("Program Files/Common Files/CLAP/Other.clap");
    crate::layout::write(&other, b"other")?;
    let left_over = drive.join("Program Files/Common Files/VST3/DeepDrummer.vst3/Contents/old.txt");
    for turn in 0..2 {
        run(installer, &["/S"])?;
        if let Some(missing) = INSTALLED.iter().find(|path| !drive.join(path).is_file()) {
            bail!("{missing} was not installed");
        }
        for (installed, built) in INSTALLED.iter().zip([
            "DeepDrummer.clap",
            "DeepDrummer.vst3/Contents/x86_64-win/DeepDrummer.vst3",
            "DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
        ]) {
            if read(&drive.join(installed))? != read(&bundles.join(built))? {
                bail!("{installed} is another file than was built");
            }
        }
        if turn == 0 {
            crate::layout::write(&left_over, b"of an older release")?;
        } else if left_over.exists() {
            bail!("a file of an older release stayed in the bundle");
        }
    }
    run(&drive.join(UNINSTALLER), &["/S"])?;
    let gone =
        [INSTALLED[0], "Program Files/Common Files/VST3/DeepDrummer.vst3", "Program Files/DeepDrummer"];
    let until = Instant::now() + PATIENCE;
    while let Some(left) = gone.iter().find(|path| drive.join(path).exists()) {
        if Instant::now() > until {
            bail!("{left} was not removed");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    if !other.is_file() {
        bail!("a plugin of somebody else was removed");
    }
    println!("installed twice over, uninstalled without a trace");
    Ok(())
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("could not read {}", path.display()))
}
