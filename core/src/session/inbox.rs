//! The inbox: good loops that were found while nobody asked for any, unlike one another and unlike what was heard.
//!
//! Worker thread. One [`Session::forage`] is one small piece of the search; the worker calls it while nothing plays and
//! nothing is asked. What is found follows from the document, the commands and the number of pieces. The learner is
//! asked and never told, so that nothing that is proposed depends on it. A loop that a command names (one plays it,
//! rates it, takes it away) enters the history under the identity that it has here, and keeps its place until a better
//! one takes it.

use super::history::{Entry, MOST_FOUND, identity};
use super::undo::Change;
use super::view::{FoundView, InboxView};
use super::{Effect, Session};
use crate::features::Directions;
use crate::pattern::{Grid, Loop, Role, notation};
use crate::propose::{APART, Learner, Mode, Prediction, Proposal, Request, Steering};
use crate::taste::LoopId;
use crate::units::Seed;
use std::sync::Arc;

/// As many are kept however good they are; of more, those of [`GOOD`].
const LEAST_FOUND: usize = 9;
/// P(like) from which on a loop is worth a place beyond those.
const GOOD: f32 = 0.6;
/// By how much P(like) is higher where a loop takes the place of another.
const BETTER: f32 = 0.03;
/// The share of cells by which rhythms differ from each that was heard; from one another they do by [`APART`].
const UNHEARD: f32 = 0.055;
/// Pieces after which what they found is sorted in, and pieces until the search ends, unless something is said.
const ROUND: u64 = 8;
const MOST_PIECES: u64 = 240;
/// Pieces under one state of the learner before somebody who waits is given what there is.
const LEAST_PIECES: u64 = 6 * ROUND;
/// Loops heard last that the search keeps away from.
const AVOIDED: usize = 64;
/// Likes and dislikes before which nothing is looked for unasked.
const LEAST_RATINGS: usize = 5;
/// Loops that were dismissed and don't come back.
const MOST_DISMISSED: usize = 64;

/// What pieces are of. Under another one the search begins anew.
#[derive(Clone, Debug, PartialEq)]
struct Under {
    taught: u64,
    steering: Steering,
    directions: Directions,
    roles: Vec<Role>,
    any_sample: bool,
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Inbox {
    /// In the order in which they are shown; a place keeps its loop until a better one takes it.
    loops: Vec<Entry>,
    /// Rhythms that the person wants no more of, newest last.
    dismissed: Vec<Loop>,
    /// What was found since it was sorted in last.
    found: Vec<Proposal>,
    under: Option<Under>,
    pieces: u64,
    /// The person did something since the project was opened: before, it stays as it is.
    is_awake: bool,
}

impl Inbox {
    /// What a project kept.
    pub(super) fn new(loops: Vec<Entry>) -> Self {
        Self { loops, ..Self::default() }
    }

    pub(super) fn loops(&self) -> &[Entry] {
        &self.loops
    }

    pub(super) fn get(&self, id: LoopId) -> Option<&Entry> {
        self.loops.iter().find(|entry| entry.id == id)
    }

    pub(super) fn get_mut(&mut self, id: LoopId) -> Option<&mut Entry> {
        self.loops.iter_mut().find(|entry| entry.id == id)
    }

    /// The person changed something: from now on the search may change the project too.
    pub(super) fn wake(&mut self) {
        self.is_awake = true;
    }

    /// Takes a loop out, or puts it back at its place.
    pub(super) fn put(&mut self, at: usize, entry: &Entry, there: bool) {
        self.loops.retain(|known| known.id != entry.id);
        self.dismissed.retain(|known| *known != entry.pattern);
        if there {
            self.loops.insert(at.min(self.loops.len()), entry.clone());
            self.loops.truncate(MOST_FOUND);
        } else {
            self.dismissed.push(entry.pattern);
            let beyond = self.dismissed.len().saturating_sub(MOST_DISMISSED);
            self.dismissed.drain(..beyond);
        }
    }
}

/// Cells that sound in one and not in the other, as a share; `None` where they can't be compared.
fn apart(a: &Loop, b: &Loop) -> Option<f32> {
    if a.grid != b.grid || !roles(a).eq(roles(b)) {
        return None;
    }
    let differing = a.lanes().iter().zip(b.lanes()).map(|(a, b)| (a.mask() ^ b.mask()).count_ones());
    let cells = (a.grid.steps() * a.lanes().len()).max(1);
    Some(differing.sum::<u32>() as f32 / cells as f32)
}

fn roles(of: &Loop) -> impl Iterator<Item = Role> + '_ {
    of.lanes().iter().map(|lane| lane.role)
}

fn is_near(a: &Loop, b: &Loop, floor: f32) -> bool {
    apart(a, b).is_some_and(|apart| apart < floor)
}

fn p_like(entry: &Entry) -> f32 {
    entry.prediction.map_or(0.0, |prediction| prediction.p_like)
}

impl Session {
    /// One piece of the search, of some 20 ms, where one may be made unasked; false when there is none to make.
    pub(crate) fn forage(&mut self) -> bool {
        let (likes, dislikes) = self.teaching.log().counts();
        let knows = likes + dislikes >= LEAST_RATINGS || !self.references.is_empty();
        // A test's loops come unannounced; what could not be read stays as it is; what is tried may be left.
        let may = self.inbox.is_awake && !self.is_blind() && self.kept.is_none();
        knows && may && self.teaching.aside().is_none() && self.piece(LEAST_FOUND)
    }

    /// At least so many loops, if they can be found: those of the inbox that were not rated, as it is after a search.
    pub fn search_widely(&mut self, n: usize) -> Vec<Entry> {
        let n = n.min(MOST_FOUND);
        while (self.inbox.pieces < LEAST_PIECES || self.unrated().count() < n) && self.piece(n) {}
        self.sort_in(n);
        let mut best: Vec<Entry> = self.unrated().cloned().collect();
        best.sort_by(|a, b| p_like(b).total_cmp(&p_like(a)));
        best.truncate(n);
        best
    }

    /// Loops of the inbox that are not in the history too.
    pub(super) fn unheard(&self) -> impl Iterator<Item = &Entry> {
        self.inbox.loops.iter().filter(|found| self.history.get(found.id).is_none())
    }

    /// The loops that fit what is asked for now and that nobody rated.
    fn unrated(&self) -> impl Iterator<Item = &Entry> {
        let (grid, roles) = (self.steering.grid.sanitized(), self.roles());
        self.inbox.loops.iter().filter(move |entry| self.waits(entry, grid, &roles))
    }

    fn waits(&self, entry: &Entry, grid: Grid, wanted: &[Role]) -> bool {
        let rated = self.history.get(entry.id).is_some_and(|heard| heard.verdict.is_some());
        !rated && entry.pattern.grid == grid && roles(&entry.pattern).eq(wanted.iter().copied())
    }

    /// One piece, for at least so many loops.
    fn piece(&mut self, least: usize) -> bool {
        if !self.teaching.has_learner() || !self.is_settled() {
            return false;
        }
        let under = Under {
            taught: self.teaching.revision(),
            steering: self.steering,
            directions: self.directions,
            roles: self.roles(),
            any_sample: self.any_sample,
        };
        if self.inbox.under.as_ref() != Some(&under) {
            self.inbox.under = Some(under);
            self.inbox.found.clear();
            self.inbox.pieces = 0;
            self.think_again();
        }
        if self.inbox.pieces >= MOST_PIECES {
            return false;
        }
        let piece = self.inbox.pieces;
        self.inbox.pieces += 1;
        let heard = self.history.entries().iter().rev().map(|entry| entry.pattern).take(AVOIDED);
        let avoid: Vec<Loop> = heard.chain(self.inbox.loops.iter().map(|entry| entry.pattern)).collect();
        // Locks are about the loop that plays.
        let ask = |learner: &mut dyn Learner, request: &Request<'_>| learner.forage(request, piece);
        let found = self.ask_beside(Mode::Good, None, &avoid, ask);
        self.inbox.found.extend(found.unwrap_or_default());
        if self.inbox.pieces.is_multiple_of(ROUND) {
            self.sort_in(least);
        }
        true
    }

    /// What the learner thinks now of what was found before.
    fn think_again(&mut self) {
        let patterns: Vec<Loop> = self.inbox.loops.iter().map(|entry| entry.pattern).collect();
        if patterns.is_empty() {
            return;
        }
        let Some(learner) = self.teaching.learner() else { return };
        let predictions: Vec<Prediction> = learner.predict_all(&patterns);
        for (entry, prediction) in self.inbox.loops.iter_mut().zip(predictions) {
            entry.prediction = Some(prediction);
        }
        self.touch();
    }

    /// Gives what was found a place where it is worth one.
    fn sort_in(&mut self, least: usize) {
        let mut found = std::mem::take(&mut self.inbox.found);
        found.sort_by(|a, b| b.prediction.p_like.total_cmp(&a.prediction.p_like));
        let mut changed = false;
        for proposal in &found {
            changed |= self.place(proposal, least);
        }
        if changed {
            self.touch();
        }
    }

    fn place(&mut self, found: &Proposal, least: usize) -> bool {
        let (pattern, p) = (&found.pattern, found.prediction.p_like);
        let loops = &self.inbox.loops;
        let heard = self.history.entries().iter().any(|heard| is_near(&heard.proposed, pattern, UNHEARD));
        let unwanted = self.inbox.dismissed.iter().any(|gone| is_near(gone, pattern, APART));
        if heard || unwanted {
            return false;
        }
        let near: Vec<usize> =
            (0..loops.len()).filter(|&at| is_near(&loops[at].pattern, pattern, APART)).collect();
        let current = self.history.current().map(|current| current.id);
        let (grid, wanted) = (self.steering.grid.sanitized(), self.roles());
        // What was rated is done with, and what is of another grid or other lanes can wait for nobody.
        let spent = |at: &usize| Some(loops[*at].id) != current && !self.waits(&loops[*at], grid, &wanted);
        let weakest = |among: Vec<usize>| {
            among
                .into_iter()
                .filter(|&at| Some(loops[at].id) != current && p > p_like(&loops[at]) + BETTER)
                .reduce(|weakest, at| if p_like(&loops[at]) < p_like(&loops[weakest]) { at } else { weakest })
        };
        let room = loops.len() < least.min(MOST_FOUND) || (loops.len() < MOST_FOUND && p >= GOOD);
        let place = match near.len() {
            0 => {
                let free = (0..loops.len()).find(spent).or_else(|| room.then_some(loops.len()));
                free.or_else(|| weakest((0..loops.len()).collect()))
            }
            // Of two that are alike the better one is kept.
            1 => weakest(near),
            _ => None,
        };
        let Some(place) = place else { return false };
        let entry = found_entry(self.seed, found);
        if self.entry(entry.id).is_some() {
            return false;
        }
        match self.inbox.loops.get_mut(place) {
            Some(old) => *old = entry,
            None => self.inbox.loops.push(entry),
        }
        true
    }

    /// A loop of the inbox that is named enters the history: at its end where it is about to be heard, else before the
    /// current one, so that what follows that stays. Nothing happens where it is there.
    pub fn take_in(&mut self, id: LoopId, is_heard: bool) {
        if self.history.get(id).is_none()
            && self.song.number_of(id).is_none()
            && let Some(entry) = self.inbox.get(id).cloned()
        {
            self.history.take_in(entry, is_heard);
        }
    }

    /// The person wants no more of a loop of the inbox.
    pub(super) fn dismiss_found(&mut self, id: LoopId) -> Vec<Effect> {
        let Some(at) = self.inbox.loops.iter().position(|entry| entry.id == id) else { return Vec::new() };
        let entry = self.inbox.loops[at].clone();
        self.inbox.put(at, &entry, false);
        self.undo.push("Dismiss loop", vec![Change::Found { at, entry: Box::new(entry) }]);
        Vec::new()
    }

    pub(super) fn inbox_view(&self) -> InboxView {
        let current = self.current_entry().map(|entry| entry.id);
        let view = |entry: &Entry| FoundView {
            id: entry.id,
            pattern: Arc::new(entry.pattern),
            prediction: entry.prediction.filter(|_| !self.is_blind()),
            verdict: self.history.get(entry.id).and_then(|heard| heard.verdict),
            is_current: current == Some(entry.id),
        };
        InboxView { loops: self.inbox.loops.iter().map(view).collect() }
    }
}

/// A loop that was found. Its identity follows from the session's seed and what it is: it has no running number until
/// it is in the history, since loops that come later must not depend on it.
fn found_entry(seed: Seed, found: &Proposal) -> Entry {
    let text = notation::write(&found.pattern);
    let mut hash = [0; 8];
    hash.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    let of_its_own = Seed(seed.0 ^ u64::from_le_bytes(hash));
    let entry = Entry::new(seed, 0, found.pattern, Some(found.prediction));
    Entry { id: identity(of_its_own, 0), ..entry }
}

#[cfg(test)]
mod tests;
