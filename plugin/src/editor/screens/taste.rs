//! The taste panel: what the critic thinks of this loop, and what it has learned.

use crate::editor::actions::{Action, Cx};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_left, cut_right, cut_top, id, label, line, middle, named, place,
};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::taste::Verdict;
use egui::{Align2, CornerRadius, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

/// Draws it into the upper part of the panel.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, rest) = cut_top(rect, 16.0, 2.0);
    label(ui, heading, Align2::LEFT_CENTER, "YOU WILL LIKE THIS", Style::HEADING);
    let (figure, rest) = cut_top(rest, 40.0, 2.0);
    headline(ui, figure, cx);
    let (bar, rest) = cut_top(rest, 8.0, 10.0);
    uncertainty(ui, bar, cx);
    let (parts, rest) = cut_top(rest, 24.0, 10.0);
    part_verdicts(ui, parts, cx);

    let curve = cx.shown.taste.curve.len() >= 2;
    let wanted = super::why::height(cx);
    let again = if cx.shown.taste.reask.is_some() { 24.0 } else { 0.0 };
    let curve_height = (rest.height() - 28.0 - wanted.min(63.0) - again).min(110.0);
    let wants_curve = curve && curve_height >= 62.0;
    let (learned, curve_rect) = if wants_curve {
        let height = 24.0 + wanted + again;
        cut_top(rest, height.min(rest.height() - curve_height - 6.0), 6.0)
    } else {
        (rest, Rect::NOTHING)
    };
    learned_statements(ui, learned, cx);
    if wants_curve {
        let height = curve_rect.height().min(120.0);
        liked_curve(ui, cut_top(curve_rect, height, 0.0).0, cx);
    }
}

fn headline(ui: &Ui, rect: Rect, cx: &Cx) {
    let taste = &cx.shown.taste;
    let count = taste.likes + taste.dislikes;
    let ratings = text::ratings(count);
    let prediction = cx.shown.current.prediction;
    let painter = ui.painter();
    let spoken = match prediction {
        Some(prediction) if count >= text::RATINGS_FOR_PERCENT => {
            let figure = format!("{:.0}%", prediction.p_like * 100.0);
            let galley = line(painter, &figure, 34.0, Weight::Bold, theme::TEXT, rect.width());
            let at = place(painter, rect, Align2::LEFT_CENTER, galley);
            let words = format!("± {:.0} · {ratings}", prediction.sd * 100.0);
            let area = Rect::from_min_max(pos2(at.right() + 10.0, rect.top() + 10.0), rect.max);
            let galley = line(painter, &words, theme::SIZE, Weight::Regular, theme::DIM, area.width());
            place(painter, area, Align2::LEFT_CENTER, galley);
            format!("{figure} {words}")
        }
        prediction => {
            let words = text::prediction_in_words(prediction, count);
            let (top, bottom) = cut_top(rect, 24.0, 0.0);
            let galley = line(painter, words, 19.0, Weight::Bold, theme::TEXT, rect.width());
            place(painter, top, Align2::LEFT_CENTER, galley);
            let left = text::RATINGS_FOR_PERCENT.saturating_sub(count);
            let small = match left {
                0 => ratings,
                left => format!("{ratings} · figures after {left} more"),
            };
            let galley = line(painter, &small, theme::SMALL, Weight::Regular, theme::DIM, rect.width());
            place(painter, bottom, Align2::LEFT_CENTER, galley);
            format!("{words}, {small}")
        }
    };
    let response = ui.interact(rect, id("prediction", 0), Sense::hover());
    let help = "How likely the critic thinks it is that you like this loop, and how sure it is of that.";
    named(ui, response, || WidgetInfo::labeled(Role::Status, true, format!("Prediction: {spoken}")), help);
}

fn uncertainty(ui: &Ui, rect: Rect, cx: &Cx) {
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(4), theme::RAISED);
    let Some(prediction) = cx.shown.current.prediction else { return };
    let ratings = cx.shown.taste.likes + cx.shown.taste.dislikes;
    if ratings < 3 {
        return;
    }
    let at = |share: f32| rect.left() + share.clamp(0.0, 1.0) * rect.width();
    let (p, sd) = (prediction.p_like, prediction.sd);
    let range = Rect::from_x_y_ranges(at(p - sd)..=at(p + sd), rect.y_range());
    painter.rect_filled(range, CornerRadius::ZERO, theme::EDGE);
    let colour = if p >= 0.5 { theme::LIKE } else { theme::DISLIKE };
    let bar = Rect::from_x_y_ranges(rect.left()..=at(p), rect.y_range());
    painter.rect_filled(bar, CornerRadius::same(4), colour);
    for x in [range.left(), range.right()] {
        painter.vline(x, rect.top() - 1.0..=rect.bottom() + 1.0, Stroke::new(1.5, theme::TEXT));
    }
}

fn part_verdicts(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let half = rect.width() / 2.0 - 4.0;
    let (rhythm, rest) = cut_left(rect, half, 8.0);
    let width = if half < 110.0 { 22.0 } else { 26.0 };
    let style = if half < 110.0 { Style { colour: theme::TEXT, ..Style::SMALL } } else { Style::TEXT };
    let rated = cx.rated_loop();
    let current = &cx.shown.current;
    let parts = [(rhythm, "Rhythm", current.rhythm_verdict), (rest, "Sounds", current.sound_verdict)];
    for (at, (rect, word, now)) in parts.into_iter().enumerate() {
        let (dislike, rest) = cut_right(rect, width, 3.0);
        let (like, rest) = cut_right(rest, width, 4.0);
        label(ui, rest, Align2::LEFT_CENTER, word, style);
        let lower = word.to_lowercase();
        for (rect, glyph, verb, value, look) in [
            (like, Glyph::Heart, "Like", true, Look::Like),
            (dislike, Glyph::Cross, "Dislike", false, Look::Dislike),
        ] {
            let name = format!("{verb} the {lower}");
            let help = format!("{verb} only the {lower} of this loop. It does not move on.");
            let button = Button::new(Face::Sign(glyph), &name, &help).text(10.5, Weight::Regular);
            let button = if now == Some(value) { button.choice(true).look(look) } else { button };
            if button.show(ui, middle(rect, 22.0), id(verb, 40 + at)).clicked() {
                let verdict = Verdict {
                    like: None,
                    rhythm: (at == 0).then_some(value),
                    sound: (at == 1).then_some(value),
                };
                cx.send(Command::Rate { id: rated, verdict });
            }
        }
    }
}

fn learned_statements(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, mut rest) = cut_top(rect, 18.0, 2.0);
    if heading.height() < 16.0 {
        return;
    }
    label(ui, heading, Align2::LEFT_CENTER, "WHAT IT HAS LEARNED", Style::HEADING);
    if let Some(id) = cx.shown.taste.reask {
        let (row, after) = cut_top(rest, 22.0, 2.0);
        if row.height() >= 20.0 {
            reask(ui, row, id, cx);
            rest = after;
        }
    }
    super::why::show(ui, rest, cx);
}

fn reask(ui: &mut Ui, row: Rect, loop_id: deepdrummer_core::taste::LoopId, cx: &mut Cx) {
    let number = cx.shown.history.iter().find(|entry| entry.id == loop_id).map(|entry| entry.number);
    let words = match number {
        Some(number) => format!("Still sure about loop {number:04}?"),
        None => "Still sure about an old rating?".to_owned(),
    };
    let help = "What you said since speaks against this rating. Hear the loop again and rate it anew.";
    let face = Face::Both(Glyph::Warning, &words);
    let button = Button::new(face, "Ask again", help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, row, id("ask again", 0)).clicked() {
        cx.actions.push(Action::Send(Command::Recall(loop_id)));
    }
}

fn liked_curve(ui: &Ui, rect: Rect, cx: &Cx) {
    let (heading, plot) = cut_top(rect, 18.0, 2.0);
    label(ui, heading, Align2::LEFT_CENTER, "LIKED, LAST 10 PROPOSALS", Style::HEADING);
    let curve = &cx.shown.taste.curve;
    let last = curve.last().copied().unwrap_or(0.0);
    let (figure, plot) = cut_right(plot, 34.0, 4.0);
    let plot = plot.shrink2(vec2(0.0, 4.0));
    let painter = ui.painter();
    for share in [0.0, 0.5, 1.0] {
        let y = plot.bottom() - share * plot.height();
        painter.hline(plot.x_range(), y, Stroke::new(1.0, theme::LINE));
    }
    let point = |at: usize, share: f32| {
        let x = plot.left() + at as f32 / (curve.len() - 1).max(1) as f32 * plot.width();
        pos2(x, plot.bottom() - share.clamp(0.0, 1.0) * plot.height())
    };
    let points = curve.iter().enumerate().map(|(at, share)| point(at, *share)).collect();
    painter.add(Shape::line(points, Stroke::new(2.0, theme::LIKE)));
    painter.circle_filled(point(curve.len() - 1, last), 3.0, theme::LIKE);
    let words = format!("{:.0}%", last * 100.0);
    let y = point(0, last).y.clamp(figure.top() + 6.0, figure.bottom() - 6.0);
    let area = Rect::from_center_size(pos2(figure.center().x, y), vec2(figure.width(), 14.0));
    let galley = line(painter, &words, theme::SMALL, Weight::Regular, theme::DIM, figure.width());
    place(painter, area, Align2::RIGHT_CENTER, galley);
    let response = ui.interact(rect, id("curve", 0), Sense::hover());
    let help = "Share of the last ten rated loops that you liked, after each rating.";
    let name = format!("Liked of the last 10 proposals: {words}");
    named(ui, response, || WidgetInfo::labeled(Role::Image, true, &name), help);
}
