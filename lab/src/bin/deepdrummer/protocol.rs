//! `deepdrummer session`: one JSON object a line in, one a line out.

use crate::SessionOptions;
use crate::explain::{ExplainedLine, explain};
use crate::headless::Headless;
use clap::Args;
use deepdrummer_core::disk::path;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::Mode;
use deepdrummer_core::session::command::{ExportKind, KitChoice};
use deepdrummer_core::session::preset::Listed;
use deepdrummer_core::taste::reference::ReferenceKind;
use deepdrummer_core::taste::{LoopId, Verdict};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The longest line that is read, in bytes.
const MOST_LINE: u64 = 1 << 20;
/// The most loops of one `sample`.
const MOST_SAMPLE: usize = 1000;

/// Options of `deepdrummer session`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    session: SessionOptions,
    /// Write every loop and its one-shots as WAV files into this folder.
    #[arg(long, value_name = "DIR")]
    audio: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    Propose {},
    Rate {
        id: String,
        #[serde(default)]
        like: Option<bool>,
        #[serde(default)]
        rhythm: Option<bool>,
        #[serde(default)]
        sound: Option<bool>,
    },
    Sample {
        n: usize,
        #[serde(default)]
        mode: SampleMode,
    },
    Explain {
        id: String,
    },
    Export {
        id: String,
        #[serde(with = "path")]
        dir: PathBuf,
    },
    Sections {
        /// The loop that they are made of.
        of: String,
    },
    Arrange {
        #[serde(default = "usual_bars")]
        bars: u8,
        /// Where the arrangement is written to, if it is.
        #[serde(default, with = "path::optional")]
        dir: Option<PathBuf>,
    },
    Presets {},
    Preset {
        name: String,
    },
    Direction {
        names: Vec<String>,
    },
    Reference {
        #[serde(with = "path")]
        path: PathBuf,
        #[serde(default)]
        kind: Option<ReferenceKind>,
    },
    /// A MIDI clip as a loop of the session.
    Clip {
        #[serde(with = "path")]
        path: PathBuf,
    },
    /// The feel of a MIDI clip; without a path a drummer's again.
    Feel {
        #[serde(default, with = "path::optional")]
        path: Option<PathBuf>,
    },
    Quit {},
}

fn usual_bars() -> u8 {
    16
}

/// What kind of loops `sample` gives.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SampleMode {
    #[default]
    Good,
    Bad,
    Random,
    Ask,
}

impl From<SampleMode> for Mode {
    fn from(mode: SampleMode) -> Self {
        match mode {
            SampleMode::Good => Self::Good,
            SampleMode::Bad => Self::Bad,
            SampleMode::Random => Self::Random,
            SampleMode::Ask => Self::Ask,
        }
    }
}

#[derive(Serialize)]
struct HitLine {
    step: usize,
    velocity: f64,
    offset: f64,
}

#[derive(Serialize)]
struct LaneLine {
    role: &'static str,
    sample: String,
    #[serde(skip_serializing_if = "Option::is_none", with = "path::optional")]
    wav: Option<PathBuf>,
    hits: Vec<HitLine>,
}

#[derive(Serialize)]
struct LoopLine {
    id: String,
    bpm: f64,
    steps: usize,
    bars: u8,
    swing: f64,
    lanes: Vec<LaneLine>,
}

#[derive(Serialize)]
struct Proposed {
    #[serde(rename = "loop")]
    pattern: LoopLine,
    #[serde(skip_serializing_if = "Option::is_none", with = "path::optional")]
    wav: Option<PathBuf>,
    p_like: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<f64>,
}

/// A section: a loop with its name.
#[derive(Serialize)]
struct SectionLine {
    name: String,
    #[serde(flatten)]
    proposed: Proposed,
}

#[derive(Serialize)]
struct PresetLine {
    name: String,
    category: String,
    tags: Vec<String>,
    kit: String,
    lanes: Vec<&'static str>,
    bars: u8,
    steps: usize,
    meter: String,
    styles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tempo: Option<f64>,
    own: bool,
    favourite: bool,
}

impl PresetLine {
    fn of(listed: &Listed) -> Self {
        let preset = &listed.preset;
        let grid = preset.steering.grid;
        Self {
            name: preset.name.clone(),
            category: preset.category.clone(),
            tags: preset.tags.clone(),
            kit: match &preset.kit {
                KitChoice::Factory => "factory".to_owned(),
                KitChoice::FactoryKit(name) => name.clone(),
                KitChoice::Folders(folders) => {
                    let folders: Vec<_> = folders.iter().map(|folder| path::to_text(folder)).collect();
                    folders.join(", ")
                }
            },
            lanes: preset.lanes.iter().map(|role| role.key()).collect(),
            bars: grid.bars,
            steps: grid.steps(),
            meter: format!("{}/{}", grid.meter.numerator, grid.meter.denominator),
            styles: preset.steering.styles.names(),
            tempo: preset.tempo,
            own: listed.own,
            favourite: listed.favourite,
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Proposed(Box<Proposed>),
    Rated {
        rated: usize,
        ms: f64,
    },
    Sampled {
        loops: Vec<Proposed>,
    },
    Explained(Box<ExplainedLine>),
    Exported {
        #[serde(with = "path")]
        midi: PathBuf,
        #[serde(with = "path")]
        wav: PathBuf,
    },
    Sections {
        sections: Vec<SectionLine>,
    },
    Arranged {
        /// The section of each bar by name, `null` for silence.
        order: Vec<Option<String>>,
        #[serde(skip_serializing_if = "Option::is_none", with = "path::optional")]
        midi: Option<PathBuf>,
        #[serde(skip_serializing_if = "Option::is_none", with = "path::optional")]
        wav: Option<PathBuf>,
    },
    Presets {
        presets: Vec<PresetLine>,
        problems: Vec<String>,
    },
    Preset {
        preset: Box<PresetLine>,
    },
    Directions {
        directions: Vec<String>,
    },
    References {
        references: usize,
    },
    Feel {
        /// The clip whose feel loops are played with, `null` where it is a drummer's.
        feel: Option<String>,
    },
    Done {
        bye: bool,
    },
    Error {
        error: String,
    },
}

/// Serves standard input until `quit` or its end.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    if let Some(folder) = &options.audio {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut headless = Headless::new(&options.session)?;
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(MOST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|error| format!("standard input: {error}"))? == 0 {
            return Ok(());
        }
        let too_long = line.len() as u64 == MOST_LINE && line.last() != Some(&b'\n');
        if too_long {
            skip_line(&mut input).map_err(|error| format!("standard input: {error}"))?;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = if too_long {
            Answer::Error { error: format!("a line has at most {MOST_LINE} bytes") }
        } else {
            serde_json::from_slice(&line)
                .map_err(|error| format!("not a request: {error}"))
                .and_then(|request| answer(&mut headless, options.audio.as_deref(), request))
                .unwrap_or_else(|error| Answer::Error { error })
        };
        let over = matches!(answer, Answer::Done { .. });
        let text = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
        let told = writeln!(output, "{text}").and_then(|()| output.flush());
        if told.is_err() || over {
            // Whoever listened is gone, or said goodbye.
            return Ok(());
        }
        headless.settle();
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (end, used) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(at) => (true, at + 1),
            None => (buffer.is_empty(), buffer.len()),
        };
        input.consume(used);
        if end {
            return Ok(());
        }
    }
}

fn answer(headless: &mut Headless, audio: Option<&Path>, request: Request) -> Result<Answer, String> {
    match request {
        Request::Propose {} => {
            let begun = Instant::now();
            let (id, pattern, p_like) = headless.propose()?;
            let ms = begun.elapsed().as_secs_f64() * 1e3;
            Ok(Answer::Proposed(Box::new(describe(headless, audio, id, &pattern, p_like, Some(ms))?)))
        }
        Request::Rate { id, like, rhythm, sound } => {
            if like.is_none() && rhythm.is_none() && sound.is_none() {
                return Err("a rating says like, rhythm or sound".to_owned());
            }
            let spent = headless.rate(read_id(&id)?, Verdict { like, rhythm, sound })?;
            Ok(Answer::Rated { rated: headless.ratings(), ms: spent.as_secs_f64() * 1e3 })
        }
        Request::Sample { n, mode } => {
            if n > MOST_SAMPLE {
                return Err(format!("at most {MOST_SAMPLE} loops at once"));
            }
            let found = headless.sample(n, mode.into());
            let loops = found
                .iter()
                .map(|(id, proposal)| {
                    describe(headless, audio, *id, &proposal.pattern, Some(proposal.prediction.p_like), None)
                })
                .collect::<Result<_, _>>()?;
            Ok(Answer::Sampled { loops })
        }
        Request::Explain { id } => Ok(Answer::Explained(Box::new(explain(headless, read_id(&id)?)?))),
        Request::Export { id, dir } => {
            let id = read_id(&id)?;
            let midi = headless.export(id, ExportKind::Midi, &dir)?;
            let wav = headless.export(id, ExportKind::Audio, &dir)?;
            Ok(Answer::Exported { midi, wav })
        }
        Request::Sections { of } => {
            let made = headless.make_song(Some(read_id(&of)?), usual_bars())?;
            let made: Vec<_> = made
                .iter()
                .filter_map(|section| Some((section.name.clone(), section.loops.first()?.clone())))
                .collect();
            let sections = made
                .into_iter()
                .map(|(name, entry)| {
                    let p_like = entry.prediction.map(|prediction| prediction.p_like);
                    let proposed = describe(headless, audio, entry.id, &entry.pattern, p_like, None)?;
                    Ok(SectionLine { name, proposed })
                })
                .collect::<Result<_, String>>()?;
            Ok(Answer::Sections { sections })
        }
        Request::Arrange { bars, dir } => {
            if ![16, 32].contains(&bars) {
                return Err("an arrangement has 16 or 32 bars".to_owned());
            }
            headless.lay_out(bars)?;
            let mut write = |kind| {
                let folder = dir.as_deref();
                folder.map(|folder| headless.export_song(kind, folder)).transpose()
            };
            let [midi, wav] = [write(ExportKind::SongMidi)?, write(ExportKind::SongAudio)?]
                .map(|files| files.and_then(|files| files.into_iter().next()));
            Ok(Answer::Arranged { order: headless.arrangement(), midi, wav })
        }
        Request::Presets {} => {
            let library = headless.presets();
            let presets = library.all.iter().map(PresetLine::of).collect();
            Ok(Answer::Presets { presets, problems: library.problems.clone() })
        }
        Request::Preset { name } => {
            headless.load_preset(&name)?;
            let library = headless.presets();
            let loaded = library.named(&name).ok_or("the preset is gone")?;
            Ok(Answer::Preset { preset: Box::new(PresetLine::of(loaded)) })
        }
        Request::Direction { names } => {
            let directions = headless.set_directions(names.iter().map(String::as_str))?;
            Ok(Answer::Directions { directions: directions.names() })
        }
        Request::Reference { path, kind } => {
            Ok(Answer::References { references: headless.bring(&path, kind)? })
        }
        Request::Clip { path } => {
            headless.play_clip(&path)?;
            let (id, pattern, p_like) = headless.propose()?;
            Ok(Answer::Proposed(Box::new(describe(headless, audio, id, &pattern, p_like, None)?)))
        }
        Request::Feel { path } => Ok(Answer::Feel { feel: headless.take_feel(path.as_deref())? }),
        Request::Quit {} => Ok(Answer::Done { bye: true }),
    }
}

fn read_id(text: &str) -> Result<LoopId, String> {
    text.parse().map_err(|_| format!("`{text}` is not a loop's id"))
}

fn describe(
    headless: &mut Headless,
    audio: Option<&Path>,
    id: LoopId,
    pattern: &Loop,
    p_like: Option<f32>,
    ms: Option<f64>,
) -> Result<Proposed, String> {
    let mut lanes = Vec::with_capacity(pattern.lanes().len());
    for (at, lane) in pattern.lanes().iter().enumerate() {
        lanes.push(LaneLine {
            role: lane.role.key(),
            sample: headless.sample_name(lane),
            wav: audio.map(|folder| headless.one_shot(pattern, at, folder)).transpose()?,
            hits: lane
                .iter()
                .map(|(step, hit)| HitLine {
                    step,
                    velocity: f64::from(hit.velocity) / 127.0,
                    offset: hit.offset_steps()
                        + if pattern.is_swung(step) { pattern.swing.delay_steps() } else { 0.0 },
                })
                .collect(),
        });
    }
    let wav = audio.map(|folder| headless.export(id, ExportKind::Audio, folder)).transpose()?;
    let pattern = LoopLine {
        id: id.to_string(),
        bpm: headless.bpm().get(),
        steps: pattern.grid.steps(),
        bars: pattern.grid.bars,
        swing: f64::from(pattern.swing.percent()),
        lanes,
    };
    Ok(Proposed { pattern, wav, p_like, ms })
}
