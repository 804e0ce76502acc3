//! The areas of the window. Each draws its part of the snapshot and pushes actions.

pub mod bottom;
pub mod grid;
mod grid_input;
mod history;
mod lane_head;
mod lanes;
mod notices;
mod prompt;
mod settings;
mod steer;
mod taste;
mod top_bar;

use crate::editor::actions::Cx;
use crate::editor::theme;
use crate::editor::widgets::{cut_bottom, cut_right, cut_top};
use egui::{CornerRadius, Rect, Stroke, Ui, vec2};

/// The least window in logical pixels at 100 %; everything fits it with eight lanes of 96 steps.
pub const MIN_SIZE: (u32, u32) = (860, 560);

const TOP: f32 = 44.0;
const BOTTOM: f32 = 96.0;
const HISTORY: f32 = 74.0;

/// Where the areas are.
#[derive(Clone, Copy, Debug)]
pub struct Areas {
    /// The top bar.
    pub top: Rect,
    /// Lane heads and grid.
    pub lanes: Rect,
    /// Taste and steering.
    pub panel: Rect,
    /// The history strip.
    pub history: Rect,
    /// The bottom row.
    pub bottom: Rect,
}

impl Areas {
    /// Divides a window.
    #[must_use]
    pub fn of(rect: Rect) -> Self {
        let (top, rest) = cut_top(rect, TOP, 0.0);
        let (bottom, rest) = cut_bottom(rest, BOTTOM, 0.0);
        let (history, rest) = cut_bottom(rest, HISTORY, 0.0);
        let width = (rect.width() * 0.255).clamp(236.0, 340.0);
        let (panel, lanes) = cut_right(rest, width, 0.0);
        Self { top, lanes, panel, history, bottom }
    }
}

/// Draws everything.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::GROUND);
    let areas = Areas::of(rect);
    top_bar::show(ui, areas.top, cx);
    lanes::show(ui, areas.lanes, cx);
    panel(ui, areas.panel, cx);
    history::show(ui, areas.history, cx);
    bottom::show(ui, areas.bottom, cx);
    notices::show(ui, areas.lanes, cx);
    settings::show(ui, rect, cx);
    prompt::show(ui, rect, cx);
}

fn panel(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::PANEL);
    ui.painter().vline(rect.left() + 0.5, rect.y_range(), Stroke::new(1.0, theme::LINE));
    let inner = rect.shrink2(vec2(16.0, 10.0));
    let taste_height = inner.height() - steer::HEIGHT - 8.0;
    // Steering follows the taste section closely where there is room, and never leaves the window.
    let (taste, rest) = cut_top(inner, taste_height.min(360.0), 10.0);
    taste::show(ui, taste, cx);
    steer::show(ui, cut_top(rest, steer::HEIGHT, 0.0).0, cx);
}
