//! The Gaussian-process head: carries what no explicit hypothesis can say, such as one kit's sound or
//! a mixture of many small likings.
//!
//! A sum of linear, radial and product kernels over groups of features; logistic likelihood by
//! Laplace's approximation ([`Values`]); kernel weights follow the evidence ([`evidence`]).
//! The kernel matrices of the judged loops grow by one row a judgement.

mod evidence;

use super::laplace::{SquareMatrix, Values, dot};
use super::{Example, Expert, Latent, Observation, Opinion};
use crate::features::{DENSE, Group, LAYER_GRID, MEASURES};

/// Judgements that are held; when full the oldest quarter goes.
pub(crate) const CAPACITY: usize = 192;
/// Features of one loop.
const FEATURES: usize = MEASURES + DENSE;
/// Groups of features and the kernels over them.
const GROUPS: usize = 5;
const PRODUCTS: [(usize, usize); 5] = [(1, 0), (1, 4), (3, 0), (3, 4), (2, 0)];
/// Kernels: a linear and a radial one for each group, then products of radial ones.
pub(crate) const KERNELS: usize = 2 * GROUPS + PRODUCTS.len();
/// Latent score of a loop of which nothing is known.
const PRIOR_MEAN: f32 = -0.7;
/// What a judgement keeps of its weight with each later one.
const RETENTION: f32 = 0.993;
/// Variance of a constant that all loops share.
const BIAS: f32 = 1.0;

/// Sound measures, rhythm measures, dynamics, layer grid, sound waves.
fn group_range(group: usize) -> std::ops::Range<usize> {
    match group {
        0 => Group::Sound.range(),
        1 => Group::Density.range().start..Group::Texture.range().end,
        2 => Group::Dynamics.range(),
        3 => MEASURES..MEASURES + LAYER_GRID,
        _ => MEASURES + LAYER_GRID..FEATURES,
    }
}

type Features = [f32; FEATURES];

fn features(example: &Example, out: &mut Features) {
    out[..MEASURES].copy_from_slice(&example.heard.measures);
    for group in 0..3 {
        let range = group_range(group);
        let scale = 1.0 / (range.len() as f32).sqrt();
        out[range].iter_mut().for_each(|value| *value *= scale);
    }
    let (grid, waves) = example.dense.0.split_at(LAYER_GRID);
    // Cells of the layer grid are about 0.25 ± 0.3 in draws from the prior, waves 0 ± 0.12.
    let scale = 2.8 / (LAYER_GRID as f32).sqrt();
    for (to, value) in out[group_range(3)].iter_mut().zip(grid) {
        *to = (value - 0.25) * scale;
    }
    let scale = 8.0 / (waves.len() as f32).sqrt();
    for (to, value) in out[group_range(4)].iter_mut().zip(waves) {
        *to = value * scale;
    }
}

fn squares(features: &Features) -> [f32; GROUPS] {
    std::array::from_fn(|group| {
        let slice = &features[group_range(group)];
        dot(slice, slice)
    })
}

/// All kernels of two loops.
fn kernels(
    a: &Features,
    a_squares: &[f32; GROUPS],
    b: &Features,
    b_squares: &[f32; GROUPS],
) -> [f32; KERNELS] {
    let mut out = [0.0; KERNELS];
    let mut radial = [0.0; GROUPS];
    for group in 0..GROUPS {
        let range = group_range(group);
        let inner = dot(&a[range.clone()], &b[range]);
        out[group] = inner;
        radial[group] = super::particles::quick::exp(inner - 0.5 * (a_squares[group] + b_squares[group]));
        out[GROUPS + group] = radial[group];
    }
    for (to, (a, b)) in out[2 * GROUPS..].iter_mut().zip(PRODUCTS) {
        *to = radial[a] * radial[b];
    }
    out
}

/// Prior log weight of a kernel.
fn prior_weight(kernel: usize) -> f32 {
    match kernel {
        k if k < GROUPS => -1.0,
        k if k < 2 * GROUPS => 0.0,
        _ => -1.0,
    }
}

/// The Gaussian-process expert.
#[derive(Clone)]
pub(crate) struct Gp {
    points: Vec<(Box<Features>, [f32; GROUPS])>,
    labels: Vec<bool>,
    weights: Vec<f32>,
    /// One Gram matrix a kernel.
    grams: Vec<SquareMatrix>,
    log_weights: [f32; KERNELS],
    log_noise: f32,
    laplace: Values,
}

/// Memory of one prediction, so that none is allocated per loop.
struct Workspace {
    features: Box<Features>,
    cross: Vec<f32>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self { features: Box::new([0.0; FEATURES]), cross: Vec::with_capacity(CAPACITY) }
    }
}

impl Default for Gp {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            labels: Vec::new(),
            weights: Vec::new(),
            grams: vec![SquareMatrix::default(); KERNELS],
            log_weights: std::array::from_fn(prior_weight),
            log_noise: 0.4f32.ln(),
            laplace: Values::default(),
        }
    }
}

impl Gp {
    fn push(&mut self, example: &Example, label: bool, weight: f32) {
        if self.points.len() == CAPACITY {
            self.forget_oldest(CAPACITY / 4);
        }
        self.weights.iter_mut().for_each(|weight| *weight *= RETENTION);
        let mut point = Box::new([0.0; FEATURES]);
        features(example, &mut point);
        let own = squares(&point);
        for gram in &mut self.grams {
            gram.grow();
        }
        let at = self.points.len();
        self.points.push((point, own));
        self.labels.push(label);
        self.weights.push(weight);
        for other in 0..=at {
            let (a, b) = (&self.points[at], &self.points[other]);
            let values = kernels(&a.0, &a.1, &b.0, &b.1);
            for (gram, value) in self.grams.iter_mut().zip(values) {
                gram.set_both(at, other, f64::from(value));
            }
        }
    }

    fn forget_oldest(&mut self, count: usize) {
        self.points.drain(..count);
        self.labels.drain(..count);
        self.weights.drain(..count);
        for gram in &mut self.grams {
            gram.drop_first(count);
        }
    }

    fn refit(&mut self) {
        let n = self.points.len();
        let both = self.labels.iter().any(|label| *label) && self.labels.iter().any(|label| !*label);
        if both && n >= 4 {
            let steps = if n <= 100 { 4 } else { 1 };
            evidence::ascend(
                &self.grams,
                &self.labels,
                &mut self.log_weights,
                &mut self.log_noise,
                prior_weight,
                steps,
            );
        }
        let mut covariance = SquareMatrix::zeros(n);
        for (gram, log_weight) in self.grams.iter().zip(self.log_weights) {
            covariance.add_scaled(gram, f64::from(log_weight.exp()));
        }
        covariance.add_constant(f64::from(BIAS));
        self.laplace.fit(&covariance, &self.labels, &self.weights, f64::from(PRIOR_MEAN));
    }

    /// The belief about one loop.
    fn belief(&self, example: &Example, workspace: &mut Workspace) -> Latent {
        let Workspace { features: point, cross } = workspace;
        features(example, point);
        let own = squares(point);
        let scale: [f32; KERNELS] = self.log_weights.map(f32::exp);
        let mut prior = BIAS;
        for kernel in 0..KERNELS {
            prior += scale[kernel] * if kernel < GROUPS { own[kernel] } else { 1.0 };
        }
        cross.clear();
        let mut mean = PRIOR_MEAN;
        for (at, (other, other_squares)) in self.points.iter().enumerate() {
            let values = kernels(point, &own, other, other_squares);
            let value = BIAS + values.iter().zip(&scale).map(|(value, scale)| value * scale).sum::<f32>();
            mean += value * self.laplace.slope()[at];
            cross.push(value);
        }
        let variance = (prior - self.laplace.explained(cross)).max(1e-4);
        Latent { mean: mean.clamp(-8.0, 8.0), sd: variance.sqrt() }
    }
}

impl Expert for Gp {
    fn observe(&mut self, observation: &Observation) {
        let mut changed = false;
        let half = if observation.over.is_some() { 0.5 } else { 1.0 };
        if let Some(like) = observation.like {
            self.push(&observation.subject, like, half * observation.weight);
            changed = true;
        }
        if let Some(loser) = &observation.over {
            self.push(loser, false, 0.3 * observation.weight);
            changed = true;
        }
        if changed {
            self.refit();
        }
    }

    fn opinions(&self, examples: &[Example]) -> Vec<Opinion> {
        let mut workspace = Workspace::default();
        examples.iter().map(|example| self.belief(example, &mut workspace).into()).collect()
    }

    fn doubt(&mut self, share: f32) {
        self.weights.iter_mut().for_each(|weight| *weight *= share);
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}
