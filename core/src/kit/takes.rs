//! Takes: the same drum struck again, so that a repeated hit need not be the very same sound.
//!
//! Worker and builder threads. A factory sound is synthesised anew with small changes; of a person's files
//! those belong together that lie in one folder, have one name but for a number, and sound alike.

use super::analysis::Analysis;
use super::{Kit, Origin, Sample};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most takes of a sound, the sound itself among them.
pub const MOST_TAKES: usize = 4;

/// How much the centroids and decays of two takes may differ, as a natural logarithm of their ratio.
const APART: f32 = 0.3;
/// How much the layers of two takes may differ, as a share of the energy.
const LAYERS_APART: f32 = 0.15;

/// Files that have one name but for a number, by folder and name.
pub(super) type Groups = HashMap<(PathBuf, String), Vec<u32>>;

impl Kit {
    /// The takes of a sound, the sound itself first, at most [`MOST_TAKES`]: always the same ones in the same
    /// order. A sound that has no other take is alone, also one that is not of this kit.
    ///
    /// Takes are samples like others, but those of factory sounds are in no kit, and share what was measured
    /// of their sound.
    #[must_use]
    pub fn takes(&self, sample: &Arc<Sample>) -> Vec<Arc<Sample>> {
        let mut takes = vec![Arc::clone(sample)];
        match &sample.origin {
            Origin::Factory { .. } => takes.extend(sample.factory_takes().map(Arc::new)),
            Origin::File { path } => takes.extend(self.files_beside(sample, path)),
            Origin::Embedded => {}
        }
        takes.truncate(MOST_TAKES);
        takes
    }

    /// Files that are further takes of one, the likest first.
    fn files_beside(&self, sample: &Arc<Sample>, path: &Path) -> Vec<Arc<Sample>> {
        let group = group_of(path).and_then(|group| self.groups().get(&group));
        let of_group = group.into_iter().flatten().filter_map(|&at| self.samples.get(at as usize));
        let mut found: Vec<(f32, &Arc<Sample>)> = of_group
            .filter(|other| other.id != sample.id && other.role == sample.role)
            .filter_map(|other| Some((apart(&sample.analysis, &other.analysis)?, other)))
            .collect();
        // A stable order: of equals the one that comes first in the kit.
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found.into_iter().map(|(_, other)| Arc::clone(other)).collect()
    }

    fn groups(&self) -> &Groups {
        self.groups.get_or_init(|| {
            let mut groups = Groups::new();
            for (at, sample) in self.samples.iter().enumerate() {
                if let Origin::File { path } = &sample.origin
                    && let Some(group) = group_of(path)
                {
                    groups.entry(group).or_default().push(at as u32);
                }
            }
            groups
        })
    }
}

/// The folder of a file and its name without the number at its end: "Kick 01", "kick_2", "kick-rr3" and
/// "Kick (4)" are all "kick". `None` where nothing is left.
fn group_of(path: &Path) -> Option<(PathBuf, String)> {
    let stem = path.file_stem()?.to_string_lossy().to_lowercase();
    let sign = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.' | '(' | ')' | '#' | '[' | ']');
    let mut name = stem.trim_end_matches(sign).trim_end_matches(|c: char| c.is_ascii_digit());
    name = name.trim_end_matches(sign);
    for word in ["take", "rr", "alt"] {
        // Only as a word of its own: "guitarr 1" is no round robin of "guita".
        let without = name.strip_suffix(word).filter(|left| left.ends_with(sign));
        name = without.map_or(name, |left| left.trim_end_matches(sign));
    }
    (!name.is_empty()).then(|| (path.parent().unwrap_or(Path::new("")).to_path_buf(), name.to_owned()))
}

/// How far two sounds are apart, where they could be two takes of one drum.
fn apart(a: &Analysis, b: &Analysis) -> Option<f32> {
    let ratio = |a: f32, b: f32| (a.max(1e-3) / b.max(1e-3)).ln().abs();
    let layers = a.layers.iter().zip(b.layers).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let (bright, long) = (ratio(a.centroid_hz, b.centroid_hz), ratio(a.decay_s, b.decay_s));
    let alike = bright <= APART && long <= APART && layers <= LAYERS_APART;
    alike.then_some(bright + long + layers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{Audio, Role, SampleId, factory};
    use crate::units::SampleRate;
    use std::collections::BTreeSet;

    #[test]
    fn numbered_names_belong_together_and_others_do_not() {
        let group = |name: &str| group_of(Path::new(name)).map(|(_, name)| name);
        for name in ["a/Kick 01.wav", "a/kick_2.wav", "a/KICK-rr3.wav", "a/kick (4).aif", "a/kick take 5.wav"]
        {
            assert_eq!(group(name).as_deref(), Some("kick"), "{name}");
        }
        assert_eq!(group("a/kick.wav").as_deref(), Some("kick"));
        assert_eq!(group("a/kick hard 1.wav").as_deref(), Some("kick hard"));
        assert_eq!(group("a/01.wav"), None);
        assert_ne!(group_of(Path::new("a/kick 1.wav")), group_of(Path::new("b/kick 1.wav")));
    }

    fn tone(hz: f32, seconds: f32) -> Audio {
        let length = (seconds * 44_100.0) as usize;
        let at = |i: usize| {
            let fall = (-5.0 * i as f32 / length as f32).exp();
            0.5 * fall * (std::f32::consts::TAU * hz * i as f32 / 44_100.0).sin()
        };
        Audio { rate: SampleRate::CD, left: (0..length).map(at).collect(), right: None }
    }

    #[test]
    fn files_are_takes_where_they_sound_alike() {
        let file = |id: u64, path: &str, hz: f32| {
            let origin = Origin::File { path: path.into() };
            Arc::new(Sample::decoded(SampleId(id), path.to_owned(), Role::Kick, origin, tone(hz, 0.3)))
        };
        let files = [
            file(1, "a/kick_1.wav", 60.0),
            file(2, "a/kick_2.wav", 62.0),
            file(3, "a/kick_3.wav", 2_000.0),
            file(4, "b/kick_4.wav", 60.0),
            file(5, "a/kick_5.wav", 61.0),
        ];
        let kit = Kit::new("own", files.clone());
        let ids = |of: &Arc<Sample>| -> Vec<u64> { kit.takes(of).iter().map(|take| take.id.0).collect() };
        assert_eq!(ids(&files[0])[0], 1);
        assert_eq!(ids(&files[0]).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 2, 5]));
        assert_eq!(ids(&files[2]), [3]);
        assert_eq!(ids(&files[3]), [4]);
    }

    #[test]
    fn a_factory_sound_has_four_takes_that_are_the_same_drum_and_the_same_each_time() {
        let kit = factory::kit_named("Dusty Break").unwrap();
        for sample in kit.samples().iter().step_by(7) {
            let takes = kit.takes(sample);
            assert_eq!(takes.len(), MOST_TAKES);
            assert!(Arc::ptr_eq(&takes[0], sample));
            let ids: BTreeSet<SampleId> = takes.iter().map(|take| take.id).collect();
            assert_eq!(ids.len(), MOST_TAKES);
            let audio = sample.audio().unwrap();
            for (take, again) in takes.iter().zip(kit.takes(sample)).skip(1) {
                let other = take.audio().unwrap();
                assert_eq!(other, again.audio().unwrap(), "{}", take.name);
                assert_ne!(other, audio, "{}", take.name);
                assert!(kit.get(take.id).is_none() && take.role == sample.role);
                let (own, its) = (&sample.analysis, Analysis::of(&other));
                assert!((own.loudness_db - its.loudness_db).abs() < 2.0, "{}", take.name);
                let ratio = (own.centroid_hz / its.centroid_hz).ln().abs();
                assert!(ratio < 0.35, "{}: {ratio}", take.name);
            }
        }
    }
}
