//! What is dragged from elsewhere and dropped onto the window.
//!
//! Editor thread.

use super::EditorApp;
use crate::editor::dialogs;
use crate::editor::state::Page;
use deepdrummer_core::import::material::is_midi;
use deepdrummer_core::session::command::{Command, KitChoice};
use std::path::PathBuf;

/// What becomes of folders.
const DROP_KIT: &str = "Drop the folder to use its sounds";
/// What becomes of files that hold a taste profile.
const DROP_TASTE: &str = "Drop to take in this taste profile";

/// What becomes of a MIDI clip on the dial Human.
const DROP_FEEL: &str = "Drop to play with this clip's feel";
/// What becomes of a MIDI clip anywhere else.
const DROP_BEAT: &str = "Drop to play this clip as a loop";
/// What becomes of anything else while the page Taste is open.
const DROP_LOVED: &str = "Drop what you love: it teaches at once";

/// What becomes of files that may be dropped anywhere on the window.
///
/// A MIDI clip is no sound: over the dial Human (`over_feel`) its feel is taken, elsewhere its beat.
fn taken_anywhere(files: &[PathBuf], page: Page, over_feel: bool) -> Option<&'static str> {
    let is_clip = matches!(files, [file] if is_midi(file));
    if is_clip && (over_feel || page != Page::Taste) {
        return Some(if over_feel { DROP_FEEL } else { DROP_BEAT });
    }
    let taste = |file: &PathBuf| file.extension().is_some_and(|end| end == dialogs::TASTE_FILE);
    if page == Page::Taste && !files.iter().all(taste) {
        Some(DROP_LOVED)
    } else if files.iter().all(|file| file.is_dir()) {
        Some(DROP_KIT)
    } else {
        files.iter().all(taste).then_some(DROP_TASTE)
    }
}

impl EditorApp {
    /// Files hover over the window; true if they can be dropped there.
    pub fn files_over(&mut self, at: egui::Pos2, files: &[PathBuf]) -> bool {
        // They are looked at once, not with every move, but for where one clip lies.
        let over_feel = self.state.feel_rect.is_some_and(|rect| rect.contains(at));
        let seen = self.state.drop_seen.take().filter(|(first, anywhere)| {
            files.first() == Some(first) && !over_feel && *anywhere != Some(DROP_FEEL)
        });
        let page = self.state.page;
        let seen = seen
            .or_else(|| files.first().map(|first| (first.clone(), taken_anywhere(files, page, over_feel))));
        self.state.drop_anywhere = seen.as_ref().and_then(|(_, anywhere)| *anywhere);
        self.state.drop_seen = seen;
        self.state.drop_at = Some(at);
        let lane = self.state.lane_rects.iter().position(|rect| rect.contains(at));
        self.state.drop_lane = lane.filter(|_| self.state.drop_anywhere.is_none());
        self.drawn = None;
        self.state.drop_anywhere.is_some() || self.state.drop_lane.is_some()
    }

    /// Files no longer hover over the window.
    pub fn files_gone(&mut self) {
        self.state.drop_at = None;
        self.state.drop_anywhere = None;
        self.state.drop_seen = None;
        self.state.drop_lane = None;
        self.drawn = None;
    }

    /// Files were dropped: one goes to the lane under the pointer, several to the lanes from there on;
    /// folders become the kit, a taste profile is taken in, wherever they are dropped; a MIDI clip on the dial Human gives its
    /// feel and elsewhere its beat, and on the page Taste all else is a reference. True if anything was taken.
    pub fn files_dropped(&mut self, at: egui::Pos2, files: Vec<PathBuf>) -> bool {
        self.files_over(at, &files);
        let (lane, anywhere) = (self.state.drop_lane, self.state.drop_anywhere);
        self.files_gone();
        match anywhere {
            Some(DROP_KIT) => {
                self.send(Command::ChooseKit(KitChoice::Folders(files)));
                return true;
            }
            Some(DROP_FEEL) => {
                files.into_iter().for_each(|file| self.send(Command::TakeFeel(file)));
                return true;
            }
            Some(DROP_BEAT) => {
                files.into_iter().for_each(|file| self.send(Command::PlayClip(file)));
                return true;
            }
            Some(DROP_LOVED) => {
                let bring = |path| Command::BringReference { path, kind: None };
                files.into_iter().for_each(|path| self.send(bring(path)));
                return true;
            }
            Some(_) => {
                files.into_iter().for_each(|file| self.send(Command::ImportProfile(file)));
                return true;
            }
            None => {}
        }
        let Some(lane) = lane else {
            let next_step = "Drop a sound on the lane that shall play it; a folder goes anywhere.";
            self.state.warn("Files are dropped onto a lane.", next_step);
            return false;
        };
        let lanes = self.handle.view().lanes.len();
        for (lane, file) in (lane..lanes).zip(files) {
            self.send(Command::LoadSample(lane as u8, file));
        }
        true
    }
}
