//! A small CLAP host in the test's own process.
//!
//! It loads the plugin as a bundle or as it is linked into the test, gives it a transport, notes
//! and parameter changes, and collects audio and notes. The test's thread is the host's main
//! thread; [`Session::process`] plays the audio thread's part, on whichever thread calls it.

mod session;

use std::ffi::CString;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::note_name::{NoteNameBuffer, PluginNoteName};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamInfoBuffer,
    ParamRescanFlags, PluginParams,
};
use clack_extensions::remote_controls::{PluginRemoteControls, RemoteControlsPageBuffer};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::{HostState, HostStateImpl, PluginState};
use clack_host::prelude::*;

use crate::artifacts;
use crate::transport::Transport;
pub use session::{Note, Session};

/// The parameters' ids are for ever: projects and automation hold them.
pub const FROZEN_IDS: &[&str] = &[
    "like",
    "dislike",
    "skip",
    "back",
    "adventure",
    "density",
    "swing",
    "length",
    "steps",
    "meter",
    "four_floor",
    "enter",
    "audition",
    "output",
    "limiter",
    "bypass",
    "changes",
    "levelled",
    "bus",
    "bus_glue",
    "bus_threshold",
    "bus_sidechain",
    "bus_drive",
    "bus_tilt",
    "bus_room",
    "bus_ducking",
    "bus_width",
    "bus_trim",
    "bus_limiter",
    "section",
    "human",
    "notes_only",
    "follow",
];

/// The same of each lane; `_1` to `_8` follow.
pub const FROZEN_LANE_IDS: &[&str] = &[
    "lock_beat",
    "lock_sound",
    "own_output",
    "start",
    "attack",
    "hold",
    "decay",
    "pitch_env",
    "pitch_env_time",
    "high_pass",
    "low_pass",
    "resonance",
    "drive",
    "transient",
    "width",
    "room_send",
    "delay",
    "lane_swing",
    "velocity_tone",
    "takes",
];

/// All ids, in the order of the plugin's list.
#[must_use]
pub fn frozen_ids() -> Vec<String> {
    let lanes = (1..=8).flat_map(|lane| FROZEN_LANE_IDS.iter().map(move |id| format!("{id}_{lane}")));
    FROZEN_IDS.iter().map(|id| (*id).to_owned()).chain(lanes).collect()
}

/// How long a test waits for the plugin's worker before it fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What the plugin asked of the host.
#[derive(Default)]
struct Requests {
    callback: AtomicBool,
    restarts: AtomicUsize,
}

/// The host's side that any thread may call.
struct Shared(Arc<Requests>);

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {
        self.0.restarts.fetch_add(1, Ordering::Relaxed);
    }

    fn request_process(&self) {}

    fn request_callback(&self) {
        self.0.callback.store(true, Ordering::Release);
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {}
}

impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, _: GuiSize) -> Result<(), HostError> {
        Ok(())
    }

    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn closed(&self, _: bool) {}
}

/// The host's side on its main thread.
struct Main;

impl MainThreadHandler<'_> for Main {}

impl HostParamsImplMainThread for Main {
    fn rescan(&self, _: ParamRescanFlags) {}

    fn clear(&self, _: ClapId, _: ParamClearFlags) {}
}

impl HostStateImpl for Main {
    fn mark_dirty(&self) {}
}

struct TestHost;

impl HostHandlers for TestHost {
    type Shared<'a> = Shared;
    type MainThread<'a> = Main;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &Self::Shared<'_>) {
        builder.register::<HostParams>().register::<HostState>().register::<HostGui>();
    }
}

/// A loaded plugin library.
#[derive(Clone)]
pub struct Library(PluginEntry);

impl Library {
    /// The bundle that `cargo xtask bundle` made.
    #[expect(unsafe_code, reason = "loading a library runs its code")]
    #[must_use]
    pub fn bundled() -> Self {
        artifacts::enter_own_home();
        let path = artifacts::clap_bundle();
        // SAFETY: it is this workspace's own plugin, whose start-up code keeps Rust's rules.
        let entry = unsafe { PluginEntry::load(&path) };
        Self(entry.unwrap_or_else(|error| panic!("{} cannot be loaded: {error}", path.display())))
    }

    /// The plugin as it is linked into this test, so that a test's allocator serves it too.
    #[expect(unsafe_code, reason = "a CLAP entry is a table of C functions")]
    #[must_use]
    pub fn linked() -> Self {
        artifacts::enter_own_home();
        // SAFETY: the entry is a static of this workspace's own plugin.
        let entry = unsafe { PluginEntry::load_from_raw(&deepdrummer_plugin::clap_entry, c"linked") };
        Self(entry.expect("the linked plugin has an entry"))
    }

    /// Ids of the plugins in the library.
    #[must_use]
    pub fn plugin_ids(&self) -> Vec<String> {
        let factory = self.0.get_plugin_factory().expect("the library has a plugin factory");
        factory
            .plugin_descriptors()
            .filter_map(|descriptor| descriptor.id().map(|id| id.to_string_lossy().into_owned()))
            .collect()
    }

    /// A new instance, not yet active.
    #[must_use]
    pub fn open(&self) -> Plugin {
        let host =
            HostInfo::new("DeepDrummer tests", "DeepDrummer", "", "1").expect("names hold no zero byte");
        let requests = Arc::new(Requests::default());
        let shared = Arc::clone(&requests);
        let instance = PluginInstance::new(|_| Shared(shared), |_| Main, &self.0, artifacts::CLAP_ID, &host)
            .expect("the plugin can be instantiated");
        Plugin { instance, requests }
    }
}

/// What the plugin tells about one of its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The id that hosts store.
    pub id: u32,
    /// What a person reads.
    pub name: String,
    /// Its group.
    pub module: String,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// The value of a new instance.
    pub default: f64,
}

/// An instance of the plugin, seen from the host's main thread.
pub struct Plugin {
    instance: PluginInstance<TestHost>,
    requests: Arc<Requests>,
}

impl Plugin {
    /// The plugin as its extensions want it.
    pub(crate) fn handle(&mut self) -> PluginMainThreadHandle<'_> {
        self.instance.plugin_handle()
    }

    /// Does what the plugin asked the host's main thread for, as a host does when it is idle.
    pub fn idle(&mut self) {
        if self.requests.callback.swap(false, Ordering::AcqRel) {
            self.instance.call_on_main_thread_callback();
        }
    }

    /// How often the plugin asked to be restarted.
    #[must_use]
    pub fn restart_requests(&self) -> usize {
        self.requests.restarts.load(Ordering::Relaxed)
    }

    /// The bytes that a host puts into its project.
    #[must_use]
    pub fn save(&mut self) -> Vec<u8> {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().expect("the plugin has a state");
        let mut bytes = Vec::new();
        state.save(&handle, &mut bytes).expect("the plugin saves its state");
        bytes
    }

    /// Gives the plugin saved bytes. Returns whether it took them.
    pub fn load(&mut self, bytes: &[u8]) -> bool {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().expect("the plugin has a state");
        let loaded = state.load(&handle, &mut Cursor::new(bytes)).is_ok();
        self.idle();
        loaded
    }

    /// All parameters, in the plugin's order.
    #[must_use]
    pub fn parameters(&mut self) -> Vec<Parameter> {
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the plugin has parameters");
        let mut buffer = ParamInfoBuffer::new();
        (0..params.count(&handle))
            .map(|index| {
                let info = params.get_info(&handle, index, &mut buffer).expect("every index has a parameter");
                Parameter {
                    id: info.id.get(),
                    name: String::from_utf8_lossy(info.name).into_owned(),
                    module: String::from_utf8_lossy(info.module).into_owned(),
                    min: info.min_value,
                    max: info.max_value,
                    default: info.default_value,
                }
            })
            .collect()
    }

    /// A parameter's present value.
    #[must_use]
    pub fn value(&mut self, id: &str) -> f64 {
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the plugin has parameters");
        params.get_value(&handle, parameter_id(id)).unwrap_or_else(|| panic!("there is no parameter '{id}'"))
    }

    /// The present value of a parameter under the id that hosts store.
    #[must_use]
    pub fn value_by_number(&mut self, id: u32) -> f64 {
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the plugin has parameters");
        let value = ClapId::from_raw(id).and_then(|id| params.get_value(&handle, id));
        value.unwrap_or_else(|| panic!("there is no parameter {id}"))
    }

    /// How the plugin writes a value of a parameter.
    #[must_use]
    pub fn text_of(&mut self, id: u32, value: f64) -> Option<String> {
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the plugin has parameters");
        let mut buffer = [0; 256];
        let text = params.value_to_text(&handle, ClapId::from_raw(id)?, value, &mut buffer).ok()?;
        Some(String::from_utf8_lossy(text).into_owned())
    }

    /// What value the plugin reads from a text.
    #[must_use]
    pub fn value_of(&mut self, id: u32, text: &str) -> Option<f64> {
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().expect("the plugin has parameters");
        params.text_to_value(&handle, ClapId::from_raw(id)?, &CString::new(text).ok()?)
    }

    /// Tells the plugin that it is rendered offline, or in real time again.
    pub fn set_offline(&mut self, offline: bool) {
        let handle = self.instance.plugin_handle();
        let render: PluginRender = handle.get_extension().expect("the plugin knows render modes");
        let mode = if offline { RenderMode::Offline } else { RenderMode::Realtime };
        render.set(&handle, mode).expect("the plugin takes the render mode");
    }

    /// The channels of each output port.
    #[must_use]
    pub fn output_ports(&mut self) -> Vec<(String, usize)> {
        let handle = self.instance.plugin_handle();
        let ports: PluginAudioPorts = handle.get_extension().expect("the plugin has audio ports");
        let mut buffer = AudioPortInfoBuffer::new();
        (0..ports.count(&handle, false))
            .map(|index| {
                let port = ports.get(&handle, index, false, &mut buffer).expect("every index has a port");
                (String::from_utf8_lossy(port.name).into_owned(), port.channel_count as usize)
            })
            .collect()
    }

    /// The names of keys, in the plugin's order.
    #[must_use]
    pub fn note_names(&mut self) -> Vec<(u16, String)> {
        let handle = self.instance.plugin_handle();
        let names: PluginNoteName = handle.get_extension().expect("the plugin names notes");
        let mut buffer = NoteNameBuffer::new();
        (0..names.count(&handle) as u32)
            .map(|index| {
                let name = names.get(&handle, index, &mut buffer).expect("every index has a name");
                let key = name.key.into_specific().expect("a name is of one key");
                (key, String::from_utf8_lossy(name.name).into_owned())
            })
            .collect()
    }

    /// The names of the remote-control pages, and the parameters' ids on each.
    #[must_use]
    pub fn remote_controls(&mut self) -> Vec<(String, Vec<u32>)> {
        let handle = self.instance.plugin_handle();
        let controls: PluginRemoteControls = handle.get_extension().expect("the plugin has remote controls");
        let mut buffer = RemoteControlsPageBuffer::new();
        (0..controls.count(&handle))
            .map(|index| {
                let page = controls.get(&handle, index, &mut buffer).expect("every index has a page");
                let ids = page.param_ids.iter().flatten().map(|id| id.get()).collect();
                (String::from_utf8_lossy(page.page_name).into_owned(), ids)
            })
            .collect()
    }

    /// Chooses the port configuration of this name, as a host's menu does; the plugin is not active.
    pub fn choose_ports(&mut self, name: &str) {
        let handle = self.instance.plugin_handle();
        let configs: PluginAudioPortsConfig =
            handle.get_extension().expect("the plugin has port configurations");
        let mut buffer = AudioPortsConfigBuffer::new();
        let id = (0..configs.count(&handle)).find_map(|index| {
            let config = configs.get(&handle, index, &mut buffer)?;
            (config.name == name.as_bytes()).then_some(config.id)
        });
        configs
            .select(&handle, id.expect("there is a configuration of this name"))
            .expect("it can be chosen");
    }

    /// Activates the plugin and starts its audio.
    #[must_use]
    pub fn activate(&mut self, sample_rate: f64, most_frames: usize) -> Session {
        self.try_activate(sample_rate, most_frames).expect("the plugin activates")
    }

    /// Activates the plugin and starts its audio; `None` if it refuses.
    #[must_use]
    pub fn try_activate(&mut self, sample_rate: f64, most_frames: usize) -> Option<Session> {
        let ports: Vec<usize> = self.output_ports().into_iter().map(|(_, channels)| channels).collect();
        let configuration = PluginAudioConfiguration {
            sample_rate,
            min_frames_count: 1,
            max_frames_count: u32::try_from(most_frames).expect("a block's length fits"),
        };
        let stopped = self.instance.activate(|_, _| (), configuration).ok()?;
        let processor = stopped.start_processing().unwrap_or_else(|error| panic!("{error}"));
        Some(Session::new(processor, sample_rate, most_frames, &ports))
    }

    /// Takes the audio back and deactivates the plugin.
    pub fn deactivate(&mut self, session: Session) {
        self.instance.deactivate(session.processor.stop_processing());
        self.idle();
    }
}

/// The id under which hosts know the parameter with a name in the code: what nice-plug computes.
#[must_use]
pub fn parameter_id(name: &str) -> ClapId {
    let hash = name.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    ClapId::new(hash & !(1 << 31))
}

/// Something that happens at a frame of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// A key goes down.
    NoteOn {
        /// MIDI key.
        key: u8,
        /// 0 to 1.
        velocity: f64,
    },
    /// A key goes up.
    NoteOff {
        /// MIDI key.
        key: u8,
    },
    /// A parameter gets a value.
    Parameter {
        /// Its name in the code.
        id: &'static str,
        /// In CLAP's range of the parameter.
        value: f64,
    },
    /// The host's transport changes within the block.
    Transport(Transport),
}

/// Runs `attempt` again and again until it gives something, giving way to the plugin's worker in
/// between.
///
/// # Panics
/// When [`PATIENCE`] is at an end.
pub fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        // Leaves the processor to the worker; what is waited for may come at any time.
        std::thread::park_timeout(Duration::from_millis(1));
    }
}
