//! Rules for what is committed: no paths of one machine, no registry hosts, no huge files.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command;

/// Text that must be in no tracked file. The project builds anywhere from the registries that the
/// person's own tools are set up with, so neither a folder of one machine nor a host belongs here.
const FORBIDDEN: &[(&str, &str)] = &[
    ("/work/", "a path of one machine"),
    ("/root/", "a path of one machine"),
    ("/home/runner", "a path of one machine"),
    ("bash_jobs", "a path of one machine"),
    ("files.pythonhosted.org", "a registry host"),
    ("pypi.org/simple", "a registry host"),
    ("index.crates.io", "a registry host"),
    ("static.crates.io", "a registry host"),
    ("registry.npmjs.org", "a registry host"),
    ("deb.debian.org", "a registry host"),
];

/// The file that has to spell the forbidden text out.
const THIS_FILE: &str = "xtask/src/check/rules.rs";

/// Beyond this a Rust file is worth splitting by subject.
const LONG_FILE_LINES: usize = 600;
/// Nothing in the repository is produced by a recorder or a renderer, so nothing needs to be larger.
const LARGEST_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Checks every tracked file.
pub fn check() -> Result<()> {
    let Some(listing) = command::output(Command::new("git").args(["ls-files", "-z"])) else {
        println!("this is no git work tree: nothing is tracked");
        return Ok(());
    };
    let mut findings = Vec::new();
    let mut files = 0;
    for name in listing.split_terminator('\0') {
        let bytes = match std::fs::read(name) {
            Ok(bytes) => bytes,
            // Deleted, but the deletion is not committed yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("could not read {name}")),
        };
        files += 1;
        findings.extend(findings_in(name, &bytes));
        let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
        if name.ends_with(".rs") && lines > LONG_FILE_LINES {
            println!(
                "warning: {name} has {lines} lines (over {LONG_FILE_LINES}): could it be split by subject?"
            );
        }
    }
    if !findings.is_empty() {
        bail!("not for the repository:\n  {}", findings.join("\n  "));
    }
    println!("{files} tracked files follow the rules");
    Ok(())
}

fn findings_in(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut findings = Vec::new();
    if bytes.len() > LARGEST_FILE_BYTES {
        findings.push(format!("{name}: {} bytes, more than {LARGEST_FILE_BYTES}", bytes.len()));
    }
    if name != THIS_FILE
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        for (number, line) in text.lines().enumerate() {
            for (forbidden, what) in FORBIDDEN {
                if line.contains(forbidden) {
                    findings.push(format!("{name}:{}: {what} ({forbidden})", number + 1));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_registry_hosts_are_found() {
        assert_eq!(findings_in("a.md", b"fine\nsee /work/notes").len(), 1);
        assert_eq!(findings_in("a.md", b"https://index.crates.io/x").len(), 1);
        assert!(findings_in("a.md", b"cargo add serde").is_empty());
    }

    #[test]
    fn large_files_are_found() {
        assert_eq!(findings_in("a.wav", &vec![0xff; LARGEST_FILE_BYTES + 1]).len(), 1);
    }
}
