//! Presets and learned keys through the real window, the host's parameters, and the sound.
//!
//! Needs an X11 display with OpenGL and xdotool; `cargo xtask test` brings them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::pattern::{Meter, Role};
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::preset::{Library as Presets, Preset};
use deepdrummer_plugin::editor::theme;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::clap_host::{Input, Library, Plugin, Session, until};
use deepdrummer_tests::desk::Desk;
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{compare, note_ons, sort, wanted};
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;
const BLOCK: usize = 512;
/// Where things are in a window of the default size: the preset's name, the settings, and in them the
/// button that learns the key for Like.
const PRESETS: &str = "mousemove 230 22 click 1";
const SETTINGS: &str = "mousemove 1048 22 click 1";
const LEARN_LIKE: &str = "mousemove 795 569 click 1";

/// An instance with its window open, whose song plays on while the test waits.
struct Song {
    plugin: Plugin,
    session: Session,
    transport: Transport,
    desk: Desk,
}

impl Song {
    fn start() -> Option<Self> {
        let desk = Desk::with_hands()?;
        let mut plugin = Library::bundled().open();
        let session = plugin.activate(RATE, BLOCK);
        let mut song = Self { plugin, session, transport: Transport::playing(0.0, 120.0), desk };
        song.step(&[]);
        until("the first loop in the state", || song.document().history.current().map(|_| ()));
        song.desk.open_editor(&mut song.plugin);
        Some(song)
    }

    fn step(&mut self, inputs: &[(usize, Input)]) {
        self.session.process(BLOCK, Some(&self.transport), inputs);
        self.transport = self.transport.after(BLOCK, RATE);
        self.plugin.idle();
    }

    fn document(&mut self) -> Document {
        state::document(&self.plugin.save())
    }

    fn play_until(&mut self, what: &str, condition: impl Fn(&mut Self) -> bool) {
        until(what, || {
            self.step(&[]);
            condition(self).then_some(())
        });
    }

    /// Plays on for as many bars of 4/4 as given.
    fn play_bars(&mut self, bars: usize) {
        for _ in 0..(RATE * 2.0) as usize * bars / BLOCK + 1 {
            self.step(&[]);
        }
    }

    /// Does something by hand and plays on until a place of the window has a colour.
    fn hand(&mut self, script: &str, (x, y): (u16, u16), [r, g, b, _]: [u8; 4]) {
        self.desk.hand(script);
        self.play_until(script, |song| song.desk.pixel(x, y) == [r, g, b]);
    }

    /// Chooses a preset in the browser by typing.
    fn choose(&mut self, search: &str, name: &str) {
        self.hand(PRESETS, (440, 77), theme::FIELD.to_array());
        self.desk.hand(&format!("type --delay 60 {search}"));
        self.desk.hand("key Return");
        self.play_until("the preset", |song| song.document().preset.as_deref() == Some(name));
        self.desk.picture("preset-browser");
        self.desk.hand("key Escape");
    }

    fn end(mut self) {
        self.plugin.close_editor();
        self.plugin.deactivate(self.session);
    }
}

fn preset(name: &str) -> Preset {
    Presets::factory().named(name).unwrap().preset.clone()
}

/// Whether the host's parameters say what a preset says.
fn host_has(plugin: &mut Plugin, preset: &Preset) -> bool {
    let steering = preset.steering;
    let index = |all: &[u8], value: u8| all.iter().position(|of| *of == value).unwrap() as f64;
    let swing = steering.swing.map_or(49.0, |swing| f64::from(swing.percent()));
    let meter = if steering.grid.meter == (Meter { numerator: 3, denominator: 4 }) { 2.0 } else { 0.0 };
    [
        ("adventure", f64::from(steering.adventure)),
        ("density", f64::from(steering.density)),
        // CLAP shows continuous values as shares of their range, stepped ones as steps from the least.
        ("swing", (swing - 49.0) / 26.0),
        ("length", index(&[1, 2, 4], steering.grid.bars)),
        ("steps", f64::from(steering.grid.steps_per_bar) - 1.0),
        ("meter", meter),
        ("four_floor", f64::from(u8::from(steering.four_on_the_floor))),
    ]
    .into_iter()
    .all(|(id, value)| (plugin.value(id) - value).abs() < 1e-3)
}

fn roles(document: &Document) -> Vec<Role> {
    document.lanes.iter().map(|lane| lane.role).collect()
}

#[test]
fn a_preset_reaches_parameters_lanes_kit_and_sound_and_comes_back_with_the_project() {
    let Some(mut song) = Song::start() else { return };
    let before = song.document();
    let old = state::current(&before).clone();
    let steel = preset("Steel Floor");
    let began = song.session.frames_done();
    song.choose("steel", &steel.name);
    song.play_until("the host's parameters", |song| host_has(&mut song.plugin, &steel));
    song.play_bars(3);
    let document = song.document();
    assert_eq!((document.kit.clone(), roles(&document)), (steel.kit.clone(), steel.lanes.clone()));
    assert_eq!((document.learner_seed, document.seed), (steel.seed, before.seed));
    let new = state::current(&document).clone();
    assert_eq!(new.pattern.grid, steel.steering.grid);
    assert!(document.history.get(old.id).is_some(), "what played stays in the history");
    assert_eq!(document.history.get(old.id).unwrap().pattern, old.pattern, "and is as it was");
    assert!(document.judgements.is_empty(), "nothing was rated");
    assert_eq!(document.history.entries().len(), before.history.entries().len() + 1);

    // The old loop's notes up to some bar line, the new one's from there on, each with its own keys.
    let heard = note_ons(&song.session.take_notes(), 0);
    let done = song.session.frames_done() as usize;
    let (first, after) =
        (wanted(&old.pattern, 0.0, done, 120.0, RATE), wanted(&new.pattern, 0.0, done, 120.0, RATE));
    let with_change_at = |line: u64| {
        let change = line as f64 * 2.0 * RATE - 0.5;
        // An early downbeat sounds up to half a step before its bar, and is already the new loop's.
        let early = change - RATE / 16.0;
        let clear = |frame: f64| !(early..change).contains(&frame);
        let mut all: Vec<_> = first.iter().filter(|note| note.frame < early).copied().collect();
        all.extend(after.iter().filter(|note| note.frame >= change));
        sort(&mut all);
        let heard: Vec<_> = heard.iter().filter(|note| clear(note.0 as f64)).copied().collect();
        compare(&heard, &all)
    };
    let lines = began / (2.0 * RATE) as u64..=done as u64 / (2.0 * RATE) as u64;
    let tried: Vec<_> = lines.map(with_change_at).collect();
    assert!(tried.contains(&Ok(())), "no bar line explains the notes: {tried:#?}");

    // Saved and opened again it is the same, and the host's parameters are.
    let saved = song.plugin.save();
    let mut other = Library::bundled().open();
    assert!(other.load(&saved));
    let session = other.activate(RATE, BLOCK);
    assert!(host_has(&mut other, &steel));
    assert_eq!(state::document(&other.save()).write(), state::document(&saved).write());
    other.deactivate(session);
    song.end();
}

#[test]
fn undo_of_a_preset_takes_the_hosts_parameters_back_too() {
    let Some(mut song) = Song::start() else { return };
    let before = song.document();
    let ids = ["adventure", "density", "swing", "length", "steps", "meter", "four_floor"];
    let values: Vec<f64> = ids.iter().map(|id| song.plugin.value(id)).collect();
    let waltz = preset("Waltz in the Dark");
    song.choose("waltz", &waltz.name);
    song.play_until("the host's parameters", |song| host_has(&mut song.plugin, &waltz));
    assert_eq!(song.document().kit, KitChoice::FactoryKit("Lo-Fi Tape".to_owned()));
    song.play_bars(2);
    song.desk.hand("key ctrl+z");
    song.play_until("the parameters as they were", |song| {
        ids.iter().zip(&values).all(|(id, value)| (song.plugin.value(id) - value).abs() < 1e-3)
    });
    song.play_until("the session as it was", |song| song.document().kit == before.kit);
    song.play_bars(2);
    let document = song.document();
    assert_eq!(state::current(&document).id, state::current(&before).id);
    assert_eq!(state::current(&document).pattern, state::current(&before).pattern);
    assert_eq!((roles(&document), document.steering), (roles(&before), before.steering));
    assert_eq!((document.preset, document.learner_seed), (None, before.learner_seed));
    song.end();
}

#[test]
fn a_key_that_is_learned_in_the_settings_rates_and_is_remembered_by_the_machine() {
    const KEY: u8 = 61;
    let Some(mut song) = Song::start() else { return };
    song.hand(SETTINGS, (485, 300), theme::RAISED.to_array());
    song.hand(LEARN_LIKE, (764, 569), theme::ACCENT.to_array());
    song.desk.picture("learn-key");
    let press = |key: u8| [(7, Input::NoteOn { key, velocity: 0.8 }), (300, Input::NoteOff { key })];
    song.step(&press(KEY));
    let settings = artifacts::enter_own_home().join("data/deepdrummer/settings.json");
    song.play_until("the key among the settings", |_| {
        std::fs::read_to_string(&settings).is_ok_and(|text| text.contains("\"like\": 61"))
    });
    song.play_bars(1);
    assert!(song.document().judgements.is_empty(), "the press that was learned from rates nothing");
    // The key that liked before does nothing now, the new one likes.
    song.step(&press(2));
    let heard = state::current(&song.document()).id;
    song.step(&press(KEY));
    song.play_until("the rating", |song| !song.document().judgements.is_empty());
    let document = song.document();
    assert_eq!(document.judgements.len(), 1);
    assert_eq!((document.judgements[0].id, document.judgements[0].verdict.like), (heard, Some(true)));
    song.end();
}
