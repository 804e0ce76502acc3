//! Where things are in the workspace. All paths are relative to its root, which is the current
//! directory of every command.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The package that holds the plugin and the app.
pub(crate) const PLUGIN_PACKAGE: &str = "deepdrummer-plugin";
/// The package that holds everything else of the product.
pub(crate) const CORE_PACKAGE: &str = "deepdrummer-core";
/// The package of studies and of the headless tool.
pub(crate) const LAB_PACKAGE: &str = "deepdrummer-lab";
/// The package of the system tests.
pub(crate) const TESTS_PACKAGE: &str = "deepdrummer-tests";
/// The package of the models of hand-overs.
pub(crate) const LOOM_PACKAGE: &str = "deepdrummer-loom";

/// What a bundle is called in a plugin folder, without its extension.
pub(crate) const BUNDLE_NAME: &str = "DeepDrummer";

/// Cargo's output folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// Where `bundle` puts the plugin.
pub(crate) fn bundles() -> PathBuf {
    target().join("bundled")
}

/// A program built by this workspace.
pub(crate) fn program(name: &str) -> PathBuf {
    target().join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The CLAP bundle.
pub(crate) fn clap_bundle() -> PathBuf {
    bundles().join(format!("{BUNDLE_NAME}.clap"))
}

/// The VST3 bundle.
pub(crate) fn vst3_bundle() -> PathBuf {
    bundles().join(format!("{BUNDLE_NAME}.vst3"))
}

/// Makes the workspace's root the current directory, wherever the command was started.
pub(crate) fn enter_root() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the xtask package has no parent directory")?;
    std::env::set_current_dir(root).with_context(|| format!("could not enter {}", root.display()))
}
