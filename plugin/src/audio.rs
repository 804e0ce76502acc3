//! The body of `process`: host to engine and back.
//!
//! Audio thread. Never allocates, frees, locks, logs, waits or makes a system call.

use crate::DeepDrummer;
use crate::params::DrumParams;
use deepdrummer_core::engine::{Engine, Fact, NoteIn, NoteOut, Outputs, Sink, Transport};
use deepdrummer_core::pattern::{MAX_LANES, Meter};
use deepdrummer_core::runtime::{AudioPort, AudioToWorker};
use deepdrummer_core::units::{Bpm, Decibels, SampleRate};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{AuxiliaryBuffers, BoolParam, Buffer, NoteEvent, ProcessContext, ProcessMode};

/// MIDI key that dislikes the loop that is heard: C-2, the lowest.
pub const DISLIKE_KEY: u8 = 0;
/// MIDI key that likes the loop that is heard: D-2.
pub const LIKE_KEY: u8 = 2;
/// Notes that are played in one block; more are dropped.
const NOTES: usize = 256;

/// Fires once whenever a momentary parameter goes from off to on.
#[derive(Clone, Copy, Debug, Default)]
struct Edge(bool);

impl Edge {
    fn rises(&mut self, param: &BoolParam) -> bool {
        let on = param.value();
        !std::mem::replace(&mut self.0, on) && on
    }
}

/// All momentary parameters.
#[derive(Clone, Copy, Debug, Default)]
struct Edges {
    like: Edge,
    dislike: Edge,
    skip: Edge,
    back: Edge,
    lock_beat: [Edge; MAX_LANES],
    lock_sound: [Edge; MAX_LANES],
}

/// Everything that the audio thread owns.
pub struct AudioSide {
    engine: Engine,
    port: AudioPort,
    edges: Edges,
    notes: Box<[NoteIn; NOTES]>,
    note_count: usize,
    /// The right channel of mono layouts; as long as the longest block.
    right: Box<[f32]>,
    bpm: Bpm,
    offline: bool,
}

/// Hands notes to the host and facts to the worker.
struct ToHost<'a, F: FnMut(NoteOut)> {
    note: F,
    port: &'a mut AudioPort,
}

impl<F: FnMut(NoteOut)> Sink for ToHost<'_, F> {
    fn note(&mut self, note: NoteOut) {
        (self.note)(note);
    }

    fn fact(&mut self, fact: Fact) {
        self.port.tell(AudioToWorker::Fact(fact));
    }
}

impl AudioSide {
    /// Allocates everything. Host main thread.
    #[must_use]
    pub fn new(rate: SampleRate, longest_block: usize, port: AudioPort, mode: ProcessMode) -> Self {
        let silence = NoteIn { frame: 0, key: 0, velocity: 0.0, on: false };
        Self {
            engine: Engine::new(rate),
            port,
            edges: Edges::default(),
            notes: Box::new([silence; NOTES]),
            note_count: 0,
            right: vec![0.0; longest_block].into_boxed_slice(),
            bpm: Bpm::DEFAULT,
            offline: mode == ProcessMode::Offline,
        }
    }

    /// Ends all sound and forgets the position.
    pub fn reset(&mut self) {
        self.engine.reset();
    }

    /// Takes the block's notes: two keys rate, the others play lanes.
    pub fn take_notes<S>(&mut self, mut next: impl FnMut() -> Option<NoteEvent<S>>) {
        self.note_count = 0;
        while let Some(event) = next() {
            let NoteEvent::NoteOn { timing, key, velocity, .. } = event else { continue };
            let Some(key) = key.number() else { continue };
            match key {
                LIKE_KEY => self.rate(true),
                DISLIKE_KEY => self.rate(false),
                _ if self.note_count < NOTES => {
                    self.notes[self.note_count] = NoteIn { frame: timing, key, velocity, on: true };
                    self.note_count += 1;
                }
                _ => {}
            }
        }
    }

    /// One block.
    pub fn process(
        &mut self,
        params: &DrumParams,
        mut transport: Transport,
        out: &mut Outputs<'_>,
        send: impl FnMut(NoteOut),
    ) {
        transport.offline = self.offline;
        self.port.begin(&mut self.engine, self.offline);
        if transport.bpm != self.bpm {
            self.bpm = transport.bpm;
            self.port.tell(AudioToWorker::Tempo(self.bpm));
        }
        let mut mix = self.port.mix();
        mix.output = Decibels(params.output.value());
        mix.limiter = params.limiter.value();
        mix.bypassed = params.bypass.value();
        for (own, lane) in mix.own_output.iter_mut().zip(&params.lanes) {
            *own = lane.own_output.value();
        }
        self.engine.set_mix(mix);
        self.follow_triggers(params);
        let mut sink = ToHost { note: send, port: &mut self.port };
        self.engine.process(&transport, &self.notes[..self.note_count], out, &mut sink);
        self.port.end(&mut self.engine, &transport);
    }

    /// One block for a mono output: both channels at half level, so that what is in the middle keeps
    /// its level.
    pub fn process_mono(
        &mut self,
        params: &DrumParams,
        transport: Transport,
        mono: &mut [f32],
        send: impl FnMut(NoteOut),
    ) {
        let frames = mono.len();
        if self.right.len() < frames {
            // The host broke its promise about block lengths; silence is better than allocating.
            mono.fill(0.0);
            return;
        }
        let mut right = std::mem::take(&mut self.right);
        let mut out = Outputs::main(mono, &mut right[..frames]);
        self.process(params, transport, &mut out, send);
        for (left, right) in mono.iter_mut().zip(&right) {
            *left = (*left + *right) * 0.5;
        }
        self.right = right;
    }

    /// A bounce is no place to rate: it would change what a project holds while it is written to disk.
    fn rate(&mut self, like: bool) {
        if let Some(id) = self.engine.meters().loop_id.filter(|_| !self.offline) {
            self.port.tell(AudioToWorker::Rate { id, like });
        }
    }

    fn follow_triggers(&mut self, params: &DrumParams) {
        let (like, dislike) =
            (self.edges.like.rises(&params.like), self.edges.dislike.rises(&params.dislike));
        let (skip, back) = (self.edges.skip.rises(&params.skip), self.edges.back.rises(&params.back));
        if like {
            self.rate(true);
        } else if dislike {
            self.rate(false);
        }
        let meters = self.engine.meters();
        if let Some(id) = meters.loop_id.filter(|_| skip && !self.offline) {
            self.port
                .tell(AudioToWorker::Skip { id, within_first_bar: meters.playing && meters.bars_heard == 0 });
        }
        if back && !self.offline {
            self.port.tell(AudioToWorker::Back);
        }
        for (lane, of) in params.lanes.iter().enumerate() {
            if self.edges.lock_beat[lane].rises(&of.lock_beat) {
                self.port.tell(AudioToWorker::ToggleLockBeat(lane as u8));
            }
            if self.edges.lock_sound[lane].rises(&of.lock_sound) {
                self.port.tell(AudioToWorker::ToggleLockSound(lane as u8));
            }
        }
    }
}

/// One `process` call of the framework: takes its buffers and events apart.
pub fn block(
    side: &mut AudioSide,
    params: &DrumParams,
    buffer: &mut Buffer<'_>,
    aux: &mut AuxiliaryBuffers<'_>,
    context: &mut impl ProcessContext<DeepDrummer>,
) {
    let mut lanes = [const { None }; MAX_LANES];
    for (lane, port) in lanes.iter_mut().zip(aux.outputs.iter_mut()) {
        if let [left, right, ..] = port.as_slice() {
            *lane = Some([&mut **left, &mut **right]);
        }
    }
    let host = host_transport(context.transport());
    side.take_notes(|| context.next_event());
    let send = |note: NoteOut| {
        let (timing, voice_id) = (note.frame, VoiceID::Wildcard);
        let (channel, key) = (Channel::Number(0), Key::Number(note.key));
        let event = if note.on {
            NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: note.velocity }
        } else {
            NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 }
        };
        // A host without a note output, or with a full one, has no use for the note.
        let _ = context.try_send_event(event);
    };
    match buffer.as_slice() {
        [left, right, ..] => {
            let mut out = Outputs { main: [&mut **left, &mut **right], lanes };
            side.process(params, host, &mut out, send);
        }
        [mono] => side.process_mono(params, host, mono, send),
        [] => {}
    }
}

/// The host's transport in the engine's terms. A host that does not say where it is has no song
/// position: only audition plays there.
fn host_transport(host: &nice_plug::prelude::Transport) -> Transport {
    let number = |value: Option<i32>, otherwise: u8| {
        value.and_then(|value| u8::try_from(value).ok()).filter(|&value| value > 0).unwrap_or(otherwise)
    };
    let meter = Meter {
        numerator: number(host.time_sig_numerator, 4),
        denominator: number(host.time_sig_denominator, 4),
    }
    .sanitized();
    let bpm = host.tempo.map_or(Bpm::DEFAULT, Bpm::new);
    let position = host.pos_beats().filter(|position| position.is_finite());
    let mut transport = Transport::at(position.unwrap_or(0.0), bpm, meter);
    transport.playing = host.playing && position.is_some();
    if let Some(bar_start) = host.bar_start_pos_beats().filter(|start| start.is_finite()) {
        transport.bar_start_beats = bar_start;
    }
    transport.loop_range_beats =
        host.loop_range_beats().filter(|(start, end)| start.is_finite() && end.is_finite() && end > start);
    transport
}
