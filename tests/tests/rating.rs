//! Ratings from the host reach the session: the right verdict, for the loop that was heard.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_tests::audio::first_difference;
use deepdrummer_tests::clap_host::{Input, Library};
use deepdrummer_tests::song::{BAR, BLOCK, BPM, RATE, Song};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{changes_at_a_bar, note_ons, wanted};
use deepdrummer_tests::transport::Transport;

const LIKE_KEY: u8 = 2;
const DISLIKE_KEY: u8 = 0;

#[test]
fn a_rating_by_parameter_is_kept_with_the_loop_that_was_heard() {
    let mut song = Song::start();
    for (count, (id, like)) in [("like", true), ("dislike", false), ("like", true)].into_iter().enumerate() {
        let heard = state::current(&song.document()).id;
        song.press(id);
        let document = song.play_until("the rating", |document| document.judgements.len() == count + 1);
        let judgement = document.judgements.last().unwrap();
        assert_eq!((judgement.id, judgement.verdict.like), (heard, Some(like)));
        let entry = document.history.get(heard).unwrap();
        assert_eq!(entry.verdict, Some(like), "the history shows the verdict");
        song.play_until("the next loop", |document| state::current(document).id != heard);
        song.play_bars(2);
    }
    song.end();
}

#[test]
fn a_rating_by_note_is_kept_with_the_loop_that_was_heard() {
    let mut song = Song::start();
    for (count, (key, like)) in [(LIKE_KEY, true), (DISLIKE_KEY, false)].into_iter().enumerate() {
        let heard = state::current(&song.document()).id;
        song.step(&[(7, Input::NoteOn { key, velocity: 0.8 }), (300, Input::NoteOff { key })]);
        let document = song.play_until("the rating", |document| document.judgements.len() == count + 1);
        let judgement = document.judgements.last().unwrap();
        assert_eq!((judgement.id, judgement.verdict.like), (heard, Some(like)));
        song.play_until("the next loop", |document| state::current(document).id != heard);
        song.play_bars(2);
    }
    song.end();
}

#[test]
fn skip_and_back_walk_through_the_history() {
    let mut song = Song::start();
    let first = state::current(&song.document()).id;
    song.press("skip");
    song.play_until("the next loop", |document| state::current(document).id != first);
    song.play_bars(2);
    song.press("back");
    song.play_until("the loop before", |document| state::current(document).id == first);
    song.end();
}

#[test]
fn a_held_rating_parameter_rates_once() {
    let mut song = Song::start();
    song.step(&[(0, Input::Parameter { id: "like", value: 1.0 })]);
    song.play_until("the rating", |document| document.judgements.len() == 1);
    for _ in 0..400 {
        song.step(&[(0, Input::Parameter { id: "like", value: 1.0 })]);
    }
    assert_eq!(song.document().judgements.len(), 1);
    song.end();
}

#[test]
fn a_press_that_is_shorter_than_a_block_rates() {
    let mut song = Song::start();
    song.step(&[
        (10, Input::Parameter { id: "dislike", value: 1.0 }),
        (20, Input::Parameter { id: "dislike", value: 0.0 }),
    ]);
    let document = song.play_until("the rating", |document| document.judgements.len() == 1);
    assert_eq!(document.judgements[0].verdict.like, Some(false));
    song.end();
}

#[test]
fn a_project_that_was_saved_while_like_was_on_rates_nothing_when_it_is_opened() {
    let mut song = Song::start();
    song.step(&[(0, Input::Parameter { id: "like", value: 1.0 })]);
    song.play_until("the rating", |document| document.judgements.len() == 1);
    song.play_bars(2);
    let state = song.plugin.save();
    // Loaded while it plays, then activated anew with the parameter still on.
    let mut other = Song::start();
    assert!(other.plugin.load(&state));
    assert!((other.plugin.value("like") - 1.0).abs() < f64::EPSILON, "the value comes back");
    other.play_bars(2);
    assert_eq!(other.document().judgements.len(), 1);
    other.plugin.deactivate(other.session);
    other.session = other.plugin.activate(44_100.0, BLOCK);
    other.play_bars(2);
    assert_eq!(other.document().judgements.len(), 1);
    // Off and on again is a press.
    other.step(&[(0, Input::Parameter { id: "like", value: 0.0 })]);
    other.press("like");
    other.play_until("a second rating", |document| document.judgements.len() == 2);
    other.end();
    song.end();
}

#[test]
fn a_rating_changes_no_sample_before_the_next_bar() {
    let library = Library::bundled();
    let mut donor = library.open();
    let session = donor.activate(RATE, BLOCK);
    let state = donor.save();
    donor.deactivate(session);
    let bar = (RATE * 2.0) as usize;
    let render = |inputs: &[(usize, Input)]| {
        let mut plugin = library.open();
        assert!(plugin.load(&state));
        let mut session = plugin.activate(RATE, BLOCK);
        let (audio, _) = session.play(bar, BLOCK, Transport::playing(0.0, 120.0), inputs);
        plugin.deactivate(session);
        audio
    };
    let rated = render(&[(9_000, Input::Parameter { id: "like", value: 1.0 })]);
    assert_eq!(first_difference(&render(&[]), &rated), None);
}

#[test]
fn the_next_loop_enters_exactly_at_a_bar() {
    let mut song = Song::start();
    let before = song.document();
    let old = state::current(&before);
    song.press("like");
    let mut notes = song.session.take_notes();
    // The loop that is current in the document may still wait for its bar: play two bars more.
    let document = song.play_until("the next loop", |document| state::current(document).id != old.id);
    let new = state::current(&document);
    let entered_before = song.transport.beats.unwrap();
    let frames = (RATE * 4.0) as usize;
    while song.session.frames_done() < frames as u64 + (entered_before * RATE / 2.0) as u64 {
        song.step(&[]);
    }
    notes.extend(song.session.take_notes());
    let notes = note_ons(&notes, 0);
    let done = song.session.frames_done() as usize;
    let last_line = (entered_before / 4.0).ceil() as u64 + 1;
    // Some bar line is the change: the old loop plays up to it, the new one from it on.
    let of = |pattern| wanted(pattern, 0.0, done, BPM, RATE);
    assert_eq!(changes_at_a_bar(&notes, &of(&old.pattern), &of(&new.pattern), 1..=last_line, BAR), Ok(()));
    song.end();
}
