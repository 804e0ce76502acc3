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
use crate::taste::blind::BlindResult;
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

/// How a test went, as far as it was rated.
fn result(heard: &[(LoopId, bool)], history: &History) -> BlindResult {
    let mut result = BlindResult::default();
    for (id, now) in heard {
        let Some(like) = history.get(*id).and_then(|entry| entry.verdict) else { continue };
        let counts = if *now { &mut result.now } else { &mut result.none };
        counts[0] += u16::from(like);
        counts[1] += 1;
    }
    result
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
        let result = result(&blind.heard, &self.history);
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
}
