//! Events in, frames out.
//!
//! Window thread.

mod keys;

use super::desk::Desk;
use super::keyboard::Keyboard;
use super::renderer::Renderer;
use super::scale::{self, Pixels, Wish};
use super::sizing::Sizing;
use super::{Refused, Shared, input, lock, physical};
use crate::editor::app::EditorApp;
use crate::editor::drag::{self, Drag, DragEnd, DragSource};
use baseview::{
    DropData, DropEffect, Event, EventStatus, HandlerError, MouseCursor, MouseEvent, ScrollDelta,
    TimerHandle, WindowContext, WindowEvent, WindowSize,
};
use copypasta::ClipboardProvider;
use egui::{Modifiers, Pos2, RawInput, Rect, pos2, vec2};
use nice_plug::editor::dpi::NativeSize;
use raw_window_handle::HasWindowHandle;
use std::cell::RefCell;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often changes of the snapshot and the playhead are looked for.
const POLL: Duration = Duration::from_millis(33);
/// A size is remembered when it has not changed for this long.
const SETTLED: Duration = Duration::from_millis(400);
/// For so long after a click a window manager and the host may still be giving the keyboard to another window.
const CONTESTED: Duration = Duration::from_millis(600);
/// How many polls pass before the host's window is looked at again.
const LOOK_AROUND: u32 = 10;

/// One open window.
pub(super) struct Handler {
    pub(super) window: WindowContext,
    pub(super) app: Arc<Mutex<EditorApp>>,
    shared: Arc<Shared>,
    pub(super) ctx: egui::Context,
    poll_timer: TimerHandle,
    inner: RefCell<Inner>,
}

pub(super) struct Inner {
    pub(super) input: RawInput,
    renderer: Renderer,
    /// What the next frame that is painted must bring to the graphics card.
    textures: egui::TexturesDelta,
    pub(super) clipboard: Option<copypasta::ClipboardContext>,
    pointer: Option<Pos2>,
    pub(super) modifiers: Modifiers,
    cursor: MouseCursor,
    pub(super) keyboard: Keyboard,
    pub(super) desk: Option<Desk>,
    polls: u32,
    /// The scale that the window's size was made for.
    scale: f64,
    /// When a button was pressed in the window last.
    clicked: Option<Instant>,
    /// The size that the window has because the screen or the host has no room for more; it is not the
    /// person's choice and not remembered.
    limited: Option<Pixels>,
    drag_source: Box<dyn DragSource>,
    drag: Option<Box<dyn Drag>>,
    resized: Option<Instant>,
    sizing: Sizing,
    started: Instant,
}

impl Inner {
    pub(super) fn set_modifiers(&mut self, modifiers: keyboard_types::Modifiers) {
        let modifiers = input::modifiers(modifiers);
        if self.modifiers != modifiers {
            self.modifiers = modifiers;
            self.input.events.push(egui::Event::ModifiersChanged(modifiers));
        }
    }
}

impl Handler {
    pub(super) fn new(
        window: WindowContext,
        app: Arc<Mutex<EditorApp>>,
        shared: Arc<Shared>,
        points: (u32, u32),
    ) -> Result<Self, HandlerError> {
        let renderer = Renderer::new(window.clone())?;
        let ctx = egui::Context::default();
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
            textures: egui::TexturesDelta::default(),
            clipboard: copypasta::ClipboardContext::new().ok(),
            pointer: None,
            modifiers: Modifiers::default(),
            cursor: MouseCursor::Default,
            keyboard: Keyboard::default(),
            desk: Desk::open(),
            polls: 0,
            scale: scale::told(window.scale_factor()).unwrap_or(1.0),
            clicked: None,
            limited: None,
            drag_source: drag::source(raw),
            drag: None,
            resized: None,
            sizing: Sizing::default(),
            started: Instant::now(),
        };
        let poll_timer = window.create_timer(POLL)?;
        let handler = Self { window, app, shared, ctx, poll_timer, inner: RefCell::new(inner) };
        handler.note_size(handler.window.size());
        // The scale may be another than was thought before the window was there.
        {
            let mut inner = handler.inner.borrow_mut();
            handler.ask_for(&mut inner, points);
            let size = inner.sizing.next(handler.pixels(), Instant::now());
            size.into_iter().for_each(|size| handler.resize(size));
        }
        Ok(handler)
    }

    fn note_size(&self, size: WindowSize) {
        self.shared.set_scale(scale::told(size.scale_factor).unwrap_or(1.0));
        let native = NativeSize::from_logical_or_physical(
            nice_plug::editor::dpi::LogicalSize::new(size.logical.width, size.logical.height),
            nice_plug::editor::dpi::PhysicalSize::new(size.physical.width, size.physical.height),
        );
        self.shared.native_size.set(Pixels::new(native.width, native.height));
    }

    /// The window's size.
    fn pixels(&self) -> Pixels {
        let size = self.window.size().physical;
        Pixels::new(size.width, size.height)
    }

    /// What the host or the system and the person want.
    fn wish(&self) -> Wish {
        let scale = scale::told(self.window.scale_factor()).unwrap_or(1.0);
        Wish { scale, ..self.shared.wish() }
    }

    fn pixels_per_point(&self) -> f64 {
        self.wish().drawn(self.pixels())
    }

    fn to_points(&self, position: baseview::dpi::PhysicalPosition<f64>) -> Pos2 {
        let scale = self.pixels_per_point();
        pos2((position.x / scale) as f32, (position.y / scale) as f32)
    }

    fn resize(&self, size: Pixels) {
        // A host may refuse; then the window stays as it is.
        let _ = self.window.resize(physical(size));
    }

    /// Asks for a window of so many points, as far as there is room for it.
    fn ask_for(&self, inner: &mut Inner, points: (u32, u32)) {
        let (wish, room) = (self.wish(), self.shared.room.get());
        let size = wish.size(points, room);
        inner.limited = (size != wish.size(points, None)).then_some(size);
        inner.sizing.want(size);
    }

    /// Goes on towards the size that is wanted.
    fn pursue_size(&self, inner: &mut Inner) {
        let size = inner.sizing.next(self.pixels(), Instant::now());
        size.into_iter().for_each(|size| self.resize(size));
    }

    /// Looks how much room there is, and takes the size that the host shows of the window.
    fn look_around(&self, inner: &mut Inner) {
        let Some(around) = inner.desk.as_ref().and_then(|desk| desk.around(&self.window)) else { return };
        if let Some(room) = around.room {
            self.shared.room.set(room);
        }
        let held = self.ctx.input(|input| input.pointer.any_down()) || inner.drag.is_some();
        if held {
            return;
        }
        let (is, now) = (self.pixels(), Instant::now());
        let granted = around.shown.within(around.room.unwrap_or(around.shown));
        if !inner.sizing.looked(granted, now) {
            return;
        }
        if let Some(size) = inner.sizing.granted(is, granted, now) {
            inner.limited = Some(size);
            self.resize(size);
        } else if inner.limited == Some(is) {
            // What was taken away may be there again.
            let wished = self.wish().size(lock(&self.app).settings().window, None);
            let size = wished.within(granted).at_least(is);
            if size.exceeds(is) {
                inner.limited = (size != wished).then_some(size);
                inner.sizing.want(size);
            }
        }
    }

    /// Carries out what the editor asked its window for.
    fn serve(&self, inner: &mut Inner) {
        let (requests, settings) = {
            let mut app = lock(&self.app);
            (app.take_requests(), app.settings())
        };
        if requests.close {
            self.window.request_close();
        }
        if let Some(percent) = requests.zoom {
            self.shared.zoom_percent.store(percent.into(), Ordering::Relaxed);
            self.ask_for(inner, requests.size.unwrap_or(settings.window));
            self.window.request_redraw();
        } else if let Some((width, height)) = requests.size {
            // In points as they are seen, so that the corner stays under the pointer that drags it.
            let scale = self.pixels_per_point();
            let pixels = |points: u32| (f64::from(points) * scale).round() as u32;
            let size = Pixels::new(pixels(width), pixels(height)).sane();
            inner.limited = None;
            inner.sizing.want(size.within(self.shared.room.get().unwrap_or(size)));
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

    fn remember_size(&self, inner: &Inner) {
        let (pixels, scale) = (self.pixels(), self.pixels_per_point());
        let taken_away =
            inner.limited.is_some_and(|limited| !pixels.exceeds(limited) && !limited.exceeds(pixels));
        // A window so small that its zoom fell is not what a person chose for the next one either.
        if taken_away || self.wish().gives_way(pixels) {
            return;
        }
        let points = |pixels: u32| (f64::from(pixels) / scale).round().max(1.0) as u32;
        lock(&self.app).resized(points(pixels.width), points(pixels.height));
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
                let at = self.to_points(*position);
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
                let at = self.to_points(*position);
                let takes = match data {
                    DropData::Files(files) if !files.is_empty() && !ours => {
                        lock(&self.app).files_over(at, files)
                    }
                    _ => false,
                };
                self.window.request_redraw();
                return if takes { EventStatus::AcceptDrop(DropEffect::Copy) } else { EventStatus::Ignored };
            }
            MouseEvent::DragLeft => lock(&self.app).files_gone(),
            MouseEvent::DragDropped { position, data, .. } => {
                let at = self.to_points(*position);
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

    /// One pass of the editor over all events up to the first press or release of a button, without painting.
    fn pass(&self, inner: &mut Inner) -> Result<egui::FullOutput, HandlerError> {
        let (pixels, scale) = (self.pixels(), self.pixels_per_point());
        let points = |pixels: u32| (f64::from(pixels) / scale) as f32;
        inner.input.time = Some(inner.started.elapsed().as_secs_f64());
        let size = vec2(points(pixels.width), points(pixels.height));
        inner.input.screen_rect = Some(Rect::from_min_size(Pos2::ZERO, size));
        if let Some(viewport) = inner.input.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(scale as f32);
        }
        let later = input::after_first_button(&mut inner.input.events);
        let input = inner.input.take();
        inner.input.events = later;
        let mut output = self.ctx.run_ui(input, |ui| {
            let mut app = lock(&self.app);
            app.note_zoom(self.wish().seen_percent(pixels));
            app.ui(ui);
        });
        inner.textures.append(std::mem::take(&mut output.textures_delta));
        self.output(inner, &mut output.platform_output)?;
        self.serve(inner);
        Ok(output)
    }

    /// Lets the editor see all that came before a key, however long ago it painted last: which control has the
    /// keyboard is decided by that.
    pub(super) fn catch_up(&self, inner: &mut Inner) {
        let waits = |event: &egui::Event| !matches!(event, egui::Event::PointerMoved(_));
        // A pass takes away one event at least.
        while inner.input.events.iter().any(waits) {
            if self.pass(inner).is_err() {
                return;
            }
        }
    }

    pub(super) fn draw(&self) -> Result<(), HandlerError> {
        let Ok(mut guard) = self.inner.try_borrow_mut() else { return Ok(()) };
        let inner = &mut *guard;
        let output = self.pass(inner)?;
        if !inner.input.events.is_empty() {
            self.window.request_redraw();
        }
        let size = self.window.size().physical;
        if size.width == 0 || size.height == 0 {
            return Ok(());
        }
        let primitives = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let mut textures = std::mem::take(&mut inner.textures);
        let pixels = [size.width, size.height];
        inner.renderer.draw(pixels, output.pixels_per_point, &primitives, &mut textures)?;
        Ok(())
    }

    pub(super) fn resized(&self, size: WindowSize) -> Result<(), HandlerError> {
        if !Pixels::new(size.physical.width, size.physical.height).is_sane() {
            return Err(Refused::Size.into());
        }
        if let Ok(mut inner) = self.inner.try_borrow_mut() {
            // With a new scale the window comes as many times larger; what the screen has no room for is not
            // even tried, and the next tick asks for a size that fits.
            let pixels = Pixels::new(size.physical.width, size.physical.height);
            let room = self.shared.room.get().unwrap_or(pixels);
            if scale::told(size.scale_factor) != Some(inner.scale) && pixels.exceeds(room) {
                return Err(Refused::Size.into());
            }
            inner.resized = Some(Instant::now());
            inner.sizing.changed(Instant::now());
        }
        self.note_size(size);
        Ok(())
    }

    /// Asks for the size that a new scale of the host or the system makes of the window.
    fn follow_scale(&self, inner: &mut Inner) {
        let scale = self.wish().scale;
        if inner.scale != scale {
            inner.scale = scale;
            self.note_size(self.window.size());
            let points = lock(&self.app).settings().window;
            self.ask_for(inner, points);
            self.window.request_redraw();
        }
    }

    pub(super) fn on_event(&self, event: &Event) -> EventStatus {
        let Ok(mut guard) = self.inner.try_borrow_mut() else { return EventStatus::Ignored };
        let inner = &mut *guard;
        match event {
            Event::Mouse(event) => {
                if matches!(event, MouseEvent::ButtonPressed { .. })
                    && let Some(desk) = &inner.desk
                {
                    desk.take_keyboard(&self.window);
                    inner.clicked = Some(Instant::now());
                }
                self.mouse(inner, event)
            }
            Event::Keyboard(event) => self.keyboard(inner, event),
            Event::Window(event) => {
                match event {
                    WindowEvent::Focused | WindowEvent::Unfocused => {
                        let focused = matches!(event, WindowEvent::Focused);
                        inner.keyboard.focus_changed();
                        inner.input.events.push(egui::Event::WindowFocused(focused));
                        inner.input.focused = focused;
                        self.window.request_redraw();
                    }
                    WindowEvent::WillClose => {
                        if inner.resized.take().is_some() {
                            self.remember_size(inner);
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

    pub(super) fn on_timer(&self, timer: &TimerHandle) {
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
        self.follow_scale(inner);
        self.pursue_size(inner);
        if inner.resized.is_some_and(|at| at.elapsed() > SETTLED) {
            inner.resized = None;
            self.remember_size(inner);
        }
        if self.shared.hidden.load(Ordering::Relaxed) {
            return;
        }
        let contested = inner.clicked.is_some_and(|clicked| clicked.elapsed() < CONTESTED);
        if (contested || lock(&self.app).state().text_field)
            && let Some(desk) = &inner.desk
        {
            desk.keep_keyboard(&self.window);
        }
        inner.polls = (inner.polls + 1) % LOOK_AROUND;
        if inner.polls == 0 {
            self.look_around(inner);
        }
        if self.shared.redraw.swap(false, Ordering::Acquire) || lock(&self.app).changed() {
            self.window.request_redraw();
        }
    }
}
