//! The weighed set of hypotheses: importance sampling at first, then resampling and rejuvenation
//! (resample–move; Gilks and Berzuini 2001).

use super::hypothesis::Hypothesis;
use super::moves::vary;
use super::prior::Dictionary;
use super::quick;
use crate::critic::{Example, Expert, Observation, Opinion};
use crate::features::{Heard, Space};
use crate::rng::Rng;
use std::sync::Arc;

/// Hypotheses of the prior that stay weighed by all that was judged, as a source of fresh ones.
const BANK: usize = 16_384;
/// Hypotheses that are moved towards the person's taste.
const ACTIVE: usize = 640;
/// How many of them stand for all when a loop is scored.
const PANEL: usize = 128;
/// Likelihood evaluations that one update may spend on moves (about 25 ns each), and its most moves
/// per particle.
const MOVE_BUDGET: usize = 130_000;
const MOST_SWEEPS: usize = 8;
/// What a judgement keeps of its weight with each later one: half after a hundred.
const RETENTION: f32 = 0.993;
/// Temperature at which fresh hypotheses are drawn from the bank.
const BANK_POWER: f32 = 0.5;

/// The taste particles.
#[derive(Clone)]
pub struct Particles {
    dictionary: Arc<Dictionary>,
    rng: Rng,
    bank: Vec<Hypothesis>,
    bank_fit: Vec<f32>,
    /// Cumulated sampling weights of the bank at [`BANK_POWER`].
    bank_sums: Vec<f32>,
    active: Vec<Hypothesis>,
    fit: Vec<f32>,
    log_weight: Vec<f32>,
    panel: Vec<Hypothesis>,
    /// Whether the bank alone no longer carries the posterior.
    moving: bool,
    /// What a judgement keeps of its weight with each later one.
    pub retention: f32,
}

/// ln P(observation | hypothesis), times its weight.
#[must_use]
pub fn log_likelihood(h: &Hypothesis, observation: &Observation) -> f32 {
    let heard = &observation.subject.heard;
    let of = |p: f32, said: bool| quick::ln(if said { p } else { 1.0 - p });
    let mut sum = 0.0;
    if let Some(loser) = &observation.over {
        sum += of(h.preference(heard, &loser.heard), true);
        if let Some(like) = observation.like {
            sum += 0.5 * of(h.probability(heard), like);
        }
    } else if let Some(like) = observation.like {
        sum += of(h.probability(heard), like);
    }
    if let Some(rhythm) = observation.rhythm {
        sum += of(h.part_probability(heard, false), rhythm);
    }
    if let Some(sound) = observation.sound {
        sum += of(h.part_probability(heard, true), sound);
    }
    sum * observation.weight
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
        let bank: Vec<Hypothesis> = (0..BANK).map(|_| dictionary.draw(&mut rng)).collect();
        let active: Vec<Hypothesis> = (0..ACTIVE).map(|_| bank[rng.below(BANK)]).collect();
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
            moving: false,
            retention: RETENTION,
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

    fn draw_panel(&mut self) {
        let (weights, _) = normalised(&self.log_weight);
        let mut chosen = Vec::with_capacity(PANEL);
        systematic(&weights, PANEL, &mut self.rng, &mut chosen);
        self.panel.clear();
        self.panel.extend(chosen.iter().map(|&at| self.active[at]));
    }

    /// ln P(all observations | hypothesis) with ageing.
    #[must_use]
    pub fn total_fit(&self, h: &Hypothesis, all: &[Observation]) -> f32 {
        let mut spent = 0;
        self.fit_above(h, all, f32::NEG_INFINITY, &mut spent).unwrap_or(f32::NEG_INFINITY)
    }

    /// The same where it is at least `bar`, else `None`: every judgement can only lower the sum, so most
    /// proposals are refused after a few. `spent` counts evaluations.
    fn fit_above(&self, h: &Hypothesis, all: &[Observation], bar: f32, spent: &mut usize) -> Option<f32> {
        let (mut sum, mut share) = (0.0, 1.0);
        for observation in all.iter().rev() {
            sum += share * log_likelihood(h, observation);
            share *= self.retention;
            *spent += 1;
            if sum < bar {
                return None;
            }
        }
        Some(sum)
    }

    /// The largest difference between a fit that was kept up and one made anew.
    #[cfg(test)]
    pub(super) fn fit_error(&self, all: &[Observation]) -> f32 {
        let active = self.active.iter().zip(&self.fit).step_by(7);
        let bank = self.bank.iter().zip(&self.bank_fit).step_by(97);
        active.chain(bank).map(|(h, fit)| (fit - self.total_fit(h, all)).abs()).fold(0.0, f32::max)
    }

    fn draw_from_bank(&mut self) -> Hypothesis {
        let total = self.bank_sums.last().copied().unwrap_or(0.0);
        let mark = self.rng.unit() * total;
        let at = self.bank_sums.partition_point(|&sum| sum <= mark).min(self.bank.len() - 1);
        self.bank[at]
    }

    fn rejuvenate(&mut self, all: &[Observation]) {
        let liked: Vec<&Heard> = all
            .iter()
            .rev()
            .filter(|o| o.like == Some(true) && o.weight > 0.5)
            .take(64)
            .map(|o| &o.subject.heard)
            .collect();
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
            if let Some(fit) = self.fit_above(&proposal, all, bar, &mut spent) {
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

impl Expert for Particles {
    fn observe(&mut self, _space: &Space, all: &[Observation]) {
        let Some(last) = all.last() else { return };
        for (fit, h) in self.bank_fit.iter_mut().zip(&self.bank) {
            *fit = *fit * self.retention + log_likelihood(h, last);
        }
        let mut chosen = Vec::new();
        if !self.moving {
            let (weights, effective) = normalised(&self.bank_fit);
            systematic(&weights, ACTIVE, &mut self.rng, &mut chosen);
            for (slot, &at) in chosen.iter().enumerate() {
                self.active[slot] = self.bank[at];
                self.fit[slot] = self.bank_fit[at];
            }
            self.log_weight.fill(0.0);
            self.moving = effective < ACTIVE as f32;
        } else {
            for at in 0..self.active.len() {
                let gain = log_likelihood(&self.active[at], last);
                let before = self.fit[at];
                self.fit[at] = before * self.retention + gain;
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
        if self.moving {
            self.rejuvenate(all);
        }
        self.draw_panel();
    }

    fn predict(&mut self, loops: &[Example], out: &mut Vec<Opinion>) {
        out.clear();
        out.extend(loops.iter().map(|example| {
            let vote = self.judge(&example.heard);
            let p = vote.mean.clamp(0.01, 0.99);
            Opinion { mean: (p / (1.0 - p)).ln(), sd: (vote.variance.sqrt() / (p * (1.0 - p))).min(3.0) }
        }));
    }
}
