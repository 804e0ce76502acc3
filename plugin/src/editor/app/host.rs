//! The host's parameters follow where the session went ahead of them.
//!
//! Editor thread.

use super::EditorApp;
use crate::editor::handle::HostParam;
use deepdrummer_core::session::Controls;
use deepdrummer_core::session::view::View;

impl EditorApp {
    /// The session took on steering by itself, from a preset or by undo: the host's parameters follow, so
    /// that the host saves and records them.
    pub(super) fn steer_the_host(&mut self, view: &View) {
        let Some(ahead) = view.for_the_host else {
            self.steered = None;
            return;
        };
        if self.steered.replace(ahead.serial) == Some(ahead.serial) {
            return;
        }
        self.bring_the_host_to(Controls {
            steering: ahead.steering,
            ..HostParam::controls(|of| self.handle.param(of))
        });
    }

    /// The same of the sound.
    pub(super) fn sound_the_host(&mut self, view: &View) {
        let Some(ahead) = view.sound_for_the_host else {
            self.sounded = None;
            return;
        };
        if self.sounded.replace(ahead.serial) == Some(ahead.serial) {
            return;
        }
        let mut wanted = HostParam::controls(|of| self.handle.param(of));
        let lanes = view.lanes.len();
        (wanted.sound.bus, wanted.sound.levelled) = (ahead.sound.bus, ahead.sound.levelled);
        wanted.sound.human = ahead.sound.human;
        wanted.sound.shapes[..lanes].copy_from_slice(&ahead.sound.shapes[..lanes]);
        self.bring_the_host_to(wanted);
    }

    fn bring_the_host_to(&mut self, wanted: Controls) {
        let changes: Vec<_> = HostParam::to_hold(wanted, |of| self.handle.param(of)).collect();
        for (param, plain) in changes {
            self.handle.begin_param(param);
            self.handle.set_param(param, plain);
            self.handle.end_param(param);
        }
    }
}
