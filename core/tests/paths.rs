//! Projects and profiles may come from anybody: whatever they name, nothing is written outside the export
//! folder and the home, and only sounds are looked at.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod runtime_fixture;

use deepdrummer_core::engine::{Engine, Outputs, Transport};
use deepdrummer_core::kit::load::content_id;
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, Meter, Role, SampleId, Swing};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::{NoControls, Options, Runtime};
use deepdrummer_core::session::command::{Command, ExportKind, ExportSettings, KitChoice};
use deepdrummer_core::session::doc::{Document, SampleDoc};
use deepdrummer_core::session::view::View;
use deepdrummer_core::taste::profile::Profile;
use deepdrummer_core::taste::{Judgement, Verdict};
use deepdrummer_core::units::{Bpm, SampleRate, Seed};
use runtime_fixture::{PATIENCE, write_sounds};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn machine(home: &Path) -> Runtime {
    let options = Options {
        critic: CriticKind::Random,
        learner,
        lanes: Role::default_lanes(4).to_vec(),
        seed: Seed(3),
        home: Some(home.to_owned()),
    };
    Runtime::new(options, Arc::new(NoControls))
}

/// A project whose current loop plays these sounds, from files that it names.
fn project(kit: KitChoice, profile: &str, sounds: &[(SampleId, PathBuf)]) -> String {
    let mut document = Document::new(Seed(5), Role::default_lanes(sounds.len()));
    document.kit = kit;
    profile.clone_into(&mut document.profile);
    let lanes: Vec<Lane> = sounds
        .iter()
        .map(|&(id, _)| {
            let mut lane = Lane::empty(Role::Kick, id);
            lane.hits[0] = Hit::PLAIN;
            lane
        })
        .collect();
    document.lanes.iter_mut().for_each(|lane| lane.role = Role::Kick);
    document.history.push(Seed(5), Loop::new(Grid::default(), Swing::STRAIGHT, &lanes), None);
    let named = sounds.iter().map(|(id, path)| SampleDoc {
        id: *id,
        name: "../../../../name\0of/a\\sound".to_owned(),
        role: Role::Kick,
        path: Some(path.clone()),
        embedded: None,
        sound: None,
    });
    document.samples = named.collect();
    document.write().unwrap()
}

/// Opens a project and plays a block of it.
fn open(runtime: &Runtime, text: &str) {
    runtime.handle().load(text.to_owned());
    let mut port = runtime.handle().attach(SampleRate::STUDIO);
    assert!(runtime.handle().wait_for_plan(PATIENCE), "it plays");
    let mut engine = Engine::new(SampleRate::STUDIO);
    let (mut left, mut right) = ([0.0; 256], [0.0; 256]);
    port.begin(&mut engine, false);
    let transport = Transport::at(0.0, Bpm::DEFAULT, Meter::FOUR_FOUR);
    engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
    port.end(&mut engine, &transport);
}

fn until(runtime: &Runtime, what: &str, holds: impl Fn(&View) -> bool) -> Arc<View> {
    let end = Instant::now() + PATIENCE;
    loop {
        let view = runtime.handle().view();
        if holds(&view) {
            return view;
        }
        assert!(Instant::now() < end, "gave up waiting until {what}: {:?}", view.notices);
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// All files and their contents, but for what lies in some folders.
fn tree(folder: &Path, except: &[&Path]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if except.contains(&entry.as_path()) {
            continue;
        }
        if entry.is_dir() {
            found.extend(tree(&entry, except));
            found.insert(entry, Vec::new());
        } else {
            let bytes = if entry.is_file() { std::fs::read(&entry).unwrap() } else { Vec::new() };
            found.insert(entry, bytes);
        }
    }
    found
}

#[test]
fn only_files_that_are_named_in_full_and_like_sounds_are_looked_at() {
    let place = tempfile::tempdir().unwrap();
    let sounds = place.path().join("sounds");
    write_sounds(&sounds);
    let read = |name: &str| std::fs::read(sounds.join(name)).unwrap();
    // Real sounds that are the ones the project means: if one of them were opened, it would play.
    let (named, hidden, relative) = (read("kick 0.wav"), read("snare 0.wav"), read("clap 0.wav"));
    let ids = [&named, &hidden, &relative].map(|bytes| content_id(bytes));
    let here = place.path().join("named.wav");
    std::fs::write(&here, named).unwrap();
    let secret = place.path().join("secret");
    std::fs::write(&secret, hidden).unwrap();
    let beside = std::env::current_dir().unwrap();
    let apart = tempfile::Builder::new().suffix(".wav").tempfile_in(&beside).unwrap();
    std::fs::write(apart.path(), relative).unwrap();
    let apart = PathBuf::from(apart.path().file_name().unwrap());
    assert!(apart.is_file(), "it is there from where this program works");
    let pipe = place.path().join("pipe.wav");
    #[cfg(unix)]
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let text = project(
        KitChoice::Factory,
        "My taste",
        &[
            (ids[0], here.clone()),
            (ids[1], secret),
            (ids[2], apart),
            (SampleId(4), pipe),
            (SampleId(5), here),
        ],
    );
    let runtime = machine(&place.path().join("home"));
    open(&runtime, &text);
    let view = until(&runtime, "the kit is there", |view| view.kit.sounds > 0);
    let missing: Vec<bool> = view.lanes.iter().map(|lane| lane.missing).collect();
    assert_eq!(missing, [false, true, true, true, true], "the last one is another sound: {:?}", view.notices);
}

#[test]
fn a_kit_that_a_project_names_by_a_part_of_a_path_is_not_looked_for() {
    let place = tempfile::tempdir().unwrap();
    let beside = tempfile::tempdir_in(std::env::current_dir().unwrap()).unwrap();
    write_sounds(beside.path());
    let relative = PathBuf::from(beside.path().file_name().unwrap());
    for kit in [relative, PathBuf::from("."), PathBuf::from("../..")] {
        let runtime = machine(&place.path().join("home"));
        open(
            &runtime,
            &project(KitChoice::Folders(vec![kit]), "My taste", &[(SampleId(9), "none.wav".into())]),
        );
        let view = until(&runtime, "the factory kit stands in", |view| view.kit.sounds > 0);
        assert!(view.notices.iter().any(|notice| notice.text.contains("whole path")), "{:?}", view.notices);
        assert!(view.kit.recent.is_empty(), "{:?}", view.kit.recent);
    }
}

#[test]
fn nothing_is_written_outside_the_export_folder_and_the_home() {
    let place = tempfile::tempdir().unwrap();
    let (home, exports) = (place.path().join("home"), place.path().join("exports"));
    write_sounds(&place.path().join("sounds"));
    let kick = place.path().join("sounds/kick 0.wav");
    let id = content_id(&std::fs::read(&kick).unwrap());
    let before = tree(place.path(), &[&home, &exports]);
    let up = place.path().join("up").display().to_string();
    for profile in ["../../up", "..", "/", up.as_str(), "C:\\up", "up\0.sqlite3", "profiles/../../up"] {
        let text = project(KitChoice::Factory, profile, &[(id, kick.clone())]);
        let runtime = machine(&home);
        open(&runtime, &text);
        until(&runtime, "the kit is there", |view| view.kit.sounds > 0);
        let send = |command| assert!(runtime.handle().send(command));
        send(Command::SetExport(ExportSettings {
            folder: Some(exports.clone()),
            ..ExportSettings::default()
        }));
        let kinds = [
            ExportKind::Midi,
            ExportKind::Audio,
            ExportKind::Stems,
            ExportKind::LaneMidi(0),
            ExportKind::LaneAudio(0),
        ];
        for (kind, ticket) in kinds.into_iter().zip(1..) {
            send(Command::Export { ticket, id: None, kind, to: None, dragged: true });
            let view = until(&runtime, "it is exported", |view| {
                view.exported.iter().any(|exported| exported.ticket == ticket)
            });
            let exported = view.exported.iter().find(|exported| exported.ticket == ticket).unwrap();
            assert!(!exported.files.is_empty(), "{:?}", view.notices);
            for file in &exported.files {
                assert_eq!(file.parent(), Some(exports.as_path()), "{}", file.display());
            }
        }
        // What is said goes into the profile of that name, wherever it may lie.
        let id = runtime.handle().view().current.id;
        send(Command::Rate { id, verdict: Verdict::of(true) });
        until(&runtime, "it is rated", |view| view.taste.likes >= 1);
        drop(runtime);
        assert!(tree(place.path(), &[&home, &exports]) == before, "{profile}: something else was written");
        assert!(home.join("profiles").is_dir());
        for entry in std::fs::read_dir(home.join("profiles")).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!name.contains(['/', '\\', '\0']) && name != "..", "{name}");
        }
    }
}

/// A judgement that is worth importing.
fn judgement(serial: u64) -> Judgement {
    let lane = Lane::empty(Role::Kick, SampleId(serial));
    Judgement::rated(serial, Loop::new(Grid::default(), Swing::STRAIGHT, &[lane]), Verdict::of(true))
}

/// A journal that says of a transaction in several files that it was broken off: whoever opens the profile
/// beside it in place plays it back, and looks at the other file that it names.
fn hot_journal(names: &Path) -> Vec<u8> {
    const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let name = names.to_str().unwrap().as_bytes();
    let sum: u32 = name.iter().map(|&byte| u32::from(byte)).sum();
    let mut journal = MAGIC.to_vec();
    // No pages, any nonce; the file had one page; sectors of 512 bytes, pages of 4096.
    for number in [0u32, 7, 1, 512, 4096] {
        journal.extend(number.to_be_bytes());
    }
    journal.resize(512, 0);
    journal.extend([0xff; 4]);
    journal.extend(name);
    journal.extend((name.len() as u32).to_be_bytes());
    journal.extend(sum.to_be_bytes());
    journal.extend(MAGIC);
    journal
}

#[test]
fn an_imported_profile_is_read_and_leads_nowhere_else() {
    let place = tempfile::tempdir().unwrap();
    let (home, from) = (place.path().join("home"), place.path().join("from"));
    std::fs::create_dir(&from).unwrap();
    let secret = place.path().join("secret.wav");
    std::fs::write(&secret, b"nobody asked for this").unwrap();
    let good = from.join("good.taste");
    let (mut other, _) = Profile::open(&place.path().join("other"), "Theirs", 0).unwrap();
    for serial in 1..=3 {
        other.record(77, &judgement(serial), 0).unwrap();
    }
    other.export_to(&good).unwrap();
    let with = |name: &str, change: &str| {
        let path = from.join(name);
        std::fs::copy(&good, &path).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(&change.replace("SECRET", secret.to_str().unwrap())).unwrap();
        connection.close().unwrap();
        path
    };
    // Paths wherever a text may stand: two rows are no judgements then, one has more than one needs.
    let paths = with(
        "paths.taste",
        "UPDATE judgements SET subject = 'SECRET' WHERE serial = 1;
         UPDATE judgements SET source = '../../../up' WHERE serial = 2;
         ALTER TABLE judgements ADD COLUMN sound_file TEXT NOT NULL DEFAULT 'SECRET';
         CREATE TABLE samples (id INTEGER, path TEXT) STRICT;
         INSERT INTO samples VALUES (3, 'SECRET'), (3, '../../up');",
    );
    let broken_off = with("broken off.taste", "UPDATE judgements SET serial = serial + 10");
    std::fs::write(from.join("broken off.taste-journal"), hot_journal(&secret)).unwrap();
    let runs =
        with("runs.taste", "CREATE TRIGGER t AFTER INSERT ON judgements BEGIN DELETE FROM judgements; END");
    let shows = with("shows.taste", "CREATE VIEW v AS SELECT * FROM judgements");
    let own_folder = from.join("folder.taste");
    std::fs::create_dir(&own_folder).unwrap();
    let odd_log = with("odd log.taste", "");
    std::fs::create_dir(from.join("odd log.taste-wal")).unwrap();
    let mut imports = vec![
        (paths, Some("1 judgement was added")),
        (broken_off, Some("3 judgements were added")),
        (runs, None),
        (shows, None),
        (own_folder, None),
        (odd_log, None),
        (secret.clone(), None),
        (from.join("../from/./nothing.taste"), None),
    ];
    #[cfg(unix)]
    {
        let pipe = from.join("pipe.taste");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = from.join("link.taste");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        imports.extend([(pipe, None), (link, None)]);
    }
    let runtime = machine(&home);
    let text = project(KitChoice::Factory, "Mine", &[(SampleId(9), place.path().join("none.wav"))]);
    open(&runtime, &text);
    until(&runtime, "the kit is there", |view| view.kit.sounds > 0);
    let before = tree(place.path(), &[&home]);
    let send = |command| assert!(runtime.handle().send(command));
    for (path, added) in imports {
        for notice in &runtime.handle().view().notices {
            send(Command::Dismiss(notice.id));
        }
        until(&runtime, "all is read", |view| view.notices.is_empty());
        send(Command::ImportProfile(path.clone()));
        let view = until(&runtime, "it is imported", |view| !view.notices.is_empty());
        let said = &view.notices[0].text;
        match added {
            Some(added) => assert!(said.contains(added), "{}: {said}", path.display()),
            None => assert!(!said.contains("added"), "{}: {said}", path.display()),
        }
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(tree(place.path(), &[&home]) == before, "{name}: something outside the home was touched");
        let profiles: Vec<String> = std::fs::read_dir(home.join("profiles"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with("Mine.sqlite3") && name != "lock" && name != "backups")
            .collect();
        assert!(profiles.is_empty(), "{name} left {profiles:?}");
        assert!(view.kit.recent.is_empty(), "{:?}", view.kit.recent);
    }
    drop(runtime);
    let held = Profile::open(&home, "Mine", 0).unwrap().0.all(100).unwrap();
    let mut serials: Vec<u64> = held.iter().map(|stored| stored.key.serial).collect();
    serials.sort_unstable();
    assert_eq!(serials, [3, 11, 12, 13], "what was said is there, and nothing else");
}
