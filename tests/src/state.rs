//! The plugin's saved state, taken apart and put together as the framework does it.

use deepdrummer_core::pattern::Loop;
use deepdrummer_core::session::Session;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::history::{Entry, History};
use serde_json::Value;

use crate::clap_host::{Library, until};

/// A CLAP state: eight bytes of length, then JSON with `version`, `params` and `fields`.
#[must_use]
pub fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(&bytes[8..]).expect("the state is JSON")
}

/// The bytes of a CLAP state.
#[must_use]
pub fn bytes(json: &Value) -> Vec<u8> {
    let text = serde_json::to_vec(json).expect("JSON can be written");
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text);
    bytes
}

/// The text of the session in a state.
#[must_use]
pub fn session_text(bytes: &[u8]) -> String {
    let json = json(bytes);
    let field = json["fields"]["session"].as_str().expect("the state holds a session");
    serde_json::from_str(field).expect("the session is a JSON string in a JSON string")
}

/// The session in a state.
#[must_use]
pub fn document(bytes: &[u8]) -> Document {
    Document::read(&session_text(bytes)).expect("the session can be read")
}

/// A state with another session text.
#[must_use]
pub fn with_session_text(state: &[u8], text: &str) -> Vec<u8> {
    let mut json = json(state);
    let field = serde_json::to_string(text).expect("text can be written");
    json["fields"]["session"] = Value::String(field);
    bytes(&json)
}

/// The current loop of a session.
#[must_use]
pub fn current(document: &Document) -> &Entry {
    document.history.current().expect("the session has a loop")
}

/// The current loop of a session as it sounds, with as much of a drummer's feel as the session has.
#[must_use]
pub fn played(document: &Document) -> Loop {
    let text = document.write().expect("the session can be written");
    let session = Session::from_text(&text, document.seed, &[]);
    session.played(current(document).id).expect("the session has a loop")
}

/// The state of a fresh instance once it holds its first loop, which is played as it is written.
#[must_use]
pub fn with_first_loop(library: &Library) -> Vec<u8> {
    let mut plugin = library.open();
    let session = plugin.activate(48_000.0, 512);
    let state = until("the first loop", || {
        let state = plugin.save();
        document(&state).history.current().is_some().then_some(state)
    });
    plugin.deactivate(session);
    as_written(&state)
}

/// The same state with loops played as they are written, so that what sounds can be told from the document.
#[must_use]
pub fn as_written(state: &[u8]) -> Vec<u8> {
    let mut document = document(state);
    document.human = 0.0;
    let mut json = json(&with_session_text(state, &document.write().unwrap()));
    json["params"]["human"] = serde_json::json!({ "f32": 0.0 });
    bytes(&json)
}

/// The state of a fresh instance that has its first loop, and in it the loop changed by `change`.
///
/// Samples are those that the plugin chose, so that every lane sounds.
#[must_use]
pub fn with_loop(library: &Library, change: impl FnOnce(&mut Loop)) -> Vec<u8> {
    let state = with_first_loop(library);
    let mut document = document(&state);
    let mut entry = current(&document).clone();
    change(&mut entry.pattern);
    entry.proposed = entry.pattern;
    let number = entry.number;
    document.history = History::restored(vec![entry], 0, number);
    with_session_text(&state, &document.write().unwrap())
}
