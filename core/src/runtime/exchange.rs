//! What host threads and the worker exchange beside commands: the text that a host saves and loads, and how
//! far the worker has come. Never touched by audio.
//!
//! The locks are held for an exchange of pointers. `loom/` compiles this file a second time, on primitives
//! that try every order of steps.

use super::sync::{ArcSwap, Condvar, Mutex};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// The text of one instance.
pub(super) struct Saved {
    /// What a host saves. Changed under the lock of `loaded` only, read without one.
    text: ArcSwap<String>,
    loaded: Mutex<Loaded>,
}

#[derive(Default)]
struct Loaded {
    /// A text that a host loaded and the worker has not taken yet.
    waiting: Option<Arc<String>>,
    /// Texts that hosts have loaded so far.
    loads: u64,
}

impl Saved {
    pub(super) fn new(text: String) -> Self {
        Self { text: ArcSwap::new(Arc::new(text)), loaded: Mutex::new(Loaded::default()) }
    }

    /// What a host saves.
    pub(super) fn text(&self) -> Arc<String> {
        self.text.load_full()
    }

    /// A host loads a text, which is what it saves from now on. Says which load this is.
    pub(super) fn load(&self, text: String) -> u64 {
        let text = Arc::new(text);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        self.text.store(Arc::clone(&text));
        loaded.waiting = Some(text);
        loaded.loads += 1;
        loaded.loads
    }

    /// Whether a text waits to be taken.
    pub(super) fn waits(&self) -> bool {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).waiting.is_some()
    }

    /// The worker takes the text that waits. With it comes the number of the load that it is: once it is
    /// carried through, so are all before it.
    pub(super) fn take(&self) -> (u64, Option<Arc<String>>) {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        (loaded.loads, loaded.waiting.take())
    }

    /// The worker saves its document, unless a text that it has not taken yet is newer.
    pub(super) fn publish(&self, text: String) {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.waiting.is_none() {
            self.text.store(Arc::new(text));
        }
    }
}

/// What the worker has carried through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    /// The newest load whose loop the engine was sent.
    pub(super) load: u64,
    /// The newest attachment that has its first plan.
    pub(super) attachment: u64,
    /// The view has the settings that are remembered on this machine.
    pub(super) settings: bool,
}

/// How far the worker has come, for those who wait for it.
pub(super) struct Progress {
    reached: Mutex<Reached>,
    changed: Condvar,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { reached: Mutex::new(Reached::default()), changed: Condvar::new() }
    }

    /// The worker has come further.
    pub(super) fn change(&self, change: impl FnOnce(&mut Reached)) {
        change(&mut self.reached.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until something is reached; false on time-out.
    pub(super) fn wait(&self, at_most: Duration, done: impl Fn(&Reached) -> bool) -> bool {
        let until = Instant::now() + at_most;
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        while !done(&reached) {
            let Some(left) = until.checked_duration_since(Instant::now()) else { return false };
            let waited = self.changed.wait_timeout(reached, left);
            reached = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
