//! Makes sounds ready for the engine: a loop's samples brought to the engine's rate and tuned, each once.
//!
//! Worker thread.

use crate::engine::{MixState, PreparedSound};
use crate::kit::{Audio, SampleId};
use crate::pattern::{Loop, MAX_LANES};
use crate::session::Session;
use crate::units::SampleRate;
use std::collections::HashMap;
use std::sync::Arc;

/// Prepared frames that are kept for later plans, in bytes: some 300 one-shots at 48 kHz.
const MOST_BYTES: usize = 64 << 20;

/// Sounds at one rate, by sample and tuning.
#[derive(Debug, Default)]
pub struct Prepared {
    sounds: HashMap<(SampleId, i32), (Arc<PreparedSound>, u64)>,
    bytes: usize,
    clock: u64,
    rate: Option<SampleRate>,
}

impl Prepared {
    /// The sound of a sample at a rate, tuned to a hundredth of a semitone.
    pub fn sound(
        &mut self,
        id: SampleId,
        audio: &Audio,
        rate: SampleRate,
        tune_semitones: f32,
    ) -> Arc<PreparedSound> {
        if self.rate != Some(rate) {
            *self = Self { rate: Some(rate), ..Self::default() };
        }
        self.clock += 1;
        let key = (id, (tune_semitones * 100.0).round() as i32);
        if let Some((sound, used)) = self.sounds.get_mut(&key) {
            *used = self.clock;
            return Arc::clone(sound);
        }
        let sound = Arc::new(PreparedSound::prepare(audio, rate, key.1 as f32 / 100.0));
        self.bytes += bytes(&sound);
        self.sounds.insert(key, (Arc::clone(&sound), self.clock));
        while self.bytes > MOST_BYTES && self.sounds.len() > 1 {
            let oldest = self.sounds.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            let Some((gone, _)) = oldest.and_then(|key| self.sounds.remove(&key)) else { break };
            self.bytes -= bytes(&gone);
        }
        sound
    }

    /// The sounds of a loop's lanes, and why lanes are silent whose sound can't be had.
    pub fn sounds(&mut self, session: &Session, pattern: &Loop, rate: SampleRate) -> (Sounds, Vec<String>) {
        let mut silent = Vec::new();
        let mut sounds = [const { None }; MAX_LANES];
        for (at, (slot, lane)) in sounds.iter_mut().zip(pattern.lanes()).enumerate() {
            let Some(sample) = session.sounding(lane) else { continue };
            let tune = session.lanes().get(at).map_or(0.0, |lane| lane.mix.tune_semitones);
            match sample.audio() {
                Ok(audio) => *slot = Some(self.sound(sample.id, &audio, rate, tune)),
                Err(error) => silent.push(error.to_string()),
            }
        }
        (sounds, silent)
    }
}

/// The sound of each lane.
pub type Sounds = [Option<Arc<PreparedSound>>; MAX_LANES];

fn bytes(sound: &PreparedSound) -> usize {
    sound.frames() * 2 * size_of::<f32>()
}

/// The mixer as the session has it; output level, limiter and bypass are the host's.
#[must_use]
pub fn mix(session: &Session) -> MixState {
    let roles = session.roles();
    let mut mix = MixState::of(&roles);
    for (to, from) in mix.lanes.iter_mut().zip(session.lanes()) {
        *to = from.mix;
    }
    mix.keys = session.export_settings().note_map.keys(&roles);
    mix.rating_keys = session.settings().rating_keys;
    mix.learns_key = session.learns_key();
    mix.muted = session.is_muted_after_drag();
    mix
}
