//! An active plugin, as the audio thread has it.

use clack_host::events::event_types::{MidiEvent, NoteOffEvent, NoteOnEvent, ParamValueEvent};
use clack_host::prelude::*;
use clack_host::utils::Cookie;

use super::{Input, TestHost, parameter_id};
use crate::transport::Transport;

/// A note that the plugin sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// Frame, counted from the first block of the session.
    pub frame: u64,
    /// MIDI key.
    pub key: u8,
    /// 0 to 1; `None` for a note-off.
    pub velocity: Option<f64>,
}

/// An input port, of which there are none.
type NoInput<'a> = AudioPortBuffer<[InputChannel<'a, f32>; 0], [InputChannel<'a, f64>; 0]>;

/// An active plugin, seen from the audio thread. It may be sent to another thread.
pub struct Session {
    pub(super) processor: StartedPluginAudioProcessor<TestHost>,
    sample_rate: f64,
    ports: AudioPorts,
    inputs: AudioPorts,
    /// One buffer for each channel of each port.
    buffers: Vec<Vec<Vec<f32>>>,
    events_in: EventBuffer,
    events_out: EventBuffer,
    frames_done: u64,
    /// Notes that the plugin sent, since they were last taken.
    notes: Vec<Note>,
}

impl Session {
    pub(super) fn new(
        processor: StartedPluginAudioProcessor<TestHost>,
        sample_rate: f64,
        most_frames: usize,
        ports: &[usize],
    ) -> Self {
        Self {
            processor,
            sample_rate,
            ports: AudioPorts::with_capacity(ports.iter().sum(), ports.len()),
            inputs: AudioPorts::with_capacity(0, 0),
            buffers: ports.iter().map(|channels| vec![vec![0.0; most_frames]; *channels]).collect(),
            events_in: EventBuffer::with_capacity(256),
            events_out: EventBuffer::with_capacity(4096),
            frames_done: 0,
            notes: Vec::with_capacity(65_536),
        }
    }

    /// Frames processed since activation.
    #[must_use]
    pub fn frames_done(&self) -> u64 {
        self.frames_done
    }

    /// Resets the plugin, as a host does at a discontinuity.
    pub fn reset(&mut self) {
        self.processor.reset();
    }

    /// Stops the processing and starts it again, as a host does that sends a plugin to sleep.
    #[must_use]
    pub fn paused_and_started(self) -> Self {
        let stopped = self.processor.stop_processing();
        let processor = stopped.start_processing().unwrap_or_else(|error| panic!("{error}"));
        Self { processor, ..self }
    }

    /// The notes that the plugin sent since this was last called.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.notes.drain(..).collect()
    }

    /// Processes one block. `inputs` are (frame, what) in ascending order.
    ///
    /// The host's own part allocates nothing, as long as no more than 256 inputs are given.
    pub fn process(&mut self, frames: usize, transport: Option<&Transport>, inputs: &[(usize, Input)]) {
        self.events_in.clear();
        for (frame, input) in inputs {
            assert!(*frame < frames, "an input at frame {frame} lies outside the block");
            let frame = *frame as u32;
            match *input {
                Input::NoteOn { key, velocity } => {
                    self.events_in.push(&NoteOnEvent::new(frame, note_address(key), velocity));
                }
                Input::NoteOff { key } => {
                    self.events_in.push(&NoteOffEvent::new(frame, note_address(key), 0.0));
                }
                Input::Parameter { id, value } => {
                    let event = ParamValueEvent::new(frame, parameter_id(id), Pckn::match_all(), value);
                    debug_assert_eq!(event.cookie(), Cookie::empty());
                    self.events_in.push(&event);
                }
                Input::Transport(transport) => self.events_in.push(&transport.event(frame)),
            }
        }
        self.events_out.clear();
        let transport = transport.map(|transport| transport.event(0));
        let no_inputs: [NoInput<'_>; 0] = [];
        let audio_in = self.inputs.with_input_buffers(no_inputs);
        let mut audio_out =
            self.ports.with_output_buffers(self.buffers.iter_mut().map(|channels| AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(
                    channels.iter_mut().map(move |channel| &mut channel[..frames]),
                ),
            }));
        let status = self.processor.process(
            &audio_in,
            &mut audio_out,
            &self.events_in.as_input(),
            &mut self.events_out.as_output(),
            Some(self.frames_done),
            transport.as_ref(),
        );
        status.expect("the plugin processes");
        for event in &self.events_out {
            let frame = self.frames_done + u64::from(event.header().time());
            let note = if let Some(on) = event.as_event::<NoteOnEvent>() {
                Some((on.key().into_specific(), Some(on.velocity())))
            } else if let Some(off) = event.as_event::<NoteOffEvent>() {
                Some((off.key().into_specific(), None))
            } else {
                event.as_event::<MidiEvent>().and_then(|midi| midi_note(midi.data()))
            };
            if let Some((Some(key), velocity)) = note {
                self.notes.push(Note { frame, key: key as u8, velocity });
            }
        }
        self.frames_done += frames as u64;
    }

    /// The last block's audio of a port, one slice for each channel.
    pub fn block(&self, port: usize, frames: usize) -> impl Iterator<Item = &[f32]> {
        self.buffers[port].iter().map(move |channel| &channel[..frames])
    }

    /// Plays `frames` in blocks of the given length, the transport running on from `transport`,
    /// with `inputs` at frames counted from the start. Returns the main port's channels, and the
    /// transport at the end.
    pub fn play(
        &mut self,
        frames: usize,
        block: usize,
        transport: Transport,
        inputs: &[(usize, Input)],
    ) -> (Vec<Vec<f32>>, Transport) {
        let mut audio = vec![Vec::with_capacity(frames); self.buffers[0].len()];
        let mut transport = transport;
        let mut done = 0;
        while done < frames {
            let length = block.min(frames - done);
            let here: Vec<_> = inputs
                .iter()
                .filter(|(frame, _)| (done..done + length).contains(frame))
                .map(|(frame, input)| (frame - done, *input))
                .collect();
            self.process(length, Some(&transport), &here);
            for (channel, samples) in audio.iter_mut().zip(self.block(0, length)) {
                channel.extend_from_slice(samples);
            }
            transport = transport.after(length, self.sample_rate);
            done += length;
        }
        (audio, transport)
    }
}

fn note_address(key: u8) -> Pckn {
    Pckn::new(0_u16, 0_u16, u16::from(key), clack_host::events::Match::All)
}

/// Reads a MIDI note message.
fn midi_note([status, key, velocity]: [u8; 3]) -> Option<(Option<u16>, Option<f64>)> {
    match (status & 0xf0, velocity) {
        (0x90, 1..) => Some((Some(u16::from(key)), Some(f64::from(velocity) / 127.0))),
        (0x80, _) | (0x90, 0) => Some((Some(u16::from(key)), None)),
        _ => None,
    }
}
