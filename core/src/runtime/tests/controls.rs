//! Parameters of a host that the session follows, and goes ahead of.

use super::*;
use crate::session::command::PresetId;

/// A host's parameters.
struct Parameters(Mutex<Steering>);

impl HostControls for Parameters {
    fn controls(&self) -> Option<Controls> {
        Some(Controls { steering: *self.0.lock().unwrap(), ..Controls::default() })
    }
}

#[test]
fn a_presets_steering_stays_until_the_hosts_parameters_have_followed_and_then_they_rule() {
    let parameters = Arc::new(Parameters(Mutex::new(Steering::default())));
    let options = Options {
        critic: CriticKind::Random,
        learner: crate::propose::learner,
        lanes: Role::default_lanes(6).to_vec(),
        seed: Seed(11),
        home: None,
    };
    let runtime = Runtime::new(options, Arc::clone(&parameters) as _);
    let mut host = Host::new(&runtime);
    host.block();
    let view = || runtime.handle().view();
    let old = view().current.clone();
    let id = PresetId { own: false, name: "Waltz in the Dark".to_owned() };
    let wanted = view().presets.library.find(&id).unwrap().preset.clone();
    assert!(runtime.handle().send(Command::LoadPreset(id.clone())));
    host.play_until("the preset is there", |_| view().presets.current.is_some());
    // For a long while the window does nothing, then the parameters follow one by one.
    let looks = view().revision;
    for _ in 0..2_000 {
        host.block();
    }
    let set = |change: &dyn Fn(&mut Steering)| change(&mut parameters.0.lock().unwrap());
    let steering = wanted.steering;
    set(&|now| now.adventure = steering.adventure);
    set(&|now| now.grid.bars = steering.grid.bars);
    for _ in 0..200 {
        host.block();
    }
    let first = view();
    assert_eq!(first.steering, steering, "no step back, no half a preset");
    assert_eq!(first.for_the_host.map(|ahead| ahead.steering), Some(steering));
    assert!(first.revision >= looks);
    set(&|now| *now = Steering { adventure: steering.adventure + 1e-5, ..steering });
    host.play_until("the host has followed", |_| view().for_the_host.is_none());
    let after = view();
    assert_eq!((after.current.id, after.current.pattern), (first.current.id, first.current.pattern));
    assert!(!after.current.edited, "the loop is as it was proposed");
    let kept = after.history.iter().find(|entry| entry.id == old.id).expect("the loop before is kept");
    assert_eq!(*kept.pattern, old.pattern, "and is as it was");
    assert!(!after.presets.current.as_ref().unwrap().changed);
    // From now on the host's parameters rule again.
    set(&|now| now.density = 0.9);
    host.play_until("the session follows", |_| (view().steering.density - 0.9).abs() < 1e-6);
    assert!(view().presets.current.as_ref().unwrap().changed);
    // Undo goes ahead of the host too. Where the host does something else instead, it rules.
    assert!(runtime.handle().send(Command::Undo));
    host.play_until("the session is ahead again", |_| view().for_the_host.is_some());
    assert_eq!(view().current.id, old.id);
    set(&|now| now.density = 0.2);
    host.play_until("the host rules", |_| (view().steering.density - 0.2).abs() < 1e-6);
    assert_eq!(view().for_the_host, None);
}

#[test]
fn a_host_that_changes_the_meter_alone_gets_steps_that_fit_it() {
    let controls = Arc::new(Parameters(Mutex::default()));
    let options = Options {
        critic: CriticKind::Random,
        learner: crate::propose::learner,
        lanes: Role::default_lanes(4).to_vec(),
        seed: Seed(1),
        home: None,
    };
    let runtime = Runtime::new(options, Arc::clone(&controls) as _);
    let handle = runtime.handle();
    handle.start();
    wait_for(|| handle.view().current.number > 0);
    let edit = Command::EditHit { lane: 0, step: 3, hit: Hit::new(77) };
    assert!(handle.send(edit));
    let mut before = controls.0.lock().unwrap().grid;
    let says = |change: &dyn Fn(&mut Steering)| change(&mut controls.0.lock().unwrap());
    says(&|steering| steering.grid.meter = Meter { numerator: 7, denominator: 8 });
    wait_for(|| handle.view().steering.grid.steps_per_bar == 14);
    let view = handle.view();
    assert_eq!(view.current.pattern.grid, view.steering.grid);
    assert_eq!(view.current.pattern.lanes()[0].hits[3], Hit::new(77), "what was edited stays where it is");
    wait_for(|| handle.view().for_the_host.is_some_and(|ahead| ahead.steering.grid.steps_per_bar == 14));
    // The host steers on by other means and still has the old number: the steps stay.
    says(&|steering| steering.density = 0.9);
    wait_for(|| handle.view().steering.density > 0.8);
    assert_eq!(handle.view().steering.grid.steps_per_bar, 14);
    wait_for(|| handle.view().for_the_host.is_some());
    // A number that somebody chose after it had followed is somebody's wish.
    says(&|steering| steering.grid.steps_per_bar = 14);
    wait_for(|| handle.view().for_the_host.is_none());
    says(&|steering| steering.grid.steps_per_bar = 16);
    wait_for(|| handle.view().steering.grid.steps_per_bar == 16);
    before.meter = Meter::FOUR_FOUR;
    says(&|steering| steering.grid = before);
    wait_for(|| handle.view().steering.grid == before);
}
