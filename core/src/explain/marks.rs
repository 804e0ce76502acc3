//! What each hit and each sound of a loop adds to P(like): integrated gradients (Sundararajan, Taly and Yan 2017) on
//! the way from the loop without hits, on the usual sounds of its lanes, to the loop; from its middle on.
//!
//! Worker thread. The critic hears a hit as there or not there, so its gradient in velocity is nought almost
//! everywhere; what is integrated is its multilinear extension, in which each hit and each sound is there with the
//! chance t. Along the straight way that is the mean over random orders of coming in (Owen 1972), and each order's
//! jumps sum to P(loop) − P(baseline), whatever their number. The network reads how much of each hit there is; its
//! part of the logit moves along the way by exact gradients ([`Along`]) between the jumps.
//!
//! The baseline is the middle of that way: the loop thinned by half, each hit there with the chance ½, each lane on its
//! own sound with the chance ½. From silence the marks would mostly tell how nearly empty loops differ, of which
//! nothing was ever judged: in the deletion test they are worth less (`docs/why.md`).
//!
//! The axioms hold as they do for any integrated gradient: marks sum to the difference; what changes nothing gets
//! nothing; what is alike to the critic gets the same, here within the error of the sampled orders.

use crate::critic::along::{Along, Way};
use crate::critic::dissect::{Dissected, GROUPS, Rough};
use crate::critic::ensemble::Ensemble;
use crate::features::{Candidate, phases::Phases};
use crate::pattern::{Loop, MAX_STEPS, SampleId};
use crate::rng::Rng;
use crate::units::Seed;

/// Loops that are asked about, and the fewest and most pairs of orders, one the other's reverse.
const BUDGET: usize = 900;
const PAIRS: (usize, usize) = (2, 64);
/// Nodes at which the smooth part is looked at.
const NODES: usize = 13;
/// Where on the way the baseline is.
const START: f32 = 0.5;
/// Less than this of P(like) is worth no mark.
const LEAST_POINTS: f32 = 0.02;

/// What a hit or a sound adds to P(like).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mark {
    /// In shares of 1: 0.06 are six points of a hundred.
    pub points: f32,
    /// One standard deviation of that: what sixteenths of the hypotheses differ in, and the sampling.
    pub error: f32,
}

impl Mark {
    /// Whether it is large and certain enough to be shown: about five to one that its sign is right.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.points.abs() >= LEAST_POINTS && self.points.abs() >= self.error
    }
}

/// All marks of a loop. They sum to `p_like − baseline`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// P(like) of the loop thinned by half: each hit, and each lane's own sound, there with the chance ½.
    pub baseline: f32,
    /// P(like) of the loop.
    pub p_like: f32,
    /// Of each lane's steps; nothing where no hit is.
    pub hits: Vec<[Mark; MAX_STEPS]>,
    /// Of each lane's sound, against the usual one of its role.
    pub sounds: Vec<Mark>,
}

impl Attribution {
    /// No marks: nothing was said yet that they could rest on.
    #[must_use]
    pub fn none(lanes: usize, p_like: f32) -> Self {
        Self {
            baseline: p_like,
            p_like,
            hits: vec![[Mark::default(); MAX_STEPS]; lanes],
            sounds: vec![Mark::default(); lanes],
        }
    }

    /// The sum of all marks.
    #[must_use]
    pub fn sum(&self) -> f32 {
        self.hits.iter().flatten().chain(&self.sounds).map(|mark| mark.points).sum()
    }
}

/// A function of which players are there, played by letting them come in one by one.
trait Game {
    /// Nobody is there.
    fn clear(&mut self);
    /// A player comes in.
    fn enter(&mut self, player: usize);
    /// The logit as it stands but for the smooth part.
    fn logit(&mut self) -> Rough;
}

/// The smooth part of the logit as integrals of its slopes: `sums[node][player]`, from the start.
struct Smooth {
    start: f32,
    sums: Vec<Vec<f32>>,
    totals: Vec<f32>,
}

impl Smooth {
    /// Nothing that moves.
    fn still(players: usize) -> Self {
        Self { start: 0.0, sums: vec![vec![0.0; players]; 2], totals: vec![0.0; 2] }
    }

    /// Slopes integrated by the trapezoid rule; what that misses of the difference of the ends is shared out in
    /// proportion.
    fn of(along: &Along, nodes: &[f32], players: usize) -> Self {
        let slope = |node: usize, player: usize| {
            let hits = &along.hits[node];
            hits.get(player).or_else(|| along.sounds[node].get(player - hits.len())).copied().unwrap_or(0.0)
        };
        let mut sums = vec![vec![0.0; players]; nodes.len()];
        for node in 1..nodes.len() {
            let width = 0.5 * (nodes[node] - nodes[node - 1]);
            let (before, after) = sums.split_at_mut(node);
            for (player, (sum, before)) in after[0].iter_mut().zip(&before[node - 1]).enumerate() {
                *sum = before + width * (slope(node, player) + slope(node - 1, player));
            }
        }
        let (first, last) = (along.values[0], along.values[nodes.len() - 1]);
        let ends = &sums[nodes.len() - 1];
        let missed = (last - first) - ends.iter().sum::<f32>();
        let size = ends.iter().map(|sum| sum.abs()).sum::<f32>();
        if size > 1e-6 {
            sums.iter_mut().flatten().for_each(|sum| *sum += missed / size * sum.abs());
        }
        let totals = sums.iter().map(|row| row.iter().sum()).collect();
        Self { start: first, sums, totals }
    }

    fn place(&self, t: f32) -> (usize, f32) {
        let last = self.sums.len() - 1;
        let at = (t * last as f32).clamp(0.0, last as f32);
        let node = (at as usize).min(last - 1);
        (node, at - node as f32)
    }

    fn value(&self, t: f32) -> f32 {
        let (node, share) = self.place(t);
        self.start + self.totals[node] + share * (self.totals[node + 1] - self.totals[node])
    }

    fn of_player(&self, player: usize, t: f32) -> f32 {
        let (node, share) = self.place(t);
        let (a, b) = (self.sums[node][player], self.sums[node + 1][player]);
        a + share * (b - a)
    }
}

/// Sums over orders.
#[derive(Clone, Copy, Default)]
struct Sums {
    points: f64,
    squares: f64,
    groups: [f64; GROUPS],
}

/// Plays the game in several orders. Gives P at both ends and each player's mark.
fn integrate(
    players: usize,
    game: &mut impl Game,
    smooth: &Smooth,
    probability: &dyn Fn(f32) -> f32,
) -> (f32, f32, Vec<Mark>) {
    let mut rng = Rng::stream(Seed(0), "marks", players as u64);
    // Who comes before the start in one order of a pair comes after it in the other: a pair asks once a player.
    let pairs = (BUDGET / players.max(1)).clamp(PAIRS.0, PAIRS.1);
    let mut sums = vec![Sums::default(); players];
    let (mut baseline, mut whole) = (0.0f64, 0.0);
    for _ in 0..pairs {
        let coming: Vec<f32> = (0..players).map(|_| rng.unit()).collect();
        // What both orders of a pair say of a player counts as one sample.
        let mut pair = vec![Sums::default(); players];
        for reversed in [false, true] {
            let mut order: Vec<(f32, usize)> =
                coming.iter().map(|&t| if reversed { 1.0 - t } else { t }).zip(0..).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            game.clear();
            let late = order.partition_point(|(t, _)| *t < START);
            order[..late].iter().for_each(|&(_, player)| game.enter(player));
            let mut now = game.logit();
            let mut at = START;
            baseline += f64::from(probability(now.logit + smooth.value(START)));
            for (t, player) in order[late..].iter().copied().chain([(1.0, usize::MAX)]) {
                // On the way to the next jump the smooth part moves by itself.
                let (from, to) = (now.logit + smooth.value(at), now.logit + smooth.value(t));
                let moved = probability(to) - probability(from);
                let rate = if (to - from).abs() > 1e-5 { moved / (to - from) } else { 0.0 };
                if rate != 0.0 {
                    for (own, other) in pair.iter_mut().zip(0..) {
                        own.points +=
                            f64::from(rate * (smooth.of_player(other, t) - smooth.of_player(other, at)));
                    }
                }
                at = t;
                if player == usize::MAX {
                    whole = probability(to);
                    break;
                }
                game.enter(player);
                let next = game.logit();
                let value = smooth.value(t);
                let own = &mut pair[player];
                own.points += f64::from(probability(next.logit + value) - probability(now.logit + value));
                for (sum, (next, now)) in own.groups.iter_mut().zip(next.groups.iter().zip(now.groups)) {
                    *sum += f64::from(probability(next + value) - probability(now + value));
                }
                now = next;
            }
        }
        for (sum, pair) in sums.iter_mut().zip(&pair) {
            sum.points += 0.5 * pair.points;
            sum.squares += 0.25 * pair.points * pair.points;
            sum.groups.iter_mut().zip(pair.groups).for_each(|(sum, group)| *sum += 0.5 * group);
        }
    }
    let n = pairs as f64;
    let mark = |sum: &Sums| {
        let points = sum.points / n;
        let sampling = (sum.squares / n - points * points).max(0.0) / n;
        let groups = sum.groups.map(|group| group / n);
        let mean = groups.iter().sum::<f64>() / GROUPS as f64;
        let between = groups.iter().map(|group| (group - mean) * (group - mean)).sum::<f64>() / GROUPS as f64;
        Mark { points: points as f32, error: (sampling + between).sqrt() as f32 }
    };
    let baseline = (baseline / (2.0 * n)) as f32;
    (baseline, whole, sums.iter().map(mark).collect())
}

/// The loop, its hits and sounds as players.
struct Playing<'a> {
    model: Dissected<'a>,
    phases: Phases,
    start: Candidate,
    whole: Candidate,
    now: Candidate,
    /// Lane and step of each hit.
    hits: Vec<(usize, usize)>,
}

impl Game for Playing<'_> {
    fn clear(&mut self) {
        self.now = self.start;
    }

    fn enter(&mut self, player: usize) {
        if let Some(&(lane, step)) = self.hits.get(player) {
            let hit = self.whole.parts()[lane].hits[step];
            self.now.parts_mut()[lane].set(step, hit);
        } else {
            let lane = player - self.hits.len();
            let own = self.whole.parts()[lane];
            let part = &mut self.now.parts_mut()[lane];
            (part.id, part.sample) = (own.id, own.sample);
        }
    }

    fn logit(&mut self) -> Rough {
        self.model.rough(&self.phases, &self.now)
    }
}

/// The marks of a loop.
pub(crate) fn attribute(model: &Ensemble, pattern: &Loop) -> Attribution {
    let kit = model.space.kit();
    let whole = Candidate::of(pattern, kit);
    let mut start = whole;
    for part in start.parts_mut() {
        part.clear();
        if let Some(usual) = model.space.sounds().usual(part.role) {
            part.sample = usual;
            part.id = kit.samples().get(usual as usize).map_or(SampleId::NONE, |sample| sample.id);
        }
    }
    let hits: Vec<(usize, usize)> = pattern
        .lanes()
        .iter()
        .enumerate()
        .flat_map(|(lane, hits)| hits.iter().map(move |(step, _)| (lane, step)))
        .collect();
    let players = hits.len() + pattern.lanes().len();
    let nodes: [f32; NODES] = std::array::from_fn(|at| at as f32 / (NODES - 1) as f32);
    let sounds: Vec<SampleId> = start.parts().iter().map(|part| part.id).collect();
    let dissected = Dissected::new(model, whole);
    let along = dissected.along(&Way { pattern, sounds: &sounds, nodes: &nodes });
    let smooth = along.map_or_else(|| Smooth::still(players), |along| Smooth::of(&along, &nodes, players));
    let mut game =
        Playing { model: dissected, phases: Phases::of(whole.grid), start, whole, now: start, hits };
    let (baseline, p_like, marks) = integrate(players, &mut game, &smooth, &|logit| model.calibrated(logit));
    let mut found = Attribution::none(pattern.lanes().len(), p_like);
    found.baseline = baseline;
    for (&(lane, step), mark) in game.hits.iter().zip(&marks) {
        found.hits[lane][step] = *mark;
    }
    found.sounds.copy_from_slice(&marks[game.hits.len()..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::critic::sigmoid;

    /// A game of weights, pairs that count only together, and groups that differ by a factor.
    struct Toy {
        weights: Vec<f32>,
        pairs: Vec<(usize, usize, f32)>,
        there: Vec<bool>,
    }

    impl Game for Toy {
        fn clear(&mut self) {
            self.there.fill(false);
        }
        fn enter(&mut self, player: usize) {
            self.there[player] = true;
        }
        fn logit(&mut self) -> Rough {
            let alone =
                self.weights.iter().zip(&self.there).map(|(w, there)| w * f32::from(*there)).sum::<f32>();
            let together = self.pairs.iter().filter(|(a, b, _)| self.there[*a] && self.there[*b]);
            let logit = -1.0 + alone + together.map(|pair| pair.2).sum::<f32>();
            Rough { logit, groups: std::array::from_fn(|group| logit * (0.5 + group as f32 / 15.0)) }
        }
    }

    /// Slopes of a smooth part: a product of two shares, and a sum.
    fn along(players: usize, nodes: &[f32]) -> Along {
        let value = |t: f32| 0.8 * t * t + 0.3 * t;
        let slopes = |t: f32| {
            let mut slopes = vec![0.0; players];
            (slopes[0], slopes[1], slopes[2]) = (0.8 * t, 0.8 * t, 0.3);
            slopes
        };
        Along {
            values: nodes.iter().map(|&t| value(t)).collect(),
            hits: nodes.iter().map(|&t| slopes(t)).collect(),
            sounds: vec![Vec::new(); nodes.len()],
        }
    }

    fn toy(players: usize, rng: &mut Rng) -> Toy {
        let mut weights: Vec<f32> = (0..players).map(|_| rng.normal()).collect();
        // Players 0 and 1 are alike in all that they do, and the last one does nothing.
        weights[1] = weights[0];
        weights[players - 1] = 0.0;
        let mut pairs = vec![(0, 1, rng.normal())];
        for other in 3..players - 1 {
            let weight = rng.normal();
            pairs.push((2, other, weight));
            pairs.extend([(0, other, 0.5 * weight), (1, other, 0.5 * weight)]);
        }
        Toy { weights, pairs, there: vec![false; players] }
    }

    #[test]
    fn marks_are_complete_fair_and_nothing_for_those_who_do_nothing() {
        let mut rng = Rng::new(Seed(6));
        let nodes: [f32; NODES] = std::array::from_fn(|at| at as f32 / (NODES - 1) as f32);
        for players in [5, 9, 24] {
            for smooth in [Smooth::still(players), Smooth::of(&along(players, &nodes), &nodes, players)] {
                let mut game = toy(players, &mut rng);
                let (baseline, whole, marks) = integrate(players, &mut game, &smooth, &sigmoid);
                let sum: f32 = marks.iter().map(|mark| mark.points).sum();
                assert!((sum - (whole - baseline)).abs() < 1e-3, "{sum} {whole} {baseline}");
                let alike = (marks[0].points - marks[1].points).abs();
                assert!(alike < 0.04, "{alike} {:?} {:?}", marks[0], marks[1]);
                assert!(marks[players - 1].points.abs() < 1e-6, "{:?}", marks[players - 1]);
                game.clear();
                (0..players).for_each(|player| game.enter(player));
                assert!((sigmoid(game.logit().logit + smooth.value(1.0)) - whole).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn a_sum_gives_each_its_own_share_whatever_comes_first() {
        let mut game = Toy { weights: vec![0.5, -0.25, 0.0, 0.1], pairs: vec![], there: vec![false; 4] };
        let (_, _, marks) = integrate(4, &mut game, &Smooth::still(4), &|logit| 0.1 * logit);
        for (mark, expected) in marks.iter().zip([0.025, -0.0125, 0.0, 0.005]) {
            assert!((mark.points - expected).abs() < 1e-6 && mark.error < 0.05, "{mark:?}");
        }
    }
}
