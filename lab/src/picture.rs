//! What the study's and the cold start's pictures share: colours, axes, curves with a legend.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf32;
use plotters::prelude::*;
use std::ops::Range;

/// Why a picture was not drawn.
pub(crate) type Failure = Box<dyn std::error::Error>;
/// A part of a picture.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Axes with numbers.
pub(crate) type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf32, RangedCoordf32>>;

/// Colours of curves and bars.
pub(crate) const PALETTE: [RGBColor; 8] = [
    RGBColor(0, 98, 155),
    RGBColor(203, 75, 22),
    RGBColor(34, 139, 84),
    RGBColor(120, 86, 160),
    RGBColor(180, 140, 20),
    RGBColor(20, 150, 160),
    RGBColor(190, 60, 110),
    RGBColor(90, 90, 90),
];

/// The mesh's lines.
pub(crate) const MESH: RGBColor = RGBColor(225, 225, 225);

/// Empty axes under a title.
pub(crate) fn axes<'a>(
    area: &Area<'a>,
    title: &str,
    x: Range<f32>,
    y: Range<f32>,
) -> Result<Chart<'a>, Failure> {
    let mut chart = ChartBuilder::on(area);
    chart.caption(title, ("sans-serif", 17)).margin(12).x_label_area_size(50).y_label_area_size(50);
    Ok(chart.build_cartesian_2d(x, y)?)
}

/// A curve that the legend names.
pub(crate) fn curve(
    chart: &mut Chart<'_>,
    name: &str,
    color: RGBColor,
    points: &[(f32, f32)],
) -> Result<(), Failure> {
    // Segment by segment: some viewers fill a longer polyline whatever it says.
    let segments = points.windows(2).map(|pair| PathElement::new(pair.to_vec(), color.stroke_width(2)));
    chart
        .draw_series(segments)?
        .label(name)
        .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], color.stroke_width(2)));
    Ok(())
}

/// The curves' names, over what is drawn.
pub(crate) fn legend(chart: &mut Chart<'_>) -> Result<(), Failure> {
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.8))
        .border_style(RGBColor(200, 200, 200))
        .draw()?;
    Ok(())
}
