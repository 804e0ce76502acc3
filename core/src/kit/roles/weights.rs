//! The fitted numbers of [`super::role_by_sound`]: printed by its test `print_weights`, never edited.

use super::FEATURES;

/// Mean and deviation of each input over the factory sounds.
pub(super) const SCALE: [(f32, f32); FEATURES] = [(0.0, 1.0); FEATURES];
/// A row for each role; the last number is the constant.
pub(super) const WEIGHTS: [[f32; FEATURES + 1]; 9] = [[0.0; FEATURES + 1]; 9];
