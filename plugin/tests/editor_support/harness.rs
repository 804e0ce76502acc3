//! The editor under egui_kittest: found and used through its accessibility tree.

use super::{FOUR, Fake, session};
use deepdrummer_core::pattern::Grid;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use deepdrummer_plugin::editor::actions::Dialog;
use deepdrummer_plugin::editor::{Answer, Ask, EditorApp};
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

/// An editor, the session that it shows, and hands for both.
pub(crate) struct Editor {
    pub harness: Harness<'static, EditorApp>,
    pub fake: Fake,
}

pub(crate) fn nothing_chosen(_: &Dialog) -> Answer {
    Answer::Closed
}

impl Editor {
    pub(crate) fn of(view: View) -> Self {
        Self::with(view, (1080.0, 660.0), nothing_chosen)
    }

    pub(crate) fn new() -> Self {
        Self::of(session(&FOUR, Grid::default()))
    }

    pub(crate) fn with(view: View, size: (f32, f32), ask: Ask) -> Self {
        Self::over(Fake::new(view), size, ask)
    }

    pub(crate) fn over(fake: Fake, size: (f32, f32), ask: Ask) -> Self {
        let app = EditorApp::new(Box::new(fake.clone())).with_dialogs(ask);
        let mut opened = false;
        let mut harness =
            Harness::builder().with_size(vec2(size.0, size.1)).with_max_steps(40).build_ui_state(
                move |ui, app: &mut EditorApp| {
                    if !opened {
                        opened = true;
                        app.open(ui.ctx());
                        ui.ctx().request_repaint();
                        return;
                    }
                    app.ui(ui);
                },
                app,
            );
        harness.run();
        fake.sent();
        Self { harness, fake }
    }

    pub(crate) fn click(&mut self, label: &str) -> Vec<Command> {
        self.harness.get_by_label(label).click();
        self.harness.run();
        self.fake.sent()
    }

    pub(crate) fn key(&mut self, modifiers: Modifiers, key: Key) -> Vec<Command> {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
        self.fake.sent()
    }

    /// Types as a keyboard does: each letter is a key that is pressed, and then its text.
    pub(crate) fn type_in(&mut self, text: &str) -> Vec<Command> {
        for letter in text.chars() {
            let name = letter.to_ascii_uppercase().to_string();
            let key = if letter == ' ' { Some(Key::Space) } else { Key::from_name(&name) };
            let press = |key, pressed| egui::Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers: Modifiers::NONE,
            };
            key.into_iter().for_each(|key| self.harness.event(press(key, true)));
            self.harness.event(egui::Event::Text(letter.to_string()));
            key.into_iter().for_each(|key| self.harness.event(press(key, false)));
        }
        self.harness.run();
        self.fake.sent()
    }

    pub(crate) fn centre(&self, label: &str) -> Pos2 {
        self.harness.get_by_label(label).rect().center()
    }

    pub(crate) fn drag(&mut self, from: Pos2, to: Pos2, modifiers: Modifiers) -> Vec<Command> {
        let button = |pos, pressed| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers,
        };
        self.harness.event(egui::Event::ModifiersChanged(modifiers));
        self.harness.event(egui::Event::PointerMoved(from));
        self.harness.step();
        self.harness.event(button(from, true));
        self.harness.step();
        for step in 1..=8 {
            self.harness.event(egui::Event::PointerMoved(from + (to - from) * (step as f32 / 8.0)));
            self.harness.step();
        }
        self.harness.event(button(to, false));
        self.harness.step();
        self.harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
        self.harness.step();
        self.fake.sent()
    }

    pub(crate) fn exists(&self, label: &str) -> bool {
        self.harness.query_all_by_label(label).next().is_some()
    }

    /// Opens the menu of the secondary button.
    pub(crate) fn menu(&mut self, label: &str) {
        self.harness.get_by_label(label).click_secondary();
        self.harness.run();
    }

    /// Presses the primary button at a place and holds it, then moves by some pixels.
    pub(crate) fn take_hold(&mut self, from: Pos2, by: egui::Vec2) -> Vec<Command> {
        self.harness.event(egui::Event::PointerMoved(from));
        self.harness.step();
        self.harness.event(egui::Event::PointerButton {
            pos: from,
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::NONE,
        });
        self.harness.step();
        self.harness.event(egui::Event::PointerMoved(from + by));
        self.harness.step();
        self.fake.sent()
    }

    /// Turns the wheel over a control.
    pub(crate) fn wheel(&mut self, label: &str, notches: f32) -> Vec<Command> {
        let at = self.centre(label);
        self.harness.event(egui::Event::PointerMoved(at));
        self.harness.step();
        self.harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: vec2(0.0, notches),
            modifiers: Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        });
        self.harness.run();
        self.fake.sent()
    }

    /// What the editor sends once a dialog was answered, on the dialog's own thread.
    pub(crate) fn sent_after_the_dialog(&mut self) -> Vec<Command> {
        for _ in 0..100_000 {
            let sent = self.fake.sent();
            if !sent.is_empty() {
                return sent;
            }
            std::thread::yield_now();
            self.harness.step();
        }
        panic!("the dialog was not answered")
    }
}
