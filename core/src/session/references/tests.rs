use super::super::tests::{kit, session, with_kit};
use super::super::view::WorkerView;
use super::*;
use crate::import::bars::Bar;
use crate::kit::sketch::Sketch;
use crate::pattern::{Grid, Hit, Lane, Loop, Role, SampleId, Swing};
use crate::session::command::Command;
use crate::session::doc::Document;
use crate::taste::Verdict;

fn material() -> Material {
    let mut kick = Lane::empty(Role::Kick, SampleId::NONE);
    kick.hits[0] = Hit::PLAIN;
    let pattern = Loop::new(Grid::default(), Swing::STRAIGHT, &[kick]);
    let sound = kit().samples().iter().find(|sample| sample.role == Role::Kick).cloned().unwrap();
    Material {
        bars: vec![Bar { pattern, count: 4 }],
        sounds: vec![(Role::Kick, Sketch::of(&sound.analysis))],
        files: 1,
        unread: Vec::new(),
    }
}

fn told(session: &mut Session) -> usize {
    // The counting learner predicts how many judgements it was told, in hundredths.
    let pattern = session.current().unwrap().1;
    let learner = session.teaching.learner().unwrap();
    (learner.predict(&pattern).p_like * 100.0).round() as usize
}

#[test]
fn a_reference_is_brought_weighed_removed_and_undone_and_the_learner_hears_of_each() {
    let mut session = session();
    let path = std::path::PathBuf::from("/loved/groove.wav");
    let effects = session.apply(Command::BringReference { path: path.clone(), kind: None });
    assert_eq!(effects, [Effect::ReadReference { path: path.clone(), kind: None }]);
    session.set_read_reference(&path, None, Ok(material()));
    let view = session.view(WorkerView::Starting).taste.references;
    assert_eq!((view.len(), view[0].name.as_str(), view[0].bars), (1, "groove.wav", 4));
    assert_eq!(view[0].kind, ReferenceKind::Both);
    assert_eq!(told(&mut session), 1);
    let _ = session.apply(Command::SetReference { at: 0, kind: ReferenceKind::Rhythm, weight: 99.0 });
    assert_eq!((session.references()[0].kind, session.references()[0].weight), (ReferenceKind::Rhythm, 4.0));
    let _ = session.apply(Command::RemoveReference(0));
    assert_eq!(told(&mut session), 0);
    let _ = session.apply(Command::RemoveReference(7));
    for (count, kind) in [(1, Some(ReferenceKind::Rhythm)), (1, Some(ReferenceKind::Both)), (0, None)] {
        let _ = session.apply(Command::Undo);
        assert_eq!(session.references().len(), count);
        assert_eq!(session.references().first().map(|reference| reference.kind), kind);
        assert_eq!(told(&mut session), count);
    }
    let _ = session.apply(Command::Redo);
    assert_eq!(told(&mut session), 1);
    // Nothing of it is a judgement of the person.
    assert!(session.log().entries().is_empty());
}

#[test]
fn the_same_file_again_takes_its_own_place_and_what_can_not_be_read_is_said() {
    let mut session = session();
    let path = Path::new("/loved/groove.wav");
    session.set_read_reference(path, Some(ReferenceKind::Rhythm), Ok(material()));
    session.set_read_reference(path, Some(ReferenceKind::Sound), Ok(material()));
    assert_eq!(session.references().len(), 1);
    assert_eq!(session.references()[0].kind, ReferenceKind::Sound);
    let before = session.view(WorkerView::Starting).notices.len();
    session.set_read_reference(Path::new("/loved/no.txt"), None, Err("it is not a file".into()));
    let only_bars = Material { sounds: Vec::new(), ..material() };
    session.set_read_reference(Path::new("/b.mid"), Some(ReferenceKind::Sound), Ok(only_bars));
    assert_eq!(session.view(WorkerView::Starting).notices.len(), before + 2);
    assert_eq!(session.references().len(), 1);
}

#[test]
fn references_and_directions_survive_the_document_and_one_without_them_is_written_as_before() {
    let mut session = session();
    let plain = session.text().unwrap();
    assert!(!plain.contains("references") && !plain.contains("directions"));
    session.set_read_reference(Path::new("/loved/groove.wav"), None, Ok(material()));
    let directions = crate::features::Directions::of_names(["Techno", "Jazz"]).unwrap();
    let _ = session.apply(Command::SetDirections(directions));
    let text = session.text().unwrap();
    let (document, missed) = Document::read_and_tell(&text).unwrap();
    assert!(missed.is_empty(), "{missed:?}");
    assert_eq!((&document.references[..], document.directions), (session.references(), directions));
    let mut again = with_kit(Session::new(document));
    assert_eq!(told(&mut again), 1);
    assert_eq!(again.text().unwrap(), text);
    // A damaged one costs the other parts nothing, and goes along.
    let damaged = text.replace("\"kind\":\"both\"", "\"kind\":\"scent\"");
    let (document, missed) = Document::read_and_tell(&damaged).unwrap();
    assert_eq!((document.references.len(), document.directions), (0, directions));
    assert_eq!(missed.len(), 1);
    assert!(document.write().unwrap().contains("scent"));
}

#[test]
fn directions_are_undone_and_before_anything_was_said_they_are_heard_at_once() {
    let mut session = session();
    let first = session.current().unwrap().0;
    let techno = crate::features::Directions::of_names(["Techno"]).unwrap();
    let effects = session.apply(Command::SetDirections(techno));
    assert!(matches!(effects[..], [Effect::Play(_)]));
    assert_ne!(session.current().unwrap().0, first);
    let _ = session.settle();
    let _ = session.apply(Command::Undo);
    assert_eq!(session.current().unwrap().0, first);
    assert!(session.document().directions.is_none());
    let _ = session.apply(Command::Redo);
    let id = session.current().unwrap().0;
    let _ = session.apply(Command::Rate { id, verdict: Verdict::of(true) });
    let effects = session.apply(Command::SetDirections(crate::features::Directions::NONE));
    assert!(effects.is_empty(), "what plays stays once something was said");
}
