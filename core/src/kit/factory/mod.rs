//! The factory sounds, synthesised: named kits of drums in different directions, without a sample file.
//!
//! Builder and worker threads. The same names give the same sounds, bit for bit, on any number of
//! threads. Must never read a clock or a file. A sound is made when it is asked for; what is measured of it
//! ships as a table, which also makes it the same on every processor. `docs/sounds.md` describes the models
//! and their sources.

mod clap;
mod draws;
mod dsp;
mod finish;
mod fx;
mod kick;
mod measured;
mod metal;
mod percussion;
mod snare;
mod style;
mod styles;
mod tom;

use super::analysis::Analysis;
use super::load::content_id;
use super::{Audio, AudioFrom, Kit, Origin, Role, Sample, SampleId};
use crate::units::{SampleRate, Seed};
use draws::Rng;
use std::sync::Arc;
use style::KitStyle;
use styles::STYLES;

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

/// All factory sounds as one kit. No sound is made yet: what is measured of each ships with the program.
#[must_use]
pub fn kit() -> Kit {
    Kit::new(EVERYTHING, samples(STYLES))
}

/// One factory kit by its name; `None` for a name that is not in [`kits`].
#[must_use]
pub fn kit_named(name: &str) -> Option<Kit> {
    let at = STYLES.iter().position(|style| style.name == name)?;
    Some(Kit::new(name, samples(&STYLES[at..=at])))
}

fn samples(styles: &'static [KitStyle]) -> Vec<Arc<Sample>> {
    let mut shipped = measured::shipped();
    let sample = |recipe: Recipe| Arc::new(recipe.sample(|id| shipped.remove(&id)));
    styles.iter().flat_map(Recipe::all_of).map(sample).collect()
}

/// Makes and measures every factory sound: the table that ships (`deepdrummer measure`).
#[must_use]
pub fn measure() -> Vec<u8> {
    let measured = |recipe: Recipe| (recipe.id(), Analysis::of(&recipe.synthesise()));
    measured::write(STYLES.iter().flat_map(Recipe::all_of).map(measured))
}

/// What is needed to make one sound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    style: &'static KitStyle,
    role: Role,
    /// From 0 within kit and role.
    number: usize,
    /// 0 is the sound itself.
    take: u8,
}

impl Recipe {
    fn all_of(style: &'static KitStyle) -> impl Iterator<Item = Self> {
        Role::ALL.into_iter().flat_map(move |role| {
            (0..style.count(role)).map(move |number| Self { style, role, number, take: 0 })
        })
    }

    /// The permanent name, from which the identity is made.
    fn path(&self) -> String {
        format!("factory/{}/{}/{:02}", self.style.slug, self.role.key(), self.number + 1)
    }

    pub(super) fn synthesise(&self) -> Audio {
        let mut rng = Rng::take(SEED, &self.path(), self.take);
        let model = self.style.model(self.role, self.number);
        let raw = model(&mut rng, self.style);
        let [left, right] = finish::finish(raw, self.role, self.style, &mut rng);
        Audio {
            rate: SampleRate::new(f64::from(dsp::RATE)),
            left,
            right: (!right.is_empty()).then_some(right),
        }
    }

    fn id(&self) -> SampleId {
        match self.take {
            0 => content_id(self.path().as_bytes()),
            take => content_id(format!("{}/take/{}", self.path(), take + 1).as_bytes()),
        }
    }

    /// Another take of a sound, with what was measured of the sound.
    pub(super) fn take_of(self, take: u8, sound: &Sample) -> Sample {
        let recipe = Self { take, ..self };
        Sample {
            id: recipe.id(),
            name: format!("{}, take {}", sound.name, take + 1),
            role: sound.role,
            origin: sound.origin.clone(),
            analysis: Arc::clone(&sound.analysis),
            source: AudioFrom::Factory(recipe),
        }
    }

    /// The sample, with what `shipped` knows of it, or else measured now: a sound that the table does not
    /// have yet.
    fn sample(self, shipped: impl FnOnce(SampleId) -> Option<Analysis>) -> Sample {
        let name = format!("{} {:02} {}", self.role.label(), self.number + 1, self.style.name);
        let origin = Origin::Factory { kit: self.style.name.into() };
        let id = self.id();
        let analysis = Arc::new(shipped(id).unwrap_or_else(|| Analysis::of(&self.synthesise())));
        Sample { id, name, role: self.role, origin, analysis, source: AudioFrom::Factory(self) }
    }
}

/// Sounds of a role far beyond those of the kits, to train the classifier of roles on: every model of every
/// kit, `each` times, bent at random in tuning, length, brightness, drive and colour.
#[must_use]
pub fn beyond(role: Role, each: usize) -> Vec<Audio> {
    use style::Colour;
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
                let bent = KitStyle {
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
