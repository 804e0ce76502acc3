//! The one seam between the editor and everything else.
//!
//! Editor thread. The editor reads a snapshot, meters and parameter values through a [`Handle`] and
//! sends commands through it; it owns no truth of its own. Tests and the preview use a fake.

use crate::app::{Audio, Device};
pub use crate::params::HostParam;
use deepdrummer_core::pattern::{MAX_LANES, Meter};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::View;
use deepdrummer_core::taste::LoopId;
use std::path::PathBuf;
use std::sync::Arc;

/// What changes while playing: the only part of the picture that moves by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meters {
    /// Whether the host processes; while it does not, nothing can be heard and the rest is of the past.
    pub runs: bool,
    /// Whether the loop sounds now (the host plays, or audition).
    pub playing: bool,
    /// Position within the loop in steps, 0 to its number of steps; meaningless unless `playing`.
    pub step: f32,
    /// Bars of the loop since it, or its section, began to run: lanes that run in a way of their own count from there.
    pub since: i64,
    /// The loop that plays now, where that is known.
    pub audible: Option<LoopId>,
    /// The section's loop that is heard where a song plays, else that loop. Ratings carry this one.
    pub heard: Option<LoopId>,
    /// The section that sounds, from 1; 0 for the loop itself.
    pub section: u8,
    /// Whole bars of that loop that were heard since it entered.
    pub bars_heard: u32,
    /// Peak of each lane since the last reading, linear, 0 to about 1.
    pub lane_peaks: [f32; MAX_LANES],
    /// Peak of the left and right output, linear.
    pub output_peaks: [f32; 2],
    /// Momentary loudness of the output, LUFS; −70 where there is none.
    pub lufs: f32,
    /// Highest true peak of the output in the last second and a half, linear.
    pub true_peak: f32,
    /// How far the bus's compressor holds the sum down, decibels.
    pub glue_db: f32,
    /// The gain of the bus's limiter, 1 where it does nothing.
    pub bus_limiter: f32,
    /// The host's tempo in quarter notes a minute.
    pub bpm: f64,
    /// The host's time signature.
    pub meter: Meter,
    /// The host's bar, counted from 1; `None` where the host does not say.
    pub bar: Option<i64>,
}

/// What the editor needs of the session, the engine and the host.
///
/// No method may block, but for [`Handle::prepare`]: the window's thread may be the host's.
pub trait Handle: Send {
    /// The newest snapshot.
    fn view(&self) -> Arc<View>;
    /// The newest meters; `None` before the first audio block.
    fn meters(&self) -> Option<Meters>;
    /// Sends a command to the worker. False when its queue is full: nothing was sent, the editor
    /// keeps the command, says so and tries again.
    fn send(&mut self, command: Command) -> bool;
    /// The plain value of a host parameter.
    fn param(&self, which: HostParam) -> f32;
    /// Tells the host that the person takes hold of a control, so that it records automation.
    fn begin_param(&mut self, which: HostParam);
    /// Sets a parameter between [`Handle::begin_param`] and [`Handle::end_param`].
    fn set_param(&mut self, which: HostParam, plain: f32);
    /// Tells the host that the control was let go.
    fn end_param(&mut self, which: HostParam);
    /// Plays a lane's sound once, whatever plays. False where no audio runs, and nothing is heard.
    fn hear(&mut self, lane: u8) -> bool {
        let _ = lane;
        false
    }
    /// The standalone app's audio; `None` in a plugin.
    fn audio(&self) -> Option<Arc<Audio>> {
        None
    }
    /// The app shall begin anew with this device; the window closes next.
    fn choose_audio(&mut self, device: Device) {
        let _ = device;
    }
    /// Where exports go when no folder was chosen; shown in the settings.
    fn default_export_folder(&self) -> PathBuf;
    /// The host's side of parameters, handed over whenever a window opens.
    fn connect(&mut self, context: nice_plug::context::gui::GuiContext) {
        let _ = context;
    }
    /// A window is about to open or its size is asked for: the snapshot should have the settings of this
    /// machine when this returns. The one method that may wait a moment; never called while a window is
    /// drawn.
    fn prepare(&mut self) {}
    /// The window opened (true) or closed (false); meters are needed only between these.
    fn window_open(&mut self, open: bool) {
        let _ = open;
    }
}
