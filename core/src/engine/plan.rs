//! What the engine plays: a loop with its sounds, all made ready on a worker.
//!
//! Built on a worker, read on the audio thread. Nothing here changes after it was built.

use super::levels::Levels;
use super::sound::PreparedSound;
use crate::pattern::{BarAt, Course, Loop, LoopId, MAX_BARS, MAX_LANES, Meter, Role, Strike, Swing};
use crate::song::{MAX_SECTIONS, MAX_VARIANTS, Order};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
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

/// A place between the hits of a bar of a loop with life, in the order in which they are played: the hit that was
/// played last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    beats: f64,
    lane: u8,
    step: u8,
    repeat: u8,
}

impl Place {
    /// Before all hits.
    pub(super) const START: Self = Self { beats: f64::NEG_INFINITY, lane: u8::MAX, step: 0, repeat: 0 };

    /// Before all hits at `beats` and later.
    pub(super) fn before(beats: f64) -> Self {
        Self { beats, lane: u8::MAX, step: 0, repeat: 0 }
    }

    fn of(lane: usize, strike: &Strike) -> Self {
        Self { beats: strike.beats, lane: lane as u8, step: strike.step, repeat: strike.repeat }
    }

    /// Of two hits at one time the upper lane comes last, so that it is the one that chokes.
    fn order(&self, other: &Self) -> Ordering {
        let own = self.beats.total_cmp(&other.beats).then(other.lane.cmp(&self.lane));
        own.then((self.step, self.repeat).cmp(&(other.step, other.repeat)))
    }

    fn is_before(&self, other: &Self) -> bool {
        self.order(other).is_lt()
    }
}

/// What comes next in a bar of a loop with life.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// This hit.
    Hit(Place, Event),
    /// None until there, but the bar may have more.
    Later,
    /// The bar has no more.
    Nothing,
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
                    let at = BarAt {
                        since: piece.bars_in * per_bar + within,
                        song: bar * per_bar + within,
                        fill: of.fill,
                    };
                    let (before, within) = (part.all(at, true), part.all(at, false));
                    let late = within.iter().filter(|event| from + event.beats < to - 1e-6);
                    let early = before.iter().filter(|_| !second);
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
    /// It has life: its hits are not those of its bars but asked for one by one.
    alive: bool,
    /// The cells that each lane comes to and that have hits (bit = step).
    reached: [u128; MAX_LANES],
}

impl Part {
    fn new(of: SongPart) -> Self {
        let SongPart { id, pattern, sounds, levels } = of;
        let alive = pattern.is_alive();
        let (mut hits, mut reached) = ([0; MAX_LANES], [0; MAX_LANES]);
        for ((count, reached), lane) in hits.iter_mut().zip(&mut reached).zip(pattern.lanes()) {
            *reached = lane.reached(pattern.grid.steps());
            *count = reached.count_ones();
        }
        let none = || std::array::from_fn(|_| Box::default());
        let (within, early) = (none(), none());
        let mut part = Self { id, pattern, sounds, levels, hits, within, early, alive, reached };
        for bar in (0..usize::from(part.pattern.grid.bars)).filter(|_| !alive) {
            let at = BarAt::alone(bar as i64);
            (part.within[bar], part.early[bar]) = (part.collected(at, false), part.collected(at, true));
        }
        part
    }

    /// The swing that a lane is played with.
    fn swing(&self, lane: usize) -> Swing {
        self.levels.swing.get(lane).copied().flatten().unwrap_or(self.pattern.swing)
    }

    /// A strike of a lane as a hit to play. Which it is of its lane's hits is counted from the loop's start.
    fn event(&self, lane: usize, strike: &Strike) -> Event {
        let before = self.reached[lane] & (1u128 << strike.cell).wrapping_sub(1);
        Event {
            beats: strike.beats,
            written: f64::from(strike.step) * self.pattern.grid.step_beats(),
            lane: lane as u8,
            velocity: strike.velocity,
            nth: before.count_ones() + u32::from(strike.repeat),
        }
    }

    /// All hits of a bar in the order in which they are played: those within it, or those before it begins.
    fn collected(&self, at: BarAt, early: bool) -> Box<[Event]> {
        let mut found: Vec<(Place, Event)> = Vec::new();
        for lane in 0..self.pattern.lanes().len() {
            let strikes = self.pattern.strikes(lane, self.swing(lane), at);
            let wanted = strikes.filter(|strike| (strike.beats < 0.0) == early);
            found.extend(wanted.map(|strike| (Place::of(lane, &strike), self.event(lane, &strike))));
        }
        found.sort_by(|(a, _), (b, _)| a.order(b));
        found.into_iter().map(|(_, event)| event).collect()
    }

    /// The same where it was made already, or else anew.
    fn all(&self, at: BarAt, early: bool) -> Cow<'_, [Event]> {
        if self.alive {
            return Cow::Owned(self.collected(at, early).into_vec());
        }
        Cow::Borrowed(self.events(self.bar_of(at), early))
    }

    /// The bar of the loop.
    pub(super) fn bar_of(&self, at: BarAt) -> usize {
        at.since.rem_euclid(i64::from(self.pattern.grid.bars.max(1))) as usize
    }

    /// Whether its hits must be asked for one by one.
    pub(super) fn is_alive(&self) -> bool {
        self.alive
    }

    /// Of a loop with life the next hit of a bar behind a place and up to `until`, both counted from its start. Looks at no more steps than lie
    /// between them and one on each side.
    pub(super) fn next(&self, at: BarAt, early: bool, behind: &Place, until: f64) -> Next {
        let step_beats = self.pattern.grid.step_beats();
        // Hits sound from half a step before their step to half a step behind its end.
        let steps = if early { 1 } else { usize::from(self.pattern.grid.steps_per_bar) };
        let from = (behind.beats / step_beats - 1.6).max(0.0) as usize;
        let to = if until.is_finite() { (until / step_beats + 1.6).max(0.0) as usize } else { steps };
        let mut best: Option<(Place, Strike)> = None;
        for lane in 0..self.pattern.lanes().len() {
            if self.reached[lane] == 0 {
                continue;
            }
            let swing = self.swing(lane);
            for step in from.min(steps)..to.min(steps) {
                for strike in self.pattern.strikes_of(lane, swing, at, step) {
                    let place = Place::of(lane, &strike);
                    let fits = (strike.beats < 0.0) == early && behind.is_before(&place);
                    if fits && best.as_ref().is_none_or(|(best, _)| place.is_before(best)) {
                        best = Some((place, strike));
                    }
                }
            }
        }
        match best {
            Some((place, _)) if place.beats > until => Next::Later,
            Some((place, strike)) => Next::Hit(place, self.event(usize::from(place.lane), &strike)),
            None if to < steps => Next::Later,
            None => Next::Nothing,
        }
    }

    /// Hits of a bar of a loop without life, in the order of time: those within it, or those before it begins.
    pub(super) fn events(&self, bar: usize, early: bool) -> &[Event] {
        let of = if early { self.early.get(bar) } else { self.within.get(bar) };
        of.map_or(&[], |events| events)
    }

    /// How many hits a lane has in one round of its own.
    pub(super) fn hits(&self, lane: u8) -> u32 {
        self.hits.get(usize::from(lane)).copied().unwrap_or(0)
    }

    /// How often a lane had come round before a hit, counted through the song, so that takes come in the same turn
    /// whenever a place is played.
    pub(super) fn round(&self, lane: u8, at: BarAt, written: f64) -> u32 {
        let grid = self.pattern.grid;
        let course = self.pattern.lanes().get(usize::from(lane)).map_or(Course::PLAIN, |lane| lane.course);
        let round = if course.length == 0 {
            at.song.div_euclid(i64::from(grid.bars.max(1)))
        } else {
            let step = (written / grid.step_beats() + 0.5) as i64;
            let steps = at.song.wrapping_mul(i64::from(grid.steps_per_bar.max(1))).wrapping_add(step);
            steps.div_euclid(course.steps(grid.steps()) as i64)
        };
        round.rem_euclid(1 << 20) as u32
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
