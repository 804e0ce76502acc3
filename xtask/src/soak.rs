//! `soak`: the plugin under random commands for a long time, its memory drawn.

use anyhow::{Context, Result};

use crate::measured::{self, Length};
use crate::{artifacts, command, plot, test, workspace};

/// Runs the soak test for the given number of minutes.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let length = Length::read("soak", args)?;
    if !length.draw {
        measure(&length)?;
    }

    let rows = measured::rows(&workspace::target().join("test-output/soak.csv"))?;
    let number = |text: Option<&String>| text.and_then(|text| text.parse::<f64>().ok()).context("a number");
    let mut points = Vec::new();
    let mut blocks = 0.0;
    for row in &rows {
        points.push((number(row.first())?, number(row.get(1))?));
        blocks = number(row.get(2))?;
    }
    let picture = length.picture("soak.svg")?;
    plot::memory(&points, &picture)?;
    println!("drawn to {}", picture.display());
    let third = points.len() / 3;
    let mean = |part: &[(f64, f64)]| part.iter().map(|point| point.1).sum::<f64>() / part.len().max(1) as f64;
    let text = format!(
        "{} minutes, {blocks:.0} blocks, no error. Memory: {:.0} MiB on average in the second third, {:.0} MiB in \
         the last ({}).",
        length.minutes,
        mean(&points[third..2 * third]),
        mean(&points[2 * third..]),
        measured::machine()
    );
    length.publish("soak", &text)
}

/// Runs it.
fn measure(length: &Length) -> Result<()> {
    artifacts::bundle()?;
    let mut soak =
        command::cargo(&["test", "--release", "--package", workspace::TESTS_PACKAGE, "--test", "soak"]);
    soak.args(["--", "--ignored", "--nocapture"]).env("DEEPDRUMMER_SOAK_MINUTES", length.minutes.to_string());
    test::set_artifact_paths(&mut soak);
    command::run(&mut soak)
}
