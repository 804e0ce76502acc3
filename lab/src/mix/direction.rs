//! Whether a preset stays in its direction while somebody rates its loops.

use super::MixError;
use super::loops::{Player, coherence};
use crate::listeners::{Listener, Panel, Setting, Split};
use deepdrummer_core::features::phases::Phases;
use deepdrummer_core::features::{Candidate, Played};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::Mode;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::preset::Listed;
use deepdrummer_core::taste::Verdict;
use deepdrummer_core::units::Seed;
use serde::Serialize;

/// Listeners who rate each preset.
const LISTENERS: usize = 2;
/// Fresh loops that are looked at before and after.
const FRESH: usize = 20;

/// Shares of loops whose nearest style is one of the preset's.
#[derive(Clone, Debug, Serialize)]
pub struct Direction {
    /// The preset.
    pub preset: String,
    /// Of fresh loops before any rating.
    pub before: f64,
    /// Of the loops that were rated.
    pub rated: f64,
    /// Of fresh loops after the ratings.
    pub after: f64,
    /// Likes among the ratings.
    pub liked: f64,
    /// Sounds that are not those of the loop before, a loop that was rated.
    pub changed: f64,
}

/// Lets listeners whose settings may be looked at rate a preset's loops.
///
/// # Errors
/// The preset's kit can't be had.
pub fn direction(listed: &Listed, ratings: usize, seed: Seed) -> Result<Direction, MixError> {
    let preset = &listed.preset;
    let grid = preset.steering.grid;
    let setting = Setting { lanes: preset.lanes.clone(), grid, ..Setting::lanes(1) };
    let none = || MixError::Sound("no loop could be made".to_owned());
    let first = Player::of_preset(listed, 120.0)?.session().kit().cloned().ok_or_else(none)?;
    let panel = Panel::new(&first, &setting, seed);
    let open: Vec<&Listener> =
        panel.listeners().iter().filter(|listener| listener.split == Split::Tuning).collect();
    let mut rng = Rng::stream(seed, &preset.name, 0);
    let mut found = Direction {
        preset: preset.name.clone(),
        before: 0.0,
        rated: 0.0,
        after: 0.0,
        liked: 0.0,
        changed: 0.0,
    };
    for _ in 0..LISTENERS {
        let Some(listener) = rng.pick(&open) else { break };
        let mut player = Player::of_preset(listed, 120.0)?;
        let share = |player: &mut Player| {
            let fresh = player.session().sample(FRESH, Mode::Good);
            fresh.iter().filter(|fresh| keeps(listed, &fresh.pattern, &first)).count() as f64 / FRESH as f64
        };
        found.before += share(&mut player) / LISTENERS as f64;
        let mut last: Option<Loop> = None;
        let each = 1.0 / (LISTENERS * ratings.max(1)) as f64;
        for at in 0..ratings {
            let (id, pattern) = player.session().current().ok_or_else(none)?;
            let before = last.replace(pattern);
            found.changed += each * coherence(&pattern, before.as_ref(), &first).changed.unwrap_or(0) as f64;
            let like = listener.rate(&pattern, at, &mut rng);
            found.liked += each * f64::from(u8::from(like));
            found.rated += each * f64::from(u8::from(keeps(listed, &pattern, &first)));
            let _ = player.session().apply(Command::Rate { id, verdict: Verdict::of(like) });
            player.settle();
        }
        found.after += share(&mut player) / LISTENERS as f64;
    }
    Ok(found)
}

fn keeps(listed: &Listed, pattern: &Loop, kit: &Kit) -> bool {
    let candidate = Candidate::of(pattern, kit);
    let nearest = Played::of(&candidate, &Phases::of(pattern.grid)).nearest();
    listed.preset.steering.styles.contains(nearest)
}
