//! Keys for the host on Windows. The window takes every key out of the host's queue, used or not, so what is not
//! used is put back for the window around ours, as if it had been pressed there.

#![expect(
    unsafe_code,
    reason = "the system's functions are C; what each of them promises stands beside its use"
)]

use baseview::WindowContext;
use keyboard_types::{Code, KeyState, KeyboardEvent};
use raw_window_handle::{HasWindowHandle as _, RawWindowHandle};
use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{MAPVK_VSC_TO_VK_EX, MapVirtualKeyW};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    GA_PARENT, GetAncestor, GetDesktopWindow, PostMessageW, WM_KEYDOWN, WM_KEYUP, WM_SYSKEYDOWN, WM_SYSKEYUP,
};

/// Puts a key into the queue of the window around ours. A window of its own has none, and keeps its keys.
pub(super) fn pass_on(window: &WindowContext, event: &KeyboardEvent) {
    let Some(handle) = window.window_handle().ok() else { return };
    let RawWindowHandle::Win32(ours) = handle.as_raw() else { return };
    let ours = ours.hwnd.get() as HWND;
    // SAFETY: ours is open while it handles an event; the other functions take no pointers.
    let (around, desktop) = unsafe { (GetAncestor(ours, GA_PARENT), GetDesktopWindow()) };
    if around.is_null() || around == desktop {
        return;
    }
    let Some(scan) = scan_code(event.code) else { return };
    // SAFETY: plain numbers.
    let key = unsafe { MapVirtualKeyW(scan, MAPVK_VSC_TO_VK_EX) };
    if key == 0 {
        return;
    }
    let (message, bits) = message(event, scan);
    // SAFETY: a window that is gone is an error, which is no concern of ours.
    let _ = unsafe { PostMessageW(around, message, key as usize, bits as isize) };
}

/// The message, and what it says of the key ("About Keyboard Input", Keystroke Message Flags): one press, the scan
/// code and whether it is an extended one, Alt, and for a key that comes up that it was down.
fn message(event: &KeyboardEvent, scan: u32) -> (u32, u32) {
    let alt = event.modifiers.alt() && !event.modifiers.ctrl();
    let bits = 1 | (scan & 0xff) << 16 | u32::from(scan > 0xff) << 24 | u32::from(alt) << 29;
    match (event.state, alt) {
        (KeyState::Down, false) => (WM_KEYDOWN, bits | u32::from(event.repeat) << 30),
        (KeyState::Down, true) => (WM_SYSKEYDOWN, bits | u32::from(event.repeat) << 30),
        (KeyState::Up, false) => (WM_KEYUP, bits | 0b11 << 30),
        (KeyState::Up, true) => (WM_SYSKEYUP, bits | 0b11 << 30),
    }
}

/// The scan code of set 1, with 0xE000 for extended keys. Up to F12 evdev's codes are the same; the key codes of
/// X11 are eight more.
fn scan_code(code: Code) -> Option<u32> {
    use Code as C;
    let extended = match code {
        C::NumpadEnter => 0x1c,
        C::ControlRight => 0x1d,
        C::NumpadDivide => 0x35,
        C::AltRight => 0x38,
        C::Home => 0x47,
        C::ArrowUp => 0x48,
        C::PageUp => 0x49,
        C::ArrowLeft => 0x4b,
        C::ArrowRight => 0x4d,
        C::End => 0x4f,
        C::ArrowDown => 0x50,
        C::PageDown => 0x51,
        C::Insert => 0x52,
        C::Delete => 0x53,
        C::MetaLeft => 0x5b,
        C::MetaRight => 0x5c,
        C::ContextMenu => 0x5d,
        C::MediaTrackPrevious => 0x10,
        C::MediaTrackNext => 0x19,
        C::MediaPlayPause => 0x22,
        C::MediaStop => 0x24,
        C::PrintScreen => 0x37,
        _ => return super::keycode(code).map(|code| u32::from(code) - 8).filter(|code| *code <= 0x58),
    };
    Some(0xe000 | extended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyboard_types::Modifiers;

    #[test]
    fn scan_codes_are_those_of_set_1() {
        for (code, scan) in [
            (Code::Escape, 0x01),
            (Code::KeyQ, 0x10),
            (Code::Space, 0x39),
            (Code::F10, 0x44),
            (Code::F12, 0x58),
            (Code::Numpad0, 0x52),
            (Code::Insert, 0xe052),
            (Code::ArrowLeft, 0xe04b),
        ] {
            assert_eq!(scan_code(code), Some(scan), "{code:?}");
        }
        assert_eq!(scan_code(Code::LaunchMail), None);
    }

    #[test]
    fn a_message_says_what_the_system_would_say() {
        let mut event =
            KeyboardEvent { state: KeyState::Down, code: Code::Space, ..KeyboardEvent::default() };
        assert_eq!(message(&event, 0x39), (WM_KEYDOWN, 0x0039_0001));
        event.state = KeyState::Up;
        assert_eq!(message(&event, 0x39), (WM_KEYUP, 0xc039_0001));
        event.state = KeyState::Down;
        event.modifiers = Modifiers::ALT;
        assert_eq!(message(&event, 0xe04b), (WM_SYSKEYDOWN, 0x214b_0001));
        event.modifiers = Modifiers::ALT | Modifiers::CONTROL;
        assert_eq!(message(&event, 0x39).0, WM_KEYDOWN, "AltGr types");
    }
}
