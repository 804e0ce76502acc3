//! Taste particles: a Bayesian mixture over sparse, explicit tastes.
//!
//! A [`Hypothesis`] says what a person listens for in words a drummer would use: this figure in that
//! layer, few hits, dark sounds, both together. Thousands are weighed at once because one costs a few
//! bit operations per loop; one like can rule most of them out, which a smooth model can not.

mod bank;
mod evidence;
mod hypothesis;
mod moves;
mod posterior;
mod prior;
pub(crate) mod quick;
#[cfg(test)]
mod tests;

pub use hypothesis::{Figure, Join, Shape};

pub(crate) use hypothesis::{Hypothesis, TermKind};
pub(crate) use posterior::PanelVote;
pub use posterior::Particles;
pub(crate) use prior::Dictionary;
