//! The head: Bayesian logistic regression on the trunk's points.
//!
//! Worker and study threads. Weights have independent normal priors (the trunk's points are whitened
//! so that this is the prior over tastes that it was trained with); the posterior is Laplace's
//! approximation at its mode (Bishop 2006, section 4.5). Double precision, no tensors: 49 numbers.

use super::trunk::POINT;

/// Weights and bias.
const SIZE: usize = POINT + 1;
/// Steps of Newton's method; it converges in about six, in three from the mode before one more rating.
const NEWTON_STEPS: usize = 25;
/// A step this short is the last. The next one would be about its square.
const CLOSE: f64 = 1e-5;
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
pub struct Head {
    mode: [f64; SIZE],
    /// Cholesky factor (lower) of the posterior precision.
    factor: [[f64; SIZE]; SIZE],
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

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
    pub fn fit_from(start: Option<&Self>, data: &[Labelled], weight_sd: f64, bias: f64) -> Self {
        let precision =
            |k: usize| if k < POINT { 1.0 / (weight_sd * weight_sd) } else { 1.0 / (BIAS_SD * BIAS_SD) };
        let prior = |k: usize| if k < POINT { 0.0 } else { bias };
        let rows: Vec<([f64; SIZE], f64, f64)> = data
            .iter()
            .map(|d| (extended(&d.point), if d.like { 1.0 } else { 0.0 }, f64::from(d.weight)))
            .collect();
        let mut mode = start.map_or_else(|| std::array::from_fn(prior), |start| start.mode);
        let mut factor = [[0.0; SIZE]; SIZE];
        for _ in 0..NEWTON_STEPS {
            let mut gradient: [f64; SIZE] = std::array::from_fn(|k| precision(k) * (prior(k) - mode[k]));
            let mut hessian = [[0.0; SIZE]; SIZE];
            for (k, row) in hessian.iter_mut().enumerate() {
                row[k] = precision(k);
            }
            for (x, y, weight) in &rows {
                let p = sigmoid(x.iter().zip(&mode).map(|(a, b)| a * b).sum());
                let curve = weight * (p * (1.0 - p)).max(1e-6);
                for i in 0..SIZE {
                    gradient[i] += weight * (y - p) * x[i];
                    for j in 0..=i {
                        hessian[i][j] += curve * x[i] * x[j];
                    }
                }
            }
            factor = cholesky(&hessian);
            let step = backward(&factor, &forward(&factor, &gradient));
            // Half steps where a whole one would jump far: the likelihood is concave, so this only
            // keeps the first steps tame.
            let size = step.iter().map(|s| s * s).sum::<f64>().sqrt();
            let scale = if size > 4.0 { 4.0 / size } else { 1.0 };
            mode.iter_mut().zip(&step).for_each(|(m, s)| *m += scale * s);
            if size < CLOSE {
                break;
            }
        }
        Self { mode, factor }
    }

    /// Mean and standard deviation of the logit at a whitened point.
    #[must_use]
    pub fn logit(&self, point: &[f32; POINT]) -> (f32, f32) {
        let x = extended(point);
        let mean: f64 = x.iter().zip(&self.mode).map(|(a, b)| a * b).sum();
        let half = forward(&self.factor, &x);
        (mean as f32, half.iter().map(|v| v * v).sum::<f64>().sqrt() as f32)
    }

    /// P(like) with the uncertainty averaged over (MacKay 1992).
    #[must_use]
    pub fn probability(&self, point: &[f32; POINT]) -> f32 {
        let (mean, sd) = self.logit(point);
        1.0 / (1.0 + (-mean / (1.0 + std::f32::consts::PI / 8.0 * sd * sd).sqrt()).exp())
    }

    /// The mode: weights, then the bias.
    #[must_use]
    pub fn mode(&self) -> &[f64; POINT + 1] {
        &self.mode
    }
}

/// Lower factor of a positive definite matrix given by its lower half.
fn cholesky(a: &[[f64; SIZE]; SIZE]) -> [[f64; SIZE]; SIZE] {
    let mut l = [[0.0; SIZE]; SIZE];
    for i in 0..SIZE {
        for j in 0..=i {
            let sum: f64 = a[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            l[i][j] = if i == j { sum.max(1e-12).sqrt() } else { sum / l[j][j] };
        }
    }
    l
}

fn forward(l: &[[f64; SIZE]; SIZE], b: &[f64; SIZE]) -> [f64; SIZE] {
    let mut x = [0.0; SIZE];
    for i in 0..SIZE {
        x[i] = (b[i] - (0..i).map(|k| l[i][k] * x[k]).sum::<f64>()) / l[i][i];
    }
    x
}

fn backward(l: &[[f64; SIZE]; SIZE], b: &[f64; SIZE]) -> [f64; SIZE] {
    let mut x = [0.0; SIZE];
    for i in (0..SIZE).rev() {
        x[i] = (b[i] - (i + 1..SIZE).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
    }
    x
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

    fn log_posterior(data: &[Labelled], mode: &[f64; SIZE], sd: f64, bias: f64) -> f64 {
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
                let mut moved = *head.mode();
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
            let mut m = *head.mode();
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
