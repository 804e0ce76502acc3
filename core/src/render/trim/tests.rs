use super::super::{Tail, Take};
use super::*;
use crate::dsp::loudness::true_peak;
use crate::engine::{LaneShape, Leveling, Making, MixState, Place};
use crate::kit::{Kit, factory};
use crate::pattern::{Grid, Hit, Lane, Swing};
use crate::rng::Rng;
use crate::units::{Decibels, Seed};

const RATE: SampleRate = SampleRate::STUDIO;

type Sounds = [Option<Arc<PreparedSound>>; MAX_LANES];

/// A loop of a kit's sounds, as sparse or dense as it comes.
fn any_loop(kit: &Kit, rng: &mut Rng) -> (Loop, Sounds) {
    let grid = Grid { bars: 1 + rng.below(2) as u8, ..Grid::default() };
    let mut sounds: Sounds = Default::default();
    let density = rng.range(0.1, 0.6);
    let lanes: Vec<Lane> = Role::default_lanes(6)
        .iter()
        .enumerate()
        .map(|(at, &role)| {
            let sample = &kit.samples()[*rng.pick(kit.of_role(role)).unwrap() as usize];
            let making = Making {
                width: Place::of(role).width,
                shape: LaneShape::NEW,
                turn: at as u8,
                ..Making::plain(0.0)
            };
            sounds[at] = Some(Arc::new(making.make(&[sample.audio().unwrap()], RATE)));
            let mut lane = Lane::empty(role, sample.id);
            for step in 0..grid.steps() {
                if rng.chance(density) || (role == Role::Kick && step % 8 == 0) {
                    lane.hits[step] = Hit { velocity: 30 + rng.below(97) as u8, offset: 0, ..Hit::NONE };
                }
            }
            lane
        })
        .collect();
    (Loop::new(grid, Swing::STRAIGHT, &lanes), sounds)
}

fn levelled(pattern: &Loop, sounds: &Sounds, bpm: Bpm) -> Levels {
    let settings = Leveling { levelled: true, shapes: [LaneShape::NEW; MAX_LANES] };
    let levels = Levels::of(pattern, sounds, &settings);
    levels.with_trim(trim_of(pattern, sounds, &levels, RATE, bpm))
}

#[test]
fn loops_come_out_at_one_loudness_with_peaks_below_full_scale_and_safe_in_mono() {
    let mut rng = Rng::new(Seed(11));
    let (mut heard, mut sides) = (Vec::new(), Vec::new());
    let mut peaks = Vec::new();
    for turn in 0..24 {
        let kit = factory::kit_named(factory::kits()[turn % factory::kits().len()]).unwrap();
        let (pattern, sounds) = any_loop(&kit, &mut rng);
        let bpm = Bpm::new(f64::from(rng.range(80.0, 170.0)));
        let levels = levelled(&pattern, &sounds, bpm);
        let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
        let mix = MixState { bus: BusSettings::GENTLE, ..MixState::of(&roles) };
        let take = Take {
            pattern: &pattern,
            sounds: &sounds,
            levels,
            mix,
            rate: RATE,
            bpm,
            bars: None,
            tail: Tail::Wrap,
        };
        let out = take.mix();
        let loudness = integrated(&out.left, &out.right, RATE.hz(), true);
        let peak = 20.0 * true_peak(&out.left, &out.right).log10();
        let of = |f: fn(f64, f64) -> f64| -> f64 {
            out.left.iter().zip(&out.right).map(|(&l, &r)| f(f64::from(l), f64::from(r))).sum()
        };
        let (middle, side) = (of(|l, r| (l + r).powi(2)), of(|l, r| (l - r).powi(2)));
        let correlation = of(|l, r| l * r) / (of(|l, _| l * l) * of(|_, r| r * r)).sqrt();
        // A mono sum at half level of what both sides have.
        let lost = 10.0 * (of(|l, r| l * l + r * r) / (0.5 * middle)).log10();
        println!(
            "{turn:2} {loudness:6.2} LUFS {peak:5.2} dBTP side {:5.1} dB mono {lost:4.2} corr {correlation:4.2} trim {:5.1}",
            10.0 * (side / middle).log10(),
            db_of_gain(levels.trim)
        );
        peaks.push(peak);
        assert!(correlation > 0.0 && lost < 1.5, "loop {turn}: {correlation}, {lost} dB");
        heard.push(loudness);
        sides.push(10.0 * (side / middle).log10());
    }
    assert!(peaks.iter().all(|peak| *peak <= -1.0), "{peaks:?}");
    let mut jumps: Vec<f32> = heard.windows(2).map(|pair| (pair[0] - pair[1]).abs()).collect();
    jumps.sort_by(f32::total_cmp);
    let large = jumps.iter().filter(|jump| **jump > 1.5).count();
    assert!(large <= jumps.len() / 20, "{jumps:?}");
    assert!(heard.iter().all(|loudness| (loudness - TARGET_LUFS).abs() < 2.0), "{heard:?}");
    sides.sort_by(f64::total_cmp);
    assert!((-22.0..-9.0).contains(&sides[sides.len() / 2]), "{sides:?}");
}

#[test]
fn lanes_lie_where_their_roles_do_however_loud_their_sounds_are() {
    let mut rng = Rng::new(Seed(4));
    let kit = factory::kit_named("Analog Club").unwrap();
    let (mut pattern, mut sounds) = any_loop(&kit, &mut rng);
    for lane in pattern.lanes_mut() {
        lane.hits[0] = Hit { velocity: 127, offset: 0, ..Hit::NONE };
    }
    for (at, sound) in sounds.iter_mut().enumerate() {
        // Sounds of files have any level.
        let level = Decibels(-18.0 + 5.0 * at as f32).gain();
        *sound = sound.take().map(|sound| {
            let scaled = |channel: &[f32]| channel.iter().map(|x| x * level).collect::<Vec<f32>>();
            let audio = crate::kit::Audio {
                rate: RATE,
                left: scaled(sound.left()),
                right: Some(scaled(sound.right())),
            };
            Arc::new(Making::plain(0.0).make(&[audio], RATE))
        });
    }
    let levels =
        Levels::of(&pattern, &sounds, &Leveling { levelled: true, shapes: [LaneShape::NEW; MAX_LANES] });
    let stems = Take {
        pattern: &pattern,
        sounds: &sounds,
        levels,
        mix: MixState::of(Role::default_lanes(6)),
        rate: RATE,
        bpm: Bpm::DEFAULT,
        bars: None,
        tail: Tail::Wrap,
    }
    .stems();
    let heard: Vec<f32> =
        stems.iter().map(|stem| integrated(&stem.left, &stem.right, RATE.hz(), true)).collect();
    for (at, lane) in pattern.lanes().iter().enumerate() {
        let below = heard[0] - heard[at];
        assert!((below - Place::of(lane.role).below_kick).abs() < 1.5, "{:?}: {below}", lane.role);
    }
}

#[test]
fn silence_is_left_as_it_is() {
    let pattern =
        Loop::new(Grid::default(), Swing::STRAIGHT, &[Lane::empty(Role::Kick, crate::kit::SampleId(1))]);
    assert_eq!(trim_of(&pattern, &Default::default(), &Levels::NONE, RATE, Bpm::DEFAULT), Trim::default());
}
