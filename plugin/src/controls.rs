//! What the host's parameters tell the worker, and where a new session's seed comes from.
//!
//! Worker and host main threads; never audio.

use crate::params::DrumParams;
use deepdrummer_core::engine::Enter;
use deepdrummer_core::propose::Steering;
use deepdrummer_core::runtime::Controls;
use deepdrummer_core::units::Seed;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, OnceLock, Weak};

/// Reads the parameters. Weak, since the parameters hold the runtime that holds this.
#[derive(Default)]
pub struct HostControls {
    params: OnceLock<Weak<DrumParams>>,
}

impl HostControls {
    /// Sets whose parameters are read; the first call counts.
    pub fn follow(&self, params: &Arc<DrumParams>) {
        let _ = self.params.set(Arc::downgrade(params));
    }

    fn params(&self) -> Option<Arc<DrumParams>> {
        self.params.get().and_then(Weak::upgrade)
    }
}

impl Controls for HostControls {
    fn steering(&self) -> Option<Steering> {
        self.params().map(|params| params.steering())
    }

    fn enter(&self) -> Option<Enter> {
        self.params().map(|params| params.enter())
    }

    fn audition(&self) -> Option<bool> {
        self.params().map(|params| params.audition.value())
    }
}

/// A seed for a session that is new. It is saved with the session, so that everything that follows
/// from it can be repeated.
#[must_use]
pub fn new_seed() -> Seed {
    // RandomState is seeded by the operating system once a thread and differs with every call.
    Seed(RandomState::new().build_hasher().finish())
}
