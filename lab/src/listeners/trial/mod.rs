//! The listeners of the quick trial (`lab/examples/tuning.rs`): settings of the learner were chosen on them,
//! so what they like says nothing of a learner that was.
//!
//! Study and test threads. They have ears, grooves and rules of their own, beside those of the other
//! listeners, and are seated with threshold, noise and loops of their own: names and draws are permanent, for
//! the figures of `docs/learning.md` come from them. They think in one bar of sixteen steps.

mod ear;
mod tastes;

use super::{Family, Listener, Mind, Split};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, Role, Swing};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use ear::World;
use std::sync::Arc;
use tastes::{Entry, Taste};

/// Random loops that a taste is calibrated on, and the share of them that pleases.
const REFERENCE_LOOPS: usize = 800;
const BASE: f32 = 0.12;

/// A taste, the world in which it hears, and the threshold at which it turns into liking.
#[derive(Clone)]
pub(super) struct TrialMind {
    taste: Arc<Taste>,
    world: Arc<World>,
    noise: f32,
    threshold: f32,
    pub(super) width: f32,
}

impl std::fmt::Debug for TrialMind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrialMind").field("threshold", &self.threshold).finish_non_exhaustive()
    }
}

impl TrialMind {
    /// What the loop is worth at the n-th rating; no unit.
    pub(super) fn score(&self, l: &Loop, rating: usize) -> f32 {
        (self.taste)(&self.world.hear(l), rating as f32)
    }

    /// P(like), wrong answers included.
    pub(super) fn p_like(&self, l: &Loop, rating: usize) -> f32 {
        let worth = self.score(l, rating);
        self.noise + (1.0 - 2.0 * self.noise) / (1.0 + (-(worth - self.threshold) / self.width).exp())
    }
}

/// The listeners of the trial whose names begin with one of the `wanted` (all where that is empty), each
/// with the generator that draws his or her answers. Measures the kit; some 10 ms a listener.
#[must_use]
pub fn seat(kit: &Arc<Kit>, lanes: &[Role], seed: Seed, wanted: &[&str]) -> Vec<(Listener, Rng)> {
    let world = Arc::new(World::new(Arc::clone(kit)));
    let entries = tastes::entries(&mut Rng::new(Seed(99 + seed.0))).into_iter().enumerate();
    entries
        .filter(|(_, entry)| wanted.is_empty() || wanted.iter().any(|name| entry.label.starts_with(name)))
        .map(|(at, entry)| {
            let rng = Rng::stream(seed, entry.label, at as u64);
            one(entry, &world, lanes, rng)
        })
        .collect()
}

fn one(entry: Entry, world: &Arc<World>, lanes: &[Role], mut rng: Rng) -> (Listener, Rng) {
    let taste = entry.taste;
    let mut worths: Vec<f32> = (0..REFERENCE_LOOPS)
        .map(|_| taste(&world.hear(&random_loop(world.kit(), lanes, &mut rng)), 0.0))
        .collect();
    worths.sort_by(f32::total_cmp);
    let n = REFERENCE_LOOPS as f32;
    let mean = worths.iter().sum::<f32>() / n;
    let sd = (worths.iter().map(|worth| (worth - mean).powi(2)).sum::<f32>() / n).sqrt().max(1e-4);
    let width = 0.3 * sd;
    let pleased = |threshold: f32| {
        worths.iter().map(|worth| 1.0 / (1.0 + (-(worth - threshold) / width).exp())).sum::<f32>() / n
    };
    let (mut low, mut high) = (mean - 6.0 * sd, mean + 8.0 * sd);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if pleased(middle) > BASE { low = middle } else { high = middle }
    }
    let mind = TrialMind {
        taste: Arc::from(taste),
        world: Arc::clone(world),
        noise: entry.noise,
        threshold: low,
        width,
    };
    let listener = Listener {
        name: name(entry.label),
        family: family(entry.label),
        split: Split::Trial,
        noise: entry.noise,
        base: BASE,
        mind: Mind::Trial(mind),
    };
    (listener, rng)
}

/// `a dnb` → `trial/dnb`, `turn dark to bright` → `trial/turn_dark_to_bright`.
fn name(label: &str) -> String {
    let member = label.split_once(' ').filter(|(group, _)| group.len() == 1).map_or(label, |(_, rest)| rest);
    format!("trial/{}", member.replace(' ', "_"))
}

/// The family of a label, whose first letter is its group.
fn family(label: &str) -> Family {
    match label.as_bytes() {
        [b'a', ..] => Family::Genre,
        [b'b', ..] => Family::Metric,
        [b'c', ..] => Family::Timbre,
        [b'd' | b'e', ..] => Family::Dynamics,
        [b's', ..] => Family::Texture,
        [b'f', ..] => Family::Both,
        [b't', ..] => Family::Drift,
        _ if label == "g drift" => Family::Drift,
        _ => Family::Mixture,
    }
}

/// One bar of sixteen steps, without any musical prior.
fn random_loop(kit: &Kit, roles: &[Role], rng: &mut Rng) -> Loop {
    let flat = rng.chance(0.5);
    let lanes: Vec<Lane> = roles
        .iter()
        .map(|&role| {
            let pool = kit.of_role(role);
            let at = if pool.is_empty() {
                rng.below(kit.samples().len())
            } else {
                pool[rng.below(pool.len())] as usize
            };
            let mut lane = Lane::empty(role, kit.samples()[at].id);
            let density = if flat { 0.5 } else { 0.05 + 0.8 * rng.unit() };
            for hit in &mut lane.hits[..ear::STEPS] {
                if rng.chance(density) {
                    *hit = Hit::new(30 + rng.below(98) as u8);
                }
            }
            lane
        })
        .collect();
    Loop::new(Grid::default(), Swing::STRAIGHT, &lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::tests::small_kit;
    use std::collections::BTreeSet;

    #[test]
    fn forty_nine_listeners_with_names_of_their_own_like_an_eighth_of_random_loops() {
        let (kit, lanes) = (Arc::new(small_kit()), Role::default_lanes(4));
        let seated = seat(&kit, lanes, Seed(0), &[]);
        let names: BTreeSet<&str> = seated.iter().map(|(listener, _)| listener.name.as_str()).collect();
        assert_eq!((seated.len(), names.len()), (49, 49));
        let mut rng = Rng::new(Seed(4));
        let loops: Vec<Loop> = (0..600).map(|_| random_loop(&kit, lanes, &mut rng)).collect();
        for (listener, _) in &seated {
            let measured = loops.iter().map(|l| listener.p_like(l, 0)).sum::<f32>() / 600.0;
            let expected = listener.noise + (1.0 - 2.0 * listener.noise) * listener.base;
            assert!((measured - expected).abs() < 0.05, "{} {measured} {expected}", listener.name);
        }
    }

    #[test]
    fn who_sits_beside_does_not_matter() {
        let (kit, lanes) = (Arc::new(small_kit()), Role::default_lanes(4));
        let (all, some) = (seat(&kit, lanes, Seed(3), &[]), seat(&kit, lanes, Seed(3), &["c dark", "turn"]));
        assert_eq!(some.len(), 6);
        let l = random_loop(&kit, lanes, &mut Rng::new(Seed(1)));
        for (listener, rng) in &some {
            let (same, their) = all.iter().find(|(other, _)| other.name == listener.name).unwrap();
            assert_eq!(same.p_like(&l, 30), listener.p_like(&l, 30));
            assert_eq!(their.clone().bits(), rng.clone().bits());
        }
    }
}
