//! A forest of extremely randomised trees (Geurts, Ernst and Wehenkel 2006): what tells two sets apart.
//!
//! Tool threads. Small and deterministic: a few hundred rows of some hundred numbers.

use deepdrummer_core::rng::Rng;

/// Trees of a forest, and the fewest rows of a leaf.
const TREES: usize = 300;
const LEAF: usize = 3;

enum Node {
    Leaf(f32),
    Split { feature: usize, below: f32, left: usize, right: usize },
}

struct Tree(Vec<Node>);

/// The forest.
pub(super) struct Forest(Vec<Tree>);

impl Forest {
    /// Grows a forest on rows and what they are; both classes weigh the same.
    #[must_use]
    pub(super) fn grow(rows: &[Vec<f32>], is_second: &[bool], rng: &mut Rng) -> Self {
        let seconds = is_second.iter().filter(|second| **second).count().max(1) as f32;
        let firsts = (is_second.len() as f32 - seconds).max(1.0);
        let weights = [0.5 / firsts, 0.5 / seconds];
        let all: Vec<usize> = (0..rows.len()).collect();
        Self(
            (0..TREES)
                .map(|_| {
                    let mut tree = Tree(Vec::new());
                    let mut own = all.clone();
                    tree.grow(&mut own, rows, is_second, weights, rng);
                    tree
                })
                .collect(),
        )
    }

    /// How much a row looks like the second class, 0 to 1.
    #[must_use]
    pub(super) fn ask(&self, row: &[f32]) -> f32 {
        let sum: f32 = self.0.iter().map(|tree| tree.ask(row)).sum();
        sum / self.0.len().max(1) as f32
    }
}

impl Tree {
    fn grow(
        &mut self,
        own: &mut [usize],
        rows: &[Vec<f32>],
        is_second: &[bool],
        weights: [f32; 2],
        rng: &mut Rng,
    ) -> usize {
        let at = self.0.len();
        let share = |own: &[usize]| {
            let second = own.iter().filter(|row| is_second[**row]).count() as f32;
            let (a, b) = ((own.len() as f32 - second) * weights[0], second * weights[1]);
            (b / (a + b).max(1e-12), a + b)
        };
        let (p, _) = share(own);
        self.0.push(Node::Leaf(p));
        if own.len() < 2 * LEAF || p <= 0.0 || p >= 1.0 {
            return at;
        }
        let width = rows.first().map_or(0, Vec::len);
        let tries = (width as f32).sqrt().ceil() as usize;
        let mut best: Option<(f32, usize, f32)> = None;
        let mut tried = 0;
        for _ in 0..4 * tries {
            if tried == tries {
                break;
            }
            let feature = rng.below(width);
            let values = own.iter().map(|row| rows[*row][feature]);
            let (low, high) =
                values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
            if high <= low {
                continue;
            }
            tried += 1;
            let below = low + (high - low) * rng.unit().max(1e-6);
            let (mut left, mut right) = ([0.0f32; 2], [0.0f32; 2]);
            let mut lefts = 0;
            for row in own.iter() {
                let class = usize::from(is_second[*row]);
                if rows[*row][feature] < below {
                    left[class] += weights[class];
                    lefts += 1;
                } else {
                    right[class] += weights[class];
                }
            }
            if lefts < LEAF || own.len() - lefts < LEAF {
                continue;
            }
            let impurity = |[a, b]: [f32; 2]| a * b / (a + b).max(1e-12);
            let score = impurity(left) + impurity(right);
            if best.is_none_or(|(least, ..)| score < least) {
                best = Some((score, feature, below));
            }
        }
        let Some((_, feature, below)) = best else { return at };
        let mut split = 0;
        for row in 0..own.len() {
            if rows[own[row]][feature] < below {
                own.swap(row, split);
                split += 1;
            }
        }
        let (lefts, rights) = own.split_at_mut(split);
        let left = self.grow(lefts, rows, is_second, weights, rng);
        let right = self.grow(rights, rows, is_second, weights, rng);
        self.0[at] = Node::Split { feature, below, left, right };
        at
    }

    fn ask(&self, row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            match self.0[at] {
                Node::Leaf(p) => return p,
                Node::Split { feature, below, left, right } => {
                    at = if row[feature] < below { left } else { right };
                }
            }
        }
    }
}

/// The chance that one of the second set scores above one of the first (Mann and Whitney 1947); ties count half.
#[must_use]
pub(super) fn area_under_roc(first: &[f32], second: &[f32]) -> f32 {
    let mut all: Vec<(f32, bool)> =
        first.iter().map(|v| (*v, false)).chain(second.iter().map(|v| (*v, true))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins) = (0.0f64, 0.0f64);
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let seconds = same.iter().filter(|of| of.1).count() as f64;
        let firsts = same.len() as f64 - seconds;
        wins += seconds * (below + 0.5 * firsts);
        below += firsts;
    }
    let pairs = first.len() as f64 * second.len() as f64;
    if pairs > 0.0 { (wins / pairs) as f32 } else { 0.5 }
}

/// The classifier two-sample test (Lopez-Paz and Oquab 2017): how well a forest tells two sets apart on rows that it
/// was not grown on, as an area under the curve; 0.5 is not at all. Rows of one piece are never on both sides.
#[must_use]
pub(super) fn told_apart(
    first: &[(u64, Vec<f32>)],
    second: &[(u64, Vec<f32>)],
    folds: usize,
    rng: &mut Rng,
) -> f32 {
    let fold_of = |piece: u64| Rng::stream(deepdrummer_core::units::Seed(piece), "fold", 0).below(folds);
    let all: Vec<(usize, bool, &Vec<f32>)> = first
        .iter()
        .map(|(piece, row)| (fold_of(*piece), false, row))
        .chain(second.iter().map(|(piece, row)| (fold_of(piece.wrapping_add(1 << 48)), true, row)))
        .collect();
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for fold in 0..folds {
        let (mut rows, mut classes) = (Vec::new(), Vec::new());
        for (_, class, row) in all.iter().filter(|(of, ..)| *of != fold) {
            rows.push((*row).clone());
            classes.push(*class);
        }
        let forest = Forest::grow(&rows, &classes, rng);
        for (_, class, row) in all.iter().filter(|(of, ..)| *of == fold) {
            let score = forest.ask(row);
            if *class { seconds.push(score) } else { firsts.push(score) }
        }
    }
    area_under_roc(&firsts, &seconds)
}
