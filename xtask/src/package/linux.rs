//! What a library for Linux asks of a machine, and the Debian package.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::archive::{self, File};
use crate::command;
use crate::layout::VERSION;

/// The newest glibc that a library may ask for: that of Debian 11 and Ubuntu 20.04.
pub(super) const OLDEST_GLIBC: (u32, u32) = (2, 31);
/// Libraries that every Linux with glibc has.
const BASE: &[&str] = &[
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
];

/// What a library asks for before it can be loaded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// Major and minor version of the newest function of glibc.
    pub(super) glibc: (u32, u32),
    /// The functions that are as new as that.
    pub(super) newest: Vec<String>,
    pub(super) libraries: Vec<String>,
}

/// Reads what a library asks for.
pub(super) fn needs(library: &Path) -> Result<Needs> {
    let run = |args: &[&str]| {
        let output = command::output(Command::new("objdump").args(args).arg(library));
        output.with_context(|| format!("objdump can't read {}", library.display()))
    };
    read(&run(&["-T"])?, &run(&["-p"])?)
}

fn read(symbols: &str, headers: &str) -> Result<Needs> {
    let mut glibc = (0, 0);
    let mut newest = Vec::new();
    for line in symbols.lines().filter(|line| line.contains("*UND*")) {
        let Some((_, rest)) = line.split_once("GLIBC_") else { continue };
        let mut words = rest.split([')', ' ']).filter(|word| !word.is_empty());
        let (Some(version), Some(name)) = (words.next(), words.next()) else { continue };
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if version > glibc {
            glibc = version;
            newest.clear();
        }
        if version == glibc {
            newest.push(name.to_owned());
        }
    }
    if glibc == (0, 0) {
        bail!("no function of glibc is asked for: the library was not read right");
    }
    newest.sort();
    newest.dedup();
    let named = headers.lines().filter_map(|line| line.trim().strip_prefix("NEEDED"));
    let libraries = named.map(|name| name.trim().to_owned()).collect();
    Ok(Needs { glibc, newest, libraries })
}

/// Fails where a library would not load on an old or a plain system.
pub(super) fn check(needs: &Needs) -> Result<()> {
    let (major, minor) = needs.glibc;
    println!(
        "it asks for glibc {major}.{minor} ({}), and for {}",
        needs.newest.join(", "),
        needs.libraries.join(", ")
    );
    if let Some(strange) = needs.libraries.iter().find(|name| !BASE.contains(&name.as_str())) {
        bail!("it asks for {strange}, which a plain system may lack");
    }
    let (most_major, most_minor) = OLDEST_GLIBC;
    if needs.glibc > OLDEST_GLIBC {
        bail!("that is newer than {most_major}.{most_minor}");
    }
    Ok(())
}

/// What dpkg reads of the package.
fn control(glibc: (u32, u32), arch: &str, bytes: usize) -> String {
    let (major, minor) = glibc;
    let kibibytes = bytes.div_ceil(1024);
    format!(
        "Package: deepdrummer\nVersion: {VERSION}\nArchitecture: {arch}\n\
         Maintainer: The DeepDrummer authors <nobody@deepdrummer.invalid>\nSection: sound\nPriority: optional\n\
         Installed-Size: {kibibytes}\nDepends: libc6 (>= {major}.{minor}), libgcc-s1\n\
         Recommends: libgl1, libx11-6, libx11-xcb1, libxcb1, libxcursor1\n\
         Description: drum loops that learn your taste, as CLAP and VST3 plugins\n \
         An instrument for music software that hosts CLAP or VST3 plugins. It plays a drum loop in\n \
         time with the song; you like or dislike it; it learns, and the next loop enters at the next\n \
         bar.\n"
    )
}

/// Debian's name of a kind of processor.
pub(super) fn debian_arch(arch: &str) -> Result<&'static str> {
    match arch {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => bail!("Debian's name for {other} is not known here"),
    }
}

/// The Debian package of bundles and texts. `arch` is as Debian names it.
pub(super) fn debian(files: &[File], glibc: (u32, u32), arch: &str, time: u64) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    for file in files {
        let top = file.path.split('/').next().unwrap_or_default();
        let folder = match top {
            "DeepDrummer.clap" => "usr/lib/clap",
            "DeepDrummer.vst3" => "usr/lib/vst3",
            _ => "usr/share/doc/deepdrummer",
        };
        if top == "INSTALL.txt" {
            continue;
        }
        data.push(File { path: format!("{folder}/{}", file.path), ..file.clone() });
    }
    let copyright = data
        .iter()
        .filter(|file| file.path.contains("/LICENSE") || file.path.ends_with("NOTICES.txt"))
        .flat_map(|file| [&b"\n"[..], &file.bytes].concat())
        .collect();
    data.push(File { path: "usr/share/doc/deepdrummer/copyright".into(), bytes: copyright, program: false });
    data.retain(|file| !file.path.contains("/LICENSE") && !file.path.ends_with("NOTICES.txt"));
    data.sort_by(|a, b| a.path.cmp(&b.path));
    let bytes = data.iter().map(|file| file.bytes.len()).sum();
    let control = control(glibc, arch, bytes).into_bytes();
    archive::deb(&[File { path: "control".into(), bytes: control, program: false }], &data, time)
}

/// Installs a package into a folder that stands for a machine, looks whether everything is in its place, and
/// removes it again. Needs no rights that one does not have there, but dpkg.
pub(super) fn try_debian(package: &Path, root: &Path) -> Result<()> {
    if root.exists() {
        std::fs::remove_dir_all(root).with_context(|| format!("could not empty {}", root.display()))?;
    }
    let admin = root.join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        let folder = admin.join(folder);
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    for file in ["status", "available"] {
        crate::layout::write(&admin.join(file), b"")?;
    }
    let dpkg = |args: &[&str], package: &Path| {
        let mut dpkg = Command::new("dpkg");
        // The machine is empty: of what the package depends on nothing is there.
        dpkg.arg("--force-depends,not-root,script-chrootless").arg(format!("--root={}", root.display()));
        command::run(dpkg.args(args).arg(package))
    };
    let wanted = [
        "usr/lib/clap/DeepDrummer.clap",
        "usr/lib/vst3/DeepDrummer.vst3/Contents/x86_64-linux/DeepDrummer.so",
        "usr/lib/vst3/DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
        "usr/share/doc/deepdrummer/copyright",
    ];
    // Somebody else's plugin, which must stay.
    let other = root.join("usr/lib/clap/Other.clap");
    crate::layout::write(&other, b"other")?;
    dpkg(&["--install"], package)?;
    if let Some(missing) = wanted.iter().find(|path| !root.join(path).is_file()) {
        bail!("{missing} was not installed");
    }
    dpkg(&["--purge"], Path::new("deepdrummer"))?;
    for left in
        ["usr/lib/clap/DeepDrummer.clap", "usr/lib/vst3/DeepDrummer.vst3", "usr/share/doc/deepdrummer"]
    {
        if root.join(left).exists() {
            bail!("{left} was not removed");
        }
    }
    if !other.is_file() {
        bail!("a plugin of somebody else was removed");
    }
    println!("installed under {} and removed without a trace", root.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_and_its_functions_are_found() {
        let symbols = "\
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.2.5) free
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) pthread_create
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.9)  memcpy
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) dlsym
0000000000001000 g    DF .text\t0000000000000010  Base        clap_entry
";
        let needs = read(symbols, "  NEEDED               libc.so.6\n  SONAME x\n").unwrap();
        assert_eq!(needs.glibc, (2, 34));
        assert_eq!(needs.newest, ["dlsym", "pthread_create"]);
        assert_eq!(needs.libraries, ["libc.so.6"]);
        assert!(check(&needs).is_err(), "it is newer than the oldest system");
        let fits = |libraries: &[&str]| Needs {
            glibc: (2, 28),
            newest: vec!["fcntl64".into()],
            libraries: libraries.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert!(check(&fits(&["libc.so.6"])).is_ok());
        assert!(check(&fits(&["libc.so.6", "libasound.so.2"])).is_err());
        assert!(read("", "").is_err());
    }

    #[test]
    fn a_package_says_what_it_is_and_where_its_files_belong() {
        let file =
            |path: &str| File { path: path.to_owned(), bytes: path.as_bytes().to_vec(), program: false };
        let files =
            ["DeepDrummer.clap", "DeepDrummer.vst3/Contents/x", "LICENSE-MIT", "INSTALL.txt", "CHANGELOG.md"];
        let package = debian(&files.map(file), (2, 28), "amd64", 1_700_000_000).unwrap();
        assert!(
            package
                .starts_with(b"!<arch>\ndebian-binary   1700000000  0     0     100644  4         `\n2.0\n")
        );
        let at = package.windows(14).position(|part| part == b"data.tar.gz   ".as_slice()).unwrap();
        let data = flate2::read::GzDecoder::new(&package[at + 60..]);
        let mut tar = tar::Archive::new(data);
        let paths: Vec<String> = tar
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().to_string_lossy().into_owned())
            .filter(|path| !path.ends_with('/'))
            .collect();
        assert_eq!(
            paths,
            [
                "usr/lib/clap/DeepDrummer.clap",
                "usr/lib/vst3/DeepDrummer.vst3/Contents/x",
                "usr/share/doc/deepdrummer/CHANGELOG.md",
                "usr/share/doc/deepdrummer/copyright",
            ]
        );
        let control = control((2, 28), "amd64", 2_049);
        assert!(control.contains("Depends: libc6 (>= 2.28), libgcc-s1\n"));
        assert!(control.contains("Installed-Size: 3\n"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_package_is_installed_and_removed_without_a_trace() {
        if !crate::system::has_program("dpkg") {
            println!("skipped: dpkg is missing");
            return;
        }
        let file =
            |path: &str| File { path: path.to_owned(), bytes: path.as_bytes().to_vec(), program: true };
        let files = [
            "DeepDrummer.clap",
            "DeepDrummer.vst3/Contents/x86_64-linux/DeepDrummer.so",
            "DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
            "LICENSE-MIT",
        ];
        let folder = std::env::temp_dir().join(format!("deepdrummer-deb-{}", std::process::id()));
        let package = folder.join("package.deb");
        let bytes = debian(&files.map(file), (2, 31), "amd64", 1_700_000_000).unwrap();
        crate::layout::write(&package, &bytes).unwrap();
        try_debian(&package, &folder.join("root")).unwrap();
        // One that lacks a bundle is found out.
        let bytes =
            debian(&files[1..].iter().map(|path| file(path)).collect::<Vec<_>>(), (2, 31), "amd64", 0)
                .unwrap();
        crate::layout::write(&package, &bytes).unwrap();
        let error = try_debian(&package, &folder.join("root")).unwrap_err().to_string();
        assert!(error.contains("DeepDrummer.clap was not installed"), "{error}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
