//! What comes out of the engine besides sound: MIDI notes and facts about what was heard.
//!
//! Audio thread.

use crate::pattern::LoopId;
use crate::units::SampleRate;

/// A note that came in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteIn {
    /// Frame within the block.
    pub frame: u32,
    /// MIDI key, 0 to 127.
    pub key: u8,
    /// 0 to 1; less than 0.001 is taken for an off.
    pub velocity: f32,
    /// Note-on. Note-offs are ignored: drum sounds ring out.
    pub on: bool,
}

/// A note of the running pattern that goes out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteOut {
    /// Frame within the block.
    pub frame: u32,
    /// MIDI key, 0 to 127.
    pub key: u8,
    /// 0 to 1, exact multiples of 1/127; 0 for an off.
    pub velocity: f32,
    /// Note-on or note-off. Every on is followed by its off: after a 50 ms gate, before the next on of
    /// the key, or at stop, jump, loop wrap, mute, bypass and when another loop enters. What is on at a reset or
    /// when the engine is exchanged ends with the next block; see [`Engine::take_over_notes`](super::Engine::take_over_notes).
    pub on: bool,
}

/// Something that happened on the audio side and that the worker should know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    /// A loop is what plays from here on. While the transport stands it is what would play.
    LoopEntered {
        /// The loop.
        id: LoopId,
        /// The serial of its plan.
        serial: u64,
        /// Frame within the block.
        frame: u32,
        /// Whether the host renders offline.
        offline: bool,
    },
    /// An edit of the loop that plays took effect.
    LoopReplaced {
        /// The loop.
        id: LoopId,
        /// The serial of the new plan.
        serial: u64,
    },
    /// A bar line was passed while the loop played and could be heard.
    BarPassed {
        /// The loop that was heard up to here.
        id: LoopId,
        /// Bar lines passed since it entered, this one included: from 1.
        bars_heard: u32,
        /// Frame within the block.
        frame: u32,
        /// Whether the host renders offline.
        offline: bool,
    },
    /// The pattern began to run, by the transport or by audition.
    Started {
        /// The loop that plays, if there is one.
        id: Option<LoopId>,
    },
    /// The pattern no longer runs.
    Stopped {
        /// The loop that played, if there was one.
        id: Option<LoopId>,
    },
}

/// Takes what the engine has to tell. Called on the audio thread: an implementation must not block.
pub trait Sink {
    /// A note of the pattern, in the order of frames.
    fn note(&mut self, note: NoteOut);
    /// Something happened.
    fn fact(&mut self, fact: Fact);
}

/// For who does not listen.
impl Sink for () {
    fn note(&mut self, _: NoteOut) {}
    fn fact(&mut self, _: Fact) {}
}

/// The pattern's notes that are on: at most one per key, so that none can be forgotten.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveNotes {
    /// Keys that are on (bit = key).
    on: u128,
    /// Frames until the off of a key that is on.
    left: [u32; 128],
    lane: [u8; 128],
    gate_frames: u32,
}

/// How long a note is.
const GATE_S: f64 = 0.05;

impl ActiveNotes {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self { on: 0, left: [0; 128], lane: [0; 128], gate_frames: ((rate.hz() * GATE_S) as u32).max(1) }
    }

    /// A hit's note; the key's last one ends first.
    pub(super) fn start(&mut self, frame: usize, lane: u8, key: u8, velocity: u8, sink: &mut impl Sink) {
        let key = key.min(127);
        self.end(frame, |of, _| of == key, sink);
        self.on |= 1 << key;
        self.left[usize::from(key)] = self.gate_frames;
        self.lane[usize::from(key)] = lane;
        sink.note(NoteOut { frame: frame as u32, key, velocity: f32::from(velocity) / 127.0, on: true });
    }

    /// Ends the notes whose key and lane `which` names.
    pub(super) fn end(&mut self, frame: usize, which: impl Fn(u8, u8) -> bool, sink: &mut impl Sink) {
        for key in self.keys() {
            if which(key, self.lane[usize::from(key)]) {
                self.on &= !(1 << key);
                sink.note(NoteOut { frame: frame as u32, key, velocity: 0.0, on: false });
            }
        }
    }

    /// Ends the notes whose gate has passed.
    pub(crate) fn end_due(&mut self, frame: usize, sink: &mut impl Sink) {
        let left = self.left;
        self.end(frame, |key, _| left[usize::from(key)] == 0, sink);
    }

    /// Frames until the next gate passes.
    pub(crate) fn next_due(&self) -> Option<usize> {
        self.keys().map(|key| self.left[usize::from(key)] as usize).min()
    }

    pub(crate) fn advance(&mut self, frames: usize) {
        for key in self.keys() {
            let left = &mut self.left[usize::from(key)];
            *left = left.saturating_sub(frames as u32);
        }
    }

    /// Notes of an engine that is no more: their offs come with the next block.
    pub(crate) fn take_over(&mut self, before: &Self) {
        (self.on, self.lane) = (before.on, before.lane);
        self.expire();
    }

    /// Lets all gates pass now, so that the next block begins with the offs.
    pub(crate) fn expire(&mut self) {
        self.left = [0; 128];
    }

    /// The keys that are on.
    fn keys(&self) -> impl Iterator<Item = u8> + use<> {
        let mut on = self.on;
        std::iter::from_fn(move || {
            let key = on.trailing_zeros();
            on &= on.wrapping_sub(1);
            (key < 128).then_some(key as u8)
        })
    }
}
