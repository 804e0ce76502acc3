//! Which tests run as Windows programs, and which do not and why.
//!
//! They are cargo's own tests, compiled for Windows without the debug assertions that `cargo xtask test` adds: what
//! runs is then the very code that is given away, and nothing is compiled twice.

use anyhow::Result;

use super::set_artifact_paths;
use super::wine::Wine;
use crate::cross::Target;
use crate::{command, workspace};

/// Tests of the core that Windows, or Wine in its place, can't run.
const CORE: &[Left] = &[];

/// The same of the tests in the in-process CLAP host.
const HOST: &[Left] = &[];

/// The same of the tests of the window.
const WINDOW: &[Left] = &[
    Left {
        name: "files_are_dragged_out",
        why: "Wine 8's shell makes no data object of files (`IShellItemArray::BindToHandler`), which the crate \
              `drag` asks it for",
    },
    Left { name: "a_file_dropped_on_a_lane", why: "the same: its file is dragged by that crate" },
];

/// Whole test programs that are compiled for Linux alone.
const LINUX_ALONE: &[(&str, &str)] = &[
    ("core/tests/kills.rs", "kill -9 and signals; `TerminateProcess` is not its like under Wine"),
    ("core/tests/faults.rs", "a full and a read-only disk, by mounting one"),
    ("tests/tests/audio_thread.rs", "counts system calls through seccomp"),
    ("tests/tests/network.rs", "forbids sockets through seccomp"),
    ("tests/tests/editor.rs", "the X11 host window; `editor_win32.rs` is its like for Windows"),
    ("tests/tests/presets.rs", "presets loaded through the X11 window"),
    ("tests/tests/{soak,stress}.rs", "measure the memory and the time of Linux"),
    ("plugin/tests/editor_xdnd*.rs, editor_room.rs", "drag and drop of X11; `editor_win32.rs` has OLE's"),
];

/// A test that is left out, by the name that cargo knows it by, and why.
struct Left {
    name: &'static str,
    why: &'static str,
}

/// All tests of the core.
pub(super) fn core(target: &Target, wine: &Wine) -> Result<()> {
    run(target, wine, &["--package", workspace::CORE_PACKAGE, "--lib", "--tests"], CORE)
}

/// Transport, ratings, state, bounce, instances and more, in the in-process CLAP host.
pub(super) fn host(target: &Target, wine: &Wine) -> Result<()> {
    run(target, wine, &["--package", workspace::TESTS_PACKAGE], HOST)
}

/// The window inside a host's window.
pub(super) fn window(target: &Target, wine: &Wine) -> Result<()> {
    run(target, wine, &["--package", workspace::TESTS_PACKAGE, "--test", "editor_win32"], WINDOW)
}

fn run(target: &Target, wine: &Wine, selection: &[&str], left: &[Left]) -> Result<()> {
    let mut test = target.cargo(&["test", "--no-fail-fast"]);
    test.args(selection).args(["--", "--test-threads", "2"]);
    for of in left {
        test.args(["--skip", of.name]);
    }
    wine.enter(&mut test);
    test.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine");
    set_artifact_paths(&mut test, target)?;
    command::run(&mut test)
}

/// What does not run under Wine, with the reason.
pub(super) fn print_what_is_left_out() {
    println!("\nNot run as Windows programs:");
    for (name, why) in LINUX_ALONE {
        println!("  {name}: {why}");
    }
    for of in CORE.iter().chain(HOST).chain(WINDOW) {
        println!("  {}: {}", of.name, of.why);
    }
}
