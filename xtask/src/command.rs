//! Starting other programs, always showing first what is started.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// A `cargo` command of the same toolchain that runs xtask.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    // Set by the outer `cargo run` for the xtask package; inner commands must not inherit them.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_BIN_NAME"] {
        command.env_remove(name);
    }
    command
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    // Cargo is started by its full path, to stay within one toolchain; nobody types that.
    let program = Path::new(command.get_program());
    let program = if program.file_stem() == Some(OsStr::new("cargo")) {
        "cargo".into()
    } else {
        program.to_string_lossy()
    };
    std::iter::once(program)
        .chain(command.get_args().map(OsStr::to_string_lossy))
        .map(|word| if word.contains(' ') { format!("'{word}'").into() } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a command with the terminal as its output; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("could not start '{}'", shown(command)))?;
    if !status.success() {
        bail!("'{}' failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command, hands every line of its standard output to `line` and prints it.
/// Returns whether the command succeeded.
pub(crate) fn run_watching(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start '{}'", shown(command)))?;
    let output = child.stdout.take().context("the command's output was not captured")?;
    let mut reader = BufReader::new(output);
    let mut bytes = Vec::new();
    let mut terminal = std::io::stdout();
    while reader.read_until(b'\n', &mut bytes).context("could not read the command's output")? > 0 {
        terminal.write_all(&bytes).and_then(|()| terminal.flush()).context("could not print")?;
        line(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
    Ok(child.wait().context("could not wait for the command")?.success())
}

/// Runs a command silently and returns its standard output, or `None` if it failed or is missing.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
