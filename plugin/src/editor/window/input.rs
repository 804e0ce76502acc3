//! Window events as egui understands them.

use baseview::{MouseButton, MouseCursor};
use egui::{CursorIcon, Key, Modifiers, PointerButton};
use keyboard_types::{Code, Key as WindowKey, NamedKey};

/// The pointer's button.
#[must_use]
pub(super) fn button(button: MouseButton) -> Option<PointerButton> {
    match button {
        MouseButton::Left => Some(PointerButton::Primary),
        MouseButton::Right => Some(PointerButton::Secondary),
        MouseButton::Middle => Some(PointerButton::Middle),
        _ => None,
    }
}

/// The modifier keys; `command` is Cmd on macOS and Ctrl elsewhere.
#[must_use]
pub(super) fn modifiers(from: keyboard_types::Modifiers) -> Modifiers {
    let mac = cfg!(target_os = "macos");
    Modifiers {
        alt: from.alt(),
        ctrl: from.ctrl(),
        shift: from.shift(),
        mac_cmd: mac && from.meta(),
        command: if mac { from.meta() } else { from.ctrl() },
    }
}

/// The key, whatever the case of its letter. `code` is its place on the keyboard.
#[must_use]
pub(super) fn key(key: &WindowKey, code: Code, modifiers: Modifiers) -> Option<Key> {
    match key {
        WindowKey::Named(named) => Some(match named {
            NamedKey::ArrowDown => Key::ArrowDown,
            NamedKey::ArrowLeft => Key::ArrowLeft,
            NamedKey::ArrowRight => Key::ArrowRight,
            NamedKey::ArrowUp => Key::ArrowUp,
            NamedKey::Escape => Key::Escape,
            NamedKey::Tab => Key::Tab,
            NamedKey::Backspace => Key::Backspace,
            NamedKey::Enter => Key::Enter,
            NamedKey::Insert => Key::Insert,
            NamedKey::Delete => Key::Delete,
            NamedKey::Home => Key::Home,
            NamedKey::End => Key::End,
            NamedKey::PageUp => Key::PageUp,
            NamedKey::PageDown => Key::PageDown,
            _ => return None,
        }),
        WindowKey::Character(text) if text == " " => Some(Key::Space),
        // A French keyboard has the digits behind Shift; their keys' shortcuts are theirs without it.
        WindowKey::Character(_) if modifiers.command && code == Code::Digit0 => Some(Key::Num0),
        WindowKey::Character(text) => Key::from_name(&text.to_uppercase()).or_else(|| by_place(code)),
    }
}

/// The letter that a key has on an American keyboard: what rates on a layout of another script.
fn by_place(code: Code) -> Option<Key> {
    code.to_string().strip_prefix("Key").and_then(Key::from_name)
}

/// The text that a key types, if it types any.
#[must_use]
pub(super) fn typed(key: &WindowKey, modifiers: Modifiers) -> Option<String> {
    match key {
        WindowKey::Character(text) if !modifiers.command && !modifiers.ctrl => {
            let printable = text.chars().all(|c| !c.is_control());
            (printable && !text.is_empty()).then(|| text.clone())
        }
        _ => None,
    }
}

/// Splits off what came after the first press or release of a button: it belongs to the next frame. egui
/// looks once a frame what lies under the pointer, so where frames are slow a click on one thing and a
/// move to another would meet the other thing or none. A release that follows moves waits for a frame of its
/// own too: the moves are the last of a drag, and after the release nothing is dragged any more.
#[must_use]
pub(super) fn after_first_button(events: &mut Vec<egui::Event>) -> Vec<egui::Event> {
    use egui::Event;
    let Some(at) = events.iter().position(|event| matches!(event, Event::PointerButton { .. })) else {
        return Vec::new();
    };
    let release = matches!(events[at], Event::PointerButton { pressed: false, .. });
    let moved = events[..at].iter().any(|event| matches!(event, Event::PointerMoved(_)));
    events.split_off(if release && moved { at } else { at + 1 })
}

/// The pointer's look.
#[must_use]
pub(super) fn cursor(icon: CursorIcon) -> MouseCursor {
    match icon {
        CursorIcon::PointingHand | CursorIcon::Grab | CursorIcon::ContextMenu => MouseCursor::Hand,
        CursorIcon::Grabbing => MouseCursor::HandGrabbing,
        CursorIcon::Text => MouseCursor::Text,
        CursorIcon::NotAllowed | CursorIcon::NoDrop => MouseCursor::NotAllowed,
        CursorIcon::ResizeNwSe | CursorIcon::ResizeSouthEast => MouseCursor::NwseResize,
        CursorIcon::ResizeHorizontal => MouseCursor::EwResize,
        CursorIcon::ResizeVertical => MouseCursor::NsResize,
        CursorIcon::Help => MouseCursor::Help,
        _ => MouseCursor::Default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_keys_in_either_case_and_on_every_layout() {
        let meant = |text: &str, code| key(&WindowKey::Character(text.into()), code, Modifiers::NONE);
        assert_eq!(meant("l", Code::KeyL), Some(Key::L));
        assert_eq!(meant("L", Code::KeyL), Some(Key::L));
        assert_eq!(meant("z", Code::KeyY), Some(Key::Z), "a German keyboard");
        assert_eq!(meant("д", Code::KeyL), Some(Key::L), "a Russian keyboard");
        assert_eq!(meant(" ", Code::Space), Some(Key::Space));
        assert_eq!(meant("ö", Code::Semicolon), None);
        assert_eq!(key(&WindowKey::Named(NamedKey::F5), Code::F5, Modifiers::NONE), None);
    }

    #[test]
    fn the_zoom_has_its_keys_on_every_layout() {
        let meant = |text: &str, code| key(&WindowKey::Character(text.into()), code, Modifiers::COMMAND);
        assert_eq!(meant("+", Code::BracketRight), Some(Key::Plus), "a German keyboard");
        assert_eq!(meant("=", Code::Equal), Some(Key::Equals));
        assert_eq!(meant("+", Code::NumpadAdd), Some(Key::Plus));
        assert_eq!(meant("-", Code::Slash), Some(Key::Minus));
        assert_eq!(meant("0", Code::Numpad0), Some(Key::Num0));
        assert_eq!(meant("à", Code::Digit0), Some(Key::Num0), "a French keyboard");
    }

    #[test]
    fn a_press_and_its_release_are_in_frames_of_their_own() {
        use egui::{Event, pos2};
        let moved = |x| Event::PointerMoved(pos2(x, 0.0));
        let button = |pressed| Event::PointerButton {
            pos: pos2(1.0, 0.0),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let mut events = vec![moved(0.0), moved(1.0), button(true), button(false), moved(2.0)];
        let mut later = after_first_button(&mut events);
        assert_eq!(events, [moved(0.0), moved(1.0), button(true)]);
        assert_eq!(after_first_button(&mut later), [moved(2.0)]);
        assert_eq!(later, [button(false)]);
        assert_eq!(after_first_button(&mut vec![moved(2.0)]), []);
    }

    #[test]
    fn the_moves_of_a_drag_are_seen_before_its_end() {
        use egui::{Event, pos2};
        let moved = |x| Event::PointerMoved(pos2(x, 0.0));
        let button = |pressed| Event::PointerButton {
            pos: pos2(9.0, 0.0),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let mut frame = vec![button(true), moved(4.0), moved(9.0), button(false), moved(10.0)];
        let mut frames = Vec::new();
        while !frame.is_empty() {
            let later = after_first_button(&mut frame);
            frames.push(std::mem::replace(&mut frame, later));
        }
        let expected =
            [vec![button(true)], vec![moved(4.0), moved(9.0)], vec![button(false)], vec![moved(10.0)]];
        assert_eq!(frames, expected);
    }

    #[test]
    fn shortcuts_type_nothing() {
        let z = WindowKey::Character("z".into());
        assert_eq!(typed(&z, Modifiers::COMMAND), None);
        assert_eq!(typed(&z, Modifiers::NONE).as_deref(), Some("z"));
    }
}
