//! How loops that are drawn from styles are played: which lanes take part, how hard, and how early or late.
//!
//! Worker thread, or a tool.

use crate::features::styles::Cell;
use crate::pattern::Role;
use crate::rng::Rng;

/// The chance that a lane of a role plays at all in a draw from a style.
#[must_use]
pub fn presence(role: Role) -> f32 {
    match role {
        Role::Kick | Role::Snare | Role::ClosedHat => 0.97,
        Role::Percussion => 0.72,
        Role::Clap | Role::OpenHat => 0.6,
        Role::Tom | Role::Cymbal => 0.5,
        Role::Fx => 0.35,
    }
}

/// How a drawn loop is played.
#[derive(Clone, Copy, Debug)]
pub struct Touch {
    level: f32,
    depth: f32,
    /// Accents off the beat.
    inverted: bool,
    /// Change of level over the loop.
    growth: f32,
    jitter: f32,
    /// Deviation of micro-timing in 1/256 of a step.
    looseness: f32,
    /// How late the backbeat is, in 1/256 of a step.
    late_backbeat: f32,
}

impl Touch {
    /// A touch, wider where the draw follows no style.
    #[must_use]
    pub fn draw(rng: &mut Rng, broad: bool) -> Self {
        let level = match rng.unit() {
            u if u < 0.66 => 96.0 + 9.0 * rng.normal(),
            u if u < 0.82 => rng.range(48.0, 78.0),
            _ => rng.range(108.0, 122.0),
        };
        let depths: [f32; 4] = if broad { [0.0, 0.15, 0.35, 0.6] } else { [0.0, 0.12, 0.25, 0.45] };
        Self {
            level,
            depth: depths[rng.weighted(&[0.22, 0.33, 0.28, 0.17]).unwrap_or(0)],
            inverted: rng.chance(if broad { 0.35 } else { 0.12 }),
            growth: if rng.chance(if broad { 0.2 } else { 0.06 }) { rng.range(-0.5, 0.5) } else { 0.0 },
            jitter: if rng.chance(0.25) { 0.0 } else { rng.range(1.0, 7.0) },
            looseness: if rng.chance(0.75) { 0.0 } else { rng.range(3.0, 18.0) },
            late_backbeat: if rng.chance(0.85) { 0.0 } else { rng.range(-20.0, 30.0) },
        }
    }

    /// The velocity of a cell at a sixteenth of the bar, 14 to 127; `through` runs from 0 to 1 over the loop.
    pub fn velocity(&self, cell: Cell, sixteenth: u8, through: f32, gain: f32, rng: &mut Rng) -> u8 {
        let mut metric = match sixteenth % 4 {
            0 => 0.35,
            2 => -0.25,
            _ => -0.8,
        };
        if self.inverted {
            metric = -metric;
        }
        let kind = match cell {
            Cell::Accent => 1.0 + 0.14 + 0.4 * self.depth,
            Cell::Hit | Cell::Rest => 1.0 + metric * self.depth,
            Cell::Maybe => 0.9 + metric * self.depth,
            Cell::Ghost => 0.42,
        };
        let level =
            self.level * gain * kind * (1.0 + self.growth * (through - 0.5)) + self.jitter * rng.normal();
        level.clamp(14.0, 127.0) as u8
    }

    /// How late a hit is, of the backbeat or not, in 1/256 of a step.
    pub fn late(&self, is_backbeat: bool, rng: &mut Rng) -> f32 {
        let loose = if self.looseness > 0.0 { self.looseness * rng.normal() } else { 0.0 };
        if is_backbeat { loose + self.late_backbeat } else { loose }
    }
}
