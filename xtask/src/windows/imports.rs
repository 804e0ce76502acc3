//! Which libraries the built programs ask Windows for: none that a plain Windows 10 lacks.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command;
use crate::layout::Bundles;

/// Parts of Windows 10 itself, in lower case. `api-ms-win-` are names for parts of them.
const WINDOWS: &[&str] = &[
    "advapi32.dll",
    "avrt.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "combase.dll",
    "comctl32.dll",
    "comdlg32.dll",
    "crypt32.dll",
    "dwmapi.dll",
    "gdi32.dll",
    "imm32.dll",
    "kernel32.dll",
    "mmdevapi.dll",
    "msvcrt.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleaut32.dll",
    "opengl32.dll",
    "propsys.dll",
    "rpcrt4.dll",
    "shell32.dll",
    "shlwapi.dll",
    "user32.dll",
    "userenv.dll",
    "uxtheme.dll",
    "windowscodecs.dll",
    "winmm.dll",
    "ws2_32.dll",
];

/// Fails where a program asks for anything else.
pub(super) fn check(bundles: &Bundles, programs: impl IntoIterator<Item = impl AsRef<Path>>) -> Result<()> {
    check_one(&bundles.clap)?;
    programs.into_iter().try_for_each(|program| check_one(program.as_ref()))
}

fn check_one(program: &Path) -> Result<()> {
    let mut objdump = Command::new("x86_64-w64-mingw32-objdump");
    let listing = command::output(objdump.arg("-p").arg(program))
        .with_context(|| format!("could not read the imports of {}", program.display()))?;
    let names = imported(&listing);
    if names.is_empty() {
        bail!("{} imports nothing: it was not read right", program.display());
    }
    println!("{}: {}", program.display(), names.join(", "));
    let strange: Vec<&String> = names.iter().filter(|name| !is_windows(name)).collect();
    if !strange.is_empty() {
        bail!("{} asks for {strange:?}, which Windows does not have by itself", program.display());
    }
    Ok(())
}

fn is_windows(name: &str) -> bool {
    name.starts_with("api-ms-win-") || WINDOWS.contains(&name)
}

fn imported(listing: &str) -> Vec<String> {
    let names = listing.lines().filter_map(|line| line.trim().strip_prefix("DLL Name: "));
    names.map(|name| name.trim().to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_a_strange_one_is_found() {
        let listing = "\tDLL Name: KERNEL32.dll\n\tvma: x\n\tDLL Name: libgcc_s_seh-1.dll\n";
        let names = imported(listing);
        assert_eq!(names, ["kernel32.dll", "libgcc_s_seh-1.dll"]);
        assert!(is_windows(&names[0]) && !is_windows(&names[1]));
        assert!(is_windows("api-ms-win-core-synch-l1-2-0.dll"));
    }
}
