//! Pictures: the curves of training, and loops as they are written and as they are played.

use super::train::{Point, Report};
use crate::baselines::Contender;
use crate::listeners::Setting;
use crate::picture::{Failure, MESH, PALETTE, axes, curve, legend};
use crate::study::Factory;
use deepdrummer_core::groove::{Human, play};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Loop, MAX_LANES};
use deepdrummer_core::propose::Mode;
use deepdrummer_core::units::Seed;
use plotters::prelude::*;
use std::path::Path;
use std::sync::Arc;

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

/// Loops in a picture.
const SHOWN: usize = 6;

/// Draws the first loops of a learner that was told nothing: at the left as they are written, at the right as they
/// are played with the dial at 100 %. A hit's colour and number are its velocity, its place is its time.
///
/// # Errors
/// The file can't be written.
pub fn bars(
    setting: &Setting,
    seed: Seed,
    kit: &Arc<Kit>,
    make: Factory<'_>,
    path: &Path,
) -> Result<(), Failure> {
    let mut learner = make(Contender::Taste, Arc::clone(kit), seed);
    let found = learner.sample(&setting.request(Mode::Good, &[]), SHOWN);
    let root = SVGBackend::new(path, (1100, 150 * SHOWN as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let cells = root.split_evenly((SHOWN, 2));
    for (at, proposal) in found.iter().enumerate() {
        let written = proposal.pattern;
        let how = Human {
            amount: 1.0,
            written: 0,
            kept: [0; MAX_LANES],
            family: None,
            seed: Seed(seed.0.wrapping_add(at as u64)),
            template: None,
        };
        for (side, (pattern, title)) in
            [(written, "as written"), (play(&written, &how), "Human 100 %")].into_iter().enumerate()
        {
            let Some(area) = cells.get(2 * at + side) else { continue };
            one_loop(area, &pattern, &format!("{}, {title}", at + 1))?;
        }
    }
    root.present()?;
    Ok(())
}

fn one_loop(area: &crate::picture::Area<'_>, pattern: &Loop, title: &str) -> Result<(), Failure> {
    let lanes = pattern.lanes().len() as f32;
    let steps = pattern.grid.steps() as f32;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 12))
        .margin(6)
        .x_label_area_size(14)
        .y_label_area_size(52)
        .build_cartesian_2d(-0.5..steps, 0.0..lanes)?;
    let beat = pattern.grid.steps_per_beat().max(1);
    let name = |y: &f32| {
        let at = (lanes - *y).floor() as usize;
        pattern.lanes().get(at).map_or_else(String::new, |lane| lane.role.label().to_owned())
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(MESH)
        .x_labels(pattern.grid.steps() / beat + 1)
        .y_labels(lanes as usize)
        .y_label_formatter(&name)
        .label_style(("sans-serif", 9))
        .draw()?;
    for (lane, of) in pattern.lanes().iter().enumerate() {
        let y = lanes - 1.0 - lane as f32;
        for (step, hit) in of.iter() {
            let x = (pattern.beat_in_bar(step, hit) / pattern.grid.step_beats()) as f32
                + (step - step % usize::from(pattern.grid.steps_per_bar)) as f32;
            let share = f32::from(hit.velocity) / 127.0;
            let shade = |from: f32, to: f32| (from + share * (to - from)) as u8;
            let colour = RGBColor(shade(205.0, 150.0), shade(220.0, 50.0), shade(240.0, 20.0));
            let corners = [(x + 0.05, y + 0.12), (x + 0.85, y + 0.88)];
            chart.draw_series([Rectangle::new(corners, colour.filled())])?;
            let words = hit.velocity.to_string();
            let style = ("sans-serif", 8).into_font().color(&if share > 0.6 { WHITE } else { BLACK });
            chart.draw_series([Text::new(words, (x + 0.12, y + 0.72), style)])?;
        }
    }
    Ok(())
}
