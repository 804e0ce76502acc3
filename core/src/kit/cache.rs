//! Decoded sounds, shared over all instances in the process and bounded in memory.
//!
//! Worker, builder and loader threads. Takes a lock for a moment, never while it decodes: must never be
//! called from the audio thread.

use super::load::Channels;
use super::{Audio, KitError, SampleId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Bytes of audio that are kept although nobody uses them just now: as much as all factory sounds, once they
/// were all heard, and about as much again. What is in use is shared beyond that, as its users hold it anyway.
pub(crate) const BUDGET_BYTES: usize = 96 << 20;

/// The process's cache.
pub fn shared() -> &'static Cache {
    static SHARED: std::sync::OnceLock<Cache> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Cache::new(BUDGET_BYTES))
}

/// A least-recently-used cache of sounds by identity and channel choice.
#[derive(Debug)]
pub struct Cache {
    budget: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<(SampleId, bool), Entry>,
    kept_bytes: usize,
    /// Counts uses; the entry with the smallest value is the oldest.
    now: u64,
}

#[derive(Debug)]
struct Entry {
    audio: Weak<Audio>,
    /// Keeps the sound although nobody uses it.
    kept: Option<Arc<Audio>>,
    bytes: usize,
    used: u64,
}

impl Cache {
    /// An empty cache that keeps at most so many bytes of unused audio.
    #[must_use]
    pub fn new(budget_bytes: usize) -> Self {
        Self { budget: budget_bytes, state: Mutex::default() }
    }

    /// The cached sound, or the one that is made now. Two threads that miss at once may both make it; the
    /// first one stays.
    ///
    /// # Errors
    /// Those of `make`; nothing is cached then.
    pub(crate) fn get_or(
        &self,
        id: SampleId,
        channels: Channels,
        make: impl FnOnce() -> Result<Audio, KitError>,
    ) -> Result<Arc<Audio>, KitError> {
        if let Some(audio) = self.get(id, channels) {
            return Ok(audio);
        }
        let audio = Arc::new(make()?);
        Ok(self.put(id, channels, &audio))
    }

    /// The cached sound.
    #[must_use]
    pub fn get(&self, id: SampleId, channels: Channels) -> Option<Arc<Audio>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now += 1;
        let now = state.now;
        let entry = state.entries.get_mut(&(id, channels == Channels::Mono))?;
        entry.used = now;
        entry.audio.upgrade()
    }

    /// Puts a sound in; gives the one that is there already if there is one.
    pub fn put(&self, id: SampleId, channels: Channels, audio: &Arc<Audio>) -> Arc<Audio> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (id, channels == Channels::Mono);
        if let Some(there) = state.entries.get(&key).and_then(|entry| entry.audio.upgrade()) {
            return there;
        }
        state.now += 1;
        let bytes = bytes_of(audio);
        let entry = Entry {
            audio: Arc::downgrade(audio),
            kept: (bytes <= self.budget).then(|| audio.clone()),
            bytes,
            used: state.now,
        };
        if entry.kept.is_some() {
            state.kept_bytes += bytes;
        }
        if let Some(old) = state.entries.insert(key, entry)
            && old.kept.is_some()
        {
            state.kept_bytes -= old.bytes;
        }
        if state.kept_bytes > self.budget {
            state.make_room(self.budget / 8 * 7);
        }
        audio.clone()
    }

    /// Sounds that are in memory.
    #[must_use]
    pub fn sounds(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.entries.values().filter(|entry| entry.audio.strong_count() > 0).count()
    }

    /// Bytes of audio that the cache itself keeps alive.
    #[cfg(test)]
    fn kept_bytes(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).kept_bytes
    }
}

impl State {
    /// Lets the oldest sounds go until so many bytes are kept, and forgets what nobody uses any more.
    /// Going below the budget by a share makes this rare, so sorting is cheap on the whole.
    fn make_room(&mut self, bytes: usize) {
        let mut order: Vec<(u64, (SampleId, bool))> =
            self.entries.iter().filter(|(_, e)| e.kept.is_some()).map(|(key, e)| (e.used, *key)).collect();
        order.sort_unstable();
        for (_, key) in order {
            if self.kept_bytes <= bytes {
                break;
            }
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.kept = None;
                self.kept_bytes -= entry.bytes;
            }
        }
        self.entries.retain(|_, entry| entry.audio.strong_count() > 0);
    }
}

fn bytes_of(audio: &Audio) -> usize {
    (audio.left.len() + audio.right.as_ref().map_or(0, Vec::len)) * size_of::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SampleRate;

    fn sound(frames: usize) -> Audio {
        Audio { rate: SampleRate::STUDIO, left: vec![0.5; frames], right: None }
    }

    #[test]
    fn memory_stays_within_the_budget_and_the_oldest_sound_goes_first() {
        let cache = Cache::new(4_000 * 10);
        for id in 0..25 {
            cache.get_or(SampleId(id), Channels::Keep, || Ok(sound(1_000))).unwrap();
            // The first sound is used all the time.
            assert!(cache.get(SampleId(0), Channels::Keep).is_some());
            assert!(cache.kept_bytes() <= 4_000 * 10);
        }
        assert!(cache.get(SampleId(24), Channels::Keep).is_some());
        assert!(cache.get(SampleId(1), Channels::Keep).is_none());
    }

    #[test]
    fn a_sound_in_use_is_shared_even_beyond_the_budget() {
        let cache = Cache::new(10);
        let first = cache.get_or(SampleId(1), Channels::Keep, || Ok(sound(1_000))).unwrap();
        let second = cache.get_or(SampleId(1), Channels::Keep, || panic!("made twice")).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        drop((first, second));
        assert!(cache.get(SampleId(1), Channels::Keep).is_none());
    }

    #[test]
    fn what_could_not_be_made_is_not_cached() {
        let cache = Cache::new(1 << 20);
        let error = cache.get_or(SampleId(1), Channels::Keep, || Err(KitError::Cancelled { what: "this" }));
        assert!(error.is_err());
        assert!(cache.get_or(SampleId(1), Channels::Keep, || Ok(sound(1))).is_ok());
    }
}
