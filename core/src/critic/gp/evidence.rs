//! Kernel weights by gradient ascent on the evidence of Gaussian-process regression on ±1 labels, a
//! proxy that is cheaper than the evidence of the classifier (Rasmussen and Williams 2006, eq. 5.9).

use super::KERNELS;
use crate::critic::laplace::{SquareMatrix, inner};

/// Amplitude of the regression's kernels beside the classifier's.
const AMPLITUDE: f64 = 0.3;
/// Prior standard deviations of the log weights and of the log noise.
const WEIGHT_SPREAD: f64 = 1.5;
const NOISE_SPREAD: f64 = 0.5;

/// The log evidence plus log prior, and its gradient by log weights and, last, log noise.
fn evaluate(
    grams: &[SquareMatrix],
    residuals: &[f64],
    log_weights: &[f32; KERNELS],
    log_noise: f32,
    prior: impl Fn(usize) -> f32,
) -> (f64, [f64; KERNELS + 1]) {
    let n = residuals.len();
    let mut covariance = SquareMatrix::zeros(n);
    for (gram, &log_weight) in grams.iter().zip(log_weights) {
        covariance.add_scaled(gram, AMPLITUDE * f64::from(log_weight).exp());
    }
    let noise = f64::from(log_noise).exp();
    covariance.add_diagonal(noise + 1e-6);
    covariance.factorise();
    let mut alpha = residuals.to_vec();
    covariance.solve_lower(&mut alpha);
    covariance.solve_upper(&mut alpha);
    let log_determinant: f64 = (0..n).map(|at| 2.0 * covariance.row(at)[at].ln()).sum();
    let fit: f64 = residuals.iter().zip(&alpha).map(|(r, a)| r * a).sum();
    let mut value = -0.5 * (fit + log_determinant);
    let inverse = covariance.inverse_from_factor();
    let mut gradient = [0.0; KERNELS + 1];
    let mut slopes = Vec::with_capacity(n);
    for i in 0..n {
        slopes.clear();
        slopes.extend(
            alpha[..=i].iter().zip(inverse.row(i)).map(|(other, inverse)| alpha[i] * other - inverse),
        );
        slopes[i] *= 0.5;
        for (to, gram) in gradient.iter_mut().zip(grams) {
            *to += inner(&slopes, &gram.row(i)[..=i]);
        }
        gradient[KERNELS] += 0.5 * (alpha[i] * alpha[i] - inverse.row(i)[i]);
    }
    for (kernel, slope) in gradient.iter_mut().enumerate().take(KERNELS) {
        let log_weight = f64::from(log_weights[kernel]);
        let off = log_weight - f64::from(prior(kernel));
        *slope = *slope * AMPLITUDE * log_weight.exp() - off / (WEIGHT_SPREAD * WEIGHT_SPREAD);
        value -= 0.5 * (off / WEIGHT_SPREAD).powi(2);
    }
    let off = f64::from(log_noise) - 0.4f64.ln();
    gradient[KERNELS] = gradient[KERNELS] * noise - off / (NOISE_SPREAD * NOISE_SPREAD);
    value -= 0.5 * (off / NOISE_SPREAD).powi(2);
    (value, gradient)
}

/// Takes a few steps of normalised gradient ascent from the present weights.
pub(super) fn ascend(
    grams: &[SquareMatrix],
    labels: &[bool],
    log_weights: &mut [f32; KERNELS],
    log_noise: &mut f32,
    prior: impl Fn(usize) -> f32 + Copy,
    steps: usize,
) {
    let n = labels.len() as f64;
    let mean = labels.iter().map(|&label| if label { 1.0 } else { -1.0 }).sum::<f64>() / n;
    let mean = mean.clamp(-0.8, 0.8);
    let residuals: Vec<f64> =
        labels.iter().map(|&label| if label { 1.0 - mean } else { -1.0 - mean }).collect();
    for _ in 0..steps {
        let (_, gradient) = evaluate(grams, &residuals, log_weights, *log_noise, prior);
        let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let step = 0.3 / (1.0 + 0.5 * length);
        for (log_weight, slope) in log_weights.iter_mut().zip(gradient) {
            *log_weight = (*log_weight + (step * slope) as f32).clamp(-6.0, 3.0);
        }
        *log_noise = (*log_noise + (step * gradient[KERNELS]) as f32).clamp(-3.0, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rng::Rng, units::Seed};

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let mut rng = Rng::new(Seed(4));
        let n = 8;
        let grams: Vec<SquareMatrix> = (0..KERNELS)
            .map(|_| {
                let points: Vec<[f64; 2]> =
                    (0..n).map(|_| [0.0; 2].map(|_| f64::from(rng.normal()))).collect();
                let mut gram = SquareMatrix::zeros(n);
                for a in 0..n {
                    for b in 0..=a {
                        let d: f64 = points[a].iter().zip(&points[b]).map(|(x, y)| (x - y) * (x - y)).sum();
                        gram.set_both(a, b, (-0.5 * d).exp());
                    }
                }
                gram
            })
            .collect();
        let residuals: Vec<f64> = (0..n).map(|_| f64::from(rng.normal())).collect();
        let weights: [f32; KERNELS] = std::array::from_fn(|_| rng.normal() * 0.5);
        let prior = |kernel: usize| kernel as f32 * 0.05;
        let (_, gradient) = evaluate(&grams, &residuals, &weights, -0.9, prior);
        for at in 0..=KERNELS {
            let moved = |by: f32| {
                let mut weights = weights;
                let mut noise = -0.9;
                if at < KERNELS {
                    weights[at] += by
                } else {
                    noise += by
                }
                evaluate(&grams, &residuals, &weights, noise, prior).0
            };
            let numeric = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!(
                (numeric - gradient[at]).abs() < 2e-2 * (1.0 + numeric.abs()),
                "{at}: {numeric} {}",
                gradient[at]
            );
        }
    }
}
