//! What following notes brings and costs: how many of a line's notes kicks meet, and how much is liked, at several
//! places of the dial.
//!
//! Threads of the headless tool and of tests. Listeners hear the drums alone, so what is liked says what taste loses
//! to the notes, not what a loop gains beside them.

use crate::listeners::{Panel, Setting};
use crate::why::teach;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Loop, MAX_STEPS, Role};
use deepdrummer_core::propose::{Mode, Onsets};
use deepdrummer_core::units::Seed;
use serde::Serialize;
use std::sync::Arc;

/// Steps of lines of one bar of sixteen, as basses play them: syncopated, off the beats, a dotted one, one that is
/// nearly on the beats.
pub const LINES: [&[usize]; 4] = [&[0, 3, 6, 10, 12], &[2, 6, 10, 14], &[0, 3, 8, 11, 14], &[0, 4, 7, 12]];
/// Fresh loops that are looked at after the last rating.
const FRESH: usize = 24;

/// What was found at one place of the dial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// The dial.
    pub amount: f32,
    /// Share of the line's notes that a kick meets, of what was proposed from the first rating on.
    pub met: f32,
    /// Share of the kicks that are on a note.
    pub on: f32,
    /// Mean true P(like) of what was proposed in the second half of the ratings.
    pub liked: f32,
    /// Its standard error over sessions.
    pub error: f32,
    /// Share of notes met, and mean P(like), of fresh loops that are as good as the taught model knows.
    pub good: [f32; 2],
    /// Sessions.
    pub sessions: usize,
}

/// A line as it is heard: on these steps, all as hard.
#[must_use]
pub fn onsets(steps: &[usize]) -> Onsets {
    let mut strengths = [0; MAX_STEPS];
    steps.iter().filter(|step| **step < MAX_STEPS).for_each(|step| strengths[*step] = 100);
    Onsets::new(strengths)
}

/// Share of notes that a kick meets, and share of kicks on notes; `None` of a loop without kicks.
#[must_use]
pub fn agreement(pattern: &Loop, notes: &Onsets) -> Option<(f32, f32)> {
    let kicks = pattern.lanes().iter().filter(|lane| lane.role == Role::Kick);
    let kicks = kicks.fold(0u128, |mask, lane| mask | lane.mask());
    let both = (kicks & notes.mask()).count_ones() as f32;
    let share = |of: u128| both / of.count_ones().max(1) as f32;
    (kicks != 0).then(|| (share(notes.mask()), share(kicks)))
}

/// Lets listeners rate at each place of the dial, beside lines in turn. `progress` is told after each session.
#[must_use]
pub fn examine(
    (listeners, ratings): (&str, usize),
    amounts: &[f32],
    kit: &Arc<Kit>,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Row> {
    let plain = Setting::lanes(4);
    let panel = Panel::new(kit, &plain, Seed(2020));
    let asked = panel.select(listeners);
    let mut done = 0;
    let mut rows = Vec::with_capacity(amounts.len());
    for &amount in amounts {
        let mut row = Row { amount, ..Row::default() };
        let (mut proposed, mut fresh) = (0.0f32, 0.0f32);
        let mut liked = Vec::with_capacity(asked.len());
        for (at, listener) in asked.iter().enumerate() {
            let notes = onsets(LINES[at % LINES.len()]);
            let setting = Setting { follow: (amount, notes), ..plain.clone() };
            let mut taught = teach(listener, kit, &setting, ratings, 1);
            for pattern in &taught.played {
                let (met, on) = agreement(pattern, &notes).unwrap_or((0.0, 0.0));
                (row.met, row.on, proposed) = (row.met + met, row.on + on, proposed + 1.0);
            }
            let second = taught.played.iter().enumerate().skip(ratings / 2);
            let second: Vec<f32> = second.map(|(at, pattern)| listener.p_like(pattern, at)).collect();
            liked.push(second.iter().sum::<f32>() / second.len().max(1) as f32);
            let request = setting.request(Mode::Good, &taught.played);
            for found in taught.learner.sample(&request, FRESH) {
                row.good[0] += agreement(&found.pattern, &notes).unwrap_or((0.0, 0.0)).0;
                row.good[1] += listener.p_like(&found.pattern, ratings);
                fresh += 1.0;
            }
            row.sessions += 1;
            done += 1;
            progress(done, asked.len() * amounts.len());
        }
        (row.met, row.on) = (row.met / proposed.max(1.0), row.on / proposed.max(1.0));
        let n = liked.len().max(1) as f32;
        row.liked = liked.iter().sum::<f32>() / n;
        row.error = (liked.iter().map(|p| (p - row.liked).powi(2)).sum::<f32>() / n / n).sqrt();
        row.good = row.good.map(|sum| sum / fresh.max(1.0));
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::kit::factory;

    #[test]
    fn more_notes_are_met_the_further_the_dial_is_turned() {
        let kit = Arc::new(factory::kit());
        let rows = examine(("genre/house", 12), &[-1.0, 0.0, 1.0], &kit, &mut |_, _| {});
        let met: Vec<f32> = rows.iter().map(|row| row.met).collect();
        assert!(rows.iter().all(|row| row.sessions > 0), "{rows:?}");
        assert!(met[0] + 0.15 < met[1] && met[1] + 0.15 < met[2], "{rows:?}");
    }
}
