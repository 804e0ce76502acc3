//! Proposals that go along with notes played beside them: more of them are met or left free, deterministically, and
//! without notes or at 0 nothing is another than without it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_core::kit::{Kit, factory};
use deepdrummer_core::pattern::{Loop, Role, notation};
use deepdrummer_core::propose::{CriticKind, Mode, Steering, learner};
use deepdrummer_core::session::Session;
use deepdrummer_core::session::command::{Command, PlayedNote, Riff};
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::view::{KitView, WorkerView};
use deepdrummer_core::taste::Verdict;
use deepdrummer_core::units::Seed;
use std::sync::{Arc, OnceLock};

/// A bass on the steps 0, 3, 6, 10 and 13 of four bars.
const STEPS: [usize; 5] = [0, 3, 6, 10, 13];

fn riff() -> Riff {
    let of_bar = |bar| STEPS.map(|step| PlayedNote { bar, beat: step as f32 / 4.0, key: 40, velocity: 100 });
    Riff { notes: (0..4).flat_map(of_bar).collect(), ..Riff::default() }
}

fn kit() -> &'static Arc<Kit> {
    static KIT: OnceLock<Arc<Kit>> = OnceLock::new();
    KIT.get_or_init(|| Arc::new(factory::kit_named("Analog Club").unwrap()))
}

fn session(kind: CriticKind, follow: f32, riff: Option<Riff>) -> Session {
    let mut document = Document::new(Seed(11), Role::default_lanes(4));
    document.steering.follow = follow;
    document.riff = riff.unwrap_or_default();
    let mut session = Session::new(document);
    let learner = learner(kind, Arc::clone(kit()), Seed(11));
    let _ = session.set_kit(Arc::clone(kit()), learner, KitView::default());
    let _ = session.settle();
    session
}

/// The loops of so many ratings; every third is liked.
fn rated(session: &mut Session, count: usize) -> Vec<Loop> {
    let mut heard = Vec::new();
    for at in 0..count {
        let _ = session.settle();
        let (id, pattern) = session.current().unwrap();
        heard.push(pattern);
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(at % 3 == 0) });
    }
    heard
}

/// Share of the notes that a kick meets, and of the kicks that are on notes.
fn met(loops: &[Loop]) -> (f32, f32) {
    let notes = STEPS.iter().fold(0u128, |mask, step| mask | 1 << step);
    let (mut both, mut of_notes, mut of_kicks) = (0, 0, 0);
    for pattern in loops {
        let kicks = pattern.lanes().iter().filter(|lane| lane.role == Role::Kick);
        let kicks = kicks.fold(0u128, |mask, lane| mask | lane.mask());
        both += (kicks & notes).count_ones();
        of_kicks += kicks.count_ones();
        of_notes += notes.count_ones();
    }
    (both as f32 / of_notes as f32, both as f32 / of_kicks.max(1) as f32)
}

#[test]
fn kicks_meet_the_notes_or_leave_them_free_and_the_same_again() {
    let heard = |follow: f32| {
        let mut session = session(CriticKind::Taste, follow, Some(riff()));
        let rated = rated(&mut session, 12);
        let good: Vec<Loop> = session.sample(12, Mode::Good).into_iter().map(|found| found.pattern).collect();
        (rated, good)
    };
    let (off, to, away) = (heard(0.0), heard(1.0), heard(-1.0));
    let [off_met, to_met, away_met] = [&off, &to, &away].map(|(rated, _)| met(rated));
    assert!(to_met.0 > off_met.0 + 0.2 && to_met.1 > off_met.1, "{off_met:?} {to_met:?}");
    assert!(away_met.0 < off_met.0 - 0.1 && away_met.1 < 0.5 * off_met.1, "{off_met:?} {away_met:?}");
    let [off_good, to_good, away_good] = [&off, &to, &away].map(|(_, good)| met(good).0);
    assert!(to_good > off_good + 0.2 && away_good < off_good, "{off_good} {to_good} {away_good}");
    assert_eq!(heard(1.0), to, "same seed, same judgements, same notes: same loops");
    let half = met(&heard(0.5).0).0;
    assert!(half > off_met.0 && half <= to_met.0 + 0.05, "{off_met:?} {half} {to_met:?}");
}

#[test]
fn at_0_or_without_notes_every_loop_is_bit_for_bit_as_without_it() {
    for kind in [CriticKind::Taste, CriticKind::Random] {
        let heard = |follow: f32, riff: Option<Riff>| {
            let mut session = session(kind, follow, riff);
            let loops = rated(&mut session, 6);
            loops.iter().map(notation::write).collect::<Vec<_>>()
        };
        let plain = heard(0.0, None);
        assert_eq!(heard(0.0, Some(riff())), plain);
        assert_eq!(heard(0.8, None), plain);
        assert_ne!(heard(0.8, Some(riff())), plain);
    }
}

#[test]
fn what_waits_is_drawn_anew_when_notes_come_or_go_and_undo_brings_them_back() {
    let mut session = session(CriticKind::Random, 1.0, None);
    let waiting = |session: &mut Session| {
        let _ = session.settle();
        session.queue().map(|waiting| waiting.pattern).collect::<Vec<_>>()
    };
    let before = waiting(&mut session);
    let _ = session.apply(Command::SetRiff(riff()));
    assert_eq!(session.view(WorkerView::Starting).riff.onsets.steps(), STEPS);
    let with = waiting(&mut session);
    assert_ne!(with, before);
    let _ = session.apply(Command::HoldRiff(true));
    assert_eq!(waiting(&mut session), with, "holding changes no note");
    let _ = session.apply(Command::ClearRiff);
    assert!(session.view(WorkerView::Starting).riff.onsets.is_none());
    assert_ne!(waiting(&mut session), with);
    let _ = session.apply(Command::Undo);
    assert_eq!(session.riff(), &Riff { hold: true, ..riff() });
    let _ = session.apply(Command::Undo);
    assert_eq!(session.riff(), &riff());
    let _ = session.apply(Command::SetRiffBars(2));
    assert_eq!(session.riff().bars, 2);
    let _ = session.apply(Command::SetRiffBars(3));
    assert_eq!(session.riff().bars, 4, "2, 4 or 8");
}

#[test]
fn a_project_remembers_the_notes_and_one_that_has_none_is_written_as_before() {
    let mut with = session(CriticKind::Random, 0.5, Some(riff()));
    let text = with.text().unwrap();
    let mut read = Session::from_text(&text, Seed(1), &[]);
    assert_eq!(read.riff(), &riff());
    assert_eq!((read.steering().follow, read.text().unwrap()), (0.5, text));
    assert!(read.view(WorkerView::Starting).notices.is_empty());
    let _ = with.apply(Command::ClearRiff);
    let _ = with.apply(Command::Steer(Steering { follow: 0.0, ..with.steering() }));
    let text = with.text().unwrap();
    assert!(!text.contains("riff") && !text.contains("follow"), "what is not used is not written");
}

#[test]
fn a_preset_leaves_what_is_followed_alone() {
    let mut session = session(CriticKind::Random, 0.5, Some(riff()));
    let id = session.library().all[0].id();
    let _ = session.apply(Command::LoadPreset(id));
    let kit = Arc::clone(kit());
    let learner = learner(CriticKind::Random, Arc::clone(&kit), Seed(1));
    let _ = session.set_kit(kit, learner, KitView::default());
    assert_eq!((session.steering().follow, session.riff()), (0.5, &riff()));
}
