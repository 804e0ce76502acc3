//! The curves of training as a picture.

use super::train::{Point, Report};
use crate::picture::{Failure, MESH, PALETTE, axes, curve, legend};
use plotters::prelude::*;
use std::path::Path;

/// Draws how both nets learned.
///
/// # Errors
/// The file can't be written.
pub fn curves(report: &Report, path: &Path) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (920, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let sides = root.split_evenly((1, 2));
    let nets = [("Rhythm, nats a bar", &report.rhythm), ("Feel, nats a hit", &report.feel)];
    for (side, (title, points)) in sides.iter().zip(nets) {
        let of = |value: fn(&Point) -> Option<f32>| -> Vec<(f32, f32)> {
            points.iter().filter_map(|point| Some((point.step as f32 / 1000.0, value(point)?))).collect()
        };
        let lines = [
            ("training", of(|point| Some(point.train))),
            ("validation, played", of(|point| Some(point.played))),
            ("validation, styles", of(|point| point.drawn)),
        ];
        let all = || lines.iter().flat_map(|(_, line)| line.iter().copied());
        let most = all().map(|(_, y)| y).fold(0.1, f32::max);
        let least = all().map(|(_, y)| y).fold(most, f32::min);
        let last = all().map(|(x, _)| x).fold(0.1, f32::max);
        let room = 0.06 * (most - least).max(0.1);
        let mut chart = axes(side, title, 0.0..last, least - room..most + room)?;
        chart.configure_mesh().light_line_style(MESH).x_desc("thousand updates").draw()?;
        for ((name, line), colour) in lines.iter().zip(PALETTE).filter(|((_, line), _)| !line.is_empty()) {
            curve(&mut chart, name, colour, line)?;
        }
        legend(&mut chart)?;
    }
    root.present()?;
    Ok(())
}
