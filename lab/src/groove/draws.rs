//! Bars drawn from the styles that ship, as the generator's prior draws them, but for its broad component: how
//! the nets get to know what nobody plays on a kit.

use super::data::{Bar, Strip};
use deepdrummer_core::features::Styles;
use deepdrummer_core::features::styles::DrumStyle;
use deepdrummer_core::groove::{CELLS, Kind, Part};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::propose::touch::{Touch, presence};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;

/// How often a role has a lane at all; kick, snare and closed hat always do.
const PRESENT: f32 = 0.55;
const EFFECTS: f32 = 0.35;
/// How often percussion has two.
const SECOND: f32 = 0.3;

/// `count` bars.
#[must_use]
pub fn draws(count: usize, seed: Seed) -> Vec<Bar> {
    let styles = Styles::builtin();
    let mut rng = Rng::stream(seed, "draws from styles", 0);
    let mut bars = Vec::with_capacity(count);
    while bars.len() < count {
        let bar = draw(&styles, None, bars.len() as u64, &mut rng);
        if bar.hit_count() >= 4 {
            bars.push(bar);
        }
    }
    bars
}

/// One bar of any style; with the given roles, or a set that is drawn too.
#[must_use]
pub fn draw(styles: &Styles, roles: Option<&[Role]>, number: u64, rng: &mut Rng) -> Bar {
    let fallback = &styles.all()[0];
    let style = rng.pick(styles.all()).unwrap_or(fallback);
    let touch = Touch::draw(rng, false);
    let drawn: Vec<Role>;
    let roles = match roles {
        Some(roles) => roles,
        None => {
            let mut own = Vec::new();
            for role in Role::ALL {
                let chance = match role {
                    Role::Kick | Role::Snare | Role::ClosedHat => 1.0,
                    Role::Fx => EFFECTS,
                    _ => PRESENT,
                };
                if rng.chance(chance) {
                    own.push(role);
                    if role == Role::Percussion && rng.chance(SECOND) {
                        own.push(role);
                    }
                }
            }
            drawn = own;
            &drawn
        }
    };
    let triplets = style.is_triplet();
    let mut lanes = Vec::new();
    for &role in roles {
        if !rng.chance(presence(role)) {
            continue;
        }
        let strip = strip(style, role, &touch, triplets, rng);
        if strip.hits() != 0 {
            lanes.push(strip);
        }
    }
    let part = if style.name == "Fill" { Part::Fill } else { Part::Beat };
    let bpm = rng.range(80.0, 150.0);
    let piece = (1 << 32) + number;
    Bar { lanes, triplets, family: style.family, kind: Kind::Electronic, part, bpm, piece }
}

fn strip(style: &DrumStyle, role: Role, touch: &Touch, triplets: bool, rng: &mut Rng) -> Strip {
    let mut strip = Strip::silent(role);
    let rows = style.rows(role);
    let Some(row) = rng.pick(rows).filter(|row| row.is_triplet() == triplets) else { return strip };
    let gain = if rng.chance(0.3) { rng.range(0.5, 1.15) } else { rng.range(0.85, 1.05) };
    const NOISE: [f32; 3] = [0.0, 0.015, 0.04];
    let noise = NOISE[rng.below(3)];
    let count = if triplets { 12 } else { CELLS };
    for step in 0..count {
        let cell = row.at(step as f64 * 4.0 / count as f64);
        if rng.chance(cell.chance()) == rng.chance(noise) {
            continue;
        }
        let sixteenth = (step as f32 * 16.0 / count as f32).round() as u8;
        strip.velocity[step] = touch.velocity(cell, sixteenth, step as f32 / count as f32, gain, rng);
        let is_backbeat = matches!(role, Role::Snare | Role::Clap);
        strip.offset[step] = (touch.late(is_backbeat, rng) / 256.0).clamp(-0.49, 0.49);
    }
    strip
}
