//! Builds the immutable view that the editor draws.

use super::view::{HistoryView, Honesty, LaneView, LiftView, LoopView, TasteView, View, WorkerView};
use super::{Session, view::Exported};
use crate::kit::Origin;
use crate::pattern::{Lane, Loop, Role, SampleId};
use crate::taste::{LoopId, Source};
use std::path::PathBuf;
use std::sync::Arc;

/// Points of the curve of liked proposals.
const CURVE_POINTS: usize = 64;
/// Ratings over which predictions are held against answers, and the fewest.
const HONESTY_OVER: usize = 30;
const LEAST_HONESTY: usize = 10;
/// Exports that the view remembers.
const MOST_EXPORTED: usize = 8;

impl Session {
    /// Files of an export were written.
    pub(crate) fn set_exported(&mut self, ticket: u64, files: Vec<PathBuf>) {
        self.exported.push_back(Exported { ticket, files });
        while self.exported.len() > MOST_EXPORTED {
            self.exported.pop_front();
        }
    }

    /// The profiles of this machine, for the menu.
    pub(crate) fn set_profiles(&mut self, all: Vec<String>) {
        if self.profile.all != all {
            self.profile.all = all;
            self.touch();
        }
    }

    /// The name of the profile that is in use after all, where the one that was asked for can't be.
    pub(crate) fn set_profile_name(&mut self, name: &str) {
        if self.profile.name != name {
            name.clone_into(&mut self.profile.name);
            self.touch();
        }
    }

    /// The name of the profile that the project wants.
    #[must_use]
    pub(crate) fn profile_name(&self) -> &str {
        &self.profile.name
    }

    /// A picture of everything the window shows.
    pub fn view(&mut self, worker: WorkerView) -> View {
        self.view_revision += 1;
        let current = self.loop_view();
        View {
            revision: self.view_revision,
            lanes: self.lane_views(&current.pattern),
            taste: self.taste_view(),
            steering: self.steering,
            strategy: self.strategy,
            history: self.history_view(),
            queue: match self.blind_queue() {
                Some(waiting) => waiting.iter().map(|waiting| Arc::new(waiting.pattern)).collect(),
                None => self.queue.iter().map(|waiting| Arc::new(waiting.pattern)).collect(),
            },
            worker,
            notices: self.notices.iter().cloned().collect(),
            kit: {
                let mut kit = self.stock.view.clone();
                kit.missing = self.stock.missing(&current.pattern);
                kit.mono = self.stock.mono;
                kit
            },
            profile: self.profile.clone(),
            presets: self.presets_view(),
            for_the_host: self.for_the_host(),
            sound_for_the_host: self.sound_for_the_host(),
            bus: self.bus,
            levelled: self.levelled,
            human: self.human,
            clip_feel: self.clip_feel().map(|feel| feel.name.clone()),
            enter: self.enter,
            export: self.export.clone(),
            exported: self.exported.iter().cloned().collect(),
            undo: self.undo.undo_label(),
            redo: self.undo.redo_label(),
            audition: self.audition,
            muted_after_drag: self.muted_after_drag,
            settings: self.settings.clone(),
            learns_key: self.learns_key,
            song: self.song_view(),
            current,
        }
    }

    fn loop_view(&self) -> LoopView {
        let Some(entry) = self.current_entry() else {
            let lanes: Vec<Lane> =
                self.lanes.iter().map(|lane| Lane::empty(lane.role, SampleId::NONE)).collect();
            return LoopView {
                id: LoopId::default(),
                number: 0,
                pattern: Loop::new(self.steering.grid, crate::pattern::Swing::STRAIGHT, &lanes),
                edited: false,
                verdict: None,
                rhythm_verdict: None,
                sound_verdict: None,
                prediction: None,
                attribution: None,
                lift: None,
            };
        };
        let mut said = self.teaching.log().entries().iter().rev();
        let said = said.find(|said| said.id == entry.id && said.source == Source::Rated);
        LoopView {
            id: entry.id,
            number: entry.number,
            pattern: entry.pattern,
            edited: entry.is_edited(),
            verdict: entry.verdict,
            rhythm_verdict: said.and_then(|said| said.verdict.rhythm),
            sound_verdict: said.and_then(|said| said.verdict.sound),
            prediction: self
                .insight
                .prediction_of(&entry.pattern)
                .or_else(|| entry.prediction.filter(|_| !entry.is_edited()))
                .filter(|_| !self.is_blind()),
            attribution: self.insight.attribution_of(&entry.pattern).filter(|_| !self.is_blind()),
            lift: self
                .insight
                .lift_of(&entry.pattern)
                .filter(|_| !self.is_blind())
                .map(|lift| LiftView { text: lift.text, gain: lift.gain }),
        }
    }

    fn lane_views(&self, pattern: &Loop) -> Vec<LaneView> {
        let docs = self.lanes.iter();
        docs.zip(pattern.lanes())
            .map(|(doc, lane)| {
                let own = self.stock.own(lane.sample);
                let sounding = own.clone().or_else(|| self.stock.sounding(lane));
                LaneView {
                    role: doc.role,
                    sample: lane.sample,
                    sample_name: match (&own, self.stock.known.get(&lane.sample)) {
                        (Some(sample), _) => sample.name.clone(),
                        (None, Some(known)) => known.name.clone(),
                        (None, None) => String::new(),
                    },
                    missing: own.is_none() && lane.sample != SampleId::NONE && self.stock.kit.is_some(),
                    is_own: own.is_some_and(|own| !matches!(own.origin, Origin::Factory { .. })),
                    seconds: sounding.as_ref().map_or(0.0, |sample| sample.analysis.duration_s),
                    peaks: sounding.map_or_else(|| [].into(), |sample| sample.analysis.peaks.into()),
                    mix: doc.mix,
                    shape: doc.shape,
                    locked_steps: doc.locked_steps,
                    as_written: doc.as_written,
                    lock_beat: doc.lock_beat,
                    lock_sound: doc.lock_sound,
                }
            })
            .collect()
    }

    fn history_view(&self) -> Vec<HistoryView> {
        let position = self.history.position();
        let mut serials: std::collections::HashMap<LoopId, Vec<u64>> = std::collections::HashMap::new();
        for said in self.teaching.log().entries() {
            serials.entry(said.id).or_default().push(said.serial);
        }
        let entries = self.history.entries().iter().enumerate();
        entries
            .map(|(at, entry)| HistoryView {
                id: entry.id,
                number: entry.number,
                pattern: Arc::new(entry.pattern),
                verdict: entry.verdict,
                starred: entry.starred,
                is_current: at == position && self.song.chosen == 0,
                serials: serials
                    .get(&entry.id)
                    .map_or_else(Vec::new, |all| all.iter().copied().take(8).collect()),
            })
            .collect()
    }

    /// Counts and curve are this project's own; statements come from all that the learner was told.
    fn taste_view(&self) -> TasteView {
        let (likes, dislikes) = self.teaching.log().counts();
        let said: Vec<bool> = self
            .teaching
            .log()
            .entries()
            .iter()
            .filter(|judgement| judgement.source == Source::Rated)
            .filter_map(|judgement| judgement.verdict.like)
            .collect();
        let curve: Vec<f32> = (0..said.len())
            .map(|at| {
                let window = &said[(at + 1).saturating_sub(10)..=at];
                window.iter().filter(|&&like| like).count() as f32 / window.len() as f32
            })
            .collect();
        TasteView {
            likes,
            dislikes,
            statements: self.insight.statements.clone(),
            curve: curve[curve.len().saturating_sub(CURVE_POINTS)..].to_vec(),
            reask: self.insight.reask,
            rhythm: self.insight.rhythm,
            said: self.said_views(CURVE_POINTS),
            blind: self.blind_view(),
            honesty: self.honesty(),
            references: self.reference_views(),
            directions: self.directions,
        }
    }

    /// What was claimed of the loops rated last and what was liked of them, as shares.
    fn honesty(&self) -> Option<Honesty> {
        let rated = self.teaching.log().entries().iter().rev();
        let rated = rated.filter(|said| said.source == Source::Rated);
        let pairs = rated.filter_map(|said| Some((said.predicted?, said.verdict.like?))).take(HONESTY_OVER);
        let pairs: Vec<(f32, bool)> = pairs.collect();
        if pairs.len() < LEAST_HONESTY {
            return None;
        }
        let n = pairs.len() as f32;
        Some(Honesty {
            claimed: pairs.iter().map(|(p, _)| p).sum::<f32>() / n,
            liked: pairs.iter().filter(|(_, like)| *like).count() as f32 / n,
            ratings: pairs.len(),
        })
    }

    /// The roles of the lanes.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        self.lanes.iter().map(|lane| lane.role).collect()
    }
}
