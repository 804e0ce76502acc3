//! The factory sounds, synthesised: named kits of drums in different directions, without a sample file.
//!
//! Builder and worker threads. The same names give the same sounds, bit for bit, on any number of
//! threads. Must never read a clock or a file. `docs/sounds.md` describes the models and their sources.

mod clap;
mod dsp;
mod finish;
mod fx;
mod kick;
mod metal;
mod percussion;
mod snare;
mod styles;
mod tom;

use super::analysis::Analysis;
use super::load::{Channels, content_id};
use super::{Audio, Kit, Origin, Role, Sample, Source, cache};
use crate::rng::Rng;
use crate::units::{SampleRate, Seed};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use styles::{STYLES, Style};

/// A way to synthesise a sound: parameters are drawn from the generator, within the style's direction.
type Model = fn(&mut Rng, &Style) -> Vec<f32>;

/// The seed of every factory sound. Changing it changes all of them: never do.
const SEED: Seed = Seed(0x0808_0909);

/// The name of all kits together.
pub const EVERYTHING: &str = "Factory";

/// The kits' names, in the order in which they are shown.
#[must_use]
pub fn kits() -> &'static [&'static str] {
    static NAMES: std::sync::OnceLock<Vec<&'static str>> = std::sync::OnceLock::new();
    NAMES.get_or_init(|| STYLES.iter().map(|style| style.name).collect())
}

/// All factory sounds as one kit; `progress(done, total)` may be called from any thread.
#[must_use]
pub fn kit(progress: &(dyn Fn(usize, usize) + Sync)) -> Kit {
    let plans: Vec<Plan> = STYLES.iter().flat_map(Plan::all_of).collect();
    Kit::new(EVERYTHING, build(&plans, &AtomicBool::new(false), progress))
}

/// All factory sounds, or those of one kit by its name, unless `cancel` is set meanwhile: it is looked
/// at between any two sounds. `None` when cancelled, and for a name that is not in [`kits`].
#[must_use]
pub fn kit_until(
    name: Option<&str>,
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Option<Kit> {
    let wanted = |style: &&Style| name.is_none_or(|name| style.name == name);
    let plans: Vec<Plan> = STYLES.iter().filter(wanted).flat_map(Plan::all_of).collect();
    let made = build(&plans, cancel, progress);
    let whole = !plans.is_empty() && made.len() == plans.len();
    whole.then(|| Kit::new(name.unwrap_or(EVERYTHING), made))
}

/// One factory kit by its name; `None` for a name that is not in [`kits`].
#[must_use]
pub fn kit_named(name: &str, progress: &(dyn Fn(usize, usize) + Sync)) -> Option<Kit> {
    let style = STYLES.iter().find(|style| style.name == name)?;
    let plans: Vec<Plan> = Plan::all_of(style).collect();
    Some(Kit::new(style.name, build(&plans, &AtomicBool::new(false), progress)))
}

/// What is needed to make one sound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    style: &'static Style,
    role: Role,
    /// From 0 within kit and role.
    number: usize,
}

impl Plan {
    fn all_of(style: &'static Style) -> impl Iterator<Item = Self> {
        Role::ALL
            .into_iter()
            .flat_map(move |role| (0..style.count(role)).map(move |number| Self { style, role, number }))
    }

    /// The permanent name, from which the identity is made.
    fn path(&self) -> String {
        format!("factory/{}/{}/{:02}", self.style.slug, self.role.key(), self.number + 1)
    }

    pub(super) fn synthesise(&self) -> Audio {
        let mut rng = Rng::stream(SEED, &self.path(), 0);
        let model = self.style.model(self.role, self.number);
        let raw = model(&mut rng, self.style);
        let [left, right] = finish::finish(raw, self.role, self.style, &mut rng);
        Audio {
            rate: SampleRate::new(f64::from(dsp::RATE)),
            left,
            right: (!right.is_empty()).then_some(right),
        }
    }

    fn sample(&self) -> Sample {
        let path = self.path();
        let name = format!("{} {:02} {}", self.role.label(), self.number + 1, self.style.name);
        let origin = Origin::Factory { kit: self.style.name.into() };
        let (id, audio) = (content_id(path.as_bytes()), Arc::new(self.synthesise()));
        let analysis = Arc::new(Analysis::of(&audio));
        cache::shared().put(id, Channels::Keep, &audio);
        Sample { id, name, role: self.role, origin, analysis, source: Source::Factory(*self) }
    }
}

/// Makes the sounds on as many threads as the machine has, at most four; they all end before it returns.
fn build(plans: &[Plan], cancel: &AtomicBool, progress: &(dyn Fn(usize, usize) + Sync)) -> Vec<Arc<Sample>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let made: Mutex<Vec<Option<Arc<Sample>>>> = Mutex::new(plans.iter().map(|_| None).collect());
    progress(0, plans.len());
    let work = || {
        while let Some((index, plan)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let plan = plans.get(index).filter(|_| !cancel.load(Ordering::Relaxed));
            plan.map(|plan| (index, plan))
        } {
            let sample = Arc::new(plan.sample());
            made.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(sample);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, plans.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    made.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}

/// Sounds of a role far beyond those of the kits, to train the classifier of roles on: every model of every
/// kit, `each` times, bent at random in tuning, length, brightness, drive and colour.
#[must_use]
pub fn beyond(role: Role, each: usize) -> Vec<Audio> {
    use styles::Colour;
    const COLOURS: [Colour; 6] =
        [Colour::Clean, Colour::Sampler, Colour::Warm, Colour::Broken, Colour::Tape, Colour::Crisp];
    let mut out = Vec::new();
    for (at, style) in STYLES.iter().enumerate() {
        let mut models = style.models[role.index()].to_vec();
        models.dedup();
        for (number, model) in models.into_iter().enumerate() {
            let name = format!("beyond/{at}/{}/{number}", role.key());
            for round in 0..each {
                let mut rng = Rng::stream(SEED, &name, round as u64);
                let bent = Style {
                    tune: style.tune + rng.range(-6.0, 6.0),
                    length: style.length * rng.range(-1.3, 1.3).exp2(),
                    brightness: style.brightness * rng.range(0.6, 1.5),
                    push: style.push + rng.range(-0.3, 0.5),
                    colour: COLOURS[rng.below(COLOURS.len())],
                    ..style.clone()
                };
                let raw = model(&mut rng, &bent);
                let [left, right] = finish::finish(raw, role, &bent, &mut rng);
                let rate = SampleRate::new(f64::from(dsp::RATE));
                out.push(Audio { rate, left, right: (!right.is_empty()).then_some(right) });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
