//! The feel net: velocity and micro-timing of a hit, given which cells are hit and how those hits sound whose
//! feel is known already.
//!
//! One Gaussian each, one hit after the other: what makes a bar sound played is that its hits agree with each
//! other, and independent deviations are the least human feel there is. Velocity 127 is a pile-up of the pads'
//! sensors in the recordings; it is taken as "127 or more" in training and drawn as such here.
//!
//! Any thread but the audio thread; nothing allocates after the weights are read.

use super::condition::CONDITIONS;
use super::frame::CELLS;
use super::layers::{Layers, ROLES};
use super::products::add;
use crate::disk::weights::{Named, WeightsError};
use crate::pattern::{MAX_LANES, Role};

/// Units of both hidden layers.
const HIDDEN: usize = 112;
/// Inputs a lane: hits, hits whose feel is not known, velocities, offsets, and five figures of the known ones.
const LANE: usize = 4 * CELLS + 5;
/// Behind the condition come mean and spread of all known hits.
const INPUTS: usize = ROLES * LANE + CONDITIONS + 4;
/// Outputs a lane: means of velocity and offset, logarithms of their spreads.
const OUTPUTS: usize = 4 * CELLS;

/// A velocity as the net takes it is (velocity − 70) / 35; from here on it is 127.
pub const TOP: f32 = (126.5 - 70.0) / 35.0;
/// What stands for the velocity 127 where it is known.
pub const VELOCITY_AT_TOP: f32 = 1.95;
/// An offset as the net takes it is in units of so many steps.
const OFFSET_UNIT: f32 = 0.12;
/// The spread that the net is given of a lane without hits that are known: the root of what is added to every
/// variance.
const NO_SPREAD: f32 = 0.01;

/// How a hit sounds: velocity and offset as the net takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sway {
    /// (velocity − 70) / 35, or [`VELOCITY_AT_TOP`].
    pub velocity: f32,
    /// Offset in steps, divided by 0.12.
    pub offset: f32,
}

impl Sway {
    /// Of a velocity of 1 to 127 and an offset in steps.
    #[must_use]
    pub fn of(velocity: u8, offset: f32) -> Self {
        let velocity = if velocity >= 127 { VELOCITY_AT_TOP } else { (f32::from(velocity) - 70.0) / 35.0 };
        Self { velocity, offset: offset / OFFSET_UNIT }
    }

    /// The velocity, 1 to 127.
    #[must_use]
    pub fn midi_velocity(self) -> f32 {
        if self.velocity > TOP { 127.0 } else { (self.velocity * 35.0 + 70.0).clamp(1.0, 127.0) }
    }

    /// The offset in steps, within half a step.
    #[must_use]
    pub fn steps(self) -> f32 {
        (self.offset * OFFSET_UNIT).clamp(-0.496, 0.496)
    }
}

/// What the net believes of one hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Means.
    pub mean: Sway,
    /// Standard deviations.
    pub spread: Sway,
}

impl Belief {
    /// The value that lies so many deviations from the mean.
    #[must_use]
    pub fn at(&self, deviations: Sway) -> Sway {
        let velocity = self.mean.velocity + self.spread.velocity * deviations.velocity;
        Sway {
            velocity: if velocity > TOP { VELOCITY_AT_TOP } else { velocity.max(-2.0) },
            offset: (self.mean.offset + self.spread.offset * deviations.offset).clamp(-4.2, 4.2),
        }
    }
}

/// The net's weights, see [`Layers`].
#[derive(Clone, Debug)]
pub struct FeelNet(Layers<HIDDEN>);

impl FeelNet {
    /// Reads it from tensors.
    ///
    /// # Errors
    /// One is missing or has another shape.
    pub fn of(tensors: &[Named]) -> Result<Self, WeightsError> {
        Layers::of(tensors, "feel", [INPUTS, LANE, OUTPUTS]).map(Self)
    }
}

/// One bar in the work: its hits, and the feel of those that have theirs.
#[derive(Clone, Debug)]
pub struct FeelBar<'n> {
    net: &'n FeelNet,
    roles: [Role; MAX_LANES],
    lanes: usize,
    hits: [u16; MAX_LANES],
    known: [u16; MAX_LANES],
    feel: [[Sway; CELLS]; MAX_LANES],
    /// The first layer before its ramp, without the figures.
    first: [f32; HIDDEN],
}

/// Number, means and spreads of a lane's known hits, as the net takes them.
type Figures = [f32; 5];

impl<'n> FeelBar<'n> {
    /// A bar of hits whose feel is not known. Of the condition density is not taken.
    #[must_use]
    pub fn new(
        net: &'n FeelNet,
        roles: &[Role],
        hits: &[u16; MAX_LANES],
        condition: &[f32; CONDITIONS],
    ) -> Self {
        let lanes = roles.len().min(MAX_LANES);
        let mut bar = Self {
            net,
            roles: [Role::Kick; MAX_LANES],
            lanes,
            hits: *hits,
            known: [0; MAX_LANES],
            feel: [[Sway::default(); CELLS]; MAX_LANES],
            first: net.0.first(),
        };
        bar.roles[..lanes].copy_from_slice(&roles[..lanes]);
        for (at, &value) in condition.iter().enumerate() {
            if value != 0.0 && !(17..27).contains(&at) {
                add(&mut bar.first, net.0.column(ROLES * LANE + at), value);
            }
        }
        // A role without a lane has the spread of no hits.
        for role in Role::ALL.iter().filter(|role| !bar.roles[..lanes].contains(role)) {
            for input in [LANE - 2, LANE - 1] {
                add(&mut bar.first, net.0.column(role.index() * LANE + input), NO_SPREAD);
            }
        }
        for (lane, hits) in hits.iter().enumerate().take(lanes) {
            let of = bar.roles[lane].index() * LANE;
            for cell in (0..CELLS).filter(|cell| hits >> cell & 1 == 1) {
                add(&mut bar.first, net.0.column(of + cell), 1.0);
                add(&mut bar.first, net.0.column(of + CELLS + cell), 1.0);
            }
        }
        bar
    }

    /// The feel of a hit that is known.
    #[must_use]
    pub fn feel(&self, lane: usize, cell: usize) -> Sway {
        self.feel[lane][cell]
    }

    /// Makes the feel of a hit known.
    pub fn show(&mut self, lane: usize, cell: usize, sway: Sway) {
        if lane >= self.lanes || self.hits[lane] >> cell & 1 == 0 || self.known[lane] >> cell & 1 == 1 {
            return;
        }
        let (net, of) = (self.net, self.roles[lane].index() * LANE);
        add(&mut self.first, net.0.column(of + CELLS + cell), -1.0);
        add(&mut self.first, net.0.column(of + 2 * CELLS + cell), sway.velocity);
        add(&mut self.first, net.0.column(of + 3 * CELLS + cell), sway.offset);
        self.known[lane] |= 1 << cell;
        self.feel[lane][cell] = sway;
    }

    /// Figures of each lane and of the whole bar.
    fn figures(&self) -> ([Figures; MAX_LANES], [f32; 4]) {
        let mut figures = [[0.0; 5]; MAX_LANES];
        let (mut all, mut sum, mut squares) = (0.5, [0.0f32; 2], [0.0f32; 2]);
        for (lane, figures) in figures.iter_mut().enumerate().take(self.lanes) {
            let count = self.known[lane].count_ones() as f32;
            let of =
                || (0..CELLS).filter(|cell| self.known[lane] >> cell & 1 == 1).map(|c| self.feel[lane][c]);
            let total = of().fold([0.0; 2], |[v, o], s| [v + s.velocity, o + s.offset]);
            let mean = total.map(|total| total / (count + 0.5));
            let square = of().fold([0.0; 2], |[v, o], s| {
                [v + (s.velocity - mean[0]).powi(2), o + (s.offset - mean[1]).powi(2)]
            });
            let sd = square.map(|square| (square / (count + 0.5) + NO_SPREAD * NO_SPREAD).sqrt());
            *figures = [count / 8.0, mean[0], mean[1], sd[0], sd[1]];
            all += count;
            for i in 0..2 {
                sum[i] += total[i];
                squares[i] += square[i];
            }
        }
        let sd = squares.map(|square| (square / all + NO_SPREAD * NO_SPREAD).sqrt());
        (figures, [sum[0] / all, sum[1] / all, sd[0], sd[1]])
    }

    /// What the net believes of one hit.
    #[must_use]
    pub fn belief(&self, lane: usize, cell: usize) -> Belief {
        let (figures, whole) = self.figures();
        let mut a = self.first;
        for (lane, figures) in figures.iter().enumerate().take(self.lanes) {
            let of = self.roles[lane].index() * LANE + 4 * CELLS;
            for (at, &figure) in figures.iter().enumerate() {
                add(&mut a, self.net.0.column(of + at), figure);
            }
        }
        for (at, &figure) in whole.iter().enumerate() {
            add(&mut a, self.net.0.column(ROLES * LANE + CONDITIONS + at), figure);
        }
        let (net, role) = (&self.net.0, self.roles[lane]);
        let (h, own) = (net.hidden(&a), net.own(role));
        let output = |channel: usize| {
            let at = channel * CELLS + cell;
            let mut sum = net.output(role, at, &h);
            for other in (0..CELLS).filter(|other| self.hits[lane] >> other & 1 == 1) {
                sum += own[other * OUTPUTS + at];
                if self.known[lane] >> other & 1 == 0 {
                    sum += own[(CELLS + other) * OUTPUTS + at];
                } else {
                    let sway = self.feel[lane][other];
                    sum += sway.velocity * own[(2 * CELLS + other) * OUTPUTS + at]
                        + sway.offset * own[(3 * CELLS + other) * OUTPUTS + at];
                }
            }
            for (input, figure) in figures[lane].iter().enumerate() {
                sum += figure * own[(4 * CELLS + input) * OUTPUTS + at];
            }
            sum
        };
        let spread = |log: f32| log.clamp(-2.5, 1.5).exp();
        Belief {
            mean: Sway { velocity: output(0), offset: output(1) },
            spread: Sway { velocity: spread(output(2)), offset: spread(output(3)) },
        }
    }
}
