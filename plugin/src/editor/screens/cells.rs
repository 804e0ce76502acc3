//! The cells of the grid: where they are, and what is in them.

use crate::editor::actions::Cx;
use deepdrummer_core::pattern::{Hit, MAX_STEPS};
use egui::{Id, Rect, pos2};
use std::ops::Range;

/// Where cells are.
#[derive(Clone, Debug)]
pub struct Geometry {
    /// All cells.
    pub rect: Rect,
    /// The steps shown.
    pub steps: Range<usize>,
    /// The top and bottom of each lane.
    pub lanes: Vec<(f32, f32)>,
}

impl Geometry {
    /// The width of a step with its gap.
    #[must_use]
    pub fn pitch(&self) -> f32 {
        self.rect.width() / self.steps.len().max(1) as f32
    }

    /// One cell, without its gap.
    #[must_use]
    pub fn cell(&self, lane: usize, step: usize) -> Rect {
        let pitch = self.pitch();
        let gap = (pitch * 0.12).clamp(0.5, 4.0);
        let left = self.rect.left() + (step - self.steps.start) as f32 * pitch;
        let (top, bottom) = self.lanes[lane];
        Rect::from_min_max(pos2(left, top), pos2(left + pitch - gap, bottom))
    }

    /// The cell at a point; points outside give the nearest one.
    #[must_use]
    pub fn at(&self, point: egui::Pos2) -> (usize, usize) {
        let lane = self.lanes.iter().position(|&(_, bottom)| point.y <= bottom);
        let lane = lane.unwrap_or(self.lanes.len().saturating_sub(1));
        let step = ((point.x - self.rect.left()) / self.pitch()).floor().max(0.0) as usize;
        (lane, (self.steps.start + step).min(self.steps.end.saturating_sub(1)))
    }
}

/// A cell as it is shown: what was just edited, else the snapshot's.
#[must_use]
pub fn hit(cx: &Cx, lane: usize, step: usize) -> Hit {
    if let Some(hit) = cx.state.echo.get(&(lane, step)) {
        return *hit;
    }
    cx.shown.current.pattern.lanes().get(lane).map_or(Hit::NONE, |lane| lane.hits[step.min(MAX_STEPS - 1)])
}

/// The id of the grid's widget.
#[must_use]
pub fn grid_id() -> Id {
    Id::unique("deepdrummer grid")
}
