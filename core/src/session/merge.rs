//! Changes of settings that several people or programs make at once: field by field, so that none undoes
//! another's.
//!
//! Worker thread.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// `onto` with the fields in which `to` differs from `from`.
#[must_use]
pub fn merged<T: Serialize + DeserializeOwned + Clone>(from: &T, to: &T, onto: &T) -> T {
    let json = |value: &T| serde_json::to_value(value);
    let (Ok(before), Ok(after), Ok(mut value)) = (json(from), json(to), json(onto)) else {
        return to.clone();
    };
    merge(&before, &after, &mut value);
    serde_json::from_value(value).unwrap_or_else(|_| to.clone())
}

/// The same of JSON: objects field by field, everything else as a whole. What only `onto` has stays.
pub fn merge(from: &Value, to: &Value, onto: &mut Value) {
    if from == to {
        return;
    }
    let (Value::Object(from), Value::Object(to), Value::Object(onto)) = (from, to, &mut *onto) else {
        onto.clone_from(to);
        return;
    };
    for (name, wanted) in to {
        let before = from.get(name).unwrap_or(&Value::Null);
        match onto.get_mut(name) {
            Some(there) => merge(before, wanted, there),
            None if before != wanted || !from.contains_key(name) => {
                onto.insert(name.clone(), wanted.clone());
            }
            // Somebody removed it, and it was not changed here.
            None => {}
        }
    }
    for name in from.keys().filter(|name| !to.contains_key(*name)) {
        onto.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::command::{ExportSettings, NoteMap, Tail};
    use crate::session::view::Settings;
    use serde_json::json;

    #[test]
    fn each_changes_what_it_changed_and_nothing_else() {
        let old = Settings::default();
        let here = Settings { zoom_percent: 150, ..old.clone() };
        let there = Settings { embed_samples: true, ..old.clone() };
        assert_eq!(merged(&old, &here, &there), Settings { zoom_percent: 150, embed_samples: true, ..old });
        let old = ExportSettings { folder: Some("/a".into()), ..ExportSettings::default() };
        let here = ExportSettings { folder: None, ..old.clone() };
        let there = ExportSettings { note_map: NoteMap::ChromaticC1, tail: Tail::Keep, ..old.clone() };
        assert_eq!(merged(&old, &here, &there), ExportSettings { folder: None, ..there });
    }

    #[test]
    fn of_one_field_the_last_word_holds_and_unknown_fields_stay() {
        let mut onto = json!({"a": 2, "keys": {"like": 3, "skip": 9}, "of a newer release": [1]});
        merge(
            &json!({"a": 1, "keys": {"like": 1, "back": 5}}),
            &json!({"a": 7, "keys": {"like": 1, "skip": 4}}),
            &mut onto,
        );
        assert_eq!(onto, json!({"a": 7, "keys": {"like": 3, "skip": 4}, "of a newer release": [1]}));
    }

    #[test]
    fn what_was_removed_elsewhere_comes_back_only_where_it_was_changed() {
        let (from, mut onto) = (json!({"a": 1, "b": 1, "c": 1}), json!({"c": 1}));
        merge(&from, &json!({"a": 1, "b": 2}), &mut onto);
        assert_eq!(onto, json!({"b": 2}));
    }
}
