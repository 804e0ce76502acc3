//! `build` and `bundle`: what a person uses, built in the `release` profile.

use anyhow::{Context, Result, bail};

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

/// Builds `target/release/deepdrummer-app`.
pub(crate) fn app() -> Result<()> {
    command::run(&mut command::cargo(&[
        "build",
        "--release",
        "--package",
        workspace::PLUGIN_PACKAGE,
        "--features",
        "standalone",
        "--bin",
        "deepdrummer-app",
    ]))
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
    // A bundle left over from before is replaced as a whole: hosts that have it open keep their copy.
    for old in [workspace::clap_bundle(), workspace::vst3_bundle()] {
        let removed = if old.is_dir() { std::fs::remove_dir_all(&old) } else { std::fs::remove_file(&old) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("could not replace {}", old.display()));
            }
            _ => {}
        }
    }
    nice_plug_xtask::bundle(
        &workspace::target(),
        workspace::PLUGIN_PACKAGE,
        &["--release".to_owned()],
        false,
    )?;
    for bundle in [workspace::clap_bundle(), workspace::vst3_bundle()] {
        if !bundle.exists() {
            bail!("{} was not made: does the plugin export that format?", bundle.display());
        }
    }
    Ok(())
}
