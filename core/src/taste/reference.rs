//! References: what a person loves already, brought along as MIDI clips, loops, one-shots or folders.
//!
//! Worker thread. Plain data. To a learner a reference is a few judgements of its own source: strong, positive, and
//! noisy, since it shows more than what is liked about it. They are made from the kit in use, and never stored
//! among the person's judgements.

use super::{Judgement, Source, Verdict};
use crate::import::bars::Bar;
use crate::kit::Kit;
use crate::kit::sketch::Sketch;
use crate::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Role, SampleId, Swing};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// References of one project at most.
pub const MOST_REFERENCES: usize = 64;
/// Bars of one reference that are heard, the most frequent; a rhythm says little more with more of them.
const MOST_BARS: usize = 6;
/// Loops by which the sounds of a reference are heard.
const MOST_SOUNDINGS: usize = 4;
/// Judgements of all references at most: learning one takes some 4 ms.
const MOST_JUDGEMENTS: usize = 96;
/// Where their serials begin: behind those of other projects, which begin at 2^63.
const FIRST_SERIAL: u64 = 3 << 62;

/// What is loved about a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// Its rhythm and feel.
    Rhythm,
    /// Its sounds.
    Sound,
    /// Both.
    Both,
}

impl ReferenceKind {
    /// All of them, in the order of the window.
    pub const ALL: [Self; 3] = [Self::Rhythm, Self::Sound, Self::Both];

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Rhythm => "rhythm",
            Self::Sound => "sound",
            Self::Both => "rhythm + sound",
        }
    }
}

/// One reference, read: the project keeps what was heard of it, not the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What the person calls it: the name of its file or folder.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// What is loved about it.
    pub kind: ReferenceKind,
    /// How many ratings it counts as, 0.1 to 4.
    pub weight: f32,
    /// Its bars, the most frequent first.
    pub bars: Vec<Bar>,
    /// Its sounds.
    pub sounds: Vec<(Role, Sketch)>,
}

impl Reference {
    /// The weights that one can have.
    pub const WEIGHTS: std::ops::RangeInclusive<f32> = 0.1..=4.0;

    /// Whether its rhythm, or its sounds, are loved and there.
    #[must_use]
    pub fn says(&self) -> (bool, bool) {
        (
            self.kind != ReferenceKind::Sound && !self.bars.is_empty(),
            self.kind != ReferenceKind::Rhythm && !self.sounds.is_empty(),
        )
    }

    /// The sounds of a kit that are most like its own of a role, likest first, each once.
    fn dressed(&self, kit: &Kit, role: Role, at: usize) -> SampleId {
        let own: Vec<&Sketch> =
            self.sounds.iter().filter(|(of, _)| *of == role).map(|(_, sketch)| sketch).collect();
        let Some(sketch) = own.get(at % own.len().max(1)) else { return SampleId::NONE };
        let found = kit.most_like(&sketch.descriptors(), role).and_then(|at| kit.samples().get(at as usize));
        found.map_or(SampleId::NONE, |sample| sample.id)
    }

    fn judgements(&self, kit: &Kit, most: usize) -> Vec<Judgement> {
        let (rhythm, sound) = self.says();
        let of = |subject: Loop, verdict: Verdict, weight: f32| Judgement {
            source: Source::Reference,
            weight,
            ..Judgement::rated(0, subject, verdict)
        };
        let mut found = Vec::new();
        if rhythm {
            let bars = &self.bars[..self.bars.len().min(MOST_BARS).min(most)];
            let played: f32 = bars.iter().map(|bar| f32::from(bar.count)).sum();
            // Several bars say more than one, but not as much as several references.
            let whole = self.weight * (bars.len() as f32).sqrt();
            for (at, bar) in bars.iter().enumerate() {
                let mut subject = bar.pattern;
                let mut complete = true;
                for lane in subject.lanes_mut() {
                    lane.sample = self.dressed(kit, lane.role, at);
                    complete &= lane.sample != SampleId::NONE;
                }
                let both = sound && complete;
                let verdict =
                    Verdict { like: both.then_some(true), rhythm: (!both).then_some(true), sound: None };
                found.push(of(subject, verdict, whole * f32::from(bar.count) / played.max(1.0)));
            }
        }
        // Sounds without a rhythm, or beside one that is not loved, or that could not be put on its lanes.
        if sound && !found.iter().any(|said| said.verdict.like.is_some()) {
            let loops = soundings(self, kit);
            let loops = &loops[..loops.len().min(most.saturating_sub(found.len()))];
            let weight = self.weight / (loops.len() as f32).sqrt().max(1.0);
            for &subject in loops {
                let verdict = Verdict { like: None, rhythm: None, sound: Some(true) };
                found.push(of(subject, verdict, weight));
            }
        }
        found
    }
}

/// Plain loops in which the sounds of a reference are heard.
fn soundings(reference: &Reference, kit: &Kit) -> Vec<Loop> {
    let mut roles: Vec<Role> = reference.sounds.iter().map(|(role, _)| *role).collect();
    roles.sort_by_key(|role| role.index());
    roles.dedup();
    roles.truncate(MAX_LANES);
    let of_role = |role: Role| reference.sounds.iter().filter(|(of, _)| *of == role).count();
    let count = roles.iter().map(|role| of_role(*role)).max().unwrap_or(0).min(MOST_SOUNDINGS);
    let sounding = |at: usize| {
        let lanes = roles.iter().map(|&role| {
            let mut lane = Lane::empty(role, reference.dressed(kit, role, at));
            for step in 0..16 {
                lane.hits[step] = if plain(role) >> step & 1 == 1 { Hit::PLAIN } else { Hit::NONE };
            }
            lane
        });
        Loop::new(Grid::default(), Swing::STRAIGHT, &lanes.collect::<Vec<Lane>>())
    };
    (0..count).map(sounding).collect()
}

/// The plainest figure of a role, bit = step: every role is heard as often as is usual for it.
fn plain(role: Role) -> u16 {
    match role {
        Role::Kick => 0x0101,
        Role::Snare | Role::Clap => 0x1010,
        Role::ClosedHat => 0x5555,
        Role::OpenHat => 0x4444,
        Role::Tom | Role::Percussion => 0x8208,
        Role::Cymbal | Role::Fx => 0x0001,
    }
}

/// What references are to a learner with such a kit, the first reference first.
#[must_use]
pub fn judgements(references: &[Reference], kit: &Kit) -> Vec<Judgement> {
    let each = (MOST_JUDGEMENTS / references.len().max(1)).max(1);
    let all = references.iter().flat_map(|reference| reference.judgements(kit, each));
    let numbered =
        all.zip(FIRST_SERIAL..).map(|(said, serial)| Judgement { serial, id: super::LoopId(serial), ..said });
    numbered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::factory;
    use crate::pattern::notation;

    fn bar(count: u16) -> Bar {
        let mut kick = Lane::empty(Role::Kick, SampleId::NONE);
        kick.hits[0] = Hit::PLAIN;
        kick.hits[usize::from(count)] = Hit::PLAIN;
        Bar { pattern: Loop::new(Grid::default(), Swing::STRAIGHT, &[kick]), count }
    }

    fn reference(kind: ReferenceKind, kit: &Kit) -> Reference {
        let sound = kit.samples().iter().find(|sample| sample.role == Role::Kick).unwrap();
        Reference {
            name: "a.mid".into(),
            path: "/a.mid".into(),
            kind,
            weight: 1.0,
            bars: vec![bar(3), bar(1)],
            sounds: vec![(Role::Kick, Sketch::of(&sound.analysis))],
        }
    }

    #[test]
    fn the_kind_decides_what_is_said_and_the_weight_how_strongly() {
        let kit = factory::kit_named("Analog Club").unwrap();
        let said = judgements(&[reference(ReferenceKind::Rhythm, &kit)], &kit);
        assert_eq!(said.len(), 2);
        assert!(said.iter().all(|said| said.verdict.rhythm == Some(true) && said.verdict.like.is_none()));
        assert!(said[0].weight > said[1].weight, "the bar that is played more often says more");
        let both = judgements(&[reference(ReferenceKind::Both, &kit)], &kit);
        assert!(both.iter().all(|said| said.verdict.like == Some(true)));
        let own = kit.samples().iter().find(|sample| sample.role == Role::Kick).unwrap();
        assert_eq!(both[0].subject.lanes()[0].sample, own.id, "its own sound is the most alike");
        let sound = judgements(&[reference(ReferenceKind::Sound, &kit)], &kit);
        assert!(sound.iter().all(|said| said.verdict.sound == Some(true) && said.verdict.rhythm.is_none()));
        let heavy = Reference { weight: 2.0, ..reference(ReferenceKind::Rhythm, &kit) };
        assert!(judgements(&[heavy], &kit)[0].weight > 1.9 * said[0].weight);
        assert!(said.iter().all(|said| said.source == Source::Reference && said.serial >= FIRST_SERIAL));
    }

    #[test]
    fn many_references_stay_within_what_can_be_learned() {
        let kit = factory::kit_named("Analog Club").unwrap();
        let all: Vec<Reference> =
            (0..MOST_REFERENCES).map(|_| reference(ReferenceKind::Both, &kit)).collect();
        let said = judgements(&all, &kit);
        assert!(said.len() <= MOST_JUDGEMENTS && said.len() >= MOST_REFERENCES, "{}", said.len());
        let written: Vec<String> = said.iter().map(|said| notation::write(&said.subject)).collect();
        assert!(written.iter().all(|text| notation::read(text).is_ok()));
    }
}
