//! Steering: what new loops keep to. All of it but a preset's styles is host parameters.

use crate::editor::actions::{Action, Cx, Dialog};
use crate::editor::handle::HostParam;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Slider, Style, cut_left, cut_right, cut_top, id, label, menu_heading, menu_item,
    middle,
};
use crate::params::choices::{Length, MeterChoice};
use crate::params::table::{Holds, Kind};
use crate::params::text::{SWING_AUTO, SWING_AUTO_BELOW, Text};
use deepdrummer_core::features::StyleSet;
use deepdrummer_core::pattern::{Grid, MAX_STEPS_PER_BAR, Meter};
use deepdrummer_core::propose::Steering;
use deepdrummer_core::session::command::Command;
use egui::{Align2, Popup, Rect, Ui};

/// The height of one slider: what was learned, above, needs the room.
const SLIDER: f32 = 15.0;
/// The room between sliders and what is chosen.
const GAP: f32 = 1.5;

/// The height that it needs.
#[must_use]
pub(super) fn height() -> f32 {
    18.0 + sliders().count() as f32 * SLIDER + GAP + 2.0 * 27.0
}

/// Every number that steers, in the order of the table of parameters, and how loops are played.
fn sliders() -> impl Iterator<Item = (HostParam, Text)> {
    let steering = HostParam::all().filter_map(|param| match (param.row().holds, param.row().kind) {
        (Holds::Session { .. }, Kind::Number { text, .. }) => Some((param, text)),
        _ => None,
    });
    steering.chain([(HostParam::Human, HostParam::Human.row().text())])
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, mut rest) = cut_top(rect, 18.0, 0.0);
    label(ui, heading, Align2::LEFT_CENTER, "STEER", Style::HEADING);
    // Beside the heading: nothing below it moves when the style is freed, and the least window has no room
    // for another row.
    style(ui, cut_left(heading, 48.0, 0.0).1, cx);
    for (at, (param, text)) in sliders().enumerate() {
        let (row, after) = cut_top(rest, SLIDER, 0.0);
        rest = after;
        let value = (cx.param)(param);
        let shown = match param {
            HostParam::Swing if value < SWING_AUTO_BELOW => "free".to_owned(),
            HostParam::Swing => format!("{value:.0}%"),
            HostParam::Follow if value == 0.0 => "off".to_owned(),
            _ => format!("{}{}", (text.write)(value), text.unit.trim()),
        };
        let row = if param == HostParam::Human { whose_feel(ui, row, cx) } else { row };
        let centred = param == HostParam::Follow;
        let slider = Slider { centred, ..Slider::of(param, value, &shown) };
        let mut result = slider.show(ui, row, id("steer", at));
        if param == HostParam::Follow {
            // Off is a place one finds by hand.
            result.value = result.value.map(|amount| if amount.abs() < 0.04 { 0.0 } else { amount });
        }
        if param == HostParam::Swing {
            result.value = result
                .value
                .map(|percent| if percent < 50.0 { SWING_AUTO } else { (percent * 2.0).round() / 2.0 });
        }
        result.set(param, cx);
    }
    let (_, rest) = cut_top(rest, GAP, 0.0);
    let (row, rest) = cut_top(rest, 25.0, 2.0);
    length(ui, row, cx);
    let (row, _) = cut_top(rest, 25.0, 0.0);
    division(ui, row, cx);
}

/// Whose feel it is: a clip's, or a drummer's with a die that gives the loop another one. Returns what is left of
/// the row, which is where a clip is dropped, too.
fn whose_feel(ui: &mut Ui, row: Rect, cx: &mut Cx) -> Rect {
    cx.state.feel_rect = Some(row);
    let clip = cx.view.clip_feel.clone();
    let (sign, row) = cut_right(row, 19.0, 3.0);
    let help = match &clip {
        Some(name) => format!("Loops have the feel of “{name}”. Click: a drummer's again."),
        None => "Take the feel of a MIDI clip: its timing and velocities. Or drop the clip here.".to_owned(),
    };
    let name = if clip.is_some() { "A drummer's feel again" } else { "Take a clip's feel" };
    let button = Button::new(Face::Sign(Glyph::Wave), name, &help).text(theme::SIZE, Weight::Regular);
    if button.switch(clip.is_some()).show(ui, middle(sign, 18.0), id("clip", 0)).clicked() {
        if clip.is_some() {
            cx.send(Command::DropFeel);
        } else {
            cx.actions.push(Action::Open(Dialog::Feel));
        }
    }
    if clip.is_some() {
        return row;
    }
    let (die, row) = cut_right(row, 19.0, 4.0);
    let help = "This loop keeps one feel while the dial moves. The die gives it another one.";
    let button = Button::new(Face::Sign(Glyph::Die), "Another feel", help).text(theme::SIZE, Weight::Regular);
    let has_one = (cx.param)(HostParam::Human) > 0.0 && cx.view.current.number > 0;
    if button.enabled(has_one).show(ui, middle(die, 16.0), id("feel", 0)).clicked() {
        cx.send(Command::ThrowFeel);
    }
    row
}

/// The styles that a preset brought, and the way to be free of them. Nothing where loops keep to none.
fn style(ui: &mut Ui, row: Rect, cx: &mut Cx) {
    let styles = cx.view.steering.styles;
    if styles.is_open() {
        return;
    }
    let names = styles.names().join(", ");
    let (free, rest) = cut_right(row, 62.0, 6.0);
    let (word, rest) = cut_left(rest, 28.0, 5.0);
    label(ui, word, Align2::LEFT_CENTER, "Style", Style::SMALL);
    label(ui, rest, Align2::LEFT_CENTER, &names, Style { colour: theme::TEXT, ..Style::SMALL });
    let help = format!("Loops keep to the preset's style ({names}). Free: any style.");
    let button = Button::new(Face::Text("any style"), "Any style", &help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, middle(free, 20.0), id("any style", 0)).clicked() {
        // All else as the host's parameters have it now: the snapshot may be behind them.
        let steering = Steering { styles: StyleSet::OPEN, ..cx.controls().steering };
        cx.send(Command::Steer(steering));
    }
}

fn length(ui: &mut Ui, row: Rect, cx: &mut Cx) {
    let (name, mut rest) = cut_left(row, 56.0, 0.0);
    label(ui, name, Align2::LEFT_CENTER, "Length", Style::TEXT);
    let now = cx.controls().steering.grid.bars;
    let faces = [("1 bar", 46.0), ("2", 28.0), ("4", 28.0)];
    for ((at, length), (face, width)) in Length::ALL.into_iter().enumerate().zip(faces) {
        let choice = length.bars();
        let (cell, after) = cut_left(rest, width, 4.0);
        rest = after;
        let name = if choice == 1 { "Length 1 bar".to_owned() } else { format!("Length {choice} bars") };
        let button = Button::new(Face::Text(face), &name, HostParam::Length.row().help)
            .text(theme::SMALL, Weight::Regular);
        let button = button.choice(now == choice);
        if button.show(ui, middle(cell, 22.0), id("length", usize::from(choice))).clicked() {
            cx.set(HostParam::Length, at as f32);
        }
    }
    let on = (cx.param)(HostParam::FourOnTheFloor) > 0.5;
    let help = HostParam::FourOnTheFloor.row().help;
    let button =
        Button::new(Face::Text("4/floor"), "Four on the floor", help).text(theme::SMALL, Weight::Regular);
    if button.switch(on).show(ui, middle(rest, 22.0), id("floor", 0)).clicked() {
        cx.set(HostParam::FourOnTheFloor, f32::from(!on));
    }
}

/// The meters that the host's parameter knows, in a musician's order, and their places in its list.
fn meters_on_offer() -> Vec<(usize, Meter)> {
    let mut all: Vec<_> = MeterChoice::ALL.into_iter().map(MeterChoice::meter).enumerate().collect();
    all.sort_by_key(|(_, meter)| (meter.denominator, meter.numerator));
    all
}

fn division(ui: &mut Ui, row: Rect, cx: &mut Cx) {
    let (name, rest) = cut_left(row, 84.0, 0.0);
    label(ui, name, Align2::LEFT_CENTER, "Steps · meter", Style::TEXT);
    let (steps_rect, meter_rect) = cut_left(rest, (rest.width() - 4.0) * 0.5, 4.0);
    let steps = (cx.param)(HostParam::Steps).round() as u8;
    let shown = steps.to_string();
    let help = HostParam::Steps.row().help;
    let button = Button::new(Face::Menu(&shown), "Steps per bar", help).text(theme::SMALL, Weight::Regular);
    let response = button.show(ui, middle(steps_rect, 22.0), id("steps", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "STEPS A BAR");
        for (choice, words) in divisions(cx.controls().steering.grid.meter) {
            if menu_item(ui, steps == choice, &words) {
                cx.set(HostParam::Steps, f32::from(choice));
            }
        }
        ui.menu_button("Any number", |ui| {
            egui::ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
                for choice in 1..=MAX_STEPS_PER_BAR as u8 {
                    if menu_item(ui, steps == choice, &format!("{choice} steps")) {
                        cx.set(HostParam::Steps, f32::from(choice));
                    }
                }
            });
        });
    });
    let meter = cx.controls().steering.grid.meter;
    let shown = format!("{}/{}", meter.numerator, meter.denominator);
    let button = Button::new(Face::Menu(&shown), "Meter", HostParam::Meter.row().help);
    let button = button.text(theme::SMALL, Weight::Regular);
    let response = button.show(ui, middle(meter_rect, 22.0), id("meter", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "METER");
        let offer = meters_on_offer();
        for (at, choice) in &offer {
            if menu_item(ui, meter == *choice, &format!("{}/{}", choice.numerator, choice.denominator)) {
                set_meter((*at, *choice), cx);
            }
        }
        if let Some(hosts) = cx.meters.map(|meters| meters.meter).filter(|hosts| *hosts != meter)
            && let Some((at, _)) = offer.iter().find(|(_, choice)| *choice == hosts)
            && menu_item(ui, false, &format!("As the host: {}/{}", hosts.numerator, hosts.denominator))
        {
            set_meter((*at, hosts), cx);
        }
    });
}

/// Another meter, and the steps that fit it: those of the same length where a bar holds whole ones.
fn set_meter((at, meter): (usize, Meter), cx: &mut Cx) {
    let grid = cx.controls().steering.grid.in_meter(meter);
    // The meter first: the session then never has steps of one and beats of the other.
    cx.set(HostParam::Meter, at as f32);
    cx.set(HostParam::Steps, f32::from(grid.steps_per_bar));
}

/// The numbers of steps a bar that musicians have names for, in a meter.
fn divisions(meter: Meter) -> Vec<(u8, String)> {
    let names = [
        (1.0, "quarters"),
        (2.0, "eighths"),
        (3.0, "eighth triplets"),
        (4.0, "sixteenths"),
        (6.0, "sixteenth triplets"),
        (8.0, "thirty-seconds"),
    ];
    let of = |(per_quarter, name): (f64, &str)| {
        let steps = per_quarter * meter.bar_beats();
        let whole = steps.fract() == 0.0 && steps >= 1.0 && steps <= MAX_STEPS_PER_BAR as f64;
        let grid = Grid { bars: 1, steps_per_bar: steps as u8, meter };
        (whole && grid.fits()).then(|| (grid.steps_per_bar, format!("{} · {name}", grid.steps_per_bar)))
    };
    names.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_on_offer_fit_the_meter() {
        let of = |numerator, denominator| -> Vec<u8> {
            divisions(Meter { numerator, denominator }).into_iter().map(|(steps, _)| steps).collect()
        };
        assert_eq!(of(4, 4), [4, 8, 12, 16, 24]);
        assert_eq!(of(7, 8), [7, 14, 21]);
        assert_eq!(of(6, 8), [6, 12, 18, 24]);
        assert_eq!(of(12, 8), [12, 24]);
        for (_, meter) in meters_on_offer() {
            let offered = divisions(meter);
            let fitted = Grid::default().in_meter(meter).steps_per_bar;
            assert!(offered.iter().any(|(steps, _)| *steps == fitted), "{meter:?} {offered:?}");
        }
    }
}
