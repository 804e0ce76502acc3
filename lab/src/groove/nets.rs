//! The nets as burn trains them, and their way into the file that ships. Shapes and formulas are those of
//! `deepdrummer_core::groove`, which a test holds them to.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, activation};
use deepdrummer_core::critic::nn::weights::Named;
use deepdrummer_core::critic::nn::{linear, tensor, values};
use deepdrummer_core::groove::{CELLS, CONDITIONS};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::rng::Rng;

/// Roles, each with one lane that is asked.
pub(super) const ROLES: usize = Role::ALL.len();
/// Inputs a lane of the rhythm net.
pub(super) const RHYTHM_LANE: usize = 2 * CELLS;
/// Inputs a lane of the feel net.
pub(super) const FEEL_LANE: usize = 4 * CELLS + 5;
const RHYTHM_HIDDEN: usize = 256;
/// Units of the feel net's layers.
pub(super) const FEEL_HIDDEN: usize = 112;
/// Outputs a lane of the feel net.
pub(super) const FEEL_OUTPUTS: usize = 4 * CELLS;

/// Both nets have the same shape: two layers with a way around the second, and a way from each lane to itself.
#[derive(Module, Debug)]
pub(super) struct Net {
    a: Linear,
    b: Linear,
    c: Linear,
    d: Param<Tensor<3>>,
}

impl Net {
    fn new(
        inputs: usize,
        hidden: usize,
        lane: usize,
        outputs: usize,
        rng: &mut Rng,
        device: &Device,
    ) -> Self {
        Self {
            a: linear(inputs, hidden, rng, device),
            b: linear(hidden, hidden, rng, device),
            c: linear(hidden, ROLES * outputs, rng, device),
            d: Param::from_tensor(tensor(vec![0.0; ROLES * lane * outputs], [ROLES, lane, outputs], device)),
        }
    }

    pub(super) fn rhythm(rng: &mut Rng, device: &Device) -> Self {
        Self::new(ROLES * RHYTHM_LANE + ROLES + CONDITIONS, RHYTHM_HIDDEN, RHYTHM_LANE, CELLS, rng, device)
    }

    pub(super) fn feel(rng: &mut Rng, device: &Device) -> Self {
        let inputs = ROLES * FEEL_LANE + CONDITIONS + 4;
        let mut net = Self::new(inputs, FEEL_HIDDEN, FEEL_LANE, FEEL_OUTPUTS, rng, device);
        // Means near nothing at first: the spreads then begin at those of all hits.
        let weight = net.c.weight.val();
        let shape = weight.dims();
        let smaller = values(weight).into_iter().map(|weight| 0.3 * weight).collect();
        net.c.weight = Param::from_tensor(tensor(smaller, shape, device));
        net
    }

    /// `[examples][inputs]`, and `[role][examples][inputs of a lane]` of the lanes that are asked, to
    /// `[role][examples][outputs]`. `drops` are what the units of both layers are multiplied by.
    pub(super) fn forward(
        &self,
        inputs: Tensor<2>,
        own: Tensor<3>,
        drops: Option<[Tensor<2>; 2]>,
    ) -> Tensor<3> {
        let [examples, _] = inputs.dims();
        let mut a = activation::relu(self.a.forward(inputs));
        let [first, second] = match drops {
            Some([first, second]) => [Some(first), Some(second)],
            None => [None, None],
        };
        if let Some(drop) = first {
            a = a * drop;
        }
        let mut h = activation::relu(self.b.forward(a.clone())) + a;
        if let Some(drop) = second {
            h = h * drop;
        }
        let out = self.c.forward(h);
        let [_, wide] = out.dims();
        let out = out.reshape([examples, ROLES, wide / ROLES]).swap_dims(0, 1);
        out + own.matmul(self.d.val())
    }

    /// The tensors of the file, by the names that inference knows.
    pub(super) fn named(&self, net: &str) -> Vec<Named> {
        let mut all = Vec::new();
        let mut add = |name: &str, shape: Vec<usize>, values: Vec<f32>| {
            all.push(Named { name: format!("{net}.{name}"), shape, values });
        };
        for (name, layer) in [("a", &self.a), ("b", &self.b)] {
            let weight = layer.weight.val();
            add(name, weight.dims().to_vec(), values(weight));
            let bias = layer.bias.as_ref().map_or_else(Vec::new, |bias| values(bias.val()));
            add(&format!("{name}0"), vec![bias.len()], bias);
        }
        // Rows instead of columns: inference asks single outputs.
        let weight = self.c.weight.val().swap_dims(0, 1);
        add("c", weight.dims().to_vec(), values(weight));
        let bias = self.c.bias.as_ref().map_or_else(Vec::new, |bias| values(bias.val()));
        add("c0", vec![bias.len()], bias);
        let own = self.d.val();
        add("d", own.dims().to_vec(), values(own));
        all
    }
}
