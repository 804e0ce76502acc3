//! The editor's tests put a session in memory in the place of the real one. The same script over both: as far
//! as a person notices, they answer alike.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::features::StyleSet;
use deepdrummer_core::pattern::{Condition, Course, Curve, Direction, Hit, Life, MAX_STEPS, Role};
use deepdrummer_core::propose::{CriticKind, Steering, learner};
use deepdrummer_core::runtime::{Options, Runtime};
use deepdrummer_core::session::command::{
    Command, Enter, ExportKind, ExportSettings, LaneMix, LoopAction, NoteMap, PresetId, Strategy,
};
use deepdrummer_core::session::preset::Library;
use deepdrummer_core::session::view::{Settings, View, WorkerView};
use deepdrummer_core::taste::Verdict;
use deepdrummer_core::units::{Decibels, Seed};
use deepdrummer_plugin::controls::ParamControls;
use deepdrummer_plugin::editor::{Handle, HostParam};
use deepdrummer_plugin::host::HostHandle;
use deepdrummer_plugin::params::DrumParams;
use deepdrummer_plugin::state::SessionField;
use editor_support::fake::Shown;
use editor_support::{FOUR, Fake};
use nice_plug::context::PluginApi;
use nice_plug::context::gui::{GuiContext, GuiContextInner};
use nice_plug::prelude::{ParamPtr, PluginState};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an answer may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// A host that sets what the window sets.
struct ObedientHost;

#[expect(unsafe_code, reason = "the framework's trait is unsafe, and hosts set parameters by pointer")]
impl GuiContextInner for ObedientHost {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    unsafe fn raw_begin_set_parameter(&self, _: ParamPtr) {}
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        // SAFETY: the window passes pointers to parameters that it holds.
        unsafe { param._internal_set_normalized_value(normalized) };
    }
    unsafe fn raw_end_set_parameter(&self, _: ParamPtr) {}
    fn get_state(&self) -> PluginState {
        PluginState { version: String::new(), params: Default::default(), fields: Default::default() }
    }
    fn set_state(&self, _: PluginState) {}
    fn request_restart(&self) {}
}

/// What the window does next.
enum Act {
    Send(Command),
    Set(HostParam, f32),
}

type Step = (&'static str, fn(&View) -> Act);

fn mix() -> LaneMix {
    LaneMix { level: Decibels(-6.0), pan: 0.25, mute: true, ..LaneMix::of(Role::Snare) }
}

fn rate(view: &View, verdict: Verdict) -> Act {
    Act::Send(Command::Rate { id: view.current.id, verdict })
}

/// Everything that a window asks of a session and that both answer at once, from the first loop on. Kits and
/// files of sounds are not among it: the one in memory knows no sounds. Nor are presets that are renamed or laid aside,
/// which the two do not answer alike yet.
const SCRIPT: &[Step] = &[
    ("edit a step", |_| {
        Act::Send(Command::EditHit { lane: 1, step: 3, hit: Hit { velocity: 99, offset: 0, ..Hit::NONE } })
    }),
    ("another one", |_| {
        Act::Send(Command::EditHit { lane: 1, step: 5, hit: Hit { velocity: 50, offset: 9, ..Hit::NONE } })
    }),
    ("let go", |_| Act::Send(Command::EndGesture)),
    ("edit after it", |_| {
        Act::Send(Command::EditHit { lane: 0, step: 1, hit: Hit { velocity: 9, offset: 0, ..Hit::NONE } })
    }),
    ("undo", |_| Act::Send(Command::Undo)),
    ("redo", |_| Act::Send(Command::Redo)),
    ("life in a step", |_| {
        let life = Life::new(100, (3, Curve::Rising), Condition::NotFirst);
        Act::Send(Command::EditCells(vec![(1, 3, Hit { life, ..Hit::PLAIN })]))
    }),
    ("a lane of its own length", |_| {
        let course = Course { length: 12, ..Course::PLAIN };
        Act::Send(Command::SetCourse { lane: 1, course })
    }),
    ("and direction", |_| {
        let course = Course { length: 200, direction: Direction::Backwards, rotation: 200 };
        Act::Send(Command::SetCourse { lane: 1, course })
    }),
    ("let go", |_| Act::Send(Command::EndGesture)),
    ("undo", |_| Act::Send(Command::Undo)),
    ("clear a lane", |_| Act::Send(Command::EditLane { lane: 2, hits: Box::new([Hit::NONE; MAX_STEPS]) })),
    ("undo", |_| Act::Send(Command::Undo)),
    ("mix", |_| Act::Send(Command::SetMix { lane: 1, mix: mix() })),
    ("undo", |_| Act::Send(Command::Undo)),
    ("redo", |_| Act::Send(Command::Redo)),
    ("lock a beat", |_| Act::Send(Command::LockBeat(0, true))),
    ("lock a sound", |_| Act::Send(Command::LockSound(1, true))),
    ("lock steps", |_| Act::Send(Command::LockSteps(2, 0b1001))),
    ("free a beat", |_| Act::Send(Command::LockBeat(0, false))),
    ("undo", |_| Act::Send(Command::Undo)),
    ("its rhythm", |view| rate(view, Verdict { like: None, rhythm: Some(true), sound: None })),
    ("its sounds", |view| rate(view, Verdict { like: None, rhythm: None, sound: Some(false) })),
    ("like", |view| rate(view, Verdict::of(true))),
    ("like the loop before again", |view| {
        Act::Send(Command::Rate { id: view.history[0].id, verdict: Verdict::of(true) })
    }),
    ("dislike", |view| rate(view, Verdict::of(false))),
    ("undo", |_| Act::Send(Command::Undo)),
    ("redo", |_| Act::Send(Command::Redo)),
    ("skip", |view| Act::Send(Command::Skip { id: view.current.id, within_first_bar: false })),
    ("back", |_| Act::Send(Command::Back)),
    ("back", |_| Act::Send(Command::Back)),
    ("forward", |_| Act::Send(Command::Forward)),
    ("recall", |view| Act::Send(Command::Recall(view.history[0].id))),
    ("back from the first", |_| Act::Send(Command::Back)),
    ("forget", |view| Act::Send(Command::Forget(view.history[1].id))),
    ("go to the newest", |view| Act::Send(Command::Recall(view.history.last().unwrap().id))),
    ("a new one", |_| Act::Send(Command::Forward)),
    ("strategy", |_| Act::Send(Command::SetStrategy(Strategy::Good))),
    ("undo", |_| Act::Send(Command::Undo)),
    ("adventure", |_| Act::Set(HostParam::Adventure, 0.8)),
    ("density beyond its end", |_| Act::Set(HostParam::Density, 7.0)),
    ("swing of its own", |_| Act::Set(HostParam::Swing, 49.0)),
    ("four on the floor", |_| Act::Set(HostParam::FourOnTheFloor, 1.0)),
    ("when loops enter", |_| Act::Set(HostParam::Enter, 2.0)),
    ("audition", |_| Act::Set(HostParam::Audition, 1.0)),
    ("the same by command", |_| Act::Send(Command::Audition(false))),
    ("another one", |_| Act::Send(Command::SetEnter(Enter::Now))),
    ("all of the steering", |view| {
        let steering = Steering { adventure: 0.1, density: 0.6, ..view.steering };
        Act::Send(Command::Steer(Steering { four_on_the_floor: false, ..steering }))
    }),
    ("styles of a preset", |view| {
        let styles = Library::factory().all[0].preset.steering.styles;
        Act::Send(Command::Steer(Steering { styles, ..view.steering }))
    }),
    ("a parameter beside them", |_| Act::Set(HostParam::Adventure, 0.3)),
    ("any style", |view| Act::Send(Command::Steer(Steering { styles: StyleSet::OPEN, ..view.steering }))),
    ("undo", |_| Act::Send(Command::Undo)),
    ("redo", |_| Act::Send(Command::Redo)),
    ("settings", |view| {
        let to = Settings { implicit_judgements: false, zoom_percent: 125, ..view.settings.clone() };
        Act::Send(Command::ChangeSettings { from: view.settings.clone(), to })
    }),
    ("settings that change one field of old ones", |_| {
        let to = Settings { mute_after_drag: true, ..Settings::default() };
        Act::Send(Command::ChangeSettings { from: Settings::default(), to })
    }),
    ("how exports are made", |view| {
        let to = ExportSettings { note_map: NoteMap::ChromaticC1, ..view.export.clone() };
        Act::Send(Command::ChangeExport { from: view.export.clone(), to })
    }),
    ("export", |_| {
        let kind = ExportKind::Midi;
        Act::Send(Command::Export { ticket: 7, id: None, kind, to: None, dragged: false })
    }),
    ("export lanes by a drag", |_| {
        let kind = ExportKind::Stems;
        Act::Send(Command::Export { ticket: 8, id: None, kind, to: None, dragged: true })
    }),
    ("unmute", |_| Act::Send(Command::Unmute)),
    ("learn a key", |_| Act::Send(Command::LearnKey(Some(LoopAction::Skip)))),
    ("or not", |_| Act::Send(Command::LearnKey(None))),
    ("star", |view| Act::Send(Command::Star(view.current.id, true))),
    ("no star", |view| Act::Send(Command::Star(view.current.id, false))),
    ("profile", |_| Act::Send(Command::ChooseProfile("Techno".to_owned()))),
    ("its name", |_| Act::Send(Command::RenameProfile("Hard".to_owned()))),
    ("favourite", |_| {
        Act::Send(Command::FavouritePreset(PresetId { own: false, name: "Warehouse".to_owned() }, true))
    }),
    ("keep a preset", |_| {
        let (name, category) = ("Mine".to_owned(), "House".to_owned());
        Act::Send(Command::SavePreset { name, category, replace: false })
    }),
];

fn act(handle: &mut dyn Handle, step: fn(&View) -> Act) {
    match step(&handle.view()) {
        Act::Send(command) => assert!(handle.send(command)),
        Act::Set(param, plain) => {
            handle.begin_param(param);
            handle.set_param(param, plain);
            handle.end_param(param);
        }
    }
}

fn until(what: &str, holds: impl Fn() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > until {
            println!("gave up waiting for {what}");
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    true
}

/// The real session behind the handle that hosts' windows have.
fn real(home: &Path) -> (Runtime, HostHandle) {
    let options = Options {
        critic: CriticKind::Random,
        learner,
        lanes: FOUR.to_vec(),
        seed: Seed(5),
        home: Some(home.to_owned()),
    };
    let controls = Arc::new(ParamControls::default());
    let runtime = Runtime::new(options, Arc::clone(&controls) as _);
    let params = Arc::new(DrumParams::new(SessionField::new(runtime.handle().clone())));
    controls.follow(&params);
    let mut handle = HostHandle::new(params, runtime.handle().clone());
    handle.connect(GuiContext::new(Arc::new(ObedientHost)));
    handle.window_open(true);
    (runtime, handle)
}

#[test]
fn the_session_in_memory_answers_as_the_real_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let (runtime, mut real) = real(folder.path());
    let view = || runtime.handle().view();
    let is_ready = || matches!(view().worker, WorkerView::Ready { .. }) && !view().history.is_empty();
    assert!(until("the first loop", is_ready));
    let from = view().export.clone();
    let to = ExportSettings { folder: Some(exports.clone()), ..from.clone() };
    assert!(real.send(Command::ChangeExport { from, to }));
    assert!(until("the folder", || view().export.folder.is_some()));

    let mut fake = Fake::new(View::clone(&view()));
    fake.0.lock().unwrap().export_folder = Some(exports);
    for param in HostParam::all() {
        fake.0.lock().unwrap().params.insert(param, real.param(param));
    }
    for (at, (what, step)) in SCRIPT.iter().enumerate() {
        act(&mut real, *step);
        act(&mut fake, *step);
        let wanted = Shown::of(&fake.view_now());
        let alike = until(what, || Shown::of(&view()) == wanted);
        assert!(alike, "step {at}, {what}:\nreal      {:?}\nin memory {wanted:?}", Shown::of(&view()));
        for param in HostParam::all() {
            // It counts changes of the project for the host, of which the one in memory has none.
            let counts = param == HostParam::Changes;
            assert!(counts || real.param(param) == fake.param(param), "step {at}, {what}: {param:?}");
        }
    }
}
