//! Sounds: one-shot samples, where they come from, and kits that the generator draws from.
//!
//! Worker, builder and loader threads. Never the audio thread: this layer reads files and allocates.

pub mod analysis;
pub mod cache;
pub mod embed;
pub mod factory;
pub mod load;
pub mod loudness;
pub mod roles;
pub mod scan;
mod scan_cache;
mod similar;
pub(crate) mod sketch;
pub mod takes;
pub mod wav;

pub use crate::pattern::{Role, SampleId};
use crate::units::SampleRate;
use analysis::{Analysis, DESCRIPTORS};
use load::Channels;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// A decoded one-shot at its own sample rate, mono or stereo, finite values around −1 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// Frames a second.
    pub rate: SampleRate,
    /// The left channel, or the only one.
    pub left: Vec<f32>,
    /// The right channel, as long as the left, where the sound is stereo.
    pub right: Option<Vec<f32>>,
}

/// Where a sample comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Synthesised by us.
    Factory {
        /// The kit's permanent name.
        kit: Arc<str>,
    },
    /// A file of the person's.
    File {
        /// Where it was found.
        path: PathBuf,
    },
    /// Carried inside a project.
    Embedded,
}

/// One sound of a kit. Its audio is decoded or synthesised when it is asked for and shared over the
/// process; its analysis is always there.
#[derive(Debug)]
pub struct Sample {
    /// Content identity.
    pub id: SampleId,
    /// What a person reads, for example "Kick 03 deep".
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// Where it comes from.
    pub origin: Origin,
    /// Descriptors, layers and cached spectra.
    pub analysis: Arc<Analysis>,
    source: AudioFrom,
}

/// How a sample's audio is had.
#[derive(Debug)]
enum AudioFrom {
    /// It is at hand for as long as the sample lives.
    Held(Arc<Audio>),
    /// It is synthesised again.
    Factory(factory::Recipe),
    /// It is read from its file again.
    File { channels: Channels },
}

impl Sample {
    /// A sample whose audio is at hand.
    #[must_use]
    pub fn decoded(id: SampleId, name: String, role: Role, origin: Origin, audio: Audio) -> Self {
        let analysis = Arc::new(Analysis::of(&audio));
        Self { id, name, role, origin, analysis, source: AudioFrom::Held(Arc::new(audio)) }
    }

    /// A sample in a file, measured before; its audio is read when it is asked for.
    #[must_use]
    pub fn in_file(
        id: SampleId,
        name: String,
        role: Role,
        path: PathBuf,
        channels: Channels,
        analysis: Arc<Analysis>,
    ) -> Self {
        Self { id, name, role, origin: Origin::File { path }, analysis, source: AudioFrom::File { channels } }
    }

    /// The audio, decoded or synthesised now unless it is held or in the process's [`cache`]. Takes some
    /// milliseconds: never call it where somebody waits for sound.
    ///
    /// # Errors
    /// Those of [`load::load`]; [`KitError::Missing`] where the file is gone, [`KitError::Changed`] where
    /// it now holds something else.
    pub fn audio(&self) -> Result<Arc<Audio>, KitError> {
        match &self.source {
            AudioFrom::Held(audio) => Ok(audio.clone()),
            AudioFrom::Factory(recipe) => {
                cache::shared().get_or(self.id, Channels::Keep, || Ok(recipe.synthesise()))
            }
            AudioFrom::File { channels } => {
                cache::shared().get_or(self.id, *channels, || self.read(*channels))
            }
        }
    }

    /// Further takes of a factory sound; none of any other.
    fn factory_takes(&self) -> impl Iterator<Item = Self> + '_ {
        let recipe = match &self.source {
            AudioFrom::Factory(recipe) => Some(*recipe),
            _ => None,
        };
        let takes = 1..takes::MOST_TAKES as u8;
        recipe.into_iter().flat_map(move |recipe| takes.clone().map(move |take| recipe.take_of(take, self)))
    }

    fn read(&self, channels: Channels) -> Result<Audio, KitError> {
        let missing = || KitError::Missing { name: self.name.clone() };
        let Origin::File { path } = &self.origin else { return Err(missing()) };
        let loaded = match load::load(path, channels) {
            Err(KitError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(missing());
            }
            other => other?,
        };
        if loaded.id == self.id {
            Ok(loaded.audio)
        } else {
            Err(KitError::Changed { name: self.name.clone() })
        }
    }
}

/// Why a sound or a kit could not be had. `what` says what was attempted.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// The audio is not there any more.
    #[error("the sound “{name}” can't be read any more")]
    Missing {
        /// The sample's name.
        name: String,
    },
    /// The file holds another sound than when it was scanned.
    #[error("the file of the sound “{name}” has changed since it was scanned; scan its folder again")]
    Changed {
        /// The sample's name.
        name: String,
    },
    /// The operating system refused.
    #[error("{what} failed for {path}: {source}", path = path.display())]
    Io {
        /// What was attempted.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The bytes are not what they should be.
    #[error("{what} failed: the file is damaged ({reason})")]
    Malformed {
        /// What was attempted.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The contents are sound, but nothing that can be played.
    #[error("{what} failed: {reason}")]
    Unsupported {
        /// What was attempted.
        what: &'static str,
        /// Why it can't be used.
        reason: String,
    },
    /// A stated limit was passed.
    #[error("{what} failed: more than {limit}")]
    LimitReached {
        /// What was attempted.
        what: &'static str,
        /// The limit in words.
        limit: &'static str,
    },
    /// The person stopped it.
    #[error("{what} was cancelled")]
    Cancelled {
        /// What was attempted.
        what: &'static str,
    },
}

/// The sounds that the generator may choose from.
#[derive(Debug)]
pub struct Kit {
    /// What a person reads.
    pub name: String,
    samples: Vec<Arc<Sample>>,
    index: HashMap<SampleId, u32>,
    by_role: [Vec<u32>; Role::ALL.len()],
    space: OnceLock<similar::DescriptorSpace>,
    /// The order of each role in which one steps through it.
    walks: [OnceLock<Vec<u32>>; Role::ALL.len()],
    /// The [`NEIGHBOURS`] nearest of each sample, found when they are first asked for.
    neighbours: Vec<OnceLock<Box<[u32]>>>,
    /// Files that have one name but for a number, found when takes are first asked for.
    groups: OnceLock<takes::Groups>,
}

/// How many neighbours of a sample are kept.
pub(crate) const NEIGHBOURS: usize = 12;

impl Kit {
    /// A kit of samples; of two with one id the first stays.
    #[must_use]
    pub fn new(name: impl Into<String>, samples: impl IntoIterator<Item = Arc<Sample>>) -> Self {
        let mut kit = Self {
            name: name.into(),
            samples: Vec::new(),
            index: HashMap::new(),
            by_role: Default::default(),
            space: OnceLock::new(),
            walks: Default::default(),
            neighbours: Vec::new(),
            groups: OnceLock::new(),
        };
        for sample in samples {
            let at = kit.samples.len() as u32;
            if let std::collections::hash_map::Entry::Vacant(entry) = kit.index.entry(sample.id) {
                entry.insert(at);
                kit.by_role[sample.role.index()].push(at);
                kit.samples.push(sample);
                kit.neighbours.push(OnceLock::new());
            }
        }
        kit
    }

    /// All samples; an index into this slice is what the generator works with.
    #[must_use]
    pub fn samples(&self) -> &[Arc<Sample>] {
        &self.samples
    }

    /// True where both hold the same sounds from the same places, with the same names and roles.
    #[must_use]
    pub(crate) fn holds_the_same_as(&self, other: &Self) -> bool {
        let same = |(a, b): (&Arc<Sample>, &Arc<Sample>)| {
            let channels = match (&a.source, &b.source) {
                (AudioFrom::File { channels: a }, AudioFrom::File { channels: b }) => a == b,
                (AudioFrom::Factory(_), AudioFrom::Factory(_)) => true,
                _ => false,
            };
            a.id == b.id && a.role == b.role && a.origin == b.origin && a.name == b.name && channels
        };
        self.name == other.name
            && self.samples.len() == other.samples.len()
            && self.samples.iter().zip(&other.samples).all(same)
    }

    /// A sample by identity.
    #[must_use]
    pub fn get(&self, id: SampleId) -> Option<&Arc<Sample>> {
        self.index_of(id).map(|at| &self.samples[at])
    }

    /// The position of a sample.
    #[must_use]
    pub fn index_of(&self, id: SampleId) -> Option<usize> {
        self.index.get(&id).map(|&at| at as usize)
    }

    /// Positions of the samples of a role; may be empty.
    #[must_use]
    pub fn of_role(&self, role: Role) -> &[u32] {
        &self.by_role[role.index()]
    }

    /// The `n` samples of the same role that sound most like the one at `index`, nearest first, without
    /// itself; fewer where the role has fewer, none for an index that doesn't exist. The distance is
    /// Euclidean over the descriptors, each brought to zero mean and unit deviation over the kit.
    #[must_use]
    pub fn nearest(&self, index: usize, n: usize) -> Vec<u32> {
        let Some(sample) = self.samples.get(index) else { return Vec::new() };
        self.space().nearest(index, self.of_role(sample.role), n)
    }

    /// The [`NEIGHBOURS`] samples of the same role that sound most like the one at `index`, nearest first:
    /// as [`Kit::nearest`], but remembered, so that a search may ask all the time.
    #[must_use]
    pub fn neighbours(&self, index: usize) -> &[u32] {
        let Some(slot) = self.neighbours.get(index) else { return &[] };
        slot.get_or_init(|| self.nearest(index, NEIGHBOURS).into())
    }

    /// The sample beside another one of the same role in an order in which neighbours sound alike: `delta`
    /// places on, round and round. The order is a walk from each sound to the most similar one that is left.
    #[must_use]
    pub fn beside(&self, index: usize, delta: i64) -> Option<u32> {
        let role = self.samples.get(index)?.role;
        let walk = self.walks[role.index()].get_or_init(|| self.space().walk(self.of_role(role)));
        let at = walk.iter().position(|&at| at as usize == index)? as i64;
        walk.get((at + delta).rem_euclid(walk.len() as i64) as usize).copied()
    }

    /// The distance between two samples as in [`Kit::nearest`]; infinite where one doesn't exist.
    #[must_use]
    pub fn distance(&self, a: usize, b: usize) -> f32 {
        self.space().distance(a, b)
    }

    /// The sample of a role that sounds most like a sound that needn't be of this kit: what plays in place
    /// of a missing one. `None` where the role has no samples.
    #[must_use]
    pub(crate) fn most_like(&self, descriptors: &[f32; DESCRIPTORS], role: Role) -> Option<u32> {
        self.space().most_like(descriptors, self.of_role(role))
    }

    fn space(&self) -> &similar::DescriptorSpace {
        self.space
            .get_or_init(|| similar::DescriptorSpace::of(self.samples.iter().map(|sample| &*sample.analysis)))
    }
}
