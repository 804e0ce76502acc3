//! A screen of its own for a test (Xvfb), a hand on its mouse (xdotool), and programs on it. Linux.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Debian's own interpreter: its packages for GTK and Tk are for no other.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// Ends a test for which something is missing on a developer's machine, and says so. `cargo xtask test`
/// brings all that tests need; there it is a failure.
pub(crate) fn skip(missing: &str) {
    assert!(std::env::var_os("DEEPDRUMMER_OUT").is_none(), "{missing} is missing");
    println!("skipped: {missing} is missing; `cargo xtask test` brings it");
}

/// A program that says nothing for longer has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A child process whose lines of output can be waited for; it ends with the test.
pub(crate) struct Program {
    child: Child,
    pub lines: Receiver<String>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("the program says nothing")
    }

    pub(crate) fn wait_for(&self, wanted: &str) {
        while self.line() != wanted {}
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One screen at a time: each draws with software OpenGL and wants the processor for itself.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) struct Screen {
    _server: Program,
    pub display: String,
    _turn: MutexGuard<'static, ()>,
}

impl Screen {
    /// `None`, and said so, where a program is missing that it needs.
    pub(crate) fn open() -> Option<Self> {
        Self::of(1_600, 1_000)
    }

    /// The same of another size.
    pub(crate) fn of(width: u32, height: u32) -> Option<Self> {
        let size = format!("{width}x{height}x24");
        for (program, argument) in [("Xvfb", "-help"), ("xdotool", "version")] {
            let found =
                Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if found.is_err() {
                skip(program);
                return None;
            }
        }
        let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let server = Program::start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp", "-noreset"])
                .stderr(Stdio::null()),
        );
        let display = format!(":{}", server.line());
        Some(Self { _server: server, display, _turn: turn })
    }

    pub(crate) fn xdotool(&self, script: &str) {
        let run =
            Command::new("xdotool").args(script.split_whitespace()).env("DISPLAY", &self.display).status();
        assert!(run.unwrap().success(), "xdotool {script}");
    }

    pub(crate) fn editor(&self, exports: &Path) -> Program {
        let program = Program::start(
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "editor_process", "--ignored", "--nocapture"])
                .env("DISPLAY", &self.display)
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .env("DEEPDRUMMER_EXPORTS", exports),
        );
        program.wait_for("drawn");
        program
    }

    pub(crate) fn drag(&self, from: (i32, i32), to: (i32, i32), end: &str) {
        let (x, y) = from;
        self.xdotool(&format!("mousemove {x} {y} sleep 0.2 mousedown 1 sleep 0.2"));
        for step in 1..=6 {
            self.xdotool(&format!("mousemove {} {} sleep 0.05", x + step * 3, y - step * 3));
        }
        // The files are written and the drag starts while the button is down.
        self.xdotool("sleep 1");
        for step in 1..=10 {
            let at = |from: i32, to: i32| from + (to - from) * step / 10;
            self.xdotool(&format!("mousemove {} {} sleep 0.06", at(x, to.0), at(y, to.1)));
        }
        self.xdotool("sleep 0.4");
        self.xdotool(end);
    }

    /// Another program that drags a file for as long as the button is down; see [`drag_file`].
    pub(crate) fn source(&self, file: &Path) -> Program {
        let source = Program::start(
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "source_process", "--ignored", "--nocapture"])
                .env("DISPLAY", &self.display)
                .env("DEEPDRUMMER_SOUND", file),
        );
        source.wait_for("dragging");
        source
    }
}

/// What a program of [`Screen::source`] does: drags a file and says how that ended. A test file that
/// uses it has an ignored test `source_process` that calls this.
pub(crate) fn drag_file() {
    let file = std::path::PathBuf::from(std::env::var_os("DEEPDRUMMER_SOUND").unwrap());
    let mut drag = deepdrummer_plugin::editor::drag::source(None).start(&[file]).unwrap();
    println!("\ndragging");
    let end = loop {
        if let Some(end) = drag.poll() {
            break end;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    println!("ended {end:?}");
}
