//! What is kept elsewhere than in the project: settings of this machine, and what was said last before the
//! instance ends.
//!
//! Worker thread.

use super::Worker;
use crate::runtime::settings::{Machine, MachineError};
use crate::runtime::{AudioToWorker, ToWorker};
use crate::session::command::Command;
use crate::session::merge::merged;
use crate::session::view::Severity;
use crate::session::{Effect, Session};
use crate::taste::Verdict;
use crossbeam_channel::Receiver;

impl Worker<'_> {
    /// Remembers what was changed in the session, and takes over what other instances changed meanwhile.
    pub(super) fn save_settings(&mut self) {
        let (settings, export) = (self.session.settings().clone(), self.session.export_settings().clone());
        let before = self.machine.clone();
        self.remember(|machine| {
            machine.settings = merged(&before.settings, &settings, &machine.settings);
            machine.export = merged(&before.export, &export, &machine.export);
        });
    }

    /// Changes what is remembered on this machine.
    pub(super) fn remember(&mut self, change: impl Fn(&mut Machine)) {
        let Some(home) = self.shared.options.home.as_deref() else { return change(&mut self.machine) };
        if let Err(error) = self.machine.update(home, change) {
            let next_step = match error {
                MachineError::Io { .. } => "Settings hold until you close the window.",
                MachineError::Malformed(_) => "They were written anew.",
                MachineError::Partly { .. } => "The others hold.",
            };
            self.session.notify(Severity::Warning, error.to_string(), next_step);
        }
        if self.machine.settings.rating_keys != self.session.settings().rating_keys {
            self.outbox.mix();
        }
        self.session.set_machine(self.machine.settings.clone(), self.machine.export.clone());
    }

    /// What was said last is kept, though the instance is closed: ratings, and what is remembered on this
    /// machine. No loop follows, so there is no learner that would make the host wait.
    pub(super) fn hear_out(&mut self, receiver: &Receiver<ToWorker>) {
        let mut last = Vec::new();
        while let Some(event) = self.next_event() {
            if let AudioToWorker::Rate { id, like } = event {
                last.push(Command::Rate { id, verdict: Verdict::of(like) });
            }
        }
        last.extend(receiver.try_iter().filter_map(|message| match message {
            ToWorker::Command(command) if outlasts_the_instance(&command) => Some(command),
            _ => None,
        }));
        if last.iter().any(|command| matches!(command, Command::Rate { .. })) {
            self.session = Session::new(self.session.document());
            self.saved = None;
            let (settings, export) = (self.machine.settings.clone(), self.machine.export.clone());
            self.session.set_machine(settings, export);
        }
        for command in last {
            for effect in self.session.apply(command) {
                if matches!(effect, Effect::SaveSettings) {
                    self.save_settings();
                }
            }
        }
        self.ledger.follow(&mut self.session);
    }
}

/// Whether a command says something that is kept elsewhere than in the project.
fn outlasts_the_instance(command: &Command) -> bool {
    matches!(
        command,
        Command::Rate { .. }
            | Command::SetSettings(_)
            | Command::SetExport(_)
            | Command::ChangeSettings { .. }
            | Command::ChangeExport { .. }
    )
}
