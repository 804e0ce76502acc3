//! Life in the step: how it is drawn in the grid, said in words, and set for selected steps and for lanes.
//!
//! A hit that is left to chance is filled as high as its chance is and outlined beyond; dots are its repeats; a corner
//! says that it has a condition. A lane with a length of its own ends with a line, and what is behind it is dim.

use super::cells::{Geometry, hit};
use super::selection;
use crate::editor::actions::Cx;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Slider, Style, cut_left, id, label, menu_heading, menu_item,
};
use deepdrummer_core::pattern::{
    Condition, Course, Curve, Direction, Hit, Life, MAX_STEPS, MOST_EVERY, REPEATS,
};
use deepdrummer_core::session::command::Command;
use egui::{Align2, Color32, CornerRadius, Painter, Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

/// The width of its panels.
const WIDTH: f32 = 250.0;

/// A hit's bar.
pub(super) fn bar(painter: &Painter, bar: Rect, radius: CornerRadius, colour: Color32, life: Life) {
    if life.chance() == 100 {
        painter.rect_filled(bar, radius, colour);
        return;
    }
    let top = bar.bottom() - bar.height() * f32::from(life.chance()) / 100.0;
    painter.rect_filled(bar, radius, colour.gamma_multiply(0.2));
    painter.rect_filled(Rect::from_min_max(pos2(bar.left(), top), bar.max), radius, colour);
    painter.rect_stroke(bar, radius, Stroke::new(1.0, colour), StrokeKind::Inside);
}

/// The signs of a hit's repeats and of its condition. `filled` is the top of what is filled of its bar.
pub(super) fn signs(painter: &Painter, cell: Rect, life: Life, filled: f32, raised: bool) {
    if life.repeats() > 1 && cell.width() >= 5.0 {
        let y = cell.bottom() - if raised { 14.0 } else { 4.5 };
        let count = f32::from(life.repeats());
        let apart = ((cell.width() - 3.0) / count).min(4.0);
        let colour = if filled < y - 2.0 { theme::GROUND } else { theme::TEXT };
        for dot in 0..life.repeats() {
            let x = cell.center().x + (f32::from(dot) - 0.5 * (count - 1.0)) * apart;
            painter.circle_filled(pos2(x, y), (apart * 0.4).clamp(0.5, 1.3), colour);
        }
    }
    if life.condition() != Condition::Always {
        let size = (cell.width() * 0.4).clamp(3.0, 8.0);
        let corner = cell.right_top();
        let points = vec![corner, corner - vec2(size, 0.0), corner + vec2(0.0, size)];
        painter.add(Shape::convex_polygon(points, theme::TEXT, Stroke::NONE));
    }
}

/// Where a lane ends that runs otherwise than its loop, and in which direction it does.
pub(super) fn end_of_lane(ui: &Ui, geometry: &Geometry, lane: usize, colour: Color32, cx: &Cx) {
    let pattern = &cx.shown.current.pattern;
    let Some(course) = pattern.lanes().get(lane).map(|lane| lane.course).filter(|of| !of.is_plain()) else {
        return;
    };
    let painter = ui.painter();
    let steps = pattern.grid.steps();
    let end = course.steps(steps).min(steps);
    for step in geometry.steps.clone().filter(|step| *step >= end) {
        painter.rect_filled(
            geometry.cell(lane, step),
            CornerRadius::same(2),
            theme::GROUND.gamma_multiply(0.72),
        );
    }
    if !(geometry.steps.start..=geometry.steps.end).contains(&end) || end == 0 {
        return;
    }
    let last = geometry.cell(lane, (end - 1).max(geometry.steps.start));
    let x = if end == geometry.steps.start { last.left() - 1.0 } else { last.right() + 1.0 };
    painter.vline(x, last.y_range(), Stroke::new(2.0, colour));
    let sign =
        |glyph: Glyph, back: f32| glyph.paint(painter, pos2(x - back, last.top() + 7.0), 9.0, theme::TEXT);
    match course.direction {
        Direction::Forwards => {}
        Direction::Backwards => sign(Glyph::Left, 8.0),
        Direction::ToAndFro => {
            sign(Glyph::Right, 7.0);
            sign(Glyph::Left, 16.0);
        }
    }
}

/// Life in words, each after a comma; nothing where there is none.
#[must_use]
pub(super) fn words(life: Life) -> String {
    let mut words = String::new();
    if life.chance() < 100 {
        words += &format!(", chance {} %", life.chance());
    }
    if life.repeats() > 1 {
        words += &format!(", {} times", life.repeats());
        words += match life.curve() {
            Curve::Even => "",
            Curve::Rising => " rising",
            Curve::Falling => " falling",
        };
    }
    if life.condition() != Condition::Always {
        words += &format!(", {}", condition_words(life.condition()));
    }
    words
}

fn condition_words(condition: Condition) -> String {
    match condition {
        Condition::Always => "in every pass".to_owned(),
        Condition::First => "in the first pass".to_owned(),
        Condition::NotFirst => "not in the first pass".to_owned(),
        Condition::Fill => "in fills".to_owned(),
        Condition::NotFill => "not in fills".to_owned(),
        Condition::Every { passes, at } => format!("pass {} of every {passes}", at + 1),
    }
}

/// How a lane runs in words; `None` where it runs as its loop.
#[must_use]
pub(super) fn course_words(course: Course) -> Option<String> {
    let mut words = Vec::new();
    if course.length > 0 {
        words.push(format!("{} steps long", course.length));
    }
    match course.direction {
        Direction::Forwards => {}
        Direction::Backwards => words.push("backwards".to_owned()),
        Direction::ToAndFro => words.push("to and fro".to_owned()),
    }
    if course.rotation > 0 {
        words.push(format!("{} steps later", course.rotation));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// The hits that are meant: those that are selected, else that under the cursor of the keyboard.
fn meant(cx: &Cx) -> Vec<(usize, usize, Hit)> {
    let selected = selection::cells(cx);
    let cells = if selected.is_empty() { vec![cx.state.cursor] } else { selected };
    let hits = cells.into_iter().map(|(lane, step)| (lane, step, hit(cx, lane, step)));
    hits.filter(|(.., hit)| hit.is_on()).collect()
}

/// Gives the hits that are meant another life, as one undo step.
pub(super) fn change(cx: &mut Cx, to: impl Fn(Life) -> Life) {
    let all = meant(cx).into_iter().map(|(lane, step, hit)| (lane, step, Hit { life: to(hit.life), ..hit }));
    selection::write(cx, all.collect());
}

/// The conditions that a key steps through.
fn row_of_conditions() -> Vec<Condition> {
    let mut row = vec![Condition::Always];
    row.extend(
        [2, 4].into_iter().flat_map(|passes| (0..passes).map(move |at| Condition::Every { passes, at })),
    );
    row.extend([Condition::First, Condition::NotFirst, Condition::Fill, Condition::NotFill]);
    row
}

/// What a key does with the hits that are meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// More or less chance.
    Chance(i16),
    /// So many repeats; the next curve where they have so many.
    Repeats(u8),
    /// The next condition, or the one before.
    Condition {
        /// The one before.
        back: bool,
    },
}

/// Does it; all hits get what the first of them gets, chance apart.
pub(super) fn step(cx: &mut Cx, step: Step) {
    let Some((.., first)) = meant(cx).first().copied() else { return };
    let life = first.life;
    match step {
        Step::Chance(by) => {
            change(cx, |life| life.with_chance((i16::from(life.chance()) + by).clamp(1, 100) as u8));
        }
        Step::Repeats(repeats) => {
            let same = life.repeats() == repeats;
            let next =
                (Curve::ALL.iter().position(|of| *of == life.curve()).unwrap_or(0) + 1) % Curve::ALL.len();
            let curve = if same { Curve::ALL[next] } else { life.curve() };
            change(cx, |life| life.with_repeats(repeats, curve));
        }
        Step::Condition { back } => {
            let row = row_of_conditions();
            let now = row.iter().position(|of| *of == life.condition()).unwrap_or(0);
            let to = row[(now + if back { row.len() - 1 } else { 1 }) % row.len()];
            change(cx, |life| life.with_condition(to));
        }
    }
}

fn line(ui: &mut Ui, height: f32) -> Rect {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, height), Sense::empty());
    rect.shrink2(vec2(6.0, 1.0))
}

/// A row of choices. Gives what was clicked.
fn choices<T: Copy + PartialEq>(
    ui: &mut Ui,
    word: &str,
    now: T,
    of: &[(T, String, String)],
    help: &str,
) -> Option<T> {
    let (title, mut rest) = cut_left(line(ui, 24.0), 60.0, 0.0);
    label(ui, title, Align2::LEFT_CENTER, word, Style::TEXT);
    let width = (rest.width() - 3.0 * (of.len() as f32 - 1.0)) / of.len() as f32;
    let mut clicked = None;
    for (at, (value, face, name)) in of.iter().enumerate() {
        let (cell, after) = cut_left(rest, width, 3.0);
        rest = after;
        let button = Button::new(Face::Text(face), name, help).text(theme::SMALL, Weight::Regular);
        if button.choice(now == *value).show(ui, cell, id(word, at)).clicked() {
            clicked = Some(*value);
        }
    }
    clicked
}

/// The panel of the selected steps.
pub(super) fn panel(ui: &mut Ui, cx: &mut Cx) {
    ui.set_min_width(WIDTH);
    let hits = meant(cx);
    let Some((.., first)) = hits.first().copied() else {
        menu_heading(ui, "NO HIT IS SELECTED");
        return;
    };
    let life = first.life;
    let of = if hits.len() == 1 { "1 HIT".to_owned() } else { format!("{} HITS", hits.len()) };
    menu_heading(ui, &format!("LIFE OF {of}"));
    let shown = format!("{} %", life.chance());
    let slider = Slider {
        name: "Chance",
        help: "In how many of a hundred passes it sounds. The same passes wherever you play from. Alt-↑↓ in the grid.",
        value: life.chance().into(),
        range: 1.0..=100.0,
        default: 100.0,
        step: 5.0,
        shown: &shown,
        name_width: 60.0,
        value_width: 44.0,
        centred: false,
    };
    let rect = line(ui, 26.0);
    let chosen = slider.show(ui, rect, id("chance", 0));
    if let Some(chance) = chosen.value.map(|value| value.round().clamp(1.0, 100.0) as u8) {
        drag(cx, &hits, |life| life.with_chance(chance));
    }
    if chosen.ended {
        cx.send(Command::EndGesture);
    }
    let named = |face: String, name: &str| (face.clone(), format!("{name} {face}"));
    let repeats: Vec<(u8, String, String)> = REPEATS
        .into_iter()
        .map(|count| (count, named(count.to_string(), "Repeats")))
        .map(|(count, (face, name))| (count, face, name))
        .collect();
    let help = "How often it sounds within its step. 1 2 3 4 6 in the grid.";
    if let Some(count) = choices(ui, "Repeats", life.repeats(), &repeats, help) {
        change(cx, |life| life.with_repeats(count, life.curve()));
    }
    let curves = [(Curve::Even, "even"), (Curve::Rising, "rising"), (Curve::Falling, "falling")]
        .map(|(curve, word)| (curve, word.to_owned(), format!("Repeats {word}")));
    let help = "How loud the repeats are. The digit once more in the grid.";
    if let Some(curve) = choices(ui, "", life.curve(), &curves, help) {
        // A curve needs repeats.
        change(cx, |life| life.with_repeats(life.repeats().max(2), curve));
    }
    conditions(ui, life.condition(), cx);
    if cx.shown.current.pattern.has_chance() && menu_item(ui, false, "Draw other chances for the loop") {
        cx.send(Command::ThrowChances);
    }
}

fn conditions(ui: &mut Ui, now: Condition, cx: &mut Cx) {
    menu_heading(ui, "IT SOUNDS");
    let plain = |of: &[(Condition, &str)]| -> Vec<(Condition, String, String)> {
        of.iter()
            .map(|&(of, face)| (of, face.to_owned(), format!("Sounds {}", condition_words(of))))
            .collect()
    };
    let passes = "A pass is the loop once through, counted from where its section begins, or from the song's start. E in the grid.";
    let first =
        [(Condition::Always, "always"), (Condition::First, "first"), (Condition::NotFirst, "not first")];
    let fills = [(Condition::Fill, "in fills"), (Condition::NotFill, "not in fills")];
    let (round, place) = match now {
        Condition::Every { passes, at } => (passes, Some(at)),
        _ => (0, None),
    };
    let mut chosen = choices(ui, "Passes", now, &plain(&first), passes);
    let help = "Bars in which a fill comes: every so many as the song has it, and sections that are fills.";
    chosen = choices(ui, "Fills", now, &plain(&fills), help).or(chosen);
    let rounds: Vec<(u8, String, String)> =
        (2..=MOST_EVERY).map(|of| (of, of.to_string(), format!("One pass of every {of}"))).collect();
    if let Some(passes) = choices(ui, "Every", round, &rounds, passes) {
        let at = place.unwrap_or(0).min(passes - 1);
        chosen = Some(Condition::Every { passes, at });
    }
    if let Some(at) = place {
        let places: Vec<(u8, String, String)> =
            (0..round).map(|at| (at, (at + 1).to_string(), format!("Pass {} of them", at + 1))).collect();
        if let Some(at) = choices(ui, "the", at, &places, passes) {
            chosen = Some(Condition::Every { passes: round, at });
        }
    }
    if let Some(condition) = chosen {
        change(cx, |life| life.with_condition(condition));
    }
}

/// While a slider is dragged: hit by hit, so that all of it becomes one undo step.
fn drag(cx: &mut Cx, hits: &[(usize, usize, Hit)], to: impl Fn(Life) -> Life) {
    if cx.shows_another() {
        cx.look_ahead();
        return;
    }
    for &(lane, step, hit) in hits {
        let changed = Hit { life: to(hit.life), ..hit };
        if changed != hit {
            cx.state.echo.insert((lane, step), changed);
            cx.send(Command::EditHit { lane: lane as u8, step: step as u8, hit: changed });
        }
    }
}

/// The rows of a lane: its length, its direction, its rotation.
pub(super) fn course(ui: &mut Ui, index: usize, cx: &mut Cx) {
    let pattern = &cx.shown.current.pattern;
    let Some(course) = pattern.lanes().get(index).map(|lane| lane.course) else { return };
    let of_loop = pattern.grid.steps();
    let role = cx.shown.lanes[index].role.label();
    menu_heading(ui, "HOW IT RUNS");
    let own = |steps: u8| if steps == 0 { "the loop's".to_owned() } else { format!("{steps} steps") };
    let (length, rotation) = (own(course.length), format!("{} steps", course.rotation));
    let most = (course.steps(of_loop) - 1).max(usize::from(course.rotation)).min(MAX_STEPS - 1);
    let rows = [
        (
            "Length",
            format!("Length of {role} in steps"),
            "The lane comes round after so many steps, whatever the loop does. Left of 1 it is as long as the loop.",
            course.length,
            MAX_STEPS,
            &length,
        ),
        (
            "Rotation",
            format!("Rotation of {role} in steps"),
            "By so many steps all that the lane has sounds later, around its end.",
            course.rotation,
            most.max(1),
            &rotation,
        ),
    ];
    let mut to = course;
    let mut ended = false;
    for (at, (word, name, help, value, most, shown)) in rows.into_iter().enumerate() {
        let (title, rest) = cut_left(line(ui, 26.0), 60.0, 0.0);
        label(ui, title, Align2::LEFT_CENTER, word, Style::TEXT);
        let slider = Slider {
            name: &name,
            help,
            value: value.into(),
            range: 0.0..=most as f32,
            default: 0.0,
            step: 1.0,
            shown,
            name_width: 0.0,
            value_width: 62.0,
            centred: false,
        };
        let result = slider.show(ui, rest, id(word, index));
        if let Some(value) = result.value.map(|value| value.round().clamp(0.0, 96.0) as u8) {
            if at == 0 { to.length = value } else { to.rotation = value }
        }
        ended |= result.ended;
    }
    let directions = [
        (Direction::Forwards, "forwards", "forwards"),
        (Direction::Backwards, "back", "backwards"),
        (Direction::ToAndFro, "to & fro", "to and fro"),
    ]
    .map(|(of, face, word)| (of, face.to_owned(), format!("{role} runs {word}")));
    let help = "In which direction the lane runs through its steps.";
    if let Some(direction) = choices(ui, "Runs", course.direction, &directions, help) {
        (to.direction, ended) = (direction, true);
    }
    if to != course {
        cx.send(Command::SetCourse { lane: index as u8, course: to });
    }
    if ended {
        cx.send(Command::EndGesture);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_is_said_in_words() {
        assert_eq!(words(Life::NONE), "");
        let life = Life::new(50, (3, Curve::Rising), Condition::Every { passes: 4, at: 1 });
        assert_eq!(words(life), ", chance 50 %, 3 times rising, pass 2 of every 4");
        let course = Course { length: 12, direction: Direction::ToAndFro, rotation: 3 };
        assert_eq!(course_words(course).unwrap(), "12 steps long, to and fro, 3 steps later");
        assert_eq!(course_words(Course::PLAIN), None);
    }

    #[test]
    fn a_key_steps_through_each_condition_once() {
        let row = row_of_conditions();
        assert!(row.iter().all(|of| row.iter().filter(|other| *other == of).count() == 1));
        assert_eq!(row[0], Condition::Always);
    }
}
