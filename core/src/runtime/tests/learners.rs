//! Learners that do what a test says.

use crate::kit::Kit;
use crate::pattern::Loop;
use crate::propose::{Attribution, CriticKind, Learner, Prediction, Proposal, Request, Statement};
use crate::taste::Log;
use crate::units::Seed;
use std::sync::Arc;

/// What a test does with all that a learner was told and with how often it was asked.
type Hook = Box<dyn Fn(&Log, usize) + Send>;

/// Draws at random, and calls the test.
struct Hooked {
    draws: Box<dyn Learner>,
    log: Log,
    asked: usize,
    told: Hook,
    asks: Hook,
    works: fn() -> bool,
}

/// A learner that calls the test when it is told something and when it has time for background work.
pub(super) fn hooked(kit: Arc<Kit>, seed: Seed, told: fn(&Log), works: fn() -> bool) -> Box<dyn Learner> {
    let draws = crate::propose::learner(CriticKind::Random, kit, seed);
    let told = Box::new(move |log: &Log, _| told(log));
    Box::new(Hooked { draws, log: Log::default(), asked: 0, told, asks: Box::new(|_, _| {}), works })
}

/// A learner that fails as soon as `fails` says so of what it was told and how often it was asked;
/// after three crashes the runtime asks for random draws, and gets them.
pub(super) fn failing(
    kind: CriticKind,
    kit: Arc<Kit>,
    seed: Seed,
    fails: fn(&Log, usize) -> bool,
) -> Box<dyn Learner> {
    let draws = crate::propose::learner(CriticKind::Random, kit, seed);
    if kind == CriticKind::Random {
        return draws;
    }
    let look = move |log: &Log, asked| assert!(!fails(log, asked), "a learner that fails");
    let (told, asks) = (Box::new(look), Box::new(look));
    Box::new(Hooked { draws, log: Log::default(), asked: 0, told, asks, works: || false })
}

impl Learner for Hooked {
    fn observe(&mut self, log: &Log) {
        self.log = log.clone();
        (self.told)(&self.log, self.asked);
        self.draws.observe(log);
    }
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.asked += 1;
        (self.asks)(&self.log, self.asked);
        self.draws.propose(request)
    }
    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        self.draws.sample(request, n)
    }
    fn predict(&mut self, pattern: &Loop) -> Prediction {
        self.draws.predict(pattern)
    }
    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        self.draws.attribute(pattern)
    }
    fn statements(&mut self, most: usize) -> Vec<Statement> {
        self.draws.statements(most)
    }
    fn work(&mut self) -> bool {
        (self.works)()
    }
}
