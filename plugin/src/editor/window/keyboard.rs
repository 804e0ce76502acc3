//! What of keys is to be remembered from one to the next.
//!
//! Window thread.

use super::layout::Layouts;
use keyboard_types::Code;
use std::time::{Duration, Instant};

/// A host that sends a key back does so within this.
const ECHO: Duration = Duration::from_millis(300);

/// What is to be remembered from key to key.
#[derive(Default)]
pub(super) struct Keyboard {
    pub(super) layouts: Layouts,
    pub(super) released: Option<(Code, Instant)>,
    /// Keys that are down for the host.
    down_for_host: Vec<Code>,
    /// When the host was given a key last, and which.
    pub(super) given: Option<(Code, Instant)>,
}

impl Keyboard {
    /// The window got the keyboard or lost it: the layout may have changed meanwhile, and the host sees by
    /// itself which keys come up.
    pub(super) fn focus_changed(&mut self) {
        self.layouts.forget();
        self.down_for_host.clear();
    }

    /// Whether a press is the one that the host was given, sent back: GTK sends what its window gets, and nobody
    /// there uses, to the window that is embedded in it. Given to the host once more it would go round for ever.
    /// It is one when its key did not come up before, as X11 tells of every key that comes down, or when it is up
    /// by now.
    pub(super) fn is_echo(
        &self,
        code: Code,
        pressed: bool,
        now: Instant,
        is_up: impl FnOnce() -> bool,
    ) -> bool {
        let given = || self.given.is_some_and(|(last, at)| last == code && now - at < ECHO);
        pressed && (self.down_for_host.contains(&code) || given() && is_up())
    }

    /// Whether a key goes to the host: as it came down. One that comes up follows its press wherever that went,
    /// or the host would think it is still held, or see one come up that never was down.
    pub(super) fn goes_to_host(&mut self, code: Code, pressed: bool, taken: bool) -> bool {
        let at = self.down_for_host.iter().position(|down| *down == code);
        match (pressed, at) {
            (true, None) if !taken => self.down_for_host.push(code),
            (true, Some(at)) if taken => {
                self.down_for_host.swap_remove(at);
            }
            (false, Some(at)) => {
                self.down_for_host.swap_remove(at);
                return true;
            }
            (false, None) => return false,
            _ => {}
        }
        !taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_up_where_it_came_down() {
        let mut board = Keyboard::default();
        assert!(board.goes_to_host(Code::Space, true, false), "the host starts");
        // A text field opens while it is held.
        assert!(board.goes_to_host(Code::Space, false, true), "the host sees it come up");
        assert!(!board.goes_to_host(Code::KeyL, true, true), "it rates");
        assert!(!board.goes_to_host(Code::KeyL, false, false), "what the host did not see come down");
        assert!(board.goes_to_host(Code::KeyS, true, false));
        assert!(board.goes_to_host(Code::KeyS, true, false), "held keys repeat");
        assert!(board.goes_to_host(Code::KeyS, false, false));
        assert!(!board.goes_to_host(Code::KeyS, false, false));
    }

    #[test]
    fn a_key_that_the_host_sends_back_is_not_given_to_it_again() {
        let (mut board, now) = (Keyboard::default(), Instant::now());
        let (up, down) = (|| true, || false);
        assert!(!board.is_echo(Code::F5, true, now, up), "it was tapped and is up already");
        assert!(board.goes_to_host(Code::F5, true, false));
        board.given = Some((Code::F5, now));
        assert!(board.is_echo(Code::F5, true, now, down), "sent back while it is held");
        assert!(board.goes_to_host(Code::F5, false, false));
        assert!(board.is_echo(Code::F5, true, now, up), "sent back after it came up");
        assert!(!board.is_echo(Code::F5, false, now, up) && !board.goes_to_host(Code::F5, false, false));
        assert!(!board.is_echo(Code::F5, true, now, down), "the next press is one of its own");
        assert!(!board.is_echo(Code::F5, true, now + ECHO, up), "and so is a late one");
        assert!(!board.is_echo(Code::F6, true, now, up), "another key is no echo");
    }

    #[test]
    fn a_key_that_was_down_when_the_keyboard_went_away_is_forgotten() {
        let mut board = Keyboard::default();
        assert!(board.goes_to_host(Code::KeyS, true, false));
        board.focus_changed();
        assert!(!board.goes_to_host(Code::KeyS, false, false));
    }
}
