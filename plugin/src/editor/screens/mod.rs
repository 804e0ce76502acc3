//! The areas of the window. Each draws its part of the snapshot and pushes actions.

pub mod bottom;
mod bus;
mod card;
pub mod cells;
mod followed;
pub mod grid;
mod grid_input;
mod history;
pub mod inbox;
mod lane_head;
mod lanes;
mod life;
mod making;
mod midi_keys;
mod notes_out;
mod notices;
mod output;
mod presets;
mod prompt;
mod references;
mod selection;
mod setting_rows;
pub mod settings;
pub mod song;
mod sound;
mod sound_list;
mod steer;
mod taste;
mod taste_page;
mod timeline;
mod top_bar;
mod whose;
mod why;

use crate::editor::actions::{Action, Cx};
use crate::editor::state::Page;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{cut_bottom, cut_right, cut_top, id, line, named, place, tell};
use egui::{CornerRadius, Rect, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

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
        let width = (rect.width() * 0.255).clamp(248.0, 340.0);
        let (panel, lanes) = cut_right(rest, width, 0.0);
        Self { top, lanes, panel, history, bottom }
    }
}

/// Draws everything.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::GROUND);
    let areas = Areas::of(rect);
    sound_list::follow(cx);
    top_bar::show(ui, areas.top, cx);
    if cx.state.page == Page::Song {
        song::show(ui, areas.lanes, cx);
    } else {
        lanes::show(ui, areas.lanes, cx);
    }
    panel(ui, areas.panel, cx);
    history::show(ui, areas.history, cx);
    bottom::show(ui, areas.bottom, cx);
    resize_corner(ui, rect, cx);
    drop_anywhere(ui, rect, cx);
    notices::show(ui, areas.lanes, cx);
    settings::show(ui, rect, cx);
    presets::show(ui, rect, cx);
    prompt::show(ui, rect, cx);
}

/// While something is dragged over the window that may be dropped anywhere: its edge, and what becomes of it.
fn drop_anywhere(ui: &Ui, rect: Rect, cx: &Cx) {
    let Some(words) = cx.state.drop_anywhere else { return };
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, id("drop", 0)));
    let stroke = Stroke::new(2.0, theme::ACCENT);
    painter.rect_stroke(rect.shrink(2.0), CornerRadius::same(6), stroke, egui::StrokeKind::Inside);
    let galley = line(&painter, words, 15.0, Weight::SemiBold, theme::TEXT, rect.width() - 80.0);
    let card = Rect::from_center_size(rect.center(), galley.size() + vec2(36.0, 22.0));
    painter.rect(card, CornerRadius::same(8), theme::RAISED, stroke, egui::StrokeKind::Inside);
    place(&painter, card, egui::Align2::CENTER_CENTER, galley);
    tell(ui, card, words);
}

/// A corner to resize by, for hosts that offer no edge.
fn resize_corner(ui: &Ui, rect: Rect, cx: &mut Cx) {
    let corner = Rect::from_min_max(rect.max - vec2(14.0, 14.0), rect.max);
    let response = ui.interact(corner, id("resize", 0), Sense::drag());
    let response = response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeNwSe);
    let lit = response.hovered() || response.dragged();
    let stroke = Stroke::new(1.0, if lit { theme::TEXT } else { theme::EDGE });
    for inset in [3.5, 7.0, 10.5] {
        let ends = [rect.max - vec2(inset, 2.0), rect.max - vec2(2.0, inset)];
        ui.painter().line_segment(ends, stroke);
    }
    let help = "Drag to resize the window. Ctrl/Cmd with + and − zooms; 0 is 100 %.";
    let response = named(ui, response, || WidgetInfo::labeled(Role::Button, true, "Resize the window"), help);
    if !response.is_pointer_button_down_on() {
        cx.state.resizing = None;
        return;
    }
    // While the window lags behind, the pointer leaves it; the corner is held all the same.
    let Some(pointer) = response.interact_pointer_pos() else { return };
    // From where it was taken hold of: the corner stays under the pointer, and a press moves nothing.
    let held = *cx.state.resizing.get_or_insert(rect.max - pointer);
    let size = (pointer + held - rect.min).max(vec2(MIN_SIZE.0 as f32, MIN_SIZE.1 as f32)).round();
    if (size - rect.size()).abs().max_elem() >= 1.0 {
        cx.actions.push(Action::Resize(size.x as u32, size.y as u32));
    }
}

fn panel(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::PANEL);
    ui.painter().vline(rect.left() + 0.5, rect.y_range(), Stroke::new(1.0, theme::LINE));
    let inner = rect.shrink2(vec2(16.0, 10.0));
    if cx.state.page == Page::Song {
        return song::panel(ui, inner, cx);
    }
    if cx.state.page == Page::Sound {
        return sound_list::show(ui, inner, cx);
    }
    let taste_height = inner.height() - steer::height() - 8.0;
    // Steering follows the taste section closely where there is room, and never leaves the window.
    let (taste, rest) = cut_top(inner, taste_height.min(360.0), 10.0);
    taste::show(ui, taste, cx);
    let lower = cut_top(rest, steer::height(), 0.0).0;
    // What new loops keep to is no part of what was learned.
    if cx.state.page == Page::Taste { whose::show(ui, lower, cx) } else { steer::show(ui, lower, cx) }
}
