//! The leading and the most negative eigenvalues of a loss's Hessian (Alain, Le Roux and Manzagol 2018), by Lanczos'
//! method with Hessian–vector products.
//!
//! A product is the central difference of two gradients that backpropagation gives exactly, so that it costs two
//! gradients whatever the size. Against a small network's full matrix it is checked in the tests.

use deepdrummer_core::rng::Rng;

/// A loss of many weights.
pub trait Loss {
    /// The loss at some weights, and its gradient.
    fn gradient(&self, at: &[f32]) -> (f32, Vec<f32>);
}

/// Half the distance between the two gradients of a product, relative to the weights' size.
const STEP: f64 = 2e-3;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn scale(a: &mut [f64], by: f64) {
    a.iter_mut().for_each(|x| *x *= by);
}

/// The Hessian at some weights times a direction of length 1.
pub fn product(loss: &dyn Loss, at: &[f32], direction: &[f64]) -> Vec<f64> {
    let size = at.iter().map(|w| f64::from(*w) * f64::from(*w)).sum::<f64>().sqrt();
    let step = STEP * size.max(1.0);
    let moved = |sign: f64| -> Vec<f32> {
        at.iter().zip(direction).map(|(w, d)| (f64::from(*w) + sign * step * d) as f32).collect()
    };
    let (ahead, behind) = (loss.gradient(&moved(1.0)).1, loss.gradient(&moved(-1.0)).1);
    ahead.iter().zip(&behind).map(|(a, b)| (f64::from(*a) - f64::from(*b)) / (2.0 * step)).collect()
}

/// An eigenvalue and the direction that belongs to it.
pub struct Eigen {
    /// The eigenvalue.
    pub value: f64,
    /// A vector of length 1.
    pub direction: Vec<f64>,
}

/// All eigenvalues and eigenvectors (rows) of a small symmetric matrix, row by row (Jacobi's rotations).
#[must_use]
pub fn eigen_of(matrix: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut a = matrix.to_vec();
    let mut vectors: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..60 {
        let mut rest = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                rest += a[p * n + q] * a[p * n + q];
                if a[p * n + q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k * n + p], a[k * n + q]);
                    (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..n {
                    let (x, y) = (a[p * n + k], a[q * n + k]);
                    (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
                }
                let (first, second) = vectors.split_at_mut(q);
                for (x, y) in first[p].iter_mut().zip(&mut second[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
        if rest < 1e-22 {
            break;
        }
    }
    ((0..n).map(|at| a[at * n + at]).collect(), vectors)
}

/// The spectrum's ends: eigenvalues from the largest down, as good as so many products make them, with the directions
/// of the largest and the smallest.
pub fn lanczos(loss: &dyn Loss, at: &[f32], steps: usize, rng: &mut Rng) -> (Vec<f64>, Eigen, Eigen) {
    let n = at.len();
    let steps = steps.clamp(1, n);
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(steps);
    let mut matrix = vec![0.0; steps * steps];
    let mut next: Vec<f64> = (0..n).map(|_| f64::from(rng.normal())).collect();
    let mut used = 0;
    for step in 0..steps {
        // Against all earlier directions, twice: rounding would bring the found ones back.
        for _ in 0..2 {
            for known in &basis {
                let along = dot(&next, known);
                next.iter_mut().zip(known).for_each(|(x, k)| *x -= along * k);
            }
        }
        let length = dot(&next, &next).sqrt();
        if length < 1e-9 {
            break;
        }
        scale(&mut next, 1.0 / length);
        basis.push(next.clone());
        used = step + 1;
        next = product(loss, at, &next);
        for (row, known) in basis.iter().enumerate() {
            let value = dot(&next, known);
            matrix[row * steps + step] = value;
            matrix[step * steps + row] = value;
        }
    }
    let small: Vec<f64> =
        (0..used).flat_map(|row| matrix[row * steps..row * steps + used].to_vec()).collect();
    let (values, vectors) = eigen_of(&small, used);
    let mut order: Vec<usize> = (0..used).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let direction = |at: usize| {
        let mut sum = vec![0.0; n];
        for (weight, known) in vectors[at].iter().zip(&basis) {
            sum.iter_mut().zip(known).for_each(|(to, k)| *to += weight * k);
        }
        Eigen { value: values[at], direction: sum }
    };
    let (first, last) = (order[0], order[used - 1]);
    (order.iter().map(|&at| values[at]).collect(), direction(first), direction(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::units::Seed;

    /// Three inputs, four units with a hyperbolic tangent, one logit; a logistic loss on twelve points.
    struct SmallNet {
        points: Vec<([f64; 3], f64)>,
    }

    impl SmallNet {
        fn new(rng: &mut Rng) -> (Self, Vec<f32>) {
            let point = |rng: &mut Rng| {
                ([(); 3].map(|()| f64::from(rng.normal())), f64::from(u8::from(rng.chance(0.5))))
            };
            let points = (0..12).map(|_| point(rng)).collect();
            (Self { points }, (0..21).map(|_| 1.2 * rng.normal()).collect())
        }

        /// The loss and, by hand, its gradient.
        fn both(&self, w: &[f64]) -> (f64, Vec<f64>) {
            let (mut loss, mut slope) = (0.0, vec![0.0; w.len()]);
            for (x, y) in &self.points {
                let inner: Vec<f64> = (0..4)
                    .map(|unit| {
                        (w[4 * unit + 3] + (0..3).map(|k| w[4 * unit + k] * x[k]).sum::<f64>()).tanh()
                    })
                    .collect();
                let z = w[20] + (0..4).map(|unit| w[16 + unit] * inner[unit]).sum::<f64>();
                loss += (1.0 + z.exp()).ln() - y * z;
                let back = 1.0 / (1.0 + (-z).exp()) - y;
                slope[20] += back;
                for unit in 0..4 {
                    slope[16 + unit] += back * inner[unit];
                    let through = back * w[16 + unit] * (1.0 - inner[unit] * inner[unit]);
                    (0..3).for_each(|k| slope[4 * unit + k] += through * x[k]);
                    slope[4 * unit + 3] += through;
                }
            }
            let n = self.points.len() as f64;
            (loss / n, slope.into_iter().map(|value| value / n).collect())
        }

        fn value(&self, w: &[f64]) -> f64 {
            self.both(w).0
        }
    }

    impl Loss for SmallNet {
        fn gradient(&self, at: &[f32]) -> (f32, Vec<f32>) {
            let (loss, slope) = self.both(&at.iter().map(|w| f64::from(*w)).collect::<Vec<f64>>());
            (loss as f32, slope.into_iter().map(|value| value as f32).collect())
        }
    }

    /// ½ wᵀ A w: its Hessian is A.
    struct Bowl(Vec<f64>, usize);

    impl Loss for Bowl {
        fn gradient(&self, at: &[f32]) -> (f32, Vec<f32>) {
            let slope: Vec<f32> = (0..self.1)
                .map(|row| {
                    let row = &self.0[row * self.1..(row + 1) * self.1];
                    row.iter().zip(at).map(|(a, w)| a * f64::from(*w)).sum::<f64>() as f32
                })
                .collect();
            (0.5 * slope.iter().zip(at).map(|(s, w)| s * w).sum::<f32>(), slope)
        }
    }

    #[test]
    fn the_ends_of_a_known_spectrum_are_found() {
        let n = 30;
        let mut rng = Rng::new(Seed(2));
        let mut matrix = vec![0.0; n * n];
        for row in 0..n {
            for column in 0..=row {
                let value = if row == column { row as f64 - 8.0 } else { 0.1 * f64::from(rng.normal()) };
                matrix[row * n + column] = value;
                matrix[column * n + row] = value;
            }
        }
        let (mut known, _) = eigen_of(&matrix, n);
        known.sort_by(f64::total_cmp);
        let at: Vec<f32> = (0..n).map(|_| rng.normal()).collect();
        let (found, first, last) = lanczos(&Bowl(matrix, n), &at, n, &mut rng);
        assert!((first.value - known[n - 1]).abs() < 0.02 && (last.value - known[0]).abs() < 0.02);
        assert!((found[1] - known[n - 2]).abs() < 0.05, "{found:?} {known:?}");
    }

    #[test]
    fn products_agree_with_the_full_matrix_of_a_small_network() {
        let mut rng = Rng::new(Seed(3));
        let (net, at) = SmallNet::new(&mut rng);
        let n = at.len();
        // The full matrix from the loss alone: second differences, in double precision.
        let mut full = vec![0.0; n * n];
        let h = 1e-4;
        let loss = |i: usize, a: f64, j: usize, b: f64| {
            let mut moved: Vec<f64> = at.iter().map(|w| f64::from(*w)).collect();
            moved[i] += a * h;
            moved[j] += b * h;
            net.value(&moved)
        };
        for i in 0..n {
            for j in 0..n {
                full[i * n + j] = (loss(i, 1.0, j, 1.0) - loss(i, 1.0, j, -1.0) - loss(i, -1.0, j, 1.0)
                    + loss(i, -1.0, j, -1.0))
                    / (4.0 * h * h);
            }
        }
        for _ in 0..5 {
            let mut direction: Vec<f64> = (0..n).map(|_| f64::from(rng.normal())).collect();
            let length = dot(&direction, &direction).sqrt();
            scale(&mut direction, 1.0 / length);
            let quick = product(&net, &at, &direction);
            for (row, quick) in quick.iter().enumerate() {
                let exact = dot(&full[row * n..(row + 1) * n], &direction);
                assert!((quick - exact).abs() < 2e-3, "{quick} {exact}");
            }
        }
        let (mut known, _) = eigen_of(&full, n);
        known.sort_by(f64::total_cmp);
        let (_, first, last) = lanczos(&net, &at, n, &mut rng);
        assert!((first.value - known[n - 1]).abs() < 5e-3, "{} {known:?}", first.value);
        assert!((last.value - known[0]).abs() < 5e-3, "{} {known:?}", last.value);
        assert!(known[0] < 0.0, "a saddle, so that a negative one was found");
    }
}
