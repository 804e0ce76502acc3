//! What only the window knows: selections, open panels, gestures that are under way.
//!
//! Editor thread. Nothing here is saved; losing it loses nothing that was made.

use deepdrummer_core::pattern::{Hit, MAX_LANES};
use deepdrummer_core::session::command::{Nearness, PresetId};
use deepdrummer_core::taste::LoopId;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What dragging in the grid does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Draws and shapes hits.
    #[default]
    Draw,
    /// Selects steps, to copy, move, shape or lock them.
    Select,
}

/// What the middle of the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The loop's grid.
    #[default]
    Loop,
    /// How a lane sounds, and the drum bus.
    Sound,
    /// Sections and their arrangement.
    Song,
    /// What one loves and makes, and what was heard of it.
    Taste,
}

/// A drag in the grid.
#[derive(Clone, Debug, PartialEq)]
pub enum Gesture {
    /// Pressed, not yet clear what it becomes.
    Pressed {
        /// Lane of the cell.
        lane: usize,
        /// Step of the cell.
        step: usize,
        /// Alt or Shift was down: micro-timing.
        timing: bool,
    },
    /// Sets or clears the cells that it passes.
    Paint {
        /// The lane it stays in.
        lane: usize,
        /// What it writes.
        hit: Hit,
        /// The last cell it wrote, so that fast drags leave no holes.
        last: usize,
    },
    /// Changes one hit's velocity.
    Velocity {
        /// Lane of the cell.
        lane: usize,
        /// Step of the cell.
        step: usize,
        /// The hit before.
        from: Hit,
    },
    /// Changes one hit's micro-timing.
    Timing {
        /// Lane of the cell.
        lane: usize,
        /// Step of the cell.
        step: usize,
        /// The hit before.
        from: Hit,
    },
    /// Selects from one corner.
    Select {
        /// Lane of the first corner.
        lane: usize,
        /// Step of the first corner.
        step: usize,
    },
}

/// A drag in the strip of the arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripGesture {
    /// Bars are moved: the first of them, how many, and the bar under the pointer where it began.
    Move {
        /// The first bar.
        from: usize,
        /// How many.
        bars: usize,
        /// Where it was taken hold of.
        held: usize,
    },
    /// A run of bars is made longer or shorter.
    Stretch {
        /// Its first bar.
        from: usize,
    },
    /// The section is painted over bars, from this one.
    Paint {
        /// Where it began.
        from: usize,
        /// Which section.
        section: u8,
    },
}

/// What the window knows of the page Song.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StripState {
    /// The bar of the keyboard.
    pub cursor: usize,
    /// Where the selection began.
    pub anchor: usize,
    /// The drag under way.
    pub gesture: Option<StripGesture>,
    /// The strip while it is dragged.
    pub draft: Option<Vec<u8>>,
    /// The strip that was sent last, until the snapshot has it.
    pub echo: Option<Vec<u8>>,
}

/// Steps that were copied: their place from the first lane and the first step of the selection, and what is
/// there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clipboard {
    /// Lane and step from the first ones, and the cell.
    pub cells: Vec<(usize, usize, Hit)>,
}

/// What a name is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptFor {
    /// A new profile.
    NewProfile,
    /// A new name for the profile in use.
    RenameProfile,
    /// A preset of the settings as they are.
    SavePreset {
        /// The group that it shall be listed in.
        category: String,
    },
    /// A new name for this preset.
    RenamePreset(String),
    /// A new name for a section of the song.
    RenameSection(u8),
}

/// Which presets the browser lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// All.
    #[default]
    All,
    /// The factory's.
    Factory,
    /// The person's own.
    Own,
    /// Those of a category.
    Category(String),
}

/// The browser of presets. What it lists is also what the arrows beside the preset's name walk through.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// It is open.
    pub open: bool,
    /// What was typed.
    pub search: String,
    /// Which group is listed.
    pub group: Group,
    /// Only favourites are listed.
    pub favourites: bool,
    /// The row that the keyboard is at.
    pub row: usize,
    /// The search field is to be given the keyboard.
    pub wants_keyboard: bool,
    /// The row is to be brought into view.
    pub shows_row: bool,
    /// The preset that was asked for and is not in the snapshot yet.
    pub asked: Option<PresetId>,
    /// The category that a preset was saved in last.
    pub category: Option<String>,
}

/// A question for a name.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What for.
    pub what: PromptFor,
    /// What was typed.
    pub text: String,
    /// Whether the field has been given the keyboard.
    pub focused: bool,
}

/// A word from the editor itself, beside the session's notices.
#[derive(Clone, Debug)]
pub struct Toast {
    /// To dismiss it by.
    pub key: u64,
    /// What happened.
    pub text: String,
    /// What to do about it.
    pub next_step: String,
    /// The file it is about: offers copy path and show in folder.
    pub file: Option<PathBuf>,
    /// Whether something went wrong: such words stay until they are dismissed.
    pub warning: bool,
    /// When good news has been seen, in seconds of the window's clock; `None` until it is shown.
    pub until_s: Option<f64>,
}

/// What only the window knows.
#[derive(Clone, Debug)]
pub struct UiState {
    /// What the middle of the window shows.
    pub page: Page,
    /// How many references are behind those that are shown.
    pub references_back: usize,
    /// The line that asks what one makes was put away.
    pub offer_dismissed: bool,
    /// The lane that the page Sound is about.
    pub sound_lane: usize,
    /// The strip of the arrangement.
    pub strip: StripState,
    /// The bar that the grid shows; `None` shows all.
    pub bar: Option<usize>,
    /// What dragging in the grid does.
    pub tool: Tool,
    /// Selected steps of each lane.
    pub selection: [u128; MAX_LANES],
    /// Cell of the keyboard: lane, step.
    pub cursor: (usize, usize),
    /// Where the selection began: lane, step.
    pub anchor: (usize, usize),
    /// The drag under way.
    pub gesture: Option<Gesture>,
    /// Cells that were edited but are not in the snapshot yet.
    pub echo: BTreeMap<(usize, usize), Hit>,
    /// The panel for the life of the selected steps is to open.
    pub opens_life: bool,
    /// The statement whose loops are shown, by its words: its place changes with every rating.
    pub statement: Option<String>,
    /// The settings are open.
    pub settings_open: bool,
    /// The session was told that no key is waited for any more.
    pub ended_learning: bool,
    /// The presets.
    pub browser: Browser,
    /// A name is being asked for.
    pub prompt: Option<Prompt>,
    /// A text field is on the screen, whether or not it has the keyboard: [`text_field`] says so.
    ///
    /// [`text_field`]: crate::editor::widgets::text_field
    pub text_field: bool,
    /// The zoom that is seen, in per cent, where it is not the one that was chosen for want of room.
    pub seen_zoom: Option<u16>,
    /// What "more like this" does without a menu.
    pub nearness: Nearness,
    /// The first history thumbnail shown, counted from the newest; 0 follows.
    pub history_back: usize,
    /// The loop that is shown although another one still sounds.
    pub looks_ahead: Option<LoopId>,
    /// Steps that were copied.
    pub clipboard: Clipboard,
    /// The loop that was rated last: a second press waits for the next loop.
    pub rated: Option<(LoopId, bool)>,
    /// The editor's own words.
    pub toasts: Vec<Toast>,
    /// While the window's corner is held: from the pointer to the corner.
    pub resizing: Option<egui::Vec2>,
    /// What is being dragged over the window is taken anywhere; in words what becomes of it.
    pub drop_anywhere: Option<&'static str>,
    /// The first of the files that are being dragged over the window, and what becomes of them.
    pub drop_seen: Option<(PathBuf, Option<&'static str>)>,
    /// The lane under a file that is being dragged over the window.
    pub drop_lane: Option<usize>,
    /// The pointer with a dragged file is here, in logical pixels.
    pub drop_at: Option<egui::Pos2>,
    /// Rectangles of the lane heads in this frame: where files can be dropped.
    pub lane_rects: Vec<egui::Rect>,
    /// Where the row of the dial Human was drawn.
    pub feel_rect: Option<egui::Rect>,
    next_toast: u64,
}

impl Default for UiState {
    fn default() -> Self {
        Self {
            page: Page::Loop,
            references_back: 0,
            offer_dismissed: false,
            sound_lane: 0,
            strip: StripState::default(),
            bar: None,
            tool: Tool::Draw,
            selection: [0; MAX_LANES],
            cursor: (0, 0),
            anchor: (0, 0),
            gesture: None,
            echo: BTreeMap::new(),
            opens_life: false,
            statement: None,
            settings_open: false,
            ended_learning: false,
            browser: Browser::default(),
            prompt: None,
            text_field: false,
            seen_zoom: None,
            nearness: Nearness::Near,
            history_back: 0,
            looks_ahead: None,
            clipboard: Clipboard::default(),
            rated: None,
            toasts: Vec::new(),
            resizing: None,
            drop_anywhere: None,
            drop_seen: None,
            drop_lane: None,
            drop_at: None,
            lane_rects: Vec::new(),
            feel_rect: None,
            next_toast: 1,
        }
    }
}

/// How long good news is shown: long enough to reach for one of its buttons.
const GOOD_NEWS_S: f64 = 12.0;
/// Older words make room.
const MAX_TOASTS: usize = 3;

impl UiState {
    /// Says something.
    pub fn say(&mut self, mut toast: Toast) {
        toast.key = self.next_toast;
        self.next_toast += 1;
        self.toasts.retain(|other| other.text != toast.text);
        self.toasts.push(toast);
        if self.toasts.len() > MAX_TOASTS {
            self.toasts.remove(0);
        }
    }

    /// Says that something went wrong, and what to do.
    pub fn warn(&mut self, text: impl Into<String>, next_step: impl Into<String>) {
        let (text, next_step) = (text.into(), next_step.into());
        self.say(Toast { key: 0, text, next_step, file: None, warning: true, until_s: None });
    }

    /// Drops good news that was up for long enough. Returns when to look again, in seconds from `now_s`.
    pub fn age_toasts(&mut self, now_s: f64) -> Option<f64> {
        for toast in self.toasts.iter_mut().filter(|toast| !toast.warning) {
            toast.until_s.get_or_insert(now_s + GOOD_NEWS_S);
        }
        self.toasts.retain(|toast| toast.until_s.is_none_or(|until| until > now_s));
        self.toasts.iter().filter_map(|toast| toast.until_s).map(|until| until - now_s).reduce(f64::min)
    }
}
