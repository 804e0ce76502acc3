//! What the worker writes into files: a loop, the arrangement, or many loops into one folder.
//!
//! Worker thread. Of many loops one is written at a time, so that ratings and commands never wait for all of them.

use super::Worker;
use crate::export::{self, Destination, ExportError, ExportKind, Indexed, Piece, SongPiece};
use crate::pattern::{Loop, LoopId};
use crate::runtime::prepare::{self, Sounds};
use crate::runtime::score::{levels_in_song, song_parts};
use crate::session::view::Severity;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// Loops that are still to be written into one folder.
pub(super) struct Many {
    ticket: u64,
    left: VecDeque<LoopId>,
    folder: PathBuf,
    index: Vec<Indexed>,
}

impl Worker<'_> {
    /// The piece of a loop as it is heard.
    fn piece<'b>(&mut self, id: LoopId, (number, pattern): (u32, &'b Loop), sounds: &'b Sounds) -> Piece<'b> {
        let (rate, bpm) = (self.links.rate, self.host_bpm);
        let at = (rate, bpm);
        let levels = levels_in_song(&mut self.session, &mut self.prepared, Some(id), (pattern, sounds), at);
        let settings = self.session.export_settings();
        Piece {
            number,
            pattern,
            sounds,
            levels,
            mix: prepare::mix(&self.session),
            rate,
            bpm,
            note_map: self.session.note_map(),
            midi_tracks: settings.midi_tracks,
            tail: settings.tail,
            unroll: settings.unroll,
        }
    }

    fn folder(&self) -> Result<PathBuf, ExportError> {
        self.session.export_settings().folder.clone().map_or_else(export::default_folder, Ok)
    }

    pub(super) fn export(&mut self, ticket: u64, id: LoopId, kind: ExportKind, to: Option<PathBuf>) {
        let written = self.write(id, kind, to.as_deref());
        match written {
            Ok(files) => self.session.set_exported(ticket, files),
            Err(reason) => {
                let next_step = "Choose another folder in the settings.";
                self.session.notify(Severity::Error, reason.to_string(), next_step);
                self.session.set_exported(ticket, Vec::new());
            }
        }
    }

    fn write(
        &mut self,
        id: LoopId,
        kind: ExportKind,
        to: Option<&Path>,
    ) -> Result<Vec<PathBuf>, ExportError> {
        let folder = self.folder();
        let to = match (to, &folder) {
            (Some(to), _) => Destination::Exactly(to),
            (None, Ok(folder)) => Destination::Folder(folder),
            (None, Err(_)) => return folder.map(|_| Vec::new()),
        };
        if kind.is_of_the_song() {
            return self.write_song(kind, to);
        }
        let Some(number) = self.session.find(id).map(|entry| entry.number) else { return Ok(Vec::new()) };
        let Some(pattern) = self.session.played(id) else { return Ok(Vec::new()) };
        let (sounds, _) = self.prepared.sounds(&self.session, &pattern, self.links.rate);
        let piece = self.piece(id, (number, &pattern), &sounds);
        export::export(&piece, kind, to)
    }

    fn write_song(&mut self, kind: ExportKind, to: Destination<'_>) -> Result<Vec<PathBuf>, ExportError> {
        let first = self.session.song().parts().first().map(|entry| (entry.id, entry.number));
        let Some((id, number)) = first else { return Err(ExportError::NoSong) };
        let Some(pattern) = self.session.played(id) else { return Err(ExportError::NoSong) };
        let (sounds, _) = self.prepared.sounds(&self.session, &pattern, self.links.rate);
        let (order, at) = (self.session.arrangement(), (self.links.rate, self.host_bpm));
        let parts = song_parts(&mut self.session, &mut self.prepared, order, at);
        let names: Vec<String> =
            self.session.song().sections.iter().map(|section| section.name.clone()).collect();
        let piece = self.piece(id, (number, &pattern), &sounds);
        export::export_song(&SongPiece { piece, song: &parts, names: &names }, kind, to)
    }

    pub(super) fn export_many(&mut self, ticket: u64, loops: Vec<LoopId>, to: Option<PathBuf>) {
        let folder = to.map_or_else(|| self.folder().map(|folder| folder.join("DeepDrummer loops")), Ok);
        match folder {
            Ok(folder) => {
                let text = format!("{} loops are being written.", loops.len());
                self.session.notify(
                    Severity::Info,
                    text,
                    "Go on meanwhile; a word comes when all are there.",
                );
                self.many = Some(Many { ticket, left: loops.into(), folder, index: Vec::new() });
            }
            Err(reason) => {
                let next_step = "Choose another folder in the settings.";
                self.session.notify(Severity::Error, reason.to_string(), next_step);
                self.session.set_exported(ticket, Vec::new());
            }
        }
    }

    /// Writes the next of many loops, and the index after the last.
    pub(super) fn export_one_of_many(&mut self) {
        let Some(mut many) = self.many.take() else { return };
        let outcome = match many.left.pop_front() {
            Some(id) => self.write_one_of_many(id, &mut many).map(|()| None),
            None => export::write_index(&many.index, &many.folder).map(Some),
        };
        // The document did not change, but the window shall see how far it is.
        self.published = 0;
        match outcome {
            Ok(None) => self.many = Some(many),
            Ok(Some(index)) => {
                let text = format!("{} loops were written.", many.index.len());
                let files = std::iter::once(index);
                let files = files.chain(many.index.into_iter().flat_map(|entry| entry.files)).collect();
                self.session.notify(Severity::Info, text, many.folder.to_string_lossy());
                self.session.set_exported(many.ticket, files);
            }
            Err(reason) => {
                let done = many.index.len();
                let next_step = format!("{done} loops were written before. Choose another folder.");
                self.session.notify(Severity::Error, reason.to_string(), next_step);
                self.session.set_exported(many.ticket, Vec::new());
            }
        }
    }

    fn write_one_of_many(&mut self, id: LoopId, many: &mut Many) -> Result<(), ExportError> {
        // One that was dropped meanwhile is left out.
        let Some(entry) = self.session.find(id).cloned() else { return Ok(()) };
        let Some(pattern) = self.session.played(id) else { return Ok(()) };
        let (sounds, _) = self.prepared.sounds(&self.session, &pattern, self.links.rate);
        let names = pattern.lanes().iter().map(|lane| {
            let name = self.session.sounding(lane).map(|sample| sample.name.clone()).unwrap_or_default();
            format!("{}: {name}", lane.role.label())
        });
        let sounds_by_name: Vec<String> = names.collect();
        let piece = self.piece(id, (entry.number, &pattern), &sounds);
        let mut files = Vec::new();
        let parts = [(ExportKind::Midi, "MIDI"), (ExportKind::Audio, "Audio"), (ExportKind::Stems, "Stems")];
        for (kind, folder) in parts {
            files.extend(export::export(&piece, kind, Destination::Folder(&many.folder.join(folder)))?);
        }
        many.index.push(Indexed {
            number: entry.number,
            bpm: piece.bpm.get(),
            grid: entry.pattern.grid,
            verdict: entry.verdict,
            starred: entry.starred,
            p_like: entry.prediction.map(|prediction| prediction.p_like),
            sounds: sounds_by_name,
            files,
        });
        Ok(())
    }
}
