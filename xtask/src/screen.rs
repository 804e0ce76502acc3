//! A virtual screen for tests that open the plugin's window, on Linux systems without a real one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// Xvfb, for as long as this lives.
pub(crate) struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    /// Starts Xvfb on a free display.
    pub(crate) fn start() -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start Xvfb")?;
        let output = server.stdout.take().context("Xvfb's output was not captured")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number).context("Xvfb did not tell its display")?;
        if number.trim().is_empty() {
            bail!("Xvfb did not start");
        }
        Ok(Self { server, display: format!(":{}", number.trim()) })
    }

    /// Lets a command use the screen, with OpenGL in software.
    pub(crate) fn show(&self, command: &mut Command) {
        command.env("DISPLAY", &self.display).env("LIBGL_ALWAYS_SOFTWARE", "1");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It holds nothing worth a clean end.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
