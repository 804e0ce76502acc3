//! What was said, and the learner that is told of it. Whatever changes here by itself puts the learner, and what
//! it proposed before, out of date.
//!
//! Worker thread.

use super::foreign::Foreign;
use super::timeline::Aside;
use crate::propose::Learner;
use crate::taste::friend::{self, Beside, PROJECT_SHARE};
use crate::taste::{Judgement, Log};

/// A judgement that counts so many times as much; none that counts for nothing.
fn weighed(said: &Judgement, by: f32) -> Option<Judgement> {
    (by > 0.0).then_some(Judgement { weight: said.weight * by, ..*said })
}

/// See the module's documentation.
pub(super) struct Teaching {
    log: Log,
    /// Judgements of other projects that share the profile; never saved in this project.
    foreign: Foreign,
    /// What the project's references are to a learner, and how often they were exchanged.
    references: (Vec<Judgement>, u64),
    /// The serial of the next judgement.
    next_serial: u64,
    /// How much what was said in this project counts, and how often that changed.
    project_share: (f32, u64),
    friend: Option<Beside>,
    /// What is not heard for a while, see [`super::timeline`], and how often that changed.
    aside: (Option<Aside>, u64),
    learner: Option<Box<dyn Learner>>,
    /// The learner knows all that was said.
    is_told: bool,
    revision: u64,
}

impl Teaching {
    /// What a document says was said; no learner yet.
    pub(super) fn new(judgements: Vec<Judgement>, next_serial: u64) -> Self {
        let mut log = Log::default();
        for judgement in judgements {
            log.push(judgement);
        }
        let (foreign, references) = (Foreign::default(), (Vec::new(), 0));
        Self {
            log,
            foreign,
            references,
            next_serial,
            project_share: (PROJECT_SHARE, 0),
            friend: None,
            aside: (None, 0),
            learner: None,
            is_told: false,
            revision: 0,
        }
    }

    /// The project's own judgements.
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// Judgements of other projects.
    #[cfg(test)]
    pub(super) fn foreign(&self) -> &Foreign {
        &self.foreign
    }

    /// The serial of the next judgement.
    pub(super) fn next_serial(&self) -> u64 {
        self.next_serial
    }

    /// Grows with every change: what was asked of the learner under another one is out of date.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    fn changed(&mut self) {
        self.is_told = false;
        self.revision += 1;
    }

    /// Something was said; it gets the next serial.
    pub(super) fn say(&mut self, mut said: Judgement) -> Judgement {
        said.serial = self.next_serial;
        self.next_serial += 1;
        self.log.push(said);
        self.changed();
        said
    }

    /// Takes back what was said; gives what that was.
    pub(super) fn take_back(&mut self, gone: impl Fn(&Judgement) -> bool) -> Vec<Judgement> {
        let judgements: Vec<Judgement> =
            self.log.entries().iter().filter(|said| gone(said)).copied().collect();
        if !judgements.is_empty() {
            self.log.forget(gone);
            self.changed();
        }
        judgements
    }

    /// Says again what was taken back, at its old place.
    pub(super) fn restore(&mut self, judgements: &[Judgement]) {
        self.log.restore(judgements);
        self.changed();
    }

    /// Nothing but this was said.
    pub(super) fn replace(&mut self, said: Vec<Judgement>) {
        let newest = said.iter().map(|said| said.serial).max().unwrap_or(0);
        self.next_serial = self.next_serial.max(newest + 1);
        self.log.replace(said);
        self.changed();
    }

    /// Other projects say this. False where they said it before.
    pub(super) fn set_foreign(&mut self, judgements: Vec<Judgement>) -> bool {
        let changed = self.foreign.exchange(judgements);
        if changed {
            self.changed();
        }
        changed
    }

    /// References say this.
    pub(super) fn set_references(&mut self, judgements: Vec<Judgement>) {
        if judgements != self.references.0 {
            self.references = (judgements, self.references.1 + 1);
            self.changed();
        }
    }

    /// How much what was said in this project counts, 0 to 1.
    pub(super) fn project_share(&self) -> f32 {
        self.project_share.0
    }

    /// See [`friend::project_weights`].
    pub(super) fn set_project_share(&mut self, share: f32) {
        if share.to_bits() != self.project_share.0.to_bits() {
            self.project_share = (share, self.project_share.1 + 1);
            self.changed();
        }
    }

    /// A friend is heard too, or none.
    pub(super) fn set_friend(&mut self, friend: Option<Beside>) {
        if friend != self.friend {
            self.friend = friend;
            self.changed();
        }
    }

    /// What is set aside.
    pub(super) fn aside(&self) -> Option<Aside> {
        self.aside.0
    }

    /// This is set aside and nothing else.
    pub(super) fn set_aside(&mut self, aside: Option<Aside>) {
        if aside != self.aside.0 {
            self.aside = (aside, self.aside.1 + 1);
            self.changed();
        }
    }

    /// A fresh learner, which knows nothing yet.
    pub(super) fn set_learner(&mut self, learner: Box<dyn Learner>) {
        self.learner = Some(learner);
        self.changed();
    }

    /// Whether there is a learner.
    pub(super) fn has_learner(&self) -> bool {
        self.learner.is_some()
    }

    /// The learner, told of everything.
    pub(super) fn learner(&mut self) -> Option<&mut dyn Learner> {
        let learner = self.learner.as_deref_mut()?;
        if !std::mem::replace(&mut self.is_told, true) {
            match self.foreign.changes() + self.references.1 + self.aside.1 + self.project_share.1 {
                0 => learner.observe(&self.log),
                changes => {
                    let (of_others, of_own) = friend::project_weights(self.project_share.0);
                    let foreign = self.foreign.judgements().iter().map(|said| weighed(said, of_others));
                    let others: Vec<Judgement> =
                        foreign.flatten().chain(self.references.0.iter().copied()).collect();
                    let own = self.log.weighed(|said| weighed(said, of_own));
                    let mut log = own.behind(&others, changes);
                    if let Some(aside) = self.aside.0 {
                        log = log.without(|said| aside.holds(said));
                    }
                    learner.observe(&log);
                }
            }
            learner.befriend(self.friend.clone());
        }
        Some(learner)
    }

    /// One unit of the learner's background work; false when there is none.
    pub(super) fn work(&mut self) -> bool {
        self.learner.as_mut().is_some_and(|learner| learner.work())
    }
}
