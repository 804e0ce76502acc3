//! Headings, elapsed times and the final tally of a multi-stage command.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs named stages one after another and remembers how each went.
pub(crate) struct Stages {
    started: Instant,
    done: Vec<Done>,
}

struct Done {
    name: &'static str,
    elapsed: Duration,
    failure: Option<String>,
}

impl Stages {
    /// Starts the clock.
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), done: Vec::new() }
    }

    /// Runs a stage and prints its heading, its time and, if it failed, why.
    /// Returns whether it succeeded.
    pub(crate) fn run(&mut self, name: &'static str, stage: impl FnOnce() -> Result<()>) -> bool {
        println!("\n━━━ {name}  (after {})", seconds(self.started.elapsed()));
        let began = Instant::now();
        let failure = stage().err().map(|error| format!("{error:#}"));
        let elapsed = began.elapsed();
        match &failure {
            None => println!("──  {name}: done in {}", seconds(elapsed)),
            Some(why) => println!("──  {name}: FAILED after {}: {why}", seconds(elapsed)),
        }
        let succeeded = failure.is_none();
        self.done.push(Done { name, elapsed, failure });
        succeeded
    }

    /// Prints one line for each stage. Returns the names of those that failed.
    pub(crate) fn summary(&self) -> Vec<&'static str> {
        println!("\n━━━ summary  ({})", seconds(self.started.elapsed()));
        for Done { name, elapsed, failure } in &self.done {
            let outcome = if failure.is_none() { "ok" } else { "FAILED" };
            println!("{:>9}  {outcome:<6}  {name}", seconds(*elapsed));
        }
        self.done.iter().filter(|stage| stage.failure.is_some()).map(|stage| stage.name).collect()
    }
}

fn seconds(elapsed: Duration) -> String {
    let whole = elapsed.as_secs();
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{:.1} s", elapsed.as_secs_f64())
    }
}
