//! Dragging files out of the window into a track.
//!
//! The window starts a drag after drawing, outside the editor's lock, and polls it; it never waits. On Linux a thread of its own with a
//! connection of its own speaks XDND ([`x11`]); Windows and macOS go through the crate `drag`.

#[cfg(any(target_os = "windows", target_os = "macos"))]
mod native;
#[cfg(target_os = "linux")]
pub mod x11;

use std::path::PathBuf;

/// How a drag ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DragEnd {
    /// A target took the files.
    Dropped,
    /// Nothing was under the pointer, the target did not want files, or Escape was pressed.
    Cancelled,
    /// It could not be carried out; the reason is for a person.
    Failed(String),
}

/// A drag under way.
pub trait Drag {
    /// How it ended; `None` while it goes on.
    fn poll(&mut self) -> Option<DragEnd>;
}

/// Why a drag could not be started.
#[derive(Debug, thiserror::Error)]
pub enum DragError {
    /// There is no file to drag.
    #[error("there is nothing to drag")]
    Empty,
    /// The window system is not reachable.
    #[error("the window system could not be reached: {0}")]
    Unreachable(String),
    /// This platform has no drag source.
    #[error("files cannot be dragged out of a window here")]
    Unsupported,
}

/// Starts dragging files. They must exist; the pointer's button must be down.
pub trait DragSource {
    /// Starts the drag.
    ///
    /// # Errors
    /// There is nothing to drag, or the window system cannot be reached.
    fn start(&mut self, files: &[PathBuf]) -> Result<Box<dyn Drag>, DragError>;
}

/// The drag source of this platform.
#[must_use]
pub fn source(window: Option<raw_window_handle::RawWindowHandle>) -> Box<dyn DragSource> {
    #[cfg(target_os = "linux")]
    {
        let _ = window;
        Box::new(x11::Source::default())
    }
    #[cfg(any(target_os = "windows", target_os = "macos"))]
    {
        Box::new(native::Source::new(window))
    }
    #[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
    {
        let _ = window;
        Box::new(Nothing)
    }
}

/// A source that drags nothing, for windows that have none.
pub struct Nothing;

impl DragSource for Nothing {
    fn start(&mut self, _files: &[PathBuf]) -> Result<Box<dyn Drag>, DragError> {
        Err(DragError::Unsupported)
    }
}
