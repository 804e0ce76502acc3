//! A drum map of the person's own: what must hold is in `core/tests/untrusted`.
#![no_main]

#[path = "../../core/tests/untrusted/mod.rs"]
mod untrusted;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| untrusted::drum_map(bytes));
