//! Two studies of the same meetings side by side, listener by listener.

use super::Outcome;
use super::summary::{Value, by_listener};
use crate::baselines::Contender;
use crate::listeners::Family;
use serde::Serialize;

/// How much one way of doing things is ahead of another: means of each listener's own difference, so
/// that what makes listeners differ from each other does not blur it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The learner.
    pub critic: Contender,
    /// Listeners that both met.
    pub listeners: usize,
    /// Ratings and difference of like rates, at each checkpoint that both have.
    pub like_rate: Vec<(usize, Value)>,
    /// Difference of the mean of all like rates after the first checkpoint.
    pub learning: Value,
    /// Difference of Phase I's own like rate.
    pub in_session: Value,
    /// Difference of the mean like rate after the first checkpoint, by family.
    pub families: Vec<(Family, Value)>,
}

/// Compares outcomes with the outcomes `base`, critic by critic; meetings that only one has are left out.
#[must_use]
pub fn compare(base: &[Outcome], outcomes: &[Outcome]) -> Vec<Comparison> {
    let mut critics: Vec<Contender> = Vec::new();
    for outcome in outcomes {
        if !critics.contains(&outcome.critic) {
            critics.push(outcome.critic);
        }
    }
    critics.into_iter().filter_map(|critic| one(critic, base, outcomes)).collect()
}

fn one(critic: Contender, base: &[Outcome], outcomes: &[Outcome]) -> Option<Comparison> {
    let same =
        |a: &Outcome, b: &Outcome| (a.critic, a.seed) == (b.critic, b.seed) && a.listener == b.listener;
    let (ours, theirs): (Vec<&Outcome>, Vec<&Outcome>) = outcomes
        .iter()
        .filter(|o| o.critic == critic)
        .filter_map(|o| Some((o, base.iter().find(|b| same(o, b))?)))
        .unzip();
    let first = ours.first()?;
    let paired = |holds: &dyn Fn(&Outcome) -> bool, value: &dyn Fn(&Outcome) -> f32| {
        let of = |all: &[&Outcome]| {
            let held: Vec<&Outcome> = all.iter().copied().filter(|o| holds(o)).collect();
            by_listener(&held, value)
        };
        let differences: Vec<f32> = of(&ours).iter().zip(of(&theirs)).map(|(a, b)| a - b).collect();
        (differences.len(), Value::of(&differences))
    };
    let all = |value: &dyn Fn(&Outcome) -> f32| paired(&|_| true, value).1;
    let at = |ratings: usize| {
        move |o: &Outcome| {
            o.checkpoints.iter().find(|c| c.ratings == ratings).map_or(f32::NAN, |c| c.like_rate)
        }
    };
    let families = Family::ALL.into_iter().map(|family| (family, paired(&|o| o.family == family, &learning)));
    Some(Comparison {
        critic,
        listeners: paired(&|_| true, &learning).0,
        like_rate: first
            .checkpoints
            .iter()
            .map(|c| (c.ratings, all(&at(c.ratings))))
            .filter(|(_, value)| value.mean.is_finite())
            .collect(),
        learning: all(&learning),
        in_session: all(&|o| o.in_session(0)),
        families: families.filter(|(_, (n, _))| *n > 0).map(|(family, (_, value))| (family, value)).collect(),
    })
}

/// The mean like rate of the examinations after the first, which knows nothing yet.
fn learning(o: &Outcome) -> f32 {
    let later = o.checkpoints.get(1..).unwrap_or_default();
    later.iter().map(|c| c.like_rate).sum::<f32>() / later.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::Split;
    use crate::study::{Checkpoint, PhaseTwo, Timing};

    fn outcome(listener: &str, seed: u64, rates: [f32; 2], likes: Vec<bool>) -> Outcome {
        let checkpoint = |(ratings, like_rate)| Checkpoint { ratings, like_rate, ..Checkpoint::default() };
        Outcome {
            critic: Contender::Taste,
            listener: listener.to_owned(),
            family: if listener == "a" { Family::Genre } else { Family::Timbre },
            split: Split::Tuning,
            seed,
            base: 0.1,
            ceiling: 1.0,
            checkpoints: [0, 10].into_iter().zip(rates).map(checkpoint).collect(),
            predicted: vec![0.5; likes.len()],
            likes,
            variety: crate::study::Variety::default(),
            phase_two: PhaseTwo::default(),
            timing: Timing::default(),
        }
    }

    #[test]
    fn differences_are_taken_listener_by_listener() {
        let likes = || vec![true, false];
        let base = [outcome("a", 1, [0.1, 0.2], likes()), outcome("b", 1, [0.3, 0.8], likes())];
        // One tenth better with both, another order, and one meeting that the base did not have.
        let other = [
            outcome("b", 1, [0.3, 0.9], vec![true, true]),
            outcome("a", 1, [0.1, 0.3], likes()),
            outcome("a", 2, [0.1, 0.9], likes()),
        ];
        let found = compare(&base, &other);
        assert_eq!(found.len(), 1);
        let found = &found[0];
        assert_eq!(found.listeners, 2);
        let (ratings, late) = found.like_rate[1];
        assert_eq!(ratings, 10);
        assert!((late.mean - 0.1).abs() < 1e-6 && late.se < 1e-6, "{late:?}");
        assert!((found.in_session.mean - 0.25).abs() < 1e-6 && (found.in_session.se - 0.25).abs() < 1e-6);
        assert_eq!(found.families.len(), 2);
        assert!(compare(&[], &other).is_empty());
    }
}
