//! Names that people give as names of files: readable, reversible, and never a path.

use std::fmt::Write as _;

/// The longest name, in characters.
pub(crate) const MOST_NAME_CHARS: usize = 64;
/// The longest file name without its ending, in bytes: `-wal`, dates and numbers must still fit into
/// the 255 bytes that file systems allow.
const MOST_STEM_BYTES: usize = 200;

/// Names that Windows keeps for devices, whatever ending follows ("Naming Files, Paths, and Namespaces").
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
/// What follows `com` and `lpt` there; code page 1252 has the last three for digits.
const PORTS: &str = "0123456789\u{b9}\u{b2}\u{b3}";

fn is_device(stem: &str) -> bool {
    let head = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |port: &str| {
        let mut rest = head.strip_prefix(port).unwrap_or_default().chars();
        rest.next().is_some_and(|digit| PORTS.contains(digit)) && rest.next().is_none()
    };
    DEVICES.contains(&head.as_str()) || numbered("com") || numbered("lpt")
}

/// Why a name can't be the name of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadName(pub(crate) &'static str);

/// The file name of a name, without its ending. What a file name can't hold is written as `%` and
/// two hexadecimal digits a byte.
///
/// # Errors
/// The name is empty, begins or ends with a space, holds control characters, or is too long.
pub(crate) fn stem_of(name: &str) -> Result<String, BadName> {
    if name.is_empty() {
        return Err(BadName("it has no name"));
    }
    if name.trim() != name {
        return Err(BadName("it begins or ends with a space"));
    }
    if name.chars().count() > MOST_NAME_CHARS {
        return Err(BadName("a name has 64 characters at most"));
    }
    if name.chars().any(char::is_control) {
        return Err(BadName("it holds control characters"));
    }
    let whole_is_reserved = is_device(name);
    let mut stem = String::with_capacity(name.len());
    for (at, character) in name.char_indices() {
        let at_start = at == 0 && (character == '.' || whole_is_reserved);
        if at_start || matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%') {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(stem, "%{byte:02X}");
            }
        } else {
            stem.push(character);
        }
    }
    if stem.len() > MOST_STEM_BYTES {
        return Err(BadName("it is too long for a file name"));
    }
    Ok(stem)
}

/// The name that a file stands for; `None` where no name is written so.
#[must_use]
pub(crate) fn name_of(stem: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push((digit(rest.next()?)? * 16 + digit(rest.next()?)?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (stem_of(&name).ok()? == stem).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    proptest! {
        #[test]
        fn a_name_is_one_plain_file_name_and_comes_back(name in any::<String>()) {
            if let Ok(stem) = stem_of(&name) {
                let mut parts = Path::new(&stem).components();
                prop_assert!(matches!(parts.next(), Some(Component::Normal(_))));
                prop_assert!(parts.next().is_none());
                prop_assert_eq!(name_of(&stem), Some(name));
            }
        }

        #[test]
        fn no_file_name_panics(stem in "[%.a-zA-Z0-9/ ]{0,80}") {
            let _ = name_of(&stem);
        }
    }

    #[test]
    fn names_that_would_leave_the_folder_or_name_a_device_are_written_out() {
        assert_eq!(stem_of("My taste").unwrap(), "My taste");
        assert_eq!(stem_of("Jörg").unwrap(), "Jörg");
        assert_eq!(stem_of("../../etc/passwd").unwrap(), "%2E.%2F..%2Fetc%2Fpasswd");
        assert_eq!(stem_of("..").unwrap(), "%2E.");
        assert_eq!(stem_of("C:\\x").unwrap(), "C%3A%5Cx");
        assert_eq!(stem_of("con").unwrap(), "%63on");
        assert_eq!(stem_of("Lpt1.x").unwrap(), "%4Cpt1.x");
        assert_eq!(stem_of("COM\u{b9}").unwrap(), "%43OM\u{b9}");
        assert_eq!(stem_of("CONOUT$").unwrap(), "%43ONOUT$");
        for plain in ["console", "com", "com12", "lpt", "nullity", "auxiliary.x"] {
            assert_eq!(stem_of(plain).unwrap(), plain);
        }
        for bad in ["", " a", "a ", "a\nb", "\0", &"x".repeat(65), &"漢".repeat(67), &"𝄞".repeat(64)] {
            assert!(stem_of(bad).is_err(), "{bad:?}");
        }
    }
}
