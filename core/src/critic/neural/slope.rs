//! The network's logit and its exact slopes on the straight way from a loop without hits to the loop.
//!
//! Worker and study threads. At the share t of the way every hit is there to the share t, and every lane's sound is
//! so far from the one that it starts with. Inputs that are no sums are read so that both ends are what
//! [`Sounds::input`](super::Sounds::input) gives: a lane sounds to the share 1 − Π(1 − xₕ) over its hits, mean and
//! spread of velocities come with the hits that make them. What the trunk does with the inputs, and the head with the
//! trunk's point, is differentiated by backpropagation and in closed form.

use super::NeuralExpert;
use super::input::{PATTERN, SOUND, STEPS, Sounds, WHOLE};
use super::trunk::{Batch, POINT, Slopes};
use crate::critic::along::{Along, Way};
use crate::critic::logit;
use crate::critic::nn::{tensor, values};
use crate::kit::Kit;
use crate::kit::analysis::DESCRIPTORS;
use crate::pattern::{Grid, MAX_STEPS, Meter, SampleId};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// What the whole's sums of the three layers are divided by.
const LAYER_SCALE: [f32; 3] = [4.0, 4.0, 8.0];

/// A hit as the trunk sees it: one of the loop's may be seen several times, or not at all.
struct Seen {
    /// Its place in the order of lanes and steps.
    player: usize,
    /// The step of the bar.
    at: usize,
    level: f32,
}

/// A lane that sounds.
struct Lane {
    /// Its place in the loop.
    place: usize,
    hits: Vec<Seen>,
    own: [f32; SOUND],
    start: [f32; SOUND],
}

impl Lane {
    fn sound(&self, t: f32) -> [f32; SOUND] {
        std::array::from_fn(|at| self.start[at] + t * (self.own[at] - self.start[at]))
    }

    /// How much of it sounds, and the slope of that in each of its hits.
    fn sounding(&self, t: f32) -> (f32, f32) {
        let rest = (1.0 - t).powi(self.hits.len() as i32 - 1);
        (1.0 - rest * (1.0 - t), rest)
    }
}

/// A loop between its start and itself.
struct Road {
    lanes: Vec<Lane>,
    bars: f32,
    swing: f32,
    players: usize,
    places: usize,
    mean: f32,
    spread: f32,
    /// Sum of squared distances from the mean.
    squares: f32,
    count: f32,
}

impl Road {
    fn new(way: &Way<'_>, sounds: &Sounds, kit: &Kit) -> Self {
        // Each hit carries its step along, so that it is known again after a change of grid.
        let mut marked = way.pattern.in_share();
        let mut players = vec![[0; MAX_STEPS]; marked.lanes().len()];
        let mut count = 0;
        for (lane, players) in marked.lanes_mut().iter_mut().zip(&mut players) {
            for step in (0..MAX_STEPS).filter(|&step| way.pattern.grid.steps() > step) {
                if lane.hits[step].is_on() {
                    lane.hits[step].offset = step as i8;
                    players[step] = count;
                    count += 1;
                }
            }
        }
        let grid = marked.grid;
        if usize::from(grid.steps_per_bar) != STEPS {
            let grid = Grid { bars: grid.bars, steps_per_bar: STEPS as u8, meter: Meter::FOUR_FOUR };
            marked = marked.regridded(grid);
        }
        let value = |id: SampleId| kit.index_of(id).and_then(|at| sounds.values().get(at)).copied();
        let mut lanes = Vec::new();
        for (place, lane) in marked.lanes().iter().enumerate() {
            let Some(own) = value(lane.sample).filter(|_| lane.sample != SampleId::NONE) else { continue };
            let hits: Vec<Seen> = lane
                .iter()
                .filter(|(step, _)| *step < usize::from(marked.grid.bars.max(1)) * STEPS)
                .map(|(step, hit)| Seen {
                    player: players[place][hit.offset.max(0) as usize],
                    at: step % STEPS,
                    level: f32::from(hit.velocity) / 127.0,
                })
                .collect();
            if !hits.is_empty() {
                let start = way.sounds.get(place).and_then(|&id| value(id)).unwrap_or(own);
                lanes.push(Lane { place, hits, own, start });
            }
        }
        let levels = || lanes.iter().flat_map(|lane| lane.hits.iter().map(|hit| hit.level));
        let seen = levels().count().max(1) as f32;
        let mean = levels().sum::<f32>() / seen;
        let squares: f32 = levels().map(|level| (level - mean) * (level - mean)).sum();
        Self {
            mean,
            spread: (squares / seen).sqrt(),
            squares,
            count: seen,
            bars: f32::from(marked.grid.bars.max(1)),
            swing: way.pattern.swing.delay_steps() as f32,
            players: count,
            places: way.pattern.lanes().len(),
            lanes,
        }
    }

    /// The loudest of each layer's hits at each step of the bar, and how many are as loud.
    fn loudest(&self, t: f32) -> [[(f32, f32); STEPS]; 3] {
        let mut found = [[(0.0f32, 0.0f32); STEPS]; 3];
        for lane in &self.lanes {
            let sound = lane.sound(t);
            for hit in &lane.hits {
                for (layer, row) in found.iter_mut().enumerate() {
                    let (most, ties) = &mut row[hit.at];
                    let share = t * hit.level * sound[DESCRIPTORS + layer] / self.bars;
                    if share > *most {
                        (*most, *ties) = (share, 1.0);
                    } else if share == *most {
                        *ties += 1.0;
                    }
                }
            }
        }
        found
    }

    /// What the trunk reads at a place on the way.
    fn read(&self, t: f32, rows: usize, out: &mut Slopes) {
        let (pattern, sound) = (out.pattern.len(), out.sound.len());
        out.pattern.resize(pattern + rows * PATTERN, 0.0);
        out.sound.resize(sound + rows * SOUND, 0.0);
        let mut whole = [0.0f32; WHOLE];
        let mut by_layer = [0.0f32; 3];
        let mut lanes = 0.0;
        for (row, lane) in self.lanes.iter().enumerate() {
            let now = lane.sound(t);
            out.sound[sound + row * SOUND..][..SOUND].copy_from_slice(&now);
            for hit in &lane.hits {
                let levels = &mut out.pattern[pattern + row * PATTERN..][..PATTERN];
                levels[hit.at] += t * hit.level / self.bars;
                levels[STEPS + hit.at] += t / self.bars;
                for (layer, sum) in by_layer.iter_mut().enumerate() {
                    *sum += t * hit.level * now[DESCRIPTORS + layer] / self.bars;
                }
            }
            let (sounding, _) = lane.sounding(t);
            out.sounding.push(sounding);
            lanes += sounding;
        }
        out.sounding.resize(out.sounding.len() + rows - self.lanes.len(), 0.0);
        for (layer, row) in self.loudest(t).iter().enumerate() {
            for (at, (most, _)) in row.iter().enumerate() {
                whole[layer * STEPS + at] = *most;
            }
        }
        let heard = if self.lanes.is_empty() { 0.0 } else { t };
        whole[3 * STEPS..].copy_from_slice(&[
            heard * self.count / self.bars / 16.0,
            lanes / 4.0,
            heard * self.mean,
            4.0 * heard * self.spread,
            4.0 * self.swing,
            by_layer[0] / LAYER_SCALE[0],
            by_layer[1] / LAYER_SCALE[1],
            by_layer[2] / LAYER_SCALE[2],
        ]);
        out.whole.extend_from_slice(&whole);
    }

    /// Slopes in hits and sounds from those in what the trunk reads.
    fn slopes(&self, t: f32, rows: usize, node: usize, by: &Slopes) -> (Vec<f32>, Vec<f32>) {
        let (mut hits, mut sounds) = (vec![0.0; self.players], vec![0.0; self.places]);
        let whole = &by.whole[node * WHOLE..][..WHOLE];
        let scalars = &whole[3 * STEPS..];
        let loudest = self.loudest(t);
        for (row, lane) in self.lanes.iter().enumerate() {
            let row = node * rows + row;
            let pattern = &by.pattern[row * PATTERN..][..PATTERN];
            let sound = &by.sound[row * SOUND..][..SOUND];
            let now = lane.sound(t);
            let way = |at: usize| lane.own[at] - lane.start[at];
            let (_, sounding) = lane.sounding(t);
            let of_sound = &mut sounds[lane.place];
            *of_sound += (0..SOUND).map(|at| sound[at] * way(at)).sum::<f32>();
            for hit in &lane.hits {
                let mut slope = (pattern[hit.at] * hit.level + pattern[STEPS + hit.at]) / self.bars
                    + sounding * (by.sounding[row] + scalars[1] / 4.0)
                    + scalars[0] / self.bars / 16.0
                    + scalars[2] * hit.level / self.count;
                if self.squares > 0.0 {
                    let apart = (hit.level - self.mean) * (hit.level - self.mean);
                    slope += scalars[3] * 4.0 * self.spread * apart / self.squares;
                }
                for (layer, scale) in LAYER_SCALE.iter().enumerate() {
                    let (most, ties) = loudest[layer][hit.at];
                    let level = hit.level / self.bars;
                    let mut share = scalars[5 + layer] / scale;
                    if t * level * now[DESCRIPTORS + layer] == most && ties > 0.0 {
                        share += whole[layer * STEPS + hit.at] / ties;
                    }
                    slope += share * level * now[DESCRIPTORS + layer];
                    *of_sound += share * t * level * way(DESCRIPTORS + layer);
                }
                hits[hit.player] += slope;
            }
        }
        (hits, sounds)
    }
}

impl NeuralExpert {
    /// See the module's documentation.
    pub(super) fn slopes_along(&self, way: &Way<'_>) -> Along {
        let road = Road::new(way, &self.sounds, &self.kit);
        let (n, rows) = (way.nodes.len(), road.lanes.len().max(1));
        let empty = || Slopes { pattern: vec![], sound: vec![], sounding: vec![], whole: vec![] };
        let mut read = empty();
        way.nodes.iter().for_each(|&t| road.read(t, rows, &mut read));
        let device: Device = self.device.clone().autodiff();
        let trunk = self.trunk.clone().train().no_grad();
        let batch = Batch::of(read, n, rows, &device).watched();
        let points = trunk.forward(&batch);
        let base = &self.base;
        let seen = values(points.clone().inner());
        let mut along = Along::default();
        // Slopes of the logit in the trunk's own, unwhitened points.
        let mut back = Vec::with_capacity(n * POINT);
        for point in seen.chunks_exact(POINT) {
            let whitened: [f32; POINT] = std::array::from_fn(|to| {
                (0..POINT).map(|at| (point[at] - base.mean[at]) * base.whiten[at * POINT + to]).sum()
            });
            let (mut value, mut slope) = self.head.slope(&whitened);
            // Nobody is heard who is surer than this; beyond it nothing moves.
            let most = logit(1.0);
            if value.abs() > most {
                (value, slope) = (value.clamp(-most, most), [0.0; POINT]);
            }
            along.values.push(value);
            back.extend(
                (0..POINT)
                    .map(|at| (0..POINT).map(|to| base.whiten[at * POINT + to] * slope[to]).sum::<f32>()),
            );
        }
        let back: Tensor<2> = tensor(back, [n, POINT], &device);
        let by = batch.slopes(&(points * back).sum().backward());
        for (node, &t) in way.nodes.iter().enumerate() {
            let (hits, sounds) = road.slopes(t, rows, node, &by);
            along.hits.push(hits);
            along.sounds.push(sounds);
        }
        along
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::critic::Latent;
    use crate::features::fixture;
    use crate::pattern::{Hit, Lane as LoopLane, Loop, Role, Swing};
    use crate::rng::Rng;
    use crate::units::Seed;

    fn random_loop(grid: Grid, rng: &mut Rng) -> Loop {
        let kit = fixture::kit();
        let lanes: Vec<LoopLane> = Role::default_lanes(4)
            .iter()
            .map(|&role| {
                let of_role = kit.of_role(role);
                let sample = kit.samples()[of_role[rng.below(of_role.len())] as usize].id;
                let mut lane = LoopLane::empty(role, sample);
                for hit in &mut lane.hits[..grid.steps()] {
                    if rng.chance(0.35) {
                        *hit = Hit::new(30 + rng.below(98) as u8);
                    }
                }
                lane
            })
            .collect();
        Loop::new(grid, Swing::from_percent(57.0), &lanes)
    }

    fn taught(rng: &mut Rng) -> NeuralExpert {
        let mut expert = NeuralExpert::shipped(&fixture::kit()).unwrap();
        for at in 0..12 {
            expert.learn(&random_loop(Grid::default(), rng), at % 3 == 0, 1.0);
        }
        expert
    }

    #[test]
    fn the_way_ends_at_what_the_network_says_of_the_loop_on_any_grid() {
        let mut rng = Rng::new(Seed(8));
        let expert = taught(&mut rng);
        let seven = Meter { numerator: 7, denominator: 8 };
        let grids = [
            Grid::default(),
            Grid { bars: 2, ..Grid::default() },
            Grid { steps_per_bar: 12, ..Grid::default() },
            Grid { bars: 4, steps_per_bar: 24, ..Grid::default() },
            Grid { steps_per_bar: 14, meter: seven, ..Grid::default() },
        ];
        for grid in grids {
            let pattern = random_loop(grid, &mut rng);
            let along = expert.slopes_along(&Way { pattern: &pattern, sounds: &[], nodes: &[0.0, 1.0] });
            let mut silent = pattern;
            silent.lanes_mut().iter_mut().for_each(|lane| lane.hits = [Hit::NONE; MAX_STEPS]);
            for (value, of) in along.values.iter().zip([silent, pattern]) {
                let (mean, sd) = expert.score(&[of])[0];
                let p = Latent { mean, sd }.probability();
                let said = crate::critic::sigmoid(*value);
                assert!((said - p).abs() < 2e-3, "{grid:?}: {said} {p}");
            }
            assert_eq!(along.hits[0].len(), pattern.hit_count());
        }
    }

    /// The whole slope along the way is the sum of all parts' slopes, and that is what differences say.
    #[test]
    fn slopes_sum_to_the_difference_along_the_way() {
        let mut rng = Rng::new(Seed(9));
        let (expert, kit) = (taught(&mut rng), fixture::kit());
        for _ in 0..5 {
            let pattern = random_loop(Grid::default(), &mut rng);
            let sounds: Vec<SampleId> = pattern
                .lanes()
                .iter()
                .map(|lane| kit.samples()[kit.of_role(lane.role)[0] as usize].id)
                .collect();
            for t in [0.2, 0.5, 0.83] {
                let h = 2e-3;
                let nodes = [t - h, t, t + h];
                let along = expert.slopes_along(&Way { pattern: &pattern, sounds: &sounds, nodes: &nodes });
                let difference = (along.values[2] - along.values[0]) / (2.0 * h);
                let slope = along.hits[1].iter().chain(&along.sounds[1]).sum::<f32>();
                assert!(
                    (slope - difference).abs() < 0.03 * (1.0 + difference.abs()),
                    "{t}: {slope} {difference}"
                );
            }
        }
    }

    #[test]
    fn hits_that_the_network_can_not_tell_apart_have_equal_slopes() {
        let mut rng = Rng::new(Seed(10));
        let expert = taught(&mut rng);
        // The same bar twice: a hit and its repetition are read as one.
        let bar = random_loop(Grid::default(), &mut rng);
        let twice = bar.regridded(Grid { bars: 2, ..Grid::default() });
        let along = expert.slopes_along(&Way { pattern: &twice, sounds: &[], nodes: &[0.3, 0.9] });
        for slopes in &along.hits {
            let mut at = 0;
            for lane in twice.lanes() {
                let n = lane.iter().count();
                let (first, second) = slopes[at..at + n].split_at(n / 2);
                assert!(first.iter().zip(second).all(|(a, b)| (a - b).abs() < 1e-5), "{first:?} {second:?}");
                at += n;
            }
        }
    }
}
