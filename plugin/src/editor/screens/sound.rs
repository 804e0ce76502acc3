//! The page Sound: how the chosen lane's sound is shaped, and the drum bus below it.

use super::bus;
use super::card::{card, short};
use crate::editor::actions::{Action, Cx};
use crate::editor::handle::HostParam;
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Knob, Look, Slider, SliderResponse, Style, cut_bottom, cut_left, cut_right, cut_top,
    focus_ring, id, label, middle, named, waveform,
};
use crate::params::LaneParam;
use deepdrummer_core::engine::{LaneMix, LaneShape};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::LaneView;
use deepdrummer_core::units::Decibels;
use egui::{
    Align2, CursorIcon, EventFilter, Key, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// The knobs of a lane; the tune, which the mixer has, comes before them.
const KNOBS: [LaneParam; 9] = [
    LaneParam::PitchEnv,
    LaneParam::PitchEnvTime,
    LaneParam::HighPass,
    LaneParam::LowPass,
    LaneParam::Resonance,
    LaneParam::Drive,
    LaneParam::Transient,
    LaneParam::Width,
    LaneParam::RoomSend,
];

/// Draws it in the place of the grid.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let Some(last) = cx.shown.lanes.len().checked_sub(1) else { return };
    let lane = cx.state.sound_lane.min(last);
    cx.state.sound_lane = lane;
    let (bus, rest) = cut_bottom(rect, bus::HEIGHT, 5.0);
    bus::show(ui, bus, cx);
    let (rows, rest) = cut_bottom(rest, 68.0, 5.0);
    let (knobs, wave) = cut_bottom(rest, 56.0, 4.0);
    envelope(ui, wave, lane, cx);
    lane_knobs(ui, knobs, lane, cx);
    let half = (rows.width() - 5.0) / 2.0;
    let (life, place) = cut_left(rows, half, 5.0);
    show_life(ui, life, lane, cx);
    show_place(ui, place, lane, cx);
}

fn param(of: LaneParam, lane: usize) -> HostParam {
    HostParam::Lane(of, lane as u8)
}

/// Waveform and envelope, with the lane's name and what can be done with its sound.
fn envelope(ui: &mut Ui, rect: Rect, lane: usize, cx: &mut Cx) {
    let inner = card(ui, rect);
    let (head, body) = cut_top(inner, 18.0, 2.0);
    let (foot, body) = cut_bottom(body, 14.0, 1.0);
    let view = &cx.shown.lanes[lane];
    header(ui, head, lane, view, cx);
    let colour = theme::mix(theme::PANEL, theme::role(view.role), 0.75);
    waveform(ui.painter(), body.shrink2(vec2(0.0, 2.0)), &view.peaks, colour);
    let value = |of| (cx.param)(param(of, lane));
    let [start, attack, hold, decay] =
        [LaneParam::Start, LaneParam::Attack, LaneParam::Hold, LaneParam::Decay].map(value);
    let span_ms = (view.seconds * 1e3).clamp(60.0, 4_000.0);
    let per_ms = body.width() / span_ms;
    let x = |ms: f32| (body.left() + ms * per_ms).min(body.right());
    let decays = decay < LaneShape::NO_DECAY_MS;
    let top = body.top() + 4.0;
    let points = [
        pos2(x(start), body.bottom() - 3.0),
        pos2(x(start + attack), top),
        pos2(x(start + attack + hold), top),
        if decays {
            pos2(x(start + attack + hold + decay), body.bottom() - 3.0)
        } else {
            pos2(body.right(), top)
        },
    ];
    ui.painter().add(Shape::line(points.to_vec(), Stroke::new(1.5, theme::TEXT)));
    let handles = [
        (LaneParam::Start, start, body.left()),
        (LaneParam::Attack, attack, x(start)),
        (LaneParam::Hold, hold, x(start + attack)),
        (LaneParam::Decay, decay, x(start + attack + hold)),
    ];
    let mut before = f32::NEG_INFINITY;
    for (at, (of, value, from)) in handles.into_iter().enumerate() {
        let mut point = points[at];
        if at == 2 {
            // Beside the one before it, where they meet.
            point.x = point.x.max(before + 15.0);
        }
        before = point.x;
        let handle = Handle { point, from, per_ms, value, end: body.right() };
        handle.show(ui, param(of, lane), lane, cx);
    }
    let words = |ms: f32| if ms < 10.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") };
    let decay = if decays { words(decay) } else { "as it is".to_owned() };
    let width = foot.width() / 4.0;
    for (at, text) in [
        format!("start {}", words(start)),
        format!("attack {}", words(attack)),
        format!("hold {}", words(hold)),
        format!("decay {decay}"),
    ]
    .iter()
    .enumerate()
    {
        let place = Rect::from_min_size(foot.min + vec2(at as f32 * width, 0.0), vec2(width, foot.height()));
        label(ui, place, Align2::LEFT_CENTER, text, Style { size: 10.0, ..Style::SMALL });
    }
}

fn header(ui: &mut Ui, rect: Rect, lane: usize, view: &LaneView, cx: &mut Cx) {
    let role = view.role.label();
    let (reset, rest) = cut_right(rect, 44.0, 4.0);
    let (next, rest) = cut_right(rest, 18.0, 1.0);
    let (previous, rest) = cut_right(rest, 18.0, 4.0);
    let (hear, rest) = cut_right(rest, 50.0, 6.0);
    let name = format!("Hear the sound of {role}");
    if bare(Face::Both(Glyph::Play, "hear"), &name).show(ui, hear, id("hear shape", 0)).clicked() {
        cx.actions.push(Action::Hear(lane as u8));
    }
    for (place, glyph, word, delta) in
        [(previous, Glyph::Left, "Previous", -1), (next, Glyph::Right, "Next", 1)]
    {
        let name = format!("{word} similar sound for {role}");
        let button = bare(Face::Sign(glyph), &name).enabled(!view.lock_sound);
        if button.show(ui, place, id(word, 100)).clicked() {
            cx.send(Command::StepSample { lane: lane as u8, delta });
        }
    }
    let name = format!("Reset the shape of {role}");
    let button = Button::new(Face::Text("reset"), &name, "The sound as it is. Undo brings the shape back.");
    if button.text(10.5, Weight::Regular).look(Look::Bare).show(ui, reset, id("reset shape", 0)).clicked() {
        cx.send(Command::SetShape { lane: lane as u8, shape: LaneShape::NEW });
    }
    let (head, rest) = cut_left(rest, 64.0, 4.0);
    label(ui, head, Align2::LEFT_CENTER, role, Style::NAME);
    label(ui, rest, Align2::LEFT_CENTER, &view.sample_name, Style::SMALL);
}

fn bare<'a>(face: Face<'a>, name: &'a str) -> Button<'a> {
    Button::new(face, name, "").text(10.5, Weight::Regular).look(Look::Bare)
}

/// A point of the envelope.
struct Handle {
    point: Pos2,
    /// Where its time begins.
    from: f32,
    per_ms: f32,
    value: f32,
    /// Where the picture ends.
    end: f32,
}

impl Handle {
    fn show(&self, ui: &Ui, of: HostParam, lane: usize, cx: &mut Cx) {
        let rect = Rect::from_center_size(self.point, vec2(14.0, 14.0));
        let control = id(of.row().id, lane);
        let response =
            ui.interact(rect, control, Sense::click_and_drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
        let [least, most] = of.range();
        let mut new = None;
        let moved = response.drag_delta().x;
        if response.dragged()
            && moved != 0.0
            && let Some(pointer) = response.interact_pointer_pos()
        {
            // From where it is seen: what lies beyond the picture's end is seen there.
            let seen = self.value.min((self.end - self.from) / self.per_ms);
            let ms = seen + moved / self.per_ms;
            let is_decay = matches!(of, HostParam::Lane(LaneParam::Decay, _));
            new = Some(if is_decay && pointer.x >= self.end - 2.0 { most } else { ms.clamp(least, most) });
        }
        if response.double_clicked() {
            new = Some(of.default());
        }
        if response.has_focus() {
            ui.memory_mut(|memory| {
                let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
                memory.set_focus_lock_filter(control, filter);
            });
            let by = ui.input(|input| {
                input.num_presses(Key::ArrowRight) as f32 - input.num_presses(Key::ArrowLeft) as f32
            });
            if by != 0.0 {
                new = Some((self.value + by).clamp(least, most));
            }
        }
        let new = new.filter(|value| *value != self.value);
        let (mut began, mut ended) = (response.drag_started(), response.drag_stopped());
        if new.is_some() && !response.dragged() && !began && !ended {
            (began, ended) = (true, true);
        }
        let lit = response.hovered() || response.dragged();
        let stroke = Stroke::new(2.0, if lit { theme::TEXT } else { theme::ACCENT });
        ui.painter().circle(self.point, 4.5, theme::PANEL, stroke);
        if response.has_focus() {
            focus_ring(ui.painter(), rect);
        }
        let (name, value) = (of.name(), f64::from(self.value));
        let help = format!("{} {}", of.row().name, of.row().help);
        let response = named(ui, response, || WidgetInfo::slider(ui.is_enabled(), value, &name), &help);
        SliderResponse { value: new, began, ended, response }.set(of, cx);
    }
}

fn lane_knobs(ui: &mut Ui, rect: Rect, lane: usize, cx: &mut Cx) {
    let width = (rect.width() / (KNOBS.len() + 1) as f32).min(64.0);
    let place =
        |at: usize| Rect::from_min_size(rect.min + vec2(at as f32 * width, 0.0), vec2(width, rect.height()));
    let mix = cx.shown.lanes[lane].mix;
    let shown = format!("{:+.1} st", mix.tune_semitones).replace('-', "−");
    let tune = Knob {
        name: "Tune",
        accessible: "Tune of the lane",
        help: "Higher or lower, by playing it faster or slower.",
        value: mix.tune_semitones,
        range: -24.0..=24.0,
        default: 0.0,
        step: 1.0,
        shown: &shown,
        by_ratio: false,
        centred: true,
    };
    let tuned = tune.show(ui, place(0), id("lane knob", 0));
    set_mix(&tuned, lane, |tune_semitones| LaneMix { tune_semitones, ..mix }, cx);
    for (at, of) in KNOBS.into_iter().enumerate() {
        let param = param(of, lane);
        let value = (cx.param)(param);
        let shown = short(param, value);
        let name = match of {
            LaneParam::PitchEnv => "Pitch",
            LaneParam::PitchEnvTime => "in time",
            LaneParam::HighPass => "Hi-pass",
            LaneParam::LowPass => "Lo-pass",
            LaneParam::Resonance => "Reso.",
            LaneParam::Transient => "Trans.",
            LaneParam::RoomSend => "Room",
            _ => param.row().name,
        };
        let by_ratio = matches!(of, LaneParam::HighPass | LaneParam::LowPass | LaneParam::PitchEnvTime);
        let accessible = param.name();
        let knob = Knob { name, by_ratio, ..Knob::of(param, &accessible, value, &shown) };
        knob.show(ui, place(at + 1), id("lane knob", at + 1)).set(param, cx);
    }
}

/// A setting of the mixer, which belongs to the project and not to the host.
fn set_mix(response: &SliderResponse, lane: usize, mix: impl Fn(f32) -> LaneMix, cx: &mut Cx) {
    if let Some(value) = response.value {
        cx.send(Command::SetMix { lane: lane as u8, mix: mix(value) });
    }
    if response.ended {
        cx.send(Command::EndGesture);
    }
}

/// What makes one hit differ from the next.
fn show_life(ui: &mut Ui, rect: Rect, lane: usize, cx: &mut Cx) {
    let inner = card(ui, rect);
    let rows = rows(inner);
    for (at, (of, name)) in [
        (LaneParam::VelocityTone, "Vel. → tone"),
        (LaneParam::Takes, "Takes"),
        (LaneParam::LaneSwing, "Swing"),
    ]
    .into_iter()
    .enumerate()
    {
        let param = param(of, lane);
        let value = (cx.param)(param);
        let shown = short(param, value);
        let slider = Slider { name, name_width: 74.0, value_width: 44.0, ..Slider::of(param, value, &shown) };
        slider.show(ui, rows[at], id("life", at)).set(param, cx);
    }
}

/// Where it sounds, and when.
fn show_place(ui: &mut Ui, rect: Rect, lane: usize, cx: &mut Cx) {
    let inner = card(ui, rect);
    let rows = rows(inner);
    let mix = cx.shown.lanes[lane].mix;
    let (level, pan) = (text::decibels(mix.level.0), text::pan(mix.pan));
    let plain = |name, help, value, range, step, shown, centred| Slider {
        name,
        help,
        value,
        range,
        default: 0.0,
        step,
        shown,
        name_width: 44.0,
        value_width: 52.0,
        centred,
    };
    let help = "The lane's level, on top of that of its role.";
    let slider = plain("Level", help, mix.level.0, -60.0..=12.0, 0.5, level.as_str(), false);
    let set = slider.show(ui, rows[0], id("place", 0));
    set_mix(&set, lane, |db| LaneMix { level: Decibels(db), ..mix }, cx);
    let help = "Left to right, on top of the place of the lane's role.";
    let slider = plain("Pan", help, mix.pan, -1.0..=1.0, 0.05, pan.as_str(), true);
    let set = slider.show(ui, rows[1], id("place", 1));
    set_mix(&set, lane, |pan| LaneMix { pan, ..mix }, cx);
    let param = param(LaneParam::Delay, lane);
    let value = (cx.param)(param);
    let shown = short(param, value);
    let slider = Slider { name_width: 44.0, value_width: 52.0, ..Slider::of(param, value, &shown) };
    slider.show(ui, rows[2], id("place", 2)).set(param, cx);
}

fn rows(rect: Rect) -> [Rect; 3] {
    let height = rect.height() / 3.0;
    std::array::from_fn(|at| {
        let top = rect.top() + at as f32 * height;
        middle(Rect::from_x_y_ranges(rect.x_range(), top..=top + height), height)
    })
}
