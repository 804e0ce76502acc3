//! What knobs and sliders have in common: a value in a range that is turned by keys, wheel and double click, and
//! the gesture that a host records.

use egui::{EventFilter, Key, Response, Ui};
use std::ops::RangeInclusive;

/// A value that a person turns.
pub(super) struct Turn<'a> {
    /// The value as it is.
    pub(super) value: f32,
    /// Least and greatest value.
    pub(super) range: &'a RangeInclusive<f32>,
    /// The value that a double click sets.
    pub(super) default: f32,
    /// Arrows up and down turn it too.
    pub(super) vertical: bool,
}

/// What a person did to a control that is turned.
pub struct SliderResponse {
    /// The new value while it is being changed.
    pub value: Option<f32>,
    /// The person took hold of it.
    pub began: bool,
    /// The person let it go.
    pub ended: bool,
    /// The plain response.
    pub response: Response,
}

impl Turn<'_> {
    /// Takes in keys, wheel and double click beside the value that a drag has `dragged` to. `nudged` gives the
    /// value so many nudges on.
    pub(super) fn take(
        &self,
        ui: &mut Ui,
        response: Response,
        dragged: Option<f32>,
        nudged: impl Fn(f32) -> f32,
    ) -> SliderResponse {
        let (low, high) = (*self.range.start(), *self.range.end());
        let mut new = if response.double_clicked() { Some(self.default) } else { dragged };
        let mut nudges = 0.0;
        if response.has_focus() {
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: self.vertical,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            ui.input_mut(|input| {
                let fine = if input.modifiers.shift { 0.2 } else { 1.0 };
                let presses = |key| input.num_presses(key) as f32;
                nudges += fine * (presses(Key::ArrowRight) - presses(Key::ArrowLeft));
                if self.vertical {
                    nudges += fine * (presses(Key::ArrowUp) - presses(Key::ArrowDown));
                }
                if input.key_pressed(Key::Home) {
                    new = Some(low);
                }
                if input.key_pressed(Key::End) {
                    new = Some(high);
                }
            });
        }
        if response.hovered() {
            nudges += super::super::wheel_notches(ui);
        }
        if nudges != 0.0 {
            new = Some(nudged(nudges));
        }
        let value = new.map(|value| value.clamp(low, high)).filter(|value| *value != self.value);
        let (mut began, mut ended) = (response.drag_started(), response.drag_stopped());
        // A change that is not part of a drag is a whole gesture of its own.
        if value.is_some() && !response.dragged() && !began && !ended {
            (began, ended) = (true, true);
        }
        SliderResponse { value, began, ended, response }
    }
}
