//! What the person says of loops: ratings, skips, stars, forgetting; and walking through the history.

use super::command::{Enter, ExportKind, Which};
use super::history::Entry;
use super::undo::Change;
use super::view::Severity;
use super::{Effect, Session};
use crate::propose::Steering;
use crate::taste::{Judgement, LoopId, Source, Verdict};
use std::path::PathBuf;

impl Session {
    pub(super) fn rate(&mut self, id: LoopId, verdict: Verdict) -> Vec<Effect> {
        let Some(entry) = self.entry(id) else {
            self.notify(Severity::Warning, "That loop is not in the history any more.", "");
            return Vec::new();
        };
        let (before, edited) = (entry.verdict, entry.is_edited());
        // What is judged is what was heard.
        let (pattern, proposed) = (self.as_played(entry), self.proposed_as_played(entry));
        let predicted = entry.prediction.map(|prediction| prediction.p_like);
        // A section that is rated plays on: one works on it.
        let is_current =
            self.current_entry().is_some_and(|current| current.id == id) && !self.is_of_the_song(id);
        let rated = |said: &Judgement| said.id == id && said.source == Source::Rated;
        // What was said of the rhythm stays when the sounds are judged, and so on.
        let earlier = self.teaching.log().entries().iter().rfind(|said| rated(said));
        let earlier = earlier.filter(|said| said.subject == pattern).map(|said| said.verdict);
        let says_like = verdict.like.is_some();
        let verdict = earlier.map_or(verdict, |earlier| Verdict {
            like: verdict.like.or(earlier.like),
            rhythm: verdict.rhythm.or(earlier.rhythm),
            sound: verdict.sound.or(earlier.sound),
        });
        // A second press before the next loop has entered says nothing new; it must never reach a
        // loop that nobody has heard.
        if earlier == Some(verdict) {
            return Vec::new();
        }
        let mut changes = Vec::new();
        changes.extend(self.take_back(rated));
        let judgement = self.teaching.say(Judgement {
            serial: 0,
            id,
            subject: pattern,
            verdict,
            over: (edited && verdict.like == Some(true)).then_some(proposed),
            source: Source::Rated,
            weight: Source::Rated.default_weight(),
            predicted,
        });
        changes.push(Change::Said { judgements: vec![judgement] });
        let after = verdict.like.or(before);
        if let Some(entry) = self.entry_mut(id) {
            entry.verdict = after;
        }
        changes.push(Change::Verdict { id, before, after });
        let effects = if is_current && says_like { self.advance(&mut changes) } else { Vec::new() };
        let label = match verdict.like {
            Some(true) => "Like",
            Some(false) => "Dislike",
            None => "Rate",
        };
        self.undo.push(label, changes);
        effects
    }

    pub(super) fn skip(&mut self, id: LoopId, within_first_bar: bool) -> Vec<Effect> {
        let Some(entry) = self.entry(id) else { return Vec::new() };
        let (pattern, rated) = (self.as_played(entry), entry.verdict.is_some());
        let predicted = entry.prediction.map(|prediction| prediction.p_like);
        if self.current_entry().is_none_or(|current| current.id != id) {
            return Vec::new();
        }
        let mut changes = Vec::new();
        if within_first_bar && !rated && self.settings.implicit_judgements {
            let judgement = self.teaching.say(Judgement {
                serial: 0,
                id,
                subject: pattern,
                verdict: Verdict::of(false),
                over: None,
                source: Source::Skipped,
                weight: Source::Skipped.default_weight(),
                predicted,
            });
            changes.push(Change::Said { judgements: vec![judgement] });
        }
        let effects = if let Some(next) = self.history.after().map(|next| next.id) {
            self.go_to(next, &mut changes)
        } else {
            self.advance(&mut changes)
        };
        self.undo.push("Skip", changes);
        effects
    }

    pub(super) fn back(&mut self) -> Vec<Effect> {
        // From the song one comes back to the loop that was current before it.
        let before = if self.song.chosen > 0 { self.history.current() } else { self.history.before() };
        let before = before.map(|entry| entry.id);
        before.map_or_else(Vec::new, |id| self.recall(id))
    }

    pub(super) fn forward(&mut self) -> Vec<Effect> {
        if let Some(next) = self.history.after().map(|entry| entry.id) {
            return self.recall(next);
        }
        let mut changes = Vec::new();
        let effects = self.advance(&mut changes);
        self.undo.push("Next loop", changes);
        effects
    }

    pub(super) fn recall(&mut self, id: LoopId) -> Vec<Effect> {
        let mut changes = Vec::new();
        let effects = self.go_to(id, &mut changes);
        self.undo.push("Recall loop", changes);
        effects
    }

    /// Makes a loop of the history current and fits the lanes to it.
    pub(super) fn go_to(&mut self, id: LoopId, changes: &mut Vec<Change>) -> Vec<Effect> {
        let before = self.current_entry().map(|entry| entry.id);
        if before == Some(id) || !self.make_current_loop(id) {
            return Vec::new();
        }
        changes.push(Change::Current { before, after: Some(id) });
        self.fit_lanes_to_current(changes);
        if self.has_locks() {
            self.queue.spoil();
        }
        self.insight.spoil();
        vec![Effect::Play(self.enter), Effect::Mix]
    }

    pub(super) fn star(&mut self, id: LoopId, on: bool) -> Vec<Effect> {
        let Some(entry) = self.entry_mut(id) else { return Vec::new() };
        let before = std::mem::replace(&mut entry.starred, on);
        if before == on {
            return Vec::new();
        }
        let mut changes = vec![Change::Star { id, before, after: on }];
        if on {
            changes.extend(self.say_implicitly(id, Source::Starred));
        } else {
            changes.extend(self.take_back(|said| said.id == id && said.source == Source::Starred));
        }
        self.undo.push(if on { "Star" } else { "Remove star" }, changes);
        Vec::new()
    }

    pub(super) fn forget(&mut self, id: LoopId) -> Vec<Effect> {
        let Some(entry) = self.entry_mut(id) else { return Vec::new() };
        let before = entry.verdict.take();
        let mut changes = Vec::new();
        if before.is_some() {
            changes.push(Change::Verdict { id, before, after: None });
        }
        changes.extend(self.take_back(|said| said.id == id));
        self.undo.push("Forget rating", changes);
        Vec::new()
    }

    pub(super) fn export(
        &mut self,
        ticket: u64,
        id: Option<LoopId>,
        kind: ExportKind,
        to: Option<PathBuf>,
        dragged: bool,
    ) -> Vec<Effect> {
        let Some(id) = id.or_else(|| self.current_entry().map(|entry| entry.id)) else {
            self.notify(Severity::Warning, "There is no loop to export yet.", "");
            return Vec::new();
        };
        let mut effects = vec![Effect::Export { ticket, id, kind, to }];
        let mut changes = Vec::new();
        if kind.is_of_the_song() {
            for id in self.said_by_taking_the_song() {
                changes.extend(self.say_implicitly(id, Source::Exported));
            }
        } else {
            changes = self.say_implicitly(id, Source::Exported);
        }
        self.undo.push("Learn from export", changes);
        if dragged && self.settings.mute_after_drag {
            self.muted_after_drag = true;
            effects.push(Effect::Mix);
        }
        effects
    }

    pub(super) fn export_many(&mut self, ticket: u64, which: Which, to: Option<PathBuf>) -> Vec<Effect> {
        let is_wanted = |entry: &&Entry| match which {
            Which::Liked => entry.verdict == Some(true),
            Which::Starred => entry.starred,
            Which::All => true,
        };
        let loops: Vec<LoopId> = self.all_entries().filter(is_wanted).map(|entry| entry.id).collect();
        if loops.is_empty() {
            self.notify(Severity::Info, "There is no such loop to write yet.", "");
            return Vec::new();
        }
        // It says nothing of any of them that was not said: all of a kind are taken at once.
        vec![Effect::ExportMany { ticket, loops, to }]
    }

    /// A strong like that follows from what the person did, once a loop and source.
    fn say_implicitly(&mut self, id: LoopId, source: Source) -> Vec<Change> {
        let wanted = source.is_explicit() || self.settings.implicit_judgements;
        let Some(entry) = self.entry(id).filter(|_| wanted) else { return Vec::new() };
        let subject = self.as_played(entry);
        let mut said = self.teaching.log().entries().iter();
        if said.any(|said| said.id == id && said.source == source && said.subject == subject) {
            return Vec::new();
        }
        let judgement = self.teaching.say(Judgement {
            serial: 0,
            id,
            subject,
            verdict: Verdict::of(true),
            over: entry.is_edited().then(|| self.proposed_as_played(entry)),
            source,
            weight: source.default_weight(),
            predicted: entry.prediction.map(|prediction| prediction.p_like),
        });
        vec![Change::Said { judgements: vec![judgement] }]
    }

    fn take_back(&mut self, gone: impl Fn(&Judgement) -> bool) -> Option<Change> {
        let judgements = self.teaching.take_back(gone);
        (!judgements.is_empty()).then_some(Change::TakenBack { judgements })
    }

    /// The project takes up another taste: what was said in it under that one, and nothing else, holds from
    /// now on. The loops stay.
    pub(crate) fn take_up(&mut self, said: Vec<Judgement>) {
        self.teaching.replace(said);
        let rated = self.teaching.log().entries().iter().filter(|said| said.source == Source::Rated);
        let verdicts: Vec<(LoopId, Option<bool>)> = rated.map(|said| (said.id, said.verdict.like)).collect();
        let loops: Vec<LoopId> = self.all_entries().map(|entry| entry.id).collect();
        for id in loops {
            let verdict = verdicts.iter().rev().find(|(of, _)| *of == id).and_then(|(_, like)| *like);
            if let Some(entry) = self.entry_mut(id) {
                entry.verdict = verdict;
            }
        }
        self.undo.forget_what_was_said();
        self.touch();
    }

    pub(super) fn undo(&mut self) -> Vec<Effect> {
        if self.leave_stage() {
            // The last thing that was asked for has not happened yet.
            return vec![Effect::LoadKit(self.origin.kit.clone())];
        }
        let Some(step) = self.undo.take_done() else { return Vec::new() };
        let mut effects = Vec::new();
        for change in step.changes.iter().rev() {
            self.change(change, false, &mut effects);
        }
        self.undo.put_undone(step);
        effects
    }

    pub(super) fn redo(&mut self) -> Vec<Effect> {
        let Some(step) = self.undo.take_undone() else { return Vec::new() };
        let mut effects = Vec::new();
        for change in &step.changes {
            self.change(change, true, &mut effects);
        }
        self.undo.put_done(step);
        effects
    }

    /// Applies a change forwards or backwards.
    fn change(&mut self, change: &Change, forwards: bool, effects: &mut Vec<Effect>) {
        let mut add = |effect: Effect| {
            if !effects.contains(&effect) {
                effects.push(effect);
            }
        };
        match change {
            Change::Current { before, after } => {
                if let Some(id) = if forwards { after } else { before }
                    && self.make_current_loop(*id)
                {
                    add(Effect::Play(Enter::Now));
                }
            }
            Change::Pattern { id, before, after } => {
                if let Some(entry) = self.entry_mut(*id) {
                    entry.pattern = **if forwards { after } else { before };
                    add(Effect::Refresh);
                }
            }
            Change::Lanes { before, after } => {
                self.lanes.clone_from(if forwards { after } else { before });
                self.queue.spoil();
                self.sound_the_host();
                add(Effect::Mix);
                add(Effect::Refresh);
            }
            Change::Bus { before, after } => {
                self.bus = if forwards { *after } else { *before };
                self.sound_the_host();
                add(Effect::Mix);
            }
            Change::Levelled { after } => {
                self.levelled = *after == forwards;
                self.sound_the_host();
                add(Effect::Refresh);
            }
            Change::Human { before, after } => {
                self.human = if forwards { *after } else { *before };
                self.sound_the_host();
                add(Effect::Refresh);
            }
            Change::ClipFeel { before, after } => {
                self.clip_feel.clone_from(if forwards { after } else { before });
                add(Effect::Refresh);
            }
            Change::Feel { id, before, after } => {
                if let Some(entry) = self.entry_mut(*id) {
                    entry.feel = if forwards { *after } else { *before };
                    add(Effect::Refresh);
                }
            }
            Change::Verdict { id, before, after } => {
                if let Some(entry) = self.entry_mut(*id) {
                    entry.verdict = if forwards { *after } else { *before };
                }
            }
            Change::Star { id, before, after } => {
                if let Some(entry) = self.entry_mut(*id) {
                    entry.starred = if forwards { *after } else { *before };
                }
            }
            Change::Said { judgements } | Change::TakenBack { judgements } => {
                if matches!(change, Change::Said { .. }) == forwards {
                    self.teaching.restore(judgements);
                } else {
                    self.teaching.take_back(|said| judgements.iter().any(|gone| gone.serial == said.serial));
                }
            }
            Change::Strategy { before, after } => {
                self.strategy = if forwards { *after } else { *before };
                self.queue.spoil();
            }
            Change::Kit { before, after } => {
                self.origin.kit.clone_from(if forwards { after } else { before });
                add(Effect::LoadKit(self.origin.kit.clone()));
            }
            Change::Origin { before, after } => {
                let effect = self.set_origin(if forwards { after } else { before });
                add(effect);
            }
            Change::Steering { before, after } => {
                self.steer_the_host(if forwards { *after } else { *before });
                self.queue.spoil();
            }
            Change::Styles { before, after } => {
                let styles = if forwards { *after } else { *before };
                self.steer_the_host(Steering { styles, ..self.steering });
                self.queue.spoil();
            }
            Change::Song { before, after } => {
                let (chosen, made) = (self.song.current().map(|entry| entry.id), self.song.made);
                self.song.clone_from(if forwards { after } else { before });
                self.song.made = self.song.made.max(made);
                add(Effect::Refresh);
                if self.song.current().map(|entry| entry.id) != chosen {
                    add(Effect::Play(Enter::Now));
                }
            }
            Change::References { before, after } => {
                self.references.clone_from(if forwards { after } else { before });
                self.hear_references();
            }
            Change::Directions { before, after } => {
                self.directions = if forwards { *after } else { *before };
                self.queue.spoil();
            }
            Change::Mono { after } => {
                self.stock.mono = *after == forwards;
                add(Effect::LoadKit(self.origin.kit.clone()));
            }
        }
        self.insight.spoil();
    }
}
