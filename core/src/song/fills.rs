//! A fill every so many bars, and which of several comes.

use super::MAX_VARIANTS;
use crate::rng::mixed;
use serde::{Deserialize, Serialize};

/// A fill every so many bars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fills {
    /// Every so many bars, 2 to 32; 0 for none.
    pub every: u8,
    /// The last half of the bar instead of all of it.
    pub half: bool,
}

impl Fills {
    /// Brought into range.
    #[must_use]
    pub fn sanitized(self) -> Self {
        Self { every: if self.every == 0 { 0 } else { self.every.clamp(2, 32) }, half: self.half }
    }

    /// Which fill comes in a bar, counted from 0 through the song; `None` where none does.
    #[must_use]
    pub fn in_bar(self, bar: i64) -> Option<i64> {
        let every = i64::from(self.every);
        (every > 0 && (bar + 1).rem_euclid(every) == 0).then(|| (bar + 1).div_euclid(every) - 1)
    }
}

/// The order of a round of `count` turns (Fisher and Yates' shuffle).
fn round(seed: u64, number: i64, count: usize) -> [u8; MAX_VARIANTS] {
    let mut order: [u8; MAX_VARIANTS] = std::array::from_fn(|at| at as u8);
    let mut state = mixed(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for last in (1..count).rev() {
        state = mixed(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let other = ((u128::from(state) * (last as u128 + 1)) >> 64) as usize;
        order.swap(last, other);
    }
    order
}

/// Which of `count` comes the `nth` time: each once a round, in an order that the seed decides for each round,
/// never one twice in a row. Any thread, the audio thread included.
#[must_use]
pub fn turn(seed: u64, nth: i64, count: usize) -> usize {
    let count = count.clamp(1, MAX_VARIANTS);
    let (number, at) = (nth.div_euclid(count as i64), nth.rem_euclid(count as i64) as usize);
    if count <= 2 {
        return at;
    }
    let mut order = round(seed, number, count);
    // The exchange below changes neither round's last turn where there are more than two.
    if round(seed, number - 1, count)[count - 1] == order[0] {
        order.swap(0, 1);
    }
    usize::from(order[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_once_a_round_never_twice_in_a_row_and_the_same_again() {
        for count in 1..=MAX_VARIANTS {
            for seed in 0..20 {
                let turns: Vec<usize> = (-64..64).map(|nth| turn(seed, nth, count)).collect();
                let again: Vec<usize> = (-64..64).map(|nth| turn(seed, nth, count)).collect();
                assert_eq!(turns, again);
                assert!(turns.iter().all(|&of| of < count));
                assert!(count == 1 || turns.windows(2).all(|pair| pair[0] != pair[1]), "{count}: {turns:?}");
                for nth in (0..64_i64).step_by(count).take(4) {
                    let mut all: Vec<usize> = (0..count)
                        .map(|at| turn(seed, nth / count as i64 * count as i64 + at as i64, count))
                        .collect();
                    all.sort_unstable();
                    assert_eq!(all, (0..count).collect::<Vec<_>>());
                }
            }
        }
        let of = |seed| (0..32).map(|nth| turn(seed, nth, 8)).collect::<Vec<_>>();
        assert_ne!(of(1), of(2), "the seed decides");
    }

    #[test]
    fn fills_come_at_the_end_of_every_so_many_bars() {
        let fills = Fills { every: 4, half: true };
        let bars: Vec<i64> = (-5..13).filter(|&bar| fills.in_bar(bar).is_some()).collect();
        assert_eq!(bars, [-5, -1, 3, 7, 11]);
        assert_eq!((fills.in_bar(3), fills.in_bar(7), fills.in_bar(-1)), (Some(0), Some(1), Some(-1)));
        assert_eq!(Fills::default().in_bar(3), None);
        assert_eq!(Fills { every: 1, half: false }.sanitized().every, 2);
    }
}
