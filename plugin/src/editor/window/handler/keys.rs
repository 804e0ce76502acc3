//! Keys of the window: what the editor uses of them, and what goes to the host.
//!
//! Window thread. A key means what the events before it made of the editor, not what was painted last, and what
//! it types follows from the keys that are down with it, not from those that were seen to go down before.

use super::super::{host_keys, input, lock};
use super::{Handler, Inner};
use baseview::EventStatus;
use copypasta::ClipboardProvider;
use keyboard_types::{Code, KeyState, KeyboardEvent};
use std::time::{Duration, Instant};

/// A key that comes down this soon after it came up is held: X11 repeats keys so.
const REPEAT: Duration = Duration::from_millis(5);

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
