//! DeepDrummer as a CLAP and VST3 plugin: constants, trait implementations, exports. No logic.
//!
//! | module | thread |
//! |---|---|
//! | [`params`] | any |
//! | [`state`], `border` | the host's |
//! | [`audio`] | audio |
//! | [`editor`], [`host`] | the window's |
//! | [`guard`] | any: every call from outside runs inside it |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod app;
pub mod audio;
mod border;
pub mod controls;
pub mod editor;
pub mod guard;
pub mod host;
pub mod params;
pub mod state;

use audio::AudioSide;
use controls::ParamControls;
use deepdrummer_core::pattern::{MAX_LANES, Role};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::{Options, Runtime, settings};
use deepdrummer_core::units::SampleRate;
use guard::Entry;
use host::HostHandle;
use nice_plug::prelude::*;
use params::{DrumParams, HostParam};
use state::SessionField;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long `activate` waits for the first loop at most, so that a bounce right after loading is not silent.
/// Some tens of milliseconds are usual; a folder of thousands of files takes what it takes.
const FIRST_LOOP: Duration = Duration::from_secs(10);

/// The plugin. What is in it does the work; this hands calls on, and none of their panics back.
pub struct DeepDrummer {
    params: Arc<DrumParams>,
    audio: Option<AudioSide>,
    /// A block panicked: silence until the next reset or activation.
    failed: bool,
    /// Dropped with the plugin, on the host's main thread: that ends the worker. `None` only then.
    runtime: Option<Runtime>,
    /// The standalone app goes on with the session of the device before.
    goes_on: bool,
}

impl DeepDrummer {
    fn new(home: Option<PathBuf>) -> Self {
        let controls = Arc::new(ParamControls::default());
        let options = Options {
            critic: CriticKind::Taste,
            learner,
            lanes: Role::default_lanes(6).to_vec(),
            seed: controls::new_seed(),
            home,
        };
        let runtime = Runtime::new(options, Arc::clone(&controls) as _);
        let params = Arc::new(DrumParams::new(SessionField::new(runtime.handle().clone())));
        controls.follow(&params);
        let goes_on = app::unpack(&params, runtime.handle());
        border::made(runtime.handle());
        Self { params, audio: None, failed: false, runtime: Some(runtime), goes_on }
    }

    /// Everything is silent: what a block that failed may have left in them is no sound.
    fn silence(buffer: &mut Buffer<'_>, aux: &mut AuxiliaryBuffers<'_>) {
        buffer.as_slice().iter_mut().for_each(|channel| channel.fill(0.0));
        for port in aux.outputs.iter_mut() {
            port.as_slice().iter_mut().for_each(|channel| channel.fill(0.0));
        }
    }
}

impl Default for DeepDrummer {
    fn default() -> Self {
        // A plugin without a home folder plays and learns; the framework has no way to refuse one.
        // Tests leave the machine's own alone.
        let home = || if cfg!(test) { None } else { settings::home() };
        guard::run(Entry::Create, || Self::new(None), || Self::new(home()))
    }
}

impl Drop for DeepDrummer {
    fn drop(&mut self) {
        let (audio, runtime) = (self.audio.take(), self.runtime.take());
        guard::run(Entry::Destroy, || (), || drop((audio, runtime)));
    }
}

const STEREO: NonZeroU32 = new_nonzero_u32(2);
/// The main output's name. The framework reads it from the field of the main input.
const MAIN: PortNames =
    PortNames { main_input: Some("Main"), main_output: Some("Main"), ..PortNames::const_default() };

impl Plugin for DeepDrummer {
    const NAME: &'static str = "DeepDrummer";
    const VENDOR: &'static str = "DeepDrummer";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    // The plain stereo layout comes first: the framework's VST3 wrapper does not process at all while a
    // host leaves an extra output without buffers, as hosts do with busses that are not active.
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_input_channels: None,
            main_output_channels: Some(STEREO),
            names: PortNames { layout: Some("Stereo"), ..MAIN },
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: None,
            main_output_channels: Some(STEREO),
            aux_output_ports: &[STEREO; MAX_LANES],
            names: PortNames {
                layout: Some("Stereo and lanes"),
                aux_outputs: &[
                    "Lane 1", "Lane 2", "Lane 3", "Lane 4", "Lane 5", "Lane 6", "Lane 7", "Lane 8",
                ],
                ..MAIN
            },
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: None,
            main_output_channels: Some(new_nonzero_u32(1)),
            names: PortNames { layout: Some("Mono"), ..MAIN },
            ..AudioIOLayout::const_default()
        },
    ];

    const MIDI_INPUT: MidiConfig = MidiConfig::Basic;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::Basic;
    // The wrapper adds a block's offset to song positions that already have it when a host sends
    // transport changes within a block and this is on. What must be exact within a block (notes,
    // transport) is; levels glide over 5 ms anyway.
    const SAMPLE_ACCURATE_AUTOMATION: bool = false;

    type Editor = editor::EditorWindow;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as _
    }

    fn editor(&mut self, _async_executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        let runtime = self.runtime.as_ref()?.handle().clone();
        let params = Arc::clone(&self.params);
        guard::run(
            Entry::Editor,
            || None,
            || Some(editor::create(Box::new(HostHandle::new(params, runtime)))),
        )
    }

    fn filter_state(state: &mut PluginState) {
        guard::run(Entry::FilterState, || (), || state::before_load(state));
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        if context.plugin_api() == PluginApi::Standalone {
            app::note_opened();
            if !std::mem::replace(&mut self.goes_on, true) {
                // Nobody else starts it: the app plays at once.
                self.params.put(HostParam::Audition, 1.0);
            }
        }
        let Some(runtime) = &self.runtime else { return false };
        let hz = f64::from(config.sample_rate);
        let Some(rate) = SampleRate::checked(hz) else {
            nice_error!("DeepDrummer plays at 1 to 2,000 kHz; the host asks for {hz} Hz");
            return false;
        };
        let (audio, params) = (&mut self.audio, &self.params);
        self.failed = !guard::run(
            Entry::Activate,
            || false,
            || {
                let port = runtime.handle().attach(rate);
                let longest_block = config.max_buffer_size as usize;
                let before = audio.take();
                let mut next = AudioSide::new(rate, longest_block, port, config.process_mode);
                if let Some(before) = before {
                    next.take_over_notes(&before);
                }
                *audio = Some(next);
                runtime.handle().wait_for_plan(FIRST_LOOP);
                params.release();
                true
            },
        );
        !self.failed
    }

    fn reset(&mut self) {
        // Hosts call this on the audio thread before it processes. The framework asks for the current
        // thread when a parameter changes, which allocates once a thread: here rather than there.
        let _ = std::thread::current().id();
        if let Some(audio) = &mut self.audio {
            self.failed = !guard::run(
                Entry::Reset,
                || false,
                || {
                    audio.reset();
                    true
                },
            );
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer<'_>,
        aux: &mut AuxiliaryBuffers<'_>,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let Some(audio) = &mut self.audio else { return ProcessStatus::Normal };
        self.failed = self.failed
            || guard::run(
                Entry::Process,
                || true,
                || {
                    audio::block(audio, &self.params, buffer, aux, context);
                    false
                },
            );
        if self.failed {
            Self::silence(buffer, aux);
        }
        ProcessStatus::KeepAlive
    }
}

impl ClapPlugin for DeepDrummer {
    const CLAP_ID: &'static str = "org.deepdrummer.deepdrummer";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Drum loops that learn one person's taste");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::DrumMachine, ClapFeature::Drum, ClapFeature::Stereo];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        guard::run(Entry::RemoteControls, || (), || self.params.remote_controls(context));
    }
}

impl Vst3Plugin for DeepDrummer {
    const VST3_CLASS_ID: [u8; 16] = *b"DeepDrummerLoops";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Drum, Vst3SubCategory::Stereo];
}

pub use border::clap_entry;
