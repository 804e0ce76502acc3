//! What the host's parameters tell the worker, and where a new session's seed comes from.
//!
//! Worker and host main threads; never audio.

use crate::params::DrumParams;
use deepdrummer_core::runtime::HostControls;
use deepdrummer_core::session::Controls;
use deepdrummer_core::units::Seed;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, OnceLock, Weak};

/// Reads the parameters. Weak, since the parameters hold the runtime that holds this.
#[derive(Default)]
pub struct ParamControls {
    params: OnceLock<Weak<DrumParams>>,
}

impl ParamControls {
    /// Sets whose parameters are read; the first call counts.
    pub fn follow(&self, params: &Arc<DrumParams>) {
        let _ = self.params.set(Arc::downgrade(params));
    }
}

impl HostControls for ParamControls {
    fn controls(&self) -> Option<Controls> {
        self.params.get().and_then(Weak::upgrade).map(|params| params.controls())
    }
}

/// A seed for a session that is new. It is saved with the session, so that everything that follows
/// from it can be repeated.
#[must_use]
pub fn new_seed() -> Seed {
    // RandomState is seeded by the operating system once a thread and differs with every call.
    Seed(RandomState::new().build_hasher().finish())
}
