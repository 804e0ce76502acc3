//! JSON of which some parts may not be understood: it is taken apart without losing a byte of what is in it.
//!
//! Any thread but audio. The texts are untrusted; nothing here recurses.

use serde_json::Value;
use std::borrow::Cow;

/// The largest number of JSON as it is read here.
const MOST: &str = "1.7976931348623157e308";

/// Whether a text is JSON.
#[must_use]
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The text with numbers that can be read: those beyond double precision become the largest there is, and
/// what some programs write for infinite ones and for what is no number becomes that and `null`.
#[must_use]
pub fn with_numbers_in_range(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut at, mut done) = (0, 0);
    while at < bytes.len() {
        let end = match bytes[at] {
            b'"' => {
                at = end_of_text(bytes, at);
                continue;
            }
            b'-' | b'0'..=b'9' | b'N' | b'I' | b'i' | b'n' => end_of_word(bytes, at),
            _ => {
                at += 1;
                continue;
            }
        };
        let word = &text[at..end];
        let instead = match word.trim_start_matches('-') {
            "NaN" | "nan" => Some("null"),
            "null" => None,
            _ if word.parse::<f64>().is_ok_and(f64::is_infinite) => Some(MOST),
            _ => None,
        };
        if let Some(instead) = instead {
            out.push_str(&text[done..at]);
            if instead == MOST && word.starts_with('-') {
                out.push('-');
            }
            out.push_str(instead);
            done = end;
        }
        at = end;
    }
    if done == 0 {
        return text.into();
    }
    out.push_str(&text[done..]);
    out.into()
}

/// The value of a part of JSON, with its numbers in range; `None` where it is no JSON or too deep.
#[must_use]
pub fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&with_numbers_in_range(text))).ok()
}

/// The fields of an object in JSON, each with its text as it stands; of fields with one name the last.
/// `None` where the text is no object.
#[must_use]
pub fn fields(text: &str) -> Option<Vec<(String, &str)>> {
    let bytes = text.as_bytes();
    let mut at = space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    let mut fields: Vec<(String, &str)> = Vec::new();
    loop {
        at = space(bytes, at + 1);
        if bytes.get(at) == Some(&b'}') && fields.is_empty() {
            break;
        }
        let end = end_of_value(bytes, at);
        let name: String = serde_json::from_str(text.get(at..end)?).ok()?;
        at = space(bytes, end);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        at = space(bytes, at + 1);
        let end = end_of_value(bytes, at);
        fields.push((name, text.get(at..end).filter(|value| !value.is_empty())?));
        at = space(bytes, end);
        match bytes.get(at) {
            Some(b',') => {}
            Some(b'}') => break,
            _ => return None,
        }
    }
    let mut seen = std::collections::HashSet::new();
    let mut last: Vec<bool> = fields.iter().rev().map(|(name, _)| seen.insert(name.clone())).collect();
    last.reverse();
    let mut last = last.into_iter();
    fields.retain(|_| last.next().unwrap_or(true));
    Some(fields)
}

/// The elements of an array in JSON, each with its text as it stands. `None` where the text is no array.
#[must_use]
pub fn elements(text: &str) -> Option<Vec<&str>> {
    let bytes = text.as_bytes();
    let mut at = space(bytes, 0);
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    let mut elements = Vec::new();
    loop {
        at = space(bytes, at + 1);
        if bytes.get(at) == Some(&b']') && elements.is_empty() {
            return Some(elements);
        }
        let end = end_of_value(bytes, at);
        elements.push(text.get(at..end).filter(|element| !element.is_empty())?);
        at = space(bytes, end);
        match bytes.get(at) {
            Some(b',') => {}
            Some(b']') => return Some(elements),
            _ => return None,
        }
    }
}

fn space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Behind the text that begins at a quotation mark.
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Behind a number, or a word without quotation marks.
fn end_of_word(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|&byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') || !byte.is_ascii()
    }) {
        at += 1;
    }
    at
}

fn end_of_value(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => at = end_of_text(bytes, at),
            Some(b'{' | b'[') => {
                depth += 1;
                at += 1;
            }
            Some(b'}' | b']') if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            Some(_) if depth > 0 => {
                at += 1;
                continue;
            }
            Some(_) => return end_of_word(bytes, at),
        }
        if depth == 0 {
            return at.min(bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_taken_apart_as_they_stand() {
        let text = r#" { "a" : [1, {"b":"}]\""} ,-2e9] , "ä\n":null,"a":"last" } "#;
        assert!(is_json(text));
        let fields = fields(text).unwrap();
        assert_eq!(fields, [("ä\n".to_owned(), "null"), ("a".to_owned(), "\"last\"")]);
        assert_eq!(elements(r#"[1, {"b":"}]\""} ,-2e9]"#).unwrap(), ["1", r#"{"b":"}]\""}"#, "-2e9"]);
        assert_eq!(elements(" [ ] "), Some(Vec::new()));
        assert_eq!(super::fields("{}"), Some(Vec::new()));
        for other in ["", "[", "{", "{\"a\"", "{\"a\":", "[1,", "[,]", "7", "{a:1}", "null"] {
            assert!(super::fields(other).is_none() && elements(other).is_none(), "{other}");
        }
    }

    #[test]
    fn numbers_beyond_double_precision_and_what_is_none_can_be_read() {
        let text =
            r#"{"a":1e999,"b":-1e999,"c":NaN,"d":[Infinity,-Infinity],"e":"1e999 NaN","f":null,"g":1e39}"#;
        let read = value(text).unwrap();
        assert_eq!(read["a"], f64::MAX);
        assert_eq!(read["b"], f64::MIN);
        assert_eq!((&read["c"], &read["f"]), (&Value::Null, &Value::Null));
        assert_eq!((&read["d"][0], &read["d"][1]), (&f64::MAX.into(), &f64::MIN.into()));
        assert_eq!((&read["e"], &read["g"]), (&"1e999 NaN".into(), &1e39.into()));
        assert!(matches!(with_numbers_in_range(r#"{"a":[1,"x"]}"#), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), json in "[\\[\\]{}\",:\\\\ae0-9N. -]{0,60}") {
            for text in [text, json] {
                let _ = (fields(&text), elements(&text), value(&text));
            }
        }
    }
}
