//! Loops as the two-second clips that the published critic listens to.
//!
//! Worker and study threads. One bar at 120 bpm, 44.1 kHz, mono, full level for every hit: the
//! published system adds samples up and so does this. Playback and exports go through the engine; a
//! clip is only ever heard by the critic.

use crate::kit::Kit;
use crate::pattern::{Hit, Loop};
use std::sync::{Arc, OnceLock};

/// Frames a second of a clip.
pub const RATE_HZ: f64 = 44_100.0;
/// Frames of a clip: one bar of 4/4 at 120 bpm.
pub const FRAMES: usize = 88_200;
/// Frames of a quarter note at 120 bpm.
const BEAT_FRAMES: f64 = RATE_HZ / 2.0;
/// Sounds are cut after this many frames: the bar itself and one bar of tail.
const MOST_FRAMES: usize = 2 * FRAMES;

/// Which of the two times that a bar is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// From silence. The published system scores this one …
    First,
    /// With the tails of the time before. … and trains on this one.
    Second,
}

/// Makes clips; keeps each sound at the clips' rate once it was needed.
pub struct Clips {
    kit: Arc<Kit>,
    sounds: Vec<OnceLock<Vec<f32>>>,
}

impl Clips {
    /// Nothing is converted yet.
    #[must_use]
    pub fn new(kit: Arc<Kit>) -> Self {
        let sounds = kit.samples().iter().map(|_| OnceLock::new()).collect();
        Self { kit, sounds }
    }

    /// The kit.
    #[must_use]
    pub fn kit(&self) -> &Arc<Kit> {
        &self.kit
    }

    /// One bar of a loop as [`FRAMES`] frames: cut or filled with silence where the meter's bar is
    /// longer or shorter. Sounds that cannot be had are silent.
    pub fn bar(&self, l: &Loop, bar: usize, pass: Pass, out: &mut Vec<f32>) {
        let start = out.len();
        out.resize(start + FRAMES, 0.0);
        let clip = &mut out[start..];
        let steps = usize::from(l.grid.steps_per_bar);
        let bar_frames = (l.grid.meter.bar_beats() * BEAT_FRAMES).round() as isize;
        for lane in l.lanes() {
            let Some(sound) = self.kit.index_of(lane.sample).map(|at| self.sound(at)) else { continue };
            let cells = lane.hits.iter().enumerate().skip(bar * steps).take(steps);
            for (step, &hit) in cells.filter(|(_, hit)| hit.is_on()) {
                let at = (l.beat_in_bar(step % steps, hit) * BEAT_FRAMES).round() as isize;
                let gain = gain(hit);
                add(clip, sound, at, gain);
                if pass == Pass::Second {
                    add(clip, sound, at - bar_frames, gain);
                }
            }
        }
    }

    fn sound(&self, at: usize) -> &[f32] {
        self.sounds[at].get_or_init(|| {
            let Ok(audio) = self.kit.samples()[at].audio() else { return Vec::new() };
            let step = audio.rate.hz() / RATE_HZ;
            let frames = ((audio.left.len() as f64 / step) as usize).min(MOST_FRAMES);
            let mono = |n: usize| {
                let left = audio.left.get(n).copied().unwrap_or(0.0);
                audio.right.as_ref().map_or(left, |right| 0.5 * (left + right.get(n).copied().unwrap_or(0.0)))
            };
            (0..frames)
                .map(|n| {
                    let position = n as f64 * step;
                    let (whole, part) = (position as usize, position.fract() as f32);
                    mono(whole) * (1.0 - part) + mono(whole + 1) * part
                })
                .collect()
        })
    }
}

/// The engine's velocity curve, with the usual velocity as full level: the published system has no
/// velocities.
fn gain(hit: Hit) -> f32 {
    (f32::from(hit.velocity) / f32::from(Hit::PLAIN.velocity)).powi(2)
}

fn add(clip: &mut [f32], sound: &[f32], at: isize, gain: f32) {
    let (to, from) = if at >= 0 { (at.unsigned_abs(), 0) } else { (0, at.unsigned_abs()) };
    let (Some(to), Some(from)) = (clip.get_mut(to..), sound.get(from..)) else { return };
    for (to, x) in to.iter_mut().zip(from) {
        *to += gain * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::tests::{kit_of_three, loop_of};

    #[test]
    fn hits_sound_on_their_frame_and_add_up() {
        let kit = Arc::new(kit_of_three());
        let clips = Clips::new(Arc::clone(&kit));
        let (mut one, mut two) = (Vec::new(), Vec::new());
        clips.bar(&loop_of(&kit, ["", "x...............", ""]), 0, Pass::First, &mut one);
        clips.bar(&loop_of(&kit, ["", "x.......x.......", ""]), 0, Pass::First, &mut two);
        assert_eq!((one.len(), two.len()), (FRAMES, FRAMES));
        let half = FRAMES / 2;
        assert_eq!(one[..half], two[..half]);
        assert!((0..2000).all(|n| (two[half + n] - (one[half + n] + one[n])).abs() < 1e-6));
    }

    #[test]
    fn the_second_pass_carries_the_tail_of_the_first() {
        let kit = Arc::new(kit_of_three());
        let clips = Clips::new(Arc::clone(&kit));
        let l = loop_of(&kit, ["...............x", "", ""]);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        clips.bar(&l, 0, Pass::First, &mut first);
        clips.bar(&l, 0, Pass::Second, &mut second);
        assert!(first[..4000].iter().all(|x| *x == 0.0));
        assert!(second[..4000].iter().any(|x| x.abs() > 1e-3));
    }
}
