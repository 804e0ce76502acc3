//! The hand-overs with real threads. Nothing sleeps: a test goes on as soon as what it waits for is
//! there, and gives up after a minute.

mod controls;
mod learners;

use super::*;
use crate::engine::{Engine, Fact, Outputs, Transport};
use crate::pattern::{Hit, LoopId, Meter};
use crate::propose::Steering;
use crate::session::QUEUE;
use crate::session::command::Enter;
use crate::session::view::Settings;
use crate::taste::{Log, Verdict};
use crate::units::Bpm;
use learners::{failing, hooked};
use std::path::Path;
use std::time::Instant;

const RATE: SampleRate = SampleRate::STUDIO;
const PATIENCE: Duration = Duration::from_secs(60);

fn runtime(seed: u64) -> Runtime {
    runtime_with(seed, CriticKind::Random, crate::propose::learner)
}

fn runtime_with(seed: u64, critic: CriticKind, learner: MakeLearner) -> Runtime {
    runtime_at(seed, critic, learner, None)
}

fn runtime_at(seed: u64, critic: CriticKind, learner: MakeLearner, home: Option<&Path>) -> Runtime {
    let home = home.map(Path::to_owned);
    let options = Options { critic, learner, lanes: Role::default_lanes(6).to_vec(), seed: Seed(seed), home };
    Runtime::new(options, Arc::new(NoControls))
}

#[track_caller]
fn wait_for(holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "gave up waiting");
        std::thread::yield_now();
    }
}

fn wait_while(flag: &AtomicBool) {
    wait_for(|| !flag.load(Ordering::Acquire));
}

/// The audio side of a host: plays blocks of one song.
struct Host {
    engine: Engine,
    port: AudioPort,
    frame: u64,
    offline: bool,
    heard: f32,
}

impl Host {
    fn new(runtime: &Runtime) -> Self {
        let port = runtime.handle().attach(RATE);
        assert!(runtime.handle().wait_for_plan(PATIENCE), "the first loop is there");
        Self { engine: Engine::new(RATE), port, frame: 0, offline: false, heard: 0.0 }
    }

    fn block(&mut self) {
        let bpm = Bpm::DEFAULT;
        let beats = self.frame as f64 / bpm.frames_per_beat(RATE);
        let mut transport = Transport::at(beats, bpm, Meter::FOUR_FOUR);
        transport.offline = self.offline;
        let (mut left, mut right) = ([0.0; 256], [0.0; 256]);
        self.port.begin(&mut self.engine, self.offline);
        self.engine.set_mix(self.port.mix());
        self.engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
        self.port.end(&mut self.engine, &transport);
        self.frame += 256;
        self.heard = left.iter().fold(self.heard, |peak, value| peak.max(value.abs()));
    }

    /// A block while the transport stands.
    fn stand(&mut self) {
        let mut transport = Transport::at(0.0, Bpm::DEFAULT, Meter::FOUR_FOUR);
        (transport.offline, transport.playing) = (self.offline, false);
        let (mut left, mut right) = ([0.0; 256], [0.0; 256]);
        self.port.begin(&mut self.engine, self.offline);
        self.engine.set_mix(self.port.mix());
        self.engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
        self.port.end(&mut self.engine, &transport);
        self.heard = left.iter().fold(self.heard, |peak, value| peak.max(value.abs()));
    }

    fn current(&self) -> Option<LoopId> {
        self.engine.meters().loop_id
    }

    /// Plays until something holds.
    fn play_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < until, "gave up waiting until {what}");
            self.block();
            std::thread::yield_now();
        }
    }
}

#[test]
fn the_first_block_after_activation_is_not_silent() {
    let runtime = runtime(1);
    let mut host = Host::new(&runtime);
    host.block();
    assert!(host.current().is_some());
    host.play_until("something sounds", |host| host.heard > 0.01);
}

#[test]
fn a_rating_from_the_audio_thread_is_saved_and_the_next_loop_enters() {
    let runtime = runtime(2);
    let mut host = Host::new(&runtime);
    host.block();
    let first = host.current().unwrap();
    host.port.tell(AudioToWorker::Rate { id: first, like: true });
    host.play_until("another loop plays", |host| host.current() != Some(first));
    // The next loop is sent first: a bar may pass until the project has it too.
    let saved = || Document::read(&runtime.handle().text()).unwrap();
    host.play_until("the project has the rating", |_| !saved().judgements.is_empty());
    let saved = saved();
    assert_eq!(saved.judgements.len(), 1);
    assert_eq!(saved.judgements[0].id, first);
    assert_eq!(runtime.handle().lost_events(), 0);
}

#[test]
fn an_offline_render_keeps_its_loop_until_it_ends() {
    let runtime = runtime(3);
    let mut host = Host::new(&runtime);
    host.block();
    let first = host.current().unwrap();
    host.offline = true;
    let sent = runtime.handle().send(Command::Skip { id: first, within_first_bar: false });
    assert!(sent);
    let view = || runtime.handle().view().current.id;
    host.play_until("the session has moved on", |_| view() != first);
    for _ in 0..2000 {
        host.block();
    }
    assert_eq!(host.current(), Some(first));
    host.offline = false;
    host.play_until("the next loop plays", |host| host.current() == Some(view()));
}

#[test]
fn a_loaded_project_plays_before_load_returns_and_saves_the_same_bytes() {
    let donor = runtime(4);
    let mut host = Host::new(&donor);
    host.block();
    let first = host.current().unwrap();
    assert!(donor.handle().send(Command::EditHit { lane: 0, step: 5, hit: Hit::new(33) }));
    host.play_until("the edit is saved", |_| donor.handle().text().contains("(33)"));
    let text = donor.handle().text();

    let runtime = runtime(5);
    let mut host = Host::new(&runtime);
    host.block();
    host.offline = true;
    runtime.handle().load(text.to_string());
    assert_eq!(runtime.handle().text(), text);
    host.block();
    assert_eq!(host.current(), Some(first), "even while the host renders offline");
    host.play_until("the worker has taken it", |_| runtime.handle().view().current.id == first);
    assert_eq!(runtime.handle().text(), text);
}

#[test]
fn a_runtime_that_is_dropped_while_its_kit_is_made_ends_at_once() {
    for seed in 0..4 {
        let runtime = runtime(seed);
        runtime.handle().start();
        drop(runtime);
    }
}

#[test]
fn a_state_that_is_loaded_before_anything_runs_is_what_is_saved() {
    let runtime = runtime(6);
    runtime.handle().load("not a session".to_owned());
    assert_eq!(*runtime.handle().text(), "not a session");
    let mut host = Host::new(&runtime);
    host.block();
    assert_eq!(*runtime.handle().text(), "not a session", "kept until the person changes something");
    assert_eq!(runtime.handle().view().notices.len(), 1);
}

/// Rates the loop that is heard, and plays until another one is heard.
fn rate_and_move_on(host: &mut Host, like: bool) -> LoopId {
    let heard = host.current().unwrap();
    assert!(host.port.tell(AudioToWorker::Rate { id: heard, like }));
    host.play_until("another loop plays", |host| host.current() != Some(heard));
    heard
}

#[test]
fn a_learner_that_fails_on_a_judgement_loses_none_and_the_host_never_notices() {
    let runtime = runtime_with(7, CriticKind::Taste, |kind, kit, seed| {
        failing(kind, kit, seed, |log, _| log.entries().len() == 2)
    });
    let mut host = Host::new(&runtime);
    host.block();
    let heard = [true, false, true].map(|like| rate_and_move_on(&mut host, like));
    let saved = Document::read(&runtime.handle().text()).unwrap();
    let said: Vec<(LoopId, Option<bool>)> =
        saved.judgements.iter().map(|said| (said.id, said.verdict.like)).collect();
    assert_eq!(said, [(heard[0], Some(true)), (heard[1], Some(false)), (heard[2], Some(true))]);
    let notices = runtime.handle().view().notices.clone();
    assert!(notices.iter().any(|notice| notice.text.contains("was started again")), "{notices:?}");
    assert_eq!(runtime.handle().lost_events(), 0);
}

#[test]
fn a_learner_that_fails_while_the_next_loop_is_made_loses_no_rating() {
    // The first loop and the two that wait are three; the one that follows a rating is the fourth.
    let runtime =
        runtime_with(8, CriticKind::Taste, |kind, kit, seed| failing(kind, kit, seed, |_, asked| asked == 4));
    let mut host = Host::new(&runtime);
    host.block();
    let heard = rate_and_move_on(&mut host, true);
    let saved = Document::read(&runtime.handle().text()).unwrap();
    assert_eq!(saved.judgements.len(), 1);
    assert_eq!(saved.judgements[0].id, heard);
}

/// An instance whose learner always has something to do, so that the worker hardly ever looks at what comes in.
fn busy(seed: u64, home: Option<&Path>) -> Runtime {
    let learner: MakeLearner = |_, kit, seed| {
        hooked(
            kit,
            seed,
            |_| {},
            || {
                std::thread::park_timeout(Duration::from_millis(30));
                true
            },
        )
    };
    runtime_at(seed, CriticKind::Random, learner, home)
}

#[test]
fn a_rating_just_before_a_new_activation_counts() {
    let runtime = busy(11, None);
    for judgements in 1..=5 {
        let mut host = Host::new(&runtime);
        host.play_until("a loop that is not rated yet", |host| {
            let saved = Document::read(&runtime.handle().text()).unwrap();
            host.current().is_some_and(|id| saved.judgements.iter().all(|said| said.id != id))
        });
        let id = host.current().unwrap();
        assert!(host.port.tell(AudioToWorker::Rate { id, like: true }));
        drop(host);
        let host = Host::new(&runtime);
        let saved = Document::read(&runtime.handle().text()).unwrap();
        assert_eq!(saved.judgements.len(), judgements);
        drop(host);
    }
}

#[test]
fn a_rating_just_before_the_instance_closes_is_in_the_profile() {
    let home = tempfile::tempdir().unwrap();
    for seed in 20..25 {
        let runtime = busy(seed, Some(home.path()));
        let mut host = Host::new(&runtime);
        host.block();
        let id = host.current().unwrap();
        assert!(host.port.tell(AudioToWorker::Rate { id, like: true }));
        drop(runtime);
        let profile = crate::taste::profile::Profile::open(home.path(), "My taste", 0).unwrap().0;
        let all = profile.all(100).unwrap();
        assert!(all.iter().any(|said| said.key.origin == seed && said.judgement.id == id), "{seed}");
    }
}

/// Whether the learner of the test below is kept from coming to an end with what it is told.
static IS_TOLD: AtomicBool = AtomicBool::new(true);
/// How often it was told something.
static TOLD: AtomicUsize = AtomicUsize::new(0);

#[test]
fn an_instance_that_closes_learns_no_more_however_much_was_said() {
    let home = tempfile::tempdir().unwrap();
    let learner: MakeLearner = |_, kit, seed| {
        let told = |log: &Log| {
            if !log.entries().is_empty() {
                TOLD.fetch_add(1, Ordering::AcqRel);
                wait_while(&IS_TOLD);
            }
        };
        hooked(kit, seed, told, || false)
    };
    let runtime = runtime_at(60, CriticKind::Taste, learner, Some(home.path()));
    let mut host = Host::new(&runtime);
    host.block();
    let id = host.current().unwrap();
    // A change of mind makes a learner begin anew each time.
    for at in 0..64 {
        assert!(host.port.tell(AudioToWorker::Rate { id, like: at % 2 == 1 }));
    }
    let handle = runtime.handle().clone();
    wait_for(|| TOLD.load(Ordering::Acquire) > 0);
    std::thread::scope(|scope| {
        scope.spawn(move || drop(runtime));
        wait_for(|| handle.0.shared.stop.load(Ordering::Acquire));
        IS_TOLD.store(false, Ordering::Release);
    });
    let told = TOLD.load(Ordering::Acquire);
    assert!(told <= 3, "{told}");
    let profile = crate::taste::profile::Profile::open(home.path(), "My taste", 0).unwrap().0;
    let said: Vec<_> = profile.all(100).unwrap().into_iter().map(|said| said.judgement).collect();
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].id, said[0].verdict.like), (id, Some(true)));
}

#[test]
fn a_rating_just_before_another_project_is_loaded_is_in_the_profile() {
    let home = tempfile::tempdir().unwrap();
    let other = Document::new(Seed(99), Role::default_lanes(6)).write().unwrap();
    for seed in 40..45 {
        let runtime = busy(seed, Some(home.path()));
        let mut host = Host::new(&runtime);
        host.block();
        let id = host.current().unwrap();
        assert!(host.port.tell(AudioToWorker::Rate { id, like: true }));
        runtime.handle().load(other.clone());
        drop(runtime);
        let profile = crate::taste::profile::Profile::open(home.path(), "My taste", 0).unwrap().0;
        let all = profile.all(100).unwrap();
        assert!(all.iter().any(|said| said.key.origin == seed && said.judgement.id == id), "{seed}");
    }
}

#[test]
fn what_was_said_just_before_a_load_does_not_bring_the_project_before_back() {
    for seed in 50..55 {
        let runtime = busy(seed, None);
        let mut host = Host::new(&runtime);
        host.block();
        let id = host.current().unwrap();
        assert!(host.port.tell(AudioToWorker::Rate { id, like: true }));
        let handle = runtime.handle();
        let returned = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // A host that saves all the time while it loads.
            let saves = scope.spawn(|| {
                let mut is_loaded = false;
                while !returned.load(Ordering::Acquire) {
                    let text = handle.text();
                    let is_of_it = text.contains("\"seed\":99,");
                    assert!(is_of_it || !is_loaded, "the project before is saved");
                    is_loaded |= is_of_it;
                }
            });
            handle.load(Document::new(Seed(99), Role::default_lanes(6)).write().unwrap());
            returned.store(true, Ordering::Release);
            saves.join().unwrap();
        });
    }
}

#[test]
fn each_of_several_projects_that_are_loaded_in_turn_is_shown_and_saved() {
    let runtime = runtime(60);
    let mut host = Host::new(&runtime);
    for seed in 61..65 {
        runtime.handle().load(Document::new(Seed(seed), Role::default_lanes(6)).write().unwrap());
        host.play_until("its first loop is heard, shown and saved", |host| {
            let saved = Document::read(&runtime.handle().text()).unwrap();
            let shown = Some(runtime.handle().view().current.id);
            saved.seed == Seed(seed)
                && saved.history.current().map(|entry| entry.id) == shown
                && host.current() == shown
        });
    }
}

/// Whether the learner of the test below is kept from coming to an end with its work.
static HELD_UP: AtomicBool = AtomicBool::new(false);

#[test]
fn an_activation_that_found_no_place_in_the_queue_does_not_spoil_the_next() {
    let runtime = runtime_with(70, CriticKind::Taste, |_, kit, seed| {
        hooked(
            kit,
            seed,
            |_| {},
            || {
                wait_while(&HELD_UP);
                false
            },
        )
    });
    let _first = Host::new(&runtime);
    HELD_UP.store(true, Ordering::Release);
    let keep = || Command::SetEnter(Enter::NextBar);
    let until = Instant::now() + PATIENCE;
    // Until the worker is held up, it goes on emptying the queue.
    let mut full_since: Option<Instant> = None;
    while full_since.is_none_or(|since| since.elapsed() < Duration::from_millis(200)) {
        assert!(Instant::now() < until, "gave up waiting for the queue to be full");
        if runtime.handle().send(keep()) {
            full_since = None;
        } else {
            full_since.get_or_insert_with(Instant::now);
        }
        std::thread::yield_now();
    }
    let _no_place = runtime.handle().attach(RATE);
    HELD_UP.store(false, Ordering::Release);
    let mut host = Host::new(&runtime);
    host.block();
    assert!(host.current().is_some());
}

#[test]
fn a_setting_of_one_instance_does_not_undo_that_of_another() {
    let home = tempfile::tempdir().unwrap();
    let (one, other) = (busy(30, Some(home.path())), busy(31, Some(home.path())));
    assert!(one.handle().wait_for_settings(PATIENCE) && other.handle().wait_for_settings(PATIENCE));
    let from = Settings::default();
    let change = |runtime: &Runtime, to: &Settings| {
        let (from, to) = (from.clone(), to.clone());
        assert!(runtime.handle().send(Command::ChangeSettings { from, to }));
    };
    let until = |what: &str, holds: &dyn Fn(&Settings) -> bool| {
        let end = Instant::now() + PATIENCE;
        while !holds(&settings::Machine::read(home.path()).unwrap().settings) {
            assert!(Instant::now() < end, "gave up waiting for {what}");
            std::thread::yield_now();
        }
    };
    change(&one, &Settings { zoom_percent: 150, ..from.clone() });
    until("the zoom", &|settings| settings.zoom_percent == 150);
    // Its window has not seen the zoom.
    change(&other, &Settings { embed_samples: true, ..from.clone() });
    until("both", &|settings| settings.zoom_percent == 150 && settings.embed_samples);
    // The first one has not seen that sounds are embedded.
    change(&one, &Settings { mute_after_drag: true, ..from.clone() });
    until("all three", &|settings| {
        settings.zoom_percent == 150 && settings.embed_samples && settings.mute_after_drag
    });
}

#[test]
fn a_window_that_opens_first_knows_the_remembered_settings() {
    let home = tempfile::tempdir().unwrap();
    let mut machine = settings::Machine::default();
    machine.settings.zoom_percent = 150;
    machine.settings.window = (1200, 700);
    machine.write(home.path()).unwrap();
    let options = Options {
        critic: CriticKind::Random,
        lanes: Role::default_lanes(6).to_vec(),
        seed: Seed(9),
        home: Some(home.path().to_owned()),
        learner: crate::propose::learner,
    };
    let runtime = Runtime::new(options, Arc::new(NoControls));
    assert_eq!(runtime.handle().view().settings, Settings::default(), "nothing is read before it is wanted");
    assert!(runtime.handle().wait_for_settings(PATIENCE));
    assert_eq!(runtime.handle().view().settings, machine.settings);
}

#[test]
fn what_a_command_left_to_be_worked_out_is_shown_when_it_is() {
    let runtime = runtime(10);
    let view = || runtime.handle().view();
    let shown = |what: &str, holds: &dyn Fn(&View) -> bool| {
        let until = Instant::now() + PATIENCE;
        while !holds(&view()) {
            assert!(Instant::now() < until, "gave up waiting for {what}");
            std::thread::yield_now();
        }
    };
    let complete = |view: &View| view.queue.len() == QUEUE && view.current.attribution.is_some();
    runtime.handle().start();
    shown("the first loop, its explanation and two that wait", &complete);
    for _ in 0..3 {
        let id = view().current.id;
        assert!(runtime.handle().send(Command::Skip { id, within_first_bar: false }));
        shown("another loop, its explanation and two that wait", &|view| {
            view.current.id != id && complete(view)
        });
    }
}

#[test]
fn a_lane_is_heard_at_once_also_while_the_host_stands_and_never_in_a_bounce() {
    let runtime = runtime(1);
    let mut host = Host::new(&runtime);
    let silent = |host: &mut Host| {
        host.heard = 0.0;
        (0..40).for_each(|_| host.stand());
        host.heard
    };
    assert_eq!(silent(&mut host), 0.0);
    runtime.handle().hear(0);
    assert!(silent(&mut host) > 0.01, "it is heard");
    (0..400).for_each(|_| host.stand());
    host.offline = true;
    runtime.handle().hear(0);
    assert_eq!(silent(&mut host), 0.0, "a bounce holds what the project holds");
    host.offline = false;
    assert_eq!(silent(&mut host), 0.0, "and it is not caught up with");
    // Far more than anybody can click neither waits nor is kept.
    (0..1000).for_each(|_| runtime.handle().hear(7));
    host.stand();
}

#[test]
fn good_loops_are_looked_for_while_nothing_plays_and_not_else() {
    let runtime = runtime_with(5, CriticKind::Taste, crate::propose::learner);
    let handle = runtime.handle();
    let mut host = Host::new(&runtime);
    host.port.tell(AudioToWorker::Fact(Fact::Started { id: None }));
    for round in 0..6 {
        let id = handle.view().current.id;
        assert!(handle.send(Command::Rate { id, verdict: Verdict::of(round % 2 == 0) }));
        host.play_until("the next loop is current", |_| handle.view().current.id != id);
    }
    host.play_until("loops wait", |_| matches!(handle.view().worker, WorkerView::Ready { .. }));
    // The worker looks around after each of these, and has nothing else to do.
    for _ in 0..40 {
        let seen = handle.view().revision;
        assert!(handle.send(Command::Dismiss(0)));
        host.play_until("the worker has answered", |_| handle.view().revision > seen);
    }
    assert!(handle.view().inbox.loops.is_empty());
    host.port.tell(AudioToWorker::Fact(Fact::Stopped { id: None }));
    let until = Instant::now() + PATIENCE;
    while handle.view().inbox.loops.is_empty() {
        assert!(Instant::now() < until, "gave up waiting for the inbox");
        host.stand();
        std::thread::yield_now();
    }
    let found = handle.view().inbox.loops[0].id;
    let seen = || Document::read(&handle.text()).unwrap();
    wait_for(|| !seen().inbox.is_empty());
    // One of them plays like any other loop.
    assert!(handle.send(Command::Recall(found)));
    host.play_until("it plays", |host| host.current() == Some(found));
}
