//! What a person, a host or a script can ask of a session. Small owned data, sent to the worker.

pub use super::choices::{ExportSettings, KitChoice, Nearness, PresetId, Settings, Strategy};
pub use super::song::{Dials, SongCommand};
pub use crate::engine::{BusSettings, Enter, LaneMix, LaneShape, LoopAction, RatingKeys};
pub use crate::export::{ExportKind, MidiTracks, NoteMap, Tail, Unroll};
use crate::features::Directions;
use crate::pattern::{Course, Hit, MAX_STEPS, Role, SampleId};
use crate::propose::Steering;
use crate::taste::reference::ReferenceKind;
use crate::taste::{LoopId, Verdict};
use std::path::PathBuf;

/// Which loops of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that were liked.
    Liked,
    /// Those with a star.
    Starred,
    /// All of them.
    All,
}

/// A command to the session. Every destructive one is one undo step.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A verdict on a loop; the next loop follows if the loop is the current one.
    Rate {
        /// The loop that was audible.
        id: LoopId,
        /// What was said.
        verdict: Verdict,
    },
    /// The next loop without a verdict. Within the first bar it counts as a weak dislike.
    Skip {
        /// The loop that was audible.
        id: LoopId,
        /// Whether less than one bar of it was heard.
        within_first_bar: bool,
    },
    /// The loop before this one in the history.
    Back,
    /// The loop after this one in the history, or the next of the queue.
    Forward,
    /// A loop of the history becomes current.
    Recall(LoopId),
    /// Sets or clears the star.
    Star(LoopId, bool),
    /// Takes the verdicts on a loop back; the loop stays in the history.
    Forget(LoopId),
    /// Sets one cell of the current loop.
    EditHit {
        /// Lane.
        lane: u8,
        /// Step.
        step: u8,
        /// The new cell; [`Hit::NONE`] clears it.
        hit: Hit,
    },
    /// Sets a whole lane's cells (paste, clear, rotate); one undo step.
    EditLane {
        /// Lane.
        lane: u8,
        /// All cells.
        hits: Box<[Hit; MAX_STEPS]>,
    },
    /// Sets some cells of the current loop (lane, step, the new cell); one undo step.
    EditCells(Vec<(u8, u8, Hit)>),
    /// How a lane of the current loop runs through its cells.
    SetCourse {
        /// Lane.
        lane: u8,
        /// All of it.
        course: Course,
    },
    /// Other chances for the current loop: its hits keep theirs, and other passes have them.
    ThrowChances,
    /// Ends a drag: all `EditHit`s since the last one become one undo step.
    EndGesture,
    /// Changes a lane's mixer settings.
    SetMix {
        /// Lane.
        lane: u8,
        /// All of them.
        mix: LaneMix,
    },
    /// Changes how a lane's sound is shaped.
    SetShape {
        /// Lane.
        lane: u8,
        /// All of it.
        shape: LaneShape,
    },
    /// Changes the drum bus.
    SetBus(BusSettings),
    /// Loops come at one loudness, and lanes at the level and place of their role, or as they are.
    SetLevelled(bool),
    /// How much of a drummer's feel loops are played with, 0 (as written) to 1.
    SetHuman(f32),
    /// Another feel for the current loop.
    ThrowFeel,
    /// Whether a lane is played as it is written, whatever [`Command::SetHuman`] says.
    SetAsWritten(u8, bool),
    /// Changes a lane's role.
    SetRole {
        /// Lane.
        lane: u8,
        /// The new role.
        role: Role,
    },
    /// Adds (at the end) or removes (from the end) lanes: 1 to 8.
    SetLaneCount(u8),
    /// Locks or frees a lane's rhythm.
    LockBeat(u8, bool),
    /// Locks or frees a lane's sample.
    LockSound(u8, bool),
    /// Locks exactly these steps of a lane.
    LockSteps(u8, u128),
    /// The best rhythm and sound for one lane that the critic finds beside the others.
    RerollLane(u8),
    /// Another sample for a lane: the n-th neighbour forwards or backwards by likeness.
    StepSample {
        /// Lane.
        lane: u8,
        /// Steps forwards (positive) or backwards.
        delta: i32,
    },
    /// A sample of the kit for a lane.
    SetSample(u8, SampleId),
    /// A file for a lane.
    LoadSample(u8, PathBuf),
    /// Whether files with several channels are mixed to one.
    SetMono(bool),
    /// The person says what a sound of the kit is; remembered on this machine for every project.
    CorrectRole(SampleId, Role),
    /// Where a missing sample is now.
    Locate(SampleId, PathBuf),
    /// Steering.
    Steer(Steering),
    /// Which loops come next.
    SetStrategy(Strategy),
    /// Something that the person loves already: a MIDI clip, a loop or one-shot as audio, or a folder of them.
    BringReference {
        /// Where it is.
        path: PathBuf,
        /// What is loved about it; `None` leaves it to what is found.
        kind: Option<ReferenceKind>,
    },
    /// The beat of a MIDI clip, as a loop.
    PlayClip(PathBuf),
    /// The feel of a MIDI clip, in the place of a drummer's.
    TakeFeel(PathBuf),
    /// A drummer's feel again.
    DropFeel,
    /// Another kind or weight of a reference.
    SetReference {
        /// Its place among them.
        at: usize,
        /// What is loved about it.
        kind: ReferenceKind,
        /// How many ratings it counts as, 0.1 to 4.
        weight: f32,
    },
    /// A reference is none any more.
    RemoveReference(usize),
    /// Begins or ends a blind test: loops of this taste and of none, mixed.
    BlindTest(bool),
    /// The taste as it was when the judgement of that serial was the last one, to be tried; `None` leaves that.
    TryBack(Option<u64>),
    /// What was set aside to try that is taken back.
    KeepBack,
    /// All that was said in this project is taken back.
    StartAfresh,
    /// What the person makes: weighs what loops are drawn from.
    SetDirections(Directions),
    /// A loop near the current one, now.
    MoreLikeThis(Nearness),
    /// Applies the one change that lifts this loop most, where it is the current one (`LoopView::lift`).
    Lift(LoopId),
    /// One step back in the history of changes.
    Undo,
    /// One step forwards.
    Redo,
    /// When the next loop enters.
    SetEnter(Enter),
    /// Another kit.
    ChooseKit(KitChoice),
    /// Another profile, made if it does not exist.
    ChooseProfile(String),
    /// A new name for the profile in use.
    RenameProfile(String),
    /// Writes the profile to one file.
    ExportProfile(PathBuf),
    /// Merges a profile file into the profile in use.
    ImportProfile(PathBuf),
    /// Writes files; the view's `exported` then has the ticket.
    Export {
        /// Chosen by the sender, unique.
        ticket: u64,
        /// The loop; `None` is the current one.
        id: Option<LoopId>,
        /// What.
        kind: ExportKind,
        /// Exactly this file or folder instead of the export folder ("save as…").
        to: Option<PathBuf>,
        /// Whether files left the window by a drag (a strong like, and mute-after-drag).
        dragged: bool,
    },
    /// Writes many loops as MIDI, audio and stems into one folder, with an index of them.
    ExportMany {
        /// Chosen by the sender, unique.
        ticket: u64,
        /// Which loops.
        which: Which,
        /// This folder instead of one in the export folder.
        to: Option<PathBuf>,
    },
    /// How exports are made.
    SetExport(ExportSettings),
    /// Plays although the host's transport is stopped.
    Audition(bool),
    /// Ends the mute after a drag.
    Unmute,
    /// Machine settings.
    SetSettings(Settings),
    /// Of the machine settings, those in which the two differ: what was changed meanwhile, by another
    /// instance or by a command that is on its way, stays.
    ChangeSettings {
        /// As they were when the person changed something.
        from: Settings,
        /// As the person wants them.
        to: Settings,
    },
    /// The same for how exports are made.
    ChangeExport {
        /// As it was.
        from: ExportSettings,
        /// As the person wants it.
        to: ExportSettings,
    },
    /// The next MIDI key that is pressed says this from then on; `None` ends the waiting for one.
    LearnKey(Option<LoopAction>),
    /// The key that was waited for.
    KeyHeard(u8),
    /// Starts anew from a preset.
    LoadPreset(PresetId),
    /// Keeps kit, lanes and steering as a preset of the person's own.
    SavePreset {
        /// Its name.
        name: String,
        /// The group that it is listed in.
        category: String,
        /// One of that name may be replaced.
        replace: bool,
    },
    /// Another name for one of the person's presets.
    RenamePreset {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Lays one of the person's presets aside.
    RemovePreset(String),
    /// Brings a preset back that was laid aside.
    RestorePreset(String),
    /// Marks a preset as a favourite of this machine, or no longer.
    FavouritePreset(PresetId, bool),
    /// Looks what presets there are now: other instances may have changed them.
    ReadPresets,
    /// A notice was read.
    Dismiss(u64),
    /// Something of the song: sections and their arrangement.
    Song(SongCommand),
}

impl Command {
    /// Whether it changes what a project holds, and so may overwrite saved bytes that could not be read.
    /// What host parameters hold (steering, when loops enter) is the host's to save.
    #[must_use]
    pub fn changes_the_project(&self) -> bool {
        !matches!(
            self,
            Self::SetSettings(_)
                | Self::SetExport(_)
                | Self::ChangeSettings { .. }
                | Self::ChangeExport { .. }
                | Self::Dismiss(_)
                | Self::Audition(_)
                | Self::EndGesture
                | Self::TryBack(_)
                | Self::Unmute
                | Self::Steer(_)
                | Self::SetEnter(_)
                | Self::CorrectRole(..)
                | Self::ExportProfile(_)
                | Self::ExportMany { .. }
                | Self::LearnKey(_)
                | Self::KeyHeard(_)
                | Self::SavePreset { .. }
                | Self::RenamePreset { .. }
                | Self::RemovePreset(_)
                | Self::RestorePreset(_)
                | Self::FavouritePreset(..)
                | Self::ReadPresets
        )
    }
}
