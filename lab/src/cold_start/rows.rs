//! A loop as four rows of sixteen phases, and what can be counted on them.

use deepdrummer_core::features::phases::Phases;
use deepdrummer_core::features::styles::DrumStyle;
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::rng::Rng;

/// Phases of a bar.
pub const PHASES: usize = 16;
/// The rows, in the order of [`Rows`].
pub const LAYERS: [&str; 4] = ["kick", "snare and clap", "hats and cymbals", "toms and percussion"];
/// Classes of phases, in the order of `metric_class`.
pub const CLASSES: [&str; 4] = ["the one", "other beats", "eighths between", "sixteenths between"];
/// How strong a phase is (Longuet-Higgins and Lee 1984): halvings of the bar until it appears.
const STRENGTH: [i32; PHASES] = [0, -4, -3, -4, -2, -4, -3, -4, -1, -4, -3, -4, -2, -4, -3, -4];
/// The chance from which a step of a style counts as a hit.
const SOUNDS: f32 = 0.6;

/// Which phases each of [`LAYERS`] has a hit on (bit = phase).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows(pub [u16; 4]);

fn layer(role: Role) -> usize {
    match role {
        Role::Kick => 0,
        Role::Snare | Role::Clap => 1,
        Role::ClosedHat | Role::OpenHat | Role::Cymbal => 2,
        Role::Tom | Role::Percussion | Role::Fx => 3,
    }
}

/// 0 for the first beat, 1 for the others, 2 for eighths and 3 for sixteenths between beats.
#[must_use]
pub(super) fn metric_class(phase: usize) -> usize {
    match phase {
        0 => 0,
        p if p % 4 == 0 => 1,
        p if p % 2 == 0 => 2,
        _ => 3,
    }
}

impl Rows {
    /// The rows of a loop; further bars are laid upon the first.
    #[must_use]
    pub fn of_loop(pattern: &Loop) -> Self {
        let phases = Phases::of(pattern.grid);
        let mut rows = Self::default();
        for lane in pattern.lanes() {
            let bars = phases.fold(lane.mask());
            for bar in 0..4 {
                rows.0[layer(lane.role)] |= (bars >> (16 * bar)) as u16;
            }
        }
        rows
    }

    /// The groove that a style's first rows write; `None` where the style lends its open hat to the
    /// percussion or the other way round, since the hits would count in both rows.
    #[must_use]
    pub fn of_style(style: &DrumStyle) -> Option<Self> {
        let (hat, percussion) = (style.rows(Role::OpenHat), style.rows(Role::Percussion));
        let sounds = hat.first().is_some_and(|row| row.phases(SOUNDS) != 0);
        if std::ptr::eq(hat, percussion) && sounds {
            return None;
        }
        let mut rows = Self::default();
        for role in Role::ALL {
            if let Some(row) = style.rows(role).first() {
                rows.0[layer(role)] |= row.phases(SOUNDS);
            }
        }
        Some(rows)
    }

    /// As many hits in each row, on phases drawn at random.
    #[must_use]
    pub fn shuffled(self, rng: &mut Rng) -> Self {
        Self(self.0.map(|row| {
            let mut phases: [u16; PHASES] = std::array::from_fn(|phase| 1 << phase);
            for at in (1..PHASES).rev() {
                phases.swap(at, rng.below(at + 1));
            }
            phases[..row.count_ones() as usize].iter().fold(0, |row, phase| row | phase)
        }))
    }

    /// The number of hits.
    #[must_use]
    pub fn hits(self) -> u32 {
        self.0.iter().map(|row| row.count_ones()).sum()
    }

    /// The number of cells that only one of both has.
    #[must_use]
    pub fn cells_apart(self, other: Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// The share of the hits of either that only one has (Jaccard): 0 the same, 1 nothing in common.
    /// Unlike a count of cells it does not favour loops with few hits.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        let either: u32 = self.0.iter().zip(other.0).map(|(a, b)| (a | b).count_ones()).sum();
        self.cells_apart(other) as f32 / either.max(1) as f32
    }

    /// Syncopation after Longuet-Higgins and Lee: for each hit, how much stronger the strongest rest
    /// before the row's next hit is; the mean of the rows that sound.
    #[must_use]
    pub fn syncopation(self) -> f32 {
        let sounding: Vec<i32> =
            self.0.iter().filter(|row| **row != 0).map(|row| syncopation(*row)).collect();
        sounding.iter().sum::<i32>() as f32 / sounding.len().max(1) as f32
    }
}

fn syncopation(row: u16) -> i32 {
    let on = |phase: usize| row >> (phase % PHASES) & 1 == 1;
    let of = |hit: usize| {
        let rests = (hit + 1..hit + PHASES).take_while(|phase| !on(*phase));
        let strongest = rests.map(|phase| STRENGTH[phase % PHASES]).max();
        strongest.map_or(0, |rest| (rest - STRENGTH[hit]).max(0))
    };
    (0..PHASES).filter(|phase| on(*phase)).map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::features::Styles;
    use deepdrummer_core::pattern::{Grid, Hit, Lane, SampleId, Swing};
    use deepdrummer_core::units::Seed;

    #[test]
    fn syncopation_of_known_rows() {
        // Four on the floor has none; off-beat hats push to a beat each: 1, 2, 1 and 3.
        assert_eq!(syncopation(0x1111), 0);
        assert_eq!(syncopation(0x4444), 7);
        assert_eq!(syncopation(0xffff), 0);
        // A single hit on the one is on the strongest phase there is.
        assert_eq!(syncopation(1), 0);
        assert_eq!(Rows([0x1111, 0, 0x4444, 0]).syncopation(), 3.5);
    }

    #[test]
    fn distance_is_the_share_of_hits_that_one_lacks() {
        let (a, b) = (Rows([0x1111, 0, 0, 0]), Rows([0x0011, 0x1010, 0, 0]));
        assert_eq!(a.distance(a), 0.0);
        assert_eq!(a.cells_apart(b), 4);
        assert!((a.distance(b) - 4.0 / 6.0).abs() < 1e-6);
        assert_eq!(a.distance(Rows([0, 0x1111, 0, 0])), 1.0);
        assert_eq!(Rows::default().distance(Rows::default()), 0.0);
    }

    #[test]
    fn shuffling_keeps_the_hits_of_each_row() {
        let rows = Rows([0x1111, 0x1010, 0xffff, 0]);
        let shuffled = rows.shuffled(&mut Rng::new(Seed(1)));
        assert_ne!(shuffled, rows);
        assert_eq!(shuffled.0.map(u16::count_ones), rows.0.map(u16::count_ones));
    }

    #[test]
    fn roles_share_rows_and_bars_lie_upon_each_other() {
        let mut clap = Lane::empty(Role::Clap, SampleId::NONE);
        clap.hits[4] = Hit::PLAIN;
        let mut snare = Lane::empty(Role::Snare, SampleId::NONE);
        snare.hits[16 + 12] = Hit::PLAIN;
        let pattern = Loop::new(Grid { bars: 2, ..Grid::default() }, Swing::STRAIGHT, &[clap, snare]);
        assert_eq!(Rows::of_loop(&pattern), Rows([0, 0x1010, 0, 0]));
    }

    #[test]
    fn a_style_that_lends_between_rows_is_no_groove() {
        let style = |more: &str| {
            let text = format!(
                "[[style]]\nname = \"a\"\nfamily = \"rock\"\nswing = [50, 50]\nkick = [\"x...o...-.......\"]\n{more}"
            );
            Styles::parse(&text).unwrap().all()[0].clone()
        };
        assert_eq!(Rows::of_style(&style("")), Some(Rows([0x0101, 0, 0, 0])));
        let hats = "open_hat = [\"..x.............\"]\n";
        assert_eq!(Rows::of_style(&style(hats)), None);
        let said = format!("{hats}percussion = [\"................\"]\n");
        assert_eq!(Rows::of_style(&style(&said)), Some(Rows([0x0101, 0, 0x0004, 0])));
    }
}
