//! `stress`: how long `process()` takes at worst, drawn.

use std::fmt::Write as _;

use anyhow::{Context, Result};

use crate::measured::{self, Length};
use crate::plot::{self, Curve};
use crate::{artifacts, command, test, workspace};

/// Runs the stress test and draws what it wrote.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let length = Length::read("stress", args)?;
    if !length.draw {
        measure(&length)?;
    }

    let rows = measured::rows(&workspace::target().join("test-output/stress.csv"))?;
    let mut cells: Vec<Cell> = Vec::new();
    for row in &rows {
        let [frames, worker, clock, share, percent] = row.as_slice() else { continue };
        let (frames, busy) = (frames.parse().context("frames")?, worker == "busy");
        let point = (percent.parse().context("per cent")?, share.parse::<f64>().context("share")?);
        if cells.last().is_none_or(|cell| (cell.frames, cell.busy) != (frames, busy)) {
            cells.push(Cell { frames, busy, wall: Vec::new(), cpu: Vec::new() });
        }
        if let Some(cell) = cells.last_mut() {
            if clock == "wall" { cell.wall.push(point) } else { cell.cpu.push(point) }
        }
    }
    let picture = length.picture("process_time.svg")?;
    plot::distribution(
        &cells.iter().enumerate().map(|(number, cell)| cell.curve(number / 2)).collect::<Vec<_>>(),
        &picture,
    )?;
    println!("drawn to {}", picture.display());
    let mut text = format!(
        "{} minutes, 48 kHz, {}.\n\n\
         | frames | worker | median | 99 % | 99.9 % | 99.99 % | worst | worst by the thread's own clock |\n\
         |---|---|---|---|---|---|---|---|\n",
        length.minutes,
        measured::machine()
    );
    for cell in &cells {
        let worker = if cell.busy { "busy" } else { "at rest" };
        write!(text, "| {} | {worker} ", cell.frames)?;
        for share in [0.5, 1e-2, 1e-3, 1e-4, 0.0] {
            write!(text, "| {} ", at(&cell.wall, share))?;
        }
        writeln!(text, "| {} |", at(&cell.cpu, 0.0))?;
    }
    text.push_str(
        "\n![Blocks that took longer than a share of their own time](performance/process_time.svg)\n",
    );
    length.publish("process", &text)
}

/// What was measured with one length of blocks.
struct Cell {
    frames: u32,
    busy: bool,
    /// Per cent of the block's time, and the share of blocks that took longer.
    wall: Vec<(f64, f64)>,
    cpu: Vec<(f64, f64)>,
}

impl Cell {
    fn curve(&self, color: usize) -> Curve {
        // The worst block of all has no place on a logarithmic axis: it ends the curve half a step on.
        let last = self.wall.iter().map(|point| point.1).filter(|share| *share > 0.0).fold(1.0, f64::min);
        let height = |share: f64| if share > 0.0 { share } else { last / 2.0 } * 100.0;
        Curve {
            name: format!("{} frames, worker {}", self.frames, if self.busy { "busy" } else { "at rest" }),
            color,
            thin: !self.busy,
            points: self.wall.iter().map(|&(percent, share)| (percent.max(0.01), height(share))).collect(),
        }
    }
}

/// The per cent that a share of the blocks exceeds.
fn at(points: &[(f64, f64)], share: f64) -> String {
    let found = points.iter().find(|point| (point.1 - share).abs() < 1e-12);
    found.map_or_else(|| "–".to_owned(), |point| format!("{:.2} %", point.0))
}

/// Runs it.
fn measure(length: &Length) -> Result<()> {
    artifacts::bundle()?;
    let mut stress =
        command::cargo(&["test", "--release", "--package", workspace::TESTS_PACKAGE, "--test", "stress"]);
    stress
        .args(["--", "process_at_its_worst", "--ignored", "--nocapture"])
        .env("DEEPDRUMMER_STRESS_MINUTES", length.minutes.to_string());
    test::set_artifact_paths(&mut stress);
    command::run(&mut stress)
}
