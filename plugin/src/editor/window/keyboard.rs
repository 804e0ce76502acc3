//! Keys of the window: what the editor uses of them, and what goes to the host.
//!
//! Window thread. A key means what the events before it made of the editor, not what was painted last, and what
//! it types follows from the keys that are down with it, not from those that were seen to go down before.

use super::handler::{Handler, Inner};
use super::host_keys;
use super::layout::Layouts;
use super::{input, lock};
use baseview::EventStatus;
use copypasta::ClipboardProvider;
use keyboard_types::{Code, KeyState, KeyboardEvent};
use std::time::{Duration, Instant};

/// A key that comes down this soon after it came up is held: X11 repeats keys so.
const REPEAT: Duration = Duration::from_millis(5);
/// A host that sends a key back does so within this.
const ECHO: Duration = Duration::from_millis(300);

/// What is to be remembered from key to key.
#[derive(Default)]
pub struct Keyboard {
    layouts: Layouts,
    released: Option<(Code, Instant)>,
    /// Keys that are down for the host.
    down_for_host: Vec<Code>,
    /// When the host was given a key last, and which.
    given: Option<(Code, Instant)>,
}

impl Keyboard {
    /// The window got the keyboard or lost it: the layout may have changed meanwhile, and the host sees by
    /// itself which keys come up.
    pub fn focus_changed(&mut self) {
        self.layouts.forget();
        self.down_for_host.clear();
    }

    /// Whether a press is the one that the host was given, sent back: GTK sends what its window gets, and nobody
    /// there uses, to the window that is embedded in it. Given to the host once more it would go round for ever.
    /// It is one when its key did not come up before, as X11 tells of every key that comes down, or when it is up
    /// by now.
    fn is_echo(&self, code: Code, pressed: bool, now: Instant, is_up: impl FnOnce() -> bool) -> bool {
        let given = || self.given.is_some_and(|(last, at)| last == code && now - at < ECHO);
        pressed && (self.down_for_host.contains(&code) || given() && is_up())
    }

    /// Whether a key goes to the host: as it came down. One that comes up follows its press wherever that went,
    /// or the host would think it is still held, or see one come up that never was down.
    fn goes_to_host(&mut self, code: Code, pressed: bool, taken: bool) -> bool {
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

/// Keys that only change what others mean. Hosts see them in the others' events.
fn is_modifier(code: Code) -> bool {
    use Code as C;
    matches!(
        code,
        C::ShiftLeft
            | C::ShiftRight
            | C::ControlLeft
            | C::ControlRight
            | C::AltLeft
            | C::AltRight
            | C::MetaLeft
            | C::MetaRight
            | C::CapsLock
            | C::NumLock
    )
}

impl Handler {
    pub(super) fn keyboard(&self, inner: &mut Inner, event: &KeyboardEvent) -> EventStatus {
        let (pressed, now) = (event.state == KeyState::Down, Instant::now());
        let is_up = || inner.desk.as_ref().is_some_and(|desk| host_keys::is_up(desk, event.code));
        if cfg!(target_os = "linux") && inner.keyboard.is_echo(event.code, pressed, now, is_up) {
            return EventStatus::Captured;
        }
        self.catch_up(inner);
        inner.set_modifiers(event.modifiers);
        let modifiers = inner.modifiers;
        let board = &mut inner.keyboard;
        let repeat = event.repeat
            || pressed && board.released.is_some_and(|(code, at)| code == event.code && now - at < REPEAT);
        if !pressed {
            board.released = Some((event.code, now));
        }
        let meant = board.layouts.meant(inner.desk.as_ref(), &self.window, event);
        let key = input::key(&meant, event.code, modifiers);
        let (taken, typed) = {
            let app = lock(&self.app);
            let typed = input::typed(&meant, modifiers).filter(|text| app.types(&self.ctx, text));
            let taken = key.is_some_and(|key| app.takes_key(&self.ctx, key, modifiers));
            (taken || typed.is_some(), typed)
        };
        let events = &mut inner.input.events;
        if let Some(key) = key {
            events.push(egui::Event::Key { key, physical_key: None, pressed, repeat, modifiers });
        }
        if pressed {
            let field = self.ctx.text_edit_focused();
            match key {
                Some(egui::Key::X) if field && modifiers.command => events.push(egui::Event::Cut),
                Some(egui::Key::C) if field && modifiers.command => events.push(egui::Event::Copy),
                Some(egui::Key::V) if field && modifiers.command => {
                    let pasted = inner.clipboard.as_mut().and_then(|clipboard| clipboard.get_contents().ok());
                    events.extend(pasted.map(egui::Event::Paste));
                }
                _ => events.extend(typed.map(egui::Event::Text)),
            }
        }
        self.window.request_redraw();
        let to_host = board.goes_to_host(event.code, pressed, taken);
        if !to_host {
            return EventStatus::Captured;
        }
        if let Some(desk) = inner.desk.as_ref().filter(|_| !is_modifier(event.code)) {
            host_keys::pass_on(desk, &self.window, event);
            board.given = Some((event.code, now));
        }
        EventStatus::Ignored
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
