//! Keys that the editor has no use for go back to the host.
//!
//! Window thread. On macOS the window passes unused events on by itself. On X11 and on Windows a focused child
//! window keeps every key, so they are sent to the window that it lies in.

#[cfg(target_os = "windows")]
mod win32;

use super::desk::Desk;
use baseview::WindowContext;
use keyboard_types::KeyboardEvent;

/// Known on X11 only.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_up(_desk: &Desk, _code: keyboard_types::Code) -> bool {
    false
}

/// Whether a key of the keyboard is not held now.
#[cfg(target_os = "linux")]
pub(super) fn is_up(desk: &Desk, code: keyboard_types::Code) -> bool {
    use x11rb::protocol::xproto::ConnectionExt;
    let held = || {
        let keys = desk.connection().query_keymap().ok()?.reply().ok()?.keys;
        let code = keycode(code)?;
        keys.get(usize::from(code / 8)).map(|byte| byte & (1 << (code % 8)) != 0)
    };
    held() == Some(false)
}

/// The window system does it.
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
pub(super) fn pass_on(_desk: &Desk, _window: &WindowContext, _event: &KeyboardEvent) {}

/// Puts a key into the queue of the window around ours. Without one (a window of its own) nothing is sent.
#[cfg(target_os = "windows")]
pub(super) fn pass_on(_desk: &Desk, window: &WindowContext, event: &KeyboardEvent) {
    win32::pass_on(window, event);
}

/// Sends a key to the window around ours. Without one (a standalone window) nothing is sent.
#[cfg(target_os = "linux")]
pub(super) fn pass_on(desk: &Desk, window: &WindowContext, event: &KeyboardEvent) {
    let send = || {
        use x11rb::connection::Connection;
        use x11rb::protocol::xproto::{self, ConnectionExt, EventMask, KeyButMask, KeyPressEvent};

        let (connection, window) = (desk.connection(), super::x11_window(window)?);
        let detail = keycode(event.code)?;
        let tree = connection.query_tree(window).ok()?.reply().ok()?;
        if tree.parent == tree.root || tree.parent == 0 {
            return None;
        }
        let mut state = KeyButMask::default();
        for (held, mask) in [
            (event.modifiers.shift(), KeyButMask::SHIFT),
            (event.modifiers.ctrl(), KeyButMask::CONTROL),
            (event.modifiers.alt(), KeyButMask::MOD1),
            (event.modifiers.meta(), KeyButMask::MOD4),
        ] {
            if held {
                state |= mask;
            }
        }
        let down = event.state == keyboard_types::KeyState::Down;
        let message = KeyPressEvent {
            response_type: if down { xproto::KEY_PRESS_EVENT } else { xproto::KEY_RELEASE_EVENT },
            detail,
            sequence: 0,
            time: x11rb::CURRENT_TIME,
            root: tree.root,
            event: tree.parent,
            child: 0,
            root_x: 0,
            root_y: 0,
            event_x: 0,
            event_y: 0,
            state,
            same_screen: true,
        };
        let mask = if down { EventMask::KEY_PRESS } else { EventMask::KEY_RELEASE };
        connection.send_event(true, tree.parent, mask, message).ok()?;
        connection.flush().ok()
    };
    // A host that went away needs no keys.
    let _ = send();
}

/// The X11 key code: the Linux input code plus eight (X Keyboard Extension, evdev key codes).
#[cfg(any(target_os = "linux", target_os = "windows"))]
pub(super) fn keycode(code: keyboard_types::Code) -> Option<u8> {
    use keyboard_types::Code as C;
    const ROWS: &[(u8, &[C])] = &[
        (
            9,
            &[
                C::Escape,
                C::Digit1,
                C::Digit2,
                C::Digit3,
                C::Digit4,
                C::Digit5,
                C::Digit6,
                C::Digit7,
                C::Digit8,
                C::Digit9,
                C::Digit0,
                C::Minus,
                C::Equal,
                C::Backspace,
                C::Tab,
                C::KeyQ,
                C::KeyW,
                C::KeyE,
                C::KeyR,
                C::KeyT,
                C::KeyY,
                C::KeyU,
                C::KeyI,
                C::KeyO,
                C::KeyP,
                C::BracketLeft,
                C::BracketRight,
                C::Enter,
                C::ControlLeft,
                C::KeyA,
                C::KeyS,
                C::KeyD,
                C::KeyF,
                C::KeyG,
                C::KeyH,
                C::KeyJ,
                C::KeyK,
                C::KeyL,
                C::Semicolon,
                C::Quote,
                C::Backquote,
                C::ShiftLeft,
                C::Backslash,
                C::KeyZ,
                C::KeyX,
                C::KeyC,
                C::KeyV,
                C::KeyB,
                C::KeyN,
                C::KeyM,
                C::Comma,
                C::Period,
                C::Slash,
                C::ShiftRight,
                C::NumpadMultiply,
                C::AltLeft,
                C::Space,
                C::CapsLock,
                C::F1,
                C::F2,
                C::F3,
                C::F4,
                C::F5,
                C::F6,
                C::F7,
                C::F8,
                C::F9,
                C::F10,
                C::NumLock,
                C::ScrollLock,
                C::Numpad7,
                C::Numpad8,
                C::Numpad9,
                C::NumpadSubtract,
                C::Numpad4,
                C::Numpad5,
                C::Numpad6,
                C::NumpadAdd,
                C::Numpad1,
                C::Numpad2,
                C::Numpad3,
                C::Numpad0,
                C::NumpadDecimal,
            ],
        ),
        (94, &[C::IntlBackslash, C::F11, C::F12]),
        (104, &[C::NumpadEnter, C::ControlRight, C::NumpadDivide, C::PrintScreen, C::AltRight]),
        (
            110,
            &[
                C::Home,
                C::ArrowUp,
                C::PageUp,
                C::ArrowLeft,
                C::ArrowRight,
                C::End,
                C::ArrowDown,
                C::PageDown,
                C::Insert,
                C::Delete,
            ],
        ),
        (133, &[C::MetaLeft, C::MetaRight, C::ContextMenu]),
        (171, &[C::MediaTrackNext, C::MediaPlayPause, C::MediaTrackPrevious, C::MediaStop]),
    ];
    ROWS.iter()
        .find_map(|(first, codes)| codes.iter().position(|other| *other == code).map(|at| first + at as u8))
}

#[cfg(all(test, any(target_os = "linux", target_os = "windows")))]
mod tests {
    use super::*;
    use keyboard_types::Code;

    #[test]
    fn key_codes_are_those_of_evdev() {
        for (code, number) in [
            (Code::Escape, 9),
            (Code::Tab, 23),
            (Code::KeyA, 38),
            (Code::KeyL, 46),
            (Code::KeyZ, 52),
            (Code::Space, 65),
            (Code::F1, 67),
            (Code::F10, 76),
            (Code::NumpadDecimal, 91),
            (Code::F11, 95),
            (Code::NumpadEnter, 104),
            (Code::AltRight, 108),
            (Code::Home, 110),
            (Code::Delete, 119),
            (Code::ContextMenu, 135),
        ] {
            assert_eq!(keycode(code), Some(number), "{code:?}");
        }
    }
}
