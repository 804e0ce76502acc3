//! The loss that the critic's fine-tuning goes down, of all weights of trunk and readout, and how it is curved along the
//! way (Alain, Le Roux and Manzagol 2018).
//!
//! The head alone is a logistic regression with a normal prior: its loss is convex whatever the trunk does, and its
//! smallest curvature is the prior's. What is asked here is whether the loss of everything together is.

use super::curvature::{Loss, lanczos};
use crate::listeners::{Panel, Setting};
use crate::why::teach;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Gradients, Tensor, activation};
use deepdrummer_core::critic::neural::{
    BIAS, Batch, Head, Input, Labelled, POINT, Pretrained, Sounds, Trunk, points, shipped,
};
use deepdrummer_core::critic::nn::{tensor, values};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use std::sync::Arc;

/// Steps of the way down after which the curvature is looked at, those of the product being 40.
pub const STOPS: [usize; 5] = [0, 10, 40, 160, 400];
/// Products of one look.
const PRODUCTS: usize = 24;
const RATE: f32 = 5e-4;
/// How far along the most negative direction the loss is looked at, in lengths of the weights' vector.
pub const DISTANCES: [f32; 4] = [0.005, 0.02, 0.05, 0.1];

#[derive(Module, Debug)]
struct Whole {
    trunk: Trunk,
    readout: Linear,
}

/// Writes flat weights into a module.
struct Fill<'a> {
    left: &'a [f32],
    device: &'a Device,
}

impl ModuleMapper for Fill<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.val().dims();
        let (own, left) = self.left.split_at(shape.iter().product());
        self.left = left;
        Param::from_tensor(tensor(own.to_vec(), shape, self.device))
    }
}

/// Reads a module's weights, or their gradients.
struct Flat<'a> {
    found: Vec<f32>,
    gradients: Option<&'a Gradients>,
}

impl ModuleVisitor for Flat<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        match self.gradients {
            None => self.found.extend(values(value)),
            Some(gradients) => match value.grad(gradients) {
                Some(gradient) => self.found.extend(values(gradient)),
                None => self.found.extend(vec![0.0; value.dims().iter().product()]),
            },
        }
    }
}

/// The mean cross entropy of some ratings.
struct Judged {
    model: Whole,
    batch: Batch,
    labels: Tensor<2>,
    device: Device,
    count: usize,
}

impl Loss for Judged {
    fn gradient(&self, at: &[f32]) -> (f32, Vec<f32>) {
        let model = self.model.clone().map(&mut Fill { left: at, device: &self.device });
        let logit = model.readout.forward(model.trunk.forward(&self.batch));
        let loss = (activation::softplus(logit.clone(), 1.0) - self.labels.clone() * logit).sum();
        let loss = loss.div_scalar(self.count as f32);
        let value = values(loss.clone().inner()).first().copied().unwrap_or(f32::NAN);
        let gradients = loss.backward();
        let mut flat = Flat { found: Vec::with_capacity(at.len()), gradients: Some(&gradients) };
        model.visit(&mut flat);
        (value, flat.found)
    }
}

/// A look at the curvature.
#[derive(Clone, Debug)]
pub struct Look {
    /// Steps down before it.
    pub steps: usize,
    /// The loss, in nats.
    pub loss: f32,
    /// The largest eigenvalues.
    pub largest: Vec<f64>,
    /// The smallest.
    pub smallest: f64,
    /// How the loss changes along the direction of the smallest, by [`DISTANCES`], the way that goes down further.
    pub along: [f32; DISTANCES.len()],
    /// The same along the direction of the largest.
    pub across: [f32; DISTANCES.len()],
}

/// A listener's looks, and the smallest curvature of the head alone, of which the prior's is the least.
#[derive(Clone, Debug)]
pub struct Looks {
    /// The listener.
    pub listener: String,
    /// Ratings that were learned.
    pub ratings: usize,
    /// At [`STOPS`].
    pub looks: Vec<Look>,
    /// Smallest eigenvalue of the Hessian of the head's negative log posterior.
    pub head: f64,
    /// The prior's own curvature: what it is at least.
    pub prior: f64,
}

/// The readout that a head is, in the trunk's own points.
fn readout(base: &Pretrained, head: &Head, device: &Device) -> Linear {
    let mode = head.mode();
    let weight: Vec<f32> =
        (0..POINT).map(|i| (0..POINT).map(|j| base.whiten[i * POINT + j] * mode[j] as f32).sum()).collect();
    let bias = mode[POINT] as f32 - weight.iter().zip(&base.mean).map(|(w, m)| w * m).sum::<f32>();
    Linear {
        weight: Param::from_tensor(tensor(weight, [POINT, 1], device)),
        bias: Some(Param::from_tensor(tensor(vec![bias], [1], device))),
    }
}

/// The smallest eigenvalue of the head's Hessian at its mode: Σ p (1 − p) x xᵀ and the prior's precision.
fn head_curvature(data: &[Labelled], head: &Head, weight_sd: f64) -> f64 {
    let n = POINT + 1;
    let mut hessian = vec![0.0; n * n];
    for at in 0..n {
        hessian[at * n + at] = if at == POINT { 1.0 } else { 1.0 / (weight_sd * weight_sd) };
    }
    for label in data {
        let x: Vec<f64> = label.point.iter().map(|v| f64::from(*v)).chain([1.0]).collect();
        let z: f64 = x.iter().zip(head.mode()).map(|(x, w)| x * w).sum();
        let p = 1.0 / (1.0 + (-z).exp());
        for i in 0..n {
            for j in 0..n {
                hessian[i * n + j] += f64::from(label.weight) * p * (1.0 - p) * x[i] * x[j];
            }
        }
    }
    super::curvature::eigen_of(&hessian, n).0.into_iter().fold(f64::INFINITY, f64::min)
}

/// Lets a listener rate, then looks at the loss of those ratings on the way down.
///
/// # Errors
/// No listener has the name, or the trunk can't be read.
pub fn look(listener: &str, ratings: usize, kit: &Arc<Kit>, seed: u64) -> Result<Looks, String> {
    let setting = Setting::lanes(4);
    let panel = Panel::new(kit, &setting, Seed(2020));
    let listener = panel.get(listener).ok_or_else(|| format!("no listener is called “{listener}”"))?;
    let taught = teach(listener, kit, &setting, ratings, seed);
    let device = Device::flex();
    let base = shipped(&device).map_err(|error| error.to_string())?;
    let sounds = Sounds::new(kit, &base.scale);
    let said = taught.log.entries();
    let inputs: Vec<Input> = said.iter().map(|said| sounds.input(&said.subject, kit)).collect();
    let likes: Vec<bool> = said.iter().map(|said| said.verdict.like == Some(true)).collect();
    let seen = points(&base.trunk, &base, inputs.iter(), &device);
    let data: Vec<Labelled> =
        seen.into_iter().zip(&likes).map(|(point, &like)| Labelled { point, like, weight: 1.0 }).collect();
    let sd = f64::from(base.weight_sd);
    let head = Head::fit(&data, sd, BIAS);
    let trained = device.clone().autodiff();
    let count = likes.len();
    let labels = likes.iter().map(|like| f32::from(*like)).collect();
    let loss = Judged {
        model: Whole { trunk: base.trunk.clone().train(), readout: readout(&base, &head, &trained) },
        batch: Batch::new(inputs.iter(), &trained),
        labels: tensor(labels, [count, 1], &trained),
        device: trained,
        count,
    };
    let mut flat = Flat { found: Vec::new(), gradients: None };
    loss.model.visit(&mut flat);
    Ok(Looks {
        listener: listener.name.clone(),
        ratings,
        looks: descend(&loss, flat.found),
        head: head_curvature(&data, &head, sd),
        prior: (1.0 / (sd * sd)).min(1.0),
    })
}

/// Adam (Kingma and Ba 2015), as the product's fine-tuning has it, with looks at [`STOPS`].
fn descend(loss: &Judged, mut at: Vec<f32>) -> Vec<Look> {
    let (mut first, mut second) = (vec![0.0f32; at.len()], vec![0.0f32; at.len()]);
    let mut found = Vec::new();
    let mut rng = Rng::new(Seed(1));
    for step in 0..=STOPS[STOPS.len() - 1] {
        let (value, slope) = loss.gradient(&at);
        if STOPS.contains(&step) {
            let (all, top, bottom) = lanczos(loss, &at, PRODUCTS, &mut rng);
            let length = at.iter().map(|w| w * w).sum::<f32>().sqrt();
            let along = |direction: &[f64]| {
                DISTANCES.map(|share| {
                    let moved = |sign: f32| {
                        let to: Vec<f32> = at
                            .iter()
                            .zip(direction)
                            .map(|(w, d)| w + sign * share * length * *d as f32)
                            .collect();
                        loss.gradient(&to).0 - value
                    };
                    moved(1.0).min(moved(-1.0))
                })
            };
            found.push(Look {
                steps: step,
                loss: value,
                largest: all.iter().take(5).copied().collect(),
                smallest: bottom.value,
                along: along(&bottom.direction),
                across: along(&top.direction),
            });
        }
        let time = (step + 1) as i32;
        for (w, ((g, m), v)) in at.iter_mut().zip(slope.iter().zip(&mut first).zip(&mut second)) {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            let (mean, square) = (*m / (1.0 - 0.9f32.powi(time)), *v / (1.0 - 0.999f32.powi(time)));
            *w -= RATE * mean / (square.sqrt() + 1e-8);
        }
    }
    found
}
