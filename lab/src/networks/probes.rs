//! Linear probes (Alain and Bengio 2016): what a linear classifier can read from each layer of the trunk, and how
//! that comes about in training.
//!
//! A probe is a ridge regression on one half of the loops and is told by its area under the ROC curve on the other.

use crate::listeners::Setting;
use crate::picture::{Failure, MESH, PALETTE, axes, curve, legend};
use crate::pretrain::{Options, pretrain_watched};
use burn::tensor::Device;
use deepdrummer_core::critic::neural::{Batch, Input, Scale, Sounds, Trunk, shipped};
use deepdrummer_core::critic::nn::values;
use deepdrummer_core::features::StyleSet;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Loop, Role, Swing};
use deepdrummer_core::propose::{CriticKind, Mode, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use plotters::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// Loops that are read; half of them fit the probes, half of them tell.
const LOOPS: usize = 1_200;
/// How much the probes' weights are held down, in standard deviations of the loops.
const RIDGE: f64 = 20.0;
/// The two directions that the probe for style tells apart.
const STYLES: [&str; 2] = ["House", "Boom bap"];

/// What is read.
pub const QUESTIONS: [&str; 6] = ["density", "swing", "syncopation", "brightness", "style", "role of a lane"];

/// A layer, and the area under the ROC curve of each question.
pub type Row = (String, [f32; QUESTIONS.len()]);

/// Loops with the answers to all questions.
pub struct Material {
    inputs: Vec<Input>,
    /// Answers of each loop: density, swing, syncopation, brightness.
    answers: [Vec<bool>; 4],
    style_inputs: Vec<Input>,
    style: Vec<bool>,
    /// Whether each lane of `inputs` is a kick; only of loops in which all lanes sound.
    kick: Vec<[bool; 4]>,
}

fn above_median(values: &[f32]) -> Vec<bool> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    values.iter().map(|value| *value > sorted[sorted.len() / 2]).collect()
}

impl Material {
    /// Draws from the prior for a kit, as a scale of sounds sees them.
    ///
    /// # Errors
    /// A style of the probe is not there.
    pub fn new(kit: &Arc<Kit>, sounds: &Sounds, seed: Seed) -> Result<Self, String> {
        let setting = Setting::lanes(4);
        let mut rng = Rng::stream(seed, "probes", 0);
        let mut draws = learner(CriticKind::Random, Arc::clone(kit), seed);
        let request = setting.request(Mode::Random, &[]);
        let mut loops: Vec<Loop> = Vec::new();
        while loops.len() < LOOPS {
            for proposal in draws.sample(&request, LOOPS) {
                let mut pattern = proposal.pattern;
                let swing = if rng.chance(0.5) { 50.0 } else { 60.0 };
                pattern.swing = Swing::from_percent(swing);
                if loops.len() < LOOPS && pattern.lanes().iter().all(|lane| lane.mask() != 0) {
                    loops.push(pattern);
                }
            }
        }
        let of = |value: &dyn Fn(&Loop) -> f32| loops.iter().map(value).collect::<Vec<f32>>();
        let syncopes = |pattern: &Loop| {
            let odd = |mask: u128| (mask & 0xaaaa & !(mask >> 1 & 0x7fff)).count_ones();
            pattern.lanes().iter().map(|lane| odd(lane.mask())).sum::<u32>() as f32
        };
        let bright = |pattern: &Loop| {
            let centre = |lane: &deepdrummer_core::pattern::Lane| {
                kit.get(lane.sample).map_or(0.0, |sample| sample.analysis.centroid_hz.max(20.0).ln())
            };
            pattern.lanes().iter().map(centre).sum::<f32>()
        };
        let answers = [
            above_median(&of(&|pattern| pattern.hit_count() as f32)),
            loops.iter().map(|pattern| pattern.swing.percent() > 55.0).collect(),
            above_median(&of(&syncopes)),
            above_median(&of(&bright)),
        ];
        let kick = loops
            .iter()
            .map(|pattern| std::array::from_fn(|lane| pattern.lanes()[lane].role == Role::Kick))
            .collect();
        let (mut style_inputs, mut style) = (Vec::new(), Vec::new());
        for (second, name) in STYLES.iter().enumerate() {
            let styles: StyleSet =
                serde_json::from_value(serde_json::json!([name])).map_err(|e| e.to_string())?;
            let mut request = request.clone();
            request.steering.styles = styles;
            for proposal in draws.sample(&request, LOOPS / 2) {
                style_inputs.push(sounds.input(&proposal.pattern, kit));
                style.push(second == 1);
            }
        }
        let mut order: Vec<usize> = (0..style.len()).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, rng.below(at + 1));
        }
        Ok(Self {
            inputs: loops.iter().map(|pattern| sounds.input(pattern, kit)).collect(),
            answers,
            style_inputs: order.iter().map(|&at| style_inputs[at].clone()).collect(),
            style: order.iter().map(|&at| style[at]).collect(),
            kick,
        })
    }

    /// What probes read from each layer of a trunk.
    #[must_use]
    pub fn read(&self, trunk: &Trunk) -> Vec<Row> {
        let device = Device::flex();
        let layers = trunk.layers(&Batch::new(self.inputs.iter(), &device));
        let of_style = trunk.layers(&Batch::new(self.style_inputs.iter(), &device));
        let rows = |flat: Vec<f32>, width: usize| -> Vec<Vec<f32>> {
            flat.chunks_exact(width).map(<[f32]>::to_vec).collect()
        };
        let mut found = Vec::new();
        for ((name, loops), (_, styles)) in layers.loops.into_iter().zip(of_style.loops) {
            let width = loops.dims()[1];
            let (loops, styles) = (rows(values(loops), width), rows(values(styles), width));
            let mut row = [f32::NAN; QUESTIONS.len()];
            for (to, answers) in row.iter_mut().zip(&self.answers) {
                *to = probe(&loops, answers);
            }
            row[4] = probe(&styles, &self.style);
            if let Some((_, lanes)) = layers.lanes.iter().find(|(of, _)| *of == name) {
                let width = lanes.dims()[2];
                let lanes = rows(values(lanes.clone()), width);
                let kick: Vec<bool> = self.kick.iter().flatten().copied().collect();
                // One lane of each loop: lanes of one loop would tell of each other.
                let some = |at: usize| at * 4 + at % 4;
                let one: Vec<Vec<f32>> = (0..self.kick.len()).map(|at| lanes[some(at)].clone()).collect();
                let is_kick: Vec<bool> = (0..self.kick.len()).map(|at| kick[some(at)]).collect();
                row[5] = probe(&one, &is_kick);
            }
            found.push((name.to_owned(), row));
        }
        found
    }
}

/// The area under the ROC curve of a ridge regression that has seen the first half, on the second.
#[must_use]
pub fn probe(rows: &[Vec<f32>], answers: &[bool]) -> f32 {
    let half = rows.len() / 2;
    let width = rows.first().map_or(0, Vec::len);
    let n = half.max(1) as f64;
    let column = |k: usize| rows[..half].iter().map(move |row| f64::from(row[k]));
    let mean: Vec<f64> = (0..width).map(|k| column(k).sum::<f64>() / n).collect();
    let sd: Vec<f64> = (0..width)
        .map(|k| (column(k).map(|x| (x - mean[k]) * (x - mean[k])).sum::<f64>() / n).sqrt().max(1e-6))
        .collect();
    let scaled = |row: &[f32]| -> Vec<f64> {
        row.iter().enumerate().map(|(k, x)| (f64::from(*x) - mean[k]) / sd[k]).collect()
    };
    let share = answers[..half].iter().filter(|yes| **yes).count() as f64 / n;
    let mut gram = vec![0.0; width * width];
    let mut target = vec![0.0; width];
    for (row, &yes) in rows[..half].iter().zip(answers) {
        let x = scaled(row);
        let y = f64::from(u8::from(yes)) - share;
        for i in 0..width {
            target[i] += x[i] * y;
            for j in 0..=i {
                gram[i * width + j] += x[i] * x[j];
            }
        }
    }
    let weights = solve(gram, target, width);
    let scores: Vec<f64> =
        rows[half..].iter().map(|row| scaled(row).iter().zip(&weights).map(|(x, w)| x * w).sum()).collect();
    area(&scores, &answers[half..])
}

/// (G + λ I) w = t by Cholesky's factorisation; G is given by its lower half.
fn solve(mut g: Vec<f64>, mut t: Vec<f64>, n: usize) -> Vec<f64> {
    for i in 0..n {
        g[i * n + i] += RIDGE;
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| g[i * n + k] * g[j * n + k]).sum();
            let left = g[i * n + j] - known;
            g[i * n + j] = if i == j { left.max(1e-12).sqrt() } else { left / g[j * n + j] };
        }
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| g[i * n + k] * t[k]).sum();
        t[i] = (t[i] - known) / g[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| g[k * n + i] * t[k]).sum();
        t[i] = (t[i] - known) / g[i * n + i];
    }
    t
}

/// How often one with the answer yes scores above one without; by ranks, ties share theirs.
fn area(scores: &[f64], answers: &[bool]) -> f32 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut sum, mut at) = (0.0, 0);
    while at < order.len() {
        let end = at + order[at..].iter().take_while(|&&k| scores[k] == scores[order[at]]).count();
        let rank = (at + 1 + end) as f64 / 2.0;
        sum += order[at..end].iter().filter(|&&k| answers[k]).count() as f64 * rank;
        at = end;
    }
    let yes = answers.iter().filter(|yes| **yes).count() as f64;
    let no = answers.len() as f64 - yes;
    if yes == 0.0 || no == 0.0 {
        return f32::NAN;
    }
    ((sum - yes * (yes + 1.0) / 2.0) / (yes * no)) as f32
}

/// What probes read from the trunk that ships.
///
/// # Errors
/// The trunk or a style can't be had.
pub fn of_shipped(kit: &Arc<Kit>, seed: Seed) -> Result<Vec<Row>, String> {
    let base = shipped(&Device::flex()).map_err(|error| error.to_string())?;
    let material = Material::new(kit, &Sounds::new(kit, &base.scale), seed)?;
    Ok(material.read(&base.trunk))
}

/// What probes read from a trunk after each pass of a training of its own, 0 before any.
///
/// # Errors
/// A style is not there, or the weights would not fit the file.
pub fn along_training(
    kit: &Arc<Kit>,
    options: Options,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<(usize, Vec<Row>)>, String> {
    let material = Material::new(kit, &Sounds::new(kit, &Scale::of(kit)), options.seed)?;
    let mut found = Vec::new();
    let report = pretrain_watched(kit, options, &mut |now, trunk| {
        found.push((now.epoch, material.read(trunk)));
        progress(now.epoch, now.epochs);
    });
    report.map(|_| found).map_err(|error| error.to_string())
}

/// Draws an SVG of 1000 by 460 points: the last layer (left) and the lanes' mix (right) along training.
///
/// # Errors
/// The file cannot be written.
pub fn plot(found: &[(usize, Vec<Row>)], path: &Path) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (1000, 460)).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(500);
    let last = found.last().map_or(1, |(pass, _)| *pass).max(1) as f32;
    for (area, layer) in [(&left, "point"), (&right, "mix")] {
        let mut chart = axes(area, &format!("Layer “{layer}”"), 0.0..last * 1.02, 0.4..1.0)?;
        chart
            .configure_mesh()
            .x_desc("passes")
            .y_desc("area under the ROC curve")
            .light_line_style(WHITE)
            .bold_line_style(MESH)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| format!("{y:.1}"))
            .draw()?;
        for (at, (question, color)) in QUESTIONS.iter().zip(PALETTE).enumerate() {
            let of = |rows: &Vec<Row>| rows.iter().find(|(name, _)| name == layer).map(|(_, row)| row[at]);
            let points: Vec<(f32, f32)> = found
                .iter()
                .filter_map(|(pass, rows)| Some((*pass as f32, of(rows).filter(|auc| auc.is_finite())?)))
                .collect();
            if !points.is_empty() {
                curve(&mut chart, question, color, &points)?;
            }
        }
        legend(&mut chart)?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_read_what_is_there_and_nothing_from_noise() {
        let mut rng = Rng::new(Seed(4));
        let rows: Vec<Vec<f32>> = (0..600).map(|_| (0..12).map(|_| rng.normal()).collect()).collect();
        let told: Vec<bool> = rows.iter().map(|row| row[3] - row[7] > 0.0).collect();
        assert!(probe(&rows, &told) > 0.97);
        let noise: Vec<bool> = rows.iter().map(|_| rng.chance(0.5)).collect();
        assert!((probe(&rows, &noise) - 0.5).abs() < 0.1);
        assert!((area(&[1.0, 1.0, 1.0, 1.0], &[true, false, true, false]) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn looking_at_layers_gives_the_point_that_the_trunk_gives() {
        let kit = Arc::new(crate::listeners::tests::small_kit());
        let base = shipped(&Device::flex()).unwrap();
        let sounds = Sounds::new(&kit, &base.scale);
        let mut rng = Rng::new(Seed(5));
        let inputs: Vec<Input> =
            (0..9).map(|_| sounds.input(&Setting::lanes(4).random_loop(&kit, &mut rng), &kit)).collect();
        let batch = Batch::new(inputs.iter(), &Device::flex());
        let layers = base.trunk.layers(&batch);
        let (name, last) = layers.loops.last().unwrap().clone();
        assert_eq!(name, "point");
        assert_eq!(values(last), values(base.trunk.forward(&batch)));
    }
}
