//! Song position: which stretch of musical time each frame of a block stands for.
//!
//! Audio thread; plain arithmetic. Where a block begins when the host's position is rounded:
//! [`host_position`](super::host_position).

use super::host_position::{HostPosition, Now, Played};
use crate::pattern::Meter;
use crate::units::{Bpm, SampleRate};

/// What the host says of its transport at a block's first frame. Positions are in quarter notes and
/// may be negative (pre-roll).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transport {
    /// Whether the song runs.
    pub playing: bool,
    /// The tempo, constant over the block.
    pub bpm: Bpm,
    /// The position of the block's first frame.
    pub pos_beats: f64,
    /// Where the bar began that the position is in. It anchors the downbeat, so that meter changes
    /// keep it. Whole bars more or less do no harm.
    pub bar_start_beats: f64,
    /// The meter at the position: any with at least one beat, also one that a loop can't have.
    pub meter: Meter,
    /// Start and end of the host's loop region while looping is on. A block that reaches the end goes
    /// on at the start.
    pub loop_range_beats: Option<(f64, f64)>,
    /// The host renders offline: while it plays, no other loop enters, so that a bounce is exactly
    /// the loop of the project.
    pub offline: bool,
}

impl Transport {
    /// A transport that runs, at a position in a song whose meter never changes: for hosts that do
    /// not say where bars begin, and for rendering.
    #[must_use]
    pub fn at(pos_beats: f64, bpm: Bpm, meter: Meter) -> Self {
        let bar = meter.bar_beats();
        let bar_start_beats = (pos_beats / bar + 1e-9).floor() * bar;
        Self { playing: true, bpm, pos_beats, bar_start_beats, meter, loop_range_beats: None, offline: false }
    }

    /// A transport that stands, which is also what to assume of a host that says nothing.
    #[must_use]
    pub fn stopped() -> Self {
        Self { playing: false, ..Self::at(0.0, Bpm::DEFAULT, Meter::FOUR_FOUR) }
    }
}

/// A position this much of a frame after a frame still belongs to it, so that rounding errors of a
/// host's arithmetic never move a hit by a frame. Not a round number: no hit lies just there.
pub(super) const FRAME_SLACK: f64 = 0.000_987_654_321;

/// No song is this long: a host that says so is not believed. (Not-a-number is never below it.)
const FAR_BEATS: f64 = 1e9;

/// A stretch of a block in which song position runs without a jump.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// First frame.
    pub from: usize,
    /// One past the last frame.
    pub to: usize,
    /// The position of the first frame, in quarter notes.
    pub pos: f64,
    /// Quarter notes a frame.
    pub per_frame: f64,
    /// Hits at or before this position have sounded, or belong to before a jump.
    pub after: f64,
    /// Hits after this position come later.
    pub until: f64,
    /// How the position came here.
    pub arrival: Arrival,
    /// The end of the host's loop region, if the position runs towards it.
    pub region_end: Option<f64>,
    /// The block goes on at the region's start.
    pub wraps: bool,
}

/// How song position came to a span's first frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// On from the frame before.
    Continued,
    /// By a start or a jump.
    Jumped,
    /// From the end of the host's loop region to its start.
    Wrapped,
}

impl Span {
    /// The first frame whose position is at or after `beats`.
    pub(crate) fn frame_of(&self, beats: f64) -> usize {
        let frames = ((beats - self.pos) / self.per_frame - FRAME_SLACK).ceil();
        // A cast saturates, and makes 0 of what is negative or not a number.
        self.from + (frames as usize).min(1 << 30)
    }

    /// The position of a frame.
    pub(crate) fn pos_of(&self, frame: usize) -> f64 {
        self.pos + (frame - self.from) as f64 * self.per_frame
    }
}

/// Where a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timekeeper {
    /// The host's song.
    Host,
    /// Our own clock, for audition.
    Own,
}

/// Follows the song position from block to block: tells rounding errors from jumps, and makes sure
/// that no hit is lost or doubled in between.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    rate: SampleRate,
    /// How the last block ended; `None` after a stop.
    last: Option<Last>,
    /// What the host has told since the song began to run.
    host: Option<HostPosition>,
    /// Where the bars have lain since the last jump: a bar's start and their meter.
    bars: Option<(f64, Meter)>,
    /// From where frames are counted, so that no sum of many blocks gathers rounding errors.
    origin: Origin,
    /// The position of our own clock.
    own: f64,
}

/// A position, and the frames since that went on from there at one tempo.
#[derive(Clone, Copy, Debug, Default)]
struct Origin {
    pos: f64,
    frames: u64,
}

impl Origin {
    fn at(pos: f64) -> Self {
        Self { pos, frames: 0 }
    }

    fn now(&self, per_frame: f64) -> f64 {
        self.pos + self.frames as f64 * per_frame
    }
}

#[derive(Clone, Copy, Debug)]
struct Last {
    source: Timekeeper,
    /// Where the next block should begin.
    expected: f64,
    /// Hits at or before this have sounded.
    done: f64,
    per_frame: f64,
    frames: usize,
    /// The region's start, when the block ended exactly at its end.
    wrapped_to: Option<f64>,
    /// The region's start, when the block passed it coming from its end.
    passed_end: Option<f64>,
    /// The end of the host's loop region that the position ran towards.
    region_end: Option<f64>,
}

impl Clock {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self { rate, last: None, host: None, bars: None, origin: Origin::default(), own: 0.0 }
    }

    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.rate);
    }

    /// Where position runs in this block; `None` while it stands.
    pub(super) fn source(&self, transport: &Transport, audition: bool) -> Option<Timekeeper> {
        let sane = transport.pos_beats.abs() < FAR_BEATS && transport.bar_start_beats.abs() < FAR_BEATS;
        match (transport.playing && sane, audition) {
            (true, _) => Some(Timekeeper::Host),
            (false, true) => Some(Timekeeper::Own),
            (false, false) => None,
        }
    }

    /// The position stands.
    pub(super) fn stop(&mut self) {
        *self = Self::new(self.rate);
    }

    /// The first span of a block of `frames` frames. With [`Timekeeper::Own`] the position is our own.
    pub(crate) fn first_span(&mut self, source: Timekeeper, transport: &Transport, frames: usize) -> Span {
        let per_frame = 1.0 / transport.bpm.frames_per_beat(self.rate);
        let region = region(source, transport, per_frame);
        let last = self.last.filter(|last| last.source == source);
        let told = match source {
            Timekeeper::Own => self.own,
            Timekeeper::Host => {
                self.own = 0.0;
                transport.pos_beats
            }
        };
        let goes_on = match source {
            Timekeeper::Own => last.map(|_| told),
            Timekeeper::Host => self.follow(last, transport, region),
        };
        let (last, goes_on) = wrapped_between(last, goes_on, region, per_frame);
        let pos = goes_on.unwrap_or(told);
        let mut arrival = Arrival::Jumped;
        let mut after = pos - (1.0 - FRAME_SLACK) * per_frame;
        let mut wrapped_late = None;
        match (last, goes_on) {
            (Some(last), Some(_)) => {
                arrival = if last.wrapped_to.is_some() { Arrival::Wrapped } else { Arrival::Continued };
                after = last.done;
                if last.expected != pos || last.per_frame != per_frame || last.wrapped_to.is_some() {
                    self.origin = Origin::at(pos);
                }
            }
            (last, _) => {
                self.origin = Origin::at(pos);
                let roughly = self.resolution() + per_frame;
                let is_near = |start: f64| pos >= start - roughly && pos < start + roughly;
                if last.is_some() && region.is_some_and(|(start, _)| is_near(start)) {
                    arrival = Arrival::Wrapped;
                    // The host wraps between blocks only, where we already have within the last one.
                    wrapped_late = last.filter(|last| last.passed_end.is_some_and(is_near));
                } else if let Some(before) = self.host.and_then(|host| host.rounded_up_from(pos)) {
                    after = before - FRAME_SLACK * per_frame;
                }
            }
        }
        // The person may have moved the region since the wrap: its start counts where the position is.
        if let (Arrival::Wrapped, Some((start, _))) = (arrival, region)
            && (start - pos).abs() <= 3.0 * per_frame + self.resolution()
        {
            let start = start - FRAME_SLACK * per_frame;
            // A jump to just behind the start was one to the start, before it was rounded.
            after = if goes_on.is_none() && after > start && self.resolution() > 0.0 {
                after.min(start)
            } else {
                after.max(start)
            };
        }
        if let Some(last) = wrapped_late {
            after = after.max(last.done);
        }
        self.steady_bars(arrival, transport, per_frame);
        Span { pos, per_frame, after, arrival, ..Span::EMPTY }.towards(region, frames)
    }

    /// Where the host's song goes on; `None` at a start or a jump.
    fn follow(
        &mut self,
        last: Option<Last>,
        transport: &Transport,
        region: Option<(f64, f64)>,
    ) -> Option<f64> {
        let now = Now { told: transport.pos_beats, bpm: transport.bpm, rate: self.rate, region };
        match (last, &mut self.host) {
            (Some(last), Some(host)) => {
                let Last { expected, frames, per_frame, .. } = last;
                host.follow(&now, &Played { expected, frames, per_frame })
            }
            _ => {
                self.host = Some(HostPosition::start(&now));
                None
            }
        }
    }

    fn resolution(&self) -> f64 {
        self.host.map_or(0.0, |host| host.resolution())
    }

    /// Keeps the bars where they are while the host only rounds their starts.
    fn steady_bars(&mut self, arrival: Arrival, transport: &Transport, per_frame: f64) {
        let (told, meter) = (transport.bar_start_beats, transport.meter);
        let length = meter.bar_beats();
        let roughly = self.resolution() + 2.0 * per_frame;
        let stays = self.bars.is_some_and(|(start, of)| {
            let bars = (told - start) / length;
            arrival != Arrival::Jumped && of == meter && (bars - bars.round()).abs() * length <= roughly
        });
        if !stays {
            // Bars of a song begin on eighths of a quarter note: no meter knows shorter notes.
            let near = (told * 8.0).round() / 8.0;
            let start = if (near - told).abs() <= self.resolution() { near } else { told };
            self.bars = Some((start, meter));
        }
    }

    /// Where a bar begins in this block, as [`Transport::bar_start_beats`].
    pub(super) fn bar_start(&self, transport: &Transport) -> f64 {
        self.bars.map_or(transport.bar_start_beats, |(start, _)| start)
    }

    /// The span after one that wraps.
    pub(crate) fn next_span(
        &self,
        source: Timekeeper,
        span: &Span,
        transport: &Transport,
        frames: usize,
    ) -> Span {
        let region = region(source, transport, span.per_frame);
        let (start, end) = region.unwrap_or((span.pos, span.pos));
        Span {
            from: span.to,
            pos: start + (span.pos_of(span.to) - end),
            per_frame: span.per_frame,
            after: start - FRAME_SLACK * span.per_frame,
            arrival: Arrival::Wrapped,
            ..Span::EMPTY
        }
        .towards(region, frames)
    }

    /// A block ended with this span.
    pub(super) fn end(&mut self, source: Timekeeper, transport: &Transport, span: &Span, frames: usize) {
        let mut end = span.pos_of(span.to);
        if span.from == 0 {
            self.origin.frames += frames as u64;
            end = self.origin.now(span.per_frame);
        } else {
            self.origin = Origin::at(end);
        }
        if let Some(host) = &mut self.host {
            host.play(frames);
        }
        let mut last = Last {
            source,
            expected: end,
            done: span.until.max(span.after),
            per_frame: span.per_frame,
            frames,
            wrapped_to: None,
            region_end: span.region_end,
            passed_end: region(source, transport, span.per_frame)
                .filter(|_| span.arrival == Arrival::Wrapped)
                .map(|(start, _)| start),
        };
        if let Some((start, region_end)) = region(source, transport, span.per_frame)
            && span.region_end.is_some()
            && end >= region_end - FRAME_SLACK * span.per_frame
        {
            last.expected = start + (end - region_end);
            last.done = start - FRAME_SLACK * span.per_frame;
            last.wrapped_to = Some(start);
            self.origin = Origin::at(last.expected);
        }
        self.last = Some(last);
        self.own = if source == Timekeeper::Own { end } else { 0.0 };
    }
}

/// A rounded position is moved between blocks where it has drifted; moved over the end of the region that it ran
/// towards, it goes on from the start, as it would have done within a block.
fn wrapped_between(
    last: Option<Last>,
    goes_on: Option<f64>,
    region: Option<(f64, f64)>,
    per_frame: f64,
) -> (Option<Last>, Option<f64>) {
    let (Some(before), Some(pos), Some((start, end))) = (last, goes_on, region) else {
        return (last, goes_on);
    };
    let slack = FRAME_SLACK * per_frame;
    if before.region_end != Some(end) || before.wrapped_to.is_some() || pos < end - slack {
        return (last, goes_on);
    }
    let pos = start + (pos - end);
    let wrapped = Last { expected: pos, done: start - slack, wrapped_to: Some(start), ..before };
    (Some(wrapped), Some(pos))
}

/// The host's loop region where it is on, valid and longer than two frames.
fn region(source: Timekeeper, transport: &Transport, per_frame: f64) -> Option<(f64, f64)> {
    transport.loop_range_beats.filter(|(start, end)| {
        source == Timekeeper::Host
            && start.abs() < FAR_BEATS
            && end.abs() < FAR_BEATS
            && end - start > 2.0 * per_frame
    })
}

impl Span {
    const EMPTY: Self = Self {
        from: 0,
        to: 0,
        pos: 0.0,
        per_frame: 1.0,
        after: 0.0,
        until: 0.0,
        arrival: Arrival::Jumped,
        region_end: None,
        wraps: false,
    };

    /// Ends the span at the block's end or at the region's, whichever comes first.
    fn towards(mut self, region: Option<(f64, f64)>, frames: usize) -> Self {
        self.to = frames;
        if let Some((_, end)) = region.filter(|(_, end)| self.pos < end - FRAME_SLACK * self.per_frame) {
            self.region_end = Some(end);
            let reached = self.frame_of(end);
            if reached < frames {
                self.to = reached;
                self.wraps = true;
            }
        }
        self.until = self.pos + (self.to as f64 - self.from as f64 - 1.0 + FRAME_SLACK) * self.per_frame;
        self
    }
}

#[cfg(test)]
mod tests;
