//! What the person asked the generator to keep to.

use super::onsets::Onsets;
use crate::features::{Directions, StyleSet};
use crate::pattern::{Grid, Swing};
use serde::{Deserialize, Serialize};

/// What the person asked the generator to keep to. Every field but styles, directions and onsets
/// is also a host parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Steering {
    /// 0 (sure) to 1 (surprising): the temperature of the chain and the weight of novelty.
    pub adventure: f32,
    /// 0 (sparse) to 1 (dense); 0.5 leaves it to the learner.
    pub density: f32,
    /// Swing that every proposal gets; `None` leaves it to the learner.
    pub swing: Option<Swing>,
    /// Bars, steps a bar, meter.
    pub grid: Grid,
    /// A hit of the first kick lane on every beat and on nothing else.
    pub four_on_the_floor: bool,
    /// The styles that loops keep to, as a preset has them; open where the person does not keep to any.
    #[serde(skip_serializing_if = "StyleSet::is_open")]
    pub styles: StyleSet,
    /// What the person makes: it weighs what loops are drawn from. The session has it beside its steering, and
    /// puts it here with each request.
    #[serde(skip)]
    pub directions: Directions,
    /// −1 (kicks leave free what is played beside them) over 0 (off) to 1 (kicks meet it).
    #[serde(skip_serializing_if = "is_off")]
    pub follow: f32,
    /// What is played beside the loop, on its grid. The session has it beside its steering, and puts it here with
    /// each request that follows it.
    #[serde(skip)]
    pub onsets: Onsets,
}

fn is_off(follow: &f32) -> bool {
    *follow == 0.0
}

impl Steering {
    /// Brought into the ranges above; not-a-number becomes the default.
    #[must_use]
    pub fn sanitized(self) -> Self {
        let unit =
            |value: f32, otherwise: f32| if value.is_nan() { otherwise } else { value.clamp(0.0, 1.0) };
        let default = Self::default();
        Self {
            adventure: unit(self.adventure, default.adventure),
            density: unit(self.density, default.density),
            swing: self.swing.map(|swing| Swing::from_percent(swing.percent())),
            grid: self.grid.sanitized(),
            four_on_the_floor: self.four_on_the_floor,
            styles: self.styles,
            directions: self.directions,
            follow: if self.follow.is_nan() { default.follow } else { self.follow.clamp(-1.0, 1.0) },
            onsets: self.onsets,
        }
    }

    /// The same with nothing followed.
    #[must_use]
    pub(crate) fn alone(self) -> Self {
        Self { follow: 0.0, onsets: Onsets::NONE, ..self }
    }

    /// Whether it differs from another by less than a control can show.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let Self { adventure, density, swing, grid, four_on_the_floor, styles, directions, follow, onsets } =
            *self;
        let near = |a: f32, b: f32| (a - b).abs() < 5e-4;
        near(adventure, other.adventure)
            && near(density, other.density)
            && swing == other.swing
            && grid == other.grid
            && four_on_the_floor == other.four_on_the_floor
            && styles == other.styles
            && directions == other.directions
            && near(follow, other.follow)
            && onsets == other.onsets
    }
}

impl Default for Steering {
    fn default() -> Self {
        Self {
            adventure: 0.35,
            density: 0.5,
            swing: None,
            grid: Grid::default(),
            four_on_the_floor: false,
            styles: StyleSet::OPEN,
            directions: Directions::NONE,
            follow: 0.0,
            onsets: Onsets::NONE,
        }
    }
}
