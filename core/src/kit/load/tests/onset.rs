//! Where a hit begins in lossy sound.

use super::super::onset::behind_pre_echo;
use super::super::*;

const RATE: u32 = 44_100;

fn noise(frames: usize, level: impl Fn(usize) -> f32) -> Vec<f32> {
    let mut state = 1u32;
    (0..frames)
        .map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            level(at) * (state as i32 as f32 / 2_147_483_648.0)
        })
        .collect()
}

fn onset(sound: Vec<f32>) -> usize {
    let raw = Raw { rate_hz: RATE, channels: vec![sound], lossy: true };
    raw.sounding().unwrap().0
}

/// A hit that decays, from its first frame on.
fn hit(at: usize) -> f32 {
    0.9 * (-(at as f32) / 3_000.0).exp()
}

#[test]
fn what_swells_before_a_hit_is_pre_echo() {
    for (length, level) in [(1_100, 0.05), (1_100, 0.1), (600, 0.03), (300, 0.02), (2_000, 0.04)] {
        let sound = noise(12_000, |at| match at {
            0..1_000 => 0.0,
            at if at < 1_000 + length => level * ((at - 1_000) as f32 / length as f32).sin(),
            at => hit(at - 1_000 - length),
        });
        let found = onset(sound);
        assert!(found.abs_diff(1_000 + length) <= 22, "{length} {level}: {found}");
    }
}

#[test]
fn an_onset_is_never_cut() {
    // Soft attacks of 3 to 200 ms.
    for frames in [132, 441, 1_000, 2_205, 8_820] {
        let sound = noise(30_000, |at| (at as f32 / frames as f32).min(1.0) * hit(at.saturating_sub(frames)));
        let found = onset(sound);
        assert!(found < 20, "{frames}: {found}");
    }
    // Grace notes and clicks of sticks, faint ones too.
    for level in [0.5, 0.25, 0.1, 0.05, 0.03] {
        for gap in [700, 1_100, 1_764, 4_000] {
            let sound = noise(20_000, |at| match at {
                at if at < gap => level * (-(at as f32) / 200.0).exp(),
                at => hit(at - gap),
            });
            let found = onset(sound);
            assert!(found < 20, "{level} {gap}: {found}");
        }
    }
    // What begins at once.
    assert!(onset(noise(9_000, hit)) < 4);
    assert_eq!(behind_pre_echo(&[vec![0.0, 0.5, 0.1]], RATE, 1), 1);
    assert_eq!(behind_pre_echo(&[vec![0.5]], RATE, 0), 0);
}

#[test]
fn lossless_sound_keeps_whatever_it_begins_with() {
    let swell = noise(12_000, |at| if at < 1_100 { 0.05 * (at as f32 / 1_100.0) } else { hit(at - 1_100) });
    let raw = Raw { rate_hz: RATE, channels: vec![swell], lossy: false };
    assert!(raw.sounding().unwrap().0 < 60);
}
