//! Comparisons whose outcome is known beforehand.

use super::*;
use crate::listeners::tests::small_kit;
use deepdrummer_core::pattern::{Hit, Role};
use deepdrummer_core::propose::{Attribution, Learner, Prediction, Proposal, Request, Statement};
use deepdrummer_core::taste::Log;

/// Plays four on the floor with off-beat hats, or what is random.
struct Known {
    kit: Arc<Kit>,
    rng: Rng,
    plays_house: bool,
}

impl Learner for Known {
    fn observe(&mut self, _log: &Log) {}
    fn propose(&mut self, _request: &Request<'_>) -> Proposal {
        let mut pattern = Setting::lanes(4).random_loop(&self.kit, &mut self.rng);
        if self.plays_house {
            for lane in pattern.lanes_mut() {
                let row = match lane.role {
                    Role::Kick => 0x1111,
                    Role::Snare => 0x1010,
                    Role::ClosedHat => 0x4444,
                    _ => 0,
                };
                for (step, hit) in lane.hits[..16].iter_mut().enumerate() {
                    *hit = if row >> step & 1 == 1 { Hit::PLAIN } else { Hit::NONE };
                }
            }
        }
        Proposal { pattern, prediction: Prediction::default() }
    }
    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        (0..n).map(|_| self.propose(request)).collect()
    }
    fn predict(&mut self, _pattern: &Loop) -> Prediction {
        Prediction::default()
    }
    fn attribute(&mut self, _pattern: &Loop) -> Attribution {
        Attribution::none(0, 0.5)
    }
    fn statements(&mut self, _most: usize) -> Vec<Statement> {
        Vec::new()
    }
    fn work(&mut self) -> bool {
        false
    }
}

/// House twice (one hat more), a break beat, and a shuffle in triplets.
const GROOVES: &str = r#"
[[style]]
name = "House1"
swing = [50, 50]
kick = ["x...x...x...x..."]
snare = ["....x.......x..."]
closed_hat = ["..x...x...x...x."]

[[style]]
name = "House2"
swing = [50, 50]
kick = ["x...x...x...x..."]
snare = ["....x.......x..."]
closed_hat = ["..x...x...x...xx"]

[[style]]
name = "Break"
swing = [50, 50]
kick = ["x.x.......xx...."]
snare = ["....x..x.x..x..."]
closed_hat = ["x.x.x.x.x.x.x.x."]

[[style]]
name = "Shuffle"
swing = [50, 50]
kick = ["x.....x....."]
"#;

fn settings(loops: usize) -> Settings {
    Settings { loops, seed: Seed(1), setting: Setting::lanes(4) }
}

fn report(grooves: &str, plays_house: bool) -> Result<Report, GroovesError> {
    let kit = Arc::new(small_kit());
    let make =
        |_, kit, seed| -> Box<dyn Learner> { Box::new(Known { kit, rng: Rng::new(seed), plays_house }) };
    compare(&Styles::parse(grooves).unwrap(), &settings(60), &kit, &make, &mut |_, _| {})
}

#[test]
fn a_learner_that_plays_a_published_groove_is_near_it_and_covers_its_variant() {
    let report = report(GROOVES, true).unwrap();
    assert_eq!((report.published.count, report.left_out), (3, 1));
    let [sampled, opening, shuffled, random] = &report.sets[..] else { panic!("{:?}", report.sets) };
    assert_eq!((sampled.count, opening.count, random.count), (60, 12, 60));
    assert_eq!(sampled.nearest, Quartiles::default());
    assert_eq!((sampled.variety, sampled.density), (0.0, [4.0, 2.0, 4.0, 0.0]));
    // Ten hits: one on the one, five on other beats, four between.
    assert!(sampled.metric.iter().zip([0.1, 0.5, 0.4, 0.0]).all(|(a, b)| (a - b).abs() < 1e-5));
    // The grooves' own neighbours are 1 of 11 away; only the groove that is played is nearer than that.
    assert!((report.published.nearest.median - 1.0 / 11.0).abs() < 1e-6);
    assert!((sampled.coverage - 1.0 / 3.0).abs() < 1e-6);
    // Without its own variants each groove is as lonely as the break.
    assert!(report.apart.median > 0.5);
    assert!(random.nearest.median > 0.4 && shuffled.nearest.median > 0.4);
    assert!(random.variety > 0.4);
}

#[test]
fn a_learner_without_a_prior_is_as_far_as_random_loops() {
    let report = report(GROOVES, false).unwrap();
    let [sampled, _, _, random] = &report.sets[..] else { panic!("{:?}", report.sets) };
    assert!((sampled.nearest.median - random.nearest.median).abs() < 0.07);
    assert!((sampled.variety - random.variety).abs() < 0.05);
}

#[test]
fn quartiles_lie_between_neighbours() {
    let found = Quartiles::of(&[4.0, 1.0, 3.0, 2.0]);
    assert_eq!(found, Quartiles { low: 1.75, median: 2.5, high: 3.25 });
    assert_eq!(Quartiles::of(&[]), Quartiles::default());
}

#[test]
fn one_groove_is_too_few_and_borrowed_rows_are_named() {
    let one = GROOVES.split("\n\n").next().unwrap();
    assert!(matches!(report(one, true), Err(GroovesError::TooFew(1))));
    let lent = GROOVES.replacen("closed_hat", "open_hat", 1);
    let error = report(&lent, true).unwrap_err().to_string();
    assert!(error.contains("House1") && error.contains("open hat"), "{error}");
}

#[test]
fn table_and_picture_show_every_set() {
    let report = report(GROOVES, true).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grooves.svg");
    plot(&report, &path).unwrap();
    let (text, svg) = (table(&report), std::fs::read_to_string(path).unwrap());
    for set in report.sets.iter().chain([&report.published]) {
        assert!(text.contains(&set.name) && svg.contains(&set.name), "{}\n{text}", set.name);
    }
}
