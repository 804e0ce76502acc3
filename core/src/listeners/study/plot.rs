//! A study's figures as a picture: learning curves by critic and by family.

use super::{Group, Summary, critic_key};
use plotters::prelude::*;
use std::path::Path;

/// Colours of curves and bars.
pub const PALETTE: [RGBColor; 8] = [
    RGBColor(0, 98, 155),
    RGBColor(203, 75, 22),
    RGBColor(34, 139, 84),
    RGBColor(120, 86, 160),
    RGBColor(180, 140, 20),
    RGBColor(20, 150, 160),
    RGBColor(190, 60, 110),
    RGBColor(90, 90, 90),
];

/// Draws an SVG of 1000 by 460 points: left the critics, right the families of the first critic.
///
/// # Errors
/// The file cannot be written.
pub fn plot(summary: &Summary, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (1000, 460)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(500);
    let critics: Vec<(String, Group, usize)> = summary
        .rows
        .iter()
        .enumerate()
        .filter(|(_, r)| r.group == Group::All)
        .map(|(at, r)| (critic_key(r.critic).to_owned(), r.group, at))
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
    let title = first.map_or_else(String::new, |c| format!("{}, by family", critic_key(c)));
    panel(&right, &title, &families, summary, false)?;
    root.present()?;
    Ok(())
}

fn panel<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    title: &str,
    curves: &[(String, Group, usize)],
    summary: &Summary,
    errors: bool,
) -> Result<(), Box<dyn std::error::Error>>
where
    DB::ErrorType: 'static,
{
    let points = &summary.settings.checkpoints;
    let last = points.last().copied().unwrap_or(1).max(1) as f32;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 17))
        .margin(12)
        .x_label_area_size(50)
        .y_label_area_size(50)
        .build_cartesian_2d(0f32..last * 1.02, 0f32..1f32)?;
    chart
        .configure_mesh()
        .x_desc("ratings")
        .y_desc("mean P(like)")
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .draw()?;
    for (nth, (name, _, at)) in curves.iter().enumerate() {
        let color = PALETTE[nth % PALETTE.len()];
        let values: Vec<(f32, f32, f32)> =
            points.iter().zip(&summary.rows[*at].like_rate).map(|(k, v)| (*k as f32, v.mean, v.se)).collect();
        // Segment by segment: some viewers fill a longer polyline whatever it says.
        let segments = values.windows(2).map(|pair| {
            let ends = vec![(pair[0].0, pair[0].1), (pair[1].0, pair[1].1)];
            PathElement::new(ends, color.stroke_width(2))
        });
        chart
            .draw_series(segments)?
            .label(name.clone())
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], color.stroke_width(2)));
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
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.8))
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    Ok(())
}
