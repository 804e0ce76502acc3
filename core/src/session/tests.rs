//! The session's rules, with a learner that is simple enough to predict.

mod versions;

use super::command::{Command, LoopAction, Nearness, RatingKeys, Strategy};
use super::doc::Document;
use super::doc::SampleDoc;
use super::view::{KitView, WorkerView};
use super::*;
use crate::engine::{BusSettings, LaneShape, Trim};
use crate::kit::{Audio, Origin};
use crate::kit::{Sample, SampleId};
use crate::pattern::{
    Condition, Course, Curve, Direction, Grid, Hit, Lane, Life, MAX_STEPS, Swing, notation,
};
use crate::propose::{Attribution, Learner, Statement};
use crate::propose::{Mode, Prediction, Request};
use crate::taste::{Source, Verdict};
use crate::units::SampleRate;
use std::sync::Arc;

/// Proposes the n-th pattern of a fixed row, and remembers what it was told.
#[derive(Default)]
pub(super) struct Counting {
    asked: u32,
    told: usize,
}

impl Learner for Counting {
    fn observe(&mut self, log: &Log) {
        self.told = log.entries().len();
    }
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.asked += 1;
        let lanes: Vec<Lane> = request
            .lanes
            .iter()
            .map(|&role| {
                let mut lane = Lane::empty(role, SampleId(role.index() as u64 + 1));
                for step in 0..request.steering.grid.steps() {
                    if (self.asked >> (step % 8)) & 1 == 1 {
                        lane.hits[step] = Hit::PLAIN;
                    }
                }
                lane
            })
            .collect();
        let mut pattern = Loop::new(request.steering.grid, Swing::STRAIGHT, &lanes);
        if let Some(locks) = request.locks {
            for (at, lane) in pattern.lanes_mut().iter_mut().enumerate() {
                for step in 0..MAX_STEPS {
                    if locks.steps[at] >> step & 1 == 1 {
                        lane.hits[step] = locks.base.lanes()[at].hits[step];
                    }
                }
            }
        }
        Proposal { pattern, prediction: Prediction { p_like: 0.5, sd: 0.1 } }
    }
    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        (0..n).map(|_| self.propose(request)).collect()
    }
    fn predict(&mut self, _: &Loop) -> Prediction {
        Prediction { p_like: self.told as f32 / 100.0, sd: 0.1 }
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

pub(super) fn kit() -> Arc<Kit> {
    let samples = Role::ALL.iter().flat_map(|&role| {
        (0..2u64).map(move |n| {
            let left = (0..480).map(|t| (t as f32 * (0.05 + 0.2 * n as f32)).sin() * 0.5).collect();
            let audio = Audio { rate: SampleRate::STUDIO, left, right: None };
            let id = SampleId(role.index() as u64 + 1 + 100 * n);
            let origin = Origin::Factory { kit: "test".into() };
            Arc::new(Sample::decoded(id, format!("{} {n}", role.label()), role, origin, audio))
        })
    });
    Arc::new(Kit::new("test", samples))
}

pub(super) fn with_kit(mut session: Session) -> Session {
    let _ = session.set_kit(kit(), Box::new(Counting { asked: 0, told: 0 }), KitView::default());
    let _ = session.settle();
    session
}

pub(super) fn session() -> Session {
    with_kit(Session::new(Document::new(Seed(7), Role::default_lanes(4))))
}

fn like(session: &mut Session, like: bool) -> Vec<Effect> {
    let (id, _) = session.current().unwrap();
    let effects = session.apply(Command::Rate { id, verdict: Verdict::of(like) });
    let _ = session.settle();
    effects
}

#[test]
fn a_new_session_has_a_loop_and_two_that_wait() {
    let session = session();
    assert!(session.current().is_some());
    assert_eq!(session.queue().len(), QUEUE);
    assert!(session.is_settled());
}

#[test]
fn a_rating_is_logged_with_its_loop_and_the_next_loop_follows() {
    let mut session = session();
    let (id, _) = session.current().unwrap();
    let pattern = session.played(id).unwrap();
    let effects = like(&mut session, true);
    assert!(effects.contains(&Effect::Play(Enter::NextBar)));
    let said = session.log().entries()[0];
    assert_eq!((said.id, said.subject, said.verdict.like), (id, pattern, Some(true)));
    assert_ne!(session.current().unwrap().0, id);
    assert_eq!(session.queue().len(), QUEUE);
}

#[test]
fn a_second_press_never_rates_the_loop_that_nobody_has_heard() {
    let mut session = session();
    let (id, _) = session.current().unwrap();
    let verdict = Verdict::of(true);
    let _ = session.apply(Command::Rate { id, verdict });
    let next = session.current().unwrap().0;
    let effects = session.apply(Command::Rate { id, verdict });
    assert!(effects.is_empty());
    assert_eq!(session.log().entries().len(), 1);
    assert_eq!(session.current().unwrap().0, next);
}

#[test]
fn a_changed_mind_replaces_the_verdict() {
    let mut session = session();
    let (id, _) = session.current().unwrap();
    like(&mut session, true);
    let _ = session.apply(Command::Rate { id, verdict: Verdict::of(false) });
    assert_eq!(session.log().entries().len(), 1);
    assert_eq!(session.find(id).unwrap().verdict, Some(false));
}

#[test]
fn rhythm_and_sound_are_judged_beside_the_whole() {
    let mut session = session();
    let (id, _) = session.current().unwrap();
    let rhythm = Verdict { like: None, rhythm: Some(true), sound: None };
    assert!(session.apply(Command::Rate { id, verdict: rhythm }).is_empty(), "the loop goes on");
    assert_eq!(session.view(WorkerView::Starting).current.rhythm_verdict, Some(true));
    like(&mut session, false);
    assert_eq!(session.log().entries().len(), 1);
    let said = session.log().entries()[0].verdict;
    assert_eq!(said, Verdict { like: Some(false), rhythm: Some(true), sound: None });
}

#[test]
fn a_skip_in_the_first_bar_is_a_weak_dislike_unless_that_is_switched_off() {
    let mut session = session();
    let (id, _) = session.current().unwrap();
    let _ = session.apply(Command::Skip { id, within_first_bar: true });
    assert_eq!(session.log().entries()[0].source, Source::Skipped);
    assert!(session.log().entries()[0].weight < 1.0);
    let settings = Settings { implicit_judgements: false, ..Settings::default() };
    let _ = session.apply(Command::SetSettings(settings));
    let (id, _) = session.current().unwrap();
    let _ = session.apply(Command::Skip { id, within_first_bar: true });
    assert_eq!(session.log().entries().len(), 1);
}

#[test]
fn back_and_forward_walk_the_history_before_anything_new_is_made() {
    let mut session = session();
    let first = session.current().unwrap().0;
    like(&mut session, true);
    let second = session.current().unwrap().0;
    let _ = session.apply(Command::Back);
    assert_eq!(session.current().unwrap().0, first);
    let _ = session.apply(Command::Forward);
    assert_eq!(session.current().unwrap().0, second);
    assert_eq!(session.history().entries().len(), 2);
}

#[test]
fn undo_reverses_and_redo_repeats_every_destructive_act() {
    let mut session = session();
    like(&mut session, true);
    let id = session.history().entries()[0].id;
    let commands = [
        Command::EditHit { lane: 0, step: 3, hit: Hit::new(90) },
        Command::EditLane { lane: 1, hits: Box::new([Hit::NONE; MAX_STEPS]) },
        Command::SetMix { lane: 0, mix: LaneMixOf::quiet() },
        Command::LockBeat(0, true),
        Command::LockSteps(2, 0b1010),
        Command::SetRole { lane: 3, role: Role::Tom },
        Command::SetLaneCount(6),
        Command::SetLaneCount(3),
        Command::StepSample { lane: 0, delta: 1 },
        Command::Star(id, true),
        Command::Forget(id),
        Command::Recall(id),
        Command::MoreLikeThis(Nearness::Near),
        Command::RerollLane(1),
        Command::SetStrategy(Strategy::Random),
    ];
    for command in commands {
        let mut session = with_kit(Session::new(session.document()));
        let whole = |session: &Session| {
            let document = session.document();
            let verdicts: Vec<_> =
                document.history.entries().iter().map(|e| (e.id, e.verdict, e.starred, e.pattern)).collect();
            let current = document.history.current().map(|e| e.id);
            (verdicts, current, document.lanes, document.judgements, document.strategy)
        };
        let before = whole(&session);
        let _ = session.apply(command.clone());
        let _ = session.apply(Command::EndGesture);
        let after = whole(&session);
        assert_ne!(before, after, "{command:?} does something");
        let _ = session.apply(Command::Undo);
        let mut undone = whole(&session);
        // A loop that was made stays in the history; nothing is lost by undo.
        undone.0.truncate(before.0.len());
        assert_eq!(before, undone, "{command:?} is undone");
        let _ = session.apply(Command::Redo);
        assert_eq!(after, whole(&session), "{command:?} is redone");
    }
}

struct LaneMixOf;

impl LaneMixOf {
    fn quiet() -> crate::engine::LaneMix {
        crate::engine::LaneMix { mute: true, ..crate::engine::LaneMix::of(Role::Kick) }
    }
}

#[test]
fn a_drag_is_one_undo_step() {
    let mut session = session();
    let before = session.current().unwrap().1;
    for step in 0..8 {
        let _ = session.apply(Command::EditHit { lane: 0, step, hit: Hit::new(40 + step) });
    }
    let _ = session.apply(Command::EndGesture);
    let _ = session.apply(Command::EditHit { lane: 0, step: 9, hit: Hit::new(1) });
    let _ = session.apply(Command::Undo);
    assert!(!session.current().unwrap().1.lanes()[0].hits[9].is_on() || before.lanes()[0].hits[9].is_on());
    let _ = session.apply(Command::Undo);
    assert_eq!(session.current().unwrap().1, before);
}

#[test]
fn an_edited_loop_that_is_liked_is_preferred_over_the_proposal() {
    let mut session = session();
    let id = session.current().unwrap().0;
    let proposed = session.played(id).unwrap();
    let _ = session.apply(Command::EditHit { lane: 2, step: 5, hit: Hit::new(77) });
    let edited = session.played(id).unwrap();
    like(&mut session, true);
    let said = session.log().entries()[0];
    assert_eq!((said.subject, said.over), (edited, Some(proposed)));
}

#[test]
fn what_is_saved_comes_back_byte_for_byte_and_goes_on_the_same_way() {
    let mut first = session();
    for n in 0..12 {
        like(&mut first, n % 3 == 0);
        let _ = first.apply(Command::EditHit {
            lane: 1,
            step: n,
            hit: Hit { velocity: 31, offset: -12, ..Hit::NONE },
        });
    }
    let _ = first.apply(Command::LockSteps(1, u128::MAX >> 32));
    let text = first.text().unwrap();
    let again = with_kit(Session::from_text(&text, Seed(99), Role::default_lanes(6)));
    assert_eq!(again.text().unwrap(), text);
    assert_eq!(again.current(), first.current());
    assert_eq!(again.log().entries(), first.log().entries());
    assert_eq!(again.seed(), Seed(7));
}

#[test]
fn a_damaged_or_newer_state_is_kept_until_the_person_changes_something() {
    let good = session().text().unwrap();
    let newer = good.replace(&format!("\"version\":{}", doc::VERSION), "\"version\":99");
    for kept in ["", "{", "[]", "{\"format\":\"other\"}", &good[..good.len() / 2], &newer] {
        let mut session = Session::from_text(kept, Seed(1), Role::default_lanes(4));
        assert_eq!(session.text().unwrap(), kept);
        assert_eq!(session.view(WorkerView::Starting).notices.len(), 1, "{kept:.40}");
        session = with_kit(session);
        assert!(session.current().is_some(), "a working default");
        assert_eq!(session.text().unwrap(), kept, "settling is not a change by the person");
        let _ = session.apply(Command::Dismiss(1));
        assert_eq!(session.text().unwrap(), kept);
        like(&mut session, true);
        assert!(Document::read(&session.text().unwrap()).is_ok());
    }
}

#[test]
fn no_truncation_of_a_document_panics() {
    let mut session = session();
    like(&mut session, true);
    let text = session.text().unwrap();
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        let _ = Document::read(&text[..end]);
    }
}

#[test]
fn what_can_be_read_of_a_project_is_used_and_the_rest_stays_in_it() {
    let mut whole = session();
    like(&mut whole, true);
    like(&mut whole, false);
    let text = whole.text().unwrap();
    let odd = text.replacen("\"strategy\":\"ask\"", "\"strategy\":{\"of\":\"tomorrow\"}", 1);
    assert_ne!(odd, text);
    let mut session = with_kit(Session::from_text(&odd, Seed(99), Role::default_lanes(4)));
    let notices = session.view(WorkerView::Starting).notices;
    assert!(notices.len() == 1 && notices[0].text.contains("the strategy"), "{notices:?}");
    assert_eq!((session.seed(), session.log().entries().len()), (Seed(7), 2));
    assert_eq!(session.current(), whole.current());
    assert_eq!(session.text().unwrap(), odd, "as it was until the person changes something");
    like(&mut session, true);
    let saved = session.text().unwrap();
    assert!(saved.contains("{\"of\":\"tomorrow\"}"), "{saved}");
    let mut again = Session::from_text(&saved, Seed(99), Role::default_lanes(4));
    assert_eq!((again.text().unwrap(), again.log().entries().len()), (saved, 3));
    assert!(again.view(WorkerView::Starting).notices.is_empty(), "told once");
}

#[cfg(unix)]
#[test]
fn a_project_with_files_whose_names_are_no_text_is_saved_whole() {
    use std::os::unix::ffi::OsStringExt as _;
    let odd = std::path::PathBuf::from(std::ffi::OsString::from_vec(b"/kits/kick\xe4.wav".to_vec()));
    let mut session = session();
    like(&mut session, true);
    let audio =
        crate::kit::Audio { rate: crate::units::SampleRate::STUDIO, left: vec![0.5; 480], right: None };
    let origin = crate::kit::Origin::File { path: odd.clone() };
    let sample = crate::kit::Sample::decoded(SampleId(900), "kick".to_owned(), Role::Kick, origin, audio);
    let _ = session.set_loaded_sample(0, None, Ok(Arc::new(sample)));
    let _ = session.apply(Command::ChooseKit(KitChoice::Folders(vec![odd.clone()])));
    let document = session.document();
    assert_eq!(Document::read(&session.text().unwrap()).as_ref(), Ok(&document));
    assert_eq!(document.samples[0].path.as_ref(), Some(&odd));
    assert_eq!((document.judgements.len(), document.kit), (1, KitChoice::Folders(vec![odd])));
}

#[test]
fn a_text_that_could_not_be_read_again_is_not_made() {
    let mut session = session();
    like(&mut session, true);
    let large: Arc<str> = "A".repeat(doc::MOST_BYTES).into();
    let used = session.current().unwrap().1.lanes()[0].sample;
    let carried = |path: Option<&str>| SampleDoc {
        id: used,
        name: "large".to_owned(),
        role: Role::Kick,
        path: path.map(Into::into),
        embedded: Some(Arc::clone(&large)),
        sound: None,
    };
    // As it would be in a project whose kit is gone.
    session.stock.kit = None;
    session.stock.known.insert(used, carried(None));
    assert!(matches!(session.text(), Err(DocumentError::LimitReached(_))));
    session.stock.known.insert(used, carried(Some("/kits/large.wav")));
    let text = session.text().unwrap();
    let read = Document::read(&text).unwrap();
    assert_eq!((read.judgements.len(), &read.samples[0].embedded), (1, &None), "its file is named");
}

#[test]
fn values_out_of_range_are_brought_back_and_limits_are_told() {
    let session = session();
    let text = session.text().unwrap();
    let wild = text.replace("\"pan\":0.0", "\"pan\":77.0");
    assert_ne!(wild, text);
    assert!(Document::read(&wild).unwrap().lanes.iter().all(|lane| lane.mix.pan <= 1.0));
    let document = Document { lanes: vec![LaneDoc::of(Role::Kick); 9], ..session.document() };
    let (read, missed) = Document::read_and_tell(&document.write().unwrap()).unwrap();
    assert_eq!((read.lanes.len(), missed), (8, vec!["1 lane".to_owned()]));
    let large = format!("{text}{}", " ".repeat(doc::MOST_BYTES));
    assert!(matches!(Document::read(&large), Err(DocumentError::LimitReached(_))));
}

#[test]
fn locked_parts_stay_in_what_follows() {
    let mut session = session();
    let _ = session.apply(Command::EditHit { lane: 0, step: 1, hit: Hit::new(99) });
    let locked = session.current().unwrap().1.lanes()[0].hits;
    let _ = session.apply(Command::LockBeat(0, true));
    for _ in 0..5 {
        like(&mut session, false);
        assert_eq!(session.current().unwrap().1.lanes()[0].hits, locked);
    }
}

#[test]
fn a_missing_sample_is_named_and_another_of_its_role_sounds() {
    let mut document = session().document();
    let line =
        notation::write(&session().current().unwrap().1).replace("0000000000000001", "00000000deadbeef");
    let pattern = notation::read(&line).unwrap();
    document.history.push(document.seed, pattern, None);
    let mut session = with_kit(Session::new(document));
    let view = session.view(WorkerView::Starting);
    assert!(view.lanes[0].missing);
    assert_eq!(view.kit.missing[0].0, SampleId(0xdead_beef));
    let lane = session.current().unwrap().1.lanes()[0];
    assert_eq!(session.sounding(&lane).unwrap().role, Role::Kick);
    assert!(session.text().unwrap().contains("00000000deadbeef"), "nothing is lost");
}

#[test]
fn steering_changes_the_grid_of_the_current_loop_and_of_what_follows() {
    let mut session = session();
    let grid = Grid { bars: 2, steps_per_bar: 12, ..Grid::default() };
    let effects = session.apply(Command::Steer(Steering { grid, ..Steering::default() }));
    assert!(effects.contains(&Effect::Refresh));
    assert_eq!(session.current().unwrap().1.grid, grid);
    like(&mut session, true);
    assert_eq!(session.current().unwrap().1.grid, grid);
}

#[test]
fn the_mode_of_a_request_follows_the_strategy() {
    let mut session = session();
    let _ = session.apply(Command::SetStrategy(Strategy::Bad));
    assert!(!session.is_settled(), "what waited is out of date");
    assert_eq!(session.sample(3, Mode::Good).len(), 3);
}

#[test]
fn judgements_of_other_projects_are_learned_from_but_neither_shown_nor_saved() {
    let mut other = session();
    for like in [true, false, true] {
        self::like(&mut other, like);
    }
    let foreign = other.log().entries().to_vec();
    let mut session = session();
    session.set_foreign(foreign.clone());
    assert!(!session.is_settled(), "what waits was made without them");
    let _ = session.settle();
    let told = |session: &mut Session| {
        (session.view(WorkerView::Starting).current.prediction.unwrap().p_like * 100.0).round() as usize
    };
    assert_eq!(told(&mut session), 3);
    like(&mut session, true);
    assert_eq!(told(&mut session), 4);
    let _ = session.apply(Command::Undo);
    let _ = session.settle();
    assert_eq!(told(&mut session), 3);
    like(&mut session, true);
    assert_eq!(session.document().judgements.len(), 1);
    assert_eq!(session.view(WorkerView::Starting).taste.likes, 1);
    session.set_foreign(foreign);
    assert!(session.is_settled(), "the same ones again change nothing");
    session.set_foreign(Vec::new());
    let _ = session.settle();
    assert_eq!(told(&mut session), 1);
}

#[test]
fn a_log_behind_others_keeps_serials_apart_and_its_revision_grows() {
    let mut session = session();
    like(&mut session, true);
    let own = session.log().clone();
    let serial = own.entries()[0].serial;
    let mut foreign = own.entries().to_vec();
    foreign[0].serial = 1 << 63;
    let combined = own.behind(&foreign, 1);
    assert_eq!(combined.entries().iter().map(|said| said.serial).collect::<Vec<_>>(), [1 << 63, serial]);
    assert!(combined.revision() > own.revision());
    let mut shorter = own.clone();
    shorter.forget(|_| true);
    assert!(shorter.behind(&foreign, 1).revision() > combined.revision());
}

#[test]
fn a_key_that_is_learned_says_one_thing_and_is_remembered_by_the_machine() {
    let mut session = session();
    assert_eq!(session.apply(Command::KeyHeard(40)), [Effect::Mix], "nothing waited for a key");
    assert_eq!(session.settings().rating_keys, RatingKeys::default());
    assert_eq!(session.apply(Command::LearnKey(Some(LoopAction::Skip))), [Effect::Mix]);
    assert!(session.learns_key());
    assert_eq!(session.view(WorkerView::Starting).learns_key, Some(LoopAction::Skip));
    // The key that liked until now skips from now on.
    assert_eq!(session.apply(Command::KeyHeard(2)), [Effect::SaveSettings, Effect::Mix]);
    let keys = session.settings().rating_keys;
    assert_eq!(
        (keys.said(2), keys.said(0), keys.like),
        (Some(LoopAction::Skip), Some(LoopAction::Dislike), None)
    );
    assert!(!session.learns_key());
    let _ = session.apply(Command::LearnKey(Some(LoopAction::Like)));
    let _ = session.apply(Command::LearnKey(None));
    let _ = session.apply(Command::KeyHeard(7));
    assert_eq!(session.settings().rating_keys, keys, "the waiting was ended");
}

#[test]
fn bus_levels_and_shapes_are_undone_like_the_mixer_and_the_host_is_to_follow() {
    let mut session = session();
    let sound = |session: &Session| (*session.bus(), session.is_levelled(), session.lanes()[2].shape);
    let before = sound(&session);
    assert_eq!(before, (BusSettings::GENTLE, true, LaneShape::NEW));
    for glue in [0.4, 0.5, 0.9] {
        let bus = BusSettings { glue, ..BusSettings::GENTLE };
        assert_eq!(session.apply(Command::SetBus(bus)), [Effect::Mix]);
    }
    let _ = session.apply(Command::EndGesture);
    for drive in [0.1, 0.2] {
        let shape = LaneShape { drive, ..LaneShape::NEW };
        assert_eq!(session.apply(Command::SetShape { lane: 2, shape }), [Effect::Refresh]);
    }
    assert_eq!(session.apply(Command::SetLevelled(false)), [Effect::Refresh]);
    assert_eq!(session.sound_for_the_host(), None, "it came from the host");
    let after = sound(&session);
    assert_eq!((after.0.glue, after.1, after.2.drive), (0.9, false, 0.2));
    for _ in 0..3 {
        let _ = session.apply(Command::Undo);
    }
    assert_eq!(sound(&session), before, "a drag is one step");
    assert_eq!(session.sound_for_the_host().unwrap().sound, session.sound());
    for _ in 0..3 {
        let _ = session.apply(Command::Redo);
    }
    assert_eq!(sound(&session), after);
    session.host_sounds_alike();
    assert_eq!(session.sound_for_the_host(), None);
    let odd = LaneShape { low_pass_hz: f32::NAN, takes: 99, ..LaneShape::NEW };
    let _ = session.apply(Command::SetShape { lane: 0, shape: odd });
    assert_eq!((session.lanes()[0].shape.low_pass_hz, session.lanes()[0].shape.takes), (20_000.0, 4));
    assert_eq!(session.apply(Command::SetShape { lane: 7, shape: odd }), [], "there is no such lane");
}

#[test]
fn a_loop_is_measured_once() {
    let mut session = session();
    let (id, _) = session.current().unwrap();
    let trim = Trim { before_db: 2.5, behind_db: 0.0 };
    session.set_trim(id, trim);
    session.set_trim(id, Trim::default());
    assert_eq!(session.find(id).unwrap().trim, Some(trim));
    let again = Session::from_text(&session.text().unwrap(), Seed(9), Role::default_lanes(6));
    assert_eq!(again.find(id).unwrap().trim, Some(trim));
}
