//! What the operating system has to bring: Debian packages, a screen, a sound card.
//!
//! Nothing is installed silently: the packages are named first. Without root, or on a system
//! without apt, the exact command is printed instead.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::command;

/// Headers and libraries to build and start the app.
pub(crate) const APP: &[&str] =
    &["pkg-config", "libasound2-dev", "libjack-jackd2-dev", "libgl1", "libx11-xcb1", "libxcursor1"];

/// A virtual screen with software OpenGL, for tests that open the window.
pub(crate) const SCREEN: &[&str] = &[
    "xvfb",
    "xauth",
    "xdotool",
    "openbox",
    "x11-utils",
    "libgl1",
    "libgl1-mesa-dri",
    "libx11-xcb1",
    "libxcursor1",
    "libxrandr2",
    "libxinerama1",
    "libfreetype6",
];

/// Windows of other toolkits, GTK 3 and Tk, that take files dragged out of the editor in its tests.
pub(crate) const DROP_TARGETS: &[&str] = &["python3-gi", "gir1.2-gtk-3.0", "python3-tk", "tkdnd"];

/// Installs the packages that are missing. `why` completes the sentence "These are needed …".
///
/// # Errors
/// If something is missing that could not be installed; the message holds the command to type.
pub(crate) fn require(packages: &[&str], why: &str) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    println!("These packages are needed {why}: {list}");
    if !has_program("apt-get") {
        bail!("this system has no apt: install what corresponds to these Debian packages: {list}");
    }
    if !is_root() {
        bail!("installing them needs root. Run:\n\n    sudo apt-get install {list}\n");
    }
    command::run(&mut apt(&["update", "-qq"]))?;
    command::run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(&missing))
}

/// Whether a window can be opened.
pub(crate) fn has_screen() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
}

/// Whether sound can be played.
pub(crate) fn has_sound() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    // ALSA lists playback devices as pcmC0D0p, pcmC0D1p, …
    std::fs::read_dir("/dev/snd").is_ok_and(|devices| {
        devices.flatten().any(|device| {
            let name = device.file_name();
            let name = name.to_string_lossy();
            name.starts_with("pcm") && name.ends_with('p')
        })
    })
}

fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().copied().filter(|package| !is_installed(package)).collect()
}

fn is_installed(package: &str) -> bool {
    if !has_program("dpkg-query") {
        // Not Debian: pkg-config is the best witness, and only headers can be asked for.
        return match package {
            "libasound2-dev" => pkg_config_knows("alsa"),
            "libjack-jackd2-dev" => pkg_config_knows("jack"),
            "pkg-config" | "xdotool" | "openbox" => has_program(package),
            "xvfb" => has_program("Xvfb"),
            _ => true,
        };
    }
    command::output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]))
        .is_some_and(|status| status == "installed")
}

/// Whether pkg-config finds a library's headers.
pub(crate) fn pkg_config_knows(library: &str) -> bool {
    command::output(Command::new("pkg-config").args(["--exists", library])).is_some()
}

/// Whether a program is on the path.
pub(crate) fn has_program(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| Path::new(&folder).join(name).is_file())
    })
}

fn is_root() -> bool {
    command::output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

fn apt(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
