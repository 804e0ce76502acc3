//! The bank: hypotheses of the prior that stay weighed by all that was judged, as a source of fresh ones.
//!
//! They are drawn at once, which is quick and fixes all random numbers, but brought into standard units only
//! when the first judgement needs them or the worker has time: that takes ten times as long.

use super::hypothesis::{Hypothesis, MAX_TERMS, Op, Term};
use super::prior::Dictionary;
use crate::rng::Rng;

/// Hypotheses that one unit of background work brings into standard units: some 8 ms.
const UNIT: usize = 4_096;

/// A hypothesis but for its terms.
#[derive(Clone, Copy, Debug)]
struct Head {
    /// The first of its terms.
    first: u32,
    count: u8,
    op: Op,
    threshold: f32,
    steepness: f32,
    slip: f32,
}

/// See the module's documentation. Most hypotheses have one term of three, so terms lie in a row.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    heads: Vec<Head>,
    terms: Vec<Term>,
    /// So many hypotheses are in standard units.
    ready: usize,
}

impl Bank {
    /// Draws `count` hypotheses, at least one.
    pub(super) fn draw(count: usize, dictionary: &Dictionary, rng: &mut Rng) -> Self {
        let mut bank = Self { heads: Vec::with_capacity(count), terms: Vec::new(), ready: 0 };
        for _ in 0..count.max(1) {
            let drawn = dictionary.sketch(rng);
            bank.heads.push(Head {
                first: bank.terms.len() as u32,
                count: drawn.count,
                op: drawn.op,
                threshold: drawn.threshold,
                steepness: drawn.steepness,
                slip: drawn.slip,
            });
            bank.terms.extend_from_slice(drawn.terms());
        }
        bank.terms.shrink_to_fit();
        bank
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// One of them, in standard units.
    pub(super) fn get(&self, at: usize, dictionary: &Dictionary) -> Hypothesis {
        let mut found = self.sketch(at);
        if at >= self.ready {
            dictionary.standardise(&mut found);
        }
        found
    }

    fn sketch(&self, at: usize) -> Hypothesis {
        let head = self.heads[at];
        let own = &self.terms[head.first as usize..][..usize::from(head.count)];
        // What is beyond the count is never looked at.
        let mut terms = [own[0]; MAX_TERMS];
        terms[..own.len()].copy_from_slice(own);
        Hypothesis {
            terms,
            count: head.count,
            op: head.op,
            threshold: head.threshold,
            steepness: head.steepness,
            slip: head.slip,
        }
    }

    /// All of them, in standard units.
    pub(super) fn all(&mut self, dictionary: &Dictionary) -> impl Iterator<Item = Hypothesis> {
        while self.prepare(dictionary) {}
        (0..self.len()).map(|at| self.sketch(at))
    }

    /// Brings some more into standard units; false when all are. It changes nothing that can be asked.
    pub(super) fn prepare(&mut self, dictionary: &Dictionary) -> bool {
        let to = (self.ready + UNIT).min(self.len());
        let place = |at: usize| self.heads.get(at).map_or(self.terms.len(), |head| head.first as usize);
        let (from, end) = (place(self.ready), place(to));
        self.terms[from..end].iter_mut().for_each(|term| term.standardise(&dictionary.reference));
        let worked = to > self.ready;
        self.ready = to;
        worked
    }
}
