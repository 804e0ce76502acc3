//! The loops of a session in the order in which they came, and what was said of each.

use crate::engine::Trim;
use crate::pattern::Loop;
use crate::propose::Prediction;
use crate::taste::LoopId;
use crate::units::Seed;

/// Loops that a session remembers; the oldest unrated, unstarred ones are dropped first.
pub(crate) const MOST_ENTRIES: usize = 256;

/// Loops that wait in the inbox at most.
pub(crate) const MOST_FOUND: usize = 30;

/// One loop of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its identity.
    pub id: LoopId,
    /// Its running number, from 1.
    pub number: u32,
    /// What plays, with the person's edits.
    pub pattern: Loop,
    /// What was proposed.
    pub proposed: Loop,
    /// What the person said of the whole loop.
    pub verdict: Option<bool>,
    /// Marked with a star.
    pub starred: bool,
    /// What the critic thought when it proposed the loop.
    pub prediction: Option<Prediction>,
    /// By how much it is brought to the loudness of all loops, once that was measured.
    pub trim: Option<Trim>,
    /// Which of its feels it is played with: how often another one was asked for.
    pub feel: u32,
    /// The loop whose feel it is played with, where that is not its own: a section is played as what it was made of.
    pub feel_of: Option<LoopId>,
}

impl Entry {
    /// The loop of a session with this running number, of which nothing was said yet. Its identity follows from
    /// the session's seed and the number.
    pub(crate) fn new(seed: Seed, number: u32, pattern: Loop, prediction: Option<Prediction>) -> Self {
        Self {
            id: identity(seed, number),
            number,
            pattern,
            proposed: pattern,
            verdict: None,
            starred: false,
            prediction,
            trim: None,
            feel: 0,
            feel_of: None,
        }
    }

    /// Which feel it is played with: of which loop, and which of that.
    #[must_use]
    pub(crate) fn feel_key(&self) -> (LoopId, u32) {
        (self.feel_of.unwrap_or(self.id), self.feel)
    }

    /// Plays it with the feel of another loop.
    pub(crate) fn feel_as(&mut self, (of, feel): (LoopId, u32)) {
        (self.feel_of, self.feel) = (Some(of).filter(|of| *of != self.id), feel);
    }

    /// Whether the person changed it.
    #[must_use]
    pub(crate) fn is_edited(&self) -> bool {
        self.pattern != self.proposed
    }
}

/// The history and the place in it that is current.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    entries: Vec<Entry>,
    position: usize,
    last_number: u32,
}

impl History {
    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Index of the current entry; 0 of an empty history.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// The running number of the newest loop.
    #[must_use]
    pub fn last_number(&self) -> u32 {
        self.last_number
    }

    /// The current entry.
    #[must_use]
    pub fn current(&self) -> Option<&Entry> {
        self.entries.get(self.position)
    }

    /// The current entry, to be changed.
    pub(crate) fn current_mut(&mut self) -> Option<&mut Entry> {
        self.entries.get_mut(self.position)
    }

    /// An entry by identity.
    #[must_use]
    pub fn get(&self, id: LoopId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// An entry by identity, to be changed.
    pub fn get_mut(&mut self, id: LoopId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    /// Makes an entry current; false where it is not there.
    pub(crate) fn go_to(&mut self, id: LoopId) -> bool {
        let at = self.entries.iter().position(|entry| entry.id == id);
        self.position = at.unwrap_or(self.position);
        at.is_some()
    }

    /// The entry before the current one.
    #[must_use]
    pub fn before(&self) -> Option<&Entry> {
        self.entries.get(self.position.checked_sub(1)?)
    }

    /// The entry after the current one.
    #[must_use]
    pub fn after(&self) -> Option<&Entry> {
        self.entries.get(self.position + 1)
    }

    /// Adds a loop at the end and makes it current.
    pub fn push(&mut self, seed: Seed, pattern: Loop, prediction: Option<Prediction>) -> LoopId {
        let number = self.take_number();
        let entry = Entry::new(seed, number, pattern, prediction);
        let id = entry.id;
        self.entries.push(entry);
        self.position = self.entries.len() - 1;
        self.trim();
        id
    }

    /// Takes in a loop that was made elsewhere under the identity that it has; it gets the next running number. It
    /// comes last, or before the current one, which stays current.
    pub(crate) fn take_in(&mut self, mut entry: Entry, last: bool) {
        entry.number = self.take_number();
        if last || self.entries.is_empty() {
            self.entries.push(entry);
        } else {
            self.entries.insert(self.position, entry);
            self.position += 1;
        }
        self.trim();
    }

    /// The running number of a loop that is not of the history but counts with its loops.
    pub(crate) fn take_number(&mut self) -> u32 {
        self.last_number += 1;
        self.last_number
    }

    /// Rebuilds a history from saved entries.
    #[must_use]
    pub fn restored(entries: Vec<Entry>, position: usize, last_number: u32) -> Self {
        let last = entries.iter().map(|entry| entry.number).max().unwrap_or(0);
        let mut history = Self { position: 0, last_number: last_number.max(last), entries };
        history.position = position.min(history.entries.len().saturating_sub(1));
        history.trim();
        history
    }

    fn trim(&mut self) {
        while self.entries.len() > MOST_ENTRIES {
            let plain = |entry: &Entry| entry.verdict.is_none() && !entry.starred;
            let newest = self.entries.len() - 1;
            let spared = |at: usize| at == self.position || at == newest;
            let drop = (0..self.entries.len())
                .find(|&at| plain(&self.entries[at]) && !spared(at))
                .or_else(|| (0..self.entries.len()).find(|&at| !self.entries[at].starred && !spared(at)))
                .or_else(|| (0..self.entries.len()).find(|&at| !spared(at)));
            let Some(drop) = drop else { return };
            self.entries.remove(drop);
            if drop < self.position {
                self.position -= 1;
            }
        }
    }
}

/// The identity of the n-th loop of a session (SplitMix64 finaliser over seed and number; Steele et
/// al. 2014): unique within a session, and practically so between sessions.
#[must_use]
pub fn identity(seed: Seed, number: u32) -> LoopId {
    let mut z = seed.0.wrapping_add(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    LoopId(z ^ (z >> 31))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Grid, Lane, Role, SampleId, Swing};

    fn any_loop() -> Loop {
        Loop::new(Grid::default(), Swing::STRAIGHT, &[Lane::empty(Role::Kick, SampleId::NONE)])
    }

    #[test]
    fn a_full_history_drops_unrated_loops_first_and_keeps_the_current_one() {
        let mut history = History::default();
        let first = history.push(Seed(1), any_loop(), None);
        let starred = history.push(Seed(1), any_loop(), None);
        if let Some(entry) = history.get_mut(first) {
            entry.verdict = Some(true);
        }
        if let Some(entry) = history.get_mut(starred) {
            entry.starred = true;
        }
        for _ in 0..MOST_ENTRIES + 10 {
            history.push(Seed(1), any_loop(), None);
        }
        assert_eq!(history.entries().len(), MOST_ENTRIES);
        assert!(history.get(first).is_some() && history.get(starred).is_some());
        assert_eq!(history.current().unwrap().number, history.last_number());
    }

    #[test]
    fn back_and_forward_move_without_losing_loops() {
        let mut history = History::default();
        let ids: Vec<_> = (0..3).map(|_| history.push(Seed(9), any_loop(), None)).collect();
        assert!(history.go_to(ids[0]));
        assert!(history.before().is_none());
        assert_eq!(history.after().unwrap().id, ids[1]);
        assert!(!history.go_to(LoopId(0)));
        assert_eq!(history.current().unwrap().id, ids[0]);
    }
}
