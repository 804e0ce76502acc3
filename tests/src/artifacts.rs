//! Where the things under test are, and a home folder of their own for them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The CLAP id of the plugin.
pub const CLAP_ID: &std::ffi::CStr = c"org.deepdrummer.deepdrummer";

/// The bundled CLAP plugin, as a host loads it.
pub fn clap_bundle() -> PathBuf {
    artifact("DEEPDRUMMER_CLAP", "bundled/DeepDrummer.clap")
}

/// The bundled VST3 plugin.
pub fn vst3_bundle() -> PathBuf {
    artifact("DEEPDRUMMER_VST3", "bundled/DeepDrummer.vst3")
}

/// The headless tool.
pub fn tool() -> PathBuf {
    artifact("DEEPDRUMMER_TOOL", "release/deepdrummer")
}

/// Where tests leave what a person may want to look at.
pub fn output_folder() -> PathBuf {
    let folder =
        std::env::var_os("DEEPDRUMMER_OUT").map_or_else(|| target().join("test-output"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the output folder can be made");
    folder
}

fn artifact(variable: &str, default: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| target().join(default), PathBuf::from);
    assert!(path.exists(), "{} is missing: run `cargo xtask build` and `cargo xtask bundle`", path.display());
    path
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace has a root").join("target")
}

/// The home folder of this process.
static HOME: LazyLock<Home> = LazyLock::new(Home::enter);

struct Home {
    folder: PathBuf,
    /// Only who made it removes it, not a process that was split off.
    process: u32,
}

/// A home folder for this process, so that no test reads or writes a person's profile.
///
/// The harness enters it before it loads the plugin. All threads of the process share it, and so do the
/// programs that it starts, therefore it is removed when the process ends, whether its tests failed or
/// not; that of a process that is killed stays.
pub fn enter_own_home() -> &'static Path {
    &HOME.folder
}

impl Home {
    fn enter() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("deepdrummer-test-home-")
            .tempdir()
            .expect("a temporary home can be made")
            .keep();
        set_home(&folder);
        remove_at_the_end();
        Self { folder, process: std::process::id() }
    }
}

/// Statics are not dropped; the C library calls this on every orderly way out.
#[expect(unsafe_code, reason = "the C library's function is declared here")]
fn remove_at_the_end() {
    unsafe extern "C" {
        safe fn atexit(at_the_end: extern "C" fn()) -> std::ffi::c_int;
    }
    // Where it can't be registered the folder stays, as after a kill.
    let _ = atexit(remove_home);
}

extern "C" fn remove_home() {
    let Some(home) = LazyLock::get(&HOME).filter(|home| home.process == std::process::id()) else { return };
    // A thread that still writes there can put a file into a folder that was just emptied.
    for _ in 0..20 {
        match std::fs::remove_dir_all(&home.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            _ => return,
        }
    }
}

#[expect(unsafe_code, reason = "changing the environment is unsafe")]
fn set_home(home: &Path) {
    let folders = [
        ("HOME", ""),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_MUSIC_DIR", "Music"),
    ];
    // Windows' own folders follow no variable.
    let windows = cfg!(windows).then_some(("DEEPDRUMMER_HOME", "data/deepdrummer"));
    for (variable, folder) in folders.into_iter().chain(windows) {
        // SAFETY: happens once, before any plugin or window code of this process runs; until then
        // only Rust's standard library reads the environment, and it takes a lock for that.
        unsafe { std::env::set_var(variable, home.join(folder)) };
    }
}

/// Writes short one-shots that differ, as WAV files, and with names by which their roles are known.
///
/// # Panics
/// When the folder can't be written.
pub fn write_one_shots(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    for number in 0..count {
        let role = ["kick", "snare", "clap", "hat", "openhat", "perc"][number % 6];
        let frames = 4_800_u32 + 200 * (number % 8) as u32;
        let mut bytes = b"RIFF".to_vec();
        bytes.extend((36 + frames * 2).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        bytes.extend(48_000_u32.to_le_bytes());
        bytes.extend(96_000_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0data");
        bytes.extend((frames * 2).to_le_bytes());
        for frame in 0..frames {
            let decay = (-f64::from(frame) / 900.0).exp();
            let value = (f64::from(frame) * (0.01 + 0.013 * number as f64)).sin() * decay * 20_000.0;
            bytes.extend((value as i16).to_le_bytes());
        }
        let path = folder.join(format!("{role} {number:03}.wav"));
        std::fs::write(path, bytes).expect("the file can be written");
    }
}
