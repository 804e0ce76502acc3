//! Where in song time hits and boundaries lie, without knowing blocks or frames.
//!
//! Audio thread; plain arithmetic over a plan's sorted hits.
//!
//! **How a loop lies on the host's bars.** A loop begins anew at each bar of the host, its bar index
//! following from the bar's number, which is the bar's start divided by the bar's length. In the usual
//! case that loop and host have bars of one length, that is all. A loop with a shorter bar goes on
//! with its next bars within the host's bar, and the host's next downbeat begins anew; a loop with a
//! longer bar is cut at the bar line. Hits that sound before their bar begins are expected
//! to reach back by less than one bar of the host, as they do unless a step is longer than that.

use super::plan::{Enter, Event, Plan};
use super::slots::{SlotIndex, Slots};
use crate::pattern::{Grid, MAX_BARS, Meter};

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

    /// Where a pending plan enters that waits since `after` while `current` plays.
    pub(crate) fn next_entry(&self, enter: Enter, current: &Grid, after: f64) -> f64 {
        match enter {
            Enter::Now => after,
            Enter::Beat => self.next_beat(after),
            Enter::NextBar => self.next_bar(after),
            Enter::LoopEnd => {
                let lay = Layout::of(self, current);
                let mut bar = self.next_bar(after);
                for _ in 0..MAX_BARS {
                    let index = self.index_at(bar + SAME_PLACE_BEATS);
                    if lay.loop_bar(index * lay.per_host_bar) == 0 {
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

/// How the bars of one loop lie on the host's. Loop bars are counted through ("occurrences"), with
/// occurrence 0 at the start of host bar 0 of the count.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// The loop's own bar length in quarter notes.
    bar: f64,
    /// Bars in the loop.
    bars: i64,
    /// How many of the loop's bars begin within one bar of the host.
    per_host_bar: i64,
    /// Loop bars before occurrence 0.
    before: i64,
}

impl Layout {
    fn of(host: &HostBars, grid: &Grid) -> Self {
        let bar = grid.meter.bar_beats();
        let per_host_bar = ((host.length / bar - 1e-9).ceil() as i64).max(1);
        Self { bar, bars: i64::from(grid.bars.max(1)), per_host_bar, before: host.number * per_host_bar }
    }

    /// The bar of the loop that an occurrence plays.
    fn loop_bar(&self, occurrence: i64) -> usize {
        (self.before + occurrence).rem_euclid(self.bars) as usize
    }

    fn start(&self, host: &HostBars, occurrence: i64) -> f64 {
        let within = occurrence.rem_euclid(self.per_host_bar) as f64;
        host.bar(occurrence.div_euclid(self.per_host_bar)) + within * self.bar
    }

    /// Where an occurrence ends: after its bar, or at the host's bar line.
    fn end(&self, host: &HostBars, occurrence: i64) -> f64 {
        let own = self.start(host, occurrence) + self.bar;
        own.min(host.bar(occurrence.div_euclid(self.per_host_bar) + 1))
    }

    /// The occurrence that a position is in.
    fn occurrence_at(&self, host: &HostBars, pos: f64) -> i64 {
        let index = host.index_at(pos);
        let within = ((pos - host.bar(index)) / self.bar + 1e-9).floor() as i64;
        index * self.per_host_bar + within.clamp(0, self.per_host_bar - 1)
    }
}

/// The bar and the step of a loop that a position is in.
pub(super) fn place_in_loop(host: &HostBars, grid: &Grid, pos: f64) -> (u8, u8) {
    let lay = Layout::of(host, grid);
    let occurrence = lay.occurrence_at(host, pos);
    let bar = lay.loop_bar(occurrence);
    let steps = usize::from(grid.steps_per_bar.max(1));
    let in_bar = (pos - lay.start(host, occurrence)) / grid.step_beats();
    let step = (in_bar.max(0.0) + 1e-6) as usize;
    (bar as u8, (bar * steps + step.min(steps - 1)) as u8)
}

/// One sorted stream of a plan's hits, either those within their bars or those that come before them.
#[derive(Clone, Copy, Debug)]
struct Stream {
    slot: SlotIndex,
    early: bool,
    layout: Layout,
    occurrence: i64,
    index: usize,
    /// Only early hits of the bar that begins here.
    only_bar_at: Option<f64>,
    /// Not the early hits of the bar that begins here.
    but_bar_at: Option<f64>,
}

impl Stream {
    /// The stream from its first hit after `after`.
    fn from(slots: &Slots, host: &HostBars, slot: SlotIndex, early: bool, after: f64) -> Option<Self> {
        let layout = Layout::of(host, &slots.plan(slot)?.pattern().grid);
        let mut stream = Self {
            slot,
            early,
            layout,
            occurrence: layout.occurrence_at(host, after) - 1,
            index: 0,
            only_bar_at: None,
            but_bar_at: None,
        };
        while layout.end(host, stream.occurrence) <= after && !early {
            stream.occurrence += 1;
        }
        while stream.at(slots, host).is_some_and(|hit| hit.beats <= after) {
            stream.index += 1;
        }
        Some(stream)
    }

    /// The hit at the stream's place, if its bar has one left that sounds.
    fn at(&self, slots: &Slots, host: &HostBars) -> Option<Event> {
        let plan = slots.plan(self.slot)?;
        let bar = self.layout.loop_bar(self.occurrence);
        let start = self.layout.start(host, self.occurrence);
        let event = *plan.events(bar, self.early).get(self.index)?;
        let beats = start + event.beats;
        if self.early {
            let is_start = |at: f64| (start - at).abs() < SAME_PLACE_BEATS;
            if self.but_bar_at.is_some_and(is_start) || self.only_bar_at.is_some_and(|at| !is_start(at)) {
                return None;
            }
        } else if beats >= self.layout.end(host, self.occurrence) - SAME_PLACE_BEATS {
            return None;
        }
        // Counted through the song, so that takes come in the same turn whenever a place is played.
        let round = (self.layout.before + self.occurrence).div_euclid(self.layout.bars).rem_euclid(1 << 20);
        let nth = event.nth.wrapping_add((round as u32).wrapping_mul(plan.hits(event.lane)));
        Some(Event { beats, nth, ..event })
    }

    /// The next hit up to `until`, bars without hits passed over.
    fn peek(&mut self, slots: &Slots, host: &HostBars, after: f64, until: f64) -> Option<Event> {
        loop {
            match self.at(slots, host) {
                // Seeking may have begun a bar too far ahead or behind.
                Some(hit) if hit.beats <= after => self.index += 1,
                Some(hit) => return (hit.beats <= until).then_some(hit),
                None => {
                    if self.layout.start(host, self.occurrence) - self.layout.bar > until {
                        return None;
                    }
                    self.occurrence += 1;
                    self.index = 0;
                }
            }
        }
    }
}

/// A hit in song time, and the plan that it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct SongHit {
    pub slot: SlotIndex,
    pub event: Event,
}

/// All hits from a position on, in the order of time: the current plan's, and, where a pending plan
/// is going to enter, that plan's early hits of its first bar instead of the current one's.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    host: HostBars,
    streams: [Option<Stream>; 3],
    /// Where it was begun: nothing at or before it comes.
    after: f64,
}

impl Sequence {
    /// The hits after `after`; `entry` is where the pending plan will enter.
    pub(super) fn from(slots: &Slots, host: HostBars, after: f64, entry: Option<f64>) -> Self {
        let stream = |slot: Option<SlotIndex>, early| Stream::from(slots, &host, slot?, early, after);
        let within = stream(slots.current, false);
        let mut early = stream(slots.current, true);
        let mut lead_in = None;
        if let Some(entry) = entry {
            if let Some(early) = &mut early {
                early.but_bar_at = Some(entry);
            }
            lead_in = stream(slots.pending, true);
            if let Some(lead_in) = &mut lead_in {
                lead_in.only_bar_at = Some(entry);
            }
        }
        Self { host, streams: [within, early, lead_in], after }
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
            stream.index += 1;
        }
    }

    fn earliest(&mut self, slots: &Slots, until: f64) -> Option<(usize, SongHit)> {
        let (host, after) = (self.host, self.after);
        let mut earliest: Option<(usize, SongHit)> = None;
        for (at, stream) in self.streams.iter_mut().enumerate() {
            let Some(stream) = stream else { continue };
            let Some(event) = stream.peek(slots, &host, after, until) else { continue };
            if earliest.is_none_or(|(_, hit)| event.beats < hit.event.beats) {
                earliest = Some((at, SongHit { slot: stream.slot, event }));
            }
        }
        earliest
    }
}

impl Plan {
    /// Hits of a bar, in the order of time: those within it, or those before it begins.
    pub(super) fn events(&self, bar: usize, early: bool) -> &[Event] {
        let of = if early { self.early.get(bar) } else { self.within.get(bar) };
        of.map_or(&[], |events| events)
    }
}
