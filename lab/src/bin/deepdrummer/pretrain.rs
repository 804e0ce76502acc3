//! `deepdrummer pretrain`: the neural expert's trunk, trained on invented tastes.

use deepdrummer_core::runtime::kits;
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::units::Seed;
use deepdrummer_lab::pretrain::{Options, pretrain};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Trains and writes the weights.
pub(crate) fn run(out: &Path, seed: u64) -> Result<(), String> {
    let (kit, _) =
        kits::load(&KitChoice::Factory, &kits::Own::default(), &AtomicBool::new(false), &|_, _| {})?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} pass {pos}/{len} {elapsed} left {eta} {msg}") {
        bar.set_style(style);
    }
    let options = Options { seed: Seed(seed), ..Options::default() };
    let report = pretrain(&kit, options, &mut |progress| {
        bar.set_length(progress.epochs as u64);
        bar.set_position(progress.epoch as u64);
        bar.set_message(format!("cross entropy {:.4}", progress.loss));
    })
    .map_err(|error| error.to_string())?;
    bar.finish_and_clear();
    println!(
        "cross entropy on other loops {:.4} (always the mean {:.4}, least possible {:.4})",
        report.held_out_loss, report.constant_loss, report.least_loss
    );
    for (ratings, with, without) in &report.few_shot {
        println!("after {ratings} ratings: AUC {with:.3} with the trunk, {without:.3} without");
    }
    std::fs::write(out, &report.bytes).map_err(|error| format!("{}: {error}", out.display()))?;
    println!("{} bytes in {}", report.bytes.len(), out.display());
    Ok(())
}
