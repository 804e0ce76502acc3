//! Rhythm or sound: how much of a person's verdicts each explains (the question of Ritter et al. 2017, asked of a
//! person).
//!
//! Worker thread. Rhythms and sounds are crossed, every rhythm on every set of sounds, so that neither tells of the
//! other. Under each hypothesis of the posterior the variance of P(like) over that table is split into rows
//! (rhythm), columns (sound) and what neither explains alone (Fisher's analysis of variance; Sobol 1993); what they do
//! together is counted half to each. The share differs from hypothesis to hypothesis: that is its uncertainty.

use crate::critic::ensemble::Ensemble;
use crate::critic::particles::quick;
use crate::features::Candidate;

/// Rhythms and sets of sounds that are crossed.
pub(crate) const RHYTHMS: usize = 14;
pub(crate) const SOUNDS: usize = 10;
/// A hypothesis that hardly tells loops apart has no say.
const LEAST_VARIANCE: f32 = 1e-4;

/// How much of the verdicts the rhythm explains; the sounds explain the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RhythmShare {
    /// 0 (sounds alone) to 1 (rhythm alone).
    pub share: f32,
    /// One standard deviation of that over the posterior.
    pub sd: f32,
}

/// The share of rows of a table, row by row; `None` where hardly anything varies.
fn share_of_rows(table: &[f32], columns: usize) -> Option<f32> {
    let rows = table.len() / columns;
    let mean = table.iter().sum::<f32>() / table.len() as f32;
    let by_row: f32 = table
        .chunks_exact(columns)
        .map(|row| (row.iter().sum::<f32>() / columns as f32 - mean).powi(2))
        .sum::<f32>()
        / rows as f32;
    let by_column: f32 = (0..columns)
        .map(|at| (table.iter().skip(at).step_by(columns).sum::<f32>() / rows as f32 - mean).powi(2))
        .sum::<f32>()
        / columns as f32;
    let all = table.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / table.len() as f32;
    (all > LEAST_VARIANCE).then(|| ((by_row + 0.5 * (all - by_row - by_column)) / all).clamp(0.0, 1.0))
}

/// Over candidates that are crossed: [`SOUNDS`] to each of [`RHYTHMS`]. `None` where nothing is believed yet.
pub(crate) fn rhythm_share(model: &Ensemble, crossed: &[Candidate]) -> Option<RhythmShare> {
    let heard: Vec<_> = crossed.iter().map(|candidate| model.space.heard(candidate)).collect();
    let mut table = vec![0.0; heard.len()];
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for h in model.particles.panel() {
        table.iter_mut().zip(&heard).for_each(|(p, heard)| *p = quick::sigmoid(h.logit(heard)));
        if let Some(share) = share_of_rows(&table, SOUNDS) {
            sum += share;
            squares += share * share;
            count += 1.0;
        }
    }
    let share = sum / count;
    (count > 0.0).then(|| RhythmShare { share, sd: (squares / count - share * share).max(0.0).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_columns_and_what_both_do_are_told_apart() {
        let table = |of: &dyn Fn(usize, usize) -> f32| -> Vec<f32> {
            (0..6).flat_map(|row| (0..4).map(move |column| (row, column))).map(|(r, c)| of(r, c)).collect()
        };
        let share = |of: &dyn Fn(usize, usize) -> f32| share_of_rows(&table(of), 4);
        assert!(share(&|row, _| row as f32).unwrap() > 0.999);
        assert!(share(&|_, column| column as f32).unwrap() < 0.001);
        let both = share(&|row, column| f32::from(row < 3) * f32::from(column < 2)).unwrap();
        assert!((both - 0.5).abs() < 0.05, "{both}");
        assert_eq!(share(&|_, _| 0.5), None);
    }
}
