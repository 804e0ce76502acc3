//! The settings of a machine: what must hold is in `core/tests/untrusted`.
#![no_main]

#[path = "../../core/tests/untrusted/mod.rs"]
mod untrusted;

/// One folder for all of a run: making one for each costs more than what is tried in it.
static FOLDER: std::sync::LazyLock<tempfile::TempDir> =
    std::sync::LazyLock::new(|| tempfile::tempdir().expect("there is a place for temporary files"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| untrusted::settings(bytes, FOLDER.path()));
