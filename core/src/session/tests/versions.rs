//! Stored documents of every version, read and written by the present release.

use super::*;
use crate::import::bars::Bar;
use crate::session::command::PresetId;
use crate::session::song::SongCommand;

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

/// The stored fixture of version 5: it came from a preset, with a bus and a lane off their defaults.
#[test]
fn a_document_of_version_5_is_read_and_only_its_version_changes() {
    let text = std::fs::read_to_string(fixture("session_v5.json")).unwrap();
    let mut session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), of_present_version(5, &text));
    assert_eq!((session.bus().glue, session.lanes()[1].shape.decay_ms), (0.6, 320.0));
    assert_eq!(session.history().current().unwrap().trim.unwrap().before_db, -3.25);
    assert!(session.is_levelled() && session.view(WorkerView::Starting).notices.is_empty());
    assert_eq!(session.view(WorkerView::Starting).presets.current.unwrap().id.name, "Waltz in the Dark");
    assert_eq!((session.seed(), session.document().judgements.len()), (Seed(7), 2));
    assert_ne!(session.learner_seed_wanted(), Seed(7));
}

/// The stored fixture of version 6, the present one, with a song and the feel of a clip.
/// `DEEPDRUMMER_WRITE_FIXTURE=1` writes it anew: only ever for a version that no release has written yet.
#[test]
fn a_document_of_version_6_is_read_and_written_back_the_same() {
    let path = fixture("session_v6.json");
    if std::env::var_os("DEEPDRUMMER_WRITE_FIXTURE").is_some() {
        let mut session = session();
        like(&mut session, true);
        let _ = session.apply(Command::Song(SongCommand::MakeSong { bars: 16 }));
        let clip = Bar { pattern: session.current().unwrap().1, count: 2 };
        session.set_read_feel("/clips/Late.mid".as_ref(), Ok((vec![clip], Vec::new())));
        std::fs::write(&path, session.text().unwrap()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), text);
    assert_eq!((session.clip_feel().unwrap().name.as_str(), session.human()), ("Late", 0.6));
    assert!(session.song().sections.len() >= 4, "{}", session.song().sections.len());
    assert!(session.song().strip.bars() >= 16);
}

/// A stored fixture of version 6 with life in its loop, written as the other one.
#[test]
fn a_document_of_version_6_with_life_is_read_and_written_back_the_same() {
    let path = fixture("session_v6_life.json");
    if std::env::var_os("DEEPDRUMMER_WRITE_FIXTURE").is_some() {
        let mut session = session();
        like(&mut session, true);
        let id = PresetId { own: false, name: "Waltz in the Dark".to_owned() };
        assert_eq!(session.apply(Command::LoadPreset(id)), [Effect::LoadPreset]);
        let mut session = with_kit(session);
        like(&mut session, false);
        let bus = BusSettings { glue: 0.6, duck_db: 3.0, ..BusSettings::GENTLE };
        let _ = session.apply(Command::SetBus(bus));
        let shape = LaneShape { decay_ms: 320.0, drive: 0.18, swing_percent: 58.0, ..LaneShape::NEW };
        let _ = session.apply(Command::SetShape { lane: 1, shape });
        let (id, _) = session.current().unwrap();
        session.set_trim(id, Trim { before_db: -3.25, behind_db: -0.4 });
        let life = Life::new(60, (3, Curve::Rising), Condition::Every { passes: 4, at: 1 });
        let hit = Hit { velocity: 90, offset: -5, life };
        assert_eq!(session.apply(Command::EditCells(vec![(2, 3, hit)])), [Effect::Refresh]);
        let course = Course { length: 12, direction: Direction::ToAndFro, rotation: 2 };
        assert_eq!(session.apply(Command::SetCourse { lane: 3, course }), [Effect::Refresh]);
        std::fs::write(&path, session.text().unwrap()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), text);
    let (_, pattern) = session.current().unwrap();
    assert_eq!(pattern.lanes()[2].hits[3].life.to_string(), "?60*3<:2/4");
    assert_eq!(pattern.lanes()[3].course, Course { length: 12, direction: Direction::ToAndFro, rotation: 2 });
    assert!(pattern.dice != 0 && text.contains(&format!(" d{} ", pattern.dice)));
}
