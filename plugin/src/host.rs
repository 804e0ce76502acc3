//! The editor's view of session, engine and host: [`editor::Handle`](crate::editor::Handle) over the
//! runtime's hand-overs and the host's parameters.
//!
//! Editor thread. Nothing here waits for the worker or for audio.

use crate::audio::{DISLIKE_KEY, LIKE_KEY};
use crate::editor::{Handle, HostParam, Meters};
use crate::params::{DrumParams, EnterChoice, Length, MeterChoice, SWING_AUTO_BELOW};
use deepdrummer_core::engine::Enter;
use deepdrummer_core::export;
use deepdrummer_core::runtime;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::{Enum, Param};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// See the module.
pub struct HostHandle {
    params: Arc<DrumParams>,
    runtime: runtime::Handle,
    context: Option<GuiContext>,
}

/// The value that a host parameter has while the editor's "auto" is on: the bottom of its range.
const SWING_AUTO: f32 = 49.0;

/// Settings are one small file; a disk that is slower than this must not hold up the host.
const SETTINGS_PATIENCE: Duration = Duration::from_millis(500);

impl HostHandle {
    /// A handle without a window yet.
    #[must_use]
    pub fn new(params: Arc<DrumParams>, runtime: runtime::Handle) -> Self {
        Self { params, runtime, context: None }
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
        match command {
            Command::Steer(steering) => {
                if let Some(choice) = MeterChoice::of(steering.grid.meter) {
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
            other => self.runtime.send(other),
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

    fn rating_keys(&self) -> Option<(u8, u8)> {
        Some((DISLIKE_KEY, LIKE_KEY))
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
