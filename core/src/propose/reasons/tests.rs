use crate::explain::area;
use crate::features::fixture;
use crate::pattern::{Grid, Loop, Role};
use crate::propose::{CriticKind, Free, Learner, Mode, Request, Steering, learner};
use crate::rng::Rng;
use crate::taste::{Judgement, Log, Verdict};
use crate::units::Seed;

fn request(mode: Mode, lanes: &[Role]) -> Request<'_> {
    Request { mode, lanes, any_sample: false, steering: Steering::default(), locks: None, avoid: &[] }
}

fn four() -> &'static [Role] {
    Role::default_lanes(4)
}

/// Somebody who likes a kick on one and three.
fn likes(pattern: &Loop) -> bool {
    pattern.lanes()[0].mask() & 0x0101 == 0x0101
}

fn said(loops: &[Loop], verdicts: impl Iterator<Item = bool>) -> Log {
    let mut log = Log::default();
    for ((serial, pattern), like) in (1..).zip(loops).zip(verdicts) {
        log.push(Judgement::rated(serial, *pattern, Verdict::of(like)));
    }
    log
}

fn fresh(seed: u64, count: usize) -> (Box<dyn Learner>, Vec<Loop>) {
    let mut learner = learner(CriticKind::Taste, fixture::kit(), Seed(seed));
    let loops = learner.sample(&request(Mode::Random, four()), count);
    (learner, loops.into_iter().map(|proposal| proposal.pattern).collect())
}

fn taught(seed: u64, count: usize) -> (Box<dyn Learner>, Vec<Loop>) {
    let (mut learner, loops) = fresh(seed, count);
    let log = said(&loops, loops.iter().map(likes));
    learner.observe(&log);
    (learner, loops)
}

#[test]
fn nothing_is_said_before_there_is_a_judgement() {
    let (mut learner, loops) = fresh(1, 2);
    let marks = learner.attribute(&loops[0]);
    assert!(marks.hits.iter().flatten().chain(&marks.sounds).all(|mark| mark.points == 0.0));
    assert!(learner.statements(6).is_empty());
    assert_eq!(learner.lift(&loops[0], &Free::default()), None);
    assert_eq!(learner.rhythm_share(), None);
}

#[test]
fn marks_sum_to_what_the_loop_is_ahead_of_its_baseline() {
    // The network is heard from eight ratings on.
    for ratings in [1, 5, 12, 40] {
        let (mut learner, loops) = taught(2, ratings);
        let mut asked: Vec<Loop> = loops.iter().take(3).copied().collect();
        asked.extend(
            asked
                .clone()
                .iter()
                .map(|pattern| pattern.regridded(Grid { bars: 2, steps_per_bar: 12, ..Grid::default() })),
        );
        for pattern in asked {
            let (marks, predicted) = (learner.attribute(&pattern), learner.predict(&pattern));
            let ahead = marks.p_like - marks.baseline;
            assert!((marks.sum() - ahead).abs() <= 0.02 * ahead.abs().max(0.05), "{} {ahead}", marks.sum());
            assert!((marks.p_like - predicted.p_like).abs() < 2e-3, "{} {}", marks.p_like, predicted.p_like);
            for (lane, hits) in pattern.lanes().iter().zip(&marks.hits) {
                let silent = hits.iter().enumerate().filter(|(step, _)| !lane.hits[*step].is_on());
                assert!(silent.into_iter().all(|(_, mark)| mark.points == 0.0));
            }
            // A lane without hits has a sound that nobody hears.
            for (lane, mark) in pattern.lanes().iter().zip(&marks.sounds) {
                assert!(lane.mask() != 0 || mark.points.abs() < 1e-5, "{mark:?}");
            }
        }
    }
}

#[test]
fn marks_find_the_hits_that_the_taste_is_about() {
    let (mut learner, loops) = taught(3, 60);
    let liked = loops.iter().rev().find(|pattern| likes(pattern)).unwrap();
    let marks = learner.attribute(liked);
    let kick = &marks.hits[0];
    assert!(kick[0].points + kick[8].points > 0.15, "{:?} {:?}", kick[0], kick[8]);
    assert!(kick[0].is_certain() || kick[8].is_certain());
    let others: f32 = marks.hits[1..].iter().flatten().map(|mark| mark.points.max(0.0)).fold(0.0, f32::max);
    assert!(kick[0].points.max(kick[8].points) > others, "{others}");
}

#[test]
fn statements_are_of_the_taste_with_their_evidence_and_stay_until_something_is_said() {
    let (mut learner, loops) = taught(4, 60);
    let kit = fixture::kit();
    let statements = learner.statements(6);
    assert!(statements.iter().any(|statement| statement.text.contains("Kick")), "{statements:?}");
    for statement in &statements {
        let holding: Vec<&Loop> =
            loops.iter().filter(|pattern| statement.claim.holds(pattern, &kit)).collect();
        assert_eq!(statement.of, holding.len(), "{}", statement.text);
        assert_eq!(statement.liked, holding.iter().filter(|pattern| likes(pattern)).count());
        assert_eq!(statement.evidence.len(), statement.of);
        for serial in &statement.evidence {
            assert!(statement.claim.holds(&loops[*serial as usize - 1], &kit));
        }
    }
    // Neither proposals nor background work nor other lanes are judgements.
    let _ = learner.propose(&request(Mode::Ask, four()));
    while learner.work() {}
    let _ = learner.lift(&loops[0], &Free::default());
    let _ = learner.propose(&request(Mode::Good, Role::default_lanes(6)));
    assert_eq!(learner.statements(6), statements);
}

#[test]
fn a_lift_brings_what_it_promises() {
    let (mut learner, loops) = taught(5, 40);
    let mut lifted = 0;
    for pattern in &loops[..12] {
        let Some(lift) = learner.lift(pattern, &Free::default()) else { continue };
        let (before, after) = (learner.predict(pattern).p_like, learner.predict(&lift.to).p_like);
        assert!((after - before - lift.gain).abs() < 1e-3, "{} {before} {after}", lift.gain);
        assert!(lift.gain > 0.0 && lift.of == *pattern && !lift.text.is_empty());
        lifted += 1;
    }
    assert!(lifted > 4, "{lifted}");
    // What is locked is left alone.
    let locked = Free { steps: [0; 8], sounds: [false; 8], swing: false };
    assert!(loops.iter().all(|pattern| learner.lift(pattern, &locked).is_none()));
}

#[test]
fn a_rhythm_is_told_from_sounds() {
    let (mut rhythm, _) = taught(6, 60);
    let (mut sound, loops) = fresh(7, 60);
    let kit = fixture::kit();
    let low = |pattern: &Loop| kit.get(pattern.lanes()[0].sample).unwrap().name.ends_with(['0', '1']);
    let log = said(&loops, loops.iter().map(low));
    sound.observe(&log);
    let (rhythm, sound) = (rhythm.rhythm_share().unwrap(), sound.rhythm_share().unwrap());
    assert!(rhythm.share > sound.share + 0.2, "{rhythm:?} {sound:?}");
    assert!((0.0..=1.0).contains(&rhythm.share) && rhythm.sd >= 0.0);
}

/// Verdicts that were shuffled say nothing of other loops (Arpit et al. 2017: what is memorised does not carry over).
#[test]
fn shuffled_verdicts_teach_nothing_and_are_put_into_no_words() {
    let held_out = fresh(99, 120).1;
    let truth: Vec<bool> = held_out.iter().map(likes).collect();
    let told = |learner: &mut dyn Learner| {
        let p: Vec<f64> = learner.predict_all(&held_out).iter().map(|of| f64::from(of.p_like)).collect();
        area(&p, &truth)
    };
    let (mut honest, loops) = taught(8, 40);
    assert!(told(honest.as_mut()) > 0.8);
    let (mut sum, mut stated) = (0.0, 0);
    const TIMES: u64 = 12;
    for time in 0..TIMES {
        // Every other time by somebody who likes what the first one does not: what a fresh model leans to by
        // itself is no better than chance for both together.
        let turned = time % 2 == 1;
        let mut verdicts: Vec<bool> = loops.iter().map(|pattern| likes(pattern) != turned).collect();
        let mut rng = Rng::stream(Seed(time), "shuffle", 0);
        for at in (1..verdicts.len()).rev() {
            verdicts.swap(at, rng.below(at + 1));
        }
        let (mut shuffled, _) = fresh(8, 1);
        shuffled.observe(&said(&loops, verdicts.into_iter()));
        let auc = told(shuffled.as_mut());
        sum += (if turned { 1.0 - auc } else { auc }) / TIMES as f32;
        stated += shuffled.statements(6).len();
    }
    assert!((sum - 0.5).abs() < 0.1, "{sum}");
    assert!(stated <= 2, "{stated} statements");
}
