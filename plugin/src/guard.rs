//! No panic of ours reaches a host: it would cross a border of C, where the language ends the whole process.
//!
//! Every entry through which the framework, the window system or a host calls into this crate does its work
//! inside [`run`]. Any thread, also the audio thread: while nothing panics, nothing is allocated, locked,
//! written or called but the work itself. What was done half when it panicked is the caller's to put right.
//!
//! The framework's own functions of C do not catch anything (`docs/hosts.md` says what follows from that).

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Where this crate is called from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A host asks for an instance.
    Instance,
    /// The instance makes itself.
    Create,
    /// An instance goes.
    Destroy,
    /// `Plugin::editor`.
    Editor,
    /// `Plugin::filter_state`.
    FilterState,
    /// `Plugin::activate`.
    Activate,
    /// `Plugin::reset`.
    Reset,
    /// `Plugin::process`.
    Process,
    /// `ClapPlugin::remote_controls`.
    RemoteControls,
    /// The session is put into a state that is saved.
    SaveField,
    /// A state's bytes are made such that the framework reads them.
    ReadState,
    /// The session is taken from a state that is loaded.
    LoadField,
    /// A parameter's value is put into words.
    ParamToText,
    /// Words are read as a parameter's value.
    TextToParam,
    /// A parameter tells that it changed.
    ParamChanged,
    /// `Editor::spawn`.
    Spawn,
    /// `Editor::size`.
    Size,
    /// `Editor::resize_hint`.
    ResizeHint,
    /// `EditorHandle::set_parent`.
    SetParent,
    /// `EditorHandle::show` and `hide`.
    Show,
    /// `EditorHandle::host_main_thread_callback`.
    MainThread,
    /// `EditorHandle::set_size`.
    SetSize,
    /// `EditorHandle::set_fallback_scale_factor`.
    SetScale,
    /// `EditorHandle::adjust_size`.
    AdjustSize,
    /// `EditorHandle::state_changed` and `param_value_changed`.
    Changed,
    /// The window is closed.
    CloseWindow,
    /// The window's handler is made.
    MakeHandler,
    /// The window draws.
    Draw,
    /// The window has another size.
    Resized,
    /// A key, a button, a file dropped.
    Event,
    /// The window's clock.
    Timer,
}

/// Does the work, and what is to be done instead where that panics.
pub fn run<T>(entry: Entry, otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    let done = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        provoked::here(entry);
        let _ = entry;
        work()
    }));
    // The message was written by the panic's hook when it happened.
    done.unwrap_or_else(|_| otherwise())
}

/// Panics on purpose, to see that hosts live on.
#[cfg(test)]
pub(crate) mod provoked {
    use super::Entry;
    use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

    const NONE: u8 = u8::MAX;
    static WHERE: AtomicU8 = AtomicU8::new(NONE);
    static TIMES: AtomicUsize = AtomicUsize::new(0);

    /// From now on this entry panics; `None` ends it. Returns how often it did since the last call.
    pub(crate) fn set(entry: Option<Entry>) -> usize {
        WHERE.store(entry.map_or(NONE, |entry| entry as u8), Ordering::SeqCst);
        TIMES.swap(0, Ordering::SeqCst)
    }

    /// Panics where it was asked to.
    pub(crate) fn here(entry: Entry) {
        if WHERE.load(Ordering::SeqCst) == entry as u8 {
            TIMES.fetch_add(1, Ordering::SeqCst);
            panic!("provoked in {entry:?}");
        }
    }
}

#[cfg(test)]
mod tests;
