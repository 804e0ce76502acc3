//! The timeline of what was said: the share of likes as a curve, each like and dislike below it, and a handle that
//! brings back the taste of an earlier moment.

use crate::editor::actions::Cx;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Style, cut_left, cut_right, cut_top, id, label, line, middle, named, place, tell,
};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::taste::blind::BlindResult;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Key, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

/// What a judgement keeps of its weight with each later one: older ones are drawn paler.
const RETENTION: f32 = 0.985;

/// Draws it. Gives what is left below, and whether enough was said for a proof.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) -> (Rect, bool) {
    let (heading, rest) = cut_top(rect, 16.0, 4.0);
    let taste = &cx.shown.taste;
    label(ui, heading, Align2::LEFT_CENTER, "WHAT IT HEARD FROM YOU", Style::HEADING);
    let brought = match taste.references.len() {
        0 => String::new(),
        1 => " · 1 reference".to_owned(),
        many => format!(" · {many} references"),
    };
    let words = format!("{} liked · {} disliked{brought}", taste.likes, taste.dislikes);
    label(ui, heading, Align2::RIGHT_CENTER, &words, Style::SMALL);
    let (plot, rest) = cut_top(rest, (rest.height() * 0.26).min(130.0), 4.0);
    let (dots, rest) = cut_top(rest, 16.0, 4.0);
    if taste.said.len() < 2 || taste.curve.len() < 2 {
        let words = "Rate a few loops: what you said is drawn here, and you can go back to any moment of it.";
        let galley = line(ui.painter(), words, theme::SMALL, Weight::Regular, theme::DIM, plot.width());
        place(ui.painter(), plot, Align2::CENTER_CENTER, galley);
        tell(ui, plot, words);
        return (rest, false);
    }
    curve(ui, plot, cx);
    said(ui, dots, cx);
    handle(ui, plot.union(dots), cx);
    let (row, rest) = cut_top(rest, 24.0, 14.0);
    buttons(ui, middle(row, 22.0), cx);
    (rest, true)
}

/// How high [`proof`] is.
pub(super) const PROOF: f32 = 84.0;

/// The blind test, and how right predictions were.
pub(super) fn proof(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, rest) = cut_top(rect, 16.0, 4.0);
    if rest.height() < 24.0 {
        return;
    }
    label(ui, heading, Align2::LEFT_CENTER, "DOES IT WORK?", Style::HEADING);
    let (row, rest) = cut_top(rest, 24.0, 4.0);
    let (test, words) = cut_left(middle(row, 22.0), 176.0, 10.0);
    let blind = cx.shown.taste.blind;
    let begins = blind.under_way.is_none();
    let (name, help) = if begins {
        (
            "Blind test: this taste or none?",
            "Twenty loops, half of them made for your taste and half for nobody's, mixed. Rate them as ever: some five \
             minutes. What is predicted stays hidden meanwhile.",
        )
    } else {
        ("End the blind test", "What you rated of it counts.")
    };
    let button = Button::new(Face::Text(name), name, help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, test, id("blind", 0)).clicked() {
        cx.send(Command::BlindTest(begins));
    }
    let says = match (blind.under_way, blind.last) {
        (Some((heard, all)), _) => format!("loop {heard} of {all}"),
        (None, Some(_)) => "last:".to_owned(),
        (None, None) => "not tried yet".to_owned(),
    };
    label(ui, words, Align2::LEFT_CENTER, &says, Style::SMALL);
    let mut rest = rest;
    let mut say = |words: &str| {
        let (row, after) = cut_top(rest, 17.0, 0.0);
        rest = after;
        if row.height() >= 15.0 {
            label(ui, row, Align2::LEFT_CENTER, words, Style::SMALL);
        }
    };
    if let (None, Some(last)) = (blind.under_way, blind.last) {
        say(&result(&last));
    }
    if let Some(honesty) = cx.shown.taste.honesty {
        let words = format!(
            "P(like) was {:.0} % over your last {} ratings; you liked {:.0} %",
            honesty.claimed * 100.0,
            honesty.ratings,
            honesty.liked * 100.0
        );
        say(&words);
    }
}

fn result(last: &BlindResult) -> String {
    let counts = |[likes, n]: [u16; 2]| format!("{likes} of {n}");
    let counted = format!("liked: {} with this taste, {} with none", counts(last.now), counts(last.none));
    match last.difference() {
        Some([_, low, high]) => {
            format!("{counted}; {:+.0} to {:+.0} points (95 %)", low * 100.0, high * 100.0)
        }
        None => counted,
    }
}

/// Where the n-th of so many stands.
fn place_of(rect: Rect, at: usize, of: usize) -> f32 {
    let inner = rect.shrink2(vec2(6.0, 0.0));
    inner.left() + at as f32 / (of.max(2) - 1) as f32 * inner.width()
}

fn curve(ui: &Ui, plot: Rect, cx: &Cx) {
    let curve = &cx.shown.taste.curve;
    let painter = ui.painter();
    for share in [0.0, 0.5, 1.0] {
        let y = plot.bottom() - share * plot.height();
        painter.hline(plot.x_range(), y, Stroke::new(1.0, theme::LINE));
    }
    let point = |at: usize, share: f32| {
        pos2(place_of(plot, at, curve.len()), plot.bottom() - share.clamp(0.0, 1.0) * plot.height())
    };
    let points = curve.iter().enumerate().map(|(at, share)| point(at, *share)).collect();
    painter.add(Shape::line(points, Stroke::new(2.0, theme::LIKE)));
    let last = curve.last().copied().unwrap_or(0.0);
    tell(ui, plot, &format!("Liked of the last ten: {:.0} per cent", last * 100.0));
}

fn said(ui: &Ui, rect: Rect, cx: &Cx) {
    let said = &cx.shown.taste.said;
    for (at, one) in said.iter().enumerate() {
        let age = (said.len() - 1 - at) as i32;
        let weight = if one.aside { 0.15 } else { 0.3 + 0.7 * RETENTION.powi(age) };
        let full: Color32 = if one.like { theme::LIKE } else { theme::DISLIKE };
        let colour = theme::mix(theme::GROUND, full, weight);
        let centre = pos2(place_of(rect, at, said.len()), rect.center().y);
        // Shapes tell them apart too, not colour alone.
        if one.like {
            ui.painter().circle_filled(centre, 3.5, colour);
        } else {
            let square = Rect::from_center_size(centre, vec2(6.0, 6.0));
            ui.painter().rect_filled(square, CornerRadius::ZERO, colour);
        }
    }
}

/// The handle stands behind the last judgement that is heard; dragged or moved by the arrow keys it goes back.
fn handle(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let said = &cx.shown.taste.said;
    let count = said.len();
    let now = said.iter().position(|one| one.aside).unwrap_or(count).max(1) - 1;
    let x = place_of(rect, now, count);
    let grip = Rect::from_x_y_ranges(x - 7.0..=x + 7.0, rect.y_range());
    let response = ui.interact(grip, id("timeline", 0), Sense::click_and_drag());
    let response = response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    let held = response.dragged() || response.hovered() || response.has_focus();
    let stroke = Stroke::new(if held { 3.0 } else { 2.0 }, theme::ACCENT);
    ui.painter().vline(x, rect.y_range(), stroke);
    let name = format!("Taste as of rating {} of {count}", now + 1);
    let help = "Drag back, or press ←: the taste is what it was then. Nothing is lost; keep it or leave it below. \
                Paler ratings are older and say less.";
    let mut wanted = now;
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        let share = (pointer.x - rect.left() - 6.0) / (rect.width() - 12.0).max(1.0);
        wanted = (share.clamp(0.0, 1.0) * (count - 1) as f32).round() as usize;
    } else if response.has_focus() {
        let pressed = |key: Key| ui.input(|input| input.key_pressed(key));
        if pressed(Key::ArrowLeft) {
            wanted = now.saturating_sub(1);
        } else if pressed(Key::ArrowRight) {
            wanted = (now + 1).min(count - 1);
        }
        let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    named(ui, response, || WidgetInfo::labeled(Role::Slider, true, &name), help);
    if wanted != now {
        let after = (wanted + 1 < count).then(|| said[wanted].serial);
        cx.send(Command::TryBack(after));
    }
}

fn buttons(ui: &mut Ui, row: Rect, cx: &mut Cx) {
    let said = &cx.shown.taste.said;
    let aside = said.iter().filter(|one| one.aside).count();
    let (afresh, row) = cut_right(row, 92.0, 6.0);
    let help = "Takes back all that you said in this project. Undo brings it back.";
    let button =
        Button::new(Face::Text("Start afresh"), "Start afresh", help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, afresh, id("afresh", 0)).clicked() {
        cx.send(Command::StartAfresh);
    }
    if aside == 0 {
        let words = "← drag to go back to how it was; older ratings fade as shown";
        label(ui, row, Align2::LEFT_CENTER, words, Style::SMALL);
        return;
    }
    let (keep, row) = cut_left(row, 92.0, 6.0);
    let (leave, row) = cut_left(row, 92.0, 8.0);
    for (rect, name, help, command) in [
        (keep, "Keep this", "What you said later is taken back. Undo brings it back.", Command::KeepBack),
        (leave, "Back to now", "All that you said counts again.", Command::TryBack(None)),
    ] {
        let button = Button::new(Face::Text(name), name, help).text(theme::SMALL, Weight::SemiBold);
        if button.show(ui, rect, id(name, 0)).clicked() {
            cx.send(command);
        }
    }
    let words = if aside == 1 {
        "1 rating is set aside".to_owned()
    } else {
        format!("{aside} ratings are set aside")
    };
    label(ui, row, Align2::LEFT_CENTER, &words, Style::SMALL);
}
