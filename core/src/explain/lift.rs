//! The one change of a loop that lifts P(like) most.
//!
//! Worker thread. All single changes are asked about: a hit more or less, a hit louder or softer, another sound of a
//! lane, another swing. What is promised is what the model says of the changed loop, so that it agrees with what the
//! window shows once it is applied.

use crate::features::SoundTable;
use crate::kit::Kit;
use crate::pattern::{Hit, Loop, MAX_LANES, Swing};

/// Less than this of P(like) is no lift.
const LEAST_GAIN: f32 = 0.02;
/// Sounds that are tried for a lane: the nearest ones and some spread over its role.
const NEAR: usize = 6;
const SPREAD: usize = 10;
/// Swing that is tried, in per cent.
const SWINGS: [f32; 5] = [50.0, 54.0, 58.0, 62.0, 66.7];
/// How much louder or softer a hit is tried.
const LEVELS: [u8; 2] = [45, 115];

/// A change and what it gains.
#[derive(Clone, Debug, PartialEq)]
pub struct Lift {
    /// For example "Kick on step 11".
    pub text: String,
    /// P(like) after it less P(like) before, above 0.
    pub gain: f32,
    /// The loop that it is of.
    pub of: Loop,
    /// The loop with it.
    pub to: Loop,
}

/// What of a loop may change.
#[derive(Clone, Copy, Debug)]
pub struct Free {
    /// Steps of each lane (bit = step).
    pub steps: [u128; MAX_LANES],
    /// Whether a lane may have another sound.
    pub sounds: [bool; MAX_LANES],
    /// Whether the swing may change.
    pub swing: bool,
}

impl Default for Free {
    fn default() -> Self {
        Self { steps: [u128::MAX; MAX_LANES], sounds: [true; MAX_LANES], swing: true }
    }
}

fn step_name(pattern: &Loop, step: usize) -> String {
    let per_bar = usize::from(pattern.grid.steps_per_bar).max(1);
    let step_in_bar = step % per_bar + 1;
    match pattern.grid.bars {
        1 => format!("step {step_in_bar}"),
        _ => format!("step {step_in_bar} of bar {}", step / per_bar + 1),
    }
}

/// All single changes, each with its words.
fn changes(pattern: &Loop, free: &Free, kit: &Kit, sounds: &SoundTable) -> Vec<(String, Loop)> {
    let mut found = Vec::new();
    let mut add = |text: String, change: &dyn Fn(&mut Loop)| {
        let mut changed = *pattern;
        change(&mut changed);
        if changed != *pattern {
            found.push((text, changed));
        }
    };
    for (at, lane) in pattern.lanes().iter().enumerate() {
        let name = lane.role.label();
        let count = lane.mask().count_ones().max(1);
        let usual = match lane.mask() {
            0 => Hit::PLAIN.velocity,
            _ => (lane.iter().map(|(_, hit)| u32::from(hit.velocity)).sum::<u32>() / count) as u8,
        };
        for step in (0..pattern.grid.steps()).filter(|step| free.steps[at] >> step & 1 == 1) {
            let hit = lane.hits[step];
            let place = step_name(pattern, step);
            if !hit.is_on() {
                add(format!("{name}: add {place}"), &|to| to.lanes_mut()[at].hits[step] = Hit::new(usual));
                continue;
            }
            add(format!("{name}: drop {place}"), &|to| to.lanes_mut()[at].hits[step] = Hit::NONE);
            for level in LEVELS.into_iter().filter(|level| level.abs_diff(hit.velocity) > 20) {
                let word = if level > hit.velocity { "louder" } else { "softer" };
                add(format!("{name}: {place} {word}"), &|to| to.lanes_mut()[at].hits[step].velocity = level);
            }
        }
        if !free.sounds[at] || lane.mask() == 0 {
            continue;
        }
        let own = kit.index_of(lane.sample);
        let near = own.map_or(&[][..], |own| kit.neighbours(own));
        let pool = sounds.pool(lane.role);
        let spread = pool.iter().step_by(pool.len().div_ceil(SPREAD).max(1));
        let mut tried: Vec<u32> = near.iter().take(NEAR).chain(spread).copied().collect();
        tried.sort_unstable();
        tried.dedup();
        for sample in tried.into_iter().filter_map(|sound| kit.samples().get(sound as usize)) {
            if sample.role == lane.role {
                let text = format!("{name}: play “{}”", sample.name);
                add(text, &|to| to.lanes_mut()[at].sample = sample.id);
            }
        }
    }
    let swung = (0..pattern.grid.steps())
        .any(|step| pattern.is_swung(step) && pattern.lanes().iter().any(|lane| lane.hits[step].is_on()));
    for percent in SWINGS.into_iter().filter(|_| swung && free.swing) {
        let text = if percent > 50.0 { format!("Swing of {percent:.0} %") } else { "No swing".to_owned() };
        add(text, &|to| to.swing = Swing::from_percent(percent));
    }
    found
}

/// The best change, if any lifts P(like) enough. `p_like` is asked about many loops at once.
pub(crate) fn best(
    pattern: &Loop,
    free: &Free,
    kit: &Kit,
    sounds: &SoundTable,
    p_like: impl FnOnce(&[Loop]) -> Vec<f32>,
) -> Option<Lift> {
    let changes = changes(pattern, free, kit, sounds);
    let loops: Vec<Loop> =
        std::iter::once(*pattern).chain(changes.iter().map(|(_, changed)| *changed)).collect();
    let predicted = p_like(&loops);
    let (now, after) = predicted.split_first()?;
    let best = (0..after.len()).max_by(|&a, &b| after[a].total_cmp(&after[b]).then(b.cmp(&a)))?;
    let gain = after[best] - now;
    let (text, to) = changes.into_iter().nth(best)?;
    (gain >= LEAST_GAIN).then_some(Lift { text, gain, of: *pattern, to })
}
