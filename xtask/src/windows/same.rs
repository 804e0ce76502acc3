//! The same session on both systems: how far its answers are the same for the same seed and ratings.
//!
//! Arithmetic in floating point may differ in its last digit between systems, since sines, exponentials and
//! logarithms are the C library's. So the loops must be the same, hit for hit and sound for sound, for as long as
//! the ratings are, while numbers that are predictions may differ in their last digits.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::wine::{self, Wine};
use crate::cross::{Target, absolute};
use crate::{command, layout, workspace};

/// Loops that are proposed and rated in a session.
const RATINGS: usize = 20;
/// Seeds, one session each.
const SEEDS: [u64; 3] = [1, 7, 42];
/// From this rating on the loops may be others: an expert whose sums of thousands of terms differ in their last
/// digits may prefer another of two loops that it likes equally. What is asked for is what has always held.
const ALIKE: usize = 10;

/// Compares sessions, and the files of a demonstration.
pub(super) fn compare(target: &Target, wine: &Wine) -> Result<()> {
    let mut report = String::new();
    let mut least = RATINGS;
    for seed in SEEDS {
        let home = |of: &str| workspace::target().join(format!("windows/test-output/home-{of}-{seed}"));
        let mut here = Command::new(workspace::program("deepdrummer"));
        let mut there = wine.program(&target.built("deepdrummer.exe"));
        here.env(HOME, emptied(&home("here"))?);
        there.env(HOME, wine::path(&emptied(&home("there"))?)?);
        let here = session(&mut here, seed)?;
        let there = session(&mut there, seed)?;
        let alike = here.iter().zip(&there).take_while(|(here, there)| here.music == there.music).count();
        let apart = here[..alike].iter().zip(&there).map(|(here, there)| (here.p_like - there.p_like).abs());
        report.push_str(&format!(
            "seed {seed}: {alike} of {RATINGS} loops are the same; what the learner expects of them differs by \
             {:.1e} at most\n",
            apart.fold(0.0, f64::max)
        ));
        least = least.min(alike);
    }
    print!("{report}");
    layout::write(&target.folder.join("test-output/same.txt"), report.as_bytes())?;
    if least < ALIKE {
        bail!("at least the first {ALIKE} loops must be the same");
    }
    demonstration(target, wine)
}

/// Where a program keeps its own files.
const HOME: &str = "DEEPDRUMMER_HOME";

/// One loop that was proposed.
struct Proposal {
    /// Tempo, grid and lanes with their sounds and hits.
    music: Value,
    p_like: f64,
}

/// Proposes and rates by a rule that looks at nothing but the loop's name.
fn session(command: &mut Command, seed: u64) -> Result<Vec<Proposal>> {
    command.args(["session", "--kit", "factory", "--seed", &seed.to_string()]);
    println!("$ {}", command::shown(command));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the tool does not start")?;
    let mut input = child.stdin.take().context("the tool's input")?;
    let mut output = BufReader::new(child.stdout.take().context("the tool's output")?);
    let mut ask = |request: &str| -> Result<Value> {
        writeln!(input, "{request}").context("the tool does not listen")?;
        let mut line = String::new();
        output.read_line(&mut line).context("the tool does not answer")?;
        serde_json::from_str(&line).with_context(|| format!("'{request}' gave '{}'", line.trim()))
    };
    let mut proposals = Vec::new();
    for number in 0..RATINGS {
        let answer = ask(r#"{"do":"propose"}"#)?;
        let p_like = answer.get("p_like").and_then(Value::as_f64).unwrap_or(f64::NAN);
        let mut music = answer.get("loop").cloned().context("an answer without a loop")?;
        let id = music.get("id").and_then(Value::as_str).context("a loop without a name")?.to_owned();
        if let Some(table) = music.as_object_mut() {
            table.remove("wav");
        }
        proposals.push(Proposal { music, p_like });
        ask(&format!(r#"{{"do":"rate","id":"{id}","like":{}}}"#, number % 3 != 1))?;
    }
    let _ = ask(r#"{"do":"quit"}"#);
    if !child.wait().context("the tool does not end")?.success() {
        bail!("the tool failed");
    }
    Ok(proposals)
}

/// The demonstration writes as many files on both systems, and the same notes.
fn demonstration(target: &Target, wine: &Wine) -> Result<()> {
    let out = |of: &str| target.folder.join("test-output").join(format!("demo-{of}"));
    let mut here = Command::new(workspace::program("deepdrummer"));
    here.args(["demo", "--ratings", "10", "--out"]).arg(emptied(&out("here"))?);
    here.env(HOME, emptied(&out("home-here"))?);
    command::run(&mut here)?;
    let mut there = wine.program(&target.built("deepdrummer.exe"));
    there.args(["demo", "--ratings", "10", "--out"]).arg(wine::path(&emptied(&out("there"))?)?);
    there.env(HOME, wine::path(&emptied(&out("home-there"))?)?);
    command::run(&mut there)?;
    let (here, there) = (files(&out("here"))?, files(&out("there"))?);
    let names = |of: &[(String, Vec<u8>)]| of.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if names(&here) != names(&there) || here.is_empty() {
        bail!("other files: {:?} here, {:?} there", names(&here), names(&there));
    }
    let mut waves = (0, 0);
    for ((name, here), (_, there)) in here.iter().zip(&there) {
        if name.ends_with(".wav") {
            waves.1 += 1;
            waves.0 += usize::from(here == there);
        } else if here != there {
            bail!("{name} is another file under Windows");
        }
    }
    println!(
        "{} files of the demonstration; {} of {} WAV files are the same bytes",
        here.len(),
        waves.0,
        waves.1
    );
    Ok(())
}

/// A folder with nothing in it, by its whole name.
fn emptied(folder: &Path) -> Result<PathBuf> {
    let folder = absolute(folder);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("could not empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    Ok(folder)
}

/// Names and bytes of the files of a folder, in the order of names.
fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("no folder {}", folder.display()))? {
        let path = entry.context("a folder can't be read")?.path();
        if path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read(&path).with_context(|| path.display().to_string())?));
        }
    }
    files.sort();
    Ok(files)
}
