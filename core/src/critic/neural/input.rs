//! What the trunk sees of a loop: each lane's pattern and sound, and a little of the whole.
//!
//! Worker and study threads. The order of lanes does not matter and roles are not seen: what a lane
//! sounds like decides. Velocity is seen; grids of other than sixteen steps a bar are seen at the
//! nearest sixteenth, several bars as their mean.

use crate::kit::Kit;
use crate::kit::analysis::{Analysis, DESCRIPTORS};
use crate::pattern::{Grid, Loop, MAX_LANES, Meter, SampleId};

/// Steps of a pattern.
pub const STEPS: usize = 16;
/// Values a lane's pattern has: level and presence at each step.
pub(crate) const PATTERN: usize = 2 * STEPS;
/// Values a lane's sound has: descriptors, then layers.
pub const SOUND: usize = DESCRIPTORS + 3;
/// Values of the whole loop: three layers' levels, then eight scalars.
pub(super) const WHOLE: usize = 3 * STEPS + 8;

/// Mean and standard deviation of each descriptor over the sounds that the trunk was trained with.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Means.
    pub mean: Vec<f32>,
    /// Standard deviations.
    pub sd: Vec<f32>,
}

impl Scale {
    /// The scale of a kit's sounds.
    #[must_use]
    pub fn of(kit: &Kit) -> Self {
        let n = kit.samples().len().max(1) as f32;
        let of = |k: usize| kit.samples().iter().map(move |s| s.analysis.descriptors[k]);
        let mean: Vec<f32> = (0..DESCRIPTORS).map(|k| of(k).sum::<f32>() / n).collect();
        let sd = (0..DESCRIPTORS)
            .map(|k| (of(k).map(|v| (v - mean[k]).powi(2)).sum::<f32>() / n).sqrt().max(1e-4))
            .collect();
        Self { mean, sd }
    }

    /// A sound's values.
    #[must_use]
    pub fn sound(&self, analysis: &Analysis) -> [f32; SOUND] {
        let mut out = [0.0; SOUND];
        for (k, to) in out.iter_mut().take(DESCRIPTORS).enumerate() {
            *to = ((analysis.descriptors[k] - self.mean[k]) / self.sd[k]).clamp(-3.0, 3.0);
        }
        out[DESCRIPTORS..].copy_from_slice(&analysis.layers);
        out
    }
}

/// One loop as the trunk sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Lanes that sound: pattern and sound of each.
    pub lanes: Vec<([f32; PATTERN], [f32; SOUND])>,
    /// The whole.
    pub whole: [f32; WHOLE],
}

/// The sounds of a kit as the trunk sees them.
#[derive(Clone, Debug)]
pub struct Sounds {
    values: Vec<[f32; SOUND]>,
}

impl Sounds {
    /// Scales every sound of a kit.
    #[must_use]
    pub fn new(kit: &Kit, scale: &Scale) -> Self {
        Self { values: kit.samples().iter().map(|s| scale.sound(&s.analysis)).collect() }
    }

    /// All sounds, in the kit's order.
    #[must_use]
    pub fn values(&self) -> &[[f32; SOUND]] {
        &self.values
    }

    /// The input of a loop, of one with life of what it is over all its passes. Lanes without hits or without a known
    /// sound are left out.
    #[must_use]
    pub fn input(&self, l: &Loop, kit: &Kit) -> Input {
        let l = &l.expected();
        let grid = Grid { bars: l.grid.bars, steps_per_bar: STEPS as u8, meter: Meter::FOUR_FOUR };
        let l = if usize::from(l.grid.steps_per_bar) == STEPS { *l } else { l.regridded(grid) };
        let bars = usize::from(l.grid.bars).max(1);
        let mut out = Input { lanes: Vec::with_capacity(MAX_LANES), whole: [0.0; WHOLE] };
        let (mut hits, mut sum, mut squares) = (0.0f32, 0.0f32, 0.0f32);
        let mut by_layer = [0.0f32; 3];
        for lane in l.lanes().iter().filter(|lane| lane.sample != SampleId::NONE) {
            let Some(sound) = kit.index_of(lane.sample).and_then(|at| self.values.get(at)) else { continue };
            let mut pattern = [0.0; PATTERN];
            for (step, hit) in lane.hits[..bars * STEPS].iter().enumerate().filter(|(_, h)| h.is_on()) {
                let level = f32::from(hit.velocity) / 127.0;
                let at = step % STEPS;
                pattern[at] += level / bars as f32;
                pattern[STEPS + at] += 1.0 / bars as f32;
                hits += 1.0 / bars as f32;
                sum += level / bars as f32;
                squares += level * level / bars as f32;
                for k in 0..3 {
                    let share = level * sound[DESCRIPTORS + k] / bars as f32;
                    out.whole[k * STEPS + at] = out.whole[k * STEPS + at].max(share);
                    by_layer[k] += share;
                }
            }
            if pattern[STEPS..].iter().any(|p| *p > 0.0) {
                out.lanes.push((pattern, *sound));
            }
        }
        let mean = if hits > 0.0 { sum / hits } else { 0.0 };
        let spread = if hits > 0.0 { (squares / hits - mean * mean).max(0.0).sqrt() } else { 0.0 };
        let scalars = [
            hits / 16.0,
            out.lanes.len() as f32 / 4.0,
            mean,
            4.0 * spread,
            4.0 * l.swing.delay_steps() as f32,
            by_layer[0] / 4.0,
            by_layer[1] / 4.0,
            by_layer[2] / 8.0,
        ];
        out.whole[3 * STEPS..].copy_from_slice(&scalars);
        out
    }
}
