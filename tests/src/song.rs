//! An instance whose song plays on while a test waits.

use crate::clap_host::{Input, Library, Plugin, Session, until};
use crate::state;
use crate::transport::Transport;
use deepdrummer_core::session::doc::Document;

/// The rate, in hertz.
pub const RATE: f64 = 48_000.0;
/// Frames of a block.
pub const BLOCK: usize = 512;
/// The tempo.
pub const BPM: f64 = 120.0;
/// Frames of a bar of 4/4.
pub const BAR: f64 = 4.0 * 60.0 / BPM * RATE;

/// The instance and the host's song.
pub struct Song {
    /// The instance.
    pub plugin: Plugin,
    /// Its audio side.
    pub session: Session,
    /// Where the song is.
    pub transport: Transport,
}

impl Song {
    /// A song that plays from its start, with its first loop in the project.
    #[must_use]
    pub fn start() -> Self {
        let library = Library::bundled();
        // What sounds is compared with what is written.
        let state = state::with_first_loop(&library);
        let mut plugin = library.open();
        assert!(plugin.load(&state), "a state of this very release");
        let session = plugin.activate(RATE, BLOCK);
        let mut song = Self { plugin, session, transport: Transport::playing(0.0, BPM) };
        song.step(&[]);
        until("the first loop in the state", || song.document().history.current().map(|_| ()));
        song
    }

    /// Plays a block.
    pub fn step(&mut self, inputs: &[(usize, Input)]) {
        self.session.process(BLOCK, Some(&self.transport), inputs);
        self.transport = self.transport.after(BLOCK, RATE);
        self.plugin.idle();
    }

    /// The project as a host would save it.
    pub fn document(&mut self) -> Document {
        state::document(&self.plugin.save())
    }

    /// Plays on until the project fulfils a condition.
    pub fn play_until(&mut self, what: &str, condition: impl Fn(&Document) -> bool) -> Document {
        until(what, || {
            self.step(&[]);
            let document = self.document();
            condition(&document).then_some(document)
        })
    }

    /// Plays on for as many bars as given. After two, whatever was to enter has entered.
    pub fn play_bars(&mut self, bars: usize) {
        for _ in 0..BAR as usize * bars / BLOCK + 1 {
            self.step(&[]);
        }
    }

    /// Sets a momentary parameter for one block.
    pub fn press(&mut self, id: &'static str) {
        self.step(&[(100, Input::Parameter { id, value: 1.0 })]);
        self.step(&[(100, Input::Parameter { id, value: 0.0 })]);
    }

    /// Ends the instance.
    pub fn end(mut self) {
        self.plugin.deactivate(self.session);
    }
}
