use crate::features::fixture;
use crate::pattern::{Hit, Role};
use crate::propose::{CriticKind, learner};
use crate::session::Session;
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::session::view::{KitView, View, WorkerView};
use crate::taste::Verdict;
use crate::units::Seed;

/// A session in which somebody who likes many closed hats has rated so many loops.
fn rated(count: usize) -> Session {
    let mut session = Session::new(Document::new(Seed(11), Role::default_lanes(4)));
    let critic = learner(CriticKind::Taste, fixture::kit(), Seed(11));
    let _ = session.set_kit(fixture::kit(), critic, KitView::default());
    let _ = session.settle();
    for _ in 0..count {
        let (id, pattern) = session.current().unwrap();
        let like = pattern.lanes()[2].mask().count_ones() >= 8;
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
        let _ = session.settle();
        while session.work() {}
    }
    session
}

fn view(session: &mut Session) -> View {
    let _ = session.settle();
    session.view(WorkerView::Ready { queued: 2 })
}

#[test]
fn a_new_session_says_nothing_of_why() {
    let mut session = rated(0);
    let view = view(&mut session);
    let marks = view.current.attribution.unwrap();
    assert!(marks.hits.iter().flatten().all(|mark| !mark.is_certain()));
    assert!(view.taste.statements.is_empty() && view.taste.rhythm.is_none() && view.current.lift.is_none());
    let (_, pattern) = session.current().unwrap();
    assert!(!session.explain(&pattern).unwrap().has_marks);
}

#[test]
fn a_lift_is_one_step_that_brings_its_gain_and_can_be_undone() {
    let mut session = rated(24);
    let mut lifts = 0;
    for _ in 0..6 {
        let before = view(&mut session);
        let (id, pattern) = session.current().unwrap();
        if let Some(lift) = &before.current.lift {
            lifts += 1;
            // Only the loop that is current is lifted.
            assert!(session.apply(Command::Lift(crate::taste::LoopId(id.0 ^ 1))).is_empty());
            assert!(!session.apply(Command::Lift(id)).is_empty());
            let after = view(&mut session);
            assert_ne!(after.current.pattern, pattern);
            assert_eq!(after.undo.as_deref(), Some(lift.text.as_str()));
            let gain = after.current.prediction.unwrap().p_like - before.current.prediction.unwrap().p_like;
            assert!((gain - lift.gain).abs() < 2e-3, "{gain} {}", lift.gain);
            let _ = session.apply(Command::Undo);
            assert_eq!(view(&mut session).current.pattern, pattern);
        }
        let _ = session.apply(Command::Forward);
    }
    assert!(lifts > 0);
}

#[test]
fn a_lift_leaves_alone_what_is_locked() {
    let mut session = rated(24);
    for lane in 0..4 {
        let _ = session.apply(Command::LockBeat(lane, true));
        let _ = session.apply(Command::LockSound(lane, true));
    }
    let (_, pattern) = session.current().unwrap();
    if let Some(lift) = session.explain(&pattern).unwrap().lift {
        assert_eq!(lift.to.lanes(), pattern.lanes(), "only the swing is free");
    }
}

#[test]
fn what_was_learned_changes_with_judgements_alone() {
    let mut session = rated(30);
    let before = view(&mut session).taste;
    assert!(!before.statements.is_empty());
    for statement in &before.statements {
        assert!(statement.liked <= statement.of && statement.of == statement.evidence.len());
        assert_eq!(session.loops_of(statement).len(), statement.of);
    }
    let same = |session: &mut Session, what: &str| {
        let now = view(session).taste;
        assert_eq!((now.statements, now.rhythm), (before.statements.clone(), before.rhythm), "{what}");
    };
    let _ = session.apply(Command::EditHit { lane: 0, step: 3, hit: Hit::PLAIN });
    same(&mut session, "an edit");
    let _ = session.apply(Command::Undo);
    let _ = session.apply(Command::Forward);
    same(&mut session, "another loop");
    let _ = session.apply(Command::SetLaneCount(6));
    same(&mut session, "more lanes");
    let _ = session.apply(Command::Undo);
    while session.work() {}
    same(&mut session, "background work");
    let saved = session.text().unwrap();
    let mut opened = Session::from_text(&saved, Seed(1), Role::default_lanes(4));
    let critic = learner(CriticKind::Taste, fixture::kit(), Seed(11));
    let _ = opened.set_kit(fixture::kit(), critic, KitView::default());
    same(&mut opened, "opening the project again");
}
