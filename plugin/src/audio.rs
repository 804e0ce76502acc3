//! The body of `process`: host to engine and back.
//!
//! Audio thread. Never allocates, frees, locks, logs, waits or makes a system call.

use crate::DeepDrummer;
use crate::app;
use crate::params::{DrumParams, Press};
use deepdrummer_core::engine::{Engine, Fact, LoopAction, NoteIn, NoteOut, Outputs, Sink, Transport};
use deepdrummer_core::pattern::{MAX_LANES, Meter};
use deepdrummer_core::runtime::{AudioPort, AudioToWorker};
use deepdrummer_core::session::riff::PlayedNote;
use deepdrummer_core::units::{Bpm, SampleRate};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{AuxiliaryBuffers, Buffer, NoteEvent, PluginApi, ProcessContext, ProcessMode};

/// Notes that are played in one block; more are dropped.
const NOTES: usize = 256;

/// Places of notes that are followed are told in so many parts of a quarter note: a tenth of a millisecond.
const RASTER: f64 = 4_096.0;

/// Everything that the audio thread owns.
pub struct AudioSide {
    engine: Engine,
    port: AudioPort,
    notes: Box<[NoteIn; NOTES]>,
    note_count: usize,
    /// Notes that are listened to instead.
    heard: Box<[NoteIn; NOTES]>,
    heard_count: usize,
    /// The right channel of mono layouts; as long as the longest block.
    right: Box<[f32]>,
    bpm: Bpm,
    offline: bool,
    /// The key that was waited for was told already.
    heard_key: bool,
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
            notes: Box::new([silence; NOTES]),
            note_count: 0,
            heard: Box::new([silence; NOTES]),
            heard_count: 0,
            right: vec![0.0; longest_block.max(1)].into_boxed_slice(),
            bpm: Bpm::DEFAULT,
            offline: mode == ProcessMode::Offline,
            heard_key: false,
        }
    }

    /// Notes that were on when the host deactivated get their offs in the first block: it takes none at
    /// that moment.
    pub fn take_over_notes(&mut self, before: &Self) {
        self.engine.take_over_notes(&before.engine);
    }

    /// Ends all sound and forgets the position.
    pub fn reset(&mut self) {
        self.engine.reset();
    }

    /// Takes the block's notes: some keys rate, the others play lanes, or are listened to.
    pub fn take_notes<S>(&mut self, mut next: impl FnMut() -> Option<NoteEvent<S>>) {
        (self.note_count, self.heard_count) = (0, 0);
        let mix = self.port.mix();
        self.heard_key &= mix.learns_key;
        while let Some(event) = next() {
            let NoteEvent::NoteOn { timing, key, velocity, .. } = event else { continue };
            let Some(key) = key.number() else { continue };
            if mix.learns_key {
                // Told once; what comes before the worker has taken it is part of the same gesture.
                self.heard_key = self.heard_key || self.port.tell(AudioToWorker::KeyHeard(key));
                continue;
            }
            match mix.rating_keys.said(key) {
                // A song is played with keys, also in a bounce.
                Some(LoopAction::Section(section)) if self.engine.has_section(section) => {
                    let held = self.engine.chosen_section() == section;
                    self.engine.choose_section(if held { 0 } else { section });
                }
                Some(LoopAction::Section(_)) | None => self.add_note(timing, key, velocity, mix.listens),
                Some(said) => self.say(said),
            }
        }
    }

    fn add_note(&mut self, frame: u32, key: u8, velocity: f32, listens: bool) {
        let (notes, count) = if listens {
            (&mut self.heard, &mut self.heard_count)
        } else {
            (&mut self.notes, &mut self.note_count)
        };
        if let Some(note) = notes.get_mut(*count) {
            *note = NoteIn { frame, key, velocity, on: true };
            *count += 1;
        }
    }

    /// Tells the worker what was played beside the loop, and where in the song. A bounce is no place for it.
    fn tell_heard(&mut self, transport: &Transport) {
        let count = std::mem::take(&mut self.heard_count);
        for note in &self.heard[..count] {
            let place = transport.place(note.frame, self.engine.rate()).filter(|_| !self.offline);
            let Some((bar, beat)) = place else { continue };
            // Hosts round; what is told lies on a raster, of which the bar line is a part.
            let beat = (beat * RASTER).round() / RASTER;
            let (bar, beat) = if beat < transport.meter.bar_beats() { (bar, beat) } else { (bar + 1, 0.0) };
            let Ok(bar) = i32::try_from(bar) else { continue };
            let (beat, key) = (beat as f32, note.key);
            let velocity = (note.velocity.clamp(0.0, 1.0) * 127.0).round() as u8;
            self.port.tell(AudioToWorker::Played(PlayedNote { bar, beat, key, velocity }));
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
        self.tell_heard(&transport);
        self.port.begin(&mut self.engine, self.offline);
        if transport.bpm != self.bpm && self.port.tell(AudioToWorker::Tempo(transport.bpm)) {
            self.bpm = transport.bpm;
        }
        let mut mix = self.port.mix();
        params.apply(&mut mix);
        self.engine.set_mix(mix);
        self.follow_presses(params);
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
        mut send: impl FnMut(NoteOut),
    ) {
        self.tell_heard(&transport);
        let mut right = std::mem::take(&mut self.right);
        let count = std::mem::take(&mut self.note_count);
        let (mut first, mut done) = (0, 0);
        // A host that breaks its promise about block lengths is played in parts.
        for part in mono.chunks_mut(right.len().max(1)) {
            let frames = part.len();
            let here =
                self.notes[first..count].iter().take_while(|note| (note.frame as usize) < done + frames);
            self.note_count = here.count();
            self.notes.copy_within(first..first + self.note_count, 0);
            first += self.note_count;
            for note in &mut self.notes[..self.note_count] {
                note.frame = note.frame.saturating_sub(done as u32);
            }
            let beats = done as f64 / transport.bpm.frames_per_beat(self.engine.rate());
            let here = Transport { pos_beats: transport.pos_beats + beats, ..transport };
            let mut out = Outputs::main(part, &mut right[..frames]);
            self.process(params, here, &mut out, |note| {
                send(NoteOut { frame: note.frame + done as u32, ..note });
            });
            for (left, right) in part.iter_mut().zip(&right) {
                *left = (*left + *right) * 0.5;
            }
            done += frames;
        }
        self.right = right;
    }

    /// Tells the worker what was said of the loop that is heard. A bounce is no place for it: it would change
    /// what a project holds while it is written to disk.
    fn say(&mut self, said: LoopAction) {
        if self.offline {
            return;
        }
        let meters = self.engine.meters();
        let what = match (said, meters.heard) {
            (LoopAction::Like, Some(id)) => AudioToWorker::Rate { id, like: true },
            (LoopAction::Dislike, Some(id)) => AudioToWorker::Rate { id, like: false },
            (LoopAction::Skip, Some(heard)) => {
                // One goes on from the loop that is current, whatever of its song is heard.
                let id = meters.loop_id.unwrap_or(heard);
                let within_first_bar = meters.playing && meters.bars_heard == 0;
                AudioToWorker::Skip { id, within_first_bar }
            }
            (LoopAction::Back, _) => AudioToWorker::Back,
            // What plays notes, and nothing that was heard.
            (LoopAction::Section(_), _) => return,
            // Nothing was heard yet.
            (LoopAction::Like | LoopAction::Dislike | LoopAction::Skip, None) => return,
        };
        self.port.tell(what);
    }

    fn follow_presses(&mut self, params: &DrumParams) {
        let mut rated = false;
        for (press, lane) in params.take_presses() {
            match press {
                // Both at once is a like.
                Press::Say(LoopAction::Like | LoopAction::Dislike) if rated => {}
                Press::Say(said) => {
                    rated |= matches!(said, LoopAction::Like | LoopAction::Dislike);
                    self.say(said);
                }
                Press::LockBeat => {
                    self.port.tell(AudioToWorker::ToggleLockBeat(lane as u8));
                }
                Press::LockSound => {
                    self.port.tell(AudioToWorker::ToggleLockSound(lane as u8));
                }
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
    let mut host = host_transport(context.transport());
    if context.plugin_api() == PluginApi::Standalone {
        // A sound card's transport always rolls: there the window's button starts and stops.
        host.playing &= app::has_transport();
    }
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
    };
    // A host that tells no tempo has the usual one; one at which no song moves stands.
    let bpm = host.tempo.map_or(Some(Bpm::DEFAULT), Bpm::checked);
    let position = host.pos_beats().filter(|position| position.is_finite());
    let mut transport = Transport::at(position.unwrap_or(0.0), bpm.unwrap_or(Bpm::DEFAULT), meter);
    transport.playing = host.playing && position.is_some() && bpm.is_some();
    if let Some(bar_start) = host.bar_start_pos_beats().filter(|start| start.is_finite()) {
        transport.bar_start_beats = bar_start;
    }
    transport.loop_range_beats =
        host.loop_range_beats().filter(|(start, end)| start.is_finite() && end.is_finite() && end > start);
    transport
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::SessionField;
    use deepdrummer_core::pattern::Role;
    use deepdrummer_core::propose::{CriticKind, learner};
    use deepdrummer_core::runtime::{NoControls, Options, Runtime};
    use deepdrummer_core::session::command::Command;
    use deepdrummer_core::units::Seed;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    const RATE: SampleRate = SampleRate::STUDIO;

    /// An instance whose host plays, presses keys and waits.
    struct Host {
        runtime: Runtime,
        side: AudioSide,
        params: DrumParams,
        frame: u64,
    }

    impl Host {
        fn new() -> Self {
            let options = Options {
                critic: CriticKind::Random,
                learner,
                lanes: Role::default_lanes(6).to_vec(),
                seed: Seed(1),
                home: None,
            };
            let runtime = Runtime::new(options, Arc::new(NoControls));
            let port = runtime.handle().attach(RATE);
            assert!(runtime.handle().wait_for_plan(Duration::from_secs(60)));
            let params = DrumParams::new(SessionField::new(runtime.handle().clone()));
            Self { side: AudioSide::new(RATE, 256, port, ProcessMode::Realtime), runtime, params, frame: 0 }
        }

        fn block(&mut self, key: Option<u8>) {
            let mut events = key.into_iter().map(|key| NoteEvent::<()>::NoteOn {
                timing: 0,
                voice_id: VoiceID::Wildcard,
                channel: Channel::Number(0),
                key: Key::Number(key),
                velocity: 1.0,
            });
            self.side.take_notes(|| events.next());
            let beats = self.frame as f64 / Bpm::DEFAULT.frames_per_beat(RATE);
            let transport = Transport::at(beats, Bpm::DEFAULT, Meter::FOUR_FOUR);
            let (mut left, mut right) = ([0.0; 256], [0.0; 256]);
            self.side.process(&self.params, transport, &mut Outputs::main(&mut left, &mut right), |_| {});
            self.frame += 256;
        }

        fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
            let until = Instant::now() + Duration::from_secs(60);
            while !holds(self) {
                assert!(Instant::now() < until, "gave up waiting until {what}");
                self.block(None);
                std::thread::park_timeout(Duration::from_micros(50));
            }
        }
    }

    #[test]
    fn the_next_key_is_learned_and_then_says_what_it_was_learned_for() {
        let mut host = Host::new();
        host.block(None);
        assert!(host.runtime.handle().send(Command::LearnKey(Some(LoopAction::Dislike))));
        host.until("a key is waited for", |host| host.side.port.mix().learns_key);
        host.block(Some(60));
        host.until("the key is known", |host| host.side.port.mix().rating_keys.dislike == Some(60));
        let judgements = |host: &Host| host.runtime.handle().view().taste.dislikes;
        assert_eq!(judgements(&host), 0, "learning a key rates nothing");
        host.until("keys are no longer waited for", |host| !host.side.port.mix().learns_key);
        host.block(Some(60));
        host.until("the key dislikes", |host| judgements(host) == 1);
        let heard = host.runtime.handle().view().current.id;
        host.until("the next loop is heard", |host| host.side.engine.meters().loop_id == Some(heard));
        // The key that disliked before is a key like any other now.
        host.block(Some(0));
        host.block(Some(2));
        host.until("like still likes", |host| host.runtime.handle().view().taste.likes == 1);
        assert_eq!(judgements(&host), 1);
    }

    #[test]
    fn a_block_longer_than_promised_is_played_whole_on_a_mono_output() {
        let play = |longest: usize| {
            let mut host = Host::new();
            let port = host.runtime.handle().attach(RATE);
            assert!(host.runtime.handle().wait_for_plan(Duration::from_secs(60)));
            host.side = AudioSide::new(RATE, longest, port, ProcessMode::Realtime);
            let mut mono = vec![0.0; 24_000];
            let mut notes = Vec::new();
            let mut events = [5, 300, 20_000].into_iter().map(|timing| NoteEvent::<()>::NoteOn {
                timing,
                voice_id: VoiceID::Wildcard,
                channel: Channel::Number(0),
                key: Key::Number(36),
                velocity: 1.0,
            });
            host.side.take_notes(|| events.next());
            let transport = Transport::at(0.0, Bpm::DEFAULT, Meter::FOUR_FOUR);
            host.side.process_mono(&host.params, transport, &mut mono, |note| notes.push(note));
            (mono, notes)
        };
        let whole = play(24_000);
        assert!(whole.0.iter().any(|value| *value != 0.0) && !whole.1.is_empty());
        assert_eq!(play(256), whole);
    }
}
