//! `deepdrummer demo`: a whole session with a simulated listener, loops written as MIDI and WAV.

use crate::SessionOptions;
use crate::headless::Headless;
use clap::Args;
use deepdrummer_core::export;
use deepdrummer_core::propose::Mode;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::session::command::ExportKind;
use deepdrummer_core::taste::Verdict;
use deepdrummer_core::units::Seed;
use deepdrummer_lab::listeners::{Panel, Setting};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// Loops that are written at the end as the learner's best.
const BEST: usize = 4;

/// Options of `deepdrummer demo`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Where the loops go; `demo` in the folder of exports (DeepDrummer in your music) unless told otherwise.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Ratings that the listener gives.
    #[arg(long, default_value_t = 20)]
    ratings: usize,
    /// Start from a preset: its kit, lanes and steering, but for what other options say.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Write a song of 32 bars too, made of the loop that the learner thinks best of.
    #[arg(long)]
    song: bool,
    /// What the listener is said to make; several, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    direction: Vec<String>,
    /// A MIDI clip, loop, one-shot or folder that is loved already; may be given several times.
    #[arg(long, value_name = "PATH")]
    reference: Vec<PathBuf>,
    /// The listener's name, see `deepdrummer study --help`; one is chosen by the seed otherwise.
    #[arg(long)]
    listener: Option<String>,
}

/// Where the loops go unless told otherwise: beside those that the window exports, where a person looks.
fn default_out() -> Result<PathBuf, String> {
    Ok(export::default_folder().map_err(|error| error.to_string())?.join("demo"))
}

/// Runs the session.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let out = options.out.clone().map_or_else(default_out, Ok)?;
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    println!("loops go to {}", out.display());
    println!("making sounds …");
    let mut headless = Headless::new(&options.session)?;
    let seed = Seed(options.session.seed);
    let mut setting = Setting::lanes(options.session.lanes().into());
    if let Some(name) = &options.preset {
        headless.load_preset_with(name, |preset| options.session.change(preset))?;
        (setting.lanes, setting.grid) = headless.shape();
    }
    if !options.direction.is_empty() {
        let directions = headless.set_directions(options.direction.iter().map(String::as_str))?;
        let tempo = directions.tempo().map_or_else(String::new, |bpm| format!("; usual at {bpm:.0} BPM"));
        println!("what is made: {}{tempo}", directions.names().join(", "));
    }
    for path in &options.reference {
        let count = headless.bring(path, None)?;
        println!("reference {count}: {}", path.display());
    }
    let panel = Panel::new(headless.kit(), &setting, seed);
    let mut rng = Rng::stream(seed, "demo", 0);
    let listener = match &options.listener {
        Some(name) => panel.get(name).ok_or_else(|| {
            let names: Vec<&str> = panel.listeners().iter().map(|listener| listener.name.as_str()).collect();
            format!("no listener is called “{name}”; try one of: {}", names.join(", "))
        })?,
        None => rng.pick(panel.listeners()).ok_or("there are no listeners")?,
    };
    println!("a simulated listener who likes: {}", listener.name);

    let bar = ProgressBar::new(options.ratings as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} ratings, {msg}") {
        bar.set_style(style);
    }
    let (mut likes, mut written) = (0, 0);
    let mut times: Vec<f64> = Vec::new();
    for at in 0..options.ratings {
        let (id, pattern, _) = headless.propose()?;
        let like = listener.rate(&pattern, at, &mut rng);
        if like {
            likes += 1;
            headless.export(id, ExportKind::Midi, &out)?;
            headless.export(id, ExportKind::Audio, &out)?;
            written += 1;
        }
        times.push(headless.rate(id, Verdict::of(like))?.as_secs_f64() * 1e3);
        headless.settle();
        bar.inc(1);
        bar.set_message(format!("{likes} liked so far ({:.0} %)", 100.0 * likes as f64 / (at + 1) as f64));
    }
    bar.finish();

    let fresh = headless.sample(60, Mode::Good);
    let rate = fresh.iter().map(|(_, found)| listener.p_like(&found.pattern, options.ratings)).sum::<f32>()
        / fresh.len().max(1) as f32;
    for (id, _) in fresh.iter().take(BEST) {
        headless.export(*id, ExportKind::Midi, &out)?;
        headless.export(*id, ExportKind::Audio, &out)?;
        written += 1;
    }
    if options.song {
        let best = fresh.first().map(|(id, _)| *id);
        for section in headless.make_song(best, 32)? {
            let Some(of) = section.loops.first() else { continue };
            let believed = of.prediction.map_or(0.5, |prediction| prediction.p_like);
            let truly = listener.p_like(&of.pattern, options.ratings);
            println!("section {:<6} P(like) {believed:.2} as believed, {truly:.2} truly", section.name);
        }
        for kind in [ExportKind::SongMidi, ExportKind::SongAudio, ExportKind::SongStems] {
            for file in headless.export_song(kind, &out)? {
                println!("the song: {}", file.display());
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(0.0);
    println!("liked in the session: {likes} of {}", options.ratings);
    println!("true like rate of 60 fresh loops: {rate:.2}");
    println!("from a rating to the next loop: {median:.1} ms (median)");
    println!("{written} loops as MIDI and WAV in {}", out.display());
    Ok(())
}
