//! The bridge between the host's saved state and the session's document.
//!
//! Called on the host's threads, possibly while audio runs: nothing here locks what audio holds. The
//! text is passed on as it is; the worker parses and migrates it.

use crate::params::{self, Press};
use deepdrummer_core::runtime::Handle;
use nice_plug::params::persist::PersistentField;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::PluginState;
use std::sync::OnceLock;

/// The field under which the framework stores the document.
pub const FIELD: &str = "session";

/// The session's document as a persistent field of the parameters.
pub struct SessionField {
    runtime: Handle,
    /// What a state that is loaded must not press.
    presses: OnceLock<Vec<Press>>,
}

impl SessionField {
    /// The document of a runtime.
    #[must_use]
    pub fn new(runtime: Handle) -> Self {
        Self { runtime, presses: OnceLock::new() }
    }

    /// Sets which presses are forgotten when a state is loaded; the first call counts.
    pub(crate) fn forgets_when_loaded(&self, presses: Vec<Press>) {
        let _ = self.presses.set(presses);
    }
}

impl PersistentField<'_, String> for SessionField {
    fn set(&self, text: String) {
        // The framework sets fields after parameters.
        params::end_load(self.presses.get().map_or(&[], Vec::as_slice));
        self.runtime.load(text);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&String) -> R,
    {
        f(&self.runtime.text())
    }
}

/// What must be done with a state before the framework puts it into parameters and fields, which it
/// does next.
pub fn before_load(state: &mut PluginState) {
    keep_damaged_bytes(state);
    if state.fields.contains_key(FIELD) {
        // Until the session is set: a state that was saved while a button was down presses none.
        params::begin_load();
    } else {
        for (_, value) in state.params.iter_mut().filter(|(id, _)| params::is_momentary(id)) {
            *value = ParamValue::Bool(false);
        }
    }
}

/// Brings a damaged field into a form that the framework hands on, so that the session can show a
/// notice and keep the bytes: anything that is not a JSON string becomes one.
fn keep_damaged_bytes(state: &mut PluginState) {
    if let Some(field) = state.fields.get_mut(FIELD)
        && serde_json::from_str::<String>(field).is_err()
        && let Ok(quoted) = serde_json::to_string(field)
    {
        *field = quoted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_field_reaches_the_session_as_it_is() {
        let damaged = "{\"half\": ";
        let mut state = PluginState {
            version: String::new(),
            params: Default::default(),
            fields: [(FIELD.to_owned(), damaged.to_owned())].into(),
        };
        keep_damaged_bytes(&mut state);
        assert_eq!(serde_json::from_str::<String>(&state.fields[FIELD]).unwrap(), damaged);
        let before = state.fields.clone();
        keep_damaged_bytes(&mut state);
        assert_eq!(state.fields, before, "a sound field stays as it is");
    }
}
