//! What the person should read.
//!
//! Worker thread.

use super::view::{Notice, Severity};
use std::collections::VecDeque;

/// Notices that are shown at once.
const MOST: usize = 8;
/// The longest text of a notice.
const MOST_CHARS: usize = 600;

/// Notices that were not dismissed, oldest first.
#[derive(Default)]
pub(super) struct Notices {
    shown: VecDeque<Notice>,
    /// How many there were.
    count: u64,
}

impl Notices {
    /// Adds one; a text that is too long is cut. False where it says what another one says already.
    pub(super) fn add(&mut self, severity: Severity, mut text: String, next_step: String) -> bool {
        // It may quote names and paths of a project that somebody else made.
        if let Some((cut, _)) = text.char_indices().nth(MOST_CHARS) {
            text.truncate(cut);
            text.push('…');
        }
        if self.shown.iter().any(|notice| notice.text == text) {
            return false;
        }
        self.count += 1;
        self.shown.push_back(Notice { id: self.count, severity, text, next_step });
        while self.shown.len() > MOST {
            self.shown.pop_front();
        }
        true
    }

    /// One was read.
    pub(super) fn dismiss(&mut self, id: u64) {
        self.shown.retain(|notice| notice.id != id);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.shown.iter()
    }
}
