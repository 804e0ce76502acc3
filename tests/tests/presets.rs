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
use deepdrummer_tests::clap_host::{Input, Library, Plugin, until};
use deepdrummer_tests::desk::Desk;
use deepdrummer_tests::song::{BAR, BLOCK, BPM, RATE, Song};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{changes_at_a_bar, note_ons, wanted};

/// Where things are in a window of the default size: the preset's name, the settings, and in them the
/// button that learns the key for Like.
const PRESETS: &str = "mousemove 230 22 click 1";
const SETTINGS: &str = "mousemove 1048 22 click 1";
const LEARN_LIKE: &str = "mousemove 795 536 click 1";

/// A song, and a hand in the plugin's window.
struct Stage {
    song: Song,
    desk: Desk,
}

impl Stage {
    fn start() -> Option<Self> {
        let desk = Desk::with_hands()?;
        let mut song = Song::start();
        desk.open_editor(&mut song.plugin);
        Some(Self { song, desk })
    }

    fn play_until(&mut self, what: &str, condition: impl Fn(&mut Self) -> bool) {
        until(what, || {
            self.song.step(&[]);
            condition(self).then_some(())
        });
    }

    /// Does something by hand and plays on until a place of the window has a colour.
    fn hand(&mut self, script: &str, (x, y): (u16, u16), [r, g, b, _]: [u8; 4]) {
        self.desk.hand(script);
        self.play_until(script, |stage| stage.desk.pixel(x, y) == [r, g, b]);
    }

    /// Chooses a preset in the browser by typing.
    fn choose(&mut self, search: &str, name: &str) {
        self.hand(PRESETS, (440, 77), theme::FIELD.to_array());
        self.desk.hand(&format!("type --delay 60 {search}"));
        self.desk.hand("key Return");
        self.song.play_until("the preset", |document| document.preset.as_deref() == Some(name));
        self.desk.picture("preset-browser");
        self.desk.hand("key Escape");
    }

    fn end(mut self) {
        self.song.plugin.close_editor();
        self.song.end();
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
    let Some(mut stage) = Stage::start() else { return };
    let before = stage.song.document();
    let old = state::current(&before).clone();
    let steel = preset("Steel Floor");
    let began = stage.song.session.frames_done();
    stage.choose("steel", &steel.name);
    stage.play_until("the host's parameters", |stage| host_has(&mut stage.song.plugin, &steel));
    stage.song.play_bars(3);
    let document = stage.song.document();
    assert_eq!((document.kit.clone(), roles(&document)), (steel.kit.clone(), steel.lanes.clone()));
    assert_eq!((document.learner_seed, document.seed), (steel.seed, before.seed));
    let new = state::current(&document).clone();
    assert_eq!(new.pattern.grid, steel.steering.grid);
    assert!(document.history.get(old.id).is_some(), "what played stays in the history");
    assert_eq!(document.history.get(old.id).unwrap().pattern, old.pattern, "and is as it was");
    assert!(document.judgements.is_empty(), "nothing was rated");
    assert_eq!(document.history.entries().len(), before.history.entries().len() + 1);

    // The old loop's notes up to some bar line, the new one's from there on, each with its own keys.
    let heard = note_ons(&stage.song.session.take_notes(), 0);
    let done = stage.song.session.frames_done() as usize;
    let of = |pattern| wanted(pattern, 0.0, done, BPM, RATE);
    let lines = began / BAR as u64..=done as u64 / BAR as u64;
    assert_eq!(
        changes_at_a_bar(&heard, &of(&old.pattern), &of(&state::played(&document)), lines, BAR),
        Ok(())
    );

    // Saved and opened again it is the same, and the host's parameters are.
    let saved = stage.song.plugin.save();
    let mut other = Library::bundled().open();
    assert!(other.load(&saved));
    let session = other.activate(RATE, BLOCK);
    assert!(host_has(&mut other, &steel));
    assert_eq!(state::document(&other.save()).write().unwrap(), state::document(&saved).write().unwrap());
    other.deactivate(session);
    stage.end();
}

#[test]
fn undo_of_a_preset_takes_the_hosts_parameters_back_too() {
    let Some(mut stage) = Stage::start() else { return };
    let before = stage.song.document();
    let ids = ["adventure", "density", "swing", "length", "steps", "meter", "four_floor"];
    let values: Vec<f64> = ids.iter().map(|id| stage.song.plugin.value(id)).collect();
    let waltz = preset("Waltz in the Dark");
    stage.choose("waltz", &waltz.name);
    stage.play_until("the host's parameters", |stage| host_has(&mut stage.song.plugin, &waltz));
    assert_eq!(stage.song.document().kit, KitChoice::FactoryKit("Lo-Fi Tape".to_owned()));
    stage.song.play_bars(2);
    stage.desk.hand("key ctrl+z");
    stage.play_until("the parameters as they were", |stage| {
        ids.iter().zip(&values).all(|(id, value)| (stage.song.plugin.value(id) - value).abs() < 1e-3)
    });
    stage.play_until("the session as it was", |stage| stage.song.document().kit == before.kit);
    stage.song.play_bars(2);
    let document = stage.song.document();
    assert_eq!(state::current(&document).id, state::current(&before).id);
    assert_eq!(state::current(&document).pattern, state::current(&before).pattern);
    assert_eq!((roles(&document), document.steering), (roles(&before), before.steering));
    assert_eq!((document.preset, document.learner_seed), (None, before.learner_seed));
    stage.end();
}

#[test]
fn a_key_that_is_learned_in_the_settings_rates_and_is_remembered_by_the_machine() {
    const KEY: u8 = 61;
    let Some(mut stage) = Stage::start() else { return };
    stage.hand(SETTINGS, (485, 300), theme::RAISED.to_array());
    stage.hand(LEARN_LIKE, (764, 536), theme::ACCENT.to_array());
    stage.desk.picture("learn-key");
    let press = |key: u8| [(7, Input::NoteOn { key, velocity: 0.8 }), (300, Input::NoteOff { key })];
    stage.song.step(&press(KEY));
    let settings = artifacts::enter_own_home().join("data/deepdrummer/settings.json");
    stage.play_until("the key among the settings", |_| {
        std::fs::read_to_string(&settings).is_ok_and(|text| text.contains("\"like\": 61"))
    });
    stage.song.play_bars(1);
    assert!(stage.song.document().judgements.is_empty(), "the press that was learned from rates nothing");
    // The key that liked before does nothing now, the new one likes.
    stage.song.step(&press(2));
    let heard = state::current(&stage.song.document()).id;
    stage.song.step(&press(KEY));
    stage.play_until("the rating", |stage| !stage.song.document().judgements.is_empty());
    let document = stage.song.document();
    assert_eq!(document.judgements.len(), 1);
    assert_eq!((document.judgements[0].id, document.judgements[0].verdict.like), (heard, Some(true)));
    stage.end();
}
