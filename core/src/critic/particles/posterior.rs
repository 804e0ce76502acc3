//! The weighed set of hypotheses: importance sampling at first, then resampling and rejuvenation
//! (resample–move; Gilks and Berzuini 2001).

use super::bank::Bank;
use super::evidence::Evidence;
use super::hypothesis::Hypothesis;
use super::moves::vary;
use super::prior::Dictionary;
use super::quick;
use crate::critic::{Example, Expert, Observation, Opinion, logit};
use crate::features::Heard;
use crate::rng::Rng;
use std::sync::Arc;

/// Hypotheses of the prior that stay weighed, see [`Bank`].
const BANK: usize = 16_384;
/// Hypotheses that are moved towards the person's taste.
const ACTIVE: usize = 640;
/// How many of them stand for all when a loop is scored.
const PANEL: usize = 128;
/// Of how many of these one is asked when a shortlist is chosen.
const GLANCE: usize = 8;
/// Likelihood evaluations that one update may spend on moves (about 25 ns each), and its most moves
/// per particle.
const MOVE_BUDGET: usize = 60_000;
const MOST_SWEEPS: usize = 8;
/// What a judgement keeps of its weight with each later one: half after 46.
const RETENTION: f32 = 0.985;
/// Temperature at which fresh hypotheses are drawn from the bank.
const BANK_POWER: f32 = 0.5;

/// The taste particles.
#[derive(Clone)]
pub struct Particles {
    dictionary: Arc<Dictionary>,
    rng: Rng,
    bank: Bank,
    bank_fit: Vec<f32>,
    /// Cumulated sampling weights of the bank at [`BANK_POWER`].
    bank_sums: Vec<f32>,
    active: Vec<Hypothesis>,
    fit: Vec<f32>,
    log_weight: Vec<f32>,
    panel: Vec<Hypothesis>,
    /// All that was said, oldest first.
    said: Vec<Evidence>,
    /// Positions of what was said, the hardest to agree with first.
    order: Vec<usize>,
    /// Whether the bank alone no longer carries the posterior.
    moving: bool,
    /// The random numbers after the bank was drawn: where [`Expert::reset`] goes back to.
    start: Rng,
}

fn systematic(weights: &[f32], count: usize, rng: &mut Rng, chosen: &mut Vec<usize>) {
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    chosen.clear();
    let mut at = 0;
    let mut sum = f64::from(weights.first().copied().unwrap_or(0.0));
    let start = rng.unit_f64();
    for index in 0..count {
        let mark = (index as f64 + start) / count as f64 * total;
        while sum < mark && at + 1 < weights.len() {
            at += 1;
            sum += f64::from(weights[at]);
        }
        chosen.push(at);
    }
}

/// exp(x − max x), and the effective sample size of these weights.
fn normalised(log: &[f32]) -> (Vec<f32>, f32) {
    let most = log.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = log.iter().map(|&x| quick::exp(x - most)).collect();
    let sum: f32 = weights.iter().sum();
    let squares: f32 = weights.iter().map(|weight| weight * weight).sum();
    (weights, sum * sum / squares.max(f32::MIN_POSITIVE))
}

impl Particles {
    /// The prior.
    #[must_use]
    pub fn new(dictionary: Arc<Dictionary>, mut rng: Rng) -> Self {
        let bank = Bank::draw(BANK, &dictionary, &mut rng);
        let start = rng.clone();
        let active: Vec<Hypothesis> = (0..ACTIVE).map(|_| bank.get(rng.below(BANK), &dictionary)).collect();
        let panel = active[..PANEL].to_vec();
        Self {
            dictionary,
            rng,
            bank_fit: vec![0.0; BANK],
            bank_sums: Vec::new(),
            bank,
            fit: vec![0.0; ACTIVE],
            log_weight: vec![0.0; ACTIVE],
            active,
            panel,
            said: Vec::new(),
            order: Vec::new(),
            moving: false,
            start,
        }
    }

    /// The hypotheses that stand for all, equally weighted.
    #[must_use]
    pub fn panel(&self) -> &[Hypothesis] {
        &self.panel
    }

    /// The mean of P(like) over the panel and of its logit (bounded), and the deviation of P.
    #[must_use]
    pub fn judge(&self, heard: &Heard) -> PanelVote {
        let (mut sum, mut squares, mut logits) = (0.0f32, 0.0f32, 0.0f32);
        for h in &self.panel {
            let logit = h.logit(heard);
            let p = h.slip + (1.0 - 2.0 * h.slip) * quick::sigmoid(logit);
            sum += p;
            squares += p * p;
            logits += logit.clamp(-6.0, 6.0);
        }
        let n = self.panel.len().max(1) as f32;
        let mean = sum / n;
        PanelVote { mean, variance: (squares / n - mean * mean).max(0.0), logit: logits / n }
    }

    /// The mean of P(like) over every eighth of the panel: enough to choose a shortlist by.
    #[must_use]
    pub(crate) fn glance(&self, heard: &Heard) -> f32 {
        let some = self.panel.iter().step_by(GLANCE);
        some.map(|h| h.probability(heard)).sum::<f32>() * GLANCE as f32 / self.panel.len().max(1) as f32
    }

    /// The mean of P(like) over each of `N` equal parts of the panel.
    #[must_use]
    pub(crate) fn by_group<const N: usize>(&self, heard: &Heard) -> [f32; N] {
        let mut sums = [0.0f32; N];
        for (at, h) in self.panel.iter().enumerate() {
            sums[at % N] += h.probability(heard);
        }
        let size = self.panel.len() as f32 / N as f32;
        sums.map(|sum| sum / size.max(1.0))
    }

    fn draw_panel(&mut self) {
        let (weights, _) = normalised(&self.log_weight);
        let mut chosen = Vec::with_capacity(PANEL);
        systematic(&weights, PANEL, &mut self.rng, &mut chosen);
        self.panel.clear();
        self.panel.extend(chosen.iter().map(|&at| self.active[at]));
    }

    /// ln P(all that was said | hypothesis) with ageing where it is at least `bar`, else `None`: every
    /// judgement can only lower the sum, so most proposals are refused after a few. `spent` counts
    /// evaluations.
    fn fit_above(&self, h: &Hypothesis, bar: f32, spent: &mut usize) -> Option<f32> {
        let mut sum = 0.0;
        for &at in &self.order {
            let said = &self.said[at];
            sum += said.share * said.log_likelihood(h);
            *spent += 1;
            if sum < bar {
                return None;
            }
        }
        Some(sum)
    }

    /// The largest difference between a fit that was kept up and one made anew.
    #[cfg(test)]
    pub(super) fn fit_error(&self) -> f32 {
        let mut all = self.clone();
        all.order = (0..all.said.len()).collect();
        let total = |h: &Hypothesis| all.fit_above(h, f32::NEG_INFINITY, &mut 0).unwrap();
        let active = self.active.iter().zip(&self.fit).step_by(7);
        let bank = (0..self.bank.len()).step_by(97);
        let bank = bank.map(|at| (self.bank.get(at, &self.dictionary), self.bank_fit[at]));
        let active = active.map(|(h, fit)| (*h, *fit));
        active.chain(bank).map(|(h, fit)| (fit - total(&h)).abs()).fold(0.0, f32::max)
    }

    fn draw_from_bank(&mut self) -> Hypothesis {
        let total = self.bank_sums.last().copied().unwrap_or(0.0);
        let mark = self.rng.unit() * total;
        let at = self.bank_sums.partition_point(|&sum| sum <= mark).min(self.bank.len() - 1);
        self.bank.get(at, &self.dictionary)
    }

    /// Puts first what the panel agrees with least: there most proposals fail, and are refused before
    /// the rest is asked.
    fn set_order(&mut self) {
        let agreement: Vec<f32> = self
            .said
            .iter()
            .map(|said| {
                self.panel.iter().step_by(GLANCE).map(|h| said.log_likelihood(h)).sum::<f32>() * said.share
            })
            .collect();
        self.order.clear();
        self.order.extend((0..self.said.len()).rev());
        self.order.sort_by(|&a, &b| agreement[a].total_cmp(&agreement[b]));
    }

    fn rejuvenate(&mut self) {
        self.set_order();
        let liked: Vec<Heard> = self
            .said
            .iter()
            .rev()
            .filter(|said| said.like == Some(true) && said.weight > 0.5)
            .take(64)
            .map(|said| said.heard.clone())
            .collect();
        let liked: Vec<&Heard> = liked.iter().collect();
        let mut sum = 0.0;
        let most = self.bank_fit.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        self.bank_sums.clear();
        for &fit in &self.bank_fit {
            sum += quick::exp(BANK_POWER * (fit - most));
            self.bank_sums.push(sum);
        }

        // A fixed walk over the particles keeps all of them moving when the budget is below one sweep.
        let start = self.rng.below(self.active.len());
        let mut spent = 0;
        for step in 0..MOST_SWEEPS * self.active.len() {
            if spent >= MOVE_BUDGET {
                break;
            }
            let at = (start + step) % self.active.len();
            let fresh = self.rng.chance(0.12);
            let mut proposal = self.active[at];
            let power = if fresh {
                proposal = self.draw_from_bank();
                1.0 - BANK_POWER
            } else {
                vary(&mut proposal, &self.dictionary, &liked, &mut self.rng);
                1.0
            };
            // Accepted where power · (fit' − fit) + complexity − complexity' is above ln of a lot.
            let lot = quick::ln(1.0 - self.rng.unit());
            let bar = self.fit[at] + (lot + proposal.complexity() - self.active[at].complexity()) / power;
            if let Some(fit) = self.fit_above(&proposal, bar, &mut spent) {
                self.active[at] = proposal;
                self.fit[at] = fit;
            }
        }
    }
}

/// What the panel of hypotheses says of a loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PanelVote {
    /// Mean of P(like).
    pub mean: f32,
    /// Variance of P(like) between hypotheses.
    pub variance: f32,
    /// Mean of the hypotheses' logits, each within ±6.
    pub logit: f32,
}

impl From<PanelVote> for Opinion {
    fn from(vote: PanelVote) -> Self {
        // A little of the mean logit tells loops apart of which the panel is equally sure.
        let worth = logit(vote.mean) + 0.06 * vote.logit;
        Self { p: vote.mean, sd: vote.variance.sqrt(), worth }
    }
}

impl Expert for Particles {
    fn observe(&mut self, observation: &Observation) {
        self.said.iter_mut().for_each(|said| said.share *= RETENTION);
        let last = Evidence::of(observation);
        for (fit, h) in self.bank_fit.iter_mut().zip(self.bank.all(&self.dictionary)) {
            *fit = *fit * RETENTION + last.log_likelihood(&h);
        }
        let mut chosen = Vec::new();
        if !self.moving {
            let (weights, effective) = normalised(&self.bank_fit);
            systematic(&weights, ACTIVE, &mut self.rng, &mut chosen);
            for (slot, &at) in chosen.iter().enumerate() {
                self.active[slot] = self.bank.get(at, &self.dictionary);
                self.fit[slot] = self.bank_fit[at];
            }
            self.log_weight.fill(0.0);
            self.moving = effective < ACTIVE as f32;
        } else {
            for at in 0..self.active.len() {
                let gain = last.log_likelihood(&self.active[at]);
                let before = self.fit[at];
                self.fit[at] = before * RETENTION + gain;
                self.log_weight[at] += self.fit[at] - before;
            }
            let (weights, effective) = normalised(&self.log_weight);
            if effective < 0.6 * ACTIVE as f32 {
                systematic(&weights, ACTIVE, &mut self.rng, &mut chosen);
                let active: Vec<Hypothesis> = chosen.iter().map(|&at| self.active[at]).collect();
                let fit: Vec<f32> = chosen.iter().map(|&at| self.fit[at]).collect();
                self.active = active;
                self.fit = fit;
                self.log_weight.fill(0.0);
            }
        }
        self.said.push(last);
        if self.moving {
            self.rejuvenate();
        }
        self.draw_panel();
    }

    fn opinions(&self, examples: &[Example]) -> Vec<Opinion> {
        examples.iter().map(|example| self.judge(&example.heard).into()).collect()
    }

    fn work(&mut self) -> bool {
        self.bank.prepare(&self.dictionary)
    }

    fn doubt(&mut self, share: f32) {
        self.said.iter_mut().for_each(|said| said.share *= share);
        self.bank_fit.iter_mut().for_each(|fit| *fit *= share);
        for (fit, log_weight) in self.fit.iter_mut().zip(&mut self.log_weight) {
            *log_weight -= (1.0 - share) * *fit;
            *fit *= share;
        }
    }

    fn reset(&mut self) {
        self.rng = self.start.clone();
        for slot in 0..ACTIVE {
            self.active[slot] = self.bank.get(self.rng.below(BANK), &self.dictionary);
        }
        self.panel.clear();
        self.panel.extend_from_slice(&self.active[..PANEL]);
        self.bank_fit.fill(0.0);
        self.fit.fill(0.0);
        self.log_weight.fill(0.0);
        self.said.clear();
        self.order.clear();
        self.moving = false;
    }
}
