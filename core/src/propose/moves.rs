//! Changes of a candidate: the steps of the search.

use super::company::{Company, set_sound};
use super::constraints::Constraints;
use super::learned::{flip_informed, usual_level};
use super::prior::LoopPrior;
use crate::critic::particles::{Figure, Hypothesis, Join, TermKind};
use crate::features::phases::row;
use crate::features::{AUDIBLE, Candidate, LANES, Part, SoundTable};
use crate::kit::Kit;
use crate::pattern::{Hit, Life, Role, Swing};
use crate::rng::Rng;

/// How often cells are flipped as the groove net would have them, rather than blindly.
const INFORMED: f32 = 0.25;
/// Kits that are looked at for sounds that fit a leaning.
const KITS_TRIED: usize = 2;

/// What moves draw on.
#[derive(Clone, Copy)]
pub(crate) struct Palette<'a> {
    /// The prior.
    pub prior: &'a LoopPrior,
    /// Grooves that are kept.
    pub grooves: &'a [Candidate],
    /// The kit.
    pub kit: &'a Kit,
    /// Its tables.
    pub sounds: &'a SoundTable,
    /// What the request allows.
    pub constraints: &'a Constraints,
    /// Loops that were liked, on this grid and with these roles.
    pub liked: &'a [Candidate],
    /// Hypotheses that stand for what is believed.
    pub beliefs: &'a [Hypothesis],
    /// The loop that is heard before the one that is looked for.
    pub before: Option<&'a Candidate>,
}

impl Palette<'_> {
    /// What sounds are chosen from.
    pub(crate) fn company(&self) -> Company<'_> {
        Company { constraints: self.constraints, kit: self.kit, sounds: self.sounds }
    }

    /// Gives a lane another sound that its role, the constraints and the loop's other sounds allow.
    pub(crate) fn draw_sound(&self, candidate: &mut Candidate, lane: usize, rng: &mut Rng) {
        let sound = self.company().other(candidate, lane, rng);
        if let Some(part) = candidate.parts_mut().get_mut(lane) {
            set_sound(part, sound, self.kit);
        }
    }
}

fn flip(candidate: &mut Candidate, rng: &mut Rng) {
    let steps = candidate.grid.steps();
    let lane = rng.below(candidate.parts().len());
    let step = rng.below(steps);
    let part = &mut candidate.parts_mut()[lane];
    let hit = if part.hits[step].is_on() { Hit::NONE } else { Hit::new(usual_level(part, rng)) };
    part.set(step, hit);
}

fn rotate(part: &mut Part, steps: usize, rng: &mut Rng) {
    const TURNS: [usize; 5] = [1, 2, 4, 15, 14];
    let turn = TURNS[rng.below(TURNS.len())] % steps.max(1);
    let before = part.hits;
    for (step, &hit) in before.iter().enumerate().take(steps) {
        part.set((step + turn) % steps, hit);
    }
}

/// Copies one stretch over another: a half over the other half, a beat over all beats, a bar over all.
fn repeat(part: &mut Part, constraints: &Constraints, rng: &mut Rng) {
    let grid = constraints.grid();
    let (steps, bar) = (grid.steps(), usize::from(grid.steps_per_bar));
    let beat = grid.steps_per_beat().max(1);
    let length = match rng.below(3) {
        0 => (steps / 2).max(1),
        1 => bar,
        _ => beat,
    };
    let from = rng.below((steps / length).max(1)) * length;
    let before = part.hits;
    for step in 0..steps {
        part.set(step, before[(from + step % length) % steps]);
    }
}

/// Changes velocities: of all, of a lane, of a metric class, of one hit; or contrast.
fn dynamics(candidate: &mut Candidate, constraints: &Constraints, rng: &mut Rng) {
    let lane = rng.below(candidate.parts().len());
    let whole = rng.chance(0.5);
    let kind = rng.below(6);
    let factor = rng.range(0.55, 1.5);
    let class = rng.below(4) as u8;
    let level = rng.range(20.0, 127.0);
    for (at, part) in candidate.parts_mut().iter_mut().enumerate() {
        if !whole && at != lane {
            continue;
        }
        let count = part.mask.count_ones().max(1) as f32;
        let mean = part.sounding().map(|(_, hit)| f32::from(hit.velocity)).sum::<f32>() / count;
        let chosen = rng.below(count as usize);
        let mut left = part.mask;
        let mut index = 0;
        while left != 0 {
            let step = left.trailing_zeros() as usize;
            left &= left - 1;
            let hit = &mut part.hits[step];
            let velocity = f32::from(hit.velocity);
            let phase = constraints.phases.position(step) % 16;
            let new = match kind {
                0 => velocity * factor,
                1 => mean + (velocity - mean) * 2.0 * (factor - 0.55),
                2 if phase % 4 == class => level,
                3 if index == chosen => level,
                4 if !phase.is_multiple_of(4) && rng.chance(0.4) => 0.45 * mean,
                5 => mean,
                _ => velocity,
            };
            hit.velocity = new.clamp(12.0, 127.0) as u8;
            index += 1;
        }
    }
}

/// Above this adventure soft hits may be left to chance, where a loop with life was liked.
const LEFT_TO_CHANCE: f32 = 0.6;

/// Adds soft hits on free steps of one lane.
fn ghosts(part: &mut Part, palette: &Palette<'_>, rng: &mut Rng) {
    let bold = palette.constraints.steering.adventure > LEFT_TO_CHANCE;
    // Nothing is drawn for it where no such loop was liked: proposals are those that they would be.
    let alive = bold && palette.liked.iter().any(Candidate::is_alive);
    for _ in 0..1 + rng.below(3) {
        let step = rng.below(palette.constraints.grid().steps());
        if !part.hits[step].is_on() {
            let hit = Hit::new(25 + rng.below(30) as u8);
            let life = if alive { Life::NONE.with_chance(40 + rng.below(51) as u8) } else { Life::NONE };
            part.set(step, Hit { life, ..hit });
        }
    }
}

/// One kind of change, to the lane of that number or to the whole.
type Change = fn(&mut Candidate, usize, &Palette<'_>, &mut Rng);

/// How many changes in a hundred are of which kind.
const CHANGES: [(u8, Change); 13] = [
    (32, |candidate, _, palette, rng| {
        let flips = 1 + rng.below(3);
        let constraints = palette.constraints;
        let informed = !constraints.any_sample && rng.chance(INFORMED);
        if !informed || !flip_informed(candidate, constraints, flips, rng) {
            for _ in 0..flips {
                flip(candidate, rng);
            }
        }
    }),
    (10, |candidate, lane, palette, rng| {
        palette.prior.draw_lane(candidate, lane, palette.constraints, palette.sounds, rng);
    }),
    (3, |candidate, lane, palette, rng| {
        rotate(&mut candidate.parts_mut()[lane], palette.constraints.grid().steps(), rng);
    }),
    (4, |candidate, lane, palette, rng| repeat(&mut candidate.parts_mut()[lane], palette.constraints, rng)),
    (2, |candidate, _, palette, rng| palette.company().change_kit(candidate, rng)),
    (10, |candidate, lane, palette, rng| palette.draw_sound(candidate, lane, rng)),
    (10, similar_sound),
    (3, |candidate, lane, palette, rng| {
        thin(&mut candidate.parts_mut()[lane], palette.constraints.grid().steps(), rng);
    }),
    (7, borrow_lane),
    (6, |candidate, _, palette, rng| {
        if let Some(belief) = rng.pick(palette.beliefs) {
            plant(candidate, belief, palette, rng);
        }
    }),
    (8, |candidate, _, palette, rng| dynamics(candidate, palette.constraints, rng)),
    (2, |candidate, lane, palette, rng| {
        ghosts(&mut candidate.parts_mut()[lane], palette, rng);
    }),
    (3, |candidate, _, _, rng| {
        const SWINGS: [f32; 5] = [50.0, 54.0, 58.0, 62.0, 66.0];
        candidate.swing = Swing::from_percent(SWINGS[rng.below(5)]);
    }),
];

// The last kind takes what is left, so a wrong sum would go unnoticed.
const _: () = {
    let (mut sum, mut at) = (0, 0);
    while at < CHANGES.len() {
        sum += CHANGES[at].0;
        at += 1;
    }
    assert!(sum == 100);
};

/// One change at random, kept to what the request allows.
pub(super) fn mutate(candidate: &mut Candidate, palette: &Palette<'_>, rng: &mut Rng) {
    let lane = rng.below(candidate.parts().len());
    let drawn = rng.unit();
    let mut upto = 0;
    // In whole hundredths: sums of fractions would move the borders by a rounding.
    let chosen = CHANGES.iter().find(|(share, _)| {
        upto += share;
        drawn < f32::from(upto) / 100.0
    });
    if let Some((_, change)) = chosen {
        change(candidate, lane, palette, rng);
    }
    palette.constraints.enforce(candidate);
}

/// Another sound that is like the lane's own.
fn similar_sound(candidate: &mut Candidate, lane: usize, palette: &Palette<'_>, rng: &mut Rng) {
    if let Some(like_it) = palette.company().neighbour(candidate, lane, rng) {
        set_sound(&mut candidate.parts_mut()[lane], like_it, palette.kit);
    }
}

/// Takes hits away: all, or some.
fn thin(part: &mut Part, steps: usize, rng: &mut Rng) {
    if rng.chance(0.3) {
        part.clear();
        return;
    }
    let keep = rng.range(0.3, 0.8);
    for step in 0..steps {
        if !rng.chance(keep) {
            part.set(step, Hit::NONE);
        }
    }
}

/// The lane as a liked loop has it, with or without its sound.
fn borrow_lane(candidate: &mut Candidate, lane: usize, palette: &Palette<'_>, rng: &mut Rng) {
    let Some(from) = rng.pick(palette.liked).and_then(|other| other.parts().get(lane)) else { return };
    let part = &mut candidate.parts_mut()[lane];
    (part.hits, part.mask, part.course) = (from.hits, from.mask, from.course);
    if rng.chance(0.5) {
        (part.id, part.sample) = (from.id, from.sample);
    }
}

/// Writes what a hypothesis listens for into a candidate: its figures into lanes of the right layer,
/// sounds that fit its leaning.
pub(crate) fn plant(candidate: &mut Candidate, belief: &Hypothesis, palette: &Palette<'_>, rng: &mut Rng) {
    for term in belief.terms() {
        if let TermKind::Leaning(leaning) = &term.kind {
            plant_sounds(
                candidate,
                leaning.measures,
                leaning.weights,
                usize::from(leaning.count),
                palette,
                rng,
            );
        }
    }
    for term in belief.terms() {
        if let TermKind::Figure(figure) = &term.kind {
            plant_figure(candidate, figure, palette, rng);
        }
    }
    palette.constraints.enforce(candidate);
}

fn plant_sounds(
    candidate: &mut Candidate,
    measures: [u16; 3],
    weights: [f32; 3],
    count: usize,
    palette: &Palette<'_>,
    rng: &mut Rng,
) {
    let worth = |sample: u32| -> f32 {
        let traits = palette.sounds.traits(sample);
        let used = measures.iter().zip(weights).take(count);
        used.map(|(&at, weight)| traits.get(usize::from(at)).copied().unwrap_or(0.0) * weight).sum()
    };
    let about_traits = measures[..count].iter().any(|&at| usize::from(at) < crate::features::SOUND_TRAITS);
    if !about_traits {
        return;
    }
    let whole = |candidate: &Candidate| candidate.parts().iter().map(|part| worth(part.sample)).sum::<f32>();
    let company = palette.company();
    // First the kit whose sounds fit best of a few, then better ones within it.
    for _ in 0..KITS_TRIED {
        let mut other = *candidate;
        company.change_kit(&mut other, rng);
        if whole(&other) > whole(candidate) {
            *candidate = other;
        }
    }
    let tries = if rng.chance(0.5) { 3 } else { 8 };
    for lane in 0..candidate.parts().len() {
        if rng.chance(0.15) {
            continue;
        }
        let own = candidate.parts()[lane].sample;
        let mut best = (worth(own), own);
        for _ in 0..tries {
            let other = company.other(candidate, lane, rng);
            let value = worth(other);
            if value > best.0 {
                best = (value, other);
            }
        }
        if best.1 != own {
            set_sound(&mut candidate.parts_mut()[lane], best.1, palette.kit);
        }
    }
}

fn write_row(part: &mut Part, wanted: u16, constraints: &Constraints, rng: &mut Rng) {
    let level = usual_level(part, rng);
    for step in 0..constraints.grid().steps() {
        let phase = constraints.phases.position(step) % 16;
        let is_triplet = constraints.phases.between >> step & 1 == 1;
        let on = wanted >> phase & 1 == 1 && !is_triplet;
        if on != part.hits[step].is_on() {
            part.set(step, if on { Hit::new(level) } else { Hit::NONE });
        }
    }
}

fn plant_figure(candidate: &mut Candidate, figure: &Figure, palette: &Palette<'_>, rng: &mut Rng) {
    let lanes = candidate.parts().len();
    let constraints = palette.constraints;
    if figure.join == Join::BestLane || usize::from(figure.hearing) == LANES {
        let lane = rng.below(lanes);
        write_row(&mut candidate.parts_mut()[lane], row(figure.target, 0), constraints, rng);
        return;
    }
    let layers_of = |part: &Part, hearing: usize| palette.sounds.layer_bits(part.sample, hearing, part.role);
    let hearing = if usize::from(figure.hearing) >= LANES { AUDIBLE } else { usize::from(figure.hearing) };
    for layer in 0..4 {
        let weight = figure.weights[layer];
        if weight.abs() < 0.06 {
            continue;
        }
        let wanted = row(figure.target, layer);
        let fits = |part: &Part| layer == 3 || layers_of(part, hearing) >> layer & 1 == 1;
        let mut fitting: Vec<usize> = (0..lanes).filter(|&lane| fits(&candidate.parts()[lane])).collect();
        if weight < 0.0 {
            // "Not this": silence these steps.
            for &lane in &fitting {
                let part = &mut candidate.parts_mut()[lane];
                for step in 0..constraints.grid().steps() {
                    if wanted >> (constraints.phases.position(step) % 16) & 1 == 1 && rng.chance(0.9) {
                        part.set(step, Hit::NONE);
                    }
                }
            }
            continue;
        }
        if fitting.is_empty() {
            // No lane sounds in this layer: give the lane of the fitting role another sound.
            let kin = [Role::Kick, Role::Snare, Role::ClosedHat][layer.min(2)];
            let lane = candidate.parts().iter().position(|part| part.role == kin).unwrap_or(rng.below(lanes));
            if !constraints.may_change_sound(lane) {
                continue;
            }
            for _ in 0..12 {
                palette.draw_sound(candidate, lane, rng);
                let part = &candidate.parts()[lane];
                if layers_of(part, hearing) >> layer & 1 == 1 {
                    break;
                }
            }
            fitting.push(lane);
        }
        let free: Vec<usize> =
            fitting.iter().copied().filter(|&lane| constraints.free_steps(lane) != 0).collect();
        let Some(&chosen) = rng.pick(if free.is_empty() { &fitting } else { &free }) else { continue };
        if layer == 3 {
            // Any lane may bring these onsets; all lanes together should bring no others.
            for lane in 0..lanes {
                let part = &mut candidate.parts_mut()[lane];
                for step in 0..constraints.grid().steps() {
                    let on = wanted >> (constraints.phases.position(step) % 16) & 1 == 1;
                    if !on && figure.extra > 0.3 {
                        part.set(step, Hit::NONE);
                    } else if on && lane == chosen && !part.hits[step].is_on() {
                        let level = usual_level(part, rng);
                        part.set(step, Hit::new(level));
                    }
                }
            }
            continue;
        }
        write_row(&mut candidate.parts_mut()[chosen], wanted, constraints, rng);
        for &lane in fitting.iter().filter(|&&lane| lane != chosen) {
            let part = &mut candidate.parts_mut()[lane];
            for step in 0..constraints.grid().steps() {
                let on = wanted >> (constraints.phases.position(step) % 16) & 1 == 1;
                if !on && rng.chance(0.8) {
                    part.set(step, Hit::NONE);
                }
            }
        }
    }
}
