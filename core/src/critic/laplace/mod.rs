//! Laplace's approximation of the posterior of a logistic taste: a normal belief around its mode, which
//! Newton's method finds.
//!
//! Once over the latent values of the judged loops, for a Gaussian process ([`Values`]; Rasmussen and Williams
//! 2006, algorithms 3.1 and 3.2), and once over the weights of a linear taste ([`Weights`]; Bishop 2006,
//! section 4.5). Likelihood, steps and matrices are the same. Each label has a weight.

mod matrix;

pub(super) use matrix::{SquareMatrix, dot, inner};

/// The logistic likelihood of one label at a latent value: its slope, and its curvature with the sign turned.
fn likelihood(latent: f64, like: bool, weight: f64) -> (f64, f64) {
    let p = 1.0 / (1.0 + (-latent).exp());
    (weight * (f64::from(u8::from(like)) - p), weight * p * (1.0 - p))
}

/// How Newton's method goes.
struct Newton {
    /// Steps at most.
    most: usize,
    /// A step this short is the last one. The next would be about its square.
    close: f64,
    /// A longer step is cut to this. The likelihood is concave, so this only keeps the first steps tame.
    longest: f64,
    /// How long a step is.
    length: fn(&[f64], &[f64]) -> f64,
}

/// The largest change of a value.
fn largest(from: &[f64], to: &[f64]) -> f64 {
    from.iter().zip(to).fold(0.0, |most, (a, b)| f64::max(most, (b - a).abs()))
}

/// The Euclidean distance.
fn euclidean(from: &[f64], to: &[f64]) -> f64 {
    from.iter().zip(to).map(|(a, b)| (b - a) * (b - a)).sum::<f64>().sqrt()
}

impl Newton {
    /// Moves `mode` to where the posterior is highest; `next` says where a whole step leads.
    fn climb(&self, mode: &mut Vec<f64>, mut next: impl FnMut(&[f64]) -> Vec<f64>) {
        for _ in 0..self.most {
            let to = next(mode);
            let length = (self.length)(mode, &to);
            if length > self.longest {
                let share = self.longest / length;
                mode.iter_mut().zip(&to).for_each(|(at, to)| *at += share * (to - *at));
            } else {
                *mode = to;
            }
            if length < self.close {
                break;
            }
        }
    }
}

/// The approximation over the latent values of the judged loops.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// Latent values at the mode, less the prior mean; the start of the next fit.
    mode: Vec<f64>,
    /// ∇ log p(y | f): what each judged loop adds to a mean.
    slope: Vec<f32>,
    /// W½ (I + W½ K W½)⁻¹ W½, row by row.
    precision: Vec<f32>,
}

impl Values {
    const NEWTON: Newton = Newton { most: 12, close: 1e-3, longest: f64::INFINITY, length: largest };
    /// The least curvature that a label is taken to have.
    const LEAST_CURVATURE: f64 = 1e-5;

    /// Newton's method from the last mode to the mode of this posterior.
    pub(super) fn fit(
        &mut self,
        covariance: &SquareMatrix,
        labels: &[bool],
        weights: &[f32],
        prior_mean: f64,
    ) {
        let n = labels.len();
        if self.mode.len() > n {
            self.mode.clear();
        }
        self.mode.resize(n, 0.0);
        let terms =
            |mode: &[f64], at: usize| likelihood(mode[at] + prior_mean, labels[at], f64::from(weights[at]));
        let mut root = vec![0.0; n];
        let mut factor = SquareMatrix::zeros(n);
        Self::NEWTON.climb(&mut self.mode, |mode| {
            let mut b = vec![0.0; n];
            for at in 0..n {
                let (slope, curvature) = terms(mode, at);
                let curvature = curvature.max(Self::LEAST_CURVATURE);
                root[at] = curvature.sqrt();
                b[at] = curvature * mode[at] + slope;
            }
            for i in 0..n {
                for j in 0..=i {
                    factor.set_lower(i, j, root[i] * covariance.row(i)[j] * root[j]);
                }
            }
            factor.add_diagonal(1.0);
            factor.factorise();
            let mut a: Vec<f64> = (0..n).map(|i| root[i] * inner(covariance.row(i), &b)).collect();
            factor.solve_lower(&mut a);
            factor.solve_upper(&mut a);
            for at in 0..n {
                a[at] = b[at] - root[at] * a[at];
            }
            (0..n).map(|at| inner(covariance.row(at), &a)).collect()
        });
        self.slope.clear();
        self.slope.extend((0..n).map(|at| terms(&self.mode, at).0 as f32));
        let inverse = factor.inverse_from_factor();
        self.precision.clear();
        for i in 0..n {
            self.precision.extend((0..n).map(|j| (root[i] * inverse.row(i)[j] * root[j]) as f32));
        }
    }

    /// ∇ log p(y | f): what each judged loop adds to a mean.
    pub(super) fn slope(&self) -> &[f32] {
        &self.slope
    }

    /// What the judged loops explain of the prior variance at a loop with these covariances.
    pub(super) fn explained(&self, cross: &[f32]) -> f32 {
        let n = cross.len();
        if n == 0 {
            return 0.0;
        }
        let rows = self.precision.chunks_exact(n);
        rows.zip(cross).map(|(row, &value)| value * dot(row, cross)).sum()
    }
}

/// A judged point for [`Weights`].
pub(super) struct Label<const N: usize> {
    pub(super) point: [f64; N],
    pub(super) like: bool,
    pub(super) weight: f64,
}

/// The approximation over the weights of a linear taste of `N` features, with independent normal priors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights<const N: usize> {
    mode: Vec<f64>,
    /// Cholesky factor (lower) of the posterior's precision.
    factor: SquareMatrix,
}

impl<const N: usize> Weights<N> {
    /// Converges in about six steps, in three from the mode before one more rating.
    const NEWTON: Newton = Newton { most: 25, close: 1e-5, longest: 4.0, length: euclidean };
    /// The least curvature that a label of weight 1 is taken to have.
    const LEAST_CURVATURE: f64 = 1e-6;

    /// Finds the posterior, from the mode of another one where that is close. `prior` is mean and
    /// precision of each weight.
    pub(super) fn fit(
        start: Option<&Self>,
        labels: &[Label<N>],
        prior: impl Fn(usize) -> (f64, f64),
    ) -> Self {
        let mut mode: Vec<f64> = match start {
            Some(start) => start.mode.clone(),
            None => (0..N).map(|at| prior(at).0).collect(),
        };
        let mut factor = SquareMatrix::zeros(N);
        Self::NEWTON.climb(&mut mode, |mode| {
            factor = SquareMatrix::zeros(N);
            let mut step: Vec<f64> = Vec::with_capacity(N);
            for (at, &weight) in mode.iter().enumerate() {
                let (mean, precision) = prior(at);
                step.push(precision * (mean - weight));
                factor.set_lower(at, at, precision);
            }
            for Label { point, like, weight } in labels {
                let (slope, curvature) = likelihood(inner(point, mode), *like, *weight);
                let curvature = curvature.max(Self::LEAST_CURVATURE * weight);
                step.iter_mut().zip(point).for_each(|(step, x)| *step += slope * x);
                factor.add_outer(curvature, point);
            }
            factor.factorise();
            factor.solve_lower(&mut step);
            factor.solve_upper(&mut step);
            step.iter().zip(mode).map(|(step, at)| at + step).collect()
        });
        Self { mode, factor }
    }

    /// Mean and standard deviation of the latent value at a point.
    pub(super) fn latent(&self, point: &[f64; N]) -> (f64, f64) {
        let mut half = *point;
        self.factor.solve_lower(&mut half);
        (inner(point, &self.mode), inner(&half, &half).sqrt())
    }

    /// The posterior covariance times a point: half the slope of the latent variance there.
    pub(super) fn spread(&self, point: &[f64; N]) -> [f64; N] {
        let mut spread = *point;
        self.factor.solve_lower(&mut spread);
        self.factor.solve_upper(&mut spread);
        spread
    }

    /// The mode.
    pub(super) fn mode(&self) -> &[f64] {
        &self.mode
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rng::Rng, units::Seed};

    fn random_covariance(n: usize, rng: &mut Rng) -> SquareMatrix {
        let points: Vec<[f64; 3]> = (0..n).map(|_| [0.0; 3].map(|_| f64::from(rng.normal()))).collect();
        let mut k = SquareMatrix::zeros(n);
        for a in 0..n {
            for b in 0..=a {
                let d: f64 = points[a].iter().zip(&points[b]).map(|(x, y)| (x - y) * (x - y)).sum();
                k.set_both(a, b, 2.0 * (-0.5 * d).exp() + 0.3);
            }
        }
        k
    }

    #[test]
    fn the_mode_is_where_the_gradient_of_the_posterior_vanishes() {
        let mut rng = Rng::new(Seed(11));
        let k = random_covariance(14, &mut rng);
        let labels: Vec<bool> = (0..14).map(|_| rng.chance(0.4)).collect();
        let weights: Vec<f32> = (0..14).map(|_| rng.range(0.3, 1.5)).collect();
        let mut fit = Values::default();
        fit.fit(&k, &labels, &weights, -0.7);
        // At the mode f = K ∇ log p(y | f), whatever the algorithm.
        for at in 0..14 {
            let expected: f64 = (0..14).map(|j| k.row(at)[j] * f64::from(fit.slope[j])).sum();
            assert!((fit.mode[at] - expected).abs() < 1e-3, "{} {expected}", fit.mode[at]);
        }
    }

    #[test]
    fn explained_variance_agrees_with_gaussian_elimination() {
        let mut rng = Rng::new(Seed(12));
        let n = 9;
        let k = random_covariance(n + 1, &mut rng);
        let mut inside = SquareMatrix::zeros(n);
        (0..n).for_each(|a| (0..=a).for_each(|b| inside.set_both(a, b, k.row(a)[b])));
        let labels: Vec<bool> = (0..n).map(|_| rng.chance(0.5)).collect();
        let mut fit = Values::default();
        fit.fit(&inside, &labels, &vec![1.0; n], 0.0);
        let cross: Vec<f32> = (0..n).map(|j| k.row(n)[j] as f32).collect();
        // kᵀ (K + W⁻¹)⁻¹ k by Gauss–Jordan elimination.
        let mut system: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let p = 1.0 / (1.0 + (-fit.mode[i]).exp());
                let mut row = inside.row(i).to_vec();
                row[i] += 1.0 / (p * (1.0 - p));
                row.push(f64::from(cross[i]));
                row
            })
            .collect();
        for i in 0..n {
            let pivot = system[i][i];
            system[i].iter_mut().for_each(|x| *x /= pivot);
            let lead = system[i].clone();
            for (j, row) in system.iter_mut().enumerate() {
                if j != i {
                    let factor = row[i];
                    row.iter_mut().zip(&lead).for_each(|(x, y)| *x -= factor * y);
                }
            }
        }
        let expected: f64 = (0..n).map(|i| f64::from(cross[i]) * system[i][n]).sum();
        assert!((f64::from(fit.explained(&cross)) - expected).abs() < 1e-3, "{expected}");
    }
}
