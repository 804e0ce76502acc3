//! Judgements of other projects that share the profile: the learner learns from them, the project
//! neither shows nor saves them.

use super::Session;
use crate::propose::Statement;
use crate::taste::Judgement;

/// Judgements of other projects that a learner is told at most. Learning from them takes some 7 ms each,
/// and all are learned anew whenever lanes or kit change or an earlier rating is taken back.
pub(crate) const MOST_FOREIGN: usize = 128;
/// Where their serials begin; a project's own count up from 1.
const FIRST_SERIAL: u64 = 1 << 63;

/// The judgements, and how often they were exchanged.
#[derive(Default)]
pub(super) struct Foreign {
    judgements: Vec<Judgement>,
    changes: u64,
}

impl Foreign {
    /// Other judgements in place of these, oldest first: of too many the newest, with serials of their own.
    /// False where they are these.
    pub(super) fn exchange(&mut self, mut judgements: Vec<Judgement>) -> bool {
        judgements.drain(..judgements.len().saturating_sub(MOST_FOREIGN));
        for (judgement, serial) in judgements.iter_mut().zip(FIRST_SERIAL..) {
            judgement.serial = serial;
        }
        let changed = judgements != self.judgements;
        if changed {
            self.judgements = judgements;
            self.changes += 1;
        }
        changed
    }

    pub(super) fn judgements(&self) -> &[Judgement] {
        &self.judgements
    }

    /// How often they were exchanged.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }
}

impl Session {
    /// Judgements of other projects with the same profile, oldest first; of too many the newest
    /// [`MOST_FOREIGN`] are used. They stand before the project's own in what the learner is told, with
    /// serials of their own. Same judgements, same document: same proposals.
    pub fn set_foreign(&mut self, judgements: Vec<Judgement>) {
        if self.teaching.set_foreign(judgements) {
            self.touch();
        }
    }

    /// How many judgements of other projects the learner is told.
    #[cfg(test)]
    pub(crate) fn foreign_count(&self) -> usize {
        self.teaching.foreign().judgements().len()
    }
}

/// Evidence that the window can show: loops of this project.
pub(super) fn keep_own_evidence(statements: &mut [Statement]) {
    for statement in statements {
        statement.evidence.retain(|&serial| serial < FIRST_SERIAL);
    }
}
