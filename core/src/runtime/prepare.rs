//! Makes sounds ready for the engine: a loop's samples brought to the engine's rate, tuned and shaped, each
//! once; and the levels that they are played at.
//!
//! Worker thread, and threads that it waits for.

use crate::engine::{LaneShape, Leveling, Levels, Making, MixState, Place, PreparedSound};
use crate::kit::{Sample, SampleId};
use crate::pattern::{Loop, LoopId, MAX_LANES};
use crate::render::trim_of;
use crate::session::Session;
use crate::units::{Bpm, SampleRate};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Prepared frames that are kept for later plans, in bytes: some 20 one-shots at 48 kHz with their takes and
/// layers.
const MOST_BYTES: usize = 16 << 20;
/// Threads that make sounds at once.
const MOST_THREADS: usize = 4;

/// Sounds at one rate, by sample and by what is made of it.
#[derive(Debug, Default)]
pub struct Prepared {
    sounds: HashMap<Key, (Arc<PreparedSound>, u64)>,
    bytes: usize,
    clock: u64,
    rate: Option<SampleRate>,
}

impl Prepared {
    /// The sounds of a loop's lanes, and why lanes are silent whose sound can't be had. What has to be made
    /// is made on as many threads as the machine has, at most four; they all end before it returns.
    pub fn sounds(&mut self, session: &Session, pattern: &Loop, rate: SampleRate) -> (Sounds, Vec<String>) {
        if self.rate != Some(rate) {
            *self = Self { rate: Some(rate), ..Self::default() };
        }
        let mut wanted: [Option<Wanted>; MAX_LANES] = Default::default();
        for (at, (slot, lane)) in wanted.iter_mut().zip(pattern.lanes()).enumerate() {
            let doc = session.lanes().get(at);
            let making = Making {
                tune_semitones: doc.map_or(0.0, |doc| doc.mix.tune_semitones),
                shape: doc.map_or(LaneShape::NEUTRAL, |doc| doc.shape),
                width: if session.is_levelled() { Place::of(lane.role).width } else { 0.0 },
                turn: at as u8,
            };
            *slot = session.sounding(lane).map(|sample| Wanted {
                key: (sample.id, making.bits()),
                making,
                sample,
            });
        }
        let mut missing: Vec<Missing> = Vec::new();
        for Wanted { key, making, sample } in wanted.iter().flatten() {
            if !self.sounds.contains_key(key) && !missing.iter().any(|there| there.key == *key) {
                missing.push(Missing {
                    key: *key,
                    making: *making,
                    takes: takes_of(session, sample, making.shape.takes),
                });
            }
        }
        let mut failed: HashMap<Key, String> = HashMap::new();
        for (Missing { key, .. }, made) in missing.iter().zip(make(&missing, rate)) {
            match made {
                Ok(sound) => self.keep(*key, sound),
                Err(reason) => drop(failed.insert(*key, reason)),
            }
        }
        let mut silent = Vec::new();
        let sounds = wanted.each_ref().map(|lane| {
            let Wanted { key, .. } = lane.as_ref()?;
            silent.extend(failed.get(key).cloned());
            self.known(*key)
        });
        self.make_room();
        (sounds, silent)
    }

    fn known(&mut self, key: Key) -> Option<Arc<PreparedSound>> {
        self.clock += 1;
        let (sound, used) = self.sounds.get_mut(&key)?;
        *used = self.clock;
        Some(Arc::clone(sound))
    }

    fn keep(&mut self, key: Key, sound: Arc<PreparedSound>) {
        self.bytes += sound.bytes();
        self.sounds.insert(key, (sound, self.clock));
    }

    /// Lets the oldest sounds go.
    fn make_room(&mut self) {
        while self.bytes > MOST_BYTES && self.sounds.len() > 1 {
            let oldest = self.sounds.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            let Some((gone, _)) = oldest.and_then(|key| self.sounds.remove(&key)) else { break };
            self.bytes -= gone.bytes();
        }
    }
}

/// A sample, and what is made of it.
type Key = (SampleId, [u32; 18]);

/// A sound that a lane needs.
struct Wanted {
    key: Key,
    making: Making,
    sample: Arc<Sample>,
}

/// A sound that must be made, with the takes that are played in turn, itself first.
struct Missing {
    key: Key,
    making: Making,
    takes: Vec<Arc<Sample>>,
}

/// The takes of a sample that are played in turn, itself first.
fn takes_of(session: &Session, sample: &Arc<Sample>, most: u8) -> Vec<Arc<Sample>> {
    match session.kit() {
        Some(kit) if most > 1 => kit.takes(sample),
        _ => vec![Arc::clone(sample)],
    }
}

impl Missing {
    /// The takes that are played.
    fn takes(&self) -> impl Iterator<Item = &Arc<Sample>> {
        self.takes.iter().take(self.making.shape.takes.into())
    }

    /// The sound, made or taken from another instance that plays the very same one.
    fn sound(&self, rate: SampleRate) -> Result<Arc<PreparedSound>, String> {
        static SHARED: Mutex<Vec<(Recipe, Weak<PreparedSound>)>> = Mutex::new(Vec::new());
        let takes = self.takes().map(|take| take.id).collect();
        let recipe = Recipe { takes, making: self.making.bits(), rate: rate.hz().to_bits() };
        let shared = || SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shared().iter().find(|(of, _)| *of == recipe).and_then(|(_, sound)| sound.upgrade());
        if let Some(sound) = known {
            return Ok(sound);
        }
        let audio: Result<Vec<_>, _> = self.takes().map(|take| take.audio()).collect();
        let made = Arc::new(self.making.make(&audio.map_err(|error| error.to_string())?, rate));
        let mut shared = shared();
        shared.retain(|(_, sound)| sound.strong_count() > 0);
        shared.push((recipe, Arc::downgrade(&made)));
        Ok(made)
    }
}

/// All that a prepared sound depends on.
#[derive(PartialEq)]
struct Recipe {
    takes: Vec<SampleId>,
    making: [u32; 18],
    rate: u64,
}

/// Decodes or synthesises sounds and makes of them what is wanted, in their order.
fn make(missing: &[Missing], rate: SampleRate) -> Vec<Result<Arc<PreparedSound>, String>> {
    let one = |wanted: &Missing| wanted.sound(rate);
    let all = |part: &[Missing]| part.iter().map(one).collect::<Vec<_>>();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let mut parts = missing.chunks(missing.len().div_ceil(threads).max(1));
    let own = parts.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let begin = |part| {
            let thread = std::thread::Builder::new().name("deepdrummer-sound".to_owned());
            (part, thread.spawn_scoped(scope, move || all(part)))
        };
        let others: Vec<_> = parts.map(begin).collect();
        let mut made = all(own);
        for (part, other) in others {
            made.extend(match other {
                Ok(other) => other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // Without a thread to spare it takes longer.
                Err(_) => all(part),
            });
        }
        made
    })
}

/// The sound of each lane.
pub type Sounds = [Option<Arc<PreparedSound>>; MAX_LANES];

/// At what levels a loop is played. Its loudness is measured once, at the tempo of then, and remembered with
/// it in the session.
#[must_use]
pub fn levels(
    session: &mut Session,
    id: Option<LoopId>,
    pattern: &Loop,
    sounds: &Sounds,
    (rate, bpm): (SampleRate, Bpm),
) -> Levels {
    let mut shapes = [LaneShape::NEUTRAL; MAX_LANES];
    for (shape, lane) in shapes.iter_mut().zip(session.lanes()) {
        *shape = lane.shape;
    }
    // As it was proposed, while it has the same lanes.
    let proposed = id.and_then(|id| session.find(id)).map(|entry| &entry.proposed);
    let alike = |proposed: &&Loop| {
        let roles = |of: &Loop| of.lanes().iter().map(|lane| lane.role).collect::<Vec<_>>();
        roles(proposed) == roles(pattern)
    };
    let proposed = proposed.filter(alike).unwrap_or(pattern);
    let mut levels = Levels::of(proposed, sounds, &Leveling { levelled: session.is_levelled(), shapes });
    if session.is_levelled() {
        let known = id.and_then(|id| session.find(id)).and_then(|entry| entry.trim);
        let trim = known.unwrap_or_else(|| trim_of(pattern, sounds, &levels, rate, bpm));
        if let Some(id) = id {
            session.set_trim(id, trim);
        }
        levels = levels.with_trim(trim);
    }
    levels
}

/// Mixer and bus as the session has them; output level, limiter and bypass are the host's.
#[must_use]
pub fn mix(session: &Session) -> MixState {
    let roles = session.roles();
    let mut mix = MixState::of(&roles);
    for (to, from) in mix.lanes.iter_mut().zip(session.lanes()) {
        *to = from.mix;
    }
    mix.bus = *session.bus();
    mix.keys = session.note_map().keys(&roles);
    mix.rating_keys = session.settings().rating_keys;
    mix.learns_key = session.learns_key();
    mix.listens = session.listens();
    mix.muted = session.is_muted_after_drag();
    mix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Role;
    use crate::propose::{CriticKind, learner};
    use crate::runtime::kits::{Own, load};
    use crate::session::command::KitChoice;
    use crate::session::doc::Document;
    use crate::units::Seed;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn factory_sounds_are_played_with_their_takes() {
        let choice = KitChoice::FactoryKit("Analog Club".to_owned());
        let document = Document { kit: choice.clone(), ..Document::new(Seed(1), Role::default_lanes(4)) };
        let mut session = Session::new(document);
        let (kit, view) = load(&choice, &Own::default(), &AtomicBool::new(false), &|_, _| {}).unwrap();
        let learner = learner(CriticKind::Random, Arc::clone(&kit), Seed(1));
        let _ = session.set_kit(kit, learner, view);
        let _ = session.settle();
        let (_, pattern) = session.current().unwrap();
        let (sounds, silent) = Prepared::default().sounds(&session, &pattern, SampleRate::CD);
        assert!(silent.is_empty(), "{silent:?}");
        let takes: Vec<usize> = sounds.iter().flatten().map(|sound| sound.takes()).collect();
        assert_eq!(takes, [usize::from(LaneShape::NEW.takes); 4]);
        let (again, _) = Prepared::default().sounds(&session, &pattern, SampleRate::CD);
        let are_shared = |(a, b): (&_, &_)| Arc::ptr_eq(a, b);
        assert!(sounds.iter().flatten().zip(again.iter().flatten()).all(are_shared), "one for all instances");
        let (other, _) = Prepared::default().sounds(&session, &pattern, SampleRate::STUDIO);
        assert!(!sounds.iter().flatten().zip(other.iter().flatten()).any(are_shared), "at another rate");
    }
}
