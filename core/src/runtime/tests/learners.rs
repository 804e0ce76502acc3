//! Learners that do what a test says.

use crate::kit::Kit;
use crate::pattern::Loop;
use crate::propose::{Attribution, CriticKind, Learner, Prediction, Proposal, Request, Statement};
use crate::taste::Log;
use crate::units::Seed;
use std::sync::Arc;

/// Draws at random, until it is told or asked what it fails at.
pub struct Failing {
    draws: Box<dyn Learner>,
    fails: fn(&Log, usize) -> bool,
    log: Log,
    asked: usize,
}

impl Failing {
    /// A learner that fails as soon as `fails` says so of what it was told and how often it was asked;
    /// after three crashes the runtime asks for random draws, and gets them.
    pub fn make(
        kind: CriticKind,
        kit: Arc<Kit>,
        seed: Seed,
        fails: fn(&Log, usize) -> bool,
    ) -> Box<dyn Learner> {
        let draws = crate::propose::learner(CriticKind::Random, kit, seed);
        if kind == CriticKind::Random {
            return draws;
        }
        Box::new(Self { draws, fails, log: Log::default(), asked: 0 })
    }

    fn look(&self) {
        assert!(!(self.fails)(&self.log, self.asked), "a learner that fails");
    }
}

impl Learner for Failing {
    fn observe(&mut self, log: &Log) {
        self.log = log.clone();
        self.look();
        self.draws.observe(log);
    }
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        self.asked += 1;
        self.look();
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
        false
    }
}

/// Draws at random, and calls the test when it is told something and when it has time for background work.
pub struct Hooked {
    draws: Box<dyn Learner>,
    told: fn(&Log),
    works: fn() -> bool,
}

impl Hooked {
    pub fn make(kit: Arc<Kit>, seed: Seed, told: fn(&Log), works: fn() -> bool) -> Box<dyn Learner> {
        Box::new(Self { draws: crate::propose::learner(CriticKind::Random, kit, seed), told, works })
    }
}

impl Learner for Hooked {
    fn observe(&mut self, log: &Log) {
        (self.told)(log);
        self.draws.observe(log);
    }
    fn propose(&mut self, request: &Request<'_>) -> Proposal {
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
