//! The learned model: experts behind one interface, mixed by how well each predicted the
//! judgements before it saw them ([`ensemble`]).
//!
//! Worker thread. Everything is rebuilt from the log of judgements; no clock, no files.
//!
//! An [`Expert`] sees [`Example`]s (loops as heard) and [`Observation`]s (what was said of them), and has an
//! [`Opinion`] of any loop.

pub(crate) mod along;
pub mod calibrate;
pub(crate) mod dissect;
pub mod drift;
pub(crate) mod ensemble;
pub(crate) mod gp;
mod laplace;
pub mod mix;
pub mod neural;
pub mod nn;
pub mod particles;

use crate::features::{Candidate, Dense, Heard, Space, phases::Phases};

/// A loop as the experts see it.
#[derive(Clone, Debug)]
pub(crate) struct Example {
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
    pub(crate) fn new(space: &Space, candidate: &Candidate) -> Self {
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
pub(crate) struct Observation {
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
    /// It was not proposed and not judged: something that is loved as a whole, for whatever it is.
    pub reference: bool,
}

/// What an expert thinks of a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Opinion {
    /// P(like), 0 to 1, with the expert's uncertainty averaged over.
    pub p: f32,
    /// The standard deviation of that probability.
    pub sd: f32,
    /// A careful score on the logit scale, about −6 to 6: what a search may count on.
    pub worth: f32,
}

/// A normal belief about the logit of P(like).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Latent {
    /// Its mean.
    pub mean: f32,
    /// Its standard deviation.
    pub sd: f32,
}

impl Latent {
    /// Standard deviations that a careful score is lowered by.
    const CAUTION: f32 = 0.5;

    /// P(like) with the uncertainty averaged over (MacKay 1992, the probit approximation).
    #[must_use]
    pub(crate) fn probability(self) -> f32 {
        let shrink = 1.0 / (1.0 + std::f32::consts::PI / 8.0 * self.sd * self.sd).sqrt();
        sigmoid(self.mean * shrink)
    }
}

impl From<Latent> for Opinion {
    fn from(latent: Latent) -> Self {
        let p = latent.probability();
        let worth = (latent.mean - Latent::CAUTION * latent.sd).clamp(-6.0, 6.0);
        Self { p, sd: latent.sd * p * (1.0 - p), worth }
    }
}

/// A model of one person's taste. The same judgements in the same order always give the same opinions.
pub(crate) trait Expert: Send {
    /// Learns one judgement.
    fn observe(&mut self, observation: &Observation);
    /// Opinions of loops, one for each, in their order.
    fn opinions(&self, examples: &[Example]) -> Vec<Opinion>;
    /// Whether it reads how much of each hit there is, and not only whether there is one.
    fn is_smooth(&self) -> bool {
        false
    }
    /// Its logit and its exact slopes on the way to a loop, where it is smooth.
    fn along(&self, way: &along::Way<'_>) -> Option<along::Along> {
        let _ = way;
        None
    }
    /// One unit (at most about 20 ms) of background work; false when there is none. It changes no opinion
    /// except at points that the judgements alone decide.
    fn work(&mut self) -> bool {
        false
    }
    /// Taste has moved: what was said so far counts only `share` of what it did. An expert that can't
    /// forget goes on as it is.
    fn doubt(&mut self, share: f32) {
        let _ = share;
    }
    /// Forgets all judgements: as it was made.
    fn reset(&mut self);
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
