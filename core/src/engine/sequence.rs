//! Where in song time hits and boundaries lie, without knowing blocks or frames.
//!
//! Audio thread; plain arithmetic over a plan's sorted hits, or where a loop has life over the hits that it is asked
//! for one by one: which sound follows from the bar's place in the song, so that no position needs another's past.
//!
//! **How a loop lies on the host's bars.** A loop begins anew at each bar of the host, its bar index
//! following from the bar's number, which is the bar's start divided by the bar's length. In the usual
//! case that loop and host have bars of one length, that is all. A loop with a shorter bar goes on
//! with its next bars within the host's bar, and the host's next downbeat begins anew; a loop with a
//! longer bar is cut at the bar line. Hits that sound before their bar begins are expected
//! to reach back by less than one bar of the host, as they do unless a step is longer than that.

use super::Transport;
use super::plan::{Enter, Event, Next, Place, Plan};
use super::slots::{SlotIndex, Slots};
use crate::pattern::{BarAt, Grid, MAX_BARS, Meter};
use crate::song::Piece;
use crate::units::SampleRate;

/// Positions nearer than this are the same musical place; far below one frame at any rate and tempo.
pub(super) const SAME_PLACE_BEATS: f64 = 1e-6;

/// The host's bars around a position, as if the meter there had always been and would stay.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostBars {
    /// The start of bar 0 of this count, in quarter notes.
    start: f64,
    /// The song's bar number there.
    number: i64,
    /// Length of a bar.
    length: f64,
    /// Length of a beat of the meter.
    beat: f64,
}

impl Transport {
    /// The song's bar at a frame of the block, from 0, and where in it, in quarter notes: as if the host's meter had
    /// never changed. `None` where the song does not run, or is nowhere.
    #[must_use]
    pub fn place(&self, frame: u32, rate: SampleRate) -> Option<(i64, f64)> {
        let pos = self.pos_beats + f64::from(frame) / self.bpm.frames_per_beat(rate);
        let bars = HostBars::around(pos, self.bar_start_beats, self.meter);
        (self.playing && bars.are_somewhere()).then(|| (bars.number, (pos - bars.start).max(0.0)))
    }
}

impl HostBars {
    /// The bars around `pos`, of which one begins at `bar_start`.
    pub(super) fn around(pos: f64, bar_start: f64, meter: Meter) -> Self {
        let length = meter.bar_beats();
        let start = on_grid(bar_start + ((pos - bar_start) / length + 1e-9).floor() * length);
        // Bars need not lie on multiples of their length (after a meter change): the offset keeps
        // whole multiples clear of rounding errors.
        let number = (start / length + 0.004).floor() as i64;
        Self { start, number, length, beat: 4.0 / f64::from(meter.denominator) }
    }

    /// False of a host whose meter is none: nothing sounds in bars that are nowhere, and nobody may look for one.
    fn are_somewhere(&self) -> bool {
        self.start.is_finite() && self.length.is_finite() && self.length > 0.0
    }

    /// The start of bar `index` of this count.
    pub(super) fn bar(&self, index: i64) -> f64 {
        self.start + index as f64 * self.length
    }

    /// The bar of this count that a position is in.
    fn index_at(&self, pos: f64) -> i64 {
        ((pos - self.start) / self.length + 1e-9).floor() as i64
    }

    /// The first bar line after `after`.
    pub(super) fn next_bar(&self, after: f64) -> f64 {
        let index = self.index_at(after);
        (index..index + 3).map(|index| self.bar(index)).find(|&bar| bar > after).unwrap_or(f64::INFINITY)
    }

    /// The first beat after `after`. Each bar line is one.
    fn next_beat(&self, after: f64) -> f64 {
        let bar = self.bar(self.index_at(after));
        let beat = bar + (((after - bar) / self.beat).floor() + 1.0) * self.beat;
        beat.min(self.next_bar(after))
    }

    /// Where a pending plan, or a section, enters that waits since `after` while `current` plays.
    pub(crate) fn next_entry(&self, enter: Enter, current: &Playing<'_>, after: f64) -> f64 {
        match enter {
            Enter::Now => after,
            Enter::Beat => self.next_beat(after),
            Enter::NextBar => self.next_bar(after),
            Enter::LoopEnd => {
                let mut bar = self.next_bar(after);
                for _ in 0..MAX_BARS {
                    if current.begins_anew(self, self.index_at(bar + SAME_PLACE_BEATS)) {
                        return bar;
                    }
                    bar += self.length;
                }
                bar
            }
        }
    }
}

/// Bar starts that a host computed with rounding errors are brought to the 1/64 of a quarter note that
/// they mean; others stay as they are.
fn on_grid(beats: f64) -> f64 {
    let near = (beats * 64.0).round() / 64.0;
    if (near - beats).abs() < 1e-4 { near } else { beats }
}

/// A plan that plays, and the section of it that is held; 0 for none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Playing<'a> {
    pub plan: &'a Plan,
    pub chosen: u8,
}

/// The same by the plan's slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub slot: SlotIndex,
    pub section: u8,
}

impl<'a> Playing<'a> {
    pub(super) fn of(slots: &'a Slots, chosen: Chosen) -> Option<Self> {
        Some(Self { plan: slots.plan(chosen.slot)?, chosen: chosen.section })
    }

    /// Whether what sounds in a bar of the host begins there with its own first bar.
    fn begins_anew(&self, host: &HostBars, index: i64) -> bool {
        let whole = Which::First;
        let begins =
            |passage: Passage| self.plan.part(passage.part).is_none_or(|of| of.bar_of(passage.at) == 0);
        Passage::of(*self, host, index, 0, whole).is_none_or(begins)
    }

    fn piece_at(&self, host: &HostBars, pos: f64) -> Option<Piece> {
        let index = host.index_at(pos);
        let of = self.plan.order().bar(host.number + index, self.chosen);
        let late = pos >= host.bar(index) + 0.5 * host.length - SAME_PLACE_BEATS;
        of.second.filter(|_| late).or(of.first)
    }

    /// The part that a position is in, the bars that it has run since it began, and the bar and the step of its loop.
    pub(super) fn place_at(&self, host: &HostBars, pos: f64) -> Option<(u8, i64, u8, u8)> {
        let piece = self.piece_at(host, pos)?;
        let grid = self.plan.part(piece.part)?.pattern.grid;
        let (bar, per_host_bar) = lengths(host, &grid);
        let within = ((pos - host.bar(host.index_at(pos))) / bar + 1e-9).floor() as i64;
        let within = within.clamp(0, per_host_bar - 1);
        let start = host.bar(host.index_at(pos)) + within as f64 * bar;
        let since = piece.bars_in * per_host_bar + within;
        let loop_bar = since.rem_euclid(i64::from(grid.bars.max(1)));
        let steps = usize::from(grid.steps_per_bar.max(1));
        let step = (((pos - start) / grid.step_beats()).max(0.0) + 1e-6) as usize;
        let step = loop_bar as usize * steps + step.min(steps - 1);
        Some((piece.part, since, loop_bar as u8, step as u8))
    }
}

/// The loop's own bar length in quarter notes, and how many of them begin within one bar of the host.
fn lengths(host: &HostBars, grid: &Grid) -> (f64, i64) {
    let bar = grid.meter.bar_beats();
    (bar, ((host.length / bar - 1e-9).ceil() as i64).max(1))
}

/// Which hits of a bar a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// Those that sound before it begins.
    Early,
    /// Those of the part that it begins with.
    First,
    /// Those of the part that takes over in its middle.
    Second,
}

/// One bar of a part, as it lies on the host's bars.
#[derive(Clone, Copy, Debug)]
struct Passage {
    part: u8,
    /// Which bar of its loop it is.
    at: BarAt,
    /// Where it begins, and where it ends: after its bar, or at the host's bar line.
    start: f64,
    end: f64,
    /// Where another part takes over from it, or it from another one: no hit counts that is written elsewhere.
    written: [f64; 2],
}

impl Passage {
    /// The bar number `within` of those that begin in the host's bar `index`; `None` where nothing sounds.
    fn of(of: Playing<'_>, host: &HostBars, index: i64, within: i64, which: Which) -> Option<Self> {
        let bar = of.plan.order().bar(host.number + index, of.chosen);
        let piece = if which == Which::Second { bar.second } else { bar.first }?;
        let grid = of.plan.part(piece.part)?.pattern.grid;
        let (length, per_host_bar) = lengths(host, &grid);
        if within >= per_host_bar {
            return None;
        }
        let begin = host.bar(index);
        let start = begin + within as f64 * length;
        let half = begin + 0.5 * host.length;
        let whole = [f64::NEG_INFINITY, f64::INFINITY];
        let written = match (which, bar.second) {
            (Which::Second, _) => [half, whole[1]],
            (_, Some(_)) => [whole[0], half],
            (_, None) => whole,
        };
        let at = BarAt {
            since: piece.bars_in * per_host_bar + within,
            song: (host.number + index) * per_host_bar + within,
            fill: bar.fill,
        };
        Some(Self { part: piece.part, at, start, end: (start + length).min(host.bar(index + 1)), written })
    }
}

/// What comes at a stream's place.
#[derive(Clone, Copy, Debug)]
enum At {
    /// A hit of a part.
    Hit(u8, Event),
    /// Nothing yet.
    Later,
    /// Nothing in this bar any more.
    End,
}

/// One sorted stream of a plan's hits.
#[derive(Clone, Copy, Debug)]
struct Stream {
    of: Chosen,
    which: Which,
    /// The host's bar, and which of the loop's bars that begin in it.
    bar: i64,
    within: i64,
    passage: Option<Passage>,
    index: usize,
    /// In a loop with life the hit that was played last, instead of an index.
    behind: Place,
    /// And the one that comes.
    ahead: Place,
    /// Only early hits of the bar that begins here.
    only_bar_at: Option<f64>,
    /// Not the early hits of the bar that begins here.
    but_bar_at: Option<f64>,
}

impl Stream {
    /// The stream from about the bar that `after` is in.
    fn from(slots: &Slots, host: &HostBars, of: Chosen, which: Which, after: f64) -> Option<Self> {
        let bar = host.index_at(after) - 1;
        let passage = Passage::of(Playing::of(slots, of)?, host, bar, 0, which);
        let mut stream = Self {
            of,
            which,
            bar,
            within: 0,
            passage,
            index: 0,
            behind: Place::START,
            ahead: Place::START,
            only_bar_at: None,
            but_bar_at: None,
        };
        while which != Which::Early && stream.passage.is_none_or(|passage| passage.end <= after) {
            if host.bar(stream.bar) > after {
                break;
            }
            stream.advance(slots, host);
        }
        if let Some(passage) = stream.passage {
            let part = slots.plan(of.slot)?.part(passage.part)?;
            if part.is_alive() {
                // What is still before it is passed over by `peek`.
                stream.behind = Place::before(after - passage.start - SAME_PLACE_BEATS);
            } else {
                let events = part.events(part.bar_of(passage.at), which == Which::Early);
                stream.index = events.partition_point(|event| passage.start + event.beats <= after);
            }
        }
        Some(stream)
    }

    /// Goes on to the next bar.
    fn advance(&mut self, slots: &Slots, host: &HostBars) {
        (self.index, self.behind) = (0, Place::START);
        let Some(of) = Playing::of(slots, self.of) else { return };
        self.within += 1;
        let next = |bar: i64, within: i64| Passage::of(of, host, bar, within, self.which);
        self.passage = self.passage.and_then(|_| next(self.bar, self.within));
        if self.passage.is_none() {
            (self.bar, self.within) = (self.bar + 1, 0);
            self.passage = next(self.bar, 0);
        }
    }

    /// Goes past the hit that [`Stream::at`] gave.
    fn pass(&mut self) {
        self.index += 1;
        self.behind = self.ahead;
    }

    /// What comes at the stream's place, if its bar has a hit left that sounds.
    fn at(&mut self, slots: &Slots, until: f64) -> At {
        let Some(passage) = self.passage else { return At::End };
        let Passage { part, at, start, end, written } = passage;
        let early = self.which == Which::Early;
        if early {
            let is_start = |at: f64| (start - at).abs() < SAME_PLACE_BEATS;
            if self.but_bar_at.is_some_and(is_start) || self.only_bar_at.is_some_and(|at| !is_start(at)) {
                return At::End;
            }
        }
        let Some(of) = slots.plan(self.of.slot).and_then(|plan| plan.part(part)) else { return At::End };
        loop {
            let event = if of.is_alive() {
                // A little farther, since sums are rounded: `peek` looks once more.
                match of.next(at, early, &self.behind, until - start + SAME_PLACE_BEATS) {
                    Next::Hit(place, event) => {
                        self.ahead = place;
                        event
                    }
                    // A bar that the host's bar line cuts has no more than what is before that.
                    Next::Later if !early && until >= end => return At::End,
                    Next::Later => return At::Later,
                    Next::Nothing => return At::End,
                }
            } else {
                let Some(event) = of.events(of.bar_of(at), early).get(self.index) else { return At::End };
                *event
            };
            let beats = start + event.beats;
            if !early && beats >= end - SAME_PLACE_BEATS {
                return At::End;
            }
            let place = start + event.written + SAME_PLACE_BEATS;
            if place < written[0] || place >= written[1] {
                self.pass();
                continue;
            }
            let round = of.round(event.lane, at, event.written);
            let nth = event.nth.wrapping_add(round.wrapping_mul(of.hits(event.lane)));
            return At::Hit(part, Event { beats, nth, ..event });
        }
    }

    /// The next hit up to `until`, bars without hits passed over.
    fn peek(&mut self, slots: &Slots, host: &HostBars, after: f64, until: f64) -> Option<(u8, Event)> {
        loop {
            match self.at(slots, until) {
                // Seeking may have begun a bar too far ahead or behind.
                At::Hit(_, hit) if hit.beats <= after => self.pass(),
                At::Hit(part, hit) => return (hit.beats <= until).then_some((part, hit)),
                At::Later => return None,
                At::End => {
                    let (start, reach) = match self.passage {
                        Some(passage) => (passage.start, host.length),
                        None => (host.bar(self.bar), host.length),
                    };
                    if start - reach > until {
                        return None;
                    }
                    self.advance(slots, host);
                }
            }
        }
    }
}

/// A hit in song time, and the plan and the part that it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct SongHit {
    pub slot: SlotIndex,
    pub part: u8,
    pub event: Event,
}

/// All hits from a position on, in the order of time: of what is current, and, where something pending is going
/// to enter, the early hits of its first bar instead of those of what is current.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    host: HostBars,
    streams: [Option<Stream>; 4],
    /// Where it was begun: nothing at or before it comes.
    after: f64,
}

impl Sequence {
    /// The hits after `after`; `entry` is what is pending and where it will enter.
    pub(super) fn from(
        slots: &Slots,
        host: HostBars,
        after: f64,
        current: Option<Chosen>,
        entry: Option<(Chosen, f64)>,
    ) -> Self {
        let stream = |of: Option<Chosen>, which| {
            host.are_somewhere().then(|| Stream::from(slots, &host, of?, which, after)).flatten()
        };
        let [first, second] = [Which::First, Which::Second].map(|which| stream(current, which));
        let mut early = stream(current, Which::Early);
        let mut lead_in = None;
        if let Some((pending, entry)) = entry {
            if let Some(early) = &mut early {
                early.but_bar_at = Some(entry);
            }
            lead_in = stream(Some(pending), Which::Early);
            if let Some(lead_in) = &mut lead_in {
                lead_in.only_bar_at = Some(entry);
            }
        }
        Self { host, streams: [first, early, lead_in, second], after }
    }

    /// The next hit at or before `until`; stays until [`Sequence::pass`].
    pub(super) fn peek(&mut self, slots: &Slots, until: f64) -> Option<SongHit> {
        self.earliest(slots, until).map(|(_, hit)| hit)
    }

    /// Goes past the hit that [`Sequence::peek`] gave.
    pub(super) fn pass(&mut self, slots: &Slots, until: f64) {
        if let Some((at, _)) = self.earliest(slots, until)
            && let Some(stream) = &mut self.streams[at]
        {
            stream.pass();
        }
    }

    fn earliest(&mut self, slots: &Slots, until: f64) -> Option<(usize, SongHit)> {
        let (host, after) = (self.host, self.after);
        let mut earliest: Option<(usize, SongHit)> = None;
        for (at, stream) in self.streams.iter_mut().enumerate() {
            let Some(stream) = stream else { continue };
            let Some((part, event)) = stream.peek(slots, &host, after, until) else { continue };
            if earliest.is_none_or(|(_, hit)| event.beats < hit.event.beats) {
                earliest = Some((at, SongHit { slot: stream.of.slot, part, event }));
            }
        }
        earliest
    }
}
