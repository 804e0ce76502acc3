//! `cargo xtask COMMAND`: the developer's commands, written in Rust so that they work the same on
//! Linux, macOS and Windows.
//!
//! Everything builds in the `release` profile, into `target/`; `docs/development.md` says why.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod artifacts;
mod bench;
mod check;
mod command;
mod cross;
mod hosts;
mod install;
mod kills;
mod layout;
mod macos;
mod measured;
mod notices;
mod package;
mod plot;
mod python;
mod races;
mod run;
mod screen;
mod soak;
mod stage;
mod start;
mod stress;
mod system;
mod test;
mod windows;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Usage: cargo xtask COMMAND [OPTIONS]

Use it
  run [ARGS…]         build and start the app; without a screen or sound card, a headless demo
  install [--user]    build the plugin and copy it into the system's (or your own) plugin folders
  bundle              build target/bundled/DeepDrummer.clap and target/bundled/DeepDrummer.vst3
  build               build target/release/deepdrummer, and the app where its system headers are
  package [SYSTEM…]   what people download, in target/packages: archives, a Debian package, an installer

Work on it
  check               formatting, layers, repository rules, licences, clippy, rustdoc
  notices             whose work is shipped: target/THIRD-PARTY-NOTICES.txt
  test                everything that CI checks, cheapest first
  bench [FILTER]      the benchmarks
  hosts [NAME…]       the plugin inside whole DAWs: ardour (installs Debian packages)
  soak --minutes N    random commands for N minutes; fails on an error or growing memory
  start [--docs]      what the first and each further instance cost a host, and the library's size
  stress --minutes N  how long process() takes at worst, at 32, 64 and 256 frames
  kills [--times N]   kill -9 in the middle of a rating, a save, an export, a scan: 1,000 times
  windows [STAGE…]    built for Windows and tested under Wine: session, core, host, window, installer
  macos               compiled and linted for macOS, on Apple's processors and Intel's
  races               the hand-overs between threads under ThreadSanitizer; needs a nightly Rust
                      (soak, start and stress with --docs rewrite their part of docs/performance.md)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    workspace::enter_root()?;
    match name.as_str() {
        "run" => run::run(rest),
        "install" => install::run(rest),
        "bundle" => no_arguments(rest).and_then(|()| artifacts::bundle()),
        "build" => no_arguments(rest).and_then(|()| artifacts::build()),
        "check" => no_arguments(rest).and_then(|()| check::run()),
        "test" => no_arguments(rest).and_then(|()| test::run()),
        "bench" => bench::run(rest),
        "hosts" => hosts::run(rest),
        "soak" => soak::run(rest),
        "start" => start::run(rest),
        "stress" => stress::run(rest),
        "kills" => kills::run(rest),
        "package" => package::run(rest),
        "windows" => windows::run(rest),
        "macos" => no_arguments(rest).and_then(|()| macos::run()),
        "notices" => no_arguments(rest).and_then(|()| notices::write().map(drop)),
        "races" => no_arguments(rest).and_then(|()| races::run()),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("there is no command '{other}'\n\n{HELP}"),
    }
}

fn no_arguments(args: &[String]) -> Result<()> {
    match args.first() {
        None => Ok(()),
        Some(argument) => bail!("this command takes no arguments, but was given '{argument}'"),
    }
}
