//! What all networks share: initial weights from our own generator, reading tensors back.
//!
//! Worker and study threads. Burn's own random generator is shared by the whole process and would make
//! two sessions depend on each other; it is never used.

pub use crate::disk::weights;

use crate::rng::Rng;
use burn::module::{Initializer, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};

/// A tensor of values in row-major order.
#[must_use]
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The values of a tensor in row-major order; empty if the backend refuses (ours never does).
#[must_use]
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as::<f32>().unwrap_or_default()
}

/// Values drawn evenly within ±`bound`.
#[must_use]
pub fn uniform<const D: usize>(shape: [usize; D], bound: f32, rng: &mut Rng, device: &Device) -> Tensor<D> {
    let count = shape.iter().product();
    tensor((0..count).map(|_| rng.range(-bound, bound)).collect(), shape, device)
}

/// A fully connected layer with uniform weights within ±1/√inputs (LeCun et al. 1998).
#[must_use]
pub fn linear(inputs: usize, outputs: usize, rng: &mut Rng, device: &Device) -> Linear {
    let mut layer = LinearConfig::new(inputs, outputs).with_initializer(Initializer::Zeros).init(device);
    let bound = 1.0 / (inputs as f32).sqrt();
    layer.weight = Param::from_tensor(uniform([inputs, outputs], bound, rng, device));
    layer.bias = Some(Param::from_tensor(uniform([outputs], bound, rng, device)));
    layer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Seed;

    #[test]
    fn layers_are_repeatable_by_seed() {
        let device = Device::flex();
        let w = |seed| values(linear(7, 5, &mut Rng::new(Seed(seed)), &device).weight.val());
        assert_eq!(w(3), w(3));
        assert_ne!(w(3), w(4));
    }
}
