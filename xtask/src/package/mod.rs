//! `package`: what people download: archives of both bundles with licences, a package for Debian, an installer for
//! Windows, and their checksums, in `target/packages`.
//!
//! The same commit, compiled by the same toolchain in the same folders, gives the same bytes: archives hold the
//! commit's time and no owner, and so does the installer. Where the folders differ (cargo's or the workspace's)
//! so do the libraries, since the places of panics in dependencies are whole paths.

mod archive;
mod installer;
mod linux;
mod oldest;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::layout::{Bundles, System, VERSION};
use crate::{artifacts, command, layout, macos, notices, system, windows, workspace};
use archive::File;

const SUMS: &str = "SHA256SUMS";
/// What makes the installer.
const INSTALLER: &[&str] = &["nsis"];

/// Makes the packages of this system, or of those that are named.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let mut systems = Vec::new();
    // Bundles that were signed and stapled meanwhile are packed, not built again.
    let as_it_is = args.iter().any(|arg| arg == "--as-it-is");
    for arg in args.iter().filter(|arg| *arg != "--as-it-is") {
        let known = [System::Linux, System::Windows, System::MacOs].into_iter().find(|of| of.name() == arg);
        systems.push(known.with_context(|| format!("there is no system '{arg}': linux, windows, macos"))?);
    }
    if systems.is_empty() {
        systems.push(System::here());
    }
    let mut made = Vec::new();
    for system in systems {
        made.extend(match system {
            System::MacOs if System::here() == System::MacOs => vec![for_macos(as_it_is)?],
            System::Windows if System::here() == System::Windows => on_windows()?,
            System::Linux if System::here() == System::Linux => for_linux()?,
            System::Windows if System::here() == System::Linux => {
                vec![windows_archive()?, windows_installer()?]
            }
            other => bail!("packages for {} can't be made on {}", other.name(), System::here().name()),
        });
    }
    let mut sums = String::new();
    for path in &made {
        let bytes = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        sums.push_str(&format!("{sum}  {name}\n"));
        println!("{:>6.1} MB  {}", bytes.len() as f64 / 1e6, path.display());
    }
    layout::write(&folder().join(SUMS), sums.as_bytes())?;
    print!("{sums}");
    Ok(())
}

fn folder() -> PathBuf {
    workspace::target().join("packages")
}

/// The time that stands in archives: `SOURCE_DATE_EPOCH`, else that of the commit, in seconds since 1970.
pub(crate) fn time() -> Result<u64> {
    if let Some(time) = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|time| time.parse().ok()) {
        return Ok(time);
    }
    let mut git = Command::new("git");
    let time =
        command::output(git.args(["log", "-1", "--format=%ct"])).and_then(|time| time.trim().parse().ok());
    time.context("the commit's time is not known: set SOURCE_DATE_EPOCH")
}

/// Bundles and texts as they lie in the archive of a system, and what goes into the name of each package.
fn contents(system: System, bundles: &Bundles, glibc: &str) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for bundle in [&bundles.clap, &bundles.vst3] {
        let name = bundle.file_name().context("a bundle has a name")?.to_string_lossy().into_owned();
        archive::collect(bundle, &name, &mut files)?;
    }
    for text in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        archive::collect(Path::new(text), text, &mut files)?;
    }
    archive::collect(&notices::write()?, "THIRD-PARTY-NOTICES.txt", &mut files)?;
    let install = format!("packaging/INSTALL-{}.txt", system.name());
    let text = std::fs::read_to_string(&install).with_context(|| format!("could not read {install}"))?;
    let text = text.replace("{version}", VERSION).replace("{glibc}", glibc);
    let text = if system == System::Windows { text.replace('\n', "\r\n") } else { text };
    files.push(File { path: "INSTALL.txt".into(), bytes: text.into_bytes(), program: false });
    Ok(files)
}

/// Files under a folder that is named after the archive, as one unpacks it.
fn under(name: &str, files: &[File]) -> Vec<File> {
    files.iter().map(|file| File { path: format!("{name}/{}", file.path), ..file.clone() }).collect()
}

fn write(name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = folder().join(name);
    layout::write(&path, bytes)?;
    Ok(path)
}

fn for_linux() -> Result<Vec<PathBuf>> {
    let bundles = oldest::bundle()?;
    let needs = linux::needs(&bundles.clap)?;
    linux::check(&needs)?;
    oldest::try_out(&bundles.clap)?;
    let glibc = format!("{}.{}", needs.glibc.0, needs.glibc.1);
    let files = contents(System::Linux, &bundles, &glibc)?;
    let arch = std::env::consts::ARCH;
    let name = format!("DeepDrummer-{VERSION}-linux-{arch}");
    let archive = write(&format!("{name}.tar.gz"), &archive::tar_gz(&under(&name, &files), time()?)?)?;
    let arch = linux::debian_arch(arch)?;
    let deb = linux::debian(&files, needs.glibc, arch, time()?)?;
    let deb = write(&format!("deepdrummer_{VERSION}_{arch}.deb"), &deb)?;
    if system::has_program("dpkg") {
        linux::try_debian(&deb, &crate::cross::absolute(&workspace::target().join("test-output/debian")))?;
    } else {
        println!("this system has no dpkg: the Debian package was made, not tried");
    }
    Ok(vec![archive, deb])
}

/// The packages of Windows on such a machine.
fn on_windows() -> Result<Vec<PathBuf>> {
    artifacts::bundle()?;
    let bundles = Bundles::in_folder(&workspace::bundles());
    let mut made = vec![zip(System::Windows, &bundles, std::env::consts::ARCH)?];
    if system::has_program("makensis.exe") {
        made.push(installer(&bundles)?);
    }
    Ok(made)
}

/// The package of macOS on such a machine: one library for both kinds of processor.
fn for_macos(as_it_is: bool) -> Result<PathBuf> {
    let bundles = if as_it_is { Bundles::in_folder(&workspace::bundles()) } else { macos::universal()? };
    zip(System::MacOs, &bundles, "universal")
}

fn zip(system: System, bundles: &Bundles, arch: &str) -> Result<PathBuf> {
    let files = contents(system, bundles, "")?;
    let name = format!("DeepDrummer-{VERSION}-{}-{arch}", system.name());
    write(&format!("{name}.zip"), &archive::zip(&under(&name, &files), time()?)?)
}

fn windows_archive() -> Result<PathBuf> {
    zip(System::Windows, &windows::bundle(&windows::prepare()?)?, "x86_64")
}

/// Builds the bundles for Windows and their installer, on Linux.
pub(crate) fn windows_installer() -> Result<PathBuf> {
    system::require(INSTALLER, "to make the installer for Windows")?;
    installer(&windows::bundle(&windows::prepare()?)?)
}

fn installer(bundles: &Bundles) -> Result<PathBuf> {
    let texts = folder().join("windows");
    for file in contents(System::Windows, bundles, "")? {
        if !file.path.starts_with("DeepDrummer.") {
            layout::write(&texts.join(&file.path), &file.bytes)?;
        }
    }
    let out = folder().join(format!("DeepDrummer-{VERSION}-windows-x86_64-setup.exe"));
    let bundles = bundles.clap.parent().context("bundles lie in a folder")?;
    installer::make(bundles, &texts, &out, time()?)?;
    Ok(out)
}

/// Installs and uninstalls on a machine whose drive C is a folder.
pub(crate) fn try_installer(
    installer: &Path,
    drive: &Path,
    run: impl FnMut(&Path, &[&str]) -> Result<()>,
) -> Result<()> {
    let bundles = workspace::target().join("windows/bundled");
    installer::try_out(installer, &bundles, drive, run)
}
