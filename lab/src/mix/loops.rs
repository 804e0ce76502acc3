//! Sessions stepped by hand, and their loops rendered as exports are.

use super::MixError;
use super::signal::{SILENCE_DB, Signal, loudness, measure};
use deepdrummer_core::kit::{Audio, Kit, Origin};
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::render::{Tail, Take};
use deepdrummer_core::runtime::kits::{self, Own};
use deepdrummer_core::runtime::{Prepared, levels, mix};
use deepdrummer_core::session::Session;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::preset::{Library, Listed};
use deepdrummer_core::units::{Bpm, SampleRate, Seed};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// One lane as it sounds in a loop.
#[derive(Clone, Debug, Serialize)]
pub struct HeardLane {
    /// What the lane is for.
    pub role: Role,
    /// What its sound is.
    pub sound: Option<Role>,
    /// Integrated loudness in LUFS of the lane by itself.
    pub lufs: f64,
}

/// One loop as it sounds.
#[derive(Clone, Debug, Serialize)]
pub struct HeardLoop {
    /// The whole.
    pub signal: Signal,
    /// Its lanes.
    pub lanes: Vec<HeardLane>,
    /// Which of its sounds are of their lanes' roles, and more of the kind.
    pub coherence: Coherence,
    /// The sound, for pictures.
    #[serde(skip)]
    pub audio: Option<Arc<Audio>>,
    /// The loop.
    #[serde(skip)]
    pub pattern: Loop,
}

/// Whether a loop's sounds are true to their lanes and belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coherence {
    /// Lanes that sound.
    pub sounding: usize,
    /// Lanes that sound with a sound of their role.
    pub true_roles: usize,
    /// Lanes that do not sound.
    pub silent: usize,
    /// Kits or folders that the sounding lanes take their sounds from.
    pub kits: usize,
    /// Sounding lanes whose sound is not of the kit that most are of.
    pub strangers: usize,
    /// Lanes whose sound is not that of the loop before it; the first has none before it.
    pub changed: Option<usize>,
}

/// Looks at the sounds of a loop, `before` being the one before it.
#[must_use]
pub fn coherence(pattern: &Loop, before: Option<&Loop>, kit: &Kit) -> Coherence {
    let family = |lane: &deepdrummer_core::pattern::Lane| match &kit.get(lane.sample)?.origin {
        Origin::Factory { kit } => Some(kit.to_string()),
        Origin::File { path } => path.parent().map(|folder| folder.to_string_lossy().into_owned()),
        Origin::Embedded => None,
    };
    let sounding: Vec<_> = pattern.lanes().iter().filter(|lane| lane.mask() != 0).collect();
    let families: Vec<Option<String>> = sounding.iter().map(|lane| family(lane)).collect();
    let kits: BTreeSet<&Option<String>> = families.iter().collect();
    let most = kits.iter().map(|kit| families.iter().filter(|family| family == kit).count()).max();
    let is_true = |lane: &deepdrummer_core::pattern::Lane| {
        kit.get(lane.sample).is_some_and(|sample| sample.role == lane.role)
    };
    Coherence {
        sounding: sounding.len(),
        true_roles: sounding.iter().filter(|lane| is_true(lane)).count(),
        silent: pattern.lanes().len() - sounding.len(),
        kits: kits.len(),
        strangers: sounding.len() - most.unwrap_or(0),
        changed: before.map(|before| {
            let pairs = pattern.lanes().iter().zip(before.lanes());
            pairs.filter(|(lane, before)| lane.sample != before.sample).count()
        }),
    }
}

/// A session with the learner and the sounds that a person has.
pub struct Player {
    session: Session,
    prepared: Prepared,
    bpm: Bpm,
    rate: SampleRate,
}

impl Player {
    /// A session from a document.
    ///
    /// # Errors
    /// Its kit can't be had.
    pub fn new(document: Document, bpm: f64) -> Result<Self, MixError> {
        Self::with(Session::new(document), bpm)
    }

    /// A session that begins with a preset.
    ///
    /// # Errors
    /// Its kit can't be had.
    pub fn of_preset(listed: &Listed, bpm: f64) -> Result<Self, MixError> {
        let mut session = Session::new(Document::new(Seed(1), Role::default_lanes(6)));
        session.set_library(Arc::new(Library { all: vec![listed.clone()], problems: Vec::new() }));
        let _ = session.apply(Command::LoadPreset(listed.id()));
        Self::with(session, bpm)
    }

    fn with(mut session: Session, bpm: f64) -> Result<Self, MixError> {
        let loaded = kits::load(session.kit_wanted(), &Own::default(), &AtomicBool::new(false), &|_, _| {});
        let (kit, view) = loaded.map_err(|error| MixError::Sound(String::from(error)))?;
        let learner = learner(CriticKind::Taste, Arc::clone(&kit), session.learner_seed_wanted());
        let _ = session.set_kit(kit, learner, view);
        let mut player =
            Self { session, prepared: Prepared::default(), bpm: Bpm::new(bpm), rate: SampleRate::CD };
        player.settle();
        Ok(player)
    }

    /// The session.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Finishes what the last command left open.
    pub fn settle(&mut self) {
        let _ = self.session.settle();
        while self.session.work() {}
    }

    /// The loop that plays and those that follow it when nothing is rated, each rendered and measured.
    ///
    /// # Errors
    /// A sound can't be had or measured.
    pub fn proposals(&mut self, count: usize) -> Result<Vec<HeardLoop>, MixError> {
        let mut heard: Vec<HeardLoop> = Vec::with_capacity(count);
        for at in 0..count {
            if at > 0 {
                let _ = self.session.apply(Command::Forward);
                self.settle();
            }
            let before = heard.last().map(|last| last.pattern);
            heard.push(self.hear(before.as_ref())?);
        }
        Ok(heard)
    }

    /// Renders the loop that plays as an export of it is rendered.
    fn hear(&mut self, before: Option<&Loop>) -> Result<HeardLoop, MixError> {
        let none = || MixError::Sound("no loop could be made".to_owned());
        let (id, pattern) = self.session.current().ok_or_else(none)?;
        let kit = Arc::clone(self.session.kit().ok_or_else(none)?);
        let (sounds, silent) = self.prepared.sounds(&self.session, &pattern, self.rate);
        if let Some(reason) = silent.into_iter().next() {
            return Err(MixError::Sound(reason));
        }
        let at = (self.rate, self.bpm);
        let levels = levels(&mut self.session, Some(id), &pattern, &sounds, at);
        let take = Take {
            pattern: &pattern,
            sounds: &sounds,
            levels,
            mix: mix(&self.session),
            rate: self.rate,
            bpm: self.bpm,
            bars: None,
            tail: Tail::Wrap,
        };
        let (whole, stems) = (take.mix(), take.stems());
        let rate_hz = self.rate.hz_u32();
        let lanes = pattern.lanes().iter().zip(&stems).map(|(lane, stem)| {
            let lufs = match lane.mask() {
                0 => SILENCE_DB,
                _ => loudness(&stem.left, &stem.right, rate_hz)?.0,
            };
            Ok(HeardLane { role: lane.role, sound: kit.get(lane.sample).map(|sample| sample.role), lufs })
        });
        Ok(HeardLoop {
            lanes: lanes.collect::<Result<_, MixError>>()?,
            signal: measure(&whole.left, &whole.right, rate_hz)?,
            coherence: coherence(&pattern, before, &kit),
            audio: Some(Arc::new(Audio { rate: self.rate, left: whole.left, right: Some(whole.right) })),
            pattern,
        })
    }
}
