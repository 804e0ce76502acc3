//! The editor's view of session, engine and host: [`editor::Handle`](crate::editor::Handle) over the
//! runtime's hand-overs and the host's parameters.
//!
//! Editor thread. Nothing here waits for the worker or for audio.
//!
//! A parameter that the window sets has its value at once, and the host is told: a host that does not process
//! hands nothing back, and neither a worker that reads parameters nor a project that is saved may wait for it.
//! What the audio thread showed last is of the past once it no longer plays blocks.

use crate::app;
use crate::editor::{Handle, HostParam, Meters};
use crate::params::DrumParams;
use crate::params::table::MOST_CHANGES;
use deepdrummer_core::export;
use deepdrummer_core::runtime;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use nice_plug::context::gui::GuiContext;
use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// See the module.
pub struct HostHandle {
    params: Arc<DrumParams>,
    runtime: runtime::RuntimeHandle,
    context: Option<GuiContext>,
    /// When the host was told last that the project has changed.
    told: Option<Instant>,
    /// Blocks that were played, and when that number was seen to change last.
    ran: Cell<Option<(u32, Instant)>>,
}

/// A host that has played no block for so long does not process. The longest blocks take a fifth of it.
const STANDS_AFTER: Duration = Duration::from_millis(500);

/// The host is told of changes at most this often: a drag makes sixty a second.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Settings are one small file; a disk that is slower than this must not hold up the host.
const SETTINGS_PATIENCE: Duration = Duration::from_millis(500);

impl HostHandle {
    /// A handle without a window yet.
    #[must_use]
    pub fn new(params: Arc<DrumParams>, runtime: runtime::RuntimeHandle) -> Self {
        Self { params, runtime, context: None, told: None, ran: Cell::new(None) }
    }

    /// Whether audio runs, as far as `blocks` tell.
    fn runs(&self, blocks: u32) -> bool {
        let now = Instant::now();
        match self.ran.get() {
            Some((seen, since)) if seen == blocks => blocks > 0 && now - since < STANDS_AFTER,
            _ => {
                self.ran.set(Some((blocks, now)));
                blocks > 0
            }
        }
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
    fn gesture(&mut self, param: HostParam, plain: f32) {
        self.begin_param(param);
        self.set_param(param, plain);
        self.end_param(param);
    }
}

impl Handle for HostHandle {
    fn view(&self) -> Arc<View> {
        self.runtime.view()
    }

    fn meters(&self) -> Option<Meters> {
        let live = self.runtime.meters()?;
        let engine = live.engine;
        let runs = self.runs(live.blocks);
        Some(Meters {
            runs,
            playing: engine.playing && runs,
            step: f32::from(engine.step),
            since: engine.since,
            audible: engine.loop_id,
            heard: engine.heard,
            section: engine.section,
            bars_heard: engine.bars_heard,
            lane_peaks: if runs { engine.lane_peaks } else { Default::default() },
            output_peaks: if runs { engine.main_peaks } else { Default::default() },
            lufs: if runs { engine.momentary_lufs } else { -70.0 },
            true_peak: if runs { engine.true_peak } else { 0.0 },
            glue_db: if runs { engine.glue_db } else { 0.0 },
            bus_limiter: if runs { engine.bus_limiter_gain } else { 1.0 },
            bpm: live.bpm.get(),
            meter: live.meter,
            bar: live.bar.filter(|_| runs),
        })
    }

    fn send(&mut self, command: Command) -> bool {
        // What is a host parameter is changed as one: the host's value is the truth, and the session
        // follows it.
        let mut controls = self.params.controls();
        // No parameter holds the styles: those the session is told, and the project has them.
        let of_now = self.runtime.view().steering.styles;
        let styles = matches!(&command, Command::Steer(steering) if steering.styles != of_now);
        if controls.take(&command) {
            let changes: Vec<_> = HostParam::to_hold(controls, |param| self.params.value(param)).collect();
            for (param, plain) in changes {
                self.gesture(param, plain);
            }
            if !styles {
                return true;
            }
        }
        let changes = styles || command.changes_the_project();
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
        self.params.put(which, plain);
        if let Some(context) = &self.context {
            self.params.set(context, which, plain);
        }
    }

    fn end_param(&mut self, which: HostParam) {
        if let Some(context) = &self.context {
            self.params.end(context, which);
        }
    }

    fn hear(&mut self, lane: u8) -> bool {
        let runs = self.meters().is_some_and(|meters| meters.runs);
        if runs {
            self.runtime.hear(lane);
        }
        runs
    }

    fn audio(&self) -> Option<Arc<app::Audio>> {
        app::audio()
    }

    fn choose_audio(&mut self, device: app::Device) {
        app::choose(device, &self.params, &self.runtime);
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
    use crate::controls::ParamControls;
    use crate::params::LaneParam;
    use crate::state::SessionField;
    use deepdrummer_core::engine::LaneShape;
    use deepdrummer_core::features::StyleSet;
    use deepdrummer_core::pattern::Role;
    use deepdrummer_core::propose::{CriticKind, Steering, learner};
    use deepdrummer_core::runtime::{NoControls, Options, Runtime};
    use deepdrummer_core::session::Controls;
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

    /// An instance whose window is open and whose host never processes, nor hands parameters back.
    fn standing(activated: bool) -> (Runtime, Arc<DrumParams>, HostHandle) {
        let controls = Arc::new(ParamControls::default());
        let options = Options {
            critic: CriticKind::Random,
            learner,
            lanes: Role::default_lanes(4).to_vec(),
            seed: Seed(1),
            home: None,
        };
        let runtime = Runtime::new(options, Arc::clone(&controls) as _);
        let params = Arc::new(DrumParams::new(SessionField::new(runtime.handle().clone())));
        controls.follow(&params);
        let mut handle = HostHandle::new(Arc::clone(&params), runtime.handle().clone());
        handle.connect(GuiContext::new(Arc::new(CountingHost::default()) as _));
        if activated {
            drop(runtime.handle().attach(deepdrummer_core::units::SampleRate::STUDIO));
        }
        handle.window_open(true);
        (runtime, params, handle)
    }

    fn until(what: &str, holds: impl Fn() -> bool) {
        let give_up = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < give_up, "gave up waiting until {what}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_the_window_sets_takes_effect_while_the_host_does_not_process() {
        for activated in [false, true] {
            let (runtime, params, mut handle) = standing(activated);
            let view = || runtime.handle().view();
            until("there is a loop", || view().current.number > 0);
            let mut set = |which, value| {
                handle.begin_param(which);
                handle.set_param(which, value);
                handle.end_param(which);
            };
            for (at, bars) in [(1, 2), (2, 4), (0, 1)] {
                set(HostParam::Length, at as f32);
                until("the loop has that length", || view().current.pattern.grid.bars == bars);
            }
            set(HostParam::Steps, 12.0);
            set(HostParam::Swing, 60.0);
            set(HostParam::Enter, 3.0);
            set(HostParam::FourOnTheFloor, 1.0);
            until("it is steered", || {
                let steering = view().steering;
                steering.grid.steps_per_bar == 12 && steering.swing.is_some() && steering.four_on_the_floor
            });
            until("loops enter at once", || view().enter == deepdrummer_core::engine::Enter::Now);
            set(HostParam::Output, -6.0);
            set(HostParam::Limiter, 0.0);
            assert!((params.value(HostParam::Output) + 6.0).abs() < 1e-3);
            assert_eq!(params.value(HostParam::Limiter), 0.0);
            assert!(handle.send(Command::Audition(true)));
            until("it auditions", || view().audition);
            // What a host saves now is what was set.
            let held = params.controls();
            assert_eq!((held.steering, held.audition), (view().steering, true));
        }
    }

    #[test]
    fn a_preset_has_its_length_while_the_host_does_not_process() {
        let (runtime, params, mut handle) = standing(true);
        let view = || runtime.handle().view();
        until("there is a loop", || view().current.number > 0);
        let library = view().presets.library.clone();
        let other =
            |listed: &&deepdrummer_core::session::preset::Listed| listed.preset.steering.grid.bars > 1;
        let listed = library.all.iter().find(other).unwrap();
        assert!(handle.send(Command::LoadPreset(listed.id())));
        until("it is there", || view().for_the_host.is_some());
        // As the window does it with the next frame.
        let wanted = view().for_the_host.unwrap().steering;
        assert!(handle.send(Command::Steer(wanted)));
        until("the host has followed", || view().for_the_host.is_none());
        assert_eq!(view().current.pattern.grid, listed.preset.steering.grid);
        assert_eq!(params.controls().steering.grid, listed.preset.steering.grid);
        // No parameter holds its styles; they are freed all the same, and come back.
        let styles = listed.preset.steering.styles;
        assert!(!styles.is_open() && view().steering.styles == styles);
        assert!(
            handle.send(Command::Steer(Steering { styles: StyleSet::OPEN, ..params.controls().steering }))
        );
        until("they are freed", || view().steering.styles.is_open());
        assert_eq!(view().steering.grid, listed.preset.steering.grid);
        assert!(handle.send(Command::Undo));
        until("they are back", || view().steering.styles == styles);
        until("nothing is left to follow", || view().for_the_host.is_none());
    }

    #[test]
    fn bus_and_shapes_follow_the_parameters_and_undo_brings_those_back() {
        let (runtime, params, mut handle) = standing(true);
        let view = || runtime.handle().view();
        until("there is a loop", || view().current.number > 0);
        let set = |handle: &mut HostHandle, which, value| {
            handle.begin_param(which);
            handle.set_param(which, value);
            handle.end_param(which);
        };
        let near = |a: f32, b: f32| (a - b).abs() < 1e-3 * b.abs().max(1.0);
        set(&mut handle, HostParam::Lane(LaneParam::Decay, 1), 300.0);
        until("the lane is shaped", || near(view().lanes[1].shape.decay_ms, 300.0));
        set(&mut handle, HostParam::BusGlue, 0.9);
        set(&mut handle, HostParam::Levelled, 0.0);
        until("the bus is set", || near(view().bus.glue, 0.9) && !view().levelled);
        // However many steps that was: back to what was there.
        while view().undo.is_some() {
            let before = view().revision;
            assert!(handle.send(Command::Undo));
            until("it is undone", || view().revision > before);
        }
        until("the host is to follow", || view().sound_for_the_host.is_some());
        assert!(near(view().bus.glue, 0.35) && view().levelled && view().redo.is_some());
        // As the window does it with the next frame, one by one.
        let wanted = view().sound_for_the_host.unwrap().sound;
        let held: Vec<_> =
            HostParam::to_hold(Controls { sound: wanted, ..params.controls() }, |param| params.value(param))
                .collect();
        assert_eq!(held.len(), 3, "{held:?}");
        for (param, plain) in held {
            set(&mut handle, param, plain);
        }
        until("the host has followed", || view().sound_for_the_host.is_none());
        assert!(near(params.value(HostParam::BusGlue), 0.35) && view().levelled);
        assert!(near(view().lanes[1].shape.decay_ms, LaneShape::NO_DECAY_MS));
        assert!(view().redo.is_some(), "nothing was done anew");
    }

    #[test]
    fn what_was_played_last_is_of_the_past_once_no_block_is_played() {
        let (runtime, params, mut handle) = standing(false);
        let port = runtime.handle().attach(deepdrummer_core::units::SampleRate::STUDIO);
        assert!(runtime.handle().wait_for_plan(Duration::from_secs(60)));
        let mode = nice_plug::prelude::ProcessMode::Realtime;
        let rate = deepdrummer_core::units::SampleRate::STUDIO;
        let mut side = crate::audio::AudioSide::new(rate, 256, port, mode);
        let mut left = [0.0; 256];
        let bpm = deepdrummer_core::units::Bpm::DEFAULT;
        let meter = deepdrummer_core::pattern::Meter::FOUR_FOUR;
        assert!(!handle.hear(0), "no block was played yet");
        let mut play = |handle: &mut HostHandle| {
            let transport = deepdrummer_core::engine::Transport::at(0.0, bpm, meter);
            side.process_mono(&params, transport, &mut left, |_| {});
            handle.meters().unwrap()
        };
        let playing = play(&mut handle);
        assert!(playing.runs && playing.playing);
        handle.ran.set(handle.ran.get().map(|(blocks, _)| (blocks, Instant::now() - STANDS_AFTER)));
        let stands = handle.meters().unwrap();
        assert!(!stands.runs && !stands.playing && stands.output_peaks == [0.0; 2]);
        assert!(!handle.hear(0), "nothing would be heard");
        let again = play(&mut handle);
        assert!(again.runs && again.playing);
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
