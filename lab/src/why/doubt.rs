//! What asking again about a contradicted rating brings to listeners who often answer wrongly.
//!
//! With and without it a listener presses as often: a rating that is asked again is a loop less that is heard.

use crate::listeners::{Listener, Panel, Setting};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::{CriticKind, Mode, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Log, Verdict};
use deepdrummer_core::units::Seed;
use serde::Serialize;
use std::sync::Arc;

/// Fresh loops of the frozen model.
const FRESH: usize = 40;

/// What came of one listener.
#[derive(Clone, Debug, Serialize)]
pub struct Doubt {
    /// Who.
    pub listener: String,
    /// Mean true P(like) of fresh loops without asking again, wrong answers taken out.
    pub without: f32,
    /// The same with it.
    pub with: f32,
    /// How often was asked again.
    pub asked: usize,
    /// How often of these the first answer had been wrong, as far as the truth says (P(like) on the other side of ½).
    pub wrong: usize,
}

fn session(
    listener: &Listener,
    kit: &Arc<Kit>,
    setting: &Setting,
    presses: usize,
    seed: u64,
    asks_again: bool,
) -> (f32, usize, usize) {
    let mut answers = Rng::stream(Seed(seed), &listener.name, 1);
    let mut learner = learner(CriticKind::Taste, Arc::clone(kit), Seed(seed));
    let (mut log, mut played): (Log, Vec<Loop>) = (Log::default(), Vec::new());
    let (mut asked, mut wrong): (Vec<u64>, usize) = (Vec::new(), 0);
    learner.observe(&log);
    for press in 0..presses {
        let doubted =
            if asks_again { learner.reask().filter(|serial| !asked.contains(serial)) } else { None };
        if let Some(serial) = doubted {
            asked.push(serial);
            let mut entries = log.entries().to_vec();
            if let Some(entry) = entries.iter_mut().find(|entry| entry.serial == serial) {
                let like = listener.rate(&entry.subject, press, &mut answers);
                let truth = listener.p_like(&entry.subject, press) > 0.5;
                wrong += usize::from(entry.verdict.like != Some(truth));
                entry.verdict = Verdict::of(like);
            }
            log.replace(entries);
        } else {
            let proposal = learner.propose(&setting.request(Mode::Ask, &played));
            while learner.work() {}
            let like = listener.rate(&proposal.pattern, press, &mut answers);
            log.push(Judgement::rated(press as u64 + 1, proposal.pattern, Verdict::of(like)));
            played.push(proposal.pattern);
        }
        learner.observe(&log);
    }
    let fresh = learner.sample(&setting.request(Mode::Good, &played), FRESH);
    let honest = |p: f32| (p - listener.noise) / (1.0 - 2.0 * listener.noise);
    let sum: f32 = fresh.iter().map(|of| honest(listener.p_like(&of.pattern, presses))).sum();
    (sum / fresh.len().max(1) as f32, asked.len(), wrong)
}

/// Lets listeners of whom a tenth of the answers is wrong press so often. `progress` is told after each.
#[must_use]
pub fn doubt(
    listeners: &str,
    presses: usize,
    seeds: std::ops::Range<u64>,
    kit: &Arc<Kit>,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Doubt> {
    let setting = Setting::lanes(4);
    let panel = Panel::new(kit, &setting, Seed(2020));
    let asked: Vec<Listener> =
        panel.select(listeners).into_iter().map(|listener| listener.clone().with_noise(0.1)).collect();
    let all = asked.len() * seeds.clone().count();
    let mut found = Vec::new();
    for seed in seeds {
        for listener in &asked {
            let (without, _, _) = session(listener, kit, &setting, presses, seed, false);
            let (with, times, wrong) = session(listener, kit, &setting, presses, seed, true);
            found.push(Doubt { listener: listener.name.clone(), without, with, asked: times, wrong });
            progress(found.len(), all);
        }
    }
    found
}
