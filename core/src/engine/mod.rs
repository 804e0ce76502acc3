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
//! - Velocity *v* is a gain of (*v*/127)², as General MIDI's DLS recommends (40 log₁₀(*v*/127) dB).
//! - A lane's new hit cuts the lane's earlier sounds within 5 ms, as drum machines do; cymbals,
//!   percussion and effects ring on instead.
//! - Lanes of one choke group cut each other within 5 ms; of two that are hit on the same frame the
//!   upper lane (closed hat above open hat) is the one that stays.
//! - At most [`VOICES`] sounds ring; one more fades the quietest, the oldest of equals.
//! - Stop, jumps and loop wraps of the host start nothing and cut nothing: sounds ring out. Only a
//!   loop that enters with [`Enter::Now`] fades its predecessor, within 5 ms.

mod clock;
mod mix;
mod notes;
mod plan;
mod resample;

pub use clock::Transport;
pub use mix::{Keys, LaneMix, Meters, MixState};
pub use notes::{Fact, NoteIn, NoteOut, Sink};
pub use plan::{Enter, Plan, PreparedSound};

use crate::pattern::MAX_LANES;
use crate::units::SampleRate;

/// The most sounds that ring at once (sounds that fade out within their last 5 ms not counted).
pub const VOICES: usize = 64;

/// The most plans the engine holds: current, pending, and those whose sounds still ring or that were
/// not taken home yet. A worker that counts what is out never needs more than a few.
pub const PLAN_SLOTS: usize = 32;

/// The buffers that [`Engine::process`] writes. All are overwritten; all have the block's length.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// Left and right of the main output. Their length is the length of the block.
    pub main: [&'a mut [f32]; 2],
    /// Left and right of each lane's own output, where the host has connected it. A lane is written
    /// there instead of to the main output when [`MixState::own_output`] says so.
    pub lanes: [Option<[&'a mut [f32]; 2]>; MAX_LANES],
}

impl<'a> Outputs<'a> {
    /// Only the main output.
    #[must_use]
    pub fn main(left: &'a mut [f32], right: &'a mut [f32]) -> Self {
        Self { main: [left, right], lanes: [const { None }; MAX_LANES] }
    }
}

/// Plays plans. One per plugin instance; also the only renderer of previews and exports.
#[derive(Debug)]
pub struct Engine {
    rate: SampleRate,
    mix: MixState,
    audition: bool,
    meters: Meters,
    plan: Option<Box<Plan>>,
    retired: Option<Box<Plan>>,
}

impl Engine {
    /// An engine without a plan. Block lengths need not be known: nothing depends on them.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            mix: MixState::default(),
            audition: false,
            meters: Meters::default(),
            plan: None,
            retired: None,
        }
    }

    /// The rate that sounds must be prepared for.
    #[must_use]
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Ends all sounds at once and forgets the song position. The newest plan stays and is current:
    /// afterwards the engine is, sample for sample, a new one that was offered this plan.
    pub fn reset(&mut self) {}

    /// Takes a plan. A plan with the current plan's [`LoopId`](crate::pattern::LoopId) (an edit)
    /// replaces it at once without a jump; another one becomes pending and enters at its boundary,
    /// or at once while nothing plays. Of several the last one offered wins. Call it between blocks.
    ///
    /// # Errors
    /// Gives the plan back when all [`PLAN_SLOTS`] are taken; offer it again in the next block.
    pub fn offer(&mut self, plan: Box<Plan>) -> Result<(), Box<Plan>> {
        if self.retired.is_some() {
            return Err(plan);
        }
        self.retired = self.plan.replace(plan);
        Ok(())
    }

    /// A plan that no sound needs any more, to be freed elsewhere. Call it until it gives `None`.
    pub fn take_retired(&mut self) -> Option<Box<Plan>> {
        self.retired.take()
    }

    /// Sets mixer, routing and keys for the next block; gains glide there over 5 ms, frame by frame.
    /// Right after `new` or `reset` they are there at once.
    pub fn set_mix(&mut self, mix: MixState) {
        self.mix = mix;
    }

    /// Plays although the host's transport is stopped: the engine's own clock starts at a bar line,
    /// at the host's tempo and meter. While the host plays, its position rules and this has no effect.
    pub fn set_audition(&mut self, audition: bool) {
        self.audition = audition;
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
        let _ = (transport, notes_in, sink);
        out.main[0].fill(0.0);
        out.main[1].fill(0.0);
    }

    /// What a window shows: playhead and levels as of the last block.
    #[must_use]
    pub fn meters(&self) -> Meters {
        self.meters
    }
}
