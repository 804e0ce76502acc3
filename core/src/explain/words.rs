//! What was learned, in words that hold: of all that could be said, what the person's own verdicts bear out and
//! what the model believes of loops that nobody shaped.
//!
//! Worker thread. A statement passes three examinations. *The log*: a linear probe on the quantity (Alain and Bengio
//! 2016) tells liked from disliked loops with an area under the ROC curve of [`LEAST_AUC`], each loop told by a
//! probe that has not seen it; it holds of most liked loops and of few of the disliked. *The panel*: that many
//! hypotheses of the posterior like loops with it clearly more often than without, over reference loops in which
//! lanes, sounds and swing are independent of each other. *The ensemble*: so does P(like) as the window shows it.
//! The log alone would take for a taste what the search happened to keep.

use super::claims::{self, Claim, Listening, Quantity, Side};
use crate::critic::ensemble::Ensemble;
use crate::critic::particles::{Hypothesis, quick};
use crate::critic::{Example, Observation};
use crate::features::{Candidate, Heard};
use crate::kit::Kit;
use crate::pattern::{Loop, Role, SampleId};
use std::collections::BTreeMap;

/// Verdicts that are counted at most: the latest.
const MOST_JUDGED: usize = 96;
/// Before so many of each kind nothing is stated.
const LEAST_LIKES: usize = 4;
const LEAST_DISLIKES: usize = 2;
/// Area under the ROC curve of the probe, each loop left out in its turn.
const LEAST_AUC: f32 = 0.85;
/// What a quantity must tell by itself where it is the panel that tells that well.
const LEAST_ALONE: f32 = 0.75;
/// It holds of at least this share of the liked loops, and at most of that of the disliked.
const LEAST_OF_LIKED: f32 = 0.5;
const MOST_OF_DISLIKED: f32 = 0.35;
/// And of those it holds of, so many were liked.
const LEAST_LIKED: f32 = 0.75;
/// A hypothesis agrees where it likes loops with it so many times as often as loops without; so many must.
const LEAST_RATIO: f32 = 1.5;
const LEAST_BELIEF: f32 = 0.5;
/// The ensemble, which still believes a little of much, must like them so many times as often.
const LEAST_OVERALL: f32 = 1.4;
/// Reference loops that it must hold of, and not hold of.
const LEAST_REFERENCE: usize = 6;
/// Two statements that go together more than this (correlation over reference loops) say the same.
const SAME: f32 = 0.5;

/// One thing that was learned, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// For example "Closed hat on every off-beat".
    pub text: String,
    /// What exactly is meant.
    pub claim: Claim,
    /// P(like) with it less P(like) without, over loops that are otherwise as they come; 0 to 1.
    pub points: f32,
    /// Of the judged loops of which it holds, so many were liked.
    pub liked: usize,
    /// The judged loops of which it holds.
    pub of: usize,
    /// Serials of the judgements on those loops, newest first.
    pub evidence: Vec<u64>,
}

/// Loops that no session has shaped, as the model hears them.
pub(crate) struct Reference {
    loops: Vec<Loop>,
    examples: Vec<Example>,
}

impl Reference {
    /// Of candidates in which lanes, sounds and swing are independent.
    pub(crate) fn new(model: &Ensemble, candidates: &[Candidate]) -> Self {
        Self {
            loops: candidates.iter().map(Candidate::to_loop).collect(),
            examples: candidates.iter().map(|candidate| Example::new(&model.space, candidate)).collect(),
        }
    }
}

/// A loop and what was said of it.
struct Judged<'a> {
    serial: u64,
    like: bool,
    pattern: Loop,
    heard: &'a Heard,
}

/// Explicit verdicts on whole loops, the latest of each loop, oldest first.
fn judged(observations: &[Observation]) -> Vec<Judged<'_>> {
    let mut found: Vec<Judged<'_>> = Vec::new();
    for observation in observations.iter().rev() {
        let Some(like) = observation.like.filter(|_| observation.weight >= 1.0) else { continue };
        let pattern = observation.subject.candidate.to_loop();
        if observation.over.is_none() && !found.iter().any(|known| known.pattern == pattern) {
            let heard = &observation.subject.heard;
            found.push(Judged { serial: observation.serial, like, pattern, heard });
        }
        if found.len() == MOST_JUDGED {
            break;
        }
    }
    found.reverse();
    found
}

/// Area under the ROC curve of a linear probe on one quantity, each loop scored by the probe of the others
/// (Fisher's discriminant), and whether more of it is liked.
fn probe(values: &[f32], likes: &[bool]) -> (f32, bool) {
    let known: Vec<f64> =
        values.iter().filter(|value| value.is_finite()).map(|&value| value.into()).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    // A loop that the quantity says nothing of is an average one.
    let of = |at: usize| if values[at].is_finite() { f64::from(values[at]) } else { mean };
    // Number, sum and sum of squares of disliked and liked.
    let mut sums = [[0f64; 3]; 2];
    for (at, &like) in likes.iter().enumerate() {
        let (x, sum) = (of(at) - mean, &mut sums[usize::from(like)]);
        *sum = [sum[0] + 1.0, sum[1] + x, sum[2] + x * x];
    }
    let all = (sums[0][2] + sums[1][2]) / likes.len().max(1) as f64;
    if all < 1e-12 {
        return (0.5, true);
    }
    let side = |sums: &[[f64; 3]; 2]| sums.map(|[n, sum, _]| sum / n.max(1.0));
    let scores: Vec<f64> = likes
        .iter()
        .enumerate()
        .map(|(at, &like)| {
            let x = of(at) - mean;
            let mut others = sums;
            let own = &mut others[usize::from(like)];
            *own = [own[0] - 1.0, own[1] - x, own[2] - x * x];
            let [disliked, liked] = side(&others);
            let within: f64 = others.iter().map(|[n, sum, squares]| squares - sum * sum / n.max(1.0)).sum();
            let variance = within / (likes.len() as f64 - 1.0) + 0.05 * all;
            (x - 0.5 * (liked + disliked)) * (liked - disliked) / variance
        })
        .collect();
    let [disliked, liked] = side(&sums);
    (area(&scores, likes), liked >= disliked)
}

/// The area under the ROC curve: how often a liked one scores above a disliked one; ties count half.
pub(crate) fn area(scores: &[f64], likes: &[bool]) -> f32 {
    let (mut above, mut pairs) = (0.0f32, 0.0f32);
    for (liked, _) in scores.iter().zip(likes).filter(|(_, like)| **like) {
        for (disliked, _) in scores.iter().zip(likes).filter(|(_, like)| !**like) {
            above += if liked > disliked { 1.0 } else { 0.5 * f32::from(liked == disliked) };
            pairs += 1.0;
        }
    }
    if pairs > 0.0 { above / pairs } else { 0.5 }
}

/// The same area of what the panel says of each judged loop, the hypotheses weighed as if it had not been judged
/// (importance weights; Gelfand, Dey and Chang 1992).
fn panel_area(panel: &[Hypothesis], judged: &[Judged<'_>]) -> f32 {
    let score = |judged: &Judged<'_>| {
        let (mut sum, mut weights) = (0.0f64, 0.0f64);
        for h in panel {
            let p = h.probability(judged.heard);
            let weight = 1.0 / f64::from(if judged.like { p } else { 1.0 - p }.max(1e-3));
            sum += weight * f64::from(p);
            weights += weight;
        }
        sum / weights
    };
    let scores: Vec<f64> = judged.iter().map(score).collect();
    area(&scores, &judged.iter().map(|judged| judged.like).collect::<Vec<bool>>())
}

/// Means over the loops of which something holds and over the others.
fn with_and_without(values: impl Iterator<Item = f32>, holds: &[bool]) -> (f32, f32) {
    let mut sums = [[0f32; 2]; 2];
    for (value, &holds) in values.zip(holds) {
        let sum = &mut sums[usize::from(holds)];
        *sum = [sum[0] + 1.0, sum[1] + value];
    }
    let [without, with] = sums.map(|[n, sum]| sum / n.max(1.0));
    (with, without)
}

/// How two statements go together over loops (Pearson's correlation of yes and no).
fn together(a: &[bool], b: &[bool]) -> f32 {
    let n = a.len().max(1) as f32;
    let share =
        |of: &dyn Fn(bool, bool) -> bool| a.iter().zip(b).filter(|(a, b)| of(**a, **b)).count() as f32 / n;
    let (both, first, second) = (share(&|a, b| a && b), share(&|a, _| a), share(&|_, b| b));
    (both - first * second) / (first * (1.0 - first) * second * (1.0 - second)).sqrt().max(1e-6)
}

/// A statement on its way, and where in the reference it holds.
struct Found {
    statement: Statement,
    holds: Vec<bool>,
    score: f32,
}

/// Everything that is asked of many claims.
struct Examination<'a> {
    kit: &'a Kit,
    judged: &'a [Judged<'a>],
    likes: Vec<bool>,
    reference: &'a Reference,
    /// P(like) of each reference loop under each hypothesis of the panel, slips taken out.
    beliefs: Vec<Vec<f32>>,
    /// P(like) of each reference loop.
    predicted: Vec<f32>,
    /// How well the panel tells judged loops that it has not seen.
    panel_area: f32,
    /// Values of the judged loops, and the probe's verdict on them.
    known: BTreeMap<Quantity, (Vec<f32>, f32, bool)>,
    /// Values of the reference loops.
    usual: BTreeMap<Quantity, Vec<f32>>,
}

impl<'a> Examination<'a> {
    fn new(model: &'a Ensemble, judged: &'a [Judged<'a>], reference: &'a Reference) -> Self {
        let heard = || reference.examples.iter().map(|example| &example.heard);
        let of = |logit: &dyn Fn(&Heard) -> f32| heard().map(|heard| quick::sigmoid(logit(heard))).collect();
        Self {
            kit: model.space.kit(),
            judged,
            likes: judged.iter().map(|judged| judged.like).collect(),
            reference,
            beliefs: model.particles.panel().iter().map(|h| of(&|heard| h.logit(heard))).collect(),
            predicted: model.predict(&reference.examples).into_iter().map(|(p, _)| p).collect(),
            panel_area: panel_area(model.particles.panel(), judged),
            known: BTreeMap::new(),
            usual: BTreeMap::new(),
        }
    }

    /// Thirds of the overall measures of sounds, over loops as they come.
    fn overall(&mut self) -> Vec<Claim> {
        let mut found = Vec::new();
        for quantity in [Quantity::AllBright, Quantity::AllLength, Quantity::AllNoise] {
            let mut values: Vec<f32> =
                self.usual(quantity).iter().copied().filter(|value| value.is_finite()).collect();
            values.sort_by(f32::total_cmp);
            for (share, side) in
                [(0.25, Side::AtMost), (0.4, Side::AtMost), (0.6, Side::AtLeast), (0.75, Side::AtLeast)]
            {
                if let Some(&bound) = values.get((share * values.len() as f32) as usize) {
                    found.push(Claim { quantity, side, bound });
                }
            }
        }
        found
    }

    fn usual(&mut self, quantity: Quantity) -> &[f32] {
        let (kit, reference) = (self.kit, self.reference);
        self.usual.entry(quantity).or_insert_with(|| {
            reference.loops.iter().map(|pattern| Listening::to(pattern, kit).value(quantity)).collect()
        })
    }

    /// What the person's verdicts say of it: loops of which it holds, if they bear it out.
    fn in_the_log(&mut self, claim: &Claim) -> Option<Vec<usize>> {
        let (kit, judged, likes) = (self.kit, self.judged, &self.likes);
        let (values, auc, more) = self.known.entry(claim.quantity).or_insert_with(|| {
            let of = |judged: &Judged<'_>| Listening::to(&judged.pattern, kit).value(claim.quantity);
            let values: Vec<f32> = judged.iter().map(of).collect();
            let (auc, more) = probe(&values, likes);
            (values, auc, more)
        });
        let told = *auc >= LEAST_AUC || (self.panel_area >= LEAST_AUC && *auc >= LEAST_ALONE);
        if !told || *more != (claim.side == Side::AtLeast) {
            return None;
        }
        let holding: Vec<usize> = (0..values.len()).filter(|&at| claim.holds_of(values[at])).collect();
        let liked = holding.iter().filter(|&&at| likes[at]).count() as f32;
        let disliked = holding.len() as f32 - liked;
        let likes_in_all = likes.iter().filter(|like| **like).count() as f32;
        let dislikes_in_all = likes.len() as f32 - likes_in_all;
        let borne_out = liked >= LEAST_OF_LIKED * likes_in_all
            && disliked <= MOST_OF_DISLIKED * dislikes_in_all
            && liked >= LEAST_LIKED * holding.len() as f32;
        borne_out.then_some(holding)
    }

    /// What the model says of it: a statement, if it believes it.
    fn believed(&mut self, claim: &Claim, holding: &[usize]) -> Option<Found> {
        let holds: Vec<bool> =
            self.usual(claim.quantity).iter().map(|&value| claim.holds_of(value)).collect();
        let count = holds.iter().filter(|holds| **holds).count();
        if count < LEAST_REFERENCE || holds.len() - count < LEAST_REFERENCE {
            return None;
        }
        let (with, without) = with_and_without(self.predicted.iter().copied(), &holds);
        if with < LEAST_OVERALL * without {
            return None;
        }
        let agrees = |belief: &&Vec<f32>| {
            let (with, without) = with_and_without(belief.iter().copied(), &holds);
            with >= LEAST_RATIO * without
        };
        let think_so = self.beliefs.iter().filter(agrees).count();
        let belief = think_so as f32 / self.beliefs.len().max(1) as f32;
        if belief < LEAST_BELIEF {
            return None;
        }
        let liked = holding.iter().filter(|&&at| self.judged[at].like).count();
        let statement = Statement {
            text: claim.text(self.kit),
            claim: *claim,
            points: with - without,
            liked,
            of: holding.len(),
            evidence: holding.iter().rev().map(|&at| self.judged[at].serial).collect(),
        };
        Some(Found { statement, holds, score: belief * (with - without) })
    }
}

/// Sounds that liked loops have in common.
fn common_sounds(judged: &[Judged<'_>]) -> Vec<(Role, SampleId)> {
    let mut counts: BTreeMap<(Role, SampleId), usize> = BTreeMap::new();
    for liked in judged.iter().filter(|judged| judged.like) {
        for lane in liked.pattern.lanes() {
            *counts.entry((lane.role, lane.sample)).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= LEAST_LIKES).map(|(sound, _)| sound).collect()
}

/// Whether enough was said for any statement.
pub(crate) fn is_enough(observations: &[Observation]) -> bool {
    let judged = judged(observations);
    let likes = judged.iter().filter(|judged| judged.like).count();
    likes >= LEAST_LIKES && judged.len() - likes >= LEAST_DISLIKES
}

/// What was learned, strongest first, at most `most`. A function of the judgements alone.
pub(crate) fn statements(model: &Ensemble, reference: &Reference, most: usize) -> Vec<Statement> {
    if !is_enough(&model.observations) {
        return Vec::new();
    }
    let judged = judged(&model.observations);
    let mut roles: Vec<Role> =
        judged.iter().flat_map(|judged| judged.pattern.lanes().iter().map(|lane| lane.role)).collect();
    roles.sort();
    roles.dedup();
    let mut examination = Examination::new(model, &judged, reference);
    let mut all = claims::all(&roles, model.space.kit(), &common_sounds(&judged));
    all.extend(examination.overall());
    let mut found: Vec<Found> = Vec::new();
    for claim in &all {
        if let Some(holding) = examination.in_the_log(claim) {
            found.extend(examination.believed(claim, &holding));
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.statement.text.cmp(&b.statement.text)));
    let mut chosen: Vec<Found> = Vec::new();
    for next in found {
        if chosen.len() < most && chosen.iter().all(|known| together(&known.holds, &next.holds) < SAME) {
            chosen.push(next);
        }
    }
    chosen.into_iter().map(|found| found.statement).collect()
}

/// Those of some statements that another model agrees with: it likes loops of which they hold clearly more often.
pub(crate) fn agreed(model: &Ensemble, reference: &Reference, statements: &[Statement]) -> Vec<Statement> {
    let kit = model.space.kit();
    let predicted = model.predict(&reference.examples);
    let agrees = |statement: &&Statement| {
        let claim = &statement.claim;
        let holds = |pattern: &Loop| claim.holds_of(Listening::to(pattern, kit).value(claim.quantity));
        let holds: Vec<bool> = reference.loops.iter().map(holds).collect();
        let (with, without) = with_and_without(predicted.iter().map(|(p, _)| *p), &holds);
        with >= LEAST_OVERALL * without
    };
    statements.iter().filter(agrees).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::units::Seed;

    #[test]
    fn a_probe_tells_what_differs_and_is_no_better_than_chance_on_noise() {
        let mut rng = Rng::new(Seed(4));
        let likes: Vec<bool> = (0..60).map(|at| at % 3 == 0).collect();
        let telling: Vec<f32> = likes.iter().map(|like| f32::from(*like) + 0.3 * rng.normal()).collect();
        let (auc, more) = probe(&telling, &likes);
        assert!(auc > 0.9 && more, "{auc}");
        let turned: Vec<f32> = telling.iter().map(|value| -value).collect();
        let (auc, more) = probe(&turned, &likes);
        assert!(auc > 0.9 && !more, "{auc}");
        let mean = (0..50)
            .map(|_| {
                let noise: Vec<f32> = likes.iter().map(|_| rng.normal()).collect();
                probe(&noise, &likes).0
            })
            .sum::<f32>()
            / 50.0;
        assert!(mean < 0.55, "{mean}");
        assert_eq!(probe(&[1.0; 60], &likes).0, 0.5);
    }

    #[test]
    fn loops_that_a_quantity_says_nothing_of_count_neither_way() {
        let likes = [true, true, true, true, false, false, false, false];
        let values = [1.0, 1.1, 0.9, f32::NAN, 0.0, 0.1, -0.1, f32::NAN];
        let (auc, more) = probe(&values, &likes);
        assert!(auc > 0.8 && more, "{auc}");
    }
}
