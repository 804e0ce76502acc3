//! By how much a loop is brought to the loudness of all.
//!
//! Worker. The hits are summed as the engine would sum them, without its clock, and go through the bus that a
//! new session has; what comes out is measured in a circle, as a loop is heard. Some ten milliseconds for a
//! loop of two bars.

use crate::dsp::loudness::{SILENCE, integrated, true_peak};
use crate::dsp::{db_of_gain, gain_of_db};
use crate::engine::{Bus, BusSettings, Levels, PreparedSound, Trim, rings_on};
use crate::pattern::{Loop, MAX_LANES, Role};
use crate::units::{Bpm, SampleRate};
use std::sync::Arc;

/// The loudness that loops are brought to, LUFS: that of produced drum loops of the kind that ships with
/// studio software, which measure −15.5 to −19.6.
pub(crate) const TARGET_LUFS: f32 = -16.0;
/// The highest peak that the bus is given for it, dBFS: a loop of a few sharp clicks stays softer than others.
const MOST_PEAK_DB: f32 = 11.0;
/// How often the bus is asked, and how near is near enough.
const MOST_PASSES: usize = 5;
const CLOSE_LU: f32 = 0.3;
/// By how much a loop may be lowered without asking once more.
const SURE_LU: f32 = 1.0;
/// The most that a loop is raised or lowered, decibels.
const MOST_TRIM_DB: f32 = 36.0;
/// Seconds before the loop that the bus hears of its end.
const LEAD_S: f64 = 0.25;
/// The highest true peak of a loop, dBTP, with room for what comes otherwise than it was measured: other takes in
/// later turns, other tempi, other interpolators than ours.
const MOST_TRUE_PEAK_DB: f32 = -1.6;

/// A hit in the circle of the loop.
struct Struck {
    frame: usize,
    lane: usize,
    velocity: f32,
    nth: u32,
}

/// What brings a loop at these levels to [`TARGET_LUFS`] with true peaks of at most −1 dBTP; nothing for
/// silence.
#[must_use]
pub(crate) fn trim_of(
    pattern: &Loop,
    sounds: &[Option<Arc<PreparedSound>>; MAX_LANES],
    levels: &Levels,
    rate: SampleRate,
    bpm: Bpm,
) -> Trim {
    let Sums { kick, rest, sent } = summed(pattern, sounds, &levels.with_trim(Trim::default()), rate, bpm);
    let add = |side: usize| kick[side].iter().zip(&rest[side]).map(|(a, b)| a + b).collect::<Vec<f32>>();
    let before = integrated(&add(0), &add(1), rate.hz(), true);
    if before <= SILENCE {
        return Trim::default();
    }
    let peak = add(0).into_iter().chain(add(1)).fold(1e-9f32, |peak, value| peak.max(value.abs()));
    let most = (MOST_PEAK_DB - db_of_gain(peak)).min(MOST_TRIM_DB);
    let mut trim = (TARGET_LUFS - before).clamp(-MOST_TRIM_DB, most);
    let mut behind = 0.0;
    let mut last: Option<(f32, f32)> = None;
    for pass in 1..=MOST_PASSES {
        let (loudness, peak) = through_bus([&kick, &rest], &sent, trim, rate);
        behind = (MOST_TRUE_PEAK_DB - peak).min(0.0);
        let missing = TARGET_LUFS - loudness - behind;
        if missing.abs() < CLOSE_LU || pass == MOST_PASSES {
            break;
        }
        // What is higher before the bus is less so behind it: by how much less, the pass before tells.
        let per_lu = match last {
            Some((at, was)) if (was - missing).abs() > 0.05 => {
                ((trim - at) / (was - missing)).clamp(1.0, 6.0)
            }
            _ if missing > 0.0 => 1.6,
            _ => 1.4,
        };
        last = Some((trim, missing));
        trim = (trim + missing * per_lu).clamp(-MOST_TRIM_DB, most);
        if (-SURE_LU..0.0).contains(&missing) && behind == 0.0 {
            // A little softer: it comes out as reckoned, and no peak of it is higher.
            break;
        }
    }
    let hundredths = |db: f32| (db * 100.0).floor() / 100.0;
    Trim { before_db: hundredths(trim), behind_db: hundredths(behind) }
}

/// Loudness and true peak behind the bus.
fn through_bus([kick, rest]: [&Stereo; 2], sent: &Vec<f32>, trim_db: f32, rate: SampleRate) -> (f32, f32) {
    let gain = gain_of_db(trim_db);
    let frames = rest[0].len();
    let lead = ((LEAD_S * rate.hz()) as usize).min(frames);
    let led = |channel: &Vec<f32>| -> Vec<f32> {
        channel[frames - lead..].iter().chain(channel).map(|value| value * gain).collect()
    };
    let (kick, rest) = (kick.each_ref().map(led), rest.each_ref().map(led));
    let mut bus = Bus::new(rate);
    bus.aim(&BusSettings::GENTLE, true);
    let [left, right] = bus.whole_with_room([&kick[0], &kick[1]], [&rest[0], &rest[1]], &led(sent));
    let (left, right) = (&left[lead..], &right[lead..]);
    (integrated(left, right, rate.hz(), true), db_of_gain(true_peak(left, right)))
}

type Stereo = [Vec<f32>; 2];

/// A loop once, in a circle.
struct Sums {
    kick: Stereo,
    rest: Stereo,
    /// What is sent to the room.
    sent: Vec<f32>,
}

/// The loop summed.
fn summed(
    pattern: &Loop,
    sounds: &[Option<Arc<PreparedSound>>; MAX_LANES],
    levels: &Levels,
    rate: SampleRate,
    bpm: Bpm,
) -> Sums {
    let per_beat = bpm.frames_per_beat(rate);
    let frames = ((pattern.grid.beats() * per_beat).round() as usize).max(1);
    let mut sums =
        [[vec![0.0f32; frames], vec![0.0f32; frames]], [vec![0.0f32; frames], vec![0.0f32; frames]]];
    let mut sent = vec![0.0f32; frames];
    let steps = usize::from(pattern.grid.steps_per_bar.max(1));
    let mut struck = Vec::new();
    for (lane, of) in pattern.lanes().iter().enumerate() {
        let mut swung = *pattern;
        swung.swing = levels.swing[lane].unwrap_or(pattern.swing);
        for (nth, (step, hit)) in of.iter().enumerate() {
            let beats = (step / steps) as f64 * pattern.grid.meter.bar_beats() + swung.beat_in_bar(step, hit);
            let frame = (beats.rem_euclid(pattern.grid.beats()) * per_beat) as usize % frames;
            let velocity = f32::from(hit.velocity.min(127)) / 127.0;
            struck.push(Struck { frame, lane, velocity, nth: nth as u32 });
        }
    }
    for hit in &struck {
        let Some(sound) = sounds[hit.lane].as_ref() else { continue };
        let role = pattern.lanes()[hit.lane].role;
        let cuts = |other: &&Struck| {
            if other.lane == hit.lane {
                !rings_on(role)
            } else {
                let of = pattern.lanes()[other.lane].role.default_choke();
                of.is_some() && of == role.default_choke()
            }
        };
        let until = |other: &Struck| (other.frame + frames - hit.frame) % frames;
        let cut = struck.iter().filter(cuts).map(until).filter(|&ahead| ahead > 0).min();
        // A hit that nothing follows is cut by itself when the loop comes round.
        let cut = cut.or((!rings_on(role)).then_some(frames)).unwrap_or(usize::MAX);
        let wave = sound.struck(hit.velocity, hit.nth);
        let length = wave.frames().min(cut);
        let gains = levels.gains(hit.lane as u8, hit.velocity);
        let [left, right] = &mut sums[usize::from(role != Role::Kick)];
        let room = 0.5 * levels.rooms[hit.lane];
        for (to, (from, gain)) in
            [left, right].into_iter().zip([wave.left(), wave.right()].into_iter().zip(gains))
        {
            let mut at = 0;
            while at < length {
                let place = (hit.frame + at) % frames;
                let count = (length - at).min(frames - place);
                let to = to[place..place + count].iter_mut().zip(&mut sent[place..place + count]);
                for ((to, sent), from) in to.zip(&from[at..at + count]) {
                    *to += from * gain;
                    *sent += from * gain * room;
                }
                at += count;
            }
        }
    }
    let [kick, rest] = sums;
    Sums { kick, rest, sent }
}

#[cfg(test)]
mod tests;
