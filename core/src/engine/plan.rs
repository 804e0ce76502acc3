//! What the engine plays: a loop with its sounds, all made ready on a worker.
//!
//! Built on a worker, read on the audio thread. Nothing here changes after it was built.

use super::levels::Levels;
use super::sound::PreparedSound;
use crate::pattern::{Loop, LoopId, MAX_BARS, MAX_LANES, Meter, Role};
use crate::song::{MAX_SECTIONS, MAX_VARIANTS, Order};
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
    /// Where its step is written, in quarter notes from the start of its bar.
    pub written: f64,
    /// Its lane.
    pub lane: u8,
    /// 1 to 127.
    pub velocity: u8,
    /// Which of its lane's hits it is, counted from the loop's start; in song time, from the song's.
    pub nth: u32,
}

/// A section of a song, or a further loop that a section of fills takes turns with.
#[derive(Clone, Debug)]
pub struct SongPart {
    /// The loop's identity.
    pub id: LoopId,
    /// The loop.
    pub pattern: Loop,
    /// Its lanes' sounds. Parts that share theirs share what is behind the pointers.
    pub sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
    /// At what levels they are played.
    pub levels: Levels,
}

/// The sections that a plan carries beside its loop, and what sounds in which bar.
#[derive(Clone, Debug, Default)]
pub struct SongParts {
    /// The sections, and behind them the further loops of sections of fills, as [`Order`] counts them.
    pub parts: Vec<SongPart>,
    /// What sounds in which bar.
    pub order: Order,
    /// When a section enters that a parameter or a key asks for.
    pub switch: Enter,
}

/// A hit of an arrangement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrangedHit {
    /// Quarter notes from the first bar's start; negative where it sounds before that.
    pub beats: f64,
    /// Its lane.
    pub lane: u8,
    /// 1 to 127.
    pub velocity: u8,
}

impl SongParts {
    /// The hits of some bars of the song in a meter, bar by bar, as the engine plays them where the host has that
    /// meter. The loop that is current is none of them.
    #[must_use]
    pub fn hits(&self, bars: std::ops::Range<i64>, meter: Meter) -> Vec<ArrangedHit> {
        let parts: Vec<Part> = self.parts.iter().cloned().map(Part::new).collect();
        let length = meter.bar_beats();
        let mut hits = Vec::new();
        for bar in bars.clone() {
            let start = (bar - bars.start) as f64 * length;
            let of = self.order.bar(bar, 0);
            let half = 0.5 * length - 1e-6;
            for (piece, second) in [(of.first, false), (of.second, true)] {
                let Some(piece) = piece else { continue };
                let Some(part) = usize::from(piece.part).checked_sub(1).and_then(|at| parts.get(at)) else {
                    continue;
                };
                let grid = part.pattern.grid;
                let own = grid.meter.bar_beats();
                let per_bar = ((length / own - 1e-9).ceil() as i64).max(1);
                for within in 0..per_bar {
                    let from = within as f64 * own;
                    let to = (from + own).min(length);
                    let at = piece.bars_in * per_bar + within;
                    let at = at.rem_euclid(i64::from(grid.bars.max(1))) as usize;
                    let late = part.events(at, false).iter().filter(|event| from + event.beats < to - 1e-6);
                    let early = part.events(at, true).iter().filter(|_| !second);
                    for event in early.chain(late) {
                        let written = from + event.written;
                        if of.second.is_none() || (written >= half) == second {
                            let beats = start + from + event.beats;
                            hits.push(ArrangedHit { beats, lane: event.lane, velocity: event.velocity });
                        }
                    }
                }
            }
        }
        hits
    }
}

/// The most parts of a plan, so that a part's sounds are numbered in a byte.
const MOST_PARTS: usize = 1 + MAX_SECTIONS + MAX_VARIANTS;

/// A loop that can sound: its hits in the order of time, its sounds, and at what levels they are played.
#[derive(Debug)]
pub(super) struct Part {
    pub id: LoopId,
    pub pattern: Loop,
    sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
    levels: Levels,
    /// How many hits each lane has.
    hits: [u32; MAX_LANES],
    /// Hits within each bar, in the order of time.
    within: [Box<[Event]>; MAX_BARS],
    /// Hits of each bar that sound before it begins.
    early: [Box<[Event]>; MAX_BARS],
}

impl Part {
    fn new(of: SongPart) -> Self {
        let SongPart { id, pattern, sounds, levels } = of;
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
                            let written = (step % steps) as f64 * pattern.grid.step_beats();
                            let (velocity, nth) = (hit.velocity.min(127), nth as u32);
                            events.push(Event { beats, written, lane: lane as u8, velocity, nth });
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
            pattern,
            sounds,
            levels,
            hits,
            within: std::array::from_fn(|bar| events(bar, false)),
            early: std::array::from_fn(|bar| events(bar, true)),
        }
    }

    /// Hits of a bar, in the order of time: those within it, or those before it begins.
    pub(super) fn events(&self, bar: usize, early: bool) -> &[Event] {
        let of = if early { self.early.get(bar) } else { self.within.get(bar) };
        of.map_or(&[], |events| events)
    }

    /// How many hits a lane has in the loop.
    pub(super) fn hits(&self, lane: u8) -> u32 {
        self.hits.get(usize::from(lane)).copied().unwrap_or(0)
    }

    /// At what levels its sounds are played.
    pub(super) fn levels(&self) -> &Levels {
        &self.levels
    }
}

/// A loop with its sounds and the moment when it may enter, and the sections of its song, if it has one. About
/// 10 kB for each of them without their sounds.
#[derive(Debug)]
pub struct Plan {
    /// The loop's identity: facts about what was heard carry it.
    pub id: LoopId,
    /// Grows with every plan that the worker makes.
    pub serial: u64,
    /// When it enters, unless it replaces a plan of the same loop.
    pub enter: Enter,
    /// The loop, the sections, the further fills.
    parts: Vec<Part>,
    order: Order,
    switch: Enter,
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
        let loop_ = Part::new(SongPart { id, pattern, sounds, levels });
        Self { id, serial, enter, parts: vec![loop_], order: Order::default(), switch: Enter::NextBar }
    }

    /// The same with the sections of a song.
    #[must_use]
    pub fn with_song(mut self, song: SongParts) -> Self {
        self.parts.truncate(1);
        self.parts.extend(song.parts.into_iter().take(MOST_PARTS - 1).map(Part::new));
        (self.order, self.switch) = (song.order, song.switch);
        self
    }

    /// The loop.
    #[must_use]
    pub fn pattern(&self) -> &Loop {
        &self.parts[0].pattern
    }

    /// At what levels the loop's sounds are played.
    #[must_use]
    pub fn levels(&self) -> &Levels {
        &self.parts[0].levels
    }

    /// What sounds in which bar.
    pub(super) fn order(&self) -> &Order {
        &self.order
    }

    /// When a section enters that is asked for.
    pub(super) fn switch(&self) -> Enter {
        self.switch
    }

    pub(super) fn part(&self, part: u8) -> Option<&Part> {
        self.parts.get(usize::from(part))
    }

    /// Which lanes are kicks (bit = lane).
    pub(super) fn kicks(&self) -> u8 {
        let kicks = self.pattern().lanes().iter().enumerate().filter(|(_, lane)| lane.role == Role::Kick);
        kicks.fold(0, |mask, (lane, _)| mask | 1 << lane)
    }

    /// The sound of a part's lane.
    pub(super) fn sound(&self, of: PartLane) -> Option<&Arc<PreparedSound>> {
        self.part(of.part)?.sounds.get(usize::from(of.lane)).and_then(Option::as_ref)
    }

    /// Where the very same sound is, in the loop if it can be.
    pub(super) fn find(&self, sound: &Arc<PreparedSound>) -> Option<PartLane> {
        let same =
            |of: &Option<Arc<PreparedSound>>| of.as_ref().is_some_and(|other| Arc::ptr_eq(sound, other));
        let mut parts = self.parts.iter().enumerate();
        parts.find_map(|(part, of)| {
            let lane = of.sounds.iter().position(same)?;
            Some(PartLane { part: part as u8, lane: lane as u8 })
        })
    }
}

/// A lane of one of a plan's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartLane {
    pub part: u8,
    pub lane: u8,
}
