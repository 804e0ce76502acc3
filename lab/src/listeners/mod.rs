//! Simulated listeners, whom learners meet in a study.
//!
//! Study and test threads; never in the plugin. Each listener is a taste (likeness to grooves, rules,
//! sounds, combinations, drifts), calibrated so that 8 to 20 % of random loops please, with up to 10 %
//! of the answers wrong. Listeners judge what is audible ([`hearing`]) and share nothing with the
//! learner: neither features, nor templates, nor soft memberships. They are still nobody's ears; a
//! learner looks better on listeners by its own makers than on others, so results are told by family
//! and nothing may be tuned on [`Split::HeldOut`].

pub mod grooves;
pub mod hearing;
mod roster;
pub mod rules;
pub mod taste;
pub mod trial;

use deepdrummer_core::features::Directions;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, Role, SampleId, Swing};
use deepdrummer_core::propose::{Mode, Onsets, Request, Steering};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use hearing::{Ear, Heard, Thresholds};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use taste::{Taste, mean_sd};

/// Reference loops that a taste is calibrated on.
const REFERENCE_LOOPS: usize = 1500;
/// A loop with fewer noticed hits a bar than this pleases nobody.
const FEWEST_HITS: f32 = 2.5;
/// Two loops whose scores differ by less, in widths of the decision, are the same to a listener.
const LEAST_DIFFERENCE: f32 = 0.25;

/// What kind of taste a listener has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Likeness to a genre's rhythm.
    Genre,
    /// Where hits may be.
    Metric,
    /// Which sounds.
    Timbre,
    /// How long sounds ring and how hard they are hit; swing.
    Dynamics,
    /// How many hits, and how layers share them.
    Texture,
    /// A rhythm and a sound; either alone does not please.
    Both,
    /// Weighted mixtures and either-or.
    Mixture,
    /// Tastes that change while ratings are given.
    Drift,
}

impl Family {
    /// All families, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Genre,
        Self::Metric,
        Self::Timbre,
        Self::Dynamics,
        Self::Texture,
        Self::Both,
        Self::Mixture,
        Self::Drift,
    ];

    /// The word of names and reports.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Genre => "genre",
            Self::Metric => "metric",
            Self::Timbre => "timbre",
            Self::Dynamics => "dynamics",
            Self::Texture => "texture",
            Self::Both => "both",
            Self::Mixture => "mixture",
            Self::Drift => "drift",
        }
    }
}

/// Whether a listener may be looked at while a learner is being improved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// May be used to choose settings.
    Tuning,
    /// For the final figures only.
    HeldOut,
    /// The learner's settings were chosen on these, see [`trial`]: they tell nothing of it.
    Trial,
}

/// What loops look like in a study: which lanes there are and what may sound in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The roles of the lanes.
    pub lanes: Vec<Role>,
    /// Whether any lane may take any sample.
    pub any_sample: bool,
    /// Bars, steps a bar, meter.
    pub grid: Grid,
    /// The dial of adventure, as [`Steering::adventure`].
    pub adventure: f32,
    /// What listeners are said to make.
    #[serde(default, skip_serializing_if = "Directions::is_none")]
    pub directions: Directions,
    /// The dial of following, as [`Steering::follow`], and the notes that are followed.
    #[serde(skip)]
    pub follow: (f32, Onsets),
}

impl Setting {
    /// The default lanes for a count, one bar of sixteen steps.
    #[must_use]
    pub fn lanes(count: usize) -> Self {
        Self {
            lanes: Role::default_lanes(count).to_vec(),
            any_sample: false,
            grid: Grid::default(),
            adventure: Steering::default().adventure,
            directions: Directions::NONE,
            follow: (0.0, Onsets::NONE),
        }
    }

    /// A request for such loops, under the default steering otherwise.
    #[must_use]
    pub fn request<'a>(&'a self, mode: Mode, avoid: &'a [Loop]) -> Request<'a> {
        Request {
            mode,
            lanes: &self.lanes,
            any_sample: self.any_sample,
            steering: Steering {
                grid: self.grid,
                adventure: self.adventure,
                directions: self.directions,
                follow: self.follow.0,
                onsets: self.follow.1,
                ..Steering::default()
            },
            locks: None,
            avoid,
        }
    }

    /// A loop without any musical prior: cells independent at one of several densities, samples of
    /// the role (or any), half of the loops with random velocities, a third with swing.
    #[must_use]
    pub fn random_loop(&self, kit: &Kit, rng: &mut Rng) -> Loop {
        let even = rng.chance(0.5);
        let plain = rng.chance(0.5);
        let swing =
            if rng.chance(0.33) { Swing::from_percent(rng.range(50.0, 68.0)) } else { Swing::STRAIGHT };
        let mut lanes = Vec::with_capacity(self.lanes.len());
        for &role in &self.lanes {
            let mut lane = Lane::empty(role, self.random_sample(kit, role, rng));
            let density = if even { 0.5 } else { rng.range(0.02, 0.75) };
            for hit in &mut lane.hits[..self.grid.steps()] {
                if rng.chance(density) {
                    *hit = if plain { Hit::PLAIN } else { Hit::new(30 + rng.below(98) as u8) };
                }
            }
            lanes.push(lane);
        }
        Loop::new(self.grid, swing, &lanes)
    }

    fn random_sample(&self, kit: &Kit, role: Role, rng: &mut Rng) -> SampleId {
        let of_role = kit.of_role(role);
        let at = match of_role.is_empty() || self.any_sample {
            true => rng.below(kit.samples().len()),
            false => of_role[rng.below(of_role.len())] as usize,
        };
        kit.samples().get(at).map_or(SampleId::NONE, |sample| sample.id)
    }
}

/// A taste with the threshold at which it turns into liking.
#[derive(Clone, Debug)]
struct Calibrated {
    taste: Taste,
    threshold: f32,
    width: f32,
}

impl Calibrated {
    /// Finds the threshold at which `base` of the reference loops please. `width` is the softness of
    /// the decision in standard deviations of the score.
    fn new(taste: Taste, base: f32, width: f32, reference: &[Heard]) -> Self {
        let scores: Vec<f32> = reference.iter().map(|h| taste.score(h, 0)).collect();
        let (mean, sd) = mean_sd(&scores);
        let width = width * sd + 1e-5;
        let (mut low, mut high) = (mean - 6.0 * sd - 1e-3, mean + 6.0 * sd + 1e-3);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let pleased = scores.iter().map(|s| sigmoid((s - middle) / width)).sum::<f32>();
            if pleased / scores.len().max(1) as f32 > base { low = middle } else { high = middle }
        }
        Self { taste, threshold: 0.5 * (low + high), width }
    }

    fn p(&self, heard: &Heard, rating: usize) -> f32 {
        sigmoid((self.taste.score(heard, rating) - self.threshold) / self.width)
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x.clamp(-30.0, 30.0)).exp())
}

/// A simulated listener.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Permanent name, `family/member`.
    pub name: String,
    /// What kind of taste.
    pub family: Family,
    /// Whether settings may be chosen on this listener.
    pub split: Split,
    /// Part of the answers that are wrong, 0 to 0.1.
    pub noise: f32,
    /// Share of random loops that please, without wrong answers, 0.08 to 0.2.
    pub base: f32,
    mind: Mind,
}

/// How a listener hears and judges.
#[derive(Clone, Debug)]
enum Mind {
    Study(Box<StudyMind>),
    Trial(trial::TrialMind),
}

/// A taste as the study's listeners have one, and what of it concerns the rhythm and the sounds alone.
#[derive(Clone, Debug)]
struct StudyMind {
    ear: Arc<Ear>,
    lines: Thresholds,
    noise: f32,
    whole: Calibrated,
    rhythm: Option<Calibrated>,
    sound: Option<Calibrated>,
}

impl StudyMind {
    fn hear(&self, l: &Loop) -> Heard {
        Heard::new(l, &self.ear, &self.lines)
    }

    fn p_true(&self, heard: &Heard, rating: usize) -> f32 {
        if heard.hits_per_bar() < FEWEST_HITS { 0.0 } else { self.whole.p(heard, rating) }
    }

    fn wrong(&self, p: f32) -> f32 {
        wrong(p, self.noise)
    }
}

/// A probability after some wrong answers.
fn wrong(p: f32, noise: f32) -> f32 {
    noise + (1.0 - 2.0 * noise) * p
}

/// The listener's answers to the questions of one rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Whether the whole loop pleases.
    pub like: bool,
    /// Whether its rhythm alone does; `None` where the listener does not care about rhythm.
    pub rhythm: Option<bool>,
    /// Whether its sounds alone do; `None` where the listener does not care about sounds.
    pub sound: Option<bool>,
}

impl Listener {
    /// The probability of "like" at the n-th rating (counting from 0; it matters to those who drift),
    /// wrong answers included.
    #[must_use]
    pub fn p_like(&self, l: &Loop, rating: usize) -> f32 {
        match &self.mind {
            Mind::Study(mind) => mind.wrong(mind.p_true(&mind.hear(l), rating)),
            Mind::Trial(mind) => mind.p_like(l, rating),
        }
    }

    /// The same listener with this share of wrong answers, 0 to ½. Those of the trial stay as they are.
    #[must_use]
    pub fn with_noise(mut self, noise: f32) -> Self {
        if let Mind::Study(mind) = &mut self.mind {
            (self.noise, mind.noise) = (noise, noise);
        }
        self
    }

    /// The best probability of "like" that any loop can have.
    #[must_use]
    pub fn ceiling(&self) -> f32 {
        1.0 - self.noise
    }

    /// Answers like or dislike.
    #[must_use]
    pub fn rate(&self, l: &Loop, rating: usize, rng: &mut Rng) -> bool {
        rng.chance(self.p_like(l, rating))
    }

    /// Answers all three questions: the loop, its rhythm alone, its sounds alone.
    #[must_use]
    pub fn answer(&self, l: &Loop, rating: usize, rng: &mut Rng) -> Answer {
        let mind = match &self.mind {
            Mind::Study(mind) => mind,
            Mind::Trial(_) => return Answer { like: self.rate(l, rating, rng), rhythm: None, sound: None },
        };
        let heard = mind.hear(l);
        let like = rng.chance(mind.wrong(mind.p_true(&heard, rating)));
        let mut part =
            |of: &Option<Calibrated>| of.as_ref().map(|c| rng.chance(mind.wrong(c.p(&heard, rating))));
        Answer { like, rhythm: part(&mind.rhythm), sound: part(&mind.sound) }
    }

    /// Whether `a` pleases more than `b`, drawn like an answer (Bradley and Terry 1952, with as many
    /// wrong answers); `None` where the listener hears no difference that matters.
    #[must_use]
    pub fn prefers(&self, a: &Loop, b: &Loop, rating: usize, rng: &mut Rng) -> Option<bool> {
        let ahead = match &self.mind {
            Mind::Study(mind) => {
                let score = |l: &Loop| mind.whole.taste.score(&mind.hear(l), rating);
                (score(a) - score(b)) / mind.whole.width
            }
            Mind::Trial(mind) => (mind.score(a, rating) - mind.score(b, rating)) / mind.width,
        };
        (ahead.abs() > LEAST_DIFFERENCE).then(|| rng.chance(wrong(sigmoid(ahead), self.noise)))
    }
}

/// Simulated listeners for one kit.
#[derive(Debug)]
pub struct Panel {
    listeners: Vec<Listener>,
}

impl Panel {
    /// Seats everyone but those of the trial: listens to the kit, then calibrates each listener on random
    /// loops of the setting. Some hundred milliseconds.
    #[must_use]
    pub fn new(kit: &Kit, setting: &Setting, seed: Seed) -> Self {
        let ear = Arc::new(Ear::new(kit));
        let mut rng = Rng::stream(seed, "reference loops", 0);
        let loops: Vec<Loop> = (0..REFERENCE_LOOPS).map(|_| setting.random_loop(kit, &mut rng)).collect();
        let listeners = roster::entries().iter().map(|entry| seat(entry, &ear, &loops, seed)).collect();
        Self { listeners }
    }

    /// Seats the listeners of the [`trial`] too, behind the others.
    #[must_use]
    pub fn with_trial(mut self, kit: &Arc<Kit>, setting: &Setting, seed: Seed) -> Self {
        let seated = trial::seat(kit, &setting.lanes, seed, &[]);
        self.listeners.extend(seated.into_iter().map(|(listener, _)| listener));
        self
    }

    /// Everyone, in an order that never changes.
    #[must_use]
    pub fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// The listener of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Listener> {
        self.listeners.iter().find(|l| l.name == name)
    }

    /// Those whose name is given or who are of a given family, `tuning` or `held_out`, both for `all`; in panel
    /// order. Those of the trial come by their names or all for `trial`, whatever else is asked for.
    #[must_use]
    pub fn select(&self, names: &str) -> Vec<&Listener> {
        let wanted: Vec<&str> = names.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
        let hit = |l: &Listener| {
            wanted.iter().any(|w| match *w {
                name if l.split == Split::Trial => name == "trial" || name == l.name,
                "all" => true,
                "tuning" => l.split == Split::Tuning,
                "held_out" => l.split == Split::HeldOut,
                _ => l.name == *w || l.family.key() == *w,
            })
        };
        self.listeners.iter().filter(|l| hit(l)).collect()
    }
}

fn seat(entry: &roster::Entry, ear: &Arc<Ear>, loops: &[Loop], seed: Seed) -> Listener {
    let mut rng = Rng::stream(seed, &entry.name, 0);
    let lines = Thresholds {
        low_share: rng.range(0.28, 0.42),
        bright_oct: rng.range(11.6, 12.2),
        audible: rng.range(0.1, 0.22),
    };
    let (base, noise, width) = (rng.range(0.08, 0.2), rng.range(0.0, 0.1), rng.range(0.15, 0.35));
    let reference: Vec<Heard> = loops.iter().map(|l| Heard::new(l, ear, &lines)).collect();
    let mut maker = roster::Maker { ear, lines, reference: &reference, rng };
    let parts = entry.parts(&mut maker);
    let calibrate = |taste, base| Calibrated::new(taste, base, width, &reference);
    Listener {
        name: entry.name.clone(),
        family: entry.family,
        split: entry.split,
        noise,
        base,
        mind: Mind::Study(Box::new(StudyMind {
            ear: Arc::clone(ear),
            lines,
            noise,
            whole: calibrate(parts.whole, base),
            // A part alone pleases more often than the whole.
            rhythm: parts.rhythm.map(|t| calibrate(t, 0.25)),
            sound: parts.sound.map(|t| calibrate(t, 0.25)),
        })),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use deepdrummer_core::kit::{Audio, Origin, Sample};
    use deepdrummer_core::units::SampleRate;

    /// Decaying tones and noises: `(role, centre frequency, decay)` for each sound.
    pub(crate) fn kit_of(sounds: &[(Role, f32, f32)]) -> Kit {
        let samples = sounds.iter().enumerate().map(|(at, &(role, hz, decay_s))| {
            let mut rng = Rng::stream(Seed(at as u64), "test sound", 0);
            let mut phase = 0.0f32;
            let left = (0..13_230)
                .map(|n| {
                    let t = n as f32 / 44_100.0;
                    // A tone whose frequency trembles: a band of noise around `hz`.
                    phase += std::f32::consts::TAU * hz * (1.0 + 0.25 * rng.normal()) / 44_100.0;
                    0.5 * phase.sin() * (-t / decay_s).exp()
                })
                .collect();
            let audio = Audio { rate: SampleRate::CD, left, right: None };
            let id = SampleId(at as u64 + 1);
            Arc::new(Sample::decoded(id, format!("{} {at}", role.label()), role, Origin::Embedded, audio))
        });
        Kit::new("test", samples)
    }

    pub(crate) fn kit_of_three() -> Kit {
        kit_of(&[(Role::Kick, 60.0, 0.08), (Role::Snare, 900.0, 0.05), (Role::ClosedHat, 7000.0, 0.02)])
    }

    /// A few sounds of each role, dark to bright and short to long.
    pub(crate) fn small_kit() -> Kit {
        let mut sounds = Vec::new();
        for k in 0..6 {
            let x = k as f32 / 5.0;
            sounds.push((Role::Kick, 45.0 + 50.0 * x, 0.03 + 0.1 * (1.0 - x)));
            sounds.push((Role::Snare, 500.0 + 1400.0 * x, 0.02 + 0.05 * x));
            sounds.push((Role::ClosedHat, 6500.0 + 5000.0 * x, 0.01 + 0.02 * x));
            sounds.push((Role::Percussion, 300.0 + 4000.0 * x, 0.02 + 0.1 * x));
        }
        kit_of(&sounds)
    }

    /// A loop of the first kick, snare and hat of a kit in groove notation (`X`, `x`, `g`, `.`).
    pub(crate) fn loop_of(kit: &Kit, rows: [&str; 3]) -> Loop {
        let roles = [Role::Kick, Role::Snare, Role::ClosedHat];
        let lanes: Vec<Lane> = roles
            .iter()
            .zip(rows)
            .map(|(&role, row)| {
                let mut lane = Lane::empty(role, kit.samples()[kit.of_role(role)[0] as usize].id);
                for (hit, cell) in lane.hits.iter_mut().zip(row.bytes()) {
                    *hit = Hit::new((grooves::level(cell) * 127.0) as u8);
                }
                lane
            })
            .collect();
        Loop::new(Grid::default(), Swing::STRAIGHT, &lanes)
    }

    #[test]
    fn at_least_sixty_listeners_sit_in_every_family_and_both_splits() {
        let panel = Panel::new(&small_kit(), &Setting::lanes(4), Seed(1));
        assert!(panel.listeners().len() >= 60, "{}", panel.listeners().len());
        for family in Family::ALL {
            assert!(panel.select(family.key()).len() >= 4, "{family:?}");
        }
        let tuning = panel.select("tuning").len();
        let held_out = panel.select("held_out").len();
        assert_eq!(tuning + held_out, panel.select("all").len());
        assert!(held_out >= 35, "{held_out}");
    }

    #[test]
    fn the_trial_is_met_only_by_those_who_ask_for_it() {
        let (kit, setting) = (Arc::new(small_kit()), Setting::lanes(4));
        let panel = Panel::new(&kit, &setting, Seed(1));
        let (all, genre) = (panel.select("all").len(), panel.select("genre").len());
        let panel = panel.with_trial(&kit, &setting, Seed(1));
        assert_eq!((panel.select("all").len(), panel.select("genre").len()), (all, genre));
        assert_eq!(panel.select("trial").len(), panel.listeners().len() - all);
        assert_eq!(panel.select("trial/dnb, genre/house").len(), 2);
    }

    #[test]
    fn every_listener_likes_eight_to_twenty_per_cent_of_random_loops() {
        let (kit, setting) = (small_kit(), Setting::lanes(4));
        let panel = Panel::new(&kit, &setting, Seed(3));
        let mut rng = Rng::new(Seed(99));
        let loops: Vec<Loop> = (0..800).map(|_| setting.random_loop(&kit, &mut rng)).collect();
        for listener in panel.listeners() {
            let measured = loops.iter().map(|l| listener.p_like(l, 0)).sum::<f32>() / 800.0;
            let expected = listener.noise + (1.0 - 2.0 * listener.noise) * listener.base;
            assert!((measured - expected).abs() < 0.045, "{} {measured} {expected}", listener.name);
            assert!((0.08..=0.2).contains(&listener.base) && (0.0..=0.1).contains(&listener.noise));
        }
    }

    #[test]
    fn silence_pleases_nobody() {
        let kit = small_kit();
        let panel = Panel::new(&kit, &Setting::lanes(4), Seed(3));
        let silence = loop_of(&kit, ["", "", ""]);
        for listener in panel.listeners() {
            assert_eq!(listener.p_like(&silence, 0), listener.noise, "{}", listener.name);
        }
    }

    #[test]
    fn a_genre_listener_likes_its_own_groove_in_fitting_sounds() {
        let kit = kit_of_three();
        let setting = Setting { lanes: vec![Role::Kick, Role::Snare, Role::ClosedHat], ..Setting::lanes(4) };
        let panel = Panel::new(&kit, &setting, Seed(5));
        for style in &grooves::STYLES {
            let listener = panel.get(&format!("genre/{}", style.name)).unwrap();
            let p = listener.p_like(&loop_of(&kit, style.variants[0]), 0);
            assert!(p > 0.85 * listener.ceiling(), "{} {p}", style.name);
        }
    }

    #[test]
    fn drifting_listeners_end_elsewhere() {
        let kit = kit_of_three();
        let setting = Setting { lanes: vec![Role::Kick, Role::Snare, Role::ClosedHat], ..Setting::lanes(4) };
        let panel = Panel::new(&kit, &setting, Seed(5));
        let listener = panel.get("drift/electro_to_funk").unwrap();
        let of = |name: &str| {
            let style = grooves::STYLES.iter().find(|s| s.name == name).unwrap();
            loop_of(&kit, style.variants[0])
        };
        assert!(listener.p_like(&of("electro"), 0) > 0.8);
        assert!(listener.p_like(&of("funk"), 80) > 0.8);
        assert!(listener.p_like(&of("electro"), 80) < listener.p_like(&of("electro"), 0));
    }

    #[test]
    fn the_same_seed_seats_the_same_panel() {
        let (kit, setting) = (small_kit(), Setting::lanes(4));
        let (a, b) = (Panel::new(&kit, &setting, Seed(8)), Panel::new(&kit, &setting, Seed(8)));
        let mut rng = Rng::new(Seed(2));
        for _ in 0..20 {
            let l = setting.random_loop(&kit, &mut rng);
            for (x, y) in a.listeners().iter().zip(b.listeners()) {
                assert_eq!(x.p_like(&l, 7), y.p_like(&l, 7));
            }
        }
    }
}
