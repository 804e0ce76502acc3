//! The way from a loop without hits to a loop, and what a smooth expert thinks along it.
//!
//! Worker thread. Plain data.

use crate::pattern::{Loop, SampleId};

/// The straight way from a loop without hits on other sounds to the loop.
pub(crate) struct Way<'a> {
    /// Where it leads.
    pub pattern: &'a Loop,
    /// The sound that each lane has at its start.
    pub sounds: &'a [SampleId],
    /// Where on it one looks: from 0 to 1, ascending.
    pub nodes: &'a [f32],
}

/// What a smooth expert thinks along a [`Way`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Along {
    /// The logit at each node.
    pub values: Vec<f32>,
    /// Its slope in each hit at each node, in the order of lanes and steps.
    pub hits: Vec<Vec<f32>>,
    /// The same in each lane's sound.
    pub sounds: Vec<Vec<f32>>,
}

impl Along {
    /// Adds a share of another's.
    pub(super) fn add(&mut self, other: &Self, share: f32) {
        let add = |to: &mut Vec<f32>, from: &Vec<f32>| {
            to.resize(from.len(), 0.0);
            to.iter_mut().zip(from).for_each(|(to, from)| *to += share * from);
        };
        add(&mut self.values, &other.values);
        for (to, from) in [(&mut self.hits, &other.hits), (&mut self.sounds, &other.sounds)] {
            to.resize(from.len(), Vec::new());
            to.iter_mut().zip(from).for_each(|(to, from)| add(to, from));
        }
    }
}
