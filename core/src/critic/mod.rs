//! The learned model: three experts behind one interface, mixed by how well each predicted the
//! judgements before it saw them.
//!
//! Worker thread. Everything is rebuilt from the log of judgements; no clock, no files.
//!
//! An [`Expert`] sees [`Example`]s (loops as heard) and [`Observation`]s (what was said of them). Its
//! [`Opinion`] of a loop is a latent score on the logit scale with its uncertainty.

pub mod calibrate;
pub mod drift;
pub mod gp;
pub mod mix;
pub mod neural;
pub mod nn;
pub mod particles;

use crate::features::{Candidate, Dense, Heard, Space, phases::Phases};

/// A loop as the experts see it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The loop itself.
    pub candidate: Candidate,
    /// Rhythm by layer and measures.
    pub heard: Heard,
    /// Layer grid and sound waves.
    pub dense: Dense,
}

impl Example {
    /// The example of a loop.
    #[must_use]
    pub fn new(space: &Space, candidate: &Candidate) -> Self {
        let phases = Phases::of(candidate.grid);
        let mut example = Self {
            candidate: *candidate,
            heard: Heard::default(),
            dense: Dense([0.0; crate::features::DENSE]),
        };
        space.hear(&phases, candidate, &mut example.heard);
        space.dense(&phases, candidate, &mut example.dense);
        example
    }
}

/// What was said of one loop.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The serial of the judgement.
    pub serial: u64,
    /// The loop.
    pub subject: Example,
    /// Like or dislike of the whole.
    pub like: Option<bool>,
    /// Like or dislike of its rhythm.
    pub rhythm: Option<bool>,
    /// Like or dislike of its sounds.
    pub sound: Option<bool>,
    /// For "A over B": the loop that lost.
    pub over: Option<Example>,
    /// How many explicit ratings it counts as.
    pub weight: f32,
}

/// What an expert thinks of a loop: a normal belief about the logit of P(like).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinion {
    /// Mean of the latent score, about −6 to 6.
    pub mean: f32,
    /// Its standard deviation.
    pub sd: f32,
}

impl Opinion {
    /// P(like) with the uncertainty averaged over (MacKay 1992, the probit approximation).
    #[must_use]
    pub fn probability(self) -> f32 {
        let shrink = 1.0 / (1.0 + std::f32::consts::PI / 8.0 * self.sd * self.sd).sqrt();
        sigmoid(self.mean * shrink)
    }
}

/// A model of one person's taste.
pub trait Expert: Send {
    /// Learns one observation; `all` holds every observation up to and with it, oldest first.
    fn observe(&mut self, space: &Space, all: &[Observation]);
    /// Opinions of loops, as many as `loops`; `out` is cleared first.
    fn predict(&mut self, loops: &[Example], out: &mut Vec<Opinion>);
}

/// The logistic function.
#[must_use]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The logit, of a probability kept within 0.0005 to 0.9995.
#[must_use]
pub fn logit(p: f32) -> f32 {
    let p = p.clamp(5e-4, 1.0 - 5e-4);
    (p / (1.0 - p)).ln()
}
