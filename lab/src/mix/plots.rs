//! The report as pictures.

use super::page::{balances, beside_the_kick, jumps, quantile};
use super::signal::{Balance, HIGHEST_HZ, OCTAVES_HZ};
use super::{Report, TARGET, TOLERANCE_DB};
use crate::picture::{Area, Failure, MESH, PALETTE, axes, curve, legend};
use deepdrummer_core::pattern::Role;
use plotters::prelude::*;
use std::path::Path;

/// Draws `loudness.svg`, `balance.svg` and `spectrum.svg` into a folder that is there.
///
/// # Errors
/// A file cannot be written.
pub fn plots(report: &Report, folder: &Path) -> Result<(), Failure> {
    let path = folder.join("loudness.svg");
    let root = SVGBackend::new(&path, (1000, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(500);
    loudness(&left, report)?;
    jumped(&right, report)?;
    root.present()?;

    let path = folder.join("spectrum.svg");
    let root = SVGBackend::new(&path, (1000, 440)).into_drawing_area();
    root.fill(&WHITE)?;
    spectrum(&root, report)?;
    root.present()?;

    let path = folder.join("balance.svg");
    let root = SVGBackend::new(&path, (1000, 440)).into_drawing_area();
    root.fill(&WHITE)?;
    balance(&root, report)?;
    root.present()?;
    Ok(())
}

/// How many of some values lie at or below each.
fn ranks(values: &[f64]) -> Vec<(f32, f32)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len().max(1) as f32;
    sorted.iter().enumerate().map(|(at, value)| (*value as f32, (at + 1) as f32 / n)).collect()
}

fn loudness(area: &Area<'_>, report: &Report) -> Result<(), Failure> {
    let mut chart = axes(area, "Loudness of loops", -45.0..0.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("LUFS")
        .y_desc("share of loops at or below")
        .bold_line_style(MESH)
        .draw()?;
    let sets = [
        ("proposals", report.proposals().map(|heard| heard.signal.lufs).collect::<Vec<_>>()),
        ("presets", report.presets.iter().map(|(_, heard)| heard.signal.lufs).collect()),
        ("produced loops", report.produced.iter().map(|named| named.signal.lufs).collect()),
    ];
    for ((name, values), color) in sets.iter().zip(PALETTE).filter(|((_, values), _)| !values.is_empty()) {
        curve(&mut chart, name, color, &ranks(values))?;
    }
    legend(&mut chart)
}

fn jumped(area: &Area<'_>, report: &Report) -> Result<(), Failure> {
    let mut chart = axes(area, "Jumps from a loop to the next", 0.0..20.0, 0.0..1.0)?;
    chart.configure_mesh().x_desc("LU").y_desc("share of jumps at or below").bold_line_style(MESH).draw()?;
    curve(&mut chart, "proposals", PALETTE[0], &ranks(&jumps(report)))?;
    curve(&mut chart, "1.5 LU", PALETTE[1], &[(1.5, 0.0), (1.5, 1.0)])?;
    legend(&mut chart)
}

fn spectrum(area: &Area<'_>, report: &Report) -> Result<(), Failure> {
    let mut chart = axes(area, "Energy by octave", 0.0..10.0, -45.0..0.0)?;
    let name = |x: &f32| {
        let is_middle = (x.fract() - 0.5).abs() < 0.01;
        let hz = OCTAVES_HZ.iter().chain([&HIGHEST_HZ]).nth(*x as usize);
        hz.filter(|_| is_middle).map_or_else(String::new, |hz| format!("{hz}"))
    };
    chart
        .configure_mesh()
        .x_labels(21)
        .x_label_formatter(&name)
        .x_desc("middle of the octave (Hz)")
        .y_desc("share of the energy (dB)")
        .bold_line_style(MESH)
        .draw()?;
    let points = |balance: &Balance, by: f64| -> Vec<(f32, f32)> {
        balance.octaves.iter().enumerate().map(|(at, db)| (at as f32 + 0.5, (db + by) as f32)).collect()
    };
    let line = RGBColor(150, 150, 150);
    for (name, by) in [("target ±3 dB", TOLERANCE_DB), ("", -TOLERANCE_DB)] {
        let points = points(&TARGET, by);
        let segments = points.windows(2).map(|pair| PathElement::new(pair.to_vec(), line.stroke_width(1)));
        let drawn = chart.draw_series(segments)?;
        if !name.is_empty() {
            drawn
                .label(name)
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], line.stroke_width(1)));
        }
    }
    let mut sets = vec![("proposals".to_owned(), Balance::mean(&balances(report.proposals())))];
    let produced: Vec<Balance> = report.produced.iter().map(|named| named.signal.balance).collect();
    if !produced.is_empty() {
        sets.push(("produced loops".to_owned(), Balance::mean(&produced)));
    }
    for (name, heard) in &report.kits {
        sets.push((name.clone(), Balance::mean(&balances(heard.iter()))));
    }
    for ((name, balance), color) in sets.iter().zip(PALETTE) {
        curve(&mut chart, name, color, &points(balance, 0.0))?;
    }
    legend(&mut chart)
}

fn balance(area: &Area<'_>, report: &Report) -> Result<(), Failure> {
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Kick).collect();
    let mut chart = axes(area, "Lanes beside the kick", 0.0..roles.len() as f32, -30.0..10.0)?;
    let name = |x: &f32| {
        let is_middle = (x.fract() - 0.5).abs() < 0.01;
        let role = roles.get(*x as usize).filter(|_| is_middle);
        role.map_or_else(String::new, |role| role.label().to_owned())
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(2 * roles.len() + 1)
        .x_label_formatter(&name)
        .y_desc("loudness relative to the kick (LU)")
        .bold_line_style(MESH)
        .draw()?;
    for (at, role) in roles.iter().enumerate() {
        let all = report.proposals().chain(report.presets.iter().map(|(_, heard)| heard));
        let found = beside_the_kick(all, *role);
        if found.is_empty() {
            continue;
        }
        let q = |share| quantile(&found, share) as f32;
        let x = at as f32;
        // From the 5th to the 95th percentile a thin bar, the quartiles a thick one, the median a line.
        for (half, low, high, shade) in [(0.05, 0.05, 0.95, 0.35), (0.2, 0.25, 0.75, 0.8)] {
            let corners = [(x + 0.5 - half, q(low)), (x + 0.5 + half, q(high))];
            chart.draw_series([Rectangle::new(corners, PALETTE[0].mix(shade).filled())])?;
        }
        let median = vec![(x + 0.3, q(0.5)), (x + 0.7, q(0.5))];
        chart.draw_series([PathElement::new(median, WHITE.stroke_width(2))])?;
    }
    Ok(())
}
