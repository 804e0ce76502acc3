//! The feel of a clip in the place of a drawn one: taken from a MIDI file, kept in the project, given up.
//!
//! Worker thread. The file is read by [`crate::runtime`] ([`Effect::ReadFeel`]); nothing here reads one.

use super::clip::{self, ClipFeel};
use super::undo::Change;
use super::view::Severity;
use super::{Effect, Session};
use crate::import::bars::Bar;
use std::path::Path;
use std::sync::Arc;

impl Session {
    /// The clip whose feel loops are played with, if there is one.
    #[must_use]
    pub fn clip_feel(&self) -> Option<&ClipFeel> {
        self.clip_feel.as_deref()
    }

    /// What was found in a clip whose feel is wanted: its bars, and what of it could not be read. Where the dial is
    /// at 0, it goes to full: a feel that was asked for is heard.
    pub fn set_read_feel(
        &mut self,
        path: &Path,
        read: Result<(Vec<Bar>, Vec<String>), String>,
    ) -> Vec<Effect> {
        let name = clip::name_of(path);
        let read = read.and_then(|(bars, unread)| {
            let feel = ClipFeel::new(name.clone(), bars).ok_or_else(|| "it has no notes".to_owned())?;
            Ok((feel, unread))
        });
        let (feel, unread) = match read {
            Ok(read) => read,
            Err(reason) => {
                let text = format!("The feel of “{name}” can't be taken: {reason}.");
                self.notify(Severity::Warning, text, "MIDI clips of drums have one.");
                return Vec::new();
            }
        };
        if !unread.is_empty() {
            self.notify(Severity::Info, format!("“{name}” was read in part: {}.", unread.join("; ")), "");
        }
        let mut changes = Vec::new();
        if self.human <= 0.0 {
            changes.push(Change::Human { before: self.human, after: 1.0 });
            self.human = 1.0;
            self.sound_the_host();
        }
        self.touch();
        self.change_clip_feel(Some(Arc::new(feel)), "Take a clip's feel", changes)
    }

    /// Drummers' feel again.
    pub(super) fn drop_clip_feel(&mut self) -> Vec<Effect> {
        if self.clip_feel.is_none() {
            return Vec::new();
        }
        self.change_clip_feel(None, "Leave a clip's feel", Vec::new())
    }

    fn change_clip_feel(
        &mut self,
        after: Option<Arc<ClipFeel>>,
        label: &str,
        mut changes: Vec<Change>,
    ) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.clip_feel, after.clone());
        changes.push(Change::ClipFeel { before, after });
        self.undo.push(label, changes);
        self.insight.spoil();
        vec![Effect::Refresh]
    }
}
