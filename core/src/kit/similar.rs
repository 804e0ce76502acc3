//! Which sounds are alike: distances between normalised descriptors.
//!
//! Worker and builder threads.

use super::analysis::{Analysis, DESCRIPTORS};

/// Descriptors beyond this many deviations count as this many: one odd sound mustn't be far from all.
const CLIP: f32 = 3.0;
/// A row is padded to a multiple of eight, so that the distance loop vectorises.
const ROW: usize = DESCRIPTORS.next_multiple_of(8);

/// The normalised descriptors of a kit.
#[derive(Debug)]
pub(super) struct Space {
    rows: Vec<[f32; ROW]>,
}

impl Space {
    pub(super) fn of<'a>(analyses: impl Iterator<Item = &'a Analysis> + Clone) -> Self {
        let count = analyses.clone().count().max(1) as f64;
        let mut mean = [0.0f64; DESCRIPTORS];
        let mut square = [0.0f64; DESCRIPTORS];
        for analysis in analyses.clone() {
            for ((m, s), &d) in mean.iter_mut().zip(&mut square).zip(&analysis.descriptors) {
                *m += f64::from(d) / count;
                *s += f64::from(d).powi(2) / count;
            }
        }
        let rows = analyses
            .map(|analysis| {
                let mut row = [0.0; ROW];
                for (i, slot) in row.iter_mut().take(DESCRIPTORS).enumerate() {
                    let deviation = (square[i] - mean[i] * mean[i]).max(0.0).sqrt() + 1e-6;
                    let z = (f64::from(analysis.descriptors[i]) - mean[i]) / deviation;
                    *slot = (z as f32).clamp(-CLIP, CLIP);
                }
                row
            })
            .collect();
        Self { rows }
    }

    pub(super) fn nearest(&self, index: usize, among: &[u32], n: usize) -> Vec<u32> {
        let Some(row) = self.rows.get(index) else { return Vec::new() };
        let mut found: Vec<(f32, u32)> = among
            .iter()
            .filter(|&&at| at as usize != index)
            .filter_map(|&at| Some((square_distance(row, self.rows.get(at as usize)?), at)))
            .collect();
        let order = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if n < found.len() {
            found.select_nth_unstable_by(n, order);
            found.truncate(n);
        }
        found.sort_unstable_by(order);
        found.into_iter().map(|(_, at)| at).collect()
    }

    pub(super) fn distance(&self, a: usize, b: usize) -> f32 {
        match (self.rows.get(a), self.rows.get(b)) {
            (Some(a), Some(b)) => square_distance(a, b).sqrt(),
            _ => f32::INFINITY,
        }
    }
}

fn square_distance(a: &[f32; ROW], b: &[f32; ROW]) -> f32 {
    let mut sum = [0.0f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sum[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    sum.iter().sum()
}
