//! Paths as text, without loss: every path that is written anywhere is written by this module.
//!
//! A path that is Unicode is written as it is. Any other is written as a prefix and its parts, in which
//! what is no Unicode stands as `%` and hexadecimal digits:
//!
//! | system | prefix | escaped is | example |
//! |---|---|---|---|
//! | Unix | `%bytes:` | a byte, two digits | `%bytes:/kits/kick%E4.wav` |
//! | Windows | `%wtf16:` | a code unit, four digits | `%wtf16:C:\kits\kick%D800.wav` |
//!
//! A Unicode path that begins with the prefix of its system is escaped too, so that no two paths have one
//! text. The text of a path of the other system is kept as it is and written back the same.
//!
//! Any thread but audio.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::Serializer;
use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How an escaped path of a Unix system begins.
const BYTES: &str = "%bytes:";
/// How an escaped path of Windows begins.
const WIDE: &str = "%wtf16:";

fn is_escaped(character: char) -> bool {
    character == '%' || character.is_control()
}

#[cfg(any(unix, test))]
fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = BYTES.to_owned();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_escaped(character) {
                let mut buffer = [0; 4];
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            } else {
                out.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Replaces `%` and so many hexadecimal digits by what `put` makes of the number, and tells it the rest.
fn unescape<T>(
    text: &str,
    digits: usize,
    mut number: impl FnMut(&mut Vec<T>, u16),
    mut plain: impl FnMut(&mut Vec<T>, char),
) -> Option<Vec<T>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            plain(&mut out, character);
            continue;
        }
        let mut value = 0;
        for _ in 0..digits {
            value = value * 16 + rest.next()?.to_digit(16)? as u16;
        }
        number(&mut out, value);
    }
    Some(out)
}

/// The bytes of an escaped Unix path; `None` where the text is none.
fn unescape_bytes(text: &str) -> Option<Vec<u8>> {
    let put = |out: &mut Vec<u8>, character: char| {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    };
    unescape(text.strip_prefix(BYTES)?, 2, |out, byte| out.push(byte as u8), put)
}

#[cfg(any(windows, test))]
fn escape_wide(units: &[u16]) -> String {
    let mut out = WIDE.to_owned();
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(character) if !is_escaped(character) => out.push(character),
            // Of what is escaped by choice, all is in the first plane.
            Ok(character) => {
                let _ = write!(out, "%{:04X}", u32::from(character));
            }
            Err(lone) => {
                let _ = write!(out, "%{:04X}", lone.unpaired_surrogate());
            }
        }
    }
    out
}

/// The code units of an escaped Windows path; `None` where the text is none.
fn unescape_wide(text: &str) -> Option<Vec<u16>> {
    let put = |out: &mut Vec<u16>, character: char| {
        out.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    };
    unescape(text.strip_prefix(WIDE)?, 4, |out, unit| out.push(unit), put)
}

/// A path as text; see the module.
#[must_use]
pub fn to_text(path: &Path) -> Cow<'_, str> {
    let own = if cfg!(windows) { WIDE } else { BYTES };
    match path.to_str().filter(|text| !text.starts_with(own)) {
        Some(text) => text.into(),
        None => native::escape(path).into(),
    }
}

/// The path of a text.
#[must_use]
pub fn from_text(text: &str) -> PathBuf {
    native::unescape(text).unwrap_or_else(|| text.into())
}

/// The names that the file of a path may have here: its last component, and where the path was written
/// on another system, the last one by that system's separators.
#[must_use]
pub fn file_names(path: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = path.file_name().map(OsString::from).into_iter().collect();
    let foreign = path.to_str().and_then(|text| {
        if cfg!(windows) {
            unescape_bytes(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        } else {
            unescape_wide(text).map(|units| String::from_utf16_lossy(&units))
        }
    });
    let last = match foreign {
        Some(text) => text.rsplit(['/', '\\']).next().map(OsString::from),
        None => native::last(path),
    };
    names.extend(last.filter(|name| !name.is_empty() && name != ".." && name != "."));
    names.dedup();
    names
}

#[cfg(unix)]
mod native {
    use super::{Path, PathBuf, escape_bytes, unescape_bytes};
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

    pub(super) fn escape(path: &Path) -> String {
        escape_bytes(path.as_os_str().as_bytes())
    }

    pub(super) fn unescape(text: &str) -> Option<PathBuf> {
        unescape_bytes(text).map(|bytes| OsString::from_vec(bytes).into())
    }

    pub(super) fn last(path: &Path) -> Option<OsString> {
        let bytes = path.as_os_str().as_bytes();
        bytes.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().map(|name| OsStr::from_bytes(name).into())
    }
}

#[cfg(windows)]
mod native {
    use super::{Path, PathBuf, escape_wide, unescape_wide};
    use std::ffi::OsString;
    use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};

    fn wide(path: &Path) -> Vec<u16> {
        path.as_os_str().encode_wide().collect()
    }

    pub(super) fn escape(path: &Path) -> String {
        escape_wide(&wide(path))
    }

    pub(super) fn unescape(text: &str) -> Option<PathBuf> {
        unescape_wide(text).map(|units| OsString::from_wide(&units).into())
    }

    pub(super) fn last(path: &Path) -> Option<OsString> {
        let separator = |unit: &u16| *unit == u16::from(b'/') || *unit == u16::from(b'\\');
        wide(path).rsplit(separator).next().map(OsString::from_wide)
    }
}

/// For `#[serde(with)]` of a path.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(path))
}

/// For `#[serde(with)]` of a path.
///
/// # Errors
/// It is no text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let text = String::deserialize(deserializer).map_err(D::Error::custom)?;
    Ok(from_text(&text))
}

/// For `#[serde(with)]` of a path that may not be there.
pub mod optional {
    use super::{Deserialize, Deserializer, PathBuf, Serializer, from_text, to_text};

    /// Writes it.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        match path {
            Some(path) => serializer.serialize_some(&to_text(path)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// It is neither nothing nor a text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.as_deref().map(from_text))
    }
}

/// For `#[serde(with)]` of several paths.
pub mod list {
    use super::{Deserialize, Deserializer, PathBuf, Serializer, from_text, to_text};

    /// Writes them.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(|path| to_text(path)))
    }

    /// Reads them.
    ///
    /// # Errors
    /// They are no list of texts.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Ok(texts.iter().map(|text| from_text(text)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any path of this system; some begin as an escaped one does.
    #[cfg(unix)]
    fn any_path() -> impl Strategy<Value = PathBuf> {
        use std::os::unix::ffi::OsStringExt as _;
        let begin = prop_oneof![Just(""), Just("/"), Just(BYTES), Just(WIDE), Just("%"), Just("/a%E4/")];
        (begin, any::<Vec<u8>>())
            .prop_map(|(begin, rest)| OsString::from_vec([begin.as_bytes(), rest.as_slice()].concat()).into())
    }

    proptest! {
        #[cfg(unix)]
        #[test]
        fn any_path_comes_back_from_its_text(path in any_path(), other in any_path()) {
            let text = to_text(&path);
            prop_assert_eq!(from_text(&text), path.clone());
            prop_assert_eq!(path == other, text == to_text(&other));
            if path.to_str().is_some_and(|plain| !plain.starts_with(BYTES)) {
                prop_assert_eq!(path.to_str(), Some(&*text), "what can be read is written as it is");
            }
        }

        #[test]
        fn any_code_units_come_back(units in any::<Vec<u16>>()) {
            prop_assert_eq!(unescape_wide(&escape_wide(&units)), Some(units));
        }

        #[test]
        fn any_text_is_some_path(text in "(%bytes:|%wtf16:|)[%a-fA-F0-9/ä\\\\]{0,20}") {
            let path = from_text(&text);
            prop_assert_eq!(from_text(&to_text(&path)), path.clone());
            let _ = file_names(&path);
        }
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Saved {
        #[serde(with = "super")]
        one: PathBuf,
        #[serde(with = "super::optional", default, skip_serializing_if = "Option::is_none")]
        maybe: Option<PathBuf>,
        #[serde(with = "super::list")]
        all: Vec<PathBuf>,
    }

    #[cfg(unix)]
    #[test]
    fn in_json_and_toml_a_path_is_one_readable_text() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = PathBuf::from(OsString::from_vec(b"/kits/100%/kick\xe4.wav".to_vec()));
        let saved = Saved { one: "/kits/100%/ä".into(), maybe: Some(odd.clone()), all: vec![odd] };
        let json = serde_json::to_string(&saved).unwrap();
        let odd = "%bytes:/kits/100%25/kick%E4.wav";
        assert_eq!(json, format!(r#"{{"one":"/kits/100%/ä","maybe":"{odd}","all":["{odd}"]}}"#));
        assert_eq!(serde_json::from_str::<Saved>(&json).unwrap(), saved);
        assert_eq!(toml::from_str::<Saved>(&toml::to_string(&saved).unwrap()).unwrap(), saved);
    }

    #[cfg(unix)]
    #[test]
    fn the_path_of_another_system_is_kept_as_it_is_and_its_file_has_a_name() {
        let path = from_text(r"%wtf16:C:\kits\kick%D800.wav");
        assert_eq!(to_text(&path), r"%wtf16:C:\kits\kick%D800.wav");
        assert!(file_names(&path).contains(&"kick\u{fffd}.wav".into()));
        let names = |path: &str| -> Vec<String> {
            file_names(Path::new(path)).into_iter().map(|name| name.into_string().unwrap()).collect()
        };
        assert_eq!(names(r"C:\samples\kick.wav"), [r"C:\samples\kick.wav", "kick.wav"]);
        assert_eq!(names(r"C:\samples/kick.wav"), ["kick.wav"]);
        assert_eq!(names("/samples/kick.wav"), ["kick.wav"]);
        assert_eq!(names(r"/samples/a\b.wav"), [r"a\b.wav", "b.wav"]);
        assert!(names("..").is_empty() && names("/").is_empty() && names("").is_empty());
        assert_eq!(names(r"a\.."), [r"a\.."]);
    }
}
