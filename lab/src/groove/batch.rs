//! Examples as the nets take them: some cells or hits of each bar are hidden, to be said from the rest.

use super::data::{Bar, Strip};
use super::nets::{FEEL_HIDDEN, FEEL_LANE, RHYTHM_LANE, ROLES};
use burn::tensor::{Device, Tensor};
use deepdrummer_core::critic::nn::tensor;
use deepdrummer_core::groove::{CELLS, CONDITIONS, Kind, Said, Sway, TOP};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::rng::Rng;

/// What a known cell's loss weighs: flips shall be undone.
const KNOWN: f32 = 0.2;
/// How often an absent role is there and silent, so that silence can be said.
const SILENT: f32 = 0.1;
/// How often a bar with two lanes of one role keeps both.
const TWO: f32 = 0.3;
/// How often of a condition is left unsaid: family, kind, beat or fill, density.
const UNSAID: [f32; 4] = [0.4, 0.15, 0.3, 0.7];
/// The feel net's dropout, and the noise on what it is given.
const DROPPED: f32 = 0.35;
const NOISE: f32 = 0.08;

/// How often each cell of each role's lanes sounds.
pub(super) struct Marginals([[f32; CELLS]; ROLES]);

impl Marginals {
    pub(super) fn of(bars: &[Bar]) -> Self {
        let (mut hits, mut lanes) = ([[0.0f32; CELLS]; ROLES], [0.0f32; ROLES]);
        for strip in bars.iter().flat_map(|bar| &bar.lanes) {
            lanes[strip.role.index()] += 1.0;
            for cell in (0..CELLS).filter(|cell| strip.hits() >> cell & 1 == 1) {
                hits[strip.role.index()][cell] += 1.0;
            }
        }
        for (hits, lanes) in hits.iter_mut().zip(lanes) {
            hits.iter_mut().for_each(|hits| *hits = (*hits / lanes.max(1.0)).clamp(0.01, 0.99));
        }
        Self(hits)
    }
}

/// Hidden cells of one example.
pub(super) enum Hidden {
    /// As in training: single cells, whole lanes, or the end of the bar.
    AtRandom,
}

/// A batch of the rhythm net.
pub(super) struct Rhythm {
    pub(super) inputs: Tensor<2>,
    pub(super) own: Tensor<3>,
    pub(super) wanted: Tensor<3>,
    pub(super) weight: Tensor<3>,
}

/// What is said of a bar, some of it left unsaid.
fn said(bar: &Bar, rng: Option<&mut Rng>) -> [f32; CONDITIONS] {
    let mut said = bar.said();
    if let Some(rng) = rng {
        let [family, kind, part, density] = UNSAID.map(|chance| rng.chance(chance));
        said = Said {
            family: said.family.filter(|_| !family),
            kind: said.kind.filter(|_| !kind),
            part: said.part.filter(|_| !part),
            density: said.density.filter(|_| !density),
            ..said
        };
    }
    said.condition(bar.triplets)
}

/// Which of the lanes of a role is asked: with two, either.
fn asked(lanes: &[Strip], rng: &mut Rng) -> [Option<usize>; ROLES] {
    let mut asked = [None; ROLES];
    for (at, strip) in lanes.iter().enumerate() {
        let slot = &mut asked[strip.role.index()];
        if slot.is_none() || rng.chance(0.5) {
            *slot = Some(at);
        }
    }
    asked
}

impl Rhythm {
    /// `examples` of bars; `drops` says whether some of the condition is left unsaid.
    pub(super) fn new(
        bars: &[&Bar],
        marginals: &Marginals,
        hidden: &Hidden,
        drops: bool,
        rng: &mut Rng,
        device: &Device,
    ) -> Self {
        let Hidden::AtRandom = hidden;
        let examples = bars.len();
        let wide = ROLES * RHYTHM_LANE + ROLES + CONDITIONS;
        let mut inputs = vec![0.0f32; examples * wide];
        let mut own = vec![0.0f32; ROLES * examples * RHYTHM_LANE];
        let mut wanted = vec![0.0f32; ROLES * examples * CELLS];
        let mut weight = vec![0.0f32; ROLES * examples * CELLS];
        for (at, bar) in bars.iter().enumerate() {
            let row = &mut inputs[at * wide..][..wide];
            row[ROLES * RHYTHM_LANE + ROLES..].copy_from_slice(&said(bar, drops.then_some(&mut *rng)));
            let mut lanes = if rng.chance(TWO) { bar.lanes.clone() } else { bar.merged().lanes };
            for role in Role::ALL {
                if drops && lanes.iter().all(|strip| strip.role != role) && rng.chance(SILENT) {
                    lanes.push(Strip::silent(role));
                }
            }
            let known = known_cells(&lanes, at, rng);
            const FLIPPED: [f32; 4] = [0.0, 0.0, 0.02, 0.08];
            let flipped = FLIPPED[rng.below(4)];
            let asked = asked(&lanes, rng);
            for (lane, strip) in lanes.iter().enumerate() {
                let role = strip.role.index();
                let mut hits = strip.hits();
                for cell in 0..CELLS {
                    if flipped > 0.0 && rng.chance(flipped) {
                        hits &= !(1 << cell);
                        hits |= u16::from(rng.chance(marginals.0[role][cell])) << cell;
                    }
                }
                row[ROLES * RHYTHM_LANE + role] = 1.0;
                let mine = asked[role] == Some(lane);
                for cell in 0..CELLS {
                    let is_known = known[lane] >> cell & 1 == 1;
                    let input = match (is_known, hits >> cell & 1 == 1) {
                        (true, true) => Some(cell),
                        (true, false) => None,
                        (false, _) => Some(CELLS + cell),
                    };
                    if let Some(input) = input {
                        row[role * RHYTHM_LANE + input] += 1.0;
                        if mine {
                            own[(role * examples + at) * RHYTHM_LANE + input] = 1.0;
                        }
                    }
                    if mine {
                        let to = (role * examples + at) * CELLS + cell;
                        wanted[to] = f32::from(strip.hits() >> cell & 1);
                        weight[to] = if is_known { KNOWN } else { 1.0 };
                    }
                }
            }
        }
        Self {
            inputs: tensor(inputs, [examples, wide], device),
            own: tensor(own, [ROLES, examples, RHYTHM_LANE], device),
            wanted: tensor(wanted, [ROLES, examples, CELLS], device),
            weight: tensor(weight, [ROLES, examples, CELLS], device),
        }
    }
}

/// Known cells of each lane: a share of cells is hidden in 58 % of bars, whole lanes in 30 %, the last four or
/// eight steps of all lanes in 12 %.
fn known_cells(lanes: &[Strip], at: usize, rng: &mut Rng) -> Vec<u16> {
    let kind = rng.unit();
    let share = rng.unit();
    lanes
        .iter()
        .map(|_| {
            if kind < 0.3 {
                if rng.chance(0.7 * share) { 0 } else { u16::MAX }
            } else if kind > 0.88 {
                if at.is_multiple_of(2) { 0x0fff } else { 0x00ff }
            } else {
                (0..CELLS).fold(0, |known, cell| known | u16::from(!rng.chance(share)) << cell)
            }
        })
        .collect()
}

/// A batch of the feel net.
pub(super) struct Feel {
    pub(super) inputs: Tensor<2>,
    pub(super) own: Tensor<3>,
    pub(super) drops: Option<[Tensor<2>; 2]>,
    /// `[role][example][velocity, offset of each cell]`.
    pub(super) wanted: Tensor<3>,
    /// What the loss of each of these weighs: of hits whose feel is hidden, and velocities that are no 127.
    pub(super) weight: Tensor<3>,
    /// The same of velocities of 127, which stand for all that are louder.
    pub(super) at_top: Tensor<3>,
}

/// Roles that drummers do not play stand in for those that they do now and then.
fn relabelled(bar: &Bar, rng: &mut Rng) -> Vec<Strip> {
    let mut lanes = if rng.chance(TWO) { bar.lanes.clone() } else { bar.merged().lanes };
    if bar.kind == Kind::Electronic {
        return lanes;
    }
    let pairs = [
        (Role::Snare, Role::Clap),
        (Role::ClosedHat, Role::Percussion),
        (Role::Tom, Role::Percussion),
        (Role::Cymbal, Role::Fx),
    ];
    for (from, to) in pairs {
        if rng.chance(0.1) && lanes.iter().all(|strip| strip.role != to) {
            lanes.iter_mut().filter(|strip| strip.role == from).for_each(|strip| strip.role = to);
        }
    }
    lanes
}

impl Feel {
    /// Examples of bars: of each a random number of hits, in a random order, has its feel. In `training` some of
    /// the condition is left unsaid, and noise and dropout are drawn.
    pub(super) fn new(bars: &[&Bar], training: bool, rng: &mut Rng, device: &Device) -> Self {
        let examples = bars.len();
        let wide = ROLES * FEEL_LANE + CONDITIONS + 4;
        let mut inputs = vec![0.0f32; examples * wide];
        let mut own = vec![0.0f32; ROLES * examples * FEEL_LANE];
        let size = ROLES * examples * 2 * CELLS;
        let (mut wanted, mut weight, mut at_top) =
            (vec![0.0f32; size], vec![0.0f32; size], vec![0.0f32; size]);
        for (at, bar) in bars.iter().enumerate() {
            let lanes = if training { relabelled(bar, rng) } else { bar.merged().lanes };
            let row = &mut inputs[at * wide..][..wide];
            let mut condition = said(bar, None);
            condition[17..27].fill(0.0);
            if training && rng.chance(UNSAID[0]) {
                condition[..10].fill(0.0);
                condition[10] = 1.0;
            }
            if training {
                for value in &mut condition {
                    *value *= if rng.chance(DROPPED) { 0.0 } else { 1.0 / (1.0 - DROPPED) };
                }
            }
            row[ROLES * FEEL_LANE..][..CONDITIONS].copy_from_slice(&condition);
            let mut order: Vec<(usize, usize)> = Vec::new();
            for (lane, strip) in lanes.iter().enumerate() {
                order.extend((0..CELLS).filter(|cell| strip.velocity[*cell] > 0).map(|cell| (lane, cell)));
            }
            for i in (1..order.len()).rev() {
                order.swap(i, rng.below(i + 1));
            }
            let known_count = rng.below(order.len().max(1));
            let mut known = vec![0u16; lanes.len()];
            for &(lane, cell) in &order[..known_count] {
                known[lane] |= 1 << cell;
            }
            let share = 1.0 / (order.len() - known_count).max(1) as f32;
            let asked = asked(&lanes, rng);
            let (mut all, mut sums, mut squares) = (0.5f32, [0.0f32; 2], [0.0f32; 2]);
            let mut there = [false; ROLES];
            for (lane, strip) in lanes.iter().enumerate() {
                let role = strip.role.index();
                there[role] = true;
                let mut noise = || if training { NOISE * rng.normal() } else { 0.0 };
                let feel: Vec<Sway> = (0..CELLS)
                    .map(|cell| {
                        let exact = Sway::of(strip.velocity[cell], strip.offset[cell]);
                        Sway { velocity: exact.velocity + noise(), offset: exact.offset + noise() }
                    })
                    .collect();
                let mut features = [0.0f32; FEEL_LANE];
                let (mut count, mut sum) = (0.0f32, [0.0f32; 2]);
                for cell in (0..CELLS).filter(|cell| strip.velocity[*cell] > 0) {
                    features[cell] = 1.0;
                    if known[lane] >> cell & 1 == 1 {
                        features[2 * CELLS + cell] = feel[cell].velocity;
                        features[3 * CELLS + cell] = feel[cell].offset;
                        count += 1.0;
                        sum = [sum[0] + feel[cell].velocity, sum[1] + feel[cell].offset];
                    } else {
                        features[CELLS + cell] = 1.0;
                    }
                }
                let mean = sum.map(|sum| sum / (count + 0.5));
                let mut square = [0.0f32; 2];
                for cell in (0..CELLS).filter(|cell| known[lane] >> cell & 1 == 1) {
                    square[0] += (feel[cell].velocity - mean[0]).powi(2);
                    square[1] += (feel[cell].offset - mean[1]).powi(2);
                }
                let sd = square.map(|square| (square / (count + 0.5) + 1e-4).sqrt());
                features[4 * CELLS..].copy_from_slice(&[count / 8.0, mean[0], mean[1], sd[0], sd[1]]);
                all += count;
                for i in 0..2 {
                    sums[i] += sum[i];
                    squares[i] += square[i];
                }
                for (to, from) in row[role * FEEL_LANE..][..FEEL_LANE].iter_mut().zip(features) {
                    *to += from;
                }
                if asked[role] != Some(lane) {
                    continue;
                }
                let place = role * examples + at;
                own[place * FEEL_LANE..][..FEEL_LANE].copy_from_slice(&features);
                for cell in
                    (0..CELLS).filter(|cell| strip.velocity[*cell] > 0 && known[lane] >> cell & 1 == 0)
                {
                    let exact = Sway::of(strip.velocity[cell], strip.offset[cell]);
                    let (v, o) = (place * 2 * CELLS + cell, place * 2 * CELLS + CELLS + cell);
                    (wanted[v], wanted[o]) = (exact.velocity, exact.offset);
                    weight[o] = share;
                    if exact.velocity > TOP { at_top[v] = share } else { weight[v] = share }
                }
            }
            for role in (0..ROLES).filter(|role| !there[*role]) {
                row[role * FEEL_LANE + FEEL_LANE - 2..][..2].fill(0.01);
            }
            let sd = squares.map(|square| (square / all + 1e-4).sqrt());
            row[ROLES * FEEL_LANE + CONDITIONS..].copy_from_slice(&[
                sums[0] / all,
                sums[1] / all,
                sd[0],
                sd[1],
            ]);
        }
        let mut drop = || {
            let units = examples * FEEL_HIDDEN;
            let drawn = (0..units).map(|_| if rng.chance(DROPPED) { 0.0 } else { 1.0 / (1.0 - DROPPED) });
            tensor(drawn.collect(), [examples, FEEL_HIDDEN], device)
        };
        let drops = training.then(|| [drop(), drop()]);
        let shape = [ROLES, examples, 2 * CELLS];
        Self {
            inputs: tensor(inputs, [examples, wide], device),
            own: tensor(own, [ROLES, examples, FEEL_LANE], device),
            drops,
            wanted: tensor(wanted, shape, device),
            weight: tensor(weight, shape, device),
            at_top: tensor(at_top, shape, device),
        }
    }
}
