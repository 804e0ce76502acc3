//! What must hold of any bytes at all, wherever they come from. The property suite (`damage.rs`) and
//! the fuzz targets (`fuzz/`) both call these.
#![allow(dead_code, reason = "each program uses its part")]

use deepdrummer_core::critic::nn::weights;
use deepdrummer_core::disk::{json, path};
use deepdrummer_core::engine::{Engine, Enter, MixState, NoteIn, Outputs, Plan, PreparedSound, Transport};
use deepdrummer_core::export::RoleKeys;
use deepdrummer_core::import;
use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::load::{Channels, MAX_SECONDS, decode};
use deepdrummer_core::kit::scan::{self, ScanOptions};
use deepdrummer_core::kit::{Audio, Kit, Origin, Sample};
use deepdrummer_core::pattern::{
    Condition, Course, Curve, Direction, Grid, Hit, Lane, Life, Loop, LoopId, Meter, Role, SampleId, Swing,
    notation,
};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::settings::Machine;
use deepdrummer_core::session::Session;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::doc::{Document, DocumentError};
use deepdrummer_core::session::preset::Preset;
use deepdrummer_core::session::view::{KitView, WorkerView};
use deepdrummer_core::taste::Verdict;
use deepdrummer_core::taste::profile::Profile;
use deepdrummer_core::units::{Bpm, SampleRate, Seed};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

/// A sound within the limits, or a reason.
pub(crate) fn sound(bytes: &[u8]) {
    if let Ok(loaded) = decode(bytes, Channels::Keep) {
        let audio = &loaded.audio;
        assert!(audio.left.iter().chain(audio.right.iter().flatten()).all(|x| x.is_finite()));
        assert!(audio.left.len() as f64 <= (MAX_SECONDS + 0.1) * audio.rate.hz());
        assert!(Analysis::of(audio).is_finite());
    }
}

/// A project's state: what can be read is written back so that it reads the same, and can be worked with;
/// what can't be is kept until the person changes something.
pub(crate) fn project(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = Document::read(&text);
    let mut session = Session::from_text(&text, Seed(1), Role::default_lanes(4));
    match read {
        Ok(document) => {
            let written = document.write().expect("it can be written");
            assert_eq!(Document::read(&written).as_ref(), Ok(&document));
            assert!(session.lanes().iter().all(|lane| lane.mix.pan.abs() <= 1.0));
        }
        Err(_) => assert_eq!(session.text().as_deref(), Ok(&*text)),
    }
    work_with(&mut session);
}

/// JSON of which some parts may not be understood: what is taken apart is whole JSON, and paths come back.
pub(crate) fn parts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = json::is_json(&text);
    let tamed = json::with_numbers_in_range(&text);
    assert!(!whole || json::is_json(&tamed), "{tamed}");
    for (name, value) in json::fields(&text).into_iter().flatten() {
        assert!(!whole || json::is_json(value), "{name}: {value}");
    }
    for value in json::elements(&text).into_iter().flatten() {
        assert!(!whole || json::is_json(value), "{value}");
    }
    let path = path::from_text(&text);
    assert_eq!(path::from_text(&path::to_text(&path)), path);
    for name in path::file_names(&path) {
        assert!(!name.is_empty(), "{path:?}");
    }
}

/// A few sounds, made once.
fn kit() -> Arc<Kit> {
    static KIT: LazyLock<Arc<Kit>> = LazyLock::new(|| {
        let samples = Role::ALL.iter().map(|&role| {
            let left = (0..480).map(|n| (n as f32 * 0.1).sin() * 0.5).collect();
            let audio = Audio { rate: SampleRate::STUDIO, left, right: None };
            let id = SampleId(role.index() as u64 + 1);
            Arc::new(Sample::decoded(id, role.label().to_owned(), role, Origin::Embedded, audio))
        });
        Arc::new(Kit::new("few", samples))
    });
    Arc::clone(&KIT)
}

/// What a person does with a session: rates, edits, undoes. It goes on holding what can be saved.
fn work_with(session: &mut Session) {
    let draws = learner(CriticKind::Random, kit(), session.seed());
    let _ = session.set_kit(kit(), draws, KitView::default());
    let _ = session.settle();
    for like in [true, false] {
        let Some((id, _)) = session.current() else { break };
        for command in [
            Command::EditHit { lane: 0, step: 3, hit: Hit::PLAIN },
            Command::Rate { id, verdict: Verdict::of(like) },
            Command::LockBeat(0, like),
            Command::Star(id, true),
            Command::Undo,
            Command::Redo,
            Command::Back,
            Command::SetLaneCount(8),
        ] {
            let _ = session.apply(command);
            let _ = session.settle();
        }
    }
    let _ = session.view(WorkerView::Starting);
    let document = session.document();
    // What a limit forbids to be read must not be what the session grew beyond by two ratings.
    match Document::read(&document.write().expect("it can be written")) {
        Ok(read) => assert_eq!(read, document),
        Err(error) => assert!(matches!(error, DocumentError::LimitReached(_)), "{error}"),
    }
}

/// A loop in text: what can be read is written back so that it reads the same.
pub(crate) fn line(bytes: &[u8]) {
    if let Ok(pattern) = notation::read(&String::from_utf8_lossy(bytes)) {
        assert_eq!(notation::read(&notation::write(&pattern)), Ok(pattern));
    }
}

/// A MIDI file as a drum pattern: within the limits of loops, or a reason.
pub(crate) fn midi(bytes: &[u8]) {
    if let Ok(import::Imported { pattern, .. }) = import::midi(bytes) {
        assert_eq!(notation::read(&notation::write(&pattern)), Ok(pattern));
        assert!(pattern.lanes().iter().any(|lane| lane.mask() != 0), "a pattern has hits");
    }
}

/// The file in which a scan remembers what it measured: whatever it holds, the sounds of a folder are
/// found, and what is measured of them is finite. The checksum is set right, else nothing else is looked at.
pub(crate) fn scan_cache(bytes: &[u8], folder: &Path) {
    let sounds = folder.join("sounds");
    if !sounds.exists() {
        std::fs::create_dir_all(&sounds).expect("the folder can be made");
        std::fs::write(sounds.join("kick.wav"), short_wav()).expect("the sound can be written");
    }
    let file = folder.join("sounds.cache");
    let mut whole = bytes.to_vec();
    whole.extend(blake3::hash(bytes).as_bytes());
    std::fs::write(&file, &whole).expect("the file can be written");
    let options = ScanOptions { cache_file: Some(file), ..ScanOptions::default() };
    let scanned = scan::scan(&[sounds], &options, &AtomicBool::new(false), &|_, _| {});
    let kit = scanned.expect("the folder is scanned").kit;
    assert_eq!(kit.samples().len(), 1);
    assert!(kit.samples().iter().all(|sample| sample.analysis.is_finite()));
}

/// Sixteen frames of sound, as a file.
fn short_wav() -> Vec<u8> {
    let mut bytes = b"RIFF\x44\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    for field in [8_000_u32, 16_000] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(b"\x02\0\x10\0data\x20\0\0\0");
    (0..16_i16).for_each(|n| bytes.extend((n * 1_000).to_le_bytes()));
    bytes
}

/// Settings of this machine: read and written back the same, or set aside.
pub(crate) fn settings(bytes: &[u8], home: &Path) {
    let file = home.join("settings.json");
    std::fs::write(&file, bytes).expect("the file can be written");
    match Machine::read(home) {
        Ok(read) => {
            assert!((75..=200).contains(&read.settings.zoom_percent));
            read.write(home).expect("settings can be written");
            assert_eq!(Machine::read(home).expect("and read again"), read);
        }
        Err(_) => {
            let aside = home.join("settings.damaged.json");
            assert_eq!(std::fs::read(aside).expect("it is kept"), bytes);
        }
    }
}

/// The weights of a network: what can be read is written back so that it reads the same. The checksum is
/// set right, else nothing else is looked at.
pub(crate) fn weights(bytes: &[u8]) {
    let mut whole = bytes.to_vec();
    whole.extend(blake3::hash(bytes).as_bytes());
    if let Ok(tensors) = weights::read(&whole) {
        assert!(tensors.iter().flat_map(|tensor| &tensor.values).all(|value| value.is_finite()));
        let again = weights::write(&tensors).expect("what was read is within the limits");
        assert_eq!(weights::read(&again), Ok(tensors));
    }
}

/// A preset: what can be read has values in their ranges, and is written so that it reads the same from then
/// on.
pub(crate) fn preset(bytes: &[u8]) {
    let Ok(read) = Preset::read("a / name", &String::from_utf8_lossy(bytes)) else { return };
    assert_eq!(read.steering.sanitized(), read.steering);
    assert!((1..=8).contains(&read.lanes.len()));
    let again = Preset::read(&read.name, &read.write().expect("it can be written")).expect("it can be read");
    assert!(again.is_as(&read.kit, read.lanes.iter().copied(), &read.steering));
    assert_eq!(again.sound, read.sound);
    assert_eq!(again.write(), read.write());
}

/// A drum map: what can be read has keys for every role, and is written so that it reads the same.
pub(crate) fn drum_map(bytes: &[u8]) {
    let Ok(keys) = RoleKeys::read(&String::from_utf8_lossy(bytes)) else { return };
    let is_sound = |role: Role| !keys.of(role).is_empty() && keys.of(role).iter().all(|key| *key <= 127);
    assert!(Role::ALL.into_iter().all(is_sound));
    assert_eq!(RoleKeys::read(&keys.write().expect("it can be written")), Ok(keys));
}

/// A taste profile that is imported: all of it or nothing, and the own profile works afterwards.
pub(crate) fn profile(bytes: &[u8], folder: &Path) {
    let file = folder.join("import");
    std::fs::write(&file, bytes).expect("the file can be written");
    let (mut own, _) = Profile::open(folder, "own", 0).expect("the own profile opens");
    let before = own.all(1_000_000).expect("it can be read").len();
    match own.merge_from(&file, 0) {
        Ok(new) => {
            let all = own.all(1_000_000).expect("it can be read");
            assert!(all.len() <= before + new);
            // What others said is told to a learner.
            let mut session = Session::new(Document::new(Seed(1), Role::default_lanes(4)));
            session.set_foreign(all.into_iter().map(|stored| stored.judgement).collect());
            work_with(&mut session);
        }
        Err(_) => assert_eq!(own.all(1_000_000).expect("it can be read").len(), before),
    }
    assert_eq!(std::fs::read(&file).expect("it is still there"), bytes, "the file stays as it is");
    // And as the profile itself: a damaged one is set aside, never deleted.
    let path = folder.join("profiles/other.sqlite3");
    std::fs::write(&path, bytes).expect("the file can be written");
    let _ = Profile::open(folder, "other", 0);
    for entry in ["profiles/other.sqlite3", "profiles/damaged", "profiles/backups"] {
        let entry = folder.join(entry);
        let _ = if entry.is_dir() { std::fs::remove_dir_all(entry) } else { std::fs::remove_file(entry) };
    }
}

/// A host's transport, notes and block lengths, whatever they say: finite sound, every note ended.
pub(crate) fn host(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let mut lanes = [Lane::empty(Role::Kick, SampleId(1)), Lane::empty(Role::Cymbal, SampleId(2))];
    for step in 0..16 {
        lanes[0].hits[step] = Hit::PLAIN;
        let life = Life::new(50, (4, Curve::Falling), Condition::NotFirst);
        lanes[1].hits[15 - step] = Hit { velocity: 90, offset: -100, life };
    }
    lanes[1].course = Course { length: 7, direction: Direction::ToAndFro, rotation: 3 };
    let pattern = Loop::new(Grid::default(), Swing::from_percent(60.0), &lanes);
    let sound = Arc::new(PreparedSound::new((0..3_000).map(|n| (n as f32 * 0.1).sin()).collect(), None));
    let mut engine = Engine::new(SampleRate::STUDIO);
    engine.set_mix(MixState::of(&[Role::Kick, Role::Cymbal]));
    let sounds = std::array::from_fn(|lane| (lane < 2).then(|| Arc::clone(&sound)));
    let _ = engine.offer(Box::new(Plan::new(LoopId(1), 1, Enter::NextBar, pattern, sounds)));
    let mut on = 0_u128;
    for _ in 0..64 {
        let Some(kind) = bytes.next() else { break };
        let mut float =
            || f64::from_bits(u64::from_le_bytes(std::array::from_fn(|_| bytes.next().unwrap_or(0))));
        let small = f64::from(kind) * 0.37 - 9.0;
        let (pos, start) = if kind & 1 == 0 { (small, small.floor()) } else { (float(), float()) };
        let bpm = Bpm::new(if kind & 2 == 0 { 40.0 + f64::from(kind) } else { float() });
        let cycle = (kind & 4 != 0).then(|| (float(), float()));
        let frames = [0, 1, 17, 64, 500][usize::from(bytes.next().unwrap_or(0)) % 5];
        let meter = Meter { numerator: bytes.next().unwrap_or(4), denominator: bytes.next().unwrap_or(4) };
        let transport = Transport {
            playing: kind & 8 == 0,
            bpm,
            pos_beats: pos,
            bar_start_beats: start,
            meter,
            loop_range_beats: cycle,
            offline: kind & 16 != 0,
        };
        let notes: Vec<NoteIn> = (0..usize::from(kind >> 6))
            .map(|_| NoteIn {
                frame: u32::from(bytes.next().unwrap_or(0)),
                key: bytes.next().unwrap_or(0),
                velocity: f32::from_bits(u32::from_le_bytes(std::array::from_fn(|_| {
                    bytes.next().unwrap_or(0)
                }))),
                on: true,
            })
            .collect();
        block(&mut engine, &transport, &notes, frames, &mut on);
    }
    block(&mut engine, &Transport::stopped(), &[], 64, &mut on);
    assert_eq!(on, 0, "every note that began has ended once the transport stands");
}

struct Notes<'a>(&'a mut u128);

impl deepdrummer_core::engine::Sink for Notes<'_> {
    fn note(&mut self, note: deepdrummer_core::engine::NoteOut) {
        assert_eq!(*self.0 >> note.key & 1 == 1, !note.on, "on and off come in turns");
        *self.0 ^= 1 << note.key;
    }
    fn fact(&mut self, _: deepdrummer_core::engine::Fact) {}
}

fn block(engine: &mut Engine, transport: &Transport, notes: &[NoteIn], frames: usize, on: &mut u128) {
    let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
    engine.process(transport, notes, &mut Outputs::main(&mut left, &mut right), &mut Notes(on));
    let whole = left.iter().chain(&right);
    assert!(whole.clone().all(|value| value.is_finite() && !value.is_subnormal()));
    assert!(whole.clone().all(|value| value.abs() <= 1.0), "the limiter is on");
}
