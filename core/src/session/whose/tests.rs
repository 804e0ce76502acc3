use super::super::tests::session;
use super::*;
use crate::propose::{CriticKind, learner};
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::session::view::{KitView, WorkerView};
use crate::taste::{LoopId, Verdict};
use crate::units::Seed;

fn rate(session: &mut Session, like: bool) {
    let id = session.current().unwrap().0;
    let _ = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
    let _ = session.settle();
}

/// What the counting learner was told last.
fn told(session: &mut Session) -> usize {
    let pattern = session.current().unwrap().1;
    (session.teaching.learner().unwrap().predict(&pattern).p_like * 100.0).round() as usize
}

fn said(likes: impl Fn(&crate::pattern::Loop) -> bool, session: &Session) -> Vec<Judgement> {
    let entries = session.history().entries().iter().enumerate();
    entries
        .map(|(at, entry)| Judgement::rated(at as u64, entry.pattern, Verdict::of(likes(&entry.pattern))))
        .collect()
}

#[test]
fn the_dial_goes_from_what_was_said_elsewhere_to_what_was_said_here_and_undo_takes_it_back() {
    let mut session = session();
    [true, false, true].into_iter().for_each(|like| rate(&mut session, like));
    let elsewhere = said(|_| true, &session)[..2].to_vec();
    session.set_foreign(elsewhere);
    assert_eq!(told(&mut session), 5);
    let text = session.text().unwrap();
    assert!(!text.contains("project_share"));
    for (share, known) in [(0.0, 2), (1.0, 3), (0.7, 5)] {
        let _ = session.apply(Command::SetProjectShare(share));
        assert_eq!(told(&mut session), known, "{share}");
    }
    assert_eq!(
        session.log().entries().iter().map(|said| said.weight).sum::<f32>(),
        3.0,
        "what was said stays"
    );
    let kept = Document::read(&session.text().unwrap()).unwrap();
    assert_eq!(kept.project_share, 0.7);
    (0..3).for_each(|_| drop(session.apply(Command::Undo)));
    assert_eq!((session.project_share(), told(&mut session)), (0.5, 5));
    let _ = session.apply(Command::SetProjectShare(f32::NAN));
    let _ = session.apply(Command::SetProjectShare(7.0));
    assert_eq!(session.project_share(), 1.0);
}

#[test]
fn a_friend_is_read_kept_weighed_and_removed_and_nothing_of_it_is_said_here() {
    let mut session = session();
    (0..3).for_each(|_| rate(&mut session, true));
    let path = PathBuf::from("/friends/anna.deepdrummer-taste");
    assert_eq!(session.apply(Command::BringFriend(path.clone())), [Effect::ReadFriend(path.clone())]);
    let theirs = said(|_| false, &session);
    session.set_read_friend(&path, "anna", Ok(theirs.clone()));
    let view = session.view(WorkerView::Starting).taste.whose.friend.unwrap();
    assert_eq!(
        (view.name.as_str(), view.ratings, view.together),
        ("anna", Some(theirs.len()), Together::Both)
    );
    let _ = session.apply(Command::SetFriend { share: 0.6, together: Together::Either });
    let text = session.text().unwrap();
    assert_eq!(session.log().entries().len(), 3);
    // What is kept is where it is; it is read again.
    let mut again = Session::from_text(&text, Seed(1), &[]);
    assert_eq!((again.friend_to_read(), again.text().unwrap()), (Some(path.clone()), text));
    again.set_read_friend(&path, "anna", Err("it is not there".to_owned()));
    let view = again.view(WorkerView::Starting);
    assert_eq!(
        view.taste.whose.friend.as_ref().map(|friend| (friend.share, friend.ratings)),
        Some((0.6, None))
    );
    assert_eq!(view.notices.len(), 1);
    let _ = session.apply(Command::RemoveFriend);
    assert!(session.view(WorkerView::Starting).taste.whose.friend.is_none());
    let _ = session.apply(Command::Undo);
    assert_eq!(session.document().friend.unwrap().share, 0.6);
    // Another one takes its place; undo asks for the first again.
    let other = PathBuf::from("/friends/ben.deepdrummer-taste");
    session.set_read_friend(&other, "ben", Ok(Vec::new()));
    assert_eq!(session.apply(Command::Undo), [Effect::ReadFriend(path)]);
}

/// A session of the product's learner that likes what `likes` says.
fn taught(likes: fn(&crate::pattern::Loop) -> bool) -> Session {
    let mut session = Session::new(Document::new(Seed(7), crate::pattern::Role::default_lanes(4)));
    let kit = Arc::new(crate::kit::factory::kit_named("Analog Club").unwrap());
    let made = learner(CriticKind::Taste, Arc::clone(&kit), Seed(7));
    let _ = session.set_kit(kit, made, KitView::default());
    let _ = session.settle();
    for _ in 0..24 {
        let like = likes(&session.current().unwrap().1);
        rate(&mut session, like);
    }
    session
}

fn few_hats(pattern: &crate::pattern::Loop) -> bool {
    pattern.lanes()[2].mask().count_ones() <= 4
}

fn kick_on_one(pattern: &crate::pattern::Loop) -> bool {
    pattern.lanes()[0].mask() & 1 == 1
}

#[test]
fn loops_follow_the_friend_as_far_as_it_counts_and_come_back_without_it() {
    let friend = said(few_hats, &taught(few_hats));
    let alone = taught(kick_on_one).sample(24, crate::propose::Mode::Good);
    let mut session = taught(kick_on_one);
    let path = PathBuf::from("/friends/anna");
    session.set_read_friend(&path, "anna", Ok(friend));
    let share_of = |session: &mut Session, share: f32, together: Together| {
        let _ = session.apply(Command::SetFriend { share, together });
        let _ = session.settle();
        let good = session.sample(24, crate::propose::Mode::Good);
        let liked = |likes: fn(&crate::pattern::Loop) -> bool| {
            good.iter().filter(|found| likes(&found.pattern)).count() as f32 / 24.0
        };
        (liked(kick_on_one), liked(few_hats))
    };
    let (mine, theirs) = share_of(&mut session, 0.5, Together::Both);
    assert!(mine > 0.7 && theirs > 0.7, "{mine} {theirs}");
    let (_, theirs) = share_of(&mut session, 1.0, Together::Either);
    assert!(theirs > 0.85, "{theirs}");
    let _ = session.apply(Command::RemoveFriend);
    let of: Vec<LoopId> = session.history().entries().iter().map(|entry| entry.id).collect();
    assert_eq!(of.len(), taught(kick_on_one).history().entries().len());
    let again = session.sample(24, crate::propose::Mode::Good);
    assert_eq!(again.len(), alone.len());
    let hats = |of: &[crate::propose::Proposal]| of.iter().filter(|one| few_hats(&one.pattern)).count();
    assert!(hats(&again) < 22, "{}", hats(&again));
}
