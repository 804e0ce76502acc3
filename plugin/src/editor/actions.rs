//! What screens hand back: the editor draws a snapshot and returns actions.
//!
//! Editor thread. Screens only push; [`EditorApp`](super::EditorApp) carries out.

use super::handle::{HostParam, Meters};
use super::state::UiState;
use crate::app::{Audio, Device};
use deepdrummer_core::pattern::BarAt;
use deepdrummer_core::session::Controls;
use deepdrummer_core::session::command::{Command, ExportKind, ExportSettings, Which};
use deepdrummer_core::session::view::{LoopView, Settings, View};
use deepdrummer_core::taste::LoopId;
use std::path::PathBuf;
use std::sync::Arc;

/// Which loop and what of it leaves the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportOf {
    /// `None` is the current loop.
    pub id: Option<LoopId>,
    /// What.
    pub kind: ExportKind,
}

/// What to do with an exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFor {
    /// Write it to the export folder, then drag it while the button is down.
    Drag,
    /// Write it to the export folder, then put its path on the clipboard.
    CopyPath,
    /// Write it to the export folder, then open that folder.
    ShowInFolder,
    /// Ask where to, then write it there.
    SaveAs,
    /// Write it to the export folder and say so: nobody could be asked.
    SaveHere,
}

/// A native dialog; its result comes back as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// A folder of sounds for the kit.
    KitFolder,
    /// A sound for a lane.
    LaneSample(u8),
    /// Something that one loves: a file, or a folder of them.
    Reference {
        /// Whether it is a folder.
        folder: bool,
    },
    /// A MIDI clip whose feel is taken.
    Feel,
    /// Where a missing sound is now.
    Locate(deepdrummer_core::pattern::SampleId, String),
    /// A profile to merge.
    ImportProfile,
    /// Where to write the profile.
    ExportProfile(String),
    /// Where exports go.
    ExportFolder,
    /// Where many loops go.
    ManyFolder(Which),
    /// Where to write one export, with a name to start from.
    SaveAs(ExportOf, String),
}

/// One thing to carry out.
#[derive(Clone, Debug)]
pub enum Action {
    /// Send a command.
    Send(Command),
    /// A host parameter's gesture begins.
    Begin(HostParam),
    /// A host parameter changes.
    Set(HostParam, f32),
    /// A host parameter's gesture ends.
    End(HostParam),
    /// Write files and use them.
    Export(ExportOf, ExportFor),
    /// Open a native dialog.
    Open(Dialog),
    /// Put text on the clipboard.
    Copy(String),
    /// Open the folder of a file.
    ShowInFolder(PathBuf),
    /// Play a lane's sound once.
    Hear(u8),
    /// The app shall play on this device.
    ChooseAudio(Device),
    /// Another zoom, in per cent.
    Zoom(u16),
    /// Another window size in logical pixels at 100 %.
    Resize(u32, u32),
}

/// What a screen sees and where it puts actions.
pub struct Cx<'a> {
    /// The snapshot.
    pub view: &'a View,
    /// The snapshot with the loop that is shown as the current one: the loop that sounds, as long as the next
    /// one waits to enter. Otherwise the same as `view`.
    pub shown: &'a View,
    /// The meters.
    pub meters: Option<Meters>,
    /// Values of host parameters.
    pub param: &'a dyn Fn(HostParam) -> f32,
    /// What only the window knows.
    pub state: &'a mut UiState,
    /// What to do after drawing.
    pub actions: Vec<Action>,
    /// The standalone app's audio.
    pub audio: Option<Arc<Audio>>,
    /// The folder that exports go to when none was chosen.
    pub default_folder: PathBuf,
}

impl<'a> Cx<'a> {
    /// Sends a command after drawing.
    pub fn send(&mut self, command: Command) {
        self.actions.push(Action::Send(command));
    }

    /// Changes settings of this machine: those fields alone, since they belong to all instances.
    pub fn change_settings(&mut self, to: Settings) {
        self.send(Command::ChangeSettings { from: self.view.settings.clone(), to });
    }

    /// The same for how exports are made.
    pub fn change_export(&mut self, to: ExportSettings) {
        self.send(Command::ChangeExport { from: self.view.export.clone(), to });
    }

    /// What the host's parameters hold of the session.
    #[must_use]
    pub fn controls(&self) -> Controls {
        HostParam::controls(self.param)
    }

    /// Sets a host parameter as one gesture.
    pub fn set(&mut self, which: HostParam, plain: f32) {
        self.actions.extend([Action::Begin(which), Action::Set(which, plain), Action::End(which)]);
    }

    /// The loop that a rating means: the one that is heard, else the current one.
    #[must_use]
    pub fn rated_loop(&self) -> LoopId {
        let meters = self.meters.filter(|meters| meters.playing);
        let heard = meters.and_then(|meters| meters.heard.or(meters.audible));
        heard.unwrap_or(self.view.current.id)
    }

    /// The loop that waits to enter while another one sounds.
    #[must_use]
    pub fn waits(&self) -> Option<&'a LoopView> {
        let heard = self.meters.filter(|meters| meters.playing)?.audible?;
        (heard != self.view.current.id).then_some(&self.view.current)
    }

    /// Whether what is shown sounds, and the loop that edits go to waits: then nothing may be edited that is
    /// not seen.
    #[must_use]
    pub fn shows_another(&self) -> bool {
        self.shown.current.id != self.view.current.id
    }

    /// Shows the loop that waits, to be worked on before it enters.
    pub fn look_ahead(&mut self) {
        self.state.looks_ahead = Some(self.view.current.id);
    }

    /// The steps a playhead is in, where one is to be shown.
    #[must_use]
    pub fn playhead(&self) -> Option<usize> {
        let meters = self.meters.filter(|meters| meters.playing)?;
        let heard = meters.heard.or(meters.audible);
        let same = heard.is_none_or(|id| id == self.shown.current.id);
        let steps = self.shown.current.pattern.grid.steps();
        (same && meters.step >= 0.0).then(|| (meters.step as usize).min(steps.saturating_sub(1)))
    }

    /// The cell that a lane plays while the loop is in a step: another one where the lane runs in a way of its own.
    #[must_use]
    pub fn played_cell(&self, lane: usize, step: usize) -> usize {
        let pattern = &self.shown.current.pattern;
        if pattern.lanes().get(lane).is_none_or(|lane| lane.course.is_plain()) {
            return step;
        }
        let at = BarAt::alone(self.meters.map_or(0, |meters| meters.since));
        pattern.cell(lane, at, step % usize::from(pattern.grid.steps_per_bar.max(1)))
    }
}
