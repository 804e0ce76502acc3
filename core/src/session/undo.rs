//! Undo and redo: every destructive act is one step that knows how to be reversed and repeated.
//!
//! Worker thread. Plain data; the session applies the changes.

use super::choices::{KitChoice, Origin, Strategy};
use super::clip::ClipFeel;
use super::doc::LaneDoc;
use super::history::Entry;
use super::midi_map::MidiMap;
use super::riff::Riff;
use super::song::Song;
use crate::engine::BusSettings;
use crate::features::{Directions, StyleSet};
use crate::pattern::Loop;
use crate::propose::Steering;
use crate::taste::friend::Friend;
use crate::taste::reference::Reference;
use crate::taste::{Judgement, LoopId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Steps that can be undone; the oldest are forgotten first.
const MOST_STEPS: usize = 200;

/// One reversible change: what was and what is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// Another loop became current.
    Current { before: Option<LoopId>, after: Option<LoopId> },
    /// A loop was edited.
    Pattern { id: LoopId, before: Box<Loop>, after: Box<Loop> },
    /// Lanes, their mix and locks.
    Lanes { before: Vec<LaneDoc>, after: Vec<LaneDoc> },
    /// A verdict.
    Verdict { id: LoopId, before: Option<bool>, after: Option<bool> },
    /// A star.
    Star { id: LoopId, before: bool, after: bool },
    /// Judgements were said.
    Said { judgements: Vec<Judgement> },
    /// Judgements were taken back.
    TakenBack { judgements: Vec<Judgement> },
    /// Strategy.
    Strategy { before: Strategy, after: Strategy },
    /// The drum bus.
    Bus { before: BusSettings, after: BusSettings },
    /// Whether loops are levelled.
    Levelled { after: bool },
    /// How much of a drummer's feel loops are played with.
    Human { before: f32, after: f32 },
    /// The clip whose feel loops are played with.
    ClipFeel { before: Option<Arc<ClipFeel>>, after: Option<Arc<ClipFeel>> },
    /// Another feel for a loop.
    Feel { id: LoopId, before: u32, after: u32 },
    /// Another kit.
    Kit { before: KitChoice, after: KitChoice },
    /// Whether files are mixed to one channel.
    Mono { after: bool },
    /// What loops are made from.
    Origin { before: Box<Origin>, after: Box<Origin> },
    /// Steering, which the host's parameters follow.
    Steering { before: Steering, after: Steering },
    /// What the person brought along.
    References { before: Vec<Reference>, after: Vec<Reference> },
    /// A loop of the inbox was dismissed.
    Found { at: usize, entry: Box<Entry> },
    /// How much the project's taste counts.
    ProjectShare { before: f32, after: f32 },
    /// Whose taste counts beside the person's.
    Friend { before: Option<Friend>, after: Option<Friend> },
    /// What the person makes.
    Directions { before: Directions, after: Directions },
    /// The styles alone: no parameter holds them, so that no host takes them back.
    Styles { before: StyleSet, after: StyleSet },
    /// The drum map.
    MidiMap { before: Option<MidiMap>, after: Option<MidiMap> },
    /// What is played beside the loop.
    Riff { before: Box<Riff>, after: Box<Riff> },
    /// The song: its sections and their arrangement.
    Song { before: Box<Song>, after: Box<Song> },
}

/// One step, with the name that the undo button shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) label: String,
    pub(super) changes: Vec<Change>,
}

/// Both stacks.
#[derive(Clone, Debug, Default)]
pub(super) struct Undo {
    done: VecDeque<Step>,
    undone: Vec<Step>,
    /// Whether the newest step still grows (a drag that has not ended).
    open: bool,
}

impl Undo {
    /// Remembers a step. What was undone before can't be redone any more.
    pub(super) fn push(&mut self, label: &str, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        self.undone.clear();
        self.open = false;
        self.done.push_back(Step { label: label.to_owned(), changes });
        if self.done.len() > MOST_STEPS {
            self.done.pop_front();
        }
    }

    /// Remembers an edit that belongs to a drag: edits of one loop grow into one step until
    /// [`Undo::close`].
    pub(super) fn push_edit(&mut self, label: &str, id: LoopId, before: Loop, after: Loop) {
        if self.open
            && let Some(Step { changes, .. }) = self.done.back_mut()
            && let [Change::Pattern { id: same, after: newest, .. }] = changes.as_mut_slice()
            && *same == id
        {
            **newest = after;
            return;
        }
        self.push(label, vec![Change::Pattern { id, before: Box::new(before), after: Box::new(after) }]);
        self.open = true;
    }

    /// Remembers a lane setting that belongs to a drag.
    pub(super) fn push_lanes(&mut self, label: &str, before: Vec<LaneDoc>, after: Vec<LaneDoc>) {
        if self.open
            && let Some(Step { label: same, changes }) = self.done.back_mut()
            && same == label
            && let [Change::Lanes { after: newest, .. }] = changes.as_mut_slice()
        {
            *newest = after;
            return;
        }
        self.push(label, vec![Change::Lanes { before, after }]);
        self.open = true;
    }

    /// Remembers a setting of the bus that belongs to a drag.
    pub(super) fn push_bus(&mut self, before: BusSettings, after: BusSettings) {
        if self.open
            && let Some(Step { changes, .. }) = self.done.back_mut()
            && let [Change::Bus { after: newest, .. }] = changes.as_mut_slice()
        {
            *newest = after;
            return;
        }
        self.push("Drum bus", vec![Change::Bus { before, after }]);
        self.open = true;
    }

    /// What belongs to the newest step, where it is called so; else a step of its own.
    pub(super) fn add_to_last(&mut self, label: &str, changes: Vec<Change>) {
        match self.done.back_mut().filter(|step| step.label == label) {
            Some(step) => step.changes.extend(changes),
            None => self.push(label, changes),
        }
    }

    /// Remembers a move of the dial that belongs to a drag.
    pub(super) fn push_human(&mut self, before: f32, after: f32) {
        if self.open
            && let Some(Step { changes, .. }) = self.done.back_mut()
            && let [Change::Human { after: newest, .. }] = changes.as_mut_slice()
        {
            *newest = after;
            return;
        }
        self.push("Human", vec![Change::Human { before, after }]);
        self.open = true;
    }

    /// Ends a drag.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Steps no longer reach what was said under another taste.
    pub(super) fn forget_what_was_said(&mut self) {
        self.open = false;
        let said = |change: &Change| {
            matches!(change, Change::Said { .. } | Change::TakenBack { .. } | Change::Verdict { .. })
        };
        for step in self.done.iter_mut().chain(&mut self.undone) {
            step.changes.retain(|change| !said(change));
        }
        self.done.retain(|step| !step.changes.is_empty());
        self.undone.retain(|step| !step.changes.is_empty());
    }

    pub(super) fn take_done(&mut self) -> Option<Step> {
        self.open = false;
        self.done.pop_back()
    }

    pub(super) fn take_undone(&mut self) -> Option<Step> {
        self.open = false;
        self.undone.pop()
    }

    pub(super) fn put_undone(&mut self, step: Step) {
        self.undone.push(step);
    }

    pub(super) fn put_done(&mut self, step: Step) {
        self.done.push_back(step);
    }

    /// The name of the step that undo would reverse.
    pub(super) fn undo_label(&self) -> Option<String> {
        self.done.back().map(|step| step.label.clone())
    }

    /// The name of the step that redo would repeat.
    pub(super) fn redo_label(&self) -> Option<String> {
        self.undone.last().map(|step| step.label.clone())
    }
}
