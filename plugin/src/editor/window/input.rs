//! Window events as egui understands them.

use baseview::{MouseButton, MouseCursor};
use egui::{CursorIcon, Key, Modifiers, PointerButton};
use keyboard_types::{Key as WindowKey, NamedKey};

/// The pointer's button.
#[must_use]
pub fn button(button: MouseButton) -> Option<PointerButton> {
    match button {
        MouseButton::Left => Some(PointerButton::Primary),
        MouseButton::Right => Some(PointerButton::Secondary),
        MouseButton::Middle => Some(PointerButton::Middle),
        _ => None,
    }
}

/// The modifier keys; `command` is Cmd on macOS and Ctrl elsewhere.
#[must_use]
pub fn modifiers(from: keyboard_types::Modifiers) -> Modifiers {
    let mac = cfg!(target_os = "macos");
    Modifiers {
        alt: from.alt(),
        ctrl: from.ctrl(),
        shift: from.shift(),
        mac_cmd: mac && from.meta(),
        command: if mac { from.meta() } else { from.ctrl() },
    }
}

/// The key, whatever the case of its letter.
#[must_use]
pub fn key(key: &WindowKey) -> Option<Key> {
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
        WindowKey::Character(text) => Key::from_name(&text.to_uppercase()),
    }
}

/// The text that a key types, if it types any.
#[must_use]
pub fn typed(key: &WindowKey, modifiers: Modifiers) -> Option<String> {
    match key {
        WindowKey::Character(text) if !modifiers.command && !modifiers.ctrl => {
            let printable = text.chars().all(|c| !c.is_control());
            (printable && !text.is_empty()).then(|| text.clone())
        }
        _ => None,
    }
}

/// The pointer's look.
#[must_use]
pub fn cursor(icon: CursorIcon) -> MouseCursor {
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
    fn letters_are_keys_in_either_case() {
        assert_eq!(key(&WindowKey::Character("l".into())), Some(Key::L));
        assert_eq!(key(&WindowKey::Character("L".into())), Some(Key::L));
        assert_eq!(key(&WindowKey::Character("z".into())), Some(Key::Z));
        assert_eq!(key(&WindowKey::Character(" ".into())), Some(Key::Space));
        assert_eq!(key(&WindowKey::Named(NamedKey::F5)), None);
    }

    #[test]
    fn shortcuts_type_nothing() {
        let z = WindowKey::Character("z".into());
        assert_eq!(typed(&z, Modifiers::COMMAND), None);
        assert_eq!(typed(&z, Modifiers::NONE).as_deref(), Some("z"));
    }
}
