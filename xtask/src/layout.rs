//! How a built library is laid out as bundles, for each system: only files are written, so that every layout is
//! tested on any machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::BUNDLE_NAME;

/// The version of everything, from the workspace's `Cargo.toml`.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the systems know the bundles by, for ever; that of the CLAP plugin.
const IDENTIFIER: &str = "org.deepdrummer.deepdrummer";
/// What hosts read about the VST3 classes without loading the library, with `{version}` in the place of ours.
/// A test of the plugin holds that it says what the library says.
const MODULE_INFO: &str = "packaging/moduleinfo.json";
/// What a library must export to be a plugin of both formats.
const ENTRIES: [&str; 2] = ["clap_entry", "GetPluginFactory"];

/// A system that bundles are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Linux,
    Windows,
    MacOs,
}

impl System {
    /// That which this runs on.
    pub(crate) fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }

    /// In the names of archives.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
            Self::MacOs => "macos",
        }
    }

    /// Cargo's name of the library of the package `deepdrummer-plugin`.
    pub(crate) fn built_library(self) -> &'static str {
        match self {
            Self::Linux => "libdeepdrummer_plugin.so",
            Self::Windows => "deepdrummer_plugin.dll",
            Self::MacOs => "libdeepdrummer_plugin.dylib",
        }
    }

    /// Where the library lies under a bundle of CLAP; nothing where the bundle is the library itself.
    fn within_clap(self) -> Option<PathBuf> {
        (self == Self::MacOs).then(|| Path::new("Contents/MacOS").join(BUNDLE_NAME))
    }

    /// Where the library lies under a bundle of VST3.
    fn within_vst3(self, arch: &str) -> PathBuf {
        match self {
            Self::Linux => format!("Contents/{arch}-linux/{BUNDLE_NAME}.so").into(),
            Self::Windows => format!("Contents/{arch}-win/{BUNDLE_NAME}.vst3").into(),
            Self::MacOs => Path::new("Contents/MacOS").join(BUNDLE_NAME),
        }
    }
}

/// Both bundles of one system.
pub(crate) struct Bundles {
    pub(crate) clap: PathBuf,
    pub(crate) vst3: PathBuf,
}

impl Bundles {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            clap: folder.join(format!("{BUNDLE_NAME}.clap")),
            vst3: folder.join(format!("{BUNDLE_NAME}.vst3")),
        }
    }
}

/// Lays out both bundles in a folder. `arch` is as Rust names it.
///
/// # Errors
/// The library lacks an entry, or a file can't be written.
pub(crate) fn lay_out(library: &Path, system: System, arch: &str, folder: &Path) -> Result<Bundles> {
    let bytes = std::fs::read(library).with_context(|| format!("could not read {}", library.display()))?;
    for entry in ENTRIES {
        if !bytes.windows(entry.len()).any(|window| window == entry.as_bytes()) {
            bail!("{} has no {entry}: it is no plugin of that format", library.display());
        }
    }
    let bundles = Bundles::in_folder(folder);
    // A bundle left over from before is replaced as a whole: hosts that have it open keep their copy.
    remove(&bundles.clap)?;
    remove(&bundles.vst3)?;
    let clap = system.within_clap().map_or_else(|| bundles.clap.clone(), |within| bundles.clap.join(within));
    let vst3 = bundles.vst3.join(system.within_vst3(arch));
    for place in [&clap, &vst3] {
        write_library(&bytes, place, system)?;
    }
    write(
        &bundles.vst3.join("Contents/Resources/moduleinfo.json"),
        std::fs::read_to_string(MODULE_INFO)
            .with_context(|| format!("could not read {MODULE_INFO}"))?
            .replace("{version}", VERSION)
            .as_bytes(),
    )?;
    if system == System::MacOs {
        for bundle in [&bundles.clap, &bundles.vst3] {
            write(&bundle.join("Contents/Info.plist"), info_plist(VERSION).as_bytes())?;
            write(&bundle.join("Contents/PkgInfo"), b"BNDL????")?;
        }
    }
    Ok(bundles)
}

fn remove(old: &Path) -> Result<()> {
    let removed = if old.is_dir() { std::fs::remove_dir_all(old) } else { std::fs::remove_file(old) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not replace {}", old.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a file and the folders that it lies in.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    std::fs::write(path, bytes).with_context(|| format!("could not write {}", path.display()))
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "only Unix marks files as programs"))]
fn write_library(bytes: &[u8], path: &Path, system: System) -> Result<()> {
    write(path, bytes)?;
    #[cfg(unix)]
    if system != System::Windows {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
            .with_context(|| format!("could not mark {} as a program", path.display()))?;
    }
    Ok(())
}

/// What macOS reads of a bundle. `LSMinimumSystemVersion` is what Rust's standard library asks for at least on
/// Intel; the linker asks for 11 on Apple's processors by itself.
fn info_plist(version: &str) -> String {
    let entries = [
        ("CFBundleDevelopmentRegion", "en"),
        ("CFBundleExecutable", BUNDLE_NAME),
        ("CFBundleIdentifier", IDENTIFIER),
        ("CFBundleInfoDictionaryVersion", "6.0"),
        ("CFBundleName", BUNDLE_NAME),
        ("CFBundleDisplayName", BUNDLE_NAME),
        ("CFBundlePackageType", "BNDL"),
        ("CFBundleSignature", "????"),
        ("CFBundleShortVersionString", version),
        ("CFBundleVersion", version),
        ("LSMinimumSystemVersion", "10.12"),
    ];
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n",
    );
    for (key, value) in entries {
        text.push_str(&format!("\t<key>{key}</key>\n\t<string>{value}</string>\n"));
    }
    text.push_str("\t<key>NSHighResolutionCapable</key>\n\t<true/>\n</dict>\n</plist>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files under a folder with their lengths, in the order of their names.
    fn files(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(next).unwrap().flatten() {
                if entry.path().is_dir() {
                    open.push(entry.path());
                } else {
                    let path =
                        entry.path().strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    fn laid_out(system: System, arch: &str, name: &str) -> PathBuf {
        crate::workspace::enter_root().unwrap();
        let folder = std::env::temp_dir().join(format!("deepdrummer-layout-{}-{name}", std::process::id()));
        let library = folder.join("library");
        write(&library, b"..clap_entry..GetPluginFactory..").unwrap();
        lay_out(&library, system, arch, &folder.join("bundled")).unwrap();
        folder
    }

    #[test]
    fn each_system_gets_the_layout_that_hosts_look_for() {
        for (system, arch, wanted) in [
            (
                System::Linux,
                "x86_64",
                vec![
                    "DeepDrummer.clap",
                    "DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
                    "DeepDrummer.vst3/Contents/x86_64-linux/DeepDrummer.so",
                ],
            ),
            (
                System::Windows,
                "x86_64",
                vec![
                    "DeepDrummer.clap",
                    "DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
                    "DeepDrummer.vst3/Contents/x86_64-win/DeepDrummer.vst3",
                ],
            ),
            (
                System::MacOs,
                "aarch64",
                vec![
                    "DeepDrummer.clap/Contents/Info.plist",
                    "DeepDrummer.clap/Contents/MacOS/DeepDrummer",
                    "DeepDrummer.clap/Contents/PkgInfo",
                    "DeepDrummer.vst3/Contents/Info.plist",
                    "DeepDrummer.vst3/Contents/MacOS/DeepDrummer",
                    "DeepDrummer.vst3/Contents/PkgInfo",
                    "DeepDrummer.vst3/Contents/Resources/moduleinfo.json",
                ],
            ),
        ] {
            let folder = laid_out(system, arch, system.name());
            assert_eq!(files(&folder.join("bundled")), wanted);
            if system == System::MacOs {
                let bundle = folder.join("bundled/DeepDrummer.clap/Contents");
                assert_eq!(std::fs::read(bundle.join("PkgInfo")).unwrap(), b"BNDL????");
                let plist = std::fs::read_to_string(bundle.join("Info.plist")).unwrap();
                let pairs: Vec<&str> = plist.lines().map(str::trim).collect();
                let value = |key: &str| {
                    let at = pairs.iter().position(|line| *line == format!("<key>{key}</key>")).unwrap();
                    pairs[at + 1]
                };
                assert_eq!(value("CFBundleExecutable"), "<string>DeepDrummer</string>");
                assert_eq!(value("CFBundleVersion"), format!("<string>{VERSION}</string>"));
                assert_eq!(value("CFBundleIdentifier"), "<string>org.deepdrummer.deepdrummer</string>");
            }
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn a_bundle_from_before_is_replaced_as_a_whole() {
        let folder = laid_out(System::Linux, "x86_64", "again");
        let bundled = folder.join("bundled");
        write(&bundled.join("DeepDrummer.vst3/Contents/old"), b"old").unwrap();
        lay_out(&folder.join("library"), System::Linux, "x86_64", &bundled).unwrap();
        assert!(!bundled.join("DeepDrummer.vst3/Contents/old").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_library_without_an_entry_is_no_plugin() {
        let folder = laid_out(System::Linux, "x86_64", "entry");
        write(&folder.join("library"), b"..clap_entry..").unwrap();
        let error = lay_out(&folder.join("library"), System::Linux, "x86_64", &folder.join("bundled"));
        assert!(error.err().unwrap().to_string().contains("GetPluginFactory"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
