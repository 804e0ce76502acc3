//! What a listener likes, as a number: likeness to grooves, rules, sounds, and combinations of them.
//!
//! Study and test threads. Pure functions; the number has no unit, see [`super::Listener`] for how it
//! becomes a probability.

use super::grooves::{Style, levels};
use super::hearing::{Bar, Heard, LAYERS, STEPS};
use super::rules::Rule;

/// How a listener compares a layer with the one in his or her ears; 0 (nothing alike) to 1 (the same).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Shared over all onsets (Jaccard).
    Shared,
    /// Shared over all level (Ruzicka): accents and ghost notes count.
    Levels,
    /// Each onset by its circular distance to the nearest of the other, so that near misses count.
    Nearby,
}

impl Likeness {
    fn of(self, heard: &[f32; STEPS], on: u16, wanted: &[f32; STEPS]) -> f32 {
        let want = wanted.iter().enumerate().fold(0u16, |m, (s, l)| if *l > 0.0 { m | 1 << s } else { m });
        if want == 0 {
            return if on == 0 { 1.0 } else { 0.0 };
        }
        match self {
            Self::Shared => (on & want).count_ones() as f32 / (on | want).count_ones() as f32,
            Self::Levels => {
                let (mut least, mut most) = (0.0, 0.0);
                for (a, b) in heard.iter().zip(wanted) {
                    least += a.min(*b);
                    most += a.max(*b);
                }
                least / most
            }
            Self::Nearby => 0.5 * (nearness(on, want) + nearness(want, on)),
        }
    }
}

/// Mean over the onsets of `from` of how near the nearest onset of `to` is; 0 for none.
fn nearness(from: u16, to: u16) -> f32 {
    let at = |mask: u16| (0..STEPS).filter(move |s| mask >> s & 1 == 1);
    let n = from.count_ones();
    if n == 0 || to == 0 {
        return 0.0;
    }
    let sum: f32 = at(from)
        .map(|a| {
            let d = at(to).map(|b| a.abs_diff(b).min(STEPS - a.abs_diff(b))).min().unwrap_or(STEPS) as f32;
            (-(d / 0.8).powi(2)).exp()
        })
        .sum();
    sum / n as f32
}

/// A taste.
#[derive(Clone, Debug)]
pub enum Taste {
    /// Likeness to the best variant of a style, layers weighted.
    Groove {
        /// The grooves.
        variants: Vec<[[f32; STEPS]; LAYERS]>,
        /// Weights of the layers; they sum to 1.
        weights: [f32; LAYERS],
        /// How layers are compared.
        likeness: Likeness,
    },
    /// A rule.
    Rule(Rule),
    /// The mean of a value of the sounds, in all layers or one.
    Sound {
        /// A value for each sound of the kit.
        value: Vec<f32>,
        /// Only sounds of this layer.
        layer: Option<usize>,
    },
    /// Several at once, each standardised first.
    Several {
        /// The parts.
        parts: Vec<Standardised>,
        /// How they join.
        join: Join,
    },
    /// One taste that turns into another while ratings are given.
    Drifting {
        /// Before.
        from: Box<Standardised>,
        /// Afterwards.
        to: Box<Standardised>,
        /// The rating at which it begins to turn, and the one at which it has turned.
        during: (usize, usize),
    },
}

/// How several tastes join.
#[derive(Clone, Debug, PartialEq)]
pub enum Join {
    /// Both must please: the worse one counts.
    And,
    /// Either pleases: the better one counts.
    Or,
    /// A weighted sum.
    Weighted(Vec<f32>),
}

/// A taste with its mean and standard deviation over reference loops.
#[derive(Clone, Debug)]
pub struct Standardised {
    taste: Taste,
    mean: f32,
    sd: f32,
}

impl Standardised {
    /// Standardises a taste over reference loops as this listener hears them.
    #[must_use]
    pub fn new(taste: Taste, reference: &[Heard]) -> Self {
        let scores: Vec<f32> = reference.iter().map(|h| taste.score(h, 0)).collect();
        let (mean, sd) = mean_sd(&scores);
        Self { taste, mean, sd: sd.max(1e-4) }
    }

    fn score(&self, heard: &Heard, rating: usize) -> f32 {
        (self.taste.score(heard, rating) - self.mean) / self.sd
    }
}

/// Mean and standard deviation.
#[must_use]
pub fn mean_sd(values: &[f32]) -> (f32, f32) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
    let variance = values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n;
    (mean as f32, variance.sqrt() as f32)
}

impl Taste {
    /// Likeness to a style.
    #[must_use]
    pub fn style(style: &Style, weights: [f32; LAYERS], likeness: Likeness) -> Self {
        Self::Groove { variants: style.variants.iter().map(levels).collect(), weights, likeness }
    }

    /// How good a loop is to this taste, after so many ratings. Larger is better.
    #[must_use]
    pub fn score(&self, heard: &Heard, rating: usize) -> f32 {
        match self {
            Self::Groove { variants, weights, likeness } => {
                let one = |bar: &Bar, groove: &[[f32; STEPS]; LAYERS]| -> f32 {
                    (0..LAYERS).map(|k| weights[k] * likeness.of(&bar.level[k], bar.on[k], &groove[k])).sum()
                };
                // The variant is chosen for the whole loop, not bar by bar.
                variants.iter().map(|groove| heard.over_bars(|bar| one(bar, groove))).fold(0.0, f32::max)
            }
            Self::Rule(rule) => rule(heard),
            Self::Sound { value, layer } => heard.mean_sound(value, *layer),
            Self::Several { parts, join } => {
                let scores = parts.iter().map(|p| p.score(heard, rating));
                match join {
                    Join::And => scores.fold(f32::INFINITY, f32::min),
                    Join::Or => scores.fold(f32::NEG_INFINITY, f32::max),
                    Join::Weighted(weights) => scores.zip(weights).map(|(s, w)| s * w).sum(),
                }
            }
            Self::Drifting { from, to, during } => {
                let span = during.1.saturating_sub(during.0).max(1) as f32;
                let turned = (rating.saturating_sub(during.0) as f32 / span).min(1.0);
                (1.0 - turned) * from.score(heard, rating) + turned * to.score(heard, rating)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> ([f32; STEPS], u16) {
        let mut levels = [0.0; STEPS];
        let mut on = 0;
        for (s, c) in text.bytes().enumerate() {
            levels[s] = super::super::grooves::level(c);
            on |= u16::from(levels[s] > 0.2) << s;
        }
        (levels, on)
    }

    #[test]
    fn likeness_is_one_for_the_same_and_falls_with_distance() {
        let (wanted, _) = row("X..x..X...x.x...");
        for likeness in [Likeness::Shared, Likeness::Levels, Likeness::Nearby] {
            let at = |text| {
                let (levels, on) = row(text);
                likeness.of(&levels, on, &wanted)
            };
            assert!((at("X..x..X...x.x...") - 1.0).abs() < 1e-6);
            assert!(at("X..x..X...x.....") < 1.0);
            assert!(at("X..x..X...x.....") > at("X.............x."));
        }
    }

    #[test]
    fn near_misses_count_only_for_those_who_hear_them_so() {
        let (wanted, _) = row("X...X...X...X...");
        let (late, on) = row(".X...X...X...X..");
        assert_eq!(Likeness::Shared.of(&late, on, &wanted), 0.0);
        assert!(Likeness::Nearby.of(&late, on, &wanted) > 0.15);
    }
}
