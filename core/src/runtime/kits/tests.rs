use super::*;
use crate::engine::{Engine, Outputs, Transport};
use crate::pattern::Meter;
use crate::propose::CriticKind;
use crate::runtime::{NoControls, Options, Runtime};
use crate::session::command::Command;
use crate::session::view::{Settings, View};
use crate::units::{Bpm, SampleRate, Seed};
use std::time::Instant;

const PATIENCE: Duration = Duration::from_secs(60);

fn wav(hz: f32, seconds: f32, channels: u16) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for i in 0..(44_100.0 * seconds) as u32 {
        let t = i as f32 / 44_100.0;
        for channel in 0..channels {
            let x = (-9.0 * t).exp() * (std::f32::consts::TAU * hz * (1 + channel) as f32 * t).sin();
            writer.write_sample((x * 20_000.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// A folder of the person's with a few drums.
fn drums(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, hz, seconds) in [
        ("Kick.wav", 55.0, 0.4),
        ("Snare.wav", 200.0, 0.2),
        ("Clap.wav", 900.0, 0.15),
        ("Closed Hat.wav", 8_000.0, 0.06),
        ("Open Hat.wav", 7_500.0, 0.4),
        ("Conga.wav", 300.0, 0.2),
    ] {
        std::fs::write(folder.join(name), wav(hz, seconds, 2)).unwrap();
    }
}

fn machine(home: &Path) -> Runtime {
    let options = Options {
        critic: CriticKind::Random,
        learner: crate::propose::learner,
        lanes: Role::default_lanes(6).to_vec(),
        seed: Seed(3),
        home: Some(home.to_owned()),
    };
    Runtime::new(options, Arc::new(NoControls))
}

fn until(runtime: &Runtime, what: &str, holds: impl Fn(&View, &str) -> bool) -> Arc<View> {
    let end = Instant::now() + PATIENCE;
    loop {
        let view = runtime.handle().view();
        if holds(&view, &runtime.handle().text()) {
            return view;
        }
        assert!(Instant::now() < end, "gave up waiting until {what}: {:?} {:?}", view.notices, view.kit);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts an instance and waits until it plays.
fn playing(runtime: &Runtime) {
    let mut port = runtime.handle().attach(SampleRate::STUDIO);
    assert!(runtime.handle().wait_for_plan(PATIENCE));
    let mut engine = Engine::new(SampleRate::STUDIO);
    let (mut left, mut right) = ([0.0; 256], [0.0; 256]);
    port.begin(&mut engine, false);
    let transport = Transport::at(0.0, Bpm::DEFAULT, Meter::FOUR_FOUR);
    engine.process(&transport, &[], &mut Outputs::main(&mut left, &mut right), &mut ());
    port.end(&mut engine, &transport);
}

/// A project over the person's folder, with embedding or without, as text.
fn project(home: &Path, folder: &Path, embed: bool) -> String {
    let runtime = machine(home);
    playing(&runtime);
    assert!(
        runtime.handle().send(Command::SetSettings(Settings { embed_samples: embed, ..Settings::default() }))
    );
    assert!(runtime.handle().send(Command::ChooseKit(KitChoice::Folders(vec![folder.to_owned()]))));
    until(&runtime, "the folder is the kit", |view, _| view.kit.sounds == 6);
    let id = runtime.handle().view().current.id;
    assert!(runtime.handle().send(Command::Skip { id, within_first_bar: false }));
    until(&runtime, "a loop of the folder's sounds plays", |view, _| {
        view.current.id != id && view.lanes[0].sample_name == "Kick"
    });
    until(&runtime, "it is embedded", |_, text| text.contains("\"embedded\"") == embed);
    runtime.handle().text().to_string()
}

#[test]
fn a_project_with_embedded_sounds_sounds_the_same_on_a_machine_without_its_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("My drums");
    drums(&folder);
    let text = project(&place.path().join("one"), &folder, true);
    std::fs::remove_dir_all(&folder).unwrap();

    let other = machine(&place.path().join("two"));
    other.handle().load(text.clone());
    playing(&other);
    let view = until(&other, "the project is open", |view, _| view.kit.sounds > 0);
    assert!(view.kit.missing.is_empty(), "{:?}", view.kit.missing);
    assert!(view.lanes.iter().all(|lane| !lane.missing));
    assert_eq!(view.lanes[0].sample_name, "Kick");
    // The folder's absence is told, and the project still names the folder and holds the sounds.
    assert!(view.notices.iter().any(|notice| notice.text.contains("My drums")), "{:?}", view.notices);
    let again = Document::read(&other.handle().text()).unwrap();
    let first = Document::read(&text).unwrap();
    assert_eq!((again.kit, again.samples), (first.kit, first.samples));
}

#[test]
fn a_project_without_embedding_names_what_is_missing_and_locating_one_file_mends_all() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("My drums");
    drums(&folder);
    let text = project(&place.path().join("one"), &folder, false);
    let moved = place.path().join("elsewhere/moved");
    std::fs::create_dir_all(moved.parent().unwrap()).unwrap();
    std::fs::rename(&folder, &moved).unwrap();

    let other = machine(&place.path().join("two"));
    other.handle().load(text);
    playing(&other);
    let view = until(&other, "it says what is missing", |view, _| {
        view.notices.iter().any(|notice| notice.text.contains("“Kick”"))
    });
    assert!(view.lanes.iter().filter(|lane| lane.missing).count() >= 6, "{:?}", view.kit.missing);
    assert!(view.lanes.iter().all(|lane| !lane.peaks.is_empty()), "something plays in its place");
    let (kick, _) = view.kit.missing.iter().find(|(_, name)| name == "Kick").unwrap().clone();
    assert!(other.handle().send(Command::Locate(kick, moved.join("Kick.wav"))));
    let view = until(&other, "nothing is missing any more", |view, _| view.kit.missing.is_empty());
    assert_eq!(view.lanes[0].sample_name, "Kick");
}

#[test]
fn a_moved_file_is_found_by_its_contents_in_the_folders_that_were_used_lately() {
    let place = tempfile::tempdir().unwrap();
    let (folder, other) = (place.path().join("a"), place.path().join("b/deep"));
    drums(&folder);
    std::fs::create_dir_all(&other).unwrap();
    let single = place.path().join("single.wav");
    std::fs::write(&single, wav(123.0, 0.3, 1)).unwrap();
    let own = Own::default();
    let known = load_sample(&single, &own).unwrap();
    std::fs::rename(&single, other.join("another name.wav")).unwrap();
    let doc = SampleDoc {
        id: known.id,
        name: known.name.clone(),
        role: known.role,
        path: Some(single),
        embedded: None,
        sound: None,
    };
    let wanted = Wanted { ids: vec![(known.id, known.role)], known: vec![doc] };
    let stop = AtomicBool::new(false);
    let (kit, _) = load(&KitChoice::Folders(vec![folder.clone()]), &own, &stop, &|_, _| {}).unwrap();
    let found = find(&kit, &wanted, &[folder, place.path().join("b")], &own, &stop);
    assert_eq!(found.samples.len(), 1);
    assert_eq!((found.samples[0].id, found.stand_ins.len()), (known.id, 0));
    assert!(found.samples[0].audio().is_ok());
}

#[test]
fn what_is_nowhere_is_played_by_the_factory_sound_that_is_most_like_it() {
    let stop = AtomicBool::new(false);
    let (factory, _) = load(&KitChoice::Factory, &Own::default(), &stop, &|_, _| {}).unwrap();
    let like = &factory.samples()[factory.of_role(Role::Snare)[9] as usize];
    let doc = SampleDoc {
        id: SampleId(42),
        name: "gone".into(),
        role: Role::Snare,
        path: Some("/nowhere.wav".into()),
        embedded: Some("no base64!".into()),
        sound: Some(crate::kit::sketch::Sketch::of(&like.analysis)),
    };
    let ids = vec![(SampleId(42), Role::Snare), (like.id, Role::Snare)];
    let kit = Kit::new("empty", []);
    let found = find(&kit, &Wanted { ids, known: vec![doc] }, &[], &Own::default(), &stop);
    assert_eq!(found.samples.iter().map(|sample| sample.id).collect::<Vec<_>>(), [like.id]);
    assert_eq!(found.stand_ins.len(), 1);
    assert_eq!((found.stand_ins[0].0, found.stand_ins[0].1.id), (SampleId(42), like.id));
}

#[test]
fn mono_and_corrected_roles_hold_for_every_kit_that_is_loaded() {
    let place = tempfile::tempdir().unwrap();
    drums(place.path());
    let stop = AtomicBool::new(false);
    let choice = KitChoice::Folders(vec![place.path().to_owned()]);
    let (kit, _) = load(&choice, &Own::default(), &stop, &|_, _| {}).unwrap();
    let conga = kit.samples().iter().find(|sample| sample.name == "Conga").unwrap();
    assert!(conga.audio().unwrap().right.is_some());
    let mut own = Own { channels: Channels::Mono, ..Own::default() };
    own.roles.set(conga.id, Role::Tom);
    let (kit, _) = load(&choice, &own, &stop, &|_, _| {}).unwrap();
    let conga = kit.get(conga.id).unwrap();
    assert_eq!((conga.role, conga.audio().unwrap().right.is_none()), (Role::Tom, true));
}

#[test]
fn two_instances_share_one_kit_of_a_folder() {
    let place = tempfile::tempdir().unwrap();
    drums(place.path());
    let stop = AtomicBool::new(false);
    let choice = KitChoice::Folders(vec![place.path().to_owned()]);
    let (one, _) = load(&choice, &Own::default(), &stop, &|_, _| {}).unwrap();
    let (two, _) = load(&choice, &Own::default(), &stop, &|_, _| {}).unwrap();
    assert!(Arc::ptr_eq(&one, &two));
    std::fs::write(place.path().join("Tom.wav"), wav(110.0, 0.4, 1)).unwrap();
    let (three, _) = load(&choice, &Own::default(), &stop, &|_, _| {}).unwrap();
    assert_eq!(three.samples().len(), 7);
}

#[test]
fn a_corrected_role_is_remembered_and_used_at_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("drums");
    drums(&folder);
    let home = place.path().join("home");
    let runtime = machine(&home);
    playing(&runtime);
    assert!(runtime.handle().send(Command::ChooseKit(KitChoice::Folders(vec![folder.clone()]))));
    until(&runtime, "the folder is the kit", |view, _| view.kit.sounds == 6);
    let conga = load_sample(&folder.join("Conga.wav"), &Own::default()).unwrap().id;
    assert!(runtime.handle().send(Command::CorrectRole(conga, Role::Tom)));
    until(&runtime, "it is written", |_, _| {
        crate::runtime::machine::Machine::read(&home).unwrap().roles.get(conga) == Some(Role::Tom)
    });
}

#[test]
fn choosing_another_kit_ends_a_scan_that_is_under_way() {
    let place = tempfile::tempdir().unwrap();
    let (large, small) = (place.path().join("large"), place.path().join("small"));
    drums(&small);
    std::fs::create_dir_all(&large).unwrap();
    for n in 0..600 {
        std::fs::write(large.join(format!("{n}.wav")), wav(100.0 + n as f32, 0.5, 1)).unwrap();
    }
    let runtime = machine(&place.path().join("home"));
    playing(&runtime);
    assert!(runtime.handle().send(Command::ChooseKit(KitChoice::Folders(vec![large]))));
    assert!(runtime.handle().send(Command::ChooseKit(KitChoice::Folders(vec![small.clone()]))));
    until(&runtime, "the second kit is there", |view, _| view.kit.sounds == 6);
    let kit = Document::read(&runtime.handle().text()).unwrap().kit;
    assert_eq!(kit, KitChoice::Folders(vec![small]));
}

use crate::session::doc::Document;
