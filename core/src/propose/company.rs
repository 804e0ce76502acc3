//! Which sounds a loop has: of the lanes' roles, and of one kit but for a stranger or two.
//!
//! A family is a kit within the kit: a factory kit, or a folder of the person's. How many strangers there are
//! follows the adventure that is wanted. Sessions in which any lane may take any sample know no families.

use super::constraints::Constraints;
use crate::features::{Candidate, NO_SAMPLE, Part, SoundTable};
use crate::kit::Kit;
use crate::pattern::{Role, SampleId};
use crate::rng::Rng;

/// Sounds that are looked at for one that goes with a family.
const LOOKED_AT: usize = 16;
/// A family with more sounds of a role is no kit but a library: of those the ones that go together are taken.
const LIBRARY: usize = 24;
/// Strangers that cost nothing, and what each further one costs at no adventure, as a logit.
const STRANGERS: usize = 2;
const PRICE: f32 = 1.2;
/// How much likelier a kit is that suits what the person makes.
const SUITED: f32 = 12.0;
/// A session in which any lane may take any sample: how often a loop takes its sounds from one neighbourhood.
const NEIGHBOURHOOD: f32 = 0.25;

/// Gives a lane a sound by its position in the kit.
pub(crate) fn set_sound(part: &mut Part, sample: u32, kit: &Kit) {
    part.sample = sample;
    part.id = kit.samples().get(sample as usize).map_or(SampleId::NONE, |sample| sample.id);
}

/// What sounds are chosen from.
#[derive(Clone, Copy)]
pub(crate) struct Company<'a> {
    /// What the request allows.
    pub constraints: &'a Constraints,
    /// The kit.
    pub kit: &'a Kit,
    /// Its tables.
    pub sounds: &'a SoundTable,
}

impl Company<'_> {
    /// The chance that a lane's sound is of another family than the loop's.
    fn stranger(&self) -> f32 {
        let adventure = self.constraints.steering.adventure;
        0.1 + 0.75 * adventure * adventure
    }

    /// The chance that a lane's sound is of any role.
    fn foreign_role(&self) -> f32 {
        if self.constraints.foreign_roles { 0.8 * (self.constraints.steering.adventure - 0.75) } else { 0.0 }
    }

    /// A family, the larger the likelier. `None` where the kit has none.
    fn family(&self, rng: &mut Rng) -> Option<usize> {
        rng.weighted(&self.family_weights())
    }

    /// How likely each family is: the larger the likelier, and those that suit what the person makes likelier.
    fn family_weights(&self) -> Vec<f32> {
        let mut weights = self.sounds.family_sizes();
        let directions = self.constraints.steering.directions;
        if !directions.is_none() {
            for (family, weight) in weights.iter_mut().enumerate() {
                let suits = self.sounds.factory_kit(family).is_some_and(|kit| directions.suits(kit));
                *weight *= if suits { SUITED } else { 1.0 };
            }
        }
        weights
    }

    /// The family that most lanes of a loop are of, of equals that of the first lane.
    pub(crate) fn family_of(&self, candidate: &Candidate) -> Option<usize> {
        let parts = candidate.parts();
        let of = |lane: usize| self.sounds.family_of(parts[lane].sample);
        let count = |family: usize| (0..parts.len()).filter(|&lane| of(lane) == Some(family)).count();
        let lanes = (0..parts.len()).rev().filter_map(of);
        lanes.max_by_key(|&family| count(family))
    }

    /// Sounding lanes that are free and whose sound is not of the loop's family.
    pub(super) fn strangers(&self, candidate: &Candidate) -> usize {
        let Some(family) = self.family_of(candidate) else { return 0 };
        let parts = candidate.parts().iter().enumerate();
        let strange = parts.filter(|(lane, part)| {
            part.mask != 0
                && self.constraints.may_change_sound(*lane)
                && self.sounds.family_of(part.sample) != Some(family)
        });
        strange.count()
    }

    /// What strangers beyond those that are wanted cost, as a loss on the logit scale.
    pub(super) fn loss(&self, candidate: &Candidate) -> f32 {
        if self.constraints.any_sample {
            return 0.0;
        }
        let excess = self.strangers(candidate).saturating_sub(STRANGERS);
        excess as f32 * PRICE * (1.0 - self.constraints.steering.adventure)
    }

    /// Sounds for every lane: of one family, with strangers as the adventure has it.
    pub(super) fn draw(&self, candidate: &mut Candidate, rng: &mut Rng) {
        if self.constraints.any_sample {
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
    pub(crate) fn dress(&self, candidate: &mut Candidate, family: Option<usize>, rng: &mut Rng) {
        let bold = self.constraints.steering.adventure > 0.75;
        let most = if bold { candidate.parts().len() } else { STRANGERS };
        let (mut strangers, mut first) = (0, None);
        for lane in 0..candidate.parts().len() {
            let strange = strangers < most && rng.chance(self.stranger());
            strangers += usize::from(strange);
            let part = &mut candidate.parts_mut()[lane];
            if self.constraints.may_change_sound(lane) {
                set_sound(part, self.sound(part.role, family, first, strange, rng), self.kit);
            }
            first = first.or(Some(part.sample));
        }
    }

    /// A sound for a lane beside the others of a loop.
    pub(super) fn other(&self, candidate: &Candidate, lane: usize, rng: &mut Rng) -> u32 {
        let Some(part) = candidate.parts().get(lane) else { return NO_SAMPLE };
        if self.constraints.any_sample {
            return rng.pick(self.sounds.everything()).copied().unwrap_or(NO_SAMPLE);
        }
        let strange = rng.chance(self.stranger());
        let others = candidate.parts().len();
        let beside = candidate.parts()[(lane + 1 + rng.below(others.max(2) - 1)) % others].sample;
        self.sound(part.role, self.family_of(candidate), Some(beside), strange, rng)
    }

    /// Another sound like that of a lane: of the loop's family, as most lanes are.
    pub(super) fn neighbour(&self, candidate: &Candidate, lane: usize, rng: &mut Rng) -> Option<u32> {
        let part = candidate.parts().get(lane)?;
        let like_it = self.kit.neighbours(part.sample as usize);
        if self.constraints.any_sample || rng.chance(self.stranger()) {
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

    /// A sound for a role: of a family, beside one of its sounds, or a stranger that goes with it.
    fn sound(
        &self,
        role: Role,
        family: Option<usize>,
        beside: Option<u32>,
        strange: bool,
        rng: &mut Rng,
    ) -> u32 {
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
        let beside = beside.filter(|_| own.len() > LIBRARY);
        let like_it = beside.and_then(|beside| self.sounds.beside(beside, own, LOOKED_AT, rng));
        like_it.or_else(|| rng.pick(own).copied()).unwrap_or_else(|| any(rng))
    }

    /// All sounds of a loop of another kit: a move of its own.
    pub(crate) fn change_kit(&self, candidate: &mut Candidate, rng: &mut Rng) {
        if self.constraints.any_sample {
            self.draw(candidate, rng);
            return;
        }
        let mut weights = self.family_weights();
        if let Some(weight) = self.family_of(candidate).and_then(|own| weights.get_mut(own)) {
            *weight = 0.0;
        }
        // A kit without others within it: other sounds of its own.
        let family = rng.weighted(&weights).or_else(|| self.family(rng));
        self.dress(candidate, family, rng);
    }

    /// Whether a sound is one of those that a lane of a role may have.
    fn fits(&self, role: Role, sample: u32) -> bool {
        let any = self.constraints.any_sample
            || self.constraints.foreign_roles
            || self.kit.of_role(role).is_empty();
        self.kit.samples().get(sample as usize).is_some_and(|sample| any || sample.role == role)
    }

    /// The sounds of another loop, one or two of them exchanged: the same kit, heard on.
    pub(super) fn keep(&self, candidate: &mut Candidate, of: &Candidate, rng: &mut Rng) {
        for (part, from) in candidate.parts_mut().iter_mut().zip(of.parts()) {
            if part.role == from.role && self.fits(part.role, from.sample) {
                (part.id, part.sample) = (from.id, from.sample);
            }
        }
        for _ in 0..1 + rng.below(2) {
            let lane = rng.below(candidate.parts().len());
            if self.constraints.may_change_sound(lane) {
                let sound = self.other(candidate, lane, rng);
                set_sound(&mut candidate.parts_mut()[lane], sound, self.kit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Origin, Sample, factory};
    use crate::pattern::Grid;
    use crate::propose::{Mode, Request, Steering};
    use crate::units::Seed;
    use std::sync::Arc;

    /// All factory sounds as files of a person who sorts them by role alone.
    fn library() -> Arc<Kit> {
        let of_factory = factory::kit();
        let file = |sample: &Arc<Sample>| {
            let path = format!("/lib/{}/{}.wav", sample.role.key(), sample.id).into();
            let (id, name, analysis) = (sample.id, sample.name.clone(), Arc::clone(&sample.analysis));
            Arc::new(Sample::in_file(id, name, sample.role, path, crate::kit::load::Channels::Keep, analysis))
        };
        Arc::new(Kit::new("library", of_factory.samples().iter().map(file)))
    }

    #[test]
    fn sounds_of_a_library_without_kits_are_chosen_to_go_together() {
        let kit = library();
        let sounds = SoundTable::of(&kit);
        let lanes = Role::default_lanes(6);
        let request = Request {
            mode: Mode::Random,
            lanes,
            any_sample: false,
            steering: Steering::default(),
            locks: None,
            avoid: &[],
        };
        let constraints = Constraints::new(&request, &kit);
        let company = Company { constraints: &constraints, kit: &kit, sounds: &sounds };
        // How bright a sound is among those of its role, 0 to 1.
        let rank = |sample: u32| {
            let own = &kit.samples()[sample as usize];
            let of_role = kit.of_role(own.role);
            let darker =
                |&&at: &&u32| kit.samples()[at as usize].analysis.centroid_hz < own.analysis.centroid_hz;
            of_role.iter().filter(darker).count() as f32 / of_role.len() as f32
        };
        let spread = |ranks: Vec<f32>| {
            let mean = ranks.iter().sum::<f32>() / ranks.len() as f32;
            ranks.iter().map(|rank| (rank - mean).powi(2)).sum::<f32>() / ranks.len() as f32
        };
        let mut rng = Rng::new(Seed(2));
        let (mut together, mut apart) = (0.0, 0.0);
        for _ in 0..200 {
            let mut candidate = Candidate::empty(Grid::default(), lanes);
            company.draw(&mut candidate, &mut rng);
            assert!(
                candidate.parts().iter().all(|part| kit.samples()[part.sample as usize].role == part.role)
            );
            together += spread(candidate.parts().iter().map(|part| rank(part.sample)).collect());
            let any = lanes.iter().map(|role| rank(*rng.pick(sounds.pool(*role)).unwrap())).collect();
            apart += spread(any);
        }
        assert!(together < 0.8 * apart, "{together} {apart}");
        assert!(matches!(kit.samples()[0].origin, Origin::File { .. }));
    }

    #[test]
    fn another_kit_is_another_one_and_locked_sounds_stay() {
        let kit = Arc::new(factory::kit());
        let sounds = SoundTable::of(&kit);
        let lanes = Role::default_lanes(6);
        let mut request = Request {
            mode: Mode::Random,
            lanes,
            any_sample: false,
            steering: Steering { adventure: 0.0, ..Steering::default() },
            locks: None,
            avoid: &[],
        };
        let mut rng = Rng::new(Seed(3));
        let mut candidate = Candidate::empty(Grid::default(), lanes);
        let constraints = Constraints::new(&request, &kit);
        Company { constraints: &constraints, kit: &kit, sounds: &sounds }.draw(&mut candidate, &mut rng);
        let mut locks = crate::propose::Locks { base: candidate.to_loop(), steps: [0; 8], sound: [false; 8] };
        locks.sound[2] = true;
        request.locks = Some(locks);
        let constraints = Constraints::new(&request, &kit);
        let company = Company { constraints: &constraints, kit: &kit, sounds: &sounds };
        for _ in 0..20 {
            let mut other = candidate;
            company.change_kit(&mut other, &mut rng);
            assert_ne!(company.family_of(&other), company.family_of(&candidate));
            assert_eq!(other.parts()[2].id, candidate.parts()[2].id);
        }
    }
}
