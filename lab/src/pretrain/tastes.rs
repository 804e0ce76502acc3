//! Invented tastes and loops that the trunk is pretrained on.
//!
//! Tool and test threads. Tastes are random sums, conjunctions and alternatives of random terms over
//! grid, sounds and dynamics. They are made here and nowhere else: the simulated listeners of the study
//! have their own code, their own hearing and their own grooves, and none of it is used.

use deepdrummer_core::critic::neural::{SOUND, STEPS, Sounds};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::kit::analysis::DESCRIPTORS;
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, Role, Swing};
use deepdrummer_core::rng::Rng;

/// A row of sixteen levels, 0 to 1.
type Row = [f32; STEPS];

/// What a term sees of one loop.
pub(super) struct View {
    lanes: Vec<(Row, [f32; SOUND])>,
    swing: f32,
}

impl View {
    pub(super) fn new(l: &Loop, kit: &Kit, sounds: &Sounds) -> Self {
        let lanes = l
            .lanes()
            .iter()
            .filter_map(|lane| {
                let sound = sounds.values()[kit.index_of(lane.sample)?];
                let mut row = [0.0; STEPS];
                for (to, hit) in row.iter_mut().zip(&lane.hits) {
                    *to = f32::from(hit.velocity) / 127.0;
                }
                Some((row, sound))
            })
            .collect();
        Self { lanes, swing: l.swing.delay_steps() as f32 }
    }

    fn hits(&self) -> f32 {
        self.lanes.iter().flat_map(|(row, _)| row).filter(|v| **v > 0.0).count() as f32
    }

    /// The loudest of the chosen lanes at each step.
    fn row(&self, chosen: &Chooser) -> Row {
        let mut out = [0.0f32; STEPS];
        for (row, _) in self.lanes.iter().filter(|(_, sound)| chosen.takes(sound)) {
            for (to, v) in out.iter_mut().zip(row) {
                *to = to.max(*v);
            }
        }
        out
    }
}

/// Chooses sounds by a random direction in descriptor space.
pub(super) struct Chooser {
    direction: [f32; SOUND],
    above: f32,
}

impl Chooser {
    fn random(sounds: &Sounds, rng: &mut Rng) -> Self {
        let mut direction = [0.0; SOUND];
        match rng.below(3) {
            0 => direction[DESCRIPTORS + rng.below(3)] = 1.0,
            1 => direction[rng.below(DESCRIPTORS)] = if rng.chance(0.5) { 1.0 } else { -1.0 },
            _ => {
                for v in &mut direction[..DESCRIPTORS] {
                    if rng.chance(0.25) {
                        *v = rng.normal();
                    }
                }
            }
        }
        let mut along: Vec<f32> = sounds.values().iter().map(|s| dot(&direction, s)).collect();
        along.sort_by(f32::total_cmp);
        let at = (rng.range(0.3, 0.8) * along.len() as f32) as usize;
        Self { direction, above: along.get(at).copied().unwrap_or(0.0) }
    }

    fn takes(&self, sound: &[f32; SOUND]) -> bool {
        dot(&self.direction, sound) > self.above
    }
}

fn dot(a: &[f32; SOUND], b: &[f32; SOUND]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// A figure: an even (Euclidean) distribution turned to a random place, or hits drawn by the weight of
/// their metric position; accents on some.
pub(super) fn figure(rng: &mut Rng) -> Row {
    let mut row = [0.0; STEPS];
    if rng.chance(0.5) {
        let (hits, turn) = (1 + rng.below(11), rng.below(STEPS));
        for k in 0..hits {
            row[(k * STEPS / hits + turn * usize::from(rng.chance(0.97))) % STEPS] = 0.8;
        }
    } else {
        let lean = rng.range(-1.0, 2.0);
        let density = rng.range(0.1, 0.6);
        for (step, to) in row.iter_mut().enumerate() {
            let weight = match step {
                0 => 2.0,
                s if s % 8 == 0 => 1.5,
                s if s % 4 == 0 => 1.0,
                s if s % 2 == 0 => 0.0,
                _ => -1.0,
            };
            let odds = (density / (1.0 - density)) * (lean * weight * 0.7).exp();
            if rng.chance(odds / (1.0 + odds)) {
                *to = 0.8;
            }
        }
    }
    let softness = rng.range(0.0, 0.5);
    for v in row.iter_mut().filter(|v| **v > 0.0) {
        if rng.chance(softness) {
            *v = if rng.chance(0.5) { 0.4 } else { 1.0 };
        }
    }
    row
}

enum Term {
    /// A random set of steps, wanted and unwanted, for chosen sounds.
    Steps(Chooser, Row),
    /// Likeness to a figure for chosen sounds: shared level over all level.
    Figure(Chooser, Vec<Row>),
    /// The same with near misses counted.
    Nearby(Chooser, Row),
    /// A direction of the sounds, weighted by level.
    Sound([f32; SOUND]),
    /// Likeness to one sound.
    Reference([f32; SOUND]),
    /// Number of hits: fewer, more, or about so many.
    Hits(f32, Option<f32>),
    /// Likeness to itself turned by so many steps.
    Repeats(usize),
    /// How hard hits are: mean, spread, beats against the rest.
    Played([f32; 3]),
    /// Swing.
    Swung,
    /// Chosen sounds together with others, or apart.
    Together(Chooser, f32),
}

enum Join {
    Sum(Vec<f32>),
    And,
    Or,
}

/// An invented taste; its value has no unit.
pub(super) struct Taste {
    terms: Vec<(Term, f32, f32)>,
    join: Join,
}

impl Taste {
    /// Invents a taste; terms are standardised over reference loops.
    pub(super) fn random(sounds: &Sounds, reference: &[View], rng: &mut Rng) -> Self {
        let count = 1 + rng.weighted(&[0.35, 0.4, 0.25]).unwrap_or(0);
        let terms: Vec<(Term, f32, f32)> = (0..count)
            .map(|_| {
                let term = Term::random(sounds, rng);
                let values: Vec<f32> = reference.iter().map(|v| term.value(v)).collect();
                let n = values.len() as f32;
                let mean = values.iter().sum::<f32>() / n;
                let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
                (term, mean, sd.max(1e-4))
            })
            .collect();
        let join = match rng.below(10) {
            0..=4 => Join::Sum((0..count).map(|_| rng.range(0.4, 1.0)).collect()),
            5..=8 => Join::And,
            _ => Join::Or,
        };
        Self { terms, join }
    }

    pub(super) fn value(&self, view: &View) -> f32 {
        let z = self.terms.iter().map(|(term, mean, sd)| (term.value(view) - mean) / sd);
        match &self.join {
            Join::Sum(weights) => z.zip(weights).map(|(v, w)| v * w).sum(),
            Join::And => z.fold(f32::INFINITY, f32::min),
            Join::Or => z.fold(f32::NEG_INFINITY, f32::max),
        }
    }
}

impl Term {
    fn random(sounds: &Sounds, rng: &mut Rng) -> Self {
        let chooser = |rng: &mut Rng| Chooser::random(sounds, rng);
        match rng.weighted(&[0.16, 0.24, 0.12, 0.16, 0.06, 0.07, 0.05, 0.07, 0.02, 0.05]) {
            Some(0) => {
                let mut wanted = [0.0f32; STEPS];
                let away = -rng.range(0.0, 0.6);
                wanted.fill(away);
                match rng.below(3) {
                    0 => (0..STEPS).step_by(4).for_each(|s| wanted[s] = 1.0),
                    1 => {
                        let (from, by) = (rng.below(4), [2, 4, 8][rng.below(3)]);
                        (from..STEPS).step_by(by).for_each(|s| wanted[s] = 1.0);
                    }
                    _ => (0..1 + rng.below(5)).for_each(|_| wanted[rng.below(STEPS)] = 1.0),
                }
                Self::Steps(chooser(rng), wanted)
            }
            Some(1) => {
                let first = figure(rng);
                let mut all = vec![first];
                if rng.chance(0.4) {
                    let mut second = first;
                    (0..3).for_each(|_| {
                        let at = rng.below(STEPS);
                        second[at] = if second[at] > 0.0 { 0.0 } else { 0.8 };
                    });
                    all.push(second);
                }
                Self::Figure(chooser(rng), all)
            }
            Some(2) => Self::Nearby(chooser(rng), figure(rng)),
            Some(3) => {
                let mut direction = [0.0; SOUND];
                direction[rng.below(DESCRIPTORS)] = if rng.chance(0.5) { 1.0 } else { -1.0 };
                for v in &mut direction[..DESCRIPTORS] {
                    if rng.chance(0.08) {
                        *v += rng.normal();
                    }
                }
                Self::Sound(direction)
            }
            Some(4) => Self::Reference(sounds.values()[rng.below(sounds.values().len())]),
            Some(5) => {
                let about = rng.chance(0.5).then(|| rng.range(6.0, 36.0));
                Self::Hits(if rng.chance(0.6) { -1.0 } else { 1.0 }, about)
            }
            Some(6) => Self::Repeats([4, 8][rng.below(2)]),
            Some(7) => Self::Played(std::array::from_fn(|_| rng.normal())),
            Some(8) => Self::Swung,
            _ => Self::Together(chooser(rng), if rng.chance(0.5) { 1.0 } else { -1.0 }),
        }
    }

    fn value(&self, view: &View) -> f32 {
        match self {
            Self::Steps(chooser, wanted) => {
                let row = view.row(chooser);
                row.iter().zip(wanted).map(|(v, w)| if *v > 0.0 { *w } else { 0.0 }).sum()
            }
            Self::Figure(chooser, figures) => {
                let row = view.row(chooser);
                figures.iter().map(|figure| shared(&row, figure)).fold(0.0, f32::max)
            }
            Self::Nearby(chooser, figure) => {
                let blurred = |row: &Row| -> Row {
                    std::array::from_fn(|s| {
                        let near = row[(s + 1) % STEPS].max(row[(s + STEPS - 1) % STEPS]);
                        row[s].max(0.35 * near)
                    })
                };
                shared(&blurred(&view.row(chooser)), &blurred(figure))
            }
            Self::Sound(direction) => mean_of_sounds(view, |s| dot(direction, s)),
            Self::Reference(sound) => mean_of_sounds(view, |s| {
                let d: f32 = s.iter().zip(sound).map(|(a, b)| (a - b).powi(2)).sum();
                (-d / 25.0).exp()
            }),
            Self::Hits(sign, about) => match about {
                Some(n) => -(view.hits() - n).abs(),
                None => sign * view.hits(),
            },
            Self::Repeats(by) => {
                let same = view.lanes.iter().map(|(row, _)| {
                    (0..STEPS).filter(|&s| (row[s] > 0.0) == (row[(s + by) % STEPS] > 0.0)).count() as f32
                });
                same.sum::<f32>() / view.lanes.len().max(1) as f32
            }
            Self::Played(weights) => {
                let levels: Vec<(usize, f32)> = view
                    .lanes
                    .iter()
                    .flat_map(|(row, _)| row.iter().copied().enumerate())
                    .filter(|(_, v)| *v > 0.0)
                    .collect();
                let n = levels.len().max(1) as f32;
                let mean = levels.iter().map(|(_, v)| v).sum::<f32>() / n;
                let sd = (levels.iter().map(|(_, v)| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
                let beats = levels.iter().filter(|(s, _)| s % 4 == 0).map(|(_, v)| v - mean).sum::<f32>() / n;
                weights[0] * mean + 2.0 * weights[1] * sd + 4.0 * weights[2] * beats
            }
            Self::Swung => view.swing,
            Self::Together(chooser, sign) => {
                let inside = view.row(chooser);
                let mut all = [0u32; STEPS];
                for (row, _) in &view.lanes {
                    all.iter_mut().zip(row).for_each(|(n, v)| *n += u32::from(*v > 0.0));
                }
                let hits = inside.iter().filter(|v| **v > 0.0).count().max(1) as f32;
                let both = (0..STEPS).filter(|&s| inside[s] > 0.0 && all[s] > 1).count() as f32;
                sign * both / hits
            }
        }
    }
}

fn shared(a: &Row, b: &Row) -> f32 {
    let (mut least, mut most) = (0.0, 1e-3);
    for (x, y) in a.iter().zip(b) {
        least += x.min(*y);
        most += x.max(*y);
    }
    least / most
}

fn mean_of_sounds(view: &View, value: impl Fn(&[f32; SOUND]) -> f32) -> f32 {
    let (mut sum, mut weight) = (0.0, 1e-6);
    for (row, sound) in &view.lanes {
        let level: f32 = row.iter().sum();
        sum += level * value(sound);
        weight += level;
    }
    sum / weight
}

/// A loop of one bar: random cells, figures, or a mixture; three to six lanes.
pub(super) fn random_loop(kit: &Kit, rng: &mut Rng) -> Loop {
    let lanes = Role::default_lanes([4, 4, 6, 3][rng.below(4)]);
    let any = rng.chance(0.25);
    let kind = rng.below(3);
    let made: Vec<Lane> = lanes
        .iter()
        .map(|&role| {
            let of_role = kit.of_role(role);
            let at = match any || of_role.is_empty() {
                true => rng.below(kit.samples().len()),
                false => of_role[rng.below(of_role.len())] as usize,
            };
            let mut lane = Lane::empty(role, kit.samples()[at].id);
            let density = rng.range(0.0, 0.7);
            let row = if kind == 0 { [0.0; STEPS] } else { figure(rng) };
            for (hit, level) in lane.hits.iter_mut().zip(row) {
                let on = match kind {
                    0 => rng.chance(density),
                    1 => level > 0.0,
                    _ => (level > 0.0) ^ rng.chance(0.08),
                };
                if on {
                    let level = if level > 0.0 { level } else { 0.8 };
                    *hit = Hit::new((127.0 * level * rng.range(0.9, 1.0)) as u8);
                }
            }
            lane
        })
        .collect();
    let swing = if rng.chance(0.3) { Swing::from_percent(rng.range(50.0, 68.0)) } else { Swing::STRAIGHT };
    Loop::new(Grid::default(), swing, &made)
}

/// A small change: cells, a sound, a lane turned, a level, the swing.
pub(super) fn changed(from: &Loop, kit: &Kit, rng: &mut Rng) -> Loop {
    let mut l = *from;
    let count = l.lanes().len();
    let at = rng.below(count);
    match rng.below(10) {
        0..=3 => {
            for _ in 0..1 + rng.below(3) {
                let hit = &mut l.lanes_mut()[at].hits[rng.below(STEPS)];
                *hit = if hit.is_on() { Hit::NONE } else { Hit::new(100) };
            }
        }
        4..=6 => {
            let of_role = kit.of_role(l.lanes()[at].role);
            if let Some(&sample) = rng.pick(of_role) {
                l.lanes_mut()[at].sample = kit.samples()[sample as usize].id;
            }
        }
        7 => l.lanes_mut()[at].hits[..STEPS].rotate_right(1 + rng.below(STEPS - 1)),
        8 => {
            for hit in l.lanes_mut()[at].hits.iter_mut().filter(|h| h.is_on()) {
                hit.velocity = [50, 100, 127][rng.below(3)];
            }
        }
        _ => {
            let row = figure(rng);
            for (hit, level) in l.lanes_mut()[at].hits.iter_mut().zip(row) {
                *hit = if level > 0.0 { Hit::new((127.0 * level) as u8) } else { Hit::NONE };
            }
        }
    }
    l
}
