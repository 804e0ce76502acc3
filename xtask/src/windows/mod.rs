//! `windows`: tool, app and bundles built for Windows, and tested under Wine. On Debian and Ubuntu.
//!
//! What can't run there is listed with its reason in `tests.rs`. Nothing of it runs in `cargo xtask test`.

mod app;
mod imports;
mod same;
mod tests;
mod wine;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cross::Target;
use crate::layout::{self, Bundles, System};
use crate::stage::Stages;
use crate::{artifacts, command, package, system, workspace};
use wine::Wine;

const TRIPLE: &str = "x86_64-pc-windows-gnu";
const ARCH: &str = "x86_64";
/// GCC for Windows; the one whose threads are Windows' own, so that no library of threads is linked.
const COMPILER: &str = "x86_64-w64-mingw32-gcc-win32";
/// What builds.
const BUILD: &[&str] = &["gcc-mingw-w64-x86-64-win32", "binutils-mingw-w64-x86-64"];
/// What runs it.
const WINE: &[&str] = &["wine", "wine64", "libxcomposite1", "imagemagick"];

/// Builds, and runs the stages that are named, or all.
pub(crate) fn run(args: &[String]) -> Result<()> {
    const STAGES: [&str; 5] = ["session", "core", "host", "window", "installer"];
    if let Some(unknown) = args.iter().find(|name| !STAGES.contains(&name.as_str())) {
        bail!("there is no stage '{unknown}'; there are: {}", STAGES.join(", "));
    }
    let wanted = |name: &str| args.is_empty() || args.iter().any(|arg| arg == name);
    let target = prepare()?;
    let mut stages = Stages::new();
    if !stages.run("build", || build(&target)) {
        bail!("it does not build");
    }
    system::require(system::SCREEN, "for Wine's screen")?;
    system::require(WINE, "to run Windows programs")?;
    let wine = Wine::start(&target)?;
    println!("{}", wine.version());
    stages.run("what the library imports", || imports::check(&bundles(&target), target_programs(&target)));
    if wanted("session") {
        stages.run("the same sessions as here", || {
            artifacts::tool()?;
            same::compare(&target, &wine)
        });
    }
    if wanted("core") {
        stages.run("the core's tests", || tests::core(&target, &wine));
    }
    if wanted("host") {
        stages.run("tests in the CLAP host", || tests::host(&target, &wine));
    }
    if wanted("window") {
        stages.run("the app's window", || app::try_out(&target, &wine));
        stages.run("tests of the window", || tests::window(&target, &wine));
    }
    if wanted("host") {
        stages.run("clap-validator", || validate(&target, &wine));
    }
    if wanted("installer") {
        stages.run("the installer", || {
            let installer = package::windows_installer()?;
            package::try_installer(&installer, &wine.drive(), |program, args| {
                let mut run = wine.program(program);
                run.args(args);
                command::run(&mut run)
            })
        });
    }
    tests::print_what_is_left_out();
    let failed = stages.summary();
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

/// What it takes to build for Windows, named before it is installed.
pub(crate) fn prepare() -> Result<Target> {
    if !cfg!(target_os = "linux") {
        bail!("this is for Linux; on Windows itself `cargo xtask test` and `package` do the same");
    }
    system::require(BUILD, "to build for Windows")?;
    Target::prepare(TRIPLE, "windows", Some(COMPILER.into()), Some("x86_64-w64-mingw32-ar".into()))
}

/// Builds tool, app and plugin, and lays out the bundles.
fn build(target: &Target) -> Result<()> {
    command::run(&mut target.cargo(&["build", "--package", workspace::LAB_PACKAGE, "--bin", "deepdrummer"]))?;
    bundle(target)?;
    command::run(target.cargo(&["build"]).args(artifacts::APP))
}

/// Builds the plugin and lays out its bundles.
pub(crate) fn bundle(target: &Target) -> Result<Bundles> {
    command::run(&mut target.cargo(&["build", "--package", workspace::PLUGIN_PACKAGE, "--lib"]))?;
    // GNU's linker leaves names in a library that nobody reads: a quarter of it.
    let library = target.folder.join(System::Windows.built_library());
    std::fs::copy(target.built(System::Windows.built_library()), &library)
        .with_context(|| format!("could not write {}", library.display()))?;
    let mut strip = Command::new("x86_64-w64-mingw32-strip");
    // The time in its head is the commit's, not that of the link.
    strip.env("SOURCE_DATE_EPOCH", package::time()?.to_string());
    command::run(strip.arg("--strip-all").arg(&library))?;
    layout::lay_out(&library, System::Windows, ARCH, &target.folder.join("bundled"))
}

fn bundles(target: &Target) -> Bundles {
    Bundles::in_folder(&target.folder.join("bundled"))
}

fn target_programs(target: &Target) -> [PathBuf; 2] {
    [target.built("deepdrummer.exe"), target.built("deepdrummer-app.exe")]
}

/// Runs clap-validator as a Windows program, where somebody has built one and says where.
fn validate(target: &Target, wine: &Wine) -> Result<()> {
    let Some(validator) = std::env::var_os("CLAP_VALIDATOR_EXE").map(PathBuf::from) else {
        println!(
            "left out: CLAP_VALIDATOR_EXE names no clap-validator.exe (free-audio/clap-validator, \
             built with `cargo build --release --target {TRIPLE}`)"
        );
        return Ok(());
    };
    let mut run = wine.program(&validator);
    run.arg("validate").arg(wine::path(&bundles(target).clap)?);
    command::run(&mut run)
}

/// Tells a command where things are that were built for it, as Windows programs name them.
fn set_artifact_paths(command: &mut Command, target: &Target) -> Result<()> {
    let bundles = bundles(target);
    let out = target.folder.join("test-output");
    std::fs::create_dir_all(&out).with_context(|| format!("could not make {}", out.display()))?;
    for (name, place) in [
        ("DEEPDRUMMER_CLAP", bundles.clap.as_path()),
        ("DEEPDRUMMER_VST3", &bundles.vst3),
        ("DEEPDRUMMER_TOOL", &target.built("deepdrummer.exe")),
        ("DEEPDRUMMER_OUT", Path::new(&out)),
    ] {
        command.env(name, wine::path(place)?);
    }
    Ok(())
}
