use super::*;
use crate::pattern::{Curve, Direction, Lane, Meter, Role, SampleId};
use proptest::prelude::*;

/// One lane of a bar of so many steps in 4/4.
fn lane(steps: u8, of: &[(usize, Hit)]) -> Loop {
    let mut lane = Lane::empty(Role::Snare, SampleId(1));
    of.iter().for_each(|&(step, hit)| lane.hits[step] = hit);
    let grid = Grid { bars: 1, steps_per_bar: steps, meter: Meter::FOUR_FOUR };
    Loop::new(grid, Swing::STRAIGHT, &[lane])
}

fn with(velocity: u8, life: Life) -> Hit {
    Hit { velocity, life, ..Hit::NONE }
}

fn every(passes: u8, at: u8) -> Life {
    Life::NONE.with_condition(Condition::Every { passes, at })
}

/// Beats and velocities of the first lane in some bars, from the first bar's start.
fn heard(of: &Loop, bars: std::ops::Range<i64>) -> Vec<(f64, u8)> {
    let bar = |bar: i64| {
        of.strikes(0, of.swing, BarAt::alone(bar))
            .map(move |strike| (4.0 * bar as f64 + strike.beats, strike.velocity))
    };
    bars.flat_map(bar).collect()
}

#[test]
fn a_loop_without_life_sounds_as_it_is_written_in_every_pass() {
    let of = lane(16, &[(0, Hit::PLAIN), (6, Hit { velocity: 30, offset: -64, ..Hit::NONE })]);
    assert_eq!(heard(&of, 0..2), [(0.0, 100), (1.4375, 30), (4.0, 100), (5.4375, 30)]);
    assert!(!of.is_alive() && of.passes() == 1 && of.expected() == of);
}

#[test]
fn repeats_divide_the_step_however_it_is_moved_and_swung() {
    let four = Life::NONE.with_repeats(4, Curve::Rising);
    let of = lane(16, &[(2, with(100, four))]);
    assert_eq!(heard(&of, 0..1), [(0.5, 40), (0.5625, 60), (0.625, 80), (0.6875, 100)]);
    // Half a step late: what is left of the step is divided.
    let late = lane(16, &[(2, Hit { offset: 127, ..with(100, Life::NONE.with_repeats(2, Curve::Even)) })]);
    let [(first, _), (second, _)] = heard(&late, 0..1)[..] else { panic!("two") };
    assert!(second < 0.75 && first < second && (second - first - (0.75 - first) / 2.0).abs() < 1e-12);
    // Swung by a triplet: the first of two steps is longer.
    let mut swung = lane(16, &[(0, with(9, Life::NONE.with_repeats(2, Curve::Even)))]);
    swung.swing = Swing::from_percent(66.6);
    assert!((heard(&swung, 0..1)[1].0 - 0.5 * 0.333).abs() < 1e-9);
}

#[test]
fn conditions_count_passes_and_bars_of_fills() {
    let of = lane(
        4,
        &[
            (0, with(1, every(3, 1))),
            (1, with(2, Life::NONE.with_condition(Condition::First))),
            (2, with(3, Life::NONE.with_condition(Condition::NotFirst))),
        ],
    );
    let velocities = |bars| heard(&of, bars).into_iter().map(|(_, velocity)| velocity).collect::<Vec<u8>>();
    assert_eq!(velocities(0..5), [2, 1, 3, 3, 3, 1, 3]);
    assert_eq!(velocities(-2..0), [1, 3, 3], "before the song's start nothing is the first pass");
    let fills = lane(
        4,
        &[
            (0, with(1, Life::NONE.with_condition(Condition::Fill))),
            (1, with(2, Life::NONE.with_condition(Condition::NotFill))),
        ],
    );
    for fill in [false, true] {
        let strikes = fills.strikes(0, fills.swing, BarAt { fill, ..BarAt::default() });
        assert_eq!(strikes.map(|strike| strike.velocity).collect::<Vec<_>>(), [if fill { 1 } else { 2 }]);
    }
}

#[test]
fn passes_are_counted_from_where_the_loop_began_and_chance_from_the_songs_start() {
    let of = lane(4, &[(0, with(1, every(2, 0))), (1, with(2, Life::NONE.with_chance(50)))]);
    let at = |since, song| {
        let strikes = of.strikes(0, of.swing, BarAt { since, song, fill: false });
        strikes.map(|strike| strike.velocity).collect::<Vec<u8>>()
    };
    for song in 0..64 {
        assert!(at(0, song).contains(&1));
        assert!(!at(1, song).contains(&1));
        assert_eq!(at(0, song).contains(&2), at(1, song).contains(&2));
    }
}

#[test]
fn chance_comes_as_often_as_it_says_and_the_dice_decide_where() {
    for chance in [1u8, 10, 50, 90, 99] {
        let mut of = lane(16, &[(5, with(9, Life::NONE.with_chance(chance)))]);
        let share = heard(&of, 0..20_000).len() as f64 / 200.0;
        assert!((share - f64::from(chance)).abs() < 1.2, "{chance}: {share}");
        let before = heard(&of, 0..500);
        assert_eq!(before, heard(&of, 0..500));
        of.dice = 7;
        assert_ne!(before, heard(&of, 0..500));
    }
    // Lanes and steps are drawn for themselves.
    let half = with(9, Life::NONE.with_chance(50));
    let one = lane(16, &[(5, half), (6, half)]);
    let two = Loop::new(one.grid, one.swing, &[one.lanes()[0], one.lanes()[0]]);
    let row = |lane: usize, step: usize| -> Vec<bool> {
        (0..64).map(|bar| two.strikes_of(lane, two.swing, BarAt::alone(bar), step).count() > 0).collect()
    };
    assert!(row(0, 5) != row(1, 5) && row(0, 5) != row(0, 6));
}

#[test]
fn a_lane_of_three_of_four_steps_comes_round_in_three_passes() {
    let mut of = lane(4, &[(0, Hit::PLAIN), (3, Hit::new(50))]);
    of.lanes_mut()[0].course.length = 3;
    assert_eq!(heard(&of, 0..3).iter().map(|(beats, _)| *beats).collect::<Vec<f64>>(), [0.0, 3.0, 6.0, 9.0]);
    assert_eq!(of.passes(), 3);
    assert_eq!(
        heard(&of, 0..3),
        heard(&of, 3..6).into_iter().map(|(b, v)| (b - 12.0, v)).collect::<Vec<_>>()
    );
    // A third of its velocity on each step that it comes to in one of three passes.
    let expected = of.expected();
    assert_eq!(
        expected.lanes()[0].hits[..4].iter().map(|hit| hit.velocity).collect::<Vec<_>>(),
        [33, 33, 33, 33]
    );
    assert!(!expected.is_alive());
}

#[test]
fn a_loops_round_is_that_of_all_its_life() {
    assert_eq!(lane(16, &[(0, with(1, every(3, 0))), (1, with(1, every(4, 0)))]).passes(), 12);
    assert_eq!(lane(16, &[(0, with(1, every(7, 0))), (1, with(1, every(5, 0)))]).passes(), MOST_PASSES);
    assert_eq!(lane(16, &[(0, with(1, Life::NONE.with_chance(99)))]).passes(), 4);
    assert_eq!(lane(16, &[(0, with(1, every(3, 0).with_chance(99)))]).passes(), 6);
    assert_eq!(lane(16, &[(0, with(1, Life::NONE.with_condition(Condition::NotFirst)))]).passes(), 2);
    assert_eq!(lane(16, &[(0, with(1, Life::NONE.with_repeats(6, Curve::Even)))]).passes(), 1);
    let mut silent = lane(16, &[]);
    silent.lanes_mut()[0].course.length = 7;
    assert_eq!(silent.passes(), 1, "an empty lane's length changes nothing");
    let mut turned = lane(16, &[(0, Hit::PLAIN)]);
    turned.lanes_mut()[0].course.rotation = 3;
    assert_eq!((turned.passes(), turned.expected().lanes()[0].mask()), (1, 0b1000));
}

#[test]
fn what_is_expected_is_velocity_times_the_share_of_passes() {
    let of = lane(
        16,
        &[
            (0, Hit::PLAIN),
            (1, with(100, Life::NONE.with_chance(50))),
            (2, with(80, every(4, 2))),
            (3, with(80, every(4, 2).with_chance(50))),
            (4, with(60, Life::NONE.with_condition(Condition::Fill))),
            (5, with(60, Life::NONE.with_condition(Condition::NotFill))),
            (6, with(60, Life::NONE.with_repeats(3, Curve::Falling))),
        ],
    );
    let velocities = |of: &Loop| of.lanes()[0].hits[..7].iter().map(|hit| hit.velocity).collect::<Vec<u8>>();
    assert_eq!(velocities(&of.expected()), [100, 50, 20, 10, 0, 60, 60]);
    assert_eq!(velocities(&of.in_share()), [100, 50, 20, 10, 1, 60, 60]);
}

#[test]
fn lengths_go_along_to_other_grids() {
    let mut of = lane(16, &[(0, Hit::PLAIN)]);
    of.lanes_mut()[0].course = Course { length: 12, direction: Direction::Backwards, rotation: 2 };
    let eighths = of.regridded(Grid { steps_per_bar: 8, ..of.grid });
    assert_eq!(eighths.lanes()[0].course, Course { length: 6, direction: Direction::Backwards, rotation: 1 });
    assert_eq!(of.regridded(Grid { bars: 4, ..of.grid }).lanes()[0].course, of.lanes()[0].course);
}

proptest! {
    #[test]
    fn strikes_stay_within_a_step_and_a_half_and_rise_in_time(
        offset in -127i8..=127, repeats in 1u8..=6, swing in 50u8..=75, step in 0usize..16,
    ) {
        let hit = Hit { offset, ..with(100, Life::NONE.with_repeats(repeats, Curve::Falling)) };
        let mut of = lane(16, &[(step, hit)]);
        of.swing = Swing::from_percent(f32::from(swing));
        let beats: Vec<f64> = heard(&of, 0..1).into_iter().map(|(beats, _)| beats * 4.0 - step as f64).collect();
        prop_assert_eq!(beats.len(), usize::from(hit.life.repeats()));
        prop_assert!(beats.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", beats);
        prop_assert!(beats.iter().all(|at| (-0.5..1.5).contains(at)), "{:?}", beats);
        prop_assert!(beats.iter().all(|at| step as f64 + at < 16.0), "none beyond its bar: {:?}", beats);
    }
}
