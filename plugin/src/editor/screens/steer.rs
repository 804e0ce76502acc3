//! Steering: what new loops keep to. All of it is host parameters, but for the meter.

use crate::editor::actions::{Action, Cx};
use crate::editor::handle::HostParam;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Slider, Style, cut_left, cut_top, id, label, menu_heading, menu_item, middle,
};
use crate::params::MeterChoice;
use deepdrummer_core::pattern::{MAX_STEPS_PER_BAR, Meter};
use deepdrummer_core::session::command::Command;
use egui::{Align2, Popup, Rect, Ui};

/// The height that it needs.
pub const HEIGHT: f32 = 18.0 + 3.0 * 22.0 + 4.0 + 2.0 * 27.0;

/// Swing below this means that the learner chooses.
const SWING_FREE: f32 = 49.0;

/// Draws it.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, mut rest) = cut_top(rect, 18.0, 0.0);
    label(ui, heading, Align2::LEFT_CENTER, "STEER", Style::HEADING);
    let adventure = (cx.param)(HostParam::Adventure);
    let density = (cx.param)(HostParam::Density);
    let swing = (cx.param)(HostParam::Swing);
    let percent = |value: f32| format!("{:.0}%", value * 100.0);
    let swing_shown = if swing < 50.0 { "free".to_owned() } else { format!("{swing:.0}%") };
    let (adventure_shown, density_shown) = (percent(adventure), percent(density));
    let rows = [
        (
            HostParam::Adventure,
            "Adventure",
            "Sure to surprising: how far new loops leave what is known to please you.",
            adventure,
            0.0..=1.0,
            0.35,
            0.05,
            adventure_shown.as_str(),
        ),
        (
            HostParam::Density,
            "Density",
            "Sparse to dense; the middle leaves it to what was learned.",
            density,
            0.0..=1.0,
            0.5,
            0.05,
            density_shown.as_str(),
        ),
        (
            HostParam::Swing,
            "Swing",
            "50 % is straight, 66 % a triplet shuffle; all the way left leaves it to what was learned.",
            swing.max(SWING_FREE),
            SWING_FREE..=75.0,
            SWING_FREE,
            1.0,
            swing_shown.as_str(),
        ),
    ];
    for (at, (param, name, help, value, range, default, step, shown)) in rows.into_iter().enumerate() {
        let (row, after) = cut_top(rest, 22.0, 0.0);
        rest = after;
        let slider = Slider {
            name,
            help,
            value,
            range,
            default,
            step,
            shown,
            name_width: 80.0,
            value_width: 36.0,
            centred: false,
        };
        let result = slider.show(ui, row, id("steer", at));
        if result.began {
            cx.actions.push(Action::Begin(param));
        }
        if let Some(value) = result.value {
            let value = match param {
                HostParam::Swing if value < 50.0 => 0.0,
                HostParam::Swing => (value * 2.0).round() / 2.0,
                _ => value,
            };
            cx.actions.push(Action::Set(param, value));
        }
        if result.ended {
            cx.actions.push(Action::End(param));
        }
    }
    let (_, rest) = cut_top(rest, 4.0, 0.0);
    let (row, rest) = cut_top(rest, 25.0, 2.0);
    length(ui, row, cx);
    let (row, _) = cut_top(rest, 25.0, 0.0);
    division(ui, row, cx);
}

fn length(ui: &mut Ui, row: Rect, cx: &mut Cx) {
    let (name, mut rest) = cut_left(row, 56.0, 0.0);
    label(ui, name, Align2::LEFT_CENTER, "Length", Style::TEXT);
    let bars = (cx.param)(HostParam::Bars).round() as u8;
    for (choice, face, width) in [(1u8, "1 bar", 46.0), (2, "2", 28.0), (4, "4", 28.0)] {
        let (cell, after) = cut_left(rest, width, 4.0);
        rest = after;
        let name = if choice == 1 { "Length 1 bar".to_owned() } else { format!("Length {choice} bars") };
        let button =
            Button::new(Face::Text(face), &name, "Bars in a loop.").text(theme::SMALL, Weight::Regular);
        let button = button.choice(bars == choice);
        if button.show(ui, middle(cell, 22.0), id("length", usize::from(choice))).clicked() {
            cx.set(HostParam::Bars, f32::from(choice));
        }
    }
    let on = (cx.param)(HostParam::FourOnTheFloor) > 0.5;
    let help = "Four on the floor: a kick on every beat and on nothing else.";
    let button =
        Button::new(Face::Text("4/floor"), "Four on the floor", help).text(theme::SMALL, Weight::Regular);
    if button.switch(on).show(ui, middle(rest, 22.0), id("floor", 0)).clicked() {
        cx.set(HostParam::FourOnTheFloor, f32::from(!on));
    }
}

/// The meters that the host's parameter knows, in a musician's order.
fn meters_on_offer() -> Vec<Meter> {
    let mut all: Vec<Meter> = MeterChoice::ALL.into_iter().map(MeterChoice::meter).collect();
    all.sort_by_key(|meter| (meter.denominator, meter.numerator));
    all
}

fn division(ui: &mut Ui, row: Rect, cx: &mut Cx) {
    let (name, rest) = cut_left(row, 84.0, 0.0);
    label(ui, name, Align2::LEFT_CENTER, "Steps · meter", Style::TEXT);
    let (steps_rect, meter_rect) = cut_left(rest, (rest.width() - 4.0) * 0.5, 4.0);
    let steps = (cx.param)(HostParam::StepsPerBar).round() as u8;
    let shown = steps.to_string();
    let help = "Steps a bar: 16 are sixteenths, 12 and 24 triplets.";
    let button = Button::new(Face::Menu(&shown), "Steps per bar", help).text(theme::SMALL, Weight::Regular);
    let response = button.show(ui, middle(steps_rect, 22.0), id("steps", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "STEPS A BAR");
        for (choice, words) in [
            (8, "8 · eighths"),
            (12, "12 · eighth triplets"),
            (16, "16 · sixteenths"),
            (24, "24 · sixteenth triplets"),
        ] {
            if menu_item(ui, steps == choice, words) {
                cx.set(HostParam::StepsPerBar, f32::from(choice));
            }
        }
        ui.menu_button("Any number", |ui| {
            egui::ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
                for choice in 1..=MAX_STEPS_PER_BAR as u8 {
                    if menu_item(ui, steps == choice, &format!("{choice} steps")) {
                        cx.set(HostParam::StepsPerBar, f32::from(choice));
                    }
                }
            });
        });
    });
    let steering = cx.view.steering;
    let meter = steering.grid.meter;
    let shown = format!("{}/{}", meter.numerator, meter.denominator);
    let button = Button::new(Face::Menu(&shown), "Meter", "The time signature of new loops.");
    let button = button.text(theme::SMALL, Weight::Regular);
    let response = button.show(ui, middle(meter_rect, 22.0), id("meter", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "METER");
        for choice in meters_on_offer() {
            if menu_item(ui, meter == choice, &format!("{}/{}", choice.numerator, choice.denominator)) {
                let mut steering = steering;
                steering.grid.meter = choice;
                cx.send(Command::Steer(steering));
            }
        }
        if let Some(meters) = cx.meters
            && meters.meter != meter
            && MeterChoice::of(meters.meter).is_some()
            && menu_item(
                ui,
                false,
                &format!("As the host: {}/{}", meters.meter.numerator, meters.meter.denominator),
            )
        {
            let mut steering = steering;
            steering.grid.meter = meters.meter;
            cx.send(Command::Steer(steering));
        }
    });
}
