//! Loading and keeping presets. A preset that is loaded waits on the stage, and nothing else changes, until
//! its kit and a fresh learner are there; then all of it takes effect at once, with a first loop. So nothing
//! is ever proposed from half of a preset.

use super::choices::{KitChoice, Origin, PresetId};
use super::controls::{ForTheHost, SoundForTheHost};
use super::doc::LaneDoc;
use super::effect::PresetChange;
use super::human;
use super::preset::{self, Preset, PresetSound};
use super::undo::Change;
use super::view::{CurrentPreset, PresetsView, Severity};
use super::{Effect, Session};
use crate::pattern::Role;
use crate::propose::{Learner, Steering};
use crate::units::Seed;
use std::sync::Arc;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Stage {
    /// The preset that waits for its kit and learner.
    pub(super) waits: Option<(PresetId, Arc<Preset>)>,
    /// What the host does not have yet.
    for_the_host: Option<ForTheHost>,
    sound_for_the_host: Option<SoundForTheHost>,
    serial: u64,
    /// The preset that was laid aside last.
    removed: Option<String>,
}

impl Session {
    pub(super) fn load_preset(&mut self, id: PresetId) -> Vec<Effect> {
        let Some(listed) = self.library.find(&id) else {
            let text = format!("The preset “{}” is not there any more.", id.name);
            self.notify(Severity::Warning, text, "");
            return Vec::new();
        };
        self.stage.waits = Some((id, Arc::new(listed.preset.clone())));
        vec![Effect::LoadPreset]
    }

    /// The preset that waits is given up. True if there was one.
    pub(super) fn leave_stage(&mut self) -> bool {
        self.stage.waits.take().is_some()
    }

    /// A preset waits for [`Session::set_kit`], or for [`Session::set_learner`] where its kit is in use.
    #[must_use]
    pub(crate) fn has_staged(&self) -> bool {
        self.stage.waits.is_some()
    }

    /// The preset that waits can't be had; everything stays as it is.
    pub fn refuse_staged(&mut self, reason: &str) {
        if let Some((id, _)) = self.stage.waits.take() {
            let text = format!("The preset “{}” could not be loaded: {reason}", id.name);
            self.notify(Severity::Error, text, "Everything is as it was before.");
        }
    }

    /// The kit that the session wants: that of the preset that waits, else its own.
    #[must_use]
    pub fn kit_wanted(&self) -> &KitChoice {
        self.stage.waits.as_ref().map_or(&self.origin.kit, |(_, preset)| &preset.kit)
    }

    /// The root of the randomness of the learner that the session wants.
    #[must_use]
    pub fn learner_seed_wanted(&self) -> Seed {
        self.stage.waits.as_ref().map_or(self.origin.learner_seed, |(_, preset)| preset.seed)
    }

    /// A fresh learner for the kit in use.
    pub(crate) fn set_learner(&mut self, learner: Box<dyn Learner>) -> Vec<Effect> {
        self.teaching.set_learner(learner);
        self.touch();
        self.enter_stage()
    }

    /// The kit and a fresh learner are there: a preset that waited takes effect, as one undo step.
    pub(super) fn enter_stage(&mut self) -> Vec<Effect> {
        let Some((_, preset)) = self.stage.waits.take() else { return Vec::new() };
        let after =
            Origin { kit: preset.kit.clone(), learner_seed: preset.seed, preset: Some(preset.name.clone()) };
        let before = std::mem::replace(&mut self.origin, after.clone());
        let mut changes = vec![Change::Origin { before: Box::new(before), after: Box::new(after) }];
        let mut lanes = of_roles(&preset.lanes, &self.lanes);
        if let Some(sound) = &preset.sound {
            for (lane, shape) in lanes.iter_mut().zip(&sound.shapes) {
                lane.shape = *shape;
            }
            changes.push(Change::Bus { before: self.bus, after: sound.bus });
            self.bus = sound.bus;
            if self.levelled != sound.levelled {
                changes.push(Change::Levelled { after: sound.levelled });
                self.levelled = sound.levelled;
            }
        }
        let before = std::mem::replace(&mut self.lanes, lanes.clone());
        changes.push(Change::Lanes { before, after: lanes });
        // What one plays along to is no part of a preset.
        let steering = Steering { follow: self.steering.follow, ..preset.steering.sanitized() };
        // A direction is played as its family is; without one the dial stays where it is.
        let family = steering.styles.family();
        let human = family.map_or(self.human, |family| human::that_suits(Some(family)));
        changes.push(Change::Human { before: self.human, after: human });
        self.human = human;
        self.sound_the_host();
        changes.push(Change::Steering { before: self.steering, after: steering });
        self.steer_the_host(steering);
        self.queue.clear();
        // What was played before does not count: the same preset and log give the same loop.
        let mut effects = self.first_loop(&mut changes);
        effects.push(Effect::Mix);
        self.undo.push(&format!("Preset {}", preset.name), changes);
        effects
    }

    /// Back to what loops were made from, or forth again; the kit is loaded with a fresh learner.
    pub(super) fn set_origin(&mut self, origin: &Origin) -> Effect {
        self.origin.clone_from(origin);
        Effect::LoadKit(self.origin.kit.clone())
    }

    /// Steering that does not come from the host: its parameters shall follow.
    pub(super) fn steer_the_host(&mut self, steering: Steering) {
        if self.steering.is_like(&steering) && self.stage.for_the_host.is_none() {
            self.steering = steering;
            return;
        }
        self.steering = steering;
        self.stage.serial += 1;
        self.stage.for_the_host = Some(ForTheHost { serial: self.stage.serial, steering });
    }

    /// The host's parameters say something that can't be followed as it stands: they shall be as the
    /// session has it.
    pub(crate) fn ask_the_host(&mut self) {
        self.stage.serial += 1;
        self.stage.for_the_host = Some(ForTheHost { serial: self.stage.serial, steering: self.steering });
        self.touch();
    }

    /// The sound does not come from the host: its parameters shall follow.
    pub(super) fn sound_the_host(&mut self) {
        self.stage.serial += 1;
        self.stage.sound_for_the_host =
            Some(SoundForTheHost { serial: self.stage.serial, sound: self.sound() });
    }

    /// What the host's parameters shall be of the sound and are not yet.
    #[must_use]
    pub fn sound_for_the_host(&self) -> Option<SoundForTheHost> {
        self.stage.sound_for_the_host
    }

    /// The host's parameters sound as the session does, or rule again.
    pub(crate) fn host_sounds_alike(&mut self) {
        if self.stage.sound_for_the_host.take().is_some() {
            self.touch();
        }
    }

    /// What the host's parameters shall be and are not yet.
    #[must_use]
    pub fn for_the_host(&self) -> Option<ForTheHost> {
        self.stage.for_the_host
    }

    /// The host's parameters have followed, or rule again.
    pub(crate) fn host_follows(&mut self) {
        if self.stage.for_the_host.take().is_some() {
            self.touch();
        }
    }

    pub(super) fn save_preset(&mut self, name: String, category: String, replace: bool) -> Vec<Effect> {
        let from = self.origin.preset.as_deref().and_then(|name| self.library.named(name));
        let preset = Preset {
            name,
            category,
            tags: from.map_or_else(Vec::new, |listed| listed.preset.tags.clone()),
            kit: self.origin.kit.clone(),
            lanes: self.roles(),
            steering: self.steering,
            tempo: from.and_then(|listed| listed.preset.tempo),
            seed: self.origin.learner_seed,
            sound: Some(self.preset_sound()),
        };
        vec![Effect::Presets(PresetChange::Save { preset: Box::new(preset), replace })]
    }

    /// What a preset keeps of how the session sounds.
    fn preset_sound(&self) -> PresetSound {
        let shapes = self.lanes.iter().map(|lane| lane.shape).collect();
        PresetSound { levelled: self.levelled, bus: self.bus, shapes }
    }

    /// The presets of this machine, as they were read.
    pub fn set_library(&mut self, library: Arc<preset::Library>) {
        if self.library != library {
            self.library = library;
            self.touch();
        }
    }

    /// The presets of this machine.
    #[must_use]
    pub fn library(&self) -> &Arc<preset::Library> {
        &self.library
    }

    /// A change of the person's presets was carried out.
    pub(crate) fn preset_changed(&mut self, change: &PresetChange) {
        match change {
            PresetChange::Save { preset, .. } => self.origin.preset = Some(preset.name.clone()),
            PresetChange::Rename { from, to } if self.origin.preset.as_ref() == Some(from) => {
                self.origin.preset = Some(to.clone());
            }
            _ => {}
        }
        match change {
            PresetChange::Remove(name) => self.stage.removed = Some(name.clone()),
            PresetChange::Restore(_) => self.stage.removed = None,
            _ => {}
        }
        self.touch();
    }

    pub(super) fn presets_view(&self) -> PresetsView {
        let current = self.origin.preset.as_ref().map(|name| {
            let listed = self.library.named(name);
            let as_it_is = |preset: &Preset| {
                let roles = self.lanes.iter().map(|lane| lane.role);
                preset.is_as(&self.origin.kit, roles, &self.steering)
                    && preset.sound.as_ref().is_none_or(|sound| *sound == self.preset_sound())
            };
            CurrentPreset {
                id: PresetId { own: listed.is_some_and(|listed| listed.own), name: name.clone() },
                changed: listed.is_some_and(|listed| !as_it_is(&listed.preset)),
            }
        });
        PresetsView {
            library: Arc::clone(&self.library),
            current,
            loading: self.stage.waits.as_ref().map(|(id, _)| id.clone()),
            removed: self.stage.removed.clone(),
        }
    }
}

/// Lanes of these roles, free of locks. Each keeps the mixer settings and the shaping that a lane of its role
/// had, the first those of the first and so on.
fn of_roles(roles: &[Role], before: &[LaneDoc]) -> Vec<LaneDoc> {
    let mut left = before.to_vec();
    let lane = |&role: &Role| {
        let at = left.iter().position(|lane| lane.role == role);
        let of = at.map_or_else(|| LaneDoc::of(role), |at| left.remove(at));
        LaneDoc { mix: of.mix, shape: of.shape, ..LaneDoc::of(role) }
    };
    roles.iter().map(lane).collect()
}

#[cfg(test)]
mod tests;
