//! Which sounds are alike: distances between normalised descriptors.
//!
//! Worker and builder threads.

use super::analysis::{Analysis, DESCRIPTORS};

/// Descriptors beyond this many deviations count as this many: one odd sound mustn't be far from all.
const CLIP: f32 = 3.0;
/// A row is padded to a multiple of eight, so that the distance loop vectorises.
const ROW: usize = DESCRIPTORS.next_multiple_of(8);

/// How far a walk through a role looks ahead.
const AHEAD: usize = 256;
/// The descriptor by which a walk goes on the whole: the centroid.
const BRIGHTNESS: usize = 4;

/// The normalised descriptors of a kit.
#[derive(Debug)]
pub(super) struct DescriptorSpace {
    rows: Vec<[f32; ROW]>,
    /// Mean and deviation of each descriptor over the kit.
    scale: [(f64, f64); DESCRIPTORS],
}

impl DescriptorSpace {
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
        let rows = analyses.map(|analysis| row_of(&analysis.descriptors, &scale)).collect();
        Self { rows, scale }
    }

    /// The one that sounds most like a sound that needn't be of the kit.
    pub(super) fn most_like(&self, descriptors: &[f32; DESCRIPTORS], among: &[u32]) -> Option<u32> {
        let row = row_of(descriptors, &self.scale);
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

    /// All of `among` in an order in which neighbours are alike: from the darkest on, always to the nearest
    /// that is left. Of large roles only the next [`AHEAD`] in the order of brightness are looked at, so
    /// that it takes some milliseconds whatever the size; none is left behind by more than that.
    pub(super) fn walk(&self, among: &[u32]) -> Vec<u32> {
        let row = |at: u32| self.rows.get(at as usize);
        let mut left: Vec<u32> = among.iter().copied().filter(|&at| row(at).is_some()).collect();
        let brightness = |at: u32| row(at).map_or(0.0, |row| row[BRIGHTNESS]);
        left.sort_by(|&a, &b| brightness(a).total_cmp(&brightness(b)).then(a.cmp(&b)));
        let mut left: std::collections::VecDeque<u32> = left.into();
        let mut walk = Vec::with_capacity(left.len());
        let mut waited = 0;
        let mut here = left.pop_front();
        while let Some(at) = here {
            walk.push(at);
            let ahead = left.iter().take(AHEAD).enumerate();
            let far = |other: u32| match (row(at), row(other)) {
                (Some(a), Some(b)) => square_distance(a, b),
                _ => f32::INFINITY,
            };
            let nearest = ahead.min_by(|a, b| far(*a.1).total_cmp(&far(*b.1))).map_or(0, |(place, _)| place);
            // The darkest that is left must not wait for ever.
            let next = if waited >= AHEAD { 0 } else { nearest };
            waited = if next == 0 { 0 } else { waited + 1 };
            here = left.remove(next);
        }
        walk
    }

    pub(super) fn distance(&self, a: usize, b: usize) -> f32 {
        match (self.rows.get(a), self.rows.get(b)) {
            (Some(a), Some(b)) => square_distance(a, b).sqrt(),
            _ => f32::INFINITY,
        }
    }
}

fn row_of(descriptors: &[f32; DESCRIPTORS], scale: &[(f64, f64); DESCRIPTORS]) -> [f32; ROW] {
    let mut row = [0.0; ROW];
    for ((slot, &x), (mean, deviation)) in row.iter_mut().zip(descriptors).zip(scale) {
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
        let Some(kit) = factory::kit_named("Analog Club") else { panic!("no such kit") };
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
    fn remembered_neighbours_are_the_nearest() {
        let kit = kit();
        for index in 0..kit.samples().len() {
            for _ in 0..2 {
                assert_eq!(kit.neighbours(index), kit.nearest(index, super::super::NEIGHBOURS));
            }
        }
        assert!(kit.neighbours(10_000).is_empty());
    }

    #[test]
    fn stepping_visits_every_sound_of_the_role_once_and_neighbours_are_alike() {
        let kit = factory::kit();
        for role in crate::kit::Role::ALL {
            let members = kit.of_role(role);
            let mut at = members[0];
            let (mut seen, mut steps, mut chance) = (std::collections::BTreeSet::new(), 0.0, 0.0);
            for (turn, &other) in members.iter().enumerate() {
                seen.insert(at);
                let next = kit.beside(at as usize, 1).unwrap();
                assert_eq!(kit.beside(next as usize, -1), Some(at));
                steps += kit.distance(at as usize, next as usize);
                chance += kit.distance(other as usize, members[(turn + 1) % members.len()] as usize);
                at = next;
            }
            assert_eq!((seen.len(), at), (members.len(), members[0]), "{}", role.label());
            assert!(steps < 0.85 * chance, "{}: {steps} of {chance}", role.label());
        }
        assert_eq!(kit.beside(usize::MAX, 1), None);
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
        assert_eq!(kit.most_like(&kit.samples()[5].analysis.descriptors, original.role), Some(5));
    }
}
