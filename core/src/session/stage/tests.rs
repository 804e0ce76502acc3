//! Loading presets and keeping them, with a learner that is simple enough to predict.

use super::*;
use crate::engine::{BusSettings, Enter, LaneShape};
use crate::features::StyleSet;
use crate::pattern::{Grid, Hit, LoopId, Meter, Swing};
use crate::session::command::{Command, Strategy};
use crate::session::doc::Document;
use crate::session::preset::{Library, Listed};
use crate::session::tests::{kit, session, with_kit};
use crate::session::view::{Settings, WorkerView};
use crate::taste::Verdict;

fn waltz() -> Preset {
    Preset {
        name: "Waltz".to_owned(),
        category: "Odd".to_owned(),
        tags: vec!["3/4".to_owned()],
        kit: KitChoice::FactoryKit("Lo-Fi Tape".to_owned()),
        lanes: vec![Role::Kick, Role::Clap, Role::Snare, Role::Tom, Role::Cymbal],
        steering: Steering {
            adventure: 0.7,
            density: 0.3,
            swing: Some(Swing::from_percent(57.0)),
            grid: Grid { bars: 2, steps_per_bar: 12, meter: Meter { numerator: 3, denominator: 4 } },
            four_on_the_floor: true,
            styles: StyleSet::of_names(["Ballad"]).unwrap(),
            ..Steering::default()
        },
        tempo: Some(90.0),
        seed: Seed(0xabc),
        sound: None,
    }
}

fn id(name: &str) -> PresetId {
    PresetId { own: true, name: name.to_owned() }
}

/// A session that was used, and knows the waltz.
fn used() -> Session {
    let mut session = session();
    let listed = |preset: Preset| Listed { preset, own: true, favourite: false };
    let plain = Preset { name: "Plain".to_owned(), steering: Steering::default(), ..waltz() };
    let all = vec![listed(waltz()), listed(plain)];
    session.set_library(Arc::new(Library { all, problems: Vec::new() }));
    let (loop_id, _) = session.current().unwrap();
    let _ = session.apply(Command::Rate { id: loop_id, verdict: Verdict::of(true) });
    let _ = session.apply(Command::LockBeat(0, true));
    let _ = session.apply(Command::SetMix {
        lane: 1,
        mix: crate::engine::LaneMix { mute: true, ..session.lanes()[1].mix },
    });
    let _ = session.apply(Command::EndGesture);
    let _ = session.settle();
    session
}

/// Everything that a preset may change, and what it may not.
fn whole(session: &Session) -> (Document, Vec<LoopId>) {
    let document = session.document();
    let ids = document.history.entries().iter().map(|entry| entry.id).collect();
    (document, ids)
}

#[test]
fn nothing_changes_until_kit_and_learner_are_there_and_then_all_of_it_does() {
    let mut session = used();
    let (before, played) = whole(&session);
    assert_eq!(session.apply(Command::LoadPreset(id("Waltz"))), [Effect::LoadPreset]);
    assert_eq!(whole(&session).0, before);
    assert!(session.is_settled(), "what waits stays as it is");
    assert_eq!((session.kit_wanted(), session.learner_seed_wanted()), (&waltz().kit, Seed(0xabc)));
    assert_eq!(session.view(WorkerView::Starting).presets.loading, Some(id("Waltz")));
    let mut session = with_kit(session);
    let (after, all) = whole(&session);
    assert_eq!(
        (&after.kit, after.learner_seed, after.preset.as_deref()),
        (&waltz().kit, Seed(0xabc), Some("Waltz"))
    );
    assert_eq!((after.steering, session.roles()), (waltz().steering, waltz().lanes));
    assert_eq!(
        (after.seed, after.judgements, after.strategy),
        (before.seed, before.judgements, before.strategy)
    );
    assert!(after.lanes.iter().all(|lane| !lane.lock_beat), "a preset locks nothing");
    assert!(
        after.lanes[2].mix.mute && !after.lanes[1].mix.mute,
        "the snare stays silent where it stands now"
    );
    assert_eq!(all[..played.len()], played, "what played stays in the history");
    let current = session.current().unwrap();
    assert_eq!((Some(&current.0), current.1.grid), (all.last(), waltz().steering.grid));
    assert_eq!(current.1.lanes().len(), 5);
    let view = session.view(WorkerView::Starting);
    assert_eq!(view.presets.current, Some(CurrentPreset { id: id("Waltz"), changed: false }));
    assert_eq!(view.for_the_host.unwrap().steering, waltz().steering);
}

#[test]
fn a_preset_that_was_saved_brings_its_sound_and_one_undo_takes_it_away() {
    let mut session = used();
    let bus = BusSettings { glue: 0.77, ..BusSettings::GENTLE };
    let shape = LaneShape { decay_ms: 250.0, ..LaneShape::NEW };
    let _ = session.apply(Command::SetBus(bus));
    let _ = session.apply(Command::SetShape { lane: 1, shape });
    let _ = session.apply(Command::SetLevelled(false));
    let save = Command::SavePreset { name: "Mine".to_owned(), category: "Own".to_owned(), replace: false };
    let saved = session.apply(save);
    let [Effect::Presets(PresetChange::Save { preset, .. })] = saved.as_slice() else {
        panic!("{saved:?}");
    };
    let sound = session.sound();
    assert_eq!(preset.sound, Some(session.preset_sound()));
    let listed = Listed { preset: Preset::clone(preset), own: true, favourite: false };
    session.set_library(Arc::new(Library { all: vec![listed], problems: Vec::new() }));
    let _ = session.apply(Command::SetBus(BusSettings::OFF));
    let _ = session.apply(Command::SetShape { lane: 1, shape: LaneShape::NEUTRAL });
    let _ = session.apply(Command::SetLevelled(true));
    let _ = session.apply(Command::EndGesture);
    let before = session.sound();
    let _ = session.apply(Command::LoadPreset(id("Mine")));
    let mut session = with_kit(session);
    assert_eq!(session.sound(), sound);
    assert_eq!(session.sound_for_the_host().unwrap().sound, sound, "the host's parameters follow");
    let current = |session: &mut Session| session.view(WorkerView::Starting).presets.current.unwrap();
    assert_eq!(current(&mut session), CurrentPreset { id: id("Mine"), changed: false });
    let _ = session.apply(Command::SetBus(BusSettings { glue: 0.1, ..bus }));
    assert!(current(&mut session).changed);
    let _ = session.apply(Command::Undo);
    let _ = session.apply(Command::Undo);
    assert_eq!(session.sound(), before);
    let _ = session.apply(Command::Redo);
    assert_eq!(session.sound(), sound);
}

#[test]
fn a_preset_is_one_undo_step_that_the_host_follows_too() {
    let session = used();
    let (before, played) = whole(&session);
    let mut session = session;
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    let mut session = with_kit(session);
    let (after, _) = whole(&session);
    session.host_follows();
    let effects = session.apply(Command::Undo);
    assert!(effects.contains(&Effect::LoadKit(before.kit.clone())), "{effects:?}");
    assert_eq!(session.for_the_host().unwrap().steering, before.steering);
    let (undone, _) = whole(&session);
    assert_eq!(undone.history.current().unwrap().id, *played.last().unwrap());
    let same = |document: &Document| {
        (
            document.kit.clone(),
            document.learner_seed,
            document.preset.clone(),
            document.lanes.clone(),
            document.steering,
        )
    };
    assert_eq!(same(&undone), same(&before));
    let serial = session.for_the_host().unwrap().serial;
    let _ = session.apply(Command::Redo);
    assert_eq!(same(&whole(&session).0), same(&after));
    assert_eq!(session.current().unwrap().0, after.history.current().unwrap().id);
    assert!(session.for_the_host().unwrap().serial > serial);
}

#[test]
fn the_first_loop_enters_as_every_next_loop_does_and_follows_the_strategy() {
    let mut session = used();
    let _ = session.apply(Command::SetEnter(Enter::LoopEnd));
    let _ = session.apply(Command::SetStrategy(Strategy::Random));
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    let effects =
        session.set_kit(kit(), Box::new(crate::session::tests::Counting::default()), Default::default());
    assert!(effects.contains(&Effect::Play(Enter::LoopEnd)) && effects.contains(&Effect::Mix), "{effects:?}");
    assert_eq!(session.document().strategy, Strategy::Random);
}

#[test]
fn the_same_preset_again_proposes_the_same_first_loop() {
    let mut first = None;
    let mut session = used();
    for _ in 0..3 {
        let _ = session.apply(Command::LoadPreset(id("Waltz")));
        session = with_kit(session);
        let (_, pattern) = session.current().unwrap();
        assert_eq!(*first.get_or_insert(pattern), pattern);
    }
    assert_eq!(session.history().entries().len(), 5);
}

#[test]
fn what_comes_after_a_preset_was_asked_for_wins_over_it() {
    let mut session = used();
    let before = whole(&session).0;
    let _ = session.apply(Command::LoadPreset(id("Plain")));
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    assert_eq!(session.view(WorkerView::Starting).presets.loading, Some(id("Waltz")));
    assert_eq!(session.apply(Command::Undo), [Effect::LoadKit(before.kit.clone())]);
    assert!(!session.has_staged());
    assert_eq!(whole(&session).0, before, "undo takes back what was asked for last");
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    let _ = session.apply(Command::ChooseKit(KitChoice::FactoryKit("Industrial".to_owned())));
    assert!(!session.has_staged());
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    session.refuse_staged("the folder is gone");
    let session = &mut with_kit(session);
    assert_eq!(session.document().preset, None);
    let notices = session.view(WorkerView::Starting).notices;
    assert!(notices.iter().any(|notice| notice.text.contains("the folder is gone")), "{notices:?}");
}

#[test]
fn a_preset_that_is_gone_is_told_and_changes_nothing() {
    let mut session = used();
    let before = whole(&session).0;
    assert_eq!(session.apply(Command::LoadPreset(id("Nothing"))), []);
    assert_eq!(whole(&session).0, before);
    assert!(session.view(WorkerView::Starting).notices[0].text.contains("Nothing"));
}

#[test]
fn changes_since_a_preset_are_told_and_so_is_their_end() {
    let mut session = used();
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    let mut session = with_kit(session);
    let changed = |session: &mut Session| session.view(WorkerView::Starting).presets.current.unwrap().changed;
    let _ = session.apply(Command::EditHit { lane: 0, step: 1, hit: Hit::new(9) });
    assert!(!changed(&mut session), "a loop is no part of a preset");
    let _ = session.apply(Command::SetLaneCount(6));
    assert!(changed(&mut session));
    let _ = session.apply(Command::Undo);
    assert!(!changed(&mut session));
    let _ = session.apply(Command::Steer(Steering { density: 0.9, ..waltz().steering }));
    assert!(changed(&mut session));
    assert_eq!(session.for_the_host(), None, "the host has moved by itself");
    let _ = session.apply(Command::Steer(Steering { density: 0.300_01, ..waltz().steering }));
    assert!(!changed(&mut session), "what no control can show is no change");
}

#[test]
fn what_is_saved_is_what_the_session_has_and_the_project_names_it_from_then_on() {
    let mut session = used();
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    let mut session = with_kit(session);
    let _ = session.apply(Command::Steer(Steering { density: 0.9, ..waltz().steering }));
    let effects = session.apply(Command::SavePreset {
        name: "Mine".to_owned(),
        category: "Slow".to_owned(),
        replace: false,
    });
    let [Effect::Presets(change @ PresetChange::Save { preset, replace: false })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let wanted = Steering { density: 0.9, ..waltz().steering };
    let (name, category) = ("Mine".to_owned(), "Slow".to_owned());
    let sound = Some(session.preset_sound());
    assert_eq!(**preset, Preset { name, category, steering: wanted, sound, ..waltz() });
    assert_eq!(session.document().preset.as_deref(), Some("Waltz"), "not before it is on the disk");
    session.preset_changed(change);
    session.preset_changed(&PresetChange::Rename { from: "Mine".to_owned(), to: "Yours".to_owned() });
    assert_eq!(session.document().preset.as_deref(), Some("Yours"));
    session.preset_changed(&PresetChange::Remove("Yours".to_owned()));
    let view = session.view(WorkerView::Starting).presets;
    assert_eq!(view.removed.as_deref(), Some("Yours"));
    assert_eq!(
        view.current.unwrap(),
        CurrentPreset { id: PresetId { own: false, name: "Yours".to_owned() }, changed: false }
    );
}

#[test]
fn keeping_presets_is_no_change_of_a_project_that_could_not_be_read() {
    let mut session = Session::from_text("{", Seed(1), Role::default_lanes(4));
    for command in [
        Command::SavePreset { name: "a".to_owned(), category: String::new(), replace: false },
        Command::RenamePreset { from: "a".to_owned(), to: "b".to_owned() },
        Command::RemovePreset("a".to_owned()),
        Command::RestorePreset("a".to_owned()),
        Command::FavouritePreset(id("a"), true),
        Command::ReadPresets,
        Command::SetSettings(Settings::default()),
    ] {
        let _ = session.apply(command);
        assert_eq!(session.text().unwrap(), "{");
    }
    let _ = session.apply(Command::LoadPreset(PresetId { own: false, name: "Warehouse".to_owned() }));
    assert_ne!(session.text().unwrap(), "{");
}

#[test]
fn a_presets_direction_comes_with_it_stays_in_the_project_and_can_be_opened() {
    let mut session = used();
    let _ = session.apply(Command::LoadPreset(id("Waltz")));
    let mut session = with_kit(session);
    let styles = waltz().steering.styles;
    assert_eq!(session.steering().styles, styles);
    let text = session.text().unwrap();
    assert!(text.contains(r#""styles":["Ballad"]"#), "the project keeps it");
    let again = Session::new(Document::read(&text).unwrap());
    assert_eq!(again.steering().styles, styles);
    let _ = session.apply(Command::Steer(Steering { styles: StyleSet::OPEN, ..waltz().steering }));
    assert!(session.steering().styles.is_open() && session.presets_view().current.unwrap().changed);
    // Undo brings the styles back and leaves what was turned since.
    let open = session.steering();
    let _ = session.apply(Command::Steer(Steering { adventure: 0.91, ..open }));
    let _ = session.apply(Command::Undo);
    assert_eq!(session.steering(), Steering { styles, adventure: 0.91, ..open });
    let _ = session.apply(Command::Redo);
    assert_eq!(session.steering(), Steering { adventure: 0.91, ..open });
}
