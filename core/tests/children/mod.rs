//! Processes of a test's own: this very test program, started again with a role. The program has a test
//! named `child`, which does what [`task`] says.
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const ROLE: &str = "DEEPDRUMMER_TEST_ROLE";
const FOLDER: &str = "DEEPDRUMMER_TEST_FOLDER";
const NUMBER: &str = "DEEPDRUMMER_TEST_NUMBER";

/// What a child is to do.
pub(crate) struct Task {
    /// What.
    pub role: String,
    /// Where.
    pub folder: PathBuf,
    /// Which one it is.
    pub number: u64,
}

/// The task of this process; `None` where it is no child.
pub(crate) fn task() -> Option<Task> {
    Some(Task {
        role: std::env::var(ROLE).ok()?,
        folder: std::env::var_os(FOLDER)?.into(),
        number: std::env::var(NUMBER).ok()?.parse().ok()?,
    })
}

/// From a child: a line that [`Running::line`] reads.
pub(crate) fn tell(line: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "> {line}").unwrap();
    out.flush().unwrap();
}

/// A child that runs.
pub(crate) struct Running {
    pub child: Child,
    pub input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(role: &str, folder: &Path, number: u64) -> Self {
        Self::run(&mut Command::new(std::env::current_exe().unwrap()), role, folder, number)
    }

    /// The same with a copy of this program, or as somebody else.
    pub(crate) fn run(program: &mut Command, role: &str, folder: &Path, number: u64) -> Self {
        let mut child = program
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .env(FOLDER, folder)
            .env(NUMBER, number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    /// The next line that the child told; `None` once it has ended.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            // The harness writes the test's name without a line's end before the first of ours.
            if let Some(at) = line.find("> ").filter(|_| line.ends_with('\n')) {
                return Some(line[at + 2..].trim_end().to_owned());
            }
            line.clear();
        }
        None
    }

    /// Ends it at once, in whatever it does, and gives the lines that it had told before.
    pub(crate) fn kill(&mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::iter::from_fn(|| self.line()).collect()
    }
}
