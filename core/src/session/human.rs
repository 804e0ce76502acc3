//! Settings of the dial for feel: what suits which family.
//!
//! Any thread; plain numbers.

use crate::groove::Family;

/// The dial of a new project, whose loops may be of any family.
pub const NEW: f32 = 0.6;

/// The dial that suits a family: all of what a drummer does where a drummer plays it; of programmed music, whose
/// grid and written accents are part of the style, no more than takes the edge off.
#[must_use]
pub fn that_suits(family: Option<Family>) -> f32 {
    match family {
        None => NEW,
        Some(family) if family.is_played() => 1.0,
        Some(_) => 0.2,
    }
}

/// An amount within its range; what is no number is `otherwise`.
#[must_use]
pub(super) fn sanitized(amount: f32, otherwise: f32) -> f32 {
    if amount.is_nan() { otherwise } else { amount.clamp(0.0, 1.0) }
}
