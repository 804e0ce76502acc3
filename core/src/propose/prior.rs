//! Drawing loops before anything is known: a style's figures with its velocities and swing, and a
//! broad component through which every loop can be reached.

use super::company::Company;
use super::constraints::Constraints;
use super::lean::lean;
use super::learned::learn_from_players;
use super::touch::{Touch, presence};
use crate::features::styles::{Cell, DrumStyle, Row};
use crate::features::{Candidate, SoundTable, StyleSet, Styles, role_layer};
use crate::groove::Kind;
use crate::kit::Kit;
use crate::pattern::{Hit, Role, Swing};
use crate::rng::Rng;
use std::sync::Arc;

/// The hit of a cell at a phase of the bar; `through` runs from 0 to 1 over the loop.
fn hit(touch: &Touch, cell: Cell, phase: u8, through: f32, gain: f32, layer: usize, rng: &mut Rng) -> Hit {
    let velocity = touch.velocity(cell, phase, through, gain, rng);
    Hit { velocity, offset: touch.late(layer == 1, rng).clamp(-100.0, 100.0) as i8, ..Hit::NONE }
}

/// Where a draw may come from beside styles and the broad component.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// Nowhere else.
    Written,
    /// A groove that is drawn for it: a millisecond.
    Groove,
    /// This share of draws from grooves that are kept.
    Kept(&'a [Candidate], f32),
}

/// The shares of draws that are grooves as drummers play them, and as they are programmed; the rest are a style's own
/// figures. Chosen on the validation part: more of the first would be told less, and leave less of what is programmed.
const PLAYED_GROOVES: f32 = 0.6;
const PROGRAMMED_GROOVES: f32 = 0.2;

/// The prior over loops.
#[derive(Clone, Debug)]
pub(crate) struct LoopPrior {
    styles: Arc<Styles>,
    straight: Vec<u32>,
    triplet: Vec<u32>,
}

/// How often a style is one of the directions that the person makes, where there are any.
const DIRECTED: f32 = 0.95;
/// What is left of the share of draws that follow no style.
const STILL_BROAD: f32 = 0.3;
/// How often a figure is thrown for a lane that must not be silent.
const MOST_TRIES: usize = 16;

impl LoopPrior {
    /// The prior of a set of styles.
    #[must_use]
    pub(super) fn new(styles: Arc<Styles>) -> Self {
        let (mut straight, mut triplet) = (Vec::new(), Vec::new());
        for (at, style) in styles.all().iter().enumerate() {
            if style.is_triplet() { &mut triplet } else { &mut straight }.push(at as u32);
        }
        if straight.is_empty() {
            straight.clone_from(&triplet);
        }
        Self { styles, straight, triplet }
    }

    /// The styles.
    #[must_use]
    pub(super) fn styles(&self) -> &Styles {
        &self.styles
    }

    fn style(&self, constraints: &Constraints, rng: &mut Rng) -> &DrumStyle {
        let in_triplets = constraints.phases.between != 0;
        let pool = if in_triplets && !self.triplet.is_empty() && rng.chance(0.7) {
            &self.triplet
        } else {
            &self.straight
        };
        let at = match constraints.steering.styles {
            StyleSet::OPEN => {
                let made = constraints.steering.directions.styles();
                let of: Vec<u32> = pool.iter().copied().filter(|&at| made.contains(at as usize)).collect();
                // Nothing that was chosen leaves it open, and draws no number.
                if !of.is_empty() && rng.chance(DIRECTED) {
                    rng.pick(&of).copied()
                } else {
                    rng.pick(pool).copied()
                }
            }
            wanted => {
                let of = |pool: &[u32]| -> Vec<u32> {
                    pool.iter().copied().filter(|&at| wanted.contains(at as usize)).collect()
                };
                let fitting = of(pool);
                let all = if fitting.is_empty() {
                    [of(&self.straight), of(&self.triplet)].concat()
                } else {
                    fitting
                };
                rng.pick(&all).copied()
            }
        };
        &self.styles.all()[at.unwrap_or(0) as usize]
    }

    /// A loop: from a style but for a share `broad` of draws that follow none.
    #[must_use]
    pub(super) fn draw(
        &self,
        constraints: &Constraints,
        kit: &Kit,
        sounds: &SoundTable,
        broad: f32,
        source: Source<'_>,
        rng: &mut Rng,
    ) -> Candidate {
        let mut candidate = Candidate::empty(constraints.grid(), &constraints.roles);
        for _ in 0..8 {
            Company { constraints, kit, sounds }.draw(&mut candidate, rng);
            let directed = !constraints.steering.directions.is_none();
            let broad = if directed { STILL_BROAD * broad } else { broad };
            // A groove leads away from what was said that one makes; now and then that is welcome.
            if !(directed && rng.chance(DIRECTED))
                && self.groove(&mut candidate, source, constraints, sounds, broad, rng)
            {
                constraints.enforce(&mut candidate);
                if constraints.is_playable(&candidate) {
                    break;
                }
            }
            if rng.chance(broad) && constraints.steering.styles.is_open() {
                self.draw_broad(&mut candidate, constraints, rng);
            } else {
                let style = self.style(constraints, rng);
                self.draw_style(&mut candidate, style, constraints, sounds, rng);
            }
            self.steer_density(&mut candidate, constraints, rng);
            constraints.enforce(&mut candidate);
            if constraints.is_playable(&candidate) {
                break;
            }
        }
        if constraints.follow.is_some() {
            let before = candidate;
            lean(&mut candidate, constraints, rng);
            constraints.enforce(&mut candidate);
            if !constraints.is_playable(&candidate) {
                candidate = before;
            }
        }
        candidate
    }

    /// Gives a draw the rhythm of a groove, where this one gets one.
    fn groove(
        &self,
        candidate: &mut Candidate,
        source: Source<'_>,
        constraints: &Constraints,
        sounds: &SoundTable,
        broad: f32,
        rng: &mut Rng,
    ) -> bool {
        // Where any lane takes any sound, lanes have no roles that a drummer knew.
        if constraints.any_sample {
            return false;
        }
        let kind = match source {
            Source::Written => return false,
            Source::Kept(grooves, share) => {
                let Some(groove) = rng.pick(grooves).copied().filter(|_| rng.chance(share * (1.0 - broad)))
                else {
                    return false;
                };
                candidate.swing = groove.swing;
                for (part, from) in candidate.parts_mut().iter_mut().zip(groove.parts()) {
                    (part.hits, part.mask) = (from.hits, from.mask);
                }
                return true;
            }
            Source::Groove if rng.chance(broad) => return false,
            Source::Groove => match rng.unit() {
                lot if lot < PLAYED_GROOVES => Kind::Played,
                lot if lot < PLAYED_GROOVES + PROGRAMMED_GROOVES => Kind::Electronic,
                _ => return false,
            },
        };
        self.make_groove(candidate, kind, constraints, sounds, rng);
        true
    }

    /// A groove for the stock: a rhythm, without sounds.
    pub(super) fn draw_groove(
        &self,
        constraints: &Constraints,
        sounds: &SoundTable,
        kind: Kind,
        rng: &mut Rng,
    ) -> Candidate {
        let mut candidate = Candidate::empty(constraints.grid(), &constraints.roles);
        for _ in 0..4 {
            self.make_groove(&mut candidate, kind, constraints, sounds, rng);
            if constraints.is_playable(&candidate) {
                break;
            }
        }
        candidate
    }

    fn make_groove(
        &self,
        candidate: &mut Candidate,
        kind: Kind,
        constraints: &Constraints,
        sounds: &SoundTable,
        rng: &mut Rng,
    ) {
        let style = self.style(constraints, rng);
        self.draw_style(candidate, style, constraints, sounds, rng);
        constraints.enforce(candidate);
        // A direction says what kind it is.
        let direction = constraints.steering.styles.family();
        let kind = match direction {
            Some(family) if family.is_played() => Kind::Played,
            Some(_) => Kind::Electronic,
            None => kind,
        };
        let family = direction.or((kind == Kind::Electronic).then_some(style.family));
        learn_from_players(candidate, kind, family, constraints, rng);
        self.steer_density(candidate, constraints, rng);
        constraints.enforce(candidate);
    }

    /// The rhythm of one lane from a style.
    pub(super) fn draw_lane(
        &self,
        candidate: &mut Candidate,
        lane: usize,
        constraints: &Constraints,
        sounds: &SoundTable,
        rng: &mut Rng,
    ) {
        let style = self.style(constraints, rng);
        let touch = Touch::draw(rng, false);
        self.lane(candidate, lane, style, touch, constraints, sounds, rng);
    }

    fn draw_style(
        &self,
        candidate: &mut Candidate,
        style: &DrumStyle,
        constraints: &Constraints,
        sounds: &SoundTable,
        rng: &mut Rng,
    ) {
        let touch = Touch::draw(rng, false);
        let [least, most] = style.swing;
        candidate.swing = Swing::from_percent(match rng.unit() {
            u if u < 0.1 => rng.range(50.0, 68.0),
            u if u < 0.45 => 50.0,
            _ => rng.range(least, most.max(least + 0.01)),
        });
        for lane in 0..candidate.parts().len() {
            let style = if rng.chance(0.1) { self.style(constraints, rng) } else { style };
            let role = candidate.parts()[lane].role;
            candidate.parts_mut()[lane].clear();
            if constraints.cold || rng.chance(presence(role)) {
                self.lane(candidate, lane, style, touch, constraints, sounds, rng);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one place, all of it needed")]
    fn lane(
        &self,
        candidate: &mut Candidate,
        lane: usize,
        style: &DrumStyle,
        touch: Touch,
        constraints: &Constraints,
        sounds: &SoundTable,
        rng: &mut Rng,
    ) {
        let grid = constraints.grid();
        let role = played_role(candidate, lane, constraints, sounds, rng);
        let rows = style.rows(role);
        let Some(&row) = rng.pick(rows) else { return };
        // Before anything is known a lane rests only in styles in which it always does.
        let sounding: Vec<Row> = rows.iter().copied().filter(|row| row.phases(0.5) != 0).collect();
        let row = if constraints.cold { rng.pick(&sounding).copied().unwrap_or(row) } else { row };
        let gain = if rng.chance(0.3) { rng.range(0.5, 1.15) } else { rng.range(0.85, 1.05) };
        const NOISE: [f32; 3] = [0.0, 0.015, 0.04];
        let noise = NOISE[rng.below(3)];
        let bar_steps = usize::from(grid.steps_per_bar);
        let layer = role_layer(role);
        let part = &mut candidate.parts_mut()[lane];
        // What a figure leaves to chance does not leave a lane silent before anything is known.
        let tries = if constraints.cold && row.phases(0.5) != 0 { MOST_TRIES } else { 1 };
        for _ in 0..tries {
            part.clear();
            for bar in 0..usize::from(grid.bars) {
                // A bar repeats the first, or varies it, more often at the end of a phrase.
                let varied = bar > 0 && rng.chance(if bar % 2 == 1 { 0.4 } else { 0.15 });
                let other: Row = if varied { rng.pick(rows).copied().unwrap_or(row) } else { row };
                for step in 0..bar_steps {
                    let at = bar * bar_steps + step;
                    if bar > 0 && !varied {
                        let hit = part.hits[step];
                        part.set(at, hit);
                        continue;
                    }
                    let cell = other.at(step as f64 * grid.step_beats());
                    if rng.chance(cell.chance()) != rng.chance(noise) {
                        let through = at as f32 / grid.steps() as f32;
                        let phase = constraints.phases.position(at) % 16;
                        part.set(at, hit(&touch, cell, phase, through, gain, layer, rng));
                    }
                }
            }
            if part.mask != 0 {
                break;
            }
        }
    }

    fn draw_broad(&self, candidate: &mut Candidate, constraints: &Constraints, rng: &mut Rng) {
        let grid = constraints.grid();
        let touch = Touch::draw(rng, true);
        candidate.swing =
            if rng.chance(0.6) { Swing::STRAIGHT } else { Swing::from_percent(rng.range(50.0, 70.0)) };
        let bar_steps = usize::from(grid.steps_per_bar);
        for part in candidate.parts_mut() {
            part.clear();
            // Close to Beta(1.2, 1.6): sparse and dense lanes both occur.
            let density = 0.02 + 0.86 * rng.unit().powf(1.25);
            let gain = rng.range(0.5, 1.15);
            let layer = role_layer(part.role);
            for at in 0..grid.steps() {
                if at >= bar_steps && rng.chance(0.8) {
                    let hit = part.hits[at % bar_steps];
                    part.set(at, hit);
                } else if rng.chance(density) {
                    let through = at as f32 / grid.steps() as f32;
                    let phase = constraints.phases.position(at) % 16;
                    part.set(at, hit(&touch, Cell::Hit, phase, through, gain, layer, rng));
                }
            }
            if constraints.cold && part.mask == 0 {
                part.set(rng.below(grid.steps()), hit(&touch, Cell::Hit, 0, 0.0, gain, layer, rng));
            }
        }
    }

    /// Thins or fills a draw towards the density that was asked for.
    fn steer_density(&self, candidate: &mut Candidate, constraints: &Constraints, rng: &mut Rng) {
        let Some(wanted) = constraints.wanted_density() else { return };
        let steps = constraints.grid().steps();
        let cells = steps * candidate.parts().len();
        let wanted = wanted * cells as f32;
        let firmness = (2.0 * (constraints.steering.density - 0.5).abs()).min(1.0);
        let goal = candidate.hit_count() as f32 * (1.0 - firmness) + wanted * firmness;
        for _ in 0..4 * cells {
            let hits = candidate.hit_count() as f32;
            if (hits - goal).abs() < 1.0 {
                break;
            }
            let (lane, step) = (rng.below(candidate.parts().len()), rng.below(steps));
            let strong = constraints.phases.position(step).is_multiple_of(4);
            let part = &mut candidate.parts_mut()[lane];
            let last = constraints.cold && part.mask.count_ones() == 1;
            if hits > goal && !last && (!strong || rng.chance(0.3)) {
                part.set(step, Hit::NONE);
            } else if hits < goal && part.mask != 0 {
                let level = part.sounding().next().map_or(80, |(_, hit)| hit.velocity);
                if !part.hits[step].is_on() {
                    part.set(step, Hit::new((f32::from(level) * rng.range(0.6, 0.95)) as u8));
                }
            }
        }
    }
}

/// The role whose figure a lane plays: its own, or in any-sample sessions that of its sound's layer.
fn played_role(
    candidate: &Candidate,
    lane: usize,
    constraints: &Constraints,
    sounds: &SoundTable,
    rng: &mut Rng,
) -> Role {
    let part = &candidate.parts()[lane];
    if !constraints.any_sample {
        return part.role;
    }
    let layers = sounds.layers(part.sample);
    let strongest = (0..3).max_by(|&a, &b| layers[a].total_cmp(&layers[b])).unwrap_or(1);
    let taken = candidate.parts()[..lane].iter().any(|other| {
        let layers = sounds.layers(other.sample);
        other.mask != 0 && layers[strongest] >= 0.5
    });
    match (strongest, taken) {
        (0, false) => Role::Kick,
        (1, false) => Role::Snare,
        (2, false) => Role::ClosedHat,
        (0, true) => Role::Tom,
        (2, true) if rng.chance(0.5) => Role::OpenHat,
        _ => Role::Percussion,
    }
}
