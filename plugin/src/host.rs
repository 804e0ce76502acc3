//! The editor's view of session, engine and host: [`editor::Handle`](crate::editor::Handle) over the
//! runtime's hand-overs and the host's parameters.
//!
//! Editor thread. Nothing here waits for the worker or for audio.

use crate::editor::{Handle, HostParam, Meters};
use crate::params::DrumParams;
use crate::params::table::MOST_CHANGES;
use deepdrummer_core::export;
use deepdrummer_core::runtime;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use nice_plug::context::gui::GuiContext;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// See the module.
pub struct HostHandle {
    params: Arc<DrumParams>,
    runtime: runtime::Handle,
    context: Option<GuiContext>,
    /// When the host was told last that the project has changed.
    told: Option<Instant>,
}

/// The host is told of changes at most this often: a drag makes sixty a second.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Settings are one small file; a disk that is slower than this must not hold up the host.
const SETTINGS_PATIENCE: Duration = Duration::from_millis(500);

impl HostHandle {
    /// A handle without a window yet.
    #[must_use]
    pub fn new(params: Arc<DrumParams>, runtime: runtime::Handle) -> Self {
        Self { params, runtime, context: None, told: None }
    }

    /// Tells the host that there is something to save.
    fn mark_changed(&mut self) {
        let now = Instant::now();
        if self.told.is_none_or(|told| now.duration_since(told) >= TELL_EVERY) {
            self.told = Some(now);
            let count = self.params.value(HostParam::Changes);
            self.gesture(HostParam::Changes, if count >= MOST_CHANGES as f32 { 0.0 } else { count + 1.0 });
        }
    }

    /// Sets a parameter as one gesture that the host records.
    fn gesture(&self, param: HostParam, plain: f32) {
        let Some(context) = &self.context else { return };
        self.params.begin(context, param);
        self.params.set(context, param, plain);
        self.params.end(context, param);
    }
}

impl Handle for HostHandle {
    fn view(&self) -> Arc<View> {
        self.runtime.view()
    }

    fn meters(&self) -> Option<Meters> {
        let live = self.runtime.meters()?;
        let engine = live.engine;
        Some(Meters {
            playing: engine.playing,
            step: f32::from(engine.step),
            audible: engine.loop_id,
            bars_heard: engine.bars_heard,
            lane_peaks: engine.lane_peaks,
            output_peaks: engine.main_peaks,
            bpm: live.bpm.get(),
            meter: live.meter,
            bar: live.bar,
        })
    }

    fn send(&mut self, command: Command) -> bool {
        // What is a host parameter is changed as one: the host's value is the truth, and the session
        // follows it.
        let mut controls = self.params.controls();
        if controls.take(&command) {
            for (param, plain) in HostParam::to_hold(controls, |param| self.params.value(param)) {
                self.gesture(param, plain);
            }
            return true;
        }
        let changes = command.changes_the_project();
        let sent = self.runtime.send(command);
        if sent && changes {
            self.mark_changed();
        }
        sent
    }

    fn param(&self, which: HostParam) -> f32 {
        self.params.value(which)
    }

    fn begin_param(&mut self, which: HostParam) {
        if let Some(context) = &self.context {
            self.params.begin(context, which);
        }
    }

    fn set_param(&mut self, which: HostParam, plain: f32) {
        if let Some(context) = &self.context {
            self.params.set(context, which, plain);
        }
    }

    fn end_param(&mut self, which: HostParam) {
        if let Some(context) = &self.context {
            self.params.end(context, which);
        }
    }

    fn default_export_folder(&self) -> PathBuf {
        export::default_folder().unwrap_or_default()
    }

    fn connect(&mut self, context: GuiContext) {
        self.context = Some(context);
    }

    fn prepare(&mut self) {
        // Without them the window has its default size and zoom for once.
        let _ = self.runtime.wait_for_settings(SETTINGS_PATIENCE);
    }

    fn window_open(&mut self, open: bool) {
        if open {
            self.runtime.start();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::SessionField;
    use deepdrummer_core::pattern::Role;
    use deepdrummer_core::propose::{CriticKind, learner};
    use deepdrummer_core::runtime::{NoControls, Options, Runtime};
    use deepdrummer_core::session::view::Settings;
    use deepdrummer_core::units::Seed;
    use nice_plug::context::PluginApi;
    use nice_plug::context::gui::GuiContextInner;
    use nice_plug::prelude::{ParamPtr, PluginState};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A host that counts the parameters that the window changes.
    #[derive(Default)]
    struct CountingHost(AtomicUsize);

    #[expect(unsafe_code, reason = "the framework's trait is unsafe; nothing is done with the pointers")]
    impl GuiContextInner for CountingHost {
        fn plugin_api(&self) -> PluginApi {
            PluginApi::Clap
        }
        unsafe fn raw_begin_set_parameter(&self, _: ParamPtr) {}
        unsafe fn raw_set_parameter_normalized(&self, _: ParamPtr, _: f32) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        unsafe fn raw_end_set_parameter(&self, _: ParamPtr) {}
        fn get_state(&self) -> PluginState {
            PluginState { version: String::new(), params: Default::default(), fields: Default::default() }
        }
        fn set_state(&self, _: PluginState) {}
        fn request_restart(&self) {}
    }

    #[test]
    fn a_host_is_told_that_the_window_changed_the_project() {
        let options = Options {
            critic: CriticKind::Random,
            learner,
            lanes: Role::default_lanes(4).to_vec(),
            seed: Seed(1),
            home: None,
        };
        let runtime = Runtime::new(options, Arc::new(NoControls));
        let params = Arc::new(DrumParams::new(SessionField::new(runtime.handle().clone())));
        let mut handle = HostHandle::new(params, runtime.handle().clone());
        let host = Arc::new(CountingHost::default());
        let told = || host.0.load(Ordering::Relaxed);
        handle.connect(GuiContext::new(Arc::clone(&host) as _));
        assert!(handle.send(Command::SetSettings(Settings::default())));
        assert!(handle.send(Command::Dismiss(1)));
        assert_eq!(told(), 0, "what is the machine's is no change of the project");
        assert!(handle.send(Command::LockBeat(0, true)));
        assert_eq!(told(), 1);
        for _ in 0..60 {
            assert!(handle.send(Command::Undo));
        }
        assert!(told() <= 2, "a drag does not flood the host: {}", told());
    }
}
