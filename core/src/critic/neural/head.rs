//! The head: Bayesian logistic regression on the trunk's points.
//!
//! Worker and study threads. Weights have independent normal priors (the trunk's points are whitened
//! so that this is the prior over tastes that it was trained with); the posterior is Laplace's
//! approximation at its mode. Double precision, no tensors: 49 numbers.

use super::trunk::POINT;
use crate::critic::Latent;
use crate::critic::laplace::{Label, Weights};

/// Weights and bias.
const SIZE: usize = POINT + 1;
/// Standard deviation of the bias around its prior mean.
const BIAS_SD: f64 = 1.0;

/// A whitened point and what was said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labelled {
    /// The whitened point.
    pub point: [f32; POINT],
    /// Liked.
    pub like: bool,
    /// How many ratings it counts as.
    pub weight: f32,
}

/// The posterior over one person's linear taste.
#[derive(Clone, Debug, PartialEq)]
pub struct Head(Weights<SIZE>);

fn extended(point: &[f32; POINT]) -> [f64; SIZE] {
    let mut x = [1.0; SIZE];
    for (to, v) in x.iter_mut().zip(point) {
        *to = f64::from(*v);
    }
    x
}

impl Head {
    /// Finds the posterior. `weight_sd` is the prior standard deviation of each weight, `bias` the
    /// prior mean of the bias (the logit of what share of loops people like).
    #[must_use]
    pub fn fit(data: &[Labelled], weight_sd: f64, bias: f64) -> Self {
        Self::fit_from(None, data, weight_sd, bias)
    }

    /// The same from the mode of another posterior, which is quicker where that one is close.
    #[must_use]
    pub(crate) fn fit_from(start: Option<&Self>, data: &[Labelled], weight_sd: f64, bias: f64) -> Self {
        let prior = |at: usize| match at {
            POINT => (bias, 1.0 / (BIAS_SD * BIAS_SD)),
            _ => (0.0, 1.0 / (weight_sd * weight_sd)),
        };
        let label =
            |d: &Labelled| Label { point: extended(&d.point), like: d.like, weight: f64::from(d.weight) };
        let labels: Vec<Label<SIZE>> = data.iter().map(label).collect();
        Self(Weights::fit(start.map(|start| &start.0), &labels, prior))
    }

    /// Mean and standard deviation of the logit at a whitened point.
    #[must_use]
    pub fn logit(&self, point: &[f32; POINT]) -> (f32, f32) {
        let (mean, sd) = self.0.latent(&extended(point));
        (mean as f32, sd as f32)
    }

    /// P(like) with the uncertainty averaged over.
    #[must_use]
    pub fn probability(&self, point: &[f32; POINT]) -> f32 {
        let (mean, sd) = self.logit(point);
        Latent { mean, sd }.probability()
    }

    /// The logit of P(like) at a whitened point, the uncertainty averaged over, and its slope in the point.
    pub(super) fn slope(&self, point: &[f32; POINT]) -> (f32, [f32; POINT]) {
        let x = extended(point);
        let (mean, sd) = self.0.latent(&x);
        let spread = self.0.spread(&x);
        // [`Latent::probability`]: σ(m s), s = (1 + π/8 v)^−½, of which v = xᵀ Σ x.
        let s = (1.0 + std::f64::consts::PI / 8.0 * sd * sd).powf(-0.5);
        let by_variance = -mean * std::f64::consts::PI / 8.0 * s * s * s;
        let slope = std::array::from_fn(|at| (s * self.0.mode()[at] + by_variance * spread[at]) as f32);
        ((mean * s) as f32, slope)
    }

    /// The mode: weights, then the bias.
    #[must_use]
    pub fn mode(&self) -> &[f64] {
        self.0.mode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::units::Seed;

    fn data(n: usize) -> Vec<Labelled> {
        let mut rng = Rng::new(Seed(3));
        (0..n)
            .map(|_| {
                let point: [f32; POINT] = std::array::from_fn(|_| rng.normal());
                let like = rng.chance(1.0 / (1.0 + (-2.0 * point[0] + point[1]).exp()));
                Labelled { point, like, weight: 1.0 }
            })
            .collect()
    }

    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    fn log_posterior(data: &[Labelled], mode: &[f64], sd: f64, bias: f64) -> f64 {
        let prior: f64 = mode[..POINT].iter().map(|w| -0.5 * (w / sd).powi(2)).sum::<f64>()
            - 0.5 * (mode[POINT] - bias).powi(2);
        let likelihood = data.iter().map(|d| {
            let z: f64 = extended(&d.point).iter().zip(mode).map(|(a, b)| a * b).sum();
            f64::from(d.weight) * if d.like { sigmoid(z).ln() } else { (1.0 - sigmoid(z)).ln() }
        });
        prior + likelihood.sum::<f64>()
    }

    #[test]
    fn the_mode_is_where_the_posterior_is_highest() {
        let data = data(40);
        let head = Head::fit(&data, 0.7, -0.5);
        let best = log_posterior(&data, head.mode(), 0.7, -0.5);
        for k in 0..SIZE {
            for by in [-1e-3, 1e-3] {
                let mut moved = head.mode().to_vec();
                moved[k] += by;
                assert!(log_posterior(&data, &moved, 0.7, -0.5) < best, "{k} {by}");
            }
        }
    }

    #[test]
    fn a_start_from_the_mode_before_the_last_rating_ends_in_the_same_posterior() {
        let data = data(41);
        let before = Head::fit(&data[..40], 0.7, -0.5);
        let (cold, warm) = (Head::fit(&data, 0.7, -0.5), Head::fit_from(Some(&before), &data, 0.7, -0.5));
        assert!(before.mode().iter().zip(cold.mode()).any(|(a, b)| (a - b).abs() > 1e-3));
        assert!(warm.mode().iter().zip(cold.mode()).all(|(a, b)| (a - b).abs() < 1e-6));
        let apart = (cold.logit(&data[3].point).1 - warm.logit(&data[3].point).1).abs();
        assert!(apart < 1e-4, "{apart}");
    }

    #[test]
    fn the_spread_equals_that_of_the_numerical_curvature() {
        // One direction and the bias only: a 2×2 posterior whose curvature is taken by differences.
        let data: Vec<Labelled> = data(30)
            .into_iter()
            .map(|mut d| {
                d.point[1..].fill(0.0);
                d
            })
            .collect();
        let head = Head::fit(&data, 0.7, -0.5);
        let h = 1e-4;
        let at = |i: f64, j: f64| {
            let mut m = head.mode().to_vec();
            m[0] += i * h;
            m[POINT] += j * h;
            log_posterior(&data, &m, 0.7, -0.5)
        };
        let a = -(at(1.0, 0.0) - 2.0 * at(0.0, 0.0) + at(-1.0, 0.0)) / (h * h);
        let c = -(at(0.0, 1.0) - 2.0 * at(0.0, 0.0) + at(0.0, -1.0)) / (h * h);
        let b = -(at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0)) / (4.0 * h * h);
        let mut point = [0.0; POINT];
        point[0] = 1.5;
        // xᵀ H⁻¹ x for x = (1.5, 1).
        let variance = (1.5 * 1.5 * c - 2.0 * 1.5 * b + a) / (a * c - b * b);
        let (_, sd) = head.logit(&point);
        assert!((f64::from(sd) - variance.sqrt()).abs() < 1e-3 * variance.sqrt(), "{sd} {}", variance.sqrt());
    }

    #[test]
    fn more_ratings_make_it_surer() {
        let probe = [0.5; POINT];
        let few = Head::fit(&data(5), 0.7, 0.0).logit(&probe).1;
        let many = Head::fit(&data(80), 0.7, 0.0).logit(&probe).1;
        assert!(many < few, "{many} {few}");
    }
}
