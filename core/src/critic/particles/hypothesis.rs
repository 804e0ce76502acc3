//! One explicit taste and how it judges a loop.

use super::quick;
use crate::features::phases::{ahead, count_rows, fields};
use crate::features::{Group, Heard, LANES, MORE_LANES};

/// How the rows of a figure come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Weighted mean over layers.
    Mean,
    /// The layer that fits least.
    Least,
    /// The lane that fits best, whatever it sounds like.
    BestLane,
}

/// A rhythm that is listened for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Four rows of 16 phases: low, mid, bright, any.
    pub target: u64,
    /// What it was drawn as; changes since then cost prior probability.
    pub origin: u64,
    /// Weight of each row; 0 is "does not matter", below 0 "not this".
    pub weights: [f32; 4],
    /// What a hit too many costs (Tversky's α): small is "must contain".
    pub extra: f32,
    /// What a missing hit costs (Tversky's β).
    pub missing: f32,
    /// A hit one phase beside its place counts a little.
    pub tolerant: bool,
    /// How layers are told apart, an index into [`Heard::rows`].
    pub hearing: u8,
    /// How rows come together.
    pub join: Join,
}

/// Which way a measure pulls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// The more, the better.
    Line,
    /// Best at this value.
    Near(f32),
}

/// A pull on up to three measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leaning {
    /// Which measures; the first `count` are used.
    pub measures: [u16; 3],
    /// Their weights.
    pub weights: [f32; 3],
    /// How many.
    pub count: u8,
    /// Line or peak (of the first measure).
    pub shape: Shape,
}

/// What a term looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TermKind {
    /// A rhythm.
    Figure(Figure),
    /// Measures.
    Leaning(Leaning),
}

/// One part of a hypothesis, in standard units of reference loops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// What it looks at.
    pub kind: TermKind,
    /// Mean of its raw value on reference loops.
    pub mean: f32,
    /// One over the standard deviation there.
    pub scale: f32,
    /// Its weight in a sum.
    pub weight: f32,
}

/// How terms come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Weighted sum of unit variance.
    Sum,
    /// All of them: the least.
    And,
    /// Any of them: the greatest.
    Or,
}

/// The most terms of a hypothesis.
pub(crate) const MAX_TERMS: usize = 3;

/// One explicit taste: P(like) = ε + (1 − 2ε) σ((u − κ)/s), u from its terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hypothesis {
    /// The terms; the first `count` are used.
    pub terms: [Term; MAX_TERMS],
    /// How many, 1 to 3.
    pub count: u8,
    /// How they come together.
    pub op: Op,
    /// Where liking begins, in standard deviations of reference loops.
    pub threshold: f32,
    /// One over the width of the change from dislike to like.
    pub steepness: f32,
    /// How often a rating is a slip.
    pub slip: f32,
}

impl Figure {
    /// How well a loop's rhythm fits, at most about 1.
    #[must_use]
    pub fn fit(&self, heard: &Heard) -> f32 {
        if self.join == Join::BestLane {
            let first = self.rows(&heard.rows[LANES][..heard.bars]);
            let mut best = first.into_iter().fold(0.0f32, f32::max);
            if heard.rows[MORE_LANES][0] != 0 {
                let more = self.rows(&heard.rows[MORE_LANES][..heard.bars]);
                best = more.into_iter().fold(best, f32::max);
            }
            return best;
        }
        let rows = self.rows(&heard.rows[usize::from(self.hearing)][..heard.bars]);
        if self.join == Join::Least {
            let mut least = 1.0f32;
            for (fit, weight) in rows.into_iter().zip(self.weights) {
                if weight > 0.0 {
                    least = least.min(fit);
                }
            }
            return least;
        }
        rows.into_iter().zip(self.weights).map(|(fit, weight)| fit * weight).sum()
    }

    /// Tversky's (1977) ratio for each row.
    #[inline]
    fn rows(&self, words: &[u64]) -> [f32; 4] {
        let (mut common, mut present, mut beside) = (0, 0, 0);
        for &word in words {
            common += count_rows(word & self.target);
            present += count_rows(word);
            if self.tolerant {
                beside +=
                    count_rows(word & ahead(self.target, 1)) + count_rows(word & ahead(self.target, 15));
            }
        }
        let bars = words.len() as f32;
        let wanted = fields(count_rows(self.target));
        let (common, present) = (fields(common), fields(present));
        let beside = fields(beside);
        let (own, near) = if self.tolerant { (0.7, 0.15) } else { (1.0, 0.0) };
        let mut fits = [0.0; 4];
        for (row, fit) in fits.iter_mut().enumerate() {
            let common = own * common[row] + near * beside[row];
            let extra = (present[row] - common).max(0.0);
            let missing = (wanted[row] * bars - common).max(0.0);
            let slack = 0.15 * bars;
            *fit = (common + slack) / (common + self.extra * extra + self.missing * missing + slack);
        }
        fits
    }
}

impl Leaning {
    /// The weighted measures, or minus the distance from the best value.
    #[must_use]
    #[inline]
    pub fn fit(&self, heard: &Heard) -> f32 {
        let mut sum = 0.0;
        for at in 0..usize::from(self.count) {
            let mut value = heard.measures[usize::from(self.measures[at])];
            if let (0, Shape::Near(best)) = (at, self.shape) {
                value = -(value - best).abs();
            }
            sum += self.weights[at] * value;
        }
        sum
    }

    /// Whether it is about sounds alone.
    #[must_use]
    pub(crate) fn is_sound(&self) -> bool {
        let used = &self.measures[..usize::from(self.count)];
        used.iter().all(|&measure| Group::of(usize::from(measure)).is_sound())
    }
}

impl Term {
    /// The raw value.
    #[must_use]
    #[inline]
    pub fn raw(&self, heard: &Heard) -> f32 {
        match &self.kind {
            TermKind::Figure(figure) => figure.fit(heard),
            TermKind::Leaning(leaning) => leaning.fit(heard),
        }
    }

    /// The value in standard units of reference loops.
    #[must_use]
    #[inline]
    pub fn value(&self, heard: &Heard) -> f32 {
        (self.raw(heard) - self.mean) * self.scale
    }

    /// Takes mean and scale from reference loops.
    pub fn standardise(&mut self, reference: &[Heard]) {
        let (mut sum, mut squares) = (0.0f32, 0.0f32);
        for heard in reference {
            let raw = self.raw(heard);
            sum += raw;
            squares += raw * raw;
        }
        let n = reference.len().max(1) as f32;
        self.mean = sum / n;
        self.scale = 1.0 / ((squares / n - self.mean * self.mean).max(0.0).sqrt() + 0.01);
    }

    /// Whether it is about sounds rather than rhythm.
    #[must_use]
    pub(crate) fn is_sound(&self) -> bool {
        matches!(&self.kind, TermKind::Leaning(leaning) if leaning.is_sound())
    }
}

impl Hypothesis {
    /// The terms in use.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms[..usize::from(self.count)]
    }

    /// The utility of a loop, in standard deviations of reference loops.
    #[must_use]
    #[inline]
    pub(crate) fn utility(&self, heard: &Heard) -> f32 {
        if self.count == 1 {
            return self.terms[0].value(heard);
        }
        self.join(heard, |_| true).unwrap_or(0.0)
    }

    fn join(&self, heard: &Heard, wanted: impl Fn(&Term) -> bool) -> Option<f32> {
        let (mut sum, mut squares) = (0.0f32, 0.0f32);
        let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
        for term in self.terms().iter().filter(|term| wanted(term)) {
            let value = term.value(heard);
            sum += term.weight * value;
            squares += term.weight * term.weight;
            least = least.min(value);
            most = most.max(value);
        }
        if squares == 0.0 {
            return None;
        }
        Some(match self.op {
            Op::Sum => sum / squares.sqrt(),
            // The least of two has a lower mean, the greatest a higher one: bring both back.
            Op::And => least + 0.4,
            Op::Or => most - 0.4,
        })
    }

    /// (u − κ)/s: the logit of P(like) without slips.
    #[must_use]
    #[inline]
    pub fn logit(&self, heard: &Heard) -> f32 {
        (self.utility(heard) - self.threshold) * self.steepness
    }

    /// P(like).
    #[must_use]
    #[inline]
    pub fn probability(&self, heard: &Heard) -> f32 {
        self.slip + (1.0 - 2.0 * self.slip) * quick::sigmoid(self.logit(heard))
    }

    /// P(the rhythm, or the sounds, are liked by themselves); ½ where nothing in the hypothesis is
    /// about that part.
    #[must_use]
    pub(crate) fn part_probability(&self, heard: &Heard, sound: bool) -> f32 {
        let Some(utility) = self.join(heard, |term| term.is_sound() == sound) else { return 0.5 };
        let logit = (utility - self.threshold) * self.steepness;
        self.slip + (1.0 - 2.0 * self.slip) * quick::sigmoid(logit)
    }

    /// P(one loop is preferred to another) (Bradley and Terry 1952).
    #[must_use]
    pub fn preference(&self, winner: &Heard, loser: &Heard) -> f32 {
        let difference = (self.utility(winner) - self.utility(loser)) * self.steepness.min(3.0);
        self.slip + (1.0 - 2.0 * self.slip) * quick::sigmoid(difference)
    }

    /// The part of the log prior that local moves change: cells away from the origin and terms.
    #[must_use]
    pub(crate) fn complexity(&self) -> f32 {
        let mut cost = 0.7 * f32::from(self.count - 1);
        for term in self.terms() {
            cost += match &term.kind {
                TermKind::Figure(figure) => CELL_COST * (figure.target ^ figure.origin).count_ones() as f32,
                TermKind::Leaning(leaning) => 0.7 * f32::from(leaning.count - 1),
            };
        }
        cost
    }
}

/// Log prior of one cell that differs from the figure's origin; 0.7 over-fits, 1.8 was best of three.
const CELL_COST: f32 = 1.8;
