//! What a person said and did: the log of judgements, the only durable truth of the learner.
//!
//! Worker thread. Plain data; every model is rebuilt from this log.

pub mod blind;
pub mod friend;
pub mod profile;
pub mod reference;

use crate::pattern::Loop;
pub use crate::pattern::LoopId;
use serde::{Deserialize, Serialize};

/// The sources in one table, so that none can be written and not be read.
macro_rules! sources {
    ($($(#[$about:meta])* $source:ident = $key:literal, $weight:literal, $explicit:literal;)+) => {
        /// Where a judgement comes from; each source has a weight.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Source {
            $($(#[$about])* #[serde(rename = $key)] $source,)+
        }

        impl Source {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$source,)+];

            /// What it is called wherever judgements are stored.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$source => $key,)+
                }
            }

            /// How many explicit ratings this one counts as.
            #[must_use]
            pub fn default_weight(self) -> f32 {
                match self {
                    $(Self::$source => $weight,)+
                }
            }

            /// Whether the person meant it as a judgement.
            #[must_use]
            pub fn is_explicit(self) -> bool {
                match self {
                    $(Self::$source => $explicit,)+
                }
            }
        }
    };
}

sources! {
    /// Like or dislike was pressed.
    Rated = "rated", 1.0, true;
    /// Skipped within its first bar.
    Skipped = "skipped", 0.4, false;
    /// Dragged out or exported.
    Exported = "exported", 1.5, false;
    /// Starred.
    Starred = "starred", 1.5, true;
    /// A bar of a reference: something that the person loves and that is none of our loops.
    Reference = "reference", 1.0, true;
}

/// What was said of a loop. A part that was not asked for is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The whole loop.
    pub like: Option<bool>,
    /// Its rhythm alone.
    pub rhythm: Option<bool>,
    /// Its sounds alone.
    pub sound: Option<bool>,
}

impl Verdict {
    /// Like or dislike of the whole.
    #[must_use]
    pub fn of(like: bool) -> Self {
        Self { like: Some(like), rhythm: None, sound: None }
    }
}

/// One entry of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// Position in the order of saying; never reused.
    pub serial: u64,
    /// The loop that was audible.
    pub id: LoopId,
    /// The loop itself, as it sounded.
    pub subject: Loop,
    /// What was said.
    pub verdict: Verdict,
    /// For "A over B": the loop that lost. `verdict.like` is then `Some(true)`.
    pub over: Option<Loop>,
    /// Where it comes from.
    pub source: Source,
    /// How many explicit ratings it counts as, above 0.
    pub weight: f32,
    /// P(like) that was predicted before this was said, 0 to 1.
    pub predicted: Option<f32>,
}

impl Judgement {
    /// A rating of a loop as it was proposed, by somebody whose loops are numbered as they are rated.
    #[must_use]
    pub fn rated(serial: u64, subject: Loop, verdict: Verdict) -> Self {
        Self {
            serial,
            id: LoopId(serial),
            subject,
            verdict,
            over: None,
            source: Source::Rated,
            weight: Source::Rated.default_weight(),
            predicted: None,
        }
    }
}

/// The judgements in the order in which they were said, without those that were taken back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    entries: Vec<Judgement>,
    revision: u64,
}

impl Log {
    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Judgement] {
        &self.entries
    }

    /// Grows by one whenever an earlier entry was removed or changed: then a model must be rebuilt
    /// rather than extended.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// This log behind judgements of other projects, for a learner. `changes` counts how often those
    /// were exchanged: it is part of the revision, which still grows with every change but an append.
    #[must_use]
    pub fn behind(&self, others: &[Judgement], changes: u64) -> Self {
        let entries = others.iter().chain(&self.entries).copied().collect();
        Self { entries, revision: self.revision + changes }
    }

    /// This log without some entries, under the same revision: whoever takes out others counts that in it.
    #[must_use]
    pub(crate) fn without(mut self, gone: impl Fn(&Judgement) -> bool) -> Self {
        self.entries.retain(|judgement| !gone(judgement));
        self
    }

    /// This log with other weights, under the same revision: whoever changes weights counts that in it. Entries
    /// that come as `None` are left out.
    #[must_use]
    pub(crate) fn weighed(&self, weigh: impl Fn(&Judgement) -> Option<Judgement>) -> Self {
        Self { entries: self.entries.iter().filter_map(weigh).collect(), revision: self.revision }
    }

    /// Adds an entry.
    pub fn push(&mut self, judgement: Judgement) {
        self.entries.push(judgement);
    }

    /// Takes entries back: those for which `gone` holds.
    pub fn forget(&mut self, gone: impl Fn(&Judgement) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|judgement| !gone(judgement));
        if self.entries.len() != before {
            self.revision += 1;
        }
    }

    /// Other entries instead of all there are; of equal serials the first counts.
    pub fn replace(&mut self, judgements: Vec<Judgement>) {
        self.entries = judgements;
        self.entries.sort_by_key(|judgement| judgement.serial);
        self.entries.dedup_by_key(|judgement| judgement.serial);
        self.revision += 1;
    }

    /// Puts entries back that were taken (undo), each at its place in the order of saying.
    pub fn restore(&mut self, judgements: &[Judgement]) {
        if judgements.is_empty() {
            return;
        }
        let newest = self.entries.last().map_or(0, |judgement| judgement.serial);
        let appended = judgements.iter().all(|judgement| judgement.serial > newest);
        self.entries.extend_from_slice(judgements);
        self.entries.sort_by_key(|judgement| judgement.serial);
        self.entries.dedup_by_key(|judgement| judgement.serial);
        if !appended {
            self.revision += 1;
        }
    }

    /// Explicit likes and dislikes of whole loops.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let rated = self.entries.iter().filter(|j| j.source == Source::Rated);
        rated.fold((0, 0), |(likes, dislikes), j| match j.verdict.like {
            Some(true) => (likes + 1, dislikes),
            Some(false) => (likes, dislikes + 1),
            None => (likes, dislikes),
        })
    }
}
