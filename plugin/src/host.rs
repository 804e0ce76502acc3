//! The editor's view of session, engine and host: [`editor::Handle`](crate::editor::Handle) over the
//! runtime's hand-overs and the host's parameters.
//!
//! Editor thread. Nothing here waits for the worker or for audio.

use crate::editor::{Handle, HostParam, Meters};
use crate::params::{DrumParams, EnterChoice, Length, MOST_CHANGES, MeterChoice, SWING_AUTO_BELOW};
use deepdrummer_core::engine::Enter;
use deepdrummer_core::export;
use deepdrummer_core::runtime;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::{Enum, Param};
use std::cell::RefCell;
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
    /// What the window has seen last; what it changes, it changes of that.
    seen: RefCell<Arc<View>>,
}

/// The host is told of changes at most this often: a drag makes sixty a second.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// The value that a host parameter has while the editor's "auto" is on: the bottom of its range.
const SWING_AUTO: f32 = 49.0;

/// Settings are one small file; a disk that is slower than this must not hold up the host.
const SETTINGS_PATIENCE: Duration = Duration::from_millis(500);

impl HostHandle {
    /// A handle without a window yet.
    #[must_use]
    pub fn new(params: Arc<DrumParams>, runtime: runtime::Handle) -> Self {
        let seen = RefCell::new(runtime.view());
        Self { params, runtime, context: None, told: None, seen }
    }

    /// Tells the host that there is something to save.
    fn mark_changed(&mut self) {
        let now = Instant::now();
        if self.told.is_none_or(|told| now.duration_since(told) >= TELL_EVERY) {
            self.told = Some(now);
            let count = self.params.changes.value();
            self.gesture(&self.params.changes, if count >= MOST_CHANGES { 0 } else { count + 1 });
        }
    }

    /// Sets a parameter as one gesture that the host records.
    fn gesture<P: Param>(&self, param: &P, value: P::Plain) {
        let Some(context) = &self.context else { return };
        let setter = context.param_setter();
        setter.begin_set_parameter(param);
        setter.set_parameter(param, value);
        setter.end_set_parameter(param);
    }
}

/// Runs `$body` with `$param` bound to the parameter that `$which` names, whatever its type.
macro_rules! with_param {
    ($params:expr, $which:expr, $param:ident => $body:expr) => {
        match $which {
            HostParam::Adventure => {
                let $param = &$params.adventure;
                $body
            }
            HostParam::Density => {
                let $param = &$params.density;
                $body
            }
            HostParam::Swing => {
                let $param = &$params.swing;
                $body
            }
            HostParam::Bars => {
                let $param = &$params.length;
                $body
            }
            HostParam::StepsPerBar => {
                let $param = &$params.steps;
                $body
            }
            HostParam::FourOnTheFloor => {
                let $param = &$params.four_on_the_floor;
                $body
            }
            HostParam::Enter => {
                let $param = &$params.enter;
                $body
            }
            HostParam::Limiter => {
                let $param = &$params.limiter;
                $body
            }
            HostParam::OutputLevel => {
                let $param = &$params.output;
                $body
            }
        }
    };
}

impl Handle for HostHandle {
    fn view(&self) -> Arc<View> {
        let view = self.runtime.view();
        self.seen.replace(Arc::clone(&view));
        view
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
        match command {
            Command::Steer(steering) => {
                if let Some(choice) = MeterChoice::of(steering.grid.meter)
                    && choice != self.params.meter.value()
                {
                    self.gesture(&self.params.meter, choice);
                }
                true
            }
            Command::Audition(on) => {
                self.gesture(&self.params.audition, on);
                true
            }
            Command::SetEnter(enter) => {
                let choice = match enter {
                    Enter::NextBar => EnterChoice::NextBar,
                    Enter::LoopEnd => EnterChoice::LoopEnd,
                    Enter::Beat => EnterChoice::Beat,
                    Enter::Now => EnterChoice::Now,
                };
                self.gesture(&self.params.enter, choice);
                true
            }
            // Settings belong to all instances: only what the person changed of what the window shows.
            Command::SetSettings(to) => {
                let from = self.seen.borrow().settings.clone();
                self.runtime.send(Command::ChangeSettings { from, to })
            }
            Command::SetExport(to) => {
                let from = self.seen.borrow().export.clone();
                self.runtime.send(Command::ChangeExport { from, to })
            }
            other => {
                let changes = other.changes_the_project();
                let sent = self.runtime.send(other);
                if sent && changes {
                    self.mark_changed();
                }
                sent
            }
        }
    }

    fn param(&self, which: HostParam) -> f32 {
        let p = &self.params;
        match which {
            HostParam::Adventure => p.adventure.value(),
            HostParam::Density => p.density.value(),
            HostParam::Swing if p.swing.value() < SWING_AUTO_BELOW => 0.0,
            HostParam::Swing => p.swing.value(),
            HostParam::Bars => match p.length.value() {
                Length::One => 1.0,
                Length::Two => 2.0,
                Length::Four => 4.0,
            },
            HostParam::StepsPerBar => p.steps.value() as f32,
            HostParam::FourOnTheFloor => f32::from(p.four_on_the_floor.value()),
            HostParam::Enter => p.enter.value().to_index() as f32,
            HostParam::Limiter => f32::from(p.limiter.value()),
            HostParam::OutputLevel => p.output.value(),
        }
    }

    fn begin_param(&mut self, which: HostParam) {
        let Some(context) = &self.context else { return };
        with_param!(self.params, which, param => context.param_setter().begin_set_parameter(param));
    }

    fn set_param(&mut self, which: HostParam, plain: f32) {
        let Some(context) = &self.context else { return };
        let (setter, p) = (context.param_setter(), &self.params);
        match which {
            HostParam::Adventure => setter.set_parameter(&p.adventure, plain),
            HostParam::Density => setter.set_parameter(&p.density, plain),
            HostParam::Swing if plain < SWING_AUTO_BELOW => setter.set_parameter(&p.swing, SWING_AUTO),
            HostParam::Swing => setter.set_parameter(&p.swing, plain),
            HostParam::Bars if plain < 1.5 => setter.set_parameter(&p.length, Length::One),
            HostParam::Bars if plain < 3.0 => setter.set_parameter(&p.length, Length::Two),
            HostParam::Bars => setter.set_parameter(&p.length, Length::Four),
            HostParam::StepsPerBar => setter.set_parameter(&p.steps, plain.round() as i32),
            HostParam::FourOnTheFloor => setter.set_parameter(&p.four_on_the_floor, plain > 0.5),
            HostParam::Enter => {
                let choice = EnterChoice::from_index((plain.round().max(0.0) as usize).min(3));
                setter.set_parameter(&p.enter, choice);
            }
            HostParam::Limiter => setter.set_parameter(&p.limiter, plain > 0.5),
            HostParam::OutputLevel => setter.set_parameter(&p.output, plain),
        }
    }

    fn end_param(&mut self, which: HostParam) {
        let Some(context) = &self.context else { return };
        with_param!(self.params, which, param => context.param_setter().end_set_parameter(param));
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
