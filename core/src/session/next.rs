//! What plays next: requests to the learner, the queue, re-rolls and relatives.

use super::command::{Nearness, Strategy};
use super::foreign;
use super::undo::Change;
use super::{Effect, QUEUE, Session};
use crate::features::Directions;
use crate::groove::{Kind, Said};
use crate::pattern::{Grid, Loop, MAX_LANES, Role};
use crate::propose::{Learner, Locks, Mode, Prediction, Proposal, Request, Steering, refill};
use crate::rng::Rng;

/// Played loops that a proposal must not repeat.
const AVOID: usize = 64;
/// Statements that are shown at most.
pub(super) const STATEMENTS: usize = 6;
/// Rhythms that a lane is tried with when it is re-rolled.
const REROLLS: usize = 24;

impl Session {
    pub(super) fn has_locks(&self) -> bool {
        self.lanes.iter().any(|lane| lane.lock_beat || lane.lock_sound || lane.locked_steps != 0)
    }

    /// What must stay, as the lanes' locks say; `None` where nothing is locked.
    pub(super) fn locks(&self) -> Option<Locks> {
        let (_, base) = self.current()?;
        if !self.has_locks() || base.lanes().len() != self.lanes.len() {
            return None;
        }
        let mut locks = Locks { base, steps: Default::default(), sound: Default::default() };
        for (at, lane) in self.lanes.iter().enumerate() {
            locks.steps[at] = if lane.lock_beat { u128::MAX } else { lane.locked_steps };
            locks.sound[at] = lane.lock_sound;
        }
        Some(locks)
    }

    fn mode(&self) -> Mode {
        match self.strategy {
            Strategy::Ask => Mode::Ask,
            Strategy::Good => Mode::Good,
            Strategy::Bad => Mode::Bad,
            Strategy::Random => Mode::Random,
        }
    }

    /// Asks the learner for loops under the session's steering and locks.
    fn ask<T>(
        &mut self,
        mode: Mode,
        locks: Option<Locks>,
        ask: impl FnOnce(&mut dyn Learner, &Request<'_>) -> T,
    ) -> Option<T> {
        let entries = self.history.entries();
        let played = entries.iter().skip(entries.len().saturating_sub(AVOID)).map(|entry| entry.pattern);
        let avoid: Vec<Loop> = played.chain(self.queue.iter().map(|waiting| waiting.pattern)).collect();
        self.ask_beside(mode, locks, &avoid, ask)
    }

    /// The same beside these loops, of which none is to be repeated.
    fn ask_beside<T>(
        &mut self,
        mode: Mode,
        locks: Option<Locks>,
        avoid: &[Loop],
        ask: impl FnOnce(&mut dyn Learner, &Request<'_>) -> T,
    ) -> Option<T> {
        let roles: Vec<Role> = self.lanes.iter().map(|lane| lane.role).collect();
        let (any_sample, directions) = (self.any_sample, self.directions);
        let steering = Steering { directions, ..self.steering };
        let learner = self.teaching.learner()?;
        Some(ask(learner, &Request { mode, lanes: &roles, any_sample, steering, locks, avoid }))
    }

    /// The next loop becomes current: the first of the queue while that is up to date, else a fresh
    /// proposal of the model as it is now. Without a kit nothing happens.
    pub(super) fn advance(&mut self, changes: &mut Vec<Change>) -> Vec<Effect> {
        if let Some(effects) = self.next_blind(changes) {
            return effects;
        }
        self.queue.freshen(self.teaching.revision());
        let next = match self.queue.pop() {
            Some(waiting) => Some(waiting),
            None => {
                let (mode, locks) = (self.mode(), self.locks());
                self.ask(mode, locks, |learner, request| learner.propose(request))
            }
        };
        next.map_or_else(Vec::new, |next| self.make_current(&next, changes))
    }

    /// The first loop of a learner that was not asked yet, as if nothing had been played.
    pub(super) fn first_loop(&mut self, changes: &mut Vec<Change>) -> Vec<Effect> {
        let mode = self.mode();
        let first = self.ask_beside(mode, None, &[], |learner, request| learner.propose(request));
        first.map_or_else(Vec::new, |first| self.make_current(&first, changes))
    }

    pub(super) fn make_current(&mut self, next: &Proposal, changes: &mut Vec<Change>) -> Vec<Effect> {
        self.enter_loop(next.pattern, Some(next.prediction), changes)
    }

    /// A loop that the history lacks becomes current.
    pub(super) fn enter_loop(
        &mut self,
        pattern: Loop,
        prediction: Option<Prediction>,
        changes: &mut Vec<Change>,
    ) -> Vec<Effect> {
        let before = self.current_entry().map(|entry| entry.id);
        let id = self.history.push(self.seed, pattern, prediction);
        self.song.chosen = 0;
        changes.push(Change::Current { before, after: Some(id) });
        self.insight.spoil();
        vec![Effect::Play(self.enter)]
    }

    /// What the first request to a learner will be about, where it comes as soon as there is one: lanes, and
    /// whether any may take any sample.
    #[must_use]
    pub(crate) fn asks_at_once(&self) -> Option<(Vec<Role>, bool)> {
        let none_yet = self.history.current().is_none() && !self.has_staged();
        none_yet.then(|| (self.roles(), self.any_sample))
    }

    /// The first loop of a new session: the part of [`Session::settle`] that somebody waits for.
    pub fn start(&mut self) -> Vec<Effect> {
        if !self.teaching.has_learner() || self.history.current().is_some() {
            return Vec::new();
        }
        let effects = self.advance(&mut Vec::new());
        self.touch();
        effects
    }

    /// Brings everything up to date that a command left open: the first loop of a new session, the
    /// queue, what was learned in words. A session that has settled depends on nothing but its document
    /// and its commands, never on how fast the machine is.
    pub fn settle(&mut self) -> Vec<Effect> {
        if !self.teaching.has_learner() {
            return Vec::new();
        }
        let effects = self.start();
        self.queue.freshen(self.teaching.revision());
        while self.queue.len() < QUEUE {
            let (mode, locks) = (self.mode(), self.locks());
            let Some(next) = self.ask(mode, locks, |learner, request| learner.propose(request)) else {
                break;
            };
            self.queue.push(next);
        }
        self.refresh_insight();
        effects
    }

    /// Whether [`Session::settle`] has something to do.
    #[must_use]
    pub(crate) fn is_settled(&self) -> bool {
        let taught = self.teaching.revision();
        !self.teaching.has_learner()
            || (self.history.current().is_some()
                && self.queue.is_fresh(taught)
                && self.queue.len() >= QUEUE
                && self.insight.is_fresh(taught))
    }

    /// One unit of the learner's background work; false when there is none.
    pub fn work(&mut self) -> bool {
        self.teaching.work()
    }

    fn refresh_insight(&mut self) {
        let taught = self.teaching.revision();
        if self.insight.is_fresh(taught) {
            return;
        }
        self.insight.renew(taught);
        self.predict_song();
        let Some((_, pattern)) = self.current() else { return };
        let free = self.free();
        let Some(learner) = self.teaching.learner() else { return };
        self.insight.set_loop(pattern, learner.predict(&pattern), learner.attribute(&pattern));
        self.insight.set_lift(learner.lift(&pattern, &free));
        self.insight.statements = learner.statements(STATEMENTS);
        foreign::keep_own_evidence(&mut self.insight.statements);
        self.insight.rhythm = learner.rhythm_share();
        let serial = learner.reask();
        let mut said = self.teaching.log().entries().iter();
        self.insight.reask = said.find(|said| Some(said.serial) == serial).map(|said| said.id);
    }

    /// `n` fresh loops of the present model, in the present strategy's mode unless told otherwise.
    pub fn sample(&mut self, n: usize, mode: Mode) -> Vec<Proposal> {
        let locks = self.locks();
        self.ask(mode, locks, |learner, request| learner.sample(request, n)).unwrap_or_default()
    }

    pub(super) fn steer(&mut self, steering: Steering) -> Vec<Effect> {
        let mut steering = steering.sanitized();
        let now = self.steering.grid;
        if steering.grid.meter != now.meter && steering.grid.steps_per_bar == now.steps_per_bar {
            // The meter alone was changed.
            steering.grid = steering.grid.fitted();
        }
        let before = std::mem::replace(&mut self.steering, steering);
        if before == steering {
            return Vec::new();
        }
        self.host_follows();
        self.queue.spoil();
        self.insight.spoil();
        let mut effects = Vec::new();
        // The playing loop follows what can be seen and heard at once: grid and swing.
        if before.grid != steering.grid {
            effects.extend(
                self.edit("Change grid", false, |pattern| *pattern = pattern.regridded(steering.grid)),
            );
            let of = |grid: Grid| (grid.steps_per_bar, grid.meter);
            if of(before.grid) != of(steering.grid) {
                self.regrid_song(steering.grid);
                effects.push(Effect::Refresh);
            }
        }
        if before.swing != steering.swing
            && let Some(swing) = steering.swing
        {
            effects.extend(self.edit("Change swing", true, |pattern| pattern.swing = swing));
        }
        if before.styles != steering.styles {
            let change = Change::Styles { before: before.styles, after: steering.styles };
            self.undo
                .push(if steering.styles.is_open() { "Any style" } else { "Change style" }, vec![change]);
        }
        effects
    }

    /// The person says what he or she makes. What waits is drawn anew.
    pub(super) fn set_directions(&mut self, directions: Directions) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.directions, directions);
        if before == directions {
            return Vec::new();
        }
        let mut changes = vec![Change::Directions { before, after: directions }];
        self.queue.spoil();
        // Before anything was said, whoever answers wants to hear the answer.
        let untold = self.teaching.log().entries().is_empty();
        let effects = if untold { self.advance(&mut changes) } else { Vec::new() };
        self.undo.push("What you make", changes);
        effects
    }

    pub(super) fn more_like_this(&mut self, nearness: Nearness) -> Vec<Effect> {
        let Some((_, of)) = self.current() else { return Vec::new() };
        let distance = match nearness {
            Nearness::Near => 0.15,
            Nearness::Middle => 0.4,
            Nearness::Far => 0.75,
        };
        let locks = self.locks();
        let near = self.ask(Mode::Near { of, distance }, locks, |learner, request| learner.propose(request));
        let Some(near) = near else { return Vec::new() };
        let mut changes = Vec::new();
        let effects = self.make_current(&near, &mut changes);
        self.undo.push("More like this", changes);
        effects
    }

    /// Everything but one lane is locked, and the critic looks for the best for that one.
    pub(super) fn reroll_lane(&mut self, lane: usize) -> Vec<Effect> {
        let Some((_, base)) = self.current() else { return Vec::new() };
        if lane >= base.lanes().len() || base.lanes().len() != self.lanes.len() {
            return Vec::new();
        }
        let own = self.lanes[lane];
        let mut locks = Locks { base, steps: [u128::MAX; 8], sound: [true; 8] };
        locks.steps[lane] = if own.lock_beat { u128::MAX } else { own.locked_steps };
        locks.sound[lane] = own.lock_sound;
        let found = self.ask(Mode::Good, Some(locks), |learner, request| learner.sample(request, 1));
        let Some(best) = found.and_then(|found| found.first().copied()) else { return Vec::new() };
        let best = self.refilled(lane, &base, &best.pattern, !locks.steps[lane] & base.grid.mask());
        self.edit("Re-roll lane", false, |pattern| pattern.lanes_mut()[lane] = best.lanes()[lane])
    }

    /// Of rhythms that the groove net completes a lane with beside the others, and of the one that was found, the
    /// one that promises most. Where nothing was judged, all promise as much: then it is the net's first.
    fn refilled(&mut self, lane: usize, base: &Loop, found: &Loop, free: u128) -> Loop {
        if free == 0 || found.grid != base.grid {
            return *found;
        }
        let mut hidden = [0; MAX_LANES];
        hidden[lane] = free;
        let said = self.groove_said();
        let mut rng = Rng::stream(self.seed, "re-roll", self.revision);
        let made = (0..REROLLS).map(|_| refill(found, &hidden, &said, &mut rng));
        let rhythm = |of: &Loop| of.lanes()[lane].mask();
        let mut tried: Vec<Loop> = made.filter(|made| rhythm(made) != rhythm(base)).collect();
        tried.push(*found);
        let Some(learner) = self.teaching.learner() else { return *found };
        let promise = learner.predict_all(&tried);
        let better =
            |best: usize, at: usize| if promise[at].p_like > promise[best].p_like { at } else { best };
        tried[(1..tried.len()).fold(0, better)]
    }

    /// What can be said of the session's grooves: the family of the styles that are kept to.
    pub(super) fn groove_said(&self) -> Said {
        let family = self.steering.styles.family();
        let kind = family.map(|family| if family.is_played() { Kind::Played } else { Kind::Electronic });
        Said { family, kind, ..Said::default() }
    }
}
