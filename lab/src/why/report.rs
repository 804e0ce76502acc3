//! Everything that is held of explanations, over listeners.

use super::{Deletion, Taught, Yard, deletion, teach};
use crate::listeners::{Family, Listener, Panel, Setting};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Hit, Loop};
use deepdrummer_core::propose::Mode;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Loops that statements are measured by.
const YARD: usize = 6_000;
/// Fresh loops of each model that are marked.
const MARKED: usize = 12;
/// Seed of the panel, as in a study.
const PANEL: Seed = Seed(2020);

/// What is examined.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names, families or parts of the panel, see [`Panel::select`].
    pub listeners: String,
    /// Ratings that each gives.
    pub ratings: usize,
    /// The first seed, and how many.
    pub seeds: std::ops::Range<u64>,
}

/// One statement, and whether it is true.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// Who taught the learner.
    pub listener: String,
    /// Of which family that is.
    pub family: Family,
    /// What it stated.
    pub text: String,
    /// Loops of which it holds: liked, and all.
    pub liked: usize,
    /// See `liked`.
    pub of: usize,
    /// The listener's mean P(like) with and without it, on the yard.
    pub with: f32,
    /// See `with`.
    pub without: f32,
    /// Whether it is true.
    pub is_true: bool,
}

/// The whole examination.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Ratings that each listener gave.
    pub ratings: usize,
    /// Listeners, each seed counted.
    pub met: usize,
    /// Of these, those of whom nothing was stated.
    pub silent: usize,
    /// All statements.
    pub said: Vec<Said>,
    /// The deletion test of the marks.
    pub marks: Deletion,
    /// The same of the loops that show at least three hits as certain to raise P(like).
    pub shown: Deletion,
    /// And of occlusion: P(like) with a hit less P(like) without it.
    pub occlusion: Deletion,
    /// The largest |sum of marks − (P(loop) − P(baseline))| of all loops.
    pub incomplete: f32,
    /// The largest |P(loop) of the marks − P(loop) as predicted|.
    pub apart: f32,
    /// Median time of a loop's marks in milliseconds.
    pub marks_ms: f32,
    /// Share of rhythm that is stated, and one standard deviation, by family: means.
    pub rhythm: BTreeMap<String, [f32; 2]>,
    /// Mean true gain and mean promised gain of lifts.
    pub lift: [f32; 2],
}

impl Report {
    /// Share of statements that are true; of a family, or all.
    #[must_use]
    pub fn true_share(&self, family: Option<Family>) -> (usize, usize) {
        let of = self.said.iter().filter(|said| family.is_none_or(|family| said.family == family));
        of.fold((0, 0), |(right, all), said| (right + usize::from(said.is_true), all + 1))
    }
}

/// What each hit adds by occlusion (Zeiler and Fergus 2014).
fn occluded(taught: &mut Taught, pattern: &Loop) -> BTreeMap<(usize, usize), f32> {
    let lanes = pattern.lanes().iter().enumerate();
    let hits: Vec<(usize, usize)> =
        lanes.flat_map(|(lane, hits)| hits.iter().map(move |(step, _)| (lane, step))).collect();
    let without = hits.iter().map(|&(lane, step)| {
        let mut left = *pattern;
        left.lanes_mut()[lane].hits[step] = Hit::NONE;
        left
    });
    let loops: Vec<Loop> = std::iter::once(*pattern).chain(without).collect();
    let p = taught.learner.predict_all(&loops);
    hits.into_iter().zip(p.iter().skip(1)).map(|(at, without)| (at, p[0].p_like - without.p_like)).collect()
}

/// Lets everybody teach a learner, and examines it. `progress` is told after each.
#[must_use]
pub fn examine(options: &Options, kit: &Arc<Kit>, progress: &mut dyn FnMut(usize, usize)) -> Report {
    let setting = Setting::lanes(4);
    let panel = Panel::new(kit, &setting, PANEL);
    let listeners = panel.select(&options.listeners);
    let yard = Yard::new(kit, &setting, YARD, 7);
    let mut report = Report {
        ratings: options.ratings,
        met: 0,
        silent: 0,
        said: Vec::new(),
        marks: Deletion::default(),
        shown: Deletion::default(),
        occlusion: Deletion::default(),
        incomplete: 0.0,
        apart: 0.0,
        marks_ms: 0.0,
        rhythm: BTreeMap::new(),
        lift: [0.0; 2],
    };
    let mut rhythm: BTreeMap<String, Vec<[f32; 2]>> = BTreeMap::new();
    let (mut times, mut lifts) = (Vec::new(), Vec::new());
    let all = listeners.len() * options.seeds.clone().count();
    for seed in options.seeds.clone() {
        for listener in &listeners {
            let mut taught = teach(listener, kit, &setting, options.ratings, seed);
            state(listener, &mut taught, &yard, kit, &mut report);
            if let Some(share) = taught.learner.rhythm_share() {
                let of = rhythm.entry(listener.family.key().to_owned()).or_default();
                of.push([share.share, share.sd]);
            }
            mark(listener, &mut taught, &setting, &mut report, &mut times, &mut lifts);
            report.met += 1;
            progress(report.met, all);
        }
    }
    times.sort_by(f32::total_cmp);
    report.marks_ms = times.get(times.len() / 2).copied().unwrap_or(0.0);
    let mean =
        |of: &[[f32; 2]]| [0, 1].map(|at| of.iter().map(|v| v[at]).sum::<f32>() / of.len().max(1) as f32);
    report.lift = mean(&lifts);
    report.rhythm = rhythm.iter().map(|(family, of)| (family.clone(), mean(of))).collect();
    report
}

fn state(listener: &Listener, taught: &mut Taught, yard: &Yard, kit: &Kit, report: &mut Report) {
    let liking = yard.heard_by(listener, report.ratings);
    let statements = taught.learner.statements(6);
    report.silent += usize::from(statements.is_empty());
    for statement in statements {
        let truth = yard.measure(&liking, |pattern| statement.claim.holds(pattern, kit));
        report.said.push(Said {
            listener: listener.name.clone(),
            family: listener.family,
            text: statement.text,
            liked: statement.liked,
            of: statement.of,
            with: truth.with,
            without: truth.without,
            is_true: truth.is_true(),
        });
    }
}

fn mark(
    listener: &Listener,
    taught: &mut Taught,
    setting: &Setting,
    report: &mut Report,
    times: &mut Vec<f32>,
    lifts: &mut Vec<[f32; 2]>,
) {
    let rating = report.ratings;
    let mut rng = Rng::stream(Seed(5), &listener.name, 0);
    let played = taught.played.clone();
    for fresh in taught.learner.sample(&setting.request(Mode::Good, &played), MARKED) {
        let pattern = fresh.pattern;
        let begun = Instant::now();
        let marks = taught.learner.attribute(&pattern);
        times.push(begun.elapsed().as_secs_f32() * 1e3);
        report.incomplete = report.incomplete.max((marks.sum() - (marks.p_like - marks.baseline)).abs());
        report.apart = report.apart.max((marks.p_like - fresh.prediction.p_like).abs());
        let of_marks = |lane: usize, step: usize| marks.hits[lane][step].points;
        let tested = deletion(listener, rating, &pattern, &of_marks, &mut rng.clone());
        report.marks = report.marks.with(tested);
        let certain =
            marks.hits.iter().flatten().filter(|mark| mark.points > 0.0 && mark.is_certain()).count();
        if certain >= 3 {
            report.shown = report.shown.with(tested);
        }
        let occluded = occluded(taught, &pattern);
        let of_occlusion = |lane, step| occluded.get(&(lane, step)).copied().unwrap_or(0.0);
        report.occlusion =
            report.occlusion.with(deletion(listener, rating, &pattern, &of_occlusion, &mut rng));
        if let Some(lift) = taught.learner.lift(&pattern, &deepdrummer_core::propose::Free::default()) {
            let gain = listener.p_like(&lift.to, rating) - listener.p_like(&pattern, rating);
            lifts.push([gain, lift.gain]);
        }
    }
}
