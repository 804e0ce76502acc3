//! What a key means on the keyboard's layout.
//!
//! Window thread. baseview 0.4 reads keys with a state that it brings forward with each key that its window
//! sees. A key that comes up while another window has the keyboard stays down there for ever: with Ctrl held so,
//! every letter is read as a control character, and with Caps Lock as a capital. With Ctrl it reads keys as on an
//! American keyboard, whatever is printed on them. So on X11 the letter is looked up here, from the modifiers
//! that each key's own event tells and the server's keyboard mapping (X Window System Protocol, section 5).

use super::desk::Desk;
use baseview::WindowContext;
use keyboard_types::{Key, KeyboardEvent};

/// The layouts that the keyboard can be switched between; read when a key is typed first.
#[derive(Default)]
pub(super) struct Layouts {
    #[cfg(target_os = "linux")]
    mapping: Option<x11::Mapping>,
}

#[cfg(not(target_os = "linux"))]
impl Layouts {
    /// They may have changed.
    pub(super) fn forget(&mut self) {}

    /// The window system knows it.
    pub(super) fn meant(
        &mut self,
        _desk: Option<&Desk>,
        _window: &WindowContext,
        event: &KeyboardEvent,
    ) -> Key {
        event.key.clone()
    }
}

#[cfg(target_os = "linux")]
impl Layouts {
    /// They may have changed.
    pub(super) fn forget(&mut self) {
        self.mapping = None;
    }

    /// The key that an event means.
    pub(super) fn meant(
        &mut self,
        desk: Option<&Desk>,
        window: &WindowContext,
        event: &KeyboardEvent,
    ) -> Key {
        let Key::Character(told) = &event.key else { return event.key.clone() };
        let looked_up = super::host_keys::keycode(event.code).and_then(|code| {
            let (connection, window) = (desk?.connection(), super::x11_window(window)?);
            if self.mapping.is_none() {
                self.mapping = x11::Mapping::read(connection);
            }
            let held = x11::Held::of(connection, window, event.modifiers)?;
            self.mapping.as_ref()?.character(code, held)
        });
        match looked_up {
            // A shortcut on a layout of another script is meant as its key is on an American keyboard.
            Some(letter) if event.modifiers.ctrl() && !letter.is_ascii() => Key::Character(told.clone()),
            Some(letter) => Key::Character(letter.to_string()),
            None => event.key.clone(),
        }
    }
}

#[cfg(target_os = "linux")]
mod x11 {
    use keyboard_types::Modifiers;
    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::ConnectionExt;
    use x11rb::rust_connection::RustConnection;

    /// The symbols of all keys, as the core protocol lists them: two of the first layout, two of the second,
    /// then those with AltGr of the first, and of the second.
    #[derive(Debug)]
    pub(super) struct Mapping {
        pub first: u8,
        pub per_key: usize,
        pub symbols: Vec<u32>,
    }

    /// What is down beside a key.
    #[derive(Clone, Copy, Debug, Default)]
    pub(super) struct Held {
        pub shift: bool,
        pub caps: bool,
        pub alt_gr: bool,
        pub ctrl: bool,
        /// The second layout is chosen.
        pub second: bool,
    }

    /// Bits of an X11 key state that baseview does not hand on: AltGr, and where the layout's number begins
    /// (X Keyboard Extension, section 2.2.2).
    const ALT_GR: u16 = 1 << 7;
    const GROUP: u32 = 13;

    impl Held {
        /// What is down now with a key of a window.
        pub(super) fn of(connection: &RustConnection, window: u32, modifiers: Modifiers) -> Option<Self> {
            let state = u16::from(connection.query_pointer(window).ok()?.reply().ok()?.mask);
            Some(Self {
                shift: modifiers.contains(Modifiers::SHIFT),
                caps: modifiers.contains(Modifiers::CAPS_LOCK),
                ctrl: modifiers.contains(Modifiers::CONTROL),
                alt_gr: state & ALT_GR != 0,
                second: (state >> GROUP) & 3 == 1,
            })
        }
    }

    impl Mapping {
        /// The server's present one.
        pub(super) fn read(connection: &RustConnection) -> Option<Self> {
            let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
            let count = last.saturating_sub(first).saturating_add(1);
            let reply = connection.get_keyboard_mapping(first, count).ok()?.reply().ok()?;
            Some(Self { first, per_key: reply.keysyms_per_keycode.into(), symbols: reply.keysyms })
        }

        fn symbol(&self, code: u8, at: usize) -> Option<u32> {
            let key = usize::from(code.checked_sub(self.first)?) * self.per_key;
            let symbol = *self.symbols.get(key..key + self.per_key)?.get(at)?;
            (symbol != 0).then_some(symbol)
        }

        /// The character of a key. With Ctrl letters are small, as shortcuts name them.
        pub(super) fn character(&self, code: u8, held: Held) -> Option<char> {
            let base = match (held.second, held.alt_gr) {
                (false, false) => 0,
                (true, false) => 2,
                (false, true) => 4,
                (true, true) => 6,
            };
            let letter = |shift: usize| {
                // A layout that lists less says the same on all levels.
                let symbol = self.symbol(code, base + shift).or_else(|| self.symbol(code, base));
                symbol.or_else(|| self.symbol(code, shift)).and_then(character_of)
            };
            let small = letter(0)?;
            let large = letter(1).filter(|large| *large != small);
            // A key whose symbols are one letter small and large may be listed with the small one alone.
            let large = large.or_else(|| small.to_uppercase().next()).unwrap_or(small);
            let is_letter = small.is_alphabetic() && large.is_alphabetic();
            if held.ctrl && is_letter {
                return Some(small);
            }
            let shift = if is_letter { held.shift != held.caps } else { held.shift };
            Some(if shift { large } else { small })
        }
    }

    /// The character of a key symbol, if it has one that prints.
    fn character_of(symbol: u32) -> Option<char> {
        xkeysym::Keysym::new(symbol).key_char().filter(|letter| !letter.is_control())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::x11::{Held, Mapping};

    /// A German keyboard beside a Greek one: the keys a, 1, + and q of it.
    fn mapping() -> Mapping {
        let rows: [[char; 6]; 4] = [
            ['a', 'A', 'α', 'Α', 'æ', 'Æ'],
            ['1', '!', '1', '!', '¹', '¡'],
            ['+', '*', ']', '}', '~', '¯'],
            ['q', 'Q', ';', ':', '@', 'Ω'],
        ];
        let symbol = |letter: &char| xkeysym::Keysym::from_char(*letter).raw();
        Mapping { first: 10, per_key: 6, symbols: rows.iter().flatten().map(symbol).collect() }
    }

    #[test]
    fn a_key_types_what_is_printed_on_it() {
        let (mapping, none) = (mapping(), Held::default());
        let shift = Held { shift: true, ..none };
        for (code, held, letter) in [
            (10, none, 'a'),
            (10, shift, 'A'),
            (11, shift, '!'),
            (12, none, '+'),
            (12, shift, '*'),
            (13, Held { alt_gr: true, ..none }, '@'),
            (10, Held { second: true, ..none }, 'α'),
            (10, Held { second: true, shift: true, ..none }, 'Α'),
        ] {
            assert_eq!(mapping.character(code, held), Some(letter), "{code} {held:?}");
        }
        assert_eq!(mapping.character(9, none), None);
        assert_eq!(mapping.character(200, none), None);
    }

    #[test]
    fn caps_lock_makes_letters_large_and_digits_not() {
        let (mapping, caps) = (mapping(), Held { caps: true, ..Held::default() });
        assert_eq!(mapping.character(10, caps), Some('A'));
        assert_eq!(mapping.character(10, Held { shift: true, ..caps }), Some('a'));
        assert_eq!(mapping.character(11, caps), Some('1'));
    }

    #[test]
    fn a_shortcut_is_the_letter_that_is_printed_on_its_key() {
        let (mapping, ctrl) = (mapping(), Held { ctrl: true, ..Held::default() });
        assert_eq!(mapping.character(10, ctrl), Some('a'));
        assert_eq!(mapping.character(10, Held { shift: true, ..ctrl }), Some('a'));
        assert_eq!(mapping.character(12, ctrl), Some('+'));
    }
}
