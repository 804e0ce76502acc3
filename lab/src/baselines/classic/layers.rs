//! The layers that only the published critic has: convolutions and dropout, from our own generator.
//!
//! Study and tool threads. Burn's own random generator is shared by the whole process; it is never used.

use burn::module::{Initializer, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};
use deepdrummer_core::critic::nn::{tensor, uniform};
use deepdrummer_core::rng::Rng;

/// A convolution without padding, uniform weights within ±1/√inputs, the default of the published
/// system's framework.
#[must_use]
pub(super) fn convolution(
    channels: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    rng: &mut Rng,
    device: &Device,
) -> Conv2d {
    let mut layer = Conv2dConfig::new(channels, kernel)
        .with_stride(stride)
        .with_initializer(Initializer::Zeros)
        .init(device);
    let bound = 1.0 / ((channels[0] * kernel[0] * kernel[1]) as f32).sqrt();
    let shape = [channels[1], channels[0], kernel[0], kernel[1]];
    layer.weight = Param::from_tensor(uniform(shape, bound, rng, device));
    layer.bias = Some(Param::from_tensor(uniform([channels[1]], bound, rng, device)));
    layer
}

/// Multiplies by a random mask: each value is dropped with probability `drop`, the rest scaled up.
#[must_use]
pub(super) fn dropout<const D: usize>(x: Tensor<D>, drop: f64, rng: &mut Rng) -> Tensor<D> {
    let shape = x.dims();
    let count: usize = shape.iter().product();
    // Sixteen bits a decision: four decisions a draw, exact to 1/65536.
    let threshold = (drop * 65_536.0).round() as u16;
    let keep = (1.0 / (1.0 - drop)) as f32;
    let mut mask = Vec::with_capacity(count + 3);
    while mask.len() < count {
        let bits = rng.bits();
        for part in 0..4 {
            mask.push(if (bits >> (16 * part)) as u16 >= threshold { keep } else { 0.0 });
        }
    }
    mask.truncate(count);
    let device = x.device();
    x * tensor(mask, shape, &device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::critic::nn::values;
    use deepdrummer_core::units::Seed;

    #[test]
    fn dropout_keeps_the_mean_and_drops_the_wanted_share() {
        let device = Device::flex();
        let x = Tensor::<2>::ones([200, 200], &device);
        let out = values(dropout(x, 0.25, &mut Rng::new(Seed(1))));
        let dropped = out.iter().filter(|v| **v == 0.0).count() as f32 / out.len() as f32;
        let mean = out.iter().sum::<f32>() / out.len() as f32;
        assert!((dropped - 0.25).abs() < 0.01 && (mean - 1.0).abs() < 0.02, "{dropped} {mean}");
    }
}
