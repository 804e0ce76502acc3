//! A CLAP host that provokes a panic in every entry, one after the other, and lives on.

use super::{Entry, provoked, run};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, HostGui, HostGuiImpl, PluginGui, Window};
use clack_extensions::params::PluginParams;
use clack_extensions::remote_controls::{PluginRemoteControls, RemoteControlsPageBuffer};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::*;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

struct Shared(Arc<AtomicBool>);

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {}

    fn request_process(&self) {}

    fn request_callback(&self) {
        self.0.store(true, Ordering::Release);
    }
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

struct Main;

impl MainThreadHandler<'_> for Main {}

struct Host;

impl HostHandlers for Host {
    type Shared<'a> = Shared;
    type MainThread<'a> = Main;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &Self::Shared<'_>) {
        builder.register::<HostGui>();
    }
}

/// The number under which hosts know a parameter: what nice-plug makes of its name.
fn parameter_id(name: &str) -> u32 {
    name.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) & !(1 << 31)
}

/// An input port, of which there are none.
type NoInput<'a> = AudioPortBuffer<[InputChannel<'a, f32>; 0], [InputChannel<'a, f64>; 0]>;

/// An instance in the host.
struct Instance {
    plugin: PluginInstance<Host>,
    called: Arc<AtomicBool>,
}

impl Instance {
    fn new() -> Self {
        Self::try_new().unwrap()
    }

    fn try_new() -> Option<Self> {
        #[expect(unsafe_code, reason = "a CLAP entry is a table of C functions")]
        // SAFETY: the entry is this crate's own static.
        let entry = unsafe { PluginEntry::load_from_raw(&crate::clap_entry, c"linked") }.unwrap();
        let info = HostInfo::new("panics", "DeepDrummer", "", "1").unwrap();
        let called = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&called);
        let id = c"org.deepdrummer.deepdrummer";
        let plugin = PluginInstance::new(|_| Shared(shared), |_| Main, &entry, id, &info).ok()?;
        Some(Self { plugin, called })
    }

    fn idle(&mut self) {
        if self.called.swap(false, Ordering::AcqRel) {
            self.plugin.call_on_main_thread_callback();
        }
    }

    /// Reads and writes all that a host asks on its main thread. Returns the saved state.
    fn ask(&mut self) -> Vec<u8> {
        let handle = self.plugin.plugin_handle();
        let params: PluginParams = handle.get_extension().unwrap();
        let mut buffer = [0; 256];
        for id in [parameter_id("swing"), parameter_id("output")] {
            let id = ClapId::new(id);
            let _ = params.value_to_text(&handle, id, 0.0, &mut buffer);
            let _ = params.text_to_value(&handle, id, c"54");
        }
        let controls: PluginRemoteControls = handle.get_extension().unwrap();
        for page in 0..controls.count(&handle) {
            let _ = controls.get(&handle, page, &mut RemoteControlsPageBuffer::new());
        }
        let state: PluginState = handle.get_extension().unwrap();
        let mut saved = Vec::new();
        let _ = state.save(&handle, &mut saved);
        let _ = state.load(&handle, &mut Cursor::new(&saved));
        self.idle();
        saved
    }

    /// Activates it and plays two blocks; the second one's loudest sample, or `None` if it was not activated.
    fn play(&mut self) -> Option<f32> {
        let configuration =
            PluginAudioConfiguration { sample_rate: 48_000.0, min_frames_count: 1, max_frames_count: 256 };
        let stopped = self.plugin.activate(|_, _| (), configuration).ok()?;
        let mut processor = stopped.start_processing().unwrap_or_else(|error| panic!("{error}"));
        let mut ports = AudioPorts::with_capacity(2, 1);
        let mut inputs = AudioPorts::with_capacity(0, 0);
        // What a host leaves in its buffers is no sound of the plugin's.
        let mut channels = [[1.0_f32; 256]; 2];
        for block in 0..2 {
            let mut events = EventBuffer::with_capacity(2);
            let like = ClapId::new(parameter_id("like"));
            events.push(&ParamValueEvent::new(0, like, Pckn::match_all(), f64::from(1 - block)));
            let no_inputs: [NoInput<'_>; 0] = [];
            let audio_in = inputs.with_input_buffers(no_inputs);
            let mut audio_out = ports.with_output_buffers([AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(
                    channels.iter_mut().map(|channel| &mut channel[..]),
                ),
            }]);
            let mut sent = EventBuffer::with_capacity(64);
            let status = processor.process(
                &audio_in,
                &mut audio_out,
                &events.as_input(),
                &mut sent.as_output(),
                None,
                None,
            );
            assert!(status.is_ok());
            processor.reset();
        }
        self.plugin.deactivate(processor.stop_processing());
        self.idle();
        channels.iter().flatten().map(|sample| sample.abs()).reduce(f32::max)
    }

    /// Opens the window in a host's, uses it, and closes it. Whether it opened.
    #[cfg(target_os = "linux")]
    fn look(&mut self, frame: &Frame) -> bool {
        let handle = self.plugin.plugin_handle();
        let gui: PluginGui = handle.get_extension().unwrap();
        let configuration = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };
        if gui.create(&handle, configuration).is_err() {
            return false;
        }
        let _ = gui.get_size(&handle);
        let _ = gui.can_resize(&handle);
        let _ = gui.set_scale(&handle, 1.25);
        // SAFETY: the frame outlives the editor.
        #[expect(unsafe_code, reason = "the parent window must outlive the editor")]
        let _ = unsafe { gui.set_parent(&handle, Window::from_x11_handle(u64::from(frame.window))) };
        let _ = gui.show(&handle);
        frame.send_keys();
        let _ = gui.adjust_size(&handle, GuiSize { width: 10, height: 10 });
        let _ = gui.set_size(&handle, GuiSize { width: 900, height: 600 });
        let _ = gui.hide(&handle);
        let _ = gui.show(&handle);
        // A state that is loaded is told to the open window.
        self.ask();
        let until = Instant::now() + Duration::from_millis(250);
        while Instant::now() < until {
            self.idle();
            frame.send_keys();
            std::thread::park_timeout(Duration::from_millis(5));
        }
        let handle = self.plugin.plugin_handle();
        let gui: PluginGui = handle.get_extension().unwrap();
        gui.destroy(&handle);
        self.idle();
        true
    }
}

/// A host's window.
#[cfg(target_os = "linux")]
struct Frame {
    connection: x11rb::rust_connection::RustConnection,
    window: u32,
}

#[cfg(target_os = "linux")]
impl Frame {
    /// `None` without a display: `cargo xtask test` brings one.
    fn open() -> Option<Self> {
        use x11rb::connection::Connection;
        use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, WindowClass};
        if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
            assert!(std::env::var_os("DEEPDRUMMER_OUT").is_none(), "there is no display");
            println!("skipped: there is no display; `cargo xtask test` brings one");
            return None;
        }
        let (connection, screen) = x11rb::connect(None).unwrap();
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().unwrap();
        let (class, look) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        connection.create_window(0, window, root, 0, 0, 1_400, 900, 0, class, 0, &look).unwrap();
        connection.map_window(window).unwrap();
        connection.get_input_focus().unwrap().reply().unwrap();
        Some(Self { connection, window })
    }

    /// A key for every window in it.
    fn send_keys(&self) {
        use x11rb::connection::Connection;
        use x11rb::protocol::xproto::{ConnectionExt, EventMask, KEY_PRESS_EVENT, KeyPressEvent};
        let Some(tree) = self.connection.query_tree(self.window).ok().and_then(|tree| tree.reply().ok())
        else {
            return;
        };
        for child in tree.children {
            let key = KeyPressEvent {
                response_type: KEY_PRESS_EVENT,
                detail: 67,
                sequence: 0,
                time: 0,
                root: tree.root,
                event: child,
                child: 0,
                root_x: 0,
                root_y: 0,
                event_x: 0,
                event_y: 0,
                state: Default::default(),
                same_screen: true,
            };
            let _ = self.connection.send_event(false, child, EventMask::NO_EVENT, key);
        }
        let _ = self.connection.flush();
    }
}

const PLAYING: [Entry; 4] = [Entry::Activate, Entry::Reset, Entry::Process, Entry::ParamChanged];
const ASKING: [Entry; 10] = [
    Entry::ReadState,
    Entry::Create,
    Entry::Destroy,
    Entry::Editor,
    Entry::FilterState,
    Entry::RemoteControls,
    Entry::SaveField,
    Entry::LoadField,
    Entry::ParamToText,
    Entry::TextToParam,
];
const LOOKING: [Entry; 16] = [
    Entry::Spawn,
    Entry::Size,
    Entry::ResizeHint,
    Entry::SetParent,
    Entry::Show,
    Entry::MainThread,
    Entry::SetSize,
    Entry::SetScale,
    Entry::AdjustSize,
    Entry::Changed,
    Entry::CloseWindow,
    Entry::MakeHandler,
    Entry::Draw,
    Entry::Resized,
    Entry::Event,
    Entry::Timer,
];

#[test]
fn what_panics_is_replaced_and_what_does_not_is_done() {
    assert_eq!(run(Entry::Size, || 1, || 2), 2);
    assert_eq!(run(Entry::Size, || 1, || panic!("on purpose")), 1);
}

#[test]
fn a_host_lives_on_when_any_entry_panics() {
    // One that can't be made is no instance to ask.
    let count = 1 + PLAYING.len() + ASKING.len() + LOOKING.len();
    assert_eq!(count, Entry::Timer as usize + 1, "every entry is provoked");
    provoked::set(Some(Entry::Instance));
    assert!(Instance::try_new().is_none());
    assert_eq!(provoked::set(None), 1);
    for entry in ASKING {
        provoked::set(Some(entry));
        Instance::new().ask();
        assert_ne!(provoked::set(None), 0, "{entry:?} was never called");
    }
    for entry in PLAYING {
        let mut instance = Instance::new();
        provoked::set(Some(entry));
        let loudest = instance.play();
        assert_ne!(provoked::set(None), 0, "{entry:?} was never called");
        match entry {
            Entry::Activate => assert_eq!(loudest, None, "it says that it is not active"),
            _ => assert_eq!(loudest, Some(0.0), "{entry:?}: silence, not what was in the buffer"),
        }
        assert_eq!(instance.play(), Some(0.0), "{entry:?}: it is active again");
    }
    #[cfg(target_os = "linux")]
    if let Some(frame) = Frame::open() {
        for entry in LOOKING {
            let mut instance = Instance::new();
            provoked::set(Some(entry));
            instance.look(&frame);
            assert_ne!(provoked::set(None), 0, "{entry:?} was never called");
            assert!(instance.look(&frame), "{entry:?}: the window opens again");
        }
    }
    let mut instance = Instance::new();
    assert!(!instance.ask().is_empty());
    assert_eq!(instance.play(), Some(0.0));
}
