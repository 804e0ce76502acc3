//! Going back: the taste as it was after something that was said, to be tried, and then kept or left.
//!
//! Worker thread. While it is tried, what was said later is set aside: the learner does not hear it, and nothing is
//! lost. What is said meanwhile is heard as ever. Keeping it takes the later part back, as one undo step.

use super::undo::Change;
use super::view::SaidView;
use super::{Effect, Session};
use crate::taste::{Judgement, LoopId, Source};

/// What is set aside: what was said after the one serial and up to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aside {
    pub(super) after: u64,
    pub(super) upto: u64,
}

impl Aside {
    /// Whether a judgement is not heard.
    pub(super) fn holds(self, said: &Judgement) -> bool {
        said.serial > self.after && said.serial <= self.upto
    }
}

impl Session {
    /// The taste as it was when the judgement of that serial was the last one, to be tried; `None` leaves that.
    pub(super) fn try_back(&mut self, after: Option<u64>) -> Vec<Effect> {
        let before = self.teaching.aside();
        // A handle that is moved on sets aside from where the trial began.
        let upto = before.map_or_else(|| self.teaching.next_serial() - 1, |aside| aside.upto);
        let wanted = after.map(|after| Aside { after, upto });
        let wanted =
            wanted.filter(|aside| self.teaching.log().entries().iter().any(|said| aside.holds(said)));
        self.teaching.set_aside(wanted);
        Vec::new()
    }

    /// Takes back what is set aside.
    pub(super) fn keep_back(&mut self) -> Vec<Effect> {
        let Some(aside) = self.teaching.aside() else { return Vec::new() };
        self.teaching.set_aside(None);
        self.take_back_all("Go back", |said| aside.holds(said))
    }

    /// Takes back all that was said in this project.
    pub(super) fn start_afresh(&mut self) -> Vec<Effect> {
        self.teaching.set_aside(None);
        self.take_back_all("Start afresh", |_| true)
    }

    fn take_back_all(&mut self, label: &str, gone: impl Fn(&Judgement) -> bool) -> Vec<Effect> {
        let judgements = self.teaching.take_back(gone);
        if judgements.is_empty() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        let mut ids: Vec<LoopId> = judgements.iter().map(|said| said.id).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            // What was said of a loop before, and stays, is what holds of it again.
            let mut left = self.teaching.log().entries().iter().rev();
            let after = left.find(|said| said.id == id && said.source == Source::Rated);
            let after = after.and_then(|said| said.verdict.like);
            if let Some(entry) = self.history.get_mut(id)
                && entry.verdict != after
            {
                changes.push(Change::Verdict { id, before: entry.verdict, after });
                entry.verdict = after;
            }
        }
        changes.push(Change::TakenBack { judgements });
        self.undo.push(label, changes);
        Vec::new()
    }

    /// What was said of whole loops, oldest first, the newest `most`.
    pub(super) fn said_views(&self, most: usize) -> Vec<SaidView> {
        let aside = self.teaching.aside();
        let rated = self.teaching.log().entries().iter().filter(|said| said.source == Source::Rated);
        let all: Vec<SaidView> = rated
            .filter_map(|said| {
                let aside = aside.is_some_and(|aside| aside.holds(said));
                Some(SaidView { serial: said.serial, id: said.id, like: said.verdict.like?, aside })
            })
            .collect();
        all[all.len().saturating_sub(most)..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::session;
    use super::*;
    use crate::session::command::Command;
    use crate::session::view::WorkerView;
    use crate::taste::Verdict;

    fn told(session: &mut Session) -> usize {
        let pattern = session.current().unwrap().1;
        (session.teaching.learner().unwrap().predict(&pattern).p_like * 100.0).round() as usize
    }

    fn rate(session: &mut Session, like: bool) {
        let id = session.current().unwrap().0;
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
        let _ = session.settle();
    }

    #[test]
    fn going_back_is_tried_without_losing_anything_and_left_again() {
        let mut session = session();
        [true, false, true, true].into_iter().for_each(|like| rate(&mut session, like));
        let text = session.text().unwrap();
        let second = session.log().entries()[1].serial;
        let _ = session.apply(Command::TryBack(Some(second)));
        assert_eq!(told(&mut session), 2);
        let said = session.view(WorkerView::Starting).taste.said;
        assert_eq!(said.iter().map(|said| said.aside).collect::<Vec<_>>(), [false, false, true, true]);
        assert_eq!(session.text().unwrap(), text, "a project that is saved meanwhile has all of it");
        // What is said meanwhile is heard.
        rate(&mut session, false);
        assert_eq!(told(&mut session), 3);
        // The handle goes on to the first: what was said meanwhile stays heard.
        let first = session.log().entries()[0].serial;
        let _ = session.apply(Command::TryBack(Some(first)));
        assert_eq!(told(&mut session), 2);
        let _ = session.apply(Command::TryBack(None));
        assert_eq!(told(&mut session), 5);
        assert_eq!(session.log().entries().len(), 5);
    }

    #[test]
    fn going_back_is_kept_as_one_undo_step() {
        let mut session = session();
        [true, false, true].into_iter().for_each(|like| rate(&mut session, like));
        let loops: Vec<LoopId> = session.log().entries().iter().map(|said| said.id).collect();
        let first = session.log().entries()[0].serial;
        let _ = session.apply(Command::KeepBack);
        assert_eq!(session.log().entries().len(), 3, "nothing is set aside");
        let _ = session.apply(Command::TryBack(Some(first)));
        let _ = session.apply(Command::KeepBack);
        assert_eq!((session.log().entries().len(), told(&mut session)), (1, 1));
        assert_eq!(session.find(loops[1]).unwrap().verdict, None);
        let _ = session.apply(Command::Undo);
        assert_eq!((session.log().entries().len(), told(&mut session)), (3, 3));
        assert_eq!(session.find(loops[1]).unwrap().verdict, Some(false));
        let _ = session.apply(Command::StartAfresh);
        assert_eq!(told(&mut session), 0);
        let _ = session.apply(Command::Undo);
        assert_eq!(told(&mut session), 3);
    }
}
