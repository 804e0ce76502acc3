//! Why: what each hit and sound of a loop does to P(like), what was learned in words, what would lift a loop, and
//! whether rhythm or sound decides.
//!
//! Worker thread. Pure functions of the model and a loop: the same judgements give the same answers. Nothing is said
//! before there is a judgement to base it on. `docs/why.md` says what is held of each.

mod claims;
mod lift;
mod marks;
mod parts;
mod phrases;
mod words;

pub use claims::{Claim, Quantity, Side};
pub use lift::{Free, Lift};
pub use marks::{Attribution, Mark};
pub use parts::RhythmShare;
pub use words::Statement;

pub(crate) use lift::best;
pub(crate) use marks::attribute;
pub(crate) use parts::{RHYTHMS, SOUNDS, rhythm_share};
#[cfg(test)]
pub(crate) use words::area;
pub(crate) use words::{Reference, agreed, is_enough, statements};
