//! System tests of DeepDrummer: what a host, a script or a person meets, tested from outside.
//!
//! The library holds the harness, `tests/tests/` the tests, `tests/hosts/` the scripts that drive
//! other people's hosts. Everything here is test code, so it panics where a product would report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod alloc;
pub mod artifacts;
pub mod audio;
pub mod clap_editor;
pub mod clap_host;
#[cfg(target_os = "linux")]
pub mod desk;
#[cfg(target_os = "linux")]
pub mod realtime;
#[cfg(target_os = "linux")]
pub mod screen;
pub mod song;
pub mod state;
#[cfg(target_os = "linux")]
pub mod syscalls;
pub mod timeline;
pub mod transport;
#[cfg(target_os = "windows")]
#[expect(unsafe_code, reason = "the system's windows are C")]
pub mod win32;
