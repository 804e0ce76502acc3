//! The prior over tastes: which hypotheses are thought of before anything was judged.

use super::hypothesis::{Figure, Hypothesis, Join, Leaning, MAX_TERMS, Op, Shape, Term, TermKind};
use crate::features::phases::in_all_rows;
use crate::features::styles::Row;
use crate::features::{
    ACCENTS, AUDIBLE, BY_CENTROID, BY_ROLE, Group, Heard, LANES, SOUND_TRAITS, STRONG, Styles,
};
use crate::pattern::Role;
use crate::rng::Rng;

/// Figures by style and layer, and the reference loops that set the scale of every term.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// `[style][layer]`: low, mid, bright.
    styles: Vec<[Vec<Row>; 3]>,
    /// Loops of the prior; a term is measured in their standard deviations.
    pub reference: Vec<Heard>,
}

/// How often a rating may be a slip. Larger ones let a hypothesis explain likes away (docs/learning.md).
pub(crate) const SLIPS: [f32; 3] = [0.02, 0.04, 0.08];

/// Metric places that rules speak of.
const PLACES: [u16; 14] = [
    0x0001, 0x1111, 0x4444, 0xaaaa, 0x1010, 0x0101, 0x0100, 0xf000, 0x00ff, 0xff00, 0x5555, 0x8888, 0x2222,
    0x0011,
];

impl Dictionary {
    /// The dictionary of a set of styles.
    #[must_use]
    pub fn new(styles: &Styles, reference: Vec<Heard>) -> Self {
        const LAYERS: [&[Role]; 3] = [
            &[Role::Kick],
            &[Role::Snare, Role::Snare, Role::Clap, Role::Percussion],
            &[Role::ClosedHat, Role::ClosedHat, Role::OpenHat, Role::Percussion],
        ];
        let of_style = |style: &crate::features::styles::DrumStyle| {
            LAYERS.map(|roles| {
                let rows = roles.iter().flat_map(|&role| style.rows(role).iter().copied());
                rows.collect::<Vec<Row>>()
            })
        };
        Self { styles: styles.all().iter().map(of_style).collect(), reference }
    }

    /// A row of a layer of a style, its uncertain cells decided.
    pub fn row(&self, style: usize, layer: usize, rng: &mut Rng) -> u16 {
        let Some(row) = self.styles.get(style).and_then(|layers| rng.pick(&layers[layer.min(2)])) else {
            return 0x1111;
        };
        // Ghosts and "maybe"s are part of the figure as a whole or not at all.
        row.phases(if rng.chance(0.5) { 0.9 } else { 0.45 })
    }

    /// A row of a layer of any style.
    pub(crate) fn any_row(&self, layer: usize, rng: &mut Rng) -> u16 {
        let style = rng.below(self.styles.len());
        self.row(style, layer, rng)
    }

    fn hearing(rng: &mut Rng) -> u8 {
        const CHOICES: [(usize, f32); 5] =
            [(AUDIBLE, 0.45), (BY_ROLE, 0.2), (BY_CENTROID, 0.2), (STRONG, 0.08), (ACCENTS, 0.07)];
        let at = rng.weighted(&CHOICES.map(|(_, weight)| weight)).unwrap_or(0);
        CHOICES[at].0 as u8
    }

    /// A figure of a style, of a metric place, or of any one lane.
    pub fn figure(&self, rng: &mut Rng) -> Figure {
        let mut figure = Figure {
            target: 0,
            origin: 0,
            weights: [0.0; 4],
            extra: log_uniform(rng, 0.12, 1.2),
            missing: log_uniform(rng, 0.3, 1.2),
            tolerant: rng.chance(0.3),
            hearing: Self::hearing(rng),
            join: Join::Mean,
        };
        let kind = rng.unit();
        if kind < 0.65 {
            let style = rng.below(self.styles.len());
            for layer in 0..3 {
                let row =
                    if rng.chance(0.2) { self.any_row(layer, rng) } else { self.row(style, layer, rng) };
                figure.target |= u64::from(row) << (16 * layer);
                figure.weights[layer] = if rng.chance(0.78) { 0.2 + rng.unit() } else { 0.0 };
            }
            figure.weights[rng.below(3)] += 0.3;
            figure.join = if rng.chance(0.2) { Join::Least } else { Join::Mean };
        } else if kind < 0.88 {
            let rows = 1 + usize::from(rng.chance(0.25));
            for _ in 0..rows {
                let layer = rng.below(4);
                let place = self.place(rng);
                figure.target &= !(0xffff << (16 * layer));
                figure.target |= u64::from(place) << (16 * layer);
                let not = rng.chance(0.2);
                figure.weights[layer] = if not { -1.0 } else { 0.5 + rng.unit() };
            }
            figure.extra = log_uniform(rng, 0.05, 1.2);
        } else {
            let row = self.any_row(rng.below(3), rng);
            figure.target = in_all_rows(row);
            figure.weights = [0.25; 4];
            figure.join = Join::BestLane;
            figure.hearing = LANES as u8;
        }
        let total: f32 = figure.weights.iter().map(|weight| weight.abs()).sum();
        figure.weights.iter_mut().for_each(|weight| *weight /= total.max(1e-3));
        figure.origin = figure.target;
        figure
    }

    fn place(&self, rng: &mut Rng) -> u16 {
        let kind = rng.unit();
        if kind < 0.55 {
            PLACES[rng.below(PLACES.len())]
        } else if kind < 0.8 {
            let cells = 1 + rng.below(4);
            (0..cells).fold(0, |row, _| row | 1 << rng.below(16))
        } else {
            // A step every `gap` phases.
            let gap = 2 + rng.below(5);
            let from = rng.below(gap);
            (from..16).step_by(gap).fold(0, |row, at| row | 1 << at)
        }
    }

    /// A measure, drawn by group first so that a group with many measures is not favoured.
    pub fn measure(rng: &mut Rng) -> u16 {
        const GROUPS: [f32; 5] = [0.40, 0.15, 0.18, 0.10, 0.17];
        let group = Group::ALL[rng.weighted(&GROUPS).unwrap_or(0)];
        Self::measure_of(group, rng)
    }

    fn measure_of(group: Group, rng: &mut Rng) -> u16 {
        let range = group.range();
        if group == Group::Sound {
            // Plain traits, clusters, directions, families, whole-kit and by-layer measures.
            const PARTS: [(usize, usize, f32); 6] = [
                (0, 12, 0.42),
                (12, 24, 0.12),
                (24, 34, 0.08),
                (34, 46, 0.10),
                (SOUND_TRAITS, SOUND_TRAITS + 8, 0.13),
                (SOUND_TRAITS + 8, SOUND_TRAITS + 20, 0.15),
            ];
            let (from, to, _) = PARTS[rng.weighted(&PARTS.map(|part| part.2)).unwrap_or(0)];
            return (from + rng.below(to - from)) as u16;
        }
        (range.start + rng.below(range.len())) as u16
    }

    /// A leaning on one measure or a few.
    pub(crate) fn leaning(rng: &mut Rng) -> Leaning {
        let first = Self::measure(rng);
        let group = Group::of(usize::from(first));
        let count = match rng.unit() {
            u if u < 0.6 => 1,
            u if u < 0.88 => 2,
            _ => 3,
        };
        let mut leaning = Leaning { measures: [first; 3], weights: [0.0; 3], count, shape: Shape::Line };
        for at in 0..usize::from(count) {
            if at > 0 {
                leaning.measures[at] =
                    if rng.chance(0.6) { Self::measure_of(group, rng) } else { Self::measure(rng) };
            }
            let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
            leaning.weights[at] = sign * rng.range(0.5, 1.2);
        }
        if rng.chance(0.25) {
            leaning.shape = Shape::Near(1.1 * rng.normal());
            leaning.weights[0] = leaning.weights[0].abs();
        }
        leaning
    }

    /// A term in standard units.
    pub fn term(&self, kind: TermKind, weight: f32) -> Term {
        let mut term = Term { kind, mean: 0.0, scale: 1.0, weight };
        term.standardise(&self.reference);
        term
    }

    /// A taste in standard units.
    pub fn draw(&self, rng: &mut Rng) -> Hypothesis {
        let mut drawn = self.sketch(rng);
        self.standardise(&mut drawn);
        drawn
    }

    /// Brings the terms of a sketch into standard units.
    pub fn standardise(&self, hypothesis: &mut Hypothesis) {
        let count = usize::from(hypothesis.count);
        hypothesis.terms[..count].iter_mut().for_each(|term| term.standardise(&self.reference));
    }

    /// A taste whose terms are not in standard units yet: cheap, and it takes as many random numbers.
    pub(crate) fn sketch(&self, rng: &mut Rng) -> Hypothesis {
        let blank = Term {
            kind: TermKind::Leaning(Leaning {
                measures: [0; 3],
                weights: [0.0; 3],
                count: 0,
                shape: Shape::Line,
            }),
            mean: 0.0,
            scale: 1.0,
            weight: 0.0,
        };
        let mut terms = [blank; MAX_TERMS];
        let kind = rng.unit();
        let (figures, leanings, op) = if kind < 0.44 {
            (1, 0, Op::Sum)
        } else if kind < 0.74 {
            (0, 1, Op::Sum)
        } else if kind < 0.90 {
            (1, 1, if rng.chance(0.55) { Op::And } else { Op::Sum })
        } else if kind < 0.96 {
            (0, 2, Op::And)
        } else {
            (2, 0, Op::Or)
        };
        let mut count = 0;
        for _ in 0..figures {
            terms[count].kind = TermKind::Figure(self.figure(rng));
            terms[count].weight = rng.range(0.6, 1.2);
            count += 1;
        }
        for _ in 0..leanings {
            terms[count].kind = TermKind::Leaning(Self::leaning(rng));
            terms[count].weight = rng.range(0.5, 1.0);
            count += 1;
        }
        Hypothesis {
            terms,
            count: count as u8,
            op,
            threshold: rng.range(-0.2, 3.0),
            steepness: 1.0 / log_uniform(rng, 0.12, 0.7),
            slip: SLIPS[rng.below(3)],
        }
    }
}

/// A number whose logarithm is uniform.
fn log_uniform(rng: &mut Rng, low: f32, high: f32) -> f32 {
    (low.ln() + (high / low).ln() * rng.unit()).exp()
}
