//! A quick closed-loop trial of the learner on the simulated listeners that settings were chosen on.
//!
//! `cargo run --release -p deepdrummer-lab --example tuning -- [FOLDER|factory] [seed] [ratings] [filter]`. The
//! filter is beginnings of labels, separated by commas: the letter of a group (`a` grooves, `b` places, `c`
//! sounds, `d` lengths, `e` dynamics, `s` density, `f` pairs, `g` mixtures) or `turn`. The figures that
//! count are those of `deepdrummer study`, whose listeners nothing was tuned on.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use deepdrummer_core::kit::{factory, scan};
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::propose::{CriticKind, Mode, Request, Steering, learner};
use deepdrummer_core::taste::{Judgement, Log, Verdict};
use deepdrummer_core::units::Seed;
use deepdrummer_lab::listeners::trial;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let folder = args.get(1).map_or("factory", String::as_str);
    let seed: u64 = args.get(2).and_then(|s| s.parse().ok()).unwrap_or(0);
    let ratings: usize = args.get(3).and_then(|s| s.parse().ok()).unwrap_or(80);
    let filter = args.get(4).cloned().unwrap_or_default();
    let kit = if folder == "factory" {
        factory::kit()
    } else {
        scan::load_dir(std::path::Path::new(folder)).unwrap().kit
    };
    let kit = Arc::new(kit);
    let roles = Role::default_lanes(4);
    let checkpoints = [0usize, 5, 10, 20, 40, 80];
    let wanted: Vec<&str> = filter.split(',').filter(|name| !name.is_empty()).collect();
    let mut totals: std::collections::BTreeMap<&str, Vec<[f32; 8]>> = Default::default();
    let mut slowest = (0f64, 0f64, 0f64);
    for (listener, mut rng) in trial::seat(&kit, roles, Seed(seed), &wanted) {
        let p = |l: &Loop, rating: usize| listener.p_like(l, rating);
        let mut learner = learner(CriticKind::Taste, Arc::clone(&kit), Seed(1000 + seed));
        let mut log = Log::default();
        let mut avoid: Vec<Loop> = vec![];
        let mut row = [f32::NAN; 8];
        let mut liked = 0.0;
        let (mut propose_ms, mut observe_ms, mut work_ms) = (0f64, 0f64, 0f64);
        for n in 0..=ratings {
            if let Some(at) = checkpoints.iter().position(|c| *c == n) {
                let request = Request {
                    mode: Mode::Good,
                    lanes: roles,
                    any_sample: false,
                    steering: Steering::default(),
                    locks: None,
                    avoid: &[],
                };
                let found = learner.sample(&request, 40);
                row[at] = found.iter().map(|f| p(&f.pattern, n)).sum::<f32>() / 40.0;
                if n == ratings {
                    let mut d = 0.0;
                    for a in 0..40 {
                        for b in 0..a {
                            d += (0..4)
                                .map(|l| {
                                    (found[a].pattern.lanes()[l].mask() ^ found[b].pattern.lanes()[l].mask())
                                        .count_ones()
                                })
                                .sum::<u32>() as f32
                                / 780.0;
                        }
                    }
                    row[7] = d;
                }
            }
            if n == ratings {
                break;
            }
            let request = Request {
                mode: Mode::Ask,
                lanes: roles,
                any_sample: false,
                steering: Steering::default(),
                locks: None,
                avoid: &avoid,
            };
            let start = Instant::now();
            let proposal = learner.propose(&request);
            propose_ms += start.elapsed().as_secs_f64() * 1e3 / ratings as f64;
            let like = rng.chance(p(&proposal.pattern, n));
            liked += f32::from(like) / ratings as f32;
            log.push(Judgement {
                predicted: Some(proposal.prediction.p_like),
                ..Judgement::rated(n as u64, proposal.pattern, Verdict::of(like))
            });
            avoid.push(proposal.pattern);
            let start = Instant::now();
            learner.observe(&log);
            observe_ms += start.elapsed().as_secs_f64() * 1e3 / ratings as f64;
            let start = Instant::now();
            while learner.work() {}
            work_ms += start.elapsed().as_secs_f64() * 1e3 / ratings as f64;
        }
        row[6] = liked;
        slowest = (slowest.0.max(propose_ms), slowest.1.max(observe_ms), slowest.2.max(work_ms));
        let top = learner
            .statements(3)
            .into_iter()
            .map(|s| format!("{} {:.2}", s.text, s.points))
            .collect::<Vec<_>>()
            .join(" | ");
        let figures = row.map(|v| format!("{v:.2}")).join(" ");
        println!("{:26} {:.2}  {figures}  {top}", listener.name, listener.noise);
        totals.entry(listener.family.key()).or_default().push(row);
        totals.entry("~all").or_default().push(row);
    }
    println!(
        "family       n     0    5   10   20   40   80   in-session  hamming   (propose {:.1} ms, observe {:.1} ms)",
        slowest.0, slowest.1
    );
    for (family, rows) in totals {
        let mean: [f32; 8] =
            std::array::from_fn(|i| rows.iter().map(|r| r[i]).sum::<f32>() / rows.len() as f32);
        println!("{family:10} {:3}   {}", rows.len(), mean.map(|v| format!("{v:.3}")).join(" "));
    }
}
