//! Makes sounds ready for the engine: a loop's samples brought to the engine's rate and tuned, each once.
//!
//! Worker thread, and threads that it waits for.

use crate::engine::{MixState, PreparedSound};
use crate::kit::{Sample, SampleId};
use crate::pattern::{Loop, MAX_LANES};
use crate::session::Session;
use crate::units::SampleRate;
use std::collections::HashMap;
use std::sync::Arc;

/// Prepared frames that are kept for later plans, in bytes: some 300 one-shots at 48 kHz.
const MOST_BYTES: usize = 64 << 20;
/// Threads that make sounds at once.
const MOST_THREADS: usize = 4;

/// Sounds at one rate, by sample and tuning.
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
        let mut wanted: [Option<(Key, Arc<Sample>)>; MAX_LANES] = Default::default();
        for (at, (slot, lane)) in wanted.iter_mut().zip(pattern.lanes()).enumerate() {
            let tune = session.lanes().get(at).map_or(0.0, |lane| lane.mix.tune_semitones);
            *slot = session.sounding(lane).map(|sample| (key(sample.id, tune), sample));
        }
        let mut missing: Vec<&(Key, Arc<Sample>)> = Vec::new();
        for lane in wanted.iter().flatten() {
            if !self.sounds.contains_key(&lane.0) && !missing.iter().any(|there| there.0 == lane.0) {
                missing.push(lane);
            }
        }
        let mut failed: HashMap<Key, String> = HashMap::new();
        for ((key, _), made) in missing.iter().zip(make(&missing, rate)) {
            match made {
                Ok(sound) => self.keep(*key, sound),
                Err(reason) => drop(failed.insert(*key, reason)),
            }
        }
        let mut silent = Vec::new();
        let sounds = wanted.each_ref().map(|lane| {
            let (key, _) = lane.as_ref()?;
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

    fn keep(&mut self, key: Key, sound: PreparedSound) {
        self.bytes += bytes(&sound);
        self.sounds.insert(key, (Arc::new(sound), self.clock));
    }

    /// Lets the oldest sounds go.
    fn make_room(&mut self) {
        while self.bytes > MOST_BYTES && self.sounds.len() > 1 {
            let oldest = self.sounds.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            let Some((gone, _)) = oldest.and_then(|key| self.sounds.remove(&key)) else { break };
            self.bytes -= bytes(&gone);
        }
    }
}

/// A sample, and its tuning in hundredths of a semitone.
type Key = (SampleId, i32);

fn key(id: SampleId, tune_semitones: f32) -> Key {
    (id, (tune_semitones * 100.0).round() as i32)
}

/// Decodes or synthesises sounds and brings them to a rate, in their order.
fn make(missing: &[&(Key, Arc<Sample>)], rate: SampleRate) -> Vec<Result<PreparedSound, String>> {
    let one = |(key, sample): &(Key, Arc<Sample>)| -> Result<PreparedSound, String> {
        let audio = sample.audio().map_err(|error| error.to_string())?;
        Ok(PreparedSound::prepare(&audio, rate, key.1 as f32 / 100.0))
    };
    let all = |part: &[&(Key, Arc<Sample>)]| part.iter().map(|lane| one(lane)).collect::<Vec<_>>();
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

fn bytes(sound: &PreparedSound) -> usize {
    sound.frames() * 2 * size_of::<f32>()
}

/// The mixer as the session has it; output level, limiter and bypass are the host's.
#[must_use]
pub fn mix(session: &Session) -> MixState {
    let roles = session.roles();
    let mut mix = MixState::of(&roles);
    for (to, from) in mix.lanes.iter_mut().zip(session.lanes()) {
        *to = from.mix;
    }
    mix.keys = session.export_settings().note_map.keys(&roles);
    mix.rating_keys = session.settings().rating_keys;
    mix.learns_key = session.learns_key();
    mix.muted = session.is_muted_after_drag();
    mix
}
