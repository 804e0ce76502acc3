//! The published system's rules: what it learns, that it repeats itself, that it keeps to locks.

use super::*;
use crate::listeners::Setting;
use crate::listeners::tests::small_kit;
use deepdrummer_core::pattern::{LoopId, MAX_STEPS, Role};
use deepdrummer_core::propose::{Locks, Steering};
use deepdrummer_core::taste::{Judgement, Source, Verdict};

const LANES: [Role; 2] = [Role::Kick, Role::ClosedHat];

fn judged(serial: u64, subject: Loop, like: bool) -> Judgement {
    Judgement {
        serial,
        id: LoopId(serial),
        subject,
        verdict: Verdict::of(like),
        over: None,
        source: Source::Rated,
        weight: 1.0,
        predicted: None,
    }
}

fn request(mode: Mode) -> Request<'static> {
    Request { mode, lanes: &LANES, any_sample: false, steering: Steering::default(), locks: None, avoid: &[] }
}

/// Likes loops of hats alone, dislikes loops of kicks alone.
fn toy_log(kit: &Kit, n: usize) -> Log {
    let mut rng = Rng::new(Seed(6));
    let mut log = Log::default();
    for serial in 0..n {
        log.push(judged(serial as u64, toy(kit, serial % 2 == 0, &mut rng), serial % 2 == 0));
    }
    log
}

fn toy(kit: &Kit, hats: bool, rng: &mut Rng) -> Loop {
    let setting = Setting { lanes: LANES.to_vec(), ..Setting::lanes(4) };
    let mut l = setting.random_loop(kit, rng);
    l.lanes_mut()[usize::from(!hats)].hits = [Hit::NONE; MAX_STEPS];
    l.lanes_mut()[usize::from(hats)].hits[0] = Hit::PLAIN;
    l
}

#[test]
fn it_learns_a_separable_taste() {
    let kit = Arc::new(small_kit());
    let mut critic = Classic::new(Arc::clone(&kit), Seed(1));
    critic.observe(&toy_log(&kit, 6));
    // Four ratings' worth of batches are enough for hats against kicks.
    while critic.work() {}
    let mut rng = Rng::new(Seed(77));
    let mut p = |hats| {
        let loops: Vec<Loop> = (0..6).map(|_| toy(&kit, hats, &mut rng)).collect();
        critic.trainer.score(&loops).iter().sum::<f32>() / 6.0
    };
    let (liked, disliked) = (p(true), p(false));
    assert!(liked > disliked + 0.3, "{liked} {disliked}");
}

#[test]
fn the_same_log_and_seed_give_the_same_proposals_however_the_work_is_cut() {
    let kit = Arc::new(small_kit());
    let run = |worked: usize| {
        let mut critic = Classic::new(Arc::clone(&kit), Seed(9));
        critic.observe(&toy_log(&kit, 2));
        for _ in 0..worked {
            critic.work();
        }
        (critic.propose(&request(Mode::Ask)), critic.predict(&toy(&kit, true, &mut Rng::new(Seed(3)))))
    };
    assert_eq!(run(0), run(7));
}

#[test]
fn locks_and_four_on_the_floor_are_kept_by_every_mode() {
    let kit = Arc::new(small_kit());
    let mut critic = Classic::new(Arc::clone(&kit), Seed(2));
    let mut rng = Rng::new(Seed(4));
    let base = toy(&kit, true, &mut rng);
    let mut steps = [0; deepdrummer_core::pattern::MAX_LANES];
    steps[1] = u128::MAX;
    let mut sound = [false; deepdrummer_core::pattern::MAX_LANES];
    sound[1] = true;
    let steering = Steering { four_on_the_floor: true, ..Steering::default() };
    for mode in [Mode::Ask, Mode::Random, Mode::Bad, Mode::Near { of: base, distance: 0.5 }] {
        let request = Request { locks: Some(Locks { base, steps, sound }), steering, ..request(mode) };
        let made = critic.propose(&request).pattern;
        assert_eq!(made.lanes()[1], base.lanes()[1], "{mode:?}");
        assert_eq!(made.lanes()[0].mask(), 0x1111, "{mode:?}");
    }
}

#[test]
fn forgetting_a_rating_rebuilds_the_critic() {
    let kit = Arc::new(small_kit());
    let probe = toy(&kit, false, &mut Rng::new(Seed(3)));
    let mut log = toy_log(&kit, 3);
    let mut critic = Classic::new(Arc::clone(&kit), Seed(5));
    critic.observe(&log);
    log.forget(|j| j.serial == 2);
    critic.observe(&log);
    let mut other = Classic::new(Arc::clone(&kit), Seed(5));
    other.observe(&toy_log(&kit, 2));
    assert_eq!(critic.predict(&probe), other.predict(&probe));
}
