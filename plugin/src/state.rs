//! The bridge between the host's saved state and the session's document.
//!
//! Called on the host's threads, possibly while audio runs: nothing here locks what audio holds. The
//! session's text is passed on as it is; the worker parses and migrates it. Parameters are brought into
//! their ranges, and what is not understood of a state is kept and saved back ([`Unread`]).

mod lenient;
mod unread;

pub use lenient::readable;
pub use unread::Unread;

use crate::guard::{self, Entry};
use crate::params::table::Kind;
use crate::params::{self, HostParam, Presses};
use deepdrummer_core::runtime::RuntimeHandle;
use nice_plug::params::persist::PersistentField;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::PluginState;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The field under which the framework stores the document.
pub const FIELD: &str = "session";

/// The session's document as a persistent field of the parameters.
pub struct SessionField {
    runtime: RuntimeHandle,
    /// What a state that is loaded must not press.
    presses: OnceLock<Vec<Presses>>,
    /// The text that was saved last: a text that can't be made never replaces one that could.
    saved: Mutex<Arc<String>>,
}

impl SessionField {
    /// The document of a runtime.
    #[must_use]
    pub fn new(runtime: RuntimeHandle) -> Self {
        Self { runtime, presses: OnceLock::new(), saved: Mutex::default() }
    }

    /// The runtime whose document it is.
    pub(crate) fn runtime(&self) -> &RuntimeHandle {
        &self.runtime
    }

    /// Sets which presses are forgotten when a state is loaded; the first call counts.
    pub(crate) fn forgets_when_loaded(&self, presses: Vec<Presses>) {
        let _ = self.presses.set(presses);
    }
}

impl PersistentField<'_, String> for SessionField {
    fn set(&self, text: String) {
        // The framework sets fields after parameters.
        params::end_load(self.presses.get().map_or(&[], Vec::as_slice));
        guard::run(Entry::LoadField, || (), || self.runtime.load(text));
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&String) -> R,
    {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let before = Arc::clone(&saved);
        *saved = guard::run(Entry::SaveField, || before, || self.runtime.text());
        f(&saved)
    }
}

/// What must be done with a state before the framework puts it into parameters and fields, which it
/// does next.
pub fn before_load(state: &mut PluginState) {
    bring_into_range(state);
    add_what_is_newer(state);
    keep_damaged_bytes(state);
    if state.fields.contains_key(FIELD) {
        // Until the session is set: a state that was saved while a button was down presses none.
        params::begin_load();
    } else {
        for (id, value) in &mut state.params {
            if HostParam::with_id(id).is_some_and(|param| matches!(param.row().kind, Kind::Button)) {
                *value = ParamValue::Bool(false);
            }
        }
    }
}

/// What a state does not say since it is from before there was such a parameter is as it was then: an older
/// project sounds as it did.
fn add_what_is_newer(state: &mut PluginState) {
    // A state without any parameter says nothing of when it is from.
    if state.params.is_empty() {
        return;
    }
    for param in HostParam::all() {
        let Some(value) = param.before_it_was() else { continue };
        state.params.entry(param.id()).or_insert_with(|| match param.row().kind {
            Kind::Switch { .. } | Kind::Button => ParamValue::Bool(value > 0.5),
            Kind::Count { .. } => ParamValue::I32(value as i32),
            Kind::Number { .. } | Kind::Choice(_) => ParamValue::F32(value),
        });
    }
}

/// Brings parameters into their ranges. Those that are not as the parameter of their name has them are
/// taken out and kept.
fn bring_into_range(state: &mut PluginState) {
    let mut odd = unread::of_fields(&state.fields);
    let mut kept = std::collections::BTreeMap::new();
    for (id, value) in std::mem::take(&mut state.params) {
        let param = HostParam::with_id(&id);
        match param.and_then(|param| fitting(param, &value)) {
            Some(fits) => {
                kept.insert(id, fits);
            }
            // What is no number was none when it was saved: the parameter stays as it is.
            None if param.is_some() && is_no_number(&value) => {}
            None => {
                if let Ok(text) = serde_json::to_string(&value) {
                    odd.insert(id, text);
                }
            }
        }
    }
    state.params = kept;
    unread::into_fields(&odd, &mut state.fields);
}

fn is_no_number(value: &ParamValue) -> bool {
    matches!(value, ParamValue::F32(value) if value.is_nan())
}

/// The nearest value that a parameter can have.
fn fitting(param: HostParam, value: &ParamValue) -> Option<ParamValue> {
    if is_no_number(value) {
        return None;
    }
    let number = match value {
        ParamValue::F32(value) => Some(*value),
        ParamValue::I32(value) => Some(*value as f32),
        _ => None,
    };
    match (param.row().kind, value) {
        (Kind::Number { .. }, _) => Some(ParamValue::F32(param.sanitized(number?))),
        (Kind::Count { .. }, _) => Some(ParamValue::I32(param.sanitized(number?) as i32)),
        (Kind::Switch { .. } | Kind::Button, ParamValue::Bool(value)) => Some(ParamValue::Bool(*value)),
        (Kind::Choice(choices), ParamValue::String(id)) if choices.ids().contains(&id.as_str()) => {
            Some(ParamValue::String(id.clone()))
        }
        (Kind::Choice(choices), ParamValue::I32(at)) => {
            let id = choices.ids().get(usize::try_from(*at).ok()?)?;
            Some(ParamValue::String((*id).to_owned()))
        }
        _ => None,
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
mod tests;
