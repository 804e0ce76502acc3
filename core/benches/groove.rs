//! Time of a groove: a bar drawn by the chain, a loop played with feel, a lane completed.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use deepdrummer_core::groove::{Human, Kind, Nets, RhythmBar, Said, play};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Role, SampleId, Swing};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use std::hint::black_box;

/// A loop with the hits of a bar, on a number of bars.
fn pattern(rows: &[u16; MAX_LANES], roles: &[Role], bars: u8) -> Loop {
    let lanes: Vec<Lane> = roles
        .iter()
        .zip(rows)
        .map(|(&role, row)| {
            let mut lane = Lane::empty(role, SampleId(1));
            for step in 0..16 * usize::from(bars) {
                if row >> (step % 16) & 1 == 1 {
                    lane.hits[step] = Hit::PLAIN;
                }
            }
            lane
        })
        .collect();
    Loop::new(Grid { bars, ..Grid::default() }, Swing::STRAIGHT, &lanes)
}

fn grooves(criterion: &mut Criterion) {
    let nets = Nets::builtin().unwrap();
    let roles = Role::default_lanes(6);
    let said = Said { kind: Some(Kind::Played), ..Said::default() };
    let condition = said.condition(false);
    let rows = [0x0141, 0x1010, 0, 0x5555, 0x8000, 0x0820, 0, 0];
    let mut rng = Rng::new(Seed(1));
    criterion.bench_function("groove/a bar, 8 sweeps of 4 rounds", |b| {
        b.iter(|| {
            let mut bar = RhythmBar::new(&nets.rhythm, roles, u16::MAX, false, &condition);
            for (lane, row) in rows.iter().enumerate().take(6) {
                bar.show(lane, u16::MAX, *row);
            }
            for _ in 0..8 {
                bar.sweep(&[u16::MAX; MAX_LANES], 0.4, 4, 0.8, &mut rng);
            }
            black_box(bar.hits(0))
        });
    });
    for bars in [1, 4] {
        let loop_ = pattern(&rows, roles, bars);
        criterion.bench_function(&format!("groove/feel of {bars} bars, {} hits", loop_.hit_count()), |b| {
            let mut seed = 0;
            b.iter(|| {
                seed += 1;
                let (written, kept) = (0, [0; MAX_LANES]);
                let human =
                    Human { amount: 1.0, written, kept, family: None, seed: Seed(seed), template: None };
                black_box(play(&loop_, &human))
            });
        });
    }
    criterion.bench_function("groove/one lane completed, a cell at a time", |b| {
        b.iter(|| {
            let mut bar = RhythmBar::new(&nets.rhythm, roles, u16::MAX, false, &condition);
            for (lane, row) in rows.iter().enumerate().take(6) {
                bar.show(lane, u16::MAX, *row);
            }
            let mut cells = [0; MAX_LANES];
            cells[3] = u16::MAX;
            bar.redraw(&cells, 16, 0.8, &mut rng);
            black_box(bar.hits(3))
        });
    });
}

criterion_group!(benches, grooves);
criterion_main!(benches);
