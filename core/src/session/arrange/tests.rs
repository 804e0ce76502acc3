use super::super::Session;
use super::super::command::{Command, Enter, ExportKind, Which};
use super::super::doc::Document;
use super::super::tests::session;
use super::super::view::WorkerView;
use super::*;
use crate::pattern::{Hit, SampleId};
use crate::song::Fills;
use crate::taste::{Source, Verdict};

fn ask(session: &mut Session, command: SongCommand) -> Vec<Effect> {
    let effects = session.apply(Command::Song(command));
    let _ = session.settle();
    effects
}

fn names(session: &Session) -> Vec<String> {
    session.song().sections.iter().map(|section| section.name.clone()).collect()
}

fn with_song() -> Session {
    let mut session = session();
    let _ = ask(&mut session, SongCommand::MakeSong { bars: 16 });
    session
}

#[test]
fn a_song_is_made_of_the_loop_in_one_step_and_undone_in_one() {
    let mut session = session();
    let before = session.text().unwrap();
    let (id, pattern) = session.current().unwrap();
    let effects = ask(&mut session, SongCommand::MakeSong { bars: 16 });
    assert!(effects.contains(&Effect::Play(Enter::NextBar)), "{effects:?}");
    assert_eq!(names(&session), ["A", "A′", "B", "Fill", "Break", "Build"]);
    assert_eq!(session.song().strip.bars(), 16);
    assert_eq!(session.current().map(|(_, of)| of), Some(pattern), "A is the loop as it is");
    assert!(session.order().is_song() && session.order().strip_bars() == Some(0..16));
    let fills = &session.song().sections[3];
    assert!(fills.loops.len() > 1 && fills.maker == Maker::Fill);
    let _ = session.apply(Command::Undo);
    assert_eq!(session.current(), Some((id, pattern)));
    assert!(session.song().sections.is_empty());
    let after: Document = Document::read(&session.text().unwrap()).unwrap();
    let before = Document::read(&before).unwrap();
    assert_eq!((after.history.entries(), after.song.strip), (before.history.entries(), before.song.strip));
    let _ = session.apply(Command::Redo);
    assert_eq!(names(&session).len(), 6);
}

#[test]
fn a_project_without_a_song_is_written_as_before_there_were_songs() {
    let text = session().text().unwrap();
    assert!(!text.contains("\"song\""));
}

#[test]
fn the_song_is_read_as_it_was_written_and_what_is_damaged_costs_itself_alone() {
    let mut session = with_song();
    let _ = ask(&mut session, SongCommand::SetFills(Fills { every: 8, half: true }));
    let _ = ask(&mut session, SongCommand::FreeSounds(2, true));
    let _ = ask(&mut session, SongCommand::SetOffset(-3));
    let text = session.text().unwrap();
    let read = Document::read(&text).unwrap();
    assert_eq!(&read.song, session.song());
    assert_eq!(read.write().unwrap(), text, "same session, same bytes");
    // A loop that can't be read, a section of the future, numbers out of range.
    for (from, to) in [
        ("\"name\":\"B\",\"maker\":\"contrast\"", "\"name\":\"B\",\"maker\":\"of the future\""),
        ("\"offset\":-3", "\"offset\":\"x\""),
    ] {
        let (document, missed) = Document::read_and_tell(&text.replacen(from, to, 1)).unwrap();
        assert_eq!(missed, ["the song"]);
        assert_eq!(document.history, read.history);
    }
    let many = text.replacen("\"strip\":[", "\"strip\":[9,200,", 1);
    let (document, missed) = Document::read_and_tell(&many).unwrap();
    assert_eq!(missed, ["parts of the song"]);
    assert_eq!(document.song.strip.cells()[..2], [0, 0]);
    assert_eq!(document.song.sections, read.song.sections);
}

#[test]
fn a_section_is_rated_and_edited_as_a_loop_and_plays_on() {
    let mut session = with_song();
    let _ = ask(&mut session, SongCommand::Choose(3));
    let (id, _) = session.current().unwrap();
    let heard = session.played(id).unwrap();
    let effects = session.apply(Command::Rate { id, verdict: Verdict::of(true) });
    assert!(effects.is_empty(), "a section plays on: {effects:?}");
    assert_eq!(session.current().map(|(of, _)| of), Some(id));
    assert_eq!(session.log().counts(), (1, 0));
    let said = session.log().entries()[0];
    assert_eq!((said.id, said.source), (id, Source::Rated));
    assert!(said.subject == heard, "what is judged is what was heard");
    let _ = session.apply(Command::EditHit { lane: 0, step: 1, hit: Hit::new(77) });
    let view = session.view(WorkerView::Starting);
    assert_eq!(view.song.sections[2].pattern.lanes()[0].hits[1], Hit::new(77));
    assert!(view.song.sections[2].chosen && view.current.edited);
    assert_eq!(view.song.sections[2].verdict, Some(true));
    // Back is the loop that was current before; its successor is a new loop, not a section.
    let _ = session.apply(Command::Back);
    assert_eq!(session.song().chosen, 0);
    assert!(session.order().strip_bars().is_none(), "the loop plays while no section is chosen");
    let _ = session.apply(Command::Undo);
    assert_eq!(session.current().map(|(of, _)| of), Some(id));
}

#[test]
fn sections_share_their_sounds_until_one_frees_its_own() {
    let mut session = with_song();
    let sample =
        |session: &Session, at: usize| session.song().sections[at].loops[0].pattern.lanes()[1].sample;
    let _ = ask(&mut session, SongCommand::FreeSounds(5, true));
    let _ = session.apply(Command::SetSample(1, SampleId(101)));
    let shared = [0, 1, 2, 3, 5].map(|at| sample(&session, at));
    assert_eq!(shared, [SampleId(101); 5]);
    assert_ne!(sample(&session, 4), SampleId(101));
    let _ = session.apply(Command::Undo);
    assert_ne!(sample(&session, 1), SampleId(101));
    let _ = session.apply(Command::Redo);
    let _ = ask(&mut session, SongCommand::FreeSounds(5, false));
    assert_eq!(sample(&session, 4), SampleId(101));
}

#[test]
fn sections_are_made_moved_and_taken_out_and_the_arrangement_follows() {
    let mut session = session();
    let _ = ask(&mut session, SongCommand::Make(Maker::Variation));
    assert_eq!(names(&session), ["A", "A′"], "the loop itself becomes the first");
    let _ = ask(&mut session, SongCommand::Make(Maker::Variation));
    let _ = ask(&mut session, SongCommand::Make(Maker::Break));
    assert_eq!(names(&session), ["A", "A′", "A′′", "Break"]);
    let _ = ask(&mut session, SongCommand::SetStrip(vec![1, 2, 4, 4, 9, 7]));
    assert_eq!(session.song().strip.cells(), [1, 2, 4, 4, 0, 0], "there are no such sections");
    let _ = ask(&mut session, SongCommand::Swap(1, 4));
    assert_eq!(names(&session), ["Break", "A′", "A′′", "A"]);
    assert_eq!(session.song().strip.cells(), [4, 2, 1, 1, 0, 0], "it sounds as before");
    let _ = ask(&mut session, SongCommand::Remove(2));
    assert_eq!(session.song().strip.cells(), [3, 0, 1, 1, 0, 0]);
    let _ = ask(&mut session, SongCommand::Copy(3));
    let _ = ask(&mut session, SongCommand::Rename(4, "Refrain of the whole song\n".to_owned()));
    assert_eq!(names(&session)[3], "Refrain of the w".trim());
    let one = |session: &Session| session.song().sections[1].loops[0].pattern;
    let before = one(&session);
    let _ = ask(&mut session, SongCommand::Reroll(2));
    assert_ne!(one(&session), before);
    let _ = session.apply(Command::Undo);
    assert_eq!(one(&session), before);
    for _ in 0..12 {
        let _ = ask(&mut session, SongCommand::Make(Maker::Contrast));
    }
    assert_eq!(session.song().sections.len(), MAX_SECTIONS);
}

#[test]
fn fills_come_without_an_arrangement_too() {
    let mut session = session();
    let _ = ask(&mut session, SongCommand::SetFills(Fills { every: 4, half: true }));
    assert_eq!(names(&session), ["A", "Fill"]);
    let order = session.order();
    assert!((0..16).all(|bar| order.bar(bar, 0).second.is_some() == (bar % 4 == 3)));
    let _ = session.apply(Command::Undo);
    assert!(session.song().sections.is_empty());
}

#[test]
fn locks_hold_in_all_that_is_made_of_a_loop() {
    let mut session = session();
    let _ = session.apply(Command::LockBeat(0, true));
    let (_, of) = session.current().unwrap();
    let _ = ask(&mut session, SongCommand::MakeSong { bars: 32 });
    assert_eq!(session.song().strip.bars(), 32);
    for entry in session.song().entries() {
        assert_eq!(entry.pattern.lanes()[0].hits[..16], of.lanes()[0].hits[..16]);
    }
}

#[test]
fn lanes_and_grid_change_in_all_sections() {
    let mut session = with_song();
    let _ = session.apply(Command::SetLaneCount(6));
    assert!(session.song().entries().all(|entry| entry.pattern.lanes().len() == 6));
    let mut steering = session.steering();
    steering.grid.steps_per_bar = 12;
    let _ = session.apply(Command::Steer(steering));
    assert!(session.song().entries().all(|entry| entry.pattern.grid.steps_per_bar == 12));
    let _ = session.apply(Command::Undo);
    assert!(session.song().entries().all(|entry| entry.pattern.grid.steps_per_bar == 16));
}

#[test]
fn taking_the_song_away_likes_the_loops_in_it_and_many_loops_go_out_at_once() {
    let mut session = with_song();
    let export = Command::Export { ticket: 4, id: None, kind: ExportKind::SongMidi, to: None, dragged: true };
    let effects = session.apply(export);
    assert!(matches!(effects[..], [Effect::Export { kind: ExportKind::SongMidi, .. }, ..]));
    let said = session.log().entries().iter().filter(|said| said.source == Source::Exported).count();
    assert!((1..=3).contains(&said), "{said}");
    let (id, _) = session.current().unwrap();
    let _ = session.apply(Command::Star(id, true));
    let many = |which| Command::ExportMany { ticket: 1, which, to: None };
    let effects = session.apply(many(Which::Starred));
    assert_eq!(effects, [Effect::ExportMany { ticket: 1, loops: vec![id], to: None }]);
    assert!(session.apply(many(Which::Liked)).is_empty(), "none was liked by word");
}

#[test]
fn the_same_commands_make_the_same_song() {
    let (a, b) = (with_song(), with_song());
    assert_eq!(a.text().unwrap(), b.text().unwrap());
}
