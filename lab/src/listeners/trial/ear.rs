//! What the trial's listeners hear: each sound measured on its whole file, loops as three layers of steps.
//!
//! Study and test threads.

use deepdrummer_core::kit::{Audio, Kit, Origin};
use deepdrummer_core::pattern::Loop;
use std::sync::Arc;

/// Steps in which these listeners think.
pub(super) const STEPS: usize = 16;
/// Low, mid, high; a sound may be in several.
pub(super) const LAYERS: usize = 3;

/// What an ear knows of one sound. Numbers are standardised over the kit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ear {
    pub layer: [bool; LAYERS],
    pub dark: f32,
    pub decay: f32,
    pub noise: f32,
    pub level: f32,
    /// Which of the kit's kits or folders it is from, in the order of their first sounds.
    pub family: usize,
}

impl Ear {
    fn of(audio: &Audio, family: usize) -> Self {
        let x = &audio.left;
        let rate = audio.rate.hz() as f32;
        let total: f32 = x.iter().map(|v| v * v).sum::<f32>().max(1e-9);
        let (mut low, mut lower) = (0f32, 0f32);
        let k = 1.0 - (-std::f32::consts::TAU * 220.0 / rate).exp();
        let (mut mid, mut middle) = (0f32, 0f32);
        let k2 = 1.0 - (-std::f32::consts::TAU * 4000.0 / rate).exp();
        let mut crossings = 0;
        let mut before = 0f32;
        let (mut passed, mut decay) = (0f32, 0usize);
        for (i, &v) in x.iter().enumerate() {
            lower += k * (v - lower);
            low += lower * lower;
            middle += k2 * (v - middle);
            mid += middle * middle;
            crossings += usize::from(v * before < 0.0);
            before = v;
            passed += v * v;
            if passed < 0.95 * total {
                decay = i;
            }
        }
        let low = low / total;
        let high = 1.0 - (mid / total).min(1.0);
        let zero_crossings = crossings as f32 / x.len().max(1) as f32 * rate / 2.0;
        Self {
            layer: [low > 0.45, low <= 0.5 && high < 0.45, high > 0.35],
            dark: -(zero_crossings.max(20.0).ln()),
            decay: (decay as f32 / rate).max(0.005).ln(),
            noise: (zero_crossings * x.len() as f32 / rate).max(1.0).ln(),
            level: (total / x.len() as f32).sqrt().max(1e-4).ln(),
            family,
        }
    }
}

/// A kit as these listeners hear it.
#[derive(Debug)]
pub(super) struct World {
    kit: Arc<Kit>,
    ears: Vec<Ear>,
}

impl World {
    /// Listens to every sound of a kit; one whose audio cannot be had is heard as nothing.
    pub(super) fn new(kit: Arc<Kit>) -> Self {
        let mut families: Vec<String> = Vec::new();
        let mut ears = Vec::new();
        for sample in kit.samples() {
            let family = match &sample.origin {
                Origin::Factory { kit } => kit.to_string(),
                Origin::File { path } => {
                    path.parent().map_or_else(String::new, |dir| dir.display().to_string())
                }
                Origin::Embedded => String::new(),
            };
            let family = families.iter().position(|known| *known == family).unwrap_or_else(|| {
                families.push(family);
                families.len() - 1
            });
            ears.push(sample.audio().map_or_else(|_| Ear::default(), |audio| Ear::of(&audio, family)));
        }
        let n = ears.len() as f32;
        let values: [for<'a> fn(&'a mut Ear) -> &'a mut f32; 4] =
            [|e| &mut e.dark, |e| &mut e.decay, |e| &mut e.noise, |e| &mut e.level];
        for value in values {
            let mean = ears.iter_mut().map(|e| *value(e)).sum::<f32>() / n;
            let variance = ears.iter_mut().map(|e| (*value(e) - mean).powi(2)).sum::<f32>() / n;
            let sd = variance.sqrt().max(1e-4);
            for ear in &mut ears {
                *value(ear) = (*value(ear) - mean) / sd;
            }
        }
        Self { kit, ears }
    }

    pub(super) fn kit(&self) -> &Kit {
        &self.kit
    }

    pub(super) fn hear(&self, l: &Loop) -> Heard {
        let mut heard = Heard { grid: [[0.0; STEPS]; LAYERS], lanes: Vec::new(), hits: 0.0 };
        for lane in l.lanes() {
            let ear = self.kit.index_of(lane.sample).map_or(Ear::default(), |at| self.ears[at]);
            let mut row = [0.0; STEPS];
            for (step, hit) in lane.iter() {
                let level = f32::from(hit.velocity) / 127.0;
                row[step % STEPS] = level;
                heard.hits += 1.0;
                for (layer, inside) in heard.grid.iter_mut().zip(ear.layer) {
                    if inside {
                        layer[step % STEPS] = level;
                    }
                }
            }
            heard.lanes.push((row, ear));
        }
        heard
    }
}

/// A loop as it is heard: levels 0 to 1.
pub(super) struct Heard {
    /// The last lane of a layer counts where two sound at once.
    pub grid: [[f32; STEPS]; LAYERS],
    /// Each lane's levels and its sound.
    pub lanes: Vec<([f32; STEPS], Ear)>,
    /// All hits.
    pub hits: f32,
}
