//! Wine, set up for tests: a folder of its own that stands for a Windows machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cross::{Target, absolute};
use crate::screen::Screen;
use crate::{command, layout, workspace};

/// A function of Windows that Wine has from version 9 on; Rust's standard library starts with it. For tests only,
/// never shipped.
const RANDOM: &str = "\
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    while (length > 0) {
        ULONG piece = length > 0x40000000 ? 0x40000000 : (ULONG)length;
        if (!RtlGenRandom(data, piece)) return FALSE;
        data += piece;
        length -= piece;
    }
    return TRUE;
}
";

/// A Windows machine under Wine, for as long as this lives.
pub(crate) struct Wine {
    prefix: PathBuf,
    screen: Screen,
    /// A window manager, so that windows get focus as on a desktop.
    manager: Option<std::process::Child>,
}

impl Wine {
    /// Starts a screen and makes the machine, anew each time: nothing of an earlier run is in it.
    pub(crate) fn start(target: &Target) -> Result<Self> {
        let prefix = absolute(&workspace::target().join("windows/wine"));
        let screen = Screen::start()?;
        let mut wine = Self { prefix, screen, manager: None };
        wine.end();
        if wine.prefix.exists() {
            std::fs::remove_dir_all(&wine.prefix)
                .with_context(|| format!("could not remove {}", wine.prefix.display()))?;
        }
        std::fs::create_dir_all(&wine.prefix)
            .with_context(|| format!("could not make {}", wine.prefix.display()))?;
        let mut manager = Command::new("openbox");
        wine.screen.show(&mut manager);
        wine.manager = manager.spawn().ok();
        command::run(&mut wine.command("wineboot", &["--init"]))?;
        wine.bring_what_wine_lacks(target)?;
        Ok(wine)
    }

    fn bring_what_wine_lacks(&self, target: &Target) -> Result<()> {
        let system = self.drive().join("windows/system32");
        let library = system.join("bcryptprimitives.dll");
        if library.exists() {
            return Ok(());
        }
        let source = workspace::target().join("windows/random.c");
        layout::write(&source, RANDOM.as_bytes())?;
        let compiler = target.compiler.as_deref().context("there is a compiler for Windows")?;
        let mut compile = Command::new(compiler);
        compile.args(["-shared", "-O2", "-o"]).arg(&library).arg(&source).arg("-ladvapi32");
        command::run(&mut compile)
    }

    /// The machine's drive C.
    pub(crate) fn drive(&self) -> PathBuf {
        self.prefix.join("drive_c")
    }

    /// What programs need to run on this machine.
    pub(crate) fn enter(&self, command: &mut Command) {
        self.screen.show(command);
        command.env("WINEPREFIX", &self.prefix).env("WINEARCH", "win64").env("WINEDEBUG", "-all");
        // It would ask to install its browser and its .NET.
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml=");
    }

    /// A program of Wine's own.
    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args);
        self.enter(&mut command);
        command
    }

    /// A Windows program.
    pub(crate) fn program(&self, path: &Path) -> Command {
        let mut command = self.command("wine", &[]);
        command.arg(path);
        command
    }

    /// The version of Wine.
    pub(crate) fn version(&self) -> String {
        command::output(&mut self.command("wine", &["--version"])).unwrap_or_default().trim().to_owned()
    }

    fn end(&self) {
        let _ = self.command("wineserver", &["--kill"]).status();
    }

    /// The screen's picture as a PNG file.
    pub(crate) fn photograph(&self, to: &Path) -> Result<()> {
        let mut import = Command::new("import");
        import.args(["-window", "root"]).arg(to);
        self.screen.show(&mut import);
        command::run(&mut import)
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.end();
        if let Some(manager) = &mut self.manager {
            let _ = manager.kill();
            let _ = manager.wait();
        }
    }
}

/// A path as Windows programs under Wine know it: drive Z is the whole machine.
pub(crate) fn path(path: &Path) -> Result<String> {
    let path = absolute(path);
    let Some(text) = path.to_str().filter(|text| text.starts_with('/')) else {
        bail!("{} has no name under Wine", path.display());
    };
    Ok(format!("Z:{}", text.replace('/', "\\")))
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn a_path_is_on_drive_z() {
        assert_eq!(super::path(std::path::Path::new("/work/a b.c")).unwrap(), "Z:\\work\\a b.c");
    }
}
