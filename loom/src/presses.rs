//! Every order of steps, and everything that weakly ordered memory makes of it, in which a press, a loaded
//! state and the audio thread can meet, tried by loom.

#[path = "../../plugin/src/params/latch.rs"]
mod latch;

mod sync {
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

use crate::every_order;
use latch::{Latch, Loads};
use loom::sync::Arc;
use loom::thread;

fn new() -> Arc<(Latch, Loads)> {
    Arc::new((Latch::default(), Loads(sync::AtomicUsize::new(0))))
}

/// Runs both at once with the audio thread, which looks twice, and says how often it took a press, having
/// looked once more in the end.
fn taken(first: fn(&Latch, &Loads), second: fn(&Latch, &Loads)) -> usize {
    let both = new();
    let threads = [first, second].map(|act| {
        let both = Arc::clone(&both);
        thread::spawn(move || act(&both.0, &both.1))
    });
    let take = || usize::from(both.0.take(&both.1));
    let at_once = take() + take();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    at_once + take()
}

/// The framework puts a state that was saved with the button down into the parameters.
fn loads_pressed(latch: &Latch, loads: &Loads) {
    loads.begin();
    latch.press();
    latch.release();
    loads.end();
}

/// The same in another instance.
fn loads_elsewhere(_: &Latch, loads: &Loads) {
    loads.begin();
    loads.end();
}

#[test]
fn a_state_that_was_saved_with_the_button_down_presses_nothing_whenever_audio_looks() {
    every_order(3, || assert_eq!(taken(loads_pressed, loads_elsewhere), 0));
}

#[test]
fn a_press_counts_once_also_while_another_instance_is_loaded() {
    every_order(3, || assert_eq!(taken(|latch, _| latch.press(), loads_elsewhere), 1));
}

#[test]
fn of_two_presses_at_once_none_is_invented() {
    every_order(3, || {
        let press: fn(&Latch, &Loads) = |latch, _| latch.press();
        assert!([1, 2].contains(&taken(press, press)));
    });
}
