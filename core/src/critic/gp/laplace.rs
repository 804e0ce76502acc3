//! Laplace's approximation for logistic Gaussian-process classification (Rasmussen and Williams 2006,
//! algorithms 3.1 and 3.2), with a weight for each label.

/// A symmetric matrix that can grow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SquareMatrix {
    rows: Vec<Vec<f64>>,
}

impl SquareMatrix {
    /// Zeros.
    #[must_use]
    pub fn zeros(n: usize) -> Self {
        Self { rows: vec![vec![0.0; n]; n] }
    }

    /// Its size.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One row and column of zeros more.
    pub fn grow(&mut self) {
        let n = self.rows.len() + 1;
        self.rows.iter_mut().for_each(|row| row.push(0.0));
        self.rows.push(vec![0.0; n]);
    }

    /// Without its first rows and columns.
    pub fn drop_first(&mut self, count: usize) {
        self.rows.drain(..count);
        self.rows.iter_mut().for_each(|row| drop(row.drain(..count)));
    }

    /// A row.
    #[must_use]
    pub fn row(&self, at: usize) -> &[f64] {
        &self.rows[at]
    }

    /// Sets an entry and its mirror.
    pub fn set_both(&mut self, a: usize, b: usize, value: f64) {
        self.rows[a][b] = value;
        self.rows[b][a] = value;
    }

    /// Adds a multiple of another matrix of the same size.
    pub fn add_scaled(&mut self, other: &Self, scale: f64) {
        for (row, from) in self.rows.iter_mut().zip(&other.rows) {
            row.iter_mut().zip(from).for_each(|(to, value)| *to += scale * value);
        }
    }

    /// Adds a constant to every entry.
    pub fn add_constant(&mut self, value: f64) {
        self.rows.iter_mut().flatten().for_each(|entry| *entry += value);
    }

    /// Adds to the diagonal.
    pub fn add_diagonal(&mut self, value: f64) {
        self.rows.iter_mut().enumerate().for_each(|(at, row)| row[at] += value);
    }

    /// The lower Cholesky factor in place; a pivot below 1e-10 counts as that.
    pub fn factorise(&mut self) {
        for i in 0..self.rows.len() {
            let (above, rest) = self.rows.split_at_mut(i);
            let row = &mut rest[0];
            for (j, other) in above.iter().enumerate() {
                let inner = inner(&row[..j], &other[..j]);
                row[j] = (row[j] - inner) / other[j];
            }
            let own = inner(&row[..i], &row[..i]);
            row[i] = (row[i] - own).max(1e-10).sqrt();
            row[i + 1..].fill(0.0);
        }
    }

    /// Solves L x = b in place, L being this factor.
    pub fn solve_lower(&self, b: &mut [f64]) {
        for i in 0..self.rows.len() {
            let row = &self.rows[i];
            b[i] = (b[i] - inner(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Solves Lᵀ x = b in place.
    pub fn solve_upper(&self, b: &mut [f64]) {
        for i in (0..self.rows.len()).rev() {
            let row = &self.rows[i];
            b[i] /= row[i];
            let value = b[i];
            b[..i].iter_mut().zip(&row[..i]).for_each(|(to, l)| *to -= l * value);
        }
    }

    /// The inverse of L Lᵀ, this being L.
    #[must_use]
    pub fn inverse_from_factor(&self) -> Self {
        let n = self.rows.len();
        // Rows of the inverse factor, then their products.
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(n);
        for at in 0..n {
            let mut column = vec![0.0; n];
            column[at] = 1.0;
            for i in at..n {
                let row = &self.rows[i];
                column[i] = (column[i] - inner(&row[at..i], &column[at..i])) / row[i];
            }
            columns.push(column);
        }
        let mut inverse = Self::zeros(n);
        for a in 0..n {
            for b in 0..=a {
                let value = inner(&columns[a][a..], &columns[b][a..]);
                inverse.set_both(a, b, value);
            }
        }
        inverse
    }
}

/// The inner product, in four partial sums so that it vectorises.
pub(super) fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0f64; 4];
    let (a4, a_rest) = a.as_chunks::<4>();
    let (b4, b_rest) = b.as_chunks::<4>();
    for (x, y) in a4.iter().zip(b4) {
        for at in 0..4 {
            sums[at] += x[at] * y[at];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

/// The fitted approximation.
#[derive(Clone, Debug, Default)]
pub struct Laplace {
    /// Latent values at the mode, less the prior mean; the start of the next fit.
    mode: Vec<f64>,
    /// ∇ log p(y | f): what each judged loop adds to a mean.
    pub slope: Vec<f32>,
    /// W½ (I + W½ K W½)⁻¹ W½, row by row.
    precision: Vec<f32>,
}

impl Laplace {
    /// Newton's method from the last mode to the mode of this posterior.
    pub fn fit(&mut self, covariance: &SquareMatrix, labels: &[bool], weights: &[f32], prior_mean: f64) {
        let n = labels.len();
        if self.mode.len() > n {
            self.mode.clear();
        }
        self.mode.resize(n, 0.0);
        let targets: Vec<f64> = labels.iter().map(|&label| f64::from(u8::from(label))).collect();
        let mut root = vec![0.0; n];
        let mut factor = SquareMatrix::zeros(n);
        for _ in 0..12 {
            let mut b = vec![0.0; n];
            for at in 0..n {
                let p = 1.0 / (1.0 + (-(self.mode[at] + prior_mean)).exp());
                let weight = f64::from(weights[at]);
                let curvature = (weight * p * (1.0 - p)).max(1e-5);
                root[at] = curvature.sqrt();
                b[at] = curvature * self.mode[at] + weight * (targets[at] - p);
            }
            for i in 0..n {
                for j in 0..=i {
                    factor.rows[i][j] = root[i] * covariance.rows[i][j] * root[j];
                }
                factor.rows[i][i] += 1.0;
            }
            factor.factorise();
            let mut a: Vec<f64> = (0..n).map(|i| root[i] * inner(&covariance.rows[i], &b)).collect();
            factor.solve_lower(&mut a);
            factor.solve_upper(&mut a);
            for at in 0..n {
                a[at] = b[at] - root[at] * a[at];
            }
            let mut change: f64 = 0.0;
            for at in 0..n {
                let next = inner(&covariance.rows[at], &a);
                change = change.max((next - self.mode[at]).abs());
                self.mode[at] = next;
            }
            if change < 1e-3 {
                break;
            }
        }
        self.slope.clear();
        for at in 0..n {
            let p = 1.0 / (1.0 + (-(self.mode[at] + prior_mean)).exp());
            self.slope.push((f64::from(weights[at]) * (targets[at] - p)) as f32);
        }
        let inverse = factor.inverse_from_factor();
        self.precision.clear();
        for i in 0..n {
            self.precision.extend((0..n).map(|j| (root[i] * inverse.rows[i][j] * root[j]) as f32));
        }
    }

    /// The latent values at the mode, without the prior mean.
    #[must_use]
    pub fn mode(&self) -> &[f64] {
        &self.mode
    }

    /// What the judged loops explain of the prior variance at a loop with these covariances.
    #[must_use]
    pub fn explained(&self, cross: &[f32]) -> f32 {
        let n = cross.len();
        if n == 0 {
            return 0.0;
        }
        let rows = self.precision.chunks_exact(n);
        rows.zip(cross).map(|(row, &value)| value * super::dot(row, cross)).sum()
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
        let mut fit = Laplace::default();
        fit.fit(&k, &labels, &weights, -0.7);
        // At the mode f = K ∇ log p(y | f), whatever the algorithm.
        for at in 0..14 {
            let expected: f64 = (0..14).map(|j| k.row(at)[j] * f64::from(fit.slope[j])).sum();
            assert!((fit.mode()[at] - expected).abs() < 1e-3, "{} {expected}", fit.mode()[at]);
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
        let mut fit = Laplace::default();
        fit.fit(&inside, &labels, &vec![1.0; n], 0.0);
        let cross: Vec<f32> = (0..n).map(|j| k.row(n)[j] as f32).collect();
        // kᵀ (K + W⁻¹)⁻¹ k by Gauss–Jordan elimination.
        let mut system: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let p = 1.0 / (1.0 + (-fit.mode()[i]).exp());
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
