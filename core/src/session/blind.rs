//! The blind test: loops of the taste as it is and loops of none, mixed, so that nobody knows which is which while
//! rating.
//!
//! Worker thread. All loops are made when the test begins, by the model of then, and no prediction is shown until it
//! ends. Each rating counts as ever; the result is read off the history, so that undo and second thoughts hold.

use super::history::History;
use super::undo::Change;
use super::view::{BlindView, Severity};
use super::{Effect, Session};
use crate::propose::{Mode, Proposal};
use crate::rng::Rng;
use crate::taste::LoopId;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Loops of each kind: some five minutes.
const EACH: usize = 10;
/// Ratings before which a test says nothing.
const LEAST_RATINGS: usize = 10;

/// A test under way.
#[derive(Debug)]
pub(super) struct Blind {
    pending: VecDeque<(Proposal, bool)>,
    /// Loops that were heard, and whether they are of the taste as it is.
    heard: Vec<(LoopId, bool)>,
}

/// How a test went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlindResult {
    /// Liked and rated loops of the taste as it was.
    pub now: [u16; 2],
    /// Liked and rated loops of none.
    pub none: [u16; 2],
}

impl BlindResult {
    fn of(heard: &[(LoopId, bool)], history: &History) -> Self {
        let mut result = Self::default();
        for (id, now) in heard {
            let Some(like) = history.get(*id).and_then(|entry| entry.verdict) else { continue };
            let counts = if *now { &mut result.now } else { &mut result.none };
            counts[0] += u16::from(like);
            counts[1] += 1;
        }
        result
    }

    /// How much more of the taste's loops were liked, as a difference of shares, with its 95 % interval
    /// (Newcombe 1998, method 10: from Wilson's intervals). `None` unless both kinds were rated.
    #[must_use]
    pub fn difference(&self) -> Option<[f32; 3]> {
        let [p, q] = [self.now, self.none];
        if p[1] == 0 || q[1] == 0 {
            return None;
        }
        let share = |[likes, n]: [u16; 2]| f64::from(likes) / f64::from(n.max(1));
        let (a, b) = (share(p), share(q));
        let ([a_low, a_high], [b_low, b_high]) = (wilson(p), wilson(q));
        let low = (a - b) - ((a - a_low).powi(2) + (b_high - b).powi(2)).sqrt();
        let high = (a - b) + ((a_high - a).powi(2) + (b - b_low).powi(2)).sqrt();
        Some([a - b, low.max(-1.0), high.min(1.0)].map(|x| x as f32))
    }
}

/// Wilson's 95 % interval of a share.
fn wilson([likes, n]: [u16; 2]) -> [f64; 2] {
    const Z: f64 = 1.959_964;
    let n = f64::from(n.max(1));
    let p = f64::from(likes) / n;
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

impl Session {
    pub(super) fn start_blind(&mut self) -> Vec<Effect> {
        let (likes, dislikes) = self.teaching.log().counts();
        if likes + dislikes < LEAST_RATINGS {
            self.notify(
                Severity::Info,
                format!("A blind test says something after {LEAST_RATINGS} ratings."),
                "Rate some more loops first.",
            );
            return Vec::new();
        }
        let now = self.sample(EACH, Mode::Good).into_iter().map(|proposal| (proposal, true));
        let mut mixed: Vec<(Proposal, bool)> = now.collect();
        mixed.extend(self.sample(EACH, Mode::Random).into_iter().map(|proposal| (proposal, false)));
        if mixed.is_empty() {
            return Vec::new();
        }
        let mut rng = Rng::stream(self.seed, "blind test", self.teaching.next_serial());
        for at in (1..mixed.len()).rev() {
            mixed.swap(at, rng.below(at + 1));
        }
        self.blind = Some(Blind { pending: mixed.into(), heard: Vec::new() });
        let mut changes = Vec::new();
        let effects = self.advance(&mut changes);
        self.undo.push("Blind test", changes);
        effects
    }

    /// Ends a test: what was rated of it is its result.
    pub(super) fn end_blind(&mut self) {
        let Some(blind) = self.blind.take() else { return };
        let result = BlindResult::of(&blind.heard, &self.history);
        if result.now[1] + result.none[1] > 0 {
            self.blind_result = Some(result);
        }
        self.insight.spoil();
    }

    /// The next loop of a test under way; with none left the test is over.
    pub(super) fn next_blind(&mut self, changes: &mut Vec<Change>) -> Option<Vec<Effect>> {
        let next = self.blind.as_mut()?.pending.pop_front();
        let Some((proposal, now)) = next else {
            self.end_blind();
            return None;
        };
        let effects = self.make_current(&proposal, changes);
        if let (Some(blind), Some(current)) = (&mut self.blind, self.history.current()) {
            blind.heard.push((current.id, now));
        }
        Some(effects)
    }

    /// Whether no prediction may be shown.
    pub(super) fn is_blind(&self) -> bool {
        self.blind.is_some()
    }

    /// Loops of the test that wait.
    pub(super) fn blind_queue(&self) -> Option<Vec<Proposal>> {
        let blind = self.blind.as_ref()?;
        Some(blind.pending.iter().take(super::QUEUE).map(|(proposal, _)| *proposal).collect())
    }

    pub(super) fn blind_view(&self) -> BlindView {
        let under_way = self.blind.as_ref().map(|blind| {
            let heard = blind.heard.len();
            (heard, heard + blind.pending.len())
        });
        BlindView { under_way, last: self.blind_result }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::session;
    use super::*;
    use crate::session::command::Command;
    use crate::session::doc::Document;
    use crate::session::view::WorkerView;
    use crate::taste::Verdict;

    fn rate(session: &mut Session, like: bool) {
        let id = session.current().unwrap().0;
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
        let _ = session.settle();
    }

    #[test]
    fn a_test_mixes_both_kinds_hides_what_is_predicted_and_says_how_it_went() {
        let mut session = session();
        let _ = session.apply(Command::BlindTest(true));
        assert!(session.blind.is_none(), "too early to say anything");
        (0..LEAST_RATINGS).for_each(|at| rate(&mut session, at % 2 == 0));
        let effects = session.apply(Command::BlindTest(true));
        assert!(matches!(effects[..], [Effect::Play(_)]));
        for heard in 1..=2 * EACH {
            let view = session.view(WorkerView::Starting);
            assert_eq!(view.taste.blind.under_way, Some((heard, 2 * EACH)));
            assert!(view.current.prediction.is_none() && view.current.attribution.is_none());
            let id = session.current().unwrap().0;
            let now = session.blind.as_ref().unwrap().heard.iter().find(|(of, _)| *of == id).unwrap().1;
            rate(&mut session, now);
        }
        let view = session.view(WorkerView::Starting).taste.blind;
        let each = EACH as u16;
        assert_eq!(view.last, Some(BlindResult { now: [each, each], none: [0, each] }));
        assert_eq!(view.under_way, None);
        let document = Document::read(&session.text().unwrap()).unwrap();
        assert_eq!(document.blind, view.last);
    }

    #[test]
    fn a_test_that_is_ended_early_counts_what_was_rated() {
        let mut session = session();
        (0..LEAST_RATINGS).for_each(|_| rate(&mut session, true));
        let _ = session.apply(Command::BlindTest(true));
        (0..3).for_each(|_| rate(&mut session, true));
        let _ = session.apply(Command::BlindTest(false));
        let last = session.view(WorkerView::Starting).taste.blind.last.unwrap();
        assert_eq!(last.now[1] + last.none[1], 3);
    }

    #[test]
    fn the_interval_is_newcombes() {
        // Newcombe (1998), table II, case (a): 56/70 and 48/80, method 10: 0.0524 to 0.3339.
        let [difference, low, high] = BlindResult { now: [56, 70], none: [48, 80] }.difference().unwrap();
        assert!((difference - 0.2).abs() < 1e-6);
        assert!((low - 0.0524).abs() < 5e-4 && (high - 0.3339).abs() < 5e-4, "{low} {high}");
        assert_eq!(BlindResult { now: [1, 2], none: [0, 0] }.difference(), None);
    }
}
