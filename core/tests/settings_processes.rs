//! The settings of a machine between processes: each changes its own, none undoes another's.
//!
//! Children are this very test program, started again; [`child`] is what they run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod children;

use children::{Running, Task, tell};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::settings::Machine;
use deepdrummer_core::runtime::{NoControls, Options, Runtime};
use deepdrummer_core::session::command::{Command, ExportSettings, MidiTracks, NoteMap, Tail};
use deepdrummer_core::session::view::Settings;
use deepdrummer_core::units::Seed;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Changes that each child makes.
const CHANGES: u16 = 31;

/// Whole instances, each of which changes one setting again and again. The last child is a program that
/// knows no instance.
const ROLES: [&str; 6] = ["zoom", "embed", "mute", "keys and tracks", "tail", "kits"];

/// Not a test of its own: what children run.
#[test]
fn child() {
    let Some(Task { role, folder: home, .. }) = children::task() else { return };
    if role == "kits" {
        let mut machine = Machine::default();
        for number in 0..CHANGES {
            machine.update(&home, |machine| machine.remember_kit(Path::new(&number.to_string()))).unwrap();
        }
        return;
    }
    let options = Options {
        critic: CriticKind::Random,
        learner,
        lanes: Role::default_lanes(4).to_vec(),
        seed: Seed(1),
        home: Some(home.clone()),
    };
    let runtime = Runtime::new(options, Arc::new(NoControls));
    assert!(runtime.handle().wait_for_settings(Duration::from_secs(60)));
    tell("ready");
    for number in 1..=CHANGES {
        let view = runtime.handle().view();
        let (settings, export) = (view.settings.clone(), view.export.clone());
        let on = number % 2 == 1;
        // As a window does it: all settings that it has seen, and one of them changed.
        let settings = match role.as_str() {
            "zoom" => Settings { zoom_percent: 100 + number, ..settings },
            "embed" => Settings { embed_samples: on, ..settings },
            "mute" => Settings { mute_after_drag: on, ..settings },
            _ => settings,
        };
        let export = match role.as_str() {
            "keys and tracks" => ExportSettings {
                note_map: if on { NoteMap::ChromaticC1 } else { NoteMap::GeneralMidi },
                midi_tracks: if on { MidiTracks::One } else { MidiTracks::Lanes },
                ..export
            },
            "tail" => ExportSettings { tail: if on { Tail::Keep } else { Tail::Wrap }, ..export },
            _ => export,
        };
        let (from, to) = (view.settings.clone(), settings.clone());
        assert!(runtime.handle().send(Command::ChangeSettings { from, to }));
        let (from, to) = (view.export.clone(), export.clone());
        assert!(runtime.handle().send(Command::ChangeExport { from, to }));
        let wanted = |settings_now: &Settings, export_now: &ExportSettings| match role.as_str() {
            "zoom" => settings_now.zoom_percent == settings.zoom_percent,
            "embed" => settings_now.embed_samples == on,
            "mute" => settings_now.mute_after_drag == on,
            "tail" => export_now.tail == export.tail,
            _ => export_now.note_map == export.note_map && export_now.midi_tracks == export.midi_tracks,
        };
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let view = runtime.handle().view();
            if wanted(&view.settings, &view.export) {
                break;
            }
            assert!(Instant::now() < until, "{role}: gave up waiting for change {number}");
            std::thread::park_timeout(Duration::from_micros(100));
        }
        // Its own last word holds: nobody else says anything of it.
        let all = Machine::read(&home).unwrap();
        assert!(wanted(&all.settings, &all.export), "{role}: change {number} was undone by another process");
    }
}

#[test]
fn processes_that_change_settings_at_once_do_not_undo_each_others() {
    let home = tempfile::tempdir().unwrap();
    let mut all: Vec<Running> =
        ROLES.iter().zip(1..).map(|(role, number)| Running::start(role, home.path(), number)).collect();
    for (running, role) in all.iter_mut().zip(ROLES) {
        // Read to the end: a child that fails says why.
        while running.line().is_some() {}
        assert!(running.child.wait().unwrap().success(), "{role}");
    }
    let machine = Machine::read(home.path()).unwrap();
    assert_eq!(machine.settings.zoom_percent, 100 + CHANGES);
    assert!(machine.settings.embed_samples && machine.settings.mute_after_drag);
    let ExportSettings { note_map, midi_tracks, tail, .. } = machine.export;
    assert_eq!((note_map, midi_tracks, tail), (NoteMap::ChromaticC1, MidiTracks::One, Tail::Keep));
    let newest: Vec<String> = (0..CHANGES).rev().take(8).map(|number| number.to_string()).collect();
    assert_eq!(machine.recent_kits, newest.iter().map(Path::new).collect::<Vec<_>>());
}
