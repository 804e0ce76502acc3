//! Grooves that are kept for pools: one takes a millisecond to draw, and a pool of hundreds has no time for that.
//!
//! Worker thread. Deterministic: a groove depends on seed, number and key alone, whenever it is drawn.

use super::Steering;
use super::constraints::Constraints;
use super::prior::LoopPrior;
use crate::features::{Candidate, SoundTable};
use crate::groove::Kind;
use crate::pattern::Role;
use crate::rng::Rng;
use crate::units::Seed;

/// Grooves of the stock at first, how many more each judgement brings, and the most.
const AT_FIRST: usize = 24;
const EACH: usize = 2;
const MOST: usize = 96;

/// What the stock depends on. Locks are none of it: they would change it with every loop, and whoever draws from it
/// enforces them.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    roles: Vec<Role>,
    steering: Steering,
}

/// Grooves that are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Grooves {
    key: Option<Key>,
    kept: Vec<Candidate>,
    /// How many of them count: those that the log has brought. More are kept where some of it was taken back.
    count: usize,
}

impl Grooves {
    /// Draws as many as there shall be after so many judgements.
    pub(super) fn stock_up(
        &mut self,
        prior: &LoopPrior,
        constraints: &Constraints,
        sounds: &SoundTable,
        judgements: usize,
        seed: Seed,
    ) {
        // Draws lean to what is followed when they are made of these.
        let key = Key { roles: constraints.roles.clone(), steering: constraints.steering.alone() };
        if self.key.as_ref() != Some(&key) {
            *self = Self { key: Some(key), ..Self::default() };
        }
        self.count = (AT_FIRST + EACH * judgements).min(MOST);
        while self.kept.len() < self.count {
            let at = self.kept.len();
            // The first ones are what a person hears first, whenever they are drawn.
            let free = constraints.unlocked(at < AT_FIRST);
            let mut rng = Rng::stream(seed, "grooves", at as u64);
            let kind = if at % 3 < 2 { Kind::Played } else { Kind::Electronic };
            self.kept.push(prior.draw_groove(&free, sounds, kind, &mut rng));
        }
    }

    /// Those that count, without sounds of their own.
    pub(super) fn kept(&self) -> &[Candidate] {
        self.kept.get(..self.count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Styles;
    use crate::groove::{Nets, RhythmBar, Said};
    use crate::kit::factory;
    use crate::pattern::{Grid, Hit, MAX_LANES};
    use crate::propose::learned::flip_informed;
    use crate::propose::prior::Source;
    use crate::propose::{Locks, Mode, Request};
    use std::sync::Arc;

    fn request(lanes: &[Role], grid: Grid) -> Request<'_> {
        Request {
            mode: Mode::Random,
            lanes,
            any_sample: false,
            steering: Steering { grid, ..Steering::default() },
            locks: None,
            avoid: &[],
        }
    }

    fn draws(request: &Request<'_>, cold: bool, count: u64) -> Vec<Candidate> {
        let kit = Arc::new(factory::kit());
        let sounds = SoundTable::of(&kit);
        let prior = LoopPrior::new(Styles::builtin());
        let constraints = Constraints::new(request, &kit).after(usize::from(!cold));
        let draw = |seed| {
            let mut rng = Rng::new(Seed(seed));
            prior.draw(&constraints, &kit, &sounds, 0.0, Source::Groove, &mut rng)
        };
        (0..count).map(draw).collect()
    }

    #[test]
    fn four_bars_repeat_with_variation_and_turn_at_the_end() {
        let grid = Grid { bars: 4, ..Grid::default() };
        let all = draws(&request(Role::default_lanes(6), grid), true, 60);
        let apart = |of: &Candidate, bar: usize| -> u32 {
            let row = |mask: u128, bar: usize| (mask >> (16 * bar)) as u16;
            of.parts().iter().map(|part| (row(part.mask, 0) ^ row(part.mask, bar)).count_ones()).sum()
        };
        let mean = |bar: usize| all.iter().map(|of| apart(of, bar)).sum::<u32>() as f32 / all.len() as f32;
        let (second, third, last) = (mean(1), mean(2), mean(3));
        assert!((0.5..14.0).contains(&second) && third < second + 3.0, "{second} {third}");
        assert!(last > second + 1.0 && last < 40.0, "{second} {last}");
    }

    #[test]
    fn what_is_locked_or_asked_for_is_exact_in_grooves() {
        let grid = Grid { bars: 2, ..Grid::default() };
        let lanes = Role::default_lanes(6);
        let mut request = request(lanes, grid);
        let base = draws(&request, false, 1)[0].to_loop();
        let mut locks = Locks { base, steps: [0; MAX_LANES], sound: [false; MAX_LANES] };
        locks.steps[1] = u128::MAX;
        locks.steps[3] = 0xff;
        request.locks = Some(locks);
        request.steering.four_on_the_floor = true;
        for of in draws(&request, false, 30) {
            assert_eq!(of.parts()[0].mask, 0x1111_1111);
            assert_eq!(of.parts()[1].hits, base.lanes()[1].hits);
            assert_eq!(of.parts()[3].hits[..8], base.lanes()[3].hits[..8]);
        }
    }

    #[test]
    fn informed_changes_flip_few_cells_and_lead_to_likelier_loops() {
        let lanes = Role::default_lanes(4);
        let request = request(lanes, Grid::default());
        let kit = Arc::new(factory::kit());
        let constraints = Constraints::new(&request, &kit).after(9);
        let nets = Nets::builtin().unwrap();
        let condition = Said::default().condition(false);
        let likely = |of: &Candidate| {
            let mut bar = RhythmBar::new(&nets.rhythm, lanes, u16::MAX, false, &condition);
            for (lane, part) in of.parts().iter().enumerate() {
                bar.show(lane, u16::MAX, part.mask as u16);
            }
            bar.likelihood(8, &mut Rng::new(Seed(1)))
        };
        let (mut informed, mut blind) = (0.0, 0.0);
        for (seed, start) in draws(&request, false, 40).into_iter().enumerate() {
            let mut rng = Rng::new(Seed(seed as u64));
            let (mut ours, mut theirs) = (start, start);
            for _ in 0..3 {
                let before = ours;
                assert!(flip_informed(&mut ours, &constraints, 2, &mut rng));
                assert!(ours.rhythm_distance(&before) <= 2);
                for _ in 0..2 {
                    let (lane, step) = (rng.below(4), rng.below(16));
                    let part = &mut theirs.parts_mut()[lane];
                    let hit = if part.hits[step].is_on() { Hit::NONE } else { Hit::PLAIN };
                    part.set(step, hit);
                }
            }
            informed += likely(&ours) - likely(&start);
            blind += likely(&theirs) - likely(&start);
        }
        assert!(informed > blind + 40.0, "{informed} {blind}");
    }
}
