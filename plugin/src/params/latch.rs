//! Presses of momentary parameters: told by whatever thread sets the parameter, taken by the audio thread,
//! and forgotten where a loaded state made them.
//!
//! Atomics alone, since the audio thread may not wait. `loom/` compiles this file a second time, on atomics
//! that try every order of steps.

use super::sync::{AtomicBool, AtomicUsize, Ordering};

/// Whether something was pressed since this was last asked.
#[derive(Debug, Default)]
pub(super) struct Latch(AtomicBool);

impl Latch {
    pub(super) fn press(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Takes the press, if there was one. While a state is being loaded it waits: it may come from that.
    pub(super) fn take(&self, loads: &Loads) -> bool {
        // Looked at first: a swap costs more, and there are twenty of these in every block. Who sees a press
        // of a state also sees that it is being loaded, or that what it pressed was forgotten.
        self.0.load(Ordering::Acquire) && loads.none() && self.0.swap(false, Ordering::AcqRel)
    }

    /// Forgets a press.
    pub(super) fn release(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// States that are being put into parameters just now.
#[derive(Debug)]
pub(super) struct Loads(pub(super) AtomicUsize);

impl Loads {
    /// A state is going to be put into parameters.
    pub(super) fn begin(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// The state is in the parameters, and what it pressed is forgotten.
    pub(super) fn end(&self) {
        // A load of this library's own making is always announced; a test may set a field by itself.
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |loads| loads.checked_sub(1));
    }

    fn none(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }
}
