//! What both nets are made of: two hidden layers, and a way around them from a lane's own inputs to its outputs.
//!
//! With `x` the inputs: `a = ramp(A x + a0)`, `h = a + ramp(B a + b0)`, and the outputs of a role are `C h + c0`,
//! plus `D` of its lane's own inputs. `A` is a sum over lanes, so that lanes come in any order and two of them may
//! have one role.
//!
//! Any thread but the audio thread; nothing allocates after the weights are read.

use super::products::{add_product, dot, ramp};
use crate::disk::weights::{Named, WeightsError, find};
use crate::pattern::Role;

pub(super) const ROLES: usize = Role::ALL.len();

/// The weights of a net whose hidden layers have `HIDDEN` units each.
#[derive(Clone, Debug)]
pub(super) struct Layers<const HIDDEN: usize> {
    /// Columns of the first layer.
    a: Vec<f32>,
    a0: Vec<f32>,
    /// Columns of the second layer.
    b: Vec<f32>,
    b0: Vec<f32>,
    /// Rows of the last layer.
    c: Vec<f32>,
    c0: Vec<f32>,
    /// From a lane's own inputs to its outputs, by role: rows of inputs.
    d: Vec<f32>,
    lane: usize,
    outputs: usize,
}

impl<const HIDDEN: usize> Layers<HIDDEN> {
    /// Reads the net of a name from tensors: so many inputs, of them so many a lane, and outputs a lane.
    ///
    /// # Errors
    /// One is missing or has another shape.
    pub(super) fn of(
        tensors: &[Named],
        net: &str,
        [inputs, lane, outputs]: [usize; 3],
    ) -> Result<Self, WeightsError> {
        let get = |name: &str, shape: &[usize]| find(tensors, &format!("{net}.{name}"), shape);
        Ok(Self {
            a: get("a", &[inputs, HIDDEN])?,
            a0: get("a0", &[HIDDEN])?,
            b: get("b", &[HIDDEN, HIDDEN])?,
            b0: get("b0", &[HIDDEN])?,
            c: get("c", &[ROLES * outputs, HIDDEN])?,
            c0: get("c0", &[ROLES * outputs])?,
            d: get("d", &[ROLES, lane, outputs])?,
            lane,
            outputs,
        })
    }

    /// The first layer before its ramp, of no input.
    pub(super) fn first(&self) -> [f32; HIDDEN] {
        let mut first = [0.0; HIDDEN];
        first.copy_from_slice(&self.a0);
        first
    }

    /// What an input adds to the first layer.
    pub(super) fn column(&self, input: usize) -> &[f32] {
        &self.a[input * HIDDEN..][..HIDDEN]
    }

    /// The last hidden layer, of the first one before its ramp.
    pub(super) fn hidden(&self, first: &[f32; HIDDEN]) -> [f32; HIDDEN] {
        let mut a = *first;
        ramp(&mut a);
        let mut h = [0.0; HIDDEN];
        h.copy_from_slice(&self.b0);
        add_product(&mut h, &self.b, &a);
        for (h, a) in h.iter_mut().zip(&a) {
            *h = h.max(0.0) + a;
        }
        h
    }

    /// An output of a role, but for the lane's own inputs.
    pub(super) fn output(&self, role: Role, output: usize, hidden: &[f32; HIDDEN]) -> f32 {
        let row = role.index() * self.outputs + output;
        self.c0[row] + dot(&self.c[row * HIDDEN..][..HIDDEN], hidden)
    }

    /// From a role's own inputs to its outputs: a row an input.
    pub(super) fn own(&self, role: Role) -> &[f32] {
        let size = self.lane * self.outputs;
        &self.d[role.index() * size..][..size]
    }
}
