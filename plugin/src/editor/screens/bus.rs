//! The drum bus: what all lanes go through together, and how loud it is behind it.

use super::card::{card, heading, short};
use crate::editor::actions::Cx;
use crate::editor::handle::HostParam;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Knob, Style, cut_left, cut_right, cut_top, id, label, menu_heading, menu_item, middle,
};
use deepdrummer_core::engine::BusSettings;
use deepdrummer_core::session::command::Command;
use egui::{Align2, CornerRadius, Popup, Rect, Ui, pos2, vec2};

/// The knobs, the most used first: what finds no room is left out and stays with the host.
const KNOBS: [HostParam; 9] = [
    HostParam::BusGlue,
    HostParam::BusDrive,
    HostParam::BusTilt,
    HostParam::BusRoom,
    HostParam::BusDucking,
    HostParam::BusWidth,
    HostParam::BusTrim,
    HostParam::BusThreshold,
    HostParam::BusSideChain,
];
/// The least width of a knob.
const KNOB: f32 = 38.0;
/// The width of meter and figures.
const METER: f32 = 104.0;

/// The height that it needs.
pub(super) const HEIGHT: f32 = 84.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let inner = card(ui, rect);
    let (head, body) = cut_top(inner, 18.0, 2.0);
    let (words, switches) = cut_left(head, 70.0, 6.0);
    heading(ui, words, "DRUM BUS");
    let mut rest = switches;
    for (param, width) in [(HostParam::Bus, 40.0), (HostParam::BusLimiter, 56.0), (HostParam::Levelled, 82.0)]
    {
        let (place, after) = cut_left(rest, width, 5.0);
        rest = after;
        let on = (cx.param)(param) > 0.5;
        let face = match param {
            HostParam::Bus if on => "on",
            HostParam::Bus => "off",
            HostParam::BusLimiter => "limiter",
            _ => "level loops",
        };
        let button = Button::new(Face::Text(face), param.row().name, param.row().help);
        let button = button.text(10.5, Weight::Regular).switch(on);
        if button.show(ui, middle(place, 17.0), id(param.row().id, 0)).clicked() {
            cx.set(param, f32::from(!on));
        }
    }
    presets(ui, cut_right(rest, 84.0, 0.0).0, cx);
    let (meter, knobs) = cut_right(body, METER, 6.0);
    let fits = ((knobs.width() / KNOB) as usize).clamp(1, KNOBS.len());
    let width = (knobs.width() / fits as f32).min(64.0);
    for (at, param) in KNOBS.into_iter().take(fits).enumerate() {
        let place = Rect::from_min_size(
            pos2(knobs.left() + at as f32 * width, knobs.top()),
            vec2(width, knobs.height()),
        );
        let value = (cx.param)(param);
        let shown = short(param, value);
        let by_ratio = param == HostParam::BusSideChain;
        let name = match param {
            HostParam::BusDrive => "Satur.",
            HostParam::BusDucking => "Duck",
            HostParam::BusThreshold => "Thresh.",
            HostParam::BusSideChain => "Side ch.",
            HostParam::BusTrim => "Trim",
            _ => param.row().name,
        };
        let accessible = format!("Bus {name}");
        let centred = matches!(param, HostParam::BusTilt | HostParam::BusWidth | HostParam::BusTrim);
        let knob = Knob { name, by_ratio, centred, ..Knob::of(param, &accessible, value, &shown) };
        knob.show(ui, place, id("bus knob", at)).set(param, cx);
    }
    levels(ui, meter, cx);
}

/// Settings to start from.
fn presets(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let now = cx.controls().sound.bus;
    let name =
        BusSettings::PRESETS.iter().find(|(_, settings)| *settings == now).map_or("own", |(name, _)| name);
    let button = Button::new(Face::Menu(name), "Settings of the drum bus", "Settings to start from.");
    let response = button.text(10.5, Weight::Regular).show(ui, middle(rect, 17.0), id("bus presets", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "DRUM BUS");
        for (name, settings) in BusSettings::PRESETS {
            if menu_item(ui, *settings == now, name) {
                cx.send(Command::SetBus(*settings));
            }
        }
    });
}

/// Loudness and true peak as bars and as figures, and what holds them down.
fn levels(ui: &Ui, rect: Rect, cx: &Cx) {
    let meters = cx.meters.filter(|meters| meters.runs);
    let lufs = meters.map_or(-70.0, |meters| meters.lufs);
    let peak = meters.map_or(-70.0, |meters| 20.0 * meters.true_peak.max(1e-6).log10());
    let (bars, figures) = cut_left(rect, 20.0, 6.0);
    let bar = |at: f32, share: f32, colour| {
        let rail =
            Rect::from_min_size(pos2(bars.left() + at, bars.top() + 2.0), vec2(8.0, bars.height() - 4.0));
        ui.painter().rect_filled(rail, CornerRadius::same(2), theme::GROUND);
        let top = rail.bottom() - rail.height() * share.clamp(0.0, 1.0);
        ui.painter().rect_filled(
            Rect::from_min_max(pos2(rail.left(), top), rail.max),
            CornerRadius::same(2),
            colour,
        );
    };
    bar(0.0, (lufs + 48.0) / 48.0, theme::LIKE);
    bar(11.0, (peak + 48.0) / 48.0, if peak > -0.1 { theme::DISLIKE } else { theme::LIKE });
    let figure = |value: f32, unit: &str| {
        if value <= -60.0 { format!("– {unit}") } else { format!("{value:.1} {unit}").replace('-', "−") }
    };
    let (first, rest) = cut_top(figures, 16.0, 0.0);
    let (second, rest) = cut_top(rest, 16.0, 0.0);
    let (third, _) = cut_top(rest, 16.0, 0.0);
    label(ui, first, Align2::LEFT_CENTER, &figure(lufs, "LUFS"), Style { size: theme::SMALL, ..Style::TEXT });
    label(ui, second, Align2::LEFT_CENTER, &figure(peak, "dBTP"), Style::SMALL);
    let held =
        meters.map_or(0.0, |meters| meters.glue_db - 20.0 * meters.bus_limiter.clamp(1e-3, 1.0).log10());
    let held = format!("held {:.1} dB", held.max(0.0));
    label(ui, third, Align2::LEFT_CENTER, &held, Style::SMALL);
}
