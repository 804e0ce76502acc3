use super::*;
use crate::engine::{Engine, Outputs, Transport};
use crate::pattern::Meter;
use crate::propose::CriticKind;
use crate::runtime::{NoControls, Options, Runtime};
use crate::session::command::Command;
use crate::session::view::{Settings, View};
use crate::units::{Bpm, SampleRate, Seed};
use std::time::{Duration, Instant};

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
        crate::runtime::settings::Machine::read(&home).unwrap().roles.get(conga) == Some(Role::Tom)
    });
}

/// A project of another system names its sounds with other separators, and one of another disk with names
/// that are no text.
#[test]
fn sounds_are_found_beside_one_another_whatever_system_the_project_comes_from() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("moved");
    drums(&folder);
    let own = Own::default();
    let doc = |name: &str, path: PathBuf| SampleDoc {
        id: load_sample(&folder.join(name), &own).unwrap().id,
        name: name.to_owned(),
        role: Role::Kick,
        path: Some(path),
        embedded: None,
        sound: None,
    };
    let mut known = vec![
        doc("Kick.wav", r"C:\samples\Kick.wav".into()),
        doc("Snare.wav", r"D:\samples/new\Snare.wav".into()),
        doc("Clap.wav", "/old/samples/Clap.wav".into()),
        doc("Conga.wav", crate::disk::path::from_text(r"%wtf16:C:\%D800\Conga.wav")),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let odd = std::ffi::OsStr::from_bytes(b"hat\xe4.wav");
        known.push(doc("Open Hat.wav", Path::new("/old").join(odd)));
        std::fs::rename(folder.join("Open Hat.wav"), folder.join(odd)).unwrap();
    }
    let wanted = Wanted { ids: Vec::new(), known: known.clone() };
    let found: Vec<SampleId> = find_beside(&folder, &wanted, &own).iter().map(|sample| sample.id).collect();
    assert_eq!(found, known.iter().map(|doc| doc.id).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn a_kit_whose_file_names_are_no_text_is_scanned_remembered_and_found_again() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = tempfile::tempdir().unwrap();
    let odd = |bytes: &'static [u8]| std::ffi::OsStr::from_bytes(bytes);
    let folder = place.path().join(odd(b"tr\xe4ume"));
    drums(&folder);
    std::fs::rename(folder.join("Kick.wav"), folder.join(odd(b"Kick\xe4.wav"))).unwrap();
    std::fs::write(folder.join(odd(b".hidden\xe4.wav")), "no sound").unwrap();
    let own = Own { home: Some(place.path().join("home")), ..Own::default() };
    let options = own.scan_options();
    let scan =
        || scan::scan(std::slice::from_ref(&folder), &options, &AtomicBool::new(false), &|_, _| {}).unwrap();
    let first = scan();
    assert!(first.refused.is_empty(), "{:?}", first.refused);
    assert_eq!((first.kit.samples().len(), first.from_cache), (6, 0));
    assert_eq!(scan().from_cache, 6, "what was measured is remembered");
    let kick = first.kit.samples().iter().find(|sample| sample.name.starts_with("Kick")).unwrap();
    assert_eq!(kick.role, Role::Kick, "the name still says what it is");

    // Reloaded, then moved and located.
    let home = place.path().join("machine");
    let runtime = machine(&home);
    playing(&runtime);
    assert!(runtime.handle().send(Command::ChooseKit(KitChoice::Folders(vec![folder.clone()]))));
    let view = until(&runtime, "the folder is the kit", |view, _| view.kit.sounds == 6);
    assert_eq!(view.kit.recent, std::slice::from_ref(&folder), "the menu chooses the very folder");
    let id = view.current.id;
    assert!(runtime.handle().send(Command::Skip { id, within_first_bar: false }));
    until(&runtime, "its kick plays", |view, text| {
        view.current.id != id && view.lanes[0].sample == kick.id && text.contains("%E4.wav")
    });
    let text = runtime.handle().text().to_string();
    drop(runtime);
    let moved = place.path().join(odd(b"moved\xff"));
    std::fs::rename(&folder, &moved).unwrap();
    std::fs::remove_dir_all(&home).unwrap();
    let again = machine(&home);
    again.handle().load(text);
    playing(&again);
    let lost = until(&again, "the kick is missed", |view, _| view.lanes[0].missing);
    assert_eq!(lost.lanes[0].sample, kick.id);
    assert!(again.handle().send(Command::Locate(kick.id, moved.join(odd(b"Kick\xe4.wav")))));
    until(&again, "all are found", |view, _| view.kit.missing.is_empty());
    let saved = Document::read(&again.handle().text()).unwrap();
    assert!(saved.samples.iter().all(|sample| sample.path.as_ref().unwrap().starts_with(&moved)));
}

#[test]
fn a_factory_kit_of_another_release_is_stood_in_for_and_still_named() {
    let place = tempfile::tempdir().unwrap();
    let mut document = Document::new(Seed(5), Role::default_lanes(4));
    document.kit = KitChoice::FactoryKit("Of tomorrow".to_owned());
    let runtime = machine(&place.path().join("home"));
    runtime.handle().load(document.write().unwrap());
    playing(&runtime);
    let view = until(&runtime, "the factory kit stands in", |view, _| view.kit.sounds > 0);
    assert!(view.notices.iter().any(|notice| notice.text.contains("Of tomorrow")), "{:?}", view.notices);
    assert_eq!(Document::read(&runtime.handle().text()).unwrap().kit, document.kit);
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

#[test]
fn a_kit_of_which_nothing_can_be_used_names_every_file_and_why() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..120 {
        std::fs::write(folder.path().join(format!("{at:03}.wav")), "no sound").unwrap();
    }
    let choice = KitChoice::Folders(vec![folder.path().to_owned()]);
    let stop = AtomicBool::new(false);
    let unusable = load(&choice, &Own::default(), &stop, &|_, _| {}).unwrap_err();
    assert_eq!(unusable.problems.len(), MOST_PROBLEMS, "bounded");
    assert!(unusable.problems.iter().all(|problem| problem.contains(".wav: ")), "{unusable:?}");
    assert!(unusable.reason.starts_with("No usable sounds in "), "{}", unusable.reason);
    assert!(unusable.reason.contains("003.wav") && unusable.reason.contains("and 116 more"));
}

#[test]
fn a_kit_that_is_not_there_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let stop = AtomicBool::new(false);
    let unusable =
        load(&KitChoice::Folders(vec![gone.clone()]), &Own::default(), &stop, &|_, _| {}).unwrap_err();
    assert_eq!(unusable.reason, format!("There is no folder {}.", gone.display()));
    let name = factory_names()[0];
    assert_eq!(choice(name.to_uppercase()), Ok(KitChoice::FactoryKit(name.to_owned())));
    assert_eq!(choice("factory"), Ok(KitChoice::Factory));
    assert_eq!(
        choice(folder.path().to_str().unwrap()),
        Ok(KitChoice::Folders(vec![folder.path().to_owned()]))
    );
    let error = choice("Analog Klub").unwrap_err();
    assert!(error.contains("no kit is called “Analog Klub”") && error.contains(name), "{error}");
}
