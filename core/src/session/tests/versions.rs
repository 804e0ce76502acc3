//! Stored documents of every version, read and written by the present release.

use super::*;
use crate::export::NoteMap;
use crate::import::bars::Bar;
use crate::session::riff::{PlayedNote, Riff};
use crate::session::song::SongCommand;
use crate::taste::friend::{Friend, Together};

/// What older versions lack, as the present one writes it: levels and bus are off before version 4, and what came
/// with later versions is written only where it is not as before.
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

/// The stored fixture of version 5: of a project that plays as it did but for the number of its version.
#[test]
fn a_document_of_version_5_is_read_and_written_as_the_present_one() {
    let text = std::fs::read_to_string(fixture("session_v5.json")).unwrap();
    let session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), of_present_version(5, &text));
    let (_, pattern) = session.current().unwrap();
    assert!(!pattern.is_alive() && pattern.dice == 0);
    let document = session.document();
    assert_eq!(document.midi_map, None, "keys are those of the machine");
    assert_eq!((document.steering.follow, document.riff), (0.0, Riff::default()), "nothing is followed");
    of_a_bus_a_lane_and_a_trim(session);
}

/// The stored fixture of version 6, the present one: life in its loop, a clip's feel, a song, an inbox, a
/// friend, a drum map of the person's own, and notes that are followed.
/// `DEEPDRUMMER_WRITE_FIXTURE=1` writes it anew: only ever for a version that no release has written yet.
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
        let clip = Bar { pattern: session.current().unwrap().1, count: 2 };
        let _ = session.set_read_feel("/clips/Late.mid".as_ref(), Ok((vec![clip], Vec::new())));
        let _ = session.apply(Command::Song(SongCommand::MakeSong { bars: 16 }));
        let _ = session.apply(Command::SetMidiMap(Some(map.clone())));
        let _ = session.apply(Command::Steer(Steering { follow: -0.25, ..session.steering() }));
        let _ = session.apply(Command::SetRiff(riff.clone()));
        let mut document = session.document();
        let mut found = document.history.entries()[1].clone();
        (found.number, found.id) = (0, crate::taste::LoopId(77));
        document.inbox = vec![found];
        document.project_share = 0.75;
        document.friend = Some(Friend {
            name: "Anna".to_owned(),
            path: "/friends/anna.deepdrummer-taste".into(),
            share: 0.25,
            together: Together::Either,
        });
        std::fs::write(&path, document.write().unwrap()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let mut session = Session::from_text(&text, Seed(99), Role::default_lanes(6));
    assert_eq!(session.text().unwrap(), text);
    assert_eq!(session.clip_feel().unwrap().name, "Late");
    assert!(session.song().sections.len() >= 4, "{}", session.song().sections.len());
    let pattern = session.history().current().unwrap().pattern;
    assert_eq!(pattern.lanes()[2].hits[3].life.to_string(), "?60*3<:2/4");
    assert_eq!(pattern.lanes()[3].course, Course { length: 12, direction: Direction::ToAndFro, rotation: 2 });
    assert!(pattern.dice != 0 && text.contains(&format!(" d{} ", pattern.dice)));
    let view = session.view(WorkerView::Starting);
    assert_eq!((view.inbox.loops.len(), view.inbox.loops[0].id), (1, crate::taste::LoopId(77)));
    assert_eq!((view.taste.whose.project_share, view.taste.whose.friend.unwrap().share), (0.75, 0.25));
    let document = session.document();
    assert_eq!((document.midi_map, document.riff), (Some(map), riff));
    assert_eq!(document.steering.follow, -0.25);
    of_a_bus_a_lane_and_a_trim(session);
}

/// What the stored fixtures of versions 5 and 6 have beside what came with them.
fn of_a_bus_a_lane_and_a_trim(mut session: Session) {
    assert_eq!((session.bus().glue, session.lanes()[1].shape.decay_ms), (0.6, 320.0));
    assert_eq!(session.history().current().unwrap().trim.unwrap().before_db, -3.25);
    assert!(session.is_levelled() && session.view(WorkerView::Starting).notices.is_empty());
    assert_eq!(session.view(WorkerView::Starting).presets.current.unwrap().id.name, "Waltz in the Dark");
    assert_eq!((session.seed(), session.document().judgements.len()), (Seed(7), 2));
    assert_ne!(session.learner_seed_wanted(), Seed(7));
}
