use super::*;
use crate::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Role, SampleId, Swing};
use crate::rng::Rng;
use crate::units::Seed;

fn nets() -> &'static Nets {
    Nets::builtin().expect("they ship and can be read")
}

fn any_hits(rng: &mut Rng) -> [u16; MAX_LANES] {
    std::array::from_fn(|_| (rng.bits() & rng.bits()) as u16)
}

fn beat(grid: Grid) -> Loop {
    let of = |role, every: usize, from: usize| {
        let mut lane = Lane::empty(role, SampleId(1));
        for step in (from..grid.steps()).step_by(every) {
            lane.hits[step] = Hit::new(96);
        }
        lane
    };
    let lanes =
        [of(Role::Kick, 8, 0), of(Role::Snare, 8, 4), of(Role::ClosedHat, 2, 0), of(Role::Snare, 8, 7)];
    Loop::new(grid, Swing::STRAIGHT, &lanes)
}

fn human(amount: f32, seed: u64) -> Human<'static> {
    Human { amount, written: 0, kept: [0; MAX_LANES], family: None, seed: Seed(seed), template: None }
}

/// Kick on the ones, late and soft; snare on four, early and loud; hats on eighths, the off ones 30 hundredths late.
fn clip() -> Loop {
    let mut of = beat(Grid::default());
    for (lane, step, velocity, offset) in
        [(0, 0, 50, 26), (0, 8, 60, 26), (1, 4, 120, -26), (1, 12, 110, -26)]
    {
        of.lanes_mut()[lane].hits[step] = Hit { velocity, offset, ..Hit::NONE };
    }
    for step in (2..16).step_by(4) {
        of.lanes_mut()[2].hits[step] = Hit { velocity: 40, offset: 77, ..Hit::NONE };
    }
    of.lanes_mut()[3].hits = Lane::empty(Role::Snare, SampleId(1)).hits;
    of
}

#[test]
fn a_template_gives_back_the_clip_that_it_was_taken_from() {
    let clip = clip();
    let template = Template::of([(&clip, 3)]).expect("it has hits");
    let how = |amount, written| Human { template: Some(&template), written, ..human(amount, 1) };
    let straight = Loop::new(clip.grid, Swing::STRAIGHT, beat(clip.grid).lanes());
    let played = play(&straight, &how(1.0, 0));
    let late: f64 = {
        let hits = clip.lanes().iter().flat_map(|lane| lane.iter().map(|(_, hit)| f64::from(hit.offset)));
        let all: Vec<f64> = hits.collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    for (lane, of) in clip.lanes().iter().enumerate() {
        for (step, hit) in of.iter() {
            let got = played.lanes()[lane].hits[step];
            assert_eq!(got.velocity, hit.velocity, "{lane} {step}");
            assert!(
                (f64::from(got.offset) - f64::from(hit.offset) + late).abs() < 1.0,
                "{lane} {step} {got:?}"
            );
        }
    }
    assert_eq!(play(&straight, &how(0.0, 0)), straight, "at 0 it is what is written");
    assert_eq!(play(&straight, &how(1.0, 0xff)), straight, "lanes can be left out");
    let half = play(&straight, &how(0.5, 0)).lanes()[0].hits[0].velocity;
    assert_eq!(half, 73, "straight from 96 to 50");
    assert_eq!(Template::of([(&Loop::new(clip.grid, Swing::STRAIGHT, &[]), 1)]), None);
}

#[test]
fn a_template_says_of_other_grids_what_it_knows_of_their_places_and_leaves_swing_to_the_loop() {
    let clip = clip();
    let template = Template::of([(&clip, 1)]).expect("it has hits");
    let how = Human { template: Some(&template), ..human(1.0, 1) };
    // Triplets share the beats alone with sixteenths.
    let mut triplets = beat(Grid { steps_per_bar: 12, ..Grid::default() });
    (triplets.lanes_mut()[0].hits[3], triplets.lanes_mut()[0].hits[4]) = (Hit::new(96), Hit::new(96));
    let played = play(&triplets, &how);
    assert_eq!(played.lanes()[0].hits[0].velocity, 50, "the one");
    assert_eq!(played.lanes()[0].hits[4].velocity, 96, "no place of the clip");
    assert_eq!(
        played.lanes()[0].hits[3].velocity,
        50 + 5,
        "another beat: the mean of what kicks do on beats"
    );
    // The clip's eighths swing by .3; of a loop that swings by itself they don't.
    let mut swung = Loop::new(clip.grid, Swing::from_percent(66.0), beat(clip.grid).lanes());
    swung.lanes_mut()[2].hits = beat(Grid::default()).lanes()[2].hits;
    let (free, own) = (play(&Loop::new(clip.grid, Swing::STRAIGHT, swung.lanes()), &how), play(&swung, &how));
    let spread =
        |of: &Loop| i32::from(of.lanes()[2].hits[2].offset) - i32::from(of.lanes()[2].hits[0].offset);
    assert!(spread(&free) > 60 && spread(&own) <= spread(&free), "{} {}", spread(&free), spread(&own));
}

/// The formula, without increments: what cells become known or unknown must be as if they had always been so.
#[test]
fn changes_of_single_cells_are_those_of_the_whole() {
    let mut rng = Rng::new(Seed(1));
    let roles = [Role::Kick, Role::Snare, Role::Percussion, Role::ClosedHat, Role::Percussion];
    let said = Said { family: Some(Family::Rock), bpm: Some(95.0), ..Said::default() };
    for triplets in [false, true] {
        let condition = said.condition(triplets);
        let usable = if triplets { 0x0fff } else { 0xffff };
        for _ in 0..20 {
            let (hits, known) = (any_hits(&mut rng), any_hits(&mut rng));
            let mut went = RhythmBar::new(&nets().rhythm, &roles, usable, triplets, &condition);
            for _ in 0..6 {
                went.sweep(&[u16::MAX; MAX_LANES], 0.5, 3, 1.0, &mut rng);
            }
            let mut plain = RhythmBar::new(&nets().rhythm, &roles, usable, triplets, &condition);
            for lane in 0..roles.len() {
                for bar in [&mut went, &mut plain] {
                    bar.show(lane, known[lane] & usable, hits[lane]);
                    bar.hide(lane, !known[lane] & usable);
                }
            }
            let (mut a, mut b) = ([[0.0; CELLS]; MAX_LANES], [[0.0; CELLS]; MAX_LANES]);
            went.log_odds(&mut a);
            plain.log_odds(&mut b);
            for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
                assert!((a - b).abs() < 2e-3, "{a} {b}");
            }
        }
    }
}

#[test]
fn the_nets_know_a_backbeat_and_that_ghosts_are_soft() {
    let roles = [Role::Kick, Role::Snare, Role::ClosedHat];
    let said = Said { kind: Some(Kind::Played), family: Some(Family::Rock), ..Said::default() };
    let condition = said.condition(false);
    let mut bar = RhythmBar::new(&nets().rhythm, &roles, u16::MAX, false, &condition);
    bar.show(0, u16::MAX, 0x0101);
    bar.show(2, u16::MAX, 0x5555);
    bar.hide(1, u16::MAX);
    let mut odds = [[0.0; CELLS]; MAX_LANES];
    bar.log_odds(&mut odds);
    assert!(odds[1][4] > 1.0 && odds[1][12] > 1.0 && odds[1][1] < -1.0 && odds[1][8] < 0.0, "{:?}", odds[1]);
    let hits = [0x0101, 0x5b5a | 0x1010, 0x5555, 0, 0, 0, 0, 0];
    let bar = FeelBar::new(&nets().feel, &roles, &hits, &condition);
    let level = |cell: usize| bar.belief(1, cell).mean.midi_velocity();
    assert!(level(4) > level(3) + 15.0 && level(12) > level(9) + 15.0, "{} {}", level(4), level(3));
}

#[test]
fn a_bar_is_likelier_than_its_hits_put_anywhere() {
    let mut rng = Rng::new(Seed(2));
    let roles = [Role::Kick, Role::Snare, Role::ClosedHat];
    let condition = Said::default().condition(false);
    let mut ahead = 0;
    for _ in 0..20 {
        let rate = |hits: [u16; 3], rng: &mut Rng| {
            let mut bar = RhythmBar::new(&nets().rhythm, &roles, u16::MAX, false, &condition);
            for (lane, hits) in hits.into_iter().enumerate() {
                bar.show(lane, u16::MAX, hits);
            }
            bar.likelihood(8, rng)
        };
        let real = rate([0x0141, 0x1010, 0x5555], &mut rng);
        let turned = [rng.below(15) + 1, rng.below(15) + 1].map(|by| by as u32);
        let other =
            rate([0x0141u16.rotate_left(turned[0]), 0x1810u16.rotate_left(turned[1]), 0x5145], &mut rng);
        ahead += usize::from(real > other);
    }
    assert!(ahead >= 17, "{ahead}");
}

#[test]
fn played_hits_are_the_written_ones_and_the_dial_leads_from_one_to_the_other() {
    for (bars, steps_per_bar) in [(1, 16), (2, 12), (4, 16), (1, 24), (1, 15)] {
        let grid = Grid { bars, steps_per_bar, ..Grid::default() };
        let written = beat(grid);
        assert_eq!(play(&written, &human(0.0, 1)), written);
        assert_eq!(play(&written, &human(f32::NAN, 1)), written);
        let played = play(&written, &human(1.0, 1));
        assert_eq!(play(&written, &human(1.0, 1)), played);
        for (now, was) in played.lanes().iter().zip(written.lanes()) {
            assert_eq!(now.mask(), was.mask(), "{grid:?}");
        }
        if bars == 1 && steps_per_bar == 16 {
            let offsets: Vec<i32> = played
                .lanes()
                .iter()
                .flat_map(|lane| lane.iter())
                .map(|(_, hit)| hit.offset.into())
                .collect();
            let mean = offsets.iter().sum::<i32>() as f32 / offsets.len() as f32;
            assert!(mean.abs() < 1.5 && offsets.iter().any(|offset| *offset != 0), "{mean} {offsets:?}");
        }
        // A little of it is near what is written.
        let near = play(&written, &human(0.02, 1));
        for (now, was) in near.lanes().iter().zip(written.lanes()) {
            for (step, hit) in now.iter() {
                assert!((i32::from(hit.velocity) - i32::from(was.hits[step].velocity)).abs() <= 9, "{hit:?}");
            }
        }
    }
}

#[test]
fn swung_loops_keep_their_own_swing() {
    let mut written = beat(Grid::default());
    let mut lane = Lane::empty(Role::ClosedHat, SampleId(2));
    lane.hits[..16].fill(Hit::new(80));
    written.lanes_mut()[2] = lane;
    written.swing = Swing::from_percent(58.0);
    for seed in 0..20 {
        let played = play(&written, &human(1.0, seed));
        let (mut sums, mut counts) = ([0.0f32; 2], [0.0f32; 2]);
        for (step, hit) in played.lanes().iter().flat_map(|lane| lane.iter()) {
            sums[step % 2] += f32::from(hit.offset);
            counts[step % 2] += 1.0;
        }
        let swing = sums[1] / counts[1] - sums[0] / counts[0];
        assert!(swing.abs() < 3.0, "{swing}");
    }
}

#[test]
fn hits_that_the_person_set_and_lanes_left_out_stay() {
    let written = beat(Grid::default());
    let mut how = human(1.0, 4);
    how.written = 0b1;
    how.kept[2] = 0b101;
    let played = play(&written, &how);
    assert_eq!(played.lanes()[0], written.lanes()[0]);
    assert_eq!(played.lanes()[2].hits[..3], written.lanes()[2].hits[..3]);
    assert_ne!(played.lanes()[2].hits[4], written.lanes()[2].hits[4]);
}

#[test]
fn one_feel_hardly_changes_where_one_hit_is_added() {
    let written = beat(Grid::default());
    let mut more = written;
    more.lanes_mut()[0].hits[10] = Hit::PLAIN;
    let (a, b) = (play(&written, &human(1.0, 9)), play(&more, &human(1.0, 9)));
    let other = play(&written, &human(1.0, 10));
    let far = |x: &Loop, y: &Loop| -> i32 {
        let lanes = x.lanes().iter().zip(y.lanes());
        let hits =
            lanes.flat_map(|(x, y)| x.iter().map(|(step, hit)| (hit, y.hits[step])).collect::<Vec<_>>());
        hits.map(|(x, y)| (i32::from(x.velocity) - i32::from(y.velocity)).abs()).sum()
    };
    assert!(2 * far(&a, &b) < far(&a, &other), "{} {}", far(&a, &b), far(&a, &other));
}
