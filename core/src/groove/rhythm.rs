//! The rhythm net: the chance of each cell of a bar that is not known, given the cells that are.
//!
//! A masked denoiser: in training some cells of a bar were hidden and the net said them from the rest, so that
//! it knows every conditional of the bar; drawing from these in turn is the transition of a chain whose
//! stationary distribution is the bars' own (Bengio, Laufer, Alain and Yosinski 2014, Generative Stochastic
//! Networks; Uria, Murray and Larochelle 2014, A Deep and Tractable Density Estimator, for the orders).
//!
//! Any thread but the audio thread; nothing allocates after the weights are read.

use super::condition::CONDITIONS;
use super::frame::CELLS;
use super::layers::{Layers, ROLES};
use super::products::{add, logistic};
use crate::disk::weights::{Named, WeightsError};
use crate::pattern::{MAX_LANES, Role};
use crate::rng::Rng;

/// Units of both hidden layers.
const HIDDEN: usize = 256;
/// Inputs a lane: 16 cells that are known and hit, 16 that are not known.
const LANE: usize = 2 * CELLS;
const INPUTS: usize = ROLES * LANE + ROLES + CONDITIONS;

/// The net's weights, see [`Layers`]. Its inputs are those of the lanes, which roles there are, and the condition;
/// its outputs the log-odds of a lane's cells.
#[derive(Clone, Debug)]
pub struct RhythmNet(Layers<HIDDEN>);

impl RhythmNet {
    /// Reads it from tensors.
    ///
    /// # Errors
    /// One is missing or has another shape.
    pub fn of(tensors: &[Named]) -> Result<Self, WeightsError> {
        Layers::of(tensors, "rhythm", [INPUTS, LANE, CELLS]).map(Self)
    }

    fn lane_column(&self, role: Role, input: usize) -> &[f32] {
        self.0.column(role.index() * LANE + input)
    }
}

/// One bar in the work: which cells are hit and which are known. Changes of single cells cost one column each.
#[derive(Clone, Debug)]
pub struct RhythmBar<'n> {
    net: &'n RhythmNet,
    roles: [Role; MAX_LANES],
    lanes: usize,
    /// Cells that exist on this grid.
    usable: u16,
    hits: [u16; MAX_LANES],
    known: [u16; MAX_LANES],
    /// The first layer before its ramp.
    first: [f32; HIDDEN],
}

/// The last hidden layer.
type Hidden = [f32; HIDDEN];

impl<'n> RhythmBar<'n> {
    /// A bar of lanes, of which every cell that exists is known and silent. Cells that do not exist on the
    /// grid stay silent in triplets, and unknown in a bar that is shorter than four quarters.
    #[must_use]
    pub fn new(
        net: &'n RhythmNet,
        roles: &[Role],
        usable: u16,
        triplets: bool,
        condition: &[f32; CONDITIONS],
    ) -> Self {
        let lanes = roles.len().min(MAX_LANES);
        let mut bar = Self {
            net,
            roles: [Role::Kick; MAX_LANES],
            lanes,
            usable,
            hits: [0; MAX_LANES],
            known: [u16::MAX; MAX_LANES],
            first: net.0.first(),
        };
        bar.roles[..lanes].copy_from_slice(&roles[..lanes]);
        for (at, &value) in condition.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            add(&mut bar.first, net.0.column(ROLES * LANE + ROLES + at), value);
        }
        let mut there = 0u16;
        for lane in 0..lanes {
            let role = bar.roles[lane].index();
            if there >> role & 1 == 0 {
                there |= 1 << role;
                add(&mut bar.first, net.0.column(ROLES * LANE + role), 1.0);
            }
            if !triplets {
                bar.hide(lane, !usable);
            }
        }
        bar
    }

    /// The cells of a lane that are hit, among those that are known.
    #[must_use]
    pub fn hits(&self, lane: usize) -> u16 {
        self.hits[lane]
    }

    /// Makes cells of a lane known: those of `hits` are hit, the others are not.
    pub fn show(&mut self, lane: usize, cells: u16, hits: u16) {
        self.hide(lane, cells);
        self.each(lane, cells, |bar, cell| bar.reveal(lane, cell, hits >> cell & 1 == 1));
    }

    /// Makes cells of a lane unknown.
    pub fn hide(&mut self, lane: usize, cells: u16) {
        self.each(lane, cells & self.known[lane], |bar, cell| {
            let (net, role) = (bar.net, bar.roles[lane]);
            if bar.hits[lane] >> cell & 1 == 1 {
                add(&mut bar.first, net.lane_column(role, cell), -1.0);
                bar.hits[lane] &= !(1 << cell);
            }
            add(&mut bar.first, net.lane_column(role, CELLS + cell), 1.0);
            bar.known[lane] &= !(1 << cell);
        });
    }

    fn reveal(&mut self, lane: usize, cell: usize, hit: bool) {
        let (net, role) = (self.net, self.roles[lane]);
        add(&mut self.first, net.lane_column(role, CELLS + cell), -1.0);
        self.known[lane] |= 1 << cell;
        if hit {
            add(&mut self.first, net.lane_column(role, cell), 1.0);
            self.hits[lane] |= 1 << cell;
        }
    }

    fn each(&mut self, lane: usize, mut cells: u16, mut f: impl FnMut(&mut Self, usize)) {
        if lane >= self.lanes {
            return;
        }
        while cells != 0 {
            let cell = cells.trailing_zeros() as usize;
            cells &= cells - 1;
            f(self, cell);
        }
    }

    fn log_odds_from(&self, hidden: &Hidden, lane: usize, cell: usize) -> f32 {
        let (net, role) = (&self.net.0, self.roles[lane]);
        let own = net.own(role);
        let mut sum = net.output(role, cell, hidden);
        let mut inputs = u32::from(self.hits[lane]) | u32::from(!self.known[lane]) << CELLS;
        while inputs != 0 {
            sum += own[inputs.trailing_zeros() as usize * CELLS + cell];
            inputs &= inputs - 1;
        }
        sum
    }

    /// The log-odds that a cell is hit, of each cell of each lane.
    pub fn log_odds(&self, out: &mut [[f32; CELLS]; MAX_LANES]) {
        let hidden = self.net.0.hidden(&self.first);
        for (lane, out) in out.iter_mut().enumerate().take(self.lanes) {
            for (cell, out) in out.iter_mut().enumerate() {
                *out = self.log_odds_from(&hidden, lane, cell);
            }
        }
    }

    /// The log-odds of the given cells alone; the others keep what `out` held.
    pub fn log_odds_of(&self, cells: &[u16; MAX_LANES], out: &mut [[f32; CELLS]; MAX_LANES]) {
        let hidden = self.net.0.hidden(&self.first);
        for lane in 0..self.lanes {
            let mut left = cells[lane];
            while left != 0 {
                let cell = left.trailing_zeros() as usize;
                left &= left - 1;
                out[lane][cell] = self.log_odds_from(&hidden, lane, cell);
            }
        }
    }

    /// Hides cells and draws them anew in a random order, an equal share a round: `rounds` as large as their
    /// number is one at a time. The chance of a hit is that of log-odds divided by the temperature: 1 draws as
    /// the net believes, lower is tidier.
    pub fn redraw(&mut self, cells: &[u16; MAX_LANES], rounds: usize, temperature: f32, rng: &mut Rng) {
        let mut order = [(0u8, 0u8); MAX_LANES * CELLS];
        let mut count = 0;
        for (lane, of_lane) in cells.iter().enumerate().take(self.lanes) {
            let of_lane = of_lane & self.usable;
            self.hide(lane, of_lane);
            self.each(lane, of_lane, |_, cell| {
                order[count] = (lane as u8, cell as u8);
                count += 1;
            });
        }
        for at in (1..count).rev() {
            order.swap(at, rng.below(at + 1));
        }
        let rounds = rounds.clamp(1, count.max(1));
        let mut done = 0;
        for round in 1..=rounds {
            let upto = (count * round).div_ceil(rounds).min(count);
            if upto == done {
                continue;
            }
            let hidden = self.net.0.hidden(&self.first);
            let mut hit = [0u16; MAX_LANES];
            for &(lane, cell) in &order[done..upto] {
                let odds = self.log_odds_from(&hidden, lane.into(), cell.into()) / temperature;
                hit[usize::from(lane)] |= u16::from(rng.chance(logistic(odds))) << cell;
            }
            for &(lane, cell) in &order[done..upto] {
                self.reveal(lane.into(), cell.into(), hit[usize::from(lane)] >> cell & 1 == 1);
            }
            done = upto;
        }
    }

    /// One sweep of the chain: each cell of `free` is hidden with chance `share`, and what is hidden drawn anew.
    pub fn sweep(
        &mut self,
        free: &[u16; MAX_LANES],
        share: f32,
        rounds: usize,
        temperature: f32,
        rng: &mut Rng,
    ) {
        let mut cells = [0; MAX_LANES];
        for (cells, free) in cells.iter_mut().zip(free).take(self.lanes) {
            for cell in 0..CELLS {
                *cells |= u16::from(free >> cell & 1 == 1 && rng.chance(share)) << cell;
            }
        }
        self.redraw(&cells, rounds, temperature, rng);
    }

    /// The pseudo-log-likelihood of the bar in nats: each usable cell unknown once, in `groups` evaluations.
    #[must_use]
    pub fn likelihood(&self, groups: usize, rng: &mut Rng) -> f32 {
        let mut group = [[0u8; CELLS]; MAX_LANES];
        for cell in group.iter_mut().flatten() {
            *cell = rng.below(groups.max(1)) as u8;
        }
        let mut sum = 0.0;
        let mut odds = [[0.0; CELLS]; MAX_LANES];
        for now in 0..groups.max(1) as u8 {
            let mut cells = [0u16; MAX_LANES];
            for (lane, cells) in cells.iter_mut().enumerate().take(self.lanes) {
                for (cell, of) in group[lane].iter().enumerate() {
                    *cells |= u16::from(*of == now && self.usable >> cell & 1 == 1) << cell;
                }
            }
            let mut bar = self.clone();
            for (lane, &cells) in cells.iter().enumerate().take(self.lanes) {
                bar.hide(lane, cells);
            }
            bar.log_odds_of(&cells, &mut odds);
            for lane in 0..self.lanes {
                let mut left = cells[lane];
                while left != 0 {
                    let cell = left.trailing_zeros() as usize;
                    left &= left - 1;
                    let odds = odds[lane][cell].clamp(-9.2, 9.2);
                    let towards = if self.hits[lane] >> cell & 1 == 1 { odds } else { -odds };
                    sum += logistic(towards).ln();
                }
            }
        }
        sum
    }
}
