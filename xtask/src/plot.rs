//! Pictures of what long runs measured, for `docs/performance/`.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use plotters::prelude::*;

/// One colour a curve.
const COLORS: [RGBColor; 3] = [RGBColor(0, 98, 155), RGBColor(203, 75, 22), RGBColor(34, 139, 84)];
const SIZE: (u32, u32) = (900, 480);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// A curve: its name, its colour's number, whether it is drawn thin, its points.
pub(crate) struct Curve {
    /// What the legend says.
    pub name: String,
    /// Which colour.
    pub color: usize,
    /// Thin instead of thick.
    pub thin: bool,
    /// Horizontal and vertical values.
    pub points: Vec<(f64, f64)>,
}

/// How large a share of blocks (vertical) took longer than a share of the block's time (horizontal),
/// both in per cent and on logarithmic axes.
pub(crate) fn distribution(curves: &[Curve], path: &Path) -> Result<()> {
    let values = || curves.iter().flat_map(|curve| &curve.points);
    let left = values().map(|point| point.0).fold(f64::INFINITY, f64::min).max(0.01) * 0.8;
    let right = values().map(|point| point.0).fold(100.0, f64::max) * 1.5;
    let bottom = values().map(|point| point.1).fold(100.0, f64::min) * 0.5;
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let root = SVGBackend::new(path, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption("Blocks that took longer than a share of their own time", ("sans-serif", 17))
            .margin(12)
            .x_label_area_size(46)
            .y_label_area_size(64)
            .build_cartesian_2d((left..right).log_scale(), (bottom..150.0).log_scale())?;
        chart
            .configure_mesh()
            .x_desc("time of process(), per cent of the block's time")
            .y_desc("blocks that took longer, per cent")
            .light_line_style(WHITE)
            .bold_line_style(GRID)
            .x_label_formatter(&|x| format!("{x}"))
            .y_label_formatter(&|y| format!("{y}"))
            .draw()?;
        chart.draw_series(LineSeries::new([(100.0, bottom), (100.0, 150.0)], BLACK.stroke_width(1)))?;
        draw_curves(&mut chart, curves)?;
        root.present()?;
        Ok(())
    };
    draw().map_err(|error| anyhow!("could not draw {}: {error}", path.display()))
}

/// Memory over time.
pub(crate) fn memory(points: &[(f64, f64)], path: &Path) -> Result<()> {
    let minutes = points.last().context("nothing was measured")?.0;
    let most = points.iter().map(|point| point.1).fold(0.0, f64::max) * 1.15;
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        let root = SVGBackend::new(path, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption("Memory under random use", ("sans-serif", 17))
            .margin(12)
            .x_label_area_size(46)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..minutes, 0.0..most)?;
        chart
            .configure_mesh()
            .x_desc("minutes")
            .y_desc("resident memory, MiB")
            .light_line_style(WHITE)
            .bold_line_style(GRID)
            .draw()?;
        chart.draw_series(
            points.windows(2).map(|pair| PathElement::new(pair.to_vec(), COLORS[0].stroke_width(2))),
        )?;
        root.present()?;
        Ok(())
    };
    draw().map_err(|error| anyhow!("could not draw {}: {error}", path.display()))
}

fn draw_curves<'a, X, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    curves: &[Curve],
) -> Result<(), Box<dyn std::error::Error>>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    for curve in curves {
        let style = COLORS[curve.color % COLORS.len()].stroke_width(if curve.thin { 1 } else { 2 });
        // Segment by segment: some viewers fill a longer polyline whatever it says.
        let segments = curve.points.windows(2).map(|pair| PathElement::new(pair.to_vec(), style));
        chart
            .draw_series(segments)?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(GRID)
        .draw()?;
    Ok(())
}
