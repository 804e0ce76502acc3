//! Outcomes put together: means with standard errors by critic and family.

use super::measures::{Calibration, Variety};
use super::{Outcome, Settings};
use crate::baselines::Contender;
use crate::listeners::{Family, Split};
use serde::Serialize;

/// A mean and its standard error over listeners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Value {
    /// The mean.
    pub mean: f32,
    /// The standard error of the mean; 0 for a single listener.
    pub se: f32,
}

impl Value {
    pub(super) fn of(values: &[f32]) -> Self {
        let n = values.len() as f32;
        if values.is_empty() {
            return Self::default();
        }
        let mean = values.iter().sum::<f32>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / (n - 1.0).max(1.0);
        Self { mean, se: (variance / n).sqrt() }
    }
}

/// Which listeners a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Everyone.
    All,
    /// Those who may not be used for tuning.
    HeldOut,
    /// Those who may.
    Tuning,
    /// One family.
    Family(Family),
}

impl Group {
    /// The word of tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::HeldOut => "held out",
            Self::Tuning => "tuning",
            Self::Family(family) => family.key(),
        }
    }

    fn holds(self, outcome: &Outcome) -> bool {
        match self {
            Self::All => true,
            Self::HeldOut => outcome.split == Split::HeldOut,
            Self::Tuning => outcome.split == Split::Tuning,
            Self::Family(family) => outcome.family == family,
        }
    }
}

/// One critic on one group of listeners. Seeds of one listener are averaged first, so that standard
/// errors are over listeners.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    /// The critic.
    pub critic: Contender,
    /// The group.
    pub group: Group,
    /// Listeners.
    pub listeners: usize,
    /// Meetings (listeners × seeds).
    pub meetings: usize,
    /// P(like) of random loops.
    pub base: Value,
    /// The best possible.
    pub ceiling: f32,
    /// Like rate of fresh loops, at each checkpoint.
    pub like_rate: Vec<Value>,
    /// Mean pairwise Hamming distance of fresh loops, at each checkpoint.
    pub hamming: Vec<f32>,
    /// Different samples among the fresh loops, at each checkpoint.
    pub samples: Vec<f32>,
    /// How varied Phase I was from the first like on, mean over the meetings in which something was liked.
    pub variety: Variety,
    /// Like rate of Phase I itself.
    pub in_session: Value,
    /// Like rate of the last twenty ratings of Phase I.
    pub in_session_late: Value,
    /// Phase II: share of the first model's loops that were liked.
    pub phase_two_first: Value,
    /// Phase II: share of the last model's loops that were liked.
    pub phase_two_last: Value,
    /// Share of listeners whose like rate did not rise from the first checkpoint to the last.
    pub no_gain: f32,
    /// Share of listeners whose last like rate is under one half.
    pub under_half: f32,
    /// Honesty of all predictions.
    pub calibration: Calibration,
    /// Honesty of the predictions from the twentieth rating on.
    pub calibration_late: Calibration,
    /// Median over meetings of the update's time.
    pub observe_ms: f32,
    /// Median over meetings of the proposal's time.
    pub propose_ms: f32,
    /// Median over meetings of the median time from rating to next loop.
    pub next_p50_ms: f32,
    /// Median over meetings of the 99th percentile of the same.
    pub next_p99_ms: f32,
    /// Median over meetings of the time of one thousand single predictions.
    pub predict_1000_ms: f32,
}

/// A study's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How it was done.
    pub settings: Settings,
    /// Rows: by critic, then by group.
    pub rows: Vec<GroupSummary>,
    /// For each critic but `classic`: the fewest ratings at which it is at least as good as the
    /// classic critic after the last checkpoint (means over the listeners that both met).
    pub reaches_classic: Vec<(Contender, Option<usize>)>,
}

/// Puts outcomes together.
#[must_use]
pub fn summarize(settings: &Settings, outcomes: &[Outcome]) -> Summary {
    let mut critics: Vec<Contender> = Vec::new();
    for outcome in outcomes {
        if !critics.contains(&outcome.critic) {
            critics.push(outcome.critic);
        }
    }
    let mut groups = vec![Group::All, Group::HeldOut, Group::Tuning];
    groups.extend(Family::ALL.map(Group::Family));
    let mut rows = Vec::new();
    for &critic in &critics {
        for &group in &groups {
            let of: Vec<&Outcome> =
                outcomes.iter().filter(|o| o.critic == critic && group.holds(o)).collect();
            if !of.is_empty() {
                rows.push(row(critic, group, &of));
            }
        }
    }
    let reaches_classic = critics
        .iter()
        .filter(|c| **c != Contender::Classic && critics.contains(&Contender::Classic))
        .map(|&c| (c, reaches(outcomes, c)))
        .collect();
    Summary { settings: settings.clone(), rows, reaches_classic }
}

pub(super) fn by_listener(of: &[&Outcome], value: impl Fn(&Outcome) -> f32) -> Vec<f32> {
    let mut names: Vec<&str> = Vec::new();
    for outcome in of {
        if !names.contains(&outcome.listener.as_str()) {
            names.push(&outcome.listener);
        }
    }
    names
        .iter()
        .map(|name| {
            let values: Vec<f32> = of.iter().filter(|o| o.listener == *name).map(|o| value(o)).collect();
            values.iter().sum::<f32>() / values.len() as f32
        })
        .collect()
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut sorted: Vec<f32> = values.collect();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

fn last_rate(o: &Outcome) -> f32 {
    o.checkpoints.last().map_or(0.0, |c| c.like_rate)
}

fn gain(o: &Outcome) -> f32 {
    last_rate(o) - o.checkpoints.first().map_or(0.0, |c| c.like_rate)
}

fn row(critic: Contender, group: Group, of: &[&Outcome]) -> GroupSummary {
    let points = of.iter().map(|o| o.checkpoints.len()).min().unwrap_or(0);
    let mean = |value: &dyn Fn(&Outcome) -> f32| Value::of(&by_listener(of, value));
    let share = |holds: &dyn Fn(f32) -> bool, value: &dyn Fn(&Outcome) -> f32| {
        let values = by_listener(of, value);
        values.iter().filter(|v| holds(**v)).count() as f32 / values.len().max(1) as f32
    };
    let pairs = |from: usize| {
        let all = of.iter().flat_map(move |o| o.predicted.iter().zip(&o.likes).skip(from));
        Calibration::of(all.map(|(p, l)| (*p, *l)))
    };
    GroupSummary {
        critic,
        group,
        listeners: by_listener(of, |_| 0.0).len(),
        meetings: of.len(),
        base: mean(&|o| o.base),
        ceiling: mean(&|o| o.ceiling).mean,
        like_rate: (0..points).map(|k| mean(&|o| o.checkpoints[k].like_rate)).collect(),
        hamming: (0..points).map(|k| mean(&|o| o.checkpoints[k].diversity.hamming).mean).collect(),
        samples: (0..points).map(|k| mean(&|o| o.checkpoints[k].diversity.samples as f32).mean).collect(),
        variety: variety(of),
        in_session: mean(&|o| o.in_session(0)),
        in_session_late: mean(&|o| o.in_session(o.likes.len().saturating_sub(20))),
        phase_two_first: mean(&|o| o.phase_two.first),
        phase_two_last: mean(&|o| o.phase_two.last),
        no_gain: share(&|v| v <= 0.0, &gain),
        under_half: share(&|v| v < 0.5, &last_rate),
        calibration: pairs(0),
        calibration_late: pairs(20),
        observe_ms: median(of.iter().map(|o| o.timing.observe_ms)),
        propose_ms: median(of.iter().map(|o| o.timing.propose_ms)),
        next_p50_ms: median(of.iter().map(|o| o.timing.next_p50_ms)),
        next_p99_ms: median(of.iter().map(|o| o.timing.next_p99_ms)),
        predict_1000_ms: median(of.iter().map(|o| o.timing.predict_1000_ms)),
    }
}

fn variety(of: &[&Outcome]) -> Variety {
    let heard: Vec<Variety> = of.iter().map(|o| o.variety).filter(|variety| variety.n > 0).collect();
    let mean = |value: fn(&Variety) -> f32| heard.iter().map(value).sum::<f32>() / heard.len().max(1) as f32;
    let first = heard.first().copied().unwrap_or_default();
    Variety {
        n: heard.iter().map(|variety| variety.n).sum(),
        cells: first.cells,
        lanes: first.lanes,
        rhythm_mean: mean(|v| v.rhythm_mean),
        rhythm_least: mean(|v| v.rhythm_least),
        sound_mean: mean(|v| v.sound_mean),
        sound_least: mean(|v| v.sound_least),
        same: mean(|v| v.same),
        changed: mean(|v| v.changed),
    }
}

fn reaches(outcomes: &[Outcome], critic: Contender) -> Option<usize> {
    let met = |c: Contender, name: &str| outcomes.iter().any(|o| o.critic == c && o.listener == name);
    let of = |c: Contender, other: Contender| -> Vec<&Outcome> {
        outcomes.iter().filter(|o| o.critic == c && met(other, &o.listener)).collect()
    };
    let classic = Value::of(&by_listener(&of(Contender::Classic, critic), last_rate)).mean;
    let ours = of(critic, Contender::Classic);
    let points = ours.iter().map(|o| o.checkpoints.len()).min()?;
    (0..points)
        .find(|&k| Value::of(&by_listener(&ours, |o| o.checkpoints[k].like_rate)).mean >= classic)
        .and_then(|k| ours.first().map(|o| o.checkpoints[k].ratings))
}

impl Summary {
    /// The row of a critic and a group.
    #[must_use]
    pub fn row(&self, critic: Contender, group: Group) -> Option<&GroupSummary> {
        self.rows.iter().find(|r| r.critic == critic && r.group == group)
    }

    /// One line for each critic, for a terminal that has no table.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let of_all = self.rows.iter().filter(|r| r.group == Group::All);
        of_all
            .map(|r| {
                let rates: Vec<String> = self
                    .settings
                    .checkpoints
                    .iter()
                    .zip(&r.like_rate)
                    .map(|(k, v)| format!("{k}: {:.2}", v.mean))
                    .collect();
                format!("{}: {}", r.critic.key(), rates.join("  "))
            })
            .collect()
    }
}
