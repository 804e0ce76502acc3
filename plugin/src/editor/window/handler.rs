//! Events in, frames out.
//!
//! Window thread.

use super::host_keys::HostKeys;
use super::renderer::Renderer;
use super::sizing::Sizing;
use super::{Shared, input, lock, zoom_factor};
use crate::editor::app::EditorApp;
use crate::editor::drag::{self, Drag, DragEnd, DragSource};
use baseview::dpi::{LogicalSize, Size};
use baseview::{
    DropData, DropEffect, Event, EventStatus, HandlerError, MouseCursor, MouseEvent, ScrollDelta,
    TimerHandle, WindowContext, WindowEvent, WindowHandler, WindowSize,
};
use copypasta::ClipboardProvider;
use egui::{Modifiers, Pos2, RawInput, Rect, pos2, vec2};
use keyboard_types::{Code, KeyState, KeyboardEvent};
use nice_plug::editor::dpi::NativeSize;
use raw_window_handle::HasWindowHandle;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often changes of the snapshot and the playhead are looked for.
const POLL: Duration = Duration::from_millis(33);
/// A key that comes down this soon after it came up is held: X11 repeats keys so.
const REPEAT: Duration = Duration::from_millis(5);
/// A size is remembered when it has not changed for this long.
const SETTLED: Duration = Duration::from_millis(400);

/// The editor failed while drawing.
#[derive(Debug, thiserror::Error)]
#[error("the editor failed while drawing; closing and opening it again helps")]
struct DrawingFailed;

/// One open window.
pub struct Handler {
    window: WindowContext,
    app: Arc<Mutex<EditorApp>>,
    shared: Arc<Shared>,
    ctx: egui::Context,
    poll_timer: TimerHandle,
    inner: RefCell<Inner>,
}

struct Inner {
    input: RawInput,
    renderer: Renderer,
    clipboard: Option<copypasta::ClipboardContext>,
    pointer: Option<Pos2>,
    modifiers: Modifiers,
    cursor: MouseCursor,
    host_keys: HostKeys,
    released: Option<(Code, Instant)>,
    drag_source: Box<dyn DragSource>,
    drag: Option<Box<dyn Drag>>,
    resized: Option<Instant>,
    sizing: Sizing,
    started: Instant,
}

impl Inner {
    fn set_modifiers(&mut self, modifiers: keyboard_types::Modifiers) {
        let modifiers = input::modifiers(modifiers);
        if self.modifiers != modifiers {
            self.modifiers = modifiers;
            self.input.events.push(egui::Event::ModifiersChanged(modifiers));
        }
    }
}

impl Handler {
    pub fn new(
        window: WindowContext,
        app: Arc<Mutex<EditorApp>>,
        shared: Arc<Shared>,
        zoom: f64,
        wanted: LogicalSize<f64>,
    ) -> Result<Self, HandlerError> {
        let renderer = Renderer::new(window.clone())?;
        let ctx = egui::Context::default();
        ctx.set_zoom_factor(zoom as f32);
        shared.zoom.store((zoom as f32).to_bits(), Ordering::Relaxed);
        let waker = window.waker();
        ctx.set_request_repaint_callback(move |info| waker.request_redraw_after(info.delay));
        lock(&app).open(&ctx);
        let input = RawInput {
            max_texture_side: Some(renderer.max_texture_side()),
            focused: true,
            ..RawInput::default()
        };
        let raw = window.window_handle().ok().map(|handle| handle.as_raw());
        let inner = Inner {
            input,
            renderer,
            clipboard: copypasta::ClipboardContext::new().ok(),
            pointer: None,
            modifiers: Modifiers::default(),
            cursor: MouseCursor::Default,
            host_keys: HostKeys::default(),
            released: None,
            drag_source: drag::source(raw),
            drag: None,
            resized: None,
            sizing: Sizing::default(),
            started: Instant::now(),
        };
        let poll_timer = window.create_timer(POLL)?;
        let handler = Self { window, app, shared, ctx, poll_timer, inner: RefCell::new(inner) };
        let size = handler.window.size();
        handler.note_size(size);
        // On X11 baseview 0.4 makes a window for a scale of 1 when it is the host that knows the scale.
        let (width, height) = (size.logical.width - wanted.width, size.logical.height - wanted.height);
        if width.abs() > 1.0 || height.abs() > 1.0 {
            let _ = handler.window.resize(Size::Logical(wanted));
        }
        Ok(handler)
    }

    fn note_size(&self, size: WindowSize) {
        self.shared.scale.store((size.scale_factor as f32).to_bits(), Ordering::Relaxed);
        self.shared.set_native_size(NativeSize::from_logical_or_physical(
            nice_plug::editor::dpi::LogicalSize::new(size.logical.width, size.logical.height),
            nice_plug::editor::dpi::PhysicalSize::new(size.physical.width, size.physical.height),
        ));
    }

    fn pixels_per_point(&self) -> f64 {
        self.window.scale_factor() * f64::from(self.ctx.zoom_factor())
    }

    fn to_logical(&self, position: baseview::dpi::PhysicalPosition<f64>) -> Pos2 {
        let scale = self.pixels_per_point();
        pos2((position.x / scale) as f32, (position.y / scale) as f32)
    }

    /// Goes on towards the size that is wanted.
    fn pursue_size(&self, inner: &mut Inner) {
        if let Some(size) = inner.sizing.next(self.window.size().logical, Instant::now()) {
            // A host may refuse; then the window stays as it is.
            let _ = self.window.resize(Size::Logical(size));
        }
    }

    /// Carries out what the editor asked its window for.
    fn serve(&self, inner: &mut Inner) {
        let (requests, settings) = {
            let mut app = lock(&self.app);
            (app.take_requests(), app.settings())
        };
        // The context takes a new zoom over with the next frame.
        let zoom = requests.zoom.map_or_else(|| f64::from(self.ctx.zoom_factor()), zoom_factor);
        if requests.zoom.is_some() {
            self.ctx.set_zoom_factor(zoom as f32);
            self.shared.zoom.store((zoom as f32).to_bits(), Ordering::Relaxed);
        }
        if let Some((width, height)) = requests.size.or(requests.zoom.map(|_| settings.window)) {
            inner.sizing.want(LogicalSize::new(f64::from(width) * zoom, f64::from(height) * zoom));
        }
        self.pursue_size(inner);
        if let Some(files) = requests.drag {
            match inner.drag_source.start(&files) {
                Ok(drag) => inner.drag = Some(drag),
                Err(error) => lock(&self.app).drag_ended(DragEnd::Failed(error.to_string())),
            }
        }
    }

    fn poll_drag(&self, inner: &mut Inner) {
        let Some(end) = inner.drag.as_mut().and_then(|drag| drag.poll()) else { return };
        inner.drag = None;
        lock(&self.app).drag_ended(end);
        if !cfg!(target_os = "linux") {
            // A native drag swallows the release of the button; X11 sends it to us.
            inner.input.events.push(egui::Event::PointerButton {
                pos: inner.pointer.unwrap_or_default(),
                button: egui::PointerButton::Primary,
                pressed: false,
                modifiers: inner.modifiers,
            });
        }
        self.window.request_redraw();
    }

    fn remember_size(&self) {
        let zoom = f64::from(self.ctx.zoom_factor());
        let logical = self.window.size().logical;
        let width = (logical.width / zoom).round().max(1.0) as u32;
        let height = (logical.height / zoom).round().max(1.0) as u32;
        lock(&self.app).resized(width, height);
    }

    fn output(&self, inner: &mut Inner, output: &mut egui::PlatformOutput) -> Result<(), HandlerError> {
        for command in output.commands.drain(..) {
            if let egui::OutputCommand::CopyText(text) = command
                && let Some(clipboard) = &mut inner.clipboard
            {
                // Without a clipboard the path still stands in the notice.
                let _ = clipboard.set_contents(text);
            }
        }
        let icon = if inner.drag.is_some() { egui::CursorIcon::Grabbing } else { output.cursor_icon };
        let cursor = input::cursor(icon);
        if cursor != inner.cursor {
            inner.cursor = cursor;
            self.window.set_mouse_cursor(cursor)?;
        }
        Ok(())
    }

    fn mouse(&self, inner: &mut Inner, event: &MouseEvent) -> EventStatus {
        match event {
            MouseEvent::CursorMoved { position, modifiers } => {
                inner.set_modifiers(*modifiers);
                let at = self.to_logical(*position);
                inner.pointer = Some(at);
                inner.input.events.push(egui::Event::PointerMoved(at));
            }
            MouseEvent::ButtonPressed { button, modifiers }
            | MouseEvent::ButtonReleased { button, modifiers } => {
                inner.set_modifiers(*modifiers);
                let pressed = matches!(event, MouseEvent::ButtonPressed { .. });
                if let (Some(pos), Some(button)) = (inner.pointer, input::button(*button)) {
                    let modifiers = inner.modifiers;
                    let event = egui::Event::PointerButton { pos, button, pressed, modifiers };
                    inner.input.events.push(event);
                }
            }
            MouseEvent::WheelScrolled { delta, modifiers } => {
                inner.set_modifiers(*modifiers);
                let (unit, delta) = match delta {
                    ScrollDelta::Lines { x, y } => (egui::MouseWheelUnit::Line, vec2(*x, *y)),
                    ScrollDelta::Pixels { x, y } => (egui::MouseWheelUnit::Point, vec2(*x, *y)),
                };
                inner.input.events.push(egui::Event::MouseWheel {
                    unit,
                    delta,
                    modifiers: inner.modifiers,
                    phase: egui::TouchPhase::Move,
                    source: egui::MouseWheelSource::Unknown,
                });
            }
            MouseEvent::CursorLeft => {
                inner.pointer = None;
                inner.input.events.push(egui::Event::PointerGone);
            }
            MouseEvent::DragEntered { position, data, .. } | MouseEvent::DragMoved { position, data, .. } => {
                let ours = inner.drag.is_some();
                let files = matches!(data, DropData::Files(files) if !files.is_empty());
                let at = self.to_logical(*position);
                let takes = files && !ours && lock(&self.app).files_over(at);
                self.window.request_redraw();
                return if takes { EventStatus::AcceptDrop(DropEffect::Copy) } else { EventStatus::Ignored };
            }
            MouseEvent::DragLeft => lock(&self.app).files_gone(),
            MouseEvent::DragDropped { position, data, .. } => {
                let at = self.to_logical(*position);
                let taken = match data {
                    DropData::Files(files) if inner.drag.is_none() => {
                        lock(&self.app).files_dropped(at, files.clone())
                    }
                    _ => false,
                };
                self.window.request_redraw();
                return if taken { EventStatus::AcceptDrop(DropEffect::Copy) } else { EventStatus::Ignored };
            }
            _ => return EventStatus::Ignored,
        }
        self.window.request_redraw();
        EventStatus::Captured
    }

    fn keyboard(&self, inner: &mut Inner, event: &KeyboardEvent) -> EventStatus {
        inner.set_modifiers(event.modifiers);
        let modifiers = inner.modifiers;
        let pressed = event.state == KeyState::Down;
        let now = Instant::now();
        let repeat = event.repeat
            || pressed && inner.released.is_some_and(|(code, at)| code == event.code && now - at < REPEAT);
        if !pressed {
            inner.released = Some((event.code, now));
        }
        let key = input::key(&event.key);
        let taken = key.is_some_and(|key| lock(&self.app).takes_key(&self.ctx, key, modifiers));
        let typing = self.ctx.text_edit_focused();
        if let Some(key) = key {
            let event = egui::Event::Key { key, physical_key: None, pressed, repeat, modifiers };
            inner.input.events.push(event);
        }
        if typing && pressed {
            match event.code {
                Code::KeyX if modifiers.command => inner.input.events.push(egui::Event::Cut),
                Code::KeyC if modifiers.command => inner.input.events.push(egui::Event::Copy),
                Code::KeyV if modifiers.command => {
                    let pasted = inner.clipboard.as_mut().and_then(|clipboard| clipboard.get_contents().ok());
                    inner.input.events.extend(pasted.map(egui::Event::Paste));
                }
                _ => inner.input.events.extend(input::typed(&event.key, modifiers).map(egui::Event::Text)),
            }
        }
        self.window.request_redraw();
        let typed = typing && input::typed(&event.key, modifiers).is_some();
        if taken || typed {
            EventStatus::Captured
        } else {
            inner.host_keys.pass_on(&self.window, event);
            EventStatus::Ignored
        }
    }
}

impl WindowHandler for Handler {
    fn draw(&self) -> Result<(), HandlerError> {
        let Ok(mut guard) = self.inner.try_borrow_mut() else { return Ok(()) };
        let inner = &mut *guard;
        let size = self.window.size();
        let scale = self.pixels_per_point();
        let logical = vec2(
            (f64::from(size.physical.width) / scale) as f32,
            (f64::from(size.physical.height) / scale) as f32,
        );
        inner.input.time = Some(inner.started.elapsed().as_secs_f64());
        inner.input.screen_rect = Some(Rect::from_min_size(Pos2::ZERO, logical));
        if let Some(viewport) = inner.input.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(size.scale_factor as f32);
        }
        let later = input::after_first_button(&mut inner.input.events);
        let input = inner.input.take();
        if !later.is_empty() {
            inner.input.events = later;
            self.window.request_redraw();
        }
        let app = &self.app;
        let frame = AssertUnwindSafe(|| {
            let mut output = self.ctx.run_ui(input, |ui| lock(app).ui(ui));
            let shapes = std::mem::take(&mut output.shapes);
            let primitives = self.ctx.tessellate(shapes, output.pixels_per_point);
            (output, primitives)
        });
        // A panic must not reach the host; the window closes and says why.
        let (mut output, primitives) = catch_unwind(frame).map_err(|_| DrawingFailed)?;
        let pixels = [size.physical.width, size.physical.height];
        inner.renderer.draw(pixels, output.pixels_per_point, &primitives, &mut output.textures_delta)?;
        self.output(inner, &mut output.platform_output)?;
        self.serve(inner);
        Ok(())
    }

    fn resized(&self, size: WindowSize) -> Result<(), HandlerError> {
        self.note_size(size);
        if let Ok(mut inner) = self.inner.try_borrow_mut() {
            inner.resized = Some(Instant::now());
            inner.sizing.changed(Instant::now());
        }
        Ok(())
    }

    fn on_event(&self, event: Event) -> EventStatus {
        let Ok(mut guard) = self.inner.try_borrow_mut() else { return EventStatus::Ignored };
        let inner = &mut *guard;
        match &event {
            Event::Mouse(event) => {
                if matches!(event, MouseEvent::ButtonPressed { .. }) && !self.window.has_focus() {
                    // An embedded window gets no keys before it asks for them.
                    let _ = self.window.focus();
                }
                self.mouse(inner, event)
            }
            Event::Keyboard(event) => self.keyboard(inner, event),
            Event::Window(event) => {
                match event {
                    WindowEvent::Focused | WindowEvent::Unfocused => {
                        let focused = matches!(event, WindowEvent::Focused);
                        inner.input.events.push(egui::Event::WindowFocused(focused));
                        inner.input.focused = focused;
                        self.window.request_redraw();
                    }
                    WindowEvent::WillClose => {
                        if inner.resized.take().is_some() {
                            self.remember_size();
                        }
                        lock(&self.app).close();
                    }
                    _ => {}
                }
                EventStatus::Captured
            }
            _ => EventStatus::Ignored,
        }
    }

    fn on_timer(&self, timer: &TimerHandle) {
        if *timer != self.poll_timer {
            return;
        }
        if self.shared.closing.load(Ordering::Relaxed) {
            self.window.request_close();
            return;
        }
        let Ok(mut guard) = self.inner.try_borrow_mut() else { return };
        let inner = &mut *guard;
        self.poll_drag(inner);
        self.pursue_size(inner);
        if inner.resized.is_some_and(|at| at.elapsed() > SETTLED) {
            inner.resized = None;
            self.remember_size();
        }
        if self.shared.hidden.load(Ordering::Relaxed) {
            return;
        }
        if self.shared.redraw.swap(false, Ordering::Acquire) || lock(&self.app).changed() {
            self.window.request_redraw();
        }
    }
}
