//! Stored documents of every version, read and written by the present release.

use super::*;
use crate::export::NoteMap;
use crate::session::riff::{PlayedNote, Riff};

/// What older versions lack, as the present one writes it: levels and bus are off before version 4, and what came
/// with versions 5 and 6 is written only where it is not as before.
fn of_present_version(version: u32, text: &str) -> String {
    let text = text.replacen(&format!("\"version\":{version}"), "\"version\":6", 1);
    if version >= 4 {
        return text;
    }
    let seed = "\"seed\":7,\"learner_seed\":7,\"kit\":\"factory\",\"preset\":null,";
    let text = text.replacen("\"seed\":7,\"kit\":\"factory\",", seed, 1);
    let bus = serde_json::to_string(&BusSettings::OFF).unwrap();
    text.replacen(",\"samples\":", &format!(",\"bus\":{bus},\"levelled\":false,\"samples\":"), 1)
}

/// What a project of before there were levels says, once.
fn is_told_to_sound_as_it_did(session: &mut Session) {
    let view = session.view(WorkerView::Starting);
    assert_eq!((view.levelled, view.bus.is_off()), (false, true));
    assert!(view.lanes.iter().all(|lane| lane.shape == LaneShape::NEUTRAL));
    assert_eq!(view.notices.len(), 1);
    assert!(view.notices[0].next_step.contains("as it did"), "{:?}", view.notices);
    let mut again = Session::from_text(&session.text().unwrap(), Seed(99), Role::default_lanes(6));
    assert_eq!(again.view(WorkerView::Starting).notices, []);
}

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The stored fixture of version 1.
#[test]
fn a_document_of_version_1_is_read_and_written_as_the_present_one() {
    let text = std::fs::read_to_string(fixture("session_v1.json")).unwrap();
    let mut session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    let present = of_present_version(1, &text);
    let present = present.replacen(",\"profile\":", ",\"mono\":false,\"profile\":", 1);
    assert_eq!(session.text().unwrap(), present);
    assert_eq!(session.seed(), Seed(7));
    assert_eq!(session.log().entries().len(), 7);
    assert!(session.history().entries()[0].starred);
    is_told_to_sound_as_it_did(&mut session);
}

/// The stored fixture of version 2, with a sound in a file and one that is embedded.
#[test]
fn a_document_of_version_2_is_read_and_written_as_the_present_one() {
    let text = std::fs::read_to_string(fixture("session_v2.json")).unwrap();
    let session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), of_present_version(2, &text));
    assert!(session.is_mono());
    let known = session.wanted().known;
    assert_eq!(known.len(), 2);
    assert_eq!(known.iter().filter(|doc| doc.embedded.as_deref() == Some("QUJD")).count(), 1);
    assert!(known.iter().all(|doc| doc.sound.is_some() && doc.path.is_some()));
}

/// The stored fixture of version 3: it came from a preset, whose seed the learner has.
#[test]
fn a_document_of_version_3_is_read_and_written_as_the_present_one() {
    let text = std::fs::read_to_string(fixture("session_v3.json")).unwrap();
    let mut session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), of_present_version(3, &text));
    assert_eq!(session.view(WorkerView::Starting).presets.current.unwrap().id.name, "Waltz in the Dark");
    assert_eq!((session.seed(), session.document().judgements.len()), (Seed(7), 2));
    assert_ne!(session.learner_seed_wanted(), Seed(7));
    is_told_to_sound_as_it_did(&mut session);
}

/// The stored fixture of version 4, with a bus and a lane off their defaults and a loop that was measured.
#[test]
fn a_document_of_version_4_is_read_and_written_as_the_present_one() {
    let text = std::fs::read_to_string(fixture("session_v4.json")).unwrap();
    let session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), of_present_version(4, &text));
    assert_eq!((session.bus().glue, session.lanes()[1].shape.decay_ms), (0.6, 320.0));
    assert_eq!(session.history().current().unwrap().trim.unwrap().before_db, -3.25);
}

/// The stored fixture of version 5, of a preset with a learner's seed of its own.
#[test]
fn a_document_of_version_5_is_read_and_written_as_the_present_one() {
    let text = std::fs::read_to_string(fixture("session_v5.json")).unwrap();
    let mut session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), of_present_version(5, &text));
    assert_eq!((session.bus().glue, session.lanes()[1].shape.decay_ms), (0.6, 320.0));
    assert_eq!(session.history().current().unwrap().trim.unwrap().before_db, -3.25);
    assert!(session.is_levelled() && session.view(WorkerView::Starting).notices.is_empty());
    assert_eq!(session.view(WorkerView::Starting).presets.current.unwrap().id.name, "Waltz in the Dark");
    assert_eq!((session.seed(), session.document().judgements.len()), (Seed(7), 2));
    assert_ne!(session.learner_seed_wanted(), Seed(7));
    let document = session.document();
    assert_eq!(document.midi_map, None, "keys are those of the machine");
    assert_eq!((document.steering.follow, document.riff), (0.0, Riff::default()), "nothing is followed");
}

/// The stored fixture of version 6, the present one, with a drum map of the person's own and notes that are followed.
/// `DEEPDRUMMER_WRITE_FIXTURE=1`
/// writes it anew: only ever for a version that no release has written yet.
#[test]
fn a_document_of_version_6_is_read_and_written_back_the_same() {
    let path = fixture("session_v6.json");
    let own = NoteMap::Toontrack.as_own().with_main(Role::Kick, 24);
    let map = MidiMap { map: NoteMap::Own(own), name: "My pads".to_owned() };
    let notes = vec![PlayedNote { bar: 4, beat: 1.5, key: 40, velocity: 96 }];
    let riff = Riff { bars: 8, hold: true, notes };
    if std::env::var_os("DEEPDRUMMER_WRITE_FIXTURE").is_some() {
        let mut session = session();
        like(&mut session, true);
        let _ = session.apply(Command::SetMidiMap(Some(map.clone())));
        let _ = session.apply(Command::Steer(Steering { follow: -0.25, ..session.steering() }));
        let _ = session.apply(Command::SetRiff(riff.clone()));
        std::fs::write(&path, session.text().unwrap()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), text);
    let document = session.document();
    assert_eq!((document.midi_map, document.riff), (Some(map), riff));
    assert_eq!(document.steering.follow, -0.25);
}
