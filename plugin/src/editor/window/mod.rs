//! The editor's window: egui in a baseview window, as the plugin's editor.
//!
//! Why not nice-plug-egui (egui-baseview 0.9): it forwards no file drops; it decides by a list which
//! keys it keeps and then keeps none while no control has the focus, so that a rating key also reaches
//! the host; it drops Ctrl-Shift-Z; and on X11 it cannot give unused keys back. This is the smallest
//! window that does.
//!
//! Threads: [`EditorWindow`] and [`EditorWindowHandle`] on the host's main thread; the handler on the
//! window's own (on X11) or the same one. Nothing here may block or panic across the host's boundary.

mod handler;
mod host_keys;
mod input;
mod renderer;
mod sizing;

use super::app::EditorApp;
use super::handle::Handle;
use super::screens::MIN_SIZE;
use baseview::dpi::{LogicalSize, Size};
use baseview::gl::GlConfig;
use baseview::{HandlerError, Window, WindowSettings, WindowSize};
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{
    Editor, EditorHandle, HostCallbacks, HostMainThreadCaller, HostMethods, ParentWindowHandle, ResizeHint,
    SizeConstraints, SpawnedEditor,
};
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

/// What the host's thread and the window's thread both know.
#[derive(Default)]
struct Shared {
    /// Width and height in the units of the host's pixels, packed; 0 until the window opened.
    native_size: AtomicU64,
    /// The system's scale factor as `f32` bits; 0 until it is known.
    scale: AtomicU32,
    /// The person's zoom as `f32` bits: the least size grows with it.
    zoom: AtomicU32,
    hidden: AtomicBool,
    /// Set after what is to be drawn, and taken before it is read.
    redraw: AtomicBool,
    /// The window is to end its own thread.
    closing: AtomicBool,
}

impl Shared {
    fn set_native_size(&self, size: NativeSize<u32>) {
        self.native_size.store(u64::from(size.width) << 32 | u64::from(size.height), Ordering::Relaxed);
    }

    fn scale(&self) -> f64 {
        let scale = f32::from_bits(self.scale.load(Ordering::Relaxed));
        if scale > 0.0 { f64::from(scale) } else { 1.0 }
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

impl EditorWindow {
    /// Width and height in logical pixels, zoom included.
    fn logical_size(&self) -> LogicalSize<f64> {
        let settings = lock(&self.app).settings_to_open_with();
        let zoom = zoom_factor(settings.zoom_percent);
        let (width, height) = (settings.window.0.max(MIN_SIZE.0), settings.window.1.max(MIN_SIZE.1));
        LogicalSize::new(f64::from(width) * zoom, f64::from(height) * zoom)
    }

    fn open(
        &self,
        title: &str,
        parent: Option<&ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        host: Option<baseview::host::Host>,
    ) -> Result<Window, Box<dyn Error>> {
        let size = self.logical_size();
        let zoom = zoom_factor(lock(&self.app).settings().zoom_percent);
        let least = LogicalSize::new(f64::from(MIN_SIZE.0) * zoom, f64::from(MIN_SIZE.1) * zoom);
        let mut settings = WindowSettings::new()
            .with_title(title)
            .with_size(Size::Logical(size))
            .with_min_size::<Size>(Some(Size::Logical(least)))
            .with_resizable(true)
            .with_wait_for_parent(wait_for_parent)
            .with_fallback_scale_factor(fallback_scale_factor)
            .with_gl_config(Some(GlConfig::default()));
        if let Some(parent) = parent {
            settings = settings.with_parent(parent);
        }
        self.shared.hidden.store(false, Ordering::Relaxed);
        self.shared.closing.store(false, Ordering::Relaxed);
        let (app, shared) = (Arc::clone(&self.app), Arc::clone(&self.shared));
        let build = move |window| handler::Handler::new(window, app, shared, zoom, size);
        Ok(Window::create_with_host(settings, build, host)?)
    }
}

/// Per cent as a factor within the range on offer.
fn zoom_factor(percent: u16) -> f64 {
    f64::from(percent.clamp(75, 200)) / 100.0
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
        lock(&self.app).connect(gui_context);
        let host = host.map(|host| {
            baseview::host::Host::new()
                .with_callbacks(Callbacks(host.callbacks))
                .with_main_thread(MainThread(host.main_thread_caller))
        });
        let window =
            self.open("DeepDrummer", parent.as_ref(), wait_for_parent, fallback_scale_factor, host)?;
        let window = OpenWindow { window: Some(window), shared: Arc::clone(&self.shared) };
        Ok(SpawnedEditor { handle: EditorWindowHandle { shared: Arc::clone(&self.shared) }, window })
    }

    fn size(&self) -> NativeSize<u32> {
        match self.shared.native_size.load(Ordering::Relaxed) {
            0 => {
                let size = self.logical_size();
                let size = nice_plug::editor::dpi::LogicalSize::new(size.width, size.height);
                NativeSize::from_size(size.into(), self.shared.scale())
            }
            packed => NativeSize::new((packed >> 32) as u32, packed as u32),
        }
    }

    fn resize_hint(&self) -> ResizeHint {
        ResizeHint::RESIZABLE.with_size_constraints(self.constraints())
    }
}

impl EditorWindow {
    fn constraints(&self) -> SizeConstraints {
        let zoom = zoom_factor(lock(&self.app).settings().zoom_percent) as f32;
        let least = (MIN_SIZE.0 as f32 * zoom, MIN_SIZE.1 as f32 * zoom);
        SizeConstraints::min_logical_size(nice_plug::editor::dpi::LogicalSize::new(least.0, least.1))
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
        if !cfg!(target_os = "linux") {
            return;
        }
        self.shared.closing.store(true, Ordering::Relaxed);
        let until = Instant::now() + CLOSING;
        while window.is_open() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The means to act on an open window, as the framework knows it.
pub struct EditorWindowHandle {
    shared: Arc<Shared>,
}

impl EditorHandle for EditorWindowHandle {
    type Window = OpenWindow;
    type Error = baseview::Error;

    fn run_until_closed(mut window: Self::Window) -> Result<(), Self::Error> {
        window.window.take().map_or(Ok(()), Window::run_until_closed)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
        window.attempt(|window| window.set_parent(&parent))
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.shared.hidden.store(false, Ordering::Relaxed);
        self.shared.redraw.store(true, Ordering::Release);
        window.attempt(Window::show)
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.shared.hidden.store(true, Ordering::Relaxed);
        window.attempt(Window::hide)
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        window.with(Window::host_main_thread_callback);
    }

    fn set_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
        window.attempt(|window| window.resize(size))
    }

    fn set_fallback_scale_factor(&self, scale: f64, window: &Self::Window) -> Result<(), Self::Error> {
        window.attempt(|window| window.suggest_fallback_scale_factor(scale))
    }

    fn adjust_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
        let now = window.window.as_ref()?.size();
        let current = NativeSize::from_logical_or_physical(
            nice_plug::editor::dpi::LogicalSize::new(now.logical.width, now.logical.height),
            nice_plug::editor::dpi::PhysicalSize::new(now.physical.width, now.physical.height),
        );
        let zoom = f32::from_bits(self.shared.zoom.load(Ordering::Relaxed)).max(0.75);
        let least = SizeConstraints::min_logical_size(nice_plug::editor::dpi::LogicalSize::new(
            MIN_SIZE.0 as f32 * zoom,
            MIN_SIZE.1 as f32 * zoom,
        ));
        let hint = ResizeHint::RESIZABLE.with_size_constraints(least);
        Some(hint.adjust_size(size, current, now.scale_factor))
    }

    fn state_changed(&self) {
        self.shared.redraw.store(true, Ordering::Release);
    }

    fn param_value_changed(&self, _id: &str, _normalized_value: f32) {
        self.shared.redraw.store(true, Ordering::Release);
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
        self.0.call_main_thread();
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
