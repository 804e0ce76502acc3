//! `deepdrummer score`: a folder of one-shots, audio loops and MIDI files, ranked by a taste profile.

use clap::Args;
use comfy_table::{Table, presets};
use deepdrummer_core::disk::path::to_text;
use deepdrummer_core::import;
use deepdrummer_core::import::material::{is_loop, is_midi};
use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::load::{self, Channels, Loaded};
use deepdrummer_core::kit::{Kit, Role, Sample, SampleId, roles, scan};
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::propose::{CriticKind, Learner, Mode, Prediction, Request, Steering, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::runtime::{kits, settings};
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::taste::profile::Profile;
use deepdrummer_core::taste::{Judgement, Log};
use deepdrummer_core::units::Seed;
use deepdrummer_lab::baselines::audio::AudioCritic;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Judgements that are learned from, the newest: about 7 ms each.
const MOST_JUDGEMENTS: usize = 512;
/// Loops in which a one-shot is tried, and choices of sounds with which a MIDI file is.
const CONTEXTS: usize = 16;

/// Options of `deepdrummer score`.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder (or one file).
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Whose taste: the name of a profile, as in the plugin's menu.
    #[arg(long, default_value = "My taste")]
    profile: String,
    /// Comma-separated values instead of a table.
    #[arg(long)]
    csv: bool,
    /// Root of all randomness.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    OneShot(Role),
    Audio,
    Midi,
}

impl Kind {
    fn label(self) -> &'static str {
        match self {
            Self::OneShot(role) => role.label(),
            Self::Audio => "audio loop",
            Self::Midi => "MIDI",
        }
    }
}

struct Row {
    path: PathBuf,
    kind: Kind,
    prediction: Prediction,
}

/// Ranks the folder.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let judgements = judgements(&options.profile)?;
    let (sounds, midi, mut refused) = files(&options.folder);
    if sounds.is_empty() && midi.is_empty() {
        refused.iter().for_each(|reason| eprintln!("{reason}"));
        return Err(format!("{} holds no sound and no MIDI file", options.folder.display()));
    }
    let bar = ProgressBar::new((sounds.len() + midi.len()) as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files") {
        bar.set_style(style);
    }
    let (mut shots, mut loops) = (Vec::new(), Vec::new());
    for path in sounds {
        bar.inc(1);
        match load::load(&path, Channels::Keep) {
            Ok(loaded) if is_loop(&loaded.audio) => loops.push((path, loaded.audio)),
            Ok(loaded) => shots.push(one_shot(&path, &loaded)),
            Err(reason) => refused.push(format!("{}: {reason}", path.display())),
        }
    }
    let (mut patterns, mut partly) = (Vec::new(), Vec::new());
    for path in midi {
        bar.inc(1);
        match import::midi_file(&path) {
            Ok(import::Imported { pattern, unread }) => {
                partly.extend(unread.iter().map(|what| format!("{}: {what}", path.display())));
                patterns.push((path, pattern));
            }
            Err(reason) => refused.push(format!("{}: {reason}", path.display())),
        }
    }
    bar.finish_and_clear();
    let mut judge = Judge::new(&judgements, &shots, Seed(options.seed))?;
    let mut rows: Vec<Row> = Vec::new();
    for sample in &shots {
        let deepdrummer_core::kit::Origin::File { path } = &sample.origin else { continue };
        let (path, kind) = (path.clone(), Kind::OneShot(sample.role));
        rows.push(Row { path, kind, prediction: judge.one_shot(sample) });
    }
    for (path, pattern) in patterns {
        rows.push(Row { path, kind: Kind::Midi, prediction: judge.pattern(&pattern) });
    }
    if !loops.is_empty() {
        let mut critic = judge.hearing(Seed(options.seed));
        for (path, audio) in loops {
            rows.push(Row { path, kind: Kind::Audio, prediction: critic.score_audio(&audio) });
        }
    }
    rows.sort_by(|a, b| {
        b.prediction.p_like.total_cmp(&a.prediction.p_like).then_with(|| a.path.cmp(&b.path))
    });
    print(&rows, options);
    partly.iter().for_each(|what| eprintln!("read in part: {what}"));
    refused.iter().for_each(|reason| eprintln!("not used: {reason}"));
    Ok(())
}

/// The judgements of a profile, oldest first, with serials of their own.
fn judgements(name: &str) -> Result<Vec<Judgement>, String> {
    let home = settings::home().ok_or("this machine has no home folder; set DEEPDRUMMER_HOME")?;
    let all = Profile::list(&home).map_err(|error| error.to_string())?;
    if !all.iter().any(|known| known == name) {
        let known = if all.is_empty() {
            "there is none yet".to_owned()
        } else {
            format!("there are: {}", all.join(", "))
        };
        return Err(format!(
            "no taste profile is called “{name}” ({known}). It grows with every rating in the plugin."
        ));
    }
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let (profile, _) = Profile::open(&home, name, now).map_err(|error| error.to_string())?;
    let stored = profile.all(MOST_JUDGEMENTS).map_err(|error| error.to_string())?;
    if stored.is_empty() {
        return Err(format!("the taste profile “{name}” holds no ratings yet"));
    }
    let judgements = stored.into_iter().map(|stored| stored.judgement);
    Ok(judgements.zip(1..).map(|(judgement, serial)| Judgement { serial, ..judgement }).collect())
}

/// Sound files, MIDI files, and what could not be looked at.
fn files(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>, Vec<String>) {
    let (all, refused) = scan::files(&[folder.to_owned()], |path| is_midi(path) || load::is_sound_file(path));
    let (midi, sounds) = all.into_iter().partition(|path| is_midi(path));
    (
        sounds,
        midi,
        refused.iter().map(|refused| format!("{}: {}", refused.path.display(), refused.reason)).collect(),
    )
}

fn one_shot(path: &Path, loaded: &Loaded) -> Arc<Sample> {
    let analysis = Arc::new(Analysis::of(&loaded.audio));
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let role = roles::role_of(path, &analysis);
    Arc::new(Sample::in_file(loaded.id, name, role, path.to_owned(), Channels::Keep, analysis))
}

/// The learner with all that the profile says.
struct Judge {
    kit: Arc<Kit>,
    learner: Box<dyn Learner>,
    log: Log,
    /// Liked loops, the newest first, and as many of any kind: in those a sound must speak for itself.
    contexts: Vec<Loop>,
    seed: Seed,
}

impl Judge {
    /// Learns the profile over a kit of the factory's sounds, those that were judged, and those to be scored.
    fn new(judgements: &[Judgement], shots: &[Arc<Sample>], seed: Seed) -> Result<Self, String> {
        let stop = AtomicBool::new(false);
        let (factory, _) = kits::load(&KitChoice::Factory, &kits::Own::default(), &stop, &|_, _| {})?;
        let mut samples: Vec<Arc<Sample>> = factory.samples().iter().chain(shots).cloned().collect();
        samples.extend(judged(judgements, &samples));
        let kit = Arc::new(Kit::new("scored", samples));
        let mut learner = learner(CriticKind::Taste, Arc::clone(&kit), seed);
        let mut log = Log::default();
        judgements.iter().for_each(|judgement| log.push(*judgement));
        learner.observe(&log);
        while learner.work() {}
        let liked = judgements.iter().rev().filter(|said| said.verdict.like == Some(true));
        let mut contexts: Vec<Loop> = liked.map(|said| said.subject).collect();
        contexts.dedup();
        contexts.truncate(CONTEXTS / 2);
        let mut judge = Self { kit, learner, log, contexts, seed };
        let own = judge.proposals(Role::default_lanes(6));
        judge.contexts.extend(own);
        Ok(judge)
    }

    fn proposals(&mut self, lanes: &[Role]) -> Vec<Loop> {
        let steering = Steering::default();
        let request =
            Request { mode: Mode::Random, lanes, any_sample: false, steering, locks: None, avoid: &[] };
        self.learner.sample(&request, CONTEXTS / 2).into_iter().map(|found| found.pattern).collect()
    }

    /// P(like) of loops in which this sound takes the place of the one of its role.
    fn one_shot(&mut self, sample: &Sample) -> Prediction {
        let role = sample.role;
        let place = |pattern: &Loop| pattern.lanes().iter().position(|lane| lane.role == role);
        if !self.contexts.iter().any(|pattern| place(pattern).is_some()) {
            let own = self.proposals(&[Role::Kick, Role::Snare, Role::ClosedHat, role]);
            self.contexts.extend(own);
        }
        let contexts: Vec<Loop> = self
            .contexts
            .iter()
            .filter_map(|pattern| {
                let mut pattern = *pattern;
                let at = place(&pattern)?;
                pattern.lanes_mut().get_mut(at)?.sample = sample.id;
                Some(pattern)
            })
            .take(CONTEXTS)
            .collect();
        self.mean(&contexts)
    }

    /// P(like) of a pattern with sounds of liked loops, or any of the kit where there are none.
    fn pattern(&mut self, pattern: &Loop) -> Prediction {
        let mut rng = Rng::stream(self.seed, "sounds of a pattern", 0);
        let pool = |role: Role, rng: &mut Rng| -> SampleId {
            let lanes = self.contexts.iter().flat_map(|pattern| pattern.lanes());
            let liked: Vec<SampleId> =
                lanes.filter(|lane| lane.role == role).map(|lane| lane.sample).take(CONTEXTS).collect();
            rng.pick(&liked).copied().unwrap_or_else(|| any_of(&self.kit, role, rng))
        };
        let dressed: Vec<Loop> = (0..CONTEXTS)
            .map(|_| {
                let mut pattern = *pattern;
                for lane in pattern.lanes_mut() {
                    lane.sample = pool(lane.role, &mut rng);
                }
                pattern
            })
            .collect();
        self.mean(&dressed)
    }

    fn mean(&mut self, loops: &[Loop]) -> Prediction {
        let n = loops.len().max(1) as f32;
        let found = self.learner.predict_all(loops);
        Prediction {
            p_like: found.iter().map(|one| one.p_like).sum::<f32>() / n,
            sd: found.iter().map(|one| one.sd).sum::<f32>() / n,
        }
    }

    /// The critic that listens to recordings, taught by the renders of the judged loops.
    fn hearing(&self, seed: Seed) -> AudioCritic {
        let mut critic = AudioCritic::new(Arc::clone(&self.kit), seed);
        critic.observe(&self.log);
        while critic.work() {}
        critic
    }
}

fn any_of(kit: &Kit, role: Role, rng: &mut Rng) -> SampleId {
    let at = rng.pick(kit.of_role(role)).and_then(|&at| kit.samples().get(at as usize));
    at.map_or(SampleId::NONE, |sample| sample.id)
}

/// The person's own sounds that occur in judged loops, from the folders that the plugin used lately.
fn judged(judgements: &[Judgement], known: &[Arc<Sample>]) -> Vec<Arc<Sample>> {
    let Some(home) = settings::home() else { return Vec::new() };
    let known: std::collections::HashSet<SampleId> = known.iter().map(|sample| sample.id).collect();
    let lanes = judgements.iter().flat_map(|said| said.subject.lanes());
    let lost: Vec<SampleId> =
        lanes.map(|lane| lane.sample).filter(|id| *id != SampleId::NONE && !known.contains(id)).collect();
    let machine = crate::headless::known(&home);
    if lost.is_empty() || machine.recent_kits.is_empty() {
        return Vec::new();
    }
    let own = kits::Own { home: Some(home), roles: machine.roles, ..kits::Own::default() };
    let scanned = scan::scan(&machine.recent_kits, &own.scan_options(), &AtomicBool::new(false), &|_, _| {});
    let Ok(scanned) = scanned else { return Vec::new() };
    lost.iter().filter_map(|&id| scanned.kit.get(id).cloned()).collect()
}

fn print(rows: &[Row], options: &Options) {
    let shown = |path: &Path| {
        path.strip_prefix(&options.folder)
            .map_or_else(|_| path.display().to_string(), |rest| rest.display().to_string())
    };
    if options.csv {
        println!("rank,file,kind,p_like,sd");
        for (at, row) in rows.iter().enumerate() {
            let name = to_text(&row.path).replace('"', "\"\"");
            let Prediction { p_like, sd } = row.prediction;
            println!("{},\"{name}\",{},{p_like:.4},{sd:.4}", at + 1, row.kind.label());
        }
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["", "file", "kind", "P(like)", "±"]);
    for (at, row) in rows.iter().enumerate() {
        let Prediction { p_like, sd } = row.prediction;
        table.add_row([
            (at + 1).to_string(),
            shown(&row.path),
            row.kind.label().to_owned(),
            format!("{p_like:.2}"),
            format!("{sd:.2}"),
        ]);
    }
    println!("{table}");
}
