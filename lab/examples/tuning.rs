//! A quick closed-loop trial of the learner on a few simulated listeners that settings were chosen on.
//!
//! `cargo run --release -p deepdrummer-lab --example tuning -- [FOLDER|factory] [seed] [ratings] [filter]`. The figures that
//! count are those of `deepdrummer study`, whose listeners nothing was tuned on.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use deepdrummer_core::kit::{Kit, factory, scan};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, Role, Swing};
use deepdrummer_core::propose::{CriticKind, Mode, Request, Steering, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Log, Verdict};
use deepdrummer_core::units::Seed;
use std::sync::Arc;
use std::time::Instant;

/// What a listener's ear knows of one sound, measured on the whole file.
#[derive(Clone, Copy, Default)]
struct Ear {
    layer: [bool; 3],
    dark: f32,
    decay: f32,
    noise: f32,
    level: f32,
    family: usize,
}

struct World {
    kit: Arc<Kit>,
    ears: Vec<Ear>,
}

fn world(kit: Kit) -> World {
    let mut families: Vec<String> = Vec::new();
    let mut ears = Vec::new();
    for sample in kit.samples() {
        let audio = sample.audio().unwrap();
        let x = &audio.left;
        let rate = audio.rate.hz() as f32;
        let total: f32 = x.iter().map(|v| v * v).sum::<f32>().max(1e-9);
        let (mut low, mut y) = (0f32, 0f32);
        let k = 1.0 - (-std::f32::consts::TAU * 220.0 / rate).exp();
        let (mut mid, mut y2) = (0f32, 0f32);
        let k2 = 1.0 - (-std::f32::consts::TAU * 4000.0 / rate).exp();
        let mut crossings = 0;
        let mut before = 0f32;
        let (mut acc, mut decay) = (0f32, 0usize);
        for (i, &v) in x.iter().enumerate() {
            y += k * (v - y);
            low += y * y;
            y2 += k2 * (v - y2);
            mid += y2 * y2;
            crossings += usize::from(v * before < 0.0);
            before = v;
            acc += v * v;
            if acc < 0.95 * total {
                decay = i;
            }
        }
        let low = low / total;
        let high = 1.0 - (mid / total).min(1.0);
        let zcr = crossings as f32 / x.len().max(1) as f32 * rate / 2.0;
        let family = match &sample.origin {
            deepdrummer_core::kit::Origin::Factory { kit } => kit.to_string(),
            deepdrummer_core::kit::Origin::File { path } => path.parent().unwrap().display().to_string(),
            deepdrummer_core::kit::Origin::Embedded => String::new(),
        };
        let family = families.iter().position(|f| *f == family).unwrap_or_else(|| {
            families.push(family);
            families.len() - 1
        });
        ears.push(Ear {
            layer: [low > 0.45, low <= 0.5 && high < 0.45, high > 0.35],
            dark: -(zcr.max(20.0).ln()),
            decay: (decay as f32 / rate).max(0.005).ln(),
            noise: (zcr * x.len() as f32 / rate).max(1.0).ln(),
            level: (total / x.len() as f32).sqrt().max(1e-4).ln(),
            family,
        });
    }
    let n = ears.len() as f32;
    let getters: [for<'a> fn(&'a mut Ear) -> &'a mut f32; 4] =
        [|e| &mut e.dark, |e| &mut e.decay, |e| &mut e.noise, |e| &mut e.level];
    for get in getters {
        let mean = ears.iter_mut().map(|e| *get(e)).sum::<f32>() / n;
        let sd = (ears.iter_mut().map(|e| (*get(e) - mean).powi(2)).sum::<f32>() / n).sqrt().max(1e-4);
        for e in &mut ears {
            *get(e) = (*get(e) - mean) / sd;
        }
    }
    World { kit: Arc::new(kit), ears }
}

struct Heard {
    grid: [[f32; 16]; 3],
    lanes: Vec<([f32; 16], Ear, Role)>,
    hits: f32,
}

fn hear(world: &World, l: &Loop) -> Heard {
    let mut heard = Heard { grid: [[0.0; 16]; 3], lanes: vec![], hits: 0.0 };
    for lane in l.lanes() {
        let ear = world.kit.index_of(lane.sample).map_or(Ear::default(), |at| world.ears[at]);
        let mut row = [0.0; 16];
        for (step, hit) in lane.iter() {
            row[step % 16] = f32::from(hit.velocity) / 127.0;
            heard.hits += 1.0;
            for r in 0..3 {
                if ear.layer[r] {
                    heard.grid[r][step % 16] = f32::from(hit.velocity) / 127.0f32;
                }
            }
        }
        heard.lanes.push((row, ear, lane.role));
    }
    heard
}

fn bits(text: &str) -> [bool; 16] {
    std::array::from_fn(|i| text.as_bytes()[i] == b'x')
}

fn jaccard(a: &[f32; 16], b: &[bool; 16]) -> f32 {
    let (mut i, mut u) = (0.0, 0.0);
    for t in 0..16 {
        i += f32::from(a[t] > 0.0 && b[t]);
        u += f32::from(a[t] > 0.0 || b[t]);
    }
    if u > 0.0 { i / u } else { 1.0 }
}

fn onset_kernel(a: &[f32; 16], b: &[bool; 16]) -> f32 {
    let near = |x: &dyn Fn(usize) -> bool, t: usize| -> f32 {
        let mut best = 0f32;
        for d in 0..16usize {
            if x(d) {
                let g = (d + 16 - t) % 16;
                best = best.max((-(g.min(16 - g) as f32)).exp());
            }
        }
        best
    };
    let (fa, fb) = (|t: usize| a[t] > 0.0, |t: usize| b[t]);
    let (mut s, mut n) = (0.0, 0.0);
    for t in 0..16 {
        if fa(t) {
            s += near(&fb, t);
            n += 1.0;
        }
        if fb(t) {
            s += near(&fa, t);
            n += 1.0;
        }
    }
    if n > 0.0 { s / n } else { 1.0 }
}

type Taste = Box<dyn Fn(&Heard, f32) -> f32>;

fn genre(rows: [&'static str; 3], weights: [f32; 3], kernel: bool) -> Taste {
    let rows = rows.map(bits);
    Box::new(move |h, _| {
        (0..3)
            .map(|r| {
                weights[r]
                    * if kernel { onset_kernel(&h.grid[r], &rows[r]) } else { jaccard(&h.grid[r], &rows[r]) }
            })
            .sum()
    })
}

fn mean_of(h: &Heard, f: impl Fn(&Ear) -> f32) -> f32 {
    let (mut s, mut n) = (0.0, 0.0);
    for (row, ear, _) in &h.lanes {
        let hits = row.iter().filter(|v| **v > 0.0).count() as f32;
        s += hits * f(ear);
        n += hits;
    }
    if n > 0.0 { s / n } else { -3.0 }
}

fn on(row: &[f32; 16], steps: &[usize]) -> f32 {
    steps.iter().filter(|t| row[**t] > 0.0).count() as f32
}

fn count(row: &[f32; 16]) -> f32 {
    row.iter().filter(|v| **v > 0.0).count() as f32
}

fn velocity(h: &Heard, wanted: impl Fn(usize) -> bool) -> f32 {
    let (mut s, mut n) = (0.0, 0.0);
    for (row, _, _) in &h.lanes {
        for (t, v) in row.iter().enumerate() {
            if *v > 0.0 && wanted(t) {
                s += v;
                n += 1.0;
            }
        }
    }
    if n > 0.0 { s / n } else { 0.5 }
}

fn velocity_sd(h: &Heard) -> f32 {
    let m = velocity(h, |_| true);
    let (mut s, mut n) = (0.0, 0.0f32);
    for (row, _, _) in &h.lanes {
        for v in row.iter().filter(|v| **v > 0.0) {
            s += (v - m) * (v - m);
            n += 1.0;
        }
    }
    (s / n.max(1.0)).sqrt()
}

fn both(a: Taste, b: Taste, ca: f32, cb: f32) -> Taste {
    Box::new(move |h, t| (a(h, t) / ca).min(b(h, t) / cb))
}

/// Name, noise, taste.
fn listeners(rng: &mut Rng) -> Vec<(&'static str, f32, Taste)> {
    let mut out: Vec<(&'static str, f32, Taste)> = vec![];
    let e = "................";
    let _ = e;
    let g: [(&str, [&'static str; 3], bool); 12] = [
        ("a house", ["x...x...x...x...", "....x.......x...", "..x...x...x...x."], false),
        ("a dnb", ["x.........x.....", "....x..x.x..x...", "x.x.x.x.x.x.x.x."], false),
        ("a trap", ["x......x..x..x..", "........x.......", "x.x.xxx.x.x.x.xx"], false),
        ("a dembow", ["x...x...x...x...", "...x..x....x..x.", "x.x.x.x.x.x.x.x."], true),
        ("a funk", ["x.x....x..x.....", "....x..x.x..x..x", "xxxxxxxxxxxxxxxx"], false),
        ("a bhangra", ["x..x..x.x..x....", "x..x.xx.x..x.xx.", "..xx..xx..xx..xx"], true),
        ("a son", ["...x..x....x..x.", "x..x..x...x.x...", "x.xxx.xxx.xxx.xx"], false),
        ("a halftime", ["x.........x.....", "........x.......", "x.x.x.x.x.x.x.x."], true),
        ("a footwork", ["x..x..x.x..x..x.", "............x...", "..x...x...x...x."], false),
        ("a boombap", ["x..x....x.x.....", "....x.......x...", "x.x.x.x.x.x.x.x."], false),
        ("a odd clave", ["x....x....x.....", ".x...x..x....x..", "x..xx..xx..xx..x"], false),
        ("a rand", ["x.x..x...x...x..", "..x....x..x...x.", "xx..xx..xx..x..x"], true),
    ];
    for (name, rows, kernel) in g {
        let w = match rng.below(3) {
            0 => [0.34, 0.33, 0.33],
            1 => [0.45, 0.4, 0.15],
            _ => [0.5, 0.3, 0.2],
        };
        out.push((name, [0.0, 0.05, 0.1][rng.below(3)], genre(rows, w, kernel)));
    }
    let mut add = |name, f: Taste| {
        let noise = [0.0, 0.05, 0.1][rng.below(3)];
        out.push((name, noise, f));
    };
    add(
        "b kick beats",
        Box::new(|h, _| {
            on(&h.grid[0], &[0, 4, 8, 12]) - (count(&h.grid[0]) - on(&h.grid[0], &[0, 4, 8, 12]))
        }),
    );
    add(
        "b backbeat",
        Box::new(|h, _| {
            on(&h.grid[1], &[4, 12]) * 2.0 - 0.5 * (count(&h.grid[1]) - on(&h.grid[1], &[4, 12]))
        }),
    );
    add(
        "b offbeat hats",
        Box::new(|h, _| on(&h.grid[2], &[2, 6, 10, 14]) - 0.7 * on(&h.grid[2], &[0, 4, 8, 12])),
    );
    add(
        "b no one",
        Box::new(|h, _| -h.lanes.iter().map(|(r, ..)| 2.0 * on(r, &[0]) + on(r, &[8])).sum::<f32>()),
    );
    add(
        "b sync kick",
        Box::new(|h, _| on(&h.grid[0], &[3, 6, 7, 10, 11, 14]) - on(&h.grid[0], &[0, 4, 8, 12]) * 0.6),
    );
    add(
        "b fill end",
        Box::new(|h, _| {
            let last: f32 = h.lanes.iter().map(|(r, ..)| on(r, &[12, 13, 14, 15])).sum();
            last / h.hits.max(1.0)
        }),
    );
    add("c dark", Box::new(|h, _| mean_of(h, |e| e.dark)));
    add("c bright short", Box::new(|h, _| mean_of(h, |e| -e.dark - e.decay)));
    add("c noisy", Box::new(|h, _| mean_of(h, |e| e.noise)));
    add("c family", Box::new(|h, _| mean_of(h, |e| f32::from(e.family == 1))));
    add("c long low", Box::new(|h, _| mean_of(h, |e| if e.layer[0] { e.decay } else { -0.3 })));
    add(
        "d dry",
        Box::new(|h, _| {
            -h.lanes.iter().filter(|l| count(&l.0) > 0.0).map(|l| l.1.decay).fold(-3.0, f32::max)
        }),
    );
    add("d long", Box::new(|h, _| mean_of(h, |e| e.decay)));
    add(
        "d short hats",
        Box::new(|h, _| {
            let hats: Vec<f32> =
                h.lanes.iter().filter(|l| l.1.layer[2] && count(&l.0) > 0.0).map(|l| -l.1.decay).collect();
            if hats.is_empty() { -2.0 } else { hats.iter().sum::<f32>() / hats.len() as f32 }
        }),
    );
    add("e accents on beats", Box::new(|h, _| velocity(h, |t| t % 4 == 0) - velocity(h, |t| t % 4 != 0)));
    add("e accents off", Box::new(|h, _| velocity(h, |t| t % 4 == 2) - velocity(h, |t| t % 4 == 0)));
    add("e flat", Box::new(|h, _| -velocity_sd(h)));
    add("e soft", Box::new(|h, _| -velocity(h, |_| true)));
    add(
        "e ghosts",
        Box::new(|h, _| {
            h.lanes
                .iter()
                .map(|(r, ..)| r.iter().filter(|v| **v > 0.0 && **v < 0.4).count() as f32)
                .sum::<f32>()
                .min(4.0)
                + velocity(h, |t| t % 4 == 0) * 2.0
        }),
    );
    add("e crescendo", Box::new(|h, _| velocity(h, |t| t >= 8) - velocity(h, |t| t < 8)));
    add("s sparse", Box::new(|h, _| -h.hits));
    add(
        "s busy hats",
        Box::new(|h, _| count(&h.grid[2]) - 0.5 * count(&h.grid[0]) - 0.3 * count(&h.grid[1])),
    );
    add("s medium", Box::new(|h, _| -(h.hits - 22.0).abs()));
    add(
        "s callresponse",
        Box::new(|h, _| {
            h.lanes
                .iter()
                .map(|(r, ..)| (on(r, &[0, 1, 2, 3, 4, 5, 6, 7]) * 2.0 - count(r)).abs())
                .sum::<f32>()
                / h.hits.max(4.0)
        }),
    );
    let boombap =
        || genre(["x..x....x.x.....", "....x.......x...", "x.x.x.x.x.x.x.x."], [0.4, 0.3, 0.3], false);
    let house = || genre(["x...x...x...x...", "....x.......x...", "..x...x...x...x."], [0.4, 0.3, 0.3], true);
    add("f boombap&dark", both(boombap(), Box::new(|h, _| mean_of(h, |e| e.dark) + 1.0), 0.4, 1.3));
    add("f house&short", both(house(), Box::new(|h, _| mean_of(h, |e| -e.decay) + 1.0), 0.75, 1.4));
    add(
        "f backbeat&soft",
        both(
            Box::new(|h, _| {
                1.0 + on(&h.grid[1], &[4, 12]) - 0.3 * (count(&h.grid[1]) - on(&h.grid[1], &[4, 12]))
            }),
            Box::new(|h, _| 2.0 - 2.0 * velocity(h, |_| true)),
            2.2,
            0.8,
        ),
    );
    add(
        "f kick1&noisy",
        both(
            Box::new(|h, _| 1.0 + 2.0 * on(&h.grid[0], &[0]) - 0.3 * count(&h.grid[0])),
            Box::new(|h, _| 1.0 + mean_of(h, |e| e.noise)),
            2.0,
            1.3,
        ),
    );
    add(
        "g either",
        Box::new({
            let (a, b) = (
                house(),
                genre(["x.........x.....", "....x..x.x..x...", "x.x.x.x.x.x.x.x."], [0.4, 0.3, 0.3], true),
            );
            move |h, t| a(h, t).max(b(h, t))
        }),
    );
    add(
        "g idiosyncratic",
        Box::new({
            let w: Vec<f32> = (0..48).map(|i| ((i * 37 % 17) as f32 - 8.0) / 8.0).collect();
            move |h, _| {
                let mut s = 0.0;
                for r in 0..3 {
                    for t in 0..16 {
                        s += w[r * 16 + t] * f32::from(h.grid[r][t] > 0.0);
                    }
                }
                s + 2.0 * mean_of(h, |e| e.dark * 0.6 + e.decay * 0.5 - e.noise * 0.4)
            }
        }),
    );
    add(
        "g house+dark+soft",
        Box::new({
            let a = house();
            move |h, t| 4.0 * a(h, t) + 0.7 * mean_of(h, |e| e.dark) - 1.5 * velocity(h, |_| true)
        }),
    );
    add(
        "g drift",
        Box::new({
            let (a, b) = (
                house(),
                genre(["x.x....x..x.....", "....x..x.x..x..x", "xxxxxxxxxxxxxxxx"], [0.4, 0.3, 0.3], true),
            );
            move |h, t| {
                let m = ((t - 25.0) / 25.0).clamp(0.0, 1.0);
                (1.0 - m) * a(h, t) + m * b(h, t)
            }
        }),
    );
    // Tastes that turn within five ratings of the thirtieth, most of them hardly related.
    let turned = |t: f32| ((t - 28.0) / 5.0).clamp(0.0, 1.0);
    let funk = || genre(["x.x....x..x.....", "....x..x.x..x..x", "xxxxxxxxxxxxxxxx"], [0.4, 0.3, 0.3], true);
    add(
        "turn house to funk",
        Box::new({
            let (a, b) = (house(), funk());
            move |h, t| if turned(t) < 0.5 { a(h, t) } else { b(h, t) }
        }),
    );
    add(
        "turn funk to house",
        Box::new({
            let (a, b) = (funk(), house());
            move |h, t| if turned(t) < 0.5 { a(h, t) } else { b(h, t) }
        }),
    );
    add("turn dark to bright", Box::new(move |h, t| (1.0 - 2.0 * turned(t)) * mean_of(h, |e| e.dark)));
    add(
        "turn dark to house",
        Box::new({
            let a = house();
            move |h, t| {
                let m = turned(t);
                (1.0 - m) * mean_of(h, |e| e.dark) + m * 4.0 * a(h, t)
            }
        }),
    );
    add(
        "turn long to soft",
        Box::new(move |h, t| {
            let m = turned(t);
            (1.0 - m) * mean_of(h, |e| e.decay) - 8.0 * m * velocity(h, |_| true)
        }),
    );
    out
}

fn random_loop(world: &World, roles: &[Role], rng: &mut Rng) -> Loop {
    let flat = rng.chance(0.5);
    let lanes: Vec<Lane> = roles
        .iter()
        .map(|&role| {
            let pool = world.kit.of_role(role);
            let at = if pool.is_empty() {
                rng.below(world.ears.len())
            } else {
                pool[rng.below(pool.len())] as usize
            };
            let mut lane = Lane::empty(role, world.kit.samples()[at].id);
            let p = if flat { 0.5 } else { 0.05 + 0.8 * rng.unit() };
            for step in 0..16 {
                if rng.chance(p) {
                    lane.hits[step] = Hit::new(30 + rng.below(98) as u8);
                }
            }
            lane
        })
        .collect();
    Loop::new(Grid::default(), Swing::STRAIGHT, &lanes)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let folder = args.get(1).map_or("factory", String::as_str);
    let seed: u64 = args.get(2).and_then(|s| s.parse().ok()).unwrap_or(0);
    let ratings: usize = args.get(3).and_then(|s| s.parse().ok()).unwrap_or(80);
    let filter = args.get(4).cloned().unwrap_or_default();
    let kit = if folder == "factory" {
        factory::kit(&|_, _| {})
    } else {
        scan::load_dir(std::path::Path::new(folder)).unwrap().kit
    };
    let world = world(kit);
    let roles = Role::default_lanes(4);
    let checkpoints = [0usize, 5, 10, 20, 40, 80];
    let mut rng = Rng::new(Seed(99 + seed));
    let mut totals: std::collections::BTreeMap<String, Vec<[f32; 8]>> = Default::default();
    let mut slowest = (0f64, 0f64, 0f64);
    for (index, (name, noise, taste)) in listeners(&mut rng).into_iter().enumerate() {
        if !filter.is_empty() && !filter.split(',').any(|f| name.starts_with(f)) {
            continue;
        }
        let mut rng = Rng::stream(Seed(seed), name, index as u64);
        let mut us: Vec<f32> =
            (0..800).map(|_| taste(&hear(&world, &random_loop(&world, roles, &mut rng)), 0.0)).collect();
        us.sort_by(f32::total_cmp);
        let mean = us.iter().sum::<f32>() / 800.0;
        let sd = (us.iter().map(|u| (u - mean).powi(2)).sum::<f32>() / 800.0).sqrt().max(1e-4);
        let width = 0.3 * sd;
        // The threshold that gives a base rate of 12 %.
        let base = |k: f32| us.iter().map(|u| 1.0 / (1.0 + (-(u - k) / width).exp())).sum::<f32>() / 800.0;
        let (mut lo, mut hi) = (mean - 6.0 * sd, mean + 8.0 * sd);
        for _ in 0..50 {
            let m = 0.5 * (lo + hi);
            if base(m) > 0.12 { lo = m } else { hi = m }
        }
        let p = |l: &Loop, t: f32| {
            let u = taste(&hear(&world, l), t);
            noise + (1.0 - 2.0 * noise) / (1.0 + (-(u - lo) / width).exp())
        };
        let mut learner = learner(CriticKind::Taste, world.kit.clone(), Seed(1000 + seed));
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
                row[at] = found.iter().map(|f| p(&f.pattern, n as f32)).sum::<f32>() / 40.0;
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
            let like = rng.chance(p(&proposal.pattern, n as f32));
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
            .map(|s| format!("{} {:.2}", s.text, s.weight))
            .collect::<Vec<_>>()
            .join(" | ");
        println!("{name:20} {noise:.2}  {}  {top}", row.map(|v| format!("{v:.2}")).join(" "));
        totals.entry(name[..1].to_owned()).or_default().push(row);
        totals.entry("~all".to_owned()).or_default().push(row);
    }
    println!(
        "family   n     0    5   10   20   40   80   in-session  hamming   (propose {:.1} ms, observe {:.1} ms)",
        slowest.0, slowest.1
    );
    for (family, rows) in totals {
        let mean: [f32; 8] =
            std::array::from_fn(|i| rows.iter().map(|r| r[i]).sum::<f32>() / rows.len() as f32);
        println!("{family:6} {:3}   {}", rows.len(), mean.map(|v| format!("{v:.3}")).join(" "));
    }
}
