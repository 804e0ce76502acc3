//! What the trial's listeners like: grooves, places of hits, sounds, how hard hits are, how many; pairs of
//! those; mixtures; and tastes that turn.
//!
//! Study and test threads. The order and the labels are permanent: a listener's draws depend on both.

use super::ear::{Ear, Heard, LAYERS, STEPS};
use deepdrummer_core::rng::Rng;

fn bits(text: &str) -> [bool; STEPS] {
    std::array::from_fn(|i| text.as_bytes()[i] == b'x')
}

fn jaccard(a: &[f32; STEPS], b: &[bool; STEPS]) -> f32 {
    let (mut i, mut u) = (0.0, 0.0);
    for t in 0..16 {
        i += f32::from(a[t] > 0.0 && b[t]);
        u += f32::from(a[t] > 0.0 || b[t]);
    }
    if u > 0.0 { i / u } else { 1.0 }
}

fn onset_kernel(a: &[f32; STEPS], b: &[bool; STEPS]) -> f32 {
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

/// Parts of answers that may be wrong.
const NOISES: [f32; 3] = [0.0, 0.05, 0.1];

/// What a loop is worth after so many ratings; no unit.
pub(super) type Taste = dyn Fn(&Heard, f32) -> f32 + Send + Sync;
type Boxed = Box<Taste>;

/// One listener to be.
pub(super) struct Entry {
    pub label: &'static str,
    /// Part of the answers that are wrong: 0, 0.05 or 0.1.
    pub noise: f32,
    pub taste: Boxed,
}

fn genre(rows: [&'static str; 3], weights: [f32; 3], kernel: bool) -> Boxed {
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
    for (row, ear) in &h.lanes {
        let hits = row.iter().filter(|v| **v > 0.0).count() as f32;
        s += hits * f(ear);
        n += hits;
    }
    if n > 0.0 { s / n } else { -3.0 }
}

fn on(row: &[f32; STEPS], steps: &[usize]) -> f32 {
    steps.iter().filter(|t| row[**t] > 0.0).count() as f32
}

fn count(row: &[f32; STEPS]) -> f32 {
    row.iter().filter(|v| **v > 0.0).count() as f32
}

fn velocity(h: &Heard, wanted: impl Fn(usize) -> bool) -> f32 {
    let (mut s, mut n) = (0.0, 0.0);
    for (row, _) in &h.lanes {
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
    for (row, _) in &h.lanes {
        for v in row.iter().filter(|v| **v > 0.0) {
            s += (v - m) * (v - m);
            n += 1.0;
        }
    }
    (s / n.max(1.0)).sqrt()
}

fn both(a: Boxed, b: Boxed, ca: f32, cb: f32) -> Boxed {
    Box::new(move |h, t| (a(h, t) / ca).min(b(h, t) / cb))
}

/// Everyone. `rng` draws how grooves are weighed and how noisy answers are.
pub(super) fn entries(rng: &mut Rng) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let grooves: [(&'static str, [&'static str; LAYERS], bool); 12] = [
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
    for (label, rows, kernel) in grooves {
        let weights = match rng.below(3) {
            0 => [0.34, 0.33, 0.33],
            1 => [0.45, 0.4, 0.15],
            _ => [0.5, 0.3, 0.2],
        };
        let noise = NOISES[rng.below(3)];
        out.push(Entry { label, noise, taste: genre(rows, weights, kernel) });
    }
    let mut add = |label, taste: Boxed| {
        let noise = NOISES[rng.below(3)];
        out.push(Entry { label, noise, taste });
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
