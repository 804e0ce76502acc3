//! References: brought along, weighed, removed; each act is one undo step.
//!
//! Worker thread. What a file holds comes from [`crate::runtime`] ([`Effect::ReadReference`]); nothing here reads
//! one.

use super::undo::Change;
use super::view::{ReferenceView, Severity};
use super::{Effect, Session};
use crate::import::material::Material;
use crate::taste::reference::{MOST_REFERENCES, Reference, ReferenceKind, judgements};
use std::path::{Path, PathBuf};

impl Session {
    /// A file or folder was brought along; `kind` where the person says what of it is loved.
    pub(super) fn bring(&mut self, path: PathBuf, kind: Option<ReferenceKind>) -> Vec<Effect> {
        if self.references.len() >= MOST_REFERENCES {
            self.notify(
                Severity::Warning,
                format!("A project has at most {MOST_REFERENCES} references."),
                "Remove some of them, or bring a folder along: it is one.",
            );
            return Vec::new();
        }
        vec![Effect::ReadReference { path, kind }]
    }

    /// What was found where a reference was brought along from. The same place again takes the place of what was
    /// read there before.
    pub fn set_read_reference(
        &mut self,
        path: &Path,
        kind: Option<ReferenceKind>,
        read: Result<Material, String>,
    ) {
        let name = path
            .file_name()
            .map_or_else(|| path.to_string_lossy().into_owned(), |name| name.to_string_lossy().into_owned());
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let material = match read {
            Ok(material) => material,
            Err(reason) => {
                self.notify(
                    Severity::Warning,
                    format!("“{name}” can't be heard as a reference: {reason}."),
                    "MIDI clips, drum loops and one-shots as audio, and folders of them can.",
                );
                return;
            }
        };
        let Material { bars, sounds, unread, .. } = material;
        let kind = kind.unwrap_or(match (bars.is_empty(), sounds.is_empty()) {
            (false, true) => ReferenceKind::Rhythm,
            (true, _) => ReferenceKind::Sound,
            (false, false) => ReferenceKind::Both,
        });
        let reference =
            Reference { name: name.clone(), path: path.to_owned(), kind, weight: 1.0, bars, sounds };
        if reference.says() == (false, false) {
            self.notify(
                Severity::Warning,
                format!("“{name}” holds nothing of the kind “{}”.", kind.label()),
                "Bring it along as another kind.",
            );
            return;
        }
        if !unread.is_empty() {
            self.notify(Severity::Info, format!("“{name}” was read in part: {}.", unread.join("; ")), "");
        }
        let mut all = self.references.clone();
        match all.iter_mut().find(|known| known.path == reference.path) {
            Some(known) => *known = Reference { weight: known.weight, ..reference },
            None => all.push(reference),
        }
        all.truncate(MOST_REFERENCES);
        self.change_references("Bring a reference", all);
        self.touch();
    }

    /// Another kind or weight.
    pub(super) fn set_reference(&mut self, at: usize, kind: ReferenceKind, weight: f32) -> Vec<Effect> {
        let mut all = self.references.clone();
        let Some(reference) = all.get_mut(at) else { return Vec::new() };
        let weight = if weight.is_nan() { reference.weight } else { weight };
        reference.kind = kind;
        reference.weight = weight.clamp(*Reference::WEIGHTS.start(), *Reference::WEIGHTS.end());
        self.change_references("Change a reference", all);
        Vec::new()
    }

    pub(super) fn remove_reference(&mut self, at: usize) -> Vec<Effect> {
        if at < self.references.len() {
            let mut all = self.references.clone();
            all.remove(at);
            self.change_references("Remove a reference", all);
        }
        Vec::new()
    }

    fn change_references(&mut self, label: &str, after: Vec<Reference>) {
        if after == self.references {
            return;
        }
        let before = std::mem::replace(&mut self.references, after.clone());
        self.undo.push(label, vec![Change::References { before, after }]);
        self.hear_references();
    }

    /// The learner hears what references there are, in sounds of the kit in use.
    pub(super) fn hear_references(&mut self) {
        let Some(kit) = self.stock.kit.clone() else { return };
        self.teaching.set_references(judgements(&self.references, &kit));
    }

    pub(super) fn reference_views(&self) -> Vec<ReferenceView> {
        let view = |reference: &Reference| ReferenceView {
            name: reference.name.clone(),
            path: reference.path.clone(),
            kind: reference.kind,
            weight: reference.weight,
            bars: reference.bars.iter().map(|bar| usize::from(bar.count)).sum(),
            sounds: reference.sounds.len(),
        };
        self.references.iter().map(view).collect()
    }

    /// What was brought along.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.references
    }
}

#[cfg(test)]
mod tests;
