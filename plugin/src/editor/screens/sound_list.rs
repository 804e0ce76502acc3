//! The sounds of the kit that the person would like on the chosen lane of this loop, likeliest first.

use crate::editor::actions::Cx;
use crate::editor::state::Page;
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Look, Style, cut_bottom, cut_left, cut_right, cut_top, id, label, line, middle, named,
    place, waveform,
};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::RankedSoundView;
use egui::{Align2, CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

/// How high a row is, and the gap below it.
const ROW: f32 = 30.0;
const GAP: f32 = 4.0;

/// Says which lane's sounds are shown, whenever that changes.
pub(super) fn follow(cx: &mut Cx) {
    let shown = (cx.state.page == Page::Sound && !cx.shown.lanes.is_empty())
        .then(|| cx.state.sound_lane.min(cx.shown.lanes.len() - 1) as u8);
    if shown != cx.state.ranked_lane {
        cx.state.ranked_lane = shown;
        cx.state.ranked_first = 0;
        cx.send(Command::RankSounds(shown));
    }
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, rest) = cut_top(rect, 16.0, 4.0);
    label(ui, heading, Align2::LEFT_CENTER, "SOUNDS YOU WOULD LIKE HERE", Style::HEADING);
    let (foot, rest) = cut_bottom(rest, 16.0, 4.0);
    let lane = cx.state.sound_lane;
    let locked = cx.shown.lanes.get(lane).is_some_and(|lane| lane.lock_sound);
    let view = cx.view;
    let ranking = view.ranking.as_ref().filter(|ranking| ranking.lane == lane && !cx.shows_another());
    let Some(ranking) = ranking.filter(|ranking| !ranking.sounds.is_empty()) else {
        let words = "They are being looked for.";
        label(ui, cut_top(rest, 18.0, 0.0).0, Align2::LEFT_CENTER, words, Style::SMALL);
        return;
    };
    let words =
        if locked { "the lane’s sound is locked" } else { "click: hear it here · double-click: use it" };
    label(ui, foot, Align2::LEFT_CENTER, words, Style::SMALL);
    let fit = ((rest.height() + GAP) / (ROW + GAP)).floor().max(1.0) as usize;
    let most = ranking.sounds.len().saturating_sub(fit);
    if ui.rect_contains_pointer(rest) {
        let notches = crate::editor::wheel_notches(ui);
        if notches > 0.0 {
            cx.state.ranked_first = cx.state.ranked_first.saturating_sub(1);
        } else if notches < 0.0 {
            cx.state.ranked_first += 1;
        }
    }
    cx.state.ranked_first = cx.state.ranked_first.min(most);
    let first = cx.state.ranked_first;
    let mut below = rest;
    for (at, ranked) in ranking.sounds.iter().enumerate().skip(first).take(fit) {
        let (row, after) = cut_top(below, ROW, GAP);
        below = after;
        show_row(ui, row, at, ranked, (lane as u8, locked), cx);
    }
    if most > 0 {
        more(ui, heading, (first, most, fit), cx);
    }
}

/// The ways to those that find no room.
fn more(ui: &mut Ui, heading: Rect, (first, most, fit): (usize, usize, usize), cx: &mut Cx) {
    use crate::editor::widgets::Glyph;
    let (down, rest) = cut_right(heading, 18.0, 2.0);
    let (up, _) = cut_right(rest, 18.0, 0.0);
    for (rect, glyph, name, to, enabled) in [
        (up, Glyph::Left, "Likelier sounds", first.saturating_sub(fit), first > 0),
        (down, Glyph::Right, "Less likely sounds", (first + fit).min(most), first < most),
    ] {
        let button = Button::new(Face::Sign(glyph), name, "The wheel does it too.");
        let button = button.look(Look::Bare).text(9.0, Weight::Regular).enabled(enabled);
        if button.show(ui, rect, id(name, 0)).clicked() {
            cx.state.ranked_first = to;
        }
    }
}

fn show_row(
    ui: &mut Ui,
    rect: Rect,
    at: usize,
    ranked: &RankedSoundView,
    (lane, locked): (u8, bool),
    cx: &mut Cx,
) {
    let ratings = cx.view.taste.likes + cx.view.taste.dislikes;
    let likely = (ratings >= text::RATINGS_FOR_PERCENT).then(|| format!("{:.0} %", ranked.p_like * 100.0));
    let state = match (ranked.is_used, ranked.is_tried) {
        (_, true) => ", heard",
        (true, _) => ", on the lane",
        _ => "",
    };
    let figure = likely.as_ref().map_or(String::new(), |likely| format!(": {likely}"));
    let name = format!("{}{figure}{state}", ranked.name);
    let sense = if locked { Sense::hover() } else { Sense::click() };
    let response = ui.interact(rect, id("ranked", at), sense);
    let response = if locked { response } else { response.on_hover_cursor(CursorIcon::PointingHand) };
    let painter = ui.painter();
    let edge = match (ranked.is_tried, ranked.is_used, response.hovered()) {
        (true, ..) => Stroke::new(1.5, theme::ACCENT),
        (_, true, _) => Stroke::new(1.0, theme::TEXT),
        (_, _, true) => Stroke::new(1.0, theme::DIM),
        _ => Stroke::new(1.0, theme::LINE),
    };
    let ground = if response.hovered() { theme::HOVER } else { theme::RAISED };
    painter.rect(rect, CornerRadius::same(5), ground, edge, StrokeKind::Inside);
    let inner = rect.shrink2(vec2(7.0, 0.0));
    let (wave, rest) = cut_left(inner, 52.0, 8.0);
    let role = cx.shown.lanes.get(usize::from(lane)).map_or(theme::DIM, |lane| theme::role(lane.role));
    waveform(painter, middle(wave, 20.0), &ranked.peaks, theme::mix(theme::PANEL, role, 0.75));
    let (figure, words) = cut_right(rest, 40.0, 6.0);
    let galley = line(painter, &ranked.name, theme::SIZE, Weight::Regular, theme::TEXT, words.width());
    place(painter, words, Align2::LEFT_CENTER, galley);
    if let Some(likely) = &likely {
        let colour = if ranked.p_like >= 0.5 { theme::LIKE } else { theme::DIM };
        let galley = line(painter, likely, theme::SIZE, Weight::Regular, colour, figure.width());
        place(painter, figure, Align2::RIGHT_CENTER, galley);
    }
    let help = "How likely you like the loop with this sound. Click to hear it in the loop without changing anything, \
                again for the lane’s own; double-click, or Enter with Shift, to use it. Undo brings the other back.";
    let info = || WidgetInfo::selected(Role::Button, !locked, ranked.is_tried, &name);
    let response = named(ui, response, info, help);
    let used = response.double_clicked() || (response.clicked() && ui.input(|input| input.modifiers.shift));
    if used {
        cx.send(Command::SetSample(lane, ranked.sample));
    } else if response.clicked() {
        let again = ranked.is_tried || ranked.is_used;
        cx.send(Command::TrySound((!again).then_some((lane, ranked.sample))));
    }
}
