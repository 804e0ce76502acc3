//! What happens instead of a file dialog where the desktop has none.
//!
//! Editor thread.

use super::EditorApp;
use crate::editor::actions::{Dialog, ExportFor};
use crate::editor::dialogs;
use deepdrummer_core::export::sanitized_name;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;

/// Why a dialog did not come.
pub(super) const NO_DIALOG: &str = "This desktop offers no file dialog.";

impl EditorApp {
    /// This desktop can't show a dialog: what can be done without one is done, and said.
    pub(super) fn without_dialog(&mut self, dialog: Dialog, view: &View) {
        let next_step = match dialog {
            Dialog::SaveAs(of, _) => return self.export(of, ExportFor::SaveHere, view),
            Dialog::ExportProfile(name) => {
                let folder = view.export.folder.clone();
                let folder = folder.unwrap_or_else(|| self.handle.default_export_folder());
                // Only where there is no dialog, and once: the worker writes into folders that are there.
                let _ = std::fs::create_dir_all(&folder);
                let name = sanitized_name(&name);
                let named = |number: u32| {
                    let name = if number == 1 { name.clone() } else { format!("{name} ({number})") };
                    folder.join(format!("{name}.{}", dialogs::TASTE_FILE))
                };
                // What is there was not chosen to be replaced.
                if let Some(path) = (1..1000).map(named).find(|path| !path.exists()) {
                    self.send(Command::ExportProfile(path));
                }
                return;
            }
            Dialog::ManyFolder(which) => {
                return self.send(Command::ExportMany { ticket: 0, which, to: None });
            }
            Dialog::KitFolder => "Drop the folder on the window instead.",
            Dialog::LaneSample(_) | Dialog::Locate(..) => "Drop the sound on its lane instead.",
            Dialog::Reference { .. } => "Drop it on the page Taste instead.",
            Dialog::Feel => "Drop the clip on the dial Human instead.",
            Dialog::ImportProfile => "Drop the file on the window instead.",
            Dialog::ExportFolder => "Install a desktop portal (xdg-desktop-portal) or zenity.",
        };
        self.state.warn(NO_DIALOG, next_step);
    }
}
