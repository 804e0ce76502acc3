//! How much loops before any rating look like published grooves.
//!
//! Called by the headless tool and by tests. Loops of a learner that was told nothing are laid beside
//! grooves that somebody else wrote, on four rows of sixteen phases, where sounds, velocities and swing
//! count for nothing. Two controls tell what the distances mean: loops without any musical prior, and
//! the published grooves with the hits of each row put anywhere. The grooves should be strangers to
//! `core/data/styles.toml`, which the learner draws from.

mod plot;
mod rows;
mod table;

pub use plot::plot;
pub use rows::{CLASSES, LAYERS, PHASES, Rows};
pub use table::table;

use crate::baselines::Contender;
use crate::listeners::Setting;
use crate::study::Factory;
use deepdrummer_core::features::Styles;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::Mode;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use rows::metric_class;
use serde::Serialize;
use std::sync::Arc;

/// Loops that one learner samples; another seed makes the next.
const SAMPLED_EACH: usize = 20;
/// First proposals of one learner, asked for before any answer.
const OPENING_EACH: usize = 4;

/// What is compared.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// Loops of each set but the openings, of which there are a fifth.
    pub loops: usize,
    /// Root of all randomness.
    pub seed: Seed,
    /// What loops look like.
    pub setting: Setting,
}

/// Why a style file cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub enum GroovesError {
    /// Distances among the grooves need two.
    #[error("comparing needs at least two grooves in sixteenths, not {0}")]
    TooFew(usize),
    /// A role that the style does not write would take another one's row.
    #[error(
        "the groove “{0}” has an open hat or percussion, not both: write the silent one as a row of dots"
    )]
    Lent(String),
}

/// A median between its quartiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quartiles {
    /// A quarter lies below.
    pub low: f32,
    /// The median.
    pub median: f32,
    /// A quarter lies above.
    pub high: f32,
}

impl Quartiles {
    fn of(values: &[f32]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f32::total_cmp);
        // Linear between neighbours, so that the median of an even count is the middle.
        let at = |q: f32| {
            let place = q * sorted.len().saturating_sub(1) as f32;
            let (below, part) = (place as usize, place.fract());
            let low = sorted.get(below).copied().unwrap_or(0.0);
            low + part * (sorted.get(below + 1).copied().unwrap_or(low) - low)
        };
        Self { low: at(0.25), median: at(0.5), high: at(0.75) }
    }
}

/// A set of loops or grooves described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Described {
    /// What they are.
    pub name: String,
    /// How many.
    pub count: usize,
    /// Distance to the nearest published groove (for a groove: the nearest other one).
    pub nearest: Quartiles,
    /// The same for each, in order.
    pub distances: Vec<f32>,
    /// Share of the published grooves that one of the set is nearer to than the median of the
    /// distances among the grooves themselves.
    pub coverage: f32,
    /// Mean hits a bar in each of [`LAYERS`].
    pub density: [f32; 4],
    /// Share of all hits in each of [`CLASSES`].
    pub metric: [f32; 4],
    /// Mean syncopation (Longuet-Higgins and Lee) of rows that sound.
    pub syncopation: f32,
    /// Mean distance of pairs.
    pub variety: f32,
    /// Mean number of cells in which pairs differ, of 64.
    pub variety_cells: f32,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How it was done.
    pub settings: Settings,
    /// Grooves in triplets, which loops in sixteenths are not compared with.
    pub left_out: usize,
    /// The published grooves among themselves.
    pub published: Described,
    /// Distance of a groove to the nearest whose name differs in more than a number at its end:
    /// collections hold several variants of one groove.
    pub apart: Quartiles,
    /// The sets of loops, then the controls.
    pub sets: Vec<Described>,
}

/// Draws loops and compares. `progress` is told how many learners of how many have been asked.
///
/// # Errors
/// The styles are not at least two grooves in sixteenths.
pub fn compare(
    styles: &Styles,
    settings: &Settings,
    kit: &Arc<Kit>,
    make: Factory<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, GroovesError> {
    let straight: Vec<_> = styles.all().iter().filter(|style| !style.is_triplet()).collect();
    let grooves: Vec<Rows> = straight
        .iter()
        .map(|style| Rows::of_style(style).ok_or_else(|| GroovesError::Lent(style.name.clone())))
        .collect::<Result<_, _>>()?;
    if grooves.len() < 2 {
        return Err(GroovesError::TooFew(grooves.len()));
    }
    let genres: Vec<&str> = straight.iter().map(|style| genre(&style.name)).collect();
    let alone: Vec<f32> = nearest_other(&grooves, |at, other| at != other);
    let apart: Vec<f32> = nearest_other(&grooves, |at, other| genres[at] != genres[other]);

    let line = Quartiles::of(&alone).median;
    let covered = alone.iter().filter(|distance| **distance < line).count() as f32 / grooves.len() as f32;
    let published = describe("published grooves", &grooves, alone, covered);
    let mut rng = Rng::stream(settings.seed, "random loops", 0);
    let random =
        (0..settings.loops).map(|_| Rows::of_loop(&settings.setting.random_loop(kit, &mut rng))).collect();
    let mut rng = Rng::stream(settings.seed, "shuffled grooves", 0);
    let shuffled = (0..settings.loops).map(|at| grooves[at % grooves.len()].shuffled(&mut rng)).collect();
    let (opening, sampled) = cold(settings, kit, make, progress);
    let sets: [(&str, Vec<Rows>); 4] = [
        ("sampled before any rating", sampled),
        ("first proposals", opening),
        ("grooves, hits shuffled", shuffled),
        ("random loops", random),
    ];
    let sets = sets.into_iter().map(|(name, loops)| {
        let distances = loops.iter().map(|l| nearest(*l, grooves.iter())).collect();
        let covered = grooves.iter().filter(|groove| nearest(**groove, loops.iter()) < line).count();
        describe(name, &loops, distances, covered as f32 / grooves.len() as f32)
    });
    Ok(Report {
        settings: settings.clone(),
        left_out: styles.all().len() - grooves.len(),
        published,
        apart: Quartiles::of(&apart),
        sets: sets.collect(),
    })
}

/// First proposals and samples of learners that were told nothing.
fn cold(
    settings: &Settings,
    kit: &Arc<Kit>,
    make: Factory<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> (Vec<Rows>, Vec<Rows>) {
    let learners = settings.loops.div_ceil(SAMPLED_EACH);
    let (mut opening, mut sampled) = (Vec::new(), Vec::new());
    for at in 0..learners {
        progress(at, learners);
        let seed = Seed(settings.seed.0.wrapping_add(at as u64));
        let mut learner = make(Contender::Taste, Arc::clone(kit), seed);
        let mut played: Vec<Loop> = Vec::new();
        for _ in 0..OPENING_EACH {
            played.push(learner.propose(&settings.setting.request(Mode::Ask, &played)).pattern);
        }
        opening.extend(played.iter().map(Rows::of_loop));
        let missing = SAMPLED_EACH.min(settings.loops - sampled.len());
        let fresh = learner.sample(&settings.setting.request(Mode::Good, &played), missing);
        sampled.extend(fresh.iter().map(|proposal| Rows::of_loop(&proposal.pattern)));
    }
    (opening, sampled)
}

/// A groove's name without the number at its end.
fn genre(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end()
}

fn nearest<'a>(of: Rows, to: impl Iterator<Item = &'a Rows>) -> f32 {
    to.map(|other| of.distance(*other)).fold(1.0, f32::min)
}

fn nearest_other(grooves: &[Rows], counts: impl Fn(usize, usize) -> bool) -> Vec<f32> {
    let others = |at: usize| grooves.iter().enumerate().filter(move |(other, _)| at != *other);
    (0..grooves.len())
        .map(|at| {
            nearest(grooves[at], others(at).filter(|(other, _)| counts(at, *other)).map(|(_, rows)| rows))
        })
        .collect()
}

fn describe(name: &str, loops: &[Rows], distances: Vec<f32>, coverage: f32) -> Described {
    let n = loops.len().max(1) as f32;
    let (mut by_row, mut by_class) = ([0u32; 4], [0u32; 4]);
    let hits = loops.iter().map(|l| l.hits()).sum::<u32>().max(1) as f32;
    for l in loops {
        for (count, row) in by_row.iter_mut().zip(l.0) {
            *count += row.count_ones();
            for phase in (0..PHASES).filter(|phase| row >> phase & 1 == 1) {
                by_class[metric_class(phase)] += 1;
            }
        }
    }
    let (mut variety, mut cells, mut pairs) = (0.0, 0.0, 0.0f64);
    for (at, a) in loops.iter().enumerate() {
        for b in &loops[at + 1..] {
            variety += f64::from(a.distance(*b));
            cells += f64::from(a.cells_apart(*b));
            pairs += 1.0;
        }
    }
    Described {
        name: name.to_owned(),
        count: loops.len(),
        nearest: Quartiles::of(&distances),
        distances,
        coverage,
        density: by_row.map(|count| count as f32 / n),
        metric: by_class.map(|count| count as f32 / hits),
        syncopation: loops.iter().map(|l| l.syncopation()).sum::<f32>() / n,
        variety: (variety / pairs.max(1.0)) as f32,
        variety_cells: (cells / pairs.max(1.0)) as f32,
    }
}

#[cfg(test)]
mod tests;
