//! What a session asks of the world outside it.
//!
//! Any thread: plain data, carried out by [`crate::runtime`].

use super::choices::{KitChoice, PresetId};
use super::preset::Preset;
use crate::engine::Enter;
use crate::export::ExportKind;
use crate::kit::SampleId;
use crate::pattern::Role;
use crate::taste::LoopId;
use crate::taste::reference::ReferenceKind;
use std::path::PathBuf;

/// What a command asks of the world outside the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The current loop is another one: it enters as said.
    Play(Enter),
    /// The current loop or a sound of it changed: it is replaced where it stands.
    Refresh,
    /// The mixer's settings changed.
    Mix,
    /// Audition was switched.
    Audition(bool),
    /// A kit must be loaded; [`super::Session::set_kit`] follows.
    LoadKit(KitChoice),
    /// A preset waits for its kit and a fresh learner: [`super::Session::kit_wanted`],
    /// [`super::Session::learner_seed_wanted`].
    LoadPreset,
    /// The person's presets on this machine must be changed; [`super::Session::set_library`] follows.
    Presets(PresetChange),
    /// A file must be loaded for a lane; [`super::Session::set_loaded_sample`] follows.
    LoadSample {
        /// Lane.
        lane: usize,
        /// File.
        path: PathBuf,
        /// The missing sample that this file is said to be.
        replaces: Option<SampleId>,
    },
    /// A file or folder must be heard as a reference; [`super::Session::set_read_reference`] follows.
    ReadReference {
        /// Where it is.
        path: PathBuf,
        /// What is loved about it, where the person said so.
        kind: Option<ReferenceKind>,
    },
    /// The beat of a MIDI clip must be read; [`super::Session::set_read_beat`] follows.
    ReadBeat(PathBuf),
    /// The feel of a MIDI clip must be read; [`super::Session::set_read_feel`] follows.
    ReadFeel(PathBuf),
    /// Files must be written; [`super::Session::set_exported`] follows.
    Export {
        /// Chosen by the sender.
        ticket: u64,
        /// The loop.
        id: LoopId,
        /// What.
        kind: ExportKind,
        /// Exactly there, where given.
        to: Option<PathBuf>,
    },
    /// Loops must be written into one folder, with an index; [`super::Session::set_exported`] follows.
    ExportMany {
        /// Chosen by the sender.
        ticket: u64,
        /// Which.
        loops: Vec<LoopId>,
        /// The folder, where given.
        to: Option<PathBuf>,
    },
    /// A sound's role must be remembered on this machine, and the kit be loaded with it.
    CorrectRole(SampleId, Role),
    /// Machine settings or export settings changed and must be remembered.
    SaveSettings,
    /// The profile is another one, or was renamed, exported or imported.
    Profile(ProfileChange),
}

/// What happens to the taste profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileChange {
    /// Use this one; it is made if it is not there.
    Choose(String),
    /// Call the present one so.
    Rename(String),
    /// Write the present one to a file.
    Export(PathBuf),
    /// Merge a file into the present one.
    Import(PathBuf),
}

/// What must become of the person's presets on this machine.
#[derive(Clone, Debug, PartialEq)]
pub enum PresetChange {
    /// Read them anew: another instance may have changed them.
    Read,
    /// Keep this one; `replace` where one of its name may be replaced.
    Save {
        /// The preset.
        preset: Box<Preset>,
        /// Whether one of its name may be replaced.
        replace: bool,
    },
    /// Give one another name.
    Rename {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Lay one aside.
    Remove(String),
    /// Bring back one that was laid aside.
    Restore(String),
    /// Mark one as a favourite, or no longer.
    Favourite(PresetId, bool),
}
