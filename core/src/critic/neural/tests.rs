//! The neural expert's rules.

use super::*;
use crate::features::fixture;
use crate::pattern::{Grid, Hit, Lane, Role, Swing};
use crate::rng::Rng;
use crate::units::Seed;

fn kit() -> Arc<Kit> {
    fixture::kit()
}

/// Loops without any musical prior: each lane has a density and a sound of its role.
fn loops(kit: &Kit, n: usize, seed: u64) -> Vec<Loop> {
    let mut rng = Rng::new(Seed(seed));
    let mut lane = |role| {
        let sound = rng.pick(kit.of_role(role)).copied().unwrap() as usize;
        let mut lane = Lane::empty(role, kit.samples()[sound].id);
        let density = rng.range(0.02, 0.9);
        for hit in &mut lane.hits[..Grid::default().steps()] {
            if rng.chance(density) {
                *hit = Hit::new(30 + rng.below(98) as u8);
            }
        }
        lane
    };
    (0..n)
        .map(|_| {
            let lanes: Vec<Lane> = Role::default_lanes(4).iter().map(|role| lane(*role)).collect();
            Loop::new(Grid::default(), Swing::STRAIGHT, &lanes)
        })
        .collect()
}

fn expert(kit: &Arc<Kit>) -> NeuralExpert {
    NeuralExpert::new(Arc::clone(kit), shipped(&Device::flex()).unwrap())
}

/// Likes what is dense in the last lane.
fn likes(l: &Loop) -> bool {
    l.lanes()[3].mask().count_ones() > 8
}

#[test]
fn the_shipped_weights_are_whole_and_small() {
    assert!(SHIPPED.len() <= 2 << 20, "{}", SHIPPED.len());
    let trunk = shipped(&Device::flex()).unwrap();
    assert!(trunk.whiten.iter().all(|v| v.is_finite()) && trunk.weight_sd > 0.0);
    assert!(trunk.whiten.iter().any(|v| *v != 0.0));
}

#[test]
fn the_order_of_lanes_does_not_matter_and_velocity_does() {
    let kit = kit();
    let mut expert = expert(&kit);
    for l in loops(&kit, 30, 2) {
        expert.learn(&l, likes(&l), 1.0);
    }
    let l = loops(&kit, 1, 5)[0];
    let mut lanes: Vec<Lane> = l.lanes().to_vec();
    lanes.reverse();
    let turned = Loop::new(l.grid, l.swing, &lanes);
    let mut soft = l;
    for hit in soft.lanes_mut().iter_mut().flat_map(|lane| &mut lane.hits).filter(|h| h.is_on()) {
        hit.velocity = 40;
    }
    let scores = expert.score(&[l, turned, soft]);
    assert!((scores[0].0 - scores[1].0).abs() < 1e-4, "{scores:?}");
    assert!((scores[0].0 - scores[2].0).abs() > 1e-3, "{scores:?}");
}

#[test]
fn points_do_not_depend_on_what_else_is_in_the_batch() {
    let kit = kit();
    let expert = expert(&kit);
    let all = loops(&kit, 6, 8);
    let together = expert.score(&all);
    for (l, expected) in all.iter().zip(together) {
        let alone = expert.score(std::slice::from_ref(l))[0];
        assert!((alone.0 - expected.0).abs() < 1e-4 && (alone.1 - expected.1).abs() < 1e-4);
    }
}

#[test]
fn ratings_teach_it_and_shuffled_ratings_do_not() {
    let kit = kit();
    let (train, test) = (loops(&kit, 40, 2), loops(&kit, 200, 3));
    let gap = |label: &mut dyn FnMut(&Loop) -> bool| {
        let mut expert = expert(&kit);
        for l in &train {
            expert.learn(l, label(l), 1.0);
        }
        let scores = expert.score(&test);
        let mean = |want: bool| {
            let of: Vec<f32> =
                test.iter().zip(&scores).filter(|(l, _)| likes(l) == want).map(|(_, s)| s.0).collect();
            of.iter().sum::<f32>() / of.len() as f32
        };
        mean(true) - mean(false)
    };
    let learned = gap(&mut likes);
    let mut coins = 0.0;
    for seed in 0..4 {
        let mut rng = Rng::new(Seed(seed));
        coins += gap(&mut |_| rng.chance(0.5)) / 4.0;
    }
    assert!(learned > 0.5, "{learned}");
    assert!(coins.abs() < 0.5 * learned, "{coins} {learned}");
}

#[test]
fn the_log_decides_however_the_work_is_cut() {
    let kit = kit();
    let (rated, probe) = (loops(&kit, 27, 4), loops(&kit, 3, 9));
    let run = |units: usize| {
        let mut expert = expert(&kit);
        for l in &rated {
            expert.learn(l, likes(l), 1.0);
            for _ in 0..units {
                expert.tune();
            }
        }
        (expert.score(&probe), expert.is_tuned())
    };
    assert_eq!(run(0), run(1));
    assert_eq!(run(0), run(50));
}

#[test]
fn a_tuned_trunk_enters_only_at_its_point_of_the_log() {
    let kit = kit();
    let mut expert = expert(&kit);
    for (n, l) in loops(&kit, 26, 4).iter().enumerate() {
        expert.learn(l, likes(l), 1.0);
        while expert.tune() {}
        assert!(n + 1 >= EVERY + DELAY || !expert.is_tuned(), "{n}");
    }
}

#[test]
fn forgetting_everything_is_like_new() {
    let kit = kit();
    let probe = loops(&kit, 2, 9);
    let mut used = expert(&kit);
    for l in loops(&kit, 8, 4) {
        used.learn(&l, likes(&l), 1.0);
    }
    used.forget();
    assert_eq!(used.score(&probe), expert(&kit).score(&probe));
}
