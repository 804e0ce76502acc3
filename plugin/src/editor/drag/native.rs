//! Dragging files on Windows (OLE) and macOS (dragging sessions) through the crate `drag`.
//!
//! Window thread, outside the editor's lock: on Windows the call returns when the drag has ended.

use super::{Drag, DragEnd, DragError, DragSource};
use raw_window_handle::{HandleError, HasWindowHandle, RawWindowHandle, WindowHandle};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

/// Starts drags from one window.
pub(super) struct Source {
    window: Option<RawWindowHandle>,
}

impl Source {
    /// A source for the window that the editor lies in.
    #[must_use]
    pub(super) fn new(window: Option<RawWindowHandle>) -> Self {
        Self { window }
    }
}

struct Borrowed(RawWindowHandle);

impl HasWindowHandle for Borrowed {
    #[expect(unsafe_code, reason = "raw window handles carry no lifetime")]
    fn window_handle(&self) -> Result<WindowHandle<'_>, HandleError> {
        // SAFETY: the source belongs to the window's handler and is dropped before the window.
        Ok(unsafe { WindowHandle::borrow_raw(self.0) })
    }
}

struct Running {
    receiver: Receiver<DragEnd>,
}

impl Drag for Running {
    fn poll(&mut self) -> Option<DragEnd> {
        self.receiver.try_recv().ok()
    }
}

/// A transparent picture of one pixel: the pointer says enough.
const PICTURE: &[u8] = include_bytes!("pixel.png");

impl DragSource for Source {
    fn start(&mut self, files: &[PathBuf]) -> Result<Box<dyn Drag>, DragError> {
        if files.is_empty() {
            return Err(DragError::Empty);
        }
        let window = Borrowed(self.window.ok_or(DragError::Unsupported)?);
        let (sender, receiver) = channel();
        let ended = move |result: drag::DragResult, _: drag::CursorPosition| {
            let end = match result {
                drag::DragResult::Dropped => DragEnd::Dropped,
                drag::DragResult::Cancel => DragEnd::Cancelled,
            };
            // The window may have been closed meanwhile.
            let _ = sender.send(end);
        };
        let start = || {
            let item = drag::DragItem::Files(files.to_vec());
            let picture = drag::Image::Raw(PICTURE.to_vec());
            drag::start_drag(&window, item, picture, ended, drag::Options::default())
        };
        // The crate panics where the shell of Windows makes no object of the files, as that of Wine 8 does: a drag
        // that does not start must not end the window.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(start)) {
            Ok(started) => started.map_err(|error| DragError::Unreachable(error.to_string()))?,
            Err(_) => return Err(DragError::Unreachable("the system can't drag these files".to_owned())),
        }
        Ok(Box::new(Running { receiver }))
    }
}
