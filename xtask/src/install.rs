//! `install`: copies the bundles to where hosts look for plugins.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{artifacts, workspace};

/// Builds and installs, for everyone or with `--user` only for the person who runs it.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let for_user = match args {
        [] => false,
        [flag] if flag == "--user" => true,
        _ => bail!("usage: cargo xtask install [--user]"),
    };
    let folders = if for_user { user_folders()? } else { system_folders()? };
    artifacts::bundle()?;
    for (bundle, folder) in
        [(workspace::clap_bundle(), folders.clap), (workspace::vst3_bundle(), folders.vst3)]
    {
        let installed = install(&bundle, &folder).with_context(|| {
            let hint = if for_user { "" } else { " (`cargo xtask install --user` needs no rights)" };
            format!("could not install into {}{hint}", folder.display())
        })?;
        println!("installed {}", installed.display());
    }
    println!("Let your host scan its plugins again.");
    Ok(())
}

struct Folders {
    clap: PathBuf,
    vst3: PathBuf,
}

fn user_folders() -> Result<Folders> {
    if cfg!(target_os = "windows") {
        let common = variable("LOCALAPPDATA")?.join("Programs").join("Common");
        return Ok(Folders { clap: common.join("CLAP"), vst3: common.join("VST3") });
    }
    let home = variable("HOME")?;
    if cfg!(target_os = "macos") {
        let plugins = home.join("Library/Audio/Plug-Ins");
        return Ok(Folders { clap: plugins.join("CLAP"), vst3: plugins.join("VST3") });
    }
    Ok(Folders { clap: home.join(".clap"), vst3: home.join(".vst3") })
}

fn system_folders() -> Result<Folders> {
    if cfg!(target_os = "windows") {
        let common = variable("COMMONPROGRAMFILES")?;
        return Ok(Folders { clap: common.join("CLAP"), vst3: common.join("VST3") });
    }
    if cfg!(target_os = "macos") {
        let plugins = Path::new("/Library/Audio/Plug-Ins");
        return Ok(Folders { clap: plugins.join("CLAP"), vst3: plugins.join("VST3") });
    }
    Ok(Folders { clap: "/usr/lib/clap".into(), vst3: "/usr/lib/vst3".into() })
}

fn variable(name: &str) -> Result<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).with_context(|| format!("{name} is not set"))
}

/// Copies beside the old bundle and then changes places, so that a running host keeps the file it
/// has open and a failed copy leaves the old one whole.
fn install(bundle: &Path, folder: &Path) -> Result<PathBuf> {
    let name = bundle.file_name().context("a bundle has a name")?;
    let target = folder.join(name);
    let staged = folder.join(format!(".{}.new", name.to_string_lossy()));
    std::fs::create_dir_all(folder)?;
    remove(&staged)?;
    copy(bundle, &staged)?;
    remove(&target)?;
    std::fs::rename(&staged, &target)?;
    Ok(target)
}

fn remove(path: &Path) -> std::io::Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return std::fs::copy(from, to).map(drop);
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
