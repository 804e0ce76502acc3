//! A kit's sounds as tables: standardised descriptors, layers, clusters, random features.
//!
//! Made once per kit, from each sample's cached analysis, and shared by all instances.

use super::{AUDIBLE, BY_CENTROID, BY_ROLE, NO_SAMPLE, SOUND_WAVES};
use crate::disk::path::to_text;
use crate::kit::analysis::{Analysis, DESCRIPTORS};
use crate::kit::{Kit, Origin, Role, Sample};
use crate::rng::Rng;
use crate::units::Seed;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Plain traits at the head of a sound's vector.
pub(crate) const PLAIN_TRAITS: usize = 12;
/// Clusters of alike sounds.
pub(crate) const CLUSTERS: usize = 12;
/// Random directions in the space of descriptors.
pub(crate) const DIRECTIONS: usize = 10;
/// Folders or factory kits, the largest ones.
pub(crate) const FAMILIES: usize = 12;
/// Roles that a folder of one kit has at least, and the most that one of them can have of its sounds: a folder
/// of kicks is no kit.
const KIT_ROLES: usize = 3;
const KIT_SHARE: f32 = 0.7;
/// What makes sounds of different roles go together: brightness, decay, length, room, colour, punch.
const CHARACTER: usize = 6;
/// Numbers that describe one sound.
pub(crate) const SOUND_TRAITS: usize = PLAIN_TRAITS + CLUSTERS + DIRECTIONS + FAMILIES;

/// Sounds that were made to go together: a factory kit, or a folder that holds one.
#[derive(Debug, Default)]
struct Family {
    pools: [Vec<u32>; Role::ALL.len()],
    size: usize,
    /// The mean of its sounds' characters.
    character: [f32; CHARACTER],
    /// The factory kit that it is.
    factory: Option<String>,
}

/// Tables of a kit's sounds, by position in the kit.
#[derive(Debug)]
pub struct SoundTable {
    descriptors: Vec<[f32; DESCRIPTORS]>,
    traits: Vec<[f32; SOUND_TRAITS]>,
    waves: Vec<[f32; SOUND_WAVES]>,
    layers: Vec<[f32; 3]>,
    /// Per way of telling layers apart, bit = layer.
    layer_bits: Vec<[u8; 5]>,
    pools: [Vec<u32>; Role::ALL.len()],
    everything: Vec<u32>,
    /// Kits within the kit, and which one each sound is of.
    families: Vec<Family>,
    family_of: Vec<Option<u16>>,
    /// How each sound differs from others of its role, in deviations.
    character: Vec<[f32; CHARACTER]>,
    silent_layers: [f32; 3],
    zero_traits: [f32; SOUND_TRAITS],
    zero_waves: [f32; SOUND_WAVES],
}

fn standardise<const N: usize>(rows: &mut [[f32; N]]) {
    let n = rows.len().max(1) as f64;
    for column in 0..N {
        let mean = rows.iter().map(|row| f64::from(row[column])).sum::<f64>() / n;
        let variance = rows.iter().map(|row| (f64::from(row[column]) - mean).powi(2)).sum::<f64>() / n;
        let scale = if variance > 1e-12 { 1.0 / variance.sqrt() } else { 0.0 };
        for row in rows.iter_mut() {
            row[column] = (((f64::from(row[column]) - mean) * scale) as f32).clamp(-3.0, 3.0);
        }
    }
}

fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// Brightness, decay, length, attack, noisiness, punch, loudness, low share, high share, late energy,
/// glide, spread: what people have words for.
fn plain(analysis: &Analysis) -> [f32; PLAIN_TRAITS] {
    let d = &analysis.descriptors;
    [
        (analysis.centroid_hz.max(20.0)).log2(),
        analysis.decay_s.max(0.004).ln(),
        analysis.duration_s.max(0.01).ln(),
        d[1],
        d[7],
        d[3],
        analysis.loudness_db,
        analysis.layers[0],
        analysis.layers[2],
        d[16],
        d[29],
        d[5],
    ]
    .map(finite)
}

fn distance(a: &[f32; DESCRIPTORS], b: &[f32; DESCRIPTORS]) -> f32 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// Lloyd's algorithm from spread starts (Gonzalez 1985); at most 2,000 points decide the centres.
fn clusters(rows: &[[f32; DESCRIPTORS]]) -> Vec<usize> {
    let stride = rows.len().div_ceil(2_000).max(1);
    let sample: Vec<&[f32; DESCRIPTORS]> = rows.iter().step_by(stride).collect();
    let mut centres: Vec<[f32; DESCRIPTORS]> = sample.first().map(|row| **row).into_iter().collect();
    while centres.len() < CLUSTERS.min(sample.len()) {
        let far = |row: &[f32; DESCRIPTORS]| {
            centres.iter().map(|centre| distance(row, centre)).fold(f32::INFINITY, f32::min)
        };
        let Some(next) = sample.iter().max_by(|a, b| far(a).total_cmp(&far(b))) else { break };
        centres.push(**next);
    }
    let nearest = |centres: &[[f32; DESCRIPTORS]], row: &[f32; DESCRIPTORS]| {
        let by_distance =
            |a: &usize, b: &usize| distance(row, &centres[*a]).total_cmp(&distance(row, &centres[*b]));
        (0..centres.len()).min_by(by_distance).unwrap_or(0)
    };
    for _ in 0..12 {
        let mut sums = vec![([0f32; DESCRIPTORS], 0f32); centres.len()];
        for row in &sample {
            let (sum, count) = &mut sums[nearest(&centres, row)];
            *count += 1.0;
            sum.iter_mut().zip(row.iter()).for_each(|(to, value)| *to += value);
        }
        for (centre, (sum, count)) in centres.iter_mut().zip(sums) {
            if count > 0.0 {
                *centre = sum.map(|value| value / count);
            }
        }
    }
    rows.iter().map(|row| nearest(&centres, row)).collect()
}

/// Which kit within the kit each sound is of: its factory kit, or the nearest folder above it that holds
/// sounds of several roles. A library that is sorted by role alone is one family.
fn families(samples: &[Arc<Sample>]) -> (Vec<Option<u16>>, usize) {
    let mut held: BTreeMap<&Path, [u32; Role::ALL.len()]> = BTreeMap::new();
    for sample in samples {
        if let Origin::File { path } = &sample.origin {
            for folder in path.ancestors().skip(1) {
                held.entry(folder).or_default()[sample.role.index()] += 1;
            }
        }
    }
    let is_kit = |counts: &[u32; Role::ALL.len()]| {
        let (all, most) = (counts.iter().sum::<u32>(), counts.iter().copied().max().unwrap_or(0));
        counts.iter().filter(|count| **count > 0).count() >= KIT_ROLES
            && most as f32 <= KIT_SHARE * all as f32
    };
    let mut numbers: BTreeMap<String, u16> = BTreeMap::new();
    let mut number = |name: String| {
        let next = u16::try_from(numbers.len()).unwrap_or(u16::MAX);
        *numbers.entry(name).or_insert(next)
    };
    let of = samples.iter().map(|sample| match &sample.origin {
        Origin::Factory { kit } => Some(number(format!("factory:{kit}"))),
        Origin::File { path } => {
            let kit = path.ancestors().skip(1).find(|folder| held.get(folder).is_some_and(is_kit));
            // What lies in no kit is one family.
            Some(number(kit.map_or_else(String::new, |folder| format!("folder:{}", to_text(folder)))))
        }
        Origin::Embedded => None,
    });
    let of: Vec<Option<u16>> = of.collect();
    (of, numbers.len())
}

/// How sounds differ from others of their role: what is left of brightness, decay, length, room, colour and
/// punch when the role's own is taken away, in deviations.
fn characters(samples: &[Arc<Sample>]) -> Vec<[f32; CHARACTER]> {
    let raw = |sample: &Sample| -> [f32; CHARACTER] {
        let (a, d) = (&sample.analysis, &sample.analysis.descriptors);
        let logs = [a.centroid_hz.max(20.0), a.decay_s.max(0.004), a.duration_s.max(0.01)].map(f32::ln);
        [logs[0], logs[1], logs[2], d[16], d[7], d[3]].map(finite)
    };
    let mut rows: Vec<[f32; CHARACTER]> = vec![[0.0; CHARACTER]; samples.len()];
    for role in Role::ALL {
        let of_role: Vec<usize> = (0..samples.len()).filter(|&at| samples[at].role == role).collect();
        let mut part: Vec<[f32; CHARACTER]> = of_role.iter().map(|&at| raw(&samples[at])).collect();
        standardise(&mut part);
        for (at, row) in of_role.into_iter().zip(part) {
            rows[at] = row;
        }
    }
    rows
}

fn family(sample: &Sample) -> Option<String> {
    match &sample.origin {
        Origin::Factory { kit } => Some(kit.to_string()),
        Origin::File { path } => path.parent().map(|parent| to_text(parent).into_owned()),
        Origin::Embedded => None,
    }
}

/// The layer that a role is written for: 0 low, 1 mid, 2 bright.
#[must_use]
pub(crate) fn role_layer(role: Role) -> usize {
    match role {
        Role::Kick | Role::Tom => 0,
        Role::Snare | Role::Clap | Role::Percussion | Role::Fx => 1,
        Role::ClosedHat | Role::OpenHat | Role::Cymbal => 2,
    }
}

impl SoundTable {
    /// The tables of a kit: made once, and shared by all learners over it in the process.
    #[must_use]
    pub fn of(kit: &Arc<Kit>) -> Arc<Self> {
        static MADE: Mutex<Vec<(Weak<Kit>, Weak<SoundTable>)>> = Mutex::new(Vec::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|(_, table)| table.strong_count() > 0);
        // A kit that is held has an address that no other has.
        let there = made.iter().find(|(of, _)| std::ptr::eq(of.as_ptr(), Arc::as_ptr(kit)));
        if let Some(table) = there.and_then(|(_, table)| table.upgrade()) {
            return table;
        }
        let table = Arc::new(Self::new(kit, &mut Rng::stream(Seed(0), "sound table", 0)));
        made.push((Arc::downgrade(kit), Arc::downgrade(&table)));
        table
    }

    /// Tables of a kit; `rng` draws directions and waves.
    fn new(kit: &Kit, rng: &mut Rng) -> Self {
        let samples = kit.samples();
        let mut descriptors: Vec<[f32; DESCRIPTORS]> =
            samples.iter().map(|sample| sample.analysis.descriptors.map(finite)).collect();
        standardise(&mut descriptors);
        let mut plain: Vec<[f32; PLAIN_TRAITS]> =
            samples.iter().map(|sample| plain(&sample.analysis)).collect();
        standardise(&mut plain);

        let mut by_family: BTreeMap<String, usize> = BTreeMap::new();
        for sample in samples {
            if let Some(name) = family(sample) {
                *by_family.entry(name).or_default() += 1;
            }
        }
        let mut largest: Vec<(usize, String)> = by_family.into_iter().map(|(k, n)| (n, k)).collect();
        largest.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        largest.truncate(FAMILIES);

        let directions: Vec<[f32; DESCRIPTORS]> = (0..DIRECTIONS)
            .map(|_| std::array::from_fn(|_| rng.normal() / (DESCRIPTORS as f32).sqrt()))
            .collect();
        let frequencies: Vec<([f32; DESCRIPTORS], f32)> = (0..SOUND_WAVES)
            .map(|_| {
                let direction = std::array::from_fn(|_| rng.normal() / 3.5);
                (direction, rng.range(0.0, std::f32::consts::TAU))
            })
            .collect();

        let cluster = clusters(&descriptors);
        let dot = |a: &[f32; DESCRIPTORS], b: &[f32; DESCRIPTORS]| -> f32 {
            a.iter().zip(b).map(|(x, y)| x * y).sum()
        };
        let mut traits = Vec::with_capacity(samples.len());
        let mut waves = Vec::with_capacity(samples.len());
        for (at, sample) in samples.iter().enumerate() {
            let mut row = [0.0; SOUND_TRAITS];
            row[..PLAIN_TRAITS].copy_from_slice(&plain[at]);
            row[PLAIN_TRAITS + cluster[at]] = 1.0;
            for (to, direction) in row[PLAIN_TRAITS + CLUSTERS..].iter_mut().zip(&directions) {
                *to = dot(direction, &descriptors[at]);
            }
            let own = family(sample);
            for (to, (_, name)) in row[PLAIN_TRAITS + CLUSTERS + DIRECTIONS..].iter_mut().zip(&largest) {
                *to = f32::from(own.as_deref() == Some(name.as_str()));
            }
            traits.push(row);
            let scale = (2.0 / SOUND_WAVES as f32).sqrt();
            let mut wave = [0.0; SOUND_WAVES];
            for (to, (frequency, offset)) in wave.iter_mut().zip(&frequencies) {
                *to = scale * (dot(frequency, &descriptors[at]) + offset).cos();
            }
            waves.push(wave);
        }

        let layers: Vec<[f32; 3]> = samples.iter().map(|sample| sample.analysis.layers).collect();
        let layer_bits = samples.iter().map(|sample| layer_bits(sample)).collect();
        let everything: Vec<u32> = (0..samples.len() as u32).collect();
        let pools = Role::ALL.map(|role| pool(kit, role, &everything));
        let character = characters(samples);
        let (family_of, count) = self::families(samples);
        let mut families: Vec<Family> = Vec::new();
        families.resize_with(count, Family::default);
        for (at, of) in family_of.iter().enumerate() {
            let Some(family) = of.and_then(|of| families.get_mut(usize::from(of))) else { continue };
            family.pools[samples[at].role.index()].push(at as u32);
            family.size += 1;
            if let Origin::Factory { kit } = &samples[at].origin
                && family.factory.is_none()
            {
                family.factory = Some(kit.to_string());
            }
            family.character.iter_mut().zip(character[at]).for_each(|(sum, value)| *sum += value);
        }
        for family in &mut families {
            let size = family.size.max(1) as f32;
            family.character.iter_mut().for_each(|sum| *sum /= size);
        }
        Self {
            descriptors,
            traits,
            waves,
            layers,
            layer_bits,
            pools,
            everything,
            families,
            family_of,
            character,
            silent_layers: [0.0; 3],
            zero_traits: [0.0; SOUND_TRAITS],
            zero_waves: [0.0; SOUND_WAVES],
        }
    }

    /// Sounds fit for a role; empty only where the kit is.
    #[must_use]
    pub fn pool(&self, role: Role) -> &[u32] {
        &self.pools[role.index()]
    }

    /// The usual sound of a role: the one nearest to the mean of all that fit it. `None` where there are none.
    #[must_use]
    pub(crate) fn usual(&self, role: Role) -> Option<u32> {
        let pool = self.pool(role);
        let mut mean = [0.0f32; DESCRIPTORS];
        for &sound in pool {
            let row = &self.descriptors[sound as usize];
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / pool.len() as f32);
        }
        let far = |sound: u32| distance(&self.descriptors[sound as usize], &mean);
        pool.iter().copied().min_by(|&a, &b| far(a).total_cmp(&far(b)))
    }

    /// All sounds.
    #[must_use]
    pub fn everything(&self) -> &[u32] {
        &self.everything
    }

    /// Soft membership in low, mid and bright.
    #[must_use]
    pub fn layers(&self, sample: u32) -> &[f32; 3] {
        self.layers.get(sample as usize).unwrap_or(&self.silent_layers)
    }

    /// The layers of a sound under a hearing, bit = layer; those of its lane's role where it is unknown.
    #[must_use]
    pub(crate) fn layer_bits(&self, sample: u32, hearing: usize, role: Role) -> u8 {
        self.layer_bits.get(sample as usize).map_or(1 << role_layer(role), |bits| bits[hearing])
    }

    /// What describes a sound: plain traits, cluster, random directions, family. Zero where unknown.
    #[must_use]
    pub fn traits(&self, sample: u32) -> &[f32; SOUND_TRAITS] {
        self.traits.get(sample as usize).unwrap_or(&self.zero_traits)
    }

    /// Random Fourier features of a sound's descriptors. Zero where unknown.
    #[must_use]
    pub(crate) fn waves(&self, sample: u32) -> &[f32; SOUND_WAVES] {
        self.waves.get(sample as usize).unwrap_or(&self.zero_waves)
    }

    /// Kits within the kit.
    #[must_use]
    pub fn families(&self) -> usize {
        self.families.len()
    }

    /// The sounds of each kit within the kit.
    #[must_use]
    pub(crate) fn family_sizes(&self) -> Vec<f32> {
        self.families.iter().map(|family| family.size as f32).collect()
    }

    /// The kit within the kit that a sound is of.
    #[must_use]
    pub(crate) fn family_of(&self, sample: u32) -> Option<usize> {
        self.family_of.get(sample as usize).copied().flatten().map(usize::from)
    }

    /// The factory kit that a family is; `None` for a person's own.
    #[must_use]
    pub(crate) fn factory_kit(&self, family: usize) -> Option<&str> {
        self.families.get(family)?.factory.as_deref()
    }

    /// Sounds of a role within a family; none where it has none.
    #[must_use]
    pub(crate) fn family_pool(&self, family: usize, role: Role) -> &[u32] {
        self.families.get(family).map_or(&[], |family| &family.pools[role.index()])
    }

    /// A sound of a pool that goes with a family, as [`SoundTable::beside`] one sound.
    #[must_use]
    pub(crate) fn kindred(&self, family: usize, pool: &[u32], among: usize, rng: &mut Rng) -> Option<u32> {
        self.alike(&self.families.get(family)?.character, pool, among, rng)
    }

    /// A sound of a pool that goes with another one, of whatever role: among `among` random ones one of the
    /// three whose character is nearest. `None` of an empty pool or beside an unknown sound.
    #[must_use]
    pub fn beside(&self, sample: u32, pool: &[u32], among: usize, rng: &mut Rng) -> Option<u32> {
        self.alike(self.character.get(sample as usize)?, pool, among, rng)
    }

    fn alike(&self, own: &[f32; CHARACTER], pool: &[u32], among: usize, rng: &mut Rng) -> Option<u32> {
        let far = |other: u32| -> f32 {
            let Some(its) = self.character.get(other as usize) else { return f32::INFINITY };
            own.iter().zip(its).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let rank = rng.below(3);
        let mut found: Vec<(f32, u32)> = Vec::with_capacity(among);
        for _ in 0..among {
            let &other = rng.pick(pool)?;
            if !found.iter().any(|(_, seen)| *seen == other) {
                found.push((far(other), other));
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found.get(rank.min(found.len().saturating_sub(1))).map(|(_, sound)| *sound)
    }

    /// A sound near another one: among `among` random ones of a pool one of the nearest three.
    #[must_use]
    pub fn near(&self, sample: u32, pool: &[u32], among: usize, rng: &mut Rng) -> u32 {
        let Some(own) = self.descriptors.get(sample as usize) else {
            return rng.pick(pool).copied().unwrap_or(NO_SAMPLE);
        };
        let rank = rng.below(3);
        let mut best = [(f32::INFINITY, sample); 3];
        for _ in 0..among {
            let Some(&other) = rng.pick(pool) else { break };
            let mut entry = (distance(own, &self.descriptors[other as usize]), other);
            if other != sample && !best.iter().any(|(_, seen)| *seen == other) {
                for slot in &mut best {
                    if entry.0 < slot.0 {
                        std::mem::swap(&mut entry, slot);
                    }
                }
            }
        }
        best[rank].1
    }
}

fn layer_bits(sample: &Sample) -> [u8; 5] {
    let layers = sample.analysis.layers;
    let strongest = (0..3).max_by(|&a, &b| layers[a].total_cmp(&layers[b])).unwrap_or(1);
    let mut audible = 1u8 << strongest;
    for (layer, &share) in layers.iter().enumerate() {
        audible |= u8::from(share >= 0.4) << layer;
    }
    let centroid = sample.analysis.centroid_hz;
    let by_centroid = if centroid < 700.0 {
        1
    } else if centroid < 4_500.0 {
        2
    } else {
        4
    };
    let mut bits = [audible; 5];
    bits[BY_ROLE] = 1 << role_layer(sample.role);
    bits[BY_CENTROID] = by_centroid;
    debug_assert_eq!(bits[AUDIBLE], audible);
    bits
}

/// A role's samples; where there are none those of kindred roles, then of the same layer, then all.
fn pool(kit: &Kit, role: Role, everything: &[u32]) -> Vec<u32> {
    let kindred: &[Role] = match role {
        Role::Kick => &[Role::Kick],
        Role::Snare => &[Role::Snare, Role::Clap],
        Role::Clap => &[Role::Clap, Role::Snare],
        Role::ClosedHat => &[Role::ClosedHat, Role::Cymbal, Role::OpenHat],
        Role::OpenHat => &[Role::OpenHat, Role::Cymbal, Role::ClosedHat],
        Role::Cymbal => &[Role::Cymbal, Role::OpenHat, Role::ClosedHat],
        Role::Tom => &[Role::Tom, Role::Percussion],
        Role::Percussion => &[Role::Percussion, Role::Tom, Role::Fx],
        Role::Fx => &[Role::Fx, Role::Percussion],
    };
    for kin in kindred {
        if !kit.of_role(*kin).is_empty() {
            return kit.of_role(*kin).to_vec();
        }
    }
    let same_layer: Vec<u32> = everything
        .iter()
        .copied()
        .filter(|&at| {
            let layers = kit.samples()[at as usize].analysis.layers;
            layers[role_layer(role)] >= 0.5
        })
        .collect();
    if same_layer.is_empty() { everything.to_vec() } else { same_layer }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::kit::SampleId;

    /// A kit of files with these paths and roles.
    fn of_files(files: &[(&str, Role)]) -> Arc<Kit> {
        let like = fixture::kit();
        let samples = files.iter().enumerate().map(|(at, (path, role))| {
            let sound = &like.samples()[like.of_role(*role)[at % 6] as usize];
            let origin = Origin::File { path: path.into() };
            let audio = (*sound.audio().unwrap()).clone();
            Arc::new(Sample::decoded(SampleId(at as u64), (*path).to_owned(), *role, origin, audio))
        });
        Arc::new(Kit::new("files", samples.collect::<Vec<_>>()))
    }

    #[test]
    fn a_folder_of_several_roles_is_a_family_and_one_of_kicks_is_none() {
        use Role::{ClosedHat, Kick, Snare};
        let kits = of_files(&[
            ("/lib/a/kick.wav", Kick),
            ("/lib/a/snare.wav", Snare),
            ("/lib/a/more/hat.wav", ClosedHat),
            ("/lib/b/Kicks/kick.wav", Kick),
            ("/lib/b/Snares/snare.wav", Snare),
            ("/lib/b/Hats/hat.wav", ClosedHat),
        ]);
        let table = SoundTable::of(&kits);
        assert_eq!(table.families(), 2);
        let of: Vec<_> = (0..6).map(|at| table.family_of(at)).collect();
        assert!(
            of[..3].iter().all(|family| *family == of[0]) && of[3..].iter().all(|family| *family == of[3])
        );
        assert_ne!(of[0], of[3]);
        assert_eq!(table.family_pool(of[3].unwrap(), Snare), [4]);

        let by_role =
            of_files(&[("/x/Kicks/1.wav", Kick), ("/x/Kicks/2.wav", Kick), ("/y/Snares/1.wav", Snare)]);
        let table = SoundTable::of(&by_role);
        assert_eq!((table.families(), table.family_of(0)), (1, table.family_of(2)));
    }

    #[test]
    fn what_goes_with_a_family_is_nearer_to_its_character_than_chance() {
        let kit = Arc::new(crate::kit::factory::kit());
        let table = SoundTable::of(&kit);
        let dark = table.family_of(kit.of_role(Role::Kick)[0]).unwrap();
        let far = |sound: u32| -> f32 {
            let own = &table.families[dark].character;
            own.iter().zip(&table.character[sound as usize]).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let mut rng = Rng::new(Seed(4));
        let pool = table.pool(Role::Snare);
        let (mut chosen, mut chance) = (0.0, 0.0);
        for _ in 0..200 {
            chosen += far(table.kindred(dark, pool, 16, &mut rng).unwrap());
            chance += far(*rng.pick(pool).unwrap());
        }
        assert!(chosen < 0.6 * chance, "{chosen} {chance}");
        assert_eq!(table.kindred(99, pool, 16, &mut rng), None);
    }
}
