//! What of a state could not be read: parameters and fields of other releases, or damaged ones. They are saved
//! back as they are, so that a release that knows them finds them.
//!
//! Called on the host's threads.

use super::FIELD;
use crate::guard::{self, Entry};
use deepdrummer_core::disk::json;
use deepdrummer_core::runtime::RuntimeHandle;
use nice_plug::prelude::{ParamPtr, Params};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The field that holds parameters that were not understood: an object with their values by their ids.
pub(super) const ODD: &str = "unread";

/// Values of parameters as they stood in a state, in JSON, by their ids.
pub(super) type Odd = BTreeMap<String, String>;

/// What is kept in a state's fields.
pub(super) fn of_fields(fields: &BTreeMap<String, String>) -> Odd {
    let held = fields.get(ODD).and_then(|text| json::fields(text));
    held.into_iter().flatten().map(|(id, value)| (id, value.to_owned())).collect()
}

/// Puts what is kept into a state's fields.
pub(super) fn into_fields(odd: &Odd, fields: &mut BTreeMap<String, String>) {
    if odd.is_empty() {
        return;
    }
    let entry = |(id, value): (&String, &String)| format!("{}:{value}", serde_json::Value::from(id.as_str()));
    let entries: Vec<String> = odd.iter().map(entry).collect();
    fields.insert(ODD.to_owned(), format!("{{{}}}", entries.join(",")));
}

/// The fields of the state that was loaded last which are not this release's, by name.
pub struct Unread {
    fields: Mutex<BTreeMap<String, String>>,
    runtime: RuntimeHandle,
}

impl Unread {
    /// Nothing; `runtime` tells the person.
    #[must_use]
    pub fn new(runtime: RuntimeHandle) -> Self {
        Self { fields: Mutex::default(), runtime }
    }
}

#[expect(
    unsafe_code,
    reason = "the framework's trait is unsafe for its pointers to parameters; here are none"
)]
// SAFETY: the map of parameters is empty, so no pointer can outlive what it points to.
unsafe impl Params for Unread {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        Vec::new()
    }

    fn serialize_fields(&self) -> BTreeMap<String, String> {
        let fields = || self.fields.lock().unwrap_or_else(PoisonError::into_inner).clone();
        guard::run(Entry::SaveField, BTreeMap::new, fields)
    }

    /// The framework calls this after the session was loaded.
    fn deserialize_fields(&self, fields: &BTreeMap<String, String>) {
        guard::run(Entry::LoadField, || (), || self.take(fields));
    }
}

impl Unread {
    fn take(&self, fields: &BTreeMap<String, String>) {
        let own = |name: &str| name == FIELD;
        let kept: BTreeMap<String, String> = fields
            .iter()
            .filter(|(name, _)| !own(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut names: Vec<String> = of_fields(&kept).into_keys().collect();
        names.extend(kept.keys().filter(|name| *name != ODD).cloned());
        *self.fields.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        if !names.is_empty() {
            self.runtime.tell(
                &format!("Parts of this project's state can't be read: {}.", shown(&names)),
                "Everything else is here. They stay in the project as they are.",
            );
        }
    }
}

fn shown(names: &[String]) -> String {
    const MOST: usize = 4;
    let mut shown: Vec<String> =
        names.iter().take(MOST).map(|name| name.chars().take(24).collect()).collect();
    if names.len() > MOST {
        shown.push(format!("{} more", names.len() - MOST));
    }
    shown.join(", ")
}
