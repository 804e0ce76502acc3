//! The handler as the window system calls it: no panic of it reaches the host.
//!
//! Window thread. On X11 a panic would end that thread and be thrown again on the host's when it closes the
//! window; on Windows and macOS it would cross the window system's functions of C at once.

use super::handler::Handler;
use super::{Refused, Shared};
use crate::editor::app::EditorApp;
use crate::guard::{self, Entry};
use baseview::{Event, EventStatus, HandlerError, TimerHandle, WindowContext, WindowHandler, WindowSize};
use std::sync::{Arc, Mutex};

/// A handler whose failures close the window, and nothing else.
pub(super) struct Guarded {
    handler: Option<Handler>,
    window: WindowContext,
}

impl Guarded {
    /// See [`Handler::new`].
    pub(super) fn new(
        window: WindowContext,
        app: Arc<Mutex<EditorApp>>,
        shared: Arc<Shared>,
        points: (u32, u32),
    ) -> Result<Self, HandlerError> {
        let context = window.clone();
        let make = || Handler::new(context, app, shared, points);
        let handler = guard::run(Entry::MakeHandler, || Err(Refused::Failed.into()), make)?;
        Ok(Self { handler: Some(handler), window })
    }

    /// What failed would fail again with the next frame or tick: the window closes, and its host is told so.
    fn close<T>(&self, otherwise: T) -> T {
        self.window.request_close();
        otherwise
    }
}

impl WindowHandler for Guarded {
    fn draw(&self) -> Result<(), HandlerError> {
        let Some(handler) = &self.handler else { return Ok(()) };
        guard::run(Entry::Draw, || Err(Refused::Failed.into()), || handler.draw())
    }

    fn resized(&self, size: WindowSize) -> Result<(), HandlerError> {
        let Some(handler) = &self.handler else { return Ok(()) };
        guard::run(Entry::Resized, || Err(Refused::Failed.into()), || handler.resized(size))
    }

    fn on_event(&self, event: Event) -> EventStatus {
        let Some(handler) = &self.handler else { return EventStatus::Ignored };
        guard::run(Entry::Event, || self.close(EventStatus::Ignored), || handler.on_event(&event))
    }

    fn on_timer(&self, timer: &TimerHandle) {
        let Some(handler) = &self.handler else { return };
        guard::run(Entry::Timer, || self.close(()), || handler.on_timer(timer));
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let handler = self.handler.take();
        guard::run(Entry::CloseWindow, || (), || drop(handler));
    }
}
