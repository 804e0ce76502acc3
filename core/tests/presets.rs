//! The presets that ship, with the sounds and the learner that a person has.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::features::Styles;
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::kits::{self, Own};
use deepdrummer_core::session::Session;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::preset::{Library, Listed, Preset, read_many};
use deepdrummer_core::units::Seed;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The first loop of a preset for somebody who has rated nothing, in a session with another seed.
fn first_loop(preset: &Preset, session_seed: u64) -> (Session, Loop) {
    let mut session = Session::new(Document::new(Seed(session_seed), Role::default_lanes(6)));
    let listed = Listed { preset: preset.clone(), own: false, favourite: false };
    session.set_library(Arc::new(Library { all: vec![listed], problems: Vec::new() }));
    let _ = session.apply(Command::LoadPreset(preset.id(false)));
    let (kit, view) =
        kits::load(session.kit_wanted(), &Own::default(), &AtomicBool::new(false), &|_, _| {}).unwrap();
    let learner = learner(CriticKind::Taste, Arc::clone(&kit), session.learner_seed_wanted());
    let _ = session.set_kit(kit, learner, view);
    let pattern = session.current().expect("a preset has a first loop").1;
    (session, pattern)
}

/// What a first loop must not be.
fn fault(preset: &Preset, session: &Session, pattern: &Loop) -> Option<String> {
    let (steering, kit) = (preset.steering, session.kit().unwrap());
    let lanes = pattern.lanes();
    if pattern.grid != steering.grid || lanes.iter().map(|lane| lane.role).ne(preset.lanes.iter().copied()) {
        return Some("it has another grid or other lanes".to_owned());
    }
    if steering.swing.is_some_and(|swing| swing != pattern.swing) {
        return Some("it has another swing".to_owned());
    }
    let (hits, cells) = (pattern.hit_count(), pattern.grid.steps() * lanes.len());
    if hits < 4 * usize::from(pattern.grid.bars) || hits * 100 > cells * 72 {
        return Some(format!("{hits} hits in {cells} cells"));
    }
    if lanes.iter().any(|lane| kit.get(lane.sample).is_none()) {
        return Some("a sound is of another kit".to_owned());
    }
    let silent = lanes.iter().filter(|lane| lane.mask() == 0).count();
    if 3 * silent > lanes.len() {
        return Some(format!("{silent} of {} lanes are silent", lanes.len()));
    }
    let kick = lanes.iter().find(|lane| lane.role == Role::Kick).map_or(0, |lane| lane.mask());
    let beats = (0..pattern.grid.steps()).step_by(pattern.grid.steps_per_beat().max(1));
    if kick & 1 == 0
        || (steering.four_on_the_floor && kick != beats.fold(0, |mask, step| mask | 1u128 << step))
    {
        return Some("the kick is elsewhere".to_owned());
    }
    let share = hits as f32 / cells as f32;
    match steering.density {
        density if density < 0.4 && share >= 0.3 => Some(format!("{share:.2} is not sparse")),
        density if density > 0.55 && share <= 0.2 => Some(format!("{share:.2} is not dense")),
        _ => None,
    }
}

/// The presets that ship as they stand in the file, so that who changes one sees at once what comes of it.
fn shipped() -> Vec<Preset> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/presets.toml");
    read_many(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_preset_that_ships_has_a_first_loop_that_can_be_played_and_keeps_to_its_steering() {
    let faults: Vec<String> = shipped()
        .iter()
        .filter_map(|preset| {
            let (session, pattern) = first_loop(preset, 1);
            fault(preset, &session, &pattern).map(|fault| format!("{}: {fault}", preset.name))
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_presets_first_loop_is_the_same_in_every_project() {
    for preset in shipped().iter().step_by(9) {
        assert_eq!(first_loop(preset, 1).1, first_loop(preset, 77).1, "{}", preset.name);
    }
}

/// How much of a loop's figures is those of a style, 0 to 1.
fn likeness(pattern: &Loop, styles: &Styles, name: &str) -> f32 {
    let style = styles.all().iter().find(|style| style.name == name).unwrap();
    let grid = pattern.grid;
    let (mut sum, mut weights) = (0.0, 0.0);
    for lane in pattern.lanes() {
        let weight = match lane.role {
            Role::Kick | Role::Snare => 3.0,
            Role::ClosedHat | Role::Clap => 1.5,
            _ => 0.7,
        };
        let like = |row: &deepdrummer_core::features::styles::Row| {
            let (mut both, mut either) = (0.0, 0.0);
            for step in 0..grid.steps() {
                let beats = (step % usize::from(grid.steps_per_bar)) as f64 * grid.step_beats();
                let wanted = if row.at(beats).chance() >= 0.5 { row.at(beats).chance() } else { 0.0 };
                let there = if lane.hits[step].is_on() { 1.0 } else { 0.0 };
                both += f32::min(wanted, there);
                either += f32::max(wanted, there);
            }
            if either > 0.0 { both / either } else { 0.0 }
        };
        sum += weight * style.rows(lane.role).iter().map(like).fold(0.0, f32::max);
        weights += weight;
    }
    sum / weights
}

/// Which style the first loop of each preset should be near.
const STYLES: &[(&str, &str)] = &[
    ("Warehouse", "House"),
    ("Deep Hours", "Deep house"),
    ("Afro Circle", "Afro house"),
    ("Log Drum Sunday", "Amapiano"),
    ("Peak Time", "Techno"),
    ("Broken Machine", "Industrial"),
    ("Steel Floor", "Driving techno"),
    ("Small Clicks", "Minimal"),
    ("Vocoder", "Electro"),
    ("Cowbell Bureau", "Electro"),
    ("Dusty Fingers", "Breakbeat"),
    ("Long Break", "Jungle break"),
    ("Big Room Break", "Big beat"),
    ("Roller", "Drum and bass"),
    ("Half Way Home", "Half time"),
    ("Boom and Bap", "Boom bap"),
    ("Study Room", "Lo-fi hip hop"),
    ("Cassette Weather", "Lo-fi hip hop"),
    ("Sub Street", "Trap"),
    ("Triplet Rolls", "Triplet trap"),
    ("Sliding Drill", "Drill"),
    ("Steppers", "Dub steppers"),
    ("Wobble Weight", "Dubstep"),
    ("Two Step", "UK garage"),
    ("Speed Dial", "UK garage"),
    ("South Side", "Footwork"),
    ("Dem Bow", "Dembow"),
    ("Clave Garden", "Son clave"),
    ("Twelve Eight Fire", "African six eight"),
    ("Shuffle Twelve", "Triplet shuffle"),
    ("Waltz in the Dark", "Ballad"),
    ("Five Rooms", "Deep house"),
    ("Seven Steps", "Electro"),
    ("Whole Kit", "Funk"),
    ("Glitch Garden", "Glitch"),
];

/// Prints, for each preset that ships, the seed whose first loop is most like its style and has no fault,
/// among as many as `PRESET_SEEDS` says.
#[test]
#[ignore = "a tool for whoever adds a preset"]
fn find_seeds() {
    let styles = Styles::builtin();
    let most: u64 = std::env::var("PRESET_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(16);
    for preset in &shipped() {
        let Some((_, style)) = STYLES.iter().find(|(name, _)| *name == preset.name) else { continue };
        let tried = (1..=most).filter_map(|seed| {
            let preset = Preset { seed: Seed(seed), ..preset.clone() };
            let (session, pattern) = first_loop(&preset, 1);
            let silent = pattern.lanes().iter().filter(|lane| lane.mask() == 0).count();
            let like = likeness(&pattern, &styles, style) - 0.03 * silent as f32;
            fault(&preset, &session, &pattern).is_none().then_some((seed, like))
        });
        let Some(best) = tried.max_by(|a, b| a.1.total_cmp(&b.1)) else {
            println!("> {}\tnone", preset.name);
            continue;
        };
        println!("> {}\t{:x}\t{:.2}", preset.name, best.0, best.1);
    }
}
