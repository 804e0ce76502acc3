//! Loops as the two-second clips that the published critic listens to.
//!
//! Study and tool threads. Bars at 120 bpm, 44.1 kHz, mono, through the engine's own offline
//! rendering; a plain hit has full level, as in the published system, which has no velocities.

use deepdrummer_core::engine::{Levels, MixState, PreparedSound};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Hit, Loop, MAX_LANES, Role};
use deepdrummer_core::render::{Tail, Take};
use deepdrummer_core::units::{Bpm, SampleRate};
use std::sync::{Arc, OnceLock};

/// Frames a second of a clip.
pub const RATE_HZ: f64 = 44_100.0;
/// Frames of a clip: one bar of 4/4 at 120 bpm.
pub const FRAMES: usize = 88_200;

/// Which of the times that a loop is played.
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
    sounds: Vec<OnceLock<Option<Arc<PreparedSound>>>>,
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

    /// Appends the bars of a loop, [`FRAMES`] frames each: cut or filled with silence where the meter's
    /// bar is longer or shorter than 4/4. Sounds that cannot be had are silent.
    pub fn bars(&self, l: &Loop, pass: Pass, out: &mut Vec<f32>) {
        let rendering = self.take(l, pass);
        let bars = usize::from(l.grid.bars);
        let bar_frames = rendering.len() / bars.max(1);
        for bar in rendering.chunks_exact(bar_frames.max(1)).take(bars) {
            let start = out.len();
            out.extend_from_slice(&bar[..bar.len().min(FRAMES)]);
            out.resize(start + FRAMES, 0.0);
        }
    }

    /// The whole loop once, mono, at its own length.
    pub fn take(&self, l: &Loop, pass: Pass) -> Vec<f32> {
        let sounds: [Option<Arc<PreparedSound>>; MAX_LANES] = std::array::from_fn(|at| {
            let lane = l.lanes().get(at)?;
            self.sound(self.kit.index_of(lane.sample)?)
        });
        let roles: Vec<Role> = l.lanes().iter().map(|lane| lane.role).collect();
        let take = Take {
            pattern: l,
            sounds: &sounds,
            levels: Levels::NONE,
            mix: MixState { limiter: false, ..MixState::of(&roles) },
            rate: SampleRate::CD,
            bpm: Bpm::new(120.0),
            bars: None,
            tail: match pass {
                Pass::First => Tail::Keep,
                Pass::Second => Tail::Wrap,
            },
        };
        let frames = take.frames();
        let rendering = take.mix();
        // The engine's gain of a plain hit is undone: it shall have full level.
        let scale = 0.5 * (127.0 / f32::from(Hit::PLAIN.velocity)).powi(2);
        let mut mono: Vec<f32> =
            rendering.left.iter().zip(&rendering.right).take(frames).map(|(l, r)| scale * (l + r)).collect();
        mono.resize(frames, 0.0);
        mono
    }

    fn sound(&self, at: usize) -> Option<Arc<PreparedSound>> {
        let prepare = || {
            let audio = self.kit.samples()[at].audio().ok()?;
            Some(Arc::new(PreparedSound::prepare(&audio, SampleRate::CD, 0.0)))
        };
        self.sounds[at].get_or_init(prepare).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::tests::{kit_of_three, loop_of};
    use deepdrummer_core::pattern::Grid;

    fn bars(l: &Loop, kit: &Arc<Kit>, pass: Pass) -> Vec<f32> {
        let mut out = Vec::new();
        Clips::new(Arc::clone(kit)).bars(l, pass, &mut out);
        out
    }

    #[test]
    fn hits_sound_on_their_frame_and_are_as_loud_as_their_sound() {
        let kit = Arc::new(kit_of_three());
        // Groove notation's x is velocity 101, near enough to a plain hit.
        let one = bars(&loop_of(&kit, ["", "x...............", ""]), &kit, Pass::First);
        let two = bars(&loop_of(&kit, ["", "x.......x.......", ""]), &kit, Pass::First);
        assert_eq!((one.len(), two.len()), (FRAMES, FRAMES));
        let half = FRAMES / 2;
        assert!((0..half).all(|n| (one[n] - two[n]).abs() < 1e-6));
        assert!((0..2000).all(|n| (two[half + n] - one[n]).abs() < 1e-3));
        let sound = kit.samples()[1].audio().unwrap();
        let peak = |x: &[f32]| x.iter().fold(0f32, |a, v| a.max(v.abs()));
        let ratio = peak(&one) / peak(&sound.left);
        assert!((0.65..1.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_second_pass_carries_the_tail_of_the_first() {
        let kit = Arc::new(kit_of_three());
        let l = loop_of(&kit, ["...............x", "", ""]);
        let (first, second) = (bars(&l, &kit, Pass::First), bars(&l, &kit, Pass::Second));
        assert!(first[..4000].iter().all(|x| *x == 0.0));
        assert!(second[..4000].iter().any(|x| x.abs() > 1e-3));
    }

    #[test]
    fn every_bar_gives_one_clip() {
        let kit = Arc::new(kit_of_three());
        let l = loop_of(&kit, ["x...............", "", ""]).regridded(Grid { bars: 2, ..Grid::default() });
        let both = bars(&l, &kit, Pass::Second);
        assert_eq!(both.len(), 2 * FRAMES);
        assert!((0..2000).all(|n| (both[n] - both[FRAMES + n]).abs() < 1e-4));
    }
}
