//! What a sound is used for: by its file's and folders' names, else by how it sounds.
//!
//! Loader and worker threads.

use super::analysis::{Analysis, DESCRIPTORS};
use crate::pattern::{Role, SampleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

mod weights;

/// Words in names, as whole words, with the role they mean. Earlier lines win: an “open hat” is no
/// “hat”, a “cow bell” no “bell”.
const WORDS: &[(&[&str], Role)] = &[
    (
        &["openhat", "openhh", "openhihat", "ohh", "oh", "opnhat", "hho", "hatopen", "hihatopen"],
        Role::OpenHat,
    ),
    (
        &[
            "closedhat",
            "closedhh",
            "closedhihat",
            "chh",
            "ch",
            "clhat",
            "hhc",
            "hatclosed",
            "pedalhat",
            "phh",
        ],
        Role::ClosedHat,
    ),
    (&["kick", "kicks", "kik", "kck", "kd", "bd", "bassdrum", "bdrum"], Role::Kick),
    (&["snare", "snares", "snr", "sd", "sn", "snaredrum"], Role::Snare),
    (
        &[
            "clap",
            "claps",
            "clp",
            "cp",
            "handclap",
            "rim",
            "rims",
            "rimshot",
            "rs",
            "snap",
            "snaps",
            "sidestick",
            "stick",
        ],
        Role::Clap,
    ),
    (&["tom", "toms", "lowtom", "midtom", "hitom", "hightom", "floortom", "lt", "mt", "ht"], Role::Tom),
    (
        &[
            "perc",
            "percs",
            "percussion",
            "conga",
            "congas",
            "bongo",
            "bongos",
            "clave",
            "claves",
            "cowbell",
            "cb",
            "shaker",
            "shakers",
            "shk",
            "maracas",
            "maraca",
            "tamb",
            "tambourine",
            "wood",
            "woodblock",
            "block",
            "cabasa",
            "guiro",
            "agogo",
            "triangle",
            "timbale",
            "bell",
            "glass",
            "tabla",
            "djembe",
            "vibraslap",
        ],
        Role::Percussion,
    ),
    (&["cymbal", "cymbals", "crash", "ride", "splash", "china", "cym", "cy", "crs", "rd"], Role::Cymbal),
    (
        &[
            "fx", "sfx", "zap", "zapp", "noise", "sweep", "riser", "laser", "impact", "glitch", "wind",
            "vox", "scratch", "effect", "effects",
        ],
        Role::Fx,
    ),
];
/// A hat that isn't said to be open or closed.
const HATS: &[&str] = &["hat", "hats", "hihat", "hihats", "hh"];
/// Hats that ring longer than this, in seconds until 95 % of the energy has passed, count as open.
const OPEN_HAT_S: f32 = 0.16;

/// The words of a name: split at whatever is no letter and where a lower-case letter meets a capital.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous = ' ';
    for c in name.chars() {
        if !c.is_alphabetic() || (c.is_uppercase() && previous.is_lowercase()) {
            if !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// The role that a file's name says, or else the nearest folder's. A plain “hat” is decided by its decay.
#[must_use]
pub fn role_by_name(path: &Path, analysis: &Analysis) -> Option<Role> {
    let file = path.file_stem().and_then(|name| name.to_str());
    let folders = path.ancestors().skip(1).take(3).filter_map(|folder| folder.file_name()?.to_str());
    file.into_iter().chain(folders).find_map(|name| {
        let words = words(name);
        // Pairs as one word too: “open hat”, “cow bell”, “HiHat”.
        let pairs = words.windows(2).map(|pair| pair.concat());
        let triples = words.windows(3).map(|three| three.concat());
        let all: Vec<String> = triples.chain(pairs).chain(words.iter().cloned()).collect();
        let has = |list: &[&str]| all.iter().any(|word| list.contains(&word.as_str()));
        let hat = has(HATS);
        let open = words.iter().any(|word| word == "open");
        let shut = words.iter().any(|word| word == "closed" || word == "close" || word == "pedal");
        match (hat, open, shut) {
            (true, true, _) => return Some(Role::OpenHat),
            (true, _, true) => return Some(Role::ClosedHat),
            _ => {}
        }
        let found = WORDS.iter().find(|(list, _)| has(list)).map(|&(_, role)| role);
        found.or_else(|| {
            hat.then_some(if analysis.decay_s > OPEN_HAT_S { Role::OpenHat } else { Role::ClosedHat })
        })
    })
}

/// The role that a sound is most like: the largest output of a multinomial logistic regression over the
/// descriptors, fitted to the factory sounds (`roles/weights.rs`; the fit is in this module's tests). The
/// level is left out: it says how a sound was recorded, not what it is.
#[must_use]
pub fn role_by_sound(analysis: &Analysis) -> Role {
    let features = features(analysis);
    let score = |role: Role| {
        let row = &weights::WEIGHTS[role.index()];
        row[FEATURES] + row.iter().zip(&features).map(|(w, x)| w * x).sum::<f32>()
    };
    Role::ALL.into_iter().max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(Role::Percussion)
}

/// Inputs of the classifier.
const FEATURES: usize = DESCRIPTORS - 1;
/// The descriptor that is left out: the level.
const LEVEL: usize = 2;
/// Deviations beyond which an input says no more.
const CLIP: f32 = 2.5;

/// The descriptors without the level, each brought to the factory sounds' mean and deviation.
fn features(analysis: &Analysis) -> [f32; FEATURES] {
    let mut out = [0.0; FEATURES];
    let kept = analysis.descriptors.iter().enumerate().filter(|&(at, _)| at != LEVEL);
    for ((slot, (_, &x)), (mean, deviation)) in out.iter_mut().zip(kept).zip(weights::SCALE) {
        *slot = ((x - mean) / deviation).clamp(-CLIP, CLIP);
    }
    out
}

/// The role of a sound in a file: what its name says, else what it sounds like.
#[must_use]
pub fn role_of(path: &Path, analysis: &Analysis) -> Role {
    role_by_name(path, analysis).unwrap_or_else(|| role_by_sound(analysis))
}

/// A person's corrections of roles, by the sounds' identities. Saved as a map from hexadecimal ids to
/// roles, in the order of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleOverrides(BTreeMap<SampleId, Role>);

impl RoleOverrides {
    /// The corrected role of a sound.
    #[must_use]
    pub fn get(&self, id: SampleId) -> Option<Role> {
        self.0.get(&id).copied()
    }

    /// Corrects a sound's role.
    pub fn set(&mut self, id: SampleId, role: Role) {
        self.0.insert(id, role);
    }

    /// Takes a correction back.
    pub fn clear(&mut self, id: SampleId) {
        self.0.remove(&id);
    }

    /// All corrections in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (SampleId, Role)> {
        self.0.iter().map(|(&id, &role)| (id, role))
    }
}

#[cfg(test)]
mod tests;
