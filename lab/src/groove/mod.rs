//! The groove nets in the laboratory: what they are trained on, their training, and how near their loops come to
//! what drummers play.
//!
//! Called by the headless tool (`deepdrummer train-grooves`, `deepdrummer grooves --data`); minutes on one core.
//! Deterministic in the seed. The data are the Groove MIDI Dataset (Gillick, Roberts, Engel, Eck and Bamman 2019,
//! Learning to Groove with Inverse Sequence Transformations; CC BY 4.0) as it is published, in a folder outside
//! the repository, and draws from the styles that ship. `docs/grooves.md` says what came of it.

mod batch;
mod data;
mod draws;
pub mod examine;
mod forest;
mod nets;
mod plot;
mod train;

pub use data::{Bar, DataError, Split, Strip, performances};
pub use draws::{draw, draws};
pub use plot::{bars, curves};
pub use train::{Options, Point, Progress, Report, train};

#[cfg(test)]
mod tests;
