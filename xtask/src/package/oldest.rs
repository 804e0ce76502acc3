//! The library for Linux as people get it: linked against the glibc of Debian 11, so that it loads there, on
//! Ubuntu 20.04 and on everything newer.
//!
//! A library asks for the newest version of each function that it was linked against, so only the last step of the
//! build differs from `cargo xtask bundle`. The old library comes as packages of Debian, named and checked by apt.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cross::absolute;
use crate::layout::{self, Bundles, System};
use crate::{command, system, workspace};

const SUITE: &str = "bullseye";
const PACKAGES: [&str; 5] = ["libc6", "libc6-dev", "libgcc-s1", "libcrypt1", "linux-libc-dev"];
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Where its libraries are.
const FOLDERS: [&str; 2] = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"];

/// Loads a library as a host does, and makes an instance of its plugin.
const LOADER: &str = r#"
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct version { uint32_t major, minor, revision; };
struct host {
    struct version version; void *data; const char *name, *vendor, *url, *release;
    const void *(*extension)(const struct host *, const char *);
    void (*restart)(const struct host *), (*process)(const struct host *), (*callback)(const struct host *);
};
struct descriptor { struct version version; const char *id, *name, *vendor, *url, *manual, *support, *release; };
struct plugin {
    const struct descriptor *descriptor; void *data;
    int8_t (*init)(const struct plugin *); void (*destroy)(const struct plugin *);
};
struct factory {
    uint32_t (*count)(const struct factory *);
    const struct descriptor *(*describe)(const struct factory *, uint32_t);
    const struct plugin *(*create)(const struct factory *, const struct host *, const char *);
};
struct entry { struct version version; int8_t (*init)(const char *); void (*deinit)(void); const void *(*factory)(const char *); };
static const void *none(const struct host *host, const char *id) { return 0; }
static void nothing(const struct host *host) {}
int main(int count, char **words) {
    void *library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) { printf("%s\n", dlerror()); return 1; }
    const struct entry *entry = dlsym(library, "clap_entry");
    if (!entry || !entry->init(words[1])) return 2;
    const struct factory *factory = entry->factory("clap.plugin-factory");
    const struct descriptor *of = factory->describe(factory, 0);
    struct host host = {{1, 2, 0}, 0, "loader", "", "", "1", none, nothing, nothing, nothing};
    const struct plugin *plugin = factory->create(factory, &host, of->id);
    if (!plugin || !plugin->init(plugin)) return 3;
    printf("%s %s under glibc %s\n", of->name, of->release, gnu_get_libc_version());
    plugin->destroy(plugin);
    entry->deinit();
    return 0;
}
"#;

/// Builds the plugin and lays out its bundles in `target/oldest/bundled`.
pub(super) fn bundle() -> Result<Bundles> {
    let folder = absolute(&workspace::target().join("oldest"));
    let old = folder.join("system");
    let stamp = folder.join("fetched.txt");
    if !std::fs::read_to_string(&stamp).is_ok_and(|fetched| fetched == SUITE) {
        fetch(&folder, &old)?;
        layout::write(&stamp, SUITE.as_bytes())?;
    }
    let mut cargo =
        command::cargo(&["rustc", "--release", "--package", workspace::PLUGIN_PACKAGE, "--lib", "--"]);
    // The machine's own compiler looks beside itself first, whatever the root: the folders go before that.
    let mut flags = vec![format!("--sysroot={}", old.display())];
    flags.extend(FOLDERS.map(|part| format!("-L{}", old.join(part).display())));
    for flag in flags {
        cargo.arg("-C").arg(format!("link-arg={flag}"));
    }
    command::run(&mut cargo)?;
    let library = workspace::target().join("release").join(System::Linux.built_library());
    layout::lay_out(&library, System::Linux, std::env::consts::ARCH, &folder.join("bundled"))
}

/// Fetches the old system's packages with apt, into folders of their own: nothing is installed.
fn fetch(folder: &Path, old: &Path) -> Result<()> {
    if !system::has_program("apt-get") || !Path::new(KEYS).is_file() {
        bail!("the glibc of Debian 11 comes by apt with Debian's keys ({KEYS}); build on Debian");
    }
    println!(
        "These packages of Debian 11 are needed to link against, in {}: {}",
        old.display(),
        PACKAGES.join(", ")
    );
    for part in ["lists/partial", "cache/archives/partial", "packages"] {
        let part = folder.join(part);
        std::fs::create_dir_all(&part).with_context(|| format!("could not make {}", part.display()))?;
    }
    let source = format!("deb [signed-by={KEYS}] {} {SUITE} main\n", mirror()?);
    layout::write(&folder.join("sources.list"), source.as_bytes())?;
    layout::write(&folder.join("status"), b"")?;
    let apt = |args: &[&str]| {
        let mut apt = Command::new("apt-get");
        for (name, place) in [
            ("Dir::Etc::sourcelist", folder.join("sources.list")),
            ("Dir::Etc::sourceparts", "/dev/null".into()),
            ("Dir::State::lists", folder.join("lists")),
            ("Dir::State::status", folder.join("status")),
            ("Dir::Cache", folder.join("cache")),
        ] {
            apt.arg("-o").arg(format!("{name}={}", place.display()));
        }
        // The release is kept for good and signed no more.
        apt.args(["-o", "Acquire::Check-Valid-Until=false", "-o", "APT::Sandbox::User=root", "-qq"]);
        apt.args(args).current_dir(folder.join("packages"));
        command::run(&mut apt)
    };
    apt(&["update"])?;
    apt(&[&["download"], PACKAGES.as_slice()].concat())?;
    let packages = std::fs::read_dir(folder.join("packages")).context("no packages")?.flatten();
    for package in
        packages.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "deb"))
    {
        command::run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(old))?;
    }
    FOLDERS.iter().chain(&["lib64"]).try_for_each(|part| keep_within(old, &old.join(part)))
}

/// Links to files by their whole names are meant within the old system, not on this one.
#[cfg(unix)]
fn keep_within(old: &Path, folder: &Path) -> Result<()> {
    for path in std::fs::read_dir(folder).context("the old system has no libraries")?.flatten() {
        let path = path.path();
        let Some(to) = std::fs::read_link(&path).ok().filter(|to| to.is_absolute() && !to.starts_with(old))
        else {
            continue;
        };
        let within = old.join(to.strip_prefix("/").unwrap_or(&to));
        std::fs::remove_file(&path)
            .and_then(|()| std::os::unix::fs::symlink(within, &path))
            .with_context(|| format!("could not mend the link {}", path.display()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_within(_: &Path, _: &Path) -> Result<()> {
    bail!("packages for Linux are made on Linux")
}

/// The mirror of Debian that this machine uses.
fn mirror() -> Result<String> {
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"]);
    let listing = command::output(&mut targets).unwrap_or_default();
    mirror_in(&listing).context("this machine uses no mirror of Debian: build on Debian")
}

/// The one of releases, not that of their security updates.
fn mirror_in(listing: &str) -> Option<String> {
    let mirrors = listing.lines().filter_map(|line| line.strip_prefix("Debian "));
    mirrors.map(str::trim).find(|mirror| mirror.trim_end_matches('/').ends_with("/debian")).map(str::to_owned)
}

/// Loads the library and makes an instance, with the old glibc itself.
pub(super) fn try_out(library: &Path) -> Result<()> {
    let folder = absolute(&workspace::target().join("oldest"));
    let old = folder.join("system");
    let (source, program) = (folder.join("load.c"), folder.join("load"));
    layout::write(&source, LOADER.as_bytes())?;
    let mut cc = Command::new("cc");
    cc.arg(format!("--sysroot={}", old.display()));
    cc.args(FOLDERS.map(|part| format!("-L{}", old.join(part).display())));
    cc.arg("-o").arg(&program).arg(&source).arg("-ldl");
    command::run(&mut cc)?;
    let libraries: Vec<PathBuf> = FOLDERS.map(|part| old.join(part)).into();
    let libraries = std::env::join_paths(libraries).context("a folder's name holds a colon")?;
    let mut load = Command::new(old.join("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
    load.arg("--library-path").arg(libraries).arg(program).arg(absolute(library));
    load.env("DEEPDRUMMER_HOME", folder.join("home"));
    command::run(&mut load)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_of_releases_is_taken() {
        let listing = "Other proto://a/debian\nDebian proto://b/debian-security/\nDebian proto://c/debian/\n";
        assert_eq!(mirror_in(listing).as_deref(), Some("proto://c/debian/"));
        assert_eq!(mirror_in("Debian proto://b/debian-security/\n"), None);
    }
}
