//! Rules for what is committed: no huge files, and a word where a Rust file grows long.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command;

/// Beyond this a Rust file is worth splitting by subject.
const LONG_FILE_LINES: usize = 600;
/// Nothing in the repository is produced by a recorder or a renderer, so nothing needs to be larger.
const LARGEST_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Checks every tracked file.
pub(super) fn check() -> Result<()> {
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
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_files_are_found() {
        assert_eq!(findings_in("a.wav", &vec![0xff; LARGEST_FILE_BYTES + 1]).len(), 1);
    }
}
