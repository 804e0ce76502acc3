//! What is due to be sent to the audio thread, and to be told to who waits for it.
//!
//! Worker thread. Things become due in any order and go out together, once there is room and a sound for them.

use crate::engine::Enter;

/// A plan of the current loop that is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Due {
    /// When it enters.
    pub(super) enter: Enter,
    /// It is the first of a project or of an engine.
    pub(super) is_load: bool,
    /// It has other lanes than the one before it.
    pub(super) brings_lanes: bool,
}

/// See the module's documentation.
#[derive(Debug, PartialEq)]
pub(super) struct Outbox {
    plan: Option<Due>,
    mix: bool,
    word: Word,
}

/// Whether somebody may be told what was done. What a command said is in the profile first.
#[derive(Debug, PartialEq)]
enum Word {
    Free,
    HeldBack,
    /// Held back, and somebody waits for it.
    Wanted,
}

impl Outbox {
    /// All that an engine needs which has nothing yet.
    pub(super) fn full() -> Self {
        let plan = Due { enter: Enter::Now, is_load: true, brings_lanes: false };
        Self { plan: Some(plan), mix: true, word: Word::Free }
    }

    /// An engine or a project that has nothing yet takes the place of the one before.
    pub(super) fn fill(&mut self) {
        let Self { plan, mix, .. } = Self::full();
        (self.plan, self.mix) = (plan, mix);
    }

    /// The current loop is another one, perhaps with other lanes.
    pub(super) fn play(&mut self, enter: Enter, brings_lanes: bool) {
        let due = self.plan.unwrap_or(Due { enter, is_load: false, brings_lanes: false });
        self.plan = Some(Due { enter, brings_lanes: due.brings_lanes || brings_lanes, ..due });
    }

    /// The current loop changed. A change of one that has not been sent yet goes out with it.
    pub(super) fn refresh(&mut self) {
        self.plan.get_or_insert(Due { enter: Enter::Now, is_load: false, brings_lanes: false });
    }

    /// The plan that is due.
    pub(super) fn plan(&self) -> Option<Due> {
        self.plan
    }

    /// The plan that was due is out.
    pub(super) fn plan_is_sent(&mut self) {
        self.plan = None;
    }

    /// The mixer's settings changed, or could not be sent.
    pub(super) fn mix(&mut self) {
        self.mix = true;
    }

    /// Whether the mixer's settings are due; they count as sent from here on.
    pub(super) fn take_mix(&mut self) -> bool {
        std::mem::take(&mut self.mix)
    }

    /// Nobody is told anything until [`Outbox::release`].
    pub(super) fn hold_back(&mut self) {
        if self.word == Word::Free {
            self.word = Word::HeldBack;
        }
    }

    /// Whether somebody may be told now; else they wait for it.
    pub(super) fn may_tell(&mut self) -> bool {
        if self.word == Word::Free {
            return true;
        }
        self.word = Word::Wanted;
        false
    }

    /// What was held back may be told. True where somebody waits for it.
    pub(super) fn release(&mut self) -> bool {
        std::mem::replace(&mut self.word, Word::Free) == Word::Wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_due_before_it_is_sent_goes_out_together() {
        let mut outbox = Outbox::full();
        outbox.refresh();
        outbox.play(Enter::LoopEnd, true);
        outbox.play(Enter::Beat, false);
        assert_eq!(outbox.plan(), Some(Due { enter: Enter::Beat, is_load: true, brings_lanes: true }));
        outbox.refresh();
        assert_eq!(outbox.plan().map(|due| due.enter), Some(Enter::Beat), "it waits for its moment");
        outbox.plan_is_sent();
        assert!(outbox.take_mix() && !outbox.take_mix());
        outbox.refresh();
        assert_eq!(outbox.plan(), Some(Due { enter: Enter::Now, is_load: false, brings_lanes: false }));
    }

    #[test]
    fn a_word_that_is_held_back_is_given_to_who_asked_for_it() {
        let mut outbox = Outbox::full();
        assert!(outbox.may_tell());
        outbox.hold_back();
        assert!(!outbox.release(), "nobody asked");
        outbox.hold_back();
        assert!(!outbox.may_tell());
        assert!(outbox.release() && outbox.may_tell());
    }
}
