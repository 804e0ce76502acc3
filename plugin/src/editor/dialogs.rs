//! Native file dialogs, each on a thread of its own, so that the window never waits for one.
//!
//! The editor's thread opens and polls; results come back as commands.

use super::actions::{Dialog, ExportOf};
use super::portal;
use deepdrummer_core::session::command::{Command, ExportKind, KitChoice};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// What became of a question for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This was chosen.
    Path(PathBuf),
    /// The dialog was closed.
    Closed,
    /// This desktop can't show a dialog.
    Unavailable,
}

/// An answer and what it was asked for.
#[derive(Debug)]
pub(super) struct Chosen {
    /// What was asked.
    pub dialog: Dialog,
    /// The answer.
    pub answer: Answer,
}

/// What a chosen path leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// A command for the session.
    Send(Box<Command>),
    /// The export folder changes.
    ExportFolder(PathBuf),
    /// An export goes to this path.
    ExportTo(ExportOf, PathBuf),
    /// Nobody could be asked.
    Unavailable(Dialog),
}

/// Asks a person for a path; blocks the thread that it is called on. Tests answer at once.
pub type Ask = fn(&Dialog) -> Answer;

/// Open dialogs. At most one at a time: a second would lie over the first.
pub(super) struct Dialogs {
    ask: Ask,
    open: bool,
    sender: Sender<Chosen>,
    receiver: Receiver<Chosen>,
    wake: Option<egui::Context>,
}

impl Default for Dialogs {
    fn default() -> Self {
        Self::new(ask)
    }
}

impl Dialogs {
    /// Dialogs that ask in the given way.
    #[must_use]
    pub(super) fn new(ask: Ask) -> Self {
        let (sender, receiver) = channel();
        Self { ask, open: false, sender, receiver, wake: None }
    }

    /// The window to redraw when a dialog closes.
    pub(super) fn set_context(&mut self, ctx: Option<egui::Context>) {
        self.wake = ctx;
    }

    /// Opens a dialog; false if one is open already or no thread could be started.
    pub(super) fn open(&mut self, dialog: Dialog) -> bool {
        if self.open {
            return false;
        }
        let (sender, ask, wake) = (self.sender.clone(), self.ask, self.wake.clone());
        let thread = std::thread::Builder::new().name("deepdrummer dialog".to_owned());
        self.open = thread
            .spawn(move || {
                let answer = ask(&dialog);
                // The window may be gone by now; then nobody wants the answer.
                let _ = sender.send(Chosen { dialog, answer });
                if let Some(ctx) = wake {
                    ctx.request_repaint();
                }
            })
            .is_ok();
        self.open
    }

    /// What was chosen since the last call.
    pub(super) fn poll(&mut self) -> Option<Outcome> {
        let chosen = self.receiver.try_recv().ok()?;
        self.open = false;
        match chosen.answer {
            Answer::Path(path) => Some(outcome(chosen.dialog, path)),
            Answer::Closed => None,
            Answer::Unavailable => Some(Outcome::Unavailable(chosen.dialog)),
        }
    }
}

fn outcome(dialog: Dialog, path: PathBuf) -> Outcome {
    let command = match dialog {
        Dialog::KitFolder => Command::ChooseKit(KitChoice::Folders(vec![path])),
        Dialog::LaneSample(lane) => Command::LoadSample(lane, path),
        Dialog::Locate(sample, _) => Command::Locate(sample, path),
        Dialog::Reference { .. } => Command::BringReference { path, kind: None },
        Dialog::Feel => Command::TakeFeel(path),
        Dialog::ImportProfile => Command::ImportProfile(path),
        Dialog::ExportProfile(_) => Command::ExportProfile(path),
        Dialog::ExportFolder => return Outcome::ExportFolder(path),
        // A notice says when all are written; no ticket is waited for.
        Dialog::ManyFolder(which) => Command::ExportMany { ticket: 0, which, to: Some(path) },
        Dialog::SaveAs(of, _) => return Outcome::ExportTo(of, path),
    };
    Outcome::Send(Box::new(command))
}

/// File name endings of sounds that can be loaded.
pub const SOUND_FILES: [&str; 8] = ["wav", "aif", "aiff", "flac", "mp3", "ogg", "oga", "wave"];

/// File name endings of MIDI clips.
const MIDI_FILES: [&str; 3] = ["mid", "midi", "smf"];

/// How the name of a file ends that holds a taste profile.
pub(super) const TASTE_FILE: &str = "deepdrummer-taste";

/// A dialog that is gone sooner was never seen: no person closes one so fast.
const NOT_SEEN: Duration = Duration::from_millis(120);

fn ask(dialog: &Dialog) -> Answer {
    if !portal::has_dialogs() {
        return Answer::Unavailable;
    }
    let asked = Instant::now();
    match show(dialog) {
        Some(path) => Answer::Path(path),
        None if asked.elapsed() < NOT_SEEN => Answer::Unavailable,
        None => Answer::Closed,
    }
}

fn show(dialog: &Dialog) -> Option<PathBuf> {
    let open = rfd::FileDialog::new();
    match dialog {
        Dialog::KitFolder => open.set_title("Folder of samples").pick_folder(),
        Dialog::LaneSample(_) => {
            open.set_title("Sound for the lane").add_filter("Sounds", &SOUND_FILES).pick_file()
        }
        Dialog::Locate(_, name) => {
            open.set_title(format!("Where is “{name}”?")).add_filter("Sounds", &SOUND_FILES).pick_file()
        }
        Dialog::Reference { folder: true } => open.set_title("Folder that you love").pick_folder(),
        Dialog::Reference { folder: false } => {
            let endings: Vec<&str> = SOUND_FILES.into_iter().chain(MIDI_FILES).collect();
            open.set_title("MIDI clip, loop or sound that you love")
                .add_filter("MIDI and sounds", &endings)
                .pick_file()
        }
        Dialog::Feel => open.set_title("MIDI clip with the feel").add_filter("MIDI", &MIDI_FILES).pick_file(),
        Dialog::ImportProfile => open.set_title("Import a taste profile").pick_file(),
        Dialog::ExportProfile(name) => open
            .set_title("Export the taste profile")
            .set_file_name(format!("{name}.{TASTE_FILE}"))
            .save_file(),
        Dialog::ExportFolder => open.set_title("Folder for exports").pick_folder(),
        Dialog::ManyFolder(_) => open.set_title("Folder for the loops").pick_folder(),
        Dialog::SaveAs(of, name) => match of.kind {
            ExportKind::Stems | ExportKind::SongStems => open.set_title("Folder for the stems").pick_folder(),
            ExportKind::Midi | ExportKind::LaneMidi(_) | ExportKind::SongMidi => {
                open.set_title("Save MIDI as").add_filter("MIDI", &["mid"]).set_file_name(name).save_file()
            }
            ExportKind::Audio | ExportKind::LaneAudio(_) | ExportKind::SongAudio => {
                open.set_title("Save audio as").add_filter("WAV", &["wav"]).set_file_name(name).save_file()
            }
        },
    }
}

/// Opens the system's file manager at a file's folder, on a thread that waits for it.
pub(super) fn show_in_folder(file: &std::path::Path) {
    let file = file.to_owned();
    let run = move || {
        let folder = if file.is_dir() { file.clone() } else { file.parent().unwrap_or(&file).to_owned() };
        let mut command = if cfg!(target_os = "macos") {
            let mut command = std::process::Command::new("open");
            command.arg("-R").arg(&file);
            command
        } else if cfg!(target_os = "windows") {
            let mut command = std::process::Command::new("explorer");
            command.arg("/select,").arg(&file);
            command
        } else {
            let mut command = std::process::Command::new("xdg-open");
            command.arg(folder);
            command
        };
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        // A machine without a file manager shows nothing; the path is on screen and can be copied.
        let _ = command.status();
    };
    let _ = std::thread::Builder::new().name("deepdrummer show in folder".to_owned()).spawn(run);
}
