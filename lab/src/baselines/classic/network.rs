//! The published convolutional critic on burn.
//!
//! Study and tool threads. Shapes for a batch of N clips of two seconds at 44.1 kHz:
//! MFCC `[N, 1, 60, 442]` → three convolutions of 64 channels, kernel (4, 8), stride (2, 4):
//! `[N, 64, 29, 109]`, `[N, 64, 13, 26]`, `[N, 64, 5, 5]` → 1×1 convolution to 8 channels →
//! 200 values → 128 → 2 classes as log-probabilities. 291 290 weights.
//! (Alain et al. 2020, arXiv 2008.04391, section 3.1 and the code published with it.)

use super::layers::{convolution, dropout};
use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, BatchNormConfig, Linear};
use burn::tensor::{Device, Tensor, activation};
use deepdrummer_core::critic::nn::linear;
use deepdrummer_core::rng::Rng;

/// Channels of the three convolutions.
const CHANNELS: usize = 64;
/// Channels after the 1×1 convolution.
const NARROW: usize = 8;
/// Width of the hidden layer.
const HIDDEN: usize = 128;
/// Values that reach the hidden layer for a clip of two seconds.
const FLAT: usize = NARROW * 5 * 5;
const DROPOUT: f64 = 0.167_441_837_520_666_33;
/// Slope of the leaky rectifier below zero.
const LEAK: f64 = 0.01;

/// The network.
#[derive(Module, Debug)]
pub struct Network {
    convolutions: Vec<Conv2d>,
    norms: Vec<BatchNorm>,
    narrow: Conv2d,
    narrow_norm: BatchNorm,
    hidden: Linear,
    output: Linear,
}

impl Network {
    /// Fresh weights.
    #[must_use]
    pub fn new(rng: &mut Rng, device: &Device) -> Self {
        let norm = |features| BatchNormConfig::new(features).init(device);
        let inputs = [1, CHANNELS, CHANNELS];
        Self {
            convolutions: inputs
                .iter()
                .map(|&from| convolution([from, CHANNELS], [4, 8], [2, 4], rng, device))
                .collect(),
            norms: inputs.iter().map(|_| norm(CHANNELS)).collect(),
            narrow: convolution([CHANNELS, NARROW], [1, 1], [1, 1], rng, device),
            narrow_norm: norm(NARROW),
            hidden: linear(FLAT, HIDDEN, rng, device),
            output: linear(HIDDEN, 2, rng, device),
        }
    }

    /// Log-probabilities `[N, 2]` of dislike and like for MFCC `[N, 1, 60, 442]`. With a generator it
    /// is in training: values are dropped after each of the three rectifiers.
    #[must_use]
    pub fn forward(&self, mfcc: Tensor<4>, mut training: Option<&mut Rng>) -> Tensor<2> {
        let mut x = mfcc;
        for (layer, norm) in self.convolutions.iter().zip(&self.norms) {
            x = activation::leaky_relu(layer.forward(x), LEAK);
            if let Some(rng) = training.as_deref_mut() {
                x = dropout(x, DROPOUT, rng);
            }
            x = norm.forward(x);
        }
        let x = self.narrow_norm.forward(activation::leaky_relu(self.narrow.forward(x), LEAK));
        let x: Tensor<2> = x.flatten(1, 3);
        let x = activation::leaky_relu(self.hidden.forward(x), LEAK);
        let x = activation::leaky_relu(self.output.forward(x), LEAK);
        activation::log_softmax(x, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::critic::nn::{tensor, values};
    use deepdrummer_core::units::Seed;

    fn input(n: usize, device: &Device) -> Tensor<4> {
        let mut rng = Rng::new(Seed(5));
        tensor((0..n * 60 * 442).map(|_| rng.normal()).collect(), [n, 1, 60, 442], device)
    }

    #[test]
    fn shapes_and_weights_are_those_of_the_paper() {
        let device = Device::flex();
        let net = Network::new(&mut Rng::new(Seed(1)), &device);
        let mut x = input(2, &device);
        for (layer, shape) in net.convolutions.iter().zip([[2, 64, 29, 109], [2, 64, 13, 26], [2, 64, 5, 5]])
        {
            x = layer.forward(x);
            assert_eq!(x.dims(), shape);
        }
        // Running means and variances of the norms are visited too, but are not trained.
        let statistics = 2 * (3 * 64 + 8);
        assert_eq!(net.num_params() - statistics, 291_290);
        assert_eq!(net.forward(input(2, &device), None).dims(), [2, 2]);
    }

    #[test]
    fn a_convolution_equals_its_sum() {
        let device = Device::flex();
        let layer = convolution([2, 3], [4, 8], [2, 4], &mut Rng::new(Seed(2)), &device);
        let (h, w) = (9, 21);
        let mut rng = Rng::new(Seed(3));
        let x: Vec<f32> = (0..2 * h * w).map(|_| rng.normal()).collect();
        let out = layer.forward(tensor(x.clone(), [1, 2, h, w], &device));
        assert_eq!(out.dims(), [1, 3, 3, 4]);
        let (out, weight) = (values(out), values(layer.weight.val()));
        let bias = layer.bias.map(|b| values(b.val())).unwrap();
        for o in 0..3 {
            for i in 0..3 {
                for j in 0..4 {
                    let mut sum = f64::from(bias[o]);
                    for c in 0..2 {
                        for (a, b) in (0..4).flat_map(|a| (0..8).map(move |b| (a, b))) {
                            let k = weight[((o * 2 + c) * 4 + a) * 8 + b];
                            sum += f64::from(k * x[(c * h + i * 2 + a) * w + j * 4 + b]);
                        }
                    }
                    let ours = f64::from(out[(o * 3 + i) * 4 + j]);
                    assert!((ours - sum).abs() < 1e-4, "{o} {i} {j}: {ours} {sum}");
                }
            }
        }
    }

    #[test]
    fn probabilities_sum_to_one_and_repeat() {
        let device = Device::flex();
        let run = || {
            let net = Network::new(&mut Rng::new(Seed(1)), &device);
            values(net.forward(input(1, &device), None).exp())
        };
        let p = run();
        assert!((p[0] + p[1] - 1.0).abs() < 1e-5);
        assert_eq!(p, run());
    }
}
