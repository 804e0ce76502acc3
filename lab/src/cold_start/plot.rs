//! The comparison as a picture: how near loops are, and where their hits lie.

use super::{Described, LAYERS, Report};
use crate::picture::{Area, Failure, MESH, PALETTE, axes, curve, legend};
use plotters::prelude::*;
use std::path::Path;

/// Draws an SVG of 1000 by 440 points: left the distances to the nearest groove, right hits by layer.
///
/// # Errors
/// The file cannot be written.
pub fn plot(report: &Report, path: &Path) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (1000, 440)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(500);
    let sets: Vec<&Described> = std::iter::once(&report.published).chain(&report.sets).collect();
    distances(&left, &sets)?;
    densities(&right, &sets)?;
    root.present()?;
    Ok(())
}

fn distances(area: &Area<'_>, sets: &[&Described]) -> Result<(), Failure> {
    let mut chart = axes(area, "Distance to the nearest published groove", 0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("share of hits that only one has")
        .y_desc("share of loops that are at least as near")
        .light_line_style(WHITE)
        .bold_line_style(MESH)
        .x_label_formatter(&|x| format!("{x:.1}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .draw()?;
    for (set, color) in sets.iter().zip(PALETTE) {
        let mut sorted = set.distances.clone();
        sorted.sort_by(f32::total_cmp);
        let n = sorted.len().max(1) as f32;
        let mut points = vec![(0.0, 0.0)];
        points.extend(sorted.iter().enumerate().map(|(at, distance)| (*distance, (at + 1) as f32 / n)));
        points.push((1.0, 1.0));
        curve(&mut chart, &set.name, color, &points)?;
    }
    legend(&mut chart)
}

fn densities(area: &Area<'_>, sets: &[&Described]) -> Result<(), Failure> {
    let most = sets.iter().flat_map(|set| set.density).fold(1.0, f32::max);
    let mut chart = axes(area, "Mean hits a bar", 0.0..LAYERS.len() as f32, 0.0..most * 1.1)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(LAYERS.len() * 2 + 1)
        // Labels in the middle of each group of bars only.
        .x_label_formatter(&|x| {
            let is_middle = (x.fract() - 0.5).abs() < 0.01;
            LAYERS.get(*x as usize).filter(|_| is_middle).map_or_else(String::new, |l| (*l).to_owned())
        })
        .light_line_style(WHITE)
        .bold_line_style(MESH)
        .y_label_formatter(&|y| format!("{y:.0}"))
        .draw()?;
    let width = 0.8 / sets.len().max(1) as f32;
    for (nth, (set, color)) in sets.iter().zip(PALETTE).enumerate() {
        chart.draw_series(set.density.iter().enumerate().map(|(layer, hits)| {
            let from = layer as f32 + 0.1 + nth as f32 * width;
            Rectangle::new([(from, 0.0), (from + 0.9 * width, *hits)], color.filled())
        }))?;
    }
    Ok(())
}
