//! Which keys the editor takes and which go to the host.
//!
//! Space and Escape always reach the host; so does every key that the editor has no use for. The one
//! exception is a name being typed, or a search: then Space types a space.
//!
//! While a text field is on the screen, letters are text: none rates, and none reaches the host, whatever has the
//! keyboard. A field can lose it, to a click beside it or to a host, and what a person types then is still meant
//! for it.

use egui::{Event, Key, Modifiers, RawInput};

/// What the window knows about the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// A text field has the keyboard.
    pub typing: bool,
    /// A text field is on the screen.
    pub text: bool,
    /// Some control has the keyboard.
    pub control: bool,
    /// The step grid has it: selected steps can be copied and so on, digits repeat hits, E is their condition.
    pub grid: bool,
    /// The strip of the arrangement has it: digits are sections.
    pub strip: bool,
    /// The inbox is shown: digits play its loops.
    pub inbox: bool,
    /// A menu is open.
    pub menu: bool,
    /// The browser of presets is open: arrows and Enter are for its list.
    pub list: bool,
    /// A name is being asked for: until it is answered nothing rates or undoes.
    pub question: bool,
}

/// Whether the editor uses a key, so that the host must not act on it too.
#[must_use]
pub fn takes(key: Key, modifiers: Modifiers, focus: Focus) -> bool {
    let bare = !modifiers.ctrl && !modifiers.command && !modifiers.alt;
    match key {
        Key::Escape => false,
        _ if focus.typing => true,
        Key::Plus | Key::Equals | Key::Minus | Key::Num0 if modifiers.command && !modifiers.alt => true,
        Key::Space => false,
        _ if bare && focus.text && is_text(key) => true,
        Key::D | Key::L => bare && rates(focus),
        Key::Z => modifiers.command && !modifiers.alt && !focus.question,
        Key::Y => modifiers.command && !modifiers.alt && !modifiers.shift && !focus.question,
        Key::A | Key::C | Key::J | Key::V | Key::X => {
            focus.grid && modifiers.command && !modifiers.alt && !modifiers.shift && !focus.question
        }
        Key::Num1 | Key::Num2 | Key::Num3 | Key::Num4 | Key::Num6 => {
            bare && (focus.strip || focus.grid || focus.inbox) && rates(focus)
        }
        Key::Num5 | Key::Num7 | Key::Num8 => bare && (focus.strip || focus.inbox) && rates(focus),
        Key::Num0 => bare && focus.strip && rates(focus),
        Key::Num9 => bare && focus.inbox && rates(focus),
        Key::E => bare && focus.grid && rates(focus),
        Key::R => {
            let selected = focus.grid && modifiers.command && !modifiers.alt && !modifiers.shift;
            (bare && focus.strip && rates(focus)) || (selected && !focus.question)
        }
        Key::Tab => bare,
        Key::ArrowLeft | Key::ArrowRight => (bare && !modifiers.shift && rates(focus)) || focus.control,
        Key::ArrowUp | Key::ArrowDown => focus.control || focus.menu || focus.list,
        Key::Enter => focus.control || focus.menu || focus.list,
        Key::PageUp | Key::PageDown => bare && focus.list,
        Key::Home | Key::End => focus.control,
        Key::Delete | Key::Backspace => focus.control,
        _ => false,
    }
}

/// Whether keys rate loops and walk through them: the one place that says so.
#[must_use]
pub fn rates(focus: Focus) -> bool {
    !focus.typing && !focus.text && !focus.question && !focus.menu
}

/// Whether a key alone types a letter, a digit or a sign.
fn is_text(key: Key) -> bool {
    use Key as K;
    let sign = matches!(
        key,
        K::Colon
            | K::Comma
            | K::Minus
            | K::Period
            | K::Plus
            | K::Equals
            | K::Semicolon
            | K::Backslash
            | K::Slash
            | K::Pipe
            | K::Questionmark
            | K::Exclamationmark
            | K::OpenBracket
            | K::CloseBracket
            | K::OpenCurlyBracket
            | K::CloseCurlyBracket
            | K::Backtick
            | K::Quote
    );
    // Letters and digits are called by themselves, all others by words.
    sign || key.name().len() == 1
}

/// Whether what a key types is text for a field on the screen. Space is the host's unless a field has the
/// keyboard.
#[must_use]
pub fn types(text: &str, focus: Focus) -> bool {
    focus.typing || focus.text && text != " "
}

/// Takes Space away from egui, for which it would press the control that has the keyboard while the
/// host starts its transport.
pub struct SpaceIsTheHosts;

impl egui::Plugin for SpaceIsTheHosts {
    fn debug_name(&self) -> &'static str {
        "SpaceIsTheHosts"
    }

    fn input_hook(&mut self, ctx: &egui::Context, input: &mut RawInput) {
        if !ctx.text_edit_focused() {
            input.events.retain(|event| !matches!(event, Event::Key { key: Key::Space, .. }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Focus = Focus {
        typing: false,
        text: false,
        control: false,
        grid: false,
        strip: false,
        inbox: false,
        menu: false,
        list: false,
        question: false,
    };
    const FOCI: [Focus; 6] = [
        IDLE,
        Focus { control: true, ..IDLE },
        Focus { menu: true, ..IDLE },
        Focus { text: true, list: true, ..IDLE },
        Focus { control: true, list: true, ..IDLE },
        Focus { control: true, menu: true, question: true, ..IDLE },
    ];

    #[test]
    fn space_and_escape_always_reach_the_host() {
        for focus in FOCI {
            for modifiers in [Modifiers::NONE, Modifiers::SHIFT, Modifiers::COMMAND, Modifiers::ALT] {
                assert!(!takes(Key::Space, modifiers, focus), "{focus:?} {modifiers:?}");
                assert!(!takes(Key::Escape, modifiers, focus), "{focus:?} {modifiers:?}");
            }
        }
        let typing = Focus { typing: true, control: true, list: true, question: true, ..IDLE };
        assert!(!takes(Key::Escape, Modifiers::NONE, typing));
        assert!(takes(Key::Space, Modifiers::NONE, typing), "a name may have spaces");
    }

    #[test]
    fn only_used_keys_are_taken() {
        let idle = Focus::default();
        for key in [Key::D, Key::L, Key::ArrowLeft, Key::ArrowRight, Key::Tab] {
            assert!(takes(key, Modifiers::NONE, idle), "{key:?}");
        }
        for key in
            [Key::A, Key::S, Key::R, Key::F5, Key::Num0, Key::ArrowUp, Key::Enter, Key::Home, Key::Delete]
        {
            assert!(!takes(key, Modifiers::NONE, idle), "{key:?}");
        }
        for key in [Key::ArrowUp, Key::ArrowDown, Key::Enter, Key::PageUp, Key::PageDown] {
            assert!(takes(key, Modifiers::NONE, Focus { list: true, ..idle }), "{key:?} is for the presets");
            assert!(!takes(key, Modifiers::NONE, idle), "{key:?}");
        }
        assert!(takes(Key::Z, Modifiers::COMMAND, idle));
        assert!(takes(Key::Z, Modifiers::COMMAND | Modifiers::SHIFT, idle));
        assert!(takes(Key::Y, Modifiers::COMMAND, idle));
        assert!(!takes(Key::Z, Modifiers::NONE, idle));
        assert!(!takes(Key::S, Modifiers::COMMAND, idle), "saving belongs to the host");
        assert!(!takes(Key::L, Modifiers::COMMAND, idle));
        for key in [Key::Plus, Key::Equals, Key::Minus, Key::Num0] {
            for focus in FOCI {
                assert!(takes(key, Modifiers::COMMAND, focus), "{key:?} zooms: {focus:?}");
            }
            assert!(!takes(key, Modifiers::NONE, idle), "{key:?}");
        }
        for key in [Key::A, Key::C, Key::J, Key::R, Key::V, Key::X] {
            let grid = Focus { control: true, grid: true, ..idle };
            assert!(takes(key, Modifiers::COMMAND, grid), "{key:?} is for selected steps");
            assert!(!takes(key, Modifiers::NONE, grid) && !takes(key, Modifiers::COMMAND, idle), "{key:?}");
        }
        for key in [Key::Num1, Key::Num6, Key::E] {
            let grid = Focus { control: true, grid: true, ..idle };
            assert!(
                takes(key, Modifiers::NONE, grid) && !takes(key, Modifiers::NONE, idle),
                "{key:?} is for hits"
            );
        }
        for focus in [Focus { menu: true, ..idle }, Focus { question: true, control: true, ..idle }] {
            for key in [Key::L, Key::D] {
                assert!(!takes(key, Modifiers::NONE, focus), "{key:?} rates nothing now: {focus:?}");
            }
        }
    }

    #[test]
    fn while_a_text_field_is_on_the_screen_letters_are_text_whatever_has_the_keyboard() {
        for bits in 0..64 {
            let has = |bit: u8| bits & (1 << bit) != 0;
            let focus = Focus {
                typing: has(0),
                text: true,
                control: has(1),
                menu: has(2),
                list: has(3),
                question: has(4),
                grid: has(5),
                strip: has(5),
                inbox: has(5),
            };
            assert!(!rates(focus), "{focus:?}");
            for key in [Key::A, Key::D, Key::L, Key::Z, Key::Num0, Key::Num7, Key::Minus, Key::Slash] {
                for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
                    assert!(takes(key, modifiers, focus), "{key:?} is text, not the host's: {focus:?}");
                }
            }
            assert!(!takes(Key::Escape, Modifiers::NONE, focus));
        }
        assert!(
            !takes(Key::S, Modifiers::COMMAND, Focus { text: true, ..IDLE }),
            "saving belongs to the host"
        );
        assert!(!takes(Key::F5, Modifiers::NONE, Focus { text: true, ..IDLE }));
    }
}
