//! `build` and `bundle`: what a person uses, built in the `release` profile.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::layout::{self, System};
use crate::{command, system, workspace};

/// Builds the headless tool, and the app if its system headers are there.
pub(crate) fn build() -> Result<()> {
    tool()?;
    if can_build_app() {
        app()?;
        println!(
            "\n{}\n{}",
            workspace::program("deepdrummer").display(),
            workspace::program("deepdrummer-app").display()
        );
    } else {
        println!(
            "\n{}\nThe app was left out: it needs the headers of ALSA and JACK (sudo apt-get install {}).",
            workspace::program("deepdrummer").display(),
            system::APP.join(" ")
        );
    }
    Ok(())
}

/// Builds `target/release/deepdrummer`.
pub(crate) fn tool() -> Result<()> {
    command::run(&mut command::cargo(&[
        "build",
        "--release",
        "--package",
        workspace::LAB_PACKAGE,
        "--bin",
        "deepdrummer",
    ]))
}

/// What names the app to cargo.
pub(crate) const APP: [&str; 6] =
    ["--package", workspace::PLUGIN_PACKAGE, "--features", "standalone", "--bin", "deepdrummer-app"];

/// Builds `target/release/deepdrummer-app`.
pub(crate) fn app() -> Result<()> {
    command::run(command::cargo(&["build", "--release"]).args(APP))
}

/// Whether the system has what the app links.
pub(crate) fn can_build_app() -> bool {
    !cfg!(target_os = "linux") || (system::pkg_config_knows("alsa") && system::pkg_config_knows("jack"))
}

/// Builds the plugin without the app's feature, so that it links no sound library, and lays out
/// `target/bundled/DeepDrummer.clap` and `target/bundled/DeepDrummer.vst3`.
pub(crate) fn bundle() -> Result<()> {
    command::run(&mut command::cargo(&[
        "build",
        "--release",
        "--package",
        workspace::PLUGIN_PACKAGE,
        "--lib",
    ]))?;
    let system = System::here();
    let library = workspace::target().join("release").join(system.built_library());
    let bundles = layout::lay_out(&library, system, std::env::consts::ARCH, &workspace::bundles())?;
    for bundle in [&bundles.clap, &bundles.vst3] {
        if system == System::MacOs {
            sign(bundle)?;
        }
        println!("{}", bundle.display());
    }
    Ok(())
}

/// Signs a bundle on macOS: Apple's processors run only what is signed, if only by nobody. `MACOS_IDENTITY` names a
/// certificate of the machine's keychain; only what is signed with one, for good and with a time, can be notarised.
pub(crate) fn sign(bundle: &Path) -> Result<()> {
    let mut codesign = Command::new("codesign");
    match std::env::var("MACOS_IDENTITY").ok().filter(|name| !name.is_empty()) {
        Some(name) => codesign.args(["--force", "--timestamp", "--options", "runtime", "--sign", &name]),
        None => codesign.args(["--force", "--sign", "-"]),
    };
    command::run(codesign.arg(bundle))
}
