//! Rules by which some listeners judge: where hits may be, how dense a loop is, how it is played.
//!
//! Study and test threads. Pure functions of what was heard; larger is better, units differ from rule
//! to rule (listeners are calibrated afterwards).

use super::hearing::{Bar, Heard, STEPS};

const LOW: usize = 0;
const MID: usize = 1;
const BRIGHT: usize = 2;

/// A rule.
pub type Rule = fn(&Heard) -> f32;

fn steps(list: &[usize]) -> u16 {
    list.iter().fold(0, |mask, step| mask | 1 << step)
}

fn count(mask: u16) -> f32 {
    mask.count_ones() as f32
}

/// Hits on the wanted steps against hits elsewhere, −1 to 1.
fn only(mask: u16, wanted: u16, penalty: f32) -> f32 {
    count(mask & wanted) / count(wanted).max(1.0)
        - penalty * count(mask & !wanted) / (STEPS as f32 - count(wanted)).max(1.0)
}

fn jaccard(a: u16, b: u16) -> f32 {
    count(a & b) / count(a | b).max(1.0)
}

/// Low sounds on the four beats and nowhere else.
pub fn four_on_the_floor(h: &Heard) -> f32 {
    h.over_bars(|b| only(b.on[LOW], steps(&[0, 4, 8, 12]), 2.0))
}

/// Middle sounds on two and four, little beside them.
pub fn backbeat(h: &Heard) -> f32 {
    h.over_bars(|b| only(b.on[MID], steps(&[4, 12]), 1.5))
}

/// A middle sound on three alone: half time.
pub fn half_time(h: &Heard) -> f32 {
    h.over_bars(|b| only(b.on[MID], steps(&[8]), 3.0) + 0.4 * count(b.on[LOW] & 1))
}

/// Nothing on the one, the weight elsewhere.
pub fn no_one(h: &Heard) -> f32 {
    h.over_bars(|b| {
        0.5 * count(b.on[LOW] & !steps(&[0, 8])).min(3.0) - 1.5 * count(b.any() & 1) - count(b.on[LOW] & 1)
    })
}

/// Bright sounds on the off-beat eighths.
pub fn offbeat_brights(h: &Heard) -> f32 {
    h.over_bars(|b| only(b.on[BRIGHT], steps(&[2, 6, 10, 14]), 1.2))
}

/// Some voice plays three-three-two, over half a bar or the whole.
pub fn three_three_two(h: &Heard) -> f32 {
    let figures = [steps(&[0, 3, 6, 8, 11, 14]), steps(&[0, 3, 6]), steps(&[0, 6, 12])];
    h.over_bars(|b| {
        let best = |voice: u16| figures.iter().map(|&f| jaccard(voice, f)).fold(0.0, f32::max);
        b.voices.iter().map(|&v| best(v)).fold(0.0, f32::max)
    })
}

/// Some voice plays every third sixteenth across the beat.
pub fn three_against_four(h: &Heard) -> f32 {
    let start = |k: usize| (k..STEPS).step_by(3).fold(0u16, |m, s| m | 1 << s);
    h.over_bars(|b| {
        let best = |voice: u16| (0..3).map(|k| jaccard(voice, start(k))).fold(0.0, f32::max);
        b.voices.iter().map(|&v| best(v)).fold(0.0, f32::max)
    })
}

/// Most of what happens, happens in the last quarter of the bar.
pub fn closing_fill(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let late: f32 = b.voices.iter().map(|v| count(v & 0xF000)).sum();
        let early: f32 = b.voices.iter().map(|v| count(v & 0x0FFF)).sum();
        late.min(8.0) - 0.4 * early
    })
}

/// The halves of the bar differ: what is asked in one voice is answered in another.
pub fn question_and_answer(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let (mut ask, mut answer, mut both) = (0.0f32, 0.0f32, 0.0f32);
        for voice in b.voices.iter().filter(|v| **v != 0) {
            let (first, second) = (count(voice & 0x00FF), count(voice & 0xFF00));
            ask = ask.max(first - second);
            answer = answer.max(second - first);
            both += first.min(second);
        }
        ask.min(3.0) + answer.min(3.0) + ask.min(answer).min(2.0) - 0.15 * both
    })
}

/// The second half repeats the first, and there is something to repeat.
pub fn repeated_halves(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let differing: f32 = b.voices.iter().map(|v| count((v & 0x00FF) ^ (v >> 8))).sum();
        -differing - 2.0 * (4.0 - count(b.any() & 0x00FF)).max(0.0)
    })
}

/// Low hits that lean on the sixteenth before a beat that stays empty.
pub fn syncopated_lows(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let low = b.on[LOW];
        let anticipations = (0..STEPS)
            .filter(|&s| low >> s & 1 == 1 && s % 2 == 1 && low >> ((s + 1) % STEPS) & 1 == 0)
            .count() as f32;
        anticipations - 0.7 * count(low & steps(&[4, 8, 12])) + 0.5 * count(low & 1)
    })
}

/// A long silence in a bar that is otherwise played.
pub fn one_gap(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let (mut run, mut longest) = (0u32, 0u32);
        for s in 0..2 * STEPS {
            run = if b.any() >> (s % STEPS) & 1 == 0 { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest.min(6) as f32 + 0.2 * (b.hits() as f32).min(12.0)
    })
}

/// Few hits, but some.
pub fn sparse(h: &Heard) -> f32 {
    -(h.hits_per_bar() - 7.0).abs()
}

/// Neither few nor many: about fourteen.
pub fn moderate(h: &Heard) -> f32 {
    -(h.hits_per_bar() - 14.0).abs()
}

/// A carpet of bright hits over few others.
pub fn bright_carpet(h: &Heard) -> f32 {
    h.over_bars(|b| count(b.on[BRIGHT]) - 0.4 * count(b.on[LOW]) - 0.3 * count(b.on[MID]))
}

/// Rolling lows.
pub fn rolling_lows(h: &Heard) -> f32 {
    h.over_bars(|b| count(b.on[LOW]).min(10.0) - 0.3 * count(b.on[BRIGHT]))
}

/// Everything from two voices.
pub fn two_voices(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let mut sizes: Vec<f32> = b.voices.iter().map(|v| count(*v)).collect();
        sizes.sort_by(f32::total_cmp);
        let rest: f32 = sizes.iter().rev().skip(2).sum();
        let first: f32 = sizes.iter().rev().take(2).sum();
        0.25 * first.min(12.0) - rest
    })
}

fn layers_at(b: &Bar, step: usize) -> u32 {
    b.on.iter().map(|l| u32::from(l >> step & 1)).sum()
}

/// Layers strike together.
pub fn together(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let shared = (0..STEPS).filter(|&s| layers_at(b, s) >= 2).count() as f32;
        shared / count(b.any()).max(4.0)
    })
}

/// Layers take turns: hardly two at once, and yet a full bar.
pub fn interlocked(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let shared = (0..STEPS).filter(|&s| layers_at(b, s) >= 2).count() as f32;
        0.4 * count(b.any()).min(11.0) - 1.2 * shared
    })
}

/// Played softly.
pub fn soft(h: &Heard) -> f32 {
    -h.mean_level
}

/// Large differences between accents and the rest.
pub fn contrast(h: &Heard) -> f32 {
    h.level_sd
}

/// Everything equally hard, as a machine does.
pub fn even(h: &Heard) -> f32 {
    -h.level_sd + 0.2 * h.mean_level
}

/// Quiet middle hits between loud ones on two and four.
pub fn ghost_notes(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let loud = [4, 12].iter().filter(|&&s| b.level[MID][s] > 0.7).count() as f32;
        let ghosts = b.level[MID].iter().filter(|&&l| l > 0.05 && l < 0.55).count() as f32;
        let others =
            b.level[MID].iter().enumerate().filter(|&(s, &l)| l >= 0.55 && s != 4 && s != 12).count();
        loud + 0.5 * ghosts.min(4.0) - 0.5 * others as f32
    })
}

/// Accents where the beats are, softness between them.
pub fn beat_accents(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let (mut on, mut off, mut n_on, mut n_off) = (0.0, 0.0, 0.0, 0.0);
        for layer in &b.level {
            for (step, &level) in layer.iter().enumerate().filter(|(_, l)| **l > 0.0) {
                if step % 4 == 0 {
                    on += level;
                    n_on += 1.0;
                } else {
                    off += level;
                    n_off += 1.0;
                }
            }
        }
        if n_on < 2.0 || n_off < 2.0 { -0.5 } else { on / n_on - off / n_off }
    })
}

/// Growing louder towards the end of the bar.
pub fn crescendo(h: &Heard) -> f32 {
    h.over_bars(|b| {
        let half = |range: std::ops::Range<usize>| {
            let hits: Vec<f32> =
                b.level.iter().flat_map(|l| l[range.clone()].iter().copied()).filter(|l| *l > 0.0).collect();
            if hits.is_empty() { None } else { Some(hits.iter().sum::<f32>() / hits.len() as f32) }
        };
        match (half(0..8), half(8..16)) {
            (Some(first), Some(second)) => second - first,
            _ => -0.5,
        }
    })
}

/// Swung, around a triplet.
pub fn swung(h: &Heard) -> f32 {
    let odd = h.over_bars(|b| count(b.any() & 0xAAAA));
    h.swing_steps.min(0.34) * 3.0 + 0.05 * odd.min(6.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listeners::hearing::{Ear, Thresholds};
    use crate::listeners::tests::{kit_of_three, loop_of};

    fn heard(rows: [&str; 3]) -> Heard {
        let kit = kit_of_three();
        let lines = Thresholds { low_share: 0.4, bright_oct: 12.0, audible: 0.2 };
        Heard::new(&loop_of(&kit, rows), &Ear::new(&kit), &lines)
    }

    #[test]
    fn each_rule_prefers_what_its_name_says() {
        let none = "................";
        let cases: [(Rule, [&str; 3], [&str; 3]); 10] = [
            (four_on_the_floor, ["x...x...x...x...", none, none], ["x..x..x...x.x...", none, none]),
            (backbeat, [none, "....x.......x...", none], [none, "x.......x.......", none]),
            (half_time, ["x...............", "........x.......", none], ["x...", "....x.......x...", none]),
            (no_one, ["..x..x....x.....", none, none], ["x....x....x.....", none, none]),
            (offbeat_brights, [none, none, "..x...x...x...x."], [none, none, "x...x...x...x..."]),
            (three_three_two, [none, "x..x..x.x..x..x.", none], [none, "x.x.x.x.x.x.x.x.", none]),
            (closing_fill, [none, "............xxxx", "............xx.."], ["xxxx............", none, none]),
            (ghost_notes, [none, "..g.X..g.g..X...", none], [none, "..x.X..x.x..X...", none]),
            (crescendo, [none, "g.g.g.g.X.X.X.X.", none], [none, "X.X.X.X.g.g.g.g.", none]),
            (
                interlocked,
                ["x...x...x...x...", ".x...x...x...x..", "..xx..xx..xx..xx"],
                ["x...x...x...x...", "x...x...x...x...", "x...x...x...x..."],
            ),
        ];
        for (at, (rule, better, worse)) in cases.into_iter().enumerate() {
            let (b, w) = (rule(&heard(better)), rule(&heard(worse)));
            assert!(b > w, "case {at}: {b} is not above {w}");
        }
    }
}
