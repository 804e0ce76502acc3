//! What editor tests, the preview and the bench share: a session that answers commands in memory, hands
//! for it, and a rasteriser that needs no graphics card.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used)]

pub mod harness;
pub mod raster;
#[cfg(target_os = "linux")]
pub mod screen;

use deepdrummer_core::engine::{Enter, LaneMix};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, MAX_STEPS, Meter, Role, SampleId, Swing};
use deepdrummer_core::propose::{Prediction, Statement, Steering};
use deepdrummer_core::session::ForTheHost;
use deepdrummer_core::session::command::{Command, ExportSettings, KitChoice, PresetId, Strategy};
use deepdrummer_core::session::preset::{Library, Listed, Preset};
use deepdrummer_core::session::view::*;
use deepdrummer_core::taste::LoopId;
use deepdrummer_core::units::Seed;
use deepdrummer_plugin::editor::{Handle, HostParam, Meters};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What a fake session was asked, and what it shows.
pub struct Session {
    pub view: Arc<View>,
    pub meters: Option<Meters>,
    pub params: BTreeMap<HostParam, f32>,
    pub sent: Vec<Command>,
    pub gestures: Vec<(HostParam, &'static str, f32)>,
    pub full: bool,
    /// Where exports are "written"; `None` answers none.
    pub export_folder: Option<PathBuf>,
    pub open: bool,
}

/// A handle to a session that a test can look into.
#[derive(Clone)]
pub struct Fake(pub Arc<Mutex<Session>>);

impl Fake {
    pub fn new(view: View) -> Self {
        let params = [
            (HostParam::Adventure, 0.35),
            (HostParam::Density, 0.55),
            (HostParam::Swing, 54.0),
            (HostParam::Bars, f32::from(view.steering.grid.bars)),
            (HostParam::StepsPerBar, f32::from(view.steering.grid.steps_per_bar)),
            (HostParam::FourOnTheFloor, 0.0),
            (HostParam::Enter, 0.0),
            (HostParam::Limiter, 1.0),
            (HostParam::OutputLevel, 0.0),
        ];
        Self(Arc::new(Mutex::new(Session {
            view: Arc::new(view),
            meters: Some(meters(None)),
            params: params.into(),
            sent: Vec::new(),
            gestures: Vec::new(),
            full: false,
            export_folder: None,
            open: false,
        })))
    }

    /// Changes the snapshot and publishes it.
    pub fn change(&self, change: impl FnOnce(&mut View)) {
        let mut session = self.0.lock().unwrap();
        let mut view = (*session.view).clone();
        change(&mut view);
        view.revision += 1;
        session.view = Arc::new(view);
    }

    pub fn sent(&self) -> Vec<Command> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    pub fn view_now(&self) -> Arc<View> {
        Arc::clone(&self.0.lock().unwrap().view)
    }

    /// Answers the command as a session would, as far as the editor can tell.
    fn apply(&self, command: &Command) {
        let export_folder = self.0.lock().unwrap().export_folder.clone();
        let command = command.clone();
        self.change(|view| {
            let lanes = view.lanes.len();
            match command {
                Command::Rate { id, verdict } if verdict.like.is_some() => {
                    for entry in &mut view.history {
                        if entry.id == id {
                            entry.verdict = verdict.like;
                        }
                    }
                    if verdict.like == Some(true) {
                        view.taste.likes += 1;
                    } else {
                        view.taste.dislikes += 1;
                    }
                    next_loop(view);
                }
                Command::Rate { verdict, .. } => {
                    view.current.rhythm_verdict = verdict.rhythm.or(view.current.rhythm_verdict);
                    view.current.sound_verdict = verdict.sound.or(view.current.sound_verdict);
                }
                Command::Skip { .. } => next_loop(view),
                Command::Back | Command::Forward => {
                    let at = view.history.iter().position(|entry| entry.is_current).unwrap_or(0);
                    let to = if command == Command::Back { at.saturating_sub(1) } else { at + 1 };
                    if to < view.history.len() {
                        recall(view, view.history[to].id);
                    } else {
                        next_loop(view);
                    }
                }
                Command::Recall(id) => recall(view, id),
                Command::Star(id, on) => each(view, id, |entry| entry.starred = on),
                Command::Forget(id) => each(view, id, |entry| entry.verdict = None),
                Command::EditHit { lane, step, hit } if usize::from(lane) < lanes => {
                    view.current.pattern.lanes_mut()[usize::from(lane)].hits[usize::from(step)] = hit;
                    view.current.edited = true;
                    view.undo = Some("Edit".to_owned());
                    view.redo = None;
                }
                Command::EditLane { lane, hits } if usize::from(lane) < lanes => {
                    view.current.pattern.lanes_mut()[usize::from(lane)].hits = *hits;
                    view.undo = Some("Edit lane".to_owned());
                }
                Command::SetMix { lane, mix } => view.lanes[usize::from(lane)].mix = mix,
                Command::LockBeat(lane, on) => view.lanes[usize::from(lane)].lock_beat = on,
                Command::LockSound(lane, on) => view.lanes[usize::from(lane)].lock_sound = on,
                Command::LockSteps(lane, mask) => view.lanes[usize::from(lane)].locked_steps = mask,
                Command::StepSample { lane, delta } => {
                    let lane = &mut view.lanes[usize::from(lane)];
                    lane.sample = SampleId(lane.sample.0.wrapping_add_signed(i64::from(delta)));
                    lane.sample_name = format!("{} {:02}", lane.role.label(), lane.sample.0 % 100);
                }
                Command::Undo => (view.undo, view.redo) = (None, view.undo.take()),
                Command::Redo => (view.undo, view.redo) = (view.redo.take(), None),
                Command::Steer(steering) => view.steering = steering,
                Command::SetStrategy(strategy) => view.strategy = strategy,
                Command::ChooseKit(KitChoice::FactoryKit(name)) => view.kit.name = name,
                Command::ChooseProfile(name) | Command::RenameProfile(name) => view.profile.name = name,
                Command::Audition(on) => view.audition = on,
                Command::Unmute => view.muted_after_drag = false,
                Command::SetSettings(settings) => view.settings = settings,
                Command::SetExport(export) => view.export = export,
                Command::Dismiss(id) => view.notices.retain(|notice| notice.id != id),
                Command::Export { ticket, kind, to, .. } => {
                    if let Some(folder) = export_folder {
                        let name = format!("DeepDrummer {:04} 124bpm.mid", view.current.number);
                        let file = to.unwrap_or_else(|| folder.join(name));
                        let files = match kind {
                            deepdrummer_core::session::command::ExportKind::Stems => (0..lanes)
                                .map(|lane| folder.join(format!("DeepDrummer 0042 124bpm {lane}.wav")))
                                .collect(),
                            _ => vec![file],
                        };
                        for file in &files {
                            std::fs::write(file, b"file").unwrap();
                        }
                        view.exported.push(Exported { ticket, files });
                    }
                }
                Command::LearnKey(said) => view.learns_key = said,
                other => preset_command(view, other),
            }
        });
    }
}

fn each(view: &mut View, id: LoopId, change: impl Fn(&mut HistoryView)) {
    view.history.iter_mut().filter(|entry| entry.id == id).for_each(change);
}

fn recall(view: &mut View, id: LoopId) {
    for entry in &mut view.history {
        entry.is_current = entry.id == id;
        if entry.is_current {
            view.current.id = id;
            view.current.number = entry.number;
            view.current.pattern = *entry.pattern;
            view.current.verdict = entry.verdict;
        }
    }
}

fn next_loop(view: &mut View) {
    let number = view.history.iter().map(|entry| entry.number).max().unwrap_or(0) + 1;
    let pattern = view.queue.first().map_or(view.current.pattern, |pattern| **pattern);
    for entry in &mut view.history {
        entry.is_current = false;
    }
    view.history.push(HistoryView {
        id: LoopId(u64::from(number)),
        number,
        pattern: Arc::new(pattern),
        verdict: None,
        starred: false,
        is_current: true,
        serials: Vec::new(),
    });
    view.current.id = LoopId(u64::from(number));
    view.current.number = number;
    view.current.pattern = pattern;
    view.current.verdict = None;
    view.current.edited = false;
}

impl Handle for Fake {
    fn view(&self) -> Arc<View> {
        self.view_now()
    }

    fn meters(&self) -> Option<Meters> {
        self.0.lock().unwrap().meters
    }

    fn send(&mut self, command: Command) -> bool {
        {
            let mut session = self.0.lock().unwrap();
            if session.full {
                return false;
            }
            session.sent.push(command.clone());
        }
        self.apply(&command);
        true
    }

    fn param(&self, which: HostParam) -> f32 {
        self.0.lock().unwrap().params[&which]
    }

    fn begin_param(&mut self, which: HostParam) {
        self.0.lock().unwrap().gestures.push((which, "begin", 0.0));
    }

    fn set_param(&mut self, which: HostParam, plain: f32) {
        let mut session = self.0.lock().unwrap();
        session.gestures.push((which, "set", plain));
        session.params.insert(which, plain);
    }

    fn end_param(&mut self, which: HostParam) {
        self.0.lock().unwrap().gestures.push((which, "end", 0.0));
    }

    fn default_export_folder(&self) -> PathBuf {
        PathBuf::from("/home/someone/Music/DeepDrummer")
    }

    fn window_open(&mut self, open: bool) {
        self.0.lock().unwrap().open = open;
    }
}

/// Meters of a host that stands still, or plays at a step.
pub fn meters(step: Option<f32>) -> Meters {
    let mut lane_peaks = [0.0; MAX_LANES];
    if step.is_some() {
        lane_peaks = [0.8, 0.1, 0.35, 0.2, 0.5, 0.05, 0.3, 0.15];
    }
    Meters {
        playing: step.is_some(),
        step: step.unwrap_or(0.0),
        audible: None,
        bars_heard: 3,
        lane_peaks,
        output_peaks: [0.5; 2],
        bpm: 124.0,
        meter: Meter::FOUR_FOUR,
        bar: Some(17),
    }
}

/// A loop with a beat a person would recognise, repeatable for any grid.
pub fn beat(grid: Grid, roles: &[Role], salt: u64) -> Loop {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(salt + 1);
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let per_beat = grid.steps_per_beat().max(1);
    let lanes: Vec<Lane> = roles
        .iter()
        .enumerate()
        .map(|(index, role)| {
            let mut lane = Lane::empty(*role, SampleId(100 + index as u64));
            for step in 0..grid.steps() {
                let on_beat = step % per_beat == 0;
                let beat = step / per_beat;
                let chance = match role {
                    Role::Kick if on_beat => 95,
                    Role::Snare | Role::Clap if on_beat && beat % 2 == 1 => 95,
                    Role::ClosedHat if step % 2 == 0 => 85,
                    Role::OpenHat if step % per_beat == per_beat / 2 => 60,
                    _ => 12,
                };
                if next() % 100 < chance {
                    let velocity = if on_beat { 112 } else { 45 + (next() % 60) as u8 };
                    let offset = if next() % 6 == 0 { (next() % 120) as i8 - 60 } else { 0 };
                    lane.hits[step] = Hit { velocity, offset };
                }
            }
            lane
        })
        .collect();
    Loop::new(grid, Swing::from_percent(54.0), &lanes)
}

fn peaks(salt: usize) -> Arc<[u8]> {
    let rate = 14.0 + 6.0 * (salt % 5) as f32;
    (0..64)
        .map(|at| {
            let wobble = 0.75 + 0.25 * ((at * (7 + salt)) as f32).sin();
            (255.0 * (-(at as f32) / rate).exp() * wobble) as u8
        })
        .collect()
}

/// The roles of the four-lane example of the picture.
pub const FOUR: [Role; 4] = [Role::Kick, Role::Snare, Role::ClosedHat, Role::Percussion];

/// A session in the middle of an evening: 34 ratings, two loops waiting.
pub fn session(roles: &[Role], grid: Grid) -> View {
    let names = [
        "808 long 03",
        "Clap tight 11",
        "Closed dark 07",
        "Rim wood 02",
        "Open air 04",
        "Shaker 01",
        "Tom low 05",
        "Ride 02",
    ];
    let pattern = beat(grid, roles, 1);
    let lanes = roles
        .iter()
        .enumerate()
        .map(|(index, role)| LaneView {
            role: *role,
            sample: SampleId(100 + index as u64),
            sample_name: names[index % names.len()].to_owned(),
            missing: false,
            is_own: false,
            peaks: peaks(index),
            mix: LaneMix::of(*role),
            locked_steps: 0,
            lock_beat: index == 0,
            lock_sound: false,
        })
        .collect();
    let verdicts = [true, false, true, true, false, true, true, true];
    let mut history: Vec<HistoryView> = verdicts
        .iter()
        .enumerate()
        .map(|(at, verdict)| HistoryView {
            id: LoopId(34 + at as u64),
            number: 34 + at as u32,
            pattern: Arc::new(beat(grid, roles, 10 + at as u64)),
            verdict: Some(*verdict),
            starred: at == 3,
            is_current: false,
            serials: vec![at as u64],
        })
        .collect();
    history.push(HistoryView {
        id: LoopId(42),
        number: 42,
        pattern: Arc::new(pattern),
        verdict: None,
        starred: false,
        is_current: true,
        serials: Vec::new(),
    });
    let mut attribution = vec![[0.0; MAX_STEPS]; roles.len()];
    for (index, lane) in pattern.lanes().iter().enumerate() {
        for (step, _) in lane.iter() {
            attribution[index][step] = match lane.role {
                Role::Kick if step % 8 == 0 => 0.08,
                Role::Percussion | Role::Tom => -0.05,
                _ => 0.004,
            };
        }
    }
    let statement = |text: &str, weight: f32, evidence: &[u64]| Statement {
        text: text.to_owned(),
        weight,
        evidence: evidence.to_vec(),
    };
    View {
        revision: 1,
        current: LoopView {
            id: LoopId(42),
            number: 42,
            pattern,
            edited: false,
            verdict: None,
            rhythm_verdict: None,
            sound_verdict: None,
            prediction: Some(Prediction { p_like: 0.82, sd: 0.09 }),
            attribution: Some(Arc::new(attribution)),
        },
        lanes,
        taste: TasteView {
            likes: 22,
            dislikes: 12,
            statements: vec![
                statement("Kick on the beat", 0.31, &[0, 2, 5]),
                statement("Dark, short hats", 0.22, &[3]),
                statement("Busy percussion", -0.18, &[1, 4]),
            ],
            curve: vec![0.3, 0.4, 0.35, 0.5, 0.55, 0.68, 0.65, 0.78, 0.8, 0.8],
            reask: None,
        },
        steering: Steering { grid, ..Steering::default() },
        strategy: Strategy::Ask,
        history,
        queue: (0..3).map(|at| Arc::new(beat(grid, roles, 50 + at))).collect(),
        worker: WorkerView::Ready { queued: 3 },
        notices: Vec::new(),
        kit: KitView {
            name: "Analog Club".to_owned(),
            sounds: 412,
            mono: false,
            factory: vec![
                "All factory sounds".to_owned(),
                "Analog Club".to_owned(),
                "Dusty Breaks".to_owned(),
            ],
            recent: vec!["/home/someone/Samples/Techno".into()],
            problems: Vec::new(),
            missing: Vec::new(),
        },
        profile: ProfileView {
            name: "My techno".to_owned(),
            all: vec!["My techno".to_owned(), "Hip-hop".to_owned()],
        },
        enter: Enter::NextBar,
        export: ExportSettings::default(),
        exported: Vec::new(),
        undo: Some("Edit".to_owned()),
        redo: None,
        audition: false,
        muted_after_drag: false,
        learns_key: None,
        settings: Settings::default(),
        presets: presets(),
        for_the_host: None,
    }
}

/// The factory's presets and two of a person's own, of which the project came from one.
pub fn presets() -> PresetsView {
    let mut library = Library::clone(&Library::factory());
    for (name, lanes) in [("Late night", 6), ("Sunday", 4)] {
        let preset = Preset {
            name: name.to_owned(),
            category: "House".to_owned(),
            tags: vec!["mine".to_owned()],
            kit: KitChoice::FactoryKit("Deep House".to_owned()),
            lanes: Role::default_lanes(lanes).to_vec(),
            steering: Steering { swing: Some(Swing::from_percent(57.0)), ..Steering::default() },
            seed: Seed(7),
        };
        library.all.push(Listed { preset, own: true, favourite: false });
    }
    library.all[0].favourite = true;
    PresetsView {
        library: Arc::new(library),
        current: Some(CurrentPreset {
            id: PresetId { own: false, name: "Warehouse".to_owned() },
            changed: false,
        }),
        loading: None,
        removed: None,
    }
}

/// Answers a command about presets as a worker would.
fn preset_command(view: &mut View, command: Command) {
    let library = Arc::make_mut(&mut view.presets.library);
    let own = |name: &str| PresetId { own: true, name: name.to_owned() };
    let id_of = |listed: &Listed| listed.id();
    match command {
        Command::LoadPreset(id) => {
            if let Some(listed) = library.all.iter().find(|listed| listed.id() == id) {
                view.steering = listed.preset.steering;
                let serial = view.revision;
                view.for_the_host = Some(ForTheHost { serial, steering: listed.preset.steering });
                view.presets.current = Some(CurrentPreset { id, changed: false });
                next_loop(view);
            }
        }
        Command::SavePreset { name, category, .. } => {
            let mut preset = library.all[0].preset.clone();
            preset.name.clone_from(&name);
            preset.category = category;
            library.all.retain(|listed| id_of(listed) != own(&name));
            library.all.push(Listed { preset, own: true, favourite: false });
            view.presets.current = Some(CurrentPreset { id: own(&name), changed: false });
        }
        Command::RenamePreset { from, to } => {
            library.all.iter_mut().filter(|listed| listed.id() == own(&from)).for_each(|listed| {
                listed.preset.name.clone_from(&to);
            });
        }
        Command::RemovePreset(name) => {
            library.all.retain(|listed| id_of(listed) != own(&name));
            view.presets.removed = Some(name);
        }
        Command::RestorePreset(_) => view.presets.removed = None,
        Command::FavouritePreset(id, on) => {
            library
                .all
                .iter_mut()
                .filter(|listed| listed.id() == id)
                .for_each(|listed| listed.favourite = on);
        }
        _ => {}
    }
}
