//! What hosts do around `process`: another rate and block length while it learns and plays, resets, and
//! pauses of the processing. Nothing that was said is lost, and hits stay on their frames.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use deepdrummer_core::pattern::Loop;
use deepdrummer_tests::audio::peak;
use deepdrummer_tests::clap_host::{Input, Library, Note, Plugin, Session, until};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{compare, note_ons, wanted};
use deepdrummer_tests::transport::Transport;

const BPM: f64 = 126.0;

/// Plays from a position and finds every hit of a loop on its frame, and sound.
fn plays(session: &mut Session, pattern: &Loop, from: f64, rate: f64, block: usize) {
    session.take_notes();
    let (began, frames) = (session.frames_done(), (rate * 2.5) as usize);
    let (audio, _) = session.play(frames, block, Transport::playing(from, BPM), &[]);
    let notes = note_ons(&session.take_notes(), began);
    assert_eq!(
        compare(&notes, &wanted(pattern, from, frames, BPM, rate)),
        Ok(()),
        "from {from} at {rate} Hz in blocks of {block}"
    );
    assert!(peak(&audio) > 0.001, "it is heard at {rate} Hz");
}

/// An active instance, and the loop of the project that it has loaded.
fn activated(rate: f64, block: usize) -> (Plugin, Session, Loop) {
    let library = Library::bundled();
    let state = state::with_first_loop(&library);
    let mut plugin = library.open();
    assert!(plugin.load(&state));
    let session = plugin.activate(rate, block);
    (plugin, session, state::current(&state::document(&state)).pattern)
}

#[test]
fn another_rate_and_block_length_while_it_learns_lose_no_rating_and_the_loop_goes_on() {
    let mut plugin = Library::bundled().open();
    let mut session = plugin.activate(48_000.0, 512);
    let changes =
        [(44_100.0, 64), (96_000.0, 4096), (22_050.0, 1), (192_000.0, 8192), (48_000.0, 333), (88_200.0, 31)];
    // What sounds is compared with what is written.
    session.process(
        1,
        Some(&Transport::stopped(0.0, BPM)),
        &[(0, Input::Parameter { id: "human", value: 0.0 })],
    );
    until("loops played as they are written", || {
        (state::document(&plugin.save()).human == 0.0).then_some(())
    });
    for (turn, (rate, block)) in changes.into_iter().enumerate() {
        let id = if turn % 2 == 0 { "like" } else { "dislike" };
        let playing = Transport::playing(0.0, BPM);
        // Rated in the very last blocks: nobody may have looked at it when the host deactivates.
        for value in [1.0, 0.0] {
            session.process(1, Some(&playing), &[(0, Input::Parameter { id, value })]);
        }
        plugin.deactivate(session);
        session = plugin.activate(rate, block);
        let pattern = until("the rating and the loop after it", || {
            let document = state::document(&plugin.save());
            let entry = state::current(&document);
            (document.judgements.len() == turn + 1 && entry.verdict.is_none()).then_some(entry.pattern)
        });
        // It plays what the project holds, from the first block, wherever the song is.
        session.process(1, Some(&Transport::stopped(3.3, BPM)), &[]);
        plays(&mut session, &pattern, 3.3, rate, block);
        session.process(1, Some(&Transport::stopped(0.0, BPM)), &[]);
        plays(&mut session, &pattern, 0.0, rate, block);
    }
    assert_eq!(plugin.restart_requests(), 0);
    plugin.deactivate(session);
}

#[test]
fn a_reset_while_it_plays_ends_all_sound_and_the_next_block_is_on_its_frame() {
    let (rate, block) = (48_000.0, 256);
    let (mut plugin, mut session, pattern) = activated(rate, block);
    for from in [0.0, 1.7, 12.25] {
        session.play(9_600, block, Transport::playing(from, BPM), &[]);
        session.reset();
        session.take_notes();
        let (silence, _) = session.play(block, block, Transport::stopped(from, BPM), &[]);
        assert_eq!(deepdrummer_tests::audio::first_sound(&silence), None, "nothing rings on");
        session.play(9_600, block, Transport::playing(from, BPM), &[]);
        session.reset();
        // The song runs on over the reset.
        plays(&mut session, &pattern, from + 0.4, rate, block);
    }
    plugin.deactivate(session);
}

#[test]
fn processing_may_pause_and_go_on() {
    let (rate, block) = (44_100.0, 512);
    let (mut plugin, mut session, pattern) = activated(rate, block);
    for turn in 0..20 {
        let from = f64::from(turn) * 0.77;
        session.play(4_096, block, Transport::playing(from, BPM), &[]);
        session = session.paused_and_started();
        plugin.idle();
        session.play(block, block, Transport::stopped(from, BPM), &[]);
        plays(&mut session, &pattern, from, rate, block);
    }
    plugin.deactivate(session);
}

/// The keys that are on after these notes.
fn held(on: &mut BTreeSet<u8>, notes: &[Note]) {
    for note in notes {
        if note.velocity.is_some() {
            on.insert(note.key)
        } else {
            on.remove(&note.key)
        };
    }
}

#[test]
fn notes_that_are_on_when_the_host_deactivates_or_resets_end_with_the_next_block() {
    let (rate, block) = (48_000.0, 64);
    let (mut plugin, mut session, pattern) = activated(rate, block);
    let first = deepdrummer_tests::timeline::onsets(&pattern, 0.0, 4.0)[0].beats;
    for turn in 0..4 {
        session.process(block, Some(&Transport::stopped(first, BPM)), &[]);
        session.take_notes();
        session.process(block, Some(&Transport::playing(first, BPM)), &[]);
        let mut on = BTreeSet::new();
        held(&mut on, &session.take_notes());
        assert!(!on.is_empty(), "a note is on");
        // No event goes out at that moment: hosts take events in blocks only.
        match turn {
            0 => session.reset(),
            1 => session = session.paused_and_started(),
            _ => {
                plugin.deactivate(session);
                session = plugin.activate(if turn == 2 { rate } else { 96_000.0 }, block);
            }
        }
        session.process(block, Some(&Transport::stopped(first, BPM)), &[]);
        held(&mut on, &session.take_notes());
        assert_eq!(on, BTreeSet::new(), "turn {turn}");
    }
    plugin.deactivate(session);
}

#[test]
fn rates_up_to_2_mhz_play_in_tune_and_others_are_refused() {
    let (mut plugin, session, pattern) = activated(48_000.0, 512);
    plugin.deactivate(session);
    for rate in [0.0, 999.0, 2_000_001.0, 3_000_000.0] {
        assert!(plugin.try_activate(rate, 512).is_none(), "{rate} Hz is refused");
    }
    for rate in [8_000.0, 705_600.0, 1_536_000.0] {
        let mut session = plugin.activate(rate, 8_192);
        session.process(1, Some(&Transport::stopped(0.0, BPM)), &[]);
        plays(&mut session, &pattern, 0.0, rate, 8_192);
        plugin.deactivate(session);
    }
}
