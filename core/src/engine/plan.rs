//! What the engine plays: a loop with its sounds, all made ready on a worker.
//!
//! Built on a worker, read on the audio thread. Nothing here changes after it was built.

use super::levels::Levels;
use super::sound::PreparedSound;
use crate::pattern::{Loop, LoopId, MAX_BARS, MAX_LANES, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// When the next loop enters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enter {
    /// At the next bar line of the host.
    #[default]
    NextBar,
    /// When the current loop has played to its end.
    LoopEnd,
    /// At the next beat.
    Beat,
    /// At once.
    Now,
}

/// A hit with its time, ready to be played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// Quarter notes from the start of its bar; negative where it sounds before the bar begins.
    pub beats: f64,
    /// Its lane.
    pub lane: u8,
    /// 1 to 127.
    pub velocity: u8,
    /// Which of its lane's hits it is, counted from the loop's start; in song time, from the song's.
    pub nth: u32,
}

/// A loop with its sounds and the moment when it may enter. About 10 kB without its sounds.
#[derive(Debug)]
pub struct Plan {
    /// The loop's identity: facts about what was heard carry it.
    pub id: LoopId,
    /// Grows with every plan that the worker makes.
    pub serial: u64,
    /// When it enters, unless it replaces a plan of the same loop.
    pub enter: Enter,
    pattern: Loop,
    sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
    levels: Levels,
    /// How many hits each lane has.
    hits: [u32; MAX_LANES],
    /// Hits within each bar, in the order of time.
    pub(super) within: [Box<[Event]>; MAX_BARS],
    /// Hits of each bar that sound before it begins.
    pub(super) early: [Box<[Event]>; MAX_BARS],
}

impl Plan {
    /// Builds a plan that plays its sounds as they are. A lane without a sound plays notes only.
    #[must_use]
    pub fn new(
        id: LoopId,
        serial: u64,
        enter: Enter,
        pattern: Loop,
        sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
    ) -> Self {
        Self::levelled(id, serial, enter, pattern, sounds, Levels::NONE)
    }

    /// The same at levels and places.
    #[must_use]
    pub fn levelled(
        id: LoopId,
        serial: u64,
        enter: Enter,
        pattern: Loop,
        sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
        levels: Levels,
    ) -> Self {
        let mut hits = [0; MAX_LANES];
        for (count, lane) in hits.iter_mut().zip(pattern.lanes()) {
            *count = lane.iter().count() as u32;
        }
        let events = |bar: usize, early: bool| -> Box<[Event]> {
            let steps = usize::from(pattern.grid.steps_per_bar);
            let mut events: Vec<Event> = Vec::new();
            if bar < usize::from(pattern.grid.bars) {
                for (lane, of) in pattern.lanes().iter().enumerate() {
                    let mut swung = pattern;
                    swung.swing = levels.swing[lane].unwrap_or(pattern.swing);
                    let numbered = of.iter().enumerate().filter(|(_, (step, _))| step / steps == bar);
                    for (nth, (step, hit)) in numbered {
                        let beats = swung.beat_in_bar(step, hit);
                        if (beats < 0.0) == early {
                            let (velocity, nth) = (hit.velocity.min(127), nth as u32);
                            events.push(Event { beats, lane: lane as u8, velocity, nth });
                        }
                    }
                }
            }
            // Of two hits at one time the upper lane comes last, so that it is the one that chokes.
            events.sort_by(|a, b| a.beats.total_cmp(&b.beats).then(b.lane.cmp(&a.lane)));
            events.into_boxed_slice()
        };
        Self {
            id,
            serial,
            enter,
            pattern,
            sounds,
            levels,
            hits,
            within: std::array::from_fn(|bar| events(bar, false)),
            early: std::array::from_fn(|bar| events(bar, true)),
        }
    }

    /// The loop.
    #[must_use]
    pub fn pattern(&self) -> &Loop {
        &self.pattern
    }

    /// At what levels its sounds are played.
    #[must_use]
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Which lanes are kicks (bit = lane).
    pub(super) fn kicks(&self) -> u8 {
        let kicks = self.pattern.lanes().iter().enumerate().filter(|(_, lane)| lane.role == Role::Kick);
        kicks.fold(0, |mask, (lane, _)| mask | 1 << lane)
    }

    /// How many hits a lane has in the loop.
    pub(super) fn hits(&self, lane: u8) -> u32 {
        self.hits.get(usize::from(lane)).copied().unwrap_or(0)
    }

    /// A lane's sound.
    #[must_use]
    pub fn sound(&self, lane: usize) -> Option<&Arc<PreparedSound>> {
        self.sounds.get(lane).and_then(Option::as_ref)
    }
}
