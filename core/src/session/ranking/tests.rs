use super::*;
use crate::kit::{Kit, factory};
use crate::pattern::Role;
use crate::propose::{CriticKind, learner};
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::session::view::{KitView, WorkerView};
use crate::taste::Verdict;
use crate::units::Seed;
use std::sync::Arc;

/// A session of somebody who likes loops whose kick is a short one of these.
///
/// Two lanes and the kit's own kicks: what is liked is told from little, whatever the last digits of a processor.
fn taught() -> (Session, Arc<Kit>) {
    let kit = Arc::new(factory::kit());
    let mut session = Session::new(Document::new(Seed(3), &[Role::Kick, Role::Snare]));
    let made = learner(CriticKind::Taste, Arc::clone(&kit), Seed(3));
    let _ = session.set_kit(Arc::clone(&kit), made, KitView::default());
    let _ = session.settle();
    for _ in 0..30 {
        let (id, pattern) = session.current().unwrap();
        let verdict = Verdict::of(is_short(&kit, pattern.lanes()[0].sample));
        let _ = session.apply(Command::Rate { id, verdict });
        let _ = session.settle();
    }
    (session, kit)
}

fn is_short(kit: &Kit, sample: SampleId) -> bool {
    kit.get(sample).is_some_and(|sample| sample.analysis.duration_s < median(kit))
}

fn median(kit: &Kit) -> f32 {
    let mut all: Vec<f32> =
        kit.of_role(Role::Kick).iter().map(|&at| kit.samples()[at as usize].analysis.duration_s).collect();
    all.sort_by(f32::total_cmp);
    all[all.len() / 2]
}

#[test]
fn sounds_are_ranked_by_what_the_person_likes_on_the_lane_that_is_shown() {
    let (mut session, kit) = taught();
    assert!(session.view(WorkerView::Starting).ranking.is_none(), "nobody looks");
    assert!(session.is_settled());
    let _ = session.apply(Command::RankSounds(Some(0)));
    let _ = session.settle();
    let ranking = session.view(WorkerView::Starting).ranking.unwrap();
    assert!(ranking.sounds.is_sorted_by(|a, b| a.p_like >= b.p_like) && ranking.sounds.len() > 10);
    assert!(ranking.sounds.iter().all(|ranked| kit.get(ranked.sample).unwrap().role == Role::Kick));
    let short = ranking.sounds.iter().take(10).filter(|ranked| is_short(&kit, ranked.sample)).count();
    assert!(short >= 7, "{short} of the ten likeliest are as they are liked");
    let _ = session.apply(Command::RankSounds(None));
    let _ = session.settle();
    assert!(session.view(WorkerView::Starting).ranking.is_none());
}

#[test]
fn a_sound_on_trial_is_heard_and_is_no_part_of_the_project_until_it_is_used() {
    let (mut session, _) = taught();
    let _ = session.apply(Command::RankSounds(Some(0)));
    let _ = session.settle();
    let (id, written) = session.current().unwrap();
    let ranking = session.view(WorkerView::Starting).ranking.unwrap();
    let other = ranking.sounds.iter().find(|ranked| !ranked.is_used).unwrap().sample;
    let history = session.document().history;
    assert_eq!(session.apply(Command::TrySound(Some((0, other)))), [Effect::Refresh]);
    assert_eq!(session.played(id).unwrap().lanes()[0].sample, other);
    assert_eq!((session.current().unwrap().1, session.document().history), (written, history));
    let tried = session.view(WorkerView::Starting).ranking.unwrap();
    assert_eq!(tried.sounds.iter().find(|ranked| ranked.is_tried).unwrap().sample, other);
    // What is judged is what is heard.
    let _ =
        session.apply(Command::Rate { id, verdict: Verdict { like: None, rhythm: None, sound: Some(true) } });
    assert_eq!(session.log().entries().last().unwrap().subject.lanes()[0].sample, other);
    assert_eq!(session.apply(Command::TrySound(None)), [Effect::Refresh]);
    assert_eq!(session.played(id).unwrap().lanes()[0].sample, written.lanes()[0].sample);
    let _ = session.apply(Command::TrySound(Some((0, other))));
    let _ = session.apply(Command::SetSample(0, other));
    assert_eq!(session.current().unwrap().1.lanes()[0].sample, other);
    let _ = session.apply(Command::Undo);
    let _ = session.settle();
    assert_eq!(session.current().unwrap().1, written);
    // Another loop has nothing on trial.
    let _ = session.apply(Command::TrySound(Some((0, other))));
    let _ = session.apply(Command::Forward);
    let (next, pattern) = session.current().unwrap();
    assert_eq!(session.played(next).unwrap().lanes()[0].sample, pattern.lanes()[0].sample);
}
