//! A taste profile that is imported or found: what must hold is in `core/tests/untrusted`.
#![no_main]

#[path = "../../core/tests/untrusted/mod.rs"]
mod untrusted;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    untrusted::profile(bytes, folder.path());
});
