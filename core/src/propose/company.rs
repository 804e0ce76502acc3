//! Which sounds a loop has: of the lanes' roles, and of one kit but for a stranger or two.
//!
//! A family is a kit within the kit: a factory kit, or a folder of the person's. How many strangers there are
//! follows the adventure that is wanted. Sessions in which any lane may take any sample know no families.

use super::frame::Frame;
use super::prior::set_sound;
use crate::features::{Candidate, NO_SAMPLE, SoundTable};
use crate::kit::Kit;
use crate::pattern::Role;
use crate::rng::Rng;

/// Sounds that are looked at for one that goes with a family.
const LOOKED_AT: usize = 16;
/// Strangers that cost nothing, and what each further one costs at no adventure, as a logit.
const STRANGERS: usize = 2;
const PRICE: f32 = 1.2;
/// A session in which any lane may take any sample: how often a loop takes its sounds from one neighbourhood.
const NEIGHBOURHOOD: f32 = 0.25;

/// What sounds are chosen from.
#[derive(Clone, Copy)]
pub struct Company<'a> {
    /// What the request allows.
    pub frame: &'a Frame,
    /// The kit.
    pub kit: &'a Kit,
    /// Its tables.
    pub sounds: &'a SoundTable,
}

impl Company<'_> {
    /// The chance that a lane's sound is of another family than the loop's.
    fn stranger(&self) -> f32 {
        let adventure = self.frame.steering.adventure;
        0.1 + 0.75 * adventure * adventure
    }

    /// The chance that a lane's sound is of any role.
    fn foreign_role(&self) -> f32 {
        if self.frame.foreign_roles { 0.8 * (self.frame.steering.adventure - 0.75) } else { 0.0 }
    }

    /// A family, the larger the likelier. `None` where the kit has none.
    fn family(&self, rng: &mut Rng) -> Option<usize> {
        rng.weighted(&self.sounds.family_sizes())
    }

    /// The family that most lanes of a loop are of, of equals that of the first lane.
    pub fn family_of(&self, candidate: &Candidate) -> Option<usize> {
        let parts = candidate.parts();
        let of = |lane: usize| self.sounds.family_of(parts[lane].sample);
        let count = |family: usize| (0..parts.len()).filter(|&lane| of(lane) == Some(family)).count();
        let lanes = (0..parts.len()).rev().filter_map(of);
        lanes.max_by_key(|&family| count(family))
    }

    /// Sounding lanes that are free and whose sound is not of the loop's family.
    pub fn strangers(&self, candidate: &Candidate) -> usize {
        let Some(family) = self.family_of(candidate) else { return 0 };
        let parts = candidate.parts().iter().enumerate();
        let strange = parts.filter(|(lane, part)| {
            part.mask != 0
                && self.frame.may_change_sound(*lane)
                && self.sounds.family_of(part.sample) != Some(family)
        });
        strange.count()
    }

    /// What strangers beyond those that are wanted cost, as a loss on the logit scale.
    pub fn loss(&self, candidate: &Candidate) -> f32 {
        if self.frame.any_sample {
            return 0.0;
        }
        let excess = self.strangers(candidate).saturating_sub(STRANGERS);
        excess as f32 * PRICE * (1.0 - self.frame.steering.adventure)
    }

    /// Sounds for every lane: of one family, with strangers as the adventure has it.
    pub fn draw(&self, candidate: &mut Candidate, rng: &mut Rng) {
        if self.frame.any_sample {
            let any = self.sounds.everything();
            let kin = if rng.chance(NEIGHBOURHOOD) { rng.pick(any).copied() } else { None };
            for part in candidate.parts_mut() {
                let sound = match kin {
                    Some(kin) => self.sounds.near(kin, any, LOOKED_AT, rng),
                    None => rng.pick(any).copied().unwrap_or(NO_SAMPLE),
                };
                set_sound(part, sound, self.kit);
            }
            return;
        }
        let family = self.family(rng);
        self.dress(candidate, family, rng);
    }

    /// Sounds of one family for every lane that may change.
    pub fn dress(&self, candidate: &mut Candidate, family: Option<usize>, rng: &mut Rng) {
        let bold = self.frame.steering.adventure > 0.75;
        let most = if bold { candidate.parts().len() } else { STRANGERS };
        let mut strangers = 0;
        for lane in 0..candidate.parts().len() {
            let strange = strangers < most && rng.chance(self.stranger());
            strangers += usize::from(strange);
            let part = &mut candidate.parts_mut()[lane];
            if self.frame.may_change_sound(lane) {
                set_sound(part, self.sound(part.role, family, strange, rng), self.kit);
            }
        }
    }

    /// A sound for a lane beside the others of a loop.
    pub fn other(&self, candidate: &Candidate, lane: usize, rng: &mut Rng) -> u32 {
        let Some(part) = candidate.parts().get(lane) else { return NO_SAMPLE };
        if self.frame.any_sample {
            return rng.pick(self.sounds.everything()).copied().unwrap_or(NO_SAMPLE);
        }
        let strange = rng.chance(self.stranger());
        self.sound(part.role, self.family_of(candidate), strange, rng)
    }

    /// Another sound like that of a lane: of the loop's family, as most lanes are.
    pub fn neighbour(&self, candidate: &Candidate, lane: usize, rng: &mut Rng) -> Option<u32> {
        let part = candidate.parts().get(lane)?;
        let like_it = self.kit.neighbours(part.sample as usize);
        if self.frame.any_sample || rng.chance(self.stranger()) {
            return rng.pick(like_it).copied();
        }
        let family = self.family_of(candidate);
        let within: Vec<u32> =
            like_it.iter().copied().filter(|&sound| self.sounds.family_of(sound) == family).collect();
        match rng.pick(&within) {
            Some(&sound) => Some(sound),
            // Its likes are all of other kits: a sound of this one, as near as a few are.
            None => {
                let pool = family.map_or(&[][..], |family| self.sounds.family_pool(family, part.role));
                (!pool.is_empty()).then(|| self.sounds.near(part.sample, pool, 6, rng))
            }
        }
    }

    /// A sound for a role: of a family, or a stranger that goes with it.
    fn sound(&self, role: Role, family: Option<usize>, strange: bool, rng: &mut Rng) -> u32 {
        let foreign = self.foreign_role();
        if foreign > 0.0 && rng.chance(foreign) {
            return rng.pick(self.sounds.everything()).copied().unwrap_or(NO_SAMPLE);
        }
        let pool = self.sounds.pool(role);
        let any = |rng: &mut Rng| rng.pick(pool).copied().unwrap_or(NO_SAMPLE);
        let Some(family) = family else { return any(rng) };
        let own = self.sounds.family_pool(family, role);
        if own.is_empty() || strange {
            return self.sounds.kindred(family, pool, LOOKED_AT, rng).unwrap_or_else(|| any(rng));
        }
        rng.pick(own).copied().unwrap_or_else(|| any(rng))
    }

    /// All sounds of a loop of another kit: a move of its own.
    pub fn change_kit(&self, candidate: &mut Candidate, rng: &mut Rng) {
        if self.frame.any_sample {
            self.draw(candidate, rng);
            return;
        }
        let mut weights = self.sounds.family_sizes();
        if let Some(weight) = self.family_of(candidate).and_then(|own| weights.get_mut(own)) {
            *weight = 0.0;
        }
        // A kit without others within it: other sounds of its own.
        let family = rng.weighted(&weights).or_else(|| self.family(rng));
        self.dress(candidate, family, rng);
    }

    /// The sounds of another loop, one or two of them exchanged: the same kit, heard on.
    pub fn keep(&self, candidate: &mut Candidate, of: &Candidate, rng: &mut Rng) {
        for (part, from) in candidate.parts_mut().iter_mut().zip(of.parts()) {
            if part.role == from.role && from.sample != NO_SAMPLE {
                (part.id, part.sample) = (from.id, from.sample);
            }
        }
        for _ in 0..1 + rng.below(2) {
            let lane = rng.below(candidate.parts().len());
            if self.frame.may_change_sound(lane) {
                let sound = self.other(candidate, lane, rng);
                set_sound(&mut candidate.parts_mut()[lane], sound, self.kit);
            }
        }
    }
}
