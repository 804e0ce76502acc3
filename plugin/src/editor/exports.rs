//! Exports: files are written by the worker first, then dragged, copied or shown.
//!
//! Editor thread. Nothing waits: the snapshot says when a ticket is done.

use super::actions::{ExportFor, ExportOf};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use deepdrummer_core::taste::LoopId;
use std::path::PathBuf;

/// An export that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    ticket: u64,
    of: ExportOf,
    what: ExportFor,
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// The files are written and the button is still down: start the drag.
    Drag(Vec<PathBuf>),
    /// The button was let go before the files were written.
    DragMissed(Vec<PathBuf>),
    /// Put the path on the clipboard.
    CopyPath(Vec<PathBuf>),
    /// Open the folder.
    ShowInFolder(Vec<PathBuf>),
    /// Saved where it was asked for.
    Saved(Vec<PathBuf>),
    /// Saved in the export folder, for nobody could be asked.
    SavedHere(Vec<PathBuf>),
    /// The worker could not write it; a notice says why.
    Failed(ExportOf),
}

/// The state of exports.
#[derive(Debug)]
pub(super) struct Exports {
    next_ticket: u64,
    pending: Vec<Pending>,
    /// The last drag's files: dragging the same loop again needs no new files.
    kept: Option<(ExportOf, LoopId, u64, Vec<PathBuf>)>,
}

impl Exports {
    /// `first_ticket` sets this window's tickets apart from those of the windows before it.
    #[must_use]
    pub(super) fn new(first_ticket: u64) -> Self {
        Self { next_ticket: first_ticket, pending: Vec::new(), kept: None }
    }

    /// Begins an export; the command is to be sent.
    pub(super) fn begin(&mut self, of: ExportOf, what: ExportFor, to: Option<PathBuf>) -> Command {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.pending.push(Pending { ticket, of, what });
        Command::Export { ticket, id: of.id, kind: of.kind, to, dragged: what == ExportFor::Drag }
    }

    /// The files of the last drag if it was of the very same thing.
    #[must_use]
    pub(super) fn kept(&self, of: ExportOf, view: &View) -> Option<Vec<PathBuf>> {
        let (kept, current, pattern, files) = self.kept.as_ref()?;
        let same = *kept == of && *current == view.current.id && *pattern == fingerprint(view);
        (same && files.iter().all(|file| file.exists())).then(|| files.clone())
    }

    /// Whether files for a drag are being written.
    #[must_use]
    pub(super) fn drag_pending(&self) -> bool {
        self.pending.iter().any(|pending| pending.what == ExportFor::Drag)
    }

    /// Compares with a snapshot; `button_down` is whether the drag's button still is.
    pub(super) fn poll(&mut self, view: &View, button_down: bool) -> Vec<Ready> {
        let mut ready = Vec::new();
        let mut kept = None;
        self.pending.retain(|pending| {
            let Some(done) = view.exported.iter().find(|done| done.ticket == pending.ticket) else {
                return true;
            };
            let files = done.files.clone();
            ready.push(match pending.what {
                _ if files.is_empty() => Ready::Failed(pending.of),
                ExportFor::Drag => {
                    kept = Some((pending.of, view.current.id, fingerprint(view), files.clone()));
                    if button_down { Ready::Drag(files) } else { Ready::DragMissed(files) }
                }
                ExportFor::CopyPath => Ready::CopyPath(files),
                ExportFor::ShowInFolder => Ready::ShowInFolder(files),
                ExportFor::SaveAs => Ready::Saved(files),
                ExportFor::SaveHere => Ready::SavedHere(files),
            });
            false
        });
        if kept.is_some() {
            self.kept = kept;
        }
        ready
    }
}

/// Changes whenever a file written before would differ: pattern, sounds, mix or export settings.
fn fingerprint(view: &View) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    let pattern = &view.current.pattern;
    (pattern.grid, pattern.swing, pattern.dice).hash(&mut hasher);
    for lane in pattern.lanes() {
        (lane.role, lane.sample, lane.hits, lane.course).hash(&mut hasher);
    }
    for lane in &view.lanes {
        let mix = lane.mix;
        (mix.level.0.to_bits(), mix.pan.to_bits(), mix.tune_semitones.to_bits()).hash(&mut hasher);
        (mix.mute, mix.solo, mix.choke).hash(&mut hasher);
    }
    format!("{:?}", view.export).hash(&mut hasher);
    let song = &view.song;
    (&song.strip, song.looped, song.offset, song.fills.every, song.fills.half).hash(&mut hasher);
    for section in &song.sections {
        let pattern = &section.pattern;
        (section.id, section.variants, &section.name).hash(&mut hasher);
        (pattern.grid, pattern.swing, pattern.dice).hash(&mut hasher);
        for lane in pattern.lanes() {
            (lane.sample, lane.hits, lane.course).hash(&mut hasher);
        }
    }
    hasher.finish()
}
