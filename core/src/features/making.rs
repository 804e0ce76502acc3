//! What a person makes: directions that weigh the styles and kits which loops are drawn from.
//!
//! Unlike a [`StyleSet`] that loops keep to, directions leave everything possible: they only say where to begin.
//! The file that ships is `data/directions.toml`; its head says how to write one.

use super::direction::StyleSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::OnceLock;

/// One answer to “What do you make?”.
#[derive(Clone, Debug, PartialEq)]
pub struct Making {
    /// What people call it.
    pub name: String,
    /// Its styles.
    pub styles: StyleSet,
    /// Factory kits that suit it.
    pub kits: Vec<String>,
    /// The tempo that is usual for it, in quarter notes a minute.
    pub tempo: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    direction: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    styles: Vec<String>,
    kits: Vec<String>,
    tempo: f64,
}

/// The most directions that a set can hold.
const MOST: usize = 16;

/// The directions that ship, in the order of their buttons; read once in the process.
#[must_use]
pub fn makings() -> &'static [Making] {
    static READ: OnceLock<Vec<Making>> = OnceLock::new();
    // A test holds that the file is sound; without one there is nothing to choose.
    READ.get_or_init(|| parse(include_str!("../../data/directions.toml")).unwrap_or_default())
}

fn parse(text: &str) -> Result<Vec<Making>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if file.direction.len() > MOST {
        return Err(format!("{} directions; at most {MOST}", file.direction.len()));
    }
    let making = |Written { name, styles, kits, tempo }: Written| {
        let styles = StyleSet::of_names(styles.iter().map(String::as_str));
        let styles =
            styles.map_err(|unknown| format!("“{name}” names a style that there is not: {unknown}"))?;
        Ok(Making { name, styles, kits, tempo })
    };
    file.direction.into_iter().map(making).collect()
}

/// A set of [`makings`]. The empty set says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directions(u16);

impl Directions {
    /// Nothing was said.
    pub const NONE: Self = Self(0);

    /// The directions of these names, in any case of letters.
    ///
    /// # Errors
    /// The first name that no direction has.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        names.into_iter().try_fold(Self::NONE, |set, name| Ok(Self(set.0 | 1 << place(name).ok_or(name)?)))
    }

    /// Whether nothing was said: such a set is not written.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// Whether the direction at a place of [`makings`] was chosen.
    #[must_use]
    pub fn contains(self, at: usize) -> bool {
        at < MOST && self.0 >> at & 1 == 1
    }

    /// The set with the direction at a place chosen, or not any more.
    #[must_use]
    pub fn toggled(self, at: usize) -> Self {
        if at < makings().len() { Self(self.0 ^ 1 << at) } else { self }
    }

    /// Those that were chosen.
    pub fn chosen(self) -> impl Iterator<Item = &'static Making> {
        makings().iter().enumerate().filter(move |(at, _)| self.contains(*at)).map(|(_, making)| making)
    }

    /// Their names, in the order of the file.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        self.chosen().map(|making| making.name.clone()).collect()
    }

    /// The tempo that suits them, in quarter notes a minute: the mean of theirs.
    #[must_use]
    pub fn tempo(self) -> Option<f64> {
        let count = self.chosen().count();
        (count > 0).then(|| (self.chosen().map(|making| making.tempo).sum::<f64>() / count as f64).round())
    }

    /// All their styles.
    #[must_use]
    pub fn styles(self) -> StyleSet {
        self.chosen().fold(StyleSet::OPEN, |all, making| all.union(making.styles))
    }

    /// Whether a factory kit suits one of them.
    #[must_use]
    pub fn suits(self, kit: &str) -> bool {
        self.chosen().any(|making| making.kits.iter().any(|suits| suits == kit))
    }
}

fn place(name: &str) -> Option<usize> {
    makings().iter().position(|making| making.name.eq_ignore_ascii_case(name))
}

impl Serialize for Directions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Directions {
    /// Names that no direction has are left out: a newer release may have more of them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(Self(names.iter().filter_map(|name| place(name)).fold(0, |set, at| set | 1 << at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Styles;

    #[test]
    fn a_dozen_directions_ship_and_every_style_and_kit_belongs_to_one() {
        let all = parse(include_str!("../../data/directions.toml")).unwrap();
        assert_eq!(all.len(), 12);
        for (at, style) in Styles::builtin().all().iter().enumerate() {
            assert!(all.iter().any(|making| making.styles.contains(at)), "{}", style.name);
        }
        let kits = crate::kit::factory::kits();
        for making in &all {
            assert!(making.name.chars().count() <= 8 && (20.0..=400.0).contains(&making.tempo));
            assert!(!making.kits.is_empty() && making.kits.iter().all(|kit| kits.contains(&kit.as_str())));
        }
        assert!(kits.iter().all(|kit| all.iter().any(|making| making.kits.iter().any(|of| of == kit))));
    }

    #[test]
    fn sets_are_written_by_name_and_names_of_a_newer_release_are_left_out() {
        let set = Directions::of_names(["techno", "Breaks"]).unwrap();
        assert_eq!(set.names(), ["Techno", "Breaks"]);
        assert_eq!(set.tempo(), Some(130.0));
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<Directions>(&text).unwrap(), set);
        let newer: Directions = serde_json::from_str(r#"["Techno","Of the future"]"#).unwrap();
        assert_eq!(newer.names(), ["Techno"]);
        assert_eq!(Directions::of_names(["Techno", "Nothing"]), Err("Nothing"));
        assert_eq!(set.toggled(1).names(), ["Breaks"]);
        assert_eq!(set.toggled(99), set);
    }
}
