//! What hosts call first: the library's entries for CLAP and VST3. They are the framework's but for two things:
//! the loading of a state, which the framework reads as a whole or not at all, so it gets it through
//! [`readable`](crate::state::readable); and CLAP's names of notes, which it does not have.
//!
//! The host's threads; never audio. Nothing here panics into a host.

#![expect(unsafe_code, reason = "hosts call through C; what each of them promises stands beside each use")]

mod clap;
mod note_names;
mod vst3;

pub use clap::clap_entry;
pub(crate) use note_names::made;

use crate::guard::{self, Entry};
use crate::state;

/// The largest state that is read, in bytes; the framework's own limit.
const MOST_BYTES: usize = 256 << 20;

/// A state as the framework can read it.
fn mended(bytes: Vec<u8>) -> Vec<u8> {
    let readable = guard::run(Entry::ReadState, || None, || state::readable(&bytes));
    readable.unwrap_or(bytes)
}
