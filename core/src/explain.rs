//! Attributions of hits, and words for what was learned.
//!
//! Worker thread. Pure functions of the model.

use crate::critic::Observation;
use crate::critic::particles::{Hypothesis, Op, Particles, Shape, TermKind};
use crate::features::Words;
use crate::features::phases::row;
use crate::pattern::{Hit, Loop, MAX_STEPS};
use std::collections::BTreeMap;

/// One thing that was learned, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// For example "Kick on the beat".
    pub text: String,
    /// What it adds to (or takes from) P(like), −1 to 1.
    pub weight: f32,
    /// Serials of the judgements that say so most, at most 8.
    pub evidence: Vec<u64>,
}

/// How much each hit speaks for (positive) or against (negative) liking, as a change of P(like).
pub type Attribution = Vec<[f32; MAX_STEPS]>;

/// What each hit adds to P(like): the probability with it less the probability without it (occlusion;
/// Zeiler and Fergus 2014).
pub(crate) fn attribute(pattern: &Loop, p_like: impl FnOnce(&[Loop]) -> Vec<f32>) -> Attribution {
    let hits: Vec<(usize, usize)> = pattern
        .lanes()
        .iter()
        .enumerate()
        .flat_map(|(lane, hits)| hits.iter().map(move |(step, _)| (lane, step)))
        .collect();
    let without = hits.iter().map(|&(lane, step)| {
        let mut changed = *pattern;
        changed.lanes_mut()[lane].hits[step] = Hit::NONE;
        changed
    });
    let loops: Vec<Loop> = std::iter::once(*pattern).chain(without).collect();
    let mut attribution = vec![[0.0; MAX_STEPS]; pattern.lanes().len()];
    if let Some((whole, without)) = p_like(&loops).split_first() {
        for ((lane, step), without) in hits.into_iter().zip(without) {
            attribution[lane][step] = whole - without;
        }
    }
    attribution
}

/// Figures that people have a name for.
const NAMED: [(u16, &str); 9] = [
    (0x1111, "on every beat"),
    (0x1010, "on the backbeat"),
    (0x0101, "on one and three"),
    (0x0100, "on the three"),
    (0x0001, "on the one"),
    (0x4444, "on the off-beats"),
    (0x5555, "in eighths"),
    (0xffff, "in sixteenths"),
    (0x1249, "in threes"),
];

fn figure_words(row: u16) -> String {
    let named = NAMED.iter().min_by_key(|(named, _)| (named ^ row).count_ones());
    match named {
        Some((figure, words)) if figure == &row => (*words).to_owned(),
        Some((figure, words)) if (figure ^ row).count_ones() == 1 => format!("almost {words}"),
        _ => {
            let steps: Vec<String> =
                (0..16).filter(|at| row >> at & 1 == 1).take(6).map(|at| (at + 1).to_string()).collect();
            format!("on steps {}", steps.join(", "))
        }
    }
}

const VOICES: [&str; 4] = ["Kick", "Snare", "Hats", "Hits"];

/// Phrases of a hypothesis: what it listens for, and whether for (true) or against.
fn phrases(h: &Hypothesis, words: &[Words]) -> Vec<String> {
    let mut phrases = Vec::new();
    for term in h.terms() {
        match &term.kind {
            TermKind::Figure(figure) => {
                let strongest = (0..4).max_by(|&a, &b| figure.weights[a].total_cmp(&figure.weights[b]));
                let layer = strongest.unwrap_or(0);
                if figure.weights[layer] > 0.0 {
                    let target = row(figure.target, layer);
                    phrases.push(format!("{} {}", VOICES[layer], figure_words(target)));
                }
            }
            TermKind::Leaning(leaning) => {
                let sign = leaning.weights[0];
                let measure = &words[usize::from(leaning.measures[0])];
                let phrase = match leaning.shape {
                    Shape::Line if sign > 0.0 => &measure.much,
                    Shape::Line => &measure.little,
                    Shape::Near(best) if best > 1.0 => &measure.much,
                    Shape::Near(best) if best < -1.0 => &measure.little,
                    Shape::Near(_) => continue,
                };
                if !phrase.is_empty() {
                    phrases.push(phrase.clone());
                }
            }
        }
    }
    if h.op == Op::And && phrases.len() == 2 {
        let second = phrases.remove(1);
        phrases[0] = format!("{} and {}", phrases[0], second.to_lowercase());
    }
    phrases
}

/// What was learned: phrases that many hypotheses share, with what they change in P(like) over the
/// judged loops, and the judgements that speak for them most.
#[must_use]
pub(crate) fn statements(particles: &Particles, observations: &[Observation], most: usize) -> Vec<Statement> {
    let liked = observations.iter().filter(|o| o.like == Some(true)).count();
    if liked == 0 {
        return Vec::new();
    }
    let words = Words::all();
    let panel = particles.panel();
    let mut shares: BTreeMap<String, (f32, usize)> = BTreeMap::new();
    for (at, h) in panel.iter().enumerate() {
        for phrase in phrases(h, &words) {
            shares.entry(phrase).or_insert((0.0, at)).0 += 1.0 / panel.len() as f32;
        }
    }
    let mut found: Vec<(String, f32, usize)> =
        shares.into_iter().map(|(text, (share, at))| (text, share, at)).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
        .into_iter()
        .filter(|(_, share, _)| *share >= 0.08)
        .take(most)
        .map(|(text, share, at)| {
            let h = &panel[at];
            let mut evidence: Vec<(f32, u64)> = observations
                .iter()
                .filter_map(|o| {
                    let p = h.probability(&o.subject.heard);
                    let agreement = if o.like? { p } else { 1.0 - p };
                    Some((agreement + if o.like == Some(true) { 0.5 } else { 0.0 }, o.serial))
                })
                .collect();
            evidence.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let evidence = evidence.into_iter().take(8).map(|(_, serial)| serial).collect();
            Statement { text, weight: share.min(1.0), evidence }
        })
        .collect()
}
