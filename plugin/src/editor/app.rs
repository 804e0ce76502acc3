//! The editor without its window: draws the newest snapshot and carries out what screens ask for.
//!
//! Editor thread. Never blocks, never touches files or the critic; runs in tests without a host.

use super::actions::{Action, Cx, Dialog, ExportFor, ExportOf};
use super::dialogs::{self, Ask, Dialogs, Outcome};
use super::drag::DragEnd;
use super::exports::{Exports, Ready};
use super::handle::{Handle, HostParam, Meters};
use super::keys::{self, Focus, SpaceIsTheHosts};
use super::screens::{self, bottom};
use super::sounding::Sounding;
use super::state::{Page, Toast, UiState};
use super::{text, theme};
use crate::app::{Audio, Device};
use deepdrummer_core::session::command::{Command, ExportKind, ExportSettings};
use deepdrummer_core::session::view::{Settings, View, WorkerView};
use deepdrummer_core::taste::LoopId;
use egui::{Key, Modifiers, Ui};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

mod dropping;
mod host;
mod without_dialog;

use without_dialog::NO_DIALOG;

/// Commands that wait for room in the worker's queue; more than this and the oldest edits matter no more.
const MAX_WAITING: usize = 256;

/// What the window is asked to do after a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowRequests {
    /// Start dragging these files now.
    pub drag: Option<Vec<PathBuf>>,
    /// A new zoom, in per cent.
    pub zoom: Option<u16>,
    /// A new size in logical pixels at 100 %.
    pub size: Option<(u32, u32)>,
    /// Close the window.
    pub close: bool,
}

/// Running, playing, the loop that sounds, step, level of each lane and of the output, tempo, bar.
type DrawnMeters = (bool, bool, Option<LoopId>, u32, [u8; 8], [u8; 2], u64, Option<i64>, Option<[i16; 3]>);

/// What the picture depends on: when it is the same, nothing needs to be drawn.
#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    revision: u64,
    /// Meters as coarse as they are drawn, so that noise below a pixel repaints nothing.
    meters: Option<DrawnMeters>,
    params: Vec<u32>,
}

/// The editor.
pub struct EditorApp {
    handle: Box<dyn Handle>,
    state: UiState,
    dialogs: Dialogs,
    exports: Exports,
    requests: WindowRequests,
    /// Commands that found the worker's queue full, in order.
    waiting: VecDeque<Command>,
    drawn: Option<Drawn>,
    view_before: Option<Arc<View>>,
    sounding: Sounding,
    /// What the host's parameters were set to last because the session had taken it on.
    steered: Option<u64>,
    sounded: Option<u64>,
}

impl EditorApp {
    /// An editor over a session.
    #[must_use]
    pub fn new(handle: Box<dyn Handle>) -> Self {
        // Tickets of a window opened earlier on the same session must not be met again.
        let first_ticket = handle.view().exported.iter().map(|done| done.ticket + 1).max().unwrap_or(1);
        Self {
            handle,
            state: UiState::default(),
            dialogs: Dialogs::default(),
            exports: Exports::new(first_ticket),
            requests: WindowRequests::default(),
            waiting: VecDeque::new(),
            drawn: None,
            view_before: None,
            sounding: Sounding::default(),
            steered: None,
            sounded: None,
        }
    }

    /// Replaces native dialogs; for tests.
    #[must_use]
    pub fn with_dialogs(mut self, ask: Ask) -> Self {
        self.dialogs = Dialogs::new(ask);
        self
    }

    /// Hands the host's side of parameters to the session's handle.
    pub fn connect(&mut self, context: nice_plug::context::gui::GuiContext) {
        self.handle.connect(context);
    }

    /// Prepares a new window's context: fonts, style, Space.
    pub fn open(&mut self, ctx: &egui::Context) {
        theme::install(ctx);
        ctx.options_mut(|options| {
            options.zoom_with_keyboard = false;
            // A click is a click however long the button was held. egui measures that in frames' times, and
            // on a busy machine a quick click can span a slow frame.
            options.input_options.max_click_duration = f64::INFINITY;
        });
        ctx.add_plugin(SpaceIsTheHosts);
        self.dialogs.set_context(Some(ctx.clone()));
        self.drawn = None;
        self.handle.window_open(true);
        if let Some(audio) = self.handle.audio() {
            self.say_what_plays(&audio);
        }
    }

    /// The standalone app says what it plays on.
    fn say_what_plays(&mut self, audio: &Audio) {
        if audio.device == Device::Nothing {
            let next_step = "Connect one, or choose another in the settings, under Audio.";
            self.state.warn("No audio device could be opened: nothing can be heard.", next_step);
            return;
        }
        let text = format!("Playing on {}.", audio.name);
        let next_step = "Another device is chosen in the settings, under Audio.".to_owned();
        self.state.say(Toast { key: 0, text, next_step, file: None, warning: false, until_s: None });
    }

    /// The window closed: nothing is drawn or polled until the next [`EditorApp::open`].
    pub fn close(&mut self) {
        self.dialogs.set_context(None);
        self.state.gesture = None;
        self.state.browser.open = false;
        self.state.browser.search.clear();
        self.state.settings_open = false;
        if self.handle.view().learns_key.is_some() {
            // Nobody sees any more that a key is waited for. If the queue is full, the next key ends it.
            let _ = self.handle.send(Command::LearnKey(None));
        }
        if self.state.ranked_lane.take().is_some() {
            // Nobody looks any more.
            let _ = self.handle.send(Command::RankSounds(None));
        }
        self.requests = WindowRequests::default();
        self.handle.window_open(false);
    }

    /// The state of the window, for tests.
    #[must_use]
    pub fn state(&self) -> &UiState {
        &self.state
    }

    /// The settings that the window remembers.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.handle.view().settings.clone()
    }

    /// The same for a window that is not open yet: waits a moment until they are read.
    #[must_use]
    pub fn settings_to_open_with(&mut self) -> Settings {
        self.handle.prepare();
        self.settings()
    }

    /// Whether something that is drawn has changed since the last frame. Cheap: it is asked 30 times a
    /// second while the window is open.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.waiting.is_empty() || self.drawn.as_ref() != Some(&self.to_draw(&self.handle.view()))
    }

    fn to_draw(&self, view: &View) -> Drawn {
        let coarse = |meters: Meters| {
            let level = |peak: f32| ((20.0 * peak.max(1e-4).log10() + 48.0).max(0.0) * 1.5) as u8;
            let (levels, output) = (meters.lane_peaks.map(level), meters.output_peaks.map(level));
            let (step, levels) =
                if meters.playing { (meters.step.max(0.0) as u32, levels) } else { (0, [0; 8]) };
            let audible = meters.heard.or(meters.audible).filter(|_| meters.playing);
            // Loudness, true peak and what holds them down are on one page alone.
            let tenth = |value: f32| (value * 10.0) as i16;
            let loudness = (self.state.page == Page::Sound).then(|| {
                [tenth(meters.lufs), tenth(20.0 * meters.true_peak.max(1e-4).log10()), tenth(meters.glue_db)]
            });
            let place = (meters.bpm.to_bits(), meters.bar);
            (meters.runs, meters.playing, audible, step, levels, output, place.0, place.1, loudness)
        };
        Drawn {
            revision: view.revision,
            meters: self.handle.meters().map(coarse),
            params: HostParam::all().map(|param| self.handle.param(param).to_bits()).collect(),
        }
    }

    /// Draws one frame and carries out what was asked for in it.
    pub fn ui(&mut self, ui: &mut Ui) {
        let view = self.handle.view();
        self.drawn = Some(self.to_draw(&view));
        let meters = self.handle.meters();
        self.note_changes(&view, meters);
        self.steer_the_host(&view);
        self.sound_the_host(&view);
        let shown = self.sounding.shown(&view, meters, self.state.looks_ahead);
        let rect = ui.max_rect();
        let mut cx = Cx {
            view: &view,
            shown: &shown,
            meters,
            param: &|which| self.handle.param(which),
            state: &mut self.state,
            actions: Vec::new(),
            audio: self.handle.audio(),
            default_folder: self.handle.default_export_folder(),
        };
        zoom_keys(ui, &mut cx);
        let focus = focus(ui.ctx(), cx.state);
        // While a name is asked for, keys belong to that question.
        if !focus.question && !focus.typing {
            shortcuts(ui, focus, &mut cx);
        }
        // Each field that is shown says so.
        cx.state.text_field = false;
        cx.state.inbox_shown.clear();
        screens::show(ui, rect, &mut cx);
        let actions = cx.actions;
        for action in actions {
            self.carry_out(action, &view, &shown, ui);
        }
        self.poll(&view, ui);
        self.retry(ui);
        if let Some(seconds) = self.state.age_toasts(ui.input(|input| input.time)) {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(seconds));
        }
    }

    /// Forgets what a new snapshot overtakes.
    fn note_changes(&mut self, view: &Arc<View>, meters: Option<Meters>) {
        if let Some(before) = &self.view_before
            && before.revision != view.revision
        {
            self.state.rated = None;
            if self.state.gesture.is_none() {
                self.state.echo.clear();
            }
            if view.presets.loading.is_some() || matches!(view.worker, WorkerView::Ready { .. }) {
                self.state.browser.asked = None;
            }
            if before.current.id != view.current.id {
                self.sounding.remember(before, meters);
                self.state.echo.clear();
                self.state.gesture = None;
                self.state.selection = Default::default();
                self.state.history_back = 0;
            }
        }
        self.view_before = Some(Arc::clone(view));
    }

    fn send(&mut self, command: Command) {
        if self.waiting.is_empty() && self.handle.send(command.clone()) {
            return;
        }
        // The intent is kept and the person told; order is kept too.
        if self.waiting.len() == MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(command);
        self.state.warn("The worker is busy.", "What you did is kept and follows as soon as it answers.");
    }

    fn retry(&mut self, ui: &Ui) {
        while let Some(command) = self.waiting.front() {
            if !self.handle.send(command.clone()) {
                ui.ctx().request_repaint_after(std::time::Duration::from_millis(50));
                return;
            }
            self.waiting.pop_front();
            if self.waiting.is_empty() {
                self.state.toasts.retain(|toast| toast.text != "The worker is busy.");
                ui.ctx().request_repaint();
            }
        }
    }

    fn carry_out(&mut self, action: Action, view: &View, shown: &View, ui: &Ui) {
        match action {
            Action::Send(command) => {
                if shown.current.id != view.current.id && is_for_the_current_loop(&command) {
                    // What is being changed is seen.
                    self.state.looks_ahead = Some(view.current.id);
                }
                self.send(command);
            }
            Action::Hear(lane) => {
                if !self.handle.hear(lane) {
                    let next_step = "Nothing sounds while the host does not process audio.";
                    self.state.warn("The host's audio is off.", next_step);
                }
            }
            Action::Begin(param) => self.handle.begin_param(param),
            Action::Set(param, value) => self.handle.set_param(param, value),
            Action::End(param) => self.handle.end_param(param),
            Action::Export(mut of, what) => {
                if shown.current.id != view.current.id {
                    // What is dragged is what is seen and heard.
                    of.id = of.id.or(Some(shown.current.id));
                }
                self.export(of, what, shown);
            }
            Action::Open(dialog) => self.open_dialog(dialog),
            Action::Copy(text) => ui.ctx().copy_text(text),
            Action::ShowInFolder(file) => dialogs::show_in_folder(&file),
            Action::ChooseAudio(device) => {
                self.handle.choose_audio(device);
                self.requests.close = true;
            }
            Action::Zoom(zoom_percent) => {
                self.requests.zoom = Some(zoom_percent);
                let to = Settings { zoom_percent, ..view.settings.clone() };
                self.send(Command::ChangeSettings { from: view.settings.clone(), to });
            }
            Action::Resize(width, height) => self.requests.size = Some((width, height)),
        }
        ui.ctx().request_repaint();
    }

    fn export(&mut self, of: ExportOf, what: ExportFor, view: &View) {
        match what {
            ExportFor::SaveAs => {
                let number = match of.id {
                    Some(id) => view.history.iter().find(|entry| entry.id == id).map(|entry| entry.number),
                    None => Some(view.current.number),
                };
                let lane = match of.kind {
                    ExportKind::LaneMidi(lane) | ExportKind::LaneAudio(lane) => {
                        view.lanes.get(usize::from(lane)).map(|lane| lane.role.label())
                    }
                    _ => None,
                };
                let bpm = self.handle.meters().map(|meters| meters.bpm);
                let name = text::export_name(number.unwrap_or(view.current.number), bpm, lane, of.kind);
                self.open_dialog(Dialog::SaveAs(of, name));
            }
            ExportFor::Drag => {
                // A drag before this one may still wait for its target to say that it is finished.
                if self.exports.drag_pending() {
                    return;
                }
                if let Some(files) = self.exports.kept(of, view) {
                    self.start_drag(files);
                    return;
                }
                let command = self.exports.begin(of, what, None);
                self.send(command);
            }
            ExportFor::CopyPath | ExportFor::ShowInFolder | ExportFor::SaveHere => {
                let command = self.exports.begin(of, what, None);
                self.send(command);
            }
        }
    }

    fn start_drag(&mut self, files: Vec<PathBuf>) {
        self.requests.drag = Some(files);
    }

    fn open_dialog(&mut self, dialog: Dialog) {
        if !self.dialogs.open(dialog) {
            self.state
                .warn("A file dialog is open already.", "Close it first; it may lie behind this window.");
        }
    }

    fn poll(&mut self, view: &View, ui: &Ui) {
        while let Some(outcome) = self.dialogs.poll() {
            match outcome {
                Outcome::Send(command) => self.send(*command),
                Outcome::ExportFolder(folder) => {
                    let to = ExportSettings { folder: Some(folder), ..view.export.clone() };
                    self.send(Command::ChangeExport { from: view.export.clone(), to });
                }
                Outcome::ExportTo(of, path) => {
                    let command = self.exports.begin(of, ExportFor::SaveAs, Some(path));
                    self.send(command);
                }
                Outcome::Unavailable(dialog) => self.without_dialog(dialog, view),
            }
        }
        let button_down = ui.input(|input| input.pointer.primary_down());
        for ready in self.exports.poll(view, button_down) {
            match ready {
                Ready::Drag(files) => self.start_drag(files),
                Ready::DragMissed(files) => {
                    self.file_toast(files, "ready", "Drag it again: the files are written now.");
                }
                Ready::CopyPath(files) => {
                    let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                    ui.ctx().copy_text(paths.join("\n"));
                    self.file_toast(files, "written", "Its path is on the clipboard.");
                }
                Ready::ShowInFolder(files) => {
                    if let Some(file) = files.first() {
                        dialogs::show_in_folder(file);
                    }
                    self.file_toast(files, "written", "");
                }
                Ready::Saved(files) => self.file_toast(files, "saved", ""),
                Ready::SavedHere(files) => {
                    let folder = files.first().and_then(|file| file.parent());
                    let folder = folder.map_or_else(String::new, |folder| folder.display().to_string());
                    let next_step = format!("{NO_DIALOG} It went to the export folder: {folder}");
                    self.file_toast(files, "saved", &next_step);
                }
                Ready::Failed(of) => {
                    let words = format!("{} could not be written.", text::export(of.kind));
                    self.state.warn(words, "Choose another export folder in the settings.");
                }
            }
            ui.ctx().request_repaint();
        }
    }

    fn file_toast(&mut self, files: Vec<PathBuf>, verb: &str, next_step: &str) {
        let Some(first) = files.first() else { return };
        let text = match files.len() {
            1 => format!("“{}” is {verb}.", text::file_name(first)),
            count => format!("{count} files are {verb}."),
        };
        let file = Some(first.clone());
        self.state.say(Toast {
            key: 0,
            text,
            next_step: next_step.to_owned(),
            file,
            warning: false,
            until_s: None,
        });
    }

    /// What the window is to do now; each request is handed out once.
    pub fn take_requests(&mut self) -> WindowRequests {
        std::mem::take(&mut self.requests)
    }

    /// A drag that the window started has ended.
    pub fn drag_ended(&mut self, end: DragEnd) {
        if let DragEnd::Failed(reason) = end {
            let next = "The files are written: use “copy path” or “show in folder” in the tile's menu.";
            self.state.warn(format!("Dragging did not work: {reason}."), next);
        }
        self.drawn = None;
    }

    /// The person resized the window, to logical pixels at 100 %.
    pub fn resized(&mut self, width: u32, height: u32) {
        let settings = self.handle.view().settings.clone();
        let window = (width.max(screens::MIN_SIZE.0), height.max(screens::MIN_SIZE.1));
        if settings.window != window {
            let to = Settings { window, ..settings.clone() };
            self.send(Command::ChangeSettings { from: settings, to });
        }
    }

    /// Whether the editor uses a key, so that it must not reach the host.
    #[must_use]
    pub fn takes_key(&self, ctx: &egui::Context, key: Key, modifiers: Modifiers) -> bool {
        keys::takes(key, modifiers, focus(ctx, &self.state))
    }

    /// Whether what a key types is text for a field.
    #[must_use]
    pub fn types(&self, ctx: &egui::Context, text: &str) -> bool {
        keys::types(text, focus(ctx, &self.state))
    }

    /// The zoom that is seen, in per cent; the one that was chosen may not fit the screen.
    pub fn note_zoom(&mut self, percent: u16) {
        self.state.seen_zoom = Some(percent);
    }
}

/// Who the keyboard is for.
fn focus(ctx: &egui::Context, state: &UiState) -> Focus {
    Focus {
        typing: ctx.text_edit_focused(),
        text: state.text_field,
        control: ctx.memory(|memory| memory.focused().is_some()),
        grid: ctx.memory(|memory| memory.focused() == Some(screens::cells::grid_id())),
        inbox: !state.inbox_shown.is_empty(),
        strip: ctx.memory(|memory| memory.focused() == Some(screens::song::strip_id())),
        menu: egui::Popup::is_any_open(ctx),
        list: state.browser.open,
        question: state.prompt.is_some(),
    }
}

/// Whether a command changes the session's current loop or what is kept of it.
fn is_for_the_current_loop(command: &Command) -> bool {
    matches!(
        command,
        Command::EditHit { .. }
            | Command::EditLane { .. }
            | Command::EditCells(_)
            | Command::SetCourse { .. }
            | Command::ThrowChances
            | Command::StepSample { .. }
            | Command::SetSample(..)
            | Command::TrySound(Some(_))
            | Command::LoadSample(..)
            | Command::RerollLane(_)
            | Command::SetRole { .. }
            | Command::SetLaneCount(_)
            | Command::LockBeat(..)
            | Command::LockSound(..)
            | Command::LockSteps(..)
    )
}

/// Takes the presses of a key with these modifiers, and says whether there was one.
fn pressed(ui: &Ui, modifiers: Modifiers, key: Key) -> bool {
    ui.input_mut(|input| {
        let mut hit = false;
        input.events.retain(|event| match event {
            egui::Event::Key { key: k, pressed: true, repeat, modifiers: m, .. }
                if *k == key && m.matches_exact(modifiers) =>
            {
                // A key that is held rates once.
                hit |= !repeat || modifiers.any();
                false
            }
            _ => true,
        });
        hit
    })
}

/// The keys of the zoom work everywhere: they are the way back where nothing else can be reached.
fn zoom_keys(ui: &Ui, cx: &mut Cx) {
    let command = |key: Key| {
        // A plus is typed with Shift on some keyboards.
        pressed(ui, Modifiers::COMMAND, key) | pressed(ui, Modifiers::COMMAND | Modifiers::SHIFT, key)
    };
    let larger = command(Key::Plus) | command(Key::Equals);
    let (smaller, usual) = (command(Key::Minus), command(Key::Num0));
    let seen = cx.state.seen_zoom.unwrap_or(cx.view.settings.zoom_percent);
    let zoom = match (larger, smaller, usual) {
        (_, _, true) => Some(100),
        (true, false, _) => screens::settings::next_zoom(seen, true),
        (false, true, _) => screens::settings::next_zoom(seen, false),
        _ => None,
    };
    cx.actions.extend(zoom.map(Action::Zoom));
}

/// Keys that work wherever the keyboard is, but for text fields and what a focused control needs.
fn shortcuts(ui: &Ui, focus: Focus, cx: &mut Cx) {
    let pressed = |modifiers: Modifiers, key: Key| pressed(ui, modifiers, key);
    let undo = cx.view.undo.is_some();
    let redo = cx.view.redo.is_some();
    if (pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y)) && redo
    {
        cx.send(Command::Redo);
    }
    if pressed(Modifiers::COMMAND, Key::Z) && undo {
        cx.send(Command::Undo);
    }
    for (key, page) in
        [(Key::Num1, Page::Loop), (Key::Num2, Page::Sound), (Key::Num3, Page::Song), (Key::Num4, Page::Taste)]
    {
        if pressed(Modifiers::COMMAND, key) {
            cx.state.page = page;
        }
    }
    if !keys::rates(focus) {
        return;
    }
    for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
        if pressed(modifiers, Key::L) {
            bottom::rate(cx, true);
        }
        if pressed(modifiers, Key::D) {
            bottom::rate(cx, false);
        }
    }
    if focus.inbox {
        let shown = cx.state.inbox_shown.clone();
        for (id, key) in shown.into_iter().zip(screens::inbox::KEYS) {
            if pressed(Modifiers::NONE, key) {
                screens::inbox::play(id, cx);
            }
        }
    }
    if !focus.control {
        if pressed(Modifiers::NONE, Key::ArrowLeft) {
            cx.send(Command::Back);
        }
        if pressed(Modifiers::NONE, Key::ArrowRight) {
            bottom::forward(cx);
        }
    }
}
