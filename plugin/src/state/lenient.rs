//! A state that the framework would refuse as a whole because one part of it is not as it expects.
//!
//! Called on the host's threads, before the framework reads a state. The bytes are untrusted.

use super::unread::{self, Odd};
use crate::params::HostParam;
use crate::params::table::Kind;
use deepdrummer_core::disk::json;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::PluginState;
use serde_json::Value;
use std::collections::BTreeMap;

/// The state in a form that the framework reads, where it would not read it as it is: parameters of a kind
/// that it does not know are taken for what they say, or kept apart. `None` where it reads the bytes
/// themselves, and where nothing in them can be understood.
#[must_use]
pub fn readable(bytes: &[u8]) -> Option<Vec<u8>> {
    if serde_json::from_slice::<PluginState>(bytes).is_ok() {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let tamed = json::with_numbers_in_range(text);
    let text = [text, &*tamed].into_iter().find(|text| json::is_json(text))?;
    let parts: BTreeMap<String, &str> = json::fields(text)?.into_iter().collect();
    if !parts.contains_key("params") && !parts.contains_key("fields") {
        return None;
    }
    let mut fields = BTreeMap::new();
    let mut odd = Odd::new();
    match parts.get("fields").map(|text| (text, json::fields(text))) {
        Some((_, Some(there))) => {
            for (name, value) in there {
                // What is no text is handed on as the text that it is.
                fields.insert(name, serde_json::from_str(value).unwrap_or_else(|_| value.to_owned()));
            }
        }
        Some((text, None)) if *text != "null" => {
            odd.insert("fields".to_owned(), (*text).to_owned());
        }
        _ => {}
    }
    odd.extend(unread::of_fields(&fields));
    let mut values = BTreeMap::new();
    match parts.get("params").map(|text| (text, json::fields(text))) {
        Some((_, Some(there))) => {
            for (id, text) in there {
                match value(&id, text) {
                    Taken::Value(value) => {
                        values.insert(id, value);
                    }
                    Taken::Nothing => {}
                    Taken::Odd => {
                        odd.insert(id, text.to_owned());
                    }
                }
            }
        }
        Some((text, None)) if *text != "null" => {
            odd.insert("params".to_owned(), (*text).to_owned());
        }
        _ => {}
    }
    unread::into_fields(&odd, &mut fields);
    let version = parts.get("version").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    serde_json::to_vec(&PluginState { version, params: values, fields }).ok()
}

enum Taken {
    Value(ParamValue),
    /// It was no number when it was saved.
    Nothing,
    Odd,
}

fn value(id: &str, text: &str) -> Taken {
    match serde_json::from_str(text) {
        // What is too large for its kind is read as infinite, which can't be written again.
        Ok(ParamValue::F32(value)) => return Taken::Value(ParamValue::F32(value.clamp(f32::MIN, f32::MAX))),
        Ok(value) => return Taken::Value(value),
        Err(_) => {}
    }
    let (Some(param), Some(read)) = (HostParam::with_id(id), json::value(text)) else { return Taken::Odd };
    // The framework names a value's kind; of another kind the value itself may still say enough.
    let bare = match &read {
        Value::Object(fields) if fields.len() == 1 => fields.values().next().unwrap_or(&read),
        other => other,
    };
    match (param.row().kind, bare) {
        (Kind::Number { .. } | Kind::Count { .. }, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or(0.0);
            Taken::Value(ParamValue::F32(number.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32))
        }
        (Kind::Number { .. } | Kind::Count { .. }, Value::Null) => Taken::Nothing,
        (Kind::Switch { .. } | Kind::Button, Value::Bool(on)) => Taken::Value(ParamValue::Bool(*on)),
        (Kind::Choice(_), Value::String(id)) => Taken::Value(ParamValue::String(id.clone())),
        _ => Taken::Odd,
    }
}
