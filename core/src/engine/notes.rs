//! What comes out of the engine besides sound: MIDI notes and facts about what was heard.
//!
//! Audio thread.

use crate::pattern::LoopId;

/// A note that came in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteIn {
    /// Frame within the block.
    pub frame: u32,
    /// MIDI key, 0 to 127.
    pub key: u8,
    /// 0 to 1; 0 is taken for an off.
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
    /// the key, or at stop, jump, loop wrap, mute, bypass and when another loop enters.
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
