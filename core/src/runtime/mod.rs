//! THE THREAD CONTRACT: every thread that the product starts or is called on. Whoever starts one more puts it
//! here.
//!
//! | thread | owns | may | must never |
//! |---|---|---|---|
//! | audio (the host's) | the engine, [`AudioPort`] | pop plans, push facts, write meters | allocate, free, lock, log, wait, make a system call |
//! | editor (host's, or its own on X11) | nothing | [`RuntimeHandle::view`], [`RuntimeHandle::meters`], [`RuntimeHandle::send`] | wait for the worker, touch files |
//! | host main | the plugin object, [`Runtime`] | all of [`RuntimeHandle`] | hold anything that audio could wait for |
//! | worker (one an instance) | the session, the learner | everything that takes time | touch the engine |
//! | builder (at most one an instance; `worker/sounds.rs`) | a kit and its learner in the making | read files | touch the session |
//! | helpers (`prepare`: at most three, while the worker waits; `kit/scan.rs`: at most three, while the builder waits) | sounds in the making | read files, synthesise | outlive the call that started them |
//! | desktop (plugin, `editor/{dialogs,drag}`: one each for a dialog, a drag, a folder that is shown) | what it asks of the desktop | wait for the person | touch the session or the host |
//!
//! | hand-over | primitive | rule |
//! |---|---|---|
//! | commands → worker | crossbeam-channel, bounded, `try_send` | a full queue is told to the caller, who shows it |
//! | audio → worker: facts, ratings, notes that are followed | rtrb ring of `Copy` events | never blocks; what does not fit is counted |
//! | worker → audio: plans, mix | rtrb ring, applied at a block's start | newest wins |
//! | audio → worker: retired plans | rtrb ring; the worker never has more plans out than it holds | the audio thread never frees |
//! | worker → editor: view | arc-swap; the window looks with every frame | immutable |
//! | audio → editor: meters | triple buffer | newest wins |
//! | editor → audio: sounds to hear | rtrb ring of lanes | what does not fit is not heard |
//! | host → worker: saved text | a lock, held for an exchange of pointers (`exchange`) | parsed by the worker |
//! | worker → host: saved text | arc-swap of the last document | at most one command old |
//!
//! The audio thread does not wake the worker, since that is a system call: the worker looks every
//! [`POLL_PLAYING`] while something plays, every [`POLL_IDLE`] otherwise.
//! A panic in the worker is caught; it starts again from the last document while the engine plays on.

mod exchange;
pub mod kits;
mod ledger;
mod link;
pub mod maps;
mod prepare;
pub mod presets;
mod score;
pub mod settings;
mod worker;

#[cfg(test)]
mod tests;

/// The primitives of `exchange`, in one place: `loom/` puts others there.
mod sync {
    pub(super) use arc_swap::ArcSwap;
    pub(super) use std::sync::{Condvar, Mutex};
}

pub use link::{AudioPort, AudioToWorker};

pub(crate) use link::LiveMeters;
pub use prepare::{Prepared, Sounds, levels, mix};
pub use score::{levels_in_song, song_parts};

use crate::kit::Kit;
use crate::pattern::Role;
use crate::propose::{CriticKind, Learner};
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::session::view::{View, WorkerView};
use crate::session::{Controls, Session};
use crate::units::{SampleRate, Seed};
use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the worker looks at the audio thread's ring while something plays.
pub(crate) const POLL_PLAYING: Duration = Duration::from_millis(4);
/// How often it looks otherwise.
pub(crate) const POLL_IDLE: Duration = Duration::from_millis(25);
/// Commands that may wait. A person makes a few a second; a drag some sixty.
const COMMANDS: usize = 512;

/// Where the host's parameters are read from, by the worker whenever it looks.
pub trait HostControls: Send + Sync + 'static {
    /// What they hold of the session; `None` leaves it its own.
    fn controls(&self) -> Option<Controls>;
}

/// No host: the session's own settings hold.
#[derive(Debug, Default)]
pub struct NoControls;

impl HostControls for NoControls {
    fn controls(&self) -> Option<Controls> {
        None
    }
}

/// Makes a learner of a kind for a kit.
pub(crate) type MakeLearner = fn(CriticKind, Arc<Kit>, Seed) -> Box<dyn Learner>;

/// How an instance is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which learner.
    pub critic: CriticKind,
    /// What makes learners: [`crate::propose::learner`], but for tests of learners that fail.
    pub learner: MakeLearner,
    /// The lanes of a new session.
    pub lanes: Vec<Role>,
    /// The root of randomness of a new session.
    pub seed: Seed,
    /// Where settings and taste profiles are remembered; `None` keeps them in memory.
    pub home: Option<std::path::PathBuf>,
}

enum ToWorker {
    Command(Command),
    Attach {
        number: u64,
        rate: SampleRate,
        port: Box<link::WorkerPort>,
    },
    Kit(Box<worker::LoadedKit>),
    /// Something that the person should read, and what to do about it.
    Tell(String, String),
    Wake,
}

struct Shared {
    options: Options,
    host: Arc<dyn HostControls>,
    view: ArcSwap<View>,
    saved: exchange::Saved,
    progress: exchange::Progress,
    stop: Arc<AtomicBool>,
    /// Sounds that the builder has made, and how many there will be.
    loading: [AtomicUsize; 2],
}

/// The owner of an instance's worker: dropping it ends all threads of the instance. Everybody else
/// holds a [`RuntimeHandle`].
pub struct Runtime(RuntimeHandle);

/// All hand-overs of one instance. Cheap to clone; any thread but audio may hold and drop one.
#[derive(Clone)]
pub struct RuntimeHandle(Arc<Inner>);

/// A [`RuntimeHandle`] that keeps nothing alive.
#[derive(Clone)]
pub struct WeakRuntime(Weak<Inner>);

impl WeakRuntime {
    /// The instance, while there is one.
    #[must_use]
    pub fn upgrade(&self) -> Option<RuntimeHandle> {
        self.0.upgrade().map(RuntimeHandle)
    }
}

struct Inner {
    shared: Arc<Shared>,
    commands: Sender<ToWorker>,
    receiver: Receiver<ToWorker>,
    worker: Mutex<Option<JoinHandle<()>>>,
    meters: Mutex<Option<triple_buffer::Output<LiveMeters>>>,
    /// To the engine that is attached.
    ear: Mutex<Option<rtrb::Producer<u8>>>,
    attachments: AtomicU64,
}

impl Runtime {
    /// An instance that has not started: no threads, no files. Threads start with [`RuntimeHandle::attach`]
    /// or [`RuntimeHandle::start`].
    #[must_use]
    pub fn new(options: Options, host: Arc<dyn HostControls>) -> Self {
        let mut session = Session::new(Document::new(options.seed, &options.lanes));
        let (commands, receiver) = bounded(COMMANDS);
        let shared = Shared {
            host,
            view: ArcSwap::from_pointee(session.view(WorkerView::Starting)),
            // Nothing was saved yet, so nothing is lost; and a new session has a text.
            saved: exchange::Saved::new(session.text().unwrap_or_default()),
            progress: exchange::Progress::new(),
            stop: Arc::default(),
            loading: [const { AtomicUsize::new(0) }; 2],
            options,
        };
        Self(RuntimeHandle(Arc::new(Inner {
            shared: Arc::new(shared),
            commands,
            receiver,
            worker: Mutex::new(None),
            meters: Mutex::new(None),
            ear: Mutex::new(None),
            attachments: AtomicU64::new(0),
        })))
    }

    /// The hand-overs.
    #[must_use]
    pub fn handle(&self) -> &RuntimeHandle {
        &self.0
    }
}

impl RuntimeHandle {
    /// Starts the worker if it does not run. Host main or editor thread.
    pub fn start(&self) {
        let mut worker = self.0.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_some() || self.0.shared.stop.load(Ordering::Acquire) {
            return;
        }
        let (shared, receiver, sender) =
            (Arc::clone(&self.0.shared), self.0.receiver.clone(), self.0.commands.clone());
        let spawned = std::thread::Builder::new()
            .name("deepdrummer-worker".to_owned())
            .spawn(move || worker::run(&shared, &receiver, &sender));
        // Without a thread to spare the engine plays on and the view goes on saying "starting".
        *worker = spawned.ok();
    }

    /// Connects an engine at a rate; the port before this one is dead. Starts the worker. Host main
    /// thread, while audio does not run.
    pub fn attach(&self, rate: SampleRate) -> AudioPort {
        let (mut audio, worker, meters) = link::pair();
        *self.0.ear.lock().unwrap_or_else(PoisonError::into_inner) = Some(audio.ear());
        *self.0.meters.lock().unwrap_or_else(PoisonError::into_inner) = Some(meters);
        self.start();
        let number = self.0.attachments.fetch_add(1, Ordering::AcqRel) + 1;
        // Main threads may wait a moment; the worker empties this channel all the time.
        let message = ToWorker::Attach { number, rate, port: Box::new(worker) };
        let _ = self.0.commands.send_timeout(message, Duration::from_secs(1));
        audio
    }

    /// Waits until the newest attached engine has been sent its first plan; false on time-out.
    pub fn wait_for_plan(&self, at_most: Duration) -> bool {
        let wanted = self.0.attachments.load(Ordering::Acquire);
        self.0.shared.progress.wait(at_most, |reached| reached.attachment >= wanted)
    }

    /// Starts the worker and waits until the view has the settings of this machine; false on time-out.
    /// For a window that is about to open: its size and zoom are among them. Host main thread.
    pub fn wait_for_settings(&self, at_most: Duration) -> bool {
        self.start();
        self.0.shared.progress.wait(at_most, |reached| reached.settings)
    }

    /// Sends a command; false when the queue is full and the command was not taken.
    #[must_use]
    pub fn send(&self, command: Command) -> bool {
        match self.0.commands.try_send(ToWorker::Command(command)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// One that keeps nothing alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakRuntime {
        WeakRuntime(Arc::downgrade(&self.0))
    }

    /// The newest view.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.0.shared.view.load_full()
    }

    /// The newest meters; `None` while no engine is attached.
    #[must_use]
    pub fn meters(&self) -> Option<LiveMeters> {
        let mut meters = self.0.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.as_mut().map(|meters| *meters.read())
    }

    /// Plays a lane's sound once with the engine's next block, whatever plays. Without an engine, or while
    /// the host does not process, nothing is heard.
    pub fn hear(&self, lane: u8) {
        let mut ear = self.0.ear.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ear) = ear.as_mut() {
            let _ = ear.push(lane);
        }
    }

    /// What a host saves.
    #[must_use]
    pub fn text(&self) -> Arc<String> {
        self.0.shared.saved.text()
    }

    /// Takes a text that a host loaded. Saving right afterwards gives the same bytes back. Where the
    /// worker runs, this waits (bounded) until the engine has been sent the loaded loop, so that a
    /// bounce right after loading plays it. Host main thread.
    pub fn load(&self, text: String) {
        let wanted = self.0.shared.saved.load(text);
        let runs = self.0.worker.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if runs {
            let _ = self.0.commands.try_send(ToWorker::Wake);
            self.0.shared.progress.wait(Duration::from_secs(2), |reached| reached.load >= wanted);
        }
    }

    /// Tells the person something about what was loaded last.
    pub fn tell(&self, text: &str, next_step: &str) {
        // A full queue is that of a person who is busy; what is told is in the project as well.
        let _ = self.0.commands.try_send(ToWorker::Tell(text.to_owned(), next_step.to_owned()));
    }

    /// Events that the audio thread could not tell since the engine was attached, as of its last block:
    /// 0, or something is wrong.
    #[must_use]
    pub fn lost_events(&self) -> u32 {
        self.meters().map_or(0, |meters| meters.lost_events)
    }
}

impl Drop for Runtime {
    /// Ends the worker in order: it finishes the unit of work it is in (some 10 ms), keeps what was said
    /// last, and joins its builder, which looks at the same flag.
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.shared.stop.store(true, Ordering::Release);
        let _ = inner.commands.try_send(ToWorker::Wake);
        let worker = inner.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            let _ = worker.join();
        }
    }
}
