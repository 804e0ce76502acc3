//! The realtime engine: clock, sequencer, voices, mixer.
//!
//! **Thread.** [`Engine::new`] allocates and belongs to `activate` or to a worker. Everything else on
//! [`Engine`] belongs to the audio thread and never allocates, frees, locks, logs, waits or panics.
//! [`Plan`] and [`PreparedSound`] are built on a worker.
//!
//! **What plays.** The worker builds a [`Plan`] (a loop, its sounds, and when it may enter), hands it
//! over as a box, and the audio thread [offers](Engine::offer) it. Boxes that are no longer needed
//! come back through [`Engine::take_retired`] for the worker to free.
//!
//! **When it plays.** The step that sounds follows from the host's song position in every block; the
//! engine has no free-running counter but the audition clock (see [`Transport`]). A hit sounds on the
//! first frame whose position is at or after the hit's position, whatever the block size.
//!
//! **Rules of sound.**
//! - A plan's [`Levels`] say what a velocity's gain is, and how loud and where each lane's sounds are
//!   played. A sound keeps those it was struck with. Without them a velocity *v* is a gain of (*v*/127)².
//! - A sound's takes are played in turn, counted from the song's start; those of notes that come in from where
//!   playing began.
//! - A lane's new hit cuts the lane's earlier sounds within 5 ms, as drum machines do; cymbals,
//!   percussion and effects ring on instead.
//! - Lanes of one choke group cut each other within 5 ms; of two that are hit on the same frame the
//!   upper lane (closed hat above open hat) is the one that stays.
//! - At most [`VOICES`] sounds ring; one more fades the quietest, the oldest of equals.
//! - With [`MixState::notes_only`] nothing is struck, what rings fades within 5 ms, and so does what rings in the bus;
//!   the pattern runs on, and its notes go out as ever.
//! - Stop, jumps and loop wraps of the host start nothing and cut nothing: sounds ring out. Only a
//!   loop that enters with [`Enter::Now`] fades its predecessor, within 5 ms.

mod bus;
mod bus_settings;
mod clock;
mod entering;
mod host_position;
mod levels;
mod making;
mod mix;
mod mixer;
mod notes;
mod output;
mod plan;
mod resample;
mod sequence;
mod shape;
mod slots;
mod sound;
mod voices;

pub use bus::Bus;
pub use bus_settings::BusSettings;
pub use clock::Transport;
pub(crate) use levels::{Leveling, rings_on};
pub use levels::{Levels, Place, Trim, VelocityCurve};
pub use making::Making;
pub use mix::{Keys, LaneMix, LoopAction, Meters, MixState, RatingKeys, drum_keys};
pub use notes::{Fact, NoteIn, NoteOut, Sink};
pub use output::Outputs;
pub use plan::{ArrangedHit, Enter, Plan, SongPart, SongParts};
pub use shape::LaneShape;
pub use sound::{LAYERS, PreparedSound, Wave};

use crate::dsp::limiter::Limiter;
use crate::dsp::loudness::Meter;
use crate::pattern::{LoopId, MAX_LANES, Role};
use crate::units::SampleRate;
use bus::Sum;
use clock::{Arrival, Clock, Span, Timekeeper};
use mixer::{CEILING, GLIDE_S, Mixer};
use notes::ActiveNotes;
use plan::{Event, Part};
use sequence::{HostBars, Playing, SAME_PLACE_BEATS, Sequence, SongHit};
use slots::{SlotIndex, Slots};
use voices::{Buses, CHUNK, Strike, Voices};

/// The most sounds that ring at once (sounds that fade out within their last 5 ms not counted).
pub(crate) const VOICES: usize = 64;

/// The most plans the engine holds: current, pending, and those whose sounds still ring or that were
/// not taken home yet. A worker that counts what is out never needs more than a few.
pub(crate) const PLAN_SLOTS: usize = 32;

/// Plays plans. One per plugin instance; also the only renderer of previews and exports.
#[derive(Debug)]
pub struct Engine {
    rate: SampleRate,
    slots: Slots,
    voices: Voices,
    mix: MixState,
    /// Lanes' settings that come with the plan of this serial or a later one.
    next_lanes: Option<(u64, [LaneMix; MAX_LANES], Keys)>,
    mixer: Mixer,
    bus: Bus,
    sum: Sum,
    limiter: Limiter,
    loudness: Meter,
    clock: Clock,
    notes: ActiveNotes,
    buses: Buses,
    audition: bool,
    /// Nothing was played since `new` or `reset`: settings are there at once.
    fresh: bool,
    /// An edit took effect since the last block.
    replaced: bool,
    /// Lanes that a person asked to hear (bit = lane).
    asked_to_hear: u8,
    /// The pending plan is that of a loaded project: it enters an offline render too.
    enters_offline: bool,
    /// Bar lines passed since the loop entered.
    bars_heard: u32,
    /// Where the position ran in the last block.
    ran: Option<Timekeeper>,
    /// Hits of each lane that no pattern has, since playing began.
    turns: [u32; MAX_LANES],
    /// The section that is held, and the one that is to be; 0 for none.
    section: u8,
    wanted_section: u8,
    /// The section that the mixer's settings asked for last.
    asked_section: u8,
    /// The part that sounds, of which sounds come that no pattern has; `None` where nothing sounds in the bar.
    sounding: Option<u8>,
    meters: Meters,
}

impl Engine {
    /// An engine without a plan. Block lengths need not be known: nothing depends on them.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        let mut engine = Self {
            rate,
            slots: Slots::new(),
            voices: Voices::new((rate.hz() * GLIDE_S) as u32),
            mix: MixState::default(),
            next_lanes: None,
            mixer: Mixer::new(rate),
            bus: Bus::new(rate),
            sum: Sum::new(),
            limiter: Limiter::new(rate.hz(), CEILING),
            loudness: Meter::new(rate.hz()),
            clock: Clock::new(rate),
            notes: ActiveNotes::new(rate),
            buses: [[[0.0; CHUNK]; 2]; MAX_LANES],
            audition: false,
            fresh: true,
            replaced: false,
            asked_to_hear: 0,
            enters_offline: false,
            bars_heard: 0,
            ran: None,
            turns: [0; MAX_LANES],
            section: 0,
            wanted_section: 0,
            asked_section: 0,
            sounding: None,
            meters: Meters::SILENT,
        };
        engine.aim(true);
        engine
    }

    /// The rate that sounds must be prepared for.
    #[must_use]
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Ends all sounds at once and forgets the song position. The newest plan stays and is current:
    /// afterwards the engine is, sample for sample, a new one that was offered this plan. Mixer
    /// settings and audition stay.
    pub fn reset(&mut self) {
        self.voices.clear(&mut self.slots);
        if let Some(pending) = self.slots.pending.take() {
            self.slots.current = Some(pending);
            self.take_next_lanes();
        }
        self.fresh = true;
        self.aim(true);
        self.aim_levels();
        self.bus.reset();
        self.limiter.reset();
        self.loudness.reset();
        self.clock.reset();
        self.notes.expire();
        self.replaced = false;
        self.asked_to_hear = 0;
        self.bars_heard = 0;
        self.ran = None;
        self.turns = [0; MAX_LANES];
        self.section = self.wanted_section;
        self.sounding = None;
        self.meters = Meters::SILENT;
    }

    /// Takes a plan. A plan with the current plan's [`LoopId`] (an edit) replaces it at once without
    /// a jump; another one becomes pending and enters at its boundary, or with the next block while
    /// nothing plays. Of several the last one offered wins. Call it between blocks.
    ///
    /// # Errors
    /// Gives the plan back when all [`PLAN_SLOTS`] are taken; offer it again in the next block.
    pub fn offer(&mut self, plan: Box<Plan>) -> Result<(), Box<Plan>> {
        let id = plan.id;
        let slot = self.slots.store(plan)?;
        // A plan that takes a loaded one's place is newer, and of the same project.
        self.enters_offline &= self.slots.pending.is_some();
        self.slots.pending = None;
        if self.slots.current_plan().is_some_and(|current| current.id == id) {
            self.slots.current = Some(slot);
            self.voices.move_to(&mut self.slots, slot);
            self.aim_levels();
            self.replaced = true;
        } else {
            self.slots.pending = Some(slot);
        }
        if self.slots.taken() > PLAN_SLOTS / 2 {
            // Long sounds of many past plans ring: let them go before there is no room.
            let stays = [self.slots.current, self.slots.pending];
            self.voices.fade_slots(|slot| !stays.contains(&Some(slot)));
        }
        Ok(())
    }

    /// A plan that no sound needs any more, to be freed elsewhere. Call it until it gives `None`.
    pub fn take_retired(&mut self) -> Option<Box<Plan>> {
        self.slots.take_retired()
    }

    /// Sets mixer, routing and keys for the next block; gains glide there over 5 ms, frame by frame.
    /// Right after `new` or `reset` they are there at once.
    pub fn set_mix(&mut self, mix: MixState) {
        if mix.section != self.asked_section {
            self.asked_section = mix.section;
            self.choose_section(mix.section);
        }
        if mix != self.mix {
            self.mix = mix;
            self.aim(self.fresh);
        }
    }

    /// Lanes' settings and keys that are set on the very frame on which the plan with this serial, or a later
    /// one, enters. Until then, and where it takes effect as an edit, [`Engine::set_mix`] alone counts; from
    /// then on it should say the same.
    pub(crate) fn set_next_lanes(&mut self, next: Option<(u64, [LaneMix; MAX_LANES], Keys)>) {
        self.next_lanes = next;
    }

    /// The current plan has just entered: sets the lanes that come with it.
    fn take_next_lanes(&mut self) {
        let serial = self.slots.current_plan().map_or(0, |plan| plan.serial);
        if let Some((_, lanes, keys)) = self.next_lanes.take_if(|(since, ..)| serial >= *since) {
            (self.mix.lanes, self.mix.keys) = (lanes, keys);
            self.aim(self.fresh);
        }
    }

    /// Gains and the bus glide to where the mixer has them; `at_once` without a glide.
    fn aim(&mut self, at_once: bool) {
        self.mixer.aim(&self.mix, at_once);
        self.bus.aim(&self.mix.bus, at_once);
    }

    /// The bus gets what the current plan has for it.
    fn aim_levels(&mut self) {
        let levels = self.slots.current_plan().map_or(&Levels::NONE, Plan::levels);
        self.bus.aim_levels(levels, self.fresh);
    }

    /// Plays although the host's transport is stopped: the engine's own clock starts at a bar line,
    /// at the host's tempo and meter. While the host plays, its position rules and this has no effect.
    pub fn set_audition(&mut self, audition: bool) {
        self.audition = audition;
    }

    /// As [`Engine::offer`], for the plan of a project that the host has loaded: it enters an offline
    /// render too, since a bounce plays the project's state.
    ///
    /// # Errors
    /// As for [`Engine::offer`].
    pub(crate) fn offer_loaded(&mut self, plan: Box<Plan>) -> Result<(), Box<Plan>> {
        self.offer(plan)?;
        self.enters_offline = true;
        Ok(())
    }

    /// This engine takes the place of another one whose notes are still on where they went: their offs
    /// come with the first block. Call it before that.
    pub fn take_over_notes(&mut self, before: &Self) {
        self.notes.take_over(&before.notes);
    }

    /// Plays a lane's sound once, on the first frame of the next block, whether or not anything plays: as a
    /// plain hit that comes in from outside. Sends no note. Call it between blocks.
    pub fn hear(&mut self, lane: u8) {
        self.asked_to_hear |= 1u8.checked_shl(lane.into()).unwrap_or(0);
    }

    /// What a window shows: playhead and levels as of the last block.
    #[must_use]
    pub fn meters(&self) -> Meters {
        self.meters
    }

    /// Plays one block of any length. `notes_in` is sorted by frame; frames beyond the block are
    /// played on its last frame. Notes go out sorted by frame, an off before an on of the same frame.
    pub fn process(
        &mut self,
        transport: &Transport,
        notes_in: &[NoteIn],
        out: &mut Outputs<'_>,
        sink: &mut impl Sink,
    ) {
        let frames = out.main[0].len().min(out.main[1].len());
        let source = self.clock.source(transport, self.audition);
        self.begin_block(source, sink);
        if frames == 0 {
            return;
        }
        self.fresh = false;
        self.play_asked();
        let mut notes_in = NotesIn { notes: notes_in, last_frame: frames - 1 };
        if let Some(source) = source {
            let bar_start = if source == Timekeeper::Own { 0.0 } else { transport.bar_start_beats };
            let transport = Transport { bar_start_beats: bar_start, ..*transport };
            let mut span = self.clock.first_span(source, &transport, frames);
            let transport = &Transport { bar_start_beats: self.clock.bar_start(&transport), ..transport };
            loop {
                let bars = self.play_span(&span, transport, &mut notes_in, out, sink);
                if !span.wraps {
                    self.clock.end(source, transport, &span, frames);
                    self.show_place(&bars, span.pos_of(span.to - 1));
                    break;
                }
                span = self.clock.next_span(source, &span, transport, frames);
            }
        } else {
            self.clock.stop();
            self.enter_pending(0, transport.offline, sink);
            let mut frame = 0;
            loop {
                let until = self.next_off(frame, frames).min(notes_in.next_frame().unwrap_or(frames));
                self.mix_frames(frame, until, out);
                frame = until;
                if frame == frames {
                    break;
                }
                self.notes.end_due(frame, sink);
                self.play_notes_in(frame, &mut notes_in);
            }
        }
        self.show_levels(source);
    }

    /// What must be told or ended before a block's first frame.
    fn begin_block(&mut self, source: Option<Timekeeper>, sink: &mut impl Sink) {
        self.meters.lane_peaks = [0.0; MAX_LANES];
        self.meters.main_peaks = [0.0; 2];
        if self.mix.bypassed || self.mix.notes_only {
            self.voices.fade_lanes(|_| true);
        }
        if self.mix.bypassed || self.mix.muted {
            self.notes.end(0, |_, _| true, sink);
        } else {
            let mix = &self.mix;
            self.notes.end(0, |_, lane| !mix.is_audible(usize::from(lane)), sink);
        }
        if self.ran != source {
            self.notes.end(0, |_, _| true, sink);
            let id = self.slots.current_plan().map(|plan| plan.id);
            if self.ran.is_some() && source.is_none() {
                sink.fact(Fact::Stopped { id });
            }
            if self.ran.is_none() && source.is_some() {
                self.turns = [0; MAX_LANES];
                sink.fact(Fact::Started { id });
            }
            self.ran = source;
        }
        if std::mem::take(&mut self.replaced)
            && let Some(plan) = self.slots.current_plan()
        {
            sink.fact(Fact::LoopReplaced { id: plan.id, serial: plan.serial });
        }
    }

    /// Plays the frames of a span: everything that happens in it, in the order of frames, and the
    /// sound in between.
    fn play_span(
        &mut self,
        span: &Span,
        transport: &Transport,
        notes_in: &mut NotesIn<'_>,
        out: &mut Outputs<'_>,
        sink: &mut impl Sink,
    ) -> HostBars {
        let host = HostBars::around(span.pos, transport.bar_start_beats, transport.meter);
        if span.arrival != Arrival::Continued {
            self.notes.end(span.from, |_, _| true, sink);
        }
        let mut entry = self.next_entry(span, &host, transport.offline);
        if let Some((pending, _)) = entry.filter(|(_, at)| *at <= span.after) {
            self.enter(pending, span.from, transport.offline, sink);
            // A section may be asked for beside a loop that enters.
            entry = self.next_entry(span, &host, transport.offline).filter(|(_, at)| *at > span.after);
        }
        let mut bar_line = host.next_bar(span.after);
        let mut sequence = Sequence::from(&self.slots, host, span.after, self.current(), entry);
        let mut frame = span.from;
        loop {
            let hit = sequence.peek(&self.slots, span.until);
            // A bar line belongs to the loop before it, a loop's first hit to the loop that enters.
            let bar_at = bar_line - 2.0 * SAME_PLACE_BEATS;
            let entry_at = entry.map_or(f64::INFINITY, |(_, entry)| entry - SAME_PLACE_BEATS);
            let hit_at = hit.map_or(f64::INFINITY, |hit| hit.event.beats);
            let next = bar_at.min(entry_at).min(hit_at);
            let position = if next == bar_at { bar_line } else { next };
            let position = if next == entry_at { entry.map_or(position, |(_, at)| at) } else { position };
            let due = (position <= span.until).then(|| span.frame_of(position).min(span.to - 1).max(frame));
            let until = [due, notes_in.next_frame()]
                .into_iter()
                .flatten()
                .fold(self.next_off(frame, span.to), usize::min)
                .max(frame);
            self.mix_frames(frame, until, out);
            frame = until;
            if frame >= span.to {
                break;
            }
            self.notes.end_due(frame, sink);
            if due == Some(frame) {
                if next == bar_at {
                    self.pass_bar(span, frame, transport.offline, sink);
                    bar_line = host.next_bar(bar_line + SAME_PLACE_BEATS);
                } else if let Some((pending, _)) = entry.filter(|_| next == entry_at) {
                    self.enter(pending, frame, transport.offline, sink);
                    sequence = Sequence::from(&self.slots, host, entry_at, self.current(), None);
                    entry = None;
                } else if let Some(hit) = hit {
                    self.play_hit(frame, &hit, sink);
                    sequence.pass(&self.slots, span.until);
                }
                continue;
            }
            self.play_notes_in(frame, notes_in);
        }
        host
    }

    fn pass_bar(&mut self, span: &Span, frame: usize, offline: bool, sink: &mut impl Sink) {
        let began_here = span.arrival == Arrival::Jumped && frame == span.from;
        let silent = self.mix.muted || self.mix.bypassed;
        if let Some(plan) = self.slots.current_plan().filter(|_| !began_here && !silent) {
            self.bars_heard = self.bars_heard.saturating_add(1);
            let (id, bars_heard) = (plan.id, self.bars_heard);
            sink.fact(Fact::BarPassed { id, bars_heard, frame: frame as u32, offline });
        }
    }

    /// A hit of the pattern: sound and note.
    fn play_hit(&mut self, frame: usize, hit: &SongHit, sink: &mut impl Sink) {
        let Event { lane, velocity, nth, .. } = hit.event;
        if self.mix.muted || self.mix.bypassed {
            return;
        }
        if !self.mix.notes_only {
            self.strike((hit.slot, hit.part), lane, f32::from(velocity) / 127.0, nth);
        }
        if self.mix.is_audible(usize::from(lane)) {
            let key = self.mix.keys.key_of_lane[usize::from(lane)];
            self.notes.start(frame, lane, key, velocity, sink);
        }
    }

    /// Plays what came in for this frame.
    fn play_notes_in(&mut self, frame: usize, notes_in: &mut NotesIn<'_>) {
        while let Some(note) = notes_in.take(frame) {
            let velocity = if note.velocity.is_finite() { note.velocity.clamp(0.0, 1.0) } else { 0.0 };
            if !note.on || velocity < LEAST_VELOCITY || self.mix.bypassed || self.mix.notes_only {
                continue;
            }
            if let (Some(lane), Some(slot)) = (self.mix.keys.lane_of(note.key), self.slots.current) {
                let nth = self.turn(lane as u8);
                self.strike((slot, self.sounding.unwrap_or(0)), lane as u8, velocity, nth);
            }
        }
    }

    /// Plays what a person asked to hear.
    fn play_asked(&mut self) {
        let asked = std::mem::take(&mut self.asked_to_hear);
        let silent = self.mix.bypassed || self.mix.notes_only;
        let Some(slot) = self.slots.current.filter(|_| asked != 0 && !silent) else { return };
        for lane in (0..MAX_LANES as u8).filter(|lane| asked >> lane & 1 == 1) {
            let nth = self.turn(lane);
            // Of the loop that one sees.
            self.strike((slot, 0), lane, HEARD_VELOCITY, nth);
        }
    }

    /// The turn of a hit that no pattern has.
    fn turn(&mut self, lane: u8) -> u32 {
        let Some(turn) = self.turns.get_mut(usize::from(lane)) else { return 0 };
        *turn = turn.wrapping_add(1);
        *turn - 1
    }

    /// Starts a lane's sound and cuts what it cuts. The velocity is 0 to 1.
    fn strike(&mut self, (slot, part): (SlotIndex, u8), lane: u8, velocity: f32, nth: u32) {
        let lanes = self.mix.lanes;
        let choke = lanes.get(usize::from(lane)).map_or(0, |mix| mix.choke);
        let of = self.slots.plan(slot).and_then(|plan| plan.part(part));
        let role =
            of.and_then(|of| of.pattern.lanes().get(usize::from(lane))).map_or(Role::Fx, |lane| lane.role);
        let rings_on = rings_on(role);
        self.voices.fade_lanes(|of| {
            if of == lane {
                !rings_on
            } else {
                choke != 0 && lanes.get(usize::from(of)).is_some_and(|mix| mix.choke == choke)
            }
        });
        let of = self.slots.plan(slot).and_then(|plan| plan.part(part));
        let gain = of.map_or(&Levels::NONE, Part::levels).gains(lane, velocity);
        self.voices.start(&mut self.slots, slot, Strike { part, lane, velocity, nth, gain });
    }

    /// The frame of the next note-off at or after `frame`, at most `limit`.
    fn next_off(&self, frame: usize, limit: usize) -> usize {
        self.notes.next_due().map_or(limit, |frames| (frame + frames).min(limit))
    }

    fn show_place(&mut self, host: &HostBars, pos: f64) {
        let playing = self.current().and_then(|current| Playing::of(&self.slots, current));
        let Some(playing) = playing else { return };
        let place = playing.place_at(host, pos);
        self.sounding = place.map(|(part, ..)| part);
        if let Some((_, since, bar, step)) = place {
            (self.meters.since, self.meters.bar, self.meters.step) = (since, bar, step);
        }
    }

    fn show_levels(&mut self, source: Option<Timekeeper>) {
        let current = self.slots.current_plan();
        self.meters.playing = source.is_some();
        self.meters.loop_id = current.map(|plan| plan.id);
        self.meters.serial = current.map_or(0, |plan| plan.serial);
        let sounding = self.sounding.filter(|_| source.is_some());
        self.meters.section = current.map_or(0, |plan| plan.order().section_of(sounding.unwrap_or(0)));
        let heard = current.and_then(|plan| plan.part(sounding.unwrap_or(0)));
        self.meters.heard = heard.map(|part| part.id).or(self.meters.loop_id);
        self.meters.pending = self.slots.pending_plan().map(|plan| plan.id);
        self.meters.bars_heard = self.bars_heard;
        self.meters.limiter_gain = self.limiter.gain();
        self.meters.glue_db = self.bus.reduction_db();
        self.meters.bus_limiter_gain = self.bus.limiter_gain();
        self.meters.momentary_lufs = self.loudness.momentary();
        self.meters.true_peak = self.loudness.true_peak();
        self.meters.voices = self.voices.count() as u8;
    }

    /// The loop that plays, or would: what a rating is for.
    #[must_use]
    pub fn current_loop(&self) -> Option<LoopId> {
        self.slots.current_plan().map(|plan| plan.id)
    }
}

/// A note that comes in with less is taken for an off: at −120 dB it can't be heard, and smaller gains
/// would make denormal numbers.
const LEAST_VELOCITY: f32 = 1e-3;

/// How hard a sound is hit that a person asks to hear: as a plain hit of a pattern.
const HEARD_VELOCITY: f32 = 100.0 / 127.0;

/// Notes that came in and were not played yet.
struct NotesIn<'a> {
    notes: &'a [NoteIn],
    last_frame: usize,
}

impl NotesIn<'_> {
    fn next_frame(&self) -> Option<usize> {
        self.notes.first().map(|note| (note.frame as usize).min(self.last_frame))
    }

    /// The next note if it is due at `frame`.
    fn take(&mut self, frame: usize) -> Option<NoteIn> {
        let (first, rest) = self.notes.split_first()?;
        ((first.frame as usize).min(self.last_frame) <= frame).then(|| {
            self.notes = rest;
            *first
        })
    }
}
