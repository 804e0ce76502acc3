//! THE THREAD CONTRACT, and the only place that starts threads.
//!
//! | thread | owns | may | must never |
//! |---|---|---|---|
//! | audio (the host's) | the engine, [`AudioPort`] | pop plans, push facts, write meters | allocate, free, lock, log, wait, make a system call |
//! | editor (host's, or its own on X11) | nothing | [`Runtime::view`], [`Runtime::meters`], [`Runtime::send`] | wait for the worker, touch files |
//! | host main | the plugin object | all of [`Runtime`] | hold anything that audio could wait for |
//! | worker (one an instance) | the session, the learner | everything that takes time | touch the engine |
//! | builder (at most one an instance) | a kit in the making | read files, synthesise | touch the session |
//!
//! | hand-over | primitive | rule |
//! |---|---|---|
//! | commands → worker | crossbeam-channel, bounded, `try_send` | a full queue is told to the caller, who shows it |
//! | audio → worker: facts, ratings | rtrb ring of `Copy` events | never blocks; what does not fit is counted |
//! | worker → audio: plans, mix | rtrb ring, applied at a block's start | newest wins |
//! | audio → worker: retired plans | rtrb ring; the worker never has more plans out than it holds | the audio thread never frees |
//! | worker → editor: view | arc-swap, repaint request | immutable |
//! | audio → editor: meters | triple buffer | newest wins |
//! | host → worker: saved text | arc-swap of the raw text | parsed by the worker |
//! | worker → host: saved text | arc-swap of the last document | at most one command old |
//!
//! The audio thread does not wake the worker, since that is a system call: the worker looks every
//! [`POLL_PLAYING`] while something plays, every [`POLL_IDLE`] otherwise.
//! A panic in the worker is caught; it starts again from the last document while the engine plays on.

mod link;
pub mod machine;
mod prepare;
mod worker;

#[cfg(test)]
mod tests;

pub use link::{AudioPort, AudioToWorker};
pub use prepare::Prepared;

use crate::engine::Meters;
use crate::pattern::Role;
use crate::propose::{CriticKind, Steering};
use crate::session::command::{Command, Enter};
use crate::session::doc::Document;
use crate::session::view::{View, WorkerView};
use crate::session::Session;
use crate::units::{SampleRate, Seed};
use arc_swap::{ArcSwap, ArcSwapOption};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the worker looks at the audio thread's ring while something plays.
pub const POLL_PLAYING: Duration = Duration::from_millis(4);
/// How often it looks otherwise.
pub const POLL_IDLE: Duration = Duration::from_millis(25);
/// Commands that may wait. A person makes a few a second; a drag some sixty.
const COMMANDS: usize = 512;

/// What the host controls and the session follows, read by the worker whenever it looks.
pub trait Controls: Send + Sync + 'static {
    /// Steering as the host's parameters have it; `None` leaves the session's own.
    fn steering(&self) -> Option<Steering>;
    /// When the next loop enters; `None` leaves the session's own.
    fn enter(&self) -> Option<Enter>;
    /// Audition; `None` leaves the session's own.
    fn audition(&self) -> Option<bool>;
}

/// No host: the session's own settings hold.
#[derive(Debug, Default)]
pub struct NoControls;

impl Controls for NoControls {
    fn steering(&self) -> Option<Steering> {
        None
    }
    fn enter(&self) -> Option<Enter> {
        None
    }
    fn audition(&self) -> Option<bool> {
        None
    }
}

/// How an instance is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which learner.
    pub critic: CriticKind,
    /// The lanes of a new session.
    pub lanes: Vec<Role>,
    /// The root of randomness of a new session.
    pub seed: Seed,
    /// Where settings are remembered; `None` keeps them in memory.
    pub home: Option<std::path::PathBuf>,
}

enum ToWorker {
    Command(Command),
    Attach { rate: SampleRate, port: Box<link::WorkerPort> },
    Kit(Box<worker::LoadedKit>),
    Wake,
}

struct Shared {
    options: Options,
    controls: Arc<dyn Controls>,
    view: ArcSwap<View>,
    /// The text that a host saves.
    text: ArcSwap<String>,
    /// A text that a host loaded and the worker has not taken yet.
    loaded: ArcSwapOption<String>,
    loads_asked: AtomicU64,
    /// Grows when the worker has carried a load or an attach through to the engine.
    progress: Mutex<Progress>,
    progressed: Condvar,
    repaint: ArcSwapOption<Box<dyn Fn() + Send + Sync>>,
    stop: AtomicBool,
    /// Events that the audio thread could not tell.
    lost_events: AtomicU64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    loads_done: u64,
    /// The newest attachment that has its first plan.
    attached: u64,
}

/// One instance's worker and all hand-overs. Making one is instant; threads start with
/// [`Runtime::attach`] or [`Runtime::start`].
pub struct Runtime {
    shared: Arc<Shared>,
    commands: Sender<ToWorker>,
    receiver: Receiver<ToWorker>,
    worker: Mutex<Option<JoinHandle<()>>>,
    meters: Mutex<Option<triple_buffer::Output<Meters>>>,
    attachments: AtomicU64,
}

impl Runtime {
    /// An instance that has not started. No threads, no files.
    #[must_use]
    pub fn new(options: Options, controls: Arc<dyn Controls>) -> Self {
        let mut session = Session::new(Document::new(options.seed, &options.lanes));
        let (commands, receiver) = bounded(COMMANDS);
        let shared = Shared {
            controls,
            view: ArcSwap::from_pointee(session.view(WorkerView::Starting)),
            text: ArcSwap::from_pointee(session.text()),
            loaded: ArcSwapOption::empty(),
            loads_asked: AtomicU64::new(0),
            progress: Mutex::new(Progress::default()),
            progressed: Condvar::new(),
            repaint: ArcSwapOption::empty(),
            stop: AtomicBool::new(false),
            lost_events: AtomicU64::new(0),
            options,
        };
        Self {
            shared: Arc::new(shared),
            commands,
            receiver,
            worker: Mutex::new(None),
            meters: Mutex::new(None),
            attachments: AtomicU64::new(0),
        }
    }

    /// Starts the worker if it does not run. Host main or editor thread.
    pub fn start(&self) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_some() {
            return;
        }
        let (shared, receiver, sender) = (Arc::clone(&self.shared), self.receiver.clone(), self.commands.clone());
        let spawned = std::thread::Builder::new()
            .name("deepdrummer-worker".to_owned())
            .spawn(move || worker::run(&shared, &receiver, &sender));
        // Without a thread to spare the engine plays on and the view goes on saying "starting".
        *worker = spawned.ok();
    }

    /// Connects an engine at a rate; the port before this one is dead. Starts the worker. Host main
    /// thread, while audio does not run.
    pub fn attach(&self, rate: SampleRate) -> AudioPort {
        let (audio, worker, meters) = link::pair();
        *self.meters.lock().unwrap_or_else(PoisonError::into_inner) = Some(meters);
        self.start();
        self.attachments.fetch_add(1, Ordering::AcqRel);
        // Main threads may wait a moment; the worker empties this channel all the time.
        let message = ToWorker::Attach { rate, port: Box::new(worker) };
        let _ = self.commands.send_timeout(message, Duration::from_secs(1));
        audio
    }

    /// Waits until the newest attached engine has been sent its first plan; false on time-out.
    pub fn wait_for_plan(&self, at_most: Duration) -> bool {
        let wanted = self.attachments.load(Ordering::Acquire);
        self.wait(at_most, |progress| progress.attached >= wanted)
    }

    fn wait(&self, at_most: Duration, done: impl Fn(&Progress) -> bool) -> bool {
        let until = Instant::now() + at_most;
        let mut progress = self.shared.progress.lock().unwrap_or_else(PoisonError::into_inner);
        while !done(&progress) {
            let Some(left) = until.checked_duration_since(Instant::now()) else { return false };
            let waited = self.shared.progressed.wait_timeout(progress, left);
            progress = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Sends a command; false when the queue is full and the command was not taken.
    #[must_use]
    pub fn send(&self, command: Command) -> bool {
        match self.commands.try_send(ToWorker::Command(command)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// The newest view.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.view.load_full()
    }

    /// The newest meters; `None` while no engine is attached.
    #[must_use]
    pub fn meters(&self) -> Option<Meters> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.as_mut().map(|meters| *meters.read())
    }

    /// What a host saves.
    #[must_use]
    pub fn text(&self) -> Arc<String> {
        self.shared.text.load_full()
    }

    /// Takes a text that a host loaded. Saving right afterwards gives the same bytes back. Where the
    /// worker runs, this waits (bounded) until the engine has been sent the loaded loop, so that a
    /// bounce right after loading plays it. Host main thread.
    pub fn load(&self, text: String) {
        let text = Arc::new(text);
        self.shared.text.store(Arc::clone(&text));
        self.shared.loaded.store(Some(text));
        let wanted = self.shared.loads_asked.fetch_add(1, Ordering::AcqRel) + 1;
        let runs = self.worker.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if runs {
            let _ = self.commands.try_send(ToWorker::Wake);
            self.wait(Duration::from_secs(2), |progress| progress.loads_done >= wanted);
        }
    }

    /// What to call when there is something new to draw; from the worker's thread.
    pub fn set_repaint(&self, repaint: Option<Box<dyn Fn() + Send + Sync>>) {
        self.shared.repaint.store(repaint.map(Arc::new));
    }

    /// Events that the audio thread could not tell since the start: 0, or something is wrong.
    #[must_use]
    pub fn lost_events(&self) -> u64 {
        self.shared.lost_events.load(Ordering::Relaxed)
    }
}

impl Drop for Runtime {
    /// Ends the worker in order: it finishes the unit of work it is in (some 10 ms) and joins its
    /// builder, which looks at the same flag.
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        let _ = self.commands.try_send(ToWorker::Wake);
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            let _ = worker.join();
        }
    }
}
