//! What was learned, and what would lift the loop: statements with their evidence, the share of rhythm, one change.
//!
//! The editor's thread. Everything shown is in the view; nothing is worked out here.

use crate::editor::actions::Cx;
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Style, cut_right, cut_top, id, label, line, named, paragraph, place, tell,
};
use deepdrummer_core::propose::Statement;
use deepdrummer_core::session::command::Command;
use egui::{Align2, CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, vec2};

/// Height of a row and the gap below it.
const ROW: (f32, f32) = (20.0, 1.0);
/// A share of rhythm that is less certain than this is not told.
const MOST_SD: f32 = 0.2;

/// The height that everything here would take.
#[must_use]
pub(super) fn height(cx: &Cx) -> f32 {
    let statements = cx.shown.taste.statements.len().max(1) as f32;
    let share = f32::from(rhythm(cx).is_some());
    (statements + share) * (ROW.0 + ROW.1) + lift_height(cx)
}

fn lift_height(cx: &Cx) -> f32 {
    if cx.shown.current.lift.is_some() { 28.0 } else { 0.0 }
}

/// The share of rhythm in words, where it is certain enough.
fn rhythm(cx: &Cx) -> Option<String> {
    let rhythm = cx.shown.taste.rhythm.filter(|rhythm| rhythm.sd <= MOST_SD)?;
    let (share, sd) = (rhythm.share * 100.0, rhythm.sd * 100.0);
    Some(format!("Rhythm {share:.0} %, sounds {:.0} % (± {sd:.0})", 100.0 - share))
}

/// Below the heading: statements, then the share of rhythm, then the lift.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (rest, lifts) = match lift_height(cx) {
        height if height > 0.0 && rect.height() >= height + 18.0 => {
            let (lift, rest) = crate::editor::widgets::cut_bottom(rect, height - 4.0, 4.0);
            (rest, Some(lift))
        }
        _ => (rect, None),
    };
    let rest = statements(ui, rest, cx);
    if let Some(words) = rhythm(cx) {
        share(ui, rest, &words);
    }
    if let Some(rect) = lifts {
        lift(ui, rect, cx);
    }
}

/// What is said while there is no statement.
fn nothing_yet(cx: &Cx) -> String {
    let (likes, dislikes) = (cx.shown.taste.likes, cx.shown.taste.dislikes);
    if likes + dislikes == 0 {
        "Rate a few loops: what those you like have in common appears here.".to_owned()
    } else if likes < text::LEAST_FOR_WORDS.0 || dislikes < text::LEAST_FOR_WORDS.1 {
        format!("So far {likes} liked and {dislikes} not: from four and two on it may tell what they share.")
    } else {
        "Nothing is sure enough to be said in words yet.".to_owned()
    }
}

fn statements(ui: &mut Ui, rect: Rect, cx: &mut Cx) -> Rect {
    let mut rest = rect;
    let view = cx.shown;
    if view.taste.statements.is_empty() {
        let words = nothing_yet(cx);
        let galley = paragraph(ui.painter(), &words, theme::SMALL, theme::DIM, rest.width());
        let size = galley.size().y;
        if size <= rest.height() {
            ui.painter().galley(rest.min, galley, theme::DIM);
            tell(ui, rest, &words);
            rest = cut_top(rest, size, 4.0).1;
        }
        return rest;
    }
    for (at, statement) in view.taste.statements.iter().enumerate() {
        let (row, after) = cut_top(rest, ROW.0, ROW.1);
        if row.height() < ROW.0 - 0.5 {
            break;
        }
        rest = after;
        one(ui, row, at, statement, cx);
    }
    rest
}

/// A statement, and how many loops of which it holds were liked.
fn one(ui: &mut Ui, row: Rect, at: usize, statement: &Statement, cx: &mut Cx) {
    let evidence = format!("{} of {}", statement.liked, statement.of);
    let name = format!("{}, {evidence} liked", statement.text);
    let chosen = cx.state.statement.as_ref() == Some(&statement.text);
    let response = ui.interact(row.expand2(vec2(4.0, 0.0)), id("statement", at), Sense::click());
    if response.hovered() || chosen {
        let ground = if chosen { theme::PRESSED } else { theme::RAISED };
        ui.painter().rect_filled(row.expand2(vec2(6.0, 0.0)), CornerRadius::same(4), ground);
    }
    let (count, words) = cut_right(row, 56.0, 6.0);
    let galley =
        line(ui.painter(), &statement.text, theme::SIZE, Weight::Regular, theme::TEXT, words.width());
    place(ui.painter(), words, Align2::LEFT_CENTER, galley);
    let galley = line(ui.painter(), &evidence, theme::SMALL, Weight::Regular, theme::DIM, count.width());
    place(ui.painter(), count, Align2::RIGHT_CENTER, galley);
    let help = format!(
        "{}. You liked {} of the {} rated loops of which this holds. It changes the chance that you like a \
         loop by about {} points. Click to see those loops.",
        statement.text,
        statement.liked,
        statement.of,
        text::points(statement.points)
    );
    let clicked = response.clicked();
    named(ui, response, || WidgetInfo::selected(Role::Button, true, chosen, &name), &help);
    if clicked {
        cx.state.statement = (!chosen).then(|| statement.text.clone());
        cx.state.history_back = 0;
    }
}

fn share(ui: &mut Ui, rest: Rect, words: &str) {
    let (row, _) = cut_top(rest, ROW.0, ROW.1);
    if row.height() < ROW.0 - 0.5 {
        return;
    }
    label(ui, row, Align2::LEFT_CENTER, words, Style::SMALL);
    let response = ui.interact(row, id("rhythm share", 0), Sense::hover());
    let help = "How much of your verdicts the rhythm explains, and how much the sounds, as far as is known.";
    named(ui, response, || WidgetInfo::labeled(Role::Status, true, words), help);
}

/// The change that lifts the loop most: a click applies it.
fn lift(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let Some(lift) = &cx.shown.current.lift else { return };
    let words = format!("{}  {}", lift.text, text::points(lift.gain));
    let help = format!(
        "The one change that lifts this loop most: {}. It changes the chance that you like it by {} points. Undo takes \
         it back.",
        lift.text,
        text::points(lift.gain)
    );
    let name = format!("Lift this loop: {words}");
    let button = Button::new(Face::Text(&words), &name, &help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, rect, id("lift", 0)).clicked() {
        cx.send(Command::Lift(cx.shown.current.id));
    }
}
