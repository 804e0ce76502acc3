//! A runtime with a host's audio side, for tests that let things go wrong around it.
#![allow(dead_code, reason = "each test program uses its part")]

use deepdrummer_core::engine::{Engine, Outputs, Transport};
use deepdrummer_core::pattern::{LoopId, Meter, Role};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::{AudioPort, AudioToWorker, NoControls, Options, Runtime, RuntimeHandle};
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::units::{Bpm, SampleRate, Seed};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long something may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const RATE: SampleRate = SampleRate::STUDIO;
const FRAMES: usize = 256;

/// An instance, and the host that plays it.
pub(crate) struct Song {
    pub runtime: Runtime,
    engine: Engine,
    port: AudioPort,
    frame: u64,
    /// Blocks in which nothing at all was heard, in a row.
    silent: usize,
    most_silent: usize,
}

impl Song {
    /// A session with a seed and the sounds of a folder, whose home is given; it plays already.
    pub(crate) fn start(seed: u64, home: Option<&Path>, sounds: &Path) -> Self {
        let options = Options {
            critic: CriticKind::Random,
            learner,
            lanes: Role::default_lanes(6).to_vec(),
            seed: Seed(seed),
            home: home.map(Path::to_owned),
        };
        let runtime = Runtime::new(options, Arc::new(NoControls));
        let document = Document {
            kit: KitChoice::Folders(vec![sounds.to_owned()]),
            ..Document::new(Seed(seed), Role::default_lanes(6))
        };
        runtime.handle().load(document.write().unwrap());
        let port = runtime.handle().attach(RATE);
        assert!(runtime.handle().wait_for_plan(PATIENCE), "the first loop is there");
        let mut song = Self { runtime, engine: Engine::new(RATE), port, frame: 0, silent: 0, most_silent: 0 };
        song.block();
        song
    }

    pub(crate) fn handle(&self) -> &RuntimeHandle {
        self.runtime.handle()
    }

    pub(crate) fn block(&mut self) {
        let bpm = Bpm::DEFAULT;
        let transport = Transport::at(self.frame as f64 / bpm.frames_per_beat(RATE), bpm, Meter::FOUR_FOUR);
        let (mut left, mut right) = ([0.0; FRAMES], [0.0; FRAMES]);
        self.port.begin(&mut self.engine, false);
        self.engine.set_mix(self.port.mix());
        self.engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
        self.port.end(&mut self.engine, &transport);
        self.frame += FRAMES as u64;
        let heard = left.iter().chain(&right).any(|value| *value != 0.0);
        self.silent = if heard { 0 } else { self.silent + 1 };
        self.most_silent = self.most_silent.max(self.silent);
    }

    /// The loop that is heard.
    pub(crate) fn heard(&self) -> Option<LoopId> {
        self.engine.meters().heard
    }

    /// Plays until something holds.
    pub(crate) fn play_until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < until, "gave up waiting until {what}: {:?}", self.notices());
            self.block();
            std::thread::park_timeout(Duration::from_micros(50));
        }
    }

    /// Rates the loop that is heard.
    pub(crate) fn rate(&mut self, like: bool) -> LoopId {
        let id = self.heard().expect("a loop is heard");
        assert!(self.port.tell(AudioToWorker::Rate { id, like }), "there is room for a rating");
        id
    }

    /// Rates, and plays until another loop is heard.
    pub(crate) fn rate_and_move_on(&mut self, like: bool) {
        let id = self.rate(like);
        self.play_until("another loop is heard", |song| song.heard() != Some(id));
    }

    /// What a host would save.
    pub(crate) fn document(&self) -> Document {
        Document::read(&self.handle().text()).expect("the document can be read")
    }

    /// What the window shows.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.handle().view().notices.iter().map(|notice| notice.text.clone()).collect()
    }

    /// The longest silence so far, in seconds.
    pub(crate) fn longest_silence(&self) -> f64 {
        (self.most_silent * FRAMES) as f64 / RATE.hz()
    }
}

/// Writes a short one-shot of every kind that a loop needs.
pub(crate) fn write_sounds(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    for (number, name) in ["kick", "snare", "clap", "closed hat", "open hat", "percussion"].iter().enumerate()
    {
        for variant in 0..2_u32 {
            let path = folder.join(format!("{name} {variant}.wav"));
            let mut writer = hound::WavWriter::create(path, spec).unwrap();
            for frame in 0..6_000_u32 {
                let turn = f64::from(frame) * (0.01 + 0.02 * number as f64 + 0.003 * f64::from(variant));
                let value = turn.sin() * (-f64::from(frame) / 1_500.0).exp() * 20_000.0;
                writer.write_sample(value as i16).unwrap();
            }
            writer.finalize().unwrap();
        }
    }
}
