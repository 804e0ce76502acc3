//! Compiling for another system from this one: the target's standard library, and the tools that its linker and
//! its C parts need.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{command, system, workspace};

/// A target and the programs that compile and link for it.
pub(crate) struct Target {
    pub(crate) triple: &'static str,
    /// What compiles C and links; `None` where nothing is linked and no C compiled.
    pub(crate) compiler: Option<PathBuf>,
    /// What packs objects into libraries.
    pub(crate) archiver: Option<PathBuf>,
    /// Cargo's output folder: of its own, so that nothing of the machine's own builds is compiled again.
    pub(crate) folder: PathBuf,
    /// What cargo is to compile of the standard library, where the toolchain has none for the target.
    build_std: bool,
}

impl Target {
    /// Makes sure that there is a standard library, and names first what is fetched.
    pub(crate) fn prepare(
        triple: &'static str,
        folder: &str,
        compiler: Option<PathBuf>,
        archiver: Option<PathBuf>,
    ) -> Result<Self> {
        let build_std = standard_library(triple)? == Library::FromSource;
        let folder = workspace::target().join(folder);
        Ok(Self { triple, compiler, archiver, folder: absolute(&folder), build_std })
    }

    /// A `cargo` command for the target, `build` or `test` and its like with what follows.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut cargo = command::cargo(args);
        cargo.args(["--release", "--target", self.triple]).env("CARGO_TARGET_DIR", &self.folder);
        let small = self.triple.replace('-', "_");
        if let Some(compiler) = &self.compiler {
            cargo.env(format!("CARGO_TARGET_{}_LINKER", small.to_uppercase()), compiler);
            cargo.env(format!("CC_{small}"), compiler);
        }
        if let Some(archiver) = &self.archiver {
            cargo.env(format!("AR_{small}"), archiver);
        }
        if self.build_std {
            // The compiler is the stable one; what is asked of it has been the same for years.
            cargo.arg("-Zbuild-std=std,panic_unwind").env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }

    /// Something that cargo built for the target.
    pub(crate) fn built(&self, file: &str) -> PathBuf {
        self.folder.join(self.triple).join("release").join(file)
    }
}

/// Where the standard library comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Library {
    Compiled,
    FromSource,
}

fn standard_library(triple: &str) -> Result<Library> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let print = |args: &[&str]| command::output(Command::new(&rustc).args(args));
    let folder = print(&["--print", "target-libdir", "--target", triple]).context("rustc does not run")?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(Library::Compiled);
    }
    if system::has_program("rustup") {
        println!("Rust's standard library for {triple} is needed: rustup fetches it");
        if command::run(Command::new("rustup").args(["target", "add", triple])).is_ok() {
            return Ok(Library::Compiled);
        }
    }
    let sysroot = print(&["--print", "sysroot"]).context("rustc does not tell where it is")?;
    let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std");
    if source.is_dir() {
        println!("The toolchain has no standard library for {triple}; it is compiled along");
        return Ok(Library::FromSource);
    }
    bail!(
        "the toolchain has no standard library for {triple}: `rustup target add {triple}`, \
         or put its source (the component rust-src) into {}",
        source.display()
    );
}

pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
