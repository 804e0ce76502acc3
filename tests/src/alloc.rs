//! An allocator that counts what one thread does, to prove that the audio thread neither allocates
//! nor frees.
//!
//! A test binary installs it with `#[global_allocator]` and runs the plugin linked into itself, so
//! that the plugin's allocations go through it too.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// Counts the calls of a thread while that thread is in [`count`].
pub struct CountingAllocator;

fn note() {
    // During a thread's end its cells are gone; nothing is watched then.
    let watched = WATCHED.try_with(Cell::get).unwrap_or(false);
    if watched {
        let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
    }
}

// SAFETY: every call is handed on unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note();
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

/// Runs `work` and returns how often it called the allocator on this thread.
///
/// Always 0 unless [`CountingAllocator`] is the binary's global allocator: check that it is with a
/// deliberate allocation.
pub fn count(work: impl FnOnce()) -> usize {
    CALLS.with(|calls| calls.set(0));
    WATCHED.with(|watched| watched.set(true));
    work();
    WATCHED.with(|watched| watched.set(false));
    CALLS.with(Cell::get)
}
