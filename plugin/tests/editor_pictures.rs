//! Pictures of the main states, drawn in software and compared with those in `tests/editor_pictures`.
//! `UPDATE_PICTURES=1` writes them anew: look at them before you commit.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::features::Directions;
use deepdrummer_core::pattern::{Condition, Course, Curve, Direction, Grid, Life, MAX_STEPS, REPEATS, Role};
use deepdrummer_core::propose::Onsets;
use deepdrummer_core::session::command::{MidiMap, NoteMap};
use deepdrummer_core::session::view::{FriendView, ReferenceView, RiffView};
use deepdrummer_core::taste::friend::Together;
use deepdrummer_core::taste::reference::ReferenceKind;
use deepdrummer_plugin::editor::Meters;
use deepdrummer_plugin::params::{HostParam, LaneParam};
use editor_support::raster::{Picture, Raster};
use editor_support::{FOUR, Fake, directed, meters, session, with_inbox, with_ranking, with_song};
use egui::{Event, Pos2, RawInput, Rect, Vec2, pos2, vec2};
use std::path::{Path, PathBuf};

struct Window {
    ctx: egui::Context,
    app: deepdrummer_plugin::editor::EditorApp,
    raster: Raster,
    size: Vec2,
    scale: f32,
    time: f64,
}

impl Window {
    fn new(fake: &Fake, width: f32, height: f32, scale: f32) -> Self {
        let ctx = egui::Context::default();
        let mut app = deepdrummer_plugin::editor::EditorApp::new(Box::new(fake.clone()));
        app.open(&ctx);
        Self { ctx, app, raster: Raster::default(), size: vec2(width, height), scale, time: 0.0 }
    }

    fn frame(&mut self, events: Vec<Event>) -> Picture {
        self.time += 0.1;
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(self.scale);
        }
        let app = &mut self.app;
        let output = self.ctx.run_ui(input, |ui| app.ui(ui));
        self.raster.update(&output.textures_delta);
        let ppp = output.pixels_per_point;
        let primitives = self.ctx.tessellate(output.shapes.clone(), ppp);
        let picture = self.raster.draw(self.size, ppp, &primitives);
        output.drop_without_applying_deltas();
        picture
    }

    /// Selects steps from one point to another.
    fn select(&mut self, from: Pos2, to: Pos2) {
        let modifiers = egui::Modifiers::NONE;
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers,
        };
        self.frame(vec![Event::PointerMoved(from)]);
        self.frame(vec![button(from, true)]);
        self.frame(vec![Event::PointerMoved(to)]);
        self.frame(vec![button(to, false)]);
        self.frame(vec![Event::PointerGone]);
    }

    fn click(&mut self, x: f32, y: f32) -> Picture {
        let button = |pressed| Event::PointerButton {
            pos: pos2(x, y),
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(pos2(x, y))]);
        self.frame(vec![button(true)]);
        self.frame(vec![button(false)]);
        self.frame(vec![Event::PointerGone]);
        self.frame(Vec::new())
    }

    /// Turns the wheel over the settings until they rest.
    fn scroll(&mut self, points: f32) {
        let wheel = Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            modifiers: egui::Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        };
        self.frame(vec![Event::PointerMoved(pos2(760.0, 400.0))]);
        self.frame(vec![wheel]);
        for _ in 0..4 {
            self.frame(Vec::new());
        }
    }
}

/// Hits with life, and lanes that run in ways of their own.
fn alive() -> Fake {
    let mut view = session(&FOUR, Grid::default());
    let lanes = view.current.pattern.lanes_mut();
    let chances = [100, 80, 50, 25, 10];
    let conditions = [Condition::Always, Condition::Every { passes: 4, at: 1 }, Condition::Fill];
    for (lane, of) in lanes.iter_mut().enumerate() {
        for (at, hit) in of.hits.iter_mut().filter(|hit| hit.is_on()).enumerate() {
            let repeats = REPEATS[(at + lane) % REPEATS.len()];
            let chance = chances[(at + 2 * lane) % chances.len()];
            hit.life =
                Life::new(chance, (repeats, Curve::Rising), conditions[(at + lane) % conditions.len()]);
        }
    }
    lanes[1].course = Course { length: 12, direction: Direction::Backwards, rotation: 2 };
    lanes[2].course = Course { length: 7, ..Course::PLAIN };
    lanes[3].course.direction = Direction::ToAndFro;
    let fake = Fake::new(view);
    fake.0.lock().unwrap().meters = Some(Meters { since: 3, ..meters(Some(6.3)) });
    fake
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editor_pictures")
}

fn hold(name: &str, picture: &Picture) {
    let path = folder().join(format!("{name}.png"));
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        picture.write(&path);
        return;
    }
    let Some(before) = Picture::read(&path) else {
        panic!("no picture {}; UPDATE_PICTURES=1 writes it", path.display())
    };
    let difference = picture.difference(&before, 12);
    if difference > 0.0005 {
        let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        picture.write(&now);
        panic!("{:.3} % of {name} changed; see {}", difference * 100.0, now.display());
    }
}

#[test]
fn the_main_screen_looks_as_it_did() {
    let fake = Fake::new(directed(&FOUR, Grid::default()));
    fake.0.lock().unwrap().meters = Some(meters(Some(6.3)));
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("main", &window.frame(Vec::new()));
}

#[test]
fn the_least_window_holds_eight_lanes_of_96_steps() {
    let grid = Grid { bars: 4, steps_per_bar: 24, ..Grid::default() };
    let fake = Fake::new(directed(Role::default_lanes(8), grid));
    let mut window = Window::new(&fake, 860.0, 560.0, 1.0);
    window.frame(Vec::new());
    hold("least", &window.frame(Vec::new()));
}

#[test]
fn a_large_window_gives_the_grid_room() {
    let fake = Fake::new(session(Role::default_lanes(6), Grid { bars: 2, ..Grid::default() }));
    let mut window = Window::new(&fake, 1600.0, 1000.0, 1.0);
    window.frame(Vec::new());
    hold("large", &window.frame(Vec::new()));
}

/// A lane whose sound is shaped, on its page.
fn shaped(lanes: &'static [Role]) -> Fake {
    let fake = Fake::new(with_ranking(session(lanes, Grid::default())));
    let mut session = fake.0.lock().unwrap();
    session.meters = Some(meters(Some(6.3)));
    for (param, plain) in [
        (LaneParam::Attack, 4.0),
        (LaneParam::Hold, 60.0),
        (LaneParam::Decay, 220.0),
        (LaneParam::LowPass, 9_000.0),
        (LaneParam::PitchEnv, -7.0),
        (LaneParam::Drive, 0.18),
        (LaneParam::Transient, 0.2),
    ] {
        session.params.insert(HostParam::Lane(param, 0), plain);
    }
    drop(session);
    fake
}

#[test]
fn the_page_sound_shows_a_lanes_shape_and_the_drum_bus() {
    let mut window = Window::new(&shaped(&FOUR), 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("sound", &window.click(86.0, 63.0));
}

#[test]
fn the_page_sound_fits_the_least_window() {
    let mut window = Window::new(&shaped(Role::default_lanes(8)), 860.0, 560.0, 1.0);
    window.frame(Vec::new());
    hold("sound_least", &window.click(86.0, 63.0));
}

/// The page Taste with something of everything.
fn taught() -> Fake {
    let mut view = with_inbox(directed(&FOUR, Grid::default()), 12);
    view.taste.directions = Directions::of_names(["Techno", "Breaks"]).unwrap();
    for (name, kind, bars, sounds) in [
        ("groove_funk_98.mid", ReferenceKind::Rhythm, 16, 0),
        ("break_170.wav", ReferenceKind::Both, 4, 3),
        ("my kicks", ReferenceKind::Sound, 0, 64),
    ] {
        let (name, path) = (name.to_owned(), name.into());
        view.taste.whose.project_share = 0.7;
        view.taste.whose.friend = Some(FriendView {
            name: "Anna".to_owned(),
            share: 0.3,
            together: Together::Both,
            ratings: Some(96),
            shared: vec!["Kick on every beat".to_owned(), "Short closed hat sound".to_owned()],
        });
        view.taste.references.push(ReferenceView { name, path, kind, weight: 1.0, bars, sounds });
    }
    Fake::new(view)
}

#[test]
fn the_page_taste_shows_what_one_loves_and_makes() {
    let mut window = Window::new(&taught(), 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("taste", &window.click(162.0, 63.0));
}

#[test]
fn the_page_taste_fits_the_least_window() {
    let fake = taught();
    fake.change(|view| *view = with_inbox(view.clone(), 30));
    let mut window = Window::new(&fake, 860.0, 560.0, 1.0);
    window.frame(Vec::new());
    hold("taste_least", &window.click(162.0, 63.0));
}

#[test]
fn the_page_song_shows_sections_and_their_arrangement() {
    let fake = Fake::new(with_song(session(Role::default_lanes(6), Grid::default())));
    let mut playing = meters(Some(6.3));
    (playing.section, playing.bar) = (1, Some(3));
    fake.0.lock().unwrap().meters = Some(playing);
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("song", &window.click(124.0, 63.0));
}

#[test]
fn the_page_song_fits_the_least_window() {
    let mut view = with_song(session(Role::default_lanes(8), Grid { bars: 2, ..Grid::default() }));
    for number in 0..3 {
        let mut more = view.song.sections[1].clone();
        more.name = format!("A section {number}");
        view.song.sections.push(more);
    }
    view.song.strip = (0..128).map(|bar| (bar / 8 % 9) as u8).collect();
    let mut window = Window::new(&Fake::new(view), 860.0, 560.0, 1.0);
    window.frame(Vec::new());
    hold("song_least", &window.click(124.0, 63.0));
}

#[test]
fn the_page_song_says_how_to_begin() {
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("song_new", &window.click(124.0, 63.0));
}

#[test]
fn a_new_session_says_what_to_do() {
    let mut view = session(Role::default_lanes(6), Grid::default());
    view.taste = Default::default();
    view.current.prediction = None;
    view.current.attribution = None;
    view.history.retain(|entry| entry.is_current);
    view.queue.clear();
    view.worker = deepdrummer_core::session::view::WorkerView::Loading { done: 120, total: 400 };
    view.undo = None;
    let fake = Fake::new(view);
    fake.0.lock().unwrap().meters = None;
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("new", &window.frame(Vec::new()));
}

#[test]
fn settings_lie_over_the_grid() {
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("settings", &window.click(1048.0, 22.0));
}

#[test]
fn presets_lie_over_the_lanes() {
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("presets", &window.click(230.0, 22.0));
}

#[test]
fn presets_fit_the_least_window() {
    let mut view = session(&FOUR, Grid::default());
    view.presets.removed = Some("Yesterday".to_owned());
    std::sync::Arc::make_mut(&mut view.presets.library).problems.push("old.toml: it is damaged".to_owned());
    let fake = Fake::new(view);
    let mut window = Window::new(&fake, 860.0, 560.0, 1.0);
    window.frame(Vec::new());
    hold("presets_least", &window.click(95.0, 22.0));
}

#[test]
fn the_question_for_a_presets_name_has_its_category() {
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let mut window = Window::new(&fake, 860.0, 560.0, 1.0);
    window.frame(Vec::new());
    window.click(95.0, 22.0);
    window.click(622.0, 76.0);
    window.frame(vec![Event::Text("Late shift".to_owned())]);
    hold("preset_category", &window.click(460.0, 246.0));
}

#[test]
fn keys_that_rate_are_in_the_settings() {
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    window.click(1048.0, 22.0);
    fake.change(|view| view.learns_key = Some(deepdrummer_core::engine::LoopAction::Skip));
    window.scroll(-220.0);
    hold("midi_keys", &window.frame(vec![Event::PointerGone]));
}

#[test]
fn a_drum_map_of_ones_own_is_in_the_settings() {
    let own = NoteMap::AddictiveDrums.as_own();
    let mut view = session(&FOUR, Grid::default());
    view.midi_map = Some(MidiMap { map: NoteMap::Own(own), name: "My pads".to_owned() });
    let fake = Fake::new(view);
    fake.0.lock().unwrap().params.insert(HostParam::NotesOnly, 1.0);
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    window.click(1048.0, 22.0);
    window.scroll(-480.0);
    hold("drum_map", &window.frame(vec![Event::PointerGone]));
}

#[test]
fn notes_that_are_followed_lie_above_the_kicks() {
    for (name, size, grid) in [
        ("followed", (1080.0, 660.0), Grid::default()),
        ("followed_least", (860.0, 560.0), Grid { bars: 4, ..Grid::default() }),
    ] {
        let mut view = session(&FOUR, grid);
        let mut strengths = [0; MAX_STEPS];
        for (at, step) in (0..grid.steps()).filter(|step| [0, 3, 6, 10].contains(&(step % 16))).enumerate() {
            strengths[step] = 40 + 29 * (at % 4) as u8;
        }
        view.riff = RiffView { onsets: Onsets::new(strengths), bars: 4, hold: false, notes: 16 };
        let fake = Fake::new(view);
        fake.0.lock().unwrap().params.insert(HostParam::Follow, 0.6);
        let mut window = Window::new(&fake, size.0, size.1, 1.0);
        window.frame(Vec::new());
        hold(name, &window.frame(Vec::new()));
    }
}

#[test]
fn notices_menus_and_selections_are_legible() {
    let mut view = session(&FOUR, Grid::default());
    view.notices.push(deepdrummer_core::session::view::Notice {
        id: 1,
        severity: deepdrummer_core::session::view::Severity::Error,
        text: "The sound “Snare 7.wav” could not be read: the file ends too early.".to_owned(),
        next_step: "A factory sound plays in its place. Locate the file in the lane's menu.".to_owned(),
    });
    view.muted_after_drag = true;
    view.lanes[1].missing = true;
    view.lanes[2].mix.mute = true;
    view.lanes[3].locked_steps = 0b1111_0000;
    view.current.verdict = Some(true);
    let fake = Fake::new(view);
    let mut window = Window::new(&fake, 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("notices", &window.click(330.0, 22.0));
}

#[test]
fn life_in_the_step_is_seen_in_the_grid_and_set_in_its_panel() {
    let mut window = Window::new(&alive(), 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("life", &window.frame(Vec::new()));
    window.click(224.0, 63.0);
    window.select(pos2(300.0, 130.0), pos2(700.0, 300.0));
    hold("life-panel", &window.click(369.0, 57.0));
    let mut window = Window::new(&alive(), 1080.0, 660.0, 1.0);
    window.frame(Vec::new());
    hold("life-lane", &window.click(200.0, 246.0));
}

#[test]
fn a_dense_display_is_drawn_sharp() {
    let fake = Fake::new(session(&FOUR, Grid::default()));
    let mut window = Window::new(&fake, 860.0, 560.0, 1.5);
    window.frame(Vec::new());
    let picture = window.frame(Vec::new());
    assert_eq!((picture.width, picture.height), (1290, 840));
}
