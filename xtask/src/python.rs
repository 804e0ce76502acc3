//! The Python environment of the host tests, at `target/hosts-venv`, made once for each
//! `tests/hosts/requirements.txt`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

const REQUIREMENTS: &str = "tests/hosts/requirements.txt";

/// Makes the environment if needed and returns its interpreter.
pub(crate) fn environment() -> Result<PathBuf> {
    let folder = workspace::target().join("hosts-venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted =
        std::fs::read_to_string(REQUIREMENTS).with_context(|| format!("could not read {REQUIREMENTS}"))?;
    let stamp = folder.join("installed-requirements.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(absolute(&python));
    }
    println!("The host tests need these packages from PyPI, in {}:\n{wanted}", folder.display());
    command::run(Command::new(interpreter()?).args(["-m", "venv", "--clear"]).arg(&folder))?;
    command::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(REQUIREMENTS),
    )?;
    std::fs::write(&stamp, wanted).context("could not note what was installed")?;
    Ok(absolute(&python))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The first Python 3.11 or newer that has the `venv` module.
pub(crate) fn interpreter() -> Result<&'static str> {
    const PROBE: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    for name in ["python3.11", "python3.12", "python3.13", "python3", "python"] {
        if command::output(Command::new(name).args(["-c", PROBE])).is_some() {
            return Ok(name);
        }
    }
    bail!("no Python 3.11 or newer with venv was found (sudo apt-get install python3 python3-venv)")
}
