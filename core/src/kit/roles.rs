//! What a sound is used for: by its file's and folders' names, else by how it sounds.
//!
//! Loader and worker threads.

use super::analysis::Analysis;
use crate::pattern::{Role, SampleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

mod weights;

/// Words in names, as whole words, with the role they mean. Earlier lines win: an “open hat” is no
/// “hat”, a “cow bell” no “bell”.
const WORDS: &[(&[&str], Role)] = &[
    (
        &["openhat", "openhh", "openhihat", "ohh", "oh", "opnhat", "hho", "hhopen", "hatopen", "hihatopen"],
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
            "hhclosed",
            "hhpedal",
            "closehihat",
            "pedalhihat",
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
            "fingersnap",
            "sidestick",
            "stick",
        ],
        Role::Clap,
    ),
    (
        &["tom", "toms", "lowtom", "midtom", "hitom", "hightom", "floortom", "lt", "mt", "ht", "ft", "tm"],
        Role::Tom,
    ),
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
            "cajon",
            "vibraslap",
        ],
        Role::Percussion,
    ),
    (
        &[
            "fx", "sfx", "zap", "zapp", "noise", "sweep", "riser", "laser", "impact", "glitch", "wind",
            "vox", "scratch", "effect", "effects",
        ],
        Role::Fx,
    ),
];
/// Cymbals, with what is played on them.
const CYMBALS: &[&str] = &["cymbal", "cymbals", "crash", "ride", "splash", "china", "cym", "cy", "crs", "rd"];
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
        let ends = !c.is_alphabetic() || (c.is_uppercase() && previous.is_lowercase());
        if ends && !word.is_empty() {
            out.push(std::mem::take(&mut word));
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
    // What of a name is no Unicode parts words as a sign does.
    let file = path.file_stem().map(|name| name.to_string_lossy());
    let folders =
        path.ancestors().skip(1).take(3).filter_map(|folder| Some(folder.file_name()?.to_string_lossy()));
    file.into_iter().chain(folders).find_map(|name| {
        let words = words(&name);
        // Pairs as one word too: “open hat”, “cow bell”, “HiHat”.
        let pairs = words.windows(2).map(|pair| pair.concat());
        let triples = words.windows(3).map(|three| three.concat());
        let all: Vec<String> = triples.chain(pairs).chain(words.iter().cloned()).collect();
        let has = |list: &[&str]| all.iter().any(|word| list.contains(&word.as_str()));
        let hat = has(HATS);
        let open = has(&["open", "opened", "op", "semiopen"]);
        let shut = has(&["closed", "close", "cl", "pedal", "pd", "foot", "choke"]);
        let cymbal = has(CYMBALS);
        match (hat || cymbal, open, shut) {
            (true, true, false) => return Some(Role::OpenHat),
            // A choked crash is a cymbal; one that is closed or played by foot is a pair of hats.
            (true, _, true) if hat || !has(&["choke"]) => return Some(Role::ClosedHat),
            _ => {}
        }
        let found = WORDS.iter().find(|(list, _)| has(list)).map(|&(_, role)| role);
        // The bell of a ride is no bell.
        if cymbal && matches!(found, None | Some(Role::Percussion | Role::Fx)) {
            return Some(Role::Cymbal);
        }
        found.or_else(|| {
            hat.then_some(if analysis.decay_s > OPEN_HAT_S { Role::OpenHat } else { Role::ClosedHat })
        })
    })
}

/// Inputs of the classifier.
pub const INPUTS: usize = 21;
/// Its hidden units.
pub const HIDDEN: usize = 24;
/// Its outputs.
pub const ROLES: usize = Role::ALL.len();
/// Deviations beyond which an input says no more.
const CLIP: f32 = 2.5;

/// A small network from what was measured to the role.
#[derive(Debug)]
pub struct Network {
    /// Mean and deviation of each input over the sounds that it was trained on.
    pub scale: [(f32, f32); INPUTS],
    /// Weights of the hidden units, rectified; the last is the constant.
    pub first: [[f32; INPUTS + 1]; HIDDEN],
    /// Weights of the roles; the last is the constant.
    pub second: [[f32; HIDDEN + 1]; ROLES],
}

impl Network {
    /// The inputs in deviations.
    #[must_use]
    pub fn scaled(&self, inputs: &[f32; INPUTS]) -> [f32; INPUTS] {
        let mut out = *inputs;
        for (x, (mean, deviation)) in out.iter_mut().zip(self.scale) {
            *x = ((*x - mean) / deviation).clamp(-CLIP, CLIP);
        }
        out
    }

    /// The hidden units.
    #[must_use]
    pub fn hidden(&self, scaled: &[f32; INPUTS]) -> [f32; HIDDEN] {
        let mut out = [0.0; HIDDEN];
        for (unit, row) in out.iter_mut().zip(&self.first) {
            let sum = row.iter().zip(scaled).map(|(w, x)| w * x).sum::<f32>();
            *unit = (row[INPUTS] + sum).max(0.0);
        }
        out
    }

    /// The score of each role.
    #[must_use]
    pub fn scores(&self, hidden: &[f32; HIDDEN]) -> [f32; ROLES] {
        let mut out = [0.0; ROLES];
        for (score, row) in out.iter_mut().zip(&self.second) {
            *score = row[HIDDEN] + row.iter().zip(hidden).map(|(w, x)| w * x).sum::<f32>();
        }
        out
    }

    /// The role with the highest score.
    #[must_use]
    pub fn role(&self, inputs: &[f32; INPUTS]) -> Role {
        let scores = self.scores(&self.hidden(&self.scaled(inputs)));
        let best = Role::ALL.into_iter().max_by(|a, b| scores[a.index()].total_cmp(&scores[b.index()]));
        best.unwrap_or(Role::Percussion)
    }
}

/// What the classifier sees of a sound: time, spectrum and how the power falls, in terms that hold for
/// synthesised and recorded sounds alike. Neither the level nor the fine shape of the spectrum is among
/// them: those say how a sound was recorded, not what it is.
#[must_use]
pub fn inputs(analysis: &Analysis) -> [f32; INPUTS] {
    // Decay, attack, centroid, spread, rolloff, flatness, zero crossings, six bands, slope, late energy, glide.
    const KEPT: [usize; 16] = [0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 29];
    let mut out = [0.0; INPUTS];
    for (slot, at) in out.iter_mut().zip(KEPT) {
        *slot = analysis.descriptors[at];
    }
    out[16] = (analysis.duration_s + 0.01).ln();
    out[17] = (analysis.centroid_hz + 20.0).ln();
    let power = analysis.mel.map(|step| step.iter().sum::<f32>());
    for (slot, later) in out[18..].iter_mut().zip(&power[1..]) {
        *slot = (later / power[0].max(1e-12)).clamp(1e-5, 1e2).log10();
    }
    out
}

/// The role that a sound is most like, by a small network that was trained on synthesised sounds alone
/// (`lab/examples/roles`).
#[must_use]
pub fn role_by_sound(analysis: &Analysis) -> Role {
    weights::NETWORK.role(&inputs(analysis))
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
