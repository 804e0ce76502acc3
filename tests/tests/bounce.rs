//! An offline bounce plays exactly what the project holds, twice the same.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_tests::audio::{first_difference, is_finite, peak};
use deepdrummer_tests::clap_host::{Input, Library};
use deepdrummer_tests::state;
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 44_100.0;
const FRAMES: usize = 44_100 * 8;

fn state() -> Vec<u8> {
    state::with_loop(&Library::bundled(), |_| {})
}

fn bounce(state: &[u8], offline: bool, block: usize, inputs: &[(usize, Input)]) -> Vec<Vec<f32>> {
    let mut plugin = Library::bundled().open();
    assert!(plugin.load(state));
    plugin.set_offline(offline);
    let mut session = plugin.activate(RATE, block);
    let (audio, _) = session.play(FRAMES, block, Transport::playing(0.0, 120.0), inputs);
    plugin.deactivate(session);
    assert!(is_finite(&audio) && peak(&audio) > 0.01, "the bounce holds sound");
    audio
}

#[test]
fn two_offline_bounces_are_bit_identical() {
    let state = state();
    assert_eq!(first_difference(&bounce(&state, true, 512, &[]), &bounce(&state, true, 512, &[])), None);
}

#[test]
fn an_offline_bounce_equals_realtime() {
    let state = state();
    assert_eq!(first_difference(&bounce(&state, true, 512, &[]), &bounce(&state, false, 512, &[])), None);
}

#[test]
fn blocks_of_any_length_give_the_same_audio() {
    let state = state();
    let reference = bounce(&state, true, 8192, &[]);
    for block in [1, 33, 64, 1000] {
        assert_eq!(
            first_difference(&reference, &bounce(&state, true, block, &[])),
            None,
            "blocks of {block}"
        );
    }
}

#[test]
fn a_rating_in_a_bounce_brings_no_new_loop() {
    let state = state();
    let rated = [
        (20_000, Input::Parameter { id: "like", value: 1.0 }),
        (30_000, Input::Parameter { id: "like", value: 0.0 }),
        (120_000, Input::Parameter { id: "skip", value: 1.0 }),
    ];
    assert_eq!(first_difference(&bounce(&state, true, 512, &[]), &bounce(&state, true, 512, &rated)), None);
}

#[test]
fn a_bounce_right_after_loading_does_not_start_silent() {
    let mut plugin = Library::bundled().open();
    plugin.set_offline(true);
    let mut session = plugin.activate(RATE, 512);
    let (audio, _) = session.play(44_100, 512, Transport::playing(0.0, 120.0), &[]);
    plugin.deactivate(session);
    assert!(peak(&audio) > 0.01);
}
