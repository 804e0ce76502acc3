//! Local changes of a hypothesis: the proposals of the rejuvenating Markov chain.

use super::hypothesis::{Figure, Hypothesis, Join, Leaning, MAX_TERMS, Op, Shape, TermKind};
use super::prior::{Dictionary, SLIPS};
use crate::features::Heard;
use crate::features::phases::{in_all_rows, row};
use crate::rng::Rng;

/// Changes a hypothesis a little. `liked` are loops that were liked, for figures taken from them.
pub(crate) fn vary(h: &mut Hypothesis, dictionary: &Dictionary, liked: &[&Heard], rng: &mut Rng) {
    let kind = rng.unit();
    if kind < 0.22 {
        h.threshold = (h.threshold + 0.35 * rng.normal()).clamp(-1.0, 4.5);
        h.steepness = (h.steepness * (0.25 * rng.normal()).exp()).clamp(1.0, 10.0);
        if rng.chance(0.15) {
            h.slip = SLIPS[rng.below(3)];
        }
        return;
    }
    if kind < 0.32 {
        structure(h, dictionary, rng);
        return;
    }
    let at = rng.below(usize::from(h.count));
    let mut term = h.terms[at];
    let mut rescale = true;
    match &mut term.kind {
        TermKind::Figure(figure) => rescale = vary_figure(figure, dictionary, liked, rng),
        TermKind::Leaning(leaning) => vary_leaning(leaning, rng),
    }
    if rng.chance(0.1) {
        term.weight = (term.weight * (0.4 * rng.normal()).exp()).clamp(0.2, 2.0);
    }
    if rescale {
        term.standardise(&dictionary.reference);
    }
    h.terms[at] = term;
}

/// Adds, drops or joins terms differently.
fn structure(h: &mut Hypothesis, dictionary: &Dictionary, rng: &mut Rng) {
    let count = usize::from(h.count);
    let kind = rng.unit();
    if kind < 0.4 && count < MAX_TERMS {
        let leaning = rng.chance(0.7);
        let term = if leaning {
            TermKind::Leaning(Dictionary::leaning(rng))
        } else {
            TermKind::Figure(dictionary.figure(rng))
        };
        h.terms[count] = dictionary.term(term, rng.range(0.4, 1.0));
        h.count += 1;
        if count == 1 {
            h.op = if rng.chance(0.5) { Op::And } else { Op::Sum };
        }
    } else if kind < 0.75 && count > 1 {
        let gone = rng.below(count);
        h.terms.copy_within(gone + 1..count, gone);
        h.count -= 1;
    } else if count > 1 {
        const OPS: [Op; 3] = [Op::Sum, Op::And, Op::Or];
        h.op = OPS[rng.below(3)];
    } else {
        h.threshold = (h.threshold + 0.8 * rng.normal()).clamp(-1.0, 4.5);
    }
}

/// Returns whether the term needs its scale taken anew.
fn vary_figure(figure: &mut Figure, dictionary: &Dictionary, liked: &[&Heard], rng: &mut Rng) -> bool {
    if figure.join == Join::BestLane {
        let mut target = row(figure.target, 0);
        if let (true, Some(heard)) = (rng.chance(0.25), rng.pick(liked)) {
            target = row(heard.rows[usize::from(figure.hearing)][0], rng.below(4));
            figure.origin = in_all_rows(target);
        } else {
            target ^= 1 << rng.below(16);
        }
        figure.target = in_all_rows(target);
        return true;
    }
    let mut used = [0usize; 4];
    let mut n = 0;
    for (layer, &weight) in figure.weights.iter().enumerate() {
        if weight != 0.0 {
            used[n] = layer;
            n += 1;
        }
    }
    let layer = used[rng.below(n.max(1))];
    let field = 0xffff_u64 << (16 * layer);
    let kind = rng.unit();
    if kind < 0.45 {
        figure.target ^= 1 << (16 * layer + rng.below(16));
        return false;
    }
    if kind < 0.53 {
        let on = row(figure.target, layer);
        if on != 0 {
            let hits = on.count_ones() as usize;
            let mut left = on;
            for _ in 0..rng.below(hits) {
                left &= left - 1;
            }
            let from = left.trailing_zeros();
            let to = (from + if rng.chance(0.5) { 1 } else { 15 }) % 16;
            let moved = (on & !(1 << from)) | 1 << to;
            figure.target = (figure.target & !field) | u64::from(moved) << (16 * layer);
        }
        return false;
    }
    if kind < 0.68 {
        let from_liked = rng.chance(0.5);
        let new = match rng.pick(liked) {
            Some(heard) if from_liked => {
                row(heard.rows[usize::from(figure.hearing)][rng.below(heard.bars)], layer)
            }
            _ => dictionary.any_row(layer, rng),
        };
        figure.target = (figure.target & !field) | u64::from(new) << (16 * layer);
        figure.origin = (figure.origin & !field) | u64::from(new) << (16 * layer);
        return true;
    }
    if kind < 0.84 {
        for weight in &mut figure.weights {
            if *weight != 0.0 {
                *weight *= (0.5 * rng.normal()).exp();
            }
        }
        if rng.chance(0.3) {
            let other = rng.below(4);
            if figure.weights[other] == 0.0 {
                figure.weights[other] = 0.3;
                if row(figure.target, other) == 0 {
                    let new = u64::from(dictionary.any_row(other, rng)) << (16 * other);
                    figure.target |= new;
                    figure.origin |= new;
                }
            } else if n > 1 {
                figure.weights[other] = 0.0;
            }
        }
        let total: f32 = figure.weights.iter().map(|weight| weight.abs()).sum();
        figure.weights.iter_mut().for_each(|weight| *weight /= total.max(1e-3));
        return true;
    }
    if kind < 0.94 {
        figure.extra = (figure.extra * (0.4 * rng.normal()).exp()).clamp(0.05, 1.4);
        figure.missing = (figure.missing * (0.4 * rng.normal()).exp()).clamp(0.2, 1.4);
        return true;
    }
    let fresh = dictionary.figure(rng);
    if fresh.join != Join::BestLane {
        figure.hearing = fresh.hearing;
        figure.tolerant = fresh.tolerant;
        figure.join = if rng.chance(0.2) { Join::Least } else { Join::Mean };
    }
    true
}

fn vary_leaning(leaning: &mut Leaning, rng: &mut Rng) {
    let count = usize::from(leaning.count);
    let kind = rng.unit();
    if kind < 0.3 && count < 3 {
        leaning.measures[count] = Dictionary::measure(rng);
        leaning.weights[count] = if rng.chance(0.5) { 1.0 } else { -1.0 } * rng.range(0.3, 1.0);
        leaning.count += 1;
    } else if kind < 0.5 && count > 1 {
        let gone = rng.below(count);
        leaning.measures.copy_within(gone + 1..count, gone);
        leaning.weights.copy_within(gone + 1..count, gone);
        leaning.count -= 1;
    } else if kind < 0.7 {
        leaning.measures[rng.below(count)] = Dictionary::measure(rng);
    } else if kind < 0.85 {
        let at = rng.below(count);
        leaning.weights[at] *= (0.4 * rng.normal()).exp();
    } else {
        leaning.shape = match leaning.shape {
            Shape::Near(best) if rng.chance(0.7) => Shape::Near(best + 0.4 * rng.normal()),
            Shape::Near(_) => Shape::Line,
            Shape::Line if rng.chance(0.4) => Shape::Near(1.1 * rng.normal()),
            Shape::Line => {
                leaning.weights[0] = -leaning.weights[0];
                Shape::Line
            }
        };
        if matches!(leaning.shape, Shape::Near(_)) {
            leaning.weights[0] = leaning.weights[0].abs();
        }
    }
}
