//! What a listener says before the first rating: what he or she makes, and loops that are loved already.
//!
//! One thread of a study. Nothing here asks the learner that is examined: directions and references are chosen
//! from draws of its prior under seeds of their own.

use crate::listeners::{Listener, Setting};
use deepdrummer_core::features::Directions;
use deepdrummer_core::features::making::makings;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::{CriticKind, Mode, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Source, Verdict};
use deepdrummer_core::units::Seed;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Draws among which references are found, and for each direction those by which it is judged.
const DRAWS: usize = 400;
const TRIED: usize = 240;
/// A loop is loved from this true P(like) on.
const LOVED: f32 = 0.6;
/// The order of references begins here, before any judgement of the session.
const FIRST_SERIAL: u64 = 1 << 63;

/// See the module's documentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The listener names the direction that suits best.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub direction: bool,
    /// Loops that the listener loves already: grooves as others make them, which for a simulated listener are draws
    /// of the styles that ship.
    #[serde(default, skip_serializing_if = "is_none")]
    pub references: usize,
    /// Instead of grooves, loops without any musical prior: what is loved about them is all that they share.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmusical: bool,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Told {
    /// The setting with what the listener says to make: of all directions the one of which most draws please.
    pub(super) fn setting(
        self,
        setting: &Setting,
        listener: &Listener,
        kit: &Arc<Kit>,
        seed: u64,
    ) -> Setting {
        if !self.direction {
            return setting.clone();
        }
        let rated = (0..makings().len()).map(|at| {
            let directions = Directions::NONE.toggled(at);
            let setting = Setting { directions, ..setting.clone() };
            let draws = draws(&setting, kit, Seed(seed ^ 0xd1_2e_c7), TRIED);
            (draws.iter().map(|draw| listener.p_like(draw, 0)).sum::<f32>(), setting)
        });
        let best = rated.max_by(|a, b| a.0.total_cmp(&b.0));
        best.map_or_else(|| setting.clone(), |(_, setting)| setting)
    }

    /// What the listener's references are to a learner.
    pub(super) fn references(
        self,
        setting: &Setting,
        listener: &Listener,
        kit: &Arc<Kit>,
        seed: u64,
    ) -> Vec<Judgement> {
        if self.references == 0 {
            return Vec::new();
        }
        let open = Setting { directions: Directions::NONE, ..setting.clone() };
        let seed = Seed(seed ^ 0x5e_f0);
        let draws: Vec<Loop> = if self.unmusical {
            let mut rng = Rng::stream(seed, "references", 0);
            (0..DRAWS).map(|_| open.random_loop(kit, &mut rng)).collect()
        } else {
            draws(&open, kit, seed, DRAWS)
        };
        let mut order: Vec<(bool, f32, usize)> = draws
            .iter()
            .enumerate()
            .map(|(at, draw)| {
                let p = listener.p_like(draw, 0);
                // Of those that are loved the first, else the most liked.
                (p < LOVED, if p < LOVED { -p } else { 0.0 }, at)
            })
            .collect();
        order.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        let chosen = order.into_iter().take(self.references).map(|(_, _, at)| draws[at]);
        let said = chosen.zip(FIRST_SERIAL..).map(|(subject, serial)| Judgement {
            source: Source::Reference,
            weight: Source::Reference.default_weight(),
            ..Judgement::rated(serial, subject, Verdict::of(true))
        });
        said.collect()
    }
}

fn draws(setting: &Setting, kit: &Arc<Kit>, seed: Seed, n: usize) -> Vec<Loop> {
    let mut prior = learner(CriticKind::Random, Arc::clone(kit), seed);
    prior.sample(&setting.request(Mode::Random, &[]), n).into_iter().map(|found| found.pattern).collect()
}
