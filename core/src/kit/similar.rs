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
    /// Mean and deviation of each descriptor over the kit.
    scale: [(f64, f64); DESCRIPTORS],
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
        let scale =
            std::array::from_fn(|i| (mean[i], (square[i] - mean[i] * mean[i]).max(0.0).sqrt() + 1e-6));
        let rows = analyses.map(|analysis| row_of(analysis, &scale)).collect();
        Self { rows, scale }
    }

    /// The one that sounds most like a sound that needn't be of the kit.
    pub(super) fn most_like(&self, analysis: &Analysis, among: &[u32]) -> Option<u32> {
        let row = row_of(analysis, &self.scale);
        let far =
            |at: u32| self.rows.get(at as usize).map_or(f32::INFINITY, |other| square_distance(&row, other));
        among.iter().copied().min_by(|&a, &b| far(a).total_cmp(&far(b)))
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

fn row_of(analysis: &Analysis, scale: &[(f64, f64); DESCRIPTORS]) -> [f32; ROW] {
    let mut row = [0.0; ROW];
    for ((slot, &x), (mean, deviation)) in row.iter_mut().zip(&analysis.descriptors).zip(scale) {
        *slot = (((f64::from(x) - mean) / deviation) as f32).clamp(-CLIP, CLIP);
    }
    row
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

#[cfg(test)]
mod tests {
    use crate::kit::{Kit, factory};

    fn kit() -> Kit {
        let Some(kit) = factory::kit_named("Analog Club", &|_, _| {}) else { panic!("no such kit") };
        kit
    }

    #[test]
    fn neighbours_are_of_the_same_role_nearest_first_and_never_the_sound_itself() {
        let kit = kit();
        for index in 0..kit.samples().len() {
            let role = kit.samples()[index].role;
            let found = kit.nearest(index, 4);
            assert_eq!(found.len(), 4.min(kit.of_role(role).len() - 1));
            assert!(found.iter().all(|&at| at as usize != index && kit.samples()[at as usize].role == role));
            let far: Vec<f32> = found.iter().map(|&at| kit.distance(index, at as usize)).collect();
            assert!(far.is_sorted(), "{far:?}");
            // Nobody of the role who was left out is nearer.
            let last = far.last().copied().unwrap_or(0.0);
            for &other in kit.of_role(role) {
                let out = !found.contains(&other) && other as usize != index;
                assert!(!out || found.len() < 4 || kit.distance(index, other as usize) >= last);
            }
        }
        assert!(kit.nearest(10_000, 3).is_empty());
    }

    #[test]
    fn a_sound_that_differs_in_nothing_but_level_is_the_nearest() {
        use crate::kit::{Origin, Sample, SampleId};
        use std::sync::Arc;
        let kit = kit();
        let original = &kit.samples()[2];
        let mut audio = (*original.audio().unwrap()).clone();
        audio.left.iter_mut().for_each(|x| *x *= 0.8);
        let twin = Sample::decoded(SampleId(7), "twin".into(), original.role, Origin::Embedded, audio);
        let all = kit.samples().iter().cloned().chain([Arc::new(twin)]);
        let kit = Kit::new("with a twin", all);
        let at = kit.index_of(SampleId(7)).unwrap();
        assert_eq!(kit.nearest(2, 1), [at as u32]);
        assert_eq!(kit.most_like(&kit.samples()[5].analysis, original.role), Some(5));
    }
}
