//! How the session's loops are played: the dial, the lanes that are left out, and which feel a loop has.
//!
//! Worker thread. [`Session::as_played`] is the one place where a written loop becomes the loop that sounds; the
//! engine's plans, exports, bounces and what is judged all come through it.

use super::clip::ClipFeel;
use super::history::Entry;
use super::human::sanitized;
use super::undo::Change;
use super::{Effect, Session};
use crate::groove::{Human, play};
use crate::pattern::{Hit, Loop, MAX_LANES};
use crate::rng::Rng;
use crate::taste::LoopId;
use crate::units::Seed;

impl Session {
    /// How much of a drummer's feel loops are played with, 0 to 1.
    #[must_use]
    pub fn human(&self) -> f32 {
        self.human
    }

    /// A loop of the history as it sounds.
    #[must_use]
    pub fn played(&self, id: LoopId) -> Option<Loop> {
        self.entry(id).map(|entry| self.as_played(entry))
    }

    /// An entry's loop as it sounds. At 0 it is what is written.
    pub(super) fn as_played(&self, entry: &Entry) -> Loop {
        let mut human = self.human_of(entry.feel_key());
        human.kept = kept(&entry.pattern, &entry.proposed);
        self.with_trial(entry.id, play(&entry.pattern, &human))
    }

    /// What was proposed, played in the same way: what an edited loop is compared with.
    pub(super) fn proposed_as_played(&self, entry: &Entry) -> Loop {
        play(&entry.proposed, &self.human_of(entry.feel_key()))
    }

    /// A loop that is in no history as it sounds, as if it had this identity there.
    #[must_use]
    pub fn as_if_played(&self, id: LoopId, pattern: &Loop) -> Loop {
        play(pattern, &self.human_of((id, 0)))
    }

    fn human_of(&self, (id, feel): (LoopId, u32)) -> Human<'_> {
        let left_out = self.lanes.iter().take(MAX_LANES).enumerate();
        let written = left_out.fold(0, |mask, (lane, doc)| mask | u8::from(doc.as_written) << lane);
        Human {
            amount: self.human,
            written,
            kept: [0; MAX_LANES],
            family: self.steering.styles.family(),
            seed: Seed(Rng::stream(Seed(id.0), "human", u64::from(feel)).bits()),
            template: self.clip_feel().map(ClipFeel::template),
        }
    }

    pub(super) fn set_human(&mut self, amount: f32) -> Vec<Effect> {
        let amount = sanitized(amount, self.human);
        let before = std::mem::replace(&mut self.human, amount);
        if before.to_bits() == amount.to_bits() {
            return Vec::new();
        }
        self.undo.push_human(before, amount);
        self.insight.spoil();
        vec![Effect::Refresh]
    }

    /// Another feel for the current loop.
    pub(super) fn throw_feel(&mut self) -> Vec<Effect> {
        let Some(entry) = self.current_entry_mut() else { return Vec::new() };
        let before = entry.feel;
        entry.feel = before.wrapping_add(1);
        let change = Change::Feel { id: entry.id, before, after: entry.feel };
        self.undo.push("Another feel", vec![change]);
        self.insight.spoil();
        vec![Effect::Refresh]
    }

    /// Whether a lane is played as it is written, whatever the dial says.
    pub(super) fn set_as_written(&mut self, lane: usize, on: bool) -> Vec<Effect> {
        let before = self.lanes.clone();
        let Some(doc) = self.lanes.get_mut(lane) else { return Vec::new() };
        doc.as_written = on;
        if before == self.lanes {
            return Vec::new();
        }
        let label = if on { "Play lane as written" } else { "Play lane with feel" };
        self.undo.push(label, vec![Change::Lanes { before, after: self.lanes.clone() }]);
        self.insight.spoil();
        vec![Effect::Refresh]
    }
}

/// Hits whose velocity or offset the person set: they differ from what was proposed, and are none that was merely
/// switched on.
fn kept(pattern: &Loop, proposed: &Loop) -> [u128; MAX_LANES] {
    let mut kept = [0; MAX_LANES];
    if pattern == proposed || pattern.grid != proposed.grid {
        return kept;
    }
    for ((kept, lane), was) in kept.iter_mut().zip(pattern.lanes()).zip(proposed.lanes()) {
        for (step, hit) in lane.iter() {
            let (hit, was) = (hit.lifeless(), was.hits[step].lifeless());
            *kept |= u128::from(hit != was && hit != Hit::PLAIN) << step;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Role;
    use crate::propose::{CriticKind, learner};
    use crate::session::command::Command;
    use crate::session::doc::Document;
    use crate::session::view::KitView;
    use std::sync::Arc;

    fn session(human: f32) -> Session {
        let document = Document { human, ..Document::new(Seed(5), Role::default_lanes(6)) };
        let mut session = Session::new(document);
        let kit = Arc::new(crate::kit::factory::kit());
        let _ =
            session.set_kit(Arc::clone(&kit), learner(CriticKind::Random, kit, Seed(5)), KitView::default());
        let _ = session.settle();
        session
    }

    fn now(session: &Session) -> (Loop, Loop) {
        let (id, written) = session.current().unwrap();
        (written, session.played(id).unwrap())
    }

    #[test]
    fn the_dial_turns_one_feel_up_and_down_and_undo_takes_it_back() {
        let mut session = session(0.0);
        let (written, played) = now(&session);
        assert_eq!(written, played);
        assert_eq!(session.apply(Command::SetHuman(1.0)), [Effect::Refresh]);
        let (same, felt) = now(&session);
        assert_eq!(same, written);
        assert_ne!(felt, written);
        let masks = |of: &Loop| of.lanes().iter().map(|lane| lane.mask()).collect::<Vec<_>>();
        assert_eq!(masks(&felt), masks(&written));
        let _ = session.apply(Command::SetHuman(0.5));
        let half = now(&session).1;
        let _ = session.apply(Command::SetHuman(1.0));
        assert_eq!(now(&session).1, felt, "one feel a loop");
        // Half way it is nearer to the same feel than another feel is.
        let far = |a: &Loop, b: &Loop| -> i32 {
            let lanes = a.lanes().iter().zip(b.lanes());
            lanes
                .flat_map(|(a, b)| a.hits.iter().zip(&b.hits))
                .map(|(a, b)| (i32::from(a.velocity) - i32::from(b.velocity)).abs())
                .sum()
        };
        let _ = session.apply(Command::ThrowFeel);
        let other = now(&session).1;
        assert_ne!(other, felt);
        assert!(far(&half, &felt) < far(&other, &felt), "{} {}", far(&half, &felt), far(&other, &felt));
        let _ = session.apply(Command::Undo);
        assert_eq!(now(&session).1, felt);
        let _ = session.apply(Command::Undo);
        assert_eq!(now(&session).1, written, "the dial's way is one step");
    }

    #[test]
    fn lanes_that_are_left_out_and_hits_that_were_set_are_played_as_written() {
        let mut session = session(1.0);
        let (written, _) = now(&session);
        let lane = (0..6).max_by_key(|&lane| written.lanes()[lane].mask().count_ones()).unwrap();
        let step = written.lanes()[lane].mask().trailing_zeros() as u8;
        let hit = Hit { velocity: 33, offset: 7, ..Hit::NONE };
        let _ = session.apply(Command::EditHit { lane: lane as u8, step, hit });
        assert_eq!(now(&session).1.lanes()[lane].hits[usize::from(step)], hit);
        let _ = session.apply(Command::SetAsWritten(lane as u8, true));
        let (written, played) = now(&session);
        assert_eq!(written.lanes()[lane], played.lanes()[lane]);
        assert_ne!(written, played);
    }

    #[test]
    fn a_clips_feel_takes_the_place_of_a_drummers_and_goes_with_the_project() {
        use crate::import::bars::Bar;
        let mut session = session(0.0);
        let (written, drawn) = (now(&session).0, now(&session).1);
        assert_eq!(written, drawn);
        let mut soft = written;
        for lane in soft.lanes_mut() {
            lane.hits.iter_mut().filter(|hit| hit.is_on()).for_each(|hit| hit.velocity = 41);
        }
        assert_eq!(
            session.apply(Command::TakeFeel("/clips/My beat.mid".into())),
            [Effect::ReadFeel("/clips/My beat.mid".into())]
        );
        let read = Ok((vec![Bar { pattern: soft, count: 2 }], Vec::new()));
        let _ = session.set_read_feel("/clips/My beat.mid".as_ref(), read);
        assert_eq!(session.human(), 1.0, "what was asked for is heard");
        let played = now(&session).1;
        assert!(played.lanes().iter().all(|lane| lane.iter().all(|(_, hit)| hit.velocity == 41)));
        let text = session.text().unwrap();
        let again = Session::from_text(&text, Seed(1), &[]);
        assert_eq!((now(&again).1, again.text().unwrap()), (played, text.clone()));
        assert_eq!(again.clip_feel().unwrap().name, "My beat");
        // A clip that can't be read changes nothing, and is told.
        let _ = session.set_read_feel("/clips/none.mid".as_ref(), Err("it has no notes".to_owned()));
        assert_eq!(session.text().unwrap(), text);
        let _ = session.apply(Command::Undo);
        assert_eq!((session.clip_feel(), session.human()), (None, 0.0), "one step");
        let _ = session.apply(Command::Redo);
        let _ = session.apply(Command::DropFeel);
        assert!(session.clip_feel().is_none() && session.human() == 1.0);
        assert!(!session.text().unwrap().contains("clip_feel"));
        // Damaged bars cost the clip, nothing else.
        let damaged = text.replace("\"clip_feel\":{\"name\":\"My beat\"", "\"clip_feel\":{\"name\":7");
        let damaged = Session::from_text(&damaged, Seed(1), &[]);
        assert_eq!((now(&damaged).0, damaged.clip_feel()), (written, None));
    }

    #[test]
    fn what_was_judged_is_what_was_heard() {
        use crate::taste::Verdict;
        let mut session = session(1.0);
        let (id, _) = session.current().unwrap();
        let heard = session.played(id).unwrap();
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(true) });
        assert_eq!(session.log().entries().last().unwrap().subject, heard);
    }

    #[test]
    fn documents_keep_it_and_those_without_it_play_as_they_are_written() {
        let mut session = session(0.7);
        let _ = session.apply(Command::ThrowFeel);
        let _ = session.apply(Command::SetAsWritten(1, true));
        let text = session.text().unwrap();
        let again = Session::from_text(&text, Seed(1), &[]);
        assert_eq!(now(&again), now(&session));
        assert_eq!(again.text().unwrap(), text);
        for gone in ["\"human\":0.7,", ",\"feel\":1", ",\"as_written\":true"] {
            assert!(text.contains(gone), "{gone}");
        }
        let older =
            text.replace("\"human\":0.7,", "").replace(",\"feel\":1", "").replace(",\"as_written\":true", "");
        let older = Session::from_text(&older, Seed(1), &[]);
        assert!(older.human() == 0.0 && older.document().unread.is_empty());
        let (written, played) = now(&older);
        assert_eq!(written, played);
    }
}
