//! Directions: sets of styles that loops shall keep to, and how much a loop is like a style.

use super::phases::Phases;
use super::styles::{DrumStyle, Styles};
use super::{Candidate, Part};
use crate::groove::Family;
use crate::pattern::Role;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::OnceLock;

/// A set of the styles that ship. The empty set leaves the style open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StyleSet(u128);

impl StyleSet {
    /// No style is asked for.
    pub const OPEN: Self = Self(0);

    /// The styles of these names.
    ///
    /// # Errors
    /// The first name that no style has.
    pub(crate) fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut set = Self::OPEN;
        for name in names {
            set.0 |= 1 << place(name).ok_or(name)?;
        }
        Ok(set)
    }

    /// The styles of both.
    #[must_use]
    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no style is asked for: such a set is not written.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0 == 0
    }

    /// Whether a style belongs to it, by its place in [`Styles::builtin`].
    #[must_use]
    pub fn contains(self, style: usize) -> bool {
        style < 128 && self.0 >> style & 1 == 1
    }

    /// The family that most of its styles belong to, of equals the one that comes first. `None` where no style is
    /// asked for.
    #[must_use]
    pub fn family(self) -> Option<Family> {
        let mut counts = [0u32; Family::ALL.len()];
        for (_, style) in Styles::builtin().all().iter().enumerate().filter(|(at, _)| self.contains(*at)) {
            counts[style.family as usize] += 1;
        }
        let most = counts.iter().copied().max().filter(|most| *most > 0)?;
        Family::ALL.into_iter().find(|family| counts[*family as usize] == most)
    }

    /// The names of its styles, in the order of the file.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        let styles = Styles::builtin();
        let of = styles.all().iter().enumerate().filter(|(at, _)| self.contains(*at));
        of.map(|(_, style)| style.name.clone()).collect()
    }
}

/// The place of a style among those that ship. Sets hold the first 128.
fn place(name: &str) -> Option<usize> {
    Styles::builtin().all().iter().take(128).position(|style| style.name == name)
}

impl Serialize for StyleSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for StyleSet {
    /// Names that no style has are left out: a newer release may have more of them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let set = names.iter().filter_map(|name| place(name)).fold(0, |set, at| set | 1 << at);
        Ok(Self(set))
    }
}

/// What a row asks for on sixteen phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Figure {
    /// Phases that sound half of the time or more.
    may: u16,
    /// Phases that nearly always sound.
    must: u16,
}

/// The figures of one role: many styles share them.
#[derive(Default)]
struct OfRole {
    figures: Vec<Figure>,
    /// Which of them each style has.
    of_style: Vec<Vec<u16>>,
}

/// The figures of all styles by role.
struct Figures([OfRole; Role::ALL.len()]);

impl Figures {
    fn builtin() -> &'static Self {
        static FIGURES: OnceLock<Figures> = OnceLock::new();
        FIGURES.get_or_init(|| Self(Role::ALL.map(|role| OfRole::new(Styles::builtin().all(), role))))
    }
}

impl OfRole {
    fn new(styles: &[DrumStyle], role: Role) -> Self {
        let mut all = Self::default();
        for style in styles {
            let rows = style.rows(role).iter();
            let figures = rows.map(|row| Figure { may: row.phases(0.5), must: row.phases(0.9) });
            let places = figures.map(|figure| {
                let known = all.figures.iter().position(|other| *other == figure);
                known.unwrap_or_else(|| {
                    all.figures.push(figure);
                    all.figures.len() - 1
                }) as u16
            });
            let places = places.collect();
            all.of_style.push(places);
        }
        all
    }
}

/// How much a role says about the style of a loop.
fn weight(role: Role) -> f32 {
    match role {
        Role::Kick | Role::Snare => 3.0,
        Role::ClosedHat | Role::Clap => 1.5,
        _ => 0.7,
    }
}

/// A loop's lanes on sixteen phases a bar.
#[derive(Clone, Debug)]
pub struct Played {
    lanes: Vec<(Role, [u16; 4])>,
    bars: usize,
}

impl Played {
    /// Lays out a candidate. `phases` must be those of its grid.
    #[must_use]
    pub fn of(candidate: &Candidate, phases: &Phases) -> Self {
        let lane = |part: &Part| {
            let folded = phases.fold(part.mask);
            (part.role, [0, 16, 32, 48].map(|bar| (folded >> bar) as u16))
        };
        let bars = usize::from(candidate.grid.bars).clamp(1, 4);
        Self { lanes: candidate.parts().iter().map(lane).collect(), bars }
    }

    /// How much of the loop's figures is those of each style, 0 to 1, in the order of [`Styles::builtin`]: for
    /// each lane the likest row (Jaccard's ratio, where hits that the row leaves open count for neither), kick
    /// and snare weighing most.
    #[must_use]
    pub fn likeness(&self) -> Vec<f32> {
        let figures = Figures::builtin();
        let mut sums = vec![0.0; figures.0[0].of_style.len()];
        let weights: f32 = self.lanes.iter().map(|(role, _)| weight(*role)).sum();
        for (role, rows) in &self.lanes {
            let OfRole { figures, of_style } = &figures.0[role.index()];
            let rows = &rows[..self.bars];
            let like: Vec<f32> = figures.iter().map(|figure| figure.like(rows)).collect();
            for (sum, places) in sums.iter_mut().zip(of_style) {
                let best = places.iter().map(|&at| like[usize::from(at)]).fold(0.0, f32::max);
                *sum += weight(*role) / weights * best;
            }
        }
        sums
    }

    /// The style that the loop is most like, by its place; of equals the first.
    #[must_use]
    pub fn nearest(&self) -> usize {
        let likeness = self.likeness();
        (0..likeness.len()).rev().max_by(|&a, &b| likeness[a].total_cmp(&likeness[b])).unwrap_or(0)
    }

    /// How much more the loop is like a style of the set than like any other; negative where another one is
    /// nearer. Nothing where the set is open.
    #[must_use]
    pub fn lead(&self, set: StyleSet) -> Option<f32> {
        if set.is_open() {
            return None;
        }
        let (mut within, mut beyond) = (0.0f32, 0.0f32);
        for (style, likeness) in self.likeness().into_iter().enumerate() {
            let side = if set.contains(style) { &mut within } else { &mut beyond };
            *side = side.max(likeness);
        }
        Some(within - beyond)
    }
}

impl Figure {
    /// How much the bars of a lane are like it, 0 to 1.
    fn like(self, rows: &[u16]) -> f32 {
        let bar = |row: u16| {
            let (both, either) = (row & self.may, row | self.must);
            if either == 0 { 1.0 } else { both.count_ones() as f32 / either.count_ones() as f32 }
        };
        let first = rows.first().map_or(0.0, |&row| bar(row));
        let mut sum = first;
        for &row in rows.iter().skip(1) {
            // Most bars repeat the first.
            sum += if row == rows[0] { first } else { bar(row) };
        }
        sum / rows.len().max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Grid, Hit};

    fn loop_of(style: &str, roles: &[Role]) -> Played {
        let grid = Grid::default();
        let styles = Styles::builtin();
        let style = &styles.all()[place(style).unwrap()];
        let mut candidate = Candidate::empty(grid, roles);
        for part in candidate.parts_mut() {
            let row = style.rows(part.role)[0];
            for step in (0..16).filter(|&step| row.at(step as f64 * grid.step_beats()).chance() > 0.9) {
                part.set(step, Hit::PLAIN);
            }
        }
        Played::of(&candidate, &Phases::of(grid))
    }

    #[test]
    fn a_styles_own_rows_are_wholly_like_it_and_lead_in_a_set_that_has_it() {
        let roles = Role::default_lanes(4);
        for name in ["Boom bap", "Drum and bass", "Dembow", "Footwork"] {
            let played = loop_of(name, roles);
            assert!(played.likeness()[place(name).unwrap()] > 0.99, "{name}");
            let own = StyleSet::of_names([name]).unwrap();
            let other = StyleSet::of_names(["Trance"]).unwrap();
            assert!(played.lead(own).unwrap() >= 0.0, "{name}");
            assert!(played.lead(other).unwrap() < -0.1, "{name}");
        }
        assert_eq!(loop_of("House", roles).lead(StyleSet::OPEN), None);
    }

    #[test]
    fn sets_are_written_as_names_and_unknown_names_are_left_out() {
        let set = StyleSet::of_names(["House", "Boom bap"]).unwrap();
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["House","Boom bap"]"#);
        assert_eq!(serde_json::from_str::<StyleSet>(&text).unwrap(), set);
        let more = r#"["House","Boom bap","Of next year"]"#;
        assert_eq!(serde_json::from_str::<StyleSet>(more).unwrap(), set);
        assert_eq!(StyleSet::of_names(["House", "Of next year"]), Err("Of next year"));
        assert!(Styles::builtin().all().len() <= 128, "a set has no room for more");
        assert!(serde_json::from_str::<StyleSet>("[]").unwrap().is_open());
    }
}
