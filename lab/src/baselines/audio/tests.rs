//! The audio critic's rules: it learns from renders, hears recordings, repeats itself.

use super::*;
use crate::listeners::Setting;
use crate::listeners::tests::small_kit;
use deepdrummer_core::pattern::{LoopId, MAX_STEPS, Role};
use deepdrummer_core::propose::Steering;
use deepdrummer_core::taste::{Judgement, Source, Verdict};
use deepdrummer_core::units::SampleRate;

const LANES: [Role; 2] = [Role::Kick, Role::ClosedHat];

fn toy(kit: &Kit, hats: bool, rng: &mut Rng) -> Loop {
    let setting = Setting { lanes: LANES.to_vec(), ..Setting::lanes(4) };
    let mut l = setting.random_loop(kit, rng);
    l.lanes_mut()[usize::from(!hats)].hits = [Hit::NONE; MAX_STEPS];
    l.lanes_mut()[usize::from(hats)].hits[0] = Hit::PLAIN;
    l
}

/// Likes loops of hats alone, dislikes loops of kicks alone; `flip` turns labels at random.
fn log(kit: &Kit, n: u64, mut flip: impl FnMut() -> bool) -> Log {
    let mut rng = Rng::new(Seed(6));
    let mut log = Log::default();
    for serial in 0..n {
        let like = serial % 2 == 0;
        log.push(Judgement {
            serial,
            id: LoopId(serial),
            subject: toy(kit, like, &mut rng),
            verdict: Verdict::of(like ^ flip()),
            over: None,
            source: Source::Rated,
            weight: 1.0,
            predicted: None,
        });
    }
    log
}

fn mean_p(critic: &mut AudioCritic, kit: &Kit, hats: bool) -> f32 {
    let mut rng = Rng::new(Seed(41));
    let loops: Vec<Loop> = (0..12).map(|_| toy(kit, hats, &mut rng)).collect();
    critic.judge(&loops).iter().sum::<f32>() / 12.0
}

#[test]
fn it_learns_a_separable_taste_and_hears_it_in_recordings() {
    let kit = Arc::new(small_kit());
    let mut critic = AudioCritic::new(Arc::clone(&kit), Seed(1));
    critic.observe(&log(&kit, 12, || false));
    let (liked, disliked) = (mean_p(&mut critic, &kit, true), mean_p(&mut critic, &kit, false));
    assert!(liked > 0.65 && disliked < 0.35, "{liked} {disliked}");

    // A foreign recording of hats, at another rate and without any grid.
    let mut rng = Rng::new(Seed(8));
    let rate = SampleRate::STUDIO;
    let recording = |hz: f32, decay_s: f32, rng: &mut Rng| {
        let mut phase = 0.0f32;
        let left = (0..96_000)
            .map(|n| {
                let t = (n as f32 / 48_000.0) % 0.21;
                phase += std::f32::consts::TAU * hz * (1.0 + 0.25 * rng.normal()) / 48_000.0;
                0.5 * phase.sin() * (-t / decay_s).exp()
            })
            .collect();
        Audio { rate, left, right: None }
    };
    let hats = critic.score_audio(&recording(8000.0, 0.02, &mut rng)).p_like;
    let kicks = critic.score_audio(&recording(60.0, 0.08, &mut rng)).p_like;
    assert!(hats > kicks + 0.2, "{hats} {kicks}");
}

#[test]
fn shuffled_labels_teach_nothing_about_other_loops() {
    let kit = Arc::new(small_kit());
    let mut gap = 0.0;
    for seed in 0..6 {
        let mut rng = Rng::new(Seed(seed));
        let mut critic = AudioCritic::new(Arc::clone(&kit), Seed(seed));
        critic.observe(&log(&kit, 16, || rng.chance(0.5)));
        gap += (mean_p(&mut critic, &kit, true) - mean_p(&mut critic, &kit, false)) / 6.0;
    }
    assert!(gap.abs() < 0.3, "{gap}");
}

#[test]
fn nothing_rated_means_nothing_claimed() {
    let kit = Arc::new(small_kit());
    let mut critic = AudioCritic::new(Arc::clone(&kit), Seed(1));
    let p = mean_p(&mut critic, &kit, true);
    assert!((p - 0.25).abs() < 0.3, "{p}");
}

#[test]
fn the_same_log_and_seed_give_the_same_proposals_however_the_work_is_cut() {
    let kit = Arc::new(small_kit());
    let request = Request {
        mode: Mode::Ask,
        lanes: &LANES,
        any_sample: false,
        steering: Steering::default(),
        locks: None,
        avoid: &[],
    };
    let run = |worked: usize| {
        let mut learner = AudioLearner::new(Arc::clone(&kit), Seed(9));
        learner.observe(&log(&kit, 6, || false));
        for _ in 0..worked {
            learner.work();
        }
        learner.propose(&request)
    };
    assert_eq!(run(0), run(5));
}
