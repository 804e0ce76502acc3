//! Ratings from the host reach the session: the right verdict, for the loop that was heard.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::session::doc::Document;
use deepdrummer_tests::audio::first_difference;
use deepdrummer_tests::clap_host::{Input, Library, Plugin, Session, until};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{compare, note_ons, sort, wanted};
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;
const BLOCK: usize = 512;
const LIKE_KEY: u8 = 2;
const DISLIKE_KEY: u8 = 0;

/// An instance whose song plays on while the test waits.
struct Song {
    plugin: Plugin,
    session: Session,
    transport: Transport,
}

impl Song {
    fn start() -> Self {
        let mut plugin = Library::bundled().open();
        let session = plugin.activate(RATE, BLOCK);
        let mut song = Self { plugin, session, transport: Transport::playing(0.0, 120.0) };
        song.step(&[]);
        until("the first loop in the state", || song.document().history.current().map(|_| ()));
        song
    }

    fn step(&mut self, inputs: &[(usize, Input)]) {
        self.session.process(BLOCK, Some(&self.transport), inputs);
        self.transport = self.transport.after(BLOCK, RATE);
        self.plugin.idle();
    }

    fn document(&mut self) -> Document {
        state::document(&self.plugin.save())
    }

    /// Plays on until the saved session fulfils a condition.
    fn play_until(&mut self, what: &str, condition: impl Fn(&Document) -> bool) -> Document {
        until(what, || {
            self.step(&[]);
            let document = self.document();
            condition(&document).then_some(document)
        })
    }

    /// Plays two bars, after which whatever was to enter has entered.
    fn play_two_bars(&mut self) {
        for _ in 0..(RATE * 4.0) as usize / BLOCK + 1 {
            self.step(&[]);
        }
    }

    /// Sets a momentary parameter for one block.
    fn press(&mut self, id: &'static str) {
        self.step(&[(100, Input::Parameter { id, value: 1.0 })]);
        self.step(&[(100, Input::Parameter { id, value: 0.0 })]);
    }

    fn end(mut self) {
        self.plugin.deactivate(self.session);
    }
}

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
        song.play_two_bars();
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
        song.play_two_bars();
    }
    song.end();
}

#[test]
fn skip_and_back_walk_through_the_history() {
    let mut song = Song::start();
    let first = state::current(&song.document()).id;
    song.press("skip");
    song.play_until("the next loop", |document| state::current(document).id != first);
    song.play_two_bars();
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
    song.play_two_bars();
    let state = song.plugin.save();
    // Loaded while it plays, then activated anew with the parameter still on.
    let mut other = Song::start();
    assert!(other.plugin.load(&state));
    assert!((other.plugin.value("like") - 1.0).abs() < f64::EPSILON, "the value comes back");
    other.play_two_bars();
    assert_eq!(other.document().judgements.len(), 1);
    other.plugin.deactivate(other.session);
    other.session = other.plugin.activate(44_100.0, BLOCK);
    other.play_two_bars();
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
    let (before, after) =
        (wanted(&old.pattern, 0.0, done, 120.0, RATE), wanted(&new.pattern, 0.0, done, 120.0, RATE));
    let with_change_at = |line: u64| {
        let change = line as f64 * 4.0 * RATE / 2.0 - 0.5;
        // An early downbeat sounds up to half a step before its bar, and is already the new loop's.
        let early = change - RATE / 16.0;
        let clear = |frame: f64| !(early..change).contains(&frame);
        let mut all: Vec<_> = before.iter().filter(|note| note.frame < early).copied().collect();
        all.extend(after.iter().filter(|note| note.frame >= change));
        sort(&mut all);
        let heard: Vec<_> = notes.iter().filter(|note| clear(note.0 as f64)).copied().collect();
        compare(&heard, &all)
    };
    let tried: Vec<_> = (1..=last_line).map(with_change_at).collect();
    assert!(tried.contains(&Ok(())), "no bar line explains the notes: {tried:#?}");
    song.end();
}
