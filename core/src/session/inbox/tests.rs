use super::super::tests::{kit, with_kit};
use super::*;
use crate::kit::factory;
use crate::pattern::{Hit, Lane, SampleId, Swing};
use crate::propose::{Attribution, CriticKind, Learner, Request, Statement, learner};
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::session::view::{KitView, WorkerView};
use crate::taste::{Log, Verdict};
use std::sync::Arc;

/// Finds the same loop over and over, or another one with every piece; what it thinks of each grows with the pieces.
struct Finder {
    varies: bool,
    asked: u32,
}

fn drawn(request: &Request<'_>, at: u64) -> Loop {
    let mut bits = crate::rng::Rng::stream(Seed(3), "finder", at);
    let lanes: Vec<Lane> = request
        .lanes
        .iter()
        .map(|&role| {
            let mut lane = Lane::empty(role, SampleId(role.index() as u64 + 1));
            for step in 0..request.steering.grid.steps() {
                lane.hits[step] = if bits.chance(0.4) { Hit::PLAIN } else { Hit::NONE };
            }
            lane
        })
        .collect();
    Loop::new(request.steering.grid, Swing::STRAIGHT, &lanes)
}

impl Learner for Finder {
    fn observe(&mut self, _: &Log) {}
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.asked += 1;
        let pattern = drawn(request, 1_000_000 + u64::from(self.asked));
        Proposal { pattern, prediction: Prediction { p_like: 0.5, sd: 0.1 } }
    }
    fn sample(&mut self, _: &Request<'_>, _: usize) -> Vec<Proposal> {
        Vec::new()
    }
    fn forage(&mut self, request: &Request<'_>, piece: u64) -> Vec<Proposal> {
        let pattern = drawn(request, if self.varies { piece } else { 0 });
        let p_like = 0.3 + 0.6 * piece as f32 / MOST_PIECES as f32;
        vec![Proposal { pattern, prediction: Prediction { p_like, sd: 0.1 } }]
    }
    fn predict(&mut self, _: &Loop) -> Prediction {
        Prediction { p_like: 0.4, sd: 0.1 }
    }
    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        Attribution::none(pattern.lanes().len(), 0.5)
    }
    fn statements(&mut self, _: usize) -> Vec<Statement> {
        Vec::new()
    }
    fn work(&mut self) -> bool {
        false
    }
}

fn finding(varies: bool) -> Session {
    let mut session = Session::new(Document::new(Seed(7), Role::default_lanes(4)));
    let _ = session.set_kit(kit(), Box::new(Finder { varies, asked: 0 }), KitView::default());
    let _ = session.settle();
    (0..LEAST_RATINGS).for_each(|at| rate(&mut session, at % 2 == 0));
    session
}

fn rate(session: &mut Session, like: bool) {
    let id = session.current().unwrap().0;
    let _ = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
    let _ = session.settle();
}

fn full(varies: bool) -> Session {
    let mut session = finding(varies);
    while session.forage() {}
    session
}

fn ids(session: &Session) -> Vec<LoopId> {
    session.inbox.loops.iter().map(|entry| entry.id).collect()
}

#[test]
fn good_loops_that_are_unlike_one_another_gather_and_better_ones_take_the_place_of_worse() {
    let mut session = finding(true);
    for _ in 0..12 * ROUND {
        assert!(session.forage());
    }
    let early: Vec<f32> = session.inbox.loops.iter().map(p_like).collect();
    assert_eq!(early.len(), LEAST_FOUND, "none of them is good enough to be more");
    while session.forage() {}
    let loops = &session.inbox.loops;
    assert_eq!(loops.len(), MOST_FOUND);
    assert!(
        loops.iter().all(|entry| p_like(entry) > 0.7),
        "{:?}",
        loops.iter().map(p_like).collect::<Vec<_>>()
    );
    for (at, a) in loops.iter().enumerate() {
        assert!(loops[..at].iter().all(|b| !is_near(&a.pattern, &b.pattern, APART)));
        assert!(session.history.entries().iter().all(|b| !is_near(&a.pattern, &b.pattern, UNHEARD)));
    }
    assert!(!session.forage(), "it ends until something is said");
    rate(&mut session, true);
    assert!(session.forage());
    assert!(
        session.inbox.loops.iter().all(|entry| p_like(entry) == 0.4),
        "what is thought of them is renewed"
    );
}

#[test]
fn the_same_loop_is_kept_once() {
    let session = full(false);
    assert_eq!(session.inbox.loops.len(), 1);
}

#[test]
fn nothing_is_looked_for_before_somebody_did_something() {
    let text = finding(true).text().unwrap();
    let mut session = Session::from_text(&text, Seed(1), &[]);
    let _ = session.set_kit(kit(), Box::new(Finder { varies: true, asked: 0 }), KitView::default());
    let _ = session.settle();
    assert!(!session.forage());
    assert_eq!(session.text().unwrap(), text, "an untouched project stays as it is");
    let id = session.current().unwrap().0;
    let _ = session.apply(Command::Star(id, true));
    let _ = session.settle();
    assert!(session.forage());
    // Too little was said to know what is good.
    let mut new = with_kit(Session::new(Document::new(Seed(7), Role::default_lanes(4))));
    rate(&mut new, true);
    assert!(!new.forage());
}

#[test]
fn a_loop_that_is_played_enters_the_history_under_its_identity_and_keeps_its_place() {
    let mut session = full(true);
    let before = session.history.last_number();
    let all = ids(&session);
    assert_eq!(session.apply(Command::Recall(all[3])).first(), Some(&Effect::Play(session.enter)));
    assert_eq!(session.current().unwrap().0, all[3]);
    assert_eq!((ids(&session), session.history.last_number()), (all.clone(), before + 1));
    let _ = session.apply(Command::Recall(all[0]));
    let _ = session.apply(Command::Recall(all[3]));
    assert_eq!(session.history.last_number(), before + 2, "each enters once");
    let found = session.view(WorkerView::Starting).inbox.loops;
    assert!(found[3].is_current && !found[0].is_current);
    let _ = session.apply(Command::Undo);
    assert_eq!(session.current().unwrap().0, all[0]);
}

#[test]
fn a_rating_is_said_of_it_and_nothing_moves_on_until_a_better_one_takes_its_place() {
    let mut session = full(true);
    let all = ids(&session);
    let _ = session.apply(Command::Recall(all[1]));
    let _ = session.settle();
    let heard = session.played(all[1]).unwrap();
    rate(&mut session, false);
    assert_eq!(session.current().unwrap().0, all[1], "it plays on");
    let said = session.log().entries().last().unwrap();
    assert_eq!((said.id, said.subject, said.verdict.like), (all[1], heard, Some(false)));
    assert_eq!(session.view(WorkerView::Starting).inbox.loops[1].verdict, Some(false));
    let _ = session.apply(Command::Recall(all[2]));
    let _ = session.settle();
    while session.forage() {}
    assert_ne!(ids(&session)[1], all[1], "another one has its place");
    assert_eq!(session.find(all[1]).unwrap().verdict, Some(false), "it is of the history");
}

#[test]
fn one_that_was_not_heard_can_be_rated_and_taken_away_and_what_follows_the_current_loop_stays() {
    let mut session = full(true);
    let all = ids(&session);
    let current = session.current().unwrap().0;
    let _ = session.apply(Command::Rate { id: all[0], verdict: Verdict::of(true) });
    assert_eq!(session.current().unwrap().0, current);
    assert!(session.history.after().is_none());
    let kind = crate::export::ExportKind::Midi;
    let export = Command::Export { ticket: 1, id: Some(all[4]), kind, to: None, dragged: true };
    let effects = session.apply(export);
    assert!(effects.contains(&Effect::Export { ticket: 1, id: all[4], kind, to: None }));
    assert!(session.history.get(all[4]).unwrap().number > 0, "files have a number");
}

#[test]
fn what_is_dismissed_does_not_come_back_but_by_undo() {
    let mut session = full(false);
    let all = ids(&session);
    let _ = session.apply(Command::DismissFound(all[0]));
    assert!(session.inbox.loops.is_empty());
    rate(&mut session, true);
    while session.forage() {}
    assert!(session.inbox.loops.is_empty());
    for _ in 0..2 {
        let _ = session.apply(Command::Undo);
    }
    assert_eq!(ids(&session), all);
}

#[test]
fn documents_keep_it_where_there_is_one() {
    let session = full(true);
    let text = session.text().unwrap();
    let again = Session::from_text(&text, Seed(1), &[]);
    assert_eq!(again.inbox.loops, session.inbox.loops);
    assert_eq!(again.text().unwrap(), text);
    assert!(!finding(true).text().unwrap().contains("inbox"));
}

#[test]
fn a_blind_test_is_not_disturbed_and_tells_nothing() {
    let mut session = super::super::tests::session();
    (0..10).for_each(|at| rate(&mut session, at % 2 == 0));
    let _ = session.apply(Command::BlindTest(true));
    let _ = session.settle();
    assert!(!session.forage());
}

/// A session with the learner of the product that was told something.
fn taught() -> Session {
    let mut session = Session::new(Document::new(Seed(7), Role::default_lanes(4)));
    let kit = Arc::new(factory::kit_named("Analog Club").unwrap());
    let made = learner(CriticKind::Taste, Arc::clone(&kit), Seed(7));
    let _ = session.set_kit(kit, made, KitView::default());
    let _ = session.settle();
    for _ in 0..12 {
        let few = session.current().unwrap().1.lanes()[0].mask().count_ones() <= 4;
        rate(&mut session, few);
    }
    while session.work() {}
    session
}

#[test]
fn the_search_of_the_product_finds_unlike_loops_and_changes_nothing_that_is_proposed() {
    let (mut idle, mut busy) = (taught(), taught());
    let found = idle.search_widely(9);
    assert_eq!(found.len(), 9);
    let mean = found.iter().map(p_like).sum::<f32>() / 9.0;
    assert!(mean > 0.5, "{mean}");
    for _ in 0..3 {
        assert_eq!(idle.current().unwrap().1, busy.current().unwrap().1);
        assert!(idle.queue().eq(busy.queue()));
        rate(&mut idle, true);
        while idle.forage() {}
        rate(&mut busy, true);
    }
    // The same pieces find the same.
    let mut again = taught();
    assert_eq!(again.search_widely(9), found);
}
