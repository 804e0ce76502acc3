//! Whether a predicted 70 % is liked seven times in ten (Guo et al. 2017): reliability and expected calibration error
//! of the predictions of a session, with and without the temperature, by number of ratings and by family.
//!
//! Threads of the headless tool and of tests. What was predicted is what the window showed before each rating, and
//! what came is the listener's answer, wrong ones included. The logit without the temperature follows from the one
//! with it, since the same temperature is fitted here again from the same pairs.

use crate::listeners::{Family, Panel, Setting};
use crate::picture::{Failure, MESH, PALETTE, axes, curve, legend};
use crate::why::teach;
use deepdrummer_core::critic::calibrate::Calibration;
use deepdrummer_core::critic::{logit, sigmoid};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::units::Seed;
use plotters::prelude::*;
use serde::Serialize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Bins of a reliability diagram.
pub const BINS: usize = 10;
/// Ratings that are told apart, counted from 0.
pub const WINDOWS: [Range<usize>; 4] = [0..10, 10..20, 20..40, 40..80];

/// One prediction and what came.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pair {
    /// The number of ratings before it.
    pub ratings: usize,
    /// Of which family the listener is.
    pub family: Family,
    /// P(like) as predicted.
    pub with: f32,
    /// The same without the temperature.
    pub without: f32,
    /// What was answered.
    pub like: bool,
}

/// A reliability diagram: mean prediction, share of likes and count of each bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reliability {
    /// The bins, from low to high predictions.
    pub bins: [(f32, f32, usize); BINS],
}

impl Reliability {
    /// Of predictions and answers.
    #[must_use]
    pub fn of(pairs: impl Iterator<Item = (f32, bool)>) -> Self {
        let mut sums = [(0.0f64, 0usize, 0usize); BINS];
        for (p, like) in pairs {
            let bin = &mut sums[((p * BINS as f32) as usize).min(BINS - 1)];
            *bin = (bin.0 + f64::from(p), bin.1 + usize::from(like), bin.2 + 1);
        }
        let bins = sums.map(|(sum, likes, count)| {
            let n = count.max(1);
            ((sum / n as f64) as f32, likes as f32 / n as f32, count)
        });
        Self { bins }
    }

    /// How many predictions.
    #[must_use]
    pub fn count(&self) -> usize {
        self.bins.iter().map(|bin| bin.2).sum()
    }

    /// The expected calibration error: the mean over predictions of how far their bin is off.
    #[must_use]
    pub fn error(&self) -> f32 {
        let off = |&(claimed, came, count): &(f32, f32, usize)| (claimed - came).abs() * count as f32;
        self.bins.iter().map(off).sum::<f32>() / self.count().max(1) as f32
    }
}

/// Lets listeners rate, and gathers predictions. `progress` is told after each.
#[must_use]
pub fn gather(
    listeners: &str,
    seeds: Range<u64>,
    kit: &Arc<Kit>,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Pair> {
    let setting = Setting::lanes(4);
    let panel = Panel::new(kit, &setting, Seed(2020));
    let asked = panel.select(listeners);
    let (mut pairs, mut done) = (Vec::new(), 0);
    let all = asked.len() * seeds.clone().count();
    for seed in seeds {
        for listener in &asked {
            let taught = teach(listener, kit, &setting, WINDOWS[WINDOWS.len() - 1].end, seed);
            let mut mirror = Calibration::default();
            for (ratings, said) in taught.log.entries().iter().enumerate() {
                let (Some(with), Some(like)) = (said.predicted, said.verdict.like) else { continue };
                let temperature = logit(mirror.probability(1.0));
                let raw = logit(with) / temperature;
                pairs.push(Pair { ratings, family: listener.family, with, without: sigmoid(raw), like });
                mirror.observe(raw, like, said.weight);
            }
            done += 1;
            progress(done, all);
        }
    }
    pairs
}

/// The predictions within a window, of a family or all.
pub fn within<'a>(
    pairs: &'a [Pair],
    window: &'a Range<usize>,
    family: Option<Family>,
) -> impl Iterator<Item = &'a Pair> {
    let fits = move |pair: &&Pair| {
        window.contains(&pair.ratings) && family.is_none_or(|family| pair.family == family)
    };
    pairs.iter().filter(fits)
}

/// Draws an SVG of 1000 by 460 points: left by number of ratings, right with and without the temperature.
///
/// # Errors
/// The file cannot be written.
pub fn plot(pairs: &[Pair], path: &Path) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (1000, 460)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(500);
    let by_window: Vec<(String, Reliability)> = WINDOWS
        .iter()
        .map(|window| {
            let of = Reliability::of(within(pairs, window, None).map(|pair| (pair.with, pair.like)));
            (format!("ratings {} to {}", window.start + 1, window.end), of)
        })
        .collect();
    panel(&left, "By number of ratings", &by_window)?;
    let from_ten = 10..usize::MAX;
    let of = |p: fn(&Pair) -> f32| {
        Reliability::of(within(pairs, &from_ten, None).map(|pair| (p(pair), pair.like)))
    };
    let both = [("with the temperature", of(|pair| pair.with)), ("without it", of(|pair| pair.without))]
        .map(|(name, of)| (name.to_owned(), of));
    panel(&right, "From the eleventh rating on", &both)?;
    root.present()?;
    Ok(())
}

fn panel(
    area: &crate::picture::Area<'_>,
    title: &str,
    curves: &[(String, Reliability)],
) -> Result<(), Failure> {
    let mut chart = axes(area, title, 0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("predicted P(like)")
        .y_desc("share that was liked")
        .light_line_style(WHITE)
        .bold_line_style(MESH)
        .x_label_formatter(&|x| format!("{x:.1}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .draw()?;
    chart.draw_series([PathElement::new(vec![(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.4))])?;
    for ((name, of), color) in curves.iter().zip(PALETTE) {
        let points: Vec<(f32, f32)> =
            of.bins.iter().filter(|bin| bin.2 >= 20).map(|&(claimed, came, _)| (claimed, came)).collect();
        curve(&mut chart, name, color, &points)?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
    }
    legend(&mut chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_predictions_have_no_error_and_boasts_have_theirs() {
        let of = |claimed: f32| Reliability::of((0..1_000).map(move |at| (claimed, at % 10 < 7)));
        assert!(of(0.7).error() < 1e-6 && (of(0.95).error() - 0.25).abs() < 1e-4);
        assert_eq!(of(0.7).count(), 1_000);
        assert_eq!(Reliability::of(std::iter::empty()).error(), 0.0);
    }
}
