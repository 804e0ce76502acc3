//! A study's figures as a picture: learning curves by critic and by family.

use super::{Group, Summary};
use crate::picture::{Area, Failure, MESH, PALETTE, axes, curve, legend};
use plotters::prelude::*;
use std::path::Path;

/// Draws an SVG of 1000 by 460 points: left the critics, right the families of the first critic.
///
/// # Errors
/// The file cannot be written.
pub fn plot(summary: &Summary, path: &Path) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (1000, 460)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(500);
    let critics: Vec<(String, Group, usize)> = summary
        .rows
        .iter()
        .enumerate()
        .filter(|(_, r)| r.group == Group::All)
        .map(|(at, r)| (r.critic.key().to_owned(), r.group, at))
        .collect();
    let first = summary.rows.first().map(|r| r.critic);
    let families: Vec<(String, Group, usize)> = summary
        .rows
        .iter()
        .enumerate()
        .filter(|(_, r)| Some(r.critic) == first && matches!(r.group, Group::Family(_)))
        .map(|(at, r)| (r.group.label().to_owned(), r.group, at))
        .collect();
    panel(&left, "Like rate of fresh loops", &critics, summary, true)?;
    let title = first.map_or_else(String::new, |c| format!("{}, by family", c.key()));
    panel(&right, &title, &families, summary, false)?;
    root.present()?;
    Ok(())
}

fn panel(
    area: &Area<'_>,
    title: &str,
    curves: &[(String, Group, usize)],
    summary: &Summary,
    errors: bool,
) -> Result<(), Failure> {
    let points = &summary.settings.checkpoints;
    let last = points.last().copied().unwrap_or(1).max(1) as f32;
    let mut chart = axes(area, title, 0.0..last * 1.02, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("ratings")
        .y_desc("mean P(like)")
        .light_line_style(WHITE)
        .bold_line_style(MESH)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .draw()?;
    for (nth, (name, _, at)) in curves.iter().enumerate() {
        let color = PALETTE[nth % PALETTE.len()];
        let values: Vec<(f32, f32, f32)> =
            points.iter().zip(&summary.rows[*at].like_rate).map(|(k, v)| (*k as f32, v.mean, v.se)).collect();
        let means: Vec<(f32, f32)> = values.iter().map(|(x, y, _)| (*x, *y)).collect();
        curve(&mut chart, name, color, &means)?;
        chart.draw_series(values.iter().map(|(x, y, _)| Circle::new((*x, *y), 3, color.filled())))?;
        if errors {
            chart.draw_series(values.iter().map(|(x, y, se)| {
                PathElement::new(
                    vec![(*x, (y - se).max(0.0)), (*x, (y + se).min(1.0))],
                    color.stroke_width(1),
                )
            }))?;
        }
    }
    legend(&mut chart)
}
