//! `macos`: core, plugin and app compiled and linted for macOS, on another system. Nothing is linked, since Apple's
//! frameworks are on Apple's machines only, and nothing runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cross::{Target, absolute};
use crate::layout::{Bundles, System};
use crate::stage::Stages;
use crate::{artifacts, command, layout, python, workspace};

/// Rust's name of a target, and Zig's.
const TARGETS: [(&str, &str, &str); 2] = [
    ("aarch64-apple-darwin", "aarch64-macos", "Apple's processors"),
    ("x86_64-apple-darwin", "x86_64-macos", "Intel's processors"),
];
/// A C compiler that brings macOS' headers, for SQLite; from PyPI.
const COMPILER: &str = "ziglang==0.15.2";

/// Compiles and lints for both kinds of processor.
pub(crate) fn run() -> Result<()> {
    let python = compiler()?;
    let mut stages = Stages::new();
    for (triple, zig, name) in TARGETS {
        stages.run(name, || check(&python, triple, zig));
    }
    let failed = stages.summary();
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

/// On macOS itself: builds for both kinds of processor, joins the libraries with Apple's lipo, lays out and signs the
/// bundles.
pub(crate) fn universal() -> Result<Bundles> {
    let library = System::MacOs.built_library();
    let mut lipo = Command::new("lipo");
    lipo.arg("-create");
    for (triple, ..) in TARGETS {
        let target = Target::prepare(triple, "macos", None, None)?;
        command::run(&mut target.cargo(&["build", "--package", workspace::PLUGIN_PACKAGE, "--lib"]))?;
        lipo.arg(target.built(library));
    }
    let joined = workspace::target().join("macos").join(library);
    command::run(lipo.arg("-output").arg(&joined))?;
    let bundles = layout::lay_out(&joined, System::MacOs, "universal", &workspace::bundles())?;
    artifacts::sign(&bundles.clap)?;
    artifacts::sign(&bundles.vst3)?;
    Ok(bundles)
}

fn check(python: &Path, triple: &'static str, zig: &str) -> Result<()> {
    let compiler = wrapper(python, triple, zig)?;
    let target = Target::prepare(triple, "macos", Some(compiler), Some("ar".into()))?;
    let mut clippy = target.cargo(&["clippy"]);
    clippy.args(["--package", workspace::CORE_PACKAGE, "--package", workspace::PLUGIN_PACKAGE]);
    clippy.args([
        "--features",
        "deepdrummer-plugin/standalone",
        "--lib",
        "--bins",
        "--",
        "--deny",
        "warnings",
    ]);
    command::run(&mut clippy)
}

/// Installs the C compiler and returns the Python that starts it.
fn compiler() -> Result<PathBuf> {
    let folder = workspace::target().join("macos/compiler");
    let python = absolute(&folder.join("bin/python"));
    let stamp = folder.join("installed.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == COMPILER) {
        return Ok(python);
    }
    println!("A C compiler with macOS' headers is needed, in {}: {COMPILER} from PyPI", folder.display());
    command::run(Command::new(python::interpreter()?).args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", COMPILER]);
    command::run(&mut pip)?;
    layout::write(&stamp, COMPILER.as_bytes())?;
    Ok(python)
}

/// A script that calls Zig's compiler as if it were Apple's: how that names targets is left out.
fn wrapper(python: &Path, triple: &str, zig: &str) -> Result<PathBuf> {
    let script = absolute(&workspace::target().join("macos").join(format!("cc-{triple}")));
    let text = format!(
        "#!/bin/sh\n\
         set -f\n\
         first=1\n\
         for word do\n\
         \tif [ $first = 1 ]; then set --; first=0; fi\n\
         \tif [ \"$skip\" = 1 ]; then skip=0; continue; fi\n\
         \tcase \"$word\" in\n\
         \t--target=*|-mmacosx-version-min=*) ;;\n\
         \t-arch) skip=1 ;;\n\
         \t*) set -- \"$@\" \"$word\" ;;\n\
         \tesac\n\
         done\n\
         exec '{}' -m ziglang cc -target {zig} \"$@\"\n",
        python.display()
    );
    layout::write(&script, text.as_bytes())?;
    mark_as_program(&script)?;
    Ok(script)
}

#[cfg(unix)]
fn mark_as_program(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("could not mark {} as a program", path.display()))
}

#[cfg(not(unix))]
fn mark_as_program(_: &Path) -> Result<()> {
    bail!("this is for Linux; on macOS itself `cargo xtask check` does the same")
}
