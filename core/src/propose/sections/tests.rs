use super::*;
use crate::kit::factory;
use crate::pattern::{Lane, SampleId};
use crate::propose::{CriticKind, Steering, learner};
use std::sync::Arc;

fn rock(bars: u8, steps_per_bar: u8) -> Loop {
    let grid = Grid { bars, steps_per_bar, ..Grid::default() };
    let beat = grid.steps_per_beat().max(1);
    let of = |role, every: usize, from: usize, sample| {
        let mut lane = Lane::empty(role, SampleId(sample));
        (from..grid.steps()).step_by(every).for_each(|step| lane.hits[step] = Hit::new(96));
        lane
    };
    let lanes = [
        of(Role::Kick, 2 * beat, 0, 1),
        of(Role::Snare, 2 * beat, beat, 2),
        of(Role::ClosedHat, (beat / 2).max(1), 0, 3),
        of(Role::Tom, 999, 998, 4),
    ];
    Loop::new(grid, crate::pattern::Swing::from_percent(56.0), &lanes)
}

fn made(maker: Maker, of: &Loop, locked: [u128; MAX_LANES], seed: u64, n: usize) -> Vec<Proposal> {
    let kit = Arc::new(factory::kit_named("Analog Club").unwrap());
    let mut learner = learner(CriticKind::Random, kit, Seed(3));
    let roles: Vec<Role> = of.lanes().iter().map(|lane| lane.role).collect();
    let request = Request {
        mode: Mode::Good,
        lanes: &roles,
        any_sample: false,
        steering: Steering { grid: of.grid, ..Steering::default() },
        locks: None,
        avoid: &[],
    };
    let request = SectionRequest { maker, of, locked, amount: 0.5, request, known: &[], seed: Seed(seed) };
    make(&mut *learner, &request, n)
}

#[test]
fn each_maker_keeps_what_it_promises() {
    for (bars, steps) in [(1, 16), (2, 16), (1, 12), (4, 24)] {
        let of = rock(bars, steps);
        let share = |made: &Loop| cells_apart(&of, made) as f32 / of.hit_count() as f32;
        for seed in 0..3 {
            let one = |maker| made(maker, &of, [0; MAX_LANES], seed, 1)[0].pattern;
            let variation = one(Maker::Variation);
            assert!(share(&variation) > 0.0 && share(&variation) < 0.35, "{}", share(&variation));
            assert!(share(&one(Maker::Contrast)) > 0.4);
            assert!(one(Maker::Break).hit_count() * 2 <= of.hit_count());
            let fill = one(Maker::Fill);
            assert_eq!(fill.grid.bars, 1);
            assert_eq!(one(Maker::Empty).hit_count(), 0);
            let build = one(Maker::Build);
            let quarter = build.grid.steps() / 4;
            let weight = |from: usize| -> u32 {
                let hits = build.lanes().iter().flat_map(|lane| &lane.hits[from..from + quarter]);
                hits.map(|hit| u32::from(hit.velocity)).sum()
            };
            assert!(weight(3 * quarter) > weight(0), "{build:?}");
            for made in [variation, fill, build] {
                assert_eq!(made.swing, of.swing);
                assert!(
                    made.lanes()
                        .iter()
                        .zip(of.lanes())
                        .all(|(a, b)| a.sample == b.sample && a.role == b.role)
                );
            }
        }
    }
}

#[test]
fn what_is_locked_stays_in_every_section() {
    let of = rock(2, 16);
    let locked = [u128::MAX, 0b1111_0000, 0, 0xffff_0000, 0, 0, 0, 0];
    for maker in Maker::MAKING {
        for found in made(maker, &of, locked, 5, 4) {
            let shift = if found.pattern.grid.bars == 1 { 16 } else { 0 };
            for (at, lane) in found.pattern.lanes().iter().enumerate() {
                for step in 0..found.pattern.grid.steps() {
                    if locked[at] >> (step + shift) & 1 == 1 {
                        assert_eq!(lane.hits[step], of.lanes()[at].hits[step + shift], "{maker:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn fills_differ_from_each_other_and_the_same_seed_makes_the_same() {
    let of = rock(1, 16);
    let fills = made(Maker::Fill, &of, [0; MAX_LANES], 9, 8);
    assert_eq!(fills.len(), 8);
    for (at, a) in fills.iter().enumerate() {
        assert!(fills[at + 1..].iter().all(|b| cells_apart(&a.pattern, &b.pattern) >= 3));
    }
    assert_eq!(fills, made(Maker::Fill, &of, [0; MAX_LANES], 9, 8));
    assert_ne!(fills, made(Maker::Fill, &of, [0; MAX_LANES], 10, 8));
}
