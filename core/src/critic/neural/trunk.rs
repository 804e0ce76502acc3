//! The trunk on burn: a loop becomes a point in a space where tastes are simple.
//!
//! Worker and study threads. For N loops of at most L lanes: pattern `[N, L, 32]` → 32 and sound
//! `[N, L, 33]` → 32 → 32, joined as (product, pattern, sound) → 64, summed and maximised over the
//! lanes (so their order does not matter), joined with the whole `[N, 56]` → 96 → 48.

use super::input::{Input, PATTERN, SOUND, Scale, WHOLE};
use crate::critic::nn::weights::{self, Named, WeightsError};
use crate::critic::nn::{linear, tensor, values};
use crate::rng::Rng;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Gradients, Tensor, activation};

/// Dimensions of the point.
pub const POINT: usize = 48;
const LANE: usize = 32;
const MIXED: usize = 64;
const WIDE: usize = 96;

/// The network.
#[derive(Module, Debug)]
pub struct Trunk {
    pattern: Linear,
    sound_in: Linear,
    sound_out: Linear,
    mix: Linear,
    wide: Linear,
    point: Linear,
}

/// Inputs of several loops as tensors, shorter ones filled with silent lanes.
#[derive(Clone, Debug)]
pub struct Batch {
    pattern: Tensor<3>,
    sound: Tensor<3>,
    /// `[N, L, 1]`, 1 where a lane sounds.
    sounding: Tensor<3>,
    whole: Tensor<2>,
}

impl Batch {
    /// The batch of some loops.
    #[must_use]
    pub fn new<'a>(inputs: impl ExactSizeIterator<Item = &'a Input> + Clone, device: &Device) -> Self {
        let n = inputs.len();
        let lanes = inputs.clone().map(|i| i.lanes.len()).max().unwrap_or(1).max(1);
        let mut pattern = vec![0.0; n * lanes * PATTERN];
        let mut sound = vec![0.0; n * lanes * SOUND];
        let mut sounding = vec![0.0; n * lanes];
        let mut whole = Vec::with_capacity(n * WHOLE);
        for (at, input) in inputs.enumerate() {
            for (k, (p, s)) in input.lanes.iter().enumerate() {
                let row = at * lanes + k;
                pattern[row * PATTERN..(row + 1) * PATTERN].copy_from_slice(p);
                sound[row * SOUND..(row + 1) * SOUND].copy_from_slice(s);
                sounding[row] = 1.0;
            }
            whole.extend(input.whole);
        }
        Self {
            pattern: tensor(pattern, [n, lanes, PATTERN], device),
            sound: tensor(sound, [n, lanes, SOUND], device),
            sounding: tensor(sounding, [n, lanes, 1], device),
            whole: tensor(whole, [n, WHOLE], device),
        }
    }
}

/// What layers hold, by name: for each loop (lanes pooled), and for each lane of it.
#[derive(Clone, Debug)]
pub struct Layers {
    /// `[N, width]` each.
    pub loops: Vec<(&'static str, Tensor<2>)>,
    /// `[N, L, width]` each.
    pub lanes: Vec<(&'static str, Tensor<3>)>,
}

/// Slopes of a number in what a batch holds, row-major as in [`Batch`].
#[derive(Clone, Debug)]
pub(super) struct Slopes {
    pub pattern: Vec<f32>,
    pub sound: Vec<f32>,
    pub sounding: Vec<f32>,
    pub whole: Vec<f32>,
}

impl Batch {
    /// The batch of `n` loops of `lanes` lanes each from plain values.
    pub(super) fn of(values: Slopes, n: usize, lanes: usize, device: &Device) -> Self {
        Self {
            pattern: tensor(values.pattern, [n, lanes, PATTERN], device),
            sound: tensor(values.sound, [n, lanes, SOUND], device),
            sounding: tensor(values.sounding, [n, lanes, 1], device),
            whole: tensor(values.whole, [n, WHOLE], device),
        }
    }

    /// The same, to be differentiated by.
    pub(super) fn watched(self) -> Self {
        Self {
            pattern: self.pattern.require_grad(),
            sound: self.sound.require_grad(),
            sounding: self.sounding.require_grad(),
            whole: self.whole.require_grad(),
        }
    }

    /// What backpropagation found.
    pub(super) fn slopes(&self, gradients: &Gradients) -> Slopes {
        let of = |tensor: Option<Tensor<3>>| tensor.map(values).unwrap_or_default();
        Slopes {
            pattern: of(self.pattern.grad(gradients)),
            sound: of(self.sound.grad(gradients)),
            sounding: of(self.sounding.grad(gradients)),
            whole: self.whole.grad(gradients).map(values).unwrap_or_default(),
        }
    }
}

impl Trunk {
    /// Fresh weights.
    #[must_use]
    pub fn new(rng: &mut Rng, device: &Device) -> Self {
        Self {
            pattern: linear(PATTERN, LANE, rng, device),
            sound_in: linear(SOUND, LANE, rng, device),
            sound_out: linear(LANE, LANE, rng, device),
            mix: linear(3 * LANE, MIXED, rng, device),
            wide: linear(2 * MIXED + WHOLE, WIDE, rng, device),
            point: linear(WIDE, POINT, rng, device),
        }
    }

    /// Points `[N, 48]`.
    #[must_use]
    pub fn forward(&self, batch: &Batch) -> Tensor<2> {
        let p = self.pattern.forward(batch.pattern.clone());
        let s = self.sound_out.forward(activation::relu(self.sound_in.forward(batch.sound.clone())));
        let joined = Tensor::cat(vec![p.clone() * s.clone(), p, s], 2);
        let h = activation::relu(self.mix.forward(joined)) * batch.sounding.clone();
        let sum: Tensor<2> = h.clone().sum_dim(1).squeeze_dim(1);
        let most: Tensor<2> = h.max_dim(1).squeeze_dim(1);
        let all = Tensor::cat(vec![sum.mul_scalar(0.5), most, batch.whole.clone()], 1);
        self.point.forward(activation::relu(self.wide.forward(all)))
    }

    /// What each layer holds of the loops of a batch, from the first to the last.
    #[must_use]
    pub fn layers(&self, batch: &Batch) -> Layers {
        let pattern = self.pattern.forward(batch.pattern.clone());
        let inner = activation::relu(self.sound_in.forward(batch.sound.clone()));
        let sound = self.sound_out.forward(inner.clone());
        let joined = Tensor::cat(vec![pattern.clone() * sound.clone(), pattern.clone(), sound.clone()], 2);
        let mixed = activation::relu(self.mix.forward(joined)) * batch.sounding.clone();
        let sum: Tensor<2> = mixed.clone().sum_dim(1).squeeze_dim(1);
        let most: Tensor<2> = mixed.clone().max_dim(1).squeeze_dim(1);
        let all = Tensor::cat(vec![sum.clone().mul_scalar(0.5), most.clone(), batch.whole.clone()], 1);
        let wide = activation::relu(self.wide.forward(all));
        let point = self.point.forward(wide.clone());
        let mean = |lanes: &Tensor<3>| -> Tensor<2> {
            let count = batch.sounding.clone().sum_dim(1).clamp_min(1.0);
            ((lanes.clone() * batch.sounding.clone()).sum_dim(1) / count).squeeze_dim(1)
        };
        Layers {
            loops: vec![
                ("pattern", mean(&pattern)),
                ("sound, first", mean(&inner)),
                ("sound, second", mean(&sound)),
                ("mix", Tensor::cat(vec![sum, most], 1)),
                ("wide", wide),
                ("point", point),
            ],
            lanes: vec![
                ("pattern", pattern),
                ("sound, first", inner),
                ("sound, second", sound),
                ("mix", mixed),
            ],
        }
    }

    fn weights(&self) -> [(&'static str, &Linear); 6] {
        [
            ("pattern", &self.pattern),
            ("sound_in", &self.sound_in),
            ("sound_out", &self.sound_out),
            ("mix", &self.mix),
            ("wide", &self.wide),
            ("point", &self.point),
        ]
    }
}

/// A pretrained trunk with what belongs to it.
#[derive(Clone, Debug)]
pub struct Pretrained {
    /// The network.
    pub trunk: Trunk,
    /// The scale of sound descriptors.
    pub scale: Scale,
    /// Mean point.
    pub mean: Vec<f32>,
    /// `[48][48]`, row-major: `(point − mean) · whiten` has a linear taste with independent standard
    /// normal weights as prior.
    pub whiten: Vec<f32>,
    /// Standard deviation of those weights that predicted best from few ratings.
    pub weight_sd: f32,
}

impl Pretrained {
    /// Writes the shipped file.
    ///
    /// # Errors
    /// It would be larger than allowed.
    pub fn write(&self) -> Result<Vec<u8>, WeightsError> {
        let named = |name: &str, shape: &[usize], values: Vec<f32>| Named {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values,
        };
        let mut all = Vec::new();
        for (name, layer) in self.trunk.weights() {
            let weight = layer.weight.val();
            let shape = weight.dims();
            all.push(named(&format!("{name}.weight"), &shape, values(weight)));
            let bias = layer.bias.as_ref().map(|b| values(b.val())).unwrap_or_default();
            all.push(named(&format!("{name}.bias"), &[shape[1]], bias));
        }
        all.push(named("scale.mean", &[self.scale.mean.len()], self.scale.mean.clone()));
        all.push(named("scale.sd", &[self.scale.sd.len()], self.scale.sd.clone()));
        all.push(named("mean", &[POINT], self.mean.clone()));
        all.push(named("whiten", &[POINT, POINT], self.whiten.clone()));
        all.push(named("weight_sd", &[1], vec![self.weight_sd]));
        weights::write(&all)
    }

    /// Reads the shipped file.
    ///
    /// # Errors
    /// The bytes are damaged or of another network.
    pub fn read(bytes: &[u8], device: &Device) -> Result<Self, WeightsError> {
        let all = weights::read(bytes)?;
        let layer = |name: &str, inputs: usize, outputs: usize| -> Result<Linear, WeightsError> {
            let weight = weights::find(&all, &format!("{name}.weight"), &[inputs, outputs])?;
            let bias = weights::find(&all, &format!("{name}.bias"), &[outputs])?;
            Ok(Linear {
                weight: Param::from_tensor(tensor(weight, [inputs, outputs], device)),
                bias: Some(Param::from_tensor(tensor(bias, [outputs], device))),
            })
        };
        let descriptors = crate::kit::analysis::DESCRIPTORS;
        Ok(Self {
            trunk: Trunk {
                pattern: layer("pattern", PATTERN, LANE)?,
                sound_in: layer("sound_in", SOUND, LANE)?,
                sound_out: layer("sound_out", LANE, LANE)?,
                mix: layer("mix", 3 * LANE, MIXED)?,
                wide: layer("wide", 2 * MIXED + WHOLE, WIDE)?,
                point: layer("point", WIDE, POINT)?,
            },
            scale: Scale {
                mean: weights::find(&all, "scale.mean", &[descriptors])?,
                sd: weights::find(&all, "scale.sd", &[descriptors])?
                    .into_iter()
                    .map(|sd| sd.max(1e-4))
                    .collect(),
            },
            mean: weights::find(&all, "mean", &[POINT])?,
            whiten: weights::find(&all, "whiten", &[POINT, POINT])?,
            weight_sd: weights::find(&all, "weight_sd", &[1])?[0],
        })
    }
}
