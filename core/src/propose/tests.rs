use super::*;
use crate::features::{Candidate, fixture};
use crate::pattern::{Grid, Hit, LoopId, Meter, SampleId};
use crate::rng::Rng;
use crate::taste::{Judgement, Source, Verdict};
use proptest::prelude::*;

fn request<'a>(mode: Mode, lanes: &'a [Role], grid: Grid) -> Request<'a> {
    Request {
        mode,
        lanes,
        any_sample: false,
        steering: Steering { grid, ..Steering::default() },
        locks: None,
        avoid: &[],
    }
}

fn four() -> &'static [Role] {
    Role::default_lanes(4)
}

fn taste() -> Box<dyn Learner> {
    learner(CriticKind::Taste, fixture::kit(), Seed(1))
}

fn judgement(serial: u64, subject: Loop, like: bool) -> Judgement {
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

/// Few hits on the hat, whatever else: a taste that a draw from the prior meets now and then.
fn likes(pattern: &Loop) -> bool {
    pattern.lanes()[2].mask().count_ones() <= 4 && pattern.lanes()[0].mask() & 1 == 1
}

fn taught(learner: &mut dyn Learner, ratings: u64) -> Log {
    let mut log = Log::default();
    let mut heard = Vec::new();
    for serial in 0..ratings {
        let mut request = request(Mode::Ask, four(), Grid::default());
        request.avoid = &heard;
        let pattern = learner.propose(&request).pattern;
        log.push(judgement(serial, pattern, likes(&pattern)));
        heard.push(pattern);
        learner.observe(&log);
    }
    log
}

#[test]
fn a_taste_is_learned_in_twenty_ratings() {
    let mut learner = taste();
    let rate = |learner: &mut dyn Learner| {
        let found = learner.sample(&request(Mode::Good, four(), Grid::default()), 30);
        found.iter().filter(|proposal| likes(&proposal.pattern)).count()
    };
    let before = rate(learner.as_mut());
    taught(learner.as_mut(), 20);
    let after = rate(learner.as_mut());
    assert!(after >= 24 && after > before + 8, "{before} → {after} of 30");
    let bad = learner.sample(&request(Mode::Bad, four(), Grid::default()), 10);
    assert!(bad.iter().filter(|proposal| likes(&proposal.pattern)).count() <= 2);
}

#[test]
fn what_was_liked_with_sounds_of_another_kit_is_proposed_with_those_of_this_one() {
    let kit = fixture::kit();
    let mut learner = taste();
    let mut log = Log::default();
    for serial in 0..8 {
        let mut pattern = learner.propose(&request(Mode::Ask, four(), Grid::default())).pattern;
        for (lane, number) in pattern.lanes_mut().iter_mut().zip(1..) {
            lane.sample = SampleId(number * 1_000_003 + serial % 2);
            assert!(kit.get(lane.sample).is_none());
        }
        log.push(judgement(serial, pattern, serial % 2 == 0));
        learner.observe(&log);
    }
    let modes = [Mode::Ask, Mode::Good, Mode::Bad];
    let loops = modes.iter().flat_map(|mode| learner.sample(&request(*mode, four(), Grid::default()), 12));
    for proposal in loops {
        for lane in proposal.pattern.lanes() {
            assert!(kit.get(lane.sample).is_some(), "{:?} has a sound that is not here", lane.role);
        }
    }
}

#[test]
fn a_learner_that_is_to_stop_learns_nothing_more() {
    let mut taught_one = taste();
    let log = taught(taught_one.as_mut(), 12);
    let grown = Role::default_lanes(5);
    for lanes in [four(), grown] {
        let (mut stopped, mut fresh) = (taste(), taste());
        stopped.heed(Arc::new(AtomicBool::new(true)));
        stopped.observe(&log);
        // Other lanes make it begin anew.
        let loops =
            [&mut stopped, &mut fresh].map(|one| one.propose(&request(Mode::Random, lanes, Grid::default())));
        assert_eq!(stopped.statements(6), fresh.statements(6), "{} lanes", lanes.len());
        assert_eq!(loops[0].prediction, stopped.predict(&loops[0].pattern));
        assert_eq!(stopped.predict(&loops[0].pattern), fresh.predict(&loops[0].pattern));
    }
}

#[test]
fn when_the_learner_is_made_and_has_time_to_work_changes_no_loop() {
    let log = taught(taste().as_mut(), 9);
    for lanes in [four(), Role::default_lanes(5)] {
        for known in [Log::default(), log.clone()] {
            let (mut early, mut late) = (taste(), taste());
            // Made for other lanes than it is asked about, and idle ever since.
            early.statements(1);
            while early.work() {}
            for learner in [&mut early, &mut late] {
                learner.observe(&known);
            }
            let ask = request(Mode::Ask, lanes, Grid::default());
            let good = request(Mode::Good, lanes, Grid::default());
            for turn in 0..3 {
                let next = [early.propose(&ask), late.propose(&ask)];
                assert_eq!(next[0], next[1], "{} lanes, turn {turn}", lanes.len());
                while early.work() {}
            }
            assert_eq!(early.sample(&good, 2), late.sample(&good, 2), "{} lanes", lanes.len());
        }
    }
}

#[test]
fn good_loops_keep_near_what_was_liked_unless_the_new_is_wanted() {
    let mut learner = taste();
    let log = taught(learner.as_mut(), 20);
    let kit = fixture::kit();
    let liked: Vec<_> =
        log.entries().iter().filter(|judgement| judgement.verdict.like == Some(true)).collect();
    let liked: Vec<Candidate> =
        liked.iter().map(|judgement| Candidate::of(&judgement.subject, &kit)).collect();
    assert!(liked.len() >= 5, "{}", liked.len());
    let equal = vec![1.0; liked.len()];
    let mut closeness = |adventure| {
        let mut good = request(Mode::Good, four(), Grid::default());
        good.steering.adventure = adventure;
        let found = learner.sample(&good, 30);
        let near = found.iter().map(|p| search::closeness(&Candidate::of(&p.pattern, &kit), &liked, &equal));
        near.sum::<f32>() / found.len() as f32
    };
    let (careful, usual, bold) = (closeness(0.0), closeness(0.35), closeness(1.0));
    assert!(careful > usual && usual > bold + 0.1, "{careful} {usual} {bold}");
}

#[test]
fn the_same_log_gives_the_same_loops_told_at_once_or_one_by_one() {
    let mut one_by_one = taste();
    let log = taught(one_by_one.as_mut(), 14);
    let mut at_once = taste();
    at_once.observe(&log);
    let ask = request(Mode::Ask, four(), Grid::default());
    for _ in 0..3 {
        assert_eq!(one_by_one.propose(&ask), at_once.propose(&ask));
    }
    // A change of the past rebuilds, and rebuilding forgets it.
    let mut changed = log.clone();
    changed.forget(|judgement| judgement.serial == 3);
    one_by_one.observe(&changed);
    let mut fresh = taste();
    fresh.observe(&changed);
    assert_eq!(one_by_one.propose(&ask), fresh.propose(&ask));
}

#[test]
fn background_work_changes_when_things_are_computed_and_never_what_is_proposed() {
    let mut idle = taste();
    let mut busy = taste();
    let mut log = Log::default();
    let mut heard = Vec::new();
    let mut units = 0;
    for serial in 0..50 {
        let mut ask = request(Mode::Ask, four(), Grid::default());
        ask.avoid = &heard;
        let proposal = idle.propose(&ask);
        // Some is done before and some after a proposal; all of it by the time the result enters.
        for _ in 0..serial % 3 {
            units += usize::from(busy.work());
        }
        assert_eq!(proposal, busy.propose(&ask), "after {serial} ratings");
        log.push(judgement(serial, proposal.pattern, likes(&proposal.pattern)));
        heard.push(proposal.pattern);
        idle.observe(&log);
        busy.observe(&log);
        if serial % 7 == 0 {
            while busy.work() {
                units += 1;
            }
        }
    }
    assert!(units > 0, "there was background work to do");
    let good = request(Mode::Good, four(), Grid::default());
    assert_eq!(idle.sample(&good, 8), busy.sample(&good, 8));
}

#[test]
fn shuffled_labels_teach_nothing_about_other_loops() {
    let mut prior = learner(CriticKind::Random, fixture::kit(), Seed(3));
    let draws = prior.sample(&request(Mode::Random, four(), Grid::default()), 460);
    let taste_of = |pattern: &Loop| pattern.lanes()[2].mask().count_ones() >= 8;
    let auc = |shuffled: bool, seed: u64| {
        let mut rng = Rng::new(Seed(seed));
        let mut labels: Vec<bool> = draws[..60].iter().map(|d| taste_of(&d.pattern)).collect();
        if shuffled {
            for at in (1..labels.len()).rev() {
                labels.swap(at, rng.below(at + 1));
            }
        }
        let mut log = Log::default();
        for (serial, (draw, like)) in draws.iter().zip(labels).enumerate() {
            log.push(judgement(serial as u64, draw.pattern, like));
        }
        let mut learner = taste();
        learner.observe(&log);
        let scored: Vec<(f32, bool)> =
            draws[60..].iter().map(|d| (learner.predict(&d.pattern).p_like, taste_of(&d.pattern))).collect();
        let (mut wins, mut pairs) = (0.0, 0.0);
        for (good, _) in scored.iter().filter(|s| s.1) {
            for (bad, _) in scored.iter().filter(|s| !s.1) {
                wins += if good > bad {
                    1.0
                } else if good == bad {
                    0.5
                } else {
                    0.0
                };
                pairs += 1.0;
            }
        }
        wins / pairs
    };
    let real = auc(false, 0);
    let mean = (auc(true, 1) + auc(true, 2) + auc(true, 3) + auc(true, 4)) / 4.0;
    assert!(real > 0.9, "{real}");
    assert!((0.35..0.65).contains(&mean), "{mean}");
}

#[test]
fn every_grid_and_number_of_lanes_works() {
    let mut learner = taste();
    for (count, steps_per_bar, bars, numerator, denominator) in [
        (1, 16, 1, 4, 4),
        (2, 12, 2, 4, 4),
        (6, 16, 4, 4, 4),
        (8, 24, 4, 4, 4),
        (4, 20, 1, 5, 4),
        (6, 12, 2, 3, 4),
        (5, 14, 1, 7, 8),
        (3, 1, 1, 1, 4),
    ] {
        let lanes = Role::default_lanes(count);
        let grid = Grid { bars, steps_per_bar, meter: Meter { numerator, denominator } };
        for any_sample in [false, true] {
            for mode in [Mode::Ask, Mode::Good, Mode::Bad, Mode::Random] {
                let mut request = request(mode, lanes, grid);
                request.any_sample = any_sample;
                let proposal = learner.propose(&request);
                assert_eq!(proposal.pattern.grid, grid);
                assert_eq!(proposal.pattern.lanes().len(), count);
                assert!(proposal.pattern.hit_count() > 0, "{grid:?} {count}");
                assert!((0.0..=1.0).contains(&proposal.prediction.p_like));
                assert!(proposal.pattern.lanes().iter().all(|l| fixture::kit().get(l.sample).is_some()));
            }
        }
    }
}

#[test]
fn four_on_the_floor_is_kept_exactly() {
    let mut learner = taste();
    taught(learner.as_mut(), 8);
    for steps_per_bar in [16, 12, 24] {
        for mode in [Mode::Ask, Mode::Good, Mode::Random] {
            let mut request = request(mode, four(), Grid { bars: 2, steps_per_bar, ..Grid::default() });
            request.steering.four_on_the_floor = true;
            for proposal in learner.sample(&request, 6) {
                let kick = proposal.pattern.lanes()[0].mask();
                let beats =
                    (0..8).fold(0u128, |mask, beat| mask | 1 << (beat * usize::from(steps_per_bar) / 4));
                assert_eq!(kick, beats);
            }
        }
    }
}

#[test]
fn density_steers_the_number_of_hits() {
    let mut learner = taste();
    taught(learner.as_mut(), 10);
    let mean = |learner: &mut dyn Learner, density: f32, mode: Mode| {
        let mut request = request(mode, four(), Grid::default());
        request.steering.density = density;
        let found = learner.sample(&request, 12);
        found.iter().map(|proposal| proposal.pattern.hit_count()).sum::<usize>() / found.len()
    };
    for mode in [Mode::Random, Mode::Good] {
        let (sparse, dense) = (mean(learner.as_mut(), 0.05, mode), mean(learner.as_mut(), 0.95, mode));
        assert!(sparse + 8 < dense && sparse <= 11, "{mode:?}: {sparse} {dense}");
    }
}

#[test]
fn nothing_is_proposed_twice() {
    let mut learner = taste();
    let log = taught(learner.as_mut(), 20);
    for (at, judged) in log.entries().iter().enumerate() {
        assert!(log.entries()[..at].iter().all(|before| before.subject != judged.subject), "{at}");
    }
    let found = learner.sample(&request(Mode::Good, four(), Grid::default()), 20);
    for (at, proposal) in found.iter().enumerate() {
        assert!(found[..at].iter().all(|before| before.pattern != proposal.pattern), "{at}");
    }
}

#[test]
fn cold_loops_read_as_grooves_and_vary() {
    let mut learner = taste();
    let found = learner.sample(&request(Mode::Good, four(), Grid::default()), 200);
    let share = |holds: &dyn Fn(&Loop) -> bool| {
        found.iter().filter(|proposal| holds(&proposal.pattern)).count() as f32 / found.len() as f32
    };
    assert!(share(&|l| l.lanes()[0].mask() & 1 == 1) > 0.65, "the kick on the one");
    assert!(share(&|l| l.lanes()[1].mask() & 0x1110 != 0) > 0.6, "a backbeat");
    assert!((8..=40).contains(&(found.iter().map(|p| p.pattern.hit_count()).sum::<usize>() / found.len())));
    let mut kicks: Vec<u128> = found.iter().map(|p| p.pattern.lanes()[0].mask()).collect();
    kicks.sort_unstable();
    kicks.dedup();
    assert!(kicks.len() > 60, "{}", kicks.len());
}

#[test]
fn preferences_and_labels_of_parts_are_learned_from() {
    let mut learner = taste();
    let draws = learner.sample(&request(Mode::Random, four(), Grid::default()), 60);
    let mut log = Log::default();
    let dense = |l: &Loop| l.lanes()[2].mask().count_ones();
    for (serial, pair) in draws.chunks(2).enumerate() {
        let (a, b) = (pair[0].pattern, pair[1].pattern);
        let (winner, loser) = if dense(&a) >= dense(&b) { (a, b) } else { (b, a) };
        let mut entry = judgement(serial as u64, winner, true);
        entry.over = Some(loser);
        log.push(entry);
    }
    learner.observe(&log);
    let (few, many): (Vec<_>, Vec<_>) = draws.iter().partition(|d| dense(&d.pattern) < 6);
    let mean = |learner: &mut dyn Learner, of: &[&Proposal]| {
        of.iter().map(|d| learner.predict(&d.pattern).p_like).sum::<f32>() / of.len() as f32
    };
    let (few, many) = (mean(learner.as_mut(), &few), mean(learner.as_mut(), &many));
    assert!(many > few + 0.1, "{few} {many}");
}

#[test]
fn a_slip_of_the_finger_is_asked_again() {
    let mut learner = taste();
    let mut log = taught(learner.as_mut(), 30);
    let slip = log.entries().iter().rev().find(|j| j.verdict.like == Some(true)).unwrap().serial;
    let entries: Vec<Judgement> = log.entries().to_vec();
    log.forget(|_| true);
    for mut entry in entries {
        if entry.serial == slip {
            entry.verdict = Verdict::of(false);
        }
        log.push(entry);
    }
    learner.observe(&log);
    if let Some(asked) = learner.reask() {
        assert_eq!(asked, slip);
    }
}

#[test]
fn many_predictions_at_once_are_those_of_each() {
    let mut learner = taste();
    taught(learner.as_mut(), 24);
    let mut loops: Vec<Loop> = Vec::new();
    for (bars, steps_per_bar) in [(1, 16), (2, 12), (1, 24)] {
        let grid = Grid { bars, steps_per_bar, ..Grid::default() };
        let found = learner.sample(&request(Mode::Random, four(), grid), 5);
        loops.extend(found.into_iter().map(|found| found.pattern));
    }
    for (pattern, one) in loops.iter().zip(learner.predict_all(&loops)) {
        let alone = learner.predict(pattern);
        // The network's sums are formed in another order.
        assert!((alone.p_like - one.p_like).abs() < 1e-4 && (alone.sd - one.sd).abs() < 1e-4);
    }
    assert!(learner.predict_all(&[]).is_empty());
}

/// The roles of a loop's sounds beside those of its lanes, and how many kits they are of.
fn sounds_of(pattern: &Loop) -> (bool, usize) {
    let kit = fixture::kit();
    let of: Vec<_> = pattern.lanes().iter().map(|lane| (lane.role, kit.get(lane.sample).unwrap())).collect();
    let mut kits: Vec<String> = of.iter().map(|(_, sample)| format!("{:?}", sample.origin)).collect();
    kits.sort();
    kits.dedup();
    (of.iter().all(|(role, sample)| *role == sample.role), kits.len())
}

#[test]
fn a_sound_of_another_role_comes_only_with_much_adventure_and_ten_judgements_or_where_any_may() {
    let lanes = Role::default_lanes(6);
    let all_true = |learner: &mut dyn Learner, adventure: f32, any_sample: bool| {
        [Mode::Ask, Mode::Good, Mode::Random].into_iter().all(|mode| {
            let mut request = request(mode, lanes, Grid::default());
            (request.steering.adventure, request.any_sample) = (adventure, any_sample);
            learner.sample(&request, 12).iter().all(|found| sounds_of(&found.pattern).0)
        })
    };
    for ratings in [0, 9, 10] {
        let mut learner = taste();
        taught(learner.as_mut(), ratings);
        assert!(all_true(learner.as_mut(), 0.75, false), "{ratings} ratings");
        assert_eq!(all_true(learner.as_mut(), 1.0, false), ratings < 10, "{ratings} ratings");
        assert!(!all_true(learner.as_mut(), 0.0, true), "{ratings} ratings");
    }
}

#[test]
fn adventure_brings_strangers_to_the_kit() {
    let mut learner = taste();
    let mut kits = |adventure: f32| {
        let mut request = request(Mode::Random, Role::default_lanes(6), Grid::default());
        request.steering.adventure = adventure;
        let found = learner.sample(&request, 60);
        found.iter().map(|found| sounds_of(&found.pattern).1).sum::<usize>() as f32 / 60.0
    };
    let (careful, usual, bold) = (kits(0.0), kits(0.35), kits(1.0));
    assert!(careful < usual && usual < bold, "{careful} {usual} {bold}");
    assert!(careful < 1.5 && bold > 1.8, "{careful} {bold}");
}

#[test]
fn a_variation_changes_few_sounds() {
    let mut learner = taste();
    let lanes = Role::default_lanes(6);
    let of = learner.propose(&request(Mode::Random, lanes, Grid::default())).pattern;
    let found = learner.sample(&request(Mode::Near { of, distance: 0.1 }, lanes, Grid::default()), 20);
    let changed = |found: &Proposal| {
        let lanes = found.pattern.lanes().iter().zip(of.lanes());
        lanes.filter(|(now, before)| now.sample != before.sample).count()
    };
    let few = found.iter().filter(|found| changed(found) <= 2).count();
    assert!(few >= 17, "{few} of 20");
}

#[test]
fn a_direction_is_kept_whatever_is_liked() {
    let mut learner = taste();
    let styles = crate::features::StyleSet::of_names(["Boom bap", "Trap"]).unwrap();
    taught(learner.as_mut(), 20);
    let mut lead = |styles| {
        let mut request = request(Mode::Good, four(), Grid::default());
        request.steering.styles = styles;
        let asked = Request { mode: Mode::Ask, ..request.clone() };
        let mut found = learner.sample(&request, 20);
        found.extend((0..4).map(|_| learner.propose(&asked)));
        let wanted = crate::features::StyleSet::of_names(["Boom bap", "Trap"]).unwrap();
        let phases = crate::features::phases::Phases::of(Grid::default());
        let led = found.iter().filter(|found| {
            let candidate = Candidate::of(&found.pattern, &fixture::kit());
            crate::features::Played::of(&candidate, &phases).lead(wanted).unwrap() >= 0.0
        });
        led.count()
    };
    let (with, without) = (lead(styles), lead(crate::features::StyleSet::OPEN));
    assert!(with >= 22 && without < 12, "{with} and {without} of 24");
}

/// A loop's hits with chances, of the first two lanes.
fn alive(mut of: Loop) -> Loop {
    for hit in of.lanes_mut()[..2].iter_mut().flat_map(|lane| &mut lane.hits).filter(|hit| hit.is_on()) {
        hit.life = crate::pattern::Life::NONE.with_chance(70);
    }
    of.lanes_mut()[1].course.length = 12;
    of.with_dice(9)
}

#[test]
fn what_is_made_of_a_loop_with_life_keeps_the_life_of_what_it_keeps_and_nothing_else_has_some() {
    let mut learner = taste();
    taught(learner.as_mut(), 14);
    let near = |of, distance| request(Mode::Near { of, distance }, four(), Grid::default());
    // One that nobody liked without its life.
    let base = learner.propose(&request(Mode::Random, four(), Grid::default())).pattern;
    for mode in [Mode::Ask, Mode::Good, Mode::Near { of: base, distance: 0.6 }] {
        let found = learner.sample(&request(mode, four(), Grid::default()), 12);
        assert!(found.iter().all(|proposal| !proposal.pattern.is_alive() && proposal.pattern.dice == 0));
    }
    let living = alive(base);
    let (mut kept, mut alike) = (0, 0);
    for proposal in learner.sample(&near(living, 0.2), 12) {
        for (new, old) in proposal.pattern.lanes().iter().zip(living.lanes()).take(2) {
            for (step, hit) in new.iter().filter(|(step, hit)| old.hits[*step].lifeless() == hit.lifeless()) {
                kept += 1;
                alike += usize::from(hit.life == old.hits[step].life);
            }
        }
    }
    assert!(kept > 20 && alike * 10 >= kept * 9, "{alike} of {kept}");
    // Liked, and with adventure, it lends life to soft hits too.
    let mut log = Log::default();
    for (serial, entry) in (0..).zip([living; 6]) {
        log.push(judgement(serial, entry, true));
    }
    learner.observe(&log);
    let mut bold = near(living, 1.0);
    bold.steering.adventure = 1.0;
    assert!(learner.sample(&bold, 12).iter().any(|proposal| proposal.pattern.is_alive()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn locks_are_never_broken(seed in any::<u64>(), ratings in 0u64..6, fotf in any::<bool>()) {
        let mut rng = Rng::new(Seed(seed));
        let kit = fixture::kit();
        let mut learner = learner(CriticKind::Taste, kit.clone(), Seed(seed));
        taught(learner.as_mut(), ratings);
        let lanes = Role::default_lanes(1 + rng.below(8));
        let grid = Grid { bars: [1, 2, 4][rng.below(3)], steps_per_bar: [12, 16, 20][rng.below(3)], ..Grid::default() };
        let mut base = learner.propose(&request(Mode::Random, lanes, grid)).pattern;
        let mut locks = Locks { base, steps: [0; crate::pattern::MAX_LANES], sound: [false; crate::pattern::MAX_LANES] };
        for lane in 0..lanes.len() {
            for step in 0..grid.steps() {
                if rng.chance(0.1) {
                    base.lanes_mut()[lane].hits[step] = Hit { velocity: rng.below(128) as u8, offset: 0, ..Hit::NONE }.sanitized();
                }
            }
            let bits = u128::from(rng.bits()) << 64 | u128::from(rng.bits());
            locks.steps[lane] = [0, u128::MAX, bits, bits & grid.mask()][rng.below(4)];
            locks.sound[lane] = rng.chance(0.5);
        }
        locks.base = base;
        for mode in [Mode::Ask, Mode::Good, Mode::Bad, Mode::Random, Mode::Near { of: base, distance: 0.7 }] {
            let mut request = request(mode, lanes, grid);
            request.locks = Some(locks);
            request.steering.four_on_the_floor = fotf;
            for proposal in learner.sample(&request, 3) {
                for (lane, (new, old)) in proposal.pattern.lanes().iter().zip(base.lanes()).enumerate() {
                    for step in 0..grid.steps() {
                        if locks.steps[lane] >> step & 1 == 1 {
                            prop_assert_eq!(new.hits[step], old.hits[step], "{:?} lane {} step {}", mode, lane, step);
                        }
                    }
                    if locks.sound[lane] {
                        prop_assert_eq!(new.sample, old.sample);
                    }
                }
            }
        }
    }
}
