//! What an instance makes when it starts, and what it shares with others. A process of its own: it counts
//! what the process holds.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::engine::LaneShape;
use deepdrummer_core::features::SoundTable;
use deepdrummer_core::kit::{SampleId, cache};
use deepdrummer_core::pattern::Role;
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::runtime::kits::{self, Own};
use deepdrummer_core::runtime::{NoControls, Options, Runtime};
use deepdrummer_core::session::command::KitChoice;
use deepdrummer_core::session::view::WorkerView;
use deepdrummer_core::units::{SampleRate, Seed};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// An instance that has come to rest after its first loop was sent, and that loop's sounds.
fn instance(seed: u64) -> (Runtime, BTreeSet<SampleId>) {
    let options = Options {
        critic: CriticKind::Taste,
        learner,
        lanes: Role::default_lanes(6).to_vec(),
        seed: Seed(seed),
        home: None,
    };
    let runtime = Runtime::new(options, Arc::new(NoControls));
    let handle = runtime.handle().clone();
    drop(handle.attach(SampleRate::STUDIO));
    assert!(handle.wait_for_plan(Duration::from_secs(60)));
    while !matches!(handle.view().worker, WorkerView::Ready { .. }) {
        std::thread::yield_now();
    }
    let lanes = handle.view().current.pattern;
    (runtime, lanes.lanes().iter().map(|lane| lane.sample).collect())
}

#[test]
fn instances_make_only_the_sounds_of_their_loops_and_share_all_tables() {
    let load = || kits::load(&KitChoice::Factory, &Own::default(), &AtomicBool::new(false), &|_, _| {});
    let (kit, view) = load().unwrap();
    assert!(view.sounds >= 300);
    assert_eq!(cache::shared().sounds(), 0, "loading the factory kit makes no sound");

    let (first, mut sounds) = instance(1);
    let takes = |sounds: &BTreeSet<SampleId>| -> usize {
        sounds
            .iter()
            .map(|id| kit.takes(kit.get(*id).unwrap()).len().min(usize::from(LaneShape::NEW.takes)))
            .sum()
    };
    assert_eq!(cache::shared().sounds(), takes(&sounds), "the first instance makes its loop's sounds");
    let (second, further) = instance(2);
    sounds.extend(further);
    assert_eq!(cache::shared().sounds(), takes(&sounds), "so does the second");

    assert!(Arc::ptr_eq(&kit, &load().unwrap().0), "one factory kit");
    let one = |name: &str| kits::choice(name).unwrap();
    let named = |name: &str| kits::load(&one(name), &Own::default(), &AtomicBool::new(false), &|_, _| {});
    let (dusty, again) = (named("Dusty Break").unwrap().0, named("Dusty Break").unwrap().0);
    assert!(Arc::ptr_eq(&dusty, &again), "and one of each of its parts");
    let tables = SoundTable::of(&kit);
    assert!(Arc::ptr_eq(&tables, &SoundTable::of(&kit)) && !Arc::ptr_eq(&tables, &SoundTable::of(&dusty)));
    // Both learners hold them, and this test.
    assert!(Arc::strong_count(&tables) >= 3, "learners over one kit share its tables");
    drop((first, second));
}
