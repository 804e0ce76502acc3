//! Envelopes of one-shots: fades by time, and the transient that two followers of different speed find.
//!
//! Worker: whole sounds at once.

use super::{gain_of_db, keep};

/// Fades a sound in over `attack` frames, holds it for `hold`, and lets it fall by 60 dB over `decay` frames
/// where there is one; what then lies 72 dB down is cut off.
pub(crate) fn shape(channels: &mut [&mut Vec<f32>], attack: usize, hold: usize, decay: Option<usize>) {
    for channel in channels {
        for (at, value) in channel.iter_mut().take(attack).enumerate() {
            // Half a raised cosine: no corner at either end.
            let share = (at as f64 + 0.5) / attack as f64;
            *value *= (0.5 - 0.5 * (std::f64::consts::PI * share).cos()) as f32;
        }
        if let Some(decay) = decay {
            let from = attack + hold;
            let keep = 10f64.powf(-3.0 / decay.max(1) as f64);
            let mut gain = 1.0;
            for value in channel.iter_mut().skip(from) {
                gain *= keep;
                *value *= gain as f32;
            }
            channel.truncate(from + decay + decay / 5);
        }
    }
}

/// Seconds of the followers: the attack lies where the fast one is above the slow one.
const FAST_S: f64 = 0.001;
const SLOW_S: f64 = 0.025;
const FALL_S: f64 = 0.06;
/// The most that an attack is raised or lowered by.
const MOST_DB: f32 = 12.0;

/// Raises (`amount` to 1) or lowers (to −1) what rises fast, by at most 12 dB, for all channels alike.
/// Source: the "differential envelope" design of SPL's Transient Designer, as in U. Zölzer (ed.), *DAFX*,
/// 2nd ed. 2011, ch. 4.
pub(crate) fn transient(channels: &mut [&mut Vec<f32>], amount: f32, rate_hz: f64) {
    let frames = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
    let (fast, slow, fall) = (keep(FAST_S, rate_hz), keep(SLOW_S, rate_hz), keep(FALL_S, rate_hz));
    let (mut quick, mut late) = (0.0f32, 0.0f32);
    for at in 0..frames {
        let level = channels.iter().fold(0.0f32, |peak, channel| peak.max(channel[at].abs()));
        let follow = |now: f32, rise: f32| level + (now - level) * if level > now { rise } else { fall };
        quick = follow(quick, fast);
        late = follow(late, slow);
        let above = (20.0 * ((quick + 1e-5) / (late + 1e-5)).log10()).clamp(0.0, MOST_DB);
        let gain = gain_of_db(amount * above);
        for channel in channels.iter_mut() {
            channel[at] *= gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decay_falls_by_60_db_in_its_time() {
        let mut sound = vec![1.0f32; 48_000];
        shape(&mut [&mut sound], 100, 1_000, Some(10_000));
        assert!(sound[0] < 0.001 && sound[500] == 1.0 && sound[1_099] == 1.0);
        assert!((20.0 * sound[11_099].log10() + 60.0).abs() < 0.1, "{}", sound[11_099]);
        assert_eq!(sound.len(), 13_100);
    }

    #[test]
    fn an_attack_is_raised_and_what_follows_stays() {
        let sound = |amount: f32| {
            let mut sound: Vec<f32> = (0..24_000)
                .map(|n| 0.5 * (-f64::from(n) / 4_800.0).exp() as f32 * (f64::from(n) * 0.3).sin() as f32)
                .collect();
            transient(&mut [&mut sound], amount, 48_000.0);
            let peak = |part: &[f32]| part.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
            (peak(&sound[..300]), peak(&sound[9_600..]))
        };
        let (plain, sharp, soft) = (sound(0.0), sound(1.0), sound(-1.0));
        assert!(sharp.0 > 1.5 * plain.0 && soft.0 < 0.7 * plain.0, "{plain:?} {sharp:?} {soft:?}");
        assert!((sharp.1 / plain.1 - 1.0).abs() < 0.25 && (soft.1 / plain.1 - 1.0).abs() < 0.25);
    }
}
