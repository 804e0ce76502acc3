//! What the standalone app knows beside the plugin: its audio device, how another one is chosen, and what goes
//! over when it is.
//!
//! Main thread and editor thread. The framework opens one device for as long as its window is open: to change
//! it, the window closes, the app starts anew with the other device, and the session goes on where it was. In
//! a plugin nothing is ever set here.

use crate::params::table::Kind;
use crate::params::{DrumParams, HostParam};
use deepdrummer_core::runtime::RuntimeHandle;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What sounds come out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// The JACK server.
    Jack,
    /// What the system takes unless told otherwise.
    Default,
    /// A device by name.
    Named(String),
    /// Nothing: no device could be opened.
    Nothing,
}

/// The app's audio, as the window shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// What is in use.
    pub device: Device,
    /// Its name, for a person.
    pub name: String,
    /// What can be chosen, with names.
    pub choices: Vec<(Device, String)>,
}

/// A session on its way from one run to the next.
struct Luggage {
    session: String,
    params: Vec<(HostParam, f32)>,
}

#[derive(Default)]
struct App {
    audio: Option<Arc<Audio>>,
    chosen: Option<Device>,
    luggage: Option<Luggage>,
}

static APP: Mutex<App> = Mutex::new(App { audio: None, chosen: None, luggage: None });
/// A plugin instance was activated: the device could be opened.
static OPENED: AtomicBool = AtomicBool::new(false);
/// The device has a transport that others start and stop (JACK); otherwise the window's button does.
static HAS_TRANSPORT: AtomicBool = AtomicBool::new(false);

fn app() -> MutexGuard<'static, App> {
    APP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The app is about to start with this device.
pub fn begin(audio: Audio) {
    OPENED.store(false, Ordering::Release);
    HAS_TRANSPORT.store(audio.device == Device::Jack, Ordering::Release);
    app().audio = Some(Arc::new(audio));
}

/// Whether the device that it began with could be opened.
#[must_use]
pub fn opened() -> bool {
    OPENED.load(Ordering::Acquire)
}

pub(crate) fn note_opened() {
    OPENED.store(true, Ordering::Release);
}

/// Whether the app's transport is one to follow. Audio thread.
pub(crate) fn has_transport() -> bool {
    HAS_TRANSPORT.load(Ordering::Acquire)
}

/// The app's audio; `None` in a plugin.
#[must_use]
pub fn audio() -> Option<Arc<Audio>> {
    app().audio.clone()
}

/// The device that was chosen in the window that has closed.
#[must_use]
pub fn take_choice() -> Option<Device> {
    app().chosen.take()
}

/// The window closes and the app begins anew with this device and the same session.
pub(crate) fn choose(device: Device, params: &DrumParams, runtime: &RuntimeHandle) {
    // What is pressed is pressed once.
    let held = HostParam::all().filter(|param| !matches!(param.row().kind, Kind::Button));
    let params = held.map(|param| (param, params.value(param))).collect();
    let mut app = app();
    app.luggage = Some(Luggage { session: runtime.text().as_str().to_owned(), params });
    app.chosen = Some(device);
}

/// Unpacks the session of the run before this one, if there was one.
pub(crate) fn unpack(params: &DrumParams, runtime: &RuntimeHandle) -> bool {
    let Some(luggage) = app().luggage.take() else { return false };
    luggage.params.iter().for_each(|(param, plain)| params.put(*param, *plain));
    runtime.load(luggage.session);
    true
}
