//! A MIDI clip whose feel loops are played with: its bars, and what they say.
//!
//! Any thread: plain data.

use crate::groove::Template;
use crate::import::bars::{Bar, MOST_DISTINCT};
use std::path::Path;

/// A clip whose feel loops are played with.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipFeel {
    /// What it is called, without its ending.
    pub name: String,
    /// Its bars, as they are played: at most 16 distinct ones.
    pub bars: Vec<Bar>,
    template: Template,
}

impl ClipFeel {
    /// Of bars; `None` where they have no hit.
    #[must_use]
    pub fn new(name: String, mut bars: Vec<Bar>) -> Option<Self> {
        bars.truncate(MOST_DISTINCT);
        let template = Template::of(bars.iter().map(|bar| (&bar.pattern, bar.count)))?;
        Some(Self { name, bars, template })
    }

    /// What it says.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }
}

/// What a clip is called for a person: its file's name without the ending, at most 64 characters.
pub(super) fn name_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
