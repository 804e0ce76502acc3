//! The hand-overs that are our own, in every order in which threads can take their steps.
//!
//! Each module compiles one file of the product a second time, on loom's primitives instead of the system's:
//! the file imports them from a module `sync` beside it. What rests wholly on a crate's primitive needs no
//! model here.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[cfg(test)]
mod presses;
#[cfg(test)]
mod saved;

/// Runs a model in every order of steps with at most so many switches of threads that nothing makes necessary,
/// and says how many orders these were.
#[cfg(test)]
fn every_order(switches: usize, model: impl Fn() + Sync + Send + 'static) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let orders = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&orders);
    let mut all = loom::model::Builder::new();
    all.preemption_bound = Some(switches);
    all.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        model();
    });
    println!("{} orders", orders.load(Ordering::Relaxed));
}
