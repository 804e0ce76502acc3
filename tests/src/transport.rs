//! What a host says about the song's position.

use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader};
use clack_host::utils::{BeatTime, SecondsTime};

/// A host's transport at the start of a block. `None` fields are not told to the plugin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transport {
    /// Whether the song runs.
    pub playing: bool,
    /// Song position in quarter notes.
    pub beats: Option<f64>,
    /// Song position in seconds.
    pub seconds: Option<f64>,
    /// Quarter notes a minute.
    pub bpm: Option<f64>,
    /// Change of the tempo at every frame, in beats a minute.
    pub bpm_per_frame: f64,
    /// Beats a bar and the note value of a beat.
    pub meter: Option<(u16, u16)>,
    /// The host's cycle region in quarter notes.
    pub cycle_beats: Option<(f64, f64)>,
}

impl Transport {
    /// Playing from a position at a steady tempo in 4/4.
    #[must_use]
    pub fn playing(beats: f64, bpm: f64) -> Self {
        Self {
            playing: true,
            beats: Some(beats),
            seconds: Some(beats * 60.0 / bpm),
            bpm: Some(bpm),
            bpm_per_frame: 0.0,
            meter: Some((4, 4)),
            cycle_beats: None,
        }
    }

    /// The same with its position brought to a raster of so many ticks a quarter note.
    #[must_use]
    pub fn in_ticks(self, ticks: f64, round: impl Fn(f64) -> f64) -> Self {
        Self { beats: self.beats.map(|beats| round(beats * ticks) / ticks), ..self }
    }

    /// Standing at a position.
    #[must_use]
    pub fn stopped(beats: f64, bpm: f64) -> Self {
        Self { playing: false, ..Self::playing(beats, bpm) }
    }

    /// The position after `frames`, without regard to the cycle region.
    #[must_use]
    pub fn after(self, frames: usize, sample_rate: f64) -> Self {
        if !self.playing {
            return self;
        }
        let frames = frames as f64;
        let bpm = self.bpm.unwrap_or(120.0);
        // The tempo's mean over the block moves the position; the tempo's end is the next start.
        let beats = frames / sample_rate * (bpm + self.bpm_per_frame * frames / 2.0) / 60.0;
        Self {
            beats: self.beats.map(|at| at + beats),
            seconds: self.seconds.map(|at| at + frames / sample_rate),
            bpm: self.bpm.map(|bpm| bpm + self.bpm_per_frame * frames),
            ..self
        }
    }

    /// As CLAP's event, at a frame of the block.
    #[must_use]
    pub fn event(&self, frame: u32) -> TransportEvent {
        let mut flags = TransportFlags::empty();
        flags.set(TransportFlags::IS_PLAYING, self.playing);
        flags.set(TransportFlags::HAS_BEATS_TIMELINE, self.beats.is_some());
        flags.set(TransportFlags::HAS_SECONDS_TIMELINE, self.seconds.is_some());
        flags.set(TransportFlags::HAS_TEMPO, self.bpm.is_some());
        flags.set(TransportFlags::HAS_TIME_SIGNATURE, self.meter.is_some());
        flags.set(TransportFlags::IS_LOOP_ACTIVE, self.cycle_beats.is_some());
        let beats = self.beats.unwrap_or(0.0);
        let (numerator, denominator) = self.meter.unwrap_or((4, 4));
        let bar_beats = 4.0 * f64::from(numerator) / f64::from(denominator);
        let bar = (beats / bar_beats).floor();
        let (cycle_start, cycle_end) = self.cycle_beats.unwrap_or((0.0, 0.0));
        let seconds_a_beat = 60.0 / self.bpm.unwrap_or(120.0);
        TransportEvent {
            header: EventHeader::new_core(frame, EventFlags::empty()),
            flags,
            song_pos_beats: BeatTime::from_float(beats),
            song_pos_seconds: SecondsTime::from_float(self.seconds.unwrap_or(0.0)),
            tempo: self.bpm.unwrap_or(0.0),
            tempo_inc: self.bpm_per_frame,
            loop_start_beats: BeatTime::from_float(cycle_start),
            loop_end_beats: BeatTime::from_float(cycle_end),
            loop_start_seconds: SecondsTime::from_float(cycle_start * seconds_a_beat),
            loop_end_seconds: SecondsTime::from_float(cycle_end * seconds_a_beat),
            bar_start: BeatTime::from_float(bar * bar_beats),
            bar_number: bar as i32,
            time_signature_numerator: numerator,
            time_signature_denominator: denominator,
        }
    }
}
