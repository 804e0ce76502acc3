//! The editor: draws an immutable snapshot and returns commands.
//!
//! Editor thread (the host's, or on X11 a thread of the window). It holds no truth, never blocks, never
//! touches the critic. [`handle::Handle`] is its one seam; `docs/editor.md` explains the rest.

pub mod actions;
mod app;
mod dialogs;
pub mod drag;
mod exports;
pub mod handle;
pub mod keys;
mod portal;
pub mod screens;
mod sounding;
pub mod state;
pub mod text;
pub mod theme;
pub mod widgets;
mod window;

pub use app::{EditorApp, WindowRequests};
pub use dialogs::{Answer, Ask, SOUND_FILES};
pub use handle::{Handle, HostParam, Meters};
pub use window::{EditorWindow, EditorWindowHandle, create, run_standalone};

/// Whole notches that the wheel was turned in this frame, up positive; takes them from whatever else
/// would scroll.
fn wheel_notches(ui: &egui::Ui) -> f32 {
    ui.input(|input| {
        let turned = input.events.iter().map(|event| match event {
            egui::Event::MouseWheel { unit: egui::MouseWheelUnit::Line, delta, .. } => delta.y,
            egui::Event::MouseWheel { unit: egui::MouseWheelUnit::Point, delta, .. } => delta.y / 50.0,
            _ => 0.0,
        });
        turned.sum::<f32>()
    })
}
