//! Every order of steps in which host threads and the worker can meet over a saved text, tried by loom.
//!
//! What the worker does around it is written out as `core/src/runtime/worker.rs` and `worker/host.rs` do it.

#[path = "../../core/src/runtime/exchange.rs"]
#[expect(dead_code, reason = "attachments and settings are waited for as loads are")]
mod exchange;

mod sync {
    pub(super) use loom::sync::{Condvar, Mutex};
    use std::sync::{Arc, PoisonError};

    /// A place that is read and written at once as a whole.
    pub(super) struct ArcSwap<T>(Mutex<Arc<T>>);

    impl<T> ArcSwap<T> {
        pub(super) fn new(value: Arc<T>) -> Self {
            Self(Mutex::new(value))
        }

        pub(super) fn load_full(&self) -> Arc<T> {
            Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }

        pub(super) fn store(&self, value: Arc<T>) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = value;
        }
    }
}

use crate::every_order;
use exchange::{Progress, Saved};
use loom::sync::Arc;
use loom::sync::mpsc::{Receiver, Sender, channel};
use loom::thread;
use std::time::Duration;

/// Loom's clock does not run: a wait that nobody ends is a deadlock, which loom reports.
const FOR_EVER: Duration = Duration::from_secs(100_000);

struct Shared {
    saved: Saved,
    progress: Progress,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self { saved: Saved::new("first".to_owned()), progress: Progress::new() })
    }

    /// `RuntimeHandle::load` while the worker runs.
    fn load(&self, text: &str, wake: &Sender<()>) {
        let wanted = self.saved.load(text.to_owned());
        wake.send(()).unwrap();
        self.progress.wait(FOR_EVER, |reached| reached.load >= wanted);
    }
}

/// The worker: its session is the text that it was made of, and "+" for what was changed since.
struct Worker {
    shared: Arc<Shared>,
    session: String,
    load: u64,
}

impl Worker {
    /// `Worker::new`, up to the first plan.
    fn start(shared: Arc<Shared>) -> Self {
        let (load, loaded) = shared.saved.take();
        let session = loaded.unwrap_or_else(|| shared.saved.text()).to_string();
        let worker = Self { shared, session, load };
        worker.acknowledge();
        worker
    }

    fn acknowledge(&self) {
        self.shared.saved.publish(self.session.clone());
        self.shared.progress.change(|reached| reached.load = reached.load.max(self.load));
    }

    /// `Worker::take_loaded_text`, with something that was said of the project before.
    fn look(&mut self) {
        if !self.shared.saved.waits() {
            return;
        }
        self.session.push('+');
        self.acknowledge();
        let (load, Some(text)) = self.shared.saved.take() else { return };
        self.session = text.to_string();
        self.load = load;
        self.acknowledge();
    }

    /// Looks whenever it is woken, until nobody is left that could wake it.
    fn spawn(shared: &Arc<Shared>, woken: Receiver<()>, times: usize) -> thread::JoinHandle<()> {
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            let mut worker = Self::start(shared);
            for _ in 0..times {
                woken.recv().unwrap();
                worker.look();
            }
        })
    }
}

#[test]
fn a_load_is_always_carried_through_and_is_saved_from_then_on_however_the_worker_starts() {
    every_order(8, || {
        let (shared, (wake, woken)) = (Shared::new(), channel());
        let worker = Worker::spawn(&shared, woken, 1);
        shared.load("loaded", &wake);
        assert_eq!(*shared.saved.text(), "loaded");
        worker.join().unwrap();
        assert_eq!(*shared.saved.text(), "loaded");
    });
}

#[test]
fn a_document_of_the_project_before_never_takes_the_place_of_a_loaded_text() {
    every_order(8, || {
        let (shared, (wake, woken)) = (Shared::new(), channel());
        let worker = Worker::spawn(&shared, woken, 1);
        // A host may save before its load was carried through.
        shared.saved.load("loaded".to_owned());
        wake.send(()).unwrap();
        assert_eq!(*shared.saved.text(), "loaded");
        assert_eq!(*shared.saved.text(), "loaded");
        worker.join().unwrap();
    });
}

#[test]
fn of_two_loads_at_once_both_return_and_one_is_saved() {
    every_order(3, || {
        let (shared, (wake, woken)) = (Shared::new(), channel());
        let worker = Worker::spawn(&shared, woken, 2);
        let (of_other, wakes_too) = (Arc::clone(&shared), wake.clone());
        let other = thread::spawn(move || of_other.load("other", &wakes_too));
        shared.load("loaded", &wake);
        other.join().unwrap();
        worker.join().unwrap();
        let saved = shared.saved.text();
        assert!(["loaded", "other"].contains(&saved.as_str()), "{saved}");
    });
}
