//! A session that answers commands in memory, at once: what the editor's tests put in the place of the real
//! one. `editor_seam.rs` holds that it answers as that does, as far as [`Shown`] tells.

use super::meters;
use deepdrummer_core::engine::LaneMix;
use deepdrummer_core::pattern::{Hit, Loop, Role, SampleId, Swing};
use deepdrummer_core::propose::Steering;
use deepdrummer_core::session::command::{
    Command, ExportKind, ExportSettings, KitChoice, LoopAction, PresetId, SongCommand, Strategy,
};
use deepdrummer_core::session::merge::merged;
use deepdrummer_core::session::preset::Listed;
use deepdrummer_core::session::view::*;
use deepdrummer_core::session::{Controls, ForTheHost, SoundControls};
use deepdrummer_core::taste::{LoopId, Verdict};
use deepdrummer_plugin::app::{Audio, Device};
use deepdrummer_plugin::editor::{Handle, HostParam, Meters};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What a fake session was asked, and what it shows.
pub(crate) struct Session {
    pub view: Arc<View>,
    pub meters: Option<Meters>,
    pub params: BTreeMap<HostParam, f32>,
    pub sent: Vec<Command>,
    pub gestures: Vec<(HostParam, &'static str, f32)>,
    pub full: bool,
    /// Where exports are "written"; `None` answers none.
    pub export_folder: Option<PathBuf>,
    pub open: bool,
    /// Lanes that were heard by a click.
    pub heard: Vec<u8>,
    /// The standalone app's audio, and the device that was chosen.
    pub audio: Option<Arc<Audio>>,
    pub device: Option<Device>,
    /// Steps that can be undone, and the view before each.
    done: Vec<(String, Arc<View>)>,
    /// Steps that can be done again, and the view after each.
    undone: Vec<(String, Arc<View>)>,
    /// Edits grow into one step until the gesture ends.
    gesture_open: bool,
    /// Of each loop that was left: what plays, the verdicts on rhythm and sounds, and whether it was edited.
    left: BTreeMap<LoopId, Left>,
}

/// What of a loop a view holds while it is the current one alone.
#[derive(Clone, Copy)]
struct Left {
    parts: [Option<bool>; 2],
    edited: bool,
}

/// What a person notices of a session, but for what its learner comes up with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    /// Verdict, star, and whether it is the current one.
    pub history: Vec<(Option<bool>, bool, bool)>,
    /// The loop that came first: loops after it are the learner's.
    pub first: Option<Loop>,
    /// Verdicts on the current loop: on all of it, on its rhythm, on its sounds; and whether it was edited.
    pub current: (Option<bool>, Option<bool>, Option<bool>, bool),
    pub said: [usize; 2],
    pub lanes: Vec<(Role, LaneMix, u128, [bool; 3])>,
    pub controls: Controls,
    pub strategy: Strategy,
    pub steps: [Option<String>; 2],
    pub settings: Settings,
    pub export: ExportSettings,
    pub exported: Vec<(u64, usize)>,
    pub learns_key: Option<LoopAction>,
    pub profile: String,
    pub preset: Option<PresetId>,
    pub own_presets: Vec<String>,
    pub favourites: Vec<PresetId>,
    pub removed: Option<String>,
    pub muted: bool,
}

impl Shown {
    pub(crate) fn of(view: &View) -> Self {
        let presets = &view.presets;
        let listed = |which: fn(&Listed) -> bool| presets.library.all.iter().filter(move |one| which(one));
        Self {
            history: view
                .history
                .iter()
                .map(|entry| (entry.verdict, entry.starred, entry.is_current))
                .collect(),
            first: view.history.first().map(|entry| *entry.pattern),
            current: (
                view.current.verdict,
                view.current.rhythm_verdict,
                view.current.sound_verdict,
                view.current.edited,
            ),
            said: [view.taste.likes, view.taste.dislikes],
            lanes: view
                .lanes
                .iter()
                .map(|lane| {
                    (
                        lane.role,
                        lane.mix,
                        lane.locked_steps,
                        [lane.lock_beat, lane.lock_sound, lane.as_written],
                    )
                })
                .collect(),
            controls: controls(view),
            strategy: view.strategy,
            steps: [view.undo.clone(), view.redo.clone()],
            settings: view.settings.clone(),
            export: view.export.clone(),
            exported: view.exported.iter().map(|done| (done.ticket, done.files.len())).collect(),
            learns_key: view.learns_key,
            profile: view.profile.name.clone(),
            preset: presets.current.as_ref().map(|current| current.id.clone()),
            own_presets: listed(|one| one.own).map(|one| one.preset.name.clone()).collect(),
            favourites: listed(|one| one.favourite).map(Listed::id).collect(),
            removed: presets.removed.clone(),
            muted: view.muted_after_drag,
        }
    }
}

fn controls(view: &View) -> Controls {
    let (bus, levelled, human) = (view.bus, view.levelled, view.human);
    let mut sound = SoundControls { bus, levelled, human, ..SoundControls::default() };
    for (shape, lane) in sound.shapes.iter_mut().zip(&view.lanes) {
        *shape = lane.shape;
    }
    Controls { steering: view.steering, enter: view.enter, audition: view.audition, sound }
}

/// A handle to a session that a test can look into.
#[derive(Clone)]
pub(crate) struct Fake(pub Arc<Mutex<Session>>);

impl Fake {
    pub(crate) fn new(view: View) -> Self {
        let mut params: BTreeMap<HostParam, f32> =
            HostParam::all().map(|param| (param, param.default())).collect();
        let steering = Steering {
            density: 0.55,
            swing: Some(Swing::from_percent(54.0)),
            ..Steering { grid: view.steering.grid, ..Steering::default() }
        };
        let wanted = Controls { steering, ..controls(&view) };
        let held: Vec<_> = HostParam::to_hold(wanted, |param| params[&param]).collect();
        params.extend(held);
        Self(Arc::new(Mutex::new(Session {
            view: Arc::new(view),
            meters: Some(meters(None)),
            params,
            sent: Vec::new(),
            gestures: Vec::new(),
            full: false,
            export_folder: None,
            open: false,
            heard: Vec::new(),
            audio: None,
            device: None,
            done: Vec::new(),
            undone: Vec::new(),
            gesture_open: false,
            left: BTreeMap::new(),
        })))
    }

    /// Changes the snapshot and publishes it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut View)) {
        let mut session = self.0.lock().unwrap();
        let mut view = (*session.view).clone();
        change(&mut view);
        view.revision += 1;
        session.view = Arc::new(view);
    }

    pub(crate) fn sent(&self) -> Vec<Command> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    pub(crate) fn view_now(&self) -> Arc<View> {
        Arc::clone(&self.0.lock().unwrap().view)
    }

    /// The session follows the host's parameters.
    fn follow(&self) {
        let params = self.0.lock().unwrap().params.clone();
        let Controls { steering, enter, audition, sound } = HostParam::controls(|param| params[&param]);
        self.change(|view| {
            // No parameter holds the styles.
            let styles = view.steering.styles;
            let steering = Steering { styles, ..steering.sanitized() };
            (view.steering, view.enter, view.audition) = (steering, enter, audition);
            (view.bus, view.levelled, view.human) = (sound.bus, sound.levelled, sound.human);
            for (lane, shape) in view.lanes.iter_mut().zip(sound.shapes) {
                lane.shape = shape;
            }
            if view.for_the_host.is_some_and(|ahead| ahead.steering.is_like(&view.steering)) {
                view.for_the_host = None;
            }
        });
    }

    /// Answers the command as a session would, as far as the editor can tell.
    fn apply(&self, command: &Command) {
        match command {
            Command::Undo => return self.undo(),
            Command::Redo => return self.redo(),
            Command::EndGesture => return self.0.lock().unwrap().gesture_open = false,
            _ => {}
        }
        let before = self.view_now();
        self.carry_out(command);
        let after = self.view_now();
        let Some(step) = step_of(command, &before, &after) else { return };
        if Shown::of(&before) == Shown::of(&after) {
            return;
        }
        {
            let mut session = self.0.lock().unwrap();
            let drag = matches!(
                command,
                Command::EditHit { .. } | Command::SetCourse { .. } | Command::SetMix { .. }
            );
            let grows = drag && session.gesture_open && session.done.last().is_some_and(|of| of.0 == step);
            if !grows {
                session.done.push((step, before));
            }
            session.undone.clear();
            session.gesture_open = drag;
        }
        self.name_steps();
    }

    fn name_steps(&self) {
        let names = {
            let session = self.0.lock().unwrap();
            [&session.done, &session.undone].map(|steps| steps.last().map(|(name, _)| name.clone()))
        };
        self.change(|view| [view.undo, view.redo] = names);
    }

    fn undo(&self) {
        let now = self.view_now();
        let step = self.0.lock().unwrap().done.pop();
        match step {
            Some((name, before)) => {
                self.change(|view| restore(view, &before));
                self.0.lock().unwrap().undone.push((name, now));
                self.name_steps();
            }
            // A view that a test made says that there is a step.
            None => self.change(|view| (view.undo, view.redo) = (None, view.undo.take())),
        }
    }

    fn redo(&self) {
        let now = self.view_now();
        let step = self.0.lock().unwrap().undone.pop();
        match step {
            Some((name, after)) => {
                self.change(|view| restore(view, &after));
                self.0.lock().unwrap().done.push((name, now));
                self.name_steps();
            }
            None => self.change(|view| (view.undo, view.redo) = (view.redo.take(), None)),
        }
    }

    /// Answers a command that is neither undo nor redo.
    fn carry_out(&self, command: &Command) {
        let export_folder = self.0.lock().unwrap().export_folder.clone();
        let command = command.clone();
        let mut left = self.0.lock().unwrap().left.clone();
        self.change(|view| {
            let lanes = view.lanes.len();
            let current = &view.current;
            let parts = [current.rhythm_verdict, current.sound_verdict];
            let before = current.id;
            left.insert(before, Left { parts, edited: current.edited });
            if let Command::Forget(id) = command {
                left.entry(id).and_modify(|of| of.parts = [None; 2]);
            }
            match command {
                Command::Rate { id, verdict } => rate(view, id, verdict),
                Command::Skip { .. } => step(view, 1),
                Command::Back => step(view, -1),
                Command::Forward => step(view, 1),
                Command::Recall(id) => recall(view, id),
                Command::Star(id, on) => each(view, id, |entry| entry.starred = on),
                Command::Forget(id) => say(view, id, None),
                Command::DismissFound(id) => view.inbox.loops.retain(|found| found.id != id),
                Command::EditHit { lane, step, hit } if usize::from(lane) < lanes => {
                    edit(view, |pattern| {
                        pattern.lanes_mut()[usize::from(lane)].hits[usize::from(step)] = hit.sanitized();
                    });
                }
                Command::Lift(id) if id == view.current.id && view.current.lift.is_some() => {
                    edit(view, |pattern| pattern.lanes_mut()[0].hits[10] = Hit::PLAIN);
                }
                Command::EditLane { lane, hits } if usize::from(lane) < lanes => {
                    edit(view, |pattern| pattern.lanes_mut()[usize::from(lane)].hits = *hits);
                }
                Command::EditCells(cells) => edit(view, |pattern| {
                    for (lane, step, hit) in cells {
                        pattern.lanes_mut()[usize::from(lane)].hits[usize::from(step)] = hit.sanitized();
                    }
                }),
                Command::SetCourse { lane, course } if usize::from(lane) < lanes => {
                    edit(view, |pattern| {
                        pattern.lanes_mut()[usize::from(lane)].course = course.sanitized();
                    });
                }
                Command::SetMix { lane, mix } => view.lanes[usize::from(lane)].mix = mix,
                Command::SetAsWritten(lane, on) => view.lanes[usize::from(lane)].as_written = on,
                Command::LockBeat(lane, on) => view.lanes[usize::from(lane)].lock_beat = on,
                Command::LockSound(lane, on) => view.lanes[usize::from(lane)].lock_sound = on,
                Command::LockSteps(lane, mask) => view.lanes[usize::from(lane)].locked_steps = mask,
                Command::StepSample { lane, delta } => {
                    let lane = &mut view.lanes[usize::from(lane)];
                    lane.sample = SampleId(lane.sample.0.wrapping_add_signed(i64::from(delta)));
                    lane.sample_name = format!("{} {:02}", lane.role.label(), lane.sample.0 % 100);
                }
                Command::SetStrategy(strategy) => view.strategy = strategy,
                Command::SetDirections(directions) => view.taste.directions = directions,
                // The rest is as the host's parameters have it.
                Command::Steer(steering) => view.steering.styles = steering.styles,
                Command::ChooseKit(KitChoice::FactoryKit(name)) => view.kit.name = name,
                Command::ChooseProfile(name) => {
                    // One that is new starts afresh; the one in memory knows no other.
                    if name != view.profile.name {
                        (view.taste.likes, view.taste.dislikes) = (0, 0);
                        view.history.iter_mut().for_each(|entry| entry.verdict = None);
                        let current = &mut view.current;
                        current.verdict = None;
                        (current.rhythm_verdict, current.sound_verdict) = (None, None);
                        left.values_mut().for_each(|of| of.parts = [None; 2]);
                    }
                    view.profile.name = name;
                }
                Command::RenameProfile(name) => view.profile.name = name,
                Command::Unmute => view.muted_after_drag = false,
                Command::ChangeSettings { from, to } => view.settings = merged(&from, &to, &view.settings),
                Command::ChangeExport { from, to } => view.export = merged(&from, &to, &view.export),
                Command::Dismiss(id) => view.notices.retain(|notice| notice.id != id),
                Command::Export { ticket, kind, to, dragged, .. } => {
                    view.muted_after_drag |= dragged && view.settings.mute_after_drag;
                    if let Some(folder) = export_folder {
                        let name = format!("DeepDrummer {:04} 124bpm.mid", view.current.number);
                        let file = to.unwrap_or_else(|| folder.join(name));
                        let files = match kind {
                            ExportKind::Stems => (0..lanes)
                                .filter(|lane| !view.lanes[*lane].mix.mute)
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
                Command::Song(SongCommand::SetStrip(cells)) => view.song.strip = cells,
                Command::Song(SongCommand::SetDials(dials)) => view.song.dials = dials,
                Command::Song(_) | Command::ExportMany { .. } => {}
                other => preset_command(view, other),
            }
            if view.current.id != before
                && let Some(of) = left.get(&view.current.id)
            {
                [view.current.rhythm_verdict, view.current.sound_verdict] = of.parts;
                view.current.edited = of.edited;
            }
        });
        self.0.lock().unwrap().left = left;
    }
}

fn each(view: &mut View, id: LoopId, change: impl Fn(&mut HistoryView)) {
    view.history.iter_mut().filter(|entry| entry.id == id).for_each(change);
}

/// What undo calls the step that a command made.
fn step_of(command: &Command, before: &View, after: &View) -> Option<String> {
    let name = match command {
        Command::Rate { verdict, .. } => match verdict.like {
            Some(true) => "Like",
            Some(false) => "Dislike",
            None => "Rate",
        },
        Command::Skip { .. } => "Skip",
        Command::Forward if after.history.len() > before.history.len() => "Next loop",
        Command::Back | Command::Forward | Command::Recall(_) => "Recall loop",
        Command::Star(_, true) => "Star",
        Command::Star(_, false) => "Remove star",
        Command::Forget(_) => "Forget rating",
        Command::EditHit { .. } => "Edit steps",
        Command::EditLane { .. } => "Edit lane",
        Command::Lift(_) => return before.current.lift.as_ref().map(|lift| lift.text.clone()),
        Command::EditCells(cells) if cells.len() == 1 => "Edit a step",
        Command::EditCells(cells) => return Some(format!("Edit {} steps", cells.len())),
        Command::SetCourse { .. } => "Set how a lane runs",
        Command::SetMix { lane, .. } => return Some(format!("Mix lane {}", lane + 1)),
        Command::SetAsWritten(_, true) => "Play lane as written",
        Command::SetAsWritten(_, false) => "Play lane with feel",
        Command::LockBeat(_, true) => "Lock beat",
        Command::LockBeat(_, false) => "Free beat",
        Command::LockSound(_, true) => "Lock sound",
        Command::LockSound(_, false) => "Free sound",
        Command::LockSteps(..) => "Lock steps",
        Command::SetStrategy(_) => "Change strategy",
        Command::SetDirections(_) => "What you make",
        Command::Steer(_) if after.steering.styles.is_open() => "Any style",
        Command::Steer(_) => "Change style",
        Command::ChooseKit(_) => "Change kit",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Brings a view to what it was at another time; loops that came since stay in the history.
fn restore(view: &mut View, to: &View) {
    view.current.clone_from(&to.current);
    view.lanes.clone_from(&to.lanes);
    view.taste.clone_from(&to.taste);
    (view.strategy, view.kit.name) = (to.strategy, to.kit.name.clone());
    view.steering.styles = to.steering.styles;
    for entry in &mut view.history {
        entry.is_current = entry.id == to.current.id;
        if let Some(was) = to.history.iter().find(|was| was.id == entry.id) {
            (entry.verdict, entry.starred) = (was.verdict, was.starred);
            entry.pattern = Arc::clone(&was.pattern);
        }
    }
}

/// Sets the verdict on a loop and counts.
fn say(view: &mut View, id: LoopId, verdict: Option<bool>) {
    let Some(entry) = view.history.iter_mut().find(|entry| entry.id == id) else { return };
    let before = std::mem::replace(&mut entry.verdict, verdict);
    let mut count = |of: Option<bool>, by: isize| {
        if let Some(like) = of {
            let count = if like { &mut view.taste.likes } else { &mut view.taste.dislikes };
            *count = count.saturating_add_signed(by);
        }
    };
    count(before, -1);
    count(verdict, 1);
    if view.current.id == id {
        view.current.verdict = verdict;
    }
}

fn rate(view: &mut View, id: LoopId, verdict: Verdict) {
    let is_current = view.current.id == id;
    if is_current {
        view.current.rhythm_verdict = verdict.rhythm.or(view.current.rhythm_verdict);
        view.current.sound_verdict = verdict.sound.or(view.current.sound_verdict);
    }
    if verdict.like.is_some()
        && view.history.iter().any(|entry| entry.id == id && entry.verdict != verdict.like)
    {
        say(view, id, verdict.like);
        if is_current {
            next_loop(view);
        }
    }
}

/// Changes the current loop.
fn edit(view: &mut View, change: impl FnOnce(&mut Loop)) {
    change(&mut view.current.pattern);
    view.current.edited = true;
    let pattern = Arc::new(view.current.pattern);
    each(view, view.current.id, |entry| entry.pattern = Arc::clone(&pattern));
}

/// On or back in the history; a new loop beyond its end.
fn step(view: &mut View, by: isize) {
    let at = view.history.iter().position(|entry| entry.is_current).unwrap_or(0);
    match at.checked_add_signed(by).map(|to| view.history.get(to).map(|entry| entry.id)) {
        Some(Some(id)) => recall(view, id),
        Some(None) => next_loop(view),
        None => {}
    }
}

fn recall(view: &mut View, id: LoopId) {
    for entry in &mut view.history {
        entry.is_current = entry.id == id;
        if entry.is_current {
            view.current.id = id;
            view.current.number = entry.number;
            view.current.pattern = *entry.pattern;
            view.current.verdict = entry.verdict;
            (view.current.rhythm_verdict, view.current.sound_verdict) = (None, None);
            view.current.edited = false;
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
    (view.current.rhythm_verdict, view.current.sound_verdict) = (None, None);
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
        let mut controls = HostParam::controls(|param| self.param(param));
        if controls.take(&command) {
            let changes: Vec<_> = HostParam::to_hold(controls, |param| self.param(param)).collect();
            for (param, plain) in changes {
                self.set_param(param, plain);
            }
        }
        if !controls.take(&command) || matches!(command, Command::Steer(_)) {
            self.apply(&command);
        }
        true
    }

    fn param(&self, which: HostParam) -> f32 {
        self.0.lock().unwrap().params[&which]
    }

    fn begin_param(&mut self, which: HostParam) {
        self.0.lock().unwrap().gestures.push((which, "begin", 0.0));
    }

    fn set_param(&mut self, which: HostParam, plain: f32) {
        {
            let mut session = self.0.lock().unwrap();
            session.gestures.push((which, "set", plain));
            session.params.insert(which, which.sanitized(plain));
        }
        self.follow();
    }

    fn end_param(&mut self, which: HostParam) {
        self.0.lock().unwrap().gestures.push((which, "end", 0.0));
    }

    fn audio(&self) -> Option<Arc<Audio>> {
        self.0.lock().unwrap().audio.clone()
    }

    fn choose_audio(&mut self, device: Device) {
        self.0.lock().unwrap().device = Some(device);
    }

    fn hear(&mut self, lane: u8) -> bool {
        let mut session = self.0.lock().unwrap();
        session.heard.push(lane);
        session.meters.is_some_and(|meters| meters.runs)
    }

    fn default_export_folder(&self) -> PathBuf {
        PathBuf::from("/home/someone/Music/DeepDrummer")
    }

    fn window_open(&mut self, open: bool) {
        self.0.lock().unwrap().open = open;
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
            if let Some(current) = view.presets.current.as_mut().filter(|current| current.id == own(&from)) {
                current.id = own(&to);
            }
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
