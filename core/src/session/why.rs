//! Why: what the learner says of a loop and of the person, and the one change that it proposes.
//!
//! Worker thread. Everything is asked of the learner; the session knows what is locked and which loops there are.

use super::{Effect, Session};
use crate::pattern::{Loop, Role};
use crate::propose::{Attribution, Free, Lift, RhythmShare, Statement};
use crate::taste::LoopId;

/// All that can be said of a loop.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What each hit and sound adds to P(like).
    pub attribution: Attribution,
    /// Whether anything was said that marks can rest on.
    pub has_marks: bool,
    /// What was learned of the person.
    pub statements: Vec<Statement>,
    /// The change that lifts it most.
    pub lift: Option<Lift>,
    /// How much of the verdicts the rhythm explains.
    pub rhythm: Option<RhythmShare>,
}

impl Session {
    /// What a single change of the current loop may touch: what is neither locked nor steered.
    pub(super) fn free(&self) -> Free {
        let mut free = Free { swing: self.steering.swing.is_none(), ..Free::default() };
        for (at, lane) in self.lanes.iter().enumerate() {
            let steered = self.steering.four_on_the_floor && lane.role == Role::Kick;
            free.steps[at] = if lane.lock_beat || steered { 0 } else { !lane.locked_steps };
            free.sounds[at] = !lane.lock_sound;
        }
        free
    }

    /// Everything that can be said of a loop; `None` while there is no learner.
    pub fn explain(&mut self, pattern: &Loop) -> Option<Explanation> {
        let free = self.free();
        let learner = self.teaching.learner()?;
        let attribution = learner.attribute(pattern);
        let (statements, rhythm) = (learner.statements(super::next::STATEMENTS), learner.rhythm_share());
        let lift = learner.lift(pattern, &free);
        Some(Explanation { has_marks: rhythm.is_some(), attribution, statements, lift, rhythm })
    }

    /// The loops of this project that a statement rests on, newest first, each once.
    #[must_use]
    pub fn loops_of(&self, statement: &Statement) -> Vec<LoopId> {
        let entries = self.teaching.log().entries();
        let of = |serial: &u64| entries.iter().find(|said| said.serial == *serial).map(|said| said.id);
        let mut found: Vec<LoopId> = Vec::new();
        for id in statement.evidence.iter().filter_map(of) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    /// Applies the change that lifts the current loop most, as one step that can be undone.
    pub(super) fn lift(&mut self, of: LoopId) -> Vec<Effect> {
        let Some((id, pattern)) = self.current() else { return Vec::new() };
        let Some(lift) = self.insight.lift_of(&pattern).filter(|_| id == of) else { return Vec::new() };
        self.edit(&lift.text, false, |pattern| *pattern = lift.to)
    }
}

#[cfg(test)]
mod tests;
