//! The search for loops: pools of candidates, Metropolis–Hastings chains, a varied choice.

use super::moves::{Palette, mutate, plant};
use super::prior::Source;
use crate::features::Candidate;
use crate::rng::Rng;

/// A candidate and its score on the logit scale.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    /// The candidate.
    pub candidate: Candidate,
    /// Its score.
    pub worth: f32,
}

/// How a pool is made up: counts of each kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blend {
    /// Draws from the prior.
    pub prior: usize,
    /// The share of those that follow no style.
    pub broad: f32,
    /// The share of the others that are grooves of the stock.
    pub grooves: f32,
    /// Draws with a hypothesis written into them.
    pub planted: usize,
    /// Relatives of liked loops.
    pub near: usize,
    /// Variations of liked loops.
    pub variations: usize,
    /// The share of the first two kinds that keep to the sounds of the loop before, where there is one.
    pub kept: f32,
}

/// A relative of a liked loop: mutated, crossed with another, or with other sounds.
pub(super) fn relative(palette: &Palette<'_>, weights: &[f32], rng: &mut Rng) -> Option<Candidate> {
    let liked = palette.liked;
    let mut candidate = *liked.get(rng.weighted(weights)?)?;
    if rng.chance(0.5) {
        let other = liked[rng.weighted(weights)?];
        let kind = rng.unit();
        for lane in 0..candidate.parts().len().min(other.parts().len()) {
            let from = &other.parts()[lane];
            let part = &mut candidate.parts_mut()[lane];
            if kind < 0.35 {
                (part.id, part.sample) = (from.id, from.sample);
            } else if kind < 0.65 && rng.chance(0.5) {
                *part = *from;
            }
        }
        if kind >= 0.65 {
            palette.company().change_kit(&mut candidate, rng);
        }
    }
    mutate(&mut candidate, palette, rng);
    if rng.chance(0.6) {
        mutate(&mut candidate, palette, rng);
    }
    Some(candidate)
}

/// A liked loop with one other sound, or with one or two small changes.
pub(super) fn variation(palette: &Palette<'_>, weights: &[f32], rng: &mut Rng) -> Option<Candidate> {
    let mut candidate = *palette.liked.get(rng.weighted(weights)?)?;
    if rng.chance(0.5) {
        let lane = rng.below(candidate.parts().len());
        palette.draw_sound(&mut candidate, lane, rng);
        palette.constraints.enforce(&mut candidate);
        return Some(candidate);
    }
    mutate(&mut candidate, palette, rng);
    if rng.chance(0.5) {
        mutate(&mut candidate, palette, rng);
    }
    Some(candidate)
}

/// Fills `pool` with playable candidates.
pub(super) fn pool(
    palette: &Palette<'_>,
    blend: Blend,
    weights: &[f32],
    rng: &mut Rng,
    pool: &mut Vec<Candidate>,
) {
    let Palette { prior, grooves, kit, sounds, constraints, beliefs, .. } = *palette;
    pool.clear();
    let mut add = |candidate: Candidate| {
        if constraints.is_playable(&candidate) {
            pool.push(candidate);
        }
    };
    let draw = |rng: &mut Rng| {
        let mut candidate =
            prior.draw(constraints, kit, sounds, blend.broad, Source::Kept(grooves, blend.grooves), rng);
        if let Some(before) = palette.before.filter(|_| rng.chance(blend.kept)) {
            palette.company().keep(&mut candidate, before, rng);
            constraints.enforce(&mut candidate);
        }
        candidate
    };
    for _ in 0..blend.prior {
        add(draw(rng));
    }
    for _ in 0..blend.planted {
        let mut candidate = draw(rng);
        if let Some(belief) = rng.pick(beliefs) {
            plant(&mut candidate, belief, palette, rng);
        }
        add(candidate);
    }
    for _ in 0..blend.near {
        if let Some(candidate) = relative(palette, weights, rng) {
            add(candidate);
        }
    }
    for _ in 0..blend.variations {
        if let Some(candidate) = variation(palette, weights, rng) {
            add(candidate);
        }
    }
}

/// Advances a chain by Metropolis' rule. With a symmetric `change` its stationary density is
/// proportional to exp(β · worth) on the loops that have a worth; the generator's own changes are not
/// quite symmetric, which a search does not mind. `worth` is `None` where a loop is not allowed.
pub(crate) fn advance(
    chain: &mut Scored,
    steps: usize,
    beta: f32,
    mut worth: impl FnMut(&Candidate) -> Option<f32>,
    mut change: impl FnMut(&mut Candidate, &mut Rng),
    rng: &mut Rng,
) {
    for _ in 0..steps {
        let mut next = chain.candidate;
        change(&mut next, rng);
        let lot = 1.0 - rng.unit();
        let Some(score) = worth(&next) else { continue };
        if lot.ln() < beta * (score - chain.worth) {
            *chain = Scored { candidate: next, worth: score };
        }
    }
}

/// How alike two loops are, 0 to 1: half of it cells (two random ones agree in half), half sounds.
#[must_use]
pub(super) fn likeness(a: &Candidate, b: &Candidate) -> f32 {
    let cells = (a.grid.steps() * a.parts().len()).max(1) as f32;
    let rhythm = (1.0 - 2.0 * a.rhythm_distance(b) as f32 / cells).max(0.0);
    let sound = 1.0 - a.sound_distance(b) as f32 / a.parts().len() as f32;
    0.5 * rhythm + 0.5 * sound.max(0.0)
}

/// Likeness to the likest of some loops, 0 to 1, each counting by its weight.
#[must_use]
pub(crate) fn closeness(candidate: &Candidate, loops: &[Candidate], weights: &[f32]) -> f32 {
    loops.iter().zip(weights).map(|(other, weight)| weight * likeness(candidate, other)).fold(0.0, f32::max)
}

/// Picks `n` by score less likeness to those already picked and to `heard` (maximal marginal
/// relevance; Carbonell and Goldstein 1998). Worth above its 90 % quantile counts no more.
#[must_use]
pub(crate) fn diverse(
    scored: &[Scored],
    n: usize,
    weight: f32,
    heard: &[Candidate],
    novelty: f32,
) -> Vec<usize> {
    let mut order: Vec<f32> = scored.iter().map(|s| s.worth).collect();
    order.sort_by(f32::total_cmp);
    let cap = order.get(order.len() * 9 / 10).copied().unwrap_or(0.0);
    let base: Vec<f32> = scored
        .iter()
        .map(|s| {
            let known = heard.iter().map(|h| likeness(&s.candidate, h)).fold(0.0, f32::max);
            s.worth.min(cap) - novelty * known
        })
        .collect();
    let mut closest = vec![0f32; scored.len()];
    let mut free = vec![true; scored.len()];
    let mut picked = Vec::with_capacity(n);
    while picked.len() < n.min(scored.len()) {
        let value = |at: usize| base[at] - weight * closest[at];
        let best = (0..scored.len()).filter(|&at| free[at]).max_by(|&a, &b| value(a).total_cmp(&value(b)));
        let Some(best) = best else { break };
        free[best] = false;
        for (at, close) in closest.iter_mut().enumerate() {
            let alike = likeness(&scored[best].candidate, &scored[at].candidate);
            // A copy is worth nothing.
            *close = close.max(if alike >= 0.999 { 100.0 } else { alike });
        }
        picked.push(best);
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Grid, Hit, Role};
    use crate::units::Seed;

    #[test]
    fn the_chain_visits_loops_in_proportion_to_the_target() {
        let grid = Grid { steps_per_bar: 4, ..Grid::default() };
        let start = Candidate::empty(grid, &[Role::Kick]);
        // A worth that no simple rule explains, on the 16 loops of one lane and four steps; the full
        // one is not allowed.
        let worth = |mask: u128| (mask != 15).then(|| ((mask * 7919 % 13) as f32) / 10.0);
        let beta = 1.5f32;
        let weights: Vec<f64> =
            (0..16).map(|mask| worth(mask).map_or(0.0, |w| f64::from(beta * w).exp())).collect();
        let total: f64 = weights.iter().sum();
        let mut rng = Rng::new(Seed(8));
        let mut chain = Scored { candidate: start, worth: worth(0).unwrap_or(0.0) };
        let mut counts = [0f64; 16];
        let steps = 200_000;
        for _ in 0..steps {
            advance(
                &mut chain,
                1,
                beta,
                |candidate| worth(candidate.parts()[0].mask),
                |candidate, rng| {
                    let step = rng.below(4);
                    let part = &mut candidate.parts_mut()[0];
                    let hit = if part.hits[step].is_on() { Hit::NONE } else { Hit::PLAIN };
                    part.set(step, hit);
                },
                &mut rng,
            );
            counts[chain.candidate.parts()[0].mask as usize] += 1.0 / f64::from(steps);
        }
        for (mask, (count, weight)) in counts.iter().zip(&weights).enumerate() {
            assert!((count - weight / total).abs() < 0.006, "{mask}: {count} {}", weight / total);
        }
    }
}
