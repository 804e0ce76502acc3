use super::*;
use crate::kit::Audio;
use crate::kit::load::Channels;
use crate::session::command::{Command, KitChoice};
use crate::session::tests::{kit, session, with_kit};
use crate::session::view::{Settings, WorkerView};
use crate::taste::Verdict;
use crate::units::{SampleRate, Seed};

/// A sound of the person's, in a file that nobody reads.
fn own(id: u64, n: usize) -> Arc<Sample> {
    let analysis = Arc::clone(&kit().samples()[n].analysis);
    let path = format!("/sounds/{id}.wav").into();
    Arc::new(Sample::in_file(SampleId(id), format!("Own {id}"), Role::Snare, path, Channels::Keep, analysis))
}

/// A session whose first lanes play sounds of the person's own, as it is opened elsewhere.
fn opened_elsewhere() -> Session {
    let mut session = session();
    for id in 0..6 {
        let _ = session.set_loaded_sample(id % 4, None, Ok(own(1_000 + id as u64, id)));
    }
    with_kit(Session::from_text(&session.text().unwrap(), Seed(1), Role::default_lanes(4)))
}

fn embed(session: &mut Session, on: bool) {
    let _ = session.apply(Command::SetSettings(Settings { embed_samples: on, ..Settings::default() }));
    while let Some(sample) = session.next_to_embed() {
        session.set_embedded(&sample, Ok("QUJD".into()));
    }
}

#[test]
fn missing_sounds_are_named_in_one_notice_and_their_stand_ins_play() {
    let mut session = opened_elsewhere();
    let wanted = session.wanted();
    assert_eq!((wanted.ids.len(), wanted.known.len()), (4, 4));
    let stand_ins = wanted.ids.iter().map(|&(id, _)| (id, Arc::clone(&kit().samples()[7]))).collect();
    let effects = session.set_found(Found { samples: Vec::new(), stand_ins });
    assert_eq!(effects, [Effect::Refresh]);
    let view = session.view(WorkerView::Starting);
    assert_eq!(view.notices.len(), 1);
    assert!(view.notices[0].text.contains("“Own 1002”"), "{}", view.notices[0].text);
    assert!(view.lanes.iter().all(|lane| lane.missing && lane.sample_name.starts_with("Own ")));
    let lane = session.current().unwrap().1.lanes()[2];
    assert_eq!(session.sounding(&lane).unwrap().id, kit().samples()[7].id);
    // And nothing of the project is lost.
    let before = session.document().samples;
    assert_eq!(before.len(), 4);
    assert!(before.iter().all(|doc| doc.path.is_some() && doc.sound.is_some()));
}

#[test]
fn locating_the_very_file_mends_every_loop_at_once() {
    let mut session = opened_elsewhere();
    let _ = session.apply(Command::Forward);
    let effects = session.apply(Command::Locate(SampleId(1_005), "/elsewhere/x.wav".into()));
    assert!(matches!(&effects[..], [Effect::LoadSample { replaces: Some(SampleId(1_005)), .. }]));
    let effects = session.set_loaded_sample(0, Some(SampleId(1_005)), Ok(own(1_005, 5)));
    assert_eq!(effects, [Effect::Refresh], "the engine gets the sound");
    assert_eq!(session.wanted().ids.len(), 3);
}

#[test]
fn locating_another_file_replaces_the_missing_one_in_all_loops_as_one_step() {
    let mut session = opened_elsewhere();
    let _ = session.apply(Command::Forward);
    let missing = SampleId(1_004);
    let uses = |session: &Session, id| {
        let lanes = session.history().entries().iter().flat_map(|entry| entry.pattern.lanes());
        lanes.filter(|lane| lane.sample == id).count()
    };
    assert_eq!(uses(&session, missing), 1);
    let _ = session.set_loaded_sample(0, Some(missing), Ok(own(77, 3)));
    assert_eq!((uses(&session, missing), uses(&session, SampleId(77))), (0, 1));
    let _ = session.apply(Command::Undo);
    assert_eq!(uses(&session, missing), 1);
}

#[test]
fn loops_keep_their_sounds_when_another_kit_is_chosen() {
    let mut session = session();
    let before = session.current().unwrap().1;
    let other = Kit::new("other", [own(5_000, 1)]);
    let learner = crate::propose::learner(crate::propose::CriticKind::Random, Arc::new(other), Seed(1));
    let other = Arc::new(Kit::new("other", [own(5_000, 1)]));
    let _ = session.set_kit(other, learner, KitView::default());
    for lane in before.lanes() {
        assert_eq!(session.sounding(lane).unwrap().id, lane.sample);
    }
    assert!(session.view(WorkerView::Starting).kit.missing.is_empty());
}

#[test]
fn a_choice_embeds_the_persons_own_sounds_and_taking_it_back_leaves_their_paths() {
    let mut session = session();
    let _ = session.set_loaded_sample(0, None, Ok(own(900, 2)));
    assert!(session.next_to_embed().is_none(), "only by choice");
    embed(&mut session, true);
    let docs = session.document().samples;
    assert_eq!(docs.len(), 1, "factory sounds are not embedded");
    assert_eq!(docs[0].embedded.as_deref(), Some("QUJD"));
    embed(&mut session, false);
    let docs = session.document().samples;
    assert_eq!((docs[0].embedded.as_deref(), docs[0].path.is_some()), (None, true));
}

#[test]
fn what_came_with_the_project_and_has_no_other_home_stays_in_it() {
    let mut session = session();
    let _ = session.set_loaded_sample(0, None, Ok(own(900, 2)));
    embed(&mut session, true);
    let mut elsewhere =
        with_kit(Session::from_text(&session.text().unwrap(), Seed(1), Role::default_lanes(4)));
    let doc = elsewhere.wanted().known[0].clone();
    let audio = Audio { rate: SampleRate::CD, left: vec![0.5, -0.5, 0.0], right: None };
    let sample = Sample::decoded(doc.id, doc.name.clone(), doc.role, Origin::Embedded, audio);
    let _ = elsewhere.set_found(Found { samples: vec![Arc::new(sample)], stand_ins: Vec::new() });
    assert!(elsewhere.view(WorkerView::Starting).notices.is_empty(), "nothing is missing");
    let _ = elsewhere.apply(Command::SetSettings(Settings::default()));
    let again = &elsewhere.document().samples[0];
    assert_eq!((again.embedded.as_deref(), &again.path), (Some("QUJD"), &doc.path));
}

#[test]
fn embedding_has_a_limit_and_liked_loops_come_first() {
    let mut session = session();
    let long: Arc<str> = "A".repeat(3 << 20).into();
    let _ = session.apply(Command::SetSettings(Settings { embed_samples: true, ..Settings::default() }));
    for n in 0..8u64 {
        let _ = session.set_loaded_sample(0, None, Ok(own(900 + n, n as usize)));
        let (id, _) = session.current().unwrap();
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(n < 2) });
        let _ = session.settle();
    }
    let mut encoded = 0;
    while let Some(sample) = session.next_to_embed() {
        session.set_embedded(&sample, Ok(Arc::clone(&long)));
        encoded += 1;
        assert!(encoded <= 8, "each is tried once");
    }
    let kept: Vec<u64> =
        session.document().samples.iter().filter(|doc| doc.embedded.is_some()).map(|doc| doc.id.0).collect();
    assert_eq!(kept, [900, 901], "what was liked, within the limit");
    assert_eq!(session.document().samples.len(), 8);
    assert!(session.text().unwrap().len() < 7 << 20);
}

#[test]
fn stepping_goes_through_the_role_by_likeness_and_comes_back() {
    let mut session = session();
    let first = session.current().unwrap().1.lanes()[1].sample;
    let _ = session.apply(Command::StepSample { lane: 1, delta: 1 });
    let second = session.current().unwrap().1.lanes()[1].sample;
    assert_ne!(first, second);
    let _ = session.apply(Command::StepSample { lane: 1, delta: -1 });
    assert_eq!(session.current().unwrap().1.lanes()[1].sample, first);
    // A file that is not of the kit steps to the sound of the kit that is most like it.
    let _ = session.set_loaded_sample(1, None, Ok(own(900, 3)));
    let _ = session.apply(Command::StepSample { lane: 1, delta: 1 });
    assert_eq!(session.current().unwrap().1.lanes()[1].sample, kit().samples()[3].id);
}

#[test]
fn mono_is_part_of_the_project_and_one_step_back() {
    let mut session = session();
    assert_eq!(session.apply(Command::SetMono(true)), [Effect::LoadKit(KitChoice::Factory)]);
    assert!(session.apply(Command::SetMono(true)).is_empty());
    assert!(Session::from_text(&session.text().unwrap(), Seed(1), Role::default_lanes(4)).is_mono());
    assert!(session.view(WorkerView::Starting).kit.mono);
    assert_eq!(session.apply(Command::Undo), [Effect::LoadKit(KitChoice::Factory)]);
    assert!(!session.is_mono());
    let _ = session.apply(Command::Redo);
    assert!(session.is_mono());
}
