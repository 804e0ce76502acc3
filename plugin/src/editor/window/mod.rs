//! The editor's window: egui in a baseview window, as the plugin's editor.
//!
//! Why not nice-plug-egui (egui-baseview 0.9): it forwards no file drops; it decides by a list which
//! keys it keeps and then keeps none while no control has the focus, so that a rating key also reaches
//! the host; it drops Ctrl-Shift-Z; and on X11 it cannot give unused keys back. This is the smallest
//! window that does.
//!
//! Threads: [`EditorWindow`] and [`EditorWindowHandle`] on the host's main thread; the handler on the
//! window's own (on X11) or the same one. Nothing here may block, and no panic leaves it ([`guard`]).

mod desk;
mod guarded;
mod handler;
mod host_keys;
mod input;
mod keyboard;
mod layout;
mod renderer;
mod scale;
mod sizing;

use super::app::EditorApp;
use super::handle::Handle;
use crate::guard::{self, Entry};
use baseview::dpi::{PhysicalSize, Size};
use baseview::gl::GlConfig;
use baseview::{HandlerError, Window, WindowSettings, WindowSize};
use desk::Desk;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{
    Editor, EditorHandle, HostCallbacks, HostMainThreadCaller, HostMethods, ParentWindowHandle, ResizeHint,
    SpawnedEditor,
};
use scale::{Pixels, Wish};
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The editor of the plugin, to be returned from `Plugin::editor`.
#[must_use]
pub fn create(handle: Box<dyn Handle>) -> EditorWindow {
    EditorWindow { app: Arc::new(Mutex::new(EditorApp::new(handle))), shared: Arc::new(Shared::default()) }
}

/// Opens the editor in a window of its own, or within another, and returns when it is closed; for the
/// preview and for tests of the window.
///
/// # Errors
/// The window system or OpenGL is not usable.
pub fn run_standalone(
    handle: Box<dyn Handle>,
    title: &str,
    parent: Option<ParentWindowHandle>,
) -> Result<(), Box<dyn Error>> {
    let editor = create(handle);
    let window = editor.open(title, parent.as_ref(), false, None, None)?;
    window.run_until_closed()?;
    Ok(())
}

/// What the host asked for and does not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refused {
    /// No window, or one of another window system.
    #[error("the parent is no window of this window system")]
    Parent,
    /// It waits for a parent.
    #[error("the window has no parent yet")]
    NoParent,
    /// Nothing could be drawn at it.
    #[error("the scale is 0, negative, infinite or no number")]
    Scale,
    /// Nothing could be seen, or no graphics driver holds it.
    #[error("the size is 0, or larger than any screen")]
    Size,
    /// See [`guard`].
    #[error("the editor failed; closing and opening it again helps")]
    Failed,
}

impl From<Refused> for baseview::Error {
    fn from(refused: Refused) -> Self {
        HandlerError::from(refused).into()
    }
}

/// A size or another two numbers in one word.
#[derive(Default)]
struct Shared64(AtomicU64);

impl Shared64 {
    fn set(&self, size: Pixels) {
        self.0.store(u64::from(size.width) << 32 | u64::from(size.height), Ordering::Relaxed);
    }

    /// `None` until it is known.
    fn get(&self) -> Option<Pixels> {
        let packed = self.0.load(Ordering::Relaxed);
        (packed != 0).then(|| Pixels::new((packed >> 32) as u32, packed as u32))
    }
}

/// What the host's thread and the window's thread both know.
#[derive(Default)]
struct Shared {
    /// The window's size in the units of the host's pixels; none until it opened.
    native_size: Shared64,
    /// The largest window that the screen has room for.
    room: Shared64,
    /// The system's or the host's scale factor as `f32` bits; 0 until it is known.
    scale: AtomicU32,
    /// The person's zoom in per cent; 0 until the window opened.
    zoom_percent: AtomicU32,
    hidden: AtomicBool,
    /// Set after what is to be drawn, and taken before it is read.
    redraw: AtomicBool,
    /// The window is to end its own thread.
    closing: AtomicBool,
    /// It was made without a parent and must not be shown before it has one.
    waits_for_parent: AtomicBool,
}

impl Shared {
    /// The scale that was told last, if any was.
    fn scale(&self) -> Option<f64> {
        scale::told(f64::from(f32::from_bits(self.scale.load(Ordering::Relaxed))))
    }

    fn set_scale(&self, scale: f64) {
        self.scale.store((scale as f32).to_bits(), Ordering::Relaxed);
    }

    /// What is wished while a window is open.
    fn wish(&self) -> Wish {
        let percent = u16::try_from(self.zoom_percent.load(Ordering::Relaxed)).unwrap_or(100);
        Wish { scale: self.scale().unwrap_or(1.0), zoom: scale::zoom_factor(percent) }
    }
}

/// Takes the editor's lock. A panic in an earlier frame leaves nothing half done that matters.
fn lock(app: &Mutex<EditorApp>) -> MutexGuard<'_, EditorApp> {
    app.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The editor as the framework knows it.
pub struct EditorWindow {
    app: Arc<Mutex<EditorApp>>,
    shared: Arc<Shared>,
}

/// How a window is to open.
#[derive(Clone, Copy, Debug)]
struct Opening {
    zoom_percent: u16,
    /// Width and height of the editor in points.
    points: (u32, u32),
    /// What that makes, as far as it fits the screen.
    size: Pixels,
}

impl EditorWindow {
    /// How a window would open now.
    fn opening(&self, told_scale: Option<f64>) -> Opening {
        let settings = lock(&self.app).settings_to_open_with();
        let desk = Desk::open();
        if let Some(area) = desk.as_ref().and_then(Desk::work_area) {
            self.shared.room.set(area);
        }
        let system = desk.as_ref().and_then(Desk::scale);
        let scale = system.or(told_scale).or(self.shared.scale()).unwrap_or(1.0);
        let wish = Wish { scale, zoom: scale::zoom_factor(settings.zoom_percent) };
        let size = wish.size(settings.window, self.shared.room.get());
        Opening { zoom_percent: settings.zoom_percent, points: settings.window, size }
    }

    fn open(
        &self,
        title: &str,
        parent: Option<&ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        host: Option<baseview::host::Host>,
    ) -> Result<Window, Box<dyn Error>> {
        if parent.is_some_and(|parent| !is_a_parent(parent)) {
            return Err(Refused::Parent.into());
        }
        let told_scale = fallback_scale_factor.and_then(scale::told);
        let opening = self.opening(told_scale);
        let mut settings = WindowSettings::new()
            .with_title(title)
            .with_size(physical(opening.size))
            .with_resizable(true)
            .with_wait_for_parent(wait_for_parent)
            .with_fallback_scale_factor(told_scale)
            .with_gl_config(Some(GlConfig::default()));
        if let Some(parent) = parent {
            settings = settings.with_parent(parent);
        }
        self.shared.zoom_percent.store(opening.zoom_percent.into(), Ordering::Relaxed);
        self.shared.hidden.store(false, Ordering::Relaxed);
        self.shared.closing.store(false, Ordering::Relaxed);
        self.shared.waits_for_parent.store(wait_for_parent && parent.is_none(), Ordering::Relaxed);
        let (app, shared) = (Arc::clone(&self.app), Arc::clone(&self.shared));
        let build = move |window| guarded::Guarded::new(window, app, shared, opening.points);
        Ok(Window::create_with_host(settings, build, host)?)
    }
}

/// A size as baseview takes it.
fn physical(size: Pixels) -> Size {
    Size::Physical(PhysicalSize::new(size.width, size.height))
}

/// Whether a host's window can hold ours: it is of this window system, and not none.
fn is_a_parent(parent: &ParentWindowHandle) -> bool {
    match parent {
        ParentWindowHandle::XlibWindow(id) => {
            cfg!(target_os = "linux") && u32::try_from(*id).is_ok_and(|id| id != 0)
        }
        ParentWindowHandle::XcbWindow(_) => cfg!(target_os = "linux"),
        ParentWindowHandle::AppKitNsView(_) => cfg!(target_os = "macos"),
        ParentWindowHandle::Win32Hwnd(_) => cfg!(target_os = "windows"),
    }
}

impl Editor for EditorWindow {
    type Handle = EditorWindowHandle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        guard::run(
            Entry::Spawn,
            || Err(Refused::Failed.into()),
            || {
                lock(&self.app).connect(gui_context);
                let host = host.map(|host| {
                    baseview::host::Host::new()
                        .with_callbacks(Callbacks(host.callbacks))
                        .with_main_thread(MainThread(host.main_thread_caller))
                });
                let scale = fallback_scale_factor;
                let window = self.open("DeepDrummer", parent.as_ref(), wait_for_parent, scale, host)?;
                let window = OpenWindow { window: Some(window), shared: Arc::clone(&self.shared) };
                Ok(SpawnedEditor { handle: EditorWindowHandle { shared: Arc::clone(&self.shared) }, window })
            },
        )
    }

    fn size(&self) -> NativeSize<u32> {
        let size = guard::run(
            Entry::Size,
            || scale::DEFAULT_SIZE,
            || self.shared.native_size.get().unwrap_or_else(|| self.opening(None).size),
        );
        NativeSize::new(size.width, size.height)
    }

    fn resize_hint(&self) -> ResizeHint {
        guard::run(Entry::ResizeHint, || ResizeHint::RESIZABLE, || ResizeHint::RESIZABLE)
    }
}

/// How long closing waits for the window's thread at most; it takes some 30 ms.
const CLOSING: Duration = Duration::from_secs(2);

/// An open window that ends its thread before it is gone.
///
/// On X11 baseview 0.4.2 asks the window's thread for one more thing when a window is dropped, and does
/// not wait for its end when that goes unanswered, as it does where the thread is already stopping. The
/// thread would then run on while the host unloads the library or exits, and crash there. So the window is
/// asked to stop by itself first: baseview joins a thread that has stopped.
pub struct OpenWindow {
    /// `None` once it runs until it is closed.
    window: Option<Window>,
    shared: Arc<Shared>,
}

impl OpenWindow {
    fn with<T: Default>(&self, act: impl FnOnce(&Window) -> T) -> T {
        self.window.as_ref().map(act).unwrap_or_default()
    }

    fn attempt(
        &self,
        act: impl FnOnce(&Window) -> Result<(), baseview::Error>,
    ) -> Result<(), baseview::Error> {
        self.window.as_ref().map_or(Ok(()), act)
    }
}

impl Drop for OpenWindow {
    fn drop(&mut self) {
        let Some(window) = self.window.take() else { return };
        let shared = &self.shared;
        let close = move || {
            guard::run(Entry::CloseWindow, || (), || end_thread(&window, shared));
            drop(window);
        };
        // What ended the window's thread is thrown again by the window as it goes.
        guard::run(Entry::CloseWindow, || (), close);
    }
}

/// Ends the window's thread and waits for it.
fn end_thread(window: &Window, shared: &Shared) {
    if !cfg!(target_os = "linux") {
        return;
    }
    shared.closing.store(true, Ordering::Relaxed);
    let until = Instant::now() + CLOSING;
    while window.is_open() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The means to act on an open window, as the framework knows it.
pub struct EditorWindowHandle {
    shared: Arc<Shared>,
}

/// Does what a host asked for; a failure is told as a refusal.
fn attempt(entry: Entry, work: impl FnOnce() -> Result<(), baseview::Error>) -> Result<(), baseview::Error> {
    guard::run(entry, || Err(Refused::Failed.into()), work)
}

impl EditorHandle for EditorWindowHandle {
    type Window = OpenWindow;
    type Error = baseview::Error;

    fn run_until_closed(mut window: Self::Window) -> Result<(), Self::Error> {
        window.window.take().map_or(Ok(()), Window::run_until_closed)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        attempt(Entry::SetParent, || {
            if !is_a_parent(&parent) {
                return Err(Refused::Parent.into());
            }
            window.attempt(|window| window.set_parent(&parent))?;
            self.shared.waits_for_parent.store(false, Ordering::Relaxed);
            Ok(())
        })
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        attempt(Entry::Show, || {
            if self.shared.waits_for_parent.load(Ordering::Relaxed) {
                return Err(Refused::NoParent.into());
            }
            self.shared.hidden.store(false, Ordering::Relaxed);
            self.shared.redraw.store(true, Ordering::Release);
            window.attempt(Window::show)
        })
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        attempt(Entry::Show, || {
            self.shared.hidden.store(true, Ordering::Relaxed);
            window.attempt(Window::hide)
        })
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        guard::run(Entry::MainThread, || (), || window.with(Window::host_main_thread_callback));
    }

    fn set_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        attempt(Entry::SetSize, || {
            if !Pixels::new(size.width, size.height).is_sane() {
                return Err(Refused::Size.into());
            }
            window.attempt(|window| window.resize(size))
        })
    }

    fn set_fallback_scale_factor(&self, scale: f64, window: &Self::Window) -> Result<(), Self::Error> {
        attempt(Entry::SetScale, || {
            let scale = scale::told(scale).ok_or(Refused::Scale)?;
            window.attempt(|window| window.suggest_fallback_scale_factor(scale))
        })
    }

    fn adjust_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        let adjusted = || {
            window.window.as_ref()?;
            let room = self.shared.room.get();
            let size = Pixels::new(size.width, size.height).sane();
            let size = size.within(room.unwrap_or(size)).at_least(self.shared.wish().least(room));
            Some(NativeSize::new(size.width, size.height))
        };
        guard::run(Entry::AdjustSize, || None, adjusted)
    }

    fn state_changed(&self) {
        guard::run(Entry::Changed, || (), || self.shared.redraw.store(true, Ordering::Release));
    }

    fn param_value_changed(&self, _id: &str, _normalized_value: f32) {
        guard::run(Entry::Changed, || (), || self.shared.redraw.store(true, Ordering::Release));
    }

    fn param_modulation_changed(&self, _id: &str, _modulation_offset: f32) {}
}

struct Callbacks(Box<dyn HostCallbacks>);

impl baseview::host::HostCallbacks for Callbacks {
    fn request_resize(&mut self, size: WindowSize) -> Result<(), HandlerError> {
        let physical = nice_plug::editor::dpi::PhysicalSize::new(size.physical.width, size.physical.height);
        self.0.request_resize(physical.into(), size.scale_factor).map_err(HandlerError::from_boxed)
    }

    fn destroyed(&mut self) {
        self.0.destroyed();
    }
}

struct MainThread(Box<dyn HostMainThreadCaller>);

impl baseview::host::HostMainThreadCaller for MainThread {
    fn call_main_thread(&mut self) {
        guard::run(Entry::MainThread, || (), || self.0.call_main_thread());
    }
}

/// The X11 id of a window.
#[cfg(target_os = "linux")]
fn x11_window(window: &baseview::WindowContext) -> Option<u32> {
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    match window.window_handle().ok()?.as_raw() {
        RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).ok(),
        RawWindowHandle::Xcb(handle) => Some(handle.window.get()),
        _ => None,
    }
}
