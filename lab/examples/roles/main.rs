//! Trains the classifier of roles by sound, and checks it on recordings whose names tell their roles.
//!
//! `cargo run --release -p deepdrummer-lab --example roles -- train 16 > core/src/kit/roles/weights.rs`
//! `cargo run --release -p deepdrummer-lab --example roles -- check DIR…`
//!
//! Two kinds of sounds are trained on, all synthesised: the factory's models bent far beyond its kits, and
//! the models of `recorded.rs`, which are no good to play but lie where microphones put drums: longer, with bodies,
//! sticks, rooms and hiss. Each is also altered as recordings are.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod recorded;
mod sound;

use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::roles::{self, HIDDEN, INPUTS, Network, ROLES};
use deepdrummer_core::kit::{Origin, Role, factory, scan};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use recorded::{altered, recorded};
use std::path::Path;

/// A sound's inputs, its role, and what it counts for.
struct Row {
    inputs: [f32; INPUTS],
    role: usize,
    weight: f32,
}

/// How often effects are met beside other roles: libraries of drums hold few.
const EFFECTS: f32 = 0.2;

fn training_set(each: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for role in Role::ALL {
        let mut rng = Rng::stream(Seed(1), role.key(), 0);
        let mut sounds = factory::beyond(role, each);
        sounds.extend((0..each * 25).map(|_| recorded(role, &mut rng)));
        let first = rows.len();
        for audio in sounds {
            for audio in [altered(&audio, &mut rng), audio] {
                let analysis = Analysis::of(&audio);
                // A snare without a shell and a hat without sizzle are what nobody could name.
                let nameless = match role {
                    Role::Snare => analysis.centroid_hz > 3_800.0,
                    Role::ClosedHat => analysis.centroid_hz < 3_000.0,
                    _ => false,
                };
                if !nameless {
                    rows.push(Row { inputs: roles::inputs(&analysis), role: role.index(), weight: 0.0 });
                }
            }
        }
        let met = if role == Role::Fx { EFFECTS } else { 1.0 };
        let weight = met / (rows.len() - first) as f32;
        rows[first..].iter_mut().for_each(|row| row.weight = weight);
    }
    let mean = rows.iter().map(|row| row.weight).sum::<f32>() / rows.len() as f32;
    rows.iter_mut().for_each(|row| row.weight /= mean);
    rows
}

/// Adam on the cross entropy, with decay of the weights.
fn fit(rows: &[Row]) -> Network {
    const EPOCHS: usize = 60;
    const BATCH: usize = 128;
    const DECAY: f32 = 0.003;
    let n = rows.len() as f32;
    let mut scale = [(0.0f32, 0.0f32); INPUTS];
    for (i, slot) in scale.iter_mut().enumerate() {
        let mean = rows.iter().map(|row| row.inputs[i]).sum::<f32>() / n;
        let variance = rows.iter().map(|row| (row.inputs[i] - mean).powi(2)).sum::<f32>() / n;
        *slot = (mean, variance.sqrt().max(1e-3));
    }
    let mut rng = Rng::stream(Seed(1), "roles", 0);
    let mut network =
        Network { scale, first: [[0.0; INPUTS + 1]; HIDDEN], second: [[0.0; HIDDEN + 1]; ROLES] };
    network.first.iter_mut().flatten().for_each(|w| *w = 0.3 * rng.normal());
    network.second.iter_mut().flatten().for_each(|w| *w = 0.3 * rng.normal());
    let count = HIDDEN * (INPUTS + 1) + ROLES * (HIDDEN + 1);
    let (mut m, mut v) = (vec![0.0f32; count], vec![0.0f32; count]);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut turn = 0;
    for epoch in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, rng.below(at + 1));
        }
        let rate = 0.004 * (1.0 - epoch as f32 / EPOCHS as f32) + 0.0002;
        for batch in order.chunks(BATCH) {
            let mut slope = vec![0.0f32; count];
            for &at in batch {
                let row = &rows[at];
                let z = network.scaled(&row.inputs);
                let hidden = network.hidden(&z);
                let scores = network.scores(&hidden);
                let top = scores.iter().copied().fold(f32::MIN, f32::max);
                let total: f32 = scores.iter().map(|s| (s - top).exp()).sum();
                let mut back = [0.0f32; HIDDEN];
                for (role, score) in scores.iter().enumerate() {
                    let hit = f32::from(u8::from(role == row.role));
                    let error = row.weight * ((score - top).exp() / total - hit) / batch.len() as f32;
                    let from = HIDDEN * (INPUTS + 1) + role * (HIDDEN + 1);
                    for (k, h) in hidden.iter().enumerate() {
                        slope[from + k] += error * h;
                        back[k] += error * network.second[role][k];
                    }
                    slope[from + HIDDEN] += error;
                }
                for (k, error) in back.iter().enumerate().filter(|&(k, _)| hidden[k] > 0.0) {
                    let from = k * (INPUTS + 1);
                    z.iter().enumerate().for_each(|(i, z)| slope[from + i] += error * z);
                    slope[from + INPUTS] += error;
                }
            }
            turn += 1;
            let (c1, c2) = (1.0 - 0.9f32.powi(turn), 1.0 - 0.999f32.powi(turn));
            let weights = network.first.iter_mut().flatten().chain(network.second.iter_mut().flatten());
            for (((w, g), m), v) in weights.zip(&slope).zip(&mut m).zip(&mut v) {
                let g = g + DECAY * *w;
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                *w -= rate * (*m / c1) / ((*v / c2).sqrt() + 1e-8);
            }
        }
    }
    network
}

fn print(network: &Network) {
    println!("//! The numbers of [`super::role_by_sound`], written by `lab/examples/roles`, never edited.\n");
    println!("#![expect(clippy::approx_constant, reason = \"fitted, not named\")]\n\nuse super::Network;\n");
    println!("#[rustfmt::skip]\npub(super) const NETWORK: Network = Network {{\n    scale: [");
    network.scale.iter().for_each(|(mean, deviation)| println!("        ({mean:.4}, {deviation:.4}),"));
    println!("    ],");
    let rows = |name: &str, rows: Vec<Vec<f32>>| {
        println!("    {name}: [");
        for row in rows {
            let row: Vec<String> = row.iter().map(|w| format!("{w:.3}")).collect();
            println!("        [{}],", row.join(", "));
        }
        println!("    ],");
    };
    rows("first", network.first.iter().map(|row| row.to_vec()).collect());
    rows("second", network.second.iter().map(|row| row.to_vec()).collect());
    println!("}};");
}

/// Recordings whose names tell their roles: how many are found by sound, role by role.
fn check(folder: &Path, find: &dyn Fn(&Analysis) -> Role) {
    let kit = scan::load_dir(folder).expect("a folder").kit;
    let mut table = [[0usize; ROLES]; ROLES];
    for sample in kit.samples() {
        let Origin::File { path } = &sample.origin else { continue };
        let name = Path::new(path.file_name().unwrap_or_default());
        if let Some(role) = roles::role_by_name(name, &sample.analysis) {
            table[role.index()][find(&sample.analysis).index()] += 1;
        }
    }
    eprintln!("{}", folder.display());
    for (role, row) in Role::ALL.iter().zip(&table) {
        eprintln!("{:10} {:3} of {:3}  {row:3?}", role.label(), row[role.index()], row.iter().sum::<usize>());
    }
    let all: usize = table.iter().flatten().sum();
    let right: usize = (0..ROLES).map(|i| table[i][i]).sum();
    eprintln!("{right} of {all}: {:.1} %", 100.0 * right as f32 / all.max(1) as f32);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folders = |from: usize| arguments.iter().skip(from).map(Path::new);
    match arguments.first().map(String::as_str) {
        Some("train") => {
            let each = arguments.get(1).and_then(|each| each.parse().ok()).unwrap_or(16);
            let rows = training_set(each);
            let network = fit(&rows);
            let right = rows.iter().filter(|row| network.role(&row.inputs).index() == row.role).count();
            eprintln!(
                "{} sounds, {:.1} % of them fitted",
                rows.len(),
                100.0 * right as f32 / rows.len() as f32
            );
            folders(2).for_each(|folder| check(folder, &|analysis| network.role(&roles::inputs(analysis))));
            print(&network);
        }
        Some("check") => folders(1).for_each(|folder| check(folder, &roles::role_by_sound)),
        _ => eprintln!("train EACH [DIR…] > core/src/kit/roles/weights.rs\ncheck DIR…"),
    }
}
