//! `test`: everything that CI checks, in one command, cheapest first.
//!
//! The checks stop at the first failure, for what follows them takes long. The tests all run, so
//! that one run shows everything that is broken.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::screen::Screen;
use crate::stage::Stages;
use crate::{artifacts, check, command, python, system, workspace};

/// Runs all stages and ends with the line `N passed, N failed`.
pub(crate) fn run() -> Result<()> {
    let mut stages = Stages::new();
    let mut tally = Tally::default();
    let ready = stages.run("system packages", system_packages)
        && check::run_in(&mut stages)
        && stages.run("build", artifacts::build)
        && stages.run("bundle", artifacts::bundle);
    if ready {
        stages.run("unit and property tests", || {
            // The window is tested on a screen of its own, also where there is a real one.
            tally.screen = if cfg!(target_os = "linux") { Some(Screen::start()?) } else { None };
            // The other packages first: the core's take longest.
            all_of([
                tally.cargo_test(&["--package", "xtask"]),
                tally.cargo_test(&["--package", workspace::LOOM_PACKAGE]),
                tally.cargo_test(&["--package", workspace::PLUGIN_PACKAGE]),
                tally.cargo_test(&["--package", workspace::LAB_PACKAGE]),
                tally.cargo_test(&["--package", workspace::CORE_PACKAGE]),
            ])
        });
        stages.run("system tests", || {
            if cfg!(target_os = "linux") && tally.screen.is_none() {
                tally.screen = Some(Screen::start()?);
            }
            tally.cargo_test(&["--package", workspace::TESTS_PACKAGE])
        });
        stages.run("host tests", || host_tests(&mut tally));
    }
    let failed_stages = stages.summary();
    if !failed_stages.is_empty() && tally.failed == 0 {
        // A stage that broke before any test could fail is a failure all the same.
        tally.failed = failed_stages.len();
    }
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    if failed_stages.is_empty() { Ok(()) } else { bail!("failed: {}", failed_stages.join(", ")) }
}

fn system_packages() -> Result<()> {
    system::require(system::APP, "to build the app")?;
    system::require(system::SCREEN, "to test the window")?;
    system::require(system::DROP_TARGETS, "to test dragging files out of the window")
}

/// How many tests passed and failed over all runners.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Where tests open windows.
    screen: Option<Screen>,
}

impl Tally {
    /// Runs `cargo test` on some packages with the workspace's own debug assertions and overflow
    /// checks on. Dependencies keep the plain release profile and are not compiled again.
    fn cargo_test(&mut self, selection: &[&str]) -> Result<()> {
        let mut test = command::cargo(&["test", "--release", "--no-fail-fast"]);
        for package in [
            workspace::CORE_PACKAGE,
            workspace::LAB_PACKAGE,
            workspace::PLUGIN_PACKAGE,
            workspace::TESTS_PACKAGE,
        ] {
            for check in ["debug-assertions", "overflow-checks"] {
                test.arg("--config").arg(format!("profile.release.package.{package}.{check}=true"));
            }
        }
        test.args(selection);
        set_artifact_paths(&mut test);
        if let Some(screen) = &self.screen {
            screen.show(&mut test);
        }
        self.watch(&mut test)
    }

    fn watch(&mut self, command: &mut Command) -> Result<()> {
        let succeeded = command::run_watching(command, |line| {
            if let Some((passed, failed)) = closing_line(line) {
                self.passed += passed;
                self.failed += failed;
            }
        })?;
        if !succeeded {
            bail!("'{}' failed", command::shown(command));
        }
        Ok(())
    }
}

/// The DAW-like hosts from PyPI, each file in its own process: a host that crashes takes only its
/// own tests along.
fn host_tests(tally: &mut Tally) -> Result<()> {
    let python = python::environment()?;
    let mut files: Vec<_> = std::fs::read_dir("tests/hosts")?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_test_file(path))
        .collect();
    files.sort();
    all_of(files.into_iter().map(|file| {
        let mut pytest = Command::new(&python);
        pytest.args(["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]).arg(&file);
        pytest.env("PYTHONDONTWRITEBYTECODE", "1");
        set_artifact_paths(&mut pytest);
        tally.watch(&mut pytest)
    }))
}

/// Runs all of them, and fails with what all failures say.
fn all_of(runs: impl IntoIterator<Item = Result<()>>) -> Result<()> {
    let failures: Vec<String> =
        runs.into_iter().filter_map(|run| run.err()).map(|error| format!("{error:#}")).collect();
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("; ")) }
}

fn is_test_file(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with("test_") && name.ends_with(".py"))
}

/// Tells tests where the things are that were built for them.
pub(crate) fn set_artifact_paths(command: &mut Command) {
    let absolute = |path: std::path::PathBuf| std::path::absolute(&path).unwrap_or(path);
    command
        .env("DEEPDRUMMER_CLAP", absolute(workspace::clap_bundle()))
        .env("DEEPDRUMMER_VST3", absolute(workspace::vst3_bundle()))
        .env("DEEPDRUMMER_TOOL", absolute(workspace::program("deepdrummer")))
        .env("DEEPDRUMMER_OUT", absolute(workspace::target().join("test-output")));
}

/// Reads (passed, failed) from the closing line of `cargo test` or pytest.
fn closing_line(line: &str) -> Option<(usize, usize)> {
    if let Some(counts) = line.strip_prefix("test result: ") {
        let (_, counts) = counts.split_once(". ")?;
        return Some((count(counts, "passed", ';')?, count(counts, "failed", ';')?));
    }
    // pytest: `2 failed, 3 passed, 1 skipped in 1.23s`
    let (counts, time) = line.trim_matches(['=', ' ']).rsplit_once(" in ")?;
    if time.split_whitespace().next()?.strip_suffix('s')?.parse::<f64>().is_err() {
        return None;
    }
    let passed = count(counts, "passed", ',');
    let failed = count(counts, "failed", ',');
    let errors = count(counts, "error", ',').or(count(counts, "errors", ','));
    passed.or(failed).or(errors)?;
    Some((passed.unwrap_or(0), failed.unwrap_or(0) + errors.unwrap_or(0)))
}

fn count(counts: &str, what: &str, separator: char) -> Option<usize> {
    counts.split(separator).find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{all_of, closing_line};

    #[test]
    fn all_runs_are_made_and_all_failures_are_told() {
        let mut made = 0;
        let mut run = |failure: Option<&str>| {
            made += 1;
            failure.map_or(Ok(()), |text| Err(anyhow::anyhow!("{text}")))
        };
        let outcome = all_of([Some("first"), None, Some("third")].into_iter().map(&mut run));
        assert_eq!(outcome.map_err(|error| error.to_string()), Err("first; third".to_owned()));
        assert_eq!(made, 3);
    }

    #[test]
    fn closing_lines_of_both_runners_are_read() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(closing_line(cargo), Some((12, 3)));
        assert_eq!(closing_line("2 failed, 3 passed, 1 skipped in 1.23s"), Some((3, 2)));
        assert_eq!(closing_line("1 passed in 75.23s (0:01:15)"), Some((1, 0)));
        assert_eq!(closing_line("1 error in 0.23s"), Some((0, 1)));
        assert_eq!(closing_line("===== 4 passed in 0.23s ====="), Some((4, 0)));
        assert_eq!(closing_line("12 passed in spirit"), None);
        assert_eq!(closing_line("done in 3.2s"), None);
    }
}
