//! The headless tool: sessions for scripts, demonstrations, studies.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod demo;
mod explain;
mod grooves;
mod headless;
mod lab;
mod pretrain;
mod protocol;
mod score;
mod sounds;
mod study;
mod train_grooves;
mod transcribe;

use clap::{Args, Parser, Subcommand, ValueEnum};
use deepdrummer_core::pattern::{MAX_LANES, Role};
use deepdrummer_core::runtime::kits;
use deepdrummer_core::session::preset::Preset;
use deepdrummer_lab::baselines::Contender;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

/// Drum loops that learn one person's taste, without a window.
#[derive(Parser)]
#[command(name = "deepdrummer", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A whole session with a simulated listener; writes the loops that it liked as MIDI and WAV.
    Demo(demo::Options),
    /// One JSON object a line in, one a line out: propose, rate, sample, explain, export, presets, directions,
    /// references, follow, quit.
    Session(protocol::Options),
    /// Compares loops before any rating with published grooves.
    Grooves(grooves::Options),
    /// Writes the page of factory sounds, a table and a picture a role; or that of loops before any rating.
    Sounds(sounds::Options),
    /// Makes and measures all factory sounds and writes the table that ships with the program.
    Measure {
        /// Where to.
        #[arg(long, value_name = "FILE", default_value = "core/data/factory.bin")]
        out: PathBuf,
    },
    /// Trains the neural expert's trunk on invented tastes (some minutes) and writes its weights.
    Pretrain {
        /// Where to.
        #[arg(long, value_name = "FILE", default_value = "core/data/trunk.bin")]
        out: PathBuf,
        /// Root of all randomness.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// What the learner's explanations and networks are worth, each with a page of figures.
    Lab(lab::Options),
    /// Trains the groove nets (some minutes) and writes their weights and the curves of it.
    TrainGrooves(train_grooves::Options),
    /// Ranks a folder of one-shots, audio loops or MIDI files by a taste profile, as a table or CSV.
    Score(score::Options),
    /// The published protocol with simulated listeners: like rates, diversity, calibration, plots.
    Study(study::Options),
    /// Writes rendered loops down from their audio and says how much of them was found.
    Transcribe(transcribe::Options),
}

/// What every session needs.
#[derive(Args, Clone, Debug)]
struct SessionOptions {
    /// Root of all randomness; the same seed and ratings give the same loops.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// "factory", the name of a factory kit, or a folder of one-shots. [default: factory]
    #[arg(long)]
    kit: Option<OsString>,
    /// Lanes, 1 to 8. [default: 4]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8))]
    lanes: Option<u8>,
    /// Steps a bar, 1 to 24. [default: 16]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=24))]
    steps: Option<u8>,
    /// Bars: 1, 2 or 4. [default: 1]
    #[arg(long, value_parser = bars)]
    bars: Option<u8>,
    /// Tempo in quarter notes a minute, 10 to 1000.
    #[arg(long, default_value_t = 120.0, value_parser = tempo)]
    bpm: f64,
    /// Any lane may take any sample, as in the published system.
    #[arg(long)]
    any_sample: bool,
    /// Sounds as they are: no levels, no shaping, no takes, no drum bus.
    #[arg(long)]
    raw: bool,
    /// How much of a drummer's feel loops are played with, 0 (as written) to 100. [default: as a new project has
    /// it; 0 with --raw]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    human: Option<u8>,
    /// A kick on every beat and nowhere else.
    #[arg(long)]
    four_on_the_floor: bool,
    /// Which critic.
    #[arg(long, value_enum, default_value_t = CriticName::Taste)]
    critic: CriticName,
}

impl SessionOptions {
    fn kit(&self) -> &OsStr {
        self.kit.as_deref().unwrap_or(OsStr::new("factory"))
    }

    fn lanes(&self) -> u8 {
        self.lanes.unwrap_or(4)
    }

    fn steps(&self) -> u8 {
        self.steps.unwrap_or(16)
    }

    fn bars(&self) -> u8 {
        self.bars.unwrap_or(1)
    }

    /// What was said beside a preset holds rather than what the preset says: nothing is dropped.
    fn change(&self, preset: &mut Preset) -> Result<(), String> {
        if let Some(kit) = &self.kit {
            preset.kit = kits::choice(kit)?;
        }
        if let Some(lanes) = self.lanes {
            let more = Role::default_lanes(MAX_LANES).iter().skip(preset.lanes.len());
            preset.lanes.extend(more);
            preset.lanes.truncate(lanes.into());
        }
        let grid = &mut preset.steering.grid;
        grid.steps_per_bar = self.steps.unwrap_or(grid.steps_per_bar);
        grid.bars = self.bars.unwrap_or(grid.bars);
        preset.steering.four_on_the_floor |= self.four_on_the_floor;
        Ok(())
    }
}

/// The critics, as named on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CriticName {
    /// Particles, Gaussian process and network, mixed.
    Taste,
    /// The published convolutional critic and sampler.
    Classic,
    /// The audio critic alone.
    Audio,
    /// None: draws from the prior.
    Random,
}

impl From<CriticName> for Contender {
    fn from(name: CriticName) -> Self {
        match name {
            CriticName::Taste => Self::Taste,
            CriticName::Classic => Self::Classic,
            CriticName::Audio => Self::Audio,
            CriticName::Random => Self::Random,
        }
    }
}

fn bars(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|bars| [1, 2, 4].contains(bars)).ok_or_else(|| "1, 2 or 4".to_owned())
}

fn tempo(text: &str) -> Result<f64, String> {
    let bpm = text.parse().ok().filter(|bpm| (10.0..=1000.0).contains(bpm));
    bpm.ok_or_else(|| "10 to 1000 quarter notes a minute".to_owned())
}

/// Where results for developers go unless told otherwise: a folder of that name where one works.
fn default_out(what: &str) -> PathBuf {
    PathBuf::from(format!("deepdrummer-{what}"))
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Grooves(options) => grooves::run(&options),
        Command::Session(options) => protocol::run(&options),
        Command::Sounds(options) => sounds::run(&options),
        Command::Measure { out } => std::fs::write(&out, deepdrummer_core::kit::factory::measure())
            .map_err(|error| format!("{}: {error}", out.display())),
        Command::Pretrain { out, seed } => pretrain::run(&out, seed),
        Command::Lab(options) => lab::run(&options),
        Command::TrainGrooves(options) => train_grooves::run(&options),
        Command::Score(options) => score::run(&options),
        Command::Study(options) => study::run(&options),
        Command::Transcribe(options) => transcribe::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deepdrummer: {error}");
            ExitCode::FAILURE
        }
    }
}
